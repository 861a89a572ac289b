"""`care-map new`: a study folder to fill in, valid from the start.

::

    study.toml                      every key, with what it means
    data/boundaries/区划单元.xlsx    units          each an empty list with drop-downs, notes
    data/facilities/养老设施.xlsx    facilities     and a sheet that explains it; file names
    data/老年人.xlsx                 elders         and headers are English in an English study
    data/目标任务.xlsx               targets
    notebooks/ outputs/             for what comes of it

Each folder has a short README.
"""

import json
from pathlib import Path

from care_map.errors import InputError, OutputError, Problem
from care_map.messages import Catalogue, Language, catalogue
from care_map.outputs.templates import TemplateSheet, write_template
from care_map.schema import DEMAND, FACILITIES, TARGETS, UNITS, Table
from care_map.vocabulary import FACILITY_TYPES, PRIORITY_GROUPS, STAGES

__all__ = ["new"]

_LISTS: tuple[tuple[str, Table, tuple[str, ...], tuple[str, ...]], ...] = (
    ("data/boundaries", UNITS, ("wkt",), ("datum",)),
    (
        "data/facilities",
        FACILITIES,
        ("wkt", "location_quality", "placed_by"),
        ("towns", "datum"),
    ),
    # A row of this list is one elder: a column of numbers would have to be filled in everywhere.
    (
        "data",
        DEMAND,
        ("wkt", "elders", "setting", "address", "location_quality", "placed_by", "origin"),
        ("elders", "towns", "datum"),
    ),
    ("data", TARGETS, (), ("targets_use", "towns")),
)
"""Folder, table, columns that nobody fills in by hand, what is said of it besides the rules."""

_README_FOLDERS = ("data/boundaries", "data/facilities", "notebooks", "outputs")
_LONGEST_NAME = 100


def new(folder: str | Path, *, language: Language = "zh") -> Path:
    """Make a study folder: a commented study file, empty lists, folders for the rest.

    Parameters
    ----------
    folder
        Missing or empty; its name becomes the name of the study.
    language
        Language of the study, of its comments and of the headers.

    Returns
    -------
    pathlib.Path
        The study file. It can be run as it is and says then what is missing.

    Raises
    ------
    InputError
        The folder holds something, or is a file.
    OutputError
        The folder cannot be written.
    """
    folder = Path(folder)
    texts = catalogue(language)
    try:
        _refuse_filled(folder)
        for name, text in _files(folder.resolve().name, texts).items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="")
        for place, table, without, lines in _LISTS:
            _write_list(folder / place, table, without, lines, texts)
    except OSError as error:
        detail = {"detail": error.strerror or str(error)}
        raise OutputError([Problem("new_unwritable", source=str(folder), values=detail)]) from None
    return folder / "study.toml"


def _refuse_filled(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise InputError([Problem("new_is_file", source=str(folder))])
    if folder.is_dir() and any(folder.iterdir()):
        raise InputError([Problem("new_not_empty", source=str(folder))])


def _files(name: str, texts: Catalogue) -> dict[str, str]:
    """Return the texts of all files but the lists by their paths."""
    words = {
        "facility_types": _listed("facility_type", FACILITY_TYPES, texts),
        "stages": _listed("stage", STAGES, texts),
        "groups": _listed("group", PRIORITY_GROUPS, texts),
    }
    quoted = _quoted(name[:_LONGEST_NAME] or texts.text("new.name"))
    readmes = {
        f"{place}/README.md": texts.text(f"new.readme.{place.rpartition('/')[2]}", **words)
        for place in _README_FOLDERS
    }
    return {"study.toml": texts.text("new.study", name=quoted, **words), **readmes}


def _listed(group: str, codes: tuple[str, ...], texts: Catalogue) -> str:
    return texts.text("report.list").join(texts.label(group, code) for code in codes)


def _write_list(
    folder: Path, table: Table, without: tuple[str, ...], lines: tuple[str, ...], texts: Catalogue
) -> None:
    """Write an empty list to fill in."""
    columns = tuple(column for column in table.columns if column.name not in without)
    title = texts.text(f"template.sheet.{table.name}")
    write_template(
        folder / f"{texts.text(f'template.file.{table.name}')}.xlsx",
        [TemplateSheet(table, columns)],
        texts=texts,
        title=title,
        lines=[texts.text(f"template.guide.{line}") for line in lines],
    )


def _quoted(text: str) -> str:
    """Return text as a TOML string; JSON's escapes are TOML's, but for the delete character."""
    readable = text.encode("utf-8", "replace").decode("utf-8")
    return json.dumps(readable, ensure_ascii=False).replace("\x7f", "\\u007f")

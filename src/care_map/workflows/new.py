"""`care-map new`: a study folder to fill in, valid from the start.

::

    study.toml                      every key, with what it means
    data/boundaries/units.csv       header only
    data/facilities/facilities.csv  header only
    data/elders.csv                 header only
    notebooks/ outputs/             for what comes of it

Each folder has a short README.
"""

import csv
import io
import json
from pathlib import Path

from care_map.errors import InputError, OutputError, Problem
from care_map.messages import Catalogue, Language, catalogue
from care_map.schema import DEMAND, FACILITIES, UNITS, Table
from care_map.vocabulary import FACILITY_TYPES, PRIORITY_GROUPS, STAGES

__all__ = ["new"]

_LISTS = (
    ("data/boundaries/units.csv", UNITS, ("wkt",)),
    ("data/facilities/facilities.csv", FACILITIES, ("wkt",)),
    # A row of this list is one elder: a column of numbers would have to be filled in everywhere.
    ("data/elders.csv", DEMAND, ("wkt", "elders", "origin", "location_quality")),
)
_README_FOLDERS = ("data/boundaries", "data/facilities", "notebooks", "outputs")
_LONGEST_NAME = 100
_BOM = "\ufeff"


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
    """Return the texts of all files by their paths."""
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
    lists = {place: _header(table, without, texts.language) for place, table, without in _LISTS}
    return {"study.toml": texts.text("new.study", name=quoted, **words), **readmes, **lists}


def _listed(group: str, codes: tuple[str, ...], texts: Catalogue) -> str:
    return texts.text("report.list").join(texts.label(group, code) for code in codes)


def _header(table: Table, without: tuple[str, ...], language: Language) -> str:
    """Return the header row of a list, with the mark by which Excel knows UTF-8."""
    titles = [column.title(language) for column in table.columns if column.name not in without]
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(titles)
    return _BOM + line.getvalue()


def _quoted(text: str) -> str:
    """Return text as a TOML string; JSON's escapes are TOML's, but for the delete character."""
    readable = text.encode("utf-8", "replace").decode("utf-8")
    return json.dumps(readable, ensure_ascii=False).replace("\x7f", "\\u007f")

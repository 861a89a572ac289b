"""`care-map new`: a study folder to fill in, valid from the start.

::

    study.toml                      every key, with what it means
    data/boundaries/区划单元.xlsx    units          each an empty list with drop-downs, notes
    data/facilities/养老设施.xlsx    facilities     and a sheet that explains it; file names
    data/老年人.xlsx                 elders         and headers are English in an English study
    data/目标任务.xlsx               targets
    data/闲置资产.xlsx               candidates: places where facilities could be opened
    data/填报数据.xlsx               with a pack: figures that no list can give, a row a clause
    data/报送情况.xlsx               with a pack: which towns have returned their lists
    data/facilities/服务项目.xlsx    with a pack that asks for services
    notebooks/ outputs/             for what comes of it

Each folder has a short README. With a pack the lists have the columns that its clauses read.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from care_map.errors import InputError, OutputError, Problem
from care_map.messages import Catalogue, Language, catalogue
from care_map.outputs.templates import TemplateSheet, write_template
from care_map.packs.pack_file import PackFile
from care_map.packs.reader import pack_names, read_pack
from care_map.packs.rules import Stated
from care_map.packs.used_columns import used_columns
from care_map.schema import (
    CANDIDATES,
    DEMAND,
    ELDER_LIST,
    FACILITIES,
    FACILITY_LIST,
    RECEIVED,
    SERVICES_LIST,
    STATED,
    TARGETS,
    UNIT_LIST,
    UNITS,
    Column,
    Table,
)
from care_map.vocabulary import FACILITY_TYPES, PRIORITY_GROUPS, STAGE_DATES, STAGES

__all__ = ["new"]

_CORE: Mapping[str, frozenset[str]] = {
    "facilities": frozenset(
        {
            "facility_id",
            "name",
            "roles",
            "stage",
            *STAGE_DATES,
            "unit_id",
            "town_name",
            "community_name",
            "address",
            "phone",
            "updated",
            "lon",
            "lat",
        }
    ),
    "elders": frozenset(
        {
            "demand_id",
            "age",
            "groups",
            "residence",
            "unit_id",
            "town_name",
            "community_name",
            "lon",
            "lat",
        }
    ),
}
"""What every list says of its rows, whatever the notice asks for."""


@dataclass(frozen=True, slots=True)
class _List:
    """A list to fill in.

    Parameters
    ----------
    folder, table
        Where it goes and what it is read as.
    without
        Columns that nobody fills in by hand.
    lines
        What is said of it besides the rules.
    rows_of
        List of the pack's clauses whose columns it has.
    """

    folder: str
    table: Table
    without: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    rows_of: str = ""


_LISTS = (
    _List("data/boundaries", UNITS, ("wkt",), ("datum",), "units"),
    _List(
        "data/facilities",
        FACILITIES,
        ("wkt", "location_quality", "placed_by"),
        ("towns", "datum"),
        "facilities",
    ),
    # A row of this list is one elder: a column of numbers would have to be filled in everywhere.
    _List(
        "data",
        DEMAND,
        ("wkt", "elders", "setting", "address", "location_quality", "placed_by", "origin"),
        ("elders", "towns", "datum"),
        "elders",
    ),
    _List("data", TARGETS, (), ("targets_use", "towns")),
    _List("data", CANDIDATES, ("wkt", "location_quality"), ("candidates", "towns", "datum")),
)
_WHOLE: Mapping[str, Table] = {
    "units": UNIT_LIST,
    "facilities": FACILITY_LIST,
    "elders": ELDER_LIST,
}
"""List → all columns that a clause can ask for."""

_README_FOLDERS = ("data/boundaries", "data/facilities", "notebooks", "outputs")
_LONGEST_NAME = 100


def new(folder: str | Path, *, pack: str | None = None, language: Language = "zh") -> Path:
    """Make a study folder: a commented study file, empty lists, folders for the rest.

    Parameters
    ----------
    folder
        Missing or empty; its name becomes the name of the study.
    pack
        Name of a policy pack, or path of one from the working folder: the study is judged by it,
        and its lists have the columns that its clauses read.
    language
        Language of the study, of its comments and of the headers.

    Returns
    -------
    pathlib.Path
        The study file. It can be run as it is and says then what is missing.

    Raises
    ------
    InputError
        The folder holds something, or is a file; or there is no such pack.
    OutputError
        The folder cannot be written.
    """
    folder = Path(folder)
    texts = catalogue(language)
    notice = read_pack(pack) if pack else None
    try:
        _refuse_filled(folder)
        for name, text in _files(
            folder.resolve().name, _named(pack, folder), notice, texts
        ).items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="")
        for one in _lists(notice):
            _write_list(folder / one.folder, one, notice, texts)
    except OSError as error:
        detail = {"detail": error.strerror or str(error)}
        raise OutputError([Problem("new_unwritable", source=str(folder), values=detail)]) from None
    return folder / "study.toml"


def _refuse_filled(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise InputError([Problem("new_is_file", source=str(folder))])
    if folder.is_dir() and any(folder.iterdir()):
        raise InputError([Problem("new_not_empty", source=str(folder))])


def _files(
    name: str, pack: str | None, notice: PackFile | None, texts: Catalogue
) -> dict[str, str]:
    """Return the texts of all files but the lists by their paths."""
    words = {
        "facility_types": _listed("facility_type", FACILITY_TYPES, texts),
        "stages": _listed("stage", STAGES, texts),
        "groups": _listed("group", PRIORITY_GROUPS, texts),
    }
    there = {one.table.name for one in _lists(notice)}
    switched = {name: "" if name in there else "#" for name in ("services", "stated", "received")}
    words["packs"] = texts.text("report.list").join(pack_names())
    switched["pack"] = f"pack = {_quoted(pack)}" if pack else '# pack = "wanzhou"'
    quoted = _quoted(name[:_LONGEST_NAME] or texts.text("new.name"))
    readmes = {
        f"{place}/README.md": texts.text(f"new.readme.{place.rpartition('/')[2]}", **words)
        for place in _README_FOLDERS
    }
    return {"study.toml": texts.text("new.study", name=quoted, **words, **switched), **readmes}


def _lists(notice: PackFile | None) -> tuple[_List, ...]:
    """Return the lists of a study: those that a notice needs among them."""
    if notice is None:
        return _LISTS
    more = [_List("data", STATED, (), ("stated", "towns")), _List("data", RECEIVED, (), ("towns",))]
    if used_columns(notice)["services"]:
        more.append(_List("data/facilities", SERVICES_LIST))
    return (*_LISTS, *more)


def _named(pack: str | None, folder: Path) -> str | None:
    """Return a pack as the study file names it: a path starts from the study's folder there."""
    if not pack or pack in pack_names():
        return pack
    file = Path(pack).absolute()
    try:
        return Path(os.path.relpath(file, folder.absolute())).as_posix()
    except ValueError:  # on another drive
        return file.as_posix()


def _listed(group: str, codes: tuple[str, ...], texts: Catalogue) -> str:
    return texts.text("report.list").join(texts.label(group, code) for code in codes)


def _write_list(folder: Path, one: _List, notice: PackFile | None, texts: Catalogue) -> None:
    """Write a list to fill in: empty but for the clauses that ask for a figure."""
    columns = _columns(one, notice)
    table = one.table
    rows = (
        _stated_rows(notice, columns, texts.language)
        if table is STATED and notice is not None
        else ()
    )
    write_template(
        folder / f"{texts.text(f'template.file.{table.name}')}.xlsx",
        [TemplateSheet(table, columns, rows)],
        texts=texts,
        title=texts.text(f"template.sheet.{table.name}"),
        lines=[texts.text(f"template.guide.{line}") for line in one.lines],
        names={"towns": _towns(notice), "communities": ()},
    )


def _columns(one: _List, notice: PackFile | None) -> tuple[Column, ...]:
    """Return the columns of a list: all of them, or those that a notice's clauses read."""
    table = one.table
    if notice is None or not one.rows_of:
        return tuple(column for column in table.columns if column.name not in one.without)
    used = used_columns(notice)[one.rows_of] | _CORE.get(one.rows_of, frozenset(table.names))
    whole = _WHOLE[one.rows_of]
    return tuple(c for c in whole.columns if c.name in used and c.name not in one.without)


def _stated_rows(
    notice: PackFile, columns: Sequence[Column], language: Language
) -> list[list[object]]:
    """Return a row per clause that no list can answer, with its words."""
    return [
        [
            {
                "clause_id": clause.id,
                "title": clause.title_in(language),
                "text": "".join(clause.text),
                "responsible": "、".join(clause.responsible),
            }.get(column.name)
            for column in columns
        ]
        for clause in notice.clause
        if isinstance(clause.rule, Stated)
    ]


def _towns(notice: PackFile | None) -> list[str]:
    """Return the towns and streets that a notice names."""
    units = notice.unit if notice is not None else ()
    return [unit.name for unit in units if unit.kind in ("street", "town")]


def _quoted(text: str) -> str:
    """Return text as a TOML string; JSON's escapes are TOML's, but for the delete character."""
    readable = text.encode("utf-8", "replace").decode("utf-8")
    return json.dumps(readable, ensure_ascii=False).replace("\x7f", "\\u007f")

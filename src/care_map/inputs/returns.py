"""Rows of lists and of returns as they stand: what a cell says, and what changed since.

A value is what the readers make of a cell; where they cannot read it the text itself stays, so
that nothing is lost on the way into a form and back.
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from care_map.config import DemandSource, FacilitySource, Study, TableSource
from care_map.inputs import datum as datums
from care_map.inputs.cells import read_cells
from care_map.inputs.files import RawTable, read_raw
from care_map.inputs.findings import LISTED, Findings
from care_map.inputs.sheets import cell_text
from care_map.inputs.unit_index import UnitIndex
from care_map.schema import ELDER_LIST, FACILITY_LIST, Column, Table
from care_map.values import Datum

__all__ = [
    "KINDS",
    "Change",
    "Kind",
    "Record",
    "Value",
    "changes_of",
    "common_datum",
    "last_rows",
    "numbered",
    "own_columns",
    "read_return",
]

Value = str | float | bool | None
"""A cell: a number, a flag, text (codes joined with ``;``, dates ISO), None where it is empty."""

_SPACES = re.compile(r"\s+")
_DEGREE_DIGITS = 7


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the lists that towns return.

    Parameters
    ----------
    key
        Its name in a study and in :class:`care_map.inputs.tables.Inputs`.
    table
        Its columns.
    source
        What makes a source of a file.
    id_column, prefix, digits
        Column of the ids; a new id is the prefix and a number of so many digits.
    """

    key: str
    table: Table
    source: type[FacilitySource] | type[DemandSource]
    id_column: str
    prefix: str
    digits: int


KINDS: Mapping[str, Kind] = {
    "facilities": Kind("facilities", FACILITY_LIST, FacilitySource, "facility_id", "F", 4),
    "demand": Kind("demand", ELDER_LIST, DemandSource, "demand_id", "D", 6),
}


@dataclass(frozen=True, slots=True)
class Record:
    """One row.

    Parameters
    ----------
    file, row
        Where it stands, as people see it.
    town
        Id of its town, "" if none is known.
    id
        Its id; "" for a row of a return that has none yet.
    cells
        Our column name, or a header of the user's own, → value.
    """

    file: str
    row: int
    town: str
    id: str
    cells: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a row since last period.

    Parameters
    ----------
    what
        ``"added"``, ``"removed"`` or ``"changed"``.
    record
        The row: the new one, or the one that was removed.
    column
        Column that changed, "" for a row that was added or removed.
    old, new
        Its values.
    """

    what: Literal["added", "removed", "changed"]
    record: Record
    column: str = ""
    old: Value = None
    new: Value = None


def common_datum(sources: Sequence[TableSource]) -> Datum:
    """Return the datum of all sources, WGS84 where they differ."""
    found = {source.datum for source in sources}
    return found.pop() if len(found) == 1 else "wgs84"


def last_rows(
    study: Study, table: gpd.GeoDataFrame, kind: Kind, *, index: UnitIndex, datum: Datum
) -> tuple[list[Record], int]:
    """Return the rows of a study's lists, each with its town.

    Parameters
    ----------
    study
        The study.
    table
        Its table of that kind, as it was read.
    kind
        Which lists.
    index
        The study's units.
    datum
        Datum that coordinates are wanted in; those of other lists are converted.

    Returns
    -------
    list of Record
        In the order of the lists. Of elders only those that are listed one by one.
    int
        Rows that are not among them: counts of elders, and what the readers cannot use.
    """
    lonlat = _lonlat(table, datum)
    joined: dict[tuple[str, int], deque[int]] = {}
    for at, key in enumerate(zip(table["source_file"], table["source_row"], strict=True)):
        joined.setdefault((str(key[0]), int(key[1])), deque()).append(at)
    found: list[Record] = []
    left_out = 0
    for source in getattr(study, kind.key):
        raw = read_raw(study.path(source.path), source, kind.table, Findings(""))
        if raw is None:
            continue
        name = source.path.as_posix()
        own = source.datum == datum and {"lon", "lat"} <= set(raw.cells.columns)
        for row, values in _rows(raw, kind.table, source.values):
            places = joined.get((name, row))
            at = places.popleft() if places else -1
            if at < 0 or ("origin" in table and table["origin"].iloc[at] != "record"):
                left_out += 1
                continue
            line = table.iloc[at]
            if not own:
                values["lon"], values["lat"] = lonlat[at]
            town = next((u for u in index.chain(line["unit_id"]) if index.levels[u] == "town"), "")
            given = {n: v for n, v in values.items() if n != "wkt"}
            given[kind.id_column] = str(line[kind.id_column])
            found.append(Record(name, row, town, str(line[kind.id_column]), given))
    return found, left_out


def _lonlat(table: gpd.GeoDataFrame, datum: Datum) -> list[tuple[Value, Value]]:
    """Return longitude and latitude of each row's point in a datum, None where there is none."""
    points = table.geometry.to_crs(CRS.from_epsg(4326)).to_numpy()
    lon, lat = shapely.get_x(points), shapely.get_y(points)
    if datum == "gcj02":
        lon, lat = datums.wgs84_to_gcj02(lon, lat)
    elif datum == "bd09":
        lon, lat = datums.wgs84_to_bd09(lon, lat)
    pairs = np.round(np.column_stack([lon, lat]), _DEGREE_DIGITS).tolist()
    return [(None, None) if np.isnan(x) else (x, y) for x, y in pairs]


def read_return(
    path: Path, source: TableSource, kind: Kind, *, file: str, town: str
) -> tuple[list[Record], tuple[str, ...]]:
    """Return the rows of a return and the columns that it has.

    Parameters
    ----------
    path
        The workbook.
    source
        Which sheet, and the datum.
    kind
        Which list.
    file
        Name for people.
    town
        Whose return it is.

    Returns
    -------
    list of Record
        Rows of totals left out; ids as they are written.
    tuple of str
        Our names of its columns, and headers of its own.
    """
    raw = read_raw(path, source, kind.table, Findings(""))
    if raw is None:
        return [], ()
    rows = [
        Record(file, row, town, str(values.get(kind.id_column) or ""), values)
        for row, values in _rows(raw, kind.table, source.values)
    ]
    return rows, tuple(str(name) for name in raw.cells.columns)


def _rows(
    raw: RawTable, table: Table, constants: Mapping[str, object]
) -> Iterator[tuple[int, dict[str, Value]]]:
    """Yield each row's number and values; the study's constants fill what is empty."""
    cells = raw.cells
    columns: dict[str, list[Value]] = {}
    known = {column.name: column for column in table.columns}
    for name in dict.fromkeys([*(n for n in known if n in cells), *raw.unknown, *constants]):
        texts = cells[name] if name in cells else pd.Series("", index=cells.index, dtype=object)
        constant = cell_text(constants.get(name))
        if constant:
            texts = texts.where(texts != "", constant)
        column = known.get(name, Column(name, "text", name, name))
        columns[name] = _values(texts.tolist(), column)
    for at, row in enumerate(cells.index.tolist()):
        yield int(row), {name: values[at] for name, values in columns.items()}


def _values(texts: Sequence[str], column: Column) -> list[Value]:
    """Read cells; what cannot be read stays as it stands."""
    words = [word for word in dict.fromkeys(texts) if word]
    book: dict[str, Value] = {"": None}
    for start in range(0, len(words), LISTED):
        part = pd.Series(words[start : start + LISTED], dtype=object)
        part.index = pd.RangeIndex(1, len(part) + 1)
        findings = Findings("")
        read = read_cells(part, column, findings)
        unread = {problem.row for problem in findings.problems}
        for row, (word, value) in enumerate(zip(part, read, strict=True), start=1):
            book[word] = word if row in unread else _plain(value)
    return [book[text] for text in texts]


def _plain(value: object) -> Value:
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | float | np.number):
        return None if np.isnan(value) else float(value)
    return None


def own_columns(records: Sequence[Record], table: Table) -> list[str]:
    """Return the headers of rows that the table does not know, in the order they came."""
    known = {*table.names, "wkt"}
    headers = dict.fromkeys(name for record in records for name in record.cells)
    return [name for name in headers if name not in known]


def numbered(records: Sequence[Record], kind: Kind, *, taken: set[str]) -> list[Record]:
    """Give an id to each row that has none; ids that were ever used are not used again.

    Parameters
    ----------
    records
        Rows in their order.
    kind
        What they are.
    taken
        Ids of all other rows.

    Returns
    -------
    list of Record
    """
    used = taken | {record.id for record in records}
    number = 0
    found: list[Record] = []
    for record in records:
        if record.id:
            found.append(record)
            continue
        name = ""
        while not name or name in used:
            number += 1
            name = f"{kind.prefix}{number:0{kind.digits}d}"
        used.add(name)
        values = {**record.cells, kind.id_column: name}
        found.append(Record(record.file, record.row, record.town, name, values))
    return found


def changes_of(
    old: Sequence[Record], new: Sequence[Record], *, held: set[str], shown: Sequence[str]
) -> Iterator[Change]:
    """Yield what changed between two periods, by id.

    Parameters
    ----------
    old, new
        Rows of the same towns.
    held
        Ids of rows that were returned but not merged: they are neither removed nor compared.
    shown
        Columns to compare.

    Yields
    ------
    Change
        In the order of `new`, then what was removed.
    """
    before = {record.id: record for record in old}
    for record in new:
        last = before.get(record.id)
        if last is None:
            yield Change("added", record)
            continue
        for name in shown:
            one, two = last.cells.get(name), record.cells.get(name)
            if _comparable(one, name) != _comparable(two, name):
                yield Change("changed", record, name, one, two)
    there = {record.id for record in new} | held
    for record in old:
        if record.id not in there:
            yield Change("removed", record)


def _comparable(value: Value, column: str) -> str:
    """Return a value in the form in which values are compared: a list has no order."""
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, float):
        return f"{value:.9g}"
    text = _SPACES.sub(" ", value).strip()
    return ";".join(sorted(text.split(";"))) if column in _LISTS else text


_LISTS = frozenset(
    column.name for kind in KINDS.values() for column in kind.table.columns if column.kind == "list"
)

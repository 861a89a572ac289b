"""What the chapters of a report are made of, read from an assessment once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from care_map.accessibility.coverage import ALL, NONE
from care_map.assessment import Assessment
from care_map.messages import Catalogue
from care_map.outputs.chapters import Align, Cell, Grid, GridColumn, Group
from care_map.outputs.findings import Row
from care_map.outputs.readings import Reading, Words, everybody, readings
from care_map.outputs.tables import as_arrow
from care_map.schema import COVERAGE_BY_UNIT, Table

__all__ = ["Source", "Town", "chunks", "make_grid", "records"]

_COMPARED = ("town", "community")
Titled = tuple[str, float] | tuple[str, float, Align]
"""A column's title, its width, and where its cells stand: figures on the right."""


@dataclass(frozen=True, slots=True)
class Town:
    """A unit of the level that is compared."""

    id: str
    name: str
    setting: str


@dataclass(frozen=True, slots=True)
class Source:
    """An assessment with what every chapter asks of it.

    Parameters
    ----------
    result
        The assessment.
    words
        Language.
    readings
        Circles with their official profile.
    level
        Level of the units that are compared: towns, communities where there are no towns;
        empty where there is but one unit.
    towns
        The units of that level, as the lists have them.
    town_of
        Unit of that level that a unit lies in, by id.
    figures
        Rows of all elders by unit of that level, circle and profile.
    """

    result: Assessment
    words: Words
    readings: tuple[Reading, ...]
    level: str
    towns: tuple[Town, ...]
    town_of: Mapping[str, str]
    figures: Mapping[tuple[str, str, str], Row]

    @classmethod
    def of(cls, result: Assessment) -> "Source":
        """Return what chapters are made of."""
        table = everybody(result.coverage_by_unit)
        table = table[~table["unit_id"].isin([ALL, NONE])]
        level, towns = _compared(result, table)
        rows = records(table[table["level"] == level], COVERAGE_BY_UNIT)
        return cls(
            result=result,
            words=Words.of(result),
            readings=tuple(readings(result)),
            level=level,
            towns=towns,
            town_of=_homes(result.units, {town.id for town in towns}),
            figures={
                (str(row["unit_id"]), str(row["circle"]), str(row["profile"])): row for row in rows
            },
        )

    @property
    def texts(self) -> Catalogue:
        """The catalogue."""
        return self.words.texts

    @property
    def level_name(self) -> str:
        """What the units that are compared are called."""
        return self.texts.label("level", self.level)

    def title(self, table: Table, column: str) -> str:
        """Return the title of a table's column."""
        return table.column(column).title(self.texts.language)

    def word(self, name: str) -> str:
        """Return a title of our own."""
        return self.texts.text(f"document.column.{name}")

    def figure(self, town: str, reading: Reading) -> Row | None:
        """Return a unit's official figures of a circle, None where it has none."""
        return self.figures.get((town, reading.circle, reading.official))


def make_grid(
    source: Source,
    name: str,
    columns: Sequence[Titled],
    rows: Iterable[Sequence[Cell]],
    /,
    *,
    groups: Sequence[Group] = (),
    notes: Iterable[str] = (),
    totals: bool = False,
    **values: object,
) -> Grid:
    """Return a table with the title ``document.grid.<name>``.

    Parameters
    ----------
    source
        Language.
    name
        Key of the title.
    columns
        Titles with widths in cm; cells stand on the right unless a column says otherwise.
    rows
        Cells.
    groups, notes, totals
        As in :class:`~care_map.outputs.chapters.Grid`.
    **values
        Fields of the title.
    """
    return Grid(
        title=source.texts.text(f"document.grid.{name}", **values),
        columns=tuple(
            GridColumn(title, width, align[0] if align else "right")
            for title, width, *align in columns
        ),
        rows=tuple(tuple(row) for row in rows),
        groups=tuple(groups),
        notes=tuple(notes),
        totals=totals,
    )


def records(frame: pd.DataFrame, table: Table) -> list[Row]:
    """Return the rows of a table by column, None where a cell is empty."""
    rows: list[Row] = as_arrow(frame, table).to_pylist()
    return rows


def chunks(readings: Sequence[Reading], most: int) -> Iterator[Sequence[Reading]]:
    """Yield circles that fit beside each other."""
    for first in range(0, len(readings), most):
        yield readings[first : first + most]


def _compared(result: Assessment, table: pd.DataFrame) -> tuple[str, tuple[Town, ...]]:
    """Return the largest level that has several units, with its units."""
    for level in _COMPARED:
        found: dict[str, Town] = {}
        for row in _units(result.units, level):
            found[row.id] = row
        rows = table[table["level"] == level].drop_duplicates("unit_id")
        for unit, name in zip(rows["unit_id"], rows["unit_name"], strict=True):
            found.setdefault(str(unit), Town(str(unit), str(name), ""))
        if len(found) > 1:
            return level, tuple(found.values())
    return "", ()


def _units(units: pd.DataFrame, level: str) -> Iterator[Town]:
    rows = units[units["level"] == level] if "level" in units else units.iloc[:0]
    settings = rows["setting"] if "setting" in rows else pd.Series("", index=rows.index)
    texts = settings.astype(object).where(settings.notna(), "")
    for unit, name, setting in zip(rows["unit_id"], rows["name"], texts, strict=True):
        yield Town(str(unit), str(name), str(setting))


def _homes(units: pd.DataFrame, towns: set[str]) -> dict[str, str]:
    """Return by unit the one of `towns` that it is or lies in."""
    parents: dict[str, str] = {}
    if "parent_id" in units:
        known = units["parent_id"].astype(object).where(units["parent_id"].notna(), "")
        parents = dict(zip(units["unit_id"].astype(str), known.astype(str), strict=True))
    homes = {town: town for town in towns}
    for unit in parents:
        above = unit
        for _ in range(len(_COMPARED) + 1):
            if above in towns:
                homes[unit] = above
                break
            above = parents.get(above, "")
    return homes

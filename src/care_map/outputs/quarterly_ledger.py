"""Grids of the ledger, as the annexes of a notice print them: towns down, types across.

What a town is asked for by year and type; what has come of it; how it is built; and the same over
quarters. A number that is to stand in all (``total``) is a type of its own and never summed with
those of years.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from care_map.accessibility.coverage import ALL
from care_map.assessment import Assessment
from care_map.messages import Catalogue
from care_map.outputs.chapters import Cell, Grid, GridColumn, Group, number_columns
from care_map.outputs.readings import Words
from care_map.outputs.tables import as_arrow
from care_map.policy.ledger_totals import ledger_totals, unit_totals
from care_map.policy.quarters import parse_quarter
from care_map.schema import LEDGER, LEDGER_SERIES, Table
from care_map.vocabulary import FACILITY_TYPES

__all__ = ["LedgerBook", "Row", "Type", "quarter_name"]

Row = dict[str, object]
Type = tuple[str, bool]
"""A facility type, or several joined by ``;``, and whether targets are totals."""

_Town = tuple[str, str]
_DONE = ("due", "accepted", "operating", "in_progress", "late", "existing_before")
_OVER_TIME = ("due", "accepted", "operating", "late")
_MOST_COLUMNS = 24
"""Figures that fit beside the name of a town on a page across."""

_COUNTED = re.compile(r"(.+?)\s*(\d+)\s*个")
_TOWN_CM, _QUARTER_CM, _NOTE_CM, _FIGURE_CM = 2.3, 3.2, 5.5, 1.05


@dataclass(frozen=True, slots=True)
class LedgerBook:
    """The ledger of a run, ready to be laid out.

    Parameters
    ----------
    words
        Language of headers.
    rows
        Rows of the ledger by column, None where empty.
    last
        The latest row of each town and type.
    district
        The district's figures of each type.
    series
        Rows of the series.
    """

    words: Words
    rows: tuple[Row, ...]
    last: dict[tuple[_Town, Type], Row]
    district: dict[Type, Row]
    series: tuple[Row, ...]

    @classmethod
    def of(cls, result: Assessment, words: Words, day: dt.date) -> "LedgerBook":
        """Return the ledger of an assessment, as of `day`."""
        totals = ledger_totals(result.ledger, as_of=day)
        plain: list[Row] = [
            dict(zip(totals.columns, cells, strict=True))
            for cells in totals.astype(object).where(totals.notna(), None).itertuples(index=False)
        ]
        return cls(
            words=words,
            rows=tuple(_records(result.ledger, LEDGER)),
            last={
                (_town(row), _type(row)): row
                for row in _records(unit_totals(result.ledger), LEDGER)
            },
            district={_type(row): row for row in plain},
            series=tuple(_records(result.ledger_series, LEDGER_SERIES)),
        )

    @property
    def texts(self) -> Catalogue:
        """The catalogue."""
        return self.words.texts

    @property
    def types(self) -> list[Type]:
        """The types, in the vocabulary's order."""
        return sorted({_type(row) for row in self.rows}, key=_order)

    @property
    def towns(self) -> list[_Town]:
        """The towns, in the notice's order."""
        return list(dict.fromkeys(_town(row) for row in self.rows))

    def title(self, kind: Type) -> str:
        """Return what a type is called."""
        label = str(self.words.cell("roles", kind[0]))
        return self.texts.text("quarterly.total_of", type=label) if kind[1] else label

    def targets(self) -> Iterator[Grid]:
        """Yield what each town is asked for, by type and year: the form of a notice's annex."""
        for types in _chunks(self.types, lambda kind: len(self._years(kind)) + 1):
            yield self._targets(types)

    def progress(self) -> Iterator[Grid]:
        """Yield what has come of it, as of the day."""
        for types in _chunks(self.types, lambda _: len(_DONE)):
            heads = [(self.title(kind), self._titles(_DONE)) for kind in types]
            rows = [
                [cell for kind in types for cell in self._done(self.last.get((town, kind)))]
                for town in self.towns
            ]
            whole = [cell for kind in types for cell in self._done(self.district[kind])]
            yield self._grid("progress", heads, rows, whole)

    def modes(self) -> Iterator[Grid]:
        """Yield how it is built, nothing where the notice does not say."""
        counts = {kind: self._counts(kind) for kind in self.types}
        found = {
            kind: list(dict.fromkeys(mode for by in towns.values() for mode in by))
            for kind, towns in counts.items()
        }
        for types in _chunks([k for k in found if found[k]], lambda kind: len(found[kind]) + 1):
            heads = [
                (self.title(k), [*found[k], self.texts.text("quarterly.subtotal")]) for k in types
            ]
            rows = [
                [cell for k in types for cell in _with_sum(counts[k].get(town, {}), found[k])]
                for town in self.towns
            ]
            whole: list[Cell] = [
                cell for k in types for cell in _with_sum(_added(counts[k].values()), found[k])
            ]
            notes = [note for k in types for note in self._mode_notes(k, counts[k])]
            yield self._grid("modes", heads, rows, whole, notes=notes)

    def over_time(self) -> Iterator[Grid]:
        """Yield what was due and done at the end of each quarter."""
        cells = {(str(row["quarter"]), _type(row)): row for row in self.series}
        quarters = list(dict.fromkeys(str(row["quarter"]) for row in self.series))
        kinds = sorted({_type(row) for row in self.series}, key=_order)
        for types in _chunks(kinds, lambda _: len(_OVER_TIME)):
            columns = [GridColumn(self.texts.text("quarterly.column.quarter"), _QUARTER_CM)]
            rows = [
                (
                    quarter_name(quarter, self.texts),
                    *(
                        self._figure(cells.get((quarter, kind)), name)
                        for kind in types
                        for name in _OVER_TIME
                    ),
                )
                for quarter in quarters
            ]
            groups, figures = _headed([(self.title(k), self._titles(_OVER_TIME)) for k in types])
            yield Grid(
                title="",
                columns=(*columns, *figures),
                rows=tuple(rows),
                groups=groups,
                sheet=self.texts.text("quarterly.sheet.series"),
                charted=True,
            )

    def _targets(self, types: Sequence[Type]) -> Grid:
        texts = self.texts
        heads = []
        for kind in types:
            years = [texts.text("quarterly.year", year=str(year)) for year in self._years(kind)]
            last = texts.text("quarterly.at_end" if kind[1] else "quarterly.subtotal")
            heads.append((self.title(kind), [*years, last]))
        rows = [[cell for k in types for cell in self._asked(town, k)] for town in self.towns]
        whole = [cell for kind in types for cell in self._asked_of_all(kind)]
        return self._grid("targets", heads, rows, whole, remarks=self._remarks(types))

    def _grid(
        self,
        name: str,
        heads: Sequence[tuple[str, Sequence[str]]],
        rows: Sequence[Sequence[Cell]],
        whole: Sequence[Cell],
        *,
        remarks: Sequence[str] = (),
        notes: Sequence[str] = (),
    ) -> Grid:
        """Return a grid with a row per town, the district's first."""
        texts = self.texts
        groups, figures = _headed(heads)
        columns = [GridColumn(texts.text("quarterly.column.town"), _TOWN_CM), *figures]
        lines: list[tuple[Cell, ...]] = [
            (town[1], *cells) for town, cells in zip(self.towns, rows, strict=True)
        ]
        totals = len(lines) > 1
        if totals:
            lines.insert(0, (texts.text("quarterly.whole"), *whole))
        if any(remarks):
            columns.append(GridColumn(texts.text("quarterly.column.remark"), _NOTE_CM, "left"))
            told = ("", *remarks) if totals else tuple(remarks)
            lines = [(*line, remark) for line, remark in zip(lines, told, strict=True)]
        return Grid(
            title=texts.text(f"quarterly.grid.{name}"),
            columns=tuple(columns),
            rows=tuple(lines),
            groups=groups,
            totals=totals,
            notes=tuple(notes),
            sheet=texts.text(f"quarterly.sheet.{name}"),
        )

    def _titles(self, names: Iterable[str]) -> list[str]:
        return [self.texts.text(f"quarterly.column.{name}") for name in names]

    def _years(self, kind: Type) -> list[int]:
        asked = (row for row in self.rows if _type(row) == kind and row["target"])
        return sorted({_count(row["year"]) for row in asked})

    def _rows(self, kind: Type, town: _Town | None = None) -> list[Row]:
        return [
            row
            for row in self.rows
            if _type(row) == kind and (town is None or _town(row) == town) and row["target"]
        ]

    def _asked(self, town: _Town, kind: Type) -> list[Cell]:
        rows = self._rows(kind, town)
        last = self.last.get((town, kind))
        whole = _count(last["target"]) if last else 0
        return [*(_of_year(rows, year, kind) for year in self._years(kind)), whole or None]

    def _asked_of_all(self, kind: Type) -> list[Cell]:
        """Return the district's targets: its own of a year where it has one, else the towns'."""
        cells: list[Cell] = []
        for year in self._years(kind):
            rows = [row for row in self._rows(kind) if row["year"] == year]
            own = [row for row in rows if row["unit_id"] == ALL]
            towns = {_town(row): None for row in (own or rows)}
            parts = [_of_year(self._rows(kind, town), year, kind) or 0 for town in towns]
            cells.append(sum(parts) or None)
        return [*cells, _count(self.district[kind]["target"])]

    def _done(self, row: Row | None) -> list[Cell]:
        return [self._figure(row, name) for name in _DONE]

    def _figure(self, row: Row | None, name: str) -> Cell:
        """Return a count: empty where nothing was asked or built, in words where unknown."""
        if row is None:
            return None
        return self.texts.text("quarterly.unknown") if row[name] is None else _count(row[name])

    def _remarks(self, types: Sequence[Type]) -> list[str]:
        """Return the ledger's notes by town, each with the type that it is of."""
        said: dict[_Town, dict[str, None]] = {}
        for row in self.rows:
            if row["note"] and (kind := _type(row)) in types:
                title = self.title(kind)
                text = self.texts.text("quarterly.remark_of", type=title, note=row["note"])
                said.setdefault(_town(row), {})[text] = None
        join = self.texts.text("quarterly.join")
        return [join.join(said.get(town, ())) for town in self.towns]

    def _counts(self, kind: Type) -> dict[_Town, dict[str, int]]:
        """Return by town how many are built in which way."""
        found: dict[_Town, dict[str, int]] = {}
        for town in self.towns:
            asked: dict[str, int] = {}
            for row in self._rows(kind, town):
                if mode := str(row["build_mode"]):
                    asked[mode] = asked.get(mode, 0) + _count(row["target"])
            parts = [_split(mode) or {mode: number} for mode, number in asked.items()]
            if parts:
                found[town] = _added(parts)
        return found

    def _mode_notes(self, kind: Type, counts: dict[_Town, dict[str, int]]) -> Iterator[str]:
        """Say where the ways of building do not add up to what is asked."""
        for town in self.towns:
            last = self.last.get((town, kind))
            asked = _count(last["target"]) if last else 0
            built = sum(counts.get(town, {}).values())
            if asked != built:
                yield self.texts.text(
                    "quarterly.modes_differ",
                    town=town[1],
                    type=self.title(kind),
                    modes=built,
                    target=asked,
                )


def quarter_name(quarter: str, texts: Catalogue) -> str:
    """Return what a quarter such as ``2020Q4`` is called."""
    one = parse_quarter(quarter)
    number = texts.text(f"quarterly.quarter.{one.number}")
    return texts.text("quarterly.quarter_of", year=str(one.year), quarter=number)


def _records(frame: pd.DataFrame, table: Table) -> list[Row]:
    rows: list[Row] = as_arrow(frame, table).to_pylist()
    return rows


def _type(row: Row) -> Type:
    return (str(row["role"]), bool(row["total"]))


def _town(row: Row) -> _Town:
    return (str(row["unit_id"]), str(row["unit_name"]))


def _count(cell: object) -> int:
    return int(str(cell))


def _order(kind: Type) -> tuple[int, str, bool]:
    first = kind[0].split(";")[0]
    place = FACILITY_TYPES.index(first) if first in FACILITY_TYPES else len(FACILITY_TYPES)
    return (place, kind[0], kind[1])


def _of_year(rows: Iterable[Row], year: int, kind: Type) -> int | None:
    """Return a year's target: several of its quarters add up, unless they are totals."""
    of_year = [row for row in rows if row["year"] == year]
    parts = [_count(row["target"]) for row in sorted(of_year, key=lambda row: str(row["due_date"]))]
    if not parts:
        return None
    return parts[-1] if kind[1] else sum(parts)


def _split(mode: str) -> dict[str, int] | None:
    """Return the ways of a cell like ``甲1个；乙3个``, None where it is one way."""
    parts = [_COUNTED.fullmatch(part.strip()) for part in re.split("；|; ", mode)]
    found = [(part[1], int(part[2])) for part in parts if part]
    return dict(found) if len(found) == len(parts) else None


def _added(parts: Iterable[dict[str, int]]) -> dict[str, int]:
    whole: dict[str, int] = {}
    for part in parts:
        for mode, number in part.items():
            whole[mode] = whole.get(mode, 0) + number
    return whole


def _with_sum(counts: dict[str, int], modes: Sequence[str]) -> list[Cell]:
    cells: list[Cell] = [counts.get(mode) for mode in modes]
    return [*cells, sum(counts.values()) or None]


def _headed(
    heads: Sequence[tuple[str, Sequence[str]]],
) -> tuple[tuple[Group, ...], list[GridColumn]]:
    """Return headers over groups of figures that stand after the first column."""
    groups, columns = [], list[GridColumn]()
    for title, names in heads:
        groups.append(Group(len(columns) + 1, len(names), title))
        columns.extend(number_columns(names, width_cm=_FIGURE_CM))
    return tuple(groups), columns


def _chunks(types: Sequence[Type], size: Callable[[Type], int]) -> Iterator[list[Type]]:
    """Yield types that fit on one page."""
    chunk: list[Type] = []
    for kind in types:
        if chunk and sum(map(size, [*chunk, kind])) > _MOST_COLUMNS:
            yield chunk
            chunk = []
        chunk.append(kind)
    if chunk:
        yield chunk

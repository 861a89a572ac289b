"""Every unit of the level that is compared: an overview, then a table for each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from care_map.outputs.amounts import number, share
from care_map.outputs.chapters import Cell, Chapter, Grid, Group
from care_map.outputs.findings import Row, gap_text
from care_map.outputs.paper.figures import rates
from care_map.outputs.paper.source import Source, Titled, Town, chunks, make_grid, records
from care_map.outputs.readings import Reading
from care_map.policy.ledger_totals import unit_totals
from care_map.schema import (
    BEDS_BY_UNIT,
    CLAUSE_EVIDENCE,
    CLAUSE_VERDICTS,
    COVERAGE_BY_UNIT,
    GAPS,
    LEDGER,
)

__all__ = ["TownFacts", "towns_chapter", "worst_first"]

_CIRCLES_ACROSS = 3
_MOST_SHEETS = 120
"""Units that have a table of their own (default): towns always have."""

_MOST_NAMES = 5
_MISSED = ("no",)


@dataclass(frozen=True, slots=True)
class TownFacts:
    """What is known of units besides coverage.

    Parameters
    ----------
    gaps
        Gaps by unit and circle, the largest first.
    missed
        Clauses that a unit or a place in it does not meet, with the names of the places.
    late
        Types of facilities that a unit is late with, and how many.
    beds
        Row of beds by unit.
    """

    gaps: Mapping[tuple[str, str], Sequence[Row]]
    missed: Mapping[str, Mapping[str, Sequence[str]]]
    late: Mapping[str, Mapping[str, int]]
    beds: Mapping[str, Row]

    @classmethod
    def of(cls, source: Source) -> "TownFacts":
        """Return what the tables of an assessment know of the units."""
        return cls(_gaps(source), _missed(source), _late(source), _beds(source))


def towns_chapter(source: Source) -> Chapter | None:
    """Return all units side by side, then a table for each; None where there is but one.

    The table of a unit tells its circles, its gaps, and the clauses that it does not meet.
    """
    texts, facts = source.texts, TownFacts.of(source)
    overview = [grid for grid in _overviews(source, facts) if grid.rows]
    sheets: list[Grid] = []
    said = []
    if source.level == "town" or len(source.towns) <= _MOST_SHEETS:
        sheets = [*_sheets(source, facts)]
    else:
        values = {"count": len(source.towns), "level": source.level_name}
        said.append(texts.text("document.note.too_many", **values))
    if not overview and not sheets:
        return None
    title = texts.text("document.heading.towns", level=source.level_name)
    return Chapter(title, tuple(said), (*overview, *sheets), wide=True)


def worst_first(source: Source, reading: Reading) -> list[tuple[Town, dict[str, object]]]:
    """Return the units that have elders, the lowest rate first."""
    found = [
        (town, row)
        for town in source.towns
        if (row := source.figure(town.id, reading)) is not None and row["elders"]
    ]
    return sorted(found, key=lambda one: (_low(one[1]), -_whole(one[1]["uncovered"]), one[0].id))


def _low(row: Row) -> float:
    low = row["rate_low"]
    return low if isinstance(low, float) else 2.0


def _overviews(source: Source, facts: TownFacts) -> Iterator[Grid]:
    """Yield the units with the rates of so many circles as fit beside each other."""
    parts = list(chunks(source.readings, _CIRCLES_ACROSS)) or [()]
    for number_of_part, part in enumerate(parts):
        names = ("rate_low", "uncovered", "gaps")
        columns: list[Titled] = [(source.level_name, 3.2, "left")]
        if part:
            columns.append((source.title(COVERAGE_BY_UNIT, "elders"), 1.3))
        groups = []
        for reading in part:
            title = source.words.circle(reading.circle)
            groups.append(Group(len(columns), len(names), title))
            columns += [(source.word(f"{name}_short"), 1.3) for name in names]
        last = number_of_part == len(parts) - 1
        if last:
            columns += [(title, 1.3) for title in _more_titles(source, facts)]
        rows = [_overview_row(source, facts, town, part, last=last) for town in source.towns]
        yield make_grid(
            source, "overview", columns, rows if len(columns) > 1 else (), groups=groups,
            level=source.level_name,
        )  # fmt: skip


def _more_titles(source: Source, facts: TownFacts) -> list[str]:
    parts = {"late": facts.late, "missed": facts.missed}
    titles = [source.title(BEDS_BY_UNIT, "beds")] if facts.beds else []
    return [*titles, *(source.word(name) for name, found in parts.items() if found)]


def _overview_row(
    source: Source, facts: TownFacts, town: Town, part: Sequence[Reading], *, last: bool
) -> list[Cell]:
    rows = [source.figure(town.id, reading) for reading in part]
    cells: list[Cell] = [town.name]
    if part:
        cells.append(next((_whole(row["elders"]) for row in rows if row), None))
    for reading, row in zip(part, rows, strict=True):
        count = len(facts.gaps.get((town.id, reading.circle), ()))
        cells += [share(row["rate_low"]), _whole(row["uncovered"]), count] if row else [None] * 3
    if last and facts.beds:
        cells.append(number(facts.beds.get(town.id, {}).get("beds"), 0))
    if last and facts.late:
        cells.append(sum(facts.late.get(town.id, {}).values()))
    if last and facts.missed:
        cells.append(len(facts.missed.get(town.id, {})))
    return cells


def _sheets(source: Source, facts: TownFacts) -> Iterator[Grid]:
    """Yield a table for each unit with figures, one for all that is said of the others."""
    measured = {unit for unit, _, _ in source.figures}
    yield from (_sheet(source, facts, town) for town in source.towns if town.id in measured)
    columns: list[Titled] = [
        (source.level_name, 3.0, "left"),
        (source.word("tasks"), 20.0, "left"),
    ]
    told = ((one.name, [*_said(source, facts, one)]) for one in source.towns
            if one.id not in measured)  # fmt: skip
    rows = [(name, "\n".join(sentences)) for name, sentences in told if sentences]
    if rows:
        yield make_grid(source, "tasks", columns, rows, level=source.level_name)


def _sheet(source: Source, facts: TownFacts, town: Town) -> Grid:
    """Return the table of a unit."""
    texts = source.texts
    notes = [*_said(source, facts, town)]
    names = ("elders", "covered", "uncovered", "undetermined", "rate_low", "rate_high")
    columns: list[Titled] = [
        (source.title(COVERAGE_BY_UNIT, "circle"), 4.6, "left"),
        *((source.title(COVERAGE_BY_UNIT, name), 1.5) for name in names),
        (source.title(COVERAGE_BY_UNIT, "median_minutes"), 1.4),
        (source.word("beside"), 1.6),
        (source.word("gaps_short"), 1.1),
        (source.word("largest_gap"), 6.2, "left"),
    ]
    rows = [
        _sheet_row(source, facts, town, reading)
        for reading in source.readings
        if source.figure(town.id, reading) is not None
    ]
    if not town.setting:
        return make_grid(source, "town_plain", columns, rows, notes=notes, name=town.name)
    setting = texts.label("setting", town.setting)
    return make_grid(source, "town", columns, rows, notes=notes, name=town.name, setting=setting)


def _sheet_row(source: Source, facts: TownFacts, town: Town, reading: Reading) -> list[Cell]:
    row = source.figure(town.id, reading) or {}
    beside = [
        other["rate_low"]
        for profile in reading.beside
        if (other := source.figures.get((town.id, reading.circle, profile)))
    ]
    gaps = facts.gaps.get((town.id, reading.circle), ())
    return [
        source.words.circle(reading.circle),
        *rates(row),
        number(row["median_minutes"], 1),
        share(beside[0]) if beside else None,
        len(gaps),
        gap_text(gaps[0], source.words) if gaps else None,
    ]


def _said(source: Source, facts: TownFacts, town: Town) -> Iterator[str]:
    """Yield sentences on a unit: beds, what it is late with, which clauses it does not meet."""
    texts = source.texts
    beds = facts.beds.get(town.id)
    if beds and beds["beds"]:
        yield texts.text("document.town.beds", beds=beds["beds"])
    late = facts.late.get(town.id, {})
    if late:
        parts = [
            texts.text("document.town.late_type", type=name, count=late[name]) for name in late
        ]
        yield texts.text("document.town.late", types=texts.text("report.list").join(parts))
    for clause, names in facts.missed.get(town.id, {}).items():
        own = [name for name in names if name != town.name]
        key = "document.town.missed_by" if own else "document.town.missed"
        places = {"names": _short(source, own), "count": len(own)} if own else {}
        yield texts.text(key, clause=clause, **places)


def _short(source: Source, names: Sequence[str]) -> str:
    shown = source.texts.text("report.list").join(names[:_MOST_NAMES])
    return shown if len(names) <= _MOST_NAMES else source.texts.text("ledger.more", names=shown)


def _whole(value: object) -> int:
    return int(value) if isinstance(value, int | float) else 0


def _gaps(source: Source) -> dict[tuple[str, str], list[Row]]:
    gaps = source.result.gaps
    open_gaps = gaps[gaps["status"] != "undetermined"].sort_values("rank", kind="stable")
    found: dict[tuple[str, str], list[Row]] = {}
    for row in records(open_gaps, GAPS):
        town = source.town_of.get(str(row["unit_id"]))
        if town is not None:
            found.setdefault((town, str(row["circle"])), []).append(row)
    return found


def _missed(source: Source) -> dict[str, dict[str, list[str]]]:
    """Return by unit the failed clauses that it, or a unit within it, does not meet."""
    verdicts = records(source.result.clause_verdicts, CLAUSE_VERDICTS)
    titles = {row["clause_id"]: str(row["title"]) for row in verdicts if row["verdict"] == "fail"}
    evidence = source.result.clause_evidence
    mine = evidence[
        evidence["clause_id"].isin(titles)
        & evidence["answer"].isin(_MISSED)
        & (evidence["row_kind"] == "unit")
    ]
    found: dict[str, dict[str, list[str]]] = {}
    for row in records(mine, CLAUSE_EVIDENCE):
        town = source.town_of.get(str(row["unit_id"]))
        if town is not None:
            clauses = found.setdefault(town, {})
            clauses.setdefault(titles[row["clause_id"]], []).append(str(row["name"]))
    return found


def _late(source: Source) -> dict[str, dict[str, int]]:
    """Return by unit how many of each type are late, of the latest targets."""
    rows = records(unit_totals(source.result.ledger), LEDGER)
    # The notice's number to stand in all decides; yearly ones are steps towards it.
    in_all = {row["role"] for row in rows if row["total"]}
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        late = _whole(row["late"])
        if not late or (row["role"] in in_all and not row["total"]):
            continue
        name = str(source.words.cell("roles", row["role"]))
        for unit in str(row["unit_id"]).split(";"):
            if unit in source.town_of:
                found.setdefault(source.town_of[unit], {})[name] = late
    return found


def _beds(source: Source) -> dict[str, Row]:
    beds = source.result.beds_by_unit
    ids = pd.Index([town.id for town in source.towns])
    return {
        str(row["unit_id"]): row for row in records(beds[beds["unit_id"].isin(ids)], BEDS_BY_UNIT)
    }

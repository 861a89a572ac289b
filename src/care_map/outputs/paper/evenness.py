"""How even coverage is between people and places, and how firm the figures are."""

from collections.abc import Iterator, Sequence

import pandas as pd

from care_map.accessibility.coverage import ALL
from care_map.outputs.amounts import minutes, number, share
from care_map.outputs.chapters import Cell, Chapter, Grid, Picture
from care_map.outputs.findings import Row
from care_map.outputs.paper.source import Source, Titled, make_grid, records
from care_map.outputs.readings import Reading
from care_map.schema import CRITICAL, EQUITY, OVERLAP, ROBUSTNESS, UNDETERMINED, Table

__all__ = ["equity_chapter", "robustness_chapter"]

_TOP_CRITICAL = 5
"""Facilities and bridges of a circle that are listed (default)."""

_SHARES = ("rate_", "reach_nothing_share")


def equity_chapter(source: Source, pictures: tuple[Picture, ...]) -> Chapter | None:
    """Return who is worse off than others, None where nothing was measured."""
    rows = records(source.result.equity, EQUITY)
    official = {(one.circle, one.official): one for one in source.readings}
    mine = [row for row in rows if (row["circle"], row["profile"]) in official]
    if not mine:
        return None
    grids = tuple(grid for one in source.readings for grid in _groups(source, one, mine))
    return Chapter(
        title=source.texts.text("document.heading.equity"),
        sentences=tuple(_worst_and_best(source, mine)),
        pictures=pictures,
        grids=grids,
    )


def robustness_chapter(source: Source) -> Chapter | None:
    """Return how firm the figures are and what they hang on, None where nothing was drawn."""
    grids = (*_firm(source), *_second(source), *_critical(source), *_undetermined(source))
    shown = tuple(grid for grid in grids if grid.rows)
    if not shown:
        return None
    texts = source.texts
    said = (texts.text("document.robustness.how"),) if len(source.result.robustness) else ()
    return Chapter(texts.text("document.heading.robustness"), said, shown)


def _worst_and_best(source: Source, rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        if row["group"] != ALL or not row["worst_unit"] or not row["best_unit"]:
            continue
        yield source.texts.text(
            "document.equity.worst",
            circle=source.words.circle(str(row["circle"])),
            level=source.texts.label("level", str(row["compared_level"])),
            best=row["best_unit"],
            best_rate=row["rate_best_low"],
            worst=row["worst_unit"],
            worst_rate=row["rate_worst_low"],
        )


def _groups(source: Source, reading: Reading, rows: Sequence[Row]) -> Iterator[Grid]:
    """Yield a row per group that has anybody."""
    names = (
        *("elders", "covered", "undetermined", "rate_low", "rate_high"),
        *("rate_difference_low", "reach_nothing", "gini", "median_minutes"),
    )
    columns: list[Titled] = [
        (source.title(EQUITY, "group"), 3.4, "left"),
        *((source.title(EQUITY, name), 1.4) for name in names),
    ]
    lines = [
        (str(source.words.cell("group", row["group"])), *(_figure(row, name) for name in names))
        for row in rows
        if row["circle"] == reading.circle and row["elders"]
    ]
    title = source.words.circle(reading.circle)
    if lines:
        yield make_grid(source, "equity", columns, lines, circle=title, totals=True)


def _figure(row: Row, name: str) -> Cell:
    if name.startswith(_SHARES):
        return share(row[name])
    if name.endswith("_minutes"):
        return minutes(row[name])
    return number(row[name], 3)


def _official(source: Source, frame: pd.DataFrame, table: Table) -> list[tuple[Reading, Row]]:
    """Return the rows of official figures, by circle."""
    rows = records(frame, table)
    return [
        (one, row)
        for one in source.readings
        for row in rows
        if (row["circle"], row["profile"]) == (one.circle, one.official)
    ]


def _levels(source: Source, frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["level"].isin([ALL, source.level])]


def _firm(source: Source) -> Iterator[Grid]:
    names = (
        *("elders", "firmly_covered", "depends", "firmly_uncovered", "undecided"),
        *("rate_p05_low", "rate_p50_low", "rate_p95_high"),
    )
    columns: list[Titled] = [
        (source.level_name or source.word("unit"), 2.6, "left"),
        *((source.title(ROBUSTNESS, name), 1.6) for name in names),
    ]
    found = _official(source, _levels(source, source.result.robustness), ROBUSTNESS)
    for reading in source.readings:
        rows = [
            (_unit_name(source, row), *(_figure(row, name) for name in names))
            for one, row in found
            if one is reading and row["elders"]
        ]
        title = source.words.circle(reading.circle)
        yield make_grid(source, "robustness", columns, rows, circle=title, totals=True)


def _unit_name(source: Source, row: Row) -> str:
    return source.texts.text("report.whole") if row["level"] == ALL else str(row["unit_name"])


def _second(source: Source) -> Iterator[Grid]:
    """Yield how many have a second facility inside the circle."""
    names = (
        *("elders", "with_0", "with_1", "with_2", "with_3_or_more", "undetermined"),
        *("rate_second_low", "rate_second_high", "only_other_district"),
    )
    columns: list[Titled] = [
        (source.title(OVERLAP, "circle"), 3.6, "left"),
        *((source.title(OVERLAP, name), 1.4) for name in names),
    ]
    table = source.result.overlap
    rows = [
        (source.words.circle(one.circle), *(_figure(row, name) for name in names))
        for one, row in _official(source, table[table["level"] == ALL], OVERLAP)
    ]
    yield make_grid(source, "second", columns, rows)


def _critical(source: Source) -> Iterator[Grid]:
    """Yield the facilities and bridges whose loss would hit most."""
    words = source.words
    columns: list[Titled] = [
        (source.title(CRITICAL, "circle"), 4.0, "left"),
        (source.title(CRITICAL, "rank"), 1.0),
        (source.title(CRITICAL, "kind"), 1.3, "left"),
        (source.title(CRITICAL, "name"), 4.4, "left"),
        (source.title(CRITICAL, "elders_using"), 2.6),
        (source.title(CRITICAL, "elders_uncovered"), 2.0),
    ]
    rows = [
        (
            words.circle(one.circle),
            number(row["rank"], 0),
            str(words.cell("kind", row["kind"])),
            str(row["name"] or row["id"]),
            number(row["elders_using"], 0),
            number(row["elders_uncovered"], 0),
        )
        for one, row in _official(source, source.result.critical, CRITICAL)
        if _rank(row) <= _TOP_CRITICAL
    ]
    yield make_grid(source, "critical", columns, rows)


def _rank(row: Row) -> float:
    rank = row["rank"]
    return rank if isinstance(rank, int | float) else 0.0


def _undetermined(source: Source) -> Iterator[Grid]:
    """Yield why elders are undetermined."""
    names = ("elders", "estimated", "estimate_covered")
    columns: list[Titled] = [
        (source.title(UNDETERMINED, "circle"), 7.0, "left"),
        (source.title(UNDETERMINED, "reason"), 6.0, "left"),
        *((source.title(UNDETERMINED, name), 3.0) for name in names),
    ]
    table = source.result.undetermined
    rows = [
        (
            source.words.circle(one.circle),
            str(source.words.cell("reason", row["reason"])),
            *(number(row[name], 0) for name in names),
        )
        for one, row in _official(source, table[table["level"] == ALL], UNDETERMINED)
    ]
    yield make_grid(source, "why_undetermined", columns, rows)

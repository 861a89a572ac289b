"""What a report says first: figures of each circle, worst units, biggest gaps, assumptions."""

from collections.abc import Iterator

import pandas as pd

from care_map.accessibility.coverage import ALL, NONE
from care_map.assessment import Assessment
from care_map.messages import Catalogue
from care_map.outputs.readings import Reading, Words, everybody, readings
from care_map.outputs.tables import as_arrow
from care_map.schema import COVERAGE_BY_UNIT, GAPS
from care_map.values import Statement

__all__ = ["Row", "data_labels", "findings", "rate_text", "statements", "whole_rows"]

Row = dict[str, object]
"""A row of ``coverage_by_unit`` by column; None where a cell is empty."""

_WORST_UNITS = 3
_BIGGEST_GAPS = 3
_ALWAYS = (Statement("rate_range"), Statement("blank_median"))


def data_labels(result: Assessment, texts: Catalogue) -> list[str]:
    """Return what every output says of the data: synthetic, proxy, approximate."""
    return [texts.label("data", label) for label in result.labels if texts.label("data", label)]


def statements(result: Assessment, texts: Catalogue) -> list[str]:
    """Return what the figures rest on, a sentence each."""
    known = {statement.code for statement in result.assumptions}
    extra = [statement for statement in _ALWAYS if statement.code not in known]
    return [
        texts.text(f"assumption.{statement.code}", **statement.values)
        for statement in (*result.assumptions, *extra)
    ]


def whole_rows(result: Assessment) -> list[tuple[Reading, str, Row]]:
    """Return the figures of all elders of the whole study, by circle and profile.

    Returns
    -------
    list of tuple
        The circle's reading, a profile, its row; official profiles first.
    """
    table = everybody(result.coverage_by_unit)
    whole = table[table["unit_id"] == ALL]
    rows = {(row["circle"], row["profile"]): row for row in _rows(whole)}
    return [
        (reading, profile, rows[reading.circle, profile])
        for reading in readings(result)
        for profile in reading.profiles
        if (reading.circle, profile) in rows
    ]


def findings(result: Assessment) -> Iterator[str]:
    """Yield the findings, a sentence each, by circle."""
    words = Words.of(result)
    texts = words.texts
    rows = whole_rows(result)
    if not rows:
        yield texts.text("report.finding.none")
    for reading, profile, row in rows:
        if profile == reading.official:
            yield from _circle(result, words, reading, row)
            yield from _biggest(result, words, reading)


def _circle(result: Assessment, words: Words, reading: Reading, row: Row) -> Iterator[str]:
    """Yield the whole study's official figures, and its worst units."""
    title = words.circle(reading.circle)
    if not row["elders"]:
        yield words.texts.text("report.finding.coverage_empty", circle=title)
        return
    counts = {name: row[name] for name in ("elders", "covered", "uncovered", "undetermined")}
    rate = rate_text(row, words.texts)
    yield words.texts.text("report.finding.coverage", circle=title, rate=rate, **counts)
    yield from _worst(result, words, reading)


def rate_text(row: Row, texts: Catalogue) -> str:
    """Return a rate as one figure or as a range, in per cent."""
    low, high = row["rate_low"], row["rate_high"]
    if low is None or high is None:
        return texts.text("report.none")
    if low == high:
        return f"{low:.1%}"
    return texts.text("report.range", low=low, high=high)


def _worst(result: Assessment, words: Words, reading: Reading) -> Iterator[str]:
    """Yield the units with the lowest rates, of the largest level that has several."""
    table = everybody(result.coverage_by_unit)
    table = table[(table["circle"] == reading.circle) & (table["unit_id"] != NONE)]
    chosen = table[(table["profile"] == reading.official) & (table["rate_low"] < 1)]
    for level in ("town", "community"):
        units = chosen[chosen["level"] == level]
        of_level = table.loc[table["level"] == level, "unit_id"].drop_duplicates()
        if units.empty or len(of_level) == 1:
            continue
        worst = units.sort_values(["rate_low", "uncovered"], ascending=[True, False], kind="stable")
        named = [
            words.texts.text(
                "report.finding.worst_unit",
                name=row["unit_name"],
                rate=rate_text(row, words.texts),
            )
            for row in _rows(worst.head(_WORST_UNITS))
        ]
        yield words.texts.text(
            "report.finding.worst",
            circle=words.circle(reading.circle),
            level=words.texts.label("level", level),
            units=words.texts.text("report.list").join(named),
        )
        return


def _biggest(result: Assessment, words: Words, reading: Reading) -> Iterator[str]:
    gaps = result.gaps
    chosen = gaps[
        (gaps["circle"] == reading.circle)
        & (gaps["profile"] == reading.official)
        & (gaps["status"] == "uncovered")
    ].sort_values("rank", kind="stable")
    for row in as_arrow(chosen.head(_BIGGEST_GAPS), GAPS).to_pylist():
        unit, place = str(row["unit_name"]), str(row["name"])
        yield words.texts.text(
            "report.finding.gap",
            circle=words.circle(reading.circle),
            rank=row["rank"],
            name=place or unit,
            elders=row["elders"],
            reasons=words.cell("reasons", row["reasons"]) or words.texts.text("report.none"),
            remedy=words.cell("remedy", row["remedy"]) or words.texts.text("report.none"),
        )


def _rows(table: pd.DataFrame) -> list[Row]:
    rows: list[Row] = as_arrow(table, COVERAGE_BY_UNIT).to_pylist()
    return rows

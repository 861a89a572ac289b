"""What a report says first: figures of each circle, worst units, biggest gaps, assumptions."""

from collections.abc import Iterator

import pandas as pd

from care_map.accessibility.coverage import ALL, NONE
from care_map.assessment import Assessment
from care_map.messages import Catalogue
from care_map.outputs.readings import Reading, Words, everybody, readings
from care_map.outputs.tables import as_arrow
from care_map.schema import COVERAGE_BY_UNIT, GAPS, ROBUSTNESS
from care_map.values import Statement

__all__ = [
    "Row",
    "data_labels",
    "findings",
    "gap_text",
    "rate_text",
    "remedies",
    "statements",
    "whole_rows",
]

Row = dict[str, object]
"""A row of ``coverage_by_unit`` by column; None where a cell is empty."""

_WORST_UNITS = 3
_BIGGEST_GAPS = 3
_REMEDIES = 2
"""Units, gaps and remedies that a sentence names (default); the tables have all."""

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
    """Yield the findings, a paragraph per circle.

    Each tells the whole study's rate, its worst units, its biggest gaps, what would mend most of
    them, and how firm the rate is.
    """
    words = Words.of(result)
    rows = whole_rows(result)
    if not rows:
        yield words.texts.text("report.finding.none")
    for reading, profile, row in rows:
        if profile == reading.official:
            sentences = _circle(result, words, reading, row)
            yield words.texts.text("report.sentence_join").join(sentences)


def _circle(result: Assessment, words: Words, reading: Reading, row: Row) -> Iterator[str]:
    """Yield the sentences of a circle."""
    title = words.circle(reading.circle)
    if not row["elders"]:
        yield words.texts.text("report.finding.coverage_empty", circle=title)
        return
    counts = {name: row[name] for name in ("elders", "covered", "uncovered", "undetermined")}
    rate = rate_text(row, words.texts)
    yield words.texts.text("report.finding.coverage", circle=title, rate=rate, **counts)
    yield from _worst(result, words, reading)
    yield from _biggest(result, words, reading)
    yield from _mended(result, words, reading)
    yield from _firm(result, words, reading)


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
            level=words.texts.label("level", level),
            units=words.texts.text("report.list").join(named),
        )
        return


def gap_text(gap: Row, words: Words) -> str:
    """Return a gap with its elders, its reasons and its remedy."""
    return words.texts.text(
        "report.finding.gap",
        name=gap["name"] or gap["unit_name"],
        elders=gap["elders"],
        reasons=words.cell("reasons", gap["reasons"]) or words.texts.text("report.none"),
        remedy=words.cell("remedy", gap["remedy"]) or words.texts.text("report.none"),
    )


def _biggest(result: Assessment, words: Words, reading: Reading) -> Iterator[str]:
    gaps = result.gaps
    chosen = gaps[
        (gaps["circle"] == reading.circle)
        & (gaps["profile"] == reading.official)
        & (gaps["status"] == "uncovered")
    ].sort_values("rank", kind="stable")
    rows: list[Row] = as_arrow(chosen.head(_BIGGEST_GAPS), GAPS).to_pylist()
    if rows:
        named = words.texts.text("report.list").join(gap_text(row, words) for row in rows)
        yield words.texts.text("report.finding.gaps", gaps=named)


def _mended(result: Assessment, words: Words, reading: Reading) -> Iterator[str]:
    """Yield which remedies would cover most elders."""
    table = remedies(result)
    best = table[(table["circle"] == reading.circle) & (table["remedy_elders"] > 0)]
    named = [
        words.texts.text(
            "report.finding.remedy",
            remedy=words.cell("remedy", row["remedy"]),
            gaps=row["gaps"],
            elders=row["remedy_elders"],
        )
        for row in best.head(_REMEDIES).to_dict("records")
    ]
    if named:
        joined = words.texts.text("report.list").join(named)
        yield words.texts.text("report.finding.mended", remedies=joined)


def _firm(result: Assessment, words: Words, reading: Reading) -> Iterator[str]:
    """Yield between which rates most draws lie."""
    table = result.robustness
    whole = table[(table["level"] == ALL) & (table["circle"] == reading.circle)]
    rows = as_arrow(whole[whole["profile"] == reading.official], ROBUSTNESS).to_pylist()
    for row in rows:
        if row["rate_p05_low"] is not None and row["rate_p95_high"] is not None:
            yield words.texts.text(
                "report.finding.firm",
                draws=row["draws"],
                low=row["rate_p05_low"],
                high=row["rate_p95_high"],
                firm=row["firmly_uncovered"],
            )


def remedies(result: Assessment) -> pd.DataFrame:
    """Return what each remedy would do, by circle: the most elders first.

    Returns
    -------
    DataFrame
        ``circle, remedy, gaps, elders, remedy_elders`` (those it would cover), of the gaps that
        are uncovered or full.
    """
    columns = ["circle", "remedy", "gaps", "elders", "remedy_elders"]
    known = result.gaps[result.gaps["status"] != "undetermined"]
    table = pd.DataFrame(known[["circle", "remedy", "gap_id", "elders"]])
    table["remedy_elders"] = pd.to_numeric(known["remedy_elders"], errors="coerce").fillna(0)
    sums = table.groupby(["circle", "remedy"], sort=False, as_index=False).agg(
        gaps=("gap_id", "size"), elders=("elders", "sum"), remedy_elders=("remedy_elders", "sum")
    )
    order = {circle: at for at, circle in enumerate(table["circle"].drop_duplicates())}
    sums["at"] = sums["circle"].map(order)
    by = ["at", "remedy_elders", "elders", "remedy"]
    ordered = sums.sort_values(by, ascending=[True, False, False, True], ignore_index=True)
    return ordered[columns].astype({"elders": int, "remedy_elders": int})


def _rows(table: pd.DataFrame) -> list[Row]:
    rows: list[Row] = as_arrow(table, COVERAGE_BY_UNIT).to_pylist()
    return rows

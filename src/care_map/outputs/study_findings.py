"""What a report says first of the whole study: clauses that are not met, who finds no place."""

import datetime as dt
from collections.abc import Iterator

import pandas as pd

from care_map.accessibility.coverage import ALL
from care_map.assessment import Assessment
from care_map.outputs.findings import Row
from care_map.outputs.quarterly_findings import verdict_findings
from care_map.outputs.quarterly_rows import day_text, notice_text
from care_map.outputs.readings import Words
from care_map.outputs.tables import as_arrow
from care_map.schema import BEDS_BY_UNIT, CAPACITY_BY_UNIT, CLAUSE_VERDICTS, Table

__all__ = ["study_findings"]

_SERVICES = 5
"""Services without places that a sentence names (default)."""


def study_findings(result: Assessment, words: Words) -> Iterator[str]:
    """Yield which clauses are not met, which services have no place left, what beds there are.

    Parameters
    ----------
    result
        The assessment; of what it does not know nothing is said.
    words
        Language.
    """
    yield from _verdicts(result, words)
    yield from _places(result, words)


def _verdicts(result: Assessment, words: Words) -> Iterator[str]:
    pack = result.study.pack
    rows = _rows(result.clause_verdicts, CLAUSE_VERDICTS)
    if pack is None or not rows:
        return
    day = dt.date.fromisoformat(str(result.summary["policy_day"]))
    yield from verdict_findings(
        rows, words.texts, day=day_text(day, words.texts), notice=notice_text(pack, words.texts)
    )


def _places(result: Assessment, words: Words) -> Iterator[str]:
    """Yield which services have no place left for whom, and what beds there are."""
    rows = [
        row
        for row in _rows(result.capacity_by_unit, CAPACITY_BY_UNIT, whole=True)
        if _number(row["full"]) > 0
    ]
    rows.sort(key=lambda row: -_number(row["full"]))
    named = [
        words.texts.text(
            "report.finding.short_service",
            service=words.cell("service", row["service"]),
            catchment=words.cell("catchment", row["catchment"]),
            demand=row["demand"],
            full=int(_number(row["full"])),
        )
        for row in rows[:_SERVICES]
    ]
    if named:
        services = words.texts.text("report.clause").join(named)
        yield words.texts.text("report.finding.short", services=services)
    for row in _rows(result.beds_by_unit, BEDS_BY_UNIT, whole=True):
        if row["beds_per_100"] is None:
            continue
        yield words.texts.text(
            "report.finding.beds", beds=row["beds"], per_100=_number(row["beds_per_100"])
        )


def _rows(frame: pd.DataFrame, table: Table, *, whole: bool = False) -> list[Row]:
    rows: list[Row] = as_arrow(frame[frame["level"] == ALL] if whole else frame, table).to_pylist()
    return rows


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0

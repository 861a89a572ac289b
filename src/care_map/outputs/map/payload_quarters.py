"""Quarters that the slider goes through: what stood, what was done of what was due."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.assessment import Assessment
from care_map.inputs.facilities import stages_by_dates
from care_map.messages import Catalogue
from care_map.outputs.map.payload_values import Row, number, records, text
from care_map.policy.ledger_totals import district_rows
from care_map.policy.quarters import Quarter, quarter_of, quarters_between
from care_map.vocabulary import STAGE_DATES, STAGES

__all__ = ["Quarters", "make_quarters"]

Words = NDArray[np.object_]

MOST_QUARTERS = 20
"""Quarters before the run's day, and after it (default); those of the notice's plan besides."""
_FIGURES = ("due", "accepted", "operating", "late")


@dataclass(frozen=True, slots=True)
class Quarters:
    """What the page is given.

    Parameters
    ----------
    shown
        A JSON value per quarter, the earliest first; empty where no date is known.
    stages
        For each facility a digit per quarter, the number of its stage in
        :data:`care_map.vocabulary.STAGES`; None for one without dates.
    """

    shown: list[dict[str, object]]
    stages: list[str | None]


def make_quarters(result: Assessment, texts: Catalogue) -> Quarters:
    """Return the quarters from the first date known to the last deadline.

    The quarter of the run's day is as of that day, and has the stages of the assessment. Earlier
    ones are told by dates alone; later ones by dates that are planned, and by deadlines.

    Parameters
    ----------
    result
        A finished assessment.
    texts
        The study's language.
    """
    dates = _dates(result.facilities)
    today = _today(result, dates)
    if today is None:
        return Quarters([], [None] * len(result.facilities))
    span = _span(result, dates, quarter_of(today))
    dated = (dates != "").any(axis=1).to_numpy(dtype=bool)
    number_of = {stage: at for at, stage in enumerate(STAGES)}
    stages = [_stages_at(result.facilities, dates, _day(one, today), today) for one in span]
    digits = np.array([[str(number_of[stage]) for stage in column] for column in stages])
    own = _own(result.facilities)
    shown = [
        {
            "id": str(one),
            "title": texts.text(f"lattice.quarter_{one.number}", year=str(one.year)),
            "day": _day(one, today).isoformat(),
            "current": one == quarter_of(today),
            "future": one > quarter_of(today),
            **_ledger(result, one, today, texts),
            "stages": _counts(column[own & dated]),
            "undated": int((own & ~dated).sum()),
        }
        for one, column in zip(span, stages, strict=True)
    ]
    return Quarters(
        shown,
        ["".join(digits[:, at]) if has else None for at, has in enumerate(dated.tolist())],
    )


def _dates(table: pd.DataFrame) -> pd.DataFrame:
    """Return the dates of stages as ISO text, "" where missing."""
    return pd.DataFrame(
        {
            name: table[name].map(text).astype(object) if name in table else ""
            for name in STAGE_DATES
        },
        index=table.index,
    ).reset_index(drop=True)


def _own(table: pd.DataFrame) -> NDArray[np.bool_]:
    if "in_area" not in table:
        return np.ones(len(table), bool)
    return table["in_area"].fillna(value=True).to_numpy(dtype=bool)


def _today(result: Assessment, dates: pd.DataFrame) -> dt.date | None:
    """Return the run's day, else that of the notice's verdicts, else the last date known."""
    if result.study.as_of:
        return result.study.as_of
    day = text(result.summary.get("policy_day")) or max(dates.to_numpy().ravel(), default="")
    return dt.date.fromisoformat(day) if day else None


def _span(result: Assessment, dates: pd.DataFrame, now: Quarter) -> tuple[Quarter, ...]:
    known = [quarter_of(dt.date.fromisoformat(day)) for day in np.unique(dates.to_numpy()) if day]
    back = min([one for one in known if _apart(one, now) <= MOST_QUARTERS], default=now)
    ahead = max([one for one in known if _apart(now, one) <= MOST_QUARTERS], default=now)
    planned = [
        quarter_of(dt.date.fromisoformat(text(day)))
        for day in [*result.ledger_series["quarter_end"], *result.ledger["due_date"]]
    ]
    return quarters_between(min([back, now, *planned]), max([ahead, now, *planned]))


def _apart(one: Quarter, other: Quarter) -> int:
    return 4 * (other.year - one.year) + other.number - one.number


def _day(quarter: Quarter, today: dt.date) -> dt.date:
    return today if quarter == quarter_of(today) else quarter.end


def _stages_at(table: pd.DataFrame, dates: pd.DataFrame, day: dt.date, today: dt.date) -> Words:
    """Return the stage of each facility on a day: as assessed on the run's day."""
    assessed = table["stage"].to_numpy(dtype=object)
    if day == today:
        return assessed
    if day > today:
        # What is past is known already; only what is planned from now on can change it.
        dates = dates.where(dates > today.isoformat(), "")
    found = stages_by_dates(dates, day)
    if day < today:
        return np.where(found == "", assessed, found)
    begun = (dates.where(dates <= day.isoformat(), "") != "").any(axis=1).to_numpy(dtype=bool)
    return np.where(begun, found, assessed)


def _counts(stages: Words) -> dict[str, int]:
    return {stage: count for stage in STAGES if (count := int((stages == stage).sum()))}


def _ledger(
    result: Assessment, quarter: Quarter, today: dt.date, texts: Catalogue
) -> dict[str, object]:
    """Return the ledger's figures of a quarter; of one to come only what will be due."""
    series = result.ledger_series
    rows: Sequence[Row] = records(series[series["quarter"] == str(quarter)])
    if quarter > quarter_of(today):
        rows = _due_rows(result.ledger, quarter.end)
    shown = [
        {
            "title": _role_title(text(row["role"]), texts),
            "total": row["total"] is True,
            **{name: number(row[name]) for name in _FIGURES},
        }
        for row in rows
    ]
    added = [row for row in shown if not row["total"]]
    return {
        "ledger": shown,
        "sum": {name: _sum(added, name) for name in _FIGURES} if added else None,
    }


def _role_title(role: str, texts: Catalogue) -> str:
    return texts.text("circles.or").join(
        texts.label("facility_type", one) for one in role.split(";")
    )


def _sum(rows: Sequence[Mapping[str, object]], name: str) -> int | None:
    cells = [row[name] for row in rows]
    return None if any(cell is None for cell in cells) else sum(int(str(cell)) for cell in cells)


def _due_rows(ledger: pd.DataFrame, day: dt.date) -> list[Row]:
    """Return what will be due by a day, by type; nobody knows what will be accepted."""
    if ledger.empty:
        return []
    rows = ledger.sort_values("due_date", kind="stable")
    keys = ["unit_id", "unit_name", "role", "total"]
    past = rows["target"].where(rows["due_date"] <= day.isoformat(), 0).astype("Int64")
    summed = past.groupby([rows[key] for key in keys]).cumsum()
    # Of totals the latest holds.
    latest = past.where(rows["due_date"] <= day.isoformat()).groupby([rows[key] for key in keys])
    due = summed.where(~rows["total"].astype(bool), latest.ffill().fillna(0))
    there = records(rows.assign(due=due).sort_index())
    return [
        {**row, **dict.fromkeys(("accepted", "operating", "late"), pd.NA)}
        for row in district_rows([dict(row) for row in there], as_of=day)
    ]

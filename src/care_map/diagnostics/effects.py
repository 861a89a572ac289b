"""What the doubts about the inputs do to the figures, in elders, facilities and rows."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from care_map.errors import Problem
from care_map.inputs.tables import Inputs, SourceLedger
from care_map.messages import Catalogue
from care_map.values import Statement

__all__ = ["effect_lines", "effect_records", "warning_effects"]

_NO_DATA = ("footer_skipped", "units_not_in_force", "units_former")
"""Rows that are rightly no data of the day: nothing is missing without them."""

_LABELS: Mapping[str, str] = {"reason": "reason", "left_out": "left_out", "dataset": "dataset"}


def warning_effects(
    inputs: Inputs, access: pd.DataFrame, problems: Iterable[Problem]
) -> tuple[Statement, ...]:
    """State how many elders, facilities and rows each kind of doubt concerns.

    Parameters
    ----------
    inputs
        The tables of the study, with the ledgers of its sources.
    access
        ``demand_id, elders, status, reason, official``: a row per elder's point and reading.
    problems
        All findings.

    Returns
    -------
    tuple of Statement
        Catalogue entries ``effect.<code>``; none for what concerns nobody.
    """
    found = Counter[str]()
    for problem in problems:
        found[problem.code] += problem.count
    return (
        *_left_out(inputs.ledgers),
        *_undetermined(inputs, access),
        *_nowhere(inputs),
        *_of_facilities(inputs, found),
        *_of_labels(inputs, found),
    )


def effect_records(effects: Sequence[Statement]) -> list[dict[str, object]]:
    """Return the effects as JSON objects."""
    return [{"effect": effect.code, **dict(effect.values)} for effect in effects]


def effect_lines(effects: Sequence[Statement], texts: Catalogue) -> list[str]:
    """Return the effects as sentences."""
    return [texts.text(f"effect.{effect.code}", **_worded(effect, texts)) for effect in effects]


def _worded(effect: Statement, texts: Catalogue) -> dict[str, object]:
    fields = dict(effect.values)
    labels = {
        name: texts.label(group, str(fields[name]))
        for name, group in _LABELS.items()
        if name in fields
    }
    return {**fields, **labels}


def _left_out(ledgers: Iterable[SourceLedger]) -> Iterator[Statement]:
    read, lost = Counter[str](), Counter[tuple[str, str]]()
    for ledger in ledgers:
        read[ledger.kind] += ledger.read or 0
        lost.update({(ledger.kind, code): rows for code, rows in ledger.left_out.items()})
    for (kind, code), rows in lost.items():
        if code not in _NO_DATA:
            values = {"dataset": kind, "left_out": code, "count": rows, "share": rows / read[kind]}
            yield Statement("rows_left_out", values)


def _undetermined(inputs: Inputs, access: pd.DataFrame) -> Iterator[Statement]:
    elders = int(inputs.demand["elders"].sum())
    open_rows = access[access["official"].astype(bool) & (access["status"] == "undetermined")]
    points = open_rows.drop_duplicates(["demand_id", "reason"])
    for reason, part in points.groupby("reason", sort=True)["elders"]:
        count = int(part.sum())
        if count:
            values = {"reason": reason, "count": count, "share": count / elders}
            yield Statement("undetermined", values)


def _nowhere(inputs: Inputs) -> Iterator[Statement]:
    """State who is in none of the units: counted in the whole and in no part of it."""
    if not inputs.has_units or not len(inputs.demand):
        return
    elders = inputs.demand["elders"].to_numpy()
    count = int(elders[(inputs.demand["unit_id"] == "").to_numpy()].sum())
    if count:
        yield Statement("in_no_unit", {"count": count, "share": count / int(elders.sum())})


def _of_facilities(inputs: Inputs, found: Counter[str]) -> Iterator[Statement]:
    facilities = inputs.facilities
    if not len(facilities):
        return
    counts = {
        "facilities_without_point": int(facilities.geometry.isna().sum()),
        "facilities_without_type": int((facilities["roles"] == "").sum()),
        "facilities_twice": found["facility_twice"] + found["facility_alike"],
    }
    for code, count in counts.items():
        if count:
            yield Statement(code, {"count": count, "share": count / len(facilities)})


def _of_labels(inputs: Inputs, found: Counter[str]) -> Iterator[Statement]:
    count = found["label_contradicts"]
    rows = np.sum([ledger.used for ledger in inputs.ledgers if ledger.kind != "units"])
    if count and rows:
        yield Statement("labels_contradict", {"count": count, "share": count / int(rows)})

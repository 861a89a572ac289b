"""Figures of the whole study for the side panel: how even, how firm, how many beds."""

import pandas as pd

from care_map.accessibility.coverage import ALL
from care_map.assessment import Assessment
from care_map.outputs.map.payload_values import Row, number, records

__all__ = ["beds", "key_figures"]

_BEDS = {
    "beds": "beds",
    "nursing": "nursing_beds",
    "per100": "beds_per_100",
    "open": "open_beds",
    "free": "free_beds",
    "occupancy": "occupancy",
    "unknown": "beds_unknown",
}


def key_figures(result: Assessment) -> dict[str, dict[str, object]]:
    """Return by ``circle|profile`` what is known beside the rate of all elders.

    Returns
    -------
    dict
        ``gini, reachNothing``; ``firm``, ends of the rate in 90 of 100 draws; ``firmly``, elders
        covered in nearly all draws, in some and in none; ``secondChance``, ends of the share with
        two facilities inside.
    """
    found: dict[str, dict[str, object]] = {}
    equity = result.equity
    for row in records(equity[equity["group"] == ALL]):
        found[_key(row)] = {
            "gini": number(row["gini"]),
            "reachNothing": number(row["reach_nothing"]),
        }
    for row in _whole(result.robustness):
        kept = found.setdefault(_key(row), {})
        kept["firm"] = _range(row, "rate_p05_low", "rate_p95_high")
        kept["firmly"] = [
            number(row[name]) for name in ("firmly_covered", "depends", "firmly_uncovered")
        ]
    for row in _whole(result.overlap):
        ends = _range(row, "rate_second_low", "rate_second_high")
        found.setdefault(_key(row), {})["secondChance"] = ends
    return found


def _whole(table: pd.DataFrame) -> list[dict[str, object]]:
    return records(table[table["level"] == ALL])


def _key(row: Row) -> str:
    return f"{row['circle']}|{row['profile']}"


def _range(row: Row, low: str, high: str) -> list[float | int | None] | None:
    ends = [number(row[low]), number(row[high])]
    return None if None in ends else ends


def beds(result: Assessment) -> dict[str, object] | None:
    """Return the beds of the whole study, None where nothing is known of any."""
    rows = _whole(result.beds_by_unit)
    if not rows or not number(rows[0]["facilities"]):
        return None
    return {name: number(rows[0][column]) for name, column in _BEDS.items()}

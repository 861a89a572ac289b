"""Why a gap is one: each factor taken away alone, and whether that would cover its elders.

A factor is a column of counterfactual seconds. All factors that would cover at least half of a
gap's elders are named, ``combined`` where none would; the minutes that prove it are kept.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.schema import GAP_REASONS

__all__ = [
    "COMBINED",
    "DISTANCE",
    "FACTORS",
    "Factor",
    "explain_gaps",
    "rows_by_gap",
    "weighted_median",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

DISTANCE, COMBINED = "distance", "combined"
FACTORS = (
    "not_operating",
    "wrong_service",
    "barrier",
    "component",
    "stairs",
    "slope",
    "speed",
    DISTANCE,
    "no_facility_in_unit",
)
"""Factors in the order in which reasons are named: what is nearest to a remedy first."""
_EPSILON_S = 1e-6


@dataclass(frozen=True, slots=True)
class Factor:
    """What would be if one thing were otherwise; arrays as long as the rows of access.

    Parameters
    ----------
    name
        One of :data:`FACTORS`.
    seconds
        Time without the factor, inf where no facility can be reached even so, NaN where it was
        not looked at. Of ``distance`` it is the time of a straight line at full speed: that it
        is beyond the limit proves that nothing on the way could help.
    cutoff_s
        Limit of the circle.
    """

    name: str
    seconds: Floats
    cutoff_s: Floats

    @property
    def helps(self) -> Bools:
        """Whether this factor alone decides."""
        inside = self.seconds <= self.cutoff_s + _EPSILON_S
        return ~inside & ~np.isnan(self.seconds) if self.name == DISTANCE else inside


def explain_gaps(
    gaps: pd.DataFrame, member: Ints, elders: Ints, factors: Sequence[Factor]
) -> pd.DataFrame:
    """Return what each factor would do for each gap of uncovered elders.

    Parameters
    ----------
    gaps
        ``gap_id, status, elders, minutes``, a row per gap.
    member
        ``(n,)`` row of the gap that each row of access is in, -1 for none.
    elders
        ``(n,)`` elders of each row of access.
    factors
        Counterfactual times of the rows of access.

    Returns
    -------
    DataFrame with the columns of :data:`care_map.schema.GAP_REASONS`: a row per gap and factor
    that was looked at for it, in the order of the gaps and of :data:`FACTORS`.
    """
    # The last one is for rows that are in no gap.
    uncovered = np.array([*(gaps["status"] == "uncovered"), False], dtype=bool)
    order = sorted(factors, key=lambda one: FACTORS.index(one.name))
    helps = [factor.helps for factor in order]
    cards = gaps[["gap_id", "circle", "minutes"]].to_dict("records")
    rows = [
        _told(cards[gap], part, elders, factor, helped)
        for gap, part in rows_by_gap(np.where(uncovered[member], member, -1))
        for factor, helped in zip(order, helps, strict=True)
        if not np.isnan(factor.seconds[part]).all()
    ]
    return pd.DataFrame(rows, columns=GAP_REASONS.names)


def rows_by_gap(member: Ints) -> Iterator[tuple[int, Ints]]:
    """Yield each gap with its rows of access; rows of -1 are in none."""
    mine = np.flatnonzero(member >= 0)
    order = mine[np.argsort(member[mine], kind="stable")]
    starts = np.flatnonzero(np.diff(member[order], prepend=-1))
    for part in np.split(order, starts)[1:]:
        yield int(member[part[0]]), part


def _told(
    card: Mapping[Hashable, object], rows: Ints, elders: Ints, factor: Factor, helps: Bools
) -> dict[Hashable, object]:
    helped = int(elders[rows][helps[rows]].sum())
    whole = int(elders[rows].sum())
    minutes = weighted_median(factor.seconds[rows], elders[rows]) / 60.0
    return {
        **card,
        "reason": factor.name,
        "suffices": 2 * helped >= whole,
        "elders": whole,
        "elders_helped": helped,
        "minutes_without": minutes if np.isfinite(minutes) else np.nan,
        "limit_minutes": float(np.nanmax(factor.cutoff_s[rows])) / 60.0,
    }


def weighted_median(values: Floats, weights: Ints) -> float:
    """Return the value at half of the weights, missing ones counted as infinite."""
    known = np.where(np.isnan(values), np.inf, values)
    order = np.argsort(known, kind="stable")
    running = np.cumsum(weights[order])
    return float(known[order][np.searchsorted(running, running[-1] / 2.0)])

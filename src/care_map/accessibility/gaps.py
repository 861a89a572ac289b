"""Elders outside a circle → places with elders, reasons and a remedy.

Points within a radius of the point with most elders are one gap, unit by unit; elders without a
point are one gap of their unit.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import KDTree

from care_map.schema import GAPS

__all__ = ["GapContext", "find_gaps", "name_gaps"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_REMEDIES: Mapping[str, str] = {
    "not_operating": "open_built",
    "no_road": "survey_road",
    "no_roads": "survey_road",
    "island": "link_island",
    "no_coordinates": "complete_coordinates",
    "facilities_without_coordinates": "complete_coordinates",
    "no_facility_list": "complete_list",
    "setting_unknown": "complete_list",
}
_DEFAULT_REMEDY = "new_station"


@dataclass(frozen=True, slots=True)
class GapContext:
    """What gaps are described with.

    Parameters
    ----------
    x, y
        ``(n_access,)`` metres, NaN where the place is unknown.
    priority
        ``(n_access,)`` whether the elders are of a priority group.
    seconds_if_operating
        ``(n_access,)`` time if every facility that is built or being built operated.
    cutoff_s
        ``(n_access,)`` limit of the circle.
    has_own_facility
        ``(n_access,)`` whether a facility of the type operates in the unit or serves it.
    unit_name, facility_name
        Names by id.
    radius_m
        Radius of a gap, metres.
    """

    x: Floats
    y: Floats
    priority: NDArray[np.bool_]
    seconds_if_operating: Floats
    cutoff_s: Floats
    has_own_facility: NDArray[np.bool_]
    unit_name: Mapping[str, str]
    facility_name: Mapping[str, str]
    radius_m: float


def find_gaps(access: pd.DataFrame, context: GapContext) -> pd.DataFrame:
    """Return the places whose elders are outside a circle or undetermined.

    Parameters
    ----------
    access
        Rows of :data:`care_map.schema.ACCESS` of the official profiles.
    context
        Facts about the same rows, in their order.

    Returns
    -------
    DataFrame with the columns of :data:`care_map.schema.GAPS` (``lon, lat`` still NaN) and
    ``x, y`` in metres; within each circle ranked by elders.
    """
    table = access.reset_index(drop=True)
    open_rows = table[(table["status"] != "covered") & (table["elders"] > 0)]
    keys = ["circle", "profile", "unit_id", "setting", "status"]
    rows = [
        _describe(table.loc[members], context)
        for _, part in open_rows.groupby(keys, sort=True)
        for members in _clusters(part, context)
    ]
    if not rows:
        return pd.DataFrame(columns=[*GAPS.names, "x", "y"])
    gaps = pd.DataFrame(rows)
    gaps = gaps.sort_values(
        ["circle", "elders", "unit_id", "x", "y"], ascending=[True, False, True, True, True]
    ).reset_index(drop=True)
    gaps["rank"] = gaps.groupby("circle").cumcount() + 1
    gaps["gap_id"] = gaps["circle"] + "-" + gaps["rank"].astype(str).str.zfill(4)
    gaps["name"] = gaps["unit_name"]
    return gaps[[*GAPS.names, "x", "y"]]


def name_gaps(gaps: pd.DataFrame, place: NDArray[np.object_]) -> pd.DataFrame:
    """Return the gaps named by their unit and what is near, numbered where that is not enough.

    Parameters
    ----------
    gaps
        Result of :func:`find_gaps`.
    place
        ``(n_gaps,)`` name of something near, empty if nothing is known.

    Returns
    -------
    DataFrame
    """
    known = pd.Series(place, index=gaps.index, dtype=object)
    name = gaps["unit_name"] + (" · " + known).where(known != "", "")
    twins = gaps.assign(name=name).groupby(["circle", "name"])["rank"]
    number = (twins.cumcount() + 1).astype(str)
    return gaps.assign(name=name.where(twins.transform("size") == 1, name + " · " + number))


def _clusters(part: pd.DataFrame, context: GapContext) -> Iterator[pd.Index]:
    """Yield groups of rows: the point with most elders takes all that is within the radius."""
    index = part.index.to_numpy()
    nowhere = np.isnan(context.x[index])
    if nowhere.any():
        yield part.index[nowhere]
    index = index[~nowhere]
    if not len(index):
        return
    points = np.column_stack([context.x[index], context.y[index]])
    near = KDTree(points)
    elders = part.loc[index, "elders"].to_numpy()
    free = np.ones(len(index), bool)
    for leader in np.lexsort((points[:, 1], points[:, 0], -elders)):
        if free[leader]:
            members = np.array(near.query_ball_point(points[leader], context.radius_m))
            members = members[free[members]]
            free[members] = False
            yield pd.Index(np.sort(index[members]))


def _describe(rows: pd.DataFrame, context: GapContext) -> dict[str, object]:
    index = rows.index.to_numpy()
    elders = rows["elders"].to_numpy(dtype=np.int64)
    minutes = rows["minutes"].to_numpy(dtype=float)
    typical = _typical(minutes, elders)
    first = rows.iloc[typical]
    reasons = _reasons(rows, context)
    facility_id = first["facility_id"]
    return {
        "circle": first["circle"],
        "profile": first["profile"],
        "unit_id": first["unit_id"],
        "unit_name": context.unit_name.get(first["unit_id"], ""),
        "setting": first["setting"],
        "status": first["status"],
        "elders": int(elders.sum()),
        "priority_elders": int(elders[context.priority[index]].sum()),
        "reasons": ";".join(reasons),
        "facility_id": facility_id,
        "facility_name": context.facility_name.get(facility_id, ""),
        "minutes": minutes[typical],
        "minutes_if_operating": _finite(context.seconds_if_operating[index[typical]] / 60.0),
        "remedy": next((_REMEDIES[r] for r in reasons if r in _REMEDIES), _DEFAULT_REMEDY),
        "lon": np.nan,
        "lat": np.nan,
        "x": _mean(context.x[index], elders),
        "y": _mean(context.y[index], elders),
    }


def _reasons(rows: pd.DataFrame, context: GapContext) -> list[str]:
    """Return what holds for at least half of the gap's elders, the deciding reason first."""
    index = rows.index.to_numpy()
    elders = rows["elders"].to_numpy(dtype=np.int64)
    half = elders.sum() / 2.0
    opens = context.seconds_if_operating[index] <= context.cutoff_s[index]
    lacks = ~context.has_own_facility[index]
    words = rows["reason"].to_numpy(dtype=object)
    counted = pd.Series(elders).groupby(words).sum().sort_values(ascending=False, kind="stable")
    reasons = [str(counted.index[0])]
    determined = reasons[0] in {"too_far", "unreachable", "no_facility"}
    if determined and elders[opens].sum() >= half:
        reasons.insert(0, "not_operating")
    if determined and elders[lacks].sum() >= half:
        reasons.append("no_facility_in_unit")
    return reasons


def _typical(minutes: Floats, elders: Ints) -> int:
    """Return the row of the weighted median of minutes, unknown ones last."""
    order = np.argsort(np.where(np.isnan(minutes), np.inf, minutes), kind="stable")
    running = np.cumsum(elders[order])
    return int(order[np.searchsorted(running, running[-1] / 2.0)])


def _mean(values: Floats, weights: Ints) -> float:
    return float(np.average(values, weights=weights))


def _finite(value: float) -> float:
    return value if np.isfinite(value) else np.nan

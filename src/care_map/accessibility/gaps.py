"""Elders outside a circle → places with elders.

Points within a radius of the point with most elders are one gap, unit by unit; elders without a
point are one gap of their unit.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import KDTree

from care_map.schema import GAPS

__all__ = ["STUDY_WIDE", "GapContext", "find_gaps", "name_gaps"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_Columns = Mapping[str, NDArray[Any]]

_REMEDIES: Mapping[str, str] = {
    "no_road": "survey_road",
    "no_roads": "survey_road",
    "island": "link_island",
    "no_coordinates": "complete_coordinates",
    "location_town": "complete_coordinates",
    "location_village": "complete_coordinates",
    "location_building": "complete_coordinates",
    "facilities_without_coordinates": "complete_coordinates",
    "no_facility_list": "complete_list",
    "delivery_unknown": "complete_list",
    "setting_unknown": "complete_list",
}
STUDY_WIDE = ("no_facility_list", "no_roads", "setting_unknown", "facilities_without_coordinates")
"""Reasons that lie in the study, not in a place: one gap a unit."""
_KEYS = ["circle", "profile", "unit_id", "setting", "status"]
_COLUMNS = [*_KEYS, "elders", "minutes", "reason", "facility_id"]


@dataclass(frozen=True, slots=True)
class GapContext:
    """What gaps are described with.

    Parameters
    ----------
    x, y
        ``(n_access,)`` metres, NaN where the place is unknown.
    priority
        ``(n_access,)`` whether the elders are of a priority group.
    unit_name, facility_name
        Names by id.
    radius_m
        Radius of a gap, metres.
    """

    x: Floats
    y: Floats
    priority: NDArray[np.bool_]
    unit_name: Mapping[str, str]
    facility_name: Mapping[str, str]
    radius_m: float


def find_gaps(access: pd.DataFrame, context: GapContext) -> tuple[pd.DataFrame, Ints]:
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
    ``x, y`` in metres; within each circle ranked by elders. `reasons` and `remedy` are those of
    what is not known; uncovered gaps have the reason of their rows, and no remedy yet.
    Row of the gap that each row of access is in, ``(n_access,)``, -1 for none.
    """
    table = access.reset_index(drop=True)
    open_rows = table[(table["status"] != "covered") & (table["elders"] > 0)]
    column = {name: table[name].to_numpy() for name in _COLUMNS}
    member = np.full(len(table), -1, dtype=np.int64)
    parts = [
        members
        for _, part in open_rows.groupby(_KEYS, sort=True)
        for members in _clusters(part.index.to_numpy(), column, context)
    ]
    if not parts:
        return pd.DataFrame(columns=[*GAPS.names, "x", "y"]), member
    gaps = pd.DataFrame([_describe(members, column, context) for members in parts])
    gaps = gaps.sort_values(
        ["circle", "elders", "unit_id", "x", "y"], ascending=[True, False, True, True, True]
    )
    for row, part in enumerate(gaps.index):
        member[parts[part]] = row
    gaps = gaps.reset_index(drop=True)
    gaps["rank"] = gaps.groupby("circle").cumcount() + 1
    gaps["gap_id"] = gaps["circle"] + "-" + gaps["rank"].astype(str).str.zfill(4)
    gaps["name"] = gaps["unit_name"]
    return gaps[[*GAPS.names, "x", "y"]], member


def name_gaps(gaps: pd.DataFrame, *, place: NDArray[np.object_]) -> pd.DataFrame:
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


def _clusters(index: Ints, column: _Columns, context: GapContext) -> Iterator[Ints]:
    """Yield groups of rows: the point with most elders takes all that is within the radius."""
    nowhere = np.isnan(context.x[index]) | np.isin(column["reason"][index], STUDY_WIDE)
    for reason in np.unique(column["reason"][index[nowhere]]):
        yield index[nowhere][column["reason"][index[nowhere]] == reason]
    index, elders = index[~nowhere], column["elders"]
    if not len(index):
        return
    points = np.column_stack([context.x[index], context.y[index]])
    near = KDTree(points)
    free = np.ones(len(index), bool)
    for leader in np.lexsort((points[:, 1], points[:, 0], -elders[index])):
        if free[leader]:
            members = np.array(near.query_ball_point(points[leader], context.radius_m))
            members = members[free[members]]
            free[members] = False
            yield np.sort(index[members])


def _describe(index: Ints, column: _Columns, context: GapContext) -> dict[str, object]:
    elders, minutes = column["elders"][index], column["minutes"][index]
    typical = index[_typical(minutes, elders)]
    reason = _commonest(column["reason"][index], elders)
    unit_id, facility_id = str(column["unit_id"][typical]), str(column["facility_id"][typical])
    return {
        **{name: column[name][typical] for name in _KEYS},
        "unit_name": context.unit_name.get(unit_id, ""),
        "elders": int(elders.sum()),
        "priority_elders": int(elders[context.priority[index]].sum()),
        "reasons": reason,
        "facility_id": facility_id,
        "facility_name": context.facility_name.get(facility_id, ""),
        "minutes": column["minutes"][typical],
        "remedy": _REMEDIES.get(reason, ""),
        "remedy_elders": pd.NA,
        "remedy_minutes": np.nan,
        "lon": np.nan,
        "lat": np.nan,
        "x": float(context.x[index] @ elders / elders.sum()),
        "y": float(context.y[index] @ elders / elders.sum()),
    }


def _commonest(words: NDArray[np.object_], elders: Ints) -> str:
    """Return the word of most elders, of equal ones the first by letters."""
    count: dict[str, int] = {}
    for word, number in zip(words.tolist(), elders.tolist(), strict=True):
        count[word] = count.get(word, 0) + number
    return min(count, key=lambda word: (-count[word], word))


def _typical(minutes: Floats, elders: Ints) -> int:
    """Return the row of the weighted median of minutes, unknown ones last."""
    order = np.argsort(np.where(np.isnan(minutes), np.inf, minutes), kind="stable")
    running = np.cumsum(elders[order])
    return int(order[np.searchsorted(running, running[-1] / 2.0)])

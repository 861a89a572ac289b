"""The parts of roads that are within a time: edges cut at the exact place, from both ends."""

import geopandas as gpd
import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

from care_map.network.snap import Points
from care_map.routing.nearest import Direction, TravelModel
from care_map.routing.reach import (
    edges_in_reach,
    grow,
    scratch_of,
    town_of,
)
from care_map.routing.roads import Goals, Roads, goals_of

__all__ = ["reached_lines"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_SHORTEST_M = 1e-6


def reached_lines(
    model: TravelModel, facilities: Points, cutoff_s: float, *, direction: Direction = "to"
) -> gpd.GeoDataFrame:
    """Return the parts of roads from which the nearest facility is within a time.

    Parameters
    ----------
    model
        Network as a profile travels it; not one that goes straight.
    facilities
        Points in the network's CRS.
    cutoff_s
        Seconds, legs of the facility and overhead included.
    direction
        ``"to"`` the facility, or ``"from"`` it.

    Returns
    -------
    GeoDataFrame in the network's CRS with ``edge, from_s, to_s``: a line for each part along
    which time only rises or only falls, and the seconds at its two ends. An edge that is reached
    from both ends has two, which meet at the place of the longest time; one whose ends are both
    out of reach has those round the facility on it.

    Raises
    ------
    ValueError
        The model has no network.
    """
    town = town_of(model, direction)
    goals = goals_of(model.directed(direction), model.snap(facilities))
    scratch = scratch_of(town, len(facilities))
    n_touched = grow(town, goals, 0, len(facilities), cutoff_s, scratch)
    edges = np.sort(edges_in_reach(town, goals, 0, len(facilities), scratch, n_touched))
    parts = _parts(town.roads, goals, scratch.node_s, edges, cutoff_s)
    edge = parts[:, 0].astype(np.int64)
    network = model.directed(direction).network
    lines = [
        _cut(network.vertex_x[span], network.vertex_y[span], network.vertex_m[span], start, stop)
        for span, (start, stop) in zip(
            (slice(network.edge_offset[e], network.edge_offset[e + 1]) for e in edge),
            parts[:, 1:3].tolist(),
            strict=True,
        )
    ]
    columns = {"edge": edge, "from_s": parts[:, 3], "to_s": parts[:, 4]}
    return gpd.GeoDataFrame(columns, geometry=lines, crs=network.crs)


def _cut(x: Floats, y: Floats, along_m: Floats, start_m: float, stop_m: float) -> shapely.Geometry:
    """Return the part of a line between two places on it."""
    inner = (along_m > start_m) & (along_m < stop_m)
    at_m = np.concatenate([[start_m], along_m[inner], [stop_m]])
    places = np.column_stack([np.interp(at_m, along_m, x), np.interp(at_m, along_m, y)])
    return shapely.LineString(places)


@njit(cache=True, nogil=True)
def _at(value: float, known: Floats, wanted: Floats) -> float:
    """Interpolate between rising values; what lies outside takes the nearer end."""
    if value <= known[0]:
        return float(wanted[0])
    if value >= known[-1]:
        return float(wanted[-1])
    i = np.searchsorted(known, value, side="right")
    share = (value - known[i - 1]) / (known[i] - known[i - 1])
    return float(wanted[i - 1] + share * (wanted[i] - wanted[i - 1]))


@njit(cache=True, nogil=True)
def _parts(roads: Roads, goals: Goals, node_s: Floats, edges: Ints, cutoff_s: float) -> Floats:
    """Return edge, start and stop in metres and the seconds there, a row for each part."""
    rows = np.empty((2 * len(edges) + 4 * len(goals.edge), 5))
    size = 0
    for edge in edges:
        first, last = roads.edge_offset[edge], roads.edge_offset[edge + 1]
        along_m = roads.vertex_m[first:last]
        ahead_s, back_s = roads.forward_s[first:last], roads.backward_s[first:last]
        own = goals.by_edge.item[goals.by_edge.offset[edge] : goals.by_edge.offset[edge + 1]]
        own = own[np.argsort(goals.forward_s[own])]
        # Between two facilities time is the less of two: back to what lies behind, and ahead.
        behind_s = np.full(len(own) + 1, np.inf)
        beyond_s = np.full(len(own) + 1, np.inf)
        if roads.backward_ok[edge]:
            behind_s[0] = node_s[roads.edge_from[edge]]
            for i in range(len(own)):
                k = own[i]
                here = goals.spent_s[k] - goals.backward_s[k]
                behind_s[i + 1] = min(behind_s[i], here)
        if roads.forward_ok[edge]:
            beyond_s[-1] = node_s[roads.edge_to[edge]] + ahead_s[-1]
            for i in range(len(own) - 1, -1, -1):
                k = own[i]
                here = goals.spent_s[k] + goals.forward_s[k]
                beyond_s[i] = min(beyond_s[i + 1], here)
        for i in range(len(own) + 1):
            left_m = 0.0
            if i > 0:
                left_m = _at(goals.forward_s[own[i - 1]], ahead_s, along_m)
            right_m = along_m[-1]
            if i < len(own):
                right_m = _at(goals.forward_s[own[i]], ahead_s, along_m)
            size = _between(
                (along_m, ahead_s, back_s),
                (left_m, right_m),
                behind_s[i],
                beyond_s[i],
                cutoff_s,
                rows,
                size,
                edge,
            )
    return rows[:size]


@njit(cache=True, nogil=True)
def _between(
    line: tuple[Floats, Floats, Floats],
    span: tuple[float, float],
    behind_s: float,
    beyond_s: float,
    cutoff_s: float,
    rows: Floats,
    size: int,
    edge: int,
) -> int:
    """Add what is reached of a stretch from its start and from its end; return the new number."""
    along_m, ahead_s, back_s = line
    left_m, right_m = span
    watershed_m = right_m if beyond_s == np.inf else left_m
    if behind_s < np.inf and beyond_s < np.inf:
        # Both ways take the same: `both` rises along the edge.
        both = ahead_s + back_s
        watershed_m = _at(beyond_s - behind_s, both, along_m)
        watershed_m = min(max(watershed_m, left_m), right_m)
    if behind_s <= cutoff_s:
        stop_m = min(_at(cutoff_s - behind_s, back_s, along_m), watershed_m)
        if stop_m - left_m > _SHORTEST_M:
            rows[size, 0], rows[size, 1], rows[size, 2] = edge, left_m, stop_m
            rows[size, 3] = behind_s + _at(left_m, along_m, back_s)
            rows[size, 4] = behind_s + _at(stop_m, along_m, back_s)
            size += 1
    if beyond_s < np.inf:
        start_m = watershed_m
        if beyond_s - cutoff_s > _at(watershed_m, along_m, ahead_s):
            start_m = right_m
            if beyond_s - cutoff_s < _at(right_m, along_m, ahead_s):
                start_m = _at(beyond_s - cutoff_s, ahead_s, along_m)
        if right_m - start_m > _SHORTEST_M:
            rows[size, 0], rows[size, 1], rows[size, 2] = edge, start_m, right_m
            rows[size, 3] = beyond_s - _at(start_m, along_m, ahead_s)
            rows[size, 4] = beyond_s - _at(right_m, along_m, ahead_s)
            size += 1
    return size

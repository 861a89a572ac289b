"""Grades along ways: heights sampled along the original way, smoothed, portal to portal.

`docs/travel-time.md` says it in full. A way gets a station at each vertex and as many between as
keep stations within 30 m. The grade of a piece is the rise over the 60 m of way round its middle
(the window is moved inside the way near its ends; a shorter way has one grade), clamped to 25 %.
Bridges and tunnels rise evenly from portal to portal.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import spsolve

from care_map.inputs.elevation import Elevation
from care_map.inputs.tables import RoadTable

__all__ = ["MAX_GRADE", "Graded", "add_grades"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_STATION_M = 30.0
_WINDOW_M = 60.0
_SAME_STATION_M = 1e-9
MAX_GRADE = 0.25
"""Steeper grades are taken for errors of the elevation model and clamped."""


@dataclass(frozen=True, slots=True)
class Graded:
    """Ways with stations, and the grade of every piece.

    Parameters
    ----------
    table
        The road table with stations as further vertices.
    x, y
        ``(n_vertices,)`` metres.
    grade
        ``(n_vertices,)`` grade of the piece that ends at the vertex, in drawing direction; 0 at
        the start of a way and where no height is known.
    unknown_m, clamped_m
        Length of road without a height, and with a clamped grade, metres.
    """

    table: RoadTable
    x: Floats
    y: Floats
    grade: Floats
    unknown_m: float
    clamped_m: float


def add_grades(table: RoadTable, x: Floats, y: Floats, elevation: Elevation) -> Graded:
    """Return a road table with stations along its ways and the grade of every piece.

    Parameters
    ----------
    table
        Ways.
    x, y
        Their vertices in metres.
    elevation
        Heights.

    Returns
    -------
    Graded
    """
    dense, x, y = _with_stations(table, x, y)
    along_m = _along(x, y, dense.offsets)
    height_m = elevation.sample(dense.lon, dense.lat)
    covered = _is_covered(dense.ways)
    if covered.any():
        height_m = _portal_to_portal(dense, along_m, height_m, covered)
    raw = _grades(along_m, height_m, dense.offsets)
    piece_m = np.diff(along_m, prepend=0.0)
    piece_m[dense.offsets[:-1]] = 0.0
    unknown = np.isnan(raw)
    clamped = np.abs(np.where(unknown, 0.0, raw)) > MAX_GRADE
    return Graded(
        table=dense,
        x=x,
        y=y,
        grade=np.clip(np.where(unknown, 0.0, raw), -MAX_GRADE, MAX_GRADE),
        unknown_m=float(piece_m[unknown].sum()),
        clamped_m=float(piece_m[clamped].sum()),
    )


def _is_covered(ways: pd.DataFrame) -> Bools:
    """Tell which ways are bridges or tunnels, whose ground the elevation model does not show."""
    bridge = ~ways["bridge"].isin(("", "no"))
    tunnel = ~ways["tunnel"].isin(("", "no"))
    return (bridge | tunnel).to_numpy(dtype=bool)


def _with_stations(table: RoadTable, x: Floats, y: Floats) -> tuple[RoadTable, Floats, Floats]:
    """Cut each segment into equal pieces of at most 30 m."""
    length_m = np.hypot(np.diff(x, append=x[-1:]), np.diff(y, append=y[-1:]))
    last = table.offsets[1:] - 1
    pieces = np.maximum(np.ceil(length_m / _STATION_M).astype(np.int64), 1)
    pieces[last] = 1
    start = np.repeat(np.arange(len(x)), pieces)
    first = np.concatenate([[0], np.cumsum(pieces)])
    step = np.arange(len(start)) - first[start]
    t = step / pieces[start]
    end = np.minimum(start + 1, len(x) - 1)

    def between(values: Floats) -> Floats:
        mixed: Floats = values[start] + t * (values[end] - values[start])
        return mixed

    fresh = int(table.node_id.max(initial=0)) + 1 + np.arange(len(start))
    dense = replace(
        table,
        offsets=first[table.offsets].astype(np.int64),
        node_id=np.where(step == 0, table.node_id[start], fresh),
        lon=between(table.lon),
        lat=between(table.lat),
    )
    return dense, between(x), between(y)


@njit(cache=True, nogil=True)
def _along(x: Floats, y: Floats, offsets: Ints) -> Floats:
    total = np.zeros(len(x))
    for way in range(len(offsets) - 1):
        for v in range(offsets[way] + 1, offsets[way + 1]):
            total[v] = total[v - 1] + np.hypot(x[v] - x[v - 1], y[v] - y[v - 1])
    return total


@njit(cache=True, nogil=True)
def _height_at(at_m: float, m: Floats, h: Floats) -> float:
    after = min(max(int(np.searchsorted(m, at_m)), 1), len(m) - 1)
    # At a station its own height counts: a hole beside it must not spoil it.
    if abs(m[after] - at_m) <= _SAME_STATION_M:
        return float(h[after])
    if abs(at_m - m[after - 1]) <= _SAME_STATION_M:
        return float(h[after - 1])
    span = m[after] - m[after - 1]
    return float(h[after - 1] + (at_m - m[after - 1]) / span * (h[after] - h[after - 1]))


@njit(cache=True, nogil=True)
def _grades(along_m: Floats, height_m: Floats, offsets: Ints) -> Floats:
    grade = np.zeros(len(along_m))
    for way in range(len(offsets) - 1):
        first, end = offsets[way], offsets[way + 1]
        m, h = along_m[first:end], height_m[first:end]
        total = m[-1]
        for i in range(1, len(m)):
            low = (m[i] + m[i - 1] - _WINDOW_M) / 2.0
            low = max(min(low, total - _WINDOW_M), 0.0)
            high = min(low + _WINDOW_M, total)
            if high > low:
                rise = _height_at(high, m, h) - _height_at(low, m, h)
                grade[first + i] = rise / (high - low)
    return grade


def _portal_to_portal(
    table: RoadTable, along_m: Floats, height_m: Floats, covered: Bools
) -> Floats:
    """Let bridges and tunnels rise evenly between the nodes where they meet open road."""
    first, last = table.offsets[:-1][covered], table.offsets[1:][covered] - 1
    way_of = np.repeat(np.arange(len(table.ways)), np.diff(table.offsets))
    open_nodes = np.unique(table.node_id[~covered[way_of]])
    ids, ends = np.unique(table.node_id[np.concatenate([first, last])], return_inverse=True)
    start, goal = ends[: len(first)], ends[len(first) :]
    node_m = np.full(len(ids), np.nan)
    node_m[ends] = height_m[np.concatenate([first, last])]
    meets = np.bincount(ends, minlength=len(ids))
    fixed = np.isin(ids, open_nodes) | (meets == 1)
    node_m = _spread(node_m, fixed, start, goal, along_m[last])
    share = np.zeros(len(along_m))
    on_covered = covered[way_of]
    number = np.cumsum(covered) - 1
    way = number[way_of[on_covered]]
    length_m = np.maximum(along_m[last], 1e-9)
    share = along_m[on_covered] / length_m[way]
    level = height_m.copy()
    level[on_covered] = node_m[start[way]] + share * (node_m[goal[way]] - node_m[start[way]])
    return level


def _spread(node_m: Floats, fixed: Bools, start: Ints, goal: Ints, length_m: Floats) -> Floats:
    """Give nodes inside a bridge or tunnel the height that makes it rise evenly.

    Where several of its ways meet, the height is the mean of the neighbours' weighted by one
    over the length; along a chain that is an even rise.
    """
    size = len(node_m)
    weight = 1.0 / np.maximum(length_m, 1e-3)
    graph = coo_array((weight, (start, goal)), shape=(size, size)).tocsr()
    graph = graph + graph.T
    count, part = connected_components(graph, directed=False)
    anchored = np.bincount(part[fixed], minlength=count) > 0
    free = np.flatnonzero(~fixed & anchored[part])
    if not len(free):
        return node_m
    known = np.setdiff1d(np.arange(size), free)
    total: Floats = np.asarray(graph.sum(axis=1), dtype=np.float64).ravel()
    inner = graph[free][:, free]
    system = coo_array((total[free], (range(len(free)),) * 2), shape=inner.shape).tocsc() - inner
    spread = node_m.copy()
    right = np.asarray(graph[free][:, known] @ node_m[known])
    spread[free] = np.asarray(spsolve(system.tocsc(), right), dtype=np.float64)
    return spread

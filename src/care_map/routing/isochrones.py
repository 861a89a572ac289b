"""Polygons of what is within a number of minutes: the level set of the point-time function.

The function is evaluated on a lattice and contoured, so that a polygon means just what coverage
means, up to a cell. Where a line may pass (around the cutoff, along barriers, along a street whose
own time is on the other side) the lattice is finer; a strip narrower than that may still be lost.
Polygons are for the eye; coverage is decided at each point.
"""

from collections.abc import Sequence
from typing import NamedTuple

import contourpy
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from care_map.network.costs import EdgeCosts
from care_map.network.snap import Points, Snapped, access_limit_m
from care_map.routing.nearest import TravelModel
from care_map.routing.search import Seeds, arcs_towards, grow_tree
from care_map.values import KPH_PER_MPS

__all__ = ["isochrones", "lattice_cell_m"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_FINEST_CELL_M = 10.0
_MOST_CELLS = 1_000_000
_FINER = 3
"""Into how many a side of a cell is cut where more than the corners must be known."""


def isochrones(
    model: TravelModel, facilities: Points, cutoffs_s: Sequence[float], *, cell_m: float
) -> list[shapely.MultiPolygon]:
    """Return for each cutoff where one is within it of the nearest facility.

    Parameters
    ----------
    model
        Network as a profile travels it.
    facilities
        Points in the network's CRS; all polygons are of their union.
    cutoffs_s
        Seconds, each limit inside its polygon.
    cell_m
        Side of a lattice cell in metres: the polygon is that exact.

    Returns
    -------
    list of MultiPolygon in the network's CRS, in the order of `cutoffs_s`; the smaller lies in
    the larger.
    """
    field = _Field(model, facilities, model.snap(facilities) if model.costs else None)
    x, y = _lattice(model, facilities, max(cutoffs_s), cell_m)
    corners = field.seconds(*np.meshgrid(x, y))
    unsure = _unsure(field, corners, x, y, cutoffs_s)
    fine_x, fine_y = _refined(x), _refined(y)
    seconds = _spread(corners)
    row, column = np.nonzero(_points_of(unsure))
    seconds[row, column] = field.seconds(fine_x[column], fine_y[row])
    # Where time jumps (the far bank, the end of the access limit) it says nothing about where
    # between two lattice points the line is: held to what a step can cost, it is the middle.
    step_s = cell_m / _FINER / model.profile.walk_speed_mps
    return [
        _polygons(fine_x, fine_y, np.clip(seconds - cutoff_s, -step_s, step_s))
        for cutoff_s in cutoffs_s
    ]


def lattice_cell_m(model: TravelModel, facilities: Points, longest_s: float) -> float:
    """Return the side of the finest lattice that stays within a million points, 10 m or more.

    Parameters
    ----------
    model, facilities
        As :func:`isochrones`.
    longest_s
        The largest cutoff in seconds.

    Returns
    -------
    Metres.
    """
    left, bottom, right, top = _bounds(model, facilities, longest_s)
    return max(_FINEST_CELL_M, float(np.sqrt((right - left) * (top - bottom) / _MOST_CELLS)))


class _Field(NamedTuple):
    """The point-time function towards some facilities, for lattice points."""

    model: TravelModel
    facilities: Points
    snapped: Snapped | None

    def seconds(self, x: Floats, y: Floats) -> Floats:
        # A lattice point has no unit; it takes the limit of the facilities that it is near.
        rural = np.full(x.size, bool(self.facilities.rural.any()))
        points = Points(x.ravel(), y.ravel(), rural)
        found = self.model.nearest(points, self.facilities, snapped_facilities=self.snapped)
        return found.seconds.reshape(x.shape)


def _unsure(
    field: _Field, corners: Floats, x: Floats, y: Floats, cutoffs_s: Sequence[float]
) -> Bools:
    """Tell the cells that a line may pass."""
    parts = [corners[i : len(y) - 1 + i, j : len(x) - 1 + j] for i in (0, 1) for j in (0, 1)]
    low, high = np.minimum.reduce(parts), np.maximum.reduce(parts)
    # Midway between two streets time has a ridge: higher within a cell than at its corners.
    ridge_s = float(x[1] - x[0]) / field.model.profile.walk_speed_mps
    unsure = np.zeros(low.shape, bool)
    for cutoff_s in cutoffs_s:
        unsure |= (low <= cutoff_s + ridge_s) & (high > cutoff_s - ridge_s)
    if field.model.costs is None:
        return unsure
    # A street, or a bank, may have a strip of its own that is narrower than a cell.
    network = field.model.costs.network
    banks = np.asarray(shapely.linestrings(network.barriers.reshape(-1, 2, 2)), dtype=object)
    row, column, _ = _cells_along(banks, x, y)
    unsure[row, column] = True
    streets = network.lines()[field.model.costs.usable]
    row, column, along = _cells_along(streets, x, y)
    seconds = field.seconds(*along.T)
    odd = np.zeros(low.shape, bool)
    for cutoff_s in cutoffs_s:
        other = (seconds <= cutoff_s) != (high[row, column] <= cutoff_s)
        odd[row[other], column[other]] = True
    return unsure | binary_dilation(odd, np.ones((3, 3), bool))


def _cells_along(lines: NDArray[np.object_], x: Floats, y: Floats) -> tuple[Ints, Ints, Floats]:
    """Return rows and columns of the cells along lines, and the places (corners may be cut)."""
    cell_m = float(x[1] - x[0])
    left, bottom, right, top = shapely.bounds(lines).T
    near = (left <= x[-1]) & (bottom <= y[-1]) & (right >= x[0]) & (top >= y[0])
    # A line of no length cannot be cut into segments.
    near &= (right > left) | (top > bottom)
    along = shapely.get_coordinates(shapely.segmentize(lines[near], cell_m / _FINER))
    column, row = np.floor((along - (x[0], y[0])) / cell_m).astype(np.int64).T
    inside = (column >= 0) & (column < len(x) - 1) & (row >= 0) & (row < len(y) - 1)
    return row[inside], column[inside], along[inside]


def _points_of(cells: Bools) -> Bools:
    """Tell the points of the finer lattice that lie in or on the border of the cells."""
    rows, columns = (_FINER * size + 1 for size in cells.shape)
    points = np.zeros((rows, columns), bool)
    for i in range(_FINER + 1):
        for j in range(_FINER + 1):
            points[i : rows - _FINER + i : _FINER, j : columns - _FINER + j : _FINER] |= cells
    return points


def _spread(corners: Floats) -> Floats:
    """Give every point of the finer lattice the value of the nearest corner."""
    row, column = (
        (np.arange(_FINER * (size - 1) + 1) + _FINER // 2) // _FINER for size in corners.shape
    )
    spread: Floats = corners[np.ix_(row, column)]
    return spread


def _refined(along: Floats) -> Floats:
    """Return the coordinates of the finer lattice."""
    steps = np.arange(_FINER * (len(along) - 1) + 1)
    refined: Floats = along[0] + steps * ((along[1] - along[0]) / _FINER)
    return refined


def _lattice(
    model: TravelModel, facilities: Points, longest_s: float, cell_m: float
) -> tuple[Floats, Floats]:
    left, bottom, right, top = _bounds(model, facilities, longest_s)
    # Whole multiples of the cell, so that neighbouring facilities share a lattice.
    x = np.arange(np.floor(left / cell_m), np.ceil(right / cell_m) + 1) * cell_m
    y = np.arange(np.floor(bottom / cell_m), np.ceil(top / cell_m) + 1) * cell_m
    return x, y


def _bounds(
    model: TravelModel, facilities: Points, longest_s: float
) -> tuple[float, float, float, float]:
    """Return what cannot be left within the time: by the roads in reach, or at top speed."""
    profile = model.profile
    speed_mps = profile.walk_speed_mps
    if profile.mode == "foot":
        speed_mps = max(speed_mps, profile.escalator_mps)
    elif profile.car_speed_kph:
        speed_mps = max(speed_mps, max(profile.car_speed_kph.values()) / KPH_PER_MPS)
    far_m = max(longest_s - profile.overhead_s, 0.0) * speed_mps
    legs_m = float(access_limit_m(facilities, model.limits).max())
    x, y = facilities.x, facilities.y
    low_x, low_y, high_x, high_y = x.min(), y.min(), x.max(), y.max()
    if model.costs is None:
        road_x, road_y = np.array([-np.inf, np.inf]), np.array([-np.inf, np.inf])
    else:
        road_x, road_y = _roads_in_reach(model.costs, model.snap(facilities), longest_s)
    return (
        float(max(low_x - far_m, road_x.min(initial=low_x)) - legs_m),
        float(max(low_y - far_m, road_y.min(initial=low_y)) - legs_m),
        float(min(high_x + far_m, road_x.max(initial=high_x)) + legs_m),
        float(min(high_y + far_m, road_y.max(initial=high_y)) + legs_m),
    )


def _roads_in_reach(costs: EdgeCosts, snapped: Snapped, longest_s: float) -> tuple[Floats, Floats]:
    """Return coordinates of all edges of which some part may be in reach, and of some more."""
    network = costs.network
    own = snapped.edge[snapped.edge >= 0]
    ends = np.concatenate([network.edge_from[own], network.edge_to[own]])
    spent_s = np.full(len(ends), costs.profile.overhead_s)
    tree = grow_tree(arcs_towards(costs), Seeds(ends, spent_s, ends), cutoff_s=longest_s)
    reached = np.isfinite(tree.seconds)
    within = costs.usable & (reached[network.edge_from] | reached[network.edge_to])
    within[own] = True
    vertex = np.repeat(within, np.diff(network.edge_offset))
    return network.vertex_x[vertex], network.vertex_y[vertex]


def _polygons(x: Floats, y: Floats, left_s: Floats) -> shapely.MultiPolygon:
    """Return where `left_s`, held to a step's cost, is 0 or less."""
    contours = contourpy.contour_generator(x, y, left_s, fill_type=contourpy.FillType.OuterOffset)
    parts = []
    for points, offsets in zip(*contours.filled(-np.inf, 0.0), strict=True):
        rings = [
            points[a:b] for a, b in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)
        ]
        parts.append(shapely.Polygon(rings[0], rings[1:]))
    whole = shapely.make_valid(shapely.MultiPolygon(parts), method="structure")
    polygons = [part for part in shapely.get_parts(whole) if isinstance(part, shapely.Polygon)]
    return shapely.MultiPolygon(polygons)

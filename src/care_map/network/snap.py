"""Points → the nearest usable edge within the access limit (DOMAIN §4).

The nearest eligible segment of a large component wins; an island only where nothing else is
within the limit. A segment is eligible if its leg is within the limit and crosses no barrier.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from care_map.network.chunks import in_chunks
from care_map.network.costs import EdgeCosts
from care_map.network.grid import Grid, by_cell, leg_is_blocked, segment_grid
from care_map.network.road_network import RoadNetwork
from care_map.values import Limits

__all__ = [
    "SAME_PLACE_M",
    "STATUSES",
    "Points",
    "Snapped",
    "access_limit_m",
    "at_edge_ends",
    "barrier_grid",
    "quickest",
    "snap_points",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

STATUSES = ("ok", "past_island", "island", "beyond")
"""What became of a point: snapped; snapped past a nearer island; on an island, because nothing
else is within the limit; nothing within the limit."""

_OK, _PAST_ISLAND, _ISLAND, _BEYOND = range(4)
_CELL_M = 60.0
_LEG_PER_CELL = 50.0
"""Who looks far looks in larger cells: there is little near."""
_BARRIER_CELL_M = 250.0
_SLACK = 1e-3
SAME_PLACE_M = 1e-9
"""A snap this near to the end of its edge stands at the junction."""


@dataclass(frozen=True, slots=True)
class Points:
    """Places in the network's CRS.

    Parameters
    ----------
    x, y
        ``(n,)`` metres.
    rural
        ``(n,)`` whether the rural access limit applies.
    """

    x: Floats
    y: Floats
    rural: Bools

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.x)

    def take(self, index: Ints) -> "Points":
        """Return the points at `index`."""
        return Points(self.x[index], self.y[index], self.rural[index])


@dataclass(frozen=True, slots=True)
class Snapped:
    """Where points meet the network.

    Parameters
    ----------
    edge
        ``(n,)`` edge, -1 if none.
    vertex
        ``(n,)`` first vertex of the segment on it.
    fraction
        ``(n,)`` how far along that segment, 0 to 1.
    leg_m
        ``(n,)`` straight distance to the edge, inf if none.
    status
        ``(n,)`` index into :data:`STATUSES`.
    former
        Where they would be without the roads that a scenario adds, edge -1 where that is no
        other place; None where it is none for all. A point may go by either of its two places:
        every search takes the better, so that no added road worsens a minute.
    """

    edge: Ints
    vertex: Ints
    fraction: Floats
    leg_m: Floats
    status: NDArray[np.uint8]
    former: "Snapped | None" = None

    def take(self, index: Ints) -> "Snapped":
        """Return the snaps at `index`."""
        return Snapped(
            self.edge[index],
            self.vertex[index],
            self.fraction[index],
            self.leg_m[index],
            self.status[index],
            None if self.former is None else self.former.take(index),
        )

    def or_at(self, former: "Snapped") -> "Snapped":
        """Return the same snaps with those of `former` beside them that are elsewhere."""
        elsewhere = (former.edge >= 0) & (
            (self.edge != former.edge)
            | (self.vertex != former.vertex)
            | (self.leg_m != former.leg_m)
        )
        if not elsewhere.any():
            return self
        return replace(self, former=replace(former, edge=np.where(elsewhere, former.edge, -1)))

    def places(self) -> tuple["Snapped", Ints]:
        """Return all places where points meet the network, and whose each is.

        Place `i` is that of point `i`; the former places stand behind those of all points.
        """
        points = np.arange(len(self.edge))
        if self.former is None:
            return self, points
        moved = np.flatnonzero(self.former.edge >= 0)
        both = replace(self, former=None).followed_by(self.former.take(moved))
        return both, np.append(points, moved)

    def followed_by(self, other: "Snapped") -> "Snapped":
        """Return the snaps of both, one after the other; none of them may have a former place."""
        return Snapped(
            np.append(self.edge, other.edge),
            np.append(self.vertex, other.vertex),
            np.append(self.fraction, other.fraction),
            np.append(self.leg_m, other.leg_m),
            np.append(self.status, other.status),
        )

    def along_s(self, seconds: Floats) -> Floats:
        """Return per-vertex `seconds` of an edge, interpolated at each snap; 0 where none."""
        at = np.where(self.edge >= 0, self.vertex, 0)
        step = np.where(self.edge >= 0, 1, 0)
        if len(seconds) == 0:
            return np.zeros(len(self.edge))
        between: Floats = seconds[at] + self.fraction * (seconds[at + step] - seconds[at])
        return between


def quickest(seconds: Floats, whose: Ints, n_points: int) -> Ints:
    """Return which place of each point is the quickest, its first of equals.

    Parameters
    ----------
    seconds
        ``(n_places,)`` from each place.
    whose
        ``(n_places,)`` point of each, as :meth:`Snapped.places` lists them.
    n_points
        How many points.

    Returns
    -------
    ``(n_points,)`` places.
    """
    best = np.arange(n_points)
    others = np.arange(n_points, len(whose))
    better = others[seconds[others] < seconds[whose[others]]]
    best[whose[better]] = better
    return best


def at_edge_ends(network: RoadNetwork, snapped: Snapped) -> tuple[Bools, Bools]:
    """Tell which snaps stand on the start and which on the end of their edge.

    Such a point stands at a junction: it may leave by any of its edges, whatever the direction
    of the one that it happens to be snapped to.

    Parameters
    ----------
    network
        The network.
    snapped
        Snaps on it.

    Returns
    -------
    At the start, at the end; ``(n,)`` each.
    """
    on_edge = snapped.edge >= 0
    along_m = snapped.along_s(network.vertex_m)
    length_m = np.append(network.edge_length_m, 0.0)[snapped.edge]
    return on_edge & (along_m <= SAME_PLACE_M), on_edge & (along_m >= length_m - SAME_PLACE_M)


def access_limit_m(points: Points, limits: Limits) -> Floats:
    """Return the longest access leg of each point in metres, ``(n,)``."""
    return np.where(points.rural, limits.access_rural_m, limits.access_urban_m)


def barrier_grid(network: RoadNetwork) -> Grid:
    """Return the network's barriers by cell."""
    return segment_grid(network.barriers, cell_m=_BARRIER_CELL_M)


def snap_points(
    costs: EdgeCosts, points: Points, *, limit_m: Floats, heed_barriers: bool = True
) -> Snapped:
    """Find for each point the nearest point of the nearest edge that its mode may use.

    Parameters
    ----------
    costs
        The network as a profile sees it.
    points
        What to snap.
    limit_m
        ``(n,)`` longest leg, metres.
    heed_barriers
        Whether a leg may cross no barrier.

    Returns
    -------
    Snapped
    """
    barriers = costs.network.barriers
    barriers = barriers[_near(barriers, points, limit_m) if heed_barriers else slice(0)]
    vertex, edge = _usable_segments(costs)
    segments = _segments(costs.network, vertex)
    near = _near(segments, points, limit_m)
    vertex, edge, segments = vertex[near], edge[near], segments[near]
    cell_m = max(_CELL_M, float(limit_m.max(initial=0.0)) / _LEG_PER_CELL)
    target = _Target(
        segments=segments,
        large=costs.large[edge],
        grid=segment_grid(segments, cell_m=cell_m),
        barriers=barriers,
        walls=segment_grid(barriers, cell_m=_BARRIER_CELL_M),
    )
    size = len(points)
    found = np.full(size, -1, np.int64)
    fraction, leg_m = np.zeros(size), np.full(size, np.inf)
    status = np.full(size, _BEYOND, np.uint8)
    order = by_cell(points.x, points.y, target.grid)

    def snap(part: slice) -> None:
        _snap_chunk(
            order[part],
            (points.x, points.y, limit_m),
            target,
            (found, fraction, leg_m, status),
        )

    in_chunks(size, snap)
    hit = found >= 0
    snapped = Snapped(
        edge=np.where(hit, edge[found], -1) if len(edge) else found,
        vertex=np.where(hit, vertex[found], -1) if len(edge) else found,
        fraction=fraction,
        leg_m=leg_m,
        status=status,
    )
    return _inside_lifts(costs, snapped) if len(costs.lift_edges) else snapped


def _inside_lifts(costs: EdgeCosts, snapped: Snapped) -> Snapped:
    """Put snaps that stand at a door of a lift inside it: which door is nearest is chance."""
    network = costs.network
    inward = np.full(network.n_nodes, -1, np.int64)
    inward[network.edge_to[costs.lift_edges]] = costs.lift_edges
    at_start, at_end = at_edge_ends(network, snapped)
    node = np.where(at_end, network.edge_to[snapped.edge], network.edge_from[snapped.edge])
    lift = np.where(at_start | at_end, inward[node], -1)
    inside = lift >= 0
    return replace(
        snapped,
        edge=np.where(inside, lift, snapped.edge),
        vertex=np.where(inside, network.edge_offset[lift], snapped.vertex),
        fraction=np.where(inside, 0.0, snapped.fraction),
    )


def _usable_segments(costs: EdgeCosts) -> tuple[Ints, Ints]:
    """Return the first vertex and the edge of each segment that the mode may use."""
    offset = costs.network.edge_offset
    edge = np.repeat(np.arange(costs.network.n_edges), np.diff(offset))
    keep = costs.usable[edge]
    keep[offset[1:] - 1] = False
    vertex = np.flatnonzero(keep)
    return vertex, edge[vertex]


def _segments(network: RoadNetwork, vertex: Ints) -> Floats:
    x, y = network.vertex_x, network.vertex_y
    return np.column_stack([x[vertex], y[vertex], x[vertex + 1], y[vertex + 1]])


def _near(segments: Floats, points: Points, limit_m: Floats) -> Bools:
    """Tell which segments can matter; a grid over a whole city for one point takes its time."""
    if not len(points):
        return np.zeros(len(segments), bool)
    near = np.ones(len(segments), bool)
    for axis, place in enumerate((points.x, points.y)):
        reach_m = float(limit_m.max()) + _CELL_M
        near &= np.maximum(segments[:, axis], segments[:, axis + 2]) >= place.min() - reach_m
        near &= np.minimum(segments[:, axis], segments[:, axis + 2]) <= place.max() + reach_m
    return near


class _Target(NamedTuple):
    """What points snap to, as one argument of the kernels."""

    segments: Floats
    large: Bools
    grid: Grid
    barriers: Floats
    walls: Grid


class _Best(NamedTuple):
    """The nearest eligible segment so far."""

    leg_m: float
    segment: int
    fraction: float


@njit(cache=True, nogil=True)
def _nearest_on(
    segments: Floats, s: int, px: float, py: float
) -> tuple[float, float, float, float]:
    """Return distance, fraction and coordinates of the point of segment `s` nearest to p."""
    xa, ya, xb, yb = segments[s]
    dx, dy = xb - xa, yb - ya
    square = dx * dx + dy * dy
    t = 0.0
    if square > 0.0:
        t = min(max(((px - xa) * dx + (py - ya) * dy) / square, 0.0), 1.0)
    qx, qy = xa + t * dx, ya + t * dy
    return np.sqrt((px - qx) * (px - qx) + (py - qy) * (py - qy)), t, qx, qy


@njit(cache=True, nogil=True)
def _scan_cell(
    cell: int, px: float, py: float, limit: float, target: _Target, best: _Best, island: _Best
) -> tuple[_Best, _Best]:
    """Take the cell's segments into account, for large components and for islands apart."""
    for k in range(target.grid.offset[cell], target.grid.offset[cell + 1]):
        s = target.grid.item[k]
        d, t, qx, qy = _nearest_on(target.segments, s, px, py)
        known = best.leg_m if target.large[s] else island.leg_m
        if d >= known or d > limit:
            continue
        if leg_is_blocked(px, py, qx, qy, target.barriers, target.walls):
            continue
        if target.large[s]:
            best = _Best(d, s, t)
        else:
            island = _Best(d, s, t)
    return best, island


@njit(cache=True, nogil=True)
def _away_m(place: float, low: float, side: float) -> float:
    """Return how far a coordinate is outside of a cell."""
    return max(low - place, place - (low + side), 0.0)


@njit(cache=True, nogil=True)
def _search_rings(px: float, py: float, limit: float, target: _Target) -> tuple[_Best, _Best]:
    """Search rings of cells outwards until no unseen segment can be nearer."""
    grid = target.grid
    side = grid.cell_m
    # Rounding must not leave out a cell.
    slack = side * _SLACK
    column, row = int((px - grid.x0) // side), int((py - grid.y0) // side)
    # Distance from the point to the nearest side of its own cell.
    across = min(px - (grid.x0 + column * side), grid.x0 + (column + 1) * side - px)
    along = min(py - (grid.y0 + row * side), grid.y0 + (row + 1) * side - py)
    best, island = _Best(np.inf, -1, 0.0), _Best(np.inf, -1, 0.0)
    ring = 0
    while True:
        for r in range(max(row - ring, 0), min(row + ring, grid.rows - 1) + 1):
            up = _away_m(py, grid.y0 + r * side, side)
            step = 1 if ring == 0 or abs(r - row) == ring else 2 * ring
            for c in range(column - ring, column + ring + 1, step):
                if 0 <= c < grid.columns:
                    aside = _away_m(px, grid.x0 + c * side, side)
                    near = min(best.leg_m, limit) + slack
                    if up * up + aside * aside <= near * near:
                        cell = r * grid.columns + c
                        best, island = _scan_cell(cell, px, py, limit, target, best, island)
        seen = ring * side + min(across, along)
        if best.leg_m <= seen or seen > limit:
            return best, island
        ring += 1


@njit(cache=True, nogil=True)
def _snap_chunk(
    rows: Ints,
    points: tuple[Floats, Floats, Floats],
    target: _Target,
    snaps: tuple[Ints, Floats, Floats, NDArray[np.uint8]],
) -> None:
    x, y, limit_m = points
    found, fraction, leg_m, status = snaps
    for i in rows:
        best, island = _search_rings(x[i], y[i], limit_m[i], target)
        if best.segment >= 0:
            status[i] = _PAST_ISLAND if island.leg_m < best.leg_m else _OK
        elif island.segment >= 0:
            status[i] = _ISLAND
            best = island
        else:
            continue
        found[i], fraction[i], leg_m[i] = best.segment, best.fraction, best.leg_m

"""Where country roads could run: a net of triangles over the mountains, with costs."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import Delaunay, cKDTree

from care_map.demo.outline import district_outline
from care_map.demo.plane import Floats
from care_map.demo.terrain import Terrain

__all__ = ["Lattice", "make_lattice"]

_MESH_M = 455.0
_GUARD_M = 2300.0
"""How far roads go on beyond the district."""
_CLIMB = 9.0
"""What a metre of climb costs, in metres."""
_USED = 0.42
"""A road that is there already costs this part of a new one."""


@dataclass(slots=True)
class Lattice:
    """A planar net with the roads laid on it so far.

    Parameters
    ----------
    points
        ``(n, 2)`` metres.
    edges
        ``(m, 2)`` numbers of points.
    cost
        ``(m,)`` metres, climbs included.
    rank
        ``(m,)`` class of the road laid there: 0 none, 1 the largest.
    numbers
        Number of an edge by its two points, the smaller one first.
    """

    points: Floats
    edges: NDArray[np.int64]
    cost: Floats
    rank: NDArray[np.int64]
    numbers: dict[tuple[int, int], int]

    def lay(self, start: int, ends: Sequence[int], rank: int) -> None:
        """Lay a road of a class from a point to the cheapest of the ends."""
        cost = self.cost * np.where(self.rank > 0, _USED, 1.0)
        n = len(self.points)
        graph = csr_array((cost, (self.edges[:, 0], self.edges[:, 1])), shape=(n, n))
        away, before = dijkstra(graph, directed=False, indices=[start], return_predecessors=True)
        away, before = away[0], before[0]
        end = min((e for e in ends if e != start), key=lambda e: float(away[e]))
        if not np.isfinite(away[end]):
            return
        path = [end]
        while path[-1] != start:
            path.append(int(before[path[-1]]))
        self._mark(path, rank)

    def _mark(self, path: list[int], rank: int) -> None:
        for a, b in itertools.pairwise(path):
            number = self.numbers[min(a, b), max(a, b)]
            if not 0 < self.rank[number] <= rank:
                self.rank[number] = rank


def make_lattice(
    rng: np.random.Generator,
    terrain: Terrain,
    *,
    fixed: Floats,
    blocked: shapely.Geometry,
    joined: Sequence[tuple[int, int]],
) -> Lattice:
    """Return a net through given points that keeps out of blocked areas.

    Parameters
    ----------
    rng
        Random generator.
    terrain
        Heights, for the cost of climbing.
    fixed
        ``(k, 2)`` points that come first in the net.
    blocked
        Where no road may run.
    joined
        Pairs of fixed points that are joined already (bridge, tunnel, streets of a town).
    """
    free = _mesh(rng, fixed, blocked)
    points = np.vstack([fixed, free])
    sides = Delaunay(points).simplices[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2)
    edges = np.unique(np.sort(sides, axis=1), axis=0).astype(np.int64)
    lines = shapely.linestrings(points[edges])
    shapely.prepare(blocked)
    edges = edges[~shapely.intersects(blocked, lines) & (shapely.length(lines) < 3 * _MESH_M)]
    extra = np.array([sorted(pair) for pair in joined], dtype=np.int64)
    known = {tuple(pair) for pair in extra}
    edges = np.vstack([extra, [e for e in edges if tuple(e) not in known]])
    cost = _cost(terrain, points, edges)
    cost[: len(extra)] *= 0.3
    numbers = {(a, b): number for number, (a, b) in enumerate(edges.tolist())}
    return Lattice(points, edges, cost, np.zeros(len(edges), dtype=np.int64), numbers)


def _mesh(rng: np.random.Generator, fixed: Floats, blocked: shapely.Geometry) -> Floats:
    area = district_outline().buffer(_GUARD_M)
    west, south, east, north = area.bounds
    rows = np.arange(south, north, _MESH_M * np.sqrt(3) / 2)
    grid = np.array(
        [
            (x + (_MESH_M / 2 if k % 2 else 0), y)
            for k, y in enumerate(rows)
            for x in np.arange(west, east, _MESH_M)
        ]
    )
    grid = grid + rng.uniform(-0.22, 0.22, grid.shape) * _MESH_M
    far = cKDTree(fixed).query(grid)[0] > 0.55 * _MESH_M
    keep = far & shapely.contains_xy(area, grid[:, 0], grid[:, 1])
    return grid[keep & ~shapely.contains_xy(shapely.buffer(blocked, 40), grid[:, 0], grid[:, 1])]


def _cost(terrain: Terrain, points: Floats, edges: NDArray[np.int64]) -> Floats:
    """Return length plus climbing, measured at five points of each side."""
    start, end = points[edges[:, 0]], points[edges[:, 1]]
    stops = [start + (end - start) * t for t in np.linspace(0, 1, 5)]
    heights = np.array([terrain.height_m(stop[:, 0], stop[:, 1]) for stop in stops])
    climb = np.abs(np.diff(heights, axis=0)).sum(axis=0)
    return np.asarray(np.hypot(*(end - start).T) + _CLIMB * climb, dtype=np.float64)

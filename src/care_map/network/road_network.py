"""A road network as flat arrays."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import shapely
from numba import njit
from numpy.typing import NDArray
from pyproj import CRS

__all__ = ["Hills", "RoadNetwork", "running_length"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Hills:
    """What elevation a network was built with.

    Parameters
    ----------
    source
        File name.
    unknown_m
        Length of road without a height, metres; taken as level.
    clamped_m
        Length of road steeper than can be, metres; taken as steep as can be.
    """

    source: str
    unknown_m: float
    clamped_m: float


@dataclass(frozen=True, slots=True)
class RoadNetwork:
    """A road network as arrays; it knows geometry and tags, and nothing of speeds.

    Parameters
    ----------
    crs
        Metric CRS of all coordinates.
    node_x, node_y
        ``(n_nodes,)`` metres; nodes are way ends and vertices that ways share.
    edge_from, edge_to
        ``(n_edges,)`` node indices in the direction in which the way was drawn.
    edge_offset
        ``(n_edges + 1,)``; vertices of edge `e` are ``edge_offset[e]:edge_offset[e + 1]``.
    vertex_x, vertex_y
        ``(n_vertices,)`` metres, the ends included, so that a junction stands once per edge.
    vertex_m
        ``(n_vertices,)`` length from the start of the edge, metres.
    vertex_grade
        ``(n_vertices,)`` grade of the piece that ends at the vertex, in drawing direction, 0 at
        the start of an edge; zero everywhere without elevation.
    edge_way
        ``(n_edges,)`` row of `ways`.
    ways
        Tags of the ways.
    barriers
        ``(n, 4)`` segments x1, y1, x2, y2 that an access leg may not cross.
    barriers_known
        Whether the source can tell barriers at all.
    hills
        Length of road without a height and with a clamped grade in metres; None without
        elevation.
    source
        File name.
    lift_nodes
        Nodes that are lifts between the edges that end there.
    """

    crs: CRS
    node_x: Floats
    node_y: Floats
    edge_from: Ints
    edge_to: Ints
    edge_offset: Ints
    vertex_x: Floats
    vertex_y: Floats
    vertex_m: Floats
    vertex_grade: Floats
    edge_way: Ints
    ways: pd.DataFrame
    barriers: Floats
    barriers_known: bool
    hills: Hills | None
    source: str
    lift_nodes: Ints = field(default_factory=lambda: np.empty(0, np.int64))

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.node_x)

    @property
    def n_edges(self) -> int:
        """Number of edges."""
        return len(self.edge_from)

    @property
    def edge_length_m(self) -> Floats:
        """Length of each edge in metres, ``(n_edges,)``."""
        return self.vertex_m[self.edge_offset[1:] - 1]

    def lines(self) -> NDArray[np.object_]:
        """Return the edges as shapely lines in the network's CRS, ``(n_edges,)``."""
        coordinates = np.column_stack([self.vertex_x, self.vertex_y])
        edge = np.repeat(np.arange(self.n_edges), np.diff(self.edge_offset))
        return np.asarray(shapely.linestrings(coordinates, indices=edge), dtype=object)


@njit(cache=True, nogil=True)
def running_length(x: Floats, y: Floats, offset: Ints) -> Floats:
    """Sum lengths per edge; one running sum over all would lose digits on large networks."""
    total = np.zeros(len(x))
    for edge in range(len(offset) - 1):
        for vertex in range(offset[edge] + 1, offset[edge + 1]):
            step = np.hypot(x[vertex] - x[vertex - 1], y[vertex] - y[vertex - 1])
            total[vertex] = total[vertex - 1] + step
    return total

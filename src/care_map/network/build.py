"""Road table → :class:`RoadNetwork`: ways cut into edges at junctions, as flat arrays."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numba import njit
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from care_map.inputs.tables import RoadTable

__all__ = ["RoadNetwork", "build_network"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


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
    edge_way
        ``(n_edges,)`` row of `ways`.
    ways
        Tags of the ways.
    barriers
        ``(n, 4)`` segments x1, y1, x2, y2 that an access leg may not cross.
    barriers_known
        Whether the source can tell barriers at all.
    source
        File name.
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
    edge_way: Ints
    ways: pd.DataFrame
    barriers: Floats
    barriers_known: bool
    source: str

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


def build_network(table: RoadTable, crs: CRS) -> RoadNetwork:
    """Cut ways into edges at way ends and at vertices that ways share.

    Vertices are joined where the table's node ids are equal and nowhere else: what crosses
    without a shared node (a bridge) does not meet.

    Parameters
    ----------
    table
        Ways in degrees.
    crs
        Metric CRS of the network.

    Returns
    -------
    RoadNetwork
    """
    to_metric = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    x, y = to_metric.transform(table.lon, table.lat)
    vertex, edge_offset, edge_way = _cut(table)
    starts, ends = vertex[edge_offset[:-1]], vertex[edge_offset[1:] - 1]
    ids, first = np.unique(table.node_id[np.concatenate([starts, ends])], return_index=True)
    of_node = np.concatenate([starts, ends])[first]
    vertex_x, vertex_y = np.asarray(x)[vertex], np.asarray(y)[vertex]
    return RoadNetwork(
        crs=crs,
        node_x=np.asarray(x)[of_node],
        node_y=np.asarray(y)[of_node],
        edge_from=np.searchsorted(ids, table.node_id[starts]).astype(np.int64),
        edge_to=np.searchsorted(ids, table.node_id[ends]).astype(np.int64),
        edge_offset=edge_offset,
        vertex_x=vertex_x,
        vertex_y=vertex_y,
        vertex_m=_running_length(vertex_x, vertex_y, edge_offset),
        edge_way=edge_way,
        ways=table.ways.reset_index(drop=True),
        barriers=_barrier_segments(table, to_metric),
        barriers_known=table.barriers is not None,
        source=table.source,
    )


def _cut(table: RoadTable) -> tuple[Ints, Ints, Ints]:
    """Return the edges' vertices (indices into the table), their offsets and their ways."""
    n_vertices = len(table.node_id)
    _, inverse, count = np.unique(table.node_id, return_inverse=True, return_counts=True)
    is_break = count[inverse] > 1
    way_start, way_end = table.offsets[:-1], table.offsets[1:] - 1
    is_break[way_start] = True
    is_break[way_end] = True
    breaks = np.flatnonzero(is_break)
    way_of = np.repeat(np.arange(len(table.ways)), np.diff(table.offsets))
    same_way = way_of[breaks[:-1]] == way_of[breaks[1:]] if n_vertices else np.empty(0, bool)
    begin, end = breaks[:-1][same_way], breaks[1:][same_way]
    size = end - begin + 1
    offset = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    within = np.arange(offset[-1]) - np.repeat(offset[:-1], size)
    return np.repeat(begin, size) + within, offset, way_of[begin].astype(np.int64)


@njit(cache=True, nogil=True)
def _running_length(x: Floats, y: Floats, offset: Ints) -> Floats:
    """Sum lengths per edge; one running sum over all would lose digits on large networks."""
    total = np.zeros(len(x))
    for edge in range(len(offset) - 1):
        for vertex in range(offset[edge] + 1, offset[edge + 1]):
            step = np.hypot(x[vertex] - x[vertex - 1], y[vertex] - y[vertex - 1])
            total[vertex] = total[vertex - 1] + step
    return total


def _barrier_segments(table: RoadTable, to_metric: Transformer) -> Floats:
    if table.barriers is None or table.barriers.empty:
        return np.empty((0, 4))
    coordinates, line = shapely.get_coordinates(
        table.barriers.geometry.to_numpy(), return_index=True
    )
    x, y = to_metric.transform(coordinates[:, 0], coordinates[:, 1])
    # Multi-part barriers would join across parts; readers give single lines.
    same = line[:-1] == line[1:]
    segments: Floats = np.column_stack([x[:-1], y[:-1], x[1:], y[1:]])[same]
    return segments

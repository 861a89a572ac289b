"""Road table → :class:`RoadNetwork`: ways cut into edges at junctions, as flat arrays."""

from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from care_map.errors import InputError, Problem
from care_map.inputs.elevation import Elevation
from care_map.inputs.tables import RoadTable
from care_map.network.chunks import in_chunks
from care_map.network.hills import add_grades
from care_map.network.merge import merge_chains
from care_map.network.road_network import Hills, RoadNetwork, running_length
from care_map.projections import transformer

__all__ = ["build_network"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def build_network(
    table: RoadTable, crs: CRS, *, elevation: Elevation | None = None, merge: bool = True
) -> RoadNetwork:
    """Cut ways into edges at way ends and at vertices that ways share, and join plain chains.

    Vertices are joined where the table's node ids are equal and nowhere else: what crosses
    without a shared node (a bridge) does not meet.

    Parameters
    ----------
    table
        Ways in degrees.
    crs
        Metric CRS of the network.
    elevation
        Heights; every piece of road is level without them.
    merge
        Whether to join chains of edges that no profile can tell apart.

    Returns
    -------
    RoadNetwork

    Raises
    ------
    InputError
        Vertices lie where the CRS has no coordinates.
    """
    to_metric = transformer("EPSG:4326", crs)
    x, y = _project(to_metric, table.lon, table.lat)
    lost = ~(np.isfinite(x) & np.isfinite(y))
    if lost.any():
        values = {"crs": crs.name}
        problem = Problem(
            "roads_beyond_crs", source=table.source, count=int(lost.sum()), values=values
        )
        raise InputError([problem])
    grade, hills = np.zeros(len(x)), None
    if elevation is not None:
        graded = add_grades(table, x, y, elevation)
        table, x, y, grade = graded.table, graded.x, graded.y, graded.grade
        hills = Hills(elevation.source, graded.unknown_m, graded.clamped_m)
    vertex, edge_offset, edge_way = _cut(table)
    starts, ends = vertex[edge_offset[:-1]], vertex[edge_offset[1:] - 1]
    ids, first = np.unique(table.node_id[np.concatenate([starts, ends])], return_index=True)
    of_node = np.concatenate([starts, ends])[first]
    vertex_x, vertex_y, vertex_grade = x[vertex], y[vertex], grade[vertex]
    vertex_grade[edge_offset[:-1]] = 0.0
    network = RoadNetwork(
        crs=crs,
        node_x=x[of_node],
        node_y=y[of_node],
        edge_from=np.searchsorted(ids, table.node_id[starts]).astype(np.int64),
        edge_to=np.searchsorted(ids, table.node_id[ends]).astype(np.int64),
        edge_offset=edge_offset,
        vertex_x=vertex_x,
        vertex_y=vertex_y,
        vertex_m=running_length(vertex_x, vertex_y, edge_offset),
        vertex_grade=vertex_grade,
        edge_way=edge_way,
        ways=table.ways.reset_index(drop=True),
        barriers=_barrier_segments(table, to_metric),
        barriers_known=table.barriers is not None,
        hills=hills,
        source=table.source,
    )
    network = replace(network, lift_nodes=_lift_nodes(table, network, ids))
    return merge_chains(network) if merge else network


def _project(to_metric: Transformer, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = np.empty(len(lon)), np.empty(len(lon))

    def project(part: slice) -> None:
        x[part], y[part] = to_metric.transform(lon[part], lat[part])

    in_chunks(len(lon), project)
    return x, y


def _lift_nodes(table: RoadTable, network: RoadNetwork, ids: Ints) -> Ints:
    """Return the nodes that are lifts between edges; where a way is the lift, the node is none."""
    ends = np.concatenate([network.edge_from, network.edge_to])
    rides = (network.ways["highway"] == "elevator").to_numpy(dtype=bool)[network.edge_way]
    is_lift = np.isin(ids, table.lifts) & (np.bincount(ends, minlength=len(ids)) > 1)
    is_lift[ends[np.tile(rides, 2)]] = False
    return np.flatnonzero(is_lift)


def _cut(table: RoadTable) -> tuple[Ints, Ints, Ints]:
    """Return the edges' vertices (indices into the table), their offsets and their ways."""
    n_vertices = len(table.node_id)
    _, inverse, count = np.unique(table.node_id, return_inverse=True, return_counts=True)
    is_break = (count[inverse] > 1) | np.isin(table.node_id, table.lifts)
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

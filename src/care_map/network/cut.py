"""Edges cut at some of their vertices."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from care_map.network.road_network import RoadNetwork

__all__ = ["cut_network"]


def cut_network(network: RoadNetwork, differs: NDArray[np.bool_]) -> RoadNetwork:
    """Cut edges wherever a property of their pieces changes.

    Parameters
    ----------
    network
        The network.
    differs
        ``(n_vertices,)`` the property of the piece that ends at the vertex.

    Returns
    -------
    RoadNetwork in which the property is the same all along each edge; the same one if nothing
    needs to be cut.
    """
    count = np.diff(network.edge_offset)
    inner = np.ones(len(network.vertex_x), bool)
    inner[network.edge_offset[:-1]] = False
    inner[network.edge_offset[1:] - 1] = False
    cut = np.zeros(len(inner), bool)
    cut[:-1] = inner[:-1] & (differs[:-1] != differs[1:])
    at = np.flatnonzero(cut)
    if not len(at):
        return network
    # A cut vertex ends one edge and starts the next: it stands twice.
    source = np.repeat(np.arange(len(cut)), np.where(cut, 2, 1))
    starts = np.concatenate([[False], source[1:] == source[:-1]])
    is_start = starts.copy()
    is_start[np.searchsorted(source, network.edge_offset[:-1])] = True
    offset = np.append(np.flatnonzero(is_start), len(source)).astype(np.int64)
    old_edge = np.repeat(np.arange(network.n_edges), count)[source][offset[:-1]]
    first, last = source[offset[:-1]], source[offset[1:] - 1]
    node_at = np.full(len(cut), -1, np.int64)
    node_at[at] = network.n_nodes + np.arange(len(at))
    vertex_m = network.vertex_m[source]
    vertex_grade = network.vertex_grade[source]
    vertex_grade[offset[:-1]] = 0.0
    return replace(
        network,
        node_x=np.concatenate([network.node_x, network.vertex_x[at]]),
        node_y=np.concatenate([network.node_y, network.vertex_y[at]]),
        edge_from=np.where(node_at[first] >= 0, node_at[first], network.edge_from[old_edge]),
        edge_to=np.where(node_at[last] >= 0, node_at[last], network.edge_to[old_edge]),
        edge_offset=offset,
        vertex_x=network.vertex_x[source],
        vertex_y=network.vertex_y[source],
        vertex_m=vertex_m - np.repeat(vertex_m[offset[:-1]], np.diff(offset)),
        vertex_grade=vertex_grade,
        edge_way=network.edge_way[old_edge],
    )

"""Lifts that are a node of the network, opened into edges that take their time."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from care_map.network.road_network import RoadNetwork

__all__ = ["open_lifts"]


def open_lifts(
    network: RoadNetwork,
) -> tuple[RoadNetwork, NDArray[np.int64], NDArray[np.int64]]:
    """Let edges that end at a lift end at a door of their own, and join doors and lift by edges.

    Who passes a lift takes two such edges: in at one door and out at another.

    Parameters
    ----------
    network
        The network.

    Returns
    -------
    RoadNetwork
        The same edges, and behind them one of no length from the lift to each door, on the
        door's way.
    numpy.ndarray
        ``(n_doors,)`` the new edges.
    numpy.ndarray
        ``(n_doors,)`` the edge that each door belongs to.
    """
    is_lift = np.zeros(network.n_nodes, bool)
    is_lift[network.lift_nodes] = True
    start, end = (
        np.flatnonzero(is_lift[network.edge_from]),
        np.flatnonzero(is_lift[network.edge_to]),
    )
    lift = np.concatenate([network.edge_from[start], network.edge_to[end]])
    count, owner = len(lift), np.append(start, end)
    door = network.n_nodes + np.arange(count)
    edge_from, edge_to = network.edge_from.copy(), network.edge_to.copy()
    edge_from[start], edge_to[end] = door[: len(start)], door[len(start) :]
    x, y = network.node_x[lift], network.node_y[lift]
    level = np.zeros(2 * count)
    last = int(network.edge_offset[-1])
    opened = replace(
        network,
        node_x=np.append(network.node_x, x),
        node_y=np.append(network.node_y, y),
        edge_from=np.append(edge_from, lift),
        edge_to=np.append(edge_to, door),
        edge_offset=np.append(network.edge_offset, last + 2 * np.arange(1, count + 1)),
        vertex_x=np.append(network.vertex_x, np.repeat(x, 2)),
        vertex_y=np.append(network.vertex_y, np.repeat(y, 2)),
        vertex_m=np.append(network.vertex_m, level),
        vertex_grade=np.append(network.vertex_grade, level),
        edge_way=np.append(network.edge_way, network.edge_way[owner]),
    )
    return opened, network.n_edges + np.arange(count), owner

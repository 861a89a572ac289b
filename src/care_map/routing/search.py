"""One bounded search from many seeds over a network's arcs.

A search runs outwards from facilities over reversed arcs, so that it gives times *towards* them.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from care_map.network.costs import EdgeCosts
from care_map.network.listing import list_by
from care_map.routing.heap import pop, push

__all__ = ["Arcs", "Seeds", "Tree", "arcs_towards", "grow_tree"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Indices = NDArray[np.int32]
"""Half the memory to run through; two billion arcs are enough."""


class Arcs(NamedTuple):
    """Arcs listed by the node that a search comes from.

    Parameters
    ----------
    offset
        ``(n_nodes + 1,)``; arcs of node `v` are ``offset[v]:offset[v + 1]``.
    node
        Node that the arc leads the search to.
    seconds
        Time along the arc.
    edge
        Edge that the arc is.
    """

    offset: Indices
    node: Indices
    seconds: Floats
    edge: Indices


@dataclass(frozen=True, slots=True)
class Seeds:
    """Where a search starts.

    Parameters
    ----------
    node
        ``(n,)`` nodes.
    seconds
        ``(n,)`` time already spent there.
    label
        ``(n,)`` what the seed stands for, for example a facility's row.
    """

    node: Ints
    seconds: Floats
    label: Ints


@dataclass(frozen=True, slots=True)
class Tree:
    """Result of a search.

    Parameters
    ----------
    seconds
        ``(n_nodes,)`` shortest time, inf where none within the bound.
    label
        ``(n_nodes,)`` label of the seed that it belongs to, -1 where none.
    via
        ``(n_nodes,)`` edge by which the search came, -1 at seeds and where none.
    previous
        ``(n_nodes,)`` node from which the search came, -1 likewise.
    """

    seconds: Floats
    label: Indices
    via: Indices
    previous: Indices


def arcs_towards(costs: EdgeCosts) -> Arcs:
    """Return the reversed arcs of a network: from each node to where one can come from.

    Parallel edges and self-loops stay; a search takes the fastest.

    Parameters
    ----------
    costs
        The network as a profile sees it.

    Returns
    -------
    Arcs
    """
    network = costs.network
    forward, backward = np.flatnonzero(costs.forward_ok), np.flatnonzero(costs.backward_ok)
    head = np.concatenate([network.edge_to[forward], network.edge_from[backward]])
    tail = np.concatenate([network.edge_from[forward], network.edge_to[backward]])
    seconds = np.concatenate([costs.total_forward_s[forward], costs.total_backward_s[backward]])
    offset, order = list_by(head, network.n_nodes)
    return Arcs(
        offset=offset.astype(np.int32),
        node=tail[order].astype(np.int32),
        seconds=seconds[order],
        edge=np.concatenate([forward, backward])[order].astype(np.int32),
    )


def grow_tree(arcs: Arcs, seeds: Seeds, *, cutoff_s: float = np.inf) -> Tree:
    """Return the shortest time from the seeds to every node, and which seed it belongs to.

    Parameters
    ----------
    arcs
        Arcs with times of 0 or more.
    seeds
        Starting nodes; a node may stand several times.
    cutoff_s
        Nodes beyond it are left out; the bound itself is inside.

    Returns
    -------
    Tree
    """
    return Tree(*_dijkstra(arcs, seeds.node, seeds.seconds, seeds.label, cutoff_s))


@njit(cache=True, nogil=True)
def _dijkstra(
    arcs: Arcs, seed_node: Ints, seed_s: Floats, seed_label: Ints, cutoff_s: float
) -> tuple[Floats, Indices, Indices, Indices]:
    n_nodes = len(arcs.offset) - 1
    seconds = np.full(n_nodes, np.inf)
    label = np.full(n_nodes, np.int32(-1))
    via = np.full(n_nodes, np.int32(-1))
    previous = np.full(n_nodes, np.int32(-1))
    # Each arc is pushed at most once: its tail settles once.
    capacity = len(arcs.node) + len(seed_node) + 1
    heap_s, heap = np.empty(capacity), np.empty(capacity, np.int32)
    size = 0
    for i in range(len(seed_node)):
        node = seed_node[i]
        if seed_s[i] <= cutoff_s and seed_s[i] < seconds[node]:
            seconds[node], label[node] = seed_s[i], seed_label[i]
            push(heap_s, heap, size, seed_s[i], node)
            size += 1
    while size > 0:
        here_s, node = heap_s[0], heap[0]
        size -= 1
        pop(heap_s, heap, size)
        if here_s > seconds[node]:
            continue
        for k in range(arcs.offset[node], arcs.offset[node + 1]):
            other, reached_s = arcs.node[k], here_s + arcs.seconds[k]
            if reached_s <= cutoff_s and reached_s < seconds[other]:
                seconds[other], label[other] = reached_s, label[node]
                via[other], previous[other] = arcs.edge[k], node
                push(heap_s, heap, size, reached_s, other)
                size += 1
    return seconds, label, via, previous

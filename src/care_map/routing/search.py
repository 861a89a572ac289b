"""One bounded search from many seeds over a network's arcs.

A search runs outwards from facilities over reversed arcs, so that it gives times *towards* them.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from care_map.network.costs import EdgeCosts

__all__ = ["Arcs", "Seeds", "Tree", "arcs_towards", "grow_tree", "sift_down", "sift_up"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


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

    offset: Ints
    node: Ints
    seconds: Floats
    edge: Ints


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
    label: Ints
    via: Ints
    previous: Ints


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
    order = np.argsort(head, kind="stable")
    count = np.bincount(head, minlength=network.n_nodes)
    return Arcs(
        offset=np.concatenate([[0], np.cumsum(count)]).astype(np.int64),
        node=tail[order],
        seconds=seconds[order],
        edge=np.concatenate([forward, backward])[order],
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
def sift_up(heap: Ints, place: Ints, key: Floats, at: int) -> None:
    """Move the entry at `at` of a 4-ary heap up to where its key belongs."""
    node = heap[at]
    while at > 0:
        parent = (at - 1) >> 2
        if key[heap[parent]] <= key[node]:
            break
        heap[at] = heap[parent]
        place[heap[at]] = at
        at = parent
    heap[at] = node
    place[node] = at


@njit(cache=True, nogil=True)
def sift_down(heap: Ints, place: Ints, key: Floats, size: int) -> None:
    """Move the first entry of a 4-ary heap down to where its key belongs."""
    node, at = heap[0], 0
    while True:
        child = 4 * at + 1
        if child >= size:
            break
        for other in range(child + 1, min(4 * at + 5, size)):
            if key[heap[other]] < key[heap[child]]:
                child = other
        if key[heap[child]] >= key[node]:
            break
        heap[at] = heap[child]
        place[heap[at]] = at
        at = child
    heap[at] = node
    place[node] = at


@njit(cache=True, nogil=True)
def _dijkstra(
    arcs: Arcs, seed_node: Ints, seed_s: Floats, seed_label: Ints, cutoff_s: float
) -> tuple[Floats, Ints, Ints, Ints]:
    """Dijkstra with a 4-ary heap in which keys are lowered in place."""
    n_nodes = len(arcs.offset) - 1
    seconds = np.full(n_nodes, np.inf)
    label = np.full(n_nodes, -1, np.int64)
    via = np.full(n_nodes, -1, np.int64)
    previous = np.full(n_nodes, -1, np.int64)
    heap = np.empty(n_nodes, np.int64)
    place = np.full(n_nodes, -1, np.int64)
    size = 0
    for i in range(len(seed_node)):
        node = seed_node[i]
        if seed_s[i] <= cutoff_s and seed_s[i] < seconds[node]:
            if place[node] < 0:
                place[node] = size
                heap[size] = node
                size += 1
            seconds[node], label[node] = seed_s[i], seed_label[i]
            sift_up(heap, place, seconds, place[node])
    while size > 0:
        node = heap[0]
        size -= 1
        if size > 0:
            heap[0] = heap[size]
            place[heap[0]] = 0
            sift_down(heap, place, seconds, size)
        for k in range(arcs.offset[node], arcs.offset[node + 1]):
            other, reached_s = arcs.node[k], seconds[node] + arcs.seconds[k]
            if reached_s <= cutoff_s and reached_s < seconds[other]:
                if place[other] < 0:
                    place[other] = size
                    heap[size] = other
                    size += 1
                seconds[other], label[other] = reached_s, label[node]
                via[other], previous[other] = arcs.edge[k], node
                sift_up(heap, place, seconds, place[other])
    return seconds, label, via, previous

"""Shortest times from many places to a whole network: nodes taken out one by one, then swept.

Where searches reach nearly every node from each of hundreds of facilities, a heap per search is
the cost. Here the nodes are put in an order in which each can be taken out of the network with few
shortcuts between its neighbours (fill of a sparse factorisation; Dibbelt, Strasser & Wagner 2016,
"Customizable contraction hierarchies"). After that one pass up and one down over the shortcuts
gives the times from several places at once (Delling et al. 2013, "PHAST").
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import linalg

from care_map.routing.search import Arcs

__all__ = ["LANES", "Order", "no_order", "sweep", "sweep_order"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Indices = NDArray[np.int32]

LANES = 16
"""Places that are searched from at once: two lines of a processor's cache."""


class Order(NamedTuple):
    """A network whose nodes were taken out one by one; a tuple, for compiled kernels.

    Parameters
    ----------
    rank
        ``(n_nodes,)`` place of each node in the order.
    offset
        ``(n_nodes + 1,)``; shortcuts of the node of rank `r` are ``offset[r]:offset[r + 1]``.
    head
        Rank of the node that a shortcut leads to, higher than its own; ascending for each node.
    up_s, down_s
        Seconds that a search takes along it and back.
    """

    rank: Indices
    offset: Ints
    head: Indices
    up_s: Floats
    down_s: Floats


def no_order() -> Order:
    """Return the order of no nodes, which stands for searches with a heap."""
    nothing = np.empty(0, np.int32)
    return Order(nothing, np.zeros(1, np.int64), nothing, np.empty(0), np.empty(0))


def sweep_order(arcs: Arcs) -> Order:
    """Take the nodes of a network out one by one.

    Parameters
    ----------
    arcs
        Arcs with times of 0 or more, such as roads have: networks that are nearly planar.

    Returns
    -------
    Order
        For searches that follow the arcs.
    """
    n_nodes = len(arcs.offset) - 1
    rank = _rank(arcs, n_nodes)
    offset, head = _shortcuts(arcs.offset, arcs.node, rank)
    order = Order(rank, offset, head, np.full(len(head), np.inf), np.full(len(head), np.inf))
    _weigh(arcs, order)
    return order


def _rank(arcs: Arcs, n_nodes: int) -> Indices:
    """Return the order of least degree, as a sparse factorisation finds it."""
    tail = np.repeat(np.arange(n_nodes), np.diff(arcs.offset))
    ones = np.ones(len(tail))
    joined = sparse.coo_matrix((ones, (tail, arcs.node)), shape=(n_nodes, n_nodes)).tocsr()
    joined = joined + joined.T
    # Heavier in the diagonal than beside it: any order can be factorised without pivots.
    weight = np.asarray(joined.sum(axis=1)).ravel() + 1.0
    factors = linalg.splu(
        (sparse.diags(weight) - joined + sparse.diags(joined.diagonal())).tocsc(),
        permc_spec="MMD_AT_PLUS_A",
        diag_pivot_thresh=0.0,
        options={"SymmetricMode": True},
    )
    return np.asarray(factors.perm_c, dtype=np.int32)


@njit(cache=True, nogil=True)
def _above(offset: Indices, node: Indices, rank: Indices) -> tuple[Ints, Indices]:
    """List the neighbours of higher rank by rank; loops and parallel arcs stand among them."""
    n = len(rank)
    start = np.zeros(n + 1, np.int64)
    for tail in range(n):
        for k in range(offset[tail], offset[tail + 1]):
            start[min(rank[tail], rank[node[k]]) + 1] += 1
    start = np.cumsum(start)
    place, above = start[:-1].copy(), np.empty(start[-1], np.int32)
    for tail in range(n):
        for k in range(offset[tail], offset[tail + 1]):
            low = min(rank[tail], rank[node[k]])
            above[place[low]] = max(rank[tail], rank[node[k]])
            place[low] += 1
    return start, above


@njit(cache=True, nogil=True, inline="always")
def _note(heads: Indices, r: int, seen: Ints, found: Indices, count: int) -> int:
    """Note the ranks that are new to rank `r`; return how many it has."""
    for other in heads:
        if other != r and seen[other] != r:
            seen[other], found[count] = r, other
            count += 1
    return count


@njit(cache=True, nogil=True)
def _shortcuts(offset: Indices, node: Indices, rank: Indices) -> tuple[Ints, Indices]:
    """Return between which ranks there are shortcuts, once all lower nodes are out."""
    n = len(rank)
    start, above = _above(offset, node, rank)
    # A node's shortcuts: its neighbours, and what those taken out next to it leave to it.
    first_child, next_child = np.full(n, -1, np.int64), np.full(n, -1, np.int64)
    seen, found = np.full(n, -1, np.int64), np.empty(n, np.int32)
    out, head, size = np.zeros(n + 1, np.int64), np.empty(2 * len(above) + n + 1, np.int32), 0
    for r in range(n):
        count = _note(above[start[r] : start[r + 1]], r, seen, found, 0)
        child = first_child[r]
        while child >= 0:
            count = _note(head[out[child] : out[child + 1]], r, seen, found, count)
            child = next_child[child]
        while size + count > len(head):
            head = np.concatenate((head, np.empty_like(head)))
        head[size : size + count] = np.sort(found[:count])
        if count:
            parent = head[size]
            next_child[r], first_child[parent] = first_child[parent], r
        size += count
        out[r + 1] = size
    return out, head[:size].copy()


@njit(cache=True, nogil=True)
def _weigh(arcs: Arcs, order: Order) -> None:
    """Write the seconds of the shortcuts: of arcs themselves, then past each lower node."""
    rank, offset, head, up_s, down_s = order
    n = len(rank)
    for tail in range(n):
        for k in range(arcs.offset[tail], arcs.offset[tail + 1]):
            low, high, s = rank[tail], rank[arcs.node[k]], arcs.seconds[k]
            if low < high:
                at = offset[low] + np.searchsorted(head[offset[low] : offset[low + 1]], high)
                up_s[at] = min(up_s[at], s)
            elif high < low:
                at = offset[high] + np.searchsorted(head[offset[high] : offset[high + 1]], low)
                down_s[at] = min(down_s[at], s)
    for r in range(n):
        for i in range(offset[r], offset[r + 1]):
            at = offset[head[i]]
            for j in range(i + 1, offset[r + 1]):
                while head[at] < head[j]:
                    at += 1
                up_s[at] = min(up_s[at], down_s[i] + up_s[j])
                down_s[at] = min(down_s[at], down_s[j] + up_s[i])


@njit(cache=True, nogil=True)
def sweep(order: Order, table_s: Floats) -> None:
    """Fill in the times of all nodes, several searches side by side.

    Parameters
    ----------
    order
        The network.
    table_s
        ``(n_nodes, LANES)`` by rank, written: seconds spent at the nodes where each search
        starts, inf elsewhere; then the shortest time to each node.
    """
    offset, head, n = order.offset, order.head, len(order.rank)
    for r in range(n):
        reached = False
        for lane in range(LANES):
            reached |= table_s[r, lane] < np.inf
        if not reached:
            continue
        for k in range(offset[r], offset[r + 1]):
            other, s = head[k], order.up_s[k]
            for lane in range(LANES):
                table_s[other, lane] = min(table_s[other, lane], table_s[r, lane] + s)
    for r in range(n - 1, -1, -1):
        for k in range(offset[r], offset[r + 1]):
            other, s = head[k], order.down_s[k]
            for lane in range(LANES):
                table_s[r, lane] = min(table_s[r, lane], table_s[other, lane] + s)

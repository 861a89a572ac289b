"""The k nearest facilities of every origin, by one search that keeps k labels a node."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from care_map.network.costs import EdgeCosts
from care_map.network.snap import Points, Snapped, access_limit_m, at_edge_ends, barrier_grid
from care_map.routing.direct import direct_pairs
from care_map.routing.heap import pop, push
from care_map.routing.nearest import Direction, TravelModel
from care_map.routing.search import Arcs, arcs_towards

__all__ = ["KNearest", "k_nearest"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class KNearest:
    """Times to the nearest facilities, the nearest first.

    Parameters
    ----------
    seconds
        ``(n_origins, k)`` time, inf where fewer can be reached.
    facility
        ``(n_origins, k)`` row of the facility, -1 where fewer can be reached.
    """

    seconds: Floats
    facility: Ints


def k_nearest(
    model: TravelModel,
    origins: Points,
    facilities: Points,
    *,
    k: int,
    direction: Direction = "to",
) -> KNearest:
    """Return the k nearest facilities of each origin by the point-time function.

    Parameters
    ----------
    model
        Network as a profile travels it; not one that goes straight.
    origins, facilities
        Points in the network's CRS.
    k
        How many, at least 1.
    direction
        ``"to"`` the facility or ``"from"`` it.

    Returns
    -------
    KNearest
    """
    costs = model.directed(direction)
    start, goal = model.snap(origins), model.snap(facilities)
    labels = _labels(costs, goal, k)
    seconds, facility = np.full((len(origins), k), np.inf), np.full((len(origins), k), -1, np.int64)
    _read_labels(_starts(costs, start), _goals(costs, goal), labels, seconds, facility)
    walked, door, length_m = direct_pairs(
        origins,
        facilities,
        origin_limit_m=access_limit_m(origins, model.limits),
        facility_limit_m=access_limit_m(facilities, model.limits),
        barriers=costs.network.barriers,
        walls=barrier_grid(costs.network),
    )
    _walk_in(walked, door, length_m / model.profile.walk_speed_mps, seconds, facility)
    return KNearest(seconds, facility)


class _Starts(NamedTuple):
    edge: Ints
    leg_s: Floats
    forward_s: Floats
    rest_s: Floats
    backward_s: Floats
    ahead: Bools
    back: Bools
    edge_from: Ints
    edge_to: Ints
    forward_ok: Bools
    backward_ok: Bools


class _Goals(NamedTuple):
    by_edge: Ints
    row: Ints
    forward_s: Floats
    backward_s: Floats
    spent_s: Floats


class _Labels(NamedTuple):
    known: Ints
    seconds: Floats
    facility: Ints


def _starts(costs: EdgeCosts, start: Snapped) -> _Starts:
    network = costs.network
    at_start, at_end = at_edge_ends(network, start)
    forward_s = start.along_s(costs.forward_s)
    known = network.n_edges > 0
    return _Starts(
        edge=start.edge,
        leg_s=start.leg_m / costs.profile.walk_speed_mps,
        forward_s=forward_s,
        rest_s=costs.total_forward_s[start.edge] - forward_s if known else forward_s,
        backward_s=start.along_s(costs.backward_s),
        ahead=costs.forward_ok[start.edge] | at_end if known else at_end,
        back=costs.backward_ok[start.edge] | at_start if known else at_start,
        edge_from=network.edge_from,
        edge_to=network.edge_to,
        forward_ok=costs.forward_ok,
        backward_ok=costs.backward_ok,
    )


def _goals(costs: EdgeCosts, goal: Snapped) -> _Goals:
    row = np.flatnonzero(goal.edge >= 0)
    row = row[np.argsort(goal.edge[row], kind="stable")]
    at = goal.take(row)
    return _Goals(
        by_edge=np.searchsorted(at.edge, np.arange(costs.network.n_edges + 1)).astype(np.int64),
        row=row,
        forward_s=at.along_s(costs.forward_s),
        backward_s=at.along_s(costs.backward_s),
        spent_s=at.leg_m / costs.profile.walk_speed_mps + costs.profile.overhead_s,
    )


def _labels(costs: EdgeCosts, goal: Snapped, k: int) -> _Labels:
    network = costs.network
    row = np.flatnonzero(goal.edge >= 0)
    at = goal.take(row)
    at_start, at_end = at_edge_ends(network, at)
    spent_s = at.leg_m / costs.profile.walk_speed_mps + costs.profile.overhead_s
    ahead, back = costs.forward_ok[at.edge] | at_start, costs.backward_ok[at.edge] | at_end
    rest_s = costs.total_backward_s[at.edge] - at.along_s(costs.backward_s)
    node = np.concatenate([network.edge_from[at.edge][ahead], network.edge_to[at.edge][back]])
    seconds = np.concatenate(
        [(spent_s + at.along_s(costs.forward_s))[ahead], (spent_s + rest_s)[back]]
    )
    return _Labels(
        *_settle(arcs_towards(costs), node, seconds, np.concatenate([row[ahead], row[back]]), k)
    )


@njit(cache=True, nogil=True)
def _settle(
    arcs: Arcs, seed_node: Ints, seed_s: Floats, seed_label: Ints, k: int
) -> tuple[Ints, Floats, Ints]:
    """Let each node keep the k facilities that reach it first, each facility once."""
    n_nodes = len(arcs.offset) - 1
    count = np.zeros(n_nodes, np.int64)
    node_s, label = np.full((n_nodes, k), np.inf), np.full((n_nodes, k), -1, np.int64)
    n_labels = 1 if len(seed_label) == 0 else seed_label.max() + 1
    capacity = max(1024, 2 * len(seed_node))
    heap_s, heap = np.empty(capacity), np.empty(capacity, np.int64)
    size = 0
    for i in range(len(seed_node)):
        push(heap_s, heap, size, seed_s[i], seed_node[i] * n_labels + seed_label[i])
        size += 1
    while size > 0:
        s, entry = heap_s[0], heap[0]
        size -= 1
        pop(heap_s, heap, size)
        node, which = entry // n_labels, entry % n_labels
        if not _keep(count, node_s, label, node, s, which):
            continue
        for j in range(arcs.offset[node], arcs.offset[node + 1]):
            other = arcs.node[j]
            if count[other] == k:
                continue
            if size == len(heap):
                heap_s = np.concatenate((heap_s, np.empty_like(heap_s)))
                heap = np.concatenate((heap, np.empty_like(heap)))
            push(heap_s, heap, size, s + arcs.seconds[j], other * n_labels + which)
            size += 1
    return count, node_s, label


@njit(cache=True, nogil=True)
def _keep(count: Ints, node_s: Floats, label: Ints, node: int, s: float, which: int) -> bool:
    """Write a facility to a node that has room and does not know it yet."""
    n = count[node]
    if n == node_s.shape[1]:
        return False
    for j in range(n):
        if label[node, j] == which:
            return False
    node_s[node, n], label[node, n] = s, which
    count[node] = n + 1
    return True


@njit(cache=True, nogil=True)
def _insert(seconds: Floats, facility: Ints, s: float, which: int) -> None:
    """Insert into one origin's sorted list; a facility stands once, with its best time."""
    k = len(seconds)
    place = k
    for j in range(k):
        if facility[j] == which:
            if s >= seconds[j]:
                return
            place = j
            break
    if place == k:
        if s >= seconds[k - 1]:
            return
        place = k - 1
    while place > 0 and seconds[place - 1] > s:
        seconds[place], facility[place] = seconds[place - 1], facility[place - 1]
        place -= 1
    seconds[place], facility[place] = s, which


@njit(cache=True, nogil=True)
def _read_labels(
    start: _Starts, goals: _Goals, labels: _Labels, seconds: Floats, facility: Ints
) -> None:
    for i in range(len(start.edge)):
        e = start.edge[i]
        if e < 0:
            continue
        if start.ahead[i]:
            node = start.edge_to[e]
            for j in range(labels.known[node]):
                s = start.leg_s[i] + start.rest_s[i] + labels.seconds[node, j]
                _insert(seconds[i], facility[i], s, labels.facility[node, j])
        if start.back[i]:
            node = start.edge_from[e]
            for j in range(labels.known[node]):
                s = start.leg_s[i] + start.backward_s[i] + labels.seconds[node, j]
                _insert(seconds[i], facility[i], s, labels.facility[node, j])
        for j in range(goals.by_edge[e], goals.by_edge[e + 1]):
            ahead = goals.forward_s[j] - start.forward_s[i]
            back = start.backward_s[i] - goals.backward_s[j]
            spent_s = start.leg_s[i] + goals.spent_s[j]
            if ahead >= 0.0 and (start.forward_ok[e] or ahead == 0.0):
                _insert(seconds[i], facility[i], spent_s + ahead, goals.row[j])
            if back >= 0.0 and (start.backward_ok[e] or back == 0.0):
                _insert(seconds[i], facility[i], spent_s + back, goals.row[j])


@njit(cache=True, nogil=True)
def _walk_in(origin: Ints, door: Ints, direct_s: Floats, seconds: Floats, facility: Ints) -> None:
    for i in range(len(origin)):
        _insert(seconds[origin[i]], facility[origin[i]], direct_s[i], door[i])

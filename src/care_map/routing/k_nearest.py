"""The k nearest facilities of every origin, by one search that keeps k labels a node."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from care_map.network.snap import Points, Snapped, access_limit_m
from care_map.routing.direct import direct_pairs
from care_map.routing.heap import pop, push
from care_map.routing.nearest import Direction, TravelModel
from care_map.routing.pairs import best_pairs
from care_map.routing.roads import (
    Goals,
    Roads,
    along_edge,
    goals_of,
    leaving,
    roads_of,
    seeds_of,
)
from care_map.routing.search import Arcs

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
    snapped_origins: Snapped | None = None,
    snapped_facilities: Snapped | None = None,
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
    start = snapped_origins or model.snap(origins)
    goal = snapped_facilities or model.snap(facilities)
    if start.former is not None or goal.former is not None:
        return _of_places(model, (origins, start), (facilities, goal), k, direction)
    roads, goals = roads_of(costs), goals_of(costs, goal)
    seeds = seeds_of(roads, goals)
    labels = _Labels(*_settle(model.arcs(direction), seeds.node, seeds.seconds, seeds.label, k))
    seconds, facility = np.full((len(origins), k), np.inf), np.full((len(origins), k), -1, np.int64)
    _read_labels(
        roads,
        (start.edge, start.vertex, start.fraction, start.leg_m),
        model.profile.walk_speed_mps,
        goals,
        labels,
        seconds,
        facility,
    )
    walked, door, length_m = direct_pairs(
        origins,
        facilities,
        origin_limit_m=access_limit_m(origins, model.limits),
        facility_limit_m=access_limit_m(facilities, model.limits),
        barriers=model.barriers,
        walls=model.walls,
    )
    _walk_in(walked, door, length_m / model.profile.walk_speed_mps, seconds, facility)
    return KNearest(seconds, facility)


def _of_places(
    model: TravelModel,
    origins: tuple[Points, Snapped],
    facilities: tuple[Points, Snapped],
    k: int,
    direction: Direction,
) -> KNearest:
    """Search for points that may have two places on the network each, and take the better."""
    (points, start), (doors, goal) = origins, facilities
    (here, mine), (there, theirs) = start.places(), goal.places()
    found = k_nearest(
        model,
        points.take(mine),
        doors.take(theirs),
        # The nearest places may be two of each facility.
        k=k if goal.former is None else 2 * k,
        direction=direction,
        snapped_origins=here,
        snapped_facilities=there,
    )
    row, place = np.nonzero(found.facility >= 0)
    origin, facility = mine[row], theirs[found.facility[row, place]]
    pairs = best_pairs(origin, facility, found.seconds[row, place], n_origins=len(points))
    order = np.lexsort((pairs.seconds, pairs.origin))
    origin = pairs.origin[order]
    rank = np.arange(len(order)) - np.searchsorted(origin, origin)
    order, at = order[rank < k], (origin[rank < k], rank[rank < k])
    nearest = KNearest(np.full((len(points), k), np.inf), np.full((len(points), k), -1, np.int64))
    nearest.seconds[at], nearest.facility[at] = pairs.seconds[order], pairs.facility[order]
    return nearest


class _Labels(NamedTuple):
    known: Ints
    seconds: Floats
    facility: Ints


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
    roads: Roads,
    start: tuple[Ints, Ints, Floats, Floats],
    speed_mps: float,
    goals: Goals,
    labels: _Labels,
    seconds: Floats,
    facility: Ints,
) -> None:
    edge, vertex, fraction, leg_m = start
    for i in range(len(edge)):
        e = edge[i]
        if e < 0:
            continue
        leg_s = leg_m[i] / speed_mps
        forward_s, backward_s, to_end_s, to_start_s = leaving(roads, e, vertex[i], fraction[i])
        for node, to_s in ((roads.edge_to[e], to_end_s), (roads.edge_from[e], to_start_s)):
            if to_s == np.inf:
                continue
            for j in range(labels.known[node]):
                s = leg_s + to_s + labels.seconds[node, j]
                _insert(seconds[i], facility[i], s, labels.facility[node, j])
        for j in range(goals.by_edge.offset[e], goals.by_edge.offset[e + 1]):
            goal = goals.by_edge.item[j]
            along_s = along_edge(roads, e, forward_s, backward_s, goals, goal)
            if along_s < np.inf:
                _insert(seconds[i], facility[i], leg_s + along_s, goal)


@njit(cache=True, nogil=True)
def _walk_in(origin: Ints, door: Ints, direct_s: Floats, seconds: Floats, facility: Ints) -> None:
    for i in range(len(origin)):
        _insert(seconds[origin[i]], facility[origin[i]], direct_s[i], door[i])

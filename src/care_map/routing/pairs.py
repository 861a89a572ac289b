"""All (origin, facility) pairs within a cutoff: one bounded search per facility.

Memory is bounded by the answer: a search forgets what it has visited, and blocks of facilities
are handed on one after the other.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from care_map.network.costs import EdgeCosts
from care_map.network.snap import Points, Snapped, access_limit_m, at_edge_ends, barrier_grid
from care_map.routing.direct import direct_pairs, straight_pairs
from care_map.routing.heap import pop, push
from care_map.routing.nearest import Direction, TravelModel
from care_map.routing.search import Arcs, arcs_towards

__all__ = ["Pairs", "iter_pairs", "travel_pairs"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Indices = NDArray[np.int32]
Bools = NDArray[np.bool_]

_BLOCK = 64
_EPSILON_S = 1e-6


@dataclass(frozen=True, slots=True)
class Pairs:
    """Times between origins and facilities, sorted by facility and origin, each pair once.

    Parameters
    ----------
    origin, facility
        ``(n,)`` rows.
    seconds
        ``(n,)`` time.
    """

    origin: Ints
    facility: Ints
    seconds: Floats

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.origin)


def travel_pairs(
    model: TravelModel,
    origins: Points,
    facilities: Points,
    *,
    cutoff_s: float,
    direction: Direction = "to",
    snapped_origins: Snapped | None = None,
    snapped_facilities: Snapped | None = None,
) -> Pairs:
    """Return every pair within the cutoff, itself inside.

    Parameters
    ----------
    model
        Network as a profile travels it.
    origins, facilities
        Points in the network's CRS.
    cutoff_s
        Longest time in seconds.
    direction
        ``"to"`` the facility or ``"from"`` it.
    snapped_origins, snapped_facilities
        Their snaps, where they are known from an earlier search of the same ways.

    Returns
    -------
    Pairs
    """
    blocks = list(
        iter_pairs(
            model,
            origins,
            facilities,
            cutoff_s=cutoff_s,
            direction=direction,
            snapped_origins=snapped_origins,
            snapped_facilities=snapped_facilities,
        )
    )
    if not blocks:
        return Pairs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    return Pairs(
        np.concatenate([block.origin for block in blocks]),
        np.concatenate([block.facility for block in blocks]),
        np.concatenate([block.seconds for block in blocks]),
    )


def iter_pairs(
    model: TravelModel,
    origins: Points,
    facilities: Points,
    *,
    cutoff_s: float,
    direction: Direction = "to",
    snapped_origins: Snapped | None = None,
    snapped_facilities: Snapped | None = None,
) -> Iterator[Pairs]:
    """Yield the pairs of one block of facilities after the other, as :func:`travel_pairs`."""
    if model.costs is None:
        yield from _straight_blocks(model, origins, facilities, cutoff_s)
        return
    costs = model.directed(direction)
    start = snapped_origins or model.snap(origins)
    goal = snapped_facilities or model.snap(facilities)
    task = _task(costs, start, goal, cutoff_s)
    walker, door, length_m = direct_pairs(
        origins,
        facilities,
        origin_limit_m=access_limit_m(origins, model.limits),
        facility_limit_m=access_limit_m(facilities, model.limits),
        barriers=costs.network.barriers,
        walls=barrier_grid(costs.network),
    )
    direct_s = length_m / model.profile.walk_speed_mps

    def block(first: int) -> Pairs:
        rows = np.arange(first, min(first + _BLOCK, len(facilities)))
        found = _search_block(task, rows)
        # Straight walks come in the order of facilities.
        walks = slice(*np.searchsorted(door, [first, first + _BLOCK]))
        near = direct_s[walks] <= cutoff_s + _EPSILON_S
        return _best(
            np.concatenate([found[0], walker[walks][near]]),
            np.concatenate([found[1], door[walks][near]]),
            np.concatenate([found[2], direct_s[walks][near]]),
            n_origins=len(origins),
        )

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(block, range(0, len(facilities), _BLOCK))


class _Task(NamedTuple):
    """All that a block of searches reads, as one argument of the kernels."""

    arcs: Arcs
    cutoff_s: float
    edge_from: Ints
    edge_to: Ints
    forward_ok: Bools
    backward_ok: Bools
    node_edge_offset: Ints
    node_edge: Ints
    by_edge: Ints
    origin: Ints
    leg_s: Floats
    forward_s: Floats
    backward_s: Floats
    rest_s: Floats
    leaves_ahead: Bools
    leaves_back: Bools
    goal_edge: Ints
    goal_forward_s: Floats
    goal_backward_s: Floats
    goal_rest_s: Floats
    goal_spent_s: Floats
    goal_ahead: Bools
    goal_back: Bools


def _task(costs: EdgeCosts, start: Snapped, goal: Snapped, cutoff_s: float) -> _Task:
    network, speed_mps = costs.network, costs.profile.walk_speed_mps
    origin = np.flatnonzero(start.edge >= 0)
    origin = origin[np.argsort(start.edge[origin], kind="stable")]
    at = start.take(origin)
    at_start, at_end = at_edge_ends(network, at)
    goal_start, goal_end = at_edge_ends(network, goal)
    by_edge = np.searchsorted(at.edge, np.arange(network.n_edges + 1)).astype(np.int64)
    lived = np.flatnonzero(np.diff(by_edge))
    ends = np.concatenate([network.edge_from[lived], network.edge_to[lived]])
    order = np.argsort(ends, kind="stable")
    count = np.bincount(ends, minlength=network.n_nodes)
    forward_s, goal_backward_s = at.along_s(costs.forward_s), goal.along_s(costs.backward_s)
    return _Task(
        arcs=arcs_towards(costs),
        cutoff_s=cutoff_s + _EPSILON_S,
        edge_from=network.edge_from,
        edge_to=network.edge_to,
        forward_ok=costs.forward_ok,
        backward_ok=costs.backward_ok,
        node_edge_offset=np.concatenate([[0], np.cumsum(count)]).astype(np.int64),
        node_edge=np.concatenate([lived, lived])[order],
        by_edge=by_edge,
        origin=origin,
        leg_s=at.leg_m / speed_mps,
        forward_s=forward_s,
        backward_s=at.along_s(costs.backward_s),
        rest_s=costs.total_forward_s[at.edge] - forward_s,
        leaves_ahead=costs.forward_ok[at.edge] | at_end,
        leaves_back=costs.backward_ok[at.edge] | at_start,
        goal_edge=goal.edge,
        goal_forward_s=goal.along_s(costs.forward_s),
        goal_backward_s=goal_backward_s,
        goal_rest_s=costs.total_backward_s[goal.edge] - goal_backward_s,
        goal_spent_s=goal.leg_m / speed_mps + costs.profile.overhead_s,
        goal_ahead=costs.forward_ok[goal.edge] | goal_start,
        goal_back=costs.backward_ok[goal.edge] | goal_end,
    )


def _straight_blocks(
    model: TravelModel, origins: Points, facilities: Points, cutoff_s: float
) -> Iterator[Pairs]:
    pace = model.profile.detour_factor / model.profile.walk_speed_mps
    for first in range(0, len(facilities), _BLOCK):
        rows = np.arange(first, min(first + _BLOCK, len(facilities)))
        reach_m = (cutoff_s + _EPSILON_S) / pace
        origin, facility, length_m = straight_pairs(origins, facilities.take(rows), reach_m)
        yield _best(origin, rows[facility], length_m * pace, n_origins=len(origins))


def _best(origin: Ints, facility: Ints, seconds: Floats, *, n_origins: int) -> Pairs:
    """Return each pair once, with its shortest time."""
    key = facility * max(n_origins, 1) + origin
    order = np.lexsort((seconds, key))
    key = key[order]
    first = order[np.concatenate([[True], key[1:] != key[:-1]])] if len(key) else order
    return Pairs(origin[first], facility[first], seconds[first])


@njit(cache=True, nogil=True)
def _search_block(task: _Task, rows: Ints) -> tuple[Ints, Ints, Floats]:
    """Search from each facility of a block and collect the origins on the edges it reaches."""
    n_nodes = len(task.arcs.offset) - 1
    node_s, touched = np.full(n_nodes, np.inf), np.empty(n_nodes, np.int64)
    # Each arc is pushed at most once a search, and each end of the facility's edge.
    capacity = len(task.arcs.node) + 2
    heap_s, heap = np.empty(capacity), np.empty(capacity, np.int32)
    stamp = np.full(len(task.edge_from), -1, np.int64)
    origin, facility = np.empty(1024, np.int64), np.empty(1024, np.int64)
    seconds = np.empty(1024)
    size = 0
    for row in rows:
        own = task.goal_edge[row]
        if own < 0:
            continue
        n_touched = _grow(task, row, node_s, heap_s, heap, touched)
        for k in range(-1, n_touched):
            # The facility's own edge may have no end within the cutoff.
            first, last = (0, 1) if k < 0 else _edges_at(task, touched[k])
            for j in range(first, last):
                edge = own if k < 0 else task.node_edge[j]
                if stamp[edge] == row:
                    continue
                stamp[edge] = row
                for i in range(task.by_edge[edge], task.by_edge[edge + 1]):
                    s = _from_origin(task, i, edge, row, node_s)
                    if s > task.cutoff_s:
                        continue
                    if size == len(origin):
                        origin = np.concatenate((origin, np.empty_like(origin)))
                        facility = np.concatenate((facility, np.empty_like(facility)))
                        seconds = np.concatenate((seconds, np.empty_like(seconds)))
                    origin[size], facility[size], seconds[size] = task.origin[i], row, s
                    size += 1
        for k in range(n_touched):
            node_s[touched[k]] = np.inf
    return origin[:size], facility[:size], seconds[:size]


@njit(cache=True, nogil=True)
def _edges_at(task: _Task, node: int) -> tuple[int, int]:
    return task.node_edge_offset[node], task.node_edge_offset[node + 1]


@njit(cache=True, nogil=True)
def _from_origin(task: _Task, i: int, edge: int, row: int, node_s: Floats) -> float:
    """Return the time of one origin: by either end of its edge, or along the edge itself."""
    best = np.inf
    if task.leaves_ahead[i]:
        best = task.rest_s[i] + node_s[task.edge_to[edge]]
    if task.leaves_back[i]:
        best = min(best, task.backward_s[i] + node_s[task.edge_from[edge]])
    if task.goal_edge[row] == edge:
        ahead = task.goal_forward_s[row] - task.forward_s[i]
        back = task.backward_s[i] - task.goal_backward_s[row]
        if ahead >= 0.0 and (task.forward_ok[edge] or ahead == 0.0):
            best = min(best, ahead + task.goal_spent_s[row])
        if back >= 0.0 and (task.backward_ok[edge] or back == 0.0):
            best = min(best, back + task.goal_spent_s[row])
    return float(best + task.leg_s[i])


@njit(cache=True, nogil=True)
def _grow(
    task: _Task, row: int, node_s: Floats, heap_s: Floats, heap: Indices, touched: Ints
) -> int:
    """Dijkstra from one facility within the cutoff; return how many nodes it touched."""
    size = n_touched = 0
    edge = task.goal_edge[row]
    for side in range(2):
        if side == 0:
            allowed, node = task.goal_ahead[row], task.edge_from[edge]
            s = task.goal_spent_s[row] + task.goal_forward_s[row]
        else:
            allowed, node = task.goal_back[row], task.edge_to[edge]
            s = task.goal_spent_s[row] + task.goal_rest_s[row]
        if allowed and s <= task.cutoff_s and s < node_s[node]:
            if node_s[node] == np.inf:
                touched[n_touched] = node
                n_touched += 1
            node_s[node] = s
            push(heap_s, heap, size, s, node)
            size += 1
    arcs = task.arcs
    while size > 0:
        here_s, here = heap_s[0], heap[0]
        size -= 1
        pop(heap_s, heap, size)
        if here_s > node_s[here]:
            continue
        for k in range(arcs.offset[here], arcs.offset[here + 1]):
            other, s = arcs.node[k], here_s + arcs.seconds[k]
            if s <= task.cutoff_s and s < node_s[other]:
                if node_s[other] == np.inf:
                    touched[n_touched] = other
                    n_touched += 1
                node_s[other] = s
                push(heap_s, heap, size, s, other)
                size += 1
    return n_touched

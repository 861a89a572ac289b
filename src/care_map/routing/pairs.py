"""All (origin, facility) pairs within a cutoff: one bounded search per facility.

Memory is bounded by the answer: a search forgets only what it has visited, and blocks of
facilities are handed on one after the other, few of them ahead of who asks. Where the searches
reach most of the network, several facilities are swept over it together instead.
"""

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from care_map.network.grid import Grid, leg_is_blocked, point_grid
from care_map.network.snap import Points, Snapped, access_limit_m
from care_map.routing.direct import straight_pairs
from care_map.routing.heap import pop, push
from care_map.routing.homes import Homes, homes_of
from care_map.routing.nearest import Direction, TravelModel
from care_map.routing.roads import Goals, Roads, along_edge, goals_of, roads_of
from care_map.routing.search import Arcs
from care_map.routing.sweep import LANES, Order, no_order, sweep, sweep_order

__all__ = ["Pairs", "best_pairs", "iter_pairs", "travel_pairs"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Indices = NDArray[np.int32]

_BLOCK = 64
_ROOM = 8192
_EPSILON_S = 1e-6
_AHEAD = 2
"""Blocks a core may be ahead of who takes them."""
_SORTED = 16
"""Sorting a share of this pays; more is quicker found by looking at all."""
_LEAST_SWEPT = 32
"""Facilities from which on it pays to put the nodes of a network in order first."""
_MOST_NODES = 500_000
"""Nodes up to which a far search reaches most of a network."""


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
    far: bool = False,
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
    far
        Whether the cutoff is known to reach most of the network from each of many facilities:
        the answer is the same, to the last bits of a sum, and comes sooner.

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
            far=far,
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
    far: bool = False,
) -> Iterator[Pairs]:
    """Yield the pairs of one block of facilities after the other, as :func:`travel_pairs`."""
    if model.costs is None:
        yield from _straight_blocks(model, origins, facilities, cutoff_s)
        return
    if not len(origins) or not len(facilities):
        return
    start = snapped_origins or model.snap(origins)
    goal = snapped_facilities or model.snap(facilities)
    if start.former is not None or goal.former is not None:
        (here, mine), (there, theirs) = start.places(), goal.places()
        found = travel_pairs(
            model,
            origins.take(mine),
            facilities.take(theirs),
            cutoff_s=cutoff_s,
            direction=direction,
            snapped_origins=here,
            snapped_facilities=there,
            far=far,
        )
        origin, facility = mine[found.origin], theirs[found.facility]
        yield best_pairs(origin, facility, found.seconds, n_origins=len(origins))
        return
    costs = model.directed(direction)
    arcs = model.arcs(direction)
    swept = far and len(facilities) >= _LEAST_SWEPT and len(arcs.offset) <= _MOST_NODES
    with ThreadPoolExecutor(1) as pool:
        walks = pool.submit(_walks, model, origins, facilities)
        homes = homes_of(costs, start, goal)
    task = _Task(
        arcs=arcs,
        order=model.kept(f"order_{direction}", partial(sweep_order, arcs)) if swept else no_order(),
        busy=np.flatnonzero(np.diff(homes.at_node.offset)) if swept else np.empty(0, np.int64),
        cutoff_s=cutoff_s + _EPSILON_S,
        roads=roads_of(costs),
        goals=goals_of(costs, goal),
        homes=homes,
        walks=walks.result(),
    )
    yield from _in_blocks(task)


class _Walks(NamedTuple):
    """What straight walks are judged by; origins stand in the order of the grid."""

    grid: Grid
    x: Floats
    y: Floats
    limit_m: Floats
    door_x: Floats
    door_y: Floats
    door_limit_m: Floats
    barriers: Floats
    walls: Grid
    speed_mps: float


class _Task(NamedTuple):
    """All that a block of searches reads, as one argument of the kernels."""

    arcs: Arcs
    order: Order
    busy: Ints
    cutoff_s: float
    roads: Roads
    goals: Goals
    homes: Homes
    walks: _Walks


class _Scratch(NamedTuple):
    """What one thread writes in; as each search found it, so it leaves it."""

    node_s: Floats
    touched: Ints
    table_s: Floats
    busy_s: Floats
    heap_s: Floats
    heap: Indices
    origin_s: Floats
    reached: Ints


def _in_blocks(task: _Task) -> Iterator[Pairs]:
    """Search on all cores; yield blocks in order."""
    n_facilities, cores = len(task.goals.edge), os.cpu_count() or 1
    free: SimpleQueue[_Scratch] = SimpleQueue()
    for _ in range(min(cores, n_facilities)):
        free.put(_scratch(task))

    def block(first: int) -> Pairs:
        scratch = free.get()
        found = _search_block(task, first, min(first + _BLOCK, n_facilities), scratch)
        free.put(scratch)
        return Pairs(*found)

    waiting: deque[Future[Pairs]] = deque()
    with ThreadPoolExecutor(cores) as pool:
        for first in range(0, n_facilities, _BLOCK):
            waiting.append(pool.submit(block, first))
            if len(waiting) > _AHEAD * cores:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _scratch(task: _Task) -> _Scratch:
    n_nodes = len(task.arcs.offset) - 1
    # Each arc is pushed at most once a search, and each end of the facility's edge.
    capacity = len(task.arcs.node) + 2
    return _Scratch(
        node_s=np.full(n_nodes, np.inf),
        touched=np.empty(n_nodes, np.int64),
        table_s=np.empty((len(task.order.rank), LANES)),
        busy_s=np.empty((LANES, len(task.busy))),
        heap_s=np.empty(capacity),
        heap=np.empty(capacity, np.int32),
        origin_s=np.full(len(task.homes.leg_s), np.inf),
        reached=np.empty(len(task.homes.leg_s), np.int64),
    )


def _walks(model: TravelModel, origins: Points, facilities: Points) -> _Walks:
    limit_m = access_limit_m(origins, model.limits)
    door_limit_m = access_limit_m(facilities, model.limits)
    reach_m = min(float(limit_m.max()), float(door_limit_m.max()))
    grid = point_grid(origins.x, origins.y, cell_m=max(reach_m / 2, 1.0))
    return _Walks(
        grid=grid,
        x=origins.x[grid.item],
        y=origins.y[grid.item],
        limit_m=limit_m[grid.item],
        door_x=facilities.x,
        door_y=facilities.y,
        door_limit_m=np.minimum(door_limit_m, reach_m),
        barriers=model.barriers,
        walls=model.walls,
        speed_mps=model.profile.walk_speed_mps,
    )


def _straight_blocks(
    model: TravelModel, origins: Points, facilities: Points, cutoff_s: float
) -> Iterator[Pairs]:
    pace = model.profile.detour_factor / model.profile.walk_speed_mps
    for first in range(0, len(facilities), _BLOCK):
        rows = np.arange(first, min(first + _BLOCK, len(facilities)))
        reach_m = (cutoff_s + _EPSILON_S) / pace
        origin, facility, length_m = straight_pairs(origins, facilities.take(rows), reach_m)
        yield best_pairs(origin, rows[facility], length_m * pace, n_origins=len(origins))


def best_pairs(origin: Ints, facility: Ints, seconds: Floats, *, n_origins: int) -> Pairs:
    """Return each pair once, with its shortest time.

    Parameters
    ----------
    origin, facility, seconds
        ``(n,)`` pairs, some of them more than once.
    n_origins
        How many origins there are.
    """
    key = facility * max(n_origins, 1) + origin
    order = np.lexsort((seconds, key))
    key = key[order]
    first = order[np.concatenate([[True], key[1:] != key[:-1]])] if len(key) else order
    return Pairs(origin[first], facility[first], seconds[first])


@njit(cache=True, nogil=True)
def _search_block(
    task: _Task, first: int, stop: int, scratch: _Scratch
) -> tuple[Ints, Ints, Floats]:
    """Search from each facility of a block; its origins in rising order, each with its best."""
    origin, facility = np.empty(_ROOM, np.int64), np.empty(_ROOM, np.int64)
    seconds = np.empty(_ROOM)
    size = 0
    for row in range(first, stop):
        lane = (row - first) % LANES if len(task.order.rank) else -1
        if lane == 0:
            _sweep_from(task, row, min(row + LANES, stop), scratch)
        n_reached = _reach_over_roads(task, row, lane, scratch)
        n_reached = _reach_straight(task, row, scratch, n_reached)
        while size + n_reached > len(origin):
            origin = np.concatenate((origin, np.empty_like(origin)))
            facility = np.concatenate((facility, np.empty_like(facility)))
            seconds = np.concatenate((seconds, np.empty_like(seconds)))
        for i in _in_order(scratch, n_reached):
            origin[size], facility[size], seconds[size] = i, row, scratch.origin_s[i]
            scratch.origin_s[i] = np.inf
            size += 1
    return origin[:size].copy(), facility[:size].copy(), seconds[:size].copy()


@njit(cache=True, nogil=True)
def _in_order(scratch: _Scratch, n_reached: int) -> Ints:
    """Return the origins that were reached in rising order; of many it is quicker to ask all."""
    if n_reached * _SORTED < len(scratch.origin_s):
        return np.sort(scratch.reached[:n_reached])
    return np.flatnonzero(scratch.origin_s < np.inf)


@njit(cache=True, nogil=True, inline="always")
def _note(origin_s: Floats, reached: Ints, n_reached: int, i: int, s: float) -> int:
    """Keep the best time of an origin; return how many have one."""
    if s < origin_s[i]:
        if origin_s[i] == np.inf:
            reached[n_reached] = i
            n_reached += 1
        origin_s[i] = s
    return n_reached


@njit(cache=True, nogil=True)
def _reach_over_roads(task: _Task, row: int, lane: int, scratch: _Scratch) -> int:
    """Search from one facility, or read its lane of a sweep; note the origins that it reaches."""
    homes, goals, n_reached = task.homes, task.goals, 0
    node_s, origin_s, reached = scratch.node_s, scratch.origin_s, scratch.reached
    offset, origin, extra_s = homes.at_node.offset, homes.origin, homes.extra_s
    edge = goals.edge[row]
    if edge < 0:
        return n_reached
    for k in range(_grow(task, row, scratch) if lane < 0 else _read_sweep(task, lane, scratch)):
        node = scratch.touched[k]
        here_s, node_s[node] = node_s[node], np.inf
        for j in range(offset[node], offset[node + 1]):
            s = here_s + extra_s[j]
            if s <= task.cutoff_s:
                n_reached = _note(origin_s, reached, n_reached, origin[j], s)
    for j in range(homes.on_edge.offset[edge], homes.on_edge.offset[edge + 1]):
        i = homes.on_edge.item[j]
        along_s = along_edge(task.roads, edge, homes.forward_s[i], homes.backward_s[i], goals, row)
        if along_s + homes.leg_s[i] <= task.cutoff_s:
            n_reached = _note(origin_s, reached, n_reached, i, along_s + homes.leg_s[i])
    return n_reached


@njit(cache=True, nogil=True)
def _reach_straight(task: _Task, row: int, scratch: _Scratch, n_reached: int) -> int:
    """Note the origins that are within the access limit, and it within theirs."""
    walks, origin_s, reached = task.walks, scratch.origin_s, scratch.reached
    grid, reach_m = walks.grid, walks.door_limit_m[row]
    x, y = walks.door_x[row], walks.door_y[row]
    left = max(int((x - reach_m - grid.x0) // grid.cell_m), 0)
    right = min(int((x + reach_m - grid.x0) // grid.cell_m), grid.columns - 1)
    bottom = max(int((y - reach_m - grid.y0) // grid.cell_m), 0)
    top = min(int((y + reach_m - grid.y0) // grid.cell_m), grid.rows - 1)
    for r in range(bottom, top + 1):
        for c in range(left, right + 1):
            cell = r * grid.columns + c
            for k in range(grid.offset[cell], grid.offset[cell + 1]):
                dx, dy = x - walks.x[k], y - walks.y[k]
                length_m = np.sqrt(dx * dx + dy * dy)
                if length_m > reach_m or length_m > walks.limit_m[k]:
                    continue
                i, s = grid.item[k], length_m / walks.speed_mps
                if s > task.cutoff_s or s >= origin_s[i]:
                    continue
                if not leg_is_blocked(walks.x[k], walks.y[k], x, y, walks.barriers, walks.walls):
                    n_reached = _note(origin_s, reached, n_reached, i, s)
    return n_reached


@njit(cache=True, nogil=True)
def _sweep_from(task: _Task, first: int, stop: int, scratch: _Scratch) -> None:
    """Fill in the times from a few facilities to all nodes where somebody lives."""
    table_s, rank, goals = scratch.table_s, task.order.rank, task.goals
    table_s[:] = np.inf
    for row in range(first, stop):
        edge, lane = goals.edge[row], row - first
        if edge >= 0:
            start, end = rank[task.roads.edge_from[edge]], rank[task.roads.edge_to[edge]]
            table_s[start, lane] = min(table_s[start, lane], goals.from_start_s[row])
            table_s[end, lane] = min(table_s[end, lane], goals.from_end_s[row])
    sweep(task.order, table_s)
    for i in range(len(task.busy)):
        for lane in range(stop - first):
            scratch.busy_s[lane, i] = table_s[rank[task.busy[i]], lane]


@njit(cache=True, nogil=True)
def _read_sweep(task: _Task, lane: int, scratch: _Scratch) -> int:
    """Take what a sweep found for one facility; return how many nodes are within the cutoff."""
    n_touched = 0
    for i in range(len(task.busy)):
        node, s = task.busy[i], scratch.busy_s[lane, i]
        if s <= task.cutoff_s:
            scratch.node_s[node], scratch.touched[n_touched] = s, node
            n_touched += 1
    return n_touched


@njit(cache=True, nogil=True)
def _grow(task: _Task, row: int, scratch: _Scratch) -> int:
    """Dijkstra from one facility within the cutoff; return how many nodes it touched."""
    node_s, touched, heap_s, heap = scratch.node_s, scratch.touched, scratch.heap_s, scratch.heap
    arcs, roads, goals = task.arcs, task.roads, task.goals
    size = n_touched = 0
    edge = goals.edge[row]
    for side in range(2):
        node = roads.edge_from[edge] if side == 0 else roads.edge_to[edge]
        s = goals.from_start_s[row] if side == 0 else goals.from_end_s[row]
        if s <= task.cutoff_s and s < node_s[node]:
            if node_s[node] == np.inf:
                touched[n_touched] = node
                n_touched += 1
            node_s[node] = s
            push(heap_s, heap, size, s, node)
            size += 1
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

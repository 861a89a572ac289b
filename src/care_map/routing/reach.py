"""What can be reached within a bound, found without touching the rest of the network.

A search forgets what it has visited, so that the next one starts on clean arrays.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from care_map.network.costs import EdgeCosts
from care_map.network.grid import Grid, segment_grid
from care_map.routing.heap import pop, push
from care_map.routing.nearest import Direction, TravelModel
from care_map.routing.roads import Goals, Roads, along_edge, leaving, roads_of
from care_map.routing.search import Arcs

__all__ = [
    "OWN_EDGE",
    "Scratch",
    "Town",
    "edges_in_reach",
    "forget",
    "grow",
    "scratch_of",
    "seconds_at",
    "town_of",
    "towns_of",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Indices = NDArray[np.int32]
Care = NDArray[np.uint8]

_CELL_M = 40.0
"""Side of a cell of the grid over streets: few of them are searched from a place in a town."""
_WALL_CELL_M = 60.0
OWN_EDGE = 2
"""Care: a facility stands on the edge."""
_NEVER_S = 1e18
"""Unlike infinity it can be interpolated."""


class Town(NamedTuple):
    """A network in one direction as compiled kernels read it.

    Parameters
    ----------
    segments
        ``(n, 4)`` x1, y1, x2, y2 of what the mode may use, those of large components first.
    strokes
        ``(n, 5)`` the same as x1, y1, x2 - x1, y2 - y1 and one over the square of the length.
    n_large
        How many those are.
    vertex, edge
        ``(n,)`` first vertex and edge of each segment.
    segment_offset
        ``(n_edges, 2)`` first segment of each edge and the one behind its last.
    leave_s
        ``(n, 4)`` seconds to the end of the edge from either end of the segment, and to its
        start; 1e18 where that is not allowed.
    ends
        ``(n, 2)`` nodes at the end and at the start of the segment's edge.
    care
        ``(n,)`` 0 where `leave_s` says all, 1 where it does not at the ends of the segment.
    doors
        ``(n, 4)`` vertex and edge of the lift that a point stands in at either end of the
        segment, -1 where there is none.
    streets, isles
        Segments of large components and of islands by cell; items of `isles` count from
        `n_large`.
    barriers, walls
        What legs may not cross, and its grid.
    roads, arcs
        The network's arrays and what a search from facilities follows.
    speed_mps
        Walking speed.
    """

    segments: Floats
    strokes: Floats
    n_large: int
    vertex: Ints
    edge: Ints
    segment_offset: Ints
    leave_s: Floats
    ends: Indices
    care: Care
    doors: Ints
    streets: Grid
    isles: Grid
    barriers: Floats
    walls: Grid
    roads: Roads
    arcs: Arcs
    speed_mps: float


class Scratch(NamedTuple):
    """Arrays of a search: seconds by node (inf), nodes visited, edges seen, a heap."""

    node_s: Floats
    touched: Indices
    seen: NDArray[np.bool_]
    heap_s: Floats
    heap: Indices


def town_of(model: TravelModel, direction: Direction) -> Town:
    """Return what searches and snaps of many facilities share.

    Parameters
    ----------
    model
        Network as a profile travels it.
    direction
        ``"to"`` facilities or ``"from"`` them.

    Returns
    -------
    Town
        Made once for a model and direction.
    """
    return model.kept(
        f"town {direction}", lambda: _make_town(model, direction, model.directed(direction))
    )


def towns_of(model: TravelModel, direction: Direction) -> list[Town]:
    """Return the town, and where a scenario adds roads the same for who snaps as without them.

    Parameters
    ----------
    model, direction
        As :func:`town_of`.
    """
    former = model.former_costs
    made = [town_of(model, direction)]
    return made if former is None else [*made, _make_town(model, direction, former)]


def _make_town(model: TravelModel, direction: Direction, met: EdgeCosts) -> Town:
    """Return a network whose places snap to the usable roads of `met`."""
    costs = model.directed(direction)
    network = costs.network
    edge = np.repeat(np.arange(network.n_edges), np.diff(network.edge_offset))
    inner = np.ones(len(edge), bool)
    inner[network.edge_offset[1:] - 1] = False
    usable = inner & met.usable[edge]
    large = met.large[edge]
    vertex = np.concatenate([np.flatnonzero(usable & large), np.flatnonzero(usable & ~large)])
    n_large = int(np.count_nonzero(usable & large))
    x, y = network.vertex_x, network.vertex_y
    segments = np.column_stack([x[vertex], y[vertex], x[vertex + 1], y[vertex + 1]])
    offset = np.zeros((network.n_edges, 2), np.int64)
    own = edge[vertex]
    first = np.flatnonzero(np.diff(own, prepend=-1))
    offset[own[first]] = np.column_stack([first, np.append(first, len(own))[1:]])
    doors = _doors(costs, vertex, own)
    leave_s, care = _leaving(costs, vertex, own)
    care[(doors >= 0).any(axis=1)] = 1
    return Town(
        segments=segments,
        strokes=_strokes(segments),
        n_large=n_large,
        vertex=vertex,
        edge=own,
        segment_offset=offset,
        leave_s=leave_s,
        ends=np.column_stack([network.edge_to[own], network.edge_from[own]]).astype(np.int32),
        care=care,
        doors=doors,
        streets=segment_grid(segments[:n_large], cell_m=_CELL_M),
        isles=segment_grid(segments[n_large:], cell_m=_CELL_M),
        barriers=model.barriers,
        walls=segment_grid(model.barriers, cell_m=_WALL_CELL_M),
        roads=roads_of(costs),
        arcs=model.arcs(direction),
        speed_mps=model.profile.walk_speed_mps,
    )


def _strokes(segments: Floats) -> Floats:
    step = segments[:, 2:] - segments[:, :2]
    square = (step**2).sum(axis=1)
    per_square = np.divide(1.0, square, out=np.zeros(len(square)), where=square > 0.0)
    return np.column_stack([segments[:, :2], step, per_square])


def _leaving(costs: EdgeCosts, vertex: Ints, edge: Ints) -> tuple[Floats, Care]:
    """Return the seconds to either end of the edge, and where they are not the whole truth."""
    forward_s, backward_s = costs.forward_s, costs.backward_s
    leave_s = np.column_stack(
        [
            *(costs.total_forward_s[edge] - forward_s[vertex + end] for end in (0, 1)),
            *(backward_s[vertex + end] for end in (0, 1)),
        ]
    )
    leave_s[~costs.forward_ok[edge], :2] = _NEVER_S
    leave_s[~costs.backward_ok[edge], 2:] = _NEVER_S
    # Who stands at a junction may leave by any street.
    offset = costs.network.edge_offset
    at_start = ~costs.backward_ok[edge] & (vertex == offset[edge])
    at_end = ~costs.forward_ok[edge] & (vertex + 2 == offset[edge + 1])
    return leave_s, (at_start | at_end).astype(np.uint8)


def _doors(costs: EdgeCosts, vertex: Ints, edge: Ints) -> Ints:
    """Return the lift in which a point at either end of a segment stands (see snapping)."""
    doors = np.full((len(vertex), 4), -1, np.int64)
    network, lifts = costs.network, costs.lift_edges
    if not len(lifts):
        return doors
    inward = np.full(network.n_nodes, -1, np.int64)
    inward[network.edge_to[lifts]] = lifts
    ends = (
        (network.edge_from, vertex == network.edge_offset[edge]),
        (network.edge_to, vertex + 2 == network.edge_offset[edge + 1]),
    )
    for side, (node, at_end) in enumerate(ends):
        lift = np.where(at_end, inward[node[edge]], -1)
        doors[:, 2 * side] = np.where(lift >= 0, network.edge_offset[lift], -1)
        doors[:, 2 * side + 1] = lift
    return doors


def scratch_of(town: Town, n_goals: int) -> Scratch:
    """Return clean arrays for searches from up to `n_goals` facilities at once."""
    n_nodes = len(town.arcs.offset) - 1
    # Each arc is pushed at most once: its tail settles once.
    room = len(town.arcs.node) + 2 * n_goals + 1
    return Scratch(
        np.full(n_nodes, np.inf),
        np.empty(n_nodes, np.int32),
        np.zeros(len(town.segment_offset), bool),
        np.empty(room),
        np.empty(room, np.int32),
    )


@njit(cache=True, nogil=True)
def _visit(scratch: Scratch, node: int, s: float, n_touched: int, size: int) -> tuple[int, int]:
    """Note a time at a node if it is the best so far; return the new numbers."""
    if s < scratch.node_s[node]:
        if scratch.node_s[node] == np.inf:
            scratch.touched[n_touched] = node
            n_touched += 1
        scratch.node_s[node] = s
        push(scratch.heap_s, scratch.heap, size, s, node)
        size += 1
    return n_touched, size


@njit(cache=True, nogil=True)
def grow(town: Town, goals: Goals, first: int, stop: int, cutoff_s: float, scratch: Scratch) -> int:
    """Search from goals `first` to `stop`; return how many nodes were visited."""
    node_s, heap_s, heap = scratch.node_s, scratch.heap_s, scratch.heap
    arcs, roads = town.arcs, town.roads
    n_touched = size = 0
    for k in range(first, stop):
        edge = goals.edge[k]
        for side in range(2 if edge >= 0 else 0):
            node = roads.edge_from[edge] if side == 0 else roads.edge_to[edge]
            s = goals.from_start_s[k] if side == 0 else goals.from_end_s[k]
            if s <= cutoff_s:
                n_touched, size = _visit(scratch, node, s, n_touched, size)
    while size > 0:
        here_s, here = heap_s[0], heap[0]
        size -= 1
        pop(heap_s, heap, size)
        if here_s > node_s[here]:
            continue
        for k in range(arcs.offset[here], arcs.offset[here + 1]):
            other, s = arcs.node[k], here_s + arcs.seconds[k]
            if s <= cutoff_s:
                n_touched, size = _visit(scratch, other, s, n_touched, size)
    return n_touched


@njit(cache=True, nogil=True)
def forget(scratch: Scratch, n_touched: int) -> None:
    """Make the arrays clean again."""
    for k in range(n_touched):
        scratch.node_s[scratch.touched[k]] = np.inf


@njit(cache=True, nogil=True)
def edges_in_reach(
    town: Town, goals: Goals, first: int, stop: int, scratch: Scratch, n_touched: int
) -> Ints:
    """Return the edges of which some part may be in reach, each once."""
    arcs, seen = town.arcs, scratch.seen
    size = stop - first
    for k in range(n_touched):
        node = scratch.touched[k]
        size += arcs.offset[node + 1] - arcs.offset[node]
    edges = np.empty(size, np.int64)
    size = 0
    for k in range(first, stop):
        edge = goals.edge[k]
        if edge >= 0 and not seen[edge]:
            seen[edge] = True
            edges[size] = edge
            size += 1
    for k in range(n_touched):
        node = scratch.touched[k]
        for j in range(arcs.offset[node], arcs.offset[node + 1]):
            edge = arcs.edge[j]
            if not seen[edge]:
                seen[edge] = True
                edges[size] = edge
                size += 1
    seen[edges[:size]] = False
    return edges[:size]


@njit(cache=True, nogil=True)
def quick_s(leave_s: Floats, ends: Indices, node_s: Floats, s: int, t: float) -> float:
    """Return the seconds from a place on a segment that needs no care by the ends of its edge."""
    to_end_s = leave_s[s, 0] + t * (leave_s[s, 1] - leave_s[s, 0])
    to_start_s = leave_s[s, 2] + t * (leave_s[s, 3] - leave_s[s, 2])
    return float(min(to_end_s + node_s[ends[s, 0]], to_start_s + node_s[ends[s, 1]]))


@njit(cache=True, nogil=True)
def seconds_at(
    town: Town, node_s: Floats, goals: Goals, only: int, segment: int, fraction: float
) -> float:
    """Return the seconds over the roads from a place on a segment, its own leg not counted.

    `only` is the goal that counts where it lies on the same edge, -1 for all.
    """
    roads = town.roads
    edge, vertex = town.edge[segment], town.vertex[segment]
    if fraction <= 0.0 and town.doors[segment, 0] >= 0:
        vertex, edge = town.doors[segment, 0], town.doors[segment, 1]
    elif fraction >= 1.0 and town.doors[segment, 2] >= 0:
        vertex, edge = town.doors[segment, 2], town.doors[segment, 3]
        fraction = 0.0
    forward_s, backward_s, to_end_s, to_start_s = leaving(roads, edge, vertex, fraction)
    best = min(to_end_s + node_s[roads.edge_to[edge]], to_start_s + node_s[roads.edge_from[edge]])
    by_edge = goals.by_edge
    for j in range(by_edge.offset[edge], by_edge.offset[edge + 1]):
        k = by_edge.item[j]
        if only in (-1, k):
            best = min(best, along_edge(roads, edge, forward_s, backward_s, goals, k))
    return float(best)

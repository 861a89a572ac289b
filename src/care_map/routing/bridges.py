"""Bridges: which edges are one, whose way crosses them, and the roads without one."""

from dataclasses import dataclass, replace

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from care_map.network.access import tag
from care_map.network.road_network import RoadNetwork
from care_map.network.snap import Snapped, quickest
from care_map.routing.nearest import TravelModel
from care_map.routing.roads import Goals, Roads, along_edge, goals_of, leaving, roads_of, seeds_of
from care_map.routing.search import grow_tree
from care_map.values import Direction

__all__ = ["ONE_BRIDGE_M", "Bridges", "crossed", "find_bridges", "seconds_without"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Indices = NDArray[np.int32]

_EPSILON_S = 1e-6
ONE_BRIDGE_M = 30.0
"""Edges of bridges within this distance of each other are one bridge (default): two carriageways,
a footway beside them."""
_NO_BRIDGE = ("", "no", "None", "nan")
_NAMED = r"(?i)桥$|\bbridge$"


@dataclass(frozen=True, slots=True)
class Bridges:
    """The bridges of a road network.

    Parameters
    ----------
    lines
        ``(n,)`` edges that are part of one, as lines.
    group
        ``(n,)`` number of the bridge of each.
    way_id, name
        ``(n_bridges,)`` of its longest edge; the name is "" where none has one.
    x, y
        ``(n_bridges,)`` a place on it.
    """

    lines: NDArray[np.object_]
    group: Ints
    way_id: tuple[str, ...]
    name: tuple[str, ...]
    x: Floats
    y: Floats

    def of_edges(self, network: RoadNetwork) -> Ints:
        """Return the bridge of each edge of a network made of the same roads, -1 for none."""
        number = np.full(network.n_edges, -1, np.int64)
        edges = np.flatnonzero(_is_bridge(network))
        if len(edges) and len(self.group):
            tree = shapely.STRtree(self.lines)
            middles = shapely.line_interpolate_point(_lines(network, edges), 0.5, normalized=True)
            which, nearest = tree.query_nearest(middles, all_matches=False)
            number[edges[which]] = self.group[nearest]
        return number


def find_bridges(network: RoadNetwork) -> Bridges:
    """Return the bridges of a network: by their tag, or by a name that ends in bridge.

    Parameters
    ----------
    network
        The roads.
    """
    edges = np.flatnonzero(_is_bridge(network))
    lines = _lines(network, edges)
    near = shapely.STRtree(lines).query(lines, predicate="dwithin", distance=ONE_BRIDGE_M)
    graph = coo_array((np.ones(near.shape[1]), (near[0], near[1])), shape=(len(edges),) * 2)
    count, label = connected_components(graph, directed=False) if len(edges) else (0, edges)
    length_m = network.edge_length_m[edges]
    # The longest edge of each bridge stands last, and is the one that is told.
    order = np.argsort(length_m, kind="stable")
    longest = np.zeros(count, np.int64)
    longest[label[order]] = order
    ways = network.edge_way[edges]
    way_id, name = (
        tag(network.ways, key).to_numpy(dtype=object)[ways] for key in ("way_id", "name")
    )
    named = [""] * count
    for row in order:
        named[label[row]] = str(name[row]) or named[label[row]]
    middle = shapely.line_interpolate_point(lines[longest], 0.5, normalized=True)
    return Bridges(
        lines=lines,
        group=label.astype(np.int64),
        way_id=tuple(str(one) for one in way_id[longest]),
        name=tuple(named),
        x=np.asarray(shapely.get_x(middle), dtype=float),
        y=np.asarray(shapely.get_y(middle), dtype=float),
    )


def _is_bridge(network: RoadNetwork) -> Bools:
    ways = network.ways
    by_tag = ~tag(ways, "bridge").isin(_NO_BRIDGE)
    is_bridge = (by_tag | tag(ways, "name").str.contains(_NAMED)).to_numpy(dtype=bool)
    return np.asarray(is_bridge[network.edge_way], dtype=bool)


def _lines(network: RoadNetwork, edges: Ints) -> NDArray[np.object_]:
    count = np.diff(network.edge_offset)[edges]
    first = np.cumsum(count) - count
    vertex = np.arange(int(count.sum())) + np.repeat(network.edge_offset[edges] - first, count)
    places = np.column_stack([network.vertex_x[vertex], network.vertex_y[vertex]])
    which = np.repeat(np.arange(len(edges)), count)
    return np.asarray(shapely.linestrings(places, indices=which), dtype=object)


def crossed(
    model: TravelModel,
    start: Snapped,
    goal: Snapped,
    bridge: Ints,
    *,
    cutoff_s: float,
    direction: Direction,
) -> tuple[Ints, Ints]:
    """Return which bridges each origin crosses on its shortest way by road to a facility.

    Parameters
    ----------
    model
        A network as a profile travels it.
    start, goal
        Origins and facilities on it.
    bridge
        ``(n_edges,)`` number of the bridge of each edge, -1 for none.
    cutoff_s
        Ways that take longer do not count.
    direction
        ``"to"`` the facilities or ``"from"`` them.

    Returns
    -------
    Origin and bridge, one each per pair, each pair once.
    """
    costs = model.directed(direction)
    (here, whose), (there, _) = start.places(), goal.places()
    roads, goals = roads_of(costs), goals_of(costs, there)
    tree = grow_tree(model.arcs(direction), seeds_of(roads, goals), cutoff_s=cutoff_s)
    node, label, length_s = _leave(
        roads,
        goals,
        (here.edge, here.vertex, here.fraction, here.leg_m / model.profile.walk_speed_mps),
        (tree.seconds, tree.label),
    )
    inside = quickest(length_s, whose, len(start.edge))
    inside = inside[length_s[inside] <= cutoff_s + _EPSILON_S]
    goal_edge = np.append(goals.edge, -1)[label[inside]]
    origin, number = _walk_back(
        node[inside], (here.edge[inside], goal_edge), (tree.via, tree.previous), bridge
    )
    return whose[inside[origin]], number


def seconds_without(
    model: TravelModel,
    start: Snapped,
    goal: Snapped,
    closed: Bools,
    *,
    cutoff_s: float,
    direction: Direction,
) -> Floats:
    """Return the seconds by road from each origin to its nearest facility without some edges.

    Parameters
    ----------
    model
        A network as a profile travels it.
    start, goal
        Origins and facilities on it; who stands on a closed edge stays there.
    closed
        ``(n_edges,)`` which edges nobody may use.
    cutoff_s
        Longest time that matters.
    direction
        ``"to"`` the facilities or ``"from"`` them.

    Returns
    -------
    ``(n,)`` seconds, inf beyond the limit.
    """
    costs = model.directed(direction)
    costs = replace(
        costs, forward_ok=costs.forward_ok & ~closed, backward_ok=costs.backward_ok & ~closed
    )
    (here, whose), (there, _) = start.places(), goal.places()
    roads, goals = roads_of(costs), goals_of(costs, there)
    arcs = model.arcs(direction)
    arcs = arcs._replace(seconds=np.where(closed[arcs.edge], np.inf, arcs.seconds))
    tree = grow_tree(arcs, seeds_of(roads, goals), cutoff_s=cutoff_s + _EPSILON_S)
    legs = (here.edge, here.vertex, here.fraction, here.leg_m / model.profile.walk_speed_mps)
    _, _, seconds = _leave(roads, goals, legs, (tree.seconds, tree.label))
    return seconds[quickest(seconds, whose, len(start.edge))]


@njit(cache=True, nogil=True)
def _leave(
    roads: Roads,
    goals: Goals,
    start: tuple[Ints, Ints, Floats, Floats],
    tree: tuple[Floats, Indices],
) -> tuple[Ints, Ints, Floats]:
    """Return the node by which each origin leaves its edge (-1), its facility and its seconds."""
    edge, vertex, fraction, leg_s = start
    node_s, node_label = tree
    size = len(edge)
    node, label = np.full(size, -1, np.int64), np.full(size, -1, np.int64)
    seconds = np.full(size, np.inf)
    for i in range(size):
        e = edge[i]
        if e < 0:
            continue
        forward_s, backward_s, to_end_s, to_start_s = leaving(roads, e, vertex[i], fraction[i])
        best = np.inf
        for end, to_s in ((roads.edge_to[e], to_end_s), (roads.edge_from[e], to_start_s)):
            if to_s + node_s[end] < best:
                best, node[i], label[i] = to_s + node_s[end], end, node_label[end]
        for k in range(goals.by_edge.offset[e], goals.by_edge.offset[e + 1]):
            which = goals.by_edge.item[k]
            along_s = along_edge(roads, e, forward_s, backward_s, goals, which)
            if along_s < best:
                best, node[i], label[i] = along_s, -1, which
        seconds[i] = best + leg_s[i]
    return node, label, seconds


@njit(cache=True, nogil=True)
def _walk_back(
    node: Ints, ends: tuple[Ints, Ints], tree: tuple[Indices, Indices], bridge: Ints
) -> tuple[Ints, Ints]:
    """Follow each way through the tree, its own edge first and the facility's last."""
    via, previous = tree
    first, last = ends
    seen = np.full(bridge.max() + 2 if len(bridge) else 1, -1, np.int64)
    origin, number = np.empty(1024, np.int64), np.empty(1024, np.int64)
    size = 0
    for i in range(len(node)):
        here, edge = node[i], first[i]
        while True:
            which = bridge[edge] if edge >= 0 else -1
            if which >= 0 and seen[which] != i:
                seen[which] = i
                if size == len(origin):
                    origin = np.concatenate((origin, np.empty_like(origin)))
                    number = np.concatenate((number, np.empty_like(number)))
                origin[size], number[size] = i, which
                size += 1
            if here < 0:
                break
            edge = via[here]
            # The root of the tree is an end of the facility's edge.
            if edge < 0:
                edge = last[i]
            here = previous[here]
    return origin[:size], number[:size]

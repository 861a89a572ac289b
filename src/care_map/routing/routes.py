"""The fastest way between two points: time, length and line."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from care_map.network.costs import EdgeCosts
from care_map.network.snap import STATUSES, Points, Snapped, at_edge_ends
from care_map.routing.nearest import TravelModel
from care_map.routing.search import Seeds, Tree, arcs_towards, grow_tree

__all__ = ["Route", "find_route"]

Floats = NDArray[np.float64]
_SAME_PLACE_M = 1e-6
_Place = tuple[int, float]
"""An edge's vertex and the fraction of the way to the next one."""


@dataclass(frozen=True, slots=True)
class Route:
    """The fastest way from one point to another.

    Parameters
    ----------
    seconds
        Time by the point-time function, inf if there is no way.
    length_m
        Length of the line in metres, legs included; NaN if there is no way.
    geometry
        Line in the network's CRS, None if there is no way.
    snap_status
        Word of :data:`care_map.network.snap.STATUSES` of start and end.
    """

    seconds: float
    length_m: float
    geometry: shapely.LineString | None
    snap_status: tuple[str, str]

    @property
    def minutes(self) -> float:
        """Time in minutes."""
        return self.seconds / 60.0


def find_route(model: TravelModel, start: Points, goal: Points) -> Route:
    """Return the fastest way between two single points.

    Parameters
    ----------
    model
        Network as a profile travels it.
    start, goal
        One point each, in the network's CRS.

    Returns
    -------
    Route
    """
    straight = np.array([[start.x[0], start.y[0]], [goal.x[0], goal.y[0]]])
    if model.costs is None:
        result = model.nearest(start, goal)
        return _route(float(result.seconds[0]), straight, ("ok", "ok"))
    from_, to = model.snap(start), model.snap(goal)
    status = (STATUSES[from_.status[0]], STATUSES[to.status[0]])
    result = model.nearest(start, goal, snapped_origins=from_, snapped_facilities=to)
    seconds = float(result.seconds[0])
    line = _line(model.costs, from_, to, seconds) if np.isfinite(seconds) else straight
    if line is not straight:
        line = np.vstack([straight[:1], line, straight[1:]])
    return _route(seconds, line, status)


def _route(seconds: float, line: Floats, status: tuple[str, str]) -> Route:
    if not np.isfinite(seconds):
        return Route(seconds, float("nan"), None, status)
    # Edges meet in a vertex of each; a line needs it once, and two points at least.
    moves = np.hypot(*np.diff(line, axis=0).T) > _SAME_PLACE_M
    kept = line[np.append([True], moves)][: max(int(moves.sum()), 1)]
    geometry = shapely.LineString(np.vstack([kept, line[-1:]]))
    return Route(seconds, float(geometry.length), geometry, status)


def _line(costs: EdgeCosts, start: Snapped, goal: Snapped, seconds: float) -> Floats:
    """Return the coordinates along the network; none where walking straight is faster."""
    if start.edge[0] < 0 or goal.edge[0] < 0:
        return np.empty((0, 2))
    walk_s = (start.leg_m[0] + goal.leg_m[0]) / costs.profile.walk_speed_mps
    budget_s = seconds - walk_s - costs.profile.overhead_s
    best_s, line = np.inf, np.empty((0, 2))
    for along_s, candidate in (_same_edge(costs, start, goal), _over_nodes(costs, start, goal)):
        if along_s < best_s:
            best_s, line = along_s, candidate
    return line if best_s <= budget_s + 1e-6 else np.empty((0, 2))


def _same_edge(costs: EdgeCosts, start: Snapped, goal: Snapped) -> tuple[float, Floats]:
    edge = int(start.edge[0])
    if edge != goal.edge[0]:
        return np.inf, np.empty((0, 2))
    ahead_s = float((goal.along_s(costs.forward_s) - start.along_s(costs.forward_s))[0])
    back_s = float((start.along_s(costs.backward_s) - goal.along_s(costs.backward_s))[0])
    part = _part(costs, _place(start), _place(goal))
    if ahead_s >= 0 and (costs.forward_ok[edge] or ahead_s == 0):
        return ahead_s, part
    if back_s >= 0 and costs.backward_ok[edge]:
        return back_s, part
    return np.inf, np.empty((0, 2))


def _over_nodes(costs: EdgeCosts, start: Snapped, goal: Snapped) -> tuple[float, Floats]:
    network = costs.network
    edge, last = int(start.edge[0]), int(goal.edge[0])
    tree = grow_tree(arcs_towards(costs), _seeds(costs, goal))
    leave: list[tuple[float, int, int]] = []
    first_vertex, end_vertex = _ends(costs, edge)
    at_start, at_end = at_edge_ends(network, start)
    if costs.forward_ok[edge] or at_end[0]:
        rest_s = float(costs.total_forward_s[edge] - start.along_s(costs.forward_s)[0])
        node = int(network.edge_to[edge])
        leave.append((rest_s + float(tree.seconds[node]), node, end_vertex))
    if costs.backward_ok[edge] or at_start[0]:
        node = int(network.edge_from[edge])
        back_s = float(start.along_s(costs.backward_s)[0])
        leave.append((back_s + float(tree.seconds[node]), node, first_vertex))
    seconds, node, vertex = min(leave)
    if not np.isfinite(seconds):
        return np.inf, np.empty((0, 2))
    parts = [_part(costs, _place(start), (vertex, 0.0))]
    node, edges = _follow(costs, tree, node)
    parts.extend(edges)
    first, end = _ends(costs, last)
    entry = first if tree.label[node] == 0 else end
    parts.append(_part(costs, (entry, 0.0), _place(goal)))
    return seconds, np.vstack(parts)


def _seeds(costs: EdgeCosts, goal: Snapped) -> Seeds:
    """Seed both ends of the goal's edge; the label tells which end: 0 its start, 1 its end."""
    network, edge = costs.network, int(goal.edge[0])
    seeds: list[tuple[int, float, int]] = []
    at_start, at_end = at_edge_ends(network, goal)
    if costs.forward_ok[edge] or at_start[0]:
        seeds.append((int(network.edge_from[edge]), float(goal.along_s(costs.forward_s)[0]), 0))
    if costs.backward_ok[edge] or at_end[0]:
        rest_s = float(costs.total_backward_s[edge] - goal.along_s(costs.backward_s)[0])
        seeds.append((int(network.edge_to[edge]), rest_s, 1))
    node, seconds, label = zip(*seeds, strict=True)
    return Seeds(np.array(node), np.array(seconds), np.array(label))


def _follow(costs: EdgeCosts, tree: Tree, node: int) -> tuple[int, list[Floats]]:
    """Walk the tree from a node to its seed; return the seed's node and the edges' lines."""
    parts = []
    while tree.via[node] >= 0:
        edge, after = int(tree.via[node]), int(tree.previous[node])
        first, end = _ends(costs, edge)
        forward = costs.network.edge_from[edge] == node and costs.network.edge_to[edge] == after
        ends = ((first, 0.0), (end, 0.0)) if forward else ((end, 0.0), (first, 0.0))
        parts.append(_part(costs, *ends))
        node = after
    return node, parts


def _ends(costs: EdgeCosts, edge: int) -> tuple[int, int]:
    offset = costs.network.edge_offset
    return int(offset[edge]), int(offset[edge + 1] - 1)


def _place(snap: Snapped) -> _Place:
    return int(snap.vertex[0]), float(snap.fraction[0])


def _part(costs: EdgeCosts, a: _Place, b: _Place) -> Floats:
    """Return the coordinates of an edge from one place on it to another, in that order."""
    if a[0] + a[1] > b[0] + b[1]:
        return _part(costs, b, a)[::-1]
    x, y = costs.network.vertex_x, costs.network.vertex_y
    inner = np.arange(a[0] + 1, b[0] + 1)
    between = np.column_stack([x[inner], y[inner]])
    return np.vstack([_at(x, y, a), between, _at(x, y, b)])


def _at(x: Floats, y: Floats, place: _Place) -> Floats:
    vertex, t = place
    if t == 0.0:
        return np.array([[x[vertex], y[vertex]]])
    return np.array(
        [
            [
                x[vertex] + t * (x[vertex + 1] - x[vertex]),
                y[vertex] + t * (y[vertex + 1] - y[vertex]),
            ]
        ]
    )

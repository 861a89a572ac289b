"""Origins by the nodes through which they leave, as searches for all pairs read them."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from care_map.network.costs import EdgeCosts
from care_map.network.listing import Listing, list_by
from care_map.network.snap import Snapped
from care_map.routing.roads import Roads, leaving, roads_of

__all__ = ["Homes", "homes_of"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_NOTHING_S = 1e-9


class Homes(NamedTuple):
    """Origins by node, and those on the edges of facilities by edge.

    Parameters
    ----------
    at_node
        Entries by the node through which an origin leaves.
    origin, extra_s
        ``(n_entries,)`` row of the origin and its seconds to the node, leg included; in the
        order of the nodes.
    on_edge
        Origins by edge, on edges that have a facility.
    forward_s, backward_s
        ``(n,)`` seconds from the start of the edge, and back to it.
    leg_s
        ``(n,)`` seconds of the leg.
    """

    at_node: Listing
    origin: Ints
    extra_s: Floats
    on_edge: Listing
    forward_s: Floats
    backward_s: Floats
    leg_s: Floats


def homes_of(costs: EdgeCosts, start: Snapped, goal: Snapped) -> Homes:
    """List origins by the nodes through which they leave.

    Parameters
    ----------
    costs
        The network as a profile sees it.
    start, goal
        Origins and facilities on it.

    Returns
    -------
    Homes
    """
    network, size = costs.network, len(start.edge)
    node, extra_s = np.full(2 * size, -1, np.int64), np.empty(2 * size)
    forward_s, backward_s, leg_s = np.empty(size), np.empty(size), np.empty(size)
    has_goal = np.zeros(network.n_edges, bool)
    has_goal[goal.edge[goal.edge >= 0]] = True
    shared = np.full(size, -1, np.int64)
    _settle_homes(
        roads_of(costs),
        (start.edge, start.vertex, start.fraction, start.leg_m),
        costs.profile.walk_speed_mps,
        has_goal,
        (node, extra_s, shared, forward_s, backward_s, leg_s),
    )
    at_node = list_by(node, network.n_nodes)
    return Homes(
        at_node=at_node,
        # In the order in which they are read.
        origin=at_node.item % max(size, 1),
        extra_s=extra_s[at_node.item],
        on_edge=list_by(shared, network.n_edges),
        forward_s=forward_s,
        backward_s=backward_s,
        leg_s=leg_s,
    )


@njit(cache=True, nogil=True)
def _settle_homes(
    roads: Roads,
    start: tuple[Ints, Ints, Floats, Floats],
    speed_mps: float,
    has_goal: Bools,
    homes: tuple[Ints, Floats, Ints, Floats, Floats, Floats],
) -> None:
    """Write by which nodes each origin may leave: first all starts of edges, then all ends."""
    edge, vertex, fraction, leg_m = start
    node, extra_s, shared, forward_s, backward_s, leg_s = homes
    size = len(edge)
    for i in range(size):
        e = edge[i]
        if e < 0:
            continue
        last = roads.edge_offset[e + 1] - 1
        ahead, back, to_end_s, to_start_s = leaving(roads, e, vertex[i], fraction[i])
        rest_s = roads.backward_s[last] - back
        forward_s[i], backward_s[i], leg_s[i] = ahead, back, leg_m[i] / speed_mps
        if has_goal[e]:
            shared[i] = e
        # Who stands at one end of a street gains nothing by its other end.
        start_is_enough = roads.forward_ok[e] and to_start_s + ahead <= _NOTHING_S
        end_is_enough = roads.backward_ok[e] and to_end_s + rest_s <= _NOTHING_S
        if to_start_s < np.inf and (start_is_enough or not end_is_enough):
            node[i], extra_s[i] = roads.edge_from[e], leg_s[i] + to_start_s
        if to_end_s < np.inf and not start_is_enough:
            node[size + i], extra_s[size + i] = roads.edge_to[e], leg_s[i] + to_end_s

"""A network as compiled kernels read it, and what a point on an edge may do.

Searching for the nearest, for the k nearest and for all pairs stand on these few rules.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from care_map.network.costs import EdgeCosts
from care_map.network.listing import Listing, list_by
from care_map.network.snap import SAME_PLACE_M, Snapped
from care_map.routing.search import Seeds

__all__ = [
    "Goals",
    "Roads",
    "along_edge",
    "goals_of",
    "leaving",
    "roads_of",
    "seeds_of",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Roads(NamedTuple):
    """Arrays of :class:`~care_map.network.costs.EdgeCosts` and its network."""

    edge_from: Ints
    edge_to: Ints
    edge_offset: Ints
    vertex_m: Floats
    forward_s: Floats
    backward_s: Floats
    forward_ok: Bools
    backward_ok: Bools


class Goals(NamedTuple):
    """Facilities on the network.

    Parameters
    ----------
    edge
        ``(n,)`` edge, -1 if none.
    forward_s, backward_s
        ``(n,)`` seconds from the start of the edge, and back to it.
    spent_s
        ``(n,)`` leg and overhead.
    from_start_s, from_end_s
        ``(n,)`` seconds from either end of the edge to the facility, all included; inf where
        it cannot be reached from there.
    by_edge
        Facilities by edge.
    """

    edge: Ints
    forward_s: Floats
    backward_s: Floats
    spent_s: Floats
    from_start_s: Floats
    from_end_s: Floats
    by_edge: Listing


def roads_of(costs: EdgeCosts) -> Roads:
    """Return the arrays that kernels read.

    Parameters
    ----------
    costs
        The network as a profile sees it.

    Returns
    -------
    Roads
    """
    network = costs.network
    return Roads(
        network.edge_from,
        network.edge_to,
        network.edge_offset,
        network.vertex_m,
        costs.forward_s,
        costs.backward_s,
        costs.forward_ok,
        costs.backward_ok,
    )


def goals_of(costs: EdgeCosts, snapped: Snapped) -> Goals:
    """Return facilities with the seconds that it takes to come to them by their edges.

    Parameters
    ----------
    costs
        The network as a profile sees it.
    snapped
        The facilities on it.

    Returns
    -------
    Goals
    """
    profile = costs.profile
    on_edge = snapped.edge >= 0
    leg_m = np.where(on_edge, snapped.leg_m, np.inf)
    spent_s = leg_m / profile.walk_speed_mps + profile.overhead_s
    size = len(snapped.edge)
    found = Goals(
        snapped.edge,
        np.zeros(size),
        np.zeros(size),
        spent_s,
        np.full(size, np.inf),
        np.full(size, np.inf),
        list_by(snapped.edge, costs.network.n_edges),
    )
    _arrive(roads_of(costs), snapped.vertex, snapped.fraction, found)
    return found


def seeds_of(roads: Roads, goals: Goals) -> Seeds:
    """Return the ends of facilities' edges, labelled with the facilities' rows.

    Parameters
    ----------
    roads
        The network.
    goals
        Facilities on it.

    Returns
    -------
    Seeds
    """
    by_start = np.flatnonzero(np.isfinite(goals.from_start_s))
    by_end = np.flatnonzero(np.isfinite(goals.from_end_s))
    return Seeds(
        node=np.concatenate(
            [roads.edge_from[goals.edge[by_start]], roads.edge_to[goals.edge[by_end]]]
        ),
        seconds=np.concatenate([goals.from_start_s[by_start], goals.from_end_s[by_end]]),
        label=np.concatenate([by_start, by_end]),
    )


@njit(cache=True, nogil=True)
def _at(seconds: Floats, vertex: int, fraction: float) -> float:
    return float(seconds[vertex] + fraction * (seconds[vertex + 1] - seconds[vertex]))


@njit(cache=True, nogil=True)
def leaving(
    roads: Roads, edge: int, vertex: int, fraction: float
) -> tuple[float, float, float, float]:
    """Return how a point of an edge lies on it and may leave it.

    Returns
    -------
    Seconds from the start of the edge to the point, and from the point to the start, whether
    allowed or not; seconds to the end and to the start, inf where not allowed. A point at a
    junction may leave by any street: it stands at that end already.
    """
    last = roads.edge_offset[edge + 1] - 1
    forward_s = _at(roads.forward_s, vertex, fraction)
    backward_s = _at(roads.backward_s, vertex, fraction)
    along_m = _at(roads.vertex_m, vertex, fraction)
    to_end_s = to_start_s = np.inf
    if roads.forward_ok[edge] or along_m >= roads.vertex_m[last] - SAME_PLACE_M:
        to_end_s = roads.forward_s[last] - forward_s
    if roads.backward_ok[edge] or along_m <= SAME_PLACE_M:
        to_start_s = backward_s
    return forward_s, backward_s, to_end_s, to_start_s


@njit(cache=True, nogil=True)
def along_edge(
    roads: Roads, edge: int, forward_s: float, backward_s: float, goals: Goals, goal: int
) -> float:
    """Return the seconds from a point to a facility on the same edge; inf where not allowed."""
    best = np.inf
    ahead = goals.forward_s[goal] - forward_s
    back = backward_s - goals.backward_s[goal]
    if ahead >= 0.0 and (roads.forward_ok[edge] or ahead == 0.0):
        best = ahead
    if 0.0 <= back < best and (roads.backward_ok[edge] or back == 0.0):
        best = back
    return float(best + goals.spent_s[goal])


@njit(cache=True, nogil=True)
def _arrive(roads: Roads, vertex: Ints, fraction: Floats, goals: Goals) -> None:
    for i in range(len(goals.edge)):
        edge = goals.edge[i]
        if edge < 0:
            continue
        last = roads.edge_offset[edge + 1] - 1
        goals.forward_s[i] = _at(roads.forward_s, vertex[i], fraction[i])
        goals.backward_s[i] = _at(roads.backward_s, vertex[i], fraction[i])
        along_m = _at(roads.vertex_m, vertex[i], fraction[i])
        if roads.forward_ok[edge] or along_m <= SAME_PLACE_M:
            goals.from_start_s[i] = goals.spent_s[i] + goals.forward_s[i]
        if roads.backward_ok[edge] or along_m >= roads.vertex_m[last] - SAME_PLACE_M:
            rest_s = roads.backward_s[last] - goals.backward_s[i]
            goals.from_end_s[i] = goals.spent_s[i] + rest_s

"""The point-time function of DOMAIN §4: seconds from every origin to its nearest facility.

It alone decides coverage. `docs/travel-time.md` says it in full.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numba import njit
from numpy.typing import NDArray

from care_map.network.costs import EdgeCosts, cost_edges
from care_map.network.road_network import RoadNetwork
from care_map.network.snap import (
    STATUSES,
    Points,
    Snapped,
    access_limit_m,
    at_edge_ends,
    barrier_grid,
    snap_points,
)
from care_map.routing.direct import nearest_direct, nearest_straight
from care_map.routing.search import Seeds, arcs_towards, grow_tree
from care_map.values import DEFAULT_LIMITS, Limits, Profile

__all__ = ["Direction", "NearestResult", "TravelModel", "nearest_facilities", "travel_model"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

Direction = Literal["to", "from"]
_ESTIMATE_LIMIT_M = 20_000.0


@dataclass(frozen=True, slots=True)
class NearestResult:
    """Times from origins to their nearest facility.

    Parameters
    ----------
    seconds
        ``(n,)`` time, inf where no facility can be reached.
    facility
        ``(n,)`` row of the facility, -1 where none.
    snap_status
        ``(n,)`` index into :data:`care_map.network.snap.STATUSES`.
    estimate_s
        ``(n,)`` for origins beyond the access limit: time with the long leg times the detour
        factor, an estimate that decides nothing; NaN elsewhere.
    """

    seconds: Floats
    facility: Ints
    snap_status: NDArray[np.uint8]
    estimate_s: Floats


@dataclass(frozen=True, slots=True)
class TravelModel:
    """A network as one profile travels it, with the limits of the point-time function.

    Parameters
    ----------
    profile
        Who travels.
    limits
        Access limits and the length from which a component is no island.
    costs
        The network with seconds, None for a profile that goes straight.
    """

    profile: Profile
    limits: Limits
    costs: EdgeCosts | None

    def snap(self, points: Points) -> Snapped:
        """Snap points within their access limits."""
        limit_m = access_limit_m(points, self.limits)
        return snap_points(self._network_costs(), points, limit_m=limit_m)

    def nearest(
        self,
        origins: Points,
        facilities: Points,
        *,
        snapped_origins: Snapped | None = None,
        snapped_facilities: Snapped | None = None,
        estimate: bool = False,
        direction: Direction = "to",
    ) -> NearestResult:
        """Return the time from each origin to its nearest facility.

        Parameters
        ----------
        origins, facilities
            Points in the network's CRS.
        snapped_origins, snapped_facilities
            Their snaps, where they are known from an earlier search of the same mode.
        estimate
            Whether to estimate times of origins beyond the access limit.
        direction
            ``"to"`` the facility, or ``"from"`` it (delivery, visits, rescue).

        Returns
        -------
        NearestResult
        """
        if self.costs is None:
            return self._straight(origins, facilities)
        costs = self.directed(direction)
        start = snapped_origins or self.snap(origins)
        goal = snapped_facilities or self.snap(facilities)
        seconds, facility = _over_network(costs, start, goal)
        length_m, door = nearest_direct(
            origins,
            facilities,
            origin_limit_m=access_limit_m(origins, self.limits),
            facility_limit_m=access_limit_m(facilities, self.limits),
            barriers=self.costs.network.barriers,
            walls=barrier_grid(self.costs.network),
        )
        direct_s = length_m / self.profile.walk_speed_mps
        walks = direct_s < seconds
        return NearestResult(
            seconds=np.where(walks, direct_s, seconds),
            facility=np.where(walks, door, facility),
            snap_status=start.status,
            estimate_s=(
                self._estimate(costs, origins, start, goal)
                if estimate
                else np.full(len(origins), np.nan)
            ),
        )

    def _straight(self, origins: Points, facilities: Points) -> NearestResult:
        length_m, facility = nearest_straight(origins, facilities)
        return NearestResult(
            seconds=length_m * self.profile.detour_factor / self.profile.walk_speed_mps,
            facility=facility,
            snap_status=np.zeros(len(origins), np.uint8),
            estimate_s=np.full(len(origins), np.nan),
        )

    def _estimate(self, costs: EdgeCosts, origins: Points, start: Snapped, goal: Snapped) -> Floats:
        """Estimate times of origins beyond the limit: their long leg times the detour factor."""
        estimate_s = np.full(len(origins), np.nan)
        beyond = np.flatnonzero(start.status == STATUSES.index("beyond"))
        if not len(beyond):
            return estimate_s
        far = snap_points(
            costs,
            origins.take(beyond),
            limit_m=np.full(len(beyond), _ESTIMATE_LIMIT_M),
            # The detour factor stands for what is in the way.
            heed_barriers=False,
        )
        seconds, _ = _over_network(costs, far, goal)
        extra_s = far.leg_m * (self.profile.detour_factor - 1.0) / self.profile.walk_speed_mps
        known = np.isfinite(seconds)
        estimate_s[beyond[known]] = (seconds + extra_s)[known]
        return estimate_s

    def directed(self, direction: Direction) -> EdgeCosts:
        """Return the costs of travelling to facilities or from them."""
        costs = self._network_costs()
        return costs if direction == "to" else costs.reversed()

    def _network_costs(self) -> EdgeCosts:
        if self.costs is None:
            msg = f"profile {self.profile.name!r} goes straight and has no network"
            raise ValueError(msg)
        return self.costs


def travel_model(
    network: RoadNetwork | None, profile: Profile, *, limits: Limits = DEFAULT_LIMITS
) -> TravelModel:
    """Return a network as a profile travels it.

    Parameters
    ----------
    network
        The network; None for a profile of mode straight.
    profile
        Who travels.
    limits
        Access limits and island length.

    Returns
    -------
    TravelModel
    """
    if network is None or profile.mode == "straight":
        return TravelModel(profile, limits, None)
    costs = cost_edges(network, profile, min_component_m=limits.min_component_m)
    return TravelModel(profile, limits, costs)


def nearest_facilities(
    network: RoadNetwork | None,
    origins: Points,
    facilities: Points,
    profile: Profile,
    *,
    limits: Limits = DEFAULT_LIMITS,
) -> NearestResult:
    """Return the time from each origin to its nearest facility by the point-time function.

    Parameters
    ----------
    network
        The network; None for a profile of mode straight.
    origins, facilities
        Points in the network's CRS.
    profile
        Who travels.
    limits
        Access limits and island length.

    Returns
    -------
    NearestResult
    """
    return travel_model(network, profile, limits=limits).nearest(origins, facilities)


def _over_network(costs: EdgeCosts, start: Snapped, goal: Snapped) -> tuple[Floats, Ints]:
    """Return seconds, both legs and the overhead included, and the facility's row."""
    network, speed_mps = costs.network, costs.profile.walk_speed_mps
    on_network = np.flatnonzero(goal.edge >= 0)
    at = goal.take(on_network)
    goal_forward_s, goal_backward_s = at.along_s(costs.forward_s), at.along_s(costs.backward_s)
    spent_s = at.leg_m / speed_mps + costs.profile.overhead_s
    at_start, at_end = at_edge_ends(network, at)
    comes, returns = costs.forward_ok[at.edge] | at_start, costs.backward_ok[at.edge] | at_end
    rest_s = costs.total_backward_s[at.edge] - goal_backward_s
    seeds = Seeds(
        node=np.concatenate([network.edge_from[at.edge][comes], network.edge_to[at.edge][returns]]),
        seconds=np.concatenate([(spent_s + goal_forward_s)[comes], (spent_s + rest_s)[returns]]),
        label=np.concatenate([on_network[comes], on_network[returns]]),
    )
    tree = grow_tree(arcs_towards(costs), seeds)
    order = np.argsort(at.edge, kind="stable")
    seconds, facility = np.full(len(start.edge), np.inf), np.full(len(start.edge), -1, np.int64)
    if len(seeds.node) == 0:
        return seconds, facility
    at_start, at_end = at_edge_ends(network, start)
    by_edge = np.searchsorted(at.edge[order], np.arange(network.n_edges + 1))
    _read_tree(
        (start.edge, start.along_s(costs.forward_s), start.along_s(costs.backward_s)),
        (costs.forward_ok[start.edge] | at_end, costs.backward_ok[start.edge] | at_start),
        (costs.forward_ok, costs.backward_ok, costs.total_forward_s),
        (network.edge_from, network.edge_to, tree.seconds, tree.label),
        (by_edge, goal_forward_s[order], goal_backward_s[order], spent_s[order], on_network[order]),
        seconds,
        facility,
    )
    return seconds + np.where(start.edge >= 0, start.leg_m, 0.0) / speed_mps, facility


@njit(cache=True, nogil=True)
def _read_tree(
    start: tuple[Ints, Floats, Floats],
    leaves: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    edges: tuple[NDArray[np.bool_], NDArray[np.bool_], Floats],
    tree: tuple[Ints, Ints, Floats, NDArray[np.int32]],
    goals: tuple[Ints, Floats, Floats, Floats, Ints],
    seconds: Floats,
    facility: Ints,
) -> None:
    """Take the best of: leaving by either end of the own edge, and goals on the own edge."""
    edge, forward_s, backward_s = start
    leaves_ahead, leaves_back = leaves
    forward_ok, backward_ok, total_s = edges
    edge_from, edge_to, node_s, node_label = tree
    by_edge, goal_forward_s, goal_backward_s, spent_s, label = goals
    for i in range(len(edge)):
        e = edge[i]
        if e < 0:
            continue
        best, which = np.inf, -1
        if leaves_ahead[i]:
            node = edge_to[e]
            best, which = total_s[e] - forward_s[i] + node_s[node], node_label[node]
        if leaves_back[i]:
            node = edge_from[e]
            if backward_s[i] + node_s[node] < best:
                best, which = backward_s[i] + node_s[node], node_label[node]
        for k in range(by_edge[e], by_edge[e + 1]):
            ahead, back = goal_forward_s[k] - forward_s[i], backward_s[i] - goal_backward_s[k]
            if ahead >= 0.0 and (forward_ok[e] or ahead == 0.0) and ahead + spent_s[k] < best:
                best, which = ahead + spent_s[k], label[k]
            if back >= 0.0 and (backward_ok[e] or back == 0.0) and back + spent_s[k] < best:
                best, which = back + spent_s[k], label[k]
        seconds[i], facility[i] = best, which

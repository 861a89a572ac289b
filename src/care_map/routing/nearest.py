"""The point-time function of DOMAIN §4: seconds from every origin to its nearest facility.

It alone decides coverage. `docs/travel-time.md` says it in full.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, TypeVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from care_map.network.chunks import in_chunks
from care_map.network.costs import EdgeCosts, cost_edges
from care_map.network.grid import Grid
from care_map.network.road_network import RoadNetwork
from care_map.network.scenario_roads import former_costs
from care_map.network.snap import (
    STATUSES,
    Points,
    Snapped,
    access_limit_m,
    barrier_grid,
    quickest,
    snap_points,
)
from care_map.routing.direct import nearest_direct, nearest_straight
from care_map.routing.roads import (
    Goals,
    Roads,
    along_edge,
    goals_of,
    leaving,
    roads_of,
    seeds_of,
)
from care_map.routing.search import Arcs, arcs_towards, grow_tree
from care_map.values import DEFAULT_LIMITS, Direction, Limits, Profile

__all__ = ["Direction", "NearestResult", "TravelModel", "nearest_facilities", "travel_model"]

Floats = NDArray[np.float64]
Made = TypeVar("Made")
Ints = NDArray[np.int64]

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


@dataclass(frozen=True)
class TravelModel:
    """A network as one profile travels it, with the limits of the point-time function.

    What depends on the network alone is prepared once, when it is first asked for, and kept.

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

    @property
    def barriers(self) -> Floats:
        """Segments that legs may not cross, ``(n, 4)``."""
        return self._network_costs().network.barriers

    @cached_property
    def walls(self) -> Grid:
        """The barriers by cell."""
        return barrier_grid(self._network_costs().network)

    @cached_property
    def _arcs_to(self) -> Arcs:
        return arcs_towards(self.directed("to"))

    @cached_property
    def _arcs_from(self) -> Arcs:
        return arcs_towards(self.directed("from"))

    def arcs(self, direction: Direction) -> Arcs:
        """Return the arcs that a search from facilities follows."""
        return self._arcs_to if direction == "to" else self._arcs_from

    @cached_property
    def _kept(self) -> dict[str, Any]:
        return {}

    def kept(self, name: str, make: Callable[[], Made]) -> Made:
        """Return what is made of this model once, for modules that build upon it."""
        if name not in self._kept:
            self._kept[name] = make()
        made: Made = self._kept[name]
        return made

    @cached_property
    def former_costs(self) -> EdgeCosts | None:
        """The network as points met it before a scenario added roads; None where it added none."""
        return former_costs(self._network_costs(), min_component_m=self.limits.min_component_m)

    def snap(
        self, points: Points, *, limit_m: Floats | None = None, heed_barriers: bool = True
    ) -> Snapped:
        """Snap points, to where they would be without a scenario's added roads too.

        Parameters
        ----------
        points
            What to snap.
        limit_m
            ``(n,)`` longest leg, metres; their access limits without one.
        heed_barriers
            Whether a leg may cross no barrier.

        Returns
        -------
        Snapped
        """
        limit_m = access_limit_m(points, self.limits) if limit_m is None else limit_m
        snap = partial(snap_points, points=points, limit_m=limit_m, heed_barriers=heed_barriers)
        snapped = snap(self._network_costs())
        return snapped.or_at(snap(self.former_costs)) if self.former_costs else snapped

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
        arcs = self.arcs(direction)
        seconds, facility = _over_network(costs, arcs, start, goal)
        length_m, door = nearest_direct(
            origins,
            facilities,
            origin_limit_m=access_limit_m(origins, self.limits),
            facility_limit_m=access_limit_m(facilities, self.limits),
            barriers=self.barriers,
            walls=self.walls,
        )
        direct_s = length_m / self.profile.walk_speed_mps
        walks = np.flatnonzero(direct_s < seconds)
        seconds[walks], facility[walks] = direct_s[walks], door[walks]
        return NearestResult(
            seconds=seconds,
            facility=facility,
            snap_status=start.status,
            estimate_s=(
                self._estimate(costs, arcs, origins, start, goal)
                if estimate
                else np.full(len(origins), np.nan)
            ),
        )

    def over_network(self, start: Snapped, goal: Snapped, *, direction: Direction = "to") -> Floats:
        """Return the seconds from each start to its nearest goal by the network alone.

        Parameters
        ----------
        start, goal
            Where origins and goals stand; the legs of both are walked.
        direction
            As in :meth:`nearest`.

        Returns
        -------
        ``(n,)`` seconds, inf where no goal can be reached.
        """
        return _over_network(self.directed(direction), self.arcs(direction), start, goal)[0]

    def _straight(self, origins: Points, facilities: Points) -> NearestResult:
        length_m, facility = nearest_straight(origins, facilities)
        return NearestResult(
            seconds=length_m * self.profile.detour_factor / self.profile.walk_speed_mps,
            facility=facility,
            snap_status=np.zeros(len(origins), np.uint8),
            estimate_s=np.full(len(origins), np.nan),
        )

    def _estimate(
        self, costs: EdgeCosts, arcs: Arcs, origins: Points, start: Snapped, goal: Snapped
    ) -> Floats:
        """Estimate times of origins beyond the limit: their long leg times the detour factor."""
        estimate_s = np.full(len(origins), np.nan)
        beyond = np.flatnonzero(start.status == STATUSES.index("beyond"))
        if not len(beyond):
            return estimate_s
        far, whose = self.snap(
            origins.take(beyond),
            limit_m=np.full(len(beyond), _ESTIMATE_LIMIT_M),
            # The detour factor stands for what is in the way.
            heed_barriers=False,
        ).places()
        seconds, _ = _over_network(costs, arcs, far, goal)
        extra_s = far.leg_m * (self.profile.detour_factor - 1.0) / self.profile.walk_speed_mps
        whole_s = (seconds + extra_s)[quickest(seconds + extra_s, whose, len(beyond))]
        known = np.isfinite(whole_s)
        estimate_s[beyond[known]] = whole_s[known]
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


def _over_network(
    costs: EdgeCosts, arcs: Arcs, start: Snapped, goal: Snapped
) -> tuple[Floats, Ints]:
    """Return seconds, both legs and the overhead included, and the facility's row."""
    if start.former is None and goal.former is None:
        return _between_places(costs, arcs, start, goal)
    (here, mine), (there, theirs) = start.places(), goal.places()
    seconds, facility = _between_places(costs, arcs, here, there)
    best = quickest(seconds, mine, len(start.edge))
    return seconds[best], np.append(theirs, -1)[facility[best]]


def _between_places(
    costs: EdgeCosts, arcs: Arcs, start: Snapped, goal: Snapped
) -> tuple[Floats, Ints]:
    """Return the same for places of which each counts by itself."""
    seconds, facility = np.full(len(start.edge), np.inf), np.full(len(start.edge), -1, np.int64)
    roads, goals = roads_of(costs), goals_of(costs, goal)
    seeds = seeds_of(roads, goals)
    if not len(seeds.node):
        return seconds, facility
    tree = grow_tree(arcs, seeds)

    def read(part: slice) -> None:
        _read_tree(
            roads,
            (start.edge[part], start.vertex[part], start.fraction[part], start.leg_m[part]),
            costs.profile.walk_speed_mps,
            (tree.seconds, tree.label),
            goals,
            seconds[part],
            facility[part],
        )

    in_chunks(len(seconds), read)
    return seconds, facility


@njit(cache=True, nogil=True)
def _read_tree(
    roads: Roads,
    start: tuple[Ints, Ints, Floats, Floats],
    speed_mps: float,
    tree: tuple[Floats, NDArray[np.int32]],
    goals: Goals,
    seconds: Floats,
    facility: Ints,
) -> None:
    """Take the best of: leaving by either end of the own edge, and goals on the own edge."""
    edge, vertex, fraction, leg_m = start
    node_s, node_label = tree
    for i in range(len(edge)):
        e = edge[i]
        if e < 0:
            continue
        forward_s, backward_s, to_end_s, to_start_s = leaving(roads, e, vertex[i], fraction[i])
        best, which = np.inf, -1
        for node, to_s in ((roads.edge_to[e], to_end_s), (roads.edge_from[e], to_start_s)):
            if to_s + node_s[node] < best:
                best, which = to_s + node_s[node], node_label[node]
        for k in range(goals.by_edge.offset[e], goals.by_edge.offset[e + 1]):
            goal = goals.by_edge.item[k]
            along_s = along_edge(roads, e, forward_s, backward_s, goals, goal)
            if along_s < best:
                best, which = along_s, goal
        seconds[i], facility[i] = best + leg_m[i] / speed_mps, which

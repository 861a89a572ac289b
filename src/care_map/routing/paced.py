"""Times of the same trips at other walking speeds, exact and cheap.

A time is the least over all ways of (metres that are walked, slopes and stairs weighted) × pace +
seconds that are the same at any pace (a lift, an escalator, a drive). Where nothing is the same at
any pace, times are in proportion to pace. Else they are a concave function of it that never falls:
between two paces they lie above the chord, and below the lines through two neighbours.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from care_map.network.access import tag
from care_map.network.costs import EdgeCosts, cost_edges
from care_map.network.road_network import RoadNetwork
from care_map.network.snap import Snapped
from care_map.routing.nearest import TravelModel
from care_map.values import Direction

__all__ = ["Bracket", "Paced", "paced"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Paced:
    """A travel model whose walker can go at another speed.

    Parameters
    ----------
    model
        At its own speed.
    linear
        Whether all times are in proportion to pace.
    walked_forward_s, walked_backward_s
        ``(n_vertices,)`` the part of the seconds along edges that is walked, at the own speed.
    """

    model: TravelModel
    linear: bool
    walked_forward_s: Floats
    walked_backward_s: Floats

    def at(self, factor: float) -> TravelModel:
        """Return the model at `factor` times its walking speed."""
        costs = self.model.costs
        speed_mps = self.model.profile.walk_speed_mps * factor
        profile = replace(self.model.profile, walk_speed_mps=speed_mps)
        if costs is None:
            return TravelModel(profile, self.model.limits, None)
        change = 1.0 / factor - 1.0
        faster = replace(
            costs,
            profile=profile,
            forward_s=costs.forward_s + change * self.walked_forward_s,
            backward_s=costs.backward_s + change * self.walked_backward_s,
        )
        return TravelModel(profile, self.model.limits, faster)


def paced(model: TravelModel, network: RoadNetwork | None) -> Paced:
    """Return a travel model that can be asked at other walking speeds.

    Parameters
    ----------
    model
        A network as a profile travels it.
    network
        The roads that it was made of.
    """
    costs, profile = model.costs, model.profile
    if costs is None or network is None:
        return Paced(
            model, linear=True, walked_forward_s=np.empty(0), walked_backward_s=np.empty(0)
        )
    if profile.mode != "foot":
        # Only the legs are walked.
        nothing = np.zeros(len(costs.forward_s))
        return Paced(model, linear=False, walked_forward_s=nothing, walked_backward_s=nothing)
    linear = profile.overhead_s == 0.0 and not _has_rides(costs)
    if linear:
        return Paced(
            model,
            linear=True,
            walked_forward_s=costs.forward_s,
            walked_backward_s=costs.backward_s,
        )
    twice = replace(profile, walk_speed_mps=2.0 * profile.walk_speed_mps)
    fast = cost_edges(network, twice, min_component_m=model.limits.min_component_m)
    return Paced(
        model,
        linear=False,
        walked_forward_s=2.0 * (costs.forward_s - fast.forward_s),
        walked_backward_s=2.0 * (costs.backward_s - fast.backward_s),
    )


def _has_rides(costs: EdgeCosts) -> bool:
    """Tell whether there is a lift or an escalator."""
    ways = costs.network.ways
    highway = tag(ways, "highway")
    moving = (highway == "steps") & ~tag(ways, "conveying").isin(("", "no"))
    return bool(len(costs.lift_edges) or ((highway == "elevator") | moving).any())


@dataclass(frozen=True, slots=True)
class Bracket:
    """Network times of trips at a few paces, which bound those at all others.

    Parameters
    ----------
    paces
        ``(g,)`` ascending, in multiples of the profile's own; a single one where times are in
        proportion.
    seconds
        ``(g, n)``
    """

    paces: Floats
    seconds: Floats

    @classmethod
    def of(
        cls,
        travel: Paced,
        start: Snapped,
        goal: Snapped,
        *,
        paces: Floats,
        direction: Direction,
    ) -> "Bracket":
        """Search at a few paces, or once where that is enough."""
        if not len(start.edge):
            return cls(np.ones(1), np.zeros((1, 0)))
        asked = np.ones(1) if travel.linear else paces
        rows = [
            travel.at(1.0 / pace).over_network(start, goal, direction=direction)
            if pace != 1.0
            else travel.model.over_network(start, goal, direction=direction)
            for pace in asked
        ]
        return cls(asked, np.array(rows))

    def take(self, which: Ints) -> "Bracket":
        """Return the same of some trips."""
        return Bracket(self.paces, self.seconds[:, which])

    def bounds(self, pace: float) -> tuple[Floats, Floats]:
        """Return the least and the most that each time can be at a pace, ``(n,)`` each.

        Parameters
        ----------
        pace
            Within the paces that were searched; any where times are in proportion.
        """
        if len(self.paces) == 1:
            seconds = self.seconds[0] * pace
            return seconds, seconds
        known, last = self.paces, len(self.paces) - 1
        k = int(np.clip(np.searchsorted(known, pace) - 1, 0, last - 1))
        with np.errstate(invalid="ignore"):
            low = self._line(k, pace)
            high = self.seconds[k + 1].copy()
            if k > 0:
                high = np.minimum(high, self._line(k - 1, pace))
            if k + 1 < last:
                high = np.minimum(high, self._line(k + 1, pace))
        # Who reaches nothing does so at no pace.
        never = ~np.isfinite(self.seconds[k])
        return np.where(never, np.inf, low), np.where(never, np.inf, np.maximum(high, low))

    def _line(self, k: int, pace: float) -> Floats:
        """Return the line through two neighbouring searches at a pace, between or beyond them."""
        share = (pace - self.paces[k]) / (self.paces[k + 1] - self.paces[k])
        return np.asarray(self.seconds[k] + share * (self.seconds[k + 1] - self.seconds[k]))

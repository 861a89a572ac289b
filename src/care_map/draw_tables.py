"""How firm figures are: every circle over draws of walking speed, access limit and detour.

Each draw is what a search with its speed, limit and detour would find, without one: times at other
paces are known exactly or bounded (:mod:`care_map.routing.paced`), and only who is between the
bounds is searched for. The limit is that of elders; facilities keep their place. Who is on an
island stays as found: covered, or undetermined.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from care_map.accessibility.draws import Draws, Tally
from care_map.circle_search import deliverers, facility_rows, has_role
from care_map.circle_trips import Trip
from care_map.inputs.tables import Inputs
from care_map.network.road_network import RoadNetwork
from care_map.network.snap import STATUSES, Snapped, access_limit_m
from care_map.routing.direct import nearest_straight
from care_map.routing.paced import Bracket, Paced, paced
from care_map.search_points import Search
from care_map.second_chances import CircleRows, straight_s

__all__ = ["GRID", "NO", "UNKNOWN", "VARIES", "YES", "DrawnTrip", "run_draws"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Marks = NDArray[np.int8]

GRID = 3
"""Paces that are searched where times are not in proportion to pace."""
NO, UNKNOWN, YES, VARIES = 0, 1, 2, 3
"""Of who is not covered; of whom it cannot be told; of who is; of whom it depends on the draw. A
conjunction is the least of its parts, and what is enough beside it is the most."""
_EPSILON_S = 1e-6
_ROUNDING_S = 1e-7
_PAD = 1e-3
"""Beyond the paces that are drawn: they may all be the same."""
_ESTIMATE_LIMIT_M = 20_000.0
_ISLAND, _BEYOND = STATUSES.index("island"), STATUSES.index("beyond")


def run_draws(
    asked: CircleRows,
    draws: Draws,
    tally: Tally,
    *,
    search: Search,
    inputs: Inputs,
    network: RoadNetwork | None,
) -> None:
    """Count one circle over all draws.

    Parameters
    ----------
    asked
        A circle.
    draws
        Factors of each draw.
    tally
        What is counted into.
    search, inputs
        The points, and what is known of them.
    network
        The roads, None without any.
    """
    known: dict[str, Paced] = {}
    for trip in asked.trips:
        name = trip.model.profile.name
        if name not in known:
            known[name] = paced(trip.model, network)
    drawn = [DrawnTrip.of(trip, known[trip.model.profile.name], draws) for trip in asked.trips]
    marks = _fixed_marks(asked, search, inputs)
    varies = np.zeros(len(asked.access), bool)
    for one in drawn:
        always = one.always(draws)
        # Delivery stands last.
        marks[one.trip.part][one.trip.rows] = always
        varies[one.trip.rows] |= always == VARIES
    rows = np.flatnonzero(varies)
    place = np.full(len(varies), -1, np.int64)
    place[rows] = np.arange(len(rows))
    doubtful = (asked.access["reason"] == "delivery_unknown").to_numpy(dtype=bool)
    tally.settle(rows, *_joined(marks, doubtful))
    varying = [one.take(np.flatnonzero(varies[one.trip.rows])) for one in drawn]
    for number in range(len(draws)):
        now = [part[rows] for part in marks]
        for one in varying:
            now[one.trip.part][place[one.trip.rows]] = one.marks(draws, number)
        tally.add(*_joined(now, doubtful[rows]))


def _fixed_marks(asked: CircleRows, search: Search, inputs: Inputs) -> list[Marks]:
    """Return what is said, part by part and then of delivery, of who has no trip."""
    pool = facility_rows(inputs, stages=("operating",), own=True)
    size, delivery = len(asked.access), asked.circle.delivery
    setting_open = (asked.access["reason"] == "setting_unknown").to_numpy(dtype=bool)
    marks = []
    for types in asked.circle.require:
        lacks = search.lists_are_whole and not has_role(inputs, types)[pool].any()
        mark = np.full(size, NO if lacks else UNKNOWN, np.int8)
        mark[setting_open] = UNKNOWN
        marks.append(mark)
    if delivery is None:
        return [*marks, np.full(size, NO, np.int8)]
    kind = pool[has_role(inputs, delivery.types)[pool]]
    nobody = not len(deliverers(inputs, kind)) and (search.lists_are_whole or bool(len(kind)))
    return [*marks, np.full(size, NO if nobody else UNKNOWN, np.int8)]


def _joined(marks: Sequence[Marks], doubtful: Bools) -> tuple[Bools, Bools]:
    """Return who is covered and of whom it cannot be told: by every part, or by delivery."""
    *parts, delivered = marks
    least = np.minimum.reduce(parts)
    best = np.maximum(least, delivered)
    covered = best == YES
    return covered, ~covered & ((best == UNKNOWN) | doubtful)


@dataclass(frozen=True, slots=True)
class _Others:
    """Places of some rows of a trip beside their own.

    Parameters
    ----------
    rows
        ``(n,)`` whose they are.
    start, times
        Where they meet the network, and the times from there.
    """

    rows: Ints
    start: Snapped
    times: Bracket

    def take(self, place: Ints) -> "_Others":
        """Return those of the rows that have a place among others, -1 where they have none."""
        kept = np.flatnonzero(place[self.rows] >= 0)
        return _Others(place[self.rows[kept]], self.start.take(kept), self.times.take(kept))


@dataclass(frozen=True, slots=True)
class DrawnTrip:
    """A trip with all that its draws need.

    Parameters
    ----------
    trip, travel
        Who goes where, and how.
    start
        Snaps within the widest limit that is drawn.
    near
        Times from them.
    former
        Who has another place without the roads that a scenario adds.
    far
        Who is beyond some limit that is drawn, where their estimates begin.
    direct_m
        Length of the shortest walk straight to a facility, inf where there is none.
    island
        Who is on an island.
    limit_m
        Access limits before the draw.
    """

    trip: Trip
    travel: Paced
    start: Snapped
    near: Bracket
    former: _Others
    far: _Others
    direct_m: Floats
    island: Bools
    limit_m: Floats

    @classmethod
    def of(cls, trip: Trip, travel: Paced, draws: Draws) -> "DrawnTrip":
        """Search what the draws need."""
        ends = (1.0 / draws.speed.max() - _PAD, 1.0 / draws.speed.min() + _PAD)
        paces = np.linspace(*ends, GRID)
        if trip.start is None or trip.goal is None:
            return _straight(trip, travel)
        limit_m = access_limit_m(trip.origins, trip.model.limits)
        wide = _snapped_wide(trip, limit_m * float(draws.snap.max()))
        island = wide.status == _ISLAND
        narrow = np.flatnonzero((wide.leg_m > limit_m * float(draws.snap.min())) & ~island)
        places, whose = wide.places()
        far, far_whose = trip.model.snap(
            trip.origins.take(narrow),
            limit_m=np.full(len(narrow), _ESTIMATE_LIMIT_M),
            # The detour stands for what is in the way.
            heed_barriers=False,
        ).places()
        whole = places.followed_by(far)
        times = Bracket.of(travel, whole, trip.goal, paces=paces, direction=trip.direction)
        near, former, beyond = np.split(np.arange(len(whole.edge)), [len(trip.rows), len(whose)])
        return cls(
            trip=trip,
            travel=travel,
            start=places.take(near),
            near=times.take(near),
            former=_Others(whose[former], places.take(former), times.take(former)),
            far=_Others(narrow[far_whose], far, times.take(beyond)),
            direct_m=straight_s(trip, widest=float(draws.snap.max()))
            * trip.model.profile.walk_speed_mps,
            island=island,
            limit_m=limit_m,
        )

    def take(self, which: Ints) -> "DrawnTrip":
        """Return the same of some rows, which ascend."""
        straight = self.trip.start is None
        place = np.full(len(self.trip.rows), -1, np.int64)
        place[which] = np.arange(len(which))
        return replace(
            self,
            trip=self.trip.take(which),
            start=self.start.take(which),
            near=self.near if straight else self.near.take(which),
            former=self.former.take(place),
            far=self.far.take(place),
            direct_m=self.direct_m[which],
            island=self.island[which],
            limit_m=self.limit_m[which],
        )

    def always(self, draws: Draws) -> Marks:
        """Return what is so of each row in every draw, or that it varies."""
        profile, size = self.trip.model.profile, len(self.trip.rows)
        slow, fast = 1.0 / float(draws.speed.min()), 1.0 / float(draws.speed.max())
        if self.trip.start is None:
            return np.full(size, VARIES, np.int8)
        limit_s = self.trip.cutoff_s + _EPSILON_S
        plain = (self.start.leg_m <= self.limit_m * float(draws.snap.min())) | self.island
        inside = plain & (self.near.bounds(slow)[1] + _ROUNDING_S <= limit_s)
        # Who may walk straight in some draw, or has a former place, is looked at draw by draw.
        outside = plain & (self.near.bounds(fast)[0] - _ROUNDING_S > limit_s)
        outside &= self.direct_m * fast / profile.walk_speed_mps > limit_s
        outside[self.former.rows] = False
        no = np.where(self.island, UNKNOWN, NO)
        return np.where(inside, YES, np.where(outside, no, VARIES)).astype(np.int8)

    def marks(self, draws: Draws, number: int) -> Marks:
        """Return of each row whether it is covered in a draw."""
        pace = 1.0 / float(draws.speed[number])
        profile = self.trip.model.profile
        per_m = pace / profile.walk_speed_mps
        limit_s = np.full(len(self.trip.rows), self.trip.cutoff_s + _EPSILON_S)
        if self.trip.start is None:
            detour = max(profile.detour_factor * float(draws.detour[number]), 1.0)
            return np.where(self.direct_m * detour * per_m <= limit_s, YES, NO).astype(np.int8)
        limit_m = self.limit_m * float(draws.snap[number])
        walks = (self.direct_m <= limit_m) & (self.direct_m * per_m <= limit_s)
        by_road = self._inside(self.near, self.start, pace, limit_s)
        within = (self.start.leg_m <= limit_m) | self.island
        by_road &= within
        if len(self.former.rows):
            rows, start = self.former.rows, self.former.start
            near = (start.leg_m <= limit_m[rows]) | (start.status == _ISLAND)
            within[rows] |= near
            by_road[rows] |= near & self._inside(self.former.times, start, pace, limit_s[rows])
        marks = np.where(by_road, YES, np.where(self.island, UNKNOWN, NO))
        marks = np.where(within, marks, UNKNOWN).astype(np.int8)
        if len(self.far.rows):
            # The limit is what the estimate's own leg leaves.
            detour = max(profile.detour_factor * float(draws.detour[number]), 1.0)
            left_s = limit_s[self.far.rows] - self.far.start.leg_m * (detour - 1.0) * per_m
            inside = self._inside(self.far.times, self.far.start, pace, left_s)
            known = np.isfinite(self.far.times.seconds[0])
            beyond = ~within[self.far.rows]
            # Of two places the better.
            marks[self.far.rows[beyond & known]] = NO
            marks[self.far.rows[beyond & inside]] = YES
        marks[walks] = YES
        return marks

    def _inside(self, bracket: Bracket, start: Snapped, pace: float, limit_s: Floats) -> Bools:
        """Tell whose network time is within a limit at a pace; who cannot be told is searched."""
        low, high = bracket.bounds(pace)
        slack = 0.0 if self.travel.linear else _ROUNDING_S
        inside = high + slack <= limit_s
        doubt = np.flatnonzero(~inside & (low - slack <= limit_s) & np.isfinite(low))
        if len(doubt) and not self.travel.linear and self.trip.goal is not None:
            found = self.travel.at(1.0 / pace).over_network(
                start.take(doubt), self.trip.goal, direction=self.trip.direction
            )
            inside[doubt] = found <= limit_s[doubt]
        return np.asarray(inside, dtype=bool)


def _straight(trip: Trip, travel: Paced) -> DrawnTrip:
    """Return a trip that goes straight: its distance is all there is."""
    length_m, _ = nearest_straight(trip.origins, trip.facilities)
    size = len(trip.rows)
    nowhere = np.full(size, -1, np.int64)
    none = Snapped(nowhere, nowhere, np.zeros(size), length_m, np.zeros(size, np.uint8))
    empty = Bracket(np.ones(1), np.zeros((1, 0)))
    nobody = _Others(np.zeros(0, np.int64), none, empty)
    return DrawnTrip(
        trip=trip,
        travel=travel,
        start=none,
        near=empty,
        former=nobody,
        far=nobody,
        direct_m=length_m,
        island=np.zeros(size, bool),
        limit_m=np.zeros(size),
    )


def _snapped_wide(trip: Trip, limit_m: Floats) -> Snapped:
    """Return the snaps within wider limits: only who had none can have another."""
    start = trip.start
    if start is None:
        msg = "a trip that goes straight has no snaps"
        raise ValueError(msg)
    added = trip.model.former_costs is not None
    again = np.flatnonzero(added | (start.status == _BEYOND))
    if not len(again):
        return start
    wide = trip.model.snap(trip.origins.take(again), limit_m=limit_m[again])
    own = _filled(start, again, wide)
    if wide.former is None:
        return replace(own, former=start.former)
    nobody = replace(start, edge=np.full_like(start.edge, -1))
    return replace(own, former=_filled(start.former or nobody, again, wide.former))


def _filled(known: Snapped, again: Ints, found: Snapped) -> Snapped:
    """Return snaps with what was found anew of some who had none."""
    # An island that only the widest limit reaches is no place to start from.
    new = (known.edge[again] < 0) & (found.edge >= 0) & (found.status != _ISLAND)
    parts = []
    for name in ("edge", "vertex", "fraction", "leg_m", "status"):
        values = getattr(known, name).copy()
        values[again[new]] = getattr(found, name)[new]
        parts.append(values)
    return Snapped(*parts)

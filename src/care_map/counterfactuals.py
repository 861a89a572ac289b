"""Times to a circle if one thing were otherwise: level ground, no stairs, a crossing, more open.

Gaps read these columns; they never search. Each is one more search over all points of interest,
whatever their number.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import KDTree

from care_map.accessibility.coverage import unit_at_levels
from care_map.accessibility.reasons import DISTANCE, FACTORS, Factor
from care_map.circle_search import facility_rows, has_role, reach
from care_map.config import Study
from care_map.inputs.tables import Inputs
from care_map.network.road_network import RoadNetwork
from care_map.network.snap import Points, Snapped
from care_map.routing.direct import nearest_straight
from care_map.routing.nearest import TravelModel
from care_map.routing.pairs import travel_pairs
from care_map.routing.virtual_links import (
    Places,
    crossings,
    network_places,
    seconds_with_links,
)
from care_map.search_points import Search, positions
from care_map.values import KPH_PER_MPS, Circle, Profile, Variant
from care_map.vocabulary import CARE_TYPES, MEAL_TYPES, MEDICAL_TYPES

__all__ = [
    "BRISK_MPS",
    "Question",
    "changed_searches",
    "find_factors",
    "middles",
    "seconds_to_own_site",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

BRISK_MPS = 1.11
"""Walking speed of the factor ``speed``: the upper end of what GB 50180 implies (DOMAIN §4)."""
_SOON_STAGES = ("building", "finished", "accepted", "suspended")
_STAND_INS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(CARE_TYPES, CARE_TYPES),
    **dict.fromkeys(MEAL_TYPES, (*MEAL_TYPES, *CARE_TYPES)),
    **dict.fromkeys(MEDICAL_TYPES, tuple(name for name in MEDICAL_TYPES if name != "pharmacy")),
}
"""Types that could give a type's service by a contract: a station can serve meals, no pharmacy
can treat."""
_LINKS_TRIED = 16
_WALKING = ("foot", "straight")


@dataclass(frozen=True, slots=True)
class Question:
    """Rows of one circle, asked about together.

    Parameters
    ----------
    study, inputs, search
        The study, its lists and their points.
    changed
        Searches of who walks otherwise: :func:`changed_searches`.
    circle, variant
        The circle and its official reading.
    rows
        ``(n,)`` rows of the demand.
    """

    study: Study
    inputs: Inputs
    search: Search
    changed: Mapping[str, Search]
    circle: Circle
    variant: Variant
    rows: Ints

    def pool(self, *stages: str) -> Ints:
        """Return the district's own facilities at some stages."""
        return facility_rows(self.inputs, stages=stages, own=True)

    def seconds(
        self, *, pool: Ints, search: Search | None = None, circle: Circle | None = None
    ) -> tuple[Floats, Floats]:
        """Return seconds and their limit, ``(n,)`` each, by another search or pool."""
        found = reach(
            search or self.search,
            self.inputs,
            self.rows,
            circle=circle or self.circle,
            variant=self.variant,
            pool=pool,
        )
        # Who could be helped by what is not known is not proved to be.
        known = found.finding.status != "undetermined"
        return np.where(known, found.finding.seconds, np.nan), found.cutoff_s

    def each_profile(self) -> Iterator[tuple[TravelModel, float, Ints]]:
        """Yield each way to travel, its limit in seconds, and which of `rows` go by it."""
        setting = self.inputs.demand["setting"].to_numpy(dtype=object)[self.rows]
        rules = [self.variant.rule(word) for word in setting]
        for rule in dict.fromkeys(one for one in rules if one is not None):
            mine = np.array([one == rule for one in rules], dtype=bool)
            yield self.search.models[rule.profile], rule.cutoff_s, np.flatnonzero(mine)

    def wanted(self, pool: Ints) -> list[Ints]:
        """Return for each part of the circle the facilities of a pool that will do."""
        return [pool[has_role(self.inputs, types)[pool]] for types in self.circle.require]


def find_factors(asked: Question) -> list[Factor]:
    """Return the time of every row without each factor that can be taken away.

    Parameters
    ----------
    asked
        Rows of one circle.

    Returns
    -------
    Factors whose arrays are as long as ``asked.rows``; NaN where a factor does not apply.
    """
    operating = asked.pool("operating")
    found: dict[str, tuple[Floats, Floats]] = {}
    soon = asked.pool("operating", *_SOON_STAGES)
    if len(soon) > len(operating):
        found["not_operating"] = asked.seconds(pool=soon)
    others = _with_stand_ins(asked.circle)
    if others.require != asked.circle.require:
        found["wrong_service"] = asked.seconds(pool=operating, circle=others)
    if any(model.profile.mode in _WALKING for model, _, _ in asked.each_profile()):
        for name, search in asked.changed.items():
            found[name] = asked.seconds(pool=operating, search=search)
    if asked.search.has_network:
        trips = list(_trips(asked))
        found["barrier"] = _across(asked, trips, operating)
        now_s, _ = asked.seconds(pool=operating)
        found["component"] = _joined(asked, trips, operating, now_s)
    # What is built and does not operate is near enough: opening it is the remedy.
    found[DISTANCE] = _straight(asked, soon)
    found["no_facility_in_unit"] = _own_unit(asked, soon)
    return [Factor(name, *found[name]) for name in FACTORS if name in found]


def changed_searches(search: Search, network: RoadNetwork | None) -> dict[str, Search]:
    """Return the searches of who walks otherwise, by the name of the factor.

    Parameters
    ----------
    search
        The points of a study.
    network
        Its roads, None without any: then nothing but the speed can be otherwise.
    """
    changes: dict[str, Callable[[Profile], Profile]] = {"speed": _brisk}
    if network is not None:
        changes["stairs"] = _on_the_level
        if network.vertex_grade.any():
            changes["slope"] = lambda profile: replace(profile, slope="none", max_grade=None)
    return {name: search.under(network, change) for name, change in changes.items()}


def _on_the_level(profile: Profile) -> Profile:
    return replace(profile, stairs_factor=1.0) if profile.mode == "foot" else profile


def _brisk(profile: Profile) -> Profile:
    speed_mps = max(profile.walk_speed_mps, BRISK_MPS)
    return replace(profile, walk_speed_mps=speed_mps) if profile.mode in _WALKING else profile


def _with_stand_ins(circle: Circle) -> Circle:
    """Return the circle where a facility that could give the service by a contract will do."""
    return replace(circle, require=tuple(_and_stand_ins(types) for types in circle.require))


def _and_stand_ins(types: tuple[str, ...]) -> tuple[str, ...]:
    more = (one for name in types for one in _STAND_INS.get(name, ()))
    return tuple(dict.fromkeys([*types, *more]))


def _nothing(asked: Question) -> tuple[Floats, Floats]:
    return np.full(len(asked.rows), np.nan), np.full(len(asked.rows), np.nan)


@dataclass(frozen=True, slots=True)
class _Trip:
    """Rows that travel by one profile over the network, and the places that they come by."""

    model: TravelModel
    cutoff_s: float
    mine: Ints
    points: Points
    start: Snapped
    places: Places


def _trips(asked: Question) -> Iterator[_Trip]:
    search = asked.search
    for model, cutoff_s, rows in asked.each_profile():
        mine, here = _with_place(asked, rows)
        if model.costs is None or not len(mine):
            continue
        points = search.origins.take(here)
        within_m = cutoff_s * model.profile.walk_speed_mps
        yield _Trip(
            model=model,
            cutoff_s=cutoff_s,
            mine=mine,
            points=points,
            start=search.snapped_origins[model.profile.name].take(here),
            places=network_places(model.costs, points, within_m=within_m),
        )


def _goals(asked: Question, trip: _Trip, pool: Ints) -> Iterator[tuple[Points, Snapped]]:
    """Yield the facilities of each part of the circle that have a place."""
    search = asked.search
    for facilities in asked.wanted(pool):
        there = positions(search.facility_row, facilities)
        there = there[there >= 0]
        on = search.snapped_facilities[trip.model.profile.name].take(there)
        yield search.facilities.take(there), on


def _across(asked: Question, trips: Iterable[_Trip], pool: Ints) -> tuple[Floats, Floats]:
    """Return times by one virtual crossing of water, a railway or a motorway."""
    seconds, limit_s = _nothing(asked)
    for trip in trips:
        within_m = trip.cutoff_s * trip.model.profile.walk_speed_mps
        links = crossings(trip.places, trip.model.barriers, within_m=within_m)
        parts = [
            seconds_with_links(
                trip.model,
                trip.start,
                goals,
                on,
                links,
                cutoff_s=trip.cutoff_s,
                direction=asked.circle.direction,
            )
            for goals, on in _goals(asked, trip, pool)
        ]
        seconds[trip.mine], limit_s[trip.mine] = np.max(parts, axis=0), trip.cutoff_s
    return seconds, limit_s


def _joined(
    asked: Question, trips: Iterable[_Trip], pool: Ints, now_s: Floats
) -> tuple[Floats, Floats]:
    """Return times of rows that reach nothing at all, by a straight path to what does."""
    seconds, limit_s = _nothing(asked)
    for trip in trips:
        cut_off = np.flatnonzero(np.isinf(now_s[trip.mine]))
        if not len(cut_off) or not len(trip.places.x):
            continue
        parts = []
        for goals, on in _goals(asked, trip, pool):
            rest = trip.model.nearest(
                trip.places.points(),
                goals,
                snapped_origins=trip.places.on,
                snapped_facilities=on,
                direction=asked.circle.direction,
            )
            parts.append(_by_path(trip, trip.points.take(cut_off), rest.seconds))
        rows = trip.mine[cut_off]
        seconds[rows], limit_s[rows] = np.max(parts, axis=0), trip.cutoff_s
    return seconds, limit_s


def _by_path(trip: _Trip, points: Points, rest_s: Floats) -> Floats:
    """Return the least of walking straight to a place and going on from there."""
    leads = np.flatnonzero(np.isfinite(rest_s))
    if not len(leads):
        return np.full(len(points), np.inf)
    tree = KDTree(np.column_stack([trip.places.x[leads], trip.places.y[leads]]))
    tried = np.arange(1, min(_LINKS_TRIED, len(leads)) + 1)
    away_m, which = tree.query(np.column_stack([points.x, points.y]), k=tried)
    path_s = away_m / trip.model.profile.walk_speed_mps
    return np.asarray((path_s + rest_s[leads[which]]).min(axis=1))


def _straight(asked: Question, pool: Ints) -> tuple[Floats, Floats]:
    """Return the time of a straight line to the nearest facility, at the best speed there is."""
    seconds, limit_s = _nothing(asked)
    search = asked.search
    for model, cutoff_s, rows in asked.each_profile():
        mine, here = _with_place(asked, rows)
        profile = model.profile
        best_mps = max(
            profile.walk_speed_mps,
            profile.cycle_speed_mps,
            *(kph / KPH_PER_MPS for kph in profile.car_speed_kph.values()),
        )
        if profile.mode == "straight":
            # Nothing is known to lie on the way: its detour is part of the distance.
            best_mps = profile.walk_speed_mps / profile.detour_factor
        parts = []
        for facilities in asked.wanted(pool):
            there = positions(search.facility_row, facilities)
            goals = search.facilities.take(there[there >= 0])
            length_m, _ = nearest_straight(search.origins.take(here), goals)
            # No facility at all is not one that is too far.
            far_s = length_m / best_mps + profile.overhead_s
            parts.append(far_s if len(goals) else np.full(len(here), np.nan))
        seconds[mine], limit_s[mine] = np.max(parts, axis=0), cutoff_s
    return seconds, limit_s


def _own_unit(asked: Question, pool: Ints) -> tuple[Floats, Floats]:
    """Return times to a facility in the middle of the elder's unit, where the unit has none."""
    seconds, limit_s = _nothing(asked)
    unit = asked.inputs.demand["unit_id"].to_numpy(dtype=object)[asked.rows]
    lacking = np.flatnonzero(~np.isin(unit, _served(asked, pool)) & (unit != ""))
    if len(lacking):
        times, limits = seconds_to_own_site(asked, lacking, unit[lacking])
        seconds[lacking], limit_s[lacking] = times, limits
    return seconds, limit_s


def seconds_to_own_site(
    asked: Question, which: Ints, group: NDArray[np.object_]
) -> tuple[Floats, Floats]:
    """Return times to a facility that would stand among the elders of each group.

    Parameters
    ----------
    asked
        Rows of one circle.
    which
        ``(k,)`` which of its rows.
    group
        ``(k,)`` the group of each; its site is the home nearest to the middle of its elders.

    Returns
    -------
    ``(k,)`` seconds, inf beyond the limit, NaN without a place; ``(k,)`` limits.
    """
    seconds, limit_s = np.full(len(which), np.nan), np.full(len(which), np.nan)
    search = asked.search
    position = np.full(len(asked.rows), -1, dtype=np.int64)
    position[which] = np.arange(len(which))
    elders = asked.inputs.demand["elders"].to_numpy(dtype=float)
    for model, cutoff_s, rows in asked.each_profile():
        mine, here = _with_place(asked, rows[position[rows] >= 0])
        if not len(mine):
            continue
        points, own = search.origins.take(here), group[position[mine]]
        number, names = pd.factorize(own)
        site = middles(points, elders[asked.rows[mine]], number, len(names))
        known = asked.search.snapped_origins.get(model.profile.name)
        pairs = travel_pairs(
            model,
            points,
            points.take(site),
            cutoff_s=cutoff_s,
            direction=asked.circle.direction,
            snapped_origins=None if known is None else known.take(here),
            snapped_facilities=None if known is None else known.take(here[site]),
        )
        at = position[mine]
        seconds[at], limit_s[at] = np.inf, cutoff_s
        ours = pairs.facility == number[pairs.origin]
        seconds[at[pairs.origin[ours]]] = pairs.seconds[ours]
    return seconds, limit_s


def middles(points: Points, elders: Floats, number: Ints, size: int) -> Ints:
    """Return for each group the point nearest to the mean of its elders' places.

    Parameters
    ----------
    points, elders, number
        ``(n,)`` places, heads, and the group of each.
    size
        Groups, each with a place at least.

    Returns
    -------
    ``(size,)`` rows of the points.
    """
    weight = np.maximum(elders, 1e-9)
    whole = np.bincount(number, weights=weight, minlength=size)
    mean_x = np.bincount(number, weights=weight * points.x, minlength=size) / whole
    mean_y = np.bincount(number, weights=weight * points.y, minlength=size) / whole
    away_m = np.hypot(points.x - mean_x[number], points.y - mean_y[number])
    order = np.lexsort((away_m, number))
    first = np.flatnonzero(np.diff(number[order], prepend=-1))
    return np.asarray(order[first], dtype=np.int64)


def _served(asked: Question, operating: Ints) -> list[str]:
    """Return the units that have a facility of the circle's types, or are served by one."""
    types = [name for group in asked.circle.require for name in group]
    mine = asked.inputs.facilities.iloc[operating[has_role(asked.inputs, types)[operating]]]
    served: set[str] = set()
    ancestors = unit_at_levels(asked.inputs.units)
    for unit_id in mine["unit_id"]:
        served.update(ancestors.loc[unit_id] if unit_id in ancestors.index else [unit_id])
    if "serves_units" in mine.columns:
        served.update(part for cell in mine["serves_units"] for part in str(cell).split(";"))
    return sorted(served - {""})


def _with_place(asked: Question, rows: Ints) -> tuple[Ints, Ints]:
    """Return which of some rows have a place, and where their points stand in the search."""
    here = positions(asked.search.origin_row, asked.rows[rows])
    return rows[here >= 0], here[here >= 0]

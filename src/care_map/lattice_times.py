"""Who can be reached from the places of a lattice, and in how many minutes: exact at each place.

A place of the lattice is asked as an elder who lives there would be: the same search, the same
rules of its setting, the same judgement.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from care_map.circle_search import Kept, facility_rows, reach
from care_map.circle_trips import DELIVERY, Trip, circle_trips, nearest_few
from care_map.config import Study
from care_map.inputs.tables import Inputs
from care_map.lattice_grid import Grid, Places, make_places
from care_map.network.snap import STATUSES
from care_map.search_points import Search
from care_map.values import Circle, Direction, Variant

__all__ = ["NEAREST", "CirclePlaces", "Lattice", "NearestFew", "lattice_times"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Words = NDArray[np.object_]
_Key = tuple[object, ...]

NEAREST = 3
"""Facilities told of each place (default)."""
_MOST_POINTS = 20_000
_MOST_ANSWERS = 240_000
"""Points times searches (default): the page stays small however many circles there are."""
_LEAST_CAP_MINUTES = 60.0
_MOST_CAP_MINUTES = 600.0
_BEYOND = STATUSES.index("beyond")


@dataclass(frozen=True, slots=True)
class NearestFew:
    """The nearest facilities of every place for one part of a circle.

    Parameters
    ----------
    types
        Facility types of which any counts.
    delivery
        Whether somebody comes from there to the place.
    minutes
        ``(n, NEAREST)`` the nearest first; inf where no other is within the cap.
    facility
        ``(n, NEAREST)`` row of the table of facilities, -1 where none.
    no_road
        ``(n,)`` whether the place is beyond the access limit of any road and reaches nothing.
    """

    types: tuple[str, ...]
    delivery: bool
    minutes: Floats
    facility: Ints
    no_road: Bools


@dataclass(frozen=True, slots=True)
class CirclePlaces:
    """One reading of a circle at every place.

    Parameters
    ----------
    circle, profile
        As in all tables.
    direction
        ``"to"`` the facilities or ``"from"`` them.
    parts
        Numbers of the :class:`NearestFew` that must all be reached.
    delivery
        Number of the one that is enough instead, None without a delivery.
    status, reason
        ``(n,)`` as an elder there would be judged; "" where the setting has no rule.
    """

    circle: str
    profile: str
    direction: Direction
    parts: tuple[int, ...]
    delivery: int | None
    status: Words
    reason: Words


@dataclass(frozen=True, slots=True)
class Lattice:
    """Exact times from the places of a lattice.

    Parameters
    ----------
    grids
        The finest first; their points follow each other.
    lon, lat
        ``(n,)`` degrees, WGS84.
    unit_id, setting
        ``(n,)`` of the lowest unit there, "" where unknown.
    cap_minutes
        Facilities farther away are not told.
    parts
        What was searched; circles share it.
    circles
        In the order of the study.
    """

    grids: tuple[Grid, ...]
    lon: Floats
    lat: Floats
    unit_id: Words
    setting: Words
    cap_minutes: float
    parts: tuple[NearestFew, ...]
    circles: tuple[CirclePlaces, ...]


def lattice_times(study: Study, inputs: Inputs, search: Search) -> Lattice | None:
    """Ask every circle from a lattice over the study area.

    Parameters
    ----------
    study, inputs, search
        The study, its lists and its snapped points.

    Returns
    -------
    Lattice
        None where nothing can be measured: no roads, no facilities, or no place.
    """
    straight = any(model.profile.mode == "straight" for model in search.models.values())
    if not (search.has_network or straight) or not len(search.facility_row):
        return None
    readings = [(circle, variant) for circle in study.circles for variant in circle.variants]
    searches = sum(len(circle.require) + bool(circle.delivery) for circle, _ in readings)
    places = make_places(inputs, most=min(_MOST_POINTS, _MOST_ANSWERS // searches))
    if places is None:
        return None
    asked = _Asked.of(places, inputs, search)
    cap_minutes = _cap_minutes(study.circles)
    parts: dict[_Key, _Part] = {}
    drafts = [(reading, list(_parts(asked, *reading, parts))) for reading in readings]
    number = {key: at for at, key in enumerate(parts)}
    return Lattice(
        grids=places.grids,
        lon=places.lon,
        lat=places.lat,
        unit_id=places.unit_id,
        setting=places.setting,
        cap_minutes=cap_minutes,
        parts=_search(asked, list(parts.values()), cap_minutes),
        circles=_judged(asked, study, [(r, [number[key] for key in keys]) for r, keys in drafts]),
    )


def _cap_minutes(circles: Sequence[Circle]) -> float:
    """Return how far facilities are told: twice the longest circle, an hour at least (default)."""
    limits = [rule.minutes for circle in circles for rule in circle.rules.values()]
    limits += [circle.delivery.minutes for circle in circles if circle.delivery]
    return min(max(_LEAST_CAP_MINUTES, 2.0 * max(limits)), _MOST_CAP_MINUTES)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The places as a table of demand that the chain can be asked with."""

    rows: Ints
    inputs: Inputs
    search: Search

    @classmethod
    def of(cls, places: Places, inputs: Inputs, search: Search) -> "_Asked":
        points = shapely.points(places.points.x, places.points.y)
        columns = {"unit_id": places.unit_id, "setting": places.setting}
        table = gpd.GeoDataFrame(columns, geometry=points, crs=inputs.crs)
        rows = np.arange(len(places))
        return cls(rows, replace(inputs, demand=table), search.asked_from(places.points))

    @property
    def setting(self) -> Words:
        words: Words = self.inputs.demand["setting"].to_numpy(dtype=object)
        return words


@dataclass(frozen=True, slots=True)
class _Part:
    """What is to be searched: by whom, and by which profile from each setting."""

    types: tuple[str, ...]
    delivery: bool
    profiles: Mapping[str, str]
    trips: tuple[Trip, ...]


def _parts(
    asked: _Asked, circle: Circle, variant: Variant, parts: dict[_Key, _Part]
) -> Iterator[_Key]:
    """Yield the parts of a circle, new ones being added to those that others have."""
    trips = circle_trips(asked.search, asked.inputs, asked.rows, circle, variant)
    words = [str(word) for word in np.unique(asked.setting.astype(str))]
    own = {word: rule.profile for word in words if (rule := variant.rule(word))}
    wanted = [(part, types, own) for part, types in enumerate(circle.require)]
    if circle.delivery:
        wanted.append(
            (DELIVERY, circle.delivery.types, dict.fromkeys(own, circle.delivery.profile))
        )
    for part, types, profiles in wanted:
        mine = tuple(trip for trip in trips if trip.part == part)
        key = (types, part == DELIVERY, *map(_key_of, mine), *profiles.items())
        parts.setdefault(key, _Part(types, part == DELIVERY, profiles, mine))
        yield key


def _key_of(trip: Trip) -> _Key:
    """Return what the times of a trip depend on."""
    name = trip.model.profile.name
    return name, trip.direction, trip.facility.tobytes(), trip.rows.tobytes()


def _search(asked: _Asked, parts: Sequence[_Part], cap_minutes: float) -> tuple[NearestFew, ...]:
    """Search each different trip once, on all cores."""
    trips = {_key_of(trip): trip for part in parts for trip in part.trips}
    search = partial(nearest_few, k=NEAREST)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = dict(zip(trips, pool.map(search, trips.values()), strict=True))
    return tuple(_joined(asked, part, found, cap_minutes) for part in parts)


def _joined(
    asked: _Asked, part: _Part, found: Mapping[_Key, tuple[Floats, Ints]], cap_minutes: float
) -> NearestFew:
    size = len(asked.rows)
    minutes, facility = np.full((size, NEAREST), np.inf), np.full((size, NEAREST), -1, np.int64)
    for trip in part.trips:
        seconds, row = found[_key_of(trip)]
        near = seconds <= cap_minutes * 60.0
        minutes[trip.rows] = np.where(near, seconds / 60.0, np.inf)
        facility[trip.rows] = np.where(near, trip.facility[row], -1)
    no_road = np.zeros(size, bool)
    for setting, profile in part.profiles.items():
        if profile in asked.search.snapped_origins:
            beyond = asked.search.snapped_origins[profile].status == _BEYOND
            no_road |= (asked.setting == setting) & beyond
    return NearestFew(
        part.types, part.delivery, minutes, facility, no_road & np.isinf(minutes[:, 0])
    )


def _judged(
    asked: _Asked, study: Study, drafts: Sequence[tuple[tuple[Circle, Variant], list[int]]]
) -> tuple[CirclePlaces, ...]:
    """Judge every place as the chain judges elders."""
    own = facility_rows(asked.inputs, stages=("operating",), own=True)
    kept = Kept.between(study.circles)
    found = []
    for (circle, variant), parts in drafts:
        rows = np.flatnonzero(np.isin(asked.setting, ["", *variant.rules]))
        status, reason = (np.full(len(asked.rows), "", dtype=object) for _ in range(2))
        if len(rows):
            reached = reach(
                asked.search,
                asked.inputs,
                rows,
                circle=circle,
                variant=variant,
                pool=own,
                kept=kept,
            )
            status[rows], reason[rows] = reached.finding.status, reached.finding.reason
        found.append(
            CirclePlaces(
                circle=circle.id,
                profile=variant.profile,
                direction=circle.direction,
                parts=tuple(parts[: len(circle.require)]),
                delivery=parts[-1] if circle.delivery else None,
                status=status,
                reason=reason,
            )
        )
    return tuple(found)

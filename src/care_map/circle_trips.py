"""The searches that a circle is made of: who goes to which facilities, by which profile."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from care_map.circle_search import deliverers, delivery_settings, facility_rows, has_role
from care_map.inputs.tables import Inputs
from care_map.network.snap import Points, Snapped
from care_map.routing.k_nearest import k_nearest
from care_map.routing.nearest import TravelModel
from care_map.search_points import Search, positions
from care_map.values import Circle, Direction, Variant

__all__ = ["DELIVERY", "Trip", "circle_trips", "nearest_few"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DELIVERY = -1
"""Number of the part that is delivered; the circle's own parts count from 0."""


@dataclass(frozen=True, slots=True)
class Trip:
    """Elders who travel by one profile to the facilities of one part of a circle.

    Parameters
    ----------
    model
        How they travel.
    cutoff_s
        Limit in seconds, itself inside.
    direction
        ``"to"`` the facilities or ``"from"`` them.
    part
        Number of the part, or :data:`DELIVERY`.
    rows
        ``(n,)`` which of the circle's rows they are; all have a point that is exact enough.
    facility
        ``(m,)`` rows of the facilities, all with a point.
    origins, facilities
        Their points.
    start, goal
        Their snaps, None where the profile goes straight.
    """

    model: TravelModel
    cutoff_s: float
    direction: Direction
    part: int
    rows: Ints
    facility: Ints
    origins: Points
    facilities: Points
    start: Snapped | None
    goal: Snapped | None

    def take(self, which: Ints) -> "Trip":
        """Return the trip of some of its elders."""
        return Trip(
            self.model,
            self.cutoff_s,
            self.direction,
            self.part,
            self.rows[which],
            self.facility,
            self.origins.take(which),
            self.facilities,
            None if self.start is None else self.start.take(which),
            self.goal,
        )


def circle_trips(
    search: Search, inputs: Inputs, rows: Ints, circle: Circle, variant: Variant
) -> list[Trip]:
    """Return the searches of a circle among the district's own operating facilities.

    Parameters
    ----------
    search, inputs
        The points, and what is known of them.
    rows
        ``(n,)`` rows of the demand.
    circle, variant
        What must be reached, by which of its readings.
    """
    setting = inputs.demand["setting"].to_numpy(dtype=object)[rows]
    here = positions(search.origin_row, rows)
    usable = (here >= 0) & (search.too_coarse[rows] == "")
    return list(_trips(search, inputs, circle, variant, (setting, here, usable)))


_Elders = tuple[NDArray[np.object_], Ints, NDArray[np.bool_]]


def _trips(
    search: Search, inputs: Inputs, circle: Circle, variant: Variant, elders: _Elders
) -> Iterator[Trip]:
    setting, here, usable = elders
    pool = facility_rows(inputs, stages=("operating",), own=True)
    words = {word: variant.rule(str(word)) for word in np.unique(setting.astype(str))}
    for rule in dict.fromkeys(one for one in words.values() if one is not None):
        mine = np.isin(setting, [word for word, one in words.items() if one == rule])
        which = np.flatnonzero(mine & usable)
        for part, types in enumerate(circle.require):
            wanted = pool[has_role(inputs, types)[pool]]
            way = (rule.profile, rule.cutoff_s, circle.direction)
            yield from _trip(search, way, part, (which, here[which]), wanted)
    if circle.delivery is not None:
        which = np.flatnonzero(np.isin(setting, delivery_settings(variant)) & usable)
        wanted = pool[has_role(inputs, circle.delivery.types)[pool]]
        way = (circle.delivery.profile, circle.delivery.cutoff_s, "from")
        elders_of = (which, here[which])
        yield from _trip(search, way, DELIVERY, elders_of, deliverers(inputs, wanted))


def _trip(
    search: Search,
    way: tuple[str, float, Direction],
    part: int,
    elders: tuple[Ints, Ints],
    wanted: Ints,
) -> Iterator[Trip]:
    profile, cutoff_s, direction = way
    which, here = elders
    model = search.models[profile]
    straight = model.profile.mode == "straight"
    there = positions(search.facility_row, wanted)
    there = there[there >= 0]
    if not len(which) or not len(there) or not (straight or search.has_network):
        return
    yield Trip(
        model=model,
        cutoff_s=cutoff_s,
        direction=direction,
        part=part,
        rows=which,
        facility=search.facility_row[there],
        origins=search.origins.take(here),
        facilities=search.facilities.take(there),
        start=None if straight else search.snapped_origins[profile].take(here),
        goal=None if straight else search.snapped_facilities[profile].take(there),
    )


def nearest_few(trip: Trip, *, k: int) -> tuple[Floats, Ints]:
    """Search the nearest few facilities of each elder of a trip.

    Parameters
    ----------
    trip
        The search.
    k
        How many facilities.

    Returns
    -------
    ndarray
        ``(n, k)`` seconds, the nearest first; inf where there are no more.
    ndarray
        ``(n, k)`` positions in the trip's facilities, -1 where there are no more.
    """
    if trip.start is not None:
        found = k_nearest(
            trip.model,
            trip.origins,
            trip.facilities,
            k=k,
            direction=trip.direction,
            snapped_origins=trip.start,
            snapped_facilities=trip.goal,
        )
        return found.seconds, found.facility
    profile = trip.model.profile
    tree = KDTree(np.column_stack([trip.facilities.x, trip.facilities.y]))
    places = np.column_stack([trip.origins.x, trip.origins.y])
    length_m, facility = tree.query(places, k=np.arange(1, k + 1))
    # Beyond the last facility the tree gives its own length at an infinite distance.
    seconds = np.asarray(length_m) * profile.detour_factor / profile.walk_speed_mps
    return seconds, np.where(np.isinf(seconds), -1, facility).astype(np.int64)

"""Which facilities the district has, where they stand and how far they are built."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from care_map.demo.frontage import Frontage
from care_map.demo.gaps import CLEAR_M, STATIONS, homes_middle, station_point
from care_map.demo.plane import Floats
from care_map.demo.settlements import Settlement
from care_map.demo.sites import ISLAND, SITES
from care_map.demo.units import Units
from care_map.vocabulary import CARE_TYPES

__all__ = ["Planned", "plan_facilities"]

_LATE = ("accepted", "finished", "building", "siting", "planned", "suspended")


@dataclass(frozen=True, slots=True)
class Planned:
    """One facility before its card is filled in.

    Parameters
    ----------
    roles
        Its types.
    stage
        How far it is.
    home
        Number of its settlement, -1 in the neighbouring district.
    x, y
        Metres of the plane.
    site
        Key of the planned site that it belongs to, empty for the others.
    located
        Whether the list gives coordinates.
    """

    roles: tuple[str, ...]
    stage: str
    home: int
    x: float
    y: float
    site: str = ""
    located: bool = True


@dataclass(slots=True)
class _Planner:
    rng: np.random.Generator
    units: Units
    settlements: list[Settlement]
    frontage: Frontage
    found: list[Planned] = field(default_factory=list)

    def add(self, roles: Sequence[str], homes: Sequence[int], stages: Sequence[str]) -> None:
        """Add a facility in each of the settlements, as near to its heart as may be."""
        for home, stage in zip(homes, stages, strict=True):
            care = bool(set(roles) & set(CARE_TYPES))
            spot = self._spot(home, care=care)
            if spot is not None:
                self.found.append(Planned(tuple(roles), stage, home, *spot))

    def _spot(self, home: int, *, care: bool) -> tuple[float, float] | None:
        one, front = self.settlements[home], self.frontage
        free = front.community == home
        free &= front.weight >= 0.4
        if care:
            for place in SITES:
                x, y = homes_middle(place)
                if place.key != ISLAND:
                    free &= np.hypot(front.x - x, front.y - y) > CLEAR_M
        near = np.flatnonzero(free)
        if near.size == 0:
            return None
        away = np.hypot(front.x[near] - one.x, front.y[near] - one.y)
        best = near[np.argsort(away, kind="stable")[:30]]
        off = self.rng.uniform(10, 22, best.size) * self.rng.choice([-1, 1], best.size)
        door_x, door_y = front.beside(self.rng.permutation(best), off)
        within = np.flatnonzero(self.units.community_of(door_x, door_y) == home)
        return (float(door_x[within[0]]), float(door_y[within[0]])) if within.size else None


def plan_facilities(
    rng: np.random.Generator,
    units: Units,
    settlements: list[Settlement],
    frontage: Frontage,
    *,
    beyond: Floats,
) -> list[Planned]:
    """Return the facilities.

    Parameters
    ----------
    rng
        Random generator.
    units, settlements, frontage
        The district and where houses stand in it.
    beyond
        ``(n, 2)`` places in the neighbouring district.
    """
    planner = _Planner(rng, units, settlements, frontage)
    _plan_sites(planner)
    _plan_care(planner)
    _plan_meals(planner)
    _plan_medical(planner)
    for x, y in beyond:
        planner.found.append(Planned(("village_station",), "operating", -1, x, y))
    return _hide(planner.found, rng)


def _plan_sites(planner: _Planner) -> None:
    for key, station in STATIONS.items():
        x, y = station_point(key)
        home = int(planner.units.community_of(np.array([x]), np.array([y]))[0])
        planner.found.append(Planned((station.role,), station.stage, home, x, y, key))


def _plan_care(planner: _Planner) -> None:
    rng, add = planner.rng, planner.add
    urban, seats, villages = (_of_kind(planner, kind) for kind in ("urban", "seat", "village"))
    heads = [min(k for k in urban if planner.settlements[k].parent == s) for s in range(6)]
    add(["street_centre"], heads, ["operating"] * 5 + ["building"])
    add(["town_centre", "care_home"], seats[:4], ["operating"] * 4)
    add(["town_centre"], seats[4:], [*["operating"] * 7, *_LATE][: len(seats) - 4])
    rest = [int(k) for k in rng.permutation([k for k in urban if k not in heads])]
    add(["community_station", "meal_point"], rest[:7], ["operating"] * 7)
    add(["community_station"], rest[7:26], ["operating"] * 19)
    add(["community_station"], rest[26:32], _LATE)
    seat_order = [int(k) for k in rng.permutation(seats)]
    add(["community_station"], seat_order[:7], ["operating"] * 6 + ["building"])
    add(["estate_point"], rest[3:13], ["operating"] * 9 + ["finished"])
    order = [int(k) for k in rng.permutation(villages)]
    add(["village_point"], order[:31], ["operating"] * 31)
    add(["village_station"], order[31:40], ["operating"] * 9)
    add(["village_point"], order[40:52], _LATE * 2)
    add(["care_home"], [*rest[:4], *order[:2]], ["operating"] * 5 + ["suspended"])
    add(["district_care_centre"], [heads[2]], ["operating"])
    add(["community_centre"], rest[5:8], ["operating"] * 3)


def _plan_meals(planner: _Planner) -> None:
    rng = planner.rng
    urban, seats, villages = (_of_kind(planner, kind) for kind in ("urban", "seat", "village"))
    order = [int(k) for k in rng.permutation(urban)]
    planner.add(["meal_point"], order[:11], ["operating"] * 10 + ["building"])
    planner.add(["meal_point"], seats[::2], ["operating"] * 8)
    planner.add(["meal_point"], villages[::16], ["operating"] * len(villages[::16]))
    planner.add(["central_kitchen"], [order[12], seats[1]], ["operating", "finished"])
    planner.add(["meal_provider"], order[13:19], ["operating"] * 6)


def _plan_medical(planner: _Planner) -> None:
    rng = planner.rng
    urban, seats, villages = (_of_kind(planner, kind) for kind in ("urban", "seat", "village"))
    order = [int(k) for k in rng.permutation(urban)]
    streets = [
        next(k for k in order if planner.settlements[k].parent == street) for street in range(6)
    ]
    planner.add(["hospital"], order[:3], ["operating"] * 3)
    planner.add(["community_health_centre"], streets, ["operating"] * 6)
    planner.add(["township_health_centre"], seats, ["operating"] * len(seats))
    some = [int(k) for k in rng.permutation(villages)][: len(villages) * 4 // 5]
    planner.add(
        ["village_clinic"], some, ["operating"] * (len(some) - 2) + ["suspended", "building"]
    )
    planner.add(["clinic"], order[3:9], ["operating"] * 6)
    planner.add(["pharmacy"], order[9:15], ["operating"] * 6)
    planner.add(["nursing_home"], [order[15]], ["operating"])


def _of_kind(planner: _Planner, kind: str) -> list[int]:
    return [k for k, one in enumerate(planner.settlements) if one.kind == kind and not one.site]


def _hide(found: list[Planned], rng: np.random.Generator) -> list[Planned]:
    """Take the coordinates off a few cards, as in every real list."""
    may = np.array([k for k, one in enumerate(found) if not one.site and one.home >= 0])
    hidden = set(rng.choice(may, 7, replace=False).tolist())
    return [
        Planned(one.roles, one.stage, one.home, one.x, one.y, one.site, k not in hidden)
        for k, one in enumerate(found)
    ]

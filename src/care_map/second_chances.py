"""Second chances of a study: facilities inside the circle, and what must not be lost."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.accessibility.coverage import UnitLevel
from care_map.accessibility.second_chances import Choice, losses, overlap_rows
from care_map.circle_trips import DELIVERY, Trip, nearest_few
from care_map.inputs.tables import Inputs
from care_map.network.road_network import RoadNetwork
from care_map.network.snap import access_limit_m
from care_map.projections import transformer
from care_map.routing.bridges import Bridges, crossed, find_bridges, seconds_without
from care_map.routing.direct import nearest_direct
from care_map.values import Circle

__all__ = [
    "BRIDGES_TESTED",
    "CircleRows",
    "bridges_of",
    "critical_table",
    "outside_table",
    "overlap_table",
    "straight_s",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

BRIDGES_TESTED = 20
"""Bridges of each circle that are closed to see what happens: those crossed most."""
_COUNTED = 3
_EPSILON_S = 1e-6


@dataclass(frozen=True, slots=True)
class CircleRows:
    """The official rows of one circle.

    Parameters
    ----------
    circle
        The circle.
    profile
        Its official reading.
    access
        ``(n,)`` rows of the access table.
    trips
        The searches that it is made of; their rows are positions in `access`.
    """

    circle: Circle
    profile: str
    access: pd.DataFrame
    trips: Sequence[Trip]

    @property
    def elders(self) -> Ints:
        """Elders of each row, ``(n,)``."""
        return self.access["elders"].to_numpy(dtype=np.int64)

    @property
    def covered(self) -> Bools:
        """Whether each row is covered, ``(n,)``."""
        return (self.access["status"] == "covered").to_numpy(dtype=bool)

    @property
    def of_parts(self) -> list[list[Trip]]:
        """The trips of each of the circle's own parts."""
        own = range(len(self.circle.require))
        return [[trip for trip in self.trips if trip.part == part] for part in own]

    @property
    def of_delivery(self) -> list[Trip]:
        """The trips of who comes to the home."""
        return [trip for trip in self.trips if trip.part == DELIVERY]

    def choices(self) -> tuple[list[Choice], Choice | None]:
        """Return what elders can choose from: for each part, and for delivery if there is one."""
        size = len(self.access)
        parts = [_choice(trips, size) for trips in self.of_parts]
        return parts, _choice(self.of_delivery, size) if self.circle.delivery else None


def overlap_table(
    asked: CircleRows, parts: Sequence[Choice], levels: Sequence[UnitLevel]
) -> pd.DataFrame:
    """Return how many facilities elders have inside a circle, by unit.

    Parameters
    ----------
    asked
        A circle.
    parts
        What its elders can choose from for each of its own parts.
    levels
        What is summed to.
    """
    access = asked.access
    uncovered = (access["status"] == "uncovered").to_numpy(dtype=bool)
    figures = pd.DataFrame(
        {
            "elders": asked.elders,
            "times": np.min([part.times for part in parts], axis=0),
            "undetermined": access["status"] == "undetermined",
            "by_delivery": asked.covered & (access["means"] == "delivery").to_numpy(dtype=bool),
            "outside": uncovered & access["covered_any_district"].to_numpy(dtype=bool),
        }
    )
    rows = overlap_rows(figures, access["unit_id"].to_numpy(dtype=object), levels)
    return rows.assign(circle=asked.circle.id, profile=asked.profile)


def outside_table(
    asked: CircleRows, levels: Sequence[UnitLevel], names: Mapping[str, str]
) -> pd.DataFrame:
    """Return who is served only from another district, by unit and facility.

    Parameters
    ----------
    asked
        A circle.
    levels
        What is summed to.
    names
        Names of facilities by id.
    """
    access = asked.access
    served = access["covered_any_district"].to_numpy(dtype=bool)
    rows = access[served & (access["status"] == "uncovered").to_numpy(dtype=bool)]
    unit, units = pd.factorize(rows["unit_id"])
    parts = []
    for level in levels:
        place = level.place(list(units))[unit] if len(units) else np.zeros(0, np.int64)
        sums = (
            pd.DataFrame(
                {
                    "place": place,
                    "facility_id": rows["facility_id_any_district"].to_numpy(dtype=object),
                    "elders": rows["elders"].to_numpy(dtype=np.int64),
                }
            )
            .groupby(["place", "facility_id"], as_index=False)
            .sum()
        )
        units_of = level.places.iloc[sums["place"].to_numpy(dtype=np.int64)].reset_index(drop=True)
        parts.append(pd.concat([units_of, sums], axis=1).assign(level=level.name))
    table = pd.concat(parts, ignore_index=True)
    table = table[table["elders"] > 0]
    return table.assign(
        circle=asked.circle.id,
        profile=asked.profile,
        facility_name=table["facility_id"].map(dict(names)).fillna(""),
    )


def critical_table(
    asked: CircleRows,
    choices: tuple[Sequence[Choice], Choice | None],
    inputs: Inputs,
    network: RoadNetwork | None,
    bridges: Bridges | None,
) -> pd.DataFrame:
    """Return the facilities and bridges whose loss uncovers most elders of a circle.

    Parameters
    ----------
    asked
        A circle.
    choices
        What its elders can choose from.
    inputs
        Its facilities.
    network, bridges
        The roads and the bridges on them, None without any.
    """
    rows = [*_facilities(asked, choices, inputs)]
    if bridges is not None and network is not None:
        rows += _tested_bridges(asked, bridges, inputs)
    columns = ["kind", "id", "name", "unit_id", "elders_using", "elders_uncovered", "lon", "lat"]
    table = pd.DataFrame(rows, columns=columns)
    table = table.sort_values(
        ["elders_uncovered", "elders_using"], ascending=False, kind="stable"
    ).reset_index(drop=True)
    return table.assign(
        circle=asked.circle.id, profile=asked.profile, rank=np.arange(1, len(table) + 1)
    )


def _choice(trips: Sequence[Trip], size: int) -> Choice:
    times, only = np.zeros(size, np.int64), np.full(size, -1, np.int64)
    for trip in trips:
        seconds, facility = nearest_few(trip, k=_COUNTED)
        inside = (seconds <= trip.cutoff_s + _EPSILON_S).sum(axis=1)
        times[trip.rows] = inside
        only[trip.rows] = np.where(inside == 1, trip.facility[facility[:, 0]], -1)
    return Choice(times, only)


def _facilities(
    asked: CircleRows, choices: tuple[Sequence[Choice], Choice | None], inputs: Inputs
) -> Iterator[dict[str, object]]:
    lost = losses(*choices, asked.covered, asked.elders)
    told = asked.access[asked.covered]
    using = told.groupby("facility_id")["elders"].sum()
    cards = inputs.facilities
    geometry = cards.geometry.to_crs("EPSG:4326")
    for row, elders in lost.items():
        card, point = cards.iloc[int(str(row))], geometry.iloc[int(str(row))]
        yield {
            "kind": "facility",
            "id": card["facility_id"],
            "name": card["name"],
            "unit_id": card["unit_id"],
            "elders_using": int(using.get(card["facility_id"], 0)),
            "elders_uncovered": int(elders),
            "lon": round(point.x, 6),
            "lat": round(point.y, 6),
        }


def _tested_bridges(
    asked: CircleRows, bridges: Bridges, inputs: Inputs
) -> Iterator[dict[str, object]]:
    """Close the bridges that most covered elders cross, one after the other, and search again."""
    trips = [trip for trip in asked.trips if trip.start is not None]
    edges = [bridges.of_edges(_network(trip)) for trip in trips]
    crossing = [_crossing(asked, trip, edge) for trip, edge in zip(trips, edges, strict=True)]
    rows = np.concatenate([one for one, _ in crossing] or [np.zeros(0, np.int64)])
    number = np.concatenate([one for _, one in crossing] or [np.zeros(0, np.int64)])
    pairs = np.unique(np.column_stack([rows, number]), axis=0)
    using = np.bincount(
        pairs[:, 1], weights=asked.elders[pairs[:, 0]], minlength=len(bridges.name)
    ).astype(np.int64)
    most = np.argsort(-using, kind="stable")[:BRIDGES_TESTED]
    to_degrees = transformer(inputs.crs, "EPSG:4326")
    for bridge in most[using[most] > 0].tolist():
        users = pairs[pairs[:, 1] == bridge, 0]
        closed = {id(trip): edge == bridge for trip, edge in zip(trips, edges, strict=True)}
        lost = users[~_still_covered(asked, users, closed)]
        lon, lat = to_degrees.transform(bridges.x[bridge], bridges.y[bridge])
        yield {
            "kind": "bridge",
            "id": bridges.way_id[bridge],
            "name": bridges.name[bridge],
            "unit_id": "",
            "elders_using": int(using[bridge]),
            "elders_uncovered": int(asked.elders[lost].sum()),
            "lon": round(lon, 6),
            "lat": round(lat, 6),
        }


def _network(trip: Trip) -> RoadNetwork:
    return trip.model.directed(trip.direction).network


def _crossing(asked: CircleRows, trip: Trip, bridge: Ints) -> tuple[Ints, Ints]:
    """Return the rows of covered elders and the bridges that they cross on one trip."""
    mine = trip.take(np.flatnonzero(asked.covered[trip.rows]))
    if mine.start is None or mine.goal is None or not (bridge >= 0).any():
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    origin, number = crossed(
        mine.model,
        mine.start,
        mine.goal,
        bridge,
        cutoff_s=mine.cutoff_s,
        direction=mine.direction,
    )
    return mine.rows[origin], number


def _still_covered(asked: CircleRows, users: Ints, closed: Mapping[int, Bools]) -> Bools:
    """Tell which users of a bridge are inside the circle without it."""
    place = np.full(len(asked.access), -1, np.int64)
    place[users] = np.arange(len(users))

    def reached(trips: Sequence[Trip]) -> Bools:
        inside = np.zeros(len(users), bool)
        for trip in trips:
            mine = trip.take(np.flatnonzero(place[trip.rows] >= 0))
            if len(mine.rows):
                seconds = np.minimum(_seconds(mine, closed.get(id(trip))), straight_s(mine))
                inside[place[mine.rows]] = seconds <= mine.cutoff_s + _EPSILON_S
        return inside

    own = np.all([reached(trips) for trips in asked.of_parts], axis=0)
    return np.asarray(own | reached(asked.of_delivery), dtype=bool)


def straight_s(trip: Trip, *, widest: float = 1.0) -> Floats:
    """Return seconds of the shortest straight walk to a facility, inf where there is none.

    Parameters
    ----------
    trip
        Who goes where.
    widest
        Factor on the access limits of the elders.
    """
    model = trip.model
    if model.costs is None:
        return np.full(len(trip.rows), np.inf)
    length_m, _ = nearest_direct(
        trip.origins,
        trip.facilities,
        origin_limit_m=access_limit_m(trip.origins, model.limits) * widest,
        facility_limit_m=access_limit_m(trip.facilities, model.limits),
        barriers=model.barriers,
        walls=model.walls,
    )
    return length_m / model.profile.walk_speed_mps


def _seconds(trip: Trip, closed: Bools | None) -> Floats:
    """Return seconds over the network without the closed edges."""
    if trip.start is None or trip.goal is None or closed is None:
        found = trip.model.nearest(trip.origins, trip.facilities)
        return found.seconds
    return seconds_without(
        trip.model,
        trip.start,
        trip.goal,
        closed,
        cutoff_s=trip.cutoff_s,
        direction=trip.direction,
    )


def bridges_of(network: RoadNetwork | None) -> Bridges | None:
    """Return the bridges of the roads, None without roads."""
    return None if network is None else find_bridges(network)

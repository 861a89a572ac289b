"""All points of a study, snapped once, ready to be searched from."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from care_map.config import Study
from care_map.errors import Problem
from care_map.inputs.placement import coarser
from care_map.inputs.tables import Inputs
from care_map.network.costs import EdgeCosts
from care_map.network.road_network import RoadNetwork
from care_map.network.snap import STATUSES, Points, Snapped
from care_map.routing.nearest import TravelModel, travel_model
from care_map.routing.pairs import travel_pairs
from care_map.values import Direction, Profile

__all__ = ["Search", "coordinates", "make_search", "positions"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Words = NDArray[np.object_]

_LISTED_IDS = 20


@dataclass(frozen=True, slots=True)
class Search:
    """All points of a study, snapped once per mode, ready to be searched from.

    Parameters
    ----------
    has_network
        Whether the study has roads.
    lists_are_whole
        Whether a type that no facility has is one that the district lacks: not so without a
        list, nor for proxies, whose source may never have recorded the type.
    models
        Travel model by profile.
    origin_row, facility_row
        Rows of the demand and facility tables that have a point; of facilities, one that is
        exact enough to decide on a circle.
    origins, facilities
        Their points.
    snapped_origins, snapped_facilities
        Their snaps by profile; profiles that may use the same ways share them.
    problems
        Points that cannot be snapped as a user would expect, listed.
    too_coarse
        ``location_quality`` of the demand rows that are known too coarsely, "" of the others.
    """

    has_network: bool
    lists_are_whole: bool
    models: Mapping[str, TravelModel]
    origin_row: Ints
    facility_row: Ints
    origins: Points
    facilities: Points
    snapped_origins: Mapping[str, Snapped]
    snapped_facilities: Mapping[str, Snapped]
    problems: tuple[Problem, ...]
    too_coarse: Words

    def costs_by_mode(self) -> dict[str, EdgeCosts]:
        """Return the network as the first profile of each mode sees it."""
        costs: dict[str, EdgeCosts] = {}
        for model in self.models.values():
            if model.costs is not None:
                costs.setdefault(model.profile.mode, model.costs)
        return costs

    def under(self, network: RoadNetwork | None, change: Callable[[Profile], Profile]) -> "Search":
        """Return the same points where everybody travels by a changed profile.

        Parameters
        ----------
        network
            The roads, None without any.
        change
            Gives the profile instead of each; its name stays.
        """
        changed = {name: change(model.profile) for name, model in self.models.items()}
        models = {
            name: model
            if changed[name] == model.profile
            else travel_model(network, changed[name], limits=model.limits)
            for name, model in self.models.items()
        }
        # Who may use the same ways stands on the same edges.
        moved = {
            name: model
            for name, model in models.items()
            if _ways_of(model.profile) != _ways_of(self.models[name].profile)
        }
        return replace(
            self,
            models=models,
            snapped_origins={**self.snapped_origins, **_snap_each(moved, self.origins)},
            snapped_facilities={**self.snapped_facilities, **_snap_each(moved, self.facilities)},
        )

    def asked_from(self, points: Points) -> "Search":
        """Return the same facilities, asked from other places: row `i` of them is place `i`."""
        return replace(
            self,
            origin_row=np.arange(len(points)),
            origins=points,
            snapped_origins=_snap_each(self.models, points),
            too_coarse=np.full(len(points), "", dtype=object),
        )

    def seconds(
        self,
        profile: str,
        *,
        rows: Ints,
        facility_rows: Ints,
        estimate: bool = False,
        direction: Direction = "to",
    ) -> tuple[Floats, Ints, Words, Floats]:
        """Return times between demand rows and the nearest of some facilities.

        Parameters
        ----------
        profile
            Name of a profile.
        rows
            Rows of the demand table.
        facility_rows
            Rows of the facility table that count.
        estimate
            Whether to estimate times from points beyond the access limit.
        direction
            ``"to"`` the facilities, or ``"from"`` them.

        Returns
        -------
        Seconds (inf if none), facility row (-1), snap status in words (empty without a point),
        estimate in seconds (NaN if none, or not asked for); each as long as `rows`.
        """
        seconds, facility = np.full(len(rows), np.inf), np.full(len(rows), -1, np.int64)
        snap, estimate_s = np.full(len(rows), "", dtype=object), np.full(len(rows), np.nan)
        model = self.models[profile]
        here = positions(self.origin_row, rows)
        there = positions(self.facility_row, facility_rows)
        there = there[there >= 0]
        known = np.flatnonzero(here >= 0)
        straight = model.profile.mode == "straight"
        if not len(known) or not (self.has_network or straight):
            return seconds, facility, snap, estimate_s
        result = model.nearest(
            self.origins.take(here[known]),
            self.facilities.take(there),
            snapped_origins=None if straight else self.snapped_origins[profile].take(here[known]),
            snapped_facilities=None if straight else self.snapped_facilities[profile].take(there),
            estimate=estimate,
            direction=direction,
        )
        seconds[known] = result.seconds
        found = result.facility >= 0
        facility[known[found]] = self.facility_row[there[result.facility[found]]]
        snap[known] = np.array(STATUSES, dtype=object)[result.snap_status]
        estimate_s[known] = result.estimate_s
        return seconds, facility, snap, estimate_s

    def pairs(
        self,
        profile: str,
        *,
        rows: Ints,
        facility_rows: Ints,
        cutoff_s: float,
        direction: Direction = "to",
    ) -> tuple[Ints, Ints, Floats]:
        """Return every pair of demand rows and facilities within a cutoff, each once.

        Parameters
        ----------
        profile
            Name of a profile.
        rows, facility_rows
            Rows of the demand and of the facility table.
        cutoff_s
            Longest time in seconds, itself inside.
        direction
            ``"to"`` the facilities, or ``"from"`` them.

        Returns
        -------
        Positions in `rows`, positions in `facility_rows`, seconds.
        """
        model = self.models[profile]
        here, there = positions(self.origin_row, rows), positions(self.facility_row, facility_rows)
        known, placed = np.flatnonzero(here >= 0), np.flatnonzero(there >= 0)
        straight = model.profile.mode == "straight"
        if not len(known) or not len(placed) or not (self.has_network or straight):
            return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
        here, there = here[known], there[placed]
        found = travel_pairs(
            model,
            self.origins.take(here),
            self.facilities.take(there),
            cutoff_s=cutoff_s,
            direction=direction,
            snapped_origins=None if straight else self.snapped_origins[profile].take(here),
            snapped_facilities=None if straight else self.snapped_facilities[profile].take(there),
        )
        origin, facility = known[found.origin], placed[found.facility]
        order = np.lexsort((facility, origin))
        return origin[order], facility[order], found.seconds[order]


def make_search(study: Study, inputs: Inputs, network: RoadNetwork | None) -> Search:
    """Snap all points of a study, once per mode that its circles use.

    Parameters
    ----------
    study
        Whose circles name the profiles.
    inputs
        Points of demand and facilities.
    network
        Roads, None if the study has none.

    Returns
    -------
    Search
    """
    models = {
        name: travel_model(network, profile, limits=study.limits)
        for name, profile in study.profiles.items()
    }
    origin_row, origins = _points(inputs.demand, inputs.units)
    coarsest = study.limits.coarsest_location
    usable = ~coarser(_quality(inputs.facilities), coarsest)
    facility_row, facilities = _points(inputs.facilities, inputs.units, usable)
    quality = _quality(inputs.demand)
    snapped_origins = _snap_each(models, origins)
    snapped_facilities = _snap_each(models, facilities)
    demand_id = inputs.demand["demand_id"].to_numpy(dtype=object)[origin_row]
    facility_id = inputs.facilities["facility_id"].to_numpy(dtype=object)[facility_row]
    return Search(
        has_network=network is not None,
        lists_are_whole=inputs.has_facilities and study.data != "proxy",
        models=models,
        origin_row=origin_row,
        facility_row=facility_row,
        origins=origins,
        facilities=facilities,
        snapped_origins=snapped_origins,
        snapped_facilities=snapped_facilities,
        problems=(
            *_snap_problems("demand", models, snapped_origins, demand_id),
            *_snap_problems("facility", models, snapped_facilities, facility_id),
        ),
        too_coarse=np.where(coarser(quality, coarsest), quality, ""),
    )


def _points(
    table: pd.DataFrame, units: pd.DataFrame, usable: Bools | None = None
) -> tuple[Ints, Points]:
    """Return the rows that have a usable point, and the points with the setting of their unit."""
    geometry = table["geometry"].to_numpy()
    there = ~shapely.is_missing(geometry)
    row = np.flatnonzero(there if usable is None else there & usable)
    x, y = coordinates(geometry[row])
    rural = units.loc[units["setting"] == "rural", "unit_id"]
    return row, Points(x, y, table["unit_id"].iloc[row].isin(rural).to_numpy(dtype=bool))


def _quality(table: pd.DataFrame) -> Words:
    """Return how exact each place is, "" where nothing is said of it."""
    if "location_quality" not in table:
        return np.full(len(table), "", dtype=object)
    return table["location_quality"].to_numpy(dtype=object)


def coordinates(geometry: Words) -> tuple[Floats, Floats]:
    """Return x and y of points, NaN where there is none."""
    return np.asarray(shapely.get_x(geometry)), np.asarray(shapely.get_y(geometry))


def positions(known: Ints, wanted: Ints) -> Ints:
    """Return where each wanted row stands among known ones, -1 where it does not."""
    return np.asarray(pd.Index(known).get_indexer(pd.Index(wanted)), dtype=np.int64)


def _snap_each(models: Mapping[str, TravelModel], points: Points) -> dict[str, Snapped]:
    """Snap points for each profile that has a network, once for those that share their ways."""
    by_ways: dict[tuple[object, ...], Snapped] = {}
    snapped: dict[str, Snapped] = {}
    for name, model in models.items():
        if model.costs is not None:
            ways = _ways_of(model.profile)
            if ways not in by_ways:
                by_ways[ways] = model.snap(points)
            snapped[name] = by_ways[ways]
    return snapped


def _ways_of(profile: Profile) -> tuple[object, ...]:
    """Return what decides which ways a profile may use."""
    return profile.mode, profile.max_grade, profile.stairs_factor is None


def _snap_problems(
    kind: str, models: Mapping[str, TravelModel], snapped: Mapping[str, Snapped], ids: Words
) -> Iterator[Problem]:
    """List what lies beyond the access limit, on an island or past one; once per kind of ways."""
    listed: set[tuple[object, ...]] = set()
    for name, snaps in snapped.items():
        ways = _ways_of(models[name].profile)
        if ways in listed:
            continue
        listed.add(ways)
        for word in ("beyond", "island", "past_island"):
            which = np.flatnonzero(snaps.status == STATUSES.index(word))
            if len(which):
                yield Problem(
                    f"snap_{kind}_{word}",
                    severity="info" if word == "past_island" else "warning",
                    value=", ".join(map(str, ids[which][:_LISTED_IDS])),
                    values={"mode": models[name].profile.mode},
                    count=len(which),
                )

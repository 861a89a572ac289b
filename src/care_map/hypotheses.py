"""A column of minutes per hypothesis: own district, any district, all that is built operating.

Coverage and gaps read these columns; they never search themselves.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from care_map.accessibility.coverage import unit_at_levels
from care_map.accessibility.status import Finding, Knowledge, judge, worst_of
from care_map.config import Study
from care_map.errors import Problem
from care_map.inputs.placement import coarser
from care_map.inputs.tables import Inputs
from care_map.network.costs import EdgeCosts
from care_map.network.road_network import RoadNetwork
from care_map.network.snap import STATUSES, Points, Snapped
from care_map.routing.nearest import TravelModel, travel_model
from care_map.schema import ACCESS
from care_map.values import Circle, Profile, Variant

__all__ = ["Hypotheses", "Search", "access_table", "make_search"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Words = NDArray[np.object_]

_SOON_STAGES = ("building", "finished", "accepted", "suspended")
_LISTED_IDS = 20
_S_PER_MIN = 60.0


@dataclass(frozen=True, slots=True)
class Hypotheses:
    """Facts about rows of the access table that explain gaps; arrays of one length.

    Parameters
    ----------
    x, y
        Metres, NaN where the place is unknown.
    priority
        Whether the elders are of a priority group.
    seconds_if_operating
        Time if every facility that is built or being built operated.
    cutoff_s
        Limit of the circle.
    has_own_facility
        Whether a facility of the circle's types operates in the unit or serves it.
    """

    x: Floats
    y: Floats
    priority: Bools
    seconds_if_operating: Floats
    cutoff_s: Floats
    has_own_facility: Bools


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

    def seconds(
        self, profile: str, *, rows: Ints, facility_rows: Ints, estimate: bool = False
    ) -> tuple[Floats, Ints, Words, Floats]:
        """Return times from demand rows to the nearest of some facilities.

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

        Returns
        -------
        Seconds (inf if none), facility row (-1), snap status in words (empty without a point),
        estimate in seconds (NaN if none, or not asked for); each as long as `rows`.
        """
        seconds, facility = np.full(len(rows), np.inf), np.full(len(rows), -1, np.int64)
        snap, estimate_s = np.full(len(rows), "", dtype=object), np.full(len(rows), np.nan)
        model = self.models[profile]
        here = _positions(self.origin_row, rows)
        there = _positions(self.facility_row, facility_rows)
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
        )
        seconds[known] = result.seconds
        found = result.facility >= 0
        facility[known[found]] = self.facility_row[there[result.facility[found]]]
        snap[known] = np.array(STATUSES, dtype=object)[result.snap_status]
        estimate_s[known] = result.estimate_s
        return seconds, facility, snap, estimate_s

    def hypotheses(self, study: Study, inputs: Inputs, official: pd.DataFrame) -> Hypotheses:
        """Return the facts that explain the gaps of official rows of the access table."""
        row = pd.Index(inputs.demand["demand_id"]).get_indexer(official["demand_id"])
        x, y = _coordinates(inputs.demand.geometry.to_numpy()[row])
        if_operating, cutoff_s = np.full(len(row), np.inf), np.full(len(row), np.nan)
        has_own = np.zeros(len(row), bool)
        for circle in study.circles:
            mine = np.flatnonzero((official["circle"] == circle.id).to_numpy())
            rows, variant = row[mine], circle.variants[0]
            cutoff_s[mine] = _cutoffs_s(inputs, rows, variant)
            soon = _facility_rows(inputs, stages=("operating", *_SOON_STAGES), own=True)
            found = _minutes(self, inputs, rows, circle=circle, variant=variant, pool=soon)
            if_operating[mine] = found.finding.seconds
            has_own[mine] = _has_own(inputs, rows, circle)
        return Hypotheses(
            x=x,
            y=y,
            priority=(inputs.demand["groups"].to_numpy(dtype=object) != "")[row],
            seconds_if_operating=if_operating,
            cutoff_s=cutoff_s,
            has_own_facility=has_own,
        )


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


def access_table(study: Study, inputs: Inputs, search: Search) -> pd.DataFrame:
    """Return the time and the status of every demand row for every circle and variant.

    Parameters
    ----------
    study
        Whose circles are asked.
    inputs
        Demand and facilities.
    search
        Their snapped points.

    Returns
    -------
    DataFrame with the columns of :data:`care_map.schema.ACCESS`, and ``official`` and
    ``covered_any_district`` (bool).
    """
    parts = [
        _access_part(inputs, search, circle, variant)
        for circle in study.circles
        for variant in circle.variants
    ]
    columns = [*ACCESS.names, "official", "covered_any_district"]
    return pd.concat(parts, ignore_index=True)[columns]


def _access_part(inputs: Inputs, search: Search, circle: Circle, variant: Variant) -> pd.DataFrame:
    setting = inputs.demand["setting"].to_numpy(dtype=object)
    # Who lives in a setting for which the circle has no rule is outside the circle.
    rows = np.flatnonzero(np.isin(setting, ["", *variant.rules]))
    cutoff_s = _cutoffs_s(inputs, rows, variant)
    own = _facility_rows(inputs, stages=("operating",), own=True)
    everywhere = _facility_rows(inputs, stages=("operating",), own=False)
    ask = partial(_minutes, search, inputs, rows, circle=circle, variant=variant)
    found = ask(pool=own, estimate=True)
    wider = found if len(own) == len(everywhere) else ask(pool=everywhere)
    status = found.finding.status
    determined = status != "undetermined"
    facility_id = inputs.facilities["facility_id"].to_numpy(dtype=object)
    table = inputs.demand.iloc[rows]
    return pd.DataFrame(
        {
            "demand_id": table["demand_id"].to_numpy(dtype=object),
            "circle": circle.id,
            "profile": variant.profile,
            "unit_id": table["unit_id"].to_numpy(dtype=object),
            "setting": setting[rows],
            "elders": table["elders"].to_numpy(dtype=np.int64),
            "minutes": np.where(determined, _as_minutes(found.finding.seconds), np.nan),
            "facility_id": _id_of(facility_id, found.finding.facility),
            "status": status,
            "reason": found.finding.reason,
            "minutes_any_district": _as_minutes(wider.finding.seconds),
            "facility_id_any_district": _id_of(facility_id, wider.finding.facility),
            "estimate_minutes": found.estimate_s / _S_PER_MIN,
            "snap_status": found.snap,
            "official": variant.official,
            "covered_any_district": (wider.finding.status == "covered") & ~np.isnan(cutoff_s),
        }
    )


@dataclass(frozen=True, slots=True)
class _Found:
    finding: Finding
    snap: Words
    estimate_s: Floats


def _minutes(
    search: Search,
    inputs: Inputs,
    rows: Ints,
    *,
    circle: Circle,
    variant: Variant,
    pool: Ints,
    estimate: bool = False,
) -> _Found:
    """Search every part of the circle for demand rows, each by the profile of its setting."""
    cutoff_s = _cutoffs_s(inputs, rows, variant)
    profile = _profiles(inputs, rows, variant)
    too_coarse = search.too_coarse[rows]
    has_point = inputs.demand.geometry.notna().to_numpy()[rows] & (too_coarse != "none")
    findings: list[Finding] = []
    snap, estimate_s = np.full(len(rows), "", dtype=object), np.full(len(rows), np.nan)
    for types in circle.require:
        wanted = pool[_has_role(inputs, types)[pool]]
        seconds, facility = np.full(len(rows), np.inf), np.full(len(rows), -1, np.int64)
        networked = np.ones(len(rows), bool)
        for name in dict.fromkeys(rule.profile for rule in variant.rules.values()):
            mine = np.flatnonzero(profile == name)
            result = search.seconds(name, rows=rows[mine], facility_rows=wanted, estimate=estimate)
            seconds[mine], facility[mine], snap[mine], part_s = result
            estimate_s[mine] = np.fmax(estimate_s[mine], part_s)
            networked[mine] = search.has_network or search.models[name].profile.approximate
        known = Knowledge(
            has_point=has_point,
            snap_status=snap,
            listed=len(wanted) if len(wanted) or search.lists_are_whole else None,
            located=int(np.isin(wanted, search.facility_row).sum()),
            has_network=networked,
            too_coarse=too_coarse,
        )
        findings.append(judge(seconds, facility, cutoff_s=cutoff_s, known=known))
    return _Found(worst_of(findings), snap, estimate_s)


def _cutoffs_s(inputs: Inputs, rows: Ints, variant: Variant) -> Floats:
    rules = {s: variant.rule(s) for s in ("", "urban", "rural")}
    limit_s = {s: np.nan if rule is None else rule.cutoff_s for s, rule in rules.items()}
    setting, words = _settings(inputs, rows)
    return np.array([limit_s[word] for word in words], dtype=float)[setting]


def _profiles(inputs: Inputs, rows: Ints, variant: Variant) -> Words:
    rules = {s: variant.rule(s) for s in ("", "urban", "rural")}
    name = {s: "" if rule is None else rule.profile for s, rule in rules.items()}
    setting, words = _settings(inputs, rows)
    return np.array([name[word] for word in words], dtype=object)[setting]


def _settings(inputs: Inputs, rows: Ints) -> tuple[Ints, list[str]]:
    """Return the settings of demand rows as numbers, and the words that they stand for."""
    number, words = pd.factorize(inputs.demand["setting"].to_numpy(dtype=object)[rows])
    return np.asarray(number, dtype=np.int64), words.tolist()


def _facility_rows(inputs: Inputs, *, stages: Iterable[str], own: bool) -> Ints:
    table = inputs.facilities
    counts = table["stage"].isin(list(stages))
    return np.flatnonzero(counts & table["in_area"] if own else counts)


def _has_role(inputs: Inputs, types: Iterable[str]) -> Bools:
    wanted = set(types)
    roles = inputs.facilities["roles"].to_numpy(dtype=object)
    return np.array([bool(wanted & set(cell.split(";"))) for cell in roles], dtype=bool)


def _has_own(inputs: Inputs, rows: Ints, circle: Circle) -> Bools:
    """Tell where a facility of the circle's types operates in the elder's unit or serves it."""
    operating = _facility_rows(inputs, stages=("operating",), own=False)
    mine = inputs.facilities.iloc[operating[_has_role(inputs, circle.types)[operating]]]
    served: set[str] = set()
    ancestors = unit_at_levels(inputs.units)
    for unit_id in mine["unit_id"]:
        served.update(ancestors.loc[unit_id] if unit_id in ancestors.index else [unit_id])
    if "serves_units" in mine.columns:
        served.update(part for cell in mine["serves_units"] for part in str(cell).split(";"))
    unit_id = inputs.demand["unit_id"].iloc[rows]
    return np.asarray(unit_id.isin(list(served - {""})), dtype=bool)


def _points(
    table: pd.DataFrame, units: pd.DataFrame, usable: Bools | None = None
) -> tuple[Ints, Points]:
    """Return the rows that have a usable point, and the points with the setting of their unit."""
    geometry = table["geometry"].to_numpy()
    there = ~shapely.is_missing(geometry)
    row = np.flatnonzero(there if usable is None else there & usable)
    x, y = _coordinates(geometry[row])
    rural = units.loc[units["setting"] == "rural", "unit_id"]
    return row, Points(x, y, table["unit_id"].iloc[row].isin(rural).to_numpy(dtype=bool))


def _quality(table: pd.DataFrame) -> Words:
    """Return how exact each place is, "" where nothing is said of it."""
    if "location_quality" not in table:
        return np.full(len(table), "", dtype=object)
    return table["location_quality"].to_numpy(dtype=object)


def _coordinates(geometry: Words) -> tuple[Floats, Floats]:
    return np.asarray(shapely.get_x(geometry)), np.asarray(shapely.get_y(geometry))


def _positions(known: Ints, wanted: Ints) -> Ints:
    """Return where each wanted row stands among known ones, -1 where it does not."""
    return np.asarray(pd.Index(known).get_indexer(pd.Index(wanted)), dtype=np.int64)


def _as_minutes(seconds: Floats) -> Floats:
    return np.where(np.isinf(seconds), np.nan, seconds / _S_PER_MIN)


def _id_of(ids: Words, row: Ints) -> Words:
    return np.where(row >= 0, ids[row] if len(ids) else "", "").astype(object)


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

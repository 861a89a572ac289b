"""Stops of a mobile service: as few as bring every village with uncovered elders to a walk."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from care_map.assessment import Assessment
from care_map.counterfactuals import middles
from care_map.errors import InputError, Problem
from care_map.messages import catalogue
from care_map.network.snap import Points
from care_map.planning.covering import lscp
from care_map.routing.nearest import TravelModel, travel_model
from care_map.routing.pairs import travel_pairs
from care_map.scenarios import AddFacility, Change, ChangeCircle, MobileStops
from care_map.schema import MOBILE_STOPS
from care_map.search_points import coordinates
from care_map.study_network import read_ground
from care_map.values import PROFILES

__all__ = ["MobilePlan", "mobile_stops", "stops_for"]

Ints = NDArray[np.int64]

_DEGREES = "EPSG:4326"
_SOLVER_S = 60.0
STOP = "mobile_stop"


@dataclass(frozen=True, slots=True)
class MobilePlan:
    """Stops of a mobile service, and which villages each serves.

    Parameters
    ----------
    new_facilities
        The stops: columns of :data:`care_map.schema.FACILITIES`, points in the study's CRS.
    villages
        A row per village with uncovered elders: :data:`care_map.schema.MOBILE_STOPS`.
    changes
        What a scenario takes of it.
    status, bound
        Of the solver: ``"optimal"`` where no fewer stops would do; the fewest that are proved
        to be needed.
    """

    new_facilities: gpd.GeoDataFrame
    villages: pd.DataFrame
    changes: tuple[Change, ...]
    status: str
    bound: float


def mobile_stops(
    result: Assessment,
    *,
    circle: str,
    minutes: float = 15.0,
    profile: str = "elder",
    counts: bool = False,
) -> MobilePlan:
    """Choose stops so that every village with uncovered elders is within a walk of one.

    A village stands where the middle of its uncovered elders is, at the nearest of their homes;
    these places are the candidates. The fewest of them are chosen that reach every village
    (set cover, exact through HiGHS).

    Parameters
    ----------
    result
        An assessment.
    circle
        Circle whose uncovered elders are meant, by its official profile.
    minutes
        Longest walk, itself inside.
    profile
        Who walks.
    counts
        Whether a stop covers elders of the circle, where the plan's changes are put in a
        scenario.

    Returns
    -------
    MobilePlan
        Without any stop where nobody is uncovered.

    Raises
    ------
    InputError
        There is no such circle or profile.
    """
    return stops_for(result, MobileStops(circle, minutes, profile, counts))


@dataclass(frozen=True, slots=True)
class _Villages:
    """Uncovered elders with a place, by village."""

    points: Points
    elders: Ints
    number: Ints
    names: pd.Index
    middle: Ints


def stops_for(result: Assessment, rule: MobileStops) -> MobilePlan:
    """Return the stops of a rule; see :func:`mobile_stops`."""
    _check(result, rule)
    villages = _villages(result, rule)
    if not len(villages.names):
        return MobilePlan(_stops(result, [], villages), _no_villages(), (), "optimal", 0.0)
    model = _model(result, rule)
    cutoff_s = rule.minutes * 60.0
    middles_at = villages.points.take(villages.middle)
    pairs = travel_pairs(model, middles_at, middles_at, cutoff_s=cutoff_s)
    elders = np.bincount(villages.number, villages.elders, minlength=len(villages.names))
    ids = np.arange(len(villages.names))
    table = pd.DataFrame(
        {"demand_id": pairs.origin, "facility_id": pairs.facility, "minutes": pairs.seconds / 60.0}
    )
    plan = lscp(table, pd.Series(elders, ids), cutoff_minutes=rule.minutes, time_limit_s=_SOLVER_S)
    chosen = np.array(sorted(int(str(site)) for site in plan.sites), dtype=np.int64)
    stops = _stops(result, chosen.tolist(), villages)
    near = travel_pairs(model, villages.points, middles_at.take(chosen), cutoff_s=cutoff_s)
    within = np.isin(np.arange(len(villages.elders)), near.origin)
    served = _served(result, villages, table, chosen, stops, within)
    return MobilePlan(stops, served, _changes(stops, rule), plan.status, plan.bound)


def _check(result: Assessment, rule: MobileStops) -> None:
    problems = []
    circles = tuple(one.id for one in result.study.circles)
    profiles = tuple({**PROFILES, **{one.name: one for one in result.study.own_profiles}})
    for name, value, known in (
        ("circle", rule.circle, circles),
        ("profile", rule.profile, profiles),
    ):
        if value not in known:
            values = {"known": ", ".join(known)}
            problems.append(Problem("unknown_code", column=name, value=value, values=values))
    if not rule.minutes > 0:
        shown = f"{rule.minutes:g}"
        problems.append(Problem("minutes_invalid", column="minutes", value=shown))
    if problems:
        raise InputError(problems)


def _model(result: Assessment, rule: MobileStops) -> TravelModel:
    study = result.study
    network, _ = read_ground(study).network(result.crs)
    known = {**PROFILES, **{one.name: one for one in study.own_profiles}}
    name = rule.profile
    if network is None and known[name].mode != "straight":
        name = "straight_line_elder" if name == "elder" else "straight_line"
    return travel_model(network, known[name], limits=study.limits)


def _villages(result: Assessment, rule: MobileStops) -> _Villages:
    circle = next(one for one in result.study.circles if one.id == rule.circle)
    official = circle.variants[0].profile
    access = result.access
    mine = (access["circle"] == rule.circle) & (access["profile"] == official)
    open_ = access[mine & (access["status"] == "uncovered") & (access["elders"] > 0)]
    demand = result.demand
    row = pd.Index(demand["demand_id"]).get_indexer(pd.Index(open_["demand_id"]))
    geometry = demand.geometry.to_numpy()[row]
    placed = ~shapely.is_missing(geometry)
    row, geometry = row[placed], geometry[placed]
    x, y = coordinates(geometry)
    rural = (demand["setting"].to_numpy(dtype=object)[row] == "rural").astype(bool)
    unit = demand["unit_id"].to_numpy(dtype=object)[row]
    # Who is in no unit is a village of its own: one middle of them all would be nowhere.
    lone = np.array([f"?{one}" for one in row.tolist()], dtype=object)
    number, names = pd.factorize(np.where(unit == "", lone, unit), sort=True)
    points = Points(x, y, rural)
    elders = demand["elders"].to_numpy(dtype=np.int64)[row]
    number = number.astype(np.int64)
    middle = (
        middles(points, elders.astype(float), number, len(names))
        if len(names)
        else np.zeros(0, np.int64)
    )
    return _Villages(points, elders, number, pd.Index(names), middle)


def _stops(result: Assessment, chosen: list[int], villages: _Villages) -> gpd.GeoDataFrame:
    texts = catalogue(result.study.language)
    taken = set(result.facilities["facility_id"])
    free = (f"stop-{number}" for number in range(1, len(chosen) + len(taken) + 1))
    ids = [one for one in free if one not in taken][: len(chosen)]
    names = _unit_names(result)
    at = villages.points.take(villages.middle[np.array(chosen, dtype=np.int64)])
    units = [str(villages.names[one]) for one in chosen]
    columns = {
        "facility_id": ids,
        "name": [
            texts.text("scenario.stop_name", village=names.get(unit, ids[number]))
            for number, unit in enumerate(units)
        ],
        "roles": [STOP] * len(chosen),
        "stage": ["operating"] * len(chosen),
        "unit_id": [unit if unit in names else "" for unit in units],
    }
    frame = pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in columns.items()})
    return gpd.GeoDataFrame(frame, geometry=shapely.points(at.x, at.y), crs=result.crs)


def _unit_names(result: Assessment) -> dict[str, str]:
    return dict(zip(result.units["unit_id"], result.units["name"], strict=True))


def _no_villages() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=object) for name in MOBILE_STOPS.names})


def _served(
    result: Assessment,
    villages: _Villages,
    pairs: pd.DataFrame,
    chosen: Ints,
    stops: gpd.GeoDataFrame,
    within: NDArray[np.bool_],
) -> pd.DataFrame:
    """Return each village with its nearest stop, and how many of its elders can walk to one."""
    names = _unit_names(result)
    size = len(villages.names)
    near = pairs[pairs["facility_id"].isin(chosen)].sort_values(["minutes", "facility_id"])
    nearest = near.drop_duplicates("demand_id").set_index("demand_id").reindex(range(size))
    position = np.searchsorted(chosen, nearest["facility_id"].to_numpy(dtype=np.int64))
    walkers = np.bincount(villages.number, villages.elders * within, minlength=size)
    elders = np.bincount(villages.number, villages.elders, minlength=size)
    units = [str(unit) if unit in names else "" for unit in villages.names]
    return pd.DataFrame(
        {
            "unit_id": units,
            "unit_name": [names.get(unit, "") for unit in units],
            "elders": elders.astype(np.int64),
            "facility_id": stops["facility_id"].to_numpy(dtype=object)[position],
            "facility_name": stops["name"].to_numpy(dtype=object)[position],
            "minutes": nearest["minutes"].to_numpy(dtype=float),
            "within_walk": walkers.astype(np.int64),
        }
    )[MOBILE_STOPS.names]


def _changes(stops: gpd.GeoDataFrame, rule: MobileStops) -> tuple[Change, ...]:
    places = stops.geometry.to_crs(_DEGREES)
    rows = zip(stops["facility_id"], stops["name"], places, strict=True)
    added = tuple(AddFacility(one, name, (STOP,), place.x, place.y) for one, name, place in rows)
    also = (ChangeCircle(rule.circle, accept=(STOP,)),) if rule.counts and added else ()
    return (*also, *added)

"""What every request about a circle needs: the candidates, and whom each reaches."""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from care_map.assessment import Assessment
from care_map.config import CandidateSource
from care_map.errors import InputError, Problem
from care_map.inputs.candidates import make_candidates
from care_map.inputs.sources import read_source
from care_map.inputs.tables import Inputs
from care_map.inputs.unit_index import UnitIndex
from care_map.network.road_network import RoadNetwork
from care_map.schema import CANDIDATES
from care_map.siting.candidates import Places, from_network, from_places, places_of
from care_map.siting.pairs import Reach, one_part, reach_of
from care_map.siting.request import SiteRequest
from care_map.siting.rules import standing_types
from care_map.study_network import read_ground
from care_map.values import Circle, Variant

__all__ = ["SiteTask", "task_of"]

_HORIZON = 4.0
"""Means and longest ways look this many times as far as the circle (default)."""


@dataclass(frozen=True, slots=True)
class SiteTask:
    """What every request about a circle needs.

    Parameters
    ----------
    result, circle, variant
        The run, and the reading of the circle that is sited for.
    places, candidates
        What can be chosen and what cannot; all that there is.
    reach
        Whom each place reaches.
    costs, cost_kind
        Yuan by candidate, ``cost`` or ``subsidy``; "" without any.
    problems
        What was found in a list that the request names.
    """

    result: Assessment
    circle: Circle
    variant: Variant
    places: Places
    candidates: gpd.GeoDataFrame
    reach: Reach
    costs: pd.Series
    cost_kind: str
    problems: tuple[Problem, ...] = ()


def task_of(result: Assessment, circle: Circle, request: SiteRequest) -> SiteTask:
    """Return the candidates of a request, and whom each reaches.

    Parameters
    ----------
    result
        A run.
    circle, request
        What is asked for.

    Raises
    ------
    InputError
        The candidates cannot be had, or are not all of one part of the circle.
    """
    study = result.study
    variant = next(one for one in circle.variants if request.profile in (one.profile, None))
    network = _network(result)
    problems: list[Problem] = []
    candidates = _candidates(result, circle, variant, request, network, problems)
    places = places_of(
        candidates,
        request,
        circle,
        result.units,
        pack=study.pack,
        standing=standing_types(result.facilities, result.units) if request.one_per_unit else {},
        taken=frozenset(map(str, result.facilities["facility_id"])),
    )
    _require_one_part(circle, places.table, request)
    reach = reach_of(
        study,
        _inputs(result),
        network,
        result.access,
        places.table,
        way=(circle, variant),
        times=request.times,
        horizon=0.0 if request.objective == "cover" else _HORIZON,
    )
    costs, kind = _costs(places.table)
    return SiteTask(
        result, circle, variant, places, candidates, reach, costs, kind, tuple(problems)
    )


def _network(result: Assessment) -> RoadNetwork | None:
    network, _ = read_ground(result.study).network(result.crs)
    return network


def _inputs(result: Assessment) -> Inputs:
    """Return the tables of a run as searches take them."""
    return Inputs(
        crs=result.crs,
        units=result.units,
        facilities=result.facilities,
        demand=result.demand,
        has_facilities=bool(result.study.facilities),
    )


def _candidates(
    result: Assessment,
    circle: Circle,
    variant: Variant,
    request: SiteRequest,
    network: RoadNetwork | None,
    problems: list[Problem],
) -> gpd.GeoDataFrame:
    kind = request.candidates
    if isinstance(kind, gpd.GeoDataFrame):
        return _as_candidates(kind, result)
    if kind == "list":
        if not result.study.candidates:
            raise InputError([Problem("site_no_list", column="--candidates")])
        return result.candidates
    if kind == "places":
        mine = (result.gaps["circle"] == circle.id) & (result.gaps["profile"] == variant.profile)
        gaps = result.gaps[mine & result.gaps.geometry.notna()]
        made = from_places(result.units, gaps, result.candidates)
        return _typed(made, circle, result.units)
    if kind == "network":
        made = _nodes(result, circle, variant, request, network)
        return _typed(made, circle, result.units)
    return _from_file(result, Path(kind), problems)


def _nodes(
    result: Assessment,
    circle: Circle,
    variant: Variant,
    request: SiteRequest,
    network: RoadNetwork | None,
) -> gpd.GeoDataFrame:
    if network is None:
        raise InputError([Problem("site_no_roads", column="--candidates", value="network")])
    access = result.access
    mine = (access["circle"] == circle.id) & (access["profile"] == variant.profile)
    ids = set(access.loc[mine & (access["status"] != "covered"), "demand_id"])
    where = result.demand[result.demand["demand_id"].isin(ids) & result.demand.geometry.notna()]
    points = where.geometry
    return from_network(
        network,
        result.units,
        result.candidates,
        x=points.x.to_numpy(dtype=float),
        y=points.y.to_numpy(dtype=float),
        elders=where["elders"].to_numpy(dtype=float),
        spacing_m=request.spacing_m,
    )


def _typed(made: gpd.GeoDataFrame, circle: Circle, units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Let a made place become a station in town and a point in a village, as far as that fits."""
    fits = [name for group in circle.require for name in group]
    urban = next((one for one in ("community_station",) if one in fits), fits[0])
    rural = next((one for one in ("village_point", "village_station") if one in fits), urban)
    settings = UnitIndex(units).settings_of(made["unit_id"].to_numpy(dtype=object))
    return made.assign(types=np.where(settings == "rural", rural, urban).astype(object))


def _from_file(result: Assessment, path: Path, problems: list[Problem]) -> gpd.GeoDataFrame:
    study = result.study
    source = CandidateSource(path=path.resolve())
    table = read_source(study, source, CANDIDATES, problems=problems)
    index = UnitIndex(result.units)
    tables = [] if table is None else [table]
    made = make_candidates(tables, index, crs=result.crs, pack=study.pack)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise InputError(errors)
    return made


def _as_candidates(table: gpd.GeoDataFrame, result: Assessment) -> gpd.GeoDataFrame:
    """Fill in what a table of one's own lacks."""
    if table.crs is None or not {"candidate_id", "name"} <= set(table.columns):
        raise InputError([Problem("site_table", column="candidates")])
    found = table.to_crs(result.crs).reset_index(drop=True)
    index = UnitIndex(result.units)
    unit = index.lowest(found.geometry.to_numpy())
    for name in result.candidates.columns:
        if name not in found:
            missing: object = result.candidates[name].dtype.type() if name == "in_area" else ""
            numeric = name.endswith(("_m2", "_yuan")) or name in {"beds", "capacity"}
            found[name] = np.nan if numeric else missing
    inside = unit != "" if index.has_polygons else np.ones(len(found), dtype=bool)
    units = np.where(unit == "", found["unit_id"], unit)
    return found.assign(unit_id=units, in_area=inside, location_quality="point")


def _require_one_part(circle: Circle, places: gpd.GeoDataFrame, request: SiteRequest) -> None:
    """Refuse what is not exact: new sites that give different parts of a circle."""
    several = len(circle.require) > 1
    if several and (request.times > 1 or not one_part(circle, places)):
        raise InputError([Problem("site_parts", column="--role", value=circle.id)])


def _costs(places: gpd.GeoDataFrame) -> tuple[pd.Series, str]:
    """Return costs by candidate, and whether they are costs or what a notice pays."""
    for name, kind in (("cost_yuan", "cost"), ("subsidy_yuan", "subsidy")):
        given = places[name].astype(float)
        if given.notna().any():
            return pd.Series(given.to_numpy(), places["candidate_id"], dtype=float).dropna(), kind
    return pd.Series(dtype=float), ""

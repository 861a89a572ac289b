"""The chain: Study → Assessment, plain frozen tables that the writers read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from care_map.accessibility.coverage import ALL, coverage_by_unit, facility_load
from care_map.accessibility.gaps import GapContext, find_gaps, name_gaps
from care_map.config import Study
from care_map.datum_review import datum_problems
from care_map.diagnostics.effects import effect_records, warning_effects
from care_map.diagnostics.network_report import network_problems, network_report
from care_map.diagnostics.path_completeness import path_completeness
from care_map.diagnostics.scorecard import (
    no_source_quality,
    quality_records,
    source_quality,
)
from care_map.errors import InputError, Problem
from care_map.hypotheses import Hypotheses, Search, access_table, make_search
from care_map.inputs.all_demand import demand_statements
from care_map.inputs.duplicates import site_figures
from care_map.inputs.load import check_inputs, load_inputs
from care_map.inputs.placement import placed_statements
from care_map.inputs.tables import Inputs, no_flips
from care_map.messages import catalogue
from care_map.network.road_network import RoadNetwork
from care_map.schema import ACCESS, GAPS
from care_map.study_network import Ground, read_ground
from care_map.values import KPH_PER_MPS, PROFILES, Statement

__all__ = ["Assessment", "assess", "report_network"]

_NAMED_ROAD_WITHIN_M = 400.0


@dataclass(frozen=True, slots=True)
class Assessment:
    """Everything that is known after a run; writers read it and add nothing.

    All geometries are in `crs` (metres). Lists inside cells are text joined with ``;``.

    Parameters
    ----------
    study
        The study as read.
    crs
        Metric CRS of all geometries.
    units
        ``unit_id, name, level, parent_id, setting, elders`` and what else the source has;
        polygon or None.
    facilities
        Columns of :data:`care_map.schema.FACILITIES` that are known, ``in_area``; point or None.
    demand
        ``demand_id, elders, unit_id, setting, groups, location_quality, origin``; point or None.
    roads, barriers
        Lines for the base map: ``highway``; ``kind``. Empty where unknown.
    coverage_by_unit, access, gaps, facility_load, network_report
        The tables of :mod:`care_map.schema` of the same names, exactly those columns; `gaps` has
        points besides.
    problems
        Findings that did not stop the run.
    labels
        Codes of ``data.*`` that every output says: ``synthetic``, ``proxy``, ``weights``,
        ``approximate``.
    assumptions
        What the figures rest on, printed beside them.
    summary
        Key figures: JSON values only.
    setting_flips
        Units whose setting depends on the rule, with the elders concerned.
    source_quality
        A row per file: what was read, used and left out, and how well it is placed.
    effects
        What the doubts about the inputs do to the figures.
    """

    study: Study
    crs: CRS
    units: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    demand: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    coverage_by_unit: pd.DataFrame
    access: pd.DataFrame
    gaps: gpd.GeoDataFrame
    facility_load: pd.DataFrame
    network_report: pd.DataFrame
    problems: tuple[Problem, ...]
    labels: tuple[str, ...]
    assumptions: tuple[Statement, ...]
    summary: Mapping[str, object]
    setting_flips: pd.DataFrame = field(default_factory=no_flips)
    source_quality: pd.DataFrame = field(default_factory=no_source_quality)
    effects: tuple[Statement, ...] = ()


def assess(study: Study) -> Assessment:
    """Work out who is within which circle, who is not, and why.

    Parameters
    ----------
    study
        A study of :func:`care_map.read_study`.

    Returns
    -------
    Assessment

    Raises
    ------
    InputError
        Some input has errors; all of them are listed.
    """
    ground = _read_ground(study)
    inputs = load_inputs(study, extent=ground.reading.extent)
    network, network_findings = ground.network(inputs.crs)
    search = make_search(study, inputs, network)
    access = access_table(study, inputs, search)
    gaps = _gaps(study, inputs, search, access, network)
    coverage = coverage_by_unit(
        access,
        inputs.demand,
        inputs.units,
        name=study.name,
        circles=_readings(study) if inputs.has_demand else [],
        path_completeness=_path_completeness(study, inputs, network),
    )
    report, report_problems = report_network(search, inputs)
    problems = (
        *ground.problems,
        *network_findings,
        *inputs.problems,
        *search.problems,
        *report_problems,
        *datum_problems(
            study,
            inputs,
            network=network,
            extent=ground.reading.extent,
            access=lambda: access,
        ),
    )
    sources = source_quality(inputs.ledgers, problems, catalogue(study.language))
    effects = warning_effects(inputs, access, problems)
    return Assessment(
        study=study,
        crs=inputs.crs,
        units=inputs.units,
        facilities=inputs.facilities,
        demand=inputs.demand,
        roads=_road_lines(network, inputs.crs),
        barriers=_barrier_lines(ground, inputs.crs),
        coverage_by_unit=coverage,
        access=access[ACCESS.names],
        gaps=gaps,
        facility_load=facility_load(access, inputs.facilities),
        network_report=report,
        problems=problems,
        labels=_labels(study),
        assumptions=(
            *_assumptions(study, ground, search),
            *demand_statements(study, inputs.demand),
            *placed_statements(inputs.demand, study.limits.coarsest_location),
        ),
        summary={
            **_summary(study, inputs, coverage, gaps),
            "sources": quality_records(sources),
            "effects": effect_records(effects),
        },
        setting_flips=inputs.setting_flips,
        source_quality=sources,
        effects=effects,
    )


def report_network(search: Search, inputs: Inputs) -> tuple[pd.DataFrame, tuple[Problem, ...]]:
    """Return how whole the network is and how many of the elders are on which part of it.

    Parameters
    ----------
    search
        The snapped points of a study.
    inputs
        Its demand.

    Returns
    -------
    DataFrame with the columns of :data:`care_map.schema.NETWORK_REPORT`.
    tuple of Problem
        What it says about the figures that rest on the network.
    """
    costs = search.costs_by_mode()
    edges: dict[str, NDArray[np.int64]] = {
        model.profile.mode: search.snapped_origins[name].edge
        for name, model in search.models.items()
        if model.costs is not None and costs[model.profile.mode] is model.costs
    }
    elders = inputs.demand["elders"].to_numpy(dtype=float)
    report = network_report(
        costs,
        demand_edges=edges,
        demand_weight=elders[search.origin_row],
        demand_total=float(elders.sum()),
    )
    return report, network_problems(costs, report)


def _read_ground(study: Study) -> Ground:
    try:
        return read_ground(study)
    except InputError as error:
        # Bad roads or heights must not hide what is wrong with the lists.
        others = [problem for problem in check_inputs(study) if problem.severity == "error"]
        raise InputError([*error.problems, *others]) from None


def _path_completeness(
    study: Study, inputs: Inputs, network: RoadNetwork | None
) -> dict[str, dict[str, float]]:
    """Return by profile that anybody walks with, how well paths are mapped in each unit."""
    units = inputs.units[inputs.units.geometry.notna()]
    if network is None or units.empty:
        return {}
    scores = path_completeness(network, units, whole=ALL)["score"]
    score = dict(zip(scores.index.astype(str), scores.astype(float), strict=True))
    known = study.profiles
    return {
        variant.profile: score
        for circle in study.circles
        for variant in circle.variants
        if any(known[rule.profile].mode == "foot" for rule in variant.rules.values())
    }


def _readings(study: Study) -> list[tuple[str, str]]:
    """Return each circle with each of its profiles."""
    return [(circle.id, v.profile) for circle in study.circles for v in circle.variants]


def _gaps(
    study: Study,
    inputs: Inputs,
    search: Search,
    access: pd.DataFrame,
    network: RoadNetwork | None,
) -> gpd.GeoDataFrame:
    official = access[access["official"]].reset_index(drop=True)
    facts: Hypotheses = search.hypotheses(study, inputs, official)
    context = GapContext(
        x=facts.x,
        y=facts.y,
        priority=facts.priority,
        seconds_if_operating=facts.seconds_if_operating,
        cutoff_s=facts.cutoff_s,
        has_own_facility=facts.has_own_facility,
        unit_name=_unit_names(study, inputs.units),
        facility_name=dict(
            zip(inputs.facilities["facility_id"], inputs.facilities["name"], strict=True)
        ),
        radius_m=study.limits.gap_radius_m,
    )
    gaps = find_gaps(official, context)
    x, y = gaps["x"].to_numpy(dtype=float), gaps["y"].to_numpy(dtype=float)
    gaps = name_gaps(gaps, place=_nearest_named_road(network, x, y))
    to_degrees = Transformer.from_crs(inputs.crs, "EPSG:4326", always_xy=True)
    known = ~np.isnan(x)
    lon, lat = np.full(len(x), np.nan), np.full(len(x), np.nan)
    lon[known], lat[known] = to_degrees.transform(x[known], y[known])
    points = np.full(len(x), None, dtype=object)
    points[known] = shapely.points(x[known], y[known])
    gaps = gaps.assign(lon=lon.round(6), lat=lat.round(6))[GAPS.names]
    return gpd.GeoDataFrame(gaps, geometry=points, crs=inputs.crs)


def _unit_names(study: Study, units: pd.DataFrame) -> dict[str, str]:
    """Return each unit's name, a community's with that of its town before it.

    Who is in no unit needs a name as well: there is no other for the place of such a gap.
    """
    nowhere = catalogue(study.language).text("level.none") if len(units) else study.name
    name = dict(zip(units["unit_id"], units["name"], strict=True))
    level = dict(zip(units["unit_id"], units["level"], strict=True))
    parents = {
        unit_id: name[parent]
        for unit_id, parent in zip(units["unit_id"], units["parent_id"], strict=True)
        if level.get(parent) == "town"
    }
    own_names = {
        unit_id: f"{parents[unit_id]}{own}" if unit_id in parents else own
        for unit_id, own in name.items()
    }
    return {"": nowhere, **own_names}


def _nearest_named_road(
    network: RoadNetwork | None, x: NDArray[np.float64], y: NDArray[np.float64]
) -> NDArray[np.object_]:
    """Return the name of the nearest named road near each point, empty if there is none."""
    place = np.full(len(x), "", dtype=object)
    if network is None or "name" not in network.ways.columns:
        return place
    name = network.ways["name"].to_numpy(dtype=object)[network.edge_way]
    named = np.flatnonzero(name != "")
    here = np.flatnonzero(~np.isnan(x))
    if not len(named) or not len(here):
        return place
    tree = shapely.STRtree(network.lines()[named])
    points = shapely.points(x[here], y[here])
    pairs = tree.query_nearest(points, max_distance=_NAMED_ROAD_WITHIN_M, all_matches=False)
    place[here[pairs[0]]] = name[named[pairs[1]]]
    return place


def _road_lines(network: RoadNetwork | None, crs: CRS) -> gpd.GeoDataFrame:
    if network is None:
        return gpd.GeoDataFrame({"highway": []}, geometry=[], crs=crs)
    highway = network.ways["highway"].to_numpy(dtype=object)[network.edge_way]
    return gpd.GeoDataFrame({"highway": highway}, geometry=network.lines(), crs=crs)


def _barrier_lines(ground: Ground, crs: CRS) -> gpd.GeoDataFrame:
    if ground.reading.barriers is None:
        return gpd.GeoDataFrame({"kind": []}, geometry=[], crs=crs)
    return ground.reading.barriers.to_crs(crs)


def _labels(study: Study) -> tuple[str, ...]:
    labels: list[str] = [] if study.data == "real" else [study.data]
    if any(source.weights for source in study.demand):
        labels.append("weights")
    if any(profile.approximate for profile in study.profiles.values()):
        labels.append("approximate")
    return tuple(labels)


def _assumptions(study: Study, ground: Ground, search: Search) -> tuple[Statement, ...]:
    """State what the figures rest on: profiles, limits, age, barriers."""
    limits = study.limits
    statements = [
        Statement(
            name if name in PROFILES else "own_profile",
            {
                "name": name,
                "speed_mps": profile.walk_speed_mps,
                "stairs": profile.stairs_factor or 0.0,
                "detour": profile.detour_factor,
                "overhead_min": profile.overhead_s / 60.0,
                "cycle_kph": profile.cycle_speed_mps * KPH_PER_MPS,
                "grade": (profile.max_grade or 0.0) * 100.0,
            },
        )
        for name, profile in study.profiles.items()
    ]
    if search.has_network:
        values = {
            "urban_m": limits.access_urban_m,
            "rural_m": limits.access_rural_m,
            "island_m": limits.min_component_m,
        }
        statements.append(Statement("access_legs", values))
        known = ground.reading.barriers is not None
        statements.append(Statement("barriers_heeded" if known else "barriers_unknown"))
        statements.append(Statement("flat" if study.elevation is None else "hills"))
        statements.append(Statement("ferries_off"))
        if any(profile.mode in ("car", "cycle") for profile in study.profiles.values()):
            statements.append(Statement("turns_out"))
    ages = sorted({source.elder_age for source in study.demand})
    statements.extend(Statement("elder_age", {"age": age}) for age in ages)
    statements.append(Statement("own_district"))
    return tuple(statements)


def _summary(
    study: Study, inputs: Inputs, coverage: pd.DataFrame, gaps: gpd.GeoDataFrame
) -> dict[str, object]:
    # By level, not by id: a user's unit may be called "all".
    whole = coverage[(coverage["level"] == ALL) & (coverage["group"] == ALL)]
    whole = whole[whole["setting"] == ALL]
    figures = ["elders", "covered", "uncovered", "undetermined", "covered_any_district"]
    rates = ["rate_low", "rate_high", "path_completeness", "median_minutes", "p90_minutes"]
    circles = [
        {
            "circle": row["circle"],
            "profile": row["profile"],
            **{name: int(row[name]) for name in figures},
            **{name: None if pd.isna(row[name]) else float(row[name]) for name in rates},
            "gaps": int((gaps["circle"] == row["circle"]).sum()),
        }
        for row in whole.to_dict("records")
    ]
    return {
        "study": study.name,
        "as_of": study.as_of.isoformat() if study.as_of else None,
        "data": study.data,
        "units": len(inputs.units),
        "facilities": len(inputs.facilities),
        "facilities_with_point": int(inputs.facilities.geometry.notna().sum()),
        **site_figures(inputs.facilities),
        "demand_rows": len(inputs.demand),
        "elders": int(inputs.demand["elders"].sum()),
        "circles": circles,
    }

"""The chain: Study → Assessment, plain frozen tables that the writers read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS

from care_map.access import access_table
from care_map.accessibility.coverage import ALL, coverage_by_unit, facility_load
from care_map.capacity_stage import CapacityTables, capacity_tables
from care_map.circles import circle_statements
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
from care_map.full_gaps import with_full_gaps
from care_map.gap_places import Surroundings
from care_map.gap_table import GapTables, gap_statements, gap_tables
from care_map.inputs.all_demand import demand_statements
from care_map.inputs.duplicates import site_figures
from care_map.inputs.load import check_inputs, load_inputs
from care_map.inputs.placement import placed_statements
from care_map.inputs.scenario_lists import changed_inputs
from care_map.inputs.tables import Inputs, no_candidates, no_flips
from care_map.lattice_times import Lattice, lattice_times
from care_map.messages import catalogue
from care_map.network.road_network import RoadNetwork
from care_map.notice_review import (
    NoticeReview,
    empty_table,
    notice_problems,
    review_notice,
)
from care_map.scenario_words import scenario_statements
from care_map.schema import (
    ACCESS,
    BEDS_BY_UNIT,
    CAPACITY_BY_FACILITY,
    CAPACITY_BY_UNIT,
    CLAUSE_EVIDENCE,
    CLAUSE_VERDICTS,
    CRITICAL,
    EQUITY,
    GAP_REASONS,
    GAP_ROBUSTNESS,
    LEDGER,
    LEDGER_LEFT_OUT,
    LEDGER_SERIES,
    LORENZ,
    OVERLAP,
    ROBUSTNESS,
    SERVED_FROM_OUTSIDE,
    SERVICES_LIST,
    UNDETERMINED,
    UNIT_SERVICE,
)
from care_map.search_points import Search, make_search
from care_map.service_areas import no_areas, service_areas
from care_map.soundness import Soundness, find_soundness, soundness_statements
from care_map.study_network import Ground, read_ground
from care_map.study_statements import study_labels, study_statements
from care_map.values import Statement
from care_map.what_if import WhatIf, what_if

__all__ = ["Assessment", "assess", "report_network"]

Ints = NDArray[np.int64]


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
    gap_reasons
        What each factor would do for the largest gaps.
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
    clause_verdicts, clause_evidence, ledger, ledger_left_out, ledger_series, unit_service
        What comes of the study's policy pack: tables of the same names, empty without a pack.
    equity, lorenz, overlap, critical, served_from_outside, undetermined, robustness, gap_robustness
        How even, how doubled, how complete and how firm coverage is: tables of the same names.
    capacity_by_unit, capacity_by_facility, beds_by_unit
        What services can give and who finds no place: tables of the same names.
    candidates
        Places where facilities could be opened: columns of :data:`care_map.schema.CANDIDATES`,
        costs in yuan, ``in_area``; point or None.
    what_if
        By circle and profile, whom the candidates would cover.
    service_areas
        Where each circle's facilities are within its minutes, for the eye only.
    lattice
        Exact times from a lattice of places, None where nothing can be measured.
    services
        What facilities give: columns of :data:`care_map.schema.SERVICES_LIST`.
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
    gap_reasons: pd.DataFrame = field(default_factory=partial(empty_table, GAP_REASONS))
    clause_verdicts: pd.DataFrame = field(default_factory=partial(empty_table, CLAUSE_VERDICTS))
    clause_evidence: pd.DataFrame = field(default_factory=partial(empty_table, CLAUSE_EVIDENCE))
    ledger: pd.DataFrame = field(default_factory=partial(empty_table, LEDGER))
    ledger_left_out: pd.DataFrame = field(default_factory=partial(empty_table, LEDGER_LEFT_OUT))
    ledger_series: pd.DataFrame = field(default_factory=partial(empty_table, LEDGER_SERIES))
    unit_service: pd.DataFrame = field(default_factory=partial(empty_table, UNIT_SERVICE))
    equity: pd.DataFrame = field(default_factory=partial(empty_table, EQUITY))
    lorenz: pd.DataFrame = field(default_factory=partial(empty_table, LORENZ))
    overlap: pd.DataFrame = field(default_factory=partial(empty_table, OVERLAP))
    critical: pd.DataFrame = field(default_factory=partial(empty_table, CRITICAL))
    served_from_outside: pd.DataFrame = field(
        default_factory=partial(empty_table, SERVED_FROM_OUTSIDE)
    )
    undetermined: pd.DataFrame = field(default_factory=partial(empty_table, UNDETERMINED))
    robustness: pd.DataFrame = field(default_factory=partial(empty_table, ROBUSTNESS))
    gap_robustness: pd.DataFrame = field(default_factory=partial(empty_table, GAP_ROBUSTNESS))

    capacity_by_unit: pd.DataFrame = field(default_factory=partial(empty_table, CAPACITY_BY_UNIT))
    capacity_by_facility: pd.DataFrame = field(
        default_factory=partial(empty_table, CAPACITY_BY_FACILITY)
    )
    beds_by_unit: pd.DataFrame = field(default_factory=partial(empty_table, BEDS_BY_UNIT))
    candidates: gpd.GeoDataFrame = field(default_factory=no_candidates)
    what_if: Mapping[tuple[str, str], WhatIf] = field(default_factory=dict)
    service_areas: gpd.GeoDataFrame = field(default_factory=no_areas)
    lattice: Lattice | None = None
    services: pd.DataFrame = field(default_factory=partial(empty_table, SERVICES_LIST))


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
    inputs = _in_scenario(study, inputs, ground)
    travel = _travel(study, inputs, ground)
    notice = review_notice(study, inputs, **_measured(study, travel))
    problems = (*travel.problems, *notice_problems(study, inputs))
    sources = source_quality(inputs.ledgers, problems, catalogue(study.language))
    effects = warning_effects(inputs, travel.access, problems)
    return Assessment(
        study=study,
        crs=inputs.crs,
        units=inputs.units,
        facilities=inputs.facilities,
        demand=inputs.demand,
        roads=_road_lines(travel.network, inputs.crs),
        barriers=_barrier_lines(ground, inputs.crs),
        coverage_by_unit=travel.coverage,
        access=travel.access[ACCESS.names],
        gaps=travel.gaps.gaps,
        gap_reasons=travel.gaps.reasons,
        facility_load=facility_load(travel.access, inputs.facilities),
        network_report=travel.report,
        problems=problems,
        labels=study_labels(study),
        assumptions=_statements(study, ground, inputs, travel, notice),
        summary={
            **_summary(study, inputs, travel.coverage, travel.gaps.gaps),
            **travel.capacity.summary(),
            "sources": quality_records(sources),
            "effects": effect_records(effects),
            **travel.soundness.summary(),
            **notice.summary,
        },
        setting_flips=inputs.setting_flips,
        candidates=inputs.candidates,
        what_if=what_if(study, inputs, travel.network, travel.access[ACCESS.names]),
        service_areas=service_areas(study, inputs, travel.search),
        lattice=lattice_times(study, inputs, travel.search),
        services=inputs.services,
        source_quality=sources,
        effects=effects,
        **travel.soundness.tables(),
        **notice.tables(),
        **travel.capacity.tables(),
    )


@dataclass(frozen=True, slots=True)
class _Travel:
    """What comes of the roads: who reaches what, and how good the network is."""

    network: RoadNetwork | None
    search: Search
    access: pd.DataFrame
    gaps: GapTables
    capacity: CapacityTables
    coverage: pd.DataFrame
    soundness: Soundness
    report: pd.DataFrame
    problems: tuple[Problem, ...]


def _travel(study: Study, inputs: Inputs, ground: Ground) -> _Travel:
    network, network_findings = ground.network(inputs.crs)
    search = make_search(study, inputs, network)
    access = access_table(study, inputs, search)
    near = Surroundings(network, ground.reading.places, inputs.crs, study.language)
    gaps = gap_tables(study, inputs, search, access, near)
    capacity = capacity_tables(study, inputs, search, network)
    gaps = with_full_gaps(gaps, capacity, study, inputs, access)
    coverage = coverage_by_unit(
        access,
        inputs.demand,
        inputs.units,
        name=study.name,
        circles=_readings(study) if inputs.has_demand else [],
        path_completeness=_path_completeness(study, inputs, network),
    )
    soundness = find_soundness(
        study, inputs, search, network, access=access, coverage=coverage, gaps=gaps
    )
    report, report_problems = report_network(search, inputs)
    datums = datum_problems(
        study, inputs, network=network, extent=ground.reading.extent, access=lambda: access
    )
    problems = (
        *ground.problems,
        *network_findings,
        *inputs.problems,
        *search.problems,
        *report_problems,
        *datums,
    )
    return _Travel(network, search, access, gaps, capacity, coverage, soundness, report, problems)


def _statements(
    study: Study, ground: Ground, inputs: Inputs, travel: _Travel, notice: NoticeReview
) -> tuple[Statement, ...]:
    """Return what the figures and verdicts rest on."""
    return (
        *scenario_statements(study),
        *circle_statements(study.circles, catalogue(study.language)),
        *study_statements(study, ground, travel.search),
        *demand_statements(study, inputs.demand),
        *(gap_statements(study) if len(travel.gaps.reasons) else ()),
        *travel.capacity.statements,
        *(soundness_statements(study) if inputs.has_demand else ()),
        *placed_statements(inputs.demand, study.limits.coarsest_location),
        *notice.statements,
    )


def _measured(study: Study, travel: _Travel) -> dict[str, pd.DataFrame]:
    """Return the tables that clauses about circles read: without any roads nothing is measured."""
    approximate = any(profile.approximate for profile in study.profiles.values())
    rows = slice(None) if travel.network is not None or approximate else slice(0)
    return {"coverage": travel.coverage[rows], "access": travel.access[ACCESS.names][rows]}


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
    edges: dict[str, Ints] = {
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


def _in_scenario(study: Study, inputs: Inputs, ground: Ground) -> Inputs:
    try:
        return changed_inputs(inputs, study.scenario, coarsest=study.limits.coarsest_location)
    except InputError as error:
        raise InputError([*error.problems, *ground.road_errors(inputs.crs)]) from None


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


def _road_lines(network: RoadNetwork | None, crs: CRS) -> gpd.GeoDataFrame:
    if network is None:
        return gpd.GeoDataFrame({"highway": []}, geometry=[], crs=crs)
    highway = network.ways["highway"].to_numpy(dtype=object)[network.edge_way]
    return gpd.GeoDataFrame({"highway": highway}, geometry=network.lines(), crs=crs)


def _barrier_lines(ground: Ground, crs: CRS) -> gpd.GeoDataFrame:
    if ground.reading.barriers is None:
        return gpd.GeoDataFrame({"kind": []}, geometry=[], crs=crs)
    return ground.reading.barriers.to_crs(crs)


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

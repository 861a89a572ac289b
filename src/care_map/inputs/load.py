"""A study → its tables, checked, joined to units and in metres."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import numpy as np
import shapely
from pyproj import CRS

from care_map.config import Study, TableSource
from care_map.errors import InputError, Problem
from care_map.inputs.all_demand import all_demand, demand_lists
from care_map.inputs.all_sheets import with_each_sheet
from care_map.inputs.crosswalk import make_crosswalk
from care_map.inputs.crs import metric_crs
from care_map.inputs.demand import demand_of_units
from care_map.inputs.duplicates import list_repeated_rows, with_sites
from care_map.inputs.facilities import make_facilities
from care_map.inputs.far_points import list_far_points
from care_map.inputs.ledger import source_ledgers
from care_map.inputs.placement import at_unit_points, placed_problems
from care_map.inputs.point_samples import point_samples
from care_map.inputs.points import Extent
from care_map.inputs.rasters import is_raster
from care_map.inputs.settings import list_flips, setting_flips
from care_map.inputs.shared_points import residential_points
from care_map.inputs.shares import with_elders
from care_map.inputs.sources import SourceTable, read_source
from care_map.inputs.tables import Inputs
from care_map.inputs.targets import check_targets, optional
from care_map.inputs.unit_index import UnitIndex
from care_map.inputs.units import make_units, no_units
from care_map.inputs.vintage_labels import with_units_of_the_day
from care_map.inputs.vintages import units_of_the_day
from care_map.schema import CROSSWALK, DEMAND_COUNTS, FACILITIES, TARGETS, UNITS, Table

__all__ = ["check_inputs", "load_inputs", "read_inputs"]

_NOWHERE = (108.0, 30.0)
"""Where a study without any coordinates is: any place will do, nothing is measured."""


def load_inputs(study: Study, *, extent: Extent | None = None) -> Inputs:
    """Read the units, facilities and demand of a study.

    Parameters
    ----------
    study
        What to read.
    extent
        West, south, east, north of the roads in degrees: the study's place where no table has
        coordinates.

    Returns
    -------
    Inputs
        With the findings that do not stop a run.

    Raises
    ------
    InputError
        Any source has an error; all errors of all sources are in it.
    """
    inputs = read_inputs(study, extent=extent)
    errors = [problem for problem in inputs.problems if problem.severity == "error"]
    if errors:
        raise InputError(errors)
    return inputs


def check_inputs(study: Study, *, extent: Extent | None = None) -> tuple[Problem, ...]:
    """Return everything that is found in a study's tables, errors included.

    Parameters
    ----------
    study, extent
        As :func:`load_inputs`.

    Returns
    -------
    tuple of Problem
    """
    return read_inputs(study, extent=extent).problems


def read_inputs(study: Study, *, extent: Extent | None = None) -> Inputs:
    """Read the units, facilities and demand of a study as far as they can be read.

    Parameters
    ----------
    study, extent
        As :func:`load_inputs`.

    Returns
    -------
    Inputs
        Its problems may be errors; then the tables are good for checks only.
    """
    problems: list[Problem] = []
    study = with_each_sheet(study, problems)
    units_read = [
        with_elders(table) for table in _sources(study, study.units, UNITS, problems, extent)
    ]
    near = _bounds(units_read) or extent
    facilities_read = _sources(study, study.facilities, FACILITIES, problems, near)
    demand_read = _sources(study, demand_lists(study), DEMAND_COUNTS, problems, near)
    crs = _crs(_bounds(units_read), _bounds(facilities_read), _bounds(demand_read), extent)
    vintages = units_of_the_day(units_read, as_of=study.as_of, problems=problems)
    units = make_units(vintages.tables, crs=crs, setting=study.setting, problems=problems)
    # Joining to units that are wrong would list every row for one mistake.
    files = {source.path.as_posix() for source in study.units}
    broken = any(p.severity == "error" and p.source in files for p in problems)
    index = UnitIndex(no_units(crs) if broken else units)
    links = _sources(study, study.crosswalk, CROSSWALK, problems, near)
    as_of_the_day = partial(
        with_units_of_the_day,
        index=index,
        others=vintages.others,
        crosswalk=make_crosswalk(links, units=units, others=vintages.others),
    )
    facilities_read, demand_read = as_of_the_day(facilities_read), as_of_the_day(demand_read)
    facilities = make_facilities(facilities_read, index=index, crs=crs, as_of=study.as_of)
    facilities = with_sites(facilities, facilities_read)
    homes, coarsest = residential_points(facilities), study.limits.coarsest_location
    facilities = at_unit_points(facilities, index, coarsest=coarsest)
    list_far_points([*facilities_read, *demand_read], _bounds(units_read))
    demand, as_listed = all_demand(
        study, demand_read, index=index, crs=crs, extent=near, homes=homes, problems=problems
    )
    list_repeated_rows(demand_read, "demand_id")
    asked: list[Problem] = []
    check_targets(as_of_the_day(_sources(study, study.targets, TARGETS, asked, near)), index)
    problems.extend(map(optional, asked))
    made = None
    listed = bool(demand_read) or any(is_raster(source.path) for source in study.demand)
    if not listed and not broken:
        made = demand_of_units(units, index=index, problems=problems)
    if made is not None:
        demand = as_listed = made
    problems.extend(placed_problems(demand, coarsest))
    own = any("setting" in table.frame for table in demand_read)
    in_force = no_units(crs) if broken else units
    flips = setting_flips(vintages.tables, in_force, demand, own=own)
    list_flips(flips, problems)
    samples = [
        *point_samples(facilities_read, kind="facilities", index=index),
        *point_samples(demand_read, kind="demand", index=index),
    ]
    has = {"facilities": bool(facilities_read), "units": bool(units_read)}
    has["demand"] = listed or made is not None
    problems.extend(_missing_parts(study, has))
    ledgers = source_ledgers(
        study,
        {"units": units_read, "facilities": facilities_read, "demand": demand_read},
        {"units": units, "facilities": facilities, "demand": as_listed},
        has_polygons=index.has_polygons,
    )
    return Inputs(
        crs=crs,
        units=units,
        facilities=facilities,
        demand=demand,
        problems=tuple(problems),
        has_units=has["units"],
        has_facilities=has["facilities"],
        has_demand=has["demand"],
        samples=tuple(samples),
        setting_flips=flips,
        ledgers=ledgers,
    )


def _missing_parts(study: Study, has: Mapping[str, bool]) -> Iterator[Problem]:
    """State what the study does not have, and what that leaves open."""
    source = study.file.name if study.file else ""
    needs_roads = any(not profile.approximate for profile in study.profiles.values())
    if study.roads is None and needs_roads:
        yield Problem("no_roads", severity="warning", source=source)
    for part, is_there in has.items():
        if not is_there:
            yield Problem(f"no_{part}", severity="warning", source=source)


def _sources(
    study: Study,
    sources: Sequence[TableSource],
    table: Table,
    problems: list[Problem],
    extent: Extent | None,
) -> list[SourceTable]:
    read = [
        read_source(study, source, table, problems=problems, extent=extent) for source in sources
    ]
    return [source for source in read if source is not None]


def _bounds(tables: Sequence[SourceTable]) -> Extent | None:
    parts = [shapely.total_bounds(table.geometry) for table in tables]
    parts = [part for part in parts if np.isfinite(part).all()]
    if not parts:
        return None
    west, south = np.min(parts, axis=0)[:2]
    east, north = np.max(parts, axis=0)[2:]
    return float(west), float(south), float(east), float(north)


def _crs(*extents: Extent | None) -> CRS:
    """Return the CRS of the first extent that is known."""
    for extent in extents:
        if extent is not None:
            west, south, east, north = extent
            return metric_crs((west + east) / 2, (south + north) / 2)
    return metric_crs(*_NOWHERE)

"""A study → its tables, checked, joined to units and in metres."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import shapely
from pyproj import CRS

from care_map.config import Study, TableSource
from care_map.errors import InputError, Problem
from care_map.inputs.crs import metric_crs
from care_map.inputs.demand import demand_of_units, make_demand
from care_map.inputs.facilities import make_facilities
from care_map.inputs.points import Extent
from care_map.inputs.sources import SourceTable, read_source
from care_map.inputs.tables import Inputs
from care_map.inputs.unit_index import UnitIndex
from care_map.inputs.units import make_units, no_units
from care_map.schema import DEMAND, FACILITIES, UNITS, Table

__all__ = ["check_inputs", "load_inputs"]

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
    inputs = _read(study, extent)
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
    return _read(study, extent).problems


def _read(study: Study, extent: Extent | None) -> Inputs:
    problems: list[Problem] = []
    units_read = _sources(study, study.units, UNITS, problems, extent)
    near = _bounds(units_read) or extent
    facilities_read = _sources(study, study.facilities, FACILITIES, problems, near)
    demand_read = _sources(study, study.demand, DEMAND, problems, near)
    crs = _crs(_bounds(units_read), _bounds(facilities_read), _bounds(demand_read), extent)
    units = make_units(units_read, crs=crs, setting=study.setting, problems=problems)
    # Joining to units that are wrong would list every row for one mistake.
    files = {source.path.as_posix() for source in study.units}
    broken = any(p.severity == "error" and p.source in files for p in problems)
    index = UnitIndex(no_units(crs) if broken else units)
    facilities = make_facilities(facilities_read, index=index, crs=crs, as_of=study.as_of)
    demand = make_demand(demand_read, index=index, crs=crs)
    made = None
    if not demand_read and not broken:
        made = demand_of_units(units, index=index, problems=problems)
    has = {"facilities": bool(facilities_read), "units": bool(units_read)}
    has["demand"] = bool(demand_read) or made is not None
    problems.extend(_missing_parts(study, has))
    return Inputs(
        crs=crs,
        units=units,
        facilities=facilities,
        demand=demand if made is None else made,
        problems=tuple(problems),
        has_units=has["units"],
        has_facilities=has["facilities"],
        has_demand=has["demand"],
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

"""A study → its tables, checked, joined to units and in metres."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from care_map.config import Study, TableSource
from care_map.errors import InputError, Problem
from care_map.inputs.all_demand import all_demand, demand_lists
from care_map.inputs.all_sheets import with_each_sheet
from care_map.inputs.candidates import make_candidates
from care_map.inputs.crosswalk import Crosswalk, make_crosswalk
from care_map.inputs.crs import metric_crs
from care_map.inputs.demand import demand_of_units
from care_map.inputs.duplicates import list_repeated_rows, with_sites
from care_map.inputs.facilities import make_facilities
from care_map.inputs.far_points import list_far_points
from care_map.inputs.ledger import source_ledgers
from care_map.inputs.links import with_links
from care_map.inputs.notice_units import units_of_the_notice
from care_map.inputs.placement import at_unit_points, placed_problems
from care_map.inputs.point_samples import point_samples
from care_map.inputs.points import Extent
from care_map.inputs.rasters import is_raster
from care_map.inputs.received import make_received
from care_map.inputs.services import make_services
from care_map.inputs.settings import list_flips, setting_flips
from care_map.inputs.shared_points import residential_points
from care_map.inputs.shares import with_elders
from care_map.inputs.sources import SourceTable, read_source
from care_map.inputs.stated import make_stated
from care_map.inputs.tables import Inputs, PointSample
from care_map.inputs.targets import make_targets, optional
from care_map.inputs.unit_index import UnitIndex
from care_map.inputs.units import make_units, no_units
from care_map.inputs.vintage_labels import with_units_of_the_day
from care_map.inputs.vintages import units_of_the_day
from care_map.schema import (
    CANDIDATES,
    CROSSWALK,
    DEMAND_COUNTS,
    FACILITY_LIST,
    RECEIVED,
    SERVICES_LIST,
    STATED,
    TARGETS,
    UNIT_LIST,
    Table,
)

__all__ = ["check_inputs", "load_inputs", "read_inputs"]

_NOTES: Mapping[str, Table] = {
    "targets": TARGETS,
    "services": SERVICES_LIST,
    "stated": STATED,
    "received": RECEIVED,
    "candidates": CANDIDATES,
}
"""Lists that may be empty: nobody but a notice asks for them."""

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
    """Read the lists of a study as far as they can be read.

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
    lists = _read_lists(study, extent, problems)
    place = _units(study, lists, problems)
    lists = place.in_words_of_the_day(lists)
    facilities, homes = _facilities(study, lists, place)
    list_far_points([*lists["facilities"], *lists["demand"]], _bounds(lists["units"]))
    people = _demand(study, lists, place, homes, problems)
    notes = _notes(study, lists, place, facilities)
    candidates = _candidates(study, lists, place)
    problems.extend(placed_problems(people.demand, study.limits.coarsest_location))
    own = any("setting" in table.frame for table in lists["demand"])
    counted = place.in_force if place.tables else no_units(lists.crs)
    flips = setting_flips(place.tables, counted, people.demand, own=own)
    list_flips(flips, problems)
    has = {
        "facilities": bool(lists["facilities"]),
        "units": len(place.units) > 0,
        "demand": people.known,
    }
    problems.extend(_missing_parts(study, has))
    return Inputs(
        crs=lists.crs,
        units=place.units,
        facilities=facilities,
        demand=people.demand,
        problems=tuple(problems),
        has_units=has["units"],
        has_facilities=has["facilities"],
        has_demand=has["demand"],
        samples=_samples(lists, place.index),
        setting_flips=flips,
        ledgers=source_ledgers(
            study,
            lists.tables,
            {
                "units": place.units,
                "facilities": facilities,
                "demand": people.as_listed,
                "candidates": candidates,
            },
            has_polygons=place.index.has_polygons,
        ),
        crosswalk=place.crosswalk.links,
        candidates=candidates,
        given=_given(lists, has),
        **notes,
    )


@dataclass(frozen=True, slots=True)
class _Lists:
    """The sources of a study as read.

    Parameters
    ----------
    tables
        Kind of list → its sources.
    near
        West, south, east, north of where the study is, in degrees, if known.
    crs
        Its metric CRS.
    """

    tables: Mapping[str, Sequence[SourceTable]]
    near: Extent | None
    crs: CRS

    def __getitem__(self, kind: str) -> Sequence[SourceTable]:
        """Return the sources of a kind."""
        return self.tables[kind]


def _read_lists(study: Study, extent: Extent | None, problems: list[Problem]) -> _Lists:
    read = partial(_sources, study, problems=problems)
    units = [with_elders(table) for table in read(study.units, UNIT_LIST, extent=extent)]
    near = _bounds(units) or extent
    facilities = read(study.facilities, FACILITY_LIST, extent=near)
    demand = read(demand_lists(study), DEMAND_COUNTS, extent=near)
    tables: dict[str, Sequence[SourceTable]] = {
        "units": units,
        "facilities": facilities,
        "demand": demand,
        "crosswalk": read(study.crosswalk, CROSSWALK, extent=near),
    }
    for kind, table in _NOTES.items():
        asked: list[Problem] = []
        sources = _sources(study, getattr(study, kind), table, problems=asked, extent=near)
        problems.extend(map(optional, asked))
        # What is found in these lists later goes where all findings go.
        tables[kind] = [_told_to(source, problems) for source in sources]
    crs = _crs(_bounds(units), _bounds(facilities), _bounds(demand), extent)
    return _Lists(tables, near, crs)


def _told_to(table: SourceTable, problems: list[Problem]) -> SourceTable:
    return replace(table, findings=replace(table.findings, problems=problems))


@dataclass(frozen=True, slots=True)
class _Place:
    """The units of the day, and what leads to them.

    Parameters
    ----------
    tables
        Sources with the rows in force.
    units, index
        The units and their lookups; the index is empty where the units have errors.
    in_force
        The units, none where they have errors.
    broken
        Whether they have errors.
    others
        Units of other times.
    crosswalk
        Links between times.
    """

    tables: tuple[SourceTable, ...]
    units: gpd.GeoDataFrame
    in_force: gpd.GeoDataFrame
    index: UnitIndex
    broken: bool
    others: pd.DataFrame
    crosswalk: Crosswalk

    def in_words_of_the_day(self, lists: _Lists) -> _Lists:
        """Return the lists with the labels of other times in those of the units in force."""
        translated = partial(
            with_units_of_the_day,
            index=self.index,
            others=self.others,
            crosswalk=self.crosswalk,
        )
        kinds = ("facilities", "demand", "targets", "stated", "received", "candidates")
        tables = {kind: translated(lists[kind]) for kind in kinds}
        return replace(lists, tables={**lists.tables, **tables})


def _units(study: Study, lists: _Lists, problems: list[Problem]) -> _Place:
    vintages = units_of_the_day(lists["units"], as_of=study.as_of, problems=problems)
    broken = _has_errors(study, problems)
    if study.pack is not None and not lists["units"] and not broken:
        units = units_of_the_notice(
            study.pack, crs=lists.crs, setting=study.setting, problems=problems
        )
    else:
        units = make_units(vintages.tables, crs=lists.crs, setting=study.setting, problems=problems)
    broken = _has_errors(study, problems)
    in_force = no_units(lists.crs) if broken else units
    crosswalk = make_crosswalk(lists["crosswalk"], units=units, others=vintages.others)
    index = UnitIndex(in_force)
    return _Place(vintages.tables, units, in_force, index, broken, vintages.others, crosswalk)


def _has_errors(study: Study, problems: Sequence[Problem]) -> bool:
    """Tell whether units are wrong: joining to them would list every row for one mistake."""
    files = {source.path.as_posix() for source in study.units}
    return any(p.severity == "error" and p.source in files for p in problems)


def _facilities(
    study: Study, lists: _Lists, place: _Place
) -> tuple[gpd.GeoDataFrame, NDArray[np.object_]]:
    """Return the facilities, and the points of those that elders live in."""
    tables, index = lists["facilities"], place.index
    facilities = make_facilities(tables, index=index, crs=lists.crs, as_of=study.as_of)
    facilities = with_links(with_sites(facilities, tables), tables, index=index)
    homes = residential_points(facilities)
    return at_unit_points(facilities, index, coarsest=study.limits.coarsest_location), homes


@dataclass(frozen=True, slots=True)
class _People:
    """The demand; as it was listed before counts were spread; whether there is any source."""

    demand: gpd.GeoDataFrame
    as_listed: gpd.GeoDataFrame
    known: bool


def _demand(
    study: Study,
    lists: _Lists,
    place: _Place,
    homes: NDArray[np.object_],
    problems: list[Problem],
) -> _People:
    demand, as_listed = all_demand(
        study,
        lists["demand"],
        index=place.index,
        crs=lists.crs,
        extent=lists.near,
        homes=homes,
        problems=problems,
    )
    list_repeated_rows(lists["demand"], "demand_id")
    listed = bool(lists["demand"]) or any(is_raster(source.path) for source in study.demand)
    if listed or place.broken:
        return _People(demand, as_listed, listed)
    made = demand_of_units(place.units, index=place.index, problems=problems)
    if made is None:
        return _People(demand, as_listed, known=False)
    return _People(made, made, known=True)


def _notes(
    study: Study, lists: _Lists, place: _Place, facilities: gpd.GeoDataFrame
) -> dict[str, pd.DataFrame]:
    """Return the lists that only a notice asks for."""
    index = place.index
    return {
        "targets": make_targets(lists["targets"], index),
        "services": make_services(lists["services"], facilities),
        "stated": make_stated(lists["stated"], index=index, pack=study.pack),
        "received": make_received(lists["received"], index=index),
    }


def _candidates(study: Study, lists: _Lists, place: _Place) -> gpd.GeoDataFrame:
    """Return the places where facilities could be opened."""
    few: frozenset[str] = frozenset()
    if "few_elders" in place.units:
        flags = place.units["few_elders"].astype("boolean").fillna(value=False)
        few = frozenset(place.units.loc[flags.to_numpy(dtype=bool), "unit_id"])
    return make_candidates(
        lists["candidates"], place.index, crs=lists.crs, pack=study.pack, few_elders=few
    )


def _samples(lists: _Lists, index: UnitIndex) -> tuple[PointSample, ...]:
    kinds = ("facilities", "demand", "candidates")
    return tuple(
        sample for kind in kinds for sample in point_samples(lists[kind], kind=kind, index=index)
    )


def _given(lists: _Lists, has: Mapping[str, bool]) -> frozenset[str]:
    there = {
        "units": has["units"],
        "facilities": has["facilities"],
        "elders": has["demand"],
        **{name: bool(lists[name]) for name in ("services", "stated", "received")},
    }
    return frozenset(name for name, known in there.items() if known)


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
    *,
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

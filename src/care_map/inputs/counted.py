"""Which unit each number of elders was counted for, and whose demand a list is.

A number that was counted for a town says nothing of its villages, wherever its elders are put:
the unit it was counted for goes with it, and no rate is shown of anything smaller.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from care_map.config import DemandSource
from care_map.errors import Problem
from care_map.inputs.crs import LONLAT
from care_map.inputs.findings import Findings
from care_map.inputs.points import project, representative_points
from care_map.inputs.sources import SourceTable, list_rows
from care_map.inputs.texts import each_different
from care_map.inputs.unit_index import UnitIndex
from care_map.inputs.unit_labels import units_as_given, units_by_name
from care_map.vocabulary import LEVELS

__all__ = ["ZONE", "CountedTables", "count_units", "counted_problems", "holding", "of_residence"]

Words = NDArray[np.object_]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

ZONE = "zone"
"""Column of the number of the area that a count is to be spread in, NaN for none."""

_SAME_AREA = 0.9
"""Share of a counted area that a unit must have to hold it: borders are drawn twice (default)."""

_POINT = 0
_AWAY = "away"
_REGISTERED = ("registered", _AWAY)


@dataclass(frozen=True, slots=True)
class CountedTables:
    """Lists of demand that know what they were counted for.

    Parameters
    ----------
    tables
        With ``counted_unit_id`` and ``counted_level``, and :data:`ZONE` where a list is spread.
    zones
        Areas in the study's CRS that :data:`ZONE` numbers.
    """

    tables: tuple[SourceTable, ...]
    zones: NDArray[np.object_]


def of_residence(table: SourceTable) -> SourceTable:
    """Leave out of a list of elders who is not part of the demand that the study asks for.

    Of ``resident`` demand are all who do not live elsewhere (外出); of ``registered`` demand all
    who are said to be registered here (户籍在住, 外出). Who is left out is listed, and so is who
    is kept although nothing is said.
    """
    settings, frame = table.settings, table.frame
    wanted = settings.residence if isinstance(settings, DemandSource) else None
    if wanted is None:
        return table
    if "residence" not in frame:
        if not {"population", "registered"} & set(frame.columns):
            table.findings.add("residence_not_told", count=len(frame), residence=wanted)
        return table
    said = frame["residence"]
    away = (said == _AWAY).to_numpy(dtype=bool)
    silent = (said == "").to_numpy(dtype=bool)
    out = away
    if wanted == "registered":
        ours = said.isin(_REGISTERED).to_numpy(dtype=bool)
        out = ~ours & ~silent
    code = "left_out_of_resident" if wanted == "resident" else "left_out_of_registered"
    list_rows([table], frame[out], code, "info", column="residence")
    table.findings.leave_out(code, int(out.sum()))
    if silent.any():
        table.findings.add("residence_missing", "info", column="residence", count=int(silent.sum()))
    kept = frame[~out].reset_index(drop=True)
    return replace(table, frame=kept, geometry=table.geometry[~out])


def count_units(tables: Sequence[SourceTable], *, index: UnitIndex, crs: CRS) -> CountedTables:
    """Find the unit that each number was counted for.

    An area is a count of the lowest unit that is at least as large, a row of a list without
    points one of the unit that its code or its names mean; a point is a place, and an area smaller
    than all units is one too. Rows without coordinates in a list that is to be spread get the
    area of their unit.

    Parameters
    ----------
    tables
        Lists of demand as read.
    index
        The study's units.
    crs
        Metric CRS of the study.

    Returns
    -------
    CountedTables
    """
    area_of = dict(zip(index.ids, index.units.geometry.to_numpy(), strict=True))
    zones: list[Words] = []
    counted = []
    for table in tables:
        placed = np.asarray(shapely.get_type_id(table.geometry)) == _POINT
        if "elders" not in table.frame or placed.all():
            counted.append(table)
            continue
        shapes = project(table.geometry, crs)
        nowhere = np.asarray(shapely.is_missing(shapes))
        settings = table.settings
        spread = isinstance(settings, DemandSource) and settings.spread is not None
        unit = _counted_for(table, shapes, index)
        if placed.any() and not spread:
            # A place that has lost its coordinates among others is no count of its town.
            unit[nowhere] = ""
        columns: dict[str, Words | Floats] = {
            "counted_unit_id": unit,
            "counted_level": index.levels_of(unit),
        }
        geometry = table.geometry
        if nowhere.any():
            columns["origin"] = _origins(table.frame, nowhere & (unit != ""))
        if spread:
            own = np.array([area_of.get(code) for code in unit], dtype=object)
            shapes = np.where(nowhere, own, shapes)
            geometry = np.where(nowhere, _in_degrees(own, crs), geometry)
            there = ~np.asarray(shapely.is_missing(shapes))
            zoned = there & (np.asarray(shapely.get_type_id(shapes)) != _POINT)
            start = sum(map(len, zones))
            columns[ZONE] = np.where(zoned, start + np.cumsum(zoned) - 1.0, np.nan)
            zones.append(shapes[zoned])
        made = {
            name: pd.Series(column, table.frame.index, dtype=column.dtype)
            for name, column in columns.items()
        }
        counted.append(replace(table, frame=table.frame.assign(**made), geometry=geometry))
    every = np.concatenate([np.empty(0, dtype=object), *zones])
    return CountedTables(tuple(counted), every)


def _origins(frame: pd.DataFrame, of_unit: Bools) -> Words:
    given = frame["origin"].to_numpy(dtype=object) if "origin" in frame else ""
    return np.where(of_unit & (given == ""), "unit", given).astype(object)


def _in_degrees(areas: Words, crs: CRS) -> Words:
    return np.asarray(gpd.GeoSeries(areas, crs=crs).to_crs(LONLAT), dtype=object)


def _counted_for(table: SourceTable, shapes: Words, index: UnitIndex) -> Words:
    missing = np.asarray(shapely.is_missing(shapes))
    # What is wrong with the codes is listed where demand is made of the rows.
    quiet = replace(table, findings=Findings(table.findings.source))
    given = units_as_given(quiet, index)
    named = np.where(given == "", units_by_name(quiet, index), given)
    area = ~missing & (np.asarray(shapely.get_type_id(shapes)) != _POINT)
    unit = np.where(missing, named, "").astype(object)
    if area.any():
        found = _counted_areas(shapes[area], index)
        unit[area] = found if index.has_polygons else named[area]
    return unit


def _counted_areas(areas: Words, index: UnitIndex) -> Words:
    """Return the lowest unit that is as large as each area, "" where even that is much larger."""
    lowest = index.lowest(representative_points(areas))
    holder = holding(lowest, shapely.area(areas) * _SAME_AREA, index)
    place = (holder == lowest) & (shapely.area(areas) < _SAME_AREA * _sizes(holder, index))
    return np.where(place, "", holder).astype(object)


def holding(units: Words, needed_m2: Floats, index: UnitIndex) -> Words:
    """Return each unit or what it lies in: the lowest that is large enough, else the highest.

    Parameters
    ----------
    units
        ``(n,)`` ids, "" for none.
    needed_m2
        ``(n,)`` area that the unit must have.
    index
        The study's units.

    Returns
    -------
    numpy.ndarray
        ``(n,)`` ids.
    """
    holder = units
    for _ in LEVELS:
        above = each_different(holder, lambda code: index.parents.get(code, ""))
        small = _sizes(holder, index) < needed_m2
        holder = np.where(small & np.isin(above, index.ids), above, holder).astype(object)
    return holder


def _sizes(units: Words, index: UnitIndex) -> Floats:
    areas = index.units.geometry.area.to_numpy(dtype=float)
    sizes = dict(zip(index.ids, areas, strict=True))
    # A unit without a polygon has no size.
    found = each_different(units, lambda code: sizes.get(code, 0.0))
    return np.nan_to_num(found.astype(np.float64))


def counted_problems(demand: gpd.GeoDataFrame, units: pd.DataFrame) -> list[Problem]:
    """State of how many elders only a unit is known that has smaller ones in it."""
    if "counted_level" not in demand:
        return []
    problems = []
    present = set(units["level"])
    for place, level in enumerate(LEVELS):
        elders = int(demand.loc[demand["counted_level"] == level, "elders"].sum())
        if elders and present & set(LEVELS[place + 1 :]):
            problems.append(Problem("counted_level", "info", values={"level": level}, count=elders))
    return problems

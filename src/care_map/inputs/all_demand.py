"""Demand however it is told: records, counts at places, counts of units, rasters by age."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS

from care_map.config import DemandSource, Study
from care_map.errors import Problem
from care_map.inputs.counted import count_units, counted_problems, of_residence
from care_map.inputs.demand import make_demand
from care_map.inputs.group_counts import COUNT_COLUMNS, checked_counts, split_groups
from care_map.inputs.points import Extent
from care_map.inputs.rasters import demand_of_cells, is_raster, read_cells_of
from care_map.inputs.shares import with_elders
from care_map.inputs.sources import SourceTable
from care_map.inputs.spread import spread_counts
from care_map.inputs.unit_index import UnitIndex
from care_map.values import Statement

__all__ = ["all_demand", "demand_lists", "demand_statements"]

Words = NDArray[np.object_]

_OF_UNITS = ("population", "registered", "share_60", "share_65", *COUNT_COLUMNS)
"""Columns that only counts of units have."""


def demand_lists(study: Study) -> tuple[DemandSource, ...]:
    """Return the sources of demand that are lists and layers: all but rasters."""
    return tuple(source for source in study.demand if not is_raster(source.path))


def all_demand(
    study: Study,
    lists: Sequence[SourceTable],
    *,
    index: UnitIndex,
    crs: CRS,
    extent: Extent | None,
    homes: Words,
    problems: list[Problem],
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Make the demand of a study of all its sources.

    Parameters
    ----------
    study
        For rasters, and for the buildings and roads that counts are spread over.
    lists
        The lists of :func:`demand_lists` as read.
    index
        The study's units.
    crs
        Metric CRS of the study.
    extent
        Where the study is in degrees, if known.
    homes
        Points of residential facilities.
    problems
        Gets what was found.

    Returns
    -------
    geopandas.GeoDataFrame
        As :class:`care_map.inputs.tables.Inputs` says.
    geopandas.GeoDataFrame
        The same of the lists alone, a row for a row: before counts are spread or divided.
    """
    tables = [with_elders(of_residence(table)) for table in lists]
    tables = [table for table in tables if len(table.frame)]
    for table in tables:
        _check_counts(table)
    counted = count_units(tables, index=index, crs=crs)
    listed = make_demand(counted.tables, index=index, crs=crs, homes=homes)
    demand: pd.DataFrame = spread_counts(
        listed, counted, study=study, index=index, crs=crs, extent=extent
    )
    rasters = [
        read_cells_of(study, source, crs=crs, extent=extent, problems=problems)
        for source in study.demand
        if is_raster(source.path)
    ]
    cells = [raster for raster in rasters if raster is not None]
    if cells:
        demand = _together(demand, demand_of_cells(cells, index=index, crs=crs))
    whole = gpd.GeoDataFrame(split_groups(demand), geometry="geometry", crs=crs)
    problems.extend(counted_problems(whole, index.units))
    return whole, listed


def _check_counts(table: SourceTable) -> None:
    """List what counts of units cannot be: without elders each would stand for one elder."""
    found = [name for name in _OF_UNITS if name in table.frame]
    if found and "elders" not in table.frame:
        table.findings.add(
            "counts_without_elders", "error", column=found[0], count=len(table.frame)
        )
    checked_counts(table)


def _together(lists: gpd.GeoDataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Put the rows of rasters under those of lists, with ids of their own."""
    if cells.empty or lists.empty:
        return lists if cells.empty else cells
    taken = set(lists["demand_id"])
    while taken & set(cells["demand_id"]):
        cells = cells.assign(demand_id="R" + cells["demand_id"])
    both = pd.concat([pd.DataFrame(lists), pd.DataFrame(cells)], ignore_index=True)
    for name in both.columns.drop("geometry"):
        if both[name].dtype == object:
            both[name] = both[name].fillna("").astype(object)
    return both


def demand_statements(study: Study, demand: gpd.GeoDataFrame) -> tuple[Statement, ...]:
    """State how the demand came about, where it is not simply a list of everybody.

    Parameters
    ----------
    study
        Whose sources they are.
    demand
        The study's demand.

    Returns
    -------
    tuple of Statement
    """
    found: list[Statement] = []
    if not study.demand and len(demand):
        ages = sorted({source.elder_age for source in study.units})
        found.extend(Statement("elder_age", {"age": age}) for age in ages)
    if any(source.spread for source in study.demand):
        found.append(Statement("spread"))
    if any(is_raster(source.path) for source in study.demand):
        found.append(Statement("raster"))
    asked = {source.residence for source in study.demand}
    found.extend(
        Statement(f"residence_{residence}") for residence in sorted(asked - {None}, key=str)
    )
    if None in asked and "residence" in demand and (demand["residence"] != "").any():
        found.append(Statement("residence_all"))
    return tuple(found)

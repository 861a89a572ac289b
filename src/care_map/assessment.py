"""The chain: Study → Assessment, plain frozen tables that the writers read."""

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from care_map.config import Study
from care_map.errors import Problem
from care_map.values import Statement

__all__ = ["Assessment"]


@dataclass(frozen=True, slots=True)
class Assessment:
    """Everything that is known after a run; writers read it and add nothing.

    All geometries are in `crs` (metres). Lists inside cells are text joined with ``;``.

    Parameters
    ----------
    study
        The study as read.
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
        Codes of ``data.*`` that every output says: ``synthetic``, ``proxy``, ``approximate``.
    assumptions
        What the figures rest on, printed beside them.
    summary
        Key figures: JSON values only.
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

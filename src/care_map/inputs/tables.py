"""What the readers of `inputs` hand on: frozen bundles of plain tables and arrays."""

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS

from care_map.errors import Problem

__all__ = ["Inputs", "RoadTable"]


@dataclass(frozen=True, slots=True)
class RoadTable:
    """Ways as they were drawn, before any graph is made of them.

    Parameters
    ----------
    ways
        One row per way with the columns of :data:`care_map.schema.ROADS` that the source has
        (text as in OSM's tags, ``layer`` int, ``maxspeed_kph`` float with NaN), and ``way_id``.
    offsets
        ``(n_ways + 1,)`` int64; vertices of way `i` are ``offsets[i]:offsets[i + 1]``.
    node_id
        ``(n_vertices,)`` int64; vertices are joined where their ids are equal.
    lon, lat
        ``(n_vertices,)`` float64 degrees, WGS84.
    barriers
        Lines in EPSG:4326 that an access leg may not cross, with the column ``kind`` (water,
        railway, motorway); None where the source cannot tell.
    source
        File name, for messages and reports.
    """

    ways: pd.DataFrame
    offsets: NDArray[np.int64]
    node_id: NDArray[np.int64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    barriers: gpd.GeoDataFrame | None
    source: str


@dataclass(frozen=True, slots=True)
class Inputs:
    """All tables of a study in its metric CRS, joined to units.

    Parameters
    ----------
    crs
        Metric CRS of all geometries.
    units
        ``unit_id, name, level, parent_id, setting`` and what else the source has; polygons may
        be missing (None).
    facilities
        Columns of :data:`care_map.schema.FACILITIES` that are known, and ``in_area`` (bool:
        inside the study's units or labelled with one); points may be missing. ``roles``,
        ``serves_units`` and the other lists are text joined with ``;``.
    demand
        ``demand_id, elders, unit_id, setting, location_quality, origin, groups`` and what else
        is known; points may be missing. ``unit_id`` is the lowest unit, empty if none.
    problems
        Findings of severity warning and info; errors are raised.
    has_facilities, has_demand, has_units
        Whether the study names such a source at all.
    """

    crs: CRS
    units: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    demand: gpd.GeoDataFrame
    problems: tuple[Problem, ...] = field(default=())
    has_units: bool = True
    has_facilities: bool = True
    has_demand: bool = True

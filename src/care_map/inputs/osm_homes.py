"""Where people live, from an OSM extract: weighted positions in buildings and along streets."""

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from care_map.inputs.crs import LONLAT
from care_map.inputs.osm import OsmExtract
from care_map.inputs.tables import RoadTable

__all__ = [
    "DEFAULT_FLOORS",
    "PLACE_WEIGHT_M",
    "ROAD_WEIGHT",
    "Positions",
    "building_positions",
    "home_street_m",
    "road_positions",
    "street_positions",
    "sum_by_unit",
]

SPACING_M = 50.0

DEFAULT_FLOORS: Mapping[str, float] = {
    "apartments": 5.0,
    "dormitory": 4.0,
    "block": 4.0,
    "residential": 3.0,
    "terrace": 2.0,
    "house": 2.0,
    "detached": 2.0,
    "semidetached_house": 2.0,
    "farm": 1.0,
    "bungalow": 1.0,
    "cabin": 1.0,
    "static_caravan": 1.0,
    "houseboat": 1.0,
    "yes": 2.0,
}
"""Values of ``building`` that are read as homes, and their floors where OSM does not say
(default). ``yes`` says nothing of the use and counts as a home; all other values do not."""

ROAD_WEIGHT: Mapping[str, float] = {
    "residential": 1.0,
    "living_street": 1.0,
    "unclassified": 0.5,
    "road": 0.5,
}
"""Roads that people live along, and the weight of a metre of each (default)."""

PLACE_WEIGHT_M: Mapping[str, float] = {
    "village": 400.0,
    "hamlet": 150.0,
    "isolated_dwelling": 30.0,
    "farm": 30.0,
}
"""Weight of place nodes in metres of residential road (default); larger places have streets."""

_HOME_STREETS = ("residential", "living_street")


@dataclass(frozen=True, slots=True)
class Positions:
    """Weighted positions in metres, with the row of the unit that each is in."""

    xy: NDArray[np.float64]
    weight: NDArray[np.float64]
    unit: NDArray[np.int64]

    def of(self, units: NDArray[np.int64]) -> "Positions":
        """Return the positions in some of the units."""
        kept = np.isin(self.unit, units)
        return Positions(self.xy[kept], self.weight[kept], self.unit[kept])


def building_positions(extract: OsmExtract, units: gpd.GeoDataFrame) -> Positions:
    """Return homes, weighted by floors and footprint."""
    homes = extract.buildings[extract.buildings["building"].isin(list(DEFAULT_FLOORS))]
    floors = homes["levels"].where(homes["levels"] > 0, homes["building"].map(DEFAULT_FLOORS))
    xy = shapely.get_coordinates(homes.geometry.to_crs(extract.crs).array)
    weight = (floors * homes["footprint_m2"]).to_numpy(dtype=np.float64)
    return _inside(xy, weight, units, extract)


def street_positions(extract: OsmExtract, units: gpd.GeoDataFrame) -> Positions:
    """Return a position every 50 m or less along settlement roads, and the place nodes."""
    along, per_point = road_positions(extract.roads, ROAD_WEIGHT, crs=extract.crs)
    places = extract.places[extract.places["place"].isin(list(PLACE_WEIGHT_M))]
    nodes = shapely.get_coordinates(places.geometry.to_crs(extract.crs).array)
    per_node = places["place"].map(PLACE_WEIGHT_M).to_numpy(dtype=np.float64)
    xy, weight = np.concatenate([along, nodes]), np.concatenate([per_point, per_node])
    return _inside(xy, weight, units, extract)


def road_positions(
    roads: RoadTable, per_metre: Mapping[str, float], *, crs: CRS
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return a position every 50 m or less along the roads of some classes.

    Parameters
    ----------
    roads
        Ways as drawn.
    per_metre
        Weight of a metre by class.
    crs
        Metric CRS of the positions.

    Returns
    -------
    numpy.ndarray
        ``(n, 2)`` metres.
    numpy.ndarray
        ``(n,)`` length that each stands for, weighted.
    """
    highway = roads.ways["highway"].to_numpy()
    xy, weight = [np.empty((0, 2))], [np.empty(0)]
    for kind, worth in per_metre.items():
        lines = _road_lines(roads, np.flatnonzero(highway == kind), crs)
        length = shapely.length(lines)
        count = np.maximum(1, np.ceil(length / SPACING_M)).astype(np.int64)
        line = np.repeat(np.arange(len(lines)), count)
        step = np.arange(len(line)) - np.repeat(np.cumsum(count) - count, count)
        at = (step + 0.5) / count[line]
        points = shapely.line_interpolate_point(lines[line], at, normalized=True)
        xy.append(shapely.get_coordinates(points))
        weight.append((length / count)[line] * worth)
    return np.concatenate(xy), np.concatenate(weight)


def _road_lines(roads: RoadTable, rows: NDArray[np.int64], crs: CRS) -> NDArray[np.object_]:
    """Return some of the ways as lines in metres."""
    offsets = roads.offsets
    count = np.diff(offsets)[rows]
    index = np.repeat(np.arange(len(rows)), count)
    first = np.repeat(offsets[rows] - (np.cumsum(count) - count), count)
    vertex = first + np.arange(len(index))
    lonlat = np.column_stack([roads.lon[vertex], roads.lat[vertex]])
    lines = np.asarray(shapely.linestrings(lonlat, indices=index))
    metric = gpd.GeoSeries(lines, crs=LONLAT).to_crs(crs)
    return np.asarray(metric, dtype=object)


def home_street_m(extract: OsmExtract, areas: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return the length of residential road in each unit, by the middle of its segments."""
    rows = np.flatnonzero(extract.roads.ways["highway"].isin(_HOME_STREETS))
    lines = _road_lines(extract.roads, rows, extract.crs)
    middle = shapely.get_coordinates(shapely.line_interpolate_point(lines, 0.5, normalized=True))
    unit = _unit_of(middle, areas)
    inside = unit >= 0
    return sum_by_unit(unit[inside], shapely.length(lines)[inside], len(areas))


def _unit_of(xy: NDArray[np.float64], areas: NDArray[np.object_]) -> NDArray[np.int64]:
    """Return the row of the last area that holds each point (towns follow the district)."""
    row = np.full(len(xy), -1, dtype=np.int64)
    tree = shapely.STRtree(np.asarray(shapely.points(xy)))
    for number, area in enumerate(areas):
        row[tree.query(area, predicate="intersects")] = number
    return row


def _inside(
    xy: NDArray[np.float64],
    weight: NDArray[np.float64],
    units: gpd.GeoDataFrame,
    extract: OsmExtract,
) -> Positions:
    unit = _unit_of(xy, units.geometry.to_crs(extract.crs).to_numpy())
    kept = (unit >= 0) & (weight > 0)
    return Positions(xy[kept], weight[kept], unit[kept])


def sum_by_unit(
    unit: NDArray[np.int64], weight: NDArray[np.float64], n_units: int
) -> NDArray[np.float64]:
    """Return the weight in each unit, ``(n_units,)``."""
    return np.bincount(unit, weights=weight, minlength=n_units).astype(np.float64)

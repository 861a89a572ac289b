"""How completely footpaths are mapped, unit by unit: a hint, not a measure."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from care_map.errors import InputError, Problem
from care_map.network.access import allowed_directions, tag
from care_map.network.road_network import RoadNetwork

__all__ = ["FOOT_WAYS", "NEAR_M", "STREETS", "path_completeness"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

FOOT_WAYS = ("footway", "path", "steps", "pedestrian", "corridor", "bridleway")
"""Classes that are there for people on foot."""

STREETS = ("tertiary", "unclassified", "residential", "living_street", "service", "road")
"""Classes along which people live."""

NEAR_M = 100.0
"""Within this distance of a street there is a way on foot where paths are mapped (default)."""

_PIECE_M = 25.0


def path_completeness(network: RoadNetwork, units: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return by unit how well footpaths seem to be mapped.

    The score is the share of the length of streets (:data:`STREETS`) that has a way for people
    on foot (:data:`FOOT_WAYS`) within :data:`NEAR_M`. Where nobody has mapped paths it is near
    0, and times on foot are then too long rather than too short. It is a default that is
    calibrated to nothing: it cannot tell a path that nobody mapped from one that is not there,
    and it is low in farmland by nature. Compare units of the same kind.

    Parameters
    ----------
    network
        The network.
    units
        ``unit_id`` and polygons, any CRS; they may overlap (levels).

    Returns
    -------
    DataFrame
        By ``unit_id``, in the order of `units`: ``score``, 0 to 1, NaN without a street in the
        unit; ``foot_share``, the share of walkable length that is :data:`FOOT_WAYS`, NaN
        without a walkable way; ``street_km`` and ``foot_km``, the lengths behind them. A unit
        without a polygon has NaN.

    Raises
    ------
    InputError
        The polygons have no CRS.
    """
    if units.crs is None:
        raise InputError([Problem("units_without_crs", source="units")])
    polygons = units.geometry.to_crs(network.crs).to_numpy()
    places, length_m, way = _pieces(network)
    highway = tag(network.ways, "highway")
    walkable, _ = allowed_directions(network.ways, "foot")
    on_foot = (walkable & highway.isin(FOOT_WAYS).to_numpy(dtype=bool))[way]
    street = highway.isin(STREETS).to_numpy(dtype=bool)[way]
    near = _near(places, on_foot, street)
    unit, piece = shapely.STRtree(places).query(polygons, predicate="intersects")

    def metres(which: Bools) -> Floats:
        counted = np.where(which, length_m, 0.0)[piece]
        total: Floats = np.bincount(unit, weights=counted, minlength=len(units)).astype(np.float64)
        return total

    street_m, foot_m, walk_m = metres(street), metres(on_foot), metres(walkable[way])
    unknown = shapely.is_missing(polygons) | shapely.is_empty(polygons)
    figures = {
        "score": _share(metres(street & near), street_m),
        "foot_share": _share(foot_m, walk_m),
        "street_km": np.where(unknown, np.nan, street_m / 1000.0),
        "foot_km": np.where(unknown, np.nan, foot_m / 1000.0),
    }
    return pd.DataFrame(figures, index=pd.Index(units["unit_id"].to_numpy(), name="unit_id"))


def _pieces(network: RoadNetwork) -> tuple[NDArray[np.object_], Floats, NDArray[np.int64]]:
    """Cut roads into pieces of at most 25 m: their middles, lengths and ways."""
    count = np.diff(network.edge_offset)
    last = network.edge_offset[1:] - 1
    start = np.delete(np.arange(len(network.vertex_x)), last)
    way = np.repeat(network.edge_way, count - 1)
    segment_m = network.vertex_m[start + 1] - network.vertex_m[start]
    parts = np.maximum(np.ceil(segment_m / _PIECE_M), 1).astype(np.int64)
    first = np.repeat(np.cumsum(parts) - parts, parts)
    t = (np.arange(parts.sum()) - first + 0.5) / np.repeat(parts, parts)
    at = np.repeat(start, parts)
    x = network.vertex_x[at] + t * (network.vertex_x[at + 1] - network.vertex_x[at])
    y = network.vertex_y[at] + t * (network.vertex_y[at + 1] - network.vertex_y[at])
    points = np.asarray(shapely.points(x, y), dtype=object)
    return points, np.repeat(segment_m / parts, parts), np.repeat(way, parts)


def _near(places: NDArray[np.object_], on_foot: Bools, street: Bools) -> Bools:
    """Tell which pieces of street have a piece of foot way near; pieces stand for their middles."""
    near = np.zeros(len(places), bool)
    tree = shapely.STRtree(places[on_foot])
    asked = np.flatnonzero(street)
    if on_foot.any() and len(asked):
        found, _ = tree.query_nearest(places[asked], max_distance=NEAR_M, all_matches=False)
        near[asked[found]] = True
    return near


def _share(part_m: Floats, whole_m: Floats) -> Floats:
    known = whole_m > 0
    return np.where(known, part_m / np.where(known, whole_m, 1.0), np.nan)

"""How completely footpaths are mapped, unit by unit: a hint, not a measure."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import KDTree

from care_map.errors import InputError, Problem
from care_map.network.access import allowed_directions, tag
from care_map.network.road_network import RoadNetwork

__all__ = ["FOOT_WAYS", "NEAR_M", "STREETS", "path_completeness"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FOOT_WAYS = ("footway", "path", "steps", "pedestrian", "corridor", "bridleway")
"""Classes that are there for people on foot."""

STREETS = ("tertiary", "unclassified", "residential", "living_street", "service", "road")
"""Classes along which people live."""

NEAR_M = 100.0
"""Within this distance of a street there is a way on foot where paths are mapped (default)."""

_PIECE_M = 25.0


def path_completeness(
    network: RoadNetwork, units: gpd.GeoDataFrame, *, whole: str | None = None
) -> pd.DataFrame:
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
    whole
        Id of a further row for the ground of all units together, on which each metre of road
        counts once however many units it lies in. None leaves it out.

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
    x, y, length_m, way = _pieces(network)
    unit, piece = _inside(polygons, x, y)
    ids, unknown = units["unit_id"].tolist(), shapely.is_missing(polygons)
    unknown |= shapely.is_empty(polygons)
    if whole is not None:
        covered = np.unique(piece)
        unit = np.concatenate([unit, np.full(len(covered), len(ids))])
        piece = np.concatenate([piece, covered])
        ids, unknown = [*ids, whole], np.append(unknown, unknown.all())
    highway = tag(network.ways, "highway")
    walkable, _ = allowed_directions(network.ways, "foot")
    on_foot = (walkable & highway.isin(FOOT_WAYS).to_numpy(dtype=bool))[way]
    street = highway.isin(STREETS).to_numpy(dtype=bool)[way]

    def metres(which: Bools) -> Floats:
        counted = np.where(which, length_m, 0.0)[piece]
        total: Floats = np.bincount(unit, weights=counted, minlength=len(ids)).astype(np.float64)
        return total

    street_m, foot_m, walk_m = metres(street), metres(on_foot), metres(walkable[way])
    figures = {
        "score": _share(metres(_near(x, y, on_foot, street)), street_m),
        "foot_share": _share(foot_m, walk_m),
        "street_km": np.where(unknown, np.nan, street_m / 1000.0),
        "foot_km": np.where(unknown, np.nan, foot_m / 1000.0),
    }
    return pd.DataFrame(figures, index=pd.Index(ids, name="unit_id", dtype=object))


def _pieces(network: RoadNetwork) -> tuple[Floats, Floats, Floats, Ints]:
    """Cut roads into pieces of at most 25 m: x and y of their middles, lengths and ways."""
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
    return x, y, np.repeat(segment_m / parts, parts), np.repeat(way, parts)


def _inside(polygons: NDArray[np.object_], x: Floats, y: Floats) -> tuple[Ints, Ints]:
    """Return which pieces lie in which polygons, as pairs of polygon and piece."""
    order = np.argsort(x)
    sorted_x = x[order]
    pieces: list[Ints] = []
    for polygon in polygons:
        west, south, east, north = shapely.bounds(polygon)
        first, end = np.searchsorted(sorted_x, west), np.searchsorted(sorted_x, east, side="right")
        # A missing or empty polygon has no bounds: NaN is past every piece.
        near = order[first:end]
        near = near[(y[near] >= south) & (y[near] <= north)]
        shapely.prepare(polygon)
        pieces.append(near[shapely.intersects_xy(polygon, x[near], y[near])])
    unit = np.repeat(np.arange(len(pieces)), [len(some) for some in pieces])
    return unit, np.concatenate([np.empty(0, np.int64), *pieces])


def _near(x: Floats, y: Floats, on_foot: Bools, street: Bools) -> Bools:
    """Tell which pieces of street have a piece of foot way near; pieces stand for their middles."""
    near = np.zeros(len(x), bool)
    asked = np.flatnonzero(street)
    if on_foot.any() and len(asked):
        xy = np.column_stack([x, y])
        tree = KDTree(xy[on_foot])
        distance_m, _ = tree.query(xy[asked], distance_upper_bound=NEAR_M, workers=-1)
        near[asked] = np.isfinite(distance_m)
    return near


def _share(part_m: Floats, whole_m: Floats) -> Floats:
    known = whole_m > 0
    return np.where(known, part_m / np.where(known, whole_m, 1.0), np.nan)

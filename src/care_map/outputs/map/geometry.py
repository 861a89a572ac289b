"""Geometries as the page reads them: whole numbers, simplified to what a screen shows.

A line is one flat list of integers, 1e-5 degrees (about a metre): first point, then differences.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

__all__ = [
    "GEOGRAPHIC",
    "ROAD_CLASSES",
    "Lines",
    "barrier_lines",
    "encode_lines",
    "encode_polygons",
    "lon_lat",
    "outline",
    "road_lines",
    "simplify_units",
]

GEOGRAPHIC = "EPSG:4326"
"""What the page draws in. From CGCS2000 this is a null transform."""

SCALE = 100_000
UNIT_TOLERANCE_M = 8.0
UNIT_VERTICES = 120_000
BARRIER_TOLERANCE_M = 5.0
BARRIER_VERTICES = 60_000
RING_SHARE = 0.005

Line: TypeAlias = list[int]


@dataclass(frozen=True, slots=True)
class RoadClass:
    """Highway values that are drawn alike, how finely, and at most how many vertices."""

    name: str
    highways: frozenset[str]
    tolerance_m: float
    vertices: int


ROAD_CLASSES = (
    RoadClass("major", frozenset({"motorway", "trunk"}), 5.0, 60_000),
    RoadClass("middle", frozenset({"primary", "secondary", "tertiary"}), 4.0, 100_000),
    RoadClass(
        "minor",
        frozenset({"unclassified", "residential", "living_street", "road", "pedestrian"}),
        4.0,
        140_000,
    ),
    RoadClass("path", frozenset(), 5.0, 120_000),
)
"""From wide to narrow; the last one takes what no other names."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Encoded lines and how many were left out to keep the page small."""

    lines: list[Line]
    left_out: int


def lon_lat(points: gpd.GeoSeries) -> npt.NDArray[np.int64]:
    """Return points as whole 1e-5 degrees.

    Parameters
    ----------
    points
        Points, none of them missing or empty, in any CRS.

    Returns
    -------
    ndarray
        Shape (n, 2): longitude, latitude.
    """
    if len(points) == 0:
        return np.empty((0, 2), dtype=np.int64)
    moved = points.to_crs(GEOGRAPHIC)
    xy = np.column_stack([shapely.get_x(moved.to_numpy()), shapely.get_y(moved.to_numpy())])
    whole: npt.NDArray[np.int64] = np.rint(xy * SCALE).astype(np.int64)
    return whole


def encode_lines(lines: gpd.GeoSeries) -> list[Line]:
    """Return each line as one flat list of integers; lines that shrink to a point are dropped.

    Parameters
    ----------
    lines
        LineStrings or LinearRings in any CRS.

    Returns
    -------
    list of list of int
        First point, then differences, in 1e-5 degrees.

    Examples
    --------
    >>> from shapely import LineString
    >>> encode_lines(gpd.GeoSeries([LineString([(1, 2), (1.00002, 2.00001)])], crs=4326))
    [[100000, 200000, 2, 1]]
    """
    return [line for line in _steps(lines) if len(line) > _ONE_POINT]


def encode_polygons(shapes: gpd.GeoSeries) -> list[list[list[Line]]]:
    """Return each (multi)polygon as polygons of rings; no geometry gives an empty list."""
    parts, shape = shapely.get_parts(shapes.to_numpy(), return_index=True)
    polygonal = (shapely.get_type_id(parts) == _POLYGON) & ~shapely.is_empty(parts)
    rings, part = shapely.get_rings(parts[polygonal], return_index=True)
    polygons: list[list[Line]] = [[] for _ in range(int(polygonal.sum()))]
    for line, number in zip(_steps(gpd.GeoSeries(rings, crs=shapes.crs)), part, strict=True):
        if len(line) > _ONE_POINT:
            polygons[number].append(line)
    encoded: list[list[list[Line]]] = [[] for _ in range(len(shapes))]
    for polygon, number in zip(polygons, shape[polygonal], strict=True):
        if polygon:
            encoded[number].append(polygon)
    return encoded


def _steps(lines: gpd.GeoSeries) -> list[Line]:
    """Return each line as its first point and its moves."""
    if len(lines) == 0:
        return []
    xy, owner = shapely.get_coordinates(lines.to_crs(GEOGRAPHIC).to_numpy(), return_index=True)
    whole = np.rint(xy * SCALE).astype(np.int64)
    first = np.r_[True, owner[1:] != owner[:-1]]
    moves = np.r_[True, (whole[1:] != whole[:-1]).any(axis=1)]
    keep = first | moves
    whole, owner, first = whole[keep], owner[keep], first[keep]
    steps = np.diff(whole, axis=0, prepend=whole[:1])
    steps[first] = whole[first]
    numbers: Line = steps.ravel().tolist()
    bounds = [*(2 * np.flatnonzero(first)).tolist(), len(numbers)]
    return [numbers[begin:end] for begin, end in pairwise(bounds)]


def simplify_units(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    """Simplify polygons so that neighbours keep their common border.

    Parameters
    ----------
    shapes
        Polygons of one level in metres, missing ones allowed.

    Returns
    -------
    GeoSeries
        The same index and CRS.
    """
    known = shapes[shapes.notna() & ~shapes.is_empty]
    known = known[known.geom_type.isin(["Polygon", "MultiPolygon"])]
    simple: npt.NDArray[np.object_] = shapely.make_valid(known.to_numpy())
    tolerance_m = UNIT_TOLERANCE_M
    while True:
        coarser = _simplify_together(simple, tolerance_m)
        if shapely.get_num_coordinates(coarser).sum() <= UNIT_VERTICES or tolerance_m > 1000:  # noqa: PLR2004 - a town has no detail left at a kilometre
            break
        tolerance_m *= 2
    return gpd.GeoSeries(coarser, index=known.index, crs=shapes.crs).reindex(shapes.index)


def _simplify_together(
    shapes: npt.NDArray[np.object_], tolerance_m: float
) -> npt.NDArray[np.object_]:
    if len(shapes) and shapely.coverage_is_valid(shapes):
        return np.asarray(shapely.coverage_simplify(shapes, tolerance_m), dtype=object)
    # Overlaps and slivers have no common border to keep: a fine tolerance hides the difference.
    return np.asarray(shapely.simplify(shapes, tolerance_m / 2), dtype=object)


def outline(shapes: gpd.GeoSeries) -> list[Line]:
    """Return the outer rings of all polygons together, without slivers between them."""
    known = shapes[shapes.notna()]
    if known.empty:
        return []
    # A metre closes the slivers that simplified neighbours leave.
    union = shapely.union_all(known.buffer(1.0, join_style="mitre").to_numpy())
    parts = shapely.get_parts(union)
    areas = shapely.area(parts)
    rings = shapely.get_exterior_ring(parts[areas >= RING_SHARE * areas.max()])
    return encode_lines(gpd.GeoSeries(rings, crs=shapes.crs))


def road_lines(roads: gpd.GeoDataFrame) -> dict[str, Lines]:
    """Return the roads by class, simplified and capped.

    Parameters
    ----------
    roads
        Lines in metres with ``highway``.

    Returns
    -------
    dict of str to Lines
        By name of :data:`ROAD_CLASSES`; classes without a road are absent.
    """
    if roads.empty or "highway" not in roads.columns:
        return {}
    highway = roads["highway"].astype("string").fillna("").str.removesuffix("_link")
    taken = pd.Series(data=False, index=roads.index)
    found: dict[str, Lines] = {}
    for road_class in ROAD_CLASSES:
        mine = highway.isin(road_class.highways) if road_class.highways else ~taken
        taken |= mine
        if mine.any():
            found[road_class.name] = _capped(
                roads.geometry[mine], road_class.tolerance_m, road_class.vertices
            )
    return found


def barrier_lines(barriers: gpd.GeoDataFrame) -> dict[str, Lines]:
    """Return rivers and railways as lines: ``water`` and ``railway``.

    Motorways are barriers too, but are drawn as roads.
    """
    if barriers.empty or "kind" not in barriers.columns:
        return {}
    kind = barriers["kind"].astype("string").fillna("")
    railway = kind.str.contains("rail")
    water = ~railway & ~kind.str.contains("motorway")
    return {
        name: _capped(barriers.geometry[mine], BARRIER_TOLERANCE_M, BARRIER_VERTICES)
        for name, mine in (("water", water), ("railway", railway))
        if mine.any()
    }


def _capped(shapes: gpd.GeoSeries, tolerance_m: float, vertices: int) -> Lines:
    """Merge, simplify, and keep the longest lines that fit into `vertices`."""
    merged = _merge(shapes.to_numpy())
    simple = shapely.simplify(merged, tolerance_m, preserve_topology=False)
    simple = simple[~shapely.is_empty(simple)]
    order = np.argsort(-shapely.length(simple), kind="stable")
    fits = np.cumsum(shapely.get_num_coordinates(simple)[order]) <= vertices
    kept = simple[np.sort(order[fits])]
    return Lines(
        lines=encode_lines(gpd.GeoSeries(kept, crs=shapes.crs)),
        left_out=len(simple) - len(kept),
    )


def _merge(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    known = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    polygonal = np.isin(shapely.get_type_id(known), _POLYGONS)
    known[polygonal] = shapely.boundary(known[polygonal])
    simple = np.isin(shapely.get_type_id(known), _LINES)
    parts = shapely.get_parts(shapely.get_parts(known[~simple]))
    parts = np.concatenate([known[simple], parts[np.isin(shapely.get_type_id(parts), _LINES)]])
    if len(parts) == 0:
        return parts
    return shapely.get_parts(shapely.line_merge(shapely.multilinestrings(parts)))


_LINES: Sequence[int] = (1, 2)
_POLYGON = 3
_POLYGONS: Sequence[int] = (_POLYGON, 6)
_ONE_POINT = 2

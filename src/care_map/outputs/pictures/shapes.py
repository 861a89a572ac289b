"""Geometries as paths of a drawing, all of a kind in one path."""

import numpy as np
import shapely
from matplotlib.path import Path
from numpy.typing import NDArray

__all__ = ["line_path", "polygon_path"]

Shapes = NDArray[np.object_]


def polygon_path(shapes: Shapes) -> Path:
    """Return polygons as one path; holes stay holes.

    Parameters
    ----------
    shapes
        Polygons or MultiPolygons; others and missing ones are passed over.
    """
    parts = shapely.get_parts(shapely.orient_polygons(shapes[~shapely.is_missing(shapes)]))
    parts = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    return _path(shapely.get_rings(parts), closed=True)


def line_path(shapes: Shapes, tolerance_m: float) -> Path:
    """Return lines, and the edges of polygons, as one path.

    Parameters
    ----------
    shapes
        Lines and polygons of any kind in metres; missing ones are passed over.
    tolerance_m
        What is smaller than this is left out: less than a dot of the picture.
    """
    known = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    flat = np.isin(shapely.get_type_id(known), _POLYGONS)
    known = np.concatenate([known[~flat], shapely.boundary(known[flat])])
    # Twice: the parts of a collection are collections themselves.
    parts = shapely.get_parts(shapely.get_parts(known))
    parts = parts[np.isin(shapely.get_type_id(parts), _LINES)]
    return _path(shapely.simplify(parts, tolerance_m, preserve_topology=False), closed=False)


def _path(lines: Shapes, *, closed: bool) -> Path:
    """Return lines as one path; none of them is a path without codes."""
    vertices, owner = shapely.get_coordinates(lines, return_index=True)
    if len(vertices) == 0:
        return Path(vertices)
    codes = np.full(len(vertices), Path.LINETO, dtype=np.uint8)
    first = np.r_[True, owner[1:] != owner[:-1]]
    codes[first] = Path.MOVETO
    if closed:
        last = np.r_[owner[1:] != owner[:-1], True]
        codes[last] = Path.CLOSEPOLY
    return Path(vertices, codes)


_LINES = (
    int(shapely.GeometryType.LINESTRING),
    int(shapely.GeometryType.LINEARRING),
)
_POLYGONS = (
    int(shapely.GeometryType.POLYGON),
    int(shapely.GeometryType.MULTIPOLYGON),
)

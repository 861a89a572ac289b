"""The flat map on which the district is drawn: metres east and north of its middle."""

from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import Transformer

__all__ = ["MIDDLE_LAT", "MIDDLE_LON", "Floats", "to_degrees", "to_metres"]

Floats = NDArray[np.float64]

MIDDLE_LON = 107.2
MIDDLE_LAT = 29.45
_CRS = "EPSG:4545"
"""CGCS2000 Gauss-Krueger, central meridian 108 E: what a study here is measured in."""
_DIGITS = 7
"""Decimals of a degree, as in OSM: about a centimetre."""


@cache
def _transformer() -> Transformer:
    return Transformer.from_crs(_CRS, "EPSG:4326", always_xy=True)


@cache
def _origin() -> tuple[float, float]:
    east, north = _transformer().transform(MIDDLE_LON, MIDDLE_LAT, direction="INVERSE")
    return float(east), float(north)


def to_degrees(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    """Return longitudes and latitudes of points of the plane, rounded to 1e-7 degrees."""
    east, north = _origin()
    lon, lat = _transformer().transform(np.asarray(x) + east, np.asarray(y) + north)
    return np.round(lon, _DIGITS), np.round(lat, _DIGITS)


def to_metres(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Return metres east and north of the district's middle for points in degrees."""
    east, north = _origin()
    x, y = _transformer().transform(np.asarray(lon), np.asarray(lat), direction="INVERSE")
    return np.asarray(x) - east, np.asarray(y) - north

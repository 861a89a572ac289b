"""Datums of Chinese web maps: GCJ-02 (Amap, Tencent), BD-09 (Baidu) and WGS84, both ways.

GCJ-02 shifts WGS84 by a few hundred metres with a smooth function; BD-09 shifts GCJ-02 once
more. Neither has a closed inverse: ours are iterated to far below a millimetre. CGCS2000 is
WGS84 for our purpose. All functions take degrees, one value or arrays, and return arrays.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from care_map.errors import InputError, Problem
from care_map.values import Datum

__all__ = [
    "CHINA_RECTANGLE",
    "bd09_to_gcj02",
    "bd09_to_wgs84",
    "from_wgs84",
    "gcj02_to_bd09",
    "gcj02_to_wgs84",
    "outside_china",
    "shift_m",
    "to_wgs84",
    "wgs84_to_bd09",
    "wgs84_to_gcj02",
]

Degrees = NDArray[np.float64]
Pair = tuple[Degrees, Degrees]

CHINA_RECTANGLE = (72.004, 0.8293, 137.8347, 55.8271)
"""West, south, east, north in degrees: where GCJ-02 is defined. It is no border: Seoul lies in
it, so it can refuse a datum, never suggest one."""

_WIDEST_SHIFT_DEG = 0.02
"""No shift in the rectangle is larger: so far out its GCJ-02 and BD-09 coordinates may lie."""

_SEMI_MAJOR_M = 6378245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_BD_ANGLE = np.pi * 3000.0 / 180.0
_BD_LON, _BD_LAT = 0.0065, 0.006
_STEADY_DEG = 1e-13
_ROUNDS = 30
_BLOCK = 8192
_EARTH_RADIUS_M = 6371008.8


def outside_china(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """Tell which points are outside the rectangle where GCJ-02 is defined.

    Parameters
    ----------
    lon, lat
        Degrees; NaN is not outside.

    Returns
    -------
    numpy.ndarray
        bool, of the points' shape.

    Examples
    --------
    >>> outside_china([108.4, -8.6], [30.8, 41.1]).tolist()
    [False, True]
    """
    x, y = _arrays(lon, lat)
    west, south, east, north = CHINA_RECTANGLE
    return np.asarray((x < west) | (x > east) | (y < south) | (y > north))


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Convert WGS84 to GCJ-02.

    Parameters
    ----------
    lon, lat
        Degrees, inside :data:`CHINA_RECTANGLE`; NaN stays NaN.

    Returns
    -------
    tuple of numpy.ndarray
        Longitude and latitude in degrees.

    Raises
    ------
    InputError
        A point is outside the rectangle: nothing is passed through unconverted.

    Examples
    --------
    >>> lon, lat = wgs84_to_gcj02(108.4, 30.8)
    >>> round(float(lon), 6), round(float(lat), 6)
    (108.404591, 30.797735)
    """
    return _wgs84_to_gcj02(*_inside(lon, lat))


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Convert GCJ-02 to WGS84, the exact inverse of :func:`wgs84_to_gcj02`.

    Parameters, results and errors as there; the round trip is off by less than 1e-3 m. GCJ-02
    and BD-09 coordinates may lie outside the rectangle by as much as they are shifted.

    Examples
    --------
    >>> lon, lat = gcj02_to_wgs84(*wgs84_to_gcj02([108.4], [30.8]))
    >>> bool(abs(lon[0] - 108.4) < 1e-9), bool(abs(lat[0] - 30.8) < 1e-9)
    (True, True)
    """
    return _inverse(_wgs84_to_gcj02, *_inside(lon, lat, _WIDEST_SHIFT_DEG))


def gcj02_to_bd09(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Convert GCJ-02 to BD-09; parameters, results and errors as :func:`wgs84_to_gcj02`.

    Examples
    --------
    >>> lon, lat = gcj02_to_bd09(108.4, 30.8)
    >>> round(float(lon), 6), round(float(lat), 6)
    (108.40653, 30.805833)
    """
    return _gcj02_to_bd09(*_inside(lon, lat, _WIDEST_SHIFT_DEG))


def bd09_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Convert BD-09 to GCJ-02, the exact inverse of :func:`gcj02_to_bd09`.

    Examples
    --------
    >>> lon, lat = bd09_to_gcj02(*gcj02_to_bd09(108.4, 30.8))
    >>> bool(abs(lon - 108.4) < 1e-9), bool(abs(lat - 30.8) < 1e-9)
    (True, True)
    """
    return _inverse(_gcj02_to_bd09, *_inside(lon, lat, _WIDEST_SHIFT_DEG))


def bd09_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Convert BD-09 to WGS84, the exact inverse of :func:`wgs84_to_bd09`.

    Examples
    --------
    >>> lon, lat = bd09_to_wgs84(*wgs84_to_bd09(108.4, 30.8))
    >>> bool(abs(lon - 108.4) < 1e-9), bool(abs(lat - 30.8) < 1e-9)
    (True, True)
    """
    gcj_lon, gcj_lat = _inverse(_gcj02_to_bd09, *_inside(lon, lat, _WIDEST_SHIFT_DEG))
    return _inverse(_wgs84_to_gcj02, gcj_lon, gcj_lat)


def wgs84_to_bd09(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Convert WGS84 to BD-09; parameters, results and errors as :func:`wgs84_to_gcj02`.

    Examples
    --------
    >>> lon, lat = wgs84_to_bd09(108.4, 30.8)
    >>> round(float(shift_m(108.4, 30.8, lon, lat)), -2)
    1100.0
    """
    return _gcj02_to_bd09(*_wgs84_to_gcj02(*_inside(lon, lat)))


_TO_WGS84 = {"gcj02": gcj02_to_wgs84, "bd09": bd09_to_wgs84}
_FROM_WGS84 = {"gcj02": wgs84_to_gcj02, "bd09": wgs84_to_bd09}


def to_wgs84(lon: ArrayLike, lat: ArrayLike, *, datum: Datum) -> Pair:
    """Convert any datum to WGS84; WGS84 and CGCS2000 stay as they are, anywhere on earth.

    Parameters
    ----------
    lon, lat
        Degrees.
    datum
        Datum of the coordinates.

    Returns
    -------
    tuple of numpy.ndarray
        Longitude and latitude in degrees.

    Raises
    ------
    InputError
        A GCJ-02 or BD-09 point is outside the rectangle.

    Examples
    --------
    >>> lon, lat = to_wgs84(108.4, 30.8, datum="cgcs2000")
    >>> float(lon), float(lat)
    (108.4, 30.8)
    """
    convert = _TO_WGS84.get(datum)
    return _arrays(lon, lat) if convert is None else convert(lon, lat)


def from_wgs84(lon: ArrayLike, lat: ArrayLike, *, datum: Datum) -> Pair:
    """Convert WGS84 to any datum, the inverse of :func:`to_wgs84`.

    Examples
    --------
    >>> lon, lat = from_wgs84(108.4, 30.8, datum="gcj02")
    >>> round(float(lon), 6), round(float(lat), 6)
    (108.404591, 30.797735)
    """
    convert = _FROM_WGS84.get(datum)
    return _arrays(lon, lat) if convert is None else convert(lon, lat)


def shift_m(lon: ArrayLike, lat: ArrayLike, other_lon: ArrayLike, other_lat: ArrayLike) -> Degrees:
    """Return great-circle distances in metres between points and their shifted selves.

    Parameters
    ----------
    lon, lat, other_lon, other_lat
        Degrees.

    Returns
    -------
    numpy.ndarray
        Metres on the mean sphere, exact to 0.5%.

    Examples
    --------
    >>> round(float(shift_m(0, 0, 0, 1)))
    111195
    """
    x1, y1 = (np.radians(part) for part in _arrays(lon, lat))
    x2, y2 = (np.radians(part) for part in _arrays(other_lon, other_lat))
    chord = np.sin((y2 - y1) / 2) ** 2 + np.cos(y1) * np.cos(y2) * np.sin((x2 - x1) / 2) ** 2
    return np.asarray(2 * _EARTH_RADIUS_M * np.arcsin(np.sqrt(chord)))


def _arrays(lon: ArrayLike, lat: ArrayLike) -> Pair:
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def _inside(lon: ArrayLike, lat: ArrayLike, margin_deg: float = 0.0) -> Pair:
    x, y = _arrays(lon, lat)
    west, south, east, north = CHINA_RECTANGLE
    outside = (x < west - margin_deg) | (x > east + margin_deg)
    outside = np.atleast_1d(outside | (y < south - margin_deg) | (y > north + margin_deg))
    if outside.any():
        first = int(np.argmax(outside))
        flat_x, flat_y = (np.broadcast_to(part, outside.shape).ravel() for part in (x, y))
        where = f"{flat_x[first]:.5f},{flat_y[first]:.5f}"
        raise InputError([Problem("datum_outside_china", value=where, count=int(outside.sum()))])
    return x, y


def _wave(value: Degrees, divisor: float) -> Degrees:
    return np.asarray(np.sin(value / divisor * np.pi))


def _wgs84_to_gcj02(lon: Degrees, lat: Degrees) -> Pair:
    x, y = lon - 105.0, lat - 35.0
    root = 0.1 * np.sqrt(np.abs(x))
    common = (20.0 * _wave(6.0 * x, 1.0) + 20.0 * _wave(2.0 * x, 1.0)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 2.0 * root + common
    north += (20.0 * _wave(y, 1.0) + 40.0 * _wave(y, 3.0)) * 2.0 / 3.0
    north += (160.0 * _wave(y, 12.0) + 320.0 * _wave(y, 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + root + common
    east += (20.0 * _wave(x, 1.0) + 40.0 * _wave(x, 3.0)) * 2.0 / 3.0
    east += (150.0 * _wave(x, 12.0) + 300.0 * _wave(x, 30.0)) * 2.0 / 3.0
    radians = np.radians(lat)
    magic = 1.0 - _ECCENTRICITY_SQUARED * np.sin(radians) ** 2
    per_degree = _SEMI_MAJOR_M / np.sqrt(magic) * np.pi / 180.0
    meridian = per_degree * (1.0 - _ECCENTRICITY_SQUARED) / magic
    return lon + east / (per_degree * np.cos(radians)), lat + north / meridian


def _gcj02_to_bd09(lon: Degrees, lat: Degrees) -> Pair:
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_ANGLE)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_ANGLE)
    return radius * np.cos(angle) + _BD_LON, radius * np.sin(angle) + _BD_LAT


def _inverse(forward: Callable[[Degrees, Degrees], Pair], lon: Degrees, lat: Degrees) -> Pair:
    """Invert a small shift, so many points at a time that the steps between stay in the cache."""
    x, y = np.broadcast_arrays(lon, lat)
    flat_x, flat_y = x.ravel(), y.ravel()
    found_x, found_y = np.empty_like(flat_x), np.empty_like(flat_y)
    for start in range(0, flat_x.size, _BLOCK):
        part = slice(start, start + _BLOCK)
        found_x[part], found_y[part] = _inverse_of_block(forward, flat_x[part], flat_y[part])
    return found_x.reshape(x.shape), found_y.reshape(x.shape)


def _inverse_of_block(
    forward: Callable[[Degrees, Degrees], Pair], lon: Degrees, lat: Degrees
) -> Pair:
    """Correct the guess by what it misses until it no longer moves."""
    guess_lon, guess_lat = lon, lat
    for _ in range(_ROUNDS):
        there_lon, there_lat = forward(guess_lon, guess_lat)
        miss_lon, miss_lat = lon - there_lon, lat - there_lat
        guess_lon, guess_lat = guess_lon + miss_lon, guess_lat + miss_lat
        if (
            not (np.abs(miss_lon) > _STEADY_DEG).any()
            and not (np.abs(miss_lat) > _STEADY_DEG).any()
        ):
            break
    return guess_lon, guess_lat

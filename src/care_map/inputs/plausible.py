"""Coordinates that cannot be right, by what seems to have gone wrong with them.

A point that looks wrong is missing, not mended: the elder or the facility stays in the list
and is undetermined.
"""

from collections.abc import Sequence
from itertools import product

import numpy as np
import shapely
from numpy.typing import NDArray

from care_map.inputs import datum as datums
from care_map.inputs.findings import Findings

__all__ = ["EARTH", "plausible"]

EARTH = (180.0, 90.0, 180.0, 90.0)
"""Largest west, south, east, north that there are."""

Geometries = NDArray[np.object_]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_MARGIN_DEG = 1.0
_METRES = 1000.0
"""From here on a number is no angle with a slip but a length."""

_ENOUGH_POINTS, _MOST = 5, 0.8
_SHIFTS = sorted(
    {*product(range(-2, 3), repeat=2), *((power, power) for power in range(-7, 8))} - {(0, 0)},
    key=lambda shift: (abs(shift[0]) + abs(shift[1]), shift),
)
"""Powers of ten by which a longitude and a latitude may be off, small slips first."""


def plausible(
    geometry: Geometries,
    rows: NDArray[np.int64],
    extent: Sequence[float] | None,
    findings: Findings,
) -> Geometries:
    """List and take away what cannot be a place, or is one only when it is mended.

    Parameters
    ----------
    geometry
        In degrees, or None.
    rows
        Number of the row of each.
    extent
        West, south, east, north of the study, if known; else China is taken for it, and of a
        misplaced point the other points of the list decide.
    findings
        Gets the doubtful ones.

    Returns
    -------
    numpy.ndarray
        The same where nothing is listed, else a copy with None in place of what is.
    """
    bounds = shapely.bounds(geometry)
    if extent is not None and _all_within(bounds, extent):
        return geometry
    kept = geometry.copy()
    lon, lat = (bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2
    real = np.isfinite(bounds).all(axis=1)
    absent = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    outside = real & (np.abs(bounds) > EARTH).any(axis=1)
    likely = extent or datums.CHINA_RECTANGLE
    zero = real & (lon == 0) & (lat == 0)
    strange = real & ~zero & ~_within(lon, lat, likely)
    swapped = strange & _within(lat, lon, likely)
    equal = strange & (lon == lat)
    shifted = np.zeros(len(lon), dtype=bool)
    near = extent or _where_most_are(lon[real & ~outside], lat[real & ~outside])
    if near is not None:
        asked = real & ~zero & ~swapped & ~equal & ~_within(lon, lat, near)
        shifted[asked] = _list_shifts(lon[asked], lat[asked], rows[asked], near, findings)
    length = outside & (np.maximum(np.abs(lon), np.abs(lat)) >= _METRES)
    length &= ~swapped & ~equal & ~shifted
    for code, wrong in (
        ("coordinates_zero", zero),
        ("coordinates_swapped", swapped),
        ("coordinates_equal", equal),
        ("coordinates_projected", length),
        (
            "coordinates_out_of_range",
            (outside & ~(swapped | equal | shifted | length)) | (~absent & ~real),
        ),
    ):
        findings.each(code, rows=rows[wrong], column="lon", cells=_shown(lon[wrong], lat[wrong]))
        kept[wrong] = None
    kept[shifted] = None
    return kept


def _all_within(bounds: Floats, extent: Sequence[float]) -> bool:
    """Tell whether every geometry is there and near the study: then none needs a second look."""
    if not len(bounds):
        return True
    corners = np.array([*bounds[:, :2].min(axis=0), *bounds[:, 2:].max(axis=0)])
    low, high = corners[:2], corners[2:]
    west, south, east, north = extent
    inside = (low >= (west, south)).all() and (high <= (east, north)).all()
    return bool(inside and (np.abs(corners) <= EARTH).all() and not (low <= 0).all())


def _shown(lon: Floats, lat: Floats) -> list[str]:
    return [f"{x:.6f},{y:.6f}" for x, y in zip(lon, lat, strict=True)]


def _where_most_are(lon: Floats, lat: Floats) -> Sequence[float] | None:
    """Return the rectangle of the points round the middle one, where those are nearly all."""
    if len(lon) < _ENOUGH_POINTS:
        return None
    middle = np.median(lon), np.median(lat)
    close = _within(lon, lat, (*middle, *middle))
    if close.mean() < _MOST:
        return None
    return lon[close].min(), lat[close].min(), lon[close].max(), lat[close].max()


def _list_shifts(
    lon: Floats,
    lat: Floats,
    rows: NDArray[np.int64],
    near: Sequence[float],
    findings: Findings,
) -> Bools:
    """List what lies in the study when decimal points are moved, with what it would be."""
    found = np.zeros(len(lon), dtype=bool)
    for east, north in _SHIFTS:
        moved = lon * 10.0**east, lat * 10.0**north
        new = ~found & _within(*moved, near)
        found |= new
        shown = _shown(lon[new], lat[new])
        for row, cell, x, y in zip(
            rows[new].tolist(), shown, moved[0][new], moved[1][new], strict=True
        ):
            likely = f"{x:g},{y:g}"
            findings.add("coordinates_decimal", row=row, column="lon", value=cell, likely=likely)
    return found


def _within(lon: Floats, lat: Floats, extent: Sequence[float]) -> Bools:
    west, south, east, north = extent
    return np.asarray(
        (lon >= west - _MARGIN_DEG)
        & (lon <= east + _MARGIN_DEG)
        & (lat >= south - _MARGIN_DEG)
        & (lat <= north + _MARGIN_DEG)
    )

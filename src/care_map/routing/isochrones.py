"""Polygons of what is within a number of minutes: the level set of the point-time function.

The function is evaluated on a lattice and contoured, so that a polygon means just what coverage
means, up to a cell. Polygons are for the eye; coverage is decided at each point.
"""

from collections.abc import Sequence

import contourpy
import numpy as np
import shapely
from numpy.typing import NDArray

from care_map.network.snap import Points, access_limit_m
from care_map.routing.nearest import TravelModel
from care_map.values import KPH_PER_MPS

__all__ = ["isochrones", "lattice_cell_m"]

Floats = NDArray[np.float64]

_FINEST_CELL_M = 10.0
_MOST_CELLS = 1_000_000


def isochrones(
    model: TravelModel, facilities: Points, cutoffs_s: Sequence[float], *, cell_m: float
) -> list[shapely.MultiPolygon]:
    """Return for each cutoff where one is within it of the nearest facility.

    Parameters
    ----------
    model
        Network as a profile travels it.
    facilities
        Points in the network's CRS; all polygons are of their union.
    cutoffs_s
        Seconds, each limit inside its polygon.
    cell_m
        Side of a lattice cell in metres: the polygon is that exact.

    Returns
    -------
    list of MultiPolygon in the network's CRS, in the order of `cutoffs_s`; the smaller lies in
    the larger.
    """
    longest_s = max(cutoffs_s)
    x, y = _lattice(model, facilities, longest_s, cell_m)
    grid_x, grid_y = np.meshgrid(x, y)
    rural = np.zeros(grid_x.size, bool)
    if facilities.rural.any():
        # A lattice point has no unit; it takes the limit of the facilities that it is near.
        rural[:] = True
    points = Points(grid_x.ravel(), grid_y.ravel(), rural)
    seconds = model.nearest(points, facilities).seconds.reshape(grid_x.shape)
    # One cap for all cutoffs keeps the interpolated lines nested.
    cap_s = longest_s + cell_m / model.profile.walk_speed_mps
    contours = contourpy.contour_generator(
        x, y, np.minimum(seconds, cap_s), fill_type=contourpy.FillType.OuterOffset
    )
    return [_polygons(contours.filled(-1.0, cutoff_s)) for cutoff_s in cutoffs_s]


def lattice_cell_m(model: TravelModel, facilities: Points, longest_s: float) -> float:
    """Return the side of the finest lattice that stays within a million points, 10 m or more.

    Parameters
    ----------
    model, facilities
        As :func:`isochrones`.
    longest_s
        The largest cutoff in seconds.

    Returns
    -------
    Metres.
    """
    left, bottom, right, top = _bounds(model, facilities, longest_s)
    return max(_FINEST_CELL_M, float(np.sqrt((right - left) * (top - bottom) / _MOST_CELLS)))


def _lattice(
    model: TravelModel, facilities: Points, longest_s: float, cell_m: float
) -> tuple[Floats, Floats]:
    left, bottom, right, top = _bounds(model, facilities, longest_s)
    # Whole multiples of the cell, so that neighbouring facilities share a lattice.
    x = np.arange(np.floor(left / cell_m), np.ceil(right / cell_m) + 1) * cell_m
    y = np.arange(np.floor(bottom / cell_m), np.ceil(top / cell_m) + 1) * cell_m
    return x, y


def _bounds(
    model: TravelModel, facilities: Points, longest_s: float
) -> tuple[float, float, float, float]:
    """Return what cannot be left within the time at the profile's top speed."""
    profile = model.profile
    speed_mps = profile.walk_speed_mps
    if profile.mode == "foot":
        speed_mps = max(speed_mps, profile.escalator_mps)
    elif profile.car_speed_kph:
        speed_mps = max(speed_mps, max(profile.car_speed_kph.values()) / KPH_PER_MPS)
    legs_m = float(access_limit_m(facilities, model.limits).max())
    reach_m = max(longest_s - profile.overhead_s, 0.0) * speed_mps + legs_m
    return (
        float(facilities.x.min() - reach_m),
        float(facilities.y.min() - reach_m),
        float(facilities.x.max() + reach_m),
        float(facilities.y.max() + reach_m),
    )


def _polygons(filled: tuple[list[Floats], list[NDArray[np.uint32]]]) -> shapely.MultiPolygon:
    parts = []
    for points, offsets in zip(*filled, strict=True):
        rings = [
            points[a:b] for a, b in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)
        ]
        parts.append(shapely.Polygon(rings[0], rings[1:]))
    whole = shapely.make_valid(shapely.MultiPolygon(parts), method="structure")
    polygons = [part for part in shapely.get_parts(whole) if isinstance(part, shapely.Polygon)]
    return shapely.MultiPolygon(polygons)

"""Polygons of what is within a number of minutes: the level set of the point-time function.

The function is evaluated on a lattice and the line is searched between its points, so that a
polygon means just what coverage means, up to a cell. A strip narrower than a cell may be lost.
Polygons are for the eye; coverage is decided at each point.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import shapely
from numpy.typing import NDArray

from care_map.network.snap import Points, Snapped, access_limit_m
from care_map.routing.level_set import LevelSets, Rings, multipolygons
from care_map.routing.nearest import Direction, TravelModel
from care_map.routing.reach import town_of, towns_of
from care_map.routing.roads import Goals, goals_of
from care_map.routing.window import Doors

__all__ = ["isochrones", "isochrones_each", "lattice_cell_m", "rings"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_FINEST_CELL_M = 10.0
_MOST_CELLS = 1_000_000
_QUARTER = 32
"""Sides of a quarter of a circle, where there is no network and all is circles."""


def isochrones(
    model: TravelModel,
    facilities: Points,
    cutoffs_s: Sequence[float],
    *,
    cell_m: float,
    direction: Direction = "to",
    snapped: Snapped | None = None,
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
    direction
        ``"to"`` the facility, or ``"from"`` it (delivery, visits, rescue).
    snapped
        Snaps of the facilities, where they are known from an earlier search of the same mode.

    Returns
    -------
    list of MultiPolygon in the network's CRS, in the order of `cutoffs_s`; the smaller lies in
    the larger.
    """
    if model.costs is None:
        circles = _circles(model, facilities, cutoffs_s)
        return [_as_multi(shapely.union_all(list(one))) for one in zip(*circles, strict=True)]
    goals, doors = _facilities(model, facilities, direction, snapped)
    # A lattice point has no unit; it takes the limit of the facilities that it is near.
    limit_m = float(doors.limit_m.max(initial=0.0))
    drawn = [
        multipolygons(
            LevelSets(town, goals, doors, cell_m, limit_m).rings(0, len(doors.x), cutoffs_s)
        )
        for town in towns_of(model, direction)
    ]
    # Who lives there takes the better of two roads.
    found = [
        one[0] if len(one) == 1 else _as_multi(shapely.union_all(one))
        for one in zip(*drawn, strict=True)
    ]
    return _with_places(model, found, facilities, cutoffs_s, cell_m)


def isochrones_each(
    model: TravelModel,
    facilities: Points,
    cutoffs_s: Sequence[float],
    *,
    cell_m: float,
    direction: Direction = "to",
) -> list[list[shapely.MultiPolygon]]:
    """Return for each facility by itself, and each cutoff, where one is within it.

    Facilities near each other share what does not depend on them, so that many at once are
    quicker than one after the other.

    Parameters
    ----------
    model, facilities, cutoffs_s, cell_m, direction
        As :func:`isochrones`.

    Returns
    -------
    For each facility what :func:`isochrones` gives for it alone.
    """
    if model.costs is None:
        return _circles(model, facilities, cutoffs_s)
    town = town_of(model, direction)
    goals, doors = _facilities(model, facilities, direction)

    def work(rows: Ints) -> list[list[shapely.MultiPolygon]]:
        sets = LevelSets(town, goals, doors, cell_m, float(doors.limit_m[rows[0]]))
        found: list[Rings] = []
        for k in rows.tolist():
            found += sets.rings(k, k + 1, cutoffs_s)
        flat, bands = multipolygons(found), len(cutoffs_s)
        return [flat[i : i + bands] for i in range(0, len(flat), bands)]

    shares = _shares(facilities)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        answers = list(pool.map(work, shares))
    each: list[list[shapely.MultiPolygon]] = [[] for _ in range(len(facilities))]
    for rows, answer in zip(shares, answers, strict=True):
        for row, polygons in zip(rows.tolist(), answer, strict=True):
            one = facilities.take(np.array([row]))
            each[row] = _with_places(model, polygons, one, cutoffs_s, cell_m)
    return each


def rings(polygons: Sequence[shapely.MultiPolygon]) -> list[shapely.MultiPolygon]:
    """Return what each polygon has beyond the one before it: disjoint, and the last in sum.

    Parameters
    ----------
    polygons
        Nested polygons, the smallest first.
    """
    outer = np.asarray(polygons, dtype=object)
    bands = [*outer[:1], *shapely.difference(outer[1:], outer[:-1])]
    return [_as_multi(band) for band in bands]


def lattice_cell_m(
    model: TravelModel, facilities: Points, longest_s: float, *, direction: Direction = "to"
) -> float:
    """Return the side of the finest lattice that stays within a million points, 10 m or more.

    Parameters
    ----------
    model, facilities, direction
        As :func:`isochrones`.
    longest_s
        The largest cutoff in seconds.

    Returns
    -------
    Metres.
    """
    if model.costs is None or not len(facilities):
        return _FINEST_CELL_M
    goals, doors = _facilities(model, facilities, direction)
    limit_m = float(doors.limit_m.max())
    sets = LevelSets(town_of(model, direction), goals, doors, _FINEST_CELL_M, limit_m)
    left, bottom, right, top = sets.bounds(0, len(facilities), longest_s)
    return max(_FINEST_CELL_M, float(np.sqrt((right - left) * (top - bottom) / _MOST_CELLS)))


def _facilities(
    model: TravelModel,
    facilities: Points,
    direction: Direction,
    snapped: Snapped | None = None,
) -> tuple[Goals, Doors]:
    """Return where facilities meet the network, and them as places; former ones stand last."""
    on, whose = (snapped or model.snap(facilities)).places()
    places = facilities.take(whose)
    doors = Doors(places.x, places.y, access_limit_m(places, model.limits))
    return goals_of(model.directed(direction), on), doors


def _with_places(
    model: TravelModel,
    polygons: list[shapely.MultiPolygon],
    facilities: Points,
    cutoffs_s: Sequence[float],
    cell_m: float,
) -> list[shapely.MultiPolygon]:
    """Add the facilities' own places where their strip or the time is smaller than a cell.

    What is added to a polygon is added to those of more minutes too, so that they stay nested.
    """
    found = list(polygons)
    limit_m = access_limit_m(facilities, model.limits)
    lost = np.zeros(len(facilities), bool)
    for i in np.argsort(cutoffs_s, kind="stable").tolist():
        lost |= ~shapely.intersects_xy(polygons[i], facilities.x, facilities.y) & (limit_m > 0.0)
        if lost.any():
            walk_m = cutoffs_s[i] * model.profile.walk_speed_mps
            radius_m = min(walk_m, cell_m / 2.0, float(limit_m[lost].min()))
            places = shapely.MultiPoint(np.column_stack([facilities.x[lost], facilities.y[lost]]))
            found[i] = _as_multi(shapely.union(polygons[i], shapely.buffer(places, radius_m)))
    return found


def _shares(facilities: Points) -> list[Ints]:
    """Return facilities of one limit in parts for each core, neighbours together."""
    shares: list[Ints] = []
    for rural in (False, True):
        rows = np.flatnonzero(facilities.rural == rural)
        order = rows[np.argsort(facilities.y[rows], kind="stable")]
        shares += [part for part in np.array_split(order, os.cpu_count() or 1) if len(part)]
    return shares


def _circles(
    model: TravelModel, facilities: Points, cutoffs_s: Sequence[float]
) -> list[list[shapely.MultiPolygon]]:
    """Return the circles of a profile that goes straight."""
    places = [shapely.Point(*one) for one in zip(facilities.x, facilities.y, strict=True)]
    per_second_m = model.profile.walk_speed_mps / model.profile.detour_factor
    radius_m = np.asarray(cutoffs_s, dtype=float) * per_second_m
    return [
        [_as_multi(one) for one in shapely.buffer(place, radius_m, quad_segs=_QUARTER)]
        for place in places
    ]


def _as_multi(shape: shapely.Geometry) -> shapely.MultiPolygon:
    """Return the polygons of a geometry as one."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.MultiPolygon([part for part in parts if isinstance(part, shapely.Polygon)])

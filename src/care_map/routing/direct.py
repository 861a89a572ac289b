"""Straight walks between two points that are within each other's access limit."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.spatial import KDTree

from care_map.network.chunks import in_chunks
from care_map.network.grid import Grid, leg_is_blocked, point_grid
from care_map.network.snap import Points

__all__ = ["direct_pairs", "nearest_direct", "nearest_straight", "straight_pairs"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class _Doors(NamedTuple):
    x: Floats
    y: Floats
    limit_m: Floats
    grid: Grid


def nearest_direct(
    origins: Points,
    facilities: Points,
    *,
    origin_limit_m: Floats,
    facility_limit_m: Floats,
    barriers: Floats,
    walls: Grid,
) -> tuple[Floats, Ints]:
    """Return the nearest facility that can be walked to straight.

    A pair counts if its distance is within both limits and the way crosses no barrier.

    Parameters
    ----------
    origins, facilities
        Points.
    origin_limit_m, facility_limit_m
        Access limits in metres, ``(n_origins,)`` and ``(n_facilities,)``.
    barriers, walls
        Segments that may not be crossed, and their grid.

    Returns
    -------
    Distance in metres (inf if none) and row of the facility (-1), both ``(n_origins,)``.
    """
    length_m, facility = np.full(len(origins), np.inf), np.full(len(origins), -1, np.int64)
    if len(facilities) and len(origins):
        reach_m = max(float(facility_limit_m.max()), 1.0)
        doors = _Doors(
            facilities.x,
            facilities.y,
            facility_limit_m,
            point_grid(facilities.x, facilities.y, cell_m=reach_m),
        )

        def walk(part: slice) -> None:
            _walk(
                origins.x[part],
                origins.y[part],
                origin_limit_m[part],
                doors,
                barriers,
                walls,
                length_m[part],
                facility[part],
            )

        in_chunks(len(origins), walk)
    return length_m, facility


def nearest_straight(origins: Points, facilities: Points) -> tuple[Floats, Ints]:
    """Return straight distance in metres and row of the nearest facility, whatever lies between.

    Parameters
    ----------
    origins, facilities
        Points.

    Returns
    -------
    Distance (inf if there is no facility) and row (-1), both ``(n_origins,)``.
    """
    if not len(facilities) or not len(origins):
        return np.full(len(origins), np.inf), np.full(len(origins), -1, np.int64)
    tree = KDTree(np.column_stack([facilities.x, facilities.y]))
    length_m, facility = tree.query(np.column_stack([origins.x, origins.y]))
    return np.asarray(length_m, dtype=float), np.asarray(facility, dtype=np.int64)


def direct_pairs(
    origins: Points,
    facilities: Points,
    *,
    origin_limit_m: Floats,
    facility_limit_m: Floats,
    barriers: Floats,
    walls: Grid,
) -> tuple[Ints, Ints, Floats]:
    """Return all pairs that can be walked straight, as :func:`nearest_direct` judges them.

    Returns
    -------
    Origin row, facility row and distance in metres, one each per pair.
    """
    if not len(facilities) or not len(origins):
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    reach_m = min(float(facility_limit_m.max()), float(origin_limit_m.max()))
    origin, facility, length_m = straight_pairs(origins, facilities, reach_m)
    within = (length_m <= origin_limit_m[origin]) & (length_m <= facility_limit_m[facility])
    origin, facility, length_m = origin[within], facility[within], length_m[within]
    clear = ~_blocked(
        np.column_stack([origins.x[origin], origins.y[origin]]),
        np.column_stack([facilities.x[facility], facilities.y[facility]]),
        barriers,
        walls,
    )
    return origin[clear], facility[clear], length_m[clear]


def straight_pairs(
    origins: Points, facilities: Points, reach_m: float
) -> tuple[Ints, Ints, Floats]:
    """Return all pairs within a straight distance, whatever lies between.

    Parameters
    ----------
    origins, facilities
        Points.
    reach_m
        Largest distance in metres, itself inside.

    Returns
    -------
    Origin row, facility row and distance in metres, one each per pair.
    """
    if not len(facilities) or not len(origins):
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    # Built quickly, for few questions.
    places = np.column_stack([origins.x, origins.y])
    tree = KDTree(places, balanced_tree=False, compact_nodes=False)
    doors = np.column_stack([facilities.x, facilities.y])
    near = tree.query_ball_point(doors, reach_m, return_sorted=True)
    rows = [np.asarray(one, dtype=np.int64) for one in near]
    facility = np.repeat(np.arange(len(rows)), [one.size for one in rows])
    origin = np.concatenate(rows)
    x, y = origins.x[origin] - facilities.x[facility], origins.y[origin] - facilities.y[facility]
    return origin, facility, np.hypot(x, y)


@njit(cache=True, nogil=True)
def _blocked(start: Floats, end: Floats, barriers: Floats, walls: Grid) -> NDArray[np.bool_]:
    blocked = np.zeros(len(start), np.bool_)
    for i in range(len(start)):
        ax, ay = start[i]
        bx, by = end[i]
        blocked[i] = leg_is_blocked(ax, ay, bx, by, barriers, walls)
    return blocked


@njit(cache=True, nogil=True)
def _walk(
    x: Floats,
    y: Floats,
    limit_m: Floats,
    doors: _Doors,
    barriers: Floats,
    walls: Grid,
    length_m: Floats,
    facility: Ints,
) -> None:
    grid = doors.grid
    for i in range(len(x)):
        column = int((x[i] - grid.x0) // grid.cell_m)
        row = int((y[i] - grid.y0) // grid.cell_m)
        for r in range(max(row - 1, 0), min(row + 1, grid.rows - 1) + 1):
            for c in range(max(column - 1, 0), min(column + 1, grid.columns - 1) + 1):
                cell = r * grid.columns + c
                for k in range(grid.offset[cell], grid.offset[cell + 1]):
                    f = grid.item[k]
                    d = np.hypot(doors.x[f] - x[i], doors.y[f] - y[i])
                    if d >= length_m[i] or d > limit_m[i] or d > doors.limit_m[f]:
                        continue
                    if not leg_is_blocked(x[i], y[i], doors.x[f], doors.y[f], barriers, walls):
                        length_m[i], facility[i] = d, f

"""Uniform grids over segments and points, and the leg that may cross no barrier.

The kernels here are what snapping and direct walks are made of.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from care_map.network.listing import Listing, list_by

__all__ = ["Grid", "by_cell", "leg_is_blocked", "point_grid", "segment_grid"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_MOST_CELLS = 4_000_000
_TOUCH_M = 1e-6
"""A leg's end this near to a barrier touches it: the foot of a perpendicular is not exact."""


class Grid(NamedTuple):
    """Items listed by square cell; a tuple, so that compiled kernels take it as it is.

    Parameters
    ----------
    x0, y0
        Lower left corner, metres.
    cell_m
        Side of a cell, metres.
    columns, rows
        Number of cells.
    offset
        ``(columns * rows + 1,)``; items of cell `c` are ``item[offset[c]:offset[c + 1]]``.
    item
        Indices of items; one that touches several cells stands in each.
    """

    x0: float
    y0: float
    cell_m: float
    columns: int
    rows: int
    offset: Ints
    item: Ints


def segment_grid(segments: Floats, *, cell_m: float) -> Grid:
    """List segments by every cell that they touch.

    Parameters
    ----------
    segments
        ``(n, 4)`` x1, y1, x2, y2 in metres.
    cell_m
        Wished side of a cell; larger where the extent would need too many cells.

    Returns
    -------
    Grid
    """
    x0, y0, side, columns, rows = _frame(segments[:, [0, 2]], segments[:, [1, 3]], cell_m)
    frame = (x0, y0, side, columns, rows)
    none = np.empty(0, np.int64)
    count = _fill_segments(segments, Grid(*frame, none, none))
    offset = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    item = np.empty(offset[-1], np.int64)
    _fill_segments(segments, Grid(*frame, offset[:-1].copy(), item))
    return Grid(*frame, offset, item)


def point_grid(x: Floats, y: Floats, *, cell_m: float) -> Grid:
    """List points by cell.

    Parameters
    ----------
    x, y
        ``(n,)`` metres.
    cell_m
        Wished side of a cell; larger where the extent would need too many cells.

    Returns
    -------
    Grid
    """
    x0, y0, side, columns, rows = _frame(x, y, cell_m)
    none = np.empty(0, np.int64)
    listing = _list_points(x, y, Grid(x0, y0, side, columns, rows, none, none))
    return Grid(x0, y0, side, columns, rows, *listing)


def by_cell(x: Floats, y: Floats, grid: Grid) -> Ints:
    """Return points in the order of a grid's cells, those outside by the nearest cell.

    Neighbours that come one after the other find what they need still at hand.

    Parameters
    ----------
    x, y
        ``(n,)`` metres.
    grid
        The grid.

    Returns
    -------
    ``(n,)`` their indices.
    """
    return _list_points(x, y, grid).item


def _frame(x: Floats, y: Floats, cell_m: float) -> tuple[float, float, float, int, int]:
    if x.size == 0:
        return 0.0, 0.0, cell_m, 1, 1
    x0, y0, x1, y1 = (float(v) for v in (x.min(), y.min(), x.max(), y.max()))
    area = (x1 - x0 + cell_m) * (y1 - y0 + cell_m)
    side = max(cell_m, float(np.sqrt(area / _MOST_CELLS)))
    return x0, y0, side, int((x1 - x0) // side) + 1, int((y1 - y0) // side) + 1


@njit(cache=True, nogil=True)
def _clamp(value: float, top: int) -> int:
    return int(min(max(value, 0.0), top - 1.0))


@njit(cache=True, nogil=True)
def _list_points(x: Floats, y: Floats, grid: Grid) -> Listing:
    cell = np.empty(len(x), np.int64)
    for i in range(len(x)):
        row = _clamp((y[i] - grid.y0) // grid.cell_m, grid.rows)
        cell[i] = row * grid.columns + _clamp((x[i] - grid.x0) // grid.cell_m, grid.columns)
    return list_by(cell, grid.columns * grid.rows)


@njit(cache=True, nogil=True)
def _fill_segments(segments: Floats, grid: Grid) -> Ints:
    """Walk each segment row by row; count it per cell and write it where there is room.

    ``grid.offset`` is the place of each cell's next item; empty to count only.
    """
    x0, y0, side, columns, rows, cursor, item = grid
    count = np.zeros(columns * rows, np.int64)
    slack = 1e-6 * side
    for s in range(len(segments)):
        xa, ya, xb, yb = segments[s]
        if ya > yb:
            xa, ya, xb, yb = xb, yb, xa, ya
        first = _clamp((ya - slack - y0) // side, rows)
        last = _clamp((yb + slack - y0) // side, rows)
        for row in range(first, last + 1):
            low, high = xa, xb
            if yb > ya:
                # The part of the segment within this row of cells.
                t_low = min(max((y0 + row * side - slack - ya) / (yb - ya), 0.0), 1.0)
                t_high = min(max((y0 + (row + 1) * side + slack - ya) / (yb - ya), 0.0), 1.0)
                low, high = xa + t_low * (xb - xa), xa + t_high * (xb - xa)
            if low > high:
                low, high = high, low
            left = _clamp((low - slack - x0) // side, columns)
            right = _clamp((high + slack - x0) // side, columns)
            for column in range(left, right + 1):
                cell = row * columns + column
                count[cell] += 1
                if len(cursor):
                    item[cursor[cell]] = s
                    cursor[cell] += 1
    return count


@njit(cache=True, nogil=True)
def _side_of(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> float:
    return (bx - ax) * (py - ay) - (by - ay) * (px - ax)


@njit(cache=True, nogil=True)
def leg_is_blocked(
    ax: float, ay: float, bx: float, by: float, barriers: Floats, grid: Grid
) -> bool:
    """Tell whether the leg from a to b properly crosses a barrier segment.

    A leg that only touches a barrier does not cross it.
    """
    if len(barriers) == 0:
        return False
    left = _clamp((min(ax, bx) - grid.x0) // grid.cell_m, grid.columns)
    right = _clamp((max(ax, bx) - grid.x0) // grid.cell_m, grid.columns)
    bottom = _clamp((min(ay, by) - grid.y0) // grid.cell_m, grid.rows)
    top = _clamp((max(ay, by) - grid.y0) // grid.cell_m, grid.rows)
    for row in range(bottom, top + 1):
        for column in range(left, right + 1):
            cell = row * grid.columns + column
            for k in range(grid.offset[cell], grid.offset[cell + 1]):
                x1, y1, x2, y2 = barriers[grid.item[k]]
                ends = _side_of(ax, ay, bx, by, x1, y1) * _side_of(ax, ay, bx, by, x2, y2)
                if ends < 0.0:
                    here = _side_of(x1, y1, x2, y2, ax, ay)
                    there = _side_of(x1, y1, x2, y2, bx, by)
                    slack = _TOUCH_M * np.hypot(x2 - x1, y2 - y1)
                    if here * there < 0.0 and abs(here) > slack and abs(there) > slack:
                        return True
    return False

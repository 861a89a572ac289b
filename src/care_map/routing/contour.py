"""The line between points of a lattice that are within a time and those that are not.

Cells that the line passes link the sides where it comes in and leaves; the links make rings.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from care_map.routing.crossing import leg_to, seconds_of, segment_at, shares_of
from care_map.routing.lattice import Snaps
from care_map.routing.reach import Town
from care_map.routing.roads import Goals
from care_map.routing.strips import Middles
from care_map.routing.window import Doors, Field

__all__ = ["trace"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Indices = NDArray[np.int32]
Bools = NDArray[np.bool_]
Seconds = NDArray[np.float32]

_FEWEST_PLACES = 3
_SIDES = ((0, 0, 0), (0, 1, 0), (1, 0, 1), (0, 0, 1))
"""Row and column of the lower or left end of each side, and whether it runs backwards."""
_CORNERS = ((0, 0), (0, 1), (1, 1), (1, 0))
_LEAST_CHANGES = 2
_MOST_CORNERS = 8
"""Four of a cell, and one on each side."""


@njit(cache=True, nogil=True)
def _is_joined(
    town: Town,
    goals: Goals,
    doors: Doors,
    snaps: Snaps,
    field: Field,
    limit_s: float,
    r: int,
    c: int,
) -> bool:
    """Tell whether the middle of a cell is within the time by the way of one of its corners."""
    px = (field.column + c + 0.5) * field.cell_m
    py = (field.row + r + 0.5) * field.cell_m
    best, way, walls, door = np.inf, -1, False, -1
    for k in range(4):
        i, j = r + k // 2, c + k % 2
        s, walled = segment_at(field.slot, snaps.segment, snaps.walled, i, j)
        walls |= walled
        door = max(door, field.door[i, j])
        if s >= 0:
            barriers = town.barriers if walls else town.barriers[:0]
            leg_m, _ = leg_to(town.segments, s, px, py, field.limit_m, barriers, town.walls)
            if leg_m < best and (way < 0 or (s < town.n_large) >= (way < town.n_large)):
                best, way = leg_m, s
    middle = seconds_of(town, goals, doors, field, (px, py), (way, way), door, walls)
    return bool(middle <= limit_s)


@njit(cache=True, nogil=True)
def _go_round(
    seconds: Seconds,
    row: Indices,
    middle_s: Floats,
    r: int,
    c: int,
    limit_s: float,
    inside: Bools,
    sides: Ints,
) -> int:
    """List the corners of a cell and the points on its sides counter-clockwise.

    Each comes with the number of the side, or half of a side, that follows it.
    """
    columns = seconds.shape[1]
    size = 0
    # Below, right, above, left; the last two run from their upper or right end.
    for k, (down, left, back) in enumerate(_SIDES):
        side = 2 * ((r + down) * columns + c + left) + k % 2
        at = row[side]
        i, j = _CORNERS[k]
        inside[size] = seconds[r + i, c + j] <= limit_s
        sides[size] = 2 * side + (back if at >= 0 else 0)
        size += 1
        if at >= 0:
            inside[size] = middle_s[at] <= limit_s
            sides[size] = 2 * side + 1 - back
            size += 1
    return size


@njit(cache=True, nogil=True)
def _across(row: Indices, middle_s: Floats, columns: int, base: int, limit_s: float) -> int:
    """Tell whether the strip that crosses two sides is within the time (1), or not (0).

    -1 where there are no two such sides.
    """
    first = -1
    for side in (base, base + 3, base + 2 * columns, base + 1):
        at = row[side]
        if at >= 0 and first >= 0:
            return 1 if middle_s[first] <= limit_s else 0
        if at >= 0:
            first = at
    return -1


@njit(cache=True, nogil=True)
def _cells_with_middles(side: Ints, rows: int, columns: int) -> Bools:
    """Mark the cells that a side with a point more belongs to."""
    marked = np.zeros((rows, columns), np.bool_)
    for k in side:
        r, c, up = k // 2 // columns, k // 2 % columns, k % 2
        marked[r, c] = True
        marked[max(r - 1 + up, 0), max(c - up, 0)] = True
    return marked


@njit(cache=True, nogil=True)
def _n_changes(inside: Bools, n: int) -> int:
    changes = 0
    for k in range(n):
        changes += inside[k] != inside[(k + 1) % n]
    return changes


@njit(cache=True, nogil=True)
def _link(
    inside: Bools, sides: Ints, n: int, turn: int, following: Indices, found: Ints, size: int
) -> int:
    """Link where the line leaves a cell to where it came in, by the next such side or the last."""
    for k in range(n):
        if not inside[k] or inside[(k + 1) % n]:
            continue
        for step in range(1, n):
            other = (k + turn * step) % n
            if not inside[other] and inside[(other + 1) % n]:
                following[sides[k]] = sides[other]
                break
        found[size] = sides[k]
        size += 1
    return size


@njit(cache=True, nogil=True)
def _join(
    town: Town,
    goals: Goals,
    doors: Doors,
    snaps: Snaps,
    field: Field,
    middles: Middles,
    limit: float,
    following: Indices,
) -> Ints:
    """Link the sides of cells that the line passes, inside to the left; return all of them."""
    rows, columns = field.seconds.shape
    field_s, index, middle_s = field.seconds, middles.row, middles.seconds
    marked = _cells_with_middles(middles.side, rows, columns)
    inside, sides = np.empty(_MOST_CORNERS, np.bool_), np.empty(_MOST_CORNERS, np.int64)
    size = 0
    found = np.empty(1024, np.int64)
    for r in range(rows - 1):
        low, high = field_s[r], field_s[r + 1]
        b, c = low[0] <= limit, high[0] <= limit
        for j in range(columns - 1):
            a, d = b, c
            b, c = low[j + 1] <= limit, high[j + 1] <= limit
            if a == b and b == c and c == d and not marked[r, j]:
                continue
            base = 2 * (r * columns + j)
            n = _go_round(field_s, index, middle_s, r, j, limit, inside, sides)
            joined = True
            if _n_changes(inside, n) > _LEAST_CHANGES:
                through = _across(index, middle_s, columns, base, limit)
                joined = through == 1
                if through < 0:
                    joined = _is_joined(town, goals, doors, snaps, field, limit, r, j)
            if size + n > len(found):
                found = np.concatenate((found, np.empty_like(found)))
            size = _link(inside, sides, n, 1 if joined else -1, following, found, size)
    return found[:size]


@njit(cache=True, nogil=True)
def trace(
    town: Town,
    goals: Goals,
    doors: Doors,
    snaps: Snaps,
    field: Field,
    middles: Middles,
    limit_s: float,
    following: Indices,
) -> tuple[Floats, Ints]:
    """Return the rings round what is within a time: coordinates and where each ring begins.

    `following` has four entries of -1 for each point of the window, and is left so.
    """
    halves = _join(town, goals, doors, snaps, field, middles, limit_s, following)
    shares = shares_of(town, goals, doors, snaps, field, middles, limit_s, halves)
    places = np.empty((2 * len(halves), 2))
    offset = np.empty(len(halves) + 1, np.int64)
    columns, cell_m = field.seconds.shape[1], field.cell_m
    column, row = field.column, field.row
    size = n_rings = 0
    for start in halves:
        if following[start] < 0:
            continue
        offset[n_rings] = size
        n_rings += 1
        half = start
        while following[half] >= 0:
            share = shares[half]
            point, up = half // 4, half // 2 % 2
            places[size, 0] = (column + point % columns + (1 - up) * share) * cell_m
            places[size, 1] = (row + point // columns + up * share) * cell_m
            size += 1
            onward = following[half]
            following[half] = -1
            half = onward
        if size - offset[n_rings - 1] < _FEWEST_PLACES:
            # A street's own strip that ends where it begins, on one side of a cell.
            n_rings -= 1
            size = offset[n_rings]
            continue
        places[size] = places[offset[n_rings - 1]]
        size += 1
    offset[n_rings] = size
    return places[:size].copy(), offset[: n_rings + 1].copy()

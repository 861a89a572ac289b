"""Where the line passes a side of a cell whose ends differ.

It is searched with the point-time function itself, by halving: of the ways to the road that the
ends have, the nearest counts. Halving also keeps the line of fewer minutes on the inner side of
that of more.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from care_map.network.grid import Grid, leg_is_blocked
from care_map.routing.lattice import BLOCK, Snaps, foot_on, has_walls
from care_map.routing.reach import Town, quick_s, seconds_at
from care_map.routing.roads import Goals
from care_map.routing.strips import MARGIN, Middles
from care_map.routing.window import Doors, Field, straight_s

__all__ = ["leg_to", "seconds_of", "segment_at", "shares_of"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Indices = NDArray[np.int32]
Bools = NDArray[np.bool_]

_HALVINGS = 5


@njit(cache=True, nogil=True)
def segment_at(slots: Indices, segment: Indices, walled: Bools, r: int, c: int) -> tuple[int, bool]:
    """Return the segment that a lattice point snaps to, and whether walls are near it."""
    slot = slots[r // BLOCK, c // BLOCK]
    if slot < 0:
        return -1, False
    return segment[slot, (r % BLOCK) * BLOCK + c % BLOCK], walled[slot]


@njit(cache=True, nogil=True)
def leg_to(
    segments: Floats, s: int, px: float, py: float, limit_m: float, barriers: Floats, walls: Grid
) -> tuple[float, float]:
    """Return the leg to a segment and where it ends; inf where it is too long or blocked."""
    xa, ya = segments[s, 0], segments[s, 1]
    dx, dy = segments[s, 2] - xa, segments[s, 3] - ya
    square = dx * dx + dy * dy
    t = 0.0
    if square > 0.0:
        t = min(max(((px - xa) * dx + (py - ya) * dy) / square, 0.0), 1.0)
    qx, qy = xa + t * dx, ya + t * dy
    leg_m = np.sqrt((px - qx) ** 2 + (py - qy) ** 2)
    if leg_m > limit_m:
        return np.inf, t
    if len(barriers) and leg_is_blocked(px, py, qx, qy, barriers, walls):
        return np.inf, t
    return leg_m, t


@njit(cache=True, nogil=True)
def _nearer(
    segments: Floats,
    n_large: int,
    pair: tuple[int, int],
    px: float,
    py: float,
    limit_m: float,
    barriers: Floats,
    walls: Grid,
) -> tuple[int, float, float]:
    """Return which of two segments a place snaps to, the leg and where it ends; -1 if neither."""
    one, two = pair
    leg_m, t = np.inf, 0.0
    if one >= 0:
        leg_m, t = leg_to(segments, one, px, py, limit_m, barriers, walls)
    if two < 0 or two == one:
        return (one if leg_m < np.inf else -1), leg_m, t
    other_m, other_t = leg_to(segments, two, px, py, limit_m, barriers, walls)
    if other_m < np.inf and (one >= n_large) != (two >= n_large) and leg_m < np.inf:
        # An island counts only where there is nothing else.
        other_first = one >= n_large
    else:
        other_first = other_m < leg_m
    if other_first:
        return two, other_m, other_t
    return (one if leg_m < np.inf else -1), leg_m, t


@njit(cache=True, nogil=True)
def seconds_of(
    town: Town,
    goals: Goals,
    doors: Doors,
    field: Field,
    place: tuple[float, float],
    pair: tuple[int, int],
    door: int,
    walled: int,
) -> float:
    """Return the seconds of a place that may take two segments or walk to a door."""
    none = town.barriers[:0]
    barriers = town.barriers if walled else none
    px, py = place
    s, leg_m, t = _nearer(
        town.segments, town.n_large, pair, px, py, field.limit_m, barriers, town.walls
    )
    seconds = np.inf
    if s >= 0:
        only = field.first if field.stop == field.first + 1 else -1
        seconds = leg_m / town.speed_mps + seconds_at(town, field.node_s, goals, only, s, t)
    if door >= 0:
        seconds = min(seconds, straight_s(town, doors, field, door, px, py))
    return float(seconds)


@njit(cache=True, nogil=True)
def _halve(
    streets: tuple[Floats, Floats, Indices, Floats],
    pair: tuple[int, int],
    path: tuple[float, float, float, float],
    bounds: tuple[float, float, float],
    first_in: int,
) -> float:
    """Search where a path (x, y, dx, dy) passes the line; return the share of it.

    `streets` are strokes, seconds to leave them, their ends and the seconds of nodes: all that is
    needed where no barrier, door or facility is near. `bounds` are the longest leg squared, the
    seconds of a metre and the limit.
    """
    strokes, leave_s, ends, node_s = streets
    one, two = pair
    x, y, dx, dy = path
    limit_sq, per_m, limit_s = bounds
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        share = 0.5 * (low + high)
        px, py = x + share * dx, y + share * dy
        s = one if one >= 0 else two
        square, t = foot_on(strokes, s, px, py)
        if two >= 0 and two != s:
            other_sq, other_t = foot_on(strokes, two, px, py)
            if other_sq < square:
                s, square, t = two, other_sq, other_t
        inside = False
        if square <= limit_sq:
            inside = np.sqrt(square) * per_m + quick_s(leave_s, ends, node_s, s, t) <= limit_s
        if inside == first_in:
            low = share
        else:
            high = share
    return 0.5 * (low + high)


@njit(cache=True, nogil=True)
def _halve_with_care(
    town: Town,
    goals: Goals,
    doors: Doors,
    field: Field,
    ends: tuple[int, int, int, int, int],
    path: tuple[float, float, float, float],
    limit: tuple[float, int],
) -> float:
    """Do as :func:`_halve` where barriers, doors or facilities are near.

    `ends` are the segments and the doors of both ends, and whether walls are near them.
    """
    x, y, dx, dy = path
    one, two, door, other_door, walled = ends
    limit_s, first_in = limit
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        share = 0.5 * (low + high)
        px, py = x + share * dx, y + share * dy
        seconds = seconds_of(town, goals, doors, field, (px, py), (one, two), door, walled)
        if other_door >= 0 and other_door != door:
            seconds = min(seconds, straight_s(town, doors, field, other_door, px, py))
        if (seconds <= limit_s) == first_in:
            low = share
        else:
            high = share
    return 0.5 * (low + high)


@njit(cache=True, nogil=True)
def _farthest_m(
    slots: Indices,
    leg_m: NDArray[np.float32],
    one: tuple[int, int],
    two: tuple[int, int],
    limit_m: float,
) -> float:
    """Return the longer of the legs of two points, none longer than the limit."""
    farthest_m = 0.0
    for r, c in (one, two):
        slot = slots[r // BLOCK, c // BLOCK]
        if slot >= 0:
            farthest_m = max(farthest_m, leg_m[slot, (r % BLOCK) * BLOCK + c % BLOCK])
    return min(farthest_m, limit_m)


@njit(cache=True, nogil=True)
def shares_of(
    town: Town,
    goals: Goals,
    doors: Doors,
    snaps: Snaps,
    field: Field,
    middles: Middles,
    limit_s: float,
    halves: Ints,
) -> Floats:
    """Return, by side or half of it, where the line passes it, as a share of the side."""
    seconds, slots, door, care = field.seconds, field.slot, field.door, field.care
    segment, near_walls, leg_m = snaps.segment, snaps.walled, snaps.leg_m
    row, middle_share, middle_s = middles.row, middles.share, middles.seconds
    middle_segment = middles.segment
    streets = (town.strokes, town.leave_s, town.ends, field.node_s)
    bounds = (field.limit_m**2, 1.0 / town.speed_mps, limit_s)
    limit_m = field.limit_m
    columns, cell_m, n_large = seconds.shape[1], field.cell_m, town.n_large
    shares = np.empty(4 * seconds.size)
    for half in halves:
        side = half // 2
        r, c, up = side // 2 // columns, side // 2 % columns, side % 2
        i, j = r + up, c + 1 - up
        one, walled = segment_at(slots, segment, near_walls, r, c)
        two, walled_too = segment_at(slots, segment, near_walls, i, j)
        first_s, low, high = float(seconds[r, c]), 0.0, 1.0
        at = row[side]
        if at >= 0 and half % 2 == 0:
            high, two = middle_share[at], middle_segment[at]
        elif at >= 0:
            low, one, first_s = middle_share[at], middle_segment[at], middle_s[at]
        width, step_m = high - low, (high - low) * cell_m
        x = (field.column + c + (1 - up) * low) * cell_m
        y = (field.row + r + up * low) * cell_m
        path = (x, y, (1 - up) * step_m, up * step_m)
        first_in = first_s <= limit_s
        walled = walled or walled_too
        if walled and at < 0:
            walled = has_walls(
                town, x, y, _farthest_m(slots, leg_m, (r, c), (i, j), limit_m) + 2.0 * cell_m
            )
        plain = not walled and door[r, c] < 0 and door[i, j] < 0
        plain = plain and (one < 0 or two < 0 or (one < n_large) == (two < n_large))
        if plain and (one < 0 or care[one] == 0) and (two < 0 or care[two] == 0):
            share = _halve(streets, (one, two), path, bounds, first_in)
        else:
            share = _halve_with_care(
                town,
                goals,
                doors,
                field,
                (one, two, door[r, c], door[i, j], walled),
                path,
                (limit_s, first_in),
            )
        shares[half] = low + min(max(share, MARGIN), 1.0 - MARGIN) * width
    return shares

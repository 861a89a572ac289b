"""Places between lattice points that say otherwise than these do.

A street between a river and a railway, or one on the far side of a fence, can have a strip of its
own that is narrower than a cell. Midway between two streets, where one turns from the one to the
other, a strip can be late, or be left over, though the points beside it are not. Where such a strip
crosses a side of a cell and is within one of the cutoffs though the two ends of the side are not,
or the other way round, the side gets a point more.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from care_map.routing.lattice import BLOCK, Snaps, foot_on, search_leg
from care_map.routing.reach import Care, Town, quick_s, seconds_at
from care_map.routing.roads import Goals
from care_map.routing.window import Doors, Field, straight_s

__all__ = ["MARGIN", "Middles", "find_middles"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Indices = NDArray[np.int32]

MARGIN = 1.0 / 64.0
"""Lines keep so far from lattice points, in cells, that they never touch each other."""
_CLEAR = 3.0 * MARGIN
_TURN_HALVINGS = 10
_ROOM = 256


class Middles(NamedTuple):
    """Points on sides of cells, one a side at most.

    Parameters
    ----------
    row
        Row of the other arrays by side, -1 where there is none. Sides are numbered by their lower
        or left point: twice its number, and one more for the side that goes up.
    side, share
        Side, and how far along it.
    segment
        Segment that one takes there, -1 for none.
    seconds
        Its seconds, the leg included.
    """

    row: Indices
    side: Ints
    share: Floats
    segment: Ints
    seconds: Floats


class _Streets(NamedTuple):
    """What is read of a town and a search: see :class:`Town` and :class:`Field`."""

    strokes: Floats
    leave_s: Floats
    ends: Indices
    node_s: Floats
    care: Care


@njit(cache=True, nogil=True)
def find_middles(
    town: Town, goals: Goals, doors: Doors, snaps: Snaps, field: Field, cutoffs_s: Floats
) -> Middles:
    """Return where the sides of cells of a window need a point more."""
    rows, columns = field.seconds.shape
    row = np.full(2 * rows * columns, -1, np.int32)
    streets = _Streets(town.strokes, town.leave_s, town.ends, field.node_s, field.care)
    place = (field.column, field.row, field.cell_m)
    crossings = _crossings(_segments_near(town, field), streets, field.seconds, place, cutoffs_s)
    turns = _turns(town, snaps, field, streets, cutoffs_s)
    found = np.empty((len(crossings) + len(turns), 4))
    size = 0
    for sides in (crossings, turns):
        for side_number, share in sides:
            side = int(side_number)
            r, c, up = side // 2 // columns, side // 2 % columns, side % 2
            one_s, two_s = field.seconds[r, c], field.seconds[r + up, c + 1 - up]
            low_s, high_s = min(one_s, two_s), max(one_s, two_s)
            door = max(field.door[r, c], field.door[r + up, c + 1 - up])
            px = (field.column + c + (1 - up) * share) * field.cell_m
            py = (field.row + r + up * share) * field.cell_m
            here_s, s = _seconds_at_place(town, goals, doors, field, px, py, door)
            if not _is_odd(cutoffs_s, low_s, here_s, high_s):
                continue
            at = row[side]
            far_s = max(low_s - here_s, here_s - high_s)
            if at < 0:
                at, size = size, size + 1
                row[side] = at
            elif far_s <= max(low_s - found[at, 2], found[at, 2] - high_s):
                continue
            found[at, 0], found[at, 1], found[at, 2], found[at, 3] = share, s, here_s, side
    whole = found[:size].astype(np.int64)
    return Middles(row, whole[:, 3], found[:size, 0], whole[:, 1], found[:size, 2])


@njit(cache=True, nogil=True)
def _seconds_at_place(
    town: Town, goals: Goals, doors: Doors, field: Field, px: float, py: float, door: int
) -> tuple[float, int]:
    """Return the seconds of a place that may walk straight to a door, and its segment."""
    leg_m, s, t = search_leg(town, px, py, field.limit_m)
    seconds = np.inf
    if s >= 0:
        only = field.first if field.stop == field.first + 1 else -1
        seconds = leg_m / town.speed_mps + seconds_at(town, field.node_s, goals, only, s, t)
    if door >= 0:
        seconds = min(seconds, straight_s(town, doors, field, door, px, py))
    return seconds, s


@njit(cache=True, nogil=True)
def _is_odd(cutoffs_s: Floats, low_s: float, here_s: float, high_s: float) -> bool:
    """Tell whether a place is within some cutoff and both ends are not, or the other way round."""
    odd = False
    for cutoff_s in cutoffs_s:
        odd |= here_s <= cutoff_s < low_s or high_s <= cutoff_s < here_s
    return odd


# -- streets that cross sides -----------------------------------------------------------------


@njit(cache=True, nogil=True)
def _crossings(
    near: Ints,
    streets: _Streets,
    seconds: NDArray[np.float32],
    place: tuple[int, int, float],
    cutoffs_s: Floats,
) -> Floats:
    """Return side and share where streets may say otherwise than the ends of the side."""
    strokes, leave_s, ends, node_s, care = streets
    column, row, cell_m = place
    late = _lateness(seconds, cutoffs_s)
    found, size = np.empty((_ROOM, 2)), 0
    for s in near:
        x, y = strokes[s, 0] / cell_m - column, strokes[s, 1] / cell_m - row
        line = np.array((x, y, strokes[s, 2] / cell_m, strokes[s, 3] / cell_m))
        # Most streets say what the lattice round them says.
        if not care[s] and _agrees(line, leave_s, ends, node_s, s, cutoffs_s, late):
            continue
        while size + abs(line[2]) + abs(line[3]) + 2 > len(found):
            found = np.concatenate((found, np.empty_like(found)))
        # Upright sides, and level ones.
        for axis in range(2):
            across, step, along, slope = line[axis], line[axis + 2], line[1 - axis], line[3 - axis]
            if step == 0.0:
                continue
            first = max(int(np.ceil(min(across, across + step))), 0)
            last = min(int(np.floor(max(across, across + step))), seconds.shape[1 - axis] - 1)
            for j in range(first, last + 1):
                t = (j - across) / step
                share = along + t * slope
                i = int(np.floor(share))
                if not 0 <= i < seconds.shape[axis] - 1:
                    continue
                r, c = (i, j) if axis == 0 else (j, i)
                one_s, two_s = seconds[r, c], seconds[r + 1 - axis, c + axis]
                here_s = quick_s(leave_s, ends, node_s, s, t)
                if care[s] or _is_odd(cutoffs_s, min(one_s, two_s), here_s, max(one_s, two_s)):
                    found[size, 0] = 2 * (r * seconds.shape[1] + c) + 1 - axis
                    found[size, 1] = _clear(share - i)
                    size += 1
    return found[:size]


@njit(cache=True, nogil=True)
def _clear(share: float) -> float:
    """Keep off the ends of a side."""
    return min(max(share, _CLEAR), 1.0 - _CLEAR)


@njit(cache=True, nogil=True)
def _lateness(seconds: NDArray[np.float32], cutoffs_s: Floats) -> NDArray[np.uint8]:
    """Return for each point how many cutoffs it misses."""
    rows, columns = seconds.shape
    late = np.zeros((rows, columns), np.uint8)
    for cutoff_s in cutoffs_s:
        for r in range(rows):
            for c in range(columns):
                late[r, c] += seconds[r, c] > cutoff_s
    return late


@njit(cache=True, nogil=True)
def _agrees(
    line: Floats,
    leave_s: Floats,
    ends: Indices,
    node_s: Floats,
    s: int,
    cutoffs_s: Floats,
    late: NDArray[np.uint8],
) -> bool:
    """Tell whether a street misses as many cutoffs as all points of the cells it passes."""
    x, y, dx, dy = line
    wanted = -1
    # Steps no longer than a cell.
    steps = int(max(abs(dx), abs(dy))) + 1
    for step in range(steps + 1):
        t = step / steps
        seconds = quick_s(leave_s, ends, node_s, s, t)
        missed = 0
        for cutoff_s in cutoffs_s:
            missed += seconds > cutoff_s
        if wanted < 0:
            wanted = missed
        r, c = int(y + t * dy), int(x + t * dx)
        if missed != wanted:
            return False
        if 0 <= r < late.shape[0] - 1 and 0 <= c < late.shape[1] - 1:
            for i in range(2):
                for j in range(2):
                    if late[r + i, c + j] != wanted:
                        return False
    return True


@njit(cache=True, nogil=True)
def _segments_near(town: Town, field: Field) -> Ints:
    """Return the segments of large components in the cells that a window touches, each once."""
    grid, side_m, cell_m = town.streets, town.streets.cell_m, field.cell_m
    rows, columns = field.seconds.shape
    left_m, bottom_m = field.column * cell_m, field.row * cell_m
    left = max(int((left_m - grid.x0) // side_m), 0)
    right = min(int((left_m + columns * cell_m - grid.x0) // side_m), grid.columns - 1)
    bottom = max(int((bottom_m - grid.y0) // side_m), 0)
    top = min(int((bottom_m + rows * cell_m - grid.y0) // side_m), grid.rows - 1)
    offset, item = grid.offset, grid.item
    parts = np.empty(0, np.int64)
    size = 0
    for write in range(2):
        if write:
            parts = np.empty(size, np.int64)
            size = 0
        for r in range(bottom, top + 1):
            if right < left:
                continue
            begin, end = offset[r * grid.columns + left], offset[r * grid.columns + right + 1]
            if write:
                parts[size : size + end - begin] = item[begin:end]
            size += end - begin
    return np.unique(parts)


# -- sides on which one turns from one street to another ----------------------------------------


@njit(cache=True, nogil=True)
def _turns(town: Town, snaps: Snaps, field: Field, streets: _Streets, cutoffs_s: Floats) -> Floats:
    """Return side and share just before and after one turns to another segment.

    Only of sides whose ends are on the same side of each cutoff and so near to one of them that
    it can be passed in between. Barriers may move a turn: here they are left aside.
    """
    seconds, slots, segment = field.seconds, field.slot, snaps.segment
    strokes, leave_s, per_m = streets.strokes, streets.leave_s, 1.0 / town.speed_mps
    cell_m, column, row = field.cell_m, field.column, field.row
    rows, columns = seconds.shape
    found, size = np.empty((_ROOM, 2)), 0
    for r in range(rows - 1):
        for c in range(columns - 1):
            if seconds[r, c] == np.inf:
                continue
            one = segment[slots[r // BLOCK, c // BLOCK], (r % BLOCK) * BLOCK + c % BLOCK]
            for up in range(2):
                i, j = r + up, c + 1 - up
                if seconds[i, j] == np.inf:
                    continue
                slot = slots[i // BLOCK, j // BLOCK]
                two = segment[slot, (i % BLOCK) * BLOCK + j % BLOCK]
                if one == two or one < 0 or two < 0:
                    continue
                low_s, high_s = min(seconds[r, c], seconds[i, j]), max(seconds[r, c], seconds[i, j])
                slack_s = _change_s(strokes, leave_s, one, two, cell_m, per_m)
                if not _is_near(cutoffs_s, low_s, high_s, slack_s):
                    continue
                if size + 2 > len(found):
                    found = np.concatenate((found, np.empty_like(found)))
                more = _add_turn(
                    streets,
                    (one, two),
                    ((column + c) * cell_m, (row + r) * cell_m, (1 - up) * cell_m, up * cell_m),
                    (low_s, high_s, cutoffs_s, per_m),
                    found,
                    size,
                )
                found[size:more, 0] = 2 * (r * columns + c) + up
                size = more
    return found[:size]


@njit(cache=True, nogil=True)
def _change_s(
    strokes: Floats, leave_s: Floats, one: int, two: int, cell_m: float, per_m: float
) -> float:
    """Return how much the seconds over either segment may change within a cell."""
    most = 0.0
    for s in (one, two):
        pace = max(abs(leave_s[s, 1] - leave_s[s, 0]), abs(leave_s[s, 3] - leave_s[s, 2]))
        most = max(most, pace * np.sqrt(strokes[s, 4]))
    return float(cell_m * (most + per_m))


@njit(cache=True, nogil=True)
def _is_near(cutoffs_s: Floats, low_s: float, high_s: float, slack_s: float) -> bool:
    """Tell whether two points are on the same side of a cutoff, and one of them near it."""
    near = False
    for cutoff_s in cutoffs_s:
        near |= high_s <= cutoff_s < high_s + slack_s
        near |= low_s - slack_s < cutoff_s < low_s
    return near


@njit(cache=True, nogil=True)
def _add_turn(
    streets: _Streets,
    pair: tuple[int, int],
    path: tuple[float, float, float, float],
    bounds: tuple[float, float, Floats, float],
    found: Floats,
    size: int,
) -> int:
    """List the places before and after the turn that may say otherwise than the ends."""
    strokes, leave_s, ends, node_s, care = streets
    one, two = pair
    x, y, dx, dy = path
    low_s, high_s, cutoffs_s, per_m = bounds
    low, high = 0.0, 1.0
    for _ in range(_TURN_HALVINGS):
        share = 0.5 * (low + high)
        px, py = x + share * dx, y + share * dy
        if foot_on(strokes, one, px, py)[0] <= foot_on(strokes, two, px, py)[0]:
            low = share
        else:
            high = share
    for s, turn in ((one, low), (two, high)):
        share = _clear(turn)
        square, t = foot_on(strokes, s, x + share * dx, y + share * dy)
        here_s = np.sqrt(square) * per_m + quick_s(leave_s, ends, node_s, s, t)
        if care[s] or _is_odd(cutoffs_s, low_s, here_s, high_s):
            found[size, 1] = share
            size += 1
    return size

"""A window of the lattice and the point-time function on it."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from care_map.network.grid import leg_is_blocked
from care_map.routing.lattice import BLOCK, Snaps
from care_map.routing.reach import OWN_EDGE, Care, Town, quick_s, seconds_at
from care_map.routing.roads import Goals

__all__ = ["Doors", "Field", "evaluate", "straight_s"]

Floats = NDArray[np.float64]
Indices = NDArray[np.int32]


class Doors(NamedTuple):
    """Facilities as places that one can walk to straight: coordinates and limits, ``(n,)``."""

    x: Floats
    y: Floats
    limit_m: Floats


class Field(NamedTuple):
    """Seconds to facilities `first` to `stop` on a window of the lattice.

    Parameters
    ----------
    column, row
        Lattice numbers of the first point.
    cell_m
        Side of a cell.
    limit_m
        Longest leg of a lattice point.
    slot
        ``(rows, columns)`` of blocks: their place in `snaps`, -1 for those out of reach.
    seconds
        ``(rows, columns)`` of points, inf where out of reach.
    door
        Facility that the point walks to straight, -1 if it takes the roads.
    node_s
        Seconds by node.
    care
        By segment: 0 where its ends say all, 1 where they do not at its own ends, 2 where a
        facility stands on its edge.
    """

    column: int
    row: int
    cell_m: float
    limit_m: float
    first: int
    stop: int
    slot: Indices
    seconds: NDArray[np.float32]
    door: Indices
    node_s: Floats
    care: Care


@njit(cache=True, nogil=True)
def evaluate(
    town: Town, goals: Goals, doors: Doors, snaps: Snaps, field: Field, cutoff_s: float
) -> None:
    """Fill in the seconds of all points in the blocks that may be in reach."""
    only = field.first if field.stop == field.first + 1 else -1
    leave_s, ends, node_s, care = town.leave_s, town.ends, field.node_s, field.care
    slots, seconds = field.slot, field.seconds
    per_m = 1.0 / town.speed_mps
    for i in range(slots.shape[0]):
        for j in range(slots.shape[1]):
            slot = slots[i, j]
            if slot < 0:
                continue
            segment, fraction = snaps.segment[slot], snaps.fraction[slot]
            leg_m = snaps.leg_m[slot]
            for k in range(BLOCK * BLOCK):
                s = segment[k]
                leg_s = leg_m[k] * per_m
                if s < 0 or leg_s > cutoff_s:
                    continue
                t = float(fraction[k])
                if care[s] and (care[s] == OWN_EDGE or t <= 0.0 or t >= 1.0):
                    leg_s += seconds_at(town, node_s, goals, only, s, t)
                else:
                    leg_s += quick_s(leave_s, ends, node_s, s, t)
                seconds[i * BLOCK + k // BLOCK, j * BLOCK + k % BLOCK] = leg_s
    for k in range(field.first, field.stop):
        _walk_straight(town, doors, field, k, cutoff_s)


@njit(cache=True, nogil=True)
def _walk_straight(town: Town, doors: Doors, field: Field, k: int, cutoff_s: float) -> None:
    """Take the straight way to a facility where it is shorter."""
    far_m = min(field.limit_m, doors.limit_m[k], cutoff_s * town.speed_mps)
    cell_m = field.cell_m
    rows, columns = field.seconds.shape
    left = max(int(np.ceil((doors.x[k] - far_m) / cell_m)) - field.column, 0)
    right = min(int(np.floor((doors.x[k] + far_m) / cell_m)) - field.column, columns - 1)
    bottom = max(int(np.ceil((doors.y[k] - far_m) / cell_m)) - field.row, 0)
    top = min(int(np.floor((doors.y[k] + far_m) / cell_m)) - field.row, rows - 1)
    for r in range(bottom, top + 1):
        for c in range(left, right + 1):
            px, py = (field.column + c) * cell_m, (field.row + r) * cell_m
            s = straight_s(town, doors, field, k, px, py)
            if s < field.seconds[r, c]:
                field.seconds[r, c], field.door[r, c] = s, k


@njit(cache=True, nogil=True)
def straight_s(town: Town, doors: Doors, field: Field, k: int, px: float, py: float) -> float:
    """Return the seconds of the straight walk to a facility, inf where it is none."""
    length_m = np.hypot(px - doors.x[k], py - doors.y[k])
    if length_m > field.limit_m or length_m > doors.limit_m[k]:
        return np.inf
    if leg_is_blocked(px, py, doors.x[k], doors.y[k], town.barriers, town.walls):
        return np.inf
    return float(length_m / town.speed_mps)

"""Level sets of the point-time function on one lattice, for one facility after the other.

A facility's search touches what is in reach. The snaps of lattice points stay for the next
facility, as they do not depend on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

from care_map.routing.contour import trace
from care_map.routing.lattice import BLOCK, Desk, Snaps, desk_of, fill_block, no_snaps
from care_map.routing.polygons import assemble
from care_map.routing.reach import (
    OWN_EDGE,
    Care,
    Scratch,
    Town,
    edges_in_reach,
    forget,
    grow,
    quick_s,
    scratch_of,
    seconds_at,
)
from care_map.routing.roads import Goals
from care_map.routing.strips import find_middles
from care_map.routing.window import Doors, Field, evaluate

__all__ = ["LevelSets", "Rings", "multipolygons"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_EPSILON_S = 1e-6
_FIRST_BLOCKS = 4096
_KEY_BITS = 32
_MOST_BLOCKS = 200_000
"""Snaps that are kept take 100 MB at most; then they are made anew."""

Rings = tuple[Floats, Ints, Ints]
"""Coordinates, where each ring begins, and the first ring of each polygon."""


@dataclass(slots=True)
class LevelSets:
    """A lattice over a town, and what has been learnt of it; for one thread.

    Parameters
    ----------
    town
        The network in a direction.
    goals, doors
        Facilities where they meet it, and as places.
    cell_m
        Side of a cell.
    limit_m
        Longest leg of a lattice point.
    """

    town: Town
    goals: Goals
    doors: Doors
    cell_m: float
    limit_m: float
    _scratch: Scratch = field(init=False)
    _care: Care = field(init=False)
    _desk: Desk = field(init=False)
    _snaps: Snaps = field(init=False)
    _slots: dict[int, int] = field(init=False)

    def __post_init__(self) -> None:
        """Take clean arrays."""
        self._scratch = scratch_of(self.town, len(self.goals.edge))
        self._care = self.town.care.copy()
        self._forget_snaps(_FIRST_BLOCKS)

    def bounds(self, first: int, stop: int, longest_s: float) -> tuple[float, float, float, float]:
        """Return left, bottom, right and top of what facilities `first` to `stop` may reach."""
        boxes = self._boxes(first, stop, longest_s, BLOCK * self.cell_m)
        left, bottom = boxes[:, :2].min(axis=0).tolist()
        right, top = boxes[:, 2:].max(axis=0).tolist()
        return left, bottom, right, top

    def rings(self, first: int, stop: int, cutoffs_s: Sequence[float]) -> list[Rings]:
        """Return for each cutoff what is within it of facilities `first` to `stop`."""
        longest_s = max(cutoffs_s)
        own = self._own_segments(first, stop)
        before = self._care[own]
        self._care[own] = OWN_EDGE
        window, node_s = self._window(first, stop, longest_s)
        evaluate(self.town, self.goals, self.doors, self._snaps, window, longest_s)
        limits_s = np.asarray(cutoffs_s, dtype=float) + _EPSILON_S
        given = (self.town, self.goals, self.doors)
        middles = find_middles(*given, self._snaps, window, limits_s)
        following = np.full(4 * window.seconds.size, -1, np.int32)
        found = [
            assemble(*trace(*given, self._snaps, window, middles, limit_s, following))
            for limit_s in limits_s.tolist()
        ]
        forget(self._scratch, node_s)
        self._care[own] = before
        return found

    def _own_segments(self, first: int, stop: int) -> Ints:
        """Return the segments of the edges on which facilities stand."""
        edges = np.unique(self.goals.edge[first:stop])
        spans = self.town.segment_offset[edges[edges >= 0]]
        return np.concatenate([np.empty(0, np.int64), *(np.arange(a, b) for a, b in spans)])

    def _boxes(self, first: int, stop: int, longest_s: float, unit_m: float) -> Floats:
        n_touched = grow(self.town, self.goals, first, stop, longest_s, self._scratch)
        boxes = _reach_boxes(
            self.town,
            self.goals,
            self.doors,
            self._scratch,
            n_touched,
            (first, stop),
            (longest_s, self.limit_m, unit_m),
            self._care,
        )
        forget(self._scratch, n_touched)
        return boxes

    def _window(self, first: int, stop: int, longest_s: float) -> tuple[Field, int]:
        """Return an empty window over what may be in reach, and how many nodes were visited."""
        unit_m = BLOCK * self.cell_m
        town, scratch = self.town, self._scratch
        n_touched = grow(town, self.goals, first, stop, longest_s, scratch)
        boxes = _reach_boxes(
            town,
            self.goals,
            self.doors,
            scratch,
            n_touched,
            (first, stop),
            (longest_s, self.limit_m, unit_m),
            self._care,
        )
        # A block of nothing all round it: no line leaves the window.
        low = np.floor(boxes[:, :2].min(axis=0) / unit_m).astype(np.int64) - 1
        size = np.floor(boxes[:, 2:].max(axis=0) / unit_m).astype(np.int64) + 2 - low
        marked = np.zeros((size[1], size[0]), bool)
        _mark(boxes, low[0], low[1], unit_m, marked)
        slot = np.full(marked.shape, -1, np.int32)
        slot[marked] = self._slots_of(low, np.argwhere(marked))
        points = (marked.shape[0] * BLOCK, marked.shape[1] * BLOCK)
        window = Field(
            column=int(low[0]) * BLOCK,
            row=int(low[1]) * BLOCK,
            cell_m=self.cell_m,
            limit_m=self.limit_m,
            first=first,
            stop=stop,
            slot=slot,
            seconds=np.full(points, np.inf, np.float32),
            door=np.full(points, -1, np.int32),
            node_s=scratch.node_s,
            care=self._care,
        )
        return window, n_touched

    def _slots_of(self, low: Ints, blocks: Ints) -> list[int]:
        """Return where the snaps of blocks are kept, after making those that are not known."""
        if len(self._slots) + len(blocks) > max(_MOST_BLOCKS, len(blocks)):
            self._forget_snaps(len(blocks))
        places = blocks[:, ::-1] + low
        # One number for a block: that is quicker to look up than two, and no object to collect.
        keys = ((places[:, 0] << _KEY_BITS) + places[:, 1]).tolist()
        slots = self._slots
        fresh = [at for at, key in enumerate(keys) if key not in slots]
        if fresh:
            begin = len(slots)
            slots.update(
                zip((keys[at] for at in fresh), range(begin, begin + len(fresh)), strict=True)
            )
            self._snaps = _with_room(self._snaps, len(slots))
            _fill(
                self.town,
                places[fresh],
                begin,
                self.cell_m,
                self.limit_m,
                self._snaps,
                self._desk,
            )
        return [slots[key] for key in keys]

    def _forget_snaps(self, room: int) -> None:
        self._slots = {}
        self._snaps = no_snaps(room)
        self._desk = desk_of(self.town)


def _with_room(snaps: Snaps, size: int) -> Snaps:
    room = len(snaps.walled)
    if size <= room:
        return snaps
    more = no_snaps(max(2 * room, size))
    for old, new in zip(snaps, more, strict=True):
        new[:room] = old
    return more


def multipolygons(rings: Sequence[Rings]) -> list[shapely.MultiPolygon]:
    """Return rings as geometries, one for each entry."""
    places = np.concatenate([one[0] for one in rings])
    ring_count = [np.diff(one[1]) for one in rings]
    polygon_count = [np.diff(one[2]) for one in rings]
    offsets = (
        _running(np.concatenate(ring_count)),
        _running(np.concatenate(polygon_count)),
        _running(np.array([len(one) for one in polygon_count])),
    )
    found = shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, places, offsets)
    return list(found)


def _running(count: Ints) -> Ints:
    return np.concatenate([[0], np.cumsum(count)]).astype(np.int64)


@njit(cache=True, nogil=True)
def _fill(
    town: Town, blocks: Ints, begin: int, cell_m: float, limit_m: float, snaps: Snaps, desk: Desk
) -> None:
    for i in range(len(blocks)):
        x0, y0 = blocks[i, 0] * BLOCK * cell_m, blocks[i, 1] * BLOCK * cell_m
        fill_block(town, x0, y0, cell_m, limit_m, snaps, begin + i, desk)


@njit(cache=True, nogil=True)
def _mark(boxes: Floats, column: int, row: int, unit_m: float, marked: Bools) -> None:
    for i in range(len(boxes)):
        left, right = int(boxes[i, 0] // unit_m) - column, int(boxes[i, 2] // unit_m) - column
        bottom, top = int(boxes[i, 1] // unit_m) - row, int(boxes[i, 3] // unit_m) - row
        for r in range(bottom, top + 1):
            for c in range(left, right + 1):
                marked[r, c] = True


@njit(cache=True, nogil=True)
def _reach_boxes(
    town: Town,
    goals: Goals,
    doors: Doors,
    scratch: Scratch,
    n_touched: int,
    rows: tuple[int, int],
    bounds: tuple[float, float, float],
    care: Care,
) -> Floats:
    """Return boxes (left, bottom, right, top) that hold all from where one may be in time.

    `bounds` are the seconds, the longest leg, and the length into which segments are cut.
    """
    first, stop = rows
    longest_s, limit_m, unit_m = bounds
    only = first if stop == first + 1 else -1
    segments, leave_s, ends = town.segments, town.leave_s, town.ends
    node_s, segment_offset = scratch.node_s, town.segment_offset
    edges = edges_in_reach(town, goals, first, stop, scratch, n_touched)
    boxes = np.empty((max(len(edges) * 8, stop - first), 4))
    size = 0
    for k in range(first, stop):
        # The straight walk, and the leg by which the roads are met.
        far_m = max(min(limit_m, doors.limit_m[k], longest_s * town.speed_mps), 0.0)
        if goals.edge[k] >= 0:
            spare_m = max((longest_s - goals.spent_s[k]) * town.speed_mps, 0.0)
            far_m += min(limit_m, spare_m) + unit_m
        boxes[size, 0], boxes[size, 1] = doors.x[k] - far_m, doors.y[k] - far_m
        boxes[size, 2], boxes[size, 3] = doors.x[k] + far_m, doors.y[k] + far_m
        size += 1
    for edge in edges:
        for s in range(segment_offset[edge, 0], segment_offset[edge, 1]):
            xa, ya, xb, yb = segments[s]
            # Pieces no longer than a block, as a box round a long slanting segment is large.
            pieces = int(np.hypot(xb - xa, yb - ya) // unit_m) + 1
            before_s = quick_s(leave_s, ends, node_s, s, 0.0)
            if care[s]:
                before_s = seconds_at(town, node_s, goals, only, s, 0.0)
            for piece in range(pieces):
                t0, t1 = piece / pieces, (piece + 1) / pieces
                after_s = quick_s(leave_s, ends, node_s, s, t1)
                if care[s]:
                    after_s = seconds_at(town, node_s, goals, only, s, t1)
                # Between facilities time is least at an end.
                far_m = min((longest_s - min(before_s, after_s)) * town.speed_mps, limit_m)
                before_s = after_s
                if far_m < 0.0:
                    continue
                if size == len(boxes):
                    boxes = np.concatenate((boxes, np.empty_like(boxes)))
                x0, x1 = xa + t0 * (xb - xa), xa + t1 * (xb - xa)
                y0, y1 = ya + t0 * (yb - ya), ya + t1 * (yb - ya)
                boxes[size, 0], boxes[size, 1] = min(x0, x1) - far_m, min(y0, y1) - far_m
                boxes[size, 2], boxes[size, 3] = max(x0, x1) + far_m, max(y0, y1) + far_m
                size += 1
    return boxes[:size]

"""Where the points of a lattice meet the network, block by block.

That depends on the network and the mode and not on the facility, so that facilities near each
other share it. The rule is that of snapping: the nearest segment of a large component to which a
leg within the limit crosses no barrier; an island only where there is no such segment.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from care_map.network.grid import Grid, leg_is_blocked
from care_map.routing.reach import Town

__all__ = [
    "BLOCK",
    "Desk",
    "Snaps",
    "desk_of",
    "fill_block",
    "foot_on",
    "has_walls",
    "no_snaps",
    "search_leg",
]

Floats = NDArray[np.float64]
Indices = NDArray[np.int32]

BLOCK = 8
"""Points a side of a block; a power of two."""
_SAME_SQ = 1e-9
"""Of segments that are equally far the first counts."""
_HALVINGS = BLOCK.bit_length() - 1


class Snaps(NamedTuple):
    """Snaps of the points of blocks, row by row.

    Parameters
    ----------
    segment
        ``(n_blocks, BLOCK²)`` segment of the town, -1 where none is within the limit.
    fraction, leg_m
        Place on it, 0 to 1, and distance to it; to some hundredths of a millimetre.
    walled
        ``(n_blocks,)`` whether any leg from near the block might cross a barrier.
    """

    segment: Indices
    fraction: NDArray[np.float32]
    leg_m: NDArray[np.float32]
    walled: NDArray[np.bool_]


class Desk(NamedTuple):
    """Room for the candidates of a block: one list for each halving of it, and squares."""

    seen: Indices
    candidates: Indices
    squares: Floats


def no_snaps(n_blocks: int) -> Snaps:
    """Return room for the snaps of some blocks."""
    size = (n_blocks, BLOCK * BLOCK)
    return Snaps(
        np.empty(size, np.int32),
        np.empty(size, np.float32),
        np.empty(size, np.float32),
        np.empty(n_blocks, np.bool_),
    )


def desk_of(town: Town) -> Desk:
    """Return room to fill blocks in."""
    size = len(town.strokes)
    levels = BLOCK.bit_length()
    return Desk(np.full(size, -1, np.int32), np.empty((levels, size), np.int32), np.empty(size))


@njit(cache=True, nogil=True)
def foot_on(strokes: Floats, s: int, px: float, py: float) -> tuple[float, float]:
    """Return the squared distance of p from segment `s`, and the fraction of the nearest point."""
    dx, dy = strokes[s, 2], strokes[s, 3]
    px, py = px - strokes[s, 0], py - strokes[s, 1]
    t = min(max((px * dx + py * dy) * strokes[s, 4], 0.0), 1.0)
    px, py = px - t * dx, py - t * dy
    return px * px + py * py, t


@njit(cache=True, nogil=True)
def _is_blocked(
    strokes: Floats, barriers: Floats, walls: Grid, s: int, t: float, px: float, py: float
) -> bool:
    qx, qy = strokes[s, 0] + t * strokes[s, 2], strokes[s, 1] + t * strokes[s, 3]
    return bool(leg_is_blocked(px, py, qx, qy, barriers, walls))


@njit(cache=True, nogil=True)
def search_leg(town: Town, px: float, py: float, limit_m: float) -> tuple[float, int, float]:
    """Snap one point: distance, segment (-1) and fraction."""
    walls = town.barriers
    leg_m, s, t = _search_rings(town, town.streets, 0, walls, px, py, limit_m)
    if s < 0 and town.n_large < len(town.segments):
        leg_m, s, t = _search_rings(town, town.isles, town.n_large, walls, px, py, limit_m)
    return leg_m, s, t


@njit(cache=True, nogil=True)
def _search_rings(
    town: Town, grid: Grid, base: int, barriers: Floats, px: float, py: float, limit_m: float
) -> tuple[float, int, float]:
    """Search rings of cells outwards until no unseen segment can be nearer."""
    strokes, offset, item = town.strokes, grid.offset, grid.item
    walls = town.walls
    side = grid.cell_m
    column, row = int((px - grid.x0) // side), int((py - grid.y0) // side)
    # Distance from the point to the nearest side of its own cell.
    across = min(px - (grid.x0 + column * side), grid.x0 + (column + 1) * side - px)
    along = min(py - (grid.y0 + row * side), grid.y0 + (row + 1) * side - py)
    best_sq, best, best_t = np.inf, -1, 0.0
    limit_sq = limit_m * limit_m
    ring = 0
    while True:
        for r in range(max(row - ring, 0), min(row + ring, grid.rows - 1) + 1):
            step = 1 if ring == 0 or abs(r - row) == ring else 2 * ring
            for c in range(column - ring, column + ring + 1, step):
                if c < 0 or c >= grid.columns:
                    continue
                cell = r * grid.columns + c
                for k in range(offset[cell], offset[cell + 1]):
                    s = base + item[k]
                    sq, t = foot_on(strokes, s, px, py)
                    if sq >= best_sq - _SAME_SQ or sq > limit_sq:
                        continue
                    if len(barriers) and _is_blocked(strokes, barriers, walls, s, t, px, py):
                        continue
                    best_sq, best, best_t = sq, s, t
        seen = max(ring * side + min(across, along), 0.0)
        if best_sq <= seen * seen or seen > limit_m:
            return np.sqrt(best_sq), best, best_t
        ring += 1


@njit(cache=True, nogil=True)
def _gather(town: Town, px: float, py: float, far_m: float, stamp: int, desk: Desk) -> int:
    """List the segments of large components within a distance, each once; return their number."""
    grid, side = town.streets, town.streets.cell_m
    strokes, offset, item = town.strokes, grid.offset, grid.item
    seen, candidates = desk.seen, desk.candidates[0]
    left = max(int((px - far_m - grid.x0) // side), 0)
    right = min(int((px + far_m - grid.x0) // side), grid.columns - 1)
    bottom = max(int((py - far_m - grid.y0) // side), 0)
    top = min(int((py + far_m - grid.y0) // side), grid.rows - 1)
    size = 0
    for r in range(bottom, top + 1):
        for cell in range(r * grid.columns + left, r * grid.columns + right + 1):
            for k in range(offset[cell], offset[cell + 1]):
                s = item[k]
                if seen[s] == stamp:
                    continue
                seen[s] = stamp
                if foot_on(strokes, s, px, py)[0] <= far_m * far_m:
                    candidates[size] = s
                    size += 1
    return size


@njit(cache=True, nogil=True)
def _thin(
    strokes: Floats,
    px: float,
    py: float,
    half_m: float,
    many: Indices,
    size: int,
    few: Indices,
    squares: Floats,
) -> int:
    """Keep what can be nearest to some place within `half_m` of p; return their number."""
    least = np.inf
    for k in range(size):
        sq = foot_on(strokes, many[k], px, py)[0]
        squares[k] = sq
        least = min(least, sq)
    far_m = np.sqrt(least) + 2.0 * half_m + 1e-6
    kept = 0
    for k in range(size):
        if squares[k] <= far_m * far_m:
            few[kept] = many[k]
            kept += 1
    return kept


@njit(cache=True, nogil=True)
def fill_block(
    town: Town,
    x0: float,
    y0: float,
    cell_m: float,
    limit_m: float,
    snaps: Snaps,
    slot: int,
    desk: Desk,
) -> None:
    """Snap the points of the block whose first point is (x0, y0)."""
    strokes = town.strokes
    half_m = 0.5 * (BLOCK - 1) * cell_m
    cx, cy = x0 + half_m, y0 + half_m
    half_m *= np.sqrt(2.0)
    near_m, nearest, _ = _search_rings(
        town, town.streets, 0, town.barriers[:0], cx, cy, limit_m + half_m
    )
    size = 0
    if nearest >= 0:
        size = _gather(town, cx, cy, near_m + 2.0 * half_m + 1e-6, slot, desk)
    longest_m = _nearest_of(town, (x0, y0), cell_m, limit_m, size, snaps, slot, desk)
    # Where nothing is near, a leg around a barrier could still be found: there is none.
    reach_m = min(longest_m, limit_m) + cell_m
    snaps.walled[slot] = has_walls(town, cx, cy, 0.5 * (BLOCK - 1) * cell_m + reach_m)
    isles = _holds(town.isles, cx, cy, 0.5 * (BLOCK - 1) * cell_m + limit_m)
    for i in range(BLOCK * BLOCK):
        px, py = x0 + (i % BLOCK) * cell_m, y0 + (i // BLOCK) * cell_m
        s = snaps.segment[slot, i]
        again = s < 0 and isles
        if s >= 0 and snaps.walled[slot]:
            t = foot_on(strokes, s, px, py)[1]
            again = _is_blocked(strokes, town.barriers, town.walls, s, t, px, py)
        if again:
            leg_m, s, t = search_leg(town, px, py, limit_m)
            snaps.segment[slot, i], snaps.fraction[slot, i] = s, t
            snaps.leg_m[slot, i] = leg_m


@njit(cache=True, nogil=True)
def _nearest_of(
    town: Town,
    corner: tuple[float, float],
    cell_m: float,
    limit_m: float,
    size: int,
    snaps: Snaps,
    slot: int,
    desk: Desk,
) -> float:
    """Snap each point to the nearest candidate, halving the block; return the longest leg."""
    x0, y0 = corner
    strokes, squares, lists = town.strokes, desk.squares, desk.candidates
    segment, fraction, leg_m = snaps.segment[slot], snaps.fraction[slot], snaps.leg_m[slot]
    longest_sq = 0.0
    sizes = np.zeros(BLOCK, np.int64)
    sizes[0] = size
    # Points in the order in which halves of halves follow each other.
    for z in range(BLOCK * BLOCK):
        column = row = 0
        for bit in range(_HALVINGS):
            column |= ((z >> (2 * bit)) & 1) << bit
            row |= ((z >> (2 * bit + 1)) & 1) << bit
        side, level = BLOCK // 2, 0
        while side > 1:
            if z % (side * side) == 0:
                half_m = 0.5 * (side - 1) * cell_m
                px, py = x0 + column * cell_m + half_m, y0 + row * cell_m + half_m
                sizes[level + 1] = _thin(
                    strokes,
                    px,
                    py,
                    half_m * np.sqrt(2.0),
                    lists[level],
                    sizes[level],
                    lists[level + 1],
                    squares,
                )
            side //= 2
            level += 1
        px, py = x0 + column * cell_m, y0 + row * cell_m
        best_sq, best, best_t = np.inf, -1, 0.0
        few = lists[level]
        for k in range(sizes[level]):
            s = few[k]
            sq, t = foot_on(strokes, s, px, py)
            if sq < best_sq - _SAME_SQ:
                best_sq, best, best_t = sq, s, t
        i = row * BLOCK + column
        if best_sq > limit_m * limit_m:
            best_sq, best = np.inf, -1
        else:
            longest_sq = max(longest_sq, best_sq)
        segment[i], fraction[i], leg_m[i] = best, best_t, np.sqrt(best_sq)
    return float(np.sqrt(longest_sq))


@njit(cache=True, nogil=True)
def _holds(grid: Grid, cx: float, cy: float, far_m: float) -> bool:
    """Tell whether anything may touch the square round a place."""
    side = grid.cell_m
    left = max(int((cx - far_m - grid.x0) // side), 0)
    right = min(int((cx + far_m - grid.x0) // side), grid.columns - 1)
    bottom = max(int((cy - far_m - grid.y0) // side), 0)
    top = min(int((cy + far_m - grid.y0) // side), grid.rows - 1)
    for r in range(bottom, top + 1 if left <= right else bottom):
        if grid.offset[r * grid.columns + left] < grid.offset[r * grid.columns + right + 1]:
            return True
    return False


@njit(cache=True, nogil=True)
def has_walls(town: Town, cx: float, cy: float, far_m: float) -> bool:
    """Tell whether a barrier may touch the square round a place."""
    grid, side = town.walls, town.walls.cell_m
    left = max(int((cx - far_m - grid.x0) // side), 0)
    right = min(int((cx + far_m - grid.x0) // side), grid.columns - 1)
    bottom = max(int((cy - far_m - grid.y0) // side), 0)
    top = min(int((cy + far_m - grid.y0) // side), grid.rows - 1)
    for r in range(bottom, top + 1):
        for cell in range(r * grid.columns + left, r * grid.columns + right + 1):
            for k in range(grid.offset[cell], grid.offset[cell + 1]):
                x1, y1, x2, y2 = town.barriers[grid.item[k]]
                if (
                    min(x1, x2) <= cx + far_m
                    and max(x1, x2) >= cx - far_m
                    and min(y1, y2) <= cy + far_m
                    and max(y1, y2) >= cy - far_m
                ):
                    return True
    return False

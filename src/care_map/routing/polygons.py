"""Sort rings into polygons: those that run counter-clockwise are shells, the others their holes."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["assemble"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@njit(cache=True, nogil=True)
def _area(places: Floats, start: int, stop: int) -> float:
    total = 0.0
    x0, y0 = places[start]
    for i in range(start, stop - 1):
        total += (places[i, 0] - x0) * (places[i + 1, 1] - y0)
        total -= (places[i + 1, 0] - x0) * (places[i, 1] - y0)
    return total / 2.0


@njit(cache=True, nogil=True)
def _is_within(places: Floats, start: int, stop: int, px: float, py: float) -> bool:
    inside = False
    for i in range(start, stop - 1):
        xa, ya = places[i]
        xb, yb = places[i + 1]
        if (ya > py) != (yb > py) and px < xa + (py - ya) / (yb - ya) * (xb - xa):
            inside = not inside
    return inside


@njit(cache=True, nogil=True)
def _shells(places: Floats, offset: Ints, area: Floats) -> Ints:
    """Return for each hole the smallest ring round it, and for others themselves."""
    n_rings = len(area)
    shell = np.arange(n_rings)
    for k in range(n_rings):
        if area[k] > 0.0:
            continue
        least = np.inf
        px, py = places[offset[k]]
        for other in range(n_rings):
            if -area[k] < area[other] < least and _is_within(
                places, offset[other], offset[other + 1], px, py
            ):
                least, shell[k] = area[other], other
    return shell


@njit(cache=True, nogil=True)
def assemble(places: Floats, offset: Ints) -> tuple[Floats, Ints, Ints]:
    """Sort rings into polygons, each followed by its holes.

    Returns
    -------
    Coordinates, where each ring begins, and the first ring of each polygon; both with the end.
    """
    n_rings = len(offset) - 1
    area = np.empty(n_rings)
    for k in range(n_rings):
        area[k] = _area(places, offset[k], offset[k + 1])
    shell = _shells(places, offset, area)
    order = np.empty(n_rings, np.int64)
    polygon = np.empty(n_rings + 1, np.int64)
    size = n_polygons = 0
    for k in range(n_rings):
        if area[k] <= 0.0:
            continue
        polygon[n_polygons] = size
        n_polygons += 1
        order[size] = k
        size += 1
        for hole in range(n_rings):
            if area[hole] <= 0.0 and shell[hole] == k:
                order[size] = hole
                size += 1
    polygon[n_polygons] = size
    sorted_places, sorted_offset = np.empty_like(places), np.zeros(size + 1, np.int64)
    for k in range(size):
        start, stop = offset[order[k]], offset[order[k] + 1]
        sorted_offset[k + 1] = sorted_offset[k] + stop - start
        sorted_places[sorted_offset[k] : sorted_offset[k + 1]] = places[start:stop]
    return sorted_places[: sorted_offset[size]], sorted_offset, polygon[: n_polygons + 1]

"""Ground that is not level, for tests: heights drawn as functions, and a town on hills."""

from collections.abc import Callable
from typing import Any

import numpy as np
import oracle
from duel import grid_over
from networks import lonlat, metric, way
from numpy.typing import NDArray

from care_map.inputs.elevation import Elevation

CELL_DEG = 0.0001  # 10 m
Floats = NDArray[np.float64]


def heights_over(
    height: Callable[[Floats, Floats], Floats],
    x_range: tuple[float, float],
    y_range: tuple[float, float],
) -> tuple[Elevation, oracle.Heights]:
    """Return ground with height(x, y) in metres, drawn finely enough, for engine and oracle."""
    corners = [lonlat(x, y) for x in x_range for y in y_range]
    west, north = min(c[0] for c in corners) - 0.002, max(c[1] for c in corners) + 0.002
    east, south = max(c[0] for c in corners) + 0.002, min(c[1] for c in corners) - 0.002
    columns, rows = int((east - west) / CELL_DEG), int((north - south) / CELL_DEG)
    column, row = np.meshgrid(np.arange(columns), np.arange(rows))
    lon, lat = west + (column + 0.5) * CELL_DEG, north - (row + 0.5) * CELL_DEG
    x, y = metric(lon.ravel(), lat.ravel())
    origin = metric(*[[part] for part in lonlat(0, 0)])
    levels = height((x - origin[0]).reshape(lon.shape), (y - origin[1]).reshape(lon.shape))
    return grid_over(levels, west, north, CELL_DEG)


def rising_east(grade: float, length_m: float) -> Elevation:
    """Return an even slope along a street from (0, 0) to the east."""
    return heights_over(lambda x, _: 500.0 + grade * x, (-200.0, length_m + 200.0), (-50.0, 50.0))[
        0
    ]


def town_on_hills() -> tuple[list[dict[str, Any]], Elevation, oracle.Heights]:
    """Return the streets of an uneven chequer of 8 x 8 junctions over knolls and hollows."""
    rng = np.random.default_rng(5)
    places = {
        10 * i + j: (120.0 * i + rng.uniform(-25, 25), 110.0 * j + rng.uniform(-25, 25))
        for i in range(8)
        for j in range(8)
    }
    ways = [way(k, [10 * k + j for j in range(8)], places) for k in range(8)]
    ways += [way(8 + k, [10 * i + k for i in range(8)], places) for k in range(8)]
    hills = heights_over(
        lambda x, y: 300.0 + 0.05 * x + 16.0 * np.sin(x / 130.0) + 12.0 * np.cos(y / 95.0),
        (-300.0, 1150.0),
        (-300.0, 1100.0),
    )
    return ways, *hills

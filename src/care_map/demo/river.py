"""The river that crosses the demonstration district from west to east."""

import numpy as np
import shapely
from numpy.typing import ArrayLike

from care_map.demo.plane import Floats

__all__ = ["HALF_WIDTH_M", "REACH_M", "north_of_river", "river_line", "river_y"]

HALF_WIDTH_M = 85.0
REACH_M = 19_500.0
"""How far east and west of the middle the river is drawn."""


def river_y(x: ArrayLike) -> Floats:
    """Return how far north the river's middle runs at `x`, both in metres."""
    east = np.asarray(x, dtype=np.float64)
    bends = 950 * np.sin(east / 4700 + 0.6) + 300 * np.sin(east / 1800 + 1.0)
    return np.asarray(-1800 + 0.05 * east + bends, dtype=np.float64)


def north_of_river(x: ArrayLike, y: ArrayLike) -> Floats:
    """Return metres north of the river's middle, negative on the southern bank."""
    return np.asarray(np.asarray(y) - river_y(x), dtype=np.float64)


def river_line(step_m: float = 100.0) -> shapely.LineString:
    """Return the river's middle as a line from west to east."""
    x = np.arange(-REACH_M, REACH_M + step_m, step_m)
    return shapely.LineString(np.column_stack([x, river_y(x)]))

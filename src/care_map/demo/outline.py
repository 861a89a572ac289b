"""The border of the demonstration district."""

from functools import cache

import numpy as np
import shapely

__all__ = ["district_outline"]


@cache
def district_outline() -> shapely.Polygon:
    """Return the border as a polygon in metres of the plane."""
    angle = np.linspace(0, 2 * np.pi, 241)[:-1]
    bumps = (
        0.05 * np.sin(2 * angle + 0.7)
        + 0.055 * np.sin(3 * angle + 2.1)
        + 0.03 * np.sin(5 * angle + 0.4)
        + 0.012 * np.sin(11 * angle)
        + 0.008 * np.sin(17 * angle + 1.0)
    )
    radius = 1 + bumps
    return shapely.Polygon(
        np.column_stack([15_300 * radius * np.cos(angle), 12_300 * radius * np.sin(angle)])
    )

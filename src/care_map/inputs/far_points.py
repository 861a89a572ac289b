"""Points far from the study: stated once per list, with how many and the farthest."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from care_map.inputs.sources import ROW, SourceTable

__all__ = ["FAR_KM", "list_far_points"]

FAR_KM = 50.0
"""Distance from the rectangle of the units beyond which no service is looked for (default)."""

_KM_PER_DEGREE = 111.2


def list_far_points(
    tables: Sequence[SourceTable], extent: tuple[float, float, float, float] | None
) -> None:
    """State of each list how many of its points are far from the units.

    Parameters
    ----------
    tables
        Sources; findings are added to theirs.
    extent
        West, south, east, north of the units in degrees; None where they have no polygons.
    """
    if extent is None:
        return
    for table in tables:
        distance = _km_outside(table.geometry, extent)
        far = np.flatnonzero(distance > FAR_KM)
        if len(far):
            farthest = int(far[np.argmax(distance[far])])
            table.findings.add(
                "points_far",
                row=int(table.frame[ROW].to_numpy()[farthest]),
                column="lon",
                count=len(far),
                limit=FAR_KM,
                farthest=float(distance[farthest]),
            )


def _km_outside(
    geometry: NDArray[np.object_], extent: tuple[float, float, float, float]
) -> NDArray[np.float64]:
    """Return how far each geometry lies from a rectangle, NaN where there is none.

    A degree of latitude everywhere and the rectangle's own degree of longitude: to tell a
    province from its neighbour, no more.
    """
    west, south, east, north = extent
    bounds = shapely.bounds(geometry)
    across = np.maximum(np.maximum(west - bounds[:, 2], bounds[:, 0] - east), 0.0)
    along = np.maximum(np.maximum(south - bounds[:, 3], bounds[:, 1] - north), 0.0)
    shrink = np.cos(np.radians((south + north) / 2))
    return np.asarray(np.hypot(across * shrink, along) * _KM_PER_DEGREE)

"""What roads of any source must be like: of some length, and without a leap over the country."""

import numpy as np
from numpy.typing import NDArray

from care_map.errors import InputError, Problem
from care_map.inputs.tables import RoadTable

__all__ = ["LEAP_KM", "check_roads"]

LEAP_KM = 50.0
"""Two vertices that follow each other are never farther apart (default)."""

_KM_PER_DEGREE = 111.2


def check_roads(table: RoadTable) -> tuple[Problem, ...]:
    """Return what is suspicious about the places of roads.

    Parameters
    ----------
    table
        Roads of any source.

    Returns
    -------
    tuple of Problem
        A warning with the number of segments longer than :data:`LEAP_KM`: a vertex has a wrong
        coordinate, or the roads lie on both sides of the date line.

    Raises
    ------
    InputError
        All vertices lie in one place.
    """
    length_km = _segment_km(table)
    if not length_km.any():
        raise InputError([Problem("roads_no_length", source=table.source)])
    leaps = length_km > LEAP_KM
    if not leaps.any():
        return ()
    values = {"km": float(length_km.max()), "most_km": LEAP_KM}
    count = int(leaps.sum())
    return (
        Problem("roads_leap", severity="warning", source=table.source, count=count, values=values),
    )


def _segment_km(table: RoadTable) -> NDArray[np.float64]:
    """Return the length of each segment on a map; across the date line it is the long way round."""
    east = np.diff(table.lon) * np.cos(np.radians((table.lat[1:] + table.lat[:-1]) / 2.0))
    length_km = _KM_PER_DEGREE * np.hypot(east, np.diff(table.lat))
    # From the end of one way to the start of the next there is no segment.
    length_km[table.offsets[1:-1] - 1] = 0.0
    return length_km

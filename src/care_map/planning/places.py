"""Who finds a place where some capacities are unknown: certain, impossible, or open."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from care_map.planning.transport import least_minutes

__all__ = ["Placed", "give_places"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Placed:
    """Elders by what becomes of them, whole numbers; rows that reach nothing have none.

    Parameters
    ----------
    assigned
        ``(n_demand,)`` who have a place.
    full
        ``(n_demand,)`` who reach facilities that are full, however large the unknown ones are.
    open
        ``(n_demand,)`` who have a place only if one of unknown capacity has one.
    load
        ``(n_facilities,)`` who are assigned to each of known capacity.
    """

    assigned: Ints
    full: Ints
    open: Ints
    load: Ints


def give_places(
    origin: Ints, facility: Ints, minutes: Floats, elders: Ints, capacity: Floats
) -> Placed:
    """Assign elders to places: the most there are, of these the fewest to unknown capacity.

    Parameters
    ----------
    origin, facility, minutes
        ``(n,)`` pairs of rows within reach, each once.
    elders
        ``(n_demand,)`` who need a place.
    capacity
        ``(n_facilities,)`` places, NaN where unknown; parts of a place are none.

    Returns
    -------
    Placed
    """
    known = np.isfinite(capacity)
    places = np.where(known, np.floor(np.nan_to_num(capacity)), elders.sum()).astype(np.int64)
    # No saving of minutes is worth a place that may not exist.
    doubt = (len(capacity) + 2) * (float(minutes.max(initial=0.0)) + 1.0)
    cost = np.where(known[facility], minutes, minutes + doubt)
    flow = least_minutes(origin, facility, cost, elders, places)
    sure = np.where(known[facility], flow, 0)
    size = len(elders)
    assigned = np.bincount(origin, weights=sure, minlength=size).astype(np.int64)
    maybe = np.bincount(origin, weights=flow - sure, minlength=size).astype(np.int64)
    reaching = np.bincount(origin, minlength=size) > 0
    return Placed(
        assigned=assigned,
        full=np.where(reaching, elders - assigned - maybe, 0),
        open=maybe,
        load=np.bincount(facility, weights=sure, minlength=len(capacity)).astype(np.int64),
    )

"""Elders to facilities within their capacities: as many as possible, then in the least time."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.planning.transport import least_minutes

__all__ = ["Assignment", "assign"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who goes where, who is left over, how full each facility is.

    Parameters
    ----------
    flows
        ``demand_id``, ``facility_id``, ``elders``, ``minutes``: a row per pair that is used.
    residual
        Elders by demand id for whom there is no place within reach.
    load
        Elders by facility id.
    total_minutes
        Σ elders × minutes, the least that so many assigned elders can have.
    """

    flows: pd.DataFrame
    residual: pd.Series
    load: pd.Series
    total_minutes: float

    @property
    def assigned(self) -> int:
        """Number of elders that have a place."""
        return int(self.load.sum())


def assign(pairs: pd.DataFrame, demand: pd.Series, capacity: pd.Series) -> Assignment:
    """Assign elders to facilities: the most that capacities allow, then the least minutes.

    Parameters
    ----------
    pairs
        ``demand_id``, ``facility_id``, ``minutes``: who can go where, each pair once.
    demand
        Whole number of elders by demand id; those of one id may go to different facilities.
    capacity
        Whole number of places by facility id.

    Returns
    -------
    Assignment

    Raises
    ------
    ValueError
        A number is negative or not whole, or a pair names an unknown id or stands twice.

    Examples
    --------
    >>> pairs = pd.DataFrame(
    ...     {"demand_id": ["a", "b", "b"], "facility_id": ["f", "f", "g"], "minutes": [5, 2, 9]}
    ... )
    >>> found = assign(pairs, pd.Series({"a": 2, "b": 2}), pd.Series({"f": 3, "g": 5}))
    >>> found.assigned, found.total_minutes, found.load.to_dict()
    (4, 21.0, {'f': 3, 'g': 1})
    """
    origin, facility = _rows(pairs, demand, capacity)
    minutes = pairs["minutes"].to_numpy(dtype=float)
    people, places = demand.to_numpy(dtype=np.int64), capacity.to_numpy(dtype=np.int64)
    whole = least_minutes(origin, facility, minutes, people, places)
    used = np.flatnonzero(whole)
    flows = pd.DataFrame(
        {
            "demand_id": pairs["demand_id"].to_numpy()[used],
            "facility_id": pairs["facility_id"].to_numpy()[used],
            "elders": whole[used],
            "minutes": minutes[used],
        }
    )
    placed = np.bincount(origin, weights=whole, minlength=len(demand))
    load = np.bincount(facility, weights=whole, minlength=len(capacity))
    return Assignment(
        flows=flows,
        residual=pd.Series((people - placed).astype(np.int64), demand.index, name="elders"),
        load=pd.Series(load.astype(np.int64), capacity.index, name="elders"),
        total_minutes=float(whole @ minutes),
    )


def _rows(pairs: pd.DataFrame, demand: pd.Series, capacity: pd.Series) -> tuple[Ints, Ints]:
    for name, numbers in (("demand", demand), ("capacity", capacity)):
        values = numbers.to_numpy(dtype=float)
        if not numbers.index.is_unique or not ((values >= 0) & (values == np.rint(values))).all():
            msg = f"{name} needs whole numbers that are not negative, each id once"
            raise ValueError(msg)
    origin = demand.index.get_indexer(pd.Index(pairs["demand_id"]))
    facility = capacity.index.get_indexer(pd.Index(pairs["facility_id"]))
    if (origin < 0).any() or (facility < 0).any():
        msg = "a pair names an id that has no demand or no capacity"
        raise ValueError(msg)
    if pairs.duplicated(["demand_id", "facility_id"]).any():
        msg = "a pair stands twice"
        raise ValueError(msg)
    return origin, facility

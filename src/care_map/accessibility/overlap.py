"""Second chances: how many facilities each elder has, and whose loss would hurt most."""

import numpy as np
import pandas as pd

__all__ = ["coverage_times", "loss_of_each"]


def coverage_times(pairs: pd.DataFrame, demand: pd.Series) -> pd.Series:
    """Return how many facilities each demand point has within the circle.

    Parameters
    ----------
    pairs
        ``demand_id``, ``facility_id``: pairs within the circle, each once.
    demand
        Elders by demand id.

    Returns
    -------
    Series of int by demand id in the order of `demand`.

    Examples
    --------
    >>> pairs = pd.DataFrame({"demand_id": ["a", "a"], "facility_id": ["f", "g"]})
    >>> coverage_times(pairs, pd.Series({"a": 3, "b": 1})).to_dict()
    {'a': 2, 'b': 0}
    """
    row = demand.index.get_indexer(pd.Index(pairs["demand_id"]))
    times = np.bincount(row[row >= 0], minlength=len(demand))
    return pd.Series(times, index=demand.index, name="facilities")


def loss_of_each(pairs: pd.DataFrame, demand: pd.Series) -> pd.Series:
    """Return for each facility the elders who would be outside the circle without it.

    Parameters
    ----------
    pairs, demand
        As :func:`coverage_times`.

    Returns
    -------
    Series of elders by facility id, the greatest loss first; facilities of equal loss by id. One
    that covers nobody alone has 0.

    Examples
    --------
    >>> pairs = pd.DataFrame({"demand_id": ["a", "a", "b"], "facility_id": ["f", "g", "g"]})
    >>> loss_of_each(pairs, pd.Series({"a": 3, "b": 2})).to_dict()
    {'g': 2, 'f': 0}
    """
    times = coverage_times(pairs, demand)
    row = demand.index.get_indexer(pd.Index(pairs["demand_id"]))
    facility, facility_id = pd.factorize(pairs["facility_id"], sort=True)
    alone = (row >= 0) & (times.to_numpy()[row] == 1)
    elders = np.where(alone, demand.to_numpy()[row], 0)
    lost = np.bincount(facility, weights=elders, minlength=len(facility_id))
    by_id = pd.Series(lost, facility_id, name="elders").astype(demand.dtype)
    return by_id.sort_values(ascending=False, kind="stable")

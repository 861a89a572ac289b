"""Two-step floating catchment areas on pairs of travel times: 2SFCA and its kin.

The same weights serve both steps, so that supply is neither made nor lost:
Σ(access × demand) = Σ supply of the facilities that anybody reaches.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.decay import Decay

__all__ = ["supply_ratio", "two_step_fca"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def two_step_fca(
    pairs: pd.DataFrame, demand: pd.Series, supply: pd.Series, *, decay: Decay
) -> pd.Series:
    """Return the supply within reach per head of each demand point (Luo & Wang 2003).

    Parameters
    ----------
    pairs
        ``demand_id``, ``facility_id``, ``minutes`` (any cost will do), each pair once; pairs
        beyond the catchment may be there and count nothing.
    demand
        Heads by demand id, weighted as the caller likes (by grade of need).
    supply
        Capacity by facility id, in one unit (beds, meals a day).
    decay
        Weight by minutes: :func:`care_map.binary` gives 2SFCA, :func:`care_map.steps` E2SFCA,
        :func:`care_map.gaussian` the Gaussian form.

    Returns
    -------
    Series by demand id in the order of `demand`: supply per head; 0 where nothing is reached.

    Raises
    ------
    ValueError
        An id stands twice, a number is negative or missing, or a pair names an unknown id.

    Examples
    --------
    >>> from care_map.decay import binary
    >>> pairs = pd.DataFrame({"demand_id": ["a", "b"], "facility_id": "f", "minutes": [5.0, 9.0]})
    >>> two_step_fca(
    ...     pairs, pd.Series({"a": 10, "b": 30}), pd.Series({"f": 20}), decay=binary(10)
    ... ).to_dict()
    {'a': 0.5, 'b': 0.5}
    """
    found = _first_step(pairs, demand, supply, decay)
    share = found.weight * found.ratio[found.facility]
    access = np.bincount(found.origin, weights=share, minlength=len(demand))
    return pd.Series(access, index=demand.index, name="access")


def supply_ratio(
    pairs: pd.DataFrame, demand: pd.Series, supply: pd.Series, *, decay: Decay
) -> pd.Series:
    """Return the first step: each facility's supply per weighted head in its catchment.

    Parameters
    ----------
    pairs, demand, supply, decay
        As :func:`two_step_fca`.

    Returns
    -------
    Series by facility id in the order of `supply`; NaN where nobody reaches it.
    """
    found = _first_step(pairs, demand, supply, decay)
    ratio = np.where(found.heads > 0, found.ratio, np.nan)
    return pd.Series(ratio, index=supply.index, name="supply_ratio")


class _FirstStep(NamedTuple):
    origin: Ints
    facility: Ints
    weight: Floats
    heads: Floats
    ratio: Floats


def _first_step(
    pairs: pd.DataFrame, demand: pd.Series, supply: pd.Series, decay: Decay
) -> _FirstStep:
    origin, facility = _rows(pairs, demand, supply)
    weight = decay.weigh(pairs["minutes"])
    weighed = weight * demand.to_numpy(dtype=float)[origin]
    heads = np.bincount(facility, weights=weighed, minlength=len(supply)).astype(np.float64)
    have = supply.to_numpy(dtype=float)
    ratio = np.divide(have, heads, out=np.zeros(len(have)), where=heads > 0)
    return _FirstStep(origin, facility, weight, heads, ratio)


def _rows(pairs: pd.DataFrame, demand: pd.Series, supply: pd.Series) -> tuple[Ints, Ints]:
    """Return the rows of demand and supply that each pair names."""
    for name, numbers in (("demand", demand), ("supply", supply)):
        values = numbers.to_numpy(dtype=float)
        if not numbers.index.is_unique:
            msg = f"an id stands twice in {name}"
            raise ValueError(msg)
        if not (np.isfinite(values) & (values >= 0)).all():
            msg = f"{name} holds a number that is negative or missing"
            raise ValueError(msg)
    origin = demand.index.get_indexer(pd.Index(pairs["demand_id"]))
    facility = supply.index.get_indexer(pd.Index(pairs["facility_id"]))
    if (origin < 0).any() or (facility < 0).any():
        msg = "a pair names an id that has no demand or no supply"
        raise ValueError(msg)
    if pairs.duplicated(["demand_id", "facility_id"]).any():
        msg = "a pair stands twice"
        raise ValueError(msg)
    return origin, facility

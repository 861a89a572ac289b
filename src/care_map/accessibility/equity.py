"""How evenly minutes are spread: Gini and Lorenz, worst and best, groups against all.

Minutes are those of elders who can reach a facility at all; who cannot is counted apart, since
an infinite time has no share in a sum.
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

__all__ = ["gini", "lorenz", "share_beyond"]

Floats = NDArray[np.float64]


def lorenz(values: ArrayLike, weights: ArrayLike) -> pd.DataFrame:
    """Return the Lorenz curve of values, the smallest first.

    Parameters
    ----------
    values
        ``(n,)`` not negative; rows that are infinite or missing are left out.
    weights
        ``(n,)`` persons per value; a row of 0 counts nothing.

    Returns
    -------
    DataFrame with ``share_of_persons`` and ``share_of_values``, both from 0 to 1, a row per
    different value and one at the origin; the values' share is NaN where they sum to 0.

    Raises
    ------
    ValueError
        A value or a weight is negative.

    Examples
    --------
    >>> lorenz([10, 30], [1, 1])["share_of_values"].tolist()
    [0.0, 0.25, 1.0]
    """
    value, weight = _known(values, weights)
    levels, level = np.unique(value, return_inverse=True)
    persons = np.cumsum(np.bincount(level, weights=weight, minlength=len(levels)))
    held = np.cumsum(np.bincount(level, weights=weight * value, minlength=len(levels)))
    with np.errstate(invalid="ignore"):
        shares = [
            np.append(0.0, part) / (part[-1] if len(part) else 1.0) for part in (persons, held)
        ]
    return pd.DataFrame({"share_of_persons": shares[0], "share_of_values": shares[1]})


def gini(values: ArrayLike, weights: ArrayLike) -> float:
    """Return the Gini coefficient: the mean difference of two persons over twice the mean.

    Parameters
    ----------
    values, weights
        As :func:`lorenz`.

    Returns
    -------
    From 0, where all have the same, to below 1; NaN without persons. All zeros are 0.

    Examples
    --------
    >>> gini([10, 30], [1, 1])
    0.25
    """
    value, weight = _known(values, weights)
    if not len(value):
        return float("nan")
    if not value.any():
        return 0.0
    curve = lorenz(value, weight)
    x, y = curve["share_of_persons"].to_numpy(), curve["share_of_values"].to_numpy()
    below = float(np.sum(np.diff(x) * (y[1:] + y[:-1]) / 2.0))
    return max(0.0, 1.0 - 2.0 * below)


def share_beyond(minutes: ArrayLike, weights: ArrayLike, *, sufficient_min: float) -> float:
    """Return the share of persons who need more than a sufficient time.

    Parameters
    ----------
    minutes
        ``(n,)`` inf for who can reach nothing; missing ones are left out.
    weights
        ``(n,)`` persons.
    sufficient_min
        Minutes that will do, themselves inside.

    Returns
    -------
    From 0 to 1; NaN without persons.
    """
    minute, weight = np.asarray(minutes, dtype=float), np.asarray(weights, dtype=float)
    known = ~np.isnan(minute)
    total = weight[known].sum()
    if total <= 0:
        return float("nan")
    return float(weight[known & (minute > sufficient_min)].sum() / total)


def _known(values: ArrayLike, weights: ArrayLike) -> tuple[Floats, Floats]:
    value, weight = np.asarray(values, dtype=float), np.asarray(weights, dtype=float)
    if (value < 0).any() or not (weight >= 0).all():
        msg = "values and weights must not be negative"
        raise ValueError(msg)
    known = np.isfinite(value) & (weight > 0)
    return value[known], weight[known]

"""Numbers compared as they are written: 65 of 100 is not more than 0.65, by no rounding."""

from collections.abc import Iterable, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

__all__ = ["exact", "exact_sum", "reaches"]

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

_CLOSE = 1e-9
_LARGEST_EXACT = 2.0**53


def exact(number: float) -> Fraction:
    """Return a number as it is written in decimals.

    Examples
    --------
    >>> exact(0.65), exact(0.2) * 3 == exact(0.6)
    (Fraction(13, 20), True)
    """
    return Fraction(str(float(number)))


def exact_sum(numbers: Iterable[float]) -> Fraction:
    """Return the sum of numbers as they are written.

    Examples
    --------
    >>> exact_sum([0.1, 0.2]) == exact(0.3)
    True
    """
    values = np.asarray(list(numbers) if not isinstance(numbers, np.ndarray) else numbers, float)
    whole = values == np.trunc(values)
    total = float(np.abs(values[whole]).sum())
    if total < _LARGEST_EXACT:
        rest = values[~whole]
        return Fraction(int(values[whole].sum())) + sum(map(exact, rest.tolist()), Fraction(0))
    return sum(map(exact, values.tolist()), Fraction(0))


def reaches(
    parts: Sequence[Floats], threshold: float, *, per: Floats | None = None, strict: bool = False
) -> Bools:
    """Tell where a sum, or its quotient, is at least a threshold.

    Parameters
    ----------
    parts
        Arrays ``(n,)`` whose sum is compared.
    threshold
        What it must reach.
    per
        ``(n,)`` what the sum is divided by.
    strict
        Whether it must be more than that.

    Returns
    -------
    Bools
        ``(n,)``, False where a number is NaN.

    Examples
    --------
    >>> reaches([np.array([0.1]), np.array([0.2])], 0.3).tolist()
    [True]
    """
    total = np.sum(parts, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        rough = total if per is None else total / per
        above = rough > threshold if strict else rough >= threshold
        close = np.abs(rough - threshold) <= _CLOSE * max(1.0, abs(threshold))
    if len(parts) > 1 or per is not None:
        for row in np.flatnonzero(close):
            sum_ = sum((exact(part[row]) for part in parts), Fraction(0))
            value = sum_ if per is None else sum_ / exact(per[row])
            above[row] = value > exact(threshold) if strict else value >= exact(threshold)
    return np.asarray(above, dtype=bool)

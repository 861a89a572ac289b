"""Numbers of cells as JSON has them."""

import math

import numpy as np

__all__ = ["plain_number"]


def plain_number(value: object) -> float | int | None:
    """Return a finite number as Python has it, None for whatever is none.

    Examples
    --------
    >>> plain_number(np.int64(3)), plain_number(0.5), plain_number(float("nan")), plain_number("x")
    (3, 0.5, None, None)
    """
    if isinstance(value, bool | np.bool_):
        return None
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    return None

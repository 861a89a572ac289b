"""How much a facility counts for somebody who is some minutes away from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Decay", "binary", "gaussian", "steps"]

_EPSILON_MIN = 1e-6 / 60.0
"""A circle includes its limit; searches are exact to a millionth of a second."""


@dataclass(frozen=True, slots=True)
class Decay:
    """A weight by minutes: 0 beyond the catchment.

    Parameters
    ----------
    kind
        ``binary``: 1 inside. ``gaussian``: from 1 at the door to 0 at the limit. ``steps``: one
        weight per ring.
    minutes
        Outer limits of the rings, ascending, each inside its ring; the last one is the catchment.
    weights
        Weight in each ring; of one ring it is 1.
    """

    kind: Literal["binary", "gaussian", "steps"]
    minutes: tuple[float, ...]
    weights: tuple[float, ...] = (1.0,)

    @property
    def catchment_min(self) -> float:
        """Minutes beyond which nothing counts."""
        return self.minutes[-1]

    def weigh(self, minutes: ArrayLike) -> NDArray[np.float64]:
        """Return the weight at some minutes.

        Parameters
        ----------
        minutes
            ``(n,)`` minutes; inf and NaN weigh nothing.

        Returns
        -------
        ``(n,)`` weights from 0 to 1.
        """
        given = np.asarray(minutes, dtype=np.float64)
        inside = given <= self.catchment_min + _EPSILON_MIN
        if self.kind == "gaussian":
            share = np.where(inside, given, self.catchment_min) / self.catchment_min
            # d0 is the limit, so that the weight there is exactly 0 (Dai 2010).
            return np.clip((np.exp(-0.5 * share**2) - _AT_LIMIT) / (1.0 - _AT_LIMIT), 0.0, 1.0)
        limits = np.asarray(self.minutes) + _EPSILON_MIN
        ring = np.searchsorted(limits, np.where(inside, given, 0.0), side="left")
        return np.where(inside, np.asarray(self.weights)[ring], 0.0)


_AT_LIMIT = float(np.exp(-0.5))


def binary(minutes: float) -> Decay:
    """Return the plain catchment of 2SFCA: 1 up to the limit, itself inside (Luo & Wang 2003).

    Examples
    --------
    >>> binary(15).weigh([0, 15, 15.1]).tolist()
    [1.0, 1.0, 0.0]
    """
    return Decay("binary", (_positive(minutes),))


def gaussian(minutes: float) -> Decay:
    """Return the Gaussian decay that falls to 0 at the limit (Dai 2010).

    Examples
    --------
    >>> gaussian(15).weigh([0, 15]).tolist()
    [1.0, 0.0]
    """
    return Decay("gaussian", (_positive(minutes),))


def steps(rings: Sequence[tuple[float, float]]) -> Decay:
    """Return the rings of E2SFCA: pairs of outer limit in minutes and weight (Luo & Qi 2009).

    Parameters
    ----------
    rings
        Limits ascending, weights from 0 to 1 and never rising outwards.

    Raises
    ------
    ValueError
        The rings are empty, out of order, or a weight is outside 0 to 1.

    Examples
    --------
    >>> steps([(5, 1.0), (10, 0.68), (15, 0.22)]).weigh([5, 5.1, 15, 16]).tolist()
    [1.0, 0.68, 0.22, 0.0]
    """
    limits = [_positive(limit) for limit, _ in rings]
    weights = [float(weight) for _, weight in rings]
    falling = all(a >= b for a, b in pairwise(weights))
    rising = all(a < b for a, b in pairwise(limits))
    if not (rings and rising and falling and weights[-1] >= 0.0 and weights[0] <= 1.0):
        msg = "rings need ascending limits and weights from 1 down to 0"
        raise ValueError(msg)
    return Decay("steps", tuple(limits), tuple(weights))


def _positive(minutes: float) -> float:
    if not minutes > 0:
        msg = f"minutes must be positive, not {minutes!r}"
        raise ValueError(msg)
    return float(minutes)

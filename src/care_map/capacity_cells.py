"""Elders near each other taken together, where every elder with every home would be too many pairs.

Homes are reached by car within 30 and 60 minutes: in a city that is nearly everybody with nearly
every home. One of the elders of a cell stands for all of them, with that elder's own time.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.accessibility.capacity import Catchment

__all__ = ["CELL_M", "EXACT_PAIRS", "Together", "taken_together"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CELL_M = 250.0
"""Side of a cell in metres (default)."""
EXACT_PAIRS = 10_000_000
"""Pairs of elder and home up to which each elder goes alone (default)."""


@dataclass(frozen=True, slots=True)
class Together:
    """Which row of the demand stands for which.

    Parameters
    ----------
    stands_for
        ``(n,)`` for each row the row that is searched from; its own number where it goes alone.
    """

    stands_for: Ints

    def summed(self, elders: Floats) -> Floats:
        """Return ``(n,)`` the elders that each row stands for, 0 where another does."""
        size = len(self.stands_for)
        return np.bincount(self.stands_for, weights=elders, minlength=size).astype(np.float64)

    def spread(self, found: Catchment) -> Catchment:
        """Return for every row what was found for the one that stands for it."""
        row = self.stands_for
        return replace(
            found,
            access=found.access[row],
            reached=found.reached[row],
            nearest=found.nearest[row],
            time=found.time[row],
        )


def taken_together(
    rows: Ints, x: Floats, y: Floats, kind: NDArray[np.object_], *, size: int
) -> Together:
    """Return one row for the rows of each cell and kind: the nearest to their middle.

    Parameters
    ----------
    rows
        ``(k,)`` rows of the demand that may be taken together.
    x, y
        ``(k,)`` their places in metres.
    kind
        ``(k,)`` what must be the same (unit and setting).
    size
        Number of rows of the demand.

    Examples
    --------
    >>> kind = np.array(["a", "a", "b"], dtype=object)
    >>> x = np.array([10.0, 20.0, 20.0])
    >>> taken_together(np.array([1, 2, 3]), x, x, kind, size=4).stands_for.tolist()
    [0, 1, 1, 3]
    """
    stands_for = np.arange(size, dtype=np.int64)
    cell = pd.DataFrame({"kind": kind, "x": x // CELL_M, "y": y // CELL_M})
    group = cell.groupby(["kind", "x", "y"], sort=False).ngroup().to_numpy()
    count = np.bincount(group)
    away_m = np.hypot(
        x - (np.bincount(group, weights=x) / count)[group],
        y - (np.bincount(group, weights=y) / count)[group],
    )
    order = np.lexsort((rows, away_m, group))
    first = order[np.flatnonzero(np.diff(group[order], prepend=-1))]
    stands_for[rows] = rows[first][group]
    return Together(stands_for)

"""Items listed by a whole number: what a counting sort gives."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["Listing", "list_by"]

Ints = NDArray[np.int64]


class Listing(NamedTuple):
    """Items by key; a tuple, so that compiled kernels take it as it is.

    Parameters
    ----------
    offset
        ``(n_keys + 1,)``; items of key `k` are ``item[offset[k]:offset[k + 1]]``.
    item
        Indices of items, in rising order for each key.
    """

    offset: Ints
    item: Ints


@njit(cache=True, nogil=True)
def list_by(key: NDArray[np.integer], n_keys: int) -> Listing:
    """List items by key, in one pass to count and one to write.

    Parameters
    ----------
    key
        ``(n,)`` key of each item; negative for none.
    n_keys
        Keys are less than this.

    Returns
    -------
    Listing
    """
    offset = np.zeros(n_keys + 1, np.int64)
    for k in key:
        if k >= 0:
            offset[k + 1] += 1
    for k in range(n_keys):
        offset[k + 1] += offset[k]
    place = offset[:-1].copy()
    item = np.empty(offset[-1], np.int64)
    for i in range(len(key)):
        k = key[i]
        if k >= 0:
            item[place[k]] = i
            place[k] += 1
    return Listing(offset, item)

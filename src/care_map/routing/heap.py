"""A 4-ary heap of (seconds, entry) in two arrays; entries that are out of date stay in it.

Keeping stale entries and skipping them is quicker here than moving entries up: no array of
places has to be kept in step.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["pop", "push"]

Floats = NDArray[np.float64]
Entries = NDArray[np.signedinteger]


@njit(cache=True, nogil=True)
def push(heap_s: Floats, heap: Entries, size: int, seconds: float, entry: int) -> None:
    """Add an entry; `size` is how many there are before."""
    at = size
    while at > 0:
        parent = (at - 1) >> 2
        if heap_s[parent] <= seconds:
            break
        heap_s[at], heap[at] = heap_s[parent], heap[parent]
        at = parent
    heap_s[at], heap[at] = seconds, entry


@njit(cache=True, nogil=True)
def pop(heap_s: Floats, heap: Entries, size: int) -> None:
    """Remove the first entry; `size` is how many remain."""
    if size == 0:
        return
    seconds, entry = heap_s[size], heap[size]
    at = 0
    while True:
        child = 4 * at + 1
        if child >= size:
            break
        least_s = heap_s[child]
        for other in range(child + 1, min(child + 4, size)):
            if heap_s[other] < least_s:
                child, least_s = other, heap_s[other]
        if least_s >= seconds:
            break
        heap_s[at], heap[at] = least_s, heap[child]
        at = child
    heap_s[at], heap[at] = seconds, entry

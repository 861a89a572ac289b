"""Whom chosen sites serve within their capacities."""

import numpy as np
from numpy.typing import NDArray

from care_map.planning.choices import Choices
from care_map.planning.transport import least_minutes

__all__ = ["served_elders"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def served_elders(choices: Choices, chosen: Bools, capacity: Floats) -> tuple[Floats, Ints]:
    """Return how many of each demand row are served, and the site that serves most of them.

    As many as can be, and of all ways to do that the one with the least minutes.

    Parameters
    ----------
    choices
        Demand in whole numbers, and sites.
    chosen
        ``(m,)`` which sites there are.
    capacity
        ``(m,)`` elders whom each can serve, inf without end.

    Returns
    -------
    ``(n,)`` elders; ``(n,)`` rows of sites, -1 where nobody is served.
    """
    n = len(choices.elders)
    used = np.flatnonzero(chosen[choices.site])
    people = np.rint(choices.elders).astype(np.int64)
    places = np.minimum(capacity, float(people.sum())).astype(np.int64)
    origin, site = choices.demand[used], choices.site[used]
    whole = least_minutes(origin, site, choices.minutes[used], people, places)
    served = np.bincount(origin, weights=whole, minlength=n).astype(np.float64)
    best = np.full(n, -1, dtype=np.int64)
    order = np.lexsort((-whole, origin))
    origin, site, whole = origin[order], site[order], whole[order]
    first = np.flatnonzero(np.diff(origin, prepend=-1) != 0)
    first = first[whole[first] > 0]
    best[origin[first]] = site[first]
    return served, best

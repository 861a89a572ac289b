"""Least minutes by hand: sites that save most one after the other, then exchanges of two.

The best exchange of all is found in one pass of the pairs, from the nearest and second nearest
site of each class (Whitaker 1983; Resende & Werneck 2007). Numbers of sites and quotas are kept.
"""

import time

import numpy as np
from numba import njit
from numpy.typing import NDArray

from care_map.planning.shorter_ways import Rules, Ways

__all__ = ["exchanged", "nearest_two", "one_by_one", "total_minutes"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_EPSILON = 1e-9


def total_minutes(ways: Ways, chosen: Bools) -> float:
    """Return minutes × elders of the classes with some sites."""
    nearest, _, _ = nearest_two(ways, chosen)
    return float((ways.heads * nearest).sum())


def one_by_one(ways: Ways, rules: Rules, *, start: Bools) -> Bools:
    """Add sites, each the one that saves most beside those before it.

    Parameters
    ----------
    ways
        Classes and their choices; what stands must be in finite minutes.
    rules
        What must be kept: sites of quotas that lack some come first.
    start
        ``(m,)`` sites that are chosen already.
    """
    chosen = start.copy()
    while (fits := _addable(rules, chosen)).any():
        gain, _, _ = _weighed(ways, chosen)
        lacking = rules.member @ chosen < rules.least - _EPSILON
        helps = rules.member[lacking].sum(axis=0)
        if lacking.any():
            fits &= helps > 0
            fits &= helps == helps[fits].max(initial=0.0)
        else:
            fits &= gain > _EPSILON
        if not fits.any():
            break
        chosen[np.argmax(np.where(fits, gain, -1.0))] = True
    return chosen


def exchanged(ways: Ways, rules: Rules, chosen: Bools, *, until: float = np.inf) -> Bools:
    """Return sites that no exchange of one for another, and no further one, makes better.

    Parameters
    ----------
    ways, rules
        As :func:`one_by_one`.
    chosen
        ``(m,)`` sites to start from, within the rules.
    until
        Time of the monotonic clock after which none is tried.
    """
    chosen = one_by_one(ways, rules, start=chosen)
    enough = _EPSILON * max(total_minutes(ways, chosen), 1.0)
    while chosen.any() and time.monotonic() < until:
        gain, loss, both = _weighed(ways, chosen)
        place = np.flatnonzero(chosen)
        saved = gain[:, None] - loss + both
        saved[_barred(rules, chosen)] = -np.inf
        best, out = divmod(int(saved.argmax()), len(place))
        if saved[best, out] <= enough:
            break
        chosen[place[out]], chosen[best] = False, True
        chosen = one_by_one(ways, rules, start=chosen)
    return chosen


def _addable(rules: Rules, chosen: Bools) -> Bools:
    if np.count_nonzero(chosen) >= rules.number:
        return np.zeros(len(chosen), dtype=bool)
    full = rules.member @ chosen > rules.most - 1.0 + _EPSILON
    addable: Bools = ~chosen & ~(rules.member[full] > 0).any(axis=0)
    return addable


def _barred(rules: Rules, chosen: Bools) -> Bools:
    """Return ``(m, p)`` which sites cannot come for which of those that are chosen."""
    used = rules.member @ chosen
    full = rules.member[used > rules.most - 1.0 + _EPSILON]
    bare = rules.member[used < rules.least + 1.0 - _EPSILON]
    over = full.T @ (1.0 - full[:, chosen])
    under = (1.0 - bare).T @ bare[:, chosen]
    barred: Bools = (over + under > 0) | chosen[:, None]
    return barred


def _weighed(ways: Ways, chosen: Bools) -> tuple[Floats, Floats, Floats]:
    """Return what each site would save, what each chosen one does, and both less of the two."""
    nearest, second, whose = nearest_two(ways, chosen)
    place = np.cumsum(chosen) - 1
    slot = np.where(whose >= 0, place[whose], -1)
    shape = (len(chosen), int(np.count_nonzero(chosen)))
    return _savings(ways, nearest, second, slot, shape)


@njit(cache=True, nogil=True)
def nearest_two(ways: Ways, chosen: Bools) -> tuple[Floats, Floats, Ints]:
    """Return minutes to the nearest and the second nearest, and which chosen site is nearest.

    What stands counts as one of the two; where it is the nearest there is no chosen one: -1.
    """
    nearest, second = ways.base.copy(), ways.base.copy()
    whose = np.full(len(ways.base), -1, np.int64)
    for i in range(len(ways.base)):
        for k in range(ways.offset[i], ways.offset[i + 1]):
            if not chosen[ways.site[k]]:
                continue
            if ways.minutes[k] < nearest[i]:
                second[i] = nearest[i]
                nearest[i] = ways.minutes[k]
                whose[i] = ways.site[k]
            elif ways.minutes[k] < second[i]:
                second[i] = ways.minutes[k]
    return nearest, second, whose


@njit(cache=True, nogil=True)
def _savings(
    ways: Ways, nearest: Floats, second: Floats, slot: Ints, shape: tuple[int, int]
) -> tuple[Floats, Floats, Floats]:
    gain, loss, both = np.zeros(shape[0]), np.zeros(shape[1]), np.zeros(shape)
    for i in range(len(nearest)):
        heads, mine = ways.heads[i], slot[i]
        if mine >= 0:
            loss[mine] += heads * (second[i] - nearest[i])
        for k in range(ways.offset[i], ways.offset[i + 1]):
            site, minutes = ways.site[k], ways.minutes[k]
            if minutes < nearest[i]:
                gain[site] += heads * (nearest[i] - minutes)
            if mine >= 0 and minutes < second[i]:
                both[site, mine] += heads * (second[i] - max(minutes, nearest[i]))
    return gain, loss, both

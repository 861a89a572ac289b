"""Maximal covering by hand: greedy, then swaps, on classes of elders that are listed by site.

The kernels know sites and classes by number. A class counts as soon as one chosen site reaches
it. Numbers of sites, a budget and quotas are kept at every step.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["Cover", "Rules", "cover_of", "greedy", "swapped", "worth"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_NO_SITE = -1
_EPSILON = 1e-9


class Cover(NamedTuple):
    """Who reaches whom, listed both ways.

    Parameters
    ----------
    elders
        ``(k,)`` heads of each class.
    site_offset, site_class
        Classes that site `j` reaches: ``site_class[site_offset[j]:site_offset[j + 1]]``.
    class_offset, class_site
        Sites that reach class `i`, likewise.
    """

    elders: Floats
    site_offset: Ints
    site_class: Ints
    class_offset: Ints
    class_site: Ints


class Rules(NamedTuple):
    """What every choice must keep.

    Parameters
    ----------
    most
        Number of sites.
    budget
        What they may cost together.
    cost
        ``(m,)`` cost of each site.
    quota_offset, quota_of
        Quotas that site `j` counts in: ``quota_of[quota_offset[j]:quota_offset[j + 1]]``.
    quota_most
        ``(q,)`` sites that each quota allows.
    """

    most: int
    budget: float
    cost: Floats
    quota_offset: Ints
    quota_of: Ints
    quota_most: Ints


class _State(NamedTuple):
    """What is chosen, how often each class is reached, what each site would add."""

    chosen: Bools
    times: Ints
    gain: Floats
    used: Ints


def cover_of(elders: Floats, row: Ints, site: Ints, *, n_sites: int) -> Cover:
    """Return classes and sites listed both ways.

    Parameters
    ----------
    elders
        ``(k,)`` heads of each class.
    row, site
        Pairs of class and site, each once.
    n_sites
        How many sites there are.
    """
    by_site = np.lexsort((row, site))
    by_class = np.lexsort((site, row))
    return Cover(
        elders,
        np.searchsorted(site[by_site], np.arange(n_sites + 1)).astype(np.int64),
        row[by_site],
        np.searchsorted(row[by_class], np.arange(len(elders) + 1)).astype(np.int64),
        site[by_class],
    )


def greedy(cover: Cover, rules: Rules, *, per_cost: bool = False) -> Ints:
    """Return sites in the order in which each adds most to those before it.

    Parameters
    ----------
    cover
        Classes and sites.
    rules
        What the choice must keep.
    per_cost
        Whether most per unit of cost.
    """
    return np.asarray(_greedy(cover, rules, int(per_cost)), dtype=np.int64)


def swapped(cover: Cover, rules: Rules, sites: Ints, *, rounds: int = 1000) -> Ints:
    """Return sites that no exchange of one for another, and no further one, makes better.

    Parameters
    ----------
    cover, rules
        As :func:`greedy`.
    sites
        To start from.
    rounds
        At most so many exchanges.
    """
    return np.asarray(_swapped(cover, rules, sites, rounds), dtype=np.int64)


def worth(cover: Cover, sites: Ints) -> float:
    """Return the elders whom some sites reach."""
    reached = np.zeros(len(cover.elders), dtype=bool)
    for site in sites:
        reached[cover.site_class[cover.site_offset[site] : cover.site_offset[site + 1]]] = True
    return float(cover.elders[reached].sum())


@njit(cache=True, nogil=True)
def _start(cover: Cover, rules: Rules) -> _State:
    n_sites = len(cover.site_offset) - 1
    gain = np.zeros(n_sites)
    for j in range(n_sites):
        for k in range(cover.site_offset[j], cover.site_offset[j + 1]):
            gain[j] += cover.elders[cover.site_class[k]]
    return _State(
        np.zeros(n_sites, np.bool_),
        np.zeros(len(cover.elders), np.int64),
        gain,
        np.zeros(len(rules.quota_most), np.int64),
    )


@njit(cache=True, nogil=True)
def _put(cover: Cover, rules: Rules, state: _State, j: int) -> None:
    """Choose a site: whom it reaches first, no other gains any more."""
    state.chosen[j] = True
    for q in range(rules.quota_offset[j], rules.quota_offset[j + 1]):
        state.used[rules.quota_of[q]] += 1
    for k in range(cover.site_offset[j], cover.site_offset[j + 1]):
        i = cover.site_class[k]
        if state.times[i] == 0:
            for s in range(cover.class_offset[i], cover.class_offset[i + 1]):
                state.gain[cover.class_site[s]] -= cover.elders[i]
        state.times[i] += 1


@njit(cache=True, nogil=True)
def _take(cover: Cover, rules: Rules, state: _State, j: int) -> None:
    """Give a site up: whom only it reached, others can gain again."""
    state.chosen[j] = False
    for q in range(rules.quota_offset[j], rules.quota_offset[j + 1]):
        state.used[rules.quota_of[q]] -= 1
    for k in range(cover.site_offset[j], cover.site_offset[j + 1]):
        i = cover.site_class[k]
        state.times[i] -= 1
        if state.times[i] == 0:
            for s in range(cover.class_offset[i], cover.class_offset[i + 1]):
                state.gain[cover.class_site[s]] += cover.elders[i]


@njit(cache=True, nogil=True)
def _allowed(rules: Rules, state: _State, j: int) -> bool:
    for q in range(rules.quota_offset[j], rules.quota_offset[j + 1]):
        quota = rules.quota_of[q]
        if state.used[quota] >= rules.quota_most[quota]:
            return False
    return True


@njit(cache=True, nogil=True)
def _best(rules: Rules, state: _State, left: float, per_cost: int) -> int:
    """Return the site that adds most and may be chosen, -1 if none adds anything."""
    best, most = _NO_SITE, 0.0
    for j in range(len(state.gain)):
        value = state.gain[j]
        if state.chosen[j] or value <= _EPSILON or rules.cost[j] > left:
            continue
        if per_cost:
            value /= max(rules.cost[j], _EPSILON)
        if value > most and _allowed(rules, state, j):
            best, most = j, value
    return best


@njit(cache=True, nogil=True)
def _greedy(cover: Cover, rules: Rules, per_cost: int) -> Ints:
    state = _start(cover, rules)
    order = np.empty(len(state.gain), np.int64)
    size, spent = 0, 0.0
    while size < rules.most:
        j = _best(rules, state, rules.budget - spent, per_cost)
        if j < 0:
            break
        _put(cover, rules, state, j)
        spent += rules.cost[j]
        order[size] = j
        size += 1
    return order[:size].copy()


@njit(cache=True, nogil=True)
def _swapped(cover: Cover, rules: Rules, sites: Ints, rounds: int) -> Ints:
    state = _start(cover, rules)
    spent = 0.0
    for j in sites:
        _put(cover, rules, state, j)
        spent += rules.cost[j]
    for _ in range(rounds):
        better = False
        if state.chosen.sum() < rules.most:
            j = _best(rules, state, rules.budget - spent, 0)
            if j >= 0:
                _put(cover, rules, state, j)
                spent += rules.cost[j]
                better = True
        for out in np.flatnonzero(state.chosen):
            # Without it, what each other site would add is known at once.
            _take(cover, rules, state, int(out))
            j = _best(rules, state, rules.budget - spent + rules.cost[out], 0)
            if j >= 0 and state.gain[j] > state.gain[out] + _EPSILON:
                _put(cover, rules, state, j)
                spent += rules.cost[j] - rules.cost[out]
                better = True
            else:
                _put(cover, rules, state, int(out))
        if not better:
            break
    return np.flatnonzero(state.chosen)

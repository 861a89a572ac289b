"""How good a covering plan could be at all: a bound by Lagrange multipliers, and what it rules out.

That a class counts only where a chosen site reaches it is taken out of the rules and priced: each
class pays its sites, and the sites that are paid most are chosen. Whatever the prices, no plan
covers more than they say (Galvão & ReVelle 1996); they are lowered by subgradient steps. A site
that would bring the bound below the best plan known is in no better one.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from care_map.planning.swaps import Cover, Rules, swapped, worth

__all__ = ["Relaxation", "relaxed"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_ROUNDS = 4000
_PATIENCE = 40
_SMALLEST_STEP = 1e-4
_POLISH_EVERY = 25
_PROGRESS = 1e-6
_EPSILON = 1e-6


@dataclass(frozen=True, slots=True)
class Relaxation:
    """What is proved, and the best plan met on the way.

    Parameters
    ----------
    bound
        Elders that no plan can exceed.
    sites
        Best plan known.
    elders
        Whom it covers.
    possible
        ``(m,)`` sites that a better plan could have.
    """

    bound: float
    sites: Ints
    elders: float
    possible: Bools


def relaxed(cover: Cover, rules: Rules, sites: Ints, *, rounds: int = _ROUNDS) -> Relaxation:
    """Bound what any plan can cover.

    Parameters
    ----------
    cover, rules
        Classes, sites, and what plans must keep.
    sites
        A plan, to measure steps by; better ones that are met replace it.
    rounds
        At most so many steps.
    """
    best, known = sites, worth(cover, sites)
    whole = bool(np.array_equal(cover.elders, np.rint(cover.elders)))
    price = _first_prices(cover)
    bound, step, idle = np.inf, 1.0, 0
    possible = np.ones(len(cover.site_offset) - 1, dtype=bool)
    for number in range(rounds):
        paid = _paid(cover, price)
        upper, taken, without = _upper(paid, rules, possible)
        value = float((cover.elders - price).sum()) + upper
        # With as many elders as heads, a better plan covers a whole one more.
        needed = known + (1.0 - _EPSILON if whole else _EPSILON)
        possible &= value - without >= needed
        idle = 0 if value < bound - _PROGRESS * abs(value) else idle + 1
        bound = min(bound, value)
        if bound < needed or step < _SMALLEST_STEP:
            break
        if idle >= _PATIENCE:
            step, idle = step / 1.6, 0
        if number % _POLISH_EVERY == 0 and len(taken):
            found = swapped(cover, rules, _within(taken, rules), rounds=50)
            reached = worth(cover, found)
            if reached > known:
                best, known = found, reached
        price = _stepped(cover, price, taken, step * max(value - known, 1.0))
    if bound < known + (1.0 - _EPSILON if whole else _EPSILON):
        bound = known
    return Relaxation(float(bound), best, known, possible)


def _first_prices(cover: Cover) -> Floats:
    """Let each class pay its heads in equal parts to the sites that reach it."""
    return cover.elders / np.maximum(np.diff(cover.class_offset), 1)


def _within(taken: Ints, rules: Rules) -> Ints:
    """Return as many of some sites, the best paid first, as a plan may have."""
    used = np.zeros(len(rules.quota_most), dtype=np.int64)
    kept: list[int] = []
    spent = 0.0
    for site in taken.tolist():
        quotas = rules.quota_of[rules.quota_offset[site] : rules.quota_offset[site + 1]]
        cost = float(rules.cost[site])
        if len(kept) >= rules.most or spent + cost > rules.budget:
            continue
        if (used[quotas] < rules.quota_most[quotas]).all():
            used[quotas] += 1
            spent += cost
            kept.append(site)
    return np.array(kept, dtype=np.int64)


def _upper(paid: Floats, rules: Rules, possible: Bools) -> tuple[float, Ints, Floats]:
    """Return the most that allowed sites are paid, which they are, and what each site's turn costs.

    The turn of a chosen one is to go, of another to come.
    """
    if np.isfinite(rules.budget):
        return _by_budget(paid, rules, possible)
    worthy = np.flatnonzero(possible & (paid > 0))
    order = worthy[np.argsort(-paid[worthy], kind="stable")]
    taken = order[: rules.most]
    loss = np.zeros(len(paid))
    if len(order) > rules.most and rules.most > 0:
        last = paid[taken[-1]]
        loss = np.maximum(last - paid, 0.0)
        loss[taken] = 0.0
    elif rules.most == 0:
        loss = np.full(len(paid), np.inf)
    return float(paid[taken].sum()), taken, loss


def _by_budget(paid: Floats, rules: Rules, possible: Bools) -> tuple[float, Ints, Floats]:
    """Fill the budget by pay per cost, the last site in part: no plan is paid more."""
    affordable = possible & (paid > 0) & (rules.cost <= rules.budget)
    worthy = np.flatnonzero(affordable)
    rate = paid[worthy] / np.maximum(rules.cost[worthy], 1e-9)
    order = worthy[np.argsort(-rate, kind="stable")]
    spent = np.cumsum(rules.cost[order])
    size = int(np.searchsorted(spent, rules.budget, side="right"))
    taken = order[:size]
    upper = float(paid[taken].sum())
    edge = 0.0
    if size < len(order):
        left = rules.budget - (float(spent[size - 1]) if size else 0.0)
        edge = float(paid[order[size]] / max(float(rules.cost[order[size]]), 1e-9))
        upper += left * edge
    count = float(np.sort(paid[worthy])[::-1][: rules.most].sum())
    loss = np.maximum(edge * rules.cost - paid, 0.0)
    loss[taken] = 0.0
    loss[~affordable] = np.inf
    if count < upper:
        return count, taken, np.where(affordable, 0.0, np.inf)
    return upper, taken, loss


@njit(cache=True, nogil=True)
def _paid(cover: Cover, price: Floats) -> Floats:
    n_sites = len(cover.site_offset) - 1
    paid = np.zeros(n_sites)
    for j in range(n_sites):
        total = 0.0
        for k in range(cover.site_offset[j], cover.site_offset[j + 1]):
            total += price[cover.site_class[k]]
        paid[j] = total
    return paid


@njit(cache=True, nogil=True)
def _stepped(cover: Cover, price: Floats, taken: Ints, length: float) -> Floats:
    """Raise prices of classes that are paid for too often, lower those of the others."""
    slope = np.zeros(len(price))
    for j in taken:
        for k in range(cover.site_offset[j], cover.site_offset[j + 1]):
            slope[cover.site_class[k]] += 1.0
    square = 0.0
    for i in range(len(price)):
        # A class without choice, or with nobody, is not priced; the rest asks for one site each.
        slope[i] -= 1.0
        at_most = price[i] >= cover.elders[i] - 1e-12
        if (slope[i] < 0.0 and at_most) or (slope[i] > 0.0 and price[i] <= 0.0):
            slope[i] = 0.0
        square += slope[i] * slope[i]
    if square == 0.0:
        return price
    pace = length / square
    following = np.empty_like(price)
    for i in range(len(price)):
        following[i] = min(max(price[i] - pace * slope[i], 0.0), cover.elders[i])
    return following

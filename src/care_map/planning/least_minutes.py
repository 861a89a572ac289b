"""How few minutes a plan could need at all: a bound by Lagrange multipliers, and what it rules out.

That each class goes to one site is taken out of the rules and priced: each class offers a price,
the sites are paid what it is above their minutes, and those that are paid most are chosen. Whatever
the prices, no plan needs less than they say (Cornuéjols, Fisher & Nemhauser 1977); they are raised
by subgradient steps. A site that would bring the bound above the best plan known is in no better
one.
"""

import time
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from care_map.planning.exchanges import exchanged, nearest_two, total_minutes
from care_map.planning.shorter_ways import Rules, Ways

__all__ = ["Bounded", "bounded"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_ROUNDS = 2000
_PATIENCE = 25
_SMALLEST_STEP = 1e-4
_POLISH_EVERY = 50
_PROGRESS = 1e-6
_EPSILON = 1e-9


@dataclass(frozen=True, slots=True)
class Bounded:
    """What is proved, and the best plan met on the way.

    Parameters
    ----------
    bound
        Minutes × elders that no plan is below.
    chosen, minutes
        ``(m,)`` best plan known, and its minutes × elders.
    possible
        ``(m,)`` sites that a better plan could have.
    """

    bound: float
    chosen: Bools
    minutes: float
    possible: Bools


def bounded(
    ways: Ways, rules: Rules, chosen: Bools, *, until: float = np.inf, rounds: int = _ROUNDS
) -> Bounded:
    """Bound what any plan needs; quotas are not looked at, so that it holds with them as well.

    Parameters
    ----------
    ways
        Classes and their choices; what stands must be in finite minutes.
    rules
        What plans must keep.
    chosen
        A plan, to measure steps by; better ones that are met replace it.
    until
        Time of the monotonic clock after which no step is made.
    rounds
        At most so many steps.
    """
    known = total_minutes(ways, chosen)
    price = _first_price(ways, chosen)
    bound, step, idle = -np.inf, 1.0, 0
    possible = np.ones(len(chosen), dtype=bool)
    for number in range(rounds):
        paid = np.where(possible, _paid(ways, price, len(chosen)), 0.0)
        taken, turn = _taken(paid, rules.number)
        value = float(price.sum() - paid[taken].sum())
        needed = known - _EPSILON * max(abs(known), 1.0)
        possible &= value + turn <= needed
        idle = 0 if value > bound + _PROGRESS * max(abs(known - bound), 1.0) else idle + 1
        bound = max(bound, value)
        if bound >= needed or step < _SMALLEST_STEP or time.monotonic() > until:
            break
        if idle >= _PATIENCE:
            step, idle = step / 1.6, 0
        if number % _POLISH_EVERY == _POLISH_EVERY - 1 and not len(rules.least):
            found = exchanged(ways, rules, taken, until=until)
            reached = total_minutes(ways, found)
            if reached < needed:
                chosen, known = found, reached
        price = _stepped(ways, price, taken, step * max(known - value, 1.0))
    return Bounded(min(bound, known), chosen, known, possible)


def _first_price(ways: Ways, chosen: Bools) -> Floats:
    """Let each class offer what its way would be without the nearest of the chosen sites."""
    _, second, _ = nearest_two(ways, chosen)
    return np.asarray(ways.heads * np.minimum(second, ways.minutes.max(initial=0.0)))


def _taken(paid: Floats, number: int) -> tuple[Bools, Floats]:
    """Return the sites that are paid most, and what each site's turn costs: of others to come."""
    taken = np.zeros(len(paid), dtype=bool)
    turn = np.zeros(len(paid))
    if number == 0:
        return taken, np.full(len(paid), np.inf)
    order = np.argsort(-paid, kind="stable")
    taken[order[:number]] = paid[order[:number]] > 0
    if number < len(paid):
        turn = np.maximum(paid[order[number - 1]] - paid, 0.0)
    return taken, turn


@njit(cache=True, nogil=True)
def _paid(ways: Ways, price: Floats, n_sites: int) -> Floats:
    paid = np.zeros(n_sites)
    for i in range(len(price)):
        for k in range(ways.offset[i], ways.offset[i + 1]):
            paid[ways.site[k]] += max(price[i] - ways.heads[i] * ways.minutes[k], 0.0)
    return paid


@njit(cache=True, nogil=True)
def _stepped(ways: Ways, price: Floats, taken: Bools, length: float) -> Floats:
    """Lower what is offered by classes that several sites would take, raise that of the others."""
    slope = np.ones(len(price))
    square = 0.0
    for i in range(len(price)):
        for k in range(ways.offset[i], ways.offset[i + 1]):
            if taken[ways.site[k]] and price[i] > ways.heads[i] * ways.minutes[k]:
                slope[i] -= 1.0
        # Nobody offers more than the way to what stands.
        if slope[i] > 0.0 and price[i] >= ways.heads[i] * ways.base[i]:
            slope[i] = 0.0
        square += slope[i] * slope[i]
    if square == 0.0:
        return price
    following = np.empty_like(price)
    for i in range(len(price)):
        raised = price[i] + length / square * slope[i]
        following[i] = min(max(raised, 0.0), ways.heads[i] * ways.base[i])
    return following

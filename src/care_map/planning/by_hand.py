"""Covering plans by hand, whatever is asked: greedy, then exchanges of one site for another.

What is lacking comes first (a rate, floors of groups, least numbers of sites), then the elders
covered. Numbers, budgets and upper quotas are kept at every step. Nothing is proved here.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["AtMost", "Task", "at_most", "by_hand"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_NONE = -1
_EPSILON = 1e-6
_TRIES = 5
"""Sites whose loss is tried to be made good, the least loss first."""
_HALF_WAY = (1e-4, 0.5)
"""What a site counts for that reaches elders who need one more besides."""


class AtMost(NamedTuple):
    """What sites may weigh together: a number of them, a budget, quotas.

    Parameters
    ----------
    rule, site, weight
        Which site weighs what by which rule; less than nothing where it makes room for others.
    most
        ``(r,)`` what each rule allows.
    """

    rule: Ints
    site: Ints
    weight: Floats
    most: Floats


def at_most(rules: Iterable[tuple[Ints, Floats, float]]) -> AtMost:
    """Return rules, given as sites, their weights, and what they may weigh together."""
    given = list(rules)
    return AtMost(
        np.repeat(np.arange(len(given)), [len(sites) for sites, _, _ in given]),
        np.concatenate([np.empty(0, np.int64), *(sites for sites, _, _ in given)]),
        np.concatenate([np.empty(0), *(weight for _, weight, _ in given)]),
        np.array([most for _, _, most in given], dtype=float),
    )


_NO_RULE = at_most([])


@dataclass(frozen=True, slots=True)
class Task:
    """A covering question in numbers.

    Parameters
    ----------
    elders
        ``(k,)`` heads of each class.
    row, site
        Pairs of class and site.
    existing
        ``(m,)`` which sites stand anyway.
    times
        By how many sites a class must be reached.
    group, floors
        ``(k,)`` number of the group of each class; elders who must be covered in each group.
    needed
        Elders who must be covered at all.
    capacity
        ``(m,)`` elders whom each site can serve; None where nobody counts.
    most, least
        Upper rules, and sites of which at least so many must be chosen.
    price
        ``(m,)`` what is to be least; None where as many as possible are to be covered.
    """

    elders: Floats
    row: Ints
    site: Ints
    existing: Bools
    times: int = 1
    group: Ints | None = None
    floors: Floats | None = None
    needed: float = 0.0
    capacity: Floats | None = None
    most: AtMost = _NO_RULE
    least: tuple[tuple[Ints, int], ...] = ()
    price: Floats | None = None


class _State(NamedTuple):
    """Elders of each class who are not covered, who would be by one site more, what is lacking."""

    left: Floats
    ready: Bools
    short: Floats
    missing: Ints


def by_hand(task: Task, *, time_limit_s: float | None = None) -> Bools | None:
    """Return which sites to open, None where no plan was found that has all that is needed.

    Parameters
    ----------
    task
        What is asked.
    time_limit_s
        Seconds after which exchanges stop.
    """
    until = np.inf if time_limit_s is None else time.monotonic() + time_limit_s
    plans = []
    for half_way in _HALF_WAY[: min(task.times, 2)]:
        chosen = _exchanged(task, _greedy(task, half_way), until)
        if _lacking(_state(task, chosen)) <= _EPSILON:
            plans.append(_cheaper(task, chosen, until))
    return max(plans, key=lambda one: _worth(task, one), default=None)


def _worth(task: Task, chosen: Bools) -> float:
    if task.price is not None:
        return -float(task.price[chosen & ~task.existing].sum())
    return -float(_state(task, chosen).left.sum())


def _state(task: Task, chosen: Bools) -> _State:
    if task.capacity is None:
        count = np.bincount(task.row[chosen[task.site]], minlength=len(task.elders))
        left = np.where(count >= task.times, 0.0, task.elders)
        ready = count == task.times - 1
    else:
        left = _unserved(task, chosen, task.capacity)
        ready = np.ones(len(left), dtype=bool)
    covered = task.elders - left
    short = np.array([task.needed - covered.sum()])
    if task.group is not None and task.floors is not None:
        got = np.bincount(task.group, weights=covered, minlength=len(task.floors))
        short = np.append(task.floors - got, short)
    missing = [max(number - int(chosen[sites].sum()), 0) for sites, number in task.least]
    return _State(left, ready, np.maximum(short, 0.0), np.array(missing, dtype=np.int64))


def _unserved(task: Task, chosen: Bools, capacity: Floats) -> Floats:
    """Let one site after the other take in whom it can, those with the fewest choices first."""
    left = task.elders.copy()
    used = np.flatnonzero(chosen[task.site])
    choices = np.bincount(task.row[used], minlength=len(left))
    row, site = task.row[used], task.site[used]
    order = np.lexsort((choices[row], site))
    row = row[order]
    ends = np.flatnonzero(np.diff(site[order], append=-1)) + 1
    start = 0
    for end in ends.tolist():
        mine = row[start:end]
        before = np.cumsum(left[mine]) - left[mine]
        room = capacity[site[order[start]]] - before
        left[mine] -= np.clip(room, 0.0, left[mine])
        start = end
    return left


def _lacking(state: _State) -> float:
    return float(state.short.sum()) + float(state.missing.sum())


def _score(task: Task, state: _State, half_way: float) -> float:
    """Return how good a state is: first by what is lacking, then by whom it covers."""
    heavy = float(task.elders.sum()) + 1.0
    score = -heavy * (float(state.short.sum()) + heavy * float(state.missing.sum()))
    if task.price is None:
        score -= float(state.left.sum())
    return score - half_way * float(state.left[~state.ready].sum())


def _gains(task: Task, state: _State, half_way: float) -> Floats:
    """Return by how much each site would raise the score."""
    m, heavy = len(task.existing), float(task.elders.sum()) + 1.0
    capacity = np.inf if task.capacity is None else task.capacity
    adds = np.where(state.ready, state.left, 0.0)
    wide = 1 if task.group is None or task.floors is None else len(task.floors)
    group = 0 if task.group is None else task.group[task.row]
    by = np.bincount(group * m + task.site, weights=adds[task.row], minlength=wide * m)
    by_group = np.minimum(by.reshape(wide, m), capacity)
    whole = np.minimum(by_group.sum(axis=0), capacity)
    gain: Floats = heavy * np.minimum(whole, state.short[-1])
    if len(state.short) > 1:
        gain += heavy * np.minimum(by_group, state.short[:-1, None]).sum(axis=0)
    for (sites, _), missing in zip(task.least, state.missing.tolist(), strict=True):
        gain[sites] += heavy * heavy * (missing > 0)
    if task.price is None:
        gain += whole
    if task.times > 1:
        later = np.where(state.ready, 0.0, state.left)
        gain += half_way * np.bincount(task.site, weights=later[task.row], minlength=m)
    return gain


def _allowed(task: Task, chosen: Bools) -> Bools:
    """Tell which sites could be added so that every rule is kept."""
    rule, site, weight, most = task.most
    used = np.bincount(rule, weights=weight * chosen[site], minlength=len(most))
    room = most - used + _EPSILON
    fits = weight <= room[rule]
    broken = room < 0
    mends = np.bincount(site[fits & broken[rule]], minlength=len(chosen))
    allowed: Bools = ~chosen & (mends == np.count_nonzero(broken))
    allowed[site[~fits]] = False
    return allowed


def _best(task: Task, chosen: Bools, half_way: float) -> int:
    """Return the site that adds most, for its price where there is one; -1 if none adds any."""
    gain = np.where(_allowed(task, chosen), _gains(task, _state(task, chosen), half_way), 0.0)
    if task.price is not None:
        gain = gain / np.maximum(task.price, _EPSILON)
    best = int(np.argmax(gain)) if len(gain) else _NONE
    return best if best >= 0 and gain[best] > _EPSILON else _NONE


def _greedy(task: Task, half_way: float) -> Bools:
    chosen = task.existing.copy()
    while task.price is None or _lacking(_state(task, chosen)) > _EPSILON:
        best = _best(task, chosen, half_way)
        if best == _NONE:
            break
        chosen[best] = True
    return chosen


def _exchanged(task: Task, chosen: Bools, until: float) -> Bools:
    """Exchange one site for another, and add some, as long as that is better and there is time."""
    half_way = _HALF_WAY[0]
    state = _state(task, chosen)
    score = _score(task, state, half_way)
    better = True
    while better:
        better = False
        for out in (_NONE, *np.flatnonzero(chosen & ~task.existing).tolist()):
            enough = task.price is not None and _lacking(state) <= _EPSILON
            if enough or time.monotonic() > until:
                return chosen
            tried = chosen.copy()
            tried[[out] if out >= 0 else []] = False
            best = _best(task, tried, half_way)
            if best == _NONE:
                continue
            tried[best] = True
            after = _state(task, tried)
            reached = _score(task, after, half_way)
            if reached > score + _EPSILON:
                chosen, state, score, better = tried, after, reached, True
    return chosen


def _cheaper(task: Task, chosen: Bools, until: float) -> Bools:
    """Give sites up, one after the other, where exchanges make good what is lost."""
    if task.price is None:
        return chosen
    price = np.where(task.existing, 0.0, task.price)
    whole = bool(np.array_equal(price, np.rint(price)))
    better: Bools | None = chosen
    while better is not None:
        chosen = better
        less = float(price[chosen].sum()) - (1.0 if whole else 10 * _EPSILON)
        rule, site, weight, most = task.most
        rules = AtMost(
            np.append(rule, np.full(len(price), len(most))),
            np.append(site, np.arange(len(price))),
            np.append(weight, price),
            np.append(most, less),
        )
        better = next(_without_one(replace(task, most=rules), chosen, price, until), None)
    return chosen


def _without_one(task: Task, chosen: Bools, price: Floats, until: float) -> Iterator[Bools]:
    """Yield plans that lack nothing without one of the sites, the least loss first."""
    starts: list[tuple[float, Bools]] = []
    for out in np.flatnonzero(chosen & (price > 0)).tolist():
        start = chosen.copy()
        start[out] = False
        starts.append((_lacking(_state(task, start)), start))
    for _, start in sorted(starts, key=lambda one: one[0])[:_TRIES]:
        found = _exchanged(task, start, until)
        if _lacking(_state(task, found)) <= _EPSILON:
            yield found

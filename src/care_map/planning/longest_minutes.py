"""Least longest minutes: halving the list of different minutes, at each a question of covering.

Elders without a site in common show how many sites are needed at least; greedy and exchanges
find so few; between the two HiGHS decides, or its linear relaxation where it is not asked.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.planning.by_hand import Task, at_most, by_hand
from care_map.planning.choices import Choices, Merged, merged
from care_map.planning.options import Options
from care_map.planning.plan import PlanStatus, Worth
from care_map.planning.program import Program, relative_gap
from care_map.planning.shorter_ways import Rules, nearer_pairs, rules_of

__all__ = ["solve_longest"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class _Near(NamedTuple):
    """Minutes of each elder to what stands, and pairs with new sites that are nearer."""

    base: Floats
    row: Ints
    site: Ints
    minutes: Floats


def solve_longest(choices: Choices, options: Options, *, n_sites: int) -> tuple[Bools, Worth]:
    """Choose the new sites with which the longest way is shortest.

    Parameters
    ----------
    choices
        Demand and sites.
    options
        Limits and method; `time_limit_s` is for each question to the solver.
    n_sites
        At most so many new sites.

    Returns
    -------
    ``(m,)`` which candidates are chosen, and the longest minutes.
    """
    rules = rules_of(choices, options.limits, n_sites)
    near = _near(choices)
    radii = _radii(near)
    best: Bools | None = None
    longest, proved, low, high = np.nan, -1, 0, len(radii) - 1
    while low <= high:
        middle = (low + high) // 2
        chosen, impossible = _within(near, rules, float(radii[middle]), options)
        if chosen is not None:
            best, longest = chosen, _longest(near, chosen)
            high = int(np.searchsorted(radii, longest)) - 1
        else:
            # What the solver owes an answer for may be possible: only a proof lifts the bound.
            proved = middle if impossible else proved
            low = middle + 1
    bound = float(radii[proved + 1]) if proved + 1 < len(radii) else np.nan
    status: PlanStatus = "optimal" if bound == longest else "feasible"
    if best is None:
        if proved + 1 < len(radii) and options.method == "greedy":
            return solve_longest(choices, replace(options, method="exact"), n_sites=n_sites)
        status = "infeasible" if proved + 1 >= len(radii) else "no_solution"
        best = np.zeros(len(choices.candidates), dtype=bool)
    elif options.method == "greedy":
        status = "greedy"
    return best, Worth(status, longest, bound, relative_gap(longest, bound))


def _near(choices: Choices) -> _Near:
    wanted = np.flatnonzero(choices.elders > 0)
    position = np.full(len(choices.elders), -1, dtype=np.int64)
    position[wanted] = np.arange(len(wanted))
    base, demand, site, minutes = nearer_pairs(choices)
    return _Near(base[wanted], position[demand], site, minutes)


def _radii(near: _Near) -> Floats:
    """Return the different minutes that the longest way could be; none where one has no end."""
    least = near.base.copy()
    np.minimum.at(least, near.row, near.minutes)
    if not len(least) or not np.isfinite(least).all():
        return np.zeros(0)
    every = np.concatenate([near.base[np.isfinite(near.base)], near.minutes])
    return np.unique(every[(every >= least.max()) & (every <= near.base.max())])


def _longest(near: _Near, chosen: Bools) -> float:
    minutes = near.base.copy()
    there = chosen[near.site]
    np.minimum.at(minutes, near.row[there], near.minutes[there])
    return float(minutes.max())


def _within(
    near: _Near, rules: Rules, radius: float, options: Options
) -> tuple[Bools | None, bool]:
    """Return sites that bring everybody within a radius, if any were found; whether none can."""
    classes = _far_off(near, radius, rules.member.shape[1])
    if _at_least(classes, rules.number + 1) > rules.number:
        return None, True
    limit = options.time_limit_s
    first = options.method != "exact"
    by_parts = options.method == "greedy"
    chosen = by_hand(_task(classes, rules), time_limit_s=limit) if first else None
    if chosen is None:
        program = Program()
        open_site = program.add(rules.member.shape[1], most=1.0, whole=True)
        rules.within(program, open_site)
        each = len(classes.elders)
        program.rows(classes.row, open_site[classes.site], 1.0, number=each, least=1.0)
        found = program.solve(time_limit_s=limit, parts=by_parts)
        if found.status == "infeasible":
            return None, True
        if found.status in {"optimal", "feasible"} and not by_parts:
            chosen = np.rint(found.variables[open_site]) > 0
        elif not first:
            chosen = by_hand(_task(classes, rules), time_limit_s=limit)
    return chosen, False


def _far_off(near: _Near, radius: float, n_sites: int) -> Merged:
    """Return who is farther than a radius from what stands, by the sites within it."""
    far = np.flatnonzero(near.base > radius)
    position = np.full(len(near.base), -1, dtype=np.int64)
    position[far] = np.arange(len(far))
    used = np.flatnonzero((near.minutes <= radius) & (position[near.row] >= 0))
    return merged(
        Choices(
            demand_id=pd.RangeIndex(len(far)),
            elders=np.ones(len(far)),
            sites=pd.RangeIndex(n_sites),
            existing=np.zeros(n_sites, dtype=bool),
            demand=position[near.row[used]],
            site=near.site[used],
            minutes=near.minutes[used],
        )
    )


def _at_least(classes: Merged, most: int) -> int:
    """Return a number of classes, or `most`, without a site in common: each needs its own."""
    number, row, site = 0, classes.row, classes.site
    n_sites = int(site.max(initial=-1)) + 1
    while len(row) and number < most:
        count = np.bincount(row)
        fewest = int(np.argmin(np.where(count > 0, count, np.inf)))
        taken = np.zeros(n_sites, dtype=bool)
        taken[site[row == fewest]] = True
        lost = np.zeros(len(count), dtype=bool)
        lost[row[taken[site]]] = True
        row, site = row[~lost[row]], site[~lost[row]]
        number += 1
    return number


def _task(classes: Merged, rules: Rules) -> Task:
    sites = np.arange(rules.member.shape[1])
    quotas = [np.flatnonzero(of) for of in rules.member]
    upper = [
        (of, np.ones(len(of)), float(most))
        for of, most in zip(quotas, rules.most, strict=True)
        if np.isfinite(most)
    ]
    return Task(
        elders=np.ones(len(classes.elders)),
        row=classes.row,
        site=classes.site,
        existing=np.zeros(len(sites), dtype=bool),
        needed=float(len(classes.elders)),
        most=at_most([(sites, np.ones(len(sites)), float(rules.number)), *upper]),
        least=tuple(
            (of, int(least)) for of, least in zip(quotas, rules.least, strict=True) if least > 0
        ),
    )

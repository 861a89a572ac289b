"""Several years under yearly numbers or budgets: what to build when (MCLP by year), exact."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Unpack

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.planning.by_hand import Task, at_most
from care_map.planning.choices import Choices, choices_of
from care_map.planning.covering import plan_of
from care_map.planning.covering_program import Asked, asked_of, covering_task, within_limits
from care_map.planning.options import Options, SitingOptions
from care_map.planning.plan import Plan
from care_map.planning.program import Program
from care_map.planning.solving import solved

__all__ = ["YearPlan", "mclp_by_year", "most_elders_by_year"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class YearPlan:
    """What to build in which year.

    Parameters
    ----------
    plan
        All sites together; `objective` sums the elders covered at the end of each year.
    year_of
        Number of the year, from 0, by new site.
    covered
        Elders covered at the end of each year.
    """

    plan: Plan
    year_of: dict[object, int]
    covered: tuple[float, ...]


def mclp_by_year(
    pairs: pd.DataFrame,
    demand: pd.Series,
    *,
    cutoff_minutes: float,
    n_sites: Sequence[int] | None = None,
    budgets: Sequence[float] | None = None,
    **options: Unpack[SitingOptions],
) -> YearPlan:
    """Return what to build in each year so that most elders are covered for most years.

    Parameters
    ----------
    pairs, demand, cutoff_minutes
        As :func:`care_map.mclp`.
    n_sites
        At most so many new sites in each year.
    budgets
        At most so much in each year; what is left is not carried over.
    **options
        `candidates`, `existing`, `costs`, `limits`, `method`, `time_limit_s` and `gap` of
        :class:`care_map.planning.options.Options`.

    Raises
    ------
    ValueError
        A number makes no sense, an id is unknown, or the years differ in number.

    Examples
    --------
    >>> pairs = pd.DataFrame({"demand_id": [1, 2], "facility_id": ["f", "g"], "minutes": [5.0, 5]})
    >>> found = mclp_by_year(pairs, pd.Series({1: 4, 2: 9}), cutoff_minutes=15, n_sites=[1, 1])
    >>> found.year_of, found.covered
    ({'g': 0, 'f': 1}, (9.0, 13.0))
    """
    asked = Options(**options)
    choices = choices_of(
        pairs,
        demand,
        cutoff_minutes=cutoff_minutes,
        candidates=asked.candidates,
        existing=asked.existing,
    )
    return most_elders_by_year(choices, asked, n_sites=n_sites, budgets=budgets)


def most_elders_by_year(
    choices: Choices,
    options: Options,
    *,
    n_sites: Sequence[int] | None = None,
    budgets: Sequence[float] | None = None,
) -> YearPlan:
    """Return the plan of :func:`mclp_by_year` for choices that are in numbers already."""
    years = _years(n_sites, budgets)
    asked = asked_of(choices, options)
    program = Program()
    new, m = choices.candidates, len(choices.sites)
    whole = program.add(m, least=choices.existing.astype(float), most=1.0, whole=True)
    built = [program.add(len(new), most=1.0, whole=True) for _ in range(years)]
    # What is chosen at all is built in one of the years.
    program.rows(
        np.tile(np.arange(len(new)), years + 1),
        np.concatenate([*built, whole[new]]),
        np.repeat([1.0, -1.0], [years * len(new), len(new)]),
        number=len(new),
        least=0.0,
        most=0.0,
    )
    within_limits(program, choices, whole, asked.limits)
    for year in range(years):
        if n_sites is not None:
            program.limit(built[year], 1.0, most=float(n_sites[year]))
        if budgets is not None:
            program.limit(built[year], asked.cost[new], most=float(budgets[year]))
        _covered_by(program, asked, built[: year + 1], whole)
    task = _task(asked, years, n_sites, budgets)
    copies = [new + len(choices.sites) * year for year in range(years)]
    both = (np.concatenate(built), np.concatenate(copies))
    values, worth = solved(program, task, options, sites=both)
    plan = plan_of("mclp", asked, np.rint(values[whole]) > 0, worth.turned())
    ids = choices.sites.to_numpy(dtype=object)
    year_of = {
        ids[new[at]]: year
        for year in range(years)
        for at in np.flatnonzero(np.rint(values[built[year]]) > 0).tolist()
    }
    return YearPlan(plan, year_of, _covered(choices, year_of, years))


def _task(
    asked: Asked,
    years: int,
    n_sites: Sequence[int] | None,
    budgets: Sequence[float] | None,
) -> Task:
    """Return years as one question: a site of each year, a class at the end of each year."""
    once = covering_task(asked)
    k, m, new = len(once.elders), len(once.existing), asked.choices.candidates
    when = [(built, end) for built in range(years) for end in range(built, years)]
    copies = np.arange(m)[:, None] + m * np.arange(years)
    ones = np.ones(years)
    rules = [(of_one, ones, 1.0) for of_one in copies]
    for number, most in enumerate(once.most.most.tolist()):
        mine = once.most.rule == number
        weight = np.repeat(once.most.weight[mine], years)
        rules.append((copies[once.most.site[mine]].ravel(), weight, most))
    for year in range(years):
        mine = copies[new, year]
        if n_sites is not None:
            rules.append((mine, np.ones(len(new)), float(n_sites[year])))
        if budgets is not None:
            rules.append((mine, asked.cost[new], float(budgets[year])))
    return Task(
        elders=np.tile(once.elders, years),
        row=np.concatenate([once.row + k * end for _, end in when]),
        site=np.concatenate([once.site + m * built for built, _ in when]),
        existing=np.append(once.existing, np.zeros(m * (years - 1), dtype=bool)),
        most=at_most(rules),
        least=tuple((copies[sites].ravel(), least) for sites, least in once.least),
    )


def _years(n_sites: Sequence[int] | None, budgets: Sequence[float] | None) -> int:
    counts = {len(one) for one in (n_sites, budgets) if one is not None}
    numbers = [float(one) for several in (n_sites, budgets) for one in several or ()]
    if len(counts) != 1 or 0 in counts or not all(number >= 0 for number in numbers):
        msg = "years need as many numbers of sites, or budgets, and none of them negative"
        raise ValueError(msg)
    return counts.pop()


def _covered_by(program: Program, asked: Asked, built: Sequence[Ints], whole: Ints) -> None:
    """Add who is covered at the end of a year, and price them."""
    choices, classes = asked.choices, asked.classes
    k = len(classes.elders)
    covered = program.add(k, most=1.0)
    number = np.full(len(choices.sites), -1, dtype=np.int64)
    number[choices.candidates] = np.arange(len(choices.candidates))
    new = np.flatnonzero(number[classes.site] >= 0)
    old = np.flatnonzero(number[classes.site] < 0)
    row = [classes.row[new]] * len(built) + [classes.row[old], np.arange(k)]
    variable = [one[number[classes.site[new]]] for one in built]
    variable += [whole[classes.site[old]], covered]
    ones = np.ones(len(built) * len(new) + len(old))
    program.rows(
        np.concatenate(row),
        np.concatenate(variable),
        np.concatenate([ones, np.full(k, -1.0)]),
        number=k,
        least=0.0,
    )
    program.price(covered, -classes.elders)


def _covered(choices: Choices, year_of: dict[object, int], years: int) -> tuple[float, ...]:
    year = np.full(len(choices.sites), years, dtype=np.int64)
    year[choices.existing] = -1
    for site, number in year_of.items():
        year[choices.site_rows([site])] = number
    first = np.full(len(choices.elders), years, dtype=np.int64)
    np.minimum.at(first, choices.demand, year[choices.site])
    return tuple(float(choices.elders[first <= number].sum()) for number in range(years))

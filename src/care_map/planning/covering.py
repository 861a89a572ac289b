"""Location set covering (LSCP) and maximal covering (MCLP), exact through HiGHS.

LSCP: the fewest (or cheapest) sites that reach a rate of the elders (Toregas et al. 1971). MCLP:
the most elders for a number of sites or a budget (Church & ReVelle 1974). Both with quotas, a
floor of each group, backup coverage, capacities, centres that run stations, and sites that stand
anyway.
"""

from dataclasses import replace
from typing import Literal, Unpack

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.planning.by_hand import Task
from care_map.planning.choices import Choices, choices_of, nearest_sites, site_names
from care_map.planning.covering_program import (
    Asked,
    asked_of,
    covering_program,
    covering_task,
    needed_elders,
)
from care_map.planning.large import is_plain, solve_large
from care_map.planning.options import Costs, Options, SitingOptions
from care_map.planning.plan import Plan, Worth
from care_map.planning.program import Program
from care_map.planning.served import served_elders
from care_map.planning.shortfalls import conflicting_limits, out_of_reach
from care_map.planning.solving import solved

__all__ = ["fewest_sites", "lscp", "mclp", "most_elders", "plan_of"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def lscp(
    pairs: pd.DataFrame,
    demand: pd.Series,
    *,
    cutoff_minutes: float,
    rate: float = 1.0,
    **options: Unpack[SitingOptions],
) -> Plan:
    """Return the fewest new sites, or the cheapest, that bring a rate of elders within reach.

    Parameters
    ----------
    pairs
        ``demand_id``, ``facility_id``, ``minutes``, each pair once.
    demand
        Elders by demand id.
    cutoff_minutes
        Minutes of the circle, themselves inside.
    rate
        Share of all elders that must be covered.
    **options
        As :class:`care_map.planning.options.Options`; with `costs` their sum is minimised instead
        of the number.

    Returns
    -------
    Plan
        `objective` counts new sites, or is their cost; where there is none, the reasons.

    Raises
    ------
    ValueError
        A number makes no sense, or an id is unknown.

    Examples
    --------
    >>> pairs = pd.DataFrame({"demand_id": [1, 2, 2], "facility_id": ["f", "f", "g"]})
    >>> lscp(pairs.assign(minutes=5.0), pd.Series({1: 4, 2: 3}), cutoff_minutes=15).sites
    ('f',)
    """
    asked_for = Options(**options)
    return fewest_sites(_choices(pairs, demand, cutoff_minutes, asked_for), asked_for, rate=rate)


def mclp(
    pairs: pd.DataFrame,
    demand: pd.Series,
    *,
    cutoff_minutes: float,
    n_sites: int | None = None,
    budget: float | None = None,
    **options: Unpack[SitingOptions],
) -> Plan:
    """Return the new sites that bring most elders within reach.

    Parameters
    ----------
    pairs, demand, cutoff_minutes
        As :func:`lscp`.
    n_sites
        At most so many new sites.
    budget
        At most so much for new sites, by their `costs`.
    **options
        As :class:`care_map.planning.options.Options`; with a budget each candidate must have a
        cost.

    Returns
    -------
    Plan
        `objective` counts the elders covered, those of existing sites included.

    Raises
    ------
    ValueError
        A number makes no sense, an id is unknown, or a budget comes without costs.

    Examples
    --------
    >>> pairs = pd.DataFrame({"demand_id": [1, 2, 2], "facility_id": ["f", "f", "g"]})
    >>> elders = pd.Series({1: 4, 2: 3})
    >>> plan = mclp(pairs.assign(minutes=5.0), elders, cutoff_minutes=15, n_sites=1)
    >>> plan.sites, plan.objective, plan.status
    (('f',), 7.0, 'optimal')
    """
    asked_for = Options(**options)
    choices = _choices(pairs, demand, cutoff_minutes, asked_for)
    return most_elders(choices, asked_for, n_sites=n_sites, budget=budget)


def fewest_sites(choices: Choices, options: Options, *, rate: float = 1.0) -> Plan:
    """Return the plan of :func:`lscp` for choices that are in numbers already."""
    _check(rate=rate, times=options.times)
    asked = asked_of(choices, options)
    program, open_site, covered = covering_program(asked)
    needed = needed_elders(rate, float(choices.elders.sum()))
    program.limit(covered, asked.classes.elders, least=needed)
    price = asked.cost if options.costs is not None else np.ones(len(choices.sites))
    price = np.where(choices.existing, 0.0, price)
    program.price(open_site, price)
    task = replace(covering_task(asked), needed=needed, price=price)
    chosen, worth = _opened(program, open_site, task, options)
    return plan_of("lscp", asked, chosen, worth)


def most_elders(
    choices: Choices,
    options: Options,
    *,
    n_sites: int | None = None,
    budget: float | None = None,
) -> Plan:
    """Return the plan of :func:`mclp` for choices that are in numbers already."""
    _check(n_sites=n_sites, budget=budget, times=options.times)
    if budget is not None:
        _each_has_a_cost(choices, options.costs)
    asked = asked_of(choices, options)
    if is_plain(asked, options):
        chosen, worth = solve_large(asked, options, n_sites=n_sites, budget=budget)
        return plan_of("mclp", asked, chosen, worth)
    program, open_site, covered = covering_program(asked)
    new = choices.candidates
    if n_sites is not None:
        program.limit(open_site[new], 1.0, most=n_sites)
    if budget is not None:
        program.limit(open_site[new], asked.cost[new], most=budget)
    program.price(covered, -asked.classes.elders)
    task = covering_task(asked, n_sites=n_sites, budget=budget)
    chosen, worth = _opened(program, open_site, task, options)
    return plan_of("mclp", asked, chosen, worth.turned())


def _opened(program: Program, open_site: Ints, task: Task, options: Options) -> tuple[Bools, Worth]:
    values, worth = solved(program, task, options, sites=(open_site, np.arange(len(open_site))))
    return np.rint(values[open_site]) > 0, worth


def _choices(
    pairs: pd.DataFrame, demand: pd.Series, cutoff_minutes: float, options: Options
) -> Choices:
    return choices_of(
        pairs,
        demand,
        cutoff_minutes=cutoff_minutes,
        candidates=options.candidates,
        existing=options.existing,
    )


def _check(
    *,
    rate: float = 1.0,
    times: int = 1,
    n_sites: int | None = None,
    budget: float | None = None,
) -> None:
    problems = []
    if not 0.0 <= rate <= 1.0:
        problems.append(f"rate must be a share from 0 to 1, not {rate!r}")
    if times < 1:
        problems.append(f"times must be at least 1, not {times!r}")
    if n_sites is not None and n_sites < 0:
        problems.append(f"n_sites must not be negative, not {n_sites!r}")
    if budget is not None and not budget >= 0:
        problems.append(f"budget must not be negative, not {budget!r}")
    if problems:
        raise ValueError("; ".join(problems))


def _each_has_a_cost(choices: Choices, costs: Costs | None) -> None:
    known = set() if costs is None else set(costs.keys())
    without = [site for site in choices.sites[~choices.existing] if site not in known]
    if without:
        msg = f"a budget needs the cost of every candidate; none is given for {without[:5]}"
        raise ValueError(msg)


def plan_of(model: Literal["lscp", "mclp"], asked: Asked, opened: Bools, worth: Worth) -> Plan:
    """Return a plan of opened sites (``(m,)``), its coverage counted anew from the pairs."""
    choices = asked.choices
    chosen = opened & ~choices.existing
    minutes, site = nearest_sites(choices, chosen | choices.existing, times=asked.times)
    covered = np.where(np.isfinite(minutes), choices.elders, 0.0)
    if asked.capacity is not None:
        covered, site = served_elders(choices, chosen | choices.existing, asked.capacity)
    ids = choices.sites.to_numpy(dtype=object)
    reasons = list(out_of_reach(choices, times=asked.times))
    if worth.status == "infeasible":
        reasons += conflicting_limits(choices, asked.limits)
    return Plan(
        model=model,
        status=worth.status,
        sites=tuple(ids[chosen]),
        existing=tuple(ids[choices.existing]),
        objective=worth.objective,
        bound=worth.bound,
        gap=worth.gap,
        covered=pd.Series(covered, choices.demand_id, name="elders"),
        assigned=site_names(choices, site),
        cost=float(asked.cost[chosen].sum()),
        reasons=tuple(reasons),
    )

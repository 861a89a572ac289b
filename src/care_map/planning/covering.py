"""Location set covering (LSCP) and maximal covering (MCLP), exact through HiGHS.

LSCP: the fewest (or cheapest) sites that reach a rate of the elders (Toregas et al. 1971). MCLP:
the most elders for a number of sites or a budget (Church & ReVelle 1974). Both with quotas, a
floor of each group, backup coverage, and sites that stand anyway.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, Unpack

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.planning.choices import (
    Choices,
    Merged,
    by_site,
    choices_of,
    merged,
    nearest_sites,
    site_names,
)
from care_map.planning.options import Costs, Options, SitingOptions
from care_map.planning.plan import Limit, Plan
from care_map.planning.program import Program, Solution
from care_map.planning.shortfalls import conflicting_limits, out_of_reach

__all__ = ["lscp", "mclp"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What both models are asked besides their objective."""

    choices: Choices
    classes: Merged
    cost: Floats
    limits: tuple[Limit, ...]
    floors: tuple[tuple[int, float], ...]
    times: int


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
    _check(rate=rate, times=asked_for.times)
    asked = _asked(pairs, demand, cutoff_minutes, asked_for)
    choices = asked.choices
    program, open_site, covered = _program(asked)
    program.limit(covered, asked.classes.elders, least=_needed(rate, choices.elders.sum()))
    price = asked.cost if asked_for.costs is not None else np.ones(len(choices.sites))
    program.price(open_site, np.where(choices.existing, 0.0, price))
    found = program.solve(time_limit_s=asked_for.time_limit_s, gap=asked_for.gap)
    return _plan("lscp", asked, found, open_site)


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
    _check(n_sites=n_sites, budget=budget, times=asked_for.times)
    asked = _asked(pairs, demand, cutoff_minutes, asked_for)
    choices = asked.choices
    program, open_site, covered = _program(asked)
    new = choices.candidates
    if n_sites is not None:
        program.limit(open_site[new], 1.0, most=n_sites)
    if budget is not None:
        _each_has_a_cost(choices, asked_for.costs)
        program.limit(open_site[new], asked.cost[new], most=budget)
    program.price(covered, -asked.classes.elders)
    found = program.solve(time_limit_s=asked_for.time_limit_s, gap=asked_for.gap)
    return _plan("mclp", asked, found, open_site)


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


def _asked(
    pairs: pd.DataFrame, demand: pd.Series, cutoff_minutes: float, options: Options
) -> _Asked:
    choices = choices_of(
        pairs,
        demand,
        cutoff_minutes=cutoff_minutes,
        candidates=options.candidates,
        existing=options.existing,
    )
    names, group = pd.Index([]), None
    if options.groups is not None:
        number, names = pd.factorize(options.groups.reindex(choices.demand_id), sort=True)
        group = number.astype(np.int64)
    return _Asked(
        choices=choices,
        classes=merged(choices, group=group),
        cost=by_site(choices, options.costs),
        limits=tuple(options.limits),
        floors=tuple(_floors(choices, group, names, options.floor)),
        times=options.times,
    )


def _floors(
    choices: Choices,
    group: Ints | None,
    names: pd.Index,
    floor: float | Mapping[object, float],
) -> Iterator[tuple[int, float]]:
    """Yield each group that has a floor, and the elders of it that must be covered."""
    share = dict(floor) if isinstance(floor, Mapping) else dict.fromkeys(names, floor)
    wrong = [name for name, least in share.items() if not (name in names and 0 <= least <= 1)]
    if wrong or (group is None and floor):
        msg = f"a floor needs groups, and shares from 0 to 1: {wrong[:5] or floor}"
        raise ValueError(msg)
    for number, name in enumerate(names):
        elders = float(choices.elders[group == number].sum())
        if share.get(name, 0.0) > 0:
            yield number, _needed(share[name], elders)


def _program(asked: _Asked) -> tuple[Program, Ints, Ints]:
    """Return the programme with its sites (whole) and its classes (share of each covered)."""
    choices, classes = asked.choices, asked.classes
    program = Program()
    open_site = program.add(
        len(choices.sites), least=choices.existing.astype(float), most=1.0, whole=True
    )
    # One site suffices: the share is then whole of itself. Backup needs it to be said.
    covered = program.add(len(classes.elders), most=1.0, whole=asked.times > 1)
    k = len(classes.elders)
    program.rows(
        np.concatenate([classes.row, np.arange(k)]),
        np.concatenate([open_site[classes.site], covered]),
        np.concatenate([np.ones(len(classes.row)), np.full(k, -float(asked.times))]),
        number=k,
        least=0.0,
    )
    for limit in asked.limits:
        most = np.inf if limit.most is None else float(limit.most)
        here = open_site[choices.site_rows(limit.sites)]
        program.limit(here, 1.0, least=float(limit.least), most=most)
    for group, needed in asked.floors:
        mine = np.flatnonzero(classes.group == group)
        program.limit(covered[mine], classes.elders[mine], least=needed)
    return program, open_site, covered


def _needed(rate: float, elders: float) -> float:
    """Return the elders that a rate asks for; whole numbers of elders make it a whole number."""
    needed = rate * elders
    whole = float(np.ceil(needed - 1e-9 * max(1.0, elders)))
    return whole if elders == np.rint(elders) else needed


def _plan(
    model: Literal["lscp", "mclp"],
    asked: _Asked,
    found: Solution,
    open_site: Ints,
) -> Plan:
    choices = asked.choices
    chosen = (np.rint(found.variables[open_site]) > 0) & ~choices.existing
    minutes, site = nearest_sites(choices, chosen | choices.existing, times=asked.times)
    inside = np.isfinite(minutes)
    ids = choices.sites.to_numpy(dtype=object)
    covered = np.where(inside, choices.elders, 0.0)
    reasons = list(out_of_reach(choices, times=asked.times))
    if found.status == "infeasible":
        reasons += conflicting_limits(choices, asked.limits)
    sign = -1.0 if model == "mclp" else 1.0
    return Plan(
        model=model,
        status=found.status,
        sites=tuple(ids[chosen]),
        existing=tuple(ids[choices.existing]),
        objective=sign * found.objective,
        bound=sign * found.bound,
        gap=found.gap,
        covered=pd.Series(covered, choices.demand_id, name="elders"),
        assigned=site_names(choices, site),
        cost=float(asked.cost[chosen].sum()),
        reasons=tuple(reasons),
    )

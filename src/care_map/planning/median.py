"""P-median (least mean minutes) and p-centre (least longest minutes), exact through HiGHS."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, NamedTuple, Unpack

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.planning.choices import Choices, choices_of, nearest_sites, site_names
from care_map.planning.options import MedianOptions, Options
from care_map.planning.plan import Limit, Plan, Reason
from care_map.planning.program import Program, Solution, SolverStatus
from care_map.planning.shortfalls import conflicting_limits, out_of_reach

__all__ = ["p_center", "p_median"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def p_median(
    pairs: pd.DataFrame,
    demand: pd.Series,
    *,
    n_sites: int,
    **options: Unpack[MedianOptions],
) -> Plan:
    """Return the new sites with which elders need the least minutes on average (Hakimi 1964).

    Parameters
    ----------
    pairs
        ``demand_id``, ``facility_id``, ``minutes``, each pair once. Everybody must reach a site:
        an elder can go only where there is a pair.
    demand
        Elders by demand id.
    n_sites
        At most so many new sites.
    **options
        `candidates`, `existing`, `limits`, `time_limit_s` and `gap` of
        :class:`care_map.planning.options.Options`.

    Returns
    -------
    Plan
        `objective` is the mean of minutes, weighted by elders.

    Raises
    ------
    ValueError
        A number makes no sense, or an id is unknown.

    Examples
    --------
    >>> pairs = pd.DataFrame(
    ...     {"demand_id": [1, 1, 2, 2], "facility_id": ["f", "g"] * 2, "minutes": [1, 9, 5, 2]}
    ... )
    >>> p_median(pairs, pd.Series({1: 1, 2: 3}), n_sites=1).sites
    ('g',)
    """
    asked = Options(**options)
    choices = _choices(pairs, demand, n_sites, asked)
    program = Program()
    open_site = _sites(program, choices, n_sites, asked.limits)
    wanted = choices.elders[choices.demand] > 0
    demand_row, site = choices.demand[wanted], choices.site[wanted]
    heads, minutes = choices.elders[demand_row], choices.minutes[wanted]
    goes = program.add(len(demand_row), most=1.0)
    program.price(goes, heads * minutes)
    people, row = np.unique(demand_row, return_inverse=True)
    program.rows(row, goes, 1.0, number=len(people), least=1.0)
    pair = np.arange(len(goes))
    program.rows(
        np.concatenate([pair, pair]),
        np.concatenate([open_site[site], goes]),
        np.repeat([1.0, -1.0], len(goes)),
        number=len(goes),
        least=0.0,
    )
    found = program.solve(time_limit_s=asked.time_limit_s, gap=asked.gap)
    if len(people) < np.count_nonzero(choices.elders):
        found = replace(found, status="infeasible", objective=np.nan, bound=np.nan)
    total = max(float(choices.elders.sum()), 1e-300)
    worth = _Worth(found.status, found.objective / total, found.bound / total)
    return _plan("p_median", choices, np.rint(found.variables[open_site]) > 0, asked.limits, worth)


def p_center(
    pairs: pd.DataFrame,
    demand: pd.Series,
    *,
    n_sites: int,
    **options: Unpack[MedianOptions],
) -> Plan:
    """Return the new sites with which the longest way is shortest (Hakimi 1965).

    Found by halving the list of different minutes: at each, whether so few sites suffice.

    Parameters
    ----------
    pairs, demand, n_sites
        As :func:`p_median`.
    **options
        As :func:`p_median`; `time_limit_s` is for each question to the solver, and an answer
        that it owes leaves the bound open.

    Returns
    -------
    Plan
        `objective` is the longest minutes of any elder.

    Examples
    --------
    >>> pairs = pd.DataFrame(
    ...     {"demand_id": [1, 1, 2, 2], "facility_id": ["f", "g"] * 2, "minutes": [1, 9, 5, 2]}
    ... )
    >>> plan = p_center(pairs, pd.Series({1: 1, 2: 3}), n_sites=1)
    >>> plan.sites, plan.objective
    (('f',), 5.0)
    """
    asked = Options(**options)
    choices = _choices(pairs, demand, n_sites, asked)
    used = choices.elders[choices.demand] > 0
    radii = np.unique(choices.minutes[used])
    best: tuple[int, Bools] | None = None
    proved, low, high = -1, 0, len(radii) - 1
    while low <= high:
        middle = (low + high) // 2
        found, chosen = _within(choices, float(radii[middle]), n_sites, asked)
        if found.status in {"optimal", "feasible"}:
            best, high = (middle, chosen), middle - 1
        else:
            # What the solver owes an answer for may be possible: only a proof lifts the bound.
            proved = middle if found.status == "infeasible" else proved
            low = middle + 1
    bound = float(radii[proved + 1]) if proved + 1 < len(radii) else np.nan
    if best is None:
        status: SolverStatus = "infeasible" if proved + 1 >= len(radii) else "no_solution"
        nothing = np.zeros(len(choices.sites), dtype=bool)
        return _plan("p_center", choices, nothing, asked.limits, _Worth(status, np.nan, bound))
    longest = float(radii[best[0]])
    worth = _Worth("optimal" if bound == longest else "feasible", longest, bound)
    return _plan("p_center", choices, best[1], asked.limits, worth)


class _Worth(NamedTuple):
    status: SolverStatus
    objective: float
    bound: float


def _choices(pairs: pd.DataFrame, demand: pd.Series, n_sites: int, asked: Options) -> Choices:
    if n_sites < 0:
        msg = f"n_sites must not be negative, not {n_sites!r}"
        raise ValueError(msg)
    return choices_of(pairs, demand, candidates=asked.candidates, existing=asked.existing)


def _sites(program: Program, choices: Choices, n_sites: int, limits: Sequence[Limit]) -> Ints:
    """Add the sites, at most so many of them new, within the limits."""
    open_site = program.add(
        len(choices.sites), least=choices.existing.astype(float), most=1.0, whole=True
    )
    program.limit(open_site[choices.candidates], 1.0, most=n_sites)
    for limit in limits:
        most = np.inf if limit.most is None else float(limit.most)
        here = open_site[choices.site_rows(limit.sites)]
        program.limit(here, 1.0, least=float(limit.least), most=most)
    return open_site


def _within(
    choices: Choices, radius: float, n_sites: int, asked: Options
) -> tuple[Solution, Bools]:
    """Ask whether so few sites reach everybody within a radius."""
    program = Program()
    open_site = _sites(program, choices, n_sites, asked.limits)
    wanted = np.flatnonzero(choices.elders > 0)
    number = np.full(len(choices.elders), -1, dtype=np.int64)
    number[wanted] = np.arange(len(wanted))
    near = np.flatnonzero((choices.minutes <= radius) & (number[choices.demand] >= 0))
    row, site = number[choices.demand[near]], choices.site[near]
    program.rows(row, open_site[site], 1.0, number=len(wanted), least=1.0)
    found = program.solve(time_limit_s=asked.time_limit_s)
    return found, np.rint(found.variables[open_site]) > 0


def _plan(
    model: Literal["p_median", "p_center"],
    choices: Choices,
    chosen: Bools,
    limits: Sequence[Limit],
    worth: _Worth,
) -> Plan:
    new = chosen & ~choices.existing
    minutes, site = nearest_sites(choices, new | choices.existing)
    reached = np.isfinite(minutes)
    reasons = list(out_of_reach(choices))
    if worth.status == "infeasible":
        reasons += conflicting_limits(choices, limits)
        reasons += [] if reasons else [Reason("too_few_sites")]
    ids = choices.sites.to_numpy(dtype=object)
    apart = abs(worth.objective - worth.bound)
    return Plan(
        model=model,
        status=worth.status,
        sites=tuple(ids[new]),
        existing=tuple(ids[choices.existing]),
        objective=worth.objective,
        bound=worth.bound,
        gap=apart / max(abs(worth.objective), 1e-10),
        covered=pd.Series(np.where(reached, choices.elders, 0.0), choices.demand_id, name="elders"),
        assigned=site_names(choices, site),
        reasons=tuple(reasons),
    )

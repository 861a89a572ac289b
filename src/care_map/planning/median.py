"""P-median (least mean minutes) and p-centre (least longest minutes)."""

from collections.abc import Sequence
from typing import Literal, Unpack

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.planning.choices import Choices, choices_of, nearest_sites, site_names
from care_map.planning.longest_minutes import solve_longest
from care_map.planning.mean_minutes import solve_mean
from care_map.planning.options import MedianOptions, Options
from care_map.planning.plan import Limit, Plan, Reason, Worth
from care_map.planning.shortfalls import conflicting_limits, out_of_reach

__all__ = ["least_longest", "least_mean", "p_center", "p_median"]

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
        `candidates`, `existing`, `limits`, `method`, `time_limit_s` and `gap` of
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
    return least_mean(_choices(pairs, demand, asked), asked, n_sites=n_sites)


def least_mean(choices: Choices, options: Options, *, n_sites: int) -> Plan:
    """Return the plan of :func:`p_median` for choices that are in numbers already."""
    _check(n_sites)
    chosen, worth = solve_mean(choices, options, n_sites=n_sites)
    total = max(float(choices.elders.sum()), 1e-300)
    mean = worth._replace(objective=worth.objective / total, bound=worth.bound / total)
    return _plan("p_median", choices, chosen, options.limits, mean)


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
    return least_longest(_choices(pairs, demand, asked), asked, n_sites=n_sites)


def least_longest(choices: Choices, options: Options, *, n_sites: int) -> Plan:
    """Return the plan of :func:`p_center` for choices that are in numbers already."""
    _check(n_sites)
    chosen, worth = solve_longest(choices, options, n_sites=n_sites)
    return _plan("p_center", choices, chosen, options.limits, worth)


def _check(n_sites: int) -> None:
    if n_sites < 0:
        msg = f"n_sites must not be negative, not {n_sites!r}"
        raise ValueError(msg)


def _choices(pairs: pd.DataFrame, demand: pd.Series, asked: Options) -> Choices:
    return choices_of(pairs, demand, candidates=asked.candidates, existing=asked.existing)


def _plan(
    model: Literal["p_median", "p_center"],
    choices: Choices,
    chosen: Bools,
    limits: Sequence[Limit],
    worth: Worth,
) -> Plan:
    new = np.zeros(len(choices.sites), dtype=bool)
    new[choices.candidates[chosen]] = True
    minutes, site = nearest_sites(choices, new | choices.existing)
    reached = np.isfinite(minutes)
    reasons = list(out_of_reach(choices))
    if worth.status == "infeasible":
        reasons += conflicting_limits(choices, limits)
        reasons += [] if reasons else [Reason("too_few_sites")]
    ids = choices.sites.to_numpy(dtype=object)
    return Plan(
        model=model,
        status=worth.status,
        sites=tuple(ids[new]),
        existing=tuple(ids[choices.existing]),
        objective=worth.objective,
        bound=worth.bound,
        gap=worth.gap,
        covered=pd.Series(np.where(reached, choices.elders, 0.0), choices.demand_id, name="elders"),
        assigned=site_names(choices, site),
        reasons=tuple(reasons),
    )

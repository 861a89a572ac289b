"""Maximal covering on large inputs: a plan by hand, a bound, and the solver on what is left.

Greedy and swaps give a plan, Lagrange multipliers a bound and the sites that a better plan could
have; HiGHS then proves the rest. Where the bound meets the plan it is not needed.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.planning.choices import Choices, Merged, merged
from care_map.planning.covering_program import Asked
from care_map.planning.options import Options
from care_map.planning.plan import PlanStatus, Worth
from care_map.planning.program import Program, relative_gap
from care_map.planning.relaxation import Relaxation, relaxed
from care_map.planning.swaps import Cover, Rules, cover_of, greedy, swapped, worth

__all__ = ["is_plain", "solve_large"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_ROUNDING = 1e-6
_LARGE = 20_000
"""Pairs of class and site up to which the solver alone is as quick."""


def is_plain(asked: Asked, options: Options) -> bool:
    """Tell whether a model is plain enough for this way, and worth it."""
    plain = (
        asked.times == 1
        and asked.capacity is None
        and asked.span is None
        and not asked.floors
        and all(limit.least == 0 for limit in asked.limits)
    )
    large = len(asked.classes.row) > _LARGE
    return plain and (options.method == "greedy" or (options.method == "auto" and large))


class _Answer(NamedTuple):
    """Sites by number of candidate, whom they cover anew, and how far that is proved."""

    sites: Ints
    elders: float
    bound: float
    status: PlanStatus


class _Model(NamedTuple):
    """The part that is still open: whom no existing site reaches, and who could."""

    new: Ints
    base: float
    cover: Cover
    rules: Rules
    row: Ints
    site: Ints


def solve_large(
    asked: Asked, options: Options, *, n_sites: int | None, budget: float | None
) -> tuple[Bools, Worth]:
    """Choose the new sites that cover most.

    Returns
    -------
    ``(m,)`` which sites are chosen, and what the choice is worth.
    """
    model = _model_of(asked, n_sites, budget)
    cover, rules = model.cover, model.rules
    starts = [greedy(cover, rules)]
    if budget is not None:
        starts.append(greedy(cover, rules, per_cost=True))
    tried = [swapped(cover, rules, sites) for sites in starts]
    best = max(tried, key=lambda sites: worth(cover, sites))
    found = relaxed(cover, rules, best)
    answer = _Answer(found.sites, found.elders, found.bound, "greedy")
    if options.method != "greedy":
        answer = _proved(model, found, options)
    chosen = asked.choices.existing.copy()
    chosen[model.new[answer.sites]] = True
    total, most = model.base + answer.elders, model.base + answer.bound
    return chosen, Worth(answer.status, total, most, relative_gap(total, most))


def _model_of(asked: Asked, n_sites: int | None, budget: float | None) -> _Model:
    choices, classes = asked.choices, asked.classes
    anyway = np.zeros(len(classes.elders), dtype=bool)
    anyway[classes.row[choices.existing[classes.site]]] = True
    new = choices.candidates
    number = np.full(len(choices.sites), -1, dtype=np.int64)
    number[new] = np.arange(len(new))
    free = np.flatnonzero(~anyway[classes.row] & (number[classes.site] >= 0))
    kept, row = np.unique(classes.row[free], return_inverse=True)
    site = number[classes.site[free]]
    row = row.astype(np.int64)
    cover = cover_of(classes.elders[kept], row, site, n_sites=len(new))
    rules = _rules(asked, number, new, n_sites=n_sites, budget=budget)
    return _Model(new, float(classes.elders[anyway].sum()), cover, rules, row, site)


def _rules(
    asked: Asked, number: Ints, new: Ints, *, n_sites: int | None, budget: float | None
) -> Rules:
    choices = asked.choices
    of: list[Ints] = []
    most: list[int] = []
    for limit in asked.limits:
        if limit.most is None:
            continue
        rows = choices.site_rows(limit.sites)
        most.append(max(limit.most - int(choices.existing[rows].sum()), 0))
        mine = number[rows]
        of.append(mine[mine >= 0])
    member = np.concatenate([np.empty(0, np.int64), *of])
    quota = np.repeat(np.arange(len(of)), [len(one) for one in of])
    order = np.argsort(member, kind="stable")
    return Rules(
        most=len(new) if n_sites is None else min(n_sites, len(new)),
        budget=np.inf if budget is None else float(budget),
        cost=asked.cost[new],
        quota_offset=np.searchsorted(member[order], np.arange(len(new) + 1)).astype(np.int64),
        quota_of=quota[order].astype(np.int64),
        quota_most=np.array(most, dtype=np.int64),
    )


def _proved(model: _Model, found: Relaxation, options: Options) -> _Answer:
    """Ask the solver for a better plan among the sites that one could have."""
    if found.bound <= found.elders * (1.0 + options.gap):
        return _Answer(found.sites, found.elders, found.bound, "optimal")
    keep = np.flatnonzero(found.possible)
    small = _among(model, keep)
    program = Program()
    open_site = program.add(len(keep), most=1.0, whole=True)
    covered = program.add(len(small.elders), most=1.0)
    k = len(small.elders)
    program.rows(
        np.concatenate([small.row, np.arange(k)]),
        np.concatenate([open_site[small.site], covered]),
        np.concatenate([np.ones(len(small.row)), np.full(k, -1.0)]),
        number=k,
        least=0.0,
    )
    rules = model.rules
    program.limit(open_site, 1.0, most=float(rules.most))
    if np.isfinite(rules.budget):
        program.limit(open_site, rules.cost[keep], most=rules.budget)
    _quotas(program, open_site, rules, keep)
    program.price(covered, -small.elders)
    answer = program.solve(time_limit_s=options.time_limit_s, gap=options.gap)
    # Among the kept sites nothing may be better than the plan known: then that one is the best.
    upper = found.bound
    if answer.status == "infeasible":
        upper = found.elders
    elif np.isfinite(answer.bound):
        upper = min(upper, max(found.elders, -answer.bound))
    sites, elders = found.sites, found.elders
    chosen = keep[np.rint(answer.variables[open_site]) > 0]
    reached = worth(model.cover, chosen)
    if np.isfinite(answer.objective) and reached > elders:
        sites, elders = chosen, reached
    if bool(np.array_equal(small.elders, np.rint(small.elders))):
        # With whole elders no plan has a part of one.
        upper = max(float(np.floor(upper + _ROUNDING)), elders)
    done = upper <= elders * (1.0 + options.gap)
    return _Answer(sites, elders, upper, "optimal" if done else "feasible")


def _quotas(program: Program, open_site: Ints, rules: Rules, keep: Ints) -> None:
    member = np.repeat(np.arange(len(rules.cost)), np.diff(rules.quota_offset))
    position = np.full(len(rules.cost), -1, dtype=np.int64)
    position[keep] = np.arange(len(keep))
    mine = np.flatnonzero(position[member] >= 0)
    if len(rules.quota_most):
        program.rows(
            rules.quota_of[mine],
            open_site[position[member[mine]]],
            1.0,
            number=len(rules.quota_most),
            most=rules.quota_most.astype(float),
        )


def _among(model: _Model, keep: Ints) -> Merged:
    """Return classes by the kept sites alone: many become one."""
    number = np.full(len(model.new), -1, dtype=np.int64)
    number[keep] = np.arange(len(keep))
    there = np.flatnonzero(number[model.site] >= 0)
    order = there[np.lexsort((number[model.site[there]], model.row[there]))]
    part = Choices(
        demand_id=pd.RangeIndex(len(model.cover.elders)),
        elders=model.cover.elders,
        sites=pd.RangeIndex(len(keep)),
        existing=np.zeros(len(keep), dtype=bool),
        demand=model.row[order],
        site=number[model.site[order]],
        minutes=np.zeros(len(order)),
    )
    return merged(part)

"""Least mean minutes: the solver alone where the model is small, with a plan by hand where not.

Greedy and exchanges give a plan, Lagrange multipliers a bound and the sites that a better plan
could have; HiGHS then proves the rest, where that is little enough for it.
"""

import time
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from care_map.planning.choices import Choices
from care_map.planning.exchanges import exchanged, total_minutes
from care_map.planning.least_minutes import Bounded, bounded
from care_map.planning.options import Options
from care_map.planning.plan import PlanStatus, Worth
from care_map.planning.program import Program, Solution, relative_gap
from care_map.planning.shorter_ways import Rules, Ways, rules_of, ways_of, with_sites

__all__ = ["solve_mean"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_ROUNDING = 1e-9
_LARGE = 20_000
"""Pairs of class and site up to which the solver alone is as quick (default)."""
_SOLVABLE = 200_000
"""Pairs that are left up to which the solver is asked for the rest (default)."""


class _Answer(NamedTuple):
    """New sites, their minutes × elders, what no plan is below, and how far that is proved."""

    chosen: Bools
    minutes: float
    bound: float
    status: PlanStatus


def solve_mean(choices: Choices, options: Options, *, n_sites: int) -> tuple[Bools, Worth]:
    """Choose the new sites with which elders need least minutes together.

    Parameters
    ----------
    choices
        Demand and sites.
    options
        Limits, method, time, gap.
    n_sites
        At most so many new sites.

    Returns
    -------
    ``(m,)`` which candidates are chosen, and minutes × elders.
    """
    rules = rules_of(choices, options.limits, n_sites)
    ways, rest = ways_of(choices)
    if not np.isfinite(rest):
        nothing = np.zeros(len(choices.candidates), dtype=bool)
        return nothing, Worth("infeasible", np.nan, np.nan, np.nan)
    large = options.method == "auto" and len(ways.site) > _LARGE
    answer = None
    if large or options.method == "greedy":
        answer = _by_hand_first(ways, rules, options)
    if answer is None:
        answer = _by_solver_first(ways, rules, options)
    total, least = answer.minutes + rest, answer.bound + rest
    return answer.chosen, Worth(answer.status, total, least, relative_gap(total, least))


def _by_hand_first(ways: Ways, rules: Rules, options: Options) -> _Answer | None:
    found = _by_hand(ways, rules, options)
    if found is None:
        return None
    if options.method == "greedy":
        return _Answer(found.chosen, found.minutes, found.bound, "greedy")
    return _proved(ways, rules, found, options)


def _by_hand(ways: Ways, rules: Rules, options: Options) -> Bounded | None:
    """Return a plan with its bound; None where none was found that keeps everything."""
    limit = options.time_limit_s
    until = np.inf if limit is None else time.monotonic() + limit
    finite = _finite(ways)
    chosen = exchanged(finite, rules, np.zeros(rules.member.shape[1], dtype=bool), until=until)
    found = bounded(finite, rules, chosen, until=until)
    fine = rules.keeps(found.chosen) and np.isfinite(total_minutes(ways, found.chosen))
    return found if fine else None


def _finite(ways: Ways) -> Ways:
    """Let who reaches nothing that stands have farther than all others together could save."""
    far = ways.heads.sum() * ways.minutes.max(initial=0.0) / ways.heads.min(initial=np.inf) + 1.0
    return ways._replace(base=np.where(np.isfinite(ways.base), ways.base, far))


def _proved(ways: Ways, rules: Rules, found: Bounded, options: Options) -> _Answer:
    """Ask the solver for a better plan among the sites that one could have."""
    kept = found.possible
    left, rest = with_sites(ways, kept)
    chosen, minutes, bound = found.chosen, found.minutes, found.bound
    if not np.isfinite(rest):
        # Somebody would reach nothing: no other plan is possible.
        bound = minutes
    if _enough(minutes, bound, options.gap):
        return _Answer(chosen, minutes, bound, "optimal")
    if len(left.site) > _SOLVABLE:
        return _Answer(chosen, minutes, bound, "greedy")
    among = replace(rules, member=np.ascontiguousarray(rules.member[:, kept]))
    solution, opened = _solved(left, among, options)
    if solution.status == "infeasible":
        bound = minutes
    elif np.isfinite(solution.bound):
        bound = max(bound, min(minutes, solution.bound + rest))
    better = np.zeros(len(chosen), dtype=bool)
    better[np.flatnonzero(kept)[opened]] = True
    reached = total_minutes(ways, better)
    if np.isfinite(solution.objective) and reached < minutes:
        chosen, minutes = better, reached
    done = _enough(minutes, bound, options.gap)
    return _Answer(chosen, minutes, min(bound, minutes), "optimal" if done else "feasible")


def _by_solver_first(ways: Ways, rules: Rules, options: Options) -> _Answer:
    """Ask the solver for everything, and make a plan by hand where its time was too short."""
    solution, chosen = _solved(ways, rules, options)
    found_any = np.isfinite(solution.objective)
    minutes = total_minutes(ways, chosen) if found_any else np.nan
    if solution.status in {"optimal", "infeasible"}:
        return _Answer(chosen, minutes, float(np.fmin(solution.bound, minutes)), solution.status)
    found = _by_hand(ways, rules, options)
    if found is None:
        return _Answer(chosen, minutes, solution.bound, solution.status)
    bound = float(np.fmax(found.bound, solution.bound))
    if not found_any or found.minutes < minutes:
        chosen, minutes = found.chosen, found.minutes
    done = _enough(minutes, bound, options.gap)
    return _Answer(chosen, minutes, min(bound, minutes), "optimal" if done else "feasible")


def _enough(minutes: float, bound: float, gap: float) -> bool:
    return minutes - bound <= max(gap, _ROUNDING) * max(abs(minutes), 1.0)


def _solved(ways: Ways, rules: Rules, options: Options) -> tuple[Solution, Bools]:
    """Solve the whole model: who goes where, and who stays with what stands."""
    program = Program()
    open_site = program.add(rules.member.shape[1], most=1.0, whole=True)
    goes = program.add(len(ways.site), most=1.0)
    stands = np.flatnonzero(np.isfinite(ways.base))
    stays = program.add(len(stands), most=1.0)
    row = ways.row
    program.price(goes, ways.heads[row] * ways.minutes)
    program.price(stays, (ways.heads * ways.base)[stands])
    program.rows(
        np.concatenate([row, stands]),
        np.concatenate([goes, stays]),
        1.0,
        number=len(ways.heads),
        least=1.0,
    )
    pair = np.arange(len(goes))
    program.rows(
        np.concatenate([pair, pair]),
        np.concatenate([open_site[ways.site], goes]),
        np.repeat([1.0, -1.0], len(goes)),
        number=len(goes),
        least=0.0,
    )
    rules.within(program, open_site)
    found = program.solve(time_limit_s=options.time_limit_s, gap=options.gap)
    return found, np.rint(found.variables[open_site]) > 0

"""The solver within its time; by hand what that was too short for; what is proved of the plan."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from care_map.planning.by_hand import Task, by_hand
from care_map.planning.options import Options
from care_map.planning.plan import PlanStatus, Worth
from care_map.planning.program import Program, Solution, relative_gap

__all__ = ["simple_bound", "solved"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_ROUNDING = 1e-6


def solved(
    program: Program, task: Task, options: Options, *, sites: tuple[Ints, Ints]
) -> tuple[Floats, Worth]:
    """Solve a programme, and by hand as well where its time was too short.

    Parameters
    ----------
    program
        What is asked; its objective is to be least.
    task
        The same question in numbers.
    options
        Method, time, gap.
    sites
        Variables of the programme that say what is opened, and their sites in the task.

    Returns
    -------
    Values of all variables, and what they are worth. A plan by hand is filled in and weighed by
    the programme itself.
    """
    by_solver = options.method != "greedy"
    found = program.solve(time_limit_s=options.time_limit_s, gap=options.gap, parts=not by_solver)
    if found.status == "infeasible" or (by_solver and found.status == "optimal"):
        return found.variables, Worth(found.status, found.objective, found.bound, found.gap)
    plans = [found] if by_solver and found.status == "feasible" else []
    opened = by_hand(task, time_limit_s=options.time_limit_s)
    if opened is not None:
        filled = program.solve(fixed=(sites[0], opened[sites[1]].astype(float)))
        plans += [filled] if filled.status == "optimal" else []
    if not plans and not by_solver:
        return solved(program, task, replace(options, method="exact"), sites=sites)
    best = min(plans, key=lambda plan: plan.objective, default=found)
    return best.variables, _worth(best, found.bound, task, options)


def _worth(best: Solution, proved: float, task: Task, options: Options) -> Worth:
    bound = float(np.fmax(proved, simple_bound(task)))
    if _whole(task):
        bound = float(np.ceil(bound - _ROUNDING))
    if best.status == "no_solution":
        return Worth("no_solution", np.nan, bound, np.nan)
    bound = min(bound, best.objective)
    gap = relative_gap(best.objective, bound)
    status: PlanStatus = "greedy" if options.method == "greedy" else "feasible"
    if status == "feasible" and gap <= options.gap:
        status = "optimal"
    return Worth(status, best.objective, bound, gap)


def _whole(task: Task) -> bool:
    """Tell whether any plan is worth a whole number."""
    if task.price is not None:
        return bool(np.array_equal(task.price, np.rint(task.price)))
    room = np.zeros(0) if task.capacity is None else task.capacity[np.isfinite(task.capacity)]
    return all(bool(np.array_equal(one, np.rint(one))) for one in (task.elders, room))


def simple_bound(task: Task) -> float:
    """Return what no plan is below, without a solver.

    That is minus the elders whom all sites together reach; or the least price for which sites
    could cover what is needed if nobody were reached by two of them.
    """
    enough = np.bincount(task.row, minlength=len(task.elders)) >= task.times
    if task.price is None:
        return -float(task.elders[enough].sum())
    standing = np.bincount(task.row[task.existing[task.site]], minlength=len(task.elders))
    # Standing sites may be full: whom they reach is covered at best.
    covered = standing >= task.times
    lacking = task.needed - float(task.elders[covered].sum())
    adds = np.where(covered, 0.0, task.elders)
    adds_each = np.bincount(task.site, weights=adds[task.row], minlength=len(task.existing))
    useful = np.flatnonzero((adds_each > 0) & ~task.existing)
    order = useful[np.argsort(task.price[useful] / adds_each[useful])]
    before = np.cumsum(adds_each[order]) - adds_each[order]
    part = np.clip((lacking - before) / adds_each[order], 0.0, 1.0)
    return float((part * task.price[order]).sum())

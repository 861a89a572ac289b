"""`care-map site`: a study and a request → a plan in a folder."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from care_map.assessment import Assessment, assess
from care_map.config import Study, read_study
from care_map.outputs.site_files import refuse_foreign, write_site_files
from care_map.siting.plan import SitingPlan
from care_map.siting.request import SiteOptions
from care_map.workflows.scenarios import with_sites
from care_map.workflows.site import check_request, frontier, site

__all__ = ["SiteRun", "site_run"]


@dataclass(frozen=True, slots=True)
class SiteRun:
    """A plan that was written.

    Parameters
    ----------
    result
        The run that was sited for.
    plan, frontier
        What was found; `frontier` is None where it was not asked for.
    folder
        Where it lies.
    """

    result: Assessment
    plan: SitingPlan
    frontier: pd.DataFrame | None
    folder: Path


def site_run(
    study: Study | str | Path,
    *,
    circle: str,
    options: SiteOptions,
    out: Path | None = None,
    frontier_steps: int = 0,
    progress: Callable[[str], None] | None = None,
) -> SiteRun:
    """Assess a study, choose sites and write the plan.

    Parameters
    ----------
    study
        A study, its file or its folder.
    circle, options
        As :func:`care_map.site`.
    out
        Folder; beside the study's results without it.
    frontier_steps
        Points of the frontier of cost and coverage, 0 for none.
    progress
        Is told what comes next.

    Raises
    ------
    InputError
        The study or the request is wrong.
    OutputError
        The folder cannot be written.
    """
    read = study if isinstance(study, Study) else read_study(study)
    # What cannot be answered is told before the study is searched.
    check_request(read, circle=circle, options=options)
    own = read.path(read.output.dir)
    folder = out or own.with_name(f"{own.name}-site-{circle}")
    refuse_foreign(folder)
    say = progress or (lambda _: None)
    say("assess")
    result = assess(read)
    say("site")
    plan = site(result, circle=circle, **options)
    points = _frontier(result, circle, options, frontier_steps)
    scenario = with_sites(read, plan).scenario if plan.found else None
    write_site_files(result, plan, folder, frontier=points, scenario=scenario)
    return SiteRun(result, plan, points, folder)


def _frontier(
    result: Assessment, circle: str, options: SiteOptions, steps: int
) -> pd.DataFrame | None:
    add, budget = options.get("add"), options.get("budget")
    if not steps or (add is None and budget is None):
        return None
    plain = options.copy()
    plain["add"] = plain["budget"] = None
    if budget is not None:
        most = float(sum(budget)) if isinstance(budget, Sequence) else float(budget)
        budgets = np.linspace(0.0, most, steps + 1)[1:].tolist()
        return frontier(result, circle=circle, budgets=budgets, **plain)
    most_sites = sum(add) if isinstance(add, Sequence) else int(add or 0)
    return frontier(result, circle=circle, numbers=range(1, most_sites + 1), **plain)

"""Where to build next: a run, what is asked, the candidates → a siting plan."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Literal, Unpack, get_args

import geopandas as gpd
import numpy as np
import pandas as pd

from care_map.assessment import Assessment
from care_map.config import Study
from care_map.errors import InputError, Problem
from care_map.inputs.unit_index import UnitIndex
from care_map.planning.options import Span
from care_map.planning.plan import Limit
from care_map.schema.siting import FRONTIER
from care_map.siting.models import Chosen, solve
from care_map.siting.pairs import Reach
from care_map.siting.plan import SitingPlan
from care_map.siting.request import CandidateKind, SiteOptions, SiteRequest, site_request
from care_map.siting.rules import one_each, quotas_of, span_of
from care_map.values import Circle
from care_map.workflows.centres import station_pairs
from care_map.workflows.site_answer import answer
from care_map.workflows.site_task import SiteTask, task_of

__all__ = ["check_request", "frontier", "site"]


def site(result: Assessment, *, circle: str, **options: Unpack[SiteOptions]) -> SitingPlan:
    """Choose where to build next, on exact travel times by the rules of a circle.

    Parameters
    ----------
    result
        A run of :func:`care_map.assess`: its operating facilities stand, its covered elders are
        covered.
    circle
        Id of one of the study's circles.
    **options
        `add`, `budget` or `cover`, and what else
        :class:`care_map.siting.request.SiteRequest` has.

    Returns
    -------
    SitingPlan
        Without sites where there is none, with the reasons.

    Raises
    ------
    InputError
        The request makes no sense, or names what the study does not have.

    Examples
    --------
    >>> plan = cm.site(result, circle="elder_care_15", add=3)  # doctest: +SKIP
    """
    request = check_request(result.study, circle=circle, options=options)
    task = task_of(result, _circle(result.study, circle), request)
    return _plan(task, request)


def check_request(study: Study, *, circle: str, options: SiteOptions) -> SiteRequest:
    """Return a request that makes sense for a study.

    Raises
    ------
    InputError
        It makes none, or names what the study does not have.
    """
    request = site_request(_circle(study, circle), options)
    if request.quotas and study.pack is None:
        raise InputError([Problem("site_no_ledger", column="--quotas")])
    kind = request.candidates
    if isinstance(kind, gpd.GeoDataFrame):
        return request
    if kind == "list" and not study.candidates:
        raise InputError([Problem("site_no_list", column="--candidates")])
    if kind not in get_args(CandidateKind) and not Path(kind).is_file():
        raise InputError([Problem("site_no_file", column="--candidates", value=str(kind))])
    return request


def frontier(
    result: Assessment,
    *,
    circle: str,
    numbers: Iterable[int] | None = None,
    budgets: Iterable[float] | None = None,
    **options: Unpack[SiteOptions],
) -> pd.DataFrame:
    """Return what each number of sites, or each budget, could cover at most.

    Parameters
    ----------
    result, circle
        As :func:`site`.
    numbers, budgets
        Numbers of sites, or budgets in yuan.
    **options
        As :func:`site`, but `add`, `budget` and `cover`.

    Returns
    -------
    DataFrame with the columns of :data:`care_map.schema.siting.FRONTIER`, a row per question.

    Raises
    ------
    InputError
        As :func:`site`; neither or both of `numbers` and `budgets` are given.
    """
    if (numbers is None) == (budgets is None):
        raise InputError([Problem("site_frontier", column="numbers budgets")])
    given: Iterable[float] = numbers if numbers is not None else budgets or ()
    kind: Literal["add", "budget"] = "budget" if numbers is None else "add"
    steps = sorted({float(one) for one in given})
    asked = _circle(result.study, circle)
    requests = [site_request(asked, _asked_for(options, step, kind)) for step in steps]
    if not requests:
        return pd.DataFrame(columns=FRONTIER.names)
    # Times and candidates are the same for all.
    task = task_of(result, asked, requests[-1])
    plans = [_plan(task, request) for request in requests]
    rows = [_point(step, plan) for step, plan in zip(steps, plans, strict=True)]
    return pd.DataFrame(rows, columns=FRONTIER.names)


def _asked_for(options: SiteOptions, step: float, kind: Literal["add", "budget"]) -> SiteOptions:
    changed = options.copy()
    if kind == "budget":
        changed["budget"] = step
    else:
        changed["add"] = int(step)
    return changed


def _point(step: float, plan: SitingPlan) -> tuple[object, ...]:
    new = plan.newly_covered_elders
    return (
        step,
        len(plan.sites),
        plan.cost_yuan,
        plan.covered_after,
        new,
        plan.covered_after / plan.elders if plan.elders else np.nan,
        plan.cost_yuan / new if new else np.nan,
        plan.status,
        plan.bound,
        plan.gap,
        ";".join(map(str, plan.sites["candidate_id"])),
    )


def _circle(study: Study, name: str) -> Circle:
    known = {circle.id: circle for circle in study.circles}
    if name not in known:
        values = {"known": ", ".join(known)}
        raise InputError([Problem("unknown_code", column="--circle", value=name, values=values)])
    return known[name]


def _plan(task: SiteTask, request: SiteRequest) -> SitingPlan:
    places, reach = task.places.table, task.reach
    span = None
    if request.span:
        near = partial(station_pairs, task.result, minutes=request.span_minutes)
        span = span_of(
            places,
            task.result.facilities,
            task.result.units,
            most=request.span,
            near=near if request.span_minutes else None,
        )
    solved = partial(
        solve,
        reach=reach,
        places=places,
        costs=task.costs,
        towns=_towns(task.result.units, reach),
        limits=_limits(task, request),
        span=span,
    )
    chosen, least = solved(request), None
    if chosen.plan.status == "infeasible" and request.cover is None:
        priced = request.budget is not None
        freed = replace(request, add=None, budget=None, cover=0.0, cheapest=priced)
        least = solved(freed).plan
    run_by = {} if span is None else _runs(chosen, span[0])
    return answer(task, request, chosen, run_by, least=least)


def _limits(task: SiteTask, request: SiteRequest) -> list[Limit]:
    places, units = task.places.table, task.result.units
    limits = list(one_each(places, units)) if request.one_per_unit else []
    if request.quotas:
        limits += quotas_of(task.result.ledger, places, units)
    return limits


def _towns(units: gpd.GeoDataFrame, reach: Reach) -> pd.Series:
    index = UnitIndex(units)
    town = {unit: index.town_of(unit) for unit in reach.access["unit_id"].unique()}
    labels = [town[unit] or "-" for unit in reach.access["unit_id"]]
    return pd.Series(labels, pd.Index(reach.access["demand_id"]), dtype=object)


def _runs(chosen: Chosen, span: Span) -> Mapping[object, object]:
    """Return a centre for each chosen station: those with most room first."""
    open_now = set(chosen.sites) | set(chosen.plan.existing)
    load = {one: int(span.taken.get(one, 0)) for one in set(span.links["centre"])}
    found: dict[object, object] = {}
    for station in span.stations:
        if station not in set(chosen.sites):
            continue
        mine = span.links.loc[span.links["station"] == station, "centre"]
        able = [one for one in mine if one in open_now]
        if able:
            best = min(able, key=lambda one: (load[one], str(one)))
            found[station] = best
            load[best] += 1
    return found

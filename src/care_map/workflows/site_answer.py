"""A model's answer → a siting plan with its tables, reasons and statements."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.config import Study
from care_map.inputs.unit_index import UnitIndex
from care_map.messages import catalogue
from care_map.planning.plan import Plan, Reason
from care_map.schema.siting import SITES_LEFT_OUT
from care_map.siting.models import Chosen
from care_map.siting.pairs import new_facilities
from care_map.siting.plan import SitingPlan, by_group, by_unit, in_order, site_table
from care_map.siting.request import SiteRequest
from care_map.values import Statement
from care_map.vocabulary import PRIORITY_GROUPS
from care_map.workflows.site_task import SiteTask

__all__ = ["answer"]

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_TINY = 1e-9


def answer(
    task: SiteTask,
    request: SiteRequest,
    chosen: Chosen,
    run_by: Mapping[object, object],
    *,
    least: Plan | None = None,
) -> SitingPlan:
    """Return the plan with its tables.

    Parameters
    ----------
    task, request, chosen
        What was asked for, and what was chosen.
    run_by
        Centre by station.
    least
        Where what was asked for cannot be: the least that keeps all but its number and budget.
    """
    result, reach, places = task.result, task.reach, task.places.table
    plan = chosen.plan
    ordered = _useful(task, request, chosen)
    sites = ordered[0]
    before = reach.access["covered"].to_numpy(dtype=bool)
    after = before.copy()
    after[reach.elder[np.isin(reach.site, sites)]] = True
    elders = reach.access["elders"].to_numpy(dtype=float)
    groups = result.demand.set_index("demand_id")["groups"].reindex(reach.access["demand_id"])
    rows = places.iloc[sites]
    costs = task.costs.reindex(rows["candidate_id"])
    undetermined = (reach.access["status"] == "undetermined").to_numpy(dtype=bool)
    sites_table = site_table(
        reach,
        places,
        ordered,
        units=result.units,
        costs=task.costs,
        run_by=run_by,
        first_year=_first_year(request, result.study),
    )
    return SitingPlan(
        circle=task.circle.id,
        profile=task.variant.profile,
        model=plan.model,
        status=plan.status,
        objective=plan.objective,
        bound=plan.bound,
        gap=plan.gap,
        elders=int(elders.sum()),
        covered_before=int(elders[before].sum()),
        covered_after=int(elders[after].sum()),
        undetermined=int(elders[undetermined & ~after].sum()),
        cost_yuan=float(costs.sum()) if costs.notna().all() and task.cost_kind else np.nan,
        cost_kind=task.cost_kind,
        sites=sites_table,
        by_unit=by_unit(reach, after, result.units),
        by_group=by_group(reach, after, groups, PRIORITY_GROUPS),
        left_out=_left_out(task),
        newly_covered=tuple(reach.access["demand_id"].to_numpy(dtype=object)[after & ~before]),
        new_facilities=new_facilities(rows).assign(
            cost_yuan=costs.to_numpy(dtype=float),
            year=sites_table["year"].array,
        ),
        candidates=places.assign(chosen=np.isin(np.arange(len(places)), sites)),
        reasons=tuple(_reasons(task, request, plan, len(sites), least)),
        asked=_asked(request),
        statements=_statements(task, request),
        problems=task.problems,
    )


def _useful(task: SiteTask, request: SiteRequest, chosen: Chosen) -> tuple[Ints, Ints, Floats]:
    """Return the sites in the order of building, their years, and whom each adds.

    Nothing is built for nobody, unless something else than new coverage asks for it.
    """
    known = pd.Index(task.places.table["candidate_id"])
    sites = np.asarray(known.get_indexer(pd.Index(list(chosen.sites), dtype=object)), np.int64)
    years = np.array([chosen.year_of.get(one, 0) for one in chosen.sites], dtype=np.int64)
    order, years, added = in_order(task.reach, sites, year=years)
    used = (added > 0) | (not _for_coverage_alone(request))
    return order[used], years[used], added[used]


def _for_coverage_alone(request: SiteRequest) -> bool:
    others = (request.times > 1, request.capacitated, request.span, request.quotas)
    return request.objective == "cover" and not any(others)


def _first_year(request: SiteRequest, study: Study) -> int | None:
    if request.years == 1:
        return None
    if request.first_year is not None:
        return request.first_year
    return study.as_of.year + 1 if study.as_of else 1


def _left_out(task: SiteTask) -> pd.DataFrame:
    known = task.candidates.set_index("candidate_id")
    texts = catalogue(task.result.study.language)
    rows = [
        (
            one.candidate_id,
            str(known.loc[one.candidate_id, "name"]),
            str(known.loc[one.candidate_id, "types"]),
            one.reason,
            texts.text(f"siting.left_out.{one.reason}", **one.values),
        )
        for one in task.places.left_out
    ]
    return pd.DataFrame(rows, columns=SITES_LEFT_OUT.names)


def _reasons(
    task: SiteTask, request: SiteRequest, plan: Plan, sites: int, least: Plan | None
) -> Iterator[Reason]:
    """Yield why there is no plan, or why it is less than was asked."""
    shortages = list(_shortages(task, request, sites))
    yield from shortages
    yield from _out_of_reach(task)
    if plan.status == "infeasible":
        yield from _conflicts(task, request, plan, least)
    elif not sites and not shortages and plan.status in {"optimal", "feasible", "greedy"}:
        if request.cover is not None:
            yield Reason("reached_already")
        else:
            yield Reason("nothing_gained" if request.objective == "cover" else "nothing_shorter")
    if plan.status in {"feasible", "no_solution"}:
        yield Reason("time_up", (), {"seconds": float(request.time_limit_s or 0.0)})


def _shortages(task: SiteTask, request: SiteRequest, sites: int) -> Iterator[Reason]:
    """Yield what there is too little of: candidates, elders whom more could reach, money."""
    there = len(task.places.table)
    if not there:
        left_out = len(task.places.left_out)
        yield Reason("no_candidates" if left_out else "list_empty", (), {"left_out": left_out})
    most = sum(request.add) if request.add else 0
    if most > there > 0:
        yield Reason("fewer_candidates", (), {"add": most, "sites": there})
    enough = request.budget is None and _for_coverage_alone(request)
    if enough and 0 < sites < min(most, there):
        yield Reason("no_more_gain", (), {"sites": sites})
    if request.budget is not None and len(task.costs) and not sites:
        cheapest = float(task.costs.min())
        if cheapest > max(request.budget):
            yield Reason("budget_too_small", (), {"cheapest": cheapest})


def _out_of_reach(task: SiteTask) -> Iterator[Reason]:
    access, reachable = task.reach.access, _reachable(task)
    elders = access["elders"].to_numpy(dtype=float)
    lost = ~reachable & (elders > 0)
    if lost.any():
        # Who is undetermined only because no facility is known can be reached by a new one.
        unknown = ~access["usable"].to_numpy(dtype=bool)
        figures = {
            "elders": float(elders[lost].sum()),
            "undetermined": float(elders[lost & unknown].sum()),
            "rate": float(elders[reachable].sum() / elders.sum()),
        }
        ids = access.loc[lost & ~unknown, "unit_id"].value_counts().index
        code = "out_of_reach" if len(ids) else "nowhere"
        yield Reason(code, tuple(filter(None, ids[:20])), figures)


def _reachable(task: SiteTask) -> Bools:
    """Return who is covered, or would be with every candidate."""
    reachable: Bools = task.reach.access["covered"].to_numpy(dtype=bool).copy()
    reachable[task.reach.elder] = True
    return reachable


def _conflicts(
    task: SiteTask, request: SiteRequest, plan: Plan, least: Plan | None
) -> Iterator[Reason]:
    """Yield which of the things asked for cannot be had together."""
    others = [one for one in plan.reasons if one.code != "out_of_reach"]
    others += _towns_below(task, request.floor) if request.floor else []
    yield from others
    if least is not None and least.status == "optimal":
        priced = request.budget is not None
        yield Reason(
            "costs_at_least" if priced else "needs_at_least", (), {"least": least.objective}
        )
    elif not others and request.cover is None:
        yield Reason("limits_conflict")


def _towns_below(task: SiteTask, floor: float) -> Iterator[Reason]:
    """Yield the towns that stay below a floor even with every candidate."""
    index = UnitIndex(task.result.units)
    access = task.reach.access
    elders = access["elders"].to_numpy(dtype=float)
    figures = pd.DataFrame(
        {
            "town": [index.town_of(unit) for unit in access["unit_id"]],
            "elders": elders,
            "reachable": elders * _reachable(task),
        }
    )
    towns = figures[figures["town"] != ""].groupby("town", sort=False).sum()
    below = towns[towns["reachable"] < floor * towns["elders"] - _TINY]
    if len(below):
        yield Reason("floor_impossible", tuple(below.index), {"floor": floor, "towns": len(below)})


def _asked(request: SiteRequest) -> dict[str, object]:
    """Return what was asked for: options that differ from their defaults."""
    plain = SiteRequest()
    found: dict[str, object] = {}
    for name in SiteRequest.__dataclass_fields__:
        value = getattr(request, name)
        if isinstance(value, gpd.GeoDataFrame):
            found[name] = "table"
        elif isinstance(value, Path):
            found[name] = value.name
        elif name == "candidates" or value != getattr(plain, name):
            found[name] = list(value) if isinstance(value, tuple) else value
    return found


def _statements(task: SiteTask, request: SiteRequest) -> tuple[Statement, ...]:
    said = [Statement("site_existing"), Statement("site_order")]
    if task.cost_kind == "subsidy":
        said.append(Statement("site_subsidy"))
    if isinstance(request.candidates, str) and request.candidates in {"places", "network"}:
        said.append(Statement("site_made", {"spacing_m": request.spacing_m}))
    if request.capacitated:
        said.append(Statement("site_capacity"))
    if request.years > 1:
        said.append(Statement("site_years"))
    return tuple(said)

"""A model's answer → a siting plan with its tables, reasons and statements."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.config import Study
from care_map.messages import catalogue
from care_map.planning.plan import Limit, Plan, Reason
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


def answer(
    task: SiteTask,
    request: SiteRequest,
    chosen: Chosen,
    limits: Sequence[Limit],
    run_by: Mapping[object, object],
) -> SitingPlan:
    """Return the plan with its tables."""
    result, reach, places = task.result, task.reach, task.places.table
    plan = chosen.plan
    sites = np.asarray(
        pd.Index(places["candidate_id"]).get_indexer(pd.Index(list(chosen.sites), dtype=object)),
        dtype=np.int64,
    )
    years = np.array([chosen.year_of.get(one, 0) for one in chosen.sites], dtype=np.int64)
    ordered = in_order(reach, sites, year=years)
    before = reach.access["covered"].to_numpy(dtype=bool)
    after = before.copy()
    after[reach.elder[np.isin(reach.site, sites)]] = True
    elders = reach.access["elders"].to_numpy(dtype=float)
    groups = result.demand.set_index("demand_id")["groups"].reindex(reach.access["demand_id"])
    costs = task.costs
    own = costs.reindex(list(chosen.sites))
    rows = places.iloc[ordered[0]]
    undetermined = (reach.access["status"] == "undetermined").to_numpy(dtype=bool)
    sites_table = site_table(
        reach,
        places,
        ordered,
        units=result.units,
        costs=costs,
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
        cost_yuan=float(own.sum()) if own.notna().all() and task.cost_kind else np.nan,
        cost_kind=task.cost_kind,
        sites=sites_table,
        by_unit=by_unit(reach, after, result.units),
        by_group=by_group(reach, after, groups, PRIORITY_GROUPS),
        left_out=_left_out(task),
        newly_covered=tuple(reach.access["demand_id"].to_numpy(dtype=object)[after & ~before]),
        new_facilities=new_facilities(rows).assign(
            cost_yuan=costs.reindex(rows["candidate_id"]).to_numpy(dtype=float),
            year=sites_table["year"].array,
        ),
        candidates=places.assign(chosen=np.isin(np.arange(len(places)), sites)),
        reasons=tuple(_reasons(task, request, plan, limits)),
        asked=_asked(request),
        statements=_statements(task, request),
    )


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
    task: SiteTask, request: SiteRequest, plan: Plan, limits: Sequence[Limit]
) -> Iterator[Reason]:
    """Yield why there is no plan, or why it is less than was asked."""
    places, access = task.places.table, task.reach.access
    if not len(places):
        yield Reason("no_candidates", (), {"left_out": float(len(task.places.left_out))})
    most = sum(request.add) if request.add else 0
    if most > len(places) > 0:
        yield Reason("fewer_candidates", (), {"add": float(most), "sites": float(len(places))})
    if request.budget is not None and len(task.costs) and not plan.sites:
        cheapest = float(task.costs.min())
        if cheapest > max(request.budget):
            yield Reason("budget_too_small", (), {"cheapest": cheapest})
    reachable = access["covered"].to_numpy(dtype=bool).copy()
    reachable[task.reach.elder] = True
    elders = access["elders"].to_numpy(dtype=float)
    lost = ~reachable & (elders > 0)
    if lost.any():
        unknown = (access["status"] == "undetermined").to_numpy(dtype=bool)
        figures = {
            "elders": float(elders[lost].sum()),
            "undetermined": float(elders[lost & unknown].sum()),
            "rate": float(elders[reachable].sum() / elders.sum()),
        }
        ids = access.loc[lost & ~unknown, "unit_id"].value_counts().index
        yield Reason("out_of_reach", tuple(ids[:20]), figures)
    if plan.status == "infeasible":
        others = [one for one in plan.reasons if one.code != "out_of_reach"]
        yield from others
        if not others and request.cover is None:
            yield Reason("limits_conflict", tuple(limit.name for limit in limits[:20]))
    elif not plan.sites and len(places) and plan.status in {"optimal", "feasible", "greedy"}:
        yield Reason("nothing_gained" if request.cover is None else "reached_already")
    if plan.status in {"feasible", "no_solution"}:
        yield Reason("time_up", (), {"seconds": float(request.time_limit_s or 0.0)})


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

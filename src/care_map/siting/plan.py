"""A siting plan: which sites in which order, whom they cover, how far it is proved, and why not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.errors import Problem
from care_map.inputs.unit_index import UnitIndex
from care_map.planning.plan import PlanStatus, Reason
from care_map.schema.siting import SITES, SITES_BY_GROUP, SITES_BY_UNIT
from care_map.siting.pairs import Reach
from care_map.values import Statement

__all__ = ["SitingPlan", "by_group", "by_unit", "in_order", "site_table"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_LEVELS = ("district", "town", "community")


@dataclass(frozen=True, slots=True)
class SitingPlan:
    """Where to build next, and what it gives.

    Parameters
    ----------
    circle, profile
        What was sited for, by which reading.
    model
        ``lscp``, ``mclp``, ``p_median`` or ``p_center``.
    status
        The solver's word: ``optimal`` proved, ``feasible`` where time was up, ``no_solution``,
        ``infeasible``; ``greedy`` for a plan by hand.
    objective, bound, gap
        As :class:`care_map.Plan` has them; elders of the circle for a covering model.
    elders, covered_before, covered_after, undetermined
        Heads of the circle; `covered_after` is what a run with the sites finds.
    cost_yuan
        Sum of the chosen sites' costs, NaN where some are unknown.
    cost_kind
        ``cost``, or ``subsidy`` where only what a notice pays is known; "" without any.
    sites, by_unit, by_group, left_out
        Tables of :mod:`care_map.schema.siting`.
    newly_covered
        Ids of the demand rows that the plan brings within reach; of elders, so internal only.
    new_facilities
        The sites as operating facilities: columns of :data:`care_map.schema.FACILITIES`, points
        in the study's CRS; ``cost_yuan`` and ``year`` besides.
    candidates
        All places that could be chosen, with ``role`` and ``chosen``.
    reasons
        Why there is no plan, or why it falls short of what was asked.
    asked
        The request in words: option → value.
    statements
        What the plan rests on.
    problems
        What was found in a list of candidates that the request names.
    """

    circle: str
    profile: str
    model: str
    status: PlanStatus
    objective: float
    bound: float
    gap: float
    elders: int
    covered_before: int
    covered_after: int
    undetermined: int
    cost_yuan: float
    cost_kind: str
    sites: pd.DataFrame
    by_unit: pd.DataFrame
    by_group: pd.DataFrame
    left_out: pd.DataFrame
    newly_covered: tuple[object, ...]
    new_facilities: gpd.GeoDataFrame
    candidates: gpd.GeoDataFrame
    reasons: tuple[Reason, ...] = ()
    asked: Mapping[str, object] = field(default_factory=dict)
    statements: tuple[Statement, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def found(self) -> bool:
        """Whether there are any new sites."""
        return len(self.sites) > 0

    @property
    def newly_covered_elders(self) -> int:
        """Elders whom the plan covers and nobody did before."""
        return self.covered_after - self.covered_before

    def summary(self) -> dict[str, object]:
        """Return the key figures: JSON values only."""
        numbers = {
            "objective": self.objective,
            "bound": self.bound,
            "gap": self.gap,
            "cost_yuan": self.cost_yuan,
        }
        return {
            "circle": self.circle,
            "profile": self.profile,
            "model": self.model,
            "status": self.status,
            **{name: float(one) if np.isfinite(one) else None for name, one in numbers.items()},
            "cost_kind": self.cost_kind,
            "elders": self.elders,
            "covered_before": self.covered_before,
            "covered_after": self.covered_after,
            "newly_covered": self.newly_covered_elders,
            "undetermined": self.undetermined,
            "candidates": len(self.candidates),
            "left_out": len(self.left_out),
            "asked": dict(self.asked),
            "sites": [
                {name: _plain(cell) for name, cell in row.items()}
                for row in self.sites.to_dict("records")
            ],
            "reasons": [
                {"code": one.code, "ids": [str(i) for i in one.ids[:20]], **one.figures}
                for one in self.reasons
            ],
        }


def _plain(cell: object) -> object:
    if cell is pd.NA or (isinstance(cell, float) and not np.isfinite(cell)):
        return None
    return cell.item() if isinstance(cell, np.generic) else cell


def in_order(reach: Reach, sites: Ints, *, year: Ints) -> tuple[Ints, Ints, Floats]:
    """Return sites by year and by what each adds to those before it.

    Parameters
    ----------
    reach
        Whom each candidate reaches.
    sites
        Rows of the chosen candidates.
    year
        Year of each.

    Returns
    -------
    Sites in their order, their years, elders whom each covers anew.
    """
    elders = reach.access["elders"].to_numpy(dtype=float)
    lists = {site: reach.elder[reach.site == site] for site in sites.tolist()}
    done = np.array(reach.access["covered"], dtype=bool)
    order: list[int] = []
    years: list[int] = []
    added: list[float] = []
    for now in np.unique(year):
        left = sites[year == now].tolist()
        while left:
            gains = [float(elders[lists[one][~done[lists[one]]]].sum()) for one in left]
            best = int(np.argmax(gains))
            site = left.pop(best)
            done[lists[site]] = True
            order.append(site)
            years.append(int(now))
            added.append(gains[best])
    return np.array(order, dtype=np.int64), np.array(years, dtype=np.int64), np.array(added)


def site_table(
    reach: Reach,
    places: gpd.GeoDataFrame,
    ordered: tuple[Ints, Ints, Floats],
    *,
    units: gpd.GeoDataFrame,
    costs: pd.Series,
    run_by: Mapping[object, object],
    first_year: int | None,
) -> pd.DataFrame:
    """Return a row per chosen site: :data:`care_map.schema.siting.SITES`.

    Parameters
    ----------
    reach, places
        Whom each candidate reaches; the candidates.
    ordered
        Of :func:`in_order`.
    units
        For names.
    costs
        Yuan by candidate.
    run_by
        Centre by station.
    first_year
        The year of year number 0; None where years are not planned apart.
    """
    sites, years, added = ordered
    index = UnitIndex(units)
    rows = places.iloc[sites]
    elders = reach.access["elders"].to_numpy(dtype=float)
    before = float(elders[reach.access["covered"].to_numpy(dtype=bool)].sum())
    alone = np.bincount(reach.site, weights=elders[reach.elder], minlength=len(places))[sites]
    so_far = np.rint(before + np.cumsum(added)).astype(np.int64)
    table = pd.DataFrame(
        {
            "order": np.arange(1, len(sites) + 1),
            "year": pd.array([pd.NA] * len(sites), dtype="Int64")
            if first_year is None
            else pd.array(first_year + years, dtype="Int64"),
            "candidate_id": rows["candidate_id"].to_numpy(dtype=object),
            "name": rows["name"].to_numpy(dtype=object),
            "role": rows["role"].to_numpy(dtype=object),
            "unit_id": rows["unit_id"].to_numpy(dtype=object),
            "unit_name": [index.names.get(unit, "") for unit in rows["unit_id"]],
            "town_name": [index.name_at(unit, "town") for unit in rows["unit_id"]],
            "address": rows["address"].to_numpy(dtype=object),
            "build_mode": rows["build_mode"].to_numpy(dtype=object),
            "floor_area_m2": rows["floor_area_m2"].to_numpy(dtype=float),
            "cost_yuan": costs.reindex(rows["candidate_id"]).to_numpy(dtype=float),
            "reaches": np.rint(alone).astype(np.int64),
            "newly_covered": np.rint(added).astype(np.int64),
            "covered_after": so_far,
            "rate_after": so_far / max(float(elders.sum()), 1.0),
            "operator_centre": [str(run_by.get(one, "")) for one in rows["candidate_id"]],
        }
    )
    return table[SITES.names]


def by_unit(reach: Reach, after: Bools, units: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return what changes in each unit with elders of the circle; the district first."""
    index = UnitIndex(units)
    access = reach.access
    chains = {unit: index.chain(unit) for unit in access["unit_id"].unique()}
    weight = access["elders"].to_numpy(dtype=float)
    before = access["covered"].to_numpy(dtype=bool)
    figures = pd.DataFrame(
        {
            "unit": access["unit_id"].to_numpy(dtype=object),
            "elders": weight,
            "before": weight * before,
            "after": weight * after,
        }
    )
    own = figures.groupby("unit", sort=False)[["elders", "before", "after"]].sum()
    totals: dict[str, NDArray[np.float64]] = {}
    for unit, numbers in zip(own.index, own.to_numpy(dtype=float), strict=True):
        for one in chains[unit]:
            totals[one] = totals.get(one, np.zeros(3)) + numbers
    order = [one for level in _LEVELS for one in index.ids if index.levels[one] == level]
    rows = [
        (unit, index.names[unit], index.levels[unit], *_change(totals[unit]))
        for unit in order
        if unit in totals
    ]
    return pd.DataFrame(rows, columns=SITES_BY_UNIT.names)


def by_group(reach: Reach, after: Bools, groups: pd.Series, names: Iterable[str]) -> pd.DataFrame:
    """Return what changes for everybody, and for each priority group."""
    weight = reach.access["elders"].to_numpy(dtype=float)
    before = reach.access["covered"].to_numpy(dtype=bool)
    cells = [set(str(cell).split(";")) for cell in groups]
    rows = []
    for name in ("all", *names):
        mine = np.array([name == "all" or name in cell for cell in cells], dtype=bool)
        numbers = [(weight * mine * part).sum() for part in (1.0, before, after)]
        if numbers[0] > 0 or name == "all":
            rows.append((name, *_change(np.array(numbers, dtype=float))))
    return pd.DataFrame(rows, columns=SITES_BY_GROUP.names)


def _change(numbers: Floats) -> tuple[object, ...]:
    elders, before, after = (int(one) for one in np.rint(numbers))
    rates = (before / elders, after / elders) if elders else (np.nan, np.nan)
    return elders, before, after - before, after, *rates

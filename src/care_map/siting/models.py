"""One request for sites → the model that answers it, and its answer."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.planning.choices import Choices
from care_map.planning.covering import fewest_sites, most_elders
from care_map.planning.median import p_center, p_median
from care_map.planning.options import Options, Span
from care_map.planning.phases import most_elders_by_year
from care_map.planning.plan import Limit, Plan
from care_map.siting.pairs import Reach
from care_map.siting.request import SiteRequest

__all__ = ["Chosen", "solve"]

Floats = NDArray[np.float64]

_AS_IT_IS = "\0as it is"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A plan in terms of candidates.

    Parameters
    ----------
    plan
        Of the model.
    year_of
        Number of the year of each chosen site, where years are planned apart.
    """

    plan: Plan
    year_of: dict[object, int] = field(default_factory=dict)

    @property
    def sites(self) -> tuple[object, ...]:
        """Ids of the chosen candidates."""
        return self.plan.sites


def solve(
    request: SiteRequest,
    reach: Reach,
    places: gpd.GeoDataFrame,
    *,
    costs: pd.Series,
    towns: pd.Series,
    limits: Sequence[Limit] = (),
    span: tuple[Span, tuple[str, ...]] | None = None,
) -> Chosen:
    """Choose sites.

    Parameters
    ----------
    request
        What is asked for.
    reach, places
        Whom each candidate reaches; the candidates.
    costs
        Yuan by candidate id; those without cost are missing.
    towns
        Town of each row of the access table, for a floor.
    limits
        Quotas.
    span
        Stations, and their standing centres.
    """
    if request.objective != "cover":
        return Chosen(_median(request, reach, places, limits))
    choices = reach.choices(places["candidate_id"], times=request.times)
    if span is not None:
        choices = _with_centres(choices, span[1])
    options = _options(request, places, costs=costs, towns=towns, limits=limits)
    if span is not None:
        options = replace(options, span=span[0])
    if request.cover is not None:
        return Chosen(fewest_sites(choices, options, rate=request.cover))
    if request.years > 1:
        found = most_elders_by_year(choices, options, n_sites=request.add, budgets=request.budget)
        return Chosen(found.plan, found.year_of)
    n_sites = request.add[0] if request.add else None
    budget = request.budget[0] if request.budget else None
    return Chosen(most_elders(choices, options, n_sites=n_sites, budget=budget))


def _options(
    request: SiteRequest,
    places: gpd.GeoDataFrame,
    *,
    costs: pd.Series,
    towns: pd.Series,
    limits: Sequence[Limit],
) -> Options:
    priced = request.budget is not None or request.cheapest
    capacity = None
    if request.capacitated:
        capacity = dict(zip(places["candidate_id"], places["capacity"].astype(float), strict=True))
    return Options(
        costs=costs if priced else None,
        limits=tuple(limits),
        groups=towns if request.floor > 0 else None,
        floor=request.floor,
        times=request.times,
        capacity=capacity,
        method=request.method,
        time_limit_s=request.time_limit_s,
        gap=request.gap,
    )


def _with_centres(choices: Choices, standing: tuple[str, ...]) -> Choices:
    """Add the standing centres, whom the elders near them have been counted for."""
    new = [one for one in standing if one not in set(choices.sites)]
    return replace(
        choices,
        sites=pd.Index([*choices.sites, *new], dtype=object),
        existing=np.append(choices.existing, np.ones(len(new), dtype=bool)),
    )


def _median(
    request: SiteRequest, reach: Reach, places: gpd.GeoDataFrame, limits: Sequence[Limit]
) -> Plan:
    """Take what each elder has today as one site that stands: only what is nearer is a choice."""
    access = reach.access
    elder, site, minutes = reach.far or (reach.elder, reach.site, reach.minutes)
    now = access["minutes"].to_numpy(dtype=float)
    usable = access["usable"].to_numpy(dtype=bool) & ~(
        np.isnan(now) & (np.bincount(elder, minlength=len(now)) == 0)
    )
    # Whoever reaches nothing today is as far as anybody who reaches something.
    longest = float(max(minutes.max(initial=0.0), np.nanmax(now, initial=0.0)))
    now = np.where(np.isnan(now), longest, now)
    ids = access["demand_id"].to_numpy(dtype=object)
    nearer = usable[elder] & (minutes < now[elder])
    pairs = pd.DataFrame(
        {
            "demand_id": np.concatenate([ids[usable], ids[elder[nearer]]]),
            "facility_id": np.concatenate(
                [
                    np.full(usable.sum(), _AS_IT_IS, dtype=object),
                    places["candidate_id"].to_numpy(dtype=object)[site[nearer]],
                ]
            ),
            "minutes": np.concatenate([now[usable], minutes[nearer]]),
        }
    )
    demand = pd.Series(access["elders"].to_numpy(dtype=float)[usable], ids[usable])
    model = p_median if request.objective == "mean" else p_center
    return model(
        pairs,
        demand,
        n_sites=request.add[0] if request.add else 0,
        candidates=list(places["candidate_id"]),
        existing=[_AS_IT_IS],
        limits=tuple(limits),
        method=request.method,
        time_limit_s=request.time_limit_s,
        gap=request.gap,
    )

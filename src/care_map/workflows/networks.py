"""What can be said of a network by itself."""

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from care_map.diagnostics import network_report as diagnostics
from care_map.errors import InputError, Problem
from care_map.network.road_network import RoadNetwork
from care_map.network.snap import Points
from care_map.routing.nearest import travel_model
from care_map.values import DEFAULT_LIMITS, PROFILES, Limits, Profile

__all__ = ["network_report"]


def network_report(
    network: RoadNetwork,
    *,
    profiles: Iterable[str] = ("standard", "rural_drive"),
    demand: gpd.GeoDataFrame | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> pd.DataFrame:
    """Return how whole a network is, and how much of a demand is on which part of it.

    Parameters
    ----------
    network
        Roads.
    profiles
        Names of built-in profiles; the first one of each mode is looked at.
    demand
        Points with a CRS; a column ``elders`` gives their weights (1 each without it), a column
        ``setting`` of ``rural`` the rural access limit. A missing point counts as one without
        coordinates. None leaves out the shares of demand.
    limits
        Access limits and island length.

    Returns
    -------
    DataFrame
        ``mode, item, value, unit``, as the table of a run; shares of demand add up to 1.

    Raises
    ------
    InputError
        A profile is unknown or needs no network, or the demand has no CRS or other geometries
        than points.
    """
    chosen = tuple(profiles)
    known = [name for name, one in PROFILES.items() if one.mode != "straight"]
    values = {"known": ", ".join(known)}
    problems = [
        Problem("unknown_code", column="profiles", value=name, values=values)
        for name in chosen
        if name not in known
    ]
    if demand is not None and demand.crs is None:
        problems.append(Problem("points_without_crs", column="demand"))
    if demand is not None and not (demand.geom_type.isin(["Point"]) | demand.geometry.isna()).all():
        problems.append(Problem("points_only", column="demand"))
    if problems:
        raise InputError(problems)
    first: dict[str, Profile] = {}
    for name in chosen:
        first.setdefault(PROFILES[name].mode, PROFILES[name])
    models = {mode: travel_model(network, one, limits=limits) for mode, one in first.items()}
    costs = {mode: model.costs for mode, model in models.items() if model.costs is not None}
    if demand is None:
        return diagnostics.network_report(costs)
    points, weight, total = _weighted(demand, network)
    return diagnostics.network_report(
        costs,
        demand_edges={mode: model.snap(points).edge for mode, model in models.items()},
        demand_weight=weight,
        demand_total=total,
    )


def _weighted(
    demand: gpd.GeoDataFrame, network: RoadNetwork
) -> tuple[Points, NDArray[np.float64], float]:
    """Return the points that are there, their weights, and the weight of all."""
    weight = np.ones(len(demand))
    if "elders" in demand.columns:
        weight = demand["elders"].to_numpy(dtype=float)
    rural = np.zeros(len(demand), bool)
    if "setting" in demand.columns:
        rural = (demand["setting"] == "rural").to_numpy(dtype=bool)
    places = demand.geometry.to_crs(network.crs).to_numpy()
    there = ~(shapely.is_missing(places) | shapely.is_empty(places))
    x, y = shapely.get_x(places[there]), shapely.get_y(places[there])
    return Points(x, y, rural[there]), weight[there], float(weight.sum())

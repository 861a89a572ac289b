"""Travel times between any two tables of points."""

from collections.abc import Iterator
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from care_map.errors import InputError, Problem
from care_map.network.road_network import RoadNetwork
from care_map.network.snap import Points
from care_map.routing.nearest import travel_model
from care_map.routing.pairs import Pairs, travel_pairs
from care_map.values import DEFAULT_LIMITS, PROFILES, Limits

__all__ = ["travel_times"]


def travel_times(
    network: RoadNetwork,
    origins: gpd.GeoDataFrame,
    destinations: gpd.GeoDataFrame,
    *,
    cutoff_minutes: float,
    profile: str = "standard",
    direction: Literal["to", "from", "both"] = "to",
    limits: Limits = DEFAULT_LIMITS,
) -> pd.DataFrame:
    """Return every pair of points within a number of minutes, by the point-time function.

    Parameters
    ----------
    network
        Roads.
    origins, destinations
        Points with a CRS, ids in the index; a column ``setting`` of ``rural`` gives the rural
        access limit.
    cutoff_minutes
        Longest time in minutes, itself inside.
    profile
        Name of a built-in profile.
    direction
        ``"to"`` the destination, ``"from"`` it, or ``"both"``: there and back, whose sum is
        the time and is what the cutoff limits.
    limits
        Access limits and island length.

    Returns
    -------
    DataFrame with ``demand_id`` (index of `origins`), ``facility_id`` (index of `destinations`)
    and ``minutes``, a row per pair within reach.

    Raises
    ------
    InputError
        The profile is unknown, a table has no CRS or other geometries than points, or the
        cutoff is not positive.
    """
    problems = list(_problems(origins, destinations, cutoff_minutes, profile))
    if problems:
        raise InputError(problems)
    model = travel_model(network, PROFILES[profile], limits=limits)
    start, goal = _points(origins, network), _points(destinations, network)
    cutoff_s = cutoff_minutes * 60.0
    if direction == "both":
        pairs = _there_and_back(
            travel_pairs(model, start, goal, cutoff_s=cutoff_s),
            travel_pairs(model, start, goal, cutoff_s=cutoff_s, direction="from"),
            n_origins=len(start),
            cutoff_s=cutoff_s,
        )
    else:
        pairs = travel_pairs(model, start, goal, cutoff_s=cutoff_s, direction=direction)
    return pd.DataFrame(
        {
            "demand_id": origins.index[pairs.origin],
            "facility_id": destinations.index[pairs.facility],
            "minutes": pairs.seconds / 60.0,
        }
    )


def _there_and_back(to: Pairs, back: Pairs, *, n_origins: int, cutoff_s: float) -> Pairs:
    """Add up the pairs that stand in both; neither can be longer than their sum."""
    here_key, there_key = (one.facility * max(n_origins, 1) + one.origin for one in (to, back))
    _, here, there = np.intersect1d(here_key, there_key, assume_unique=True, return_indices=True)
    seconds = to.seconds[here] + back.seconds[there]
    within = seconds <= cutoff_s + 1e-6
    here = here[within]
    return Pairs(to.origin[here], to.facility[here], seconds[within])


def _problems(
    origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame, cutoff_minutes: float, profile: str
) -> Iterator[Problem]:
    if profile not in PROFILES:
        known = {"known": ", ".join(PROFILES)}
        yield Problem("unknown_code", column="profile", value=profile, values=known)
    if not cutoff_minutes > 0:
        yield Problem("minutes_invalid", column="cutoff_minutes", value=f"{cutoff_minutes:g}")
    for name, table in (("origins", origins), ("destinations", destinations)):
        if table.crs is None:
            yield Problem("points_without_crs", column=name)
        if not (table.geom_type == "Point").all():
            yield Problem("points_only", column=name)


def _points(table: gpd.GeoDataFrame, network: RoadNetwork) -> Points:
    geometry = table.geometry.to_crs(network.crs).to_numpy()
    rural = np.zeros(len(table), bool)
    if "setting" in table.columns:
        rural = (table["setting"] == "rural").to_numpy(dtype=bool)
    return Points(shapely.get_x(geometry), shapely.get_y(geometry), rural)

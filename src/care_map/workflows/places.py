"""Roads and points of the commands that need no study: `isochrone` and `route`."""

from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Literal

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely

from care_map.diagnostics.network_report import hill_problems
from care_map.errors import InputError, Problem
from care_map.inputs.crs import metric_crs
from care_map.inputs.elevation import read_elevation
from care_map.inputs.graphs import roads_from_graph
from care_map.inputs.roads import read_roads
from care_map.inputs.tables import RoadTable
from care_map.network.build import build_network
from care_map.network.road_network import RoadNetwork
from care_map.network.snap import STATUSES, Points
from care_map.network.store import cached_network, network_key
from care_map.projections import transformer
from care_map.routing.isochrones import isochrones, isochrones_each, lattice_cell_m, rings
from care_map.routing.nearest import Direction, TravelModel, travel_model
from care_map.routing.reached import reached_lines
from care_map.routing.routes import Route, find_route
from care_map.values import DEFAULT_LIMITS, PROFILES, Limits, Profile

__all__ = ["isochrone", "read_network", "route"]

LonLat = tuple[float, float]
Shape = Literal["polygons", "rings", "lines"]
_SECONDS_PER_MINUTE = 60.0
_MOST_MINUTES = 240.0
_MOST_LON, _MOST_LAT = 180.0, 90.0


def read_network(
    roads: "str | Path | nx.Graph[Hashable]",
    *,
    elevation: str | Path | None = None,
    cache: str | Path | None = None,
) -> RoadNetwork:
    """Read roads as a network in the metric CRS of their centre.

    Parameters
    ----------
    roads
        OSM extract, road layer, or a graph of networkx or osmnx.
    elevation
        Elevation model; level ground without it.
    cache
        Folder in which networks built from files are kept; the next reading of the same files
        opens the kept one. None keeps nothing.

    Returns
    -------
    RoadNetwork

    Raises
    ------
    InputError
        A file cannot be read or holds no road.
    OutputError
        The network cannot be kept.
    """
    height = None if elevation is None else Path(elevation)
    if isinstance(roads, nx.Graph):
        return _build(roads_from_graph(roads)[0], height)
    path = Path(roads)
    if cache is None:
        return _build(read_roads(path)[0], height)
    key = network_key(path, elevation_path=height)
    return cached_network(
        path, lambda: _build(read_roads(path)[0], height), key=key, folder=Path(cache)
    )


def _build(table: RoadTable, elevation: Path | None) -> RoadNetwork:
    lon = (table.lon.min() + table.lon.max()) / 2.0
    lat = (table.lat.min() + table.lat.max()) / 2.0
    crs = metric_crs(float(lon), float(lat))
    if elevation is None:
        return build_network(table, crs)
    network = build_network(table, crs, elevation=read_elevation(elevation))
    # An elevation model of another place is an error, not level ground.
    hill_problems(network, elevation.name)
    return network


def isochrone(
    network: RoadNetwork | str | Path,
    at: Sequence[LonLat],
    *,
    minutes: Sequence[float] = (10.0, 15.0),
    profile: str = "standard",
    limits: Limits = DEFAULT_LIMITS,
    direction: Direction = "to",
    each: bool = False,
    shape: Shape = "polygons",
) -> gpd.GeoDataFrame:
    """Return what is within some minutes of any of the points, or of each of them.

    Parameters
    ----------
    network
        A network, or the file of its roads.
    at
        Longitude and latitude of each point, WGS84.
    minutes
        Limits, each inside its polygon.
    profile
        Name of a profile.
    limits
        Access limits and island length.
    direction
        ``"to"`` the points, or ``"from"`` them (delivery, visits, rescue).
    each
        Each point by itself; without it, what is near any of them.
    shape
        ``"polygons"``, the shorter inside the longer; ``"rings"``, the same without overlap;
        ``"lines"``, the reached parts of roads, cut at the exact place.

    Returns
    -------
    GeoDataFrame in EPSG:4326 with ``at`` (number of the point from 1, if `each`), ``minutes``,
    ``profile``, ``direction`` and, by `shape`: ``cell_m``, how exact the line is, and
    ``from_minutes`` of rings; ``start_minutes, end_minutes`` at both ends of lines.

    Raises
    ------
    InputError
        A profile is unknown, a minute is not positive, or a point is no longitude and latitude
        or has no road near.
    """
    problems = _minute_problems(minutes)
    model = _model(network, profile, limits, problems)
    points = _project(model, at, problems, key="--at")
    _require_roads(model, points, at)
    cutoffs = sorted({float(m) for m in minutes})
    table = (_lines if shape == "lines" else _areas)(model, points, cutoffs, direction, each=each)
    if shape == "rings":
        table = _rings(table, len(cutoffs))
    table.insert(table.columns.get_loc("minutes") + 1, "profile", profile)
    table.insert(table.columns.get_loc("minutes") + 2, "direction", direction)
    return table.to_crs("EPSG:4326")


def _areas(
    model: TravelModel, points: Points, minutes: list[float], direction: Direction, *, each: bool
) -> gpd.GeoDataFrame:
    """Return polygons, of each point or of all, the shorter first."""
    cutoffs_s = [m * _SECONDS_PER_MINUTE for m in minutes]
    groups = [points.take(np.array([i])) for i in range(len(points))] if each else [points]
    longest_s = cutoffs_s[-1]
    cells = [lattice_cell_m(model, one, longest_s, direction=direction) for one in groups]
    cell_m = max(cells)
    if each:
        found = isochrones_each(model, points, cutoffs_s, cell_m=cell_m, direction=direction)
    else:
        found = [isochrones(model, points, cutoffs_s, cell_m=cell_m, direction=direction)]
    columns: dict[str, object] = {}
    if each:
        columns["at"] = np.repeat(np.arange(len(points)) + 1, len(minutes))
    columns |= {"minutes": minutes * len(found), "cell_m": cell_m}
    polygons = [polygon for one in found for polygon in one]
    return gpd.GeoDataFrame(columns, geometry=polygons, crs=_network(model).crs)


def _rings(areas: gpd.GeoDataFrame, n_cutoffs: int) -> gpd.GeoDataFrame:
    """Return polygons less the ones before them."""
    bands: list[shapely.MultiPolygon] = []
    for start in range(0, len(areas), n_cutoffs):
        bands += rings(areas.geometry.to_list()[start : start + n_cutoffs])
    table = areas.set_geometry(gpd.GeoSeries(bands, index=areas.index, crs=areas.crs))
    before = np.roll(table["minutes"].to_numpy(), 1)
    before[::n_cutoffs] = 0.0
    table.insert(table.columns.get_loc("minutes"), "from_minutes", before)
    return table


def _lines(
    model: TravelModel, points: Points, minutes: list[float], direction: Direction, *, each: bool
) -> gpd.GeoDataFrame:
    """Return the reached parts of roads, of each point or of all, for each limit."""
    groups = [points.take(np.array([i])) for i in range(len(points))] if each else [points]
    parts = []
    for number, one in enumerate(groups, start=1):
        for limit in minutes:
            cutoff_s = limit * _SECONDS_PER_MINUTE
            part = reached_lines(model, one, cutoff_s, direction=direction)
            if each:
                part["at"] = number
            parts.append(part.assign(minutes=limit))
    table = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=_network(model).crs)
    table["start_minutes"] = table["from_s"] / _SECONDS_PER_MINUTE
    table["end_minutes"] = table["to_s"] / _SECONDS_PER_MINUTE
    columns = [*(["at"] if each else []), "minutes", "start_minutes", "end_minutes", "geometry"]
    return table[columns]


def route(
    network: RoadNetwork | str | Path,
    start: LonLat,
    goal: LonLat,
    *,
    profile: str = "standard",
    limits: Limits = DEFAULT_LIMITS,
) -> Route:
    """Return the fastest way between two points.

    Parameters
    ----------
    network
        A network, or the file of its roads.
    start, goal
        Longitude and latitude, WGS84.
    profile
        Name of a profile.
    limits
        Access limits and island length.

    Returns
    -------
    Route
        With its line in EPSG:4326 and its length in metres.

    Raises
    ------
    InputError
        A profile is unknown or a point is no longitude and latitude.
    """
    problems: list[Problem] = []
    model = _model(network, profile, limits, problems)
    from_ = _project(model, [start], problems, key="--from")
    to = _project(model, [goal], problems, key="--to")
    found = find_route(model, from_, to)
    if found.geometry is None:
        return found
    to_degrees = transformer(_network(model).crs, "EPSG:4326")
    x, y = shapely.get_coordinates(found.geometry).T
    line = shapely.LineString(np.column_stack(to_degrees.transform(x, y)))
    return Route(found.seconds, found.length_m, line, found.snap_status)


def _minute_problems(minutes: Sequence[float]) -> list[Problem]:
    bad = [m for m in minutes if not 0 < m <= _MOST_MINUTES]
    return [Problem("minutes_invalid", column="--minutes", value=f"{m:g}") for m in bad]


def _model(
    network: RoadNetwork | str | Path, profile: str, limits: Limits, problems: list[Problem]
) -> TravelModel:
    known: Profile | None = PROFILES.get(profile)
    if known is None or known.mode == "straight":
        names = ", ".join(name for name, one in PROFILES.items() if one.mode != "straight")
        problem = Problem(
            "unknown_code", column="--profile", value=profile, values={"known": names}
        )
        raise InputError([*problems, problem])
    if not isinstance(network, RoadNetwork):
        network = read_network(network)
    return travel_model(network, known, limits=limits)


def _network(model: TravelModel) -> RoadNetwork:
    if model.costs is None:
        msg = "a model of places always has a network"
        raise ValueError(msg)
    return model.costs.network


def _project(
    model: TravelModel, at: Sequence[LonLat], problems: list[Problem], *, key: str
) -> Points:
    lon, lat = np.array(at, dtype=float).reshape(-1, 2).T
    bad = ~((np.abs(lon) <= _MOST_LON) & (np.abs(lat) <= _MOST_LAT))
    problems = [
        *problems,
        *(
            Problem("lonlat_invalid", column=key, value=f"{lon[i]:g},{lat[i]:g}")
            for i in np.flatnonzero(bad)
        ),
    ]
    if problems:
        raise InputError(problems)
    to_metric = transformer("EPSG:4326", _network(model).crs)
    x, y = to_metric.transform(lon, lat)
    return Points(np.asarray(x), np.asarray(y), np.zeros(len(lon), bool))


def _require_roads(model: TravelModel, points: Points, at: Sequence[LonLat]) -> None:
    beyond = model.snap(points).status == STATUSES.index("beyond")
    if beyond.any():
        raise InputError(
            Problem(
                "no_road_near",
                column="--at",
                value=f"{at[i][0]:g},{at[i][1]:g}",
                values={"limit_m": model.limits.access_urban_m},
            )
            for i in np.flatnonzero(beyond).tolist()
        )

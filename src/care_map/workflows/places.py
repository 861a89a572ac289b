"""Roads and points of the commands that need no study: `isochrone` and `route`."""

from collections.abc import Hashable, Sequence
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely
from pyproj import Transformer

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
from care_map.routing.isochrones import isochrones, lattice_cell_m
from care_map.routing.nearest import TravelModel, travel_model
from care_map.routing.routes import Route, find_route
from care_map.values import DEFAULT_LIMITS, PROFILES, Limits, Profile

__all__ = ["isochrone", "read_network", "route"]

LonLat = tuple[float, float]
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
) -> gpd.GeoDataFrame:
    """Return what is within some minutes of any of the points.

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

    Returns
    -------
    GeoDataFrame in EPSG:4326 with ``minutes, profile, cell_m``; the shorter lies in the longer.
    ``cell_m`` is how exact the line is.

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
    cutoffs_s = sorted({float(m) * 60.0 for m in minutes})
    cell_m = lattice_cell_m(model, points, cutoffs_s[-1])
    polygons = isochrones(model, points, cutoffs_s, cell_m=cell_m)
    columns = {"minutes": [s / 60.0 for s in cutoffs_s], "profile": profile, "cell_m": cell_m}
    table = gpd.GeoDataFrame(columns, geometry=polygons, crs=_network(model).crs)
    return table.to_crs("EPSG:4326")


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
    to_degrees = Transformer.from_crs(_network(model).crs, "EPSG:4326", always_xy=True)
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
    to_metric = Transformer.from_crs("EPSG:4326", _network(model).crs, always_xy=True)
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

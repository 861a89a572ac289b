"""What a scenario makes of the roads: some closed, some drawn anew, a lift beside stairs.

The table of ways is changed before any graph is made of it. A way that is drawn anew is marked in
the column ``scenario_added``: who met a road without it may go on by that one.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from care_map.errors import InputError, Problem
from care_map.inputs.crs import LONLAT
from care_map.inputs.datum import to_wgs84
from care_map.inputs.tables import RoadTable
from care_map.network.costs import EdgeCosts, component_lengths_m
from care_map.projections import transformer
from care_map.scenarios import AddLift, AddRoad, Change, CloseRoad, Scenario
from care_map.values import Datum

__all__ = ["changed_roads", "former_costs"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_ADDED = "scenario_added"
"""Column of the ways: ``yes`` for those that a scenario draws."""
JOIN_M = 30.0
"""Distance up to which the end of a new road meets a road, and a place means one (default)."""
_SAME_M = 0.5


def changed_roads(
    table: RoadTable, scenario: Scenario, crs: CRS
) -> tuple[RoadTable, tuple[Problem, ...]]:
    """Return the roads as they are in a scenario.

    Parameters
    ----------
    table
        The roads as read; it is not changed.
    scenario
        Its changes of roads; the others are none of this.
    crs
        Metric CRS of the network: in it a road is straight between two vertices, and so is one
        that is cut where another begins.

    Returns
    -------
    RoadTable
    tuple of Problem
        New roads that meet no other.

    Raises
    ------
    InputError
        A road or stairs that are meant are not there; all of them are listed.
    """
    source = scenario.source or scenario.name
    ground = _Metres(transformer(LONLAT, crs), transformer(crs, LONLAT))
    errors: list[Problem] = []
    findings: list[Problem] = []
    for key, change in scenario.keyed():
        found: tuple[RoadTable, list[Problem]] | None = None
        if isinstance(change, AddRoad):
            found = _with_road(table, change, ground)
        elif isinstance(change, CloseRoad):
            found = _without_road(table, change, ground)
        elif isinstance(change, AddLift):
            found = _with_lift(table, change, ground)
        if found is None:
            continue
        table, problems = found
        for problem in problems:
            placed = replace(problem, source=source, column=key)
            (errors if placed.severity == "error" else findings).append(placed)
    if not len(table.ways):
        errors.append(Problem("scenario_roads_gone", source=source))
    if errors:
        raise InputError(errors)
    return table, tuple(findings)


def former_costs(costs: EdgeCosts, *, min_component_m: float) -> EdgeCosts | None:
    """Return a network as points could meet it without the roads that a scenario adds.

    Parameters
    ----------
    costs
        The network as a profile sees it.
    min_component_m
        Length from which a connected part is no island.

    Returns
    -------
    EdgeCosts or None
        The added roads stand in it and may not be used; None where none may be.
    """
    network = costs.network
    if _ADDED not in network.ways:
        return None
    old = (network.ways[_ADDED] != "yes").to_numpy(dtype=bool)[network.edge_way]
    if not (costs.usable & ~old).any():
        return None
    length_m = component_lengths_m(network, costs.usable & old)
    return replace(
        costs,
        forward_ok=costs.forward_ok & old,
        backward_ok=costs.backward_ok & old,
        large=length_m >= min_component_m,
    )


class _Metres(NamedTuple):
    """From degrees to metres, and back."""

    to: Transformer
    back: Transformer


class _Near(NamedTuple):
    """The place on a road that is nearest to another place."""

    metres: float
    way: int
    vertex: int
    before_m: float
    behind_m: float
    lon: float
    lat: float


def _nearest(
    table: RoadTable, ground: _Metres, lon: float, lat: float, which: Bools
) -> _Near | None:
    """Return the nearest place on one of some ways, None where there is none of them."""
    way_of = np.repeat(np.arange(len(table.ways)), np.diff(table.offsets))
    here = np.flatnonzero((way_of[:-1] == way_of[1:]) & which[way_of[:-1]])
    if not len(here):
        return None
    px, py = ground.to.transform(lon, lat)
    x, y = ground.to.transform(table.lon, table.lat)
    ax, ay, dx, dy = x[here], y[here], x[here + 1] - x[here], y[here + 1] - y[here]
    length2 = np.maximum(dx * dx + dy * dy, 1e-12)
    t = np.clip(((px - ax) * dx + (py - ay) * dy) / length2, 0.0, 1.0)
    away = np.hypot(ax + t * dx - px, ay + t * dy - py)
    at = int(np.argmin(away))
    there = ground.back.transform(ax[at] + t[at] * dx[at], ay[at] + t[at] * dy[at])
    return _Near(
        metres=float(away[at]),
        way=int(way_of[here[at]]),
        vertex=int(here[at]),
        before_m=float(t[at] * np.sqrt(length2[at])),
        behind_m=float((1.0 - t[at]) * np.sqrt(length2[at])),
        lon=float(there[0]),
        lat=float(there[1]),
    )


def _tag(table: RoadTable, name: str) -> NDArray[np.object_]:
    if name not in table.ways:
        return np.full(len(table.ways), "", dtype=object)
    return table.ways[name].astype(str).to_numpy(dtype=object)


def _lonlat(lon: float, lat: float, datum: Datum) -> tuple[float, float]:
    place = to_wgs84(lon, lat, datum=datum)
    return float(place[0]), float(place[1])


def _no_road(what: str, change: Change, metres: float | None) -> list[Problem]:
    lon, lat = getattr(change, "lon", None), getattr(change, "lat", None)
    value = getattr(change, "name", "") or f"{lon:.5f},{lat:.5f}"
    near = -1.0 if metres is None else round(metres)
    return [Problem(what, value=value, values={"limit": round(JOIN_M), "metres": near})]


def _without_road(
    table: RoadTable, change: CloseRoad, ground: _Metres
) -> tuple[RoadTable, list[Problem]]:
    closed = np.zeros(len(table.ways), dtype=bool)
    if change.name:
        closed |= _tag(table, "name") == change.name
        if not closed.any():
            return table, _no_road("scenario_no_road_name", change, None)
    if change.lon is not None and change.lat is not None:
        lon, lat = _lonlat(change.lon, change.lat, change.datum)
        # Of several roads of a name, the one that is nearest; without a name, of all.
        among = closed if change.name else np.ones(len(table.ways), dtype=bool)
        near = _nearest(table, ground, lon, lat, among)
        if near is None or near.metres > JOIN_M:
            return table, _no_road(
                "scenario_no_road", change, None if near is None else near.metres
            )
        closed = np.zeros(len(table.ways), dtype=bool)
        closed[near.way] = True
    return _take(table, ~closed), []


def _take(table: RoadTable, keep: Bools) -> RoadTable:
    """Return the table of some of its ways."""
    sizes = np.diff(table.offsets)
    vertices = np.repeat(keep, sizes)
    return replace(
        table,
        ways=table.ways[keep].reset_index(drop=True),
        offsets=np.concatenate([[0], np.cumsum(sizes[keep])]).astype(np.int64),
        node_id=table.node_id[vertices],
        lon=table.lon[vertices],
        lat=table.lat[vertices],
    )


def _with_road(
    table: RoadTable, change: AddRoad, ground: _Metres
) -> tuple[RoadTable, list[Problem]]:
    places = [_lonlat(lon, lat, change.datum) for lon, lat in change.line]
    lon, lat = (np.array(one, dtype=np.float64) for one in zip(*places, strict=True))
    loose = 0
    first_free = int(table.node_id.max(initial=0)) + 1
    nodes = np.arange(first_free, first_free + len(lon), dtype=np.int64)
    for end in (0, len(lon) - 1):
        near = _nearest(table, ground, lon[end], lat[end], np.ones(len(table.ways), dtype=bool))
        if near is None or near.metres > JOIN_M:
            loose += 1
            continue
        table, nodes[end] = _with_node(table, near, int(nodes[end]))
        # The last metres to the junction are part of the road.
        lon[end], lat[end] = near.lon, near.lat
    tags = {
        "highway": change.highway,
        "name": change.name,
        "oneway": "yes" if change.oneway else "",
        "bridge": "yes" if change.bridge else "",
    }
    problems = []
    if loose:
        values = {"limit": round(JOIN_M)}
        problems.append(Problem("scenario_road_loose", "warning", values=values, count=loose))
    return _appended(table, tags, nodes, lon, lat), problems


def _with_node(table: RoadTable, near: _Near, node: int) -> tuple[RoadTable, int]:
    """Return a table that has a node at a place on a road, and its id; a node there is taken."""
    for vertex, metres in ((near.vertex, near.before_m), (near.vertex + 1, near.behind_m)):
        if metres <= _SAME_M:
            return table, int(table.node_id[vertex])
    at = near.vertex + 1
    offsets = table.offsets.copy()
    offsets[near.way + 1 :] += 1
    table = replace(
        table,
        offsets=offsets,
        node_id=np.insert(table.node_id, at, node),
        lon=np.insert(table.lon, at, near.lon),
        lat=np.insert(table.lat, at, near.lat),
    )
    return table, node


def _with_lift(
    table: RoadTable, change: AddLift, ground: _Metres
) -> tuple[RoadTable, list[Problem]]:
    stairs = _tag(table, "highway") == "steps"
    lon, lat = _lonlat(change.lon, change.lat, change.datum)
    near = _nearest(table, ground, lon, lat, stairs)
    if near is None or near.metres > JOIN_M:
        return table, _no_road("scenario_no_stairs", change, None if near is None else near.metres)
    part = slice(int(table.offsets[near.way]), int(table.offsets[near.way + 1]))
    # Who takes the lift leaves it at its ends only; the stairs stay beside it.
    nodes = table.node_id[part].copy()
    first_free = int(table.node_id.max(initial=0)) + 1
    nodes[1:-1] = np.arange(first_free, first_free + len(nodes) - 2)
    tags = {"highway": "elevator"}
    if change.form == "escalator":
        tags = {"highway": "steps", "conveying": "yes"}
    return _appended(table, tags, nodes, table.lon[part], table.lat[part]), []


def _appended(
    table: RoadTable, tags: dict[str, str], nodes: Ints, lon: Floats, lat: Floats
) -> RoadTable:
    ways = table.ways if _ADDED in table.ways else table.ways.assign(**{_ADDED: ""})
    row: dict[str, object] = {}
    for name in ways.columns:
        numeric = pd.api.types.is_numeric_dtype(ways[name])
        whole = pd.api.types.is_integer_dtype(ways[name])
        row[name] = (0 if whole else np.nan) if numeric else ""
    row |= tags | {_ADDED: "yes"}
    for name in tags:
        if name not in ways:
            ways = ways.assign(**{name: ""})
    if "way_id" in row:
        row["way_id"] = int(table.ways["way_id"].min()) - 1 if len(table.ways) else -1
    added = pd.DataFrame({name: [row[name]] for name in ways.columns})
    return replace(
        table,
        ways=pd.concat([ways, added.astype(ways.dtypes)], ignore_index=True),
        offsets=np.append(table.offsets, table.offsets[-1] + len(nodes)),
        node_id=np.concatenate([table.node_id, nodes]),
        lon=np.concatenate([table.lon, lon]),
        lat=np.concatenate([table.lat, lat]),
    )

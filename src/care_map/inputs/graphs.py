"""Roads from a graph in memory: of osmnx, or any networkx graph whose nodes have `x` and `y`.

A graph has an edge per direction, and osmnx may cut a way at each of its vertices; a road table
has the way as it was drawn, once. Mirrored edges become one way, and pieces of one OSM way in
the same direction are put together again.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from care_map.errors import InputError, Problem
from care_map.inputs.crs import LONLAT, has_no_transformation
from care_map.inputs.findings import Findings
from care_map.inputs.osm_roads import (
    ROAD_CLASSES,
    ROAD_COLUMNS,
    ROAD_TAGS,
    parse_layer,
    parse_maxspeed_kph,
)
from care_map.inputs.road_checks import check_roads
from care_map.inputs.tables import RoadTable
from care_map.projections import transformer

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["roads_from_graph"]

Floats = NDArray[np.float64]
Graph: TypeAlias = "nx.Graph[Any]"

_NO_CLASS = "road"
_LISTED_CLASSES = 8
_DECIMALS = 7
_ENDS = 2
_BEYOND_EARTH = 1e9
_FLAGS = {"true": True, "false": False}
_DEGREES = (180.0, 90.0)
_PLAIN_TAGS = tuple(key for key in ROAD_TAGS if key != "oneway")
_PLAIN_COLUMNS = tuple(name for name in ROAD_COLUMNS if name != "oneway")


@dataclass(frozen=True, slots=True)
class _Edge:
    """One edge as a way: nodes, places, tags.

    `flag` is osmnx's one-way flag, which speaks of the edge's own direction; `oneway` is a tag
    and speaks of the way's.
    """

    start: int
    end: int
    xy: Floats
    tags: tuple[str, ...]
    osmid: str
    whole: bool
    flag: bool | None
    oneway: str | None
    backwards: bool
    both: bool = False


def roads_from_graph(
    graph: Graph, *, source: str = "graph"
) -> tuple[RoadTable, tuple[Problem, ...]]:
    """Return the roads of a graph as drawn.

    Parameters
    ----------
    graph
        Nodes with ``x`` and ``y`` in ``graph.graph["crs"]``, longitude and latitude without one.
        Edges may have a ``geometry``, ``osmid``, and OSM's tags; of a list (osmnx joins ways) the
        first value counts, of speeds the lowest. An edge without ``highway`` is a ``road``. An
        edge without ``oneway`` in a directed graph goes one way unless its mirror is there.
        ``graph.graph["barriers"]`` may hold ``(n, 4)`` segments x1, y1, x2, y2.
    source
        Name of the graph in messages and reports.

    Returns
    -------
    RoadTable
        One row per way, ids as text; barriers are None unless the graph has them.
    tuple of Problem
        What was left out, with counts.

    Raises
    ------
    InputError
        A node has no place, the CRS is unknown or cannot be brought to WGS84, barriers are no
        segments, or there is no road.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.MultiGraph()
    >>> graph.add_node("a", x=108.40, y=30.80)
    >>> graph.add_node("b", x=108.41, y=30.80)
    >>> _ = graph.add_edge("a", "b", highway="footway")
    >>> table, _ = roads_from_graph(graph)
    >>> table.ways["highway"].tolist(), table.lon.tolist()
    (['footway'], [108.4, 108.41])
    """
    findings = Findings(source=source)
    crs = _crs(graph, findings)
    xy = _places(graph, findings)
    number = {node: at for at, node in enumerate(graph.nodes)}
    edges = _joined(_edges(graph, number, xy), directed=graph.is_directed())
    edges = _known(edges, findings)
    if not edges:
        raise _fail(findings, "graph_no_road")
    table = _road_table(edges, len(xy), source)
    lon, lat = _to_lonlat(np.column_stack([table.lon, table.lat]), crs, findings)
    barriers = _barriers(graph, crs, findings)
    if barriers is None:
        findings.add("graph_no_barriers", "info")
    kinds = graph.nodes(data=True)
    lifts = [number[node] for node, data in kinds if data.get("highway") == "elevator"]
    table = replace(table, lon=lon, lat=lat, barriers=barriers, lifts=np.array(lifts, np.int64))
    return table, (*findings.problems, *check_roads(table))


def _fail(findings: Findings, code: str, *, count: int = 1, **values: str) -> InputError:
    problem = Problem(code, source=findings.source, values=values, count=count)
    findings.problems.append(problem)
    return InputError(findings.problems)


def _crs(graph: Graph, findings: Findings) -> CRS:
    given = graph.graph.get("crs")
    if given is None:
        return LONLAT
    try:
        crs = CRS.from_user_input(given)
    except CRSError:
        raise _fail(findings, "graph_crs_unknown", crs=str(given)[:80]) from None
    if has_no_transformation(crs):
        raise _fail(findings, "graph_old_crs", crs=crs.name)
    return crs


def _places(graph: Graph, findings: Findings) -> Floats:
    """Return the coordinates of all nodes in their order, ``(n, 2)``."""
    nodes = list(graph.nodes(data=True))
    xy = np.array([(_number(d.get("x")), _number(d.get("y"))) for _, d in nodes], dtype=float)
    xy = xy.reshape(-1, 2)
    lost = ~_on_earth(xy)
    if lost.any():
        first = str(nodes[int(np.flatnonzero(lost)[0])][0])
        raise _fail(findings, "graph_node_no_place", count=int(lost.sum()), node=first)
    return xy


def _on_earth(xy: Floats) -> NDArray[np.bool_]:
    """Tell which places are numbers that some coordinate system may have."""
    return np.asarray((np.abs(xy) < _BEYOND_EARTH).all(axis=1))


def _number(given: object) -> float:
    try:
        return float(given)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return math.nan


def _to_lonlat(xy: Floats, crs: CRS, findings: Findings) -> tuple[Floats, Floats]:
    lon, lat = np.ascontiguousarray(xy[:, 0]), np.ascontiguousarray(xy[:, 1])
    if crs != LONLAT:
        to_degrees = transformer(crs, LONLAT)
        lon, lat = (np.asarray(part) for part in to_degrees.transform(lon, lat))
    if not ((np.abs(lon) <= _DEGREES[0]) & (np.abs(lat) <= _DEGREES[1])).all():
        raise _fail(findings, "graph_not_degrees")
    return lon, lat


def _edges(graph: Graph, number: Mapping[object, int], xy: Floats) -> Iterator[_Edge]:
    for u, v, data in graph.edges(data=True):
        # osmnx keeps the direction of an undirected edge in `from` and `to`.
        start, end = data.get("from", u), data.get("to", v)
        if {start, end} != {u, v}:
            start, end = u, v
        yield _edge(number[start], number[end], xy, data)


def _edge(start: int, end: int, xy: Floats, data: Mapping[str, Any]) -> _Edge:
    line = _line(data.get("geometry"), xy[start], xy[end])
    flag, oneway = _oneway(data.get("oneway"))
    turned = data.get("reversed")
    if oneway is not None and _is_true(turned):
        start, end, line = end, start, line[::-1]
    ids = _listed(data.get("osmid"))
    return _Edge(
        start=start,
        end=end,
        xy=line,
        tags=tuple(_tag(data, name) for name in (*_PLAIN_TAGS, "maxspeed_kph")),
        osmid=_text(ids[0]) if ids else "",
        # A joined edge is no piece of one way; nor is a mirror that cannot say it is one.
        whole=len(ids) != 1 or (flag is not None and len(_listed(turned)) != 1),
        flag=flag,
        oneway=oneway,
        backwards=oneway is None and _is_true(turned),
    )


def _line(geometry: object, start: Floats, end: Floats) -> Floats:
    """Return an edge's vertices from its start to its end."""
    if not isinstance(geometry, shapely.LineString) or geometry.is_empty:
        return np.array([start, end])
    line = shapely.get_coordinates(geometry)
    if not _on_earth(line).all():
        return np.array([start, end])
    drawn = np.hypot(*(line[0] - start)) + np.hypot(*(line[-1] - end))
    turned = np.hypot(*(line[-1] - start)) + np.hypot(*(line[0] - end))
    return line[::-1] if turned < drawn else line


def _listed(given: object) -> Sequence[Any]:
    if given is None:
        return ()
    return tuple(given) if isinstance(given, list | tuple | set) else (given,)


def _is_true(given: object) -> bool:
    return given is True or (isinstance(given, str) and given.casefold() == "true")


def _oneway(given: object) -> tuple[bool | None, str | None]:
    """Return osmnx's flag, or the tag as text; neither where the edge says nothing."""
    values = _listed(given)
    if not values:
        return None, None
    first = values[0]
    if isinstance(first, bool | np.bool_):
        return bool(first), None
    text = _text(first)
    # osmnx writes True and False into GraphML; OSM's own word is the small `true`.
    if text in ("True", "False"):
        return _FLAGS[text.casefold()], None
    return None, text


def _tag(data: Mapping[str, Any], name: str) -> str:
    values = [text for text in map(_text, _listed(data.get(name))) if text]
    if name in ("maxspeed", "maxspeed_kph") and len(values) > 1:
        known = [text for text in values if not math.isnan(parse_maxspeed_kph(text))]
        return min(known or values, key=parse_maxspeed_kph)
    if name == "highway":
        return values[0] if values else _NO_CLASS
    return values[0] if values else ""


def _text(cell: object) -> str:
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    if isinstance(cell, bool | np.bool_):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _joined(edges: Iterable[_Edge], *, directed: bool) -> list[_Edge]:
    """Join edges with their mirrors, and say in the tag who may go which way."""
    found: dict[object, _Edge] = {}
    for edge in edges:
        drawn = np.round(edge.xy, _DECIMALS)
        ahead, back = drawn.tobytes(), drawn[::-1].tobytes()
        nodes = min(edge.start, edge.end), max(edge.start, edge.end)
        key = (nodes, min(ahead, back), edge.tags, edge.osmid, edge.oneway)
        other = found.get(key)
        if other is None:
            found[key] = edge
            continue
        same = other.start == edge.start and np.array_equal(np.round(other.xy, _DECIMALS), drawn)
        first = edge if other.backwards and not edge.backwards else other
        found[key] = replace(first, both=other.both or not same)
    return [replace(edge, oneway=_direction(edge, directed=directed)) for edge in found.values()]


def _direction(edge: _Edge, *, directed: bool) -> str:
    if edge.oneway is not None:
        return edge.oneway
    if edge.flag is None:
        return ("no" if edge.both else "yes") if directed else ""
    if edge.flag:
        return "no" if edge.both else "yes"
    # Silence keeps what a class implies (motorways, roundabouts), which osmnx's flag has lost;
    # it needs to be known which of the two directions is the way's.
    return "no" if edge.whole else ""


def _known(edges: list[_Edge], findings: Findings) -> list[_Edge]:
    """Leave out what is no road, as the readers of files do, and list it."""
    counts = Counter(edge.tags[0] for edge in edges if edge.tags[0] not in ROAD_CLASSES)
    if counts:
        listed = ", ".join(f"{name} ({n})" for name, n in counts.most_common(_LISTED_CLASSES))
        findings.add("graph_class_unknown", "info", count=counts.total(), classes=listed)
    return [edge for edge in edges if edge.tags[0] in ROAD_CLASSES]


def _stitched(edges: Sequence[_Edge]) -> list[list[int]]:
    """Return the edges of each way in order: pieces of one OSM way that follow each other."""
    groups: dict[object, list[int]] = {}
    for at, edge in enumerate(edges):
        alone = edge.whole or not edge.osmid
        key = at if alone else (edge.osmid, edge.tags, edge.oneway)
        groups.setdefault(key, []).append(at)
    return [chain for group in groups.values() for chain in _chains(edges, group)]


def _chains(edges: Sequence[_Edge], group: list[int]) -> Iterator[list[int]]:
    starts, ends = Counter(edges[i].start for i in group), Counter(edges[i].end for i in group)
    by_start = {edges[i].start: i for i in group}
    after = {
        i: by_start[edges[i].end]
        for i in group
        if starts[edges[i].end] == 1 and ends[edges[i].end] == 1 and len(group) > 1
    }
    begin = set(group) - set(after.values())
    seen: set[int] = set()
    # What is left after the open chains are rings; they open anywhere.
    for first in (*sorted(begin), *sorted(set(group) - begin)):
        chain, here = [], first
        while here not in seen:
            seen.add(here)
            chain.append(here)
            here = after.get(here, here)
        if chain:
            yield chain


def _road_table(edges: Sequence[_Edge], n_nodes: int, source: str) -> RoadTable:
    """Return the ways with coordinates still in the graph's CRS."""
    chains = _stitched(edges)
    lines, ids, fresh = [], [], n_nodes
    for chain in chains:
        for place, at in enumerate(chain):
            edge, skip = edges[at], 1 if place else 0
            inner = len(edge.xy) - _ENDS
            vertex = [edge.start, *range(fresh, fresh + inner), edge.end]
            fresh += inner
            lines.append(edge.xy[skip:])
            ids.extend(vertex[skip:])
    counts = [sum(len(edges[at].xy) - 1 for at in chain) + 1 for chain in chains]
    xy = np.concatenate(lines)
    return RoadTable(
        ways=_ways([edges[chain[0]] for chain in chains]),
        offsets=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        node_id=np.array(ids, dtype=np.int64),
        lon=xy[:, 0],
        lat=xy[:, 1],
        barriers=None,
        source=source,
    )


def _ways(edges: Sequence[_Edge]) -> pd.DataFrame:
    tags = pd.DataFrame(
        [edge.tags for edge in edges], columns=[*_PLAIN_COLUMNS, "maxspeed_kph"], dtype="str"
    )
    tags["oneway"] = pd.Series([edge.oneway for edge in edges], dtype="str")
    tags.insert(0, "way_id", pd.Series([edge.osmid for edge in edges], dtype="str"))
    given = tags["maxspeed_kph"].where(tags["maxspeed_kph"] != "", tags["maxspeed"])
    speed = given.map(parse_maxspeed_kph).astype(np.float64)
    layer = tags["layer"].map(parse_layer).astype(np.int64)
    tags = tags.assign(maxspeed_kph=speed, layer=layer)
    return tags[["way_id", *ROAD_COLUMNS, "maxspeed_kph"]]


def _barriers(graph: Graph, crs: CRS, findings: Findings) -> gpd.GeoDataFrame | None:
    given = graph.graph.get("barriers")
    if given is None:
        return None
    try:
        ends = np.asarray(given, dtype=float).reshape(-1, 4).reshape(-1, 2)
    except (TypeError, ValueError):
        raise _fail(findings, "graph_barriers") from None
    if not _on_earth(ends).all():
        raise _fail(findings, "graph_barriers")
    lon, lat = _to_lonlat(ends, crs, findings)
    places = np.column_stack([lon, lat]).reshape(-1, 2, 2)
    lines = np.asarray(shapely.linestrings(places), dtype=object)
    kind = pd.Series(["barrier"] * len(lines), dtype="str")
    return gpd.GeoDataFrame({"kind": kind}, geometry=lines, crs=4326)

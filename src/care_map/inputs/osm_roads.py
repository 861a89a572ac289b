"""The roads of an OSM extract as drawn, and the lines that nobody can cross.

Ways meet only at a node that they share. A node that the extract lacks (it was clipped) cuts
the way there; each part is a row of its own with the same ``way_id``.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import shapely
from numpy.typing import NDArray

from care_map.errors import InputError, Problem
from care_map.inputs.osm_file import reading
from care_map.inputs.osm_names import NAME_KEYS
from care_map.inputs.osm_ways import Parts, Ways, cut, read_ways, relations_of
from care_map.inputs.road_checks import check_roads
from care_map.inputs.tables import NamedPlace, RoadTable

__all__ = [
    "ROAD_CLASSES",
    "ROAD_COLUMNS",
    "ROAD_TAGS",
    "SETTLEMENTS",
    "parse_layer",
    "parse_maxspeed_kph",
    "read_osm_roads",
]

_LINKED = ("motorway", "trunk", "primary", "secondary", "tertiary")
ROAD_CLASSES = frozenset(
    (
        *_LINKED,
        *(f"{name}_link" for name in _LINKED),
        "unclassified",
        "residential",
        "living_street",
        "service",
        "pedestrian",
        "track",
        "footway",
        "path",
        "steps",
        "cycleway",
        "bridleway",
        "road",
        "corridor",
        "elevator",
        "busway",
    )
)
"""Values of ``highway`` that are roads; closed and area ways are read as lines too."""

_NO_ROAD = frozenset(
    (
        "construction",
        "proposed",
        "abandoned",
        "razed",
        "platform",
        "bus_stop",
        "rest_area",
        "services",
        "raceway",
        "bus_guideway",
        "escape",
        "crossing",
        "via_ferrata",
    )
)
"""Known values of ``highway`` that are rightly no roads here, left out without a word. Any
other value (private spellings such as ``trail``) is left out and listed."""

ROAD_TAGS = (
    "highway",
    "name",
    "oneway",
    "maxspeed",
    "bridge",
    "tunnel",
    "layer",
    "surface",
    "foot",
    "access",
    "vehicle",
    "motor_vehicle",
    "motorcar",
    "bicycle",
    "oneway:bicycle",
    "junction",
    "conveying",
    "motorroad",
    "area",
)
"""Tags of a road that are kept as text, empty where the way has none; ``layer`` is a number."""

ROAD_COLUMNS = tuple(key.replace(":", "_") for key in ROAD_TAGS)
"""Columns of :data:`ROAD_TAGS`: ``oneway:bicycle`` is ``oneway_bicycle``."""

KPH_PER_MPH = 1.609344

SETTLEMENTS = ("suburb", "quarter", "neighbourhood", "village", "hamlet", "isolated_dwelling")
"""Places that say where in a town somebody lives."""

_BARRIER_KEYS = ("waterway", "railway", "natural", "landuse")
_RAILWAYS = frozenset(("rail", "light_rail", "narrow_gauge"))
_WATERWAYS = frozenset(("river", "canal"))
_WATER_AREAS = (("natural", "water"), ("waterway", "riverbank"), ("landuse", "reservoir"))
_SPEED = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>mph|km/h|kmh|kph)?")
_LAYER = re.compile(r"[+-]?\d{1,3}")


def read_osm_roads(path: Path) -> tuple[RoadTable, tuple[Problem, ...]]:
    """Read the roads and the barriers of an OSM extract.

    Parameters
    ----------
    path
        ``.osm.pbf``, ``.osm``, ``.osm.gz`` or ``.osm.bz2``.

    Returns
    -------
    RoadTable
        Roads of :data:`ROAD_CLASSES`. Barriers are motorways and railways on no bridge and in
        no tunnel, rivers and canals in no tunnel, and the outlines of water.
    tuple of Problem
        What was cut, dropped or left out, with counts.

    Raises
    ------
    InputError
        The file cannot be read, or holds no road.
    """
    with reading(path):
        members = _water_members(path)
        highways = osmium.filter.KeyFilter("highway", *_BARRIER_KEYS)
        ways = read_ways(path, highways, keys=(*ROAD_TAGS, *_BARRIER_KEYS))
        missing = members - set(ways.way_id.tolist())
        banks = read_ways(path, osmium.filter.IdFilter(missing), keys=()) if missing else None
        lifts, places = _nodes_of_note(path)
    roads = ways.take(ways.where(lambda tags: tags.get("highway") in ROAD_CLASSES))
    parts = cut(roads)
    if not len(parts.way):
        raise InputError([_no_road(path, roads, parts)])
    table = _road_table(path, roads, parts, _barriers(ways, banks, members))
    problems = (*_problems(path, parts, _left_out(ways)), *_doubles(path, ways))
    return replace(table, lifts=lifts, places=places), (*problems, *check_roads(table))


def parse_maxspeed_kph(text: str) -> float:
    """Return a ``maxspeed`` tag in km/h, NaN where it is no positive number.

    Examples
    --------
    >>> parse_maxspeed_kph("60"), round(parse_maxspeed_kph("30 mph"), 2)
    (60.0, 48.28)
    >>> parse_maxspeed_kph("RU:urban"), parse_maxspeed_kph("0")
    (nan, nan)
    """
    found = _SPEED.fullmatch(text.strip().lower())
    if not found:
        return math.nan
    speed_kph = float(found["number"]) * (KPH_PER_MPH if found["unit"] == "mph" else 1.0)
    return speed_kph if speed_kph > 0 else math.nan


def parse_layer(text: str) -> int:
    """Return a ``layer`` tag as a number, 0 where it is none.

    Examples
    --------
    >>> parse_layer("-1"), parse_layer(""), parse_layer("upper")
    (-1, 0, 0)
    """
    found = _LAYER.fullmatch(text.strip())
    return int(found[0]) if found else 0


def _nodes_of_note(path: Path) -> tuple[NDArray[np.int64], tuple[NamedPlace, ...]]:
    """Return the ids of nodes that are lifts, and the settlements that have a name."""
    wanted = osmium.filter.TagFilter(
        ("highway", "elevator"), *(("place", kind) for kind in SETTLEMENTS)
    )
    lifts, places = [], []
    for node in osmium.FileProcessor(str(path), osmium.osm.NODE).with_filter(wanted):
        if not isinstance(node, osmium.osm.Node):
            continue
        if node.tags.get("highway") == "elevator":
            lifts.append(node.id)
        names = {key: node.tags[key] for key in NAME_KEYS if key in node.tags}
        if node.tags.get("place") in SETTLEMENTS and names and node.location.valid():
            places.append(NamedPlace(node.lon, node.lat, names))
    return np.array(lifts, dtype=np.int64), tuple(places)


def _water_members(path: Path) -> set[int]:
    """Return the ids of ways that bound a multipolygon of water."""
    water = osmium.filter.TagFilter(*_WATER_AREAS)
    return {
        member.ref
        for relation in relations_of(path, water)
        if relation.tags.get("type") == "multipolygon"
        for member in relation.members
        if member.type == "w"
    }


def _barrier_kind(tags: Mapping[str, str], *, closed: bool) -> str:
    """Return what a way keeps people from crossing, empty if nothing."""
    if closed and any(tags.get(key) == value for key, value in _WATER_AREAS):
        return "water"
    if tags.get("tunnel", "no") != "no":
        return ""
    if tags.get("waterway") in _WATERWAYS:
        return "water"
    if tags.get("bridge", "no") != "no":
        return ""
    if tags.get("railway") in _RAILWAYS:
        return "railway"
    return "motorway" if tags.get("highway") in ("motorway", "motorway_link") else ""


def _barriers(ways: Ways, banks: Ways | None, members: set[int]) -> gpd.GeoDataFrame:
    open_kinds, closed_kinds = (
        np.array([_barrier_kind(tags, closed=closed) for tags in ways.tag_sets], dtype=object)
        for closed in (False, True)
    )
    kinds = np.where(ways.closed, closed_kinds[ways.tag_row], open_kinds[ways.tag_row])
    kinds[np.isin(ways.way_id, list(members))] = "water"
    drawn = kinds != ""
    frames = [_lines(ways.take(drawn), kinds[drawn])]
    if banks is not None:
        frames.append(_lines(banks, np.full(len(banks.way_id), "water", dtype=object)))
    return pd.concat(frames, ignore_index=True)


def _lines(ways: Ways, kinds: NDArray[np.object_]) -> gpd.GeoDataFrame:
    parts = cut(ways)
    index = np.repeat(np.arange(len(parts.way)), np.diff(parts.offsets))
    lines = shapely.linestrings(ways.lonlat[parts.vertex], indices=index)
    kind = pd.Series(kinds[parts.way], dtype="str")
    return gpd.GeoDataFrame({"kind": kind}, geometry=lines, crs=4326)


def _road_table(path: Path, roads: Ways, parts: Parts, barriers: gpd.GeoDataFrame) -> RoadTable:
    columns = dict(zip(ROAD_COLUMNS, roads.columns(ROAD_TAGS).values(), strict=True))
    whole = pd.DataFrame({"way_id": roads.way_id, **columns})
    whole["maxspeed_kph"] = _each(whole["maxspeed"], parse_maxspeed_kph).astype(np.float64)
    whole["layer"] = _each(whole["layer"], parse_layer).astype(np.int64)
    lonlat = roads.lonlat[parts.vertex]
    return RoadTable(
        ways=whole.take(parts.way).reset_index(drop=True),
        offsets=parts.offsets,
        node_id=roads.ref[parts.vertex],
        lon=np.ascontiguousarray(lonlat[:, 0]),
        lat=np.ascontiguousarray(lonlat[:, 1]),
        barriers=barriers,
        source=path.name,
    )


def _each(column: pd.Series, parse: Callable[[str], float]) -> pd.Series:
    """Parse each distinct text once."""
    return column.map({text: parse(text) for text in column.unique()})


def _no_road(path: Path, roads: Ways, parts: Parts) -> Problem:
    if not len(roads.way_id):
        return Problem("osm_no_road", source=path.name)
    values = {"ways": len(roads.way_id), "missing": parts.n_missing}
    return Problem("osm_no_locations", source=path.name, values=values)


def _left_out(ways: Ways) -> Counter[str]:
    """Count the ways whose ``highway`` is neither a road nor known as none."""
    known = ROAD_CLASSES | _NO_ROAD | {""}
    values = ways.columns(["highway"])["highway"]
    return Counter(values[~values.isin(known)])


def _doubles(path: Path, ways: Ways) -> Iterator[Problem]:
    if ways.n_double:
        yield Problem("osm_way_double", severity="warning", source=path.name, count=ways.n_double)


def _problems(path: Path, parts: Parts, left_out: Counter[str]) -> Iterator[Problem]:
    source = path.name
    if parts.n_missing:
        yield Problem(
            "osm_node_missing",
            severity="warning",
            source=source,
            count=parts.n_missing,
            values={"ways": parts.n_cut},
        )
    if parts.n_dropped:
        yield Problem("osm_way_dropped", severity="warning", source=source, count=parts.n_dropped)
    if left_out:
        most = sorted(left_out.items(), key=lambda entry: (-entry[1], entry[0]))[:5]
        yield Problem(
            "osm_class_unknown",
            severity="info",
            source=source,
            count=left_out.total(),
            values={"classes": ", ".join(f"{name} ({number})" for name, number in most)},
        )

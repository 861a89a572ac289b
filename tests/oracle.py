"""Travel times worked out a second time, plainly and slowly, to check the engine by.

Nothing here is shared with what it checks: no import of `care_map`, own reading of OSM, own
figures (from the description of the point-time function), one networkx node per OSM node, no
merging of chains, no grid. Read it as the definition in code.
"""

import heapq
import math
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import networkx as nx
import numpy as np
import osmium
import rasterio
import shapely
from pyproj import CRS, Transformer

# -- figures, written out once more -----------------------------------------------------------

STANDARD: dict[str, Any] = {
    "mode": "foot",
    "walk_speed_mps": 1.0,
    "stairs_factor": 3.0,
    "escalator_mps": 0.45,
    "lift_s": 90.0,
    "steepest": math.inf,
    "overhead_s": 0.0,
}
ELDER: dict[str, Any] = {**STANDARD, "walk_speed_mps": 0.85}
AGED_80: dict[str, Any] = {**STANDARD, "walk_speed_mps": 0.7}
FRAIL: dict[str, Any] = {**STANDARD, "walk_speed_mps": 0.6}
WHEELCHAIR: dict[str, Any] = {
    **STANDARD,
    "walk_speed_mps": 0.8,
    "stairs_factor": math.inf,
    "escalator_mps": 0.0,
    "steepest": 0.08,
}
RURAL_DRIVE: dict[str, Any] = {
    "mode": "car",
    "walk_speed_mps": 1.0,
    "overhead_s": 180.0,
    "car_speed_kph": {
        "motorway": 80,
        "trunk": 55,
        "primary": 45,
        "secondary": 38,
        "tertiary": 30,
        "unclassified": 20,
        "residential": 20,
        "road": 20,
        "living_street": 10,
        "service": 15,
        "track": 12,
    },
}
URBAN_DRIVE: dict[str, Any] = {
    **RURAL_DRIVE,
    "car_speed_kph": {
        "motorway": 80,
        "trunk": 50,
        "primary": 40,
        "secondary": 35,
        "tertiary": 30,
        "unclassified": 25,
        "residential": 20,
        "road": 20,
        "living_street": 10,
        "service": 10,
        "track": 10,
    },
}
CYCLE: dict[str, Any] = {
    "mode": "cycle",
    "walk_speed_mps": 1.0,
    "cycle_kph": 15.0,
    "overhead_s": 0.0,
}
PROFILES = {
    "standard": STANDARD,
    "elder": ELDER,
    "aged_80": AGED_80,
    "frail": FRAIL,
    "wheelchair": WHEELCHAIR,
    "rural_drive": RURAL_DRIVE,
    "urban_drive": URBAN_DRIVE,
    "cycle": CYCLE,
}
# Time on a grade over time on the level, DIN 33466 uphill; straight lines between.
DIN = [
    (-0.25, 2.32),
    (-0.10, 1.33),
    (-0.05, 1.0),
    (0.0, 1.0),
    (0.05, 1.33),
    (0.10, 1.83),
    (0.15, 2.50),
    (0.25, 3.84),
]
STATION_M = 30.0
WINDOW_M = 60.0
STEEPEST_GROUND = 0.25
LIMITS = {"access_urban_m": 200.0, "access_rural_m": 500.0, "min_component_m": 2000.0}

FOOT_ROADS = [
    "trunk",
    "trunk_link",
    "primary",
    "primary_link",
    "secondary",
    "secondary_link",
    "tertiary",
    "tertiary_link",
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
]
CAR_ROADS = [
    "motorway",
    "motorway_link",
    "trunk",
    "trunk_link",
    "primary",
    "primary_link",
    "secondary",
    "secondary_link",
    "tertiary",
    "tertiary_link",
    "unclassified",
    "residential",
    "living_street",
    "service",
    "road",
    "track",
]
ROADS = {*FOOT_ROADS, "motorway", "motorway_link", "busway"}
CYCLE_IF_INVITED = {"footway", "pedestrian", "corridor", "bridleway", "busway"}
FOOT_INVITED = {"yes", "designated", "permissive", "official", "destination", "customers"}
CAR_FORBIDDEN = {
    "no",
    "private",
    "agricultural",
    "forestry",
    "agricultural;forestry",
    "emergency",
}
CYCLE_FORBIDDEN = {*CAR_FORBIDDEN, "dismount", "use_sidepath"}
KPH_PER_MPH = 1.609344

# Within this distance two candidates, or a crossing and the end of a leg, are the same place:
# floating point cannot tell them apart.
SAME_PLACE_M = 1e-6
# Along a way: a window that ends at a station ends at it to this.
SAME_STATION_M = 1e-9

OrderedNodes = list[tuple[int, float | None, float | None]]
LonLat = tuple[float, float]
Point = tuple[float, float, str]  # lon, lat, setting


# -- reading ----------------------------------------------------------------------------------


@dataclass
class OracleNetwork:
    """Raw ways, ``{"id", "nodes": [(id, lon, lat)], "tags"}``, and lines no leg may cross.

    A node without position (None) is one that the extract lacks. Some nodes are lifts.
    """

    ways: list[dict[str, Any]]
    barriers: list[list[LonLat]] = field(default_factory=list)
    lifts: set[int] = field(default_factory=set)


def read_osm_ways(path: Path | str) -> OracleNetwork:
    ways, lifts = [], set()
    for item in osmium.FileProcessor(str(path)).with_locations():
        if item.is_node() and item.tags.get("highway") == "elevator":
            lifts.add(item.id)
        if not item.is_way():
            continue
        nodes = [
            (node.ref, node.lon, node.lat) if node.location.valid() else (node.ref, None, None)
            for node in item.nodes
        ]
        ways.append({"id": item.id, "nodes": nodes, "tags": {tag.k: tag.v for tag in item.tags}})
    barriers = [
        [(lon, lat) for _, lon, lat in run]
        for way in ways
        if is_barrier(way)
        for run in runs(way["nodes"])
    ]
    return OracleNetwork(ways, [line for line in barriers if len(line) > 1], lifts)


@cache
def metres(crs: CRS | str) -> Transformer:
    """Return the way from degrees to metres; PROJ takes its time to find it."""
    return Transformer.from_crs("EPSG:4326", crs, always_xy=True)


def is_barrier(way: dict[str, Any]) -> bool:
    tags = way["tags"]
    bridge = tags.get("bridge", "no") not in ("no", "")
    tunnel = tags.get("tunnel", "no") not in ("no", "")
    if tags.get("highway") in ("motorway", "motorway_link"):
        return not bridge and not tunnel
    if tags.get("railway") in ("rail", "light_rail", "narrow_gauge"):
        return not bridge and not tunnel
    if tags.get("waterway") in ("river", "canal"):
        return not tunnel
    surface = (
        tags.get("natural") == "water"
        or tags.get("waterway") == "riverbank"
        or tags.get("landuse") == "reservoir"
    )
    closed = len(way["nodes"]) > 2 and way["nodes"][0][0] == way["nodes"][-1][0]
    return surface and closed


def runs(nodes: OrderedNodes) -> Iterator[list[tuple[int, float, float]]]:
    """Cut a way where the extract lacks a node."""
    run: list[tuple[int, float, float]] = []
    for node_id, lon, lat in nodes:
        if lon is None or lat is None:
            yield run
            run = []
        else:
            run.append((node_id, lon, lat))
    yield run


# -- who may go where, and how fast -----------------------------------------------------------


def may_walk(tags: dict[str, str]) -> bool:
    foot = tags.get("foot", "")
    if tags.get("motorroad") == "yes":
        return False
    if tags["highway"] == "busway":
        return foot in ("yes", "designated", "permissive")
    if tags["highway"] not in FOOT_ROADS or foot in ("no", "private"):
        return False
    if foot in FOOT_INVITED:
        return True
    return tags.get("access") not in ("private", "no")


def may_drive(tags: dict[str, str]) -> bool:
    if tags["highway"] not in CAR_ROADS:
        return False
    for key in ("motorcar", "motor_vehicle", "vehicle", "access"):
        if tags.get(key):
            return tags[key] not in CAR_FORBIDDEN
    return True


def may_cycle(tags: dict[str, str]) -> bool:
    highway, bicycle = tags["highway"], tags.get("bicycle", "")
    if highway in ("motorway", "motorway_link", "steps", "elevator"):
        return False
    if highway not in ROADS or tags.get("motorroad") == "yes":
        return False
    if highway in CYCLE_IF_INVITED and bicycle not in ("yes", "designated", "permissive"):
        return False
    for key in ("bicycle", "vehicle", "access"):
        if tags.get(key):
            return tags[key] not in CYCLE_FORBIDDEN
    return True


def cycle_directions(tags: dict[str, str]) -> tuple[bool, bool]:
    own = tags.get("oneway:bicycle")
    return drive_directions({**tags, "oneway": own} if own else tags)


def drive_directions(tags: dict[str, str]) -> tuple[bool, bool]:
    """Whether cars may go along the drawing, and against it."""
    oneway = tags.get("oneway", "")
    if oneway in ("yes", "true", "1"):
        return True, False
    if oneway in ("-1", "reverse"):
        return False, True
    if oneway == "no":
        return True, True
    by_nature = tags["highway"] in ("motorway", "motorway_link")
    by_nature = by_nature or tags.get("junction") in ("roundabout", "circular")
    return True, not by_nature


def maxspeed_kph(tags: dict[str, str]) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(\s*mph|\s*km/h)?", tags.get("maxspeed", ""))
    if match is None or float(match[1]) <= 0:
        return math.inf
    return float(match[1]) * (KPH_PER_MPH if "mph" in (match[2] or "") else 1.0)


def walk_pace(tags: dict[str, str], profile: dict[str, Any], way_m: float) -> float:
    """Seconds per metre on the level; infinite where one may not walk."""
    if not may_walk(tags):
        return math.inf
    if tags["highway"] == "elevator":
        return profile["lift_s"] / way_m if way_m > 0 else 0.0
    if tags["highway"] == "steps":
        if tags.get("conveying", "no") not in ("no", ""):
            speed = profile["escalator_mps"]
            return 1.0 / speed if speed else math.inf
        return profile["stairs_factor"] / profile["walk_speed_mps"]
    return 1.0 / profile["walk_speed_mps"]


def wheel_pace(tags: dict[str, str], profile: dict[str, Any]) -> tuple[float, float]:
    """Seconds per metre along the drawing and against it; infinite where one may not go."""
    if profile["mode"] == "car":
        if not may_drive(tags):
            return math.inf, math.inf
        road_class = tags["highway"].removesuffix("_link")
        pace = 3.6 / min(profile["car_speed_kph"][road_class], maxspeed_kph(tags))
        forward, backward = drive_directions(tags)
    else:
        if not may_cycle(tags):
            return math.inf, math.inf
        pace = 3.6 / profile["cycle_kph"]
        forward, backward = cycle_directions(tags)
    return (pace if forward else math.inf), (pace if backward else math.inf)


def din(grade: float) -> float:
    for (low, at_low), (high, at_high) in pairwise(DIN):
        if low <= grade <= high:
            return at_low + (grade - low) / (high - low) * (at_high - at_low)
    raise ValueError(grade)


# -- hills ------------------------------------------------------------------------------------


class Heights:
    """Metres on a grid; row 0, column 0 is the middle of the first cell.

    Parameters
    ----------
    grid
        Rows of heights, NaN in holes.
    place
        Longitude and latitude → column and row, fractions counted from the first cell's middle.
    """

    def __init__(self, grid: Any, place: Callable[[float, float], tuple[float, float]]) -> None:
        self.grid = np.asarray(grid, dtype=float).tolist()
        self.place = place

    @classmethod
    def read(cls, path: Path | str) -> "Heights":
        """Read a raster that is drawn in degrees."""
        with rasterio.open(path) as raster:
            assert raster.crs.to_epsg() == 4326
            assert raster.transform.b == raster.transform.d == 0
            grid = raster.read(1).astype(float)
            if raster.nodata is not None:
                grid[grid == raster.nodata] = math.nan
            west, north = raster.transform.c, raster.transform.f
            wide, high = raster.transform.a, -raster.transform.e
        return cls(grid, lambda lon, lat: ((lon - west) / wide - 0.5, (north - lat) / high - 0.5))

    def at(self, lon: float, lat: float) -> float:
        """Return the height between four cells' middles, NaN if one of them has none."""
        column, row = self.place(lon, lat)
        j, i = math.floor(column), math.floor(row)
        if not (0 <= i < len(self.grid) - 1 and 0 <= j < len(self.grid[0]) - 1):
            return math.nan
        right, down = column - j, row - i
        upper = self.grid[i][j] * (1 - right) + self.grid[i][j + 1] * right
        lower = self.grid[i + 1][j] * (1 - right) + self.grid[i + 1][j + 1] * right
        return upper * (1 - down) + lower * down


class Station(NamedTuple):
    node: Any
    x: float
    y: float
    along_m: float
    height_m: float


class Piece(NamedTuple):
    """What lies between two stations; without heights, between two nodes."""

    tail: Any
    head: Any
    ax: float
    ay: float
    bx: float
    by: float
    length_m: float
    grade: float  # NaN where unknown; not yet clamped


class Surveyed(NamedTuple):
    tags: dict[str, str]
    pieces: list[Piece]
    length_m: float


def survey(
    network: OracleNetwork, crs: CRS | str, heights: Heights | None = None
) -> list[Surveyed]:
    """Measure every road, whoever may use it; ways are cut where a node is missing."""
    tracks = []
    for way in network.ways:
        if way["tags"].get("highway") in ROADS:
            for run in runs(way["nodes"]):
                if len(run) > 1:
                    tracks.append((way["tags"], stations_of(len(tracks), run, crs, heights)))
    if heights is None:
        return [_surveyed(tags, track, [0.0] * (len(track) - 1)) for tags, track in tracks]
    node_m = bridge_heights(tracks)
    surveyed = []
    for tags, track in tracks:
        line = straight_rise(track, node_m) if is_covered(tags) else track
        surveyed.append(_surveyed(tags, line, grades(line)))
    return surveyed


def stations_of(
    number: int,
    run: list[tuple[int, float, float]],
    crs: CRS | str,
    heights: Heights | None,
) -> list[Station]:
    """Cut the segments of a way so that no piece is longer than 30 m, if there are heights."""
    xs, ys = metres(crs).transform([n[1] for n in run], [n[2] for n in run])
    height = heights.at if heights else lambda *_: 0.0
    found = [Station(run[0][0], xs[0], ys[0], 0.0, height(*run[0][1:]))]
    for i in range(len(run) - 1):
        _, lon, lat = run[i]
        node, next_lon, next_lat = run[i + 1]
        dx, dy = xs[i + 1] - xs[i], ys[i + 1] - ys[i]
        count = max(math.ceil(math.hypot(dx, dy) / STATION_M), 1) if heights else 1
        for k in range(1, count + 1):
            x, y = (
                (xs[i + 1], ys[i + 1])
                if k == count
                else (xs[i] + k / count * dx, ys[i] + k / count * dy)
            )
            place = (
                (next_lon, next_lat)
                if k == count
                else (lon + k / count * (next_lon - lon), lat + k / count * (next_lat - lat))
            )
            name = node if k == count else ("station", number, i, k)
            along = found[-1].along_m + math.hypot(x - found[-1].x, y - found[-1].y)
            found.append(Station(name, x, y, along, height(*place)))
    return found


def is_covered(tags: dict[str, str]) -> bool:
    return any(tags.get(key, "no") not in ("no", "") for key in ("bridge", "tunnel"))


def bridge_heights(tracks: list[tuple[dict[str, str], list[Station]]]) -> dict[int, float]:
    """Return the heights of the nodes where bridges and tunnels end."""
    covered = [track for tags, track in tracks if is_covered(tags)]
    in_the_open = {
        station.node for tags, track in tracks if not is_covered(tags) for station in track
    }
    ends: dict[int, int] = {}
    node_m: dict[int, float] = {}
    for track in covered:
        for station in (track[0], track[-1]):
            ends[station.node] = ends.get(station.node, 0) + 1
            node_m[station.node] = station.height_m
    free = {node for node in ends if node not in in_the_open and ends[node] > 1}
    joins = [(t[0].node, t[-1].node, 1 / max(t[-1].along_m, 0.001)) for t in covered]
    within: Any = nx.Graph()
    within.add_nodes_from(free)
    within.add_edges_from((a, b) for a, b, _ in joins if a in free and b in free)
    for group in nx.connected_components(within):
        node_m.update(_even_rise(sorted(group), joins, node_m))
    return node_m


def _even_rise(
    group: list[int], joins: list[tuple[int, int, float]], node_m: dict[int, float]
) -> dict[int, float]:
    """Solve for nodes that each have the weighted mean of their neighbours' heights."""
    row = {node: i for i, node in enumerate(group)}
    matrix, right = np.zeros((len(group), len(group))), np.zeros(len(group))
    anchored = False
    for a, b, weight in joins:
        for one, other in ((a, b), (b, a)):
            if one in row:
                matrix[row[one], row[one]] += weight
                if other in row:
                    matrix[row[one], row[other]] -= weight
                else:
                    right[row[one]] += weight * node_m[other]
                    anchored = True
    if not anchored:
        return {}
    return dict(zip(group, np.linalg.solve(matrix, right).tolist(), strict=True))


def straight_rise(track: list[Station], node_m: dict[int, float]) -> list[Station]:
    start_m, end_m = node_m[track[0].node], node_m[track[-1].node]
    total = track[-1].along_m
    return [
        station._replace(
            height_m=start_m + (station.along_m / total if total else 0.0) * (end_m - start_m)
        )
        for station in track
    ]


def grades(track: list[Station]) -> list[float]:
    """Return the grade of each piece over the 60 m of way round its middle."""
    along, height = [s.along_m for s in track], [s.height_m for s in track]
    total = along[-1]
    found = []
    for a, b in pairwise(along):
        low = max(min((a + b - WINDOW_M) / 2, total - WINDOW_M), 0.0)
        high = min(low + WINDOW_M, total)
        rise = _height_along(along, height, high) - _height_along(along, height, low)
        found.append(rise / (high - low) if high > low else 0.0)
    return found


def _height_along(along: list[float], height: list[float], at: float) -> float:
    after = bisect_left(along, at)
    for i in (after, after - 1):
        if 0 <= i < len(along) and abs(along[i] - at) <= SAME_STATION_M:
            return height[i]
    share = (at - along[after - 1]) / (along[after] - along[after - 1])
    return height[after - 1] + share * (height[after] - height[after - 1])


def _surveyed(tags: dict[str, str], track: list[Station], slopes: list[float]) -> Surveyed:
    pieces = [
        Piece(a.node, b.node, a.x, a.y, b.x, b.y, b.along_m - a.along_m, grade)
        for (a, b), grade in zip(pairwise(track), slopes, strict=True)
    ]
    return Surveyed(tags, pieces, track[-1].along_m)


def unknown_m(roads: list[Surveyed]) -> float:
    return sum(p.length_m for road in roads for p in road.pieces if math.isnan(p.grade))


def clamped_m(roads: list[Surveyed]) -> float:
    steep = (p for road in roads for p in road.pieces if abs(p.grade) > STEEPEST_GROUND)
    return sum(piece.length_m for piece in steep)


# -- segments ---------------------------------------------------------------------------------


class Segment(NamedTuple):
    tail: Any
    head: Any
    ax: float
    ay: float
    bx: float
    by: float
    length_m: float
    forward_s: float
    backward_s: float


def segments_of(roads: list[Surveyed], profile: dict[str, Any]) -> list[Segment]:
    """Return every straight piece that the mode may use in at least one direction."""
    pieces = []
    for road in roads:
        walks = profile["mode"] == "foot"
        level = walk_pace(road.tags, profile, road.length_m) if walks else math.inf
        paces = (level, level) if walks else wheel_pace(road.tags, profile)
        if math.isinf(paces[0]) and math.isinf(paces[1]):
            continue
        sloped = walks and road.tags["highway"] not in ("steps", "elevator")
        for piece in road.pieces:
            grade = 0.0 if math.isnan(piece.grade) else piece.grade
            grade = min(max(grade, -STEEPEST_GROUND), STEEPEST_GROUND)
            if sloped and abs(grade) > profile["steepest"]:
                continue
            uphill, downhill = (din(grade), din(-grade)) if sloped else (1.0, 1.0)
            # 0 m at an infinite pace is not a number: the direction stays closed.
            times = [
                math.inf if math.isinf(pace) else piece.length_m * pace * factor
                for pace, factor in zip(paces, (uphill, downhill), strict=True)
            ]
            if walks and road.tags["highway"] == "elevator" and road.length_m == 0:
                times = [profile["lift_s"] / len(road.pieces)] * 2
            pieces.append(Segment(*piece[:7], *times))
    return pieces


class Door(NamedTuple):
    """Where one way ends at a lift."""

    lift: int
    number: int


def lifts_of(roads: list[Surveyed], lifts: set[int]) -> set[int]:
    """Return the lifts between ways; where a way is the lift, the node is none."""
    ends: dict[int, int] = {}
    rides = set()
    for road in roads:
        for piece in road.pieces:
            for node in {piece.tail, piece.head} & lifts:
                if road.tags["highway"] == "elevator":
                    rides.add(node)
            for node in (piece.tail, piece.head):
                ends[node] = ends.get(node, 0) + 1
    return {node for node in lifts - rides if ends.get(node, 0) > 1}


def with_doors(pieces: list[Segment], lifts: set[int], lift_s: float) -> list[Segment]:
    """Let each piece that ends at a lift end at a door of its own, half the lift's time from it."""
    opened, rides = [], []
    for piece in pieces:
        ends = [piece.tail, piece.head]
        for i, (x, y) in enumerate((piece[2:4], piece[4:6])):
            if ends[i] in lifts:
                door = Door(ends[i], len(rides))
                rides.append(Segment(ends[i], door, x, y, x, y, 0.0, lift_s / 2, lift_s / 2))
                ends[i] = door
        opened.append(piece._replace(tail=ends[0], head=ends[1]))
    return opened + rides


def component_lengths(pieces: list[Segment]) -> list[float]:
    """Return for each segment the length of the connected part that it belongs to."""
    graph = nx.Graph()
    graph.add_edges_from((piece.tail, piece.head) for piece in pieces)
    part_of = {}
    for number, nodes in enumerate(nx.connected_components(graph)):
        part_of.update(dict.fromkeys(nodes, number))
    total: dict[int, float] = {}
    for piece in pieces:
        part = part_of[piece.tail]
        total[part] = total.get(part, 0.0) + piece.length_m
    return [total[part_of[piece.tail]] for piece in pieces]


# -- snapping ---------------------------------------------------------------------------------


class Barriers:
    """Straight pieces of the lines that no leg may cross."""

    def __init__(self, lines: Iterable[Sequence[LonLat]], to_metric: Transformer) -> None:
        self.pieces: list[tuple[LonLat, LonLat]] = []
        for line in lines:
            xs, ys = to_metric.transform([p[0] for p in line], [p[1] for p in line])
            ends = list(zip(xs, ys, strict=True))
            self.pieces += pairwise(ends)
        self.tree = shapely.STRtree(
            shapely.linestrings(np.array(self.pieces, dtype=float).reshape(-1, 2, 2))
        )

    def crossed(self, start: LonLat, end: LonLat) -> bool:
        near = self.tree.query(shapely.box(*_bounds(start, end)))
        return any(_crosses(start, end, *self.pieces[i]) for i in near)


def _bounds(a: LonLat, b: LonLat) -> tuple[float, float, float, float]:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1])


def _crosses(p: LonLat, q: LonLat, a: LonLat, b: LonLat) -> bool:
    """Whether the open leg p-q meets the inside of a-b at one point, its own ends aside."""
    leg = (q[0] - p[0], q[1] - p[1])
    wall = (b[0] - a[0], b[1] - a[1])
    cross = leg[0] * wall[1] - leg[1] * wall[0]
    if cross == 0:
        return False
    to_wall = (a[0] - p[0], a[1] - p[1])
    along_leg = (to_wall[0] * wall[1] - to_wall[1] * wall[0]) / cross
    along_wall = (to_wall[0] * leg[1] - to_wall[1] * leg[0]) / cross
    margin = SAME_PLACE_M / math.hypot(*leg)
    return margin < along_leg < 1 - margin and 0 < along_wall < 1


class Snap(NamedTuple):
    status: str  # ok, past_island, island, beyond
    segment: int  # -1 if beyond
    share: float  # how far along the segment, 0 to 1
    leg_m: float
    ambiguous: bool  # a second candidate at the same distance would do as well


BEYOND = Snap("beyond", -1, 0.0, math.inf, ambiguous=False)


class Roads:
    """Segments of one mode as arrays, to measure the distance from a point to all of them."""

    def __init__(self, pieces: list[Segment], barriers: Barriers, large_m: float) -> None:
        self.pieces = pieces
        self.barriers = barriers
        self.large = [length >= large_m for length in component_lengths(pieces)]
        ends = np.array([piece[2:6] for piece in pieces], dtype=float).reshape(-1, 4)
        self.a, self.b = ends[:, :2], ends[:, 2:]
        self.span = self.b - self.a
        self.squared = (self.span**2).sum(axis=1)
        self.least = np.minimum(self.a, self.b)
        self.most = np.maximum(self.a, self.b)

    def snap(self, point: LonLat, limit_m: float) -> Snap:
        candidates: list[tuple[float, int, float]] = []
        large = None
        for candidate in self._eligible(np.array(point), limit_m):
            if large is not None and candidate[0] > large[0] + SAME_PLACE_M:
                break
            candidates.append(candidate)
            if large is None and self.large[candidate[1]]:
                large = candidate
        if not candidates:
            return BEYOND
        chosen = large or candidates[0]
        distance, segment, share = chosen
        status = "ok" if large else "island"
        if large and candidates[0][0] < distance:
            status = "past_island"
        return Snap(status, segment, share, distance, self._ambiguous(chosen, candidates))

    def _eligible(self, point: Any, limit_m: float) -> list[tuple[float, int, float]]:
        """Return (distance, segment, share) of what the point may be joined to, nearest first.

        What is farther than the nearest of a large component cannot matter and is left out.
        """
        if not self.pieces:
            return []
        # What lies outside the square round the point (a metre to spare) is beyond the limit.
        square = (self.least <= point + limit_m + 1) & (self.most >= point - limit_m - 1)
        piece = np.flatnonzero(square[:, 0] & square[:, 1])
        a, b, span, squared = self.a[piece], self.b[piece], self.span[piece], self.squared[piece]
        along = ((point - a) * span).sum(axis=1)
        share = np.divide(along, squared, out=np.zeros(len(along)), where=squared > 0)
        share = np.clip(share, 0, 1)
        foot = a + share[:, None] * span
        foot[share == 1] = b[share == 1]
        distance = np.hypot(*(foot - point).T)
        near = np.flatnonzero(distance <= limit_m)
        free: list[tuple[float, int, float]] = []
        enough = math.inf
        for i in sorted(near, key=lambda i: (distance[i], piece[i])):
            if distance[i] > enough:
                break
            if not self.barriers.crossed(tuple(point), tuple(foot[i])):
                free.append((float(distance[i]), int(piece[i]), float(share[i])))
                if self.large[piece[i]] and math.isinf(enough):
                    enough = distance[i] + SAME_PLACE_M
        return free

    def _ambiguous(
        self, chosen: tuple[float, int, float], candidates: list[tuple[float, int, float]]
    ) -> bool:
        """Whether another place of the network is as near, or a smaller part of it."""
        place = self.stand(chosen[1], chosen[2])
        return any(
            abs(distance - chosen[0]) < SAME_PLACE_M and self.stand(segment, share) != place
            for distance, segment, share in candidates
        )

    def stand(self, segment: int, share: float) -> Any:
        """Name the place where a point stands: at a lift's door it is in the lift."""
        place = self.place(segment, share)
        return place.lift if isinstance(place, Door) else place

    def place(self, segment: int, share: float) -> Any:
        """Name a place of the network: a node, a door of a lift, or a share of one segment."""
        if share == 0:
            return self.pieces[segment].tail
        if share == 1:
            return self.pieces[segment].head
        return ("on", segment, share)


# -- times ------------------------------------------------------------------------------------

Streets = dict[Any, list[tuple[Any, float]]]


def streets(roads: Roads, snaps: Iterable[Snap], direction: str) -> Streets:
    """Return where one gets from each place in how many seconds, searching from the facilities.

    Each snapped place is a node more. On the way "to" facilities every edge points against the
    way one goes.
    """
    cuts: dict[int, set[float]] = {}
    for snap in snaps:
        if snap.segment >= 0:
            cuts.setdefault(snap.segment, set()).add(snap.share)
    found: Streets = {}
    for number, piece in enumerate(roads.pieces):
        stops = sorted({0.0, 1.0} | cuts[number]) if number in cuts else (0.0, 1.0)
        along_s, against_s = piece.forward_s, piece.backward_s
        if direction == "to":
            along_s, against_s = against_s, along_s
        for start, end in pairwise(stops):
            here, there = roads.place(number, start), roads.place(number, end)
            if math.isfinite(along_s):
                found.setdefault(here, []).append((there, along_s * (end - start)))
            if math.isfinite(against_s):
                found.setdefault(there, []).append((here, against_s * (end - start)))
    return found


def spread(found: Streets, starts: Iterable[tuple[Any, float]]) -> dict[Any, float]:
    """Return the least seconds from any of the starts to every place (Dijkstra)."""
    seconds: dict[Any, float] = {}
    # The running number keeps heapq from comparing places, which may be of different kinds.
    queue = [(time, i, place) for i, (place, time) in enumerate(starts)]
    heapq.heapify(queue)
    count = len(queue)
    while queue:
        time, _, place = heapq.heappop(queue)
        if place in seconds:
            continue
        seconds[place] = time
        for neighbour, step in found.get(place, ()):
            if neighbour not in seconds:
                count += 1
                heapq.heappush(queue, (time + step, count, neighbour))
    return seconds


@dataclass
class OracleAnswer:
    """Seconds of every (origin, facility), or of every origin to its nearest (``best``)."""

    best: list[float]
    matrix: list[list[float]]
    origin_snaps: list[Snap]
    facility_snaps: list[Snap]

    @property
    def statuses(self) -> list[str]:
        return [snap.status for snap in self.origin_snaps]


class Traveller:
    """One profile on one network, ready to be asked; it remembers where points snap."""

    def __init__(
        self,
        network: OracleNetwork,
        crs: CRS | str,
        profile: dict[str, Any],
        limits: dict[str, float] = LIMITS,
        *,
        heights: Heights | None = None,
        surveyed: list[Surveyed] | None = None,
    ) -> None:
        self.crs, self.profile, self.limits = crs, profile, limits
        self.barriers = Barriers(network.barriers, metres(crs))
        roads = surveyed or survey(network, crs, heights)
        pieces = segments_of(roads, profile)
        if profile["mode"] == "foot":
            pieces = with_doors(pieces, lifts_of(roads, network.lifts), profile["lift_s"])
        self.roads = Roads(pieces, self.barriers, limits["min_component_m"])
        self._snaps: dict[Point, Snap] = {}
        self._places: dict[Point, LonLat] = {}

    def limit_m(self, point: Point) -> float:
        return self.limits["access_rural_m" if point[2] == "rural" else "access_urban_m"]

    def snap(self, point: Point) -> Snap:
        if point not in self._snaps:
            self._snaps[point] = self.roads.snap(self.xy(point), self.limit_m(point))
        return self._snaps[point]

    def xy(self, point: Point) -> LonLat:
        if point not in self._places:
            x, y = metres(self.crs).transform(point[0], point[1])
            self._places[point] = (x, y)
        return self._places[point]

    def leg_s(self, snap: Snap) -> float:
        return snap.leg_m / self.profile["walk_speed_mps"]

    def direct_s(self, origin: Point, facility: Point) -> float:
        start, end = self.xy(origin), self.xy(facility)
        distance = math.hypot(end[0] - start[0], end[1] - start[1])
        limit = min(self.limit_m(origin), self.limit_m(facility))
        if distance > limit or self.barriers.crossed(start, end):
            return math.inf
        return distance / self.profile["walk_speed_mps"]

    def matrix(
        self, origins: Sequence[Point], facilities: Sequence[Point], direction: str = "to"
    ) -> OracleAnswer:
        """Return the seconds of every pair; infinite where there is no way."""
        starts, goals = [self.snap(p) for p in origins], [self.snap(p) for p in facilities]
        found = streets(self.roads, starts + goals, direction)
        columns = []
        for facility, goal in zip(facilities, goals, strict=True):
            times = spread(found, self._doors([goal]))
            columns.append(
                [
                    min(self._network_s(snap, times), self.direct_s(origin, facility))
                    for origin, snap in zip(origins, starts, strict=True)
                ]
            )
        rows = [[column[i] for column in columns] for i in range(len(origins))]
        best = [min(row, default=math.inf) for row in rows]
        return OracleAnswer(best, rows, starts, goals)

    def nearest(
        self, origins: Sequence[Point], facilities: Sequence[Point], direction: str = "to"
    ) -> OracleAnswer:
        """Return each origin's seconds to its nearest facility by one search (no matrix)."""
        starts, goals = [self.snap(p) for p in origins], [self.snap(p) for p in facilities]
        times = spread(streets(self.roads, starts + goals, direction), self._doors(goals))
        best = []
        for origin, snap in zip(origins, starts, strict=True):
            direct = min((self.direct_s(origin, f) for f in facilities), default=math.inf)
            best.append(min(self._network_s(snap, times), direct))
        return OracleAnswer(best, [], starts, goals)

    def _doors(self, goals: Iterable[Snap]) -> Iterator[tuple[Any, float]]:
        for goal in goals:
            if goal.segment >= 0:
                yield self.roads.stand(goal.segment, goal.share), self.leg_s(goal)

    def _network_s(self, snap: Snap, times: dict[Any, float]) -> float:
        """Return seconds by road, given those from each place to the facility's door."""
        if snap.segment < 0:
            return math.inf
        rest = times.get(self.roads.stand(snap.segment, snap.share), math.inf)
        return self.leg_s(snap) + self.profile["overhead_s"] + rest


def oracle_seconds(
    network: OracleNetwork,
    crs: CRS | str,
    origins: Sequence[Point],
    facilities: Sequence[Point],
    profile: dict[str, Any],
    limits: dict[str, float] = LIMITS,
) -> OracleAnswer:
    """Return the seconds of every origin to every facility on level ground."""
    return Traveller(network, crs, profile, limits).matrix(origins, facilities)


def oracle_nearest(
    network: OracleNetwork,
    crs: CRS | str,
    origins: Sequence[Point],
    facilities: Sequence[Point],
    profile: dict[str, Any],
    limits: dict[str, float] = LIMITS,
) -> OracleAnswer:
    """Return each origin's seconds to its nearest facility on level ground."""
    return Traveller(network, crs, profile, limits).nearest(origins, facilities)

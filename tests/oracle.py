"""Travel times worked out a second time, plainly and slowly, to check the engine by.

Nothing here is shared with what it checks: no import of `care_map`, own reading of OSM, own
figures (from the description of the point-time function), one networkx node per OSM node, no
merging of chains, no grid. Read it as the definition in code.
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import networkx as nx
import numpy as np
import osmium
import shapely
from pyproj import CRS, Transformer

# -- figures, written out once more -----------------------------------------------------------

STANDARD: dict[str, Any] = {
    "mode": "foot",
    "walk_speed_mps": 1.0,
    "stairs_factor": 3.0,
    "escalator_mps": 0.45,
    "overhead_s": 0.0,
}
ELDER: dict[str, Any] = {**STANDARD, "walk_speed_mps": 0.85}
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
PROFILES = {"standard": STANDARD, "elder": ELDER, "rural_drive": RURAL_DRIVE}
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
FOOT_INVITED = {"yes", "designated", "permissive", "official", "destination", "customers"}
CAR_FORBIDDEN = {
    "no",
    "private",
    "agricultural",
    "forestry",
    "agricultural;forestry",
    "emergency",
}
KPH_PER_MPH = 1.609344

# Within this distance two candidates, or a crossing and the end of a leg, are the same place:
# floating point cannot tell them apart.
SAME_PLACE_M = 1e-6

OrderedNodes = list[tuple[int, float | None, float | None]]
LonLat = tuple[float, float]
Point = tuple[float, float, str]  # lon, lat, setting


# -- reading ----------------------------------------------------------------------------------


@dataclass
class OracleNetwork:
    """Raw ways, ``{"id", "nodes": [(id, lon, lat)], "tags"}``, and lines no leg may cross.

    A node without position (None) is one that the extract lacks.
    """

    ways: list[dict[str, Any]]
    barriers: list[list[LonLat]] = field(default_factory=list)


def read_osm_ways(path: Path | str) -> OracleNetwork:
    ways = []
    for item in osmium.FileProcessor(str(path)).with_locations():
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
    return OracleNetwork(ways, [line for line in barriers if len(line) > 1])


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


def seconds_per_metre(tags: dict[str, str], profile: dict[str, Any]) -> tuple[float, float]:
    """Pace along the drawing and against it; infinite where the mode may not go."""
    if profile["mode"] == "foot":
        if not may_walk(tags):
            return math.inf, math.inf
        pace = 1.0 / profile["walk_speed_mps"]
        if tags["highway"] == "steps":
            moving = tags.get("conveying", "no") not in ("no", "")
            pace = 1.0 / profile["escalator_mps"] if moving else pace * profile["stairs_factor"]
        return pace, pace
    if not may_drive(tags):
        return math.inf, math.inf
    road_class = tags["highway"].removesuffix("_link")
    pace = 3.6 / min(profile["car_speed_kph"][road_class], maxspeed_kph(tags))
    forward, backward = drive_directions(tags)
    return (pace if forward else math.inf), (pace if backward else math.inf)


# -- segments ---------------------------------------------------------------------------------


class Segment(NamedTuple):
    tail: int
    head: int
    ax: float
    ay: float
    bx: float
    by: float
    length_m: float
    forward_s: float
    backward_s: float


def segments_of(
    network: OracleNetwork, to_metric: Transformer, profile: dict[str, Any]
) -> list[Segment]:
    """Return every straight piece that the mode may use in at least one direction."""
    pieces = []
    for way in network.ways:
        if "highway" not in way["tags"]:
            continue
        forward, backward = seconds_per_metre(way["tags"], profile)
        if math.isinf(forward) and math.isinf(backward):
            continue
        for run in runs(way["nodes"]):
            if len(run) < 2:
                continue
            xs, ys = to_metric.transform([n[1] for n in run], [n[2] for n in run])
            for i in range(len(run) - 1):
                length = math.hypot(xs[i + 1] - xs[i], ys[i + 1] - ys[i])
                # 0 m at an infinite pace is not a number: the direction stays closed.
                times = [math.inf if math.isinf(p) else length * p for p in (forward, backward)]
                ends = (run[i][0], run[i + 1][0], xs[i], ys[i], xs[i + 1], ys[i + 1])
                pieces.append(Segment(*ends, length, *times))
    return pieces


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
        self.tree = shapely.STRtree([shapely.LineString(piece) for piece in self.pieces])

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

    def _eligible(self, point: Any, limit_m: float) -> Iterator[tuple[float, int, float]]:
        """Yield (distance, segment, share) of what the point may be joined to, nearest first."""
        if not self.pieces:
            return
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
        for i in near[np.lexsort((piece[near], distance[near]))]:
            if not self.barriers.crossed(tuple(point), tuple(foot[i])):
                yield float(distance[i]), int(piece[i]), float(share[i])

    def _ambiguous(
        self, chosen: tuple[float, int, float], candidates: list[tuple[float, int, float]]
    ) -> bool:
        """Whether another place of the network is as near, or a smaller part of it."""
        place = self.place(chosen[1], chosen[2])
        return any(
            abs(distance - chosen[0]) < SAME_PLACE_M and self.place(segment, share) != place
            for distance, segment, share in candidates
        )

    def place(self, segment: int, share: float) -> Any:
        """Name a place of the network: an OSM node, or a share of one segment."""
        if share == 0:
            return self.pieces[segment].tail
        if share == 1:
            return self.pieces[segment].head
        return ("on", segment, share)


# -- times ------------------------------------------------------------------------------------


def turned_graph(roads: Roads, snaps: Iterable[Snap]) -> nx.MultiDiGraph:
    """Return seconds between OSM nodes, with a node more for each snapped place.

    Every edge points against the way one goes: times are searched from the facilities.
    """
    cuts: dict[int, set[float]] = {}
    for snap in snaps:
        if snap.segment >= 0:
            cuts.setdefault(snap.segment, set()).add(snap.share)
    graph = nx.MultiDiGraph()
    for number, piece in enumerate(roads.pieces):
        stops = sorted({0.0, 1.0} | cuts.get(number, set()))
        for start, end in pairwise(stops):
            here, there = roads.place(number, start), roads.place(number, end)
            if math.isfinite(piece.forward_s):
                graph.add_edge(there, here, seconds=piece.forward_s * (end - start))
            if math.isfinite(piece.backward_s):
                graph.add_edge(here, there, seconds=piece.backward_s * (end - start))
    return graph


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


def _limit(setting: str, limits: dict[str, float]) -> float:
    return limits["access_rural_m"] if setting == "rural" else limits["access_urban_m"]


class _Question:
    """Origins and facilities on one network, ready to be asked."""

    def __init__(
        self,
        network: OracleNetwork,
        crs: CRS | str,
        origins: Sequence[Point],
        facilities: Sequence[Point],
        profile: dict[str, Any],
        limits: dict[str, float],
    ) -> None:
        to_metric = metres(crs)
        self.profile = profile
        self.barriers = Barriers(network.barriers, to_metric)
        pieces = segments_of(network, to_metric, profile)
        self.roads = Roads(pieces, self.barriers, limits["min_component_m"])
        self.origins = [to_metric.transform(lon, lat) for lon, lat, _ in origins]
        self.facilities = [to_metric.transform(lon, lat) for lon, lat, _ in facilities]
        self.origin_limits = [_limit(setting, limits) for _, _, setting in origins]
        self.facility_limits = [_limit(setting, limits) for _, _, setting in facilities]
        self.origin_snaps = self._snap(self.origins, self.origin_limits)
        self.facility_snaps = self._snap(self.facilities, self.facility_limits)

    def backwards(self) -> nx.MultiDiGraph:
        """Return the graph to search from the facilities."""
        return turned_graph(self.roads, self.origin_snaps + self.facility_snaps)

    def _snap(self, points: list[LonLat], limits_m: list[float]) -> list[Snap]:
        return [self.roads.snap(p, limit) for p, limit in zip(points, limits_m, strict=True)]

    def place(self, snap: Snap) -> Any:
        return self.roads.place(snap.segment, snap.share)

    def leg_s(self, snap: Snap) -> float:
        return snap.leg_m / self.profile["walk_speed_mps"]

    def direct_s(self, origin: int, facility: int) -> float:
        start, end = self.origins[origin], self.facilities[facility]
        distance = math.hypot(end[0] - start[0], end[1] - start[1])
        limit = min(self.origin_limits[origin], self.facility_limits[facility])
        if distance > limit or self.barriers.crossed(start, end):
            return math.inf
        return distance / self.profile["walk_speed_mps"]

    def network_s(self, origin: int, from_places: dict[Any, float]) -> float:
        """Return seconds by road, given those from each place to the facility's door."""
        snap = self.origin_snaps[origin]
        if snap.segment < 0:
            return math.inf
        rest = from_places.get(self.place(snap), math.inf)
        return self.leg_s(snap) + self.profile["overhead_s"] + rest


def oracle_snaps(
    network: OracleNetwork,
    crs: CRS | str,
    points: Sequence[Point],
    profile: dict[str, Any],
    limits: dict[str, float] = LIMITS,
) -> list[Snap]:
    """Return where points meet the network, without any search."""
    return _Question(network, crs, points, [], profile, limits).origin_snaps


def oracle_seconds(
    network: OracleNetwork,
    crs: CRS | str,
    origins: Sequence[Point],
    facilities: Sequence[Point],
    profile: dict[str, Any],
    limits: dict[str, float] = LIMITS,
) -> OracleAnswer:
    """Return the seconds of every origin to every facility; infinite where there is no way."""
    asked = _Question(network, crs, origins, facilities, profile, limits)
    backwards = asked.backwards()
    columns = []
    for j, snap in enumerate(asked.facility_snaps):
        doors: dict[Any, float] = {}
        if snap.segment >= 0:
            times = nx.single_source_dijkstra_path_length(
                backwards, asked.place(snap), weight="seconds"
            )
            doors = {place: time + asked.leg_s(snap) for place, time in times.items()}
        columns.append(
            [min(asked.network_s(i, doors), asked.direct_s(i, j)) for i in range(len(origins))]
        )
    matrix = [[column[i] for column in columns] for i in range(len(origins))]
    best = [min(row, default=math.inf) for row in matrix]
    return OracleAnswer(best, matrix, asked.origin_snaps, asked.facility_snaps)


def oracle_nearest(
    network: OracleNetwork,
    crs: CRS | str,
    origins: Sequence[Point],
    facilities: Sequence[Point],
    profile: dict[str, Any],
    limits: dict[str, float] = LIMITS,
) -> OracleAnswer:
    """Return each origin's seconds to its nearest facility by one search (no matrix)."""
    asked = _Question(network, crs, origins, facilities, profile, limits)
    backwards = asked.backwards()
    backwards.add_node("doors")
    for snap in asked.facility_snaps:
        if snap.segment >= 0:
            backwards.add_edge("doors", asked.place(snap), seconds=asked.leg_s(snap))
    doors = nx.single_source_dijkstra_path_length(backwards, "doors", weight="seconds")
    best = []
    for i in range(len(origins)):
        direct = (asked.direct_s(i, j) for j in range(len(facilities)))
        best.append(min(asked.network_s(i, doors), min(direct, default=math.inf)))
    return OracleAnswer(best, [], asked.origin_snaps, asked.facility_snaps)

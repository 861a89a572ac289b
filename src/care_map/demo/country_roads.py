"""Country roads: which settlements are joined by what, and their bends."""

import itertools
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import shapely

from care_map.demo.drawing import Drawing, curve
from care_map.demo.lattice import Lattice, make_lattice
from care_map.demo.outline import district_outline
from care_map.demo.plane import Floats
from care_map.demo.quarters import draw_seat, draw_sites
from care_map.demo.river import HALF_WIDTH_M, river_line, river_y
from care_map.demo.settlements import SEAT_RADIUS_M, Settlement
from care_map.demo.sites import SITES
from care_map.demo.terrain import Terrain
from care_map.demo.town_grid import TownGrid

__all__ = ["INTERCHANGE_AT_M", "Country", "draw_country"]

_CLASSES = ("", "primary", "secondary", "tertiary", "unclassified", "track", "path")
_PRIMARY, _SECONDARY, _TERTIARY, _LOCAL, _TRACK, _PATH = range(1, 7)
_BRIDGES_AT_M = (-7150.0, 9400.0)
_BANK_M = HALF_WIDTH_M + 55
_TUNNEL = ((-1900.0, 6450.0), (-2300.0, 7650.0))
_EXITS = 12
INTERCHANGE_AT_M = (2100.0, 4000.0)
"""Where the motorway can be left: the node below it."""


@dataclass(slots=True)
class Country:
    """The points that roads must reach, and the net that they lie on.

    Parameters
    ----------
    nodes
        Node of the drawing for each fixed point of the net.
    joined
        Pairs of fixed points that are joined before any road is laid.
    structures
        Tags of those pairs that are bridges or a tunnel.
    rims
        Fixed points of each place by name: ``town``, a site's key, ``seat 3``, ``exit`` ….
    """

    nodes: list[int] = field(default_factory=list)
    joined: list[tuple[int, int]] = field(default_factory=list)
    structures: dict[tuple[int, int], dict[str, str]] = field(default_factory=dict)
    rims: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def fix(self, place: str, nodes: tuple[int, ...]) -> list[int]:
        """Make nodes of the drawing fixed points of a place; return their numbers."""
        first = len(self.nodes)
        self.nodes += nodes
        points = list(range(first, len(self.nodes)))
        self.rims[place] += points
        return points

    def join(self, points: list[int]) -> None:
        """Note that points hang together by streets drawn already."""
        self.joined += list(itertools.pairwise(points))


def draw_country(
    drawing: Drawing,
    rng: np.random.Generator,
    terrain: Terrain,
    *,
    town: TownGrid,
    settlements: list[Settlement],
) -> None:
    """Draw all roads outside the dense town."""
    country = Country()
    for rim in town.anchors:
        country.join(country.fix("town", rim))
    _fix_sites(country, drawing, rng)
    villages = _fix_settlements(country, drawing, rng, settlements)
    _fix_crossings(country, drawing)
    fixed = drawing.points(country.nodes)
    lattice = make_lattice(
        rng, terrain, fixed=fixed, blocked=_blocked(town, settlements), joined=country.joined
    )
    _lay(lattice, country, settlements, villages, rng)
    inner = {(min(pair), max(pair)) for pair in country.joined} - set(country.structures)
    _draw(drawing, lattice, country, rng, inner=inner)


def _fix_sites(country: Country, drawing: Drawing, rng: np.random.Generator) -> None:
    for key, rim in draw_sites(drawing, rng).items():
        points = country.fix(key, rim)
        if key == "far_bank":  # its two banks do not hang together
            country.join(points[:2])
            country.join(points[2:])
        else:
            country.join(points)


def _fix_settlements(
    country: Country, drawing: Drawing, rng: np.random.Generator, settlements: list[Settlement]
) -> dict[int, int]:
    villages = {}
    for number, one in enumerate(settlements):
        if one.kind == "seat":
            country.join(country.fix(f"seat {one.parent}", draw_seat(drawing, one, rng)))
        elif one.kind == "village" and not one.site:
            node = drawing.node(one.x, one.y)
            villages[number] = country.fix("village", (node,))[0]
    return villages


def _fix_crossings(country: Country, drawing: Drawing) -> None:
    """Fix both ends of the country's bridges and of its tunnel, the exits, the interchange."""
    for x in _BRIDGES_AT_M:
        y = float(river_y(x))
        ends = drawing.nodes([(x, y + _BANK_M), (x, y - _BANK_M)])
        pair = country.fix("bridge", tuple(ends))
        country.join(pair)
        country.structures[pair[0], pair[1]] = {"bridge": "yes", "layer": "1"}
    pair = country.fix("tunnel", tuple(drawing.nodes(_TUNNEL)))
    country.join(pair)
    country.structures[pair[0], pair[1]] = {"tunnel": "yes", "layer": "-1", "foot": "no"}
    country.fix("interchange", (drawing.node(*INTERCHANGE_AT_M),))
    border = district_outline().exterior
    for k in range(_EXITS):
        at = border.interpolate((k + 0.35) / _EXITS, normalized=True)
        country.fix("exit", (drawing.node(at.x * 1.11, at.y * 1.11),))


def _blocked(town: TownGrid, settlements: list[Settlement]) -> shapely.Geometry:
    discs = [shapely.Point(p.x, p.y).buffer(p.radius_m - 12) for p in SITES]
    discs += [
        shapely.Point(one.x, one.y).buffer(SEAT_RADIUS_M - 12)
        for one in settlements
        if one.kind == "seat"
    ]
    hulls = [hull.buffer(-6) for hull in town.hulls]
    return shapely.union_all([*discs, *hulls, river_line().buffer(HALF_WIDTH_M + 25)])


def _lay(
    lattice: Lattice,
    country: Country,
    settlements: list[Settlement],
    villages: dict[int, int],
    rng: np.random.Generator,
) -> None:
    rims = country.rims
    seats = {name: points for name, points in rims.items() if name.startswith("seat")}
    for point in rims["exit"][::3]:
        lattice.lay(point, rims["town"], _PRIMARY)
    lattice.lay(rims["tunnel"][0], rims["town"], _PRIMARY)
    lattice.lay(rims["tunnel"][1], rims["exit"], _PRIMARY)
    middles = {name: lattice.points[points].mean(axis=0) for name, points in seats.items()}
    for name, points in seats.items():
        lattice.lay(points[0], rims["town"], _SECONDARY)
        near = sorted(seats, key=lambda other: float(np.hypot(*(middles[other] - middles[name]))))
        for other in near[1:3]:
            lattice.lay(points[2], seats[other], _SECONDARY)
    for end in rims["bridge"]:
        lattice.lay(end, [p for points in seats.values() for p in points], _TERTIARY)
    lattice.lay(rims["interchange"][0], rims["town"], _SECONDARY)
    for number, point in villages.items():
        lattice.lay(point, seats[f"seat {settlements[number].parent}"], _TERTIARY)
    homes = list(villages.values())
    everywhere = [p for points in (*seats.values(), rims["town"], homes) for p in points]
    for place in SITES:
        for point in rims[place.key]:
            lattice.lay(point, everywhere, _TERTIARY)
    for point in rims["exit"]:
        lattice.lay(point, homes, _TERTIARY)
    _lay_lanes(lattice, homes, rng)


def _lay_lanes(lattice: Lattice, homes: list[int], rng: np.random.Generator) -> None:
    """Join neighbouring villages, and each village with hamlets round it."""
    points = lattice.points
    for home in homes:
        away = np.hypot(*(points - points[home]).T)
        near = sorted(homes, key=lambda other: float(away[other]))
        lattice.lay(home, [near[2]], _LOCAL)
        hamlets = np.flatnonzero((away > 420) & (away < 1500))
        for rank in (_LOCAL, _TRACK, _TRACK, _PATH):
            lattice.lay(int(rng.choice(hamlets)), [home], rank)


def _draw(
    drawing: Drawing,
    lattice: Lattice,
    country: Country,
    rng: np.random.Generator,
    *,
    inner: set[tuple[int, int]],
) -> None:
    """Draw what was laid: chains of one class as one way with bends."""
    nodes = dict(enumerate(country.nodes))
    around: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for (a, b), rank in zip(lattice.edges.tolist(), lattice.rank.tolist(), strict=True):
        pair = (min(a, b), max(a, b))
        tags = country.structures.get(pair)
        if tags is not None:
            drawing.way([nodes[a], nodes[b]], highway=_CLASSES[rank or _TERTIARY], **tags)
        if pair in inner or tags is not None:
            around[a].append((-1, b))  # ends chains without being drawn
            around[b].append((-1, a))
        elif rank:
            around[a].append((rank, b))
            around[b].append((rank, a))
    for point in around:
        if point not in nodes:
            nodes[point] = drawing.node(*lattice.points[point])
    for rank, chain in _chains(around):
        _bend(drawing, rng, lattice.points[chain], [nodes[p] for p in chain], rank)


def _chains(around: dict[int, list[tuple[int, int]]]) -> list[tuple[int, list[int]]]:
    """Split the net into chains that end where roads meet or change their class."""
    passing = {
        point
        for point, sides in around.items()
        if len(sides) == 2 and sides[0][0] == sides[1][0] > 0
    }
    done: set[tuple[int, int]] = set()
    chains = []
    for start in sorted(set(around) - passing) + sorted(passing):
        for rank, following in around[start]:
            if rank < 0 or (start, following) in done:
                continue
            chain = [start, following]
            while chain[-1] in passing and chain[-1] != start:
                onward = [p for _, p in around[chain[-1]] if p != chain[-2]]
                chain.append(onward[0] if onward else chain[-2])
            done |= set(itertools.pairwise(chain))
            done |= set(zip(chain[1:], chain[:-1], strict=True))
            chains.append((rank, chain))
    return chains


def _bend(
    drawing: Drawing, rng: np.random.Generator, points: Floats, nodes: list[int], rank: int
) -> None:
    path = [nodes[0]]
    for between, node in zip(curve(points, step_m=62.0), nodes[1:], strict=True):
        shaken = between + rng.normal(0, 3.0 if rank <= _SECONDARY else 7.0, between.shape)
        path += [*drawing.nodes(shaken), node]
    drawing.way(path, **_tags(rng, rank))


def _tags(rng: np.random.Generator, rank: int) -> dict[str, str]:
    tags = {"highway": _CLASSES[rank]}
    chance = rng.random()
    if rank == _PRIMARY:
        tags |= {"maxspeed": "60", "ref": "S901"}
    elif rank == _SECONDARY and chance < 0.4:
        tags["maxspeed"] = "50"
    elif rank == _TERTIARY and chance < 0.3:
        tags["maxspeed"] = "30"
    elif rank == _LOCAL:
        tags["surface"] = "concrete"
    elif rank == _TRACK:
        tags["surface"] = "dirt" if chance < 0.7 else "gravel"
    return tags

"""Roads that are drawn by hand: inside the planned sites and in the seats of the towns."""

from collections.abc import Callable, Iterable

import numpy as np

from care_map.demo.drawing import Drawing
from care_map.demo.plane import Floats
from care_map.demo.river import HALF_WIDTH_M, river_y
from care_map.demo.settlements import SEAT_RADIUS_M, Settlement
from care_map.demo.sites import SITES, Site

__all__ = ["BANK_LANE_M", "HILL_ROAD_M", "STAIRS_M", "draw_seat", "draw_sites"]

BANK_LANE_M = HALF_WIDTH_M + 60
"""From the river's middle to the lanes of the site on the far bank."""
STAIRS_M = 240.0
HILL_ROAD_M = 660.0
"""From the foot of the hill to its top, as the crow flies."""


def draw_sites(drawing: Drawing, rng: np.random.Generator) -> dict[str, tuple[int, ...]]:
    """Draw the roads of every planned site; return the nodes on its rim by key."""
    draw: dict[str, Callable[[Drawing, Site], tuple[int, ...]]] = {
        "far_bank": _far_bank,
        "hill": _hill,
        "stairs": _stairs,
        "no_road": lambda _drawing, _place: (),
        "not_operating": lambda drawing, place: _estate(drawing, place, rng),
        "full": lambda drawing, place: _estate(drawing, place, rng),
        "island": _island,
    }
    return {place.key: draw[place.key](drawing, place) for place in SITES}


def _far_bank(drawing: Drawing, place: Site) -> tuple[int, ...]:
    """Draw a lane along each bank; they meet only over a bridge far off."""
    rim = []
    for bank in (1, -1):
        x = np.arange(place.x - place.radius_m, place.x + place.radius_m + 1, 70)
        nodes = drawing.nodes(np.column_stack([x, river_y(x) + bank * BANK_LANE_M]))
        drawing.way(nodes, highway="unclassified")
        rim += [nodes[0], nodes[-1]]
    return tuple(rim)


def _hill(drawing: Drawing, place: Site) -> tuple[int, ...]:
    """Draw one road up the hill, with a lane at its foot and one at its top."""
    up = np.linspace(-HILL_ROAD_M / 2, HILL_ROAD_M / 2, 18)
    bends = 34 * np.sin(up / 68) * (1 - (2 * up / HILL_ROAD_M) ** 2)
    road = drawing.nodes(np.column_stack([place.x + bends, place.y + up]))
    foot = drawing.node(place.x, place.y - place.radius_m)
    top = drawing.node(place.x, place.y + place.radius_m)
    drawing.way([foot, *road, top], highway="unclassified", surface="concrete")
    for middle, half_m in ((road[0], 80.0), (road[-1], 60.0)):
        x, y = drawing.point(middle)
        lane = drawing.nodes([(x - half_m, y - 14), (x - half_m / 2, y - 4)])
        other = drawing.nodes([(x + half_m / 2, y - 5), (x + half_m, y - 16)])
        drawing.way([*lane, middle, *other], highway="residential")
    return foot, top


def _stairs(drawing: Drawing, place: Site) -> tuple[int, ...]:
    """Draw a quarter under a wall: long stairs up to the street, or a long way round."""
    x, y = place.x, place.y - STAIRS_M / 2
    below = drawing.node(x, y)
    steps = drawing.nodes([(x + 6 * (-1) ** k, y + 40 * k) for k in range(1, 6)])
    above = drawing.node(x, y + STAIRS_M)
    drawing.way([below, *steps, above], highway="steps", incline="up", handrail="no")
    lane = drawing.nodes([(x - 260, y - 60), (x - 130, y - 12)])
    other = drawing.nodes([(x + 120, y - 8), (x + 170, y - 20)])
    gate = drawing.node(x - 560, y - 180)
    drawing.way([gate, *lane, below, *other], highway="residential")
    drawing.link(
        lane[1], other[0], np.array([[x - 60, y - 62], [x + 60, y - 60]]), highway="footway"
    )
    street = drawing.nodes([(x + 110, y + STAIRS_M + 12), (x + 230, y + STAIRS_M + 6)])
    rim = drawing.node(x + 600, y + STAIRS_M + 10)
    drawing.way([above, *street, rim], highway="residential", name="坡上街")
    return gate, rim


def _estate(drawing: Drawing, place: Site, rng: np.random.Generator) -> tuple[int, ...]:
    """Draw a small quarter of five by five crossings with a road out on each side."""
    offsets = np.arange(-2, 3) * 135.0
    nodes = np.array(
        [
            [
                drawing.node(place.x + e + rng.normal(0, 8), place.y + n + rng.normal(0, 8))
                for n in offsets
            ]
            for e in offsets
        ]
    )
    for line in (*nodes, *nodes.T):
        drawing.way([int(n) for n in line], highway="residential")
    sides = ((nodes[0, 2], -1, 0), (nodes[4, 2], 1, 0), (nodes[2, 0], 0, -1), (nodes[2, 4], 0, 1))
    return _exits(drawing, np.array([place.x, place.y]), place.radius_m, sides)


def _island(drawing: Drawing, place: Site) -> tuple[int, ...]:
    """Draw a few lanes that hang together with nothing."""
    ring = np.array([(-120, -60), (20, -110), (150, -10), (60, 120), (-90, 90)], dtype=np.float64)
    nodes = drawing.nodes(ring + np.array([place.x, place.y]))
    drawing.way([*nodes, nodes[0]], highway="track", surface="dirt")
    drawing.link(nodes[0], nodes[2], highway="path")
    return ()


def draw_seat(drawing: Drawing, seat: Settlement, rng: np.random.Generator) -> tuple[int, ...]:
    """Draw the few streets of a town's seat; return the nodes on its rim."""
    angle = rng.uniform(0, np.pi / 2)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    middle = np.array([seat.x, seat.y])
    east, north = np.arange(-2, 3) * 92.0, np.arange(-1, 2) * 84.0
    nodes = np.array(
        [
            [drawing.node(*(middle + np.array([e, n]) @ turn + rng.normal(0, 6, 2))) for n in north]
            for e in east
        ]
    )
    drawing.way([int(n) for n in nodes[:, 1]], highway="tertiary", name="正街")
    for line in (nodes[:, 0], nodes[:, 2], *nodes):
        if line.size == 3 or rng.random() < 0.8:
            drawing.way([int(n) for n in line], highway="residential")
    sides = ((nodes[0, 1], -1, 0), (nodes[4, 1], 1, 0), (nodes[2, 0], 0, -1), (nodes[2, 2], 0, 1))
    turned = [(node, *(np.array([e, n]) @ turn)) for node, e, n in sides]
    return _exits(drawing, middle, SEAT_RADIUS_M, turned)


def _exits(
    drawing: Drawing,
    middle: Floats,
    radius_m: float,
    sides: Iterable[tuple[int, float, float]],
) -> tuple[int, ...]:
    rim = []
    for node, east, north in sides:
        end = drawing.node(*(middle + radius_m * np.array([east, north])))
        drawing.link(int(node), end, highway="tertiary")
        rim.append(end)
    return tuple(rim)

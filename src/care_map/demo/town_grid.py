"""The dense town: an irregular grid of streets on both banks of the river."""

from dataclasses import dataclass

import numpy as np
import shapely

from care_map.demo.drawing import Drawing, Way
from care_map.demo.plane import Floats
from care_map.demo.river import HALF_WIDTH_M, river_y

__all__ = ["TownGrid", "draw_town"]

_BLOCK_EAST_M = 173.0
_BLOCK_NORTH_M = 160.0
_QUAY_M = 45.0
"""From the water's edge to the first street."""
_BRIDGES_AT_M = (-690, 870)
_HILL_ROW = 9
"""From this row on the streets that climb are often stairs."""


@dataclass(frozen=True, slots=True)
class TownGrid:
    """What the country needs to know of the town.

    Parameters
    ----------
    hulls
        Area of the streets on each bank.
    anchors
        Nodes on the rim where country roads begin, one list per bank.
    """

    hulls: tuple[shapely.Polygon, ...]
    anchors: tuple[tuple[int, ...], ...]


def draw_town(drawing: Drawing, rng: np.random.Generator) -> TownGrid:
    """Draw the town's streets and bridges and return its hulls and anchors."""
    columns = _BLOCK_EAST_M * np.arange(-15, 16).astype(np.float64)
    north = _grid(drawing, rng, columns, rows=17, bank=1)
    middle = [k for k, east in enumerate(columns) if -1150 < east < 1350]
    south = _grid(drawing, rng, columns[middle], rows=8, bank=-1)
    for east in _BRIDGES_AT_M:
        column = int(np.argmin(np.abs(columns - east)))
        drawing.way(
            [int(north[column, 0]), int(south[column - middle[0], 0])],
            highway="secondary",
            bridge="yes",
            layer="1",
            name=f"示范{'一二'[east > 0]}桥",
        )
    for nodes, bank in ((north, 1), (south, -1)):
        _streets(drawing, rng, nodes, across=False, bank=bank)
        _streets(drawing, rng, nodes, across=True, bank=bank)
        _shortcuts(drawing, rng, nodes)
    _ring(drawing, int(north[20, 6]))
    rims = tuple(_rim(nodes) for nodes in (north, south))
    hulls = tuple(shapely.Polygon(drawing.points(rim)) for rim in rims)
    return TownGrid(hulls, tuple(_anchors(nodes) for nodes in (north, south)))


def _grid(
    drawing: Drawing, rng: np.random.Generator, columns: Floats, *, rows: int, bank: int
) -> np.ndarray:
    """Add the crossings of one bank; return their nodes by column and row from the river."""
    nodes = np.empty((columns.size, rows), dtype=np.int64)
    for c, east in enumerate(columns):
        for r in range(rows):
            over = bank * (HALF_WIDTH_M + _QUAY_M + r * _BLOCK_NORTH_M)
            x = east + 45 * np.sin(over / 700 + east / 1900) + rng.normal(0, 13)
            y = float(river_y(x)) + over + (rng.normal(0, 13) if r else 0.0)
            nodes[c, r] = drawing.node(x, y)
    return nodes


def _streets(
    drawing: Drawing, rng: np.random.Generator, nodes: np.ndarray, *, across: bool, bank: int
) -> None:
    """Draw the streets of one direction; blocks of one kind in a row are one way."""
    lines = nodes if across else nodes.T
    for number, line in enumerate(lines):
        main = number % 6 == 3 if across else number % 5 == 0
        kinds = [
            "tertiary" if main else _kind(rng, across=across, row=block if across else number)
            for block in range(line.size - 1)
        ]
        edge = number in (0, len(lines) - 1)
        start = 0
        for end in range(1, line.size):
            if end == line.size - 1 or kinds[end] != kinds[start]:
                kind = "residential" if edge and not main else kinds[start]
                if kind:
                    path = [int(n) for n in line[start : end + 1]]
                    drawing.ways.append(Way(tuple(path), _tags(rng, kind, upward=bank)))
                start = end


def _kind(rng: np.random.Generator, *, across: bool, row: int) -> str:
    chance = rng.random()
    if chance < 0.14:
        return ""
    if across and row >= _HILL_ROW and chance < 0.38:
        return "steps"
    if not across and row == 4 and chance < 0.40:
        return "pedestrian"
    if chance > 0.97:
        return "service"
    return "residential"


def _tags(rng: np.random.Generator, kind: str, *, upward: int) -> dict[str, str]:
    tags = {"highway": kind}
    if kind == "steps":
        tags["incline"] = "up" if upward > 0 else "down"
    elif kind == "tertiary":
        tags["maxspeed"] = "40"
    elif kind == "residential" and rng.random() < 0.12:
        tags["oneway"] = "yes" if rng.random() < 0.8 else "-1"
    elif kind == "service" and rng.random() < 0.5:
        tags["access"] = "private"
    return tags


def _shortcuts(drawing: Drawing, rng: np.random.Generator, nodes: np.ndarray) -> None:
    """Draw footways through blocks, dead ends and a few second ways between two crossings."""
    columns, rows = nodes.shape
    for _ in range(columns * rows // 9):
        c, r = int(rng.integers(columns - 1)), int(rng.integers(rows - 1))
        here, there = int(nodes[c, r]), int(nodes[c + 1, r + 1])
        a, b = drawing.point(here), drawing.point(there)
        choice = rng.random()
        if choice < 0.35:
            drawing.link(
                here, there, (a + (b - a) * 0.5 + rng.normal(0, 9, 2))[None], highway="footway"
            )
        elif choice < 0.75:
            end = drawing.node(*(a + (b - a) * rng.uniform(0.25, 0.45)))
            drawing.way([here, end], highway="service")
        else:
            beside = int(nodes[c + 1, r])
            side = drawing.point(beside)
            bow = (a + side) / 2 + np.array([0.0, rng.uniform(22, 38)])
            drawing.link(here, beside, bow[None], highway="footway")


def _ring(drawing: Drawing, gate: int) -> None:
    """Draw a cul-de-sac that comes back to the crossing where it began."""
    x, y = drawing.point(gate)
    ring = [(x + 30, y + 40), (x + 70, y + 75), (x + 110, y + 60), (x + 75, y + 30)]
    drawing.way([gate, *drawing.nodes(ring), gate], highway="residential", name="示范小区环路")


def _rim(nodes: np.ndarray) -> list[int]:
    around = [*nodes[:, 0], *nodes[-1, 1:], *nodes[-2::-1, -1], *nodes[0, -2:0:-1]]
    return [int(n) for n in around]


def _anchors(nodes: np.ndarray) -> tuple[int, ...]:
    west, top, east = nodes[0, ::5], nodes[3::6, -1], nodes[-1, ::-5]
    return tuple(int(n) for n in (*west, *top, *east))

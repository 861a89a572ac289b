"""River, motorway and railway: what roads must cross and what nobody walks across."""

import numpy as np
import shapely

from care_map.demo.country_roads import INTERCHANGE_AT_M
from care_map.demo.drawing import Drawing
from care_map.demo.plane import Floats
from care_map.demo.river import HALF_WIDTH_M, REACH_M, river_line, river_y

__all__ = ["draw_lines", "motorway_line", "railway_line"]

_HALF_MEDIAN_M = 14.0
_SECTION = 5
"""Points of motorway or railway that are one way of the map."""


def motorway_line() -> shapely.LineString:
    """Return the middle of the motorway from west to east."""
    x = np.arange(-REACH_M, REACH_M + 1, 150.0)
    rise = INTERCHANGE_AT_M[1] + 330 + 0.03 * (x - INTERCHANGE_AT_M[0])
    return shapely.LineString(
        np.column_stack([x, rise + 420 * np.sin((x - INTERCHANGE_AT_M[0]) / 5600)])
    )


def railway_line() -> shapely.LineString:
    """Return the railway from west to east, south of the river."""
    x = np.arange(-REACH_M, REACH_M + 1, 150.0)
    return shapely.LineString(np.column_stack([x, -5350 + 0.06 * x + 450 * np.sin(x / 6800)]))


def draw_lines(drawing: Drawing) -> None:
    """Draw the river, a motorway with its interchange, and a railway."""
    roads = shapely.STRtree(
        [shapely.LineString(drawing.points(way.nodes)) for way in drawing.ways if way.highway]
    )
    _draw_river(drawing)
    for side in (1, -1):
        line = shapely.offset_curve(motorway_line(), side * _HALF_MEDIAN_M)
        points = shapely.get_coordinates(line)[:: -1 if side > 0 else 1]
        nodes = _sections(
            drawing, points, roads, highway="motorway", oneway="yes", maxspeed="80", ref="G901"
        )
        _ramps(drawing, points, nodes, side=side)
    _sections(drawing, shapely.get_coordinates(railway_line()), roads, railway="rail")


def _draw_river(drawing: Drawing) -> None:
    middle = shapely.get_coordinates(river_line(300.0))
    drawing.way(drawing.nodes(middle), waterway="river", name="示范河")
    # Water areas are drawn in pieces, as a long river is on a real map.
    for start in range(0, len(middle) - 1, 26):
        x = middle[start : start + 27, 0]
        if x.size > 1:
            north = np.column_stack([x, river_y(x) + HALF_WIDTH_M])
            south = np.column_stack([x, river_y(x) - HALF_WIDTH_M])[::-1]
            ring = drawing.nodes(np.vstack([north, south]))
            drawing.way([*ring, ring[0]], natural="water", water="river")


def _sections(drawing: Drawing, points: Floats, roads: shapely.STRtree, **tags: str) -> list[int]:
    """Draw a line in pieces; one that crosses roads is a bridge over them."""
    nodes = drawing.nodes(points)
    for start in range(0, len(nodes) - 1, _SECTION):
        piece = nodes[start : start + _SECTION + 1]
        line = shapely.LineString(points[start : start + _SECTION + 1])
        over = roads.query(line, predicate="intersects").size > 0
        drawing.way(piece, **tags, **({"bridge": "yes", "layer": "2"} if over else {}))
    return nodes


def _ramps(drawing: Drawing, points: Floats, nodes: list[int], *, side: int) -> None:
    """Join a carriageway with the interchange: a ramp off before it, one on after it."""
    east, north = INTERCHANGE_AT_M
    end = int(np.argmin(np.hypot(np.array(drawing.x) - east, np.array(drawing.y) - north)))
    # The northern carriageway goes west; its ramps pass over the southern one.
    over = {"bridge": "yes", "layer": "3"} if side > 0 else {}
    for ahead in (-600, 600):
        touch = nodes[int(np.argmin(np.abs(points[:, 0] - (east - side * ahead))))]
        middle = (drawing.point(touch) + drawing.point(end)) / 2 + np.array([0.0, -40.0])
        pair = (touch, end) if ahead < 0 else (end, touch)
        drawing.link(*pair, middle[None], highway="motorway_link", oneway="yes", **over)

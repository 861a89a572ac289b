"""Where roads leave the district: a station of the neighbours beyond, a hamlet of ours before."""

import numpy as np
import shapely

from care_map.demo.drawing import Drawing
from care_map.demo.outline import district_outline
from care_map.demo.plane import Floats

__all__ = ["border_hamlets"]

_PLACES = 5
_ELDERS = 14
_ROADS = ("primary", "secondary", "tertiary", "unclassified")


def border_hamlets(drawing: Drawing, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return places for stations beyond the border, and homes before it.

    Returns
    -------
    stations, homes
        ``(n, 2)`` metres of the plane.
    """
    border = district_outline()
    shapely.prepare(border)
    stations: list[Floats] = []
    homes: list[Floats] = []
    for way in drawing.ways:
        if way.highway not in _ROADS or len(stations) == _PLACES:
            continue
        line = shapely.LineString(drawing.points(way.nodes))
        within = shapely.contains_xy(border, shapely.get_coordinates(line))
        if within[0] == within[-1]:
            continue
        outward = line if within[0] else shapely.reverse(line)
        crossing = shapely.line_locate_point(
            outward, shapely.intersection(outward, border.exterior).representative_point()
        )
        if crossing < 450 or outward.length - crossing < 250:
            continue
        at = shapely.line_interpolate_point(outward, crossing + 180)
        if any(np.hypot(at.x - s[0], at.y - s[1]) < 4000 for s in stations):
            continue
        stations.append(np.array([at.x + 9, at.y + 9]))
        along = shapely.line_interpolate_point(outward, crossing - rng.uniform(60, 380, _ELDERS))
        homes.append(shapely.get_coordinates(along) + rng.choice([-1, 1], (_ELDERS, 2)) * 14)
    return np.array(stations), np.vstack(homes)

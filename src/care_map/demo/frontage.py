"""Places along roads where houses stand."""

import itertools
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from care_map.demo.drawing import Drawing, Way
from care_map.demo.lines import motorway_line, railway_line
from care_map.demo.plane import Floats
from care_map.demo.river import HALF_WIDTH_M, north_of_river
from care_map.demo.sites import SITES
from care_map.demo.units import Units

__all__ = ["Frontage", "make_frontage"]

_HOUSES = {
    "secondary": 0.4,
    "tertiary": 0.8,
    "residential": 1.0,
    "unclassified": 0.9,
    "pedestrian": 1.2,
    "service": 0.5,
    "track": 0.35,
    "path": 0.15,
    "footway": 0.4,
}
"""How thickly houses stand along a class of road."""
_STEP_M = 18.0
_NOISE_M = 90.0
"""Nobody lives nearer to motorway or railway."""


@dataclass(frozen=True, slots=True)
class Frontage:
    """Points on roads with room for houses beside them.

    Parameters
    ----------
    x, y
        ``(n,)`` metres of the plane, on the road.
    side_x, side_y
        ``(n,)`` unit vector across the road.
    weight
        ``(n,)`` how thickly houses stand.
    community
        ``(n,)`` number of the community, -1 outside the district.
    """

    x: Floats
    y: Floats
    side_x: Floats
    side_y: Floats
    weight: Floats
    community: NDArray[np.int64]

    def beside(self, chosen: NDArray[np.int64], offset_m: Floats) -> tuple[Floats, Floats]:
        """Return points off the road by offsets in metres, signed by the side."""
        return (
            self.x[chosen] + offset_m * self.side_x[chosen],
            self.y[chosen] + offset_m * self.side_y[chosen],
        )


def make_frontage(drawing: Drawing, units: Units) -> Frontage:
    """Return the frontage of all roads but those of the planned sites."""
    parts = [
        np.column_stack([points, np.full(len(points), _HOUSES[way.highway])])
        for way in drawing.ways
        if _has_houses(way)
        for points in (_along(drawing.points(way.nodes)),)
    ]
    x, y, side_x, side_y, weight = np.vstack(parts).T
    here = shapely.points(x, y)
    keep = np.abs(north_of_river(x, y)) > HALF_WIDTH_M + 62
    keep &= shapely.distance(here, motorway_line()) > _NOISE_M
    keep &= shapely.distance(here, railway_line()) > _NOISE_M
    for place in SITES:
        keep &= np.hypot(x - place.x, y - place.y) > place.radius_m
    x, y, side_x, side_y, weight = (a[keep] for a in (x, y, side_x, side_y, weight))
    return Frontage(x, y, side_x, side_y, weight, units.community_of(x, y))


def _has_houses(way: Way) -> bool:
    structure = {"bridge", "tunnel"} & way.tags.keys()
    return way.highway in _HOUSES and not structure and way.tags.get("access") != "private"


def _along(points: Floats) -> Floats:
    """Return ``(n, 4)``: points every few metres and the unit vector across."""
    rows = []
    for start, end in itertools.pairwise(points):
        length = float(np.hypot(*(end - start)))
        count = max(int(length // _STEP_M), 1)
        t = ((np.arange(count) + 0.5) / count)[:, None]
        across = np.array([-(end - start)[1], (end - start)[0]]) / max(length, 1e-9)
        rows.append(np.hstack([start + (end - start) * t, np.tile(across, (count, 1))]))
    return np.vstack(rows)

"""Where people live: communities of the streets, seats of the towns, villages."""

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from care_map.demo.names import STREETS, TOWNS
from care_map.demo.outline import district_outline
from care_map.demo.plane import Floats
from care_map.demo.river import north_of_river, river_y
from care_map.demo.sites import ISLAND, SITES
from care_map.demo.terrain import Terrain

__all__ = ["SEAT_RADIUS_M", "Settlement", "plan_settlements"]

SEAT_RADIUS_M = 330.0
_VILLAGE_SPACING_M = 1980.0
_DARTS = 40_000
_STEEPEST = 0.12
"""Rise over run where nobody builds a village."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """The heart of one community or village.

    Parameters
    ----------
    x, y
        Metres of the plane.
    kind
        ``"urban"``, ``"seat"`` (of a town) or ``"village"``.
    parent
        Number of its street or town: streets first, in the order of the names.
    site
        Key of the planned site that it is, empty for the others.
    """

    x: float
    y: float
    kind: str
    parent: int
    site: str = ""


def plan_settlements(rng: np.random.Generator, terrain: Terrain) -> list[Settlement]:
    """Return all settlements: streets in their order, then towns, each seat first."""
    return [*_urban(rng), *_rural(rng, terrain)]


def _urban(rng: np.random.Generator) -> list[Settlement]:
    north = _spread(rng, 35, west=-2500, east=2500, south=220, north=2600, gap_m=430)
    south = _spread(rng, 7, west=-1000, east=1200, south=-1200, north=-230, gap_m=350)
    groups = _clusters(north, len(STREETS) - 1)
    order = np.argsort([north[groups == g, 0].mean() for g in range(len(STREETS) - 1)])
    rank = np.empty_like(order)
    rank[order] = np.arange(order.size)
    placed = [(point, int(rank[g])) for point, g in zip(north, groups, strict=True)]
    placed += [(point, len(STREETS) - 1) for point in south]
    found = [Settlement(float(x), float(y), "urban", street) for (x, y), street in placed]
    heads = np.array([(one.x, one.y) for one in found])
    for place in SITES:
        if place.urban:
            near = int(np.argmin(np.hypot(heads[:, 0] - place.x, heads[:, 1] - place.y)))
            found.append(Settlement(place.x, place.y, "urban", found[near].parent, place.key))
    return sorted(found, key=lambda one: one.parent)


def _spread(
    rng: np.random.Generator,
    count: int,
    *,
    west: float,
    east: float,
    south: float,
    north: float,
    gap_m: float,
) -> Floats:
    """Throw points into a strip along the river, none nearer to another than the gap."""
    kept: list[tuple[float, float]] = []
    for _ in range(20_000):
        x, over = rng.uniform(west, east), rng.uniform(south, north)
        y = float(river_y(x)) + over
        if all(math.hypot(x - a, y - b) >= gap_m for a, b in kept):
            kept.append((x, y))
        if len(kept) == count:
            break
    return np.array(kept)


def _rural(rng: np.random.Generator, terrain: Terrain) -> list[Settlement]:
    planned = [place for place in SITES if not place.urban]
    points = [(place.x, place.y + place.seed_north_m) for place in planned]
    outline = district_outline().buffer(-500)
    west, south, east, north = outline.bounds
    thrown = rng.uniform((west, south), (east, north), (_DARTS, 2))
    for x, y in thrown[_habitable(terrain, thrown, outline)].tolist():
        if all(math.hypot(x - a, y - b) >= _VILLAGE_SPACING_M for a, b in points):
            points.append((x, y))
    kept = np.array(points)
    groups = _clusters(kept, len(TOWNS))
    keys = {(p.x, p.y + p.seed_north_m): p.key for p in planned}
    found = []
    for town in range(len(TOWNS)):
        members = kept[groups == town]
        away = np.hypot(*(members - members.mean(axis=0)).T)
        free = np.array([tuple(m) not in keys for m in members])
        seat = int(np.argmin(np.where(free, away, np.inf)))
        for number, (x, y) in enumerate(members):
            kind = "seat" if number == seat else "village"
            key = keys.get((x, y), "")
            found.append(
                Settlement(
                    float(x), float(y), kind, len(STREETS) + town, "" if key == ISLAND else key
                )
            )
    return sorted(found, key=lambda one: (one.parent, one.kind != "seat"))


def _habitable(terrain: Terrain, points: Floats, outline: shapely.Polygon) -> NDArray[np.bool_]:
    """Tell which points are fit for a village: inside, dry, not too steep, clear of the town."""
    x, y = points.T
    over = north_of_river(x, y)
    in_town = (np.abs(x) < 3000) & (over > -2150) & (over < 3450)
    near_site = np.any([np.hypot(x - p.x, y - p.y) < p.radius_m + 700 for p in SITES], axis=0)
    fit = (np.abs(over) > 480) & ~in_town & ~near_site & (terrain.slope(x, y) < _STEEPEST)
    return np.asarray(fit & shapely.contains_xy(outline, x, y), dtype=np.bool_)


def _clusters(points: Floats, count: int) -> NDArray[np.int64]:
    """Group points round `count` middles (Lloyd's algorithm from far-apart starts)."""
    starts = [int(np.argmin(points.sum(axis=1)))]
    for _ in range(count - 1):
        far = np.min([np.hypot(*(points - points[s]).T) for s in starts], axis=0)
        starts.append(int(np.argmax(far)))
    middles = points[starts]
    groups = np.zeros(len(points), dtype=np.int64)
    for _ in range(60):
        away = np.hypot(
            points[:, None, 0] - middles[None, :, 0], points[:, None, 1] - middles[None, :, 1]
        )
        groups = np.argmin(away, axis=1)
        middles = np.array([points[groups == g].mean(axis=0) for g in range(count)])
    return groups

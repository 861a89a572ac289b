"""Mountains: a smooth height for every point, and the elevation model made of it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import ArrayLike

from care_map.demo.plane import Floats, to_metres
from care_map.demo.river import north_of_river
from care_map.demo.sites import SITES, Site

__all__ = ["Terrain", "make_terrain", "write_dem"]

_WEST, _SOUTH, _EAST, _NORTH = 107.0, 29.3, 107.4, 29.6
_CELL_DEG = 1 / 1200
"""Three seconds of arc, 80 to 92 m here."""
_RIDGE_LENGTH_M = 5600.0
_RIDGE_HEIGHT_M = 130.0


@dataclass(frozen=True, slots=True)
class Terrain:
    """Heights of the district.

    Parameters
    ----------
    waves
        ``(n, 4)``: wave numbers east and north (1/m), phase (radians) and height (m) of the
        hills that lie over valley and ridges.
    """

    waves: Floats

    def height_m(self, x: ArrayLike, y: ArrayLike) -> Floats:
        """Return heights above sea level in metres."""
        east, north = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
        height = self._natural(east, north)
        for site in SITES:
            middle = float(self._natural(np.asarray(site.x), np.asarray(site.y)))
            weight = _fade(np.hypot(east - site.x, north - site.y), site.radius_m)
            height += weight * (middle + _graded(site, north) - height)
        return height

    def slope(self, x: ArrayLike, y: ArrayLike) -> Floats:
        """Return the steepness of the ground (rise over run) at points."""
        east, north = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
        reach = 60.0
        rise_x = self.height_m(east + reach, north) - self.height_m(east - reach, north)
        rise_y = self.height_m(east, north + reach) - self.height_m(east, north - reach)
        return np.asarray(np.hypot(rise_x, rise_y) / (2 * reach), dtype=np.float64)

    def _natural(self, x: Floats, y: Floats) -> Floats:
        away = np.abs(north_of_river(x, y))
        wild = 1 - np.exp(-((away / 4200) ** 2))
        along = (0.55 * x - 0.83 * y) / _RIDGE_LENGTH_M
        ridges = _RIDGE_HEIGHT_M * np.sin(2 * np.pi * along + 0.8 * np.sin(x / 4700))
        hills = np.zeros_like(away)
        for east, north, phase, height in self.waves:
            hills += height * np.sin(east * x + north * y + phase)
        return np.asarray(
            232 + 0.018 * np.minimum(away, 3000) + wild * (330 + ridges + hills), dtype=np.float64
        )


def _fade(distance_m: Floats, radius_m: float) -> Floats:
    """Return 1 within the site, falling smoothly to 0 at twice its radius."""
    t = np.clip((distance_m - radius_m) / radius_m, 0, 1)
    return np.asarray(1 - t * t * (3 - 2 * t), dtype=np.float64)


def _graded(site: Site, north: Floats) -> Floats:
    """Return heights over the site's middle: level, or one even slope up to the north."""
    reach = site.radius_m * 0.6
    return np.asarray(site.grade_north * np.clip(north - site.y, -reach, reach), dtype=np.float64)


def make_terrain(rng: np.random.Generator) -> Terrain:
    """Return mountains for a random generator."""
    count = 14
    length_m = rng.uniform(2200, 6000, count)
    bearing = rng.uniform(0, 2 * np.pi, count)
    wave = 2 * np.pi / length_m
    height_m = length_m / 6000 * rng.uniform(15, 45, count)
    phase = rng.uniform(0, 2 * np.pi, count)
    return Terrain(
        np.column_stack([wave * np.cos(bearing), wave * np.sin(bearing), phase, height_m])
    )


def write_dem(terrain: Terrain, path: Path) -> None:
    """Write the heights as a GeoTIFF in EPSG:4326, whole metres."""
    columns, rows = round((_EAST - _WEST) / _CELL_DEG), round((_NORTH - _SOUTH) / _CELL_DEG)
    lon = _WEST + (np.arange(columns) + 0.5) * _CELL_DEG
    lat = _NORTH - (np.arange(rows) + 0.5) * _CELL_DEG
    x, y = to_metres(*np.meshgrid(lon, lat))
    heights = np.rint(terrain.height_m(x, y)).astype(np.int16)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=columns,
        height=rows,
        count=1,
        dtype="int16",
        crs="EPSG:4326",
        transform=rasterio.Affine(_CELL_DEG, 0.0, _WEST, 0.0, -_CELL_DEG, _NORTH),
        nodata=-32768,
        compress="deflate",
        predictor=2,
        zlevel=9,
    ) as file:
        file.write(heights, 1)

"""Where a circle's facilities are within its minutes, as polygons: for the eye only.

Who is inside a circle is decided at the point of each elder; no figure is made of these polygons.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from care_map.circle_search import deliverers, facility_rows, has_role
from care_map.config import Study
from care_map.inputs.tables import Inputs
from care_map.inputs.unit_index import UnitIndex
from care_map.network.snap import Points
from care_map.routing.isochrones import isochrones
from care_map.routing.nearest import TravelModel
from care_map.schema import SERVICE_AREAS
from care_map.search_points import Search, positions
from care_map.values import Circle, CircleRule, Direction, Variant
from care_map.vocabulary import LEVELS

__all__ = ["no_areas", "service_areas"]

Ints = NDArray[np.int64]
_Key = tuple[str, Direction, bytes]

_CELLS = 24_000
"""Cells of the study area that a polygon is drawn with (default)."""
_FINEST_CELL_M = 20.0


@dataclass(frozen=True, slots=True)
class _Reach:
    """One union of polygons: who travels, from or to which facilities, how long."""

    profile: str
    direction: Direction
    facility: Ints
    cutoff_s: float

    @property
    def key(self) -> _Key:
        return self.profile, self.direction, self.facility.tobytes()


@dataclass(frozen=True, slots=True)
class _Area:
    """A row of the table: every part must be reached, or somebody comes."""

    circle: str
    profile: str
    setting: str
    rule: CircleRule
    parts: tuple[_Reach, ...]
    delivery: _Reach | None

    @property
    def reaches(self) -> tuple[_Reach, ...]:
        return (*self.parts, *([self.delivery] if self.delivery else []))


def no_areas(crs: CRS | None = None) -> gpd.GeoDataFrame:
    """Return the table of a run without any area."""
    return gpd.GeoDataFrame({name: [] for name in SERVICE_AREAS.names}, geometry=[], crs=crs)


def service_areas(study: Study, inputs: Inputs, search: Search) -> gpd.GeoDataFrame:
    """Return where each circle's facilities are within its minutes.

    Parameters
    ----------
    study, inputs, search
        The study, its lists and its snapped points.

    Returns
    -------
    GeoDataFrame
        Columns of :data:`care_map.schema.SERVICE_AREAS` and polygons in the study's CRS: a row
        per circle and profile, and per setting where their rules differ. Within the units of the
        setting as far as their polygons are known.
    """
    if not len(search.facility_row):
        return no_areas(inputs.crs)
    asked = [
        area
        for circle in study.circles
        for variant in circle.variants
        for area in _asked(search, inputs, circle, variant)
    ]
    grounds = _grounds(inputs, frozenset(area.setting for area in asked))
    reaches = [one for area in asked for one in area.reaches]
    shapes = _shapes(search, reaches, _extent_m2(search, inputs))
    rows = [(area, _polygon(area, shapes, grounds)) for area in asked]
    rows = [(area, polygon) for area, polygon in rows if not polygon.is_empty]
    if not rows:
        return no_areas(inputs.crs)
    columns = {
        "circle": [area.circle for area, _ in rows],
        "profile": [area.profile for area, _ in rows],
        "setting": [area.setting for area, _ in rows],
        "minutes": [area.rule.minutes for area, _ in rows],
    }
    return gpd.GeoDataFrame(columns, geometry=[polygon for _, polygon in rows], crs=inputs.crs)


def _asked(search: Search, inputs: Inputs, circle: Circle, variant: Variant) -> Iterator[_Area]:
    """Yield what a reading of a circle asks for, once where all settings have one rule."""
    pool = facility_rows(inputs, stages=("operating",), own=True)
    pool = pool[positions(search.facility_row, pool) >= 0]

    def of(types: Sequence[str]) -> Ints:
        return pool[has_role(inputs, types)[pool]]

    delivered: _Reach | None = None
    if circle.delivery:
        come = circle.delivery
        sure = deliverers(inputs, of(come.types))
        delivered = _Reach(come.profile, "from", sure, come.cutoff_s)
    common = variant.rule("")
    rules = {"": common} if common else variant.rules
    for setting, rule in rules.items():
        parts = tuple(
            _Reach(rule.profile, circle.direction, of(types), rule.cutoff_s)
            for types in circle.require
        )
        yield _Area(circle.id, variant.profile, setting, rule, parts, delivered)


def _shapes(
    search: Search, reaches: Sequence[_Reach], extent_m2: float
) -> dict[tuple[_Key, float], shapely.Geometry]:
    """Draw each different union once, all cutoffs of the same facilities together."""
    asked: dict[_Key, dict[float, _Reach]] = {}
    for reach in reaches:
        model = search.models[reach.profile]
        if len(reach.facility) and (search.has_network or model.profile.approximate):
            asked.setdefault(reach.key, {})[reach.cutoff_s] = reach

    def draw(cutoffs: Mapping[float, _Reach]) -> list[shapely.MultiPolygon]:
        reach = next(iter(cutoffs.values()))
        model = search.models[reach.profile]
        there = positions(search.facility_row, reach.facility)
        facilities = search.facilities.take(there)
        known = search.snapped_facilities.get(reach.profile)
        return isochrones(
            model,
            facilities,
            list(cutoffs),
            cell_m=_cell_m(model, facilities, max(cutoffs), extent_m2),
            direction=reach.direction,
            snapped=known.take(there) if known else None,
        )

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = pool.map(draw, asked.values())
        return {
            (key, cutoff_s): polygon
            for (key, cutoffs), polygons in zip(asked.items(), found, strict=True)
            for cutoff_s, polygon in zip(cutoffs, polygons, strict=True)
        }


def _cell_m(model: TravelModel, facilities: Points, cutoff_s: float, extent_m2: float) -> float:
    """Return the side of cells of which about as many as are set cover what is in reach."""
    reach_m2 = extent_m2
    if model.profile.mode == "foot":
        reach_m2 = len(facilities) * np.pi * (cutoff_s * model.profile.walk_speed_mps) ** 2
    return max(_FINEST_CELL_M, float(np.sqrt(min(reach_m2, extent_m2) / _CELLS)))


def _extent_m2(search: Search, inputs: Inputs) -> float:
    """Return the area of the box round the units, or round the facilities without polygons."""
    known = inputs.units.geometry[inputs.units.geometry.notna()]
    left, bottom, right, top = known.total_bounds if len(known) else _box(search.facilities)
    return float((right - left) * (top - bottom))


def _box(points: Points) -> tuple[float, float, float, float]:
    return points.x.min(), points.y.min(), points.x.max(), points.y.max()


def _polygon(
    area: _Area,
    shapes: Mapping[tuple[_Key, float], shapely.Geometry],
    grounds: Mapping[str, shapely.Geometry],
) -> shapely.MultiPolygon:
    """Return the polygons of one row, empty where a part has no facility."""
    nothing = shapely.MultiPolygon()
    found = [shapes.get((one.key, one.cutoff_s), nothing) for one in area.parts]
    shape = shapely.intersection_all(found)
    if area.delivery:
        delivered = shapes.get((area.delivery.key, area.delivery.cutoff_s), nothing)
        shape = shapely.union(shape, delivered)
    if area.setting in grounds:
        shape = shapely.intersection(shape, grounds[area.setting])
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.MultiPolygon([one for one in parts if isinstance(one, shapely.Polygon)])


def _grounds(inputs: Inputs, settings: frozenset[str]) -> dict[str, shapely.Geometry]:
    """Return the ground of each setting, "" being the whole study area; none without polygons.

    A place has the setting of the lowest unit it is in.
    """
    units = inputs.units[inputs.units.geometry.notna()]
    if units.empty:
        return {}
    levels = [units[units["level"] == level] for level in LEVELS]
    levels = [level for level in levels if len(level)]
    grounds: dict[str, shapely.Geometry] = {"": shapely.union_all(levels[0].geometry.to_numpy())}
    if settings <= {""}:
        return grounds
    index = UnitIndex(inputs.units)
    below: shapely.Geometry = shapely.MultiPolygon()
    found: dict[str, list[shapely.Geometry]] = {setting: [] for setting in settings - {""}}
    for level in reversed(levels):
        words = index.settings_of(level["unit_id"].to_numpy(dtype=object))
        for setting, parts in found.items():
            mine = shapely.union_all(level.geometry.to_numpy()[words == setting])
            parts.append(shapely.difference(mine, below))
        below = shapely.union(below, shapely.union_all(level.geometry.to_numpy()))
    grounds.update((setting, shapely.union_all(parts)) for setting, parts in found.items())
    return grounds

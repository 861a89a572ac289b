"""Counts of units → elders at homes or along settlement roads of their own area.

Each count is spread over the residential buildings of the area it was counted in, by floors ×
footprint; without any, along its settlement roads, by length; without those it stays in one
place. The sum of every count is kept, of each group of elders too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from care_map.config import DemandSource, Study
from care_map.errors import InputError
from care_map.inputs.buildings import read_homes
from care_map.inputs.counted import ZONE, CountedTables
from care_map.inputs.group_counts import COUNT_COLUMNS
from care_map.inputs.osm_homes import ROAD_WEIGHT, road_positions
from care_map.inputs.points import Extent
from care_map.inputs.roads import read_roads
from care_map.inputs.shares import divide_by_place
from care_map.inputs.sources import FILE, SourceTable, list_rows
from care_map.inputs.texts import different_rows
from care_map.inputs.unit_index import UnitIndex

__all__ = ["SETTLEMENT_ROADS", "spread_counts"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Words = NDArray[np.object_]

SETTLEMENT_ROADS = {**ROAD_WEIGHT, "service": 0.5}
"""Roads that counts are spread along, and the weight of a metre of each (default)."""

_PLACES = {"buildings": ("building", "building"), "roads": ("village", "unit")}
"""Over what a count is spread → quality and origin of its rows."""


@dataclass(frozen=True, slots=True)
class _Places:
    """Weighted places in metres that counts are spread over."""

    xy: Floats
    weight: Floats


_NOWHERE = _Places(np.empty((0, 2)), np.empty(0))


def spread_counts(
    demand: gpd.GeoDataFrame,
    counted: CountedTables,
    *,
    study: Study,
    index: UnitIndex,
    crs: CRS,
    extent: Extent | None,
) -> gpd.GeoDataFrame:
    """Put the elders of counts where they probably live.

    Parameters
    ----------
    demand
        The study's demand, a row per count; a row with a zone is spread.
    counted
        The lists it was made of, and the zones.
    study
        For the files of buildings and roads.
    index
        The study's units, for the unit that each place is in.
    crs
        Metric CRS of the study.
    extent
        Where the study is, if known.

    Returns
    -------
    geopandas.GeoDataFrame
        The same columns without the zone. A count that is spread has a row for each place that
        gets elders, with ids made of its own; the sums of ``elders`` and of the columns of
        groups are those of the count.
    """
    if ZONE not in demand:
        return demand
    roads = cache(partial(_roads, study, crs))
    parts = []
    for table in counted.tables:
        settings = table.settings
        rows = demand[demand[FILE] == settings.path.as_posix()]
        if not isinstance(settings, DemandSource) or not settings.spread or rows.empty:
            parts.append(rows)
            continue
        over: dict[str, Callable[[], _Places]] = {"roads": roads}
        if settings.buildings:
            homes = partial(
                read_homes,
                study,
                settings.buildings,
                crs=crs,
                extent=extent,
                findings=table.findings,
            )
            over = {"buildings": partial(_homes, homes), **over}
        parts.append(_spread(rows, counted.zones, over, table, index))
    whole = pd.concat(parts, ignore_index=True).drop(columns=ZONE)
    return gpd.GeoDataFrame(whole, geometry="geometry", crs=crs)


def _homes(read: Callable[[], tuple[Floats, Floats]]) -> _Places:
    return _Places(*read())


def _roads(study: Study, crs: CRS) -> _Places:
    """Return the settlement roads of a study; what is wrong with them is told by the network."""
    if study.roads is None:
        return _NOWHERE
    try:
        table, _ = read_roads(study.path(study.roads.path), source=study.roads)
    except InputError:
        return _NOWHERE
    return _Places(*road_positions(table, SETTLEMENT_ROADS, crs=crs))


def _spread(
    rows: gpd.GeoDataFrame,
    zones: Words,
    over: Mapping[str, Callable[[], _Places]],
    table: SourceTable,
    index: UnitIndex,
) -> pd.DataFrame:
    """Spread the counts of one list over the first kind of places that each area has."""
    zone = rows[ZONE].to_numpy(dtype=float)
    left = ~np.isnan(zone) & (rows["elders"] > 0).to_numpy(dtype=bool)
    without_area = np.isnan(zone) & (rows["counted_unit_id"] != "").to_numpy(dtype=bool)
    list_rows([table], rows[without_area], "spread_without_area", shown="counted_unit_id")
    parts = []
    for kind, places in over.items():
        asked = np.flatnonzero(left)
        if not len(asked):
            break
        found = places()
        row, place = _inside(zones[zone[asked].astype(np.int64)], found)
        left[asked[np.unique(row)]] = False
        homes = kind == "buildings"
        without = "spread_without_buildings" if homes else "spread_without_roads"
        list_rows([table], rows[left], without, shown="counted_unit_id")
        if len(row):
            parts.append(_at_places(rows.iloc[asked], row, place, found, kind=kind, index=index))
            table.findings.add(
                "spread_over_buildings" if homes else "spread_over_roads",
                "info",
                count=int(parts[-1]["elders"].sum()),
                units=len(np.unique(row)),
                places=len(parts[-1]),
            )
    spread = ~np.isnan(zone) & (rows["elders"] > 0).to_numpy(dtype=bool) & ~left
    whole = pd.concat([rows[~spread], *parts], ignore_index=True)
    return _with_own_ids(whole, made=np.arange(len(whole)) >= (~spread).sum())


def _inside(areas: Words, places: _Places) -> tuple[Ints, Ints]:
    """Return pairs of an area and a place in it."""
    shapely.prepare(areas)
    points = np.asarray(shapely.points(places.xy), dtype=object)
    area, place = shapely.STRtree(points).query(areas, predicate="intersects")
    return area.astype(np.int64), place.astype(np.int64)


def _at_places(
    rows: gpd.GeoDataFrame,
    row: Ints,
    place: Ints,
    places: _Places,
    *,
    kind: str,
    index: UnitIndex,
) -> pd.DataFrame:
    """Return a row for each place that gets elders of a count."""
    totals = rows["elders"].to_numpy(dtype=np.int64)
    parts = divide_by_place(places.weight[place], places.xy[place], row, totals)
    kept = parts > 0
    row, xy, parts = row[kept], places.xy[place[kept]], parts[kept]
    points = np.asarray(shapely.points(xy), dtype=object)
    made = pd.DataFrame(rows.iloc[row].reset_index(drop=True))
    columns: dict[str, object] = {"elders": parts, "geometry": points}
    for name in COUNT_COLUMNS:
        if name in made:
            counts = rows[name].fillna(0).to_numpy(dtype=np.int64)
            shared = divide_by_place(parts.astype(np.float64), xy, row, counts)
            columns[name] = pd.array(shared, dtype="Int64")
    quality, origin = _PLACES[kind]
    units = _units(made, points, index)
    columns |= {
        "unit_id": units,
        "setting": _settings(made, units, index),
        "location_quality": np.full(len(made), quality, dtype=object),
        "origin": np.full(len(made), origin, dtype=object),
    }
    return made.assign(
        **{
            name: pd.Series(column, made.index, dtype=getattr(column, "dtype", object))
            for name, column in columns.items()
        }
    )


def _units(made: pd.DataFrame, points: Words, index: UnitIndex) -> Words:
    """Return the lowest unit of each place within the unit that was counted."""
    counted = made["counted_unit_id"].to_numpy(dtype=object)
    pairs, which = different_rows([index.lowest(points), counted])
    chosen = [found if not unit or unit in index.chain(found) else unit for found, unit in pairs]
    return np.array(chosen, dtype=object)[which]


def _settings(made: pd.DataFrame, units: Words, index: UnitIndex) -> Words:
    """Return the setting of each place's unit, unless the list itself has said another."""
    said = made["setting"].to_numpy(dtype=object)
    inherited = index.settings_of(made["unit_id"].to_numpy(dtype=object))
    return np.where(said == inherited, index.settings_of(units), said).astype(object)


def _with_own_ids(rows: pd.DataFrame, *, made: NDArray[np.bool_]) -> pd.DataFrame:
    """Give the rows that were made of counts ids of their own."""
    number = rows[made].groupby("demand_id", sort=False).cumcount() + 1
    ids = rows["demand_id"].astype(object).copy()
    ids[made] = ids[made] + "-" + number.astype(str)
    return rows.assign(demand_id=ids)

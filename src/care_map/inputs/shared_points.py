"""Records that share one point: found by the name of the town, not by a door.

A geocoder that does not know a village gives the point of the town's office. Elders who all
"live" there are known by their town only.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from care_map.inputs.findings import LISTED
from care_map.inputs.place_names import core_name
from care_map.inputs.sources import ROW, SourceTable
from care_map.inputs.texts import each_different
from care_map.inputs.unit_index import UnitIndex

__all__ = [
    "FEW_SHARE",
    "HOME_WITHIN_M",
    "MANY_SHARE",
    "SHARE_OF_TOWN",
    "residential_points",
    "shared_points",
]

Words = NDArray[np.object_]
Bools = NDArray[np.bool_]

FEW_SHARE = 10
"""Records at one point that are a town's office where they name several villages (default)."""

MANY_SHARE = 30
"""Records at one point that are an office where they name no more than one (default)."""

SHARE_OF_TOWN = 0.2
"""Share of all records of that town, or of that village, that these must be (default)."""

HOME_WITHIN_M = 50.0
"""Distance to a residential facility within which many may well live at one point (default)."""

_RESIDENTIAL = frozenset({"care_home", "district_care_centre", "nursing_home"})
_CENTRAL = "destitute_central"
_FAR = 2**31


@dataclass(frozen=True, slots=True)
class _Records:
    """Records at points that several share."""

    rows: NDArray[np.int64]
    place: NDArray[np.int64]
    town: Words
    village: Words


def residential_points(facilities: gpd.GeoDataFrame) -> Words:
    """Return the points of facilities that people live in."""
    roles = facilities["roles"].to_numpy(dtype=object)
    lived_in = each_different(roles, lambda cell: bool(_RESIDENTIAL & set(cell.split(";"))))
    points = facilities.geometry.to_numpy()[lived_in.astype(bool)]
    return np.asarray(points[~np.asarray(shapely.is_missing(points))], dtype=object)


def shared_points(
    table: SourceTable,
    points: Words,
    *,
    found: Words,
    given: Words,
    homes: Words,
    index: UnitIndex,
) -> Words:
    """Return how exact the points are that many records of a list share, "" elsewhere.

    Parameters
    ----------
    table
        Records of elders; each such point is listed.
    points
        Their points in the study's CRS, None where there is none.
    found
        Unit that each point is in.
    given
        Unit that each row's code names.
    homes
        Points of residential facilities, in the same CRS.
    index
        The study's units.

    Returns
    -------
    numpy.ndarray
        ``"town"``; ``"village"`` where the records name one village only.
    """
    quality = np.full(len(points), "", dtype=object)
    records = _at_shared_points(table, points, found=found, given=given, index=index)
    if records is None:
        return quality
    groups = _groups(records, table, found, given, index)
    groups = groups[groups["quality"] != ""]
    if len(groups) and len(homes):
        first = points[groups["row"].to_numpy()]
        near = shapely.STRtree(homes).query(first, predicate="dwithin", distance=HOME_WITHIN_M)
        groups = groups.drop(index=groups.index[np.unique(near[0])])
    of_place = groups["quality"].reindex(records.place).fillna("").to_numpy(dtype=object)
    quality[records.rows] = of_place
    _list(table, groups, index)
    return quality


def _at_shared_points(
    table: SourceTable, points: Words, *, found: Words, given: Words, index: UnitIndex
) -> _Records | None:
    """Return the records at points that enough of them share, None where there is no such point.

    To the metre; without those who live in homes and those of whom the list says how exact their
    point is.
    """
    frame = table.frame
    asked = ~np.asarray(shapely.is_missing(points))
    if "location_quality" in frame:
        asked &= (frame["location_quality"] == "").to_numpy(dtype=bool)
    if "groups" in frame:
        asked &= ~frame["groups"].str.contains(_CENTRAL, regex=False).to_numpy(dtype=bool)
    rows = np.flatnonzero(asked)
    metres = np.rint(shapely.get_coordinates(points[rows])).astype(np.int64)
    place = pd.factorize(metres[:, 0] * _FAR + metres[:, 1])[0].astype(np.int64)
    many = np.bincount(place)[place] >= FEW_SHARE
    if not many.any():
        return None
    rows = rows[many]
    return _Records(
        rows,
        place[many],
        _towns(table, rows, found, given, index),
        _villages(table, rows, given, index),
    )


def _towns(
    table: SourceTable, rows: NDArray[np.int64], found: Words, given: Words, index: UnitIndex
) -> Words:
    """Return the town of each row: that of its point, of its code, else as it is written."""
    unit = np.where(found[rows] == "", given[rows], found[rows])
    town = each_different(unit, index.town_of)
    written = _labels(table, "town_name", rows)
    return np.where(town == "", written, town)


def _villages(table: SourceTable, rows: NDArray[np.int64], given: Words, index: UnitIndex) -> Words:
    """Return what each row says its village is, "" where it says nothing."""
    written = each_different(
        _labels(table, "community_name", rows), lambda name: core_name(name) if name else ""
    )
    coded = each_different(
        given[rows],
        lambda unit: core_name(index.names[unit]) if index.levels.get(unit) == "community" else "",
    )
    return np.where(written == "", coded, written)


def _labels(table: SourceTable, column: str, rows: NDArray[np.int64]) -> Words:
    if column not in table.frame:
        return np.full(len(rows), "", dtype=object)
    return table.frame[column].to_numpy(dtype=object)[rows]


def _groups(
    records: _Records, table: SourceTable, found: Words, given: Words, index: UnitIndex
) -> pd.DataFrame:
    """Return for each shared point its first row, its records, its town and how exact it is."""
    every = np.arange(len(table.frame))
    towns = pd.Series(_towns(table, every, found, given, index))
    villages = pd.Series(_villages(table, every, given, index))
    frame = pd.DataFrame(
        {
            "place": records.place,
            "row": records.rows,
            "town": records.town,
            "village": pd.Series(records.village).where(records.village != ""),
        }
    )
    by_place = frame.groupby("place", sort=False)
    groups = by_place.agg(
        row=("row", "first"),
        count=("row", "size"),
        town=("town", "first"),
        village=("village", "first"),
        villages=("village", "nunique"),
    )
    one = (groups["villages"] == 1).to_numpy()
    silent = towns[(villages == "").to_numpy()].value_counts()
    named = (towns + "\n" + villages).value_counts()
    all_there = np.where(
        one,
        (groups["town"] + "\n" + groups["village"].fillna("")).map(named).fillna(0),
        groups["town"].map(silent).fillna(0),
    )
    heaped = (groups["count"] >= MANY_SHARE) & (groups["count"] >= SHARE_OF_TOWN * all_there)
    mixed = (groups["villages"] > 1) & (groups["count"] >= FEW_SHARE)
    quality = np.select([mixed, heaped & one, heaped], ["town", "village", "town"], "")
    return groups.assign(quality=quality.astype(object))


def _list(table: SourceTable, groups: pd.DataFrame, index: UnitIndex) -> None:
    lon_lat = shapely.get_coordinates(
        shapely.centroid(table.geometry[groups["row"].to_numpy(dtype=np.int64)])
    )
    numbers = table.frame[ROW].to_numpy()
    places = groups.assign(lon=lon_lat[:, 0], lat=lon_lat[:, 1]).to_dict("records")
    for place in places[:LISTED]:
        table.findings.add(
            "point_shared",
            row=int(numbers[place["row"]]),
            column="lon",
            value=f"{place['lon']:.6f},{place['lat']:.6f}",
            count=int(place["count"]),
            exactness=place["quality"],
            place=index.names.get(place["town"], place["town"]),
        )
    rest = places[LISTED:]
    if rest:
        first, count = int(numbers[rest[0]["row"]]), sum(int(place["count"]) for place in rest)
        table.findings.add("points_shared", row=first, count=count)

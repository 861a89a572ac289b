"""Demand: elders as records, or counts at places or in units, each with its unit."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from care_map.config import DemandSource
from care_map.errors import Problem
from care_map.inputs.points import project, representative_points
from care_map.inputs.sources import SourceTable, list_rows, stacked
from care_map.inputs.unit_index import UnitIndex
from care_map.inputs.unit_labels import (
    label_contradictions,
    units_as_given,
    units_by_name,
    with_ids,
)
from care_map.vocabulary import LEVELS

__all__ = ["demand_of_units", "make_demand", "no_demand"]

_TEXT_COLUMNS = ("demand_id", "unit_id", "setting", "location_quality", "origin", "groups")
_OLD = 80
_POINT = 0
_AWAY = "外出"


def no_demand(crs: CRS) -> gpd.GeoDataFrame:
    """Return the table of a study without demand."""
    empty = {name: pd.Series([], dtype=object) for name in _TEXT_COLUMNS}
    elders = pd.Series([], dtype="int64")
    return gpd.GeoDataFrame({**empty, "elders": elders}, geometry=gpd.GeoSeries([], crs=crs))


def make_demand(tables: Sequence[SourceTable], *, index: UnitIndex, crs: CRS) -> gpd.GeoDataFrame:
    """Make the table of demand of the study's sources.

    Parameters
    ----------
    tables
        The sources as read; findings are added to theirs.
    index
        The study's units.
    crs
        Metric CRS of the study.

    Returns
    -------
    geopandas.GeoDataFrame
        As :class:`care_map.inputs.tables.Inputs` says; ``elders`` is int64. Rows that cannot
        be used (no number of elders, younger than the source counts from) are listed.
    """
    if not tables:
        return no_demand(crs)
    frames = [_demand_of(table, index, crs) for table in tables]
    frame = with_ids(stacked(frames), tables, column="demand_id", prefix="D", digits=6)
    frame = frame[frame.pop("used").to_numpy(dtype=bool)].reset_index(drop=True)
    frame["setting"] = _settings(frame["unit_id"], index)
    frame["elders"] = frame["elders"].astype("int64")
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=crs)


def _demand_of(table: SourceTable, index: UnitIndex, crs: CRS) -> pd.DataFrame:
    frame = table.frame.copy()
    elders, used = _elders(table)
    shapes = project(table.geometry, crs)
    points = representative_points(shapes)
    missing = np.asarray(shapely.is_missing(points))
    area = ~missing & (shapely.get_type_id(shapes) != _POINT)
    found = index.lowest(points)
    given = units_as_given(table, index)
    label_contradictions(table, index, found=found, given=given)
    frame["unit_id"] = _units(table, index, found=found, given=given)
    frame["groups"] = _groups(frame)
    counted = "elders" in frame
    origin = np.where(area, "unit", "place" if counted else "record")
    frame["origin"] = _kept(frame, "origin", origin)
    levels = np.array(index.levels_of(frame["unit_id"]), dtype=object)
    quality = np.where(area, np.where(levels == "community", "village", "town"), "point")
    quality = np.where(missing, "none", _kept(frame, "location_quality", quality))
    frame["location_quality"] = quality
    list_rows([table], frame[missing & used], "demand_without_point")
    away = frame["residence"].str.contains(_AWAY).sum() if "residence" in frame else 0
    if away:
        table.findings.add("elders_away", "info", column="residence", count=int(away))
    return frame.assign(elders=elders, used=used, geometry=points)


def _kept(frame: pd.DataFrame, column: str, otherwise: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return a column as given, and where it is empty what we know."""
    if column not in frame:
        return otherwise.astype(object)
    given = frame[column].to_numpy(dtype=object)
    return np.where(given == "", otherwise, given)


def _elders(table: SourceTable) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return how many elders each row stands for, and which rows are used."""
    frame = table.frame
    used = np.ones(len(frame), dtype=bool)
    elders = np.ones(len(frame), dtype=np.int64)
    if "elders" in frame:
        absent = frame["elders"].isna().to_numpy(dtype=bool)
        list_rows([table], frame[absent], "elders_missing", column="elders")
        elders = frame["elders"].fillna(0).to_numpy(dtype=np.int64)
        list_rows([table], frame[elders < 0], "count_negative", "error", column="elders")
        used &= ~absent & (elders >= 0)
    settings = table.settings
    if "age" in frame and isinstance(settings, DemandSource):
        young = (frame["age"] < settings.elder_age).fillna(value=False).to_numpy(dtype=bool)
        young &= used
        if young.any():
            table.findings.add(
                "younger_than_elder_age",
                row=int(frame["source_row"].to_numpy()[np.argmax(young)]),
                column="age",
                count=int(young.sum()),
                age=settings.elder_age,
            )
        used &= ~young
    return elders, used


def _units(
    table: SourceTable,
    index: UnitIndex,
    *,
    found: NDArray[np.object_],
    given: NDArray[np.object_],
) -> NDArray[np.object_]:
    """Return the unit: where the point is, made finer by a code inside it; else code or name."""
    named = np.where((found == "") & (given == ""), units_by_name(table, index), given)
    pairs = list(zip(found, named, strict=True))
    chosen = {
        (unit, code): index.lower(code, unit) if unit and code else unit or code
        for unit, code in dict.fromkeys(pairs)
    }
    return np.array([chosen[pair] for pair in pairs], dtype=object)


def _groups(frame: pd.DataFrame) -> NDArray[np.object_]:
    """Return the groups, with aged_80 for everybody of that age."""
    groups = np.full(len(frame), "", dtype=object)
    if "groups" in frame:
        groups = frame["groups"].to_numpy(dtype=object)
    if "age" not in frame:
        return groups
    old = (frame["age"] >= _OLD).fillna(value=False).to_numpy(dtype=bool)
    listed = np.array(["aged_80" in text.split(";") for text in groups], dtype=bool)
    more = np.where(groups == "", "aged_80", groups + ";aged_80")
    return np.where(old & ~listed, more, groups)


def _settings(units: pd.Series, index: UnitIndex) -> pd.Series:
    known = {unit: index.setting_of(unit) for unit in units.unique()}
    return units.map(known).astype(object)


def demand_of_units(
    units: gpd.GeoDataFrame, *, index: UnitIndex, problems: list[Problem]
) -> gpd.GeoDataFrame | None:
    """Make demand of the elders that units carry, where the study has no other.

    Parameters
    ----------
    units
        The study's units, in its metric CRS.
    index
        The same, to be looked up.
    problems
        Gets what was done.

    Returns
    -------
    geopandas.GeoDataFrame or None
        One row per lowest unit with a number; None where no unit has one.
    """
    if "elders" not in units or not units["elders"].notna().any():
        return None
    counted = units[units["elders"].notna() & (units["elders"] >= 0).fillna(value=False)]
    parents = {unit for child in counted["unit_id"] for unit in index.chain(child)[1:]}
    lowest = counted[~counted["unit_id"].isin(parents)].reset_index(drop=True)
    points = representative_points(lowest.geometry.to_numpy())
    missing = np.asarray(shapely.is_missing(points))
    quality = np.where(lowest["level"] == LEVELS[-1], "village", "town")
    rows = {
        "demand_id": [f"D{number:06d}" for number in range(1, len(lowest) + 1)],
        "elders": lowest["elders"].astype("int64"),
        "unit_id": lowest["unit_id"],
        "setting": _settings(lowest["unit_id"], index),
        "location_quality": np.where(missing, "none", quality),
        "origin": "unit",
        "groups": "",
        "source_file": lowest["source_file"],
        "source_row": lowest["source_row"],
    }
    count = int(lowest["elders"].sum())
    problems.append(Problem("demand_of_units", "info", values={"units": len(lowest)}, count=count))
    return gpd.GeoDataFrame(rows, geometry=points, crs=units.crs)

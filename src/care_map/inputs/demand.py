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
from care_map.inputs.placement import stated_units, unit_positions
from care_map.inputs.points import project, representative_points
from care_map.inputs.settings import elder_settings
from care_map.inputs.shared_points import shared_points
from care_map.inputs.sources import SourceTable, list_rows, stacked
from care_map.inputs.texts import different_rows, each_different
from care_map.inputs.unit_index import UnitIndex
from care_map.inputs.unit_labels import (
    label_contradictions,
    units_as_given,
    with_ids,
)
from care_map.vocabulary import LEVELS

__all__ = ["demand_of_units", "make_demand", "no_demand"]

_TEXT_COLUMNS = (
    "demand_id",
    "unit_id",
    "setting",
    "location_quality",
    "placed_by",
    "origin",
    "groups",
)
_OLD = 80
_OLD_GROUP = "aged_80"
_POINT = 0
_AWAY = "away"


def no_demand(crs: CRS) -> gpd.GeoDataFrame:
    """Return the table of a study without demand."""
    empty = {name: pd.Series([], dtype=object) for name in _TEXT_COLUMNS}
    elders = pd.Series([], dtype="int64")
    return gpd.GeoDataFrame({**empty, "elders": elders}, geometry=gpd.GeoSeries([], crs=crs))


def make_demand(
    tables: Sequence[SourceTable],
    *,
    index: UnitIndex,
    crs: CRS,
    homes: NDArray[np.object_] | None = None,
) -> gpd.GeoDataFrame:
    """Make the table of demand of the study's sources.

    Parameters
    ----------
    tables
        The sources as read; findings are added to theirs.
    index
        The study's units.
    crs
        Metric CRS of the study.
    homes
        Points of residential facilities: many elders at one of them do live there.

    Returns
    -------
    geopandas.GeoDataFrame
        As :class:`care_map.inputs.tables.Inputs` says; ``elders`` is int64. Rows that cannot
        be used (no number of elders, younger than the source counts from) are listed.
    """
    if not tables:
        return no_demand(crs)
    there = np.empty(0, dtype=object) if homes is None else homes
    frames = [_demand_of(table, index, crs, there) for table in tables]
    frame = with_ids(stacked(frames), tables, column="demand_id", prefix="D", digits=6)
    used = frame.pop("used").to_numpy(dtype=bool)
    frame = frame if used.all() else frame[used].reset_index(drop=True)
    settings = elder_settings(frame, index)
    frame["setting"] = pd.Series(settings, frame.index, dtype=object)
    frame["elders"] = frame["elders"].astype("int64")
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=crs)


def _demand_of(
    table: SourceTable, index: UnitIndex, crs: CRS, homes: NDArray[np.object_]
) -> pd.DataFrame:
    frame = table.frame.copy()
    elders, used = _elders(table)
    shapes = project(table.geometry, crs)
    points = representative_points(shapes)
    missing = np.asarray(shapely.is_missing(points))
    area = ~missing & (shapely.get_type_id(shapes) != _POINT)
    found = index.lowest(points)
    given = units_as_given(table, index)
    counted = "elders" in frame
    shared = np.full(len(frame), "", dtype=object)
    if not counted:
        shared = shared_points(table, points, found=found, given=given, homes=homes, index=index)
        # Such a point tells the town, not the village that its office stands in.
        found = np.where(shared == "", found, each_different(found, index.town_of))
    label_contradictions(table, index, found=found, given=given)
    asked = (found == "") | (shared != "")
    listed = missing | (not index.has_polygons)
    stated = stated_units(table, index, given=given, asked=asked, listed=listed & used)
    unit_id = _units(index, found=found, stated=stated.unit)
    positions, placed, placed_by = unit_positions(
        table,
        index,
        missing=missing,
        unit_id=unit_id,
        stated=stated,
        used=used,
        otherwise="demand_without_point",
    )
    origin = np.full(len(frame), "place" if counted else "record", dtype=object)
    origin[area] = "unit"
    quality = _quality(shared, area, index.levels_of(unit_id))
    texts = {
        "unit_id": unit_id,
        "groups": _groups(frame),
        "origin": _kept(frame, "origin", origin),
        "location_quality": np.where(missing, placed, _kept(frame, "location_quality", quality)),
        "placed_by": placed_by,
    }
    away = (frame["residence"] == _AWAY).sum() if "residence" in frame else 0
    if away:
        table.findings.add("elders_away", "info", column="residence", count=int(away))
    # As objects: pandas would make text of its own of them, a million cells at a time.
    columns = {name: pd.Series(words, frame.index, dtype=object) for name, words in texts.items()}
    # Where somebody lives is not carried further than it is needed.
    frame = frame.drop(columns="address", errors="ignore")
    return frame.assign(
        **columns, elders=elders, used=used, geometry=np.where(missing, positions, points)
    )


def _quality(
    shared: NDArray[np.object_], area: NDArray[np.bool_], levels: NDArray[np.object_]
) -> NDArray[np.object_]:
    """Return how exact a point is: an office that many share, the middle of an area, or a door."""
    of_area = np.where(levels == "community", "village", "town")
    return np.where(area, of_area, np.where(shared == "", "point", shared)).astype(object)


def _kept(frame: pd.DataFrame, column: str, otherwise: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return a column as given, and where it is empty what we know."""
    if column not in frame:
        return otherwise
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
        table.findings.leave_out("elders_missing", int(absent.sum()))
        table.findings.leave_out("count_negative", int((elders < 0).sum()))
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
        table.findings.leave_out("younger_than_elder_age", int(young.sum()))
        used &= ~young
    return elders, used


def _units(
    index: UnitIndex, *, found: NDArray[np.object_], stated: NDArray[np.object_]
) -> NDArray[np.object_]:
    """Return the unit: where the point is, made finer by what the row says inside it."""
    pairs, which = different_rows([found, stated])
    chosen = [index.lower(said, unit) if unit and said else unit or said for unit, said in pairs]
    return np.array(chosen, dtype=object)[which]


def _groups(frame: pd.DataFrame) -> NDArray[np.object_]:
    """Return the groups, with aged_80 for everybody of that age."""
    groups = np.full(len(frame), "", dtype=object)
    if "groups" in frame:
        groups = frame["groups"].to_numpy(dtype=object)
    if "age" not in frame:
        return groups
    old = (frame["age"] >= _OLD).fillna(value=False).to_numpy(dtype=bool)
    result = groups.copy()
    result[old] = each_different(groups[old], _with_old)
    return result


def _with_old(groups: str) -> str:
    if _OLD_GROUP in groups.split(";"):
        return groups
    return f"{groups};{_OLD_GROUP}" if groups else _OLD_GROUP


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
    _list_other_sums(counted, lowest, index=index, problems=problems)
    points = representative_points(lowest.geometry.to_numpy())
    missing = np.asarray(shapely.is_missing(points))
    quality = np.where(lowest["level"] == LEVELS[-1], "village", "town")
    rows = {
        "demand_id": [f"D{number:06d}" for number in range(1, len(lowest) + 1)],
        "elders": lowest["elders"].astype("int64"),
        "unit_id": lowest["unit_id"],
        "setting": index.settings_of(lowest["unit_id"].to_numpy(dtype=object)),
        "location_quality": np.where(missing, "none", quality),
        "placed_by": "",
        "origin": "unit",
        "groups": "",
        "counted_unit_id": lowest["unit_id"],
        "counted_level": lowest["level"],
        "source_file": lowest["source_file"],
        "source_row": lowest["source_row"],
    }
    count = int(lowest["elders"].sum())
    problems.append(Problem("demand_of_units", "info", values={"units": len(lowest)}, count=count))
    return gpd.GeoDataFrame(rows, geometry=points, crs=units.crs)


def _list_other_sums(
    counted: pd.DataFrame, lowest: pd.DataFrame, *, index: UnitIndex, problems: list[Problem]
) -> None:
    """List units whose own number is not the sum of those in them, which are used instead."""
    sums: dict[str, int] = {}
    for unit, elders in zip(lowest["unit_id"], lowest["elders"], strict=True):
        for above in index.chain(unit)[1:]:
            sums[above] = sums.get(above, 0) + int(elders)
    for row in counted[counted["unit_id"].isin(list(sums))].to_dict("records"):
        own, found = int(row["elders"]), sums[row["unit_id"]]
        if own != found:
            problems.append(
                Problem(
                    "unit_sum_differs",
                    "warning",
                    source=str(row["source_file"]),
                    row=int(row["source_row"]) or None,
                    column="elders",
                    value=str(own),
                    values={"name": row["name"], "sum": found},
                    count=abs(own - found),
                )
            )

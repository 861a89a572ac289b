"""Facilities: ids, stage on the day, the unit each is in."""

import datetime as dt
from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from care_map.inputs.placement import stated_units, unit_positions
from care_map.inputs.points import project, representative_points
from care_map.inputs.sources import SourceTable, list_rows, stacked
from care_map.inputs.unit_index import UnitIndex
from care_map.inputs.unit_labels import (
    label_contradictions,
    units_as_given,
    with_ids,
)
from care_map.vocabulary import STAGES

__all__ = ["make_facilities", "no_facilities", "stages_by_dates"]

Words = NDArray[np.object_]

_TEXT_COLUMNS = (
    "facility_id",
    "name",
    "roles",
    "stage",
    "unit_id",
    "location_quality",
    "placed_by",
)


def no_facilities(crs: CRS) -> gpd.GeoDataFrame:
    """Return the table of a study without facilities."""
    empty = {name: pd.Series([], dtype=object) for name in _TEXT_COLUMNS}
    in_area = pd.Series([], dtype=bool)
    return gpd.GeoDataFrame({**empty, "in_area": in_area}, geometry=gpd.GeoSeries([], crs=crs))


def make_facilities(
    tables: Sequence[SourceTable], *, index: UnitIndex, crs: CRS, as_of: dt.date | None
) -> gpd.GeoDataFrame:
    """Make the table of facilities of the study's sources.

    Parameters
    ----------
    tables
        The sources as read; findings are added to theirs.
    index
        The study's units.
    crs
        Metric CRS of the study.
    as_of
        Day whose stage counts; None for the state as listed.

    Returns
    -------
    geopandas.GeoDataFrame
        As :class:`care_map.inputs.tables.Inputs` says.
    """
    if not tables:
        return no_facilities(crs)
    frame = stacked([_facilities_of(table, index, crs, as_of) for table in tables])
    list_rows(tables, frame[frame["name"] == ""], "cell_required", "error", column="name")
    frame = with_ids(frame, tables, column="facility_id", prefix="F", digits=4)
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=crs)


def _facilities_of(
    table: SourceTable, index: UnitIndex, crs: CRS, as_of: dt.date | None
) -> pd.DataFrame:
    frame = table.frame.copy()
    frame["roles"] = _roles(table)
    frame["stage"] = _stage(table, as_of)
    for name in ("beds", "nursing_beds", "day_care_beds", "open_beds", "free_beds", "staff"):
        if name in frame:
            negative = (frame[name] < 0).fillna(value=False).to_numpy(dtype=bool)
            list_rows([table], frame[negative], "count_negative", "error", column=name)
    points = representative_points(project(table.geometry, crs))
    missing = np.asarray(shapely.is_missing(points))
    found = index.lowest(points)
    given = units_as_given(table, index)
    label_contradictions(table, index, found=found, given=given)
    # A point tells its unit better than a name does, but only where units have borders.
    named = missing | (not index.has_polygons)
    stated = stated_units(table, index, given=given, asked=named, listed=named)
    known = np.where(stated.unit == "", found, stated.unit)
    _, placed, placed_by = unit_positions(
        table,
        index,
        missing=missing,
        unit_id=known,
        stated=stated,
        used=np.ones(len(frame), dtype=bool),
        otherwise="facility_without_point",
    )
    quality = frame.get("location_quality", pd.Series("", frame.index)).replace("", "point")
    texts = {
        "unit_id": known,
        "location_quality": np.where(missing, placed, quality),
        "placed_by": placed_by,
    }
    columns = {name: pd.Series(words, frame.index, dtype=object) for name, words in texts.items()}
    frame = frame.assign(**columns)
    if index.has_polygons:
        # Nobody said that one without a place is elsewhere: its elders are undetermined.
        frame["in_area"] = (found != "") | missing
    else:
        frame["in_area"] = True
    return frame.assign(geometry=points)


def _roles(table: SourceTable) -> pd.Series:
    frame = table.frame
    if "roles" not in frame:
        table.findings.add("roles_missing", column="roles", count=len(frame))
        return pd.Series("", index=frame.index, dtype=object)
    empty = frame[frame["roles"] == ""]
    list_rows([table], empty, "role_missing", column="roles", shown="name")
    return frame["roles"]


def _stage(table: SourceTable, as_of: dt.date | None) -> NDArray[np.object_]:
    """Return the stage on the day: by the dates of stages, else as listed, else operating."""
    frame = table.frame
    stage = np.full(len(frame), "", dtype=object)
    if "stage" in frame:
        stage = frame["stage"].to_numpy(dtype=object).copy()
    dated = stages_by_dates(frame, as_of) if as_of else np.full(len(frame), "", dtype=object)
    undated = _listed_without_date(frame, stage, dated, as_of)
    if undated.any():
        table.findings.add("stage_undated", "info", column="stage", count=int(undated.sum()))
    stage = np.where((dated == "") | undated, stage, dated)
    assumed = int((stage == "").sum())
    if assumed:
        table.findings.add("stage_assumed", "info", count=assumed)
    return np.where(stage == "", "operating", stage)


def _listed_without_date(
    frame: pd.DataFrame, listed: Words, dated: Words, as_of: dt.date | None
) -> NDArray[np.bool_]:
    """Tell where the list says a later stage than its dates do, and gives that one no date.

    It holds on a day that is after all dates of the row: what came last has only no date.
    """
    never = np.zeros(len(frame), dtype=bool)
    if as_of is None:
        return never
    order = {stage: number for number, stage in enumerate(STAGES)}
    later = [
        order.get(a, -1) > order.get(b, len(STAGES)) for a, b in zip(listed, dated, strict=True)
    ]
    own, past = never.copy(), ~never
    for stage in STAGES:
        if f"{stage}_date" in frame:
            dates = frame[f"{stage}_date"].to_numpy(dtype=object)
            own |= (listed == stage) & (dates != "")
            past &= dates <= as_of.isoformat()
    return np.array(later, dtype=bool) & ~own & past


def stages_by_dates(frame: pd.DataFrame, as_of: dt.date) -> Words:
    """Return the last stage whose date is not after a day, "" for rows without dates.

    Parameters
    ----------
    frame
        Dates of stages as ISO text, "" where missing.
    as_of
        The day. A facility whose dates are all later is planned.
    """
    found = np.full(len(frame), "", dtype=object)
    day = as_of.isoformat()
    for stage in STAGES:
        if f"{stage}_date" not in frame:
            continue
        dates = frame[f"{stage}_date"].to_numpy(dtype=object)
        given = dates != ""
        found = np.where(given & (found == ""), "planned", found)
        found = np.where(given & (dates <= day), stage, found)
    return found

"""Places where facilities could be opened: what each could become, its area and its cost."""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from care_map.inputs.points import project, representative_points
from care_map.inputs.sources import SourceTable, list_rows, stacked
from care_map.inputs.tables import no_candidates
from care_map.inputs.unit_index import UnitIndex
from care_map.inputs.unit_labels import (
    label_contradictions,
    units_as_given,
    units_by_name,
    with_ids,
)
from care_map.packs.minimum_areas import MinimumArea, minimum_areas
from care_map.packs.pack_file import PackFile

__all__ = ["make_candidates", "too_small"]

Bools = NDArray[np.bool_]

_NOT_NEGATIVE = (
    "floor_area_m2",
    "land_area_m2",
    "cost_yuan",
    "cost_wan",
    "subsidy_yuan",
    "beds",
    "capacity",
)
_YUAN_PER_WAN = 10_000.0
_YUAN = 1.0


def make_candidates(
    tables: Sequence[SourceTable],
    index: UnitIndex,
    *,
    crs: CRS,
    pack: PackFile | None = None,
    few_elders: frozenset[str] = frozenset(),
) -> gpd.GeoDataFrame:
    """Make the table of candidate sites of the study's sources, and list what is wrong with them.

    Parameters
    ----------
    tables
        The sources as read; findings are added to theirs.
    index
        The study's units.
    crs
        Metric CRS of the study.
    pack
        The notice whose least areas are looked at.
    few_elders
        Units for which the notice asks for less.

    Returns
    -------
    geopandas.GeoDataFrame
        Columns of :data:`care_map.schema.CANDIDATES` without coordinates and ``cost_wan``
        (``cost_yuan`` has both), ``source_file``, ``source_row`` and ``in_area``; point or None.
        Missing text is "", missing numbers NaN.
    """
    none = no_candidates()
    if not tables:
        return none.set_crs(crs)
    frame = stacked([_candidates_of(table, index, crs) for table in tables])
    list_rows(tables, frame[frame["name"] == ""], "cell_required", "error", column="name")
    frame = with_ids(frame, tables, column="candidate_id", prefix="C", digits=4)
    _list_small(tables, frame, minimum_areas(pack), few_elders)
    for name in none.columns:
        if name not in frame:
            missing: object = np.nan if name in _NOT_NEGATIVE else ""
            frame[name] = pd.Series(
                missing, frame.index, dtype=None if name in _NOT_NEGATIVE else object
            )
    return gpd.GeoDataFrame(frame[list(none.columns)], geometry="geometry", crs=crs)


def too_small(
    area: object, role: str, least: Mapping[str, MinimumArea], *, few: bool = False
) -> MinimumArea | None:
    """Return the clause that a place is too small for, None if it is large enough or unknown.

    Parameters
    ----------
    area
        Floor area in square metres, missing if unknown.
    role
        What it would become.
    least
        Of :func:`care_map.packs.minimum_areas.minimum_areas`.
    few
        Whether it is in a unit with few elders.
    """
    asked = least.get(role)
    if asked is None or not isinstance(area, (int, float)) or np.isnan(area):
        return None
    return asked if area < (asked.few_elders_m2 if few else asked.least_m2) else None


def _candidates_of(table: SourceTable, index: UnitIndex, crs: CRS) -> pd.DataFrame:
    frame = table.frame.copy()
    for name in _NOT_NEGATIVE:
        if name in frame:
            negative = (frame[name] < 0).fillna(value=False).to_numpy(dtype=bool)
            code = "cost_negative" if name in {"cost_yuan", "cost_wan"} else "count_negative"
            list_rows([table], frame[negative], code, "error", column=name)
    frame["cost_yuan"] = _cost_yuan(table)
    if "types" not in frame:
        table.findings.add("candidate_types_missing", column="types", count=len(frame))
        frame["types"] = pd.Series("", frame.index, dtype=object)
    untyped = frame[frame["types"] == ""]
    list_rows([table], untyped, "candidate_without_type", column="types", shown="name")
    points = representative_points(project(table.geometry, crs))
    missing = np.asarray(shapely.is_missing(points))
    list_rows([table], frame[missing], "candidate_without_point", column="lon", shown="name")
    found = index.lowest(points)
    given = units_as_given(table, index)
    label_contradictions(table, index, found=found, given=given)
    named = units_by_name(table, index)
    stated = np.where(given == "", named, given)
    outside = index.has_polygons & (found == "") & ~missing
    list_rows([table], frame[outside], "candidate_outside", shown="name")
    quality = frame.get("location_quality", pd.Series("", frame.index)).replace("", "point")
    return frame.assign(
        unit_id=pd.Series(np.where(found == "", stated, found), frame.index, dtype=object),
        location_quality=pd.Series(np.where(missing, "none", quality), frame.index, dtype=object),
        in_area=~outside,
        geometry=points,
    )


def _cost_yuan(table: SourceTable) -> pd.Series:
    """Return costs in yuan, from whichever unit a row gives; list rows whose two disagree."""
    frame = table.frame
    blank = pd.Series(np.nan, frame.index)
    yuan = frame.get("cost_yuan", blank).astype(float)
    wan = frame.get("cost_wan", blank).astype(float) * _YUAN_PER_WAN
    apart = (yuan - wan).abs() > _YUAN
    list_rows([table], frame[apart.to_numpy()], "cost_contradicts", "error", column="cost_wan")
    return yuan.fillna(wan)


def _list_small(
    tables: Sequence[SourceTable],
    frame: pd.DataFrame,
    least: Mapping[str, MinimumArea],
    few_elders: frozenset[str],
) -> None:
    """List places that are too small for everything that they could become."""
    if not least or "floor_area_m2" not in frame:
        return
    small = [
        bool(roles := [one for one in str(row["types"]).split(";") if one])
        and all(
            too_small(row["floor_area_m2"], role, least, few=row["unit_id"] in few_elders)
            is not None
            for role in roles
        )
        for row in frame.to_dict("records")
    ]
    rows = frame[np.array(small, dtype=bool)]
    list_rows(tables, rows, "candidate_too_small", column="floor_area_m2")

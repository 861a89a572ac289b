"""Units: their levels, parents and settings, and polygons that hold."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from care_map.errors import Problem
from care_map.inputs.points import representative_points
from care_map.inputs.settings import unit_settings
from care_map.inputs.sources import FILE, ROW, SourceTable, leave_out, list_rows, stacked
from care_map.inputs.unit_index import canonical_code
from care_map.inputs.unit_polygons import polygon_problems, unit_polygons
from care_map.vocabulary import LEVELS, Setting

__all__ = ["make_units", "no_units"]

_RESERVED = ("all", "none")
"""Ids of the rows of the whole study and of elders in no unit."""

_CODE_DIGITS = 12


def no_units(crs: CRS) -> gpd.GeoDataFrame:
    """Return the table of a study without units."""
    columns = ("unit_id", "name", "level", "parent_id", "setting")
    empty = {name: pd.Series([], dtype=object) for name in columns}
    return gpd.GeoDataFrame(empty, geometry=gpd.GeoSeries([], crs=crs))


def make_units(
    tables: Sequence[SourceTable],
    *,
    crs: CRS,
    setting: Setting | None,
    problems: list[Problem],
) -> gpd.GeoDataFrame:
    """Make the table of units of the study's sources.

    Parameters
    ----------
    tables
        The sources as read.
    crs
        Metric CRS of the study.
    setting
        Setting of units that do not tell theirs.
    problems
        Gets what was found.

    Returns
    -------
    geopandas.GeoDataFrame
        ``unit_id, name, level, parent_id, setting`` and what else the sources have; polygon or
        None. Parents that are only named are there too, as the union of their children. After
        an error (an id missing or twice) the rows without one.
    """
    if not tables:
        return no_units(crs)
    frame = stacked(
        [_with_levels(table).assign(geometry=unit_polygons(table, crs)) for table in tables]
    )
    frame = _with_ids(frame, tables)
    if frame.empty:
        return no_units(crs)
    frame = _with_parents(frame, problems)
    frame = _with_derived(frame, problems)
    frame["parent_id"] = _parents_by_place(frame)
    frame["setting"] = unit_settings(frame, setting=setting, problems=problems)
    units = gpd.GeoDataFrame(frame, geometry="geometry", crs=crs)
    problems.extend(polygon_problems(units))
    return units


def _with_levels(table: SourceTable) -> pd.DataFrame:
    """Add the level: column, study, shape of the code, else by whether a parent is given."""
    frame = table.frame.copy()
    level = frame["level"].copy() if "level" in frame else pd.Series("", index=frame.index)
    level = level.astype(object)
    declared = getattr(table.settings, "level", None)
    if declared:
        level = level.where(level != "", declared)
    level = level.where(level != "", frame["unit_id"].map(_level_of_code))
    has_parent = pd.Series(data=False, index=frame.index)
    for name in ("parent_id", "parent_name"):
        frame[name] = frame.get(name, "")
        has_parent |= frame[name] != ""
    level = level.where((level != "") | ~has_parent, "community")
    assumed = int((level == "").sum())
    if assumed:
        table.findings.add("level_assumed", "info", count=assumed)
    short = int(frame["unit_id"].map(lambda code: canonical_code(code) != code).sum())
    if short:
        table.findings.add("unit_codes_short", "info", column="unit_id", count=short)
    return frame.assign(level=level.where(level != "", "town"))


def _is_code(code: str) -> bool:
    return len(code) == _CODE_DIGITS and code.isascii() and code.isdigit()


def _level_of_code(code: str) -> str:
    full = canonical_code(code)
    if not _is_code(full):
        return ""
    if full.endswith("000000"):
        return "district"
    return "town" if full.endswith("000") else "community"


def _with_ids(frame: pd.DataFrame, tables: Sequence[SourceTable]) -> pd.DataFrame:
    for column in ("unit_id", "name"):
        list_rows(tables, frame[frame[column] == ""], "cell_required", "error", column=column)
    leave_out(tables, frame[frame["unit_id"] == ""], "cell_required")
    frame = frame[frame["unit_id"] != ""]
    codes = frame["unit_id"].map(canonical_code)
    list_rows(tables, frame[codes.isin(_RESERVED)], "id_reserved", "error", column="unit_id")
    twice = frame[codes.duplicated(keep=False)]
    list_rows(tables, twice, "id_twice", "error", column="unit_id")
    leave_out(tables, frame[codes.duplicated()], "id_twice")
    return frame[~codes.duplicated()].reset_index(drop=True)


def _with_parents(frame: pd.DataFrame, problems: list[Problem]) -> pd.DataFrame:
    """Resolve parents: the given id, the given name, else the prefix of the code."""
    ids = {canonical_code(unit): unit for unit in frame["unit_id"]}
    parents: list[str] = []
    columns = (frame[name] for name in ("unit_id", "level", "parent_id", "parent_name"))
    for unit, level, given, name in zip(*columns, strict=True):
        parent = ids.get(canonical_code(given), given)
        if not parent and name:
            parent = _named_above(frame, name, level) or name
        parents.append(parent or ids.get(_prefix(canonical_code(unit), level), ""))
    own = np.array(parents, dtype=object) == frame["unit_id"].to_numpy()
    if own.any():
        count = int(own.sum())
        problems.append(Problem("unit_own_parent", severity="warning", count=count))
    return frame.assign(parent_id=np.where(own, "", np.array(parents, dtype=object)))


def _named_above(frame: pd.DataFrame, name: str, level: str) -> str:
    higher = LEVELS[: LEVELS.index(level)]
    found = frame.loc[(frame["name"] == name) & frame["level"].isin(higher), "unit_id"]
    return str(found.iloc[0]) if len(found) == 1 else ""


def _prefix(code: str, level: str) -> str:
    if not _is_code(code) or level == "district":
        return ""
    town = code[:9] + "000"
    return town if level == "community" and town != code else code[:6] + "000000"


def _with_derived(frame: pd.DataFrame, problems: list[Problem]) -> pd.DataFrame:
    """Add the parents that are only named, as the union of their children."""
    absent = ~frame["parent_id"].isin(frame["unit_id"]) & (frame["parent_id"] != "")
    top = absent & (frame["level"] == LEVELS[0])
    frame = frame.assign(parent_id=frame["parent_id"].where(~top, ""))
    derived = []
    for parent, children in frame[absent & ~top].groupby("parent_id", sort=False):
        names = [name for name in children["parent_name"] if name]
        highest = min(LEVELS.index(level) for level in children["level"])
        polygons = [polygon for polygon in children["geometry"] if polygon is not None]
        derived.append(
            {
                "unit_id": parent,
                "name": names[0] if names else parent,
                "level": LEVELS[highest - 1],
                "parent_id": "",
                "parent_name": "",
                FILE: children[FILE].iloc[0],
                ROW: 0,
                "geometry": shapely.union_all(polygons) if polygons else None,
            }
        )
    if not derived:
        return frame
    shown = tuple(str(unit["name"]) for unit in derived)
    file = str(derived[0][FILE])
    problems.append(
        Problem("parents_derived", "info", file, values={"names": shown}, count=len(derived))
    )
    return stacked([frame, pd.DataFrame(derived)])


def _parents_by_place(frame: pd.DataFrame) -> NDArray[np.object_]:
    """Give units without a parent the polygon of the level above that they lie in."""
    parents = frame["parent_id"].to_numpy(dtype=object).copy()
    geometry = frame["geometry"].to_numpy(dtype=object)
    real = ~np.asarray(shapely.is_missing(geometry))
    level = frame["level"].map(LEVELS.index).to_numpy()
    for above in range(len(LEVELS) - 1):
        orphans = np.flatnonzero((parents == "") & real & (level > above))
        hosts = np.flatnonzero(real & (level == above))
        if not len(orphans) or not len(hosts):
            continue
        tree = shapely.STRtree(representative_points(geometry[orphans]))
        host, orphan = tree.query(geometry[hosts], predicate="contains")
        parents[orphans[orphan]] = frame["unit_id"].to_numpy(dtype=object)[hosts[host]]
    return parents

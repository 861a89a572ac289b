"""The table of coverage as the page looks it up: by circle, profile and group."""

from typing import cast

import geopandas as gpd
import numpy as np
import pandas as pd

from care_map.assessment import Assessment
from care_map.vocabulary import LEVELS

__all__ = ["FIGURES", "coverage_rates", "default_level", "listed", "shown_levels", "unit_table"]

FIGURES = (
    "elders",
    "covered",
    "uncovered",
    "undetermined",
    "rate_low",
    "rate_high",
    "median_minutes",
    "covered_any_district",
    "path_completeness",
)
"""Columns of one row of figures, in the order of the page's lists."""

ALL = ("all", "")
"""Codes of the row of all settings."""

NO_UNIT = ("all", "none")
"""Ids of rows that are no unit's: the whole study, and elders in no unit."""

CALM_UNITS = 120
"""More polygons than this are better read after choosing them than at first sight."""


def listed(table: pd.DataFrame, column: str) -> list[str]:
    """Return the different values of a column in the order of their first row."""
    if table.empty or column not in table.columns:
        return []
    return [str(value) for value in table[column].drop_duplicates() if str(value)]


def unit_table(result: Assessment) -> gpd.GeoDataFrame:
    """Return one row per unit that has figures or a polygon.

    Returns
    -------
    GeoDataFrame
        ``unit_id, name, level, setting, parent`` (name of the parent) and geometry; the index
        counts from 0. A unit of the table of coverage that `units` lacks has no geometry.
    """
    units = result.units
    known = pd.DataFrame(
        {
            column: units[column].astype("string").fillna("").astype(object)
            if column in units.columns
            else ""
            for column in ("unit_id", "name", "level", "setting", "parent_id")
        },
        index=units.index,
    )
    names = dict(zip(known["unit_id"], known["name"], strict=True))
    known["parent"] = [names.get(code, "") for code in known["parent_id"]]
    known["geometry"] = units.geometry if "geometry" in units else None
    table = result.coverage_by_unit
    own = table["level"].isin(LEVELS) & ~table["unit_id"].isin(NO_UNIT)
    rows = table[own].drop_duplicates("unit_id")
    extra = rows[~rows["unit_id"].isin(known["unit_id"])]
    if not extra.empty:
        added = pd.DataFrame(
            {
                "unit_id": extra["unit_id"],
                "name": extra["unit_name"],
                "level": extra["level"],
                "setting": "",
                "parent_id": "",
                "parent": "",
                "geometry": None,
            }
        )
        known = pd.concat([known, added]) if len(known) else added
    known = known.drop_duplicates("unit_id").reset_index(drop=True)
    return gpd.GeoDataFrame(known, geometry="geometry", crs=result.crs)


def shown_levels(table: pd.DataFrame, units: gpd.GeoDataFrame) -> list[str]:
    """Return the levels to choose from, largest first.

    A single district is the whole study: it is no level to compare within.
    """
    present: list[str] = [
        level
        for level in LEVELS
        if level in listed(table, "level") or level in listed(units, "level")
    ]
    single = (units["level"] == "district").sum() <= 1
    return [level for level in present if level != "district" or not single] or present


def default_level(units: gpd.GeoDataFrame, levels: list[str]) -> str:
    """Return the finest level whose polygons are still few enough to be read at first sight."""
    mapped = units[units.geometry.notna()]["level"]
    readable = [level for level in levels if 1 < (mapped == level).sum() <= CALM_UNITS]
    some = [level for level in levels if (mapped == level).any()]
    return (readable[-1:] or some[:1] or levels[:1] or [""])[0]


def coverage_rates(table: pd.DataFrame, unit_ids: list[str]) -> dict[str, dict[str, object]]:
    """Return the figures by ``circle|profile|group``.

    Parameters
    ----------
    table
        ``coverage_by_unit``.
    unit_ids
        Ids in the order of the page's units.

    Returns
    -------
    dict
        ``all``: figures of the whole study by setting; ``none``: those of elders in no unit, by
        level; ``units``: rows of the unit's position and its figures. Figures follow
        :data:`FIGURES`, None where unknown.
    """
    if table.empty:
        return {}
    position = {code: number for number, code in enumerate(unit_ids)}
    whole = _whole_level(table)
    figures = _figures(table)
    rates: dict[str, dict[str, object]] = {}
    keys = ["circle", "profile", "group"]
    for key, rows in table.groupby(keys, sort=False).indices.items():
        level, setting, unit_id = (
            table[name].iloc[rows].astype(str).tolist() for name in ("level", "setting", "unit_id")
        )
        found = list(zip(rows, level, setting, unit_id, strict=True))
        rates["|".join(cast("tuple[str, str, str]", key))] = {
            "all": {where or "all": figures[row] for row, at, where, _ in found if at == whole},
            "none": {
                at: figures[row]
                for row, at, where, code in found
                if code == "none" and where in ALL
            },
            "units": [
                [position[code], *figures[row]]
                for row, at, where, code in found
                if at in LEVELS and where in ALL and code in position
            ],
        }
    return rates


def _whole_level(table: pd.DataFrame) -> str:
    """Return the level whose row is the whole study."""
    for level in ("all", "district"):
        if len(listed(table[table["level"] == level], "unit_id")) == 1:
            return level
    return ""


def _figures(table: pd.DataFrame) -> list[list[float | int | None]]:
    columns = [pd.to_numeric(table[name], errors="coerce") for name in FIGURES]
    numbers = np.column_stack([column.to_numpy(dtype=float, na_value=np.nan) for column in columns])
    return [[_plain(number) for number in row] for row in numbers.tolist()]


def _plain(number: float) -> float | int | None:
    if not np.isfinite(number):
        return None
    return int(number) if number.is_integer() else round(number, 6)

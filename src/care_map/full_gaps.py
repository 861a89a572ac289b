"""Gaps of elders who are inside a circle, and find every place of its service taken."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd

from care_map.accessibility.gaps import find_gaps, name_gaps
from care_map.capacity_stage import CapacityTables, ServiceResult
from care_map.config import Study
from care_map.gap_places import Surroundings
from care_map.gap_table import GapTables, gap_context, placed_gaps
from care_map.inputs.tables import Inputs
from care_map.messages import catalogue
from care_map.schema import ACCESS, GAP_REASONS

__all__ = ["FULL", "with_full_gaps"]

FULL = "full"
"""Status and reason: inside the circle, so never uncovered, and yet without a place."""
_REMEDY = "more_capacity"
_SERVICES = ("day_care", "meals")
"""Services whose lack is a gap of their circle (default); of others the tables tell."""


def with_full_gaps(
    found: GapTables,
    capacity: CapacityTables,
    study: Study,
    inputs: Inputs,
    access: pd.DataFrame,
) -> GapTables:
    """Return the gaps with those of elders who find no place, after the others of their circle.

    Parameters
    ----------
    found
        Gaps of those who are not inside their circle.
    capacity
        Who finds no place in which service.
    study, inputs, access
        The study, its lists and the table of its circles.

    Returns
    -------
    GapTables
        `member` is that of `found`: the rows of access of full gaps are covered ones.
    """
    official = access[access["official"] & (access["status"] == "covered")]
    parts = [
        _gaps_of(result, official, study, inputs, found.near)
        for result in capacity.results
        if result.service in _SERVICES and result.full.any()
    ]
    parts = [part for part in parts if len(part)]
    if not parts:
        return found
    gaps = pd.concat(parts, ignore_index=True)
    gaps = gaps.sort_values(
        ["circle", "elders", "unit_id", "x", "y"],
        ascending=[True, False, True, True, True],
        ignore_index=True,
    )
    before = gaps["circle"].map(found.gaps["circle"].value_counts()).fillna(0).astype(int)
    gaps["rank"] = gaps.groupby("circle").cumcount() + 1 + before
    gaps["gap_id"] = gaps["circle"] + "-" + gaps["rank"].astype(str).str.zfill(4)
    reasons = _reasons(gaps)
    return replace(
        found,
        gaps=gpd.GeoDataFrame(_stacked(found.gaps, placed_gaps(gaps, inputs)), crs=inputs.crs),
        reasons=_stacked(found.reasons, reasons),
    )


def _gaps_of(
    result: ServiceResult,
    official: pd.DataFrame,
    study: Study,
    inputs: Inputs,
    near: Surroundings,
) -> pd.DataFrame:
    """Return the gaps of one service, not yet numbered."""
    row = official["row"].to_numpy(dtype=np.int64)
    mine = official["circle"].isin(result.circles).to_numpy(dtype=bool) & (result.full[row] > 0)
    row = row[mine]
    # A row that two of the circles cover is one gap, of the circle that stands first.
    _, first = np.unique(row, return_index=True)
    row, own = row[np.sort(first)], official[mine].iloc[np.sort(first)]
    names = inputs.facilities["facility_id"].to_numpy(dtype=object)
    table = own[ACCESS.names].assign(
        elders=result.full[row],
        minutes=result.minutes[row],
        facility_id=names[result.nearest[row]],
        status=FULL,
        reason=FULL,
        limit_minutes=result.limit_minutes[row],
    )
    gaps, member = find_gaps(table, gap_context(study, inputs, row))
    if not len(gaps):
        return gaps
    x, y = gaps["x"].to_numpy(dtype=float), gaps["y"].to_numpy(dtype=float)
    service = catalogue(study.language).label("service", result.service)
    road = near.names(x, y, said=gaps["unit_name"])
    place = np.array([f"{name} · {service}" if name else service for name in road], dtype=object)
    gaps = name_gaps(gaps, place=place).assign(
        remedy=_REMEDY,
        remedy_elders=gaps["elders"].astype("Int64"),
        remedy_minutes=gaps["minutes"],
    )
    limits = pd.Series(table["limit_minutes"].to_numpy(dtype=float)).groupby(member).max()
    return gaps.assign(limit_minutes=limits.reindex(range(len(gaps))).to_numpy())


def _reasons(gaps: pd.DataFrame) -> pd.DataFrame:
    """Return the proof of each: with places enough, all of them would have one, as near."""
    return gaps.assign(
        reason=FULL,
        suffices=True,
        elders_helped=gaps["elders"],
        minutes_without=gaps["minutes"],
    )[GAP_REASONS.names]


def _stacked(above: pd.DataFrame, below: pd.DataFrame) -> pd.DataFrame:
    if not len(above):
        return below.reset_index(drop=True)
    kinds = above.dtypes.drop("geometry", errors="ignore")
    return pd.concat([above, below.astype(kinds)], ignore_index=True)

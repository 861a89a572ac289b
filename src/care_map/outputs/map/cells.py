"""Elders as counts in square cells: the map never shows a single elder's point."""

from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from care_map.outputs.map.geometry import lon_lat

__all__ = ["CELL_SIZES_M", "Cells", "demand_cells"]

CELL_SIZES_M = (250, 500, 1000, 2000)
"""Sides of cells; the first whose table stays small is taken."""

MAX_ENTRIES = 120_000
STATUSES = ("covered", "uncovered", "undetermined")


@dataclass(frozen=True, slots=True)
class Cells:
    """Elders by cell, circle, profile and group.

    Parameters
    ----------
    size_m
        Side of a cell.
    places
        ``[column, row, lon, lat]`` of each cell; the centre of the square in 1e-5 degrees.
    counts
        By ``circle|profile|group``: flat ``cell, covered, uncovered, undetermined, …``.
    unplaced
        Elders without a point.
    """

    size_m: int
    places: list[list[int]]
    counts: dict[str, list[int]]
    unplaced: int


def demand_cells(demand: gpd.GeoDataFrame, access: pd.DataFrame, groups: list[str]) -> Cells | None:
    """Count elders by status in the cells of a grid.

    Parameters
    ----------
    demand
        ``demand_id, elders, groups``; point or None, in metres.
    access
        ``demand_id, circle, profile, elders, status``.
    groups
        Codes of groups; ``all`` is everybody.

    Returns
    -------
    Cells or None
        None if no elder has a point or nothing was assessed.
    """
    if demand.empty or access.empty:
        return None
    placed = demand[demand.geometry.notna() & ~demand.geometry.is_empty]
    unplaced = int(demand["elders"].sum() - placed["elders"].sum())
    if placed.empty:
        return None
    for size_m in CELL_SIZES_M:
        cells = _count(placed, access, groups, size_m)
        entries = sum(len(flat) for flat in cells.counts.values()) // 4
        if entries <= MAX_ENTRIES:
            break
    return Cells(cells.size_m, cells.places, cells.counts, unplaced)


def _count(placed: gpd.GeoDataFrame, access: pd.DataFrame, groups: list[str], size_m: int) -> Cells:
    points = placed.geometry.representative_point().to_numpy()
    square = np.floor(
        np.column_stack([shapely.get_x(points), shapely.get_y(points)]) / size_m
    ).astype(np.int64)
    squares, cell = np.unique(square, axis=0, return_inverse=True)
    by_id = pd.Series(cell.ravel(), index=placed["demand_id"].astype(str))
    rows = access[access["demand_id"].astype(str).isin(by_id.index)]
    members = _members(placed, groups)
    counts: dict[str, list[int]] = {}
    for (circle, profile), part in rows.groupby(["circle", "profile"], sort=False):
        ids = part["demand_id"].astype(str)
        table = _Table(
            cell=by_id.loc[ids].to_numpy(),
            elders=part["elders"].fillna(0).to_numpy(dtype=float),
            status=part["status"].to_numpy(),
            cells=len(squares),
        )
        for group, inside in members:
            counts[f"{circle}|{profile}|{group}"] = table.flat(ids.isin(inside).to_numpy())
    centres = gpd.GeoSeries(shapely.points((squares + 0.5) * size_m), crs=placed.crs)
    places = np.hstack([squares - squares.min(axis=0), lon_lat(centres)]).tolist()
    return Cells(size_m, places, counts, 0)


@dataclass(frozen=True, slots=True)
class _Table:
    """The rows of one circle and profile."""

    cell: npt.NDArray[np.int64]
    elders: npt.NDArray[np.float64]
    status: npt.NDArray[np.object_]
    cells: int

    def flat(self, rows: npt.NDArray[np.bool_]) -> list[int]:
        sums = np.column_stack(
            [
                np.bincount(
                    self.cell[rows & (self.status == status)],
                    weights=self.elders[rows & (self.status == status)],
                    minlength=self.cells,
                )
                for status in STATUSES
            ]
        )
        filled = np.flatnonzero(sums.sum(axis=1) > 0)
        whole = np.rint(sums[filled]).astype(np.int64)
        return [int(number) for number in np.column_stack([filled, whole]).ravel()]


def _members(placed: gpd.GeoDataFrame, groups: list[str]) -> list[tuple[str, pd.Index]]:
    ids = pd.Index(placed["demand_id"].astype(str))
    return list(_each_group(placed, ids, groups))


def _each_group(
    placed: gpd.GeoDataFrame, ids: pd.Index, groups: list[str]
) -> Iterator[tuple[str, pd.Index]]:
    listed = (
        placed["groups"].astype("string").fillna("").str.split(";")
        if "groups" in placed.columns
        else pd.Series([[]] * len(placed), index=placed.index)
    )
    for group in groups:
        if group == "all":
            yield group, ids
        else:
            yield group, ids[[group in codes for codes in listed]]

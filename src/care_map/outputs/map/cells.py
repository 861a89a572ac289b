"""Elders as counts in square cells: the map never shows a single elder's point."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias, cast

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from care_map.outputs.map.geometry import lon_lat
from care_map.outputs.map.payload_values import places_in

__all__ = ["CELL_SIZES_M", "Cells", "demand_cells"]

CELL_SIZES_M = (250, 500, 1000, 2000)
"""Sides of cells; the first whose table stays small is taken."""

MAX_ENTRIES = 120_000
_ENTRY = 4
_POINT = 0
STATUSES = ("covered", "uncovered", "undetermined")

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
Bools: TypeAlias = npt.NDArray[np.bool_]


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
    people = _people(placed, access, groups)
    for size_m in CELL_SIZES_M:
        cells = _count(people, size_m, unplaced)
        if sum(len(flat) for flat in cells.counts.values()) <= MAX_ENTRIES * _ENTRY:
            break
    return cells


@dataclass(frozen=True, slots=True)
class _Part:
    """Rows of one circle and profile: whose, how many elders, which status."""

    person: Ints
    elders: Floats
    status: Ints


@dataclass(frozen=True, slots=True)
class _People:
    """Demand points, who of them is in which group, and what was found of them."""

    xy: Floats
    crs: CRS | None
    groups: Mapping[str, Bools]
    parts: Mapping[str, _Part]


def _people(placed: gpd.GeoDataFrame, access: pd.DataFrame, groups: list[str]) -> _People:
    points = placed.geometry.to_numpy()
    if not (shapely.get_type_id(points) == _POINT).all():
        points = shapely.point_on_surface(points)
    person = places_in(access["demand_id"], placed["demand_id"].astype(str))
    elders = access["elders"].fillna(0).to_numpy(dtype=float)
    status = places_in(access["status"], STATUSES)
    known = (person >= 0) & (status >= 0)
    rows_of = access.groupby(["circle", "profile"], sort=False).indices
    parts: dict[str, _Part] = {}
    for key, every in rows_of.items():
        rows = every[known[every]]
        parts["|".join(cast("tuple[str, str]", key))] = _Part(
            person[rows], elders[rows], status[rows]
        )
    xy = np.column_stack([shapely.get_x(points), shapely.get_y(points)])
    return _People(xy, placed.crs, dict(_members(placed, groups)), parts)


def _members(placed: gpd.GeoDataFrame, groups: list[str]) -> Iterator[tuple[str, Bools]]:
    """Yield each group with who is in it."""
    listed = placed["groups"] if "groups" in placed.columns else pd.Series("", index=placed.index)
    # Thousands of elders share a few different lists.
    code, words = pd.factorize(listed.astype("string").fillna(""))
    for group in groups:
        inside = [group == "all" or group in str(word).split(";") for word in words]
        yield group, np.array(inside, dtype=bool)[code]


def _count(people: _People, size_m: int, unplaced: int) -> Cells:
    square = np.floor(people.xy / size_m).astype(np.int64)
    corner = square.min(axis=0)
    square -= corner
    width = int(square[:, 1].max()) + 1
    found, cell = np.unique(square[:, 0] * width + square[:, 1], return_inverse=True)
    squares = np.column_stack(np.divmod(found, width))
    counts = {
        f"{key}|{group}": _flat(part, inside, cell, len(found))
        for key, part in people.parts.items()
        for group, inside in people.groups.items()
    }
    centres = gpd.GeoSeries(shapely.points((squares + corner + 0.5) * size_m), crs=people.crs)
    places = np.hstack([squares, lon_lat(centres)]).tolist()
    return Cells(size_m, places, counts, unplaced)


def _flat(part: _Part, inside: Bools, cell: Ints, cells: int) -> list[int]:
    """Return the cells that have elders of a group, each with its elders by status."""
    mine = inside[part.person]
    sums = np.bincount(
        cell[part.person[mine]] * len(STATUSES) + part.status[mine],
        weights=part.elders[mine],
        minlength=cells * len(STATUSES),
    ).reshape(cells, len(STATUSES))
    filled = np.flatnonzero(sums.sum(axis=1) > 0)
    whole = np.rint(sums[filled]).astype(np.int64)
    flat: list[int] = np.column_stack([filled, whole]).ravel().tolist()
    return flat

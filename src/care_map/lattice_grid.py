"""The places that the map answers a click from: regular grids in degrees within the study area."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from care_map.inputs.tables import Inputs
from care_map.inputs.unit_index import UnitIndex
from care_map.network.snap import Points
from care_map.projections import transformer

__all__ = ["Grid", "Places", "make_places"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Words = NDArray[np.object_]
_Box = tuple[float, float, float, float]

FINEST_SPACING_M = 25.0
"""Points stand no nearer to each other than that (default): a house is no smaller."""
_FINER = 4
"""The cells with most elders are divided by that in both directions at most (default)."""
_ROUND_M = 20.0
_M_PER_DEGREE = 111_320.0
_PROBES = 100
_MARGIN_M = 500.0
"""Round the points of a study without polygons."""
_GEOGRAPHIC = "EPSG:4326"


@dataclass(frozen=True, slots=True)
class Grid:
    """A regular grid in degrees; its points are the middles of cells.

    Parameters
    ----------
    lon0, lat0
        South-west corner of the first cell.
    dlon, dlat
        Sides of a cell.
    columns, rows
        Number of cells.
    spacing_m
        Sides of a cell in metres.
    cells
        ``(n,)`` cells that have a point, ``row * columns + column``, rising.
    """

    lon0: float
    lat0: float
    dlon: float
    dlat: float
    columns: int
    rows: int
    spacing_m: float
    cells: Ints

    def middles(self) -> tuple[Floats, Floats]:
        """Return longitude and latitude of the points."""
        row, column = np.divmod(self.cells, self.columns)
        return self.lon0 + (column + 0.5) * self.dlon, self.lat0 + (row + 0.5) * self.dlat

    def cell_of(self, lon: Floats, lat: Floats) -> Ints:
        """Return the cell that each place is in, -1 outside the grid."""
        column = np.floor((lon - self.lon0) / self.dlon).astype(np.int64)
        row = np.floor((lat - self.lat0) / self.dlat).astype(np.int64)
        inside = (column >= 0) & (column < self.columns) & (row >= 0) & (row < self.rows)
        return np.where(inside, row * self.columns + column, -1)

    def divided(self, cells: Ints, times: int) -> "Grid":
        """Return the grid whose cells are parts of some of this one's."""
        row, column = np.divmod(cells, self.columns)
        down, right = np.divmod(np.arange(times * times), times)
        rows = row[:, None] * times + down
        columns = column[:, None] * times + right
        parts = np.sort((rows * (self.columns * times) + columns).ravel())
        return Grid(
            self.lon0,
            self.lat0,
            self.dlon / times,
            self.dlat / times,
            self.columns * times,
            self.rows * times,
            self.spacing_m / times,
            parts,
        )

    def only(self, which: Bools) -> "Grid":
        """Return the grid with some of its points."""
        return Grid(
            self.lon0,
            self.lat0,
            self.dlon,
            self.dlat,
            self.columns,
            self.rows,
            self.spacing_m,
            self.cells[which],
        )


@dataclass(frozen=True, slots=True)
class Places:
    """The points of all grids, one after the other.

    Parameters
    ----------
    grids
        The finest first.
    lon, lat
        ``(n,)`` degrees, WGS84.
    unit_id
        ``(n,)`` lowest unit, "" where there are no polygons.
    setting
        ``(n,)`` of that unit, "" where unknown.
    points
        The same in the study's metric CRS, with their access limits.
    """

    grids: tuple[Grid, ...]
    lon: Floats
    lat: Floats
    unit_id: Words
    setting: Words
    points: Points

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.lon)


def make_places(inputs: Inputs, *, most: int) -> Places | None:
    """Lay a grid over the study area, and a finer one where most elders live.

    Parameters
    ----------
    inputs
        The study's units; without polygons the area is the box round its points.
    most
        Number of points that is not exceeded.

    Returns
    -------
    Places
        Half of the points at most belong to each grid. None without any place.
    """
    box = _box_of(inputs)
    if box is None:
        return None
    index = UnitIndex(inputs.units)
    coarse = _coarse_grid(box, inputs, index, most // 2)
    fine = _fine_grid(coarse, inputs, most // 2)
    parts = [part for part in (fine, coarse) if len(part.cells)]
    kept = [_within(part, inputs, index) for part in parts]
    kept = [part for part in kept if len(part[0].cells)]
    if not kept:
        return None
    grids = tuple(grid for grid, _ in kept)
    lon, lat = (np.concatenate(one) for one in zip(*(g.middles() for g in grids), strict=True))
    unit_id = np.concatenate([unit for _, unit in kept])
    x, y = _metric(inputs, lon, lat)
    rural = inputs.units.loc[inputs.units["setting"] == "rural", "unit_id"]
    points = Points(x, y, pd.Series(unit_id).isin(rural).to_numpy(dtype=bool))
    return Places(grids, lon, lat, unit_id, index.settings_of(unit_id), points)


def _box_of(inputs: Inputs) -> _Box | None:
    """Return the study area's west, south, east and north, None without any place."""
    shapes, margin_m = inputs.units.geometry, 0.0
    if not shapes.notna().any():
        shapes = pd.concat([inputs.demand.geometry, inputs.facilities.geometry])
        margin_m = _MARGIN_M
    known = gpd.GeoSeries(shapes[shapes.notna()].to_numpy(), crs=inputs.crs)
    if known.empty:
        return None
    left, bottom, right, top = known.total_bounds
    grown = shapely.box(left - margin_m, bottom - margin_m, right + margin_m, top + margin_m)
    # A straight side in metres is bent in degrees.
    sides = shapely.segmentize(grown, max(right - left, top - bottom, 1.0) / _PROBES)
    x, y = shapely.get_coordinates(sides).T
    lon, lat = transformer(inputs.crs, _GEOGRAPHIC).transform(x, y)
    return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())


def _coarse_grid(box: _Box, inputs: Inputs, index: UnitIndex, most: int) -> Grid:
    """Return the finest grid over the study area that has at most so many points in it."""
    probes = _grid_over(box, columns=_PROBES, rows=_PROBES)
    share = len(_within(probes, inputs, index)[0].cells) / len(probes.cells)
    west, south, east, north = box
    height_m = (north - south) * _M_PER_DEGREE
    width_m = (east - west) * _M_PER_DEGREE * np.cos(np.radians((south + north) / 2.0))
    spacing_m = np.sqrt(max(share, 1.0 / len(probes.cells)) * width_m * height_m / most)
    while True:
        rounded_m = _ROUND_M * float(np.ceil(spacing_m / _ROUND_M))
        spacing_m = max(rounded_m, FINEST_SPACING_M)
        grid = _spaced(box, spacing_m)
        if len(_within(grid, inputs, index)[0].cells) <= most:
            return grid
        spacing_m += 1.0


def _grid_over(box: _Box, *, columns: int, rows: int) -> Grid:
    west, south, east, north = box
    sides = (east - west) / columns, (north - south) / rows
    return Grid(west, south, *sides, columns, rows, np.nan, np.arange(columns * rows))


def _spaced(box: _Box, spacing_m: float) -> Grid:
    west, south, east, north = box
    dlat = spacing_m / _M_PER_DEGREE
    dlon = dlat / float(np.cos(np.radians((south + north) / 2.0)))
    columns = max(int(np.ceil((east - west) / dlon)), 1)
    rows = max(int(np.ceil((north - south) / dlat)), 1)
    return Grid(west, south, dlon, dlat, columns, rows, spacing_m, np.arange(columns * rows))


def _fine_grid(coarse: Grid, inputs: Inputs, most: int) -> Grid:
    """Divide the cells with most elders, none where the points are as near as they may be."""
    times = min(int(coarse.spacing_m // FINEST_SPACING_M), _FINER)
    if times <= 1:
        return coarse.only(np.zeros(len(coarse.cells), bool))
    known = inputs.demand[inputs.demand.geometry.notna()]
    place = shapely.get_coordinates(known.geometry.to_numpy())
    lon, lat = transformer(inputs.crs, _GEOGRAPHIC).transform(place[:, 0], place[:, 1])
    cell = coarse.cell_of(np.asarray(lon), np.asarray(lat))
    elders = known["elders"].to_numpy(dtype=float)[cell >= 0]
    where, number = np.unique(cell[cell >= 0], return_inverse=True)
    count = np.bincount(number, weights=elders, minlength=len(where))
    largest = np.argsort(-count, kind="stable")[: most // times**2]
    return coarse.divided(where[largest[count[largest] > 0.0]], times)


def _within(grid: Grid, inputs: Inputs, index: UnitIndex) -> tuple[Grid, Words]:
    """Return the grid with the points in the study area, and their lowest units."""
    if not index.has_polygons:
        return grid, np.full(len(grid.cells), "", dtype=object)
    x, y = _metric(inputs, *grid.middles())
    unit_id = index.lowest(np.asarray(shapely.points(x, y), dtype=object))
    inside = unit_id != ""
    return grid.only(inside), unit_id[inside]


def _metric(inputs: Inputs, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = transformer(_GEOGRAPHIC, inputs.crs).transform(lon, lat)
    return np.asarray(x, dtype=float), np.asarray(y, dtype=float)

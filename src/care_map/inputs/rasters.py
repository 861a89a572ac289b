"""Population rasters by age → elders in the middle of their cells (WorldPop and the like)."""

import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
from affine import TransformNotInvertibleError
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.io import DatasetReader
from rasterio.windows import Window, from_bounds

from care_map.config import DemandSource, Study
from care_map.errors import Problem
from care_map.inputs.counted import holding
from care_map.inputs.crs import LONLAT, has_no_transformation
from care_map.inputs.findings import Findings
from care_map.inputs.points import Extent
from care_map.inputs.shares import divide, divide_by_place
from care_map.inputs.sources import FILE, ROW
from care_map.inputs.unit_index import UnitIndex
from care_map.projections import transformer

__all__ = ["RasterCells", "demand_of_cells", "is_raster", "read_cells_of"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Words = NDArray[np.object_]

SUFFIXES = (".tif", ".tiff", ".vrt", ".img", ".asc")
MAX_CELLS = 50_000_000
BUILDING_CELL_M, VILLAGE_CELL_M = 110.0, 1100.0
"""Cells of up to 100 m (three seconds of arc) are as good as buildings, of up to 1 km (thirty
seconds) as villages, larger ones as towns (default)."""

_AGE = re.compile(r"(?:^|[_\W])[fmt]_(\d{1,3})(?=[_\W]|$)", re.IGNORECASE)
_OLD = 80
_EDGE_DEG = 0.01


@dataclass(frozen=True, slots=True)
class RasterCells:
    """Cells of one or several bands with people in them.

    Parameters
    ----------
    xy
        ``(n, 2)`` metres: the middle of each cell.
    people
        ``(n,)`` above zero, no whole numbers.
    old
        ``(n,)`` whether the band counts from 80.
    cell_m
        Side of a cell, the square root of its area.
    knows_old
        Whether any band counts from 80.
    file
        File as the study names it.
    findings
        Where to add what is found.
    """

    xy: Floats
    people: Floats
    old: NDArray[np.bool_]
    cell_m: float
    knows_old: bool
    file: str
    findings: Findings


def is_raster(path: Path) -> bool:
    """Tell by its name whether a file is a raster.

    Examples
    --------
    >>> is_raster(Path("chn_f_60_2020.tif")), is_raster(Path("elders.csv"))
    (True, False)
    """
    return path.suffix.lower() in SUFFIXES


def read_cells_of(
    study: Study,
    source: DemandSource,
    *,
    crs: CRS,
    extent: Extent | None,
    problems: list[Problem],
) -> RasterCells | None:
    """Read the people of a raster around the study.

    Parameters
    ----------
    study
        For the folder that paths start from.
    source
        File, the age that elders count from, the ages of its bands.
    crs
        Metric CRS of the study.
    extent
        West, south, east, north of what is read in degrees; the whole raster without it.
    problems
        Gets what was found; a raster that cannot be read is an error.

    Returns
    -------
    RasterCells or None
        None after an error.
    """
    findings = Findings(source.path.as_posix(), problems=problems)
    with _reading(findings), rasterio.open(study.path(source.path)) as raster:
        bands = _bands(raster, source, findings)
        if raster.crs is None:
            findings.add("raster_without_crs", "error")
            return None
        grid = CRS.from_user_input(raster.crs.to_wkt())
        if has_no_transformation(grid):
            findings.add("crs_refused", "error", value=grid.name)
            return None
        window = _window(raster, grid, extent)
        if window.width * window.height > MAX_CELLS:
            findings.add("raster_too_large", "error", count=int(window.width * window.height))
            return None
        if bands:
            return _cells(raster, window, bands, transformer(grid, crs), findings)
    return None


@contextmanager
def _reading(findings: Findings) -> Iterator[None]:
    """Turn what rasterio raises while a file is read into findings of that file."""
    try:
        with warnings.catch_warnings():
            # Told as what it is: a raster without a CRS.
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            yield
    except (RasterioError, TransformNotInvertibleError) as error:
        findings.add("raster_unreadable", "error", detail=str(error)[:200])


def _bands(
    raster: DatasetReader, source: DemandSource, findings: Findings
) -> list[tuple[int, int]]:
    """Return the bands that count elders, each with the age that it counts from."""
    age = source.elder_age
    named = {str(band): from_age for band, from_age in source.bands.items()}
    strange = [band for band in named if not band.isdigit() or int(band) not in raster.indexes]
    if strange:
        findings.add("raster_band_missing", "error", value=strange[0], bands=raster.count)
        return []
    ages = {int(band): from_age for band, from_age in named.items()}
    if not ages:
        said = dict(zip(raster.indexes, raster.descriptions, strict=True))
        ages = {band: found for band, words in said.items() if (found := _age(words or "")) >= 0}
    if not ages and raster.count > 1:
        findings.add("raster_bands_unknown", "error", bands=raster.count)
        return []
    if not ages:
        found = _age(source.path.stem)
        if found < 0:
            findings.add("raster_age_assumed", "info", age=age)
        ages = {1: found if found >= 0 else age}
    others = [band for band in raster.indexes if band not in ages]
    young = [band for band, from_age in ages.items() if from_age < age]
    if others or young:
        left = ", ".join(str(band) for band in sorted({*others, *young}))
        findings.add("raster_bands_left_out", value=left, count=len(others) + len(young), age=age)
    return [(band, from_age) for band, from_age in sorted(ages.items()) if from_age >= age]


def _age(words: str) -> int:
    """Return the age in a name such as ``chn_f_60_2020``, -1 if there is none."""
    found = _AGE.search(words)
    return int(found[1]) if found else -1


def _window(raster: DatasetReader, grid: CRS, extent: Extent | None) -> Window:
    """Return the part of a raster that the study may lie in, empty where there is none."""
    whole = Window(0, 0, raster.width, raster.height)
    if extent is None:
        return whole
    west, south, east, north = extent
    around = (west - _EDGE_DEG, south - _EDGE_DEG, east + _EDGE_DEG, north + _EDGE_DEG)
    to_grid = transformer(LONLAT, grid)
    part = from_bounds(*to_grid.transform_bounds(*around), transform=raster.transform)
    top, left = np.floor([part.row_off, part.col_off])
    bottom, right = np.ceil([part.row_off + part.height, part.col_off + part.width])
    top, left = max(top, 0), max(left, 0)
    height = max(min(bottom, raster.height) - top, 0)
    width = max(min(right, raster.width) - left, 0)
    return Window(int(left), int(top), int(width), int(height))


def _cells(
    raster: DatasetReader,
    window: Window,
    bands: Sequence[tuple[int, int]],
    to_metres: Transformer,
    findings: Findings,
) -> RasterCells | None:
    if not window.width or not window.height:
        findings.add("raster_elsewhere", "error")
        return None
    xy, people, old, holes, negative = [], [], [], 0, 0
    for band, age in bands:
        read = raster.read(band, window=window, masked=True).astype(np.float64)
        values = read.filled(np.nan)
        holes += int(np.isnan(values).sum())
        negative += int((values < 0).sum())
        row, column = np.nonzero(np.nan_to_num(values) > 0)
        x, y = _placed_at(raster, window.col_off + column + 0.5, window.row_off + row + 0.5)
        xy.append(np.column_stack(to_metres.transform(x, y)))
        people.append(values[row, column])
        old.append(np.full(len(row), age >= _OLD))
    side = _side(raster, window, to_metres)
    findings.add("raster_read", "info", count=sum(map(len, people)), side=side, holes=holes)
    if negative:
        findings.add("raster_negative", count=negative)
    return RasterCells(
        xy=np.concatenate(xy),
        people=np.concatenate(people),
        old=np.concatenate(old),
        cell_m=side,
        knows_old=any(age >= _OLD for _, age in bands),
        file=findings.source,
        findings=findings,
    )


def _placed_at(raster: DatasetReader, column: Floats, row: Floats) -> tuple[Floats, Floats]:
    """Return coordinates in the raster's CRS."""
    a, b, c, d, e, f = raster.transform[:6]
    return a * column + b * row + c, d * column + e * row + f


def _side(raster: DatasetReader, window: Window, to_metres: Transformer) -> float:
    """Return the side of the middle cell in metres."""
    column, row = window.col_off + window.width // 2, window.row_off + window.height // 2
    x, y = _placed_at(raster, column + np.array([0, 1, 1, 0]), row + np.array([0, 0, 1, 1]))
    area = shapely.Polygon(np.column_stack(to_metres.transform(x, y))).area
    return round(float(np.sqrt(area)), 1)


def demand_of_cells(
    every: Sequence[RasterCells], *, index: UnitIndex, crs: CRS
) -> gpd.GeoDataFrame:
    """Make demand of the cells of all rasters of a study.

    Cells of several bands and files at one place are one place. The people of each lowest unit
    become whole elders by largest remainder, and so does the sum of all units.

    Parameters
    ----------
    every
        Cells of each raster.
    index
        The study's units; cells outside their polygons are left out and counted.
    crs
        Metric CRS of the study.

    Returns
    -------
    GeoDataFrame
        Columns as :func:`care_map.inputs.demand.make_demand` makes them, and
        ``elders_aged_80`` where a band counts from 80.
    """
    places = pd.concat([_placed(cells, index) for cells in every], ignore_index=True)
    keys = ["unit_id", "x_cm", "y_cm"]
    places = places.groupby(keys, sort=True, as_index=False).agg(
        {"x": "first", "y": "first", "people": "sum", "old": "sum", "cell_m": "max", FILE: "first"}
    )
    xy = places[["x", "y"]].to_numpy(dtype=float)
    unit, _ = pd.factorize(places["unit_id"])
    people = places["people"].to_numpy(dtype=float)
    sums = np.bincount(unit, weights=people).astype(np.float64)
    total = np.array([round(people.sum())])
    of_unit = divide(sums, np.zeros(len(sums), dtype=np.int64), total)
    elders = divide_by_place(people, xy, unit, of_unit)
    old = _old(places, elders, unit, of_unit)
    kept = elders > 0
    known = any(cells.knows_old for cells in every)
    return _rows(places[kept], elders[kept], old[kept], index, crs, knows_old=known)


def _placed(cells: RasterCells, index: UnitIndex) -> pd.DataFrame:
    """Return the cells inside units with their unit; those outside are counted."""
    points = np.asarray(shapely.points(cells.xy), dtype=object)
    units = index.lowest(points)
    inside = (units != "") | (not index.has_polygons)
    if not inside.all():
        people = round(float(cells.people[~inside].sum()))
        cells.findings.add("raster_outside", "info", count=int((~inside).sum()), people=people)
    x, y = cells.xy[inside].T
    people = cells.people[inside]
    return pd.DataFrame(
        {
            "unit_id": pd.Series(units[inside], dtype=object),
            "x": x,
            "y": y,
            "x_cm": np.rint(x * 100).astype(np.int64),
            "y_cm": np.rint(y * 100).astype(np.int64),
            "people": people,
            "old": np.where(cells.old[inside], people, 0.0),
            "cell_m": cells.cell_m,
            FILE: pd.Series(cells.file, index=range(len(people)), dtype=object),
        }
    )


def _old(places: pd.DataFrame, elders: Ints, unit: Ints, of_unit: Ints) -> Ints:
    """Return how many elders of each place are 80 or more, never more than it has."""
    share = (places["old"] / places["people"]).to_numpy(dtype=float)
    sums = np.bincount(unit, weights=places["old"].to_numpy(dtype=float))
    totals = np.minimum(np.rint(sums).astype(np.int64), of_unit)
    weights = elders * share
    nothing = np.bincount(unit, weights=weights)[unit] == 0
    # A unit without an elder divides nothing.
    weights = np.where(nothing, np.where(of_unit[unit] > 0, elders, 1), weights).astype(np.float64)
    first = np.minimum(divide(weights, unit, totals), elders)
    spare = (elders - first).astype(np.float64)
    left = totals - np.bincount(unit, weights=first, minlength=len(totals)).astype(np.int64)
    full = np.bincount(unit, weights=spare)[unit] == 0
    return first + divide(np.where(full, 1.0, spare), unit, left)


def _rows(
    places: pd.DataFrame,
    elders: Ints,
    old: Ints,
    index: UnitIndex,
    crs: CRS,
    *,
    knows_old: bool,
) -> gpd.GeoDataFrame:
    unit = places["unit_id"].to_numpy(dtype=object)
    cell_m = places["cell_m"].to_numpy(dtype=float)
    holder = holding(unit, cell_m**2, index)
    counted = np.where(holder == unit, "", holder).astype(object)
    quality = np.select(
        [cell_m <= BUILDING_CELL_M, cell_m <= VILLAGE_CELL_M], ["building", "village"], "town"
    )
    words: dict[str, Words] = {
        "demand_id": np.array([f"R{number:06d}" for number in range(1, len(places) + 1)], object),
        "unit_id": unit,
        "setting": index.settings_of(unit),
        "location_quality": quality.astype(object),
        "origin": np.full(len(places), "raster", dtype=object),
        "groups": np.full(len(places), "", dtype=object),
        "counted_unit_id": counted,
        "counted_level": index.levels_of(counted),
        FILE: places[FILE].to_numpy(dtype=object),
    }
    columns = {name: pd.Series(column, dtype=object) for name, column in words.items()}
    numbers = {"elders": elders, ROW: 0, **({"elders_aged_80": old} if knows_old else {})}
    points = gpd.points_from_xy(places["x"], places["y"], crs=crs)
    return gpd.GeoDataFrame({**columns, **numbers}, geometry=points)

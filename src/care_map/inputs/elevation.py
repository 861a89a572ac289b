"""Elevation from a raster: GeoTIFF, SRTM's HGT (zipped or not), or whatever GDAL reads."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from affine import TransformNotInvertibleError
from numpy.typing import NDArray
from pyproj import CRS
from rasterio.enums import ColorInterp
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.io import DatasetReader
from scipy.ndimage import map_coordinates

from care_map.errors import InputError, Problem
from care_map.inputs.crs import has_no_transformation
from care_map.projections import transformer

__all__ = ["Elevation", "read_elevation"]

Floats = NDArray[np.float64]

_LOWEST_M, _HIGHEST_M = -500.0, 9000.0
"""Heights that the Earth's land does not have are holes, whatever the file says of its no-data."""


@dataclass(frozen=True, slots=True)
class Elevation:
    """Heights on a regular grid.

    Parameters
    ----------
    height_m
        ``(rows, columns)`` metres, NaN in holes; a value stands for the middle of its cell.
    to_cell
        ``(2, 3)`` matrix from coordinates in `crs` to fractional column and row.
    crs
        CRS of the grid.
    source
        File name.
    """

    height_m: NDArray[np.float32]
    to_cell: Floats
    crs: CRS
    source: str

    def sample(self, lon: Floats, lat: Floats) -> Floats:
        """Return heights in metres, bilinear between cells, NaN in holes and outside.

        Parameters
        ----------
        lon, lat
            ``(n,)`` degrees, WGS84.

        Returns
        -------
        ``(n,)`` metres.
        """
        to_grid = transformer("EPSG:4326", self.crs)
        x, y = to_grid.transform(lon, lat)
        column = self.to_cell[0, 0] * x + self.to_cell[0, 1] * y + self.to_cell[0, 2] - 0.5
        row = self.to_cell[1, 0] * x + self.to_cell[1, 1] * y + self.to_cell[1, 2] - 0.5
        heights: Floats = map_coordinates(
            self.height_m, [row, column], output=np.float64, order=1, cval=np.nan, prefilter=False
        )
        return heights


def read_elevation(path: Path, *, shown: str = "") -> Elevation:
    """Read a raster as heights in metres.

    Parameters
    ----------
    path
        File.
    shown
        Name to show in messages, the file's own without it.

    Returns
    -------
    Elevation

    Raises
    ------
    InputError
        The file cannot be read, has no CRS or one without a transformation to WGS84, or has
        several bands.
    """
    name = shown or path.name
    with _reading(name), rasterio.open(path) as raster:
        crs = _crs(raster, name)
        heights = _heights(raster, name)
        to_cell = np.array(~raster.transform)[:6].reshape(2, 3)
    return Elevation(heights, to_cell, crs, name)


@contextmanager
def _reading(name: str) -> Iterator[None]:
    """Turn what rasterio raises while a file is read into problems of that file."""
    try:
        with warnings.catch_warnings():
            # Told as what it is: an elevation without a CRS.
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            yield
    except (RasterioError, TransformNotInvertibleError) as error:
        problem = Problem("elevation_unreadable", source=name, values={"detail": str(error)[:200]})
        raise InputError([problem]) from None


def _crs(raster: DatasetReader, name: str) -> CRS:
    if raster.crs is None:
        raise InputError([Problem("elevation_without_crs", source=name)])
    crs = CRS.from_user_input(raster.crs.to_wkt())
    if has_no_transformation(crs):
        raise InputError([Problem("elevation_old_crs", source=name, values={"crs": crs.name})])
    return crs


def _heights(raster: DatasetReader, name: str) -> NDArray[np.float32]:
    """Return the band of heights, NaN in holes."""
    bands = zip(raster.indexes, raster.colorinterp, raster.dtypes, strict=True)
    real = [(band, kind) for band, color, kind in bands if color != ColorInterp.alpha]
    if len(real) != 1 or real[0][1].startswith("complex"):
        kinds = ", ".join(kind for _, kind in real)
        raise InputError([Problem("elevation_bands", source=name, values={"bands": kinds})])
    # What does not fit is beyond the Earth's heights and becomes a hole.
    with np.errstate(over="ignore"):
        heights = raster.read(real[0][0], masked=True).astype(np.float32).filled(np.nan)
    heights[(heights < _LOWEST_M) | (heights > _HIGHEST_M)] = np.nan
    return np.asarray(heights, dtype=np.float32)

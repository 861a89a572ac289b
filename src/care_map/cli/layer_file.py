"""A table of geometries in degrees → GeoJSON on standard output, or one file."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataSourceError

from care_map.errors import OutputError, Problem

if TYPE_CHECKING:
    from care_map.routing.routes import Route

__all__ = ["layer_object", "route_layer", "write_layer"]

_DIGITS = 7
"""About a centimetre, as RFC 7946 has it."""


def layer_object(table: gpd.GeoDataFrame) -> dict[str, object]:
    """Return a GeoJSON object of a table in EPSG:4326.

    Parameters
    ----------
    table
        Geometries and plain columns.
    """
    rounded = table.set_geometry(shapely.transform(table.geometry.to_numpy(), _rounded))
    found: dict[str, object] = rounded.to_geo_dict(drop_id=True)
    return found


def _rounded(points: NDArray[np.float64]) -> NDArray[np.float64]:
    return points.round(_DIGITS)


def route_layer(found: "Route", *, profile: str) -> gpd.GeoDataFrame:
    """Return a way as a table with one line: ``minutes, length_m, profile``.

    Parameters
    ----------
    found
        A way that exists, its line in EPSG:4326.
    profile
        Name of the profile that went it.
    """
    columns = {
        "minutes": [round(found.minutes, 4)],
        "length_m": [round(found.length_m, 2)],
        "profile": [profile],
    }
    return gpd.GeoDataFrame(columns, geometry=[found.geometry], crs="EPSG:4326")


def write_layer(table: gpd.GeoDataFrame, file: Path, *, layer: str) -> None:
    """Write a table as GeoJSON or GeoPackage, by the file's ending; a failure leaves no half file.

    Parameters
    ----------
    table
        Geometries in EPSG:4326 and plain columns.
    file
        Ends in ``.geojson``, ``.json`` or ``.gpkg``; one that exists is replaced.
    layer
        Name of the GeoPackage's layer.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    fresh = file.with_name(f".{file.stem}.part{file.suffix}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.suffix.lower() == ".gpkg":
            fresh.unlink(missing_ok=True)
            options = {"VERSION": "1.2"}
            pyogrio.write_dataframe(
                table, fresh, driver="GPKG", layer=layer, dataset_options=options
            )
        else:
            text = json.dumps(layer_object(table), ensure_ascii=False, allow_nan=False)
            fresh.write_text(text + "\n", encoding="utf-8", newline="\n")
        fresh.replace(file)
    except (OSError, DataSourceError) as error:
        detail = getattr(error, "strerror", None) or str(error)
        problem = Problem("cli_unwritable", source=str(file), values={"detail": detail})
        raise OutputError([problem]) from None
    finally:
        if fresh.parent.is_dir():
            fresh.unlink(missing_ok=True)

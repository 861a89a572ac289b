"""Which layers a run has: their fields, their cells, their places.

The internal edition: it holds the points of elders. Names of fields are ASCII, their titles are in
the study's language; rows without a place keep their figures, and layers without rows are left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from care_map.assessment import Assessment
from care_map.outputs.readings import Reading, Words, everybody, readings
from care_map.outputs.tables import as_arrow
from care_map.schema import (
    ACCESS,
    CANDIDATES,
    COUNTED,
    COVERAGE_BY_UNIT,
    DEMAND,
    FACILITIES,
    GAPS,
    ROADS,
    SERVICE_AREAS,
    UNITS,
    Column,
    Kind,
    Table,
)
from care_map.study_file import LayerCrs

__all__ = ["Layer", "layer_crs", "layer_frame", "run_layers"]

_UNIT_FIGURES = (
    "elders",
    "covered",
    "uncovered",
    "undetermined",
    "rate_low",
    "rate_high",
    "path_completeness",
    "median_minutes",
    "covered_any_district",
)
_DEMAND_FIGURES = ("status", "minutes", "facility_id", "reason")
_SKIPPED = ("lon", "lat", "wkt")
_GEOGRAPHIC: dict[LayerCrs, int] = {"cgcs2000": 4490, "wgs84": 4326}


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: its fields, their cells, its places if it has any.

    Parameters
    ----------
    fields
        Names, kinds and titles.
    cells
        Has all columns of `fields`, and may have more.
    places
        Geometries in the run's metric CRS; None of a table without places.
    geometry_type
        What a format declares for `places`.
    base
        Name of a field → name of the column of the schema that it was made of, for fields
        ``<circle>_<figure>``.
    """

    fields: Table
    cells: pd.DataFrame
    places: gpd.GeoSeries | None
    geometry_type: str | None
    base: dict[str, str]

    @property
    def name(self) -> str:
        """Name of the layer, ASCII."""
        return self.fields.name


def run_layers(result: Assessment, words: Words) -> list[Layer]:
    """Return the layers of a run, those that lie on top first.

    Parameters
    ----------
    result
        The assessment.
    words
        Words of its study.

    Returns
    -------
    list of Layer
        Layers with rows; of a run without any rows the empty table ``coverage_by_unit``, for a
        file without any layer is none that a GIS opens.
    """
    every = list(_layers(result, words))
    return [layer for layer in every if len(layer.cells)] or every[-1:]


def layer_crs(asked: LayerCrs, metric: CRS) -> CRS:
    """Return the CRS of layers: the run's metric one, CGCS2000 or WGS 84 in degrees."""
    return metric if asked == "metric" else CRS.from_epsg(_GEOGRAPHIC[asked])


def layer_frame(layer: Layer, source: CRS, target: CRS) -> pd.DataFrame:
    """Return a layer as it is written: cleaned cells, two-dimensional places in `target`.

    Parameters
    ----------
    layer
        The layer.
    source, target
        CRS of its places, and the one to write.

    Returns
    -------
    DataFrame
        Columns of Arrow types; a GeoDataFrame where the layer has places, with None where a row
        has none. An area in a layer of points becomes a point on it.
    """
    frame: pd.DataFrame = as_arrow(layer.cells, layer.fields).to_pandas(types_mapper=pd.ArrowDtype)
    if layer.places is None:
        return frame
    places = gpd.GeoSeries(_places(layer), index=frame.index, crs=source).to_crs(target)
    placed: pd.DataFrame = gpd.GeoDataFrame(frame, geometry=places)
    return placed


def _places(layer: Layer) -> npt.NDArray[np.object_]:
    """Return geometries in two dimensions, None where there is none."""
    places: npt.NDArray[np.object_] = np.array(layer.places, dtype=object)
    deep = shapely.has_z(places)
    places[deep] = shapely.force_2d(places[deep])
    places[shapely.is_empty(places)] = None
    if layer.geometry_type == "Point":
        areas = shapely.get_type_id(places) > 0
        places[areas] = shapely.point_on_surface(places[areas])
    return places


def _layers(result: Assessment, words: Words) -> Iterator[Layer]:
    known = readings(result)
    full = _table("coverage_by_unit", list(COVERAGE_BY_UNIT.columns))
    own = _column("in_area", "flag", words), _column("site_id", "text", words)
    facilities = [*FACILITIES.columns, *own]
    yield _layer("gaps", result.gaps, list(GAPS.columns), "Point")
    yield _layer("candidates", result.candidates, list(CANDIDATES.columns), "Point")
    yield _layer("facilities", result.facilities, facilities, "Point")
    yield _demand(result, known, words)
    yield _layer("barriers", result.barriers, [_column("kind", "text", words)], "MultiLineString")
    yield _layer("roads", result.roads, list(ROADS.columns), "MultiLineString")
    areas = list(SERVICE_AREAS.columns)
    yield _layer("service_areas", result.service_areas, areas, "MultiPolygon")
    yield _units(result, known, words)
    yield Layer(full, result.coverage_by_unit, None, None, {})


def _column(name: str, kind: Kind, words: Words) -> Column:
    title = words.texts.text(f"layer.field_{name}")
    return Column(name, kind, title, title)


def _layer(name: str, frame: gpd.GeoDataFrame, columns: list[Column], geometry_type: str) -> Layer:
    """Return the columns that are known, and the places."""
    there = [column for column in columns if column.name in frame and column.name not in _SKIPPED]
    return Layer(_table(name, there), pd.DataFrame(frame), frame.geometry, geometry_type, {})


def _table(name: str, columns: list[Column]) -> Table:
    return Table(name, name, name, tuple(columns))


def _units(result: Assessment, known: list[Reading], words: Words) -> Layer:
    """Return units with the official figures of all elders: ``<circle>_<figure>``."""
    layer = _layer("units", result.units, list(UNITS.columns), "MultiPolygon")
    table = everybody(result.coverage_by_unit)
    for reading in known:
        rows = _official(table, reading)
        named = {
            f"{reading.circle}_{name}": COVERAGE_BY_UNIT.column(name) for name in _UNIT_FIGURES
        }
        head = words.circle(reading.circle)
        layer = _beside(layer, rows, named, words, key="unit_id", head=head)
    return layer


def _demand(result: Assessment, known: list[Reading], words: Words) -> Layer:
    """Return demand points with status, minutes and facility by each circle's official profile."""
    layer = _layer("demand", result.demand, [*DEMAND.columns, *COUNTED], "Point")
    for reading in known:
        rows = _official(result.access, reading)
        named = {f"{reading.circle}_{name}": ACCESS.column(name) for name in _DEMAND_FIGURES}
        head = words.circle(reading.circle)
        layer = _beside(layer, rows, named, words, key="demand_id", head=head)
    return layer


def _official(table: pd.DataFrame, reading: Reading) -> pd.DataFrame:
    return table[(table["circle"] == reading.circle) & (table["profile"] == reading.official)]


def _beside(
    layer: Layer,
    rows: pd.DataFrame,
    named: dict[str, Column],
    words: Words,
    *,
    key: str,
    head: str,
) -> Layer:
    """Put columns of `rows`, matched by `key`, beside a layer's own under new names."""
    by_key = rows.drop_duplicates(key).set_index(key)
    fields: list[Column] = list(layer.fields.columns)
    added: dict[str, pd.Series] = {}
    for name, column in named.items():
        title = words.texts.text(
            "layer.title", circle=head, column=column.title(words.texts.language)
        )
        fields.append(Column(name, column.kind, title, title))
        found = by_key[column.name].reindex(layer.cells[key])
        added[name] = found.set_axis(layer.cells.index)
    cells = pd.concat([layer.cells, pd.DataFrame(added, index=layer.cells.index)], axis=1)
    base = {**layer.base, **{name: column.name for name, column in named.items()}}
    return Layer(_table(layer.name, fields), cells, layer.places, layer.geometry_type, base)

"""Layers of a run as one GeoPackage for QGIS and ArcGIS: places, figures, gaps.

The internal edition: it holds the points of elders. Names of fields are ASCII; their titles are
the fields' aliases, so that QGIS shows them in the study's language. The metric CRS is kept, rows
without a place keep their figures, and layers without rows are left out.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyogrio
import shapely

from care_map.assessment import Assessment
from care_map.outputs.findings import data_labels
from care_map.outputs.readings import Reading, Words, everybody, readings
from care_map.outputs.tables import as_arrow
from care_map.schema import (
    ACCESS,
    COUNTED,
    COVERAGE_BY_UNIT,
    DEMAND,
    FACILITIES,
    GAPS,
    ROADS,
    UNITS,
    Column,
    Kind,
    Table,
)

__all__ = ["write_layers"]

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
_DATE_OPTION = "OGR_CURRENT_DATE"
_UNDATED = "2000-01-01"
_SKIPPED = ("lon", "lat", "wkt")
_SCHEMA_EXTENSION = """
CREATE TABLE IF NOT EXISTS gpkg_extensions (
  table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL,
  scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE TABLE gpkg_data_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT,
  mime_type TEXT, constraint_name TEXT,
  CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
  CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE gpkg_data_column_constraints (
  constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC,
  min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
  CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
"""
_EXTENSION_TABLES = ("gpkg_data_columns", "gpkg_data_column_constraints")
_EXTENSION_ROW = """
INSERT INTO gpkg_extensions (table_name, column_name, extension_name, definition, scope)
VALUES (?, NULL, 'gpkg_schema', 'http://www.geopackage.org/spec121/#extension_schema', 'read-write')
"""


@dataclass(frozen=True, slots=True)
class _Layer:
    """One layer: its fields, their cells, its places if it has any."""

    fields: Table
    cells: pd.DataFrame
    places: gpd.GeoSeries | None
    geometry_type: str | None


def write_layers(result: Assessment, path: Path) -> list[str]:
    """Write the internal GeoPackage of a run.

    Parameters
    ----------
    result
        The assessment.
    path
        File to write; an old one is replaced. The same assessment gives the same bytes.

    Returns
    -------
    list of str
        Names of the layers that were written; those without rows are left out. Of a run
        without any rows the empty ``coverage_by_unit`` is written.
    """
    path.unlink(missing_ok=True)
    words = Words.of(result)
    every = list(_layers(result, words))
    # A file without any layer is none that a GIS opens.
    layers = [layer for layer in every if len(layer.cells)] or [every[1]]
    day = result.study.as_of.isoformat() if result.study.as_of else _UNDATED
    with _current_date(f"{day}T00:00:00.000Z"):
        for layer in layers:
            _write(layer, path, result, words)
    _write_aliases(path, [layer.fields for layer in layers], words)
    return [layer.fields.name for layer in layers]


def _layers(result: Assessment, words: Words) -> Iterator[_Layer]:
    known = readings(result)
    full = _table("coverage_by_unit", list(COVERAGE_BY_UNIT.columns))
    own = _column("in_area", "flag", words), _column("site_id", "text", words)
    facilities = [*FACILITIES.columns, *own]
    yield _units(result, known, words)
    yield _Layer(full, result.coverage_by_unit, None, None)
    yield _layer("facilities", result.facilities, facilities, "Point")
    yield _layer("gaps", result.gaps, list(GAPS.columns), "Point")
    yield _demand(result, known, words)
    yield _layer("roads", result.roads, list(ROADS.columns), "MultiLineString")
    yield _layer("barriers", result.barriers, [_column("kind", "text", words)], "MultiLineString")


def _column(name: str, kind: Kind, words: Words) -> Column:
    title = words.texts.text(f"layer.field_{name}")
    return Column(name, kind, title, title)


def _layer(name: str, frame: gpd.GeoDataFrame, columns: list[Column], geometry_type: str) -> _Layer:
    """Return the columns that are known, and the places."""
    there = [column for column in columns if column.name in frame and column.name not in _SKIPPED]
    return _Layer(_table(name, there), pd.DataFrame(frame), frame.geometry, geometry_type)


def _table(name: str, columns: list[Column]) -> Table:
    return Table(name, name, name, tuple(columns))


def _units(result: Assessment, known: list[Reading], words: Words) -> _Layer:
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


def _demand(result: Assessment, known: list[Reading], words: Words) -> _Layer:
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
    layer: _Layer,
    rows: pd.DataFrame,
    named: dict[str, Column],
    words: Words,
    *,
    key: str,
    head: str,
) -> _Layer:
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
    return _Layer(_table(layer.fields.name, fields), cells, layer.places, layer.geometry_type)


def _write(layer: _Layer, path: Path, result: Assessment, words: Words) -> None:
    name = layer.fields.name
    frame = as_arrow(layer.cells, layer.fields).to_pandas(types_mapper=pd.ArrowDtype)
    said = [words.texts.text(f"layer.{name}"), *data_labels(result, words.texts)]
    description = words.texts.text("layer.separator").join(said)
    options: dict[str, object] = {
        "layer": name,
        "driver": "GPKG",
        "use_arrow": True,
        "layer_options": {"IDENTIFIER": name, "DESCRIPTION": description},
    }
    if not path.exists():
        options["dataset_options"] = {"VERSION": "1.2"}
    if layer.places is None:
        pyogrio.write_dataframe(frame, path, **options)
        return
    pyogrio.write_dataframe(
        gpd.GeoDataFrame(frame, geometry=_places(layer), crs=result.crs),
        path,
        geometry_type=layer.geometry_type,
        promote_to_multi=layer.geometry_type != "Point",
        **options,
    )


def _places(layer: _Layer) -> npt.NDArray[np.object_]:
    """Return geometries in two dimensions, None where there is none."""
    places: npt.NDArray[np.object_] = np.array(layer.places, dtype=object)
    deep = shapely.has_z(places)
    places[deep] = shapely.force_2d(places[deep])
    places[shapely.is_empty(places)] = None
    if layer.geometry_type == "Point":
        areas = shapely.get_type_id(places) > 0
        places[areas] = shapely.point_on_surface(places[areas])
    return places


@contextmanager
def _current_date(date: str) -> Iterator[None]:
    """Let GDAL write that date instead of today's."""
    before = pyogrio.get_gdal_config_option(_DATE_OPTION)
    pyogrio.set_gdal_config_options({_DATE_OPTION: date})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({_DATE_OPTION: before})


def _write_aliases(path: Path, tables: list[Table], words: Words) -> None:
    """Store the titles of fields as their aliases, as GeoPackage's schema extension has it."""
    rows = []
    for table in tables:
        taken: set[str] = set()
        for column in table.columns:
            title = column.title(words.texts.language)
            # Aliases are unique within a layer.
            alias = title if title not in taken else f"{title} ({column.name})"
            taken.add(alias)
            rows.append((table.name, column.name, alias))
    with contextlib.closing(sqlite3.connect(path)) as store, store:
        store.executescript(_SCHEMA_EXTENSION)
        store.executemany(_EXTENSION_ROW, [(name,) for name in _EXTENSION_TABLES])
        store.executemany(
            "INSERT INTO gpkg_data_columns (table_name, column_name, name) VALUES (?, ?, ?)", rows
        )

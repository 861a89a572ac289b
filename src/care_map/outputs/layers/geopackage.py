"""All layers of a run in one GeoPackage, with styles, titles and metadata.

Styles lie in ``layer_styles``, where QGIS looks for them; titles of fields in the styles, for QGIS
3.22, and as GeoPackage's schema extension has them; metadata in its metadata extension.
"""

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyogrio
from pyproj import CRS

from care_map.assessment import Assessment
from care_map.outputs.layers.content import Layer, layer_crs, layer_frame, run_layers
from care_map.outputs.layers.facts import Facts, layer_facts, metadata_xml
from care_map.outputs.layers.project import write_project
from care_map.outputs.layers.qml import readable
from care_map.outputs.layers.styles import Style, styles_of
from care_map.outputs.readings import Words
from care_map.projections import transformer

__all__ = ["write_layers"]

_DATE_OPTION = "OGR_CURRENT_DATE"
_UNDATED = "2000-01-01"
_GEOMETRY = "geom"
_EXTENSIONS = """
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
CREATE TABLE gpkg_metadata (
  id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL, md_scope TEXT NOT NULL DEFAULT 'dataset',
  md_standard_uri TEXT NOT NULL, mime_type TEXT NOT NULL DEFAULT 'text/xml',
  metadata TEXT NOT NULL DEFAULT '');
CREATE TABLE gpkg_metadata_reference (
  reference_scope TEXT NOT NULL, table_name TEXT, column_name TEXT, row_id_value INTEGER,
  timestamp DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  md_file_id INTEGER NOT NULL, md_parent_id INTEGER,
  CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id),
  CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id));
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
  f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30),
  styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
"""
_EXTENSION_TABLES = {
    "gpkg_data_columns": "schema",
    "gpkg_data_column_constraints": "schema",
    "gpkg_metadata": "metadata",
    "gpkg_metadata_reference": "metadata",
}
_EXTENSION_ROW = """
INSERT INTO gpkg_extensions (table_name, column_name, extension_name, definition, scope)
VALUES (?, NULL, ?, ?, 'read-write')
"""
_EXTENSION_URI = "http://www.geopackage.org/spec121/#extension_{}"
_QGIS_URI = "http://mrcc.com/qgis.dtd"
_STYLE_ROW = """
INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column,
  styleName, styleQML, styleSLD, useAsDefault, description, owner, ui, update_time)
VALUES ('', '', ?, ?, ?, ?, '', ?, ?, '', NULL, ?)
"""
_STYLES_LISTED = """
INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change)
VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?)
"""


def write_layers(result: Assessment, path: Path) -> list[str]:
    """Write the internal GeoPackage of a run, and a QGIS project that opens it.

    Parameters
    ----------
    result
        The assessment.
    path
        File to write; an old one is replaced, and so is the QGIS project ``.qgs`` beside it. The
        same assessment gives the same bytes.

    Returns
    -------
    list of str
        Names of the layers that were written, those that lie on top first; those without rows
        are left out. Of a run without any rows the empty ``coverage_by_unit`` is written.
    """
    path.unlink(missing_ok=True)
    words = Words.of(result)
    layers = run_layers(result, words)
    crs = layer_crs(result.study.output.crs, result.crs)
    facts = layer_facts(result, words, crs)
    heads = {layer.name: words.texts.text(f"layer.{layer.name}") for layer in layers}
    styles = {
        layer.name: styles_of(layer, result, words, [heads[layer.name], facts.study, *facts.lines])
        for layer in layers
    }
    day = result.study.as_of.isoformat() if result.study.as_of else _UNDATED
    date = f"{day}T00:00:00.000Z"
    with _current_date(date):
        for layer in layers:
            _write(layer, path, (result.crs, crs), facts, words)
    with contextlib.closing(sqlite3.connect(path)) as store, store:
        store.executescript(_EXTENSIONS)
        store.executemany(
            _EXTENSION_ROW,
            [
                (table, f"gpkg_{name}", _EXTENSION_URI.format(name))
                for table, name in _EXTENSION_TABLES.items()
            ],
        )
        _store_titles(store, layers, words)
        _store_metadata(store, layers, words, facts, crs, date)
        _store_styles(store, layers, styles, date)
    bounds = _extent(layers, result.crs, crs)
    write_project(path, layers, styles, crs=crs, facts=facts, words=words, extent=bounds)
    return [layer.name for layer in layers]


def _extent(
    layers: Sequence[Layer], source: CRS, target: CRS
) -> tuple[float, float, float, float] | None:
    """Return what the units cover, else the whole of what is placed."""
    placed = [layer.places for layer in layers if layer.places is not None]
    units = [layer.places for layer in layers if layer.name == "units" and layer.places is not None]
    for shown in (*units, *placed):
        bounds = shown.total_bounds
        if np.isfinite(bounds).all():
            moved = transformer(source, target).transform_bounds(*bounds)
            west, south, east, north = (float(edge) for edge in moved)
            return west, south, east, north
    return None


def _write(layer: Layer, path: Path, systems: tuple[CRS, CRS], facts: Facts, words: Words) -> None:
    frame = layer_frame(layer, *systems)
    title = words.texts.text(f"layer.{layer.name}")
    description = words.texts.text("layer.separator").join([title, facts.study, *facts.lines])
    told = {"IDENTIFIER": title, "DESCRIPTION": description}
    options: dict[str, object] = {"layer": layer.name, "driver": "GPKG", "use_arrow": True}
    if not path.exists():
        options["dataset_options"] = {"VERSION": "1.2"}
    if layer.places is not None:
        told["GEOMETRY_NAME"] = _GEOMETRY
        options["geometry_type"] = layer.geometry_type
        options["promote_to_multi"] = layer.geometry_type != "Point"
    pyogrio.write_dataframe(frame, path, layer_options=told, **options)


@contextmanager
def _current_date(date: str) -> Iterator[None]:
    """Let GDAL write that date instead of today's."""
    before = pyogrio.get_gdal_config_option(_DATE_OPTION)
    pyogrio.set_gdal_config_options({_DATE_OPTION: date})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({_DATE_OPTION: before})


def _store_titles(store: sqlite3.Connection, layers: Sequence[Layer], words: Words) -> None:
    """Store the titles of fields as their aliases."""
    rows = []
    for layer in layers:
        taken: set[str] = set()
        for column in layer.fields.columns:
            title = readable(column.title(words.texts.language))
            # Aliases are unique within a layer.
            alias = title if title not in taken else f"{title} ({column.name})"
            taken.add(alias)
            rows.append((layer.name, column.name, alias))
    store.executemany(
        "INSERT INTO gpkg_data_columns (table_name, column_name, name) VALUES (?, ?, ?)", rows
    )


def _store_metadata(
    store: sqlite3.Connection,
    layers: Sequence[Layer],
    words: Words,
    facts: Facts,
    crs: CRS,
    date: str,
) -> None:
    """Store what the file says of itself, and each layer of its own."""
    told: list[tuple[str, str | None, str, str]]
    told = [("geopackage", None, "layers.gpkg", facts.study)]
    told += [
        ("table", layer.name, layer.name, words.texts.text(f"layer.{layer.name}"))
        for layer in layers
    ]
    for number, (scope, table, name, title) in enumerate(told, start=1):
        text = metadata_xml(facts, crs, words, name=name, title=title)
        store.execute(
            "INSERT INTO gpkg_metadata (id, md_standard_uri, metadata) VALUES (?, ?, ?)",
            (number, _QGIS_URI, text),
        )
        store.execute(
            "INSERT INTO gpkg_metadata_reference (reference_scope, table_name, timestamp,"
            " md_file_id, md_parent_id) VALUES (?, ?, ?, ?, ?)",
            (scope, table, date, number, 1 if table else None),
        )


def _store_styles(
    store: sqlite3.Connection,
    layers: Sequence[Layer],
    styles: Mapping[str, Sequence[Style]],
    date: str,
) -> None:
    """Store the styles of every layer where QGIS looks for them."""
    store.execute(_STYLES_LISTED, (date,))
    for layer in layers:
        column = "" if layer.places is None else _GEOMETRY
        for style in styles[layer.name]:
            row = (style.name, style.xml, style.default, style.description, date)
            store.execute(_STYLE_ROW, (layer.name, column, *row))

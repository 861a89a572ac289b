"""Layers of a run for QGIS and ArcGIS: a GeoPackage with styles, and other formats on request."""

from care_map.outputs.layers.formats import write_formats
from care_map.outputs.layers.geopackage import write_layers

__all__ = ["write_formats", "write_layers"]

"""A QGIS project beside the GeoPackage: layers under their titles, in order, a theme per circle.

A GeoPackage gives QGIS its layers under their ASCII names, one by one. The project opens them all,
named in the study's language; its themes switch all layers to another circle at once.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from pyproj import CRS

from care_map.outputs.layers.content import Layer
from care_map.outputs.layers.facts import Facts
from care_map.outputs.layers.qml import QGIS_VERSION, readable, xml_text
from care_map.outputs.layers.styles import Style
from care_map.outputs.readings import Words

__all__ = ["write_project"]

_SHAPES = {"Point": "Point", "MultiLineString": "Line", "MultiPolygon": "Polygon"}
_MARGIN = 0.05


def write_project(
    path: Path,
    layers: Sequence[Layer],
    styles: Mapping[str, Sequence[Style]],
    *,
    crs: CRS,
    facts: Facts,
    words: Words,
    extent: tuple[float, float, float, float] | None,
) -> None:
    """Write the project of a GeoPackage.

    Parameters
    ----------
    path
        The GeoPackage; the project is written beside it as ``.qgs`` and finds it there.
    layers
        Its layers, those that lie on top first.
    styles
        Styles of each layer, the default first.
    crs
        CRS of the layers.
    facts
        What the layers say of themselves.
    words
        Words of the study.
    extent
        West, south, east and north of what is shown first, in `crs`; None where nothing is placed.
    """
    root = ET.Element("qgis", {"version": QGIS_VERSION, "projectname": facts.study})
    ET.SubElement(root, "title").text = facts.study
    ET.SubElement(root, "projectCrs").append(_system(crs))
    tree = ET.SubElement(root, "layer-tree-group")
    canvas = ET.SubElement(root, "mapcanvas", {"name": "theMapCanvas"})
    if extent is not None:
        canvas.append(_extent(extent))
    ET.SubElement(canvas, "destinationsrs").append(_system(crs))
    listed = ET.SubElement(root, "projectlayers")
    for layer in layers:
        title = readable(words.texts.text(f"layer.{layer.name}"))
        source = f"./{path.name}|layername={layer.name}"
        shown = {"id": _id(layer), "name": title, "source": source, "providerKey": "ogr"}
        ET.SubElement(
            tree, "layer-tree-layer", {**shown, "checked": "Qt::Checked", "expanded": "0"}
        )
        listed.append(_layer(layer, title, source, styles[layer.name], crs))
    ET.SubElement(root, "visibility-presets").extend(_themes(layers, styles))
    root.append(_properties())
    path.with_suffix(".qgs").write_text(xml_text(root), encoding="utf-8", newline="\n")


def _layer(layer: Layer, title: str, source: str, styles: Sequence[Style], crs: CRS) -> ET.Element:
    """Return a layer as its default style has it, with its other styles to choose from."""
    first, *others = styles
    made = ET.Element("maplayer", {**first.root.attrib, "type": "vector"})
    made.set("geometry", _SHAPES.get(layer.geometry_type or "", "No geometry"))
    for tag, text in (("id", _id(layer)), ("datasource", source), ("layername", title)):
        ET.SubElement(made, tag).text = text
    if layer.places is not None:
        ET.SubElement(made, "srs").append(_system(crs))
    ET.SubElement(made, "provider", {"encoding": "UTF-8"}).text = "ogr"
    made.extend(first.root)
    manager = ET.SubElement(made, "map-layer-style-manager", {"current": first.name})
    ET.SubElement(manager, "map-layer-style", {"name": first.name})
    for other in others:
        ET.SubElement(manager, "map-layer-style", {"name": other.name}).append(other.root)
    return made


def _themes(layers: Sequence[Layer], styles: Mapping[str, Sequence[Style]]) -> Sequence[ET.Element]:
    """Return a theme per circle: each layer in its style of that circle, else in its own."""
    named = [style.name for style in max(styles.values(), key=len)]
    themes = []
    for name in named if len(named) > 1 else ():
        theme = ET.Element("visibility-preset", {"name": name, "has-expanded-info": "0"})
        for layer in layers:
            own = [style.name for style in styles[layer.name]]
            shown = {"id": _id(layer), "visible": "1", "expanded": "0"}
            ET.SubElement(theme, "layer", {**shown, "style": name if name in own else own[0]})
        themes.append(theme)
    return themes


def _properties() -> ET.Element:
    """Return what lets QGIS take the project's CRS, and paths from the project's folder."""
    made = ET.Element("properties")
    for group, name, kind, value in (
        ("SpatialRefSys", "ProjectionsEnabled", "int", "1"),
        ("Paths", "Absolute", "bool", "false"),
    ):
        ET.SubElement(ET.SubElement(made, group), name, {"type": kind}).text = value
    return made


def _id(layer: Layer) -> str:
    """Return the id of a layer; QGIS replaces those of ten letters and fewer."""
    return f"care_map_{layer.name}"


def _system(crs: CRS) -> ET.Element:
    made = ET.Element("spatialrefsys")
    ET.SubElement(made, "wkt").text = crs.to_wkt()
    code = crs.to_epsg()
    ET.SubElement(made, "authid").text = f"EPSG:{code}" if code else ""
    return made


def _extent(bounds: tuple[float, float, float, float]) -> ET.Element:
    west, south, east, north = bounds
    margin = _MARGIN * max(east - west, north - south)
    made = ET.Element("extent")
    corners = {"xmin": west - margin, "ymin": south - margin}
    for tag, value in {**corners, "xmax": east + margin, "ymax": north + margin}.items():
        ET.SubElement(made, tag).text = repr(float(value))
    return made

"""Open a GeoPackage in QGIS without a screen, tell what it shows, draw it.

Run by the system's Python, which has QGIS: ``python3 qgis_reader.py FILE.gpkg OUT.png OUT.json``.
"""

import json
import os
import sys
from collections import Counter
from pathlib import Path

from qgis.core import (
    QgsApplication,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsProviderRegistry,
    QgsRenderContext,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor, QImage


def rules(rule):
    return [[one.label(), one.active(), rules(one)] for one in rule.children()]


def labels_of(renderer):
    if renderer is None:
        return []
    if renderer.type() == "RuleRenderer":
        return rules(renderer.rootRule())
    return [item.label() for item in renderer.legendSymbolItems()]


def symbols_of(layer):
    """Return the classes of symbol layers and their colours."""
    found = []
    renderer = layer.renderer()
    for item in renderer.legendSymbolItems() if renderer else []:
        symbol = item.symbol()
        layers = symbol.symbolLayers() if symbol else []
        found.append([[one.layerType(), one.color().name()] for one in layers])
    return found


def drawn(layer):
    """Return how many features the style draws, whatever the scale."""
    renderer = layer.renderer()
    if renderer is None:
        return 0
    context = layer.createExpressionContext()
    render = QgsRenderContext()
    render.setRendererScale(10_000)
    render.setExpressionContext(context)
    renderer = renderer.clone()
    renderer.startRender(render, layer.fields())
    number = 0
    for feature in layer.getFeatures():
        render.expressionContext().setFeature(feature)
        number += bool(renderer.willRenderFeature(feature, render))
    renderer.stopRender(render)
    return number


def told(layer):
    symbols = symbols_of(layer)
    labeling = layer.labeling()
    return {
        "valid": layer.isValid(),
        "crs": layer.crs().authid(),
        "features": layer.featureCount(),
        "renderer": layer.renderer().type() if layer.renderer() else "",
        "attribute": getattr(layer.renderer(), "classAttribute", str)(),
        "labels": labels_of(layer.renderer()),
        "symbols": symbols,
        "drawn": drawn(layer),
        "aliases": {field.name(): field.alias() for field in layer.fields()},
        "widgets": {
            field.name(): layer.editorWidgetSetup(number).config()
            for number, field in enumerate(layer.fields())
            if layer.editorWidgetSetup(number).type() == "ValueMap"
        },
        "names_shown": labeling.settings().fieldName if labeling and layer.labelsEnabled() else "",
        "least_scale": layer.minimumScale() if layer.hasScaleBasedVisibility() else 0,
        "notes": layer.customProperty("userNotes"),
        "title": layer.metadata().title(),
        "rights": layer.metadata().rights(),
        "styles": layer.listStylesInDatabase()[2][: layer.listStylesInDatabase()[0]],
    }


def draw(layers, path):
    settings = QgsMapSettings()
    settings.setLayers(layers)
    settings.setOutputSize(QSize(1200, 900))
    settings.setBackgroundColor(QColor("white"))
    settings.setDestinationCrs(layers[-1].crs())
    extent = next(layer for layer in layers if layer.name() == "units").extent()
    extent.scale(1.05)
    settings.setExtent(extent)
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    image.save(path)
    size = image.width() * image.height() * 4
    pixels = image.convertToFormat(QImage.Format_RGB32).constBits().asstring(size)
    colours = Counter(memoryview(pixels).cast("I"))
    return {
        "errors": [error.message for error in job.errors()],
        "colours": {f"#{colour & 0xFFFFFF:06x}": n for colour, n in colours.most_common(200)},
    }


def project_of(path):
    """Return what the project beside the GeoPackage opens."""
    project = QgsProject.instance()
    read = project.read(path.replace(".gpkg", ".qgs"))
    layers = [node.layer() for node in project.layerTreeRoot().findLayers()]
    themes = project.mapThemeCollection()
    return {
        "read": read,
        "crs": project.crs().authid(),
        "layers": [[layer.name(), layer.isValid(), layer.featureCount()] for layer in layers],
        "styles": {layer.id(): layer.styleManager().styles() for layer in layers},
        "themes": {
            name: {
                record.layer().id(): record.currentStyle
                for record in themes.mapThemeState(name).layerRecords()
            }
            for name in themes.mapThemes()
        },
    }


def main(path, picture, answer):
    application = QgsApplication([], GUIenabled=False)
    application.initQgis()
    said = []
    application.messageLog().messageReceived.connect(lambda text, *_: said.append(text))
    found = QgsProviderRegistry.instance().providerMetadata("ogr").querySublayers(path)
    names = [one.name() for one in found]
    layers = [QgsVectorLayer(f"{path}|layername={name}", name, "ogr") for name in names]
    placed = [one for one in layers if one.geometryType() != QgsWkbTypes.NullGeometry]
    map_drawn = draw(placed, picture)
    result = {layer.name(): told(layer) for layer in layers}
    result = {"layers": result, "project": project_of(path)}
    text = json.dumps({**result, **map_drawn, "said": said}, ensure_ascii=False)
    Path(answer).write_text(text, encoding="utf-8")
    sys.stdout.write("done\n")
    sys.stdout.flush()
    # QGIS falls over when Python ends in the ordinary way.
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])

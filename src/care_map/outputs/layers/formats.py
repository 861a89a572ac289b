"""The layers of a run in formats that a study asks for besides the GeoPackage.

Each format has a folder of its own with a file a layer and a ``README.txt`` that counts what was
written and says what the format could not hold. The long table of coverage is not among them: it
stands in ``tables/``.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import pyogrio
from pyproj import CRS

from care_map.assessment import Assessment
from care_map.outputs.layers.content import Layer, layer_crs, layer_frame, run_layers
from care_map.outputs.layers.facts import crs_text, layer_facts
from care_map.outputs.layers.shapefile import Cut, write_field_list, write_shapefile
from care_map.outputs.readings import Words, readings
from care_map.study_file import LayerFormat

__all__ = ["write_formats"]

_UNDATED = dt.date(2000, 1, 1)
_FIELDS = "fields.csv"
_README = "README.txt"
_WGS84 = CRS.from_epsg(4326)
_CGCS2000 = CRS.from_epsg(4490)


@dataclass(slots=True)
class _Folder:
    """A format's folder while it is filled."""

    path: Path
    result: Assessment
    words: Words
    crs: CRS
    lines: list[str] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)

    def say(self, key: str, **values: object) -> None:
        self.lines.append(self.words.texts.text(f"layer.file.{key}", **values))


def write_formats(result: Assessment, folder: Path) -> list[Path]:
    """Write the layers in the formats that the study asks for.

    Parameters
    ----------
    result
        The assessment.
    folder
        Folder that gets a folder per format; it is made where it is needed.

    Returns
    -------
    list of Path
        Folders of the formats; none where the study asks for none. The same assessment gives the
        same bytes.
    """
    asked = list(dict.fromkeys(result.study.output.formats))
    if not asked:
        return []
    words = Words.of(result)
    layers = [layer for layer in run_layers(result, words) if layer.places is not None]
    made = []
    for name in asked:
        crs = _crs(name, result)
        place = _Folder(folder / name, result, words, crs)
        place.path.mkdir(parents=True)
        for layer in layers:
            frame = layer_frame(layer, result.crs, crs)
            file = _WRITERS[name](place, layer, frame)
            _tell(place, layer, frame, file)
        if place.cuts:
            write_field_list(place.cuts, place.path / _FIELDS)
        _write_readme(place, name)
        made.append(place.path)
    return made


def _crs(name: LayerFormat, result: Assessment) -> CRS:
    """Return a format's CRS: GeoJSON has no metric one, and is WGS 84 but where asked otherwise."""
    asked = result.study.output.crs
    if name == "geojson" and asked == "metric":
        return _WGS84
    return layer_crs(asked, result.crs)


def _geojson(place: _Folder, layer: Layer, frame: gpd.GeoDataFrame) -> str:
    """Write GeoJSON of RFC 7946; of CGCS2000 the older form, which can name its CRS."""
    standard = place.crs == _WGS84
    name = f"{layer.name}.geojson" if standard else f"{layer.name}_cgcs2000.geojson"
    options = {"RFC7946": "YES"} if standard else {"RFC7946": "NO", "COORDINATE_PRECISION": "8"}
    pyogrio.write_dataframe(
        frame, place.path / name, driver="GeoJSON", use_arrow=True, layer_options=options
    )
    return name


def _parquet(place: _Folder, layer: Layer, frame: gpd.GeoDataFrame) -> str:
    name = f"{layer.name}.parquet"
    frame.to_parquet(place.path / name, index=False, compression="zstd", schema_version="1.0.0")
    return name


def _shapefile(place: _Folder, layer: Layer, frame: gpd.GeoDataFrame) -> str:
    name = f"{layer.name}.shp"
    circles = [reading.circle for reading in readings(place.result)]
    day = place.result.study.as_of or _UNDATED
    cuts = write_shapefile(frame, layer, place.path / name, circles=circles, day=day)
    if cuts is None:
        return ""
    place.cuts += cuts
    return name


_WRITERS: dict[LayerFormat, Callable[[_Folder, Layer, gpd.GeoDataFrame], str]] = {
    "geojson": _geojson,
    "geoparquet": _parquet,
    "shapefile": _shapefile,
}


def _tell(place: _Folder, layer: Layer, frame: gpd.GeoDataFrame, file: str) -> None:
    """Count what was written of a layer."""
    title = place.words.texts.text(f"layer.{layer.name}")
    if not file:
        place.say("too_large", title=title, rows=len(frame), fields=len(layer.fields.columns))
        return
    without = int(frame.geometry.isna().sum())
    place.say("layer", file=file, title=title, rows=len(frame), without=without)
    for cut in place.cuts:
        if cut.layer == layer.name and cut.cut:
            place.say("cut", field=cut.short, name=cut.name, count=cut.cut)


def _write_readme(place: _Folder, name: LayerFormat) -> None:
    """Write what is in a folder, what its data is, and what the figures rest on."""
    facts = layer_facts(place.result, place.words, place.crs)
    text = place.words.texts.text
    form = f"layer.file.{name}" if place.crs != _CGCS2000 or name != "geojson" else ""
    lines = [
        facts.study,
        *facts.lines,
        "",
        text(form) if form else text("layer.file.geojson_cgcs2000", crs=crs_text(place.crs)),
        text("layer.file.table"),
        "",
        *place.lines,
        "",
        text("layer.file.assumptions"),
        *(f"- {line}" for line in facts.assumptions),
    ]
    # Notepad of older Windows reads UTF-8 by its mark.
    body = "\r\n".join([*lines, ""])
    (place.path / _README).write_bytes(body.encode("utf-8-sig"))

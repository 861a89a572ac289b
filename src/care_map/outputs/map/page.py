"""The page itself: folium's map in a frame of our own, with everything inside one file.

Nothing in the page is loaded: Leaflet and its images stand in it, and a content security policy
forbids every request. Data is one JSON value that the script shows as text, never as HTML.
"""

import base64
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import folium
from branca.element import Figure
from folium.template import Template
from jinja2 import Environment, FunctionLoader, StrictUndefined
from jinja2 import Template as PageTemplate
from pyproj import CRS

from care_map.assessment import Assessment
from care_map.config import Study
from care_map.errors import OutputError, Problem
from care_map.messages import Catalogue, catalogue
from care_map.outputs.map.payload import as_json, map_payload
from care_map.tile_sources import TileSource, tile_source

__all__ = [
    "POLICY",
    "STYLES",
    "PageMap",
    "StudyMap",
    "badges_of",
    "datum_name",
    "page_assets",
    "page_template",
    "write_map",
    "write_page",
]

POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)
"""Content security policy of the page: nothing is fetched, whatever a name contains.

Where the study asks for online tiles, images may come from their one host as well.
"""

SCRIPTS = (
    "words.js",
    "data.js",
    "state.js",
    "trial.js",
    "tiles.js",
    "shapes.js",
    "unit_shapes.js",
    "roads.js",
    "facilities.js",
    "areas.js",
    "cells.js",
    "units.js",
    "lattice.js",
    "spot.js",
    "cards.js",
    "facility_card.js",
    "gaps.js",
    "legend.js",
    "layers.js",
    "panel.js",
    "key_figures.js",
    "table.js",
    "quarters.js",
    "split.js",
    "search.js",
    "online.js",
    "measure.js",
    "by_keyboard.js",
    "print.js",
    "links.js",
    "map.js",
)
"""Parts of the page's script, in the order in which they stand in one function."""

STYLES = ("map.css", "tools.css")

DATUMS = {4326: "WGS 84", 4490: "CGCS2000"}
_SCRIPT_HEAD = 'const careMap = (() => {\n"use strict";\n'
_SCRIPT_TAIL = "\nreturn { start };\n})();"
_CSS_IMAGE = re.compile(r"url\((images/[\w.-]+)\)")


class PageMap(folium.Map):
    """A folium map in a page of ours, with nothing from elsewhere.

    Layers of folium that need nothing from elsewhere can be added before it is saved.

    Parameters
    ----------
    template
        Name of the page's file.
    name
        Id of the map and of its frame; folium's own is random, and two runs must give the same
        bytes.
    title, fields
        Title of the page, and what its template asks for.
    """

    # The macros hold no data: branca reads their output as a template once more.
    _template = Template(
        """
        {% macro html(this, kwargs) %}
        <div class="folium-map" id="{{ this.get_name() }}"></div>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = careMap.start("{{ this.get_name() }}");
        {% endmacro %}
        """
    )

    def __init__(self, template: str, *, name: str, title: str, fields: dict[str, object]) -> None:
        super().__init__(tiles=None)
        self.default_js: list[tuple[str, str]] = []  # folium's lie on servers of others
        self.default_css: list[tuple[str, str]] = []
        self._id = name
        _Frame(template, name=name, title=title, fields=fields).add_child(self)


class StudyMap(PageMap):
    """The map page of an assessment, as a folium map.

    Parameters
    ----------
    result
        A finished assessment.
    """

    def __init__(self, result: Assessment) -> None:
        fields = _page_fields(result)
        super().__init__("page.html", name="care", title=result.study.name, fields=fields)


class _Frame(Figure):
    """The page round a map: header, panel, table and footer."""

    def __init__(self, template: str, *, name: str, title: str, fields: dict[str, object]) -> None:
        super().__init__(title=title)
        self._name, self._id = "Frame", name
        self._page, self._fields = template, fields

    def render(self, **kwargs: object) -> str:
        for child in list(self._children.values()):
            child.render(**kwargs)
        parts = {
            part: getattr(self, part).render(**kwargs) for part in ("header", "html", "script")
        }
        return page_template(self._page).render(folium=parts, **self._fields)


def write_map(result: Assessment, path: Path) -> None:
    """Write the map page of an assessment.

    Parameters
    ----------
    result
        A finished assessment; every table may be empty.
    path
        HTML file to write; the folder must exist.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    write_page(StudyMap(result).get_root().render(), path)


def write_page(html: str, path: Path) -> None:
    """Write a page; OutputError where the file cannot be written."""
    try:
        path.write_text(html, encoding="utf-8", newline="\n")
    except OSError as error:
        values = {"detail": error.strerror or str(error)}
        raise OutputError([Problem("output_unwritable", source=str(path), values=values)]) from None


@dataclass(frozen=True, slots=True)
class _Badge:
    """A label of the data: in short, and in full."""

    code: str
    short: str
    full: str


def _page_fields(result: Assessment) -> dict[str, object]:
    study = result.study
    texts = catalogue(study.language)
    tiles = _tiles(study)
    return {
        "assets": page_assets(SCRIPTS, STYLES),
        "policy": _policy(tiles),
        "language": "zh-CN" if study.language == "zh" else "en",
        "name": study.name,
        "text": lambda key, **values: texts.text(f"map.page.{key}", **values),
        "as_of": study.as_of.isoformat() if study.as_of else "",
        "badges": badges_of(result.labels, texts),
        "attribution": study.attribution,
        "datum": datum_name(result.crs),
        "crs": result.crs.name,
        "approval": study.approval_number,
        "assumptions": [
            texts.text(f"assumption.{statement.code}", **statement.values)
            for statement in result.assumptions
        ],
        "payload": as_json({**map_payload(result), "tiles": _tile_fields(tiles)}),
    }


def _tiles(study: Study) -> TileSource | None:
    asked = study.map
    if asked.tiles is None:
        return None
    return tile_source(asked.tiles, key=asked.key, attribution=asked.attribution)


def _policy(tiles: TileSource | None) -> str:
    if tiles is None:
        return POLICY
    return POLICY.replace("img-src data:", f"img-src data: {tiles.origin}")


def _tile_fields(tiles: TileSource | None) -> dict[str, object] | None:
    if tiles is None:
        return None
    return {
        "addresses": list(tiles.addresses),
        "attribution": tiles.attribution,
        "maxZoom": tiles.max_zoom,
    }


def badges_of(labels: tuple[str, ...], texts: Catalogue) -> list[_Badge]:
    """Return the labels of the data that a page's header shows."""
    return [
        _Badge(code, texts.label("map.badge", code), full)
        for code in labels
        if (full := texts.label("data", code))
    ]


def datum_name(crs: CRS) -> str:
    """Return what the datum of a CRS is called in a page's footer."""
    geodetic = crs.geodetic_crs
    if geodetic is None:
        return crs.name
    return DATUMS.get(geodetic.to_epsg() or 0, geodetic.name)


@cache
def page_template(name: str) -> PageTemplate:
    """Return a page's frame."""
    pages = Environment(
        loader=FunctionLoader(_read),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return pages.get_template(name)


@cache
def page_assets(scripts: tuple[str, ...], styles: tuple[str, ...]) -> dict[str, str]:
    """Return styles and scripts of a page, with Leaflet's images inside its style."""
    script = "\n".join(_read(f"script/{name}") for name in scripts)
    leaflet = _read("vendor/leaflet.js")
    return {
        "leaflet_css": _CSS_IMAGE.sub(_data_uri, _read("vendor/leaflet.css")),
        # Developer tools would ask for the source map.
        "leaflet_js": leaflet.partition("//# sourceMappingURL=")[0],
        "style": "\n".join(_read(name) for name in styles),
        "script": _SCRIPT_HEAD + script + _SCRIPT_TAIL,
    }


def _data_uri(found: re.Match[str]) -> str:
    image = _folder().joinpath("vendor", found.group(1)).read_bytes()
    return f"url(data:image/png;base64,{base64.b64encode(image).decode('ascii')})"


def _read(name: str) -> str:
    return _folder().joinpath(*name.split("/")).read_text(encoding="utf-8")


def _folder() -> Traversable:
    return resources.files("care_map.outputs.map")

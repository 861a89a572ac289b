"""The comparison page: the map's frame and base files with a script of its own."""

from pathlib import Path

import folium
from branca.element import Figure
from folium.template import Template

from care_map.comparison.compare import Compared
from care_map.comparison.sides import Side
from care_map.messages import Catalogue, Language, catalogue
from care_map.outputs.map.compare_payload import compare_payload
from care_map.outputs.map.page import (
    POLICY,
    badges_of,
    datum_name,
    page_assets,
    page_template,
    write_page,
)
from care_map.outputs.map.payload import as_json

__all__ = ["ComparisonMap", "run_name", "write_compare_map"]

_SCRIPTS = ("words.js", "data.js", "tiles.js", "roads.js", "compare.js")
_STYLES = ("map.css", "compare.css")


class ComparisonMap(folium.Map):
    """The page of a comparison, as a folium map.

    Parameters
    ----------
    found
        A comparison.
    language
        Its language; that of the later run without it.
    """

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

    def __init__(self, found: Compared, language: Language | None = None) -> None:
        super().__init__(tiles=None)
        self.default_js: list[tuple[str, str]] = []  # folium's lie on servers of others
        self.default_css: list[tuple[str, str]] = []
        self._id = "compare"  # folium's own is random: two runs must give the same bytes
        _Frame(found, catalogue(language or found.after.language)).add_child(self)


def write_compare_map(found: Compared, path: Path, language: Language | None = None) -> None:
    """Write the page of a comparison; OutputError where the file cannot be written."""
    write_page(ComparisonMap(found, language).get_root().render(), path)


class _Frame(Figure):
    """The page round the map."""

    def __init__(self, found: Compared, texts: Catalogue) -> None:
        super().__init__(title=found.after.study)
        self._name, self._id = "Frame", "compare"
        self._fields = _fields(found, texts)

    def render(self, **kwargs: object) -> str:
        for child in list(self._children.values()):
            child.render(**kwargs)
        parts = {
            part: getattr(self, part).render(**kwargs) for part in ("header", "html", "script")
        }
        return page_template("compare.html").render(folium=parts, **self._fields)


def run_name(side: Side, texts: Catalogue) -> str:
    """Return what a run is called beside the other: its scenario, its day, or as listed."""
    if side.scenario is not None:
        return texts.text("compare.run_scenario", name=side.scenario.name)
    return side.as_of.isoformat() if side.as_of else texts.text("compare.as_listed")


def _fields(found: Compared, texts: Catalogue) -> dict[str, object]:
    before, after = found.before, found.after
    labels = tuple(dict.fromkeys([*after.labels, *before.labels]))
    crs = after.units.crs or before.units.crs
    return {
        "assets": page_assets(_SCRIPTS, _STYLES),
        "policy": POLICY,
        "language": "zh-CN" if texts.language == "zh" else "en",
        "name": after.study,
        "text": lambda key, **values: texts.text(f"compare.page.{key}", **values),
        "before": run_name(before, texts),
        "after": run_name(after, texts),
        "badges": badges_of(labels, texts),
        "attribution": after.attribution or before.attribution,
        "datum": datum_name(crs) if crs is not None else "",
        "approval": after.approval or before.approval,
        "payload": as_json(compare_payload(found, texts)),
    }

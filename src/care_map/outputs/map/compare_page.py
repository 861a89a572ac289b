"""The comparison page: the map's frame and base files with a script of its own."""

from pathlib import Path

from care_map.comparison.compare import Compared
from care_map.comparison.sides import Side
from care_map.messages import Catalogue, Language, catalogue
from care_map.outputs.map.compare_payload import compare_payload
from care_map.outputs.map.page import (
    POLICY,
    PageMap,
    badges_of,
    datum_name,
    page_assets,
    write_page,
)
from care_map.outputs.map.payload import as_json

__all__ = ["ComparisonMap", "run_name", "write_compare_map"]

_SCRIPTS = (
    "words.js",
    "data.js",
    "tiles.js",
    "shapes.js",
    "unit_shapes.js",
    "roads.js",
    "compare.js",
)
_STYLES = ("map.css", "compare.css")


class ComparisonMap(PageMap):
    """The page of a comparison, as a folium map.

    Parameters
    ----------
    found
        A comparison.
    language
        Its language; that of the later run without it.
    """

    def __init__(self, found: Compared, language: Language | None = None) -> None:
        fields = _fields(found, catalogue(language or found.after.language))
        super().__init__("compare.html", name="compare", title=found.after.study, fields=fields)


def write_compare_map(found: Compared, path: Path, language: Language | None = None) -> None:
    """Write the page of a comparison; OutputError where the file cannot be written."""
    write_page(ComparisonMap(found, language).get_root().render(), path)


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

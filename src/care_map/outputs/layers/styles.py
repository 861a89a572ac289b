"""The styles of each layer: what the map page shows, in QGIS's words.

Layers with figures of circles have a style per circle, named after it; the first circle's is the
default. Colours are those of the map page.
"""

import html
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

import pandas as pd

from care_map.assessment import Assessment
from care_map.outputs.layers.content import Layer
from care_map.outputs.layers.facility_style import facility_renderer
from care_map.outputs.layers.line_style import barrier_renderer, road_renderer
from care_map.outputs.layers.qml import (
    Category,
    Labels,
    Rule,
    Symbol,
    categorized,
    field,
    literal,
    qml,
    readable,
    rule_based,
    single,
    xml_text,
)
from care_map.outputs.map.coverage import default_level, shown_levels, unit_table
from care_map.outputs.readings import Words, readings
from care_map.vocabulary import LEVELS, VOCABULARIES

__all__ = ["CANDIDATE", "OPEN_RATE", "RATE_CLASSES", "STATUS_COLOURS", "Style", "styles_of"]

RATE_CLASSES = (
    (0.9, "#3f63a8"),
    (0.75, "#86a2d1"),
    (0.6, "#c7d5eb"),
    (0.4, "#fae3bf"),
    (0.2, "#e09a4a"),
    (0.0, "#a9612a"),
)
"""From which rate on a unit has which colour."""
CANDIDATE = "#7a4a00"
OPEN_RATE = 0.5
"""A rate whose ends are farther apart is shown as unknown."""
STATUS_COLOURS = {"covered": "#34559b", "uncovered": "#d9822b", "undetermined": "#9aa0a8"}

_GROUND, _HATCH = "#eceae4", "#bdbab2"
_GAP = "#c8351d"
_AREA_ALPHA = (40, 26, 14)
_AREA_RGB = "11,110,99"
_RANKED = 10
_GAP_MM = (2.6, 8.0)
_DEMAND_SCALE = 50_000
_CODED = frozenset(
    {*VOCABULARIES, "circle", "profile", "status", "reason", "reasons", "remedy", "roles", "types"}
)
_MOST_WORDS = 300
_NAMES = ("name", "unit_name", "facility_name")


@dataclass(frozen=True, slots=True)
class Style:
    """One style of a layer.

    Parameters
    ----------
    name
        Its name in QGIS's list of styles.
    description
        What it shows.
    root
        The QML.
    default
        Whether QGIS shows it at once.
    """

    name: str
    description: str
    root: ET.Element
    default: bool

    @property
    def xml(self) -> str:
        """The QML as text."""
        return xml_text(self.root)


@dataclass(frozen=True, slots=True)
class _Scene:
    """A layer to be drawn, by one circle and its official profile or, without one, by none."""

    layer: Layer
    result: Assessment
    words: Words
    circle: str = ""
    profile: str = ""

    def text(self, key: str, **values: object) -> str:
        """Return words of the catalogue for layers."""
        return self.words.texts.text(f"layer.{key}", **values)

    @property
    def own(self) -> str:
        """Expression that picks the circle's rows."""
        return (
            f"{field('circle')} = {literal(self.circle)}"
            f" AND {field('profile')} = {literal(self.profile)}"
        )


@dataclass(frozen=True, slots=True)
class _Look:
    """How a layer is drawn."""

    renderer: ET.Element | None
    labels: Labels | None = None
    scale: int = 0


def styles_of(layer: Layer, result: Assessment, words: Words, notes: Sequence[str]) -> list[Style]:
    """Return the styles of a layer, the default first.

    Parameters
    ----------
    layer
        One of :func:`care_map.outputs.layers.content.run_layers`.
    result
        The assessment.
    words
        Words of its study.
    notes
        Sentences that QGIS keeps with the layer, plain text.

    Returns
    -------
    list of Style
        Names differ.
    """
    kept = "".join(f"<p>{html.escape(line)}</p>" for line in notes)
    names = [name for name in _NAMES if name in layer.fields.names]
    aliases = _aliases(layer, words)
    said = _said(layer, words)
    styles: list[Style] = []
    for title, look in _looks(layer, result, words):
        root = qml(
            look.renderer,
            aliases=aliases,
            words=said,
            labels=look.labels,
            notes=kept,
            shown_as=names[0] if names else "",
            scale=look.scale,
        )
        name = _other(readable(title), [style.name for style in styles])
        styles.append(Style(name, readable(title), root, not styles))
    return styles


def _other(name: str, taken: Sequence[str]) -> str:
    """Return a name that none of `taken` is."""
    number, free = 2, name
    while free in taken:
        number, free = number + 1, f"{name} ({number})"
    return free


def _looks(layer: Layer, result: Assessment, words: Words) -> Iterator[tuple[str, _Look]]:
    if layer.name in _BY_CIRCLE and (known := readings(result)):
        for reading in known:
            scene = _Scene(layer, result, words, reading.circle, reading.official)
            yield words.circle(reading.circle), _BY_CIRCLE[layer.name](scene)
        return
    title = words.texts.text(f"layer.{layer.name}")
    made = _ONCE.get(layer.name)
    yield title, made(_Scene(layer, result, words)) if made else _Look(_plain(layer))


def _plain(layer: Layer) -> ET.Element | None:
    """Return what is drawn of a layer whose figures are unknown."""
    if layer.places is None:
        return None
    if layer.geometry_type == "Point":
        return single(_dot(STATUS_COLOURS["undetermined"], "2"))
    return single(_area(_GROUND, hatch=_HATCH))


def _aliases(layer: Layer, words: Words) -> list[tuple[str, str]]:
    language = words.texts.language
    return [(column.name, column.title(language)) for column in layer.fields.columns]


def _said(layer: Layer, words: Words) -> dict[str, dict[str, str]]:
    """Return the words of codes, by field: the cells stay codes, QGIS shows words."""
    found: dict[str, dict[str, str]] = {}
    for name in layer.fields.names:
        base = layer.base.get(name, name)
        if base not in _CODED:
            continue
        codes = [str(code) for code in layer.cells[name].dropna().unique() if str(code)]
        said = {code: _word(base, code, words) for code in codes[: _MOST_WORDS + 1]}
        if len(codes) <= _MOST_WORDS and any(code != word for code, word in said.items()):
            found[name] = said
    return found


def _word(column: str, code: str, words: Words) -> str:
    if column == "types":
        return words.listed("facility_type", code.split(";"))
    if column in VOCABULARIES:
        return words.texts.label(column, code)
    return str(words.cell(column, code))


# Units


def _units(scene: _Scene) -> _Look:
    """Draw units by the low end of their rate; of several levels one is switched on."""
    classes = tuple(_rate_rules(scene))
    cells = scene.layer.cells
    levels = [one for one in LEVELS if one in set(cells.get("level", pd.Series(dtype=str)))]
    name = field("name")
    if len(levels) <= 1:
        return _Look(rule_based(classes), Labels(name, 8, "#20252e", halo="#ffffff"))
    units = unit_table(scene.result)
    first = default_level(units, shown_levels(scene.result.coverage_by_unit, units))
    rules = [
        Rule(
            scene.words.texts.label("level", level),
            f"{field('level')} = {literal(level)}",
            rules=classes,
            shown=level == first,
        )
        for level in levels
    ]
    shown = f"CASE WHEN {field('level')} = {literal(first)} THEN {name} END"
    return _Look(rule_based(rules), Labels(shown, 8, "#20252e", halo="#ffffff"))


def _rate_rules(scene: _Scene) -> Iterator[Rule]:
    """Yield the classes; a rate that is mostly open has none, or its low end would be a finding."""
    rate, high_end = (field(f"{scene.circle}_rate_{end}") for end in ("low", "high"))
    width = f"{high_end} - {rate}"
    above = [math.inf, *(low for low, _ in RATE_CLASSES)]
    for (low, colour), high in zip(RATE_CLASSES, above, strict=False):
        where = [f"{rate} >= {low}"] if low else [f"{rate} IS NOT NULL"]
        where += [f"{rate} < {high}"] if math.isfinite(high) else []
        key = "top" if math.isinf(high) else "range"
        label = scene.text(f"rate_{key}", low=low, high=high)
        yield Rule(label, " AND ".join([*where, f"{width} <= {OPEN_RATE}"]), _area(colour))
    unknown = f"{rate} IS NULL OR {width} > {OPEN_RATE}"
    yield Rule(scene.text("rate_unknown"), unknown, _area(_GROUND, hatch=_HATCH))


def _area(colour: str, *, hatch: str = "") -> Symbol:
    edge = {"outline_color": "#ffffff", "outline_width": "0.3", "joinstyle": "round"}
    return Symbol("SimpleFill", {"color": colour, "style": "solid", **edge}, hatch=hatch)


# Points and lines


def _dot(colour: str, size_mm: str, **more: str) -> Symbol:
    edge = {"outline_color": "#ffffff", "outline_width": "0.2"}
    return Symbol(
        "SimpleMarker", {"name": "circle", "color": colour, "size": size_mm, **edge, **more}
    )


def _demand(scene: _Scene) -> _Look:
    """Draw demand by its status, from a scale on at which points are no soup."""
    texts = scene.words.texts
    categories = [
        Category(code, texts.label("status", code), _dot(colour, "1.4", outline_width="0.1"))
        for code, colour in STATUS_COLOURS.items()
    ]
    expression = field(f"{scene.circle}_status")
    return _Look(categorized(expression, categories), scale=_DEMAND_SCALE)


def _gaps(scene: _Scene) -> _Look:
    """Draw a circle's gaps by their elders, and number the first."""
    own, cells = scene.own, scene.layer.cells
    most = pd.to_numeric(cells["elders"]).max()
    size = _size(field("elders"), float(most) if most > 1 else 2.0)
    first = f"{field('rank')} <= {_RANKED}"
    rules = []
    for status in dict.fromkeys(str(code) for code in cells["status"]):
        is_it = f"{own} AND {field('status')} = {literal(status)}"
        label = scene.words.texts.label("status", status)
        if status != "uncovered":
            hollow = {"outline_color": _GAP, "outline_width": "0.4", "outline_style": "dash"}
            rules.append(Rule(label, is_it, _sized(size, color="255,255,255,160", **hollow)))
            continue
        ranked = scene.text("gaps_first", count=_RANKED, status=label)
        full = {"outline_color": "#ffffff", "outline_width": "0.3"}
        rules.append(Rule(ranked, f"{is_it} AND {first}", _sized(size, color=_GAP, **full)))
        pale = {"color": "200,53,29,110", **full}
        rules.append(Rule(label, f"{is_it} AND NOT {first}", _sized(size, **pale)))
    rank = (
        f"CASE WHEN {own} AND {first} AND {field('status')} = 'uncovered' THEN {field('rank')} END"
    )
    labels = Labels(rank, 7.5, "#ffffff", centred=True)
    return _Look(rule_based(rules, largest_first="elders"), labels)


def _size(elders: str, most: float) -> str:
    """Return the expression of a disc whose area grows with its elders."""
    low, high = _GAP_MM
    return f"coalesce(scale_exp({elders}, 1, {most:g}, {low}, {high}, 0.5), {low})"


def _sized(size: str, **properties: str) -> Symbol:
    return Symbol("SimpleMarker", {"name": "circle", **properties}, size=size)


def _facilities(scene: _Scene) -> _Look:
    return _Look(facility_renderer(scene.layer, scene.words))


def _roads(scene: _Scene) -> _Look:
    return _Look(road_renderer(scene.layer, scene.words))


def _barriers(scene: _Scene) -> _Look:
    return _Look(barrier_renderer(scene.words))


def _candidates(_: _Scene) -> _Look:
    hollow = {"outline_color": CANDIDATE, "outline_width": "0.35"}
    return _Look(single(_dot("255,255,255,220", "2.6", name="square", **hollow)))


# Areas reached


def _service_areas(scene: _Scene) -> _Look:
    """Draw a circle's areas, wide ones under narrow ones."""
    cells = scene.layer.cells
    mine = cells[(cells["circle"] == scene.circle) & (cells["profile"] == scene.profile)]
    known = mine.dropna(subset=["minutes"]).sort_values(["minutes", "setting"], kind="stable")
    steps = known[["minutes", "setting"]].drop_duplicates()
    rules = []
    for number, (minutes, setting) in enumerate(steps.itertuples(index=False)):
        label = scene.text("area_minutes", minutes=minutes)
        if setting:
            words = scene.words.texts.label("setting", str(setting))
            label = scene.text("area_setting", setting=words, area=label)
        where = (
            f"{scene.own} AND {field('minutes')} = {minutes:g}"
            f" AND {field('setting')} = {literal(str(setting))}"
        )
        alpha = _AREA_ALPHA[min(number, len(_AREA_ALPHA) - 1)]
        rules.append(Rule(label, where, _reach(alpha)))
    return _Look(rule_based(rules, largest_first="minutes"))


def _reach(alpha: int) -> Symbol:
    edge = {"outline_color": f"{_AREA_RGB},255", "outline_width": "0.3", "outline_style": "solid"}
    return Symbol("SimpleFill", {"color": f"{_AREA_RGB},{alpha}", "style": "solid", **edge})


_BY_CIRCLE: dict[str, Callable[[_Scene], _Look]] = {
    "demand": _demand,
    "gaps": _gaps,
    "service_areas": _service_areas,
    "units": _units,
}
_ONCE: dict[str, Callable[[_Scene], _Look]] = {
    "barriers": _barriers,
    "candidates": _candidates,
    "facilities": _facilities,
    "roads": _roads,
}

"""How QGIS draws the base map: roads by class, lines that nobody walks across."""

from xml.etree import ElementTree as ET

from care_map.outputs.layers.content import Layer
from care_map.outputs.layers.qml import (
    Category,
    Rule,
    Symbol,
    categorized,
    field,
    literal,
    rule_based,
    single,
)
from care_map.outputs.map.geometry import ROAD_CLASSES
from care_map.outputs.readings import Words

__all__ = ["barrier_renderer", "road_renderer"]

_PATH_SCALE, _MINOR_SCALE = 25_000, 150_000
_BARRIERS = {"water": "#79add4", "railway": "#7d7a86", "motorway": "#8c6d46"}
_ROADS = {
    "major": ("#8a8272", "0.7", 0),
    "middle": ("#a79f8f", "0.5", 0),
    "minor": ("#c4beb1", "0.3", _MINOR_SCALE),
    "path": ("#c4beb1", "0.2", _PATH_SCALE),
}
"""Class of the map page → colour, width in millimetres, denominator of the smallest scale."""


def road_renderer(layer: Layer, words: Words) -> ET.Element:
    """Return roads by class, the widest on top; alike where the classes are unknown."""
    if "highway" not in layer.fields.names:
        colour, width, _ = _ROADS["minor"]
        return single(_line(colour, width))
    highway, rules, named = field("highway"), [], []
    for one in ROAD_CLASSES:
        colour, width, scale = _ROADS[one.name]
        values = ", ".join(literal(name) for name in sorted(one.highways))
        named += [values] if values else []
        where = f"{highway} IN ({values})" if values else f"{highway} NOT IN ({', '.join(named)})"
        label = words.texts.text(f"layer.road_{one.name}")
        rules.append(Rule(label, where, _line(colour, width), scale=scale))
    return rule_based(reversed(rules))


def barrier_renderer(words: Words) -> ET.Element:
    """Return barriers by kind."""
    categories = [
        Category(
            kind,
            words.texts.text(f"layer.barrier_{kind}"),
            _line(colour, "0.6", line_style="dash" if kind == "railway" else "solid"),
        )
        for kind, colour in _BARRIERS.items()
    ]
    return categorized(field("kind"), categories)


def _line(colour: str, width: str, **more: str) -> Symbol:
    joins = {"capstyle": "round", "joinstyle": "round"}
    return Symbol("SimpleLine", {"line_color": colour, "line_width": width, **joins, **more})

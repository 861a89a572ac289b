"""How QGIS draws facilities: a shape and colour a group, solid where they operate."""

from xml.etree import ElementTree as ET

from care_map.outputs.layers.content import Layer
from care_map.outputs.layers.qml import Category, Symbol, categorized, field, literal
from care_map.outputs.readings import Words
from care_map.vocabulary import CARE_TYPES, MEAL_TYPES, MEDICAL_TYPES

__all__ = ["GROUP_LOOKS", "facility_renderer"]

GROUP_LOOKS = {
    "care": ("#0b7a6f", "circle", CARE_TYPES),
    "meal": ("#8a3c9c", "diamond", MEAL_TYPES),
    "medical": ("#b3123f", "cross_fill", MEDICAL_TYPES),
    "other": ("#5b6270", "square", ()),
}
"""Group → colour, shape and types; a site of several groups is of the first."""
_STATES = {
    "operating": ("operating",),
    "coming": ("planned", "siting", "building", "finished", "accepted"),
    "suspended": ("suspended",),
    "unknown": (),
}


def facility_renderer(layer: Layer, words: Words) -> ET.Element:
    """Return facilities by group and state, of those pairs that the layer has."""
    names = layer.fields.names
    group = _group_expression() if "roles" in names else literal("other")
    state = _state_expression() if "stage" in names else literal("unknown")
    roles = layer.cells["roles"] if "roles" in names else [""] * len(layer.cells)
    stages = layer.cells["stage"] if "stage" in names else [""] * len(layer.cells)
    there = {
        (_group_of(str(listed)), _state_of(str(stage)))
        for listed, stage in zip(roles, stages, strict=True)
    }
    categories = [
        Category(f"{one}|{status}", _label(one, status, words), _symbol(one, status))
        for one in GROUP_LOOKS
        for status in _STATES
        if (one, status) in there
    ]
    return categorized(f"{group} || '|' || {state}", categories)


def _label(group: str, state: str, words: Words) -> str:
    title = words.texts.text(f"map.facility_group.{group}")
    status = words.texts.text(f"layer.facility_{state}")
    return words.texts.text("layer.facility", group=title, state=status)


def _group_of(roles: str) -> str:
    listed = set(roles.split(";"))
    return next((name for name, look in GROUP_LOOKS.items() if listed & set(look[2])), "other")


def _state_of(stage: str) -> str:
    return next((name for name, stages in _STATES.items() if stage in stages), "unknown")


def _group_expression() -> str:
    """Return what :func:`_group_of` says, in QGIS's words."""
    listed = f"string_to_array({field('roles')}, ';')"
    whens = [
        f"WHEN array_intersect({listed}, array({', '.join(map(literal, types))}))"
        f" THEN {literal(name)}"
        for name, (_, _, types) in GROUP_LOOKS.items()
        if types
    ]
    return f"CASE {' '.join(whens)} ELSE 'other' END"


def _state_expression() -> str:
    whens = [
        f"WHEN {field('stage')} IN ({', '.join(map(literal, stages))}) THEN {literal(name)}"
        for name, stages in _STATES.items()
        if stages
    ]
    return f"CASE {' '.join(whens)} ELSE 'unknown' END"


def _symbol(group: str, state: str) -> Symbol:
    colour, shape, _ = GROUP_LOOKS[group]
    size = {"name": shape, "size": "3.2" if shape == "cross_fill" else "2.8"}
    if state == "operating":
        solid = {"color": colour, "outline_color": "#ffffff", "outline_width": "0.2"}
        return Symbol("SimpleMarker", {**size, **solid})
    line = {"coming": "dash", "suspended": "dot", "unknown": "solid"}[state]
    hollow = {"color": "#ffffff", "outline_color": colour, "outline_width": "0.4"}
    return Symbol("SimpleMarker", {**size, **hollow, "outline_style": line})

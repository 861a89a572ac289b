"""QGIS's styles as XML: symbols, renderers, labels, titles of fields.

Written by hand after what QGIS 3.22 writes itself, with what it needs and no more: it fills in the
rest. Text from data becomes XML through ElementTree, and expressions through :func:`field` and
:func:`literal`; it is never pasted.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

__all__ = [
    "QGIS_VERSION",
    "Category",
    "Labels",
    "Rule",
    "Symbol",
    "categorized",
    "field",
    "literal",
    "qml",
    "readable",
    "rule_based",
    "single",
    "xml_text",
]

_DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
QGIS_VERSION = "3.22.16"
"""The oldest QGIS that reads all of it."""
_NOT_XML = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_KINDS = {"SimpleMarker": "marker", "SimpleLine": "line", "SimpleFill": "fill"}
_HATCH_ANGLE = "45"
_OVER, _INSIDE = "1", "4"
"""Places of labels: over the point, level inside the area."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """A symbol of one simple layer, and what is peculiar about it.

    Parameters
    ----------
    kind
        ``SimpleMarker``, ``SimpleLine`` or ``SimpleFill``.
    properties
        QGIS's own names → values; sizes in millimetres.
    hatch
        Colour of the lines over an area.
    size
        Expression of the size of a marker, instead of a fixed one.
    """

    kind: str
    properties: Mapping[str, str]
    hatch: str = ""
    size: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a rule-based renderer draws where an expression holds.

    Parameters
    ----------
    label
        Its words in the legend.
    where
        Expression; all rows without one.
    symbol
        None of a rule that only holds others.
    rules
        Rules inside it.
    shown
        Whether it is switched on.
    scale
        Denominator of the smallest scale at which it is drawn, 0 for any.
    """

    label: str
    where: str = ""
    symbol: Symbol | None = None
    rules: tuple["Rule", ...] = ()
    shown: bool = True
    scale: int = 0


@dataclass(frozen=True, slots=True)
class Category:
    """One value of a categorized renderer."""

    value: str
    label: str
    symbol: Symbol


@dataclass(frozen=True, slots=True)
class Labels:
    """Text beside the features of a layer.

    Parameters
    ----------
    expression
        What is written; nothing where it is NULL.
    size_pt, colour
        Of the letters.
    halo
        Colour behind them, none without one.
    centred
        Whether a label sits on its point.
    scale
        Denominator of the smallest scale at which they are drawn, 0 for any.
    """

    expression: str
    size_pt: float
    colour: str
    halo: str = ""
    centred: bool = False
    scale: int = 0


def readable(text: str) -> str:
    """Return text without what XML cannot hold: control characters, half surrogate pairs."""
    return _NOT_XML.sub(" ", text)


def field(name: str) -> str:
    r"""Return a field as QGIS's expressions name it.

    Examples
    --------
    >>> field('a"b')
    '"a""b"'
    """
    return '"' + readable(name).replace('"', '""') + '"'


def literal(text: str) -> str:
    r"""Return text as QGIS's expressions spell it.

    Examples
    --------
    >>> literal("a'b\\c")
    "'a''b\\\\c'"
    """
    return "'" + readable(text).replace("\\", "\\\\").replace("'", "''") + "'"


def single(symbol: Symbol) -> ET.Element:
    """Return the renderer that draws every row alike."""
    return _renderer("singleSymbol", {}, [symbol])


def categorized(expression: str, categories: Sequence[Category]) -> ET.Element:
    """Return the renderer that draws rows by the value of an expression."""
    listed = _node("categories")
    for number, one in enumerate(categories):
        listed.append(
            _node(
                "category",
                symbol=str(number),
                value=one.value,
                type="string",
                render="true",
                label=one.label,
            )
        )
    symbols = [one.symbol for one in categories]
    return _renderer("categorizedSymbol", {"attr": expression}, symbols, listed)


def rule_based(rules: Iterable[Rule], *, largest_first: str = "") -> ET.Element:
    """Return the renderer that draws rows by rules.

    Parameters
    ----------
    rules
        Rules in the order of the legend.
    largest_first
        Field whose largest rows are drawn first, so that small ones lie on top.
    """
    symbols: list[Symbol] = []
    root = _node("rules", key="root")
    for number, rule in enumerate(rules):
        root.append(_rule(rule, f"r{number}", symbols))
    order = {"enableorderby": "1"} if largest_first else {}
    made = _renderer("RuleRenderer", order, symbols, root)
    if largest_first:
        by = _node("orderByClause", asc="0", nullsFirst="0")
        by.text = field(largest_first)
        made.append(_node("orderby", by))
    return made


def qml(
    renderer: ET.Element | None,
    *,
    aliases: Sequence[tuple[str, str]],
    words: Mapping[str, Mapping[str, str]],
    labels: Labels | None = None,
    notes: str = "",
    shown_as: str = "",
    scale: int = 0,
) -> ET.Element:
    """Return a whole style.

    Parameters
    ----------
    renderer
        How features are drawn, None for a table.
    aliases
        Fields in their order with their titles.
    words
        Field → code → what is shown instead of it.
    labels
        Text beside the features.
    notes
        HTML that QGIS keeps with the layer.
    shown_as
        Field that names a row in QGIS's lists.
    scale
        Denominator of the smallest scale at which the layer is drawn, 0 for any.

    Returns
    -------
    Element
        QML; the same input gives the same text.
    """
    root = _node(
        "qgis",
        version=QGIS_VERSION,
        styleCategories="AllStyleCategories",
        labelsEnabled=str(int(labels is not None)),
        hasScaleBasedVisibilityFlag=str(int(scale > 0)),
        minScale=str(scale or 100_000_000),
        maxScale="0",
    )
    if notes:
        root.append(_node("userNotes", value=notes))
    if renderer is not None:
        root.append(renderer)
    if labels is not None:
        root.append(_labeling(labels))
    root.append(_configuration(words))
    listed = _node("aliases")
    for number, (name, title) in enumerate(aliases):
        listed.append(_node("alias", field=name, index=str(number), name=title))
    root.append(listed)
    if shown_as:
        preview = _node("previewExpression")
        preview.text = field(shown_as)
        root.append(preview)
    return root


def xml_text(root: ET.Element) -> str:
    """Return XML as QGIS stores it."""
    return _DOCTYPE + ET.tostring(root, encoding="unicode")


def _node(tag: str, *children: ET.Element, **attributes: str) -> ET.Element:
    made = ET.Element(tag, {name: readable(value) for name, value in attributes.items()})
    made.extend(children)
    return made


def _rule(rule: Rule, key: str, symbols: list[Symbol]) -> ET.Element:
    made = _node("rule", key=key, label=rule.label)
    if rule.where:
        made.set("filter", readable(rule.where))
    if rule.symbol is not None:
        made.set("symbol", str(len(symbols)))
        symbols.append(rule.symbol)
    if not rule.shown:
        made.set("checkstate", "0")
    if rule.scale:
        made.set("scalemaxdenom", str(rule.scale))
    for number, inner in enumerate(rule.rules):
        made.append(_rule(inner, f"{key}-{number}", symbols))
    return made


def _renderer(
    kind: str, more: Mapping[str, str], symbols: Sequence[Symbol], *parts: ET.Element
) -> ET.Element:
    listed = _node("symbols")
    listed.extend(_symbol(symbol, str(number)) for number, symbol in enumerate(symbols))
    return _node("renderer-v2", *parts, listed, type=kind, symbollevels="0", **more)


def _symbol(symbol: Symbol, name: str) -> ET.Element:
    layer = _symbol_layer(symbol.kind, symbol.properties)
    if symbol.size:
        layer.append(_data_defined({"size": symbol.size}))
    made = _node("symbol", layer, type=_KINDS[symbol.kind], name=name, alpha="1")
    if symbol.hatch:
        lines = _symbol_layer("LinePatternFill", {"angle": _HATCH_ANGLE, "distance": "1.6"})
        stroke = {"line_color": symbol.hatch, "line_width": "0.4"}
        inner = _node("symbol", _symbol_layer("SimpleLine", stroke), type="line", name="@hatch")
        lines.append(inner)
        made.append(lines)
    return made


def _symbol_layer(kind: str, properties: Mapping[str, str]) -> ET.Element:
    made = _node("layer", enabled="1", locked="0")
    made.attrib |= {"class": kind, "pass": "0"}
    made.append(_map({name: ("QString", value) for name, value in properties.items()}))
    return made


def _map(values: Mapping[str, tuple[str, str]]) -> ET.Element:
    options = (
        _node("Option", name=name, type=kind, value=value) for name, (kind, value) in values.items()
    )
    return _node("Option", *options, type="Map")


def _data_defined(expressions: Mapping[str, str]) -> ET.Element:
    properties = _node("Option", name="properties", type="Map")
    for name, expression in expressions.items():
        one = {"active": ("bool", "true"), "expression": ("QString", expression)}
        made = _map({**one, "type": ("int", "3")})
        made.set("name", name)
        properties.append(made)
    head = _node("Option", name="name", type="QString", value="")
    kind = _node("Option", name="type", type="QString", value="collection")
    return _node("data_defined_properties", _node("Option", head, properties, kind, type="Map"))


def _labeling(labels: Labels) -> ET.Element:
    halo = _node(
        "text-buffer",
        bufferDraw=str(int(bool(labels.halo))),
        bufferColor=labels.halo or "#ffffff",
        bufferSize="0.8",
        bufferSizeUnits="MM",
    )
    style = _node(
        "text-style",
        halo,
        fieldName=labels.expression,
        isExpression="1",
        fontSize=str(labels.size_pt),
        fontSizeUnit="Point",
        textColor=labels.colour,
        textOpacity="1",
    )
    placement = _node("placement", placement=_OVER if labels.centred else _INSIDE, quadOffset="4")
    rendering = _node(
        "rendering",
        scaleVisibility=str(int(labels.scale > 0)),
        scaleMin="0",
        scaleMax=str(labels.scale),
        displayAll=str(int(labels.centred)),
        obstacle="0",
        drawLabels="1",
    )
    return _node("labeling", _node("settings", style, placement, rendering), type="simple")


def _configuration(words: Mapping[str, Mapping[str, str]]) -> ET.Element:
    made = _node("fieldConfiguration")
    for name, said in words.items():
        pairs = [_map({word: ("QString", code)}) for code, word in said.items()]
        listed = _node("Option", *pairs, name="map", type="List")
        config = _node("config", _node("Option", listed, type="Map"))
        made.append(_node("field", _node("editWidget", config, type="ValueMap"), name=name))
    return made

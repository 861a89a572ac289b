"""The circles of packs and study files as values, and what they ask for in words.

A pack brings the circles of its notice; a study changes one by giving its id, or adds others.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from care_map.messages import Catalogue
from care_map.packs.pack_file import PackCircle, PackFile
from care_map.values import Circle, CircleRule, Delivery, Statement
from care_map.vocabulary import SETTINGS

__all__ = [
    "circle_rules",
    "circle_statements",
    "circles_of_pack",
    "delivery_of",
    "join_circles",
]


class _RuleTable(Protocol):
    @property
    def profile(self) -> str: ...
    @property
    def minutes(self) -> float: ...


class _DeliveryTable(_RuleTable, Protocol):
    @property
    def types(self) -> Sequence[str]: ...


class _CircleTable(Protocol):
    """A ``[[circle]]``, of a study or of a pack."""

    @property
    def setting(self) -> str | None: ...
    @property
    def profile(self) -> str | None: ...
    @property
    def minutes(self) -> float | None: ...
    @property
    def urban(self) -> _RuleTable | None: ...
    @property
    def rural(self) -> _RuleTable | None: ...


def circle_rules(table: _CircleTable) -> dict[str, CircleRule]:
    """Return the rules by setting that a ``[[circle]]`` has in full."""
    rules: dict[str, CircleRule] = {}
    if table.profile and table.minutes:
        settings = [table.setting] if table.setting else list(SETTINGS)
        rules = {setting: CircleRule(table.profile, table.minutes) for setting in settings}
    for setting, rule in (("urban", table.urban), ("rural", table.rural)):
        if rule:
            rules[setting] = CircleRule(rule.profile, rule.minutes)
    return rules


def delivery_of(table: _DeliveryTable | None) -> Delivery | None:
    """Return the delivery of a ``[[circle]]``, None if it has none."""
    if table is None:
        return None
    return Delivery(tuple(table.types), table.profile, table.minutes)


def circles_of_pack(pack: PackFile) -> tuple[Circle, ...]:
    """Return the official circles of a notice.

    Parameters
    ----------
    pack
        A pack of :func:`care_map.packs.reader.read_pack`.

    Returns
    -------
    tuple of Circle
        In the order of the pack.
    """
    return tuple(_circle_of_pack(table) for table in pack.circle)


def _circle_of_pack(table: PackCircle) -> Circle:
    return Circle(
        table.id,
        table.title,
        table.require,
        circle_rules(table),
        direction=table.direction,
        delivery=delivery_of(table.delivery),
        title_en=table.title_en,
        cite=table.cite,
        text=table.text,
        assumptions=table.assumptions,
    )


def join_circles(official: Iterable[Circle], own: Iterable[Circle]) -> tuple[Circle, ...]:
    """Return a pack's circles with what a study changes and adds.

    Parameters
    ----------
    official
        Circles of the pack.
    own
        Circles of the study: one with an id of the pack's takes its place as a whole, the
        others follow.

    Returns
    -------
    tuple of Circle

    Examples
    --------
    >>> what, rules = (("hospital",),), {"urban": CircleRule("standard", 15)}
    >>> official = [Circle("a", "甲", what, rules), Circle("b", "乙", what, rules)]
    >>> own = [Circle("c", "丙", what, rules), Circle("a", "新", what, rules)]
    >>> [(circle.id, circle.title) for circle in join_circles(official, own)]
    [('a', '新'), ('b', '乙'), ('c', '丙')]
    """
    by_id = {circle.id: circle for circle in official}
    by_id.update({circle.id: circle for circle in own})
    return tuple(by_id.values())


def circle_statements(circles: Iterable[Circle], texts: Catalogue) -> tuple[Statement, ...]:
    """Return the definition of each circle, to be printed beside its figures.

    Parameters
    ----------
    circles
        The circles of a study.
    texts
        Language of the outputs.

    Returns
    -------
    tuple of Statement
        One ``assumption.circle`` per circle.
    """
    return tuple(
        Statement(
            "circle",
            {
                "title": circle.title_in(texts.language) or texts.label("circle", circle.id),
                "definition": texts.text("circles.then").join(_definition(circle, texts)),
            },
        )
        for circle in circles
    )


def _definition(circle: Circle, texts: Catalogue) -> Iterator[str]:
    """Yield what a circle asks for, clause by clause."""
    groups = [_types(group, texts) for group in circle.require]
    yield texts.text("circles.require", groups=texts.text("circles.and").join(groups))
    yield texts.text(f"circles.direction_{circle.direction}")
    rules = set(circle.rules.values())
    if len(rules) == 1 and len(circle.rules) > 1:
        yield _rule(rules.pop(), texts)
    else:
        for setting, rule in circle.rules.items():
            who = texts.label("setting", setting)
            yield texts.text("circles.of_setting", setting=who, rule=_rule(rule, texts))
        if len(circle.rules) == 1:
            yield texts.text("circles.only_setting")
    if circle.delivery:
        yield texts.text(
            "circles.delivery",
            types=_types(circle.delivery.types, texts),
            rule=_rule(circle.delivery, texts),
        )
    if circle.cite or circle.text:
        told = circle.cite or circle.text
        if circle.cite and circle.text:
            told = texts.text("circles.cited", cite=circle.cite, text=circle.text)
        yield texts.text("circles.source", source=told)
    if circle.assumptions:
        yield texts.text(
            "circles.assumed", assumptions=texts.text("circles.also").join(circle.assumptions)
        )


def _types(types: Iterable[str], texts: Catalogue) -> str:
    return texts.text("circles.or").join(texts.label("facility_type", name) for name in types)


def _rule(rule: CircleRule | Delivery, texts: Catalogue) -> str:
    way = texts.label("profile", rule.profile)
    return texts.text("circles.rule", profile=way, minutes=rule.minutes)

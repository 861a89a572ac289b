"""What one part of a pack says of another, and what no notice can mean."""

from collections.abc import Iterable, Iterator

from care_map.errors import Problem
from care_map.packs.condition_problems import condition_problems
from care_map.packs.pack_file import ClauseTable, PackCircle, PackFile, PackUnit
from care_map.packs.parts import PackParts
from care_map.packs.places import Place
from care_map.packs.rule_problems import rule_problems, type_problems, unknown_unit
from care_map.packs.rules import CircleRate, PerUnit
from care_map.values import PROFILES

__all__ = ["part_problems", "unknown_circles"]

_TOWNS = ("street", "town")


def part_problems(parts: PackParts) -> Iterator[Problem]:
    """Yield what is wrong with the parts of a pack that could be read.

    Parameters
    ----------
    parts
        As :func:`care_map.packs.parts.read_parts` gives them.

    Yields
    ------
    Problem
    """
    yield from _header_problems(parts)
    yield from condition_problems(parts)
    yield from _twice(parts)
    for place, circle in parts.each("circle"):
        yield from _circle_problems(circle, place)
    for place, clause in parts.each("clause"):
        yield from _clause_problems(clause, place)
    for place, rule in parts.rules:
        yield from rule_problems(rule, place, parts)
    yield from _target_problems(parts)
    yield from _unit_problems(parts)


def unknown_circles(pack: PackFile, known: Iterable[str]) -> list[Problem]:
    """Return a warning for each clause that speaks of a circle which nobody defines.

    Parameters
    ----------
    pack
        The pack.
    known
        Ids of the study's circles.

    Returns
    -------
    list of Problem
    """
    defined = {*known, *(circle.id for circle in pack.circle)}
    return [
        Problem(
            "pack_unknown_circle",
            "warning",
            column=f"clause[{clause.id}].rule.circle",
            value=clause.rule.circle,
        )
        for clause in pack.clause
        if isinstance(clause.rule, CircleRate | PerUnit)
        and clause.rule.circle is not None
        and clause.rule.circle not in defined
    ]


def _header_problems(parts: PackParts) -> Iterator[Problem]:
    header, place = parts.header, parts.header_place
    if header is None:
        return
    for key in ("name", "name_en", "title", "version"):
        if not getattr(header, key).strip():
            yield place.at(key).problem("pack_empty")
    if header.plan_from and header.plan_until and header.plan_from > header.plan_until:
        value = f"{header.plan_from} > {header.plan_until}"
        yield place.at("plan_from").problem("pack_dates", value)


def _twice(parts: PackParts) -> Iterator[Problem]:
    for kind in ("circle", "clause"):
        seen: set[str] = set()
        for place, part in parts.each(kind):
            if part.id in seen:
                yield place.at("id").problem("pack_id_twice", part.id)
            seen.add(part.id)
    for kind in ("target", "unit"):
        rows: set[object] = set()
        for place, part in parts.each(kind):
            if part in rows:
                yield place.problem("pack_row_twice", part.name if kind == "unit" else part.town)
            rows.add(part)


def _circle_problems(circle: PackCircle, place: Place) -> Iterator[Problem]:
    halved = (circle.profile is None) != (circle.minutes is None)
    whole = circle.profile is not None
    if halved or not (whole or circle.urban or circle.rural):
        yield place.problem("circle_without_rule", circle.id)
    if whole and (circle.urban or circle.rural):
        yield place.problem("pack_circle_several", circle.id)
    for group in circle.require or [()]:
        yield from type_problems(group, place.at("require"))
    rules = {"urban": circle.urban, "rural": circle.rural, "delivery": circle.delivery}
    named: list[tuple[tuple[str, ...], str]] = [
        ((key, "profile"), rule.profile) for key, rule in rules.items() if rule
    ]
    if circle.profile:
        named.append((("profile",), circle.profile))
    for keys, name in named:
        if name not in PROFILES:
            known = {"known": ", ".join(PROFILES)}
            yield place.at(*keys).problem("unknown_code", name, values=known)
    if circle.delivery:
        yield from type_problems(circle.delivery.types, place.at("delivery", "types"))


def _clause_problems(clause: ClauseTable, place: Place) -> Iterator[Problem]:
    for key in ("cite", "title", "title_en"):
        if not getattr(clause, key).strip():
            yield place.at(key).problem("pack_empty")
    if not all(text.strip() for text in clause.text):
        yield place.at("text").problem("pack_empty")
    if clause.starts and clause.deadline and clause.starts > clause.deadline:
        value = f"{clause.starts} > {clause.deadline}"
        yield place.at("starts").problem("pack_dates", value)


def _target_problems(parts: PackParts) -> Iterator[Problem]:
    towns = {unit.name for _, unit in parts.each("unit") if unit.kind in _TOWNS}
    header = parts.header
    first = header.plan_from.year if header and header.plan_from else None
    last = header.plan_until.year if header and header.plan_until else None
    for place, target in parts.each("target"):
        yield from type_problems(target.role.split(";"), place.at("role"))
        if target.town and towns and target.town not in towns:
            yield unknown_unit(target.town, place.at("town"), towns)
        if (first and target.year < first) or (last and target.year > last):
            plan = {"plan": f"{first or ''}–{last or ''}"}
            yield place.at("year").problem("pack_year", str(target.year), values=plan)


def _unit_problems(parts: PackParts) -> Iterator[Problem]:
    units = list(parts.each("unit"))
    towns = {unit.name for _, unit in units if unit.kind in _TOWNS}
    seen: set[tuple[str, str]] = set()
    for place, unit in units:
        if not unit.name.strip():
            yield place.at("name").problem("pack_empty")
        key = (unit.parent, unit.name)
        if key in seen:
            yield place.at("name").problem("pack_unit_twice", unit.name)
        seen.add(key)
        yield from _parent(unit, place, towns)


def _parent(unit: PackUnit, place: Place, towns: set[str]) -> Iterator[Problem]:
    if unit.kind in _TOWNS:
        if unit.parent:
            yield place.at("parent").problem("pack_parent_of_town", unit.parent)
    elif not unit.parent:
        yield place.at("parent").problem("pack_empty")
    elif unit.parent not in towns:
        yield unknown_unit(unit.parent, place.at("parent"), towns)

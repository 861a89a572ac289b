"""What is wrong with a rule that can be read: types, columns, thresholds and names of units."""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from care_map.errors import Problem
from care_map.packs.condition_problems import bound_problems, column_problem, number_problem
from care_map.packs.parts import PackParts
from care_map.packs.places import Place
from care_map.packs.rules import (
    CircleRate,
    Count,
    LedgerSum,
    Near,
    PerUnit,
    Ratio,
    Share,
    Span,
    Stated,
)
from care_map.vocabulary import FACILITY_TYPES, PRIORITY_GROUPS

__all__ = ["rule_problems", "type_problems", "unknown_unit"]

_THRESHOLDS = ("at_least", "more_than", "at_most")
_LOWER = ("at_least", "more_than")
_NEAR = 3
_ALL_YEARS = (0, 9999)


def rule_problems(rule: object, place: Place, parts: PackParts) -> Iterator[Problem]:
    """Yield what is wrong with a rule, its conditions aside.

    Parameters
    ----------
    rule
        One of :data:`care_map.packs.rules.Rule`.
    place
        Where it stands.
    parts
        The pack that it is of.

    Yields
    ------
    Problem
    """
    given = _thresholds(rule)
    if set(_LOWER) <= set(given):
        yield place.problem("pack_bounds", ", ".join(_LOWER))
    yield from bound_problems({name: getattr(rule, name) for name in given}, place)
    check = _CHECKS.get(type(rule))
    if check:
        yield from check(rule, place, parts)


def type_problems(names: Sequence[str], place: Place) -> Iterator[Problem]:
    """Yield a problem for each name that is no type of facility, and where there is none."""
    if not names:
        yield place.problem("circle_without_types")
    yield from _unknown_codes(names, FACILITY_TYPES, place)


def unknown_unit(name: str, place: Place, names: Iterable[str]) -> Problem:
    """Return the problem of a name that none of the pack's units has."""
    near = difflib.get_close_matches(name, list(names), _NEAR, 0.5) or sorted(names)[:_NEAR]
    return place.problem("pack_unknown_unit", name, values={"known": ", ".join(near)})


def _thresholds(rule: object) -> list[str]:
    return [name for name in _THRESHOLDS if getattr(rule, name, None) is not None]


def _unknown_codes(names: Iterable[str], known: Sequence[str], place: Place) -> Iterator[Problem]:
    for name in names:
        if name not in known:
            yield place.problem("unknown_code", name, values={"known": ", ".join(known)})


def _numbers(place: Place, rows: str, **columns: str | None) -> Iterator[Problem]:
    for key, name in columns.items():
        problem = None if name is None else number_problem(name, place.at(key), rows)
        if problem:
            yield problem


def _share(rule: Share, place: Place, _: PackParts) -> Iterator[Problem]:
    yield from _numbers(place, rule.rows, weight=rule.weight)


def _count(rule: Count, place: Place, _: PackParts) -> Iterator[Problem]:
    yield from _numbers(place, rule.rows, sum_of=rule.sum_of)
    if rule.distinct is not None:
        problem = column_problem(rule.distinct, place.at("distinct"), rule.rows)
        yield from [problem] if problem else []
        if rule.sum_of is not None:
            yield place.problem("pack_several_keys", "sum_of, distinct")


def _ratio(rule: Ratio, place: Place, _: PackParts) -> Iterator[Problem]:
    over = rule.over or rule.rows
    yield from _numbers(place, rule.rows, numerator=rule.numerator)
    yield from _numbers(place, over, denominator=rule.denominator)
    if rule.each and not _thresholds(rule):
        yield place.problem("pack_no_threshold")
    if rule.each and over != rule.rows:
        yield place.problem("pack_several_keys", "each, over")


def _stated(rule: Stated, place: Place, parts: PackParts) -> Iterator[Problem]:
    given = _thresholds(rule)
    if rule.answer == "yes_no" and given:
        yield place.at(given[0]).problem("pack_threshold_unused")
    for name in given if rule.answer == "share" else ():
        bound = getattr(rule, name)
        if not 0 <= bound <= 1:
            words = {"expected": "less_than_equal", "bound": "1"}
            yield place.at(name).problem("pack_value", bound, values=words)
    yield from _unknown_codes(rule.sum_of, sorted(parts.told["clause"]), place.at("sum_of"))


def _near(rule: Near, place: Place, _: PackParts) -> Iterator[Problem]:
    yield from type_problems(rule.to, place.at("to"))


def _span(rule: Span, place: Place, _: PackParts) -> Iterator[Problem]:
    yield from type_problems(rule.centres, place.at("centres"))
    yield from type_problems(rule.stations, place.at("stations"))


def _circle(rule: CircleRate, place: Place, _: PackParts) -> Iterator[Problem]:
    if rule.group is not None:
        yield from _unknown_codes([rule.group], PRIORITY_GROUPS, place.at("group"))


def _per_unit(rule: PerUnit, place: Place, parts: PackParts) -> Iterator[Problem]:
    if not rule.unit_kinds:
        yield place.at("unit_kinds").problem("pack_empty")
    if bool(rule.roles) == bool(rule.by_kind):
        yield place.problem("pack_per_unit_roles")
    yield from _unknown_codes(rule.roles, FACILITY_TYPES, place.at("roles"))
    yield from _unknown_codes(rule.by_kind, rule.unit_kinds, place.at("by_kind"))
    for kind, roles in rule.by_kind.items():
        yield from type_problems(roles, place.at("by_kind", kind))
    for kind in rule.unit_kinds if rule.by_kind else ():
        if kind not in rule.by_kind:
            yield place.at("by_kind", kind).problem("pack_missing_key")
    units = [unit for _, unit in parts.each("unit") if unit.kind in rule.unit_kinds]
    names = {name for unit in units for name in (unit.name, unit.parent + unit.name)}
    listed = {unit.kind for unit in units} == set(rule.unit_kinds)
    for name in rule.exempt if listed else ():
        if name not in names:
            yield unknown_unit(name, place.at("exempt"), names)


def _ledger(rule: LedgerSum, place: Place, parts: PackParts) -> Iterator[Problem]:
    yield from type_problems(rule.roles, place.at("roles"))
    towns = {target.town for _, target in parts.each("target")}
    for name in rule.towns:
        if name not in towns:
            yield unknown_unit(name, place.at("towns"), towns)
    first, last = rule.years or _ALL_YEARS
    if first > last:
        yield place.at("years").problem("pack_dates", f"{first} > {last}")
        return
    listed = {
        role
        for _, target in parts.each("target")
        if first <= target.year <= last
        for role in target.role.split(";")
    }
    for role in rule.roles:
        if role in FACILITY_TYPES and role not in listed:
            yield place.at("roles").problem("pack_ledger_none", role)


_CHECKS: Mapping[type, Callable[[Any, Place, PackParts], Iterator[Problem]]] = {
    Share: _share,
    Count: _count,
    Ratio: _ratio,
    Stated: _stated,
    Near: _near,
    Span: _span,
    CircleRate: _circle,
    PerUnit: _per_unit,
    LedgerSum: _ledger,
}

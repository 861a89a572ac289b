"""The parts of a pack, each read on its own: what is wrong in one leaves the others to be read.

A condition that is none of the forms is one problem, not one for each form that it is not.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError

from care_map.errors import Problem
from care_map.packs.conditions import AllOf, AnyOf, Condition, Named, NoneOf, Test
from care_map.packs.pack_file import (
    ClauseTable,
    LedgerTarget,
    PackCircle,
    PackHeader,
    PackUnit,
    Unmeasured,
)
from care_map.packs.places import Lines, Place, part_name
from care_map.packs.rules import Rule, Stated
from care_map.packs.sources import PackSource

__all__ = ["Leaf", "PackParts", "read_parts"]

Leaf: TypeAlias = tuple[Place, Test | Named]
"""What conditions are made of in the end, after its place."""

_LISTS: Mapping[str, type[BaseModel]] = {
    "circle": PackCircle,
    "clause": ClauseTable,
    "target": LedgerTarget,
    "unit": PackUnit,
    "unmeasured": Unmeasured,
}
_MOST_PARTS = 1000
_FILES = {"ledger": "target", "units": "unit"}
_FORMS: Mapping[str, type[BaseModel]] = {
    "field": Test,
    "all": AllOf,
    "any": AnyOf,
    "none_of": NoneOf,
    "named": Named,
}
_SPELLED = "field, all, any, none_of, named"
_RULES: Mapping[str, type[BaseModel]] = {
    get_args(model.model_fields["formula"].annotation)[0]: model
    for model in get_args(get_args(Rule)[0])
}
_CONDITIONS = ("of", "meets", "over_of")
_CONDITION: TypeAdapter[Condition] = TypeAdapter(Condition)
_WHOLE = re.compile(r"[0-9]{1,9}")
_INTEGERS = frozenset({"year", "target", "communities", "villages"})


@dataclass(slots=True)
class PackParts:
    """What can be read of a pack.

    Parameters
    ----------
    header
        None if it cannot be read.
    conditions
        By name.
    lists
        By kind, what is right, each after its place.
    rules
        Rules that can be read, those of clauses that cannot too.
    named_tests
        By name of a condition, what can be read of it: tests and names, each after its place.
    tests
        The same of the conditions of clauses, each after the list that it speaks of.
    told
        By kind, the ids of all parts, those that cannot be read too.
    """

    header: PackHeader | None = None
    header_place: Place = field(default_factory=lambda: Place(""))
    conditions: dict[str, tuple[Place, Condition]] = field(default_factory=dict)
    lists: dict[str, list[tuple[Place, Any]]] = field(
        default_factory=lambda: {kind: [] for kind in _LISTS}
    )
    rules: list[tuple[Place, Any]] = field(default_factory=list)
    named_tests: dict[str, list[Leaf]] = field(default_factory=dict)
    tests: list[tuple[str, Leaf]] = field(default_factory=list)
    told: dict[str, set[str]] = field(
        default_factory=lambda: {kind: set() for kind in (*_LISTS, "condition")}
    )

    def each(self, kind: str) -> Iterator[tuple[Place, Any]]:
        """Yield the parts of a kind that could be read, each after its place."""
        yield from self.lists[kind]


def read_parts(source: PackSource) -> tuple[PackParts, list[Problem]]:
    """Read every part of a pack.

    Parameters
    ----------
    source
        Where it lies.

    Returns
    -------
    PackParts
        The whole pack if there are no problems.
    list of Problem

    Raises
    ------
    InputError
        A file cannot be read at all.
    """
    tables, text = source.tables()
    lines = Lines(text.splitlines())
    parts = PackParts()
    problems = [
        *_unknown_tables(tables, Place(source.name, row=1, lines=lines)),
        *_read_header(tables, parts, source.name, lines),
        *_read_conditions(tables, parts, source.name, lines),
    ]
    for kind in _LISTS:
        problems += _read_list(tables.get(kind, []), kind, parts, source.name, lines)
    for name, kind in _FILES.items():
        found = source.rows(name)
        if found is not None:
            problems += _read_rows(*found, kind, parts)
    return parts, problems


def _unknown_tables(tables: Mapping[str, Any], place: Place) -> Iterator[Problem]:
    known = ("pack", "condition", *_LISTS)
    for name in tables:
        if name not in known:
            yield place.at(name).problem("pack_unknown_key", values={"known": ", ".join(known)})


def _read_header(
    tables: Mapping[str, Any], parts: PackParts, source: str, lines: Lines
) -> Iterator[Problem]:
    place = Place(source, "pack", lines.of_table("pack") or 1, lines=lines)
    if not isinstance(tables.get("pack"), dict):
        yield place.problem("pack_missing_key")
        return
    parts.header_place = place
    header, problems = _validated(PackHeader, tables["pack"], place)
    yield from problems
    parts.header = header


def _read_conditions(
    tables: Mapping[str, Any], parts: PackParts, source: str, lines: Lines
) -> Iterator[Problem]:
    told = tables.get("condition", {})
    if not isinstance(told, dict):
        yield Place(source, "condition", lines=lines).problem("pack_condition_table", told)
        return
    for name, raw in told.items():
        row = lines.of_table("condition", name) or lines.of_key(1, name)
        place = Place(source, f"condition.{name}", row, lines=lines)
        parts.told["condition"].add(name)
        leaves = parts.named_tests.setdefault(name, [])
        problems = list(_condition_problems(raw, place, leaves))
        yield from problems
        if not problems:
            parts.conditions[name] = place, _CONDITION.validate_python(raw)


def _read_list(
    told: object, kind: str, parts: PackParts, source: str, lines: Lines
) -> Iterator[Problem]:
    if not isinstance(told, list):
        yield Place(source, kind, lines=lines).problem("pack_list", values={"kind": kind})
        return
    if len(told) > _MOST_PARTS:
        yield Place(source, kind).problem("pack_rows", values={"limit": _MOST_PARTS})
        return
    rows = lines.of_parts(kind)
    if len(rows) != len(told):  # written in another way than as [[kind]]
        rows = []
    for number, raw in enumerate(told, 1):
        name = (raw.get("id") or raw.get("name")) if isinstance(raw, dict) else None
        row = rows[number - 1] if rows else None
        place = Place(source, part_name(kind, number, name), row, lines=lines)
        yield from _read_part(raw, kind, parts, place)


def _read_part(raw: object, kind: str, parts: PackParts, place: Place) -> Iterator[Problem]:
    if not isinstance(raw, dict):
        yield place.problem("pack_list", values={"kind": kind})
        return
    if isinstance(raw.get("id"), str):
        parts.told[kind].add(raw["id"])
    problems: list[Problem] = []
    if kind == "clause" and "rule" in raw:
        rule, problems = _rule(raw["rule"], place.at("rule"), parts)
        raw = {**raw, "rule": rule}
    part, found = _validated(_LISTS[kind], raw, place)
    problems += found
    yield from problems
    if part is not None and not problems:
        parts.lists[kind].append((place, part))


def _validated(
    model: type[BaseModel], raw: Mapping[str, Any], place: Place
) -> tuple[Any, list[Problem]]:
    try:
        return model.model_validate(raw), []
    except ValidationError as error:
        known = tuple(entry.alias or name for name, entry in model.model_fields.items())
        findings = error.errors(include_url=False)
        return None, [place.finding(found, known=known) for found in findings]


def _rule(raw: object, place: Place, parts: PackParts) -> tuple[BaseModel, list[Problem]]:
    """Return a rule, or one that stands for it where it is wrong."""
    instead = Stated(formula="stated", answer="yes_no")
    formula = raw.get("formula") if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or not isinstance(formula, str) or formula not in _RULES:
        known = {"known": ", ".join(_RULES)}
        return instead, [place.at("formula").problem("pack_formula", formula, values=known)]
    rule = dict(raw)
    problems: list[Problem] = []
    for key in _CONDITIONS:
        if key in rule and key in _RULES[formula].model_fields:
            leaves: list[Leaf] = []
            found = list(_condition_problems(rule[key], place.at(key), leaves))
            parts.tests += [(_list_of(raw, key), leaf) for leaf in leaves]
            rule[key] = {"named": "-"} if found else rule[key]
            problems += found
    made, found = _validated(_RULES[formula], rule, place)
    if made is not None:
        parts.rules.append((place, made))
    return made or instead, [*problems, *found]


def _list_of(rule: Mapping[str, Any], key: str) -> str:
    """Return the list whose rows a condition of a rule speaks of, as written."""
    rows = rule.get("over", rule.get("rows")) if key == "over_of" else rule.get("rows")
    return "facilities" if rule["formula"] == "near" else str(rows)


def _condition_problems(raw: object, place: Place, leaves: list[Leaf]) -> Iterator[Problem]:
    """Say what is wrong with a condition as written: which form it is, then what is in it."""
    forms = [form for form in _FORMS if isinstance(raw, dict) and form in raw]
    if not isinstance(raw, dict) or len(forms) != 1:
        yield place.problem("pack_condition", raw, values={"known": _SPELLED})
        return
    form = forms[0]
    if form in ("field", "named"):
        leaf, problems = _validated(_FORMS[form], raw, place)
        yield from problems
        leaves += [] if leaf is None else [(place, leaf)]
        return
    for key in raw:
        if key != form:
            yield place.at(key).problem("pack_unknown_key", values={"known": form})
    inner = raw[form]
    if not isinstance(inner, list) or not inner:
        yield place.at(form).problem("pack_condition_list", inner)
        return
    for number, one in enumerate(inner):
        yield from _condition_problems(one, place.at(form, number), leaves)


def _read_rows(
    source: str, rows: Iterable[tuple[int, Mapping[str, str]]], kind: str, parts: PackParts
) -> Iterator[Problem]:
    known = tuple(_LISTS[kind].model_fields)
    told: set[str] = set()
    for row, cells in rows:
        for head in cells:
            if head not in known and head not in told:
                values = {"known": ", ".join(known)}
                yield Place(source, row=1).problem("pack_unknown_head", head, values=values)
            told.add(head)
        place = Place(source, row=row)
        given = {head: _cell(head, cell) for head, cell in cells.items() if cell and head in known}
        part, problems = _validated(_LISTS[kind], given, place)
        yield from problems
        if part is not None:
            parts.lists[kind].append((place, part))


def _cell(head: str, cell: str) -> object:
    """Return a cell as what its column holds, as text where it is none."""
    if head in _INTEGERS and _WHOLE.fullmatch(cell):
        return int(cell)
    return cell == "true" if head == "total" and cell in ("true", "false") else cell

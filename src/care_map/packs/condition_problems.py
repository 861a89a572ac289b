"""What is wrong with a condition that can be read: columns, codes and bounds that make no sense."""

import difflib
import math
from collections.abc import Collection, Iterator, Mapping

from care_map.errors import Problem
from care_map.packs.columns import LISTS, NUMBERS, VOCABULARY_OF, columns_of
from care_map.packs.conditions import Named, Test
from care_map.packs.parts import PackParts
from care_map.packs.places import Place
from care_map.schema import Column
from care_map.vocabulary import VOCABULARIES

__all__ = ["bound_problems", "column_problem", "condition_problems", "number_problem"]

_LOWER, _UPPER = ("at_least", "more_than"), ("at_most", "less_than")
_NEAR = 4


def condition_problems(parts: PackParts) -> Iterator[Problem]:
    """Yield what is wrong with the conditions of a pack.

    Parameters
    ----------
    parts
        What can be read of it.

    Yields
    ------
    Problem
    """
    uses = {
        name: {one.named for _, one in leaves if isinstance(one, Named)}
        for name, leaves in parts.named_tests.items()
    }
    for name, leaves in parts.named_tests.items():
        if name in _reached(uses, name):
            yield leaves[0][0].problem("pack_cycle", name)
    clauses = [leaf for _, leaf in parts.tests]
    for place, one in (*(x for leaves in parts.named_tests.values() for x in leaves), *clauses):
        if isinstance(one, Test):
            yield from _comparison_problems(one, place)
        elif one.named not in parts.told["condition"]:
            yield _unknown_name(one.named, place, parts.told["condition"])
    for rows, place, test in _tests_of_lists(parts, uses):
        yield from _test_problems(test, place, rows)


def _tests_of_lists(
    parts: PackParts, uses: Mapping[str, set[str]]
) -> Iterator[tuple[str, Place, Test]]:
    """Yield each test of a clause with its list, those of named conditions once a list."""
    seen: set[tuple[str, str]] = set()
    for rows, (place, one) in parts.tests:
        if rows not in LISTS:  # told already
            continue
        if isinstance(one, Test):
            yield rows, place, one
            continue
        new = {(rows, name) for name in (one.named, *_reached(uses, one.named))} - seen
        seen |= new
        for _, name in sorted(new):
            for inner, test in parts.named_tests.get(name, ()):
                if isinstance(test, Test):
                    yield rows, inner, test


def _unknown_name(name: str, place: Place, names: Collection[str]) -> Problem:
    near = difflib.get_close_matches(name, names, _NEAR) or sorted(names)[:20]
    return place.at("named").problem("pack_unknown_named", name, values={"known": ", ".join(near)})


def _reached(uses: Mapping[str, set[str]], name: str) -> set[str]:
    """Return the names that a condition leads to."""
    found: set[str] = set()
    front = {name}
    while front:
        front = {one for other in front for one in uses.get(other, ())} - found
        found |= front
    return found


def column_problem(name: str, place: Place, rows: str) -> Problem | None:
    """Return the problem of a column that the list does not have."""
    known = columns_of(rows)
    if name in known:
        return None
    near = difflib.get_close_matches(name, known, _NEAR, 0.5) or list(known)[:_NEAR]
    values = {"pack_list": rows, "known": ", ".join(near)}
    return place.problem("pack_unknown_column", name, values=values)


def number_problem(name: str, place: Place, rows: str) -> Problem | None:
    """Return the problem of a column that is not there or holds no numbers."""
    problem = column_problem(name, place, rows)
    if problem is None and columns_of(rows)[name].kind not in NUMBERS:
        return place.problem("pack_not_number", name)
    return problem


def _test_problems(test: Test, place: Place, rows: str) -> Iterator[Problem]:
    problem = column_problem(test.field, place.at("field"), rows)
    if problem:
        yield problem
        return
    column = columns_of(rows)[test.field]
    wanted = _kinds(test)
    if wanted and column.kind not in wanted:
        values = {"known": ", ".join(wanted), "kind": column.kind}
        yield place.problem("pack_test_kind", test.field, values=values)
        return
    for key, name in (("per", test.per), *(("plus", name) for name in test.plus)):
        problem = None if name is None else number_problem(name, place.at(key), rows)
        if problem:
            yield problem
    yield from _code_problems(test, place, column)


def _kinds(test: Test) -> tuple[str, ...]:
    """Return the kinds of columns that a test's comparison is for."""
    families = _families(test)
    if "bounds" in families or test.per is not None or test.plus:
        return NUMBERS
    if "dates" in families:
        return ("date",)
    if "words" in families:
        return ("list",)
    if "values" in families:
        given = [*([] if test.is_ is None else [test.is_]), *test.one_of]
        if all(isinstance(value, bool) for value in given):
            return ("flag",)
        return ("text",) if all(isinstance(value, str) for value in given) else NUMBERS
    return ()


def _code_problems(test: Test, place: Place, column: Column) -> Iterator[Problem]:
    vocabulary = VOCABULARIES.get(VOCABULARY_OF.get(column.name, ""), ())
    if not vocabulary:
        return
    given: dict[str, tuple[object, ...]] = {
        "is": () if test.is_ is None else (test.is_,),
        "one_of": test.one_of,
        "has_any": test.has_any,
        "has_all": test.has_all,
    }
    for key, values in given.items():
        for value in values:
            if value not in vocabulary:
                known = {"known": ", ".join(vocabulary)}
                yield place.at(key).problem("unknown_code", value, values=known)


def _families(test: Test) -> list[str]:
    given: dict[str, list[object]] = {
        "bounds": [test.at_least, test.more_than, test.at_most, test.less_than],
        "values": [test.is_, test.one_of or None],
        "words": [test.has_any or None, test.has_all or None],
        "presence": [test.present],
        "dates": [test.from_, test.until, test.in_period, test.by_day or None],
    }
    return [name for name, parts in given.items() if any(part is not None for part in parts)]


def _comparison_problems(test: Test, place: Place) -> Iterator[Problem]:
    families = _families(test)
    if not families:
        yield place.problem("pack_test_empty", test.field)
        return
    doubled = [
        pair for pair in (_LOWER, _UPPER) if all(getattr(test, name) is not None for name in pair)
    ]
    if len(families) > 1 or doubled or (test.is_ is not None and test.one_of):
        yield place.problem("pack_test_several", test.field)
        return
    if test.from_ and test.until and test.from_ > test.until:
        yield place.problem("pack_dates", f"{test.from_} > {test.until}")
    bounds = {name: getattr(test, name) for name in (*_LOWER, *_UPPER)}
    yield from bound_problems(bounds, place)


def bound_problems(bounds: Mapping[str, float | None], place: Place) -> Iterator[Problem]:
    """Yield what is wrong with thresholds: none that is no number, none that excludes another."""
    for name, bound in bounds.items():
        if bound is not None and not math.isfinite(bound):
            yield place.at(name).problem("pack_not_finite", bound)
    lower = next((bounds[n] for n in _LOWER if bounds.get(n) is not None), None)
    upper = next((bounds[n] for n in _UPPER if bounds.get(n) is not None), None)
    if lower is not None and upper is not None and lower > upper:
        yield place.problem("pack_bounds", f"{lower:g} > {upper:g}")

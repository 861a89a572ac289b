"""A pack's conditions on the rows of a list → yes, no or unknown, for all rows at once."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from care_map.packs.conditions import (
    AllOf,
    AnyOf,
    Condition,
    Named,
    NoneOf,
    Period,
    Test,
    columns_read,
    tests_of,
)
from care_map.policy.answers import Answers, all_of, any_of, constant, negated
from care_map.policy.cells import Cells, plain_word
from care_map.policy.exact import reaches

__all__ = ["answer", "fields_of", "words_asked"]

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

_NO_GROUP = "groups"
"""The column of which an empty cell says something: an elder of no priority group. Coverage by
group reads it so as well."""
_MONTHS_A_QUARTER = 3


def answer(condition: Condition | None, cells: Cells, *, named: Mapping[str, Condition]) -> Answers:
    """Answer a condition for each row of a list.

    An empty cell, and a column that the list has not, is unknown; ``present`` and ``by_day``
    answer no for an empty cell. What is dated after the run's day has not happened.

    Parameters
    ----------
    condition
        What is asked, None for what every row is.
    cells
        The list.
    named
        Conditions of the pack by name.

    Returns
    -------
    Answers
        ``missing`` names columns, as the condition does.
    """
    match condition:
        case None:
            return constant(len(cells), yes=True)
        case AllOf():
            return all_of([answer(part, cells, named=named) for part in condition.all])
        case AnyOf():
            return any_of([answer(part, cells, named=named) for part in condition.any])
        case NoneOf():
            parts = [answer(part, cells, named=named) for part in condition.none_of]
            return negated(any_of(parts))
        case Named():
            return answer(named[condition.named], cells, named=named)
        case Test():
            return _cell(condition, cells)


def fields_of(condition: Condition | None, *, named: Mapping[str, Condition]) -> tuple[str, ...]:
    """Return the columns that a condition reads, each once, in its order."""
    tests = tests_of(condition, named)
    return tuple(dict.fromkeys(name for test in tests for name in columns_read(test)))


def words_asked(
    condition: Condition | None, name: str, *, named: Mapping[str, Condition]
) -> tuple[str, ...]:
    """Return the words of which a condition asks one or all in a column."""
    tests = [test for test in tests_of(condition, named) if test.field == name]
    words = [(*test.has_any, *test.has_all, *map(str, test.one_of)) for test in tests]
    return tuple(dict.fromkeys(word for some in words for word in some))


@dataclass(frozen=True, slots=True)
class _Told:
    """What a part of a test says of each row; the rest is unknown."""

    yes: Bools
    no: Bools


def _cell(test: Test, cells: Cells) -> Answers:
    name = test.field
    told = list(_parts(test, cells))
    if not told:
        return constant(len(cells), yes=True)
    asked = cells.asked(name)
    if not cells.has(name):
        asked = np.zeros(len(cells), bool)
    parts = [Answers(part.yes & asked, part.no & asked) for part in told]
    return all_of([_lacking(part, test, cells) for part in parts])


def _lacking(part: Answers, test: Test, cells: Cells) -> Answers:
    """Name for each unknown row the columns that are empty."""
    names = columns_read(test)
    if len(names) == 1:
        return Answers(part.yes, part.no, {test.field: part.unknown})
    empty = {name: part.unknown & np.isnan(cells.numbers(name)) for name in names}
    left = part.unknown & ~np.logical_or.reduce(list(empty.values()))
    empty[test.per or test.field] |= left  # divided by 0
    return Answers(part.yes, part.no, empty)


def _parts(test: Test, cells: Cells) -> Iterator[_Told]:
    """Answer each thing that a test asks of its cell."""
    if test.present is not None:
        empty = _empty(test.field, cells)
        yield _Told(~empty, empty) if test.present else _Told(empty, ~empty)
    for bound, strict in ((test.at_least, False), (test.more_than, True)):
        if bound is not None:
            yield _number(test, cells, bound, strict=strict)
    for bound, strict in ((test.at_most, True), (test.less_than, False)):
        if bound is not None:
            above = _number(test, cells, bound, strict=strict)
            yield _Told(above.no, above.yes)
    if test.is_ is not None:
        yield _one_of(test, cells, (test.is_,))
    if test.one_of:
        yield _one_of(test, cells, test.one_of)
    if test.has_any:
        yield _words(test.field, cells, test.has_any, enough=any)
    if test.has_all:
        yield _words(test.field, cells, test.has_all, enough=all)
    yield from _dates(test, cells)


def _empty(name: str, cells: Cells) -> Bools:
    kind = cells.kind(name)
    if kind in ("number", "integer", "flag"):
        return np.isnan(cells.numbers(name))
    return cells.words(name).empty


def _number(test: Test, cells: Cells, bound: float, *, strict: bool) -> _Told:
    """Answer whether a number reaches a bound; what is known of a sum may reach it alone."""
    parts = [cells.numbers(name) for name in (test.field, *test.plus)]
    known = ~np.isnan(parts).any(axis=0)
    some = ~np.isnan(parts).all(axis=0)
    per = cells.numbers(test.per) if test.per else None
    if per is not None:
        per = np.where(per > 0, per, np.nan)
        known &= ~np.isnan(per)
        some &= ~np.isnan(per)
    filled = [np.nan_to_num(part, nan=0.0) for part in parts]
    above = reaches(filled, bound, per=per, strict=strict)
    return _Told(above & some, ~above & known)


def _one_of(test: Test, cells: Cells, values: tuple[object, ...]) -> _Told:
    kind = cells.kind(test.field)
    if kind in ("number", "integer", "flag"):
        numbers = cells.numbers(test.field)
        wanted = [float(value) for value in values if isinstance(value, bool | int | float)]
        known, same = ~np.isnan(numbers), np.isin(numbers, wanted)
        return _Told(same & known, ~same & known)
    words = tuple(str(value) for value in values)
    return _words(test.field, cells, words, enough=any)


def _words(
    name: str, cells: Cells, wanted: tuple[str, ...], *, enough: Callable[[list[bool]], bool]
) -> _Told:
    """Answer which words stand in a cell, each different cell once."""
    column = cells.words(name)
    asked = [plain_word(word) for word in wanted]
    split = cells.kind(name) == "list"
    found = np.array([enough(_stands(asked, value, split=split)) for value in column.spelled], bool)
    yes = column.each(found)
    known = ~column.empty
    if name == _NO_GROUP:
        known |= column.codes >= 0
    return _Told(yes & known, ~yes & known)


def _stands(asked: list[str], value: str, *, split: bool) -> list[bool]:
    words = {plain_word(word) for word in (value.split(";") if split else [value]) if word}
    return [word in words for word in asked]


def _dates(test: Test, cells: Cells) -> Iterator[_Told]:
    if not (test.from_ or test.until or test.in_period or test.by_day):
        return
    today = cells.facts.as_of
    first = max(filter(None, (test.from_, _first_day(test.in_period, today))), default=None)
    last = min(filter(None, (test.until, today)))
    column = cells.words(test.field)
    days = [value[:10] for value in column.spelled]
    inside = [
        bool(day) and (first is None or first.isoformat() <= day) and day <= last.isoformat()
        for day in days
    ]
    yes = column.each(np.array(inside, bool))
    known = ~column.empty
    if test.by_day:
        known = column.codes >= 0
    yield _Told(yes & known, ~yes & known)


def _first_day(period: Period | None, today: dt.date) -> dt.date | None:
    """Return the first day of the month, quarter or year that a day is in."""
    month = {
        None: None,
        "month": today.month,
        "quarter": today.month - (today.month - 1) % _MONTHS_A_QUARTER,
        "year": 1,
    }[period]
    return None if month is None else today.replace(month=month, day=1)

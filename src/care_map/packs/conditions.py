"""Conditions that a pack sets on a row of a list: yes, no or unknown, never a guess.

In TOML a condition is one of::

    { field = "floor_area_m2", at_least = 1500 }
    { all = [ … ] }   { any = [ … ] }   { none_of = [ … ] }
    { named = "socially_run" }                    # [condition.socially_run] of the same pack
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "AllOf",
    "AnyOf",
    "Condition",
    "Named",
    "NoneOf",
    "Period",
    "Test",
    "columns_read",
    "tests_of",
]

Period = Literal["month", "quarter", "year"]
Value = str | int | float | bool


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Test(_Part):
    """What one cell must be; an empty cell makes it unknown.

    Attributes
    ----------
    field
        Column of the list; ``unit.<column>`` is that column of the row's unit.
    at_least, more_than, at_most, less_than
        Bounds of a number (以上, 不低于 are `at_least`, 超过 is `more_than`).
    plus
        Columns added to the number before it is compared; where one is empty, only what the
        others already reach is known.
    per
        Column that the number is divided by before it is compared.
    is_
        The value, spelled ``is`` in TOML.
    one_of
        Values of which it is one.
    has_any, has_all
        Words of a list of which one must, or all must, stand in it.
    present
        Whether anything stands in the cell: the one test that an empty cell answers.
    from_, until
        First and last day of a date, spelled ``from`` and ``until``.
    in_period
        The date lies in the month, quarter or year of the run's day, not after it.
    by_day
        The date is not after the run's day; an empty cell answers no.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)

    field: str
    at_least: float | None = None
    more_than: float | None = None
    at_most: float | None = None
    less_than: float | None = None
    plus: tuple[str, ...] = Field(default=(), strict=False)
    per: str | None = None
    is_: Value | None = Field(default=None, alias="is")
    one_of: tuple[Value, ...] = Field(default=(), strict=False)
    has_any: tuple[str, ...] = Field(default=(), strict=False)
    has_all: tuple[str, ...] = Field(default=(), strict=False)
    present: bool | None = None
    from_: dt.date | None = Field(default=None, alias="from")
    until: dt.date | None = None
    in_period: Period | None = None
    by_day: bool = False


class AllOf(_Part):
    """All of some conditions: no if one is no, else unknown if one is unknown."""

    all: tuple["Condition", ...] = Field(strict=False, min_length=1)


class AnyOf(_Part):
    """Any of some conditions: yes if one is yes, else unknown if one is unknown."""

    any: tuple["Condition", ...] = Field(strict=False, min_length=1)


class NoneOf(_Part):
    """None of some conditions."""

    none_of: tuple["Condition", ...] = Field(strict=False, min_length=1)


class Named(_Part):
    """A condition that the pack defines once, under ``[condition.<name>]``."""

    named: str


Condition = Annotated[Test | AllOf | AnyOf | NoneOf | Named, Field(union_mode="left_to_right")]

AllOf.model_rebuild()
AnyOf.model_rebuild()
NoneOf.model_rebuild()


def columns_read(test: Test) -> tuple[str, ...]:
    """Return the columns whose cells a test reads, its own first."""
    return (test.field, *test.plus, *((test.per,) if test.per else ()))


def tests_of(condition: Condition | None, named: Mapping[str, Condition]) -> Iterator[Test]:
    """Yield the tests that a condition is made of, in its order.

    Parameters
    ----------
    condition
        None for what every row is.
    named
        Conditions of the pack by name; none leads back to itself, as the reader sees to.
    """
    inner: tuple[Condition, ...] = ()
    match condition:
        case AllOf():
            inner = condition.all
        case AnyOf():
            inner = condition.any
        case NoneOf():
            inner = condition.none_of
        case Named():
            inner = (named[condition.named],)
        case Test():
            yield condition
        case None:
            pass
    for part in inner:
        yield from tests_of(part, named)

"""Quarters of a year, as notices count them: ``2020Q4``."""

import datetime as dt
import re
from dataclasses import dataclass

__all__ = ["Quarter", "parse_quarter", "quarter_of", "quarters_between"]

_NAME = re.compile(r"(\d{4})Q([1-4])")
_MONTHS = 3
_LAST = 4


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """A quarter; quarters are ordered as time is.

    Parameters
    ----------
    year
        Of four digits.
    number
        1 to 4.

    Examples
    --------
    >>> str(Quarter(2020, 4)), Quarter(2020, 4).end, Quarter(2020, 4).following
    ('2020Q4', datetime.date(2020, 12, 31), Quarter(year=2021, number=1))
    """

    year: int
    number: int

    def __str__(self) -> str:
        """Return the name, such as ``2020Q4``."""
        return f"{self.year:04d}Q{self.number}"

    @property
    def start(self) -> dt.date:
        """First day."""
        return dt.date(self.year, _MONTHS * (self.number - 1) + 1, 1)

    @property
    def end(self) -> dt.date:
        """Last day."""
        return self.following.start - dt.timedelta(days=1)

    @property
    def following(self) -> "Quarter":
        """The next quarter."""
        if self.number == _LAST:
            return Quarter(self.year + 1, 1)
        return Quarter(self.year, self.number + 1)


def quarter_of(day: dt.date) -> Quarter:
    """Return the quarter that a day is in.

    Examples
    --------
    >>> str(quarter_of(dt.date(2020, 10, 1)))
    '2020Q4'
    """
    return Quarter(day.year, (day.month - 1) // _MONTHS + 1)


def parse_quarter(name: str) -> Quarter:
    """Return the quarter of a name.

    Parameters
    ----------
    name
        Such as ``2020Q4``.

    Raises
    ------
    ValueError
        It is no such name.

    Examples
    --------
    >>> parse_quarter("2020Q1")
    Quarter(year=2020, number=1)
    """
    match = _NAME.fullmatch(name.strip())
    if match is None:
        msg = f"{name!r} is no quarter: write it as 2020Q4"
        raise ValueError(msg)
    return Quarter(int(match[1]), int(match[2]))


def quarters_between(first: Quarter, last: Quarter) -> tuple[Quarter, ...]:
    """Return the quarters from the first to the last, none if that is earlier.

    Examples
    --------
    >>> [str(q) for q in quarters_between(Quarter(2019, 4), Quarter(2020, 2))]
    ['2019Q4', '2020Q1', '2020Q2']
    """
    found = []
    while first <= last:
        found.append(first)
        first = first.following
    return tuple(found)

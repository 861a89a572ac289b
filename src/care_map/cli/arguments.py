"""What a user types → values; everything that is wrong is collected."""

import datetime as dt
import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from care_map.errors import InputError, Problem

__all__ = ["Arguments"]

Word = TypeVar("Word", bound=str)

_COMMAS = re.compile(r"[,，、;；\s]+")
_LON_AND_LAT = 2
_MAX_LAT = 90.0
_MAX_LON = 180.0
_MAX_MINUTES = 240.0


@dataclass(frozen=True, slots=True)
class Arguments:
    """A reader of arguments that goes on after the first mistake.

    Parameters
    ----------
    problems
        Gets what is wrong.

    Examples
    --------
    >>> arguments = Arguments()
    >>> arguments.lonlat("108.38，30.81", "--at")
    (108.38, 30.81)
    >>> _ = arguments.lonlat("30.81,108.38", "--at")
    >>> [problem.code for problem in arguments.problems]
    ['lonlat_swapped']
    """

    problems: list[Problem] = field(default_factory=list)

    def done(self) -> None:
        """Raise everything that was wrong, if anything was."""
        if self.problems:
            raise InputError(self.problems)

    def date(self, text: str | None, option: str) -> dt.date | None:
        """Read a day as 2021-06-30."""
        if text is None:
            return None
        try:
            return dt.date.fromisoformat(text.strip())
        except ValueError:
            self._add("cli_date", option, text)
            return None

    def lonlat(self, text: str, option: str) -> tuple[float, float]:
        """Read longitude and latitude, a comma of either kind between them."""
        numbers = self._numbers(text)
        if numbers is None or len(numbers) != _LON_AND_LAT:
            self._add("lonlat_invalid", option, text)
            return (0.0, 0.0)
        lon, lat = numbers
        if abs(lat) > _MAX_LAT >= abs(lon) and abs(lat) <= _MAX_LON:
            self._add("lonlat_swapped", option, text, turned=f"{lat:g},{lon:g}")
        elif abs(lon) > _MAX_LON or abs(lat) > _MAX_LAT:
            self._add("lonlat_invalid", option, text)
        return (lon, lat)

    def minutes(self, text: str, option: str) -> list[float]:
        """Read minutes, commas of either kind between them."""
        numbers = self._numbers(text)
        if not numbers or not all(0.0 < one <= _MAX_MINUTES for one in numbers):
            self._add("minutes_invalid", option, text)
            return []
        return numbers

    def choice(self, text: str, option: str, known: tuple[Word, ...]) -> Word:
        """Return the word that was meant, the first one where it is none of them."""
        for word in known:
            if word == text.strip().lower():
                return word
        self._add("unknown_code", option, text, known=", ".join(known))
        return known[0]

    def count(self, text: str | None, option: str) -> int | None:
        """Read a whole number, with or without thousands separators."""
        if text is None:
            return None
        try:
            return int(re.sub(r"[,，\s]", "", text))
        except ValueError:
            self._add("cli_count", option, text)
            return None

    def share(self, text: str | None, option: str) -> float | None:
        """Read a share, as 0.2 or 20%."""
        if text is None:
            return None
        number = text.strip().rstrip("%％")
        try:
            share = float(number) / (1.0 if number == text.strip() else 100.0)
        except ValueError:
            share = math.nan
        if not math.isfinite(share):
            self._add("cli_share", option, text)
            return None
        return share

    def file(self, text: str, option: str) -> Path:
        """Return the path of a file that exists."""
        path = Path(text)
        if path.is_dir():
            self._add("cli_folder", option, text)
        elif not path.exists():
            self._add("cli_missing_file", option, text)
        return path

    def result_file(self, text: str | None, option: str, suffixes: tuple[str, ...]) -> Path | None:
        """Return the path of a file to write, of one of the kinds that can be written."""
        if text is None:
            return None
        path = Path(text)
        if path.suffix.lower() not in suffixes:
            self._add("cli_result_kind", option, text, known=" ".join(suffixes))
        elif path.is_dir():
            self._add("cli_folder", option, text)
        return path

    def _numbers(self, text: str) -> list[float] | None:
        try:
            numbers = [float(part) for part in _COMMAS.split(text.strip()) if part]
        except ValueError:
            return None
        return numbers if all(map(math.isfinite, numbers)) else None

    def _add(self, code: str, option: str, value: str, **values: object) -> None:
        self.problems.append(Problem(code, column=option, value=value, values=values))

"""Where in a pack a problem is: file, line and key, as the one who wrote it sees them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from pydantic_core import ErrorDetails

from care_map.errors import Problem, Severity
from care_map.expected import expected_words

__all__ = ["Lines", "Place", "part_name"]

_LONGEST = 120
_ID = re.compile(r"[a-z][a-z0-9_]{0,59}")


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a TOML file, to find the one of a key.

    Parameters
    ----------
    lines
        Text of each.
    """

    lines: Sequence[str]

    def of_parts(self, kind: str) -> list[int]:
        """Return the line of each ``[[kind]]``, from 1."""
        head = re.compile(rf"\s*\[\[\s*{kind}\s*\]\]")
        return [number for number, line in enumerate(self.lines, 1) if head.match(line)]

    def of_table(self, *names: str) -> int | None:
        """Return the line of ``[names]``."""
        dotted = r"\s*\.\s*".join(map(re.escape, names))
        head = re.compile(rf"\s*\[\s*{dotted}\s*\]")
        return next((n for n, line in enumerate(self.lines, 1) if head.match(line)), None)

    def of_key(self, first: int, key: str) -> int | None:
        """Return the line of ``key = …`` in the part that begins at a line."""
        wanted = re.compile(rf"\s*(?:[\w\"]+\s*\.\s*)*\"?{re.escape(key)}\"?\s*=")
        for number, line in enumerate(self.lines[first - 1 :], first):
            if number > first and line.lstrip().startswith("[["):
                return None
            if wanted.match(line):
                return number
        return None


@dataclass(frozen=True, slots=True)
class Place:
    """A part of a file, and the keys within it that lead to a value.

    Parameters
    ----------
    source
        File.
    part
        The part, such as ``clause[wanzhou_2]``.
    row
        Line or row where it begins.
    keys
        Keys and numbers within it.
    lines
        Lines of the file.
    """

    source: str
    part: str = ""
    row: int | None = None
    keys: tuple[str | int, ...] = ()
    lines: Lines = field(default=Lines(()), repr=False)

    def at(self, *keys: str | int) -> "Place":
        """Return the place of a value within this one."""
        return replace(self, keys=(*self.keys, *keys))

    def problem(
        self,
        code: str,
        value: object = None,
        *,
        severity: Severity = "error",
        values: Mapping[str, object] | None = None,
    ) -> Problem:
        """Return a problem at this place."""
        shown = None if value is None else _shown(value)
        return Problem(
            code,
            severity,
            self.source,
            self._line(),
            self._key() or None,
            shown,
            values or {},
        )

    def finding(self, found: ErrorDetails, *, known: Sequence[str] = ()) -> Problem:
        """Return a finding of pydantic as a problem: which key, which value, what it must be."""
        place = self.at(*found["loc"])
        if found["type"] == "missing":
            return place.problem("pack_missing_key")
        if found["type"] == "extra_forbidden":
            return place.problem("pack_unknown_key", values={"known": ", ".join(known)})
        return place.problem("pack_value", found["input"], values=expected_words(found))

    def _key(self) -> str:
        keys = (f"[{key + 1}]" if isinstance(key, int) else key for key in self.keys)
        return ".".join(part for part in (self.part, *keys) if part).replace(".[", "[")

    def _line(self) -> int | None:
        if self.row is None:
            return None
        for key in reversed(self.keys):
            row = self.lines.of_key(self.row, key) if isinstance(key, str) else None
            if row is not None:
                return row
        return self.row


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def part_name(kind: str, number: int, told: object) -> str:
    """Return what a part is called in messages: by its id where it has one."""
    shown = told if isinstance(told, str) and _ID.fullmatch(told) else number
    return f"{kind}[{shown}]"

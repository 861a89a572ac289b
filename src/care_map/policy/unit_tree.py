"""The units that clauses speak of: their kinds, their towns, and what their names mean."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from care_map.vocabulary import LEVEL_OF_KIND

__all__ = ["UnitTree", "full_code", "plain_name"]

_NOISE = re.compile("[\\s_·\u200b-\u200f\u202a-\u202e\u2060\ufeff]+")
_CODE_DIGITS = 12
_SHORT_CODES = (6, 9)


def plain_name(name: str) -> str:
    """Return a name as names are compared: one width, no spaces, no signs that nobody sees.

    Examples
    --------
    >>> plain_name(" 镇 安镇"), plain_name("第１村")
    ('镇安镇', '第1村')
    """
    return _NOISE.sub("", unicodedata.normalize("NFKC", name)).casefold()


def full_code(code: str) -> str:
    """Return a code as codes are compared: 6 and 9 digits padded to 12.

    Examples
    --------
    >>> full_code("500154107"), full_code("镇安镇")
    ('500154107000', '镇安镇')
    """
    text = code.strip()
    short = text.isascii() and text.isdigit() and len(text) in _SHORT_CODES
    return text.ljust(_CODE_DIGITS, "0") if short else text


@dataclass(frozen=True, slots=True)
class UnitTree:
    """Units, ready to be looked up.

    Parameters
    ----------
    units
        ``unit_id, name`` and, as far as known, ``level, parent_id, unit_kind``.

    Examples
    --------
    >>> tree = UnitTree(pd.DataFrame({"unit_id": ["1", "2"], "name": ["甲镇", "东村"],
    ...     "unit_kind": ["town", "village"], "parent_id": ["", "1"]}))
    >>> tree.town_of("2"), tree.meant("甲镇东村"), tree.meant("西村")
    ('1', ('2',), ())
    """

    units: pd.DataFrame
    names: Mapping[str, str] = field(init=False)
    kinds: Mapping[str, str] = field(init=False)
    levels: Mapping[str, str] = field(init=False)
    parents: Mapping[str, str] = field(init=False)
    _codes: Mapping[str, str] = field(init=False)
    _words: Mapping[str, tuple[str, ...]] = field(init=False)

    def __post_init__(self) -> None:
        """Make the lookups."""
        ids = [str(unit) for unit in self.units["unit_id"]]
        columns = {name: _texts(self.units, name) for name in ("name", "unit_kind", "level")}
        kinds = dict(zip(ids, columns["unit_kind"], strict=True))
        levels = dict(zip(ids, columns["level"], strict=True))
        codes = {full_code(unit): unit for unit in reversed(ids)}
        parents = {
            unit: codes.get(full_code(parent), parent)
            for unit, parent in zip(ids, _texts(self.units, "parent_id"), strict=True)
        }
        for name, value in {
            "names": dict(zip(ids, columns["name"], strict=True)),
            "kinds": kinds,
            "levels": {unit: levels[unit] or LEVEL_OF_KIND.get(kinds[unit], "") for unit in ids},
            "parents": parents,
            "_codes": codes,
        }.items():
            object.__setattr__(self, name, value)
        object.__setattr__(self, "_words", self._by_word())

    def _by_word(self) -> dict[str, tuple[str, ...]]:
        """Return units by their names, and by these with what they lie in before them."""
        found: dict[str, dict[str, None]] = {}
        for unit in self.names:
            word = ""
            for above in self.chain(unit):
                word = plain_name(self.names[above]) + word
                found.setdefault(word, {})[unit] = None
        return {word: tuple(units) for word, units in found.items()}

    def chain(self, unit: str) -> tuple[str, ...]:
        """Return a unit and what it lies in, from itself upwards."""
        found: list[str] = []
        while unit in self.names and unit not in found:
            found.append(unit)
            unit = self.parents[unit]
        return tuple(found)

    def town_of(self, unit: str) -> str:
        """Return the town that a unit is or lies in, "" if none is known."""
        return next((one for one in self.chain(unit) if self.levels[one] == "town"), "")

    def within(self, unit: str, other: str) -> bool:
        """Tell whether a unit is the other or lies in it."""
        return other in self.chain(unit)

    def by_code(self, code: str) -> str:
        """Return the unit with that id, padded or not; "" if there is none."""
        return self._codes.get(full_code(code), "")

    def meant(self, word: str) -> tuple[str, ...]:
        """Return the units that an id, a name, or a name after that of its town may mean."""
        unit = self.by_code(word)
        return (unit,) if unit else self._words.get(plain_name(word), ())

    def at_level(self, level: str) -> tuple[str, ...]:
        """Return the units of a level, in the order of the table."""
        return tuple(unit for unit, its_level in self.levels.items() if its_level == level)

    def full_name(self, unit: str) -> str:
        """Return a unit's name, a community's with that of its town before it."""
        town = self.town_of(unit)
        before = self.names[town] if town and town != unit else ""
        return before + self.names.get(unit, unit)


def _texts(frame: pd.DataFrame, name: str) -> list[str]:
    if name not in frame:
        return [""] * len(frame)
    return ["" if pd.isna(cell) else str(cell) for cell in frame[name]]

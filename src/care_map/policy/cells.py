"""The columns of one list as arrays, also those of the row's unit, town or facility.

What a column holds is looked up once and kept for all clauses of a run.
"""

import re
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.packs.columns import columns_of
from care_map.policy.facts import Facts
from care_map.policy.unit_tree import UnitTree, plain_name
from care_map.schema import Column

__all__ = ["COUNTED_ORIGINS", "Cells", "Words", "counted_rows", "plain_word"]

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Objects = NDArray[np.object_]

COUNTED_ORIGINS = ("unit", "place", "raster", "building")
"""Origins of demand that is a number of elders and no person's record."""
_ABOUT_PLACE = frozenset({"unit_id", "setting", "elders", "origin", "location_quality"})
"""Columns that a number of elders has too."""
_ROOM = re.compile(r"(?:(?:功能)?区域?|室|间)$")


def plain_word(word: object) -> str:
    """Return a word as words of lists are compared: one width, no spaces, no room at its end.

    Lists copy 功能区域 from a notice that says 区 elsewhere, or write 阅览间 for 阅览室.

    Examples
    --------
    >>> plain_word("休闲 娱乐功能区域"), plain_word("ＣＴ室"), plain_word("区")
    ('休闲娱乐', 'ct', '区')
    """
    plain = plain_name(str(word))
    return _ROOM.sub("", plain) or plain


@dataclass(frozen=True, slots=True)
class Words:
    """Texts of a column, each spelled once.

    Parameters
    ----------
    codes
        ``(n,)`` which of `spelled` a row has, -1 where the column is missing or the row has none.
    spelled
        Different texts, as they stand in the list.
    """

    codes: NDArray[np.int64]
    spelled: tuple[str, ...]
    _lookup: Objects = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Keep the texts as an array."""
        object.__setattr__(self, "_lookup", np.array([*self.spelled, ""], dtype=object))

    def at(self, rows: NDArray[np.int64]) -> Objects:
        """Return the texts of some rows, "" where a row has none."""
        return self._lookup[self.codes[rows]]

    def each(self, answers: NDArray[np.bool_]) -> Bools:
        """Return for each row what `answers` says of its value, False where it has none."""
        return np.append(answers, [False])[self.codes]  # -1 takes the last

    @property
    def empty(self) -> Bools:
        """``(n,)`` rows where nothing stands."""
        return self.each(np.array([not value for value in self.spelled], bool)) | (self.codes < 0)


def counted_rows(elders: pd.DataFrame) -> Bools:
    """Tell which rows of the demand are numbers of elders and no record of one person."""
    several = _numbers(elders["elders"]) != 1.0 if "elders" in elders else np.zeros(len(elders))
    if "origin" not in elders:
        return np.asarray(several, bool)
    return np.asarray(several, bool) | elders["origin"].isin(COUNTED_ORIGINS).to_numpy(bool)


@dataclass(slots=True)
class Cells:
    """One list of the facts, column by column.

    Parameters
    ----------
    facts
        All lists.
    rows
        Which of them: ``facilities``, ``units``, ``elders`` or ``services``.
    """

    facts: Facts
    rows: str
    table: pd.DataFrame = field(init=False)
    counted: Bools = field(init=False)
    _series: dict[str, pd.Series | None] = field(init=False, default_factory=dict)
    _words: dict[str, Words] = field(init=False, default_factory=dict)
    _floats: dict[str, Floats] = field(init=False, default_factory=dict)
    _towns: NDArray[np.object_] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Find the list."""
        self.table = getattr(self.facts, self.rows)
        size = len(self.table)
        self.counted = (
            counted_rows(self.table) if self.rows == "elders" else np.zeros(size, dtype=bool)
        )

    def __len__(self) -> int:
        """Return how many rows the list has."""
        return len(self.table)

    def column(self, name: str) -> Column | None:
        """Return what the schema says of a column, None where it does not know it."""
        where, _, own = name.rpartition(".")
        lists = {"unit": "units", "town": "units", "facility": "facilities"}
        return columns_of(lists.get(where, self.rows)).get(own)

    def kind(self, name: str) -> str:
        """Return what a cell of a column holds."""
        column = self.column(name)
        return column.kind if column else "text"

    def has(self, name: str) -> bool:
        """Tell whether the list has that column."""
        return self.series(name) is not None

    def asked(self, name: str) -> Bools:
        """Tell the rows that can have the column at all: a number of elders has no age."""
        if name.partition(".")[0] in ("unit", "town") or name in _ABOUT_PLACE:
            return np.ones(len(self), bool)
        return ~self.counted

    def series(self, name: str) -> pd.Series | None:
        """Return a column with a row's number as index, None where the list has none."""
        if name not in self._series:
            found = self._find(name)
            self._series[name] = None if found is None else found.reset_index(drop=True)
        return self._series[name]

    def words(self, name: str) -> Words:
        """Return a column as text; a missing one has no values."""
        if name not in self._words:
            series = self.series(name)
            if series is None:
                codes, values = np.full(len(self), -1), tuple[str, ...]()
            else:
                codes, found = pd.factorize(series.to_numpy(dtype=object), use_na_sentinel=True)
                values = tuple(map(str, found.tolist()))
            self._words[name] = Words(codes.astype(np.int64), values)
        return self._words[name]

    def numbers(self, name: str) -> Floats:
        """Return a column as numbers, NaN where empty or missing."""
        if name not in self._floats:
            series = self.series(name)
            empty = np.full(len(self), np.nan)
            self._floats[name] = empty if series is None else _numbers(series)
        return self._floats[name]

    def _find(self, name: str) -> pd.Series | None:
        where, _, own = name.rpartition(".")
        if where == "unit" and self.rows != "units":
            return self._of(own, "units", self.words("unit_id"))
        if where == "town":
            return self._of(own, "units", self._town_words())
        if where == "facility":
            return self._of(own, "facilities", self.words("facility_id"))
        if own == "services" and self.rows == "facilities" and own not in self.table:
            return self._services()
        return self.table.get(own)

    def _of(self, name: str, rows: str, keys: Words) -> pd.Series | None:
        """Return a column of what a row belongs to, empty where that is not known."""
        table: pd.DataFrame = getattr(self.facts, rows)
        if name not in table:
            return None
        ids = table["unit_id" if rows == "units" else "facility_id"].astype(str)
        first = ~ids.duplicated().to_numpy()
        place = pd.Index(ids[first]).get_indexer(pd.Index(keys.spelled, dtype=object))
        column = table.loc[first, name]
        if column.dtype == object:
            column = column.where(column.notna(), "")
        at = np.append(place, -1)[keys.codes]
        return pd.Series(column.array.take(at, allow_fill=True), dtype=column.dtype)

    def _town_words(self) -> Words:
        units = self.words("unit_id")
        tree = UnitTree(self.facts.units)
        return Words(units.codes, tuple(tree.town_of(unit) for unit in units.spelled))

    def _services(self) -> pd.Series | None:
        """Return what each facility gives, empty where the list of services does not name it."""
        if "services" not in self.facts.given:
            return None
        told = self.facts.services
        joined = told.groupby("facility_id")["service"].agg(";".join)
        return self.table["facility_id"].map(joined).fillna("").astype(object)


def _numbers(series: pd.Series) -> Floats:
    if series.dtype == object:
        series = pd.to_numeric(series, errors="coerce")
    return np.asarray(series.to_numpy(dtype=float, na_value=np.nan), dtype=np.float64)

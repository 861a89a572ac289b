"""Whole elders out of figures that are none: a share of a population, a total spread by weight.

Every division is by largest remainder, so that what was counted is what comes out.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.config import DemandSource, UnitSource
from care_map.inputs.sources import SourceTable, list_rows
from care_map.inputs.unit_index import canonical_code

__all__ = ["BLOCKS_M", "divide", "divide_by_place", "with_elders"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BLOCKS_M = (1600.0, 400.0, 100.0)
"""Sides of the blocks that a total is divided over one after the other (default): without them
the few elders of a large village would all go to its heaviest houses."""

_SHARES = {60: "share_60", 65: "share_65"}
_BASES = {"resident": ("population",), "registered": ("registered",)}
_ANY_BASE = ("population", "registered")
_PERCENT = 100.0
_TOWN_DIGITS, _DISTRICT_DIGITS, _CODE_DIGITS = 9, 6, 12


def divide(weights: Floats, whole: Ints, totals: Ints) -> Ints:
    """Divide whole numbers by weight into whole numbers that add up to them.

    Parameters
    ----------
    weights
        ``(n,)`` not negative; those of each whole are not all zero.
    whole
        ``(n,)`` which of `totals` each is a part of.
    totals
        ``(m,)`` not negative.

    Returns
    -------
    numpy.ndarray
        ``(n,)`` int64, by largest remainder; of equal remainders the first wins.

    Examples
    --------
    >>> divide(np.array([1.0, 1.0, 1.0, 2.0]), np.array([0, 0, 0, 1]), np.array([10, 7])).tolist()
    [4, 3, 3, 7]
    """
    sums = np.bincount(whole, weights=weights, minlength=len(totals))
    exact = weights / sums[whole] * totals[whole]
    parts = np.floor(exact)
    missing = totals - np.bincount(whole, weights=parts, minlength=len(totals)).astype(np.int64)
    order = np.lexsort((parts - exact, whole))
    count = np.bincount(whole, minlength=len(totals))
    first = np.cumsum(count) - count
    place = np.arange(len(order)) - first[whole[order]]
    parts[order] += place < missing[whole[order]]
    return parts.astype(np.int64)


def divide_by_place(weights: Floats, xy: Floats, whole: Ints, totals: Ints) -> Ints:
    """Divide whole numbers over weighted places, evenly over the map.

    First over blocks of 1,600 m, then over blocks of 400 m and of 100 m in them, then over the
    places of a block, each time by largest remainder.

    Parameters
    ----------
    weights, whole, totals
        As :func:`divide`; every weight is above zero.
    xy
        ``(n, 2)`` metres.

    Returns
    -------
    numpy.ndarray
        ``(n,)`` int64.
    """
    for side in BLOCKS_M if len(xy) else ():
        cell = np.floor(xy / side).astype(np.int64)
        cell -= cell.min(axis=0)
        columns, rows = cell.max(axis=0) + 1
        # One number for each block of each whole: sorting rows of three takes ten times as long.
        number = (whole * columns + cell[:, 0]) * rows + cell[:, 1]
        _, first, block = np.unique(number, return_index=True, return_inverse=True)
        totals = divide(
            np.bincount(block, weights=weights).astype(np.float64), whole[first], totals
        )
        whole = block
    return divide(weights, whole, totals)


def with_elders(table: SourceTable) -> SourceTable:
    """Return a list with the elders that follow from a population and a share of it.

    Parameters
    ----------
    table
        Units, or demand; a number of elders that is given stays as it is.

    Returns
    -------
    SourceTable
        The table itself where it has no such share. Else with ``elders`` (Int64): population ×
        share, whole by largest remainder within what the units lie in. What was computed is
        stated, and a share that cannot be read is listed and missing.
    """
    settings = table.settings
    if not isinstance(settings, DemandSource | UnitSource) or table.frame.empty:
        return table
    age = settings.elder_age
    column = _SHARES.get(age, "")
    given = [name for name in _SHARES.values() if name in table.frame]
    if not given:
        return table
    if column not in given:
        table.findings.add("share_of_other_age", column=given[0], count=len(table.frame), age=age)
        return table
    base = _base(table)
    if not base:
        table.findings.add("share_without_population", column=column, count=len(table.frame))
        return table
    frame = table.frame
    elders = frame["elders"] if "elders" in frame else pd.Series(pd.NA, frame.index, dtype="Int64")
    people = frame[base].to_numpy(dtype=float, na_value=np.nan) * _shares(table, column)
    made = np.flatnonzero(elders.isna().to_numpy() & ~np.isnan(people) & (people >= 0))
    if not len(made):
        return table
    groups, _ = pd.factorize(pd.Series(_above(frame.iloc[made])))
    sums = np.bincount(groups, weights=people[made])
    whole = elders.copy()
    # A part that is zero throughout has nothing to divide.
    weight = np.where(sums[groups] > 0, people[made], 1.0)
    whole.iloc[made] = divide(weight, groups, np.rint(sums).astype(np.int64))
    table.findings.add(
        "elders_by_share",
        "info",
        column=column,
        count=int(whole.iloc[made].sum()),
        units=len(made),
        base=table.headers.get(base, base),
    )
    return replace(table, frame=frame.assign(elders=whole))


def _base(table: SourceTable) -> str:
    """Return the column of the population that the shares are of."""
    residence = getattr(table.settings, "residence", None)
    bases = _BASES.get(residence or "", _ANY_BASE)
    return next((name for name in bases if name in table.frame), "")


def _shares(table: SourceTable, column: str) -> Floats:
    """Return shares between 0 and 1, NaN where they cannot be told."""
    frame = table.frame
    shares = frame[column].to_numpy(dtype=float, na_value=np.nan).copy()
    wrong = (shares < 0) | (shares > _PERCENT)
    list_rows([table], frame[wrong], "share_out_of_range", "error", column=column)
    shares[wrong] = np.nan
    header = table.headers.get(column, "")
    if any(sign in header for sign in ("%", "％", "pct", "percent")):
        return shares / _PERCENT
    if not (shares > 1).any():
        return shares
    # 18.5 in one row and 0.2 in another: one of them is no percentage.
    doubtful = (shares > 0) & (shares <= 1)
    list_rows([table], frame[doubtful], "share_ambiguous", "error", column=column)
    shares[doubtful] = np.nan
    return shares / _PERCENT


def _above(frame: pd.DataFrame) -> list[str]:
    """Return for each row what it is a part of, as far as the list itself tells."""
    names = [n for n in ("level", "parent_id", "parent_name") if n in frame]
    codes = frame["unit_id"] if "unit_id" in frame else pd.Series("", index=frame.index)
    columns = [frame[name].astype(str) for name in names]
    return ["|".join((_prefix(code), *rest)) for code, *rest in zip(codes, *columns, strict=True)]


def _prefix(code: str) -> str:
    full = canonical_code(code)
    if len(full) != _CODE_DIGITS or not (full.isascii() and full.isdigit()):
        return ""
    digits = _DISTRICT_DIGITS if full.endswith("000") else _TOWN_DIGITS
    # A district is no part of its own sum.
    return "" if full.endswith("000000") else full[:digits]

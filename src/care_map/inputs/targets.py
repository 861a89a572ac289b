"""Targets of a notice or a plan: looked at, so that the list is sound when a ledger reads it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from care_map.errors import Problem
from care_map.inputs.sources import SourceTable, list_rows
from care_map.inputs.unit_index import UnitIndex
from care_map.inputs.unit_labels import units_as_given, units_by_name

__all__ = ["check_targets", "optional"]

_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_QUARTERS = (1, 4)
_NEEDED = ("roles", "year", "target")


def check_targets(tables: Sequence[SourceTable], index: UnitIndex) -> None:
    """List what is wrong with targets; nothing is computed from them, so nothing is an error.

    Parameters
    ----------
    tables
        The sources as read; findings are added to theirs.
    index
        The study's units.
    """
    for table in tables:
        frame = table.frame
        for name in _NEEDED:
            empty = frame[name].isna() | (frame[name].astype(object) == "")
            missing = frame[empty.fillna(value=True).to_numpy(dtype=bool)]
            list_rows([table], missing, "cell_required", column=name)
        _outside(table, "year", "target_year", _FIRST_YEAR, _LAST_YEAR)
        _outside(table, "quarter", "target_quarter", *_QUARTERS)
        _outside(table, "target", "count_negative", 0, None)
        units = _units(table, index)
        keys = frame.assign(unit=units)[["unit", *_NEEDED[:2]]]
        keys["quarter"] = frame.get("quarter", 0)
        list_rows([table], frame[keys.duplicated(keep=False)], "target_twice", shown="roles")


def optional(problem: Problem) -> Problem:
    """Return a finding about targets; that there are none yet is no more than said."""
    return replace(problem, severity="info") if problem.code == "table_empty" else problem


def _outside(table: SourceTable, name: str, code: str, least: int, most: int | None) -> None:
    if name not in table.frame:
        return
    numbers = table.frame[name]
    outside = numbers < least
    if most is not None:
        outside |= numbers > most
    rows = table.frame[outside.fillna(value=False).to_numpy(dtype=bool)]
    list_rows([table], rows, code, column=name)


def _units(table: SourceTable, index: UnitIndex) -> NDArray[np.object_]:
    """Return the unit of each row; names that mean no unit are listed, none means the district."""
    frame = table.frame
    given = units_as_given(table, index)
    named = units_by_name(table, index)
    if "town_name" in frame and not index.empty:
        lost = (frame["town_name"] != "").to_numpy(dtype=bool) & (named == "") & (given == "")
        list_rows([table], frame[lost], "target_town", column="town_name")
    return np.where(given == "", named, given)

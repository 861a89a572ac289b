"""Targets of a notice or a plan that a study lists itself, checked."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.errors import Problem
from care_map.inputs.sources import SourceTable, list_rows, stacked
from care_map.inputs.unit_index import UnitIndex
from care_map.inputs.unit_labels import units_as_given, units_by_name
from care_map.schema import TARGETS

__all__ = ["make_targets", "optional"]

_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_QUARTERS = (1, 4)
_NEEDED = ("roles", "year", "target")


def make_targets(tables: Sequence[SourceTable], index: UnitIndex) -> pd.DataFrame:
    """Make the table of targets of the study's sources, and list what is wrong with them.

    Parameters
    ----------
    tables
        The sources as read; findings are added to theirs.
    index
        The study's units.

    Returns
    -------
    pandas.DataFrame
        Columns of :data:`care_map.schema.TARGETS`: ``unit_id`` and ``town_name`` are those of
        the study ("" for the whole district), ``year`` and ``target`` int64, ``quarter`` Int64.
        Rows with something missing or wrong are listed and left out.
    """
    frames = [_targets_of(table, index) for table in tables]
    frame = stacked([frame for frame in frames if len(frame)])
    if frame.empty:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in TARGETS.names})
    return frame.astype({"year": "int64", "target": "int64", "quarter": "Int64"})


def optional(problem: Problem) -> Problem:
    """Return a finding about a list that may be empty; that it is, is no more than said."""
    return replace(problem, severity="info") if problem.code == "table_empty" else problem


def _targets_of(table: SourceTable, index: UnitIndex) -> pd.DataFrame:
    frame = table.frame
    usable = np.ones(len(frame), dtype=bool)
    for name in _NEEDED:
        empty = frame[name].isna() | (frame[name].astype(object) == "")
        missing = empty.fillna(value=True).to_numpy(dtype=bool)
        list_rows([table], frame[missing], "cell_required", column=name)
        usable &= ~missing
    usable &= ~_outside(table, "year", "target_year", _FIRST_YEAR, _LAST_YEAR)
    usable &= ~_outside(table, "quarter", "target_quarter", *_QUARTERS)
    usable &= ~_outside(table, "target", "count_negative", 0, None)
    units, lost = _units(table, index)
    keys = frame.assign(unit=units)[["unit", *_NEEDED[:2]]]
    keys["quarter"] = frame.get("quarter", 0)
    twice = keys.duplicated(keep=False).to_numpy(dtype=bool) & usable & ~lost
    list_rows([table], frame[twice], "target_twice", shown="roles")
    usable &= ~lost & ~(twice & keys.duplicated().to_numpy(dtype=bool))
    texts = {name: frame.get(name, "") for name in ("responsible", "note")}
    made = pd.DataFrame(
        {
            "unit_id": units,
            "town_name": [index.names.get(unit, "") for unit in units],
            "roles": frame["roles"],
            "year": frame["year"],
            "quarter": frame.get("quarter", pd.Series(pd.NA, frame.index, dtype="Int64")),
            "target": frame["target"],
            **texts,
        },
        index=frame.index,
    )
    return made[usable][TARGETS.names]


def _outside(
    table: SourceTable, name: str, code: str, least: int, most: int | None
) -> NDArray[np.bool_]:
    if name not in table.frame:
        return np.zeros(len(table.frame), dtype=bool)
    numbers = table.frame[name]
    outside = numbers < least
    if most is not None:
        outside |= numbers > most
    wrong = outside.fillna(value=False).to_numpy(dtype=bool)
    list_rows([table], table.frame[wrong], code, column=name)
    return wrong


def _units(table: SourceTable, index: UnitIndex) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """Return the unit of each row, none for the district, and which names mean no unit."""
    frame = table.frame
    given = units_as_given(table, index)
    named = units_by_name(table, index)
    lost = np.zeros(len(frame), dtype=bool)
    if "town_name" in frame and not index.empty:
        lost = (frame["town_name"] != "").to_numpy(dtype=bool) & (named == "") & (given == "")
        list_rows([table], frame[lost], "target_town", column="town_name")
    if "unit_id" in frame:
        # A code that means nothing is listed where codes are read: it is not the district.
        lost |= (frame["unit_id"] != "").to_numpy(dtype=bool) & (given == "") & (named == "")
    return np.where(given == "", named, given), lost

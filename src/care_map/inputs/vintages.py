"""Units of the day: of units with validity, those in force on the day of the assessment."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.errors import Problem
from care_map.inputs.sources import FILE, ROW, SourceTable, leave_out, list_rows, stacked
from care_map.inputs.unit_codes import are_codes, code_fault
from care_map.inputs.unit_index import canonical_code

__all__ = ["Vintages", "list_code_faults", "units_of_the_day"]

_EARLIEST, _LATEST = "0000-00-00", "9999-99-99"
_COLUMNS = ("unit_id", "name", "level", "valid_from", "valid_to")


@dataclass(frozen=True, slots=True)
class Vintages:
    """The units' sources, split by whether a row is in force.

    Parameters
    ----------
    tables
        The sources with the rows in force; a source without any is left out.
    others
        ``unit_id, name, level, valid_from, valid_to`` of the other rows, as text.
    """

    tables: tuple[SourceTable, ...]
    others: pd.DataFrame


def units_of_the_day(
    tables: Sequence[SourceTable], *, as_of: dt.date | None, problems: list[Problem]
) -> Vintages:
    """Split the units by whether they are in force on a day.

    A unit is in force from ``valid_from`` until the day before ``valid_to``; a missing date is
    open. Without a day those units are in force that have no ``valid_to``.

    Parameters
    ----------
    tables
        The sources as read; findings are added to theirs.
    as_of
        The day; None for the state as listed.
    problems
        Gets what concerns all sources: that no unit is in force.

    Returns
    -------
    Vintages
    """
    for table in tables:
        list_code_faults(table, "unit_id")
    frame = _rows(tables)
    if not (frame[["valid_from", "valid_to"]] != "").to_numpy().any():
        return Vintages(tuple(tables), frame.iloc[:0][list(_COLUMNS)])
    start = frame["valid_from"].where(frame["valid_from"] != "", _EARLIEST).to_numpy(dtype=object)
    end = frame["valid_to"].where(frame["valid_to"] != "", _LATEST).to_numpy(dtype=object)
    reverse = end <= start
    list_rows(tables, frame[reverse], "validity_reversed", "error", column="valid_to")
    leave_out(tables, frame[reverse], "validity_reversed")
    overlap = _overlapping(frame, start, end, ~reverse)
    list_rows(tables, frame[overlap], "validity_overlaps", "error", column="unit_id")
    leave_out(tables, frame[overlap], "validity_overlaps")
    day = as_of.isoformat() if as_of else ""
    in_force = (start <= day) & (day < end) if day else end == _LATEST
    kept = in_force & ~reverse & ~overlap
    others = ~kept & ~reverse & ~overlap
    if others.any() and not (kept | reverse | overlap).any():
        _nothing_in_force(frame[others], day, problems)
    code = "units_not_in_force" if day else "units_former"
    parts = np.split(np.arange(len(frame)), np.cumsum([len(one.frame) for one in tables])[:-1])
    for table, rows in zip(tables, parts, strict=True):
        count = int(others[rows].sum())
        if count:
            table.findings.add(code, "info", count=count, day=day)
            table.findings.leave_out(code, count)
    kept_tables = [_only(table, kept[rows]) for table, rows in zip(tables, parts, strict=True)]
    there = tuple(table for table in kept_tables if len(table.frame))
    former = frame.loc[others, list(_COLUMNS)].reset_index(drop=True)
    return Vintages(tuple(_without_former_parents(table, there, former) for table in there), former)


def list_code_faults(table: SourceTable, column: str) -> None:
    """List the codes of a column that cannot be right, where most of its codes are right.

    Parameters
    ----------
    table
        A source; findings are added to its own.
    column
        Name of the column.
    """
    if column not in table.frame:
        return
    codes = table.frame[column].tolist()
    if not are_codes(codes):
        return
    faults = np.array([code_fault(code) if code else "" for code in codes], dtype=object)
    for fault in dict.fromkeys(fault for fault in faults if fault):
        list_rows([table], table.frame[faults == fault], fault, column=column)


def _rows(tables: Sequence[SourceTable]) -> pd.DataFrame:
    """Return the columns of all sources that tell which unit, and when."""
    frames = [
        pd.DataFrame({name: table.frame.get(name, "") for name in (*_COLUMNS, FILE, ROW)})
        for table in tables
    ]
    return stacked(frames) if frames else pd.DataFrame(columns=[*_COLUMNS, FILE, ROW], dtype=object)


def _only(table: SourceTable, rows: NDArray[np.bool_]) -> SourceTable:
    if rows.all():
        return table
    frame = table.frame[rows].reset_index(drop=True)
    return replace(table, frame=frame, geometry=table.geometry[rows])


def _overlapping(
    frame: pd.DataFrame,
    start: NDArray[np.object_],
    end: NDArray[np.object_],
    usable: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Tell which rows begin while an earlier one of the same unit is in force.

    Rows that have no date at all are no vintages: an id that stands twice is listed elsewhere.
    """
    rows = pd.DataFrame({"code": frame["unit_id"].map(canonical_code), "start": start, "end": end})
    rows = rows[usable & (rows["code"] != "")]
    rows = rows[rows["code"].duplicated(keep=False)].sort_values(["code", "start"], kind="stable")
    found = np.zeros(len(frame), dtype=bool)
    for _, unit in rows.groupby("code", sort=False):
        last, dated_before = "", False
        for at, first, until in zip(unit.index, unit["start"], unit["end"], strict=True):
            dated = first != _EARLIEST or until != _LATEST
            found[at] = first < last and (dated or dated_before)
            last, dated_before = max(last, until), dated or dated_before
    return found


def _nothing_in_force(frame: pd.DataFrame, day: str, problems: list[Problem]) -> None:
    dates = sorted({*frame["valid_from"], *frame["valid_to"]} - {""})
    problems.append(
        Problem(
            "no_unit_in_force",
            source=str(frame[FILE].iloc[0]),
            value=day or None,
            values={"first": dates[0], "last": dates[-1]},
            count=len(frame),
        )
    )


def _without_former_parents(
    table: SourceTable, there: Sequence[SourceTable], former: pd.DataFrame
) -> SourceTable:
    """Take away parents that are not in force: they would be made up of their children."""
    if former.empty:
        return table
    frame = table.frame
    kinds: dict[str, tuple[str, Callable[[str], str]]] = {
        "parent_id": ("unit_id", canonical_code),
        "parent_name": ("name", str.strip),
    }
    for column, (key, normal) in kinds.items():
        if column not in frame:
            continue
        present = {normal(word) for one in there for word in one.frame[key]}
        gone = {normal(word) for word in former[key]} - present - {""}
        lost = frame[column].map(normal).isin(gone)
        list_rows([table], frame[lost], "parent_not_in_force", column=column)
        frame = frame.assign(**{column: frame[column].where(~lost, "")})
    return replace(table, frame=frame)

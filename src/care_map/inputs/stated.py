"""Figures that an office types in because no list can give them, each with where it is shown."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.inputs.sources import FILE, ROW, SourceTable, list_rows, stacked
from care_map.inputs.unit_index import UnitIndex
from care_map.inputs.unit_labels import units_as_given, units_by_name
from care_map.packs.pack_file import PackFile
from care_map.packs.rules import Stated
from care_map.schema import STATED

__all__ = ["labelled_units", "make_stated"]

_WHOLE = 1.0


def make_stated(
    tables: Sequence[SourceTable], *, index: UnitIndex, pack: PackFile | None
) -> pd.DataFrame:
    """Make the table of stated figures of the study's sources.

    Parameters
    ----------
    tables
        The sources as read; findings are added to theirs.
    index
        The study's units.
    pack
        The pack whose clauses ask for them; None where the study names none.

    Returns
    -------
    pandas.DataFrame
        Columns of :data:`care_map.schema.STATED`; ``unit_id`` is that of the study, "" for the
        whole district. Rows without figure and answer are not yet filled in: they are counted
        and left out. Rows of no clause, of a town that is not known or with a share above 1 are
        listed and left out.
    """
    if not tables:
        return _typed(pd.DataFrame({name: pd.Series(dtype=object) for name in STATED.names}))
    frames = []
    for table in tables:
        units, lost = labelled_units(table, index, "stated_town")
        frames.append(_typed(table.frame).assign(unit_id=units, lost=lost))
    frame = stacked(frames)
    blank = (frame["figure"].isna() & frame["answer"].isna()).to_numpy(dtype=bool)
    _count_blank(tables, frame[blank])
    filled = frame[~blank]
    nameless = (filled["clause_id"] == "").to_numpy(dtype=bool)
    list_rows(tables, filled[nameless], "cell_required", column="clause_id")
    usable = ~nameless & ~filled["lost"].to_numpy(dtype=bool)
    usable &= _of_clauses(tables, filled, pack)
    kept = filled[usable]
    keys = ["clause_id", "unit_id", "stated_date"]
    twice = kept.duplicated(keys, keep=False)
    list_rows(tables, kept[twice], "stated_twice", column="clause_id")
    kept = kept.drop_duplicates(keys, keep="last")
    chosen: pd.DataFrame = kept[[*STATED.names, FILE, ROW]]
    return chosen.reset_index(drop=True)


def labelled_units(
    table: SourceTable, index: UnitIndex, code: str
) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """Return the unit that each row names, "" for none, and which rows name one in vain."""
    frame = table.frame
    given = units_as_given(table, index)
    named = units_by_name(table, index)
    units = np.where(given == "", named, given)
    said = np.zeros(len(frame), dtype=bool)
    for column in ("unit_id", "town_name"):
        if column in frame:
            said |= (frame[column] != "").to_numpy(dtype=bool)
    lost = said & (units == "")
    if "town_name" in frame:
        list_rows([table], frame[lost & (frame["town_name"] != "")], code, column="town_name")
    return units, lost


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with all columns of the table; what no source has is empty."""
    empty: Mapping[str, object] = {"number": np.nan, "flag": pd.NA}
    columns = {
        column.name: pd.Series([empty.get(column.kind, "")] * len(frame), frame.index, dtype=object)
        for column in STATED.columns
        if column.name not in frame
    }
    return frame.assign(**columns).astype({"figure": "float64", "answer": "boolean"})


def _count_blank(tables: Sequence[SourceTable], rows: pd.DataFrame) -> None:
    """Say how many prepared rows wait for their figure, file by file."""
    findings = {table.settings.path.as_posix(): table.findings for table in tables}
    for file, count in rows[FILE].value_counts(sort=False).items():
        findings[str(file)].add("stated_blank", "info", count=int(count))


def _of_clauses(
    tables: Sequence[SourceTable], frame: pd.DataFrame, pack: PackFile | None
) -> NDArray[np.bool_]:
    """Tell which rows give what their clause asks for."""
    usable = np.ones(len(frame), dtype=bool)
    if pack is None:
        return usable
    asked = {c.id: c.rule.answer for c in pack.clause if isinstance(c.rule, Stated)}
    others = {clause.id for clause in pack.clause} - set(asked)
    ids = frame["clause_id"]
    answers = ids.map(asked)
    faults = {
        "stated_clause": (ids != "") & ~ids.isin([*asked, *others]),
        "stated_not_asked": ids.isin(others),
        "stated_no_answer": (answers == "yes_no") & frame["answer"].isna(),
        "stated_no_figure": answers.isin(["number", "share"]) & frame["figure"].isna(),
        "stated_share": (answers == "share") & ((frame["figure"] > _WHOLE) | (frame["figure"] < 0)),
    }
    columns = {"stated_no_answer": "answer", "stated_no_figure": "figure", "stated_share": "figure"}
    for code, rows in faults.items():
        wrong = rows.fillna(value=False).to_numpy(dtype=bool)
        column = columns.get(code, "clause_id")
        list_rows(tables, frame[wrong], code, column=column, shown="clause_id")
        usable &= ~wrong
    return usable

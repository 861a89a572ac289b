"""What a row says of itself: its id, its unit, and whether its point agrees."""

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.inputs.sources import SourceTable, list_rows
from care_map.inputs.texts import different_rows, each_different
from care_map.inputs.unit_index import UnitIndex

__all__ = ["label_contradictions", "units_as_given", "units_by_name", "with_ids"]


def units_as_given(table: SourceTable, index: UnitIndex) -> NDArray[np.object_]:
    """Return the unit that each row's code names, "" where it names none that is known.

    Codes that name no unit of the study are listed.
    """
    frame = table.frame
    if "unit_id" not in frame or index.empty:
        return np.full(len(frame), "", dtype=object)
    codes = frame["unit_id"].to_numpy(dtype=object)
    given = each_different(codes, index.by_code)
    unknown = frame[(given == "") & (codes != "")]
    list_rows([table], unknown, "unit_unknown", column="unit_id")
    return given


def units_by_name(table: SourceTable, index: UnitIndex) -> NDArray[np.object_]:
    """Return the unit that each row's names mean, "" where there is none or more than one."""
    labels, which = different_rows(_labels(table.frame))
    known = [index.by_name(*label) if any(label) else "" for label in labels]
    return np.array(known, dtype=object)[which]


def label_contradictions(
    table: SourceTable,
    index: UnitIndex,
    *,
    found: NDArray[np.object_],
    given: NDArray[np.object_],
) -> None:
    """List rows whose code or names say another unit than their point is in.

    Parameters
    ----------
    table
        The source.
    index
        The study's units.
    found
        Unit that each point is in, "" for none.
    given
        Unit that each code names, "" for none.
    """
    rows, which = different_rows([found, given, *_labels(table.frame)])
    verdicts = [_verdict(index, *row) for row in rows]
    wrong = np.array([verdict is not None for verdict in verdicts], dtype=bool)[which]
    numbers = table.frame["source_row"].to_numpy()[wrong]
    for row_number, at in zip(numbers.tolist(), which[wrong].tolist(), strict=True):
        column, label = verdicts[at] or ("", "")
        chain = reversed(index.chain(rows[at][0]))
        place = "".join(index.names[unit] for unit in chain)
        table.findings.add(
            "label_contradicts", row=row_number, column=column, value=label, place=place
        )


def _verdict(
    index: UnitIndex, unit: str, code: str, town: str, community: str
) -> tuple[str, str] | None:
    """Return the column that contradicts the unit of the point, and what it says."""
    if not unit:
        return None
    if code and index.ids_contradict(code, unit):
        return "unit_id", code
    column = index.contradicted(unit, town=town, community=community)
    return (column, f"{town}{community}") if column else None


def _labels(frame: pd.DataFrame) -> list[NDArray[np.object_]]:
    blank = np.full(len(frame), "", dtype=object)
    return [
        frame[name].to_numpy(dtype=object) if name in frame else blank
        for name in ("town_name", "community_name")
    ]


def with_ids(
    frame: pd.DataFrame,
    tables: Sequence[SourceTable],
    *,
    column: str,
    prefix: str,
    digits: int,
) -> pd.DataFrame:
    """Give every row an id of its own and list ids that stand twice.

    A running number (序号) that is not unique over all sources is no id: those sources get
    generated ones, as do sources without any.

    Parameters
    ----------
    frame
        Stacked rows of all sources.
    tables
        The sources.
    column
        Name of the id.
    prefix, digits
        A generated id is the prefix and a number of so many digits.

    Returns
    -------
    pandas.DataFrame
        A copy with `column` filled.
    """
    ids = frame[column].to_numpy(dtype=object).copy() if column in frame else None
    if ids is None:
        ids = np.full(len(frame), "", dtype=object)
    if pd.unique(ids).size < len(ids):
        ends = np.cumsum([len(table.frame) for table in tables])
        for table, end in zip(tables, ends, strict=True):
            if table.counts_rows(column):
                ids[end - len(table.frame) : end] = ""
    blank = np.flatnonzero(ids == "")
    if len(blank):
        ids[blank] = _made_ids(set(ids), len(blank), prefix, digits)
    made = frame.iloc[blank].groupby("source_file", sort=False)
    findings = {table.settings.path.as_posix(): table.findings for table in tables}
    for file, rows in made:
        first = str(ids[rows.index[0]])
        findings[str(file)].add("ids_generated", "info", count=len(rows), first=first)
    result = frame.assign(**{column: pd.Series(ids, index=frame.index, dtype=object)})
    twice = result[result[column].duplicated(keep=False)]
    list_rows(tables, twice, "id_twice", "error", column=column)
    return result


def _made_ids(taken: set[str], count: int, prefix: str, digits: int) -> list[str]:
    """Return ids that are not taken, numbered from 1."""
    every = (f"{prefix}{number:0{digits}d}" for number in itertools.count(1))
    return list(itertools.islice((made for made in every if made not in taken), count))

"""What a row says of itself: its id, its unit, and whether its point agrees."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.inputs.sources import SourceTable, list_rows
from care_map.inputs.unit_index import UnitIndex

__all__ = ["label_contradictions", "units_as_given", "units_by_name", "with_ids"]


def units_as_given(table: SourceTable, index: UnitIndex) -> NDArray[np.object_]:
    """Return the unit that each row's code names, "" where it names none that is known.

    Codes that name no unit of the study are listed.
    """
    frame = table.frame
    if "unit_id" not in frame or index.empty:
        return np.full(len(frame), "", dtype=object)
    given = frame["unit_id"].map(index.by_code).to_numpy(dtype=object)
    unknown = frame[(given == "") & (frame["unit_id"] != "").to_numpy()]
    list_rows([table], unknown, "unit_unknown", column="unit_id")
    return given


def units_by_name(table: SourceTable, index: UnitIndex) -> NDArray[np.object_]:
    """Return the unit that each row's names mean, "" where there is none or more than one."""
    pairs = _labels(table.frame)
    known = {pair: index.by_name(*pair) if any(pair) else "" for pair in dict.fromkeys(pairs)}
    return np.array([known[pair] for pair in pairs], dtype=object)


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
    rows = list(zip(found, given, _labels(table.frame), strict=True))
    verdicts: dict[tuple[str, str, tuple[str, str]], tuple[str, str]] = {}
    for row in dict.fromkeys(rows):
        unit, code, (town, community) = row
        if not unit:
            continue
        if code and index.ids_contradict(code, unit):
            verdicts[row] = ("unit_id", code)
        elif column := index.contradicted(unit, town=town, community=community):
            verdicts[row] = (column, f"{town}{community}")
    for row_number, row in zip(table.frame["source_row"], rows, strict=True):
        if row in verdicts:
            column, label = verdicts[row]
            chain = reversed(index.chain(row[0]))
            place = "".join(index.names[unit] for unit in chain)
            table.findings.add(
                "label_contradicts", row=int(row_number), column=column, value=label, place=place
            )


def _labels(frame: pd.DataFrame) -> list[tuple[str, str]]:
    blank = [""] * len(frame)
    town = frame["town_name"].tolist() if "town_name" in frame else blank
    community = frame["community_name"].tolist() if "community_name" in frame else blank
    return list(zip(town, community, strict=True))


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
    if len(set(ids)) < len(ids):
        ends = np.cumsum([len(table.frame) for table in tables])
        for table, end in zip(tables, ends, strict=True):
            if table.counts_rows(column):
                ids[end - len(table.frame) : end] = ""
    taken = set(ids)
    blank = np.flatnonzero(ids == "")
    number = 0
    for at in blank:
        number += 1
        while f"{prefix}{number:0{digits}d}" in taken:
            number += 1
        ids[at] = f"{prefix}{number:0{digits}d}"
    made = frame.iloc[blank].groupby("source_file", sort=False)
    findings = {table.settings.path.as_posix(): table.findings for table in tables}
    for file, rows in made:
        first = str(ids[rows.index[0]])
        findings[str(file)].add("ids_generated", "info", count=len(rows), first=first)
    result = frame.assign(**{column: ids})
    twice = result[result[column].duplicated(keep=False)]
    list_rows(tables, twice, "id_twice", "error", column=column)
    return result

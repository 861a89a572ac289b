"""Tables of a run as CSV for Excel and as Parquet for programs, and their field dictionary.

Both forms of a table are written from the same columns, so that they cannot disagree:

- control characters in text become spaces; missing text is empty, also in Parquet;
- numbers have their shortest spelling that reads back as the same number; an infinite or
  missing number is empty;
- flags are ``true`` and ``false``, dates ISO 8601;
- in CSV only, a text that a spreadsheet would read as a formula (it starts with ``=``, ``+``,
  ``-`` or ``@``, narrow or wide, spaces before it or not) gets an apostrophe before it.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
from pyarrow import parquet

from care_map.assessment import Assessment
from care_map.errors import Problem
from care_map.messages import Catalogue
from care_map.schema import ISSUES, TABLES, Column, Kind, Table

__all__ = [
    "FIELD_DICTIONARY",
    "as_arrow",
    "dictionary_frame",
    "issues_frame",
    "write_csv",
    "write_issues",
    "write_tables",
]

FIELD_DICTIONARY = Table(
    "field_dictionary",
    "字段说明",
    "field dictionary",
    (
        Column("table", "text", "表", "table"),
        Column("column", "text", "字段", "column"),
        Column("title_zh", "text", "中文名", "title in Chinese"),
        Column("title_en", "text", "英文名", "title in English"),
        Column("kind", "text", "类型", "kind"),
    ),
)

_CONTROL = r"[\x00-\x1f\x7f-\x{9f}\x{2028}\x{2029}]"
_FORMULA = r"^\s*[=+\-@＝＋－＠]"
_UTF8_BOM = b"\xef\xbb\xbf"
_SEVERITIES = ("error", "warning", "info")


def write_tables(result: Assessment, folder: Path) -> None:
    """Write every table of a run but the issues, as CSV and as Parquet.

    Parameters
    ----------
    result
        The assessment.
    folder
        Existing folder; ``<table>.csv``, ``<table>.parquet`` and ``field_dictionary.csv`` are
        written into it.
    """
    for table in TABLES:
        if table is ISSUES:
            continue
        columns = as_arrow(getattr(result, table.name), table)
        write_csv(columns, folder / f"{table.name}.csv")
        parquet.write_table(columns, folder / f"{table.name}.parquet", compression="zstd")
    dictionary = as_arrow(dictionary_frame(TABLES), FIELD_DICTIONARY)
    write_csv(dictionary, folder / "field_dictionary.csv")


def issues_frame(problems: Iterable[Problem], texts: Catalogue) -> pd.DataFrame:
    """Return problems as a table, errors first, else in the order in which they were found.

    Parameters
    ----------
    problems
        Findings.
    texts
        Catalogue of the language of messages and advice.

    Returns
    -------
    pandas.DataFrame
        The columns of :data:`care_map.schema.ISSUES`; ``row`` is Int64.

    Examples
    --------
    >>> from care_map.messages import catalogue
    >>> problems = [Problem("file_missing", "info"), Problem("file_missing", source="a.csv")]
    >>> issues_frame(problems, catalogue("en"))[["severity", "source"]].values.tolist()
    [['error', 'a.csv'], ['info', '']]
    """
    rows = [
        {
            "severity": problem.severity,
            "code": problem.code,
            "source": problem.source,
            "row": problem.row,
            "column": problem.column or "",
            "value": "" if problem.value is None else problem.value,
            "count": problem.count,
            "message": problem.message(texts),
            "advice": problem.advice(texts),
        }
        for problem in sorted(problems, key=lambda one: _SEVERITIES.index(one.severity))
    ]
    frame = pd.DataFrame(rows, columns=ISSUES.names)
    return frame.astype({"row": "Int64", "count": "Int64"})


def write_issues(problems: Iterable[Problem], path: Path, texts: Catalogue) -> None:
    """Write problems as CSV; see :func:`issues_frame`."""
    write_csv(as_arrow(issues_frame(problems, texts), ISSUES), path)


def dictionary_frame(tables: Sequence[Table]) -> pd.DataFrame:
    """Return the columns of `tables` as a table: :data:`FIELD_DICTIONARY`."""
    rows = [
        (table.name, column.name, column.zh, column.en, column.kind)
        for table in tables
        for column in table.columns
    ]
    return pd.DataFrame(rows, columns=FIELD_DICTIONARY.names)


def as_arrow(frame: pd.DataFrame, table: Table) -> pa.Table:
    """Return the columns of `table` in the types in which they are written.

    Parameters
    ----------
    frame
        Has all columns of `table`; others are left out.
    table
        Names and kinds.

    Returns
    -------
    pyarrow.Table
        Text without control characters and without nulls; int64, float64 (finite), bool and
        date32 with nulls.

    Raises
    ------
    KeyError
        `frame` lacks a column.

    Examples
    --------
    >>> table = Table("t", "", "", (Column("a", "text", "", ""), Column("b", "number", "", "")))
    >>> as_arrow(pd.DataFrame({"a": ["x", None], "b": [float("inf"), 0.5]}), table).to_pylist()
    [{'a': 'x', 'b': None}, {'a': '', 'b': 0.5}]
    """
    arrays = {column.name: _array(frame[column.name], column.kind) for column in table.columns}
    return pa.table(arrays)


def write_csv(columns: pa.Table, path: Path) -> None:
    """Write arrow columns as UTF-8 with BOM; texts are safe to open in a spreadsheet."""
    safe = [
        _without_formulas(column) if pa.types.is_string(column.type) else column
        for column in columns.columns
    ]
    with path.open("wb") as file:
        file.write(_UTF8_BOM)
        arrow_csv.write_csv(pa.table(safe, names=columns.column_names), file)


def _array(values: pd.Series, kind: Kind) -> pa.Array:
    if kind == "integer":
        return pa.array(pd.to_numeric(values).astype("Int64"), type=pa.int64())
    if kind == "number":
        numbers = pd.to_numeric(values).to_numpy(dtype=np.float64, na_value=np.nan)
        return pa.array(numbers, mask=~np.isfinite(numbers))
    if kind == "flag":
        return pa.array(values.astype("boolean"), type=pa.bool_())
    if kind == "date":
        days = pd.to_datetime(values.astype(object)).astype("datetime64[s]")
        return pa.array(days, from_pandas=True).cast(pa.date32())
    return _text_array(values)


def _text_array(values: pd.Series) -> pa.Array:
    if values.dtype == object:
        missing = values.isna().to_numpy()
        # A lone surrogate, as JSON can spell one, has no UTF-8.
        cells = [
            "" if absent else str(cell).encode("utf-8", "replace").decode("utf-8")
            for cell, absent in zip(values, missing, strict=True)
        ]
        array = pa.array(cells, type=pa.string())
    else:
        array = pa.array(values, from_pandas=True)
        if isinstance(array, pa.ChunkedArray):
            array = array.combine_chunks()
        array = pc.fill_null(array.cast(pa.string()), "")
    return pc.replace_substring_regex(array, _CONTROL, " ")


def _without_formulas(column: pa.ChunkedArray) -> pa.ChunkedArray:
    formula = pc.match_substring_regex(column, _FORMULA)
    safe = pc.if_else(formula, pc.binary_join_element_wise("'", column, ""), column)
    return pc.if_else(pc.equal(safe, ""), pa.scalar(None, pa.string()), safe)

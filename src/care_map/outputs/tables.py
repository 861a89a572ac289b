"""Tables of a run as CSV for Excel and as Parquet for programs, and their field dictionary.

Both forms of a table are written from the same columns, so that they cannot disagree:

- control characters in text become spaces; missing text is empty, also in Parquet;
- numbers have their shortest spelling that reads back as the same number; an infinite or
  missing number is empty;
- flags are ``true`` and ``false``, dates ISO 8601;
- in CSV only, a text that a spreadsheet would read as a formula (it starts with ``=``, ``+``,
  ``-`` or ``@``, narrow or wide, spaces before it or not) gets an apostrophe before it.
"""

import contextlib
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
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
_TYPES = {"integer": pa.int64(), "number": pa.float64(), "flag": pa.bool_(), "date": pa.date32()}
_UTF8_BOM = b"\xef\xbb\xbf"
_WRITERS = 2
"""Files at a time: compressing one leaves the other time to be made."""
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
    with ThreadPoolExecutor(_WRITERS) as pool:
        written: list[Future[None]] = []
        for table in TABLES:
            if table is ISSUES:
                continue
            columns = as_arrow(getattr(result, table.name), table)
            file = folder / f"{table.name}.parquet"
            written.append(pool.submit(write_csv, columns, file.with_suffix(".csv")))
            written.append(pool.submit(parquet.write_table, columns, file, compression="zstd"))
        for one in written:
            one.result()
    dictionary = as_arrow(dictionary_frame(TABLES), FIELD_DICTIONARY)
    write_csv(dictionary, folder / "field_dictionary.csv")


def issues_frame(
    problems: Iterable[Problem], texts: Catalogue, *, every_row: bool = False
) -> pd.DataFrame:
    """Return problems as a table, errors first, else in the order in which they were found.

    Parameters
    ----------
    problems
        Findings.
    texts
        Catalogue of the language of messages and advice.
    every_row
        Whether a finding that stands for many rows becomes a line for each of them.

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
    lines: list[tuple[object, ...]] = []
    for problem in sorted(problems, key=lambda one: _SEVERITIES.index(one.severity)):
        lines.extend(_lines(problem, texts) if every_row else (_line(problem, texts),))
    frame = pd.DataFrame(lines, columns=ISSUES.names)
    return frame.astype({"row": "Int64", "count": "Int64"})


def _line(problem: Problem, texts: Catalogue) -> tuple[object, ...]:
    return (
        problem.severity,
        problem.code,
        problem.source,
        problem.row,
        problem.column or "",
        "" if problem.value is None else problem.value,
        problem.count,
        problem.message(texts),
        problem.advice(texts),
    )


def _lines(problem: Problem, texts: Catalogue) -> Iterable[tuple[object, ...]]:
    """Return a line per row; where a sentence does not quote the value, it is made once."""
    rows, cells = problem.rows, problem.cells
    if not rows:
        return (_line(problem, texts),)
    one = replace(problem, count=1, rows=(), cells=())
    if not cells:
        cells = [problem.value or ""] * len(rows)
    elif any("{value" in texts.texts[f"problem.{one.code}.{p}"] for p in ("message", "advice")):
        pairs = zip(rows, cells, strict=True)
        return [_line(replace(one, row=row, value=cell), texts) for row, cell in pairs]
    severity, code, source, _, column, _, *said = _line(one, texts)
    pairs = zip(rows, cells, strict=True)
    return [(severity, code, source, row, column, cell, *said) for row, cell in pairs]


def write_issues(problems: Iterable[Problem], path: Path, texts: Catalogue) -> None:
    """Write problems as CSV, a line for every row; see :func:`issues_frame`."""
    write_csv(as_arrow(issues_frame(problems, texts, every_row=True), ISSUES), path)


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
    if values.empty:
        return pa.array([], type=_TYPES.get(kind, pa.string()))
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
    array = pc.fill_null(_strings(values), "")
    return _by_word(array, lambda words: pc.replace_substring_regex(words, _CONTROL, " "))


def _strings(values: pd.Series) -> pa.Array:
    """Return cells as arrow strings, null where they are missing."""
    if values.dtype != object:
        array = pa.array(values, from_pandas=True)
        whole = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
        return whole.cast(pa.string())
    if pd.api.types.infer_dtype(values, skipna=True) == "string":
        # A lone surrogate, as JSON can spell one, has no UTF-8.
        with contextlib.suppress(UnicodeEncodeError):
            return pa.array(values, type=pa.string(), from_pandas=True)
    cells = [
        None if absent else str(cell).encode("utf-8", "replace").decode("utf-8")
        for cell, absent in zip(values, values.isna(), strict=True)
    ]
    return pa.array(cells, type=pa.string())


def _by_word(array: pa.Array, change: Callable[[pa.Array], pa.Array]) -> pa.Array:
    """Change each different text once: codes and ids stand in many rows."""
    words = array.dictionary_encode()
    return pa.DictionaryArray.from_arrays(words.indices, change(words.dictionary)).cast(pa.string())


def _without_formulas(column: pa.ChunkedArray) -> pa.Array:
    return _by_word(column.combine_chunks(), _harmless)


def _harmless(words: pa.Array) -> pa.Array:
    """Return texts as a spreadsheet may read them, null where they are empty."""
    formula = pc.match_substring_regex(words, _FORMULA)
    safe = pc.if_else(formula, pc.binary_join_element_wise("'", words, ""), words)
    return pc.if_else(pc.equal(safe, ""), pa.scalar(None, pa.string()), safe)

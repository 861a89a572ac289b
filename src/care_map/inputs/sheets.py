"""Delimited text and spreadsheets → rows of cells, and where their header is.

The first rows are read cell by cell, to find the header; what stands below it is read a column at
a time, and only rows of another length than the first are read cell by cell again.
"""

import csv
import datetime as dt
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, zip_longest
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
from numpy.typing import NDArray

from care_map.inputs.findings import Findings
from care_map.inputs.headers import recognised
from care_map.schema import Table

__all__ = [
    "MAX_BYTES",
    "SEARCHED_ROWS",
    "Area",
    "Body",
    "Grid",
    "Sheet",
    "cell_text",
    "encoding_of",
    "header_row",
    "read_text",
    "rows_body",
]

MAX_BYTES = 2 * 1024**3
"""Largest file, and largest unpacked content of an archive."""

Grid = list[list[str]]

Area = tuple[int, int, int, int]
"""First row, first column, last row, last column of a merged cell; the first is 0."""

SEARCHED_ROWS = 20
"""Rows in which the header is looked for."""

_DELIMITERS = (",", "\t", ";")
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SURE_SHARE = 0.9
_TEXT = pa.large_string()
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


@dataclass(frozen=True, slots=True)
class Body:
    """The rows below a header, a column at a time.

    Parameters
    ----------
    number
        ``(n,)`` int64; each row's number in the file, the first row is 1.
    columns
        Text of each column; rows that are shorter have "" there.
    """

    number: NDArray[np.int64]
    columns: list[pa.Array]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet or a delimited text.

    Parameters
    ----------
    head
        The first rows, as many as are searched for the header.
    below
        Position of the header → the rows below it. Raises :class:`csv.Error` where a text
        cannot be read.
    merged
        Cells of a spreadsheet that are several in one.
    lost
        Row and column of cells that are not empty and have no text → code of the finding.
    """

    head: Grid
    below: Callable[[int], Body]
    merged: tuple[Area, ...] = ()
    lost: Mapping[tuple[int, int], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Decoded:
    text: str
    encoding: str


def read_text(
    path: Path, table: Table, *, columns: Mapping[str, str], findings: Findings
) -> Sheet | None:
    """Read CSV or TSV: encoding by strict decoding, delimiter by the header it gives.

    Parameters
    ----------
    path
        File in UTF-8, GB18030, Big5 or (with its mark) UTF-16.
    table
        Table whose headers are looked for.
    columns
        Our column name → header, from the study.
    findings
        Gets the encoding if it is not UTF-8, and errors.

    Returns
    -------
    Sheet or None
        None after an error.
    """
    decoded = _decode(path.read_bytes())
    if decoded is None:
        findings.add("encoding_unknown", "error")
        return None
    if decoded.encoding != "utf-8":
        findings.add("encoding_not_utf8", "info", value=decoded.encoding.upper())
    text = decoded.text

    def score(delimiter: str) -> tuple[int, int]:
        sample = list(islice(_records(text, delimiter), SEARCHED_ROWS))
        known = max((len(recognised(row, table, columns)) for row in sample), default=0)
        return known, max((len(row) for row in sample), default=0)

    try:
        delimiter = max(_DELIMITERS, key=score)
        head = [_stripped(row) for row in islice(_records(text, delimiter), SEARCHED_ROWS)]
    except csv.Error as error:
        findings.add("file_damaged", "error", detail=str(error))
        return None
    return Sheet(head, lambda top: _text_below(text, delimiter, top))


def _stripped(row: Sequence[str]) -> list[str]:
    return [cell.strip() for cell in row]


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    # No StringIO: it would copy the whole text for its first lines.
    lines = (match.group() for match in _LINE.finditer(text))
    return csv.reader(lines, delimiter=delimiter)


def _text_below(text: str, delimiter: str, top: int) -> Body:
    """Return what stands below the header: by Arrow, else by csv."""
    above = csv.reader((match.group() for match in _LINE.finditer(text)), delimiter=delimiter)
    for _ in islice(above, top + 1):
        pass
    last = next(islice(_LINE.finditer(text), max(above.line_num - 1, 0), None), None)
    body = text[last.end() :] if last else ""
    first = top + 2
    width = next((len(row) for row in _records(body, delimiter) if row), 0)
    quick = _columns_by_arrow(body, delimiter, width, first) if width else None
    if quick is not None:
        return quick
    return rows_body([_stripped(row) for row in _records(body, delimiter)], first)


def _columns_by_arrow(text: str, delimiter: str, width: int, first: int) -> Body | None:
    """Read rows of `width` cells by columns; None where csv has to say what they are.

    Rows of another length are read by csv and put back in their place.
    """
    names = [str(at) for at in range(width)]
    others: list[tuple[int, str]] = []

    def set_aside(row: pa_csv.InvalidRow) -> str:
        others.append((row.number - 1, row.text))
        return "skip"

    try:
        table = pa_csv.read_csv(
            pa.py_buffer(text.encode("utf-8")),
            # Rows are only numbered when they are read in their order.
            read_options=pa_csv.ReadOptions(column_names=names, use_threads=False),
            parse_options=pa_csv.ParseOptions(
                delimiter=delimiter,
                newlines_in_values='"' in text,
                ignore_empty_lines=False,
                invalid_row_handler=set_aside,
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(names, _TEXT), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    if any(_longest(column) > csv.field_size_limit() for column in table.columns):
        return None
    columns = [pc.utf8_trim_whitespace(column.combine_chunks()) for column in table.columns]
    if others:
        rows = [_stripped(next(_records(row, delimiter), [])) for _, row in others]
        columns = _merged(columns, _columns(rows), [at for at, _ in others])
    number = np.arange(first, first + len(table) + len(others), dtype=np.int64)
    return Body(number, columns)


def _longest(column: pa.ChunkedArray) -> int:
    return int(pc.max(pc.binary_length(column)).as_py() or 0)


def _merged(columns: list[pa.Array], others: list[pa.Array], places: list[int]) -> list[pa.Array]:
    """Put the other rows among the rows of `columns`, at their places in the whole."""
    size = len(columns[0]) + len(places)
    is_other = np.zeros(size, dtype=bool)
    is_other[places] = True
    # The other rows stand behind the rest before they are taken in order.
    order = np.where(is_other, len(columns[0]) + np.cumsum(is_other) - 1, np.cumsum(~is_other) - 1)
    merged = []
    for at in range(max(len(columns), len(others))):
        parts = [
            part[at] if at < len(part) else _blank(count)
            for part, count in ((columns, size - len(places)), (others, len(places)))
        ]
        merged.append(pa.concat_arrays(parts).take(pa.array(order)))
    return merged


def _blank(count: int) -> pa.Array:
    return pa.array([""], _TEXT).take(pa.array(np.zeros(count, dtype=np.int64)))


def _columns(rows: Sequence[Sequence[str]]) -> list[pa.Array]:
    """Return rows of any lengths as columns."""
    return [pa.array(column, _TEXT) for column in zip_longest(*rows, fillvalue="")]


def rows_body(rows: Sequence[Sequence[str]], first: int) -> Body:
    """Return rows of any lengths as columns; the first of them is row `first` of the file."""
    return Body(np.arange(first, first + len(rows), dtype=np.int64), _columns(rows))


def encoding_of(content: bytes) -> str:
    """Return the encoding that a text is in: the first that decodes strictly, "" for none.

    Examples
    --------
    >>> encoding_of("高笋塘街道".encode("gbk")), encoding_of("高笋塘街道".encode())
    ('gb18030', 'utf-8')
    """
    decoded = _decode(content)
    return decoded.encoding if decoded else ""


def _decode(content: bytes) -> _Decoded | None:
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            text = _strict(content[len(mark) :] if encoding == "utf-8" else content, encoding)
            return None if text is None else _Decoded(text, encoding)
    text = _strict(content, "utf-8")
    if text is not None:
        return _Decoded(text, "utf-8")
    # Many Big5 files are valid GB18030 too, but of characters that nobody writes.
    mainland, taiwan = _strict(content, "gb18030"), _strict(content, "big5")
    if mainland is not None and (
        taiwan is None
        or _common_share(mainland, "gb2312") >= min(_SURE_SHARE, _common_share(taiwan, "big5"))
    ):
        return _Decoded(mainland, "gb18030")
    return None if taiwan is None else _Decoded(taiwan, "big5")


def _strict(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _common_share(text: str, encoding: str) -> float:
    """Return the share of non-ASCII characters that the older, smaller set has."""
    foreign = [character for character in text[:100_000] if character > "\x7f"]
    known = "".join(foreign).encode(encoding, errors="ignore")
    return len(known) / 2 / len(foreign) if foreign else 1.0


def cell_text(cell: object) -> str:
    """Return a typed cell as text: whole numbers without a decimal point, dates as ISO.

    Examples
    --------
    >>> cell_text(500101001.0), cell_text(dt.datetime(2021, 6, 30)), cell_text(None)
    ('500101001', '2021-06-30', '')
    """
    if cell is None or cell is pd.NaT or cell is pd.NA:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return _number_text(cell)
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ").removesuffix(" 00:00:00")
    return str(cell).strip()


def _number_text(number: float) -> str:
    if math.isnan(number):
        return ""
    return str(int(number)) if number.is_integer() else repr(number)


def header_row(grid: Sequence[Sequence[str]], table: Table, columns: Mapping[str, str]) -> int:
    """Return the position of the header: title rows above it are skipped.

    It is the first row with every required column, else the one with most known columns, else
    the first that is not empty.
    """
    required = {column.name for column in table.columns if column.required}
    best, best_known = -1, 0
    for position, row in enumerate(grid[:SEARCHED_ROWS]):
        known = recognised(row, table, columns)
        if required and required <= known:
            return position
        if len(known) > best_known:
            best, best_known = position, len(known)
        if best < 0 and any(row):
            best = position
    return max(best, 0)

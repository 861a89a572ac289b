"""Delimited text and spreadsheets → a grid of cells, and where its header is."""

import csv
import datetime as dt
import io
import math
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pandas as pd
import python_calamine

from care_map.inputs.findings import Findings
from care_map.inputs.headers import recognised
from care_map.schema import Table

__all__ = ["MAX_BYTES", "Grid", "cell_text", "header_row", "read_spreadsheet", "read_text"]

MAX_BYTES = 2 * 1024**3
"""Largest file, and largest unpacked content of an archive."""

Grid = list[list[str]]

_SEARCHED_ROWS = 20
_DELIMITERS = (",", "\t", ";")
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SURE_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class _Decoded:
    text: str
    encoding: str


def read_text(
    path: Path, table: Table, *, columns: Mapping[str, str], findings: Findings
) -> Grid | None:
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
    list of list of str, or None
        A row per row of the file, row 1 first; None after an error.
    """
    decoded = _decode(path.read_bytes())
    if decoded is None:
        findings.add("encoding_unknown", "error")
        return None
    if decoded.encoding != "utf-8":
        findings.add("encoding_not_utf8", "info", value=decoded.encoding.upper())

    def score(delimiter: str) -> tuple[int, int]:
        sample = list(islice(_records(decoded.text, delimiter), _SEARCHED_ROWS))
        known = max((len(recognised(row, table, columns)) for row in sample), default=0)
        return known, max((len(row) for row in sample), default=0)

    try:
        delimiter = max(_DELIMITERS, key=score)
        return [[cell.strip() for cell in row] for row in _records(decoded.text, delimiter)]
    except csv.Error as error:
        findings.add("file_damaged", "error", detail=str(error))
        return None


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


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


def read_spreadsheet(path: Path, *, sheet: str | None, findings: Findings) -> Grid | None:
    """Read one sheet of an Excel, WPS or OpenDocument workbook as text.

    Parameters
    ----------
    path
        Workbook.
    sheet
        Name of the sheet; the first one without it.
    findings
        Gets errors.

    Returns
    -------
    list of list of str, or None
        A row per row of the sheet, row 1 first; None after an error.
    """
    if not _unpacks_small(path, findings):
        return None
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        names = book.sheet_names
        if sheet is not None and sheet not in names:
            findings.add("layer_missing", "error", value=sheet, present="、".join(names))
            return None
        if not names:
            findings.add("table_empty", "error")
            return None
        cells = book.get_sheet_by_name(sheet or names[0]).to_python(skip_empty_area=False)
    except python_calamine.PasswordError:
        findings.add("file_password", "error")
        return None
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        findings.add("file_damaged", "error", detail=_first_line(error))
        return None
    if sheet is None and len(names) > 1:
        findings.add("first_sheet_read", "info", value=names[0], others="、".join(names[1:]))
    return [[cell_text(cell) for cell in row] for row in cells]


def _unpacks_small(path: Path, findings: Findings) -> bool:
    if path.suffix.lower() == ".xls":
        return True
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        findings.add("file_damaged", "error", detail=_first_line(error))
        return False
    if unpacked > MAX_BYTES:
        findings.add("file_too_large", "error", count=unpacked)
        return False
    return True


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


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
    for position, row in enumerate(grid[:_SEARCHED_ROWS]):
        known = recognised(row, table, columns)
        if required and required <= known:
            return position
        if len(known) > best_known:
            best, best_known = position, len(known)
        if best < 0 and any(row):
            best = position
    return max(best, 0)

"""Sheets of Excel, WPS and OpenDocument workbooks, and what their text alone does not tell.

A cell whose formula was never worked out, or gave an error, is empty in the text; a merged cell
has its text in its first cell only. Both are read besides.
"""

import html
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import python_calamine

from care_map.inputs.findings import Findings
from care_map.inputs.sheets import MAX_BYTES, SEARCHED_ROWS, Area, Grid, Sheet, cell_text, rows_body

__all__ = ["ALL_SHEETS", "SPREADSHEETS", "read_spreadsheet", "sheet_heads", "unpacks_small"]

SPREADSHEETS = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
ALL_SHEETS = "*"
"""What a study writes for `layer` to have every sheet read."""

_MAX_CELLS = 50_000_000
_ARCHIVE_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    ValueError,
    RuntimeError,  # an entry with a password, or packed in a way that is not known
    EOFError,
)
_BOOK = "xl/workbook.xml"
_LINKS = "xl/_rels/workbook.xml.rels"
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^>]*>")
_LINK = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*>")
_ATTRIBUTE = re.compile(r"([\w:]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_FAR_COLUMN = re.compile(rb"\br=[\"']([A-Z]{2,3})[0-9]")
_FAR_ROW = re.compile(rb"\br=[\"'][A-Z]*([0-9]{5,7})[\"']")
_CELL = re.compile(rb"<(?:\w+:)?c\s(?P<head>[^>]*)(?<!/)>(?P<body>.*?)</(?:\w+:)?c>", re.DOTALL)
_VALUE = re.compile(rb"<(?:\w+:)?(?:v|is)\b[^>]*(?<!/)>[^<]*[^<\s]|<(?:\w+:)?t\b")
_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
_PLACE = re.compile(rb"\br=[\"']([A-Z]{1,3})([0-9]{1,7})[\"']")
_IS_ERROR = re.compile(rb"\bt=[\"']e[\"']")


def read_spreadsheet(path: Path, *, sheet: str | None, findings: Findings) -> Sheet | None:
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
    Sheet or None
        None after an error.
    """
    book = _open(path, findings)
    if book is None:
        return None
    names = book.sheet_names
    if sheet is not None and sheet not in names:
        findings.add("layer_missing", "error", value=sheet, present=tuple(names))
        return None
    chosen = sheet or names[0]
    try:
        source = _sheet_xml(path, chosen)
        if _too_far(source, findings):
            return None
        page = book.get_sheet_by_name(chosen)
        if page.total_height * page.total_width > _MAX_CELLS:
            findings.add("sheet_too_far", "error", count=page.total_height * page.total_width)
            return None
        grid = _grid(page)
    except (python_calamine.CalamineError, zipfile.BadZipFile, OSError, ValueError) as error:
        findings.add("file_damaged", "error", detail=_first_line(error))
        return None
    if sheet is None and len(names) > 1:
        findings.add("first_sheet_read", "info", value=names[0], others=tuple(names[1:]))
    return Sheet(
        grid[:SEARCHED_ROWS],
        lambda top: rows_body(grid[top + 1 :], top + 2),
        merged=_merged(page),
        lost=dict(_lost(source)),
    )


def sheet_heads(path: Path, findings: Findings) -> Mapping[str, Grid]:
    """Return the first rows of every sheet of a workbook, by its name; none after an error."""
    book = _open(path, findings)
    if book is None:
        return {}
    heads: dict[str, Grid] = {}
    for name in book.sheet_names:
        try:
            if _too_far(_sheet_xml(path, name), findings):
                return {}
            page = book.get_sheet_by_name(name)
            cells = page.to_python(skip_empty_area=False, nrows=SEARCHED_ROWS)
        except (python_calamine.CalamineError, zipfile.BadZipFile, OSError, ValueError) as error:
            findings.add("file_damaged", "error", detail=_first_line(error))
            return {}
        heads[name] = [[cell_text(cell) for cell in row] for row in cells]
    return heads


def unpacks_small(path: Path, findings: Findings) -> bool:
    """Tell whether an archive unpacks to a size that can be read, and to the one it states."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            unpacked = sum(entry.file_size for entry in entries)
            if unpacked > MAX_BYTES:
                findings.add("file_too_large", "error", count=unpacked)
                return False
            # Reading stops at the stated size: an entry that goes on has another checksum.
            broken = archive.testzip()
    except _ARCHIVE_ERRORS as error:
        findings.add("file_damaged", "error", detail=_first_line(error))
        return False
    if broken is not None:
        findings.add("file_damaged", "error", detail=broken)
        return False
    return True


def _open(path: Path, findings: Findings) -> python_calamine.CalamineWorkbook | None:
    if path.suffix.lower() != ".xls" and not unpacks_small(path, findings):
        return None
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
    except python_calamine.PasswordError:
        findings.add("file_password", "error")
        return None
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        findings.add("file_damaged", "error", detail=_first_line(error))
        return None
    if not book.sheet_names:
        findings.add("table_empty", "error")
        return None
    return book


def _grid(page: python_calamine.CalamineSheet) -> Grid:
    cells = page.to_python(skip_empty_area=False)
    return [[cell_text(cell) for cell in row] for row in cells]


def _merged(page: python_calamine.CalamineSheet) -> tuple[Area, ...]:
    areas = page.merged_cell_ranges or ()
    return tuple((top, left, bottom, right) for (top, left), (bottom, right) in areas)


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _sheet_xml(path: Path, name: str) -> bytes:
    """Return the XML of a sheet of an Excel workbook, nothing where it is not found."""
    if path.suffix.lower() not in {".xlsx", ".xlsm"}:
        return b""
    with zipfile.ZipFile(path) as archive:
        parts = set(archive.namelist())
        if not {_BOOK, _LINKS} <= parts:
            return b""
        sheets = (_attributes(tag) for tag in _SHEET.findall(archive.read(_BOOK)))
        links = [_attributes(tag) for tag in _LINK.findall(archive.read(_LINKS))]
        target = {link.get("Id", ""): link.get("Target", "") for link in links}
        found = next((s.get("r:id", "") for s in sheets if s.get("name") == name), "")
        place = target.get(found, "")
        part = place.lstrip("/") if place.startswith("/") else f"xl/{place}"
        return archive.read(part) if part in parts else b""


def _attributes(tag: bytes) -> dict[str, str]:
    found = _ATTRIBUTE.findall(tag.decode("utf-8", "replace"))
    return {name: html.unescape(one or two) for name, one, two in found}


def _too_far(source: bytes, findings: Findings) -> bool:
    """Tell whether a sheet's cells lie so far apart that no memory holds what is between."""
    columns = set(_FAR_COLUMN.findall(source))
    rows = {int(row) for row in _FAR_ROW.findall(source)}
    size = max(map(_column, columns), default=25) * max(rows, default=9999)
    if size <= _MAX_CELLS:
        return False
    findings.add("sheet_too_far", "error", count=size)
    return True


def _column(letters: bytes) -> int:
    """Return the position of a column, that of A is 0."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _lost(source: bytes) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield the cells that have no text and are not empty: (row, column) and why."""
    if b"<f" not in source and b":f" not in source and not _IS_ERROR.search(source):
        return
    for cell in _CELL.finditer(source):
        place = _PLACE.search(cell["head"])
        if place is None:
            continue
        at = int(place[2]) - 1, _column(place[1])
        if _IS_ERROR.search(cell["head"]):
            yield at, "cell_error"
        elif _FORMULA.search(cell["body"]) and not _VALUE.search(cell["body"]):
            yield at, "formula_without_value"

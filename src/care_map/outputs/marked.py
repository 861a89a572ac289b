"""A return as it came, with its problems marked in the cells."""

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from care_map.errors import Problem
from care_map.inputs.return_files import Page, open_workbook
from care_map.messages import Catalogue
from care_map.outputs.workbook import clean, display_width

__all__ = ["Marks", "write_marked"]

_FILLS = {"error": "FFFF9999", "warning": "FFFFE699"}
_WIDTHS = (8, 14, 8, 18, 22, 44, 44)
_HEADS = ("severity", "sheet", "row", "column", "value", "message", "advice")
_LINE = Side(style="thin", color="FFA6A6A6")
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")
_CREATED = rb"\g<1>2000-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Marks:
    """What is to be marked in one workbook.

    Parameters
    ----------
    pages
        The sheets that were read.
    problems
        Findings, each with the name of its sheet ("" for the whole workbook).
    """

    pages: Sequence[Page]
    problems: Sequence[tuple[str, Problem]]


def write_marked(source: Path, target: Path, marks: Marks, *, texts: Catalogue) -> bool:
    """Write a copy of a return: problems in colour with a comment, and a list of them in front.

    What the cells hold is not changed.

    Parameters
    ----------
    source
        The return.
    target
        The copy, an .xlsx without macros.
    marks
        What to mark.
    texts
        Language of the comments.

    Returns
    -------
    bool
        False where the workbook cannot be opened for marking: then the copy has the list only.
    """
    book = open_workbook(source)
    opened = book is not None
    if book is None:
        book = Workbook()
        book.remove(book.worksheets[0])
    shown = [(sheet, problem) for sheet, problem in marks.problems if problem.severity != "info"]
    shown.sort(key=lambda one: (one[0], one[1].row or 0))
    if opened:
        for page in marks.pages:
            on_page = [problem for sheet, problem in shown if sheet == page.sheet]
            if page.sheet in book.sheetnames:
                _mark(book[page.sheet], page, on_page, texts)
    _list(book, shown, texts)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(_bytes(book))
    return opened


def _mark(sheet: Worksheet, page: Page, problems: Iterable[Problem], texts: Catalogue) -> None:
    by_cell: dict[tuple[int, int], list[Problem]] = {}
    for problem in problems:
        column = page.headers.index(problem.column) + 1 if problem.column in page.headers else 1
        row = page.header if problem.row is None else problem.row
        by_cell.setdefault((row, column), []).append(problem)
    for (row, column), found in by_cell.items():
        cell = _visible(sheet, row, column)
        worst = "error" if any(p.severity == "error" for p in found) else "warning"
        cell.fill = PatternFill("solid", start_color=_FILLS[worst], end_color=_FILLS[worst])
        lines = [_sentence(problem, texts) for problem in found]
        told = cell.comment.text if cell.comment and row == page.header else ""
        text = clean("\n".join([*lines, told]).strip().replace("\n", "\v")).replace("\v", "\n")
        comment = Comment(text, texts.text("template.author"))
        comment.width = 300
        comment.height = 30 + 18 * sum(1 + display_width(line) // 40 for line in text.split("\n"))
        cell.comment = comment


def _visible(sheet: Worksheet, row: int, column: int) -> Cell:
    """Return a cell, or of a merged one the first, which is the one that is seen."""
    cell = sheet.cell(row, column)
    if isinstance(cell, MergedCell):
        area = next(area for area in sheet.merged_cells.ranges if cell.coordinate in area)
        cell = sheet.cell(area.min_row, area.min_col)
    if isinstance(cell, MergedCell):
        msg = f"the first cell of {cell.coordinate} is merged itself"
        raise TypeError(msg)
    return cell


def _sentence(problem: Problem, texts: Catalogue) -> str:
    parts = [problem.message(texts), problem.advice(texts)]
    return texts.text("returns.mark", text=" → ".join(part for part in parts if part))


def _list(book: Workbook, problems: Sequence[tuple[str, Problem]], texts: Catalogue) -> None:
    """Put a sheet in front that says what is to be mended and where."""
    title = texts.text("returns.sheet.problems")
    if title in book.sheetnames:
        # A marked workbook that came back: its list is of last time.
        book.remove(book[title])
    sheet = book.create_sheet(title, 0)
    rows: list[Sequence[object]] = [[texts.text(f"returns.problem.{head}") for head in _HEADS]]
    for name, problem in problems:
        rows.append(_line(name, problem, texts))
    for number, row in enumerate(rows, start=1):
        for at, value in enumerate(row, start=1):
            _write(sheet, number, at, value, head=number == 1)
    for at, width in enumerate(_WIDTHS):
        sheet.column_dimensions["ABCDEFG"[at]].width = width
    sheet.freeze_panes = "A2"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    for other in book.worksheets:
        other.sheet_view.tabSelected = other is sheet
    book.active = 0


def _line(name: str, problem: Problem, texts: Catalogue) -> list[object]:
    return [
        texts.label("report.severity", problem.severity),
        name,
        problem.row,
        problem.column,
        problem.value,
        problem.message(texts),
        problem.advice(texts),
    ]


def _write(sheet: Worksheet, row: int, column: int, value: object, *, head: bool) -> None:
    cell = sheet.cell(row, column)
    if isinstance(cell, MergedCell):
        msg = "a new sheet has no merged cells"
        raise TypeError(msg)
    if isinstance(value, int):
        cell.value = value
    elif value:
        cell.value = clean(str(value))
        cell.data_type = "s"  # what looks like a formula stays text
    cell.alignment = Alignment(wrap_text=True, vertical="top", horizontal="left")
    cell.border = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
    cell.font = Font(name="宋体", size=10, bold=head)
    if head:
        cell.fill = PatternFill("solid", start_color="FFD9E5F2", end_color="FFD9E5F2")


def _bytes(book: Workbook) -> bytes:
    """Return the file; the same workbook gives the same bytes."""
    raw = io.BytesIO()
    book.save(raw)
    fixed = io.BytesIO()
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename == "docProps/core.xml":
                content = _MODIFIED.sub(_CREATED, content)
            info = zipfile.ZipInfo(entry.filename, _FIXED_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            new.writestr(info, content)
    return fixed.getvalue()

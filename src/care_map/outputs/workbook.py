"""Sheets of a workbook as an office expects them: formats, widths, frozen headers, paper.

Text is always written as text: no cell becomes a formula, a link or a number because of what a
name looks like.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import Literal

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from care_map.errors import OutputError, Problem
from care_map.outputs.amounts import Amount

__all__ = [
    "Book",
    "CellKind",
    "Field",
    "clean",
    "display_width",
    "opened_book",
    "set_columns",
    "sheet_name",
]

CellKind = Literal["text", "integer", "rate", "minutes", "number"]

_FONT = "宋体"
_CREATED = dt.datetime(2000, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None)
_NUMBER_FORMATS = {"integer": "#,##0", "rate": "0.0%", "minutes": "0.0", "number": "0.###"}
_CELL_CHARACTERS = 32_767
_SHEET_NAME = 31
_HEADER_TEXT = 200
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f\x7f-\x9f]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_WIDTHS = {"text": (9, 46), "integer": (8, 12), "rate": (8, 11), "minutes": (8, 12)}
_SAMPLED_ROWS = 300
_LINE_POINTS = 15
_WRAPPED_POINTS, _EDGE_POINTS = 13, 5
_MAX_POINTS = 409
_A4, _A3 = 9, 8
_ROOM_PIXELS = {_A4: 1026, _A3: 1491}
"""Between the margins of a sheet of paper that lies on its side, at 96 pixels an inch."""
_LEAST_SCALE = 0.7
"""How far a printed sheet may shrink (default): letters of 10 points come out as 7."""


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a sheet: its title, what its cells hold, and a width if it must be fixed."""

    title: str
    kind: CellKind = "text"
    width: float | None = None


@dataclass(slots=True)
class Book:
    """An open workbook with its formats and the names of sheets that are taken.

    Parameters
    ----------
    workbook
        The workbook.
    banner
        What every sheet says under its title: date, synthetic data.
    footer
        What stands at the foot of every printed page, besides the page number.
    page
        Footer of the page number, in the codes of spreadsheets.
    """

    workbook: xlsxwriter.Workbook
    banner: Sequence[str]
    footer: str
    page: str
    formats: dict[str, Format] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def style(self, name: str, **properties: object) -> Format:
        """Return the format of that name, made at its first use."""
        if name not in self.formats:
            base = {"font_name": _FONT, "font_size": 10, "valign": "vcenter"}
            self.formats[name] = self.workbook.add_format({**base, **properties})
        return self.formats[name]

    def sheet(self, title: str) -> Worksheet:
        """Add a sheet, named by `title` as far as spreadsheets allow, set up for A4 landscape."""
        name = sheet_name(title, self.taken)
        self.taken.add(name.casefold())
        sheet = self.workbook.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        sheet.fit_to_pages(1, 0)
        sheet.hide_gridlines(2)
        foot = clean(self.footer)[:_HEADER_TEXT].replace("&", "&&")
        sheet.set_footer(f"&L&8{foot}&R&8{self.page}")
        return sheet

    def head(self, sheet: Worksheet, title: str) -> int:
        """Write title and banner; return the first free row."""
        title_style = self.style("title", bold=True, font_size=14)
        sheet.write_string(0, 0, clean(title), title_style)
        sheet.set_row(0, 24)
        banner = self.style("banner", font_size=9, font_color="#9C0006", bold=True)
        sheet.write_string(1, 0, clean("  ".join(self.banner)), banner)
        return 2

    def note(self, sheet: Worksheet, row: int, text: str) -> None:
        """Write a line over the whole width."""
        sheet.write_string(row, 0, clean(text), self.style("note", font_size=9))

    def spanning(self, sheet: Worksheet, row: int, first: int, columns: int, text: str) -> None:
        """Write a header over several columns."""
        sheet.merge_range(row, first, row, first + columns - 1, "", self.header())
        sheet.write_string(row, first, clean(text), self.header())

    def lines(
        self,
        sheet: Worksheet,
        row: int,
        heading: str,
        lines: Iterable[str],
        widths: Sequence[float],
    ) -> int:
        """Write a heading and sentences over all columns; return the next free row but one.

        A merged cell does not grow with its text by itself: heights follow from `widths`.
        """
        sheet.write_string(row, 0, heading, self.style("heading", bold=True, font_size=12))
        sheet.set_row(row, 22)
        style = self.style("line", text_wrap=True)
        for line in lines:
            row += 1
            text = clean(line)
            sheet.merge_range(row, 0, row, len(widths) - 1, "", style)
            sheet.write_string(row, 0, text, style)
            count = 1 + int(display_width(text) / (sum(widths) * 0.9))
            sheet.set_row(row, min(_LINE_POINTS * count, _MAX_POINTS))
        return row + 2

    def grid(
        self,
        sheet: Worksheet,
        top: int,
        fields: Sequence[Field],
        rows: Sequence[Sequence[object]],
        *,
        freeze_columns: int = 0,
    ) -> None:
        """Write a header at row `top` and the rows under it: filter, frozen panes, widths, paper.

        A cell that is None stays empty; numbers stay numbers, amounts with their unit.
        """
        self.table(sheet, top, fields, rows)
        sheet.freeze_panes(top + 1, freeze_columns)
        sheet.autofilter(top, 0, top + max(len(rows), 1), len(fields) - 1)
        sheet.repeat_rows(0, top)
        widths = [column.width or _fitting(column, rows, at) for at, column in enumerate(fields)]
        set_columns(sheet, widths, repeated=max(freeze_columns, 1))

    def table(
        self,
        sheet: Worksheet,
        top: int,
        fields: Sequence[Field],
        rows: Sequence[Sequence[object]],
    ) -> None:
        """Write a header and rows, and leave widths and panes as they are."""
        header = self.header()
        sheet.set_row(top, 42 if any(column.title.isascii() for column in fields) else 30)
        for number, column in enumerate(fields):
            sheet.write_string(top, number, column.title, header)
            self._column(sheet, top + 1, number, column.kind, [row[number] for row in rows])

    def heights(
        self,
        sheet: Worksheet,
        top: int,
        widths: Sequence[float],
        rows: Iterable[Sequence[object]],
    ) -> None:
        """Make rows as high as their text: not every program does so when it opens a file."""
        for number, row in enumerate(rows, start=top):
            lines = max(
                ceil(display_width(part) / (width - 2)) or 1
                for cell, width in zip(row, widths, strict=True)
                for part in [cell if isinstance(cell, str) else ""]
            )
            sheet.set_row(number, min(_WRAPPED_POINTS * lines + _EDGE_POINTS, _MAX_POINTS))

    def header(self) -> Format:
        """Return the format of header cells."""
        return self.style(
            "header",
            bold=True,
            align="center",
            text_wrap=True,
            border=1,
            border_color="#A6A6A6",
            bg_color="#D9E5F2",
        )

    def body(self, kind: CellKind) -> Format:
        """Return the format of body cells of a kind."""
        edge = {"border": 1, "border_color": "#D0D0D0"}
        if kind == "text":
            return self.style("text", text_wrap=True, indent=1, num_format="@", **edge)
        return self.style(kind, num_format=_NUMBER_FORMATS[kind], **edge)

    def amount(self, number_format: str) -> Format:
        """Return the format of a number with its unit."""
        edge = {"border": 1, "border_color": "#D0D0D0"}
        return self.style(f"amount {number_format}", num_format=number_format, **edge)

    def _column(
        self, sheet: Worksheet, top: int, number: int, kind: CellKind, cells: Iterable[object]
    ) -> None:
        style = self.body(kind)
        for row, cell in enumerate(cells, start=top):
            if cell is None or cell == "":
                sheet.write_blank(row, number, None, style)
            elif isinstance(cell, Amount):
                sheet.write_number(row, number, cell.value, self.amount(cell.number_format))
            elif isinstance(cell, int | float):
                sheet.write_number(row, number, cell, style)
            else:
                sheet.write_string(row, number, clean(str(cell)), style)


@contextmanager
def opened_book(path: Path, *, title: str, banner: Sequence[str], page: str) -> Iterator[Book]:
    """Open a workbook that has the same bytes whenever it is written; close it at the end.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    options = {
        "in_memory": True,  # members of the zip get a fixed time
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    workbook = xlsxwriter.Workbook(path, options)
    workbook.set_properties({"title": clean(title)[:255], "created": _CREATED})
    footer = "  ".join([title, *banner])
    yield Book(workbook, banner, footer, page)
    try:
        workbook.close()
    except FileCreateError as error:
        detail = str(error)
        problem = Problem("output_unwritable", source=path.name, values={"detail": detail})
        raise OutputError([problem]) from error


def set_columns(sheet: Worksheet, widths: Sequence[float], *, repeated: int = 1) -> None:
    """Set the widths of columns, and the paper on which they can be read.

    A4, else A3, where the table is one page wide; a wider one goes on over pages of A3, with its
    first `repeated` columns on each.
    """
    for number, width in enumerate(widths):
        sheet.set_column(number, number, width)
    pixels = sum(7 * width + 5 for width in widths)
    for paper, room in _ROOM_PIXELS.items():
        sheet.set_paper(paper)
        if pixels * _LEAST_SCALE <= room:
            return
    sheet.set_print_scale(round(100 * _LEAST_SCALE))
    sheet.repeat_columns(0, repeated - 1)
    sheet.print_across()


def sheet_name(title: str, taken: Iterable[str] = ()) -> str:
    """Return a legal name of a sheet that is not among `taken` (case folded).

    Examples
    --------
    >>> sheet_name("步行/乘车: [15]")
    '步行 乘车   15'
    >>> sheet_name("缺口", {"缺口"})
    '缺口 2'
    """
    legal = _FORBIDDEN.sub(" ", clean(title)).strip(" '") or "-"
    if legal.casefold() == "history":
        legal = f"{legal} 1"
    taken = set(taken)
    name, number = _cut(legal, _SHEET_NAME).rstrip(" '"), 2
    while name.casefold() in taken:
        ending = f" {number}"
        name = _cut(legal, _SHEET_NAME - len(ending)).rstrip(" '") + ending
        number += 1
    return name


def display_width(text: str) -> int:
    """Return how many Latin letters wide a line is; a Chinese character is two.

    Examples
    --------
    >>> display_width("15分钟")
    6
    """
    return sum(2 if unicodedata.east_asian_width(sign) in "WFA" else 1 for sign in text)


def _cut(text: str, units: int) -> str:
    """Cut to that many UTF-16 units, which is how spreadsheets count, splitting no character."""
    return text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore")


def clean(text: str) -> str:
    """Return a text as a cell can hold it: no control characters, not too long."""
    legal = _CONTROL.sub(" ", text)
    if len(legal) <= _CELL_CHARACTERS // 2:
        return legal
    short = _cut(legal, _CELL_CHARACTERS - 1)
    return legal if short == legal else f"{short}…"


def _fitting(column: Field, rows: Sequence[Sequence[object]], number: int) -> float:
    least, most = _WIDTHS.get(column.kind, (9, 14))
    # A header may take two lines.
    wanted = display_width(column.title) / 2 + 3
    if column.kind == "text":
        cells = (str(row[number] or "") for row in rows[:_SAMPLED_ROWS])
        wanted = max([wanted, *(display_width(cell) + 3 for cell in cells)])
    return float(min(max(wanted, least), most))

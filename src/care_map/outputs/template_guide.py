"""The sheet of a template that says how to fill it in."""

from collections.abc import Callable, Sequence

from xlsxwriter.worksheet import Worksheet

from care_map.inputs.codes import CODED
from care_map.messages import Catalogue
from care_map.outputs.workbook import Book, clean, display_width
from care_map.schema import Column, Table

__all__ = ["write_guide"]

_WIDTHS = (22.0, 8.0, 26.0, 58.0, 58.0)
_IDS = frozenset({"facility_id", "demand_id", "candidate_id"})
_LINE_POINTS = 15.0
_MAX_POINTS = 400.0
_RULES = ("required_colour", "no_examples", "keep_header", "unreadable", "dates", "codes")


def write_guide(
    book: Book,
    sheets: Sequence[tuple[Table, Sequence[Column]]],
    *,
    texts: Catalogue,
    lines: Sequence[str],
    choices: Callable[[Column], str],
) -> None:
    """Write the explanations: rules in general, then every column of every sheet.

    Parameters
    ----------
    book
        The workbook.
    sheets
        Each sheet to fill in: its table and its columns.
    texts
        Language.
    lines
        What is said besides the general rules.
    choices
        Gives the words that a column knows, "" where it takes any.
    """
    sheet = book.sheet(texts.text("template.sheet.guide"))
    for at, width in enumerate(_WIDTHS):
        sheet.set_column(at, at, width)
    sheet.write_string(0, 0, texts.text("template.guide.title"), book.style("title", bold=True))
    sheet.set_row(0, 24)
    rules = [texts.text(f"template.guide.{rule}") for rule in _RULES]
    row = book.lines(sheet, 1, texts.text("template.guide.rules"), [*lines, *rules], _WIDTHS)
    for table, columns in sheets:
        name = texts.text(f"template.sheet.{table.name}")
        heading = texts.text("template.guide.sheet", sheet=name)
        sheet.write_string(row, 0, heading, book.style("heading", bold=True, font_size=12))
        sheet.set_row(row, 22)
        heads = ("column", "required", "fill", "meaning", "choices")
        for at, head in enumerate(heads):
            sheet.write_string(row + 1, at, texts.text(f"template.guide.{head}"), book.header())
        for column in columns:
            cells = _cells(column, table, texts, choices(column))
            _write_row(book, sheet, row + 2, cells)
            row += 1
        row += 3


def _cells(column: Column, table: Table, texts: Catalogue, words: str) -> list[str]:
    kind: str = column.kind
    if column.name in _IDS:
        kind = "id"
    elif column.name in CODED and kind == "text":
        kind = "choice"
    key = f"template.column.{table.name}.{column.name}"
    return [
        column.title(texts.language),
        texts.text("template.guide.must") if column.required else "",
        texts.text(f"template.kind.{kind}"),
        texts.text(key) if texts.has(key) else "",
        words,
    ]


def _write_row(book: Book, sheet: Worksheet, row: int, cells: Sequence[str]) -> None:
    style = book.body("text")
    for at, cell in enumerate(cells):
        sheet.write_string(row, at, clean(cell), style)
    lines = max(
        1 + int(display_width(cell) / (width - 3))
        for cell, width in zip(cells, _WIDTHS, strict=True)
    )
    sheet.set_row(row, min(_LINE_POINTS * lines + 3, _MAX_POINTS))

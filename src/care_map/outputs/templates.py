"""Workbooks to fill in: drop-downs, a note on every header, formats, how to fill them in.

A sheet of a template is read back by :mod:`care_map.inputs` without any setting: its headers are
the titles of :mod:`care_map.schema`, its words are the labels of the vocabulary. The same rows
give the same bytes.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range_abs
from xlsxwriter.worksheet import Worksheet

from care_map.inputs.cells import split_list
from care_map.inputs.codes import CODED
from care_map.inputs.return_files import IDENTITY_SHEET
from care_map.messages import Catalogue
from care_map.outputs.template_guide import write_guide
from care_map.outputs.workbook import Book, CellKind, clean, display_width, opened_book
from care_map.schema import Column, Table
from care_map.vocabulary import VOCABULARIES

__all__ = ["TemplateSheet", "cell_value", "extra_column", "write_template"]

_FREE = {"town_name": "towns", "community_name": "communities"}
"""Columns whose words are names of units: chosen from a list that may lack some."""

_LAST_ROW = 1_048_575
_ROOM_FOR_NAMES = 500
_FIRST_DATE = dt.date(1900, 3, 1)
"""Spreadsheets count 29 February 1900, which there was not: days before it stay text."""

_COLUMNS_OF_A_PAGE = 16
_REQUIRED_COLOUR = "#F8CBAD"
_WIDTHS = {"integer": 10.0, "number": 12.0, "date": 13.0, "flag": 9.0}
_WIDE = frozenset({"name", "address", "roles", "groups", "needs", "note", "serves_units"})
_FORMATS: Mapping[str, tuple[CellKind, str]] = {
    "integer": ("integer", "0"),
    "number": ("number", "0.######"),
    "date": ("number", "yyyy-mm-dd"),
}


@dataclass(frozen=True, slots=True)
class TemplateSheet:
    """A sheet to fill in.

    Parameters
    ----------
    table
        Table that it is read as.
    columns
        Its columns in their order; :func:`extra_column` for those that `table` lacks.
    rows
        What is filled in already: per row a value per column, as :func:`cell_value` takes it.
    title
        Line above the header, none if empty.
    name
        Name of the sheet; the table's without it.
    """

    table: Table
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[object]] = field(default=())
    title: str = ""
    name: str = ""


def extra_column(header: str) -> Column:
    """Return a column of a user's own: text under the user's header."""
    return Column(header, "text", header, header)


def cell_value(value: object, column: Column, texts: Catalogue) -> str | float | dt.date | None:
    """Return what is written for a value as the readers give it.

    Parameters
    ----------
    value
        Number, flag, text, ISO date, codes joined with ``;``; None where it is missing. A text
        in a column of numbers, flags or dates stays as it is.
    column
        The column it is in.
    texts
        Catalogue of the labels.

    Returns
    -------
    str, float, datetime.date or None

    Examples
    --------
    >>> from care_map.messages import catalogue
    >>> from care_map.schema import FACILITIES
    >>> cell_value("care_home;meal_point", FACILITIES.column("roles"), catalogue("zh"))
    '养老机构、助餐点'
    """
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return texts.text("template.yes" if value else "template.no")
    if isinstance(value, int | float):
        return value
    text = str(value)
    if column.kind == "date":
        return _day(text)
    return _words(text, column, texts) if column.name in CODED or column.kind == "list" else text


def _words(text: str, column: Column, texts: Catalogue) -> str:
    """Return codes as their labels; what is no code stays as it is."""
    parts = text.split(";")
    vocabulary = CODED.get(column.name)
    if vocabulary:
        if not set(parts) <= set(VOCABULARIES[vocabulary]):
            return text
        parts = [_word(vocabulary, code, texts, alone=len(parts) == 1) for code in parts]
    return texts.text("template.separator").join(parts)


def _word(vocabulary: str, code: str, texts: Catalogue, *, alone: bool) -> str:
    """Return the label; the code where the label has a comma and would be cut in a list."""
    label = texts.label(vocabulary, code)
    return label if alone or len(split_list(label)) == 1 else code


def _day(text: str) -> str | dt.date:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return text
    return day if day >= _FIRST_DATE else text


def write_template(
    path: Path,
    sheets: Sequence[TemplateSheet],
    *,
    texts: Catalogue,
    title: str,
    lines: Sequence[str] = (),
    names: Mapping[str, Sequence[str]] | None = None,
    identity: Mapping[str, str] | None = None,
) -> None:
    """Write a workbook to fill in.

    Parameters
    ----------
    path
        The file; what is there is replaced.
    sheets
        Its sheets; one that explains them and one of the choices follow.
    texts
        Language of headers, notes and labels.
    title
        What the workbook is, for its properties and the foot of printed pages.
    lines
        What the sheet of explanations says besides.
    names
        Choices of ``towns`` and ``communities``; where there are none a user may fill them in.
    identity
        What a hidden sheet says of a return; its headers are protected then (without a
        password). None for a template.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    names = {"towns": (), "communities": ()} if names is None else names
    with opened_book(path, title=title, banner=(), page=texts.text("template.page")) as book:
        writer = _Writer(book, texts, _choices(sheets, texts, names), protect=identity is not None)
        for sheet in sheets:
            writer.data(sheet)
        guide = [(sheet.table, sheet.columns) for sheet in sheets]
        write_guide(book, guide, texts=texts, lines=lines, choices=writer.told)
        writer.lists()
        if identity is not None:
            _identify(book, identity)


def _choices(
    sheets: Sequence[TemplateSheet], texts: Catalogue, names: Mapping[str, Sequence[str]]
) -> dict[str, list[str]]:
    """Return the lists to choose from: title → words."""
    columns = [column for sheet in sheets for column in sheet.columns]
    found: dict[str, list[str]] = {}
    for column in columns:
        if column.name in CODED:
            vocabulary = CODED[column.name]
            alone = column.kind != "list"
            words = [
                _word(vocabulary, code, texts, alone=alone) for code in VOCABULARIES[vocabulary]
            ]
            found[column.title(texts.language)] = words
    if any(column.kind == "flag" for column in columns):
        found[texts.text("template.kind.flag")] = [
            texts.text("template.yes"),
            texts.text("template.no"),
        ]
    for name, kind in _FREE.items():
        if kind in names and any(column.name == name for column in columns):
            found[texts.text(f"template.{kind}")] = list(names[kind])
    return found


@dataclass(slots=True)
class _Writer:
    """Writes the sheets of one workbook."""

    book: Book
    texts: Catalogue
    choices: Mapping[str, Sequence[str]]
    protect: bool

    def data(self, template: TemplateSheet) -> None:
        """Write a sheet to fill in."""
        table = template.table
        own = template.name or self.texts.text(f"template.sheet.{table.name}")
        sheet = self.book.sheet(own)
        top = 0
        if template.title:
            style = self.book.style("title", bold=True, font_size=14)
            sheet.write_string(0, 0, clean(template.title), style)
            sheet.set_row(0, 26)
            top = 1
        for at, column in enumerate(template.columns):
            self._column(sheet, top, at, column, table)
        for row, cells in enumerate(template.rows, start=top + 1):
            for at, (column, cell) in enumerate(zip(template.columns, cells, strict=True)):
                self._cell(sheet, row, at, column, cell)
        frozen = self._frozen(template.columns)
        sheet.set_row(top, 32)
        sheet.freeze_panes(top + 1, frozen)
        sheet.hide_gridlines(0)
        if len(template.columns) > _COLUMNS_OF_A_PAGE:
            # Forty columns on one page could not be read.
            sheet.set_print_scale(70)
            sheet.repeat_columns(0, frozen - 1)
        sheet.repeat_rows(0, top)
        if self.protect:
            allowed = dict.fromkeys(_ALLOWED, True)
            sheet.protect("", allowed)

    def _frozen(self, columns: Sequence[Column]) -> int:
        """Return how many columns stay in sight: up to the name."""
        known = [column.name for column in columns]
        return known.index("name") + 1 if "name" in known[:3] else 1

    def _column(self, sheet: Worksheet, top: int, at: int, column: Column, table: Table) -> None:
        title = column.title(self.texts.language)
        sheet.write_string(top, at, clean(title), self._header(required=column.required))
        style = self._body(column)
        wide = 26.0 if column.name in _WIDE else 15.0
        width = max(_WIDTHS.get(column.kind, wide), min(display_width(title) / 2 + 4, 20.0))
        sheet.set_column(at, at, width, style)
        key = f"template.column.{table.name}.{column.name}"
        if self.texts.has(key):
            self._note(sheet, top, at, self.texts.text(key))
        rule = self._rule(column)
        if rule:
            sheet.data_validation(top + 1, at, _LAST_ROW, at, rule)

    def _note(self, sheet: Worksheet, row: int, at: int, text: str) -> None:
        lines = 1 + display_width(text) // 34
        options = {
            "author": self.texts.text("template.author"),
            "width": 230,
            "height": 14 + 17 * lines,
            "font_size": 9,
        }
        sheet.write_comment(row, at, text, options)

    def _header(self, *, required: bool) -> Format:
        if not required:
            return self.book.header()
        return self.book.style(
            "required",
            bold=True,
            align="center",
            text_wrap=True,
            border=1,
            border_color="#A6A6A6",
            bg_color=_REQUIRED_COLOUR,
        )

    def _body(self, column: Column) -> Format:
        kind, shown = _FORMATS.get(column.kind, ("text", "@"))
        name = f"fill {shown}"
        return self.book.style(name, num_format=shown, locked=False, text_wrap=kind == "text")

    def _cell(self, sheet: Worksheet, row: int, at: int, column: Column, value: object) -> None:
        cell = cell_value(value, column, self.texts)
        style = self._body(column)
        if isinstance(cell, dt.date):
            sheet.write_datetime(row, at, cell, style)
        elif isinstance(cell, str):
            sheet.write_string(row, at, clean(cell), style)
        elif cell is not None:
            sheet.write_number(row, at, cell, style)

    def told(self, column: Column) -> str:
        """Return the words that a column knows, for the explanations."""
        words = self.choices.get(self._list_of(column), [])
        return self.texts.text("template.separator").join(words)

    def _list_of(self, column: Column) -> str:
        if column.name in CODED:
            return column.title(self.texts.language)
        return self.texts.text("template.kind.flag") if column.kind == "flag" else ""

    def _rule(self, column: Column) -> dict[str, Any] | None:
        """Return what a cell is checked by while it is typed; a list may hold several words."""
        ask = {"error_title": self.texts.text("template.invalid.title"), "ignore_blank": True}
        free = _FREE.get(column.name)
        title = self.texts.text(f"template.{free}") if free else self._list_of(column)
        if title in self.choices:
            open_ended = bool(free) or column.kind == "list"
            source = f"='{self._choices_sheet}'!{self._range(title)}"
            message = self.texts.text("template.invalid.choice")
            rule = {"validate": "list", "source": source, "error_message": message}
            return {**rule, **ask, "show_error": not open_ended}
        if column.kind not in _FORMATS:
            return None
        ask["error_message"] = self.texts.text(f"template.invalid.{column.kind}")
        ask["error_type"] = "warning"
        if column.kind == "date":
            limit = {"validate": "date", "criteria": ">=", "value": _FIRST_DATE}
        elif column.kind == "integer":
            limit = {"validate": "integer", "criteria": ">=", "value": 0}
        else:
            limit = {"validate": "decimal", "criteria": "between", "minimum": -1e12}
            limit["maximum"] = 1e12
        return {**limit, **ask}

    @property
    def _choices_sheet(self) -> str:
        return self.texts.text("template.sheet.choices")

    def _range(self, title: str) -> str:
        at = list(self.choices).index(title)
        rows = len(self.choices[title]) or _ROOM_FOR_NAMES
        found: str = xl_range_abs(1, at, rows, at)
        return found

    def lists(self) -> None:
        """Write the sheet of the choices."""
        sheet = self.book.sheet(self._choices_sheet)
        style = self.book.style("choice", num_format="@")
        for at, (title, words) in enumerate(self.choices.items()):
            sheet.set_column(at, at, max(14.0, *(display_width(w) + 3.0 for w in (title, *words))))
            sheet.write_string(0, at, title, self.book.header())
            for row, word in enumerate(words, start=1):
                sheet.write_string(row, at, clean(word), style)
        sheet.freeze_panes(1, 0)


_ALLOWED = (
    "format_cells",
    "format_columns",
    "format_rows",
    "insert_rows",
    "insert_columns",
    "delete_rows",
    "sort",
    "autofilter",
)


def _identify(book: Book, identity: Mapping[str, str]) -> None:
    sheet = book.workbook.add_worksheet(IDENTITY_SHEET)
    style = book.style("identity", num_format="@")
    sheet.set_column(0, 1, 24)
    for row, (key, value) in enumerate(identity.items()):
        sheet.write_string(row, 0, key, style)
        sheet.write_string(row, 1, clean(value), style)
    sheet.protect("")
    sheet.very_hidden()

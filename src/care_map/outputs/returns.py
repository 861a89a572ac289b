"""What comes of a folder of returns: merged lists, who is missing, what changed."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from care_map.inputs.return_merge import Listed
from care_map.inputs.returns import Change, Kind, Record
from care_map.messages import LANGUAGES, Catalogue, catalogue
from care_map.outputs.templates import TemplateSheet, cell_value, extra_column, write_template
from care_map.outputs.workbook import Book, Field, opened_book
from care_map.schema import Column

__all__ = [
    "file_stem",
    "list_columns",
    "write_chase",
    "write_list",
    "write_merge_report",
]

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
_LONGEST_STEM = 60
_ORIGIN = ("file", "row")


def file_stem(name: str, period: str, *, taken: Iterable[str] = ()) -> str:
    """Return a name of a file that Windows, macOS and zip programs take.

    Parameters
    ----------
    name, period
        What it is made of.
    taken
        Stems that are there already, case folded.

    Returns
    -------
    str
        Without its extension.

    Examples
    --------
    >>> file_stem("高笋塘街道", "2026Q4")
    '高笋塘街道_2026Q4'
    >>> file_stem("a/b: <c>?.", "2026Q4"), file_stem("CON", "2026Q4")
    ('a b c_2026Q4', 'CON_2026Q4')
    """
    clean = " ".join(_FORBIDDEN.sub(" ", unicodedata.normalize("NFC", name)).split())
    clean = clean[:_LONGEST_STEM].strip(". ") or "-"
    if period:
        clean = f"{clean}_{period}"
    if _RESERVED.fullmatch(clean):
        clean = f"_{clean}"
    taken, stem, number = set(taken), clean, 2
    while stem.casefold() in taken:
        stem, number = f"{clean}_{number}", number + 1
    return stem


def list_columns(
    kind: Kind, records: Iterable[Record], *, always: Iterable[str], never: Iterable[str] = ()
) -> tuple[Column, ...]:
    """Return the columns of a form or of a merged list: what is asked for, and what is there.

    Parameters
    ----------
    kind
        The list.
    records
        Its rows; a column that any of them has is there.
    always, never
        Columns that are there without a value, and columns that are not.

    Returns
    -------
    tuple of Column
        In the order of the schema, then the user's own.
    """
    skipped = {*never, "wkt", *origin_titles()}
    present: dict[str, None] = {}
    for record in records:
        present.update((name, None) for name, value in record.cells.items() if value is not None)
    known = [c for c in kind.table.columns if c.name in present or c.name in set(always)]
    own = [name for name in present if name not in kind.table.names]
    columns = [*known, *map(extra_column, own)]
    return tuple(column for column in columns if column.name not in skipped)


def origin_titles() -> set[str]:
    """Return the headers, in all languages, of the columns that say where a row comes from."""
    return {
        catalogue(code).text(f"returns.origin.{name}") for code in LANGUAGES for name in _ORIGIN
    }


def write_list(
    path: Path,
    parts: Mapping[str, Sequence[Record]],
    kind: Kind,
    *,
    columns: Sequence[Column],
    texts: Catalogue,
    title: str,
) -> None:
    """Write merged lists in the form of a template, with file and row of each row.

    Parameters
    ----------
    path
        Workbook.
    parts
        Name of a sheet → its rows.
    kind
        The list.
    columns
        Its columns.
    texts
        Language.
    title
        What it is.
    """
    origin = [extra_column(texts.text(f"returns.origin.{name}")) for name in _ORIGIN]
    sheets = [
        TemplateSheet(
            kind.table,
            (*columns, *origin),
            [
                [*(record.cells.get(c.name) for c in columns), record.file, str(record.row)]
                for record in records
            ],
            name=name,
        )
        for name, records in parts.items()
    ]
    write_template(path, sheets, texts=texts, title=title)


def write_chase(
    path: Path, rows: Sequence[Mapping[str, object]], *, texts: Catalogue, title: str
) -> None:
    """Write the list of towns whose return is missing or cannot be used.

    Parameters
    ----------
    path
        Workbook.
    rows
        A mapping per town: ``unit_id``, ``town``, ``why``, ``files``.
    texts
        Language.
    title
        Its heading.
    """
    with opened_book(path, title=title, banner=(), page=texts.text("template.page")) as book:
        names = ("unit_id", "town", "why", "files")
        widths = (18.0, 24.0, 36.0, 44.0)
        fields = [
            Field(texts.text(f"returns.chase.{name}"), "text", width)
            for name, width in zip(names, widths, strict=True)
        ]
        _sheet(book, title, fields, [[row[name] for name in names] for row in rows])


def write_merge_report(
    path: Path,
    *,
    towns: Sequence[Mapping[str, object]],
    listed: Sequence[Listed],
    changes: Mapping[str, Sequence[Change]],
    kinds: Sequence[Kind],
    names: Mapping[str, str],
    texts: Catalogue,
    title: str,
) -> None:
    """Write what became of each town's return, of each row, and what changed.

    Parameters
    ----------
    path
        Workbook.
    towns
        A mapping per town: the fields of ``returns.town`` in the catalogue.
    listed
        Rows that were not merged.
    changes
        List → what changed.
    kinds
        The lists.
    names
        Id of a town → its name.
    texts
        Language.
    title
        Heading of the first sheet.
    """
    with opened_book(path, title=title, banner=(), page=texts.text("template.page")) as book:
        _sheet(book, title, _town_fields(texts), [_town_cells(town) for town in towns])
        for kind in kinds:
            name = texts.text(f"template.sheet.{kind.table.name}")
            heading = texts.text("returns.sheet.changes", list=name)
            rows = [_change(change, kind, names, texts) for change in changes[kind.key]]
            _sheet(book, heading, _fields("change", _CHANGE, texts), rows)
        heading = texts.text("returns.sheet.listed")
        rows = [
            [
                names.get(one.town, ""),
                one.file,
                one.sheet,
                one.row,
                _reason(one.reason, texts),
                "  ".join(one.cells),
            ]
            for one in listed
        ]
        _sheet(book, heading, _fields("listed", _LISTED, texts), rows)


_TOWN = ("unit_id", "town", "status", "files", "rows", "merged", "listed")
_TOWN_COUNTS = ("added", "removed", "changed")
_CHANGE = ("town", "id", "name", "what", "column", "old", "new", "file", "row")
_LISTED = ("town", "file", "sheet", "row", "reason", "cells")
_NUMBERS = frozenset({"rows", "merged", "listed", "added", "removed", "changed", "row"})
_WIDE = {"files": 40.0, "reason": 40.0, "cells": 70.0, "name": 30.0, "old": 30.0, "new": 30.0}


def _fields(group: str, names: Sequence[str], texts: Catalogue) -> list[Field]:
    return [
        Field(
            texts.text(f"returns.{group}.{name}"),
            "integer" if name in _NUMBERS else "text",
            _WIDE.get(name, 10.0 if name in _NUMBERS else 20.0),
        )
        for name in names
    ]


def _town_fields(texts: Catalogue) -> list[Field]:
    return _fields("town", (*_TOWN, *_TOWN_COUNTS), texts)


def _town_cells(town: Mapping[str, object]) -> list[object]:
    return [town[name] for name in (*_TOWN, *_TOWN_COUNTS)]


def _sheet(
    book: Book, heading: str, fields: Sequence[Field], rows: Sequence[Sequence[object]]
) -> None:
    sheet = book.sheet(heading)
    top = book.head(sheet, heading)
    book.grid(sheet, top, fields, rows)


def _reason(code: str, texts: Catalogue) -> str:
    key = f"returns.why.{code}"
    return texts.text(key) if texts.has(key) else texts.text("returns.why.other", code=code)


def _change(change: Change, kind: Kind, names: Mapping[str, str], texts: Catalogue) -> list[object]:
    record = change.record
    known = {column.name: column for column in kind.table.columns}
    column = known.get(change.column, extra_column(change.column))
    old, new = (_told(cell_value(value, column, texts)) for value in (change.old, change.new))
    return [
        names.get(record.town, ""),
        record.id,
        str(record.cells.get("name") or ""),
        texts.text(f"returns.what.{change.what}"),
        column.title(texts.language) if change.column else "",
        old,
        new,
        record.file,
        record.row,
    ]


def _told(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.10g}"
    return "" if value is None else str(value)

"""A folder of return workbooks: which can be opened, whose each is, what is odd about it.

A workbook tells by a hidden sheet whose it is; where that is gone its name does, if it holds
the name of one town. Archives are looked at before anything unpacks them.
"""

import re
import unicodedata
import warnings
import zipfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from xml.etree.ElementTree import ParseError

import openpyxl
import python_calamine
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook import Workbook

from care_map.errors import Problem
from care_map.inputs.findings import Findings
from care_map.inputs.headers import recognised
from care_map.inputs.sheets import cell_text, header_row
from care_map.schema import Table

__all__ = [
    "IDENTITY_SHEET",
    "Page",
    "ReturnFile",
    "open_workbook",
    "read_folder",
    "read_page",
    "sheet_oddities",
]

IDENTITY_SHEET = "_care_map"
"""Hidden sheet of a return: what it is, in rows of a key and a value."""

MAX_FILE_BYTES = 50 * 1024**2
MAX_UNPACKED_BYTES = 300 * 1024**2
MAX_CELLS = 20_000_000
"""Limits of one town's workbook (default): far above what any town writes."""

_BOOKS = frozenset({".xlsx", ".xlsm"})
_TEMPORARY = ("~$", "._", ".~")
_SYSTEM = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_CHUNK = 1 << 20
_OVERLAP = 64
_ENTITIES = re.compile(b"<!DOCTYPE|<!ENTITY|<\0!\0D\0O\0C\0T|\0<\0!\0D\0O\0C\0T")
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_TELLING_COLUMNS = 3
_WORKBOOK_PART = "xl/workbook.xml"
_NOISE = re.compile(r"\s+")
_OPEN_ERRORS = (
    AttributeError,
    EOFError,
    IndexError,
    InvalidFileException,
    KeyError,
    NotImplementedError,
    OSError,
    OverflowError,
    ParseError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
)
"""What openpyxl raises on workbooks that other programs open."""


@dataclass(frozen=True, slots=True)
class ReturnFile:
    """One file of the folder.

    Parameters
    ----------
    path
        The file.
    name
        Its path inside the folder, for people.
    kind
        ``"book"`` can be read, ``"ignored"`` is none of ours, ``"refused"`` cannot be read.
    unit_id
        Town whose return it is, "" if that is not known.
    identity
        What its hidden sheet says.
    sheets
        Names of its sheets.
    problems
        What was found so far.
    """

    path: Path
    name: str
    kind: str
    unit_id: str = ""
    identity: Mapping[str, str] = field(default_factory=dict)
    sheets: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_folder(folder: Path, *, towns: Mapping[str, str]) -> list[ReturnFile]:
    """Look at every file of a folder and of the folders in it.

    Parameters
    ----------
    folder
        What the towns have sent back.
    towns
        Id of each town → its name.

    Returns
    -------
    list of ReturnFile
        Ordered by path; every file is there.
    """
    files = sorted(path for path in folder.rglob("*") if not path.is_dir())
    return [_look_at(path, path.relative_to(folder).as_posix(), towns) for path in files]


def _look_at(path: Path, name: str, towns: Mapping[str, str]) -> ReturnFile:
    findings = Findings(name)
    plain = path.name.casefold()
    if plain.startswith(_TEMPORARY) or plain in _SYSTEM:
        findings.add("return_temporary", "info")
        return ReturnFile(path, name, "ignored", problems=tuple(findings.problems))
    if not _can_be_opened(path, findings):
        town = _town_in_name(name, towns)
        return ReturnFile(path, name, "refused", town, problems=tuple(findings.problems))
    sheets = _sheet_names(path, findings)
    if not sheets:
        town = _town_in_name(name, towns)
        return ReturnFile(path, name, "refused", town, problems=tuple(findings.problems))
    identity = _identity(path, sheets)
    unit = _unit(name, identity, towns, findings)
    problems = tuple(findings.problems)
    return ReturnFile(path, name, "book", unit, identity, sheets, problems)


def _can_be_opened(path: Path, findings: Findings) -> bool:
    mistakes = len(findings.problems)
    kind = path.suffix.lower()
    if path.is_symlink() or not path.is_file():
        findings.add("return_no_file")
    elif kind not in _BOOKS:
        findings.add("return_kind", value=kind or path.name)
    else:
        _look_inside(path, findings)
    wrong = any(problem.severity != "info" for problem in findings.problems[mistakes:])
    if kind == ".xlsm" and not wrong:
        findings.add("return_macros", "info")
    return not wrong and _archive_is_sound(path, findings)


def _look_inside(path: Path, findings: Findings) -> None:
    """List what the first bytes tell: too large, empty, an old format, a password."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(len(_OLE))
            locked = head == _OLE and size <= MAX_FILE_BYTES and _ENCRYPTED in file.read()
    except OSError as error:
        findings.add("file_unreadable", "error", detail=error.strerror)
        return
    if size == 0:
        findings.add("file_empty", "error")
    elif size > MAX_FILE_BYTES:
        findings.add("return_too_large", "error", limit=MAX_FILE_BYTES // 1024**2)
    elif head == _OLE:
        findings.add("file_password" if locked else "return_old_format", "error")


def _archive_is_sound(path: Path, findings: Findings) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if _WORKBOOK_PART not in archive.namelist():
                findings.add("file_damaged", "error", detail=_WORKBOOK_PART)
                return False
            if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
                limit = MAX_UNPACKED_BYTES // 1024**2
                findings.add("return_too_large", "error", limit=limit)
                return False
            codes = (_part_problem(archive, entry) for entry in entries)
            code = next((code for code in codes if code), "")
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
        detail = (str(error).splitlines() or [type(error).__name__])[0]
        findings.add("file_damaged", "error", detail=detail)
        return False
    if code == "entities":
        findings.add("return_entities", "error")
    elif code == "cells":
        findings.add("return_too_wide", "error", limit=MAX_CELLS)
    return not code


def _part_problem(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> str:
    """Return what is wrong with a part: entities to expand, cells too far out; "" if nothing."""
    if PurePosixPath(entry.filename).suffix.lower() not in {".xml", ".rels", ".vml"}:
        return ""
    is_sheet = entry.filename.startswith("xl/worksheets/")
    column = row = 0
    with archive.open(entry) as part:
        rest = b""
        while chunk := part.read(_CHUNK):
            text = rest + chunk
            if _ENTITIES.search(text):
                return "entities"
            for found in _REFERENCE.finditer(text) if is_sheet else ():
                column = max(column, _column_number(found[1]))
                row = max(row, int(found[2]))
            if column * row > MAX_CELLS:
                return "cells"
            rest = text[-_OVERLAP:]
    return ""


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _sheet_names(path: Path, findings: Findings) -> tuple[str, ...]:
    try:
        names = python_calamine.CalamineWorkbook.from_path(str(path)).sheet_names
    except python_calamine.PasswordError:
        findings.add("file_password", "error")
        return ()
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        detail = (str(error).splitlines() or [type(error).__name__])[0]
        findings.add("file_damaged", "error", detail=detail)
        return ()
    if not names:
        findings.add("table_empty", "error")
    return tuple(names)


def _grid(path: Path, sheet: str) -> list[list[str]]:
    """Return the cells of a sheet, of none that can be read no rows."""
    try:
        page = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet)
        return [[cell_text(cell) for cell in row] for row in page.to_python(skip_empty_area=False)]
    except (python_calamine.CalamineError, OSError, ValueError):
        return []


def _identity(path: Path, sheets: tuple[str, ...]) -> dict[str, str]:
    if IDENTITY_SHEET not in sheets:
        return {}
    grid = _grid(path, IDENTITY_SHEET)
    return {key: value for key, value, *_ in (row for row in grid if len(row) > 1) if key}


def _unit(
    name: str, identity: Mapping[str, str], towns: Mapping[str, str], findings: Findings
) -> str:
    """Return the town whose return it is, "" if that cannot be said."""
    named = _town_in_name(name, towns)
    told = identity.get("unit_id", "")
    if not told:
        code = "return_by_name" if named else "return_whose"
        findings.add(code, "warning" if named else "error", town=towns.get(named, ""))
        return named
    if told not in towns:
        findings.add("return_unit_unknown", "error", value=told)
        return ""
    if named and named != told:
        findings.add("return_name_differs", town=towns[told], named=towns[named])
    return told


def _town_in_name(name: str, towns: Mapping[str, str]) -> str:
    """Return the one town whose name the file's name holds; a name inside another yields to it."""
    stem = _plain(PurePosixPath(name).stem)
    held = {unit: _plain(town) for unit, town in towns.items() if _plain(town) in stem}
    longest = [
        unit
        for unit, town in held.items()
        if not any(town != other and town in other for other in held.values())
    ]
    return longest[0] if len(longest) == 1 else ""


def _plain(text: str) -> str:
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).casefold() or "\0"


@dataclass(frozen=True, slots=True)
class Page:
    """A sheet of a return that holds one of the lists.

    Parameters
    ----------
    sheet
        Its name.
    renamed
        Whether it was found by its header, not by its name.
    header
        Row of the header.
    headers
        The header's cells.
    rows
        Row number → cells of each row under it that is not empty.
    """

    sheet: str
    renamed: bool
    header: int
    headers: tuple[str, ...]
    rows: Mapping[int, tuple[str, ...]]


def read_page(file: ReturnFile, table: Table, *, names: Collection[str]) -> Page | None:
    """Return the sheet that holds a list: by its name, else by its header.

    Parameters
    ----------
    file
        A workbook.
    table
        The list.
    names
        Names that its sheet has in forms of either language.

    Returns
    -------
    Page or None
        None where no sheet has the columns that the list needs.
    """
    named = [sheet for sheet in file.sheets if sheet in names]
    others = [sheet for sheet in file.sheets if sheet not in names and sheet != IDENTITY_SHEET]
    for sheet in (*named, *others):
        grid = _grid(file.path, sheet)
        if not any(any(row) for row in grid):
            continue
        top = header_row(grid, table, {})
        known = recognised(grid[top], table, {})
        required = {column.name for column in table.columns if column.required}
        if sheet in named or (required <= known and len(known) >= _TELLING_COLUMNS):
            rows = {n: tuple(row) for n, row in enumerate(grid[top + 1 :], top + 2) if any(row)}
            return Page(sheet, sheet not in named, top + 1, tuple(grid[top]), rows)
    return None


def open_workbook(path: Path) -> Workbook | None:
    """Open a workbook with its formats, comments and rules; None where that cannot be done.

    Macros are left behind. What the program leaves out (drawings, newer kinds of rules) is no
    matter: the cells are what counts.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return openpyxl.load_workbook(path, keep_vba=False, keep_links=False)
        except _OPEN_ERRORS:
            return None


def sheet_oddities(
    book: Workbook, sheet: str, *, header: int, rows: int
) -> Iterator[tuple[str, int | None, int | None, str, int]]:
    """Yield what the values alone do not show, as (code, row, column, value, count).

    Parameters
    ----------
    book
        The workbook.
    sheet
        Name of a sheet that is read.
    header, rows
        Row of the header and last row, as the user's program numbers them.
    """
    page = book[sheet]
    hidden = [
        row for row, shape in page.row_dimensions.items() if shape.hidden and header < row <= rows
    ]
    if hidden:
        yield "return_rows_hidden", hidden[0], None, "", len(hidden)
    for cells in page.iter_rows(min_row=header + 1, max_row=rows):
        for cell in cells:
            if cell.data_type == "f":
                yield "return_formula", cell.row, cell.column, str(cell.value), 1

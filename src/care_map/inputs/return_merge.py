"""A folder of returns → the rows that hold, those that do not, and whose return is missing.

Every row of every workbook that can be opened is either merged or listed with the reason.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from care_map.config import Study, TableSource
from care_map.errors import Problem, Severity
from care_map.inputs.load import read_inputs
from care_map.inputs.return_files import Page, ReturnFile, open_workbook, read_page, sheet_oddities
from care_map.inputs.returns import KINDS, Kind, Record, read_return
from care_map.inputs.unit_index import UnitIndex, same_place
from care_map.messages import LANGUAGES, catalogue
from care_map.values import Datum

__all__ = [
    "FORM_VERSION",
    "Accepted",
    "Listed",
    "Merge",
    "merge_files",
    "most_common_period",
    "sheets_with_problems",
]

FORM_VERSION = "1"
"""Version of the forms that are written; older ones are read by their headers all the same."""

_NOT_OURS = frozenset(
    {"ids_generated", "title_rows_skipped", "stage_assumed", "datum_converted", "rows_placed"}
)
"""Findings about a list as a whole that say nothing of a return."""

_NOT_WRONG = frozenset({"facility_without_point", "demand_without_point", "placed_at_town"})
"""Findings that a town cannot be sent its workbook back for: many have no coordinates."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A row that was not merged.

    Parameters
    ----------
    file, sheet, row
        Where it stands.
    town
        Id of the town, "" if unknown.
    reason
        Code of the finding that holds it back.
    cells
        What it says.
    """

    file: str
    sheet: str
    row: int
    town: str
    reason: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Accepted:
    """A workbook that is read.

    Parameters
    ----------
    file
        The file.
    pages
        List → the sheet that holds it.
    columns
        List → columns that the sheet has.
    """

    file: ReturnFile
    pages: Mapping[str, Page]
    columns: Mapping[str, tuple[str, ...]]


@dataclass(slots=True)
class Merge:
    """What became of a folder of returns.

    Parameters
    ----------
    files
        Every file of the folder.
    accepted
        The workbooks whose rows were merged or held back singly.
    records
        List → rows that hold, in the order of the files.
    listed
        All other rows.
    problems
        What was found; `source` is the file's name in the folder.
    rows
        Rows of all workbooks: those merged and those listed.
    placed
        File → its findings, each with the sheet that it is about ("" for the whole file).
    """

    files: Sequence[ReturnFile]
    accepted: list[Accepted] = field(default_factory=list)
    records: dict[str, list[Record]] = field(default_factory=dict)
    listed: list[Listed] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    placed: dict[str, list[tuple[str, Problem]]] = field(default_factory=dict)
    rows: int = 0

    def add(self, file: str, sheet: str, problem: Problem) -> None:
        """List a finding about a sheet of a file ("" for the whole file)."""
        self.problems.append(problem)
        self.placed.setdefault(file, []).append((sheet, problem))


def most_common_period(files: Sequence[ReturnFile]) -> str:
    """Return the period of most workbooks, the latest of several; "" if none tells."""
    found = Counter(file.identity.get("period", "") for file in files if file.unit_id)
    found.pop("", None)
    return max(found, key=lambda period: (found[period], period), default="")


def merge_files(
    files: Sequence[ReturnFile],
    *,
    study: Study,
    index: UnitIndex,
    kinds: Sequence[Kind],
    period: str,
    datum: Mapping[str, Datum],
    own: Collection[str],
) -> Merge:
    """Read, check and merge the workbooks of a folder.

    Parameters
    ----------
    files
        The folder's files.
    study
        Whose units and rules the rows are checked by.
    index
        Its units.
    kinds
        Lists to merge.
    period
        Period that is collected; workbooks of another are not merged.
    datum
        List → datum of coordinates where a workbook does not say.
    own
        Headers that the schema does not know and the forms have all the same.

    Returns
    -------
    Merge
    """
    merge = Merge(files)
    for file in files:
        for problem in file.problems:
            merge.add(file.name, "", problem)
    usable = [file for file in files if file.kind == "book"]
    pages = {file.name: _pages(file, kinds) for file in usable}
    merge.rows = sum(len(page.rows) for found in pages.values() for page in found.values())
    refused = dict(_refused(usable, pages, study=study, period=period, merge=merge))
    sources: dict[str, list[TableSource]] = {kind.key: [] for kind in kinds}
    for file in usable:
        if file.name in refused:
            for page in pages[file.name].values():
                _list_page(merge, file, page, refused[file.name])
            continue
        columns: dict[str, tuple[str, ...]] = {}
        for key, page in pages[file.name].items():
            kind = KINDS[key]
            told = file.identity.get(f"datum_{key}", "")
            source = kind.source.model_validate(
                {"path": file.path, "layer": page.sheet, "datum": _datum(told, datum[key])}
            )
            sources[key].append(source)
            rows, columns[key] = read_return(
                file.path, source, kind, file=file.name, town=file.unit_id
            )
            merge.records.setdefault(key, []).extend(rows)
        merge.accepted.append(Accepted(file, pages[file.name], columns))
    _check(merge, study=study, index=index, sources=sources, own=own)
    return merge


def _datum(told: str, otherwise: Datum) -> str:
    return told if told in {"wgs84", "cgcs2000", "gcj02", "bd09"} else otherwise


def _pages(file: ReturnFile, kinds: Sequence[Kind]) -> dict[str, Page]:
    found: dict[str, Page] = {}
    told = file.identity.get("lists", "facilities").split(";")
    for kind in kinds:
        names = {catalogue(code).text(f"template.sheet.{kind.table.name}") for code in LANGUAGES}
        # Whatever has three known headers could be a list of elders: it must say so.
        if kind.key != "facilities" and kind.key not in told and not names & set(file.sheets):
            continue
        taken = {page.sheet for page in found.values()}
        rest = replace(file, sheets=tuple(s for s in file.sheets if s not in taken))
        page = read_page(rest, kind.table, names=names)
        if page is not None:
            found[kind.key] = page
    return found


def _refused(
    files: Sequence[ReturnFile],
    pages: Mapping[str, Mapping[str, Page]],
    *,
    study: Study,
    period: str,
    merge: Merge,
) -> Iterator[tuple[str, str]]:
    """Yield the workbooks that are not merged at all, each with the reason."""
    by_town: dict[str, list[ReturnFile]] = {}
    for file in files:
        told = file.identity.get("period", "")
        if not file.unit_id:
            yield file.name, "return_whose"
        elif told and told != period:
            values = {"told": told, "period": period}
            merge.add(file.name, "", Problem("return_period", "error", file.name, values=values))
            yield file.name, "return_period"
        elif "facilities" not in pages[file.name]:
            merge.add(file.name, "", Problem("return_no_list", "error", file.name))
            yield file.name, "return_no_list"
        else:
            by_town.setdefault(file.unit_id, []).append(file)
            _question(file, pages[file.name], study, merge)
    for several in by_town.values():
        contents = [
            {key: tuple(page.rows.values()) for key, page in pages[file.name].items()}
            for file in several
        ]
        alike = all(content == contents[0] for content in contents)
        for file in several[1:] if alike else several if len(several) > 1 else ():
            others = tuple(other.name for other in several if other is not file)
            code = "return_copy" if alike else "return_twice"
            problem = Problem(
                code, "info" if alike else "error", file.name, values={"others": others}
            )
            merge.add(file.name, "", problem)
            yield file.name, code


def _question(file: ReturnFile, pages: Mapping[str, Page], study: Study, merge: Merge) -> None:
    """List what is odd about a workbook that is read all the same."""
    form, name = file.identity.get("form"), file.identity.get("study")
    if form is not None and form != FORM_VERSION:
        values = {"form": form, "current": FORM_VERSION}
        merge.add(file.name, "", Problem("return_form", "warning", file.name, values=values))
    if name is not None and name != study.name:
        values = {"told": name, "study": study.name}
        merge.add(file.name, "", Problem("return_study", "warning", file.name, values=values))
    book = open_workbook(file.path)
    if book is None:
        merge.add(file.name, "", Problem("return_not_inspected", "warning", file.name))
    for page in pages.values():
        if page.renamed:
            problem = Problem("return_sheet_renamed", "info", file.name, value=page.sheet)
            merge.add(file.name, page.sheet, problem)
        if book is not None and page.sheet in book.sheetnames:
            last = max(page.rows, default=page.header)
            oddities = sheet_oddities(book, page.sheet, header=page.header, rows=last)
            for code, row, column, value, count in oddities:
                if code != "return_formula" or _shown(page, row, column):
                    odd = _oddity(file, page, code, row=row, column=column, value=value)
                    merge.add(file.name, page.sheet, replace(odd, count=count))


def _oddity(
    file: ReturnFile, page: Page, code: str, *, row: int | None, column: int | None, value: str
) -> Problem:
    header = page.headers[column - 1] if column and column <= len(page.headers) else None
    return Problem(code, "info", file.name, row=row, column=header, value=value or None)


def _shown(page: Page, row: int | None, column: int | None) -> str:
    """Return the saved result of a formula; the reader lists those that have none."""
    cells = page.rows.get(row or 0, ())
    return cells[column - 1] if column and column <= len(cells) else ""


def _list_page(merge: Merge, file: ReturnFile, page: Page, reason: str) -> None:
    _list_rows(merge, file, page, set(page.rows), reason)


def _list_rows(merge: Merge, file: ReturnFile, page: Page, rows: set[int], reason: str) -> None:
    for row in sorted(rows):
        cells = tuple(cell for cell in page.rows[row] if cell)
        merge.listed.append(Listed(file.name, page.sheet, row, file.unit_id, reason, cells))


def _check(
    merge: Merge,
    *,
    study: Study,
    index: UnitIndex,
    sources: Mapping[str, Sequence[TableSource]],
    own: Collection[str],
) -> None:
    """Check the rows by the study's own readers and hold back those with errors."""
    for kind_key, of_kind in sources.items():
        if not of_kind:
            continue
        parts: dict[str, object] = {"facilities": (), "demand": (), "targets": (), "roads": None}
        parts[kind_key] = tuple(of_kind)
        found = read_inputs(study.model_copy(update=parts)).problems
        accepted = {one.file.path.as_posix(): one for one in merge.accepted}
        for problem in found:
            one = accepted.get(problem.source)
            if one is None or problem.code in _NOT_OURS:
                continue
            known = {*KINDS[kind_key].table.names, *own}
            if problem.code == "columns_unknown" and set(one.columns[kind_key]) <= known:
                continue
            lenient = problem.code in _NOT_WRONG
            severity: Severity = "info" if lenient else problem.severity
            shown = replace(problem, source=one.file.name, severity=severity)
            merge.add(one.file.name, one.pages[kind_key].sheet, shown)
        for one in merge.accepted:
            if kind_key in one.pages:
                _elsewhere(merge, one, kind_key, index)
        _hold_back(merge, kind_key)


def _elsewhere(merge: Merge, one: Accepted, key: str, index: UnitIndex) -> None:
    """List rows that say they are in another town than the one that returns them."""
    page, town = one.pages[key], one.file.unit_id
    spelled = dict(zip(one.columns[key], page.headers, strict=False))
    for record in merge.records.get(key, []):
        if record.file != one.file.name:
            continue
        unit = index.by_code(str(record.cells.get("unit_id") or ""))
        label = str(record.cells.get("town_name") or "")
        column = ""
        if unit and town not in index.chain(unit) and unit not in index.chain(town):
            column = "unit_id"
        elif label and not same_place(label, index.names[town]):
            column = "town_name"
        if column:
            problem = Problem(
                "return_other_town",
                "warning",
                one.file.name,
                row=record.row,
                column=spelled.get(column, column),
                value=str(record.cells[column]),
                values={"town": index.names[town]},
            )
            merge.add(one.file.name, page.sheet, problem)


def _hold_back(merge: Merge, key: str) -> None:
    """Keep the rows without errors; list the others, and those that were no rows of the list."""
    by_file: dict[str, list[Record]] = {}
    for record in merge.records.get(key, []):
        by_file.setdefault(record.file, []).append(record)
    merge.records[key] = []
    for one in merge.accepted:
        if key not in one.pages:
            continue
        page, file = one.pages[key], one.file
        wrong = dict(_errors(merge, file.name, page))
        unread = set(page.rows)
        for record in by_file.get(file.name, []):
            unread.discard(record.row)
            if record.row in wrong:
                _list_rows(merge, file, page, {record.row}, wrong[record.row])
            else:
                merge.records[key].append(record)
        for row in sorted(unread):
            _list_rows(merge, file, page, {row}, wrong.get(row, "footer_skipped"))


def _errors(merge: Merge, file: str, page: Page) -> Iterator[tuple[int, str]]:
    """Yield the rows that have an error, each with its code."""
    for sheet, problem in merge.placed.get(file, []):
        if problem.severity != "error" or sheet != page.sheet:
            continue
        if problem.row is None:
            yield from ((row, problem.code) for row in page.rows)
        elif problem.count > 1:
            # Past a thousand rows the rest stands as one finding, from its first row on.
            yield from ((row, problem.code) for row in page.rows if row >= problem.row)
        else:
            yield problem.row, problem.code


def sheets_with_problems(merge: Merge) -> dict[str, list[tuple[str, Problem]]]:
    """Return the findings of each accepted workbook that its town must look at."""
    accepted = {one.file.name for one in merge.accepted}
    return {
        file: found
        for file, found in merge.placed.items()
        if file in accepted and any(problem.severity != "info" for _, problem in found)
    }

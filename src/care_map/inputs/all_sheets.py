"""A workbook with a sheet per town: each sheet with the list's header is a source of its own."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from care_map.config import Study, TableSource
from care_map.errors import Problem
from care_map.inputs.findings import Findings
from care_map.inputs.headers import recognised
from care_map.inputs.sheets import header_row
from care_map.inputs.workbooks import ALL_SHEETS, SPREADSHEETS, sheet_heads
from care_map.schema import CANDIDATES, ELDER_LIST, FACILITY_LIST, UNIT_LIST, Table

__all__ = ["file_of", "with_each_sheet"]

_MARK = "#"
_TABLES: Mapping[str, Table] = {
    "units": UNIT_LIST,
    "facilities": FACILITY_LIST,
    "demand": ELDER_LIST,
    "candidates": CANDIDATES,
}
_Source = TypeVar("_Source", bound=TableSource)


def file_of(source: TableSource) -> Path:
    """Return the file that a source is in, also where it is one of all sheets of it."""
    written, ending = source.path.as_posix(), f"{_MARK}{source.layer}"
    return Path(written.removesuffix(ending)) if source.layer else source.path


def with_each_sheet(study: Study, problems: list[Problem]) -> Study:
    """Put a source per sheet in the place of each that asks for all sheets.

    Its findings and rows name the sheet as ``list.xlsx#甲镇``.

    Parameters
    ----------
    study
        As read; its sources may have the layer ``*``.
    problems
        Gets which sheets are read and which are not.

    Returns
    -------
    Study
    """
    changed = {}
    for kind, table in _TABLES.items():
        sources: Sequence[TableSource] = getattr(study, kind)
        if any(source.layer == ALL_SHEETS for source in sources):
            each = (part for source in sources for part in _parts(study, source, table, problems))
            changed[kind] = tuple(each)
    return study.model_copy(update=changed) if changed else study


def _parts(
    study: Study, source: _Source, table: Table, problems: list[Problem]
) -> Iterator[_Source]:
    path = study.path(source.path)
    if source.layer != ALL_SHEETS or path.suffix.lower() not in SPREADSHEETS or not path.is_file():
        yield source
        return
    findings = Findings(source.path.as_posix(), problems=problems)
    heads = sheet_heads(path, findings)
    known = {}
    for name, head in heads.items():
        top = header_row(head, table, source.columns)
        known[name] = recognised(head[top], table, source.columns) if head else set()
    # The list is what most of the sheets are: a cover or a legend has other words.
    first = max(known.values(), key=list(known.values()).count, default=set()) or max(
        known.values(), key=len, default=set()
    )
    same = [name for name, found in known.items() if found == first and first]
    others = [name for name in heads if name not in same]
    if heads and not same:
        findings.add("table_empty", "error")
    if same:
        findings.add("sheets_read", "info", count=len(same), names=tuple(same))
    for name in others:
        filled = any(any(row) for row in heads[name])
        findings.add("sheet_not_read", "warning" if filled else "info", value=name)
    for name in same:
        place = Path(f"{source.path.as_posix()}{_MARK}{name}")
        yield source.model_copy(update={"path": place, "layer": name})

"""The folder that a merge of returns gives."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TypedDict

from care_map.errors import Problem
from care_map.inputs.last_period import LastPeriod
from care_map.inputs.received import quarter_of
from care_map.inputs.return_merge import Accepted, Merge, sheets_with_problems
from care_map.inputs.returns import Change, Kind, Record, changes_of, numbered
from care_map.messages import Catalogue, Language
from care_map.outputs.manifest import PROGRAM, write_json
from care_map.outputs.marked import Marks, write_marked
from care_map.outputs.returns import (
    file_stem,
    list_columns,
    write_chase,
    write_list,
    write_merge_report,
)
from care_map.outputs.tables import write_issues
from care_map.outputs.templates import TemplateSheet, write_template
from care_map.schema import RECEIVED

__all__ = ["MergedList", "Summary", "write_results"]


class MergedList(TypedDict):
    """A merged list: its workbook, the sheets that have rows, the datum of coordinates."""

    file: str
    sheets: list[str]
    datum: str


class Summary(TypedDict):
    """Key figures of a merge, as ``summary.json`` has them."""

    study: str
    period: str
    towns: int
    returned: int
    chase: list[dict[str, object]]
    marked: list[str]
    rows: int
    merged: dict[str, int]
    listed: int
    added: int
    removed: int
    changed_cells: int
    files: list[dict[str, str]]
    lists: dict[str, MergedList]


_COLUMNS = ("unit_id", "town_name", "period", "received_date")
_CAME = ("returned", "problems")
_FILES = {"facilities": "facilities.xlsx", "demand": "elders.xlsx"}


def write_results(
    folder: Path,
    *,
    last: LastPeriod,
    merge: Merge,
    period: str,
    received: dt.date | None,
    texts: Catalogue,
) -> Summary:
    """Write merged lists, the chase list, the report, marked copies, issues and a summary.

    Parameters
    ----------
    folder
        An empty folder.
    last
        The lists before.
    merge
        The returns.
    period
        Period that was collected.
    received
        Day on which the returns came, None if nobody says it.
    texts
        Language.

    Returns
    -------
    Summary
    """
    changes: dict[str, list[Change]] = {}
    lists: dict[str, MergedList] = {}
    for kind in last.kinds:
        sheets, changes[kind.key] = _merged(folder, kind, last, merge, texts)
        lists[kind.key] = {
            "file": _FILES[kind.key],
            "sheets": sheets,
            "datum": last.datum[kind.key],
        }
    towns = list(_towns(last, merge, changes, texts))
    here = [town for town in towns if town["state"] in _CAME]
    lists |= _received(folder, here, period, received, texts)
    title = texts.text("returns.title.chase", study=last.study.name, period=period)
    write_chase(folder / "chase.xlsx", _to_chase(towns), texts=texts, title=title)
    write_merge_report(
        folder / "report.xlsx",
        towns=towns,
        listed=merge.listed,
        changes=changes,
        kinds=last.kinds,
        names=last.towns,
        texts=texts,
        title=texts.text("returns.title.report", study=last.study.name, period=period),
    )
    marked = _marked(folder, merge, texts)
    write_issues(merge.problems, folder / "issues.csv", texts)
    summary = _summary(last, merge, changes, towns=towns, period=period, marked=marked, lists=lists)
    write_json(folder / "summary.json", summary)
    command = {"program": PROGRAM, "command": "returns merge", "study": last.study.name}
    write_json(folder / "manifest.json", {**command, "period": period})
    return summary


def _summary(
    last: LastPeriod,
    merge: Merge,
    changes: Mapping[str, Sequence[Change]],
    *,
    towns: Sequence[Mapping[str, object]],
    period: str,
    marked: list[str],
    lists: dict[str, MergedList],
) -> Summary:
    chase = _to_chase(towns)
    found = [change for kind in changes.values() for change in kind]
    return {
        "study": last.study.name,
        "period": period,
        "towns": len(towns),
        "returned": len(towns) - len(chase),
        "chase": [{name: town[name] for name in ("unit_id", "town", "state")} for town in chase],
        "marked": marked,
        "rows": merge.rows,
        "merged": {key: len(records) for key, records in merge.records.items()},
        "listed": len(merge.listed),
        "added": sum(change.what == "added" for change in found),
        "removed": sum(change.what == "removed" for change in found),
        "changed_cells": sum(change.what == "changed" for change in found),
        "files": [
            {"file": file.name, "unit_id": file.unit_id, "kind": file.kind} for file in merge.files
        ],
        "lists": lists,
    }


def _to_chase(towns: Sequence[Mapping[str, object]]) -> list[Mapping[str, object]]:
    """Return the towns whose return has not come."""
    return [town for town in towns if town["state"] not in _CAME]


def _received(
    folder: Path,
    towns: Sequence[Mapping[str, object]],
    period: str,
    day: dt.date | None,
    texts: Catalogue,
) -> dict[str, MergedList]:
    """Write the towns whose return has come; a period that is no quarter has no such list."""
    quarter = quarter_of(period)
    if not quarter or not towns:
        return {}
    said = {"period": quarter, "received_date": day.isoformat() if day else None}
    rows = [
        [{**said, "unit_id": town["unit_id"], "town_name": town["town"]}[name] for name in _COLUMNS]
        for town in towns
    ]
    columns = tuple(RECEIVED.column(name) for name in _COLUMNS)
    sheet = texts.text("template.sheet.received")
    write_template(
        folder / "received.xlsx",
        [TemplateSheet(RECEIVED, columns, rows)],
        texts=texts,
        title=sheet,
    )
    return {"received": {"file": "received.xlsx", "sheets": [sheet], "datum": "wgs84"}}


def _merged(
    folder: Path, kind: Kind, last: LastPeriod, merge: Merge, texts: Catalogue
) -> tuple[list[str], list[Change]]:
    """Write a merged list; return the names of its sheets and what changed in it."""
    returned = [one for one in merge.accepted if kind.key in one.pages]
    back = {one.file.unit_id for one in returned}
    old = [record for record in last.rows[kind.key] if record.town in back]
    rest = [record for record in last.rows[kind.key] if record.town not in back]
    kept = _completed(kind, merge.records.get(kind.key, []), old, returned, merge, texts.language)
    order = {unit: place for place, unit in enumerate(last.towns)}
    kept.sort(key=lambda record: (order[record.town], record.row))
    held = _held_ids(kind, merge, returned)
    taken = {record.id for record in last.rows[kind.key]} | held
    new = [_in_town(record, last) for record in numbered(kept, kind, taken=taken)]
    merge.records[kind.key] = new
    parts = {texts.text(f"template.sheet.{kind.table.name}"): new}
    if rest:
        parts[texts.text("returns.sheet.carried")] = [_in_town(record, last) for record in rest]
    everything = [record for records in parts.values() for record in records]
    columns = list_columns(
        kind, everything, always=[c.name for c in kind.table.columns if c.required]
    )
    title = texts.text(f"template.sheet.{kind.table.name}")
    write_list(folder / _FILES[kind.key], parts, kind, columns=columns, texts=texts, title=title)
    compared = [column.name for column in columns if column.name not in _NOT_COMPARED]
    return list(parts), list(changes_of(old, new, held=held, shown=compared))


_NOT_COMPARED = frozenset({"town_name", "elders", "origin", "location_quality", "placed_by"})
"""Columns that the forms do not have."""


def _completed(
    kind: Kind,
    records: Sequence[Record],
    old: Sequence[Record],
    returned: Sequence[Accepted],
    merge: Merge,
    language: Language,
) -> list[Record]:
    """Give rows the last values of columns that somebody has cut out of the workbook."""
    before = {record.id: record for record in old}
    columns = {one.file.name: set(one.columns[kind.key]) for one in returned}
    found = []
    lost: dict[str, set[str]] = {}
    for record in records:
        last = before.get(record.id)
        gone = {
            name: value
            for name, value in (last.cells.items() if last else ())
            if name not in columns[record.file] and value is not None
        }
        cut = set(gone) - _NOT_COMPARED
        if cut:
            lost.setdefault(record.file, set()).update(cut)
        found.append(replace(record, cells={**gone, **record.cells}))
    for file, names in lost.items():
        known = {column.name: column.title(language) for column in kind.table.columns}
        shown = tuple(sorted(known.get(name, name) for name in names))
        sheet = next(one.pages[kind.key].sheet for one in returned if one.file.name == file)
        problem = Problem("return_columns_cut", "warning", file, values={"names": shown})
        merge.add(file, sheet, problem)
    return found


def _held_ids(kind: Kind, merge: Merge, returned: Sequence[Accepted]) -> set[str]:
    """Return the ids of rows that came back and were held back."""
    at: dict[tuple[str, str], int] = {}
    for one in returned:
        page = one.pages[kind.key]
        if kind.id_column in one.columns[kind.key]:
            at[one.file.name, page.sheet] = one.columns[kind.key].index(kind.id_column)
    ids = set()
    for one in returned:
        page = one.pages[kind.key]
        place = at.get((one.file.name, page.sheet))
        for listed in merge.listed:
            if place is not None and (listed.file, listed.sheet) == (one.file.name, page.sheet):
                ids.add(page.rows[listed.row][place])
    return ids - {""}


def _in_town(record: Record, last: LastPeriod) -> Record:
    """Say in the row which town it is of: the form says it once for all rows."""
    if not record.town or record.cells.get("town_name"):
        return record
    return replace(record, cells={**record.cells, "town_name": last.towns[record.town]})


def _towns(
    last: LastPeriod, merge: Merge, changes: Mapping[str, Sequence[Change]], texts: Catalogue
) -> Iterator[dict[str, object]]:
    """Yield a row per town: what came of its return."""
    wrong = sheets_with_problems(merge)
    accepted = {one.file.unit_id: one for one in merge.accepted}
    for unit, name in last.towns.items():
        files = [file for file in merge.files if file.unit_id == unit]
        one = accepted.get(unit)
        codes = {problem.code for file in files for _, problem in merge.placed.get(file.name, [])}
        if one is None:
            state = next((code for code in _STATES if code in codes), "")
            state = state or ("unreadable" if files else "missing")
        else:
            state = "problems" if one.file.name in wrong else "returned"
        merged = sum(r.town == unit for records in merge.records.values() for r in records)
        listed = sum(row.town == unit for row in merge.listed)
        counts = dict.fromkeys(("added", "removed", "changed"), 0)
        for change in (change for found in changes.values() for change in found):
            counts[change.what] += change.record.town == unit
        label = texts.text(f"returns.state.{state}")
        yield {
            "unit_id": unit,
            "town": name,
            "state": state,
            "status": label,
            "why": label,
            "files": texts.names(file.name for file in files),
            "rows": merged + listed,
            "merged": merged,
            "listed": listed,
            **counts,
        }


_STATES = ("return_twice", "return_period", "return_no_list")
"""Why a return that came is not merged, the first that holds."""


def _marked(folder: Path, merge: Merge, texts: Catalogue) -> list[str]:
    """Write the marked copies; return their names."""
    pages = {one.file.name: list(one.pages.values()) for one in merge.accepted}
    paths = {one.file.name: one.file.path for one in merge.accepted}
    names: list[str] = []
    for file, found in sheets_with_problems(merge).items():
        taken = [name.casefold().removesuffix(".xlsx") for name in names]
        name = f"{file_stem(PurePosixPath(file).stem, '', taken=taken)}.xlsx"
        marks = Marks(pages[file], found)
        write_marked(paths[file], folder / "marked" / name, marks, texts=texts)
        names.append(name)
    return names

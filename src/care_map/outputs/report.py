"""The report as a workbook: findings first, then coverage by circle, gaps, load, data issues.

It holds aggregates only, never a row per elder.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd
from xlsxwriter.worksheet import Worksheet

from care_map.accessibility.coverage import ALL, NONE
from care_map.assessment import Assessment
from care_map.diagnostics.effects import effect_lines
from care_map.outputs.findings import Row, data_labels, findings, statements, whole_rows
from care_map.outputs.paper.source import Source
from care_map.outputs.readings import Reading, Words, readings
from care_map.outputs.report_charts import Stacks, stacked_charts
from care_map.outputs.study_findings import study_findings
from care_map.outputs.tables import FIELD_DICTIONARY, as_arrow, dictionary_frame, issues_frame
from care_map.outputs.workbook import Book, CellKind, Field, opened_book, set_columns
from care_map.schema import (
    BEDS_BY_UNIT,
    CAPACITY_BY_FACILITY,
    CAPACITY_BY_UNIT,
    CLAUSE_VERDICTS,
    COVERAGE_BY_UNIT,
    CRITICAL,
    EQUITY,
    FACILITY_LOAD,
    GAP_REASONS,
    GAP_ROBUSTNESS,
    GAPS,
    ISSUES,
    LEDGER,
    NETWORK_REPORT,
    OVERLAP,
    ROBUSTNESS,
    SERVED_FROM_OUTSIDE,
    SETTING_FLIPS,
    SOURCE_QUALITY,
    TABLES,
    UNDETERMINED,
    Column,
    Table,
)
from care_map.vocabulary import LEVELS

__all__ = ["write_report"]

_MAX_ROWS = 1_000_000
_TOP_GAPS = 500
"""Gaps of a circle that a person may page through; the tables have all of them."""
_FIGURES = (
    "elders",
    "covered",
    "uncovered",
    "undetermined",
    "rate_low",
    "rate_high",
    "path_completeness",
    "median_minutes",
    "p90_minutes",
    "covered_any_district",
)
_HEADS = ("unit_name", "level", "parent", "setting", "unit_id")
_BESIDE = (
    "covered",
    "uncovered",
    "rate_low",
    "rate_high",
    "path_completeness",
    "median_minutes",
)
_LEVEL_ORDER = (ALL, *LEVELS)
_GAP_COLUMNS = (
    "rank",
    "name",
    "unit_name",
    "circle",
    "setting",
    "status",
    "elders",
    "priority_elders",
    "reasons",
    "remedy",
    "facility_name",
    "minutes",
    "remedy_elders",
    "remedy_minutes",
    "profile",
)
_CAPACITY_COLUMNS = ("unit_name", *(n for n in CAPACITY_BY_UNIT.names if n != "unit_name"))
_VERDICT_COLUMNS = (
    "clause_id",
    "cite",
    "title",
    "strength",
    "verdict",
    "words",
    "deadline",
    "due",
    "figure_low",
    "figure_high",
    "measure",
    "comparison",
    "target",
    "missing",
    "needed",
    "responsible",
    "note",
    "text",
)
_FIRMNESS = (UNDETERMINED, ROBUSTNESS)
_ISSUE_COLUMNS = ("severity", "source", "row", "column", "value", "count", "message", "advice")
_WIDTHS = {
    "rank": 6.0,
    "reasons": 26.0,
    "remedy": 18.0,
    "row": 7.0,
    "setting": 7.0,
    "severity": 8.0,
    "unit_id": 15.0,
}
_SUMMARY_WIDTHS = (36.0, 12.0, 30.0, *(11.0 for _ in _FIGURES[:-1]), 12.0)


def write_report(result: Assessment, path: Path) -> None:
    """Write the report of a run as xlsx.

    Parameters
    ----------
    result
        The assessment; its study's language is the report's.
    path
        File to write; the same assessment gives the same bytes.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    words = Words.of(result)
    texts = words.texts
    day = result.study.as_of
    date = texts.text("report.as_of", date=day) if day else texts.text("report.as_listed")
    title = texts.text("report.title", name=result.study.name)
    banner = [*data_labels(result, texts), date]
    with opened_book(path, title=title, banner=banner, page=texts.text("report.page")) as book:
        summary = book.sheet(texts.text("report.sheet.summary"))
        drawn = [_summary(book, summary, result, words, title=title)]
        if read := readings(result):
            charts = book.sheet(texts.text("report.sheet.charts"))
            level = Source.of(result).level
            drawn += [_coverage(book, result, words, one, drawn=level) for one in read]
            stacked_charts(book, charts, book.head(charts, title), drawn)
        _gaps(book, result, words)
        _table(book, words, result.facility_load, FACILITY_LOAD, "facility_load", freeze=2)
        _capacity(book, result, words)
        _table(book, words, result.network_report, NETWORK_REPORT, "network")
        _notice(book, result, words)
        for one in (EQUITY, OVERLAP, CRITICAL, SERVED_FROM_OUTSIDE, *_FIRMNESS):
            if len(frame := getattr(result, one.name)):
                _table(book, words, frame, one, one.name, freeze=2)
        if len(result.gap_robustness):
            _largest_gaps(book, result, words, GAP_ROBUSTNESS, freeze=2)
        if len(result.setting_flips):
            _table(book, words, result.setting_flips, SETTING_FLIPS, "setting_flips", freeze=2)
        _table(book, words, result.source_quality, SOURCE_QUALITY, "source_quality", freeze=2)
        issues = issues_frame(result.problems, texts)
        _table(book, words, issues, ISSUES, "issues", columns=_ISSUE_COLUMNS)
        _table(book, words, dictionary_frame(TABLES), FIELD_DICTIONARY, "fields")
        table = result.coverage_by_unit
        # Most groups are absent from most units, and most units are of one setting.
        present = table[
            ((table["group"] == ALL) | (table["elders"] > 0))
            & ((table["setting"] == ALL) | (table["level"] == ALL))
        ]
        note = texts.text("report.present")
        _table(book, words, present, COVERAGE_BY_UNIT, "full", freeze=2, note=note)


def _gaps(book: Book, result: Assessment, words: Words) -> None:
    """Write the largest gaps of each circle, and what their reasons rest on."""
    _largest_gaps(book, result, words, GAPS, columns=_GAP_COLUMNS, freeze=3)
    if len(result.gap_reasons):
        _table(book, words, result.gap_reasons, GAP_REASONS, "gap_reasons", freeze=3)


def _largest_gaps(
    book: Book,
    result: Assessment,
    words: Words,
    table: Table,
    *,
    columns: Sequence[str] = (),
    freeze: int,
) -> None:
    """Write the rows of a table that tell of the largest gaps of each circle."""
    frame = getattr(result, table.name)
    largest = result.gaps.loc[result.gaps["rank"] <= _TOP_GAPS, "gap_id"]
    shown = frame[frame["gap_id"].isin(largest)]
    note = ""
    if len(shown) < len(frame):
        values = {"shown": len(shown), "count": len(frame), "table": table.name}
        note = words.texts.text("report.cut", **values)
    _table(book, words, shown, table, table.name, columns=columns, freeze=freeze, note=note)


def _capacity(book: Book, result: Assessment, words: Words) -> None:
    """Write what services can give, if the lists tell any capacity."""
    tables = (
        (result.capacity_by_unit, CAPACITY_BY_UNIT, _CAPACITY_COLUMNS, 1),
        (result.capacity_by_facility, CAPACITY_BY_FACILITY, (), 2),
        (result.beds_by_unit, BEDS_BY_UNIT, (), 2),
    )
    for frame, table, columns, freeze in tables:
        if len(frame):
            _table(book, words, frame, table, table.name, columns=columns, freeze=freeze)


def _notice(book: Book, result: Assessment, words: Words) -> None:
    """Write what comes of the notice, if the study has one."""
    tables = (
        (result.clause_verdicts, CLAUSE_VERDICTS, _VERDICT_COLUMNS, 3),
        (result.ledger, LEDGER, (), 2),
    )
    for frame, table, columns, freeze in tables:
        if len(frame):
            _table(book, words, frame, table, table.name, columns=columns, freeze=freeze)


def _summary(
    book: Book, sheet: Worksheet, result: Assessment, words: Words, *, title: str
) -> Stacks:
    """Write what a reader wants first; return the rows of official figures."""
    texts = words.texts
    row = book.head(sheet, title)
    set_columns(sheet, _SUMMARY_WIDTHS)
    said = [*findings(result), *study_findings(result, words)]
    if result.problems:
        name = texts.text("report.sheet.issues")
        said.append(texts.text("report.finding.issues", count=len(result.problems), sheet=name))
    sources = _sources(result, words)
    row = book.lines(sheet, row, texts.text("report.heading.findings"), said, _SUMMARY_WIDTHS)
    row = book.lines(sheet, row, texts.text("report.heading.figures"), (), _SUMMARY_WIDTHS) - 1
    fields, rows = _key_figures(result, words)
    book.table(sheet, row, fields, rows)
    book.heights(sheet, row + 1, _SUMMARY_WIDTHS, rows)
    counts = len(fields) - len(_FIGURES) + 1
    official = sum(cells[1] == rows[0][1] for cells in rows)
    drawn = Stacks(sheet.get_name(), row - 1, row, row + 1, row + official, 0, counts)
    row += len(rows) + 2
    parts = {
        "effects": effect_lines(result.effects, texts) or [texts.text("quality.no_effects")],
        "assumptions": statements(result, texts),
        "sources": sources,
    }
    for key, lines in parts.items():
        row = book.lines(sheet, row, texts.text(f"report.heading.{key}"), lines, _SUMMARY_WIDTHS)
    return drawn


def _key_figures(result: Assessment, words: Words) -> tuple[list[Field], list[list[object]]]:
    texts = words.texts
    fields = [
        _field(COVERAGE_BY_UNIT.column("circle"), words),
        Field(texts.text("report.kind_of_figure")),
        _field(COVERAGE_BY_UNIT.column("profile"), words),
        *(_field(COVERAGE_BY_UNIT.column(name), words) for name in _FIGURES),
    ]
    rows: list[list[object]] = []
    for reading, profile, row in whole_rows(result):
        role = "official_short" if profile == reading.official else "beside_short"
        head = [words.circle(reading.circle), texts.text(f"report.{role}"), words.profile(profile)]
        rows.append([*head, *(row[name] for name in _FIGURES)])
    official = texts.text("report.official_short")
    return fields, sorted(rows, key=lambda row: row[1] != official)


def _sources(result: Assessment, words: Words) -> list[str]:
    given = {"attribution": result.study.attribution, "approval": result.study.approval_number}
    return [
        words.texts.text(f"report.source.{key}" if text else f"report.source.{key}_open", text=text)
        for key, text in given.items()
    ]


def _coverage(
    book: Book, result: Assessment, words: Words, reading: Reading, *, drawn: str
) -> Stacks:
    """Write one circle: a row per unit, a block of columns per profile.

    Return its rows of the level `drawn`, which stand together.
    """
    texts = words.texts
    title = words.circle(reading.circle)
    sheet = book.sheet(texts.text("report.sheet.coverage", title=title))
    top = book.head(sheet, title) + 1
    fields = [
        Field(texts.text("report.parent"))
        if name == "parent"
        else _field(COVERAGE_BY_UNIT.column(name), words)
        for name in _HEADS
    ]
    blocks: list[tuple[str, str, tuple[str, ...]]] = [("official", reading.official, _FIGURES)]
    blocks += [("beside", profile, _BESIDE) for profile in reading.beside]
    for role, profile, columns in blocks:
        label = texts.text(f"report.{role}", profile=words.profile(profile))
        book.spanning(sheet, top - 1, len(fields), len(columns), label)
        fields += [_field(COVERAGE_BY_UNIT.column(name), words) for name in columns]
    table = result.coverage_by_unit
    units = _unit_rows(result, table[table["circle"] == reading.circle], words)
    rows = [
        [*head, *(by.get(profile, {}).get(name) for _, profile, names in blocks for name in names)]
        for head, by in units
    ]
    book.grid(sheet, top, fields, rows, freeze_columns=1)
    shown = [
        at
        for at, (head, by) in enumerate(units, start=top + 1)
        if any(row["level"] == drawn and row["unit_id"] != NONE for row in by.values())
    ]
    first, last = (shown[0], shown[-1]) if shown else (1, 0)
    return Stacks(sheet.get_name(), 0, top, first, last, 0, len(_HEADS) + 1)


def _unit_rows(
    result: Assessment, table: pd.DataFrame, words: Words
) -> list[tuple[list[object], dict[str, Row]]]:
    """Return heads of rows with figures by profile: the whole first, then towns, communities."""
    settings_of_all = (table["unit_id"] == ALL) | (table["setting"] == ALL)
    shown = table[(table["group"] == ALL) & settings_of_all]
    found: dict[tuple[str, str, str], dict[str, Row]] = {}
    for row in as_arrow(shown, COVERAGE_BY_UNIT).to_pylist():
        key = (str(row["level"]), str(row["unit_id"]), str(row["setting"]))
        found.setdefault(key, {})[str(row["profile"])] = row
    parents, settings = _of_units(result)
    heads: list[tuple[list[object], dict[str, Row]]] = []
    for (level, unit, setting), figures in sorted(found.items(), key=lambda one: _order(one[0][0])):
        name = next(iter(figures.values()))["unit_name"]
        place = setting if unit == ALL else settings.get(unit, "")
        if unit == ALL:
            said = "report.whole" if setting == ALL else "report.of_which"
            name = words.texts.text(said, setting=words.cell("setting", setting))
        elif unit == NONE:
            name = words.texts.text("level.none")
        code = "" if unit in (ALL, NONE) else unit
        parent = parents.get(unit, "")
        head = [name, words.cell("level", level), parent, words.cell("setting", place), code]
        heads.append((head, figures))
    return heads


def _order(level: str) -> int:
    return _LEVEL_ORDER.index(level) if level in _LEVEL_ORDER else len(_LEVEL_ORDER)


def _of_units(result: Assessment) -> tuple[dict[str, str], dict[str, str]]:
    """Return the parent's name and the setting by unit."""
    units = result.units
    ids = [str(one) for one in units["unit_id"]]
    names = dict(zip(ids, units["name"].astype(str), strict=True))
    parent, setting = (
        units[name].astype(object).where(units[name].notna(), "").astype(str).tolist()
        if name in units
        else [""] * len(ids)
        for name in ("parent_id", "setting")
    )
    parents = {one: names.get(above, "") for one, above in zip(ids, parent, strict=True)}
    return parents, dict(zip(ids, setting, strict=True))


def _table(
    book: Book,
    words: Words,
    frame: pd.DataFrame,
    table: Table,
    name: str,
    *,
    columns: Sequence[str] = (),
    freeze: int = 0,
    note: str = "",
) -> None:
    """Write a table, its codes in words."""
    texts = words.texts
    sheet = book.sheet(texts.text(f"report.sheet.{name}"))
    top = book.head(sheet, table.title(texts.language))
    cut = ""
    if len(frame) > _MAX_ROWS:
        cut = texts.text("report.cut", shown=_MAX_ROWS, count=len(frame), table=table.name)
    for line in filter(None, (note, cut)):
        book.note(sheet, top, line)
        top += 1
    chosen = columns or table.names
    cells = as_arrow(frame.head(_MAX_ROWS), table).select(chosen).to_pydict()
    by_column = [_in_words(words, column, cells[column]) for column in chosen]
    fields = [_field(table.column(column), words) for column in chosen]
    rows = list(zip(*by_column, strict=True))
    book.grid(sheet, top, fields, rows, freeze_columns=freeze)


def _in_words(words: Words, column: str, cells: Iterable[object]) -> list[object]:
    known: dict[object, object] = {}
    listed: list[object] = []
    for cell in cells:
        if cell not in known:
            known[cell] = words.cell(column, cell)
        listed.append(known[cell])
    return listed


def _field(column: Column, words: Words) -> Field:
    kind: CellKind = "text"
    if column.name.startswith("rate_"):
        kind = "rate"
    elif column.name.endswith("minutes") or column.name.startswith("minutes"):
        kind = "minutes"
    elif column.kind in ("integer", "number"):
        kind = "integer" if column.kind == "integer" else "number"
    return Field(column.title(words.texts.language), kind, _WIDTHS.get(column.name))

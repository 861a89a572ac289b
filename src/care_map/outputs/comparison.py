"""The files of a comparison: page, workbook, tables, summary, findings."""

from pathlib import Path

import pandas as pd
from pyarrow import parquet

from care_map.accessibility.coverage import ALL
from care_map.comparison.compare import Compared
from care_map.errors import OutputError, Problem
from care_map.messages import Catalogue, Language, catalogue
from care_map.outputs.folder import swapped_folder
from care_map.outputs.manifest import PROGRAM, is_run, read_manifest, write_json
from care_map.outputs.map.compare_page import run_name, write_compare_map
from care_map.outputs.map.compare_payload import title_of
from care_map.outputs.tables import (
    FIELD_DICTIONARY,
    as_arrow,
    dictionary_frame,
    write_csv,
    write_issues,
)
from care_map.outputs.workbook import Book, CellKind, Field, opened_book
from care_map.scenario_words import change_lines
from care_map.schema import COMPARED_COVERAGE, COMPARISON_TABLES, WINNERS, Column, Table

__all__ = ["write_comparison"]

_LABELS = {
    "level": "level",
    "setting": "setting",
    "group": "group",
    "profile_before": "profile",
    "profile_after": "profile",
    "stage_before": "stage",
    "stage_after": "stage",
    "verdict_before": "verdict",
    "verdict_after": "verdict",
    "basis": "compare.basis",
}
_LISTS = {"roles": "facility_type", "role": "facility_type"}
_NOTE_WIDTH = 12.0
_HEADS = ("circle", "profile", "before", "after", "more", "gained", "lost", "each")


def write_comparison(found: Compared, target: Path, *, language: Language | None = None) -> Path:
    """Write a comparison into one folder, swapped in whole.

    Parameters
    ----------
    found
        The comparison.
    target
        Missing, empty, or an earlier comparison or run of ours.
    language
        Language of page and workbook; that of the later run without it.

    Returns
    -------
    The folder.

    Raises
    ------
    OutputError
        The folder cannot be written, or holds something else.
    """
    texts = catalogue(language or found.after.language)
    if is_run(target) and "comparison" not in read_manifest(target):
        raise OutputError([Problem("compare_out_is_run", source=str(target))])
    with swapped_folder(target) as folder:
        write_compare_map(found, folder / "map.html", texts.language)
        _write_book(found, folder / "compare.xlsx", texts)
        tables = folder / "tables"
        tables.mkdir()
        for table in COMPARISON_TABLES:
            columns = as_arrow(getattr(found, table.name), table)
            write_csv(columns, tables / f"{table.name}.csv")
            parquet.write_table(columns, tables / f"{table.name}.parquet", compression="zstd")
        dictionary = as_arrow(dictionary_frame(COMPARISON_TABLES), FIELD_DICTIONARY)
        write_csv(dictionary, tables / "field_dictionary.csv")
        write_issues(found.problems, folder / "issues.csv", texts)
        write_json(folder / "summary.json", found.summary)
        sides = {name: found.summary[name] for name in ("before", "after")}
        write_json(folder / "manifest.json", {"program": PROGRAM, "comparison": sides})
    return target


def _write_book(found: Compared, path: Path, texts: Catalogue) -> None:
    labels = dict.fromkeys([*found.after.labels, *found.before.labels])
    names = {
        "before": run_name(found.before, texts),
        "after": run_name(found.after, texts),
    }
    banner = [texts.label("data", code) for code in labels]
    banner.append(texts.text("compare.sides", **names))
    title = texts.text("compare.title", name=found.after.study)
    with opened_book(path, title=title, banner=banner, page=texts.text("report.page")) as book:
        _summary(book, found, texts, title)
        towns = found.winners[found.winners["level"] != "community"]
        _sheet(book, found, texts, WINNERS, towns)
        coverage = found.compared_coverage
        # Groups of single villages would be the bulk; the tables have them.
        whole = coverage["level"] == "all"
        plain = (coverage["group"] == "all") & ((coverage["setting"] == "all") | whole)
        moved = (coverage["level"] == "town") & (coverage["setting"] == "all")
        moved &= (coverage["covered_more"].fillna(0) != 0) | (coverage["elders_more"] != 0)
        present = coverage[plain | whole | moved.fillna(value=False)]
        _sheet(book, found, texts, COMPARED_COVERAGE, present)
        for table in COMPARISON_TABLES[2:]:
            frame = getattr(found, table.name)
            if len(frame):
                _sheet(book, found, texts, table, frame)


def _summary(book: Book, found: Compared, texts: Catalogue, title: str) -> None:
    sheet = book.sheet(texts.text("compare.sheet"))
    top = book.head(sheet, title)
    kinds: list[CellKind] = ["text", "text", "rate", "rate"]
    kinds += ["number", "integer", "integer", "number"]
    fields = [
        Field(texts.text(f"compare.head.{name}"), kind)
        for name, kind in zip(_HEADS, kinds, strict=True)
    ]
    rows = []
    circles = found.summary["circles"]
    for row in circles if isinstance(circles, list) else []:
        more = row["rate_low_more"]
        profiles = [row["profile_before"], row["profile_after"]]
        shown = " → ".join(dict.fromkeys(texts.label("profile", one) for one in profiles if one))
        rows.append(
            [
                title_of(found, str(row["circle"]), texts),
                shown,
                *(row[f"rate_low_{side}"] for side in ("before", "after")),
                None if more is None else round(100 * more, 1),
                row["newly_covered"],
                row["newly_uncovered"],
                row["cost_per_newly_covered_yuan"],
            ]
        )
    book.grid(sheet, top, fields, rows)
    notes = [problem.message(texts) for problem in found.problems]
    cost = found.summary["cost_yuan"]
    if isinstance(cost, int | float):
        notes.append(texts.text("compare.cost", cost=f"{cost:,.0f}"))
    scenario = found.after.scenario
    if scenario is not None:
        notes += change_lines(scenario.changes, texts)
    heading = texts.text("compare.page.notes")
    book.lines(sheet, top + len(rows) + 2, heading, notes, [_NOTE_WIDTH] * len(fields))


def _sheet(
    book: Book, found: Compared, texts: Catalogue, table: Table, frame: pd.DataFrame
) -> None:
    sheet = book.sheet(table.title(texts.language))
    top = book.head(sheet, table.title(texts.language))
    cells = as_arrow(frame, table).to_pydict()
    columns = [
        [_word(found, texts, table, column.name, cell) for cell in cells[column.name]]
        for column in table.columns
    ]
    fields = [Field(column.title(texts.language), _kind(column)) for column in table.columns]
    book.grid(sheet, top, fields, list(zip(*columns, strict=True)), freeze_columns=1)


def _word(found: Compared, texts: Catalogue, table: Table, column: str, cell: object) -> object:
    word = cell
    if cell is None or cell == "":
        return cell
    if isinstance(cell, bool):
        word = texts.text("scenario.field.yes" if cell else "scenario.field.no")
    elif column == "circle":
        word = title_of(found, str(cell), texts)
    elif column == "change":
        word = texts.label(f"compare.change.{table.name}", str(cell))
    elif column in _LISTS:
        words = [texts.label(_LISTS[column], one) for one in str(cell).split(";")]
        word = texts.text("report.list").join(words)
    elif column in ("units_before", "units_after") and cell == ALL:
        word = None
    elif column == "unit_name" and cell == "none":
        word = texts.text("compare.no_unit")
    elif column in _LABELS:
        word = texts.label(_LABELS[column], str(cell))
    return word


def _kind(column: Column) -> CellKind:
    if column.name.startswith("rate_"):
        return "rate"
    if "minutes" in column.name:
        return "minutes"
    if column.kind in ("integer", "number"):
        return "integer" if column.kind == "integer" else "number"
    return "text"

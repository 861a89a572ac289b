"""A siting plan as files: a workbook, CSV tables, layers for a GIS, and its figures as JSON.

The internal edition: it tells which places were looked at and what they cost, but no elder.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from care_map.assessment import Assessment
from care_map.errors import OutputError, Problem
from care_map.messages import Catalogue, catalogue
from care_map.outputs.findings import data_labels
from care_map.outputs.scenario_toml import scenario_toml
from care_map.outputs.site_words import result_lines, statement_lines
from care_map.outputs.tables import FIELD_DICTIONARY, as_arrow, dictionary_frame, write_csv
from care_map.outputs.workbook import Book, CellKind, Field, opened_book, set_columns
from care_map.scenarios import Scenario
from care_map.schema.columns import Table
from care_map.schema.siting import (
    FRONTIER,
    SITES,
    SITES_BY_GROUP,
    SITES_BY_UNIT,
    SITES_LEFT_OUT,
)
from care_map.siting.plan import SitingPlan

__all__ = ["refuse_foreign", "write_site_files"]

_MARK = "plan.json"
_SCENARIO = "scenario.toml"
_NOTE_WIDTHS = (26.0, 18.0, 18.0, 18.0, 18.0)
_KINDS: dict[str, CellKind] = {"integer": "integer", "number": "number"}
_RATES = ("rate_before", "rate_after", "rate", "gap")
_CODED = {"role": "facility_type", "types": "facility_type", "level": "level", "group": "group"}


def write_site_files(
    result: Assessment,
    plan: SitingPlan,
    folder: Path,
    *,
    frontier: pd.DataFrame | None = None,
    scenario: Scenario | None = None,
) -> list[Path]:
    """Write a plan into a folder, which may hold an earlier one.

    Parameters
    ----------
    result
        The run that was sited for.
    plan
        The plan.
    folder
        Made if it does not exist.
    frontier
        Columns of :data:`care_map.schema.siting.FRONTIER`.
    scenario
        The study with the new sites, to run it.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    OutputError
        The folder holds something else, or cannot be written.
    """
    texts = catalogue(result.study.language)
    refuse_foreign(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Not every plan has these: those of an earlier one would be taken for its own.
        for name in (_SCENARIO, f"{FRONTIER.name}.csv"):
            (folder / name).unlink(missing_ok=True)
        files = [
            *_tables(plan, folder, frontier),
            _workbook(result, plan, folder / "site.xlsx", frontier, texts),
            _layers(result, plan, folder / "site.gpkg"),
        ]
        if scenario is not None:
            files.append(folder / _SCENARIO)
            files[-1].write_text(scenario_toml(scenario), encoding="utf-8", newline="\n")
        mark = folder / _MARK
        labels = list(result.labels)
        told = {"study": result.study.name, "labels": labels, **plan.summary()}
        text = json.dumps(told, ensure_ascii=False, allow_nan=False, indent=1)
        mark.write_text(text + "\n", encoding="utf-8", newline="\n")
    except OSError as error:
        detail = error.strerror or str(error)
        problem = Problem("cli_unwritable", source=str(folder), values={"detail": detail})
        raise OutputError([problem]) from None
    return [*files, mark]


def refuse_foreign(folder: Path) -> None:
    """Raise OutputError where a folder, if there is one, holds something else than a plan."""
    foreign = folder.exists() and (
        not folder.is_dir() or (any(folder.iterdir()) and not (folder / _MARK).is_file())
    )
    if foreign:
        raise OutputError([Problem("site_folder", source=str(folder))])


def _named(plan: SitingPlan, frontier: pd.DataFrame | None) -> Iterator[tuple[Table, pd.DataFrame]]:
    yield SITES, plan.sites
    yield SITES_BY_UNIT, plan.by_unit
    yield SITES_BY_GROUP, plan.by_group
    yield SITES_LEFT_OUT, plan.left_out
    if frontier is not None:
        yield FRONTIER, frontier


def _tables(plan: SitingPlan, folder: Path, frontier: pd.DataFrame | None) -> list[Path]:
    files = []
    for table, frame in _named(plan, frontier):
        files.append(folder / f"{table.name}.csv")
        write_csv(as_arrow(frame, table), files[-1])
    tables = [table for table, _ in _named(plan, frontier)]
    files.append(folder / "field_dictionary.csv")
    write_csv(as_arrow(dictionary_frame(tables), FIELD_DICTIONARY), files[-1])
    return files


def _workbook(
    result: Assessment,
    plan: SitingPlan,
    path: Path,
    frontier: pd.DataFrame | None,
    texts: Catalogue,
) -> Path:
    head = result_lines(plan, result.study, texts)
    banner = data_labels(result, texts)
    with opened_book(path, title=head[0], banner=banner, page=texts.text("report.page")) as book:
        sheet = book.sheet(texts.text("siting.sheet_notes"))
        row = book.head(sheet, head[0])
        set_columns(sheet, _NOTE_WIDTHS)
        said = statement_lines(plan, texts)
        for key, lines in (("result", head[1:]), ("notes", said)):
            row = book.lines(sheet, row, texts.text(f"siting.heading_{key}"), lines, _NOTE_WIDTHS)
        for table, frame in _named(plan, frontier):
            page = book.sheet(table.title(texts.language))
            top = book.head(page, table.title(texts.language))
            _grid(book, page, top, table, frame, texts)
    return path


def _grid(
    book: Book, page: object, top: int, table: Table, frame: pd.DataFrame, texts: Catalogue
) -> None:
    fields = [
        Field(
            column.title(texts.language),
            "rate" if column.name in _RATES else _KINDS.get(column.kind, "text"),
        )
        for column in table.columns
    ]
    columns = [
        [_cell(cell, column.name, texts) for cell in frame[column.name]] for column in table.columns
    ]
    book.grid(page, top, fields, list(zip(*columns, strict=True)), freeze_columns=3)


def _cell(cell: object, name: str, texts: Catalogue) -> object:
    if cell is pd.NA or (isinstance(cell, float) and not np.isfinite(cell)):
        return None
    if name in _CODED:
        parts = str(cell).split(";")
        labels = [texts.label(_CODED[name], part) for part in parts if part]
        return texts.text("siting.everybody") if cell == "all" else texts.names(labels)
    if name == "status":
        return texts.label("siting.status", str(cell))
    return cell.item() if isinstance(cell, np.generic) else cell


def _layers(result: Assessment, plan: SitingPlan, path: Path) -> Path:
    """Write the new facilities, and all candidates with whether they were chosen."""
    path.unlink(missing_ok=True)
    plain = plan.sites.set_index("candidate_id")
    chosen = plan.new_facilities.drop(columns=["delivers"]).merge(
        plain[["order", "newly_covered"]],
        left_on="facility_id",
        right_index=True,
        how="left",
    )
    chosen = gpd.GeoDataFrame(chosen, geometry="geometry", crs=result.crs)
    layers: Sequence[tuple[str, gpd.GeoDataFrame]] = (
        ("new_facilities", chosen),
        ("candidates", plan.candidates),
    )
    for name, layer in layers:
        table = layer.set_crs(result.crs, allow_override=True).reset_index(drop=True)
        options = {"VERSION": "1.2"} if not path.exists() else None
        pyogrio.write_dataframe(
            table, path, driver="GPKG", layer=name, geometry_type="Point", dataset_options=options
        )
    return path

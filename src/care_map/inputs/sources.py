"""One source of a study → a typed table with geometries in WGS84."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.config import Study, TableSource
from care_map.errors import Problem, Severity
from care_map.inputs.all_sheets import file_of
from care_map.inputs.cells import read_cells
from care_map.inputs.files import RawTable, read_raw
from care_map.inputs.findings import Findings
from care_map.inputs.headers import RUNNING_NUMBERS, normal_header
from care_map.inputs.points import Extent, lonlat_geometry
from care_map.inputs.sheets import cell_text
from care_map.inputs.texts import as_objects, as_text
from care_map.schema import Table

__all__ = ["FILE", "ROW", "SourceTable", "leave_out", "list_rows", "read_source", "stacked"]

ROW, FILE = "source_row", "source_file"
"""Columns that keep where a row comes from."""


@dataclass(frozen=True, slots=True)
class SourceTable:
    """A source, read but not yet joined to anything.

    Parameters
    ----------
    frame
        Typed columns (see :func:`care_map.inputs.cells.read_cells`), unknown ones as text, and
        ``source_file``, ``source_row``; one row per row of the file.
    geometry
        Geometries in EPSG:4326 or None, one a row.
    settings
        What the study says of the source.
    findings
        Where to add what is found in it.
    from_layer
        Whether the file itself has geometries.
    """

    frame: pd.DataFrame
    geometry: NDArray[np.object_]
    settings: TableSource
    findings: Findings
    from_layer: bool

    @property
    def headers(self) -> Mapping[str, str]:
        """Our column name → header as the file spells it."""
        return self.findings.headers

    def counts_rows(self, column: str) -> bool:
        """Tell whether a column is read from a running number (序号)."""
        return normal_header(self.headers.get(column, "")) in RUNNING_NUMBERS


def read_source(
    study: Study,
    source: TableSource,
    table: Table,
    *,
    problems: list[Problem],
    extent: Extent | None = None,
) -> SourceTable | None:
    """Read a source of the study.

    Parameters
    ----------
    study
        For the folder that paths start from.
    source
        File, sheet, datum, columns and constants.
    table
        What it is a table of.
    problems
        Gets what was found.
    extent
        Where the study is, if known.

    Returns
    -------
    SourceTable or None
        None where nothing is left to look at: after an error, or of a table without rows.
    """
    findings = Findings(source.path.as_posix(), problems=problems)
    raw = read_raw(study.path(file_of(source)), source, table, findings)
    if raw is None:
        return None
    findings = replace(findings, headers=raw.headers)
    frame = _typed(raw, source, table, findings)
    if raw.unknown:
        findings.add("columns_unknown", "info", count=len(raw.unknown), names=tuple(raw.unknown))
    geometry = lonlat_geometry(raw, frame, datum=source.datum, extent=extent, findings=findings)
    frame = frame.drop(columns=["lon", "lat", "wkt"], errors="ignore")
    frame[ROW] = frame.index.to_numpy()
    frame[FILE] = pd.Series(source.path.as_posix(), index=frame.index, dtype=object)
    from_layer = raw.geometry is not None
    return SourceTable(frame.reset_index(drop=True), geometry, source, findings, from_layer)


def _typed(raw: RawTable, source: TableSource, table: Table, findings: Findings) -> pd.DataFrame:
    """Read the cells of the columns that are known and fill in the study's constants."""
    columns: dict[str, pd.Series] = {}
    constants = dict(source.values)
    for column in table.columns:
        constant = cell_text(constants.get(column.name))
        cells = raw.cells.get(column.name)
        if cells is None and not constant:
            continue
        if cells is None:
            once = read_cells(pd.Series([constant], index=[0], dtype=object), column, findings)
            columns[column.name] = once.take([0] * len(raw.cells)).set_axis(raw.cells.index)
            continue
        if constant:
            cells = cells.where(cells != "", constant)
        columns[column.name] = read_cells(cells, column, findings)
    for name in raw.unknown:
        if name not in columns:
            words = as_objects(as_text(raw.cells[name]))
            columns[name] = pd.Series(words, index=raw.cells.index, dtype=object)
    return pd.DataFrame(columns, index=raw.cells.index)


def stacked(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put the rows of several sources under each other; missing text is ""."""
    if not frames:
        return pd.DataFrame()
    frame = pd.concat(frames, ignore_index=True)
    for name in frame.columns.drop("geometry", errors="ignore"):
        column = frame[name]
        if column.dtype == object or isinstance(column.dtype, pd.StringDtype):
            known = column.notna()
            if column.dtype != object or not known.all():
                frame[name] = column.where(known, "").astype(object)
    return frame


def list_rows(
    tables: Sequence[SourceTable],
    rows: pd.DataFrame,
    code: str,
    severity: Severity = "warning",
    *,
    column: str | None = None,
    shown: str | None = None,
) -> None:
    """List rows of a stacked table, each under its own file.

    Parameters
    ----------
    tables
        The sources that were stacked.
    rows
        Rows to list, with ``source_file`` and ``source_row``.
    code, severity, column
        As :meth:`Findings.each`.
    shown
        Name of the column whose values are shown; `column` without it.
    """
    findings = {table.settings.path.as_posix(): table.findings for table in tables}
    name = shown or column
    for file, part in rows.groupby(FILE, sort=False):
        cells = part[name].tolist() if name in part else None
        findings[str(file)].each(code, severity, rows=part[ROW], column=column, cells=cells)


def leave_out(tables: Sequence[SourceTable], rows: pd.DataFrame, code: str) -> None:
    """Note rows of a stacked table that are not used, each under its own file."""
    findings = {table.settings.path.as_posix(): table.findings for table in tables}
    for file, count in rows[FILE].value_counts(sort=False).items():
        findings[str(file)].leave_out(code, int(count))

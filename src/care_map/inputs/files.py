"""A file of any kind → text cells under their headers, and geometries.

Nothing is interpreted here: cells stay text, so that a code keeps its zeros and a cell that
cannot be read can be shown as it stands.
"""

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import pyogrio.errors
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import ProjError
from shapely.errors import GEOSException

from care_map.config import TableSource
from care_map.inputs.findings import Findings
from care_map.inputs.headers import Headers, find_headers
from care_map.inputs.sheets import (
    MAX_BYTES,
    Grid,
    cell_text,
    header_row,
    read_spreadsheet,
    read_text,
)
from care_map.schema import Table

__all__ = ["RawTable", "read_raw"]

_TEXT = frozenset({".csv", ".tsv", ".txt"})
_SPREADSHEET = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
_PARQUET = frozenset({".parquet", ".geoparquet"})
_VECTOR = frozenset(
    {".gpkg", ".geojson", ".json", ".shp", ".kml", ".kmz", ".gml", ".fgb", ".tab", ".mif"}
)
_ARROW = frozenset({".gpkg", ".geojson"})
"""Formats read through Arrow: faster. FlatGeobuf is not among them: reading it so crashes the
process where a geometry is missing (pyogrio 0.13)."""

_FOOTERS = frozenset({"合计", "总计", "小计", "合計", "總計", "小計", "total", "subtotal"})
_LONGEST_FOOTER = 16
_FOOTER_NOISE = re.compile(r"[\s:：]+")
_FOOTER_COLUMNS = ("unit_id", "facility_id", "demand_id", "name", "town_name", "community_name")
_READER_ERRORS = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.FieldError,
    pyogrio.errors.GeometryError,
    pyogrio.errors.CRSError,
    pa.ArrowException,
    GEOSException,
    ProjError,
    OSError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class RawTable:
    """A file's rows as text.

    Parameters
    ----------
    cells
        Text, "" where empty: our names where a header is known, else the header itself. The
        index is the row number that the user's program shows (the header of a list is its row
        1, unless titles stand above; the first feature of a layer is 1).
    headers
        Our column name → header as the file spells it.
    unknown
        Headers that are none of ours.
    geometry
        Shapely geometries or None, one a row; None where the file has no geometry at all.
    crs
        Of `geometry`; None where the file does not say.
    """

    cells: pd.DataFrame
    headers: Mapping[str, str]
    unknown: tuple[str, ...]
    geometry: NDArray[np.object_] | None
    crs: CRS | None


def read_raw(path: Path, source: TableSource, table: Table, findings: Findings) -> RawTable | None:
    """Read a file of any kind that is known.

    Parameters
    ----------
    path
        The file, as it can be opened.
    source
        What the study says of it: sheet or layer, columns, constants.
    table
        Whose columns are looked for.
    findings
        Gets what was found; a damaged file is a finding.

    Returns
    -------
    RawTable or None
        None after an error, and of a table without rows.
    """
    kind = path.suffix.lower()
    if not _can_be_read(path, kind, findings):
        return None
    if kind in _TEXT or kind in _SPREADSHEET:
        grid = (
            read_text(path, table, columns=source.columns, findings=findings)
            if kind in _TEXT
            else read_spreadsheet(path, sheet=source.layer, findings=findings)
        )
        raw = None if grid is None else _from_grid(grid, source, table, findings)
    else:
        frame = _read_frame(path, kind, source, findings)
        raw = None if frame is None else _from_frame(frame, source, table, findings)
    if raw is not None and raw.cells.empty:
        # A template that nobody has filled in yet: what else there is can still be assessed.
        findings.add("table_empty", "warning")
        return None
    return raw


def _can_be_read(path: Path, kind: str, findings: Findings) -> bool:
    try:
        size = path.stat().st_size
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        code = "file_missing" if missing else "file_unreadable"
        findings.add(code, "error", detail=error.strerror)
        return False
    if kind not in _TEXT | _SPREADSHEET | _PARQUET | _VECTOR:
        known = " ".join(sorted(_TEXT | _SPREADSHEET | _PARQUET | _VECTOR))
        findings.add("file_kind_unknown", "error", value=kind, known=known)
        return False
    if not path.is_file() or size == 0:
        findings.add("file_empty", "error")
        return False
    if size > MAX_BYTES:
        findings.add("file_too_large", "error", count=size)
        return False
    return True


def _from_grid(
    grid: Grid, source: TableSource, table: Table, findings: Findings
) -> RawTable | None:
    if not any(any(row) for row in grid):
        findings.add("table_empty", "error")
        return None
    top = header_row(grid, table, source.columns)
    titles = sum(any(row) for row in grid[:top])
    if titles:
        findings.add("title_rows_skipped", "info", row=top + 1, count=titles)
    width = len(grid[top])
    while width and not grid[top][width - 1]:
        width -= 1
    headers = [cell.replace("\n", "") for cell in grid[top][:width]]
    found = _headers(headers, source, table, findings)
    if found is None:
        return None
    rows = [(number, row) for number, row in enumerate(grid[top + 1 :], top + 2) if any(row)]
    beyond = [number for number, row in rows if any(row[width:])]
    findings.each("row_too_long", rows=beyond)
    cells = pd.DataFrame(
        [(row + [""] * width)[:width] for _, row in rows],
        columns=_unique_names(headers, found),
        index=pd.Index([number for number, _ in rows], dtype="int64"),
        dtype=object,
    )
    cells = _without_footers(cells, findings)
    return _raw(cells, found, None, None)


def _headers(
    headers: list[str], source: TableSource, table: Table, findings: Findings
) -> Headers | None:
    mistakes = len(findings.problems)
    found = find_headers(
        headers,
        table,
        columns=source.columns,
        constants=source.values,
        findings=findings,
    )
    wrong = any(problem.severity == "error" for problem in findings.problems[mistakes:])
    return None if wrong else found


def _unique_names(headers: list[str], found: Headers) -> list[str]:
    """Name columns: ours where known, else the header, with a number where it is taken."""
    ours = {at: name for name, at in found.place.items()}
    # A header may serve two of our columns; the others are copied in `_raw`.
    taken = set(found.place)
    names: list[str] = []
    for at, header in enumerate(headers):
        name = ours.get(at) or header or f"column_{at + 1}"
        number = 2
        while at not in ours and name in taken:
            name, number = f"{header or 'column'} ({number})", number + 1
        taken.add(name)
        names.append(name)
    return names


def _without_footers(cells: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Drop the rows of totals, and say which."""
    names = [cells.columns[0], *(name for name in _FOOTER_COLUMNS if name in cells)]
    footer = np.zeros(len(cells), dtype=bool)
    for name in dict.fromkeys(names):
        words = [word for word in cells[name].unique() if _is_footer(word)]
        footer |= cells[name].isin(words).to_numpy(dtype=bool)
    if footer.any():
        shown = cells.loc[footer, names[0]].tolist()
        findings.each("footer_skipped", "info", rows=cells.index[footer], cells=shown)
    return cells[~footer]


def _is_footer(cell: str) -> bool:
    if len(cell) > _LONGEST_FOOTER:
        return False
    return _FOOTER_NOISE.sub("", cell).lower() in _FOOTERS


def _read_frame(
    path: Path, kind: str, source: TableSource, findings: Findings
) -> pd.DataFrame | None:
    """Read a layer or a Parquet file, with what GDAL says of it as findings."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            frame = _read_parquet(path) if kind in _PARQUET else _read_layer(path, kind, source)
        except pyogrio.errors.DataLayerError:
            present = "、".join(str(name) for name in pyogrio.list_layers(path)[:, 0])
            findings.add("layer_missing", "error", value=source.layer or "", present=present)
            return None
        except _READER_ERRORS as error:
            detail = (str(error).splitlines() or [""])[0]
            findings.add("file_damaged", "error", detail=detail)
            return None
    for text in dict.fromkeys(str(warning.message).splitlines()[0] for warning in said):
        findings.add("reader_warning", "info", detail=text)
    return frame


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        frame: pd.DataFrame = gpd.read_parquet(path)
    except ValueError as error:
        if "geo metadata" not in str(error):
            raise
        frame = pd.read_parquet(path)
    return frame


def _read_layer(path: Path, kind: str, source: TableSource) -> pd.DataFrame:
    if kind == ".shp" and not path.with_suffix(".cpg").is_file():
        return _read_shapefile(path)
    frame: pd.DataFrame = pyogrio.read_dataframe(
        path, layer=source.layer, use_arrow=kind in _ARROW, on_invalid="ignore"
    )
    return frame


def _read_shapefile(path: Path) -> pd.DataFrame:
    """Read a shapefile that does not say its encoding: the first that decodes strictly."""
    frame: pd.DataFrame
    for encoding in ("utf-8", "gb18030"):
        try:
            frame = pyogrio.read_dataframe(path, encoding=encoding, on_invalid="ignore")
        except UnicodeDecodeError:
            continue
        return frame
    frame = pyogrio.read_dataframe(path, encoding="big5", on_invalid="ignore")
    return frame


def _from_frame(
    frame: pd.DataFrame, source: TableSource, table: Table, findings: Findings
) -> RawTable | None:
    geometry, crs = None, None
    if isinstance(frame, gpd.GeoDataFrame):
        geometry = np.asarray(shapely.force_2d(frame.geometry.to_numpy()), dtype=object)
        crs = frame.crs
        frame = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    headers = [str(name) for name in frame.columns]
    found = _headers(headers, source, table, findings)
    if found is None:
        return None
    columns = [
        [cell_text(cell) for cell in frame.iloc[:, at].tolist()] for at in range(len(headers))
    ]
    index = pd.RangeIndex(1, len(frame) + 1)
    cells = pd.DataFrame(
        dict(zip(_unique_names(headers, found), columns, strict=True)),
        index=index,
        dtype=object,
    )
    return _raw(cells, found, geometry, crs)


def _raw(
    cells: pd.DataFrame, found: Headers, geometry: NDArray[np.object_] | None, crs: CRS | None
) -> RawTable:
    at = {place: name for name, place in found.place.items()}
    copies = {name: cells[at[place]] for name, place in found.place.items() if name not in cells}
    unknown = tuple(str(cells.columns[place]) for place in found.unknown)
    return RawTable(cells.assign(**copies), found.spelled, unknown, geometry, crs)

"""A file of any kind → text cells under their headers, and geometries.

Nothing is interpreted here: cells stay text, so that a code keeps its zeros and a cell that
cannot be read can be shown as it stands.
"""

import csv
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyogrio
import pyogrio.errors
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import ProjError
from shapely.errors import GEOSException

from care_map.config import TableSource
from care_map.inputs.findings import Findings
from care_map.inputs.headers import Headers, find_headers, recognised
from care_map.inputs.merged import filled_down, header_band
from care_map.inputs.shapefiles import shapefile_encoding
from care_map.inputs.sheets import MAX_BYTES, Sheet, cell_text, header_row, read_text
from care_map.inputs.texts import as_text, matches, trimmed
from care_map.inputs.workbooks import SPREADSHEETS, read_spreadsheet
from care_map.inputs.xml_layers import without_own_columns, xml_content
from care_map.schema import Table

__all__ = ["RawTable", "read_raw"]

_TEXT = frozenset({".csv", ".tsv", ".txt"})
_PARQUET = frozenset({".parquet", ".geoparquet"})
_VECTOR = frozenset(
    {".gpkg", ".geojson", ".json", ".shp", ".kml", ".kmz", ".gml", ".fgb", ".tab", ".mif"}
)
_XML = frozenset({".kml", ".kmz", ".gml"})
_ARROW = frozenset({".gpkg", ".geojson"})
"""Formats read through Arrow: faster. FlatGeobuf is not among them: reading it so crashes the
process where a geometry is missing (pyogrio 0.13)."""

_FOOTERS = frozenset({"合计", "总计", "小计", "合計", "總計", "小計", "total", "subtotal"})
_LONGEST_FOOTER = 16
_FOOTER_NOISE = re.compile(r"[\s:：]+")
_LIKE_FOOTER = r"(?i)^[^0-9a-z]*(?:[合总總小]|t[^0-9a-z]*o|s[^0-9a-z]*u)"
"""What every footer matches: spares looking at a million ids one by one."""

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
    if kind in _TEXT or kind in SPREADSHEETS:
        sheet = (
            read_text(path, table, columns=source.columns, findings=findings)
            if kind in _TEXT
            else read_spreadsheet(path, sheet=source.layer, findings=findings)
        )
        raw = None if sheet is None else _from_sheet(sheet, source, table, findings)
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
    if kind not in _TEXT | SPREADSHEETS | _PARQUET | _VECTOR:
        known = " ".join(sorted(_TEXT | SPREADSHEETS | _PARQUET | _VECTOR))
        findings.add("file_kind_unknown", "error", value=kind, known=known)
        return False
    if not path.is_file() or size == 0:
        findings.add("file_empty", "error")
        return False
    if size > MAX_BYTES:
        findings.add("file_too_large", "error", count=size)
        return False
    return True


def _from_sheet(
    sheet: Sheet, source: TableSource, table: Table, findings: Findings
) -> RawTable | None:
    head = sheet.head
    top = header_row(head, table, source.columns)
    first, last, headers = header_band(
        head, top, sheet.merged, lambda word: bool(recognised([word], table, source.columns))
    )
    try:
        body = sheet.below(last)
    except csv.Error as error:
        findings.add("file_damaged", "error", detail=str(error))
        return None
    while headers and not headers[-1]:
        headers.pop()
    if not headers:
        findings.add("table_empty", "error")
        return None
    titles = sum(any(row) for row in head[:first])
    if titles:
        findings.add("title_rows_skipped", "info", row=first + 1, count=titles)
    found = _headers(headers, source, table, findings)
    if found is None:
        return None
    width = len(headers)
    beyond = _any_filled(body.columns[width:], len(body.number))
    findings.each("row_too_long", rows=body.number[beyond])
    filled = beyond | _any_filled(body.columns[:width], len(body.number))
    filled |= np.isin(body.number, [row + 1 for row, _ in sheet.lost])
    blank = pa.nulls(len(body.number), pa.large_string()).fill_null("")
    columns = [column.filter(pa.array(filled)) for column in [*body.columns, *[blank] * width]]
    named = dict(zip(_unique_names(headers, found), columns[:width], strict=True))
    number = body.number[filled]
    if sheet.merged:
        named = filled_down(
            named, number, sheet.merged, found=found, table=table, findings=findings
        )
    cells = _without_headers(_cells(named, number), headers, findings)
    cells = _without_footers(cells, findings)
    _list_lost(sheet.lost, cells.index.to_numpy(), headers, findings)
    return _raw(cells, found, None, None)


def _list_lost(
    lost: Mapping[tuple[int, int], str],
    number: NDArray[np.int64],
    headers: Sequence[str],
    findings: Findings,
) -> None:
    """List the cells that a spreadsheet program would show and its file does not hold."""
    rows = set(number.tolist())
    for at, header in enumerate(headers):
        here = {row + 1: code for (row, column), code in lost.items() if column == at}
        for code in sorted(set(here.values())):
            listed = [row for row, known in here.items() if known == code and row in rows]
            findings.each(code, rows=listed, column=header)


def _cells(columns: Mapping[str, pa.Array], number: NDArray[np.int64]) -> pd.DataFrame:
    """Return columns of text as a table, without an object for every cell."""
    series = {name: pd.array(column, dtype="str") for name, column in columns.items()}
    return pd.DataFrame(series, index=pd.Index(number, dtype="int64"))


def _any_filled(columns: Sequence[pa.Array], size: int) -> NDArray[np.bool_]:
    filled = np.zeros(size, dtype=bool)
    for column in columns:
        filled |= pc.binary_length(column).to_numpy() > 0
    return filled


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


def _without_headers(
    cells: pd.DataFrame, headers: Sequence[str], findings: Findings
) -> pd.DataFrame:
    """Drop the rows that repeat the header, as printed lists do on every page."""
    repeated = np.ones(len(cells), dtype=bool)
    for at, header in enumerate(headers):
        if not repeated.any():
            return cells
        repeated &= (cells.iloc[:, at] == header).to_numpy(dtype=bool)
    findings.each("header_repeated", "info", rows=cells.index[repeated])
    return cells[~repeated]


def _without_footers(cells: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Drop the rows of totals, and say which."""
    names = [cells.columns[0], *(name for name in _FOOTER_COLUMNS if name in cells)]
    footer = np.zeros(len(cells), dtype=bool)
    for name in dict.fromkeys(names):
        likely = cells[name][matches(as_text(cells[name]), _LIKE_FOOTER)]
        words = [word for word in likely.unique() if _is_footer(word)]
        footer |= cells[name].isin(words).to_numpy(dtype=bool)
    if footer.any():
        shown = cells.loc[footer, names[0]].tolist()
        findings.each("footer_skipped", "info", rows=cells.index[footer], cells=shown)
        findings.leave_out("footer_skipped", int(footer.sum()))
    return cells[~footer]


def _is_footer(cell: str) -> bool:
    if len(cell) > _LONGEST_FOOTER:
        return False
    return _FOOTER_NOISE.sub("", cell).lower() in _FOOTERS


def _read_frame(
    path: Path, kind: str, source: TableSource, findings: Findings
) -> pd.DataFrame | None:
    """Read a layer or a Parquet file, with what GDAL says of it as findings."""
    content = xml_content(path, findings) if kind in _XML else path
    if content is None:
        return None
    encoding = shapefile_encoding(path, findings) if kind == ".shp" else None
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            if kind in _PARQUET:
                frame = _read_parquet(path)
            else:
                frame = _read_layer(content, kind, source, encoding)
        except pyogrio.errors.DataLayerError:
            present = tuple(str(name) for name in pyogrio.list_layers(path)[:, 0])
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


def _read_layer(
    content: Path | bytes, kind: str, source: TableSource, encoding: str | None
) -> pd.DataFrame:
    frame: pd.DataFrame = pyogrio.read_dataframe(
        content,
        layer=source.layer,
        encoding=encoding,
        use_arrow=kind in _ARROW,
        on_invalid="ignore",
    )
    return without_own_columns(frame) if kind in _XML else frame


def _from_frame(
    frame: pd.DataFrame, source: TableSource, table: Table, findings: Findings
) -> RawTable | None:
    geometry, crs = None, None
    if isinstance(frame, gpd.GeoDataFrame):
        geometry = _flat(frame.geometry.to_numpy())
        crs = frame.crs
        frame = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    headers = [str(name) for name in frame.columns]
    found = _headers(headers, source, table, findings)
    if found is None:
        return None
    columns = [_texts(frame.iloc[:, at]) for at in range(len(headers))]
    cells = _cells(
        dict(zip(_unique_names(headers, found), columns, strict=True)),
        np.arange(1, len(frame) + 1),
    )
    return _raw(cells, found, geometry, crs)


def _flat(geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    flat = np.array(geometry, dtype=object)
    high = np.asarray(shapely.has_z(geometry) | shapely.has_m(geometry))
    flat[high] = shapely.force_2d(flat[high])
    return flat


def _texts(column: pd.Series) -> pa.Array:
    """Return :func:`cell_text` of every cell of a column."""
    if isinstance(column.dtype, pd.StringDtype):
        return trimmed(as_text(column))
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iu":
        return pa.array(column.to_numpy()).cast(pa.large_string())
    if column.dtype == object:  # 1, 1.0 and True are equal: not once for each different cell
        return pa.array([cell_text(cell) for cell in column.tolist()], pa.large_string())
    places, values = pd.factorize(column)
    words = pa.array([*(cell_text(value) for value in values.tolist()), ""], pa.large_string())
    return words.take(pa.array(np.where(places < 0, len(values), places)))


def _raw(
    cells: pd.DataFrame, found: Headers, geometry: NDArray[np.object_] | None, crs: CRS | None
) -> RawTable:
    at = {place: name for name, place in found.place.items()}
    copies = {name: cells[at[place]] for name, place in found.place.items() if name not in cells}
    unknown = tuple(str(cells.columns[place]) for place in found.unknown)
    return RawTable(cells.assign(**copies), found.spelled, unknown, geometry, crs)

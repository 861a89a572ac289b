"""Road layers of an office's own, in any format that GDAL reads.

Such a layer has no node ids: ways meet where their vertices have the same coordinates.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj.exceptions import ProjError
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from care_map.config import RoadSource
from care_map.errors import InputError, Problem
from care_map.inputs.crs import LONLAT, has_no_transformation
from care_map.inputs.datum import bd09_to_wgs84, gcj02_to_wgs84
from care_map.inputs.findings import Findings
from care_map.inputs.headers import find_headers
from care_map.inputs.osm_roads import ROAD_CLASSES, ROAD_COLUMNS, parse_layer, parse_maxspeed_kph
from care_map.inputs.road_checks import check_roads
from care_map.inputs.tables import RoadTable
from care_map.schema import ROADS

__all__ = ["CHINESE_CLASSES", "join_coincident", "read_road_layer"]

CHINESE_CLASSES: Mapping[str, str] = {
    "高速公路": "motorway",
    "快速路": "trunk",
    "国道": "trunk",
    "省道": "primary",
    "主干路": "primary",
    "主干道": "primary",
    "县道": "secondary",
    "次干路": "secondary",
    "次干道": "secondary",
    "乡道": "tertiary",
    "支路": "tertiary",
    "村道": "unclassified",
    "街巷": "residential",
    "巷道": "residential",
    "小区道路": "residential",
    "机耕道": "track",
    "步行街": "pedestrian",
    "人行道": "footway",
    "步道": "footway",
    "梯道": "steps",
    "台阶": "steps",
    "其他道路": "road",
}
"""Classes of Chinese road layers and the OSM classes that they are read as (default)."""

_TRUE = frozenset(("1", "1.0", "t", "true", "y", "yes", "是", "有"))
_FALSE = frozenset(("", "0", "0.0", "f", "false", "n", "no", "否", "无"))
_GEOFABRIK_ONEWAY = {"F": "yes", "T": "-1", "B": "no"}
_GRID_PER_DEGREE = 1e7
_EARTH_RADIUS_M = 6_371_008.8
_LISTED_VALUES = 8


def read_road_layer(path: Path, *, source: RoadSource) -> tuple[RoadTable, tuple[Problem, ...]]:
    """Read the roads of a line layer.

    Parameters
    ----------
    path
        A file that GDAL reads: GeoPackage, Shapefile, GeoJSON …
    source
        Layer, datum, tolerance and columns (our column name → header). Other headers are
        recognised by the names and aliases of :data:`care_map.schema.ROADS`.

    Returns
    -------
    RoadTable
        Without barriers: a road layer cannot tell what is beside the roads. ``way_id`` is the
        number of the feature, from 0.
    tuple of Problem
        What was chosen, dropped or left out, with counts.

    Raises
    ------
    InputError
        The file cannot be read; it has no lines, no CRS, no road class, or none that is known.
    """
    findings = Findings(source=path.name)
    layer = _choose_layer(path, source, findings)
    frame = _read(path, layer, findings)
    columns = find_headers(
        [name for name in frame.columns if name != frame.geometry.name],
        ROADS,
        columns=source.columns,
        constants={},
        findings=findings,
    )
    _stop(findings)
    frame = _to_lonlat(frame, source, findings)
    tags = _tags(frame, columns.spelled, findings)
    table = _road_table(path, frame.geometry, tags, findings)
    if source.tolerance_m > 0:
        table = _ends_joined(table, source.tolerance_m, findings)
    findings.add("road_layer_no_barriers", "info")
    return table, (*findings.problems, *check_roads(table))


def _stop(findings: Findings) -> None:
    if any(problem.severity == "error" for problem in findings.problems):
        raise InputError(findings.problems)


def _fail(findings: Findings, code: str, **values: str) -> InputError:
    findings.problems.append(Problem(code, source=findings.source, values=values))
    return InputError(findings.problems)


def _choose_layer(path: Path, source: RoadSource, findings: Findings) -> str:
    if not path.exists():
        raise _fail(findings, "osm_missing")
    try:
        layers = pyogrio.list_layers(path)
    except DataSourceError as error:
        raise _fail(findings, "road_layer_unreadable", detail=str(error)) from None
    names = [str(name) for name, _ in layers]
    if source.layer is not None:
        if source.layer not in names:
            raise _fail(findings, "road_layer_missing", known=", ".join(names))
        return source.layer
    lines = [str(name) for name, kind in layers if kind and ("Line" in kind or kind == "Unknown")]
    if not lines:
        raise _fail(findings, "road_layer_no_lines", layers=", ".join(names))
    if len(names) > 1:
        findings.add("road_layer_chosen", "info", value=lines[0], known=", ".join(names))
    return lines[0]


def _read(path: Path, layer: str, findings: Findings) -> gpd.GeoDataFrame:
    try:
        # A coordinate that is no number makes GEOS warn; the line is left out and counted.
        with np.errstate(invalid="ignore"):
            frame = pyogrio.read_dataframe(path, layer=layer)
    except (DataSourceError, DataLayerError, UnicodeDecodeError) as error:
        raise _fail(findings, "road_layer_unreadable", detail=str(error)) from None
    if not isinstance(frame, gpd.GeoDataFrame):
        raise _fail(findings, "road_layer_no_lines", layers=layer)
    return frame


def _to_lonlat(frame: gpd.GeoDataFrame, source: RoadSource, findings: Findings) -> gpd.GeoDataFrame:
    """Bring lines to WGS84: their CRS first, then the datum's shift that the study declares."""
    lines = frame.geometry.force_2d()
    if lines.crs is None:
        if "datum" not in source.model_fields_set:
            raise _fail(findings, "road_layer_no_crs")
    elif has_no_transformation(lines.crs):
        raise _fail(findings, "road_layer_old_crs", crs=lines.crs.name)
    else:
        try:
            lines = lines.to_crs(LONLAT)
        except ProjError as error:
            raise _fail(findings, "road_layer_unreadable", detail=str(error)) from None
    lonlat = shapely.get_coordinates(lines.array)
    finite = lonlat[np.isfinite(lonlat).all(axis=1)]
    if len(finite) and (np.abs(finite) > (180.0, 90.0)).any():
        raise _fail(findings, "road_layer_not_degrees")
    unshift = {"gcj02": gcj02_to_wgs84, "bd09": bd09_to_wgs84}.get(source.datum)
    if unshift:
        moved = shapely.transform(
            lines.array, lambda xy: np.column_stack(unshift(xy[:, 0], xy[:, 1]))
        )
        lines = gpd.GeoSeries(moved, index=frame.index)
    return frame.set_geometry(lines.set_crs(LONLAT, allow_override=True))


def _tags(frame: gpd.GeoDataFrame, spelled: Mapping[str, str], findings: Findings) -> pd.DataFrame:
    """Return our columns of all rows, text as OSM spells it."""
    texts = {
        name: frame[spelled[name]].map(_text).astype("str") if name in spelled else _blank(frame)
        for name in (*ROAD_COLUMNS, "maxspeed_kph")
    }
    tags = pd.DataFrame(texts, index=frame.index)
    tags["highway"] = _classes(tags["highway"], findings)
    for name in ("oneway", "oneway_bicycle"):
        tags[name] = _oneway(tags[name])
    for name in ("bridge", "tunnel"):
        tags[name] = tags[name].map(_flag).astype("str")
    tags["maxspeed"] = tags["maxspeed_kph"]
    tags["maxspeed_kph"] = tags["maxspeed"].map(parse_maxspeed_kph).astype(np.float64)
    tags["layer"] = tags["layer"].map(parse_layer).astype(np.int64)
    return tags


def _blank(frame: gpd.GeoDataFrame) -> pd.Series:
    return pd.Series("", index=frame.index, dtype="str")


def _text(cell: object) -> str:
    if cell is None or cell is pd.NA or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _flag(text: str) -> str:
    if text.casefold() in _FALSE:
        return ""
    return "yes" if text.casefold() in _TRUE else text


def _oneway(column: pd.Series) -> pd.Series:
    """Return ``yes``, ``-1``, ``no`` or nothing; Geofabrik's layers say F, T and B."""
    if "B" in set(column):
        return column.map(lambda text: _GEOFABRIK_ONEWAY.get(text, text)).astype("str")

    def plain(text: str) -> str:
        if not text or text == "-1":
            return text
        if text.casefold() in _FALSE:
            return "no"
        return "yes" if text.casefold() in _TRUE else text

    return column.map(plain).astype("str")


def _classes(column: pd.Series, findings: Findings) -> pd.Series:
    """Return OSM's class of each row, empty where it is none that we know."""
    chinese = column[column.isin(list(CHINESE_CLASSES))]
    if len(chinese):
        pairs = (f"{name} → {CHINESE_CLASSES[name]}" for name in sorted(set(chinese)))
        findings.add("road_layer_classes", "info", count=len(chinese), classes=", ".join(pairs))
    classes = column.map(lambda text: CHINESE_CLASSES.get(text, text)).astype("str")
    known = classes.isin(list(ROAD_CLASSES))
    if not known.all():
        counts = column[~known].value_counts()
        listed = ", ".join(f"“{value}” ({n})" for value, n in counts[:_LISTED_VALUES].items())
        if not known.any():
            raise _fail(findings, "road_layer_no_class", classes=listed)
        findings.add("road_layer_class_unknown", count=int((~known).sum()), classes=listed)
    return classes.where(known, "")


def _road_table(
    path: Path, geometry: gpd.GeoSeries, tags: pd.DataFrame, findings: Findings
) -> RoadTable:
    lines, row = shapely.get_parts(geometry.array, return_index=True)
    row = np.asarray(row, dtype=np.int64)
    is_line = np.isin(shapely.get_type_id(lines), (1, 2)) & ~shapely.is_empty(lines)
    finite = _all_finite(lines)
    usable = is_line & finite & (tags["highway"].to_numpy()[row] != "")
    n_lost = len(tags) - len(np.unique(row[is_line & finite]))
    if n_lost:
        findings.add("road_layer_row_dropped", count=n_lost)
    if not usable.any():
        raise _fail(findings, "road_layer_no_lines", layers=path.name)
    row = row[usable]
    lonlat, line = shapely.get_coordinates(lines[usable], return_index=True)
    count = np.bincount(line, minlength=len(row))
    ways = tags.take(row).reset_index(drop=True)
    ways.insert(0, "way_id", row)
    offsets = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    return RoadTable(
        ways=ways,
        offsets=offsets,
        node_id=join_coincident(ways, offsets, lonlat),
        lon=np.ascontiguousarray(lonlat[:, 0]),
        lat=np.ascontiguousarray(lonlat[:, 1]),
        barriers=None,
        source=path.name,
    )


def _all_finite(lines: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Tell which lines have no vertex that is no number; bounds do not see one."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    lost = ~np.isfinite(xy).all(axis=1)
    return np.asarray(np.bincount(line[lost], minlength=len(lines)) == 0)


def _ends_joined(table: RoadTable, tolerance_m: float, findings: Findings) -> RoadTable:
    """Move ends of ways that lie within the tolerance of each other to their middle, and join."""
    lonlat = np.column_stack([table.lon, table.lat])
    moved, count = _gathered_ends(table.offsets, lonlat, tolerance_m)
    if not count:
        return table
    findings.add("road_layer_ends_joined", "info", count=count, tolerance_m=tolerance_m)
    return replace(
        table,
        node_id=join_coincident(table.ways, table.offsets, moved),
        lon=np.ascontiguousarray(moved[:, 0]),
        lat=np.ascontiguousarray(moved[:, 1]),
    )


def _gathered_ends(
    offsets: NDArray[np.int64], lonlat: NDArray[np.float64], tolerance_m: float
) -> tuple[NDArray[np.float64], int]:
    """Return coordinates with near ends in one place, and how many places of ends were moved.

    Ends are near if a chain of ends leads from one to the other, each within the tolerance of
    the next. Vertices in the place of an end go with it.
    """
    place = _places(lonlat)
    ends = np.unique(place[np.concatenate([offsets[:-1], offsets[1:] - 1])])
    _, first = np.unique(place, return_index=True)
    at = lonlat[first[ends]]
    pairs = cKDTree(_on_sphere_m(at)).query_pairs(tolerance_m, output_type="ndarray")
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(ends),) * 2)
    _, group = connected_components(graph, directed=False)
    size = np.bincount(group)
    together = size[group] > 1
    middle = np.column_stack([np.bincount(group, at[:, axis]) / size for axis in (0, 1)])
    target = lonlat[first]
    target[ends[together]] = middle[group[together]]
    is_moved = np.zeros(len(first), bool)
    is_moved[ends[together]] = True
    return np.where(is_moved[place][:, None], target[place], lonlat), int(together.sum())


def _on_sphere_m(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return points in space whose straight distances are, over metres, those on the ground."""
    lon, lat = np.radians(lonlat).T
    unit = [np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)]
    return _EARTH_RADIUS_M * np.column_stack(unit)


def _places(lonlat: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the number of each vertex's place, one for equal coordinates to 1e-7 degrees."""
    grid = np.round(lonlat * _GRID_PER_DEGREE).astype(np.int64)
    _, place = np.unique((grid[:, 0] << 32) + grid[:, 1], return_inverse=True)
    return np.asarray(place, dtype=np.int64)


def join_coincident(
    ways: pd.DataFrame, offsets: NDArray[np.int64], lonlat: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Give the same id to vertices that are one place of the network.

    Vertices at the same coordinates (to 1e-7 degrees, 1 cm) are one if bridge, tunnel and layer
    of their ways agree. An end of a way that agrees with nothing there (the end of a bridge at
    its abutment) joins all that is there.

    Parameters
    ----------
    ways
        ``bridge``, ``tunnel``, ``layer`` of each way.
    offsets
        ``(n_ways + 1,)`` into `lonlat`.
    lonlat
        ``(n_vertices, 2)`` degrees.

    Returns
    -------
    numpy.ndarray
        ``(n_vertices,)`` int64.
    """
    place = _places(lonlat)
    above = ways["bridge"].isin(("", "no")).to_numpy(), ways["tunnel"].isin(("", "no")).to_numpy()
    level = pd.MultiIndex.from_arrays([*above, ways["layer"]]).factorize()[0]
    n_levels = int(level.max(initial=0)) + 1
    by_vertex = np.repeat(level, np.diff(offsets))
    _, joined = np.unique(place * n_levels + by_vertex, return_inverse=True)
    is_end = np.zeros(len(place), dtype=bool)
    is_end[offsets[:-1]] = True
    is_end[offsets[1:] - 1] = True
    alone = is_end & (np.bincount(joined)[joined] == 1)
    open_place = np.zeros(int(place.max(initial=0)) + 1, dtype=bool)
    open_place[place[alone]] = True
    # Ids of joined places and of single levels come from ranges that do not meet.
    return np.where(open_place[place], place, joined + len(open_place)).astype(np.int64)

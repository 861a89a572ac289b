"""Coordinates of rows → geometries in WGS84, with every doubt listed.

A point that looks wrong is missing, not mended: the elder or the facility stays in the list
and is undetermined.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Transformer

from care_map.inputs import datum as datums
from care_map.inputs.crs import LONLAT, has_no_transformation
from care_map.inputs.files import RawTable
from care_map.inputs.findings import Findings
from care_map.inputs.plausible import EARTH, plausible
from care_map.projections import transformer
from care_map.values import Datum

__all__ = ["Extent", "lonlat_geometry", "project", "representative_points"]

Extent = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

Geometries = NDArray[np.object_]

_TO_WGS84 = {"gcj02": datums.gcj02_to_wgs84, "bd09": datums.bd09_to_wgs84}
_DATUM_NAMES = {"gcj02": "GCJ-02", "bd09": "BD-09"}


def lonlat_geometry(
    raw: RawTable,
    frame: pd.DataFrame,
    *,
    datum: Datum,
    extent: Extent | None,
    findings: Findings,
) -> Geometries:
    """Return a geometry in EPSG:4326 per row, None where there is none that can be used.

    The file's own geometry is taken, else ``lon`` and ``lat``, else ``wkt``.

    Parameters
    ----------
    raw
        The file.
    frame
        Its cells, read: ``lon``, ``lat`` as numbers, ``wkt`` as text.
    datum
        Declared datum of the coordinates. A CRS that the file carries is undone first; GCJ-02
        and BD-09 have no CRS code, so their declaration counts even in a GeoJSON.
    extent
        Where the study is, if known, to recognise exchanged coordinates.
    findings
        Gets the doubtful points.

    Returns
    -------
    numpy.ndarray
        Shapely geometries or None, one a row.
    """
    rows = frame.index.to_numpy()
    own = _own_geometry(raw, findings)
    geometry = np.full(len(frame), None, dtype=object) if own is None else own
    for filled in (_from_columns(frame, findings), _from_wkt(frame, findings)):
        if filled is not None:
            gaps = _is_none(geometry)
            geometry[gaps] = filled[gaps]
    geometry = plausible(geometry, rows, extent, findings)
    return _to_wgs84(geometry, rows, datum, findings)


def project(geometry: Geometries, crs: CRS) -> Geometries:
    """Return geometries in degrees as geometries in a metric CRS.

    None stays None, and is what becomes of a place too far away for the projection.
    """
    # From its own degrees, which are WGS84 or CGCS2000 and so the same: no search for shifts.
    to_metres = transformer(crs.geodetic_crs, crs)
    projected = _transformed(geometry, to_metres)
    projected[~np.isfinite(shapely.bounds(projected)).all(axis=1)] = None
    return projected


def representative_points(geometry: Geometries) -> Geometries:
    """Return a point inside each geometry; points stay as they are, None stays None."""
    points = geometry.copy()
    other = ~_is_none(geometry) & (shapely.get_type_id(geometry) != 0)
    points[other] = shapely.point_on_surface(geometry[other])
    return points


def _is_none(geometry: Geometries) -> NDArray[np.bool_]:
    return np.asarray(shapely.is_missing(geometry) | shapely.is_empty(geometry))


def _transformed(geometry: Geometries, transformer: Transformer) -> Geometries:
    moved = np.full(len(geometry), None, dtype=object)
    real = ~_is_none(geometry)
    moved[real] = _moved(geometry[real], transformer.transform)
    return moved


def _moved(geometry: Geometries, move: Callable[..., tuple[ArrayLike, ArrayLike]]) -> Geometries:
    if not shapely.get_type_id(geometry).any():
        # A third of the time of a transformation that takes any geometry.
        there = np.column_stack(move(*shapely.get_coordinates(geometry).T))
        return np.asarray(shapely.points(there), dtype=object)
    return shapely.transform(geometry, lambda points: np.column_stack(move(*points.T)))


def _own_geometry(raw: RawTable, findings: Findings) -> Geometries | None:
    if raw.geometry is None:
        return None
    geometry = raw.geometry.copy()
    geometry[_is_none(geometry)] = None
    if raw.crs is None:
        bounds = shapely.total_bounds(geometry)
        if np.isnan(bounds).all() or (np.abs(bounds) <= EARTH).all():
            findings.add("crs_assumed", "info")
            return geometry
        findings.add("crs_missing", "error")
        return np.full(len(geometry), None, dtype=object)
    if has_no_transformation(raw.crs):
        findings.add("crs_refused", "error", value=raw.crs.name)
        return np.full(len(geometry), None, dtype=object)
    if raw.crs == LONLAT:
        return geometry
    return _transformed(geometry, transformer(raw.crs, LONLAT))


def _from_columns(frame: pd.DataFrame, findings: Findings) -> Geometries | None:
    if "lon" not in frame or "lat" not in frame:
        for name, other in (("lon", "lat"), ("lat", "lon")):
            if name in frame:
                findings.add("coordinate_column_missing", column=name, other=other)
        return None
    lon, lat = frame["lon"].to_numpy(dtype=float), frame["lat"].to_numpy(dtype=float)
    half = np.isnan(lon) != np.isnan(lat)
    findings.each("coordinates_incomplete", rows=frame.index[half], column="lon")
    whole = ~np.isnan(lon) & ~np.isnan(lat)
    geometry = np.full(len(frame), None, dtype=object)
    geometry[whole] = shapely.points(lon[whole], lat[whole])
    return geometry


def _from_wkt(frame: pd.DataFrame, findings: Findings) -> Geometries | None:
    if "wkt" not in frame:
        return None
    text = frame["wkt"].to_numpy(dtype=object)
    given = np.array([bool(cell) for cell in text], dtype=bool)
    geometry = np.full(len(frame), None, dtype=object)
    with np.errstate(all="ignore"):  # a number beyond all bounds is infinite, and listed later
        geometry[given] = shapely.force_2d(shapely.from_wkt(text[given], on_invalid="ignore"))
    bad = given & np.asarray(shapely.is_missing(geometry))
    findings.each("wkt_unreadable", rows=frame.index[bad], column="wkt", cells=text[bad].tolist())
    geometry[_is_none(geometry)] = None
    return geometry


def _to_wgs84(
    geometry: Geometries, rows: NDArray[np.int64], datum: Datum, findings: Findings
) -> Geometries:
    convert = _TO_WGS84.get(datum)
    if convert is None:
        return geometry
    bounds = shapely.bounds(geometry)
    outside = datums.outside_china(bounds[:, 0], bounds[:, 1])
    outside |= datums.outside_china(bounds[:, 2], bounds[:, 3])
    shown = [f"{west:.5f},{south:.5f}" for west, south in bounds[outside, :2]]
    findings.each("datum_outside_china", "error", rows=rows[outside], column="lon", cells=shown)
    converted = np.full(len(geometry), None, dtype=object)
    good = ~_is_none(geometry) & ~outside
    if good.any():
        converted[good] = _moved(geometry[good], convert)
        before, after = (shapely.get_coordinates(part[good]) for part in (geometry, converted))
        shift = float(np.mean(datums.shift_m(*before.T, *after.T)))
        name = _DATUM_NAMES[datum]
        findings.add(
            "datum_converted", "info", count=int(good.sum()), datum=name, shift=round(shift)
        )
    return converted

"""Polygons of units that hold: repaired where they cross themselves, overlaps and gaps measured."""

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from care_map.errors import Problem
from care_map.inputs.points import project
from care_map.inputs.sources import ROW, SourceTable
from care_map.vocabulary import LEVELS

__all__ = ["SLIVER_M2", "polygon_problems", "unit_polygons"]

SLIVER_M2 = 10_000.0
"""Gaps smaller than this are slips of the pen, counted together (default)."""

_OVERLAP_SHARE = 0.001
_POLYGONS = (3, 6)
_M2_PER_KM2 = 1e6
_NOTHING_M2 = 1.0
_NAMED = 5

Polygons = NDArray[np.object_]


def unit_polygons(table: SourceTable, crs: CRS) -> Polygons:
    """Return the polygons of a source in metres, None in place of what is none.

    Parameters
    ----------
    table
        The source; what is no polygon, and what had to be repaired, is added to its findings.
    crs
        Metric CRS of the study.

    Returns
    -------
    numpy.ndarray
        Valid polygons and multipolygons, or None, one a row.
    """
    geometry = project(table.geometry, crs)
    real = ~np.asarray(shapely.is_missing(geometry))
    given = ~np.asarray(shapely.is_missing(table.geometry))
    other = given & ~np.isin(shapely.get_type_id(geometry), _POLYGONS)
    findings, rows = table.findings, table.frame[ROW]
    findings.each(
        "unit_without_polygon", rows=rows[other], cells=table.frame["name"][other].tolist()
    )
    geometry[other] = None
    invalid = np.flatnonzero(real & ~other & ~np.asarray(shapely.is_valid(geometry)))
    for row in invalid.tolist():
        before = geometry[row]
        after = shapely.make_valid(before, method="structure", keep_collapsed=False)
        geometry[row] = None if after.is_empty else after
        findings.add(
            "polygon_repaired",
            row=int(rows.iloc[row]),
            value=str(table.frame["name"].iloc[row]),
            before_km2=before.area / _M2_PER_KM2,
            after_km2=after.area / _M2_PER_KM2,
        )
    return geometry


def polygon_problems(units: gpd.GeoDataFrame) -> Iterator[Problem]:
    """Yield how much polygons of one level lie over each other, and what they leave out.

    Parameters
    ----------
    units
        The table of units, in metres.

    Yields
    ------
    Problem
        Overlaps of all pairs together; each gap that units of a level enclose, with their
        names; the gaps that are smaller than :data:`SLIVER_M2` together.
    """
    for level in LEVELS:
        at_level = units[(units["level"] == level) & units.geometry.notna()]
        if at_level.empty:
            continue
        polygons = at_level.geometry.to_numpy()
        total = max(float(shapely.area(polygons).sum()), 1.0)
        yield from _overlaps(polygons, total)
        yield from _gaps(at_level["name"].to_numpy(dtype=object), polygons, total)


def _overlaps(polygons: Polygons, total_m2: float) -> Iterator[Problem]:
    one, two = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    pairs = one < two
    shared = shapely.area(shapely.intersection(polygons[one[pairs]], polygons[two[pairs]]))
    share = float(shared.sum()) / total_m2
    if share > _OVERLAP_SHARE:
        yield Problem(
            "units_overlap",
            severity="warning",
            values={"share": share, "area_km2": float(shared.sum()) / _M2_PER_KM2},
            count=int((shared > _NOTHING_M2).sum()),
        )


def _gaps(names: NDArray[np.object_], polygons: Polygons, total_m2: float) -> Iterator[Problem]:
    holes = _enclosed(polygons)
    area = shapely.area(holes)
    around = shapely.STRtree(polygons)
    slivers = np.flatnonzero((area > 0) & (area < SLIVER_M2))
    for hole in np.flatnonzero(area >= SLIVER_M2)[::-1].tolist():
        neighbours = names[np.sort(around.query(holes[hole], predicate="intersects"))]
        values = {
            "names": _listed(neighbours),
            "area_km2": float(area[hole]) / _M2_PER_KM2,
            "share": float(area[hole]) / total_m2,
        }
        yield Problem("units_gap", severity="warning", values=values)
    if len(slivers):
        largest = holes[slivers[np.argmax(area[slivers])]]
        neighbours = names[np.sort(around.query(largest, predicate="intersects"))]
        missing = float(area[slivers].sum())
        values = {
            "names": _listed(neighbours),
            "area_km2": missing / _M2_PER_KM2,
            "share": missing / total_m2,
        }
        yield Problem("units_slivers", severity="info", values=values, count=len(slivers))


def _enclosed(polygons: Polygons) -> Polygons:
    """Return what polygons enclose together and none of them covers, the smallest first."""
    parts = shapely.get_parts(shapely.union_all(polygons))
    rings, owner = shapely.get_rings(parts, return_index=True)
    inner = np.flatnonzero(owner[1:] == owner[:-1]) + 1
    holes = np.asarray(shapely.polygons(rings[inner]), dtype=object)
    return holes[np.argsort(shapely.area(holes), kind="stable")]


def _listed(names: NDArray[np.object_]) -> tuple[str, ...]:
    *shown, last = (str(name) for name in names[:_NAMED])
    return (*shown, f"{last}…" if len(names) > _NAMED else last)

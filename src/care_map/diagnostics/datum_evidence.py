"""Where a list's points would lie if its coordinates were of another datum.

Three kinds of evidence, each a yes or no per point: inside the unit that the row states, near a
road, on a building. All hypotheses are asked about the same points, so that they can be compared
point by point.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from care_map.inputs.datum import from_wgs84, outside_china, to_wgs84
from care_map.inputs.tables import PointSample
from care_map.projections import transformer
from care_map.values import Datum

__all__ = [
    "HYPOTHESES",
    "Evidence",
    "EvidenceKind",
    "Positions",
    "hypothesis_of",
    "moved_as_if",
    "near_roads",
    "on_buildings",
    "positions",
    "within_units",
]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Words = NDArray[np.object_]
EvidenceKind = Literal["units", "roads", "buildings"]

HYPOTHESES: tuple[Datum, ...] = ("wgs84", "gcj02", "bd09")
"""What coordinates as written can be; CGCS2000 and WGS84 are one for metres."""

_FARTHEST_ROAD_M = 2000.0


@dataclass(frozen=True, slots=True)
class Positions:
    """The same coordinates, as written in the file, read in each datum.

    Parameters
    ----------
    row
        ``(n,)`` int64 rows of the sample that can be of any datum; the others lie outside China.
    lon, lat, x, y
        By hypothesis ``(n,)`` degrees of WGS84, and metres of the study's CRS.
    """

    row: NDArray[np.int64]
    lon: Mapping[Datum, Floats]
    lat: Mapping[Datum, Floats]
    x: Mapping[Datum, Floats]
    y: Mapping[Datum, Floats]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One kind of evidence about one source.

    Parameters
    ----------
    kind
        ``units``: in the stated unit; ``roads``: near a road; ``buildings``: on a building.
    hits
        By hypothesis ``(n,)`` bool: which of the points fit. The points are the same for all.
    median_m
        By hypothesis the median distance to the nearest road in metres, inf beyond 2 km; empty
        for other kinds.
    """

    kind: EvidenceKind
    hits: Mapping[Datum, Bools]
    median_m: Mapping[Datum, float]

    @property
    def points(self) -> int:
        """How many points were judged."""
        return len(self.hits[HYPOTHESES[0]])

    def share(self, datum: Datum) -> float:
        """Return the share of points that fit under a hypothesis."""
        return float(self.hits[datum].mean())


def hypothesis_of(datum: Datum) -> Datum:
    """Return the hypothesis that a declared datum is: CGCS2000 is the same as WGS84."""
    return "wgs84" if datum == "cgcs2000" else datum


def positions(sample: PointSample, crs: CRS) -> Positions:
    """Read a sample's coordinates, as they stand in the file, in each datum.

    Parameters
    ----------
    sample
        WGS84 as the declared datum gives it.
    crs
        Metric CRS.

    Returns
    -------
    Positions
    """
    row = np.flatnonzero(~outside_china(sample.lon, sample.lat))
    written = from_wgs84(sample.lon[row], sample.lat[row], datum=sample.datum)
    inside = ~outside_china(*written)
    row, written = row[inside], (written[0][inside], written[1][inside])
    lon: dict[Datum, Floats] = {}
    lat: dict[Datum, Floats] = {}
    x: dict[Datum, Floats] = {}
    y: dict[Datum, Floats] = {}
    to_metres = _to_metres(crs)
    for datum in HYPOTHESES:
        lon[datum], lat[datum] = to_wgs84(*written, datum=datum)
        x[datum], y[datum] = _metres(to_metres, lon[datum], lat[datum])
    return Positions(row, lon, lat, x, y)


def moved_as_if(
    lon: Floats, lat: Floats, *, declared: Datum, crs: CRS
) -> tuple[dict[Datum, Floats], dict[Datum, Floats]]:
    """Move true points as polygons would move back if they were of another datum than declared.

    A point is inside a polygon read in `h` exactly where the moved point is inside the polygon
    read as declared; a handful of points is moved more quickly than all boundaries.

    Returns
    -------
    x and y in metres by hypothesis, ``(n,)`` each.
    """
    to_metres = _to_metres(crs)
    x: dict[Datum, Floats] = {}
    y: dict[Datum, Floats] = {}
    for datum in HYPOTHESES:
        written = from_wgs84(lon, lat, datum=datum)
        x[datum], y[datum] = _metres(to_metres, *to_wgs84(*written, datum=declared))
    return x, y


def within_units(
    x: Mapping[Datum, Floats], y: Mapping[Datum, Floats], stated: Words, units: gpd.GeoDataFrame
) -> Evidence | None:
    """Tell which points lie in the unit that their row states.

    Parameters
    ----------
    x, y
        By hypothesis, metres.
    stated
        ``(n,)`` ids of units, "" where a row states none.
    units
        Units with polygons in metres.

    Returns
    -------
    Evidence or None
        None where no row states a unit with a polygon.
    """
    drawn = units[units.geometry.notna()]
    polygon_of = dict(zip(drawn["unit_id"], drawn.geometry, strict=True))
    which = np.flatnonzero([unit in polygon_of for unit in stated])
    if not len(which):
        return None
    names = sorted(set(stated[which]))
    polygons = np.array([polygon_of[unit] for unit in names], dtype=object)
    place = {unit: number for number, unit in enumerate(names)}
    mine = np.array([place[unit] for unit in stated[which]], dtype=np.int64)
    hits = {datum: np.zeros(len(which), dtype=bool) for datum in HYPOTHESES}
    for datum in HYPOTHESES:
        tree = shapely.STRtree(_points(x[datum][which], y[datum][which]))
        polygon, point = tree.query(polygons, predicate="intersects")
        hits[datum][point[mine[point] == polygon]] = True
    return Evidence("units", hits, {})


def near_roads(
    x: Mapping[Datum, Floats], y: Mapping[Datum, Floats], tree: shapely.STRtree, *, near_m: float
) -> Evidence | None:
    """Tell which points lie within some metres of a road.

    Parameters
    ----------
    x, y
        By hypothesis, metres; points that are places.
    tree
        Road lines in metres.
    near_m
        What counts as near.

    Returns
    -------
    Evidence or None
        None without points or roads.
    """
    if not len(x[HYPOTHESES[0]]) or not len(tree.geometries):
        return None
    hits: dict[Datum, Bools] = {}
    median_m: dict[Datum, float] = {}
    for datum in HYPOTHESES:
        points = _points(x[datum], y[datum])
        found, distance = tree.query_nearest(
            points, max_distance=_FARTHEST_ROAD_M, return_distance=True, all_matches=False
        )
        distance_m = np.full(len(points), np.inf)
        distance_m[found[0]] = distance
        hits[datum] = distance_m <= near_m
        median_m[datum] = float(np.median(distance_m))
    return Evidence("roads", hits, median_m)


def on_buildings(
    x: Mapping[Datum, Floats], y: Mapping[Datum, Floats], tree: shapely.STRtree
) -> Evidence | None:
    """Tell which points lie on the footprint of a building; as :func:`near_roads`."""
    if not len(x[HYPOTHESES[0]]) or not len(tree.geometries):
        return None
    hits: dict[Datum, Bools] = {}
    for datum in HYPOTHESES:
        hits[datum] = np.zeros(len(x[datum]), dtype=bool)
        point, _ = tree.query(_points(x[datum], y[datum]), predicate="intersects")
        hits[datum][point] = True
    return Evidence("buildings", hits, {})


def _points(x: Floats, y: Floats) -> Words:
    return np.asarray(shapely.points(x, y), dtype=object)


def _to_metres(crs: CRS) -> Transformer:
    return transformer(crs.geodetic_crs, crs)


def _metres(transformer: Transformer, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = transformer.transform(lon, lat)
    return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)

"""One scan of an OSM extract: roads, administrative areas, places, buildings, facilities.

The tables are raw, as OSM has them; :mod:`osm_units`, :mod:`osm_facilities` and
:mod:`osm_demand` make a study of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from care_map.errors import Problem
from care_map.inputs.crs import LONLAT, metric_crs
from care_map.inputs.osm_areas import Relation, closed_areas, relation_areas, relations_with
from care_map.inputs.osm_file import reading
from care_map.inputs.osm_names import NAME_KEYS, pick_name
from care_map.inputs.osm_roads import read_osm_roads
from care_map.inputs.osm_ways import Ways, read_ways
from care_map.inputs.tables import RoadTable

__all__ = ["NAME_KEYS", "OsmExtract", "parse_number", "pick_name", "scan_extract"]

_FACILITY_KEYS = ("amenity", "healthcare", "social_facility")
_DETAIL_KEYS = (
    "social_facility:for",
    "community_centre",
    "community_centre:for",
    "healthcare:speciality",
    "disused",
    "abandoned",
    "operator",
    "opening_hours",
    "phone",
    "contact:phone",
    "beds",
    "capacity:beds",
    "wheelchair",
    "addr:full",
    "addr:city",
    "addr:street",
    "addr:housenumber",
)
_PLACE_KEYS = ("place", "population")
_BUILDING_KEYS = ("building", "building:levels")
_ADMIN_KEYS = ("admin_level", "population")


@dataclass(frozen=True, slots=True)
class OsmExtract:
    """The raw tables of an extract; geometries in EPSG:4326 unless said otherwise.

    Parameters
    ----------
    path
        The extract.
    roads
        As :func:`care_map.inputs.roads.read_roads` gives it.
    admin
        Administrative relations: ``osm_id, admin_level`` (0 if none), ``population`` (NaN if
        none), ``closed``, ``known_share`` (of its outer ways), the name tags; polygon, None
        where the boundary does not close.
    places
        Place nodes: ``osm_id, place, population``, the name tags; point.
    buildings
        ``osm_id, building, levels`` (NaN if not tagged), ``footprint_m2``; centroid.
    pois
        Elements with ``amenity``, ``healthcare`` or ``social_facility``: ``osm_id`` and their
        tags as text; node or centroid of the area. `poi_areas` has the areas of the latter.
    poi_areas
        Geometry of each row of `pois`.
    hull
        Convex hull of the vertices of the roads.
    crs
        Metric CRS of the extract's middle.
    problems
        What the scan left out.
    """

    path: Path
    roads: RoadTable
    admin: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    pois: gpd.GeoDataFrame
    poi_areas: gpd.GeoSeries
    hull: BaseGeometry
    crs: CRS
    problems: tuple[Problem, ...] = field(default=())

    @property
    def name(self) -> str:
        """File name without its suffixes."""
        return self.path.name.split(".")[0]


def scan_extract(path: Path) -> OsmExtract:
    """Read everything that a study needs from an OSM extract.

    Parameters
    ----------
    path
        ``.osm.pbf``, ``.osm``, ``.osm.gz`` or ``.osm.bz2``.

    Returns
    -------
    OsmExtract

    Raises
    ------
    InputError
        The file cannot be read, or holds no road.
    """
    roads, problems = read_osm_roads(path)
    hull = shapely.MultiPoint(np.column_stack([roads.lon, roads.lat])).convex_hull
    crs = metric_crs(*_middle(hull))
    with reading(path):
        relations = relations_with(path, ("boundary", "building", *_FACILITY_KEYS))
        areas, known = relation_areas(path, relations)
        keys = (*_BUILDING_KEYS, *_FACILITY_KEYS, *_DETAIL_KEYS, *NAME_KEYS)
        ways = read_ways(path, osmium.filter.KeyFilter("building", *_FACILITY_KEYS), keys=keys)
        nodes = _nodes(path)
    elements = [*nodes, *_from_ways(ways, relations), *_from_relations(relations, areas)]
    pois, poi_areas = _pois(elements)
    return OsmExtract(
        path=path,
        roads=roads,
        admin=_admin(relations, areas, known),
        places=_places(nodes),
        buildings=_buildings(elements, crs),
        pois=pois,
        poi_areas=poi_areas,
        hull=hull,
        crs=crs,
        problems=problems,
    )


def parse_number(text: str) -> float:
    """Return a tag as a number that is not negative, NaN where it is none.

    Examples
    --------
    >>> parse_number("24678"), parse_number("24,678"), parse_number("2.5"), parse_number("many")
    (24678.0, 24678.0, 2.5, nan)
    """
    plain = text.replace(",", "").replace(" ", "")
    whole, _, fraction = plain.partition(".")
    digits = whole + fraction
    return float(plain) if whole and digits.isascii() and digits.isdigit() else float("nan")


@dataclass(frozen=True, slots=True)
class _Element:
    """A node, closed way or relation with its tags and geometry in degrees."""

    osm_id: str
    tags: Mapping[str, str]
    geometry: BaseGeometry


def _middle(hull: BaseGeometry) -> tuple[float, float]:
    west, south, east, north = hull.bounds
    return (west + east) / 2, (south + north) / 2


def _nodes(path: Path) -> list[_Element]:
    found = []
    keep = osmium.filter.KeyFilter("place", *_FACILITY_KEYS)
    for node in osmium.FileProcessor(str(path), osmium.osm.NODE).with_filter(keep):
        if isinstance(node, osmium.osm.Node):
            tags = {tag.k: tag.v for tag in node.tags}
            found.append(_Element(f"n{node.id}", tags, shapely.Point(node.lon, node.lat)))
    return found


def _from_ways(ways: Ways, relations: Iterable[Relation]) -> list[_Element]:
    """Return the closed ways; an outline of a relation that is itself a building is none."""
    outlines = {
        ref for relation in relations if "building" in relation.tags for ref in relation.outer
    }
    rows, areas = closed_areas(ways)
    return [
        _Element(f"w{ways.way_id[row]}", ways.tag_sets[ways.tag_row[row]], area)
        for row, area in zip(rows.tolist(), areas, strict=True)
        if ways.way_id[row] not in outlines
    ]


def _from_relations(
    relations: Iterable[Relation], areas: Iterable[BaseGeometry | None]
) -> list[_Element]:
    return [
        _Element(f"r{relation.id}", relation.tags, area)
        for relation, area in zip(relations, areas, strict=True)
        if area is not None
    ]


def _frame(
    elements: Sequence[_Element | Relation],
    keys: tuple[str, ...],
    geometry: Sequence[BaseGeometry | None],
) -> gpd.GeoDataFrame:
    ids = [_id_of(element) for element in elements]
    columns = {
        "osm_id": pd.Series(ids, dtype="str"),
        **{
            key: pd.Series([element.tags.get(key, "") for element in elements], dtype="str")
            for key in keys
        },
    }
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(list(geometry), crs=LONLAT))


def _id_of(element: _Element | Relation) -> str:
    return f"r{element.id}" if isinstance(element, Relation) else element.osm_id


def _admin(
    relations: Iterable[Relation],
    areas: Iterable[BaseGeometry | None],
    known: Iterable[float],
) -> gpd.GeoDataFrame:
    chosen = [
        (relation, area, share)
        for relation, area, share in zip(relations, areas, known, strict=True)
        if relation.tags.get("boundary") == "administrative"
    ]
    keys = (*_ADMIN_KEYS, *NAME_KEYS)
    frame = _frame([entry[0] for entry in chosen], keys, [entry[1] for entry in chosen])
    frame["known_share"] = pd.Series([entry[2] for entry in chosen], dtype="float64")
    frame["population"] = frame["population"].map(parse_number).astype(np.float64)
    levels = frame["admin_level"].map(parse_number).astype(np.float64)
    frame["admin_level"] = levels.fillna(0).astype(np.int64)
    frame["closed"] = frame.geometry.notna()
    return frame


def _places(nodes: list[_Element]) -> gpd.GeoDataFrame:
    places = [node for node in nodes if "place" in node.tags]
    frame = _frame(places, (*_PLACE_KEYS, *NAME_KEYS), [node.geometry for node in places])
    frame["population"] = frame["population"].map(parse_number).astype(np.float64)
    return frame


def _buildings(elements: list[_Element], crs: CRS) -> gpd.GeoDataFrame:
    areas = [
        element
        for element in elements
        if element.tags.get("building", "no") != "no" and element.geometry.geom_type != "Point"
    ]
    frame = _frame(areas, _BUILDING_KEYS, [element.geometry for element in areas])
    frame = frame.rename(columns={"building:levels": "levels"})
    frame["levels"] = frame["levels"].map(parse_number).astype(np.float64)
    metric = frame.geometry.to_crs(crs)
    frame["footprint_m2"] = metric.area
    return frame.set_geometry(metric.centroid.to_crs(LONLAT))


def _pois(elements: list[_Element]) -> tuple[gpd.GeoDataFrame, gpd.GeoSeries]:
    found = [
        element
        for element in elements
        if any(element.tags.get(key) for key in _FACILITY_KEYS)
        and element.tags.get("boundary") != "administrative"
    ]
    keys = (*_FACILITY_KEYS, *_DETAIL_KEYS, *NAME_KEYS)
    areas = [element.geometry for element in found]
    frame = _frame(found, keys, [area.centroid for area in areas])
    return frame, gpd.GeoSeries(areas, crs=LONLAT)

"""Homes that counts are spread over: residential buildings, by floors × footprint."""

import re
from collections.abc import Mapping

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from care_map.config import BuildingSource, Study, TableSource
from care_map.errors import InputError
from care_map.inputs.findings import Findings
from care_map.inputs.osm import parse_number
from care_map.inputs.osm_buildings import read_tagged_footprints
from care_map.inputs.osm_file import is_extract
from care_map.inputs.osm_homes import DEFAULT_FLOORS
from care_map.inputs.points import Extent, project, representative_points
from care_map.inputs.sources import read_source
from care_map.schema import BUILDINGS

__all__ = ["CHINESE_USES", "read_homes"]

Floats = NDArray[np.float64]

CHINESE_USES: Mapping[str, str] = {
    "住宅": "residential",
    "居住": "residential",
    "居民楼": "residential",
    "住宅楼": "residential",
    "居住建筑": "residential",
    "商住": "apartments",
    "商住楼": "apartments",
    "公寓": "apartments",
    "宿舍": "dormitory",
    "民房": "house",
    "农房": "house",
    "自建房": "house",
    "农村住宅": "house",
}
"""Uses of buildings in Chinese lists that are read as homes, and the value of OSM's ``building``
whose floors they have where the list does not say (default)."""

_UNKNOWN_USE = "yes"
_MOST_FLOORS = 200.0
_POLYGONS = (3, 6)


def read_homes(
    study: Study,
    source: BuildingSource,
    *,
    crs: CRS,
    extent: Extent | None,
    findings: Findings,
) -> tuple[Floats, Floats]:
    """Read residential buildings as weighted places.

    Parameters
    ----------
    study
        For the folder that paths start from.
    source
        An OSM extract or a layer of polygons.
    crs
        Metric CRS of the study.
    extent
        Where the study is, if known.
    findings
        Gets what was left out, and why a file cannot be read.

    Returns
    -------
    numpy.ndarray
        ``(n, 2)`` metres: a point inside each home.
    numpy.ndarray
        ``(n,)`` floors × footprint, above zero.
    """
    if is_extract(source.path):
        try:
            areas, tags = read_tagged_footprints(study.path(source.path))
        except InputError as error:
            findings.problems.extend(error.problems)
            return np.empty((0, 2)), np.empty(0)
        uses = [said.get("building", "") for said in tags]
        floors = np.array([parse_number(said.get("building:levels", "")) for said in tags])
    else:
        settings = TableSource(**source.model_dump())
        table = read_source(study, settings, BUILDINGS, problems=findings.problems, extent=extent)
        if table is None:
            return np.empty((0, 2)), np.empty(0)
        areas, frame = table.geometry, table.frame
        uses = frame["building"].tolist() if "building" in frame else [""] * len(frame)
        floors = np.full(len(frame), np.nan)
        if "floors" in frame:
            floors = frame["floors"].to_numpy(dtype=float, na_value=np.nan)
    return _weighted(project(areas, crs), uses, floors, findings)


def _weighted(
    areas: NDArray[np.object_], uses: list[str], floors: Floats, findings: Findings
) -> tuple[Floats, Floats]:
    kinds = {use: _kind(use) for use in set(uses)}
    assumed = np.array([DEFAULT_FLOORS.get(kinds[use], np.nan) for use in uses], dtype=float)
    home = ~np.isnan(assumed)
    missing = np.asarray(shapely.is_missing(areas))
    whole = ~missing & np.isin(shapely.get_type_id(areas), _POLYGONS)
    areas = areas.copy()
    broken = whole & ~np.asarray(shapely.is_valid(areas))
    areas[broken] = shapely.make_valid(areas[broken], method="structure", keep_collapsed=False)
    whole[whole] = shapely.area(areas[whole]) > 0
    told = (floors > 0) & (floors <= _MOST_FLOORS)
    findings.add(
        "homes_read",
        "info",
        count=int((home & whole).sum()),
        others=int((~home).sum()),
        shapeless=int((home & ~whole).sum()),
        assumed=int((home & whole & ~told).sum()),
    )
    kept = home & whole
    points = representative_points(areas[kept])
    weight = np.where(told, floors, assumed)[kept] * shapely.area(areas[kept])
    return shapely.get_coordinates(points), weight


def _kind(use: str) -> str:
    """Return the value of OSM's ``building`` that a use is read as; not told is ``yes``."""
    word = re.sub(r"\s+", "", use).lower()
    return CHINESE_USES.get(word, word) or _UNKNOWN_USE

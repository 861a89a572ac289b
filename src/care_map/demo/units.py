"""Districts, towns and communities: areas that tile, codes, population."""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray

from care_map.demo.names import STREETS, TOWNS, community_names
from care_map.demo.outline import district_outline
from care_map.demo.plane import Floats, to_degrees
from care_map.demo.river import north_of_river, river_line
from care_map.demo.settlements import Settlement

__all__ = ["DISTRICT_ID", "DISTRICT_NAME", "Units", "make_units", "write_units"]

DISTRICT_ID = "509901000000"
DISTRICT_NAME = "示范区"
_FIRST_VILLAGE = 200
"""Last three digits from here on are a village's (村委会), below a community's (居委会)."""
_FIRST_TOWN, _FIRST_RURAL_TOWN = 100, 200
_WAVE_M = 3100.0


@dataclass(frozen=True, slots=True)
class Units:
    """The units of the district.

    Parameters
    ----------
    table
        District, then towns, then communities, with the columns of
        :data:`care_map.schema.UNITS`, ASCII names.
    areas
        Polygons in metres of the plane, in the table's order.
    first_community
        Row of the first community; community `i` belongs to settlement `i`.
    """

    table: pd.DataFrame
    areas: NDArray[np.object_]
    first_community: int

    def community_of(self, x: Floats, y: Floats) -> NDArray[np.int64]:
        """Return the number of the community that holds each point, -1 outside."""
        tree = shapely.STRtree(self.areas[self.first_community :])
        point, area = tree.query(shapely.points(x, y), predicate="intersects")
        found = np.full(np.size(x), -1, dtype=np.int64)
        found[point[::-1]] = area[::-1]
        return found


def make_units(rng: np.random.Generator, settlements: list[Settlement]) -> Units:
    """Return the units round the settlements."""
    communities = _areas(settlements)
    parents = np.array([one.parent for one in settlements])
    towns = [shapely.union_all(communities[parents == t]) for t in range(len(STREETS) + len(TOWNS))]
    areas = np.array([shapely.union_all(communities), *towns, *communities], dtype=np.object_)
    return Units(_table(rng, settlements), areas, 1 + len(towns))


def _areas(settlements: list[Settlement]) -> NDArray[np.object_]:
    """Cut the district into one area a settlement; the river is a border, borders wind."""
    seeds = np.array([(one.x, one.y) for one in settlements])
    outline = district_outline()
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=outline.buffer(2000))
    )
    inner = shapely.union_all([*(cell.exterior for cell in cells), river_line()], grid_size=0.01)
    borders = shapely.union_all(
        [shapely.intersection(inner, outline), outline.exterior], grid_size=0.01
    )
    lines = shapely.get_parts(shapely.line_merge(borders))
    faces = shapely.get_parts(shapely.polygonize([_wind(line) for line in lines]))
    owner = _owners(faces, seeds)
    return np.array(
        [shapely.union_all(faces[owner == k]) for k in range(len(seeds))], dtype=np.object_
    )


def _wind(line: shapely.LineString) -> shapely.LineString:
    """Move a border's points by a field that is the same for both of its sides."""
    xy = shapely.get_coordinates(shapely.segmentize(line, 160.0))
    x, y = xy.T
    # Along the river and the outer border nothing moves, or lines would cross there.
    edge_m = shapely.distance(district_outline().exterior, shapely.points(xy))
    calm = np.clip((np.minimum(np.abs(north_of_river(x, y)), edge_m) - 1) / 600, 0, 1)
    # In the dense town borders keep near the middle between two hearts.
    wide = np.clip((np.hypot(x, y) - 2800) / 4000, 0.3, 1)
    moved = np.column_stack([x + calm * _sway(y, x, wide), y + calm * _sway(x, y, wide)])
    return shapely.LineString(np.round(moved, 2))


def _sway(along: Floats, across: Floats, wide: Floats) -> Floats:
    slow = 190 * wide * np.sin(2 * np.pi * along / _WAVE_M) * np.sin(across / 1300)
    return np.asarray(slow + 22 * np.sin(along / 130 + across / 210), dtype=np.float64)


def _owners(faces: NDArray[np.object_], seeds: Floats) -> NDArray[np.int64]:
    """Give each face the settlement in it, and the others that of their longest neighbour."""
    owner = np.full(len(faces), -1, dtype=np.int64)
    seed, face = shapely.STRtree(faces).query(shapely.points(seeds), predicate="within")
    owner[face] = seed
    banks = np.array([north_of_river(p.x, p.y) > 0 for p in shapely.point_on_surface(faces)])
    while (owner < 0).any():
        lost = int(np.flatnonzero(owner < 0)[0])
        known = np.flatnonzero((owner >= 0) & (banks == banks[lost]))
        shared = shapely.length(shapely.intersection(faces[lost], faces[known]))
        owner[lost] = owner[known[int(np.argmax(shared))]]
    return owner


def _table(rng: np.random.Generator, settlements: list[Settlement]) -> pd.DataFrame:
    towns = [*STREETS, *TOWNS]
    codes = [_town_code(number) for number in range(len(towns))]
    names = community_names(rng, len(settlements))
    counts: dict[tuple[int, bool], int] = {}
    rows = []
    for one, name in zip(settlements, names, strict=True):
        rural = one.kind == "village"
        number = counts[one.parent, rural] = counts.get((one.parent, rural), 0) + 1
        code = f"{codes[one.parent]}{number + (_FIRST_VILLAGE - 1 if rural else 0):03d}"
        people = _people(rng, one)
        rows.append(
            {
                "unit_id": code,
                "name": f"{name}{'村' if rural else '社区'}",
                "level": "community",
                "parent_id": f"{codes[one.parent]}000",
                "setting": "rural" if rural else "urban",
                "population": people,
                "households": round(people / rng.uniform(2.3, 2.9)),
                "few_elders": "是" if rural and people < 850 else "否",
            }
        )
    communities = pd.DataFrame(rows)
    parts = communities.groupby("parent_id")[["population", "households"]].sum()
    above = pd.DataFrame(
        {
            "unit_id": [DISTRICT_ID, *(f"{code}000" for code in codes)],
            "name": [DISTRICT_NAME, *towns],
            "level": ["district", *["town"] * len(towns)],
            "parent_id": ["", *[DISTRICT_ID] * len(towns)],
            "setting": ["", *["urban"] * len(STREETS), *["rural"] * len(TOWNS)],
            "few_elders": "否",
        }
    )
    sums = parts.reindex(above["unit_id"])
    sums.loc[DISTRICT_ID] = parts.sum()
    above["population"] = sums["population"].to_numpy(dtype=np.int64)
    above["households"] = sums["households"].to_numpy(dtype=np.int64)
    return pd.concat([above[communities.columns], communities], ignore_index=True)


def _town_code(number: int) -> str:
    if number < len(STREETS):
        last = number + 1
    elif [*STREETS, *TOWNS][number].endswith("镇"):
        last = _FIRST_TOWN + number - len(STREETS)
    else:
        last = _FIRST_RURAL_TOWN + number - len(STREETS)
    return f"{DISTRICT_ID[:6]}{last:03d}"


def _people(rng: np.random.Generator, one: Settlement) -> int:
    if one.kind == "urban":
        return int(rng.integers(2200, 4600))
    return int(rng.integers(1700, 3200)) if one.kind == "seat" else int(rng.integers(520, 1500))


def write_units(units: Units, path: Path) -> None:
    """Write the units as a GeoPackage, the same bytes each time."""
    geometry = shapely.transform(units.areas, lambda xy: np.column_stack(to_degrees(*xy.T)))
    table = gpd.GeoDataFrame(units.table, geometry=geometry, crs="EPSG:4326")
    path.unlink(missing_ok=True)  # a layer replaced in place leaves other bytes than a new file
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2021-06-30T00:00:00.000Z"})
    try:
        table.to_file(
            path,
            layer="units",
            driver="GPKG",
            engine="pyogrio",
            VERSION="1.2",
            index=False,
            geometry_type="MultiPolygon",
            promote_to_multi=True,
        )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})

"""A study drawn in metres: one street, two towns, a few facilities and elders, as files.

The street runs along y = 0 from x = -100 to x = 6100. West of 3000 lies the street district 甲街道
(urban, with two communities), east of it 乙镇 (rural, one village). On the street a metre is a
second on foot, so that every minute can be worked out by head.
"""

import json
from collections.abc import Iterable
from pathlib import Path

from pyproj import CRS, Transformer

METRIC = CRS.from_epsg(4545)
CORNER = (500_000.0, 3_400_000.0)
TOWN, EAST, WEST = "500101001000", "500101001002", "500101001001"
COUNTRY, VILLAGE = "500101102000", "500101102201"
NAMES = {WEST: "西社区", EAST: "东社区", TOWN: "甲街道", COUNTRY: "乙镇", VILLAGE: "河村"}

# id, name, types, stage, x, y, and where it matters the day since when it operates
FACILITIES = (
    ("F1", "西社区养老服务站", "community_station", "operating", 500, 0),
    ("F2", "东社区养老服务站", "community_station", "finished", 2600, 0),
    ("F3", "甲街道卫生服务中心", "community_health_centre", "operating", 700, 0),
)
# id, elders, x, y, groups
ELDERS = (
    ("a", 2, 500, 0, ""),
    ("b", 1, 1400, 0, "aged_80"),
    ("c", 3, 1401, 0, ""),
    ("d", 4, 2600, 0, "living_alone;aged_80"),
    ("e", 5, 5000, 0, ""),
    ("f", 1, 5000, 900, ""),
    ("g", 2, None, None, ""),
)
BY_FOOT = 'profile = "standard"\nminutes = 15'
CARE = f'id = "care"\ntitle = "养老圈"\nrequire = [["community_station"]]\n{BY_FOOT}'

_TO_DEGREES = Transformer.from_crs(METRIC, "EPSG:4326", always_xy=True)


def degrees(x: float, y: float) -> tuple[float, float]:
    """Return longitude and latitude of a place of the drawing."""
    lon, lat = _TO_DEGREES.transform(CORNER[0] + x, CORNER[1] + y)
    return float(lon), float(lat)


def write_study(
    folder: Path,
    *,
    circles: Iterable[str] = (CARE,),
    facilities: Iterable[tuple] | None = FACILITIES,
    elders: Iterable[tuple] | None = ELDERS,
    units: bool | str = True,
    roads: bool = True,
    header: str = "",
    more: str = "",
) -> Path:
    """Write a study's files and return its study file.

    What is None or False is left out of the study; `units` may be ``"names"`` for a list without
    polygons.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parts = ["[study]", 'name = "小研究"', header]
    if roads:
        _write_roads(folder / "roads.geojson")
        parts.append('[roads]\npath = "roads.geojson"')
    if units:
        _write(folder / "units.csv", _units(shapes=units != "names"))
        parts.append('[units]\npath = "units.csv"')
    if facilities is not None:
        rows = [
            (i, n, t, s, *_lonlat(x, y), *(since or [""]))
            for i, n, t, s, x, y, *since in facilities
        ]
        head = "facility_id,name,roles,stage,lon,lat,operating_date"
        _write(folder / "facilities.csv", [head, *_lines(rows)])
        parts.append('[[facilities]]\npath = "facilities.csv"')
    if elders is not None:
        rows = [(i, n, g, *_lonlat(x, y)) for i, n, x, y, g in elders]
        _write(folder / "elders.csv", ["demand_id,elders,groups,lon,lat", *_lines(rows)])
        parts.append('[[demand]]\npath = "elders.csv"')
    parts += [f"[[circle]]\n{circle}" for circle in circles]
    file = folder / "study.toml"
    file.write_text("\n".join([*parts, more, '[output]\ndir = "run"', ""]), encoding="utf-8")
    return file


def _units(*, shapes: bool) -> list[str]:
    rows = [
        (TOWN, "town", "", 0, 3000),
        (COUNTRY, "town", "", 3000, 6000),
        (WEST, "community", TOWN, 0, 1500),
        (EAST, "community", TOWN, 1500, 3000),
        (VILLAGE, "community", COUNTRY, 3000, 6000),
    ]
    cells = [
        (unit, NAMES[unit], level, parent, f'"{_box(a, b)}"' if shapes else "")
        for unit, level, parent, a, b in rows
    ]
    return ["unit_id,name,level,parent_id,wkt", *_lines(cells)]


def _box(west: float, east: float) -> str:
    corners = [(west, -1000), (east, -1000), (east, 1000), (west, 1000), (west, -1000)]
    points = (degrees(*corner) for corner in corners)
    return f"POLYGON(({','.join(f'{lon!r} {lat!r}' for lon, lat in points)}))"


def _write_roads(file: Path) -> None:
    line = [degrees(x, 0) for x in (-100, 3000, 6100)]
    street = {
        "type": "Feature",
        "properties": {"highway": "residential", "name": "长街"},
        "geometry": {"type": "LineString", "coordinates": line},
    }
    layer = {"type": "FeatureCollection", "features": [street]}
    file.write_text(json.dumps(layer, ensure_ascii=False), encoding="utf-8")


def _lonlat(x: float | None, y: float | None) -> tuple[object, object]:
    return ("", "") if x is None else degrees(x, y)


def _lines(rows: Iterable[tuple]) -> list[str]:
    return [",".join(str(cell) for cell in row) for row in rows]


def _write(file: Path, lines: list[str]) -> None:
    file.write_text("\n".join([*lines, ""]), encoding="utf-8")

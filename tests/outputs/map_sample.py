"""A hand-made assessment for tests of the map page: towns, communities, roads, elders.

Minutes are straight distances: the page does not care how they were found.
"""

import dataclasses
import datetime as dt
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from shapely import LineString, Point

from care_map.assessment import Assessment
from care_map.config import DEFAULT_CIRCLES, Study
from care_map.schema import ACCESS, COVERAGE_BY_UNIT, FACILITY_LOAD, GAPS, NETWORK_REPORT
from care_map.values import Statement

METRIC = CRS.from_epsg(4545)
CENTRE = (36_530_000.0 - 36_000_000.0, 3_410_000.0)
PROFILES = {"elder_care_15": {"standard": 60.0, "elder": 51.0}, "medical": {"standard": 60.0}}
LIMIT = {"elder_care_15": 15.0, "medical": 25.0}
TYPES = {
    "elder_care_15": ("street_centre", "town_centre", "community_station", "care_home"),
    "medical": ("hospital", "township_health_centre"),
}
GROUPS = ("all", "aged_80", "living_alone")
NAMES = (
    "白鹤 太和 南坝 中坝 松林 青杠 高峰 长滩 柏树 回龙 "
    "云岭 水口 北滨 双河 红岩 安平 新田 龙溪 梨树 永安"
)


def study(**changes) -> Study:
    """Return a study that reads nothing."""
    known = {
        "root": Path(),
        "name": "示范区关爱地图",
        "as_of": dt.date(2021, 6, 30),
        "data": "synthetic",
        "attribution": "合成示例道路",
        "circles": DEFAULT_CIRCLES,
    }
    return Study(**{**known, **changes})


def map_sample(*, towns=20, elders=2500, roads=400, seed=5, **changes) -> Assessment:
    """Return a district with everything that the page can show."""
    rng = np.random.default_rng(seed)
    units = _units(towns, rng)
    facilities = _facilities(units, rng)
    demand = _demand(units, elders, rng)
    access = _access(demand, facilities, rng)
    return Assessment(
        study=study(**changes),
        crs=METRIC,
        units=units,
        facilities=facilities,
        demand=demand,
        roads=_roads(roads, rng),
        barriers=_barriers(),
        coverage_by_unit=_coverage(units, demand, access),
        access=access,
        gaps=_gaps(units, facilities),
        facility_load=pd.DataFrame(columns=FACILITY_LOAD.names),
        network_report=pd.DataFrame(columns=NETWORK_REPORT.names),
        problems=(),
        labels=("synthetic",),
        assumptions=(Statement("rate_range"), Statement("blank_median")),
        summary={},
    )


def empty_sample(**changes) -> Assessment:
    """Return an assessment in which every table is empty."""
    empty = gpd.GeoDataFrame(geometry=gpd.GeoSeries([], crs=METRIC))
    return Assessment(
        study=study(**changes),
        crs=METRIC,
        units=empty.assign(unit_id="", name="", level="", parent_id="", setting="", elders=0),
        facilities=empty.assign(facility_id="", name="", roles="", stage=""),
        demand=empty.assign(demand_id="", elders=0, unit_id="", setting="", groups=""),
        roads=empty.assign(highway=""),
        barriers=empty.assign(kind=""),
        coverage_by_unit=pd.DataFrame(columns=COVERAGE_BY_UNIT.names),
        access=pd.DataFrame(columns=ACCESS.names),
        gaps=gpd.GeoDataFrame(columns=[*GAPS.names, "geometry"], geometry="geometry", crs=METRIC),
        facility_load=pd.DataFrame(columns=FACILITY_LOAD.names),
        network_report=pd.DataFrame(columns=NETWORK_REPORT.names),
        problems=(),
        labels=(),
        assumptions=(),
        summary={},
    )


def with_names(sample: Assessment, names: list[str]) -> Assessment:
    """Return `sample` with these names on its units, facilities, gaps and study."""
    units, facilities = sample.units.copy(), sample.facilities.copy()
    gaps, coverage = sample.gaps.copy(), sample.coverage_by_unit.copy()
    units["name"] = np.resize(np.array(names, dtype=object), len(units))
    facilities["name"] = np.resize(np.array(names, dtype=object), len(facilities))
    facilities["address"] = facilities["phone"] = facilities["name"]
    gaps["name"] = np.resize(np.array(names, dtype=object), len(gaps))
    gaps["facility_name"] = gaps["unit_name"] = gaps["reasons"] = gaps["name"]
    by_id = dict(zip(units["unit_id"], units["name"], strict=True))
    coverage["unit_name"] = [by_id.get(code, "") for code in coverage["unit_id"]]
    circles = tuple(dataclasses.replace(circle, title=names[0]) for circle in DEFAULT_CIRCLES)
    hostile = " ".join(names)
    return dataclasses.replace(
        sample,
        study=study(
            name=hostile[:200], attribution=hostile, approval_number=hostile, circles=circles
        ),
        units=units,
        facilities=facilities,
        gaps=gaps,
        coverage_by_unit=coverage,
    )


def _units(towns: int, rng: np.random.Generator) -> gpd.GeoDataFrame:
    angle = np.linspace(0, 2 * np.pi, 80, endpoint=False)
    wave = 1 + 0.14 * np.sin(3 * angle + 1) + 0.07 * np.cos(7 * angle)
    border = shapely.Polygon(
        np.column_stack(
            [CENTRE[0] + 19000 * wave * np.cos(angle), CENTRE[1] + 11000 * wave * np.sin(angle)]
        )
    )
    seeds = _inside(border, towns, rng)
    shapes = _cells(seeds, border)
    names = NAMES.split()
    rows = [{"unit_id": "500199000000", "name": "示范区", "level": "district", "geometry": border}]
    for number, shape in enumerate(shapes, start=1):
        town = f"500199{number:03d}000"
        street = number % 4 == 0
        name = names[(number - 1) % len(names)] + ("街道" if street else "镇")
        rows.append(
            {
                "unit_id": town,
                "name": name if number <= len(names) else f"{name}{number}",
                "level": "town",
                "parent_id": "500199000000",
                "setting": "urban" if street else "rural",
                "geometry": shape,
            }
        )
        kind = "社区" if street else "村"
        for part, inner in enumerate(_cells(_inside(shape, 3, rng), shape), start=1):
            rows.append(
                {
                    "unit_id": f"500199{number:03d}{part:03d}",
                    "name": f"{names[(number * 3 + part) % len(names)]}{kind}",
                    "level": "community",
                    "parent_id": town,
                    "setting": "urban" if street else "rural",
                    "geometry": inner,
                }
            )
    table = gpd.GeoDataFrame(rows, geometry="geometry", crs=METRIC)
    return table.assign(
        parent_id=table["parent_id"].fillna(""), setting=table["setting"].fillna("")
    )


def _inside(shape: shapely.Polygon, count: int, rng: np.random.Generator) -> np.ndarray:
    west, south, east, north = shape.bounds
    points = np.column_stack(
        [rng.uniform(west, east, 60 * count + 300), rng.uniform(south, north, 60 * count + 300)]
    )
    held = points[shapely.contains_xy(shape, points[:, 0], points[:, 1])]
    return held[np.arange(count) % len(held)]


def _cells(seeds: np.ndarray, border: shapely.Polygon) -> list[shapely.Polygon]:
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=border)
    )
    return [shapely.intersection(cell, border) for cell in cells]


def _facilities(units: gpd.GeoDataFrame, rng: np.random.Generator) -> gpd.GeoDataFrame:
    roles = ("town_centre", "community_station", "township_health_centre", "meal_point", "hospital")
    stages = ("operating", "operating", "operating", "building", "planned", "operating")
    towns = units[units["level"] == "town"]
    rows = []
    for number in range(6 * len(towns)):
        town = towns.iloc[number % len(towns)]
        point = town.geometry.centroid if number < len(towns) else _near(town, rng)
        role = roles[int(rng.integers(len(roles)))]
        kind = "卫生院" if "health" in role else "养老服务站"
        rows.append(
            {
                "facility_id": f"F{number}",
                "name": f"{town['name']}第{number + 1}{kind}",
                "roles": role,
                "stage": stages[number % len(stages)],
                "unit_id": town["unit_id"],
                "address": f"{town['name']}人民路{number + 1}号",
                "phone": "023-0000 0000",
                "hours": "08:30–17:30",
                "beds": float(10 + number) if number % 3 else float("nan"),
                "floor_area_m2": 320.0,
                "in_area": True,
                "geometry": point,
            }
        )
    rows[-1]["geometry"] = None
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=METRIC)


def _near(town: pd.Series, rng: np.random.Generator) -> Point:
    middle = town.geometry.centroid
    return Point(middle.x + rng.normal(0, 1400), middle.y + rng.normal(0, 1100))


def _demand(units: gpd.GeoDataFrame, elders: int, rng: np.random.Generator) -> gpd.GeoDataFrame:
    communities = units[units["level"] == "community"].reset_index(drop=True)
    towns = units[units["level"] == "town"].set_index("unit_id").geometry.centroid
    owner = rng.integers(len(communities), size=elders)
    crowded = communities["setting"].eq("urban").to_numpy()[owner] | (rng.random(elders) < 0.5)
    parent = gpd.GeoSeries(towns.loc[communities["parent_id"]].to_numpy(), crs=METRIC)
    home = communities.geometry.centroid.to_numpy()[owner]
    middle = gpd.GeoSeries(np.where(crowded, parent.to_numpy()[owner], home), crs=METRIC)
    spread = rng.normal(0, 500, size=(elders, 2))
    points = shapely.points(middle.x.to_numpy() + spread[:, 0], middle.y.to_numpy() + spread[:, 1])
    points[:: max(elders // 25, 1)] = None
    groups = rng.choice(["", "aged_80", "living_alone", "aged_80;living_alone"], size=elders)
    return gpd.GeoDataFrame(
        {
            "demand_id": [f"D{number}" for number in range(elders)],
            "elders": rng.integers(1, 4, size=elders),
            "unit_id": communities["unit_id"].to_numpy()[owner],
            "setting": communities["setting"].to_numpy()[owner],
            "groups": groups,
            "location_quality": "point",
            "origin": "record",
        },
        geometry=points,
        crs=METRIC,
    )


def _access(
    demand: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    parts = []
    lost = demand.geometry.isna().to_numpy() | (rng.random(len(demand)) < 0.01)
    for circle, profiles in PROFILES.items():
        fit = facilities["roles"].isin(TYPES[circle]) & (facilities["stage"] == "operating")
        open_ones = facilities[fit & facilities.geometry.notna()]
        tree = shapely.STRtree(open_ones.geometry.to_numpy())
        near, metres = np.full(len(demand), -1), np.full(len(demand), np.nan)
        pairs, distances = tree.query_nearest(
            demand.geometry.to_numpy(), return_distance=True, all_matches=False
        )
        near[pairs[0]], metres[pairs[0]] = pairs[1], distances
        for profile, speed in profiles.items():
            minutes = metres / speed
            status = np.where(minutes <= LIMIT[circle], "covered", "uncovered")
            parts.append(
                pd.DataFrame(
                    {
                        "demand_id": demand["demand_id"],
                        "circle": circle,
                        "profile": profile,
                        "unit_id": demand["unit_id"],
                        "setting": demand["setting"],
                        "elders": demand["elders"],
                        "minutes": minutes,
                        "status": np.where(lost, "undetermined", status),
                    }
                )
            )
    return pd.concat(parts, ignore_index=True).reindex(columns=ACCESS.names)


def _coverage(
    units: gpd.GeoDataFrame, demand: gpd.GeoDataFrame, access: pd.DataFrame
) -> pd.DataFrame:
    rows = access.merge(demand[["demand_id", "groups"]], on="demand_id")
    names = units.set_index("unit_id")["name"]
    scopes = [("all", rows.assign(unit_id="all")), ("district", _up(rows, 6))]
    scopes += [("town", _up(rows, 9)), ("community", rows)]
    found = []
    for level, scoped in scopes:
        for group in GROUPS:
            mine = (
                scoped
                if group == "all"
                else scoped[scoped["groups"].str.split(";").map(lambda codes, g=group: g in codes)]
            )
            both = pd.concat([mine.assign(setting="all"), mine])
            for keys, part in both.groupby(["unit_id", "setting", "circle", "profile"]):
                found.append(_coverage_row(level, group, keys, part, names))
    return pd.DataFrame(found)[COVERAGE_BY_UNIT.names]


def _up(rows: pd.DataFrame, digits: int) -> pd.DataFrame:
    return rows.assign(unit_id=rows["unit_id"].str[:digits].str.ljust(12, "0"))


def _coverage_row(level, group, keys, part, names) -> dict[str, object]:
    unit_id, setting, circle, profile = keys
    sums = part.groupby("status")["elders"].sum()
    covered, uncovered, open_ones = (
        int(sums.get(status, 0)) for status in ("covered", "uncovered", "undetermined")
    )
    elders = covered + uncovered + open_ones
    return {
        "unit_id": unit_id,
        "unit_name": names.get(unit_id, ""),
        "level": level,
        "setting": setting,
        "circle": circle,
        "profile": profile,
        "group": group,
        "elders": elders,
        "covered": covered,
        "uncovered": uncovered,
        "undetermined": open_ones,
        "rate_low": covered / elders,
        "rate_high": (covered + open_ones) / elders,
        "median_minutes": part["minutes"].median(),
        "p90_minutes": part["minutes"].quantile(0.9),
        "covered_any_district": covered + min(uncovered, 30),
        "path_completeness": 0.25,
    }


def _gaps(units: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    rows = []
    reasons = ("no_facility_in_unit", "not_operating;too_far", "no_road")
    towns = units[units["level"] == "town"]
    for circle in PROFILES:
        for rank, town in enumerate(towns.head(18).itertuples(), start=1):
            rows.append(
                {
                    "gap_id": f"G{circle}{rank}",
                    "rank": rank,
                    "name": f"{rank}社片区",
                    "circle": circle,
                    "profile": "standard",
                    "unit_id": town.unit_id,
                    "unit_name": town.name,
                    "setting": town.setting,
                    "status": "undetermined" if rank % 6 == 0 else "uncovered",
                    "elders": 420 - 17 * rank,
                    "priority_elders": 40 - rank,
                    "reasons": reasons[rank % 3],
                    "facility_id": "F1",
                    "facility_name": facilities["name"].iloc[1],
                    "minutes": 16.0 + rank,
                    "remedy": "new_station",
                    "remedy_elders": 300 - 17 * rank if rank % 3 else float("nan"),
                    "remedy_minutes": 12.0 if rank % 3 else float("nan"),
                    "geometry": town.geometry.representative_point(),
                }
            )
    table = gpd.GeoDataFrame(rows, geometry="geometry", crs=METRIC)
    degrees = table.geometry.to_crs(4326)
    return table.assign(lon=degrees.x, lat=degrees.y)


def _roads(count: int, rng: np.random.Generator) -> gpd.GeoDataFrame:
    classes = ("primary", "secondary", "tertiary", "residential", "unclassified", "footway")
    lines, highway = [], []
    for number in range(count):
        where = np.array(CENTRE) + rng.normal(0, (9000, 5000))
        length, points = (14000, 40) if number % 20 == 0 else (1800, 8)
        heading = rng.uniform(0, 2 * np.pi) + np.cumsum(rng.normal(0, 0.12, points))
        steps = np.column_stack([np.cos(heading), np.sin(heading)]) * length / points
        lines.append(LineString(where + np.cumsum(steps, axis=0)))
        highway.append(classes[number % 3] if number % 20 == 0 else classes[3 + number % 3])
    return gpd.GeoDataFrame({"highway": highway}, geometry=lines, crs=METRIC)


def _barriers() -> gpd.GeoDataFrame:
    x = np.linspace(-21000, 21000, 60)
    river = LineString(
        np.column_stack([CENTRE[0] + x, CENTRE[1] + 0.12 * x - 1500 + 1500 * np.sin(x / 4000)])
    )
    return gpd.GeoDataFrame({"kind": ["water"]}, geometry=[river], crs=METRIC)

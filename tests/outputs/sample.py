"""A small assessment made by hand: two towns, four communities, 22 elders at ten points.

Every figure of the coverage table was worked out on paper from `MINUTES` and `ELDERS`;
`test_tables.py` works them out again in plain Python.
"""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS
from shapely.geometry import LineString, Point, box

from care_map.assessment import Assessment
from care_map.config import DEFAULT_CIRCLES, Study
from care_map.errors import Problem
from care_map.schema import ACCESS, COVERAGE_BY_UNIT, FACILITY_LOAD, GAPS, NETWORK_REPORT
from care_map.values import Circle, CircleRule, Statement

METRIC = CRS.from_epsg(4545)
ON_FOOT = CircleRule("standard", 15)
ELDER_CARE = DEFAULT_CIRCLES[0]
MEDICAL = Circle(
    "medical_15",
    "15分钟医疗服务圈（步行）",
    (("community_health_centre", "township_health_centre"),),
    {"urban": ON_FOOT, "rural": ON_FOOT},
)
X, Y = 500_000.0, 3_400_000.0
NO = np.nan

A, A1, A2 = "500101001000", "500101001001", "500101001002"
B, B1, B2 = "500101102000", "500101102001", "500101102201"
ALL = "all"
NAMES = {
    ALL: "示范区关爱地图",
    A: "甲街道",
    A1: "甲一社区",
    A2: "甲二社区",
    B: "乙镇",
    B1: "乙街社区",
    B2: "乙山村",
}

# id, elders, unit, setting, groups, location_quality, x, y
ELDERS = [
    ("d01", 1, A1, "urban", "aged_80", "point", 200, 200),
    ("d02", 2, A1, "urban", "", "point", 400, 900),
    ("d03", 1, A1, "urban", "aged_80;living_alone", "building", 800, 1500),
    ("d04", 3, A2, "urban", "", "point", 1600, 700),
    ("d05", 1, A2, "urban", "", "none", None, None),
    ("d06", 4, A2, "urban", "aged_80", "village", 1700, 900),
    ("d07", 2, B1, "urban", "", "point", 2500, 500),
    ("d08", 1, B1, "urban", "aged_80", "point", 2900, 1900),
    ("d09", 5, B2, "rural", "", "village", 4800, 1500),
    ("d10", 2, B2, "rural", "aged_80", "point", 4600, 1300),
]

# id → minutes to elder care and to medical care at 1.0 m/s; no number where nothing is reached.
MINUTES = {
    "d01": (5.0, 3.0),
    "d02": (10.0, 12.0),
    "d03": (14.0, 14.5),
    "d04": (20.0, 8.0),
    "d05": (NO, NO),
    "d06": (30.0, NO),
    "d07": (15.0, 15.0),
    "d08": (NO, NO),
    "d09": (NO, NO),
    "d10": (40.0, 45.0),
}
UNDETERMINED = {"d05": "no_coordinates", "d08": "no_road"}
NEAREST = {"elder_care_15": ("f1", "f2"), "medical_15": ("f1", "f3")}
SPEED = {"standard": 1.0, "elder": 0.85}

PATHS = 0.25
# covered, uncovered, undetermined, median, p90, covered_any_district
COVERAGE = {
    ("elder_care_15", "standard"): {
        ALL: (6, 14, 2, 30.0, NO, 9),
        A: (4, 7, 1, 20.0, 30.0, 7),
        A1: (4, 0, 0, 10.0, 14.0, 4),
        A2: (0, 7, 1, 30.0, 30.0, 3),
        B: (2, 7, 1, NO, NO, 2),
        B1: (2, 0, 1, 15.0, 15.0, 2),
        B2: (0, 7, 0, NO, NO, 0),
    },
    ("elder_care_15", "elder"): {
        ALL: (3, 17, 2, 35.29, NO, 6),
        A: (3, 8, 1, 23.53, 35.29, 6),
        A1: (3, 1, 0, 11.76, 16.47, 3),
        A2: (0, 7, 1, 35.29, 35.29, 3),
        B: (0, 9, 1, NO, NO, 0),
        B1: (0, 2, 1, 17.65, 17.65, 0),
        B2: (0, 7, 0, NO, NO, 0),
    },
    ("medical_15", "standard"): {
        ALL: (9, 11, 2, 45.0, NO, 9),
        A: (7, 4, 1, 12.0, NO, 7),
        A1: (4, 0, 0, 12.0, 14.5, 4),
        A2: (3, 4, 1, NO, NO, 3),
        B: (2, 7, 1, NO, NO, 2),
        B1: (2, 0, 1, 15.0, 15.0, 2),
        B2: (0, 7, 0, NO, NO, 0),
    },
    ("medical_15", "elder"): {
        ALL: (6, 14, 2, 52.94, NO, 6),
        A: (6, 5, 1, 14.12, NO, 6),
        A1: (3, 1, 0, 14.12, 17.06, 3),
        A2: (3, 4, 1, NO, NO, 3),
        B: (0, 9, 1, NO, NO, 0),
        B1: (0, 2, 1, 17.65, 17.65, 0),
        B2: (0, 7, 0, NO, NO, 0),
    },
}
# setting, group → elders and the same figures, for the whole area, elder care at 1.0 m/s
PARTS = {
    ("urban", "all"): (15, 6, 7, 2, 20.0, 30.0, 9),
    ("rural", "all"): (7, 0, 7, 0, NO, NO, 0),
    ("all", "aged_80"): (9, 2, 6, 1, 30.0, 40.0, 2),
    ("all", "no_kin"): (0, 0, 0, 0, NO, NO, 0),
}


def sample_assessment(**changes):
    """Return the assessment, with fields replaced as in `dataclasses.replace`."""
    result = Assessment(
        study=sample_study(),
        crs=METRIC,
        units=units(),
        facilities=facilities(),
        demand=demand(),
        roads=gpd.GeoDataFrame(
            {"highway": ["primary", "footway"], "name": ["滨江路", ""]},
            geometry=[
                LineString([(X, Y + 500), (X + 5000, Y + 500)]),
                LineString([(X + 400, Y + 500), (X + 400, Y + 1500)]),
            ],
            crs=METRIC,
        ),
        barriers=gpd.GeoDataFrame(
            {"kind": ["water"]},
            geometry=[LineString([(X + 1400, Y), (X + 1400, Y + 2000)])],
            crs=METRIC,
        ),
        coverage_by_unit=coverage(),
        access=access(),
        gaps=gaps(),
        facility_load=facility_load(),
        network_report=pd.DataFrame(
            [("foot", "length", 12.5, "km"), ("foot", "islands", 1.0, "")],
            columns=NETWORK_REPORT.names,
        ),
        problems=(
            Problem("file_missing", "info", source="dem.tif"),
            Problem(
                "unknown_code",
                "warning",
                source="设施.xlsx",
                row=7,
                column="类型",
                value="驿站",
                values={"known": "town_centre"},
            ),
        ),
        labels=("synthetic",),
        assumptions=(Statement("rate_range"),),
        summary={"elders": 22, "circles": {"elder_care_15": {"covered": 6}}},
    )
    return replace(result, **changes)


def empty_assessment():
    """Return an assessment of a study that has a name and nothing else."""
    full = sample_assessment()
    none = {
        name: getattr(full, name).iloc[:0]
        for name in (
            "units",
            "facilities",
            "demand",
            "roads",
            "barriers",
            "coverage_by_unit",
            "access",
            "gaps",
            "facility_load",
            "network_report",
        )
    }
    return replace(full, **none, problems=(), labels=(), assumptions=(), summary={})


def sample_study(**changes):
    settings = {
        "root": Path("研究"),
        "name": "示范区关爱地图",
        "as_of": dt.date(2021, 6, 30),
        "data": "synthetic",
        "attribution": "© OpenStreetMap contributors, ODbL",
        "circles": (ELDER_CARE, MEDICAL),
    }
    return Study(**{**settings, **changes})


def units():
    rows = [
        (A, "town", "", "urban", 12, box(X, Y, X + 2000, Y + 2000)),
        (B, "town", "", "", 10, box(X + 2000, Y, X + 6000, Y + 2000)),
        (A1, "community", A, "urban", 4, box(X, Y, X + 1000, Y + 2000)),
        (A2, "community", A, "urban", 8, box(X + 1000, Y, X + 2000, Y + 2000)),
        (B1, "community", B, "urban", 3, box(X + 2000, Y, X + 3000, Y + 2000)),
        (B2, "community", B, "rural", 7, None),
    ]
    return gpd.GeoDataFrame(
        {
            "unit_id": [row[0] for row in rows],
            "name": [NAMES[row[0]] for row in rows],
            "level": [row[1] for row in rows],
            "parent_id": [row[2] for row in rows],
            "setting": [row[3] for row in rows],
            "elders": pd.array([row[4] for row in rows], dtype="Int64"),
            "fid": [7] * len(rows),  # a column of the source that GeoPackage keeps for itself
        },
        geometry=[row[5] for row in rows],
        crs=METRIC,
    )


def facilities():
    return gpd.GeoDataFrame(
        {
            "facility_id": ["f1", "f2", "f3", "f4"],
            "name": ["甲一社区养老服务站", "乙镇养老服务中心", "乙镇卫生院", "甲二社区养老服务站"],
            "roles": [
                "community_station;community_health_centre",
                "town_centre;care_home",
                "township_health_centre",
                "community_station",
            ],
            "stage": ["operating", "operating", "operating", "finished"],
            "operating_date": [dt.date(2020, 1, 1), dt.date(2019, 5, 1), None, None],
            "unit_id": [A1, B1, B1, A2],
            "beds": pd.array([5, 60, None, 10], dtype="Int64"),
            "floor_area_m2": [320.5, 1800.0, NO, 300.0],
            "delivers": [True, False, None, None],
            "in_area": [True, True, True, True],
        },
        geometry=[
            Point(X + 300, Y + 500),
            Point(X + 2400, Y + 600),
            None,
            Point(X + 1600, Y + 800),
        ],
        crs=METRIC,
    )


def demand():
    return gpd.GeoDataFrame(
        {
            "demand_id": [row[0] for row in ELDERS],
            "elders": [row[1] for row in ELDERS],
            "unit_id": [row[2] for row in ELDERS],
            "setting": [row[3] for row in ELDERS],
            "groups": [row[4] for row in ELDERS],
            "location_quality": [row[5] for row in ELDERS],
            "origin": ["record"] * len(ELDERS),
        },
        geometry=[None if row[6] is None else Point(X + row[6], Y + row[7]) for row in ELDERS],
        crs=METRIC,
    )


def coverage():
    rows = []
    elders = {ALL: 22, A: 12, B: 10, A1: 4, A2: 8, B1: 3, B2: 7}
    for (circle, profile), figures in COVERAGE.items():
        for unit, row in figures.items():
            rows.append((unit, ALL, circle, profile, "all", elders[unit], *row))
        if (circle, profile) == ("elder_care_15", "standard"):
            for (setting, group), row in PARTS.items():
                rows.append((ALL, setting, circle, profile, group, *row))
    return pd.DataFrame([_coverage_row(row) for row in rows], columns=COVERAGE_BY_UNIT.names)


def _coverage_row(row):
    unit, setting, circle, profile, group, elders, covered, missed, unknown, median, p90, any_ = row
    level = ALL if unit == ALL else "town" if unit in (A, B) else "community"
    low = covered / elders if elders else NO
    high = (covered + unknown) / elders if elders else NO
    head = (unit, NAMES[unit], level, setting, circle, profile, group)
    return (*head, elders, covered, missed, unknown, low, high, median, p90, any_, PATHS)


def access():
    rows = []
    for number, circle in enumerate(("elder_care_15", "medical_15")):
        for profile, speed in SPEED.items():
            for demand_id, elders, unit, setting, *_ in ELDERS:
                minutes = round(MINUTES[demand_id][number] / speed, 2)
                near = "" if np.isnan(minutes) else NEAREST[circle][unit in (B1, B2)]
                reason = UNDETERMINED.get(demand_id, "")
                status = "covered" if minutes <= 15 else "uncovered"
                outside = (demand_id, number) == ("d04", 0)
                rows.append(
                    {
                        "demand_id": demand_id,
                        "circle": circle,
                        "profile": profile,
                        "unit_id": unit,
                        "setting": setting,
                        "elders": elders,
                        "minutes": minutes,
                        "facility_id": near,
                        "means": "walk" if near else "",
                        "status": "undetermined" if reason else status,
                        "reason": reason or ("" if status == "covered" else "too_far"),
                        "minutes_any_district": round(12 / speed, 2) if outside else minutes,
                        "facility_id_any_district": "邻区1" if outside else near,
                        "estimate_minutes": NO,
                        "snap_status": "beyond" if reason else "ok",
                    }
                )
    return pd.DataFrame(rows, columns=ACCESS.names)


def gaps():
    care, place = ("elder_care_15", "standard"), (X, Y)
    rows = [
        (
            "g1",
            1,
            "乙山村一组",
            *care,
            B2,
            "rural",
            "uncovered",
            7,
            2,
            "distance;no_facility_in_unit",
        ),
        ("g2", 2, "甲二社区", *care, A2, "urban", "uncovered", 7, 4, "not_operating"),
        ("g3", 3, "甲二社区", *care, A2, "urban", "undetermined", 1, 0, "no_coordinates"),
        ("g4", 4, "乙街社区", *care, B1, "urban", "undetermined", 1, 1, "no_road"),
        ("g5", 1, "乙山村一组", "medical_15", "standard", B2, "rural", "uncovered", 7, 2, "island"),
    ]
    near = [
        ("f2", "乙镇养老服务中心", 40.0, "new_station", 7, 3.0),
        ("f1", "甲一社区养老服务站", 20.0, "open_built", 6, 6.0),
        ("", "", NO, "complete_coordinates", pd.NA, NO),
        ("", "", NO, "survey_road", pd.NA, NO),
        ("f3", "乙镇卫生院", 45.0, "link_island", pd.NA, NO),
    ]
    points = [(4700, 1400), (1650, 800), None, (2900, 1900), (4700, 1400)]
    table = pd.DataFrame(
        [
            (*row[:6], NAMES[row[5]], *row[6:], *beside, NO, NO)
            for row, beside in zip(rows, near, strict=True)
        ],
        columns=GAPS.names,
    )
    there = [None if p is None else Point(place[0] + p[0], place[1] + p[1]) for p in points]
    located = gpd.GeoSeries(there, crs=METRIC)
    degrees = located.to_crs("EPSG:4326")
    table["lon"] = [NO if point is None else point.x for point in degrees]
    table["lat"] = [NO if point is None else point.y for point in degrees]
    return gpd.GeoDataFrame(table, geometry=located, crs=METRIC)


def facility_load():
    loads = [
        ("f1", "elder_care_15", "standard", 4),
        ("f2", "elder_care_15", "standard", 2),
        ("f1", "elder_care_15", "elder", 3),
        ("f2", "elder_care_15", "elder", 0),
        ("f1", "medical_15", "standard", 7),
        ("f3", "medical_15", "standard", 2),
        ("f1", "medical_15", "elder", 6),
        ("f3", "medical_15", "elder", 0),
    ]
    by_id = facilities().set_index("facility_id")
    rows = [
        (one, by_id.name[one], by_id.roles[one], by_id.unit_id[one], circle, profile, elders)
        for one, circle, profile, elders in loads
    ]
    return pd.DataFrame(rows, columns=FACILITY_LOAD.names)

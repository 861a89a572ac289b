"""The chain from a study's files to its tables, on a street where a metre is a second."""

import csv
import math
from pathlib import Path

import geopandas as gpd
import networks
import numpy as np
import pandas as pd
import pytest
import shapely
import small_study
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings
from hypothesis import strategies as st
from small_study import CARE, ELDERS, FACILITIES, METRIC, VILLAGE, WEST, write_study
from stages import Stages

from care_map.access import access_table
from care_map.assessment import assess
from care_map.config import Study, read_study
from care_map.errors import InputError
from care_map.inputs.tables import Inputs
from care_map.network.build import build_network
from care_map.schema import ACCESS, COVERAGE_BY_UNIT, FACILITY_LOAD, GAPS, NETWORK_REPORT
from care_map.search_points import make_search
from care_map.values import Circle, CircleRule
from care_map.vocabulary import STAGES

BOTH = """id = "both"
require = [["community_station"], ["community_health_centre"]]
profile = "standard"
minutes = 15"""
MEDICAL = """id = "medical"
require = [["hospital", "community_health_centre"]]
urban = { profile = "standard", minutes = 15 }
rural = { profile = "rural_drive", minutes = 25 }"""
RURAL = """id = "rural_only"
require = [["community_station"]]
setting = "rural"
profile = "standard"
minutes = 15"""
STRAIGHT = """id = "straight"
require = [["community_station"]]
profile = "straight_line"
minutes = 15"""


@pytest.fixture
def written(tmp_path):
    """Return a function that writes a small study and reads it."""
    return lambda **options: read_study(write_study(tmp_path, **options))


@pytest.fixture
def small(written):
    """Return a function that writes a small study and gives its first tables."""
    return lambda **options: Stages(written(**options))


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """Return the assessment of the small study as it is."""
    return assess(read_study(write_study(tmp_path_factory.mktemp("plain"))))


def official(result, circle="care"):
    """Return the access rows of a circle's own profile by demand id."""
    rows = result.access[result.access["circle"] == circle]
    first = rows["profile"].iloc[0]
    return rows[rows["profile"] == first].set_index("demand_id")


def reasons(result, circle="care"):
    rows = official(result, circle)
    return dict(zip(rows.index, rows["reason"], strict=True))


def whole(result, circle="care"):
    """Return the figures of all elders for a circle's own profile."""
    table = result.coverage_by_unit
    keep = (table["circle"] == circle) & (table["level"] == "all")
    keep &= (table["setting"] == "all") & (table["group"] == "all")
    return table[keep].iloc[0]


def with_facility(name, roles, x, y=0, stage="operating"):
    return (*FACILITIES, (name, name, roles, stage, x, y))


def test_stages_are_those_of_an_assessment(plain):
    """Most tests below ask the first stages alone: they are the stages of the chain."""
    stages = Stages(plain.study)
    for name in ("access", "gap_reasons", "capacity_by_unit", "capacity_by_facility"):
        pd.testing.assert_frame_equal(getattr(stages, name), getattr(plain, name), obj=name)
    coverage = plain.coverage_by_unit.drop(columns="path_completeness")
    mine = stages.coverage_by_unit.drop(columns="path_completeness")
    pd.testing.assert_frame_equal(mine, coverage)
    pd.testing.assert_frame_equal(stages.beds_by_unit, plain.beds_by_unit)
    for name in ("units", "facilities", "demand", "gaps"):
        assert_geodataframe_equal(getattr(stages, name), getattr(plain, name))


# What the tables say of the street


def test_minutes_are_metres_by_sixty(plain):
    rows = official(plain)
    expected = {"a": 0, "b": 15, "c": 901 / 60, "d": 35, "e": 75, "f": math.nan, "g": math.nan}
    assert rows["minutes"].to_dict() == pytest.approx(expected, abs=1e-6, nan_ok=True)
    slow = plain.access[plain.access["profile"] == "elder"].set_index("demand_id")["minutes"]
    assert slow["b"] == pytest.approx(15 / 0.85, abs=1e-6)


def test_a_circle_includes_its_limit(plain):
    rows = official(plain)
    assert rows.loc["b", ["status", "reason"]].tolist() == ["covered", ""]
    assert rows.loc["c", ["status", "reason"]].tolist() == ["uncovered", "too_far"]


def test_figures_of_the_street(plain):
    row = whole(plain)
    assert (row["elders"], row["covered"], row["uncovered"], row["undetermined"]) == (18, 3, 12, 3)
    assert (row["rate_low"], row["rate_high"]) == (3 / 18, 6 / 18)
    assert plain.summary["elders"] == 18
    circle = plain.summary["circles"][0]
    assert (circle["circle"], circle["profile"], circle["covered"]) == ("care", "standard", 3)
    assert circle["gaps"] == len(plain.gaps)
    load = plain.facility_load.set_index(["facility_id", "profile"])["elders_nearest"]
    assert load.to_dict() == {("F1", "standard"): 3, ("F1", "elder"): 2}


def test_tables_have_their_columns(plain):
    for table in (COVERAGE_BY_UNIT, ACCESS, GAPS, FACILITY_LOAD, NETWORK_REPORT):
        columns = [c for c in getattr(plain, table.name).columns if c != "geometry"]
        assert columns == table.names
    assert plain.gaps.crs == plain.crs == METRIC


def test_gaps_of_the_street(plain):
    found = plain.gaps.set_index("name")
    east = found.loc["甲街道东社区 · 长街"]
    assert east["reasons"] == "not_operating"
    assert (east["elders"], east["priority_elders"], east["remedy"]) == (4, 4, "open_built")
    assert (east["remedy_elders"], east["remedy_minutes"]) == (4, pytest.approx(0, abs=1e-6))
    village = found.loc["乙镇河村 · 长街"]
    assert village["reasons"] == "distance;no_facility_in_unit"
    # 900 m from the street: no named road near, and its time is not known.
    lost = found.loc["乙镇河村"]
    assert (lost["status"], lost["reasons"]) == ("undetermined", "no_road")
    assert (lost["lon"], lost["lat"]) == pytest.approx(small_study.degrees(5000, 900), abs=1e-6)
    nowhere = plain.gaps[plain.gaps["reasons"] == "no_coordinates"].iloc[0]
    assert nowhere["geometry"] is None
    assert nowhere["name"] == "不在任何单元内"


def test_who_is_beyond_the_roads_has_an_estimate(plain):
    row = official(plain).loc["f"]
    assert row["snap_status"] == "beyond"
    assert math.isnan(row["minutes"])
    # 900 m to the street with its detour, then 4500 m along it.
    assert row["estimate_minutes"] == pytest.approx((900 * 1.3 + 4500) / 60, abs=1e-6)


# Circles


def test_a_conjunction_takes_as_long_as_its_longest_part(small):
    elders = (*ELDERS, ("h", 1, 1450, 0, ""))
    rows = official(small(circles=[BOTH], elders=elders), "both")
    assert rows["minutes"]["a"] == pytest.approx(200 / 60, abs=1e-6)
    assert rows["facility_id"]["a"] == "F3"
    assert rows["minutes"]["b"] == pytest.approx(15, abs=1e-6)
    assert rows["facility_id"]["b"] == "F1"
    assert rows["status"].to_dict() == {
        "a": "covered",
        "b": "covered",
        "c": "uncovered",
        "d": "uncovered",
        "e": "uncovered",
        "f": "undetermined",
        "g": "undetermined",
        "h": "uncovered",  # 750 m to the doctor, but 950 m to the station
    }


def test_each_setting_has_its_rule(written):
    result = assess(written(circles=[MEDICAL]))
    rows = official(result, "medical")
    assert set(rows["profile"]) == {"standard+rural_drive"}
    assert {"turns_out", "ferries_off"} <= {said.code for said in result.assumptions}
    assert rows["minutes"]["d"] == pytest.approx(1900 / 60, abs=1e-6)
    assert rows["status"]["d"] == "uncovered"
    # In the country by car: 20 km/h and three minutes to start and park.
    assert rows["minutes"]["e"] == pytest.approx(4300 / 20 * 3.6 / 60 + 3, abs=1e-6)
    assert rows["status"]["e"] == "covered"
    beside = result.access[result.access["profile"] == "elder+rural_drive"].set_index("demand_id")
    assert beside["minutes"]["e"] == rows["minutes"]["e"]
    assert beside["minutes"]["d"] == pytest.approx(1900 / 0.85 / 60, abs=1e-6)


def test_an_unknown_setting_is_undetermined_where_it_matters(small):
    result = small(circles=[MEDICAL, CARE])
    assert reasons(result, "medical")["g"] == "setting_unknown"
    assert reasons(result, "care")["g"] == "no_coordinates"


def test_without_units_the_setting_is_unknown(small):
    result = small(circles=[MEDICAL, CARE], units=False)
    assert set(official(result, "medical")["reason"]) == {"setting_unknown"}
    assert whole(result, "medical")["undetermined"] == 18
    assert official(result, "care")["status"]["b"] == "covered"
    assert set(result.coverage_by_unit["level"]) == {"all"}


def test_the_studys_setting_counts_where_units_do_not_tell(small):
    result = small(circles=[RURAL], units="names", header='setting = "rural"')
    # Towns tell theirs by name, elders in no unit have none.
    assert result.units.set_index("unit_id")["setting"][VILLAGE] == "rural"
    assert set(official(result, "rural_only")["reason"]) == {"setting_unknown"}


def test_a_rural_circle_leaves_townspeople_out(small):
    result = small(circles=[RURAL])
    rows = official(result, "rural_only")
    assert sorted(rows.index) == ["e", "f", "g"]
    assert reasons(result, "rural_only")["g"] == "setting_unknown"
    assert whole(result, "rural_only")["elders"] == 8
    table = result.coverage_by_unit
    town = table[(table["unit_id"] == WEST) & (table["group"] == "all")]
    assert (town["elders"] == 0).all()
    assert town["rate_low"].isna().all()


def test_a_circle_for_nobody_is_still_a_circle(written):
    result = assess(written(circles=[RURAL, CARE], elders=[("a", 2, 500, 0, "")]))
    assert whole(result, "rural_only")["elders"] == 0
    assert math.isnan(whole(result, "rural_only")["rate_low"])
    assert [c["circle"] for c in result.summary["circles"]] == [
        "rural_only",
        "rural_only",
        "care",
        "care",
    ]


@pytest.mark.parametrize("stage", STAGES)
def test_only_what_operates_counts(small, stage):
    result = small(facilities=[("F1", "站", "community_station", stage, 500, 0)])
    rows = official(result)
    if stage == "operating":
        assert rows["status"]["a"] == "covered"
    else:
        assert rows["status"]["a"] == "uncovered"
        assert rows["reason"]["a"] == "no_facility"
    opens = stage in ("building", "finished", "accepted", "suspended")
    assert result.gaps["reasons"].str.contains("not_operating").any() == opens


def test_served_only_from_outside(written):
    facilities = with_facility("X", "community_station", 6050)
    result = assess(written(facilities=facilities, elders=[("h", 3, 5600, 0, "")]))
    row = official(result).loc["h"]
    assert (row["status"], row["facility_id"]) == ("uncovered", "F1")
    assert row["facility_id_any_district"] == "X"
    assert row["minutes_any_district"] == pytest.approx(7.5, abs=1e-6)
    assert (whole(result)["covered"], whole(result)["covered_any_district"]) == (0, 3)
    assert "X" not in set(result.facility_load["facility_id"])


def test_the_roads_outside_count(small):
    """The only street between two elders of the district may lie outside: roads are never cut."""
    result = small(facilities=[("X", "站", "community_station", "operating", 6050, 0)])
    assert result.facilities["in_area"].tolist() == [False]
    assert official(result)["reason"]["e"] == "no_facility"
    assert official(result)["minutes_any_district"]["e"] == pytest.approx(17.5, abs=1e-6)


# What is missing


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"facilities": None}, "no_facility_list"),
        ({"facilities": [FACILITIES[2]]}, "no_facility"),
        ({"facilities": [FACILITIES[2]], "header": 'data = "proxy"'}, "no_facility_list"),
        (
            {
                "facilities": [("F1", "站", "community_station", "operating", None, None)],
                "units": "names",
            },
            "facilities_without_coordinates",
        ),
        ({"roads": False}, "no_roads"),
        ({"elders": [("a", 2, None, None, "")]}, "no_coordinates"),
    ],
)
def test_the_reason_of_what_is_missing(small, options, expected):
    result = small(**options)
    assert reasons(result)["a"] == expected
    certain = expected == "no_facility"
    assert official(result)["status"]["a"] == ("uncovered" if certain else "undetermined")
    row = whole(result)
    assert row["covered"] + row["uncovered"] + row["undetermined"] == row["elders"]


def test_missing_parts_are_listed(written):
    bare = assess(written(roads=False, units=False, facilities=None))
    assert {"no_roads", "no_units", "no_facilities"} <= {p.code for p in bare.problems}
    assert "no_demand" in {p.code for p in assess(written(elders=None)).problems}


def test_a_straight_line_needs_no_roads_and_says_so(written):
    elders = [("a", 1, 500 + 900 / 1.3, 0, ""), ("b", 1, 500 + 900 / 1.3 + 0.01, 0, "")]
    result = assess(written(circles=[STRAIGHT], roads=False, elders=elders))
    assert official(result, "straight")["status"].to_dict() == {"a": "covered", "b": "uncovered"}
    assert result.labels == ("approximate",)
    assert "no_roads" not in {p.code for p in result.problems}
    assert "straight_line" in {s.code for s in result.assumptions}


def test_labels_and_assumptions(written, plain):
    assert assess(written(header='data = "synthetic"')).labels == ("synthetic",)
    said = {s.code for s in plain.assumptions}
    expected = {"standard", "elder", "access_legs", "barriers_unknown", "flat", "elder_age"}
    expected |= {"ferries_off", "circle", "gap_reasons", "remedy_station"}
    expected |= {"draws", "critical_tested", "sufficient_time"}
    assert expected | {"own_district"} == said


def test_a_unit_named_like_our_own_rows_is_refused(tmp_path):
    write_study(tmp_path)
    with (tmp_path / "units.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    for row in rows:
        row[0] = {WEST: "all", VILLAGE: "none"}.get(row[0], row[0])
    with (tmp_path / "units.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    with pytest.raises(InputError) as error:
        assess(read_study(tmp_path))
    refused = [(problem.code, problem.value) for problem in error.value.problems]
    assert refused == [("id_reserved", "all"), ("id_reserved", "none")]


def test_bad_roads_do_not_hide_bad_lists(tmp_path):
    write_study(tmp_path)
    study = read_study(tmp_path)
    assert study.roads is not None
    study.path(study.roads.path).write_bytes(b"no roads")
    rows = (tmp_path / "units.csv").read_text(encoding="utf-8").replace(WEST, "all")
    (tmp_path / "units.csv").write_text(rows, encoding="utf-8")
    with pytest.raises(InputError) as error:
        assess(study)
    sources = {problem.source for problem in error.value.problems}
    assert {study.roads.path.name, "units.csv"} <= sources


# What must hold for every district


PLACES = {1: (0, 0), 2: (1000, 0), 3: (3000, 0), 4: (1000, -800), 5: (1000, 1500), 6: (2500, 900)}
NETWORK = build_network(
    networks.road_table(
        [
            networks.way(1, [1, 2, 3], PLACES),
            networks.way(2, [4, 2, 5], PLACES),
            networks.way(3, [5, 6, 3], PLACES, "steps"),
        ]
    ),
    networks.CRS_METRIC,
)
UNIT = shapely.box(-500, -1000, 3500, 2000)


def shifted(geometry):
    return shapely.transform(geometry, lambda xy: xy + np.array(networks.CORNER))


def drawn(elders, facilities):
    """Return the inputs of one town with elders and stations at places in metres."""
    units = {"unit_id": ["T"], "name": ["镇"], "level": ["town"], "parent_id": [""]}
    return Inputs(
        crs=networks.CRS_METRIC,
        units=gpd.GeoDataFrame(
            {**units, "setting": ["urban"]}, geometry=[shifted(UNIT)], crs=networks.CRS_METRIC
        ),
        facilities=gpd.GeoDataFrame(
            {
                "facility_id": [f"f{i}" for i in range(len(facilities))],
                "name": "站",
                "roles": "community_station",
                "stage": "operating",
                "unit_id": "T",
                "in_area": [x < 3000 for x, _ in facilities],
            },
            geometry=[shifted(shapely.Point(*place)) for place in facilities],
            crs=networks.CRS_METRIC,
        ),
        demand=gpd.GeoDataFrame(
            {
                "demand_id": [f"d{i}" for i in range(len(elders))],
                "elders": 1,
                "unit_id": "T",
                "setting": "urban",
                "groups": "",
            },
            geometry=[shifted(shapely.Point(*place)) for place in elders],
            crs=networks.CRS_METRIC,
        ),
    )


def access(elders, facilities, *, minutes=15):
    """Return the official rows of the town, in the order of its elders."""
    rule = CircleRule("standard", minutes)
    circle = Circle("care", "", (("community_station",),), {"urban": rule, "rural": rule})
    study = Study(root=Path(), name="镇", circles=(circle,))
    inputs = drawn(elders, facilities)
    table = access_table(study, inputs, make_search(study, inputs, NETWORK))
    return table[table["official"]].reset_index(drop=True)


place = st.tuples(st.integers(-100, 3400), st.integers(-900, 1900))
some = st.lists(place, min_size=1, max_size=8)


@settings(max_examples=15, deadline=None)
@given(some, some, st.integers(1, 40), st.integers(0, 40))
def test_more_minutes_cover_no_fewer(elders, facilities, minutes, more):
    near = access(elders, facilities, minutes=minutes)
    far = access(elders, facilities, minutes=minutes + more)
    assert (far["status"][near["status"] == "covered"] == "covered").all()
    assert (near["covered_any_district"] | (near["status"] != "covered")).all()


@settings(max_examples=15, deadline=None)
@given(some, some, place)
def test_one_facility_more_covers_no_fewer(elders, facilities, new):
    before, after = access(elders, facilities), access(elders, [*facilities, new])
    assert (after["status"][before["status"] == "covered"] == "covered").all()
    for column in ("minutes", "minutes_any_district"):
        known = before[column].notna()
        assert (after[column][known] <= before[column][known] + 1e-9).all()


@settings(max_examples=15, deadline=None)
@given(some, some, place, st.data())
def test_moving_one_elder_changes_nobody_elses_minutes(elders, facilities, new, data):
    who = data.draw(st.integers(0, len(elders) - 1))
    moved = [new if i == who else p for i, p in enumerate(elders)]
    others = [i for i in range(len(elders)) if i != who]
    columns = ["minutes", "status", "facility_id", "reason", "snap_status"]
    before = access(elders, facilities).loc[others, columns]
    pd.testing.assert_frame_equal(before, access(moved, facilities).loc[others, columns])


# The demonstration district

PLANTED = {
    "far_bank": "barrier",
    "hill": "slope",
    "stairs": "stairs",
    "no_road": "no_road",
    "not_operating": "not_operating",
}
"""Planted cause → the one reason that its gap must have."""


def planted(demo_study):
    table = pd.read_csv(demo_study.parent / "planted_gaps.csv", encoding="utf-8-sig", dtype=str)
    return table.set_index("cause")


@pytest.mark.parametrize("cause", PLANTED)
def test_planted_gaps_are_found_where_they_are(demo_result, demo_study, cause):
    row = planted(demo_study).loc[cause]
    spot = gpd.GeoSeries.from_xy([float(row["lon"])], [float(row["lat"])], crs=4326)
    spot = spot.to_crs(demo_result.crs).iloc[0]
    gaps = demo_result.gaps
    here = gaps[(gaps["circle"] == row["circle"]) & (gaps["unit_id"] == row["unit_id"])]
    here = here[here.distance(spot) < 500]
    # Some of the planted elders have no coordinates, or live just inside.
    assert here["elders"].sum() >= 0.8 * int(row["elders"])
    largest = here.loc[here["elders"].idxmax()]
    assert largest.geometry.distance(spot) < 250
    assert largest["elders"] >= 25
    assert row["place"] in largest["name"]
    assert largest["reasons"] == PLANTED[cause]
    assert largest["status"] == ("undetermined" if cause == "no_road" else "uncovered")
    if cause != "no_road":
        assert largest["remedy_elders"] == largest["elders"]
        assert largest["remedy_minutes"] <= 15


def test_demonstration_sums_hold(demo_result):
    table = demo_result.coverage_by_unit
    parts = table["covered"] + table["uncovered"] + table["undetermined"]
    assert (parts == table["elders"]).all()
    keys = ["circle", "profile", "setting", "group"]
    sums = table.pivot_table("elders", index=keys, columns="level", aggfunc="sum")
    assert list(sums.columns) == ["all", "community", "district", "town"]
    assert sums.eq(sums["all"], axis=0).all(axis=None)
    assert (table["covered_any_district"] >= table["covered"]).all()
    assert set(demo_result.labels) == {"synthetic"}


def test_the_walk_through_says_what_is_found(demo_result):
    text = (Path(__file__).parents[1] / "README.zh.md").read_text(encoding="utf-8")
    table = demo_result.coverage_by_unit
    towns = table[
        (table["circle"] == "elder_care_15")
        & (table["profile"] == "standard")
        & (table["group"] == "all")
        & (table["setting"] == "all")
        & (table["level"] == "town")
    ]
    worst = towns.sort_values("rate_low").iloc[0]
    said = f"{worst['unit_name']}，{worst['elders']} 名老年人中只有 {100 * worst['rate_low']:.1f}%"
    assert said in text
    gaps = demo_result.gaps[demo_result.gaps["circle"] == "elder_care_15"].sort_values("rank")
    gap = gaps[gaps["name"].str.startswith(worst["unit_name"])].iloc[0]
    assert gap["remedy"] == "open_built"
    assert f"{gap['remedy_elders']} 人全部进入" in text.replace("\n   ", "")
    assert f"{gap['remedy_minutes']:.1f} 分钟" in text

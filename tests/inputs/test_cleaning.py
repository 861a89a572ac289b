"""Nothing is mended, merged or lost: what is doubtful is listed, and every row is accounted for."""

import csv
import io

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from care_map.inputs.duplicates import once_per_site, site_figures
from care_map.inputs.load import read_inputs
from care_map.inputs.name_likeness import alike_names, normal_facility_name
from care_map.inputs.unit_polygons import SLIVER_M2, polygon_problems

from .conftest import told

LON, LAT = 108.4050, 30.8050
METRE_DEG = 1 / 95_700  # of longitude, here


def found(inputs, code):
    return [problem for problem in inputs.problems if problem.code == code]


def facilities(*rows, head="name,roles,lon,lat"):
    return "\n".join([head, *rows]) + "\n"


# Facilities that may be one


def test_the_same_facility_twice(make_study, two_towns):
    table = facilities(
        f"幸福养老服务站,社区养老服务站,{LON},{LAT}",
        f"幸福养老服务站（有限公司）,社区养老服务站,{LON},{LAT}",
        f"幸福养老服务站,社区养老服务站,{LON + 0.01},{LAT}",
    )
    inputs = read_inputs(make_study(units=two_towns, facilities=table))
    (twice,) = found(inputs, "facility_twice")
    assert (twice.source, twice.row, told(twice, "other_row")) == ("facilities1.csv", 3, 2)
    assert not found(inputs, "facility_alike")
    assert len(inputs.facilities) == 3
    assert inputs.facilities["site_id"].is_unique


@pytest.mark.parametrize(
    ("name", "metres", "listed"),
    [
        ("幸福社区养老服务中心", 60, True),
        ("幸福社区养老服务中心", 99, True),
        ("幸福社区养老服务中心", 101, False),
        ("平安小区日间照料点", 10, False),
        ("第二幸福社区养老服务站", 10, False),
    ],
)
def test_names_alike_and_near(make_study, name, metres, listed):
    table = facilities(
        f"幸福社区养老服务站,社区养老服务站,{LON},{LAT}",
        f"{name},社区养老服务站,{LON + metres * METRE_DEG},{LAT}",
    )
    inputs = read_inputs(make_study(facilities=table))
    pairs = found(inputs, "facility_alike")
    assert [(one.row, told(one, "other_row")) for one in pairs] == ([(3, 2)] if listed else [])
    if listed:
        assert told(pairs[0], "metres") == pytest.approx(metres, abs=1)


def test_duplicates_across_lists_name_both_files(make_study):
    row = f"幸福养老院,养老机构,{LON},{LAT}"
    lists = [(facilities(row), {}), (facilities("另一家,医院,,", row), {})]
    inputs = read_inputs(make_study(facilities=lists))
    (twice,) = found(inputs, "facility_twice")
    assert (twice.source, twice.row) == ("facilities2.csv", 3)
    assert (told(twice, "other_source"), told(twice, "other_row")) == ("facilities1.csv", 2)


def test_without_coordinates_the_unit_decides(make_study, two_towns):
    table = facilities(
        "康乐养老院,养老机构,,,甲街道",
        "康乐养老院,养老机构,,,甲街道",
        "康乐养老院,养老机构,,,乙镇",
        "康乐养老院,医院,,,甲街道",
        head="name,roles,lon,lat,town_name",
    )
    inputs = read_inputs(make_study(units=two_towns, facilities=table))
    assert [(one.row, told(one, "other_row")) for one in found(inputs, "facility_twice")] == [
        (3, 2)
    ]


def test_ids_repeated_across_lists(make_study):
    one = facilities(f"F1,甲,医院,{LON},{LAT}", head="facility_id,name,roles,lon,lat")
    other = facilities(f"F1,乙,医院,{LON},{LAT}", head="facility_id,name,roles,lon,lat")
    inputs = read_inputs(make_study(facilities=[(one, {}), (other, {})]))
    twice = found(inputs, "id_twice")
    assert [(one.source, one.row) for one in twice] == [
        ("facilities1.csv", 2),
        ("facilities2.csv", 2),
    ]
    assert {one.severity for one in twice} == {"error"}


# Sites


def test_roles_on_one_site_count_its_beds_once(make_study):
    table = facilities(
        f"F1,河口镇敬老院,养老机构,{LON},{LAT},80",
        f"F2,河口镇养老服务中心,乡镇养老服务中心,{LON},{LAT},80",
        f"F3,江边养老院,养老机构,{LON},{LAT},30",
        f"F4,山上养老院,养老机构,{LON + 0.01},{LAT},20",
        f"F5,山上养老院,乡镇卫生院,{LON + 0.01 + 50 * METRE_DEG},{LAT},",
        head="facility_id,name,roles,lon,lat,beds",
    )
    inputs = read_inputs(make_study(facilities=table))
    assert inputs.facilities["site_id"].tolist() == ["F1", "F1", "F3", "F4", "F4"]
    sites = found(inputs, "facility_site")
    assert [(one.row, told(one, "other_row"), told(one, "site")) for one in sites] == [
        (3, 2, "F1"),
        (6, 5, "F4"),
    ]
    assert site_figures(inputs.facilities) == {"sites": 3, "beds": 80.0 + 30 + 20}


def test_an_office_is_no_site(make_study):
    rows = [
        f"F{n},设施{chr(0x4E00 + 40 * n)},{role},{LON},{LAT}"
        for n, role in enumerate(["医院", "养老机构"] * 16)
    ]
    table = facilities(*rows, head="facility_id,name,roles,lon,lat")
    inputs = read_inputs(make_study(facilities=table))
    (crowd,) = found(inputs, "place_crowded")
    assert (crowd.row, crowd.count) == (2, 32)
    assert inputs.facilities["site_id"].is_unique
    assert not found(inputs, "facility_alike")


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 90) | st.none()), min_size=1))
def test_a_site_counts_its_largest_number(rows):
    table = pd.DataFrame(rows, columns=["site_id", "beds"]).astype({"beds": "Int64"})
    summed = once_per_site(table, "beds")
    assert len(summed) == len(table)
    expected = sum(
        max((beds for site, beds in rows if site == wanted and beds is not None), default=0)
        for wanted in {site for site, _ in rows}
    )
    assert summed.fillna(0).sum() == expected


NAMES = st.text(alphabet="幸福社区养老院第一二东（） Ａ1a", min_size=1, max_size=12)


@given(st.lists(NAMES, min_size=2, max_size=6))
def test_likeness_is_symmetric_and_bounded(names):
    normal = sorted({normal_facility_name(name) for name in names})
    grid = np.array([(a, b) for a in range(len(normal)) for b in range(len(normal))])
    likeness = alike_names(normal, grid).reshape(len(normal), -1)
    assert ((likeness >= 0) & (likeness <= 1)).all()
    assert (likeness[~np.eye(len(normal), dtype=bool)] < 1).all()
    assert (np.diag(likeness) == [float(bool(name)) for name in normal]).all()


# Elders that stand twice


def test_a_record_pasted_twice(make_study):
    rows = ["a,70,1,1", "b,70,1,1", "a,70,1,1", "a,71,1,1"]
    text = "\n".join(["demand_id,age,lon,lat", *(r.replace(",1,1", f",{LON},{LAT}") for r in rows)])
    inputs = read_inputs(make_study(demand=text))
    assert [one.row for one in found(inputs, "id_twice")] == [2, 4, 5]
    assert [one.row for one in found(inputs, "row_repeated")] == [4]


def test_rows_alike_without_ids_are_counted_and_kept(make_study):
    rows = [f"70,{LON},{LAT}", f"70,{LON},{LAT}", f"71,{LON},{LAT}", "70,,", "70,,"]
    inputs = read_inputs(make_study(demand="\n".join(["age,lon,lat", *rows])))
    (alike,) = found(inputs, "rows_alike")
    assert (alike.severity, alike.row, alike.count) == ("info", 3, 2)
    assert len(inputs.demand) == 5


# Coordinates


@pytest.mark.parametrize(
    ("lon", "lat", "code", "likely"),
    [
        ("10.841", "30.805", "coordinates_decimal", "108.41,30.805"),
        ("108.41", "3.0805", "coordinates_decimal", "108.41,30.805"),
        ("1084.1", "308.05", "coordinates_decimal", "108.41,30.805"),
        ("108410000", "30805000", "coordinates_decimal", "108.41,30.805"),
        ("30.805", "30.805", "coordinates_equal", None),
        ("36443500", "3409500", "coordinates_projected", None),
        ("443500", "3409500", "coordinates_projected", None),
        ("230.5", "30.8", "coordinates_out_of_range", None),
        ("0", "0", "coordinates_zero", None),
        ("30.805", "108.41", "coordinates_swapped", None),
    ],
)
def test_a_wrong_coordinate_is_named_and_not_used(make_study, two_towns, lon, lat, code, likely):
    table = facilities(f"甲,医院,{lon},{lat}", f"乙,医院,{LON},{LAT}")
    inputs = read_inputs(make_study(units=two_towns, facilities=table))
    (problem,) = found(inputs, code)
    assert (problem.row, problem.severity) == (2, "warning")
    assert told(problem, "likely") == likely
    others = [p for p in inputs.problems if p.code.startswith("coordinates_") and p is not problem]
    assert others == []
    assert inputs.facilities.geometry.isna().tolist() == [True, False]


def test_without_units_the_other_points_say_where_the_study_is(make_study):
    rows = [f"f{n},医院,11.{n},48.1" for n in range(5)]
    inputs = read_inputs(make_study(facilities=facilities(*rows, "g,医院,1.13,48.1")))
    assert [one.row for one in found(inputs, "coordinates_decimal")] == [7]
    # Five points of Bavaria are no slip of five points of China.
    inputs = read_inputs(make_study(facilities=facilities(*rows)))
    assert not found(inputs, "coordinates_decimal")
    assert inputs.facilities.geometry.notna().all()


def test_far_points_are_stated_once_and_kept(make_study, two_towns):
    rows = [f"近,医院,{LON},{LAT}", "远,医院,109.5,30.8", "更远,医院,112.4,30.8", "无,医院,,"]
    inputs = read_inputs(make_study(units=two_towns, facilities=facilities(*rows)))
    (far,) = found(inputs, "points_far")
    assert (far.row, far.count) == (4, 2)
    # From the eastern border at 108.42 E along the parallel.
    assert told(far, "farthest") == pytest.approx((112.4 - 108.42) * 95.5, rel=0.01)
    assert int(inputs.facilities.geometry.notna().sum()) == 3


# Polygons of units


def units_of(*polygons, level="town"):
    names = [f"单元{n}" for n in range(len(polygons))]
    return gpd.GeoDataFrame(
        {"name": names, "level": [level] * len(names)}, geometry=list(polygons), crs="EPSG:4545"
    )


def ring(side, hole):
    outer = shapely.box(0, 0, side, side)
    middle = side / 2
    return outer - shapely.box(middle, middle, middle + hole, middle + hole)


def test_a_gap_is_measured_with_its_neighbours():
    whole = ring(4000, 500)
    west, east = whole & shapely.box(0, 0, 2250, 4000), whole & shapely.box(2250, 0, 4000, 4000)
    far = shapely.box(9000, 0, 9500, 500)
    (gap,) = polygon_problems(units_of(west, east, far))
    assert (gap.code, gap.severity, told(gap, "names")) == (
        "units_gap",
        "warning",
        ("单元0", "单元1"),
    )
    assert told(gap, "area_km2") == pytest.approx(0.25)
    assert told(gap, "share") == pytest.approx(0.25 / (16 - 0.25 + 0.25))


def test_slivers_are_counted_together():
    assert 90 * 90 < SLIVER_M2 < 110 * 110
    holes = [shapely.box(x, 100, x + 50, 150) for x in (100, 300, 500)]
    (slivers,) = polygon_problems(units_of(shapely.box(0, 0, 900, 900) - shapely.union_all(holes)))
    assert (slivers.code, slivers.severity, slivers.count) == ("units_slivers", "info", 3)
    assert told(slivers, "area_km2") == pytest.approx(3 * 2500 / 1e6)


def test_units_that_fit_have_no_gap():
    assert list(polygon_problems(units_of(shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)))) == []
    # A community inside its town is another level.
    both = pd.concat(
        [units_of(ring(900, 200)), units_of(shapely.box(450, 450, 650, 650), level="community")]
    )
    assert [one.code for one in polygon_problems(both)] == ["units_gap"]


def test_a_repaired_polygon_says_how_its_area_changed(make_study):
    spike = (
        '"POLYGON((108.4 30.8, 108.41 30.8, 108.41 30.81, 108.4 30.81, 108.41 30.82, 108.4 30.8))"'
    )
    inputs = read_inputs(make_study(units=f"unit_id,name,level,wkt\n1,甲,town,{spike}\n"))
    (repaired,) = found(inputs, "polygon_repaired")
    assert (repaired.row, repaired.value) == (2, "甲")
    after = float(inputs.units.geometry.area.sum()) / 1e6
    assert told(repaired, "after_km2") == pytest.approx(after)
    assert told(repaired, "before_km2") != pytest.approx(after, rel=0.01)


# The ledger


def write_csv(head, rows):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([head, *rows])
    return text.getvalue()


CELLS = st.sampled_from(
    ["", "1", "3", "-2", "x", "约3", "59", "70", "108.405", "30.805", "0", "合计", "甲街道", "nan"]
)
ELDERS = st.lists(st.tuples(*[CELLS] * 6), max_size=12)
UNIT = st.tuples(
    st.sampled_from(["500101001000", "500101002000", "500101001001", "", "合计"]),
    st.sampled_from(["甲", "乙", ""]),
    st.sampled_from(["", "2019-01-01", "2021-01-01", "?"]),
    st.sampled_from(["", "2020-01-01", "2022-01-01"]),
)


@settings(
    deadline=None,
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(elders=ELDERS, units=st.lists(UNIT, max_size=8), day=st.booleans())
def test_rows_read_are_rows_used_and_rows_left_out(make_study, elders, units, day):
    """Whatever the cells hold: each row is in the table or has a reason."""
    head = ["demand_id", "elders", "age", "town_name", "lon", "lat"]
    study = make_study(
        header={"as_of": "2021-06-30"} if day else None,
        units=write_csv(["unit_id", "name", "valid_from", "valid_to"], units),
        facilities=write_csv(["name", "roles", "beds", "lon", "lat"], [row[:5] for row in elders]),
        demand=write_csv(head, elders),
    )
    inputs = read_inputs(study)
    given_rows = {"units": units, "facilities": [row[:5] for row in elders], "demand": elders}
    for ledger in inputs.ledgers:
        if ledger.read is None:
            told = {p.severity for p in inputs.problems if p.source == ledger.source}
            assert told & {"error", "warning"}
            continue
        assert ledger.read == sum(any(row) for row in given_rows[ledger.kind])
        assert ledger.read == ledger.used + sum(ledger.left_out.values())
        assert ledger.used == ledger.with_point + ledger.placed + ledger.without_point
        assert all(rows > 0 for rows in ledger.left_out.values())


def test_each_reason_is_counted_apart(make_study, two_towns):
    rows = ["a,1,70", "b,,70", "c,1,50", "d,2,", "合计,4,"]
    inputs = read_inputs(
        make_study(
            units=two_towns,
            demand=[("\n".join(["demand_id,elders,age", *rows]), {"elder_age": 60})],
        )
    )
    demand = next(ledger for ledger in inputs.ledgers if ledger.kind == "demand")
    assert (demand.read, demand.used) == (5, 2)
    assert demand.left_out == {
        "footer_skipped": 1,
        "elders_missing": 1,
        "younger_than_elder_age": 1,
    }

import datetime as dt

import pytest

from care_map.errors import InputError
from care_map.inputs.datum import shift_m, wgs84_to_bd09, wgs84_to_gcj02
from care_map.inputs.load import check_inputs, load_inputs


def found(problems, code):
    return [problem for problem in problems if problem.code == code]


def test_join_labels_and_area(make_study, two_towns):
    text = (
        "名称,类型,经度,纬度,区划代码,乡镇街道,村社区\n"
        "甲,敬老院,108.402,30.805,,甲,\n"  # in the town of its label
        "乙,敬老院,108.402,30.805,,乙镇,\n"  # says another town
        "丙,敬老院,108.407,30.805,500101001,,\n"  # code of the town of its community: fine
        "丁,敬老院,108.415,30.805,500101001001,,\n"  # code of another community
        "戊,敬老院,,,,,东社区\n"  # no point, one unit of that name
        "己,敬老院,108.5,30.805,,,\n"  # outside
        "庚,敬老院,,,,,\n"
        "辛,敬老院,108.402,30.805,999,,\n"
    )
    inputs = load_inputs(make_study(units=two_towns, facilities=text))
    facilities = inputs.facilities.set_index("name")
    assert facilities["unit_id"].to_dict() == {
        "甲": "500101001000",
        "乙": "500101001000",
        "丙": "500101001000",
        "丁": "500101001001",
        "戊": "500101001001",
        "己": "",
        "庚": "",
        "辛": "500101001000",
    }
    assert facilities.index[facilities["in_area"]].tolist() == list("甲乙丙丁戊庚辛")
    contradictions = found(inputs.problems, "label_contradicts")
    assert [(problem.row, problem.column) for problem in contradictions] == [
        (3, "乡镇街道"),
        (5, "区划代码"),
    ]
    assert [problem.row for problem in found(inputs.problems, "facility_without_point")] == [8]
    assert facilities.loc["戊", ["location_quality", "placed_by"]].tolist() == ["village", "name"]
    assert (
        inputs.units.set_index("unit_id")
        .geometry["500101001001"]
        .contains(facilities.geometry["戊"])
    )
    assert [problem.row for problem in found(inputs.problems, "unit_unknown")] == [9]
    assert inputs.facilities["facility_id"].tolist()[:2] == ["F0001", "F0002"]
    assert inputs.crs == inputs.facilities.crs


def test_names_tell_the_unit_where_no_borders_do(make_study):
    units = "区划代码,名称,级别\n500101001,甲镇,镇\n500101002,乙镇,镇\n"
    text = (
        "名称,类型,经度,纬度,乡镇街道\n"
        "子,敬老院,108.402,30.805,甲镇\n"
        "丑,敬老院,108.403,30.805,丙镇\n"  # no such town
        "寅,敬老院,,,乙镇\n"
    )
    inputs = load_inputs(make_study(units=units, facilities=text))
    assert inputs.facilities["unit_id"].tolist() == ["500101001", "", "500101002"]
    assert [(p.row, p.value) for p in found(inputs.problems, "place_unknown")] == [(3, "丙镇")]


def test_stage_of_the_day(make_study):
    text = (
        "名称,阶段,在建,完工日期,验收日期,运营日期,停运日期\n"
        "甲,,,2020-01-01,2020-05-01,2021-07-01,\n"
        "乙,在建,,,,,\n"
        "丙,,,,,,\n"
        "丁,运营,,2022-01-01,,,\n"
        "戊,,,,,2019-01-01,2021-06-30\n"
    )
    study = make_study(facilities=text, header={"as_of": dt.date(2021, 6, 30)})
    inputs = load_inputs(study)
    stages = inputs.facilities["stage"].tolist()
    assert stages == ["accepted", "building", "operating", "planned", "suspended"]
    assert found(inputs.problems, "stage_assumed")[0].count == 1
    listed = load_inputs(make_study(facilities=text)).facilities["stage"].tolist()
    assert listed == ["operating", "building", "operating", "operating", "operating"]


def test_a_stage_without_its_date_holds_after_all_dates_of_the_row(make_study):
    text = (
        "设施名称,阶段,验收日期,运营日期,停运日期\n"
        "甲站,运营,2020-05-01,,\n"  # operates, the office knows only when it was accepted
        "乙站,停运,2020-05-01,2020-07-01,\n"  # closed on a day that nobody wrote down
        "丙站,运营,2020-05-01,2020-07-01,\n"
        "丁站,在建,2020-05-01,,\n"  # the dates are later than the word
    )
    late = load_inputs(make_study(facilities=text, header={"as_of": dt.date(2021, 6, 30)}))
    assert late.facilities["stage"].tolist() == ["operating", "suspended", "operating", "accepted"]
    found = next(one for one in late.problems if one.code == "stage_undated")
    assert (found.count, found.severity) == (2, "info")
    early = load_inputs(make_study(facilities=text, header={"as_of": dt.date(2020, 6, 1)}))
    assert early.facilities["stage"].tolist() == ["operating", "accepted", "accepted", "accepted"]
    before = load_inputs(make_study(facilities=text, header={"as_of": dt.date(2020, 1, 1)}))
    assert before.facilities["stage"].tolist() == ["planned"] * 4


def test_ids(make_study):
    lists = [("名称,编号\n甲,F0001\n乙,\n", {}), ("名称\n丙\n", {})]
    inputs = load_inputs(make_study(facilities=lists))
    assert inputs.facilities["facility_id"].tolist() == ["F0001", "F0002", "F0003"]
    numbered = [("序号,名称\n1,甲\n2,乙\n", {}), ("序号,名称\n1,丙\n", {})]
    inputs = load_inputs(make_study(facilities=numbered))
    assert inputs.facilities["facility_id"].is_unique
    twice = [("编号,名称\na,甲\n", {}), ("编号,名称\nb,乙\na,丙\n", {})]
    with pytest.raises(InputError) as raised:
        load_inputs(make_study(facilities=twice))
    places = [(problem.source, problem.row) for problem in raised.value.problems]
    assert places == [("facilities1.csv", 2), ("facilities2.csv", 3)]


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [
        ("0", "0", "coordinates_zero"),
        ("30.8", "108.4", "coordinates_swapped"),
        ("208.4", "30.8", "coordinates_out_of_range"),
        ("108.4", "", "coordinates_incomplete"),
        ("东经一百零八", "30.8", "cell_coordinate"),
        ("565000", "3410000", "coordinates_projected"),
    ],
)
def test_doubtful_points_are_listed_and_missing(make_study, lon, lat, code):
    text = f"名称,经度,纬度\n甲,108.4,30.8\n乙,{lon},{lat}\n"
    inputs = load_inputs(make_study(facilities=text))
    assert inputs.facilities.geometry.notna().tolist() == [True, False]
    assert [problem.row for problem in found(inputs.problems, code)] == [3]
    assert found(inputs.problems, code)[0].severity == "warning"


def test_swapped_by_the_extent_of_units(make_study):
    units = 'unit_id,name,level,wkt\n1,a,town,"POLYGON((41 -9,41.2 -9,41.2 -8,41 -8,41 -9))"\n'
    study = make_study(units=units, facilities="name,lon,lat\na,-8.6,41.1\nb,41.1,-8.6\n")
    inputs = load_inputs(study)
    assert [problem.row for problem in found(inputs.problems, "coordinates_swapped")] == [2]
    assert inputs.facilities["unit_id"].tolist() == ["", "1"]


@pytest.mark.parametrize(("datum", "convert"), [("gcj02", wgs84_to_gcj02), ("bd09", wgs84_to_bd09)])
def test_datum_is_converted_and_said(make_study, datum, convert):
    lon, lat = convert(108.4, 30.8)
    text = f"名称,经度,纬度\n甲,{float(lon)!r},{float(lat)!r}\n"
    inputs = load_inputs(make_study(facilities=[(text, {"datum": datum})]))
    point = inputs.facilities.to_crs(4326).geometry[0]
    assert float(shift_m(point.x, point.y, 108.4, 30.8)) < 0.001
    [said] = found(inputs.problems, "datum_converted")
    assert (said.severity, said.count) == ("info", 1)
    assert said.values["shift"] == pytest.approx(float(shift_m(lon, lat, 108.4, 30.8)), abs=1)


def test_gcj02_outside_china_is_an_error(make_study):
    text = "名称,经度,纬度\n甲,108.4,30.8\n乙,-8.6,41.1\n"
    problems = check_inputs(make_study(facilities=[(text, {"datum": "gcj02"})]))
    [problem] = [problem for problem in problems if problem.severity == "error"]
    assert (problem.code, problem.row) == ("datum_outside_china", 3)


def test_unknown_types_keep_the_facility(make_study):
    inputs = load_inputs(make_study(facilities="名称,类型\n甲,动物园\n乙,医院\n"))
    assert inputs.facilities["roles"].tolist() == ["", "hospital"]
    assert [problem.row for problem in found(inputs.problems, "code_unknown")] == [2]
    assert [problem.row for problem in found(inputs.problems, "role_missing")] == [2]


def test_a_wrong_constant_is_said_once(make_study):
    study = make_study(facilities=[("名称\n甲\n乙\n", {"values": {"roles": "动物园"}})])
    [problem] = found(check_inputs(study), "code_unknown")
    assert (problem.row, problem.value) == (None, "动物园")


def test_negative_counts_and_missing_names_are_errors_of_all_sources(make_study):
    lists = [("名称,床位\n甲,-3\n", {}), ("名称,床位\n,3\n", {})]
    with pytest.raises(InputError) as raised:
        load_inputs(make_study(facilities=lists))
    found_errors = {
        (problem.code, problem.source, problem.row) for problem in raised.value.problems
    }
    assert found_errors == {
        ("count_negative", "facilities1.csv", 2),
        ("cell_required", "facilities2.csv", 2),
    }

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from care_map.errors import InputError
from care_map.inputs.load import check_inputs, load_inputs


def found(problems, code):
    return [problem for problem in problems if problem.code == code]


def test_records(make_study, two_towns):
    text = (
        "编号,年龄,重点对象,区划代码,村社区,经度,纬度,居住状况\n"
        "a,82,独居,,,108.402,30.805,常住\n"
        "b,59,,,,108.402,30.805,\n"
        "c,70,,500101002000,,108.402,30.805,\n"
        "d,80,高龄,500101002000,,,,外出\n"
        "e,75,,,东社区,,,\n"
        "f,,特困,,,108.5,30.805,\n"
    )
    inputs = load_inputs(make_study(units=two_towns, demand=text))
    demand = inputs.demand.set_index("demand_id")
    assert demand.index.tolist() == list("acdef")
    assert demand["elders"].tolist() == [1] * 5
    assert demand["groups"].to_dict() == {
        "a": "living_alone;aged_80",
        "c": "",
        "d": "aged_80",
        "e": "",
        "f": "",
    }
    assert demand["unit_id"].to_dict() == {
        "a": "500101001000",
        "c": "500101001000",
        "d": "500101002000",
        "e": "500101001001",
        "f": "",
    }
    assert demand["setting"].tolist() == ["urban", "urban", "rural", "urban", ""]
    assert demand["location_quality"].tolist() == ["point", "point", "town", "village", "point"]
    assert demand["placed_by"].tolist() == ["", "", "code", "name", ""]
    assert set(demand["origin"]) == {"record"}
    assert found(inputs.problems, "younger_than_elder_age")[0].count == 1
    assert [problem.row for problem in found(inputs.problems, "label_contradicts")] == [4]
    assert [problem.row for problem in found(inputs.problems, "placed_at_town")] == [5]
    assert found(inputs.problems, "demand_without_point") == []
    assert found(inputs.problems, "elders_away")[0].count == 1
    assert [problem.row for problem in found(inputs.problems, "code_ambiguous")] == [7]


def test_counts_at_places(make_study):
    text = "编号,人数,经度,纬度\na,12,108.4,30.8\nb,0,108.4,30.8\nc,,108.4,30.8\n"
    inputs = load_inputs(make_study(demand=text))
    assert inputs.demand["elders"].tolist() == [12, 0]
    assert set(inputs.demand["origin"]) == {"place"}
    assert [problem.row for problem in found(inputs.problems, "elders_missing")] == [4]


def test_half_elders_are_an_error(make_study):
    problems = check_inputs(make_study(demand="编号,人数\na,3.5\nb,2\n"))
    [problem] = found(problems, "count_not_whole")
    assert (problem.row, problem.severity) == (2, "error")


def test_negative_counts_are_errors(make_study):
    with pytest.raises(InputError) as raised:
        load_inputs(make_study(demand="编号,人数\na,-1\nb,2\n"))
    assert [(problem.code, problem.row) for problem in raised.value.problems] == [
        ("count_negative", 2)
    ]


def test_polygons_with_counts(make_study, two_towns):
    wkt = shapely.box(108.405, 30.80, 108.41, 30.805).wkt
    text = f'编号,人数,wkt\na,7,"{wkt}"\n'
    inputs = load_inputs(make_study(units=two_towns, demand=text))
    [row] = inputs.demand.itertuples()
    assert (row.unit_id, row.location_quality, row.origin) == ("500101001001", "village", "unit")


def test_demand_of_units(make_study):
    text = (
        "代码,名称,级别,上级代码,老年人口\n"
        "t,乙镇,镇,,100\na,一村,村,t,30\nb,二村,村,t,\nu,丙镇,镇,,40\n"
    )
    inputs = load_inputs(make_study(units=text))
    assert dict(zip(inputs.demand["unit_id"], inputs.demand["elders"], strict=True)) == {
        "a": 30,
        "u": 40,
    }
    assert inputs.has_demand
    [said] = found(inputs.problems, "demand_of_units")
    assert said.count == 70


def test_no_tables_at_all(make_study):
    inputs = load_inputs(make_study(), extent=(24.0, 60.0, 25.0, 61.0))
    assert inputs.crs.to_epsg() == 32635
    assert (len(inputs.units), len(inputs.facilities), len(inputs.demand)) == (0, 0, 0)
    assert not inputs.has_units
    assert not inputs.has_demand


cells = st.sampled_from(["", "1", "0", "12", "约3", "x"])
ages = st.sampled_from(["", "59", "60", "81", "老"])


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.tuples(cells, ages), min_size=1, max_size=8))
def test_rows_in_are_rows_used_and_rows_listed(make_study, rows):
    text = "编号,人数,年龄\n" + "".join(f"e{n},{e},{a}\n" for n, (e, a) in enumerate(rows))
    inputs = load_inputs(make_study(demand=text))
    listed = found(inputs.problems, "elders_missing") + found(
        inputs.problems, "younger_than_elder_age"
    )
    assert len(rows) == len(inputs.demand) + sum(problem.count for problem in listed)


def test_check_returns_errors_instead_of_raising(make_study):
    problems = check_inputs(make_study(demand="编号,人数\na,-1\n", facilities="地址\nx\n"))
    errors = [problem.code for problem in problems if problem.severity == "error"]
    assert sorted(errors) == ["column_missing", "count_negative"]

"""Services, links between facilities, and words of the lists that notices ask for."""

import pytest

from care_map.inputs.load import load_inputs, read_inputs
from care_map.inputs.unit_kinds import unit_kinds

FACILITIES = (
    "编号,名称,类型\nA,甲站,社区养老服务站\nB,乙站,社区养老服务站\nC,同名,助餐点\nD,同名,助餐点\n"
)
UNITS = (
    "代码,名称,级别,上级代码\nt1,甲镇,镇,\nt2,乙镇,镇,\n"
    "a,东村,村,t1\nb,西村,村,t1\nc,东村,村,t2\nd,北社区,社区,t2\n"
)


def listed(inputs, code):
    return [(p.row, p.value) for p in inputs.problems if p.code == code]


def test_services_join_facilities_by_id_or_name(make_study):
    text = "设施编号,服务,能力,单位\nA,助餐,120,份/日\n乙站,送餐,,\nA,助浴,,\n"
    inputs = load_inputs(make_study(facilities=FACILITIES, services=text))
    rows = inputs.services[["facility_id", "service", "capacity"]].fillna(-1).to_numpy().tolist()
    assert rows == [["A", "meals", 120.0], ["B", "meals", -1.0], ["A", "bathing", -1.0]]
    assert inputs.services["capacity_unit"].tolist() == ["份/日", "", ""]
    assert inputs.given == {"facilities", "services"}


@pytest.mark.parametrize(
    ("row", "code", "shown"),
    [
        ("Z,助餐,1,份", "service_facility", "Z"),
        ("同名,助餐,1,份", "service_facility", "同名"),
        ("A,飞行,1,份", "code_unknown", "飞行"),
        ("A,,1,份", "cell_required", ""),
        (",助餐,1,份", "cell_required", ""),
        ("A,助餐,约30,份", "cell_number", "约30"),
    ],
)
def test_bad_services_are_listed(make_study, row, code, shown):
    text = f"设施编号,服务,能力,单位\nB,助浴,1,人\n{row}\n"
    inputs = load_inputs(make_study(facilities=FACILITIES, services=text))
    assert listed(inputs, code) == [(3, shown)]
    # Half a cell is no reason to lose what the row says besides.
    assert len(inputs.services) == (2 if code == "cell_number" else 1)
    assert inputs.services["facility_id"].iloc[0] == "B"


def test_a_service_that_stands_twice_counts_once(make_study):
    text = "设施编号,服务,能力\nA,助餐,10\nA,助餐,20\n"
    inputs = load_inputs(make_study(facilities=FACILITIES, services=text))
    assert [row for row, _ in listed(inputs, "service_twice")] == [2, 3]
    assert inputs.services["capacity"].tolist() == [20.0]


def test_negative_capacity_is_an_error(make_study):
    text = "设施编号,服务,能力\nA,助餐,-10\n"
    inputs = read_inputs(make_study(facilities=FACILITIES, services=text))
    assert [p.severity for p in inputs.problems if p.code == "count_negative"] == ["error"]


def test_an_empty_list_of_services_is_not_given(make_study):
    inputs = load_inputs(make_study(facilities=FACILITIES, services="设施编号,服务\n"))
    assert [p.severity for p in inputs.problems if p.code == "table_empty"] == ["info"]
    assert "services" not in inputs.given
    assert inputs.services.empty


def test_units_served_are_ids_or_names(make_study):
    text = (
        "编号,名称,乡镇街道,村社区,服务范围\n"
        "A,甲站,甲镇,东村,b、东村\n"  # the id of one, and of two 东村 that of its own town
        "B,乙站,乙镇,北社区,西村；北社区\n"  # a name of another town that only one unit has
        "C,丙站,,,东村\n"  # which 东村 it is, nobody says
        "D,丁站,甲镇,,南村、西村\n"
        "E,戊站,甲镇,,甲镇西村\n"
    )
    inputs = load_inputs(make_study(units=UNITS, facilities=text))
    assert inputs.facilities["serves_units"].tolist() == ["b;a", "b;d", "东村", "南村;b", "b"]
    assert listed(inputs, "serves_unknown") == [(4, "东村"), (5, "南村")]


def test_without_units_what_is_served_stays_as_written(make_study):
    text = "编号,名称,服务范围\nA,甲站,东村\n"
    inputs = load_inputs(make_study(facilities=text))
    assert inputs.facilities["serves_units"].tolist() == ["东村"]


def test_centres_and_partners_are_ids_where_they_are_known(make_study):
    text = (
        "编号,名称,带站中心,签约机构\nA,甲中心,,市第一医院、乙卫生院\n"
        "B,乙卫生院,,\nC,丙站,甲中心,\nD,丁站,A,\n"
    )
    inputs = load_inputs(make_study(facilities=text))
    assert inputs.facilities["operator_centre"].tolist() == ["", "", "A", "A"]
    assert inputs.facilities["contracts"].iloc[0] == "市第一医院;B"


def test_words_of_operators_owners_and_residence(make_study):
    facilities = (
        "名称,产权,运营方式\na,公有,公办\nb,国有,公建民营\nc,私有,民办公助\nd,民有,民办\ne,,未知\n"
    )
    inputs = load_inputs(
        make_study(facilities=facilities, demand="编号,居住状况\nx,外出\ny,常住\n")
    )
    table = inputs.facilities
    assert table["ownership"].tolist() == ["public", "public", "private", "private", ""]
    kinds = ["public", "public_private", "private_aided", "private", ""]
    assert table["operator_kind"].tolist() == kinds
    assert listed(inputs, "code_unknown") == [(6, "未知")]
    assert inputs.demand["residence"].tolist() == ["away", "resident"]


def test_columns_that_only_clauses_ask_for(make_study):
    inputs = load_inputs(
        make_study(
            units="代码,名称,级别,养老用地（平方米）,志愿者\nt1,甲镇,镇,1200.5,30\n",
            facilities="名称,食堂,押金（元）,设施设备,每周活动次数\na,是,3000,电脑、图书,1\n",
            demand="编号,已享受,已建档,改造完成日期\nx,高龄津贴、助餐,否,2021-03-01\n",
        )
    )
    assert inputs.units["care_land_m2"].tolist() == [1200.5]
    row = inputs.facilities.iloc[0]
    assert (row["canteen"], row["deposit_yuan"], row["equipment"]) == (True, 3000.0, "电脑;图书")
    elder = inputs.demand.iloc[0]
    assert (elder["receives"], elder["has_record"]) == ("高龄津贴;助餐", False)
    assert elder["adapted_date"] == "2021-03-01"
    assert not [p for p in inputs.problems if p.code == "columns_unknown"]


def test_a_list_may_say_what_a_unit_is(make_study):
    text = "代码,名称,级别,单元类型\nt1,甲片区,镇,街道\nt2,乙镇,镇,\n"
    inputs = load_inputs(make_study(units=text))
    assert inputs.units["unit_kind"].tolist() == ["street", ""]
    assert unit_kinds(inputs.units).tolist() == ["", "town"]

"""Urban or rural by which rule, and who would flip by another."""

from pathlib import Path

import pandas as pd
import pytest

from care_map.config import DemandSource, Study, UnitSource
from care_map.inputs.load import load_inputs
from care_map.inputs.settings import RULES
from care_map.messages import catalogue
from care_map.schema import SETTING_FLIPS

UNITS = (
    "代码,名称,城乡,城乡分类代码\n"
    "500101001000,甲街道,,\n"
    "500101101000,乙镇,,\n"
    "500101101001,镇上社区,,\n"
    "500101101201,西村,,\n"
    "500101101202,城边村,,111\n"
    "500101101203,自称城市的村,城市,220\n"
)


def flips_of(inputs):
    """Return elders by unit, rule, what it says, and rule that says the opposite."""
    table = inputs.setting_flips
    assert list(table.columns) == SETTING_FLIPS.names
    keys = ["unit_id", "rule", "rule_setting", "other_rule"]
    return {tuple(row[:4]): row[4] for row in table[[*keys, "elders"]].itertuples(index=False)}


def demand_of(**elders):
    rows = "".join(f"{unit[1:]},{count}\n" for unit, count in elders.items())
    return f"区划代码,老年人数\n{rows}"


def test_every_pair_of_rules_that_disagrees(make_study):
    demand = demand_of(
        u500101101000=3, u500101101001=40, u500101101201=5, u500101101202=7, u500101101203=11
    )
    inputs = load_inputs(make_study(units=UNITS, demand=demand))
    assert flips_of(inputs) == {
        ("500101101001", "code_digits", "urban", "town_type"): 40,
        ("500101101202", "class_code", "urban", "code_digits"): 7,
        ("500101101202", "class_code", "urban", "town_type"): 7,
        ("500101101203", "unit_column", "urban", "class_code"): 11,
        ("500101101203", "unit_column", "urban", "code_digits"): 11,
        ("500101101203", "unit_column", "urban", "town_type"): 11,
    }
    said = [problem for problem in inputs.problems if problem.code == "setting_differs"]
    assert len(said) == 6
    [one] = [problem for problem in said if problem.value == "500101101001"]
    assert one.count == 40
    assert one.message(catalogue("zh")) == (
        "镇上社区：区划代码第 10–12 位为城市，乡镇街道的类型相反，涉及 40 名老年人"
    )
    sums = {
        problem.message(catalogue("en")): problem.count
        for problem in inputs.problems
        if problem.code == "settings_differ"
    }
    assert sums == {
        "1 units have another setting by digits 10 to 12 of the unit code than by the type of "
        "town; this concerns 40 elders": 40,
        "1 units have another setting by the urban-rural code than by digits 10 to 12 of the unit "
        "code; this concerns 7 elders": 7,
        "1 units have another setting by the urban-rural code than by the type of town; this "
        "concerns 7 elders": 7,
        "1 units have another setting by the setting column of the units than by the urban-rural "
        "code; this concerns 11 elders": 11,
        "1 units have another setting by the setting column of the units than by digits 10 to 12 "
        "of the unit code; this concerns 11 elders": 11,
        "1 units have another setting by the setting column of the units than by the type of town; "
        "this concerns 11 elders": 11,
    }


def test_elders_flip_with_the_unit_that_decides_for_them(make_study):
    """Villages without a word of their own go with their town; those with one do not."""
    units = "代码,名称,级别,上级代码,城乡\nt,乙镇,镇,,城市\na,东里,村,t,\nb,西里,村,t,农村\n"
    demand = demand_of(ut=1, ua=20, ub=300)
    inputs = load_inputs(make_study(units=units, demand=demand))
    assert inputs.demand["setting"].tolist() == ["urban", "urban", "rural"]
    assert flips_of(inputs) == {("t", "unit_column", "urban", "town_type"): 21}


def test_an_elders_own_setting_comes_first(make_study):
    units = "代码,名称\n500101101000,乙镇\n500101001000,甲街道\nx,丙\n"
    demand = (
        "区划代码,城乡\n500101101000,城市\n500101101000,\n500101101000,城镇\n500101001000,城市\n"
        "x,农村\n,农村\n"
    )
    inputs = load_inputs(make_study(units=units, demand=demand))
    own = ["urban", "rural", "urban", "urban", "rural", "rural"]
    assert inputs.demand["setting"].tolist() == own
    assert flips_of(inputs) == {("500101101000", "elder_column", "urban", "unit_settled"): 2}


def test_demand_of_the_units_themselves_counts_too(make_study):
    units = "代码,名称,老年人口\n500101101000,乙镇,\n500101101001,镇上社区,40\n"
    inputs = load_inputs(make_study(units=units))
    assert flips_of(inputs) == {("500101101001", "code_digits", "urban", "town_type"): 40}


def test_rules_that_agree_are_not_listed(make_study):
    units = "代码,名称,城乡\n500101101000,乙镇,农村\n500101101201,西村,农村\n"
    inputs = load_inputs(make_study(units=units, demand=demand_of(u500101101201=9)))
    assert inputs.setting_flips.empty
    assert not [problem for problem in inputs.problems if problem.code.startswith("setting")]


def test_a_study_without_units_or_elders(make_study):
    assert load_inputs(make_study(demand="编号\nA\n")).setting_flips.empty
    [row] = flips_of(load_inputs(make_study(units="代码,名称,城乡\nt,乙镇,城市\n"))).items()
    assert row == (("t", "unit_column", "urban", "town_type"), 0)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_rule_has_a_label(language):
    texts = catalogue(language)
    for group in ("rule", "other_rule"):
        assert all(texts.label(group, rule) != rule for rule in RULES)


def test_many_flips_are_listed_to_a_limit_and_summed(make_study):
    numbers = range(1, 1101)
    towns = "".join(f"u{number},{number}镇,城市\n" for number in numbers)
    inputs = load_inputs(make_study(units=f"代码,名称,城乡\n{towns}"))
    assert len(inputs.setting_flips) == len(numbers)
    listed = [problem for problem in inputs.problems if problem.code == "setting_differs"]
    assert len(listed) == 1000
    [summed] = [problem for problem in inputs.problems if problem.code == "settings_differ"]
    assert "1,100" in summed.message(catalogue("en"))


@pytest.mark.real_data
def test_villages_of_taipei_are_neither(shared_data):
    """里 and 區 say nothing of urban or rural; the study's own setting does."""
    villages = Path("113年12月行政區三段年齡組性別人口統計_村里_WGS84_臺北市.geojson")
    names = {"unit_id": "V_ID", "name": "VILLAGE", "parent_id": "TOWN_ID", "parent_name": "TOWN"}
    elders = {"demand_id": "V_ID", "elders": "A65UP_CNT", "unit_id": "V_ID"}
    study = Study(
        root=shared_data / "taipei",
        name="臺北市",
        units=(UnitSource(path=villages, level="community", columns=names),),
        demand=(DemandSource(path=villages, elder_age=65, columns=elders),),
    )
    inputs = load_inputs(study)
    assert set(inputs.units["setting"]) == {""}
    [unknown] = [problem for problem in inputs.problems if problem.code == "setting_unknown"]
    assert unknown.count == 456 + 12
    assert inputs.setting_flips.empty
    assert set(inputs.demand["setting"]) == {""}
    settled = load_inputs(study.model_copy(update={"setting": "urban"}))
    assert set(settled.demand["setting"]) == {"urban"}
    pd.testing.assert_frame_equal(settled.setting_flips, inputs.setting_flips)

"""What clauses are judged by: the lists as they stood on one day."""

import datetime as dt

import pandas as pd
import pytest

from care_map.config import FacilitySource, ReceivedSource, StatedSource, Study, UnitSource
from care_map.inputs.load import load_inputs
from care_map.packs.reader import read_pack
from care_map.policy_facts import policy_day, policy_facts

UNITS = "代码,名称,级别,上级代码\nt1,甲街道,街道,\nt2,乙镇,镇,\na,东社区,社区,t1\nb,西村,村,t2\n"
KINDS = {
    "units": UnitSource,
    "facilities": FacilitySource,
    "stated": StatedSource,
    "received": ReceivedSource,
}


@pytest.fixture
def study(tmp_path):
    def make(as_of=None, **texts):
        sources = {}
        for kind, text in texts.items():
            (tmp_path / f"{kind}.csv").write_text(text, encoding="utf-8")
            sources[kind] = (KINDS[kind](path=f"{kind}.csv"),)
        day = dt.date.fromisoformat(as_of) if as_of else None
        return Study(root=tmp_path, name="t", as_of=day, pack=read_pack("kaizhou"), **sources)

    return make


def facts_of(made):
    inputs = load_inputs(made)
    none = pd.DataFrame()
    return policy_facts(made, inputs, none, none)


@pytest.mark.parametrize(
    ("as_of", "facilities", "day", "of"),
    [
        ("2020-12-31", "名称,验收日期\na,2021-05-01\n", "2020-12-31", "study"),
        (None, "名称,验收日期,更新日期\na,2019-05-01,2020-02-03\n", "2020-02-03", "lists"),
        (None, "名称,验收日期\na,2021-05-01\nb,2019-01-01\n", "2021-05-01", "lists"),
        # What is planned says nothing of how old a list is.
        (None, "名称,立项日期\na,2030-01-01\n", "2019-12-11", "notice"),
        (None, "名称,类型\na,助餐点\n", "2019-12-11", "notice"),
    ],
)
def test_the_day_is_the_studys_or_the_lists_or_the_notices(study, as_of, facilities, day, of):
    made = study(as_of, facilities=facilities)
    found = policy_day(made, load_inputs(made))
    assert (found.day.isoformat(), found.of) == (day, of)
    assert facts_of(made).as_of == found.day


def test_the_day_counts_stated_figures_and_returns_too(study):
    made = study(
        units=UNITS,
        stated="条款编号,数值,数据日期\nkaizhou_18,0.8,2021-03-01\n",
        received="乡镇街道,季度,收到日期\n乙镇,2020Q4,2021-04-01\n",
    )
    assert policy_day(made, load_inputs(made)).day == dt.date(2021, 4, 1)


def test_the_last_figure_by_the_day_counts(study):
    text = (
        "条款编号,数值,数据日期\nkaizhou_18,0.9,2020-12-31\nkaizhou_18,0.5,2020-06-30\n"
        "kaizhou_18,0.95,2021-06-30\nkaizhou_21a,7,\n"
    )
    for day, figures in (
        ("2020-09-30", {"kaizhou_18": 0.5, "kaizhou_21a": 7}),
        ("2020-12-31", {"kaizhou_18": 0.9, "kaizhou_21a": 7}),
        ("2022-12-31", {"kaizhou_18": 0.95, "kaizhou_21a": 7}),
        ("2019-12-31", {"kaizhou_21a": 7}),
    ):
        stated = facts_of(study(day, stated=text)).stated
        assert dict(zip(stated["clause_id"], stated["figure"], strict=True)) == figures


def test_what_comes_later_has_not_come(study):
    text = (
        "乡镇街道,季度,收到日期\n乙镇,2020Q4,2021-01-05\n甲街道,2020Q4,2021-02-05\n甲街道,2020Q3,\n"
    )
    received = facts_of(study("2021-01-31", units=UNITS, received=text)).received
    rows = received[["unit_id", "period"]].to_numpy().tolist()
    assert rows == [["t2", "2020Q4"], ["t1", "2020Q3"]]


def test_stages_and_adaptation_are_those_of_the_day(study):
    text = (
        "名称,阶段,验收日期,运营日期,适老化改造,改造完成日期\n"
        "a,运营,2020-05-01,2021-02-01,是,2021-03-01\nb,运营,,,是,\nc,在建,2022-01-01,,否,\n"
    )
    table = facts_of(study("2020-12-31", facilities=text)).facilities
    assert table["stage"].tolist() == ["accepted", "operating", "planned"]
    assert table["age_adapted"].tolist() == [False, True, False]
    table = facts_of(study("2021-12-31", facilities=text)).facilities
    assert table["stage"].tolist() == ["operating", "operating", "planned"]
    assert table["age_adapted"].tolist() == [True, True, False]


def test_units_know_what_they_are(study):
    units = facts_of(study("2020-12-31", units=UNITS)).units
    assert units["unit_kind"].tolist() == ["street", "town", "community", "village"]
    said = UNITS.replace("上级代码\n", "上级代码,单元类型\n").replace("镇,镇,\n", "镇,镇,,街道\n")
    units = facts_of(study("2020-12-31", units=said)).units
    assert units["unit_kind"].tolist()[:2] == ["street", "street"]


def test_a_distance_is_only_told_from_a_place_of_its_own(study):
    units = (
        "代码,名称,级别,wkt\n"
        't1,甲镇,镇,"POLYGON((108.4 31, 108.5 31, 108.5 31.1, 108.4 31.1, 108.4 31))"\n'
    )
    text = "名称,乡镇街道,经度,纬度\na,甲镇,108.45,31.05\nb,甲镇,,\n"
    facts = facts_of(study("2020-12-31", units=units, facilities=text))
    assert facts.x.notna().tolist() == [True, False]
    assert facts.x.index.equals(facts.facilities.index)


def test_only_lists_with_rows_are_given(study):
    made = study("2020-12-31", facilities="名称,类型\na,助餐点\n", stated="条款编号,数值\n")
    # The units are the notice's own.
    assert facts_of(made).given == {"facilities", "units"}

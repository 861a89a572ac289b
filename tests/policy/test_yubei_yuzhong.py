"""What sets 渝北 and 渝中 apart from other districts, and the yearly totals of 渝北."""

import re

import pytest
from policy.facts_of import facts

from care_map.messages import catalogue
from care_map.packs.reader import read_pack
from care_map.policy.ledger import build_ledger
from care_map.policy.verdicts import judge_clauses

CENTRES = "street_centre;town_centre"


@pytest.fixture(scope="module")
def yubei():
    return read_pack("yubei")


@pytest.fixture(scope="module")
def yuzhong():
    return read_pack("yuzhong")


def clause(pack, name):
    return next(one for one in pack.clause if one.id == name)


def verdicts(pack, of):
    return judge_clauses(pack, of, texts=catalogue("zh")).verdicts.set_index("clause_id")


def ledger(pack, facilities, as_of):
    of = facts(as_of=as_of, units=[], facilities=facilities)
    return build_ledger(pack.target, of, plan_from=pack.pack.plan_from)


def test_yuzhong_has_no_standard_of_area_beds_or_land(yuzhong):
    whole = yuzhong.model_dump_json(include={"clause": {"__all__": {"rule"}}})
    assert not re.search(r"floor_area|land|day_care_beds|short_stay", whole)
    assert yuzhong.target == ()


def test_a_station_of_250_m2_fails_in_yubei_and_no_clause_of_yuzhong_asks(yubei, yuzhong):
    station = facts(
        units=[{"unit_id": "C1", "unit_kind": "community", "few_elders": True}],
        facilities=[{"roles": "community_station", "unit_id": "C1", "floor_area_m2": 250}],
    )
    assert verdicts(yubei, station).loc["yubei_06a", "verdict"] == "fail"
    assert not verdicts(yuzhong, station)["text"].str.contains("平方米").any()


def test_beds_of_both_are_of_all_facilities(yubei, yuzhong):
    for pack, name in ((yubei, "yubei_32a"), (yuzhong, "yuzhong_02")):
        wide = pack.condition[clause(pack, name).rule.of.named]
        assert {"community_station", "street_centre", "care_home"} <= set(wide.has_any)
        assert not {"hospital", "community_health_centre"} & set(wide.has_any)
    assert clause(yuzhong, "yuzhong_01").rule.weight == "beds"
    assert clause(yubei, "yubei_10b").rule.weight is None


def test_totals_of_yubei_are_due_year_by_year(yubei):
    first = ledger(yubei, [], "2020-12-31")
    assert dict(zip(first["role"], first["due"], strict=False))[CENTRES] == 11
    due = ledger(yubei, [], "2021-12-31").groupby("role")["due"].max()
    assert due.to_dict() == {CENTRES: 14, "community_station": 63, "village_point": 91}


def test_what_was_there_before_the_plan_never_counts_in_yubei(yubei):
    rows = [
        {"roles": "community_station", "accepted_date": "2019-12-31"},
        {"roles": "community_station", "accepted_date": "2020-01-01"},
        {"roles": "care_home;town_centre", "accepted_date": "2020-06-01"},
        {"roles": "street_centre", "accepted_date": "2020-07-01"},
    ]
    made = ledger(yubei, rows, "2020-12-31").groupby("role")["accepted"].max()
    assert made["community_station"] == 1
    assert made[CENTRES] == 2


def test_no_person_and_no_telephone_stands_in_the_packs(yubei, yuzhong):
    for pack in (yubei, yuzhong):
        whole = pack.model_dump_json()
        assert not re.search(r"区长|组长|副组长|(?<!\d)1[3-9]\d{9}(?!\d)|\d{3,4}-\d{7,8}", whole)


def test_every_row_of_the_list_of_clauses_is_encoded(yubei, yuzhong):
    assert {one.row for one in yubei.clause} == set(range(1, 40))
    # Row 6 relieves conversions up to 1,000 m² from papers: nothing to be judged.
    assert {one.row for one in yuzhong.clause} == set(range(1, 19)) - {6}
    assert any("1000平方米以下" in text for one in yuzhong.unmeasured for text in one.text)

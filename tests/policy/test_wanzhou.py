"""万州's notice contradicts itself twice: both are told, and 437 village points are the target."""

import re

import pytest
from policy.facts_of import facts

from care_map.messages import catalogue
from care_map.packs.reader import read_pack
from care_map.policy.ledger import build_ledger
from care_map.policy.verdicts import judge_clauses

POINTS = ["2017-05-01"] * 283 + ["2021-05-01"] * 154
CENTRES = ["2019-05-01"] * 30 + ["2022-05-01"] * 21


@pytest.fixture(scope="module")
def pack():
    return read_pack("wanzhou")


@pytest.fixture(scope="module")
def end_of_2022():
    rows = [{"roles": "village_point", "accepted_date": day} for day in POINTS]
    rows += [{"roles": "town_centre", "accepted_date": day} for day in CENTRES]
    return facts(as_of="2022-12-31", facilities=rows)


def test_437_points_are_judged_and_every_other_sum_is_told(pack, end_of_2022):
    found = judge_clauses(pack, end_of_2022, texts=catalogue("zh")).verdicts
    points = found.set_index("clause_id").loc["wanzhou_24b"]
    assert (points["verdict"], points["figure_low"]) == ("pass", 437)
    assert all(reading in points["note"] for reading in ("437个", "443个", "523个"))


def test_51_centres_against_52_units_are_told_and_not_judged(pack, end_of_2022):
    found = judge_clauses(pack, end_of_2022, texts=catalogue("zh")).verdicts
    centres = found.set_index("clause_id").loc["wanzhou_15a"]
    assert (centres["verdict"], centres["figure_low"]) == ("source_conflict", 21)
    assert "共51个" in centres["note"]
    assert "共52个" in centres["note"]


def test_the_ledger_counts_the_283_points_that_stood_before_towards_437_alone(pack, end_of_2022):
    ledger = build_ledger(pack.target, end_of_2022, plan_from=pack.pack.plan_from)
    rows = ledger[(ledger["role"] == "village_point") & (ledger["year"] == 2022)]
    figures = rows.set_index("total")[["due", "accepted", "late"]].astype(int)
    assert figures.loc[True].tolist() == [437, 437, 0]
    assert figures.loc[False].tolist() == [240, 154, 86]


def test_the_ledger_adds_up_no_stocks_of_centres(pack, end_of_2022):
    ledger = build_ledger(pack.target, end_of_2022, plan_from=pack.pack.plan_from)
    both = ledger[ledger["role"] == "street_centre;town_centre"]
    assert both[["year", "due", "late"]].astype(int).to_numpy().tolist() == [
        [2020, 30, 0],
        [2022, 51, 0],
    ]


def test_no_name_of_a_company_and_no_phone_number_is_in_the_pack(pack):
    words = pack.model_dump_json()
    assert "有限公司" not in words
    assert re.findall(r"\d{7,}", words) == []

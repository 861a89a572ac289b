"""Verdicts of rules: what passes, what fails and with which words, what is unknown and why."""

import datetime as dt
from dataclasses import replace
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy.facts_of import facts
from policy.packs_of import judged, pack, verdict

from care_map.messages import LANGUAGES, catalogue
from care_map.policy.rates import figure_text
from care_map.policy.verdicts import judge_clauses
from care_map.schema import CLAUSE_EVIDENCE, CLAUSE_VERDICTS

CLINIC = {
    "formula": "share",
    "rows": "facilities",
    "meets": {"field": "own_clinic", "is": True},
    "at_least": 0.9,
}
STREET = {"unit_id": "T", "unit_kind": "street"}


def role(name):
    return {"field": "roles", "has_any": [name]}


def clinics(yes, blank, no):
    return [
        *({"own_clinic": True} for _ in range(yes)),
        *({"own_clinic": None} for _ in range(blank)),
        *({"own_clinic": False} for _ in range(no)),
    ]


# The mark


def test_88_of_100_with_5_blank_need_2_more():
    row, evidence = judged(facts(facilities=clinics(88, 5, 7)), CLINIC)
    assert row["verdict"] == "unknown"
    assert (row["figure_low"], row["figure_high"], row["target"]) == (0.88, 0.93, 0.9)
    assert (row["met"], row["not_met"], row["unknown"], row["needed"]) == (88, 7, 5, 2)
    assert row["words"] == (
        "无法判定：88%—93%（100 个中 88—93 个），要求不低于 90%，还需 2 个，"
        "缺少：内设医疗（5 行空白）"
    )
    assert row["missing"] == "内设医疗（5 行空白）"
    assert evidence["answer"].value_counts().to_dict() == {"yes": 88, "no": 7, "unknown": 5}
    assert set(evidence.loc[evidence["answer"] == "unknown", "missing"]) == {"内设医疗"}
    assert set(evidence.loc[evidence["answer"] == "no", "value"]) == {"内设医疗 否"}


@pytest.mark.parametrize(
    ("counts", "expected"), [((91, 5, 4), "pass"), ((84, 5, 11), "fail"), ((85, 5, 10), "unknown")]
)
def test_the_bounds_decide(counts, expected):
    assert verdict(facts(facilities=clinics(*counts)), CLINIC) == expected


def beds(nursing, of=100):
    return facts(facilities=[{"roles": "care_home", "beds": of, "nursing_beds": nursing}])


NURSING = {
    "formula": "ratio",
    "rows": "facilities",
    "numerator": "nursing_beds",
    "denominator": "beds",
    "part_of_whole": True,
}


def test_65_of_100_beds_are_not_more_than_65_percent():
    more = {**NURSING, "more_than": 0.65}
    assert verdict(beds(65), more) == "fail"
    assert verdict(beds(66), more) == "pass"
    assert verdict(beds(30), {**NURSING, "at_least": 0.3}) == "pass"
    assert verdict(beds(29), {**NURSING, "at_least": 0.3}) == "fail"


def test_blank_nursing_beds_lie_between_none_and_all():
    rows = [{"beds": 60, "nursing_beds": 20}, {"beds": 40, "nursing_beds": None}]
    row, _ = judged(facts(facilities=rows), {**NURSING, "at_least": 0.3})
    assert (row["verdict"], row["figure_low"], row["figure_high"]) == ("unknown", 0.2, 0.6)
    assert row["needed"] == 10
    assert "护理型床位（张）（1 行空白）" in row["words"]


def test_a_site_counts_once():
    """A 敬老院 that is also the town's centre, as one row and as two."""
    one = [{"roles": "care_home;town_centre", "beds": 100, "nursing_beds": 25}]
    two = [
        {"roles": "care_home", "beds": 100, "nursing_beds": 25, "site_id": "S"},
        {"roles": "town_centre", "beds": 100, "nursing_beds": 25, "site_id": "S"},
    ]
    other = {"roles": "care_home", "beds": 50, "nursing_beds": 5, "site_id": None}
    total = {"formula": "count", "rows": "facilities", "sum_of": "beds"}
    for rows in (one, two):
        told = facts(facilities=[*rows, other])
        assert judged(told, total)[0]["figure_low"] == 150
        assert judged(told, NURSING)[0]["figure_low"] == pytest.approx(0.2)
    share = {**CLINIC, "of": role("town_centre")}
    assert judged(facts(facilities=two), {**share, "at_least": None})[0]["verdict"] == "unknown"


# The strength of words


@pytest.mark.parametrize(
    ("strength", "deadline", "words", "due"),
    [
        ("must", None, "未达到：", None),
        ("must", dt.date(2021, 6, 30), "未达到：", True),
        ("must", dt.date(2021, 7, 1), "尚未达到（未到期）：", False),
        ("principle", None, "未达（原则性）：", None),
        ("conditional", None, "未达（有条件）：", None),
        ("aim", dt.date(2022, 1, 1), "尚未达（力争，未到期）：", False),
        ("support", None, "未达（鼓励）：", None),
    ],
)
def test_what_is_not_met_is_said_with_its_strength(strength, deadline, words, due):
    told = facts(facilities=clinics(1, 0, 1))
    row, _ = judged(told, CLINIC, strength=strength, deadline=deadline)
    assert row["verdict"] == "fail"
    assert row["words"].startswith(words)
    assert (None if pd.isna(row["due"]) else bool(row["due"])) is due


STATION = {
    "formula": "share",
    "rows": "facilities",
    "of": role("community_station"),
    "meets": {
        "any": [
            {"field": "floor_area_m2", "at_least": 300},
            {
                "all": [
                    {"field": "floor_area_m2", "at_least": 200},
                    {"field": "unit.few_elders", "is": True},
                ]
            },
        ]
    },
    "at_least": 1.0,
}


@pytest.mark.parametrize(
    ("few", "expected", "words"),
    [
        (True, "pass", "达到"),
        (None, "unknown", "老年人较少（区划单元）"),
        (False, "fail", "未达（原则性）"),
    ],
)
def test_a_station_of_250_square_metres(few, expected, words):
    units = [{"unit_id": "C", "unit_kind": "community", "few_elders": few}]
    rows = [{"roles": "community_station", "unit_id": "C", "floor_area_m2": 250}]
    row, _ = judged(facts(units=units, facilities=rows), STATION, strength="principle")
    assert row["verdict"] == expected
    assert words in row["words"]


def test_a_figure_is_never_rounded_onto_its_mark():
    texts, mark = catalogue("zh"), Fraction(9, 10)
    assert figure_text(texts, Fraction(89999, 100000), form="share", beside=mark) == "89.999%"
    assert figure_text(texts, Fraction(9, 10), form="share", beside=mark) == "90%"
    assert figure_text(texts, Fraction(2, 3), form="share", beside=mark) == "66.7%"


# What there is none of, and what nobody gave


def test_no_row_is_not_applicable_and_no_list_is_unknown():
    rule = {**CLINIC, "of": role("hospital")}
    assert verdict(facts(facilities=[{"roles": "care_home"}]), rule) == ("not_applicable")
    row, _ = judged(facts(), rule)
    assert (row["verdict"], row["missing"]) == ("unknown", "设施（未提供名单）")
    row, _ = judged(facts(facilities=[{"roles": "care_home"}]), rule, none_is="unknown")
    assert (row["verdict"], row["missing"]) == ("unknown", "设施名单中的医院")
    row, _ = judged(facts(facilities=[{"roles": None}]), rule)
    assert row["verdict"] == "unknown"


def test_without_a_mark_the_figure_stands_as_soon_as_anything_is_known():
    rule = {**CLINIC, "at_least": None}
    row, _ = judged(facts(facilities=clinics(1, 1, 2)), rule)
    assert (row["verdict"], row["figure_low"], row["figure_high"]) == ("indicator", 0.25, 0.5)
    assert verdict(facts(facilities=clinics(0, 2, 0)), rule) == "unknown"
    assert verdict(facts(facilities=[{}, {}]), rule) == "unknown"


def test_a_missing_column_is_named_as_such():
    row, _ = judged(facts(facilities=[{}, {}]), CLINIC)
    assert row["missing"] == "内设医疗（缺此列）"


# Whose facilities, at which stage, on which day


@pytest.mark.parametrize(
    ("row", "counts"),
    [
        ({}, 1),
        ({"stage": "accepted"}, 1),
        ({"stage": "suspended"}, 1),
        ({"stage": "finished"}, 0),
        ({"stage": "planned"}, 0),
        ({"in_area": False}, 0),
        ({"accepted_date": "2021-06-30"}, 1),
        ({"accepted_date": "2021-07-01"}, 0),
    ],
)
def test_only_the_districts_own_built_ones_count(row, counts):
    told = facts(facilities=[{"roles": "care_home", **row}])
    found, _ = judged(told, {"formula": "count", "rows": "facilities", "of": role("care_home")})
    assert (found["verdict"], found["figure_high"]) == ("indicator", counts)


def test_a_rule_that_asks_for_a_stage_sees_what_is_being_built():
    condition = {"all": [role("care_home"), {"field": "stage", "one_of": ["siting", "building"]}]}
    rule = {"formula": "count", "rows": "facilities", "of": condition, "at_least": 1}
    assert verdict(facts(facilities=[{"roles": "care_home", "stage": "building"}]), rule) == "pass"
    rule = {**rule, "of": {"named": "coming"}}
    told = facts(facilities=[{"roles": "care_home", "stage": "building"}])
    assert verdict(told, rule, conditions={"coming": condition}) == "pass"


def test_what_is_accepted_in_a_window():
    window = {"field": "accepted_date", "from": dt.date(2020, 1, 1), "until": dt.date(2020, 12, 31)}
    rule = {"formula": "count", "rows": "facilities", "of": window, "at_least": 2}
    days = ["2019-12-31", "2020-01-01", "2020-12-31", "2021-01-01", None]
    for number, expected in ((5, "pass"), (2, "fail")):
        told = facts(facilities=[{"accepted_date": day} for day in days[:number]])
        assert verdict(told, rule) == expected
    row, _ = judged(facts(facilities=[{"accepted_date": day} for day in days[3:]]), rule)
    assert (row["figure_low"], row["figure_high"], row["verdict"]) == (0, 1, "fail")
    row, _ = judged(facts(facilities=[{"accepted_date": day} for day in days[2:]]), rule)
    assert (row["verdict"], row["needed"], row["missing"]) == ("unknown", 1, "验收日期（1 行空白）")


# Elders


VISITED = {
    "formula": "share",
    "rows": "elders",
    "of": {"field": "groups", "has_any": ["living_alone", "empty_nest", "left_behind"]},
    "meets": {"field": "last_visit", "in_period": "month"},
    "at_least": 1.0,
}


def test_monthly_visits():
    rows = [
        {"groups": "living_alone", "last_visit": "2025-05-31"},
        {"groups": "aged_80", "last_visit": None},
        {"groups": "left_behind", "last_visit": "2025-06-01", "residence": "resident"},
        {"groups": "empty_nest", "last_visit": "2025-05-01", "residence": "away"},
    ]
    row, evidence = judged(facts(as_of="2025-06-30", elders=rows), VISITED)
    assert (row["verdict"], row["met"], row["not_met"], row["unknown"]) == ("fail", 1, 1, 0)
    assert evidence.set_index("row_id")["answer"].to_dict() == {"E1": "no", "E4": "away"}
    assert "外出的 1 名老年人列出但不计入" in row["note"]


def test_those_who_live_elsewhere_count_where_the_clause_says_so():
    residence = {"field": "residence", "one_of": ["resident", "registered", "away"]}
    rule = {**VISITED, "of": {"all": [VISITED["of"], residence]}}
    rows = [{"groups": "empty_nest", "last_visit": "2025-06-03", "residence": "away"}]
    assert verdict(facts(as_of="2025-06-30", elders=rows), rule) == "pass"
    assert verdict(facts(as_of="2025-06-30", elders=rows), VISITED) == "not_applicable"


def test_numbers_of_elders_cannot_tell_of_persons():
    rows = [{"elders": 40, "origin": "unit"}, {"elders": 2, "origin": "place"}]
    row, evidence = judged(facts(as_of="2025-06-30", elders=rows), VISITED)
    assert row["verdict"] == "unknown"
    assert row["missing"] == "逐人的老年人名册（现在只有人数）"
    assert evidence.empty
    mixed = [
        {"groups": "living_alone", "last_visit": "2025-06-02"},
        {"groups": "living_alone", "last_visit": "2025-06-02"},
        {"elders": 2, "origin": "unit"},
    ]
    row, _ = judged(facts(as_of="2025-06-30", elders=mixed), VISITED)
    assert (row["verdict"], row["figure_low"], row["figure_high"]) == ("unknown", 0.5, 1.0)


# Ratios of each and of two lists


def test_each_must_meet_the_mark():
    rule = {
        "formula": "ratio",
        "rows": "facilities",
        "numerator": "deposit_yuan",
        "denominator": "monthly_fee_yuan",
        "each": True,
        "at_most": 6,
    }
    rows = [
        {"deposit_yuan": 12000, "monthly_fee_yuan": 2000},
        {"deposit_yuan": 1000, "monthly_fee_yuan": 1000},
    ]
    row, _ = judged(facts(facilities=rows), rule)
    assert (row["verdict"], row["figure_high"]) == ("pass", 6)
    over = {"deposit_yuan": 12001, "monthly_fee_yuan": 2000}
    row, evidence = judged(facts(facilities=[*rows, over]), rule)
    assert (row["verdict"], row["met"], row["not_met"]) == ("fail", 2, 1)
    assert evidence["answer"].tolist() == ["yes", "yes", "no"]
    blank = {"deposit_yuan": None, "monthly_fee_yuan": 2000}
    assert verdict(facts(facilities=[*rows, blank]), rule) == "unknown"
    assert verdict(facts(facilities=[over, blank]), rule) == "fail"


def test_one_list_over_another():
    rule = {
        "formula": "ratio",
        "rows": "facilities",
        "numerator": "social_workers",
        "denominator": "elders",
        "over": "elders",
        "per": 1000,
        "at_least": 1,
    }
    told = {"elders": [{"elders": 2000, "origin": "unit"}]}
    assert verdict(facts(facilities=[{"social_workers": 2}], **told), rule) == "pass"
    assert verdict(facts(facilities=[{"social_workers": 1}], **told), rule) == "fail"
    row, _ = judged(
        facts(facilities=[{"social_workers": 1}, {"social_workers": None}], **told), rule
    )
    assert (row["verdict"], row["figure_low"]) == ("unknown", 0.5)
    assert pd.isna(row["figure_high"])


# Spans and neighbours


SPAN = {
    "formula": "span",
    "centres": ["street_centre"],
    "stations": ["community_station"],
    "at_least": 1.0,
}
COMMUNITIES = [
    STREET,
    {"unit_id": "C1", "unit_kind": "community", "parent_id": "T"},
    {"unit_id": "C2", "unit_kind": "community", "parent_id": "T"},
    {"unit_id": "T2", "unit_kind": "street"},
    {"unit_id": "C3", "unit_kind": "community", "parent_id": "T2"},
]


def spanning(*centres):
    rows = [{"facility_id": "Z", "name": "东街中心", "roles": "street_centre", "unit_id": "T"}]
    for number, (unit, centre) in enumerate(centres):
        station = {"facility_id": f"S{number}", "roles": "community_station"}
        rows.append({**station, "unit_id": unit, "operator_centre": centre})
    return facts(units=COMMUNITIES, facilities=rows)


def test_a_centre_runs_all_stations_of_its_street():
    assert verdict(spanning(("C1", "Z"), ("C2", "东街 中心"), ("C3", "")), SPAN) == "pass"
    row, evidence = judged(spanning(("C1", "Z"), ("C2", "别的")), SPAN)
    assert row["verdict"] == "fail"
    assert evidence.loc[0, "value"] == "运营 1 个站点；本街道（乡镇）有 2 个"
    row, _ = judged(spanning(("C1", "Z"), ("C2", None)), SPAN)
    assert (row["verdict"], row["missing"]) == ("unknown", "带站中心（1 行空白）")
    assert verdict(spanning(("C3", "Z")), SPAN) == "not_applicable"
    assert verdict(spanning(("C1", "Z"), (None, "别的")), SPAN) == "unknown"


def test_about_so_many_stations_will_do_as_well():
    rule = {**SPAN, "about": 2}
    assert verdict(spanning(("C1", "别的"), ("C2", "Z"), ("C3", "Z")), rule) == "pass"
    assert verdict(spanning(("C1", "别的"), ("C2", "Z"), ("C3", None)), rule) == "unknown"
    assert verdict(spanning(("C1", "别的"), ("C2", "Z"), ("C3", "别的")), rule) == "fail"
    rule = {**SPAN, "runs_at_least": 2}
    assert verdict(spanning(("C1", "Z"), ("C3", "Z")), rule) == "pass"
    assert verdict(spanning(("C1", "Z")), rule) == "fail"


NEAR = {
    "formula": "near",
    "of": role("street_centre"),
    "to": ["community_health_centre"],
    "within_m": 300,
    "at_least": 1.0,
}


def test_next_door_is_a_straight_distance():
    centre = {"roles": "street_centre", "x": 0, "y": 0}

    def health(x):
        return {"roles": "community_health_centre", "x": x, "y": 0, "in_area": False}

    assert verdict(facts(facilities=[centre, health(300)]), NEAR) == "pass"
    row, evidence = judged(facts(facilities=[centre, health(301)]), NEAR, strength="support")
    assert row["words"].startswith("未达（鼓励）")
    assert "默认" in row["note"]
    assert evidence["value"].tolist() == ["最近 301 米"]
    assert verdict(facts(facilities=[centre, health(None), health(301)]), NEAR) == "unknown"
    assert verdict(facts(facilities=[{**centre, "x": None}, health(0)]), NEAR) == "unknown"
    row, _ = judged(facts(facilities=[centre]), NEAR)
    assert (row["verdict"], row["missing"]) == ("unknown", "设施名单中的社区卫生服务中心")
    both = {"roles": "street_centre;community_health_centre"}
    assert verdict(facts(facilities=[both]), NEAR) == "pass"


# Circles


CIRCLE = {"formula": "circle", "circle": "elder_care_15"}
OFFICIAL = {
    "id": "elder_care_15",
    "title": "15分钟圈（步行）",
    "require": [["community_station"]],
    "profile": "standard",
    "minutes": 15,
}


def reached(covered, uncovered, undetermined, **row):
    counts = {"covered": covered, "uncovered": uncovered, "undetermined": undetermined}
    return {"circle": "elder_care_15", **counts, **row}


def circle(*rows, **rule):
    return judged(facts(coverage=list(rows)), {**CIRCLE, **rule}, circles=[OFFICIAL])[0]


def test_a_circle_has_its_undetermined_between_the_bounds_and_the_elder_beside():
    elder = reached(60, 30, 10, profile="elder")
    row = circle(elder, reached(80, 10, 10))
    assert (row["verdict"], row["figure_low"], row["figure_high"]) == ("indicator", 0.8, 0.9)
    assert "60%—70%" in row["note"]
    row = circle(reached(80, 10, 10), beyond=True)
    assert (row["figure_low"], row["figure_high"], row["met"]) == (0.1, 0.2, 10)


def test_a_circle_depends_where_profiles_disagree():
    official, elder = reached(95, 5, 0), reached(70, 30, 0, profile="elder")
    assert circle(official, at_least=0.9)["verdict"] == "pass"
    row = circle(official, elder, at_least=0.9)
    assert (row["verdict"], row["figure_low"]) == ("depends", 0.95)
    assert row["words"].startswith("视口径而定")
    assert circle(reached(85, 5, 10), at_least=0.9)["verdict"] == "unknown"


def test_a_circle_takes_its_own_rows():
    rows = [
        reached(10, 0, 0, setting="rural"),
        reached(1, 9, 0, group="aged_80"),
        reached(5, 5, 0, unit_id="T", level="town"),
        reached(50, 50, 0),
    ]
    assert circle(*rows)["figure_low"] == 0.5
    assert circle(*rows, setting="rural")["figure_low"] == 1.0
    assert circle(*rows, group="aged_80")["figure_low"] == 0.1
    row = circle(*rows, setting="urban")
    assert row["verdict"] == "unknown"
    assert "15分钟圈（步行）" in row["missing"]
    assert circle(reached(0, 0, 10))["verdict"] == "unknown"
    assert circle(reached(0, 0, 0))["verdict"] == "not_applicable"


# Typed in, and returned


STATED = {"formula": "stated", "answer": "number", "at_least": 100}


def typed(rule=None, *rows, as_of="2021-06-30"):
    told = [{"clause_id": "test_1", **row} for row in rows]
    return judged(facts(as_of=as_of, stated=told), rule or STATED)[0]


def test_the_latest_figure_of_the_day_counts_with_its_evidence():
    rows = (
        {"figure": 90, "stated_date": "2020-12-31", "evidence": "台账一"},
        {"figure": 100, "stated_date": "2021-06-30", "evidence": "台账二"},
        {"figure": 10, "stated_date": "2021-07-01", "evidence": "台账三"},
    )
    row = typed(None, *rows)
    assert (row["verdict"], row["note"]) == ("pass", "填报于 2021-06-30，依据：台账二")
    row = typed(None, *rows, as_of="2021-06-29")
    assert (row["verdict"], row["figure_low"]) == ("fail", 90)
    assert typed(None, *rows, as_of="2020-12-30")["verdict"] == "unknown"
    assert "未附佐证材料" in typed(None, {"figure": 100, "evidence": ""})["note"]


def test_what_is_not_typed_in_is_unknown():
    assert typed(None, {"figure": None})["verdict"] == "unknown"
    row, _ = judged(facts(), STATED)
    assert (row["verdict"], row["missing"]) == ("unknown", "填报数据“数值”：任务（test_1）")


def test_units_are_summed_unless_the_district_is_typed_in():
    towns = [{"figure": 60, "unit_id": "A"}, {"figure": 40, "unit_id": "B"}]
    assert typed(None, *towns)["figure_low"] == 100
    assert typed(None, *towns, {"figure": 99})["figure_low"] == 99
    row = typed(None, {"figure": 60, "unit_id": "A"}, {"figure": None, "unit_id": "B"})
    assert (row["verdict"], row["figure_low"]) == ("unknown", 60)
    both = {"formula": "stated", "answer": "yes_no"}
    yes, no = {"answer": True, "unit_id": "A"}, {"answer": False, "unit_id": "B"}
    assert typed(both, yes)["verdict"] == "pass"
    row = typed(both, yes, no)
    assert (row["verdict"], row["words"]) == ("fail", "未达到：填报为“否”")


def test_a_share_typed_in_is_a_share():
    rule = {"formula": "stated", "answer": "share", "at_least": 0.8}
    assert typed(rule, {"figure": 0.8})["verdict"] == "pass"
    assert typed(rule, {"figure": 0.79})["verdict"] == "fail"
    row = typed(rule, {"figure": 80})
    assert row["verdict"] == "unknown"
    assert "0 至 1" in row["missing"]


def test_a_total_is_the_sum_of_its_years():
    total = {**STATED, "at_least": 200, "sum_of": ["test_2", "test_3"]}
    both = pack(total, STATED, STATED)

    def first(*figures):
        rows = [{"clause_id": f"test_{i}", "figure": one} for i, one in enumerate(figures, 2)]
        return judge_clauses(both, facts(stated=rows), texts=catalogue("zh")).verdicts.iloc[0]

    assert first(100, 100)["verdict"] == "pass"
    assert first(100, 99)["verdict"] == "fail"
    row = first(150)
    assert (row["verdict"], row["figure_low"]) == ("unknown", 150)
    assert "test_3" in row["missing"]
    assert "test_2" not in row["missing"]
    assert first(250)["verdict"] == "pass"


RETURNS = {"formula": "returns", "first": "2020Q1", "at_least": 1.0}
TOWNS = [STREET, {"unit_id": "B", "unit_kind": "town"}, {"unit_id": "V", "unit_kind": "village"}]


def received(*rows, as_of="2020-09-29"):
    table = [dict(zip(("unit_id", "period", "received_date"), row, strict=True)) for row in rows]
    return facts(as_of=as_of, units=TOWNS, received=table)


def test_returns_are_due_when_their_quarter_has_ended():
    rows = [
        ("T", "2020Q1", "2020-04-01"),
        ("B", "2020Q1", "2020-04-01"),
        ("T", "2020Q2", "2020-07-01"),
        ("B", "2020Q2", "2020-09-30"),
    ]
    row, evidence = judged(received(*rows), RETURNS)
    assert (row["verdict"], row["met"], row["not_met"]) == ("fail", 3, 1)
    assert evidence.set_index("unit_id")["answer"].to_dict() == {"T": "yes", "B": "no"}
    assert "2020Q2" in evidence.set_index("unit_id").loc["B", "value"]
    on_time = [*rows[:3], ("B", "2020Q2", "2020-07-02")]
    assert verdict(received(*on_time), RETURNS) == "pass"
    assert verdict(received(*on_time, as_of="2020-09-30"), RETURNS) == "fail"
    assert verdict(received(as_of="2020-03-30"), RETURNS) == "not_applicable"
    assert verdict(facts(units=TOWNS), RETURNS) == "unknown"


# Units and the ledger


def test_the_notices_number_of_units_is_set_against_the_list():
    rule = {
        "formula": "per_unit",
        "unit_kinds": ["street"],
        "roles": ["street_centre"],
        "expected": 2,
        "at_least": 1.0,
    }
    centre = {"roles": "street_centre", "unit_id": "T"}
    row, evidence = judged(facts(units=[STREET], facilities=[centre]), rule)
    assert row["verdict"] == "pass"
    assert "通知写 2 个，名单中有 1 个" in row["note"]
    assert evidence["row_id"].tolist() == ["T"]
    assert verdict(facts(units=[STREET], facilities=[]), rule) == "fail"
    assert verdict(facts(units=[STREET]), rule) == "unknown"
    assert verdict(facts(facilities=[centre]), rule) == "unknown"
    assert verdict(facts(units=[{"unit_id": "T"}], facilities=[centre]), rule) == "unknown"


def test_a_list_of_streets_alone_says_nothing_of_communities():
    rule = {
        "formula": "per_unit",
        "unit_kinds": ["street", "community"],
        "by_kind": {"street": ["street_centre"], "community": ["community_station"]},
        "expected": 4,
        "at_least": 1.0,
    }
    told = facts(units=[STREET], facilities=[{"roles": "street_centre", "unit_id": "T"}])
    row, _ = judged(told, rule)
    assert (row["verdict"], row["figure_low"], row["figure_high"]) == ("unknown", 0.25, 1.0)
    assert "未列出社区" in row["missing"]
    none = facts(units=[STREET], facilities=[])
    assert verdict(none, rule) == "fail"
    assert verdict(none, {**rule, "expected": None}) == "fail"
    assert verdict(told, {**rule, "expected": None}) == "unknown"
    assert verdict(told, {**rule, "unit_kinds": ["community"]}) == "unknown"


LEDGER = {"formula": "ledger", "roles": ["street_centre"]}
TARGETS = [
    {"town": "T", "role": "street_centre", "year": 2020, "target": 1},
    {"town": "T", "role": "street_centre", "year": 2021, "target": 2},
    {"town": "B", "role": "street_centre", "year": 2020, "target": 1},
]


def ledger(as_of, *accepted, rule=LEDGER):
    rows = [
        {"roles": "street_centre", "unit_id": unit, "accepted_date": day} for unit, day in accepted
    ]
    told = facts(as_of=as_of, units=TOWNS, facilities=rows)
    return judged(told, rule, targets=TARGETS, plan_from=dt.date(2020, 1, 1))[0]


def test_what_is_due_must_be_accepted_in_each_town():
    one = [("T", "2020-03-01"), ("B", "2020-05-01")]
    row = ledger("2020-12-31", *one)
    assert (row["verdict"], row["target"], row["figure_low"]) == ("pass", 2, 2)
    row = ledger("2020-12-30", *one)
    assert (row["verdict"], row["target"], bool(row["due"])) == ("fail", 4, False)
    assert row["words"].startswith("尚未达到（未到期）")
    two = [("T", "2020-03-01"), ("T", "2020-05-01")]
    row = ledger("2020-12-31", *two)
    assert (row["verdict"], row["figure_low"]) == ("fail", 1), "another town's surplus is no help"
    assert ledger("2020-12-31", ("T", "2019-12-31"), ("B", "2020-05-01"))["verdict"] == "fail"
    row = ledger("2020-12-31", ("T", None), ("B", "2020-05-01"))
    assert (row["verdict"], row["figure_low"], row["figure_high"]) == ("unknown", 1, 2)
    assert "验收日期" in row["missing"]


def test_years_of_a_ledger_are_filled_in_their_order():
    later = {**LEDGER, "years": [2021, 2021]}
    three = [("T", "2020-03-01"), ("T", "2021-03-01"), ("T", "2021-04-01")]
    assert ledger("2021-12-31", *three, rule=later)["verdict"] == "pass"
    row = ledger("2021-12-31", *three[:2], rule=later)
    assert (row["verdict"], row["target"], row["figure_low"]) == ("fail", 2, 1)
    only = {**LEDGER, "towns": ["B"]}
    assert ledger("2021-12-31", ("B", "2020-03-01"), rule=only)["target"] == 1


# Contradictions and notes


def test_a_contradiction_is_no_verdict_unless_the_pack_takes_a_reading():
    told = facts(facilities=clinics(1, 0, 1))
    readings = {"readings": ["任务12：51个", "任务分工表：52个"]}
    row, _ = judged(told, CLINIC, conflict=readings)
    assert (row["verdict"], row["figure_low"]) == ("source_conflict", 0.5)
    assert "任务12：51个 / 任务分工表：52个" in row["note"]
    row, _ = judged(told, CLINIC, conflict={**readings, "judged_as": "51个"})
    assert row["verdict"] == "fail"
    assert "任务12：51个 / 任务分工表：52个" in row["note"]
    assert "按“51个”判定" in row["note"]


def test_notes_tell_denominator_and_assumptions():
    told = facts(facilities=clinics(1, 0, 1))
    row, _ = judged(told, CLINIC, denominator="全部设施", assumptions=["甲（默认）。", "乙"])
    assert row["note"] == "分母：全部设施；规则包的假定：甲（默认）；乙"


# The tables


EVERY = [
    CLINIC,
    {"formula": "count", "rows": "facilities", "at_least": 3},
    {**NURSING, "at_least": 0.3},
    {"formula": "per_unit", "unit_kinds": ["street"], "roles": ["street_centre"], "at_least": 1.0},
    SPAN,
    NEAR,
    CIRCLE,
    LEDGER,
    STATED,
    RETURNS,
    {**VISITED, "at_least": None},
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("full", [True, False])
def test_every_formula_gives_the_tables_of_the_schema(language, full):
    lists = {
        "units": TOWNS,
        "facilities": [
            {"roles": "street_centre", "unit_id": "T", "own_clinic": True, "beds": 3},
            {"roles": "community_station;community_health_centre", "unit_id": "T"},
        ],
        "elders": [{"groups": "living_alone", "last_visit": None}],
        "stated": [{"clause_id": "test_9", "figure": 3}],
        "received": [{"unit_id": "T", "period": "2020Q1", "received_date": "2020-04-01"}],
        "coverage": [reached(1, 1, 1)],
    }
    whole = pack(*EVERY, circles=[OFFICIAL], targets=TARGETS)
    told = facts(**(lists if full else {}))
    result = judge_clauses(whole, told, texts=catalogue(language))
    assert list(result.verdicts.columns) == CLAUSE_VERDICTS.names
    assert list(result.evidence.columns) == CLAUSE_EVIDENCE.names
    assert len(result.verdicts) == len(EVERY)
    assert (result.verdicts["words"] != "").all()
    if not full:
        assert set(result.verdicts["verdict"]) == {"unknown"}
        assert (result.verdicts["missing"] != "").all()
        assert result.evidence.empty
    assert set(result.evidence["answer"]) <= {"yes", "no", "unknown", "away"}


def test_the_facts_are_left_as_they_are():
    told = facts(facilities=clinics(2, 1, 1), units=TOWNS, elders=[{"groups": "aged_80"}])
    before = {name: getattr(told, name).copy() for name in ("facilities", "units", "elders")}
    judge_clauses(pack(*EVERY), told, texts=catalogue("zh"))
    for name, table in before.items():
        pd.testing.assert_frame_equal(getattr(told, name), table)


def test_any_index_will_do():
    told = facts(facilities=clinics(88, 5, 7))
    shifted = told.facilities.set_axis(range(500, 600))
    told = replace(told, facilities=shifted, x=told.x.set_axis(shifted.index))
    row, _ = judged(told, CLINIC)
    assert (row["figure_low"], row["figure_high"]) == (0.88, 0.93)


cells = st.fixed_dictionaries(
    {
        "own_clinic": st.sampled_from([True, False, None]),
        "roles": st.sampled_from(["care_home", "hospital", None]),
        "beds": st.sampled_from([0, 10, 20]),
    }
)


@settings(max_examples=30, deadline=None)
@given(st.lists(cells, min_size=1, max_size=5), st.data())
def test_filling_cells_never_turns_a_verdict_round(rows, data):
    rule = {**CLINIC, "of": role("care_home"), "weight": "beds", "at_least": 0.5}
    filled = [
        {
            "own_clinic": row["own_clinic"]
            if row["own_clinic"] is not None
            else data.draw(st.booleans()),
            "roles": row["roles"] or data.draw(st.sampled_from(["care_home", "hospital"])),
            "beds": row["beds"],
        }
        for row in rows
    ]
    before = judged(facts(facilities=rows), rule)[0]
    after = judged(facts(facilities=filled), rule)[0]
    assert after["verdict"] in ("pass", "fail", "not_applicable")
    if before["verdict"] != "unknown" and after["verdict"] != "not_applicable":
        assert before["verdict"] == after["verdict"]
    if after["verdict"] != "not_applicable":
        assert before["figure_low"] <= after["figure_low"] <= before["figure_high"]

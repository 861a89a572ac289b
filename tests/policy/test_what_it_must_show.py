"""What the packs of the notices must show, each from lists alone and by the real packs."""

import datetime as dt

import pytest
from policy.facts_of import facts

from care_map.messages import catalogue
from care_map.packs.notice_units import notice_units
from care_map.packs.reader import pack_names, read_pack
from care_map.policy.ledger import build_ledger, ledger_left_out
from care_map.policy.ledger_totals import ledger_totals
from care_map.policy.scene import Scene
from care_map.policy.unit_service import unit_service
from care_map.policy.verdicts import judge_clause, judge_clauses

ZH = catalogue("zh")


def clause_of(pack, clause_id):
    (clause,) = (clause for clause in pack.clause if clause.id == clause_id)
    return clause


def row_of(name, clause_id, here):
    pack = read_pack(name)
    return judge_clause(clause_of(pack, clause_id), Scene(pack, here, ZH))[0]


# 100 urban facilities, 90% or more


def urban(yes, blank):
    kinds = ["public_private"] * yes + [None] * blank + ["public"] * (100 - yes - blank)
    rows = [{"roles": "community_station", "operator_kind": kind} for kind in kinds]
    return facts(as_of="2022-12-31", facilities=rows)


@pytest.mark.parametrize(
    ("yes", "blank", "words"),
    [
        (88, 5, "无法判定：88%—93%（100 个中 88—93 个），要求不低于 90%，还需 2 个，"),
        (91, 5, "达到：91%—96%（100 个中 91—96 个），要求不低于 90%"),
        (84, 5, "未达到：84%—89%（100 个中 84—89 个），要求不低于 90%"),
    ],
)
def test_a_hundred_urban_facilities(yes, blank, words):
    assert row_of("kaizhou", "kaizhou_04a", urban(yes, blank))["words"].startswith(words)


# Nursing beds


@pytest.mark.parametrize(
    ("name", "clause_id", "as_of", "nursing", "verdict"),
    [
        ("tongliang", "tongliang_03", "2025-12-31", 65, "fail"),
        ("tongliang", "tongliang_03", "2025-12-31", 66, "pass"),
        ("yubei", "yubei_32a", "2020-12-31", 30, "pass"),
        ("yubei", "yubei_32a", "2020-12-31", 29, "fail"),
    ],
)
def test_nursing_beds_of_a_hundred(name, clause_id, as_of, nursing, verdict):
    home = {"roles": "care_home", "beds": 100, "nursing_beds": nursing}
    here = facts(as_of=as_of, facilities=[home])
    assert row_of(name, clause_id, here)["verdict"] == verdict


# A station of 250 m2


@pytest.mark.parametrize(
    ("name", "clause_id", "few", "words"),
    [
        ("kaizhou", "kaizhou_14a", True, "达到"),
        ("kaizhou", "kaizhou_14a", None, "无法判定"),
        ("kaizhou", "kaizhou_14a", False, "未达（原则性）"),
        ("yubei", "yubei_06a", True, "未达到"),
        ("yubei", "yubei_06a", None, "未达到"),
        ("yubei", "yubei_06a", False, "未达到"),
    ],
)
def test_a_station_of_250_square_metres(name, clause_id, few, words):
    units = [
        {"unit_id": "T", "unit_kind": "street", "few_elders": few},
        {"unit_id": "C", "unit_kind": "community", "parent_id": "T", "few_elders": few},
    ]
    station = {"roles": "community_station", "unit_id": "C", "floor_area_m2": 250}
    here = facts(as_of="2021-12-31", units=units, facilities=[station])
    assert row_of(name, clause_id, here)["words"].startswith(words)


def test_no_clause_of_yuzhong_asks_for_a_stations_area():
    rules = [clause.rule.model_dump_json() for clause in read_pack("yuzhong").clause]
    assert [rule for rule in rules if "floor_area_m2" in rule] == []


# 敬老院 and town centre in one


HOME_AND_CENTRE = {
    "roles": "care_home;town_centre",
    "unit_id": "T",
    "nursing_beds": 25,
    "beds": 50,
    "condition_met": True,
    "welfare_home": True,
}
TOWN = [{"unit_id": "T", "name": "大德镇", "unit_kind": "town"}]


@pytest.mark.parametrize("sites", [1, 2])
def test_a_home_that_is_the_towns_centre_counts_once(sites):
    """One row of two types, or a row of each type on one site: one centre, 25 beds."""
    rows = [HOME_AND_CENTRE]
    if sites == 2:
        rows = [
            {**HOME_AND_CENTRE, "roles": role, "site_id": "A"}
            for role in ("care_home", "town_centre")
        ]
    here = facts(as_of="2022-12-31", units=TOWN, facilities=rows)
    assert row_of("kaizhou", "kaizhou_07c", here)["verdict"] == "pass"
    assert row_of("kaizhou", "kaizhou_13c", here)["verdict"] == "pass"
    beds = row_of("yubei", "yubei_32a", facts(as_of="2020-12-31", units=TOWN, facilities=rows))
    assert (beds["figure_low"], beds["met"], beds["not_met"]) == (0.5, 25, 25)


# 铜梁's visits


def test_visits_of_june_as_of_its_last_day():
    elders = [
        {"demand_id": "may", "groups": "living_alone", "last_visit": "2025-05-31"},
        {"demand_id": "june", "groups": "living_alone;aged_80", "last_visit": "2025-06-30"},
        {"demand_id": "only old", "groups": "aged_80", "last_visit": "2025-05-31"},
        {"demand_id": "gone", "groups": "living_alone", "last_visit": None},
    ]
    elders = [{**one, "residence": "registered"} for one in elders]
    elders[-1]["residence"] = "away"
    pack = read_pack("tongliang")
    scene = Scene(pack, facts(as_of="2025-06-30", elders=elders), ZH)
    row, evidence = judge_clause(clause_of(pack, "tongliang_05a"), scene)
    assert (row["met"], row["not_met"], row["unknown"]) == (1, 1, 0)
    assert dict(zip(evidence["row_id"], evidence["answer"], strict=True)) == {
        "may": "no",
        "gone": "away",
    }
    assert "外出的 1 名老年人列出但不计入" in row["note"]


# 开州 from its own lists


def kaizhou_facts(as_of, facilities=(), more=()):
    columns = ["unit_id", "name", "level", "parent_id", "unit_kind"]
    units = notice_units(read_pack("kaizhou"))[columns].to_dict("records")
    return facts(as_of=as_of, units=[*units, *more], facilities=[*facilities])


def test_kaizhous_ledger_without_any_geography():
    pack = read_pack("kaizhou")
    opened = {"roles": "community_station", "unit_id": "镇安镇", "operating_date": "2017-05-01"}
    here = kaizhou_facts("2019-12-31", [opened])
    plan_from = pack.pack.plan_from
    ledger = build_ledger(pack.target, here, plan_from=plan_from, texts=ZH)
    assert ledger["unit_name"].nunique() == 40
    whole = ledger_totals(ledger, as_of=dt.date(2019, 12, 31)).set_index("role")
    roles = ["street_centre", "town_centre", "community_station", "village_point"]
    assert whole.loc[roles, "target"].tolist() == [7, 33, 89, 424]
    assert whole.loc[roles, "due"].tolist() == [4, 12, 39, 311]
    stations = whole.loc["community_station"]
    assert (stations["accepted"], stations["existing_before"]) == (0, 1)
    left = ledger_left_out(pack.target, here, plan_from=plan_from, texts=ZH)
    assert left["reason"].tolist() == ["before_plan"]


def test_the_station_of_cuihu_village_is_the_villages_point():
    """With villages among the units: the notice's, and those that an office adds of 大进镇."""
    more = [
        {
            "unit_id": f"大进镇/{name}",
            "name": name,
            "level": "community",
            "parent_id": "大进镇",
            "unit_kind": "village",
        }
        for name in ("翠湖村", "红旗村", "某村")
    ]
    station = {"roles": "community_station", "unit_id": "大进镇/翠湖村"}
    here = kaizhou_facts("2022-12-31", [station], more)
    rule = clause_of(read_pack("kaizhou"), "kaizhou_07d").rule
    service = unit_service(rule, here, texts=ZH).set_index("unit_name")["answer"]
    assert service.to_dict() == {"大进镇翠湖村": "yes", "大进镇红旗村": "no", "大进镇某村": "no"}
    row = row_of("kaizhou", "kaizhou_07d", here)
    assert (row["verdict"], row["met"], row["not_met"]) == ("fail", 1, 2)


def test_towns_that_the_units_do_not_have_are_named():
    here = facts(
        as_of="2020-12-31",
        units=[{"unit_id": "Z", "name": "正安街道", "unit_kind": "street"}],
        facilities=[
            {"roles": "community_station", "unit_id": "Z", "accepted_date": "2020-05-01"},
        ],
    )
    row = row_of("kaizhou", "kaizhou_25d", here)
    assert row["verdict"] == "unknown"
    assert "镇安镇" in row["missing"]


def test_every_target_says_who_is_responsible():
    ledger = build_ledger(
        read_pack("kaizhou").target, kaizhou_facts("2020-12-31"), plan_from=None, texts=ZH
    )
    rows = ledger[ledger["target"] > 0]
    offices = rows.groupby("unit_name")["responsible"].agg(set)
    assert offices["汉丰街道"] == {"各镇乡人民政府、街道办事处"}
    assert "大进镇人民政府" in offices["大进镇"]
    assert (rows["responsible"] != "").all()


@pytest.mark.parametrize("name", pack_names())
def test_no_target_of_a_notice_lacks_its_offices(name):
    assert [target for target in read_pack(name).target if not target.responsible] == []


# A share that is typed in


@pytest.mark.parametrize(
    ("figure", "verdict"), [(0.8, "pass"), (0.6, "fail"), (60, "unknown"), (-0.6, "unknown")]
)
def test_a_share_is_between_none_and_all(figure, verdict):
    here = facts(as_of="2022-12-31", stated=[{"clause_id": "kaizhou_18", "figure": figure}])
    row = row_of("kaizhou", "kaizhou_18", here)
    assert row["verdict"] == verdict
    assert ("应为 0 至 1 的数或百分数" in row["missing"]) == (verdict == "unknown")


# As an official reads it


def test_counts_beside_a_share_say_the_same_as_the_share():
    """Two stations of which nobody says where they are serve two of the communities at most."""
    units = [{"unit_id": "S", "name": "街道", "unit_kind": "street"}]
    units += [
        {"unit_id": f"C{i}", "name": f"社区{i}", "unit_kind": "community", "parent_id": "S"}
        for i in range(10)
    ]
    rows = [{"roles": "community_station", "unit_id": f"C{i}"} for i in range(5)]
    rows += [{"roles": "community_station", "unit_id": None}] * 2
    row = row_of("kaizhou", "kaizhou_07b", facts(units=units, facilities=rows))
    assert "50%—70%（10 个中 5—7 个），要求达到 100%" in row["words"]
    assert (row["met"], row["not_met"], row["unknown"]) == (5, 3, 2)


def test_where_it_is_not_known_who_is_meant_no_total_is_said():
    told = [(True, 20)] * 3 + [(True, 0)] + [(None, 20)] * 2
    rows = [
        {"roles": "town_centre", "condition_met": met, "nursing_beds": beds} for met, beds in told
    ]
    words = row_of("kaizhou", "kaizhou_13c", facts(facilities=rows))["words"]
    assert "75%—83.3%（3 个达到，1 个未达到，2 个不明）" in words


def test_a_contradiction_is_printed_once():
    found = judge_clauses(read_pack("wanzhou"), facts(facilities=[]), texts=ZH).verdicts
    rows = found[found["verdict"] == "source_conflict"]
    assert len(rows) > 0
    both = rows["words"] + rows["note"]
    assert (both.str.count("通知中的不同写法") == 1).all()

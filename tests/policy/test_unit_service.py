"""One per unit: own, shared, exempt, unreached, next door, and what is not known."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy.facts_of import facts

from care_map.messages import catalogue
from care_map.packs.rules import PerUnit
from care_map.policy.ledger import build_ledger
from care_map.policy.unit_service import service_bounds, unit_service, unlisted_kinds
from care_map.schema import UNIT_SERVICE

ZH = catalogue("zh")
STATION = "community_station"
UNITS = [
    {"unit_id": "500154101", "name": "甲镇", "unit_kind": "town"},
    {"unit_id": "500154102000", "name": "乙镇", "unit_kind": "town"},
    {"unit_id": "500154101001", "name": "东社区", "unit_kind": "community"},
    {"unit_id": "500154101002", "name": "西社区", "unit_kind": "community"},
    {"unit_id": "500154102001", "name": "东社区", "unit_kind": "community"},
    {"unit_id": "500154102002", "name": "福泉社区", "unit_kind": "community"},
    {"unit_id": "500154101201", "name": "翠湖村", "unit_kind": "village"},
]
UNITS = [
    {**one, "parent_id": f"{one['unit_id'][:9]}000"}
    if one["unit_kind"] in {"community", "village"}
    else one
    for one in UNITS
]
EAST, WEST, EAST_2, SPRING, LAKE = (one["unit_id"] for one in UNITS[2:])
COMMUNITIES = (EAST, WEST, EAST_2, SPRING)


def rule(kinds=("community",), roles=(STATION,), **more):
    return PerUnit(formula="per_unit", unit_kinds=kinds, roles=roles, **more)


def station(unit, **more):
    return {"roles": STATION, "unit_id": unit, **more}


def service(asked, here, **options):
    return unit_service(asked, here, texts=ZH, **options).set_index("unit_id")


def of(facilities, asked=None, **more):
    """Return what is found of communities with these facilities."""
    here = facts(units=UNITS, facilities=facilities, **more)
    return service(asked or rule(), here)


# Own and shared


def test_own_none_and_several():
    found = of([station(EAST), station(EAST), station(WEST, stage="suspended")])
    assert found["how"].to_dict() == {EAST: "own", WEST: "own", EAST_2: "none", SPRING: "none"}
    assert found["answer"].to_dict() == {EAST: "yes", WEST: "yes", EAST_2: "no", SPRING: "no"}
    assert found.loc[EAST, "own_ids"] == "F1;F2"
    assert found.loc[EAST, "note"] == "共 2 处"
    assert found.loc[WEST, "note"] == "尚未运营"
    assert found.loc[EAST, "unit_name"] == "甲镇东社区"
    assert found.loc[EAST, ["unit_kind", "roles"]].tolist() == ["community", STATION]


def test_columns():
    table = unit_service(rule(), facts(units=UNITS, facilities=[]), clause_id="kaizhou_07b")
    assert list(table.columns) == UNIT_SERVICE.names
    assert set(table["clause_id"]) == {"kaizhou_07b"}
    assert table["unit_id"].tolist() == list(COMMUNITIES)
    nothing = unit_service(rule(), facts(units=[], facilities=[]))
    assert list(nothing.columns) == UNIT_SERVICE.names
    assert nothing.empty


@pytest.mark.parametrize("stage", ["planned", "siting", "building", "finished"])
def test_what_is_not_accepted_is_not_there(stage):
    assert of([station(EAST, stage=stage)]).loc[EAST, "how"] == "none"


def test_only_operating_serves_where_the_rule_asks_for_it():
    asked = rule(stage="operating")
    found = of([station(EAST), station(WEST, stage="accepted")], asked)
    assert found.loc[[EAST, WEST], "how"].tolist() == ["own", "none"]


def test_other_types_and_other_districts_do_not_count():
    found = of([{"roles": "village_point", "unit_id": EAST}, station(WEST, in_area=False)])
    assert found.loc[[EAST, WEST], "how"].tolist() == ["none", "none"]


@pytest.mark.parametrize(
    "words",
    [WEST, "西社区", "甲镇西社区", "西", " 西 社区 ", f"东社区;{WEST}"],
)
def test_shared_by_id_or_name(words):
    found = of([station(EAST, serves_units=words)])
    assert found.loc[[EAST, WEST, EAST_2], "how"].tolist() == ["own", "shared", "none"]
    assert found.loc[WEST, ["answer", "shared_ids", "own_ids"]].tolist() == ["yes", "F1", ""]
    assert found.loc[WEST, "note"] == "由F1共享"
    assert found.loc[EAST, ["own_ids", "shared_ids"]].tolist() == ["F1", ""]


def test_codes_of_nine_and_twelve_digits_are_one():
    asked = rule(("town",), ("town_centre",))
    centre = {"roles": "town_centre", "unit_id": "500154101000", "serves_units": "500154102"}
    found = of([centre], asked)
    assert found["how"].to_dict() == {"500154101": "own", "500154102000": "shared"}


def test_a_centre_in_a_village_is_its_towns_own():
    found = of(
        [{"roles": "town_centre;care_home", "unit_id": LAKE}], rule(("town",), ("town_centre",))
    )
    assert found["how"].to_dict() == {"500154101": "own", "500154102000": "none"}


def test_a_name_in_two_towns_means_the_facilitys_own():
    found = of([station(SPRING, serves_units="东社区")])
    assert found.loc[[EAST, EAST_2], "how"].tolist() == ["none", "shared"]


def test_a_name_in_two_towns_is_unknown_where_nothing_settles_it():
    """A station that lies in neither town: both of them may be meant."""
    third = {"unit_id": "500154103", "name": "丙镇", "unit_kind": "town"}
    here = facts(units=[*UNITS, third], facilities=[station("500154103", serves_units="东社区")])
    found = service(rule(), here)
    assert found.loc[[EAST, EAST_2, WEST], "how"].tolist() == ["unknown", "unknown", "none"]
    assert "有几个同名单元" in found.loc[EAST, "note"]


def test_shared_only_where_the_rule_allows_it():
    found = of([station(EAST, serves_units="西社区")], rule(shared=False))
    assert found.loc[[EAST, WEST], "how"].tolist() == ["own", "none"]


# Exempt


@pytest.mark.parametrize("word", ["福泉社区", "乙镇福泉社区", SPRING])
def test_exempt_by_the_notice(word):
    found = of([], rule(exempt=(word,)))
    assert found.loc[SPRING, ["answer", "how", "note"]].tolist() == ["", "exempt", "通知不要求建设"]
    assert found["how"].tolist().count("none") == 3


def test_an_exempt_name_of_two_units_exempts_neither():
    found = of([station(EAST)], rule(exempt=("东社区",)))
    assert found.loc[[EAST, EAST_2], "how"].tolist() == ["own", "unknown"]
    assert "有几个同名单元" in found.loc[EAST_2, "note"]
    found = of([], rule(exempt=("乙镇东社区",)))
    assert found.loc[[EAST, EAST_2], "how"].tolist() == ["none", "exempt"]


# What is not known


def test_without_a_list_of_facilities():
    here = facts(units=UNITS)
    found = service(rule(exempt=("福泉社区",)), here)
    assert found["how"].tolist() == ["unknown"] * 3 + ["exempt"]
    assert found.loc[EAST, "note"] == "没有设施名册"
    assert service_bounds(found.reset_index(), rule(exempt=("福泉社区",)), here) == (0, 3)


def test_one_whose_community_is_not_given_may_be_in_any_of_its_town():
    here = facts(units=UNITS, facilities=[station("500154101"), station(SPRING)])
    found = service(rule(), here)
    assert found["how"].to_dict() == {
        EAST: "unknown",
        WEST: "unknown",
        EAST_2: "none",
        SPRING: "own",
    }
    assert found.loc[EAST, "note"] == "有 1 处设施没有写明在哪个单元（F1），不知是否在此"
    # It is in one of the two.
    assert service_bounds(found.reset_index(), rule(), here) == (1, 2)


def test_one_without_any_unit_may_be_anywhere():
    here = facts(units=UNITS, facilities=[station(""), station("500154101"), station(EAST)])
    found = service(rule(), here)
    assert found["how"].to_dict() == {
        EAST: "own",
        WEST: "unknown",
        EAST_2: "unknown",
        SPRING: "unknown",
    }
    assert service_bounds(found.reset_index(), rule(), here) == (1, 3)
    many = facts(units=UNITS, facilities=[station("")] * 9)
    assert service_bounds(service(rule(), many).reset_index(), rule(), many) == (0, 4)


def test_many_of_one_town_do_not_fill_another():
    here = facts(units=UNITS, facilities=[*[station("500154101")] * 5, station("")])
    assert service_bounds(service(rule(), here).reset_index(), rule(), here) == (0, 3)


def test_one_that_says_whom_it_serves_is_not_looked_for_elsewhere():
    found = of([station("500154101", serves_units="东社区")])
    assert found["how"].to_dict() == {
        EAST: "shared",
        WEST: "none",
        EAST_2: "none",
        SPRING: "none",
    }


@pytest.mark.parametrize("blank", [{"roles": ""}, {"stage": ""}])
def test_one_without_type_or_stage_is_unknown_for_its_unit_only(blank):
    here = facts(units=UNITS, facilities=[{**station(EAST, name="某站"), **blank}])
    found = service(rule(), here)
    assert found["how"].to_dict() == {
        EAST: "unknown",
        WEST: "none",
        EAST_2: "none",
        SPRING: "none",
    }
    assert found.loc[EAST, "note"] == "某站的类型或阶段没有写明"
    assert service_bounds(found.reset_index(), rule(), here) == (0, 1)


def test_units_of_unknown_kind():
    odd = {"unit_id": "x", "name": "松山里", "level": "community", "unit_kind": ""}
    here = facts(units=[*UNITS, odd], facilities=[station("x")])
    # It may be a community or not.
    assert service(rule(), here).loc["x", "how"] == "unknown"
    # Owed the same either way.
    both = rule(("community", "village"))
    assert service(both, here).loc["x", "how"] == "own"
    apart = rule(
        ("community", "village"),
        (),
        by_kind={"community": (STATION,), "village": ("village_point",)},
    )
    assert service(apart, here).loc["x", "how"] == "unknown"
    assert "x" not in service(rule(("town",)), here).index


def test_levels_that_are_not_listed():
    towns = facts(units=UNITS[:2], facilities=[])
    assert unlisted_kinds(rule(("street", "community", "village")), towns) == (
        "community",
        "village",
    )
    assert unlisted_kinds(rule(("street", "town")), towns) == ()
    # Some of a level are listed: no streets here, and that is an answer.
    assert unlisted_kinds(rule(("street", "village")), facts(units=UNITS, facilities=[])) == ()
    assert unlisted_kinds(rule(("village",)), facts(units=[], facilities=[])) == ("village",)


# Villages, and what was there before the plan


def test_a_station_of_2017_satisfies_its_village_and_never_counts_for_the_ledger():
    asked = PerUnit(
        formula="per_unit",
        unit_kinds=("community", "village"),
        by_kind={"community": (STATION,), "village": ("village_point", STATION)},
    )
    here = facts(
        as_of="2022-12-31",
        units=UNITS,
        facilities=[station(LAKE, operating_date="2017-05-01", stage="operating")],
    )
    assert service(asked, here).loc[LAKE, ["how", "answer"]].tolist() == ["own", "yes"]
    targets = pd.DataFrame({"town_name": ["甲镇"], "roles": STATION, "year": 2020, "target": 1})
    ledger = build_ledger(targets, here, plan_from=pd.Timestamp("2019-01-01").date())
    assert ledger[["accepted", "existing_before", "late"]].to_numpy().tolist() == [[0, 1, 1]]


# Reached or not


def reach(unit, covered, uncovered, undetermined=0, **more):
    counts = {"covered": covered, "uncovered": uncovered, "undetermined": undetermined}
    return {"unit_id": unit, "level": "community", "circle": "elder_care_15", **counts, **more}


CIRCLE = rule(circle="elder_care_15")


@pytest.mark.parametrize(
    ("own", "row", "how", "answer"),
    [
        (True, reach(EAST, 0, 100), "own_unreached", "yes"),
        (True, reach(EAST, 49, 51), "own_unreached", "yes"),
        (True, reach(EAST, 50, 50), "own", "yes"),
        (True, reach(EAST, 1, 1, 98), "own", "yes"),
        (True, reach(EAST, 0, 1, 99), "own_unreached", "yes"),
        (True, reach(EAST, 0, 0, 100), "own", "yes"),
        (False, reach(EAST, 0, 100), "none", "no"),
        (False, reach(EAST, 49, 51), "none", "no"),
        (False, reach(EAST, 50, 50), "next_door", "no"),
        (False, reach(EAST, 3, 0, 97), "next_door", "no"),
        (False, reach(EAST, 0, 0, 100), "none", "no"),
        (False, reach(EAST, 0, 0, 0), "none", "no"),
    ],
)
def test_unreached_is_told_from_next_door(own, row, how, answer):
    found = of([station(EAST)] if own else [], CIRCLE, coverage=[row])
    assert found.loc[EAST, ["how", "answer"]].tolist() == [how, answer]


def test_elders_of_a_unit_are_shown():
    found = of([station(EAST)], CIRCLE, coverage=[reach(EAST, 10, 50, 40)])
    assert found.loc[EAST, ["elders", "covered"]].tolist() == [100, 10]
    assert found.loc[EAST, "note"] == "本单元设施已运营，圈内老年人 10 / 60"
    assert found.loc[WEST, ["elders", "covered"]].isna().all()


def test_one_that_does_not_operate_is_not_unreached():
    found = of([station(EAST, stage="accepted")], CIRCLE, coverage=[reach(EAST, 0, 100)])
    assert found.loc[EAST, ["how", "note"]].tolist() == ["own", "尚未运营"]


def test_only_the_rules_circle_and_its_official_reading_tell():
    rows = [
        reach(EAST, 100, 0, circle="meals_15"),
        reach(EAST, 90, 10),
        reach(EAST, 0, 100, profile="elder"),
        reach(EAST, 0, 100, group="aged_80"),
        reach(EAST, 0, 100, setting="rural"),
    ]
    here = facts(units=UNITS, facilities=[station(EAST)], coverage=rows)
    assert service(CIRCLE, here).loc[EAST, "how"] == "own"
    assert service(CIRCLE, here, profile="elder").loc[EAST, "how"] == "own_unreached"
    assert service(rule(), here).loc[EAST, "covered"] is pd.NA


def test_elders_of_the_list_of_units_without_a_network():
    units = [{**one, "elders": 7} for one in UNITS]
    found = service(rule(), facts(units=units, facilities=[]))
    assert found["elders"].tolist() == [7] * 4


# Properties


PLACES = st.sampled_from(["", "500154101", "500154102", *COMMUNITIES, LAKE])
FACILITIES = st.lists(
    st.fixed_dictionaries(
        {
            "roles": st.sampled_from([STATION, "village_point", ""]),
            "unit_id": PLACES,
            "stage": st.sampled_from(["accepted", "operating", "building", ""]),
            "serves_units": st.sampled_from(["", EAST, "西社区", "东社区", "福泉社区;西社区"]),
        }
    ),
    max_size=6,
)


@settings(max_examples=30, deadline=None)
@given(FACILITIES)
def test_bounds_hold_the_answers(facilities):
    here = facts(units=UNITS, facilities=facilities)
    table = unit_service(rule(), here, texts=ZH)
    assert sorted(table["unit_id"]) == sorted(COMMUNITIES)
    low, high = service_bounds(table, rule(), here)
    yes = (table["answer"] == "yes").sum()
    assert low == yes
    assert yes <= high <= yes + (table["answer"] == "unknown").sum()
    for answer, how in zip(table["answer"], table["how"], strict=True):
        assert (answer == "unknown") == (how == "unknown")


@settings(max_examples=30, deadline=None)
@given(FACILITIES, st.data())
def test_learning_more_never_turns_an_answer_round(facilities, data):
    """What is filled in later settles what was unknown, and contradicts nothing that was said."""
    before = service(rule(), facts(units=UNITS, facilities=facilities))["answer"]
    table = unit_service(rule(), facts(units=UNITS, facilities=facilities), texts=ZH)
    low, high = service_bounds(table, rule(), facts(units=UNITS, facilities=facilities))
    full = []
    for one in facilities:
        roles = one["roles"] or data.draw(st.sampled_from([STATION, "village_point"]))
        stage = one["stage"] or data.draw(st.sampled_from(["operating", "building"]))
        unit = one["unit_id"]
        if len(unit) < 12:
            inside = [place for place in (*COMMUNITIES, LAKE) if place.startswith(unit)]
            unit = data.draw(st.sampled_from(inside))
        # A word that two towns know is left as it is; so is whom one serves.
        full.append({**one, "roles": roles, "stage": stage, "unit_id": unit})
    after = service(rule(), facts(units=UNITS, facilities=full))["answer"]
    for unit in COMMUNITIES:
        if before[unit] == "no":
            assert after[unit] in {"no", "yes"}
            settled = [
                one for one in facilities if one["unit_id"] != "" and one["serves_units"] == ""
            ]
            if len(settled) == len(facilities):
                assert after[unit] == "no"
        if before[unit] == "yes" and all("东社区" not in one["serves_units"] for one in facilities):
            assert after[unit] == "yes"
    if all(one["serves_units"] == "" for one in facilities):
        assert low <= (after == "yes").sum() <= high

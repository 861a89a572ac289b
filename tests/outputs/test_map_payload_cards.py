"""What cards, lists and the slider of the page are given, against the tables that it is of."""

import dataclasses
import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest
from outputs.map_sample import map_sample

from care_map.inputs.facilities import stages_by_dates
from care_map.messages import catalogue
from care_map.outputs.map.payload import map_payload
from care_map.outputs.map.payload_quarters import make_quarters
from care_map.policy.ledger_totals import ledger_totals
from care_map.vocabulary import LEVELS, STAGES

NAMES = [stage["id"] for stage in map_payload(map_sample(towns=2, elders=20))["stages"]]


@pytest.fixture(scope="module")
def payload(demo_result):
    return map_payload(demo_result)


@pytest.fixture(scope="module")
def cards(payload):
    return {card["id"]: card for card in payload["facilities"]}


def test_payload_is_json(payload):
    assert json.loads(json.dumps(payload, allow_nan=False)) == payload


# Quarters


def facility(**dates):
    return {"name": "站", "roles": "community_station", "in_area": True, "stage": "", **dates}


def of_facilities(rows, *, as_of):
    sample = map_sample(towns=2, elders=20, as_of=as_of)
    table = sample.facilities.iloc[: len(rows)].drop(columns="stage")
    more = pd.DataFrame(rows, index=table.index).fillna("")
    table = table.assign(**{name: more[name] for name in more})
    return make_quarters(dataclasses.replace(sample, facilities=table), catalogue("zh"))


def test_stages_at_quarter_ends_by_hand():
    rows = [
        facility(stage="operating", siting_date="2020-02-01", operating_date="2020-08-15"),
        facility(stage="building", building_date="2020-11-01", operating_date="2021-02-01"),
        facility(stage="operating"),
        facility(stage="operating", accepted_date="2020-05-01"),
    ]
    found = of_facilities(rows, as_of=dt.date(2020, 11, 15))
    ids = [one["id"] for one in found.shown]
    assert ids == ["2020Q1", "2020Q2", "2020Q3", "2020Q4", "2021Q1"]
    siting, planned, building, accepted, operating = (
        str(STAGES.index(one)) for one in ("siting", "planned", "building", "accepted", "operating")
    )
    assert found.stages[0] == siting * 2 + operating * 3
    assert found.stages[1] == planned * 3 + building + operating
    assert found.stages[2] is None
    # On the run's day and after it the list's own word holds, before it the dates.
    assert found.stages[3] == planned + accepted * 2 + operating * 2
    now = found.shown[3]
    assert (now["day"], now["current"], now["future"]) == ("2020-11-15", True, False)
    assert now["stages"] == {"building": 1, "operating": 2}
    assert {one["undated"] for one in found.shown} == {1}
    assert found.shown[4]["future"]


def test_very_old_dates_do_not_stretch_the_slider():
    rows = [facility(stage="operating", operating_date="1987-05-01"), facility(stage="operating")]
    found = of_facilities(rows, as_of=dt.date(2021, 6, 30))
    assert [one["id"] for one in found.shown] == ["2021Q2"]
    assert found.stages[0] == str(STAGES.index("operating"))


def test_no_dates_and_no_day_are_no_quarters():
    found = of_facilities([facility(stage="operating")], as_of=None)
    assert found.shown == []
    assert found.stages == [None]


def test_the_runs_own_quarter_is_the_assessment(payload, demo_result, cards):
    (now,) = [at for at, one in enumerate(payload["quarters"]) if one["current"]]
    stage = dict(
        zip(demo_result.facilities["facility_id"], demo_result.facilities["stage"], strict=True)
    )
    told = {
        name: NAMES[int(card["stages"][now])] for name, card in cards.items() if "stages" in card
    }
    assert len(told) > 100
    assert told == {name: stage[name] for name in told}
    assert payload["quarters"][now]["day"] == payload["asOf"] == "2021-06-30"
    own = demo_result.facilities[demo_result.facilities["in_area"]]
    counts = payload["quarters"][now]
    assert sum(counts["stages"].values()) + counts["undated"] == len(own)
    assert counts["stages"]["operating"] == int((own["stage"] == "operating").sum())


def test_earlier_quarters_are_what_the_reader_of_lists_says(payload, demo_result, cards):
    table = demo_result.facilities
    for at, quarter in enumerate(payload["quarters"]):
        if quarter["current"] or quarter["future"]:
            continue
        expected = stages_by_dates(table, dt.date.fromisoformat(quarter["day"]))
        for name, stage in zip(table["facility_id"], expected, strict=True):
            if name in cards and "stages" in cards[name]:
                assert NAMES[int(cards[name]["stages"][at])] == stage


def test_ledger_of_quarters_is_the_series_and_what_will_be_due(payload, demo_result):
    series, ledger = demo_result.ledger_series, demo_result.ledger
    texts = catalogue("zh")
    seen = 0
    for quarter in payload["quarters"]:
        rows = series[series["quarter"] == quarter["id"]]
        told = {(one["title"], one["total"]): one for one in quarter["ledger"]}
        for row in rows.to_dict("records"):
            one = told[texts.label("facility_type", row["role"]), bool(row["total"])]
            assert [one[name] for name in ("due", "accepted", "operating", "late")] == [
                row["due"],
                row["accepted"],
                row["operating"],
                row["late"],
            ]
            seen += 1
        if quarter["sum"] and not quarter["future"]:
            added = rows[~rows["total"].astype(bool)]
            assert quarter["sum"]["due"] == added["due"].sum()
            assert quarter["sum"]["accepted"] == added["accepted"].sum()
    assert seen == len(series) > 0
    last = payload["quarters"][-1]
    assert last["future"]
    assert last["day"] >= max(ledger["due_date"])
    whole = ledger_totals(ledger, as_of=dt.date.fromisoformat(last["day"]))
    assert last["sum"]["due"] == whole.loc[~whole["total"].astype(bool), "target"].sum()
    assert last["sum"]["accepted"] is None


# Cards


def test_a_card_tells_what_the_lists_tell(demo_result, cards):
    table = demo_result.facilities
    for row in table.to_dict("records"):
        card = cards.get(row["facility_id"])
        if card is None:
            continue
        dates = {stage: row[f"{stage}_date"] for stage in STAGES if row[f"{stage}_date"]}
        assert card.get("dates", {}) == dates
        assert card["stageCode"] == row["stage"]
        assert card.get("details", {}).get("phone", "") == row["phone"]
        beds = card.get("details", {}).get("beds")
        assert beds is None if pd.isna(row["beds"]) else beds == row["beds"]
    given = demo_result.services.groupby("facility_id").size()
    for name, count in given.items():
        if name in cards:
            assert len(cards[name]["services"]) == count
    assert sum("services" in card for card in cards.values()) > 30


def test_ids_are_told_as_names(demo_result, cards):
    names = set(demo_result.facilities["name"])
    contracts = [name for card in cards.values() for name in card.get("contracts", ())]
    assert contracts
    assert set(contracts) <= names
    units = set(demo_result.units["name"])
    serves = [name for card in cards.values() for name in card.get("serves", ())]
    assert serves
    assert np.mean([name in units for name in serves]) > 0.9


def test_load_and_capacity_are_those_of_the_tables(demo_result, cards):
    for row in demo_result.facility_load.to_dict("records"):
        card = cards[row["facility_id"]]
        assert card["load"][f"{row['circle']}|{row['profile']}"] == row["elders_nearest"]
    rows = demo_result.capacity_by_facility
    for name, mine in rows.groupby("facility_id"):
        if name in cards:
            told = cards[name]["capacity"]
            assert [one["capacity"] for one in told] == [
                None if pd.isna(value) else value for value in mine["capacity"]
            ]


def test_english_cards_hold_no_chinese_titles(demo_result):
    study = demo_result.study.model_copy(update={"language": "en"})
    english = map_payload(dataclasses.replace(demo_result, study=study))
    titles = [*english["columns"].values(), *(one["title"] for one in english["stages"])]
    titles += [one["title"] for one in english["quarters"]]
    titles += [one["title"] for entries in english["areas"].values() for one in entries]
    titles += [*english["lattice"]["reasons"], *english["lattice"]["settings"].values()]
    titles += [part["title"] for part in english["lattice"]["parts"]]
    titles += [one["title"] for card in english["facilities"] for one in card.get("services", ())]
    assert len(titles) > 50
    assert not [text for text in titles if any("\u4e00" <= letter <= "\u9fff" for letter in text)]


# Units, gaps, sites, key figures


def test_clauses_of_a_unit_are_the_evidence(payload, demo_result):
    evidence = demo_result.clause_evidence
    evidence = evidence[(evidence["row_kind"] == "unit") & (evidence["answer"] != "away")]
    told = [
        (clause["id"], unit["id"], clause["answer"])
        for unit in payload["units"]
        for clause in unit.get("clauses", ())
    ]
    rows = evidence[["clause_id", "row_id", "answer"]].itertuples(index=False, name=None)
    assert sorted(told) == sorted(rows)
    order = ["no", "unknown", "yes"]
    for unit in payload["units"]:
        answers = [order.index(clause["answer"]) for clause in unit.get("clauses", ())]
        assert answers == sorted(answers)
        assert ("verdict" in unit) == bool(answers)
    words = {unit["verdict"]["title"] for unit in payload["units"] if "verdict" in unit}
    assert {"未达到", "达到"} <= words


def test_priority_elders_are_counted_once_each(payload, demo_result):
    demand = demo_result.demand
    grouped = set(demand.loc[demand["groups"] != "", "demand_id"])
    access = demo_result.access
    for key, told in payload["priority"].items():
        circle, profile = key.split("|")
        rows = access[(access["circle"] == circle) & (access["profile"] == profile)]
        rows = rows[rows["demand_id"].isin(grouped)]
        counts = rows.groupby("status")["elders"].sum()
        assert told["all"] == {
            "elders": rows["elders"].sum(),
            "uncovered": counts["uncovered"],
            "undetermined": counts["undetermined"],
        }
        levels = [payload["units"][row[0]]["level"] for row in told["units"]]
        for level in LEVELS:
            parts = [row for row, at in zip(told["units"], levels, strict=True) if at == level]
            inside = rows["unit_id"] != "" if level == "district" else None
            if inside is not None:
                assert sum(row[1] for row in parts) == rows.loc[inside, "elders"].sum()
            assert sum(row[2] for row in parts) <= counts["uncovered"]
    assert len(payload["priority"]) == len({key.rsplit("|", 1)[0] for key in payload["rates"]})


def test_gaps_carry_their_proofs(payload, demo_result):
    reasons = demo_result.gap_reasons
    # Distance cannot be taken away: where it does not hold, there is nothing to tell of it.
    tests = reasons[reasons["suffices"] | (reasons["reason"] != "distance")]
    tests = tests.groupby("gap_id").size()
    firm = set(demo_result.gap_robustness["gap_id"])
    for gap in payload["gaps"]:
        assert len(gap.get("tests", ())) == tests.get(gap["id"], 0)
        assert ("firm" in gap) == (gap["id"] in firm)
    first = next(gap for gap in payload["gaps"] if gap.get("tests"))
    rows = demo_result.gap_reasons
    row = rows[rows["gap_id"] == first["id"]].iloc[0]
    told = first["tests"][0]
    assert (told["code"], told["helped"]) == (row["reason"], row["elders_helped"])
    assert told["minutes"] == pytest.approx(row["minutes"], abs=1e-4)


def test_candidates_and_key_figures_are_those_of_the_tables(payload, demo_result):
    table = demo_result.candidates
    assert len(payload["candidates"]) == int(table.geometry.notna().sum()) > 0
    costs = dict(zip(table["candidate_id"], table["cost_yuan"], strict=True))
    for one in payload["candidates"]:
        assert one["cost"] is None if pd.isna(costs[one["id"]]) else one["cost"] == costs[one["id"]]
    equity = demo_result.equity[demo_result.equity["group"] == "all"]
    for row in equity.to_dict("records"):
        told = payload["key"][f"{row['circle']}|{row['profile']}"]
        assert told["gini"] == pytest.approx(row["gini"], abs=1e-4)
    assert payload["beds"]["beds"] == demo_result.beds_by_unit["beds"].iloc[0]

"""Targets against what is accepted: by hand, against a plain loop, and 开州's own table."""

import dataclasses
import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy.facts_of import facts

from care_map.messages import catalogue
from care_map.packs.pack_file import LedgerTarget
from care_map.packs.reader import read_pack
from care_map.policy.ledger import (
    build_ledger,
    ledger_left_out,
    ledger_series,
    ledger_series_by_unit,
)
from care_map.policy.ledger_totals import ledger_totals, unit_totals
from care_map.policy.quarters import Quarter, parse_quarter, quarter_of, quarters_between
from care_map.schema import LEDGER, LEDGER_LEFT_OUT, LEDGER_SERIES

ZH, EN = catalogue("zh"), catalogue("en")
PLAN_FROM = dt.date(2019, 1, 1)
UNITS = [
    {"unit_id": "500154101", "name": "甲镇", "unit_kind": "town"},
    {"unit_id": "500154102000", "name": "乙镇", "unit_kind": "town"},
    {
        "unit_id": "500154101201",
        "name": "东村",
        "unit_kind": "village",
        "parent_id": "500154101000",
    },
]
STATION = "community_station"


def target(town, year, number, *, role=STATION, **more):
    return LedgerTarget(town=town, role=role, year=year, target=number, **more)


def station(unit, **more):
    return {"roles": STATION, "unit_id": unit, **more}


def ledger(targets, here, **options):
    options = {"plan_from": PLAN_FROM, "texts": ZH, **options}
    return build_ledger(targets, here, **options)


def row(table, name, year, role=STATION):
    found = table[(table["unit_name"] == name) & (table["year"] == year) & (table["role"] == role)]
    assert len(found) == 1, table[["unit_name", "year", "role"]]
    return found.iloc[0]


def totals(table, as_of, role=STATION):
    whole = ledger_totals(table, as_of=dt.date.fromisoformat(as_of))
    return whole.set_index("role").loc[role]


# By hand


def test_targets_are_due_at_the_end_of_their_year():
    targets = [target("甲镇", 2019, 7), target("甲镇", 2020, 2)]
    for day, dues in {
        "2019-12-30": [0, 0],
        "2019-12-31": [7, 7],
        "2020-12-30": [7, 7],
        "2020-12-31": [7, 9],
    }.items():
        found = ledger(targets, facts(as_of=day, units=UNITS, facilities=[]))
        assert found["due"].tolist() == dues
        assert found["late"].tolist() == dues
    assert found["due_date"].tolist() == ["2019-12-31", "2020-12-31"]
    assert found["target"].tolist() == [7, 2]


def test_what_a_facility_counts_for():
    here = facts(
        as_of="2020-06-30",
        units=UNITS,
        facilities=[
            station("500154101", accepted_date="2019-05-01", facility_id="accepted"),
            station("500154101000", accepted_date="2019-01-01", facility_id="first day"),
            station(
                "500154101201",
                accepted_date="2020-06-30",
                facility_id="village, today",
                stage="accepted",
            ),
            station(
                "500154101",
                accepted_date="2020-07-01",
                facility_id="tomorrow",
                stage="finished",
            ),
            station("500154101", stage="building", facility_id="building"),
            station("500154101", stage="planned", facility_id="planned"),
            station(
                "500154101",
                stage="suspended",
                accepted_date="2019-03-01",
                suspended_date="2020-01-01",
                facility_id="suspended",
            ),
            station("500154101", operating_date="2019-08-01", facility_id="opened", name="晨光站"),
            station("500154101", accepted_date="2019-05-01", in_area=False),
            station("500154102", accepted_date="2019-05-01", facility_id="other town"),
            {"roles": "village_point", "unit_id": "500154101", "accepted_date": "2019-05-01"},
        ],
    )
    found = row(ledger([target("甲镇", 2019, 7), target("乙镇", 2019, 1)], here), "甲镇", 2019)
    assert found["facility_ids"].split(";") == [
        "accepted",
        "first day",
        "village, today",
        "suspended",
        "opened",
    ]
    assert (found["accepted"], found["operating"], found["in_progress"]) == (5, 3, 2)
    assert (found["due"], found["late"], found["existing_before"]) == (7, 2, 0)
    # One was accepted in 2020 only.
    assert "1 处没有验收日期，按运营日期计（晨光站）" in found["note"]
    assert "期限之后" in found["note"]


def test_a_station_opened_in_2017_never_counts():
    here = facts(
        as_of="2022-12-31",
        units=UNITS,
        facilities=[
            station("500154101", operating_date="2017-05-01"),
            # Accepted within the plan, but open before: it was there.
            station("500154101", operating_date="2017-05-01", accepted_date="2020-05-01"),
            station("500154101", accepted_date="2018-12-31"),
        ],
    )
    targets = [target("甲镇", 2020, 3)]
    found = row(ledger(targets, here), "甲镇", 2020)
    assert (found["accepted"], found["existing_before"], found["late"]) == (0, 3, 3)
    assert found["facility_ids"] == ""
    listed = ledger_left_out(targets, here, plan_from=PLAN_FROM, texts=ZH)
    assert listed["reason"].tolist() == ["before_plan"] * 3
    assert listed["date"].tolist() == ["2017-05-01", "2017-05-01", "2018-12-31"]
    # A notice without a plan's beginning counts all.
    assert row(ledger(targets, here, plan_from=None), "甲镇", 2020)["accepted"] == 3


def test_one_without_any_date_does_not_count_and_is_listed():
    here = facts(
        as_of="2020-12-31",
        units=UNITS,
        facilities=[
            station("500154101", name="无日期站"),
            station("500154101", name="验收了", stage="accepted"),
        ],
    )
    targets = [target("甲镇", 2020, 2)]
    found = row(ledger(targets, here), "甲镇", 2020)
    assert (found["accepted"], found["in_progress"], found["late"]) == (0, 0, 2)
    assert "2 处已验收或运营但没有日期" in found["note"]
    assert "无日期站、验收了" in found["note"]
    listed = ledger_left_out(targets, here, plan_from=PLAN_FROM, texts=EN)
    assert listed["reason"].tolist() == ["no_date", "no_date"]
    assert list(listed.columns) == LEDGER_LEFT_OUT.names


def test_more_than_was_asked_for_is_not_called_late():
    days = ["2019-05-01", "2019-06-01", "2020-05-01", "2020-06-01"]
    here = facts(
        as_of="2020-12-31",
        units=UNITS,
        facilities=[station("500154101", accepted_date=day) for day in days],
    )
    assert ledger([target("甲镇", 2019, 2)], here)["note"].item() == ""
    assert "1 处在期限之后" in ledger([target("甲镇", 2019, 3)], here)["note"].item()
    assert "2 处在期限之后" in ledger([target("甲镇", 2019, 9)], here)["note"].item()


def test_a_note_names_five_and_says_how_many():
    many = [station("500154101", name=f"站{i}") for i in range(1, 8)]
    here = facts(as_of="2020-12-31", units=UNITS, facilities=many[:5])
    assert "（站1、站2、站3、站4、站5）" in ledger([target("甲镇", 2020, 2)], here)["note"].item()
    here = facts(as_of="2020-12-31", units=UNITS, facilities=many)
    note = ledger([target("甲镇", 2020, 2)], here)["note"].item()
    assert note.startswith("7 处")
    assert note.endswith("（站1、站2、站3、站4、站5等）")


def test_opened_before_it_is_accepted_counts_from_its_acceptance():
    opened = station("500154101", operating_date="2020-03-01", accepted_date="2021-02-01")
    for day, expected in {"2020-12-31": (0, 1, 1), "2021-02-01": (1, 0, 0)}.items():
        here = facts(as_of=day, units=UNITS, facilities=[opened])
        found = row(ledger([target("甲镇", 2020, 1)], here), "甲镇", 2020)
        assert (found["accepted"], found["in_progress"], found["late"]) == expected


def test_a_site_counts_once_per_role():
    here = facts(
        as_of="2020-12-31",
        units=UNITS,
        facilities=[
            {
                "roles": "care_home;town_centre;community_station",
                "unit_id": "500154101",
                "accepted_date": "2019-05-01",
            },
            station("500154101", site_id="s", accepted_date="2020-02-01", facility_id="later"),
            station("500154101", site_id="s", accepted_date="2019-02-01", facility_id="earlier"),
            station("500154101", site_id="t", accepted_date="2020-02-01"),
            station("500154101", site_id="t", accepted_date="2017-02-01", facility_id="t 2017"),
        ],
    )
    targets = [target("甲镇", 2020, 3), target("甲镇", 2020, 1, role="town_centre")]
    found = ledger(targets, here)
    stations, centres = (row(found, "甲镇", 2020, role) for role in (STATION, "town_centre"))
    assert stations["facility_ids"] == "F1;earlier"
    assert stations["existing_before"] == 1
    assert centres["facility_ids"] == "F1"


def test_any_of_several_types_counts_once():
    here = facts(
        as_of="2020-12-31",
        units=UNITS,
        facilities=[
            {
                "roles": "street_centre;town_centre",
                "unit_id": "500154101",
                "accepted_date": "2020-05-01",
            },
            {"roles": "town_centre", "unit_id": "500154102", "accepted_date": "2020-06-01"},
        ],
    )
    found = ledger(
        [target("", 2020, 11, role="town_centre;street_centre")], here, district="渝北区"
    )
    only = found.iloc[0]
    assert (only["unit_id"], only["unit_name"], only["unit_kind"]) == ("all", "渝北区", "district")
    assert (only["role"], only["accepted"], only["late"]) == ("street_centre;town_centre", 2, 9)
    assert ledger([target("", 2020, 11)], here)["unit_name"].tolist() == ["全区"]


def test_facilities_that_nobody_asked_for_are_rows_of_their_own():
    here = facts(
        as_of="2020-12-31",
        units=UNITS,
        facilities=[
            station("500154101", accepted_date="2020-05-01"),
            station("500154102", accepted_date="2020-05-01", facility_id="extra"),
            station("", accepted_date="2020-05-01", facility_id="nowhere"),
            station("999999999", accepted_date="2020-05-01", facility_id="odd"),
            station("500154102", stage="planned"),
        ],
    )
    targets = [target("甲镇", 2019, 1), target("甲镇", 2020, 1)]
    found = ledger(targets, here)
    assert found["unit_id"].tolist() == ["500154101", "500154101", "500154102000", "none"]
    extra, nowhere = found.iloc[2], found.iloc[3]
    assert (extra["target"], extra["due"], extra["accepted"], extra["late"]) == (0, 0, 1, 0)
    assert extra["note"] == "没有给这个单元下达此项任务"
    assert (nowhere["accepted"], nowhere["unit_name"]) == (2, "所在单元不明")
    whole = totals(found, "2020-12-31")
    # One too many elsewhere does not help 甲镇.
    assert (whole["target"], whole["due"], whole["accepted"], whole["late"]) == (2, 2, 4, 1)
    listed = ledger_left_out(targets, here, plan_from=PLAN_FROM, texts=ZH)
    reasons = dict(zip(listed["facility_id"], listed["reason"], strict=True))
    assert reasons == {"extra": "no_target", "nowhere": "no_unit", "odd": "no_unit"}


def test_a_total_counts_what_stood_before_and_does_not_add_up():
    here = facts(
        as_of="2022-12-31",
        units=UNITS,
        facilities=[
            station("500154101", accepted_date="2017-05-01"),
            station("500154101", accepted_date="2021-05-01"),
            station("", name="无日期"),
        ],
    )
    targets = [
        target("", 2020, 30, total=True),
        target("", 2022, 51, total=True),
        target("", 2021, 2),
    ]
    found = ledger(targets, here)
    totalled = found[found["total"]]
    assert totalled["due"].tolist() == [30, 51]
    assert totalled["accepted"].tolist() == [3, 3]
    assert totalled["late"].tolist() == [27, 48]
    assert totalled["existing_before"].tolist() == [0, 0]
    assert "其中 1 处为计划前已有" in totalled["note"].iloc[0]
    assert "1 处没有验收日期和运营日期，按现状计入（无日期）" in totalled["note"].iloc[0]
    added = found[~found["total"]].iloc[0]
    assert (added["due"], added["accepted"], added["existing_before"]) == (2, 1, 1)
    whole = ledger_totals(found, as_of=here.as_of)
    assert whole[["total", "target", "due", "accepted"]].to_numpy().tolist() == [
        [True, 51, 51, 3],
        [False, 2, 2, 1],
    ]


def test_without_a_list_of_facilities_nothing_is_zero():
    found = ledger([target("甲镇", 2020, 3)], facts(as_of="2020-12-31", units=UNITS))
    only = found.iloc[0]
    assert (only["target"], only["due"]) == (3, 3)
    assert found[["accepted", "operating", "in_progress", "late"]].isna().all(axis=None)
    assert "没有设施名册" in only["note"]
    whole = totals(found, "2020-12-31")
    assert whole["due"] == 3
    assert pd.isna(whole["accepted"])
    assert pd.isna(whole["late"])


def test_nothing_planned():
    here = facts(units=UNITS, facilities=[station("500154101", accepted_date="2020-01-01")])
    for found, table in {
        "ledger": (ledger([], here), LEDGER),
        "series": (ledger_series([], here, plan_from=PLAN_FROM), LEDGER_SERIES),
        "left": (ledger_left_out([], here, plan_from=PLAN_FROM), LEDGER_LEFT_OUT),
    }.values():
        assert found.empty
        assert list(found.columns) == table.names
    assert ledger_totals(ledger([], here), as_of=here.as_of).empty


def test_language_of_notes():
    here = facts(as_of="2020-12-31", units=UNITS, facilities=[station("")])
    found = ledger([target("甲镇", 2020, 1)], here, texts=EN)
    assert found["unit_name"].tolist() == ["甲镇", "unit unknown"]
    assert "whole district" in ledger([target("", 2020, 1)], here, texts=EN)["unit_name"].item()


# The study's own targets


def own_targets(*rows):
    columns = ["unit_id", "town_name", "roles", "year", "quarter", "target", "responsible", "note"]
    table = pd.DataFrame([{"unit_id": "", **one} for one in rows], columns=columns)
    texts = ["unit_id", "town_name", "roles", "responsible", "note"]
    table[texts] = table[texts].astype(object).where(table[texts].notna(), "")
    return table.astype({"year": "Int64", "quarter": "Int64", "target": "Int64"})


def test_own_targets_take_the_place_of_the_notices_for_the_same_unit_role_and_year():
    targets = [target("甲镇", 2019, 4), target("甲镇", 2020, 2), target("乙镇", 2019, 1)]
    own = own_targets(
        {
            "unit_id": "500154101",
            "roles": STATION,
            "year": 2019,
            "target": 6,
            "responsible": "民政",
        },
        {"town_name": "乙镇", "roles": STATION, "year": 2021, "target": 5, "note": "新增"},
    )
    found = ledger(targets, facts(as_of="2021-12-31", units=UNITS, facilities=[]), own=own)
    first = row(found, "甲镇", 2019)
    assert (first["target"], first["responsible"]) == (6, "民政")
    assert first["note"] == "本研究的目标；通知为 4"
    assert row(found, "甲镇", 2020)["due"] == 8
    assert row(found, "乙镇", 2019)["target"] == 1
    assert row(found, "乙镇", 2021)["note"] == "新增"
    assert totals(found, "2021-12-31")["target"] == 14


def test_own_targets_of_the_district_take_the_place_of_those_of_towns_and_back():
    here = facts(as_of="2019-12-31", units=UNITS, facilities=[])
    towns = [target("甲镇", 2019, 4), target("乙镇", 2019, 1)]
    own = own_targets({"roles": STATION, "year": 2019, "target": 9})
    found = ledger(towns, here, own=own)
    assert found["unit_id"].tolist() == ["all"]
    assert found["note"].item() == "本研究的目标；通知为 5"
    own = own_targets(
        *(
            {"town_name": name, "roles": STATION, "year": 2019, "target": 2}
            for name in ("甲镇", "乙镇")
        )
    )
    found = ledger([target("", 2019, 9)], here, own=own)
    assert found["unit_name"].tolist() == ["甲镇", "乙镇"]
    assert found["target"].tolist() == [2, 2]


def test_quarters_of_own_targets():
    own = own_targets(
        {"town_name": "甲镇", "roles": STATION, "year": 2020, "quarter": 2, "target": 1},
        {"town_name": "甲镇", "roles": STATION, "year": 2020, "quarter": 4, "target": 2},
    )
    here = facts(
        as_of="2020-09-30",
        units=UNITS,
        facilities=[station("500154101", accepted_date="2020-07-05")],
    )
    found = ledger([target("甲镇", 2020, 9)], here, own=own)
    assert found["due_date"].tolist() == ["2020-06-30", "2020-12-31"]
    assert found["due"].tolist() == [1, 1]
    assert found["late"].tolist() == [0, 0]
    assert "1 处在期限之后才验收" in found["note"].iloc[0]


def test_own_targets_of_a_village_count_in_its_town():
    own = own_targets({"unit_id": "500154101201", "roles": STATION, "year": 2020, "target": 1})
    here = facts(
        as_of="2020-12-31",
        units=UNITS,
        facilities=[station("500154101201", accepted_date="2020-07-05")],
    )
    found = ledger([target("甲镇", 2020, 2)], here, own=own)
    only = row(found, "甲镇", 2020)
    assert (only["accepted"], only["unit_id"]) == (1, "500154101")
    assert "目标写在东村" in only["note"]


def test_targets_for_town_and_district_hold_each_for_its_years():
    here = facts(
        as_of="2021-12-31",
        units=UNITS,
        facilities=[station("500154101", accepted_date="2020-07-05")] * 1,
    )
    targets = [target("", 2020, 10), target("甲镇", 2020, 4), target("甲镇", 2021, 3)]
    whole = totals(ledger(targets, here), "2021-12-31")
    assert (whole["target"], whole["due"], whole["accepted"], whole["late"]) == (13, 13, 1, 12)


# Units of another time


def links(*rows):
    columns = ["from_unit", "to_unit", "from_name", "to_name", "share"]
    return pd.DataFrame(rows, columns=columns)


TODAY = [
    {"unit_id": "500154008", "name": "正安街道", "unit_kind": "street"},
    {"unit_id": "500154102", "name": "乙镇", "unit_kind": "town"},
    {"unit_id": "500154103", "name": "丙镇", "unit_kind": "town"},
]


def test_a_town_that_is_not_found_is_unknown_never_late():
    here = facts(
        as_of="2020-12-31",
        units=TODAY,
        facilities=[
            station("500154008", accepted_date="2020-07-05"),
            station("500154102", accepted_date="2020-07-05"),
        ],
    )
    found = ledger([target("镇安镇", 2020, 2), target("乙镇", 2020, 1)], here)
    lost = row(found, "镇安镇", 2020)
    assert (lost["unit_id"], lost["due"]) == ("", 2)
    assert pd.isna(lost["accepted"])
    assert pd.isna(lost["late"])
    assert "[[crosswalk]]" in lost["note"]
    assert "镇安镇" in lost["note"]
    assert row(found, "正安街道", 2020)["accepted"] == 1
    whole = totals(found, "2020-12-31")
    assert (whole["due"], whole["accepted"]) == (3, 2)
    assert pd.isna(whole["late"])


def test_a_renamed_town_is_followed():
    here = facts(
        as_of="2020-12-31",
        units=TODAY,
        facilities=[station("500154008", accepted_date="2020-07-05")],
    )
    crosswalk = links(("镇安镇", "500154008000", "镇安镇", "正安街道", 1.0))
    found = ledger([target("镇安镇", 2020, 2)], here, links=crosswalk)
    only = found.iloc[0]
    assert (only["unit_name"], only["accepted"], only["late"]) == ("正安街道", 1, 1)
    assert only["note"] == "通知中为镇安镇"
    # The lists bring their crosswalk themselves.
    own = dataclasses.replace(here, crosswalk=crosswalk)
    pd.testing.assert_frame_equal(ledger([target("镇安镇", 2020, 2)], own), found)


def test_a_target_in_words_of_a_later_day_is_followed_back():
    then = [{"unit_id": "500154107", "name": "镇安镇", "unit_kind": "town"}]
    here = facts(
        as_of="2020-12-31",
        units=then,
        facilities=[station("500154107", accepted_date="2020-07-05")],
    )
    crosswalk = links(("500154107000", "500154008000", "镇安镇", "正安街道", 1.0))
    for label in ("正安街道", "500154008"):
        only = ledger([target(label, 2020, 2)], here, links=crosswalk).iloc[0]
        assert (only["unit_name"], only["accepted"], only["late"]) == ("镇安镇", 1, 1)


def test_targets_of_merged_towns_sum():
    here = facts(
        as_of="2020-12-31",
        units=TODAY,
        facilities=[station("500154102", accepted_date="2020-07-05")],
    )
    crosswalk = links(
        ("500154110000", "500154102000", "丁镇", "乙镇", 1.0),
        ("500154111000", "500154110000", "戊乡", "丁镇", 1.0),
    )
    targets = [target("乙镇", 2020, 1), target("丁镇", 2020, 2), target("戊乡", 2020, 4)]
    found = ledger(targets, here, links=crosswalk)
    only = found.iloc[0]
    assert len(found) == 1
    assert (only["unit_name"], only["target"], only["accepted"], only["late"]) == ("乙镇", 7, 1, 6)
    assert only["note"] == "由乙镇、丁镇、戊乡合成，目标相加"


def test_a_split_town_is_counted_with_all_its_parts():
    here = facts(
        as_of="2020-12-31",
        units=TODAY,
        facilities=[
            station("500154102", accepted_date="2020-07-05"),
            station("500154103", accepted_date="2020-07-05"),
            station("500154008", accepted_date="2020-07-05"),
        ],
    )
    crosswalk = links(
        ("己镇", "500154102000", "己镇", "乙镇", 0.4),
        ("己镇", "500154103000", "己镇", "丙镇", 0.6),
    )
    found = ledger([target("己镇", 2020, 5), target("正安街道", 2020, 1)], here, links=crosswalk)
    split = row(found, "己镇", 2020)
    assert split["unit_id"] == "500154102;500154103"
    assert (split["target"], split["accepted"], split["late"]) == (5, 2, 3)
    assert split["note"] == "现为乙镇、丙镇，目标未拆分，合并计数"
    assert row(found, "正安街道", 2020)["accepted"] == 1


def test_a_town_that_gave_a_part_away_keeps_its_target_and_says_so():
    here = facts(as_of="2020-12-31", units=TODAY, facilities=[])
    crosswalk = links(
        ("500154102000", "500154102000", "乙镇", "乙镇", 0.8),
        ("500154102000", "500154103000", "乙镇", "丙镇", 0.2),
    )
    found = ledger([target("乙镇", 2020, 5)], here, links=crosswalk)
    only = found.iloc[0]
    assert (only["unit_id"], only["target"]) == ("500154102", 5)
    assert only["note"] == "一部分已划入丙镇，目标未拆分"


def test_two_days_with_units_that_changed_between():
    """The district's figures are the same whichever day's units they are counted with."""
    targets = [target("镇安镇", 2019, 2), target("乙镇", 2019, 1), target("丙镇", 2020, 3)]
    crosswalk = links(("镇安镇", "500154008000", "镇安镇", "正安街道", 1.0))
    then = [{"unit_id": "500154107", "name": "镇安镇", "unit_kind": "town"}, *TODAY[1:]]

    def stations(first):
        return [
            station(first, accepted_date="2019-07-05"),
            station("500154103", accepted_date="2020-07-05"),
        ]

    early = facts(as_of="2019-12-31", units=then, facilities=stations("500154107"))
    late = facts(as_of="2020-12-31", units=TODAY, facilities=stations("500154008"))
    first = totals(ledger(targets, early, links=crosswalk), "2019-12-31")
    second = totals(ledger(targets, late, links=crosswalk), "2020-12-31")
    assert (first["due"], first["accepted"], first["late"]) == (3, 1, 2)
    assert (second["due"], second["accepted"], second["late"]) == (6, 2, 4)
    series = ledger_series(targets, late, plan_from=PLAN_FROM, links=crosswalk)
    at = series.set_index("quarter").loc["2019Q4"]
    assert (at["due"], at["accepted"], at["late"]) == (3, 1, 2)


# Over quarters


def test_series_by_hand():
    here = facts(
        as_of="2020-05-31",
        units=UNITS,
        facilities=[
            station("500154101", operating_date="2018-01-01"),
            station("500154101", accepted_date="2019-11-01", operating_date="2020-02-01"),
            station("500154101", accepted_date="2020-04-01"),
            station("500154101"),
        ],
    )
    targets = [target("甲镇", 2019, 2), target("甲镇", 2020, 1)]
    found = ledger_series(targets, here, plan_from=dt.date(2019, 9, 1), texts=ZH)
    assert list(found.columns) == LEDGER_SERIES.names
    columns = ["quarter", "quarter_end", "due", "accepted", "operating", "late"]
    assert found[columns].to_numpy().tolist() == [
        ["2019Q3", "2019-09-30", 0, 0, 0, 0],
        ["2019Q4", "2019-12-31", 2, 1, 0, 1],
        ["2020Q1", "2020-03-31", 2, 1, 1, 1],
        # The day, not the quarter's end; what operates without a date operates today.
        ["2020Q2", "2020-06-30", 2, 2, 2, 0],
    ]
    by_unit = ledger_series_by_unit(targets, here, plan_from=dt.date(2019, 9, 1), texts=ZH)
    pd.testing.assert_frame_equal(by_unit[found.columns], found)
    assert set(by_unit["unit_name"]) == {"甲镇"}


def test_series_begins_with_the_first_due_date_without_a_plan():
    here = facts(as_of="2020-05-31", units=UNITS, facilities=[])
    found = ledger_series([target("甲镇", 2019, 2)], here, plan_from=None)
    assert found["quarter"].tolist() == ["2019Q4", "2020Q1", "2020Q2"]
    assert ledger_series([target("甲镇", 2020, 2)], here, plan_from=None).empty


def test_series_of_a_total():
    here = facts(
        as_of="2020-06-30",
        units=UNITS,
        facilities=[
            station("500154101", accepted_date="2017-05-01"),
            station("500154101", accepted_date="2020-02-01"),
            station("500154101"),
        ],
    )
    targets = [target("", 2019, 2, total=True), target("", 2020, 3, total=True)]
    found = ledger_series(targets, here, plan_from=dt.date(2019, 10, 1))
    columns = ["quarter", "total", "due", "accepted", "late"]
    assert found[columns].to_numpy().tolist() == [
        ["2019Q4", True, 2, 1, 1],
        ["2020Q1", True, 2, 2, 0],
        # What has no date stands today; when it began to, nobody knows.
        ["2020Q2", True, 2, 3, 0],
    ]


def test_suspended_ones_stop_operating_in_the_series():
    here = facts(
        as_of="2020-12-31",
        units=UNITS,
        facilities=[
            station(
                "500154101",
                stage="suspended",
                operating_date="2019-02-01",
                suspended_date="2020-02-01",
            )
        ],
    )
    found = ledger_series([target("甲镇", 2019, 1)], here, plan_from=PLAN_FROM)
    assert found["operating"].tolist() == [1, 1, 1, 1, 0, 0, 0, 0]
    assert found["accepted"].tolist() == [1] * 8


# 开州


@pytest.fixture(scope="module")
def kaizhou():
    return read_pack("kaizhou")


def of_kaizhou(pack, as_of, facilities):
    units = [
        {"unit_id": one.name, "name": one.name, "unit_kind": one.kind}
        for one in pack.unit
        if one.kind in {"street", "town"}
    ]
    return facts(as_of=as_of, units=units, facilities=facilities)


def test_kaizhou_from_lists_alone(kaizhou):
    stations = [
        station("汉丰街道", operating_date="2017-06-01"),
        station("汉丰街道", accepted_date="2019-10-01"),
    ]
    here = of_kaizhou(kaizhou, "2019-12-31", stations)
    found = ledger(kaizhou.target, here, plan_from=kaizhou.pack.plan_from)
    assert found["unit_id"].nunique() == 40
    whole = ledger_totals(found, as_of=here.as_of).set_index("role")
    roles = ["street_centre", "town_centre", STATION, "village_point"]
    assert whole.loc[roles, "target"].tolist() == [7, 33, 89, 424]
    assert whole.loc[roles, "due"].tolist() == [4, 12, 39, 311]
    assert whole.loc[STATION, ["accepted", "existing_before", "late"]].tolist() == [1, 1, 38]


@pytest.mark.parametrize(
    ("as_of", "dues"),
    [
        ("2018-12-31", [0, 0, 0, 0]),
        ("2020-12-31", [7, 29, 89, 355]),
        ("2021-12-31", [7, 33, 89, 424]),
        ("2022-12-31", [7, 33, 89, 424]),
    ],
)
def test_kaizhou_is_due_year_by_year(kaizhou, as_of, dues):
    here = of_kaizhou(kaizhou, as_of, [])
    found = ledger(kaizhou.target, here, plan_from=kaizhou.pack.plan_from)
    whole = ledger_totals(found, as_of=here.as_of).set_index("role")
    roles = ["street_centre", "town_centre", STATION, "village_point"]
    assert whole.loc[roles, "due"].tolist() == dues
    assert whole.loc[roles, "late"].tolist() == dues


def test_kaizhou_done_in_full_is_not_late(kaizhou):
    """Every target built on the last day of its year: nothing is late on any quarter's end."""
    built = [
        {
            "roles": one.role,
            "unit_id": one.town,
            "accepted_date": f"{one.year}-12-31",
        }
        for one in kaizhou.target
        for _ in range(one.target)
    ]
    here = of_kaizhou(kaizhou, "2022-12-31", built)
    series = ledger_series(kaizhou.target, here, plan_from=kaizhou.pack.plan_from)
    assert len(series) == 16 * 4
    assert (series["late"] == 0).all()
    assert (series["due"] == series["accepted"]).all()
    found = ledger(kaizhou.target, here, plan_from=kaizhou.pack.plan_from)
    assert sum(unit_totals(found)["accepted"]) == 7 + 33 + 89 + 424


# Properties


ROLES = (STATION, "village_point")
TOWNS = ("甲镇", "乙镇", "丙镇")
DAYS = st.dates(dt.date(2018, 1, 1), dt.date(2022, 12, 31)).map(dt.date.isoformat)
MAYBE_DAY = st.one_of(st.just(""), DAYS)
PLANS = st.lists(
    st.builds(
        target,
        st.sampled_from(TOWNS),
        st.integers(2019, 2021),
        st.integers(0, 4),
        role=st.sampled_from(ROLES),
    ),
    min_size=1,
    max_size=8,
)
FACILITIES = st.lists(
    st.fixed_dictionaries(
        {
            "roles": st.sampled_from([*ROLES, ";".join(ROLES), "care_home"]),
            "unit_id": st.sampled_from(["", *TOWNS]),
            "stage": st.sampled_from(["planned", "building", "accepted", "operating", "suspended"]),
            "accepted_date": MAYBE_DAY,
            "operating_date": MAYBE_DAY,
        }
    ),
    max_size=12,
)
THREE = [{"unit_id": name, "name": name, "unit_kind": "town"} for name in TOWNS]


def by_loop(targets, facilities, town, role, as_of):
    """Return due, accepted and late of a town, counted one by one."""
    due = 0
    for one in targets:
        if (one.town, one.role) == (town, role) and f"{one.year}-12-31" <= as_of:
            due += one.target
    accepted = 0
    for one in facilities:
        if one["unit_id"] != town or role not in one["roles"].split(";"):
            continue
        first = [day for day in (one["accepted_date"], one["operating_date"]) if day]
        if not first or min(first) < "2019-01-01":
            continue
        if (one["accepted_date"] or one["operating_date"]) <= as_of:
            accepted += 1
    return due, accepted, max(0, due - accepted)


@settings(max_examples=30, deadline=None)
@given(PLANS, FACILITIES, DAYS)
def test_ledger_is_what_a_loop_counts(targets, facilities, as_of):
    here = facts(as_of=as_of, units=THREE, facilities=facilities)
    found = unit_totals(ledger(targets, here))
    asked = {(one.town, one.role) for one in targets}
    for town, role in asked:
        one = found[(found["unit_id"] == town) & (found["role"] == role)].iloc[0]
        figures = (one["due"], one["accepted"], one["late"])
        assert figures == by_loop(targets, facilities, town, role, as_of)
    # The others stand there without a target.
    assert {
        (u, r)
        for u, r, t in zip(found["unit_id"], found["role"], found["target"], strict=True)
        if t
    } <= asked


@settings(max_examples=30, deadline=None)
@given(PLANS, FACILITIES, DAYS)
def test_towns_sum_to_the_district_and_nothing_counts_twice(targets, facilities, as_of):
    here = facts(as_of=as_of, units=THREE, facilities=facilities)
    table = ledger(targets, here)
    whole = ledger_totals(table, as_of=here.as_of).set_index("role")
    last = unit_totals(table)
    for role in {one.role for one in targets}:
        of_role = last[last["role"] == role]
        counted = [one for cell in of_role["facility_ids"] for one in cell.split(";") if one]
        assert len(counted) == len(set(counted))
        everywhere = sum(by_loop([], facilities, town, role, as_of)[1] for town in ("", *TOWNS))
        assert whole.loc[role, "accepted"] == of_role["accepted"].sum() == everywhere
        assert whole.loc[role, "late"] == of_role["late"].sum()
        due = sum(t.target for t in targets if t.role == role and f"{t.year}-12-31" <= as_of)
        assert whole.loc[role, "due"] == due


@settings(max_examples=15, deadline=None)
@given(PLANS, FACILITIES, DAYS)
def test_due_and_accepted_never_fall_over_quarters(targets, facilities, as_of):
    here = facts(as_of=as_of, units=THREE, facilities=facilities)
    series = ledger_series(targets, here, plan_from=PLAN_FROM)
    for _, role in series.groupby("role"):
        assert role["due"].is_monotonic_increasing
        assert role["accepted"].is_monotonic_increasing
    if len(series):
        table = ledger_totals(ledger(targets, here), as_of=here.as_of).set_index("role")
        last = series[series["quarter"] == series["quarter"].iloc[-1]].set_index("role")
        pd.testing.assert_frame_equal(
            last[["due", "accepted", "late"]], table[["due", "accepted", "late"]]
        )


def test_tables_are_not_changed():
    here = facts(as_of="2020-12-31", units=UNITS, facilities=[station("500154101")])
    kept = {f.name: getattr(here, f.name) for f in dataclasses.fields(here)}
    before = {name: one.copy() for name, one in kept.items() if isinstance(one, pd.DataFrame)}
    ledger([target("甲镇", 2020, 1)], here)
    for name, one in before.items():
        pd.testing.assert_frame_equal(getattr(here, name), one)


# Quarters


def test_quarters():
    assert parse_quarter("2020Q4") == Quarter(2020, 4)
    assert str(Quarter(2020, 1)) == "2020Q1"
    assert (Quarter(2020, 1).start, Quarter(2020, 1).end) == (
        dt.date(2020, 1, 1),
        dt.date(2020, 3, 31),
    )
    assert [q.end.isoformat() for q in quarters_between(Quarter(2019, 4), Quarter(2020, 2))] == [
        "2019-12-31",
        "2020-03-31",
        "2020-06-30",
    ]
    assert quarters_between(Quarter(2020, 2), Quarter(2020, 1)) == ()


@given(st.dates(dt.date(1, 1, 1), dt.date(9998, 12, 31)))
def test_a_day_is_in_its_quarter(day):
    quarter = quarter_of(day)
    assert quarter.start <= day <= quarter.end < quarter.following.start
    assert parse_quarter(str(quarter)) == quarter


@pytest.mark.parametrize("name", ["2020Q5", "2020", "Q1", "2020q1x", ""])
def test_what_is_no_quarter(name):
    with pytest.raises(ValueError, match="2020Q4"):
        parse_quarter(name)

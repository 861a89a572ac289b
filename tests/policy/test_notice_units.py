"""The units that a notice names: a table of their own, and against those of another day."""

import csv
import datetime as dt
from collections import Counter
from importlib import resources

import pandas as pd
import pytest
from policy.facts_of import facts

from care_map.messages import catalogue
from care_map.packs.notice_units import notice_units
from care_map.packs.pack_file import PackFile, PackHeader, PackUnit
from care_map.packs.reader import read_pack
from care_map.policy.ledger import build_ledger
from care_map.policy.unit_mismatch import unit_mismatch

ZH = catalogue("zh")


def pack_of(*units):
    header = PackHeader(
        id="a",
        name="甲区",
        name_en="A",
        title="",
        document="",
        issued=dt.date(2019, 12, 11),
        version="1",
    )
    return PackFile(pack=header, unit=tuple(PackUnit(**unit) for unit in units))


@pytest.fixture(scope="module")
def kaizhou():
    return read_pack("kaizhou")


def today(pack):
    """Return 开州's towns with codes of today: 镇安镇 is gone, 正安街道 is there."""
    names = [unit.name for unit in pack.unit if unit.kind in {"street", "town"}]
    names = ["正安街道" if name == "镇安镇" else name for name in names]
    return pd.DataFrame(
        {
            "unit_id": [f"500154{at:03d}000" for at in range(1, len(names) + 1)],
            "name": names,
            "level": "town",
            "parent_id": "",
        }
    )


def links(*rows):
    return pd.DataFrame(rows, columns=["from_unit", "to_unit", "from_name", "to_name"])


# The table


def test_kaizhou_has_forty_units_without_any_geography(kaizhou):
    units = notice_units(kaizhou)
    towns = units[units["level"] == "town"]
    assert Counter(towns["unit_kind"]) == {"street": 7, "town": 33}
    assert len(towns) == 40
    assert units["unit_id"].is_unique
    assert set(units.loc[units["level"] == "community", "parent_id"]) <= set(towns["unit_id"])
    # As many points as the notice plans, and two villages that have a station instead.
    assert towns["villages"].sum() == 426
    assert {target.town for target in kaizhou.target} == set(towns["name"])


def test_ids_tell_villages_of_one_name_apart():
    pack = pack_of(
        {"name": "甲镇", "kind": "town", "villages": 1},
        {"name": "乙街道", "kind": "street"},
        {"name": "东村", "kind": "village", "parent": "甲镇"},
        {"name": "东村", "kind": "village", "parent": "乙街道"},
        {"name": "西社区", "kind": "community", "parent": "甲镇"},
    )
    units = notice_units(pack)
    assert units["unit_id"].tolist() == [
        "甲镇",
        "乙街道",
        "甲镇/东村",
        "乙街道/东村",
        "甲镇/西社区",
    ]
    assert units["level"].tolist() == ["town", "town", *["community"] * 3]
    assert units["parent_id"].tolist() == ["", "", "甲镇", "乙街道", "甲镇"]
    assert units["villages"].tolist() == [1, *[pd.NA] * 4]


def test_a_pack_without_units():
    units = notice_units(pack_of())
    assert units.empty
    assert {"unit_id", "name", "level", "parent_id", "unit_kind"} <= set(units.columns)


def test_the_notices_units_are_units_of_a_ledger(kaizhou):
    """A facility that is in a unit of the notice counts there, with no code and no place."""
    units = notice_units(kaizhou).drop(columns=["communities", "villages", "note"])
    here = facts(
        as_of="2020-12-31",
        units=units.to_dict("records"),
        facilities=[
            {"roles": "community_station", "unit_id": "镇安镇", "accepted_date": "2020-03-01"}
        ],
    )
    ledger = build_ledger(kaizhou.target, here, plan_from=kaizhou.pack.plan_from, texts=ZH)
    assert set(ledger["unit_name"]) == {unit.name for unit in kaizhou.unit if not unit.parent}
    stations = ledger[(ledger["unit_name"] == "镇安镇") & (ledger["role"] == "community_station")]
    assert stations[["due", "accepted", "late"]].to_numpy().tolist() == [[2, 1, 1]]


# Against the units of another day


def test_todays_units_ask_for_a_crosswalk(kaizhou):
    found = unit_mismatch(kaizhou, today(kaizhou))
    assert [(one.code, one.severity, one.count) for one in found] == [
        ("notice_units_unknown", "warning", 1),
        ("units_not_in_notice", "warning", 1),
    ]
    unknown, strange = (one.line(ZH) for one in found)
    assert "镇安镇" in unknown
    assert "[[crosswalk]]" in unknown
    assert "正安街道" in strange
    assert "Crosswalk" not in unknown
    assert "crosswalk" in found[0].line(catalogue("en"))


def test_the_crosswalk_settles_it(kaizhou):
    units = today(kaizhou)
    code = units.loc[units["name"] == "正安街道", "unit_id"].item()
    crosswalk = links(("镇安镇", code, "镇安镇", "正安街道"))
    found = unit_mismatch(kaizhou, units, crosswalk)
    assert [(one.code, one.severity) for one in found] == [("notice_units_carried", "info")]
    assert "镇安镇→正安街道" in found[0].message(ZH)


def test_the_same_units_fit(kaizhou):
    assert unit_mismatch(kaizhou, notice_units(kaizhou)) == ()


def test_names_fit_whatever_their_spaces_and_widths():
    pack = pack_of({"name": "甲镇", "kind": "town"})
    units = pd.DataFrame({"unit_id": ["1"], "name": [" 甲 镇"], "level": ["town"]})
    assert unit_mismatch(pack, units) == ()


def test_split_and_merged_towns_fit_through_the_crosswalk():
    pack = pack_of(*({"name": name, "kind": "town"} for name in ("甲镇", "乙乡", "丙镇")))
    units = pd.DataFrame(
        {"unit_id": ["1", "2", "3"], "name": ["甲街道", "丙镇", "丁街道"], "level": "town"}
    )
    crosswalk = links(
        ("甲镇", "1", "甲镇", "甲街道"),
        ("乙乡", "1", "乙乡", "甲街道"),
        ("甲镇", "3", "甲镇", "丁街道"),
    )
    found = unit_mismatch(pack, units, crosswalk)
    assert [one.code for one in found] == ["notice_units_carried"]
    assert "甲镇→甲街道、丁街道" in found[0].message(ZH)
    assert [one.count for one in unit_mismatch(pack, units)] == [2, 2]


def test_villages_are_looked_for_only_where_the_day_has_any():
    pack = pack_of(
        {"name": "甲镇", "kind": "town"}, {"name": "翠湖村", "kind": "village", "parent": "甲镇"}
    )
    towns = pd.DataFrame({"unit_id": ["1"], "name": ["甲镇"], "level": ["town"], "parent_id": [""]})
    assert unit_mismatch(pack, towns) == ()
    other = pd.DataFrame(
        {"unit_id": ["2"], "name": ["红旗村"], "level": ["community"], "parent_id": ["1"]}
    )
    (only,) = unit_mismatch(pack, pd.concat([towns, other]))
    assert only.code == "notice_units_unknown"
    assert "甲镇翠湖村" in only.message(ZH)


def test_a_village_of_the_same_name_in_another_town_is_another():
    pack = pack_of(
        {"name": "甲镇", "kind": "town"},
        {"name": "乙镇", "kind": "town"},
        {"name": "东村", "kind": "village", "parent": "甲镇"},
    )
    units = pd.DataFrame(
        {
            "unit_id": ["1", "2", "3"],
            "name": ["甲镇", "乙镇", "东村"],
            "level": ["town", "town", "community"],
            "parent_id": ["", "", "2"],
        }
    )
    (only,) = unit_mismatch(pack, units)
    assert "甲镇东村" in only.message(ZH)


def test_nothing_to_compare(kaizhou):
    assert unit_mismatch(pack_of(), today(kaizhou)) == ()
    assert unit_mismatch(kaizhou, today(kaizhou).iloc[:0]) == ()


def test_units_and_targets_of_kaizhou_agree():
    """Annex 4 as it is stored: every town of the ledger is a unit, and the other way about."""
    folder = resources.files("care_map.packs")
    rows = {
        name: list(csv.DictReader((folder / name).read_text(encoding="utf-8").splitlines()))
        for name in ("kaizhou_ledger.csv", "kaizhou_units.csv")
    }
    towns = {row["name"] for row in rows["kaizhou_units.csv"] if not row["parent"]}
    assert {row["town"] for row in rows["kaizhou_ledger.csv"]} == towns

"""Rows without coordinates: placed by code, name or address, or listed; never by a guess."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_study import NAMES, TOWN, VILLAGE, WEST, write_study

from care_map.assessment import assess
from care_map.config import DemandSource, FacilitySource, Study, UnitSource, read_study
from care_map.inputs.load import load_inputs
from care_map.inputs.place_names import PlaceNames, core_name
from care_map.inputs.placement import coarser
from care_map.messages import catalogue

UNITS = {
    "d": ("万州区", "district", ""),
    "a": ("甲街道", "town", "d"),
    "b": ("乙镇", "town", "d"),
    "a1": ("东社区", "community", "a"),
    "a2": ("大村坝社区", "community", "a"),
    "b1": ("东村", "community", "b"),
    "b2": ("大村", "community", "b"),
    "b3": ("白果村村民委员会", "community", "b"),
    "b4": ("奇岩里", "community", "b"),
}


def places(units=UNITS):
    names, levels, parents = (
        {unit: row[place] for unit, row in units.items()} for place in range(3)
    )
    return PlaceNames(names, levels, parents)


def found(problems, code):
    return [problem for problem in problems if problem.code == code]


# Names


@pytest.mark.parametrize(
    ("town", "community", "unit", "way"),
    [
        ("乙镇", "东村", "b1", "name"),
        ("乙", "东", "b1", "synonym"),
        ("甲街道办事处", "东社区居委会", "a1", "synonym"),
        ("甲街道", "东居委会", "a1", "synonym"),
        ("", "东村民委员会", "b1", "synonym"),
        ("", "万州区乙镇东村", "b1", "synonym"),
        ("", "重庆市万州区乙镇人民政府白果村", "b3", "synonym"),
        ("乙鎮", "白果村第三村民小组", "b3", "synonym"),
        ("乙镇", "白果３組１２號", "b3", "synonym"),
        ("乙镇", "白果村李家湾组", "b3", "synonym"),
        ("万州区", "大村", "b2", "name"),
        ("重庆市万州区甲街道", "", "a", "synonym"),
        ("", "奇岩", "b4", "synonym"),
    ],
)
def test_names_and_their_synonyms(town, community, unit, way):
    meaning = places().meaning(town, community)
    assert (meaning.unit, meaning.way, meaning.fault) == (unit, way, "")


@pytest.mark.parametrize(
    ("town", "community", "fault", "column", "candidates", "left"),
    [
        ("", "东", "place_ambiguous", "community_name", ("a1", "b1"), ""),
        ("", "大村坝社区二组", "place_ambiguous", "community_name", ("a2", "b2"), ""),
        ("乙镇", "西村", "place_unknown", "community_name", (), "b"),
        ("乙镇", "大三社区", "place_unknown", "community_name", (), "b"),
        ("丙镇", "东村", "place_unknown", "town_name", (), ""),
        ("", "丙镇东村", "place_unknown", "community_name", (), ""),
        ("", "涪陵区东村", "place_unknown", "community_name", (), ""),
        ("甲街道", "东村", "place_unknown", "community_name", (), "a"),
        ("乙乡", "", "place_unknown", "town_name", (), ""),
    ],
)
def test_what_is_not_clear_is_no_village(town, community, fault, column, candidates, left):
    meaning = places().meaning(town, community)
    assert (meaning.fault, meaning.column) == (fault, column)
    assert (meaning.candidates, meaning.unit) == (candidates, left)


@pytest.mark.parametrize(
    ("address", "unit"),
    [
        ("重庆市万州区乙镇东村三组12号", "b1"),
        ("万州区甲街道东社区12号", "a1"),
        ("乙镇奇岩里16鄰三合街一段", "b4"),
        ("万州区乙镇人民路5号", "b"),
        ("新东村3号", ""),  # another village, whose name ends alike
        ("乙镇东村小学", "b"),  # a school
        ("甲街道东村路8号", "a"),
        ("东村12号，甲街道", "b1"),  # what comes after the number is not read
    ],
)
def test_only_a_whole_name_in_an_address_counts(address, unit):
    meaning = places().in_address(address)
    assert meaning.unit == unit
    assert meaning.way == ("address" if unit else "")


def test_the_nearest_spelling_is_a_proposal():
    assert places().nearest("大村霸社区", "community") == "a2"
    assert places().nearest("东材", "community", town="乙镇") == "b1"
    assert places().nearest("高笋塘", "town") == ""


def test_the_core_of_a_name():
    assert {core_name(name) for name in ("白果村", "白果村委会", "白果村第三组", "白果")} == {
        "白果"
    }
    assert core_name("东社区") != core_name("西社区")


SIGNS = "东西大白果村社区三一新组"
bases = st.text(SIGNS, min_size=1, max_size=3)
kinds = st.sampled_from(["村", "社区", "村民委员会", "居委会", "社区居委会"])
_ENDINGS = {
    "村": ["村", "村委会", "村民委员会", "村村委会", ""],
    "社区": ["社区", "社区居委会", "居委会", "居民委员会", "社区居民委员会", ""],
}
_TAILS = ["", "三组", "第3组", "１２組", "3组12号", "第十二村民小组", "5社", "二队"]
_HEADS = ["", "乙镇", "万州区乙镇", "重庆市万州区乙镇", "万州区", "乙镇人民政府"]


@settings(max_examples=150, deadline=None)
@given(
    names=st.lists(st.tuples(bases, kinds), min_size=1, max_size=5, unique=True),
    head=st.sampled_from(_HEADS),
    tail=st.sampled_from(_TAILS),
    data=st.data(),
)
def test_a_decorated_name_is_its_own_unit_or_ambiguous(names, head, tail, data):
    """Whatever the villages are called: never another one, unless that one is called so."""
    units = {"d": UNITS["d"], "b": UNITS["b"]}
    for number, (base, kind) in enumerate(names):
        units[f"v{number}"] = (base + kind, "community", "b")
    base, kind = names[0]
    ending = data.draw(st.sampled_from(_ENDINGS["村" if kind.startswith("村") else "社区"]))
    label = f"{head}{base}{ending}{tail}"
    meaning = places(units).meaning("", label)
    others = {units[unit][0] for unit in units if unit not in ("d", "b", "v0")}
    if label in others:
        assert meaning.way == "name"
    elif meaning.unit:
        assert meaning.unit == "v0"
        assert not meaning.fault
    else:
        assert meaning.fault == "place_ambiguous"
        assert "v0" in meaning.candidates


# Tables


SQUARES = (
    ("500101001000", "甲街道", "town", "", 108.40, 0.02),
    ("500101002000", "乙镇", "town", "", 108.42, 0.02),
    ("500101001001", "东社区", "community", "500101001000", 108.40, 0.01),
    ("500101001002", "西社区", "community", "500101001000", 108.41, 0.01),
    ("500101002201", "东村", "community", "500101002000", 108.42, 0.01),
)


def units_text():
    def wkt(west, side):
        east, south, north = west + side, 30.80, 30.82
        ring = [(west, south), (east, south), (east, north), (west, north), (west, south)]
        return "POLYGON((" + ",".join(f"{x} {y}" for x, y in ring) + "))"

    lines = [f'{u},{n},{level},{p},"{wkt(w, side)}"' for u, n, level, p, w, side in SQUARES]
    return "\n".join(["unit_id,name,level,parent_id,wkt", *lines, ""])


def test_elders_without_coordinates(make_study):
    text = (
        "编号,区划代码,乡镇街道,村社区,地址\n"
        "code,500101002201,,,\n"
        "name,,甲街道,东社区,\n"
        "synonym,,甲,西社区居委会３组,\n"
        "address,,,,万州区乙镇东村三组12号\n"
        "town,,乙镇,,\n"
        "ambiguous,,,东,\n"
        "unknown,,乙镇,冬村,\n"
        "nothing,,,,\n"
        "finer,500101002000,乙镇,东村,\n"
        "against,500101001001,乙镇,东村,\n"
    )
    inputs = load_inputs(make_study(units=units_text(), demand=text))
    demand = inputs.demand.set_index("demand_id")
    assert demand[["unit_id", "location_quality", "placed_by"]].T.to_dict("list") == {
        "code": ["500101002201", "village", "code"],
        "name": ["500101001001", "village", "name"],
        "synonym": ["500101001002", "village", "synonym"],
        "address": ["500101002201", "village", "address"],
        "town": ["500101002000", "town", "name"],
        "ambiguous": ["", "none", ""],
        "unknown": ["500101002000", "town", "name"],
        "nothing": ["", "none", ""],
        "finer": ["500101002201", "village", "name"],
        "against": ["500101001001", "village", "code"],
    }
    polygons = inputs.units.set_index("unit_id").geometry
    there = demand[demand["unit_id"] != ""]
    assert all(polygons[row.unit_id].contains(row.geometry) for row in there.itertuples())
    assert demand.geometry[["ambiguous", "nothing"]].isna().all()
    # Every row without a place is listed, each once, and those of which the town is known.
    rows = {
        code: [problem.row for problem in found(inputs.problems, code)]
        for code in (
            "place_ambiguous",
            "place_unknown",
            "placed_at_town",
            "demand_without_point",
            "code_contradicts_name",
        )
    }
    assert list(rows.values()) == [[7], [8], [6], [9], [11]]
    assert found(inputs.problems, "place_ambiguous")[0].values["units"] == (
        "甲街道东社区",
        "乙镇东村",
    )
    assert found(inputs.problems, "place_unknown")[0].values["units"] == ("乙镇东村",)
    placed = {
        (p.values["way"], p.values["exactness"]): p.count
        for p in found(inputs.problems, "rows_placed")
    }
    assert placed == {
        ("code", "village"): 2,
        ("name", "village"): 2,
        ("synonym", "village"): 1,
        ("address", "village"): 1,
        ("name", "town"): 2,
    }
    assert "address" not in inputs.demand


def test_units_without_polygons_give_a_unit_and_no_place(make_study):
    units = "代码,名称,级别,上级代码\n1,甲街道,镇,\n2,东社区,社区,1\n"
    text = "编号,村社区\na,东\nb,西\n"
    inputs = load_inputs(make_study(units=units, demand=text))
    assert inputs.demand["unit_id"].tolist() == ["2", ""]
    assert set(inputs.demand["location_quality"]) == {"none"}
    assert inputs.demand.geometry.isna().all()
    assert [p.row for p in found(inputs.problems, "demand_without_point")] == [2]
    assert [p.row for p in found(inputs.problems, "place_unknown")] == [3]


# What it means for coverage


def small(tmp_path, *, elders, facilities=(), more=""):
    """Write the street of the small study with lists of names."""
    file = write_study(tmp_path, more=more)
    head = "demand_id,elders,town_name,community_name\n"
    (tmp_path / "elders.csv").write_text(head + "\n".join(elders) + "\n", encoding="utf-8")
    if facilities:
        head = "facility_id,name,roles,stage,town_name,community_name\n"
        lines = "\n".join(facilities) + "\n"
        (tmp_path / "facilities.csv").write_text(head + lines, encoding="utf-8")
    return assess(read_study(file))


def by_elder(result):
    rows = result.access[result.access["profile"] == "standard"].set_index("demand_id")
    return rows[["status", "reason"]].T.to_dict("list")


def identity_holds(result):
    table = result.coverage_by_unit
    parts = table["covered"] + table["uncovered"] + table["undetermined"]
    return (parts == table["elders"]).all()


ELDERS = (
    f"town,5,{NAMES[TOWN]},",
    f"west,3,{NAMES[TOWN]},{NAMES[WEST]}",
    f"far,2,,{NAMES[VILLAGE]}",
    "lost,1,,某村",
)


@pytest.mark.parametrize(
    ("coarsest", "expected"),
    [
        ("village", ["location_town", "", "too_far", "no_coordinates"]),
        ("town", ["too_far", "", "too_far", "no_coordinates"]),
        ("point", ["location_town", "location_village", "location_village", "no_coordinates"]),
    ],
)
def test_who_is_known_by_town_is_undetermined(tmp_path, coarsest, expected):
    more = f'[limits]\ncoarsest_location = "{coarsest}"'
    result = small(tmp_path, elders=ELDERS, more=more)
    rows = by_elder(result)
    assert [rows[name][1] for name in ("town", "west", "far", "lost")] == expected
    open_rows = [name for name, (status, _) in rows.items() if status == "undetermined"]
    assert len(open_rows) == sum(
        "location" in word or word == "no_coordinates" for word in expected
    )
    assert identity_holds(result)
    said = {statement.code: statement.values.get("count") for statement in result.assumptions}
    counts = {"village": 5, "town": 5}
    for level, count in counts.items():
        judged = not coarser(np.array([level], dtype=object), coarsest)[0]
        assert said[f"at_{level}_point" if judged else f"{level}_not_judged"] == count
    for language in ("zh", "en"):
        texts = catalogue(language)
        assert all(texts.has(f"reason.{word}") for word in expected if word)
    remedies = dict(zip(result.gaps["reasons"], result.gaps["remedy"], strict=True))
    assert remedies.get("location_town", "complete_coordinates") == "complete_coordinates"


@pytest.mark.parametrize(
    ("place", "coarsest", "status"),
    [
        (f"{NAMES[TOWN]},", "village", "undetermined"),
        (f"{NAMES[TOWN]},", "town", "covered"),
        (f"{NAMES[TOWN]},{NAMES[WEST]}", "village", "covered"),
    ],
)
def test_a_facility_known_by_town_decides_nothing(tmp_path, place, coarsest, status):
    """The elders live where the facility would be put, by their own village."""
    facility = f"F1,站,community_station,operating,{place}"
    elders = [f"e,4,{place}"] if coarsest == "town" else [f"e,4,,{NAMES[WEST]}"]
    more = f'[limits]\ncoarsest_location = "{coarsest}"'
    result = small(tmp_path, elders=elders, facilities=[facility], more=more)
    assert by_elder(result)["e"][0] == status
    assert result.facilities.geometry.isna().all() == (status == "undetermined")
    assert identity_holds(result)


# Points that many share


def at_one_point(count, villages, *, others=0, groups="", more_columns=""):
    """Return records at a point in 东社区, and others spread over the town."""
    lines = [f"编号,年龄,重点对象,乡镇街道,村社区,经度,纬度{',位置精度' if more_columns else ''}"]
    for number in range(count):
        village = villages[number % len(villages)]
        lines.append(f"s{number},70,{groups},甲街道,{village},108.405,30.81{more_columns}")
    for number in range(others):
        lon, lat = 108.401 + 0.0001 * number, 30.801 + 0.0001 * (number * 37 % 150)
        lines.append(f"o{number},70,,甲街道,,{lon:.6f},{lat:.6f}{',' if more_columns else ''}")
    return "\n".join([*lines, ""])


@pytest.mark.parametrize(
    ("options", "quality"),
    [
        ({"count": 10, "villages": ["东社区", "西社区"]}, "town"),
        ({"count": 9, "villages": ["东社区", "西社区"]}, "point"),
        # One village, written in two ways: a large house.
        ({"count": 12, "villages": ["东社区", "东居委会"]}, "point"),
        ({"count": 30, "villages": [""]}, "town"),
        ({"count": 29, "villages": [""]}, "point"),
        ({"count": 30, "villages": [""], "others": 121}, "point"),
        ({"count": 30, "villages": [""], "others": 120}, "town"),
        ({"count": 30, "villages": ["东社区"]}, "village"),
        ({"count": 30, "villages": ["东社区", "西社区"], "groups": "集中特困"}, "point"),
        ({"count": 30, "villages": [""], "more_columns": ",楼栋"}, "building"),
    ],
)
def test_points_that_many_records_share(make_study, options, quality):
    inputs = load_inputs(make_study(units=units_text(), demand=at_one_point(**options)))
    shared = inputs.demand[inputs.demand["demand_id"].str.startswith("s")]
    assert set(shared["location_quality"]) == {quality}
    assert len(inputs.demand) == options["count"] + options.get("others", 0)
    told = found(inputs.problems, "point_shared")
    if quality in ("point", "building"):
        assert told == []
        return
    [problem] = told
    assert (problem.row, problem.count) == (2, options["count"])
    assert (problem.value, problem.values["place"]) == ("108.405000,30.810000", "甲街道")
    assert found(inputs.problems, "label_contradicts") == []
    if quality == "town" and options["villages"] != [""]:
        # The village is what the row says, not the one that the office stands in.
        assert sorted(set(shared["unit_id"])) == ["500101001001", "500101001002"]


def test_many_live_in_a_care_home(make_study):
    text = at_one_point(count=40, villages=["东社区", "西社区"])
    home = "名称,类型,经度,纬度\n甲敬老院,敬老院,108.4052,30.81\n"
    inputs = load_inputs(make_study(units=units_text(), demand=text, facilities=home))
    assert set(inputs.demand["location_quality"]) == {"point"}
    shop = home.replace("敬老院,敬", "食堂,敬").replace(",敬老院,", ",老年食堂,")
    inputs = load_inputs(make_study(units=units_text(), demand=text, facilities=shop))
    assert set(inputs.demand["location_quality"]) == {"town"}


def test_counts_at_one_place_are_no_office(make_study):
    lines = "".join(f"p{n},5,{'东西'[n % 2]}社区,108.405,30.81\n" for n in range(40))
    text = "编号,人数,村社区,经度,纬度\n" + lines
    inputs = load_inputs(make_study(units=units_text(), demand=text))
    assert set(inputs.demand["location_quality"]) == {"point"}


# Real lists


@pytest.mark.real_data
def test_stations_of_taipei_found_by_their_labels(shared_data, tmp_path):
    """Take the coordinates away: district and village must lead to the village of the label."""
    villages = Path("113年12月行政區三段年齡組性別人口統計_村里_WGS84_臺北市.geojson")
    columns = {"unit_id": "V_ID", "name": "VILLAGE", "parent_id": "TOWN_ID", "parent_name": "TOWN"}
    source = shared_data / "taipei" / "114年臺北市社區整體照顧服務體系C級單位一覽表_coord.csv"
    rows = source.read_text(encoding="utf-8-sig").splitlines()
    (tmp_path / "c.csv").write_text("\n".join(rows).replace("lat,lon", "y0,x0"), encoding="utf-8")
    (tmp_path / villages).symlink_to(shared_data / "taipei" / villages)
    labels = {"name": "據點名稱", "town_name": "行政區", "community_name": "里別"}
    study = Study(
        root=tmp_path,
        name="臺北市",
        units=(UnitSource(path=villages, level="community", columns=columns),),
        facilities=(FacilitySource(path=Path("c.csv"), columns=labels),),
        demand=(),
    )
    inputs = load_inputs(study)
    facilities = inputs.facilities
    assert len(facilities) == 291
    names = dict(zip(inputs.units["unit_id"], inputs.units["name"], strict=True))
    parents = dict(zip(inputs.units["unit_id"], inputs.units["parent_id"], strict=True))
    for row in facilities[facilities["location_quality"] == "village"].itertuples():
        assert names[row.unit_id].replace("台", "臺") == row.community_name.replace("台", "臺")
        assert names[parents[row.unit_id]] == row.town_name
    by_village = (facilities["location_quality"] == "village").sum()
    listed = sum(p.count for p in found(inputs.problems, "place_unknown"))
    assert by_village + listed == 291
    assert by_village >= 280
    # Address alone: the village that the label says, or nothing finer than the district.
    study = study.model_copy(
        update={
            "facilities": (
                FacilitySource(
                    path=Path("c.csv"), columns={"name": "據點名稱", "address": "據點地址"}
                ),
            )
        }
    )
    by_address = load_inputs(study).facilities
    assert set(by_address["placed_by"]) <= {"address", ""}
    placed = by_address[by_address["location_quality"] == "village"]
    meant = [names[unit].replace("台", "臺") for unit in placed["unit_id"]]
    written = [address.replace("台", "臺") for address in placed["address"]]
    assert all(name in address for name, address in zip(meant, written, strict=True))
    labels = [name.replace("台", "臺") for name in facilities["community_name"][placed.index]]
    other = [pair for pair in zip(meant, labels, strict=True) if pair[0] != pair[1]]
    # The list contradicts itself in a few rows: one names two addresses.
    assert len(placed) >= 200
    assert len(other) <= 0.03 * len(placed)


def test_a_source_may_state_its_own_exactness(make_study):
    text = "编号,经度,纬度,位置精度\na,108.405,30.81,村\nb,108.405,30.81,乡镇\nc,108.405,30.81,\n"
    study = make_study(units=units_text(), demand=text)
    assert isinstance(study.demand[0], DemandSource)
    demand = load_inputs(study).demand
    assert demand["location_quality"].tolist() == ["village", "town", "point"]
    assert demand["placed_by"].tolist() == ["", "", ""]

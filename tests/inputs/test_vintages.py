"""Units through time: validity, codes, the crosswalk, labels and figures of other times."""

import csv
import datetime as dt
import re
from collections import Counter

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care_map.errors import InputError
from care_map.inputs.crosswalk import Crosswalk
from care_map.inputs.load import check_inputs, load_inputs, read_inputs
from care_map.inputs.unit_figures import map_units, read_crosswalk
from care_map.messages import catalogue

DATED = (
    "代码,名称,启用日期,停用日期\n"
    "500154000000,某区,,\n"
    "500154107000,镇安镇,2001-01-01,2020-06-01\n"
    "500154008000,正安街道,2020-06-01,\n"
    "500154108000,竹溪镇,,\n"
)
LINKS = (
    "原代码,原名称,现代码,现名称,份额,调整日期\n500154107,镇安镇,500154008,正安街道,,2020-06-01\n"
)


def found(problems, code):
    return [problem for problem in problems if problem.code == code]


def says(problem, words):
    return words in problem.message(catalogue("zh"))


def crosswalk(*rows):
    columns = ["from_unit", "to_unit", "share"]
    frame = pd.DataFrame(rows, columns=columns).astype({"share": float})
    return Crosswalk(frame.assign(from_name="", to_name="", since=""))


# Validity


@pytest.mark.parametrize(
    ("as_of", "names", "left"),
    [
        (dt.date(2019, 12, 11), {"某区", "镇安镇", "竹溪镇"}, "units_not_in_force"),
        (dt.date(2020, 5, 31), {"某区", "镇安镇", "竹溪镇"}, "units_not_in_force"),
        (dt.date(2020, 6, 1), {"某区", "正安街道", "竹溪镇"}, "units_not_in_force"),
        (None, {"某区", "正安街道", "竹溪镇"}, "units_former"),
        (dt.date(1999, 1, 1), {"某区", "竹溪镇"}, "units_not_in_force"),
    ],
)
def test_units_of_the_day(make_study, as_of, names, left):
    inputs = load_inputs(make_study(header={"as_of": as_of}, units=DATED))
    assert set(inputs.units["name"]) == names
    [problem] = found(inputs.problems, left)
    assert problem.count + len(inputs.units) == 4


def test_a_study_without_dates_says_nothing_of_them(make_study):
    problems = check_inputs(make_study(units="代码,名称\n500154108000,竹溪镇\n"))
    assert not any(problem.code.startswith(("units_", "validity")) for problem in problems)


@pytest.mark.parametrize(
    ("rows", "code", "row"),
    [
        ("500154001,甲街道,2020-01-01,2019-01-01\n", "validity_reversed", 2),
        ("500154001,甲街道,2020-01-01,2020-01-01\n", "validity_reversed", 2),
        (
            "500154001,甲街道,,2020-01-02\n500154001000,甲街道,2020-01-01,\n",
            "validity_overlaps",
            3,
        ),
        ("500154001,甲,,\n500154001,甲,2020-01-01,2021-01-01\n", "validity_overlaps", 3),
        ("500154001,甲街道,,2020-01-01\n", "no_unit_in_force", None),
        ("500154001,甲街道,,\n500154001000,甲街道,,\n", "id_twice", 2),
    ],
)
def test_validity_that_cannot_be(make_study, rows, code, row):
    study = make_study(
        header={"as_of": dt.date(2022, 1, 1)}, units=f"代码,名称,启用日期,停用日期\n{rows}"
    )
    with pytest.raises(InputError) as raised:
        load_inputs(study)
    assert {problem.code for problem in raised.value.problems} == {code}
    assert raised.value.problems[0].row == row


def test_rows_of_units_are_used_or_left_out_with_their_reason(make_study):
    rows = "500154001,甲,2020-01-01,2019-01-01\n500154108000,竹溪镇,2020-01-01,\n"
    study = make_study(header={"as_of": dt.date(2022, 1, 1)}, units=DATED + rows)
    [ledger] = read_inputs(study).ledgers
    assert (ledger.read, ledger.used) == (6, 3)
    assert ledger.left_out == {
        "validity_reversed": 1,
        "validity_overlaps": 1,
        "units_not_in_force": 1,
    }


def test_vintages_of_one_code_that_touch_are_no_overlap(make_study):
    text = (
        "代码,名称,启用日期,停用日期\n500154001,甲镇,,2020-01-01\n500154001000,甲街道,2020-01-01,\n"
    )
    units = load_inputs(make_study(header={"as_of": dt.date(2020, 1, 1)}, units=text)).units
    assert units["name"].tolist() == ["甲街道"]
    assert units["setting"].tolist() == ["urban"]


def test_a_parent_that_is_not_in_force_is_not_made_up(make_study):
    text = (
        "代码,名称,级别,上级代码,启用日期,停用日期\n"
        "a1,旧镇,镇,,,2020-01-01\nb1,新街道,街道,,2020-01-01,\nc1,东村,村,a1,,\n"
    )
    inputs = load_inputs(make_study(header={"as_of": dt.date(2021, 1, 1)}, units=text))
    assert inputs.units["unit_id"].tolist() == ["b1", "c1"]
    assert inputs.units["parent_id"].tolist() == ["", ""]
    assert [problem.row for problem in found(inputs.problems, "parent_not_in_force")] == [4]


# Codes


def test_codes_that_cannot_be_right_are_listed(make_study):
    text = (
        "代码,名称\n500154,某区\n500154001,甲街道\n500154001001,东社区\n500154101000,乙镇\n500154103000,戊镇\n"
        "500154102000,丁镇\n5001541020000,十三位\n50015410100,十一位\n5OO154103,字母\n"
        "99154104,两样\n990154104,没有这个省\n"
    )
    problems = check_inputs(make_study(units=text))
    listed = {
        code: [one.row for one in found(problems, code)]
        for code in ("code_length", "code_letters", "code_province")
    }
    assert listed == {"code_length": [8, 9, 11], "code_letters": [10], "code_province": [12]}
    assert found(problems, "unit_codes_short")[0].count == 3


def test_codes_in_scientific_notation_are_an_error(make_study):
    text = "代码,名称\n500154001000,甲街道\n5.00154E+11,乙镇\n"
    [problem] = found(check_inputs(make_study(units=text)), "id_scientific")
    assert (problem.severity, problem.row) == ("error", 3)


def test_ids_of_other_kinds_are_no_codes(make_study):
    text = "代码,名称\n63000020-011,三民里\n63000020-012,莊敬里\nx,別處\n"
    problems = check_inputs(make_study(units=text))
    assert not any(problem.code.startswith("code_") for problem in problems)


def test_wrong_codes_in_a_list(make_study):
    demand = (
        "编号,区划代码\nA,500154\nB,500154107\nC,50015410\nD,5001541070\nE,50015410O\nF,500154999\n"
    )
    units = "代码,名称\n500154,某区\n500154107,镇安镇\n500154100,巷\n"
    inputs = load_inputs(make_study(units=units, demand=demand))
    assert inputs.demand["unit_id"].tolist() == ["500154", "500154107", "", "", "", ""]
    [eight, ten] = found(inputs.problems, "code_zeros_lost")
    assert (eight.row, says(eight, "补零后是500154100")) == (4, True)
    assert (ten.row, says(ten, "补零后是500154107")) == (5, True)
    assert [problem.row for problem in found(inputs.problems, "code_letters")] == [6]
    assert [problem.row for problem in found(inputs.problems, "unit_unknown")] == [7]
    assert inputs.demand["unit_as_listed"].tolist()[2:5] == ["50015410", "5001541070", "50015410O"]


# Labels of other times


@pytest.mark.parametrize(
    ("as_of", "unit"),
    [(dt.date(2022, 1, 1), "500154008000"), (dt.date(2019, 1, 1), "500154107000")],
)
def test_labels_of_either_time_are_put_in_those_of_the_day(make_study, as_of, unit):
    """A code or a name, of the time before or after: forward and backward through one table."""
    demand = (
        "编号,区划代码,乡镇街道\nA,500154107,\nB,500154008000,\n"
        "C,,镇安镇\nD,,正安街道\nE,500154108,\n"
    )
    study = make_study(header={"as_of": as_of}, units=DATED, demand=demand, crosswalk=LINKS)
    inputs = load_inputs(study)
    assert inputs.demand["unit_id"].tolist() == [unit] * 4 + ["500154108000"]
    assert [problem.count for problem in found(inputs.problems, "label_put")] == [1, 1]
    assert not found(inputs.problems, "unit_unknown")
    kept = inputs.demand["unit_as_listed"].tolist()
    assert sum(label != "" for label in kept) == 2
    assert kept[4] == ""


def test_facilities_and_targets_have_labels_too(make_study):
    study = make_study(
        units=DATED,
        facilities="设施名称,设施类型,乡镇街道\n敬老院,敬老院,镇安镇\n",
        crosswalk=LINKS,
    )
    inputs = load_inputs(study)
    assert inputs.facilities["unit_id"].tolist() == ["500154008000"]


def test_a_label_that_is_not_in_force_is_listed_without_a_crosswalk(make_study):
    demand = "编号,区划代码,乡镇街道\nA,500154107,\nB,,镇安镇\nC,,竹溪镇\n"
    inputs = load_inputs(make_study(units=DATED, demand=demand))
    assert inputs.demand["unit_id"].tolist() == ["", "", "500154108000"]
    listed = found(inputs.problems, "label_not_in_force")
    assert [(one.row, one.value) for one in listed] == [(2, "500154107"), (3, "镇安镇")]
    assert says(listed[0], "有效期 2001-01-01–2020-06-01")


def test_merged_units_and_chains(make_study):
    units = "代码,名称\n500154001,甲街道\n500154002,乙街道\n"
    links = (
        "原代码,原名称,现代码,现名称\n"
        "500154101,丙镇,500154102,丁镇\n500154102,丁镇,500154001,甲街道\n"
        "500154103,戊镇,500154001,甲街道\n,古镇,,丙镇\n"
    )
    demand = "编号,区划代码,乡镇街道\nA,500154101,\nB,500154103,\nC,,古镇\nD,,丁镇\nE,500154002,\n"
    inputs = load_inputs(make_study(units=units, demand=demand, crosswalk=links))
    assert inputs.demand["unit_id"].tolist() == ["500154001"] * 4 + ["500154002"]


def test_of_a_split_unit_the_point_decides(make_study, two_towns):
    links = (
        "原代码,原名称,现代码,份额\n500101101,老镇,500101001,0.6\n500101101,老镇,500101002,0.4\n"
    )
    demand = (
        "编号,区划代码,乡镇街道,经度,纬度\n"
        "A,500101101,,108.402,30.805\nB,500101101,,108.415,30.805\nC,500101101,,,\n"
        "D,500101101,,108.43,30.805\nE,,老镇,108.407,30.805\nF,,老镇,,\n"
    )
    inputs = load_inputs(make_study(units=two_towns, demand=demand, crosswalk=links))
    first = ["500101001000", "500101002000", "", "", "500101001001", ""]
    assert inputs.demand["unit_id"].tolist() == first
    split = found(inputs.problems, "label_split")
    assert [(one.row, one.value) for one in split] == [
        (4, "500101101"),
        (5, "500101101"),
        (7, "老镇"),
    ]
    assert says(split[0], "甲街道 (500101001000)、乙镇 (500101002000)")
    assert [one.count for one in found(inputs.problems, "label_by_point")] == [2, 1]
    assert not found(inputs.problems, "unit_unknown")


def test_many_rows_of_one_split_unit_are_counted(make_study, two_towns):
    links = "原代码,现代码,份额\n500101101,500101001,0.6\n500101101,500101002,0.4\n"
    rows = "".join(f"{number},500101101\n" for number in range(1500))
    study = make_study(units=two_towns, demand=f"编号,区划代码\n{rows}", crosswalk=links)
    split = found(load_inputs(study).problems, "label_split")
    assert (len(split), sum(one.count for one in split)) == (1001, 1500)


def test_a_name_that_is_still_in_force_means_the_unit_of_today(make_study):
    """镇 that gave away a part: its name and code go on."""
    units = "代码,名称\n500154101,甲镇\n500154001,乙街道\n"
    links = (
        "原代码,原名称,现代码,份额\n500154101,甲镇,500154101,0.8\n500154101,甲镇,500154001,0.2\n"
    )
    demand = "编号,区划代码,乡镇街道\nA,500154101,\nB,,甲镇\n"
    inputs = load_inputs(make_study(units=units, demand=demand, crosswalk=links))
    assert inputs.demand["unit_id"].tolist() == ["500154101"] * 2
    assert not found(inputs.problems, "label_split")
    assert not found(inputs.problems, "crosswalk_both_in_force")


# The crosswalk itself


@pytest.mark.parametrize(
    ("rows", "code", "row"),
    [
        ("500154101,,500154001,,0.5\n500154101,,500154002,,0.4\n", "crosswalk_shares", 2),
        ("500154101,,500154001,,\n500154101,,500154002,,0.4\n", "crosswalk_share_missing", 2),
        ("500154101,,500154001,,60\n", "crosswalk_share", 2),
        ("500154101,,500154001,,0.5\n", "crosswalk_shares", 2),
        ("500154101,,500154001,,0.5\n500154101000,,500154001,,0.5\n", "crosswalk_twice", 3),
        ("500154101,,500154102,,\n500154102,,500154101,,\n", "crosswalk_cycle", 2),
        (
            "500154101,,500154102,,\n500154102,,500154103,,\n500154103,,500154101,,\n",
            "crosswalk_cycle",
            2,
        ),
        ("500154101,,,,1\n", "crosswalk_end", 2),
        (",,500154001,,1\n", "crosswalk_end", 2),
    ],
)
def test_a_crosswalk_that_cannot_be(make_study, tmp_path, rows, code, row):
    text = f"原代码,原名称,现代码,现名称,份额\n{rows}"
    units = "代码,名称\n500154001,甲街道\n500154002,乙街道\n"
    problems = check_inputs(make_study(units=units, crosswalk=text))
    errors = [problem for problem in problems if problem.severity == "error"]
    assert {problem.code for problem in errors} == {code}
    assert errors[0].row == row
    with pytest.raises(InputError) as raised:
        read_crosswalk(tmp_path / "crosswalk1.csv")
    assert {problem.code for problem in raised.value.problems} == {code}


def test_units_that_a_crosswalk_does_not_account_for(make_study):
    units = "代码,名称\n500154001,甲街道\n500154002,乙街道\n"
    links = "原代码,现代码\n500154101,500154009\n500154002,500154001\n500154102,50015400\n"
    problems = check_inputs(make_study(units=units, crosswalk=links))
    assert [one.row for one in found(problems, "crosswalk_unknown")] == [2, 4]
    assert [one.row for one in found(problems, "crosswalk_both_in_force")] == [3]
    assert [one.row for one in found(problems, "code_length")] == [4]


def test_a_crosswalk_as_a_workbook(tmp_path):
    rows = [("原名称", "现名称", "份额"), ("镇安镇", "正安街道", 1)]
    pd.DataFrame(rows[1:], columns=rows[0]).to_excel(tmp_path / "对照.xlsx", index=False)
    assert read_crosswalk(tmp_path / "对照.xlsx").leads_to("镇安镇", {"正安街道"}) == ("正安街道",)


def test_a_crosswalk_that_is_not_there(tmp_path):
    with pytest.raises(InputError) as raised:
        read_crosswalk(tmp_path / "none.csv")
    assert [problem.code for problem in raised.value.problems] == ["file_missing"]


# Figures


def test_figures_of_renamed_merged_and_split_units():
    walk = crosswalk(("a", "x", 1), ("b", "x", 1), ("c", "y", 0.5), ("c", "z", 0.5))
    old = pd.DataFrame({"unit_id": ["a", "b", "c", "d"], "elders": [3, 4, 7, 9], "km2": [1.5] * 4})
    new = map_units(old, walk, columns=["elders", "km2"])
    assert new.to_dict("list") == {
        "unit_id": ["x", "y", "z", "d"],
        "elders": [7, 4, 3, 9],
        "km2": [3.0, 0.75, 0.75, 1.5],
    }
    assert new["elders"].dtype == "int64"
    back = map_units(new, walk, columns=["elders"], back=True, weights={"a": 3, "b": 4})
    assert back.set_index("unit_id")["elders"].to_dict() == {"a": 3, "b": 4, "c": 7, "d": 9}


def test_a_unit_that_gave_away_a_part_goes_on():
    walk = crosswalk(("a", "a", 0.75), ("a", "b", 0.25))
    old = pd.DataFrame({"unit_id": ["a", "b"], "elders": [100, 10]})
    new = map_units(old, walk, columns=["elders"])
    assert new.set_index("unit_id")["elders"].to_dict() == {"a": 75, "b": 35}


def test_the_way_back_needs_to_know_who_came_from_where():
    walk = crosswalk(("a", "x", 1), ("b", "x", 1))
    new = pd.DataFrame({"unit_id": ["x"], "elders": [7]})
    with pytest.raises(InputError) as raised:
        map_units(new, walk, columns=["elders"], back=True, weights={"a": 3})
    [problem] = raised.value.problems
    assert (problem.code, problem.value, says(problem, "（b）")) == ("weights_missing", "x", True)


@pytest.mark.parametrize(
    ("cells", "code"),
    [(["1", "2"], "figures_no_number"), ([1.0, None], "figures_missing"), (None, "figures_column")],
)
def test_figures_that_cannot_be_carried_over(cells, code):
    table = pd.DataFrame({"unit_id": ["a", "b"]})
    if cells:
        table["elders"] = cells
    with pytest.raises(InputError) as raised:
        map_units(table, crosswalk(("a", "x", 1)), columns=["elders"])
    assert [problem.code for problem in raised.value.problems] == [code]


@st.composite
def walks(draw):
    """Units a0…a4, each renamed, merged or split into some of b0…b4, these into c0…c2."""
    rows = []
    for level, (many, few) in enumerate(((5, 5), (5, 3))):
        for number in range(many):
            targets = draw(st.sets(st.integers(0, few - 1), max_size=3))
            parts = draw(st.lists(st.integers(1, 9), min_size=len(targets), max_size=len(targets)))
            rows += [
                (f"{'ab'[level]}{number}", f"{'bc'[level]}{target}", part / sum(parts))
                for target, part in zip(sorted(targets), parts, strict=True)
            ]
    return crosswalk(*rows)


@given(walks(), st.lists(st.integers(-1000, 100_000), min_size=5, max_size=5))
@settings(deadline=None, max_examples=30)
def test_sums_are_kept_there_and_back(walk, figures):
    old = pd.DataFrame({"unit_id": [f"a{at}" for at in range(5)], "elders": figures})
    old["area"] = old["elders"] / 7
    new = map_units(old, walk, columns=["elders", "area"])
    assert int(new["elders"].sum()) == sum(figures)
    assert new["area"].sum() == pytest.approx(old["area"].sum(), abs=1e-6)
    weights = dict.fromkeys((*walk.forward, *old["unit_id"], "b0", "b1", "b2", "b3", "b4"), 1.0)
    back = map_units(new, walk, columns=["elders"], back=True, weights=weights)
    assert int(back["elders"].sum()) == sum(figures)


@given(st.lists(st.integers(0, 10_000), min_size=6, max_size=6))
@settings(deadline=None, max_examples=40)
def test_merged_and_split_units_come_back_as_they_were(figures):
    walk = crosswalk(
        ("a", "x", 1), ("b", "x", 1), ("c", "x", 1), ("d", "y", 0.3), ("d", "z", 0.7), ("e", "w", 1)
    )
    old = pd.DataFrame({"unit_id": list("abcdef"), "elders": [one + 1 for one in figures]})
    new = map_units(old, walk, columns=["elders"])
    weights = dict(zip(old["unit_id"], old["elders"], strict=True))
    back = map_units(new, walk, columns=["elders"], back=True, weights=weights)
    assert back.set_index("unit_id")["elders"].to_dict() == weights


# The five districts: today's codes against the notices' units


@pytest.fixture(scope="module")
def town_codes(shared_data):
    return shared_data / "chongqing/cq_five_districts_town_codes_china-division.csv"


@pytest.fixture(scope="module")
def kaizhou_notice(shared_data):
    """Towns and streets of annex 4 of the notice of Kaizhou, 2019."""
    text = (shared_data.parent / "seeds/004_0ba8fc999a353ef6.txt").read_text(encoding="utf-8")
    annex = text.split("\n附件4\n")[1].split("说明：")[0].split("合计")[1]
    return re.findall(r"^\s*([\u4e00-\u9fff]+(?:街道|镇|乡))$", annex, re.MULTILINE)


def types_of(names):
    streets = sum(name.endswith("街道") for name in names)
    return streets, len(names) - streets


@pytest.mark.real_data
def test_todays_codes_of_five_districts(town_codes, make_study):
    study = make_study(units=town_codes.read_text(encoding="utf-8-sig"))
    inputs = load_inputs(study)
    assert len(inputs.units) == 161
    assert set(inputs.units["level"]) == {"town"}
    assert set(inputs.units["unit_id"].str.len()) == {9}
    assert found(inputs.problems, "unit_codes_short")[0].count == 161
    assert not any(problem.code.startswith("code_") for problem in inputs.problems)
    districts = inputs.units.groupby(inputs.units["unit_id"].str[:6])["name"].agg(list)
    assert types_of(districts["500101"]) == (14, 38)  # the notice of Wanzhou: 11 and 41
    assert types_of(districts["500154"]) == (8, 32)  # the notice of Kaizhou: 7 and 33


@pytest.mark.real_data
def test_towns_of_the_notice_of_kaizhou_that_are_no_more(town_codes, kaizhou_notice):
    with town_codes.open(encoding="utf-8-sig") as file:
        rows = [row for row in csv.DictReader(file) if row["areaCode"] == "500154"]
    today = [row["name"] for row in rows]
    assert types_of(kaizhou_notice) == (7, 33)
    assert max(Counter(kaizhou_notice).values()) == 1
    assert set(kaizhou_notice) - set(today) == {"镇安镇"}
    assert set(today) - set(kaizhou_notice) == {"正安街道"}


@pytest.mark.real_data
def test_a_list_of_the_notices_towns_on_todays_units(town_codes, kaizhou_notice, make_study):
    """With one row of crosswalk all 40 towns of 2019 are found; without it one is not."""
    units = town_codes.read_text(encoding="utf-8-sig")
    lines = "".join(f"{name}养老服务中心,{name}\n" for name in kaizhou_notice)
    lists = {"units": units, "facilities": f"设施名称,乡镇街道\n{lines}"}
    without = read_inputs(make_study(**lists)).facilities
    assert without.loc[without["unit_id"] == "", "town_name"].tolist() == ["镇安镇"]
    walk = "原名称,现代码,现名称\n镇安镇,500154008,正安街道\n"
    inputs = read_inputs(make_study(**lists, crosswalk=walk))
    assert inputs.facilities["unit_id"].nunique() == 40
    assert (inputs.facilities["unit_id"] != "").all()
    [put] = found(inputs.problems, "label_put")
    assert (put.value, put.count) == ("镇安镇", 1)

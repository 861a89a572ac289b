"""开州's notice from lists alone: towns, types, dates; no coordinates, no roads, no units."""

import datetime as dt
import json
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from inputs.conftest import told

import care_map as cm
from care_map.messages import catalogue
from care_map.packs.reader import read_pack
from care_map.policy.periods import Period, compare_periods
from care_map.workflows.returns import merge_returns, new_returns

HEAD = "设施名称,设施类型,乡镇街道,阶段,验收日期,运营日期\n"
WORDS = {
    "street_centre": "街道养老服务中心",
    "town_centre": "乡镇养老服务中心",
    "community_station": "社区养老服务站",
    "village_point": "村级互助养老服务点",
}
NOTICE = {"street_centre": 7, "town_centre": 33, "community_station": 89, "village_point": 424}
DUE_2019 = {"street_centre": 4, "town_centre": 12, "community_station": 39, "village_point": 311}
FEW = HEAD + (
    "汉丰中心,街道养老服务中心,汉丰街道,运营,2019-11-30,2019-12-20\n"
    "老站,社区养老服务站,汉丰街道,运营,2017-05-01,2017-06-01\n"
    "新站,社区养老服务站,汉丰街道,验收,2020-12-01,\n"
    "白桥敬老院,养老机构、乡镇养老服务中心,白桥镇,运营,2020-12-20,2020-12-25\n"
)
KAIZHOU = "500154"


def write_study(folder, *, facilities=FEW, header="", more=""):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "设施.csv").write_text(facilities, encoding="utf-8")
    (folder / "study.toml").write_text(
        f'[study]\nname = "开州"\npack = "kaizhou"\n{header}\n'
        f'[[facilities]]\npath = "设施.csv"\n{more}\n[output]\ndir = "run"\n',
        encoding="utf-8",
    )
    return folder


def everything_built():
    """Return a facility for each target, accepted in the middle of its year."""
    rows = [
        f"{one.town}{number}{WORDS[one.role]}{one.year},{WORDS[one.role]},{one.town},运营,"
        f"{one.year}-06-30,{one.year}-07-01\n"
        for one in read_pack("kaizhou").target
        for number in range(one.target)
    ]
    return HEAD + "".join(rows)


def by_role(result):
    return {row["role"]: row for row in result.summary["ledger"]}


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    folder = write_study(tmp_path_factory.mktemp("kaizhou"))
    return cm.run(folder, as_of=dt.date(2020, 12, 31))


def test_the_ledger_has_the_forty_towns_of_the_notice(few):
    ledger = few.result.ledger
    assert ledger["unit_id"].nunique() == 40
    assert {role: row["target"] for role, row in by_role(few.result).items()} == NOTICE
    kinds = ledger.drop_duplicates("unit_id")["unit_kind"].value_counts().to_dict()
    assert kinds == {"street": 7, "town": 33}


def test_what_was_there_before_the_plan_never_counts(few):
    stations = by_role(few.result)["community_station"]
    counts = ("due", "accepted", "operating", "late", "existing_before")
    assert [stations[name] for name in counts] == [89, 1, 0, 88, 1]
    left = few.result.ledger_left_out
    assert left[["name", "reason"]].to_numpy().tolist() == [["老站", "before_plan"]]


def test_one_site_is_a_home_and_the_towns_centre(few):
    rows = few.result.ledger[few.result.ledger["unit_id"] == "白桥镇"]
    centre = rows[rows["role"] == "town_centre"].iloc[0]
    assert (centre["accepted"], centre["operating"], centre["late"]) == (1, 1, 0)


def test_verdicts_are_written_and_shown(few):
    result, folder = few.result, few.folder / "internal"
    verdicts = result.summary["verdicts"]
    assert sum(verdicts.values()) == len(result.clause_verdicts) > 60
    assert result.summary["policy_day"] == "2020-12-31"
    assert json.loads((few.folder / "summary.json").read_text("utf-8"))["verdicts"] == verdicts
    for name in ("clause_verdicts", "clause_evidence", "ledger", "ledger_series", "unit_service"):
        table = pd.read_parquet(folder / "tables" / f"{name}.parquet")
        assert len(table) == len(getattr(result, name))
        assert (folder / "tables" / f"{name}.csv").is_file()
    sheets = openpyxl.load_workbook(folder / "report.xlsx", read_only=True).sheetnames
    assert sheets.index("条款结论") < sheets.index("建设台账") < sheets.index("数据质量")
    assert (folder / "map.html").stat().st_size > 10_000


def test_the_report_says_verdicts_in_words(few):
    book = openpyxl.load_workbook(few.folder / "internal" / "report.xlsx", read_only=True)
    cells = {str(cell) for row in book["条款结论"].iter_rows(values_only=True) for cell in row}
    assert {"力争", "原则性", "未达到", "不明", "是", "否"} <= cells
    cells = {str(cell) for row in book["建设台账"].iter_rows(values_only=True) for cell in row}
    assert {"街道养老服务中心", "村级互助养老服务点", "街道", "乡镇"} <= cells
    assert "village_point" not in cells


def test_nothing_is_measured_without_roads(few):
    circles = few.result.clause_verdicts
    circles = circles[circles["kind"] == "G"]
    assert set(circles["verdict"]) == {"unknown"}
    assert (circles["missing"] != "").all()


def test_the_units_are_the_notices_and_that_is_said(few):
    problems = {problem.code: problem for problem in few.result.problems}
    assert problems["units_of_notice"].count == 40
    assert "no_units" not in problems
    assert "notice_units_unknown" not in problems


def test_all_that_was_asked_for(tmp_path):
    folder = write_study(tmp_path, facilities=everything_built())
    for day, due in ((dt.date(2019, 12, 31), DUE_2019), (dt.date(2022, 12, 31), NOTICE)):
        ledger = by_role(cm.assess(cm.read_study(folder).model_copy(update={"as_of": day})))
        assert {role: row["due"] for role, row in ledger.items()} == due
        assert {role: row["accepted"] for role, row in ledger.items()} == due
        assert {row["late"] for row in ledger.values()} == {0}


def test_the_series_is_what_runs_of_its_days_say(few, tmp_path):
    series = few.result.ledger_series
    assert list(series["quarter"].unique()) == [
        f"{year}Q{quarter}" for year in (2019, 2020) for quarter in (1, 2, 3, 4)
    ]
    study = cm.read_study(write_study(tmp_path))
    for day, quarter in ((dt.date(2019, 12, 31), "2019Q4"), (dt.date(2020, 9, 30), "2020Q3")):
        then = by_role(cm.assess(study.model_copy(update={"as_of": day})))
        rows = series[series["quarter"] == quarter].set_index("role")
        for name in ("due", "accepted", "late"):
            assert {role: row[name] for role, row in then.items()} == rows[name].to_dict()


def test_without_a_day_the_lists_tell_it_and_it_is_printed(tmp_path):
    study = cm.read_study(write_study(tmp_path))
    result = cm.assess(study)
    assert result.summary["policy_day"] == "2020-12-25"
    assert result.summary["as_of"] is None
    said = [one for one in result.assumptions if one.code.startswith("policy_day")]
    assert [(one.code, told(one, "day")) for one in said] == [("policy_day_lists", "2020-12-25")]


def test_two_runs_write_the_same_tables(few, tmp_path):
    again = cm.run(write_study(tmp_path), as_of=dt.date(2020, 12, 31))
    for name in ("clause_verdicts", "clause_evidence", "ledger", "ledger_series", "unit_service"):
        files = [run.folder / "internal" / "tables" / f"{name}.csv" for run in (few, again)]
        assert files[0].read_bytes() == files[1].read_bytes()
    one, two = (run.folder / "internal" / "report.xlsx" for run in (few, again))
    assert one.read_bytes() == two.read_bytes()


def test_a_study_without_a_pack_has_no_verdicts(tmp_path):
    folder = write_study(tmp_path)
    text = (folder / "study.toml").read_text("utf-8").replace('pack = "kaizhou"\n', "")
    (folder / "study.toml").write_text(text, encoding="utf-8")
    result = cm.assess(cm.read_study(folder))
    assert result.clause_verdicts.empty
    assert result.ledger.empty
    assert not {"verdicts", "ledger", "policy_day"} & set(result.summary)
    assert "targets_without_pack" not in {problem.code for problem in result.problems}
    (folder / "任务.csv").write_text("设施类型,年度,目标数\n助餐点,2021,3\n", encoding="utf-8")
    (folder / "study.toml").write_text(f'{text}[[targets]]\npath = "任务.csv"\n', encoding="utf-8")
    problems = {problem.code: problem for problem in cm.check(folder)}
    assert problems["targets_without_pack"].count == 1
    assert not [one for one in result.assumptions if one.code.startswith("policy_day")]


def test_stated_figures_and_returns_are_judged(tmp_path):
    more = '[[stated]]\npath = "填报.csv"\n[[received]]\npath = "报送.csv"\n'
    folder = write_study(tmp_path, more=more)
    (folder / "填报.csv").write_text(
        "条款编号,数值,是否完成,数据日期,佐证材料\nkaizhou_18,85%,,2020-12-01,决算\n"
        "kaizhou_17b,,是,2021-03-01,纪要\n",
        encoding="utf-8",
    )
    (folder / "报送.csv").write_text("乡镇街道,季度\n汉丰街道,2020年第三季度\n", encoding="utf-8")
    study = cm.read_study(folder)
    for day, second in (("2020-12-31", "unknown"), ("2021-12-31", "pass")):
        result = cm.assess(study.model_copy(update={"as_of": dt.date.fromisoformat(day)}))
        verdict = result.clause_verdicts.set_index("clause_id")["verdict"]
        # What is dated later has not happened yet.
        assert (verdict["kaizhou_18"], verdict["kaizhou_17b"]) == ("pass", second)
        assert verdict["kaizhou_17a"] == "fail"


def test_own_targets_take_the_place_of_the_notices(tmp_path):
    folder = write_study(tmp_path, more='[[targets]]\npath = "任务.csv"\n')
    (folder / "任务.csv").write_text(
        "乡镇街道,设施类型,年度,目标数\n汉丰街道,社区养老服务站,2019,10\n", encoding="utf-8"
    )
    result = cm.assess(cm.read_study(folder).model_copy(update={"as_of": dt.date(2020, 12, 31)}))
    assert by_role(result)["community_station"]["target"] == 89 - 7 + 10


def todays_units(folder: Path, shared_data: Path) -> None:
    """Write today's towns of 开州 as a list of units."""
    file = shared_data / "chongqing" / "cq_five_districts_town_codes_china-division.csv"
    codes = pd.read_csv(file, dtype=str)
    codes = codes[codes["areaCode"] == KAIZHOU].assign(level="town")
    codes[["code", "name", "level"]].rename(columns={"code": "unit_id"}).to_csv(
        folder / "units.csv", index=False
    )


@pytest.fixture(scope="module")
def on_todays_units(tmp_path_factory, shared_data):
    """Return the study on today's units, and what a check finds by code."""
    folder = write_study(tmp_path_factory.mktemp("today"), more='[[units]]\npath = "units.csv"\n')
    todays_units(folder, shared_data)
    study = cm.read_study(folder).model_copy(update={"as_of": dt.date(2020, 12, 31)})
    return study, {problem.code: problem for problem in cm.check(study)}


def test_todays_units_ask_for_the_crosswalk(on_todays_units):
    study, checked = on_todays_units
    result = cm.assess(study)
    ran = {problem.code: problem for problem in result.problems}
    notice = {unit.name for unit in read_pack("kaizhou").unit}
    today = set(result.units["name"])
    assert notice - today, "the names of today are those of the notice: nothing to test"
    for found in (checked, ran):
        unknown = found["notice_units_unknown"]
        assert unknown.severity == "warning"
        assert set(told(unknown, "names")) == notice - today
        assert "crosswalk" in unknown.line(catalogue("zh"))
        strange = found["units_not_in_notice"]
        assert set(told(strange, "names")) == today - notice
    # The towns that are not found keep their targets, and their counts are unknown.
    assert {role: row["target"] for role, row in by_role(result).items()} == NOTICE
    lost = result.ledger[result.ledger["unit_id"] == ""]
    assert set(lost["unit_name"]) == notice - today
    assert lost["accepted"].isna().all()


def test_a_crosswalk_leads_from_the_notices_units_to_todays(on_todays_units, tmp_path, shared_data):
    units = '[[units]]\npath = "units.csv"\n'
    folder = write_study(tmp_path, more=f'{units}[[crosswalk]]\npath = "对照.csv"\n')
    todays_units(folder, shared_data)
    _, problems = on_todays_units
    lost = told(problems["notice_units_unknown"], "names")
    strange = told(problems["units_not_in_notice"], "names")
    rows = [f"{name},{strange[at % len(strange)]}\n" for at, name in enumerate(lost)]
    (folder / "对照.csv").write_text("原名称,现名称\n" + "".join(rows), encoding="utf-8")
    result = cm.assess(cm.read_study(folder).model_copy(update={"as_of": dt.date(2020, 12, 31)}))
    codes = {problem.code for problem in result.problems}
    assert "notice_units_unknown" not in codes
    assert "notice_units_carried" in codes
    assert not (result.ledger["unit_id"] == "").any()
    assert {role: row["target"] for role, row in by_role(result).items()} == NOTICE


def test_periods_on_the_units_of_the_notice_and_on_todays(few, on_todays_units):
    later = cm.assess(on_todays_units[0].model_copy(update={"as_of": dt.date(2021, 12, 31)}))
    periods = [
        Period(dt.date.fromisoformat(day), one.units, one.clause_verdicts, one.ledger)
        for one, day in ((few.result, "2020-12-31"), (later, "2021-12-31"))
    ]
    changes = compare_periods(*periods)
    row = changes.ledger[(changes.ledger["name"] == "汉丰街道")].set_index("role")
    assert row.loc["street_centre", "accepted_before"] == 1
    assert row.loc["street_centre", "accepted_more"] == 0
    assert (changes.verdicts["change"] != "new").all()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_new_study_with_a_pack_asks_for_what_its_clauses_read(tmp_path, language):
    file = cm.new(tmp_path / "a", pack="kaizhou", language=language)
    study = cm.read_study(file)
    assert study.pack is not None
    assert (len(study.stated), len(study.received), len(study.services)) == (1, 1, 1)
    assert not [p for p in cm.check(study) if p.severity == "error"]
    pages = {
        kind: openpyxl.load_workbook(study.path(source.path))[source.layer]
        for kind in ("facilities", "demand", "stated", "received", "services")
        for source in getattr(study, kind)
    }
    heads = {kind: [cell.value for cell in page[1]] for kind, page in pages.items()}
    if language == "zh":
        assert {"建筑面积（平方米）", "功能区", "统一标识", "验收日期"} <= set(heads["facilities"])
        # 开州 asks for no deposits, and its list of elders for no floors.
        assert "押金（元）" not in heads["facilities"]
        assert "楼层" not in heads["demand"]
    stated = {row[0] for row in pages["stated"].iter_rows(min_row=2, values_only=True)}
    clauses = {c.id: c for c in study.pack.clause if c.kind == "D"}
    assert stated <= set(clauses)
    assert {"kaizhou_18", "kaizhou_21a"} <= stated
    texts = {row[2] for row in pages["stated"].iter_rows(min_row=2, values_only=True)}
    assert "".join(clauses["kaizhou_18"].text) in texts
    result = cm.assess(study)
    assert result.ledger["unit_id"].nunique() == 40
    assert result.ledger["accepted"].isna().all()


def test_returns_have_the_packs_columns_and_give_the_list_of_those_received(tmp_path):
    folder = write_study(tmp_path)
    forms = new_returns(folder, period="2020Q4")
    assert len(forms.files) == 40
    page = openpyxl.load_workbook(forms.files[0])["养老设施"]
    header = [cell.value for cell in page[2]]
    assert {"室外活动场所", "单独功能用房", "带站中心"} <= set(header)
    back = folder / "back"
    back.mkdir()
    for file in forms.files[:3]:
        (back / file.name).write_bytes(file.read_bytes())
    day = dt.date(2021, 1, 5)
    merged = merge_returns(folder, back, out=folder / "got", received=day)
    at = merged.study_lines.index("[[received]]")
    lines = "\n".join(merged.study_lines[at : at + 3])
    write_study(folder, more=lines)
    result = cm.assess(cm.read_study(folder).model_copy(update={"as_of": dt.date(2021, 1, 31)}))
    assert "received_period" not in {problem.code for problem in result.problems}
    verdict = result.clause_verdicts.set_index("clause_id").loc["kaizhou_17a"]
    assert verdict["verdict"] == "fail"
    assert verdict["met"] == 3

"""`new`: a folder that is valid as it is and runs once its lists are filled in."""

import re
import tomllib
from pathlib import Path

import openpyxl
import pytest

import care_map as cm
from care_map.config import read_study
from care_map.errors import OutputError
from care_map.messages import LANGUAGES
from care_map.packs.reader import read_pack
from care_map.schema import CANDIDATES, DEMAND, FACILITIES, TARGETS, UNITS
from care_map.study_file import StudyFile
from care_map.workflows.new import new

LISTS = {
    "zh": {
        "data/boundaries/区划单元.xlsx": UNITS,
        "data/facilities/养老设施.xlsx": FACILITIES,
        "data/老年人.xlsx": DEMAND,
        "data/目标任务.xlsx": TARGETS,
        "data/闲置资产.xlsx": CANDIDATES,
    },
    "en": {
        "data/boundaries/units.xlsx": UNITS,
        "data/facilities/facilities.xlsx": FACILITIES,
        "data/elders.xlsx": DEMAND,
        "data/targets.xlsx": TARGETS,
        "data/idle property.xlsx": CANDIDATES,
    },
}
SETTING = re.compile(r"^#(?=\[|[a-z_]+ = )", re.MULTILINE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_fresh_folder_runs_and_says_what_is_missing(care_map, tmp_path, language):
    folder = tmp_path / "新区"
    made = care_map("new", folder, "--language", language)
    assert (made.code, made.err) == (0, "")
    assert str(folder) in made.out
    assert care_map("check", folder).code == 0
    answer = care_map("run", folder, "--json")
    assert (answer.code, answer.err) == (0, "")
    assert answer.json["summary"]["study"] == "新区"
    assert answer.json["problems"]["error"] == 0
    told = (folder / "outputs" / "result" / "issues.csv").read_text("utf-8-sig")
    for code in ("no_roads", "no_demand", "no_facilities", "no_units", "table_empty"):
        assert code in told
    assert (folder / "outputs" / "README.md").is_file()


@pytest.mark.parametrize("language", LANGUAGES)
def test_lists_have_headers_of_the_schema_and_no_rows(tmp_path, language):
    folder = new(tmp_path / "a", language=language).parent
    study = read_study(folder)
    named = {path.as_posix() for _, path in study.sources()}
    assert named == set(LISTS[language])
    for name, table in LISTS[language].items():
        page = openpyxl.load_workbook(folder / name).worksheets[0]
        assert page.max_row == 1
        header = [cell.value for cell in page[1]]
        titles = [column.title(language) for column in table.columns]
        assert header == [title for title in titles if title in header]
        needed = {column.title(language) for column in table.columns if column.required}
        assert needed <= set(header)
        assert len(header) >= len(titles) - 7
    sheets = {
        source.layer
        for kind in ("units", "facilities", "demand", "targets", "candidates")
        for source in getattr(study, kind)
    }
    assert len(sheets) == 5
    for part in ("data/boundaries", "data/facilities", "notebooks", "outputs"):
        assert (folder / part / "README.md").read_text("utf-8").startswith("# ")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_is_there_and_explained(tmp_path, language):
    file = new(tmp_path / "a", language=language)
    text = file.read_text("utf-8")
    study = read_study(file)
    assert (study.language, study.roads) == (language, None)
    # With every setting switched on it is still a valid file, and no key is left out.
    tables = tomllib.loads(SETTING.sub("", text))
    opened = StudyFile.model_validate({**tables, "units": [tables["units"]]})
    left_out = set(_unset(opened, "")) - {"study.pack"}
    # A circle has one of two forms.
    assert {re.sub(r"^circle\[\d\]\.", "circle.", key) for key in left_out} <= {
        "circle.profile",
        "circle.minutes",
        "circle.setting",
        "circle.urban",
        "circle.rural",
        "circle.delivery",
        "circle.direction",
    }
    assert "# pack = " in text
    assert "# setting = " in text
    comments = [line for line in text.splitlines() if line.startswith("# ")]
    assert len(comments) > 40
    if language == "en":
        assert not re.search("[\u3000-\u9fff]", text)


def _unset(part, prefix):
    for name in type(part).model_fields:
        value = getattr(part, name)
        if name not in part.model_fields_set:
            yield f"{prefix}{name}"
        for number, one in enumerate(value if isinstance(value, list) else [value]):
            if hasattr(one, "model_fields_set"):
                key = (
                    f"{prefix}{name}[{number}]." if isinstance(value, list) else f"{prefix}{name}."
                )
                yield from _unset(one, key)


def test_the_circles_shown_are_the_ones_used(tmp_path):
    file = new(tmp_path / "a")
    before = read_study(file)
    text = file.read_text("utf-8")
    start = text.index("#[[circle]]")
    end = text.index("[limits]")
    file.write_text(text[:start] + SETTING.sub("", text[start:end]) + text[end:], encoding="utf-8")
    after = read_study(file)
    # The third is one that a study can add.
    *shown, meals = [(circle.id, circle.require, circle.rules) for circle in after.circles]
    assert meals[0] == "meals_15"
    assert shown == [(circle.id, circle.require, circle.rules) for circle in before.circles]
    assert after.limits == before.limits


def test_filled_in_lists_run_untouched(care_map, tmp_path, roads):
    folder = tmp_path / "s"
    care_map("new", folder)
    before = (folder / "study.toml").read_bytes()
    _fill(
        folder / "data/boundaries/区划单元.xlsx",
        区划代码="500101001000",
        名称="甲街道",
        级别="乡镇街道",
    )
    _fill(
        folder / "data/facilities/养老设施.xlsx",
        设施名称="甲站",
        设施类型="社区养老服务站",
        阶段="运营",
        区划代码="500101001000",
        经度="108.40",
        纬度="30.80",
    )
    _fill(folder / "data/老年人.xlsx", 编号="1", 年龄="81", 经度="108.40", 纬度="30.8005")
    told = care_map("run", folder, "--json").json
    assert (folder / "study.toml").read_bytes() == before
    assert (told["summary"]["units"], told["summary"]["elders"]) == (1, 1)
    first = told["summary"]["circles"][0]
    assert first["undetermined"] == 1
    # The road file is the one thing that the study file must be told of.
    text = before.decode().replace("#[roads]", "[roads]")
    text = text.replace('#path = "data/roads.osm.pbf"', f'path = "{roads.as_posix()}"')
    (folder / "study.toml").write_text(text, encoding="utf-8")
    assert cm.assess(read_study(folder)).summary["circles"][0]["covered"] == 1


def _fill(file, **cells):
    book = openpyxl.load_workbook(file)
    page = book.worksheets[0]
    columns = {cell.value: cell.column for cell in page[1]}
    assert set(cells) <= set(columns)
    for header, value in cells.items():
        page.cell(2, columns[header]).value = value
    book.save(file)


def test_targets_are_looked_at_and_stop_nothing(care_map, tmp_path):
    folder = tmp_path / "s"
    care_map("new", folder)
    file = folder / "data/目标任务.xlsx"
    _fill(file, 设施类型="社区养老服务站", 年度=2026, 季度=5, **{"目标数（处）": -1})
    answer = care_map("check", folder, "--json")
    found = [(p["code"], p["column"]) for p in answer.json["problems"] if "目标" in p["source"]]
    assert found == [("target_quarter", "季度"), ("count_negative", "目标数（处）")]
    assert answer.code == 0
    _fill(
        file, 设施类型="社区养老服务站", 年度=26, 季度=2, 区划代码="500101009000", 乡镇街道="哪里"
    )
    found = {p["code"] for p in care_map("check", folder, "--json").json["problems"]}
    assert {"target_year", "count_negative"} <= found
    _fill(
        folder / "data/boundaries/区划单元.xlsx",
        区划代码="500101001000",
        名称="甲镇",
        级别="乡镇街道",
    )
    found = {p["code"] for p in care_map("check", folder, "--json").json["problems"]}
    assert {"unit_unknown", "target_town"} <= found


def test_only_an_empty_folder_is_filled(care_map, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    answer = care_map("new", tmp_path / "full")
    assert (answer.code, answer.out) == (2, "")
    assert "不是空的" in answer.err
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.txt"]
    assert "已有同名文件" in care_map("new", tmp_path / "full" / "mine.txt").err
    (tmp_path / "empty").mkdir()
    told = care_map("new", tmp_path / "empty", "--json")
    assert told.json["study"] == str(tmp_path / "empty" / "study.toml")


def test_hostile_names_of_folders(care_map, tmp_path):
    folder = tmp_path / 'a"[b]\x1b[31m\n\\{name}'
    answer = care_map("new", folder)
    assert answer.code == 0
    assert "\x1b" not in answer.out
    assert read_study(folder).name == folder.name


def test_a_place_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        new(tmp_path / "file" / "below")


PACK = Path(__file__).parents[2] / "data" / "notice.toml"


def test_a_pack_by_its_name(care_map, tmp_path):
    made = care_map("new", tmp_path / "a", "--pack", "yuzhong")
    assert (made.code, made.err) == (0, "")
    text = (tmp_path / "a" / "study.toml").read_text("utf-8")
    assert re.search(r'^pack = "yuzhong"$', text, re.MULTILINE)
    assert read_study(tmp_path / "a").pack == read_pack("yuzhong")
    assert care_map("check", tmp_path / "a").code == 0


def test_a_pack_by_its_path_from_where_the_command_runs(care_map, tmp_path, monkeypatch):
    (tmp_path / "packs").mkdir()
    for file in PACK.parent.glob("notice*"):
        (tmp_path / "packs" / file.name).write_bytes(file.read_bytes())
    monkeypatch.chdir(tmp_path)
    made = care_map("new", "districts/a", "--pack", "packs/notice.toml")
    assert (made.code, made.err) == (0, "")
    study = read_study("districts/a")
    assert study.pack == read_pack(PACK)
    assert study.pack_files[0].as_posix() == "../../packs/notice.toml"
    assert care_map("check", "districts/a").code == 0


@pytest.mark.parametrize("pack", ["nosuch", "nosuch.toml"])
def test_no_folder_is_made_for_a_pack_that_is_not_there(care_map, tmp_path, pack):
    made = care_map("new", tmp_path / "a", "--pack", pack)
    assert made.code == 2
    assert pack in made.err
    assert not (tmp_path / "a").exists()

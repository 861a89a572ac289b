"""`run` and `check` on a hamlet: figures, findings, languages, JSON, hostile names."""

import csv
import json
import re
import shutil

import pytest
from cli.conftest import Ran, call_here, write_hamlet

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]")
STUDY_NAME = "小村[bold]"


@pytest.fixture(scope="module")
def dated_run(tmp_path_factory):
    """Return the study after a run of another day into another folder, told in JSON."""
    folder = write_hamlet(tmp_path_factory.mktemp("dated"))
    options = ("--as-of", "2024-02-29", "--out", folder / "elsewhere", "--json")
    return Ran(folder, call_here("run", folder / "study.toml", *options))


def test_run_prints_figures_and_the_map_last(first_run):
    study, answer = first_run.study, first_run.answer
    assert (answer.code, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert STUDY_NAME in lines[0]
    folder = study / "outputs" / "run"
    assert lines[-1] == f"地图：{folder / 'internal' / 'map.html'}"
    assert lines[-2] == f"结果：{folder}"
    # E1 and E2 live at the station, E3 a kilometre's walk away, seven have no coordinates.
    figures = next(line for line in lines if line.startswith("  步行 1.0 米/秒")).split()
    assert figures[-5:-1] == ["20.0%–90.0%", "2", "1", "7"]
    assert "elders.csv 第 5 行等 7 行：没有可用坐标" in answer.out
    assert answer.out.count("没有可用坐标") == 1
    assert not CONTROL.search(answer.out)
    with (folder / "issues.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    without = [row for row in rows if row["code"] == "demand_without_point"]
    assert [row["row"] for row in without] == [str(number) for number in range(5, 12)]


def test_run_in_json(dated_run):
    study, answer = dated_run.study, dated_run.answer
    assert (answer.code, answer.err) == (0, "")
    told = answer.json
    assert told["map"] == str(study / "elsewhere" / "internal" / "map.html")
    assert told["summary"] == json.loads((study / "elsewhere" / "summary.json").read_text("utf-8"))
    assert told["problems"]["warning"] >= 7
    assert told["labels"] == []


def test_language_of_a_study_and_of_the_user(care_map, study):
    assert "Map:" in care_map("run", study, "--language", "en").out
    text = (study / "study.toml").read_text("utf-8")
    english = text.replace('"zh"', '"en"')
    (study / "study.toml").write_text(english, encoding="utf-8")
    assert "地图：" in care_map("run", study, "--language", "zh").out
    assert "Data quality, file by file" in care_map("check", study).out


def test_quiet_says_nothing(care_map, study):
    answer = care_map("--quiet", "run", study)
    assert (answer.code, answer.out, answer.err) == (0, "", "")
    assert (study / "outputs" / "run" / "internal" / "map.html").is_file()


def test_run_again_from_its_manifest(care_map, dated_run, tmp_path):
    assert dated_run.answer.json["summary"]["as_of"] == "2024-02-29"
    study = shutil.copytree(dated_run.study, tmp_path / "moved")
    manifest = study / "elsewhere" / "manifest.json"
    again = care_map("run", "--from", manifest, "--out", study / "again", "--json")
    assert again.code == 0
    assert again.json["summary"]["as_of"] == "2024-02-29"
    assert (study / "again" / "summary.json").read_bytes() == manifest.with_name(
        "summary.json"
    ).read_bytes()
    (study / "elders.csv").write_text("编号,年龄\nE1,70\n", encoding="utf-8")
    changed = care_map("run", "--from", manifest, "--out", study / "third")
    assert (changed.code, changed.out) == (2, "")
    assert "elders.csv" in changed.err
    assert not (study / "third").exists()


def test_a_failed_run_leaves_the_last_one(care_map, first_run, tmp_path):
    study = shutil.copytree(first_run.study, tmp_path / "study")
    page = study / "outputs" / "run" / "internal" / "map.html"
    before = page.read_bytes()
    (study / "facilities.csv").write_text("类型\n医院\n", encoding="utf-8")
    answer = care_map("run", study)
    assert (answer.code, answer.out) == (2, "")
    assert "facilities.csv" in answer.err
    assert page.read_bytes() == before


def test_check_lists_and_leaves_zero(care_map, study):
    answer = care_map("check", study)
    assert (answer.code, answer.err) == (0, "")
    assert "elders.csv 第 5 行等 7 行" in answer.out
    assert answer.out.splitlines()[-1].endswith(str(study / "issues.csv"))
    assert (study / "issues.csv").is_file()
    assert not (study / "outputs").exists()


def test_check_ends_with_two_at_an_error(care_map, study):
    (study / "facilities.csv").write_text("类型\n医院\n", encoding="utf-8")
    answer = care_map("check", study)
    assert answer.code == 2
    assert "错误：facilities.csv" in answer.out
    told = care_map("check", study, "--json")
    assert told.code == 2
    assert "error" in {problem["severity"] for problem in told.json["problems"]}
    quiet = care_map("check", study, "--quiet")
    assert (quiet.code, quiet.out) == (2, "")
    assert "facilities.csv" in quiet.err


def test_a_wrong_study_file_is_listed_whole(care_map, study):
    (study / "study.toml").write_text('[study]\nnam = "x"\n[road]\n', encoding="utf-8")
    answer = care_map("run", study)
    assert answer.code == 2
    assert len(answer.err.splitlines()) == 3
    assert {one["code"] for one in care_map("check", study, "--json").json["problems"]} == {
        "study_unknown_key",
        "study_missing_key",
    }


def test_as_a_module(program, study, first_run):
    # No terminal: neither progress nor a width to keep to, and Chinese in the C locale.
    answer = program("run", "study.toml", cwd=study, LC_ALL="C")
    assert (answer.code, answer.err) == (0, "")
    # Nothing else is printed, by whatever library: an object of JSON would stand alone too.
    same = first_run.answer.out.replace(str(first_run.study), str(study))
    assert answer.out.split() == same.split()

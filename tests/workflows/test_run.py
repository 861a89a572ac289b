"""A run from a study file to a folder: complete, the same every time, whole or not at all."""

import csv
import datetime as dt
import json
import re
import shutil
import time
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from cli.conftest import call_program
from small_study import CARE, ELDERS, FACILITIES, write_study

from care_map.assessment import assess
from care_map.config import read_study
from care_map.errors import InputError, NotBuiltError, Problem
from care_map.messages import catalogue
from care_map.outputs.readings import Words
from care_map.schema import COVERAGE_BY_UNIT, TABLES
from care_map.workflows.check import check
from care_map.workflows.run import replay, run, write_outputs

NAMES = (
    "coverage_by_unit",
    "access",
    "gaps",
    "gap_reasons",
    "facility_load",
    "capacity_by_unit",
    "capacity_by_facility",
    "beds_by_unit",
    "network_report",
    "setting_flips",
    "source_quality",
    "clause_verdicts",
    "clause_evidence",
    "ledger",
    "ledger_left_out",
    "ledger_series",
    "unit_service",
    "equity",
    "lorenz",
    "overlap",
    "critical",
    "served_from_outside",
    "undetermined",
    "robustness",
    "gap_robustness",
)
FILES = {
    "summary.json",
    "manifest.json",
    "issues.csv",
    "internal/map.html",
    "internal/report.docx",
    "internal/report.html",
    "internal/report.xlsx",
    "internal/layers.gpkg",
    "internal/layers.qgs",
    "internal/tables/field_dictionary.csv",
    *(f"internal/tables/{name}.{kind}" for name in NAMES for kind in ("csv", "parquet")),
}
CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
ENGLISH_DATA = {
    "小研究": "Small study",
    "长街": "Long Street",
    "西社区养老服务站": "West station",
    "东社区养老服务站": "East station",
    "甲街道卫生服务中心": "Health centre",
    "西社区": "West",
    "东社区": "East",
    "甲街道": "First street",
    "乙镇": "Second town",
    "河村": "River village",
    "养老圈": "Care circle",
}


@pytest.fixture(scope="module")
def stages():
    """Return what the run of the small study told of its progress."""
    return []


@pytest.fixture(scope="module")
def small(tmp_path_factory, stages):
    """Return the study file and the finished run of the small study; tests read them only."""
    file = write_study(tmp_path_factory.mktemp("small"))
    return file, run(file, progress=stages.append)


@pytest.fixture(scope="module")
def dated(tmp_path_factory):
    """Return the file and the run of a study on another day than its own; tests read them only."""
    station = ("F1", "站", "community_station", "planned", 500, 0, "2021-05-01")
    folder = tmp_path_factory.mktemp("dated")
    file = write_study(folder, facilities=[station], header="as_of = 2020-01-01")
    return file, run(file, as_of=dt.date(2021, 5, 1))


def copied(file, folder):
    """Copy the folder of a study with its run, and return the study file of the copy."""
    shutil.copytree(file.parent, folder)
    return folder / file.name


def files(folder):
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def content(folder):
    """Return the bytes of every file, of the manifest without its timings."""
    found = {name: (folder / name).read_bytes() for name in files(folder)}
    manifest = json.loads(found["manifest.json"])
    assert set(manifest.pop("timings_s")) == {"assess", "write"}
    return {**found, "manifest.json": json.dumps(manifest, sort_keys=True).encode()}


def issues(folder):
    with (folder / "issues.csv").open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def payload(folder):
    """Return what the map page is given."""
    page = (folder / "internal" / "map.html").read_text(encoding="utf-8")
    found = re.search(r'<script[^>]*type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL)
    return json.loads(found[1])


def workbook(folder):
    return openpyxl.load_workbook(folder / "internal" / "report.xlsx", read_only=True)


def sheets(folder):
    return {sheet.title: list(sheet.values) for sheet in workbook(folder).worksheets}


def words_of(folder):
    """Return all text cells of the workbook and the names of its sheets."""
    found = sheets(folder)
    cells = [c for rows in found.values() for row in rows for c in row if isinstance(c, str)]
    return [*found, *cells]


# The folder


def test_a_run_writes_a_complete_folder(small):
    file, done = small
    assert done.folder == file.parent / "run"
    assert files(done.folder) == FILES
    assert done.map_file.is_file()
    summary = json.loads((done.folder / "summary.json").read_text(encoding="utf-8"))
    assert summary["elders"] == 18
    manifest = json.loads((done.folder / "manifest.json").read_text(encoding="utf-8"))
    keys = [entry["key"] for entry in manifest["inputs"]]
    assert keys == ["demand[1].path", "facilities[1].path", "roads.path", "units[1].path"]
    assert manifest["parameters"]["study_file"] == "../study.toml"
    assert not [p for p in file.parent.iterdir() if p.name.startswith(".")]
    for path in done.folder.rglob("*.csv"):
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")


def test_twice_the_same_bytes(small, tmp_path):
    file, first = small
    time.sleep(3)
    again = run(file, out=tmp_path / "run")
    one, two = content(first.folder), content(again.folder)
    # The study file is told as seen from the run: the only thing that differs.
    assert {name for name in one if one[name] != two[name]} == {"manifest.json"}


@pytest.mark.usefixtures("small")
def test_progress_names_the_stages(stages):
    assert [stage for stage in stages if stage] == ["assess", "write"]


def test_the_day_of_the_assessment_changes_which_stages_operate(dated, tmp_path):
    file, done = dated
    of_the_file = run(file, out=tmp_path / "run")
    before = assess(read_study(file).model_copy(update={"as_of": dt.date(2021, 4, 30)}))
    results = (of_the_file.result, before, done.result)
    assert [result.summary["circles"][0]["covered"] for result in results] == [0, 0, 3]
    for one, day in ((of_the_file, "2020-01-01"), (done, "2021-05-01")):
        told = json.loads((one.folder / "summary.json").read_text(encoding="utf-8"))
        assert told["as_of"] == day


def test_findings_of_an_earlier_step_are_listed_once(small, tmp_path):
    file, plain = small
    found = check(file)
    assert "road_layer_no_barriers" in {problem.code for problem in found}
    earlier = (Problem("file_missing", "info", source="dem.tif"), *found)
    done = run(file, out=tmp_path / "run", more_problems=earlier)
    codes = [row["code"] for row in issues(done.folder)]
    assert sorted(codes) == sorted(
        ["file_missing", *(problem.code for problem in plain.result.problems)]
    )


# Replay


def test_a_manifest_is_run_again_on_the_same_day(dated, tmp_path):
    file, first = dated
    folder = copied(file, tmp_path / "study").with_name("run")
    written = (folder / "internal" / "map.html").stat().st_mtime_ns
    again = replay(folder / "manifest.json")
    assert again.folder.samefile(folder)
    assert (folder / "internal" / "map.html").stat().st_mtime_ns > written
    assert content(folder) == content(first.folder)
    elsewhere = replay(folder / "manifest.json", out=tmp_path / "copy")
    assert elsewhere.folder.samefile(tmp_path / "copy")
    assert elsewhere.result.summary == first.result.summary


def test_a_project_folder_can_be_moved_and_replayed(small, tmp_path):
    file, first = small
    moved = copied(file, tmp_path / "elsewhere").parent
    assert content(replay(moved / "run" / "manifest.json").folder) == content(first.folder)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("elders.csv", "input_changed"),
        ("roads.geojson", "input_changed"),
        ("study.toml", "input_changed"),
        ("-units.csv", "file_missing"),
    ],
)
def test_a_replay_refuses_what_is_no_longer_the_same(small, tmp_path, change, code):
    file, _ = small
    moved = copied(file, tmp_path / "elsewhere").parent
    before = content(moved / "run")
    changed = moved / change.removeprefix("-")
    if change.startswith("-"):
        changed.unlink()
    else:
        changed.write_text(changed.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    with pytest.raises(InputError) as raised:
        replay(moved / "run" / "manifest.json")
    assert [problem.code for problem in raised.value.problems] == [code]
    assert content(moved / "run") == before


@pytest.mark.parametrize("text", ["{}", "[]", '{"program": "care-map"}', "no json"])
def test_a_foreign_manifest_is_refused(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        replay(tmp_path / "manifest.json")
    assert [problem.code for problem in raised.value.problems] == ["manifest_foreign"]


def test_a_study_made_in_code_cannot_be_replayed(small, tmp_path):
    _, done = small
    study = done.result.study.model_copy(update={"file": None})
    folder = run(study, out=tmp_path / "run").folder
    assert files(folder) == FILES
    with pytest.raises(InputError) as raised:
        replay(folder / "manifest.json")
    assert [problem.code for problem in raised.value.problems] == ["manifest_without_study"]


# All or nothing


def test_the_public_edition_is_not_built_and_nothing_is_written(tmp_path):
    file = write_study(tmp_path)
    text = file.read_text(encoding="utf-8")
    file.write_text(text + 'editions = ["internal", "public"]\n', encoding="utf-8")
    with pytest.raises(NotBuiltError) as raised:
        run(file)
    assert [problem.code for problem in raised.value.problems] == ["public_not_built"]
    with pytest.raises(NotBuiltError):
        write_outputs(assess(read_study(file)), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_run_that_fails_leaves_the_last_one(small, tmp_path, monkeypatch):
    folder = tmp_path / "study"
    file = copied(small[0], folder)
    before = content(folder / "run")
    write_study(folder, elders=[("a", -3, 500, 0, "")])
    with pytest.raises(InputError):
        run(file)
    assert content(folder / "run") == before

    def broken(*_args, **_options):
        msg = "half way"
        raise RuntimeError(msg)

    write_study(folder)
    monkeypatch.setattr("care_map.workflows.run.write_map", broken)
    with pytest.raises(RuntimeError):
        run(file)
    assert content(folder / "run") == before
    assert not [p for p in folder.iterdir() if p.name.startswith(".")]


# It works with what there is


# Each thing that may be missing is missing in one language, its like in the other.
@pytest.mark.parametrize(
    ("language", "options", "codes"),
    [
        ("zh", {"elders": None}, {"no_demand"}),
        ("en", {"elders": []}, {"table_empty", "no_demand"}),
        ("zh", {"roads": False}, {"no_roads"}),
        ("en", {"units": "names"}, set()),
        ("zh", {"units": False}, {"no_units"}),
        ("zh", {"facilities": None}, {"no_facilities"}),
        ("en", {"facilities": []}, {"table_empty", "no_facilities"}),
        (
            "en",
            {
                "elders": [(*row[:2], None, None, row[4]) for row in ELDERS],
                "facilities": [(*row[:4], None, None) for row in FACILITIES],
            },
            {"demand_without_point", "facility_without_point"},
        ),
        (
            "zh",
            {
                "elders": [(*row[:2], None, None, row[4]) for row in ELDERS],
                "facilities": [(*row[:4], None, None) for row in FACILITIES],
                "units": "names",
                "roads": False,
            },
            {"demand_without_point", "facility_without_point", "no_roads"},
        ),
        (
            "en",
            {"elders": None, "facilities": None, "roads": False, "units": False, "circles": ()},
            {"no_demand", "no_roads", "no_units", "no_facilities"},
        ),
    ],
    ids=[
        "no demand",
        "empty demand",
        "no roads",
        "names only",
        "no units",
        "no facilities",
        "empty facilities",
        "no coordinates",
        "nothing but lists of names",
        "nothing but a header",
    ],
)
def test_it_works_with_what_there_is(tmp_path, language, options, codes):
    file = write_study(tmp_path, header=f'language = "{language}"', **options)
    done = run(file)
    assert files(done.folder) == FILES
    listed = issues(done.folder)
    assert codes <= {row["code"] for row in listed}
    assert not [row for row in listed if row["severity"] == "error"]
    table = done.result.coverage_by_unit
    assert (table["covered"] + table["uncovered"] + table["undetermined"] == table["elders"]).all()
    assert "no_demand" in codes or not table.empty
    payload(done.folder)
    assert sheets(done.folder)


def test_a_study_without_an_output_section_runs(tmp_path):
    (tmp_path / "study.toml").write_text('[study]\nname = "空"\n', encoding="utf-8")
    done = run(tmp_path)
    assert done.folder == tmp_path / "outputs"
    assert files(done.folder) == FILES


# Languages


@pytest.fixture(scope="module")
def english(tmp_path_factory):
    """Return the run of the small study with everything that is data in English."""
    folder = tmp_path_factory.mktemp("english")
    write_study(folder, header='language = "en"')
    for file in folder.iterdir():
        text = file.read_text(encoding="utf-8")
        for chinese, word in ENGLISH_DATA.items():
            text = text.replace(chinese, word)
        file.write_text(text, encoding="utf-8")
    return run(folder)


def test_english_outputs_have_no_chinese(english):
    folder = english.folder
    for name in ("issues.csv", "summary.json", "manifest.json", "internal/map.html"):
        text = (folder / name).read_text(encoding="utf-8")
        # The number's Chinese name is the one that stands on the licence.
        assert CHINESE.findall(text.replace("(审图号)", "")) == [], name
    titles = {column.zh for table in TABLES for column in table.columns}
    assert [w for w in words_of(folder) if CHINESE.search(w) and w not in titles] == []
    layers = (folder / "internal" / "layers.gpkg").read_bytes().decode("utf-8", "ignore")
    assert [title for title in titles if f'"{title}"' in layers] == []


def test_outputs_hold_no_key_and_no_code(small, english):
    texts = catalogue("en").texts
    groups = {key.split(".")[0] for key in texts}
    key = re.compile(rf"\b(?:{'|'.join(sorted(groups))})\.[a-z_]+\b(?!\.csv|\.xlsx|\.toml)")
    codes = {
        "too_far",
        "no_road",
        "not_operating",
        "new_station",
        "elder_care_15",
        "community_station",
    }
    for folder in (small[1].folder, english.folder):
        told = payload(folder)
        strings = [*words_of(folder), *told["text"].values(), *told["notes"]]
        strings += [cell for row in issues(folder) for cell in (row["message"], row["advice"])]
        assert [s for s in strings if key.search(s) and "facilities.csv" not in s] == []
        assert [s for s in strings if s in codes] == []


def test_chinese_messages_name_modes_in_chinese(small):
    beyond = [row for row in issues(small[1].folder) if row["code"] == "snap_demand_beyond"]
    assert "步行" in beyond[0]["message"]
    assert "foot" not in beyond[0]["message"]


# Agreement of the outputs, on the demonstration district


@pytest.fixture(scope="module")
def demo_folder(demo_result, tmp_path_factory):
    return write_outputs(demo_result, tmp_path_factory.mktemp("demo") / "run")


KEYS = ["unit_id", "level", "setting", "circle", "profile", "group"]
FIGURES = [name for name in COVERAGE_BY_UNIT.names if name not in (*KEYS, "unit_name")]


def indexed(table):
    """Return the figures by their keys, in a fixed order."""
    kinds = dict.fromkeys(FIGURES, float)
    return table.set_index(KEYS)[FIGURES].astype(kinds).sort_index()


def test_csv_parquet_and_geopackage_hold_the_same_coverage(demo_result, demo_folder):
    expected = indexed(demo_result.coverage_by_unit)
    tables = demo_folder / "internal" / "tables"
    text = dict.fromkeys(KEYS, str)
    found = {
        "csv": pd.read_csv(
            tables / "coverage_by_unit.csv", dtype=text, keep_default_na=False, na_values=[""]
        ),
        "parquet": pd.read_parquet(tables / "coverage_by_unit.parquet"),
        "gpkg": gpd.read_file(demo_folder / "internal" / "layers.gpkg", layer="coverage_by_unit"),
    }
    for table in found.values():
        again = indexed(table)
        again.index = again.index.set_levels([level.astype(object) for level in again.index.levels])
        pd.testing.assert_frame_equal(again, expected, check_index_type=False)


def test_the_map_shows_the_same_coverage(demo_result, demo_folder):
    told = payload(demo_folder)
    names = ["elders", "covered", "uncovered", "undetermined", "rate_low", "rate_high"]
    names += ["median_minutes", "covered_any_district", "path_completeness"]
    expected = indexed(demo_result.coverage_by_unit)[names].round(6)
    order = list(demo_result.units["unit_id"])
    level = dict(zip(order, demo_result.units["level"], strict=True))
    shown = {}
    for key, rates in told["rates"].items():
        for setting, figures in rates["all"].items():
            shown["all", "all", setting, *key.split("|")] = figures
        for where, figures in rates["none"].items():
            shown["none", where, "all", *key.split("|")] = figures
        for position, *figures in rates["units"]:
            unit = order[position]
            shown[unit, level[unit], "all", *key.split("|")] = figures
    found = pd.DataFrame.from_dict(shown, orient="index", columns=names).astype(float)
    found.index = pd.MultiIndex.from_tuples(list(shown), names=KEYS)
    kept = expected[
        (expected.index.get_level_values("setting") == "all")
        | (expected.index.get_level_values("unit_id") == "all")
    ]
    pd.testing.assert_frame_equal(found.sort_index(), kept.sort_index(), check_index_type=False)


def test_the_workbook_holds_the_same_coverage(demo_result, demo_folder):
    words = Words.of(demo_result)
    rows = list(workbook(demo_folder)[words.texts.text("report.sheet.full")].values)
    titles = [column.zh for column in COVERAGE_BY_UNIT.columns]
    start = next(i for i, row in enumerate(rows) if list(row[: len(titles)]) == titles)
    found = pd.DataFrame(
        [row[: len(titles)] for row in rows[start + 1 :]], columns=COVERAGE_BY_UNIT.names
    )
    table = demo_result.coverage_by_unit
    # The files have the rest: units by setting.
    table = table[(table["setting"] == "all") | (table["level"] == "all")]
    expected = table.assign(
        **{name: [words.cell(name, cell) for cell in table[name]] for name in KEYS}
    )
    assert len(found) == len(expected)
    pd.testing.assert_frame_equal(indexed(found), indexed(expected), check_index_type=False)


@pytest.mark.slow
def test_the_demo_command_writes_the_same_bytes_again(demo_folder, tmp_path):
    answer = call_program("demo", "--out", "d", cwd=tmp_path)
    assert (answer.code, answer.err) == (0, "")
    lines = answer.out.splitlines()
    again = tmp_path / "d" / "outputs" / "demo"
    assert lines[-1] == f"地图：{again / 'internal' / 'map.html'}"
    assert any("合成示例数据" in line for line in lines[-5:])
    assert "elders.csv：156 行没有可用坐标" in answer.out
    assert len(lines) < 60  # a screen or two, with the notice and its ledger
    one, two = files(demo_folder), files(again)
    assert one == two == FILES | {"internal/quarterly.docx", "internal/quarterly.xlsx"}
    different = {
        name for name in one if (demo_folder / name).read_bytes() != (again / name).read_bytes()
    }
    assert different == {"manifest.json"}


def test_circles_of_the_study_file_are_those_of_the_outputs(tmp_path):
    other = CARE.replace('"care"', '"other"').replace("minutes = 15", "minutes = 40")
    done = run(write_study(tmp_path, circles=[CARE, other]))
    covered = {(c["circle"], c["profile"]): c["covered"] for c in done.result.summary["circles"]}
    assert covered == {
        ("care", "standard"): 3,
        ("care", "elder"): 2,
        ("other", "standard"): 10,
        ("other", "elder"): 6,
    }
    assert Path(done.folder / "internal" / "map.html").stat().st_size > 100_000

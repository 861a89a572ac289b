"""`run --scenario` and `compare` on a hamlet."""

import json
import shutil

import pytest
from cli.conftest import call_here

SCENARIO = """\
[scenario]
name = "新站[red]"
[[add]]
facility_id = "N1"
name = "新站"
roles = ["community_station"]
lon = 108.41
lat = 30.81
cost_yuan = 100000
"""


@pytest.fixture(scope="module")
def scenario_run(first_run, tmp_path_factory):
    """Return what `run --scenario` said, and the folders of both runs: they stay as they are."""
    study = shutil.copytree(first_run.study, tmp_path_factory.mktemp("two") / "study")
    file = study / "two.toml"
    file.write_text(SCENARIO, encoding="utf-8")
    answer = call_here("run", study, "--scenario", file)
    return answer, study / "outputs" / "run", study / "outputs" / "run-two"


@pytest.fixture
def runs(scenario_run, tmp_path):
    """Return copies of both runs."""
    answer, *folders = scenario_run
    assert (answer.code, answer.err) == (0, "")
    assert "情景" in answer.out
    return [shutil.copytree(folder, tmp_path / "outputs" / folder.name) for folder in folders]


def test_compare_prints_winners_and_losers(care_map, runs):
    before, after = runs
    assert after.is_dir()
    answer = care_map("compare", before, after)
    assert (answer.code, answer.err) == (0, "")
    # E3 lives where the new station stands.
    assert "新站[red]" in answer.out
    assert "100,000" in answer.out
    folder = after.with_name("run-run-two-compare")
    assert answer.out.splitlines()[-1] == f"地图：{folder / 'map.html'}"
    for name in ("map.html", "compare.xlsx", "summary.json", "issues.csv", "tables/winners.csv"):
        assert (folder / name).is_file()
    told = care_map("compare", before, after, "--json", "--out", before.with_name("x")).json
    assert told["summary"] == json.loads((folder / "summary.json").read_text("utf-8"))
    assert told["summary"]["circles"][0]["newly_covered"] == 1
    english = care_map("compare", before, after, "--language", "en", "--out", before / ".." / "en")
    assert "before" in english.out


def test_what_is_no_run(care_map, runs, tmp_path):
    before, after = runs
    for pair in ((before, tmp_path / "nothing"), (tmp_path, after)):
        answer = care_map("compare", *pair, "--out", tmp_path / "out")
        assert (answer.code, answer.out) == (2, "")
        assert "Traceback" not in answer.err
    # A run is never replaced by a comparison.
    assert care_map("compare", before, after, "--out", after).code == 2
    assert (after / "internal").is_dir()
    assert care_map("compare", before, after, "--crosswalk", tmp_path / "no.csv").code == 2


def test_scenarios_that_are_wrong(care_map, study, tmp_path):
    answer = care_map("run", study, "--scenario", tmp_path / "no.toml")
    assert answer.code == 2
    file = tmp_path / "wrong.toml"
    file.write_text(SCENARIO.replace("108.41", "208.41") + '[[close]]\nfacility_id = "F9"\n')
    answer = care_map("run", study, "--scenario", file)
    assert (answer.code, answer.out) == (2, "")
    assert "add[1].lon" in answer.err
    assert "F9" in answer.err
    manifest = study / "manifest.json"
    manifest.write_text("{}")
    answer = care_map("run", "--from", manifest, "--scenario", file)
    assert answer.code == 2
    assert "--scenario" in answer.err


@pytest.mark.parametrize("language", ["zh", "en"])
def test_help(care_map, language):
    answer = care_map("compare", "--help", "--language", language)
    assert answer.code == 0
    assert "--out" in answer.out
    assert "--crosswalk" in answer.out

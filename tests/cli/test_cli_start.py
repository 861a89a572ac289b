"""`start` on a real extract: a study, its run, and the label that goes with it."""

import csv

import pytest


@pytest.mark.real_data
def test_start_makes_a_study_and_runs_it(care_map, shared_data, tmp_path):
    extract = shared_data / "andorra" / "andorra.osm.pbf"
    folder = tmp_path / "first map"
    answer = care_map("start", extract, "--population", "80,000", "--out", folder)
    assert (answer.code, answer.err) == (0, "")
    lines = answer.out.splitlines()
    page = folder / "results" / "internal" / "map.html"
    assert lines[-1] == f"地图：{page}"
    assert page.is_file()
    assert f"研究：{folder}" in lines
    assert any("代用数据" in line for line in lines[-5:])
    with (folder / "results" / "issues.csv").open(encoding="utf-8-sig", newline="") as file:
        in_run = [row["message"] for row in csv.DictReader(file)]
    with (folder / "start_issues.csv").open(encoding="utf-8-sig", newline="") as file:
        of_start = [list(row.values())[-2] for row in csv.DictReader(file)]
    assert of_start
    assert set(of_start) <= set(in_run)


@pytest.mark.real_data
def test_an_unknown_place_is_told(care_map, shared_data, tmp_path):
    extract = shared_data / "andorra" / "andorra.osm.pbf"
    answer = care_map("start", extract, "--place", "[red]Nowhere", "--out", tmp_path / "x")
    assert (answer.code, answer.out) == (2, "")
    assert "Traceback" not in answer.err
    assert "[red]Nowhere" in answer.err
    assert not (tmp_path / "x").exists()


@pytest.mark.real_data
@pytest.mark.parametrize("share", ["0", "120%"])
def test_a_share_that_is_none(care_map, shared_data, tmp_path, share):
    extract = shared_data / "andorra" / "andorra.osm.pbf"
    answer = care_map("start", extract, "--elder-share", share, "--out", tmp_path / "x")
    assert (answer.code, answer.out) == (2, "")
    assert "--elder-share" in answer.err

"""The manifest: same inputs, same manifest; what changed since is told."""

import datetime as dt
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from outputs.sample import sample_study

from care_map.config import read_study
from care_map.errors import InputError
from care_map.outputs.manifest import (
    build_manifest,
    changed_inputs,
    is_run,
    read_manifest,
    write_json,
)
from care_map.values import Statement

STUDY = """[study]
name = "万州区 “关爱”"
as_of = 2021-06-30
[units]
path = "data/镇.shp"
[[demand]]
path = "elders.csv"
"""


@pytest.fixture
def study(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "镇.shp").write_bytes(b"shape")
    (tmp_path / "data" / "镇.dbf").write_bytes(b"table")
    (tmp_path / "elders.csv").write_bytes("编号\n1\n".encode())
    (tmp_path / "study.toml").write_text(STUDY, encoding="utf-8")
    return read_study(tmp_path)


def test_inputs_have_their_sums_and_the_study_its_text(study):
    manifest = build_manifest(study, parameters={"as_of": dt.date(2021, 6, 30)}, seeds={"draw": 1})
    assert manifest["inputs"] == [
        {
            "key": "demand[1].path",
            "path": "elders.csv",
            "bytes": 9,
            "sha256": hashlib.sha256("编号\n1\n".encode()).hexdigest(),
        },
        *(
            {
                "key": "units[1].path",
                "path": f"data/镇.{suffix}",
                "bytes": 5,
                "sha256": hashlib.sha256(content).hexdigest(),
            }
            for suffix, content in (("shp", b"shape"), ("dbf", b"table"))
        ),
    ]
    assert manifest["study"]["text"] == STUDY
    assert manifest["seeds"] == {"robustness": 0, "draw": 1}
    assert manifest["parameters"]["as_of"] == "2021-06-30"
    assert manifest["parameters"]["limits"]["access_urban_m"] == 200
    names = [profile["name"] for profile in manifest["parameters"]["profiles"]]
    assert names == ["standard", "elder", "rural_drive"]
    assert manifest["versions"]["numpy"] == np.__version__


def test_two_runs_differ_in_timings_only(study):
    first = build_manifest(study, timings_s={"read": 1.23456})
    second = build_manifest(study, timings_s={"read": 9.0})
    assert first.pop("timings_s") == {"read": 1.235}
    assert second.pop("timings_s") == {"read": 9.0}
    assert first == second


def test_no_absolute_path_is_told(study, tmp_path):
    outside = {"roads.path": tmp_path / "elders.csv"}
    text = json.dumps(build_manifest(study, inputs=outside), ensure_ascii=False)
    assert str(tmp_path) not in text
    assert '"path": "elders.csv"' in text


def test_a_study_made_in_code_has_no_text():
    manifest = build_manifest(sample_study(root=Path("/nowhere")))
    assert manifest["study"]["text"] is None
    assert manifest["inputs"] == []


def test_nothing_changed(study):
    assert changed_inputs(build_manifest(study), study) == []


def test_what_changed_is_told(study, tmp_path):
    manifest = build_manifest(study)
    (tmp_path / "elders.csv").write_bytes("编号\n2\n".encode())
    (tmp_path / "data" / "镇.dbf").unlink()
    (tmp_path / "data" / "镇.prj").write_bytes(b"crs")
    found = {(problem.code, problem.source) for problem in changed_inputs(manifest, study)}
    assert found == {
        ("input_changed", "elders.csv"),
        ("input_gone", "data/镇.dbf"),
        ("input_added", "data/镇.prj"),
    }


def test_an_input_that_is_gone_is_told(study, tmp_path):
    manifest = build_manifest(study)
    (tmp_path / "elders.csv").unlink()
    assert [problem.code for problem in changed_inputs(manifest, study)] == ["input_gone"]
    with pytest.raises(InputError):
        build_manifest(study)


@pytest.mark.parametrize("inputs", [None, 3, [3], [{}], {"a": 1}])
def test_a_manifest_that_somebody_edited_gives_no_traceback(study, inputs):
    assert changed_inputs({"program": "care-map", "inputs": inputs}, study)


def test_json_is_sorted_utf8_and_plain(tmp_path):
    value = {
        "b": np.float64(0.5),
        "a": {np.int64(3), 2},
        "名": [float("nan"), np.bool_(1), Path("x/y")],
        "s": Statement("elder_age", {"age": 60}),
        "lone": "\ud800",
    }
    write_json(tmp_path / "a.json", value)
    data = (tmp_path / "a.json").read_bytes()
    assert b"\xe5\x90\x8d" in data
    assert data.endswith(b"}\n")
    assert json.loads(data) == {
        "a": [2, 3],
        "b": 0.5,
        "lone": "?",
        "s": {"code": "elder_age", "values": {"age": 60}},
        "名": [None, True, "x/y"],
    }
    assert list(json.loads(data)) == ["a", "b", "lone", "s", "名"]


def test_a_manifest_is_read_back(study, tmp_path):
    manifest = build_manifest(study)
    write_json(tmp_path / "manifest.json", manifest)
    assert read_manifest(tmp_path) == manifest
    assert is_run(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"program": "x"}', "[" * 100_000])
def test_a_foreign_manifest_is_refused(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(InputError) as caught:
        read_manifest(tmp_path)
    assert caught.value.problems[0].code == "manifest_foreign"
    assert not is_run(tmp_path)


def test_a_missing_manifest_is_told(tmp_path):
    with pytest.raises(InputError) as caught:
        read_manifest(tmp_path)
    assert caught.value.problems[0].code == "manifest_missing"

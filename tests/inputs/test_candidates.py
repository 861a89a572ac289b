"""Lists of candidate sites: what is read, what is listed, what a notice asks of their area."""

from pathlib import Path

import numpy as np
import pytest

from care_map.config import read_study
from care_map.errors import InputError
from care_map.inputs.candidates import too_small
from care_map.inputs.load import load_inputs, read_inputs
from care_map.packs.minimum_areas import minimum_areas
from care_map.packs.reader import read_pack

NOTICE = Path(__file__).parents[2] / "data" / "notice.toml"
HEAD = "资产编号,资产名称,可改造类型,建筑面积,造价（万元）,造价（元）,建设方式,经度,纬度\n"


@pytest.fixture
def study_of(tmp_path):
    for name in ("notice.toml", "notice_units.csv", "notice_ledger.csv"):
        (tmp_path / name).write_bytes((NOTICE.parent / name).read_bytes())

    def write(rows):
        (tmp_path / "study.toml").write_text(
            '[study]\nname = "甲"\npack = "notice.toml"\n[[candidates]]\npath = "idle.csv"\n',
            encoding="utf-8",
        )
        (tmp_path / "idle.csv").write_text(HEAD + rows, encoding="utf-8-sig")
        return read_study(tmp_path)

    return write


def found(inputs):
    return {(one.code, one.row) for one in inputs.problems if one.source == "idle.csv"}


def test_rows_are_read_and_costs_are_yuan(study_of):
    rows = (
        "Z1,旧校,社区养老服务站、乡镇养老服务中心,820,12.5,,改扩建,108.4,30.8\n"
        "Z2,旧库,,400,,300,租赁,108.4,30.8\n"
    )
    table = load_inputs(study_of(rows)).candidates
    assert table["candidate_id"].tolist() == ["Z1", "Z2"]
    assert table["types"].tolist() == ["community_station;town_centre", ""]
    assert table["cost_yuan"].tolist() == [125_000, 300]
    assert table["build_mode"].tolist() == ["改扩建", "租赁"]
    assert np.isnan(table["subsidy_yuan"]).all()
    assert table.geometry.notna().all()
    assert table["in_area"].all()


def test_everything_doubtful_is_listed_and_nothing_dropped(study_of):
    rows = (
        "Z1,旧校,宫殿,400,1,,改扩建,108.4,30.8\n"
        "Z2,旧库,社区养老服务站,250,1,,改扩建,,\n"
        "Z3,旧厂,社区养老服务站,300,1,,改扩建,108.4,30.8\n"
    )
    inputs = load_inputs(study_of(rows))
    assert found(inputs) >= {
        ("code_unknown", 2),
        ("candidate_without_type", 2),
        ("candidate_without_point", 3),
        ("candidate_too_small", 3),
    }
    assert not {row for code, row in found(inputs) if row == 4}
    assert len(inputs.candidates) == 3


def test_mistakes_of_costs_areas_and_ids_stop_with_all_of_them(study_of):
    rows = (
        "Z1,旧校,社区养老服务站,-5,-1,,改扩建,108.4,30.8\n"
        "Z1,,社区养老服务站,400,1,20000,改扩建,108.4,30.8\n"
    )
    study = study_of(rows)
    assert {code for code, _ in found(read_inputs(study))} >= {
        "cost_negative",
        "count_negative",
        "cost_contradicts",
        "cell_required",
        "id_twice",
    }
    with pytest.raises(InputError):
        load_inputs(study)


def test_a_study_without_a_list_has_an_empty_table(tmp_path):
    (tmp_path / "study.toml").write_text('[study]\nname = "甲"\n', encoding="utf-8")
    table = load_inputs(read_study(tmp_path)).candidates
    assert table.empty
    assert {"candidate_id", "types", "cost_yuan", "in_area"} <= set(table.columns)


def test_least_areas_are_those_of_the_notices():
    demo = minimum_areas(read_pack(str(NOTICE), folder=NOTICE.parent))
    assert (demo["street_centre"].least_m2, demo["street_centre"].strength) == (1500, "principle")
    station = demo["community_station"]
    assert (station.least_m2, station.few_elders_m2) == (300, 200)
    yubei = minimum_areas(read_pack("yubei", folder=NOTICE.parent))
    assert (yubei["community_station"].least_m2, yubei["community_station"].few_elders_m2) == (
        300,
        300,
    )
    assert yubei["town_centre"].least_m2 == 800
    assert minimum_areas(None) == {}
    assert too_small(250.0, "community_station", demo) is station
    assert too_small(250.0, "community_station", demo, few=True) is None
    assert too_small(300.0, "community_station", demo) is None
    assert too_small(float("nan"), "community_station", demo) is None
    assert too_small(10.0, "hospital", demo) is None

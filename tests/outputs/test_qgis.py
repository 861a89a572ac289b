"""QGIS itself opens the GeoPackage of the demonstration and shows its styles at once."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from conftest import missing

from care_map.outputs.layers import write_layers
from care_map.outputs.layers.styles import RATE_CLASSES

pytestmark = pytest.mark.slow

PYTHON = "/usr/bin/python3"
READER = Path(__file__).with_name("qgis_reader.py")
CARE = "15分钟养老服务圈（步行）"
CIRCLES = [CARE, "15分钟助餐服务圈（步行）", "医疗服务圈（城市步行15分钟、农村乘车25分钟）"]


def has_qgis():
    if not Path(PYTHON).exists():
        return False
    probe = [PYTHON, "-c", "import qgis.core"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def shown(demo_result, tmp_path_factory):
    """Return what QGIS tells of the layers, and all it tells."""
    if not has_qgis():
        missing("python3-qgis")
    folder = tmp_path_factory.mktemp("图层")
    write_layers(demo_result, folder / "layers.gpkg")
    files = [str(folder / name) for name in ("layers.gpkg", "map.png", "told.json")]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
        "QT_QPA_PLATFORM": "offscreen",
        "HOME": str(folder),
    }
    done = subprocess.run(
        [PYTHON, str(READER), *files],
        capture_output=True,
        text=True,
        timeout=240,
        env=environment,
        check=False,
    )
    assert done.stdout == "done\n", done.stderr
    told = json.loads((folder / "told.json").read_text("utf-8"))
    assert told["errors"] == []
    assert told["said"] == []
    return told["layers"], told


def test_every_layer_opens_in_the_order_of_drawing(shown, demo_result):
    layers, _ = shown
    assert list(layers) == [
        "gaps",
        "candidates",
        "facilities",
        "demand",
        "barriers",
        "roads",
        "service_areas",
        "units",
        "coverage_by_unit",
    ]
    for name, layer in layers.items():
        assert layer["valid"], name
        assert layer["features"] == len(getattr(demo_result, name)) > 0
        assert layer["crs"] == ("" if name == "coverage_by_unit" else "EPSG:4545")


def test_titles_and_fields_are_chinese(shown):
    layers, _ = shown
    titles = {name: layer["title"] for name, layer in layers.items()}
    assert titles["units"] == "区划单元与覆盖率"
    assert titles["gaps"] == "服务缺口"
    assert all("\u4e00" <= title[0] <= "\u9fff" for title in titles.values())
    for name, layer in layers.items():
        aliases = {field: alias for field, alias in layer["aliases"].items() if field != "fid"}
        assert all(aliases.values()), name
        assert "审图号：待填" in layer["notes"]
        assert layer["rights"] == ["合成示例数据（care-map 生成）"]
    assert layers["units"]["aliases"]["elder_care_15_rate_low"] == f"{CARE} 覆盖率下限"
    words = layers["facilities"]["widgets"]["stage"]["map"]
    assert {"运营": "operating"} in words


def test_units_are_shown_by_class_with_towns_switched_on(shown, demo_result):
    units = shown[0]["units"]
    assert units["renderer"] == "RuleRenderer"
    assert [(label, active) for label, active, _ in units["labels"]] == [
        ("区县", False),
        ("乡镇街道", True),
        ("村社区", False),
    ]
    for _, _, classes in units["labels"]:
        assert len(classes) == len(RATE_CLASSES) + 1
    plain = [one for one in units["symbols"] if len(one) == 1]
    assert [one[0][1] for one in plain] == [colour for _, colour in RATE_CLASSES] * 3
    hatched = [one for one in units["symbols"] if len(one) == 2]
    assert [[kind for kind, _ in one] for one in hatched] == [["SimpleFill", "LinePatternFill"]] * 3
    # A town falls into exactly one class, so each is drawn.
    assert units["drawn"] == (demo_result.units["level"] == "town").sum()
    assert units["names_shown"].startswith("CASE WHEN \"level\" = 'town'")
    assert units["styles"] == CIRCLES


def test_every_other_layer_draws_all_its_features(shown, demo_result):
    layers, _ = shown
    for name in ("candidates", "facilities", "demand", "barriers", "roads"):
        assert layers[name]["drawn"] == layers[name]["features"], name
    gaps = demo_result.gaps
    own = (gaps["circle"] == "elder_care_15") & (gaps["profile"] == "standard")
    assert layers["gaps"]["drawn"] == own.sum()
    areas = demo_result.service_areas
    mine = (areas["circle"] == "elder_care_15") & (areas["profile"] == "standard")
    assert layers["service_areas"]["drawn"] == mine.sum() > 0
    assert layers["facilities"]["renderer"] == "categorizedSymbol"
    assert "养老，运营" in layers["facilities"]["labels"]
    assert layers["demand"]["labels"] == ["已覆盖", "未覆盖", "无法判定"]
    assert layers["demand"]["least_scale"] == 50_000
    assert layers["demand"]["styles"] == layers["gaps"]["styles"] == CIRCLES


def test_the_project_opens_all_layers_under_their_titles(shown):
    layers, told = shown
    project = told["project"]
    assert project["read"]
    assert project["crs"] == "EPSG:4545"
    assert project["layers"] == [
        [layer["title"], True, layer["features"]] for layer in layers.values()
    ]
    assert project["styles"]["care_map_units"] == CIRCLES
    assert sorted(project["themes"]) == sorted(CIRCLES)
    for circle, theme in project["themes"].items():
        for name in ("units", "demand", "gaps", "service_areas"):
            assert theme[f"care_map_{name}"] == circle


def test_the_picture_shows_the_classes(shown):
    """Each colour of a class that the towns of the demonstration have fills some of it."""
    colours = shown[1]["colours"]
    for colour in ("#3f63a8", "#86a2d1", "#c7d5eb", "#fae3bf", "#e09a4a", "#a9612a", "#c8351d"):
        assert colours.get(colour, 0) > 500, colour

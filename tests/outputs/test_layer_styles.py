"""The styles and the metadata inside the GeoPackage: what QGIS will be told, read without QGIS."""

import contextlib
import re
import sqlite3
from dataclasses import replace
from importlib import resources

import geopandas as gpd
import pytest
from lxml import etree
from outputs.sample import MEDICAL, METRIC, empty_assessment, sample_assessment, sample_study
from shapely import box

from care_map.outputs.layers import write_layers
from care_map.outputs.layers.facility_style import GROUP_LOOKS
from care_map.outputs.layers.qml import field, literal
from care_map.outputs.layers.styles import CANDIDATE, OPEN_RATE, RATE_CLASSES, STATUS_COLOURS

CARE, MEDICAL_15 = "15分钟养老服务圈（步行）", "15分钟医疗服务圈（步行）"
HOSTILE = "'; DROP TABLE units; -- ]]><x a=\"\\\">&amp;[% env('HOME') %]\x00\ud800\uffff"


def areas():
    rows = [("elder_care_15", "urban", 15.0), ("elder_care_15", "rural", 25.0)]
    return gpd.GeoDataFrame(
        {
            "circle": [row[0] for row in rows],
            "profile": "standard",
            "setting": [row[1] for row in rows],
            "minutes": [row[2] for row in rows],
        },
        geometry=[box(500_000, 3_400_000, 501_000, 3_401_000)] * 2,
        crs=METRIC,
    )


def read(path):
    """Return {layer: [(name, root of the QML, default)]} and {layer: root of the metadata}."""
    with contextlib.closing(sqlite3.connect(path)) as store:
        rows = store.execute(
            "SELECT f_table_name, styleName, styleQML, useAsDefault, f_geometry_column"
            " FROM layer_styles ORDER BY id"
        ).fetchall()
        told = store.execute(
            "SELECT table_name, metadata FROM gpkg_metadata JOIN gpkg_metadata_reference"
            " ON md_file_id = id WHERE md_standard_uri = 'http://mrcc.com/qgis.dtd'"
        ).fetchall()
    styles = {}
    for layer, name, text, default, column in rows:
        assert column == ("" if layer == "coverage_by_unit" else "geom")
        styles.setdefault(layer, []).append((name, etree.fromstring(text), default))
    return styles, {layer: etree.fromstring(text) for layer, text in told}


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    path = tmp_path_factory.mktemp("styles") / "layers.gpkg"
    write_layers(sample_assessment(service_areas=areas()), path)
    return read(path)


def rules(root):
    return [rule.attrib for rule in root.iter("rule")]


def test_each_layer_has_one_default_and_a_style_per_circle(sample):
    styles, _ = sample
    assert list(styles) == [
        "gaps",
        "facilities",
        "demand",
        "barriers",
        "roads",
        "service_areas",
        "units",
        "coverage_by_unit",
    ]
    for layer, found in styles.items():
        assert [default for _, _, default in found] == [1] + [0] * (len(found) - 1), layer
    for layer in ("gaps", "demand", "service_areas", "units"):
        assert [name for name, _, _ in styles[layer]] == [CARE, MEDICAL_15]
    assert [name for name, _, _ in styles["facilities"]] == ["设施"]


def test_units_have_the_classes_of_the_map(sample):
    """Every rate falls into exactly one class, the one whose colour the page would take."""
    styles, _ = sample
    script = resources.files("care_map.outputs.map") / "script" / "units.js"
    text = script.read_text("utf-8")
    listed = re.findall(r'below: ([\d.]+|Infinity), colour: "(#\w+)"', text)
    assert [colour for _, colour in listed] == [colour for _, colour in reversed(RATE_CLASSES)]
    assert [float(low) for low, _ in listed[:-1]] == [low for low, _ in reversed(RATE_CLASSES)][1:]
    name, root, _ = styles["units"][0]
    levels = root.find("renderer-v2/rules").findall("rule")
    assert name == CARE
    assert [(level.get("label"), level.get("checkstate")) for level in levels] == [
        ("乡镇街道", "0"),
        ("村社区", None),
    ]
    shown = levels[1].findall("rule")
    assert len(shown) == len(RATE_CLASSES) + 1
    for rate in (0.0, 0.1999, 0.2, 0.5, 0.6, 0.75, 0.8999, 0.9, 1.0):
        meets = [rule for rule in shown if holds(rule.get("filter"), rate)]
        expected = next(colour for low, colour in RATE_CLASSES if rate >= low)
        assert [colour_of(root, rule) for rule in meets] == [expected]
    open_rate = re.search(r"OPEN_RATE = ([\d.]+)", text)[1]
    assert float(open_rate) == OPEN_RATE
    unknown = [rule for rule in shown if "IS NULL OR" in rule.get("filter")]
    assert [rule.get("label") for rule in unknown] == ["没有老年人、未知或多半无法判定"]
    symbol = root.find(f"renderer-v2/symbols/symbol[@name='{unknown[0].get('symbol')}']")
    assert [layer.get("class") for layer in symbol] == ["SimpleFill", "LinePatternFill"]


def holds(where, rate):
    """Evaluate a filter of a class by hand."""
    if "IS NULL OR" in where:
        return False
    *parts, width = where.split(" AND ")
    assert width == '"elder_care_15_rate_high" - "elder_care_15_rate_low" <= 0.5'
    tests = {
        ">=": lambda bound: rate >= bound,
        "<": lambda bound: rate < bound,
    }
    found = []
    for part in parts:
        name, sign, bound = part.split(" ", 2)
        assert name == '"elder_care_15_rate_low"'
        found.append(bound == "NOT NULL" if sign == "IS" else tests[sign](float(bound)))
    return all(found)


def colour_of(root, rule):
    symbol = root.find(f"renderer-v2/symbols/symbol[@name='{rule.get('symbol')}']")
    return symbol.find("layer/Option/Option[@name='color']").get("value")


def test_colours_are_those_of_the_map():
    script = resources.files("care_map.outputs.map") / "script"
    cells = re.search(r"CELL_COLOURS = \[(.*?)\]", (script / "cells.js").read_text("utf-8"))[1]
    assert cells.replace('"', "").split(", ") == list(STATUS_COLOURS.values())
    text = (script / "facilities.js").read_text("utf-8")
    listed = dict(re.findall(r'(\w+): \{ colour: "(#\w+)"', text))
    ours = {name: look[0] for name, look in GROUP_LOOKS.items()}
    assert listed == {**ours, "candidate": CANDIDATE}


def test_facilities_are_listed_by_group_and_stage(sample):
    styles, _ = sample
    root = styles["facilities"][0][1]
    assert [one.get("label") for one in root.iter("category")] == [
        "养老，运营",
        "养老，未运营（启动至验收）",
        "医疗，运营",
    ]
    assert "array_intersect" in root.find("renderer-v2").get("attr")


def test_gaps_and_areas_of_a_style_are_its_circles(sample):
    styles, _ = sample
    for position, circle in enumerate(("elder_care_15", "medical_15")):
        for rule in rules(styles["gaps"][position][1])[:]:
            if "filter" in rule:
                assert f"\"circle\" = '{circle}'" in rule["filter"]
                assert "\"profile\" = 'standard'" in rule["filter"]
    labels = [rule["label"] for rule in rules(styles["service_areas"][0][1])]
    assert labels == ["城市，15 分钟内", "农村，25 分钟内"]


def test_fields_have_aliases_and_codes_have_words(sample):
    styles, _ = sample
    root = styles["units"][0][1]
    aliases = {one.get("field"): one.get("name") for one in root.iter("alias")}
    assert aliases["elder_care_15_rate_low"] == f"{CARE} 覆盖率下限"
    words = styles["demand"][0][1]
    column = words.find("fieldConfiguration/field[@name='elder_care_15_status']")
    said = {one.get("value"): one.get("name") for one in column.iter("Option") if one.get("value")}
    assert said == {"covered": "已覆盖", "uncovered": "未覆盖", "undetermined": "无法判定"}
    assert styles["demand"][0][1].get("hasScaleBasedVisibilityFlag") == "1"


def test_metadata_tells_what_the_layers_are(tmp_path):
    study = sample_study(attribution="© 示例局", approval_number="渝S(2021)001号")
    write_layers(sample_assessment(study=study), tmp_path / "a.gpkg")
    _, told = read(tmp_path / "a.gpkg")
    assert None in told  # of the whole file
    whole = told["demand"]
    text = whole.findtext("abstract")
    for words in (
        "示范区关爱地图",
        "截至 2021-06-30",
        "合成示例数据",
        "内部版",
        "资料来源：© 示例局",
        "CGCS2000 / 3-degree Gauss-Kruger CM 108E (EPSG:4545)",
        "审图号：渝S(2021)001号",
    ):
        assert words in text
    assert whole.findtext("rights") == "© 示例局"
    assert whole.findtext("crs/spatialrefsys/authid") == "EPSG:4545"
    assert "覆盖率为区间" in whole.findall("history")[-2].text + whole.findall("history")[-1].text
    with contextlib.closing(sqlite3.connect(tmp_path / "a.gpkg")) as store:
        titles = dict(store.execute("SELECT table_name, identifier FROM gpkg_contents"))
    assert titles["facilities"] == "设施"


def test_the_project_finds_its_file_where_it_lies(tmp_path):
    result = sample_assessment(service_areas=areas())
    write_layers(result, tmp_path / "a.gpkg")
    first = (tmp_path / "a.qgs").read_bytes()
    root = etree.fromstring(first)
    sources = [one.findtext("datasource") for one in root.iter("maplayer")]
    assert sources[0] == "./a.gpkg|layername=gaps"
    assert len(sources) == 8
    west = float(root.findtext("mapcanvas/extent/xmin"))
    assert west < result.units.total_bounds[0] < west + 1000
    write_layers(result, tmp_path / "a.gpkg")
    assert (tmp_path / "a.qgs").read_bytes() == first


def test_an_approval_number_is_never_invented(sample):
    _, told = sample
    assert "审图号：待填" in told["units"].findtext("abstract")


def test_hostile_titles_stay_text(tmp_path):
    circle = replace(MEDICAL, title=HOSTILE)
    study = sample_study(name=HOSTILE, attribution=HOSTILE, circles=(circle, circle))
    result = sample_assessment(study=study, service_areas=areas())
    codes = result.units.assign(level=["town", HOSTILE[:-2], *result.units["level"][2:]])
    write_layers(replace(result, units=codes), tmp_path / "a.gpkg")
    styles, told = read(tmp_path / "a.gpkg")
    clean = re.sub("[\x00\ud800\uffff]", " ", HOSTILE)
    assert clean in {name for name, _, _ in styles["units"]}
    assert all(root.tag == "qgis" for found in styles.values() for _, root, _ in found)
    assert all(root.find("x") is None for root in told.values())
    project = etree.parse(tmp_path / "a.qgs").getroot()
    assert len(project.findall("projectlayers/maplayer")) == len(styles)
    assert project.findtext("title") == clean
    notes = styles["units"][0][1].find("userNotes").get("value")
    assert "&lt;x a=" in notes
    assert "<x" not in notes


def test_expressions_quote_what_they_name():
    assert field('a"; b') == '"a""; b"'
    assert literal("it's \\n") == "'it''s \\\\n'"


def test_two_circles_of_one_title_have_two_names(tmp_path):
    study = sample_study(circles=(replace(MEDICAL, title=CARE),))
    write_layers(sample_assessment(study=study), tmp_path / "a.gpkg")
    styles, _ = read(tmp_path / "a.gpkg")
    assert [name for name, _, _ in styles["units"]] == [CARE, f"{CARE} (2)"]


def test_units_without_levels_and_facilities_without_stages(tmp_path):
    result = sample_assessment()
    units = result.units.drop(columns="level")
    facilities = result.facilities.drop(columns=["stage", "roles"])
    write_layers(replace(result, units=units, facilities=facilities), tmp_path / "a.gpkg")
    styles, _ = read(tmp_path / "a.gpkg")
    assert len(rules(styles["units"][0][1])) == len(RATE_CLASSES) + 1
    root = styles["facilities"][0][1]
    assert [one.get("label") for one in root.iter("category")] == ["其他设施，阶段不明"]


def test_an_empty_assessment_has_a_style_of_its_table(tmp_path):
    write_layers(empty_assessment(), tmp_path / "a.gpkg")
    styles, _ = read(tmp_path / "a.gpkg")
    assert list(styles) == ["coverage_by_unit"]


def test_the_study_chooses_the_coordinates(tmp_path):
    study = sample_study()
    output = study.output.model_copy(update={"crs": "cgcs2000"})
    result = sample_assessment(study=study.model_copy(update={"output": output}))
    write_layers(result, tmp_path / "a.gpkg")
    units = gpd.read_file(tmp_path / "a.gpkg", layer="units").set_index("unit_id")
    assert units.crs.to_epsg() == 4490
    back = units.to_crs(METRIC).geometry.dropna()
    placed = result.units.set_index("unit_id").geometry.dropna()
    assert back.hausdorff_distance(placed.loc[back.index]).max() < 1e-6
    _, told = read(tmp_path / "a.gpkg")
    assert told["units"].findtext("crs/spatialrefsys/authid") == "EPSG:4490"

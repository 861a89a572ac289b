"""Layers in other formats: read back by GDAL they are the tables; what a format cuts is told."""

import json
import math
import time
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from outputs.sample import A1, B2, METRIC, sample_assessment, sample_study
from small_study import write_study

from care_map.config import read_study
from care_map.errors import InputError
from care_map.outputs.layers import formats, shapefile, write_formats
from care_map.outputs.layers.content import run_layers
from care_map.outputs.layers.shapefile import short_names
from care_map.outputs.readings import Words
from care_map.workflows.run import run

FORMATS = ["geojson", "shapefile", "geoparquet"]
LAYERS = ["barriers", "demand", "facilities", "gaps", "roads", "units"]
DAY = pd.Timestamp("2020-01-01")


def asking(formats, crs="metric", **changes):
    study = sample_study()
    output = study.output.model_copy(update={"formats": formats, "crs": crs})
    return sample_assessment(study=study.model_copy(update={"output": output}), **changes)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("layers")
    made = write_formats(asking(FORMATS), folder)
    assert [path.name for path in made] == FORMATS
    return folder


def readme(folder, name):
    data = (folder / name / "README.txt").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    return data.decode("utf-8-sig")


def fields_of(folder):
    listed = pd.read_csv(folder / "shapefile" / "fields.csv", encoding="utf-8-sig")
    return {
        layer: dict(zip(rows["field"], rows["full_name"], strict=True))
        for layer, rows in listed.groupby("layer")
    }


def read(folder, form, layer):
    """Return a layer under its full names."""
    if form == "geoparquet":
        return gpd.read_parquet(folder / form / f"{layer}.parquet")
    if form == "geojson":
        return gpd.read_file(folder / form / f"{layer}.geojson")
    table = gpd.read_file(folder / form / f"{layer}.shp")
    return table.rename(columns=fields_of(folder)[layer])


def test_nothing_is_written_unless_asked(tmp_path):
    assert write_formats(asking([]), tmp_path / "layers") == []
    assert not (tmp_path / "layers").exists()


def test_a_format_asked_twice_is_written_once(tmp_path):
    assert len(write_formats(asking(["geojson", "geojson"]), tmp_path)) == 1


@pytest.mark.parametrize("form", FORMATS)
def test_figures_are_those_of_the_tables(folder, form):
    result = asking(FORMATS)
    expected = {layer.name: layer for layer in run_layers(result, Words.of(result))}
    for layer in LAYERS:
        table = read(folder, form, layer)
        cells = expected[layer].cells
        assert len(table) == len(cells)
        assert set(table.columns) - {"geometry"} == set(expected[layer].fields.names)
        for column in expected[layer].fields.columns:
            same(table[column.name], cells[column.name], column.kind)


def same(found, wanted, kind):
    if kind in ("number", "integer"):
        ours = pd.to_numeric(wanted).astype(float).replace(math.inf, math.nan)
        np.testing.assert_allclose(found.astype(float), ours, rtol=1e-12)
    elif kind == "date":
        assert pd.to_datetime(found).tolist() == pd.to_datetime(wanted).tolist()
    elif kind == "flag":
        assert found.astype("boolean").tolist() == wanted.astype("boolean").tolist()
    else:
        assert found.fillna("").tolist() == wanted.fillna("").tolist()


@pytest.mark.parametrize(
    ("form", "crs", "code"),
    [
        ("geojson", "metric", 4326),
        ("geojson", "wgs84", 4326),
        ("geojson", "cgcs2000", 4490),
        ("shapefile", "metric", 4545),
        ("shapefile", "cgcs2000", 4490),
        ("geoparquet", "metric", 4545),
        ("geoparquet", "cgcs2000", 4490),
        ("geoparquet", "wgs84", 4326),
    ],
)
def test_coordinates_are_named_and_right(tmp_path, form, crs, code):
    result = asking([form], crs)
    others = ("units", "demand", "roads", "barriers", "gaps")
    result = replace(result, **{name: getattr(result, name).iloc[:0] for name in others})
    write_formats(result, tmp_path)
    suffix = "_cgcs2000" if form == "geojson" and code == 4490 else ""
    ending = {"geojson": "geojson", "shapefile": "shp", "geoparquet": "parquet"}[form]
    path = tmp_path / form / f"facilities{suffix}.{ending}"
    found = gpd.read_parquet(path) if form == "geoparquet" else gpd.read_file(path)
    assert found.crs.to_epsg() == code
    back = found.geometry.to_crs(METRIC)
    wanted = result.facilities.geometry
    assert back.isna().tolist() == wanted.isna().tolist()
    assert back.dropna().distance(wanted.dropna()).max() < 0.02
    assert f"EPSG:{code}" in readme(tmp_path, form)


def test_geojson_is_of_its_standard_unless_the_datum_is_another(folder, tmp_path):
    standard = json.loads((folder / "geojson" / "units.geojson").read_text("utf-8"))
    assert "crs" not in standard
    lon, lat = standard["features"][0]["geometry"]["coordinates"][0][0]
    assert (round(lon), round(lat)) == (108, 31)
    write_formats(asking(["geojson"], "cgcs2000"), tmp_path)
    other = json.loads((tmp_path / "geojson" / "units_cgcs2000.geojson").read_text("utf-8"))
    assert other["crs"]["properties"]["name"] == "urn:ogc:def:crs:EPSG::4490"
    assert other["features"][0]["geometry"]["coordinates"][0][0][0] == pytest.approx(lon)
    assert "RFC 7946" in readme(tmp_path, "geojson")


def test_rows_without_a_place_are_kept_and_counted(folder):
    for form in FORMATS:
        units = read(folder, form, "units").set_index("unit_id")
        assert units.loc[B2].geometry is None
        assert units.loc[A1, "elder_care_15_covered"] == 4
        line = next(line for line in readme(folder, form).splitlines() if line.startswith("units"))
        assert "6 行，其中 1 行没有位置" in line


def test_a_shapefile_says_its_encoding_and_keeps_kinds(folder):
    info = pyogrio.read_info(folder / "shapefile" / "facilities.shp")
    assert info["encoding"] == "UTF-8"
    assert (folder / "shapefile" / "facilities.cpg").read_text() == "UTF-8"
    kinds = dict(zip(info["fields"], info["ogr_types"], strict=True))
    names = {full: short for short, full in fields_of(folder)["facilities"].items()}
    assert kinds[names["operating_date"]] == "OFTDate"
    assert all(len(name.encode()) <= 10 for name in info["fields"])
    listed = pd.read_csv(folder / "shapefile" / "fields.csv", encoding="utf-8-sig")
    title = listed.set_index(["layer", "full_name"])["title_zh"]
    assert title["units", "elder_care_15_rate_low"] == "15分钟养老服务圈（步行） 覆盖率下限"


def test_long_texts_are_cut_between_characters_and_counted(tmp_path):
    result = asking(FORMATS)
    long = result.facilities.assign(name=["名" * 300, "x" * 254, "é" * 128, "短"])
    write_formats(replace(result, facilities=long), tmp_path)
    read_back = read(tmp_path, "shapefile", "facilities")["name"].tolist()
    assert read_back == ["名" * 84, "x" * 254, "é" * 127, "短"]
    listed = pd.read_csv(tmp_path / "shapefile" / "fields.csv", encoding="utf-8-sig")
    cut = listed[listed["cells_cut"] > 0]
    told = cut[["layer", "full_name", "cells_cut"]].to_numpy().tolist()
    assert told == [["facilities", "name", 2]]
    assert "字段 name（name）：2 个单元格超过 254 字节，已截断" in readme(tmp_path, "shapefile")
    for form in ("geojson", "geoparquet"):
        assert read(tmp_path, form, "facilities")["name"].tolist() == long["name"].tolist()
        assert "截断" not in readme(tmp_path, form)


def test_what_a_shapefile_cannot_hold_is_not_written_and_told(tmp_path, monkeypatch):
    monkeypatch.setattr(shapefile, "_MOST_FIELDS", 20)
    write_formats(asking(["shapefile"]), tmp_path)
    there = {path.stem for path in (tmp_path / "shapefile").glob("*.shp")}
    assert there < set(LAYERS)
    for layer in set(LAYERS) - there:
        title = Words.of(sample_assessment()).texts.text(f"layer.{layer}")
        assert f"{title}：" in readme(tmp_path, "shapefile")
    assert "没有写" in readme(tmp_path, "shapefile")


def test_the_size_of_a_shapefile_is_thought_of_before(monkeypatch, tmp_path):
    monkeypatch.setattr(shapefile, "_MOST_BYTES", 1000)
    write_formats(asking(["shapefile"]), tmp_path)
    assert {path.stem for path in (tmp_path / "shapefile").glob("*.shp")} <= {"barriers", "roads"}


def test_geoparquet_tells_its_coordinates(folder):
    told = json.loads(pq.read_schema(folder / "geoparquet" / "units.parquet").metadata[b"geo"])
    assert told["version"] == "1.0.0"
    assert told["columns"]["geometry"]["crs"]["id"] == {"authority": "EPSG", "code": 4545}


def test_readme_tells_what_the_data_is(folder):
    for form in FORMATS:
        text = readme(folder, form)
        for words in (
            "示范区关爱地图",
            "截至 2021-06-30",
            "合成示例数据",
            "不得公开",
            "审图号：待填",
        ):
            assert words in text


def test_two_writes_have_the_same_bytes(folder, tmp_path):
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 30
    # A time that is written down has another second by then.
    time.sleep(max(0, 1.1 - (time.time() - max(file.stat().st_mtime for file in files))))
    write_formats(asking(FORMATS), tmp_path)
    for file in files:
        other = tmp_path / file.relative_to(folder)
        assert file.read_bytes() == other.read_bytes(), file.name
    # The day of the study, not today's, stands in a dbf.
    head = (tmp_path / "shapefile" / "units.dbf").read_bytes()[:4]
    assert head[1:] == bytes([121, 6, 30])


@pytest.mark.parametrize("name", ["'; DROP TABLE units; --", "=1+1", "<script>", "../x", "\u202e"])
def test_hostile_names_stay_text(tmp_path, name):
    result = asking(FORMATS)
    write_formats(replace(result, units=result.units.assign(name=name)), tmp_path)
    for form in FORMATS:
        assert set(read(tmp_path, form, "units")["name"]) == {name}
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FORMATS)


def test_names_are_short_and_can_be_read():
    names = [
        "unit_id",
        "path_completeness",
        "care_15_rate_low",
        "care_15_rate_high",
        "care_rate_low",
    ]
    assert short_names(names, ["care", "care_15"]) == [
        "unit_id",
        "path_compl",
        "c2_rat_low",
        "c2_rat_hig",
        "c1_rat_low",
    ]
    assert short_names(["operating_date", "operator_kind", "operating_dates"]) == [
        "opera_date",
        "opera_kind",
        "oper_dates",
    ]


@given(st.lists(st.text("abcxyz_名A1", min_size=1, max_size=40), unique=True, max_size=255))
def test_short_names_differ_and_fit(names):
    found = short_names(names, ["abc", "x_y"])
    assert len({name.lower() for name in found}) == len(names)
    assert all(name.isascii() and 1 <= len(name) <= 10 for name in found)


def test_every_format_has_its_writer_and_words():
    assert set(formats._WRITERS) == set(FORMATS)


def test_a_run_writes_what_its_study_asks_for(tmp_path):
    file = write_study(tmp_path / "study")
    text = file.read_text("utf-8")
    assert "[output]" in text
    asked = '[output]\nformats = ["geojson"]\ncrs = "cgcs2000"'
    file.write_text(text.replace("[output]", asked), "utf-8")
    internal = run(file).folder / "internal"
    units = gpd.read_file(internal / "layers" / "geojson" / "units_cgcs2000.geojson")
    stored = gpd.read_file(internal / "layers.gpkg", layer="units")
    assert units.crs.to_epsg() == stored.crs.to_epsg() == 4490
    assert units["unit_id"].tolist() == stored["unit_id"].tolist()
    assert not (internal / "layers" / "shapefile").exists()


def test_an_unknown_format_is_a_problem_of_the_study(tmp_path):
    file = write_study(tmp_path / "study")
    text = file.read_text("utf-8").replace("[output]", '[output]\nformats = ["kml"]')
    file.write_text(text, "utf-8")
    with pytest.raises(InputError) as error:
        read_study(file)
    assert [problem.column for problem in error.value.problems] == ["output.formats[1]"]

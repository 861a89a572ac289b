"""The GeoPackage: GDAL reads every layer, figures agree with the tables, names do no harm."""

import contextlib
import math
import shutil
import sqlite3
import subprocess
import time
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
from conftest import missing
from outputs.sample import (
    A1,
    A2,
    B2,
    MEDICAL,
    METRIC,
    empty_assessment,
    sample_assessment,
    sample_study,
)
from shapely import Point, box

from care_map.outputs.layers import write_layers
from care_map.outputs.tables import write_tables
from care_map.schema import COVERAGE_BY_UNIT
from care_map.values import CircleRule

LAYERS = ["gaps", "facilities", "demand", "barriers", "roads", "units", "coverage_by_unit"]


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("图层 一") / "layers.gpkg"
    assert write_layers(sample_assessment(), path) == LAYERS
    return path


def test_gdal_reads_every_layer(path):
    if shutil.which("ogrinfo") is None:
        missing("ogrinfo")
    done = subprocess.run(
        ["ogrinfo", "-ro", "-al", str(path)], capture_output=True, text=True, check=True
    )
    assert "ERROR" not in done.stderr
    assert "Warning" not in done.stderr
    for layer in LAYERS:
        assert f"Layer name: {layer}\n" in done.stdout
    assert "CGCS2000 / 3-degree Gauss-Kruger CM 108E" in done.stdout


def test_it_is_a_geopackage_1_2(path):
    with contextlib.closing(sqlite3.connect(path)) as store:
        version = store.execute("PRAGMA user_version").fetchone()[0]
        assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert store.execute("PRAGMA foreign_key_check").fetchall() == []
    assert version == 10_200


def test_the_long_table_is_the_csv(path, tmp_path):
    write_tables(sample_assessment(), tmp_path)
    layer = pyogrio.read_dataframe(path, layer="coverage_by_unit", read_geometry=False)
    table = pq.read_table(tmp_path / "coverage_by_unit.parquet").to_pandas()
    assert list(layer.columns) == COVERAGE_BY_UNIT.names
    for column in COVERAGE_BY_UNIT.names:
        assert layer[column].astype(object).where(layer[column].notna(), None).tolist() == (
            table[column].astype(object).where(table[column].notna(), None).tolist()
        )


def test_units_carry_the_official_figures(path):
    units = gpd.read_file(path, layer="units").set_index("unit_id")
    assert units.crs == METRIC
    assert units.loc[A1, "elder_care_15_rate_low"] == 1
    assert units.loc[A2, "elder_care_15_rate_high"] == 0.125
    assert units.loc[A2, "medical_15_covered"] == 3
    assert math.isnan(units.loc[B2, "medical_15_median_minutes"])
    table = sample_assessment().coverage_by_unit
    official = table[
        (table["profile"] == "standard")
        & (table["group"] == "all")
        & (table["setting"] == "all")
        & (table["unit_id"] != "all")
    ]
    assert len(official) == 12
    for row in official.itertuples():
        for name in ("elders", "covered", "uncovered", "undetermined", "rate_low"):
            assert units.loc[row.unit_id, f"{row.circle}_{name}"] == getattr(row, name)


def test_rows_without_a_place_keep_their_figures(path):
    units = gpd.read_file(path, layer="units").set_index("unit_id")
    assert units.loc[B2].geometry is None
    assert units.loc[B2, "elder_care_15_uncovered"] == 7
    assert units.loc[A1].geometry.geom_type == "MultiPolygon"
    demand = gpd.read_file(path, layer="demand").set_index("demand_id")
    assert demand.loc["d05"].geometry is None
    assert demand.loc["d05", "elder_care_15_status"] == "undetermined"
    assert demand.loc["d05", "elder_care_15_reason"] == "no_coordinates"
    assert demand.loc["d04", "medical_15_facility_id"] == "f1"
    assert demand["elders"].sum() == 22


def test_dates_flags_and_missing_numbers_keep_their_kinds(path):
    info = pyogrio.read_info(path, layer="facilities")
    kinds = dict(zip(info["fields"], info["ogr_types"], strict=True))
    assert kinds["operating_date"] == "OFTDate"
    assert kinds["beds"] == "OFTInteger64"
    facilities = gpd.read_file(path, layer="facilities").set_index("facility_id")
    assert facilities.loc["f1", "operating_date"] == pd.Timestamp("2020-01-01")
    assert facilities.loc["f4", "stage"] == "finished"
    assert pd.isna(facilities.loc["f3", "beds"])
    assert bool(facilities.loc["f1", "delivers"]) is True


def test_fields_and_layers_have_titles_in_chinese(path):
    with contextlib.closing(sqlite3.connect(path)) as store:
        aliases = dict(
            store.execute(
                "SELECT column_name, name FROM gpkg_data_columns WHERE table_name = 'units'"
            )
        )
        said = dict(store.execute("SELECT table_name, description FROM gpkg_contents"))
    assert aliases["unit_id"] == "区划代码"
    assert aliases["elder_care_15_rate_low"] == "15分钟养老服务圈（步行） 覆盖率下限"
    assert said.pop("layer_styles") == ""
    assert set(said) == set(LAYERS)
    assert all("合成示例数据" in text for text in said.values())
    assert "不得公开" in said["demand"]


def test_two_writes_have_the_same_bytes_and_gdal_keeps_its_date(tmp_path):
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "1999-09-09T00:00:00.000Z"})
    try:
        write_layers(sample_assessment(), tmp_path / "a.gpkg")
        time.sleep(3)
        write_layers(sample_assessment(), tmp_path / "b.gpkg")
        assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE").startswith("1999")
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
    data = (tmp_path / "a.gpkg").read_bytes()
    assert data == (tmp_path / "b.gpkg").read_bytes()
    assert b"2021-06-30T00:00:00" in data


def test_an_old_file_is_replaced(tmp_path):
    path = tmp_path / "layers.gpkg"
    write_layers(sample_assessment(), path)
    result = sample_assessment()
    write_layers(replace(result, roads=result.roads.iloc[:0]), path)
    assert "roads" not in {name for name, _ in pyogrio.list_layers(path)}


def test_an_empty_assessment_still_opens(tmp_path):
    path = tmp_path / "layers.gpkg"
    assert write_layers(empty_assessment(), path) == ["coverage_by_unit"]
    assert pyogrio.read_info(path, layer="coverage_by_unit")["features"] == 0


def test_units_without_any_polygon_are_written(tmp_path):
    result = sample_assessment()
    units = result.units.set_geometry(gpd.GeoSeries([None] * 6, crs=METRIC))
    write_layers(replace(result, units=units), tmp_path / "layers.gpkg")
    read = gpd.read_file(tmp_path / "layers.gpkg", layer="units")
    assert read.geometry.isna().all()
    assert read["elder_care_15_covered"].sum() == 4 + 0 + 4 + 2 + 2 + 0


def test_a_facility_drawn_as_an_area_becomes_a_point(tmp_path):
    result = sample_assessment()
    places = [box(0, 0, 2, 2), Point(), Point(1, 2, 3), None]
    drawn = result.facilities.set_geometry(gpd.GeoSeries(places, crs=METRIC))
    write_layers(replace(result, facilities=drawn), tmp_path / "layers.gpkg")
    read = gpd.read_file(tmp_path / "layers.gpkg", layer="facilities").geometry
    assert [None if one is None else one.wkt for one in read] == [
        "POINT (1 1)",
        None,
        "POINT (1 2)",
        None,
    ]


def test_another_official_profile_gives_other_figures(tmp_path):
    rules = {"urban": CircleRule("elder", 15), "rural": CircleRule("elder", 15)}
    result = sample_assessment(study=sample_study(circles=(replace(MEDICAL, rules=rules),)))
    write_layers(result, tmp_path / "layers.gpkg")
    demand = gpd.read_file(tmp_path / "layers.gpkg", layer="demand").set_index("demand_id")
    assert demand.loc["d10", "medical_15_minutes"] == 52.94
    assert demand.loc["d10", "elder_care_15_minutes"] == 40
    units = gpd.read_file(tmp_path / "layers.gpkg", layer="units").set_index("unit_id")
    assert units.loc[A1, "medical_15_covered"] == 3


@pytest.mark.parametrize(
    "name",
    ["'; DROP TABLE units; --", '"x"', "=1+1", "a\nb\x00c", "名" * 300, "<script>", "\u202e"],
)
def test_hostile_names_do_no_harm(tmp_path, name):
    result = sample_assessment()
    changed = replace(
        result,
        study=sample_study(name=name, circles=(replace(MEDICAL, title=name),)),
        units=result.units.assign(name=name, geom=name, OGC_FID=1),
        facilities=result.facilities.assign(name=name),
        gaps=result.gaps.assign(name=name),
    )
    assert write_layers(changed, tmp_path / "layers.gpkg") == LAYERS
    clean = name.replace("\n", " ").replace("\x00", " ")
    for layer in ("units", "facilities", "gaps"):
        assert set(gpd.read_file(tmp_path / "layers.gpkg", layer=layer)["name"]) == {clean}


def test_tables_are_not_changed_by_writing(tmp_path):
    result = sample_assessment()
    before = result.facilities.copy(deep=True)
    write_layers(result, tmp_path / "layers.gpkg")
    pd.testing.assert_frame_equal(result.facilities, before)

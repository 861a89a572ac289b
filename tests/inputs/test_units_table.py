import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.geometry import Polygon

from care_map.config import Study, UnitSource
from care_map.errors import InputError
from care_map.inputs.load import check_inputs, load_inputs
from care_map.inputs.unit_index import UnitIndex


def found(problems, code):
    return [problem for problem in problems if problem.code == code]


def units_of(study):
    return load_inputs(study).units.set_index("unit_id")


def test_levels_by_shape_of_the_code(make_study):
    text = (
        "代码,名称\n500101000000,某区\n500101001000,甲街道\n500101101,乙镇\n500101001001,东社区\n"
        "500102,邻区\nx,别处\n"
    )
    study = make_study(units=text)
    levels = units_of(study)["level"].to_dict()
    assert levels == {
        "500101000000": "district",
        "500101001000": "town",
        "500101101": "town",
        "500101001001": "community",
        "500102": "district",
        "x": "town",
    }
    problems = check_inputs(study)
    assert found(problems, "level_assumed")[0].count == 1
    assert found(problems, "unit_codes_short")[0].count == 2


def test_parents_by_prefix(make_study):
    text = (
        "代码,名称\n500101000000,某区\n500101101,乙镇\n500101101201,西村\n500101102201,无镇之村\n"
    )
    parents = units_of(make_study(units=text))["parent_id"].to_dict()
    assert parents["500101101201"] == "500101101"
    assert parents["500101101"] == "500101000000"
    assert parents["500101102201"] == ""


def test_setting_precedence(make_study):
    text = (
        "代码,名称,城乡,城乡分类代码\n"
        "500101001000,甲街道,,\n500101101000,乙镇,,\n"
        "500101101001,镇上社区,,\n500101101201,西村,,\n"
        "500101101202,城边村,,111\n500101101203,自称城市的村,城市,220\n"
        "x1,丙街道,,\nx2,丁,,\n"
    )
    units = units_of(make_study(units=text))
    assert units["setting"].to_dict() == {
        "500101001000": "urban",
        "500101101000": "rural",
        "500101101001": "urban",
        "500101101201": "rural",
        "500101101202": "urban",
        "500101101203": "urban",
        "x1": "urban",
        "x2": "",
    }
    assert found(load_inputs(make_study(units=text)).problems, "setting_unknown")[0].count == 1
    settled = units_of(make_study(units=text, header={"setting": "rural"}))
    assert settled.loc["x2", "setting"] == "rural"


def test_a_community_inherits(make_study):
    text = "代码,名称,级别,上级代码\nt,乙镇,镇,\nc,西里,村,t\n"
    assert units_of(make_study(units=text)).loc["c", "setting"] == "rural"


def test_ids_and_names_are_required_and_ids_unique(make_study):
    text = "代码,名称\n500101101,甲\n500101101000,乙\n,丙\n5,\n"
    with pytest.raises(InputError) as raised:
        load_inputs(make_study(units=text))
    assert {(problem.code, problem.row) for problem in raised.value.problems} == {
        ("id_twice", 2),
        ("id_twice", 3),
        ("cell_required", 4),
        ("cell_required", 5),
    }


def test_parents_that_are_only_named_are_derived(make_study):
    square = [
        f'"{shapely.box(108.4 + at * 0.01, 30.8, 108.41 + at * 0.01, 30.81).wkt}"'
        for at in range(3)
    ]
    text = (
        "代码,名称,上级名称,wkt\n"
        f"a,一村,乙镇,{square[0]}\nb,二村,乙镇,{square[1]}\nc,三村,丙镇,{square[2]}\n"
    )
    inputs = load_inputs(make_study(units=text))
    units = inputs.units.set_index("unit_id")
    assert units["level"].tolist() == ["community"] * 3 + ["town"] * 2
    assert units["parent_id"].to_dict() == {
        "a": "乙镇",
        "b": "乙镇",
        "c": "丙镇",
        "乙镇": "",
        "丙镇": "",
    }
    assert units.loc["乙镇", "setting"] == "rural"
    assert units.area["乙镇"] == pytest.approx(units.area["a"] + units.area["b"])
    assert found(inputs.problems, "parents_derived")[0].count == 2


def test_parents_by_place(make_study, two_towns):
    text = two_towns.replace('500101001000,"POL', ',"POL').replace("500101001001", "c1")
    assert ",community,," in text
    assert units_of(make_study(units=text)).loc["c1", "parent_id"] == "500101001000"


def test_polygons_are_repaired_and_overlaps_measured(tmp_path):
    bow = Polygon([(108.4, 30.8), (108.42, 30.82), (108.42, 30.8), (108.4, 30.82)])
    frame = gpd.GeoDataFrame(
        {"unit_id": ["1", "2", "3", "4"], "name": ["a", "b", "c", "d"]},
        geometry=[
            bow,
            shapely.box(108.5, 30.8, 108.6, 30.9),
            shapely.box(108.59, 30.8, 108.7, 30.9),
            shapely.Point(108.5, 30.8),
        ],
        crs=4326,
    )
    frame.to_file(tmp_path / "units.gpkg")
    study = Study(root=tmp_path, name="t", units=(UnitSource(path="units.gpkg", level="town"),))
    inputs = load_inputs(study)
    assert inputs.units.geometry[:3].is_valid.all()
    assert inputs.units.geometry[3] is None
    assert [problem.value for problem in found(inputs.problems, "polygon_repaired")] == ["a"]
    assert [problem.row for problem in found(inputs.problems, "unit_without_polygon")] == [4]
    [overlap] = found(inputs.problems, "units_overlap")
    assert overlap.values["share"] == pytest.approx(0.01 / (0.1 + 0.11 + 0.0002 / 0.1), rel=0.02)


@pytest.mark.parametrize(
    ("crs", "shift", "code"),
    [(4610, 0, "crs_refused"), (2434, 0, "crs_refused"), (None, 500000, "crs_missing")],
)
def test_crs_that_cannot_be_used(tmp_path, crs, shift, code):
    frame = gpd.GeoDataFrame(
        {"unit_id": ["1"], "name": ["a"]},
        geometry=[shapely.box(108 + shift, 30 + shift, 109 + shift, 31 + shift)],
        crs=crs,
    )
    frame.to_parquet(tmp_path / "units.parquet")
    study = Study(root=tmp_path, name="t", units=(UnitSource(path="units.parquet"),))
    with pytest.raises(InputError) as raised:
        load_inputs(study)
    assert [problem.code for problem in raised.value.problems] == [code]


def test_a_projected_layer_and_one_without_crs(tmp_path):
    box = gpd.GeoSeries([shapely.box(108.4, 30.8, 108.5, 30.9)], crs=4326)
    areas = []
    for crs in (4545, 4490, None):
        frame = gpd.GeoDataFrame(
            {"unit_id": ["1"], "name": ["a"]},
            geometry=box.to_crs(crs) if crs else box.set_crs(None, allow_override=True),
        )
        frame.to_parquet(tmp_path / "units.parquet")
        study = Study(root=tmp_path, name="t", units=(UnitSource(path="units.parquet"),))
        inputs = load_inputs(study)
        assert inputs.crs.to_epsg() == 4545
        areas.append(inputs.units.area[0])
        assert bool(found(inputs.problems, "crs_assumed")) == (crs is None)
    assert areas == pytest.approx([areas[0]] * 3)


def test_points_on_a_border_go_to_the_lowest_id(make_study, two_towns):
    inputs = load_inputs(make_study(units=two_towns))
    index = UnitIndex(inputs.units)
    places = [shapely.Point(108.402, 30.805), shapely.Point(108.407, 30.805)]
    places += [shapely.Point(108.415, 30.805), shapely.Point(108.5, 30.805)]
    points = gpd.GeoSeries(places, crs=4326).to_crs(inputs.crs).to_numpy()
    towns = ["500101001000", "500101001001", "500101002000", ""]
    assert index.lowest(points).tolist() == towns
    corner = inputs.units.geometry[1].exterior.coords
    shared = [
        shapely.Point(xy) for xy in corner if inputs.units.geometry[0].touches(shapely.Point(xy))
    ]
    found_units = index.lowest(np.array(shared, dtype=object))
    assert set(found_units) <= {"500101001000", "500101001001"}

"""`isochrone` and `route` on a grid of streets."""

import json

import geopandas as gpd
import pyogrio
import pytest
import shapely

CORNER, END = "108.40,30.80", "108.41,30.81"


def test_isochrone_is_geojson_on_standard_output(care_map, roads):
    answer = care_map("isochrone", roads, "--at", CORNER, "--minutes", "10,5")
    assert (answer.code, answer.err) == (0, "")
    features = answer.json["features"]
    assert [one["properties"]["minutes"] for one in features] == [5.0, 10.0]
    small, large = (shapely.geometry.shape(one["geometry"]) for one in features)
    assert large.contains(small)
    assert small.contains(shapely.Point(108.40, 30.80))
    # 10 minutes at 1 m/s reach 600 m along a street: past the next crossing, not the one after.
    assert large.contains(shapely.Point(108.405, 30.80))
    assert not large.contains(shapely.Point(108.41, 30.80))
    assert care_map("isochrone", roads, "--at", CORNER, "--minutes", "10,5", "--quiet") == answer


def test_chinese_commas_and_several_points(care_map, roads):
    answer = care_map(
        "isochrone", roads, "--at", "108.40，30.80", "--at", END, "--minutes", "5，8", "--json"
    )
    shapes = [shapely.geometry.shape(one["geometry"]) for one in answer.json["features"]]
    assert all(shape.contains(shapely.Point(108.41, 30.81)) for shape in shapes)


def test_isochrone_of_each_point_in_rings_and_lines(care_map, roads):
    asked = ("isochrone", roads, "--at", CORNER, "--at", END, "--minutes", "5,8", "--each")
    found = care_map(*asked, "--shape", "rings", "--direction", "from").json["features"]
    told = [one["properties"] for one in found]
    assert [one["at"] for one in told] == [1, 1, 2, 2]
    assert [(one["from_minutes"], one["minutes"]) for one in told] == [(0, 5), (5, 8)] * 2
    assert {one["direction"] for one in told} == {"from"}
    inner, outer = (shapely.geometry.shape(one["geometry"]) for one in found[:2])
    assert not outer.contains(shapely.Point(108.40, 30.80))
    assert inner.intersection(outer).area < 1e-12
    lines = care_map(*asked, "--shape", "lines").json["features"]
    assert {one["geometry"]["type"] for one in lines} == {"LineString"}
    assert {one["properties"]["at"] for one in lines} == {1, 2}
    assert max(one["properties"]["end_minutes"] for one in lines) <= 8.0 + 1e-9


@pytest.mark.parametrize("wrong", [("--shape", "hull"), ("--direction", "up")])
def test_isochrone_refuses_an_unknown_shape_or_direction(care_map, roads, wrong):
    answer = care_map("isochrone", roads, "--at", CORNER, "--minutes", "5", *wrong)
    assert answer.code == 2
    assert wrong[0] in answer.err
    assert wrong[1] in answer.err


@pytest.mark.parametrize("name", ["甲.geojson", "b.GPKG", "c.json"])
def test_isochrone_into_a_file(care_map, roads, name):
    file = roads.parent / "new folder" / name
    for _ in range(2):
        answer = care_map("isochrone", roads, "--at", CORNER, "--minutes", "5", "-o", file)
        assert (answer.code, answer.out) == (0, f"已写入：{file}\n")
    table = gpd.read_file(file)
    assert table.crs.to_epsg() == 4326
    assert table["minutes"].tolist() == [5.0]
    assert [path.name for path in file.parent.iterdir()] == [name]
    told = care_map("isochrone", roads, "--at", CORNER, "--minutes", "5", "-o", file, "--json")
    assert told.json["file"] == str(file)


def test_route_prints_time_and_length(care_map, roads):
    answer = care_map("route", roads, "--from", CORNER, "--to", END)
    assert (answer.code, answer.err) == (0, "")
    # Two steps north (2 x 554 m) and two east (2 x 479 m) at 1 m/s.
    minutes = float(answer.out.split()[0])
    assert minutes == pytest.approx(2066 / 60, abs=0.2)
    slower = care_map("route", roads, "--from", CORNER, "--to", END, "--profile", "elder")
    assert float(slower.out.split()[0]) == pytest.approx(minutes / 0.85, abs=0.2)


def test_route_as_json_and_file(care_map, roads):
    file = roads.parent / "way.gpkg"
    args = ("route", roads, "--from", CORNER, "--to", END)
    line = care_map(*args, "--json", "-o", file).json["features"][0]
    assert line["geometry"]["type"] == "LineString"
    assert line["geometry"]["coordinates"][0] == pytest.approx([108.40, 30.80], abs=1e-5)
    assert line["properties"]["length_m"] == pytest.approx(2066, abs=10)
    assert pyogrio.list_layers(file).tolist() == [["route", "LineString"]]
    answer = care_map(*args, "-o", file.with_suffix(".geojson"), "--language", "en")
    assert "minutes" in answer.out
    assert "Written: " in answer.out
    assert json.loads(file.with_suffix(".geojson").read_text("utf-8"))["features"] == [line]


def test_no_way_between_islands(care_map, roads):
    layer = json.loads(roads.read_text("utf-8"))
    shifted = [
        {
            **feature,
            "geometry": {
                "type": "LineString",
                "coordinates": [[x + 0.1, y] for x, y in feature["geometry"]["coordinates"]],
            },
        }
        for feature in layer["features"]
    ]
    layer["features"] += shifted
    roads.write_text(json.dumps(layer))
    answer = care_map("route", roads, "--from", CORNER, "--to", "108.50,30.80")
    assert (answer.code, answer.out) == (2, "")
    assert "没有走得通的路" in answer.err

"""Ends of a road layer that almost meet."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from networks import CORNER, CRS_METRIC
from pydantic import ValidationError

from care_map.config import RoadSource
from care_map.inputs.road_layers import read_road_layer
from care_map.network.build import build_network


@pytest.fixture
def read(tmp_path):
    """Return a function that writes lines drawn in metres and reads them with a tolerance."""

    def _read(*drawn, tolerance_m=0.0, bridges=()):
        geometry = [shapely.LineString(np.array(line) + CORNER) for line in drawn]
        bridge = ["yes" if i in bridges else "" for i in range(len(drawn))]
        frame = gpd.GeoDataFrame(
            {"highway": ["residential"] * len(drawn), "bridge": bridge},
            geometry=geometry,
            crs=CRS_METRIC,
        )
        file = tmp_path / "roads.gpkg"
        frame.to_file(file, layer="roads")
        source = RoadSource(path=file, tolerance_m=tolerance_m)
        table, problems = read_road_layer(file, source=source)
        return table, {problem.code: problem for problem in problems}

    return _read


GAP = ([(0, 0), (1000, 0)], [(1000.8, 0.6), (2000, 0)])


def test_nothing_is_joined_unless_asked(read):
    table, problems = read(*GAP)
    assert len(set(table.node_id)) == 4
    assert "road_layer_ends_joined" not in problems


@pytest.mark.parametrize(("tolerance_m", "nodes"), [(0.9, 4), (0.995, 4), (1.005, 3), (50.0, 3)])
def test_ends_within_the_tolerance_meet_in_the_middle(read, tolerance_m, nodes):
    table, problems = read(*GAP, tolerance_m=tolerance_m)
    assert len(set(table.node_id)) == nodes
    if nodes == 3:
        assert problems["road_layer_ends_joined"].count == 2
        network = build_network(table, CRS_METRIC)
        assert network.vertex_x.min() == pytest.approx(CORNER[0], abs=1e-3)
        middle = CORNER + np.array([1000.4, 0.3])
        place = np.column_stack([network.vertex_x, network.vertex_y])
        assert np.abs(place - middle).max(axis=1).min() < 1e-3


def test_only_ends_join(read):
    table, _ = read([(0, 0), (500, 0), (1000, 0)], [(500, 0.5), (500, 300)], tolerance_m=1.0)
    assert len(set(table.node_id)) == 5


def test_vertices_in_the_place_of_an_end_go_with_it(read):
    table, _ = read(
        [(0, 0), (500, 0), (1000, 0)],
        [(500, 0), (500, 300)],
        [(500.5, -0.5), (500, -300)],
        tolerance_m=1.0,
    )
    inner, start, near = table.node_id[1], table.node_id[3], table.node_id[5]
    assert inner == start == near
    assert table.lon[1] == table.lon[3] == table.lon[5]


def test_bridge_above_joins_at_its_ends_only(read):
    table, _ = read(
        [(0, 0), (100, 0)],
        [(100.4, 0), (200, 0), (300, 0)],
        [(200, -100), (200, 0), (200, 100)],
        tolerance_m=1.0,
        bridges=(1,),
    )
    assert table.node_id[1] == table.node_id[2]
    assert table.node_id[3] != table.node_id[6]


def test_tolerance_is_in_metres_at_any_latitude(tmp_path):
    for lat in (1.0, 65.0):
        step = 1.0 / (111_195 * np.cos(np.radians(lat)))
        frame = gpd.GeoDataFrame(
            {"highway": ["path", "path"]},
            geometry=[
                shapely.LineString([(10.0, lat), (10.01, lat)]),
                shapely.LineString([(10.01 + step, lat), (10.02, lat)]),
            ],
            crs=4326,
        )
        file = tmp_path / f"{lat}.geojson"
        frame.to_file(file)
        for tolerance_m, nodes in ((0.95, 4), (1.05, 3)):
            source = RoadSource(path=file, tolerance_m=tolerance_m)
            table, _ = read_road_layer(file, source=source)
            assert len(set(table.node_id)) == nodes


@pytest.mark.parametrize("tolerance_m", [-1.0, 51.0])
def test_tolerances_that_are_refused(tmp_path, tolerance_m):
    with pytest.raises(ValidationError):
        RoadSource(path=tmp_path / "r.gpkg", tolerance_m=tolerance_m)

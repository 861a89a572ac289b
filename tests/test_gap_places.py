"""What a gap is named by: a settlement near it, else a road."""

import numpy as np
import pytest
from networks import CORNER, CRS_METRIC, lonlat, road_table, way

from care_map.gap_places import PLACE_WITHIN_M, ROAD_WITHIN_M, Surroundings
from care_map.inputs.osm_roads import read_osm_roads
from care_map.inputs.tables import NamedPlace
from care_map.network.build import build_network
from care_map.network.reading import keep_reading, kept_reading, read_off

ENDS = {1: (0, 0), 2: (5000, 0)}
NETWORK = build_network(road_table([way(1, [1, 2], ENDS, name="长街")]), CRS_METRIC)
VILLAGE = NamedPlace(*lonlat(0, 0), {"name": "上村", "name:en": "Upper Village"})


def names(*places, settlements=(VILLAGE,), network=NETWORK, language="zh"):
    near = Surroundings(network, settlements, CRS_METRIC, language)
    x, y = np.array(places, dtype=float).T
    return near.names(x + CORNER[0], y + CORNER[1]).tolist()


def test_a_settlement_goes_before_a_road_and_a_road_before_nothing():
    end = PLACE_WITHIN_M
    assert names((100, 0), (end - 1, 0), (end + 1, 0)) == ["上村", "上村", "长街"]
    aside = ROAD_WITHIN_M
    assert names((3000, aside - 1), (3000, aside + 1)) == ["长街", ""]


def test_the_nearer_of_two_settlements():
    lower = NamedPlace(*lonlat(600, 0), {"name": "下村"})
    assert names((290, 0), (310, 0), settlements=(VILLAGE, lower)) == ["上村", "下村"]


def test_names_are_of_the_language_where_there_is_one():
    other = NamedPlace(*lonlat(2000, 0), {"name": "下村"})
    found = names((0, 0), (2000, 0), settlements=(VILLAGE, other), language="en")
    assert found == ["Upper Village", "下村"]


def test_what_the_unit_says_already_is_not_said_again():
    near = Surroundings(NETWORK, (VILLAGE,), CRS_METRIC, "zh")
    x, y = np.full(2, CORNER[0] + 100), np.full(2, CORNER[1])
    assert near.names(x, y, said=["乙镇上村", "乙镇"]).tolist() == ["长街", "上村"]


def test_without_roads_and_settlements_nothing_has_a_name():
    assert names((0, 0), network=None, settlements=()) == [""]
    assert names((0, 0), network=None) == ["上村"]
    assert names((np.nan, np.nan)) == [""]


@pytest.fixture
def extract(tmp_path):
    """Write a street between settlements, a town and a village without a name."""
    nodes = [
        ("1", {}),
        ("2", {"place": "village", "name": "上村", "name:en": "Upper Village"}),
        ("3", {"place": "hamlet"}),
        ("4", {"place": "city", "name": "大城"}),
        ("5", {"place": "hamlet", "highway": "elevator", "name": "坡上"}),
        ("6", {"highway": "elevator"}),
    ]
    rows = ['<osm version="0.6">']
    for node, tags in nodes:
        told = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
        rows.append(f'<node id="{node}" lon="108.{node}" lat="30.5">{told}</node>')
    rows.append('<way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way>')
    file = tmp_path / "roads.osm"
    file.write_text("\n".join([*rows, "</osm>"]), encoding="utf-8")
    return file


def test_an_extract_names_its_settlements(extract):
    table, _ = read_osm_roads(extract)
    assert table.places == (
        NamedPlace(108.2, 30.5, {"name": "上村", "name:en": "Upper Village"}),
        NamedPlace(108.5, 30.5, {"name": "坡上"}),
    )
    assert table.lifts.tolist() == [5, 6]


def test_settlements_are_kept_with_the_roads(extract, tmp_path):
    reading = read_off(*read_osm_roads(extract))
    keep_reading(reading, tmp_path / "kept", key="k")
    kept = kept_reading(tmp_path / "kept", key="k")
    assert kept is not None
    assert kept.places == reading.places
    assert len(kept.places) == 2

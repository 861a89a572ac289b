"""Footprints of an extract: closed ways and relations, and nothing else."""

import pytest
import shapely

from care_map.errors import InputError
from care_map.inputs.osm_buildings import read_footprints

XML = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
  <node id="1" lon="108.4000" lat="30.8000"/><node id="2" lon="108.4004" lat="30.8000"/>
  <node id="3" lon="108.4004" lat="30.8004"/><node id="4" lon="108.4000" lat="30.8004"/>
  <node id="5" lon="108.4001" lat="30.8001"/><node id="6" lon="108.4002" lat="30.8001"/>
  <node id="7" lon="108.4002" lat="30.8002"/><node id="8" lon="108.4001" lat="30.8002"/>
  <node id="9" lon="108.4100" lat="30.8000"/><node id="10" lon="108.4101" lat="30.8000"/>
  <node id="11" lon="108.4101" lat="30.8001"/>
  <way id="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/></way>
  <way id="2"><nd ref="5"/><nd ref="6"/><nd ref="7"/><nd ref="8"/><nd ref="5"/></way>
  <way id="3"><nd ref="9"/><nd ref="10"/><nd ref="11"/><nd ref="9"/>
    <tag k="building" v="house"/></way>
  <way id="4"><nd ref="9"/><nd ref="10"/><nd ref="11"/><tag k="building" v="yes"/></way>
  <way id="5"><nd ref="9"/><nd ref="10"/><nd ref="11"/><nd ref="9"/>
    <tag k="building" v="no"/></way>
  <way id="6"><nd ref="9"/><nd ref="10"/><nd ref="11"/><nd ref="9"/>
    <tag k="landuse" v="farm"/></way>
  <relation id="1"><member type="way" ref="1" role="outer"/>
    <member type="way" ref="2" role="inner"/>
    <tag k="type" v="multipolygon"/><tag k="building" v="yes"/></relation>
</osm>
"""


def test_footprints_by_hand(tmp_path):
    path = tmp_path / "buildings.osm"
    path.write_text(XML, encoding="utf-8")
    found = read_footprints(path)
    assert len(found) == 2
    assert sorted(shapely.area(found).round(12)) == pytest.approx([5e-9, 15e-8], rel=1e-3)
    # A courtyard is no part of the building round it.
    courtyard = shapely.Point(108.40015, 30.80015)
    assert not shapely.contains(found, courtyard).any()
    assert shapely.contains(found, shapely.Point(108.4003, 30.8003)).sum() == 1


def test_an_extract_without_buildings(tmp_path):
    path = tmp_path / "none.osm"
    path.write_text(
        '<osm version="0.6"><node id="1" lon="1" lat="1"/><node id="2" lon="1" lat="2"/>'
        '<way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="path"/></way></osm>',
        encoding="utf-8",
    )
    assert len(read_footprints(path)) == 0


def test_a_damaged_extract(tmp_path):
    path = tmp_path / "bad.osm.pbf"
    path.write_bytes(b"no extract")
    with pytest.raises(InputError):
        read_footprints(path)

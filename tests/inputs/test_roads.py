"""Roads as drawn: every trap of DOMAIN §5 that a reader can fall into."""

import bz2
import gzip
from itertools import pairwise

import geopandas as gpd
import numpy as np
import osmium
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from care_map.config import RoadSource
from care_map.errors import InputError
from care_map.inputs.datum import wgs84_to_gcj02
from care_map.inputs.osm_roads import ROAD_CLASSES, parse_maxspeed_kph
from care_map.inputs.roads import read_roads

NODES = {
    1: (10.0, 50.0),
    2: (10.001, 50.0),
    3: (10.002, 50.0),
    4: (10.003, 50.0),
    5: (10.001, 50.001),
    6: (10.001, 49.999),
    7: (10.001, 50.0),  # where node 2 is, but another node
}


def osm(*elements, nodes=NODES):
    """Return an OSM XML document."""
    drawn = "".join(f'<node id="{n}" lon="{x}" lat="{y}"/>' for n, (x, y) in nodes.items())
    return f'<osm version="0.6">{drawn}{"".join(elements)}</osm>'.encode()


def way(way_id, refs, **tags):
    """Return a way; a double underscore in a key is a colon."""
    ends = "".join(f'<nd ref="{ref}"/>' for ref in refs)
    keys = "".join(f'<tag k="{k.replace("__", ":")}" v="{v}"/>' for k, v in tags.items())
    return f'<way id="{way_id}">{ends}{keys}</way>'


def relation(relation_id, members, **tags):
    """Return a relation of (way, role) members."""
    parts = "".join(f'<member type="way" ref="{ref}" role="{role}"/>' for ref, role in members)
    keys = "".join(f'<tag k="{k.replace("__", ":")}" v="{v}"/>' for k, v in tags.items())
    return f'<relation id="{relation_id}">{parts}{keys}</relation>'


@pytest.fixture
def read(tmp_path):
    """Return a function that reads roads from elements."""

    def _read(*elements, **options):
        file = tmp_path / "roads.osm"
        file.write_bytes(osm(*elements, **options))
        return read_roads(file)

    return _read


def lines(table):
    """Return the node ids of each way."""
    return [table.node_id[a:b].tolist() for a, b in pairwise(table.offsets)]


def codes(problems):
    return {problem.code: problem for problem in problems}


def test_way_keeps_ids_positions_and_tags(read):
    table, problems = read(
        way(11, [1, 2, 3], highway="residential", name="A=B, 50%", maxspeed="30 mph", layer="-1")
    )
    assert lines(table) == [[1, 2, 3]]
    assert table.lon.tolist() == [10.0, 10.001, 10.002]
    row = table.ways.iloc[0]
    assert (row["way_id"], row["highway"], row["name"], row["layer"]) == (
        11,
        "residential",
        "A=B, 50%",
        -1,
    )
    assert row["maxspeed_kph"] == pytest.approx(48.28032)
    assert row["oneway"] == row["foot"] == ""
    assert problems == ()


def test_missing_node_cuts_the_way_there(read):
    table, problems = read(
        way(11, [1, 2, 99, 3, 4], highway="service"), way(12, [98, 1], highway="service")
    )
    assert lines(table) == [[1, 2], [3, 4]]
    assert table.ways["way_id"].tolist() == [11, 11]
    found = codes(problems)
    assert found["osm_node_missing"].count == 2
    assert found["osm_way_dropped"].count == 1


def test_closed_area_and_oneway_ways_are_lines(read):
    table, _ = read(
        way(11, [1, 2, 5, 1], highway="residential", oneway="-1"),
        way(12, [1, 2, 6, 1], highway="pedestrian", area="yes"),
    )
    assert lines(table) == [[1, 2, 5, 1], [1, 2, 6, 1]]
    assert table.ways["oneway"].tolist() == ["-1", ""]
    assert table.ways["area"].tolist() == ["", "yes"]


def test_bridge_over_coincident_node_shares_no_id(read):
    table, _ = read(
        way(11, [1, 2, 3], highway="primary", bridge="yes", layer="1"),
        way(12, [5, 7, 6], highway="residential"),
    )
    assert not set(lines(table)[0]) & set(lines(table)[1])


def test_what_is_no_road_is_left_out_and_unknown_classes_are_listed(read):
    table, problems = read(
        way(11, [1, 2], highway="path"),
        way(12, [2, 3], highway="trail"),
        way(13, [2, 3], highway="construction"),
        way(14, [2, 3], route="ferry"),
    )
    assert table.ways["way_id"].tolist() == [11]
    assert codes(problems)["osm_class_unknown"].values["classes"] == "trail (1)"


def test_ids_below_zero_and_ways_before_nodes_are_found(tmp_path):
    file = tmp_path / "josm.osm"
    drawn = way(-5, [-1, -2], highway="path")
    nodes = '<node id="-1" lon="1" lat="2"/><node id="-2" lon="1.1" lat="2"/>'
    for text in (nodes + drawn, drawn + nodes):
        file.write_text(f'<osm version="0.6">{text}</osm>')
        table, problems = read_roads(file)
        assert lines(table) == [[-1, -2]]
        assert table.lon.tolist() == [1.0, 1.1]
        assert problems == ()


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"highway": "motorway"}, "motorway"),
        ({"highway": "motorway", "bridge": "yes"}, None),
        ({"highway": "motorway_link", "tunnel": "no"}, "motorway"),
        ({"highway": "trunk"}, None),
        ({"railway": "rail"}, "railway"),
        ({"railway": "rail", "tunnel": "yes"}, None),
        ({"railway": "tram"}, None),
        ({"waterway": "river"}, "water"),
        ({"waterway": "river", "bridge": "aqueduct"}, "water"),
        ({"waterway": "canal", "tunnel": "culvert"}, None),
        ({"waterway": "stream"}, None),
        ({"natural": "water"}, None),  # an open line is no outline
    ],
)
def test_barrier_kinds(read, tags, kind):
    table, _ = read(way(11, [1, 2], highway="path"), way(12, [3, 4], **tags))
    assert table.barriers["kind"].tolist() == ([] if kind is None else [kind])
    assert table.barriers.crs == "EPSG:4326"


def test_water_outlines_come_from_closed_ways_and_relations(read):
    table, _ = read(
        way(11, [1, 2], highway="path"),
        way(12, [1, 2, 5, 1], natural="water"),
        way(13, [2, 3, 4]),
        way(14, [4, 6, 2], highway="path"),
        relation(20, [(13, "outer"), (14, "outer")], type="multipolygon", natural="water"),
    )
    assert table.barriers["kind"].tolist() == ["water"] * 3
    assert sorted(table.barriers.geometry.count_coordinates()) == [3, 3, 4]


@settings(deadline=None)  # each example is a file
@given(
    st.lists(st.lists(st.integers(1, 9), min_size=0, max_size=7), min_size=1, max_size=6),
    st.sets(st.integers(1, 9)),
)
def test_parts_are_the_runs_of_known_nodes(tmp_path_factory, drawn, lost):
    nodes = {n: (n / 100, n / 50) for n in range(1, 10) if n not in lost} | {
        100: (0, 0),
        101: (0, 1),
    }
    wanted = [[100, 101]]
    for refs in drawn:
        run = []
        for ref in [*refs, None]:
            if ref in nodes:
                run.append(ref)
                continue
            wanted += [run] * (len(run) > 1)
            run = []
    file = tmp_path_factory.mktemp("runs") / "r.osm"
    ways = [way(i, refs, highway="path") for i, refs in enumerate([[100, 101], *drawn], 1)]
    file.write_bytes(osm(*ways, nodes=nodes))
    table, _ = read_roads(file)
    assert lines(table) == wanted
    positions = np.array([nodes[ref] for ref in table.node_id.tolist()])
    np.testing.assert_array_equal(np.column_stack([table.lon, table.lat]), positions)


@pytest.mark.parametrize(
    ("text", "kph"),
    [("50", 50), ("50 km/h", 50), ("20 mph", 32.18688), ("20mph", 32.18688), ("7.5", 7.5)],
)
def test_maxspeed(text, kph):
    assert parse_maxspeed_kph(text) == pytest.approx(kph)


@pytest.mark.parametrize("text", ["", "none", "walk", "RU:urban", "0", "-5", "50;30", "1e3", "٥٠;"])
def test_maxspeed_unknown(text):
    assert np.isnan(parse_maxspeed_kph(text))


def test_compressed_extracts(tmp_path):
    text = osm(way(11, [1, 2], highway="path"))
    for suffix, pack in ((".osm.gz", gzip.compress), (".osm.bz2", bz2.compress)):
        file = tmp_path / f"roads{suffix}"
        file.write_bytes(pack(text))
        assert lines(read_roads(file)[0]) == [[1, 2]]


HUGE = {1: (2000.0, 50.0), 2: (10.0, 50.0)}
BROKEN = {
    "empty.osm.pbf": (b"", "osm_empty"),
    "empty.osm": (b"", "osm_empty"),
    "noise.osm.pbf": (bytes(range(256)) * 9, "osm_damaged"),
    "cut.osm": (osm()[:-20], "osm_damaged"),
    "html.osm": (b"<html/>", "osm_damaged"),
    "text.osm.gz": (b"hello", "osm_damaged"),
    "number.osm": (b'<osm version="0.6"><node id="x" lat="1" lon="2"/></osm>', "osm_damaged"),
    "huge.osm": (osm(way(1, [1, 2], highway="path"), nodes=HUGE), "osm_coordinate"),
    "bomb.osm": (b'<!DOCTYPE a [<!ENTITY b "c">]><osm version="0.6"></osm>', "osm_damaged"),
    "roadless.osm": (osm(way(1, [1, 2], building="yes")), "osm_no_road"),
    "nowhere.osm": (osm(way(1, [77, 78], highway="path")), "osm_no_locations"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_extracts_say_what_is_wrong(tmp_path, name):
    content, code = BROKEN[name]
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(InputError) as raised:
        read_roads(file)
    assert [problem.code for problem in raised.value.problems] == [code]
    assert name in str(raised.value)


def test_extract_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="文件不存在"):
        read_roads(tmp_path / "no.osm.pbf")


# Road layers of an office's own


def layer(tmp_path, rows, *, name="roads.gpkg", crs=4326):
    """Write a layer of (coordinates, attributes) rows."""
    geometry = [None if line is None else shapely.LineString(line) for line, _ in rows]
    frame = gpd.GeoDataFrame([tags for _, tags in rows], geometry=geometry, crs=crs)
    file = tmp_path / name
    frame.to_file(file)
    return file


def meets(table, i, j):
    """Tell whether two ways share a node."""
    ids = lines(table)
    return bool(set(ids[i]) & set(ids[j]))


FLAT = [(10.0, 50.0), (10.001, 50.0), (10.002, 50.0)]
ACROSS = [(10.001, 50.001), (10.001, 50.0), (10.001, 49.999)]


def test_layer_joins_coincident_vertices_of_one_level(tmp_path):
    file = layer(tmp_path, [(FLAT, {"highway": "primary"}), (ACROSS, {"highway": "residential"})])
    table, problems = read_roads(file)
    assert meets(table, 0, 1)
    assert table.barriers is None
    assert "road_layer_no_barriers" in codes(problems)


@pytest.mark.parametrize("tag", [{"bridge": "yes"}, {"tunnel": "T"}, {"layer": 1}])
def test_layer_does_not_join_levels_in_their_middle(tmp_path, tag):
    file = layer(
        tmp_path, [(FLAT, {"highway": "primary", **tag}), (ACROSS, {"highway": "residential"})]
    )
    assert not meets(read_roads(file)[0], 0, 1)


def test_layer_joins_a_bridge_at_its_ends(tmp_path):
    rows = [
        (FLAT[:2], {"highway": "primary", "bridge": "yes"}),
        (FLAT[1:], {"highway": "primary", "bridge": "no"}),
        (ACROSS, {"highway": "residential", "bridge": None}),
    ]
    table, _ = read_roads(layer(tmp_path, rows))
    assert meets(table, 0, 1)
    assert meets(table, 0, 2)


def test_layer_cut_at_every_crossing_keeps_bridge_and_road_apart(tmp_path):
    rows = [
        (FLAT[:2], {"highway": "primary", "bridge": "yes"}),
        (FLAT[1:], {"highway": "primary", "bridge": "yes"}),
        (ACROSS[:2], {"highway": "residential", "bridge": ""}),
        (ACROSS[1:], {"highway": "residential", "bridge": ""}),
    ]
    table, _ = read_roads(layer(tmp_path, rows))
    assert meets(table, 0, 1)
    assert meets(table, 2, 3)
    assert not meets(table, 0, 2)


def test_layer_headers_classes_and_flags_of_others(tmp_path):
    rows = [
        (FLAT, {"道路等级": "县道", "单行": "是", "限速": 40, "桥梁": "否"}),
        (ACROSS, {"道路等级": "梯道", "单行": "否", "限速": 0, "桥梁": "是"}),
        (ACROSS, {"道路等级": "轮渡", "单行": None, "限速": None, "桥梁": None}),
        (None, {"道路等级": "支路", "单行": None, "限速": None, "桥梁": None}),
    ]
    table, problems = read_roads(layer(tmp_path, rows, name="路.geojson"))
    assert table.ways["highway"].tolist() == ["secondary", "steps"]
    assert table.ways["oneway"].tolist() == ["yes", "no"]
    assert table.ways["bridge"].tolist() == ["", "yes"]
    assert table.ways["maxspeed_kph"].iloc[0] == 40
    assert np.isnan(table.ways["maxspeed_kph"].iloc[1])
    found = codes(problems)
    assert "轮渡" in found["road_layer_class_unknown"].values["classes"]
    assert found["road_layer_row_dropped"].count == 1


def test_layer_of_geofabrik_means_backward_by_t(tmp_path):
    rows = [(FLAT, {"fclass": "residential", "oneway": letter, "maxspeed": 0}) for letter in "BFT"]
    table, _ = read_roads(layer(tmp_path, rows, name="roads.shp"))
    assert table.ways["oneway"].tolist() == ["no", "yes", "-1"]


def test_layer_columns_are_named_by_the_study(tmp_path):
    file = layer(tmp_path, [(FLAT, {"GRADE": "支路", "kind": "x"})])
    source = RoadSource(path=file, columns={"highway": "GRADE"})
    assert read_roads(file, source=source)[0].ways["highway"].tolist() == ["tertiary"]
    with pytest.raises(InputError, match="GRADE"):
        read_roads(file)


def test_layer_is_brought_to_wgs84(tmp_path):
    lon, lat = np.array([108.4, 108.41]), np.array([30.8, 30.8])
    metric = gpd.GeoSeries([shapely.LineString(np.column_stack([lon, lat]))], crs=4326).to_crs(4545)
    file = tmp_path / "metric.gpkg"
    gpd.GeoDataFrame({"highway": ["path"]}, geometry=metric).to_file(file)
    table, _ = read_roads(file)
    np.testing.assert_allclose(table.lon, lon, atol=1e-8)
    shifted = np.column_stack(wgs84_to_gcj02(lon, lat))
    file = layer(tmp_path, [(shifted, {"highway": "path"})], name="amap.geojson")
    table, _ = read_roads(file, source=RoadSource(path=file, datum="gcj02"))
    np.testing.assert_allclose(np.column_stack([table.lon, table.lat]), np.column_stack([lon, lat]))


def test_layers_that_cannot_be_used(tmp_path):
    points = tmp_path / "points.gpkg"
    gpd.GeoDataFrame({"highway": ["path"]}, geometry=[shapely.Point(1, 2)], crs=4326).to_file(
        points
    )
    noise = tmp_path / "noise.gpkg"
    noise.write_bytes(b"no layer")
    bare = layer(tmp_path, [(FLAT, {"highway": "path"})], name="bare.shp")
    bare.with_suffix(".prj").unlink()
    wanted = {
        points: "road_layer_no_lines",
        noise: "road_layer_unreadable",
        bare: "road_layer_no_crs",
        tmp_path / "no.shp": "osm_missing",
        layer(tmp_path, [(FLAT, {"highway": "x"})], name="x.gpkg"): "road_layer_no_class",
        layer(tmp_path, [(FLAT, {"highway": "path"})], name="old.gpkg", crs=4610): (
            "road_layer_old_crs"
        ),
    }
    for file, code in wanted.items():
        with pytest.raises(InputError) as raised:
            read_roads(file)
        assert [problem.code for problem in raised.value.problems][-1] == code


# Real extracts


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["andorra/andorra", "helsinki/helsinki"])
def test_extract_equals_a_plain_loop(shared_data, name):
    file = shared_data / f"{name}.osm.pbf"
    wanted = []
    kinds = osmium.osm.NODE | osmium.osm.WAY
    for entry in osmium.FileProcessor(str(file), kinds).with_locations():
        if not entry.is_way() or entry.tags.get("highway") not in ROAD_CLASSES:
            continue
        part = []
        for node in [*entry.nodes, None]:
            if node is not None and node.location.valid():
                part.append((node.ref, node.lon, node.lat))
                continue
            if len(part) > 1:
                wanted.append((entry.id, dict(entry.tags), part))
            part = []
    table, _ = read_roads(file)
    assert table.ways["way_id"].tolist() == [way_id for way_id, _, _ in wanted]
    vertices = np.array([vertex for _, _, part in wanted for vertex in part])
    np.testing.assert_array_equal(table.node_id, vertices[:, 0].astype(np.int64))
    np.testing.assert_array_equal(np.column_stack([table.lon, table.lat]), vertices[:, 1:])
    for key in ("name", "foot", "access", "surface", "bridge"):
        assert table.ways[key].tolist() == [tags.get(key, "") for _, tags, _ in wanted]


@pytest.mark.real_data
def test_porto(shared_data):
    table, problems = read_roads(shared_data / "porto" / "porto_portugal.osm.pbf")
    assert len(table.ways) == 51_195
    assert (table.ways["highway"] == "steps").sum() == 652
    assert table.barriers["kind"].unique().tolist() == ["motorway"]
    assert codes(problems)["osm_way_dropped"].count == 39


@pytest.mark.real_data
def test_extract_cut_off_in_the_middle(shared_data, tmp_path):
    whole = (shared_data / "helsinki" / "helsinki.osm.pbf").read_bytes()
    file = tmp_path / "cut.osm.pbf"
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="不完整"):
        read_roads(file)

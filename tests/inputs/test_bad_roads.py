"""Bad roads: each gives a clear error or a counted warning, never a traceback or a silent zero."""

import bz2
import gzip
import random
import subprocess
import sys

import geopandas as gpd
import networkx as nx
import numpy as np
import osmium
import pandas as pd
import pyogrio
import pytest
import shapely
from osm_xml import GRID, TOWN, osm, town, way

import care_map as cm
from care_map.cli.app import main
from care_map.config import RoadSource
from care_map.errors import InputError
from care_map.inputs.graphs import roads_from_graph
from care_map.inputs.roads import read_roads
from care_map.network.snap import Points
from care_map.routing.nearest import travel_model


def packed(folder, settings="pbf"):
    """Return the town as PBF."""
    source, file = folder / "source.osm", folder / "packed.osm.pbf"
    source.write_bytes(TOWN)
    with osmium.SimpleWriter(osmium.io.File(str(file), settings)) as writer:
        for element in osmium.FileProcessor(str(source)):
            writer.add(element)
    return file.read_bytes()


def findings_of(roads, source=None):
    """Read roads by their public door; return the findings and the network, None if there is none.

    Whatever the roads are, times on them are numbers, and only the same place is no time away.
    """
    by_graph = isinstance(roads, nx.Graph)
    try:
        _, problems = roads_from_graph(roads) if by_graph else read_roads(roads, source=source)
    except InputError as error:
        if source is None:
            with pytest.raises(InputError):
                cm.read_network(roads)
        return error.problems, None
    network = cm.read_network(roads)
    rng = np.random.default_rng(0)
    x, y = (
        rng.choice(v, 12) + rng.uniform(-90, 90, 12) for v in (network.vertex_x, network.vertex_y)
    )
    places = Points(x, y, np.zeros(12, bool))
    for profile in ("standard", "wheelchair", "rural_drive", "cycle"):
        model = travel_model(network, cm.PROFILES[profile])
        seconds = model.nearest(places.take(np.arange(4)), places.take(np.arange(4, 12))).seconds
        assert not np.isnan(seconds).any()
        assert (seconds > 0).all()
    return problems, network


def listed(problems):
    """Return what is worth a look: errors and warnings with their counts."""
    return {p.code: p.count for p in problems if p.severity != "info"}


# -- extracts ---------------------------------------------------------------------------------

LAUGHS = "<!DOCTYPE l [" + "".join(
    f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9)
)
EXTERNAL = b'<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
TAGGED = b'<osm version="0.6"><node id="1" lon="1" lat="1"><tag k="name" v="&x;"/></node></osm>'
RENAMED = {**GRID, 22: (10.004, 52.0)}

EXTRACTS = {
    "zeros.osm.pbf": (bytes(5000), {"osm_damaged"}),
    "text.osm.pbf": (b"hello world\n" * 50, {"osm_damaged"}),
    "xml.osm.pbf": (TOWN, {"osm_damaged"}),
    "nothing.osm.gz": (b"", {"osm_empty"}),
    "noise.osm.gz": (b"\x1f\x8b\x08" + bytes(range(200)), {"osm_damaged"}),
    "words.osm.gz": (gzip.compress(b"garbage" * 100), {"osm_damaged"}),
    "cut.osm.gz": (gzip.compress(TOWN)[:-30], {"osm_damaged"}),
    "cut.osm.bz2": (bz2.compress(TOWN)[:-30], {"osm_damaged"}),
    "laughs.osm": (LAUGHS.encode() + b"]>" + TAGGED.replace(b"&x;", b"&j;"), {"osm_damaged"}),
    "external.osm": (EXTERNAL + TAGGED, {"osm_damaged"}),
    "cut.osm": (TOWN[:-200], {"osm_damaged"}),
    "zero.osm": (TOWN.replace(b'name="', b'name="\x00') + b"\x00", {"osm_damaged"}),
    "long.osm": (osm(*town(name="甲" * 5000), nodes=GRID), {"osm_damaged"}),
    "way id.osm": (TOWN.replace(b'way id="1"', b'way id="99999999999999999999"'), {"osm_damaged"}),
    "node id.osm": (TOWN.replace(b'ref="22"', b'ref="99999999999999999999"'), {"osm_damaged"}),
    "nan.osm": (TOWN.replace(b'lon="10.002"', b'lon="NaN"'), {"osm_coordinate"}),
    "inf.osm": (TOWN.replace(b'lon="10.002"', b'lon="inf"'), {"osm_coordinate"}),
    "blank.osm": (TOWN.replace(b'lon="10.002"', b'lon=""'), {"osm_coordinate"}),
    "word.osm": (TOWN.replace(b'lon="10.002"', b'lon="east"'), {"osm_coordinate"}),
    "181.osm": (TOWN.replace(b'lon="10.002"', b'lon="181"'), {"osm_coordinate"}),
    "-181.osm": (TOWN.replace(b'lon="10.002"', b'lon="-181"'), {"osm_coordinate"}),
    "lat 91.osm": (TOWN.replace(b'lat="50.002"', b'lat="91"'), {"osm_coordinate"}),
    "1e308.osm": (TOWN.replace(b'lon="10.002"', b'lon="1e308"'), {"roads_leap": 12}),
    "1e-400.osm": (TOWN.replace(b'lon="10.002"', b'lon="1e-400"'), {"roads_leap": 12}),
    "elsewhere.osm": (osm(*town(), nodes=RENAMED), {"roads_leap": 4}),
    "date line.osm": (
        osm(*town(), nodes={n: ((x + 349.995) % 360 - 180, y) for n, (x, y) in GRID.items()}),
        {"roads_leap": 6},
    ),
    "one point.osm": (osm(*town(), nodes=dict.fromkeys(GRID, (10, 50))), {"roads_no_length"}),
    "one node.osm": (osm(way(1, [0], highway="path"), nodes=GRID), {"osm_no_locations"}),
    "no node.osm": (osm(way(1, [], highway="path"), nodes=GRID), {"osm_no_locations"}),
    "no way.osm": (osm(nodes=GRID), {"osm_no_road"}),
    "no highway.osm": (osm(way(1, [0, 1], building="yes"), nodes=GRID), {"osm_no_road"}),
    "missing.osm": (
        osm(*town(), nodes={n: place for n, place in GRID.items() if n != 22}),
        {"osm_node_missing": 2},
    ),
    "all missing.osm": (osm(*town(), nodes={}), {"osm_no_locations"}),
    "twice.osm": (osm(*town(), *town(), nodes=GRID), {"osm_way_double": 12}),
    "node twice.osm": (
        TOWN.replace(b"<way", b'<node id="22" lon="10.004" lat="52"/><way', 1),
        {"roads_leap": 4},
    ),
    "maxspeed -30.osm": (osm(*town(maxspeed="-30"), nodes=GRID), {}),
    "maxspeed 0.osm": (osm(*town(maxspeed="0"), nodes=GRID), {}),
    "maxspeed huge.osm": (osm(*town(maxspeed="9" * 30), nodes=GRID), {}),
    "oneway.osm": (osm(*town(oneway="sideways"), nodes=GRID), {}),
    "layer.osm": (osm(*town(layer="9" * 20), nodes=GRID), {}),
    "utf-16.osm": (TOWN.decode().encode("utf-16"), {}),
    "dtd.osm": (b'<!DOCTYPE osm SYSTEM "file:///etc/passwd">' + TOWN, {}),
}


@pytest.mark.parametrize("name", EXTRACTS)
def test_bad_extract(tmp_path, name):
    content, expected = EXTRACTS[name]
    file = tmp_path / name
    file.write_bytes(content)
    problems, network = findings_of(file)
    if isinstance(expected, set):
        assert network is None
        assert {problem.code for problem in problems} == expected
        assert name in str(problems[0].source)
    else:
        assert listed(problems) == expected


@pytest.mark.parametrize("share", [0.001, 0.01, 0.1, 0.3, 0.5, 0.9, 0.999])
def test_pbf_cut_off_anywhere(tmp_path, share):
    whole = packed(tmp_path)
    file = tmp_path / "cut.osm.pbf"
    file.write_bytes(whole[: max(1, int(share * len(whole)))])
    problems, _ = findings_of(file)
    assert [problem.code for problem in problems] == ["osm_damaged"]


@pytest.mark.parametrize("settings", ["pbf", "pbf,pbf_compression=none"])
def test_flipped_bits_are_noticed_or_make_another_extract(tmp_path, settings):
    whole = packed(tmp_path, settings)
    seen = set()
    for seed in range(30):
        rng, content = random.Random(seed), bytearray(whole)  # noqa: S311
        for _ in range(rng.choice([1, 1, 3, 10])):
            content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        file = tmp_path / "flipped.osm.pbf"
        file.write_bytes(content)
        try:
            network = cm.read_network(file)
        except cm.InputError as error:
            seen |= {problem.code for problem in error.problems}
        else:
            assert np.isfinite(network.vertex_x).all()
    assert "osm_damaged" in seen


def test_an_impossible_coordinate_does_not_end_the_process(tmp_path):
    # libosmium's writer fails a second time when it is freed, which ended the whole program.
    file = tmp_path / "roads.osm"
    file.write_bytes(TOWN.replace(b'lon="10.002"', b'lon="181"'))
    script = (
        "import gc, sys, care_map as cm\n"
        "try:\n    cm.read_network(sys.argv[1])\n"
        "except cm.InputError as error:\n    code = error.problems[0].code\n"
        "gc.collect()\nprint(code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(file)], capture_output=True, check=True, timeout=120
    )
    assert done.stdout.split() == [b"osm_coordinate"]
    assert done.stderr == b""


@pytest.mark.parametrize("tags", [{"highway": "motorway"}, {"access": "private"}])
def test_roads_that_are_closed_to_the_mode_are_said_to_be_none(tmp_path, tags):
    file = tmp_path / "closed.osm"
    file.write_bytes(osm(*town(**tags), nodes=GRID))
    way_there = cm.route(file, (10.0, 50.0), (10.01, 50.01))
    assert way_there.seconds == np.inf
    assert way_there.snap_status == ("beyond", "beyond")
    with pytest.raises(InputError):
        cm.isochrone(file, [(10.0, 50.0)])


BAD = {
    "181.osm": EXTRACTS["181.osm"][0],
    "zeros.osm.pbf": bytes(5000),
    "one point.osm": EXTRACTS["one point.osm"][0],
    "words.gpkg": b"hello",
}
STUDY = """[study]
name = "a"
[roads]
path = "{name}"
[[demand]]
path = "elders.csv"
"""


@pytest.mark.parametrize("name", BAD)
def test_the_program_says_what_is_wrong_with_roads(tmp_path, name, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(BAD[name])
    (tmp_path / "study.toml").write_text(STUDY.format(name=name), encoding="utf-8")
    (tmp_path / "elders.csv").write_text("编号,年龄,经度,纬度\nE1,70,10,50\n", encoding="utf-8")
    at = ["--from", "10,50", "--to", "10.01,50"]
    for command in (["route", name, *at], ["check", "study.toml"], ["run", "study.toml"]):
        assert main(command) == 2
        said = "".join(capsys.readouterr())
        assert name in said
        assert "Traceback" not in said


# -- road layers ------------------------------------------------------------------------------


def line(places=()):
    """Draw a line, of numbers or not."""
    with np.errstate(invalid="ignore"):
        return shapely.LineString(places)


EAST = [(10 + 0.002 * i, 50.0) for i in range(6)]
NORTH = [(x, y + 0.002) for x, y in EAST]
ACROSS = [(10.002, 49.99), (10.002, 50.01)]
THREE = [line(places) for places in (EAST, NORTH, ACROSS)]
METRES = [line([(500_000 + 100 * i, 5_540_000 + 50 * k) for i in range(6)]) for k in range(3)]
NAN, INF = float("nan"), float("inf")
LOCAL = 'LOCAL_CS["site",UNIT["metre",1]]'


def layer(file, lines, crs=4326, **columns):
    """Write a layer; all lines are residential unless said otherwise."""
    columns = columns or {"highway": ["residential"] * len(lines)}
    with np.errstate(invalid="ignore"):
        gpd.GeoDataFrame(columns, geometry=lines, crs=crs).to_file(file)
    return file


def feature(*coordinates):
    """Return GeoJSON of one road, its coordinates as they are spelled."""
    return (
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":'
        '{"highway":"path"},"geometry":{"type":"LineString","coordinates":'
        f"[{','.join(coordinates)}]}}}}]}}"
    ).encode()


LAYERS = {
    "points": ([shapely.Point(10, 50)], {}, {"road_layer_no_lines"}),
    "polygons": ([shapely.box(10, 50, 10.1, 50.1)], {}, {"road_layer_no_lines"}),
    "all empty": ([line()] * 2, {}, {"road_layer_no_lines"}),
    "some empty": ([line(), None, *THREE], {}, {"road_layer_row_dropped": 2}),
    "no number": (
        [line([(10, 50), (NAN, 50.1), (10.1, 50.1)]), *THREE],
        {},
        {"road_layer_row_dropped": 1},
    ),
    "infinite": (
        [line([(10, 50), (INF, 50.1)]), *THREE],
        {},
        {"road_layer_row_dropped": 1},
    ),
    "heights": ([line([(x, y, 5) for x, y in EAST])], {}, {}),
    "heights no numbers": ([line([(x, y, NAN) for x, y in EAST])], {}, {}),
    "parts": ([shapely.MultiLineString([EAST, NORTH])], {}, {}),
    "no length": ([line([EAST[0]] * 2)], {}, {"roads_no_length"}),
    "some of no length": ([line([EAST[0]] * 2), *THREE], {}, {}),
    "far": ([line([(10, 50), (100, 50)]), *THREE], {}, {"roads_leap": 1}),
    "metres as degrees": (METRES, {}, {"road_layer_not_degrees"}),
    "metres without a CRS": (METRES, {"crs": None}, {"road_layer_no_crs"}),
    "local CRS": (METRES, {"crs": LOCAL}, {"road_layer_old_crs"}),
    "Xian 1980": (THREE, {"crs": 4610}, {"road_layer_old_crs"}),
    "latitude first": (
        [line([(30.8, 108.4), (30.81, 108.4)])],
        {},
        {"road_layer_not_degrees"},
    ),
    "no class": (THREE, {"name": ["a", "b", "c"]}, {"column_missing"}),
    "empty class": (THREE, {"highway": [None] * 3}, {"road_layer_no_class"}),
    "unknown classes": (THREE, {"highway": ["四级公路", "foo", "1"]}, {"road_layer_no_class"}),
    "some unknown": (
        THREE,
        {"highway": ["residential", "foo", None]},
        {"road_layer_class_unknown": 2},
    ),
    "wild tags": (
        THREE,
        {
            "highway": ["residential"] * 3,
            "maxspeed": [-30.0, 1e300, NAN],
            "oneway": ["sideways", "", None],
            "layer": ["9" * 20, "x", None],
        },
        {},
    ),
    "no rows": ([], {"highway": []}, {"road_layer_no_lines"}),
}


def codes_fit(problems, network, expected):
    if isinstance(expected, set):
        assert network is None
        assert expected <= {problem.code for problem in problems if problem.severity == "error"}
    else:
        assert network is not None
        assert listed(problems) == expected


@pytest.mark.filterwarnings("ignore:'crs' was not provided:UserWarning")
@pytest.mark.parametrize("name", LAYERS)
def test_bad_layer(tmp_path, name):
    lines, options, expected = LAYERS[name]
    codes_fit(*findings_of(layer(tmp_path / "roads.gpkg", lines, **options)), expected)


FILES = {
    "words.gpkg": (b"hello", "road_layer_unreadable"),
    "nothing.shp": (b"", "road_layer_unreadable"),
    "words.txt": (b"hello", "road_layer_unreadable"),
    "table.csv": (b"highway,name\nresidential,a\n", "road_layer_no_lines"),
    "noise.zip": (b"PK\x05\x06" + bytes(18), "road_layer_unreadable"),
    "cut.geojson": (feature("[10,50]", "[10.1,50]")[:-30], "road_layer_unreadable"),
    "empty.geojson": (b'{"type":"FeatureCollection","features":[]}', "column_missing"),
    "nan.geojson": (feature("[10,50]", "[NaN,50]"), "road_layer_no_lines"),
    "1e308.geojson": (feature("[10,50]", "[1e308,50]"), "road_layer_not_degrees"),
    "1e400.geojson": (feature("[10,50]", "[1e400,50]"), "road_layer_unreadable"),
    "181.geojson": (feature("[10,50]", "[181,50]"), "road_layer_not_degrees"),
}


@pytest.mark.parametrize("name", FILES)
def test_bad_layer_file(tmp_path, name):
    content, code = FILES[name]
    file = tmp_path / name
    file.write_bytes(content)
    codes_fit(*findings_of(file), {code})


def test_layer_that_the_study_names_and_the_file_has_not(tmp_path):
    file = layer(tmp_path / "roads.gpkg", THREE)
    codes_fit(*findings_of(file, RoadSource(path=file, layer="no")), {"road_layer_missing"})


def test_layer_without_geometry(tmp_path):
    file = tmp_path / "roads.gpkg"
    pyogrio.write_dataframe(pd.DataFrame({"highway": ["path"]}), file, driver="GPKG")
    codes_fit(*findings_of(file), {"road_layer_no_lines"})


@pytest.mark.parametrize(
    ("part", "code"),
    [
        (".shx", "road_layer_unreadable"),
        (".dbf", "column_missing"),
        (".prj", "road_layer_no_crs"),
    ],
)
def test_shapefile_without_one_of_its_parts(tmp_path, part, code):
    file = layer(tmp_path / "roads.shp", THREE)
    file.with_suffix(part).unlink()
    codes_fit(*findings_of(file), {code})


def test_geopackage_cut_off(tmp_path):
    file = layer(tmp_path / "roads.gpkg", THREE)
    file.write_bytes(file.read_bytes()[:40_000])
    codes_fit(*findings_of(file), {"road_layer_unreadable"})


# -- graphs -----------------------------------------------------------------------------------

A, B = {"x": 10.0, "y": 50.0}, {"x": 10.01, "y": 50.0}


def graph(a=A, b=B, *, crs=None, barriers=None, **tags):
    """Return a graph of one edge."""
    made = nx.MultiDiGraph()
    if crs is not None:
        made.graph["crs"] = crs
    if barriers is not None:
        made.graph["barriers"] = barriers
    made.add_node("a", **a)
    made.add_node("b", **b)
    made.add_edge("a", "b", **tags)
    return made


METRIC = {"x": 5e5, "y": 5e6}
FAR = line([(50, 20), (60, 20)])
GRAPHS = {
    "nothing": (nx.Graph(), {"graph_no_road"}),
    "no coordinates": (graph({}, {}), {"graph_node_no_place"}),
    "words": (graph({"x": "ten", "y": 1}), {"graph_node_no_place"}),
    "None": (graph({"x": None, "y": None}), {"graph_node_no_place"}),
    "no number": (graph({"x": NAN, "y": 1}), {"graph_node_no_place"}),
    "infinite": (graph({"x": INF, "y": 1}), {"graph_node_no_place"}),
    "huge": (graph({"x": 1e308, "y": 1}), {"graph_node_no_place"}),
    "huge in metres": (graph({"x": 1e308, "y": 1}, METRIC, crs=32632), {"graph_node_no_place"}),
    "metres without a CRS": (graph(METRIC, {"x": 6e5, "y": 5e6}), {"graph_not_degrees"}),
    "latitude 95": (graph({"x": 10, "y": 95}), {"graph_not_degrees"}),
    "unknown CRS": (graph(crs="EPSG:999999"), {"graph_crs_unknown"}),
    "CRS of another kind": (graph(crs=[1, 2]), {"graph_crs_unknown"}),
    "Xian 1980": (graph(crs=4610), {"graph_old_crs"}),
    "no length": (graph(A, A), {"roads_no_length"}),
    "unknown class": (graph(highway="trail"), {"graph_no_road"}),
    "barriers of three numbers": (graph(barriers=[1, 2, 3]), {"graph_barriers"}),
    "barriers of words": (graph(barriers="x"), {"graph_barriers"}),
    "barriers no numbers": (graph(barriers=[[10, 50, NAN, 50]]), {"graph_barriers"}),
    "no tags": (graph(), {}),
    "wrong length": (graph(length=-5), {}),
    "empty lists": (graph(highway=[], maxspeed=[], oneway=[]), {}),
    "classes no text": (graph(highway=NAN), {}),
    "geometry a point": (graph(geometry=shapely.Point(1, 1)), {}),
    "geometry a word": (graph(geometry="LINESTRING(1 1, 2 2)"), {}),
    "geometry no numbers": (graph(geometry=line([(10, 50), (NAN, 50)])), {}),
    "geometry elsewhere": (graph(geometry=FAR), {"roads_leap": 1}),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_bad_graph(name):
    made, expected = GRAPHS[name]
    codes_fit(*findings_of(made), expected)

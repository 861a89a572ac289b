"""Roads from graphs: each street once, whoever made the graph and however it was cut."""

import math

import networkx as nx
import numpy as np
import pytest
import shapely
from pyproj import Transformer

from care_map.errors import InputError
from care_map.inputs.graphs import roads_from_graph
from care_map.inputs.osm_roads import ROAD_COLUMNS

X = {"a": (108.40, 30.80), "b": (108.41, 30.80), "c": (108.42, 30.80), "d": (108.41, 30.81)}


def graph_of(kind, *edges, **attributes):
    graph = kind(**attributes)
    for name, (x, y) in X.items():
        graph.add_node(name, x=x, y=y)
    for u, v, tags in edges:
        graph.add_edge(u, v, **tags)
    return graph


def osmnx_like(*edges):
    return graph_of(nx.MultiDiGraph, *edges, crs="epsg:4326")


def lines(table):
    parts = np.split(np.column_stack([table.lon, table.lat]), table.offsets[1:-1])
    return [[tuple(place) for place in part.tolist()] for part in parts]


def test_two_way_street_is_one_way_once():
    street = {"osmid": 7, "highway": "residential", "oneway": False}
    table, problems = roads_from_graph(
        osmnx_like(
            ("b", "a", {**street, "reversed": True}), ("a", "b", {**street, "reversed": False})
        )
    )
    assert lines(table) == [[X["a"], X["b"]]]
    assert table.ways["oneway"].tolist() == [""]
    assert table.ways["way_id"].tolist() == ["7"]
    assert list(table.ways.columns) == ["way_id", *ROAD_COLUMNS, "maxspeed_kph"]
    assert [problem.code for problem in problems] == ["graph_no_barriers"]


def test_oneway_street_goes_along_its_edge():
    table, _ = roads_from_graph(
        osmnx_like(
            ("b", "a", {"osmid": 7, "highway": "residential", "oneway": True, "reversed": False})
        )
    )
    assert lines(table) == [[X["b"], X["a"]]]
    assert table.ways["oneway"].tolist() == ["yes"]


def test_pieces_of_a_way_are_put_together_in_order():
    tags = {"osmid": 7, "highway": "service", "oneway": False}
    pieces = [("b", "c"), ("a", "b")]
    both = [(u, v, {**tags, "reversed": False}) for u, v in pieces]
    both += [(v, u, {**tags, "reversed": True}) for u, v in pieces]
    crossing = ("b", "d", {"osmid": 8, "highway": "path", "oneway": False, "reversed": False})
    table, _ = roads_from_graph(osmnx_like(*both, crossing))
    assert lines(table)[0] == [X["a"], X["b"], X["c"]]
    assert table.node_id[1] == table.node_id[3]
    assert len(table.ways) == 2


def test_ring_of_pieces_is_one_closed_way():
    tags = {"osmid": 7, "highway": "service", "oneway": True, "reversed": False}
    table, _ = roads_from_graph(osmnx_like(("a", "b", tags), ("b", "d", tags), ("d", "a", tags)))
    assert len(table.ways) == 1
    assert table.node_id[0] == table.node_id[-1]
    assert len(table.node_id) == 4


def test_lists_of_a_simplified_graph():
    tags = {
        "osmid": [7, 8],
        "highway": ["tertiary", "residential"],
        "maxspeed": ["50", "30 mph", "none"],
        "oneway": True,
        "reversed": [False, True],
        "geometry": shapely.LineString([X["a"], (108.405, 30.801), X["b"]]),
    }
    table, _ = roads_from_graph(osmnx_like(("a", "b", tags)))
    row = table.ways.iloc[0]
    assert (row["highway"], row["maxspeed"], row["oneway"]) == ("tertiary", "30 mph", "yes")
    assert row["maxspeed_kph"] == pytest.approx(48.28032)
    assert lines(table)[0][1] == (108.405, 30.801)


def test_parallel_ways_and_two_way_loops():
    north = shapely.LineString([X["a"], (108.405, 30.801), X["b"]])
    south = shapely.LineString([X["a"], (108.405, 30.799), X["b"]])
    ring = shapely.LineString([X["c"], (108.43, 30.80), (108.43, 30.81), X["c"]])
    tags = {"highway": "residential", "oneway": False}
    table, _ = roads_from_graph(
        osmnx_like(
            ("a", "b", {**tags, "geometry": north}),
            ("b", "a", {**tags, "geometry": north.reverse()}),
            ("a", "b", {**tags, "geometry": south}),
            ("b", "a", {**tags, "geometry": south.reverse()}),
            ("c", "c", {**tags, "geometry": ring}),
            ("c", "c", {**tags, "geometry": ring.reverse()}),
        )
    )
    assert len(table.ways) == 3


def test_plain_graph_in_metres():
    to_metres = Transformer.from_crs(4326, 4545, always_xy=True)
    graph = nx.Graph(crs="EPSG:4545")
    for name, place in X.items():
        x, y = to_metres.transform(*place)
        graph.add_node(name, x=x, y=y)
    graph.add_edge("a", "b")
    graph.add_edge("b", "c", bridge=True, tunnel=math.nan, highway="footway")
    table, _ = roads_from_graph(graph)
    assert table.ways["highway"].tolist() == ["road", "footway"]
    assert table.ways["oneway"].tolist() == ["", ""]
    assert table.ways["bridge"].tolist() == ["", "yes"]
    assert table.ways["tunnel"].tolist() == ["", ""]
    assert table.lon.tolist() == pytest.approx([108.40, 108.41, 108.41, 108.42], abs=1e-9)


def test_directed_graph_that_says_nothing_means_its_direction():
    graph = graph_of(nx.DiGraph, ("a", "b", {}), ("b", "a", {}), ("b", "c", {}))
    table, _ = roads_from_graph(graph)
    assert sorted(table.ways["oneway"]) == ["no", "yes"]


def test_what_osm_says_is_kept():
    tags = {"highway": "residential", "oneway": "-1", "oneway:bicycle": "no", "osmid": 7}
    graph = osmnx_like(
        ("b", "a", {**tags, "reversed": True}), ("a", "b", {**tags, "reversed": False})
    )
    table, _ = roads_from_graph(graph)
    assert lines(table) == [[X["a"], X["b"]]]
    assert table.ways["oneway"].tolist() == ["-1"]
    assert table.ways["oneway_bicycle"].tolist() == ["no"]


def test_graphml_writes_flags_as_words():
    tags = {"highway": "residential", "oneway": "True", "reversed": "True", "osmid": "7"}
    table, _ = roads_from_graph(osmnx_like(("b", "a", tags)))
    assert lines(table) == [[X["b"], X["a"]]]
    assert table.ways["oneway"].tolist() == ["yes"]


def test_line_drawn_from_the_other_end_is_turned():
    line = shapely.LineString([X["b"], (108.405, 30.801), X["a"]])
    table, _ = roads_from_graph(graph_of(nx.MultiDiGraph, ("a", "b", {"geometry": line})))
    assert lines(table)[0][0] == X["a"]


def test_what_is_no_road_is_listed():
    graph = osmnx_like(("a", "b", {"highway": "construction"}), ("b", "c", {"highway": "path"}))
    table, problems = roads_from_graph(graph, source="mine")
    assert table.ways["highway"].tolist() == ["path"]
    found = {problem.code: problem for problem in problems}
    assert found["graph_class_unknown"].count == 1
    assert found["graph_class_unknown"].source == "mine"
    assert "construction" in str(found["graph_class_unknown"].values)


def test_graph_is_not_changed():
    graph = osmnx_like(("a", "b", {"highway": ["path", "steps"], "oneway": True}))
    before = str(list(graph.edges(data=True)))
    roads_from_graph(graph)
    assert str(list(graph.edges(data=True))) == before


@pytest.mark.parametrize(
    ("graph", "code"),
    [
        (nx.MultiDiGraph(), "graph_no_road"),
        (osmnx_like(), "graph_no_road"),
        (osmnx_like(("a", "b", {"highway": "proposed"})), "graph_no_road"),
        (graph_of(nx.Graph, ("a", "b", {}), crs="my own"), "graph_crs_unknown"),
        (graph_of(nx.Graph, ("a", "b", {}), crs="EPSG:2433"), "graph_old_crs"),
        (nx.path_graph(3), "graph_node_no_place"),
    ],
)
def test_graphs_that_cannot_be_used(graph, code):
    with pytest.raises(InputError) as caught:
        roads_from_graph(graph)
    assert caught.value.problems[-1].code == code
    assert str(caught.value)


def test_metres_without_a_crs_are_no_degrees():
    graph = nx.Graph()
    graph.add_node(1, x=550_000.0, y=3_400_000.0)
    graph.add_node(2, x=551_000.0, y=3_400_000.0)
    graph.add_edge(1, 2)
    with pytest.raises(InputError) as caught:
        roads_from_graph(graph)
    assert caught.value.problems[-1].code == "graph_not_degrees"

"""Networks as graphs and GeoPackages, and back with the same times."""

import networkx as nx
import numpy as np
import pyogrio
import pytest
from duel import ask_engine
from networks import CRS_METRIC, barrier, points, road_table, way
from pyproj import CRS

from care_map.config import RoadSource
from care_map.errors import OutputError
from care_map.inputs.graphs import roads_from_graph
from care_map.inputs.road_layers import read_road_layer
from care_map.inputs.roads import read_roads
from care_map.network.build import build_network
from care_map.network.costs import cost_edges
from care_map.network.exchange import to_networkx, write_network
from care_map.values import PROFILES

PLACES = {
    1: (0, 0),
    2: (1000, 0),
    3: (2000, 0),
    4: (1000, 800),
    5: (1050, 400),
    6: (2000, 800),
    7: (2300, 400),
    8: (1000, -20),
    9: (1000, -40),
}
WAYS = [
    way(1, [1, 2, 3], PLACES, "residential", maxspeed="20"),
    way(2, [2, 5, 4], PLACES, "tertiary", oneway="yes"),
    way(3, [6, 4], PLACES, "primary", oneway="-1"),
    way(4, [3, 6], PLACES, "motorway"),
    way(5, [3, 7, 6, 3], PLACES, "secondary", junction="roundabout"),
    way(6, [2, 8, 9], PLACES, "elevator"),
    way(7, [9, 1], PLACES, "steps", bridge="yes", layer="1"),
]


@pytest.fixture
def network():
    lines = [barrier([(300, 50), (600, 50)]), barrier([(1200, 300), (1200, 500)])]
    return build_network(road_table(WAYS, lines), CRS_METRIC)


def again(network, **options):
    table, _ = roads_from_graph(to_networkx(network, **options))
    return build_network(table, network.crs)


@pytest.mark.parametrize("profile", ["standard", "elder", "rural_drive"])
def test_same_times_after_a_round_trip(network, profile):
    rng = np.random.default_rng(3)
    origins = points(rng.uniform((-50, -80), (2350, 850), (300, 2)))
    goals = points([(1010, 790), (300, 10), (1990, 700), (1000, -39)])
    one = ask_engine(network, CRS_METRIC, origins, goals, profile)
    other = ask_engine(again(network), CRS_METRIC, origins, goals, profile)
    assert np.isfinite(one.seconds).sum() > 100
    assert np.array_equal(one.snap_status, other.snap_status)
    np.testing.assert_allclose(other.seconds, one.seconds, atol=1e-6)


def test_round_trip_keeps_barriers_and_size(network):
    back = again(network)
    assert back.barriers_known
    np.testing.assert_allclose(back.barriers, network.barriers, atol=1e-6)
    assert back.n_edges == network.n_edges
    assert back.edge_length_m.sum() == pytest.approx(network.edge_length_m.sum())


def test_lifts_go_round_too(tmp_path):
    ways = [way(1, [1, 2], PLACES), way(2, [2, 3], PLACES)]
    network = build_network(road_table(ways, lifts=[2]), CRS_METRIC)
    assert network.n_edges == 2  # a chain, but for the lift
    back, _ = roads_from_graph(to_networkx(network))
    again = build_network(back, CRS_METRIC)
    for one in (network, again):
        assert one.node_x[one.lift_nodes] == pytest.approx(network.node_x[network.lift_nodes])
        seconds = cost_edges(one, PROFILES["standard"], min_component_m=0.0)
        assert len(seconds.lift_edges) == 2
    nodes = pyogrio.read_dataframe(write_network(network, tmp_path / "lifts.gpkg"), layer="nodes")
    assert nodes["is_lift"].sum() == 1


def test_graph_of_a_mode_has_its_directions_only(network):
    graph = to_networkx(network, mode="car")
    classes = {(u, v): d["highway"] for u, v, d in graph.edges(data=True)}
    assert "steps" not in classes.values()
    tertiary = [pair for pair, name in classes.items() if name == "tertiary"]
    assert len(tertiary) == 1
    u, v = tertiary[0]
    assert graph.nodes[u]["y"] < graph.nodes[v]["y"]
    primary = [pair for pair, name in classes.items() if name == "primary"]
    assert [graph.nodes[u]["x"] < graph.nodes[v]["x"] for u, v in primary] == [True]


def test_car_times_survive_a_graph_of_the_car(network):
    origins, goals = points([(10, 5), (1990, 780)]), points([(1040, 350), (1900, 790)])
    one = ask_engine(network, CRS_METRIC, origins, goals, "rural_drive")
    other = ask_engine(again(network, mode="car"), CRS_METRIC, origins, goals, "rural_drive")
    np.testing.assert_allclose(other.seconds, one.seconds, atol=1e-6)


def test_graph_is_one_that_networkx_routes(network):
    graph = to_networkx(network)
    assert CRS.from_user_input(graph.graph["crs"]) == network.crs
    ends = {
        (round(d["x"] - 550_000), round(d["y"] - 3_400_000)): n for n, d in graph.nodes(data=True)
    }
    length = nx.shortest_path_length(graph, ends[0, 0], ends[1000, 800], weight="length_m")
    assert length == pytest.approx(1000 + 2 * np.hypot(50, 400), abs=1e-3)
    data = min(graph.edges(ends[0, 0], data=True), key=lambda e: e[2]["length_m"])[2]
    assert data["geometry"].length == pytest.approx(data["length_m"])


def test_geopackage(network, tmp_path):
    file = write_network(network, tmp_path / "net.gpkg")
    assert [name for name, _ in pyogrio.list_layers(file)] == ["edges", "nodes", "barriers"]
    edges = pyogrio.read_dataframe(file, layer="edges")
    assert edges.crs == network.crs
    assert edges["length_m"].tolist() == pytest.approx(edges.length.tolist())
    nodes = pyogrio.read_dataframe(file, layer="nodes").set_index("node_id").geometry
    starts = edges.geometry.interpolate(0.0)
    assert starts.distance(nodes[edges["from_node"]].reset_index(drop=True)).max() == 0.0
    assert [entry.name for entry in tmp_path.iterdir()] == ["net.gpkg"]


def test_geopackage_is_a_road_layer(network, tmp_path):
    file = write_network(network, tmp_path / "net.gpkg")
    table, _ = read_road_layer(
        file, source=RoadSource(path=file, columns={"maxspeed_kph": "maxspeed_kph"})
    )
    back = build_network(table, CRS_METRIC)
    assert back.edge_length_m.sum() == pytest.approx(network.edge_length_m.sum())
    assert back.n_nodes == network.n_nodes


def test_geopackage_replaces_a_file_whole(network, tmp_path):
    file = tmp_path / "net.gpkg"
    file.write_text("something else")
    write_network(network, file)
    assert len(pyogrio.read_dataframe(file, layer="nodes")) == network.n_nodes


def test_geopackage_where_no_folder_is(network, tmp_path):
    with pytest.raises(OutputError) as caught:
        write_network(network, tmp_path / "none" / "net.gpkg")
    assert caught.value.problems[0].code == "network_unwritable"


@pytest.mark.real_data
@pytest.mark.parametrize("profile", ["standard", "elder", "rural_drive"])
def test_helsinki_round_trip(shared_data, profile):
    crs = CRS.from_epsg(32635)
    table, _ = read_roads(shared_data / "helsinki" / "helsinki.osm.pbf")
    network = build_network(table, crs)
    rng = np.random.default_rng(5)
    low = table.lon.min(), table.lat.min()
    places = rng.uniform(low, (table.lon.max(), table.lat.max()), (400, 2))
    asked = [(lon, lat, "urban") for lon, lat in places]
    one = ask_engine(network, crs, asked[:360], asked[360:], profile)
    other = ask_engine(again(network), crs, asked[:360], asked[360:], profile)
    assert np.isfinite(one.seconds).mean() > 0.4
    assert np.array_equal(one.snap_status, other.snap_status)
    np.testing.assert_allclose(other.seconds, one.seconds, atol=1e-5)

"""Building: ways cut into edges where they share a node, and nowhere else."""

import math
import random

import numpy as np
import pytest
import shapely
from networks import CORNER, CRS_METRIC, barrier, road_table, way
from pyproj import CRS, Transformer

from care_map.network.build import build_network

PLACES = {
    1: (0, 0),
    2: (100, 0),
    3: (200, 0),
    4: (100, 100),
    5: (100, -100),
    6: (0, 100),
    7: (200, 100),
}


def build(*ways, walls=None):
    return build_network(road_table(list(ways), walls), CRS_METRIC, merge=False)


def drawn_edges(network):
    """Return the edges as they were drawn: way, start, end, length; sorted."""
    x, y = (np.round(c - o, 3) + 0.0 for c, o in zip(_nodes(network), CORNER, strict=True))
    return sorted(
        (
            int(network.ways["way_id"][w]),
            (x[a], y[a]),
            (x[b], y[b]),
            round(float(length), 3),
        )
        for w, a, b, length in zip(
            network.edge_way,
            network.edge_from,
            network.edge_to,
            network.edge_length_m,
            strict=True,
        )
    )


def _nodes(network):
    return network.node_x, network.node_y


def test_a_way_alone_is_one_edge_with_its_vertices():
    network = build(way(1, [1, 2, 7], PLACES))
    assert network.n_edges == 1
    assert network.n_nodes == 2
    assert network.edge_offset.tolist() == [0, 3]
    assert network.vertex_m == pytest.approx([0, 100, 100 + math.hypot(100, 100)])
    assert shapely.get_coordinates(network.lines()[0]) - CORNER == pytest.approx(
        np.array([[0, 0], [100, 0], [200, 100]]), abs=1e-6
    )


def test_ways_are_cut_at_the_node_that_they_share():
    network = build(way(1, [1, 2, 3], PLACES), way(2, [4, 2, 5], PLACES))
    assert drawn_edges(network) == [
        (1, (0, 0), (100, 0), 100),
        (1, (100, 0), (200, 0), 100),
        (2, (100, 0), (100, -100), 100),
        (2, (100, 100), (100, 0), 100),
    ]
    assert network.n_nodes == 5
    assert network.edge_way.tolist() == [0, 0, 1, 1]


def test_ways_that_cross_without_a_shared_node_do_not_meet():
    network = build(way(1, [1, 2, 3], PLACES), way(2, [4, 5], PLACES))
    assert network.n_edges == 2
    assert network.n_nodes == 4


def test_the_end_of_one_way_cuts_another():
    network = build(way(1, [1, 2, 3], PLACES), way(2, [2, 4], PLACES))
    assert network.n_edges == 3
    assert network.n_nodes == 4


def test_vertices_at_one_place_with_different_ids_are_not_joined():
    twin = {**PLACES, 20: PLACES[2]}
    network = build(way(1, [1, 2, 3], twin), way(2, [4, 20, 5], twin))
    assert network.n_edges == 2
    ends = build(way(1, [1, 2], twin), way(2, [20, 3], twin))
    assert ends.n_nodes == 4


def test_a_closed_way_is_a_loop_on_its_first_node():
    network = build(way(1, [1, 3, 7, 6, 1], PLACES))
    assert network.n_nodes == 1
    assert network.edge_from.tolist() == network.edge_to.tolist() == [0]
    assert network.edge_length_m == pytest.approx([600])


def test_a_closed_way_is_cut_where_another_meets_it():
    network = build(way(1, [1, 3, 7, 6, 1], PLACES), way(2, [7, 4], PLACES))
    assert sorted(network.edge_length_m.round(6).tolist()) == [100, 300, 300]
    assert network.n_nodes == 3


def test_a_figure_eight_is_two_loops_on_its_waist():
    network = build(way(1, [2, 3, 7, 2, 1, 6, 2], PLACES))
    assert network.n_edges == 2
    assert network.n_nodes == 1
    assert (network.edge_from == network.edge_to).all()
    assert network.edge_length_m == pytest.approx([200 + math.hypot(100, 100)] * 2)


def test_a_way_that_comes_back_to_its_own_vertex_meets_itself_there():
    network = build(way(1, [1, 2, 7, 4, 2], PLACES))
    assert drawn_edges(network) == [
        (1, (0, 0), (100, 0), 100),
        (1, (100, 0), (100, 0), round(math.hypot(100, 100) + 200, 3)),
    ]


def test_a_way_that_crosses_itself_without_a_vertex_does_not_meet_itself():
    network = build(way(1, [1, 3, 7, 5], PLACES))
    assert network.n_edges == 1


def test_a_way_walked_there_and_back_is_cut_at_each_vertex():
    network = build(way(1, [1, 2, 3, 2, 1], PLACES))
    assert network.edge_length_m == pytest.approx([100, 200, 100])


def test_a_node_twice_in_a_row_is_an_edge_of_no_length():
    network = build(way(1, [1, 2, 2, 3], PLACES))
    assert network.edge_length_m == pytest.approx([100, 0, 100])
    assert network.n_nodes == 3


def test_the_same_way_twice_is_two_parallel_edges():
    network = build(way(1, [1, 2], PLACES), way(2, [1, 2], PLACES))
    assert network.n_edges == 2
    assert network.n_nodes == 2


def test_no_ways_make_no_network():
    network = build()
    assert (network.n_nodes, network.n_edges, len(network.lines())) == (0, 0, 0)
    assert network.edge_length_m.shape == (0,)
    assert network.barriers.shape == (0, 4)


def test_the_order_of_the_table_changes_nothing():
    rng = random.Random(4)  # noqa: S311
    places = {n: (rng.uniform(0, 900), rng.uniform(0, 900)) for n in range(12)}
    ways = [
        way(k, [rng.randrange(12) for _ in range(rng.randint(2, 6))], places) for k in range(20)
    ]
    edges = drawn_edges(build(*ways))
    for _ in range(3):
        rng.shuffle(ways)
        assert drawn_edges(build(*ways)) == edges
    total = sum(
        math.dist(places[a[0]], places[b[0]])
        for w in ways
        for a, b in zip(w["nodes"][:-1], w["nodes"][1:], strict=True)
    )
    assert sum(edge[3] for edge in edges) == pytest.approx(total, abs=0.1)


def test_barriers_become_segments_and_are_told_from_unknown_ones():
    lines = [barrier([(0, 50), (100, 50), (200, 60)]), barrier([(5, 5), (6, 6)])]
    network = build(way(1, [1, 2], PLACES), walls=lines)
    assert network.barriers_known
    assert network.barriers - np.tile(CORNER, 2) == pytest.approx(
        np.array([[0, 50, 100, 50], [100, 50, 200, 60], [5, 5, 6, 6]]), abs=1e-6
    )
    none = build(way(1, [1, 2], PLACES), walls=[])
    assert none.barriers_known
    assert none.barriers.shape == (0, 4)
    assert not build(way(1, [1, 2], PLACES)).barriers_known


def test_coordinates_are_those_of_the_metric_crs():
    table = road_table([way(1, [1, 2], PLACES)])
    utm = CRS.from_epsg(32649)
    x, y = Transformer.from_crs("EPSG:4326", utm, always_xy=True).transform(table.lon, table.lat)
    network = build_network(table, utm)
    assert network.vertex_x.tolist() == x.tolist()
    assert network.vertex_y.tolist() == y.tolist()
    assert network.crs == utm
    assert network.source == "drawing"


def test_the_callers_table_stays_as_it_is():
    table = road_table([way(1, [1, 2, 3], PLACES)])
    before = (table.node_id.copy(), table.ways.copy())
    network = build_network(table, CRS_METRIC)
    network.ways["highway"] = "changed"
    assert np.array_equal(table.node_id, before[0])
    assert table.ways.equals(before[1])

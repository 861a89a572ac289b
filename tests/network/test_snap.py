"""Snapping: the nearest place on the nearest edge that the mode may use."""

import random

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import CORNER, CRS_METRIC, barrier, road_table, way
from pyproj import CRS

from care_map.inputs.roads import read_roads
from care_map.network.build import build_network
from care_map.network.costs import cost_edges
from care_map.network.snap import (
    STATUSES,
    Points,
    access_limit_m,
    at_edge_ends,
    snap_points,
)
from care_map.values import PROFILES, Limits


def costs_of(ways, walls=None, min_component_m=0.0, profile="standard"):
    network = build_network(road_table(list(ways), walls), CRS_METRIC)
    return cost_edges(network, PROFILES[profile], min_component_m=min_component_m)


def at(*places):
    x, y = np.array(places, dtype=float).reshape(-1, 2).T
    return Points(CORNER[0] + x, CORNER[1] + y, np.zeros(len(x), bool))


def snap(costs, points, limit_m=200.0, **options):
    return snap_points(costs, points, limit_m=np.full(len(points), float(limit_m)), **options)


def places_of(costs, snapped):
    """Return where the snaps lie, from edge, vertex and fraction."""
    network = costs.network
    return np.column_stack([snapped.along_s(network.vertex_x), snapped.along_s(network.vertex_y)])


def statuses(snapped):
    return [STATUSES[code] for code in snapped.status]


STREET = way(1, [1, 2, 3], {1: (0, 0), 2: (100, 0), 3: (300, 0)})


# -- against shapely --------------------------------------------------------------------------


def _agrees_with_shapely(costs, points, limit_m):
    """Hold distances, edges and places to what shapely's tree finds; return the share found."""
    snapped = snap(costs, points, limit_m, heed_barriers=False)
    usable = np.flatnonzero(costs.usable)
    lines = costs.network.lines()
    origins = shapely.points(points.x, points.y)
    near, length_m = shapely.STRtree(lines[usable]).query_nearest(
        origins, max_distance=limit_m, return_distance=True, all_matches=False
    )
    expected = np.full(len(points), np.inf)
    expected[near[0]] = length_m
    found = snapped.edge >= 0
    assert np.array_equal(found, np.isfinite(expected))
    assert snapped.leg_m[found] == pytest.approx(expected[found], abs=1e-5)
    assert np.isinf(snapped.leg_m[~found]).all()
    assert ((snapped.fraction >= 0) & (snapped.fraction <= 1)).all()
    at_foot = places_of(costs, snapped)[found]
    legs = np.hypot(at_foot[:, 0] - points.x[found], at_foot[:, 1] - points.y[found])
    assert legs == pytest.approx(snapped.leg_m[found], abs=1e-5)
    feet = shapely.points(at_foot)
    assert shapely.distance(feet, lines[snapped.edge[found]]).max(initial=0) < 1e-5
    offset = costs.network.edge_offset
    edge = snapped.edge[found]
    assert (snapped.vertex[found] >= offset[edge]).all()
    assert (snapped.vertex[found] + 1 < offset[edge + 1]).all()
    return found.mean()


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), limit_m=st.sampled_from([1e-3, 30.0, 200.0, 1e5]))
def test_random_streets_against_shapely(seed, limit_m):
    rng = random.Random(seed)  # noqa: S311
    extent = rng.choice([100.0, 2000.0])
    places = {n: (rng.uniform(0, extent), rng.uniform(0, extent)) for n in range(12)}
    ways = [
        way(
            k,
            [rng.randrange(12) for _ in range(rng.randint(2, 5))],
            places,
            rng.choice(["residential", "motorway"]),
        )
        for k in range(rng.randint(1, 10))
    ]
    anywhere = [
        (rng.uniform(-500, extent + 500), rng.uniform(-500, extent + 500)) for _ in range(40)
    ]
    _agrees_with_shapely(costs_of(ways), at(*anywhere, *places.values()), limit_m)


@pytest.mark.real_data
def test_porto_against_shapely(shared_data):
    table, _ = read_roads(shared_data / "porto" / "porto_portugal.osm.pbf")
    network = build_network(table, CRS.from_epsg(32629))
    costs = cost_edges(network, PROFILES["rural_drive"], min_component_m=0.0)
    rng = np.random.default_rng(2)
    x = rng.uniform(network.node_x.min() - 500, network.node_x.max() + 500, 2000)
    y = rng.uniform(network.node_y.min() - 500, network.node_y.max() + 500, 2000)
    node = rng.integers(network.n_nodes, size=2000)
    points = Points(
        np.append(x, network.node_x[node]), np.append(y, network.node_y[node]), np.zeros(4000, bool)
    )
    assert _agrees_with_shapely(costs, points, 200.0) > 0.5


# -- by hand ----------------------------------------------------------------------------------


def test_edge_vertex_fraction_and_leg():
    costs = costs_of([STREET])
    snapped = snap(costs, at((150, 30), (50, -20), (-30, 40), (330, -40), (100, 7)))
    assert snapped.edge.tolist() == [0] * 5
    assert snapped.vertex.tolist()[:4] == [1, 0, 0, 1]
    assert snapped.fraction.tolist()[:4] == pytest.approx([0.25, 0.5, 0, 1], abs=1e-6)
    assert snapped.leg_m == pytest.approx([30, 20, 50, 50, 7], abs=1e-5)
    assert snapped.along_s(costs.network.vertex_m) == pytest.approx(
        [150, 50, 0, 300, 100], abs=1e-5
    )
    starts, ends = at_edge_ends(costs.network, snapped)
    assert starts.tolist() == [False, False, True, False, False]
    assert ends.tolist() == [False, False, False, True, False]


def test_nothing_within_the_limit_is_beyond():
    snapped = snap(costs_of([STREET]), at((150, 201), (150, 199), (1e7, 1e7), (-1e9, 3)))
    assert statuses(snapped) == ["beyond", "ok", "beyond", "beyond"]
    assert snapped.edge.tolist() == [-1, 0, -1, -1]
    assert snapped.vertex[0] == -1
    assert snapped.along_s(np.arange(3.0))[0] == 0


def test_a_limit_of_nothing_still_finds_what_one_stands_on():
    costs = costs_of([STREET])
    network = costs.network
    on = Points(network.vertex_x, network.vertex_y, np.zeros(3, bool))
    assert statuses(snap(costs, on, 0.0)) == ["ok"] * 3
    assert statuses(snap(costs, at((150, 0.01)), 0.0)) == ["beyond"]


def test_a_very_long_limit_finds_the_only_street_from_far_away():
    snapped = snap(costs_of([STREET]), at((150, 90_000), (-60_000, 0)), 1e5)
    assert snapped.leg_m == pytest.approx([90_000, 60_000], abs=1e-4)


def test_each_point_has_its_own_limit():
    costs = costs_of([STREET])
    points = at((150, 150), (150, 150))
    snapped = snap_points(costs, points, limit_m=np.array([100.0, 200.0]))
    assert statuses(snapped) == ["beyond", "ok"]
    mixed = Points(points.x, points.y, np.array([False, True]))
    assert access_limit_m(mixed, Limits()).tolist() == [200.0, 500.0]


def test_without_edges_or_without_points_nothing_is_found():
    none = costs_of([])
    snapped = snap(none, at((0, 0), (5, 5)))
    assert statuses(snapped) == ["beyond", "beyond"]
    assert snapped.edge.tolist() == [-1, -1]
    assert snapped.along_s(none.forward_s).tolist() == [0, 0]
    assert len(snap(costs_of([STREET]), at()).edge) == 0
    closed = costs_of([way(1, [1, 2], {1: (0, 0), 2: (9, 0)}, "motorway")])
    assert statuses(snap(closed, at((0, 0)))) == ["beyond"]


def test_a_segment_of_no_length_is_a_place_too():
    costs = costs_of([way(1, [1, 2], {1: (0, 0), 2: (0, 0)})])
    snapped = snap(costs, at((3, 4)))
    assert snapped.leg_m == pytest.approx([5], abs=1e-6)
    starts, ends = at_edge_ends(costs.network, snapped)
    assert (starts[0], ends[0]) == (True, True)


def test_points_on_cell_borders_find_what_lies_across():
    # Cells are 120 m wide from the lower left corner of the network.
    frame = [
        way(9, [9, 10], {9: (0, 0), 10: (0, 1)}),
        way(8, [7, 8], {7: (999, 999), 8: (998, 999)}),
    ]
    for x in (120.0, 240.0, 119.9999, 240.0001):
        street = way(1, [1, 2], {1: (x + 30, 300), 2: (x + 30, 500)})
        snapped = snap(costs_of([*frame, street]), at((x, 360.0), (x, 480.0), (x + 60, 360.0)))
        assert snapped.leg_m == pytest.approx([30] * 3, abs=1e-5)


# -- islands and barriers ---------------------------------------------------------------------

TWO = [
    way(1, [1, 2], {1: (0, 0), 2: (900, 0)}),
    way(2, [3, 4], {3: (0, 60), 4: (100, 60)}),
]


def test_a_nearer_island_is_passed_a_farther_one_is_not_named():
    costs = costs_of(TWO, min_component_m=500.0)
    snapped = snap(costs, at((50, 50), (50, 10), (50, 220), (50, 300)))
    assert statuses(snapped) == ["past_island", "ok", "island", "beyond"]
    assert snapped.leg_m[:3] == pytest.approx([50, 10, 160], abs=1e-5)


def test_a_barrier_sends_a_point_elsewhere():
    wall = [barrier([(-500, 30), (1500, 30)])]
    costs = costs_of(TWO, wall, min_component_m=500.0)
    assert statuses(snap(costs, at((50, 40)))) == ["island"]
    assert statuses(snap(costs, at((500, 40)))) == ["beyond"]
    ignored = snap(costs, at((500, 40)), heed_barriers=False)
    assert statuses(ignored) == ["ok"]
    assert ignored.leg_m == pytest.approx([40], abs=1e-5)


# -- many -------------------------------------------------------------------------------------


def _many():
    rng = random.Random(8)  # noqa: S311
    places = {n: (rng.uniform(0, 3000), rng.uniform(0, 3000)) for n in range(60)}
    ways = [way(k, rng.sample(range(60), 3), places) for k in range(40)]
    wall = [barrier([(rng.uniform(0, 3000), rng.uniform(0, 3000)) for _ in range(8)])]
    return costs_of(ways, wall, min_component_m=4000.0)


def test_chunks_and_neighbours_change_nothing():
    # More points than one chunk of a thread, then a sample of them one by one.
    costs = _many()
    rng = np.random.default_rng(1)
    points = at(*rng.uniform(-300, 3300, (110_001, 2)))
    limits = rng.choice([100.0, 200.0, 500.0], len(points))
    together = snap_points(costs, points, limit_m=limits)
    assert len(set(together.status.tolist())) > 1
    sample = np.concatenate(
        [[0, 49_999, 50_000, 99_999, 100_000, 110_000], rng.integers(0, 110_001, 60)]
    )
    for i in sample:
        one = np.array([i])
        alone = snap_points(costs, points.take(one), limit_m=limits[one])
        there = together.take(one)
        assert alone.status == there.status
        assert alone.leg_m == pytest.approx(there.leg_m)
        assert alone.edge == there.edge
        assert alone.vertex == there.vertex
        assert alone.fraction == pytest.approx(there.fraction)

"""Sweeps over a whole network, against searches one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import CORNER, CRS_METRIC, road_table, way

import care_map as cm
from care_map.network.build import build_network
from care_map.network.snap import Points
from care_map.routing.nearest import travel_model
from care_map.routing.pairs import travel_pairs
from care_map.routing.search import Arcs, Seeds, grow_tree
from care_map.routing.sweep import LANES, sweep, sweep_order

LIMITS = cm.Limits(min_component_m=0.0)


@st.composite
def graphs(draw):
    """Return arcs with islands, one-ways, parallel arcs, self-loops and times of nothing."""
    n = draw(st.integers(2, 30))
    node = st.integers(0, n - 1)
    seconds = st.floats(0, 100) | st.just(0.0)
    arcs = sorted(draw(st.lists(st.tuples(node, node, seconds), max_size=90)))
    tail = np.array([a for a, _, _ in arcs], dtype=np.int64)
    return Arcs(
        offset=np.searchsorted(tail, np.arange(n + 1)).astype(np.int32),
        node=np.array([b for _, b, _ in arcs], dtype=np.int32),
        seconds=np.array([s for _, _, s in arcs], dtype=np.float64),
        edge=np.arange(len(arcs), dtype=np.int32),
    )


@settings(deadline=None)
@given(graphs(), st.data())
def test_a_sweep_is_a_search_from_each_place(arcs, data):
    n = len(arcs.offset) - 1
    starts = data.draw(st.lists(st.integers(0, n - 1), min_size=LANES, max_size=LANES))
    spent = data.draw(st.lists(st.floats(0, 50), min_size=LANES, max_size=LANES))
    order = sweep_order(arcs)
    assert sorted(order.rank) == list(range(n))
    table_s = np.full((n, LANES), np.inf)
    table_s[order.rank[starts], np.arange(LANES)] = spent
    sweep(order, table_s)
    for lane, (start, s) in enumerate(zip(starts, spent, strict=True)):
        seeds = Seeds(np.array([start]), np.array([s]), np.array([0]))
        expected = grow_tree(arcs, seeds).seconds
        np.testing.assert_allclose(table_s[order.rank, lane], expected, atol=1e-9)


def streets(seed):
    """Return a grid of streets, some of them one-way, with an island beside it."""
    rng = np.random.default_rng(seed)
    at = {10 * r + c + 1: (200.0 * c, 200.0 * r) for r in range(6) for c in range(6)}
    ways = []
    for node in at:
        for other in (node + 1, node + 10):
            if other in at and rng.random() < 0.85:
                tags = {"oneway": "yes"} if rng.random() < 0.3 else {}
                ways.append(way(len(ways) + 1, [node, other], at, highway="residential", **tags))
    at |= {201: (3000.0, 0.0), 202: (3200.0, 0.0)}
    ways.append(way(999, [201, 202], at, highway="residential"))
    return build_network(road_table(ways), CRS_METRIC)


@pytest.mark.parametrize("direction", ["to", "from"])
@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000), cutoff_s=st.floats(200, 3600))
def test_far_pairs_are_the_same_pairs(direction, seed, cutoff_s):
    model = travel_model(streets(seed), cm.PROFILES["urban_drive"], limits=LIMITS)
    rng = np.random.default_rng(seed)

    def places(size):
        x, y = rng.uniform(-100, 3300, size), rng.uniform(-100, 1100, size)
        return Points(CORNER[0] + x, CORNER[1] + y, np.zeros(size, bool))

    # More than a block, and not a whole number of sweeps.
    origins, facilities = places(60), places(75)
    one, other = (
        travel_pairs(model, origins, facilities, cutoff_s=cutoff_s, direction=direction, far=far)
        for far in (False, True)
    )
    assert f"order_{direction}" in model._kept
    np.testing.assert_array_equal(one.origin, other.origin)
    np.testing.assert_array_equal(one.facility, other.facility)
    np.testing.assert_allclose(one.seconds, other.seconds, rtol=1e-12)

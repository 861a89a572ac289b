"""All pairs, k nearest and travel times, against the search for the nearest."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import CORNER, CRS_METRIC, road_table, way

import care_map as cm
from care_map.network.build import build_network
from care_map.network.snap import Points
from care_map.routing import pairs as pairs_module
from care_map.routing.k_nearest import k_nearest
from care_map.routing.nearest import travel_model
from care_map.routing.pairs import iter_pairs, travel_pairs

SIDE = 6
LIMITS = cm.Limits(min_component_m=0.0)


def town(seed):
    """Return a grid of streets, some of them one-way, some missing, some stairs.

    With an odd seed a scenario has added some, and who met another street may go by that too.
    """
    rng = np.random.default_rng(seed)
    at = {
        row * SIDE + column + 1: (
            150.0 * column + rng.uniform(-30, 30),
            150.0 * row + rng.uniform(-30, 30),
        )
        for row in range(SIDE)
        for column in range(SIDE)
    }
    ways = []
    for node in at:
        for other in (node + 1, node + SIDE):
            if other not in at or (other == node + 1 and node % SIDE == 0) or rng.random() < 0.1:
                continue
            tags = {"highway": rng.choice(["residential", "steps", "footway", "tertiary"])}
            if rng.random() < 0.3:
                tags["oneway"] = "yes"
            ways.append(way(len(ways) + 1, [node, other], at, **tags))
    table = road_table(ways)
    if seed % 2:
        table.ways["scenario_added"] = np.where(rng.random(len(ways)) < 0.25, "yes", "")
    return build_network(table, CRS_METRIC)


def places(seed, size):
    rng = np.random.default_rng(seed)
    x, y = (rng.uniform(-100, 900, size) + c for c in CORNER)
    return Points(x, y, np.zeros(size, bool))


def matrix(model, origins, facilities, direction):
    """Return all times by one search per facility."""
    return np.column_stack(
        [
            model.nearest(origins, facilities.take(np.array([f])), direction=direction).seconds
            for f in range(len(facilities))
        ]
    )


DIRECTIONS = st.sampled_from(["to", "from"])


@pytest.mark.parametrize("profile", ["standard", "wheelchair", "cycle", "rural_drive"])
@settings(max_examples=16, deadline=None)
@given(direction=DIRECTIONS, seed=st.integers(0, 10_000), cutoff_s=st.floats(60, 900))
def test_pairs_and_k_nearest_are_the_searches_one_by_one(profile, direction, seed, cutoff_s):
    model = travel_model(town(seed), cm.PROFILES[profile], limits=LIMITS)
    origins, facilities = places(seed + 1, 40), places(seed + 2, 6)
    times = matrix(model, origins, facilities, direction)
    pairs = travel_pairs(model, origins, facilities, cutoff_s=cutoff_s, direction=direction)
    found = np.full(times.shape, np.inf)
    found[pairs.origin, pairs.facility] = pairs.seconds
    assert len(pairs) == np.isfinite(found).sum()
    # The cutoff itself is inside, within a millionth of a second.
    np.testing.assert_allclose(found, np.where(times <= cutoff_s + 1e-6, times, np.inf), atol=1e-6)
    nearest = k_nearest(model, origins, facilities, k=4, direction=direction)
    np.testing.assert_allclose(nearest.seconds, np.sort(times, axis=1)[:, :4], atol=1e-6)
    known = nearest.facility >= 0
    row = np.broadcast_to(np.arange(40)[:, None], known.shape)
    of_facility = times[row[known], nearest.facility[known]]
    np.testing.assert_allclose(nearest.seconds[known], of_facility, atol=1e-6)


def corners(network, seed, size):
    """Return points at junctions and on streets between them, as well as beside them."""
    rng = np.random.default_rng(seed)
    node = rng.integers(0, network.n_nodes, size)
    x, y = network.node_x[node].copy(), network.node_y[node].copy()
    vertex = rng.integers(0, len(network.vertex_x) - 1, size)
    same = np.isin(vertex, network.edge_offset[1:] - 1)
    between = (rng.random(size) < 0.4) & ~same
    for at, along in ((x, network.vertex_x), (y, network.vertex_y)):
        # Not half way: a place as near to one street as to another may be snapped to either.
        at[between] = (0.4 * along[vertex] + 0.6 * along[vertex + 1])[between]
    return Points(x, y, np.zeros(size, bool))


@pytest.mark.parametrize("profile", ["standard", "rural_drive"])
@settings(max_examples=16, deadline=None)
@given(direction=DIRECTIONS, seed=st.integers(0, 10_000), cutoff_s=st.floats(30, 600))
def test_who_stands_at_a_junction_is_found_by_every_street_of_it(
    profile, direction, seed, cutoff_s
):
    network = town(seed)
    model = travel_model(network, cm.PROFILES[profile], limits=LIMITS)
    origins, facilities = corners(network, seed + 1, 40), corners(network, seed + 2, 6)
    times = matrix(model, origins, facilities, direction)
    pairs = travel_pairs(model, origins, facilities, cutoff_s=cutoff_s, direction=direction)
    found = np.full(times.shape, np.inf)
    found[pairs.origin, pairs.facility] = pairs.seconds
    np.testing.assert_allclose(found, np.where(times <= cutoff_s + 1e-6, times, np.inf), atol=1e-6)


def test_blocks_are_not_searched_far_ahead_of_who_takes_them(monkeypatch):
    asked = []
    search = pairs_module._search_block

    def counted(task, first, stop, scratch):
        asked.append(first)
        return search(task, first, stop, scratch)

    monkeypatch.setattr(pairs_module, "_search_block", counted)
    monkeypatch.setattr(pairs_module.os, "cpu_count", lambda: 2)
    model = travel_model(town(4), cm.PROFILES["standard"], limits=LIMITS)
    blocks = iter_pairs(model, places(5, 30), places(6, 64 * 20), cutoff_s=600)
    assert len(next(blocks)) > 0
    assert len(asked) <= 5
    assert sum(1 for _ in blocks) == 19
    assert len(asked) == 20


def test_arcs_are_made_once_for_each_direction():
    model = travel_model(town(4), cm.PROFILES["rural_drive"], limits=LIMITS)
    assert model.arcs("to") is model.arcs("to")
    assert model.arcs("from") is model.arcs("from")
    assert model.arcs("from") is not model.arcs("to")
    assert model.walls is model.walls


@pytest.mark.parametrize(("n_origins", "n_facilities"), [(0, 3), (3, 0)])
def test_nobody_and_nothing_make_no_pairs(n_origins, n_facilities):
    model = travel_model(town(4), cm.PROFILES["standard"], limits=LIMITS)
    assert len(travel_pairs(model, places(5, n_origins), places(6, n_facilities), cutoff_s=60)) == 0


def test_more_than_k_facilities_are_asked_for():
    model = travel_model(town(1), cm.PROFILES["standard"], limits=LIMITS)
    nearest = k_nearest(model, places(2, 20), places(3, 2), k=5)
    assert (nearest.facility[:, 2:] == -1).all()
    assert np.isinf(nearest.seconds[:, 2:]).all()


def test_blocks_are_handed_on_in_order_and_once():
    model = travel_model(town(4), cm.PROFILES["standard"], limits=LIMITS)
    origins, facilities = places(5, 30), places(6, 150)
    blocks = list(iter_pairs(model, origins, facilities, cutoff_s=600))
    assert len(blocks) == 3
    keys = np.concatenate([block.facility * 30 + block.origin for block in blocks])
    assert (np.diff(keys) > 0).all()


def test_straight_pairs_take_the_detour_factor():
    model = travel_model(None, cm.PROFILES["straight_line"])
    origins = Points(np.array([0.0]), np.array([0.0]), np.zeros(1, bool))
    facilities = Points(np.array([100.0, 1000.0]), np.zeros(2), np.zeros(2, bool))
    pairs = travel_pairs(model, origins, facilities, cutoff_s=900)
    assert (pairs.facility.tolist(), pairs.seconds.tolist()) == ([0], [pytest.approx(130)])


def tables(network):
    def table(seed, size, prefix):
        points = places(seed, size)
        return gpd.GeoDataFrame(
            index=[f"{prefix}{i}" for i in range(size)],
            geometry=shapely.points(points.x, points.y),
            crs=network.crs,
        ).to_crs("EPSG:4326")

    return table(7, 25, "E"), table(8, 5, "F")


def test_travel_times_by_ids_there_back_and_both():
    network = town(9)
    origins, destinations = tables(network)
    ask = {"profile": "rural_drive", "limits": LIMITS}
    to = cm.travel_times(network, origins, destinations, cutoff_minutes=60, **ask)
    back = cm.travel_times(
        network, origins, destinations, cutoff_minutes=60, direction="from", **ask
    )
    both = cm.travel_times(
        network, origins, destinations, cutoff_minutes=8, direction="both", **ask
    )
    pair = ["demand_id", "facility_id"]
    sums = to.set_index(pair)["minutes"].add(back.set_index(pair)["minutes"]).dropna()
    assert len(both) > 0
    assert both.set_index(pair)["minutes"].to_dict() == pytest.approx(sums[sums <= 8].to_dict())
    assert set(to["demand_id"]) <= set(origins.index)


def test_travel_times_tell_all_that_is_wrong():
    network = town(9)
    origins, destinations = tables(network)
    with pytest.raises(cm.InputError) as error:
        cm.travel_times(
            network,
            origins.set_crs(None, allow_override=True),
            destinations.to_crs(network.crs).buffer(1.0).to_frame("geometry"),
            cutoff_minutes=0,
            profile="fly",
        )
    codes = [problem.code for problem in error.value.problems]
    assert codes == ["unknown_code", "minutes_invalid", "points_without_crs", "points_only"]

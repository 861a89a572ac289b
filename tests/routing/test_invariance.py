"""What must not change a time: cutting streets, renaming nodes, drawing the other way round."""

import random

import numpy as np
import pytest
from duel import ask_engine, grid_over
from networks import CORNER, CRS_METRIC, lonlat, metric, points, road_table, way
from oracle import LIMITS

SMALL = {**LIMITS, "min_component_m": 0.0}
PROFILES_TRIED = ["standard", "elder", "wheelchair", "rural_drive"]
CELL_DEG = 0.0003  # 30 m


def ask(ways, origins, facilities, profile="standard", *, lifts=(), ground=None, direction="to"):
    return ask_engine(
        road_table(list(ways), lifts=lifts),
        CRS_METRIC,
        points(origins),
        points(facilities),
        profile,
        SMALL,
        elevation=ground,
        direction=direction,
    )


def bumpy(seed):
    """Return ground that rises and falls by chance, with a hole in it."""
    rng = np.random.default_rng(seed)
    west, north = lonlat(-300, 1300)
    height = np.cumsum(rng.normal(0, 2.0, (60, 60)), axis=0)
    height[rng.integers(20, 40), rng.integers(20, 40)] = np.nan
    return grid_over(height, west, north, CELL_DEG)[0]


def tilted():
    """Return an even slope: heights between its cells are exact wherever a street is cut."""
    west, north = lonlat(-300, 1300)
    column, row = np.meshgrid(np.arange(60), np.arange(60))
    return grid_over(2.0 * column + 1.0 * row, west, north, CELL_DEG)[0]


def _town(seed):
    """Draw a jittered grid of streets with one-ways, stairs and lifts, and points about it."""
    rng = random.Random(seed)  # noqa: S311
    places = {
        10 * row + column: (column * 150 + rng.uniform(-40, 40), row * 150 + rng.uniform(-40, 40))
        for row in range(7)
        for column in range(7)
    }
    ways = []
    for row in range(7):
        for column in range(7):
            here = 10 * row + column
            for there in (here + 1, here + 10):
                if there in places and rng.random() < 0.85:
                    tags = rng.choice([{}, {}, {"oneway": "yes"}, {"maxspeed": "10"}])
                    highway = rng.choice(["residential", "steps", "primary", "residential"])
                    ways.append(way(len(ways), [here, there], places, highway, **tags))
    spots = [(rng.uniform(-50, 950), rng.uniform(-50, 950)) for _ in range(60)]
    return ways, spots[:50], spots[50:], rng.sample(sorted(places), 6)


def _same(one, other):
    assert other.seconds == pytest.approx(one.seconds, abs=1e-6)
    assert np.array_equal(one.snap_status, other.snap_status)
    assert np.array_equal(one.facility, other.facility)


def _split_in_three(ways):
    fresh = iter(range(10_000, 100_000))
    for drawn in ways:
        start, end = drawn["nodes"]
        (ax, ay), (bx, by) = _to_drawing(start), _to_drawing(end)
        inner = []
        for share in (0.31, 0.77):
            place = (ax + share * (bx - ax), ay + share * (by - ay))
            inner.append((next(fresh), *lonlat(*place)))
        yield {**drawn, "nodes": [start, *inner, end]}


def _to_drawing(node):
    x, y = metric([node[1]], [node[2]])
    return float(x[0]) - CORNER[0], float(y[0]) - CORNER[1]


@pytest.mark.parametrize("profile", PROFILES_TRIED)
@pytest.mark.parametrize("seed", range(2))
def test_splitting_every_segment_in_three_changes_no_time(profile, seed):
    ways, origins, facilities, lifts = _town(seed)
    before = ask(ways, origins, facilities, profile, lifts=lifts)
    in_chain = list(_split_in_three(ways))
    _same(before, ask(in_chain, origins, facilities, profile, lifts=lifts))
    # The same as three ways each, so that every new vertex is a node.
    pieces = [
        {**drawn, "id": 10 * drawn["id"] + i, "nodes": drawn["nodes"][i : i + 2]}
        for drawn in in_chain
        for i in range(3)
    ]
    _same(before, ask(pieces, origins, facilities, profile, lifts=lifts))


@pytest.mark.parametrize("direction", ["to", "from"])
@pytest.mark.parametrize("seed", range(2))
def test_splitting_every_segment_in_three_changes_no_time_on_a_slope(direction, seed):
    # Bumpy ground is sampled at the vertices, so that a vertex more may know it better: there,
    # edges cut in three are those of `test_edges_cut_anywhere_take_as_long_as_whole`.
    ways, origins, facilities, lifts = _town(seed)
    options = {"lifts": lifts, "ground": tilted(), "direction": direction}
    before = ask(ways, origins, facilities, **options)
    level = ask(ways, origins, facilities, lifts=lifts, direction=direction)
    assert np.nanmax(np.abs(before.seconds - level.seconds)) > 10
    after = ask(list(_split_in_three(ways)), origins, facilities, **options)
    # What is straight in metres is not quite in degrees, where heights are taken.
    assert after.seconds == pytest.approx(before.seconds, abs=1e-3)


@pytest.mark.parametrize("profile", PROFILES_TRIED)
@pytest.mark.parametrize("ground", [None, bumpy(1)], ids=["level", "hills"])
@pytest.mark.parametrize("direction", ["to", "from"])
@pytest.mark.parametrize("seed", range(2))
def test_node_ids_order_and_drawing_direction_change_nothing(profile, ground, direction, seed):
    ways, origins, facilities, lifts = _town(seed)
    rng = random.Random(seed)  # noqa: S311
    options = {"ground": ground, "direction": direction}
    before = ask(ways, origins, facilities, profile, lifts=lifts, **options)
    ids = sorted({node[0] for drawn in ways for node in drawn["nodes"]})
    renamed = dict(zip(ids, rng.sample(range(10**12), len(ids)), strict=True))
    other = []
    for drawn in rng.sample(ways, len(ways)):
        nodes = [(renamed[node], lon, lat) for node, lon, lat in drawn["nodes"]]
        tags = dict(drawn["tags"])
        if rng.random() < 0.5:
            nodes.reverse()
            if tags.get("oneway") == "yes":
                tags["oneway"] = "-1"
        other.append({**drawn, "nodes": nodes, "tags": tags})
    lifts = [renamed[node] for node in lifts if node in renamed]
    _same(before, ask(other, origins, facilities, profile, lifts=lifts, **options))

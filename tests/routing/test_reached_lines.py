"""Reached lines: edges cut at the exact place, held against edges split into many short ones."""

import networkx as nx
import numpy as np
import oracle
import pytest
import shapely
from duel import clear, engine_points
from hilly import rising_east, town_on_hills
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import CORNER, CRS_METRIC, points, road_table, way

from care_map.network.build import build_network
from care_map.network.snap import Points
from care_map.routing.nearest import travel_model
from care_map.routing.reached import reached_lines
from care_map.values import PROFILES, Limits

SMALL = Limits(min_component_m=0.0)
STEP_M = 1.0


def model_of(ways, profile="standard", elevation=None):
    network = build_network(road_table(list(ways)), CRS_METRIC, elevation=elevation)
    return travel_model(network, PROFILES[profile], limits=SMALL)


def at(*places):
    return engine_points(points(places), CRS_METRIC)


def spans(lines):
    """Return ends (drawn x) and seconds of lines along y = 0, from left to right."""
    rows = []
    for line, first, last in zip(lines.geometry, lines["from_s"], lines["to_s"], strict=True):
        x = np.array(line.coords)[[0, -1], 0] - CORNER[0]
        rows.append((*x, first, last) if x[0] < x[1] else (*x[::-1], last, first))
    return np.array(sorted(rows))


def test_the_middle_of_an_edge_is_reached_though_its_ends_are_not():
    street = way(1, [1, 2], {1: (0, 0), 2: (8000, 0)})
    found = spans(reached_lines(model_of([street]), at((4800, 10)), 600))
    assert found == pytest.approx(
        np.array([[4210, 4800, 600, 10], [4800, 5390, 10, 600]]), abs=0.02
    )


def test_an_edge_is_cut_from_both_ends():
    street = way(1, [1, 2], {1: (0, 0), 2: (1000, 0)})
    found = spans(reached_lines(model_of([street]), at((0, 0), (1000, 0)), 300))
    assert found == pytest.approx(np.array([[0, 300, 0, 300], [700, 1000, 300, 0]]), abs=0.02)


def test_an_edge_reached_from_both_ends_parts_where_time_is_longest():
    street = way(1, [1, 2], {1: (0, 0), 2: (1000, 0)})
    found = spans(reached_lines(model_of([street]), at((0, 0), (900, 0)), 900))
    expected = [[0, 450, 0, 450], [450, 900, 450, 0], [900, 1000, 0, 100]]
    assert found == pytest.approx(np.array(expected), abs=0.02)


@pytest.mark.parametrize(("direction", "expected"), [("to", (0, 1000)), ("from", (1000, 2000))])
def test_one_ways_are_reached_from_one_side(direction, expected):
    street = way(1, [1, 2], {1: (0, 0), 2: (2000, 0)}, oneway="yes")
    model = model_of([street], "rural_drive")
    # 20 km/h for 12 minutes is more than the street is long.
    found = spans(reached_lines(model, at((1000, 0)), 900, direction=direction))
    assert found[:, :2] == pytest.approx(np.array([expected]), abs=0.02)


def test_nothing_is_reached_before_the_overhead_is_over():
    street = way(1, [1, 2], {1: (0, 0), 2: (2000, 0)})
    assert len(reached_lines(model_of([street], "rural_drive"), at((1000, 0)), 150)) == 0


# -- hills: 10 % up takes 1.83 times as long, 10 % down 1.33 times -----------------------------

HALVES = [("to", 1.83, 1.33), ("from", 1.33, 1.83)]
"""Direction, and what a metre takes west and east of a facility; the ground rises to the east."""


def on_slope(length_m, facilities, cutoff_s, direction):
    street = way(1, [1, 2], {1: (0, 0), 2: (length_m, 0)})
    model = model_of([street], elevation=rising_east(0.10, length_m))
    return spans(reached_lines(model, at(*facilities), cutoff_s, direction=direction))


@pytest.mark.parametrize(("direction", "west", "east"), HALVES)
def test_on_a_slope_an_edge_is_cut_at_the_exact_place_from_both_ends(direction, west, east):
    found = on_slope(1000, [(0, 0), (1000, 0)], 300, direction)
    expected = [[0, 300 / east, 0, 300], [1000 - 300 / west, 1000, 300, 0]]
    assert found == pytest.approx(np.array(expected), abs=0.2)


@pytest.mark.parametrize(("direction", "west", "east"), HALVES)
def test_on_a_slope_the_middle_of_an_edge_is_reached_though_its_ends_are_not(direction, west, east):
    found = on_slope(8000, [(4000, 0)], 600, direction)
    expected = [[4000 - 600 / west, 4000, 600, 0], [4000, 4000 + 600 / east, 0, 600]]
    assert found == pytest.approx(np.array(expected), abs=0.2)


@pytest.mark.parametrize(("direction", "west", "east"), HALVES)
def test_on_a_slope_an_edge_reached_from_both_ends_parts_off_its_middle(direction, west, east):
    found = on_slope(1000, [(0, 0), (1000, 0)], 900, direction)
    part_m = 1000 * west / (west + east)
    late_s = part_m * east
    expected = [[0, part_m, 0, late_s], [part_m, 1000, late_s, 0]]
    assert found == pytest.approx(np.array(expected), abs=0.5)


@pytest.mark.parametrize("profile", ["standard", "elder"])
@pytest.mark.parametrize("direction", ["to", "from"])
def test_seconds_of_lines_on_hills_are_those_of_the_oracle(profile, direction):
    ways, elevation, heights = town_on_hills()
    model = model_of(ways, profile, elevation)
    goal, cutoff_s = points([(130, 140)]), 500.0
    facility = engine_points(goal, CRS_METRIC)
    lines = reached_lines(model, facility, cutoff_s, direction=direction)
    ends = shapely.get_coordinates(
        [shapely.get_point(line, k) for line in lines.geometry for k in (0, -1)]
    )
    seconds = lines[["from_s", "to_s"]].to_numpy().ravel()
    # Within 200 m one may also go straight, which no line knows of.
    far = np.hypot(ends[:, 0] - facility.x[0], ends[:, 1] - facility.y[0]) > 201
    ends, seconds = ends[far], seconds[far]
    assert np.count_nonzero(np.abs(seconds - cutoff_s) < 1e-6) > 5
    exact = Points(ends[:, 0], ends[:, 1], np.zeros(len(ends), bool))
    asked = model.nearest(exact, facility, direction=direction).seconds
    assert asked == pytest.approx(seconds, abs=1e-3)
    drawn = points((ends - CORNER).tolist())
    raw = oracle.OracleNetwork(ways)
    limits = {**oracle.LIMITS, "min_component_m": 0.0}
    figures = oracle.PROFILES[profile]
    traveller = oracle.Traveller(raw, CRS_METRIC, figures, limits, heights=heights)
    kept = [k for k, point in enumerate(drawn) if clear(traveller, [point])]
    assert len(kept) >= 15
    answer = traveller.nearest([drawn[k] for k in kept], goal, direction)
    assert answer.best == pytest.approx(seconds[kept], abs=1e-3)


@st.composite
def towns(draw):
    """Draw some streets between few places, parallel ones and loops among them."""
    n_places = draw(st.integers(2, 6))
    spot = st.integers(0, 12)
    places = {i: (100.0 * draw(spot) + 3 * i, 100.0 * draw(spot) + 7 * i) for i in range(n_places)}
    ends = st.tuples(st.integers(0, n_places - 1), st.integers(0, n_places - 1))
    pairs = draw(st.lists(ends.filter(lambda pair: pair[0] != pair[1]), min_size=1, max_size=8))
    oneways = draw(st.lists(st.booleans(), min_size=len(pairs), max_size=len(pairs)))
    ways = [
        way(k, pair, places, **({"oneway": "yes"} if one else {}))
        for k, (pair, one) in enumerate(zip(pairs, oneways, strict=True))
    ]
    chosen = draw(st.integers(0, len(pairs) - 1))
    share = draw(st.sampled_from([0.0, 0.25, 0.5, 0.9, 1.0]))
    cutoff_s = draw(st.sampled_from([60.0, 200.0, 433.0, 900.0]))
    return places, ways, pairs, oneways, chosen, share, cutoff_s


def brute_force(places, pairs, oneways, chosen, share, *, pace, directed, direction):
    """Return the seconds of every metre or so of each street, by a graph of short pieces."""
    graph, samples = nx.DiGraph(), []
    for k, (a, b) in enumerate(pairs):
        (xa, ya), (xb, yb) = places[a], places[b]
        length = float(np.hypot(xb - xa, yb - ya))
        shares = {0.0, 1.0, *np.linspace(0, 1, max(int(length / STEP_M), 1) + 1).tolist()}
        if k == chosen:
            shares.add(share)
        shares = sorted(shares)
        names = [a if s == 0.0 else b if s == 1.0 else (k, s) for s in shares]
        for one, two, s0, s1 in zip(names, names[1:], shares, shares[1:], strict=False):
            weight = (s1 - s0) * length * pace
            ways = [(one, two)] if directed and oneways[k] else [(one, two), (two, one)]
            for tail, head in ways:
                # Search from the facility: against the traffic where it is the goal.
                edge = (head, tail) if direction == "to" else (tail, head)
                known = graph.get_edge_data(*edge, {"weight": np.inf})["weight"]
                graph.add_edge(*edge, weight=min(weight, known))
        samples += [
            (name, xa + s * (xb - xa), ya + s * (yb - ya))
            for name, s in zip(names, shares, strict=True)
        ]
    start = {0.0: pairs[chosen][0], 1.0: pairs[chosen][1]}.get(share, (chosen, share))
    times = nx.single_source_dijkstra_path_length(graph, start)
    return np.array([(x, y, times.get(name, np.inf)) for name, x, y in samples]).T


@settings(max_examples=25, deadline=None)
@given(
    town=towns(),
    profile=st.sampled_from(["standard", "cycle"]),
    direction=st.sampled_from(["to", "from"]),
)
def test_lines_are_what_short_pieces_say(town, profile, direction):
    places, ways, pairs, oneways, chosen, share, cutoff_s = town
    model = model_of(ways, profile)
    a, b = (np.array(places[end]) for end in pairs[chosen])
    facility = at(tuple(a + share * (b - a)))
    # Streets that cross or touch without a node in common leave open which of them is snapped to.
    drawn = [shapely.LineString([places[one], places[two]]) for one, two in pairs]
    near = [line.distance(shapely.Point(*(a + share * (b - a)))) < 1.0 for line in drawn]
    shared = pairs[chosen][0] if share == 0.0 else pairs[chosen][1] if share == 1.0 else None
    if any(hit and k != chosen and shared not in pairs[k] for k, hit in enumerate(near)) or (
        shared is None and sum(near) > 1
    ):
        return
    speed = PROFILES[profile].walk_speed_mps if profile == "standard" else 15 / 3.6
    x, y, seconds = brute_force(
        places,
        pairs,
        oneways,
        chosen,
        share,
        pace=1 / speed,
        directed=profile == "cycle",
        direction=direction,
    )
    found = reached_lines(model, facility, cutoff_s, direction=direction)
    assert ((found["from_s"] <= cutoff_s + 1e-6) & (found["to_s"] <= cutoff_s + 1e-6)).all()
    whole = shapely.union_all(found.geometry.to_list())
    # A facility where a one-way begins is reached itself, but no part of a street with it.
    x, y = x + CORNER[0], y + CORNER[1]
    reached = (seconds > 0.0) & (seconds <= cutoff_s - 1.5 * STEP_M)
    if reached.any():
        assert shapely.distance(shapely.points(x[reached], y[reached]), whole).max() < 0.05
    # What is drawn is no more than what is reached: compare lengths street by street.
    for line in found.geometry:
        middle = line.interpolate(0.5, normalized=True)
        least_s = (seconds + np.hypot(x - middle.x, y - middle.y) / speed).min()
        assert least_s <= cutoff_s + 2 * STEP_M / speed

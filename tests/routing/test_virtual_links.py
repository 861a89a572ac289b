"""Links that are not there: over a river by hand, and against one more edge in a plain graph."""

import math

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import CORNER, CRS_METRIC, barrier, road_table, way

import care_map as cm
from care_map.network.build import build_network
from care_map.network.snap import Points
from care_map.routing.nearest import travel_model
from care_map.routing.virtual_links import crossings, network_places, seconds_with_links

LIMITS = cm.Limits(min_component_m=0.0)
WITHIN_M = 900.0
NEVER_S = 1e9
ASKEW_S = 20.0
"""A link may lie askew, and be a little shorter than straight over and along."""
BANKS = {1: (0, -50), 2: (3000, -50), 3: (3000, 50), 4: (0, 50)}
RIVER = [(-100, 0), (2950, 0)]


def at(*places):
    """Return points of a drawing in the metric CRS."""
    x, y = np.array(places, dtype=float).T
    return Points(CORNER[0] + x, CORNER[1] + y, np.zeros(len(places), bool))


def banks(*barriers, profile="standard", **tags):
    """Return two streets on the two banks of a river, joined by a bridge 3 km away."""
    network = build_network(road_table([way(1, [1, 2, 3, 4], BANKS, **tags)], barriers), CRS_METRIC)
    return travel_model(network, cm.PROFILES[profile], limits=LIMITS)


def linked(model, origins, facilities, *, cutoff_s=NEVER_S, direction="to"):
    """Return the links, and the seconds by way of one of them."""
    places = network_places(model.costs, origins, within_m=WITHIN_M)
    links = crossings(places, model.barriers, within_m=WITHIN_M)
    seconds = seconds_with_links(
        model,
        model.snap(origins),
        facilities,
        model.snap(facilities),
        links,
        cutoff_s=cutoff_s,
        direction=direction,
    )
    return links, seconds


# By hand


def test_a_crossing_leads_over_the_river():
    model = banks(barrier(RIVER))
    homes, station = at((0, -50), (600, -50)), at((0, 50))
    now = model.nearest(homes, station).seconds
    assert now == pytest.approx([6100, 5500], abs=0.1)
    _, seconds = linked(model, homes, station)
    assert seconds == pytest.approx([100, 700], abs=ASKEW_S)
    assert (seconds >= [99.9, math.hypot(600, 100) - 0.1]).all()


def test_a_link_crosses_and_leads_both_ways():
    links, _ = linked(banks(barrier(RIVER)), at((0, -50), (600, -50)), at((0, 50)))
    here = list(zip(links.here.x, links.here.y, strict=True))
    there = list(zip(links.there.x, links.there.y, strict=True))
    assert len(here) > 10
    assert set(zip(here, there, strict=True)) == set(zip(there, here, strict=True))
    assert ((links.here.y > CORNER[1]) != (links.there.y > CORNER[1])).all()
    assert links.length_m == pytest.approx(np.full(len(here), 100.0), abs=50.0)


@pytest.mark.parametrize("lines", [[], [[(-100, 70), (2950, 70)]], [[(500, -400), (500, -60)]]])
def test_nothing_to_cross_is_no_link(lines):
    """Neither without water, nor where both streets lie on one side of it."""
    links, seconds = linked(banks(*map(barrier, lines)), at((0, -50)), at((0, 50)))
    assert not len(links.here.x)
    assert seconds.tolist() == [math.inf]


def test_a_crossing_too_far_from_everybody_is_none():
    model = banks(barrier([(1500, 0), (2950, 0)]))
    links, _ = linked(model, at((0, -50)), at((0, 50)))
    assert not len(links.here.x)


def test_who_drives_starts_and_parks_once_and_walks_the_link():
    model = banks(barrier(RIVER), profile="rural_drive")
    _, seconds = linked(model, at((600, -50)), at((0, 50)))
    assert seconds == pytest.approx([180 + 600 / 20 * 3.6 + 100], abs=ASKEW_S)
    # A link is no detour that starts and parks twice.
    _, seconds = linked(model, at((0, -50)), at((0, 50)))
    assert seconds == pytest.approx([280], abs=0.1)


def test_a_one_way_street_counts_in_its_direction():
    model = banks(barrier(RIVER), profile="rural_drive", oneway="yes")
    home, station = at((600, -50)), at((0, 50))
    # West along the far bank by the drawing; back it would be against it on both.
    drive_s = 600 / 20 * 3.6
    assert linked(model, home, station)[1] == pytest.approx([180 + drive_s + 100], abs=ASKEW_S)
    back = linked(model, home, station, direction="from")[1]
    assert back == pytest.approx([180 + drive_s + 100], abs=ASKEW_S)
    # East of the home the station lies behind it.
    assert linked(model, at((0, -50)), at((600, 50)))[1] == pytest.approx(
        [280 + drive_s], abs=ASKEW_S
    )


def test_only_what_leads_there_in_time_matters():
    model = banks(barrier(RIVER))
    homes = at((0, -50), (600, -50))
    assert np.isfinite(linked(model, homes, at((0, 50)), cutoff_s=110)[1]).any()
    assert np.isinf(linked(model, homes, at((0, 50)), cutoff_s=60)[1]).all()


def test_without_facilities_no_link_leads_anywhere():
    nobody = Points(*np.empty((2, 0)), np.empty(0, bool))
    assert np.isinf(linked(banks(barrier(RIVER)), at((0, -50)), nobody)[1]).all()


# Against one more edge in a graph

SIDE, STEP_M = 4, 400.0


def grid(seed):
    """Return streets of a grid with a bent river through it that no street crosses."""
    rng = np.random.default_rng(seed)
    nodes = {
        row * SIDE + column + 1: (STEP_M * column, STEP_M * row)
        for row in range(SIDE)
        for column in range(SIDE)
    }
    bank = rng.integers(0, SIDE - 1)
    ways = []
    for node in nodes:
        for other in (node + 1, node + SIDE):
            turns = other == node + 1 and node % SIDE == 0
            over = other == node + SIDE and (node - 1) // SIDE == bank
            if other not in nodes or turns or (over and node % SIDE != 1):
                continue
            if rng.random() < 0.1:
                continue
            oneway = {"oneway": "yes"} if rng.random() < 0.3 else {}
            kind = str(rng.choice(["residential", "tertiary"]))
            # Unlike tags keep each street an edge of its own: its ends are junctions.
            number = len(ways) + 1
            ways.append(
                way(number, [node, other], nodes, kind, maxspeed=str(100 + number), **oneway)
            )
    middle = STEP_M * (bank + 0.5)
    bends = rng.uniform(-120, 120, SIDE)
    river = [(STEP_M * k + 0.3 * STEP_M, middle + bends[k]) for k in range(SIDE)]
    return nodes, ways, river


def two_floors(nodes, ways, profile, first, second):
    """Return a graph of the streets below and above, joined by the links alone."""
    graph = nx.DiGraph()

    def add(tail, head, seconds):
        if seconds < graph.get_edge_data(tail, head, {"weight": math.inf})["weight"]:
            graph.add_edge(tail, head, weight=seconds)

    streets = [Street(one, nodes, profile) for one in ways]
    for street in streets:
        for tail, head, seconds in street.whole():
            add((0, tail), (0, head), seconds)
            add((1, tail), (1, head), seconds)
    ends = np.column_stack([first.x, first.y, second.x, second.y])
    for number, (first_x, first_y, second_x, second_y) in enumerate(ends.tolist()):
        below, above = (0, "stop", number), (1, "stop", number)
        for street in streets:
            for tail, _, seconds in street.through(first_x, first_y):
                add((0, tail), below, seconds)
            for _, head, seconds in street.through(second_x, second_y, leaving=True):
                add(above, (1, head), seconds)
        length_m = math.hypot(second_x - first_x, second_y - first_y)
        add(below, above, length_m / profile.walk_speed_mps)
    return graph


class Street:
    """A straight street between two drawn nodes, as a profile uses it."""

    def __init__(self, drawn, nodes, profile):
        self.ends = [node[0] for node in drawn["nodes"]]
        self.places = [np.array(nodes[end]) + CORNER for end in self.ends]
        drives = profile.mode == "car"
        tags = drawn["tags"]
        self.mps = (
            profile.car_speed_kph[tags["highway"]] / 3.6 if drives else profile.walk_speed_mps
        )
        self.both = not (drives and tags.get("oneway") == "yes")

    def whole(self):
        """Yield tail, head and seconds of its whole length."""
        tail, head = self.ends
        whole_s = math.dist(*self.places) / self.mps
        yield tail, head, whole_s
        if self.both:
            yield head, tail, whole_s

    def through(self, x, y, *, leaving=False):
        """Yield tail, head and seconds of reaching a place on the street, or of leaving it."""
        from_tail, to_head = (math.dist(place, (x, y)) for place in self.places)
        if from_tail + to_head > math.dist(*self.places) + 1e-6:
            return
        tail, head = self.ends
        yield tail, head, (to_head if leaving else from_tail) / self.mps
        back = from_tail if leaving else to_head
        # Who stands at its end need not travel it.
        if self.both or back < 1e-6:
            yield head, tail, back / self.mps


def brute_force(graph, starts, ends):
    """Return seconds from every start below to every end above."""
    times = [nx.single_source_dijkstra_path_length(graph, (0, start)) for start in starts]
    return np.array([[found.get((1, end), math.inf) for end in ends] for found in times])


@pytest.mark.parametrize("profile", ["standard", "elder", "rural_drive"])
@settings(max_examples=20, deadline=None)
@given(direction=st.sampled_from(["to", "from"]), seed=st.integers(0, 10_000))
def test_one_link_more_in_a_graph_gives_the_same_times(profile, direction, seed):
    nodes, ways, river = grid(seed)
    network = build_network(road_table(ways, [barrier(river)]), CRS_METRIC)
    model = travel_model(network, cm.PROFILES[profile], limits=LIMITS)
    rng = np.random.default_rng(seed + 1)
    used = sorted({node[0] for one in ways for node in one["nodes"]})
    homes, stations = rng.choice(used, 6).tolist(), rng.choice(used, 2).tolist()
    places = [at(*(nodes[one] for one in some)) for some in (homes, stations)]
    links, seconds = linked(model, *places, direction=direction)
    walls = shapely.LineString(np.array(river) + CORNER)
    drawn = np.column_stack([links.here.x, links.here.y, links.there.x, links.there.y])
    assert shapely.crosses(shapely.linestrings(drawn.reshape(-1, 2, 2)), walls).all()
    ends = (links.here, links.there) if direction == "to" else (links.there, links.here)
    graph = two_floors(nodes, ways, model.profile, *ends)
    if direction == "to":
        least = brute_force(graph, homes, stations).min(axis=1)
    else:
        least = brute_force(graph, stations, homes).min(axis=0)
    np.testing.assert_allclose(seconds, least + model.profile.overhead_s, atol=0.1)

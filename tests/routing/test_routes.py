"""Routes: the time is that of the point-time function, and the line can be travelled in it."""

import math
import random
from itertools import pairwise

import numpy as np
import oracle
import pytest
import shapely
from duel import clear, engine_points
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import CORNER, CRS_METRIC, barrier, lonlat, points, road_table, way
from pyproj import CRS

from care_map.inputs.roads import read_roads
from care_map.network.build import build_network
from care_map.network.snap import Points
from care_map.routing.nearest import travel_model
from care_map.routing.routes import find_route
from care_map.values import PROFILES, Limits
from care_map.workflows.places import route as route_between

SMALL = Limits(min_component_m=0.0)
ON_THE_ROAD_M = 1e-6
START_AND_PARK_S = 180.0
RESIDENTIAL_S_PER_M = 3.6 / 20
ALL_PROFILES = ["standard", "elder", "rural_drive"]


def model_of(ways, profile="standard", walls=None, limits=SMALL):
    network = build_network(road_table(list(ways), walls), CRS_METRIC)
    return travel_model(network, PROFILES[profile], limits=limits)


def route(ways, start, goal, profile="standard", walls=None, limits=SMALL):
    """Return the route between two drawn places, its line in the drawing's metres."""
    model = model_of(ways, profile, walls, limits)
    a, b = (engine_points(points([place]), CRS_METRIC) for place in (start, goal))
    return checked(model, a, b), model


def drawn(found):
    """Return the coordinates of a line as they were drawn, to a tenth of a millimetre."""
    return (shapely.get_coordinates(found.geometry) - CORNER).round(4).tolist()


def checked(model, start, goal, streets=None):
    """Find a route and hold it to everything that any route must keep."""
    found = find_route(model, start, goal)
    nearest = model.nearest(start, goal)
    assert found.seconds == pytest.approx(nearest.seconds[0], abs=1e-6)
    if not math.isfinite(found.seconds):
        assert found.geometry is None
        assert math.isnan(found.length_m)
        return found
    line = shapely.get_coordinates(found.geometry)
    assert line[0] == pytest.approx([start.x[0], start.y[0]])
    assert line[-1] == pytest.approx([goal.x[0], goal.y[0]])
    assert found.length_m == pytest.approx(found.geometry.length, abs=1e-9)
    walked_s = found.length_m / model.profile.walk_speed_mps
    if len(line) > 2 or walked_s != pytest.approx(found.seconds, abs=1e-6):
        assert travelled_s(model, line, start, goal, streets) == pytest.approx(
            found.seconds, abs=1e-5
        )
    return found


def streets_of(model):
    """Return the straight pieces that the mode may use: edge, first vertex, coordinates, tree."""
    network = model.costs.network
    edge = np.repeat(np.arange(network.n_edges), np.diff(network.edge_offset))
    first = np.setdiff1d(np.flatnonzero(model.costs.usable[edge]), network.edge_offset[1:] - 1)
    a = np.column_stack([network.vertex_x, network.vertex_y])
    tree = shapely.STRtree(shapely.linestrings(np.stack([a[first], a[first + 1]], axis=1)))
    return edge, first, a, tree


def travelled_s(model, line, start, goal, streets=None):
    """Travel a line: legs are walked, every piece between lies on an edge and is allowed."""
    streets = streets or streets_of(model)
    legs_m = [float(model.snap(point).leg_m[0]) for point in (start, goal)]
    total_s = sum(legs_m) / model.profile.walk_speed_mps + model.profile.overhead_s
    if legs_m[0] > ON_THE_ROAD_M:
        assert math.dist(line[0], line[1]) == pytest.approx(legs_m[0])
        line = line[1:]
    if legs_m[1] > ON_THE_ROAD_M:
        assert math.dist(line[-1], line[-2]) == pytest.approx(legs_m[1])
        line = line[:-1]
    for p, q in pairwise(line):
        if math.dist(p, q) > 1e-7:
            total_s += min(_paces(model.costs, *streets, p, q)) * math.dist(p, q)
    return total_s


def _paces(costs, edge, first, a, tree, p, q):
    """Return the paces of all segments on which one may go from p to q."""
    piece = shapely.LineString([p, q])
    found = []
    for k in tree.query(piece, predicate="dwithin", distance=ON_THE_ROAD_M):
        v = first[k]
        segment = tree.geometries[k]
        if max(segment.distance(shapely.Point(end)) for end in (p, q)) > ON_THE_ROAD_M:
            continue
        ahead = np.dot(q - p, a[v + 1] - a[v]) > 0
        allowed = costs.forward_ok if ahead else costs.backward_ok
        seconds = costs.forward_s if ahead else costs.backward_s
        if allowed[edge[v]]:
            found.append((seconds[v + 1] - seconds[v]) / math.dist(a[v], a[v + 1]))
    assert found, "a piece of the line lies on no edge that may be used in its direction"
    return found


# -- by hand ----------------------------------------------------------------------------------

SQUARE = {1: (0, 0), 2: (600, 0), 3: (600, 600), 4: (0, 600), 5: (300, 900)}


def test_a_route_goes_by_the_corners():
    ways = [way(1, [1, 2], SQUARE), way(2, [2, 3], SQUARE)]
    found, _ = route(ways, (100, 30), (640, 500))
    assert drawn(found) == [[100, 30], [100, 0], [600, 0], [600, 500], [640, 500]]
    assert found.seconds == pytest.approx(30 + 500 + 500 + 40)
    assert found.length_m == pytest.approx(1070)
    assert found.minutes == pytest.approx(1070 / 60)
    assert found.snap_status == ("ok", "ok")


def test_the_far_side_of_an_edge_is_taken_where_it_is_faster():
    ways = [way(1, [1, 2, 3, 4], SQUARE), way(2, [4, 1], SQUARE)]
    found, _ = route(ways, (550, 0), (0, 300))
    assert found.seconds == pytest.approx(850)
    found, _ = route(ways, (600, 400), (0, 500))
    assert found.seconds == pytest.approx(200 + 600 + 100)


def test_on_a_self_loop_the_shorter_way_round():
    loop = way(1, [1, 2, 3, 4, 1], SQUARE)
    stem = way(2, [1, 6], {**SQUARE, 6: (-900, 0)})
    found, _ = route([loop, stem], (500, 0), (0, 500))
    assert drawn(found) == [[500, 0], [0, 0], [0, 500]]
    assert found.length_m == pytest.approx(1000)
    found, _ = route([loop, stem], (600, 500), (100, 600))
    assert found.length_m == pytest.approx(100 + 500)


def test_a_roundabout_is_driven_round():
    loop = way(1, [1, 2, 3, 4, 1], SQUARE, junction="roundabout")
    found, _ = route([loop], (500, 0), (100, 0), "rural_drive")
    assert found.length_m == pytest.approx(2400 - 400)
    assert found.seconds == pytest.approx(START_AND_PARK_S + 2000 * RESIDENTIAL_S_PER_M)


def test_the_faster_of_parallel_edges_is_drawn():
    ends = {7: (-500, 0), 8: (1100, 0)}
    ways = [
        way(1, [1, 4, 3, 2], SQUARE),
        way(2, [1, 2], SQUARE, "steps"),
        way(3, [7, 1], {**SQUARE, **ends}),
        way(4, [2, 8], {**SQUARE, **ends}),
    ]
    # 600 m of stairs take 1800 s, as long as 1800 m round: a metre less makes the stairs faster.
    found, _ = route(ways, (-400, 0), (1000, 0))
    assert found.seconds == pytest.approx(400 + 1800 + 400)
    shorter = {**SQUARE, 2: (599, 0), 8: (1100, 0), 7: (-500, 0)}
    ways = [way(k, [n[0] for n in w["nodes"]], shorter) for k, w in enumerate(ways)]
    ways[1]["tags"]["highway"] = "steps"
    found, _ = route(ways, (-400, 0), (1000, 0))
    assert found.length_m == pytest.approx(1400)
    assert found.seconds == pytest.approx(400 + 599 * 3 + 401)


def test_the_same_one_way_edge_ahead_and_behind():
    ways = [way(1, [1, 2], SQUARE, oneway="yes"), way(2, [2, 3, 4, 1], SQUARE)]
    ahead, _ = route(ways, (200, 5), (500, 5), "rural_drive")
    assert drawn(ahead) == [[200, 5], [200, 0], [500, 0], [500, 5]]
    behind, _ = route(ways, (500, 5), (200, 5), "rural_drive")
    assert behind.length_m == pytest.approx(5 + 100 + 1800 + 200 + 5)
    assert [0, 600] in drawn(behind)
    on_foot, _ = route(ways, (500, 5), (200, 5))
    assert on_foot.length_m == pytest.approx(310)


def test_a_reversed_one_way_is_driven_against_its_drawing():
    ways = [way(1, [1, 2], SQUARE, oneway="-1"), way(2, [2, 3, 4, 1], SQUARE)]
    found, _ = route(ways, (500, 5), (200, 5), "rural_drive")
    assert found.length_m == pytest.approx(310)
    found, _ = route(ways, (200, 5), (500, 5), "rural_drive")
    assert found.length_m == pytest.approx(5 + 200 + 1800 + 100 + 5)


@pytest.mark.parametrize("order", [1, -1])
def test_a_point_on_a_junction_leaves_and_arrives_by_any_street(order):
    places = {1: (0, 0), 2: (1000, -500), 3: (-1000, -500)}
    ways = [way(1, [1, 2], places, oneway="yes"), way(2, [1, 3], places)][::order]
    side = math.hypot(1000, 500)
    for start, goal in (((0, 40), places[3]), (places[3], (0, 40))):
        found, _ = route(ways, start, goal, "rural_drive")
        assert found.length_m == pytest.approx(40 + side)


def test_a_straight_walk_is_a_line_of_two_points():
    ways = [way(1, [1, 2], SQUARE)]
    found, _ = route(ways, (300, 150), (360, 150))
    assert drawn(found) == [[300, 150], [360, 150]]
    assert found.seconds == pytest.approx(60)
    by_car, _ = route(ways, (300, 150), (360, 150), "rural_drive")
    assert by_car.seconds == pytest.approx(60)
    river = barrier([(330, 50), (330, 900)])
    round_it, _ = route(ways, (300, 150), (360, 150), walls=[river])
    assert round_it.length_m == pytest.approx(150 + 60 + 150)
    beyond, _ = route(ways, (300, 800), (300, 950))
    assert beyond.seconds == pytest.approx(150)
    assert beyond.snap_status == ("beyond", "beyond")


def test_the_same_place_is_no_way_at_all():
    found, _ = route([way(1, [1, 2], SQUARE)], (300, 20), (300, 20))
    assert found.seconds == 0
    assert found.length_m == 0


@pytest.mark.parametrize("profile", ALL_PROFILES)
def test_no_way_has_no_line(profile):
    ways = [way(1, [1, 2], SQUARE), way(2, [4, 3], SQUARE)]
    apart, _ = route(ways, (300, 0), (300, 600), profile)
    assert apart.seconds == math.inf
    assert apart.geometry is None
    assert apart.snap_status == ("ok", "ok")
    beyond, _ = route(ways, (300, 0), (300, 1000), profile)
    assert beyond.seconds == math.inf
    assert beyond.snap_status == ("ok", "beyond")


def test_a_profile_that_goes_straight_has_a_straight_line():
    model = travel_model(None, PROFILES["straight_line"])
    a, b = (Points(np.array([x]), np.array([0.0]), np.zeros(1, bool)) for x in (0.0, 1000.0))
    found = find_route(model, a, b)
    assert found.seconds == pytest.approx(1300)
    assert found.length_m == pytest.approx(1000)
    assert find_route(model, b, a).seconds == pytest.approx(1300)


def test_between_degrees_the_line_is_in_degrees_and_the_length_in_metres():
    ways = [way(1, [1, 2], SQUARE), way(2, [2, 3], SQUARE)]
    network = build_network(road_table(ways), CRS_METRIC)
    start, goal = lonlat(100, 30), lonlat(640, 500)
    found = route_between(network, start, goal, limits=SMALL)
    assert found.length_m == pytest.approx(1070, abs=1e-3)
    line = shapely.get_coordinates(found.geometry)
    assert line[0] == pytest.approx(start, abs=1e-9)
    assert line[-1] == pytest.approx(goal, abs=1e-9)
    assert line[2] == pytest.approx(lonlat(600, 0), abs=1e-9)


# -- random -----------------------------------------------------------------------------------

KINDS = [{}, {}, {"oneway": "yes"}, {"oneway": "-1"}, {"maxspeed": "10"}, {"access": "private"}]


def _graph(seed, *, flat=False):
    """Scatter nodes and join them at random: parallel ways, loops, one-ways, stairs."""
    rng = random.Random(seed)  # noqa: S311
    nodes = range(rng.randint(2, 14))
    extent = rng.choice([300.0, 1500.0])
    places = {n: (rng.uniform(0, extent), rng.uniform(0, extent)) for n in nodes}
    ways = []
    for number in range(rng.randint(1, 16)):
        chain = [rng.choice(nodes) for _ in range(rng.randint(2, 4))]
        if rng.random() < 0.2:
            chain.append(chain[0])
        highway = "residential" if flat else rng.choice(["residential", "primary", "steps"])
        tags = {} if flat else rng.choice(KINDS)
        ways.append(way(number, chain, places, highway, **tags))
    spots = [(rng.uniform(-50, extent + 50), rng.uniform(-50, extent + 50)) for _ in range(3)]
    return ways, [*spots, rng.choice(places)]


@pytest.mark.parametrize("profile", ALL_PROFILES)
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_random_route_takes_the_oracles_time_and_can_be_travelled(profile, seed):
    ways, spots = _graph(seed)
    raw = oracle.OracleNetwork(ways)
    limits = {**oracle.LIMITS, "min_component_m": 0.0}
    traveller = oracle.Traveller(raw, CRS_METRIC, oracle.PROFILES[profile], limits)
    places = clear(traveller, points(spots))
    pairs = list(pairwise(places))
    if not pairs:
        return
    answer = traveller.matrix(places, places).matrix
    model = model_of(ways, profile)
    for i in range(len(pairs)):
        a, b = (engine_points([p], CRS_METRIC) for p in pairs[i])
        assert checked(model, a, b).seconds == pytest.approx(answer[i][i + 1], abs=1e-6)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_on_level_streets_metres_are_seconds(seed):
    ways, spots = _graph(seed, flat=True)
    model = model_of(ways)
    for a, b in pairwise(spots):
        found = find_route(model, *(engine_points(points([place]), CRS_METRIC) for place in (a, b)))
        if math.isfinite(found.seconds):
            assert found.length_m == pytest.approx(found.seconds, abs=1e-6)


# -- real -------------------------------------------------------------------------------------

CITIES = {"helsinki": ("helsinki.osm.pbf", 32635), "andorra": ("andorra.osm.pbf", 32631)}


@pytest.fixture(scope="module", params=sorted(CITIES))
def city(request, shared_data):
    file, epsg = CITIES[request.param]
    path = shared_data / request.param / file
    crs = CRS.from_epsg(epsg)
    raw = oracle.read_osm_ways(path)
    return raw, oracle.survey(raw, crs), build_network(read_roads(path)[0], crs), crs


@pytest.mark.real_data
@pytest.mark.parametrize("profile", ["standard", "rural_drive"])
def test_routes_between_random_places_of_a_real_network(city, profile):
    raw, surveyed, network, crs = city
    rng = random.Random(7)  # noqa: S311
    nodes = [n for w in raw.ways if "highway" in w["tags"] for n in w["nodes"] if n[1] is not None]
    spots = [
        (lon + rng.gauss(0, 5e-4), lat + rng.gauss(0, 5e-4), "urban")
        for _, lon, lat in rng.choices(nodes, k=12)
    ]
    traveller = oracle.Traveller(raw, crs, oracle.PROFILES[profile], surveyed=surveyed)
    places = clear(traveller, spots)
    starts, goals = places[:3], places[3:]
    answer = traveller.matrix(starts, goals).matrix
    model = travel_model(network, PROFILES[profile])
    streets = streets_of(model)
    reached = 0
    for i in range(len(starts)):
        # One goal each, in turn; there must be a way between most of them.
        for j in range(i, len(goals), len(starts)):
            found = checked(
                model, *(engine_points([p], crs) for p in (starts[i], goals[j])), streets
            )
            assert found.seconds == pytest.approx(answer[i][j], abs=1e-6)
            reached += found.geometry is not None
    assert reached >= 2

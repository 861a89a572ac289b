"""The oracle itself, against minutes worked out by hand: it must earn its name."""

import ast
import math
from pathlib import Path

import oracle
import pytest
from networks import CRS_METRIC, barrier, points, way
from oracle import (
    ELDER,
    LIMITS,
    RURAL_DRIVE,
    STANDARD,
    OracleNetwork,
    drive_directions,
    is_barrier,
    maxspeed_kph,
    may_drive,
    may_walk,
    oracle_nearest,
    oracle_seconds,
    runs,
)

SMALL = {**LIMITS, "min_component_m": 0.0}


def ask(ways, start, end, profile=STANDARD, limits=SMALL, barriers=(), setting="urban"):
    network = OracleNetwork(list(ways), [list(line) for line in barriers])
    question = (network, CRS_METRIC, points([start], setting), points([end], setting))
    answer = oracle_seconds(*question, profile, limits)
    assert oracle_nearest(*question, profile, limits).best == pytest.approx(answer.best)
    return answer


def street(highway="residential", length=1000.0, **tags):
    return way(1, [1, 2], {1: (0, 0), 2: (length, 0)}, highway, **tags)


def test_the_oracle_shares_nothing_with_what_it_checks():
    tree = ast.parse(Path(oracle.__file__).read_text(encoding="utf-8"))
    named = [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    named += [a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names]
    assert "networkx" in named
    assert not [name for name in named if name.split(".")[0] == "care_map"]


def test_both_legs_and_the_way_between_are_walked():
    # 30 m to the street, 600 m along it, 50 m from it.
    answer = ask([street()], (100, 30), (700, -50))
    assert answer.best[0] == pytest.approx(680.0, abs=1e-6)
    assert answer.statuses == ["ok"]


def test_an_elder_is_slower():
    answer = ask([street()], (100, 30), (700, -50), ELDER)
    assert answer.best[0] == pytest.approx(680.0 / 0.85, abs=1e-6)


def test_stairs_take_three_times_as_long():
    places = {1: (0, 0), 2: (400, 0), 3: (500, 0), 4: (900, 0)}
    ways = [
        way(1, [1, 2], places),
        way(2, [2, 3], places, "steps"),
        way(3, [3, 4], places),
    ]
    assert ask(ways, (0, 0), (900, 0)).best[0] == pytest.approx(400 + 300 + 400, abs=1e-6)
    # From the middle of the stairs: half of them.
    assert ask(ways, (450, 0), (900, 0)).best[0] == pytest.approx(150 + 400, abs=1e-6)


def test_escalators_have_their_own_speed():
    moving = street("steps", 450.0, conveying="yes")
    assert ask([moving], (0, 0), (450, 0), ELDER).best[0] == pytest.approx(1000.0, abs=1e-6)
    still = street("steps", 450.0, conveying="no")
    assert ask([still], (0, 0), (450, 0)).best[0] == pytest.approx(1350.0, abs=1e-6)


def test_a_car_walks_its_legs_starts_and_parks():
    # residential: 20 km/h; 180 s to start and park; legs of 10 m and 20 m at 1 m/s.
    answer = ask([street()], (0, 10), (1000, 20), RURAL_DRIVE)
    assert answer.best[0] == pytest.approx(10 + 180 + 3.6 * 1000 / 20 + 20, abs=1e-6)


def test_a_car_keeps_the_lower_of_class_speed_and_limit():
    slow = street("primary", maxspeed="30")
    assert ask([slow], (0, 0), (1000, 0), RURAL_DRIVE).best[0] == pytest.approx(300.0, abs=1e-6)
    fast = street("primary_link", maxspeed="120")
    assert ask([fast], (0, 0), (1000, 0), RURAL_DRIVE).best[0] == pytest.approx(260.0, abs=1e-6)


def test_a_car_keeps_one_way_streets_and_walkers_do_not():
    places = {1: (0, 0), 2: (1000, 0), 3: (500, 800)}
    ways = [
        way(1, [1, 2], places, oneway="yes"),
        way(2, [2, 3, 1], places),
    ]
    against = ask(ways, (700, 0), (300, 0), RURAL_DRIVE).best[0]
    side = math.hypot(500, 800)
    assert against == pytest.approx(180 + 3.6 / 20 * (300 + 2 * side + 300), abs=1e-6)
    assert ask(ways, (300, 0), (700, 0), RURAL_DRIVE).best[0] == pytest.approx(252.0, abs=1e-6)
    assert ask(ways, (700, 0), (300, 0)).best[0] == pytest.approx(400.0, abs=1e-6)


def test_the_faster_of_two_parallel_ways_counts():
    places = {1: (0, 0), 2: (300, 0)}
    ways = [way(1, [1, 2], places, "steps"), way(2, [2, 1], places)]
    answer = ask([*ways, way(3, [3, 1], {**places, 3: (-300, 0)})], (-300, 0), (300, 0))
    assert answer.best[0] == pytest.approx(600.0, abs=1e-6)


def test_the_direct_walk_needs_no_road_but_stops_at_the_limit():
    assert ask([], (0, 0), (150, 0)).best[0] == pytest.approx(150.0, abs=1e-6)
    assert ask([], (0, 0), (150, 0), RURAL_DRIVE).best[0] == pytest.approx(150.0, abs=1e-6)
    assert ask([], (0, 0), (250, 0)).best == [math.inf]
    assert ask([], (0, 0), (250, 0), setting="rural").best[0] == pytest.approx(250.0, abs=1e-6)
    assert ask([], (0, 0), (150, 0)).statuses == ["beyond"]


def test_neither_leg_nor_direct_walk_crosses_a_barrier():
    river = barrier([(-500, 50), (2000, 50)])
    assert ask([street()], (100, 100), (100, 0), barriers=[river]).statuses == ["beyond"]
    assert ask([street()], (100, 100), (100, 0), barriers=[river]).best == [math.inf]
    assert ask([street()], (100, 100), (100, 0)).best[0] == pytest.approx(100.0, abs=1e-6)


def test_a_barrier_between_sends_the_leg_to_the_next_road():
    places = {1: (0, 0), 2: (1000, 0), 3: (0, 150), 4: (1000, 150), 5: (1300, 75)}
    ways = [way(1, [1, 2], places), way(2, [3, 4], places), way(3, [2, 5, 4], places)]
    river = barrier([(-500, 30), (900, 30)])
    answer = ask(ways, (0, 50), (500, 0), barriers=[river])
    side = math.hypot(300, 75)
    assert answer.best[0] == pytest.approx(100 + 1000 + 2 * side + 500, abs=1e-6)


def test_a_leg_may_end_on_a_barrier():
    # The motorway is the barrier and the road that is driven to.
    road = barrier([(0, 0), (1000, 0)])
    answer = ask([street("motorway")], (100, 50), (700, 50), RURAL_DRIVE, barriers=[road])
    assert answer.best[0] == pytest.approx(50 + 180 + 3.6 * 600 / 80 + 50, abs=1e-6)


def test_islands_are_passed_over_or_named():
    places = {1: (0, 0), 2: (1000, 0), 3: (100, 60), 4: (200, 60)}
    ways = [way(1, [1, 2], places), way(2, [3, 4], places)]
    limits = {**LIMITS, "min_component_m": 500.0}
    passed = ask(ways, (150, 70), (900, 0), limits=limits)
    assert passed.statuses == ["past_island"]
    assert passed.best[0] == pytest.approx(70 + 750, abs=1e-6)
    alone = ask(ways[1:], (150, 70), (900, 0), limits=limits)
    assert alone.statuses == ["island"]
    assert alone.best == [math.inf]


def test_the_same_place_is_no_way_apart():
    answer = ask([street()], (500, 100), (500, -150))
    assert answer.best[0] == pytest.approx(250.0, abs=1e-6)


def test_one_search_finds_what_the_matrix_finds():
    places = {1: (0, 0), 2: (800, 0), 3: (800, 600)}
    network = OracleNetwork([way(1, [1, 2, 3], places)])
    origins = points([(0, 10), (400, 20), (790, 500), (3000, 0)])
    facilities = points([(300, 30), (810, 300)])
    full = oracle_seconds(network, CRS_METRIC, origins, facilities, STANDARD, SMALL)
    assert full.best == [min(row) for row in full.matrix]
    assert full.matrix[0] == pytest.approx([10 + 300 + 30, 10 + 800 + 300 + 10], abs=1e-6)
    nearest = oracle_nearest(network, CRS_METRIC, origins, facilities, STANDARD, SMALL)
    assert nearest.best == pytest.approx(full.best)


@pytest.mark.parametrize(
    ("tags", "walk", "drive"),
    [
        ({"highway": "residential"}, True, True),
        ({"highway": "trunk"}, True, True),
        ({"highway": "motorway", "foot": "yes"}, False, True),
        ({"highway": "trunk", "motorroad": "yes", "foot": "yes"}, False, True),
        ({"highway": "footway"}, True, False),
        ({"highway": "busway"}, False, False),
        ({"highway": "busway", "foot": "designated"}, True, False),
        ({"highway": "service", "access": "private"}, False, False),
        ({"highway": "service", "access": "private", "foot": "yes"}, True, False),
        ({"highway": "service", "access": "no", "motorcar": "yes"}, False, True),
        ({"highway": "track", "motor_vehicle": "agricultural"}, True, False),
        ({"highway": "track", "vehicle": "private", "motor_vehicle": "yes"}, True, True),
        ({"highway": "path", "foot": "private"}, False, False),
        ({"highway": "construction"}, False, False),
        ({"highway": "proposed", "foot": "yes"}, False, False),
    ],
)
def test_who_may_use_a_way(tags, walk, drive):
    assert may_walk(tags) is walk
    assert may_drive(tags) is drive


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"highway": "primary"}, (True, True)),
        ({"highway": "primary", "oneway": "yes"}, (True, False)),
        ({"highway": "primary", "oneway": "-1"}, (False, True)),
        ({"highway": "primary", "junction": "roundabout"}, (True, False)),
        ({"highway": "primary", "junction": "roundabout", "oneway": "no"}, (True, True)),
        ({"highway": "motorway_link"}, (True, False)),
        ({"highway": "motorway", "oneway": "reversible"}, (True, False)),
    ],
)
def test_directions(tags, expected):
    assert drive_directions(tags) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("50", 50.0),
        ("30 mph", 30 * 1.609344),
        ("40 km/h", 40.0),
        ("none", math.inf),
        ("walk", math.inf),
        ("RU:urban", math.inf),
        ("0", math.inf),
        ("-30", math.inf),
    ],
)
def test_limits_of_speed(text, expected):
    assert maxspeed_kph({"maxspeed": text}) == expected


def test_a_missing_node_cuts_the_way():
    nodes = [(1, 0.0, 0.0), (2, 0.1, 0.0), (3, None, None), (4, 0.3, 0.0), (5, 0.4, 0.0)]
    assert [[n[0] for n in run] for run in runs(nodes)] == [[1, 2], [4, 5]]


@pytest.mark.parametrize(
    ("tags", "closed", "expected"),
    [
        ({"waterway": "river"}, False, True),
        ({"waterway": "river", "tunnel": "culvert"}, False, False),
        ({"waterway": "stream"}, False, False),
        ({"railway": "rail", "bridge": "no"}, False, True),
        ({"railway": "rail", "bridge": "viaduct"}, False, False),
        ({"railway": "tram"}, False, False),
        ({"highway": "motorway"}, False, True),
        ({"natural": "water"}, True, True),
        ({"natural": "water"}, False, False),
        ({"landuse": "reservoir"}, True, True),
    ],
)
def test_barriers(tags, closed, expected):
    ids = [1, 2, 3, 1] if closed else [1, 2, 3, 4]
    assert is_barrier({"tags": tags, "nodes": [(i, 0.0, 0.0) for i in ids]}) is expected

"""The known traps of travel times, one test each, small enough to work out by hand."""

import math
import re

import numpy as np
import pytest
from duel import ask_engine
from networks import CRS_METRIC, barrier, points, road_table, way
from oracle import LIMITS

from care_map.inputs.roads import read_roads
from care_map.network.snap import STATUSES

SMALL = {**LIMITS, "min_component_m": 0.0}
NO_WALK = {"access_urban_m": 5.0, "access_rural_m": 5.0}
START_AND_PARK_S = 180.0
RESIDENTIAL_S_PER_M = 3.6 / 20


def ask(ways, origins, facilities, profile="standard", setting="urban", **options):
    limits = options.pop("limits", SMALL)
    return ask_engine(
        road_table(list(ways), options.pop("walls", None), options.pop("lifts", ())),
        CRS_METRIC,
        points(origins, setting),
        points(facilities, setting),
        profile,
        limits,
        **options,
    )


def seconds(*question, **options):
    """Return the time of one origin to its nearest facility."""
    return float(ask(*question, **options).seconds[0])


def status(*question, **options):
    return STATUSES[int(ask(*question, **options).snap_status[0])]


def near(expected):
    return pytest.approx(expected, abs=1e-6)


def street(length=1000.0, highway="residential", **tags):
    return way(1, [1, 2], {1: (0, 0), 2: (length, 0)}, highway, **tags)


# -- snapping ---------------------------------------------------------------------------------


def test_a_point_snaps_to_the_nearest_edge_not_to_the_nearest_node():
    # The middle of a long street is 10 m off; another street's node is 60 m off.
    places = {1: (0, 0), 2: (1000, 0), 3: (500, 70), 4: (500, 400)}
    ways = [way(1, [1, 2], places), way(2, [3, 4], places)]
    assert seconds(ways, [(500, 10)], [(900, -5)]) == near(10 + 400 + 5)


def test_both_access_legs_are_charged():
    assert seconds([street()], [(100, 120)], [(900, -80)]) == near(120 + 800 + 80)


def test_a_driver_walks_the_legs():
    expected = 120 + START_AND_PARK_S + 800 * RESIDENTIAL_S_PER_M + 80
    assert seconds([street()], [(100, 120)], [(900, -80)], "rural_drive") == near(expected)


def test_the_access_limit_is_that_of_the_points_setting():
    question = ([street()], [(100, 300)], [(900, 0)])
    assert status(*question) == "beyond"
    assert status(*question, setting="rural") == "ok"
    assert seconds(*question, setting="rural") == near(300 + 800)


def test_each_end_has_the_limit_of_its_own_setting():
    table = road_table([street()])
    rural_elder = points([(100, 300)], "rural")
    urban_site = points([(900, 300)], "urban")
    answer = ask_engine(table, CRS_METRIC, rural_elder, urban_site, "standard", SMALL)
    assert STATUSES[answer.snap_status[0]] == "ok"
    assert answer.seconds[0] == math.inf
    assert answer.facility[0] == -1


def test_far_from_any_road_is_beyond_and_has_no_time():
    answer = ask([street()], [(500, 201)], [(900, 0)])
    assert STATUSES[answer.snap_status[0]] == "beyond"
    assert answer.seconds[0] == math.inf
    assert answer.facility[0] == -1
    assert status([street()], [(500, 199)], [(900, 0)]) == "ok"


def test_a_nearer_island_is_passed_over_and_reported():
    places = {1: (0, 0), 2: (2500, 0), 3: (400, 60), 4: (500, 60)}
    ways = [way(1, [1, 2], places), way(2, [3, 4], places)]
    question = (ways, [(450, 70)], [(2000, 0)])
    assert status(*question, limits=LIMITS) == "past_island"
    assert seconds(*question, limits=LIMITS) == near(70 + 1550)


def test_an_island_is_reported_where_nothing_else_is_near_and_not_deleted():
    island = way(1, [1, 2], {1: (0, 0), 2: (900, 0)})
    assert status([island], [(100, 10)], [(800, 10)], limits=LIMITS) == "island"
    assert seconds([island], [(100, 10)], [(800, 10)], limits=LIMITS) == near(10 + 700 + 10)


def test_one_way_streets_join_a_component_both_ways():
    # 2 x 1100 m that cannot be driven from one to the other are still no islands.
    places = {1: (0, 0), 2: (1100, 0), 3: (2200, 0)}
    ways = [way(1, [1, 2], places, oneway="yes"), way(2, [3, 2], places, oneway="yes")]
    assert status(ways, [(100, 10)], [(900, 0)], profile="rural_drive", limits=LIMITS) == "ok"


# -- doors ------------------------------------------------------------------------------------


def test_a_facility_far_off_the_road_has_its_own_door_at_zero():
    # 150 m off: by the road and back it would be 300 s.
    assert seconds([street()], [(500, 150)], [(500, 150)]) == near(0.0)
    assert seconds([street()], [(500, 150)], [(500, 150)], "rural_drive") == near(0.0)


def test_two_points_within_the_limit_may_go_straight():
    assert seconds([street()], [(500, 150)], [(560, 150)]) == near(60.0)


def test_the_straight_walk_keeps_the_smaller_limit_of_the_two():
    table = road_table([])
    for distance, expected in ((199.0, 199.0), (201.0, math.inf)):
        answer = ask_engine(
            table,
            CRS_METRIC,
            points([(0, 0)], "rural"),
            points([(distance, 0)], "urban"),
            "standard",
            SMALL,
        )
        assert answer.seconds[0] == near(expected)


def test_the_straight_walk_needs_no_road():
    answer = ask([], [(0, 0)], [(0, 150)])
    assert answer.seconds[0] == near(150.0)
    assert answer.facility[0] == 0
    assert STATUSES[answer.snap_status[0]] == "beyond"


# -- water, railway, motorway -----------------------------------------------------------------


def test_a_leg_may_not_cross_water():
    river = barrier([(-500, 50), (2000, 50)])
    question = ([street()], [(500, 100)], [(900, 0)])
    assert status(*question) == "ok"
    assert status(*question, walls=[river]) == "beyond"
    assert seconds(*question, walls=[river]) == math.inf


def test_a_leg_goes_to_the_next_road_on_its_own_bank():
    places = {1: (0, 0), 2: (1000, 0), 3: (0, 150), 4: (1000, 150), 5: (1500, 75)}
    ways = [way(1, [1, 2], places), way(2, [3, 4], places), way(3, [2, 5, 4], places)]
    river = barrier([(-500, 30), (1200, 30)])
    round_the_end = 2 * math.hypot(500, 75)
    expected = 100 + 700 + round_the_end + 700
    assert seconds(ways, [(300, 50)], [(300, 0)], walls=[river]) == near(expected)


def test_the_straight_walk_may_not_cross_water():
    river = barrier([(-500, 50), (500, 50)])
    assert seconds([], [(0, 0)], [(0, 100)]) == near(100.0)
    assert seconds([], [(0, 0)], [(0, 100)], walls=[river]) == math.inf


@pytest.mark.parametrize("slope", [0.0, 0.1, 0.37, -0.73, 3.1])
@pytest.mark.parametrize("x", [100.0, 333.3, 512.34, 777.7])
def test_a_leg_may_end_on_the_motorway_that_it_leads_to(slope, x):
    # The motorway is a wall to others and the road that is driven on: to touch is not to cross.
    along = np.array([1.0, slope]) / math.hypot(1.0, slope)
    across = np.array([-along[1], along[0]])
    ends = {1: (0.0, 0.0), 2: tuple(1000 * along)}
    road = way(1, [1, 2], ends, "motorway")
    origin, facility = x * along + 30 * across, 900 * along - 20 * across
    wall = barrier(ends.values())
    answer = ask([road], [tuple(origin)], [tuple(facility)], "rural_drive", walls=[wall])
    assert STATUSES[answer.snap_status[0]] == "ok"
    expected = 30 + START_AND_PARK_S + (900 - x) * 3.6 / 80 + 20
    assert answer.seconds[0] == near(expected)


@pytest.mark.parametrize("x", [-60.0, -33.3, 0.1, 41.7])
def test_a_leg_may_end_at_a_level_crossing(x):
    # Road and railway share the vertex at which they cross; the corner is the nearest place.
    places = {1: (-300, -200), 2: (0.0, 0.0), 3: (300, -200)}
    railway = barrier([(0, -500), places[2], (0, 500)])
    origin = (x, abs(x) * 2 + 5)
    leg = math.dist(origin, places[2])
    road = way(1, [1, 2, 3], places)
    facility = (240, -160)
    expected = leg + math.dist(places[2], facility)
    assert seconds([road], [origin], [facility], walls=[railway]) == near(expected)


# -- edges ------------------------------------------------------------------------------------


def test_parallel_edges_count_once_and_the_fastest_counts():
    places = {1: (0, 0), 2: (1000, 0), 3: (-500, 0), 4: (1500, 0), 5: (500, 300)}
    ends = [way(8, [3, 1], places), way(9, [2, 4], places)]
    slow, fast = way(1, [1, 5, 2], places), way(2, [1, 2], places)
    for ways in ([slow, fast], [fast, slow], [fast, fast, slow]):
        assert seconds([*ends, *ways], [(-400, 0)], [(1400, 0)]) == near(1800.0)


def test_every_parallel_edge_stays_a_place_to_snap_to():
    places = {1: (0, 0), 2: (1000, 0), 5: (500, 300)}
    ways = [way(1, [1, 2], places), way(2, [1, 5, 2], places)]
    detour = math.hypot(500, 300)
    assert seconds(ways, [(500, 310)], [(1000, -5)]) == near(10 + detour + 5)


def test_a_self_loop_is_walked_the_shorter_way_round():
    # A square loop of 4 x 300 m that hangs on one node.
    places = {1: (0, 0), 2: (300, 0), 3: (300, 300), 4: (0, 300), 5: (-1000, 0)}
    ways = [way(1, [1, 2, 3, 4, 1], places), way(2, [5, 1], places)]
    assert seconds(ways, [(300, 100)], [(-500, 0)]) == near(400 + 500)
    assert seconds(ways, [(100, 300)], [(-500, 0)]) == near(400 + 500)
    # Both on the loop, with the node between them on the short side.
    assert seconds(ways, [(250, 0)], [(0, 250)]) == near(500.0)


def test_a_one_way_loop_is_driven_round():
    places = {1: (0, 0), 2: (300, 0), 3: (300, 300), 4: (0, 300), 5: (-1000, 0)}
    ways = [way(1, [1, 2, 3, 4, 1], places, junction="roundabout"), way(2, [5, 1], places)]
    out = seconds(ways, [(300, 100)], [(-500, 0)], "rural_drive")
    assert out == near(START_AND_PARK_S + (800 + 500) * RESIDENTIAL_S_PER_M)
    # To a place just behind: all the way round.
    back = seconds(ways, [(300, 290)], [(300, 20)], "rural_drive", limits={**SMALL, **NO_WALK})
    assert back == near(START_AND_PARK_S + (1200 - 270) * RESIDENTIAL_S_PER_M)


def test_a_loop_back_to_a_middle_vertex_of_its_own_way_meets_there():
    # A way that comes back to a vertex that it has passed: a lollipop.
    places = {1: (0, 0), 2: (500, 0), 3: (700, 200), 4: (900, 0)}
    lollipop = way(1, [1, 2, 3, 4, 2], places)
    expected = 400 + 500
    assert seconds([lollipop], [(900, 0)], [(0, 0)]) == near(expected)


def test_coincident_vertices_of_two_ways_are_not_joined():
    # A bridge has a vertex exactly where the street below has one: other node, no turn.
    places = {1: (-600, 0), 2: (0, 0), 3: (600, 0), 4: (0, -600), 5: (0, 0), 6: (0, 600)}
    below = way(1, [1, 2, 3], places)
    above = way(2, [4, 5, 6], places, bridge="yes", layer="1")
    assert seconds([below, above], [(-500, 0)], [(0, 500)]) == math.inf
    joined = way(2, [4, 2, 6], places, bridge="yes", layer="1")
    assert seconds([below, joined], [(-500, 0)], [(0, 500)]) == near(1000.0)


def test_bridge_and_tunnel_share_no_node_with_what_they_cross():
    places = {1: (-600, 0), 3: (600, 0), 4: (0, -600), 6: (0, 600)}
    for tag in ("bridge", "tunnel"):
        crossing = [way(1, [1, 3], places), way(2, [4, 6], places, **{tag: "yes"})]
        assert seconds(crossing, [(-500, 0)], [(0, 500)]) == math.inf


def test_a_way_of_no_length_joins_what_it_joins():
    places = {1: (-600, 0), 2: (0, 0), 3: (0, 0), 4: (0, 600)}
    ways = [way(1, [1, 2], places), way(2, [3, 4], places)]
    assert seconds(ways, [(-500, 0)], [(0, 500)]) == math.inf
    assert seconds([*ways, way(3, [2, 3], places)], [(-500, 0)], [(0, 500)]) == near(1000.0)


def test_a_closed_way_is_read_as_a_line():
    places = {1: (0, 0), 2: (600, 0), 3: (600, 600), 4: (0, 600)}
    square = way(1, [1, 2, 3, 4, 1], places, "pedestrian", area="yes")
    # Round the square, not over it: from the south side to the north side.
    assert seconds([square], [(200, 0)], [(200, 600)]) == near(200 + 600 + 200)


def test_stairs_inside_a_chain_take_their_time_where_they_are():
    # 400 m level, 100 m of stairs, 400 m level: times along it are not in proportion to length.
    places = {1: (0, 0), 2: (400, 0), 3: (500, 0), 4: (900, 0)}
    ways = [way(1, [1, 2], places), way(2, [2, 3], places, "steps"), way(3, [3, 4], places)]
    assert seconds(ways, [(0, 0)], [(900, 0)]) == near(1100.0)
    assert seconds(ways, [(450, 0)], [(900, 0)]) == near(150 + 400)
    assert seconds(ways, [(100, 0)], [(350, 0)], limits={**SMALL, **NO_WALK}) == near(250.0)


def test_the_middle_of_a_long_edge_is_reached_though_its_ends_are_not():
    # 8 km without a junction, the facility on it: the ends are more than an hour away.
    long = way(1, [1, 2], {1: (0, 0), 2: (8000, 0)})
    answer = ask([long], [(4000, 20), (4500, 0), (0, 0)], [(4800, 10)])
    assert answer.seconds == pytest.approx([20 + 800 + 10, 300 + 10, 4810], abs=1e-6)


def test_on_the_same_edge_one_goes_directly_where_the_direction_is_allowed():
    places = {1: (0, 0), 2: (1000, 0), 3: (500, 500)}
    ways = [way(1, [1, 2], places, oneway="yes"), way(2, [2, 3, 1], places)]
    ahead = seconds(ways, [(300, 0)], [(700, 0)], "rural_drive")
    assert ahead == near(START_AND_PARK_S + 400 * RESIDENTIAL_S_PER_M)
    behind = seconds(ways, [(700, 0)], [(300, 0)], "rural_drive")
    round_trip = 300 + 2 * math.hypot(500, 500) + 300
    assert behind == near(START_AND_PARK_S + round_trip * RESIDENTIAL_S_PER_M)
    assert seconds(ways, [(700, 0)], [(300, 0)]) == near(400.0)


@pytest.mark.parametrize("reverse", [False, True])
def test_a_point_at_a_junction_stands_on_all_its_streets(reverse):
    # The nearest place is the junction itself: it is left, and reached, by any of its streets,
    # whichever of them is listed first and whichever way they run.
    places = {1: (0, 0), 2: (1000, -500), 3: (-1000, -500)}
    for tag in ("yes", "-1"):
        ways = [way(1, [1, 2], places, oneway=tag), way(2, [1, 3], places)]
        ways = ways[::-1] if reverse else ways
        side = math.hypot(1000, 500)
        expected = 40 + START_AND_PARK_S + side * RESIDENTIAL_S_PER_M
        assert seconds(ways, [(0, 40)], [(-1000, -500)], "rural_drive") == near(expected)
        assert seconds(ways, [(-1000, -500)], [(0, 40)], "rural_drive") == near(expected)


# -- lifts ------------------------------------------------------------------------------------

LIFT = {1: (0, 0), 2: (500, 0), 3: (500, 400), 4: (900, 0)}
UP, DOWN = way(1, [1, 2], LIFT), way(2, [2, 3], LIFT, "footway")


def in_both_directions(ways, one, other, profile="standard", **options):
    """Return the time of a way that takes as long in both directions."""
    there = seconds(ways, [one], [other], profile, **options)
    assert seconds(ways, [other], [one], profile, **options) == near(there)
    assert seconds(ways, [one], [other], profile, direction="from", **options) == near(there)
    return there


@pytest.mark.parametrize(
    ("profile", "speed_mps"), [("standard", 1.0), ("elder", 0.85), ("wheelchair", 0.8)]
)
def test_a_lift_that_is_a_node_takes_its_time_once(profile, speed_mps):
    level = 900 / speed_mps
    assert in_both_directions([UP, DOWN], (0, 0), (500, 400), profile) == near(level)
    for order in ([UP, DOWN], [DOWN, UP]):
        ride = in_both_directions(order, (0, 0), (500, 400), profile, lifts=[2])
        assert ride == near(level + 90)


def test_a_lift_is_ridden_through_one_way_as_from_one_to_another():
    through = way(1, [1, 2, 4], LIFT)
    assert in_both_directions([through], (0, 0), (900, 0), lifts=[2]) == near(900 + 90)
    # Not reached, not ridden.
    assert in_both_directions([through], (0, 0), (450, 0), lifts=[2]) == near(450)


def test_a_lift_between_three_ways_is_ridden_once_whichever_way():
    ways = [UP, DOWN, way(3, [2, 4], LIFT)]
    assert in_both_directions(ways, (0, 0), (500, 400), lifts=[2]) == near(900 + 90)
    assert in_both_directions(ways, (0, 0), (900, 0), lifts=[2]) == near(900 + 90)
    assert in_both_directions(ways, (500, 400), (900, 0), lifts=[2]) == near(800 + 90)


def test_stairs_beside_a_lift_are_walked_where_they_are_faster():
    steps = way(3, [5, 6], {5: (480, 0), 6: (500, 20)}, "steps")
    places = {**LIFT, 5: (480, 0), 6: (500, 20)}
    ways = [way(1, [1, 5, 2], places), way(2, [2, 6, 3], places, "footway"), steps]
    stairs = 480 + 3 * math.hypot(20, 20) + 380
    assert in_both_directions(ways, (0, 0), (500, 400), lifts=[2]) == near(stairs)
    # Without stairs the lift is the only way.
    ride = in_both_directions(ways, (0, 0), (500, 400), "wheelchair", lifts=[2])
    assert ride == near(900 / 0.8 + 90)


def test_who_stands_at_a_lift_is_in_it_and_pays_half_whichever_way():
    # The corner is the nearest place of the network, of both ways alike.
    for order in ([UP, DOWN], [DOWN, UP]):
        for lot in [(520, -30), (500, 0)]:
            leg = math.dist(lot, (500, 0))
            for goal, along in [((0, 0), 500), ((500, 400), 400)]:
                time = in_both_directions(order, lot, goal, lifts=[2])
                assert time == near(leg + 45 + along)


def test_a_lift_at_the_end_of_a_path_leads_nowhere_and_costs_nothing():
    assert in_both_directions([UP], (0, 0), (510, 0), lifts=[2]) == near(510)


def test_a_lift_between_closed_ways_is_no_place_to_stand():
    ways = [way(1, [1, 2], LIFT, "steps"), way(2, [2, 3], LIFT, "steps")]
    assert status(ways, [(510, 0)], [(0, 0)], "wheelchair", lifts=[2]) == "beyond"


def test_wheels_pass_a_lift_by():
    ways = [UP, way(2, [2, 3], LIFT)]
    for profile in ("rural_drive", "cycle"):
        plain = in_both_directions(ways, (0, 0), (500, 400), profile)
        assert in_both_directions(ways, (0, 0), (500, 400), profile, lifts=[2]) == near(plain)


def test_a_lift_that_is_a_way_takes_its_time_though_it_has_no_length():
    places = {**LIFT, 5: (500, 0)}
    ride, back = way(3, [2, 5], places, "elevator"), way(4, [2, 5, 2], places, "elevator")
    ways = [UP, way(2, [5, 3], places, "footway")]
    assert in_both_directions([*ways, ride], (0, 0), (500, 400)) == near(900 + 90)
    # Two pieces of one way share its time.
    assert in_both_directions([*ways, back], (0, 0), (500, 400)) == near(900 + 45)


def test_a_node_at_the_end_of_a_lift_that_is_a_way_is_the_same_lift():
    ways = [UP, way(3, [2, 4], LIFT, "elevator")]
    assert in_both_directions(ways, (0, 0), (900, 0), lifts=[2, 4]) == near(500 + 90)


def test_lifts_are_read_from_an_extract(tmp_path):
    ways = [UP, DOWN]
    text = _osm_xml(ways)
    text = re.sub('(<node id="2"[^>]*)/>', r'\1><tag k="highway" v="elevator"/></node>', text)
    path = tmp_path / "lift.osm"
    path.write_text(text, encoding="utf-8")
    table, _ = read_roads(path)
    assert table.lifts.tolist() == [2]
    answer = ask_engine(
        table, CRS_METRIC, points([(0, 0)]), points([(500, 400)]), "standard", SMALL
    )
    assert answer.seconds[0] == pytest.approx(900 + 90, abs=0.05)


# -- directions and classes -------------------------------------------------------------------


def test_one_way_is_ignored_on_foot():
    for tag in ("yes", "-1"):
        one_way = street(oneway=tag)
        assert seconds([one_way], [(100, 0)], [(900, 0)]) == near(800.0)
        assert seconds([one_way], [(900, 0)], [(100, 0)]) == near(800.0)


@pytest.mark.parametrize(("tag", "there", "back"), [("yes", True, False), ("-1", False, True)])
def test_one_way_is_kept_by_cars(tag, there, back):
    drive = START_AND_PARK_S + 800 * RESIDENTIAL_S_PER_M
    one_way = street(oneway=tag)
    forth = seconds([one_way], [(100, 0)], [(900, 0)], "rural_drive")
    home = seconds([one_way], [(900, 0)], [(100, 0)], "rural_drive")
    assert forth == (near(drive) if there else math.inf)
    assert home == (near(drive) if back else math.inf)


def test_a_time_is_that_towards_the_facility():
    places = {1: (0, 0), 2: (1000, 0), 3: (500, 2000)}
    ways = [way(1, [1, 2], places, oneway="yes"), way(2, [2, 3, 1], places, oneway="yes")]
    towards = seconds(ways, [(0, 0)], [(1000, 0)], "rural_drive")
    away = seconds(ways, [(1000, 0)], [(0, 0)], "rural_drive")
    assert towards == near(START_AND_PARK_S + 1000 * RESIDENTIAL_S_PER_M)
    long_way = 2 * math.hypot(500, 2000)
    assert away == near(START_AND_PARK_S + long_way * RESIDENTIAL_S_PER_M)


@pytest.mark.parametrize(
    ("highway", "tags", "walks"),
    [
        ("trunk", {}, True),
        ("motorway", {}, False),
        ("motorway", {"foot": "yes"}, False),
        ("motorway_link", {}, False),
        ("trunk", {"motorroad": "yes"}, False),
        ("residential", {"foot": "no"}, False),
        ("service", {"access": "private"}, False),
        ("service", {"access": "private", "foot": "designated"}, True),
        ("busway", {}, False),
        ("busway", {"foot": "yes"}, True),
        ("busway", {"foot": "destination"}, False),
    ],
)
def test_who_walks_where(highway, tags, walks):
    time = seconds([street(highway=highway, **tags)], [(100, 0)], [(900, 0)])
    assert time == (near(800.0) if walks else math.inf)


def test_a_ferry_is_off(tmp_path):
    # A ferry is the only way over: read from a file, because the reader decides.
    west, east = way(1, [1, 2], PIERS), way(3, [3, 4], PIERS)
    ferry = way(2, [2, 3], PIERS)
    ferry["tags"] = {"route": "ferry", "foot": "yes", "motor_vehicle": "yes"}
    path = tmp_path / "ferry.osm"
    path.write_text(_osm_xml([west, ferry, east]), encoding="utf-8")
    table, _ = read_roads(path)
    for profile in ("standard", "rural_drive"):
        answer = ask_engine(
            table, CRS_METRIC, points([(0, 0)]), points([(3000, 0)]), profile, SMALL
        )
        assert answer.seconds[0] == math.inf


PIERS = {1: (0.0, 0.0), 2: (1000.0, 0.0), 3: (2000.0, 0.0), 4: (3000.0, 0.0)}


def _osm_xml(ways):
    nodes = {node[0]: node for drawn in ways for node in drawn["nodes"]}
    lines = ['<osm version="0.6">']
    lines += [f'<node id="{n}" version="1" lon="{x}" lat="{y}"/>' for n, x, y in nodes.values()]
    for drawn in ways:
        lines.append(f'<way id="{drawn["id"]}" version="1">')
        lines += [f'<nd ref="{node[0]}"/>' for node in drawn["nodes"]]
        lines += [f'<tag k="{key}" v="{value}"/>' for key, value in drawn["tags"].items()]
        lines.append("</way>")
    return "\n".join([*lines, "</osm>"])


def test_a_missing_node_cuts_the_way(tmp_path):
    cut = way(1, [1, 2, 3, 4], PIERS)
    text = _osm_xml([cut])
    text = "\n".join(line for line in text.splitlines() if not line.startswith('<node id="2"'))
    path = tmp_path / "cut.osm"
    path.write_text(text, encoding="utf-8")
    table, _ = read_roads(path)
    answer = ask_engine(
        table,
        CRS_METRIC,
        points([(0, 0), (500, 0), (2100, 0)]),
        points([(3000, 0)]),
        "standard",
        SMALL,
    )
    # OSM files round degrees to 1e-7, a centimetre.
    assert answer.seconds == pytest.approx([math.inf, math.inf, 900.0], abs=0.02)
    assert [STATUSES[code] for code in answer.snap_status] == ["beyond", "beyond", "ok"]


# -- limits --------------------------------------------------------------------


@pytest.mark.parametrize(("profile", "speed_mps"), [("standard", 1.0), ("elder", 0.85)])
def test_a_circle_includes_its_limit(profile, speed_mps):
    # Exactly 15 minutes: inside, whatever floating point makes of the sum.
    for start in np.linspace(1.0, 700.0, 23):
        end = start + 900.0 * speed_mps - 20.0 * speed_mps
        long = way(1, [1, 2], {1: (0, 0), 2: (3000, 0)})
        time = seconds([long], [(start, 10 * speed_mps)], [(end, -10 * speed_mps)], profile)
        assert time <= 15 * 60 + 1e-6
        farther = seconds(
            [long], [(start, 10 * speed_mps)], [(end + 0.01, -10 * speed_mps)], profile
        )
        assert farther > 15 * 60 + 1e-6

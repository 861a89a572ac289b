"""Hills, worked out by hand: what a slope costs, whom it stops, and what is level after all."""

import math
from functools import cache

import numpy as np
import oracle
import pytest
from duel import ask_engine, grid_over
from hilly import heights_over
from networks import CRS_METRIC, points, road_table, way

from care_map.network.build import build_network
from care_map.network.costs import slope_factor

SMALL = {**oracle.LIMITS, "min_component_m": 0.0}


def near(expected, rel=1e-3):
    """Allow a thousandth: heights are rounded to the grid's cells."""
    return pytest.approx(expected, rel=rel)


def land(height, extent=(-200.0, 1200.0)):
    low, high = extent
    return heights_over(height, extent, (low / 4, high / 4))[0]


@cache
def slope(grade):
    """Rise to the east."""
    return land(lambda x, _: 500.0 + grade * x)


@cache
def ridge(at=500.0, wide=200.0, high=30.0):
    """Rise to a ridge and fall again, level on both sides."""
    return land(lambda x, _: high * np.maximum(1.0 - np.abs(x - at) / wide, 0.0))


def seconds(ways, start, end, elevation=None, profile="standard", direction="to"):
    answer = ask_engine(
        road_table(ways),
        CRS_METRIC,
        points([start]),
        points([end]),
        profile,
        SMALL,
        elevation=elevation,
        direction=direction,
    )
    return float(answer.seconds[0])


def street(length=1000.0, highway="residential", **tags):
    return way(1, [1, 2], {1: (0, 0), 2: (length, 0)}, highway, **tags)


# -- the factor -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grade", "factor"),
    [
        (-0.25, 2.32),
        (-0.20, 1.99),
        (-0.10, 1.33),
        (-0.075, 1.165),
        (-0.05, 1.0),
        (-0.02, 1.0),
        (0.0, 1.0),
        (0.025, 1.165),
        (0.05, 1.33),
        (0.10, 1.83),
        (0.15, 2.50),
        (0.20, 3.17),
        (0.25, 3.84),
    ],
)
def test_what_a_grade_costs(grade, factor):
    assert slope_factor(np.array([grade]), "din")[0] == pytest.approx(factor)
    assert oracle.din(grade) == pytest.approx(factor)
    assert slope_factor(np.array([grade]), "none")[0] == 1.0


def test_tobler_is_1_on_the_level_and_least_on_a_gentle_fall():
    factors = slope_factor(np.array([0.0, -0.05, 0.1]), "tobler")
    level = math.exp(-3.5 * 0.05)
    assert factors == pytest.approx([1.0, level, level / math.exp(-3.5 * 0.15)])


@pytest.mark.parametrize(
    ("grade", "up", "down"), [(0.05, 1.33, 1.0), (0.10, 1.83, 1.33), (0.15, 2.5, 1.66)]
)
def test_a_street_uphill_and_downhill(grade, up, down):
    ground = slope(grade)
    assert seconds([street()], (100, 0), (900, 0), ground) == near(800 * up)
    assert seconds([street()], (900, 0), (100, 0), ground) == near(800 * down)


def test_from_the_facility_is_the_way_back():
    ground = slope(0.10)
    assert seconds([street()], (100, 0), (900, 0), ground, direction="from") == near(800 * 1.33)
    assert seconds([street()], (900, 0), (100, 0), ground, direction="from") == near(800 * 1.83)


@pytest.mark.parametrize(("profile", "speed"), [("elder", 0.85), ("aged_80", 0.7), ("frail", 0.6)])
def test_all_who_walk_feel_the_slope(profile, speed):
    assert seconds([street()], (100, 0), (900, 0), slope(0.10), profile) == near(800 * 1.83 / speed)


@pytest.mark.parametrize("profile", ["rural_drive", "urban_drive", "cycle"])
def test_wheels_do_not(profile):
    level = seconds([street()], (100, 0), (900, 0), None, profile)
    assert seconds([street()], (100, 0), (900, 0), slope(0.10), profile) == near(level, 1e-9)


def test_access_legs_are_level():
    assert seconds([street()], (100, 100), (900, 0), slope(0.10)) == near(100 + 800 * 1.83)


def test_a_drawing_against_the_slope_changes_nothing():
    backwards = way(1, [2, 1], {1: (0, 0), 2: (1000, 0)})
    assert seconds([backwards], (100, 0), (900, 0), slope(0.10)) == near(800 * 1.83)


# -- ridges, bridges, tunnels -----------------------------------------------------------------


def test_a_street_over_a_ridge_costs_more_though_its_ends_are_level():
    time = seconds([street()], (50, 0), (950, 0), ridge())
    # 200 m up and 200 m down at 15 %; windows of 60 m blunt the three corners a little.
    assert 900 + 100 < time < 900 + 200 * 1.5 + 200 * 0.66
    assert seconds([street()], (50, 0), (950, 0)) == near(900, 1e-9)


@pytest.mark.parametrize("tags", [{"bridge": "yes"}, {"bridge": "viaduct"}, {"tunnel": "yes"}])
def test_a_bridge_over_a_gorge_and_a_tunnel_are_level(tags):
    for high in (-30.0, 30.0):
        ground = ridge(high=high)
        assert seconds([street(**tags)], (50, 0), (950, 0), ground) == near(900, 1e-6)
        assert seconds([street()], (50, 0), (950, 0), ground) > 1000


def test_no_bridge_and_no_tunnel_follow_the_ground():
    tags = {"bridge": "no", "tunnel": "no"}
    assert seconds([street(**tags)], (50, 0), (950, 0), ridge()) > 1000


def test_a_bridge_rises_evenly_from_portal_to_portal():
    # Portals at 0 and 50 m, a gorge between them.
    ground = land(lambda x, _: 0.05 * x - 40.0 * np.maximum(1.0 - np.abs(x - 500) / 300, 0.0))
    assert seconds([street(bridge="yes")], (100, 0), (900, 0), ground) == near(800 * 1.33)
    assert seconds([street(bridge="yes")], (900, 0), (100, 0), ground) == near(800)


def test_a_chain_of_two_bridge_ways_goes_from_portal_to_portal():
    places = {1: (0, 0), 2: (400, 0), 3: (1000, 0)}
    ground = ridge(at=400.0, high=-30.0)
    chain = [way(1, [1, 2], places, bridge="yes"), way(2, [2, 3], places, bridge="yes")]
    assert seconds(chain, (10, 0), (990, 0), ground) == near(980, 1e-6)
    # Where a path comes up to the joint, the joint is on the ground: it is no chain.
    joined = [*chain, way(3, [2, 4], {**places, 4: (400, 100)}, "path")]
    assert seconds(joined, (10, 0), (990, 0), ground) > 1000


def test_where_three_bridges_meet_the_height_is_the_weighted_mean():
    # Ends at 0, 0 and 30 m, 300 m off each: the middle is at 10 m and not in the gorge.
    places = {0: (300, 0), 1: (0, 0), 2: (300, 300), 3: (600, 0)}
    ground = land(
        lambda x, y: np.where((np.abs(x - 300) < 100) & (y < 100), -50, np.where(x > 500, 30, 0))
    )
    ways = [way(i, [0, i], places, bridge="yes") for i in (1, 2, 3)]
    expected = 300 * np.interp(10 / 300, [0, 0.05], [1, 1.33])
    expected += 300 * np.interp(20 / 300, [0.05, 0.10], [1.33, 1.83])
    assert seconds(ways, (0, 0), (600, 0), ground) == near(expected)


# -- stairs and lifts -------------------------------------------------------------------------


def test_stairs_and_lifts_take_their_own_time_whatever_the_slope():
    for ground in (None, slope(0.20)):
        assert seconds([street(600.0, "steps")], (0, 0), (600, 0), ground) == near(1800, 1e-9)
        moving = street(600.0, "steps", conveying="forward")
        assert seconds([moving], (0, 0), (600, 0), ground) == near(600 / 0.45, 1e-9)
        assert seconds([street(600.0, "elevator")], (0, 0), (600, 0), ground) == near(90, 1e-9)
        assert seconds([street(600.0, "elevator")], (0, 0), (300, 0), ground) == near(45, 1e-9)


def test_a_lift_takes_as_long_for_everyone_on_foot():
    lift = street(600.0, "elevator")
    for profile in ("standard", "frail", "wheelchair"):
        assert seconds([lift], (0, 0), (600, 0), None, profile) == near(90, 1e-9)
    assert seconds([lift], (0, 0), (600, 0), None, "cycle") == math.inf


# -- wheelchairs ------------------------------------------------------------------------------


def test_a_wheelchair_takes_a_gentle_slope():
    time = seconds([street()], (100, 0), (900, 0), slope(0.05), "wheelchair")
    assert time == near(800 * 1.33 / 0.8)


def test_a_wheelchair_reaches_what_lies_before_a_steep_piece_and_nothing_behind_it():
    # Level to 500 m, 10 % to 800 m, level again.
    ground = land(lambda x, _: 0.10 * np.clip(x - 500.0, 0.0, 300.0))
    chair = {"profile": "wheelchair", "elevation": ground}
    assert seconds([street(1400.0)], (10, 0), (400, 0), **chair) == near(390 / 0.8)
    assert seconds([street(1400.0)], (10, 0), (1000, 0), **chair) == math.inf
    assert seconds([street(1400.0)], (1000, 0), (10, 0), **chair) == math.inf
    assert seconds([street(1400.0)], (10, 0), (1000, 0), ground) < math.inf


def test_a_wheelchair_on_a_steep_street_starts_where_it_becomes_gentle():
    ground = land(lambda x, _: 0.20 * np.clip(x - 500.0, 0.0, 500.0))
    answer = ask_engine(
        road_table([street()]),
        CRS_METRIC,
        points([(600, 0)]),
        points([(200, 0)]),
        "wheelchair",
        SMALL,
        elevation=ground,
    )
    # The piece round 485 m has 5 % in its window, the one round 515 m has 15 %: the usable street
    # ends at 500 m, and the leg of 100 m to it is walked straight. The foot of the slope is blunt.
    assert answer.seconds[0] == near((100 + 300) / 0.8, 5e-3)


def test_stairs_are_no_way_for_a_wheelchair_moving_or_not():
    for tags in ({}, {"conveying": "yes"}):
        stairs = street(600.0, "steps", **tags)
        assert seconds([stairs], (0, 0), (600, 0), None, "wheelchair") == math.inf


# -- what is not known ------------------------------------------------------------------------


def test_steeper_than_can_be_is_clamped_and_counted():
    ground = slope(0.60)
    network = build_network(road_table([street()]), CRS_METRIC, elevation=ground)
    assert network.hills.clamped_m == pytest.approx(1000.0)
    assert network.hills.unknown_m == 0.0
    assert seconds([street()], (100, 0), (900, 0), ground) == near(800 * 3.84)


def test_a_hole_is_level_and_counted():
    ground = land(lambda x, _: np.where(x < 500.0, 0.10 * x, np.nan))
    network = build_network(road_table([street()]), CRS_METRIC, elevation=ground)
    # The hole and the windows that reach into it.
    assert 500 < network.hills.unknown_m < 500 + 60
    known = 1000 - network.hills.unknown_m
    expected = known * 1.83 + network.hills.unknown_m
    assert seconds([street()], (0, 0), (1000, 0), ground) == near(expected)


def test_a_hole_beside_a_station_leaves_the_stations_own_height():
    # 50 m of way have one grade, from end to end, whatever is known between them.
    ground = land(lambda x, _: np.where(np.abs(x - 25.0) < 8.0, np.nan, 0.10 * x))
    short = way(1, [1, 2], {1: (0, 0), 2: (50, 0)})
    network = build_network(road_table([short]), CRS_METRIC, elevation=ground)
    assert network.hills.unknown_m == 0.0
    assert network.vertex_grade.max() == near(0.10)


def test_heights_of_elsewhere_change_nothing_and_say_so():
    elsewhere = grid_over(np.full((5, 5), 700.0), 10.0, 50.0, 0.01)[0]
    network = build_network(road_table([street()]), CRS_METRIC, elevation=elsewhere)
    assert network.hills.unknown_m == pytest.approx(1000.0)
    assert seconds([street()], (100, 20), (900, 0), elsewhere) == near(820, 1e-9)


def test_stations_alone_change_no_time():
    level = land(lambda x, _: np.full(x.shape, 250.0))
    places = {1: (0, 0), 2: (333, 77), 3: (1000, 0)}
    whole = [way(1, [1, 2, 3], places)]
    halves = [way(1, [1, 2], places), way(2, [2, 3], places)]
    expected = seconds(whole, (100, 30), (900, -40))
    for ways in (whole, halves):
        for ground in (None, level):
            assert seconds(ways, (100, 30), (900, -40), ground) == near(expected, 1e-9)

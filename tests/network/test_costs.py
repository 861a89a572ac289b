"""Costs: who may go where, in which direction, and how fast; by hand, tag by tag."""

import math
from dataclasses import replace

import numpy as np
import pytest
from networks import CRS_METRIC, road_table, way

from care_map.network.build import build_network
from care_map.network.costs import component_lengths_m, cost_edges
from care_map.values import PROFILES

LINE = {1: (0, 0), 2: (1000, 0)}
CLOSED, FORWARD, BACKWARD, BOTH = (False, False), (True, False), (False, True), (True, True)


def costs_of(ways, profile="standard", min_component_m=0.0):
    network = build_network(road_table(list(ways)), CRS_METRIC)
    return cost_edges(network, PROFILES[profile], min_component_m=min_component_m)


def directions(profile, highway, **tags):
    costs = costs_of([way(1, [1, 2], LINE, highway, **tags)], profile)
    return bool(costs.forward_ok[0]), bool(costs.backward_ok[0])


def seconds(profile, highway, **tags):
    costs = costs_of([way(1, [1, 2], LINE, highway, **tags)], profile)
    assert costs.total_forward_s == pytest.approx(costs.total_backward_s)
    return float(costs.total_forward_s[0])


FOOT = {
    "trunk trunk_link primary primary_link secondary secondary_link tertiary tertiary_link "
    "unclassified residential living_street service pedestrian track footway path steps cycleway "
    "bridleway road corridor elevator": True,
    "motorway motorway_link busway": False,
}
CAR = {
    "trunk trunk_link primary primary_link secondary secondary_link tertiary tertiary_link "
    "unclassified residential living_street service road track": BOTH,
    "motorway motorway_link": FORWARD,
    "pedestrian footway path steps cycleway bridleway corridor elevator busway": CLOSED,
}


@pytest.mark.parametrize(
    ("highway", "walks"), [(h, walks) for names, walks in FOOT.items() for h in names.split()]
)
def test_classes_on_foot(highway, walks):
    assert directions("standard", highway) == (walks, walks)


@pytest.mark.parametrize(
    ("highway", "drives"), [(h, drives) for names, drives in CAR.items() for h in names.split()]
)
def test_classes_by_car(highway, drives):
    assert directions("rural_drive", highway) == drives


@pytest.mark.parametrize(
    ("tags", "walks"),
    [
        ({"foot": "no"}, False),
        ({"foot": "private"}, False),
        ({"foot": "no", "access": "yes"}, False),
        ({"access": "no"}, False),
        ({"access": "private"}, False),
        ({"access": "destination"}, True),
        ({"access": "customers"}, True),
        ({"access": "whatever"}, True),
        ({"access": "private", "foot": "whatever"}, False),
        ({"foot": "whatever"}, True),
        ({"foot": "use_sidepath"}, True),
        *(({"access": "private", "foot": v}, True) for v in ("yes", "designated", "permissive")),
        *(({"access": "no", "foot": v}, True) for v in ("official", "destination", "customers")),
        ({"motor_vehicle": "no", "vehicle": "no"}, True),
        ({"motorroad": "yes"}, False),
        ({"motorroad": "yes", "foot": "yes"}, False),
        ({"motorroad": "no"}, True),
        ({"oneway": "yes"}, True),
        ({"oneway": "-1"}, True),
    ],
)
def test_access_on_foot(tags, walks):
    assert directions("standard", "residential", **tags) == (walks, walks)


@pytest.mark.parametrize(
    ("highway", "foot", "walks"),
    [
        ("motorway", "yes", False),
        ("motorway_link", "designated", False),
        *(("busway", v, True) for v in ("yes", "designated", "permissive")),
        *(("busway", v, False) for v in ("official", "destination", "customers", "no", "x")),
    ],
)
def test_where_one_walks_only_if_it_is_meant(highway, foot, walks):
    assert directions("standard", highway, foot=foot) == (walks, walks)


@pytest.mark.parametrize(
    ("tags", "drives"),
    [
        *(
            ({"access": v}, CLOSED)
            for v in (
                "no",
                "private",
                "agricultural",
                "forestry",
                "agricultural;forestry",
                "emergency",
            )
        ),
        ({"access": "destination"}, BOTH),
        ({"access": "no", "vehicle": "yes"}, BOTH),
        ({"access": "yes", "vehicle": "no"}, CLOSED),
        ({"vehicle": "no", "motor_vehicle": "permissive"}, BOTH),
        ({"vehicle": "yes", "motor_vehicle": "no"}, CLOSED),
        ({"motor_vehicle": "no", "motorcar": "yes"}, BOTH),
        ({"motor_vehicle": "yes", "motorcar": "no"}, CLOSED),
        ({"motorcar": "whatever", "access": "no"}, BOTH),
        ({"foot": "no"}, BOTH),
        ({"motorroad": "yes"}, BOTH),
    ],
)
def test_access_by_car_the_first_tag_decides(tags, drives):
    assert directions("rural_drive", "residential", **tags) == drives


@pytest.mark.parametrize(
    ("highway", "tags", "drives"),
    [
        *(("residential", {"oneway": v}, FORWARD) for v in ("yes", "true", "1")),
        *(("residential", {"oneway": v}, BACKWARD) for v in ("-1", "reverse")),
        ("residential", {"oneway": "no"}, BOTH),
        *(("residential", {"oneway": v}, BOTH) for v in ("reversible", "alternating", "x")),
        ("motorway", {"oneway": "no"}, BOTH),
        ("motorway", {"oneway": "reversible"}, FORWARD),
        ("motorway_link", {"oneway": "-1"}, BACKWARD),
        *(("tertiary", {"junction": v}, FORWARD) for v in ("roundabout", "circular")),
        ("tertiary", {"junction": "yes"}, BOTH),
        ("tertiary", {"junction": "roundabout", "oneway": "no"}, BOTH),
        ("tertiary", {"junction": "roundabout", "oneway": "-1"}, BACKWARD),
        ("trunk", {}, BOTH),
    ],
)
def test_directions_by_car(highway, tags, drives):
    assert directions("rural_drive", highway, **tags) == drives


def test_a_class_that_is_no_road_for_anybody_is_closed():
    assert directions("standard", "proposed", access="no") == CLOSED
    assert directions("rural_drive", "proposed") == CLOSED


@pytest.mark.parametrize(
    ("profile", "highway", "tags", "expected"),
    [
        ("standard", "residential", {}, 1000),
        ("elder", "residential", {}, 1000 / 0.85),
        ("standard", "steps", {}, 3000),
        ("elder", "steps", {}, 3000 / 0.85),
        ("standard", "steps", {"conveying": "no"}, 3000),
        *(("standard", "steps", {"conveying": v}, 1000 / 0.45) for v in ("yes", "forward")),
        ("elder", "steps", {"conveying": "yes"}, 1000 / 0.45),
        ("standard", "footway", {"conveying": "yes"}, 1000),
        ("standard", "elevator", {}, 90),
        ("standard", "primary", {"maxspeed": "1"}, 1000),
    ],
)
def test_times_on_foot(profile, highway, tags, expected):
    assert seconds(profile, highway, **tags) == pytest.approx(expected, abs=1e-5)


KPH = {
    "motorway": 80,
    "trunk": 55,
    "primary": 45,
    "secondary": 38,
    "tertiary": 30,
    "unclassified": 20,
    "residential": 20,
    "road": 20,
    "living_street": 10,
    "service": 15,
    "track": 12,
    "motorway_link": 80,
    "trunk_link": 55,
    "primary_link": 45,
    "secondary_link": 38,
    "tertiary_link": 30,
}


@pytest.mark.parametrize(("highway", "kph"), KPH.items())
def test_times_by_car_are_those_of_the_class(highway, kph):
    assert seconds("rural_drive", highway) == pytest.approx(3600 / kph, abs=1e-5)


@pytest.mark.parametrize(
    ("maxspeed", "kph"), [("10", 10), ("44.5", 44.5), ("120", 45), ("0", 45), ("-5", 45)]
)
def test_a_lower_speed_limit_is_kept(maxspeed, kph):
    assert seconds("rural_drive", "primary", maxspeed=maxspeed) == pytest.approx(3600 / kph)


def test_a_source_without_tags_is_open_to_all():
    table = road_table([way(1, [1, 2], LINE)])
    table = replace(table, ways=table.ways[["way_id", "highway"]])
    network = build_network(table, CRS_METRIC)
    for profile, expected in (("standard", 1000), ("rural_drive", 180)):
        costs = cost_edges(network, PROFILES[profile], min_component_m=0.0)
        assert costs.usable.tolist() == [True]
        assert costs.total_forward_s == pytest.approx([expected])


def test_times_are_cumulative_at_every_vertex():
    places = {1: (0, 0), 2: (100, 0), 3: (100, 300), 4: (500, 300)}
    costs = costs_of([way(1, [1, 2, 3, 4], places)], "elder")
    assert costs.forward_s * 0.85 == pytest.approx([0, 100, 400, 800])
    assert np.array_equal(costs.forward_s, costs.backward_s)


def test_components_are_weak_and_those_of_the_mode():
    places = {1: (0, 0), 2: (700, 0), 3: (1400, 0), 4: (1500, 0), 5: (0, 500), 6: (300, 500)}
    ways = [
        way(1, [1, 2], places, oneway="yes"),
        way(2, [3, 2], places, oneway="yes"),
        way(3, [3, 4], places, "footway"),
        way(4, [5, 6], places),
        way(5, [1, 5], places, "motorway"),
    ]
    foot, car = costs_of(ways, "standard"), costs_of(ways, "rural_drive")
    lengths = component_lengths_m(foot.network, foot.usable)
    assert lengths == pytest.approx([1500, 1500, 1500, 300, 0])
    lengths = component_lengths_m(car.network, car.usable)
    assert lengths == pytest.approx([2200, 2200, 0, 2200, 2200])


@pytest.mark.parametrize(("limit_m", "large"), [(999.9, True), (1000.1, False), (0, True)])
def test_a_component_is_large_from_its_limit_on(limit_m, large):
    costs = costs_of([way(1, [1, 2], LINE)], min_component_m=limit_m)
    assert costs.large.tolist() == [large]


def test_no_edges_cost_nothing():
    for profile in ("standard", "rural_drive"):
        costs = costs_of([], profile)
        assert costs.usable.shape == costs.total_forward_s.shape == (0,)
    assert math.isclose(float(costs.forward_s.sum()), 0.0)

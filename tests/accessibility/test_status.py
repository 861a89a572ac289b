"""Seconds and knowledge → status and reason: every rule, and their order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from care_map.accessibility.status import Finding, Knowledge, judge, worst_of

INF = np.inf
STATUSES = ("covered", "uncovered", "undetermined")


def one(seconds, *, limit_s=900.0, point=True, snap="ok", listed=3, located=2, network=True):
    """Return the status and the reason of one elder."""
    known = Knowledge(
        has_point=np.array([point]),
        snap_status=np.array([snap], dtype=object),
        listed=listed,
        located=located,
        has_network=np.array([network]),
    )
    found = judge(
        np.array([seconds]), np.array([0]), cutoff_s=np.array([limit_s], dtype=float), known=known
    )
    return found.status[0], found.reason[0]


def finding(status, seconds, *, reason="", facility=0):
    return Finding(
        np.array([status], dtype=object),
        np.array([reason], dtype=object),
        np.array([seconds], dtype=float),
        np.array([facility]),
    )


def test_a_circle_includes_its_limit():
    assert one(900.0) == ("covered", "")
    assert one(900.0 + 1e-9) == ("covered", "")
    assert one(900.001) == ("uncovered", "too_far")
    assert one(0.0) == ("covered", "")


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"limit_s": np.nan}, ("undetermined", "setting_unknown")),
        ({"listed": None, "located": 0}, ("undetermined", "no_facility_list")),
        ({"listed": 0, "located": 0}, ("uncovered", "no_facility")),
        ({"located": 0}, ("undetermined", "facilities_without_coordinates")),
        ({"point": False, "snap": ""}, ("undetermined", "no_coordinates")),
        ({"network": False, "snap": ""}, ("undetermined", "no_roads")),
        ({"snap": "beyond"}, ("undetermined", "no_road")),
        ({"snap": "island"}, ("undetermined", "island")),
        ({"snap": "past_island"}, ("uncovered", "unreachable")),
        ({}, ("uncovered", "unreachable")),
    ],
)
def test_what_is_not_known_is_no_missing_service(known, expected):
    assert one(INF, **known) == expected


def test_near_enough_to_go_straight_is_covered_whatever_the_road():
    assert one(120.0, snap="beyond") == ("covered", "")
    assert one(120.0, snap="island") == ("covered", "")
    assert one(1200.0, snap="island") == ("undetermined", "island")


def test_unknown_setting_comes_before_everything_else():
    assert one(60.0, limit_s=np.nan) == ("undetermined", "setting_unknown")
    assert one(60.0, limit_s=np.nan, listed=None) == ("undetermined", "setting_unknown")


def test_a_type_that_the_district_lacks_needs_neither_point_nor_road():
    assert one(INF, listed=0, located=0, point=False, network=False) == (
        "uncovered",
        "no_facility",
    )


@pytest.mark.parametrize(
    ("parts", "status", "facility", "reason"),
    [
        ([("covered", 60, ""), ("covered", 300, "")], "covered", 1, ""),
        ([("covered", 300, ""), ("covered", 60, "")], "covered", 0, ""),
        ([("covered", 60, ""), ("uncovered", 1000, "too_far")], "uncovered", 1, "too_far"),
        ([("uncovered", 1000, "too_far"), ("covered", 60, "")], "uncovered", 0, "too_far"),
        ([("covered", 60, ""), ("undetermined", INF, "no_road")], "undetermined", 1, "no_road"),
        # One part is surely missing: that the other one is unknown does not matter.
        (
            [("undetermined", INF, "facilities_without_coordinates"), ("uncovered", 950, "x")],
            "uncovered",
            1,
            "x",
        ),
        (
            [("uncovered", INF, "no_facility"), ("uncovered", 950, "too_far")],
            "uncovered",
            0,
            "no_facility",
        ),
    ],
)
def test_every_part_of_a_conjunction_must_be_reached(parts, status, facility, reason):
    joined = worst_of([finding(s, t, reason=r, facility=i) for i, (s, t, r) in enumerate(parts)])
    assert joined.status[0] == status
    assert joined.facility[0] == facility
    assert joined.reason[0] == reason
    assert joined.seconds[0] == parts[facility][1]


def test_a_single_part_stays_as_it_is():
    alone = finding("uncovered", 1000, reason="too_far", facility=7)
    assert worst_of([alone]) is alone


@given(st.lists(st.tuples(st.sampled_from(STATUSES), st.integers(0, 2000)), min_size=1, max_size=5))
def test_a_conjunction_does_not_depend_on_the_order_of_its_parts(parts):
    there = worst_of([finding(*part) for part in parts])
    back = worst_of([finding(*part) for part in reversed(parts)])
    assert there.status[0] == back.status[0]
    assert there.seconds[0] == back.seconds[0]
    words = {status for status, _ in parts}
    expected = next(w for w in ("uncovered", "undetermined", "covered") if w in words)
    assert there.status[0] == expected
    assert there.seconds[0] == max(s for word, s in parts if word == expected)


@given(
    st.floats(0, 5000) | st.just(INF),
    st.floats(0, 5000),
    st.floats(0, 5000),
    st.sampled_from(["ok", "past_island", "island", "beyond", ""]),
    st.sampled_from([None, 0, 3]),
    st.booleans(),
)
def test_more_minutes_never_take_coverage_away(seconds, limit_s, more_s, snap, listed, point):
    known = {"snap": snap, "listed": listed, "located": 1 if listed else 0, "point": point}
    status, reason = one(seconds, limit_s=limit_s, **known)
    wider, _ = one(seconds, limit_s=limit_s + more_s, **known)
    assert status in STATUSES
    assert (reason == "") is (status == "covered")
    if status == "covered":
        assert wider == "covered"

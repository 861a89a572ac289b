"""Gaps: clusters, names, reasons, remedies and ranks, drawn by hand."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care_map.accessibility.gaps import GapContext, find_gaps, name_gaps
from care_map.schema import GAPS

NO = math.nan
FAR = {"status": "uncovered", "reason": "too_far", "minutes": 20.0, "facility_id": "f1"}


def point(x, y, elders=1, **changes):
    """Return one row of access with its facts: too far from f1 unless told otherwise."""
    row = {
        "circle": "care",
        "profile": "standard",
        "unit_id": "A",
        "setting": "urban",
        "elders": elders,
        **FAR,
        "x": x,
        "y": y,
        "priority": False,
    }
    return {**row, **changes}


def gaps(*points, radius_m=500.0):
    table = pd.DataFrame(list(points))
    context = GapContext(
        x=table["x"].to_numpy(dtype=float),
        y=table["y"].to_numpy(dtype=float),
        priority=table["priority"].to_numpy(dtype=bool),
        unit_name={"A": "甲一社区", "B": "乙村"},
        facility_name={"f1": "养老服务站"},
        radius_m=radius_m,
    )
    found, member = find_gaps(table, context)
    # Whatever the gaps are, their rows sum up to them.
    rows = np.flatnonzero(member >= 0)
    sums = np.bincount(member[rows], table["elders"].to_numpy()[rows], minlength=len(found))
    assert sums.tolist() == found["elders"].tolist()
    return found


def test_the_point_with_most_elders_takes_all_within_the_radius():
    found = gaps(point(0, 0, 2), point(300, 0, 5), point(800, 0, 1), point(801, 0, 1))
    # 300 leads: 0 and 800 (exactly 500 m off) are its own, 801 is one metre too far.
    assert found["elders"].tolist() == [8, 1]
    assert found["x"].tolist() == [(0 * 2 + 300 * 5 + 800) / 8, 801]
    assert found["rank"].tolist() == [1, 2]
    assert found["gap_id"].tolist() == ["care-0001", "care-0002"]


def test_radius_is_a_setting():
    rows = [point(0, 0, 2), point(300, 0, 1)]
    assert len(gaps(*rows, radius_m=299)) == 2
    assert len(gaps(*rows, radius_m=300)) == 1


def test_units_settings_statuses_and_circles_stay_apart():
    found = gaps(
        point(0, 0),
        point(0, 0, unit_id="B"),
        point(0, 0, setting="rural"),
        point(0, 0, status="undetermined", reason="no_road", minutes=NO),
        point(0, 0, circle="meals"),
    )
    assert len(found) == 5
    assert found.groupby("circle")["rank"].max().to_dict() == {"care": 4, "meals": 1}


def test_the_covered_and_places_without_elders_are_no_gap():
    none = gaps(point(0, 0, status="covered", reason=""), point(0, 0, 0))
    assert none.empty
    assert list(none.columns) == [*GAPS.names, "x", "y"]
    assert name_gaps(none, place=np.array([], dtype=object)).empty


def test_elders_without_a_point_are_one_gap_of_their_unit():
    lost = {"status": "undetermined", "reason": "no_coordinates", "minutes": NO, "facility_id": ""}
    found = gaps(point(NO, NO, 2, **lost), point(NO, NO, 3, **lost), point(NO, NO, unit_id="B"))
    assert found["elders"].tolist() == [5, 1]
    assert found["remedy"].iloc[0] == "complete_coordinates"
    assert found["x"].isna().all()


def test_what_the_whole_study_lacks_is_one_gap_a_unit():
    open_ = {"status": "undetermined", "reason": "no_roads", "minutes": NO, "facility_id": ""}
    found = gaps(point(0, 0, **open_), point(9000, 0, **open_), point(0, 0, unit_id="B", **open_))
    assert found["elders"].tolist() == [2, 1]


@pytest.mark.parametrize(
    ("reason", "remedy"),
    [
        ("no_road", "survey_road"),
        ("no_roads", "survey_road"),
        ("island", "link_island"),
        ("no_coordinates", "complete_coordinates"),
        ("facilities_without_coordinates", "complete_coordinates"),
        ("no_facility_list", "complete_list"),
        ("setting_unknown", "complete_list"),
    ],
)
def test_what_is_not_known_has_one_reason_and_its_remedy(reason, remedy):
    found = gaps(point(0, 0, status="undetermined", reason=reason, minutes=NO))
    assert (found["reasons"].item(), found["remedy"].item()) == (reason, remedy)


def test_the_reason_of_most_elders_decides():
    found = gaps(point(0, 0, 3, reason="unreachable", minutes=NO, facility_id=""), point(1, 0, 2))
    assert found["reasons"].tolist() == ["unreachable"]
    assert math.isnan(found["minutes"].iloc[0])


def test_minutes_and_facility_are_those_of_the_median_elder():
    found = gaps(
        point(0, 0, 1, minutes=16.0, facility_id="f9"),
        point(1, 0, 5, minutes=21.0),
        point(2, 0, 2, minutes=40.0, facility_id="f9"),
    )
    row = found.iloc[0]
    assert (row["minutes"], row["facility_id"], row["facility_name"]) == (21.0, "f1", "养老服务站")
    unknown = gaps(point(0, 0, facility_id="", minutes=NO)).iloc[0]
    assert unknown["facility_name"] == ""
    assert math.isnan(unknown["minutes"])


def test_priority_elders_are_counted():
    found = gaps(point(0, 0, 3, priority=True), point(1, 0, 4))
    assert found["priority_elders"].tolist() == [3]
    assert found["elders"].tolist() == [7]


def test_names_are_unit_and_place_and_a_number_for_twins():
    found = gaps(point(0, 0, 4), point(2000, 0, 3), point(4000, 0, 2), point(0, 0, unit_id="B"))
    named = name_gaps(found, place=np.array(["长街", "长街", "", ""], dtype=object))
    assert named["name"].tolist() == [
        "甲一社区 · 长街 · 1",
        "甲一社区 · 长街 · 2",
        "甲一社区",
        "乙村",
    ]
    # The same place in two circles is no twin.
    twice = gaps(point(0, 0), point(0, 0, circle="meals"))
    named = name_gaps(twice, place=np.array(["长街", "长街"], dtype=object))
    assert named["name"].tolist() == ["甲一社区 · 长街"] * 2


places = st.lists(
    st.tuples(st.integers(0, 3000), st.integers(0, 3000), st.integers(1, 9)),
    min_size=1,
    max_size=30,
    unique_by=lambda row: row[:2],
)


@settings(max_examples=50, deadline=None)
@given(places, st.randoms(use_true_random=False))
def test_every_elder_is_in_one_gap_whatever_the_order_of_rows(rows, random):
    points = [point(x, y, n) for x, y, n in rows]
    found = gaps(*points)
    assert found["elders"].sum() == sum(n for *_, n in rows)
    assert found["elders"].is_monotonic_decreasing
    assert found["rank"].tolist() == list(range(1, len(found) + 1))
    mixed = list(points)
    random.shuffle(mixed)
    again = gaps(*mixed)
    columns = ["gap_id", "elders", "unit_id", "reasons"]
    pd.testing.assert_frame_equal(found[columns], again[columns])
    assert np.allclose(found[["x", "y"]], again[["x", "y"]])


def test_context_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        GapContext(*[None] * 6).radius_m = 3

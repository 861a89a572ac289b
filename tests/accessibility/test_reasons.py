"""Reasons of gaps: what suffices alone, and the minutes that prove it, drawn by hand."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from care_map.accessibility.reasons import FACTORS, Factor, explain_gaps, weighted_median
from care_map.schema import GAP_REASONS

LIMIT_S = 900.0


def explained(seconds, *, name="slope", elders=None, member=None, status=("uncovered",)):
    """Explain gaps by one factor; `seconds` without it by row of access."""
    size = len(seconds)
    gaps = pd.DataFrame(
        {
            "gap_id": [f"care-{number:04d}" for number in range(len(status))],
            "circle": "care",
            "status": status,
            "minutes": 20.0,
        }
    )
    factor = Factor(name, np.array(seconds, dtype=float), np.full(size, LIMIT_S))
    return explain_gaps(
        gaps,
        np.array(member or [0] * size),
        np.array(elders or [1] * size),
        [factor],
    )


def test_half_of_the_elders_is_enough():
    row = explained([600.0, 1200.0]).iloc[0]
    assert (row["suffices"], row["elders"], row["elders_helped"]) == (True, 2, 1)
    assert not explained([600.0, 1200.0], elders=[1, 2])["suffices"].iloc[0]


def test_a_circle_includes_its_limit():
    assert explained([900.0])["suffices"].tolist() == [True]
    assert explained([900.001])["suffices"].tolist() == [False]


def test_the_minutes_without_a_factor_are_those_of_the_median_elder():
    row = explained([600.0, 720.0, math.inf], elders=[1, 3, 1]).iloc[0]
    assert (row["minutes"], row["minutes_without"], row["limit_minutes"]) == (20.0, 12.0, 15.0)
    assert math.isnan(explained([math.inf])["minutes_without"].iloc[0])


def test_distance_holds_where_even_a_straight_line_is_too_long():
    assert explained([901.0], name="distance")["suffices"].tolist() == [True]
    assert explained([899.0], name="distance")["suffices"].tolist() == [False]


def test_what_was_not_looked_at_has_no_row():
    assert explained([math.nan, math.nan]).empty
    # Of some of the elders nothing is known: they are not helped.
    assert explained([600.0, math.nan, math.nan])["suffices"].tolist() == [False]


def test_only_uncovered_gaps_have_factors():
    found = explained([600.0, 600.0], member=[0, 1], status=("undetermined", "uncovered"))
    assert found["gap_id"].tolist() == ["care-0001"]
    assert explained([600.0], member=[-1]).empty
    assert list(explained([600.0], member=[-1]).columns) == GAP_REASONS.names


def test_factors_stand_in_their_order():
    gaps = pd.DataFrame({"gap_id": ["g"], "circle": "care", "status": "uncovered", "minutes": 20.0})
    factors = [Factor(name, np.array([1.0]), np.array([LIMIT_S])) for name in reversed(FACTORS)]
    found = explain_gaps(gaps, np.array([0]), np.array([1]), factors)
    assert found["reason"].tolist() == list(FACTORS)


people = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 5)), min_size=1, max_size=9)


@given(people)
def test_the_median_is_that_of_everybody_in_a_row(rows):
    everyone = sorted(value for value, count in rows for _ in range(count))
    found = weighted_median(
        np.array([value for value, _ in rows], dtype=float), np.array([n for _, n in rows])
    )
    assert found == pytest.approx(everyone[(len(everyone) - 1) // 2])

"""Gini, Lorenz and shares against sums over all couples of persons."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from care_map.accessibility.equity import gini, lorenz, share_beyond

persons = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 4)), min_size=1, max_size=8)


@given(persons)
def test_gini_is_the_mean_difference_of_two_persons(rows):
    everyone = [value for value, count in rows for _ in range(count)]
    found = gini([value for value, _ in rows], [count for _, count in rows])
    if not everyone:
        assert math.isnan(found)
        return
    mean = sum(everyone) / len(everyone)
    if mean == 0:
        assert found == 0.0
        return
    apart = sum(abs(a - b) for a in everyone for b in everyone) / len(everyone) ** 2
    assert found == pytest.approx(apart / (2 * mean), abs=1e-12)


@given(persons)
def test_the_lorenz_curve_is_convex_below_the_diagonal(rows):
    curve = lorenz([value for value, _ in rows], [count for _, count in rows]).dropna()
    if len(curve) < 2:
        return
    x, y = curve["share_of_persons"].to_numpy(), curve["share_of_values"].to_numpy()
    assert (y <= x + 1e-12).all()
    assert (np.diff(np.diff(y) / np.diff(x)) >= -1e-9).all()
    assert (x[-1], y[-1]) == (1.0, 1.0)


def test_who_reaches_nothing_is_left_out_of_the_curve_and_beyond_every_time():
    assert gini([10, 30, math.inf, math.nan], [1, 1, 5, 5]) == 0.25
    assert share_beyond([10, 15, 30, math.inf, math.nan], [1, 1, 1, 1, 9], sufficient_min=15) == 0.5
    assert math.isnan(share_beyond([math.nan], [3], sufficient_min=15))


def test_splitting_a_row_changes_nothing():
    assert gini([5, 9], [2, 3]) == pytest.approx(gini([5, 9, 9, 5], [1, 1, 2, 1]))


def test_negative_numbers_are_refused():
    with pytest.raises(ValueError, match="negative"):
        gini([-1.0], [1])
    with pytest.raises(ValueError, match="negative"):
        lorenz([1.0], [-1])

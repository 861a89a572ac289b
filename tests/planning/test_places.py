"""Places where some capacities are unknown, and the solver against a linear programme."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import csr_array, vstack

from care_map.planning.places import give_places
from care_map.planning.transport import least_minutes


def pairs_of(minutes):
    cells = [
        (i, j, cell)
        for i, row in enumerate(minutes)
        for j, cell in enumerate(row)
        if cell is not None
    ]
    table = np.array(cells, dtype=float).reshape(-1, 3)
    return table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2]


def placed(minutes, elders, capacity):
    return give_places(
        *pairs_of(minutes), np.array(elders, np.int64), np.array(capacity, dtype=float)
    )


@pytest.mark.parametrize("seed", range(6))
def test_equals_a_linear_programme_on_larger_districts(seed):
    rng = np.random.default_rng(seed)
    n, size = 60, 9
    there = rng.random((n, size)) < 0.4
    origin, facility = np.nonzero(there)
    minutes = rng.random(len(origin)) * 15
    people, places = rng.integers(0, 5, n), rng.integers(0, 16, size)
    flow = least_minutes(origin, facility, minutes, people, places)
    leave = np.bincount(origin, weights=flow, minlength=n)
    enter = np.bincount(facility, weights=flow, minlength=size)
    assert (leave <= people).all()
    assert (enter <= places).all()
    column = np.arange(len(origin))
    ones = np.ones(len(origin))
    limits = vstack(
        [
            csr_array((ones, (origin, column)), shape=(n, len(origin))),
            csr_array((ones, (facility, column)), shape=(size, len(origin))),
        ]
    )
    nowhere = 1000.0
    best = linprog(minutes - nowhere, A_ub=limits, b_ub=np.append(people, places))
    assert flow @ (minutes - nowhere) == pytest.approx(best.fun)


def test_who_can_only_go_where_nothing_is_known_is_open():
    found = placed([[1.0, None], [2.0, 3.0], [None, 4.0], [None, None]], [1, 1, 1, 1], [1, np.nan])
    # One place is sure. Who of the first two gets it is decided by whether nobody must be full.
    assert found.assigned.tolist() == [1, 0, 0, 0]
    assert found.open.tolist() == [0, 1, 1, 0]
    assert found.full.tolist() == [0, 0, 0, 0]
    assert found.load.tolist() == [1, 0]


def test_a_place_that_may_not_exist_is_the_last_resort():
    found = placed([[14.0, 1.0]], [3], [2, np.nan])
    assert found.assigned.tolist() == [2]
    assert found.open.tolist() == [1]


def test_full_is_who_reaches_places_and_finds_them_taken():
    found = placed([[5.0], [6.0], [None]], [4, 4, 4], [6])
    assert found.assigned.tolist() == [4, 2, 0]
    assert found.full.tolist() == [0, 2, 0]
    assert placed([[5.0]], [4], [0]).full.tolist() == [4]
    assert placed([[5.0]], [4], [3.9]).assigned.tolist() == [3]


@settings(deadline=None)
@given(st.data())
def test_more_places_leave_nobody_more_without(data):
    n, size = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 4))
    cell = st.none() | st.floats(0, 15)
    minutes = data.draw(
        st.lists(st.lists(cell, min_size=size, max_size=size), min_size=n, max_size=n)
    )
    elders = data.draw(st.lists(st.integers(0, 4), min_size=n, max_size=n))
    places = data.draw(st.lists(st.integers(0, 4), min_size=size, max_size=size))
    more = [have + data.draw(st.integers(0, 3)) for have in places]
    before, after = placed(minutes, elders, places), placed(minutes, elders, more)
    assert after.full.sum() <= before.full.sum()
    parts = before.assigned + before.full + before.open
    reaching = np.array([any(cell is not None for cell in row) for row in minutes])
    assert (parts == np.where(reaching, elders, 0)).all()

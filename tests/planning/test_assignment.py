"""Capacitated assignment against every way to send elders."""

from functools import cache

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care_map.planning.assignment import assign


def best_of_all(choices, people, places):
    """Return (most assigned, least minutes for that) by trying every person's every choice."""
    persons = [i for i, number in enumerate(people) for _ in range(number)]

    @cache
    def best(at, left):
        if at == len(persons):
            return 0, 0
        found = best(at + 1, left)
        for j, minutes in choices[persons[at]]:
            if left[j]:
                fewer = (*left[:j], left[j] - 1, *left[j + 1 :])
                more, spent = best(at + 1, fewer)
                found = max(found, (more + 1, spent - minutes))
        return found

    most, spent = best(0, tuple(places))
    return most, -spent


@st.composite
def districts(draw):
    n, m = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    people = draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    places = draw(st.lists(st.integers(0, 4), min_size=m, max_size=m))
    minutes = draw(
        st.lists(
            st.lists(st.none() | st.integers(0, 30), min_size=m, max_size=m), min_size=n, max_size=n
        )
    )
    return people, places, minutes


def tables(people, places, minutes):
    rows = [
        (f"d{i}", f"f{j}", cell)
        for i, row in enumerate(minutes)
        for j, cell in enumerate(row)
        if cell is not None
    ]
    pairs = pd.DataFrame(rows, columns=["demand_id", "facility_id", "minutes"])
    demand = pd.Series(people, [f"d{i}" for i in range(len(people))])
    return pairs, demand, pd.Series(places, [f"f{j}" for j in range(len(places))])


@settings(max_examples=150)
@given(districts())
def test_equals_trying_everything(district):
    people, places, minutes = district
    choices = [[(j, cell) for j, cell in enumerate(row) if cell is not None] for row in minutes]
    found = assign(*tables(people, places, minutes))
    assert (found.assigned, found.total_minutes) == best_of_all(choices, people, places)


@given(districts())
def test_the_plan_keeps_every_limit(district):
    people, places, minutes = district
    pairs, demand, capacity = tables(people, places, minutes)
    found = assign(pairs, demand, capacity)
    allowed = set(zip(pairs["demand_id"], pairs["facility_id"], strict=True))
    assert set(zip(found.flows["demand_id"], found.flows["facility_id"], strict=True)) <= allowed
    assert (found.load <= capacity).all()
    assert (found.residual >= 0).all()
    sent = found.flows.groupby("demand_id")["elders"].sum().reindex(demand.index, fill_value=0)
    assert (sent + found.residual == demand).all()
    got = found.flows.groupby("facility_id")["elders"].sum().reindex(capacity.index, fill_value=0)
    assert (got == found.load).all()


def test_more_elders_come_before_fewer_minutes():
    # One elder more costs 100 minutes of others: the number still goes first.
    pairs = pd.DataFrame(
        [("a", "f", 1.0), ("a", "g", 100.0), ("b", "f", 1.0)],
        columns=["demand_id", "facility_id", "minutes"],
    )
    found = assign(pairs, pd.Series({"a": 1, "b": 1}), pd.Series({"f": 1, "g": 1}))
    assert (found.assigned, found.total_minutes) == (2, 101.0)


def test_nobody_and_nothing_are_answers():
    empty = pd.DataFrame({"demand_id": [], "facility_id": [], "minutes": []})
    found = assign(empty, pd.Series({"a": 4}), pd.Series({"f": 2}))
    assert (found.assigned, found.residual["a"], found.load["f"]) == (0, 4, 0)


@pytest.mark.parametrize(
    ("demand", "capacity"),
    [({"a": 1.5}, {"f": 1}), ({"a": 1}, {"f": -1}), ({"b": 1}, {"f": 1}), ({"a": 1}, {"g": 1})],
)
def test_wrong_tables_are_refused(demand, capacity):
    pairs = pd.DataFrame({"demand_id": ["a"], "facility_id": ["f"], "minutes": [1.0]})
    with pytest.raises(ValueError, match=r"whole|names"):
        assign(pairs, pd.Series(demand), pd.Series(capacity))

"""2SFCA against the loops that its papers write down."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from care_map.accessibility.floating_catchment import supply_ratio, two_step_fca
from care_map.decay import Decay, binary, gaussian, steps

RINGS = ((5.0, 1.0), (10.0, 0.68), (15.0, 0.22))
DECAYS = {"binary": binary(15), "gaussian": gaussian(15), "steps": steps(RINGS)}


def weight_of(name, minutes):
    """Return a weight by the papers' own words."""
    if minutes > 15:
        return 0.0
    if name == "binary":
        return 1.0
    if name == "gaussian":
        edge = math.exp(-0.5)
        return (math.exp(-0.5 * (minutes / 15) ** 2) - edge) / (1 - edge)
    return next(weight for limit, weight in RINGS if minutes <= limit)


def loop(name, minutes, demand, supply):
    """Both steps, a pair at a time; `minutes` has None where there is no pair."""
    ratio = []
    for j, have in enumerate(supply):
        heads = 0.0
        for i, persons in enumerate(demand):
            if minutes[i][j] is not None:
                heads += weight_of(name, minutes[i][j]) * persons
        ratio.append(have / heads if heads > 0 else 0.0)
    access = []
    for i in range(len(demand)):
        reached = [j for j in range(len(supply)) if minutes[i][j] is not None]
        access.append(sum(weight_of(name, minutes[i][j]) * ratio[j] for j in reached))
    return access


@st.composite
def districts(draw):
    n, m = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    cell = st.none() | st.floats(0, 20) | st.sampled_from([5.0, 10.0, 15.0])
    minutes = draw(st.lists(st.lists(cell, min_size=m, max_size=m), min_size=n, max_size=n))
    demand = draw(st.lists(st.integers(0, 500), min_size=n, max_size=n))
    supply = draw(st.lists(st.integers(0, 90), min_size=m, max_size=m))
    return minutes, demand, supply


def pairs_of(minutes):
    rows = [
        (f"d{i}", f"f{j}", cell)
        for i, row in enumerate(minutes)
        for j, cell in enumerate(row)
        if cell is not None
    ]
    return pd.DataFrame(rows, columns=["demand_id", "facility_id", "minutes"]).astype(
        {"minutes": float}
    )


def numbered(letter, numbers):
    return pd.Series(numbers, index=[f"{letter}{i}" for i in range(len(numbers))], dtype=float)


@pytest.mark.parametrize("name", DECAYS)
@given(districts())
def test_equals_the_loop_and_keeps_the_supply(name, district):
    minutes, demand, supply = district
    pairs, heads, have = pairs_of(minutes), numbered("d", demand), numbered("f", supply)
    access = two_step_fca(pairs, heads, have, decay=DECAYS[name])
    assert access.to_numpy() == pytest.approx(loop(name, minutes, demand, supply), rel=1e-9)
    reached = supply_ratio(pairs, heads, have, decay=DECAYS[name]).notna()
    assert (access * heads).sum() == pytest.approx(have[reached].sum(), rel=1e-9)


def test_order_and_ids_are_the_callers():
    pairs = pd.DataFrame(
        {"demand_id": ["b", "a"], "facility_id": ["f", "f"], "minutes": [3.0, 4.0]}
    )
    access = two_step_fca(
        pairs, pd.Series({"z": 5, "b": 1, "a": 3}), pd.Series({"f": 8}), decay=binary(4)
    )
    assert access.to_dict() == {"z": 0.0, "b": 2.0, "a": 2.0}


def test_supply_that_nobody_reaches_has_no_ratio():
    pairs = pd.DataFrame({"demand_id": ["a"], "facility_id": ["f"], "minutes": [9.0]})
    ratio = supply_ratio(pairs, pd.Series({"a": 4}), pd.Series({"f": 8, "g": 9}), decay=binary(10))
    assert ratio["f"] == 2.0
    assert np.isnan(ratio["g"])


@pytest.mark.parametrize(
    ("pairs", "demand", "supply"),
    [
        ([("a", "f", 1.0), ("a", "f", 2.0)], {"a": 1}, {"f": 1}),
        ([("x", "f", 1.0)], {"a": 1}, {"f": 1}),
        ([("a", "x", 1.0)], {"a": 1}, {"f": 1}),
        ([("a", "f", 1.0)], {"a": -1}, {"f": 1}),
        ([("a", "f", 1.0)], {"a": 1}, {"f": float("nan")}),
    ],
)
def test_wrong_tables_are_refused(pairs, demand, supply):
    table = pd.DataFrame(pairs, columns=["demand_id", "facility_id", "minutes"])
    with pytest.raises(ValueError, match=r"twice|names|negative"):
        two_step_fca(table, pd.Series(demand), pd.Series(supply), decay=binary(5))


def test_a_limit_that_a_search_reaches_is_inside():
    assert binary(15).weigh([15 + 5e-9]).tolist() == [1.0]
    assert binary(15).weigh([math.inf, math.nan]).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    "rings", [[], [(10, 1.0), (5, 0.5)], [(5, 0.5), (10, 0.6)], [(5, 1.2)], [(5, -0.1)]]
)
def test_rings_that_make_no_sense_are_refused(rings):
    with pytest.raises(ValueError, match="rings"):
        steps(rings)


def test_minutes_must_be_positive():
    with pytest.raises(ValueError, match="positive"):
        gaussian(0)


@given(st.lists(st.floats(0, 30), min_size=2, max_size=9))
def test_weights_never_rise_with_minutes(minutes):
    for decay in DECAYS.values():
        weights = decay.weigh(sorted(minutes))
        assert (np.diff(weights) <= 1e-12).all()
        assert isinstance(decay, Decay)

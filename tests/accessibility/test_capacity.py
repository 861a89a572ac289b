"""Capacity in pairs, units and needs: by hand, and against the plain two steps."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care_map.accessibility.capacity import (
    METHODS,
    PairBlock,
    UnitSums,
    beds_by_unit,
    catch,
    decays,
)
from care_map.accessibility.floating_catchment import two_step_fca
from care_map.accessibility.need import FOR_WHOM, GRADE_WEIGHTS, grade_weights, who_needs
from care_map.schema import BEDS_BY_UNIT
from care_map.vocabulary import PRIORITY_GROUPS, SERVICES

LIMIT = 15.0


@st.composite
def districts(draw):
    n, m = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    cell = st.none() | st.floats(0, LIMIT) | st.sampled_from([5.0, 10.0, LIMIT])
    minutes = draw(st.lists(st.lists(cell, min_size=m, max_size=m), min_size=n, max_size=n))
    demand = draw(st.lists(st.integers(0, 500), min_size=n, max_size=n))
    supply = draw(st.lists(st.integers(0, 90), min_size=m, max_size=m))
    return minutes, demand, supply


def pairs_of(minutes):
    block = block_of(minutes)
    return pd.DataFrame(
        {
            "demand_id": [f"d{row}" for row in block.origin],
            "facility_id": [f"f{row}" for row in block.facility],
            "minutes": block.minutes,
        }
    )


def block_of(minutes, columns=None):
    cells = [
        (i, j, cell)
        for i, row in enumerate(minutes)
        for j, cell in enumerate(row)
        if cell is not None and (columns is None or j in columns)
    ]
    table = np.array(cells, dtype=float).reshape(-1, 3)
    rows = table[:, :2].astype(np.int64)
    return PairBlock(rows[:, 0], rows[:, 1], table[:, 2] / LIMIT, table[:, 2])


def caught(minutes, demand, supply, *, weights=None, blocks=None, limits=(1.0,)):
    demand = np.array(demand, dtype=float)
    return catch(
        blocks or [block_of(minutes)],
        elders=demand,
        weighted=demand * (1.0 if weights is None else weights),
        supply=np.array(supply, dtype=float),
        limits=limits,
    )


@settings(deadline=None)
@given(districts())
def test_each_method_is_the_plain_two_steps(district):
    minutes, demand, supply = district
    (found,) = caught(minutes, demand, supply)
    names = {"d": demand, "f": supply}
    series = {
        letter: pd.Series(numbers, [f"{letter}{i}" for i in range(len(numbers))], dtype=float)
        for letter, numbers in names.items()
    }
    for number, decay in enumerate(decays(LIMIT)):
        whole = two_step_fca(pairs_of(minutes), series["d"], series["f"], decay=decay)
        np.testing.assert_allclose(found.access[:, number], whole, atol=1e-9)


@settings(deadline=None)
@given(districts())
def test_facilities_block_by_block_give_the_same(district):
    minutes, demand, supply = district
    (whole,) = caught(minutes, demand, supply)
    blocks = [block_of(minutes, {j}) for j in range(len(supply))]
    (parts,) = caught(minutes, demand, supply, blocks=blocks)
    for name in ("access", "reached", "heads", "weighted", "ratio", "nearest", "time"):
        np.testing.assert_allclose(getattr(parts, name), getattr(whole, name), atol=1e-9)


@settings(deadline=None)
@given(districts(), st.data())
def test_more_capacity_never_lowers_access(district, data):
    minutes, demand, supply = district
    more = [have + data.draw(st.integers(0, 20)) for have in supply]
    (before,), (after,) = caught(minutes, demand, supply), caught(minutes, demand, more)
    assert (after.access >= before.access - 1e-9).all()


@settings(deadline=None)
@given(districts())
def test_supply_that_is_reached_is_all_given_out(district):
    minutes, demand, supply = district
    weights = np.linspace(1, 2, len(demand))
    (found,) = caught(minutes, demand, supply, weights=weights)
    reached = np.array(supply)[found.weighted > 0].sum()
    given_out = (found.access[:, 0] * demand * weights).sum()
    assert given_out == pytest.approx(reached, abs=1e-6)


def test_by_hand_with_weights_an_unknown_and_a_smaller_catchment():
    minutes = [[5.0, None], [15.0, 3.0], [None, 7.0]]
    wide, narrow = caught(
        minutes, [2, 1, 3], [10, np.nan], weights=np.array([1.0, 2.0, 1.0]), limits=(1.0, 0.5)
    )
    # 10 places for 2 + 1 × 2 weighted heads; the other facility gives nobody knows what.
    assert wide.access[:, 0].tolist() == [2.5, 2.5, 0.0]
    assert wide.reached.tolist() == [True, True, True]
    assert wide.heads.tolist() == [3, 4]
    assert wide.weighted.tolist() == [4, 5]
    assert wide.ratio[0] == 2.5
    assert np.isnan(wide.ratio[1])
    assert wide.nearest.tolist() == [0, 1, 1]
    assert narrow.access[:, 0].tolist() == [5.0, 0.0, 0.0]
    assert narrow.reached.tolist() == [True, True, True]
    assert narrow.heads.tolist() == [2, 4]


def test_rings_are_thirds_of_the_catchment():
    _, rings, gauss = decays(30.0)
    assert rings.weigh([10, 10.1, 20, 20.1, 30, 30.1]).tolist() == [1, 0.68, 0.68, 0.22, 0.22, 0]
    assert gauss.weigh([0, 30]).tolist() == [1, 0]
    assert len(METHODS) == len(decays(1.0))


UNITS = pd.DataFrame(
    [
        ("t1", "甲", "town", ""),
        ("c1", "一", "community", "t1"),
        ("c2", "二", "community", "t1"),
        ("t2", "乙", "town", ""),
    ],
    columns=["unit_id", "name", "level", "parent_id"],
)


def sums_of(demand_units):
    demand = pd.DataFrame({"unit_id": demand_units})
    return UnitSums.of(UNITS, demand, name="研究")


def test_sums_by_unit_hold_at_every_level():
    where = ["c1", "c2", "t2", "", "c1"]
    sums = sums_of(where)
    total = sums.total(sums.index(np.array(where, dtype=object)), np.array([1.0, 2, 4, 8, 16]))
    table = sums.units.assign(total=total)
    by_level = table.groupby("level")["total"].sum()
    assert by_level.to_dict() == {"all": 31, "town": 31, "community": 31}
    named = table.set_index(["level", "unit_id"])["total"].to_dict()
    assert named["town", "t1"] == 19
    assert named["town", "none"] == 8
    assert named["community", "none"] == 12
    assert named["community", "c1"] == 17
    kept = sums.kept(table, "total")
    assert len(kept) == len(table)
    assert "none" not in set(sums.kept(table.assign(total=0), "total")["unit_id"])


def test_beds_by_level_of_care_and_occupancy():
    where = ["c1", "c2", "t2"]
    beds = pd.DataFrame(
        {
            "unit_id": ["c1", "c2", "t2", "t2"],
            "beds": [100.0, 30.0, 20.0, np.nan],
            "nursing_beds": [40.0, np.nan, 0.0, np.nan],
            "open_beds": [80.0, 30.0, np.nan, np.nan],
            "free_beds": [20.0, np.nan, 5.0, np.nan],
        }
    )
    sums = sums_of(where)
    table = beds_by_unit(
        beds, sums, sums.index(np.array(where, dtype=object)), np.array([500.0, 100, 0])
    )
    assert list(table.columns) == BEDS_BY_UNIT.names
    row = table.set_index(["level", "unit_id"]).loc[("all", "all")]
    assert row[["beds", "nursing_beds", "other_beds", "unsplit_beds"]].tolist() == [150, 40, 80, 30]
    assert row["beds_unknown"] == 1
    assert row["facilities"] == 3
    # Of one facility alone both are known what is open and what is free.
    assert row[["open_beds", "free_beds", "occupancy"]].tolist() == [80, 20, 0.75]
    assert row["beds_per_100"] == 25
    rural = table.set_index(["level", "unit_id"]).loc[("town", "t2")]
    assert rural[["occupancy", "open_beds", "beds_per_100"]].isna().all()


PEOPLE = pd.DataFrame(
    {
        "needs": ["day_care;meals", "", "meals"],
        "grade": ["重度失能", "", "能力完好"],
        "groups": ["", "semi_disabled;aged_80", ""],
    }
)


def test_who_needs_what_is_as_listed_or_by_default():
    listed, everybody = who_needs(PEOPLE, "meals", listed=True)
    assert (listed.tolist(), everybody) == ([True, False, True], False)
    assumed, everybody = who_needs(PEOPLE, "day_care", listed=False)
    assert (assumed.tolist(), everybody) == ([True, True, False], False)
    assert who_needs(PEOPLE, "recreation", listed=False)[0].all()
    alone = pd.DataFrame({"groups": ["", ""]})
    assert who_needs(alone, "day_care", listed=False)[1]
    assert who_needs(alone, "day_care", listed=False)[0].all()
    assert not who_needs(alone, "education", listed=False)[1]


def test_weights_are_by_grade_and_else_by_group():
    assert grade_weights(PEOPLE).tolist() == [2.0, 1.5, 1.0]
    assert grade_weights(pd.DataFrame(index=range(2))).tolist() == [1.0, 1.0]
    assert min(GRADE_WEIGHTS.values()) == 1.0


def test_defaults_name_services_and_groups_that_there_are():
    assert set(FOR_WHOM) - {"beds"} <= set(SERVICES)
    assert {group for groups, _ in FOR_WHOM.values() for group in groups} <= set(PRIORITY_GROUPS)

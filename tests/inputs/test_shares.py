"""Whole elders from totals, weights and shares: what was counted is what comes out."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_places import told

from care_map.config import DemandSource, Study, UnitSource
from care_map.inputs.group_counts import COUNT_COLUMNS, split_groups
from care_map.inputs.load import load_inputs, read_inputs
from care_map.inputs.shares import divide, divide_by_place
from care_map.schema import DEMAND_COUNTS


def found(problems, code):
    return [problem for problem in problems if problem.code == code]


parts = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.floats(1e-3, 1e6),
        st.floats(-5_000, 5_000),
        st.floats(-5_000, 5_000),
    ),
    min_size=1,
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@given(parts, st.lists(st.integers(0, 10_000), min_size=4, max_size=4))
def test_every_whole_keeps_its_sum(rows, totals):
    of, weights, x, y = (np.array(column) for column in zip(*rows, strict=True))
    present, whole = np.unique(of, return_inverse=True)
    wholes = np.array(totals)[present]
    for made in (
        divide(weights, whole, wholes),
        divide_by_place(weights, np.column_stack([x, y]), whole, wholes),
    ):
        assert (made >= 0).all()
        assert np.bincount(whole, weights=made).tolist() == wholes.tolist()
    exact = weights / np.bincount(whole, weights=weights)[whole] * wholes[whole]
    assert (np.abs(divide(weights, whole, wholes) - exact) < 1 + 1e-6).all()


def test_few_elders_of_many_houses_are_spread_over_the_map():
    # 3,200 equal houses in two halves: by remainders alone the first hundred would have all.
    x = np.repeat(np.arange(100) * 32.0, 32)
    xy = np.column_stack([x, np.tile(np.arange(32) * 32.0, 100)])
    made = divide_by_place(np.ones(len(xy)), xy, np.zeros(len(xy), dtype=np.int64), np.array([100]))
    west = made[x < 1600].sum()
    assert made.sum() == 100
    assert west == 50
    # No block of 400 m (13 × 13 houses of 3,200) has twice its share.
    block = (x // 400).astype(int)
    by_block = np.bincount(block, weights=made)
    assert by_block.max() <= 2 * 100 / len(by_block)


def test_columns_of_groups_are_those_of_the_schema():
    assert set(COUNT_COLUMNS) <= set(DEMAND_COUNTS.names)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40)),
        min_size=1,
        max_size=6,
    )
)
def test_groups_keep_their_sums(rows):
    elders, aged, alone = np.array(rows).T
    aged, alone = np.minimum(aged, elders), np.minimum(alone, elders)
    demand = pd.DataFrame(
        {
            "demand_id": [f"u{number}" for number in range(len(rows))],
            "elders": elders,
            "groups": "low_income",
            "elders_aged_80": pd.array(aged, dtype="Int64"),
            "elders_living_alone": pd.array(alone, dtype="Int64"),
        }
    )
    made = split_groups(demand)
    assert made["demand_id"].is_unique
    assert made["groups"].str.split(";").str[0].eq("low_income").all()
    base = made["demand_id"].str.split("-").str[0]
    for column, group in (("elders", "low_income"), ("elders_aged_80", "aged_80")):
        inside = made[made["groups"].str.contains(group)]
        sums = inside.groupby(base[inside.index])["elders"].sum()
        expected = demand.set_index("demand_id")[column].astype(int)
        assert sums.reindex(expected.index, fill_value=0).tolist() == expected.tolist()


def test_shares_of_units(make_study):
    text = (
        "代码,名称,级别,上级代码,常住人口,60岁及以上占比,65岁及以上占比\n"
        "500101001001,一村,村,500101001000,101,20.5,10\n"
        "500101001002,二村,村,500101001000,103,20.5,10\n"
        "500101002001,三村,村,500101002000,1000,33.3,20\n"
        "500101002002,四村,村,500101002000,,33.3,20\n"
    )
    inputs = load_inputs(make_study(units=text))
    elders = dict(zip(inputs.demand["unit_id"], inputs.demand["elders"], strict=True))
    # 20.705 + 21.115 = 41.82 of the first town are 42, and 333 of the second.
    assert elders == {"500101001001": 21, "500101001002": 21, "500101002001": 333}
    [said] = found(inputs.problems, "elders_by_share")
    assert (said.count, *told(said, "units", "base")) == (375, 3, "常住人口")
    other = load_inputs(make_study(units=[(text, {"elder_age": 65})]))
    assert other.demand["elders"].sum() == 20 + 200


def test_fractions_and_percentages(make_study):
    head = "unit_id,name,level,population,"
    fractions = head + "share_60\na,甲,town,1000,0.25\nb,乙,town,1000,0.5\n"
    assert load_inputs(make_study(units=fractions)).demand["elders"].tolist() == [250, 500]
    percent = head + "60岁以上人口占比（%）\na,甲,town,1000,0.5\nb,乙,town,1000,0.8\n"
    assert load_inputs(make_study(units=percent)).demand["elders"].tolist() == [5, 8]
    mixed = head + "share_60\na,甲,town,1000,0.5\nb,乙,town,1000,18\nc,丙,town,1000,180\n"
    problems = read_inputs(make_study(units=mixed)).problems
    assert [(p.code, p.row, p.severity) for p in problems if p.code.startswith("share_")] == [
        ("share_out_of_range", 4, "error"),
        ("share_ambiguous", 2, "error"),
    ]


def test_counted_elders_win_over_computed_ones(make_study):
    text = "unit_id,name,level,population,share_60,elders\na,甲,town,1000,25,7\nb,乙,town,400,25,\n"
    assert load_inputs(make_study(units=text)).demand["elders"].tolist() == [7, 100]


def test_residence_picks_the_population(make_study):
    units = "unit_id,name,level\nt1,甲镇,town\nt2,乙镇,town\n"
    text = "区划代码,常住人口,户籍人口,60岁及以上占比\nt1,1000,2000,20\nt2,500,400,10\n"

    def elders(**keys):
        inputs = load_inputs(make_study(units=units, demand=[(text, keys)]))
        return inputs.demand["elders"].tolist()

    assert elders() == [200, 50]
    assert elders(residence="resident") == [200, 50]
    assert elders(residence="registered") == [400, 40]


def test_a_share_of_another_age_is_not_used(make_study):
    units = "unit_id,name,level\nt1,甲镇,town\n"
    text = "区划代码,常住人口,60岁及以上占比\nt1,1000,20\n"
    study = make_study(units=units, demand=[(text, {"elder_age": 65})])
    codes = [problem.code for problem in read_inputs(study).problems]
    assert "share_of_other_age" in codes
    # Without a number of elders the town must not become one elder.
    assert "counts_without_elders" in codes


def test_sums_of_units_that_contradict_are_listed(make_study):
    text = (
        "代码,名称,级别,上级代码,老年人口\nt,乙镇,镇,,100\na,一村,村,t,30\nb,二村,村,t,60\n"
        "u,丙镇,镇,,40\n"
    )
    inputs = load_inputs(make_study(units=text))
    [said] = found(inputs.problems, "unit_sum_differs")
    assert (said.row, said.value, *told(said, "sum"), said.count) == (2, "100", 90, 10)
    assert set(inputs.demand["counted_level"]) == {"community", "town"}


def test_residence_of_records(make_study):
    text = "编号,年龄,居住状况\na,70,常住\nb,71,外出\nc,72,户籍在住\nd,73,\n"

    def ids(residence):
        inputs = load_inputs(make_study(demand=[(text, {"residence": residence})]))
        listed = found(inputs.problems, f"left_out_of_{residence}")
        kept = inputs.demand["demand_id"].tolist()
        assert len(kept) + len(listed) == 4
        [ledger] = inputs.ledgers
        assert (ledger.read, ledger.used) == (4, len(kept))
        return kept, [problem.row for problem in listed]

    assert ids("resident") == (["a", "c", "d"], [3])
    assert ids("registered") == (["b", "c", "d"], [2])
    everybody = load_inputs(make_study(demand=text))
    assert len(everybody.demand) == 4


def test_tongliang_census(shared_data, tmp_path):
    folder = shared_data / "chongqing"
    codes = pd.read_csv(folder / "cq_five_districts_town_codes_china-division.csv", dtype=str)
    codes[codes["areaCode"] == "500151"].to_csv(tmp_path / "units.csv", index=False)
    census = pd.read_csv(folder / "tongliang_2020_census_age_share_by_town.csv")
    census = census[census["town"] != "铜梁区"]
    # The census gives shares only; this population is made up.
    census["population"] = 1000 * np.arange(1, len(census) + 1)
    census.to_csv(tmp_path / "census.csv", index=False)
    expected = (census["population"] * census["pct_65plus"] / 100).sum()

    study = Study(
        root=tmp_path,
        name="铜梁",
        units=(UnitSource(path="units.csv", level="town"),),
        demand=(DemandSource(path="census.csv", elder_age=65, columns={"town_name": "town"}),),
    )
    inputs = load_inputs(study)
    assert len(inputs.demand) == len(census) == 28
    assert inputs.demand["elders"].sum() == round(expected)
    shown = inputs.demand.set_index("town_name").loc["巴川街道"]
    row = census.set_index("town").loc["巴川街道"]
    assert shown["elders"] == pytest.approx(row["population"] * row["pct_65plus"] / 100, abs=1)
    assert set(inputs.demand["counted_level"]) == {"town"}
    assert (inputs.demand["counted_unit_id"] == inputs.demand["unit_id"]).all()

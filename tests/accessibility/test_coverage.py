"""Coverage by unit: by hand, against a slow loop, and what must hold for every table."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care_map.accessibility.coverage import coverage_by_unit, facility_load, unit_at_levels
from care_map.schema import COVERAGE_BY_UNIT, FACILITY_LOAD

UNITS = pd.DataFrame(
    [
        ("D", "区", "district", ""),
        ("T1", "甲街道", "town", "D"),
        ("T2", "乙镇", "town", "D"),
        ("A", "一社区", "community", "T1"),
        ("B", "二社区", "community", "T1"),
        ("V", "村", "community", "T2"),
        ("W", "空村", "community", "T2"),
        ("X", "飞地", "community", ""),
    ],
    columns=["unit_id", "name", "level", "parent_id"],
)
LOWEST = ["A", "B", "V", "X", "T2", ""]


def tables(rows):
    """Return access and demand of (unit, setting, groups, elders, minutes, status) rows."""
    number = range(len(rows))
    unit, setting, groups, elders, minutes, status = ([row[i] for row in rows] for i in range(6))
    access = pd.DataFrame(
        {
            "demand_id": [f"d{i}" for i in number],
            "circle": "care",
            "profile": "standard",
            "unit_id": pd.Series(unit, dtype=object),
            "setting": pd.Series(setting, dtype=object),
            "elders": pd.Series(elders, dtype="int64"),
            "minutes": pd.Series(minutes, dtype=float),
            "facility_id": "f1",
            "status": pd.Series(status, dtype=object),
            "covered_any_district": [word == "covered" for word in status],
        }
    )
    demand = pd.DataFrame({"demand_id": access["demand_id"], "groups": groups})
    return access, demand


def coverage(rows):
    return coverage_by_unit(*tables(rows), UNITS, name="全区")


def figures(table, unit_id, *, level=None, setting="all", group="all"):
    """Return the one row of a unit."""
    found = table[
        (table["unit_id"] == unit_id)
        & (table["setting"] == setting)
        & (table["group"] == group)
        & (table["level"] == level if level else True)
    ]
    assert len(found) == 1
    return found.iloc[0]


# By hand


def test_ten_elders_five_covered_two_undetermined():
    rows = [("A", "urban", "", 1, 5, "covered")] * 5
    rows += [("A", "urban", "", 1, 30, "uncovered")] * 3
    rows += [("A", "urban", "", 1, np.nan, "undetermined")] * 2
    row = figures(coverage(rows), "A")
    assert (row["elders"], row["covered"], row["uncovered"], row["undetermined"]) == (10, 5, 3, 2)
    assert (row["rate_low"], row["rate_high"]) == (0.5, 0.7)


def test_weighted_median_and_ninetieth_percentile():
    rows = [
        ("A", "urban", "", 1, 5, "covered"),
        ("A", "urban", "", 4, 10, "covered"),
        ("A", "urban", "", 4, 20, "uncovered"),
        ("A", "urban", "", 1, 40, "uncovered"),
    ]
    # Of 10 elders the fifth has 10 minutes, the ninth 20.
    row = figures(coverage(rows), "A")
    assert (row["median_minutes"], row["p90_minutes"]) == (10, 20)


def test_who_cannot_reach_anything_is_infinitely_far():
    near, never = ("A", "urban", "", 5, 5, "covered"), ("A", "urban", "", 1, np.nan, "uncovered")
    row = figures(coverage([near, never]), "A")
    assert row["median_minutes"] == 5
    assert math.isnan(row["p90_minutes"])
    most = figures(coverage([near, (*never[:3], 6, *never[4:])]), "A")
    assert math.isnan(most["median_minutes"])


def test_the_undetermined_have_no_minutes_to_be_counted():
    rows = [
        ("A", "urban", "", 1, 7, "covered"),
        ("A", "urban", "", 9, np.nan, "undetermined"),
    ]
    row = figures(coverage(rows), "A")
    assert (row["median_minutes"], row["p90_minutes"]) == (7, 7)
    assert (row["rate_low"], row["rate_high"]) == (0.1, 1.0)
    only = figures(coverage(rows[1:]), "A")
    assert math.isnan(only["median_minutes"])


def test_units_without_elders_have_a_row_and_no_rate():
    table = coverage([("A", "urban", "", 1, 5, "covered")])
    for unit in ("B", "V", "W", "T2"):
        row = figures(table, unit)
        assert (row["elders"], row["covered"], row["uncovered"], row["undetermined"]) == (
            0,
            0,
            0,
            0,
        )
        empty = row[["rate_low", "rate_high", "median_minutes", "p90_minutes"]]
        assert empty.astype(float).isna().all()


def test_elders_outside_all_units_of_a_level_have_a_row_of_their_own():
    rows = [
        ("A", "urban", "", 1, 5, "covered"),
        ("X", "rural", "", 2, 5, "covered"),
        ("T2", "rural", "", 4, 5, "covered"),
        ("", "", "", 8, np.nan, "undetermined"),
    ]
    table = coverage(rows)
    assert figures(table, "all", level="all")["elders"] == 15
    assert figures(table, "none", level="district")["elders"] == 10
    assert figures(table, "none", level="town")["elders"] == 10
    assert figures(table, "none", level="community")["elders"] == 12
    assert figures(table, "T2")["elders"] == 4
    # Nobody is "none" where everybody has a unit.
    inside = coverage(rows[:1])
    assert "none" not in set(inside["unit_id"])


def test_settings_and_groups_are_parts_of_all():
    rows = [
        ("A", "urban", "aged_80;living_alone", 1, 5, "covered"),
        ("A", "urban", "aged_80", 2, 30, "uncovered"),
        ("V", "rural", "", 4, 30, "uncovered"),
        ("A", "", "living_alone", 8, 5, "covered"),
    ]
    table = coverage(rows)
    expected = {
        ("all", "all"): (15, 9),
        ("urban", "all"): (3, 1),
        ("rural", "all"): (4, 0),
        ("all", "aged_80"): (3, 1),
        ("all", "living_alone"): (9, 9),
        ("urban", "living_alone"): (1, 1),
    }
    for (setting, group), (elders, covered) in expected.items():
        row = figures(table, "all", setting=setting, group=group)
        assert (row["elders"], row["covered"]) == (elders, covered)
    # No rows of nothing but for the one row that every unit has.
    rest = table[(table["setting"] != "all") | (table["group"] != "all")]
    assert (rest["elders"] > 0).all()


def test_circles_and_profiles_stand_apart():
    access, demand = tables([("A", "urban", "", 1, 5, "covered")])
    slow = access.assign(profile="elder", status="uncovered", covered_any_district=False)
    other = access.assign(circle="meals")
    both = pd.concat([access, slow, other], ignore_index=True)
    table = coverage_by_unit(both, demand, UNITS, name="全区")
    whole = table[table["unit_id"] == "all"].set_index(["circle", "profile"])["covered"]
    assert whole.to_dict() == {
        ("care", "standard"): 1,
        ("care", "elder"): 0,
        ("meals", "standard"): 1,
    }


def test_columns_and_kinds_also_of_nothing():
    access, _ = tables([])
    for rows in ([], [("A", "urban", "", 1, 5, "covered")]):
        table = coverage(rows)
        assert list(table.columns) == COVERAGE_BY_UNIT.names
        assert table["elders"].dtype == "int64"
        assert table["rate_low"].dtype == "float64"
    load = facility_load(access, pd.DataFrame(columns=["facility_id", "name", "roles", "unit_id"]))
    assert list(load.columns) == FACILITY_LOAD.names
    assert load.empty


def test_the_callers_tables_stay_as_they_were():
    access, demand = tables([("A", "urban", "", 1, 5, "covered")])
    before = [table.copy(deep=True) for table in (access, demand, UNITS)]
    coverage_by_unit(access, demand, UNITS, name="全区")
    for now, then in zip((access, demand, UNITS), before, strict=True):
        pd.testing.assert_frame_equal(now, then)


def test_units_at_levels_end_at_the_top_and_never_hang():
    loop = pd.DataFrame(
        [("P", "town", "Q"), ("Q", "town", "P"), ("C", "community", "gone")],
        columns=["unit_id", "level", "parent_id"],
    )
    found = unit_at_levels(loop)
    assert found.loc["P"].to_dict() == {"district": "", "town": "P", "community": ""}
    assert found.loc["C"].to_dict() == {"district": "", "town": "", "community": "C"}
    assert unit_at_levels(UNITS).loc["A"].tolist() == ["D", "T1", "A"]
    assert unit_at_levels(UNITS.iloc[:0]).empty


def test_load_counts_only_who_is_inside():
    access, _ = tables(
        [
            ("A", "urban", "", 2, 5, "covered"),
            ("A", "urban", "", 3, 9, "covered"),
            ("A", "urban", "", 7, 30, "uncovered"),
            ("A", "urban", "", 9, np.nan, "undetermined"),
        ]
    )
    cards = pd.DataFrame(
        {"facility_id": ["f1", "f2"], "name": ["站", "空"], "roles": "clinic", "unit_id": "A"}
    )
    load = facility_load(access, cards)
    assert load[["facility_id", "facility_name", "elders_nearest"]].to_numpy().tolist() == [
        ["f1", "站", 5]
    ]


# What holds for every table

row_of_access = st.tuples(
    st.sampled_from(LOWEST),
    st.sampled_from(["urban", "rural", ""]),
    st.sampled_from(["", "aged_80", "aged_80;living_alone", "dementia"]),
    st.integers(0, 40),
    st.sampled_from([0.0, 5.0, 12.5, 15.0, 44.0, np.nan]),
    st.sampled_from(["covered", "uncovered", "undetermined"]),
)
rows_of_access = st.lists(row_of_access, min_size=1, max_size=25)
SUMS = ["elders", "covered", "uncovered", "undetermined", "covered_any_district"]


@settings(max_examples=40, deadline=None)
@given(rows_of_access)
def test_sums_hold_in_every_row_and_at_every_level(rows):
    table = coverage(rows)
    parts = table["covered"] + table["uncovered"] + table["undetermined"]
    assert (parts == table["elders"]).all()
    known = table[table["elders"] > 0]
    assert (known["rate_low"] <= known["rate_high"]).all()
    assert known["rate_low"].ge(0).all()
    assert known["rate_high"].le(1).all()
    assert table.loc[table["elders"] == 0, "rate_low"].isna().all()
    by_level = table.groupby(["level", "setting", "group"])[SUMS].sum().reset_index()
    whole = by_level[by_level["level"] == "all"].set_index(["setting", "group"])[SUMS]
    for _, part in by_level.groupby("level"):
        sums = part.set_index(["setting", "group"])[SUMS]
        assert sums.loc[whole.index].equals(whole)


@settings(max_examples=40, deadline=None)
@given(rows_of_access)
def test_the_same_by_a_slow_loop(rows):
    table = coverage(rows)
    keys = ["level", "unit_id", "setting", "group"]
    listed = {tuple(row[key] for key in keys): row for row in table.to_dict("records")}
    assert len(listed) == len(table)
    expected = slow_coverage(rows)
    assert listed.keys() == expected.keys()
    for key, values in expected.items():
        for name, value in values.items():
            found = listed[key][name]
            assert found == value or (math.isnan(found) and math.isnan(value)), (key, name)


def slow_coverage(rows):
    """Sum the rows with plain loops and dictionaries."""
    parent = dict(zip(UNITS["unit_id"], UNITS["parent_id"], strict=True))
    level_of = dict(zip(UNITS["unit_id"], UNITS["level"], strict=True))
    cells = {("all", "all", "all", "all"): []}
    for unit, level in level_of.items():
        cells[level, unit, "all", "all"] = []
    for row in rows:
        unit, setting, groups, elders, *_ = row
        places = {"all": "all", "district": "none", "town": "none", "community": "none"}
        while unit:
            places[level_of[unit]] = unit
            unit = parent[unit]
        for level, place in places.items():
            for s in {"all", setting} - {""}:
                for g in {"all", *groups.split(";")} - {""}:
                    if elders or (level, place, s, g) in cells:
                        cells.setdefault((level, place, s, g), []).append(row)
    return {key: slow_figures(members) for key, members in cells.items()}


def slow_figures(members):
    count = dict.fromkeys(["covered", "uncovered", "undetermined"], 0)
    times = []
    for _, _, _, elders, minutes, status in members:
        count[status] += elders
        if status != "undetermined":
            times += [math.inf if math.isnan(minutes) else minutes] * elders
    total = sum(count.values())
    times.sort()
    return {
        "elders": total,
        **count,
        "rate_low": count["covered"] / total if total else math.nan,
        "rate_high": (count["covered"] + count["undetermined"]) / total if total else math.nan,
        "median_minutes": slow_share(times, 5),
        "p90_minutes": slow_share(times, 9),
        "covered_any_district": count["covered"],
    }


def slow_share(times, tenths):
    """Return the first time by which so many tenths of the elders are there."""
    for number, time in enumerate(times, start=1):
        if number * 10 >= tenths * len(times):
            return time if math.isfinite(time) else math.nan
    return math.nan


def test_the_slow_loop_can_tell_a_difference():
    rows = [("A", "urban", "", 1, 5.0, "covered"), ("A", "urban", "", 1, 9.0, "uncovered")]
    slow = slow_coverage(rows)["community", "A", "all", "all"]
    assert (slow["rate_low"], slow["median_minutes"], slow["p90_minutes"]) == (
        pytest.approx(0.5),
        5,
        9,
    )

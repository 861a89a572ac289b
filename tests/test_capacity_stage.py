"""Capacity of a study: minutes by head on one street, and the planted gap of the demonstration."""

import csv
import json
from dataclasses import replace
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from small_study import EAST, FACILITIES, VILLAGE, WEST, write_study
from stages import Stages

import care_map as cm
from care_map.access import access_table
from care_map.accessibility.coverage import ALL
from care_map.capacity_pairs import circles_of_service
from care_map.capacity_stage import capacity_tables
from care_map.full_gaps import with_full_gaps
from care_map.gap_places import Surroundings
from care_map.gap_table import GapTables
from care_map.inputs.load import load_inputs
from care_map.schema import CAPACITY_BY_UNIT, GAP_REASONS, GAPS
from care_map.search_points import make_search
from care_map.study_network import read_ground
from care_map.values import Circle, CircleRule

NEEDS = {"a": "day_care", "b": "day_care", "c": "day_care", "g": "day_care"}
HOME = ("H", "河村养老院", "care_home", "operating", 5000, 0)


def study_of(folder, *, services=(), needs=NEEDS, more=(), **columns):
    """Write the small study with services, needs by elder, and more columns of facilities."""
    file = write_study(
        folder,
        facilities=[*FACILITIES, *more],
        more='[[services]]\npath = "services.csv"',
    )
    rows = ["facility_id,service,capacity,capacity_unit", *services]
    (folder / "services.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    for name, table in (("elders", {"needs": needs}), ("facilities", columns)):
        lines = list(csv.DictReader((folder / f"{name}.csv").read_text("utf-8").splitlines()))
        for line in lines:
            key = next(iter(line.values()))
            line.update({column: cells.get(key, "") for column, cells in table.items() if cells})
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, lines[0])
            writer.writeheader()
            writer.writerows(lines)
    return file


def assessed(folder, **parts):
    return Stages(cm.read_study(study_of(folder, **parts)))


def of_unit(result, unit=ALL, *, service="day_care", catchment="care"):
    table = result.capacity_by_unit
    rows = table[(table["service"] == service) & (table["catchment"] == catchment)]
    return rows[(rows["unit_id"] == unit) & (rows["level"] != "town")].iloc[0]


def codes(result):
    return {statement.code for statement in result.capacity.statements}


def test_enough_places_by_hand(tmp_path):
    services = ["F1,day_care,6,位", "F2,day_care,50,位"]
    result = cm.assess(cm.read_study(study_of(tmp_path, services=services)))
    whole = of_unit(result)
    # a (2) at the door and b (1) at the limit; c lives a metre beyond, g nobody knows where; F2
    # does not operate.
    assert whole[["elders", "demand", "zero_access", "undetermined"]].tolist() == [18, 8, 3, 2]
    assert whole[["assigned", "full", "open"]].tolist() == [3, 0, 0]
    assert whole[["supply", "capacity_unit", "facilities"]].tolist() == [6, "位", 1]
    assert whole["zero_share"] == 0.5
    assert whole["access_2sfca"] == pytest.approx(100 * 6 / 6)
    west = of_unit(result, WEST)
    assert west["demand_weighted"] == 6
    assert of_unit(result, EAST)["demand"] == 0
    facility = result.capacity_by_facility.iloc[0]
    assert facility[["facility_id", "demand", "nearest", "assigned", "free"]].tolist() == [
        "F1",
        3,
        3,
        3,
        3,
    ]
    assert facility["ratio"] == 200
    assert not facility["overloaded"]
    assert "full" not in set(result.gaps["status"])
    assert list(result.capacity_by_unit.columns) == CAPACITY_BY_UNIT.names
    assert result.summary["capacity"][0]["assigned"] == 3
    json.dumps(dict(result.summary))
    stages = assessed(tmp_path / "stages", services=services)
    pd.testing.assert_frame_equal(stages.capacity_by_unit, result.capacity_by_unit)
    assert codes(stages)
    assert codes(stages) <= {statement.code for statement in result.assumptions}


def test_a_full_station_is_a_gap_of_its_own_and_takes_nothing_from_coverage(tmp_path):
    enough = assessed(tmp_path / "a", services=["F1,day_care,3,位"])
    scarce = assessed(tmp_path / "b", services=["F1,day_care,2,位"])
    assert of_unit(scarce)[["assigned", "full"]].tolist() == [2, 1]
    assert bool(scarce.capacity_by_facility["overloaded"].iloc[0])
    pd.testing.assert_frame_equal(scarce.coverage_by_unit, enough.coverage_by_unit)
    assert (enough.gaps["status"] != "full").all()
    gap = scarce.gaps[scarce.gaps["status"] == "full"].iloc[0]
    assert gap[["elders", "reasons", "remedy", "remedy_elders"]].tolist() == [
        1,
        "full",
        "more_capacity",
        1,
    ]
    assert gap[["priority_elders", "facility_id", "unit_id"]].tolist() == [1, "F1", WEST]
    assert "日间照料" in gap["name"]
    assert gap["minutes"] == pytest.approx(15, abs=1e-3)
    assert gap["rank"] == (scarce.gaps["circle"] == "care").sum()
    proof = scarce.gap_reasons[scarce.gap_reasons["gap_id"] == gap["gap_id"]].iloc[0]
    assert proof[["reason", "suffices", "elders", "elders_helped", "limit_minutes"]].tolist() == [
        "full",
        True,
        1,
        1,
        15,
    ]
    assert scarce.gaps["gap_id"].is_unique
    others = scarce.gaps[scarce.gaps["status"] != "full"]
    pd.testing.assert_frame_equal(
        pd.DataFrame(others).reset_index(drop=True), pd.DataFrame(enough.gaps)
    )


def test_a_blank_capacity_is_unknown_and_never_zero(tmp_path):
    result = assessed(tmp_path, services=["F1,day_care,,"])
    whole = of_unit(result)
    assert whole[["assigned", "full", "open", "capacity_unknown"]].tolist() == [0, 0, 3, 1]
    assert np.isnan(whole["supply"])
    facility = result.capacity_by_facility.iloc[0]
    assert facility[["capacity", "ratio", "assigned", "free"]].isna().all()
    assert facility["overloaded"] is pd.NA
    assert "full" not in set(result.gaps["status"])
    assert "capacity_unknown" in codes(result)


def test_another_unit_is_not_converted(tmp_path):
    more = [("F4", "某站", "community_station", "operating", 520, 0)]
    services = ["F1,day_care,5,位", "F4,day_care,3,间", "F3,day_care,4,位"]
    result = assessed(tmp_path, services=services, more=more)
    assert of_unit(result)[["supply", "capacity_unit", "capacity_unknown"]].tolist() == [9, "位", 1]
    assert "capacity_other_units" in codes(result)


def test_without_needs_nobody_is_said_to_find_no_place(tmp_path):
    result = assessed(tmp_path, services=["F1,day_care,1,位"], needs={})
    whole = of_unit(result)
    assert whole[["assigned", "full", "open"]].isna().all()
    assert whole["demand"] == 18
    assert {"capacity_no_residual", "capacity_everybody", "capacity_needs_default"} <= codes(result)
    assert "full" not in set(result.gaps["status"])


def test_homes_are_reached_by_car_and_stations_have_no_beds(tmp_path):
    result = assessed(
        tmp_path,
        services=["F1,day_care,6,位", "H,respite,2,张"],
        needs={**NEEDS, "a": "respite", "g": "respite"},
        more=[HOME],
        beds={"H": "40"},
        nursing_beds={"H": "10"},
    )
    beds = result.capacity_by_facility[result.capacity_by_facility["service"] == "beds"]
    assert set(beds["facility_id"]) == {"H"}
    assert set(beds["catchment"]) == {"drive_30", "drive_60", "district"}
    drive = of_unit(result, service="respite", catchment="drive_60")
    # 4,500 m are 75 minutes on foot and some 15 by car; g has no place that is known.
    assert drive[["demand", "assigned", "full", "zero_access", "undetermined"]].tolist() == [
        4,
        2,
        0,
        0,
        2,
    ]
    assert of_unit(result, service="respite", catchment="drive_30")["access_2sfca"] == 100
    district = of_unit(result, service="respite", catchment="district")
    assert district["access_2sfca"] == 50
    assert district["undetermined"] == 0
    table = result.beds_by_unit.set_index(["level", "unit_id"])
    assert table.loc[("community", VILLAGE), ["beds", "nursing_beds", "other_beds"]].tolist() == [
        40,
        10,
        30,
    ]
    assert table.loc[("community", WEST), "beds"] == 0
    assert "capacity_homes" in codes(result)


def test_a_home_whose_beds_are_blank_is_listed_as_unknown(tmp_path):
    more = [HOME, ("I", "另一养老院", "care_home", "operating", 4000, 0)]
    result = assessed(tmp_path, more=more, beds={"H": "40"})
    whole = of_unit(result, service="beds", catchment="district")
    assert whole[["supply", "capacity_unknown"]].tolist() == [40, 1]
    assert result.beds_by_unit.iloc[0]["beds_unknown"] == 1


def test_a_study_that_tells_no_capacity_has_empty_tables(tmp_path):
    result = cm.assess(cm.read_study(write_study(tmp_path)))
    for name in ("capacity_by_unit", "capacity_by_facility", "beds_by_unit"):
        assert not len(getattr(result, name))
    said = {statement.code for statement in result.assumptions}
    assert not {code for code in said if code.startswith("capacity")}
    assert result.summary["capacity"] == []


def test_moving_an_elder_changes_nobody_elses_nearest_minutes(tmp_path):
    services = ["F1,day_care,1,位"]
    before = assessed(tmp_path / "a", services=services)
    file = study_of(tmp_path / "b", services=services)
    elders = pd.read_csv(tmp_path / "b" / "elders.csv", dtype=str, keep_default_na=False)
    there = elders.set_index("demand_id")[["lon", "lat"]]
    elders.loc[elders["demand_id"] == "c", ["lon", "lat"]] = there.loc["e"].to_numpy()
    elders.to_csv(tmp_path / "b" / "elders.csv", index=False)
    after = Stages(cm.read_study(file))
    stay = before.access["demand_id"] != "c"
    pd.testing.assert_series_equal(before.access[stay]["minutes"], after.access[stay]["minutes"])
    assert of_unit(before)["full"] == of_unit(after)["full"] == 2


def circle(name, types, minutes, settings=("urban", "rural")):
    rules = {setting: CircleRule("standard", minutes) for setting in settings}
    return Circle(name, "", tuple(map(tuple, types)), rules)


def test_a_service_belongs_to_the_widest_circle_of_its_own_types():
    circles = [
        circle("care_10", [["community_station"]], 10),
        circle("care_15", [["community_station"]], 15),
        circle("medical", [["hospital"]], 15, ("urban",)),
        circle("medical_rural", [["hospital"]], 25, ("rural",)),
        circle("both", [["hospital"], ["community_station"]], 99),
    ]

    def named(service):
        found = circles_of_service(circles, service)
        return {setting: one.id for setting, one in found.items()}

    assert named("day_care") == {"urban": "care_15", "rural": "care_15"}
    assert named("medical") == {"urban": "medical", "rural": "medical_rural"}
    # No circle of meals: they are had where care is.
    assert named("meals") == named("day_care")


# The demonstration district

FULL = "full"


@pytest.fixture(scope="module")
def demo(demo_study):
    """Return what the stage reads of the demonstration district."""
    study = cm.read_study(demo_study)
    ground = read_ground(study)
    inputs = load_inputs(study, extent=ground.reading.extent)
    network, _ = ground.network(inputs.crs)
    search = make_search(study, inputs, network)
    near = Surroundings(network, ground.reading.places, inputs.crs, study.language)
    return study, inputs, search, network, access_table(study, inputs, search), near


def full_gaps(demo, places=None):
    study, inputs, search, network, access, near = demo
    if places is not None:
        services = inputs.services.copy()
        mine = (services["facility_id"] == "F0005") & (services["service"] == "day_care")
        assert services.loc[mine, "capacity"].tolist() == [6]
        services.loc[mine, "capacity"] = places
        inputs = replace(inputs, services=services)
    capacity = capacity_tables(study, inputs, search, network)
    empty = gpd.GeoDataFrame(pd.DataFrame(columns=GAPS.names), geometry=[], crs=inputs.crs)
    none = GapTables(empty, pd.DataFrame(columns=GAP_REASONS.names), np.full(len(access), -1), near)
    return capacity, with_full_gaps(none, capacity, study, inputs, access)


@pytest.fixture(scope="module")
def as_it_is(demo):
    return full_gaps(demo)


def test_the_planted_full_station_is_found_and_no_other(as_it_is, demo_study):
    table = pd.read_csv(demo_study.parent / "planted_gaps.csv", encoding="utf-8-sig", dtype=str)
    row = table.set_index("cause").loc[FULL]
    capacity, found = as_it_is
    gaps = found.gaps
    assert set(gaps["unit_id"]) == {row["unit_id"]}
    assert set(gaps["facility_id"]) == {row["facility_id"]}
    assert set(gaps["reasons"]) == {FULL}
    assert set(gaps["circle"]) == {row["circle"]}
    assert all(row["place"] in name for name in gaps["name"])
    assert set(found.reasons["reason"]) == {FULL}
    assert found.reasons["suffices"].all()
    by_unit = capacity.by_unit
    here = by_unit[(by_unit["unit_id"] == row["unit_id"]) & (by_unit["service"] == "day_care")]
    assert gaps["elders"].sum() == here["full"].iloc[0] == here["demand"].iloc[0] - 6 > 6


def test_with_places_enough_the_planted_gap_vanishes(demo, as_it_is):
    needed = int(as_it_is[1].gaps["elders"].sum()) + 6
    left = [int(full_gaps(demo, places)[1].gaps["elders"].sum()) for places in (needed - 1, needed)]
    assert left == [1, 0]


def test_every_sum_of_the_demonstration_holds(demo_result):
    table = demo_result.capacity_by_unit
    told = table[table["assigned"].notna()]
    parts = told[["assigned", "full", "open", "zero_access", "undetermined"]].sum(axis=1)
    assert (parts == told["demand"]).all()
    keys = ["service", "catchment"]
    for name in ("demand", "supply", "zero_access", "undetermined"):
        sums = table.pivot_table(name, index=keys, columns="level", aggfunc="sum")
        assert sums.eq(sums["all"], axis=0).all(axis=None)
    for method in ("access_2sfca", "access_e2sfca", "access_gaussian"):
        given = table[method].fillna(0) * table["demand_weighted"] / 100
        sums = table.assign(given=given).pivot_table(
            "given", index=keys, columns="level", aggfunc="sum"
        )
        np.testing.assert_allclose(sums, np.tile(sums[["all"]], sums.shape[1]), rtol=1e-9)
    reached = demo_result.capacity_by_facility
    supply = reached[reached["demand"] > 0].groupby(keys)["capacity"].sum()
    whole = table[table["level"] == ALL].set_index(keys)
    given = whole["access_2sfca"] * whole["demand_weighted"] / 100
    np.testing.assert_allclose(given[supply.index], supply)


def test_wider_drives_reach_no_fewer(demo_result):
    table = demo_result.capacity_by_unit
    for service in ("beds", "respite"):
        rows = table[(table["service"] == service) & (table["level"] == "community")]
        none = rows.pivot_table("zero_access", index="unit_id", columns="catchment")
        order = none[["district", "drive_60", "drive_30"]]
        for fewer, more in pairwise(order.columns):
            assert (order[fewer] <= order[more]).all()

"""What is said about a network, by hand."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from networks import CORNER, CRS_METRIC, road_table, way

from care_map.diagnostics.network_report import (
    missing_classes,
    network_problems,
    network_report,
)
from care_map.diagnostics.path_completeness import path_completeness
from care_map.errors import InputError
from care_map.inputs.roads import read_roads
from care_map.messages import catalogue
from care_map.network.build import build_network
from care_map.network.costs import cost_edges
from care_map.values import PROFILES

PLACES = {
    1: (0, 0),
    2: (30_000, 0),
    3: (0, 5000),
    4: (4000, 5000),
    5: (0, 9000),
    6: (500, 9000),
    7: (0, 20_000),
    8: (200_000, 20_000),
}


def costs_of(ways, profile):
    network = build_network(road_table(ways), CRS_METRIC)
    return cost_edges(network, PROFILES[profile], min_component_m=2000.0)


@pytest.fixture
def costs():
    ways = [
        way(1, [1, 2], PLACES, "residential", maxspeed="40"),
        way(2, [3, 4], PLACES, "track"),
        way(3, [5, 6], PLACES, "service"),
        way(4, [7, 8], PLACES, "primary"),
    ]
    return costs_of(ways, "rural_drive")


def values(table, mode):
    part = table[table["mode"] == mode]
    return dict(zip(part["item"], part["value"], strict=True))


def test_shares_of_demand_by_size_of_component(costs):
    by_way = {int(w): e for e, w in enumerate(costs.network.edge_way)}
    edges = np.array([by_way[0], by_way[1], by_way[2], by_way[3], -1, -1])
    weight = np.array([4.0, 3.0, 2.0, 1.0, 5.0, 5.0])
    table = network_report({"car": costs}, demand_edges={"car": edges}, demand_weight=weight)
    found = {name: value for name, value in values(table, "car").items() if "demand" in name}
    assert found == pytest.approx(
        {
            "demand_no_point": 0.0,
            "demand_no_road": 0.5,
            "demand_island": 0.1,
            "demand_under_10_km": 0.15,
            "demand_under_100_km": 0.2,
            "demand_from_100_km": 0.05,
        }
    )
    assert sum(found.values()) == pytest.approx(1.0)
    alone = values(network_report({"car": costs}, demand_edges={"car": edges}), "car")
    assert alone["demand_no_road"] == pytest.approx(1 / 3)


def test_who_has_no_point_has_a_share_as_well(costs):
    edges, weight = np.array([0, -1]), np.array([6.0, 2.0])
    table = network_report(
        {"car": costs}, demand_edges={"car": edges}, demand_weight=weight, demand_total=10.0
    )
    found = {name: value for name, value in values(table, "car").items() if "demand" in name}
    assert found["demand_no_point"] == pytest.approx(0.2)
    assert found["demand_no_road"] == pytest.approx(0.2)
    assert sum(found.values()) == pytest.approx(1.0)


def test_findings_of_a_report(costs):
    edges = {"car": np.array([0, -1])}
    table = network_report({"car": costs}, demand_edges=edges)
    off, missing = network_problems({"car": costs}, table)
    assert (off.code, off.values["no_road"], off.values["island"]) == (
        *("network_demand_off", 0.5),
        0.0,
    )
    assert "50.0%" in off.message(catalogue("zh"))
    assert (missing.code, missing.values["classes"]) == (
        "network_classes_missing",
        "trunk, secondary, tertiary, unclassified",
    )
    all_on = network_report({"car": costs}, demand_edges={"car": np.array([0])})
    assert [p.code for p in network_problems({"car": costs}, all_on)] == [missing.code]
    assert network_problems({}, table) == ()


def test_no_demand_no_shares(costs):
    for options in ({}, {"demand_edges": {"foot": np.array([0])}}):
        assert not any(
            "demand" in item for item in values(network_report({"car": costs}, **options), "car")
        )
    table = network_report(
        {"car": costs}, demand_edges={"car": np.array([0])}, demand_weight=np.array([0.0])
    )
    assert not table["item"].str.startswith("demand").any()


def test_missing_classes_and_speeds(costs):
    found = values(network_report({"car": costs}), "car")
    length_m = costs.network.edge_length_m
    share = 1.0 - length_m[costs.network.edge_way == 0].sum() / length_m.sum()
    assert found["no_speed_limit_share"] == pytest.approx(share)
    assert missing_classes(costs, "car") == ("trunk", "secondary", "tertiary", "unclassified")
    assert found["missing_classes"] == 4
    on_foot = values(network_report({"foot": costs}), "foot")
    assert "no_speed_limit_share" not in on_foot


def test_every_item_has_a_label(costs):
    table = network_report({"car": costs}, demand_edges={"car": np.array([0])})
    for language in ("zh", "en"):
        texts = catalogue(language)
        assert [item for item in table["item"] if not texts.has(f"network.{item}")] == []


def units_of(*boxes):
    places = [None if box is None else shapely.box(*(np.array(box) + CORNER * 2)) for box in boxes]
    ids = [f"u{i}" for i in range(len(boxes))]
    return gpd.GeoDataFrame({"unit_id": ids}, geometry=places, crs=CRS_METRIC)


def test_path_completeness_by_hand():
    places = {1: (0, 0), 2: (1000, 0), 3: (0, 50), 4: (500, 50), 5: (5000, 0), 6: (6000, 0)}
    ways = [
        way(1, [1, 2], places, "residential"),
        way(2, [3, 4], places, "footway"),
        way(3, [5, 6], places, "residential"),
    ]
    network = build_network(road_table(ways), CRS_METRIC)
    units = units_of((-10, -10, 1100, 200), (4900, -10, 6100, 10), (9000, 0, 9100, 9), None)
    found = path_completeness(network, units.to_crs(4326))
    assert found.index.tolist() == ["u0", "u1", "u2", "u3"]
    # The footway ends at 500; 86.6 m further the street is 100 m away from its end.
    assert found.loc["u0", "score"] == pytest.approx(0.5866, abs=0.03)
    assert found.loc["u0", "foot_share"] == pytest.approx(1 / 3, abs=1e-3)
    assert found.loc["u0", "street_km"] == pytest.approx(1.0, abs=1e-3)
    assert found.loc["u1", ["score", "foot_share"]].tolist() == [0.0, 0.0]
    assert found.loc["u2", ["score", "foot_share"]].isna().all()
    assert found.loc["u3"].isna().all()
    # A unit twice, and one street of two scored by half: each metre counts once.
    twice = units_of((-10, -10, 1100, 200), (-10, -10, 1100, 200), (4900, -10, 6100, 10), None)
    whole = path_completeness(network, twice, whole="all").loc["all"]
    assert whole["score"] == pytest.approx(found.loc["u0", "score"] / 2, abs=1e-3)
    assert whole["street_km"] == pytest.approx(2.0, abs=1e-3)
    assert path_completeness(network, units_of(None), whole="all").loc["all"].isna().all()


def test_units_without_crs():
    network = build_network(road_table([way(1, [1, 2], PLACES)]), CRS_METRIC)
    units = units_of((0, 0, 1, 1)).set_crs(None, allow_override=True)
    with pytest.raises(InputError) as caught:
        path_completeness(network, units)
    assert caught.value.problems[0].code == "units_without_crs"
    assert str(caught.value)


@pytest.mark.real_data
def test_a_well_mapped_centre_scores_higher_than_one_without_paths(shared_data):
    table, _ = read_roads(shared_data / "helsinki" / "helsinki.osm.pbf")
    network = build_network(table, CRS_METRIC.from_epsg(32635))
    x, y = network.vertex_x, network.vertex_y
    whole = gpd.GeoDataFrame(
        {"unit_id": ["all"]},
        geometry=[shapely.box(x.min(), y.min(), x.max(), y.max())],
        crs=network.crs,
    )
    assert path_completeness(network, whole).loc["all", "score"] > 0.9

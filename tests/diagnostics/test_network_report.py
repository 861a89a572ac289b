"""Network report: figures by hand on a toy."""

import pytest
from networks import CRS_METRIC, barrier, road_table, way

from care_map.diagnostics.network_report import network_report
from care_map.network.build import build_network
from care_map.network.costs import cost_edges
from care_map.schema import NETWORK_REPORT
from care_map.values import PROFILES

PLACES = {
    1: (0, 0),
    2: (1000, 0),
    3: (1000, 500),
    4: (0, 500),
    5: (2000, 0),
    6: (0, 5000),
    7: (300, 5000),
    8: (400, 5000),
}
WAYS = [
    way(1, [1, 2, 3, 4, 1], PLACES),  # a block of 3000 m, cut at 2
    way(2, [2, 5], PLACES, "motorway"),  # 1000 m, for cars
    way(3, [6, 7], PLACES, "footway"),  # an island of 400 m, 300 of it on foot
    way(4, [7, 8], PLACES),
]
UNITS = {
    "edges": "1",
    "length": "km",
    "largest_component_share": "share",
    "island_edges": "1",
    "island_length": "km",
    "dead_ends": "1",
    "barriers": "1",
}


def report(ways, walls=None, modes=("foot", "car"), min_component_m=2000.0):
    network = build_network(road_table(ways, walls), CRS_METRIC, merge=False)
    profile = {"foot": PROFILES["standard"], "car": PROFILES["rural_drive"]}
    return network_report(
        {m: cost_edges(network, profile[m], min_component_m=min_component_m) for m in modes}
    )


def figures(table, mode):
    rows = table[(table["mode"] == mode) & table["item"].isin(UNITS)]
    return dict(zip(rows["item"], rows["value"], strict=True))


def test_figures_of_a_toy_by_hand():
    table = report(WAYS, [barrier([(0, 50), (10, 50), (20, 50)])])
    # On foot: the block's two edges (cut at 1, where it closes, and at 2), and the island's two.
    assert figures(table, "foot") == pytest.approx(
        {
            "edges": 4,
            "length": 3.4,
            "largest_component_share": 3.0 / 3.4,
            "island_edges": 2,
            "island_length": 0.4,
            "dead_ends": 2,
            "barriers": 2,
        },
        abs=1e-6,
    )
    # By car: the block, the motorway that ends at 5, and 100 m of the island.
    assert figures(table, "car") == pytest.approx(
        {
            "edges": 4,
            "length": 4.1,
            "largest_component_share": 4.0 / 4.1,
            "island_edges": 1,
            "island_length": 0.1,
            "dead_ends": 3,
            "barriers": 2,
        },
        abs=1e-6,
    )


def test_columns_units_and_order():
    table = report(WAYS)
    table = table[table["item"].isin(UNITS)]
    assert list(table.columns) == list(NETWORK_REPORT.names)
    assert table["mode"].tolist() == ["foot"] * 7 + ["car"] * 7
    assert dict(zip(table["item"], table["unit"], strict=True)) == UNITS
    assert table["value"].dtype == float


def test_the_island_length_is_the_studys():
    foot = figures(report(WAYS, min_component_m=400.1), "foot")
    assert foot["island_edges"] == 2
    assert figures(report(WAYS, min_component_m=399.9), "foot")["island_edges"] == 0


def test_a_loop_alone_has_no_dead_end():
    assert figures(report(WAYS[:1], modes=["foot"]), "foot")["dead_ends"] == 0


def test_no_roads_have_no_share():
    foot = figures(report([], modes=["foot"]), "foot")
    assert "largest_component_share" not in foot
    assert set(foot.values()) == {0.0}
    # Roads that the mode may not use are none.
    assert figures(report(WAYS[1:2], modes=["foot"]), "foot") == foot


def test_no_mode_has_no_row():
    assert report(WAYS, modes=[]).empty

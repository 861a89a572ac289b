"""Equity, second chances, draws and causes: by hand, against brute force, and in every output."""

import csv
import json
import math
from collections import Counter
from dataclasses import replace

import networks
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
from pyarrow import parquet
from small_study import CARE, ELDERS, FACILITIES, TOWN, VILLAGE, write_study
from stages import Stages

from care_map.accessibility.draws import Draws, make_draws
from care_map.assessment import assess
from care_map.circle_trips import Trip
from care_map.config import read_study
from care_map.draw_tables import NO, UNKNOWN, VARIES, YES, DrawnTrip
from care_map.errors import InputError
from care_map.network.build import build_network
from care_map.network.snap import STATUSES, Points, access_limit_m
from care_map.outputs.map.coverage import FIGURES
from care_map.outputs.map.payload import map_payload
from care_map.routing.bridges import crossed, find_bridges, seconds_without
from care_map.routing.direct import nearest_direct
from care_map.routing.nearest import travel_model
from care_map.routing.paced import paced
from care_map.values import PROFILES, Limits, Robustness
from care_map.workflows.run import run

PLAIN = "[robustness]\nspeed_low = 1.0\nspeed_high = 1.0\nsnap_low = 1.0\nsnap_high = 1.0\n"
PLAIN += "detour_low = 1.0\ndetour_high = 1.0"
BOTH = """id = "both"
require = [["community_station"], ["community_health_centre"]]
profile = "standard"
minutes = 15"""
STRAIGHT = """id = "straight"
require = [["community_station"]]
profile = "straight_line"
minutes = 15"""


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """Return the assessment of the small study as it is."""
    return assess(read_study(write_study(tmp_path_factory.mktemp("plain"))))


@pytest.fixture
def small(tmp_path):
    """Return a function that writes a small study and assesses it."""

    def _assess(**options):
        return assess(read_study(write_study(tmp_path, **options)))

    return _assess


@pytest.fixture
def access(tmp_path):
    """Return a function that writes a small study and tells who reaches what."""
    return lambda **options: Stages(read_study(write_study(tmp_path, **options))).access


def whole(table, circle="care"):
    rows = table[(table["circle"] == circle) & (table["level"] == "all")]
    return rows.iloc[0]


def station(name, x, y=0):
    return (name, name, "community_station", "operating", x, y)


# Second chances


def test_second_chances_of_the_street(small):
    # a at 500 and b at 1400 m; a second station at 1300 m is 13 minutes from a and 2 from b.
    result = small(facilities=(*FACILITIES, station("F9", 1300)))
    row = whole(result.overlap)
    counts = ["with_0", "with_1", "with_2", "with_3_or_more", "undetermined"]
    # a (2), b (1) have both; c (3) at 1401 m only the new one; d, e none of those in time.
    assert row[counts].tolist() == [9, 3, 3, 0, 3]
    assert row[counts].sum() == row["elders"] == 18
    assert (row["rate_second_low"], row["rate_second_high"]) == (3 / 18, 6 / 18)
    critical = result.critical.set_index("id")
    assert critical["elders_uncovered"].to_dict() == {"F9": 3}


def test_a_conjunction_counts_its_scarcest_part(small):
    result = small(circles=[BOTH], facilities=(*FACILITIES, station("F9", 600)))
    row = whole(result.overlap, "both")
    assert (row["with_1"], row["with_2"]) == (3 + 3, 0)  # two stations, one doctor
    critical = result.critical.set_index("id")["elders_uncovered"]
    # Without the doctor all go; without the old station nobody does.
    assert critical.to_dict() == {"F3": 6, "F9": 3}


def test_straight_lines_have_second_chances_too(small):
    result = small(circles=[STRAIGHT], roads=False, facilities=(*FACILITIES, station("F9", 900)))
    row = whole(result.overlap, "straight")
    assert row[["with_0", "with_1", "with_2", "undetermined"]].tolist() == [10, 4, 2, 2]


def test_served_only_from_outside_names_the_facility(small):
    result = small(facilities=(*FACILITIES, station("X", 6050)), elders=[("h", 3, 5600, 0, "")])
    rows = result.served_from_outside
    assert set(rows["facility_id"]) == {"X"}
    assert set(rows["level"]) == {"all", "town", "community"}
    assert set(rows["elders"]) == {3}
    assert whole(result.overlap)["only_other_district"] == 3


@pytest.mark.parametrize("seed", range(2))
def test_losses_equal_a_search_without_each_facility(small, access, seed):
    rng = np.random.default_rng(seed)
    stations = [station(f"S{i}", 50 * int(rng.integers(59))) for i in range(3)]
    elders = [
        (f"e{i}", int(rng.integers(1, 10)), 30 * int(rng.integers(130)), 0, "") for i in range(12)
    ]
    result = small(facilities=stations, elders=elders)
    covered = int(result.summary["circles"][0]["covered"])
    told = result.critical[result.critical["kind"] == "facility"].set_index("id")
    for gone in stations:
        rest = [one for one in stations if one is not gone]
        rows = access(facilities=rest, elders=elders)
        inside = (rows["profile"] == "standard") & (rows["status"] == "covered")
        left = int(rows.loc[inside, "elders"].sum())
        assert told["elders_uncovered"].get(gone[0], 0) == covered - left


# Equity


def test_equity_of_the_street(plain):
    table = plain.equity.set_index(["profile", "group"])
    row = table.loc[("standard", "all")]
    minutes, elders = [0, 15, 901 / 60, 35, 75], [2, 1, 3, 4, 5]
    pairs = list(zip(minutes, elders, strict=True))
    mean = sum(m * n for m, n in pairs) / 15
    apart = sum(abs(a - b) * p * q for a, p in pairs for b, q in pairs)
    assert row["gini"] == pytest.approx(apart / (2 * 15 * 15 * mean))
    assert (row["rate_low"], row["rate_high"]) == (3 / 18, 6 / 18)
    assert row["rate_beyond_circle_low"] == pytest.approx(12 / 18)
    assert row["rate_beyond_circle_high"] == pytest.approx(15 / 18)
    # d is in town: 15 minutes will do; e in the country: 25.
    assert row["rate_beyond_sufficient_low"] == pytest.approx(12 / 18)
    group = table.loc[("standard", "aged_80")]
    assert (group["elders"], group["covered"]) == (5, 1)
    assert group["rate_difference_low"] == pytest.approx(1 / 5 - 6 / 18)
    assert group["rate_difference_high"] == pytest.approx(1 / 5 - 3 / 18)


def test_the_worst_and_the_best_town(plain):
    row = plain.equity.iloc[0]
    # 甲街道: 3 of 10, certain. 乙镇: none of 6, one of them undetermined.
    assert (row["worst_unit"], row["worst_elders"]) == ("乙镇", 6)
    assert (row["best_unit"], row["best_unit_id"]) == ("甲街道", TOWN)
    assert (row["rate_worst_low"], row["rate_worst_high"]) == (0, 1 / 6)
    assert row["rate_spread_low"] == pytest.approx(3 / 10 - 1 / 6)
    assert row["rate_spread_high"] == pytest.approx(3 / 10)


def test_who_reaches_nothing_stands_apart(small):
    result = small(facilities=[("F1", "F1", "community_station", "planned", 500, 0)])
    row = result.equity.iloc[0]
    assert math.isnan(row["gini"])
    assert (row["reach_nothing"], row["reach_nothing_share"]) == (18, 1.0)
    assert not len(result.lorenz)


def test_lorenz_curves_run_from_corner_to_corner(small):
    elders = [(f"e{i}", 1, 10 * i, 0, "") for i in range(250)]
    for _, curve in small(elders=elders).lorenz.groupby(["circle", "profile"]):
        assert 50 < len(curve) <= 101
        points = curve[["share_of_persons", "share_of_values"]]
        assert points.iloc[0].tolist() == [0, 0]
        assert points.iloc[-1].tolist() == [1, 1]
        assert (np.diff(points, axis=0) >= 0).all()


# Draws


def test_draws_without_change_say_what_the_run_says(small):
    result = small(more=PLAIN, circles=[CARE, BOTH])
    for circle in ("care", "both"):
        row = whole(result.robustness, circle)
        base = next(c for c in result.summary["circles"] if c["circle"] == circle)
        assert row["firmly_covered"] == base["covered"]
        # f is beyond the roads: the estimate says that it is too far.
        assert (row["undecided"], row["depends"]) == (2, 0)
        assert row["rate_p05_low"] == row["rate_p95_low"] == base["rate_low"]


def test_draws_of_one_elder_by_hand(small):
    result = small(elders=[("c", 3, 1401, 0, "")])
    drawn = make_draws(Robustness())
    inside = float(np.mean(901 / drawn.speed <= 900 + 1e-6))
    row = whole(result.robustness)
    assert row["rate_mean_low"] == pytest.approx(inside)
    assert row["depends"] == 3
    gap = result.gap_robustness.iloc[0]
    assert gap["rate_still_gap"] == pytest.approx(1 - inside)
    assert gap["elders"] == 3


def test_the_same_seed_draws_the_same(small, plain):
    pd.testing.assert_frame_equal(plain.robustness, small().robustness)
    other = small(more="[robustness]\nseed = 1\ndraws = 300").robustness
    assert other["draws"].unique().tolist() == [300]
    assert not plain.robustness["rate_mean_low"].equals(other["rate_mean_low"])


def test_more_speed_and_minutes_never_cover_fewer(small, plain):
    def mean(result, circle="care"):
        return whole(result.robustness, circle)["rate_mean_low"]

    faster = "[robustness]\nspeed_low = 0.9\nspeed_high = 1.2"
    assert mean(plain) <= mean(small(more=faster))
    limits = (5, 20, 40)
    circles = [
        CARE.replace("minutes = 15", f"minutes = {limit}").replace('"care"', f'"care_{limit}"')
        for limit in limits
    ]
    wider = small(circles=circles)
    rates = [mean(wider, f"care_{limit}") for limit in limits]
    assert rates == sorted(rates)


def some_added(roads, rng):
    """Return roads of which a scenario has added some."""
    added = np.where(rng.random(len(roads.ways)) < 0.25, "yes", "")
    return replace(roads, ways=roads.ways.assign(scenario_added=added))


def hilly_town(seed):
    """Return a network with stairs, a lift and an escalator, and places by its streets.

    With an odd seed a scenario has added some of them.
    """
    rng = np.random.default_rng(seed)
    places = {10 * i + j: (300.0 * i, 300.0 * j) for i in range(4) for j in range(4)}
    ways, number = [], 0
    for i in range(4):
        for j in range(4):
            for ni, nj in ((i + 1, j), (i, j + 1)):
                if ni < 4 and nj < 4:
                    number += 1
                    kind = str(rng.choice(["residential"] * 3 + ["steps", "elevator", "escalator"]))
                    tags = {"conveying": "yes"} if kind == "escalator" else {}
                    highway = "steps" if kind == "escalator" else kind
                    nodes = [10 * i + j, 10 * ni + nj]
                    ways.append(networks.way(number, nodes, places, highway, **tags))
    homes = [(rng.uniform(-300, 1200), rng.uniform(-300, 1200)) for _ in range(60)]
    doors = [(rng.uniform(0, 900), rng.uniform(0, 900)) for _ in range(3)]
    roads = networks.road_table(ways)
    return some_added(roads, rng) if seed % 2 else roads, homes, doors


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("profile", ["standard", "rural_drive"])
def test_draws_equal_a_search_each(seed, profile):
    roads, homes, doors = hilly_town(seed)
    network = build_network(roads, networks.CRS_METRIC)
    limits = Limits(access_urban_m=100.0, min_component_m=500.0)
    way = PROFILES[profile]
    minutes = 9.0 if profile == "standard" else 6.0
    model = travel_model(network, way, limits=limits)
    places, goals = drawn_points(homes), drawn_points(doors)
    trip = one_trip(model, places, goals, minutes)
    draws = make_draws(Robustness(draws=100, seed=seed))
    one = DrawnTrip.of(trip, paced(model, network), draws)
    limit_m = access_limit_m(places, limits)
    always = one.always(draws)
    seen, island = set(), STATUSES.index("island")
    for number in range(0, 100, 9):
        speed, snap, detour = (float(part[number]) for part in astuple(draws))
        drawn = replace(
            way,
            walk_speed_mps=way.walk_speed_mps * speed,
            detour_factor=max(1.0, way.detour_factor * detour),
        )
        brute = travel_model(network, drawn, limits=limits)
        start = brute.snap(places, limit_m=limit_m * snap)
        seconds = brute.over_network(start, trip.goal)
        length_m, _ = nearest_direct(
            places,
            goals,
            origin_limit_m=limit_m * snap,
            facility_limit_m=access_limit_m(goals, limits),
            barriers=network.barriers,
            walls=brute.walls,
        )
        straight = length_m / drawn.walk_speed_mps
        beyond = start.status == STATUSES.index("beyond")
        far = brute.snap(places, limit_m=np.full(60, 20_000.0), heed_barriers=False)
        far, whose = far.places()
        extra = far.leg_m * (drawn.detour_factor - 1.0) / drawn.walk_speed_mps
        estimate = np.full(60, np.inf)
        np.minimum.at(estimate, whose, brute.over_network(far, trip.goal) + extra)
        best = np.minimum(np.where(beyond, estimate, seconds), straight)
        expected = np.where(best <= trip.cutoff_s + 1e-6, YES, NO)
        found = one.marks(draws, number)
        # Who is on an island stays as found, whatever the limit that is drawn.
        islands = (start.status == island) | (trip.start.status == island)
        settled = ~islands & (found != UNKNOWN)
        assert (found[settled] == expected[settled]).all()
        assert settled.mean() > 0.25
        fixed = settled & (always != VARIES)
        assert (always[fixed] == expected[fixed]).all()
        seen |= set(expected.tolist())
    assert len(seen) == 2


def astuple(draws: Draws):
    return draws.speed, draws.snap, draws.detour


def drawn_points(places):
    x, y = np.array(places).T
    return Points(x + networks.CORNER[0], y + networks.CORNER[1], np.zeros(len(x), bool))


def one_trip(model, places, goals, minutes):
    return Trip(
        model=model,
        cutoff_s=60.0 * minutes,
        direction="to",
        part=0,
        rows=np.arange(len(places)),
        facility=np.arange(len(goals)),
        origins=places,
        facilities=goals,
        start=model.snap(places),
        goal=model.snap(goals),
    )


# Bridges


def river_town(seed):
    """Return two banks joined by a few bridges, with homes and doors on both."""
    rng = np.random.default_rng(seed)
    places = {
        10 * i + j: (200.0 * i, 400.0 * (j > 1) + 200.0 * j) for i in range(5) for j in range(4)
    }
    ways, number = [], 0
    for i in range(5):
        for j in range(4):
            for ni, nj in ((i + 1, j), (i, j + 1)):
                over = j == 1 and nj == 2
                if ni < 5 and nj < 4 and (not over or i in (0, 2, 3)):
                    number += 1
                    tags = {"bridge": "yes", "name": f"{i}号桥"} if over else {}
                    ways.append(networks.way(number, [10 * i + j, 10 * ni + nj], places, **tags))
    homes = [(rng.uniform(0, 800), rng.choice([0.0, 200.0, 800.0, 1000.0])) for _ in range(40)]
    doors = [(rng.uniform(0, 800), rng.choice([0.0, 1000.0])) for _ in range(2)]
    roads = networks.road_table(ways)
    return some_added(roads, rng) if seed % 2 else roads, homes, doors


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("direction", ["to", "from"])
def test_closing_a_bridge_equals_a_network_without_it(seed, direction):
    roads, homes, doors = river_town(seed)
    network = build_network(roads, networks.CRS_METRIC)
    model = travel_model(network, PROFILES["standard"], limits=Limits(min_component_m=100.0))
    start, goal = model.snap(drawn_points(homes)), model.snap(drawn_points(doors))
    now = model.over_network(start, goal, direction=direction)
    bridges = find_bridges(network)
    assert sorted(bridges.name) == ["0号桥", "2号桥", "3号桥"]
    number = bridges.of_edges(network)
    origin, over = crossed(model, start, goal, number, cutoff_s=np.inf, direction=direction)
    for bridge in range(3):
        users = set(origin[over == bridge].tolist())
        found = seconds_without(
            model, start, goal, number == bridge, cutoff_s=np.inf, direction=direction
        )
        names = [bridges.name[bridge]]
        lines = roads.ways["name"].isin(names).to_numpy()
        rest = without_ways(roads, lines)
        other = travel_model(
            build_network(rest, networks.CRS_METRIC),
            PROFILES["standard"],
            limits=Limits(min_component_m=100.0),
        )
        places, goals = drawn_points(homes), drawn_points(doors)
        expected = other.over_network(other.snap(places), other.snap(goals), direction=direction)
        np.testing.assert_allclose(found, expected, atol=1e-6)
        # Who does not cross it loses no second.
        others = [i for i in range(40) if i not in users]
        np.testing.assert_allclose(found[others], now[others], atol=1e-6)


def without_ways(roads, gone):
    """Return a road table without some ways."""
    count = np.diff(roads.offsets)
    vertices = np.repeat(~gone, count)
    return replace(
        roads,
        ways=roads.ways[~gone].reset_index(drop=True),
        offsets=np.concatenate([[0], np.cumsum(count[~gone])]).astype(np.int64),
        node_id=roads.node_id[vertices],
        lon=roads.lon[vertices],
        lat=roads.lat[vertices],
    )


def test_two_carriageways_are_one_bridge():
    places = {1: (0, 0), 2: (100, 0), 3: (0, 20), 4: (100, 20), 5: (0, 200), 6: (100, 200)}
    pairs = [(1, 2), (3, 4), (5, 6)]
    ways = [
        networks.way(number, nodes, places, bridge="yes")
        for number, nodes in enumerate(pairs, start=1)
    ]
    ways.append(networks.way(9, [2, 4, 6], places, name="石桥街"))
    bridges = find_bridges(build_network(networks.road_table(ways), networks.CRS_METRIC))
    assert sorted(Counter(bridges.group.tolist()).values()) == [1, 2]


# Three-way accounting

TEN = (
    ("a", 3, 500, 0, ""),
    ("b", 2, 900, 0, "aged_80"),
    ("c", 3, 2600, 0, ""),
    ("d", 1, 1200, 900, ""),
    ("e", 1, None, None, ""),
)


def test_five_covered_and_two_undetermined_of_ten_in_every_output(tmp_path):
    done = run(write_study(tmp_path, elders=TEN))
    counts = {"elders": 10, "covered": 5, "uncovered": 3, "undetermined": 2}
    rates = {"rate_low": 0.5, "rate_high": 0.7}
    folder = done.folder

    def holds(row):
        assert {name: row[name] for name in counts} == counts
        assert {name: float(row[name]) for name in rates} == pytest.approx(rates)

    holds(json.loads((folder / "summary.json").read_text("utf-8"))["circles"][0])
    tables = folder / "internal" / "tables"
    whole_of = {"unit_id": "all", "setting": "all", "group": "all", "profile": "standard"}

    def only(rows):
        kept = [row for row in rows if all(row[key] == one for key, one in whole_of.items())]
        assert len(kept) == 1
        return kept[0]

    with (tables / "coverage_by_unit.csv").open(encoding="utf-8-sig", newline="") as file:
        row = only(csv.DictReader(file))
    holds({**row, **{name: int(row[name]) for name in counts}})
    holds(only(parquet.read_table(tables / "coverage_by_unit.parquet").to_pylist()))
    layer = pyogrio.read_dataframe(folder / "internal" / "layers.gpkg", layer="coverage_by_unit")
    holds(only(layer.to_dict("records")))
    holds(report_row(folder / "internal" / "report.xlsx"))
    holds(payload_row(map_payload(done.result)))
    causes = parquet.read_table(tables / "undetermined.parquet").to_pandas()
    causes = causes[(causes["level"] == "all") & (causes["profile"] == "standard")]
    assert dict(zip(causes["reason"], causes["elders"], strict=True)) == {
        "no_road": 1,
        "no_coordinates": 1,
    }
    # 900 m to the street with its detour, and 700 m along it: too far by the estimate as well.
    assert causes.set_index("reason").loc[
        "no_road", ["estimated", "estimate_covered"]
    ].tolist() == [1, 0]


def report_row(file):
    """Return the key figures of the summary sheet's first row."""
    rows = list(openpyxl.load_workbook(file).worksheets[0].iter_rows(values_only=True))
    at = next(i for i, row in enumerate(rows) if "老年人数" in row)
    cells = dict(zip(rows[at], rows[at + 1], strict=True))
    titles = {
        "elders": "老年人数",
        "covered": "已覆盖",
        "uncovered": "未覆盖",
        "undetermined": "无法判定",
        "rate_low": "覆盖率下限",
        "rate_high": "覆盖率上限",
    }
    return {name: cells[title] for name, title in titles.items()}


def payload_row(payload):
    """Return the figures of the whole study that the map's page holds."""
    figures = payload["rates"]["care|standard|all"]["all"]["all"]
    return dict(zip(FIGURES, figures, strict=True))


def test_causes_sum_to_what_is_undetermined(small):
    result = small(circles=[CARE, STRAIGHT, BOTH])
    table, causes = result.coverage_by_unit, result.undetermined
    keys = ["unit_id", "level", "circle", "profile"]
    rows = table[(table["group"] == "all") & (table["setting"] == "all")].set_index(keys)
    sums = causes.groupby(keys)["elders"].sum()
    assert rows["undetermined"].sub(sums, fill_value=0).eq(0).all()
    counts = result.robustness.set_index(keys)
    parts = ["firmly_covered", "depends", "firmly_uncovered", "undecided"]
    assert counts[parts].sum(axis=1).equals(counts["elders"])


def test_merging_units_and_moving_one_elder(access, plain):
    """Towns keep the sums of their communities; one elder's move changes nobody else's minutes."""
    result = plain
    for name in ("overlap", "robustness"):
        table = getattr(result, name).set_index("unit_id")
        figures = [
            column for column in table if table[column].dtype == np.int64 and column != "draws"
        ]
        towns = table[table["level"] == "town"][figures]
        parts = table[table["level"] == "community"][figures]
        assert parts.loc[[VILLAGE]].sum().equals(towns.loc[[*towns.index[1:2]]].sum())
        assert parts.sum().equals(towns.sum())
    moved = access(elders=[("a", 2, 2000, 0, ""), *ELDERS[1:]])
    before, after = (table[table["demand_id"] != "a"] for table in (result.access, moved))
    pd.testing.assert_frame_equal(before, after)


def test_a_range_the_wrong_way_round_is_a_problem(tmp_path):
    file = write_study(tmp_path, more="[robustness]\nspeed_low = 1.2\nspeed_high = 0.9")
    with pytest.raises(InputError) as caught:
        read_study(file)
    assert [(one.code, one.column) for one in caught.value.problems] == [
        ("range_reversed", "robustness.speed_low")
    ]

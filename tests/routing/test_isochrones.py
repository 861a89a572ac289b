"""Isochrones: polygons that mean what coverage means, up to a cell of their lattice."""

import time
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely
from conftest import missing
from duel import engine_points
from hilly import rising_east, town_on_hills
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from networks import CORNER, CRS_METRIC, barrier, lonlat, points, road_table, way
from pyproj import CRS

from care_map.inputs.roads import read_roads
from care_map.network.build import build_network
from care_map.network.snap import Points
from care_map.routing.isochrones import isochrones, isochrones_each, lattice_cell_m, rings
from care_map.routing.nearest import travel_model
from care_map.values import PROFILES, Limits
from care_map.workflows.places import isochrone

SMALL = Limits(min_component_m=0.0)
DEMONSTRATION = Path(__file__).parents[2] / "data" / "roads.osm.pbf"
# In 600 s at 1 m/s, up a grade of 10 % and down one.
UP_M, DOWN_M = 600 / 1.83, 600 / 1.33
HALVES = [("to", UP_M, DOWN_M), ("from", DOWN_M, UP_M)]
"""Direction, and how far one gets west and east where the ground rises to the east."""


def model_of(ways, profile="standard", walls=None, limits=SMALL, elevation=None):
    network = build_network(road_table(list(ways), walls), CRS_METRIC, elevation=elevation)
    return travel_model(network, PROFILES[profile], limits=limits)


def at(*places, setting="urban"):
    return engine_points(points(places, setting), CRS_METRIC)


def seen(polygon, *places):
    """Tell which drawn places a polygon covers."""
    return [bool(polygon.covers(shapely.Point(CORNER[0] + x, CORNER[1] + y))) for x, y in places]


def nested(polygons):
    return all(shapely.difference(inner, outer).area < 1e-6 for inner, outer in pairwise(polygons))


# -- by hand ----------------------------------------------------------------------------------


def test_along_a_street_the_polygon_is_a_rhombus_cut_at_the_limit():
    street = way(1, [1, 2], {1: (0, 0), 2: (3000, 0)})
    five, ten = isochrones(model_of([street]), at((1500, 0)), [300, 600], cell_m=10.0)
    # What is d off the street is reached d seconds later; beyond 200 m off there is no road.
    assert five.area == pytest.approx(2 * 200 * (2 * 300 - 200), rel=0.01)
    assert ten.area == pytest.approx(2 * 200 * (2 * 600 - 200), rel=0.01)
    bounds = np.array(ten.bounds) - [*CORNER, *CORNER]
    assert bounds == pytest.approx([900, -200, 2100, 200], abs=5.0)
    assert seen(five, (1500, 0), (1795, 0), (1805, 0), (1600, 190), (1700, 190)) == [
        True,
        True,
        False,
        True,
        False,
    ]


def test_the_middle_of_an_edge_is_reached_though_its_ends_are_not():
    street = way(1, [1, 2], {1: (0, 0), 2: (8000, 0)})
    (polygon,) = isochrones(model_of([street]), at((4800, 10)), [600], cell_m=10.0)
    # The facility is 10 m off the street itself.
    assert seen(polygon, (4225, 0), (4800, 10), (5375, 0)) == [True, True, True]
    assert seen(polygon, (4200, 0), (5400, 0), (0, 0), (8000, 0)) == [False] * 4


def test_the_bank_opposite_is_not_covered_without_a_bridge():
    places = {1: (0, 0), 2: (2000, 0), 3: (0, 100), 4: (2000, 100)}
    banks = [way(1, [1, 2], places), way(2, [3, 4], places)]
    river = barrier([(-800, 50), (2800, 50)])
    (polygon,) = isochrones(model_of(banks, walls=[river]), at((1000, 0)), [900], cell_m=10.0)
    assert seen(polygon, (1000, 45), (1000, -150), (1600, 0)) == [True, True, True]
    assert seen(polygon, (1000, 55), (1000, 100), (1000, 250)) == [False, False, False]
    bridge = way(3, [2, 4], places, bridge="yes")
    model = model_of([*banks, bridge], walls=[river])
    (polygon,) = isochrones(model, at((1600, 0)), [900], cell_m=10.0)
    assert seen(polygon, (1900, 100), (1700, 100), (1500, 100)) == [True, True, False]


def test_a_bank_narrower_than_a_cell_is_seen():
    # Between river and railway a path on a strip of 6 m, and lattice lines at every 10 m.
    places = {1: (0, 3), 2: (2000, 3)}
    y0 = 5 - CORNER[1] % 10
    places = {n: (x, y0 + y - 3) for n, (x, y) in places.items()}
    walls = [barrier([(-500, y0 + d), (2500, y0 + d)]) for d in (-3, 3)]
    model = model_of([way(1, [1, 2], places)], walls=walls)
    (polygon,) = isochrones(model, at((1000, y0)), [600], cell_m=10.0)
    along = [(x, y0) for x in range(420, 1590, 13)]
    assert all(seen(polygon, *along))
    assert not any(seen(polygon, (1000, y0 + 20), (1000, y0 - 20)))


def test_a_strip_where_one_turns_from_one_street_to_another_is_late():
    # Midway between the arms of a hairpin, 30 m apart, it takes longest: 4 m there are late.
    x0, y0 = (3 - c % 10 for c in CORNER)
    places = {1: (x0, y0), 2: (x0, y0 + 15), 3: (x0 + 2000, y0 + 15), 4: (x0 + 2000, y0 - 12)}
    places[5] = (x0, y0 - 12)
    hairpin = way(1, [3, 2, 5, 4], places)
    model = model_of([hairpin])
    place = at((x0, y0))
    (polygon,) = isochrones(model, place, [600], cell_m=10.0)
    rng = np.random.default_rng(2)
    x = CORNER[0] + x0 + rng.uniform(0, 700, 20_000)
    y = CORNER[1] + y0 + rng.uniform(-12, 15, 20_000)
    seconds = model.nearest(Points(x, y, np.zeros(len(x), bool)), place).seconds
    wrong = (seconds <= 600) != shapely.contains_xy(polygon, x, y)
    away_m = shapely.distance(polygon.boundary, shapely.points(x[wrong], y[wrong]))
    assert away_m.max(initial=0.0) < 10.0


@pytest.mark.parametrize("cutoff_s", [1.0, 4.0, 8.0])
def test_a_facility_lies_in_its_polygon_though_that_is_smaller_than_a_cell(cutoff_s):
    x0, y0 = (5 - c % 10 for c in CORNER)
    street = way(1, [1, 2], {1: (x0 - 500, y0), 2: (x0 + 500, y0)})
    walls = [barrier([(x0 - 600, y0 + d), (x0 + 600, y0 + d)]) for d in (-2, 2)]
    for model in (model_of([street]), model_of([street], walls=walls)):
        cutoffs = [cutoff_s, 2 * cutoff_s]
        polygons = isochrones(model, at((x0, y0)), cutoffs, cell_m=10.0)
        assert all(polygon.is_valid for polygon in polygons)
        assert nested(polygons)
        assert seen(polygons[0], (x0, y0)) == [True]
        (each,) = isochrones_each(model, at((x0, y0)), cutoffs, cell_m=10.0)
        assert seen(each[0], (x0, y0)) == [True]


def test_a_court_too_far_from_any_road_is_a_hole_and_no_hull_is_drawn():
    places = {1: (0, 0), 2: (800, 0), 3: (800, 800), 4: (0, 800)}
    square = way(1, [1, 2, 3, 4, 1], places)
    (polygon,) = isochrones(model_of([square]), at((0, 0)), [3600], cell_m=10.0)
    assert len(polygon.geoms) == 1
    assert len(polygon.geoms[0].interiors) == 1
    hole = shapely.Polygon(polygon.geoms[0].interiors[0])
    assert hole.area == pytest.approx(400 * 400, rel=0.02)
    assert seen(polygon, (400, 400), (400, 190), (400, -190)) == [False, True, True]
    assert polygon.area < 0.9 * polygon.convex_hull.area


def test_two_facilities_far_apart_have_two_parts():
    streets = [
        way(1, [1, 2], {1: (0, 0), 2: (500, 0)}),
        way(2, [3, 4], {3: (3000, 0), 4: (3500, 0)}),
    ]
    (polygon,) = isochrones(model_of(streets), at((250, 0), (3250, 0)), [300], cell_m=10.0)
    assert len(polygon.geoms) == 2
    assert seen(polygon, (250, 0), (3250, 0), (1700, 0)) == [True, True, False]


def test_a_facility_beyond_the_roads_has_the_circle_of_its_limit():
    street = way(1, [1, 2], {1: (0, 2000), 2: (500, 2000)})
    (polygon,) = isochrones(model_of([street]), at((0, 0)), [150], cell_m=10.0)
    assert polygon.area == pytest.approx(np.pi * 150**2, rel=0.02)


def test_a_rural_facility_has_the_rural_limit():
    street = way(1, [1, 2], {1: (0, 0), 2: (1000, 0)})
    (polygon,) = isochrones(model_of([street]), at((500, 300), setting="rural"), [900], cell_m=10.0)
    assert seen(polygon, (500, 490), (500, -490), (500, 310)) == [True, True, True]


def test_towards_the_facility_counts_on_one_ways():
    places = {1: (0, 0), 2: (2000, 0), 3: (1000, 4000)}
    ring = way(1, [1, 2, 3, 1], places, oneway="yes")
    (polygon,) = isochrones(model_of([ring], "rural_drive"), at((1000, 0)), [300], cell_m=10.0)
    assert seen(polygon, (500, 0), (1500, 0)) == [True, False]


@pytest.mark.parametrize("profile", ["standard", "elder", "rural_drive"])
@pytest.mark.parametrize("shift", [(0.0, 0.0), (5.0, 5.0), (3.3, 7.1)])
def test_streets_on_lattice_lines_are_no_trouble(profile, shift):
    # Streets, facility and limits fall exactly on lattice points: ties everywhere.
    dx, dy = (s - c % 10 for s, c in zip(shift, CORNER, strict=True))
    places = {10 * i + j: (dx + 100 * i, dy + 100 * j) for i in range(9) for j in range(9)}
    ways = [way(k, [10 * k + j for j in range(9)], places) for k in range(9)]
    ways += [way(9 + k, [10 * i + k for i in range(9)], places) for k in range(9)]
    model = model_of(ways, profile)
    cutoffs = [100.0, 200.0, 200.0, 250.0, 400.0]
    polygons = isochrones(model, at((dx + 400, dy + 400)), cutoffs, cell_m=10.0)
    assert all(polygon.is_valid for polygon in polygons)
    assert nested(polygons)
    assert polygons[1].equals(polygons[2])
    if profile == "standard":
        # On such a grid one is within t where |x| + |y| <= t, up to what the blocks cost.
        assert seen(polygons[1], (dx + 400, dy + 599), (dx + 400, dy + 604)) == [True, False]


def test_nothing_in_reach_is_an_empty_polygon():
    street = way(1, [1, 2], {1: (0, 0), 2: (500, 0)})
    car = model_of([street], "rural_drive", limits=Limits(access_urban_m=0.0))
    (polygon,) = isochrones(car, at((250, 50)), [60], cell_m=10.0)
    assert polygon.is_empty


def test_the_cell_grows_with_the_area_and_is_reported(monkeypatch):
    places = {1: (0, 0), 2: (3000, 0), 3: (0, 40_000), 4: (40_000, 0)}
    ways = [way(1, [1, 2], places)]
    ways += [way(2, [1, 3], places, "motorway"), way(3, [2, 4], places, "trunk")]
    assert lattice_cell_m(model_of(ways), at((0, 0)), 900) == 10.0
    car = model_of(ways, "rural_drive")
    # 20 min less 3 from the corner: 22.7 km north on the motorway, a one-way; or 3 km of street and
    # 7.3 km of trunk road to the east. With the walks from them, and blocks that are not cut.
    far = np.sqrt((10_333 + 400) * (22_667 + 400) / 1e6)
    assert lattice_cell_m(car, at((0, 0)), 1200, direction="from") == pytest.approx(far, rel=0.03)
    assert lattice_cell_m(car, at((0, 0)), 1200) == 10.0
    network = car.costs.network
    # A tenth of the cells each way keeps the test short.
    monkeypatch.setattr("care_map.routing.isochrones._MOST_CELLS", 10_000)
    driven = isochrone(network, [lonlat(1500, 0)], profile="rural_drive", limits=SMALL)
    assert driven["cell_m"].nunique() == 1
    assert 15 < driven["cell_m"][0] < 40
    assert driven["minutes"].tolist() == [10, 15]
    assert driven.crs.to_epsg() == 4326
    walked = isochrone(network, [lonlat(1500, 0)], minutes=[15, 5], limits=SMALL)
    assert walked["minutes"].tolist() == [5, 15]
    assert walked["cell_m"].tolist() == [10, 10]
    assert nested(walked.geometry.to_list())
    assert walked.geometry.covers(shapely.Point(lonlat(1500, 0))).all()


def test_towards_and_from_the_facility_differ_on_one_ways():
    places = {1: (0, 0), 2: (2000, 0), 3: (1000, 4000)}
    ring = way(1, [1, 2, 3, 1], places, oneway="yes")
    model = model_of([ring], "rural_drive")
    (towards,) = isochrones(model, at((1000, 0)), [300], cell_m=10.0)
    (away,) = isochrones(model, at((1000, 0)), [300], cell_m=10.0, direction="from")
    assert seen(towards, (500, 0), (1500, 0)) == [True, False]
    assert seen(away, (500, 0), (1500, 0)) == [False, True]


def test_bands_are_nested_and_rings_are_disjoint_and_add_up():
    places = {10 * i + j: (97 * i + 11 * j, 103 * j - 7 * i) for i in range(9) for j in range(9)}
    ways = [way(k, [10 * k + j for j in range(9)], places) for k in range(9)]
    ways += [way(9 + k, [10 * i + k for i in range(9)], places) for k in range(0, 9, 3)]
    river = barrier([(-300, 355), (380, 341), (1200, 390)])
    model = model_of(ways, walls=[river])
    cutoffs = [60.0 * m for m in range(1, 11)]
    polygons = isochrones(model, at((150, 130), (700, 640)), cutoffs, cell_m=10.0)
    assert all(polygon.is_valid and not polygon.is_empty for polygon in polygons)
    assert nested(polygons)
    bands = rings(polygons)
    assert all(a.intersection(b).area < 1e-6 for a, b in combinations(bands, 2))
    assert shapely.union_all(bands).symmetric_difference(polygons[-1]).area < 1e-3
    assert sum(band.area for band in bands) == pytest.approx(polygons[-1].area)


def test_the_union_of_each_is_that_of_all():
    places = {1: (0, 0), 2: (900, 0), 3: (900, 700), 4: (0, 700), 5: (450, 300)}
    ways = [way(1, [1, 2, 3, 4, 1], places), way(2, [1, 5, 3], places)]
    model = model_of(ways)
    facilities = at((100, 30), (850, 650), (400, 680))
    each = isochrones_each(model, facilities, [200, 400], cell_m=10.0)
    assert len(each) == 3
    for k, one in enumerate(each):
        alone = isochrones(model, facilities.take(np.array([k])), [200, 400], cell_m=10.0)
        assert [a.equals(b) for a, b in zip(one, alone, strict=True)] == [True, True]
    for band, whole in enumerate(isochrones(model, facilities, [200, 400], cell_m=10.0)):
        union = shapely.union_all([one[band] for one in each])
        # The nearest facility decides at each lattice point: between two, the line is a cell's.
        assert union.symmetric_difference(whole).area < 0.01 * whole.area


def test_a_profile_that_goes_straight_has_circles():
    model = travel_model(None, PROFILES["straight_line"])
    small, large = isochrones(model, at((0, 0)), [130, 260], cell_m=10.0)
    assert large.area == pytest.approx(np.pi * 200**2, rel=1e-3)
    assert large.contains(small)
    one, two = isochrones_each(model, at((0, 0), (50, 0)), [130], cell_m=10.0)
    assert one[0].equals(small)
    assert not two[0].equals(small)


def test_an_isochrone_of_the_library_has_rings_lines_and_numbers():
    street = way(1, [1, 2], {1: (0, 0), 2: (3000, 0)})
    network = model_of([street]).costs.network
    places = [lonlat(1500, 0), lonlat(2900, 0)]
    asked = {"minutes": [5, 10], "limits": SMALL}
    bands = isochrone(network, places, each=True, shape="rings", **asked)
    assert bands["at"].tolist() == [1, 1, 2, 2]
    assert bands["from_minutes"].tolist() == [0, 5, 0, 5]
    assert bands["minutes"].tolist() == [5, 10, 5, 10]
    assert bands.geometry[0].intersection(bands.geometry[1]).area < 1e-12
    lines = isochrone(network, places, shape="lines", direction="from", **asked)
    assert lines["direction"].eq("from").all()
    long = lines[lines["minutes"] == 10].to_crs(CRS_METRIC)
    assert long.length.sum() == pytest.approx(600 + 600 + 600 + 100, abs=0.1)
    assert lines[["start_minutes", "end_minutes"]].to_numpy().max() <= 10 + 1e-9


# -- hills ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("direction", "west_m", "east_m"), HALVES)
def test_a_slope_cuts_the_way_uphill_sooner_than_the_way_downhill(direction, west_m, east_m):
    street = way(1, [1, 2], {1: (0, 0), 2: (3000, 0)})
    model = model_of([street], elevation=rising_east(0.10, 3000))
    (polygon,) = isochrones(model, at((1500, 0)), [600], cell_m=10.0, direction=direction)
    ends = np.array(polygon.bounds)[[0, 2]] - CORNER[0]
    assert ends == pytest.approx([1500 - west_m, 1500 + east_m], abs=2.0)
    (level,) = isochrones(model_of([street]), at((1500, 0)), [600], cell_m=10.0)
    assert polygon.area < 0.8 * level.area


@pytest.mark.parametrize("profile", ["standard", "elder"])
@pytest.mark.parametrize("direction", ["to", "from"])
def test_a_town_on_hills_is_on_the_right_side_of_the_line(profile, direction):
    ways, elevation, _ = town_on_hills()
    river = barrier([(-300, 355), (380, 341), (620, 390)])
    model = model_of(ways, profile, walls=[river], elevation=elevation)
    place, cutoffs = at((130, 140)), [240.0, 480.0]
    polygons = isochrones(model, place, cutoffs, cell_m=10.0, direction=direction)
    assert nested(polygons)
    assert polygons[0].covers(shapely.Point(place.x[0], place.y[0]))
    rng = np.random.default_rng(4)
    x, y = (rng.uniform(c - 250, c + 1100, 10_000) for c in CORNER)
    spread = Points(x, y, np.zeros(len(x), bool))
    seconds = model.nearest(spread, place, direction=direction).seconds
    for cutoff_s, polygon in zip(cutoffs, polygons, strict=True):
        wrong = (seconds <= cutoff_s) != shapely.contains_xy(polygon, x, y)
        away_m = shapely.distance(polygon.boundary, shapely.points(x[wrong], y[wrong]))
        assert wrong.mean() < 0.005
        assert away_m.max(initial=0.0) < 20.0
    # The other direction is another answer: twice as many points are wrong by it.
    other = "from" if direction == "to" else "to"
    back = model.nearest(spread, place, direction=other).seconds
    taken = shapely.contains_xy(polygons[-1], x, y)
    assert ((back <= cutoffs[-1]) != taken).mean() > 0.01


@st.composite
def towns(draw):
    """Draw a few streets, a wall, and a facility that need not be on them."""
    n_places = draw(st.integers(2, 7))
    spot = st.integers(-5, 5)
    places = {i: (97.0 * draw(spot) + 3 * i, 89.0 * draw(spot) + 7 * i) for i in range(n_places)}
    ends = st.tuples(st.integers(0, n_places - 1), st.integers(0, n_places - 1))
    # Streets that lie on each other leave open which of them is snapped to.
    pairs = draw(
        st.lists(
            ends.filter(lambda pair: pair[0] != pair[1]),
            min_size=1,
            max_size=8,
            unique_by=lambda pair: tuple(sorted(pair)),
        )
    )
    oneway = st.sampled_from(["", "yes"])
    ways = [way(k, pair, places, oneway=draw(oneway)) for k, pair in enumerate(pairs)]
    walls = [barrier([(-600, 97 * draw(spot)), (600, 89 * draw(spot))])] * draw(st.integers(0, 1))
    facility = (50 * draw(spot), 50 * draw(spot))
    return ways, walls, facility


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    town=towns(),
    profile=st.sampled_from(["standard", "cycle"]),
    direction=st.sampled_from(["to", "from"]),
)
def test_random_towns_are_on_the_right_side_of_the_line(town, profile, direction):
    ways, walls, facility = town
    model = model_of(ways, profile, walls=walls or None)
    place, cutoffs = at(facility), [60.0, 150.0, 300.0]
    polygons = isochrones(model, place, cutoffs, cell_m=10.0, direction=direction)
    assert all(polygon.is_valid for polygon in polygons)
    assert nested(polygons)
    rng = np.random.default_rng(1)
    x, y = (rng.uniform(c - 700, c + 700, 4000) for c in CORNER)
    spread = Points(x, y, np.zeros(4000, bool))
    times = model.nearest(spread, place, direction=direction).seconds
    for cutoff_s, polygon in zip(cutoffs, polygons, strict=True):
        shapely.prepare(polygon)
        wrong = (times <= cutoff_s) != shapely.contains_xy(polygon, x, y)
        assert wrong.mean() < 0.01


# -- truth ------------------------------------------------------------------------------------

CITIES = {
    "porto": ("porto_portugal.osm.pbf", 32629),
    "helsinki": ("helsinki.osm.pbf", 32635),
}


@pytest.fixture(scope="module")
def porto(shared_data):
    return _network(shared_data, "porto")


@pytest.fixture(scope="module")
def helsinki(shared_data):
    return _network(shared_data, "helsinki")


def _network(shared_data, city):
    file, epsg = CITIES[city]
    return build_network(read_roads(shared_data / city / file)[0], CRS.from_epsg(epsg))


def _facility(model, rng, *, reach_m):
    """Pick a place near a road and away from the rim of the extract."""
    network = model.costs.network
    middle = [(network.node_x.min() + network.node_x.max()) / 2]
    middle += [(network.node_y.min() + network.node_y.max()) / 2]
    while True:
        node = rng.integers(network.n_nodes)
        x, y = network.node_x[[node]], network.node_y[[node]]
        place = Points(x + rng.normal(0, 20, 1), y + rng.normal(0, 20, 1), np.zeros(1, bool))
        far = np.hypot(x[0] - middle[0], y[0] - middle[1]) > reach_m
        if not far and model.snap(place).edge[0] >= 0:
            return place


class Judged:
    """Points spread over the disc that could be reached, judged by their exact times."""

    def __init__(self, model, place, cutoff_s, polygon, cell_m, *, speed_mps, count=15_000):
        rng = np.random.default_rng(3)
        radius = cutoff_s * speed_mps * np.sqrt(rng.uniform(0, 1, count))
        angle = rng.uniform(0, 2 * np.pi, count)
        x = place.x[0] + radius * np.cos(angle)
        y = place.y[0] + radius * np.sin(angle)
        times = model.nearest(Points(x, y, np.zeros(count, bool)), place).seconds
        covered = times <= cutoff_s + 1e-6
        shapely.prepare(polygon)
        wrong = covered != shapely.contains_xy(polygon, x, y)
        off = shapely.distance(polygon.boundary, shapely.points(x[wrong], y[wrong]))
        self.right = 1 - wrong.mean()
        self.of_covered = wrong.sum() / covered.sum()
        far = np.flatnonzero(wrong)[off > 2 * cell_m]
        # A spot smaller than a cell that no line is drawn round is lost; one as large is not.
        turn = np.linspace(0, 2 * np.pi, 16, endpoint=False)
        round_x = (x[far, None] + cell_m * np.cos(turn)).ravel()
        round_y = (y[far, None] + cell_m * np.sin(turn)).ravel()
        spread = Points(round_x, round_y, np.zeros(len(round_x), bool))
        nearby = model.nearest(spread, place).seconds.reshape(-1, 16) <= cutoff_s + 1e-6
        self.far = int((nearby == covered[far, None]).any(axis=1).sum())
        self.spots = len(far) - self.far
        self.worst_cells = float(off.max(initial=0.0)) / cell_m

    def __str__(self):
        return (
            f"right {self.right:.2%}, wrong/covered {self.of_covered:.2%}, "
            f"farthest {self.worst_cells:.2f} cells, {self.far} farther than two, "
            f"{self.spots} spots smaller than a cell"
        )


def _judge(network, profile, *, count, reach_m, cutoffs_s=(600.0, 900.0), speed_mps=1.0):
    model = travel_model(network, PROFILES[profile])
    rng = np.random.default_rng(1)
    for _ in range(count):
        place = _facility(model, rng, reach_m=reach_m)
        cell_m = lattice_cell_m(model, place, max(cutoffs_s))
        polygons = isochrones(model, place, cutoffs_s, cell_m=cell_m)
        assert all(polygon.is_valid for polygon in polygons)
        assert nested(polygons)
        assert polygons[0].covers(shapely.Point(place.x[0], place.y[0]))
        for cutoff_s, polygon in zip(cutoffs_s, polygons, strict=True):
            judged = Judged(model, place, cutoff_s, polygon, cell_m, speed_mps=speed_mps)
            print(f"{network.source} {profile} {cutoff_s / 60:g} min: {judged}")  # noqa: T201
            yield judged


@pytest.mark.real_data
@pytest.mark.parametrize(("profile", "count"), [("standard", 2), ("elder", 1)])
def test_porto_is_on_the_right_side_of_the_line(porto, profile, count):
    for judged in _judge(porto, profile, count=count, reach_m=4000):
        assert judged.right >= 0.99
        assert judged.of_covered <= 0.03
        assert judged.far == 0
        assert judged.spots <= 15_000 * 2e-4


@pytest.mark.real_data
def test_helsinki_with_its_railway_yards_is_on_the_right_side(helsinki):
    # Rails, tunnels and walks side by side: strips narrower than the finest lattice get lost.
    for judged in _judge(helsinki, "standard", count=2, reach_m=1000):
        assert judged.right >= 0.99
        assert judged.of_covered <= 0.03
        assert judged.far <= 15_000 * 5e-4


def test_the_demonstration_with_its_long_edges_is_on_the_right_side():
    if not DEMONSTRATION.is_file():
        missing("data/roads.osm.pbf")
    network = build_network(read_roads(DEMONSTRATION)[0], CRS_METRIC)
    assert network.edge_length_m.max() > 500
    for judged in _judge(network, "standard", count=2, reach_m=20_000):
        assert judged.right >= 0.99
        assert judged.of_covered <= 0.03
        assert judged.far == 0


@pytest.mark.real_data
def test_a_drive_is_on_the_right_side_of_a_coarser_line(porto):
    for judged in _judge(
        porto, "rural_drive", count=1, reach_m=1000, cutoffs_s=(300.0, 420.0), speed_mps=5.0
    ):
        assert judged.right >= 0.99
        assert judged.of_covered <= 0.03
        assert judged.far <= 15_000 * 5e-4


@pytest.mark.real_data
def test_porto_takes_no_long_time(porto):
    model = travel_model(porto, PROFILES["standard"])
    place = _facility(model, np.random.default_rng(1), reach_m=4000)
    isochrones(model, place, [60.0, 90.0], cell_m=10.0)  # compiled kernels are loaded once
    began = time.process_time()
    isochrones(model, place, [600.0, 900.0], cell_m=10.0)
    seconds = time.process_time() - began
    print(f"Porto, 1 facility x 2 bands at 10 m: {seconds:.2f} s of CPU")  # noqa: T201
    assert seconds < 10


def test_an_edge_of_no_length_does_no_harm():
    places = {1: (0, 0), 2: (300, 0), 3: (300, 0), 4: (900, 0)}
    ways = [way(number, [number, number + 1], places) for number in (1, 2, 3)]
    (polygon,) = isochrones(model_of(ways), at((0, 0)), [600.0], cell_m=10.0)
    assert seen(polygon, (590, 0), (620, 0)) == [True, False]

"""Roads that a scenario adds: who met a road without them may go by either, in every search."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import CORNER, CRS_METRIC, road_table, way

import care_map as cm
from care_map.network.build import build_network
from care_map.network.snap import STATUSES, Points
from care_map.routing.isochrones import isochrones
from care_map.routing.nearest import travel_model

SIDE = 5
LIMITS = cm.Limits(min_component_m=400.0)


def towns(seed):
    """Return a grid of streets as it was, and with some streets that a scenario adds."""
    rng = np.random.default_rng(seed)
    spots = rng.uniform(-30, 30, (SIDE * SIDE, 2))
    at = {i: (150.0 * (i % SIDE), 150.0 * (i // SIDE)) + spots[i] for i in range(SIDE * SIDE)}
    near = [(i, i + 1) for i in at if i % SIDE < SIDE - 1] + [(i, i + SIDE) for i in at]
    ends = [pair for pair in near if pair[1] in at and rng.random() < 0.9]
    # A new street may cross others without meeting them.
    ends += [tuple(rng.choice(SIDE * SIDE, 2, replace=False)) for _ in range(4)]
    roads = road_table([way(k + 1, pair, at) for k, pair in enumerate(ends)])
    new = np.arange(len(ends)) >= len(ends) - 8
    before = road_table([way(k + 1, pair, at) for k, pair in enumerate(ends) if not new[k]])
    after = replace(roads, ways=roads.ways.assign(scenario_added=np.where(new, "yes", "")))
    return [build_network(table, CRS_METRIC) for table in (before, after)]


def places(rng, size):
    x, y = (rng.uniform(-250, 850, size) + c for c in CORNER)
    return Points(x, y, np.zeros(size, bool))


@pytest.mark.parametrize("profile", ["standard", "rural_drive"])
@settings(max_examples=15, deadline=None)
@given(direction=st.sampled_from(["to", "from"]), seed=st.integers(0, 10_000))
def test_the_nearest_is_by_the_better_of_both_places(profile, direction, seed):
    before, after = (
        travel_model(town, cm.PROFILES[profile], limits=LIMITS) for town in towns(seed)
    )
    rng = np.random.default_rng(seed)
    homes, doors = places(rng, 60), places(rng, 3)
    start, goal = after.snap(homes), after.snap(doors)
    alone = [
        after.over_network(one, other, direction=direction)
        for one in (replace(start, former=None), start.former or start)
        for other in (replace(goal, former=None), goal.former or goal)
    ]
    both = after.over_network(start, goal, direction=direction)
    np.testing.assert_allclose(both, np.min(alone, axis=0), atol=1e-9)
    was = before.nearest(homes, doors, direction=direction, estimate=True)
    now = after.nearest(homes, doors, direction=direction, estimate=True)
    assert (now.seconds <= was.seconds + 1e-6).all()
    beyond = now.snap_status == STATUSES.index("beyond")
    known = beyond & np.isfinite(was.estimate_s)
    assert (now.estimate_s[known] <= was.estimate_s[known] + 1e-6).all()


@pytest.fixture(scope="module")
def passing():
    """Return a street of 1 km from a station at its west end, and a new road 100 m beside it."""
    at = {0: (0, 0), 1: (1000, 0), 2: (-500, 100), 3: (1500, 100)}
    roads = road_table([way(1, [0, 1], at), way(2, [2, 3], at)])
    roads = replace(roads, ways=roads.ways.assign(scenario_added=["", "yes"]))
    return travel_model(build_network(roads, CRS_METRIC), cm.PROFILES["standard"], limits=LIMITS)


def spot(x, y):
    return Points(np.array([CORNER[0] + x]), np.array([CORNER[1] + y]), np.zeros(1, bool))


def test_a_road_that_passes_by_is_met_beside_the_one_behind_it(passing):
    home = passing.snap(spot(800, 60))
    assert (home.leg_m, home.former.leg_m) == (pytest.approx(40), pytest.approx(60))
    assert passing.nearest(spot(800, 60), spot(0, 0)).seconds == pytest.approx(860)
    # On the far side of the new road there is no other within the limit.
    assert passing.snap(spot(800, 260)).former is None
    assert len(home.take(np.zeros(0, int)).places()[1]) == 0


def test_a_polygon_holds_who_goes_by_the_road_behind_the_new_one(passing):
    (polygon,) = isochrones(passing, spot(0, 0), [600.0], cell_m=10.0)
    inside = [(500, 60), (400, 150), (590, 5)]
    outside = [(600, 60), (500, 110), (500, -110), (400, 210)]
    held = [shapely.contains_xy(polygon, x + CORNER[0], y + CORNER[1]) for x, y in inside + outside]
    assert held == [True] * 3 + [False] * 4


@pytest.mark.parametrize("seed", range(2))
def test_polygons_mean_what_coverage_means(seed):
    model = travel_model(towns(seed)[1], cm.PROFILES["standard"], limits=LIMITS)
    spread, cutoffs = places(np.random.default_rng(seed), 4000), [240.0, 420.0]
    polygons = isochrones(model, spot(290, 310), cutoffs, cell_m=10.0)
    seconds = model.nearest(spread, spot(290, 310)).seconds
    for cutoff_s, polygon in zip(cutoffs, polygons, strict=True):
        assert polygon.is_valid
        wrong = (seconds <= cutoff_s) != shapely.contains_xy(polygon, spread.x, spread.y)
        assert wrong.mean() < 0.01
    assert (seconds <= cutoffs[0]).mean() > 0.03

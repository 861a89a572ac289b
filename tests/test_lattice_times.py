"""Clicks on the map: exact at each point of the lattice, as the engine and the chain have them."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from map_clicks import Clicks
from small_study import CARE, CORNER, FACILITIES, METRIC, write_study

import care_map as cm
from care_map.lattice_grid import Grid
from care_map.outputs.map.payload import map_payload
from care_map.projections import transformer
from care_map.workflows.places import read_network

URBAN_M, RURAL_M = 200.0, 500.0
"""Access limits west and east of the border between the two towns."""
BORDER_M = 3000.0


def metres(lon, lat):
    """Return places in the metres of the drawing."""
    x, y = transformer("EPSG:4326", METRIC).transform(lon, lat)
    return np.asarray(x) - CORNER[0], np.asarray(y) - CORNER[1]


def street_study(folder, **changes):
    """Write the street with circles of one part, two parts, one setting and a delivery."""
    foot = 'profile = "standard"\nminutes = 15'
    both = f'id = "both"\nrequire = [["community_station"], ["community_health_centre"]]\n{foot}'
    town = (
        'id = "town"\nrequire = [["community_station"]]\n'
        'urban = { profile = "standard", minutes = 15 }'
    )
    meals = (
        f'id = "meals"\nrequire = [["meal_point"]]\n{foot}\n'
        'delivery = { types = ["community_health_centre"], profile = "standard", minutes = 40 }'
    )
    facilities = [
        *FACILITIES[:1],
        ("F2", "东社区养老服务站", "community_station", "operating", 2600, 0),
        ("F3", "甲街道卫生服务中心", "community_health_centre", "operating", 700, 0),
        ("F4", "在建站", "community_station", "building", 1500, 0),
        ("F5", "助餐点", "meal_point", "operating", 5000, 0),
    ]
    file = write_study(folder, circles=[CARE, both, town, meals], facilities=facilities, **changes)
    table = pd.read_csv(folder / "facilities.csv")
    table.assign(delivers=["", "", "是", "", ""]).to_csv(folder / "facilities.csv", index=False)
    return cm.assess(cm.read_study(file))


@pytest.fixture(scope="module")
def street(tmp_path_factory):
    return street_study(tmp_path_factory.mktemp("street"))


@pytest.fixture(scope="module")
def page(street):
    return Clicks(map_payload(street))


def street_seconds(x, y, facility_x):
    """Return the seconds along the street, or straight where both are near: one metre a second."""
    limit = np.where(x < BORDER_M, URBAN_M, RURAL_M)
    along = np.where(np.abs(y) <= limit, np.abs(y) + np.abs(x - facility_x), np.inf)
    straight = np.hypot(x - facility_x, y)
    near = straight <= np.minimum(limit, URBAN_M if facility_x < BORDER_M else RURAL_M)
    return np.where(near, np.minimum(along, straight), along)


# By hand


def test_every_point_of_the_street_is_as_far_as_it_is(page):
    x, y = metres(*page.points().T)
    expected = {at: street_seconds(x, y, at) / 60.0 for at in (500.0, 2600.0)}
    names = {"F1": 500.0, "F2": 2600.0}
    heard = 0
    for point in range(len(x)):
        ((ids, minutes, no_road),) = page.answer("care|standard", point)
        told = dict(zip(ids, minutes, strict=True))
        for name, at in names.items():
            exact = expected[at][point]
            if exact <= page.lattice["cap"]:
                heard += 1
                # Hundredths, rounded up: never nearer than it is.
                assert exact - 1e-6 <= told[name] <= exact + 0.01 + 1e-6
            else:
                assert name not in told
        assert minutes == sorted(minutes)
        assert no_road == bool(np.isinf(min(expected[at][point] for at in names.values())))
    assert heard > 4000
    assert page.lattice["cap"] == 80.0


def test_who_is_inside_is_judged_as_elders_are(page):
    x, y = metres(*page.points().T)
    nearest = np.minimum(street_seconds(x, y, 500.0), street_seconds(x, y, 2600.0))
    status = page.status["care|standard"]
    sure = np.abs(nearest - 900.0) > 1e-6
    assert np.array_equal(status[sure] == 1, nearest[sure] <= 900.0)
    assert np.array_equal(status == 2, np.isinf(nearest))
    assert {0, 1, 2} == set(status.tolist())


def test_elders_who_live_at_points_are_judged_as_the_points_are(street, page, tmp_path):
    lattice = street.lattice
    which = np.random.default_rng(3).choice(len(lattice.lon), 60, replace=False)
    x, y = metres(lattice.lon[which], lattice.lat[which])
    places = zip(which, x, y, strict=True)
    lived = street_study(tmp_path, elders=[(f"p{at}", 1, a, b, "") for at, a, b in places])
    words = ("uncovered", "covered", "undetermined")
    asked = lived.access.assign(point=lived.access["demand_id"].str[1:].astype(int))
    for row in asked.to_dict("records"):
        status = page.status[f"{row['circle']}|{row['profile']}"][row["point"]]
        assert words[status] == row["status"]
    assert len(asked) > 300
    assert set(asked["status"]) == set(words)


def test_what_is_not_operating_is_not_told(page):
    ids = {
        name
        for point in range(len(page.setting))
        for name in page.answer("care|standard", point)[0][0]
    }
    assert ids == {"F1", "F2"}


def test_a_conjunction_tells_each_part(page):
    circle = page.lattice["circles"]["both|standard"]
    assert [page.lattice["parts"][part]["types"] for part in circle["parts"]] == [
        ["community_station"],
        ["community_health_centre"],
    ]
    limit = 15 * page.lattice["perMinute"]
    each = np.array([page.minutes[part][:, 0] <= limit for part in circle["parts"]])
    assert np.array_equal(page.status["both|standard"] == 1, each.all(axis=0))
    # The first part is the care circle's own: it is searched and stored once.
    assert circle["parts"][0] == page.lattice["circles"]["care|standard"]["parts"][0]


def test_a_setting_without_a_rule_is_outside_the_circle(page):
    circle = page.lattice["circles"]["town|standard"]
    assert set(circle["rules"]) == {"urban"}
    rural = page.setting == 2
    assert rural.any()
    assert (page.status["town|standard"][rural] == 3).all()
    assert (page.status["town|standard"][~rural] != 3).all()


def test_a_delivery_is_told_beside_the_walk(page):
    circle = page.lattice["circles"]["meals|standard"]
    delivery = page.lattice["parts"][circle["delivery"]["part"]]
    assert delivery["delivery"]
    assert circle["delivery"]["minutes"] == 40
    per = page.lattice["perMinute"]
    walked = page.minutes[circle["parts"][0]][:, 0] <= 15 * per
    brought = page.minutes[circle["delivery"]["part"]][:, 0] <= 40 * per
    assert np.array_equal(page.status["meals|standard"] == 1, walked | brought)
    assert (brought & ~walked).any()
    assert (walked & ~brought).any()


def test_no_roads_and_no_straight_line_give_no_lattice(tmp_path):
    bare = cm.assess(cm.read_study(write_study(tmp_path, roads=False)))
    assert bare.lattice is None
    assert bare.service_areas.empty
    assert map_payload(bare)["lattice"] is None


def test_straight_lines_are_told_as_such(tmp_path):
    circle = (
        'id = "care"\nrequire = [["community_station"]]\nprofile = "straight_line"\nminutes = 15'
    )
    result = cm.assess(cm.read_study(write_study(tmp_path, roads=False, circles=[circle])))
    clicks = Clicks(map_payload(result))
    x, y = metres(*clicks.points().T)
    exact = np.hypot(x - 500.0, y) * 1.3 / 60.0
    told = clicks.minutes[0][:, 0] / clicks.lattice["perMinute"]
    near = exact < 59.9
    assert np.abs(told - exact)[near].max() <= 0.01 + 1e-3
    rules = clicks.lattice["circles"]["care|straight_line"]["rules"]
    assert rules["urban"]["mode"] == "straight"
    # Only one station operates: nothing stands in the second place.
    assert (clicks.minutes[0][:, 1] == clicks.lattice["far"]).all()


# Grids


@given(
    st.integers(1, 40),
    st.integers(1, 40),
    st.floats(1e-4, 0.1),
    st.floats(-179, 179),
    st.floats(-80, 80),
    st.data(),
)
def test_a_point_lies_in_its_own_cell_and_parts_lie_in_their_whole(
    columns, rows, side, lon, lat, data
):
    number = columns * rows
    cells = data.draw(st.lists(st.integers(0, number - 1), min_size=1, max_size=20, unique=True))
    grid = Grid(lon, lat, side, side / 2, columns, rows, 100.0, np.sort(np.array(cells)))
    assert np.array_equal(grid.cell_of(*grid.middles()), grid.cells)
    parts = grid.divided(grid.cells, 4)
    assert np.array_equal(parts.cell_of(*parts.middles()), parts.cells)
    assert (np.diff(parts.cells) > 0).all()
    whole, count = np.unique(grid.cell_of(*parts.middles()), return_counts=True)
    assert np.array_equal(whole, grid.cells)
    assert (count == 16).all()


def test_points_are_few_enough_and_in_the_study_area(street):
    lattice = street.lattice
    assert len(lattice.lon) <= 20_000
    x, y = metres(lattice.lon, lattice.lat)
    assert (np.abs(y) < 1000).all()
    assert (x > 0).all()
    assert (x < 6000).all()
    (grid,) = lattice.grids
    # Neighbours are as far from each other as is said, the projection's 1% aside.
    beside = (np.diff(grid.cells) == 1) & (np.diff(x) > 0)
    assert np.diff(x)[beside] == pytest.approx(grid.spacing_m, rel=0.01)


def test_a_wide_area_has_finer_points_where_most_elders_live(demo_result):
    fine, coarse = demo_result.lattice.grids
    assert 25.0 <= fine.spacing_m == coarse.spacing_m / 4
    assert len(fine.cells) + len(coarse.cells) == len(demo_result.lattice.lon) <= 20_000
    homes = demo_result.demand[demo_result.demand.geometry.notna()]
    lon, lat = homes.to_crs("EPSG:4326").geometry.x, homes.to_crs("EPSG:4326").geometry.y
    near = np.isin(fine.cell_of(lon.to_numpy(), lat.to_numpy()), fine.cells)
    assert homes["elders"].to_numpy()[near].sum() > 0.8 * homes["elders"].sum()


# Against the engine, on the demonstration


@pytest.fixture(scope="module")
def demo_clicks(demo_result):
    return Clicks(map_payload(demo_result))


def test_a_thousand_clicks_say_what_the_engine_says(demo_result, demo_study, demo_clicks):
    """Ask every pair of clicked lattice point and facility of the engine's search for pairs."""
    network = read_network(
        demo_study.parent / "roads.osm.pbf", elevation=demo_study.parent / "dem.tif"
    )
    area = shapely.union_all(demo_result.units.geometry.dropna().to_numpy())
    rng = np.random.default_rng(7)
    left, bottom, right, top = area.bounds
    x, y = rng.uniform(left, right, 4000), rng.uniform(bottom, top, 4000)
    inside = np.flatnonzero(shapely.contains_xy(area, x, y))[:1000]
    lon, lat = transformer(demo_result.crs, "EPSG:4326").transform(x[inside], y[inside])
    found = [demo_clicks.point_of(*place) for place in zip(lon, lat, strict=True)]
    assert sum(one is None for one in found) <= 2
    found = [one for one in found if one is not None]
    settings = np.array(["", "urban", "rural"])[demo_clicks.setting[[one[0] for one in found]]]
    origins = gpd.GeoDataFrame(
        {"setting": settings},
        geometry=gpd.points_from_xy([one[1] for one in found], [one[2] for one in found]),
        crs="EPSG:4326",
    )
    compared = 0
    for circle in demo_result.study.circles:
        for variant in circle.variants:
            key = f"{circle.id}|{variant.profile}"
            for setting, rule in variant.rules.items():
                mine = origins[settings == setting]
                pairs = _engine_pairs(demo_result, network, mine, circle.require[0], rule.profile)
                for at in mine.index:
                    (told,) = demo_clicks.answer(key, found[at][0])
                    compared += _same(told, pairs.get(at, []))
    assert compared > 5000


def _engine_pairs(result, network, origins, types, profile):
    table = result.facilities
    roles = table["roles"].str.split(";").map(set(types).intersection).astype(bool)
    counts = roles & (table["stage"] == "operating") & table["in_area"] & table.geometry.notna()
    targets = table[counts].set_index("facility_id")
    rural = result.units.loc[result.units["setting"] == "rural", "unit_id"]
    targets = targets.assign(setting=np.where(targets["unit_id"].isin(rural), "rural", ""))
    pairs = cm.travel_times(network, origins, targets, cutoff_minutes=60, profile=profile)
    nearest = pairs.sort_values("minutes").groupby("demand_id").head(4)
    return {
        at: list(zip(rows["facility_id"], rows["minutes"], strict=True))
        for at, rows in nearest.groupby("demand_id")
    }


def _same(told, expected):
    ids, minutes, _ = told
    exact = [value for _, value in expected[:3]]
    assert len(minutes) == len(exact)
    assert minutes == pytest.approx(exact, abs=0.05)
    known = dict(expected)
    for name, value in zip(ids, minutes, strict=True):
        # Two facilities of one place may stand in either order.
        assert value == pytest.approx(known.get(name, exact[-1]), abs=0.05)
    return len(exact)

"""A road that a scenario adds beside homes: every stage of a run measures from the same roads."""

import csv

import numpy as np
import pandas as pd
import pytest
from small_study import CORNER, FACILITIES, METRIC, degrees, write_study

import care_map as cm
from care_map.projections import transformer
from care_map.schema import TABLES

PLAIN = "[robustness]\nspeed_low = 1.0\nspeed_high = 1.0\nsnap_low = 1.0\nsnap_high = 1.0\n"
PLAIN += "detour_low = 1.0\ndetour_high = 1.0\n"
OF_THE_ROADS = ("network_report", "source_quality", "issues")


def study_of(folder, elders, station, *, more=""):
    """Write elders who need day care and a bed, two stations, and a home in the east."""
    facilities = (
        *FACILITIES[:1],
        ("F2", "东社区养老服务站", "community_station", "operating", *station),
        ("H", "河村养老院", "care_home", "operating", 5500, 0),
    )
    tables = {"elders": [{"needs": "day_care;bed"}] * len(elders)}
    tables["facilities"] = [{"beds": beds} for beds in ("", "", "4")]
    more += '[[services]]\npath = "services.csv"'
    file = write_study(folder, elders=elders, facilities=facilities, more=more)
    services = "facility_id,service,capacity,capacity_unit\nF1,day_care,3,位\nF2,day_care,5,位\n"
    (folder / "services.csv").write_text(services, encoding="utf-8")
    for name, columns in tables.items():
        rows = list(csv.DictReader((folder / f"{name}.csv").read_text("utf-8").splitlines()))
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, [*rows[0], *columns[0]])
            writer.writeheader()
            writer.writerows(row | more for row, more in zip(rows, columns, strict=True))
    return cm.read_study(file)


def with_road(study, *places):
    road = cm.AddRoad(tuple(degrees(*place) for place in places))
    return cm.assess(cm.with_scenario(study, cm.Scenario("what if", (road,))))


def standard(table):
    return table[table["profile"] == "standard"]


@pytest.fixture(scope="module")
def useless(tmp_path_factory):
    """Return runs without and with a road past homes and a station that is a long way round.

    The homes stand 60 m from the street and 40 m from the road, as the station does.
    """
    elders = [(f"h{x}", 1 + x % 3, x, 60, "") for x in range(1000, 2300, 60)]
    elders.append(("k", 2, 5100, 60, ""))
    study = study_of(tmp_path_factory.mktemp("useless"), elders, (4400, 60))
    north = ((900, 100), (2400, 100), (2400, 900), (4000, 900), (4000, 100), (4800, 100), (4800, 0))
    return cm.assess(study), with_road(study, *north)


def test_a_road_that_helps_nobody_changes_no_figure(useless):
    before, after = useless
    minutes = standard(after.access).set_index("demand_id")["minutes"]
    assert minutes["h1300"] == pytest.approx((60 + 800) / 60, abs=1e-3)
    assert minutes["k"] == pytest.approx((60 + 700 + 60) / 60, abs=1e-3)
    for name in [table.name for table in TABLES if table.name not in OF_THE_ROADS]:
        was, now = (pd.DataFrame(getattr(run, name)) for run in useless)
        if name == "gap_reasons":
            # A facility among the homes would stand by the new road too.
            assert not (now.pop("minutes_without") > was.pop("minutes_without") + 1e-9).any()
        pd.testing.assert_frame_equal(was, now, obj=name)
    # There is something to compare, and some of it is near the edge of being otherwise.
    for name in ("capacity_by_facility", "beds_by_unit", "overlap", "critical", "gap_reasons"):
        assert len(getattr(after, name)), name
    assert standard(after.robustness)["depends"].max() > 0
    assert before.crs == after.crs


def test_clicks_on_the_map_lose_no_minute_by_it(useless):
    before, after = (run.lattice for run in useless)
    np.testing.assert_array_equal(after.lon, before.lon)
    for was, now in zip(before.parts, after.parts, strict=True):
        assert (now.minutes <= was.minutes + 1e-9).all()
    for was, now in zip(before.circles, after.circles, strict=True):
        assert (now.status[was.status == "covered"] == "covered").all()


def test_areas_lose_nothing_by_it(useless):
    before, after = (standard(run.service_areas).geometry.union_all() for run in useless)
    assert before.difference(after.buffer(1.0)).area == pytest.approx(0, abs=1)


@pytest.fixture(scope="module")
def useful(tmp_path_factory, useless):
    """Return a run with a road that helps some, whose elders live at points of the lattice."""
    lattice = useless[0].lattice
    x, y = transformer("EPSG:4326", METRIC).transform(lattice.lon, lattice.lat)
    x, y = np.asarray(x) - CORNER[0], np.asarray(y) - CORNER[1]
    near = np.flatnonzero((x > 900) & (x < 2900) & (np.abs(y - 60) < 100))
    elders = [(f"p{i}", 1, x[i], y[i], "") for i in near[:: max(len(near) // 60, 1)]]
    study = study_of(tmp_path_factory.mktemp("useful"), elders, (2600, 70), more=PLAIN)
    return with_road(study, (900, 100), (2980, 100), (2980, 0))


def test_all_stages_count_the_same_elders(useful):
    access = standard(useful.access)
    covered = int((access["status"] == "covered").sum())
    assert 5 < covered < len(access) - 5
    rate = standard(useful.robustness)
    rate = rate[rate["level"] == "all"]
    assert set(rate["firmly_covered"]) == {covered}
    assert set(rate["depends"]) == {0}
    overlap = standard(useful.overlap)
    assert set(overlap[overlap["level"] == "all"]["with_0"]) == {len(access) - covered}
    whole = useful.capacity_by_unit
    whole = whole[(whole["level"] == "all") & (whole["service"] == "day_care")].iloc[0]
    assert whole["demand"] - whole["zero_access"] == covered
    # With the nearest as elders have it: nobody is assigned to another by another road.
    load = useful.capacity_by_facility.set_index("facility_id")["nearest"]
    told = access[access["status"] == "covered"]["facility_id"].value_counts()
    assert load[told.index].to_dict() == told.to_dict()


def test_a_click_at_a_home_tells_its_minutes(useful):
    access, lattice = standard(useful.access).set_index("demand_id"), useful.lattice
    homes = useful.demand.to_crs("EPSG:4326").set_index("demand_id").geometry
    circle = next(one for one in lattice.circles if one.profile == "standard")
    part = lattice.parts[circle.parts[0]]
    matched = 0
    for home, point in homes.items():
        away = np.hypot(lattice.lon - point.x, lattice.lat - point.y)
        if away.min() < 1e-8:
            at, matched = int(away.argmin()), matched + 1
            assert part.minutes[at, 0] == pytest.approx(access.loc[home, "minutes"], abs=1e-4)
            assert circle.status[at] == access.loc[home, "status"]
    assert matched > 20


def test_a_road_that_is_closed_is_no_way_to_keep(useless):
    """The street is closed: who stood by it stands by the new road alone."""
    road = cm.AddRoad(tuple(degrees(*place) for place in ((900, 100), (3000, 100))))
    scenario = cm.Scenario("closed", (road, cm.CloseRoad(name="长街")))
    after = cm.assess(cm.with_scenario(useless[0].study, scenario))
    access = standard(after.access).set_index("demand_id")
    assert access.loc["h1300", "status"] == "uncovered"
    assert np.isnan(access.loc["h1300", "minutes"])
    whole = after.capacity_by_unit
    whole = whole[(whole["level"] == "all") & (whole["service"] == "day_care")].iloc[0]
    assert whole["zero_access"] + whole["undetermined"] == whole["demand"]

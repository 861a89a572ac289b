"""Scenarios: each change by hand on one street, files with every mistake, exactness, replay."""

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from small_study import (
    CARE,
    CORNER,
    COUNTRY,
    ELDERS,
    FACILITIES,
    METRIC,
    TOWN,
    WEST,
    degrees,
    write_study,
)
from stages import Stages

import care_map as cm
from care_map.errors import InputError
from care_map.inputs.scenario_elders import shared_out
from care_map.messages import catalogue
from care_map.scenario_file import parse_scenario, scenario_of
from care_map.scenario_words import change_lines
from care_map.schema import TABLES
from care_map.workflows.run import run

STATION = ("community_station",)
HOSTILE = "新<img src=x onerror=alert(1)>{0}`${x}`</script>"
SOURCES = ("source_quality", "issues")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("scenario")


@pytest.fixture(scope="module")
def study(folder):
    return cm.read_study(write_study(folder))


@pytest.fixture(scope="module")
def base(study):
    return cm.assess(study)


def what_if(study, *changes):
    return cm.with_scenario(study, cm.Scenario("what if", changes))


def changed(study, *changes):
    """Return who reaches what in a study with some changes."""
    return Stages(what_if(study, *changes))


@pytest.fixture(scope="module")
def with_station(study):
    """Return the assessment with a station beside e, whose name is hostile."""
    return cm.assess(what_if(study, cm.AddFacility("N1", HOSTILE, STATION, *degrees(5000, 0))))


def status(result, profile="standard"):
    """Return who is covered, uncovered and undetermined, by id."""
    rows = result.access[result.access["profile"] == profile]
    return dict(zip(rows["demand_id"], rows["status"], strict=True))


def minutes(result, profile="standard"):
    rows = result.access[result.access["profile"] == profile]
    return dict(zip(rows["demand_id"], rows["minutes"], strict=True))


def same_tables(one, two, but=SOURCES):
    """Tell which tables of two assessments differ."""
    differ = []
    for table in TABLES:
        if table.name in but:
            continue
        left, right = (pd.DataFrame(getattr(run_, table.name)) for run_ in (one, two))
        try:
            pd.testing.assert_frame_equal(left, right, check_dtype=False)
        except AssertionError:
            differ.append(table.name)
    return differ


def test_a_new_station_covers_those_beside_it(with_station, base):
    after = with_station
    assert status(base)["e"] == "uncovered"
    assert (status(after)["e"], minutes(after)["e"]) == ("covered", pytest.approx(0, abs=1e-3))
    # Everybody else is as before.
    others = {k: v for k, v in status(base).items() if k != "e"}
    assert {k: v for k, v in status(after).items() if k != "e"} == others
    assert base.facilities["facility_id"].tolist() == [row[0] for row in FACILITIES]


def test_every_output_says_that_it_is_a_scenario(with_station, base):
    after = with_station
    assert "scenario" in after.labels
    assert "scenario" not in base.labels
    texts = catalogue("zh")
    said = [texts.text(f"assumption.{one.code}", **one.values) for one in after.assumptions]
    assert "what if" in said[0]
    assert HOSTILE in said[1]


def test_adding_and_closing_is_nothing(study, base):
    new = cm.AddFacility("N1", "新站", STATION, *degrees(5000, 0), columns={"beds": 9})
    after = cm.assess(what_if(study, new, cm.CloseFacility("N1")))
    assert same_tables(after, base) == []


def test_closing_takes_a_facility_off_the_lists(study):
    after = changed(study, cm.CloseFacility("F1"))
    assert set(status(after).values()) == {"uncovered"}
    assert "F1" not in after.facilities["facility_id"].tolist()


def test_moving_and_opening(study):
    moved = changed(study, cm.MoveFacility("F1", *degrees(2600, 0)))
    assert (status(moved)["a"], status(moved)["d"]) == ("uncovered", "covered")
    row = moved.facilities.set_index("facility_id").loc["F1"]
    assert row["unit_id"].startswith("500101001002")
    opened = changed(study, cm.EnlargeFacility("F2", {"stage": "operating", "beds": 12}))
    assert status(opened)["d"] == "covered"
    assert opened.facilities.set_index("facility_id").loc["F2", "beds"] == 12


def test_minutes_profile_and_speed(study):
    assert status(changed(study, cm.ChangeCircle("care", minutes=16.0)))["c"] == "covered"
    elder = changed(study, cm.ChangeCircle("care", profile="elder"))
    assert minutes(elder, "elder")["b"] == pytest.approx(900 / 0.85 / 60)
    slow = changed(study, cm.ChangeProfile("standard", walk_speed_mps=0.5))
    assert minutes(slow)["b"] == pytest.approx(30.0)


def test_assessing_again_changes_nothing_more(study):
    after = cm.assess(what_if(study, cm.ChangeProfile("standard", speed_factor=2.0)))
    again = Stages(after.study)
    assert minutes(again)["b"] == pytest.approx(7.5)
    pd.testing.assert_frame_equal(again.access, after.access)


def test_elders_of_another_year(study):
    after = changed(
        study, cm.ChangeElders(factor=2.0, year=2035), cm.ChangeElders(units=(WEST,), elders=100)
    )
    table = after.coverage_by_unit
    rows = table[(table["profile"] == "standard") & (table["group"] == "all")]
    counts = rows[rows["setting"] == "all"].set_index("unit_id")["elders"]
    assert (counts[WEST], counts[COUNTRY]) == (100, 12)
    grown = changed(study, cm.ChangeElders(group="aged_80", factor=3.0))
    elders = grown.demand.set_index("demand_id")["elders"]
    assert (elders["b"], elders["d"], elders["a"]) == (3, 12, 2)


def test_a_path_that_is_built(study):
    path = cm.AddRoad((degrees(5000, 3), degrees(5000, 890)), "footway")
    station = cm.AddFacility("N1", "新站", STATION, *degrees(5000, 0))
    after = changed(study, station, path)
    # 900 m up the path: f lives at its end, beyond every road until now.
    assert minutes(after)["f"] == pytest.approx(15.0, abs=1e-3)


def test_no_added_road_worsens_a_minute(study, base):
    """A new street passes by the door, and leads nowhere near: who had a way keeps it."""
    street = cm.AddRoad((degrees(3000, 0), degrees(3000, 400), degrees(1390, 5)), "residential")
    after = changed(study, street)
    before = minutes(base)
    for person, now in minutes(after).items():
        if np.isfinite(before[person]):
            assert now <= before[person] + 1e-9


STAIRS = {"highway": "steps"}


@pytest.fixture(scope="module")
def hillside(tmp_path_factory):
    """Return a study whose street is broken by 120 m of stairs from x = 1000."""
    folder = tmp_path_factory.mktemp("hillside")
    file = write_study(folder)
    parts = [((-100, 1000), {"highway": "residential"}), ((1000, 1120), STAIRS)]
    parts.append(((1120, 6100), {"highway": "residential"}))
    features = [
        {
            "type": "Feature",
            "properties": tags,
            "geometry": {
                "type": "LineString",
                "coordinates": [degrees(x, 0) for x in (a, (a + b) / 2, b)],
            },
        }
        for (a, b), tags in parts
    ]
    layer = {"type": "FeatureCollection", "features": features}
    (folder / "roads.geojson").write_text(json.dumps(layer), encoding="utf-8")
    return cm.read_study(file)


def test_a_lift_beside_stairs(hillside):
    # b is 900 m from the station, 120 of them on stairs at a third of the speed.
    assert minutes(Stages(hillside))["b"] == pytest.approx((780 + 360) / 60, abs=1e-3)
    lift = changed(hillside, cm.AddLift(*degrees(1050, 2)))
    assert minutes(lift)["b"] == pytest.approx((780 + 90) / 60, abs=1e-3)
    escalator = changed(hillside, cm.AddLift(*degrees(1050, 2), form="escalator"))
    assert minutes(escalator)["b"] == pytest.approx((780 + 120 / 0.45) / 60, abs=1e-3)


def test_a_road_that_is_closed(hillside):
    lon, lat = degrees(1050, 0)
    after = changed(hillside, cm.CloseRoad(lon=lon, lat=lat))
    # Beyond the stairs nobody comes to the station any more.
    assert (status(after)["a"], status(after)["b"]) == ("covered", "uncovered")
    assert np.isinf(minutes(after)["b"]) or np.isnan(minutes(after)["b"])


def test_with_sites_is_an_ordinary_run(folder, study):
    """The facility stands in the list, or in a plan: all tables are the same, exactly."""
    point = shapely.Point(CORNER[0] + 5000, CORNER[1])
    new = gpd.GeoDataFrame(
        {
            "facility_id": ["N1"],
            "name": ["新站"],
            "roles": ["community_station"],
            "stage": ["operating"],
            "beds": [8],
            "cost_yuan": [2e5],
        },
        geometry=[point],
        crs=METRIC,
    )
    planned = cm.with_sites(study, SimpleNamespace(new_facilities=new))
    added = planned.scenario.added[0]
    assert (planned.scenario.cost_yuan, added.columns) == (2e5, {"beds": 8})
    listed = write_study(folder / "listed")
    table = folder / "listed" / "facilities.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    row = f"N1,新站,community_station,operating,{added.lon!r},{added.lat!r},"
    # The list has a column of beds for all.
    lines = [f"{line},{'beds' if not at else ''}" for at, line in enumerate(lines)]
    table.write_text("\n".join([*lines, f"{row},8", ""]), encoding="utf-8")
    one, two = cm.assess(planned), cm.assess(cm.read_study(listed))
    assert same_tables(one, two) == []
    but = ["source_row", "source_file"]
    facilities = [pd.DataFrame(run_.facilities).drop(columns=but) for run_ in (one, two)]
    pd.testing.assert_frame_equal(
        facilities[0].sort_index(axis=1), facilities[1].sort_index(axis=1), check_dtype=False
    )


def care_only(study):
    """Return a study with its first circle alone, the only one that a station counts for."""
    study = cm.read_study(study)
    assert not [one for one in study.circles[1:] if STATION[0] in one.types]
    return study.model_copy(update={"circles": study.circles[:1]})


@pytest.mark.slow
def test_with_sites_on_the_demonstration_district(demo_study, demo_result, tmp_path):
    """As above, where the facility stands in the district's own workbook."""
    gap = demo_result.gaps.iloc[0]
    new = gpd.GeoDataFrame(
        {"facility_id": ["N1"], "name": ["新站"], "roles": ["community_station"]},
        geometry=[gap.geometry],
        crs=demo_result.crs,
    )
    planned = cm.with_sites(care_only(demo_study), SimpleNamespace(new_facilities=new))
    added = planned.scenario.added[0]
    shutil.copytree(demo_study.parent, tmp_path / "demo", ignore=shutil.ignore_patterns("outputs"))
    file = tmp_path / "demo" / "facilities" / "facilities.xlsx"
    book = openpyxl.load_workbook(file)
    sheet = book.worksheets[0]
    heads = {cell.value: cell.column for cell in sheet[1]}
    at = sheet.max_row + 1
    cells = {
        "设施编号": "N1",
        "设施名称": "新站",
        "设施类型": "社区养老服务站",
        "阶段": "运营",
        "经度": added.lon,
        "纬度": added.lat,
    }
    for head, value in cells.items():
        sheet.cell(at, heads[head], value)
    book.save(file)
    one, two = cm.assess(planned), cm.assess(care_only(tmp_path / "demo"))
    assert same_tables(one, two) == []
    before = demo_result.coverage_by_unit
    before = before[before["circle"] == one.study.circles[0].id]
    assert one.coverage_by_unit["covered"].sum() > before["covered"].sum()


def test_plans_by_year(study):
    def plan(number):
        frame = {"facility_id": [f"N{number}"], "name": ["站"], "roles": ["community_station"]}
        return SimpleNamespace(
            new_facilities=gpd.GeoDataFrame(
                frame, geometry=gpd.points_from_xy(*zip(degrees(2000, 0), strict=True)), crs=4326
            )
        )

    plans = {2024: plan(1), 2023: plan(2)}
    both = cm.with_sites(study, plans).scenario
    assert [(one.facility_id, one.year) for one in both.added] == [("N2", 2023), ("N1", 2024)]
    assert [one.facility_id for one in cm.with_sites(study, plans, until=2023).scenario.added] == [
        "N2"
    ]


def test_mobile_stops_reach_every_uncovered_village(study, base):
    found = cm.mobile_stops(base, circle="care", minutes=15)
    assert found.status == "optimal"
    # c and d live 1,199 m apart: too far for one stop; e is 2.4 km on.
    assert len(found.new_facilities) == 3
    assert found.villages["elders"].sum() == 12
    assert (found.villages["within_walk"] == found.villages["elders"]).all()
    one = cm.mobile_stops(base, circle="care", minutes=45, profile="standard")
    assert len(one.new_facilities) == 1
    assert (one.villages["minutes"] <= 45).all()
    rule = cm.MobileStops("care", counts=True)
    after = changed(study, rule)
    assert "uncovered" not in status(after).values()
    assert (after.facilities["roles"] == "mobile_stop").sum() == 3
    served = changed(study, cm.MobileStops("care"))
    assert status(served) == status(base)
    with pytest.raises(InputError, match="nowhere"):
        cm.mobile_stops(base, circle="nowhere")


TOML = """\
[scenario]
name = "两处新站"
note = "按 2023 年计划"
[[add]]
facility_id = "N1"
name = "新站"
roles = ["community_station"]
lon = 108.05
lat = 30.72
datum = "gcj02"
cost_yuan = 200000
year = 2023
columns = { beds = 10, delivers = true, serves_units = "河村" }
services = { meals = 40 }
[[close]]
facility_id = "F3"
[[move]]
facility_id = "F1"
lon = 108.02
lat = 30.72
[[enlarge]]
facility_id = "F2"
columns = { stage = "operating" }
[[circle]]
circle = "care"
minutes = 20
[[profile]]
profile = "elder"
speed_factor = 0.9
[[road]]
line = [[108.05, 30.72], [108.05, 30.73]]
highway = "footway"
[[close_road]]
name = "长街"
[[lift]]
lon = 108.05
lat = 30.72
form = "escalator"
[[elders]]
factor = 1.2
age_from = 80
year = 2035
[[mobile_stops]]
circle = "care"
"""


def test_a_file_and_its_record(tmp_path):
    file = tmp_path / "scenario.toml"
    file.write_text(TOML, encoding="utf-8")
    scenario = cm.read_scenario(file)
    assert (scenario.name, len(scenario.changes), scenario.cost_yuan) == ("两处新站", 11, 2e5)
    # Whatever the order of the file: circles and roads, what is added, moved, closed, elders.
    kinds = [key.partition("[")[0] for key, _ in scenario.keyed()]
    assert kinds.index("add") < kinds.index("move") < kinds.index("close")
    assert scenario_of(json.loads(json.dumps(scenario.record()))) == scenario
    for language in ("zh", "en"):
        lines = change_lines(scenario.changes, catalogue(language))
        assert len(lines) == 11
        assert all(lines)
    english = change_lines(scenario.changes, catalogue("en"))
    assert not [line for line in english if any("\u4e00" <= c <= "\u9fff" for c in line)][4:]


WRONG = """\
[scenario]
title = "no name"
[[add]]
facility_id = "N1"
name = ""
roles = ["bakery"]
lon = 208.05
lat = 30.72
datum = "mars"
columns = { beds = -3, colour = "red" }
[[add]]
facility_id = "F1"
name = "twice"
roles = ["community_station"]
lon = -8.6
lat = 41.1
datum = "gcj02"
[[close]]
facility_id = "F99"
[[elders]]
factor = 1.2
elders = 5
[[circle]]
circle = "nothing"
minutes = 0
[[circle]]
circle = "tea"
minutes = 12
[[close_road]]
lon = 108.0
[[gift]]
kind = "x"
"""


def test_every_mistake_at_once(tmp_path, study):
    file = tmp_path / "wrong.toml"
    file.write_text(WRONG, encoding="utf-8")
    _, problems = parse_scenario(file)
    keys = {problem.column for problem in problems}
    assert {
        "scenario.name",
        "scenario.title",
        "add[1].name",
        "add[1].lon",
        "add[1].datum",
        "add[2]",
        "elders[1]",
        "circle[1].minutes",
        "close_road[1]",
        "gift[1]",
    } <= keys
    with pytest.raises(InputError) as found:
        cm.with_scenario(study, file)
    told = {(problem.code, problem.value) for problem in found.value.problems}
    # What only the study can tell is told in the same go.
    assert {("scenario_no_facility", "F99"), ("scenario_id_taken", "F1")} <= told
    assert ("unknown_code", "tea") in told
    for language in ("zh", "en"):
        for problem in found.value.problems:
            assert problem.line(catalogue(language))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (cm.CloseFacility("F9"), "scenario_no_facility"),
        (cm.AddFacility("F1", "x", STATION, 108.0, 30.7), "scenario_id_taken"),
        (cm.AddFacility("N1", "x", STATION), "scenario_no_place"),
        (cm.ChangeElders(units=("999",), factor=2.0), "scenario_no_unit"),
        (cm.ChangeElders(group="bereaved", factor=2.0), "scenario_no_elders"),
        (cm.CloseRoad(name="无名路"), "scenario_no_road_name"),
        (cm.CloseRoad(name="长街"), "scenario_roads_gone"),
        (cm.CloseRoad(lon=100.0, lat=30.0), "scenario_no_road"),
        (cm.AddLift(*degrees(500, 0)), "scenario_no_stairs"),
    ],
)
def test_what_is_not_there(study, change, code):
    with pytest.raises(InputError) as found:
        changed(study, change)
    assert [problem.code for problem in found.value.problems] == [code]
    assert found.value.problems[0].source == "what if"


@pytest.mark.parametrize("text", ["", "[scenario]\nname = 3", "not toml", "[scenario]\nname='x'"])
def test_files_that_are_none(tmp_path, text):
    file = tmp_path / "scenario.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError):
        cm.read_scenario(file)
    with pytest.raises(InputError):
        cm.read_scenario(tmp_path / "missing.toml")


def test_a_run_and_its_replay(folder):
    file = write_study(folder / "replayed", elders=ELDERS[:3], circles=(CARE,))
    scenario = file.with_name("新站.toml")
    scenario.write_text(
        f'[scenario]\nname = "{HOSTILE}"\n[[add]]\nfacility_id = "N1"\nname = "站"\n'
        f'roles = ["community_station"]\nlon = {degrees(1401, 0)[0]}\nlat = {degrees(1401, 0)[1]}\n'
        '[[mobile_stops]]\ncircle = "care"\n',
        encoding="utf-8",
    )
    done = run(file, scenario=scenario)
    assert done.folder.name == "run-新站"
    manifest = json.loads((done.folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["parameters"]["scenario"]["name"] == HOSTILE
    again = cm.replay(done.folder / "manifest.json", out=folder / "again")
    assert again.result.study.scenario == done.result.study.scenario
    for name in ("coverage_by_unit", "access", "gaps"):
        path = Path("internal") / "tables" / f"{name}.parquet"
        assert (done.folder / path).read_bytes() == (again.folder / path).read_bytes()
    page = (done.folder / "internal" / "map.html").read_text(encoding="utf-8")
    assert "<img src=x onerror" not in page
    assert catalogue("zh").text("data.scenario") in page


@given(st.lists(st.integers(0, 40), min_size=1, max_size=30).filter(any), st.integers(0, 2000))
def test_shares_of_elders_sum_up(weights, total):
    shared = shared_out(np.array(weights, dtype=np.int64), total)
    assert shared.sum() == total
    assert (shared >= 0).all()
    # Nobody comes where nobody was.
    assert not shared[np.array(weights) == 0].any()
    exact = np.array(weights) * total / sum(weights)
    assert (np.abs(shared - exact) < 1 + 1e-9).all()


def test_the_unit_of_a_facility_without_a_place(study):
    after = changed(study, cm.AddFacility("N1", "x", STATION, columns={"unit_id": TOWN}))
    row = after.facilities.set_index("facility_id").loc["N1"]
    assert (row["unit_id"], row["location_quality"]) == (TOWN, "town")

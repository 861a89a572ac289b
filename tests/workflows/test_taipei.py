"""Taipei's open lists with straight lines: villages, 65+, no roads, to a finished folder."""

import json
import math
from collections import Counter
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from inputs.test_inputs_real import LISTS, VILLAGES

from care_map.config import DemandSource, FacilitySource, Study, UnitSource
from care_map.messages import catalogue
from care_map.values import Circle, CircleRule
from care_map.workflows.run import run

pytestmark = pytest.mark.real_data

ELDERS = 574_458
TYPES = {
    "elder_care_15": ("community_station", "town_centre", "care_home"),
    "hospital_25": ("hospital",),
}
MINUTES = {"elder_care_15": 15.0, "hospital_25": 25.0}
UNITS = {"unit_id": "V_ID", "name": "VILLAGE", "parent_id": "TOWN_ID", "parent_name": "TOWN"}
DEMAND = {
    "demand_id": "V_ID",
    "elders": "A65UP_CNT",
    "town_name": "TOWN",
    "community_name": "VILLAGE",
}


def circle(name):
    rule = CircleRule("straight_line", MINUTES[name])
    return Circle(name, f"{name}（直线）", (TYPES[name],), {"urban": rule, "rural": rule})


@pytest.fixture(scope="module")
def taipei(shared_data, tmp_path_factory):
    study = Study(
        root=shared_data / "taipei",
        name="臺北市",
        units=(UnitSource(path=VILLAGES, level="community", columns=UNITS),),
        demand=(DemandSource(path=VILLAGES, elder_age=65, columns=DEMAND),),
        facilities=tuple(
            FacilitySource(path=Path(name), columns=columns, values={"roles": role})
            for name, (columns, role) in LISTS.items()
        ),
        circles=tuple(circle(name) for name in TYPES),
        setting="urban",
    )
    return run(study, out=tmp_path_factory.mktemp("taipei") / "run")


def test_every_elder_is_counted_at_every_level(taipei):
    table = pd.read_csv(
        taipei.folder / "internal" / "tables" / "coverage_by_unit.csv", encoding="utf-8-sig"
    )
    table = table[(table["setting"] == "all") & (table["group"] == "all")]
    sums = table.pivot_table("elders", index=["circle", "profile"], columns="level", aggfunc="sum")
    assert list(sums.columns) == ["all", "community", "town"]
    assert len(sums) == 4
    assert (sums == ELDERS).all(axis=None)
    assert "none" not in set(table["unit_id"])
    assert Counter(table[table["circle"] == "hospital_25"]["level"]) == {
        "all": 2,
        "town": 24,
        "community": 912,
    }


def test_minutes_are_the_straight_line_with_its_detour(taipei):
    """Measure some villages again, facility by facility."""
    result = taipei.result
    access = result.access[result.access["profile"] == "straight_line"]
    points = result.demand.set_index("demand_id").geometry
    for name, types in TYPES.items():
        wanted = [set(cell.split(";")) & set(types) for cell in result.facilities["roles"]]
        there = result.facilities[[bool(found) for found in wanted]]
        there = there[there.geometry.notna() & there["in_area"]]
        rows = access[access["circle"] == name].iloc[::40]
        for row in rows.itertuples():
            here = points[row.demand_id]
            metres = min(math.hypot(p.x - here.x, p.y - here.y) for p in there.geometry)
            assert row.minutes == pytest.approx(metres * 1.3 / 60, abs=1e-6)
            assert (row.status == "covered") is (row.minutes <= MINUTES[name])


def test_every_output_says_approximate(taipei):
    assert taipei.result.labels == ("approximate",)
    said = catalogue("zh").text("data.approximate")
    internal = taipei.folder / "internal"
    assert said in (internal / "map.html").read_text(encoding="utf-8")
    for sheet in openpyxl.load_workbook(internal / "report.xlsx", read_only=True).worksheets:
        head = " ".join(str(c.value) for row in sheet["A1:H6"] for c in row if c.value)
        assert said in head, sheet.title
    assert said in (internal / "layers.gpkg").read_bytes().decode("utf-8", "ignore")
    profiles = {c["profile"] for c in json.loads(summary(taipei))["circles"]}
    assert profiles == {"straight_line", "straight_line_elder"}
    table = pd.read_parquet(internal / "tables" / "coverage_by_unit.parquet")
    assert set(table["profile"]) == profiles


def summary(done):
    return (done.folder / "summary.json").read_text(encoding="utf-8")


def test_contradictions_and_missing_coordinates_are_listed(taipei):
    listed = pd.read_csv(taipei.folder / "issues.csv", encoding="utf-8-sig")
    count = Counter(listed["code"])
    assert count["label_contradicts"] == 110
    assert count["placed_at_town"] == 2
    assert not (listed["severity"] == "error").any()
    for code in ("label_contradicts", "placed_at_town"):
        rows = listed[listed["code"] == code]
        assert set(rows["source"]) <= set(LISTS)
        assert (rows["row"] >= 2).all()
    # There are no roads, and the circles need none.
    assert "no_roads" not in count


def test_layers_hold_every_village_with_its_rate(taipei):
    layers = taipei.folder / "internal" / "layers.gpkg"
    units = gpd.read_file(layers, layer="units")
    assert len(units) == 456 + 12
    villages = units[units["level"] == "community"]
    assert int(villages["elder_care_15_elders"].sum()) == ELDERS
    assert units.crs.to_epsg() == 4550

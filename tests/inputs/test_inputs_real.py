"""Real lists of Taipei and Beijing."""

from collections import Counter
from pathlib import Path

import pytest

from care_map.config import DemandSource, FacilitySource, Study, UnitSource
from care_map.inputs.load import load_inputs

pytestmark = pytest.mark.real_data

VILLAGES = Path("113年12月行政區三段年齡組性別人口統計_村里_WGS84_臺北市.geojson")
LABELS = {"town_name": "行政區", "community_name": "里別"}
LISTS = {
    "114年度臺北市社區照顧關懷據點㇐覽表_coord.csv": (
        {"name": "據點名稱", **LABELS},
        "社區照顧關懷據點",
    ),
    "114年臺北市社區整體照顧服務體系C級單位一覽表_coord.csv": (
        {"name": "據點名稱", **LABELS},
        "community_station",
    ),
    "臺北市老人福利機構名冊1140201_coord.csv": (
        {"name": "機構名稱", "town_name": "區域別", "beds": "核定床數-核定總床位數"},
        "care_home",
    ),
    "114年度臺北市失智社區服務據點布建清單_coord.csv": (
        {"name": "服務單位名稱", "town_name": "行政區"},
        "community_centre",
    ),
    "臺北市社區整合型服務中心(A單位)一覽表_coord.csv": (
        {"name": "單位名稱", "town_name": "行政區"},
        "town_centre",
    ),
    "112年12月醫療院所分布圖_全國_醫院_coord.csv": (
        {"name": "醫療院所", "town_name": "鄉鎮市區"},
        "hospital",
    ),
}


@pytest.fixture(scope="module")
def taipei(shared_data):
    unit_columns = {
        "unit_id": "V_ID",
        "name": "VILLAGE",
        "parent_id": "TOWN_ID",
        "parent_name": "TOWN",
    }
    demand_columns = {
        "demand_id": "V_ID",
        "elders": "A65UP_CNT",
        "town_name": "TOWN",
        "community_name": "VILLAGE",
    }
    study = Study(
        root=shared_data / "taipei",
        name="臺北市",
        units=(UnitSource(path=VILLAGES, level="community", columns=unit_columns),),
        demand=(DemandSource(path=VILLAGES, elder_age=65, columns=demand_columns),),
        facilities=tuple(
            FacilitySource(path=Path(name), columns=columns, values={"roles": role})
            for name, (columns, role) in LISTS.items()
        ),
    )
    return load_inputs(study)


def test_every_elder_is_there(taipei):
    assert int(taipei.demand["elders"].sum()) == 574458
    assert (taipei.demand["demand_id"] == taipei.demand["unit_id"]).all()
    assert set(taipei.demand["location_quality"]) == {"village"}
    assert set(taipei.demand["origin"]) == {"unit"}


def test_districts_are_derived_of_villages(taipei):
    assert Counter(taipei.units["level"]) == {"community": 456, "town": 12}
    assert taipei.crs.to_epsg() == 4550
    towns = taipei.units[taipei.units["level"] == "town"]
    assert towns.area.sum() / 1e6 == pytest.approx(271.8, rel=0.01)


def test_every_facility_is_there_and_contradictions_are_listed(taipei):
    assert len(taipei.facilities) == 505 + 291 + 94 + 52 + 63 + 41
    assert taipei.facilities["facility_id"].is_unique
    assert not (taipei.facilities["roles"] == "").any()
    counts = Counter(problem.code for problem in taipei.problems)
    # Two sites have no coordinates; their district is named, and that is no place to walk to.
    assert counts["placed_at_town"] == 2
    assert counts["facility_without_point"] == 0
    placed = taipei.facilities[taipei.facilities["placed_by"] != ""]
    assert sorted(placed["town_name"]) == ["南港區", "松山區"]
    assert set(placed["location_quality"]) == {"town"}
    assert placed.geometry.isna().all()
    names = dict(zip(taipei.units["unit_id"], taipei.units["name"], strict=True))
    assert placed["unit_id"].map(names).tolist() == placed["town_name"].tolist()
    assert counts["label_contradicts"] == 110
    assert not any(problem.severity == "error" for problem in taipei.problems)


def test_contradictions_by_a_slow_loop(taipei):
    """Count them again: polygon by polygon, with plain string comparison."""
    villages = taipei.units[taipei.units["level"] == "community"]
    count = 0
    for row in taipei.facilities.itertuples():
        if row.geometry is None:
            continue
        for unit in villages[villages.contains(row.geometry)].itertuples():
            town = row.town_name in unit.parent_name or unit.parent_name in row.town_name
            village = row.community_name or unit.name
            count += not (town and (village in unit.name or unit.name in village))
    listed = sum(problem.code == "label_contradicts" for problem in taipei.problems)
    assert listed == count


def test_beijing_towns(shared_data):
    source = UnitSource(
        path=Path("beijing_343_towns.geojson"),
        columns={"unit_id": "code", "parent_id": "parentCode", "parent_name": "district"},
    )
    inputs = load_inputs(Study(root=shared_data / "beijing_towns", name="北京", units=(source,)))
    units = inputs.units
    towns = units[units["level"] == "town"]
    assert len(towns) == 343
    assert set(towns["parent_id"]) == set(units.loc[units["level"] == "district", "unit_id"])
    by_suffix = towns["name"].str.endswith("街道")
    assert (towns.loc[by_suffix, "setting"] == "urban").all()
    assert inputs.crs.to_epsg() in {4548, 4547}
    assert units.geometry.notna().all()

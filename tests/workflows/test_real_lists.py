"""Real lists as they were published: only what is what, and which column is which, is told."""

import csv
import json

import pytest

import care_map as cm
from care_map.inputs.load import read_inputs

pytestmark = pytest.mark.real_data

TAIPEI = """
[study]
name = "臺北市"
setting = "urban"

[[units]]
path = "臺北市區界圖_20220915.geojson"
level = "town"
columns = { unit_id = "CPID", name = "TNAME" }
[[units]]
path = "113年12月行政區五歲年齡組性別人口統計_村里_WGS84_臺北市.geojson"
level = "community"
columns = { unit_id = "V_ID", name = "VILLAGE", parent_name = "TOWN" }

[[demand]]
path = "113年12月行政區三段年齡組性別人口統計_村里_WGS84_臺北市.geojson"
elder_age = 65
columns = { demand_id = "V_ID", elders = "A65UP_CNT", community_name = "VILLAGE" }

[[facilities]]
path = "112年12月醫療院所分布圖_全國_診所_coord.csv"
columns = { name = "醫療院所", town_name = "鄉鎮市區", address = "地址" }
values = { roles = "clinic" }
[[facilities]]
path = "112年12月醫療院所分布圖_全國_醫院_coord.csv"
columns = { name = "醫療院所", town_name = "鄉鎮市區", address = "地址" }
values = { roles = "hospital" }
[[facilities]]
path = "114年度臺北市失智社區服務據點布建清單_coord.csv"
columns = { name = "服務單位名稱", town_name = "行政區", address = "據點地址" }
values = { roles = "community_centre" }
[[facilities]]
path = "114年度臺北市社區照顧關懷據點㇐覽表_coord.csv"
columns = { name = "據點名稱", town_name = "行政區", community_name = "里別", address = "據點地址" }
values = { roles = "community_station" }
[[facilities]]
path = "114年臺北市社區整體照顧服務體系C級單位一覽表_coord.csv"
columns = { name = "據點名稱", town_name = "行政區", community_name = "里別", address = "據點地址" }
values = { roles = "community_station" }
[[facilities]]
path = "健保特約醫事機構-藥局_coord.csv"
columns = { name = "醫事機構名稱", address = "地址" }
values = { roles = "pharmacy" }
[[facilities]]
path = "臺北市日間照顧機構一覽表_coord.csv"
columns = { name = "機關名稱", town_name = "區別", address = "地址", day_care_beds = "收託量" }
values = { roles = "community_station" }
[[facilities]]
path = "臺北市社區整合型服務中心(A單位)一覽表_coord.csv"
columns = { name = "單位名稱", town_name = "行政區" }
values = { roles = "town_centre" }
[[facilities]]
path = "臺北市立案一般護理之家一覽表_coord.csv"
columns = { name = "機構名稱", open_beds = "開放床數", address = "地址" }
values = { roles = "nursing_home" }
[[facilities]]
path = "臺北市立案住宿式長照機構一覽表_coord.csv"
columns = { name = "機構名稱", open_beds = "開放床數", operating_date = "立案日期" }
values = { roles = "care_home" }
[[facilities]]
path = "臺北市老人福利機構名冊1140201_coord.csv"
columns = { name = "機構名稱", town_name = "區域別", beds = "核定床數-核定總床位數" }
values = { roles = "care_home" }
"""

BEIJING = """
[study]
name = "北京"
[[units]]
path = "beijing_343_towns.geojson"
columns = { unit_id = "code", parent_id = "parentCode", parent_name = "district" }
"""

CHONGQING = """
[study]
name = "重庆五区县"
[[units]]
path = "cq_five_districts_town_codes_china-division.csv"
columns = { parent_id = "areaCode" }
"""


def read(folder, text, tmp_path):
    """Read a study of the files of a folder that nothing is written to."""
    (tmp_path / "study.toml").write_text(
        text.replace('path = "', f'path = "{folder.as_posix()}/'), encoding="utf-8"
    )
    return read_inputs(cm.read_study(tmp_path))


def rows_of(file):
    """Count the rows of a file without care_map."""
    if file.suffix == ".geojson":
        return len(json.loads(file.read_text(encoding="utf-8"))["features"])
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return sum(any(row) for row in csv.reader(lines)) - 1


@pytest.fixture(scope="module")
def taipei(shared_data, tmp_path_factory):
    return read(shared_data / "taipei", TAIPEI, tmp_path_factory.mktemp("taipei"))


def test_every_file_of_taipei_is_in_the_study(shared_data):
    files = [file for file in (shared_data / "taipei").iterdir() if file.is_file()]
    assert len(files) == 14
    assert all(f'path = "{file.name}"' in TAIPEI for file in files)


def test_no_row_of_taipei_is_lost(shared_data, taipei):
    assert not [problem for problem in taipei.problems if problem.severity == "error"]
    used = {
        name: int(count)
        for table in (taipei.units, taipei.facilities, taipei.demand)
        for name, count in table.loc[table["source_row"] > 0, "source_file"].value_counts().items()
    }
    files = (shared_data / "taipei").iterdir()
    assert used == {file.as_posix(): rows_of(file) for file in files if file.is_file()}
    assert int(taipei.demand["elders"].sum()) == 574_458


def test_villages_of_taipei_are_in_their_districts(taipei):
    units = taipei.units.set_index("unit_id")
    villages = units[units["level"] == "community"]
    assert len(villages) == 456
    assert len(units) == 456 + 12
    assert (units.loc[villages["parent_id"], "name"].to_numpy() == villages["parent_name"]).all()
    centre = villages.representative_point()
    assert centre.within(units.loc[villages["parent_id"]].geometry.set_axis(centre.index)).all()


def test_what_cannot_be_read_of_taipei_is_listed_with_its_cell(taipei):
    dates = [problem for problem in taipei.problems if problem.code == "cell_date"]
    assert {problem.column for problem in dates} == {"立案日期"}
    assert all(problem.row and problem.value for problem in dates)
    homes = taipei.facilities["source_file"].str.contains("住宿式")
    unread = (taipei.facilities.loc[homes, "operating_date"] == "").sum()
    assert len(dates) == unread > 0


def test_beijing(shared_data, tmp_path):
    units = read(shared_data / "beijing_towns", BEIJING, tmp_path).units
    towns = units[units["level"] == "town"]
    assert len(towns) == 343
    codes = towns["unit_id"]
    assert all(isinstance(code, str) and len(code) == 12 and code.isdigit() for code in codes)
    assert (towns["parent_id"].str[:6] == codes.str[:6]).all()


def test_chongqing(shared_data, tmp_path):
    inputs = read(shared_data / "chongqing", CHONGQING, tmp_path)
    towns = inputs.units[inputs.units["level"] == "town"]
    assert len(towns) == 161
    assert towns["unit_id"].str.fullmatch(r"\d{9}").all()
    assert set(towns["parent_id"]) == {"500101", "500103", "500112", "500151", "500154"}
    [short] = [problem for problem in inputs.problems if problem.code == "unit_codes_short"]
    assert short.count == 161

"""Counts of units put at homes and along roads: no elder is lost, no unit gets another's."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_places import square, told

from care_map.accessibility.coverage import coverage_by_unit
from care_map.config import BuildingSource, DemandSource, RoadSource, Study, UnitSource, read_study
from care_map.errors import InputError
from care_map.inputs.all_demand import demand_statements
from care_map.inputs.load import load_inputs, read_inputs


def found(problems, code):
    return [problem for problem in problems if problem.code == code]


def house(lon, lat, side=0.0001):
    return shapely.box(lon, lat, lon + side, lat + side)


@pytest.fixture
def place(tmp_path):
    """Two towns; the first has two villages, homes and a shed, the second a street and a lane."""
    units = (
        "unit_id,name,level,parent_id,wkt\n"
        f"t1,甲镇,town,,{square(108.40, 30.80)}\n"
        f"v1,一村,community,t1,{square(108.40, 30.80, 0.005)}\n"
        f"v2,二村,community,t1,{square(108.405, 30.80, 0.005)}\n"
        f"t2,乙镇,town,,{square(108.41, 30.80)}\n"
        f"t3,丙镇,town,,{square(108.42, 30.80)}\n"
    )
    (tmp_path / "units.csv").write_text(units, encoding="utf-8")
    homes = [
        ("住宅", 6, house(108.401, 30.801)),
        ("house", None, house(108.406, 30.801)),
        ("", 1, house(108.4065, 30.802)),
        ("industrial", 3, house(108.402, 30.802)),
        ("住宅", 2, shapely.Point(108.403, 30.803)),
    ]
    use, floors, shapes = zip(*homes, strict=True)
    table = gpd.GeoDataFrame({"用途": use, "层数": floors}, geometry=list(shapes), crs=4326)
    table.to_file(tmp_path / "homes.gpkg")
    lines = [
        ("residential", shapely.LineString([(108.411, 30.801), (108.413, 30.801)])),
        ("service", shapely.LineString([(108.411, 30.803), (108.413, 30.803)])),
        ("motorway", shapely.LineString([(108.411, 30.805), (108.419, 30.805)])),
    ]
    highway, shapes = zip(*lines, strict=True)
    roads = gpd.GeoDataFrame({"highway": highway}, geometry=list(shapes), crs=4326)
    roads.to_file(tmp_path / "roads.gpkg")
    return tmp_path


def study_of(place, text, **keys):
    (place / "counts.csv").write_text(text, encoding="utf-8")
    keys = {"spread": "buildings", "buildings": BuildingSource(path="homes.gpkg"), **keys}
    return Study(
        root=place,
        name="test",
        roads=RoadSource(path="roads.gpkg"),
        units=(UnitSource(path="units.csv"),),
        demand=(DemandSource(path="counts.csv", **keys),),
    )


COUNTS = "区划代码,老年人数,高龄老年人数,失能老年人数\nt1,100,30,10\nt2,61,6,\nt3,7,1,1\n"


def test_homes_then_roads_then_a_point(place):
    inputs = load_inputs(study_of(place, COUNTS))
    demand = inputs.demand
    assert demand["demand_id"].is_unique
    assert demand.groupby("counted_unit_id")["elders"].sum().to_dict() == {
        "t1": 100,
        "t2": 61,
        "t3": 7,
    }
    by = dict(list(demand.groupby("counted_unit_id")))
    # Floors × footprint: six floors against two by default and one as told.
    assert by["t1"].groupby("unit_id")["elders"].sum().to_dict() == {"v1": 67, "v2": 33}
    assert by["t1"].groupby(by["t1"].geometry.x.round())["elders"].sum().tolist() == [67, 22, 11]
    assert set(zip(by["t1"]["location_quality"], by["t1"]["origin"], strict=True)) == {
        ("building", "building")
    }
    # The lane has half the weight of the street, the motorway none.
    north = by["t2"].to_crs(4326).geometry.y > 30.802
    assert by["t2"].groupby(north.to_numpy())["elders"].sum().tolist() == [41, 20]
    assert set(by["t2"]["location_quality"]) == {"village"}
    # Three rows at one point, by group: 丙镇 has nothing mapped.
    assert len(set(by["t3"].geometry)) == 1
    assert set(by["t3"]["location_quality"]) == {"town"}
    assert demand["counted_level"].eq("town").all()


def test_groups_are_spread_alike(place):
    demand = load_inputs(study_of(place, COUNTS)).demand
    for group, sums in (("aged_80", [30, 6, 1]), ("disabled", [10, 0, 1])):
        inside = demand[demand["groups"].str.split(";").map(lambda cell, g=group: g in cell)]
        by_unit = inside.groupby("counted_unit_id")["elders"].sum()
        assert by_unit.reindex(["t1", "t2", "t3"], fill_value=0).tolist() == sums


def test_what_was_done_is_told(place):
    problems = load_inputs(study_of(place, COUNTS)).problems
    [homes] = found(problems, "homes_read")
    assert (homes.count, *told(homes, "others", "shapeless", "assumed")) == (3, 1, 1, 1)
    assert [(p.row, p.value) for p in found(problems, "spread_without_buildings")] == [
        (3, "t2"),
        (4, "t3"),
    ]
    assert [(p.row, p.value) for p in found(problems, "spread_without_roads")] == [(4, "t3")]
    assert [p.count for p in found(problems, "spread_over_buildings")] == [100]
    assert [p.count for p in found(problems, "spread_over_roads")] == [61]
    [counted] = found(problems, "counted_level")
    assert (*told(counted, "level"), counted.count) == ("town", 168)
    assert not found(problems, "demand_without_point")


def test_along_roads_only(place):
    study = study_of(place, COUNTS, spread="roads", buildings=None)
    inputs = load_inputs(study)
    assert not found(inputs.problems, "homes_read")
    sums = inputs.demand.groupby("counted_unit_id")["elders"].sum()
    assert sums.to_dict() == {"t1": 100, "t2": 61, "t3": 7}


def test_polygons_are_counts_of_the_unit_that_holds_them(place):
    town = shapely.box(108.4001, 30.8001, 108.4099, 30.8099).wkt
    cell = shapely.box(108.401, 30.801, 108.402, 30.802).wkt
    text = f'编号,老年人数,wkt\na,20,"{town}"\nb,5,"{cell}"\n'
    demand = load_inputs(study_of(place, text)).demand
    assert demand.groupby("counted_unit_id")["elders"].sum().to_dict() == {"": 5, "t1": 20}
    [one] = demand[demand["counted_unit_id"] == ""].itertuples()
    # The only home in that cell has all its elders.
    assert (one.elders, one.unit_id, one.location_quality) == (5, "v1", "building")


def test_a_place_without_coordinates_is_no_count_of_its_town(place):
    text = "编号,老年人数,区划代码,经度,纬度\na,5,,108.401,30.801\nb,6,t1,,\n"
    study = study_of(place, text, spread=None, buildings=None)
    demand = load_inputs(study).demand
    assert demand["elders"].tolist() == [5, 6]
    assert demand["counted_unit_id"].tolist() == ["", ""]


def test_no_rate_below_the_level_that_was_counted(place):
    inputs = load_inputs(study_of(place, COUNTS))
    demand = inputs.demand
    access = pd.DataFrame(
        {
            "demand_id": demand["demand_id"],
            "circle": "c",
            "profile": "p",
            "unit_id": demand["unit_id"],
            "setting": demand["setting"],
            "elders": demand["elders"],
            "minutes": 5.0,
            "status": "covered",
            "covered_any_district": True,
        }
    )
    table = coverage_by_unit(access, demand, inputs.units, name="全区")
    everybody = table[(table["group"] == "all") & (table["setting"] == "all")]
    towns = everybody[everybody["level"] == "town"].set_index("unit_id")
    assert towns["elders"].to_dict() == {"t1": 100, "t2": 61, "t3": 7}
    assert towns["rate_low"].eq(1).all()
    # The villages' elders are put somewhere, but not counted there.
    assert not table["unit_id"].isin(["v1", "v2"]).any()
    assert (table.groupby(["level", "group", "setting"])["elders"].sum() > 0).all()
    own = demand.drop(columns="counted_unit_id")
    assert coverage_by_unit(access, own, inputs.units, name="全区")["unit_id"].isin(["v1"]).any()


def test_records_in_a_village_of_a_counted_town_stay_in_the_sums():
    units = pd.DataFrame(
        {
            "unit_id": ["t", "v", "w", "u"],
            "name": list("tvwu"),
            "level": ["town", "community", "community", "community"],
            "parent_id": ["", "t", "t", "s"],
        }
    )
    demand = pd.DataFrame(
        {"demand_id": ["a", "b", "c"], "groups": "", "counted_unit_id": ["t", "", ""]}
    )
    access = pd.DataFrame(
        {
            "demand_id": ["a", "b", "c"],
            "circle": "c",
            "profile": "p",
            "unit_id": ["v", "w", "u"],
            "setting": "rural",
            "elders": [10, 1, 2],
            "minutes": [1.0, 2.0, 3.0],
            "status": ["covered", "uncovered", "covered"],
            "covered_any_district": False,
        }
    )
    table = coverage_by_unit(access, demand, units, name="全区")
    of_all = table[(table["group"] == "all") & (table["setting"] == "all")]
    elders = of_all.set_index(["level", "unit_id"])["elders"].to_dict()
    assert elders == {
        ("all", "all"): 13,
        ("town", "t"): 11,
        ("town", "none"): 2,
        ("community", "u"): 2,
        ("community", "none"): 11,
    }


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 3000)), min_size=3, max_size=3))
def test_every_unit_keeps_its_sum(place, counts):
    rows = [(f"t{number}", max(pair), min(pair)) for number, pair in enumerate(counts, start=1)]
    text = "区划代码,老年人数,独居老年人数\n" + "".join(f"{u},{e},{g}\n" for u, e, g in rows)
    demand = load_inputs(study_of(place, text)).demand
    elders = demand.groupby("counted_unit_id")["elders"].sum().to_dict()
    alone = demand[demand["groups"] == "living_alone"]
    alone = alone.groupby("counted_unit_id")["elders"].sum().to_dict()
    assert elders == {unit: number for unit, number, _ in rows}
    assert alone == {unit: number for unit, _, number in rows if number}


def test_what_cannot_be_is_an_error(place):
    text = "区划代码,老年人数,高龄老年人数\nt1,10,11\nt2,5,-1\n"
    problems = read_inputs(study_of(place, text)).problems
    assert [(p.row, p.severity) for p in found(problems, "group_count")] == [
        (2, "error"),
        (3, "error"),
    ]
    problems = read_inputs(study_of(place, "区划代码,高龄老年人数\nt1,11\n")).problems
    assert [p.severity for p in found(problems, "counts_without_elders")] == ["error"]


def test_the_study_file_says_what_it_is_spread_over(place):
    (place / "counts.csv").write_text(COUNTS, encoding="utf-8")
    head = '[study]\nname = "x"\n[[demand]]\npath = "counts.csv"\n'
    good = 'spread = "buildings"\nbuildings = "homes.gpkg"\n'
    (place / "study.toml").write_text(head + good, encoding="utf-8")
    study = read_study(place)
    assert study.demand[0].buildings == BuildingSource(path="homes.gpkg")
    assert ("demand[1].buildings", study.demand[0].buildings.path) in list(study.sources())
    bad = {
        'spread = "buildings"\n': "spread_needs_buildings",
        'spread = "roads"\n': "spread_needs_roads",
        'buildings = "homes.gpkg"\n': "buildings_unused",
        'spread = "buildings"\nbuildings = "none.gpkg"\n': "file_missing",
        'spread = "buildings"\nbuildings = { path = "homes.gpkg", columns = { x = "y" } }\n': (
            "unknown_code"
        ),
        'spread = "streets"\n': "study_value",
    }
    for text, code in bad.items():
        (place / "study.toml").write_text(head + text, encoding="utf-8")
        with pytest.raises(InputError) as raised:
            read_study(place)
        assert [problem.code for problem in raised.value.problems] == [code]


def test_helsinki_homes(shared_data, tmp_path):
    extract = shared_data / "helsinki" / "helsinki.osm.pbf"
    west, south, east, north = 24.930, 60.160, 24.960, 60.180
    middle = (west + east) / 2
    boxes = {
        "a": shapely.box(west, south, middle, north),
        "b": shapely.box(middle, south, east, north),
    }
    rows = "".join(
        f'{unit},{unit},town,{1000 * n},"{box.wkt}"\n'
        for n, (unit, box) in enumerate(boxes.items(), 3)
    )
    (tmp_path / "towns.csv").write_text("unit_id,name,level,elders,wkt\n" + rows, encoding="utf-8")
    study = Study(
        root=tmp_path,
        name="Helsinki",
        units=(UnitSource(path="towns.csv"),),
        demand=(
            DemandSource(
                path="towns.csv",
                spread="buildings",
                buildings=BuildingSource(path=extract),
            ),
        ),
    )
    inputs = load_inputs(study)
    demand = inputs.demand
    assert demand.groupby("counted_unit_id")["elders"].sum().to_dict() == {"a": 3000, "b": 4000}
    assert (demand["unit_id"] == demand["counted_unit_id"]).all()
    assert set(demand["location_quality"]) == {"building"}
    # Not heaped up: a town's elders live in all its houses but the very smallest.
    assert (demand["counted_unit_id"].value_counts() > 100).all()


def test_outputs_say_how_the_demand_came_about(place):
    def codes(study):
        statements = demand_statements(study, load_inputs(study).demand)
        return [statement.code for statement in statements]

    assert codes(study_of(place, COUNTS)) == ["spread"]
    assert codes(study_of(place, COUNTS, residence="resident")) == ["spread", "residence_resident"]
    plain = {"spread": None, "buildings": None}
    assert codes(study_of(place, COUNTS, **plain)) == []
    records = "编号,年龄,居住状况\na,70,常住\nb,71,外出\n"
    assert codes(study_of(place, records, **plain)) == ["residence_all"]
    registered = codes(study_of(place, records, residence="registered", **plain))
    assert registered == ["residence_registered"]

"""One scan of an extract and the study that is made of it: units, facilities, demand."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from care_map.errors import InputError
from care_map.inputs.osm import scan_extract
from care_map.inputs.osm_demand import Total, demand_from_osm, largest_remainder
from care_map.inputs.osm_facilities import facilities_from_osm, facility_type
from care_map.inputs.osm_homes import DEFAULT_FLOORS
from care_map.inputs.osm_units import units_from_osm
from care_map.vocabulary import FACILITY_TYPES

STEP = 0.01
"""Degrees between the nodes of a lattice: node 10·row + column at (column, row) · STEP."""


def nodes(extra=""):
    lattice = "".join(
        f'<node id="{100 + 10 * row + column}" lon="{column * STEP}" lat="{row * STEP}"/>'
        for row in range(5)
        for column in range(9)
    )
    return lattice + extra


def tags(**keys):
    return "".join(f'<tag k="{k.replace("__", ":")}" v="{v}"/>' for k, v in keys.items())


def node(node_id, x, y, **keys):
    return f'<node id="{node_id}" lon="{x * STEP}" lat="{y * STEP}">{tags(**keys)}</node>'


def way(way_id, refs, **keys):
    ends = "".join(f'<nd ref="{ref}"/>' for ref in refs)
    return f'<way id="{way_id}">{ends}{tags(**keys)}</way>'


def admin(relation_id, name, level, ways, **keys):
    members = "".join(f'<member type="way" ref="{ref}" role="outer"/>' for ref in ways)
    own = tags(type="boundary", boundary="administrative", name=name, admin_level=level, **keys)
    return f'<relation id="{relation_id}">{members}{own}</relation>'


WEST, SHARED, EAST, FAR = 1, 2, 3, 4
BORDERS = (
    way(WEST, [124, 120, 100, 104]),
    way(SHARED, [104, 124]),
    way(EAST, [124, 128, 108, 104]),
    way(FAR, [128, 148, 999]),
)
"""Two squares of 4 × 2 steps that share the line between them."""

ROADS = (
    way(11, [110, 111, 112, 113, 114], highway="residential"),
    way(12, [114, 115, 116, 117], highway="residential"),
)


def house(way_id, x, y, size=0.02, **keys):
    """Return the corners of a square house, to stand among nodes, and its way."""
    at = [(x, y), (x + size, y), (x + size, y + size), (x, y + size)]
    corners = "".join(node(10 * way_id + i, *corner) for i, corner in enumerate(at))
    refs = [10 * way_id + i for i in (0, 1, 2, 3, 0)]
    return corners, way(way_id, refs, **({"building": "yes"} | keys))


@pytest.fixture
def scan(tmp_path):
    """Return a function that scans ways and relations over the lattice."""

    def _scan(*elements, more_nodes=""):
        file = tmp_path / "toy.osm"
        file.write_text(f'<osm version="0.6">{nodes(more_nodes)}{"".join(elements)}</osm>')
        return scan_extract(file)

    return _scan


@pytest.fixture
def towns(scan):
    """Return a function that scans two towns, with more of everything."""

    def _towns(*elements, more_nodes="", east=(SHARED, EAST), west=None):
        return scan(
            *BORDERS,
            *ROADS,
            *elements,
            admin(50, "西镇", 8, [WEST, SHARED], **(west or {})),
            admin(51, "East", 8, east, name__zh="东街道"),
            more_nodes=more_nodes,
        )

    return _towns


def codes(problems):
    return [problem.code for problem in problems]


def test_relations_are_put_together_from_their_ways(towns):
    extract = towns()
    assert extract.admin["closed"].all()
    areas = shapely.area(extract.admin.geometry.array) / STEP**2
    np.testing.assert_allclose(areas, [8.0, 8.0])


def test_units_of_the_level_that_closes(towns):
    made = units_from_osm(towns(), language="zh")
    assert made.units["level"].tolist() == ["district", "town", "town"]
    assert made.units["name"].tolist() == ["toy", "西镇", "东街道"]
    assert made.units["setting"].tolist() == ["", "rural", "urban"]
    assert made.units["parent_id"].tolist() == ["", "osm", "osm"]
    assert made.area.area == pytest.approx(16 * STEP**2)
    assert units_from_osm(towns(), language="en").units["name"].iloc[2] == "East"


def test_relation_that_does_not_close_is_named_and_left_out(towns):
    extract = towns(admin(52, "Nowhere", 8, [FAR, EAST]), admin(53, "Abroad", 4, [FAR]))
    made = units_from_osm(extract)
    assert made.units["name"].tolist() == ["toy", "西镇", "东街道"]
    found = {problem.code: problem for problem in made.problems}
    assert found["admin_not_closed"].values["name"] == "Nowhere"
    assert found["admin_not_closed"].severity == "warning"
    assert found["admin_not_closed_other"].values["names"] == "Abroad"


def test_one_closed_area_is_no_level(towns):
    made = units_from_osm(towns(east=(SHARED, FAR)))
    assert made.units["name"].tolist() == ["toy（数据范围）"]
    assert "unit_hull" in codes(made.problems)
    assert made.area.equals(towns(east=(SHARED, FAR)).hull)


def test_one_area_around_all_roads_is_the_unit(scan):
    extract = scan(*BORDERS, *ROADS, admin(60, "County", 6, [WEST, EAST]))
    made = units_from_osm(extract)
    assert made.units[["name", "level"]].to_numpy().tolist() == [["County", "district"]]


def test_smallest_area_around_the_towns_is_the_district(towns):
    extract = towns(admin(60, "County", 6, [WEST, EAST], population="5,000"))
    made = units_from_osm(extract)
    assert made.units["unit_id"].tolist() == ["r60", "r50", "r51"]
    assert made.units["population"].iloc[0] == 5000


def test_place_is_found_by_any_of_its_names(towns):
    for name in ("east", " 东街道 "):
        made = units_from_osm(towns(), place=name, language="en")
        assert made.units["name"].tolist() == ["East"]
        assert made.area.area == pytest.approx(8 * STEP**2)


def test_unknown_place_lists_those_that_exist(towns):
    extract = towns(admin(52, "Nowhere", 8, [FAR, EAST]))
    with pytest.raises(InputError, match="东街道, 西镇"):
        units_from_osm(extract, place="Atlantis")
    with pytest.raises(InputError) as raised:
        units_from_osm(extract, place="nowhere")
    assert codes(raised.value.problems) == ["osm_place_unknown", "admin_not_closed"]


def test_settings_come_from_places_where_names_do_not_tell(scan):
    borders = (
        admin(50, "A", 8, [WEST, SHARED]),
        admin(51, "B", 8, [SHARED, EAST]),
    )
    places = node(1, 1, 1, place="village") + node(2, 5, 1, place="village")
    extract = scan(*BORDERS, *ROADS, *borders, more_nodes=places + node(3, 6, 1, place="town"))
    assert units_from_osm(extract).units["setting"].tolist() == ["", "rural", "urban"]
    extract = scan(*BORDERS, *ROADS, *borders, more_nodes=node(3, 6, 1, place="locality"))
    made = units_from_osm(extract)
    assert made.units["setting"].tolist() == ["", "", ""]
    assert codes(made.problems).count("osm_unit_setting_unknown") == 2


# Facilities


@pytest.mark.parametrize(
    ("keys", "kind"),
    [
        ({"amenity": "nursing_home"}, "care_home"),
        ({"social_facility": "nursing_home", "social_facility:for": "child"}, ""),
        ({"social_facility": "assisted_living", "social_facility:for": "senior"}, "care_home"),
        ({"amenity": "social_facility", "social_facility": "group_home"}, ""),
        (
            {"social_facility": "outreach", "social_facility:for": "disabled; senior"},
            "community_station",
        ),
        ({"social_facility": "outreach", "social_facility:for": "diseased"}, ""),
        ({"amenity": "community_centre"}, "community_centre"),
        ({"amenity": "community_centre", "community_centre:for": "child"}, ""),
        ({"amenity": "community_centre", "community_centre:for": "senior"}, "community_station"),
        ({"amenity": "hospital"}, "hospital"),
        ({"amenity": "hospital", "name": "石桥镇中心卫生院"}, "township_health_centre"),
        ({"amenity": "clinic", "name": "龙溪社区卫生服务中心"}, "community_health_centre"),
        ({"healthcare": "centre"}, "clinic"),
        ({"amenity": "doctors"}, "clinic"),
        ({"healthcare": "clinic", "healthcare:speciality": "hypnosis;herbalism"}, ""),
        ({"healthcare": "clinic", "healthcare:speciality": "general;dermatology"}, "clinic"),
        ({"amenity": "pharmacy", "name": "卫生院药房"}, "pharmacy"),
        ({"amenity": "hospital", "disused": "yes"}, ""),
        ({"amenity": "restaurant"}, ""),
    ],
)
def test_facility_type(keys, kind):
    assert facility_type(keys) == kind
    assert not kind or kind in FACILITY_TYPES


def test_facilities_are_nodes_and_middles_of_areas_once_each(towns):
    corners, clinic = house(70, 2, 1, building="yes", amenity="clinic", beds="12")
    inside = node(900, 2.01, 1.01, amenity="clinic", name="same")
    shop = node(901, 6, 1, amenity="pharmacy", phone="+86 1", wheelchair="yes", name="P")
    beyond = node(902, 12, 1, amenity="hospital", name="beyond")
    far = node(903, 60, 1, amenity="hospital", name="far")
    extract = towns(clinic, more_nodes=corners + inside + shop + beyond + far)
    area = units_from_osm(extract).area
    table, problems = facilities_from_osm(extract, area, language="en")
    assert table["facility_id"].tolist() == ["n901", "n902", "w70"]
    assert table["name"].tolist() == ["P", "beyond", "clinic #70"]
    assert table["beds"].tolist()[2] == 12
    assert table["step_free"].tolist() == ["yes", "", ""]
    assert table.geometry.iloc[2].x == pytest.approx(2.01 * STEP)
    assert set(codes(problems)) >= {
        "osm_facility_doubled",
        "osm_facility_unnamed",
        "osm_facility_beyond",
        "osm_facility_no_care",
    }


# Demand


@given(
    st.lists(st.floats(0, 1e6), min_size=1, max_size=30).filter(lambda some: sum(some) > 0),
    st.integers(0, 10**6),
)
def test_largest_remainder_adds_up_and_is_fair(weights, total):
    weights = np.array(weights)
    parts = largest_remainder(weights, total)
    assert parts.sum() == total
    assert (np.abs(parts - weights / weights.sum() * total) < 1 + 1e-6).all()


def demand(extract, total=None):
    made = units_from_osm(extract)
    table, basis, problems = demand_from_osm(extract, made.units, total or Total())
    return table, basis, problems


def test_demand_follows_roads_where_buildings_are_few(towns):
    table, basis, problems = demand(towns())
    assert basis == "weights"
    assert table["elders"].sum() == 10_000
    assert codes(problems).count("osm_demand_roads") == 2
    by_unit = table.groupby("unit_id")["elders"].sum()
    # Four of the seven road pieces are in the west.
    assert by_unit["r50"] == pytest.approx(10_000 * 4 / 7, rel=0.01)
    assert set(table["origin"]) == {"place"}


def test_demand_follows_buildings_floors_and_footprints(scan):
    street = way(11, [111, 112], highway="living_street")
    corners, drawn = "", []
    homes = [
        {"building": "apartments", "building:levels": "9"},
        {"building": "house"},  # without levels: the default
        {"building": "retail", "building:levels": "9"},
    ]
    for i, keys in enumerate(homes * 12):
        spot, shape = house(
            200 + i, 0.5 + i * 0.2, 1.5, **{k.replace(":", "__"): v for k, v in keys.items()}
        )
        corners, drawn = corners + spot, [*drawn, shape]
    borders = (admin(50, "A", 8, [WEST, SHARED]), admin(51, "B", 8, [SHARED, EAST]))
    other = way(12, [116, 117], highway="residential")
    extract = scan(*BORDERS, street, other, *drawn, *borders, more_nodes=corners)
    table, _, problems = demand(extract, Total(elders=1000))
    assert codes(problems).count("osm_demand_buildings") == 2
    assert table["elders"].sum() == 1000
    assert set(table["location_quality"]) == {"building"}
    assert len(table) == 24
    ratio = table["elders"].max() / table["elders"].min()
    assert ratio == pytest.approx(9 / DEFAULT_FLOORS["house"], rel=0.1)


def test_population_tags_count_if_every_unit_has_one(towns, scan):
    tagged = scan(
        *BORDERS,
        *ROADS,
        admin(50, "A", 8, [WEST, SHARED], population="3000"),
        admin(51, "B", 8, [SHARED, EAST], population="1000"),
    )
    table, basis, _ = demand(tagged)
    assert basis == "tags"
    assert table.groupby("unit_id")["elders"].sum().to_dict() == {"r50": 561, "r51": 187}
    table, basis, _ = demand(tagged, Total(elders=100))
    assert basis == "given"
    assert table.groupby("unit_id")["elders"].sum().to_dict() == {"r50": 75, "r51": 25}
    table, basis, problems = demand(towns(west={"population": "3000"}))
    assert basis == "weights"
    assert "osm_demand_split_mixed" in codes(problems)


def test_places_without_streets_have_demand(scan):
    track = way(11, [111, 112, 117], highway="track")
    borders = (admin(50, "A", 8, [WEST, SHARED]), admin(51, "B", 8, [SHARED, EAST]))
    hamlet = node(900, 1, 1, place="hamlet")
    extract = scan(*BORDERS, track, *borders, more_nodes=hamlet)
    table, _, problems = demand(extract, Total(elders=7))
    assert table[["unit_id", "elders"]].to_numpy().tolist() == [["r50", 7]]
    assert "osm_demand_none" in codes(problems)


# Real extracts


@pytest.mark.real_data
def test_andorra_has_six_parishes_and_names_the_seventh(shared_data):
    extract = scan_extract(shared_data / "andorra" / "andorra.osm.pbf")
    made = units_from_osm(extract)
    assert (made.units["level"] == "town").sum() == 6
    assert set(made.units["setting"][1:]) == {"urban"}
    missing = [p.values["name"] for p in made.problems if p.code == "admin_not_closed"]
    assert missing == ["Canillo"]
    table, _, _ = demand_from_osm(extract, made.units, Total(elders=15_000))
    assert table["elders"].sum() == 15_000
    assert len(table) < 5_000
    assert table.within(made.area.buffer(1e-6)).all()


@pytest.mark.real_data
def test_helsinki_has_no_closed_area(shared_data):
    extract = scan_extract(shared_data / "helsinki" / "helsinki.osm.pbf")
    made = units_from_osm(extract, language="en")
    assert made.units["name"].tolist() == ["helsinki (extent of the data)"]
    assert len(extract.buildings) == 444
    table, _, problems = demand_from_osm(extract, made.units, Total())
    assert "osm_demand_buildings" in codes(problems)
    assert len(table) < 5_000
    with pytest.raises(InputError, match="没有任何边界闭合"):
        units_from_osm(extract, place="Helsinki")

"""What a circle asks for: modes, directions, delivery and conjunctions, by hand and by the oracle.

On the street a metre is a second on foot; a car drives 20 km/h after three minutes.
"""

import math
import tomllib
from pathlib import Path

import geopandas as gpd
import networks
import numpy as np
import oracle
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import CRS_METRIC

import care_map
from care_map.access import access_table
from care_map.accessibility.coverage import coverage_by_unit, facility_load
from care_map.circle_search import facility_rows, reach
from care_map.circles import (
    circle_statements,
    circles_of_pack,
    join_circles,
)
from care_map.config import Study
from care_map.inputs.tables import Inputs
from care_map.messages import LANGUAGES, catalogue
from care_map.network.build import build_network
from care_map.packs.pack_file import PackCircle, PackFile
from care_map.schema import ACCESS
from care_map.search_points import Search, make_search
from care_map.study_file import DEFAULT_CIRCLES, CircleTable
from care_map.values import PROFILES, Circle, CircleRule, Delivery, Limits

FOOT_15 = CircleRule("standard", 15)
DRIVE_M_PER_S = 20 / 3.6
START_S = 180.0
MEAL_TYPES = ("meal_point", "meal_provider")
MEALS = Circle(
    "meals_15",
    "15分钟助餐服务圈（步行或送餐）",
    (MEAL_TYPES,),
    {"urban": FOOT_15, "rural": FOOT_15},
    delivery=Delivery(MEAL_TYPES, "rural_drive", 15),
)
STREET = [networks.way(1, [1, 2], {1: (-9000, 0), 2: (9000, 0)})]
LOOSE = Limits(min_component_m=0.0)


def place(at):
    x, y = at if isinstance(at, tuple) else (at, 0)
    return shapely.Point(x + networks.CORNER[0], y + networks.CORNER[1])


def inputs_of(elders, facilities, *, delivers=True):
    """Return inputs: elders as (place, setting), facilities as (place, roles[, delivers])."""
    facilities = [(*one, None)[:3] for one in facilities]
    table = {
        "facility_id": [f"f{i}" for i in range(len(facilities))],
        "name": "站",
        "roles": [roles for _, roles, _ in facilities],
        "stage": "operating",
        "unit_id": "T",
        "in_area": True,
    }
    points = gpd.GeoDataFrame(
        table,
        geometry=[None if at is None else place(at) for at, _, _ in facilities],
        crs=CRS_METRIC,
    )
    if delivers:
        points["delivers"] = np.array([one[2] for one in facilities], dtype=object)
        points["delivers"] = points["delivers"].astype("boolean")
    units = {"unit_id": ["T"], "name": ["镇"], "level": ["town"], "parent_id": [""]}
    return Inputs(
        crs=CRS_METRIC,
        units=gpd.GeoDataFrame({**units, "setting": [""]}, geometry=[None], crs=CRS_METRIC),
        facilities=points,
        demand=gpd.GeoDataFrame(
            {
                "demand_id": [f"d{i}" for i in range(len(elders))],
                "elders": 1,
                "unit_id": "T",
                "setting": [setting for _, setting in elders],
                "groups": "",
            },
            geometry=[None if at is None else place(at) for at, _ in elders],
            crs=CRS_METRIC,
        ),
    )


def ask(circle, elders, facilities, *, ways=STREET, data="real", delivers=True, official=True):
    """Return the access rows of a circle, the official ones by elder."""
    circles = circle if isinstance(circle, tuple) else (circle,)
    study = Study(root=Path(), name="镇", circles=circles, limits=LOOSE, data=data)
    inputs = inputs_of(elders, facilities, delivers=delivers)
    network = build_network(networks.road_table(ways), CRS_METRIC) if ways else None
    table = access_table(study, inputs, make_search(study, inputs, network))
    return table[table["official"] == official].reset_index(drop=True)


def one(*question, **options):
    """Return the row of the only elder."""
    (row,) = ask(*question, **options).to_dict("records")
    return row


def told(row, *names):
    return tuple(row[name] for name in names or ("status", "reason", "facility_id", "means"))


AT_HOME = [(0, "urban")]
# 540 s by car, of which 180 s to start.
NINE_MINUTES_AWAY = -360 * DRIVE_M_PER_S


# Meals: on foot or delivered


def test_meals_within_a_walk_or_delivered():
    near = one(MEALS, AT_HOME, [(720, "meal_point", False)])
    assert told(near) == ("covered", "", "f0", "walk")
    assert near["minutes"] == pytest.approx(12, abs=1e-6)
    facilities = [(1200, "meal_point", False), (NINE_MINUTES_AWAY, "meal_provider", True)]
    brought = one(MEALS, AT_HOME, facilities)
    assert told(brought) == ("covered", "", "f1", "delivery")
    assert brought["minutes"] == pytest.approx(9, abs=1e-6)
    alone = one(MEALS, AT_HOME, [(1200, "meal_point", False)])
    assert told(alone) == ("uncovered", "too_far", "f0", "walk")
    assert alone["minutes"] == pytest.approx(20, abs=1e-6)


def test_who_does_not_deliver_brings_nothing():
    facilities = [(1200, "meal_point", False), (NINE_MINUTES_AWAY, "meal_provider", False)]
    row = one(MEALS, AT_HOME, facilities)
    assert told(row) == ("uncovered", "too_far", "f0", "walk")


def test_only_the_types_named_deliver():
    facilities = [(1200, "meal_point", False), (NINE_MINUTES_AWAY, "central_kitchen", True)]
    assert told(one(MEALS, AT_HOME, facilities)) == ("uncovered", "too_far", "f0", "walk")


def test_a_walk_is_told_where_both_ways_are_enough():
    facilities = [(720, "meal_point", False), (-300, "hospital", True), (-800, "meal_point", True)]
    assert told(one(MEALS, AT_HOME, facilities)) == ("covered", "", "f0", "walk")


def test_the_limit_of_a_delivery_lies_inside():
    at = -(900 - START_S) * DRIVE_M_PER_S
    assert one(MEALS, AT_HOME, [(at, "meal_provider", True)])["status"] == "covered"
    assert one(MEALS, AT_HOME, [(at - 1, "meal_provider", True)])["status"] == "uncovered"


@pytest.mark.parametrize("delivers", [True, False], ids=["blank", "no column"])
def test_unknown_delivery_is_undetermined_where_it_would_decide(delivers):
    far, near = (1200, "meal_point", None), (720, "meal_point", None)
    row = one(MEALS, AT_HOME, [far], delivers=delivers)
    # 1200 m are 396 s by car: delivered, if it delivers.
    assert told(row) == ("undetermined", "delivery_unknown", "f0", "delivery")
    assert math.isnan(row["minutes"])
    assert math.isnan(row["minutes_any_district"])
    assert not row["covered_any_district"]
    assert told(one(MEALS, AT_HOME, [near], delivers=delivers))[:2] == ("covered", "")
    lost = one(MEALS, AT_HOME, [(8000, "meal_point", None)], delivers=delivers)
    assert told(lost) == ("uncovered", "too_far", "f0", "walk")


def test_a_provider_that_surely_delivers_settles_it():
    facilities = [(1200, "meal_point", None), (NINE_MINUTES_AWAY, "meal_provider", True)]
    assert told(one(MEALS, AT_HOME, facilities)) == ("covered", "", "f1", "delivery")
    # One that surely delivers and is too far settles nothing.
    facilities = [(1200, "meal_point", None), (-8000, "meal_provider", True)]
    assert told(one(MEALS, AT_HOME, facilities))[:2] == ("undetermined", "delivery_unknown")


def test_what_is_not_known_of_one_way_leaves_the_other():
    # No road near the home for a walk of any kind; nobody's place is known.
    facilities = [(1200, "meal_point", False), (None, "meal_provider", True)]
    row = one(MEALS, AT_HOME, facilities)
    assert told(row)[:2] == ("undetermined", "facilities_without_coordinates")
    assert told(one(MEALS, [(None, "urban")], facilities))[:2] == ("undetermined", "no_coordinates")
    near = [(720, "meal_point", False), (None, "meal_provider", True)]
    assert told(one(MEALS, AT_HOME, near))[:2] == ("covered", "")


def test_without_roads_neither_way_is_known():
    row = one(MEALS, AT_HOME, [(1200, "meal_point", True)], ways=None)
    assert told(row)[:2] == ("undetermined", "no_roads")


def test_a_proxy_without_providers_knows_nothing_of_delivery():
    far = [(1200, "meal_point", False)]
    circle = Circle(**{**fields(MEALS), "delivery": Delivery(("meal_provider",), "rural_drive", 9)})
    assert told(one(circle, AT_HOME, far))[:2] == ("uncovered", "too_far")
    assert told(one(circle, AT_HOME, far, data="proxy"))[:2] == ("undetermined", "no_facility_list")
    # It has one, of which it says that it does not deliver.
    far = [*far, (100, "meal_provider", False)]
    circle = Circle(**{**fields(circle), "require": (("meal_point",),)})
    assert told(one(circle, AT_HOME, far, data="proxy"))[:2] == ("uncovered", "too_far")


def fields(circle):
    return {name: getattr(circle, name) for name in Circle.__dataclass_fields__}


def test_delivery_is_for_every_setting_that_has_a_rule():
    provider = [(1200, "meal_provider", True)]
    people = [(0, "urban"), (0, "rural"), (0, "")]
    rows = ask(MEALS, people, provider)
    assert rows["status"].tolist() == ["covered"] * 3
    differing = {"urban": FOOT_15, "rural": CircleRule("standard", 30)}
    either = Circle(**{**fields(MEALS), "rules": differing})
    # Delivered whatever the setting is, though the walk depends on it; 8 km are too far for both.
    assert ask(either, people, provider)["status"].tolist() == ["covered"] * 3
    rows = ask(either, people, [(8000, "meal_provider", True)])
    assert rows["reason"].tolist() == ["too_far", "too_far", "setting_unknown"]
    urban = Circle(**{**fields(MEALS), "rules": {"urban": FOOT_15}})
    rows = ask(urban, people, provider)
    assert rows["demand_id"].tolist() == ["d0", "d2"]
    assert rows["reason"].tolist() == ["", "setting_unknown"]


def test_the_limit_is_that_of_the_way_that_is_told():
    delivery = Delivery(("meal_provider",), "rural_drive", 30)
    circle = Circle(**{**fields(MEALS), "delivery": delivery})
    study = Study(root=Path(), name="镇", circles=(circle,), limits=LOOSE)
    inputs = inputs_of(AT_HOME, [(-5000, "meal_provider", True), (1200, "meal_point", False)])
    inputs.facilities.loc[0, "stage"] = "finished"
    network = build_network(networks.road_table(STREET), CRS_METRIC)
    search, row = make_search(study, inputs, network), np.array([0])
    found = {
        len(stages): reach(
            search,
            inputs,
            row,
            circle=circle,
            variant=circle.variants[0],
            pool=facility_rows(inputs, stages=stages, own=True),
        )
        for stages in (("operating",), ("operating", "finished"))
    }
    now, soon = found[1], found[2]
    assert (now.finding.status[0], now.means[0]) == ("uncovered", "walk")
    assert (now.finding.seconds[0], now.cutoff_s[0]) == (pytest.approx(1200, abs=1e-6), 900)
    # If the provider operated: gaps compare its time with the limit of a delivery.
    assert (soon.finding.status[0], soon.means[0]) == ("covered", "delivery")
    by_car_s = 5000 / DRIVE_M_PER_S + START_S
    assert (soon.finding.seconds[0], soon.cutoff_s[0]) == (pytest.approx(by_car_s, abs=1e-6), 1800)


def test_delivered_elders_are_a_load_of_who_delivers_and_are_counted_once():
    facilities = [(720, "meal_point", False), (-3000, "meal_provider", True)]
    elders = [(0, "urban"), (-2000, "urban"), (8000, "urban")]
    rows = ask(MEALS, elders, facilities)
    inputs = inputs_of(elders, facilities)
    load = facility_load(rows, inputs.facilities).set_index("facility_id")["elders_nearest"]
    assert load.to_dict() == {"f0": 1, "f1": 1}
    table = coverage_by_unit(
        rows[[*ACCESS.names, "covered_any_district"]], inputs.demand, inputs.units, name="镇"
    )
    whole = table[(table["level"] == "all") & (table["setting"] == "all")].iloc[0]
    counts = ["elders", "covered", "uncovered", "undetermined"]
    assert whole[counts].tolist() == [3, 2, 1, 0]


# Conjunctions, modes and settings

MEDICAL_TYPES = ("hospital", "community_health_centre")
CARE_TYPES = ("community_station", "care_home")
MEDICAL = Circle(
    "medical_15_urban", "城市15分钟医疗服务圈（步行）", (MEDICAL_TYPES,), {"urban": FOOT_15}
)
BOTH = Circle(
    "medical_care_15_urban",
    "城市15分钟医养服务圈（步行）",
    (MEDICAL_TYPES, CARE_TYPES),
    {"urban": FOOT_15},
)


def test_a_clinic_without_care_is_medical_and_not_both():
    facilities = [(600, "community_health_centre"), (1000, "community_station")]
    rows = ask((MEDICAL, BOTH), AT_HOME, facilities).set_index("circle")
    assert told(rows.loc["medical_15_urban"]) == ("covered", "", "f0", "walk")
    assert rows.loc["medical_15_urban", "minutes"] == pytest.approx(10, abs=1e-6)
    assert told(rows.loc["medical_care_15_urban"]) == ("uncovered", "too_far", "f1", "walk")
    nobody = ask((MEDICAL, BOTH), AT_HOME, facilities[:1]).set_index("circle")
    assert told(nobody.loc["medical_care_15_urban"]) == ("uncovered", "no_facility", "", "")
    one_site = ask(BOTH, AT_HOME, [(600, "care_home;community_health_centre")])
    assert told(one_site.iloc[0]) == ("covered", "", "f0", "walk")


def test_an_urban_circle_counts_townspeople_only():
    rows = ask(MEDICAL, [(0, "urban"), (0, "rural")], [(600, "hospital")])
    assert rows["demand_id"].tolist() == ["d0"]


RURAL = {
    f"medical_25_rural{kind}{on_foot}": Circle(
        f"medical_25_rural{kind}{on_foot}",
        "",
        (types,),
        {"rural": CircleRule("standard" if on_foot else "rural_drive", 25)},
    )
    for kind, types in (
        ("", ("township_health_centre", "village_clinic")),
        ("_centre", ("township_health_centre",)),
        ("_clinic", ("village_clinic",)),
    )
    for on_foot in ("", "_walk")
}


def test_rural_medicine_by_vehicle_and_on_foot_with_centre_and_clinic_apart():
    # 3 km to the clinic and 7 km to the centre: 12 and 24 minutes by car, 50 and 117 on foot.
    facilities = [(3000, "village_clinic"), (7000, "township_health_centre")]
    rows = ask(tuple(RURAL.values()), [(0, "rural"), (2000, "rural")], facilities)
    status = {name: part["status"].tolist() for name, part in rows.groupby("circle")}
    in_car, on_foot = ["covered", "covered"], ["uncovered", "covered"]
    assert status == {
        "medical_25_rural": in_car,
        "medical_25_rural_walk": on_foot,
        "medical_25_rural_centre": in_car,
        "medical_25_rural_centre_walk": ["uncovered", "uncovered"],
        "medical_25_rural_clinic": in_car,
        "medical_25_rural_clinic_walk": on_foot,
    }
    first = rows[rows["demand_id"] == "d0"].set_index("circle")
    assert first["minutes"]["medical_25_rural_centre"] == pytest.approx(
        (7000 / DRIVE_M_PER_S + START_S) / 60, abs=1e-6
    )
    assert first["means"]["medical_25_rural_centre"] == "drive"
    assert first["means"]["medical_25_rural_clinic_walk"] == "walk"


def test_elder_stands_beside_every_circle_on_foot():
    assert [v.profile for v in RURAL["medical_25_rural_walk"].variants] == ["standard", "elder"]
    assert [v.profile for v in RURAL["medical_25_rural"].variants] == ["rural_drive"]
    slow = ask(MEALS, AT_HOME, [(900, "meal_point", False)], official=False).iloc[0]
    assert (slow["profile"], slow["status"]) == ("elder", "uncovered")
    assert slow["minutes"] == pytest.approx(15 / 0.85, abs=1e-6)
    # Who brings the meal is no elder.
    brought = ask(MEALS, AT_HOME, [(900, "meal_point", True)], official=False).iloc[0]
    assert told(brought) == ("covered", "", "f0", "delivery")


@pytest.mark.parametrize(
    ("profile", "means"),
    [("standard", "walk"), ("straight_line", "walk"), ("urban_drive", "drive"), ("cycle", "cycle")],
)
def test_the_means_is_that_of_the_profile(profile, means):
    circle = Circle("c", "", (("hospital",),), {"urban": CircleRule(profile, 60)})
    row = one(circle, AT_HOME, [(600, "hospital")])
    assert (row["means"], row["status"]) == (means, "covered")
    assert one(circle, AT_HOME, [(600, "clinic")])["means"] == ""


def test_every_means_has_its_label():
    for language in LANGUAGES:
        for means in ("walk", "drive", "cycle", "delivery"):
            assert catalogue(language).has(f"means.{means}")


# Directions

ROUND = {1: (0, 0), 2: (2000, 0), 3: (2000, 3000), 4: (0, 3000)}


def one_way(*, against=False):
    """Return a ring of streets that cars may go round in one direction only."""
    tag = "-1" if against else "yes"
    return [networks.way(1, [1, 2, 3, 4, 1], ROUND, "residential", oneway=tag)]


def circle_by_car(direction, minutes=60):
    rule = CircleRule("rural_drive", minutes)
    return Circle("c", "", (("hospital",),), {"rural": rule}, direction=direction)


def test_towards_and_from_differ_on_a_one_way_street():
    people, hospital = [((500, 0), "rural")], [((1500, 0), "hospital")]
    there = one(circle_by_car("to"), people, hospital, ways=one_way())
    back = one(circle_by_car("from"), people, hospital, ways=one_way())
    assert there["minutes"] * 60 == pytest.approx(START_S + 1000 / DRIVE_M_PER_S, abs=1e-6)
    assert back["minutes"] * 60 == pytest.approx(START_S + 9000 / DRIVE_M_PER_S, abs=1e-6)


def test_a_delivery_drives_from_the_facility():
    circle = Circle(
        "c",
        "",
        (("hospital",),),
        {"rural": FOOT_15},
        delivery=Delivery(MEAL_TYPES, "rural_drive", 15),
    )
    people = [((500, 0), "rural")]
    before, behind = [((100, 0), "meal_point", True)], [((900, 0), "meal_point", True)]
    # Against the one-way street it is 9.6 km round.
    assert one(circle, people, before, ways=one_way())["status"] == "covered"
    assert one(circle, people, behind, ways=one_way())["status"] == "uncovered"


spot = st.tuples(st.integers(-50, 2050), st.integers(-50, 3050))
spots = st.lists(spot, min_size=1, max_size=6, unique=True)
ends = st.tuples(st.integers(0, 8), st.integers(0, 8)).filter(lambda pair: pair[0] != pair[1])
drawn_ways = st.lists(
    st.tuples(ends, st.sampled_from(["yes", "-1", "no"])), min_size=1, max_size=14
)


def grid_ways(drawing, *, turned=False):
    """Return ways between nine places, one-way as drawn or the other way round."""
    places = {k: (k % 3 * 1000 + 37 * k, k // 3 * 1500 - 53 * k) for k in range(9)}
    other = {"yes": "-1", "-1": "yes", "no": "no"}
    return [
        networks.way(i, list(pair), places, oneway=other[tag] if turned else tag)
        for i, (pair, tag) in enumerate(drawing)
    ]


@settings(max_examples=15, deadline=None)
@given(drawn_ways, spots, spots)
def test_from_is_to_with_all_one_way_streets_turned(drawing, homes, hospitals):
    people = [(at, "rural") for at in homes]
    facilities = [(at, "hospital") for at in hospitals]
    back = ask(circle_by_car("from"), people, facilities, ways=grid_ways(drawing))
    there = ask(circle_by_car("to"), people, facilities, ways=grid_ways(drawing, turned=True))
    assert back["status"].tolist() == there["status"].tolist()
    np.testing.assert_allclose(back["minutes"], there["minutes"], atol=1e-8)


# What must hold however the streets lie

meals = st.lists(
    st.tuples(spot, st.sampled_from(MEAL_TYPES), st.sampled_from([True, False, None])),
    max_size=6,
)


@settings(max_examples=15, deadline=None)
@given(drawn_ways, spots, meals)
def test_with_delivery_never_fewer_are_covered(drawing, homes, facilities):
    people, ways = [(at, "urban") for at in homes], grid_ways(drawing)
    walking = Circle(**{**fields(MEALS), "delivery": None})
    alone = ask(walking, people, facilities, ways=ways)
    brought = ask(MEALS, people, facilities, ways=ways)
    on_foot = alone["status"] == "covered"
    same = ["status", "minutes", "facility_id", "means", "reason"]
    assert brought.loc[on_foot, same].equals(alone.loc[on_foot, same])
    assert (brought["minutes"].notna() == (brought["status"] != "undetermined"))[
        brought["status"] == "covered"
    ].all()
    # What is learnt of a blank never takes a verdict back.
    for answer in (True, False):
        known = [(at, role, answer if flag is None else flag) for at, role, flag in facilities]
        later = ask(MEALS, people, known, ways=ways)
        sure = brought["status"] != "undetermined"
        assert (later["status"] == brought["status"])[sure].all()


@settings(max_examples=15, deadline=None)
@given(drawn_ways, spots, meals)
def test_meals_agree_with_the_oracle(drawing, homes, facilities):
    ways = grid_ways(drawing)
    raw = oracle.OracleNetwork([{**way, "tags": way["tags"]} for way in ways], [])
    limits = {**oracle.LIMITS, "min_component_m": 0.0}
    walk = oracle.Traveller(raw, CRS_METRIC, oracle.PROFILES["standard"], limits)
    drive = oracle.Traveller(raw, CRS_METRIC, oracle.PROFILES["rural_drive"], limits)
    here = networks.points(homes)
    there = networks.points([at for at, _, _ in facilities])
    if any(way.snap(point).ambiguous for way in (walk, drive) for point in here + there):
        return
    by_foot = walk.matrix(here, there).matrix
    by_car = drive.matrix(here, there, "from").matrix
    rows = ask(MEALS, [(at, "urban") for at in homes], facilities, ways=ways)
    for row, foot, car in zip(rows.to_dict("records"), by_foot, by_car, strict=True):
        sure = [s for s, (_, _, flag) in zip(car, facilities, strict=True) if flag]
        maybe = [s for s, (_, _, flag) in zip(car, facilities, strict=True) if flag is None]
        nearest = min(foot, default=math.inf)
        if nearest <= 900:
            assert told(row, "status", "means") == ("covered", "walk")
            assert row["minutes"] * 60 == pytest.approx(nearest, abs=1e-6)
        elif min(sure, default=math.inf) <= 900:
            assert told(row, "status", "means") == ("covered", "delivery")
            assert row["minutes"] * 60 == pytest.approx(min(sure), abs=1e-6)
        elif min(maybe, default=math.inf) <= 900:
            assert row["status"] == "undetermined"
        else:
            assert row["status"] != "covered"


# How many searches are made


def test_circles_that_differ_in_minutes_share_a_search(monkeypatch):
    asked = []
    search = Search.seconds

    def counted(self, profile, **options):
        asked.append((profile, tuple(options["facility_rows"].tolist())))
        return search(self, profile, **options)

    monkeypatch.setattr(Search, "seconds", counted)
    ten = Circle("ten", "", (CARE_TYPES,), {"urban": CircleRule("standard", 10)})
    fifteen = Circle("fifteen", "", (CARE_TYPES,), {"urban": FOOT_15})
    facilities = [(600, "hospital"), (700, "community_station")]
    rows = ask((ten, fifteen, MEDICAL, BOTH), AT_HOME, facilities)
    assert rows["status"].tolist() == ["uncovered", "covered", "covered", "covered"]
    expected = {(profile, (row,)) for profile in ("standard", "elder") for row in (0, 1)}
    assert sorted(asked) == sorted(expected)


# Packs, studies and words

PACK = """
[pack]
id = "test"
name = "某区"
name_en = "Some district"
title = "某通知"
document = "某府办〔2020〕1号"
issued = 2020-01-01
version = "1"
[[circle]]
id = "meals_15"
title = "15分钟助餐服务网络（步行或送餐）"
title_en = "Meals within 15 minutes, on foot or delivered"
require = [["meal_point", "central_kitchen"]]
profile = "standard"
minutes = 15
delivery = { types = ["meal_point", "meal_provider"], profile = "urban_drive", minutes = 15 }
cite = "任务一"
text = "建成15分钟助餐服务网络"
assumptions = ["步行", "送餐乘车"]
[[circle]]
id = "rescue"
title = "救援（乘车）"
require = [["hospital"], ["care_home"]]
direction = "from"
urban = { profile = "urban_drive", minutes = 10 }
rural = { profile = "rural_drive", minutes = 20 }
[[circle]]
id = "medical_15_urban"
title = "城市15分钟医疗（步行）"
require = [["hospital"]]
setting = "urban"
profile = "standard"
minutes = 15
"""


@pytest.fixture(scope="module")
def circles():
    return circles_of_pack(PackFile.model_validate(tomllib.loads(PACK)))


def test_circles_of_a_pack(circles):
    meals, rescue, medical = circles
    assert meals.require == (("meal_point", "central_kitchen"),)
    assert meals.rules == {"urban": FOOT_15, "rural": FOOT_15}
    assert meals.delivery == Delivery(("meal_point", "meal_provider"), "urban_drive", 15)
    assert (meals.direction, rescue.direction) == ("to", "from")
    assert (meals.cite, meals.text) == ("任务一", "建成15分钟助餐服务网络")
    assert meals.assumptions == ("步行", "送餐乘车")
    assert meals.types == ("meal_point", "central_kitchen", "meal_provider")
    assert meals.profiles == ("standard", "elder", "urban_drive")
    assert rescue.rules == {
        "urban": CircleRule("urban_drive", 10),
        "rural": CircleRule("rural_drive", 20),
    }
    assert medical.rules == {"urban": FOOT_15}
    assert meals.title_in("en") == "Meals within 15 minutes, on foot or delivered"
    assert meals.title_in("zh") == "15分钟助餐服务网络（步行或送餐）"
    assert rescue.title_in("en") == "救援（乘车）"


def test_a_study_changes_circles_of_its_pack_and_adds_others(circles):
    table = CircleTable.model_validate(
        {"id": "rescue", "require": [["hospital"]], "profile": "urban_drive", "minutes": 5}
    )
    more = CircleTable.model_validate(
        {"id": "own", "require": [["clinic"]], "profile": "standard", "minutes": 5}
    )
    joined = join_circles(circles, [more.circle(), table.circle()])
    assert [circle.id for circle in joined] == ["meals_15", "rescue", "medical_15_urban", "own"]
    assert joined[1].rules["rural"] == CircleRule("urban_drive", 5)
    assert join_circles((), ()) == ()


def test_a_study_states_delivery_and_direction():
    text = """
    id = "meals"
    require = [["meal_point"]]
    profile = "standard"
    minutes = 15
    direction = "from"
    delivery = { types = ["meal_provider"], profile = "cycle", minutes = 20 }
    """
    circle = CircleTable.model_validate(tomllib.loads(text)).circle()
    assert circle.direction == "from"
    assert circle.delivery == Delivery(("meal_provider",), "cycle", 20)


def test_a_default_circle_travelled_in_another_way_loses_the_catalogues_title():
    default = DEFAULT_CIRCLES[0]
    same = {"id": default.id, "require": [list(default.require[0])], "profile": "standard"}
    same["minutes"] = 15
    assert CircleTable.model_validate(same).circle() == default
    delivery = {"types": ["meal_provider"], "profile": "cycle", "minutes": 15}
    for change in ({"minutes": 10}, {"direction": "from"}, {"delivery": delivery}):
        assert CircleTable.model_validate({**same, **change}).circle().title == default.id


def test_the_definition_of_each_circle_is_said_in_words(circles):
    said = [
        catalogue("zh").text(f"assumption.{s.code}", **s.values)
        for s in circle_statements(circles, catalogue("zh"))
    ]
    meals, rescue, medical = said
    for words in (
        "“15分钟助餐服务网络（步行或送餐）”",
        *("助餐点、中央厨房", "步行 1.0 米/秒", "15 分钟以内", "从老年人到设施"),
        *("送餐上门", "城区乘车", "任务一", "建成15分钟助餐服务网络", "假定：步行；送餐乘车"),
    ):
        assert words in meals
    assert "城市老年人：" in rescue
    assert "10 分钟" in rescue
    assert "农村老年人：" in rescue
    assert "从设施到老年人" in rescue
    assert "并且" in rescue
    assert "假定" not in rescue
    assert "其他老年人不计入" in medical
    assert "其他老年人不计入" not in rescue
    english = [
        catalogue("en").text(f"assumption.{s.code}", **s.values)
        for s in circle_statements(circles[2:], catalogue("en"))
    ]
    assert "urban elders: " in english[0]
    assert "hospital" in english[0]


def test_definitions_stand_among_the_assumptions_of_a_run(demo_result):
    said = [s for s in demo_result.assumptions if s.code == "circle"]
    assert len(said) == len(demo_result.study.circles)
    assert set(demo_result.access["means"]) <= {"walk", "drive", ""}
    named = demo_result.access["facility_id"] != ""
    assert ((demo_result.access["means"] != "") == named).all()


PACKS = sorted((Path(care_map.__file__).parent / "packs").glob("*.toml"))
_MODE_WORDS = {"foot": ("步行", "walk", "foot"), "car": ("乘车", "vehicle", "drive", "car")}


@pytest.mark.parametrize("file", PACKS, ids=lambda file: file.stem)
def test_titles_of_official_circles_name_the_mode(file):
    tables = tomllib.loads(file.read_text(encoding="utf-8")).get("circle", [])
    for table in tables:
        circle = circles_of_pack_table(table)
        for rule in circle.rules.values():
            zh, *en = _MODE_WORDS[PROFILES[rule.profile].mode]
            assert zh in circle.title, circle.id
            assert any(word in circle.title_en.casefold() for word in en), circle.id
        if circle.delivery:
            assert "送" in circle.title
            assert "deliver" in circle.title_en.casefold()


def circles_of_pack_table(table):
    pack = tomllib.loads(PACK)
    pack["circle"] = [PackCircle.model_validate(table)]
    return circles_of_pack(PackFile.model_validate(pack))[0]

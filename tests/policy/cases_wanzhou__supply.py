"""万州府办发〔2020〕28号, tasks 12 and 13: facilities, their standards and how they are run."""

from policy.case import Case
from policy.case_makers import built, checked, listed
from policy.facts_of import facts

NOT_DUE = "未到期"
CENTRE_ZONES = "生活照料区;托养护理区;医疗康复区;休闲娱乐室;文化教育;人文关怀;运营管理"
STATION_ZONES = "助餐区;康复区;阅览室;娱乐室"
NEW_ESTATE = {"roles": "community_station", "estate_households": 1500, "floor_area_m2": 300}
DISTRICT = [
    {"unit_id": "S1", "unit_kind": "street"},
    {"unit_id": "A", "unit_kind": "community", "parent_id": "S1"},
    {"unit_id": "B", "unit_kind": "community", "parent_id": "S1"},
]
STATION_OF_BOTH = {"roles": "community_station", "unit_id": "A", "serves_units": "A;B"}
OWN_CENTRE = {"roles": "street_centre", "unit_id": "A", "serves_units": "S1"}
TOWNS = [{"unit_id": "T1", "unit_kind": "town"}, {"unit_id": "T2", "unit_kind": "town"}]
TOWN_CENTRE = {"roles": "town_centre", "unit_id": "T1"}
SUPPLY = [
    listed("wanzhou_12", [NEW_ESTATE, {"roles": "care_home"}], "pass", low=20, high=20),
    listed(
        "wanzhou_12",
        [NEW_ESTATE, {**NEW_ESTATE, "floor_area_m2": 299}],
        "fail",
        words_contain=NOT_DUE,
    ),
    listed(
        "wanzhou_12",
        [{**NEW_ESTATE, "floor_area_m2": None}],
        "unknown",
        missing_contains="建筑面积",
    ),
    *built(
        "wanzhou_13a",
        "street_centre",
        30,
        day="2018-05-01",
        late_day="2021-01-01",
        as_of="2021-06-30",
    ),
    *built(
        "wanzhou_13b",
        "community_station",
        129,
        day="2020-12-31",
        late_day="2021-01-01",
        as_of="2021-06-30",
    ),
    # One station of two communities covers both.
    listed("wanzhou_14", [OWN_CENTRE, STATION_OF_BOTH], "pass", units=DISTRICT, low=1.0),
    listed(
        "wanzhou_14",
        [OWN_CENTRE, {**STATION_OF_BOTH, "serves_units": "A"}],
        "fail",
        units=DISTRICT,
        low=2 / 3,
        high=2 / 3,
        words_contain="未达（力争）",
    ),
    Case("wanzhou_14", "unknown", facts(units=DISTRICT), missing_contains="设施"),
    # 51 or 52: told, never judged.
    listed(
        "wanzhou_15a",
        [{"roles": "town_centre", "accepted_date": "2021-03-01"}] * 21,
        "source_conflict",
        low=21,
        high=21,
        words_contain="不一致",
        note_contains="共51个",
    ),
    Case("wanzhou_15a", "source_conflict", facts(), missing_contains="设施"),
    listed(
        "wanzhou_15b",
        [TOWN_CENTRE],
        "source_conflict",
        units=TOWNS,
        low=0.5,
        high=0.5,
        words_contain="不一致",
        note_contains="共52个",
    ),
    Case("wanzhou_15b", "source_conflict", facts(units=TOWNS), missing_contains="设施"),
    *checked(
        "wanzhou_16a",
        "community_station",
        met={"operator_kind": "private", "ownership": "public"},
        missed={"operator_kind": "public", "ownership": "public"},
        blank={"operator_kind": None, "ownership": "public"},
        words="未达（原则性）",
        missing="运营方式",
    ),
    *checked(
        "wanzhou_16b",
        "town_centre",
        met={"operator_kind": "private_aided", "ownership": "private"},
        missed={"operator_kind": "private", "ownership": "private"},
        blank={"operator_kind": "private", "ownership": None},
        words="未达（原则性）",
        missing="产权",
    ),
    *checked(
        "wanzhou_17",
        "street_centre",
        met={"zones": CENTRE_ZONES},
        missed={"zones": CENTRE_ZONES.removesuffix(";运营管理")},
        blank={"zones": None},
        words="未达到",
        missing="功能区",
    ),
    *checked(
        "wanzhou_18",
        "town_centre",
        met={"beds": 20},
        missed={"beds": 19},
        blank={"beds": None},
        words="未达（原则性）",
        missing="床位数",
    ),
    *checked(
        "wanzhou_20a",
        "community_station",
        met={"zones": STATION_ZONES},
        missed={"zones": "助餐区;康复区"},
        blank={"zones": None},
        words="未达到",
        missing="功能区",
    ),
    *checked(
        "wanzhou_20b",
        "community_station",
        met={"condition_met": True, "day_care_beds": 1},
        missed={"condition_met": True, "day_care_beds": 0},
        blank={"condition_met": True, "day_care_beds": None},
        words="未达（有条件）",
        missing="日间照料床位",
    ),
    # Where conditions do not allow, none are asked for.
    listed(
        "wanzhou_20b",
        [{"roles": "community_station", "condition_met": False, "day_care_beds": 0}],
        "not_applicable",
    ),
]

FEW = [{"unit_id": "A", "unit_kind": "community", "few_elders": True}]
MANY = [{"unit_id": "A", "unit_kind": "community", "few_elders": False}]
BLANK = [{"unit_id": "A", "unit_kind": "community", "few_elders": None}]
SMALL = {"roles": "community_station", "unit_id": "A", "floor_area_m2": 250}
GRANTED = {"invested_socially": True, "floor_area_m2": 1500}
SUPPLY += [
    listed("wanzhou_19", [SMALL, {**SMALL, "floor_area_m2": 200}], "pass", units=FEW, low=1.0),
    listed("wanzhou_19", [{**SMALL, "floor_area_m2": 300}], "pass", units=BLANK, low=1.0),
    listed("wanzhou_19", [SMALL], "fail", units=MANY, high=0.0, words_contain="未达（原则性）"),
    listed("wanzhou_19", [{**SMALL, "floor_area_m2": 199}], "fail", units=BLANK, high=0.0),
    listed("wanzhou_19", [SMALL], "unknown", units=BLANK, missing_contains="老年人较少"),
    listed(
        "wanzhou_21a",
        [
            {"roles": "street_centre", **GRANTED},
            {"roles": "street_centre", **GRANTED, "floor_area_m2": 1499},
            {"roles": "street_centre", **GRANTED, "invested_socially": False},
            {"roles": "street_centre", **GRANTED, "stage": "building"},
        ],
        "indicator",
        low=1,
        high=1,
    ),
    listed("wanzhou_21a", [{"roles": "street_centre"}], "unknown", missing_contains="社会投资"),
    listed(
        "wanzhou_21b",
        [
            {"roles": "community_station", "invested_socially": True},
            {"roles": "community_station", "invested_socially": None},
        ],
        "indicator",
        low=1,
        high=2,
    ),
    listed("wanzhou_21b", [{"roles": "community_station"}], "unknown", missing_contains="社会投资"),
]

CASES = SUPPLY

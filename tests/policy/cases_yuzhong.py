"""Cases of the clauses of 渝中 (渝中府办〔2020〕44号)."""

from policy.case import Case
from policy.facts_of import facts

END_2020, END_2022, END_2025 = "2020-12-31", "2022-12-31", "2025-12-31"
STATION, CENTRE = "community_station", "street_centre"
DISABLED = "destitute_scattered;disabled"
HOSPITAL = {"roles": "hospital", "general_hospital": True, "hospital_level": 2}


def many(count, **row):
    """Return so many rows that are alike."""
    return [dict(row) for _ in range(count)]


def typed_cases(clause, *, target, day, short):
    """Return cases of a figure that the office types in."""
    return [
        Case(
            clause,
            "pass",
            facts(as_of=day, stated=[{"clause_id": clause, "figure": target}]),
            low=target,
            high=target,
        ),
        Case(
            clause,
            "fail",
            facts(as_of=day, stated=[{"clause_id": clause, "figure": short}]),
            low=short,
            high=short,
            words_contain="未达到",
        ),
        Case(clause, "unknown", facts(as_of=day, stated=[]), missing_contains="填报"),
    ]


def units_cases(clause, day, words):
    """Return cases of streets and communities that have a facility or are served by one."""
    units = [
        {"unit_id": "S1", "name": "甲街道", "unit_kind": "street"},
        {"unit_id": "C1", "name": "子社区", "unit_kind": "community", "parent_id": "S1"},
        {"unit_id": "C2", "name": "丑社区", "unit_kind": "community", "parent_id": "S1"},
        {"unit_id": "C3", "name": "寅社区", "unit_kind": "community", "parent_id": "S1"},
    ]
    centre = {"roles": CENTRE, "unit_id": "C1", "serves_units": ""}
    station = {"roles": STATION, "unit_id": "C2", "serves_units": "寅社区"}
    return [
        Case(
            clause,
            "pass",
            facts(as_of=day, units=units, facilities=[centre, station]),
            low=1,
            high=1,
            id="served_from_next_door",
        ),
        Case(
            clause,
            "fail",
            facts(as_of=day, units=units, facilities=[centre, {**station, "serves_units": ""}]),
            low=0.75,
            high=0.75,
            words_contain=words,
        ),
        Case(
            clause,
            "unknown",
            facts(
                as_of=day,
                units=units,
                facilities=[
                    centre,
                    {**station, "serves_units": ""},
                    {"roles": STATION, "unit_id": ""},
                ],
            ),
            low=0.75,
            high=1,
            missing_contains="区划代码",
            id="one_without_a_unit",
        ),
        Case(clause, "unknown", facts(as_of=day, units=units), missing_contains="设施"),
    ]


def service_cases(clause, service, column="服务"):
    """Return cases of how many centres and stations give a service."""
    places = [{"facility_id": "A", "roles": STATION}, {"facility_id": "B", "roles": CENTRE}]
    return [
        Case(
            clause,
            "indicator",
            facts(
                facilities=[*places, {"facility_id": "H", "roles": "care_home"}],
                services=[
                    {"facility_id": "A", "service": service},
                    {"facility_id": "B", "service": "cleaning"},
                    {"facility_id": "H", "service": service},
                ],
            ),
            low=0.5,
            high=0.5,
        ),
        Case(clause, "unknown", facts(facilities=places), missing_contains=column),
    ]


CASES = [
    Case(
        "yuzhong_01",
        "pass",
        facts(
            as_of=END_2022,
            facilities=[
                {"roles": "care_home", "beds": 60, "operator_kind": "private"},
                {"roles": "care_home", "beds": 20, "operator_kind": "public"},
                {"roles": CENTRE, "beds": 20, "operator_kind": "public"},
                {"roles": "hospital", "beds": 900, "operator_kind": "public"},
            ],
        ),
        low=0.6,
        high=0.6,
        id="beds_not_facilities",
    ),
    Case(
        "yuzhong_01",
        "fail",
        facts(
            as_of=END_2022,
            facilities=[
                *many(3, roles=STATION, beds=1, operator_kind="private"),
                {"roles": "care_home", "beds": 97, "operator_kind": "public"},
            ],
        ),
        low=0.03,
        high=0.03,
        words_contain="未达到",
        id="three_of_four_facilities_are_not_enough",
    ),
    Case(
        "yuzhong_01",
        "unknown",
        facts(
            as_of=END_2022,
            facilities=[
                {"roles": "care_home", "beds": 50, "operator_kind": "private"},
                {"roles": "care_home", "beds": 30, "operator_kind": "public"},
                {"roles": "care_home", "beds": 20, "operator_kind": ""},
            ],
        ),
        low=0.5,
        high=0.7,
        missing_contains="运营方式",
    ),
    Case(
        "yuzhong_02",
        "pass",
        facts(
            as_of=END_2022,
            facilities=[
                {"roles": "care_home", "beds": 80, "nursing_beds": 50},
                {"roles": STATION, "beds": 20, "nursing_beds": 0},
            ],
        ),
        low=0.5,
        high=0.5,
    ),
    Case(
        "yuzhong_02",
        "fail",
        facts(
            as_of=END_2022,
            facilities=[
                {"roles": "care_home", "beds": 80, "nursing_beds": 49},
                {"roles": STATION, "beds": 20, "nursing_beds": 0},
            ],
        ),
        low=0.49,
        high=0.49,
        words_contain="未达到",
        id="beds_of_stations_are_in_the_whole",
    ),
    Case(
        "yuzhong_02",
        "unknown",
        facts(
            as_of=END_2022,
            facilities=[
                {"roles": "care_home", "beds": 80, "nursing_beds": 45},
                {"roles": STATION, "beds": 20, "nursing_beds": None},
            ],
        ),
        low=0.45,
        high=0.65,
        missing_contains="护理型床位",
    ),
    Case(
        "yuzhong_03",
        "pass",
        facts(
            as_of=END_2022,
            facilities=[
                {**HOSPITAL, "geriatrics": True},
                {**HOSPITAL, "hospital_level": 3, "geriatrics": False},
                {**HOSPITAL, "hospital_level": 1, "geriatrics": False},
                {**HOSPITAL, "general_hospital": False, "geriatrics": False},
            ],
        ),
        low=0.5,
        high=0.5,
        id="level_one_and_special_hospitals_are_outside",
    ),
    Case(
        "yuzhong_03",
        "fail",
        facts(
            as_of=END_2022,
            facilities=[
                {**HOSPITAL, "geriatrics": True},
                {**HOSPITAL, "geriatrics": False},
                {**HOSPITAL, "geriatrics": False},
            ],
        ),
        words_contain="未达到",
    ),
    Case(
        "yuzhong_03",
        "unknown",
        facts(
            as_of=END_2022,
            facilities=[
                {**HOSPITAL, "geriatrics": True},
                {**HOSPITAL, "geriatrics": False},
                {**HOSPITAL, "geriatrics": None},
            ],
        ),
        missing_contains="老年医学科",
    ),
    Case(
        "yuzhong_03",
        "unknown",
        facts(as_of=END_2022, facilities=[{"roles": STATION}]),
        id="no_hospital_is_listed",
    ),
    *units_cases("yuzhong_04a", END_2022, "未达到"),
    Case(
        "yuzhong_04b",
        "pass",
        facts(
            as_of=END_2022,
            elders=[
                {"groups": DISABLED, "placed": True},
                {"groups": "destitute_central;disabled", "placed": None},
                {"groups": "destitute_scattered", "placed": False},
            ],
        ),
        low=1,
        high=1,
    ),
    Case(
        "yuzhong_04b",
        "fail",
        facts(
            as_of=END_2022,
            elders=[
                {"groups": DISABLED, "placed": True},
                {"groups": DISABLED, "placed": False, "asks_placement": False},
            ],
        ),
        low=0.5,
        high=0.5,
        words_contain="未达到",
        id="all_of_them_whether_they_ask_or_not",
    ),
    Case(
        "yuzhong_04b",
        "unknown",
        facts(as_of=END_2022, elders=[{"groups": DISABLED, "placed": None}]),
        missing_contains="集中供养",
    ),
    Case("yuzhong_05", "pass", facts(stated=[{"clause_id": "yuzhong_05", "answer": True}])),
    Case(
        "yuzhong_05",
        "fail",
        facts(stated=[{"clause_id": "yuzhong_05", "answer": False}]),
        words_contain="未达到",
    ),
    Case("yuzhong_05", "unknown", facts(), missing_contains="填报"),
    *units_cases("yuzhong_07", END_2020, "未达（力争）"),
    Case(
        "yuzhong_08",
        "indicator",
        facts(
            as_of=END_2020,
            elders=many(10),
            coverage=[{"circle": "elder_care_10", "covered": 7, "uncovered": 3}],
        ),
        low=0.7,
        high=0.7,
    ),
    Case(
        "yuzhong_08",
        "unknown",
        facts(as_of=END_2020, elders=many(10)),
        missing_contains="服务圈",
    ),
    Case(
        "yuzhong_09a",
        "indicator",
        facts(
            facilities=[
                {"roles": STATION, "zones": "生活照料;文化教育;精神慰藉室;短期托养区"},
                {"roles": STATION, "zones": "生活照料;文化教育"},
                {"roles": "care_home", "zones": "生活照料"},
            ]
        ),
        low=0.5,
        high=0.5,
    ),
    Case(
        "yuzhong_09a",
        "unknown",
        facts(facilities=[{"roles": STATION, "zones": ""}]),
        missing_contains="功能区",
    ),
    *service_cases("yuzhong_09b", "rehabilitation"),
    *service_cases("yuzhong_09c", "meals"),
    *service_cases("yuzhong_09d", "mobility"),
    *service_cases("yuzhong_09e", "education"),
    Case("yuzhong_10", "pass", facts(facilities=[{"roles": STATION, "insured": True}])),
    Case(
        "yuzhong_10",
        "fail",
        facts(
            facilities=[
                {"roles": STATION, "insured": True},
                {"roles": STATION, "insured": False},
                {"roles": CENTRE, "insured": False},
            ]
        ),
        low=0.5,
        high=0.5,
        words_contain="未达到",
    ),
    Case(
        "yuzhong_10",
        "unknown",
        facts(facilities=[{"roles": STATION, "insured": None}]),
        missing_contains="公众责任险",
    ),
    Case(
        "yuzhong_11",
        "indicator",
        facts(
            facilities=[
                {"roles": "care_home", "filing_number": "50010320001"},
                {"roles": "care_home", "filing_number": ""},
                {"roles": STATION, "filing_number": ""},
            ]
        ),
        low=0.5,
        high=0.5,
    ),
    Case(
        "yuzhong_11",
        "unknown",
        facts(facilities=[{"roles": "care_home"}]),
        missing_contains="备案编号",
    ),
    Case(
        "yuzhong_12",
        "pass",
        facts(
            facilities=[{"roles": "care_home", "deposit_yuan": 18_000, "monthly_fee_yuan": 3_000}]
        ),
        low=1,
        high=1,
        id="six_fees_are_allowed",
    ),
    Case(
        "yuzhong_12",
        "fail",
        facts(
            facilities=[
                {"roles": "care_home", "deposit_yuan": 18_001, "monthly_fee_yuan": 3_000},
                {"roles": "care_home", "deposit_yuan": 0, "monthly_fee_yuan": 3_000},
            ]
        ),
        low=0.5,
        high=0.5,
        words_contain="未达到",
    ),
    Case(
        "yuzhong_12",
        "unknown",
        facts(
            facilities=[{"roles": "care_home", "deposit_yuan": 18_000, "monthly_fee_yuan": None}]
        ),
        missing_contains="月收费",
    ),
    Case(
        "yuzhong_13a",
        "indicator",
        facts(
            facilities=[
                {"roles": "care_home", "contracts": "H1"},
                {"roles": STATION, "contracts": ""},
                {"roles": "hospital", "contracts": ""},
            ]
        ),
        low=0.5,
        high=0.5,
    ),
    Case(
        "yuzhong_13a",
        "unknown",
        facts(facilities=[{"roles": "care_home"}]),
        missing_contains="签约机构",
    ),
    Case(
        "yuzhong_13b",
        "indicator",
        facts(
            facilities=[
                {"roles": "community_health_centre", "beds": 40, "nursing_beds": 12},
                {"roles": "community_health_centre", "beds": 30, "nursing_beds": 0},
                {"roles": "care_home", "beds": 50, "nursing_beds": 50},
            ]
        ),
        low=0.5,
        high=0.5,
        id="sick_beds_are_no_care_beds",
    ),
    Case(
        "yuzhong_13b",
        "unknown",
        facts(facilities=[{"roles": "community_health_centre", "beds": 40, "nursing_beds": None}]),
        missing_contains="护理型床位",
    ),
    Case(
        "yuzhong_13c",
        "indicator",
        facts(elders=[{"home_bed": True}, {"home_bed": False}]),
        low=1,
        high=1,
    ),
    Case(
        "yuzhong_13b",
        "unknown",
        facts(facilities=[{"roles": STATION, "nursing_beds": 5}]),
        id="no_health_centre_is_listed",
    ),
    Case("yuzhong_13c", "unknown", facts(elders=many(3)), missing_contains="家庭养老床位"),
    Case(
        "yuzhong_14",
        "pass",
        facts(facilities=[{"roles": "care_home", "equipment": "轮椅;康复辅具"}]),
        low=1,
        high=1,
    ),
    Case(
        "yuzhong_14",
        "fail",
        facts(
            facilities=[
                {"roles": "care_home", "equipment": "标准化辅具"},
                {"roles": "care_home", "equipment": "电脑"},
            ]
        ),
        low=0.5,
        high=0.5,
        words_contain="未达（力争）",
    ),
    Case(
        "yuzhong_14",
        "unknown",
        facts(facilities=[{"roles": "care_home", "equipment": ""}]),
        missing_contains="设备",
    ),
    Case(
        "yuzhong_15a",
        "indicator",
        facts(elders=[*many(3, has_record=True), {"has_record": False}]),
        low=0.75,
        high=0.75,
    ),
    Case("yuzhong_15a", "unknown", facts(elders=[{"has_record": None}]), missing_contains="已建档"),
    Case(
        "yuzhong_15b",
        "indicator",
        facts(
            as_of="2021-06-30",
            elders=[
                {"groups": "living_alone", "last_visit": "2021-06-30"},
                {"groups": "empty_nest", "last_visit": "2021-03-31"},
                {"groups": "aged_80", "last_visit": "2021-06-30"},
            ],
        ),
        low=0.5,
        high=0.5,
    ),
    Case(
        "yuzhong_15b",
        "unknown",
        facts(elders=[{"groups": "living_alone", "last_visit": ""}]),
        missing_contains="最近探访",
    ),
    Case(
        "yuzhong_16",
        "pass",
        facts(
            as_of=END_2020,
            elders=[
                {
                    "groups": "destitute_scattered;aged_80",
                    "consents": True,
                    "adapted_date": "2020-11-30",
                },
                {"groups": "low_income;disabled", "consents": False, "adapted_date": ""},
                {"groups": "low_income;living_alone", "consents": True, "adapted_date": ""},
            ],
        ),
        low=1,
        high=1,
        id="who_does_not_consent_or_is_not_eligible_is_outside",
    ),
    Case(
        "yuzhong_16",
        "fail",
        facts(
            as_of=END_2020,
            elders=[
                {"groups": "hardship;severe_disability", "consents": True, "adapted_date": ""},
                {
                    "groups": "hardship;disabled",
                    "consents": True,
                    "adapted_date": "2020-12-31",
                },
            ],
        ),
        low=0.5,
        high=0.5,
        words_contain="未达到",
    ),
    Case(
        "yuzhong_16",
        "fail",
        facts(
            as_of=END_2020,
            elders=[
                {"groups": "hardship;disabled", "consents": True, "adapted_date": "2021-01-01"}
            ],
        ),
        low=0,
        high=0,
        id="a_day_after_has_not_happened",
    ),
    Case(
        "yuzhong_16",
        "unknown",
        facts(
            as_of=END_2020,
            elders=[{"groups": "hardship;disabled", "consents": None, "adapted_date": ""}],
        ),
        missing_contains="同意改造",
    ),
    *service_cases("yuzhong_17", "education"),
    *typed_cases("yuzhong_18a", target=0.8, day=END_2020, short=0.799),
    *typed_cases("yuzhong_18b", target=3, day=END_2020, short=2),
    *typed_cases("yuzhong_18c", target=75, day=END_2025, short=74),
    *typed_cases("yuzhong_18d", target=500, day=END_2025, short=499),
]

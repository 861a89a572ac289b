"""What each clause of 万州府办发〔2020〕28号 says of lists that meet it, miss it or are blank."""

from policy.case import Case
from policy.case_makers import built, circle, listed, people, stated
from policy.facts_of import facts

NOT_DUE = "未到期"

CLINIC = [
    {"roles": "street_centre", "own_clinic": True, "contracts": None},
    {"roles": "community_station", "own_clinic": False, "contracts": "H1"},
    {"roles": "care_home;village_clinic", "own_clinic": None, "contracts": None},
]
NO_CLINIC = {"roles": "village_point", "own_clinic": False, "contracts": None}
GENERAL_GOALS = [
    *circle("wanzhou_01", "elder_care_15", "all"),
    listed("wanzhou_02", CLINIC, "pass", low=1.0, high=1.0),
    listed("wanzhou_02", [*CLINIC, NO_CLINIC], "fail", low=0.75, high=0.75, words_contain=NOT_DUE),
    listed(
        "wanzhou_02",
        [*CLINIC, {**NO_CLINIC, "own_clinic": None}],
        "unknown",
        low=0.75,
        high=1.0,
        missing_contains="内设医疗",
    ),
    *stated("wanzhou_03a", met=True, missed=False, words=NOT_DUE),
    *stated("wanzhou_03b", met=True, missed=False, as_of="2021-12-31"),
    *stated("wanzhou_03c", met=True, missed=False, as_of="2022-01-31"),
]

SUPPORTED = [
    {"age": 62, "groups": "low_income;dementia", "receives": "照料护理补贴"},
    {"age": 81, "groups": "destitute_scattered", "receives": "养老服务补贴"},
    # Neither is owed anything: not poor, or poor but well and under 80.
    {"age": 85, "groups": "disabled;aged_80", "receives": None},
    {"age": 70, "groups": "low_income", "receives": None},
]
LEFT_OUT = {"age": 83, "groups": "low_income", "receives": "高龄津贴"}
OLDEST = {"age": 91, "groups": "low_income", "receives": "高龄津贴"}
KEY = {"age": 70, "groups": "bereaved;semi_disabled", "grade": "2", "needs": "meals"}
RECORDED = {**KEY, "has_record": True}
ONLY_OLD = {"age": 88, "groups": "aged_80", "has_record": True, "grade": "0", "needs": None}
HARDSHIP = [
    *stated("wanzhou_04", met=True, missed=False),
    people("wanzhou_05a", SUPPORTED, "pass", low=1.0, high=1.0),
    people("wanzhou_05a", [*SUPPORTED, LEFT_OUT], "fail", low=2 / 3, high=2 / 3),
    people(
        "wanzhou_05a",
        [*SUPPORTED, {**LEFT_OUT, "receives": None}],
        "unknown",
        low=2 / 3,
        high=1.0,
        missing_contains="已享受",
    ),
    people("wanzhou_05b", [OLDEST, {**OLDEST, "age": 89, "receives": None}], "pass", low=1.0),
    people("wanzhou_05b", [OLDEST, {**OLDEST, "receives": "养老服务补贴"}], "fail", low=0.5),
    people(
        "wanzhou_05b",
        [OLDEST, {**OLDEST, "receives": None}],
        "unknown",
        low=0.5,
        high=1.0,
        missing_contains="已享受",
    ),
    people(
        "wanzhou_06a",
        [
            {"groups": "living_alone", "has_record": True},
            {"groups": "empty_nest", "has_record": False},
            {"groups": "disabled", "has_record": None},
            {"groups": "left_behind", "has_record": False, "age": 79},
        ],
        "indicator",
        low=1 / 3,
        high=2 / 3,
    ),
    people("wanzhou_06a", [{"groups": "living_alone"}], "unknown", missing_contains="已建档"),
    people("wanzhou_06b", [ONLY_OLD, {**ONLY_OLD, "grade": None}], "indicator", low=0.5, high=0.5),
    people("wanzhou_06b", [{"groups": "aged_80"}], "unknown", missing_contains="能力等级"),
    people("wanzhou_06c", [ONLY_OLD, {**KEY, "age": 80}], "indicator", low=0.5, high=0.5),
    people("wanzhou_06c", [{"groups": "disabled"}], "unknown", missing_contains="服务需求"),
    # Only old, or only disabled: outside the target group, which asks for both.
    people(
        "wanzhou_06d",
        [
            RECORDED,
            {**RECORDED, "needs": None},
            ONLY_OLD,
            {**RECORDED, "groups": "disabled", "needs": None},
        ],
        "indicator",
        low=0.5,
        high=0.5,
    ),
    people("wanzhou_06d", [KEY], "unknown", missing_contains="已建档"),
    people("wanzhou_07a", [{"adapted_date": "2020-12-31"}] * 600, "pass", low=600, high=600),
    people(
        "wanzhou_07a",
        [*[{"adapted_date": "2020-05-01"}] * 599, {"adapted_date": "2021-01-01"}, {}],
        "fail",
        low=599,
        high=599,
    ),
    people(
        "wanzhou_07a", [{"age": 70}] * 600, "unknown", high=600, missing_contains="改造完成日期"
    ),
]
ADAPTED = {"roles": "community_station", "age_adapted": True, "adapted_date": "2020-08-01"}
HARDSHIP += [
    listed("wanzhou_07b", [ADAPTED] * 8, "pass", low=8, high=8),
    listed(
        "wanzhou_07b",
        [*[ADAPTED] * 7, {**ADAPTED, "adapted_date": "2021-02-01"}],
        "fail",
        low=7,
        high=7,
    ),
    # On a day of 2020 what is adapted later in the year has not happened, and is not yet due.
    listed(
        "wanzhou_07b",
        [*[ADAPTED] * 7, {**ADAPTED, "adapted_date": "2020-11-01"}],
        "fail",
        as_of="2020-09-30",
        low=7,
        high=7,
        words_contain=NOT_DUE,
    ),
    listed(
        "wanzhou_07b",
        [*[ADAPTED] * 7, {**ADAPTED, "adapted_date": None}],
        "unknown",
        low=7,
        high=8,
        missing_contains="改造完成日期",
    ),
]

CENTRE = {"facility_id": "C1", "roles": "street_centre", "unit_id": "S1", "operator_centre": None}
STATION = {"roles": "community_station", "unit_id": "S1", "operator_centre": "C1"}
STREET = [{"unit_id": "S1", "unit_kind": "street"}]
URBAN = [
    *stated("wanzhou_08", met=1, missed=0),
    listed("wanzhou_09", [CENTRE, STATION, STATION], "pass", units=STREET, low=1.0),
    # Ten will do, although one more of its street is run by another.
    listed(
        "wanzhou_09",
        [CENTRE, *[STATION] * 10, {**STATION, "operator_centre": "C9"}],
        "pass",
        units=STREET,
        low=1.0,
    ),
    listed(
        "wanzhou_09",
        [CENTRE, STATION, {**STATION, "operator_centre": "C9"}],
        "fail",
        units=STREET,
        low=0.0,
        words_contain="未达（鼓励）",
    ),
    listed(
        "wanzhou_09",
        [CENTRE, STATION, {**STATION, "operator_centre": None}],
        "unknown",
        units=STREET,
        missing_contains="带站中心",
    ),
    *stated("wanzhou_10a", met=True, missed=False),
    *stated("wanzhou_10b", met=True, missed=False),
    *stated("wanzhou_11", met=3, missed=2, words=NOT_DUE),
]

VILLAGE = {"unit_kind": "village", "social_workers": 2, "volunteers": 28}
STAFF = [
    *stated("wanzhou_22a", met=1.0, missed=0.99),
    *stated("wanzhou_22b", met=2, missed=1),
    *stated("wanzhou_23a", met=1.0, missed=0.9),
    *stated("wanzhou_23b", met=1.0, missed=0.5),
    Case("wanzhou_23c", "pass", facts(units=[VILLAGE]), low=1.0, high=1.0),
    Case(
        "wanzhou_23c",
        "fail",
        facts(units=[VILLAGE, {**VILLAGE, "volunteers": 27}]),
        low=0.5,
        words_contain="未达到",
    ),
    Case(
        "wanzhou_23c",
        "unknown",
        facts(
            units=[
                {**VILLAGE, "volunteers": 30, "social_workers": None},
                {**VILLAGE, "volunteers": None},
            ]
        ),
        low=0.5,
        high=1.0,
        missing_contains="志愿者",
    ),
]

POINT = {"roles": "village_point", "accepted_date": "2021-04-01"}
HOME = {"roles": "care_home", "welfare_home": True, "operator_kind": "public_private"}
LEFT_BEHIND = {"groups": "left_behind", "has_record": True}
RURAL = [
    *built(
        "wanzhou_24a",
        "town_centre",
        41,
        day="2019-03-01",
        late_day="2023-01-01",
        as_of="2023-06-30",
    ),
    *built(
        "wanzhou_24b",
        "village_point",
        437,
        day="2017-03-01",
        late_day="2023-01-01",
        as_of="2023-06-30",
    ),
    # The notice's own sums, 443 and 523, are no measure: 437 are enough, and all three are told.
    listed(
        "wanzhou_24b", [POINT] * 437, "pass", as_of="2022-12-31", low=437, note_contains="523个"
    ),
    listed(
        "wanzhou_24c",
        [*[POINT] * 60, *[{**POINT, "accepted_date": "2020-12-31"}] * 30],
        "source_conflict",
        low=60,
        high=60,
        words_contain="不一致",
        note_contains="523个",
    ),
    Case("wanzhou_24c", "source_conflict", facts(), missing_contains="设施"),
    listed(
        "wanzhou_25",
        [
            {"roles": "town_centre", "invested_socially": True, "floor_area_m2": 800},
            {"roles": "town_centre", "invested_socially": True, "floor_area_m2": 799},
        ],
        "indicator",
        low=1,
        high=1,
    ),
    listed(
        "wanzhou_25",
        [{"roles": "town_centre", "floor_area_m2": 900}],
        "unknown",
        missing_contains="社会投资",
    ),
    listed("wanzhou_26", [HOME] * 28, "pass", low=28, high=28),
    listed(
        "wanzhou_26",
        [*[HOME] * 27, {**HOME, "operator_kind": "public"}, {**HOME, "welfare_home": False}],
        "fail",
        as_of="2021-12-31",
        low=27,
        high=27,
        words_contain="未达（力争）",
    ),
    listed(
        "wanzhou_26",
        [*[HOME] * 27, {**HOME, "operator_kind": None}],
        "unknown",
        high=28,
        missing_contains="运营方式",
    ),
    people(
        "wanzhou_27",
        [LEFT_BEHIND, {**LEFT_BEHIND, "has_record": False}, {"groups": None, "has_record": False}],
        "indicator",
        low=0.5,
        high=0.5,
    ),
    people("wanzhou_27", [{"groups": "left_behind"}], "unknown", missing_contains="已建档"),
    *stated("wanzhou_28a", met=True, missed=False),
    *stated("wanzhou_28b", met=True, missed=False),
    *stated("wanzhou_28c", met=True, missed=False, words=NOT_DUE),
]

WILLING = {"age": 65, "willing": True, "signed": True}
ENDS = [
    people(
        "wanzhou_29",
        [
            WILLING,
            {**WILLING, "signed": False},
            {**WILLING, "willing": False, "signed": False},
            {**WILLING, "age": 64, "signed": False},
        ],
        "indicator",
        low=0.5,
        high=0.5,
    ),
    people("wanzhou_29", [{"age": 70, "willing": True}], "unknown", missing_contains="签约"),
    people(
        "wanzhou_30",
        [
            {"age": 65, "health_file": True},
            {"age": 90, "health_file": None},
            {"age": 64, "health_file": False},
        ],
        "indicator",
        low=0.5,
        high=1.0,
    ),
    people("wanzhou_30", [{"age": 70}], "unknown", missing_contains="健康档案"),
    *circle("wanzhou_31a", "medical_care_15_urban", "urban"),
    *circle("wanzhou_31b", "medical_care_25_rural", "rural", profile="rural_drive"),
    *circle("wanzhou_31c", "medical_care_25_rural_walk", "rural"),
    *circle("wanzhou_31d", "medical_15_urban", "urban"),
    *circle("wanzhou_31e", "medical_25_rural", "rural", profile="rural_drive"),
    *circle("wanzhou_31f", "medical_25_rural_walk", "rural"),
    *circle("wanzhou_31g", "medical_25_rural_centre", "rural", profile="rural_drive"),
    *circle("wanzhou_31h", "medical_25_rural_centre_walk", "rural"),
    *circle("wanzhou_31i", "medical_25_rural_clinic", "rural", profile="rural_drive"),
    *circle("wanzhou_31j", "medical_25_rural_clinic_walk", "rural"),
    *stated("wanzhou_32b", met=0.51, missed=0.5),
    *stated("wanzhou_32c", met=0.6, missed=0.4),
]

SENT = [
    {"unit_id": "T1", "period": "2020Q2", "received_date": "2020-07-05"},
    {"unit_id": "S1", "period": "2020Q2", "received_date": "2020-07-20"},
    {"unit_id": "T1", "period": "2020Q3", "received_date": "2020-10-08"},
]
OWED = [{"unit_id": "T1", "unit_kind": "town"}, {"unit_id": "S1", "unit_kind": "street"}]
RETURNS = [
    Case(
        "wanzhou_32a",
        "pass",
        facts(as_of="2020-08-01", units=OWED, received=SENT[:2]),
        low=1.0,
        high=1.0,
    ),
    Case(
        "wanzhou_32a",
        "fail",
        facts(as_of="2020-12-01", units=OWED, received=SENT),
        low=0.75,
        high=0.75,
    ),
    Case("wanzhou_32a", "unknown", facts(units=OWED), missing_contains="报送情况"),
]

CASES = [*GENERAL_GOALS, *HARDSHIP, *URBAN, *STAFF, *RURAL, *ENDS, *RETURNS]

"""What each clause of 铜民发〔2024〕51号 says of lists that meet it, miss it or leave it open."""

from policy.case import Case
from policy.facts_of import facts

DAY = "2025-06-30"
AFTER = "2026-01-31"
NOT_DUE = "未到期"
AT_HOME = {"residence": "registered", "registered_at": None}
AWAY = {"residence": "away", "registered_at": None}
GUEST = {"residence": "resident", "registered_at": "四川省成都市"}


def listed(clause_id, rows, verdict, *, as_of=AFTER, units=None, services=None, **expected):
    """Return a case of the district's facilities, with its units and services if they matter."""
    found = facts(as_of=as_of, facilities=rows, units=units, services=services)
    return Case(clause_id, verdict, found, **expected)


def people(clause_id, rows, verdict, *, as_of=AFTER, **expected):
    """Return a case of the elders' list."""
    return Case(clause_id, verdict, facts(as_of=as_of, elders=rows), **expected)


def typed(clause_id, *, met, missed, words):
    """Return pass, fail and unknown of what an office types in."""
    kind = "answer" if isinstance(met, bool) else "figure"

    def stated(value):
        return facts(as_of=AFTER, stated=[{"clause_id": clause_id, kind: value}])

    return [
        Case(clause_id, "pass", stated(met)),
        Case(clause_id, "fail", stated(missed), words_contain=words),
        Case(clause_id, "unknown", facts(as_of=AFTER, stated=[]), missing_contains=clause_id),
    ]


def counted(clause_id, row, missed, blank, needed, *, words, missing, elders=False):
    """Return enough, one too few, and one of which it is not known."""
    shown = people if elders else listed
    rows = [row] * (needed - 1)
    return [
        shown(clause_id, [*rows, row, missed], "pass", low=needed, high=needed),
        shown(
            clause_id,
            [*rows, missed],
            "fail",
            low=needed - 1,
            high=needed - 1,
            words_contain=words,
        ),
        shown(
            clause_id,
            [*rows, blank],
            "unknown",
            low=needed - 1,
            high=needed,
            missing_contains=missing,
        ),
    ]


def share(clause_id, served, unserved, blank, aside, *, missing):
    """Return a rate that the notice has no mark for: one of two, one of which it is not known.

    Elders whom the notice does not mean are in no denominator.
    """
    rows = [served, unserved, *aside]
    return [
        people(clause_id, rows, "indicator", low=0.5, high=0.5),
        people(clause_id, [*rows, blank], "indicator", low=1 / 3, high=2 / 3, id="one blank"),
        people(clause_id, [blank], "unknown", missing_contains=missing),
        people(clause_id, [], "unknown", id="nobody"),
    ]


# 正文一；任务8、9：单元

PLACES = [
    {"unit_id": "S", "name": "巴川街道", "unit_kind": "street"},
    {"unit_id": "S1", "name": "甲社区", "unit_kind": "community", "parent_id": "S"},
    {"unit_id": "T", "name": "乙镇", "unit_kind": "town"},
    {"unit_id": "T1", "name": "丙村", "unit_kind": "village", "parent_id": "T"},
]
CENTRES = [{"roles": "street_centre", "unit_id": "S"}, {"roles": "town_centre", "unit_id": "T"}]
STATION = {"roles": "community_station", "unit_id": "S1"}
VILLAGE = {"roles": "village_station", "unit_id": "T1"}
POINT = {"roles": "village_point", "unit_id": "T1"}
LOST = {"roles": "village_station", "unit_id": None}


def units(clause_id, rows, verdict, *, as_of=AFTER, **expected):
    return listed(clause_id, rows, verdict, as_of=as_of, units=PLACES, **expected)


UNITS = [
    units("tongliang_01a", [*CENTRES, STATION, POINT], "pass", low=1.0, high=1.0),
    units("tongliang_01a", [*CENTRES, STATION], "fail", low=0.75, words_contain="未达到"),
    units("tongliang_01a", [*CENTRES, STATION], "fail", as_of=DAY, words_contain=NOT_DUE),
    units(
        "tongliang_01a", [*CENTRES, STATION, LOST], "unknown", low=0.75, missing_contains="区划代码"
    ),
    listed("tongliang_01b", [{"roles": "district_care_centre"}], "pass", low=1),
    listed("tongliang_01b", CENTRES, "fail", low=0, high=0, words_contain="未达到"),
    Case("tongliang_01b", "unknown", facts(as_of=AFTER), missing_contains="设施"),
    # Towns alone: whether villages and communities have theirs is not known.
    listed(
        "tongliang_01a",
        CENTRES,
        "unknown",
        units=[one for one in PLACES if one["unit_kind"] in ("street", "town")],
        missing_contains="社区",
        id="towns alone",
    ),
    units("tongliang_11a", CENTRES, "pass", low=1.0, high=1.0),
    units("tongliang_11a", CENTRES[:1], "fail", low=0.5, high=0.5, words_contain="未达到"),
    units(
        "tongliang_11a",
        [CENTRES[0], {"roles": "town_centre", "unit_id": None}],
        "unknown",
        low=0.5,
        missing_contains="区划代码",
    ),
    units("tongliang_11b", [STATION, VILLAGE], "pass", low=1.0, high=1.0),
    # A mutual-help point is no station.
    units("tongliang_11b", [STATION, POINT], "fail", low=0.5, high=0.5, words_contain="未达到"),
    units("tongliang_11b", [STATION, LOST], "unknown", low=0.5, missing_contains="区划代码"),
    units("tongliang_13", [*CENTRES, STATION, POINT], "pass", low=1.0, high=1.0),
    # 配建: a neighbour's station that serves the village is not its own.
    units(
        "tongliang_13",
        [*CENTRES, {**STATION, "serves_units": "S1;T1"}],
        "fail",
        low=0.75,
        high=0.75,
        words_contain="未达到",
    ),
    units(
        "tongliang_13", [*CENTRES, STATION, LOST], "unknown", low=0.75, missing_contains="区划代码"
    ),
    Case(
        "tongliang_12",
        "pass",
        facts(
            as_of=AFTER,
            units=[
                {"unit_kind": "town", "care_land_m2": 1000, "population": 10_000},
                {"unit_kind": "street", "care_land_m2": 3000, "population": 10_000},
                {"unit_kind": "village", "care_land_m2": 0, "population": 10_000},
            ],
        ),
        low=0.2,
        high=0.2,
    ),
    Case(
        "tongliang_12",
        "fail",
        facts(
            as_of=AFTER,
            units=[{"unit_kind": "town", "care_land_m2": 1999, "population": 10_000}],
        ),
        low=0.1999,
        words_contain="未达到",
    ),
    Case(
        "tongliang_12",
        "unknown",
        facts(
            as_of=AFTER,
            units=[{"unit_kind": "town", "care_land_m2": None, "population": 10_000}],
        ),
        missing_contains="养老用地",
    ),
]

# 任务12：没有定义的覆盖率，一刻钟圈

INSIDE = {"circle": "elder_care_15", "covered": 60, "uncovered": 30, "undetermined": 10}
CIRCLES = [
    *typed("tongliang_02", met=0.8, missed=0.79, words="力争"),
    Case("tongliang_15", "indicator", facts(coverage=[INSIDE]), low=0.6, high=0.7),
    Case("tongliang_15", "unknown", facts(), missing_contains="一刻钟"),
    Case(
        "tongliang_06b",
        "indicator",
        facts(coverage=[INSIDE, {**INSIDE, "group": "hardship", "covered": 70, "uncovered": 20}]),
        low=0.7,
        high=0.8,
    ),
    Case("tongliang_06b", "unknown", facts(coverage=[INSIDE]), missing_contains="一刻钟"),
]

# 养老机构的床位、护理员


def home(nursing, beds, **more):
    return {"roles": "care_home", "nursing_beds": nursing, "beds": beds, **more}


def staff(certified, carers):
    return {"roles": "care_home", "certified_carers": certified, "carers": carers}


INSTITUTIONS = [
    # 超过65%: 65 of 100 is not more than 65%; beds of centres are no institution's.
    listed(
        "tongliang_03",
        [home(65, 100), {**home(50, 50), "roles": "town_centre"}],
        "fail",
        low=0.65,
        high=0.65,
        words_contain="未达到",
    ),
    listed("tongliang_03", [home(66, 100)], "pass", low=0.66, high=0.66),
    # One home that is the town's centre too: its beds count once, as an institution's.
    listed(
        "tongliang_03",
        [home(40, 50, roles="care_home;town_centre"), home(26, 50)],
        "pass",
        low=0.66,
        high=0.66,
        id="one site",
    ),
    listed(
        "tongliang_03",
        [home(60, 80), home(None, 20)],
        "unknown",
        low=0.6,
        high=0.8,
        missing_contains="护理型床位",
    ),
    listed("tongliang_03", [home(65, 100)], "fail", as_of=DAY, words_contain=NOT_DUE, id="early"),
    *(
        case
        for clause, words in (("tongliang_04a", "未达到"), ("tongliang_04b", "力争"))
        for case in (
            listed(clause, [staff(85, 100)], "pass", low=0.85, high=0.85),
            listed(clause, [staff(84, 100)], "fail", low=0.84, words_contain=words),
            listed(
                clause,
                [staff(80, 90), staff(None, 10)],
                "unknown",
                low=0.8,
                high=0.9,
                missing_contains="持证养老护理员",
            ),
        )
    ),
]

# 任务3：月探访

MONTH = [
    {"groups": "living_alone", "last_visit": "2025-06-01"},
    {"groups": "aged_80;left_behind", "last_visit": "2025-06-30"},
    {"groups": "special_family", "last_visit": "2025-06-15"},
]
NOT_MEANT = [
    # Only old, in no group, or away: outside the denominator.
    {"groups": "aged_80", "last_visit": "2025-01-01"},
    {"groups": None, "last_visit": None},
    {"groups": "disabled", "last_visit": "2025-05-31", "residence": "away"},
]
VISITED = [{"residence": "registered", **row} for row in MONTH]
LAST_MONTH = {"groups": "disabled", "last_visit": "2025-05-31", "residence": "registered"}
VISITS = [
    case
    for clause, words in (("tongliang_05a", "尚未达到"), ("tongliang_05b", "力争"))
    for case in (
        people(clause, [*VISITED, *NOT_MEANT], "pass", as_of=DAY, low=1.0, high=1.0),
        people(
            clause,
            [*VISITED, *NOT_MEANT, LAST_MONTH],
            "fail",
            as_of=DAY,
            low=0.75,
            high=0.75,
            words_contain=words,
        ),
        # A visit that is dated later than the run's day has not been made.
        people(
            clause,
            [*VISITED, {**LAST_MONTH, "last_visit": "2025-07-01"}],
            "fail",
            as_of=DAY,
            low=0.75,
            words_contain=words,
            id="tomorrow",
        ),
        people(
            clause,
            [*VISITED, {**LAST_MONTH, "last_visit": None}],
            "unknown",
            as_of=DAY,
            low=0.75,
            high=1.0,
            missing_contains="最近探访",
        ),
        people(clause, NOT_MEANT, "unknown", as_of=DAY, id="nobody meant"),
    )
]

# 任务2、4、5、6、7、13：名册

POOR = {"groups": "hardship", "residence": "resident"}
OLD = {"age": 65, "receives": None, **AT_HOME}
EIGHTY = {"age": 80, "receives": "高龄津贴", **AT_HOME}
DESTITUTE = {"groups": "destitute_scattered", "asks_placement": True, "placed": True}
RURAL = {**DESTITUTE, "groups": "destitute_central;disabled", "setting": "rural"}
REGISTER = [
    people(
        "tongliang_06a",
        [
            {**POOR, "receives": "养老服务补贴"},
            {**POOR, "receives": None},
            {"groups": "aged_80", "residence": "resident", "receives": None},
            {**POOR, "residence": "away", "receives": None},
        ],
        "indicator",
        low=0.5,
        high=0.5,
    ),
    people("tongliang_06a", [POOR], "unknown", missing_contains="已享受"),
    *(
        case
        for clause in ("tongliang_07", "tongliang_26a")
        for case in (
            people(
                clause,
                [
                    {**OLD, "assessed_date": "2025-01-10"},
                    {**OLD, **AWAY, "assessed_date": None},
                    # Not registered here, or 64: outside.
                    {**OLD, **GUEST, "assessed_date": None},
                    {**OLD, "age": 64, "assessed_date": None},
                ],
                "indicator",
                low=0.5,
                high=0.5,
            ),
            people(clause, [OLD], "unknown", missing_contains="评估日期"),
        )
    ),
    people(
        "tongliang_08", [DESTITUTE, {**DESTITUTE, "asks_placement": False, "placed": False}], "pass"
    ),
    people(
        "tongliang_08",
        [DESTITUTE, {**DESTITUTE, "placed": False}],
        "fail",
        low=0.5,
        high=0.5,
        words_contain="未达到",
    ),
    people(
        "tongliang_08",
        [DESTITUTE, {**DESTITUTE, "placed": None}],
        "unknown",
        low=0.5,
        high=1.0,
        missing_contains="已集中供养",
    ),
    people("tongliang_09", [EIGHTY, {**EIGHTY, "age": 79, "receives": "无"}], "pass", low=1.0),
    people(
        "tongliang_09",
        [EIGHTY, {**EIGHTY, "receives": "助餐"}],
        "fail",
        low=0.5,
        words_contain="未达到",
    ),
    people(
        "tongliang_09",
        [EIGHTY, {**EIGHTY, "receives": None}],
        "unknown",
        low=0.5,
        high=1.0,
        missing_contains="已享受",
    ),
    people("tongliang_10c", [RURAL, {**RURAL, "setting": "urban", "placed": False}], "pass"),
    people(
        "tongliang_10c",
        [RURAL, {**RURAL, "placed": False}],
        "fail",
        low=0.5,
        words_contain="力争",
    ),
    people(
        "tongliang_10c",
        [RURAL, {**RURAL, "placed": None}],
        "unknown",
        low=0.5,
        missing_contains="已集中供养",
    ),
    people(
        "tongliang_17a",
        [
            {"age": 65, "signed": True},
            {"age": 90, "signed": False},
            {"age": 64, "signed": False},
        ],
        "indicator",
        low=0.5,
        high=0.5,
    ),
    people("tongliang_17a", [{"age": 65}], "unknown", missing_contains="签约"),
    *counted(
        "tongliang_16",
        {"home_bed": True},
        {"home_bed": False},
        {"home_bed": None},
        100,
        words="力争",
        missing="家庭养老床位",
        elders=True,
    ),
    people("tongliang_14", [{"adapted_date": "2021-01-01"}] * 2000, "pass", low=2000, high=2000),
    people(
        "tongliang_14",
        [*[{"adapted_date": "2025-12-31"}] * 1999, {"adapted_date": "2020-12-31"}, {}],
        "fail",
        low=1999,
        high=1999,
        words_contain="未达到",
    ),
    people("tongliang_14", [{"age": 70}] * 2000, "unknown", missing_contains="改造完成日期"),
]

# 设施个数、医养结合、普惠、评定、五助、社工

HOME = {"roles": "care_home"}
CARE = {"roles": "district_care_centre"}
FIVE = ("meals", "medical", "bathing", "cleaning", "recreation")


def offers(*codes, facility_id="F1"):
    return [{"facility_id": facility_id, "service": code} for code in codes]


FACILITIES = [
    *counted(
        "tongliang_10a",
        {**HOME, "combined_demonstration": True},
        {**HOME, "combined_demonstration": False},
        {**HOME, "combined_demonstration": None},
        1,
        words="力争",
        missing="医养结合示范机构",
    ),
    # What is being built counts here: the notice asks that it be begun.
    listed("tongliang_10b", [{**CARE, "stage": "building"}, CARE], "pass", low=2, high=2),
    listed(
        "tongliang_10b",
        [{**CARE, "stage": "planned"}, CARE],
        "fail",
        low=1,
        high=1,
        words_contain="力争",
    ),
    listed(
        "tongliang_10b",
        [{**CARE, "stage": None}, CARE],
        "unknown",
        low=1,
        high=2,
        missing_contains="阶段",
    ),
    *counted(
        "tongliang_18",
        {**HOME, "inclusive": True},
        {**HOME, "inclusive": False},
        {**HOME, "inclusive": None},
        2,
        words="力争",
        missing="普惠",
    ),
    listed(
        "tongliang_17b",
        [
            {"roles": "care_home", "contracts": "H1"},
            {"roles": "village_station", "contracts": None},
            {"roles": "hospital", "contracts": None},
        ],
        "indicator",
        low=0.5,
        high=0.5,
    ),
    listed("tongliang_17b", [HOME], "unknown", missing_contains="签约机构"),
    listed(
        "tongliang_19a",
        [{"roles": "town_centre"}],
        "indicator",
        services=offers("meals", "meals", "cleaning", "escort"),
        low=2,
        high=2,
    ),
    listed("tongliang_19a", [{"roles": "town_centre"}], "unknown", missing_contains="服务项目"),
    listed(
        "tongliang_19b",
        [{"roles": "town_centre"}, {"roles": "street_centre"}, STATION],
        "indicator",
        services=[*offers(*FIVE), *offers("meals", facility_id="F2")],
        low=0.5,
        high=0.5,
    ),
    listed("tongliang_19b", [{"roles": "town_centre"}], "unknown", missing_contains="服务"),
    listed(
        "tongliang_20a",
        [{**HOME, "rating": "三星"}, {**HOME, "rating": None}, {**STATION, "rating": "二叶"}],
        "indicator",
        low=0.5,
        high=0.5,
    ),
    listed("tongliang_20a", [HOME], "unknown", missing_contains="等级"),
    listed(
        "tongliang_20b",
        [{**HOME, "rating": None}, {**STATION, "rating": "二叶"}],
        "indicator",
        low=1.0,
        high=1.0,
    ),
    listed("tongliang_20b", [STATION], "unknown", missing_contains="等级"),
    *typed("tongliang_21a", met=600, missed=599, words="力争"),
    *(
        Case("tongliang_21b", verdict, facts(as_of=AFTER, units=rows), **expected)
        for verdict, rows, expected in (
            (
                "pass",
                [
                    {"unit_kind": "town", "social_workers": 0, "elders": 1000},
                    {"unit_kind": "street", "social_workers": 2, "elders": 1000},
                ],
                {"low": 1.0, "high": 1.0},
            ),
            (
                "fail",
                [{"unit_kind": "town", "social_workers": 1, "elders": 1250}],
                {"low": 0.8, "words_contain": "力争"},
            ),
            (
                "unknown",
                [{"unit_kind": "town", "social_workers": None, "elders": 1000}],
                {"missing_contains": "社会工作者"},
            ),
        )
    ),
    listed("tongliang_21c", [{**HOME, "social_workers": 1, "beds": 100}], "pass", low=1.0),
    listed(
        "tongliang_21c",
        [{**HOME, "social_workers": 1, "beds": 125}],
        "fail",
        low=0.8,
        words_contain="力争",
    ),
    listed(
        "tongliang_21c",
        [{**HOME, "social_workers": None, "beds": 100}],
        "unknown",
        missing_contains="社会工作者",
    ),
    *typed("tongliang_22", met=True, missed=False, words="未达到"),
    listed(
        "tongliang_25a",
        [
            {"roles": "estate_point", "events_per_week": 1},
            {"roles": "community_station", "events_per_week": 0},
        ],
        "pass",
        low=1.0,
        high=1.0,
    ),
    listed(
        "tongliang_25a",
        [
            {"roles": "estate_point", "events_per_week": 2},
            {"roles": "estate_point", "events_per_week": 0.5},
        ],
        "fail",
        low=0.5,
        words_contain="未达到",
    ),
    listed(
        "tongliang_25a",
        [
            {"roles": "estate_point", "events_per_week": 2},
            {"roles": "estate_point", "events_per_week": None},
        ],
        "unknown",
        low=0.5,
        high=1.0,
        missing_contains="每周活动次数",
    ),
    listed("tongliang_25b", [{"roles": "estate_point"}] * 353, "indicator", low=353, high=353),
    Case("tongliang_25b", "unknown", facts(as_of=AFTER), missing_contains="设施"),
]

# 附件2：清单


def subsidy(clause_id, meant, words, *aside):
    """Return who has a subsidy of those that it is meant for."""
    who = {**AT_HOME, **meant}
    return share(
        clause_id,
        {**who, "receives": words},
        {**who, "receives": "其他"},
        {**who, "receives": None},
        [{**who, "receives": None, **one} for one in aside],
        missing="已享受",
    )


def monthly(clause_id, field, title):
    return [
        people(clause_id, [{field: 1}, {field: 0}, {field: None}], "pass", low=1.0, high=1.0),
        people(clause_id, [{field: 1}, {field: 2}], "fail", low=0.5, words_contain="未达到"),
        people(clause_id, [{"age": 70}], "unknown", missing_contains=title),
    ]


YOUNG = {"age": 59}
WELL = {"groups": None}
LIST = [
    people(
        "tongliang_23",
        [
            {**AT_HOME, "receives": "助餐补贴"},
            {"residence": "resident", "registered_at": "眉山市", "receives": "助餐补贴"},
            {"residence": "resident", "registered_at": "四川省遂宁市", "receives": "其他"},
            {**AWAY, "receives": "其他"},
            {**GUEST, "receives": "其他"},
        ],
        "indicator",
        low=0.5,
        high=0.5,
    ),
    people("tongliang_23", [{**AT_HOME, "receives": None}], "unknown", missing_contains="已享受"),
    *subsidy(
        "tongliang_24a",
        {"age": 60, "groups": "destitute_scattered"},
        "助浴补贴",
        YOUNG,
        WELL,
        AWAY,
        GUEST,
    ),
    *monthly("tongliang_24b", "bathing_month", "助浴"),
    *subsidy("tongliang_24c", {"age": 80, "groups": None}, "助洁", {"age": 79}, AWAY, GUEST),
    *monthly("tongliang_24d", "cleaning_month", "助洁"),
    people(
        "tongliang_26b",
        [
            {**OLD, "health_file": True},
            {**OLD, "health_file": False, "receives": "助餐"},
            {**OLD, **GUEST, "health_file": False, "receives": "助餐"},
        ],
        "indicator",
        low=0.5,
        high=0.5,
    ),
    people("tongliang_26b", [OLD], "unknown", missing_contains="健康档案"),
    *subsidy("tongliang_26c", {"age": 80}, "高龄津贴", {"age": 79}, GUEST),
    *subsidy(
        "tongliang_26d",
        {"age": 70, "groups": "hardship;disabled"},
        "养老服务补贴",
        {"groups": "hardship"},
        {"groups": "disabled"},
    ),
    *subsidy("tongliang_26e", {"age": 80}, "遗嘱公证", {"age": 79}, AWAY, GUEST),
    people(
        "tongliang_26f",
        [
            {**AT_HOME, "age": 81, "groups": "destitute_scattered", "adapted_date": "2024-05-01"},
            {**AT_HOME, "age": 70, "groups": "low_income;empty_nest", "adapted_date": None},
            {**AT_HOME, "age": 70, "groups": "special_family", "adapted_date": "2024-05-01"},
            {**AT_HOME, "age": 70, "groups": "low_income;disabled", "adapted_date": "2026-05-01"},
            # Destitute but neither old nor disabled; well off; registered elsewhere.
            {**AT_HOME, "age": 70, "groups": "destitute_scattered", "adapted_date": None},
            {**AT_HOME, "age": 85, "groups": "empty_nest", "adapted_date": None},
            {**GUEST, "age": 85, "groups": "special_family", "adapted_date": None},
        ],
        "indicator",
        low=0.5,
        high=0.5,
    ),
    people(
        "tongliang_26f",
        [{**AT_HOME, "age": 70, "groups": "special_family"}],
        "unknown",
        missing_contains="改造完成日期",
    ),
    *subsidy(
        "tongliang_26g", {"groups": "hardship;disabled"}, "护理补贴", {"groups": "semi_disabled"}
    ),
    *subsidy("tongliang_26h", {"groups": "disabled"}, "照护培训补贴", WELL),
]

CASES = [
    *UNITS,
    *CIRCLES,
    *INSTITUTIONS,
    *VISITS,
    *REGISTER,
    *FACILITIES,
    *LIST,
]

"""What 开州府办发〔2019〕86号 says of lists that meet it, miss it or leave it open."""

from policy.case import Case
from policy.facts_of import facts

from care_map.packs.reader import read_pack

PACK = read_pack("kaizhou")
TOWNS = [{"unit_id": one.name, "name": one.name, "unit_kind": one.kind} for one in PACK.unit]
NOT_DUE = "未到期"
AFTER = "2023-01-31"
FOUR = ("street_centre", "town_centre", "community_station", "village_point")


def listed(clause_id, rows, verdict, *, as_of=AFTER, units=None, services=None, **expected):
    """Return a case of the district's facilities, with its units and services if they matter."""
    found = facts(as_of=as_of, facilities=rows, units=units, services=services)
    return Case(clause_id, verdict, found, **expected)


def people(clause_id, rows, verdict, *, as_of=AFTER, **expected):
    """Return a case of the elders' list."""
    return Case(clause_id, verdict, facts(as_of=as_of, elders=rows), **expected)


def standard(clause_id, role, *, met, missed, words, missing):
    """Return facilities that all meet a standard, one that misses it, one that is not known.

    What is only being built, what lies in the next district and what is of another type say
    nothing of it.
    """
    yes, no = {"roles": role, **met}, {"roles": role, **missed}
    blank = {"roles": role, **dict.fromkeys(met)}
    aside = [
        {**no, "stage": "building"},
        {**no, "in_area": False},
        {**no, "roles": "meal_point"},
    ]
    return [
        listed(clause_id, [yes, {**yes, "stage": "suspended"}, *aside], "pass", low=1.0, high=1.0),
        listed(clause_id, [yes, no], "fail", low=0.5, high=0.5, words_contain=words),
        listed(clause_id, [yes, blank], "unknown", low=0.5, high=1.0, missing_contains=missing),
        listed(clause_id, aside, "not_applicable", id="none"),
    ]


def typed(clause_id, *, met, missed, as_of=AFTER, words="未达到"):
    """Return pass, fail and unknown of what an office types in."""
    kind = "answer" if isinstance(met, bool) else "figure"

    def stated(value):
        return facts(as_of=as_of, stated=[{"clause_id": clause_id, kind: value}])

    return [
        Case(clause_id, "pass", stated(met)),
        Case(clause_id, "fail", stated(missed), words_contain=words),
        Case(clause_id, "unknown", facts(as_of=as_of, stated=[]), missing_contains=clause_id),
    ]


# 一、总体要求

GENERAL = [
    people(
        "kaizhou_01",
        [
            {"receives": "助餐", "residence": "resident"},
            {"receives": None, "residence": "resident"},
            {"receives": "高龄津贴", "residence": "registered"},
            {"receives": None, "residence": "away"},
        ],
        "indicator",
        low=2 / 3,
        high=2 / 3,
    ),
    people("kaizhou_01", [{"age": 70}], "unknown", missing_contains="已享受"),
    people("kaizhou_01", [], "unknown", id="nobody"),
]

# 二、目标任务：单元

PLACES = [
    {"unit_id": "S", "name": "汉丰街道", "unit_kind": "street"},
    {"unit_id": "S1", "name": "甲社区", "unit_kind": "community", "parent_id": "S"},
    {"unit_id": "S2", "name": "乙社区", "unit_kind": "community", "parent_id": "S"},
    {"unit_id": "D", "name": "大德镇", "unit_kind": "town"},
    {"unit_id": "D1", "name": "福泉社区", "unit_kind": "community", "parent_id": "D"},
    {"unit_id": "D2", "name": "大德村", "unit_kind": "village", "parent_id": "D"},
    {"unit_id": "J", "name": "大进镇", "unit_kind": "town"},
    {"unit_id": "J1", "name": "翠湖村", "unit_kind": "village", "parent_id": "J"},
]
CENTRE = {"roles": "street_centre", "unit_id": "S"}
SHARED = {"roles": "community_station", "unit_id": "S1", "serves_units": "S1;乙社区"}
ONE = {"roles": "community_station", "unit_id": "S1", "serves_units": None}
NOWHERE = {"roles": "community_station", "unit_id": None, "serves_units": None}
TOWN = [
    {"roles": "town_centre;care_home", "unit_id": "D"},
    {"roles": "town_centre", "unit_id": "J"},
    {"roles": "village_point", "unit_id": "D2"},
]
CUIHU = {"roles": "community_station", "unit_id": "J1"}
UNPLACED = {"roles": "village_point", "unit_id": None}
STREETS = [one for one in PLACES if one["unit_id"] == "S"]


def units(clause_id, rows, verdict, *, as_of=AFTER, places=PLACES, **expected):
    return listed(clause_id, rows, verdict, as_of=as_of, units=places, **expected)


UNITS = [
    units("kaizhou_02", [CENTRE, SHARED], "pass", low=1.0, high=1.0),
    units("kaizhou_02", [CENTRE, ONE], "fail", low=2 / 3, high=2 / 3, words_contain="力争"),
    units("kaizhou_02", [CENTRE], "fail", as_of="2020-06-30", low=1 / 3, words_contain=NOT_DUE),
    units("kaizhou_02", [CENTRE, ONE, NOWHERE], "unknown", low=2 / 3, missing_contains="区划代码"),
    Case("kaizhou_02", "unknown", facts(as_of=AFTER, units=PLACES), missing_contains="设施"),
    # 翠湖村 has a community's station: that is its point.
    units("kaizhou_03", [*TOWN, CUIHU], "pass", low=1.0, high=1.0),
    units("kaizhou_03", TOWN, "fail", low=0.75, high=0.75, words_contain="力争"),
    units("kaizhou_03", [*TOWN, UNPLACED], "unknown", low=0.75, missing_contains="区划代码"),
    units("kaizhou_07a", [CENTRE], "pass", low=1.0, high=1.0),
    units("kaizhou_07a", [ONE], "fail", low=0.0, high=0.0, words_contain="原则性"),
    units(
        "kaizhou_07a",
        [{**CENTRE, "unit_id": None}],
        "unknown",
        missing_contains="区划代码",
    ),
    units("kaizhou_07b", [SHARED], "pass", low=1.0, high=1.0),
    units("kaizhou_07b", [ONE, ONE], "fail", low=0.5, high=0.5, words_contain="原则性"),
    units("kaizhou_07b", [ONE, NOWHERE], "unknown", low=0.5, missing_contains="区划代码"),
    # A 敬老院 that is also the town's centre is its centre.
    units("kaizhou_07c", TOWN, "pass", low=1.0, high=1.0),
    units("kaizhou_07c", TOWN[1:], "fail", low=0.5, high=0.5, words_contain="原则性"),
    units(
        "kaizhou_07c",
        [TOWN[1], {"roles": "town_centre", "unit_id": None}],
        "unknown",
        low=0.5,
        missing_contains="区划代码",
    ),
    units("kaizhou_07d", [*TOWN, CUIHU], "pass", low=1.0, high=1.0),
    # A village's point is its own: a neighbour that names it does not do.
    units(
        "kaizhou_07d",
        [{**TOWN[2], "serves_units": "D2;J1"}],
        "fail",
        low=0.5,
        high=0.5,
        words_contain="原则性",
    ),
    units("kaizhou_07d", [TOWN[2], UNPLACED], "unknown", low=0.5, missing_contains="区划代码"),
]

# The notice's own list names 40 towns and no community or village: of those nothing is known.
STREET_CENTRES = [
    {"roles": "street_centre", "unit_id": one["unit_id"]}
    for one in TOWNS
    if one["unit_kind"] == "street"
]
NO_ONE = {"roles": "community_station", "unit_id": TOWNS[0]["unit_id"]}
UNITS += [
    units(
        "kaizhou_02",
        STREET_CENTRES,
        "unknown",
        places=TOWNS,
        low=7 / 116,
        high=1.0,
        missing_contains="社区",
        id="towns alone",
    ),
    units(
        "kaizhou_02",
        STREET_CENTRES[1:],
        "fail",
        places=TOWNS,
        low=6 / 116,
        high=115 / 116,
        words_contain="力争",
        id="towns alone, one without",
    ),
    *(
        units(clause, [NO_ONE], "unknown", places=TOWNS, missing_contains=kind, id="towns alone")
        for clause, kind in (("kaizhou_07b", "社区"), ("kaizhou_07d", "村"))
    ),
]

# 二、目标任务：比例


def run_by(kind, count, *, roles="street_centre"):
    return [{"roles": roles, "operator_kind": kind}] * count


SOCIAL = run_by("public_private", 60) + run_by("private_aided", 20) + run_by("private", 8)
PUBLIC = run_by("public", 7)
BLANK = run_by(None, 5)
RURAL = {"roles": "town_centre"}
RATES = [
    listed(
        "kaizhou_04a",
        [*SOCIAL, *PUBLIC, *BLANK],
        "unknown",
        low=0.88,
        high=0.93,
        words_contain="还需 2 个",
        missing_contains="运营方式",
    ),
    listed(
        "kaizhou_04a",
        [*SOCIAL, *run_by("private", 3), *run_by("public", 4), *BLANK],
        "pass",
        low=0.91,
        high=0.96,
    ),
    listed(
        "kaizhou_04a",
        [*SOCIAL[:84], *run_by("public", 11, roles="community_station"), *BLANK],
        "fail",
        low=0.84,
        high=0.89,
        words_contain="未达到",
    ),
    # Exactly 90% is 以上; rural facilities are not in it.
    listed(
        "kaizhou_04a",
        [*run_by("private", 9), *run_by("public", 1), *run_by("public", 5, roles="town_centre")],
        "pass",
        low=0.9,
        high=0.9,
        id="limit",
    ),
    listed("kaizhou_04b", [*run_by("private", 6, **RURAL), *run_by("public", 4, **RURAL)], "pass"),
    listed(
        "kaizhou_04b",
        [*run_by("private", 1, **RURAL), *run_by("public", 1, roles="village_point")],
        "fail",
        as_of="2020-12-31",
        low=0.5,
        words_contain=NOT_DUE,
    ),
    listed(
        "kaizhou_04b",
        [*run_by("private", 1, **RURAL), *run_by(None, 1, **RURAL)],
        "unknown",
        low=0.5,
        high=1.0,
        missing_contains="运营方式",
    ),
]
CLINIC = [
    {"roles": "street_centre", "own_clinic": True, "contracts": None},
    {"roles": "community_station", "own_clinic": False, "contracts": "H1"},
    {"roles": "town_centre;township_health_centre", "own_clinic": None, "contracts": None},
]
NO_CLINIC = {"roles": "village_point", "own_clinic": False, "contracts": None}
RATES += [
    listed("kaizhou_05", CLINIC, "pass", low=1.0, high=1.0),
    listed("kaizhou_05", [*CLINIC, NO_CLINIC], "fail", low=0.75, high=0.75),
    listed(
        "kaizhou_05",
        [*CLINIC, {**NO_CLINIC, "own_clinic": None}],
        "unknown",
        low=0.75,
        high=1.0,
        missing_contains="内设医疗",
    ),
    listed("kaizhou_20", [{"roles": role, "contracts": "H1"} for role in FOUR], "pass", low=1.0),
    listed(
        "kaizhou_20",
        [CLINIC[1], {**CLINIC[0], "own_clinic": None}],
        "fail",
        low=0.5,
        high=0.5,
        words_contain="未达到",
    ),
    listed("kaizhou_20", [{"roles": "village_point"}], "unknown", missing_contains="签约机构"),
]

# 三、规划布局


def town(land, people_there=10_000, **more):
    return {"unit_kind": "town", "care_land_m2": land, "population": people_there, **more}


LAND = [
    Case(
        "kaizhou_06",
        "pass",
        # What a community has says nothing: its town counts.
        facts(units=[town(2000), town(2500), town(0, unit_kind="community")]),
        low=0.2,
    ),
    Case(
        "kaizhou_06",
        "fail",
        facts(units=[town(9000), town(1999)]),
        low=0.1999,
        words_contain="未达到",
    ),
    Case(
        "kaizhou_06",
        "unknown",
        facts(units=[town(2000), town(None)]),
        missing_contains="养老用地",
    ),
]
POINT = {"x": 0.0, "y": 0.0}
NEAR, FAR = {"x": 300.0, "y": 0.0}, {"x": 301.0, "y": 0.0}


def beside(clause_id, role, other):
    here, clinic = {"roles": role, **POINT}, {"roles": other}
    return [
        listed(clause_id, [here, {**clinic, **NEAR}], "pass", low=1.0, high=1.0),
        listed(clause_id, [{**here, "roles": f"{role};{other}"}], "pass", low=1.0, id="as one"),
        listed(
            clause_id,
            [here, {**clinic, **FAR}],
            "fail",
            low=0.0,
            high=0.0,
            words_contain="鼓励",
        ),
        listed(
            clause_id,
            [{**here, "x": None}, {**clinic, **NEAR}],
            "unknown",
            missing_contains="坐标",
        ),
    ]


LAYOUT = [
    *beside("kaizhou_08a", "village_point", "village_clinic"),
    *beside("kaizhou_08b", "street_centre", "community_health_centre"),
    *beside("kaizhou_08c", "town_centre", "township_health_centre"),
    *standard(
        "kaizhou_09",
        "village_point",
        met={"age_adapted": True},
        missed={"age_adapted": False},
        words="未达到",
        missing="适老化改造",
    ),
]

# 四、建设标准


def zones(clause_id, role, text, annex):
    """Return a facility with all zones of the text, one with the annex's, and one not known.

    The notice contradicts itself: no list decides it.
    """
    lines = [{"roles": role, "zones": text}, {"roles": role, "zones": annex}]
    return [
        listed(clause_id, lines, "source_conflict", low=0.5, high=0.5, id="both"),
        listed(
            clause_id,
            [lines[0], {"roles": role, "zones": None}],
            "source_conflict",
            low=0.5,
            high=1.0,
            missing_contains="功能区",
            id="blank",
        ),
        listed(clause_id, lines[1:], "source_conflict", low=0.0, high=0.0, id="annex"),
    ]


STREET_TEXT = "生活照料;托养护理;医疗康复;休闲娱乐;文化教育;人文关怀;运营管理"
STREET_ANNEX = "休闲娱乐区;文化教育区;生活照料区;健康管理区;人文关怀区;托养护理区;运营管理区"
TOWN_TEXT = "托养护理区;生活照料区;医疗保健区;休闲娱乐;文化教育"
STATION_TEXT = "助餐区;康复室;阅览室;娱乐"
STATION_ANNEX = "休闲娱乐区;文化教育区;生活照料区;健康管理区"


def few(few_elders):
    return [{"unit_id": "U", "name": "甲社区", "unit_kind": "community", "few_elders": few_elders}]


def station(area, verdict, *, few_elders, **expected):
    """Return a station of an area, in a community of which it is known whether elders are few."""
    row = {"roles": "community_station", "unit_id": "U", "floor_area_m2": area}
    return listed("kaizhou_14a", [row], verdict, units=few(few_elders), **expected)


STANDARDS = [
    *standard(
        "kaizhou_10a",
        "town_centre",
        met={"outdoor_space": True},
        missed={"outdoor_space": False},
        words="未达到",
        missing="室外活动场所",
    ),
    *standard(
        "kaizhou_10b",
        "community_station",
        met={"standard_signs": True},
        missed={"standard_signs": False},
        words="未达到",
        missing="统一标识",
    ),
    *standard(
        "kaizhou_11a",
        "street_centre",
        met={"floor_area_m2": 1500},
        missed={"floor_area_m2": 1499.5},
        words="原则性",
        missing="建筑面积",
    ),
    *zones("kaizhou_11b", "street_centre", STREET_TEXT, STREET_ANNEX),
    *standard(
        "kaizhou_11c",
        "street_centre",
        met={"beds": 20},
        missed={"beds": 19},
        words="原则性",
        missing="床位数",
    ),
    *standard(
        "kaizhou_12b",
        "street_centre",
        met={"run_by_institution": True},
        missed={"run_by_institution": False},
        words="原则性",
        missing="养老机构运营",
    ),
    *standard(
        "kaizhou_13a",
        "town_centre",
        met={"floor_area_m2": 800},
        missed={"floor_area_m2": 799},
        words="原则性",
        missing="建筑面积",
    ),
    *zones("kaizhou_13b", "town_centre", TOWN_TEXT, "休闲娱乐;生活照料;托养护理;医疗康复"),
    *standard(
        "kaizhou_13c",
        "town_centre;care_home",
        met={"nursing_beds": 25, "condition_met": True},
        missed={"nursing_beds": 19, "condition_met": True},
        words="有条件",
        missing="护理型床位",
    ),
    listed(
        "kaizhou_13c",
        [{"roles": "town_centre", "nursing_beds": 0, "condition_met": False}],
        "not_applicable",
        id="no condition",
    ),
    listed(
        "kaizhou_13c",
        [{"roles": "town_centre", "nursing_beds": 0}],
        "unknown",
        missing_contains="有条件",
        id="condition unknown",
    ),
    station(300, "pass", few_elders=None, low=1.0, high=1.0),
    station(250, "pass", few_elders=True, low=1.0, high=1.0),
    station(250, "fail", few_elders=False, low=0.0, high=0.0, words_contain="未达（原则性）"),
    station(199, "fail", few_elders=True, low=0.0, high=0.0, words_contain="未达（原则性）"),
    station(250, "unknown", few_elders=None, missing_contains="老年人较少"),
    station(None, "unknown", few_elders=True, missing_contains="建筑面积"),
    *zones("kaizhou_14b", "community_station", STATION_TEXT, STATION_ANNEX),
    *standard(
        "kaizhou_14c",
        "community_station",
        met={"day_care_beds": 1, "condition_met": True},
        missed={"day_care_beds": 0, "condition_met": True},
        words="有条件",
        missing="日间照料床位",
    ),
    *standard(
        "kaizhou_15a",
        "village_point",
        met={"own_room": True, "farmhouse": False},
        missed={"own_room": False, "farmhouse": False},
        words="未达到",
        missing="单独功能用房",
    ),
    listed(
        "kaizhou_15a",
        [{"roles": "village_point", "own_room": False, "farmhouse": True}],
        "pass",
        id="farmhouse",
    ),
    *standard(
        "kaizhou_15b",
        "village_point",
        met={"equipment": "电脑;图书;娱乐;电视"},
        missed={"equipment": "电脑;图书"},
        words="未达到",
        missing="设备",
    ),
]

RUN = [
    {"unit_id": "S", "name": "甲街道", "unit_kind": "street"},
    {"unit_id": "S1", "name": "甲社区", "unit_kind": "community", "parent_id": "S"},
    {"unit_id": "S2", "name": "乙社区", "unit_kind": "community", "parent_id": "S"},
]


def spans(clause_id, centre, site):
    """Return a centre that runs all sites of its street or town, one of two, or maybe both."""
    middle = {"facility_id": "C", "roles": centre, "unit_id": "S"}
    first = {"roles": site, "unit_id": "S1", "operator_centre": "C"}
    second = {**first, "unit_id": "S2"}
    return [
        listed(clause_id, [middle, first, second], "pass", units=RUN, low=1.0, high=1.0),
        listed(
            clause_id,
            [middle, first, {**second, "operator_centre": "别处"}],
            "fail",
            units=RUN,
            low=0.0,
            high=0.0,
            words_contain="原则性",
        ),
        listed(
            clause_id,
            [middle, first, {**second, "operator_centre": None}],
            "unknown",
            units=RUN,
            missing_contains="带站中心",
        ),
    ]


STANDARDS += [
    *spans("kaizhou_12a", "street_centre", "community_station"),
    *spans("kaizhou_12c", "town_centre", "village_point"),
]

# 服务


def offers(*codes, facility_id="F1"):
    return [{"facility_id": facility_id, "service": code} for code in codes]


def serving(clause_id, role, *codes):
    """Return a facility with all services, one that lacks one, and one whose list is not known."""
    two = [{"roles": role}, {"roles": role}]
    every = offers(*codes)
    return [
        listed(clause_id, two[:1], "pass", services=every, low=1.0, high=1.0),
        listed(
            clause_id,
            two,
            "fail",
            services=[*every, *offers(*codes[:-1], facility_id="F2")],
            low=0.5,
            high=0.5,
            words_contain="未达到",
        ),
        listed(
            clause_id, two, "unknown", services=every, low=0.5, high=1.0, missing_contains="服务"
        ),
        listed(clause_id, two, "unknown", missing_contains="服务", id="no list"),
    ]


HOME = ("meals", "medical", "housekeeping", "cleaning", "rehabilitation", "mobility", "escort")
SERVED = [
    *serving(
        "kaizhou_16a", "street_centre", "rehabilitation", "companionship", "education", "respite"
    ),
    *serving("kaizhou_16b", "town_centre", "rehabilitation", "recreation"),
    *serving(
        "kaizhou_16c", "community_station", "recreation", "day_care", "housekeeping", "emergency"
    ),
    *serving("kaizhou_16d", "village_point", "companionship", "health", "rescue"),
    *serving("kaizhou_22", "village_point", "recreation", "education"),
    listed(
        "kaizhou_16e",
        [{"roles": "street_centre"}],
        "pass",
        services=offers(*HOME, "rescue", "recreation"),
        low=8,
        high=8,
    ),
    listed(
        "kaizhou_16e",
        [{"roles": "street_centre"}],
        "fail",
        services=offers(*HOME, *HOME, "bathing"),
        low=7,
        high=7,
        words_contain="未达到",
    ),
    listed("kaizhou_16e", [{"roles": "street_centre"}], "unknown", missing_contains="服务项目"),
]

# 五、工作措施

QUARTERS = ("2020Q1", "2020Q2")


def returned(*, late=0):
    days = {"2020Q1": "2020-04-10", "2020Q2": "2020-07-10"}
    rows = [
        {"unit_id": unit["unit_id"], "period": quarter, "received_date": days[quarter]}
        for quarter in QUARTERS
        for unit in TOWNS
    ]
    return rows[: len(rows) - late]


def inside(clause_id, setting):
    row = {
        "circle": "elder_care_15",
        "setting": setting,
        "covered": 60,
        "uncovered": 30,
        "undetermined": 10,
    }
    known = facts(coverage=[row, {**row, "profile": "elder", "covered": 50, "uncovered": 40}])
    return [
        Case(clause_id, "indicator", known, low=0.3, high=0.4),
        Case(clause_id, "unknown", facts(), missing_contains="服务圈"),
    ]


def trained(clause_id, figure):
    """Return a figure that is beside two targets, and none at all."""
    stated = [{"clause_id": clause_id, "figure": figure}]
    return [
        Case(clause_id, "source_conflict", facts(stated=stated), low=figure, high=figure),
        Case(clause_id, "source_conflict", facts(stated=[]), missing_contains=clause_id, id="none"),
    ]


MEASURES = [
    Case(
        "kaizhou_17a",
        "pass",
        facts(as_of="2020-07-31", units=TOWNS, received=returned()),
        low=1.0,
        high=1.0,
    ),
    Case(
        "kaizhou_17a",
        "fail",
        facts(as_of="2020-07-31", units=TOWNS, received=returned(late=2)),
        low=78 / 80,
        high=78 / 80,
        words_contain="未达到",
    ),
    Case(
        "kaizhou_17a",
        "unknown",
        facts(as_of="2020-07-31", units=TOWNS),
        missing_contains="报送情况",
    ),
    *typed("kaizhou_17b", met=True, missed=False),
    *typed("kaizhou_18", met=0.8, missed=0.79),
    *inside("kaizhou_19a", "all"),
    *inside("kaizhou_19b", "rural"),
    *trained("kaizhou_21a", 300),
    *trained("kaizhou_21b", 1500),
    *typed("kaizhou_21c", met=100, missed=99),
    *typed("kaizhou_21c", met=100, missed=99, as_of="2022-06-30", words=NOT_DUE),
]

# 附件4、附件5


def accepted(rule, until):
    """Return a facility for every target of a rule up to a year, accepted in its year."""
    return [
        {"roles": one.role, "unit_id": one.town, "accepted_date": f"{one.year}-06-30"}
        for one in PACK.target
        if one.role in rule.roles and one.year <= until and one.town in (rule.towns or [one.town])
        for _ in range(one.target)
    ]


def due(clause):
    """Return all that is due, one of it built in 2017, and one without a day."""
    first, year = clause.rule.years
    day = f"{year}-12-31"
    before = accepted(clause.rule, first - 1)
    rows = accepted(clause.rule, year)
    goal = len(rows) - len(before)
    last = [row for row in rows if row["accepted_date"].startswith(str(year))][-1]
    others = [row for row in rows if row is not last]
    old, undated = {**last, "accepted_date": "2017-05-01"}, {**last, "accepted_date": None}

    def case(verdict, facilities, as_of=day, **expected):
        found = facts(as_of=as_of, units=TOWNS, facilities=facilities)
        return Case(clause.id, verdict, found, **expected)

    return [
        case("pass", rows, low=goal, high=goal),
        case("fail", [*others, old], low=goal - 1, high=goal - 1, words_contain="未达到"),
        case("fail", before, f"{year}-12-30", low=0, high=0, words_contain=NOT_DUE),
        case(
            "unknown",
            [*others, undated],
            low=goal - 1,
            high=goal,
            missing_contains="验收日期",
        ),
        Case(
            clause.id, "unknown", facts(as_of=day, units=TOWNS), missing_contains="设施", id="none"
        ),
    ]


def modes(clause):
    """Return as many of one mode as annex 5 has, one too few, and one of unknown mode."""
    named, mode, _ = clause.rule.of.all
    role = {"station": "community_station"}.get(named.named, named.named)
    goal = int(clause.rule.at_least)
    row = {"roles": role, "build_mode": mode.is_, "accepted_date": "2019-10-01"}
    few_rows = [row] * (goal - 1)
    aside = [
        {**row, "accepted_date": "2018-10-01"},
        {**row, "build_mode": "另行建设"},
        {**row, "roles": "meal_point"},
        {**row, "stage": "building", "accepted_date": None},
    ]
    return [
        listed(clause.id, [row] * goal, "pass", low=goal, high=goal),
        listed(
            clause.id,
            [*few_rows, *aside],
            "fail",
            low=goal - 1,
            high=goal - 1,
            words_contain="未达到",
        ),
        listed(
            clause.id,
            [*few_rows, {**row, "build_mode": None}],
            "unknown",
            low=goal - 1,
            high=goal,
            missing_contains="建设方式",
        ),
    ]


STATION = {"roles": "community_station"}
ANNEXES = [
    *(case for one in PACK.clause if one.rule.formula == "ledger" for case in due(one)),
    *(case for one in PACK.clause if one.row == 24 for case in modes(one)),
    # What stood before is counted apart from the 89.
    listed(
        "kaizhou_25b",
        [
            {**STATION, "accepted_date": "2017-03-01"},
            {**STATION, "accepted_date": "2018-12-31"},
            {**STATION, "accepted_date": "2019-01-01"},
            {**STATION, "accepted_date": None},
        ],
        "indicator",
        low=2,
        high=3,
    ),
    listed("kaizhou_25b", [{**STATION, "accepted_date": None}], "unknown", missing_contains="验收"),
]

CASES = [
    *GENERAL,
    *UNITS,
    *RATES,
    *LAND,
    *LAYOUT,
    *STANDARDS,
    *SERVED,
    *MEASURES,
    *ANNEXES,
]

"""Cases of the clauses of 渝北 (渝北府办〔2020〕38号)."""

from policy.case import Case
from policy.facts_of import facts

END_2020, END_2021 = "2020-12-31", "2021-12-31"
HOME = {"roles": "care_home", "welfare_home": True}
NEEDY = {"groups": "disabled", "residence": "registered", "age": 75}


def many(count, **row):
    """Return so many rows that are alike."""
    return [dict(row) for _ in range(count)]


def facility_cases(clause, role, *, good, bad, blank, words="未达到", column=""):
    """Return a pass, a fail and an unknown of a rule that every facility of a type must keep."""
    role = {"roles": role} if isinstance(role, str) else role
    return [
        Case(clause, "pass", facts(facilities=[{**role, **good}] * 2), low=1, high=1),
        Case(
            clause,
            "fail",
            facts(facilities=[{**role, **good}, {**role, **bad}]),
            low=0.5,
            high=0.5,
            words_contain=words,
        ),
        Case(
            clause,
            "unknown",
            facts(facilities=[{**role, **good}, {**role, **blank}]),
            low=0.5,
            high=1,
            words_contain="还需",
            missing_contains=column,
        ),
    ]


def rate_cases(clause, rows, *, good, bad, blank, threshold, column):
    """Return cases of a rate of 100 facilities at, just under and around its threshold."""
    at = round(threshold * 100)

    def of(yes, no, open_=0):
        return facts(
            as_of=END_2020,
            facilities=many(yes, **rows, **good)
            + many(no, **rows, **bad)
            + many(open_, **rows, **blank),
        )

    return [
        Case(clause, "pass", of(at, 100 - at), low=at / 100, high=at / 100),
        Case(
            clause,
            "fail",
            of(at - 1, 101 - at),
            low=(at - 1) / 100,
            high=(at - 1) / 100,
            words_contain="未达到",
        ),
        Case(
            clause,
            "unknown",
            of(at - 2, 97 - at, 5),
            low=(at - 2) / 100,
            high=(at + 3) / 100,
            words_contain="还需 2",
            missing_contains=column,
            id="two_more",
        ),
    ]


def built_cases(clause, role, *, target, year):
    """Return cases of a number to be built in a year: what is of other years never counts."""
    inside, end = f"{year}-06-30", f"{year}-12-31"
    done = many(target - 1, roles=role, accepted_date=inside)
    return [
        Case(
            clause,
            "pass",
            facts(as_of=end, facilities=[*done, {"roles": role, "accepted_date": end}]),
            low=target,
            high=target,
        ),
        Case(
            clause,
            "fail",
            facts(
                as_of=f"{year + 1}-06-30",
                facilities=[
                    *done,
                    {"roles": role, "accepted_date": f"{year - 1}-12-31"},
                    {"roles": role, "accepted_date": f"{year + 1}-01-01"},
                    {"roles": role, "stage": "building"},
                ],
            ),
            low=target - 1,
            high=target - 1,
            words_contain="未达到",
            id="one_early_one_late_one_not_finished",
        ),
        Case(
            clause,
            "fail",
            facts(as_of=inside, facilities=done),
            low=target - 1,
            high=target - 1,
            words_contain="尚未",
            id="not_due",
        ),
        Case(
            clause,
            "unknown",
            facts(as_of=end, facilities=[*done, {"roles": role, "accepted_date": None}]),
            low=target - 1,
            high=target,
            missing_contains="验收日期",
        ),
    ]


def yes_no_cases(clause):
    """Return cases of a yes or no that the office types in."""
    return [
        Case(clause, "pass", facts(stated=[{"clause_id": clause, "answer": True}])),
        Case(
            clause,
            "fail",
            facts(stated=[{"clause_id": clause, "answer": False}]),
            words_contain="未达到",
        ),
        Case(clause, "unknown", facts(stated=[]), missing_contains="填报"),
    ]


def typed_cases(clause, *, target, day, short=None):
    """Return cases of a figure that the office types in."""
    short = target - 1 if short is None else short
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
        Case(
            clause,
            "unknown",
            facts(as_of=day, stated=[{"clause_id": "yubei_01"}]),
            missing_contains="填报",
        ),
    ]


def sum_cases(clause, parts, *, each):
    """Return cases of a total of two years, of which only the years' figures are typed in."""
    first, second = parts

    def typed(*figures):
        return [{"clause_id": part, "figure": figure} for part, figure in figures]

    total = sum(each)
    return [
        Case(
            clause,
            "pass",
            facts(as_of=END_2021, stated=typed((first, each[0] + 5), (second, each[1] - 5))),
            low=total,
            high=total,
            id="years_added",
        ),
        Case(
            clause,
            "fail",
            facts(as_of=END_2021, stated=typed((first, each[0]), (second, each[1] - 1))),
            low=total - 1,
            high=total - 1,
            id="years_added_short",
        ),
        Case(
            clause,
            "unknown",
            facts(as_of=END_2021, stated=typed((first, each[0]))),
            low=each[0],
            missing_contains="填报",
            id="one_year_missing",
        ),
    ]


def units_cases(clause, kinds):
    """Return cases of one facility of its own for each unit of some kinds."""
    units = [
        {"unit_id": f"{kind}-{n}", "unit_kind": kind, "name": f"{kind}{n}"}
        for kind in kinds
        for n in (1, 2)
    ]
    own = [
        {"roles": role, "unit_id": f"{kind}-{n}", "accepted_date": "2020-05-01"}
        for kind, role in kinds.items()
        for n in (1, 2)
    ]
    last = own[-1]
    shared = {**own[-2], "serves_units": last["unit_id"]}
    part = 1 - 1 / len(own)
    return [
        Case(clause, "pass", facts(as_of=END_2021, units=units, facilities=own), low=1, high=1),
        Case(
            clause,
            "fail",
            facts(as_of=END_2021, units=units, facilities=[*own[:-2], shared]),
            low=part,
            high=part,
            words_contain="未达到",
            id="no_sharing_here",
        ),
        Case(
            clause,
            "unknown",
            facts(
                as_of=END_2021,
                units=units,
                facilities=[*own[:-1], {"roles": last["roles"], "unit_id": ""}],
            ),
            low=part,
            high=1,
            missing_contains="区划代码",
            id="one_without_a_unit",
        ),
    ]


def adapted_cases(clause, row, *, target, first, last):
    """Return cases of a number of facilities adapted within a period."""
    done = many(target, **row, age_adapted=True, adapted_date=first)
    return [
        Case(clause, "pass", facts(as_of=last, facilities=done), low=target, high=target),
        Case(
            clause,
            "fail",
            facts(
                as_of=last,
                facilities=[
                    *done[1:],
                    {**row, "age_adapted": True, "adapted_date": "2019-12-31"},
                    {**row, "age_adapted": False, "adapted_date": None},
                ],
            ),
            low=target - 1,
            high=target - 1,
            words_contain="未达到",
        ),
        Case(
            clause,
            "unknown",
            facts(
                as_of=last, facilities=[*done[1:], {**row, "age_adapted": True, "adapted_date": ""}]
            ),
            low=target - 1,
            high=target,
            missing_contains="改造完成日期",
        ),
    ]


def assessed_cases(clause, *, target, first, last):
    """Return cases of elders in special difficulty, registered and 60, assessed in a period."""
    done = {**NEEDY, "assessed_date": first}
    return [
        Case(
            clause,
            "pass",
            facts(
                as_of=last,
                elders=[*many(target - 1, **done), {**done, "residence": "away"}],
            ),
            low=target,
            high=target,
            id="registered_but_away_counts",
        ),
        Case(
            clause,
            "fail",
            facts(
                as_of=last,
                elders=[
                    *many(target - 1, **done),
                    {**done, "residence": "resident"},
                    {**done, "age": 59},
                    {**done, "groups": "aged_80"},
                    {**done, "assessed_date": "2019-12-31"},
                ],
            ),
            low=target - 1,
            high=target - 1,
            words_contain="未达到",
        ),
        Case(
            clause,
            "unknown",
            facts(
                as_of=last,
                elders=[*many(target - 1, **done), {**done, "assessed_date": ""}],
            ),
            low=target - 1,
            high=target,
            missing_contains="评估日期",
        ),
    ]


STATION, CENTRE, TOWN_CENTRE = "community_station", "street_centre", "town_centre"
POINT = "village_point"
FOUR_ZONES = "休闲娱乐区;文化教育区;生活照料室;健康管理"
HOME_ZONES = "托养护理;生活照料;医疗保健;文体活动;餐厅"
RUN_BY_COMPANY, RUN_BY_OFFICE = {"operator_kind": "public_private"}, {"operator_kind": "public"}

CASES = [
    *yes_no_cases("yubei_01"),
    *units_cases("yubei_02a", {"street": CENTRE, "town": TOWN_CENTRE}),
    *units_cases("yubei_02b", {"community": STATION}),
    *units_cases("yubei_02c", {"village": POINT}),
    *built_cases("yubei_03a", CENTRE, target=11, year=2020),
    Case(
        "yubei_03a",
        "pass",
        facts(
            as_of=END_2020,
            facilities=many(5, roles=CENTRE, accepted_date="2020-03-01")
            + many(6, roles="care_home;town_centre", accepted_date="2020-11-01"),
        ),
        low=11,
        high=11,
        id="towns_and_streets_together",
    ),
    *built_cases("yubei_03b", STATION, target=63, year=2020),
    *built_cases("yubei_03c", POINT, target=61, year=2020),
    *built_cases("yubei_04a", TOWN_CENTRE, target=3, year=2021),
    *built_cases("yubei_04b", POINT, target=30, year=2021),
    *facility_cases(
        "yubei_05a",
        CENTRE,
        good={"floor_area_m2": 1500},
        bad={"floor_area_m2": 1499.9},
        blank={"floor_area_m2": None},
        column="建筑面积",
    ),
    *facility_cases(
        "yubei_05b",
        CENTRE,
        good={"day_care_beds": 12, "short_stay_beds": 8},
        bad={"day_care_beds": 12, "short_stay_beds": 7},
        blank={"day_care_beds": 12, "short_stay_beds": None},
        words="未达（原则性）",
        column="短托床位",
    ),
    Case(
        "yubei_05b",
        "pass",
        facts(facilities=[{"roles": CENTRE, "day_care_beds": 20}]),
        id="day_care_alone_is_enough",
    ),
    *facility_cases(
        "yubei_06a",
        STATION,
        good={"floor_area_m2": 300},
        bad={"floor_area_m2": 250},
        blank={"floor_area_m2": None},
        column="建筑面积",
    ),
    Case(
        "yubei_06a",
        "fail",
        facts(
            units=[{"unit_id": "C1", "unit_kind": "community", "few_elders": True}],
            facilities=[{"roles": STATION, "unit_id": "C1", "floor_area_m2": 250}],
        ),
        words_contain="未达到",
        id="few_elders_are_no_exception_here",
    ),
    *facility_cases(
        "yubei_06b",
        STATION,
        good={"zones": FOUR_ZONES},
        bad={"zones": "休闲娱乐;文化教育;生活照料"},
        blank={"zones": ""},
        column="功能区",
    ),
    *facility_cases(
        "yubei_07a",
        {"roles": STATION, "condition_met": True},
        good={"day_care_beds": 1},
        bad={"day_care_beds": 0},
        blank={"day_care_beds": None},
        words="未达（有条件）",
        column="日间照料床位",
    ),
    Case(
        "yubei_07a",
        "not_applicable",
        facts(facilities=[{"roles": STATION, "condition_met": False, "day_care_beds": 0}]),
        id="without_the_conditions",
    ),
    Case(
        "yubei_07a",
        "unknown",
        facts(facilities=[{"roles": STATION, "condition_met": None, "day_care_beds": 0}]),
        missing_contains="有条件有需求",
        id="nobody_says_whether_it_has_the_conditions",
    ),
    *facility_cases(
        "yubei_07b",
        {"roles": STATION, "condition_met": True},
        good={"canteen": True},
        bad={"canteen": False},
        blank={"canteen": None},
        words="未达（有条件）",
        column="食堂",
    ),
    *facility_cases(
        "yubei_08a",
        TOWN_CENTRE,
        good={"floor_area_m2": 800},
        bad={"floor_area_m2": 799},
        blank={"floor_area_m2": None},
        column="建筑面积",
    ),
    *facility_cases(
        "yubei_08b",
        {"roles": TOWN_CENTRE, "condition_met": True},
        good={"day_care_beds": 6, "short_stay_beds": 4},
        bad={"day_care_beds": 6, "short_stay_beds": 3},
        blank={"day_care_beds": None, "short_stay_beds": 4},
        words="未达（有条件）",
        column="日间照料床位",
    ),
    *facility_cases(
        "yubei_08c",
        {"roles": TOWN_CENTRE, "condition_met": True},
        good={"canteen": True},
        bad={"canteen": False},
        blank={"canteen": None},
        words="未达（有条件）",
        column="食堂",
    ),
    *facility_cases(
        "yubei_09",
        POINT,
        good={"own_room": True},
        bad={"own_room": False},
        blank={"own_room": None},
        column="用房",
    ),
    *facility_cases(
        "yubei_10a",
        CENTRE,
        good=RUN_BY_COMPANY,
        bad=RUN_BY_OFFICE,
        blank={"operator_kind": ""},
        column="运营方式",
    ),
    *rate_cases(
        "yubei_10b",
        {"roles": STATION},
        good={"operator_kind": "private_aided"},
        bad=RUN_BY_OFFICE,
        blank={"operator_kind": ""},
        threshold=0.5,
        column="运营方式",
    ),
    Case(
        "yubei_11a",
        "pass",
        facts(as_of=END_2020, facilities=many(2, roles=CENTRE, chain_complex=True)),
        low=2,
        high=2,
    ),
    Case(
        "yubei_11a",
        "fail",
        facts(
            as_of=END_2020,
            facilities=[
                {"roles": CENTRE, "chain_complex": True},
                {"roles": CENTRE, "chain_complex": False},
            ],
        ),
        low=1,
        high=1,
        words_contain="未达到",
    ),
    Case(
        "yubei_11a",
        "unknown",
        facts(as_of=END_2020, facilities=many(3, roles=CENTRE)),
        missing_contains="连锁综合体",
    ),
    Case(
        "yubei_11b",
        "pass",
        facts(
            as_of=END_2020,
            facilities=[
                {"facility_id": "A", "roles": CENTRE},
                {"facility_id": "B", "roles": CENTRE},
                {"roles": STATION, "operator_centre": "A"},
            ],
        ),
        low=0.5,
        high=0.5,
    ),
    Case(
        "yubei_11b",
        "fail",
        facts(
            as_of=END_2020,
            facilities=[
                {"facility_id": "A", "roles": CENTRE},
                {"facility_id": "B", "roles": CENTRE},
                {"facility_id": "T", "roles": TOWN_CENTRE},
                {"roles": STATION, "operator_centre": "T"},
            ],
        ),
        low=0,
        high=0,
        words_contain="未达到",
        id="a_town_centre_is_not_urban",
    ),
    Case(
        "yubei_11b",
        "unknown",
        facts(
            as_of=END_2020,
            facilities=[{"roles": CENTRE}, {"roles": STATION}],
        ),
        missing_contains="带站",
    ),
    *facility_cases(
        "yubei_12",
        STATION,
        good={"adviser": True},
        bad={"adviser": False},
        blank={"adviser": None},
        words="尚未",
        column="养老顾问",
    ),
    *typed_cases("yubei_13a", target=2500, day=END_2020),
    *typed_cases("yubei_13b", target=5000, day=END_2021),
    Case(
        "yubei_14a",
        "pass",
        facts(
            as_of=END_2020,
            facilities=[
                *many(8, roles="meal_point", accepted_date="2020-10-01"),
                {"roles": STATION, "canteen": True, "accepted_date": "2020-02-01"},
                {
                    "roles": STATION,
                    "canteen": True,
                    "accepted_date": "2018-02-01",
                    "canteen_date": "2020-12-01",
                },
            ],
        ),
        low=10,
        high=10,
        id="canteens_of_stations_count",
    ),
    Case(
        "yubei_14a",
        "fail",
        facts(
            as_of=END_2020,
            facilities=[
                *many(9, roles="meal_point", accepted_date="2020-10-01"),
                {
                    "roles": "meal_point",
                    "accepted_date": "2019-10-01",
                    "canteen_date": "2019-10-01",
                },
            ],
        ),
        low=9,
        high=9,
        words_contain="未达到",
    ),
    Case(
        "yubei_14a",
        "unknown",
        facts(
            as_of=END_2020,
            facilities=[
                *many(9, roles="meal_point", accepted_date="2020-10-01"),
                {"roles": STATION, "canteen": None, "accepted_date": "2020-10-01"},
            ],
        ),
        low=9,
        high=10,
        missing_contains="食堂",
    ),
    Case(
        "yubei_14b",
        "indicator",
        facts(
            elders=[
                {"groups": "destitute_scattered", "receives": "助餐补贴"},
                {"groups": "low_income", "receives": "高龄津贴"},
                {"groups": "living_alone", "receives": "助餐补贴"},
            ]
        ),
        low=0.5,
        high=0.5,
    ),
    Case(
        "yubei_14b",
        "unknown",
        facts(elders=[{"groups": "disabled", "receives": ""}]),
        missing_contains="已享受",
    ),
    *typed_cases("yubei_15a", target=100, day=END_2020),
    *typed_cases("yubei_15b", target=100, day=END_2021),
    *sum_cases("yubei_15c", ("yubei_15a", "yubei_15b"), each=(100, 100)),
    *typed_cases("yubei_15c", target=200, day=END_2021),
    Case(
        "yubei_16",
        "indicator",
        facts(elders=[{"home_bed": True}, {"home_bed": True}, {"home_bed": False}]),
        low=2,
        high=2,
    ),
    Case(
        "yubei_16",
        "unknown",
        facts(elders=[{"groups": "disabled"}]),
        missing_contains="家庭养老床位",
    ),
    Case(
        "yubei_17",
        "pass",
        facts(
            units=[
                {
                    "unit_kind": "street",
                    "main_urban": True,
                    "population": 60_000,
                    "care_land_m2": 12_000,
                },
                {"unit_kind": "town", "main_urban": False, "population": 30_000},
            ]
        ),
        low=0.2,
        high=0.2,
        id="other_towns_are_outside",
    ),
    Case(
        "yubei_17",
        "fail",
        facts(
            units=[
                {
                    "unit_kind": "street",
                    "main_urban": True,
                    "population": 60_000,
                    "care_land_m2": 11_999,
                }
            ]
        ),
        words_contain="未达到",
    ),
    Case(
        "yubei_17",
        "unknown",
        facts(units=[{"unit_kind": "street", "main_urban": True, "population": 60_000}]),
        missing_contains="养老用地",
    ),
    Case(
        "yubei_17",
        "unknown",
        facts(units=[{"unit_kind": "street", "main_urban": False, "population": 60_000}]),
        id="no_unit_is_said_to_be_urban",
    ),
    *yes_no_cases("yubei_18a"),
    *yes_no_cases("yubei_18b"),
    *typed_cases("yubei_19a", target=500, day=END_2020),
    *typed_cases("yubei_19b", target=500, day=END_2021),
    *sum_cases("yubei_19c", ("yubei_19a", "yubei_19b"), each=(500, 500)),
    *typed_cases("yubei_19d", target=50, day=END_2020),
    *typed_cases("yubei_19e", target=50, day=END_2021),
    *sum_cases("yubei_19f", ("yubei_19d", "yubei_19e"), each=(50, 50)),
    *typed_cases("yubei_19g", target=5, day=END_2020),
    Case(
        "yubei_20",
        "indicator",
        facts(
            elders=[
                {"groups": "dementia", "has_record": True, "needs": "助餐"},
                {"groups": "special_family", "has_record": True, "needs": ""},
                {"groups": "aged_80", "has_record": False, "needs": ""},
            ]
        ),
        low=0.5,
        high=0.5,
        id="only_very_old_is_outside",
    ),
    Case(
        "yubei_20",
        "unknown",
        facts(elders=[{"groups": "disabled", "has_record": None, "needs": "助餐"}]),
        missing_contains="已建档",
    ),
    *assessed_cases("yubei_21a", target=400, first="2020-09-01", last=END_2020),
    *assessed_cases("yubei_21b", target=600, first="2021-01-01", last=END_2021),
    *assessed_cases("yubei_21c", target=1000, first="2020-01-01", last=END_2021),
    Case(
        "yubei_22",
        "pass",
        facts(
            as_of=END_2020,
            elders=[
                {
                    "groups": "destitute_scattered;disabled",
                    "asks_placement": True,
                    "placed": True,
                },
                {"groups": "destitute_central;disabled"},
                {"groups": "destitute_scattered;disabled", "asks_placement": False},
                {"groups": "destitute_scattered", "asks_placement": True, "placed": False},
            ],
        ),
        low=1,
        high=1,
    ),
    Case(
        "yubei_22",
        "fail",
        facts(
            as_of=END_2020,
            elders=[
                {
                    "groups": "destitute_scattered;disabled",
                    "asks_placement": True,
                    "placed": False,
                },
                {"groups": "destitute_central;disabled"},
            ],
        ),
        low=0.5,
        high=0.5,
        words_contain="未达到",
    ),
    Case(
        "yubei_22",
        "unknown",
        facts(
            as_of=END_2020,
            elders=[
                {
                    "groups": "destitute_scattered;disabled",
                    "asks_placement": None,
                    "placed": False,
                },
                {"groups": "destitute_central;disabled"},
            ],
        ),
        missing_contains="集中供养",
    ),
    *facility_cases(
        "yubei_23a",
        {"roles": "care_home;town_centre", "welfare_home": True},
        good={"nursing_beds": 25},
        bad={"nursing_beds": 19},
        blank={"nursing_beds": None},
        column="护理型床位",
    ),
    *facility_cases(
        "yubei_23b",
        HOME,
        good={"day_care_beds": 4, "short_stay_beds": 6},
        bad={"day_care_beds": 4, "short_stay_beds": 5},
        blank={"day_care_beds": 4, "short_stay_beds": None},
        column="短托床位",
    ),
    *facility_cases(
        "yubei_23c",
        HOME,
        good={"canteen": True},
        bad={"canteen": False},
        blank={"canteen": None},
        column="食堂",
    ),
    *facility_cases(
        "yubei_23d",
        HOME,
        good={"zones": HOME_ZONES},
        bad={"zones": "托养护理;生活照料"},
        blank={"zones": ""},
        column="功能区",
    ),
    Case(
        "yubei_23e",
        "pass",
        facts(
            as_of=END_2020,
            facilities=[
                {**HOME, "stage": "siting", "accepted_date": ""},
                {**HOME, "stage": "building", "accepted_date": ""},
                {**HOME, "stage": "siting", "accepted_date": ""},
                {**HOME, "stage": "operating", "accepted_date": "2011-06-01"},
            ],
        ),
        low=3,
        high=3,
        id="an_old_home_is_none_of_the_three",
    ),
    Case(
        "yubei_23e",
        "fail",
        facts(
            as_of=END_2020,
            facilities=[
                {**HOME, "stage": "siting", "accepted_date": ""},
                {**HOME, "stage": "siting", "accepted_date": ""},
                {**HOME, "stage": "planned", "accepted_date": ""},
                {**HOME, "stage": "operating", "accepted_date": "2011-06-01"},
            ],
        ),
        low=2,
        high=2,
        words_contain="未达到",
    ),
    Case(
        "yubei_23e",
        "unknown",
        facts(
            as_of=END_2020,
            facilities=[
                *many(2, **HOME, stage="siting", accepted_date=""),
                {"roles": "care_home", "welfare_home": None, "stage": "siting"},
            ],
        ),
        low=2,
        high=3,
        missing_contains="敬老院",
    ),
    Case(
        "yubei_23f",
        "pass",
        facts(
            as_of=END_2021,
            facilities=[
                *many(2, **HOME, stage="building", accepted_date=""),
                {**HOME, "stage": "operating", "accepted_date": "2021-10-01"},
            ],
        ),
        low=3,
        high=3,
    ),
    Case(
        "yubei_23f",
        "fail",
        facts(
            as_of=END_2021,
            facilities=[
                *many(2, **HOME, stage="building", accepted_date=""),
                {**HOME, "stage": "siting", "accepted_date": ""},
            ],
        ),
        low=2,
        high=2,
        words_contain="未达到",
    ),
    Case(
        "yubei_23f",
        "unknown",
        facts(
            as_of=END_2021,
            facilities=[
                *many(2, **HOME, stage="building", accepted_date=""),
                {**HOME, "stage": "", "accepted_date": ""},
            ],
        ),
        low=2,
        high=3,
        missing_contains="阶段",
    ),
    *rate_cases(
        "yubei_24a",
        {"roles": POINT},
        good={"operator_kind": "private"},
        bad=RUN_BY_OFFICE,
        blank={"operator_kind": ""},
        threshold=0.6,
        column="运营方式",
    ),
    *rate_cases(
        "yubei_24b",
        {"roles": "care_home", "ownership": "public"},
        good={"open_beds": 12},
        bad={"open_beds": 0},
        blank={"open_beds": None},
        threshold=0.35,
        column="开放床位",
    ),
    Case(
        "yubei_25a",
        "pass",
        facts(as_of=END_2020, facilities=many(20, roles=POINT, operator_centre="A")),
        low=20,
        high=20,
    ),
    Case(
        "yubei_25a",
        "fail",
        facts(
            as_of=END_2020,
            facilities=[
                *many(19, roles=POINT, operator_centre="A"),
                {"roles": POINT, "operator_centre": ""},
                {"roles": STATION, "operator_centre": "A"},
            ],
        ),
        low=19,
        high=19,
        words_contain="未达到",
    ),
    Case(
        "yubei_25a",
        "unknown",
        facts(as_of=END_2020, facilities=many(30, roles=POINT)),
        missing_contains="带站",
    ),
    Case(
        "yubei_25b",
        "pass",
        facts(as_of=END_2021, facilities=many(50, roles=POINT, operator_centre="A")),
        low=50,
        high=50,
    ),
    Case(
        "yubei_25b",
        "fail",
        facts(as_of="2021-06-30", facilities=many(35, roles=POINT, operator_centre="A")),
        low=35,
        high=35,
        words_contain="尚未",
        id="not_due",
    ),
    Case(
        "yubei_25b",
        "unknown",
        facts(as_of=END_2021, facilities=many(60, roles=POINT)),
        missing_contains="带站",
    ),
    Case(
        "yubei_25c",
        "indicator",
        facts(stated=[{"clause_id": "yubei_25c", "figure": 36}]),
        low=36,
        high=36,
    ),
    Case("yubei_25c", "unknown", facts(stated=[]), missing_contains="填报"),
    Case(
        "yubei_26",
        "indicator",
        facts(
            as_of="2021-06-30",
            elders=[
                {"groups": "left_behind", "setting": "rural", "last_visit": "2021-04-01"},
                {"groups": "left_behind", "setting": "rural", "last_visit": "2021-03-31"},
                {"groups": "left_behind", "setting": "urban", "last_visit": "2021-05-01"},
                {"groups": "living_alone", "setting": "rural", "last_visit": "2021-05-01"},
            ],
        ),
        low=0.5,
        high=0.5,
        id="this_quarter_only",
    ),
    Case(
        "yubei_26",
        "unknown",
        facts(elders=[{"groups": "left_behind", "setting": "rural", "last_visit": ""}]),
        missing_contains="最近探访",
    ),
    Case(
        "yubei_27",
        "indicator",
        facts(
            elders=many(10),
            coverage=[{"circle": "meals_15", "covered": 6, "uncovered": 3, "undetermined": 1}],
        ),
        low=0.6,
        high=0.7,
    ),
    Case("yubei_27", "unknown", facts(elders=many(10)), missing_contains="服务圈"),
    Case(
        "yubei_28",
        "indicator",
        facts(
            facilities=[
                {"roles": STATION, "address": "某路1号", "phone": "0", "hours": "9:00-17:00"},
                {"roles": STATION, "address": "某路2号", "phone": "0", "hours": ""},
                {"roles": "hospital", "address": "", "phone": "", "hours": ""},
            ]
        ),
        low=0.5,
        high=0.5,
        id="a_hospital_is_no_care_facility",
    ),
    Case(
        "yubei_28",
        "unknown",
        facts(facilities=[{"roles": STATION, "address": "某路1号"}]),
        missing_contains="电话",
    ),
    Case(
        "yubei_29",
        "indicator",
        facts(
            facilities=[
                {"roles": STATION, "monitored": True},
                {"roles": "care_home", "monitored": False},
            ]
        ),
        low=0.5,
        high=0.5,
    ),
    Case(
        "yubei_29",
        "unknown",
        facts(facilities=[{"roles": STATION, "monitored": None}]),
        missing_contains="在线监测",
    ),
    Case(
        "yubei_30a",
        "pass",
        facts(
            facilities=[
                {"roles": CENTRE, "x": 0, "y": 0},
                {"roles": "community_health_centre", "x": 0, "y": 300},
            ]
        ),
        low=1,
        high=1,
    ),
    Case(
        "yubei_30a",
        "fail",
        facts(
            facilities=[
                {"roles": CENTRE, "x": 0, "y": 0},
                {"roles": "community_health_centre", "x": 0, "y": 301},
                {"roles": "township_health_centre", "x": 0, "y": 10},
            ]
        ),
        low=0,
        high=0,
        words_contain="未达（鼓励）",
    ),
    Case(
        "yubei_30a",
        "unknown",
        facts(facilities=[{"roles": CENTRE, "x": 0, "y": 0}]),
        missing_contains="社区卫生服务中心",
    ),
    Case(
        "yubei_30a",
        "unknown",
        facts(facilities=[{"roles": CENTRE}, {"roles": "community_health_centre"}]),
        id="nobody_knows_where_they_are",
    ),
    Case(
        "yubei_30b",
        "pass",
        facts(
            facilities=[
                {"roles": TOWN_CENTRE, "x": 0, "y": 0},
                {"roles": "township_health_centre", "x": 180, "y": 240},
            ]
        ),
        low=1,
        high=1,
    ),
    Case(
        "yubei_30b",
        "fail",
        facts(
            facilities=[
                {"roles": TOWN_CENTRE, "x": 0, "y": 0},
                {"roles": "township_health_centre", "x": 2000, "y": 0},
            ]
        ),
        low=0,
        high=0,
        words_contain="未达（鼓励）",
    ),
    Case(
        "yubei_30b",
        "unknown",
        facts(facilities=[{"roles": TOWN_CENTRE, "x": 0, "y": 0}]),
        missing_contains="乡镇卫生院",
    ),
    *facility_cases(
        "yubei_31",
        {**HOME, "upgraded": True},
        good={"own_clinic": True},
        bad={"own_clinic": False},
        blank={"own_clinic": None},
        column="内设医疗",
    ),
    Case(
        "yubei_31",
        "not_applicable",
        facts(
            facilities=[
                {**HOME, "upgraded": False, "accepted_date": "2012-01-01", "own_clinic": False}
            ]
        ),
        id="an_old_home_is_not_asked",
    ),
    Case(
        "yubei_32a",
        "pass",
        facts(
            as_of=END_2020,
            facilities=[
                {"roles": "care_home;town_centre", "beds": 80, "nursing_beds": 25},
                {"roles": CENTRE, "beds": 20, "nursing_beds": 5},
                {"roles": "hospital", "beds": 500, "nursing_beds": 0},
            ],
        ),
        low=0.3,
        high=0.3,
        id="all_care_beds_once",
    ),
    Case(
        "yubei_32a",
        "fail",
        facts(
            as_of=END_2020,
            facilities=[
                {"roles": "care_home", "beds": 70, "nursing_beds": 29},
                {"roles": STATION, "beds": 30, "nursing_beds": 0},
            ],
        ),
        low=0.29,
        high=0.29,
        words_contain="未达到",
        id="beds_of_stations_are_in_the_whole",
    ),
    Case(
        "yubei_32a",
        "unknown",
        facts(
            as_of=END_2020,
            facilities=[
                {"roles": "care_home", "beds": 70, "nursing_beds": 25},
                {"roles": STATION, "beds": 30, "nursing_beds": None},
            ],
        ),
        low=0.25,
        high=0.55,
        missing_contains="护理型床位",
    ),
    Case(
        "yubei_32b",
        "pass",
        facts(
            as_of=END_2020,
            facilities=[
                *many(4, roles="care_home", own_clinic=True),
                {"roles": "care_home;nursing_home", "own_clinic": False},
            ],
        ),
        low=5,
        high=5,
    ),
    Case(
        "yubei_32b",
        "fail",
        facts(
            as_of=END_2020,
            facilities=[
                *many(4, roles="care_home", own_clinic=True),
                {"roles": "care_home", "own_clinic": False},
                {"roles": STATION, "own_clinic": True},
            ],
        ),
        low=4,
        high=4,
        words_contain="未达到",
    ),
    Case(
        "yubei_32b",
        "unknown",
        facts(
            as_of=END_2020,
            facilities=[
                *many(4, roles="care_home", own_clinic=True),
                {"roles": "care_home", "own_clinic": None},
            ],
        ),
        low=4,
        high=5,
        missing_contains="内设医疗",
    ),
    Case(
        "yubei_33",
        "pass",
        facts(
            as_of=END_2020,
            facilities=[
                {"roles": STATION, "contracts": "H1"},
                {"roles": "hospital", "contracts": ""},
            ],
        ),
        low=1,
        high=1,
    ),
    Case(
        "yubei_33",
        "fail",
        facts(
            as_of=END_2020,
            facilities=[
                {"roles": STATION, "contracts": "H1"},
                {"roles": "care_home", "contracts": ""},
            ],
        ),
        low=0.5,
        high=0.5,
        words_contain="未达（力争）",
    ),
    Case(
        "yubei_33",
        "unknown",
        facts(as_of=END_2020, facilities=[{"roles": STATION}]),
        missing_contains="签约机构",
    ),
    Case(
        "yubei_34",
        "pass",
        facts(
            as_of=END_2020,
            elders=[
                {"age": 65, "willing": True, "signed": True, "groups": ""},
                {"age": 64, "willing": True, "signed": False, "groups": ""},
                {"age": 80, "willing": False, "signed": False, "groups": ""},
                {"age": 80, "willing": True, "signed": False, "groups": "destitute_central"},
            ],
        ),
        low=1,
        high=1,
        id="65_willing_at_home",
    ),
    Case(
        "yubei_34",
        "fail",
        facts(
            as_of=END_2020,
            elders=[
                {"age": 65, "willing": True, "signed": True, "groups": ""},
                {"age": 70, "willing": True, "signed": False, "groups": ""},
            ],
        ),
        low=0.5,
        high=0.5,
        words_contain="未达到",
    ),
    Case(
        "yubei_34",
        "unknown",
        facts(
            as_of=END_2020,
            elders=[{"age": 70, "willing": True, "signed": None, "groups": ""}],
        ),
        missing_contains="签约",
    ),
    Case(
        "yubei_35",
        "indicator",
        facts(
            facilities=[
                {"roles": STATION, "rating": "三级"},
                {"roles": CENTRE, "rating": ""},
                {"roles": "care_home;town_centre", "rating": "五级"},
            ]
        ),
        low=0.5,
        high=0.5,
        id="a_home_that_is_also_a_centre_is_graded_as_a_home",
    ),
    Case("yubei_35", "unknown", facts(facilities=[{"roles": STATION}]), missing_contains="等级"),
    *typed_cases("yubei_36a", target=3, day=END_2020),
    *typed_cases("yubei_36b", target=9, day=END_2021),
    *sum_cases("yubei_36c", ("yubei_36a", "yubei_36b"), each=(3, 9)),
    *typed_cases("yubei_36d", target=300, day=END_2020),
    *typed_cases("yubei_37a", target=100, day=END_2020),
    *typed_cases("yubei_37b", target=100, day=END_2021),
    *sum_cases("yubei_37c", ("yubei_37a", "yubei_37b"), each=(100, 100)),
    *adapted_cases("yubei_37d", HOME, target=10, first="2020-08-01", last=END_2020),
    *adapted_cases("yubei_37e", HOME, target=11, first="2021-08-01", last=END_2021),
    *adapted_cases("yubei_37f", HOME, target=21, first="2020-01-01", last=END_2021),
    *adapted_cases("yubei_37g", {"roles": STATION}, target=20, first="2020-08-01", last=END_2020),
    *adapted_cases("yubei_37h", {"roles": STATION}, target=20, first="2021-08-01", last=END_2021),
    *adapted_cases("yubei_37i", {"roles": POINT}, target=40, first="2020-08-01", last=END_2021),
    Case(
        "yubei_37g",
        "fail",
        facts(
            as_of=END_2020,
            facilities=many(
                20,
                roles="care_home;town_centre",
                welfare_home=True,
                age_adapted=True,
                adapted_date="2020-08-01",
            ),
        ),
        low=0,
        high=0,
        id="homes_are_counted_as_homes",
    ),
    *typed_cases("yubei_38a", target=1, day=END_2020),
    Case(
        "yubei_38b",
        "pass",
        facts(
            as_of=END_2021,
            facilities=[{"facility_id": f"S{n}", "roles": STATION} for n in range(10)],
            services=[{"facility_id": f"S{n}", "service": "aids"} for n in range(10)],
        ),
        low=10,
        high=10,
    ),
    Case(
        "yubei_38b",
        "fail",
        facts(
            as_of=END_2021,
            facilities=[{"facility_id": f"S{n}", "roles": STATION} for n in range(10)],
            services=[{"facility_id": "S0", "service": "aids"}] * 9
            + [{"facility_id": "S1", "service": "meals"}],
        ),
        low=1,
        high=1,
        words_contain="未达到",
        id="one_site_one_count",
    ),
    Case(
        "yubei_38b",
        "unknown",
        facts(as_of=END_2021, facilities=[{"roles": STATION}]),
        missing_contains="服务",
    ),
    *typed_cases("yubei_39", target=0.8, day=END_2020, short=0.79),
]

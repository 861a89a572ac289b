"""What each clause of the national reference says of lists that meet it, miss it or are blank."""

from policy.case import Case
from policy.facts_of import facts

LAST_DAY = "2025-12-31"
NOT_MET = "未达（力争）"
HOME = {"roles": "care_home", "beds": 100, "nursing_beds": 55}
VISITED = {"groups": "living_alone", "last_visit": "2025-12-01"}
HOSPITAL = {
    "roles": "hospital",
    "general_hospital": True,
    "hospital_level": 2,
    "geriatrics": True,
}


def circle(clause_id, name):
    """Return the share inside a circle, with bounds, and the circle without roads."""
    row = {"circle": name, "setting": "urban", "covered": 6, "uncovered": 3, "undetermined": 1}
    return [
        Case(clause_id, "indicator", facts(coverage=[row]), low=0.6, high=0.7),
        Case(clause_id, "unknown", facts(), missing_contains="测算结果"),
    ]


def typed(clause_id, *, met, missed):
    """Return pass, fail and unknown of a typed-in figure."""

    def of(figure):
        return facts(as_of=LAST_DAY, stated=[{"clause_id": clause_id, "figure": figure}])

    return [
        Case(clause_id, "pass", of(met), low=met, high=met),
        Case(clause_id, "fail", of(missed), words_contain=NOT_MET),
        Case(clause_id, "unknown", facts(as_of=LAST_DAY, stated=[]), missing_contains=clause_id),
    ]


def homes(*rows):
    return facts(as_of=LAST_DAY, facilities=rows)


def people(*rows):
    return facts(as_of=LAST_DAY, elders=rows)


CASES = [
    *circle("national_01", "medical_15_urban"),
    *circle("national_02", "elder_care_15"),
    *circle("national_03", "elder_care_5"),
    Case("national_04", "pass", homes(HOME), low=0.55, high=0.55),
    # Beds of centres are no beds of homes.
    Case(
        "national_04",
        "fail",
        homes({**HOME, "nursing_beds": 54}, {**HOME, "roles": "street_centre"}),
        low=0.54,
        high=0.54,
        words_contain=NOT_MET,
    ),
    Case(
        "national_04",
        "fail",
        facts(as_of="2023-06-30", facilities=[{**HOME, "nursing_beds": 20}]),
        words_contain="未到期",
    ),
    Case(
        "national_04",
        "unknown",
        homes(HOME, {**HOME, "nursing_beds": None}),
        low=0.275,
        high=0.775,
        missing_contains="护理型床位",
    ),
    Case("national_05", "pass", people(VISITED, {"groups": "low_income"}), low=1.0, high=1.0),
    Case(
        "national_05",
        "fail",
        people(VISITED, {**VISITED, "last_visit": "2025-11-30"}),
        low=0.5,
        high=0.5,
        words_contain=NOT_MET,
    ),
    Case(
        "national_05",
        "unknown",
        people(VISITED, {**VISITED, "last_visit": None}),
        low=0.5,
        high=1.0,
        missing_contains="最近探访",
    ),
    *typed("national_06", met=1.0, missed=0.95),
    Case("national_07", "pass", homes(*[HOSPITAL] * 3, {**HOSPITAL, "hospital_level": 1}), low=1.0),
    Case(
        "national_07",
        "pass",
        homes(*[HOSPITAL] * 3, *[{**HOSPITAL, "geriatrics": False}] * 2),
        low=0.6,
        high=0.6,
    ),
    Case(
        "national_07",
        "fail",
        homes(HOSPITAL, {**HOSPITAL, "geriatrics": False}),
        low=0.5,
        words_contain=NOT_MET,
    ),
    Case(
        "national_07",
        "unknown",
        homes(HOSPITAL, {**HOSPITAL, "geriatrics": None}),
        low=0.5,
        high=1.0,
        missing_contains="老年医学科",
    ),
    *typed("national_08", met=1.0, missed=0.8),
]

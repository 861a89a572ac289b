"""Conditions on rows: three-valued, as the notice writes words, on the run's day."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from policy.facts_of import facts
from pydantic import TypeAdapter

from care_map.packs.conditions import Condition
from care_map.policy.answers import Answers, all_of, any_of, negated
from care_map.policy.cells import Cells
from care_map.policy.conditions import answer, fields_of

CONDITION = TypeAdapter(Condition)
WORD = {True: "yes", False: "no", None: "unknown"}


def asked(condition, *rows, kind="facilities", named=None, **lists):
    """Return the answer of each row as True, False or None, and what the unknown ones lack."""
    told = facts(**{kind: list(rows), **lists})
    names = {name: CONDITION.validate_python(one) for name, one in (named or {}).items()}
    found = answer(CONDITION.validate_python(condition), Cells(told, kind), named=names)
    return values(found), {name: rows.tolist() for name, rows in found.missing.items()}


def values(answers):
    return [
        True if yes else False if no else None
        for yes, no in zip(answers.yes, answers.no, strict=True)
    ]


# One cell


@pytest.mark.parametrize(
    ("test", "cells", "expected"),
    [
        ({"at_least": 1500}, [1500, 1499.99, None], [True, False, None]),
        ({"more_than": 0.65}, [0.65, 0.6500001, None], [False, True, None]),
        ({"at_most": 6}, [6, 6.01, None], [True, False, None]),
        ({"less_than": 6}, [6, 5.99, None], [False, True, None]),
        ({"at_least": 200, "less_than": 300}, [199, 200, 299, 300], [False, True, True, False]),
        ({"at_least": 200, "more_than": 100}, [200, 199], [True, False]),
        ({"at_most": 200, "less_than": 300}, [200, 201], [True, False]),
        ({"is": 250}, [250, 251, None], [True, False, None]),
        ({"present": True}, [0, None], [True, False]),
        ({"present": False}, [0, None], [False, True]),
    ],
)
def test_numbers(test, cells, expected):
    rows = [{"floor_area_m2": cell} for cell in cells]
    assert asked({"field": "floor_area_m2", **test}, *rows)[0] == expected


def test_flags():
    rows = [{"own_clinic": True}, {"own_clinic": False}, {"own_clinic": None}]
    assert asked({"field": "own_clinic", "is": True}, *rows)[0] == [True, False, None]
    assert asked({"field": "own_clinic", "is": False}, *rows)[0] == [False, True, None]


def test_words_are_compared_without_spaces_widths_and_rooms():
    rows = [{"zones": "休闲 娱乐区；"}, {"zones": ["文化教育室", "ＣＴ"]}, {"zones": "文化"}, {}]
    rows[0]["zones"] = ["休闲 娱乐区", "阅览"]
    assert asked({"field": "zones", "has_any": ["休闲娱乐", "文化教育"]}, *rows)[0] == [
        True,
        True,
        False,
        None,
    ]
    assert asked({"field": "zones", "has_all": ["文化教育区", "ct"]}, *rows)[0][1] is True


def test_an_empty_list_cell_is_unknown_but_no_group_is_none():
    """Coverage by group reads an empty cell so as well."""
    rows = [{"groups": "aged_80"}, {"groups": None}]
    condition = {"field": "groups", "has_any": ["aged_80"]}
    assert asked(condition, *rows, kind="elders")[0] == [True, False]
    assert asked(condition, {}, {}, kind="elders") == ([None, None], {"groups": [True, True]})


def test_dates_after_the_day_have_not_happened():
    days = ["2021-05-31", "2021-06-01", "2021-06-30", "2021-07-01", None]
    rows = [{"accepted_date": day} for day in days]
    since = {"field": "accepted_date", "from": "2021-06-01", "until": "2021-12-31"}
    condition = CONDITION.validate_json(str(since).replace("'", '"'))
    found = answer(condition, Cells(facts(facilities=rows), "facilities"), named={})
    assert values(found) == [False, True, True, False, None]
    by_day = {"field": "accepted_date", "by_day": True}
    assert asked(by_day, *rows)[0] == [True, True, True, False, False]


@pytest.mark.parametrize(
    ("period", "expected"),
    [("month", [False, False, False, True]), ("quarter", [False, False, True, True])],
)
def test_in_period_is_that_of_the_day(period, expected):
    days = ["2025-07-01", "2025-03-31", "2025-05-31", "2025-06-01"]
    rows = [{"last_visit": day} for day in days]
    condition = {"field": "last_visit", "in_period": period}
    assert asked(condition, *rows, kind="elders", as_of="2025-06-30")[0] == expected


def test_rooms_are_named_as_lists_copy_them():
    words = ["生活照料功能区域", "生活照料区域", "生活照料间", "生活照料", "生活"]
    condition = {"field": "zones", "has_any": ["生活照料区"]}
    rows = [{"zones": word} for word in words]
    assert asked(condition, *rows)[0] == [True, True, True, True, False]


def test_a_missing_column_is_unknown_whatever_is_asked():
    for test in ({"present": True}, {"is": "x"}, {"by_day": True}, {"at_least": 1.0}):
        assert asked({"field": "accepted_date", **test}, {}, {})[0] == [None, None]


def test_a_sum_is_known_as_far_as_its_known_part_reaches():
    condition = {"field": "day_care_beds", "plus": ["short_stay_beds"], "at_least": 20}
    cells = [(12, 8), (12, 7), (20, None), (12, None), (None, None)]
    rows = [{"day_care_beds": a, "short_stay_beds": b} for a, b in cells]
    assert asked(condition, *rows)[0] == [True, False, True, None, None]


def test_a_quotient_is_exact():
    condition = {"field": "floor_area_m2", "per": "estate_households", "at_least": 0.2}
    cells = [(61.8, 309), (61.799, 309), (1, 0), (None, 5)]
    rows = [{"floor_area_m2": a, "estate_households": b} for a, b in cells]
    assert asked(condition, *rows)[0] == [True, False, None, None]


# Of the unit, the town, the facility, the services


UNITS = [
    {"unit_id": "T", "unit_kind": "street"},
    {"unit_id": "C", "unit_kind": "community", "parent_id": "T", "few_elders": True},
]


def test_columns_of_unit_and_town():
    rows = [{"unit_id": "C"}, {"unit_id": "T"}, {"unit_id": "?"}, {}]
    few = {"field": "unit.few_elders", "is": True}
    assert asked(few, *rows, units=UNITS)[0] == [True, None, None, None]
    street = {"field": "town.unit_kind", "is": "street"}
    assert asked(street, *rows, units=UNITS)[0] == [True, True, None, None]


def test_services_of_a_facility():
    rows = [{"facility_id": "A"}, {"facility_id": "B"}]
    services = [{"facility_id": "A", "service": "meals"}, {"facility_id": "A", "service": "health"}]
    meals = {"field": "services", "has_all": ["meals", "health"]}
    assert asked(meals, *rows, services=services)[0] == [True, None]
    assert asked(meals, *rows)[0] == [None, None]
    centre = {"field": "facility.roles", "has_any": ["street_centre"]}
    told = {"facilities": [{"facility_id": "A", "roles": "street_centre"}]}
    assert asked(centre, *services, kind="services", **told)[0] == [True, True]


# What is unknown, and for want of what


AREA = {
    "any": [
        {"field": "floor_area_m2", "at_least": 300},
        {
            "all": [
                {"field": "floor_area_m2", "at_least": 200},
                {"field": "unit.few_elders", "is": True},
            ]
        },
    ]
}


@pytest.mark.parametrize(
    ("few", "area", "expected"),
    [
        (True, 250, True),
        (None, 250, None),
        (False, 250, False),
        (None, 300, True),
        (None, 199, False),
        (True, None, None),
    ],
)
def test_a_station_of_250_square_metres(few, area, expected):
    units = [{"unit_id": "C", "unit_kind": "community", "few_elders": few}]
    rows = {"unit_id": "C", "floor_area_m2": area}
    assert asked(AREA, rows, units=units)[0] == [expected]


def test_only_what_would_decide_is_missing():
    units = [{"unit_id": "C", "unit_kind": "community", "few_elders": None}]
    rows = [{"unit_id": "C", "floor_area_m2": area} for area in (250, 300, None)]
    missing = asked(AREA, *rows, units=units)[1]
    assert missing["unit.few_elders"] == [True, False, True]
    assert missing["floor_area_m2"] == [False, False, True]


def test_numbers_of_elders_have_no_age():
    rows = [{"elders": 40, "origin": "unit", "age": 90, "unit_id": "C"}, {"age": 90}]
    assert asked({"field": "age", "at_least": 80}, *rows, kind="elders")[0] == [None, True]
    village = {"field": "unit.unit_kind", "is": "community"}
    assert asked(village, *rows, kind="elders", units=UNITS)[0] == [True, None]


def test_fields_are_those_that_a_condition_reads():
    named = {"big": CONDITION.validate_python({"field": "beds", "plus": ["day_care_beds"]})}
    condition = CONDITION.validate_python({"none_of": [AREA, {"named": "big"}]})
    assert fields_of(condition, named=named) == (
        "floor_area_m2",
        "unit.few_elders",
        "beds",
        "day_care_beds",
    )


# Kleene's logic


VALUES = (True, False, None)


def answers(*rows):
    return Answers(
        np.array([row is True for row in rows]), np.array([row is False for row in rows])
    )


def kleene_and(*parts):
    return False if False in parts else (None if None in parts else True)


@pytest.mark.parametrize("parts", list(itertools.product(VALUES, repeat=3)))
def test_tables_of_kleene(parts):
    single = [answers(part) for part in parts]
    assert values(all_of(single)) == [kleene_and(*parts)]
    flipped = [None if part is None else not part for part in parts]
    opposite = kleene_and(*flipped)
    assert values(any_of(single)) == [None if opposite is None else not opposite]


columns = st.lists(
    st.lists(st.sampled_from(VALUES), min_size=4, max_size=4), min_size=1, max_size=4
)


@given(columns)
def test_laws_of_kleene(table):
    parts = [answers(*column) for column in table]
    assert values(negated(all_of(parts))) == values(any_of([negated(part) for part in parts]))
    assert values(negated(negated(parts[0]))) == values(parts[0])
    assert values(all_of([parts[0], all_of(parts)])) == values(all_of(parts))
    assert values(any_of([parts[0], all_of(parts)])) == values(parts[0])


@given(columns, st.data())
def test_filling_an_unknown_changes_no_answer_that_is_known(table, data):
    filled = [
        [data.draw(st.booleans()) if cell is None else cell for cell in column] for column in table
    ]
    before = values(all_of([answers(*column) for column in table]))
    after = values(all_of([answers(*column) for column in filled]))
    assert all(b is None or b == a for b, a in zip(before, after, strict=True))
    assert None not in after

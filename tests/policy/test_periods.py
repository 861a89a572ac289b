"""Two periods side by side: clauses by id, ledgers by units that a crosswalk binds together."""

import datetime as dt

import pandas as pd
import pytest

from care_map.policy.periods import Period, compare_periods
from care_map.schema import CLAUSE_VERDICTS, LEDGER


def verdicts(*rows):
    full = [
        {
            "clause_id": name,
            "verdict": verdict,
            "figure_low": low,
            "figure_high": low,
            "title": name,
        }
        for name, verdict, low in rows
    ]
    return pd.DataFrame(full, columns=CLAUSE_VERDICTS.names)


def ledger(*rows):
    names = ("unit_id", "unit_name", "role", "year", "target", "due", "accepted", "late")
    full = [
        {
            **dict(zip(names, row, strict=True)),
            "total": False,
            "due_date": f"{row[3]}-12-31",
            "operating": 0,
            "existing_before": 0,
            "in_progress": 0,
        }
        for row in rows
    ]
    return pd.DataFrame(full, columns=LEDGER.names)


def units(**names):
    rows = [{"unit_id": unit, "name": name, "level": "town"} for unit, name in names.items()]
    return pd.DataFrame(rows, columns=["unit_id", "name", "level"])


def period(table=None, judged=None, **names):
    return Period(
        dt.date(2020, 12, 31),
        units(**names),
        verdicts() if judged is None else judged,
        ledger() if table is None else table,
    )


def links(*pairs):
    rows = [
        {
            "from_unit": one,
            "to_unit": two,
            "from_name": "",
            "to_name": "",
            "share": 1.0,
            "since": "",
        }
        for one, two in pairs
    ]
    return pd.DataFrame(rows)


def shown(changes):
    table = changes.ledger
    names = ["units_before", "units_after", "accepted_before", "accepted_after", "accepted_more"]
    return [
        tuple(None if pd.isna(c) else c for c in row) for row in table[names].to_numpy().tolist()
    ]


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ("pass", "pass", "same"),
        ("fail", "pass", "met"),
        ("pass", "fail", "missed"),
        ("unknown", "fail", "learned"),
        ("unknown", "indicator", "learned"),
        ("pass", "unknown", "lost"),
        ("depends", "pass", "other"),
        (None, "pass", "new"),
        ("pass", None, "gone"),
    ],
)
def test_what_became_of_a_clause(before, after, change):
    sides = [verdicts(*([("a_01", one, 0.5)] if one else [])) for one in (before, after)]
    found = compare_periods(period(judged=sides[0]), period(judged=sides[1])).verdicts
    assert found["change"].tolist() == [change]
    assert found["clause_id"].tolist() == ["a_01"]
    if before and after:
        assert found[["figure_low_before", "figure_low_after"]].to_numpy().tolist() == [[0.5, 0.5]]


def test_the_ledger_of_the_same_units():
    one = ledger(
        ("1", "甲镇", "town_centre", 2020, 1, 1, 0, 1),
        ("2", "乙镇", "town_centre", 2020, 1, 1, 1, 0),
    )
    two = ledger(
        ("1", "甲镇", "town_centre", 2020, 1, 1, 1, 0),
        ("2", "乙镇", "town_centre", 2020, 1, 1, 1, 0),
    )
    names = {"1": "甲镇", "2": "乙镇"}
    changes = compare_periods(period(one, **names), period(two, **names))
    assert shown(changes) == [("1", "1", 0, 1, 1), ("2", "2", 1, 1, 0)]
    assert changes.ledger["name"].tolist() == ["甲镇", "乙镇"]


def test_years_of_one_unit_are_one_row():
    one = ledger(
        ("1", "甲镇", "town_centre", 2019, 1, 1, 2, 0),
        ("1", "甲镇", "town_centre", 2020, 3, 4, 2, 2),
    )
    row = compare_periods(period(one, **{"1": "甲镇"}), period(one, **{"1": "甲镇"})).ledger.iloc[0]
    assert (row["target_before"], row["due_after"], row["late_after"]) == (4, 4, 2)


def test_other_codes_and_the_same_name():
    one = ledger(("甲镇", "甲镇", "town_centre", 2020, 1, 1, 0, 1))
    two = ledger(("500101001000", "甲镇", "town_centre", 2020, 1, 1, 1, 0))
    changes = compare_periods(period(one, 甲镇="甲镇"), period(two, **{"500101001000": "甲镇"}))
    assert shown(changes) == [("甲镇", "500101001000", 0, 1, 1)]


def test_units_that_were_merged_are_summed():
    one = ledger(
        ("1", "甲镇", "town_centre", 2020, 1, 1, 1, 0),
        ("2", "乙镇", "town_centre", 2020, 2, 2, 1, 1),
    )
    two = ledger(("3", "丙街道", "town_centre", 2020, 3, 3, 3, 0))
    before, after = period(one, **{"1": "甲镇", "2": "乙镇"}), period(two, **{"3": "丙街道"})
    changes = compare_periods(before, after, links=links(("1", "3"), ("2", "3")))
    assert shown(changes) == [("1;2", "3", 2, 3, 1)]
    row = changes.ledger.iloc[0]
    assert (row["late_before"], row["late_after"], row["name"]) == (1, 0, "丙街道")
    # The same the other way about: a unit that was split.
    back = compare_periods(after, before, links=links(("1", "3"), ("2", "3")))
    assert shown(back) == [("3", "1;2", 3, 2, -1)]


def test_without_a_crosswalk_nothing_is_bound_together():
    one = ledger(("1", "甲镇", "town_centre", 2020, 1, 1, 1, 0))
    two = ledger(("3", "丙街道", "town_centre", 2020, 3, 3, 3, 0))
    changes = compare_periods(period(one, **{"1": "甲镇"}), period(two, **{"3": "丙街道"}))
    assert sorted(shown(changes), key=str) == [("", "3", None, 3, None), ("1", "", 1, None, None)]


def test_what_is_unknown_stays_unknown_and_the_district_is_the_district():
    one = ledger(("all", "某区", "village_point", 2020, 9, 9, pd.NA, pd.NA))
    two = ledger(("all", "某区", "village_point", 2020, 9, 9, 4, 5))
    changes = compare_periods(period(one, **{"1": "甲镇"}), period(two, **{"1": "甲镇"}))
    assert shown(changes) == [("all", "all", None, 4, None)]


def test_tables_without_rows():
    changes = compare_periods(period(), period())
    assert changes.verdicts.empty
    assert changes.ledger.empty

"""Which columns an office has to fill in for its notice."""

import datetime as dt

import pytest

from care_map.packs.columns import columns_of
from care_map.packs.conditions import AllOf, Named
from care_map.packs.conditions import Test as Condition
from care_map.packs.pack_file import ClauseTable, PackFile, PackHeader
from care_map.packs.reader import pack_names, read_pack
from care_map.packs.rules import LedgerSum, Ratio, Share, Stated
from care_map.packs.used_columns import used_columns

HEADER = PackHeader(
    id="demo",
    name="某区",
    name_en="District",
    title="通知",
    document="1号",
    issued=dt.date(2020, 1, 1),
    version="1",
)


def pack(*rules, **conditions):
    clauses = tuple(
        ClauseTable(
            id=f"demo_{number}",
            row=number,
            cite="一",
            title="任务",
            title_en="task",
            text=("原文",),
            kind="F",
            strength="must",
            rule=rule,
        )
        for number, rule in enumerate(rules, start=1)
    )
    return PackFile(pack=HEADER, clause=clauses, condition=conditions)


def test_what_is_added_to_a_number_is_read_too():
    meets = Condition(field="day_care_beds", plus=("short_stay_beds",), at_least=10)
    found = used_columns(pack(Share(formula="share", rows="facilities", meets=meets)))
    assert found["facilities"] == {"day_care_beds", "short_stay_beds"}


def test_conditions_weights_and_what_they_are_divided_by():
    rule = Share(
        formula="share",
        rows="facilities",
        of=Named(named="homes"),
        meets=Condition(field="deposit_yuan", at_most=6, per="monthly_fee_yuan"),
        weight="beds",
    )
    homes = AllOf(
        all=(
            Condition(field="roles", has_any=("care_home",)),
            Condition(field="town.few_elders", is_=True),
        )
    )
    found = used_columns(pack(rule, homes=homes))
    facilities = {"roles", "deposit_yuan", "monthly_fee_yuan", "beds"}
    assert found["facilities"] == facilities
    assert found["units"] == {"few_elders"}
    assert found["elders"] == found["services"] == frozenset()


def test_a_ratio_reads_two_lists():
    rule = Ratio(
        formula="ratio",
        rows="facilities",
        numerator="social_workers",
        denominator="elders",
        over="units",
        over_of=Condition(field="main_urban", is_=True),
    )
    found = used_columns(pack(rule))
    assert found["facilities"] == {"social_workers"}
    assert found["units"] == {"elders", "main_urban"}


def test_services_of_a_facility_are_a_list_of_their_own():
    rule = Share(
        formula="share", rows="facilities", meets=Condition(field="services", has_any=("meals",))
    )
    found = used_columns(pack(rule))
    assert found["facilities"] == frozenset()
    assert found["services"] == {"facility_id", "service"}


def test_formulas_read_more_than_they_name_and_stated_ones_nothing():
    found = used_columns(pack(LedgerSum(formula="ledger", roles=("town_centre",))))
    assert {"roles", "stage", "accepted_date", "operating_date"} <= found["facilities"]
    found = used_columns(pack(Stated(formula="stated", answer="yes_no")))
    assert set(found.values()) == {frozenset()}


@pytest.mark.parametrize("name", pack_names())
def test_every_column_of_a_built_in_pack_can_be_asked_for(name):
    for rows, names in used_columns(read_pack(name)).items():
        assert names <= set(columns_of(rows))

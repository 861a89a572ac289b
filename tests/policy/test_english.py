"""Verdicts in English: nothing Chinese but what is quoted of the notice and of the lists."""

import datetime as dt

import pandas as pd
import pytest
from english import FOREIGN, clause_words, longest_first, strange
from policy.facts_of import facts
from policy.test_cases import MODULES, PACK_OF, cases_of, pack_of

from care_map.messages import catalogue
from care_map.packs.pack_file import LedgerTarget
from care_map.policy.ledger import build_ledger, ledger_left_out
from care_map.policy.scene import Scene
from care_map.policy.verdicts import judge_clause

ENGLISH = catalogue("en")


def words_of_lists(facts):
    """Return the Chinese that the lists of a case spell, each word of a cell by itself."""
    tables = (facts.units, facts.facilities, facts.services, facts.elders, facts.stated)
    cells = {cell for table in tables if len(table) for cell in table.to_numpy().flat}
    words = {cell for cell in cells if isinstance(cell, str) and FOREIGN.search(cell)}
    return {one for word in words for one in (word, *word.split(";"))}


def left_over(case, clause, pack):
    row, evidence = judge_clause(clause, Scene(pack, case.facts, ENGLISH))
    own = longest_first({pack.pack.responsible, *clause_words(clause), *words_of_lists(case.facts)})
    cells = {*row.values()}.union(*(evidence or {}).values())
    return {cell for cell in cells if isinstance(cell, str) and strange(cell, own)}


@pytest.mark.parametrize("module", MODULES)
def test_verdicts_are_english(module):
    pack = pack_of(PACK_OF[module])
    clauses = {clause.id: clause for clause in pack.clause}
    # What is met says no more than what is not.
    cases = [case for case in cases_of(module) if case.verdict != "pass"]
    found = [left_over(case, clauses[case.clause_id], pack) for case in cases]
    assert set().union(*found) == set()


@pytest.mark.parametrize("pack", sorted(set(PACK_OF.values())))
def test_measures_have_english_words(pack):
    measures = {getattr(clause.rule, "measure", "") for clause in pack_of(pack).clause} - {""}
    assert {word for word in measures if not ENGLISH.has(f"measure.{word}")} == set()


def test_ledgers_are_english():
    units = [
        {"unit_id": f"50015410{i}000", "name": name, "unit_kind": "town"}
        for i, name in enumerate(("Merged", "West", "East"), start=1)
    ]
    stations = [
        {"roles": "community_station", "unit_id": unit, "accepted_date": date, "name": f"S{i}"}
        for i, (unit, date) in enumerate(
            [("500154101000", "2020-05-01"), ("500154101000", ""), ("", "2020-05-01")] * 4
        )
    ]
    links = pd.DataFrame(
        [
            ("Alpha", "500154101000"),
            ("Beta", "500154101000"),
            ("Both", "500154102000"),
            ("Both", "500154103000"),
        ],
        columns=["from_unit", "to_unit"],
    )
    links = links.assign(from_name=links["from_unit"], to_name="")
    targets = [
        LedgerTarget(town=town, role="community_station", year=2020, target=3, note=note)
        for town, note in (("Alpha", "first"), ("Beta", "second"), ("Both", ""), ("Gone", ""))
    ]
    here = facts(as_of="2021-06-30", units=units, facilities=stations)
    options = {"plan_from": dt.date(2020, 1, 1), "links": links, "texts": ENGLISH}
    ledger = build_ledger(targets, here, **options)
    said = [
        *ledger["note"],
        *ledger["unit_name"],
        *ledger_left_out(targets, here, **options)["note"],
    ]
    assert "first; second; made of Alpha, Beta, targets added up" in " ".join(said)
    assert "West, East" in " ".join(said)
    assert [text for text in said if FOREIGN.search(text)] == []

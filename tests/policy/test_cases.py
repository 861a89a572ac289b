"""Every clause of every built-in pack: cases that pass, that fail and that are unknown."""

import importlib
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest
from policy.case import Case

from care_map.messages import catalogue
from care_map.packs.reader import pack_names, read_pack
from care_map.policy.scene import Scene
from care_map.policy.verdicts import judge_clause

MODULES = sorted(file.stem for file in Path(__file__).parent.glob("cases_*.py"))
PACK_OF = {module: module.removeprefix("cases_").split("__")[0] for module in MODULES}


STRENGTH_WORDS = {
    "must": "达到",
    "principle": "原则性",
    "conditional": "有条件",
    "aim": "力争",
    "support": "鼓励",
}


@cache
def pack_of(name):
    return read_pack(name)


@cache
def cases_of(module):
    return tuple(importlib.import_module(f"policy.{module}").CASES)


def cases_by_clause(pack):
    found = defaultdict(list)
    for module, name in PACK_OF.items():
        for case in cases_of(module) if name == pack else ():
            found[case.clause_id].append(case)
    return found


def named(module, case, number):
    return f"{PACK_OF[module]}-{case.clause_id}-{case.verdict}-{case.id or number}"


ALL = [
    pytest.param(PACK_OF[module], case, id=named(module, case, number))
    for module in MODULES
    for number, case in enumerate(cases_of(module))
]


def verdict(pack, case):
    """Return the row of the case's clause alone."""
    mine = [clause for clause in pack.clause if clause.id == case.clause_id]
    assert len(mine) == 1, f"{case.clause_id} is no clause of {pack.pack.id}"
    return judge_clause(mine[0], Scene(pack, case.facts, catalogue("zh")))[0]


@pytest.mark.parametrize(("pack", "case"), ALL)
def test_case(pack: str, case: Case):
    row = verdict(pack_of(pack), case)
    assert row["verdict"] == case.verdict, row["words"]
    if case.verdict == "unknown":
        assert row["missing"], row["words"]
    if case.verdict == "fail":
        assert STRENGTH_WORDS[row["strength"]] in row["words"]
    if case.low is not None:
        assert row["figure_low"] == pytest.approx(case.low, abs=1e-12)
    if case.high is not None:
        assert row["figure_high"] == pytest.approx(case.high, abs=1e-12)
    assert case.words_contain in row["words"]
    assert case.missing_contains in row["missing"]
    assert case.note_contains in row["note"]


def wanted(clause):
    """Return the verdicts that cases of a clause must show."""
    rule = clause.rule
    if clause.conflict is not None and not clause.conflict.judged_as:
        return {"source_conflict"}
    marks = (getattr(rule, name, None) for name in ("at_least", "more_than", "at_most"))
    has_mark = rule.formula == "ledger" or getattr(rule, "answer", "") == "yes_no"
    if has_mark or any(mark is not None for mark in marks):
        return {"pass", "fail", "unknown"}
    return {"indicator", "unknown"}


@pytest.mark.parametrize("pack", pack_names())
def test_every_clause_has_its_cases(pack: str):
    found = cases_by_clause(pack)
    lacking = {}
    for clause in pack_of(pack).clause:
        shown = {case.verdict for case in found[clause.id]}
        if missing := wanted(clause) - shown:
            lacking[clause.id] = sorted(missing)
    assert lacking == {}


@pytest.mark.parametrize("pack", pack_names())
def test_indicators_are_shown_with_their_figure(pack: str):
    bare = []
    for clause in pack_of(pack).clause:
        cases = cases_by_clause(pack)[clause.id]
        indicators = [case for case in cases if case.verdict == "indicator"]
        if indicators and all(case.low is None for case in indicators):
            bare.append(clause.id)
    assert bare == []

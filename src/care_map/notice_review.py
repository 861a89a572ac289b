"""A study's notice: its clauses judged, its ledger filled, as of one day."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TypedDict

import pandas as pd

from care_map.config import Study
from care_map.errors import Problem
from care_map.inputs.tables import Inputs
from care_map.messages import Catalogue, catalogue
from care_map.packs.pack_file import PackFile
from care_map.packs.pack_problems import unknown_circles
from care_map.packs.rules import PerUnit
from care_map.policy.facts import Facts
from care_map.policy.ledger import build_ledger, ledger_left_out, ledger_series
from care_map.policy.ledger_totals import ledger_totals
from care_map.policy.unit_mismatch import unit_mismatch
from care_map.policy.unit_service import unit_service
from care_map.policy.verdicts import judge_clauses
from care_map.policy_facts import policy_day, policy_facts
from care_map.schema import (
    CLAUSE_EVIDENCE,
    CLAUSE_VERDICTS,
    LEDGER,
    LEDGER_LEFT_OUT,
    LEDGER_SERIES,
    UNIT_SERVICE,
    Table,
)
from care_map.values import Statement
from care_map.vocabulary import VERDICTS

__all__ = ["NoticeReview", "empty_table", "notice_problems", "review_notice"]


_TABLES = (
    "clause_verdicts",
    "clause_evidence",
    "ledger",
    "ledger_left_out",
    "ledger_series",
    "unit_service",
)


def empty_table(table: Table) -> pd.DataFrame:
    """Return a table of the schema without rows."""
    return pd.DataFrame({name: pd.Series(dtype=object) for name in table.names})


@dataclass(frozen=True, slots=True)
class NoticeReview:
    """What comes of a notice; everything is empty for a study without one.

    Parameters
    ----------
    clause_verdicts, clause_evidence, ledger, ledger_left_out, ledger_series, unit_service
        The tables of :mod:`care_map.schema` of the same names.
    summary
        Key figures, JSON values only.
    statements
        What the verdicts rest on.
    """

    clause_verdicts: pd.DataFrame = field(default_factory=partial(empty_table, CLAUSE_VERDICTS))
    clause_evidence: pd.DataFrame = field(default_factory=partial(empty_table, CLAUSE_EVIDENCE))
    ledger: pd.DataFrame = field(default_factory=partial(empty_table, LEDGER))
    ledger_left_out: pd.DataFrame = field(default_factory=partial(empty_table, LEDGER_LEFT_OUT))
    ledger_series: pd.DataFrame = field(default_factory=partial(empty_table, LEDGER_SERIES))
    unit_service: pd.DataFrame = field(default_factory=partial(empty_table, UNIT_SERVICE))
    summary: Mapping[str, object] = field(default_factory=dict)
    statements: tuple[Statement, ...] = ()

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by name."""
        return {name: getattr(self, name) for name in _TABLES}


def review_notice(
    study: Study, inputs: Inputs, *, coverage: pd.DataFrame, access: pd.DataFrame
) -> NoticeReview:
    """Judge the clauses of a study's notice and fill its ledger.

    Parameters
    ----------
    study
        The study; nothing is judged of one without a pack.
    inputs
        Its lists.
    coverage, access
        Tables of the run; empty where nothing was measured.

    Returns
    -------
    NoticeReview
    """
    pack = study.pack
    if pack is None:
        return NoticeReview()
    texts = catalogue(study.language)
    facts = policy_facts(study, inputs, coverage, access)
    judged = judge_clauses(pack, facts, texts=texts)
    plan: _Plan = {
        "plan_from": pack.pack.plan_from,
        "own": inputs.targets if len(inputs.targets) else None,
        "links": inputs.crosswalk,
        "texts": texts,
    }
    ledger = build_ledger(pack.target, facts, district=pack.pack.name, **plan)
    day = policy_day(study, inputs)
    return NoticeReview(
        clause_verdicts=judged.verdicts,
        clause_evidence=judged.evidence,
        ledger=ledger,
        ledger_left_out=ledger_left_out(pack.target, facts, **plan),
        ledger_series=ledger_series(pack.target, facts, **plan),
        unit_service=_unit_service(pack, facts, texts),
        summary=_summary(pack, facts, judged.verdicts, ledger),
        statements=(Statement(f"policy_day_{day.of}", {"day": day.day.isoformat()}),),
    )


class _Plan(TypedDict):
    """What all ledgers of a study are made with."""

    plan_from: dt.date | None
    own: pd.DataFrame | None
    links: pd.DataFrame
    texts: Catalogue


def notice_problems(study: Study, inputs: Inputs) -> tuple[Problem, ...]:
    """Return what of a study does not fit its notice: circles that nobody defines, units.

    Parameters
    ----------
    study
        The study; of one without a pack only that its targets are not used.
    inputs
        Its lists.

    Returns
    -------
    tuple of Problem
        Names that do not fit, and what to do.
    """
    pack = study.pack
    if pack is None:
        source = study.file.name if study.file else ""
        count = len(inputs.targets)
        unused = Problem("targets_without_pack", "info", source, column="study.pack", count=count)
        return (unused,) if count else ()
    circles = unknown_circles(pack, (circle.id for circle in study.circles))
    return (*circles, *unit_mismatch(pack, inputs.units, inputs.crosswalk))


def _unit_service(pack: PackFile, facts: Facts, texts: Catalogue) -> pd.DataFrame:
    """Return the units that each clause of the notice owes a facility."""
    tables = [
        unit_service(clause.rule, facts, texts=texts).assign(clause_id=clause.id)
        for clause in pack.clause
        if isinstance(clause.rule, PerUnit)
    ]
    tables = [table for table in tables if len(table)]
    if not tables:
        return empty_table(UNIT_SERVICE)
    return pd.concat(tables, ignore_index=True)[UNIT_SERVICE.names]


def _summary(
    pack: PackFile, facts: Facts, verdicts: pd.DataFrame, ledger: pd.DataFrame
) -> dict[str, object]:
    found = verdicts["verdict"].value_counts()
    must = (verdicts["verdict"] == "fail") & (verdicts["strength"] == "must")
    missed = must & verdicts["due"].fillna(value=True).astype(bool)
    totals = ledger_totals(ledger, as_of=facts.as_of)
    # Whole numbers and flags as JSON knows them; what is unknown is null.
    plain = totals.astype(object).where(totals.notna(), None)
    return {
        "pack": {
            "id": pack.pack.id,
            "document": pack.pack.document,
            "version": pack.pack.version,
        },
        "policy_day": facts.as_of.isoformat(),
        "verdicts": {code: int(found.get(code, 0)) for code in VERDICTS},
        # A clause that is not due, or no must, is not missed when it is not met.
        "missed": int(missed.sum()),
        "ledger": plain.to_dict("records"),
    }

"""A pack and the facts of a day → a verdict for each clause, and the rows that it rests on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from care_map.messages import Catalogue
from care_map.packs.pack_file import ClauseTable, PackFile
from care_map.packs.rules import (
    CircleRate,
    Count,
    LedgerSum,
    Near,
    PerUnit,
    Ratio,
    Returns,
    Share,
    Span,
    Stated,
)
from care_map.policy.circles import judge_circle
from care_map.policy.conditions import words_asked
from care_map.policy.counts import judge_count
from care_map.policy.facts import Facts
from care_map.policy.finding import Evidence, Finding
from care_map.policy.ledger_rule import judge_ledger
from care_map.policy.neighbours import judge_near
from care_map.policy.ratios import judge_ratio
from care_map.policy.returns import judge_returns
from care_map.policy.scene import Scene
from care_map.policy.shares import judge_share
from care_map.policy.spans import judge_span
from care_map.policy.stated import judge_stated
from care_map.policy.units import judge_per_unit
from care_map.policy.words import is_due, verdict_of, words_of
from care_map.schema import CLAUSE_EVIDENCE, CLAUSE_VERDICTS

__all__ = ["Judgement", "judge_clause", "judge_clauses"]

_DTYPES = {"number": "float64", "integer": "Int64", "flag": "boolean"}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a notice says of a district on one day.

    Parameters
    ----------
    verdicts
        Columns of :data:`care_map.schema.CLAUSE_VERDICTS`, a row per clause.
    evidence
        Columns of :data:`care_map.schema.CLAUSE_EVIDENCE`.
    """

    verdicts: pd.DataFrame
    evidence: pd.DataFrame


def judge_clauses(pack: PackFile, facts: Facts, *, texts: Catalogue) -> Judgement:
    """Judge every clause of a pack.

    What is not known makes a clause unknown or widens its figure; it is never taken for a no.

    Parameters
    ----------
    pack
        The notice.
    facts
        The lists as they are on the run's day.
    texts
        Sentences of the language.

    Returns
    -------
    Judgement
    """
    scene = Scene(pack, facts, texts)
    rows, evidence = [], []
    for clause in pack.clause:
        row, found = judge_clause(clause, scene)
        rows.append(row)
        if found is not None:
            evidence.append(_of_clause(clause, found))
    return Judgement(verdicts=_verdict_table(rows), evidence=_evidence_table(evidence))


def judge_clause(clause: ClauseTable, scene: Scene) -> tuple[dict[str, object], Evidence | None]:
    """Judge one clause.

    Parameters
    ----------
    clause
        The clause.
    scene
        Its pack, the lists, the language.

    Returns
    -------
    dict
        A row of :data:`care_map.schema.CLAUSE_VERDICTS`.
    Evidence or None
        Rows that it rests on.
    """
    finding = _find(clause, scene)
    return _row(clause, finding, scene), finding.evidence


def _find(clause: ClauseTable, scene: Scene) -> Finding:
    if isinstance(clause.rule, Stated):
        finding = judge_stated(clause.rule, scene, clause.id)
    else:
        finding = _JUDGES[type(clause.rule)](clause.rule, scene)
    key = f"measure.{finding.measure}"
    known = scene.texts.has(key)
    return replace(finding, measure=scene.texts.text(key)) if known else finding


_JUDGES: Mapping[type, Callable[[Any, Scene], Finding]] = {
    Share: judge_share,
    Count: judge_count,
    Ratio: judge_ratio,
    PerUnit: judge_per_unit,
    Span: judge_span,
    Near: judge_near,
    CircleRate: judge_circle,
    LedgerSum: judge_ledger,
    Returns: judge_returns,
}
"""Formula → what judges it; a typed-in figure needs its clause's id as well."""


def _row(clause: ClauseTable, finding: Finding, scene: Scene) -> dict[str, object]:
    texts = scene.texts
    if finding.none and clause.none_is == "unknown" and not finding.missing:
        finding = replace(finding, missing=(_not_listed(clause, scene),))
    verdict = verdict_of(clause, finding)
    due = is_due(clause, finding, scene.facts.as_of)
    threshold = finding.threshold
    shown = verdict != "not_applicable"
    return {
        "clause_id": clause.id,
        "cite": clause.cite,
        "title": clause.title_in(texts.language),
        "text": "\n".join(clause.text),
        "kind": clause.kind,
        "strength": clause.strength,
        "deadline": "" if clause.deadline is None else clause.deadline.isoformat(),
        "due": due,
        "responsible": "、".join(clause.responsible) or scene.pack.pack.responsible,
        "verdict": verdict,
        "words": words_of(clause, finding, verdict, due=due, texts=texts),
        "target": _number(None if threshold is None else threshold.value),
        "comparison": "" if threshold is None else threshold.sign,
        "figure_low": _number(finding.bounds.low if shown else None),
        "figure_high": _number(finding.bounds.high if shown else None),
        "form": finding.form,
        "measure": finding.measure or texts.text(f"policy.measure.{finding.form}"),
        "met": _number(finding.met),
        "not_met": _number(finding.not_met),
        "unknown": _number(finding.unknown),
        "missing": texts.remarks(finding.missing),
        "needed": finding.needed if verdict == "unknown" and finding.needed else None,
        "note": _notes(clause, finding, texts),
    }


def _not_listed(clause: ClauseTable, scene: Scene) -> str:
    """Name what a list has none of."""
    asked = words_asked(getattr(clause.rule, "of", None), "roles", named=scene.pack.condition)
    if not asked:
        return scene.texts.text("policy.missing.rows")
    types = scene.texts.names(scene.texts.label("facility_type", role) for role in asked)
    return scene.texts.text("policy.missing.types", types=types)


def _notes(clause: ClauseTable, finding: Finding, texts: Catalogue) -> str:
    """Return what a reader must know beside the verdict."""
    notes = []
    if clause.denominator:
        notes.append(texts.text("policy.note.denominator", denominator=clause.denominator))
    notes += finding.notes
    if clause.conflict is not None:
        readings = " / ".join(clause.conflict.readings)
        notes.append(texts.text("policy.note.conflict", readings=readings))
        if clause.conflict.judged_as:
            reading = clause.conflict.judged_as
            notes.append(texts.text("policy.note.judged_as", reading=reading))
    if clause.assumptions:
        assumed = texts.remarks(one.rstrip("。") for one in clause.assumptions)
        notes.append(texts.text("policy.note.assumption", assumption=assumed))
    return texts.remarks(dict.fromkeys(note.rstrip("。") for note in notes))


def _number(figure: Fraction | None) -> float | None:
    return None if figure is None else float(figure)


def _of_clause(clause: ClauseTable, evidence: Evidence) -> Evidence:
    size = len(evidence["row_id"])
    own = {"clause_id": clause.id, "cite": clause.cite}
    repeated = {name: np.broadcast_to(np.array([text], object), size) for name, text in own.items()}
    return {**evidence, **repeated}


def _verdict_table(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    kinds = {column.name: column.kind for column in CLAUSE_VERDICTS.columns}
    return pd.DataFrame(
        {
            name: pd.Series([row[name] for row in rows], dtype=_DTYPES.get(kind, "object"))
            for name, kind in kinds.items()
        }
    )


def _evidence_table(parts: Sequence[Evidence]) -> pd.DataFrame:
    none = np.array([], object)
    joined = {
        name: np.concatenate([none, *(part[name] for part in parts)])
        for name in CLAUSE_EVIDENCE.names
    }
    return pd.DataFrame(joined, dtype=object)

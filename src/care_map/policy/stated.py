"""A figure, or a yes or no, that the office types in with its evidence."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import pandas as pd

from care_map.packs.rules import Stated
from care_map.policy.bounds import Bounds, Threshold
from care_map.policy.evidence import number_text, plain_evidence
from care_map.policy.exact import exact, exact_sum
from care_map.policy.finding import NOTHING, Evidence, Finding, threshold_of
from care_map.policy.rates import counter
from care_map.policy.scene import Scene

__all__ = ["judge_stated"]

_DONE = Threshold(Fraction(1), "≥")


@dataclass(frozen=True, slots=True)
class _Told:
    """What is typed in for one clause.

    Parameters
    ----------
    clause_id
        The clause.
    rows
        The latest, for the district or for each of its units.
    figures
        A number a row, NaN where the cell is empty or no share.
    no_share
        Whether a share is less than 0 or more than 1.
    """

    clause_id: str
    rows: pd.DataFrame
    figures: tuple[float, ...]
    no_share: bool

    @property
    def known(self) -> list[float]:
        """The figures that are there."""
        return [figure for figure in self.figures if not math.isnan(figure)]

    @property
    def lacks(self) -> bool:
        """Whether a figure is missing."""
        return not self.figures or len(self.known) < len(self.figures)


def judge_stated(rule: Stated, scene: Scene, clause_id: str) -> Finding:
    """Judge what is typed in for a clause: the latest that is not after the run's day.

    Parameters
    ----------
    rule
        The formula.
    scene
        Pack and lists.
    clause_id
        The clause.
    """
    own = _told(rule, scene, clause_id)
    parts = [] if own.figures else [_told(rule, scene, other) for other in rule.sum_of]
    bounds = _sum(rule, parts) if parts else _bounds(rule, own)
    used = parts or [own]
    threshold = threshold_of(at_least=rule.at_least, more_than=rule.more_than, at_most=rule.at_most)
    return Finding(
        bounds=bounds,
        threshold=_DONE if rule.answer == "yes_no" else threshold,
        form=rule.answer,
        measure=rule.measure,
        known=bounds.low is not None and (bounds.high is not None or bounds.low > 0),
        met=bounds.low if rule.answer == "number" else None,
        counter=counter(scene.texts, "other", measure=rule.measure),
        missing=_missing(scene, rule, own, parts),
        notes=tuple(note for told in used for note in _notes(scene, told, named=bool(parts))),
        evidence=_evidence(scene, rule, used),
    )


def _told(rule: Stated, scene: Scene, clause_id: str) -> _Told:
    rows = _latest(scene, clause_id)
    column = "answer" if rule.answer == "yes_no" else "figure"
    figures = [math.nan if pd.isna(one) else float(one) for one in rows[column]]
    if rule.answer != "share":
        return _Told(clause_id, rows, tuple(figures), no_share=False)
    shares = [figure if 0 <= figure <= 1 else math.nan for figure in figures]
    no_share = any(math.isnan(one) and not math.isnan(figures[i]) for i, one in enumerate(shares))
    return _Told(clause_id, rows, tuple(shares), no_share)


def _latest(scene: Scene, clause_id: str) -> pd.DataFrame:
    """Return what is typed in last: for the district, or else for each of its units."""
    table = scene.facts.stated
    mine = table["clause_id"] == clause_id
    if not mine.any():
        return table[mine]
    told = table[mine]
    told = told[told["stated_date"].astype(str).str[:10] <= scene.facts.as_of.isoformat()]
    last = told.sort_values("stated_date", kind="stable").drop_duplicates("unit_id", keep="last")
    whole = last["unit_id"] == ""
    return last[whole] if whole.any() else last.sort_values("unit_id", kind="stable")


def _bounds(rule: Stated, told: _Told) -> Bounds:
    """Return the range of a figure; units are summed, a yes is one that all of them say.

    Of several units' shares, that of all lies between the least and the greatest.
    """
    if not told.known:
        return NOTHING
    if rule.answer == "number":
        total = exact_sum(told.known)
        return Bounds(total, None if told.lacks else total)
    low, high = exact(min(told.known)), exact(max(told.known))
    if rule.answer == "yes_no":
        return Bounds(Fraction(0) if told.lacks else low, low)
    return NOTHING if told.lacks else Bounds(low, high)


def _sum(rule: Stated, parts: Sequence[_Told]) -> Bounds:
    """Return the sum of other clauses' figures; what is not typed in may be any number."""
    found = [_bounds(rule, told) for told in parts]
    if all(bounds.low is None for bounds in found):
        return NOTHING
    total = Bounds(Fraction(0), Fraction(0))
    for bounds in found:
        total += Bounds(bounds.low or Fraction(0), bounds.high)
    return total


def _missing(scene: Scene, rule: Stated, own: _Told, parts: Sequence[_Told]) -> tuple[str, ...]:
    lacking = [told for told in (parts or [own]) if told.lacks]
    if not lacking:
        return ()
    key = "share_over" if any(told.no_share for told in lacking) else "stated"
    text = scene.texts.text(
        f"policy.missing.{key}",
        list=scene.list_title("stated"),
        column=scene.title("stated", "answer" if rule.answer == "yes_no" else "figure"),
        clauses=scene.texts.names(_clause(scene, told.clause_id) for told in lacking),
    )
    return (text,)


def _clause(scene: Scene, clause_id: str) -> str:
    """Return a clause's title and id."""
    for clause in scene.pack.clause:
        if clause.id == clause_id:
            title = clause.title_in(scene.texts.language)
            return scene.texts.text("policy.clause", title=title, id=clause_id)
    return clause_id


def _notes(scene: Scene, told: _Told, *, named: bool) -> list[str]:
    """Carry each figure's evidence, and flag one that has none."""
    texts = scene.texts
    whose = f"{_clause(scene, told.clause_id)} " if named else ""
    notes = []
    for date, evidence in zip(told.rows["stated_date"], told.rows["evidence"], strict=True):
        day = str(date)[:10] or "—"
        if evidence:
            notes.append(
                texts.text("policy.note.stated", clause=whose, date=day, evidence=evidence)
            )
        else:
            notes.append(texts.text("policy.note.stated_bare", clause=whose, date=day))
    return notes


def _evidence(scene: Scene, rule: Stated, used: Sequence[_Told]) -> Evidence:
    units = scene.facts.units
    names = dict(zip(units["unit_id"], units["name"], strict=True))
    texts = scene.texts
    said = {1.0: texts.text("policy.flag.yes"), 0.0: texts.text("policy.flag.no")}
    yes_no = rule.answer == "yes_no"
    column = scene.title("stated", "answer" if yes_no else "figure")
    rows = [
        (told.clause_id, row, figure)
        for told in used
        for row, figure in zip(told.rows.to_dict("records"), told.figures, strict=True)
    ]
    known = [not math.isnan(figure) for _, _, figure in rows]
    table = {
        "row_kind": ["stated"] * len(rows),
        "row_id": [clause_id for clause_id, _, _ in rows],
        "name": [row["evidence"] for _, row, _ in rows],
        "unit_id": [row["unit_id"] for _, row, _ in rows],
        "unit_name": [names.get(row["unit_id"], "") for _, row, _ in rows],
        "answer": [
            "unknown" if not there else "no" if yes_no and not figure else "yes"
            for (_, _, figure), there in zip(rows, known, strict=True)
        ],
        "value": [
            "" if not there else said[figure] if yes_no else number_text(figure)
            for (_, _, figure), there in zip(rows, known, strict=True)
        ],
        "missing": ["" if there else column for there in known],
    }
    return plain_evidence(table)

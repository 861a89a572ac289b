"""Whether what is due in the ledger is accepted."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd

from care_map.packs.pack_file import LedgerTarget
from care_map.packs.rules import LedgerSum
from care_map.policy.bounds import Bounds, Threshold
from care_map.policy.evidence import EVIDENCE, plain_evidence
from care_map.policy.finding import Evidence, Finding
from care_map.policy.ledger import build_ledger, ledger_left_out
from care_map.policy.ledger_notes import short_list
from care_map.policy.scene import Scene
from care_map.policy.unit_tree import plain_name

__all__ = ["judge_ledger"]

_MAY_COUNT = ("no_date", "no_unit")


def judge_ledger(rule: LedgerSum, scene: Scene) -> Finding:
    """Judge the targets of a ledger by what is accepted on the run's day.

    The figure is what counts towards what is due: what one town has too many does not help
    another. Before anything is due it is compared with the whole target.

    Parameters
    ----------
    rule
        The formula.
    scene
        Pack and lists.
    """
    measure = scene.texts.text("policy.measure.places")
    targets = _targets(rule, scene)
    if not targets:
        return Finding(measure=measure, none=True)
    total = sum(target.target for target in targets if _inside(rule, target.year))
    lists = scene.list_missing("facilities")
    if lists:
        threshold = Threshold(Fraction(total), "≥")
        return Finding(threshold=threshold, measure=measure, known=False, missing=lists)
    plan_from = scene.pack.pack.plan_from
    ledger = build_ledger(targets, scene.facts, plan_from=plan_from, texts=scene.texts)
    lines = _lines(rule, ledger, scene.facts.as_of.isoformat())
    due = sum(line.due for line in lines)
    asked = [(line, line.due if due else line.target) for line in lines]
    return _finding(scene, targets, asked, due=due > 0, measure=measure)


@dataclass(frozen=True, slots=True)
class _Line:
    """The targets of one unit and type.

    Parameters
    ----------
    unit_id, unit_name, role
        Whose.
    target, due
        Of the years that the clause speaks of: all, and what is due on the run's day.
    done
        What counts towards these, None if unknown.
    """

    unit_id: str
    unit_name: str
    role: str
    target: int
    due: int
    done: int | None


def _targets(rule: LedgerSum, scene: Scene) -> list[LedgerTarget]:
    """Return the targets up to the clause's last year: what fills earlier ones fills no later."""
    towns = {plain_name(town) for town in rule.towns}
    roles = set(rule.roles)
    last = rule.years[1] if rule.years else None
    return [
        target
        for target in scene.pack.target
        if roles & set(target.role.split(";"))
        and (last is None or target.year <= last)
        and (not towns or plain_name(target.town) in towns)
    ]


def _inside(rule: LedgerSum, year: int) -> bool:
    return rule.years is None or rule.years[0] <= year


def _lines(rule: LedgerSum, ledger: pd.DataFrame, today: str) -> list[_Line]:
    by_line: dict[tuple[object, ...], list[dict[str, Any]]] = {}
    names = ("unit_id", "unit_name", "role", "total")
    used = ledger[[*names, "year", "target", "due_date", "accepted"]]
    for row in used.astype(object).to_dict("records"):
        by_line.setdefault(tuple(row[name] for name in names), []).append(
            {str(name): None if pd.isna(cell) else cell for name, cell in row.items()}
        )
    lines = []
    for (unit_id, unit_name, role, total), rows in by_line.items():
        mine = [row for row in rows if _inside(rule, row["year"] or 0)]
        targets = [row["target"] or 0 for row in mine]
        due = [row["target"] or 0 for row in mine if row["due_date"] <= today]
        earlier = 0 if total else sum(row["target"] or 0 for row in rows) - sum(targets)
        accepted = rows[-1]["accepted"]
        line = _Line(
            unit_id=str(unit_id),
            unit_name=str(unit_name),
            role=str(role),
            # A target is how many stand, or how many more.
            target=max(targets, default=0) if total else sum(targets),
            due=max(due, default=0) if total else sum(due),
            done=None if accepted is None else max(0, accepted - earlier),
        )
        lines += [line] if line.target else []
    return lines


def _finding(
    scene: Scene,
    targets: Sequence[LedgerTarget],
    asked: Sequence[tuple[_Line, int]],
    *,
    due: bool,
    measure: str,
) -> Finding:
    goal = sum(wanted for _, wanted in asked)
    low = sum(min(line.done or 0, wanted) for line, wanted in asked)
    unknown = sum(wanted for line, wanted in asked if line.done is None)
    may, missing = _may_count(scene, targets)
    lost = [line.unit_name for line, _ in asked if line.done is None]
    missing = (*_not_found(scene, lost), *missing)
    high = min(goal, low + unknown + may)
    texts = scene.texts
    whole = sum(line.target for line, _ in asked)
    done = sum(line.done or 0 for line, _ in asked)
    return Finding(
        bounds=Bounds(Fraction(low), Fraction(high)),
        threshold=Threshold(Fraction(goal), "≥"),
        measure=measure,
        none=not asked,
        due=due,
        met=Fraction(low),
        not_met=Fraction(goal - high),
        unknown=Fraction(high - low),
        needed=goal - low,
        counter=measure,
        missing=missing,
        notes=(texts.text("policy.note.ledger", total=whole, done=done),),
        evidence=_evidence(scene, asked),
    )


def _not_found(scene: Scene, names: Sequence[str]) -> tuple[str, ...]:
    """Name the towns of the notice that are not among the units."""
    if not names:
        return ()
    shown = short_list(list(dict.fromkeys(names)), scene.texts)
    units = scene.list_title("units")
    return (scene.texts.text("policy.missing.towns", list=units, names=shown),)


def _may_count(scene: Scene, targets: Sequence[LedgerTarget]) -> tuple[int, tuple[str, ...]]:
    """Return how many facilities may count, whose day or unit is not known, and what they lack."""
    plan_from = scene.pack.pack.plan_from
    left = ledger_left_out(targets, scene.facts, plan_from=plan_from, texts=scene.texts)
    reasons = left["reason"].value_counts()
    columns = dict(zip(_MAY_COUNT, ("accepted_date", "unit_id"), strict=True))
    missing = [
        scene.texts.text(
            "policy.missing.cells",
            column=scene.title("facilities", columns[why]),
            count=int(reasons[why]),
        )
        for why in _MAY_COUNT
        if why in reasons
    ]
    return int(left["reason"].isin(_MAY_COUNT).sum()), tuple(missing)


def _evidence(scene: Scene, asked: Sequence[tuple[_Line, int]]) -> Evidence:
    texts = scene.texts
    rows = [
        {
            "row_kind": "unit",
            "row_id": line.unit_id,
            "name": line.unit_name,
            "unit_id": line.unit_id,
            "unit_name": line.unit_name,
            "answer": "unknown" if line.done is None else "yes" if line.done >= wanted else "no",
            "value": texts.text(
                "policy.value.ledger",
                role=_label(scene, line.role),
                done="?" if line.done is None else line.done,
                due=wanted,
            ),
            "missing": ""
            if line.done is not None
            else "".join(_not_found(scene, [line.unit_name])),
        }
        for line, wanted in asked
    ]
    return plain_evidence({name: [row[name] for row in rows] for name in EVIDENCE})


def _label(scene: Scene, roles: str) -> str:
    return scene.texts.names(scene.texts.label("facility_type", role) for role in roles.split(";"))

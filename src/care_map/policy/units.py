"""Whether each unit that the notice owes a facility has one."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import pandas as pd

from care_map.messages import Catalogue
from care_map.packs.rules import PerUnit
from care_map.policy.bounds import Bounds, Threshold
from care_map.policy.evidence import plain_evidence
from care_map.policy.finding import Evidence, Finding, threshold_of
from care_map.policy.rates import counter
from care_map.policy.scene import Scene
from care_map.policy.unit_service import service_bounds, unit_service, unlisted_kinds

__all__ = ["judge_per_unit"]

_NOTED = ("own_unreached", "next_door", "shared")


def judge_per_unit(rule: PerUnit, scene: Scene) -> Finding:
    """Judge the share of units that have a facility, their own or one that serves them.

    Parameters
    ----------
    rule
        The formula.
    scene
        Pack and lists.
    """
    threshold = threshold_of(at_least=rule.at_least)
    measure = scene.texts.text("policy.measure.units")
    lists = scene.list_missing("units", "facilities")
    if "units" not in scene.facts.given or (lists and not len(scene.facts.units)):
        return Finding(
            threshold=threshold, form="share", measure=measure, known=False, missing=lists
        )
    service = unit_service(rule, scene.facts, texts=scene.texts)
    owed = service[service["how"] != "exempt"]
    total = len(owed)
    if total == 0:
        return _none(rule, scene, service, threshold)
    low, high = service_bounds(service, rule, scene.facts)
    unlisted = unlisted_kinds(rule, scene.facts)
    more = _unlisted(rule, len(service)) if unlisted else 0
    bounds = _bounds(low, high, total, more=more, threshold=threshold)
    needed = None
    if threshold is not None and more is not None:
        gap = threshold.value * (total + more) - low
        needed = threshold.steps(gap, [(Fraction(1), high - low + more)])
    return Finding(
        bounds=bounds,
        threshold=threshold,
        form="share",
        measure=measure,
        known=bool((owed["answer"] != "unknown").any()) or high < total,
        # A facility of which nobody says where it is can be in one unit only: the others have none.
        met=Fraction(low),
        not_met=Fraction(total - high),
        unknown=None if more is None else Fraction(high - low + more),
        needed=needed,
        counter=counter(scene.texts, "units"),
        missing=(*_kinds_missing(scene, unlisted), *_missing(scene, owed, lists)),
        notes=_notes(rule, scene, service),
        evidence=_evidence(scene, owed),
    )


def _none(
    rule: PerUnit, scene: Scene, service: pd.DataFrame, threshold: Threshold | None
) -> Finding:
    """Tell "no such units" from "the kind of some units is not known"."""
    finding = Finding(
        threshold=threshold, form="share", measure=scene.texts.text("policy.measure.units")
    )
    empty = scene.cells("units").words("unit_kind").empty
    unlisted = unlisted_kinds(rule, scene.facts)
    if unlisted:
        return replace(finding, known=False, missing=_kinds_missing(scene, unlisted))
    if not empty.any():
        return replace(finding, none=True, notes=_notes(rule, scene, service))
    missing = scene.missing("units", [{"unit_kind": empty}])
    return replace(finding, known=False, missing=missing)


def _unlisted(rule: PerUnit, listed: int) -> int | None:
    """Return how many units the list lacks by the notice, None where that does not say."""
    return None if rule.expected is None else max(0, rule.expected - listed)


def _bounds(
    low: int, high: int, total: int, *, more: int | None, threshold: Threshold | None
) -> Bounds:
    """Return the range of the share when the list lacks `more` units."""
    if more is not None:
        return Bounds(Fraction(low, total + more), Fraction(high + more, total + more))
    # Of any number more: 100% is out of reach once a listed unit has none.
    all_asked = threshold is not None and threshold.value == 1
    return Bounds(Fraction(0), Fraction(high, total) if all_asked else Fraction(1))


def _kinds_missing(scene: Scene, kinds: Sequence[str]) -> tuple[str, ...]:
    if not kinds:
        return ()
    words = scene.texts.names(scene.texts.label("unit_kind", kind) for kind in kinds)
    text = scene.texts.text("policy.missing.kinds", list=scene.list_title("units"), kinds=words)
    return (text,)


def _missing(scene: Scene, owed: pd.DataFrame, lists: tuple[str, ...]) -> tuple[str, ...]:
    if lists or not (owed["answer"] == "unknown").any():
        return lists
    cells = scene.cells("facilities")
    columns = {name: cells.words(name).empty for name in ("unit_id", "roles", "stage")}
    empty = scene.missing("facilities", [columns])
    return empty or (scene.texts.text("policy.missing.placed"),)


def _notes(rule: PerUnit, scene: Scene, service: pd.DataFrame) -> tuple[str, ...]:
    texts = scene.texts
    notes = []
    listed = len(service)  # With the exempt ones: the notice's number has them too.
    if rule.expected is not None and rule.expected != listed:
        notes.append(texts.text("policy.note.expected", expected=rule.expected, listed=listed))
    for how in _NOTED:
        count = int((service["how"] == how).sum())
        if count:
            notes.append(texts.text(f"policy.note.{how}", count=count))
    exempt = [str(name) for name in service.loc[service["how"] == "exempt", "unit_name"]]
    if exempt:
        notes.append(texts.text("policy.note.exempt", units=texts.names(exempt)))
    return tuple(notes)


def _evidence(scene: Scene, owed: pd.DataFrame) -> Evidence:
    texts = scene.texts
    how = [texts.label("how", str(one)) for one in owed["how"]]
    ids = owed["own_ids"].astype(str) + ";" + owed["shared_ids"].astype(str)
    names = dict(
        zip(scene.facts.facilities["facility_id"], scene.facts.facilities["name"], strict=True)
    )
    shown = [
        _served(word, [names.get(one, one) for one in filter(None, own.split(";"))], texts)
        for word, own in zip(how, ids, strict=True)
    ]
    table = {
        "row_kind": ["unit"] * len(owed),
        "row_id": owed["unit_id"].tolist(),
        "name": owed["unit_name"].tolist(),
        "unit_id": owed["unit_id"].tolist(),
        "unit_name": owed["unit_name"].tolist(),
        "answer": owed["answer"].tolist(),
        "value": shown,
        "missing": owed["note"].where(owed["answer"] == "unknown", "").tolist(),
    }
    return plain_evidence(table)


def _served(how: str, names: Sequence[str], texts: Catalogue) -> str:
    if not names:
        return how
    return texts.text("policy.value.service", how=how, names=texts.names(names))

"""How many rows are what the notice asks, or what a column of them sums to."""

import numpy as np

from care_map.packs.rules import Count
from care_map.policy.answers import constant
from care_map.policy.bounds import Bounds, count_bounds, distinct_bounds, sum_needs
from care_map.policy.evidence import evidence_of, judged_rows
from care_map.policy.finding import Finding, threshold_of
from care_map.policy.rates import counter
from care_map.policy.scene import Scene
from care_map.policy.scope import Scope, one_a_site, scope_of, weights
from care_map.policy.shares import away_notes

__all__ = ["judge_count", "total_of"]


def judge_count(rule: Count, scene: Scene) -> Finding:
    """Judge a number of facilities, units, elders or services, or a sum over them.

    Parameters
    ----------
    rule
        The formula.
    scene
        Pack and lists.
    """
    threshold = threshold_of(at_least=rule.at_least)
    lists = scene.list_missing(rule.rows)
    if lists:
        return Finding(threshold=threshold, measure=rule.measure, known=False, missing=lists)
    scope = scope_of(scene, rule.rows, rule.of)
    value = weights(scope, rule.sum_of)
    member, _, (counts,) = one_a_site(scope, constant(len(value), yes=True), value)
    needed = None
    if rule.distinct:
        bounds = _different(scope, rule.distinct)
    else:
        bounds = count_bounds(member, counts)
        needed = None if threshold is None else sum_needs(member, counts, threshold)
    open_ = member.unknown | (member.yes & np.isnan(counts))
    lacking = (
        scope.member.missing,
        {rule.sum_of or "elders": ~scope.member.no & np.isnan(value)},
    )
    chosen, words = judged_rows(scope, constant(len(value), yes=True))
    shown = (*scene.fields(rule.of), *filter(None, (rule.sum_of, rule.distinct)))
    return Finding(
        bounds=bounds,
        threshold=threshold,
        measure=rule.measure,
        known=threshold is not None or bool(bounds.low) or not open_.any(),
        met=bounds.low,
        unknown=None if bounds.high is None or bounds.low is None else bounds.high - bounds.low,
        needed=needed,
        counter=counter(scene.texts, rule.rows, measure="" if rule.sum_of else rule.measure),
        missing=scene.missing(rule.rows, lacking),
        notes=away_notes(scene, scope),
        evidence=evidence_of(
            scene, rule.rows, chosen, words, fields=tuple(dict.fromkeys(shown)), missing=lacking
        ),
    )


def total_of(scope: Scope, name: str) -> Bounds:
    """Return the range of the sum of a column over a scope, each site once."""
    value = weights(scope, name)
    member, _, (counts,) = one_a_site(scope, constant(len(value), yes=True), value)
    return count_bounds(member, counts)


def _different(scope: Scope, name: str) -> Bounds:
    column = scope.cells.words(name)
    split = scope.cells.kind(name) == "list"
    sets = [
        frozenset(filter(None, word.split(";") if split else [word])) for word in column.spelled
    ]
    none: frozenset[str] = frozenset()
    spelled = [sets[code] if code >= 0 else none for code in column.codes]
    return distinct_bounds(scope.member, spelled)

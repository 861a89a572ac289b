"""Which share of some rows is what the notice asks."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from care_map.packs.rules import Share
from care_map.policy.answers import Answers
from care_map.policy.bounds import share_bounds, share_needs
from care_map.policy.evidence import answer_words, evidence_of, judged_rows
from care_map.policy.exact import exact_sum
from care_map.policy.finding import Finding, threshold_of
from care_map.policy.rates import counter
from care_map.policy.scene import Scene
from care_map.policy.scope import Scope, one_a_site, person_answers, scope_of, weights

__all__ = ["away_notes", "judge_share", "share_finding"]

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


def judge_share(rule: Share, scene: Scene) -> Finding:
    """Judge a share of facilities, units, elders or services.

    Parameters
    ----------
    rule
        The formula.
    scene
        Pack and lists.
    """
    threshold = threshold_of(at_least=rule.at_least, more_than=rule.more_than)
    lists = scene.list_missing(rule.rows)
    if lists:
        return Finding(
            threshold=threshold, form="share", measure=rule.measure, known=False, missing=lists
        )
    scope = scope_of(scene, rule.rows, rule.of, also=(rule.meets,))
    meets = person_answers(scene.answer(rule.meets, rule.rows), scope)
    weight = weights(scope, rule.weight)
    member, met, (counts,) = one_a_site(scope, meets, weight)
    bounds = share_bounds(member, met, counts)
    lacking = (
        scope.member.missing,
        _within(meets, scope.member),
        {rule.weight or "elders": ~scope.member.no & np.isnan(weight)},
    )
    chosen, words = judged_rows(scope, meets)
    decided = member.yes & ~met.unknown
    blank = bool(np.isnan(counts[~member.no]).any())
    fields = (*scene.fields(rule.meets), *((rule.weight,) if rule.weight else ()))
    return Finding(
        bounds=bounds,
        threshold=threshold,
        form="share",
        measure=rule.measure,
        known=bool((counts[decided] > 0).any()),
        none=bounds.low is None and bounds.high is None,
        met=exact_sum(np.nan_to_num(counts[member.yes & met.yes])),
        not_met=exact_sum(np.nan_to_num(counts[member.yes & met.no])),
        unknown=None if blank else exact_sum(counts[member.unknown | (member.yes & met.unknown)]),
        needed=None if threshold is None else share_needs(member, met, counts, threshold),
        counter=counter(scene.texts, rule.rows, column=rule.weight, measure=rule.measure),
        step=counter(scene.texts, rule.rows),
        missing=scene.missing(rule.rows, lacking),
        notes=away_notes(scene, scope),
        evidence=evidence_of(scene, rule.rows, chosen, words, fields=fields, missing=lacking),
    )


def share_finding(
    scene: Scene,
    rows: str,
    member: Answers,
    meets: Answers,
    *,
    at_least: float | None,
    measure: str,
    values: Sequence[str],
    notes: tuple[str, ...] = (),
) -> Finding:
    """Return the finding of a share whose rows count one each and are answered already.

    Parameters
    ----------
    scene
        Pack and lists.
    rows
        List that the answers are of.
    member, meets
        ``(n,)`` whether a row is meant and what it is.
    at_least
        Threshold.
    measure
        What is counted.
    values
        What evidence shows of each row that is or may be meant.
    notes
        Words for people.
    """
    threshold = threshold_of(at_least=at_least)
    one = np.ones(len(member))
    bounds = share_bounds(member, meets, one)
    words = answer_words(member, meets)
    lacking = (member.missing, _within(meets, member))
    chosen = ~member.no
    numbers = {word: exact_sum(one[chosen & (words == word)]) for word in ("yes", "no", "unknown")}
    evidence = evidence_of(scene, rows, chosen, words, fields=(), missing=lacking)
    return Finding(
        bounds=bounds,
        threshold=threshold,
        form="share",
        measure=measure,
        known=bool((member.yes & ~meets.unknown).any()),
        none=bounds.low is None and bounds.high is None,
        met=numbers["yes"],
        not_met=numbers["no"],
        unknown=numbers["unknown"],
        needed=None if threshold is None else share_needs(member, meets, one, threshold),
        counter=counter(scene.texts, rows),
        missing=scene.missing(rows, lacking),
        notes=notes,
        evidence={**evidence, "value": np.array([*values, ""], object)[:-1]},
    )


def _within(meets: Answers, member: Answers) -> dict[str, Bools]:
    return {name: rows & ~member.no for name, rows in meets.missing.items()}


def away_notes(scene: Scene, scope: Scope) -> tuple[str, ...]:
    """Say how many elders live elsewhere and are in no denominator."""
    count = int(scope.away.sum())
    return (scene.texts.text("policy.note.away", count=count),) if count else ()

"""One sum over another: nursing beds over beds, land over population, deposit over fee."""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from care_map.packs.rules import Ratio
from care_map.policy.answers import Answers, constant
from care_map.policy.bounds import Bounds, Threshold, quotient, ratio_bounds
from care_map.policy.counts import total_of
from care_map.policy.evidence import answer_words, evidence_of, judged_rows
from care_map.policy.exact import exact, exact_sum, reaches
from care_map.policy.finding import Finding, threshold_of
from care_map.policy.rates import counter
from care_map.policy.scene import Scene
from care_map.policy.scope import Scope, one_a_site, scope_of, weights
from care_map.policy.shares import away_notes

__all__ = ["judge_ratio"]

Floats = NDArray[np.float64]


def judge_ratio(rule: Ratio, scene: Scene) -> Finding:
    """Judge one sum over another, of all rows together or of each row.

    Parameters
    ----------
    rule
        The formula.
    scene
        Pack and lists.
    """
    threshold = threshold_of(at_least=rule.at_least, more_than=rule.more_than, at_most=rule.at_most)
    over = rule.over or rule.rows
    lists = scene.list_missing(*dict.fromkeys((rule.rows, over)))
    form = "share" if rule.part_of_whole and rule.per == 1 else "number"
    if lists:
        return Finding(
            threshold=threshold, form=form, measure=rule.measure, known=False, missing=lists
        )
    scope = scope_of(scene, rule.rows, rule.of)
    if over != rule.rows or rule.over_of is not None:
        return _of_two(rule, scene, scope, threshold)
    if rule.each and threshold is not None:
        return _of_each(rule, scene, scope, threshold)
    return _of_all(rule, scene, scope, threshold, form=form)


def _of_all(
    rule: Ratio, scene: Scene, scope: Scope, threshold: Threshold | None, *, form: str
) -> Finding:
    values = weights(scope, rule.numerator), weights(scope, rule.denominator)
    member, _, (top, bottom) = one_a_site(scope, constant(len(values[0]), yes=True), *values)
    bounds = _times(
        ratio_bounds(member, top, bottom, part_of_whole=rule.part_of_whole), exact(rule.per)
    )
    lacking = _lacking(rule, scope, *values)
    whole, decided = ~np.isnan(top + bottom), member.yes
    chosen, words = judged_rows(scope, Answers(*_both(values)))
    part, rest = top[decided & whole], bottom[decided & whole]
    met = exact_sum(part)
    settled = not scope.member.unknown.any() and bool(whole[member.yes].all())
    return Finding(
        bounds=bounds,
        threshold=threshold,
        form=form,
        measure=rule.measure,
        known=bool((rest > 0).any()),
        none=not (~scope.member.no).any() or bool(whole.all() and not bottom[~member.no].any()),
        met=met,
        not_met=exact_sum(rest) - met if rule.part_of_whole else None,
        unknown=Fraction(0) if settled else None,
        needed=_more(rule, threshold, bounds, member, bottom),
        counter=counter(scene.texts, rule.rows, column=rule.numerator, measure=rule.measure),
        missing=scene.missing(rule.rows, lacking),
        notes=away_notes(scene, scope),
        evidence=evidence_of(
            scene,
            rule.rows,
            chosen,
            words,
            fields=(rule.numerator, rule.denominator),
            missing=lacking,
        ),
    )


def _both(values: tuple[Floats, Floats]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    known = ~np.isnan(values[0] + values[1])
    return known, np.zeros(len(known), bool)


def _times(bounds: Bounds, factor: Fraction) -> Bounds:
    low, high = bounds.low, bounds.high
    return Bounds(None if low is None else low * factor, None if high is None else high * factor)


def _more(
    rule: Ratio, threshold: Threshold | None, bounds: Bounds, member: Answers, bottom: Floats
) -> int | None:
    """Return how many more of the part would do, where the whole is known."""
    whole = ~member.no
    if threshold is None or not rule.part_of_whole or threshold.sign == "≤":
        return None
    if member.unknown.any() or np.isnan(bottom[whole]).any() or bounds.low is None:
        return None
    total = exact_sum(bottom[whole]) * exact(rule.per)
    gap = (threshold.value - bounds.low) * total / exact(rule.per)
    return threshold.steps(gap, [(Fraction(1), int(total) + 1)])


def _of_each(rule: Ratio, scene: Scene, scope: Scope, threshold: Threshold) -> Finding:
    """Judge the ratio of each row: all must reach the threshold."""
    top, bottom = weights(scope, rule.numerator), weights(scope, rule.denominator)
    bottom = np.where(bottom > 0, bottom, np.nan)
    bound = float(threshold.value / exact(rule.per))
    known = ~np.isnan(top) & ~np.isnan(bottom)
    reached = reaches([top], bound, per=bottom, strict=threshold.sign != "≥")
    meets = Answers(reached & known, ~reached & known)
    if threshold.sign == "≤":
        meets = Answers(meets.no, meets.yes)
    lacking = _lacking(rule, scope, top, bottom)
    member = scope.member
    worst = _worst(rule, member, top, bottom, threshold)
    words = answer_words(member, meets)
    rows = ~member.no
    return Finding(
        bounds=worst,
        threshold=threshold,
        measure=rule.measure,
        known=bool((words[rows] != "unknown").any()),
        none=not rows.any(),
        met=Fraction(int((words[rows] == "yes").sum())),
        not_met=Fraction(int((words[rows] == "no").sum())),
        unknown=Fraction(int((words[rows] == "unknown").sum())),
        needed=int((words[rows] == "unknown").sum()),
        counter=counter(scene.texts, rule.rows),
        missing=scene.missing(rule.rows, lacking),
        notes=(scene.texts.text("policy.note.each"), *away_notes(scene, scope)),
        evidence=evidence_of(
            scene,
            rule.rows,
            rows,
            words,
            fields=(rule.numerator, rule.denominator),
            missing=lacking,
        ),
    )


def _worst(
    rule: Ratio, member: Answers, top: Floats, bottom: Floats, threshold: Threshold
) -> Bounds:
    """Return the range of the ratio of the row that is worst off."""
    factor = exact(rule.per)
    known = ~np.isnan(top) & ~np.isnan(bottom) & (bottom > 0)

    def ratios(rows: NDArray[np.bool_]) -> list[Fraction]:
        pairs = zip(top[rows & known].tolist(), bottom[rows & known].tolist(), strict=True)
        return [exact(part) / exact(whole) * factor for part, whole in pairs]

    sure, may = ratios(member.yes), ratios(member.unknown)
    open_ = bool((~member.no & ~known).any())
    if threshold.sign == "≤":
        high = None if open_ else max(sure + may, default=None)
        return Bounds(max(sure, default=Fraction(0) if open_ else None), high)
    low = Fraction(0) if open_ else min(sure + may, default=None)
    return Bounds(low, min(sure, default=None))


def _of_two(rule: Ratio, scene: Scene, scope: Scope, threshold: Threshold | None) -> Finding:
    """Judge a sum of one list over a sum of another."""
    over = rule.over or rule.rows
    under = scope_of(scene, over, rule.over_of)
    parts = total_of(scope, rule.numerator), total_of(under, rule.denominator)
    bounds = _times(quotient(*parts), exact(rule.per))
    lacking = _empty(scope, rule.numerator), scope.member.missing
    lacking_under = _empty(under, rule.denominator), under.member.missing
    missing = (*scene.missing(rule.rows, lacking), *scene.missing(over, lacking_under))
    yes = constant(len(scope.cells), yes=True)
    chosen, words = judged_rows(scope, yes)
    return Finding(
        bounds=bounds,
        threshold=threshold,
        measure=rule.measure,
        known=bool(parts[1].low) and (bool(parts[0].low) or parts[0].low == parts[0].high),
        none=parts[1].high == 0,
        met=parts[0].low,
        missing=tuple(dict.fromkeys(missing)),
        notes=away_notes(scene, scope),
        evidence=evidence_of(
            scene, rule.rows, chosen, words, fields=(rule.numerator,), missing=lacking
        ),
    )


def _lacking(
    rule: Ratio, scope: Scope, top: Floats, bottom: Floats
) -> tuple[dict[str, NDArray[np.bool_]], ...]:
    rows = ~scope.member.no
    return (
        dict(scope.member.missing),
        {rule.numerator: rows & np.isnan(top), rule.denominator: rows & np.isnan(bottom)},
    )


def _empty(scope: Scope, name: str) -> dict[str, NDArray[np.bool_]]:
    return {name: ~scope.member.no & np.isnan(weights(scope, name))}

"""Verdicts in words: what is asked, how far it is met, with the strength of the notice's words."""

import datetime as dt
from fractions import Fraction

from care_map.messages import Catalogue
from care_map.packs.pack_file import ClauseTable
from care_map.policy.bounds import Bounds, Threshold
from care_map.policy.finding import Finding
from care_map.policy.rates import bounds_text, figure_text

__all__ = ["head_of", "is_due", "verdict_of", "words_of"]

_ALL = Threshold(Fraction(1), "≥")


def verdict_of(clause: ClauseTable, finding: Finding) -> str:
    """Return the code of a verdict.

    Parameters
    ----------
    clause
        With what it says of contradictions and of empty lists.
    finding
        What its rule found.
    """
    if clause.conflict is not None and not clause.conflict.judged_as:
        return "source_conflict"
    if finding.none:
        return clause.none_is
    if not finding.known:
        return "unknown"
    if finding.depends:
        return "depends"
    if finding.threshold is None:
        return "indicator"
    return finding.threshold.judge(finding.bounds)


def is_due(clause: ClauseTable, finding: Finding, today: dt.date) -> bool | None:
    """Tell whether the day of a clause has come, None where it has none."""
    if finding.due is not None:
        return finding.due
    return None if clause.deadline is None else clause.deadline <= today


def head_of(verdict: str, strength: str, *, due: bool | None, texts: Catalogue) -> str:
    """Return what a verdict is called, with the strength of the notice's words.

    Parameters
    ----------
    verdict, strength
        Codes.
    due
        Whether the day has come, None where the clause has none.
    texts
        Language.

    Examples
    --------
    >>> from care_map.messages import catalogue
    >>> head_of("fail", "aim", due=None, texts=catalogue("zh"))
    '未达（力争）'
    """
    if verdict != "fail":
        return texts.text(f"policy.verdict.{verdict}")
    key = "not_yet" if due is False else "fail"
    if strength == "must":
        return texts.text(f"policy.verdict.{key}")
    return texts.text(f"policy.verdict.{key}_weak", strength=texts.label("strength", strength))


def words_of(
    clause: ClauseTable, finding: Finding, verdict: str, *, due: bool | None, texts: Catalogue
) -> str:
    """Return a verdict as a sentence.

    What binds only in principle, on a condition, as an aim or as something to support is said
    with that strength, never as a failure.
    """
    head = head_of(verdict, clause.strength, due=due, texts=texts)
    parts = [_figure(finding, texts), _target(finding, texts)]
    if verdict == "unknown":
        parts += [_needed(finding, texts), _missing(finding, texts)]
    body = texts.text("policy.and").join(filter(None, parts))
    if verdict == "not_applicable" or not body:
        return head
    return texts.text("policy.sentence", head=head, body=body)


def _figure(finding: Finding, texts: Catalogue) -> str:
    bounds = finding.bounds
    if (bounds.low is None and bounds.high is None) or finding.none or not finding.known:
        return ""
    goal = finding.threshold
    if finding.form == "yes_no":
        figure = bounds_text(texts, bounds, form="yes_no")
        return texts.text("policy.figure.said", figure=figure)
    if finding.form == "number":
        return bounds_text(texts, bounds, form="number", threshold=goal, measure=finding.measure)
    figure = bounds_text(texts, bounds, form="share", threshold=goal)
    if finding.met is None or finding.not_met is None or finding.unknown is None:
        return figure
    total = finding.met + finding.not_met + finding.unknown
    most = finding.met + finding.unknown
    if bounds == Bounds(finding.met / total, most / total):
        return texts.text(
            "policy.figure.of",
            figure=figure,
            met=bounds_text(texts, Bounds(finding.met, most), form="number"),
            total=figure_text(texts, total, form="number"),
            counter=finding.counter,
        )
    # Where it is not known which rows are meant, no one total goes with both ends.
    counts = {"met": finding.met, "not_met": finding.not_met, "unknown": finding.unknown}
    said = {name: figure_text(texts, count, form="number") for name, count in counts.items()}
    return texts.text("policy.figure.counts", figure=figure, counter=finding.counter, **said)


def _target(finding: Finding, texts: Catalogue) -> str:
    goal = finding.threshold
    if goal is None or finding.form == "yes_no":
        return ""
    key = {"≥": "at_least", ">": "more_than", "≤": "at_most"}[goal.sign]
    if finding.form == "share" and goal == _ALL:
        key = "all"
    figure = figure_text(texts, goal.value, form=finding.form, measure=finding.measure)
    return texts.text(f"policy.asked.{key}", target=figure)


def _needed(finding: Finding, texts: Catalogue) -> str:
    if not finding.needed or finding.threshold is None:
        return ""
    counter = finding.step or finding.counter
    return texts.text("policy.figure.needed", count=finding.needed, counter=counter)


def _missing(finding: Finding, texts: Catalogue) -> str:
    if not finding.missing:
        return ""
    return texts.text("policy.figure.missing", what=texts.names(finding.missing))

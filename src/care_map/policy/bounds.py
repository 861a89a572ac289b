"""Rates and counts with unknown parts → the range that they lie in, and what would settle them.

All is exact: sums of numbers as they are written, thresholds as the notice writes them.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from care_map.policy.answers import Answers
from care_map.policy.exact import exact, exact_sum

__all__ = [
    "Bounds",
    "Threshold",
    "count_bounds",
    "distinct_bounds",
    "quotient",
    "ratio_bounds",
    "share_bounds",
    "share_needs",
    "sum_needs",
]

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a figure is at least and at most.

    Parameters
    ----------
    low, high
        None where nothing bounds it.
    """

    low: Fraction | None
    high: Fraction | None

    def __add__(self, other: "Bounds") -> "Bounds":
        """Return the range of the sum."""
        return Bounds(_plus(self.low, other.low), _plus(self.high, other.high))


@dataclass(frozen=True, slots=True)
class Threshold:
    """What a figure must reach.

    Parameters
    ----------
    value
        As the notice writes it.
    sign
        How it is compared.

    Examples
    --------
    >>> more_than_65 = Threshold(Fraction(65, 100), ">")
    >>> more_than_65.judge(Bounds(Fraction(65, 100), Fraction(65, 100)))
    'fail'
    """

    value: Fraction
    sign: Literal["≥", ">", "≤"]

    def met_by(self, figure: Fraction) -> bool:
        """Tell whether a figure reaches it."""
        if self.sign == "≤":
            return figure <= self.value
        return figure > self.value if self.sign == ">" else figure >= self.value

    def judge(self, bounds: Bounds) -> Literal["pass", "fail", "unknown"]:
        """Return pass or fail where every figure within the bounds says the same."""
        low, high = bounds.low, bounds.high
        worst, best = (high, low) if self.sign == "≤" else (low, high)
        if worst is not None and self.met_by(worst):
            return "pass"
        if best is not None and not self.met_by(best):
            return "fail"
        return "unknown"

    def steps(self, gap: Fraction, gains: Iterable[tuple[Fraction, int]]) -> int | None:
        """Return how few gains, the largest first, close a gap; None if all do not.

        Parameters
        ----------
        gap
            What is lacking.
        gains
            Size and number of those of that size.
        """
        taken = 0
        for gain, number in sorted(gains, reverse=True):
            if gap < 0 or (gap == 0 and self.sign != ">"):
                break
            if gain <= 0:
                return None
            wanted = gap / gain
            steps = math.floor(wanted) + 1 if self.sign == ">" else math.ceil(wanted)
            used = min(number, steps)
            taken, gap = taken + used, gap - used * gain
        return taken if gap < 0 or (gap == 0 and self.sign != ">") else None


def share_bounds(member: Answers, meets: Answers, weight: Floats) -> Bounds:
    """Return the range of a share over all that unknown cells may turn out to be.

    Parameters
    ----------
    member
        ``(n,)`` whether the share speaks of a row.
    meets
        ``(n,)`` whether the row is what it asks for.
    weight
        ``(n,)`` what a row counts by, NaN where that is unknown (0 or more).

    Returns
    -------
    Bounds
        None where no row can be in the share.

    Examples
    --------
    >>> yes, none = np.array([True, True, False]), np.zeros(3, bool)
    >>> bounds = share_bounds(Answers(~none, none), Answers(yes, none), np.ones(3))
    >>> bounds.low, bounds.high
    (Fraction(2, 3), Fraction(1, 1))
    """
    yes, no, open_ = meets.yes, meets.no, meets.unknown
    sure, may = member.yes, member.unknown
    known = ~np.isnan(weight)
    may_be_no = (sure & ~yes) | (may & ~yes)
    may_be_yes = (sure & ~no) | (may & ~no)
    low = _edge(
        exact_sum(weight[known & sure & yes]),
        exact_sum(weight[known & may_be_no]),
        limit=bool((may_be_no & ~known).any()),
        instead=bool((may_be_yes & (~known | (weight > 0))).any()),
    )
    high = _edge(
        exact_sum(weight[known & sure & no]),
        exact_sum(weight[known & may_be_yes]),
        limit=bool((may_be_yes & ~known).any()),
        instead=bool(((may_be_no & ~open_) & (~known | (weight > 0))).any()),
    )
    return Bounds(low, None if high is None else ONE - high)


def _edge(part: Fraction, against: Fraction, *, limit: bool, instead: bool) -> Fraction | None:
    """Return the smallest share of `part` when all of `against` counts too.

    Where neither has anything, rows that can only add to the part make it the whole.
    """
    if limit:  # a weight without limit against it
        return ZERO
    if part + against > 0:
        return part / (part + against)
    return ONE if instead else None


def share_needs(
    member: Answers, meets: Answers, weight: Floats, threshold: Threshold
) -> int | None:
    """Return how few unknown rows must turn out well for a share to reach a threshold for sure.

    Parameters
    ----------
    member, meets, weight
        As for :func:`share_bounds`.
    threshold
        Of at least or more than.

    Returns
    -------
    int or None
        0 where it is reached already; None where no number of them would do, or where weights
        are unknown.
    """
    possible = ~member.no
    if np.isnan(weight[possible]).any() or threshold.sign == "≤":
        return None
    yes, no = meets.yes, meets.no
    sure, may = member.yes, member.unknown
    goal = threshold.value
    whole = exact_sum(weight[sure | (may & ~yes)])
    gap = goal * whole - exact_sum(weight[sure & yes])
    gains = [
        *_sizes(weight[possible & meets.unknown], ONE),
        *_sizes(weight[may & no], goal),
        *_sizes(weight[may & yes], ONE - goal),
    ]
    return threshold.steps(gap, gains)


def _sizes(weight: Floats, factor: Fraction) -> list[tuple[Fraction, int]]:
    sizes, numbers = np.unique(weight, return_counts=True)
    pairs = zip(sizes.tolist(), numbers.tolist(), strict=True)
    return [(exact(size) * factor, number) for size, number in pairs]


def count_bounds(member: Answers, value: Floats) -> Bounds:
    """Return the range of a sum over rows.

    Parameters
    ----------
    member
        ``(n,)`` whether a row counts.
    value
        ``(n,)`` what it counts for, NaN where unknown (0 or more).
    """
    known = ~np.isnan(value)
    low = exact_sum(value[member.yes & known])
    if (~member.no & ~known).any():
        return Bounds(low, None)
    return Bounds(low, low + exact_sum(value[member.unknown]))


def sum_needs(member: Answers, value: Floats, threshold: Threshold) -> int | None:
    """Return how few unknown rows must count for a sum to reach a threshold."""
    if np.isnan(value[~member.no]).any() or threshold.sign == "≤":
        return None
    gap = threshold.value - exact_sum(value[member.yes])
    return threshold.steps(gap, _sizes(value[member.unknown], ONE))


def distinct_bounds(member: Answers, spelled: Sequence[frozenset[str]]) -> Bounds:
    """Return the range of the number of different words; an empty cell may hold one more."""
    sure: set[str] = set()
    may: set[str] = set()
    blanks = open_blanks = 0
    for row, words in enumerate(spelled):
        if member.no[row]:
            continue
        if not words:
            blanks += bool(member.yes[row])
            open_blanks += bool(member.unknown[row])
        (sure if member.yes[row] else may).update(words)
    low = max(len(sure), min(blanks, 1))
    return Bounds(Fraction(low), Fraction(len(sure | may) + blanks + open_blanks))


def ratio_bounds(member: Answers, top: Floats, bottom: Floats, *, part_of_whole: bool) -> Bounds:
    """Return the range of one sum over another of the same rows.

    Parameters
    ----------
    member
        ``(n,)`` whether a row counts.
    top, bottom
        ``(n,)`` numerator and denominator, NaN where unknown (0 or more).
    part_of_whole
        Whether the numerator is a part of the denominator.
    """
    return Bounds(
        _least_ratio(member, top, bottom),
        _greatest_ratio(member, top, bottom, part_of_whole=part_of_whole),
    )


def _least_ratio(member: Answers, top: Floats, bottom: Floats) -> Fraction | None:
    if (~member.no & np.isnan(bottom)).any():
        return ZERO
    top = np.nan_to_num(top, nan=0.0)
    over, under = exact_sum(top[member.yes]), exact_sum(bottom[member.yes])
    for part, whole in sorted(_open(member, top, bottom), key=_quotient_of):
        if under == 0 or part * under < over * whole:
            over, under = over + part, under + whole
    return over / under if under else None


def _greatest_ratio(
    member: Answers, top: Floats, bottom: Floats, *, part_of_whole: bool
) -> Fraction | None:
    empty_top, empty_bottom = ~member.no & np.isnan(top), ~member.no & np.isnan(bottom)
    if part_of_whole:
        if (empty_top & empty_bottom).any():
            return ONE
        top, bottom = np.where(np.isnan(top), bottom, top), np.where(np.isnan(bottom), top, bottom)
    elif empty_top.any():
        return None
    else:
        bottom = np.nan_to_num(bottom, nan=0.0)
    over, under = exact_sum(top[member.yes]), exact_sum(bottom[member.yes])
    for part, whole in sorted(_open(member, top, bottom), key=_quotient_of, reverse=True):
        if under == 0 or part * under > over * whole:
            over, under = over + part, under + whole
    if under:
        return over / under
    # Nothing over a denominator that is not known.
    return ZERO if empty_bottom.any() and not over else None


def _open(member: Answers, top: Floats, bottom: Floats) -> list[tuple[Fraction, Fraction]]:
    rows = member.unknown
    pairs = zip(top[rows].tolist(), bottom[rows].tolist(), strict=True)
    return [(exact(part), exact(whole)) for part, whole in pairs if part or whole]


def _quotient_of(pair: tuple[Fraction, Fraction]) -> tuple[bool, Fraction]:
    part, whole = pair
    return whole == 0, part / whole if whole else part


def quotient(over: Bounds, under: Bounds) -> Bounds:
    """Return the range of one figure over another, each of lists of their own."""
    low = None if over.low is None else _divided(over.low, under.high, unlimited=ZERO)
    high = None if over.high is None else _divided(over.high, under.low, unlimited=None)
    return Bounds(low, high)


def _divided(
    over: Fraction, under: Fraction | None, *, unlimited: Fraction | None
) -> Fraction | None:
    if under is None:
        return unlimited
    return over / under if under else None


def _plus(one: Fraction | None, other: Fraction | None) -> Fraction | None:
    return None if one is None or other is None else one + other

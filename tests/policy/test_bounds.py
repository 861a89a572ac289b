"""Ranges of figures under unknowns: the same as trying every filling, and exact at the mark."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care_map.policy.answers import Answers
from care_map.policy.bounds import (
    Bounds,
    Threshold,
    count_bounds,
    distinct_bounds,
    quotient,
    ratio_bounds,
    share_bounds,
    share_needs,
    sum_needs,
)
from care_map.policy.exact import exact, exact_sum, reaches

HUGE = 10**12
ABOUT_ZERO = Fraction(1, 10**9)
cell = st.sampled_from([True, False, None])
weight = st.sampled_from([0, 1, 2, 5, None])
share_rows = st.lists(st.tuples(cell, cell, weight), min_size=1, max_size=4)
count_rows = st.lists(st.tuples(cell, weight), min_size=1, max_size=5)
marks = st.sampled_from(["0", "0.3", "0.5", "0.65", "0.9", "1"]).map(Fraction)


def answers(cells):
    return Answers(
        np.array([one is True for one in cells], bool),
        np.array([one is False for one in cells], bool),
    )


def numbers(cells):
    return np.array([math.nan if one is None else one for one in cells], float)


def choices(one):
    return (True, False) if one is None else (one,)


def weights_of(one):
    return (0, 1, HUGE) if one is None else (one,)


def fillings(rows):
    """Yield every (member, meets, weight) table that the rows may turn out to be."""
    ways = [
        list(itertools.product(choices(member), choices(meets), weights_of(weight)))
        for member, meets, weight in rows
    ]
    yield from itertools.product(*ways)


def share_of(table):
    whole = sum(weight for member, _, weight in table if member)
    if not whole:
        return None
    return Fraction(sum(weight for member, meets, weight in table if member and meets), whole)


def close(one, other):
    """Tell whether two ends are the same, a huge weight being as good as one without limit."""
    return one == other or (
        one is not None and other is not None and abs(one - other) <= ABOUT_ZERO
    )


# Shares


@settings(max_examples=150, deadline=None)
@given(share_rows)
def test_a_share_is_bounded_by_every_filling(rows):
    shares = [share for share in map(share_of, fillings(rows)) if share is not None]
    member, meets, weight = zip(*rows, strict=True)
    bounds = share_bounds(answers(member), answers(meets), numbers(weight))
    assert close(bounds.low, min(shares, default=None))
    assert close(bounds.high, max(shares, default=None))


@settings(max_examples=100, deadline=None)
@given(share_rows, st.data())
def test_filling_an_unknown_never_leaves_the_bounds_of_a_share(rows, data):
    filled = [
        (
            data.draw(st.sampled_from(choices(member))),
            data.draw(st.sampled_from(choices(meets))),
            data.draw(st.sampled_from(weights_of(weight))),
        )
        if data.draw(st.booleans())
        else (member, meets, weight)
        for member, meets, weight in rows
    ]
    ends = []
    for table in (rows, filled):
        member, meets, weight = zip(*table, strict=True)
        ends.append(share_bounds(answers(member), answers(meets), numbers(weight)))
    before, after = ends
    if after.low is not None:
        assert before.low <= after.low
        assert after.high <= before.high


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(cell, cell, st.sampled_from([1, 2, 5])), min_size=1, max_size=5),
    marks,
    st.sampled_from(["≥", ">"]),
)
def test_needed_is_the_fewest_rows_that_make_it_sure(rows, value, sign):
    threshold = Threshold(value, sign)
    member, meets, weight = zip(*rows, strict=True)
    open_ = [i for i in range(len(rows)) if member[i] is not False and None in rows[i][:2]]

    def sure(chosen):
        """Tell whether it is reached with these turned out well and all else badly."""
        best = {i: [(True, True), (False, False)] for i in chosen}
        ways = []
        for i, (in_, met, size) in enumerate(rows):
            pairs = itertools.product(choices(in_), choices(met))
            # Well: a yes where it can be one, else out.
            pairs = [pair for pair in pairs if i not in best or _well(pair, rows[i])]
            ways.append([(a, b, size) for a, b in pairs])
        shares = [share_of(table) for table in itertools.product(*ways)]
        return all(
            (value == 0 and sign == "≥") if share is None else threshold.met_by(share)
            for share in shares
        )

    found = share_needs(answers(member), answers(meets), numbers(weight), threshold)
    brute = next(
        (
            size
            for size in range(len(open_) + 1)
            if any(sure(chosen) for chosen in itertools.combinations(open_, size))
        ),
        None,
    )
    if any(in_ is True for in_ in member):  # with nothing sure, the share may have no rows at all
        assert found == brute


def _well(pair, row):
    """Tell whether a filling is the best of a row: in and yes, or out where it is a no."""
    _, met, _ = row
    return pair == (True, True) if met is not False else pair[0] is False


def nothing(size):
    return np.zeros(size, bool)


@pytest.mark.parametrize(
    ("yes", "blank", "verdict", "needed"),
    [(88, 5, "unknown", 2), (91, 5, "pass", 0), (84, 5, "fail", None), (90, 0, "pass", 0)],
)
def test_100_facilities(yes, blank, verdict, needed):
    meets = answers([True] * yes + [None] * blank + [False] * (100 - yes - blank))
    member, one = answers([True] * 100), np.ones(100)
    mark = Threshold(exact(0.9), "≥")
    bounds = share_bounds(member, meets, one)
    assert mark.judge(bounds) == verdict
    assert bounds == Bounds(Fraction(yes, 100), Fraction(yes + blank, 100))
    assert share_needs(member, meets, one, mark) == needed


# Sums


@settings(max_examples=100, deadline=None)
@given(count_rows)
def test_a_sum_is_bounded_by_every_filling(rows):
    totals = [
        sum(weight for member, _, weight in table if member)
        for table in fillings([(member, True, weight) for member, weight in rows])
    ]
    member, value = zip(*rows, strict=True)
    bounds = count_bounds(answers(member), numbers(value))
    assert bounds.low == min(totals)
    open_ = any(one is None and in_ is not False for in_, one in rows)
    assert bounds.high == (None if open_ else max(totals))


def test_what_a_sum_needs_takes_the_largest_first():
    member = answers([True, None, None, None])
    value = np.array([10.0, 1.0, 5.0, 3.0])
    assert sum_needs(member, value, Threshold(Fraction(18), "≥")) == 2
    assert sum_needs(member, value, Threshold(Fraction(18), ">")) == 3
    assert sum_needs(member, value, Threshold(Fraction(20), "≥")) is None
    assert sum_needs(member, np.array([10.0, 1.0, math.nan, 3.0]), Threshold(ONE, "≥")) is None


ONE = Fraction(1)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(cell, st.sampled_from(["a", "b", "", "a;b"])), min_size=1, max_size=4))
def test_different_words_are_bounded_by_every_filling(rows):
    sets = [frozenset(filter(None, words.split(";"))) for _, words in rows]
    found = []
    for chosen in itertools.product(*(choices(member) for member, _ in rows)):
        blanks = [
            [{word} for word in ("a", "b", f"new {i}")] if not words else [words]
            for i, words in enumerate(sets)
        ]
        for filled in itertools.product(*blanks):
            joined = set().union(*(w for w, in_ in zip(filled, chosen, strict=True) if in_))
            found.append(len(joined))
    bounds = distinct_bounds(answers([member for member, _ in rows]), sets)
    assert (bounds.low, bounds.high) == (min(found), max(found))


# Ratios


ratio_rows = st.lists(
    st.tuples(cell, st.sampled_from([0, 1, 3, None]), st.sampled_from([3, 4, 10, None])),
    min_size=1,
    max_size=4,
)


def ratio_fillings(rows, *, part_of_whole):
    ways = []
    for member, top, bottom in rows:
        pairs = set()
        if part_of_whole:
            bottoms = (3, 4, 10, HUGE) if bottom is None else (bottom,)
            for whole in {*bottoms, *(() if bottom is not None or top is None else (top,))}:
                tops = (0, whole) if top is None else (top,)
                pairs |= {(part, whole) for part in tops if part <= whole}
        else:
            bottoms = (0, 1, HUGE) if bottom is None else (bottom,)
            tops = (0, 1, HUGE) if top is None else (top,)
            pairs = set(itertools.product(tops, bottoms))
        ways.append([(m, *pair) for m in choices(member) for pair in pairs])
    yield from itertools.product(*ways)


@settings(max_examples=150, deadline=None)
@given(ratio_rows)
def test_a_part_of_a_whole_is_bounded_by_every_filling(rows):
    ratios = []
    for table in ratio_fillings(rows, part_of_whole=True):
        whole = sum(bottom for member, _, bottom in table if member)
        part = sum(top for member, top, _ in table if member)
        ratios += [Fraction(part, whole)] if whole else []
    member, top, bottom = zip(*rows, strict=True)
    found = ratio_bounds(answers(member), numbers(top), numbers(bottom), part_of_whole=True)
    assert close(found.low, min(ratios, default=None))
    assert close(found.high, max(ratios, default=None))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(cell, st.sampled_from([0, 1, 3]), st.sampled_from([3, 4, 10])),
        min_size=1,
        max_size=5,
    )
)
def test_a_ratio_of_rows_that_may_count_is_bounded_by_every_choice(rows):
    ratios = []
    for table in ratio_fillings(rows, part_of_whole=False):
        whole = sum(bottom for member, _, bottom in table if member)
        part = sum(top for member, top, _ in table if member)
        ratios += [Fraction(part, whole)] if whole else []
    member, top, bottom = zip(*rows, strict=True)
    found = ratio_bounds(answers(member), numbers(top), numbers(bottom), part_of_whole=False)
    assert found == Bounds(min(ratios, default=None), max(ratios, default=None))


def test_a_ratio_without_a_bound_has_none():
    member = answers([True, True])
    top, bottom = np.array([5.0, math.nan]), np.array([10.0, 10.0])
    assert ratio_bounds(member, top, bottom, part_of_whole=False) == Bounds(Fraction(1, 4), None)
    assert ratio_bounds(member, top, bottom, part_of_whole=True).high == Fraction(3, 4)


def test_one_range_over_another():
    assert quotient(Bounds(ONE, Fraction(2)), Bounds(Fraction(4), Fraction(8))) == Bounds(
        Fraction(1, 8), Fraction(1, 2)
    )
    assert quotient(Bounds(ONE, ONE), Bounds(Fraction(0), None)) == Bounds(Fraction(0), None)


# Thresholds


@pytest.mark.parametrize(
    ("figure", "mark", "sign", "met"),
    [
        ("0.65", 0.65, ">", False),
        ("0.65", 0.65, "≥", True),
        ("0.65", 0.65, "≤", True),
        ("65/99", 0.65, ">", True),
        ("9/10", 0.9, "≥", True),
        ("89999999/100000000", 0.9, "≥", False),
    ],
)
def test_marks_are_exact(figure, mark, sign, met):
    assert Threshold(exact(mark), sign).met_by(Fraction(figure)) is met


def test_no_float_trap_in_sums_and_quotients():
    assert sum([0.1] * 10) != 1.0
    assert exact_sum([0.1] * 10) == 1
    assert exact_sum(np.array([2.0**53, 1.0])) == 2**53 + 1
    tenths = [np.array([0.1]), np.array([0.7])]
    assert 0.1 + 0.7 < 0.8
    assert reaches(tenths, 0.8).tolist() == [True]
    assert reaches(tenths, 0.8, strict=True).tolist() == [False]
    assert reaches([np.array([61.8])], 0.2, per=np.array([309.0]), strict=True).tolist() == [False]


@given(st.integers(0, 400), st.integers(1, 400), st.integers(0, 100))
def test_a_quotient_compares_as_fractions_do(part, whole, percent):
    mark = percent / 100
    found = reaches([np.array([float(part)])], mark, per=np.array([float(whole)]))
    assert found.tolist() == [Fraction(part, whole) >= Fraction(percent, 100)]

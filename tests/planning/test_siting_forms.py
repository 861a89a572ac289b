"""Capacities, centres with stations, years, and models by hand, against trying every set."""

from dataclasses import replace
from functools import partial
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from planning.verifier import covered_by, dear, problems_of, served_by

from care_map.planning import large
from care_map.planning.covering import lscp, mclp
from care_map.planning.options import Span
from care_map.planning.phases import mclp_by_year
from care_map.planning.plan import Limit
from care_map.planning.program import Program
from care_map.planning.relaxation import relaxed

CUTOFF = 15


@st.composite
def places(draw, most_elders=9):
    """Return raw rows, elders, new sites, standing sites, costs."""
    n, m = draw(st.integers(1, 7)), draw(st.integers(1, 6))
    minutes = draw(
        st.lists(
            st.lists(st.none() | st.integers(0, 30), min_size=m, max_size=m),
            min_size=n,
            max_size=n,
        )
    )
    elders = draw(st.lists(st.integers(0, most_elders), min_size=n, max_size=n))
    standing = draw(st.integers(0, min(2, m - 1)))
    costs = draw(st.lists(st.integers(0, 9), min_size=m, max_size=m))
    names = [f"s{j}" for j in range(m)]
    rows = [
        (f"d{i}", names[j], float(cell))
        for i, row in enumerate(minutes)
        for j, cell in enumerate(row)
        if cell is not None
    ]
    people = {f"d{i}": number for i, number in enumerate(elders)}
    price = dict(zip(names, costs, strict=True))
    return rows, people, names[standing:], names[:standing], price


def tables(case):
    rows, people, new, standing, _ = case
    pairs = pd.DataFrame(rows, columns=["demand_id", "facility_id", "minutes"])
    return (
        pairs.astype({"minutes": float}),
        pd.Series(people, dtype=int),
        {"candidates": new, "existing": standing},
    )


def sets(new, most=None):
    for size in range(len(new) + 1 if most is None else min(most, len(new)) + 1):
        yield from combinations(new, size)


def heads(people, who):
    return sum(people[one] for one in who)


@settings(max_examples=60, deadline=None)
@given(places(), st.integers(0, 4), st.integers(1, 2))
def test_every_plan_passes_the_verifier(case, most, times):
    rows, people, new, standing, costs = case
    pairs, demand, asked = tables(case)
    options = {"cutoff": CUTOFF, "times": times}
    plan = mclp(pairs, demand, cutoff_minutes=CUTOFF, n_sites=most, times=times, **asked)
    assert problems_of(plan, rows, people, most=most, **options) == []
    priced = mclp(pairs, demand, cutoff_minutes=CUTOFF, budget=8, costs=costs, **asked)
    assert problems_of(priced, rows, people, cutoff=CUTOFF, budget=8, costs=costs) == []
    cover = lscp(pairs, demand, cutoff_minutes=CUTOFF, rate=0.6, times=times, **asked)
    assert problems_of(cover, rows, people, **options) == []
    if cover.found:
        inside = covered_by(rows, people, [*cover.sites, *standing], **options)
        assert heads(people, inside) >= 0.6 * sum(people.values()) - 1e-9
    assert set(plan.sites) <= set(new)


def test_the_verifier_finds_what_is_wrong():
    rows = [("a", "f", 10.0), ("b", "f", 16.0)]
    people = {"a": 2, "b": 3}
    pairs = pd.DataFrame(rows, columns=["demand_id", "facility_id", "minutes"])
    wide = mclp(pairs, pd.Series(people), cutoff_minutes=20, n_sites=1)
    found = problems_of(wide, rows, people, cutoff=15, most=0, budget=1, costs={"f": 2})
    assert found == [
        "too many sites",
        "too dear",
        "covered elders are not those within the cutoff",
        "somebody is sent beyond the cutoff",
        "the objective is not what is covered",
    ]


@settings(max_examples=60, deadline=None)
@given(places(most_elders=5), st.integers(0, 3), st.data())
def test_capacities_equal_trying_every_set(case, most, data):
    rows, people, new, standing, _ = case
    pairs, demand, asked = tables(case)
    size = st.integers(0, 12)
    capacity = {one: data.draw(size, label=one) for one in [*new, *standing]}
    plan = mclp(pairs, demand, cutoff_minutes=CUTOFF, n_sites=most, capacity=capacity, **asked)
    best = max(
        served_by(rows, people, [*sites, *standing], capacity, cutoff=CUTOFF)
        for sites in sets(new, most)
    )
    assert plan.status == "optimal"
    assert plan.objective == pytest.approx(best)
    assert plan.covered_elders == best
    assert (plan.covered <= demand).all()


@settings(max_examples=60, deadline=None)
@given(places(), st.integers(0, 4), st.integers(1, 2), st.data())
def test_stations_have_a_centre_within_its_span(case, most, span, data):
    rows, people, new, standing, _ = case
    assume(len(new) > 1)
    pairs, demand, asked = tables(case)
    n_centres = data.draw(st.integers(0, len(new) - 1))
    stations, centres = new[n_centres:], [*new[:n_centres], *standing]
    linked = {
        (station, centre): data.draw(st.booleans()) for station in stations for centre in centres
    }
    links = [pair for pair, there in linked.items() if there]
    taken = {one: data.draw(st.integers(0, 1)) for one in standing}
    rule = Span(tuple(stations), pd.DataFrame(links, columns=["station", "centre"]), span, taken)

    def keeps(sites):
        needed = [one for one in sites if one in stations]
        able = [
            [c for c in centres if linked[one, c] and (c in sites or c in standing)]
            for one in needed
        ]
        return any(
            all(way.count(c) + taken.get(c, 0) <= span for c in set(way)) for way in product(*able)
        )

    plan = mclp(pairs, demand, cutoff_minutes=CUTOFF, n_sites=most, span=rule, **asked)
    best = max(
        heads(people, covered_by(rows, people, [*sites, *standing], cutoff=CUTOFF))
        for sites in sets(new, most)
        if keeps(sites)
    )
    assert plan.status == "optimal"
    assert plan.objective == pytest.approx(best)
    assert keeps(plan.sites)
    assert problems_of(plan, rows, people, cutoff=CUTOFF, most=most) == []
    options = {"span": rule, "method": "greedy", **asked}
    greedy = mclp(pairs, demand, cutoff_minutes=CUTOFF, n_sites=most, **options)
    assert greedy.objective <= best + 1e-6 <= greedy.bound + 2e-6
    assert keeps(greedy.sites)


@settings(max_examples=60, deadline=None)
@given(places(), st.lists(st.integers(0, 9), min_size=1, max_size=2), st.booleans())
def test_years_equal_trying_every_order(case, numbers, priced):
    rows, people, new, standing, costs = case
    assume(len(new) <= 4)
    pairs, demand, asked = tables(case)
    limits = (
        {"budgets": numbers, "costs": costs} if priced else {"n_sites": [n // 4 for n in numbers]}
    )
    found = mclp_by_year(pairs, demand, cutoff_minutes=CUTOFF, **limits, **asked)

    def elder_years(years):
        total = []
        for year in range(len(numbers)):
            stand = [one for one, when in years.items() if when <= year]
            now = [one for one, when in years.items() if when == year]
            spent = dear(now, costs) if priced else len(now)
            if spent > (numbers[year] if priced else numbers[year] // 4):
                return None
            inside = covered_by(rows, people, [*stand, *standing], cutoff=CUTOFF)
            total.append(heads(people, inside))
        return total

    every = [
        elder_years({one: when for one, when in zip(new, way, strict=True) if when < len(numbers)})
        for way in product(range(len(numbers) + 1), repeat=len(new))
    ]
    best = max(sum(one) for one in every if one is not None)
    assert found.plan.objective == pytest.approx(best)
    assert list(found.covered) == elder_years(found.year_of)
    assert sum(found.covered) == pytest.approx(best)
    assert set(found.year_of) == set(found.plan.sites)
    ask = partial(mclp_by_year, pairs, demand, cutoff_minutes=CUTOFF, method="greedy")
    greedy = ask(**limits, **asked)
    holds(greedy.plan, best)
    assert list(greedy.covered) == elder_years(greedy.year_of)


@settings(max_examples=60, deadline=None)
@given(places(), st.integers(0, 4), st.none() | st.integers(0, 20), st.data())
def test_models_by_hand_equal_trying_every_set(case, most, budget, data):
    rows, people, new, standing, costs = case
    pairs, demand, asked = tables(case)
    quota = data.draw(st.integers(0, 2))
    some = tuple(data.draw(st.lists(st.sampled_from([*new, *standing]), unique=True)))
    limits = [Limit(some, most=quota, name="q")] if some else []
    assume(quota >= len(set(some) & set(standing)))
    options = {"n_sites": most, "budget": budget, "costs": costs, "limits": limits, **asked}
    fine = [
        sites
        for sites in sets(new, most)
        if (budget is None or dear(sites, costs) <= budget)
        and len(set(some) & {*sites, *standing}) <= quota
    ]
    best = max(
        heads(people, covered_by(rows, people, [*sites, *standing], cutoff=CUTOFF))
        for sites in fine
    )
    greedy = mclp(pairs, demand, cutoff_minutes=CUTOFF, method="greedy", **options)
    assert greedy.status == "greedy"
    assert greedy.objective <= best + 1e-9 <= greedy.bound + 2e-6
    limit = {"budget": budget, "costs": costs}
    assert problems_of(greedy, rows, people, cutoff=CUTOFF, most=most, **limit) == []
    assert tuple(greedy.sites) in set(fine)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(large, "_LARGE", -1)
        proved = mclp(pairs, demand, cutoff_minutes=CUTOFF, method="auto", **options)
    assert proved.status == "optimal"
    assert proved.objective == pytest.approx(best)
    assert proved.bound == pytest.approx(best)
    assert problems_of(proved, rows, people, cutoff=CUTOFF, most=most, **limit) == []


def town(n=400, m=60, seed=5):
    rng = np.random.default_rng(seed)
    here, there = rng.uniform(0, 60, (n, 2)), rng.uniform(0, 60, (m, 2))
    minutes = np.hypot(*(here[:, None] - there[None]).transpose(2, 0, 1))
    row, column = np.nonzero(minutes <= CUTOFF)
    pairs = pd.DataFrame(
        {
            "demand_id": [f"d{i}" for i in row],
            "facility_id": [f"s{j}" for j in column],
            "minutes": minutes[row, column],
        }
    )
    demand = pd.Series(rng.integers(0, 30, n), [f"d{i}" for i in range(n)])
    return pairs, demand


@pytest.mark.parametrize("n_sites", [1, 4, 9])
def test_the_large_way_equals_the_solver_alone(n_sites, monkeypatch):
    pairs, demand = town()
    exact = mclp(pairs, demand, cutoff_minutes=CUTOFF, n_sites=n_sites, method="exact")
    monkeypatch.setattr(large, "_LARGE", -1)
    auto = mclp(pairs, demand, cutoff_minutes=CUTOFF, n_sites=n_sites)
    greedy = mclp(pairs, demand, cutoff_minutes=CUTOFF, n_sites=n_sites, method="greedy")
    assert auto.status == exact.status == "optimal"
    assert auto.objective == exact.objective == auto.bound
    assert greedy.objective <= exact.objective <= greedy.bound
    assert greedy.bound <= greedy.objective * 1.05


def test_a_capped_run_says_so_and_its_bound_holds(monkeypatch):
    monkeypatch.setattr(large, "_LARGE", -1)
    few = partial(relaxed, rounds=3)
    monkeypatch.setattr(large, "relaxed", few)
    pairs, demand = town(n=600, m=90, seed=8)
    asked = {"cutoff_minutes": CUTOFF, "n_sites": 8}
    capped = mclp(pairs, demand, time_limit_s=0.0, **asked)
    assert capped.status == "feasible"
    assert capped.gap > 0
    assert capped.bound > capped.objective
    monkeypatch.setattr(large, "relaxed", relaxed)
    best = mclp(pairs, demand, **asked)
    assert best.status == "optimal"
    assert capped.objective <= best.objective <= capped.bound
    assert capped.gap == pytest.approx((capped.bound - capped.objective) / capped.objective)


def holds(plan, best, *, least=False):
    """Check that the best of all sets, None for none, lies between a plan and its bound."""
    if best is None:
        assert (plan.status, plan.found) == ("infeasible", False)
        return
    assert plan.status == "greedy"
    sign = -1 if least else 1
    assert sign * plan.objective <= sign * best + 1e-6
    assert sign * best <= sign * plan.bound + 1e-6


@settings(max_examples=60, deadline=None)
@given(places(), st.sampled_from([0.3, 0.6, 1.0]), st.integers(1, 2), st.booleans())
def test_fewest_by_hand_beside_trying_every_set(case, rate, times, priced):
    rows, people, new, standing, costs = case
    pairs, demand, asked = tables(case)
    options = {"times": times, "costs": costs if priced else None, **asked}
    plan = lscp(pairs, demand, cutoff_minutes=CUTOFF, rate=rate, method="greedy", **options)

    def enough(sites):
        inside = covered_by(rows, people, [*sites, *standing], cutoff=CUTOFF, times=times)
        return heads(people, inside) >= rate * sum(people.values()) - 1e-9

    fine = [sites for sites in sets(new) if enough(sites)]
    prices = [dear(sites, costs) if priced else len(sites) for sites in fine]
    holds(plan, min(prices, default=None), least=True)
    assert not plan.found or enough(plan.sites)
    assert problems_of(plan, rows, people, cutoff=CUTOFF, times=times) == []


@settings(max_examples=60, deadline=None)
@given(places(most_elders=5), st.integers(0, 3), st.integers(1, 2), st.data())
def test_most_by_hand_beside_trying_every_set(case, most, times, data):
    rows, people, new, standing, _ = case
    pairs, demand, asked = tables(case)
    groups = pd.Series(data.draw(st.lists(st.sampled_from("ab"), min_size=7, max_size=7)))
    groups = groups[: len(demand)].set_axis(demand.index)
    floor = data.draw(st.sampled_from([0.0, 0.5, 1.0]))
    some = tuple(data.draw(st.lists(st.sampled_from(new), unique=True)))
    quota = data.draw(st.integers(0, 1))
    options = {"groups": groups, "floor": floor, "limits": [Limit(some, least=quota)], **asked}
    ask = partial(mclp, pairs, demand, cutoff_minutes=CUTOFF, n_sites=most, method="greedy")

    def inside(sites):
        return covered_by(rows, people, [*sites, *standing], cutoff=CUTOFF, times=times)

    def keeps(sites):
        reached = inside(sites)
        rates = [
            heads(people, reached & set(mine.index)) >= floor * heads(people, mine.index) - 1e-9
            for _, mine in groups.groupby(groups)
        ]
        return all(rates) and len(set(some) & set(sites)) >= quota

    plan = ask(times=times, **options)
    fine = [heads(people, inside(sites)) for sites in sets(new, most) if keeps(sites)]
    holds(plan, max(fine, default=None))
    assert not plan.found or keeps(plan.sites)
    assert problems_of(plan, rows, people, cutoff=CUTOFF, times=times, most=most) == []
    size = st.integers(0, 12)
    capacity = {one: data.draw(size, label=one) for one in [*new, *standing]}
    full = ask(capacity=capacity, **asked)
    served = [
        served_by(rows, people, [*sites, *standing], capacity, cutoff=CUTOFF)
        for sites in sets(new, most)
    ]
    holds(full, max(served))
    assert full.covered_elders == full.objective


LARGE = {
    "fewest": (lscp, {"rate": 0.8}),
    "floor": (mclp, {"n_sites": 5, "floor": 0.4}),
    "backup": (mclp, {"n_sites": 5, "times": 2}),
    "capacity": (mclp, {"n_sites": 5, "capacity": {f"s{j}": 90 + 7 * j for j in range(30)}}),
    "years": (mclp_by_year, {"n_sites": [2, 3]}),
}


@pytest.mark.parametrize("form", LARGE)
def test_what_time_cuts_is_done_by_hand(form, monkeypatch):
    model, asked = LARGE[form]
    pairs, demand = town(n=120, m=30)
    if "floor" in asked:
        asked = {**asked, "groups": pd.Series(np.arange(len(demand)) % 4, demand.index)}
    ask = partial(model, pairs, demand, cutoff_minutes=CUTOFF, **asked)
    best, greedy = ask(), ask(method="greedy")
    # The solver finds nothing, and proves nothing.
    solve = Program.solve
    nothing = {"status": "no_solution", "objective": np.nan, "bound": np.nan}
    monkeypatch.setattr(
        Program,
        "solve",
        lambda self, **how: (
            solve(self, **how) if "fixed" in how else replace(solve(self, parts=True), **nothing)
        ),
    )
    plans = [getattr(found, "plan", found) for found in (best, greedy, ask())]
    optimum, by_greedy, cut = plans
    assert (optimum.status, by_greedy.status) == ("optimal", "greedy")
    assert cut.status == ("optimal" if cut.bound == cut.objective else "feasible")
    sign = -1 if form == "fewest" else 1
    for plan in (by_greedy, cut):
        assert abs(plan.objective - optimum.objective) <= max(1.0, 0.1 * optimum.objective)
        assert sign * plan.objective <= sign * optimum.objective + 1e-6
        assert sign * optimum.objective <= sign * plan.bound + 1e-6
        assert plan.gap == pytest.approx(abs(plan.bound - plan.objective) / plan.objective)
    assert by_greedy.gap <= 0.25


@pytest.mark.parametrize(
    "asked",
    [
        {"capacity": {"f": -1}},
        {"capacity": {"f": 1}, "times": 2},
    ],
)
def test_what_does_not_go_together_is_refused(asked):
    pairs = pd.DataFrame({"demand_id": ["a"], "facility_id": ["f"], "minutes": [1.0]})
    with pytest.raises(ValueError, match="capacities"):
        mclp(pairs, pd.Series({"a": 1}), cutoff_minutes=5, n_sites=1, **asked)


@pytest.mark.parametrize("years", [{}, {"n_sites": []}, {"n_sites": [1], "budgets": [1.0, 2.0]}])
def test_years_need_numbers(years):
    pairs = pd.DataFrame({"demand_id": ["a"], "facility_id": ["f"], "minutes": [1.0]})
    with pytest.raises(ValueError, match="years need"):
        mclp_by_year(pairs, pd.Series({"a": 1}), cutoff_minutes=5, **years)

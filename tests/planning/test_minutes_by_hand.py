"""Least minutes by hand and with bounds, against trying every set."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planning.test_siting_forms import places, sets, tables, town
from planning.verifier import ways_of_everybody

from care_map.planning import mean_minutes
from care_map.planning.choices import choices_of
from care_map.planning.least_minutes import bounded
from care_map.planning.median import p_center, p_median
from care_map.planning.plan import Limit
from care_map.planning.program import Program
from care_map.planning.shorter_ways import rules_of, ways_of

MODELS = {"mean": p_median, "longest": p_center}


def worth(rows, people, sites, objective):
    """Return the mean or longest minutes with some sites, None where somebody reaches none."""
    ways = ways_of_everybody(rows, people, sites)
    if ways is None:
        return None
    if objective == "longest":
        return max((minutes for minutes, _ in ways), default=None)
    return sum(minutes * heads for minutes, heads in ways) / max(sum(people.values()), 1)


@pytest.mark.parametrize("objective", MODELS)
@settings(max_examples=40, deadline=None)
@given(places(), st.integers(0, 4), st.data())
def test_plans_and_bounds_beside_trying_every_set(objective, case, most, data):
    rows, people, new, standing, _ = case
    table, demand, asked = tables(case)
    some = tuple(data.draw(st.lists(st.sampled_from([*new, *standing]), unique=True)))
    least, upper = data.draw(st.integers(0, 1)), data.draw(st.none() | st.integers(1, 2))
    limit = Limit(some, least=least, most=upper, name="q")

    def keeps(sites):
        there = len(set(some) & {*sites, *standing})
        return len(sites) <= most and least <= there <= (len(new) + 2 if upper is None else upper)

    every = [worth(rows, people, [*s, *standing], objective) for s in sets(new, most) if keeps(s)]
    best = min((one for one in every if one is not None), default=None)
    ask = partial(MODELS[objective], table, demand, n_sites=most, limits=[limit], **asked)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mean_minutes, "_LARGE", -1)
        by_hand, exact, auto = (ask(method=one) for one in ("greedy", "exact", "auto"))
    for plan in (by_hand, exact, auto):
        if best is None:
            assert (plan.status, plan.found) == ("infeasible", False)
            assert plan.reasons
            continue
        assert plan.bound <= best + 1e-6
        assert plan.objective >= best - 1e-6
        assert keeps(plan.sites)
        given_by = worth(rows, people, [*plan.sites, *standing], objective)
        assert plan.objective == pytest.approx(given_by)
        if plan is not by_hand:
            assert plan.status == "optimal"
            assert plan.objective == pytest.approx(best)


def far_town():
    """Return a town whose elders all have a first site, which stands."""
    table, demand = town()
    stands = pd.DataFrame({"demand_id": demand.index, "facility_id": "s0", "minutes": 40.0})
    table = pd.concat([stands, table[table["facility_id"] != "s0"]], ignore_index=True)
    return table, demand, {"existing": ["s0"], "n_sites": 6}


def test_large_models_have_the_same_optimum(monkeypatch):
    table, demand, asked = far_town()
    exact = p_median(table, demand, method="exact", **asked)
    monkeypatch.setattr(mean_minutes, "_LARGE", -1)
    auto = p_median(table, demand, **asked)
    by_hand = p_median(table, demand, method="greedy", **asked)
    assert (exact.status, auto.status, by_hand.status) == ("optimal", "optimal", "greedy")
    assert auto.objective == pytest.approx(exact.objective)
    assert by_hand.bound <= exact.objective + 1e-9 <= by_hand.objective + 2e-9
    assert by_hand.gap == pytest.approx(1 - by_hand.bound / by_hand.objective)
    assert by_hand.gap <= 0.01
    # What is too much for the solver stays by hand, and says so.
    monkeypatch.setattr(mean_minutes, "_SOLVABLE", -1)
    monkeypatch.setattr(mean_minutes, "bounded", partial(bounded, rounds=3))
    left = p_median(table, demand, **asked)
    assert left.status == "greedy"
    assert left.bound < exact.objective <= left.objective + 1e-9


@pytest.mark.parametrize("objective", MODELS)
def test_what_time_cuts_is_done_by_hand(objective, monkeypatch):
    table, demand, asked = far_town()
    ask = partial(MODELS[objective], table, demand, **asked)
    best = ask()
    solve = Program.solve
    nothing = {"status": "no_solution", "objective": np.nan, "bound": np.nan}
    monkeypatch.setattr(
        Program,
        "solve",
        lambda self, **how: replace(solve(self, **{**how, "parts": True}), **nothing),
    )
    cut = ask()
    assert cut.status == ("optimal" if cut.gap <= 1e-9 else "feasible")
    assert cut.bound <= best.objective + 1e-9 <= cut.objective + 2e-9
    assert cut.objective <= 1.1 * best.objective


def test_elders_with_the_same_ways_are_one_class():
    rows = [("a", "f", 1.0), ("b", "f", 1.0), ("c", "f", 2.0), ("d", "f", 30.0)]
    rows += [(who, "stands", 9.0) for who in "abcde"] + [("e", "g", 9.0)]
    table = pd.DataFrame(rows, columns=["demand_id", "facility_id", "minutes"])
    demand = pd.Series({"a": 2, "b": 3, "c": 1, "d": 4, "e": 5})
    ways, rest = ways_of(choices_of(table, demand, existing=["stands"]))
    assert sorted(zip(ways.heads, ways.minutes, ways.base, strict=True)) == [
        (1.0, 2.0, 9.0),
        (5.0, 1.0, 9.0),
    ]
    assert rest == 9.0 * (4 + 5)


@pytest.mark.parametrize("seed", range(30))
def test_the_bound_holds_whatever_plan_it_starts_from(seed):
    rng = np.random.default_rng(seed)
    minutes, most = rng.integers(1, 30, (9, 6)).astype(float), int(rng.integers(1, 4))
    rows = [(i, j, minutes[i, j]) for i in range(9) for j in range(6)]
    rows += [(i, "stands", 25.0) for i in range(9)]
    table = pd.DataFrame(rows, columns=["demand_id", "facility_id", "minutes"])
    heads = rng.integers(1, 9, 9)
    choices = choices_of(table, pd.Series(heads), candidates=range(6), existing=["stands"])
    ways, rest = ways_of(choices)
    nothing = np.zeros(6, dtype=bool)
    # So few steps look for no better plan on the way: the bound stands alone.
    found = bounded(ways, rules_of(choices, (), most), nothing, rounds=49)

    def total(sites):
        nearest = np.minimum(minutes[:, list(sites)].min(axis=1, initial=25.0), 25.0)
        return float((heads * nearest).sum())

    best = min(sets(range(6), most), key=total)
    assert found.minutes + rest == total(())
    assert found.bound + rest <= total(best) + 1e-6
    assert found.possible[list(best)].all()

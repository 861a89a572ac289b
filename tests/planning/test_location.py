"""Siting models against trying every set of sites, and a verifier that knows nothing of them."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care_map.planning.covering import lscp, mclp
from care_map.planning.median import p_center, p_median
from care_map.planning.plan import Limit

CUTOFF = 15


@st.composite
def districts(draw):
    n, m = draw(st.integers(1, 7)), draw(st.integers(1, 6))
    cell = st.none() | st.integers(0, 30)
    minutes = draw(st.lists(st.lists(cell, min_size=m, max_size=m), min_size=n, max_size=n))
    elders = draw(st.lists(st.integers(0, 20), min_size=n, max_size=n))
    standing = draw(st.integers(0, min(2, m - 1)))
    costs = draw(st.lists(st.integers(1, 9), min_size=m, max_size=m))
    return minutes, elders, standing, costs


def tables(district):
    minutes, elders, standing, costs = district
    rows = [
        (f"d{i}", f"s{j}", float(cell))
        for i, row in enumerate(minutes)
        for j, cell in enumerate(row)
        if cell is not None
    ]
    pairs = pd.DataFrame(rows, columns=["demand_id", "facility_id", "minutes"])
    demand = pd.Series(elders, [f"d{i}" for i in range(len(elders))])
    names = [f"s{j}" for j in range(len(costs))]
    return (
        pairs.astype({"minutes": float}),
        demand,
        {"existing": names[:standing], "candidates": names[standing:]},
    )


def plans(district, most=None):
    """Yield every set of new sites, as numbers."""
    _, _, standing, costs = district
    new = range(standing, len(costs))
    for size in range(len(new) + 1 if most is None else min(most, len(new)) + 1):
        yield from combinations(new, size)


def covered(district, sites, times=1, cutoff=CUTOFF):
    """Return the elders inside by the lists themselves."""
    minutes, elders, standing, _ = district
    stand = {*range(standing), *sites}
    reach = [sum(row[j] is not None and row[j] <= cutoff for j in stand) for row in minutes]
    return sum(count for count, number in zip(elders, reach, strict=True) if number >= times)


def numbers(plan):
    return [int(site[1:]) for site in plan.sites]


@settings(max_examples=150, deadline=None)
@given(districts(), st.integers(0, 4), st.integers(1, 2))
def test_mclp_equals_trying_every_set(district, n_sites, times):
    pairs, demand, asked = tables(district)
    plan = mclp(pairs, demand, cutoff_minutes=CUTOFF, n_sites=n_sites, times=times, **asked)
    best = max(covered(district, sites, times) for sites in plans(district, n_sites))
    assert plan.status == "optimal"
    assert plan.objective == pytest.approx(best)
    assert plan.bound == pytest.approx(best)
    assert len(plan.sites) <= n_sites
    assert plan.covered_elders == covered(district, numbers(plan), times) == best


@settings(max_examples=150, deadline=None)
@given(districts(), st.integers(0, 25))
def test_mclp_keeps_a_budget(district, budget):
    pairs, demand, asked = tables(district)
    costs = {f"s{j}": cost for j, cost in enumerate(district[3])}
    plan = mclp(pairs, demand, cutoff_minutes=CUTOFF, budget=budget, costs=costs, **asked)
    spent = {sites: sum(district[3][j] for j in sites) for sites in plans(district)}
    best = max(covered(district, sites) for sites, cost in spent.items() if cost <= budget)
    assert plan.objective == pytest.approx(best)
    assert plan.cost == sum(district[3][j] for j in numbers(plan)) <= budget


@settings(max_examples=150, deadline=None)
@given(districts(), st.sampled_from([0.0, 0.5, 0.9, 1.0]), st.booleans())
def test_lscp_equals_trying_every_set(district, rate, priced):
    pairs, demand, asked = tables(district)
    costs = {f"s{j}": cost for j, cost in enumerate(district[3])} if priced else None
    plan = lscp(pairs, demand, cutoff_minutes=CUTOFF, rate=rate, costs=costs, **asked)
    needed = rate * sum(district[1])
    fine = [sites for sites in plans(district) if covered(district, sites) >= needed - 1e-9]
    if not fine:
        assert plan.status == "infeasible"
        assert [reason.code for reason in plan.reasons] == ["out_of_reach"]
        return
    worth = [sum(district[3][j] for j in sites) if priced else len(sites) for sites in fine]
    assert plan.status == "optimal"
    assert plan.objective == pytest.approx(min(worth))
    assert covered(district, numbers(plan)) >= needed - 1e-9


def mean_minutes(district, sites):
    minutes, elders, standing, _ = district
    stand = {*range(standing), *sites}
    total = 0.0
    for row, count in zip(minutes, elders, strict=True):
        near = [row[j] for j in stand if row[j] is not None]
        if count and not near:
            return None
        total += count * min(near, default=0)
    return total / max(sum(elders), 1)


@settings(max_examples=150, deadline=None)
@given(districts(), st.integers(0, 4))
def test_p_median_equals_trying_every_set(district, n_sites):
    pairs, demand, asked = tables(district)
    plan = p_median(pairs, demand, n_sites=n_sites, **asked)
    worth = [mean_minutes(district, sites) for sites in plans(district, n_sites)]
    known = [value for value in worth if value is not None]
    if not known:
        assert plan.status == "infeasible"
        assert plan.reasons
        return
    assert plan.status == "optimal"
    assert plan.objective == pytest.approx(min(known), abs=1e-9)
    assert mean_minutes(district, numbers(plan)) == pytest.approx(min(known), abs=1e-9)


@settings(max_examples=150, deadline=None)
@given(districts(), st.integers(0, 4))
def test_p_center_equals_trying_every_set(district, n_sites):
    pairs, demand, asked = tables(district)
    plan = p_center(pairs, demand, n_sites=n_sites, **asked)
    everybody = sum(district[1])
    if not everybody:
        return
    radii = sorted({cell for row in district[0] for cell in row if cell is not None})
    fine = [
        radius
        for radius in radii
        if any(
            covered(district, sites, cutoff=radius) == everybody
            for sites in plans(district, n_sites)
        )
    ]
    if not fine:
        assert plan.status == "infeasible"
        assert plan.reasons
        return
    assert plan.status == "optimal"
    assert plan.objective == plan.bound == fine[0]
    assert covered(district, numbers(plan), cutoff=fine[0]) == everybody


@settings(max_examples=100, deadline=None)
@given(districts(), st.data())
def test_floors_of_groups_and_quotas_hold(district, data):
    pairs, demand, asked = tables(district)
    group = data.draw(st.lists(st.sampled_from("ab"), min_size=len(demand), max_size=len(demand)))
    floor = data.draw(st.sampled_from([0.0, 0.5, 1.0]))
    quota = data.draw(st.integers(0, 2))
    plan = mclp(
        pairs,
        demand,
        cutoff_minutes=CUTOFF,
        n_sites=3,
        groups=pd.Series(group, demand.index),
        floor=floor,
        limits=[Limit(tuple(asked["candidates"]), least=0, most=quota, name="quota")],
        **asked,
    )

    def keeps(sites):
        for name in set(group):
            mine = [i for i, one in enumerate(group) if one == name]
            part = ([district[0][i] for i in mine], [district[1][i] for i in mine], *district[2:])
            if covered(part, sites) < floor * sum(part[1]) - 1e-9:
                return False
        return len(sites) <= quota

    fine = [covered(district, sites) for sites in plans(district, 3) if keeps(sites)]
    if not fine:
        assert plan.status == "infeasible"
        return
    assert plan.objective == pytest.approx(max(fine))
    assert keeps(numbers(plan))


def test_limits_that_conflict_are_named():
    pairs = pd.DataFrame({"demand_id": ["a"], "facility_id": ["f"], "minutes": [1.0]})
    limits = [Limit(("f",), least=1, name="一街一中心"), Limit(("f",), most=0, name="不可建")]
    plan = mclp(pairs, pd.Series({"a": 1}), cutoff_minutes=5, n_sites=1, limits=limits)
    assert plan.status == "infeasible"
    assert not plan.found
    assert plan.reasons[0].code == "limit_impossible"
    assert plan.reasons[0].ids[0] in {"一街一中心", "不可建"}


def test_a_site_at_the_limit_is_inside_and_nobody_beyond_it():
    pairs = pd.DataFrame(
        {"demand_id": ["a", "b"], "facility_id": ["f", "f"], "minutes": [15.0, 15.001]}
    )
    plan = mclp(pairs, pd.Series({"a": 2, "b": 3}), cutoff_minutes=15, n_sites=1)
    assert plan.covered.to_dict() == {"a": 2.0, "b": 0.0}
    assert plan.assigned["a"] == "f"
    assert plan.reasons[0].ids == ("b",)


@pytest.mark.parametrize(
    "asked",
    [
        {"n_sites": -1},
        {"budget": -5.0, "costs": {"f": 1}},
        {"budget": 5.0},
        {"n_sites": 1, "costs": {"f": -1}},
        {"n_sites": 1, "limits": [Limit(("x",))]},
        {"n_sites": 1, "floor": 0.5},
        {"n_sites": 1, "times": 0},
    ],
)
def test_absurd_requests_are_refused(asked):
    pairs = pd.DataFrame({"demand_id": ["a"], "facility_id": ["f"], "minutes": [1.0]})
    with pytest.raises(ValueError, match=r"not|need|unknown|at least"):
        mclp(pairs, pd.Series({"a": 1}), cutoff_minutes=5, **asked)


def test_no_candidates_is_an_answer():
    pairs = pd.DataFrame({"demand_id": ["a"], "facility_id": ["f"], "minutes": [1.0]})
    plan = mclp(pairs, pd.Series({"a": 4}), cutoff_minutes=5, n_sites=2, candidates=[])
    assert (plan.sites, plan.objective, plan.status) == ((), 0.0, "optimal")
    assert plan.reasons[0].figures == {"elders": 4.0}
    nobody = lscp(pairs, pd.Series({"a": 4}), cutoff_minutes=5, candidates=[])
    assert np.isnan(nobody.objective)

"""Published optima: the OR-Library's first p-median problem, and its p-centre.

J. E. Beasley, "A note on solving large p-median problems", European Journal of Operational
Research 21 (1985) 270-273; http://people.brunel.ac.uk/~mastjjb/jeb/orlib/pmedinfo.html. pmed1 has
100 vertices, p = 5 and the optimum 5819 (pmedopt.txt); its p-centre is 127 (W. Pullan, "A memetic
genetic algorithm for the vertex p-center problem", Evolutionary Computation 16 (2008) 417-436).
Of an edge that stands twice the last line holds, as the OR-Library says.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import floyd_warshall

from care_map.planning.covering import lscp, mclp
from care_map.planning.median import p_center, p_median

P, MEDIAN, CENTRE = 5, 5819, 127


@pytest.fixture(scope="module")
def distances():
    size, edges, number, *rest = map(
        int, (Path(__file__).parent / "pmed1.txt").read_text(encoding="utf-8").split()
    )
    assert (size, edges, number) == (100, 200, P)
    lines = np.array(rest).reshape(-1, 3)
    assert len(lines) == edges
    length = {(min(a, b), max(a, b)): cost for a, b, cost in lines.tolist()}
    ends = np.array(list(length))
    graph = csr_array((list(length.values()), (ends[:, 0] - 1, ends[:, 1] - 1)), shape=(size, size))
    return floyd_warshall(graph, directed=False)


@pytest.fixture(scope="module")
def pairs(distances):
    n = len(distances)
    row, column = np.indices((n, n)).reshape(2, -1)
    return pd.DataFrame(
        {"demand_id": row, "facility_id": column, "minutes": distances[row, column]}
    )


@pytest.fixture(scope="module")
def everybody(distances):
    return pd.Series(1, index=range(len(distances)))


def test_p_median_has_the_published_optimum(distances, pairs, everybody):
    plan = p_median(pairs, everybody, n_sites=P)
    assert plan.status == "optimal"
    assert distances[:, list(plan.sites)].min(axis=1).sum() == MEDIAN
    assert plan.objective * len(everybody) == pytest.approx(MEDIAN)


def test_p_center_has_the_published_optimum(distances, pairs, everybody):
    plan = p_center(pairs, everybody, n_sites=P)
    assert plan.objective == plan.bound == CENTRE
    assert distances[:, list(plan.sites)].min(axis=1).max() == CENTRE


def test_plans_by_hand_are_near_the_published_optima(distances, pairs, everybody):
    median = p_median(pairs, everybody, n_sites=P, method="greedy")
    centre = p_center(pairs, everybody, n_sites=P, method="greedy")
    minutes = [distances[:, list(plan.sites)].min(axis=1) for plan in (median, centre)]
    for plan, mine, optimum in (
        (median, minutes[0].mean(), MEDIAN / len(everybody)),
        (centre, minutes[1].max(), CENTRE),
    ):
        assert (plan.status, len(plan.sites)) == ("greedy", P)
        assert plan.objective == pytest.approx(mine)
        assert plan.bound <= optimum + 1e-9 <= plan.objective + 2e-9
        assert plan.objective <= 1.05 * optimum
        assert plan.bound >= 0.9 * optimum


def test_covering_models_agree_with_the_centre(pairs, everybody):
    assert len(lscp(pairs, everybody, cutoff_minutes=CENTRE).sites) == P
    assert len(lscp(pairs, everybody, cutoff_minutes=CENTRE - 1).sites) == P + 1
    assert mclp(pairs, everybody, cutoff_minutes=CENTRE, n_sites=P).objective == len(everybody)
    assert mclp(pairs, everybody, cutoff_minutes=CENTRE - 1, n_sites=P).objective < len(everybody)

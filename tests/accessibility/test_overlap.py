"""Second facilities and losses against counting again without each facility."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from care_map.accessibility.overlap import coverage_times, loss_of_each

reached = st.lists(st.sets(st.integers(0, 4)), min_size=1, max_size=8)


@given(reached, st.data())
def test_equals_covering_anew_without_each(choices, data):
    elders = data.draw(st.lists(st.integers(0, 9), min_size=len(choices), max_size=len(choices)))
    demand = pd.Series(elders, [f"d{i}" for i in range(len(choices))])
    rows = [(f"d{i}", f"f{j}") for i, row in enumerate(choices) for j in sorted(row)]
    pairs = pd.DataFrame(rows, columns=["demand_id", "facility_id"])
    covered = sum(number for number, row in zip(elders, choices, strict=True) if row)
    loss = loss_of_each(pairs, demand)
    for j in sorted(set().union(*choices)):
        left = sum(n for n, row in zip(elders, choices, strict=True) if row - {j})
        assert loss[f"f{j}"] == covered - left
    assert list(loss) == sorted(loss, reverse=True)
    assert coverage_times(pairs, demand).tolist() == [len(row) for row in choices]

"""Elders of a cell taken together: who stands for whom, by hand and in a study."""

from copy import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stages import Stages

from care_map import capacity_stage
from care_map.capacity_cells import CELL_M, taken_together
from care_map.config import read_study

places = st.lists(
    st.tuples(st.integers(0, 2000), st.integers(0, 2000), st.sampled_from("ab")),
    min_size=1,
    max_size=20,
)


@given(places)
def test_nobody_is_lost_and_nobody_far_away_stands_for_anybody(rows):
    x, y = (np.array([row[k] for row in rows], dtype=float) for k in (0, 1))
    kind = np.array([row[2] for row in rows], dtype=object)
    number = np.arange(1, len(rows) + 1)
    together = taken_together(number, x, y, kind, size=len(rows) + 2)
    elders = np.arange(len(rows) + 2, dtype=float)
    assert together.summed(elders).sum() == elders.sum()
    # Rows that were not asked about go alone.
    assert together.stands_for[[0, -1]].tolist() == [0, len(rows) + 1]
    stand_in = together.stands_for[number] - 1
    assert (stand_in >= 0).all()
    assert (kind[stand_in] == kind).all()
    assert (np.abs(x[stand_in] - x) < CELL_M).all()
    assert (np.abs(y[stand_in] - y) < CELL_M).all()
    # Who stands for others stands for itself.
    assert (together.stands_for[together.stands_for] == together.stands_for).all()


def test_a_study_counts_the_same_elders_and_nearly_the_same_access(demo_study, monkeypatch):
    stages = Stages(read_study(demo_study))
    # A copy made before anything is asked works out its tables itself.
    again = copy(stages)
    exact = stages.capacity
    monkeypatch.setattr(capacity_stage, "EXACT_PAIRS", 0)
    merged = again.capacity
    keys = ["unit_id", "level", "service", "catchment"]
    one, other = (result.by_unit.set_index(keys) for result in (exact, merged))
    assert one.index.equals(other.index)
    for name in ("elders", "demand", "demand_weighted", "supply", "undetermined"):
        assert other[name].to_numpy() == pytest.approx(one[name].to_numpy(), nan_ok=True)
    whole = one.loc[(one.index.get_level_values("level") == "all")]
    beds = whole[whole.index.get_level_values("catchment").str.startswith("drive")]
    assert len(beds)
    for row in beds.index:
        assert other.loc[row, "access_2sfca"] == pytest.approx(
            one.loc[row, "access_2sfca"], rel=0.05
        )
    said = {statement.code for statement in merged.statements}
    assert "capacity_cells" in said
    assert "capacity_cells" not in {statement.code for statement in exact.statements}

"""Centres with stations: by hand, and against every possible assignment."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import care_map as cm
from care_map.errors import InputError
from care_map.planning.centres import assign_stations
from care_map.schema import CENTRE_LOADS, CENTRE_STATIONS


def tables(pairs, stations, centres):
    """Return pairs, stations and centres as tables."""
    return (
        pd.DataFrame(pairs, columns=["station", "centre", "minutes"]),
        pd.DataFrame.from_dict(stations, orient="index", columns=["street", "load"]),
        pd.DataFrame.from_dict(centres, orient="index", columns=["street"]),
    )


def test_the_own_street_before_the_nearer_centre():
    given_ = tables(
        [("a", "C", 9.0), ("a", "D", 1.0), ("b", "D", 2.0)],
        {"a": ["s", 1], "b": ["t", 1]},
        {"C": ["s"], "D": ["t"]},
    )
    plan = assign_stations(*given_)
    assert plan.centre.to_dict() == {"a": "C", "b": "D"}
    assert plan.minutes["a"] == 9.0


def test_a_full_centre_hands_on_and_says_so():
    given_ = tables(
        [("a", "C", 1.0), ("b", "C", 2.0), ("b", "D", 8.0), ("d", "C", 1.5)],
        {"a": ["s", 1], "b": ["t", 1], "c": ["", 1], "d": ["t", 1]},
        {"C": ["u"], "D": ["v"]},
    )
    plan = assign_stations(*given_, span=1)
    assert (plan.centre["b"], plan.centre["c"]) == ("D", "")
    assert sorted(plan.centre[["a", "d"]]) == ["", "C"]
    assert plan.reason.to_dict() == {"a": "", "b": "", "c": "beyond", "d": "full"}


def test_a_centre_may_run_all_of_its_street():
    stations = {f"s{n}": ["s", 1] for n in range(4)}
    given_ = tables([(one, "C", 1.0) for one in stations], stations, {"C": ["s"]})
    assert (assign_stations(*given_, span=2).centre == "C").all()
    assert (assign_stations(*given_, span=2, max_load=2.0).centre == "C").sum() == 2


CASES = st.tuples(
    st.lists(st.tuples(st.integers(0, 2), st.integers(1, 4)), min_size=1, max_size=4),
    st.lists(st.integers(0, 2), min_size=1, max_size=3),
    st.lists(st.integers(0, 9), min_size=12, max_size=12),
    st.integers(0, 3),
    st.one_of(st.none(), st.integers(0, 8)),
)


@settings(max_examples=60, deadline=None)
@given(CASES)
def test_none_is_better(case):
    """Against every assignment: most stations, then own streets, then fewest minutes."""
    rows, streets, numbers, span, max_load = case
    stations = {f"s{n}": [f"t{street}", load] for n, (street, load) in enumerate(rows)}
    centres = {f"C{n}": [f"t{street}"] for n, street in enumerate(streets)}
    grid = itertools.product(stations, centres)
    pairs = [(s, c, float(m)) for (s, c), m in zip(grid, numbers, strict=False) if m < 8]
    plan = assign_stations(*tables(pairs, stations, centres), span=span, max_load=max_load)
    minutes = {(s, c): m for s, c, m in pairs}

    def worth(choice):
        used = {s: c for s, c in choice.items() if c}
        own = sum(stations[s][0] == centres[c][0] for s, c in used.items())
        return len(used), own, -sum(minutes[pair] for pair in used.items())

    def allowed(choice):
        if any(c and (s, c) not in minutes for s, c in choice.items()):
            return False
        for centre, (street,) in centres.items():
            mine = [s for s, c in choice.items() if c == centre]
            own = sum(one[0] == street for one in stations.values())
            if len(mine) > max(span, own):
                return False
            if max_load is not None and sum(stations[s][1] for s in mine) > max_load:
                return False
        return True

    options = itertools.product(["", *centres], repeat=len(stations))
    choices = (dict(zip(stations, option, strict=True)) for option in options)
    best = max(worth(choice) for choice in choices if allowed(choice))
    found = plan.centre.to_dict()
    assert allowed(found)
    assert worth(found) == pytest.approx(best)


@pytest.mark.parametrize("wrong", [{"span": -1}, {"max_load": -1.0}])
def test_numbers_that_make_no_sense(wrong):
    given_ = tables([("a", "C", 1.0)], {"a": ["s", 1]}, {"C": ["s"]})
    with pytest.raises(ValueError, match="negative"):
        assign_stations(*given_, **wrong)
    with pytest.raises(ValueError, match="not in the lists"):
        assign_stations(given_[0].assign(centre="X"), *given_[1:])


def test_the_demonstration_district(demo_result):
    plan = cm.centres_with_stations(demo_result, span=10, load_circle="elder_care_15")
    assert list(plan.stations) == CENTRE_STATIONS.names
    assert list(plan.centres) == CENTRE_LOADS.names
    assert plan.status == "optimal"
    run = plan.stations[plan.stations["centre_id"] != ""]
    assert len(run) == plan.centres["stations"].sum()
    assert (plan.centres["stations"] <= plan.centres["span"]).all()
    assert run["minutes"].max() <= 15
    assert plan.centres["load"].sum() == run["load"].sum()
    assert (plan.stations["reason"] == "").sum() == len(run)
    tight = cm.centres_with_stations(
        demo_result, span=10, load_circle="elder_care_15", max_load=60.0
    )
    assert (tight.centres["load"] <= 60).all()
    assert np.isin(tight.stations["reason"], ["", "full", "beyond"]).all()
    with pytest.raises(InputError):
        cm.centres_with_stations(demo_result, profile="teleport")

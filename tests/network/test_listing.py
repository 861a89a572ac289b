"""Items listed by key, and rows worked on in parts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from care_map.network.chunks import in_chunks
from care_map.network.listing import list_by


def test_items_stand_under_their_key_in_rising_order():
    listing = list_by(np.array([2, 0, -1, 2, 0, 4]), 5)
    assert listing.offset.tolist() == [0, 2, 2, 4, 4, 5]
    assert listing.item.tolist() == [1, 4, 0, 3, 5]


@given(st.lists(st.integers(-1, 9), max_size=60))
def test_listing_is_a_stable_sort_of_those_that_have_a_key(keys):
    key = np.array(keys, dtype=np.int64)
    listing = list_by(key, 10)
    with_key = np.flatnonzero(key >= 0)
    expected = with_key[np.argsort(key[with_key], kind="stable")]
    assert listing.item.tolist() == expected.tolist()
    assert np.diff(listing.offset).tolist() == [keys.count(k) for k in range(10)]


@pytest.mark.parametrize("size", [0, 1, 49_999, 50_000, 50_001, 230_000])
def test_parts_are_every_row_once(size):
    times = np.zeros(size, np.int64)

    def work(part):
        times[part] += 1
        assert len(times[part]) == part.stop - part.start

    in_chunks(size, work)
    assert (times == 1).all()


def test_what_fails_in_one_part_fails_the_whole():
    def work(part):
        if part.start:
            raise ValueError(part.start)

    with pytest.raises(ValueError, match="50000"):
        in_chunks(60_000, work)

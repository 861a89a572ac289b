"""`docs/andorra.md` holds what its script makes of the open data."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def build_andorra():
    spec = importlib.util.spec_from_file_location("build_andorra", ROOT / "docs/build_andorra.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.real_data
def test_the_tables_of_andorra_are_up_to_date(build_andorra, shared_data):
    """`python docs/build_andorra.py` renews them; two rows stand for all."""
    page = build_andorra.PAGE.read_text(encoding="utf-8")
    place = build_andorra.read_place(shared_data / "andorra")
    assert build_andorra.data_table(place) in page
    for profile in ("elder", "wheelchair"):
        row = build_andorra.coverage(place, profile)
        assert row in page
        # Hills change the result, and to is not from.
        assert len(set(row.split("|")[5:8])) == 3

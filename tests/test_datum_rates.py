"""`docs/datum.md` holds the rates that its script makes of the open data."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.real_data
def test_the_rates_of_the_datum_check_are_up_to_date(shared_data):
    """`python docs/build_datum.py` renews them; two rows stand for all."""
    spec = importlib.util.spec_from_file_location("build_datum", ROOT / "docs/build_datum.py")
    build_datum = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build_datum)
    page = build_datum.PAGE.read_text(encoding="utf-8")
    villages, districts = build_datum.taipei(shared_data)
    for case, draw in ((villages, (20, 200)), (districts, (20, 0))):
        assert build_datum.row_of(case, *draw) in page

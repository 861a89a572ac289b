"""Fixtures that several layers of tests share."""

import os
from pathlib import Path

import pytest

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


def missing(what: str) -> None:
    """Skip on a user's machine, fail where ``CI=true``: there nothing may be missing."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is missing")
    pytest.skip(f"{what} is missing")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real open data that lies beside the project."""
    if not SHARED_DATA.is_dir():
        missing("../shared/data")
    return SHARED_DATA

"""Fixtures that several layers of tests share."""

import os
from pathlib import Path

import pytest

from care_map.assessment import Assessment, assess
from care_map.config import read_study

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"
DEMO_STUDY = Path(__file__).parents[1] / "data" / "study.toml"


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


@pytest.fixture(scope="session")
def demo_study() -> Path:
    """Return the study file of the demonstration district."""
    if not DEMO_STUDY.is_file():
        missing("data/study.toml")
    return DEMO_STUDY


@pytest.fixture(scope="session")
def demo_result(demo_study: Path) -> Assessment:
    """Return the assessment of the demonstration district, made once for all tests."""
    return assess(read_study(demo_study))

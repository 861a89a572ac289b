"""Fixtures that several layers of tests share."""

import gc
import os
from functools import cache
from pathlib import Path

import pytest
from hostile import hostile_study
from hypothesis import settings
from pyproj import Transformer

from care_map.assessment import Assessment, assess
from care_map.config import read_study
from care_map.workflows.run import Run, run

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"
DEMO_STUDY = Path(__file__).parents[1] / "data" / "study.toml"

COMPILES = "test_public_names.py"
"""Uses every kernel: the first worker compiles them while the second does without."""
WITHOUT_KERNELS = {
    *("packs", "policy", "test_map_controls.py", "test_map_layers.py", "test_map_page.py"),
    *("test_map_print.py", "test_map_reader.py", "test_map_tools.py"),
}


def pytest_configure() -> None:
    """Look for cycles as seldom as the command does; a first call may compile its kernels."""
    gc.set_threshold(100_000, 50, 100)
    settings.register_profile("care-map", deadline=None, max_examples=50)
    settings.load_profile("care-map")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order files so that neither of two workers waits, for a kernel or at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}

    def turn(item: pytest.Item) -> int:
        if item.path.name == COMPILES:
            return 0
        if {item.path.name, item.path.parent.name} & WITHOUT_KERNELS:
            return 1
        return 2 if item.path in slow else 3

    items.sort(key=turn)


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


@pytest.fixture(scope="session")
def hostile_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a run whose units, facilities and roads have hostile names."""
    return run(hostile_study(tmp_path_factory.mktemp("hostile")))


@cache
def _found_once(source, target, *, always_xy):
    return Transformer.from_crs(source, target, always_xy=always_xy)


class _Transformers:
    from_crs = staticmethod(_found_once)


@pytest.fixture(scope="session", autouse=True)
def transformations_found_once():
    """Look each transformation of a network up once; what it does is what it does.

    Many small networks are built, and PROJ takes a tenth of a second to find one.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("care_map.network.build.Transformer", _Transformers)
        yield

"""Small studies made in code for the tests of readers."""

from collections.abc import Callable
from pathlib import Path

import pytest
import shapely

from care_map.config import (
    CrosswalkSource,
    DemandSource,
    FacilitySource,
    ReceivedSource,
    ServiceSource,
    StatedSource,
    Study,
    TargetSource,
    UnitSource,
)
from care_map.errors import Problem

KINDS = {
    "units": UnitSource,
    "facilities": FacilitySource,
    "demand": DemandSource,
    "crosswalk": CrosswalkSource,
    "services": ServiceSource,
    "stated": StatedSource,
    "received": ReceivedSource,
    "targets": TargetSource,
}


@pytest.fixture
def make_study(tmp_path: Path) -> Callable[..., Study]:
    """Return a maker of studies: texts become CSV files, dicts the settings of their sources."""

    def make(*, header=None, **tables: str | list[tuple[str, dict[str, object]]]) -> Study:
        sources = {}
        for kind, given in tables.items():
            parts = [(given, {})] if isinstance(given, str) else given
            made = []
            for number, (text, settings) in enumerate(parts, start=1):
                file = tmp_path / f"{kind}{number}.csv"
                file.write_text(text, encoding="utf-8")
                made.append(KINDS[kind](path=Path(file.name), **settings))
            sources[kind] = tuple(made)
        return Study(root=tmp_path, name="test", **(header or {}), **sources)

    return make


def square(west: float, south: float, side: float = 0.01) -> str:
    """Return a square in degrees as WKT, quoted for CSV."""
    return f'"{shapely.box(west, south, west + side, south + side).wkt}"'


@pytest.fixture
def two_towns() -> str:
    """Two towns side by side at 108.40–108.42 E, 30.80–30.81 N, the western one in two parts."""
    return (
        "unit_id,name,level,parent_id,wkt\n"
        f"500101001000,甲街道,town,,{square(108.40, 30.80)}\n"
        f"500101002000,乙镇,town,,{square(108.41, 30.80)}\n"
        f"500101001001,东社区,community,500101001000,{square(108.405, 30.80, 0.005)}\n"
    )


def told(problem: Problem, field: str) -> object:
    """Return what fills a field of a finding's sentences, None where nothing does."""
    return problem.values.get(field)

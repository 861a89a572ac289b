"""A hamlet of nine crossings, and the command line called in this process or in its own."""

import contextlib
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from care_map.cli.app import main

SOURCES = Path(__file__).parents[2] / "src"
WEST, SOUTH, STEP = 108.40, 30.80, 0.005
HOSTILE = "甲[red]站\x1b[31m<img onerror=alert(1)>"

STUDY = """\
[study]
name = "小村[bold]"
language = "zh"
[roads]
path = "roads.geojson"
[[facilities]]
path = "facilities.csv"
[[demand]]
path = "elders.csv"
[output]
dir = "outputs/run"
"""


@dataclass(frozen=True)
class Answer:
    """What a call said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        """The one object on standard output."""
        assert self.out.count("\n") == 1
        return json.loads(self.out)


@pytest.fixture
def care_map(capsys, monkeypatch):
    """Call the command line in this process."""
    monkeypatch.delenv("CARE_MAP_LANG", raising=False)
    monkeypatch.setenv("COLUMNS", "100")

    def call(*args):
        capsys.readouterr()
        code = main([str(arg) for arg in args])
        return Answer(code, *capsys.readouterr())

    return call


@dataclass(frozen=True)
class Ran:
    """A study that has run, and what the run said."""

    study: Path
    answer: Answer


def call_here(*args):
    """Call the command line in this process, for a fixture that several tests share."""
    out, err = io.StringIO(), io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        patch.delenv("CARE_MAP_LANG", raising=False)
        patch.setenv("COLUMNS", "100")
        code = main([str(arg) for arg in args])
    return Answer(code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="session")
def first_run(tmp_path_factory):
    """Return the study after its first run: to be read, or copied by who changes it."""
    folder = write_hamlet(tmp_path_factory.mktemp("first run"))
    return Ran(folder, call_here("run", folder))


@pytest.fixture(scope="session")
def program():
    """Call the command line in a process of its own."""
    return call_program


def call_program(*args, cwd=None, **environment):
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("CARE_MAP")}
    done = subprocess.run(
        [sys.executable, "-m", "care_map", *map(str, args)],
        capture_output=True,
        check=False,
        cwd=cwd,
        encoding="utf-8",
        env={**inherited, "PYTHONPATH": str(SOURCES), **environment},
        stdin=subprocess.DEVNULL,
        timeout=300,
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def write_roads(file):
    """Write a grid of streets, 3 by 3 crossings about 500 m apart."""
    at = [(WEST + STEP * number, SOUTH + STEP * number) for number in range(3)]
    lines = [[(lon, lat) for _, lat in at] for lon, _ in at]
    lines += [[(lon, lat) for lon, _ in at] for _, lat in at]
    features = [
        {
            "type": "Feature",
            "properties": {"highway": "residential"},
            "geometry": {"type": "LineString", "coordinates": line},
        }
        for line in lines
    ]
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return file


@pytest.fixture
def roads(tmp_path):
    """Return a road layer."""
    return write_roads(tmp_path / "roads.geojson")


@pytest.fixture
def study(tmp_path):
    """Return the study of the hamlet in a folder of the test's own."""
    return write_hamlet(tmp_path)


def write_hamlet(folder):
    """Write a study of ten elders, seven of them without coordinates."""
    write_roads(folder / "roads.geojson")
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    near = f"{WEST + 0.0001:.4f},{SOUTH:.4f}"
    far = f"{WEST + 2 * STEP:.4f},{SOUTH + 2 * STEP:.4f}"
    lists = {
        "facilities.csv": "编号,设施名称,设施类型,阶段,经度,纬度\n"
        f"F1,{HOSTILE},社区养老服务站,运营,{near}\n",
        "elders.csv": f"编号,年龄,经度,纬度\nE1,70,{near}\nE2,71,{near}\nE3,82,{far}\n"
        + "".join(f"E{number},75,,\n" for number in range(4, 11)),
    }
    for name, text in lists.items():
        (folder / name).write_text(text, encoding="utf-8-sig")
    return folder

"""Every benchmark runs on a small input and leaves figures that the report can print."""

import ast
import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "benchmarks"
PEERS = {
    "extract": ("psutil", "pyrosm"),
    "growth": ("psutil", "scipy"),
    "isochrone_speed": ("psutil", "networkx"),
    "isochrone_truth": ("psutil",),
    "map_page": ("psutil", "playwright"),
    "million": ("psutil", "scipy"),
    "nearest": ("psutil", "scipy", "networkx"),
    "pairs": ("psutil", "pandana"),
    "reading": ("psutil",),
    "siting": ("psutil", "spopt", "pulp", "highspy"),
    "snapping": ("psutil", "shapely"),
    "whole_run": ("psutil",),
}
KEYS = {"checks", "date", "figures", "inputs", "machine", "name", "notes", "title", "versions"}


def _absent(modules):
    return [name for name in modules if importlib.util.find_spec(name) is None]


def _need(*modules):
    absent = _absent(modules)
    if not absent:
        return
    reason = f"{', '.join(absent)} not installed: pip install --group benchmark"
    # AGPL and heavy peers are nobody's duty; where CI installs the group, none may be lacking.
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def _python(*more):
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONUTF8": "1"}
    command = [sys.executable, *map(str, more)]
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, timeout=500, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_every_script_is_measured_by_make_and_has_its_place_in_the_report():
    scripts = {file.stem for file in FOLDER.glob("[a-z]*.py")} - {"report"}
    assert scripts == set(PEERS)
    made = re.search(r"^BENCHMARKS := (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert made is not None
    order = made[1].split()
    assert set(order) == scripts
    report = (FOLDER / "report.py").read_text("utf-8")
    shown = re.search(r"^ORDER = (\[.*?\])", report, re.MULTILINE | re.DOTALL)
    assert shown is not None
    assert ast.literal_eval(shown[1]) == order


# In one process: to read the libraries and the kernels takes longer than most figures.
_RUN_EACH = """
import contextlib, pathlib, runpy, sys, traceback
scripts, out, *names = sys.argv[1:]
sys.path.insert(0, scripts)
for name in names:
    script, file = pathlib.Path(scripts, f"{name}.py"), pathlib.Path(out, f"{name}.json")
    sys.argv = [str(script), "--small", "--out", str(file)]
    with file.with_suffix(".txt").open("w") as said, contextlib.redirect_stdout(said):
        try:
            runpy.run_path(str(script), run_name="__main__")
        except (Exception, SystemExit):
            traceback.print_exc(file=said)
"""


@pytest.fixture(scope="module")
def small_runs(tmp_path_factory):
    """Return the folder where each script that has its peers has left what it wrote and said."""
    folder = tmp_path_factory.mktemp("benchmarks")
    _python("-c", _RUN_EACH, FOLDER, folder, *(name for name in PEERS if not _absent(PEERS[name])))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("script", sorted(PEERS))
def test_runs_on_a_small_input(script, small_runs):
    _need(*PEERS[script])
    printed = (small_runs / f"{script}.txt").read_text(encoding="utf-8")
    out = small_runs / f"{script}.json"
    assert "Traceback" not in printed, printed[-3000:]
    record = json.loads(out.read_text(encoding="utf-8"))
    assert record.keys() >= KEYS
    assert record["name"] == script
    assert record["small"]
    assert record["checks"], "a claim has a limit"
    for check in record["checks"]:
        assert check["what"] in printed
        kept = check["value"] <= check["limit"]
        if check["sense"] == ">=":
            kept = check["value"] >= check["limit"]
        assert check["met"] == kept
    assert record["machine"]["cores"] >= 1


@pytest.mark.slow
def test_report_says_what_is_missed(tmp_path):
    _need("matplotlib")
    record = {
        "name": "nearest",
        "title": "Nearest",
        "inputs": {"nodes": 7},
        "figures": {"ours, ms": 1.5},
        "checks": [
            {"what": "÷ a", "value": 0.5, "limit": 1, "sense": "<=", "unit": "", "met": True},
            {"what": "÷ b", "value": 3, "limit": 2, "sense": "<=", "unit": "s", "met": False},
        ],
        "notes": ["why"],
        "curve": [],
        "small": False,
        "rounds": 5,
        "date": "2026-01-01",
        "machine": {
            "cores": 2,
            "cpu": "C",
            "memory_gb": 4,
            "load": 0,
            "system": "L",
            "python": "3.11",
        },
        "versions": {"numpy": "2"},
    }
    (tmp_path / "nearest.json").write_text(json.dumps(record), encoding="utf-8")
    page = tmp_path / "README.md"
    _python(FOLDER / "report.py", "--results", tmp_path, "--out", page)
    text = page.read_text(encoding="utf-8")
    assert "| ÷ a | 0.5 | ≤ 1 | yes |" in text
    assert "| ÷ b | 3 s | ≤ 2 s | **no** |" in text
    assert "Not measured yet: `extract`" in text

"""Times, memory and machine of a benchmark, and the JSON file that it leaves."""

import argparse
import datetime as dt
import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import psutil

__all__ = [
    "Check",
    "Claim",
    "Fresh",
    "Memory",
    "arguments",
    "fresh",
    "seconds_of",
    "side_by_side",
    "watched",
    "write",
]

Name = TypeVar("Name")

ROUNDS = 5
_LIBRARIES = [
    "care-map",
    "numpy",
    "scipy",
    "numba",
    "pandas",
    "geopandas",
    "shapely",
    "pyogrio",
    "osmium",
    "networkx",
    "osmnx",
    "pandana",
    "pyrosm",
    "spopt",
    "highspy",
]
_SAMPLE_S = 0.02
_BYTES_PER_MB = 1e6


@dataclass(frozen=True, slots=True)
class Check:
    """A figure and the limit that it is held to.

    Parameters
    ----------
    what
        What is compared, in a few words.
    value
        The figure.
    limit
        What it must be.
    sense
        ``"<="`` or ``">="``.
    unit
        Unit of both, empty for a ratio.
    """

    what: str
    value: float
    limit: float
    sense: str = "<="
    unit: str = ""

    @property
    def met(self) -> bool:
        """Whether the limit is kept."""
        return self.value <= self.limit if self.sense == "<=" else self.value >= self.limit


@dataclass(frozen=True, slots=True)
class Claim:
    """What a benchmark found.

    Parameters
    ----------
    name
        Name of the script.
    title
        The claim in a line.
    inputs
        What it was measured on.
    figures
        Name with its unit → value, in the order in which they are printed.
    checks
        Figures with limits.
    notes
        What a reader must know to judge the figures.
    curve
        Points of a curve, if the claim is one: a list of equal mappings.
    """

    name: str
    title: str
    inputs: Mapping[str, object]
    figures: Mapping[str, float]
    checks: Sequence[Check]
    notes: Sequence[str] = ()
    curve: Sequence[Mapping[str, float]] = ()


@dataclass(frozen=True, slots=True)
class Fresh:
    """What a process of its own did: its answer, wall time and peak memory of its tree."""

    answer: Mapping[str, Any]
    seconds: float
    peak_mb: float


@dataclass(slots=True)
class Memory:
    """Resident memory of a process tree while it is watched, in MB of 10^6 bytes."""

    before_mb: float
    peak_mb: float
    _stop: threading.Event = field(default_factory=threading.Event)

    @property
    def extra_mb(self) -> float:
        """Peak above what was there before."""
        return max(self.peak_mb - self.before_mb, 0.0)


def arguments(description: str, *, rounds: int = ROUNDS) -> argparse.Namespace:
    """Return the options that all benchmarks have: small, out, data, rounds, worker, folder."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--small", action="store_true", help="a small input: does it run at all?")
    parser.add_argument("--out", type=Path, help="write the figures to this JSON file")
    parser.add_argument("--data", type=Path, default=beside, help="folder of the open data")
    parser.add_argument("--rounds", type=int, help=f"the median of so many: {rounds}, small 1")
    parser.add_argument("--worker", default="", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.rounds = options.rounds or (1 if options.small else rounds)
    return options


def seconds_of(work: Callable[[], object]) -> float:
    """Return the wall time of a call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def side_by_side(
    works: Mapping[Name, Callable[[], object]], *, rounds: int = ROUNDS, warm: bool = True
) -> dict[Name, float]:
    """Return the median wall time of each work.

    Each is called once to warm it, unless it has been; then all take turns, so that what else
    the machine does falls on all of them.
    """
    for work in works.values() if warm else ():
        work()
    times: dict[Name, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            times[name].append(seconds_of(work))
    return {name: statistics.median(values) for name, values in times.items()}


def fresh(script: str, worker: str, *more: str) -> Fresh:
    """Run a script's worker in a process of its own; it prints one JSON object last."""
    command = [sys.executable, script, "--worker", worker, *more]
    return run(command, answer=lambda out: json.loads(out.strip().splitlines()[-1]))


def run(command: Sequence[str], *, answer: Callable[[str], Any] = lambda _: {}) -> Fresh:
    """Run a command and watch the memory of its process tree.

    Raises
    ------
    RuntimeError
        It failed; with what it said.
    """
    start = time.perf_counter()
    with (
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process,
        watched(process.pid) as memory,
    ):
        out, error = process.communicate()
    seconds = time.perf_counter() - start
    if process.returncode:
        msg = f"`{' '.join(command)}` ended with {process.returncode}:\n{error[-2000:]}"
        raise RuntimeError(msg)
    return Fresh(answer(out), seconds, memory.peak_mb)


@contextmanager
def watched(pid: int | None = None) -> Iterator[Memory]:
    """Sample the resident memory of a process tree, this one's without `pid`."""
    root = psutil.Process(pid)
    memory = Memory(_tree_mb(root), 0.0)

    def sample() -> None:
        while not memory._stop.is_set():  # noqa: SLF001
            memory.peak_mb = max(memory.peak_mb, _tree_mb(root))
            time.sleep(_SAMPLE_S)

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield memory
    finally:
        memory._stop.set()  # noqa: SLF001
        thread.join()


def _tree_mb(root: psutil.Process) -> float:
    total = 0
    try:
        for process in (root, *root.children(recursive=True)):
            total += process.memory_info().rss
    except psutil.NoSuchProcess:
        pass
    return total / _BYTES_PER_MB


def write(claim: Claim, options: argparse.Namespace) -> None:
    """Print the figures and write them to the JSON file that was asked for."""
    print(f"{claim.title}{' (small)' if options.small else ''}")
    for name, value in claim.figures.items():
        print(f"  {name:<58} {value:>12,.4g}")
    for check in claim.checks:
        state = "met" if check.met else "MISSED"
        limit = f"{check.sense} {check.limit:.4g} {check.unit}".strip()
        print(f"  {check.what:<58} {check.value:>12.4g} {limit}  {state}")
    if options.out is None:
        return
    record = asdict(claim) | {
        "checks": [asdict(check) | {"met": check.met} for check in claim.checks],
        "small": options.small,
        "rounds": options.rounds,
        "date": dt.datetime.now(dt.UTC).isoformat(timespec="minutes"),
        "machine": _machine(),
        "versions": _versions(),
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(record, indent=1, ensure_ascii=False)
    options.out.write_text(f"{text}\n", encoding="utf-8")


def _machine() -> dict[str, object]:
    model = platform.processor() or "unknown"
    listing = Path("/proc/cpuinfo")
    if listing.is_file():
        lines = listing.read_text(encoding="utf-8").splitlines()
        model = next((x.split(":")[1].strip() for x in lines if x.startswith("model name")), model)
    return {
        "cpu": model,
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "load": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def _versions() -> dict[str, str]:
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found

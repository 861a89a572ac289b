"""Extract → network, beside pyrosm; and a saved network opened. Each in a fresh process."""

import json
import shutil
import statistics
import tempfile
from pathlib import Path

from _inputs import LATTICE_CRS, extract_of, lattice, network_of
from _measure import Check, Claim, Fresh, arguments, fresh, seconds_of, write

from care_map.network.build import build_network
from care_map.network.road_network import RoadNetwork
from care_map.network.store import open_network, save_network

SAVED = "network"


def main() -> None:
    """Measure and write, or do one worker's part."""
    options = arguments(__doc__ or "")
    extract = extract_of(options)
    if options.worker:
        seconds = {"ours": _ours, "pyrosm": _pyrosm, "open": _open}[options.worker](
            extract, options.folder
        )
        print(json.dumps(seconds))
        return
    folder = Path(tempfile.mkdtemp(prefix="care-map-benchmark-"))
    try:
        save_network(network_of(extract), folder / SAVED)
        more = ["--data", str(options.data), "--folder", str(folder)]
        more += ["--small"] if options.small else []
        runs = _in_turns(more, options.rounds)
    finally:
        shutil.rmtree(folder)
    seconds = {name: _median(runs[name], "seconds") for name in runs}
    touched_s = _median(runs["open"], "touched_s")
    claim = Claim(
        name="extract",
        title="Extract → network; a saved network opens",
        inputs={"extract": extract.name, "MB": round(extract.stat().st_size / 1e6, 1)},
        figures={
            "ours, s": seconds["ours"],
            "pyrosm, s": seconds["pyrosm"],
            "saved network opened, ms": seconds["open"] * 1e3,
            "saved network opened and every array read, ms": touched_s * 1e3,
            "ours, process start to end, s": _wall(runs["ours"]),
            "pyrosm, process start to end, s": _wall(runs["pyrosm"]),
            "ours, peak MB": _peak(runs["ours"]),
            "pyrosm, peak MB": _peak(runs["pyrosm"]),
        },
        checks=[
            Check("÷ pyrosm get_network(walking)", seconds["ours"] / seconds["pyrosm"], 0.5),
            Check("opened ÷ built, every array read", touched_s / seconds["ours"], 0.03),
        ],
        notes=[
            (
                "Every round in a fresh process, imports not counted, kernels compiled before. "
                "Ours includes projection, barriers and merged chains; pyrosm gives tables of "
                "nodes and edges, with engine in_memory and its disk cache cleared."
            ),
        ],
    )
    write(claim, options)


def _in_turns(more: list[str], rounds: int) -> dict[str, list[Fresh]]:
    workers = ("ours", "pyrosm", "open")
    fresh(__file__, "ours", *more)
    runs: dict[str, list[Fresh]] = {name: [] for name in workers}
    for _ in range(rounds):
        for name in workers:
            runs[name].append(fresh(__file__, name, *more))
    return runs


def _ours(extract: Path, _folder: Path) -> dict[str, float]:
    _warm()
    return {"seconds": seconds_of(lambda: network_of(extract))}


def _pyrosm(extract: Path, _folder: Path) -> dict[str, float]:
    from pyrosm import OSM  # noqa: PLC0415 - ours must not pay for its import

    OSM.clear_cache()

    def read() -> None:
        OSM(str(extract), engine="in_memory").get_network("walking", nodes=True)

    return {"seconds": seconds_of(read)}


def _open(_extract: Path, folder: Path) -> dict[str, float]:
    # The first call of a process pays for things that are no part of the file.
    open_network(folder / SAVED)
    seconds = seconds_of(lambda: open_network(folder / SAVED))
    touched_s = seconds_of(lambda: _touch(open_network(folder / SAVED)))
    return {"seconds": seconds, "touched_s": touched_s}


def _touch(network: RoadNetwork) -> float:
    """Read every number, so that a file that is only mapped is really read."""
    names = [name for name in RoadNetwork.__slots__ if name.startswith(("node", "edge", "vertex"))]
    return float(sum(getattr(network, name).sum() for name in (*names, "barriers")))


def _warm() -> None:
    build_network(lattice(100), LATTICE_CRS)


def _median(runs: list[Fresh], name: str) -> float:
    return statistics.median(run.answer[name] for run in runs)


def _wall(runs: list[Fresh]) -> float:
    return statistics.median(run.seconds for run in runs)


def _peak(runs: list[Fresh]) -> float:
    return max(run.peak_mb for run in runs)


if __name__ == "__main__":
    main()

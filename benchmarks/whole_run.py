"""`care-map run` on 200,000 elders and 500 facilities, start to finish, with every output."""

import json
import statistics
import sys
import tempfile
from pathlib import Path

from _inputs import extract_of, model_of, network_of
from _measure import Check, Claim, Fresh, arguments, run, write
from _study import write_study

LIMIT_S, LIMIT_MB = 60.0, 3000.0


def main() -> None:
    """Measure and write."""
    options = arguments(__doc__ or "")
    extract = extract_of(options)
    _, costs = model_of(network_of(extract))
    n_elders, n_facilities = (500, 20) if options.small else (200_000, 500)
    with tempfile.TemporaryDirectory(prefix="care-map-benchmark-") as name:
        folder = Path(name)
        warm = write_study(folder / "warm", costs, n_facilities=20, n_elders=500, roads=extract)
        study = write_study(
            folder / "study", costs, n_facilities=n_facilities, n_elders=n_elders, roads=extract
        )
        if not options.small:
            _run(warm)
        runs = [_run(study) for _ in range(options.rounds)]
        out = study.parent / "run"
        timings = json.loads((out / "manifest.json").read_text(encoding="utf-8")).get(
            "timings_s", {}
        )
        size_mb = sum(f.stat().st_size for f in out.rglob("*") if f.is_file()) / 1e6
    seconds = statistics.median(run.seconds for run in runs)
    peak_mb = max(run.peak_mb for run in runs)
    claim = Claim(
        name="whole_run",
        title="200,000 elders × 500 facilities, run start to finish",
        inputs={
            "extract": extract.name,
            "elders": n_elders,
            "facilities": n_facilities,
            "circles": 2,
            "towns": 36,
        },
        figures={
            "run, s": seconds,
            "peak memory, MB": peak_mb,
            **{f"of that {stage}, s": float(value) for stage, value in timings.items()},
            "outputs, MB": size_mb,
        },
        checks=[
            Check("run", seconds, LIMIT_S, unit="s"),
            Check("peak memory of the process tree", peak_mb, LIMIT_MB, unit="MB"),
        ],
        notes=[
            (
                "The whole process with imports; kernels were compiled before. Two circles, three "
                "profiles, roads from the extract, not from a saved network."
            ),
        ],
    )
    write(claim, options)


def _run(study: Path) -> Fresh:
    return run([sys.executable, "-m", "care_map", "run", str(study), "--quiet"])


if __name__ == "__main__":
    main()

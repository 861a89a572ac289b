"""Coverage tables of 1M generated elders with 5,000 facilities on 1M nodes.

Held to what no program can do without: reading the elders, and one pass over the arrays.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pyogrio
from _inputs import LATTICE_CRS, facility_nodes, lattice, model_of
from _measure import Check, Claim, arguments, side_by_side, watched, write
from _peers import as_csr
from _study import ONE_CIRCLE, write_study
from scipy.sparse.csgraph import dijkstra

from care_map.access import access_table
from care_map.accessibility.coverage import coverage_by_unit
from care_map.config import Study, read_study
from care_map.inputs.load import load_inputs
from care_map.network.build import build_network
from care_map.network.road_network import RoadNetwork
from care_map.routing.search import arcs_towards
from care_map.search_points import make_search

T = TypeVar("T")
CUTOFF_S = 900.0


def main() -> None:
    """Measure and write."""
    options = arguments(__doc__ or "", rounds=3)
    n_nodes, n_facilities, n_elders = (
        (10_000, 50, 5_000) if options.small else (1_000_000, 5_000, 1_000_000)
    )
    network = build_network(lattice(n_nodes), LATTICE_CRS)
    _, costs = model_of(network, "elder")
    matrix = as_csr(arcs_towards(costs))
    nodes = facility_nodes(costs, n_facilities)
    with tempfile.TemporaryDirectory(prefix="care-map-benchmark-") as name:
        file = write_study(
            Path(name),
            costs,
            n_facilities=n_facilities,
            n_elders=n_elders,
            roads=None,
            circles=ONE_CIRCLE,
        )
        study, elders = read_study(file), Path(name) / "elders.gpkg"
        with watched() as memory:
            stages = tables(study, network)
        times = side_by_side(
            {
                "ours": lambda: tables(study, network),
                "elders read by pyogrio": lambda: pyogrio.read_dataframe(elders),
                "scipy pass": lambda: dijkstra(
                    matrix, indices=nodes, min_only=True, limit=CUTOFF_S
                ),
            },
            rounds=options.rounds,
            warm=False,
        )
    floor_s = times["elders read by pyogrio"] + times["scipy pass"]
    claim = Claim(
        name="million",
        title="1M nodes, 5,000 facilities, 1M elders: coverage tables",
        inputs={"nodes": network.n_nodes, "facilities": n_facilities, "elders": n_elders},
        figures={
            **{f"{name}, s": value for name, value in times.items()},
            **{f"of ours {stage}, s": value for stage, value in stages.items()},
            "ours, MB above what was there": memory.extra_mb,
        },
        checks=[Check("÷ (reading elders + scipy pass)", times["ours"] / floor_s, 2.0)],
        notes=[
            (
                "From files to coverage_by_unit: units, facilities and elders read and checked, "
                "points snapped, times of the own and of any district, sums. The network is in "
                "memory."
            ),
            (
                "Profile of ours: points are made as geometries twice (as read, and in metres), "
                "and joined to units by a tree; reading them as numbers and joining by grid cells "
                "is not done yet."
            ),
        ],
    )
    write(claim, options)


def tables(study: Study, network: RoadNetwork) -> dict[str, float]:
    """Make the coverage tables; return the seconds of each stage."""
    stages: dict[str, float] = {}
    inputs = _timed(stages, "reading", lambda: load_inputs(study))
    search = _timed(stages, "snapping", lambda: make_search(study, inputs, network))
    access = _timed(stages, "searching", lambda: access_table(study, inputs, search))
    table = _timed(
        stages,
        "summing",
        lambda: coverage_by_unit(access, inputs.demand, inputs.units, name=study.name),
    )
    if int(table["elders"].max()) != len(inputs.demand):
        msg = f"coverage counts {table['elders'].max()} of {len(inputs.demand)} elders"
        raise AssertionError(msg)
    return stages


def _timed(stages: dict[str, float], name: str, work: Callable[[], T]) -> T:
    start = time.perf_counter()
    found = work()
    stages[name] = time.perf_counter() - start
    return found


if __name__ == "__main__":
    main()

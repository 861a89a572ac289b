"""Nearest search on generated towns of 100k, 1M and 5M nodes: time per node."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from _inputs import LATTICE_CRS, lattice, model_of
from _measure import Check, Claim, arguments, side_by_side, write
from _peers import as_csr
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from care_map.network.build import build_network
from care_map.routing.search import Arcs, Seeds, arcs_towards, grow_tree

CUTOFF_S = 900.0
NODES = (100_000, 1_000_000, 5_000_000)
NODES_SMALL = (5_000, 20_000, 50_000)
NODES_PER_FACILITY = 200
NAMES = ("ours", "scipy")
NS_PER_S = 1e9


def main() -> None:
    """Measure and write."""
    options = arguments(__doc__ or "")
    towns = [_town(n) for n in (NODES_SMALL if options.small else NODES)]
    works = {(name, town.nodes): work for town in towns for name, work in _works(town).items()}
    times = side_by_side(works, rounds=options.rounds)
    curve = [
        {
            "nodes": town.nodes,
            "reached": town.reached,
            **{f"{n}, ns a node": times[n, town.nodes] / town.nodes * NS_PER_S for n in NAMES},
        }
        for town in towns
    ]
    per_node = [point["ours, ns a node"] for point in curve]
    peers = [point["scipy, ns a node"] for point in curve]
    claim = Claim(
        name="growth",
        title="Growth of the nearest search",
        inputs={
            "town": "generated streets, junctions about 100 m apart",
            "facilities": f"one per {NODES_PER_FACILITY} nodes",
        },
        figures={
            f"{name} at {point['nodes']:,.0f} nodes": point[name]
            for point in curve
            for name in ("ours, ns a node", "scipy, ns a node")
        },
        checks=[Check("slowest ÷ quickest time per node", max(per_node) / min(per_node), 2.0)],
        notes=[
            (
                f"scipy's own factor is {max(peers) / min(peers):.2f}: memory further away than "
                "the caches is slower for everybody."
            ),
        ],
        curve=curve,
    )
    write(claim, options)


@dataclass(frozen=True, slots=True)
class _Town:
    arcs: Arcs
    matrix: csr_array
    seeds: Seeds
    nodes: int
    reached: float


def _town(n_nodes: int) -> _Town:
    _, costs = model_of(build_network(lattice(n_nodes), LATTICE_CRS))
    arcs = arcs_towards(costs)
    size = len(arcs.offset) - 1
    rng = np.random.default_rng(4)
    nodes = rng.choice(size, size // NODES_PER_FACILITY, replace=False)
    seeds = Seeds(nodes, np.zeros(len(nodes)), np.arange(len(nodes)))
    found = grow_tree(arcs, seeds, cutoff_s=CUTOFF_S)
    return _Town(arcs, as_csr(arcs), seeds, size, float(np.isfinite(found.seconds).mean()))


def _works(town: _Town) -> dict[str, Callable[[], object]]:
    def ours() -> object:
        return grow_tree(town.arcs, town.seeds, cutoff_s=CUTOFF_S)

    def scipys() -> object:
        return dijkstra(town.matrix, indices=town.seeds.node, min_only=True, limit=CUTOFF_S)

    return {"ours": ours, "scipy": scipys}


if __name__ == "__main__":
    main()

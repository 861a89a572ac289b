"""All (origin, facility) pairs within 15 minutes of 500 facilities, beside pandana."""

import numpy as np
import pandana
import pandas as pd
from _inputs import extract_of, facility_nodes, main_nodes, model_of, network_of, points_at
from _measure import Check, Claim, arguments, side_by_side, watched, write
from _peers import unique_arcs

from care_map.routing.pairs import Pairs, travel_pairs
from care_map.routing.search import Arcs, arcs_towards

CUTOFF_S = 900.0
BYTES_PER_PAIR = 24
SAME_S = 0.01 * CUTOFF_S / 60.0
MOST_UNLIKE = 0.005


def main() -> None:
    """Measure and write."""
    options = arguments(__doc__ or "")
    model, costs = model_of(network_of(extract_of(options)))
    nodes = facility_nodes(costs, 50 if options.small else 500)
    origins = points_at(costs.network, main_nodes(costs))
    facilities = points_at(costs.network, nodes)
    snaps = {"snapped_origins": model.snap(origins), "snapped_facilities": model.snap(facilities)}
    peer = _pandana(arcs_towards(costs), costs.network.node_x, costs.network.node_y)

    def ours() -> Pairs:
        return travel_pairs(model, origins, facilities, cutoff_s=CUTOFF_S, **snaps)

    def pandanas() -> pd.DataFrame:
        return peer.nodes_in_range(nodes, CUTOFF_S)

    # The first call of each in this process: later ones use memory again that is already theirs.
    with watched() as memory:
        pairs = ours()
    with watched() as peer_memory:
        table = pandanas()
    unlike = _agree(pairs, table, main_nodes(costs), nodes)
    times = side_by_side({"ours": ours, "pandana": pandanas}, rounds=options.rounds)
    answer_mb = len(pairs) * BYTES_PER_PAIR / 1e6
    claim = Claim(
        name="pairs",
        title="All (origin, facility) pairs within 15 min, 500 facilities",
        inputs={
            "extract": extract_of(options).name,
            "origins": len(origins),
            "facilities": len(facilities),
            "pairs": len(pairs),
        },
        figures={
            "ours, s": times["ours"],
            "pandana, s": times["pandana"],
            "answer, MB": answer_mb,
            "ours, MB above what was there": memory.extra_mb,
            "pandana, MB above what was there": peer_memory.extra_mb,
            "every origin with every facility, MB": len(origins) * len(facilities) * 8 / 1e6,
        },
        checks=[
            Check("÷ pandana nodes_in_range", times["ours"] / times["pandana"], 1 / 8),
            Check("share of pandana's pairs missing or slower", unlike, MOST_UNLIKE),
        ],
        notes=[
            (
                "Origins are all nodes of the network. Neither the snapping of ours nor pandana's "
                "contraction is counted; pandana is given the numbers of its nodes."
            ),
            "Both end with one row per pair in memory. pandana cuts seconds to 0.001.",
            (
                "Profile of ours: listing origins by the nodes they leave through a fifth, on one "
                "core; the searches the rest, on all. Tried without gain: blocks of 16 to 250 "
                "facilities, nodes renumbered along a curve, listing on all cores."
            ),
        ],
    )
    write(claim, options)


def _pandana(arcs: Arcs, x: np.ndarray, y: np.ndarray) -> pandana.Network:
    tail, head, seconds = unique_arcs(arcs)
    return pandana.Network(
        pd.Series(x),
        pd.Series(y),
        pd.Series(tail),
        pd.Series(head),
        pd.DataFrame({"seconds": seconds}),
        twoway=False,
    )


def _agree(pairs: Pairs, table: pd.DataFrame, origin_node: np.ndarray, nodes: np.ndarray) -> float:
    """Return the share of pandana's pairs that ours has not, or slower by more than it cuts off.

    Some there must be: where two nodes lie on one spot (a bridge over a street) a point there
    belongs to one of them, and pandana adds up cut seconds. Walks across, which pandana does
    not know, are quicker, not slower.
    """
    ours = pd.Series(
        pairs.seconds,
        index=pd.MultiIndex.from_arrays([nodes[pairs.facility], origin_node[pairs.origin]]),
    )
    theirs = table.set_index(["source", "destination"]).iloc[:, 0]
    theirs = theirs.groupby(level=[0, 1]).min()
    both = pd.concat([ours, theirs], axis=1, join="inner", keys=["ours", "theirs"])
    good = int((both["ours"] <= both["theirs"] + SAME_S).sum())
    return 1.0 - good / len(theirs)


if __name__ == "__main__":
    main()

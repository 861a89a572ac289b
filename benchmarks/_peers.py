"""The engine's graph as its peers take it: the same arcs, the same seconds."""

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from care_map.network.costs import EdgeCosts
from care_map.routing.search import Arcs

__all__ = ["as_csr", "as_digraph", "as_multigraph", "unique_arcs"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def unique_arcs(arcs: Arcs) -> tuple[Ints, Ints, Floats]:
    """Return tail, head and seconds, of parallel arcs the fastest (scipy would sum them)."""
    n_nodes = len(arcs.offset) - 1
    tail = np.repeat(np.arange(n_nodes), np.diff(arcs.offset))
    order = np.lexsort((arcs.seconds, arcs.node, tail))
    key = (tail * n_nodes + arcs.node)[order]
    first = order[np.concatenate([[True], key[1:] != key[:-1]])]
    first = first[tail[first] != arcs.node[first]]
    return tail[first], arcs.node[first], arcs.seconds[first]


def as_csr(arcs: Arcs) -> csr_array:
    """Return the arcs as a sparse matrix, in the direction in which a search follows them."""
    n_nodes = len(arcs.offset) - 1
    tail, head, seconds = unique_arcs(arcs)
    return csr_array((seconds, (tail, head)), shape=(n_nodes, n_nodes))


def as_digraph(arcs: Arcs) -> nx.DiGraph:
    """Return the arcs as a networkx graph with the attribute ``seconds``."""
    graph = nx.DiGraph()
    graph.add_nodes_from(range(len(arcs.offset) - 1))
    tail, head, seconds = unique_arcs(arcs)
    rows = zip(tail.tolist(), head.tolist(), seconds.tolist(), strict=True)
    graph.add_weighted_edges_from(rows, weight="seconds")
    return graph


def as_multigraph(costs: EdgeCosts) -> nx.MultiDiGraph:
    """Return the network as osmnx has it: arcs with ``seconds`` and ``geometry``."""
    network = costs.network
    lines = network.lines()
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(network.n_nodes))
    forward, backward = costs.total_forward_s, costs.total_backward_s
    for edge in np.flatnonzero(costs.usable).tolist():
        ends = int(network.edge_from[edge]), int(network.edge_to[edge])
        if costs.forward_ok[edge]:
            graph.add_edge(*ends, seconds=float(forward[edge]), geometry=lines[edge])
        if costs.backward_ok[edge]:
            graph.add_edge(*ends[::-1], seconds=float(backward[edge]), geometry=lines[edge])
    return graph

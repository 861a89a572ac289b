"""Chains of edges through nodes of degree 2 become one edge with all its geometry.

Only where every tag that a profile reads is equal: a search has fewer nodes to visit, and no
time changes.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
from numba import njit
from numpy.typing import NDArray

from care_map.network.access import allowed_directions
from care_map.network.road_network import RoadNetwork, running_length

__all__ = ["merge_chains"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_PAIR = 2
_NOT_READ = ("way_id", "name", "area", "surface")


def merge_chains(network: RoadNetwork) -> RoadNetwork:
    """Join edges that meet at a node of degree 2 and look the same to every profile.

    Parameters
    ----------
    network
        The network.

    Returns
    -------
    RoadNetwork with fewer nodes and edges, and the same times between any two places.
    """
    if not network.n_edges:
        return network
    partner, directed = _partners(network)
    chain_offset, chain_edge, flipped = _walk(partner, directed)
    if len(chain_offset) - 1 == network.n_edges:
        return network
    count = np.diff(network.edge_offset)
    vertices = np.add.reduceat(count[chain_edge] - 1, chain_offset[:-1]) + 1
    offset = np.concatenate([[0], np.cumsum(vertices)]).astype(np.int64)
    source, sign = _gather(network.edge_offset, chain_offset, chain_edge, flipped, offset)
    x, y = network.vertex_x[source], network.vertex_y[source]
    # A piece's grade stands at its end: drawn backwards that is the vertex before, downhill.
    piece = np.where(sign > 0, source, np.minimum(source + 1, len(network.vertex_x) - 1))
    grade = network.vertex_grade[piece] * sign
    grade[offset[:-1]] = 0.0
    first, last = chain_offset[:-1], chain_offset[1:] - 1
    start, end = chain_edge[first], chain_edge[last]
    node_from = np.where(flipped[first], network.edge_to[start], network.edge_from[start])
    node_to = np.where(flipped[last], network.edge_from[end], network.edge_to[end])
    kept, ends = np.unique(np.concatenate([node_from, node_to]), return_inverse=True)
    return replace(
        network,
        node_x=network.node_x[kept],
        node_y=network.node_y[kept],
        edge_from=ends[: len(start)].astype(np.int64),
        edge_to=ends[len(start) :].astype(np.int64),
        edge_offset=offset,
        vertex_x=x,
        vertex_y=y,
        vertex_m=running_length(x, y, offset),
        vertex_grade=grade,
        edge_way=network.edge_way[start],
        lift_nodes=np.searchsorted(kept, network.lift_nodes).astype(np.int64),
    )


def _partners(network: RoadNetwork) -> tuple[Ints, Bools]:
    """Return for each end of an edge (2 e its start, 2 e + 1 its end) the end that it joins.

    And for each edge that joins another whether its drawing direction matters.
    """
    node = np.column_stack([network.edge_from, network.edge_to]).ravel()
    order = np.argsort(node, kind="stable")
    degree = np.bincount(node, minlength=network.n_nodes)
    # The time of a lift is taken at its node.
    plain = degree == _PAIR
    plain[network.lift_nodes] = False
    first = np.concatenate([[0], np.cumsum(degree)])[:-1][plain]
    a, b = order[first], order[first + 1]
    way_a, way_b = network.edge_way[a // 2], network.edge_way[b // 2]
    joins = (a // 2 != b // 2) & _look_the_same(network.ways, way_a, way_b)
    a, b, way_a = a[joins], b[joins], way_a[joins]
    matters = _direction_matters(network.ways.iloc[way_a])
    consistent = ~matters | (a % 2 != b % 2)
    partner = np.full(2 * network.n_edges, -1, np.int64)
    partner[a[consistent]] = b[consistent]
    partner[b[consistent]] = a[consistent]
    directed = np.zeros(network.n_edges, bool)
    directed[a[matters] // 2] = True
    directed[b[matters] // 2] = True
    return partner, directed


def _look_the_same(ways: pd.DataFrame, one: Ints, other: Ints) -> Bools:
    """Tell which pairs of ways are alike in all that a profile may read of them."""
    # A lift's time belongs to its way and not to its length.
    same: Bools = (one == other) | (ways["highway"].to_numpy(dtype=object)[one] != "elevator")
    for name in ways.columns.difference(list(_NOT_READ)):
        values = ways[name].to_numpy()
        mine, theirs = values[one], values[other]
        same &= (mine == theirs) | (pd.isna(mine) & pd.isna(theirs))
    return same


def _direction_matters(ways: pd.DataFrame) -> Bools:
    matters = np.zeros(len(ways), bool)
    for mode in ("car", "cycle"):
        forward, backward = allowed_directions(ways, mode)
        matters |= forward != backward
    return matters


@njit(cache=True, nogil=True)
def _walk(partner: Ints, directed: Bools) -> tuple[Ints, Ints, Bools]:
    """Follow partners from every free end; rings are left to the end and open anywhere."""
    n_edges = len(partner) // 2
    seen = np.zeros(n_edges, np.bool_)
    chain_edge, flipped = np.empty(n_edges, np.int64), np.zeros(n_edges, np.bool_)
    offset = np.empty(n_edges + 1, np.int64)
    size = chains = 0
    for is_ring in (False, True):
        for edge in range(n_edges):
            if seen[edge]:
                continue
            start = 0
            if not is_ring and partner[2 * edge] >= 0:
                # A directed chain is followed in its own direction only.
                if partner[2 * edge + 1] >= 0 or directed[edge]:
                    continue
                start = 1
            offset[chains] = size
            chains += 1
            here = 2 * edge + start
            while here >= 0 and not seen[here // 2]:
                seen[here // 2] = True
                chain_edge[size], flipped[size] = here // 2, here % 2 == 1
                size += 1
                here = partner[here + 1 - 2 * (here % 2)]
    offset[chains] = size
    return offset[: chains + 1], chain_edge, flipped


@njit(cache=True, nogil=True)
def _gather(
    edge_offset: Ints, chain_offset: Ints, chain_edge: Ints, flipped: Bools, offset: Ints
) -> tuple[Ints, Floats]:
    """Return the vertices of each chain in order, and whether their pieces are drawn backwards."""
    source, sign = np.empty(offset[-1], np.int64), np.ones(offset[-1])
    for chain in range(len(chain_offset) - 1):
        at = offset[chain]
        for k in range(chain_offset[chain], chain_offset[chain + 1]):
            edge = chain_edge[k]
            first, last = edge_offset[edge], edge_offset[edge + 1] - 1
            # The first vertex of a later edge is the last one of the edge before.
            skip = 0 if k == chain_offset[chain] else 1
            for i in range(skip, last - first + 1):
                source[at] = last - i if flipped[k] else first + i
                sign[at] = -1.0 if flipped[k] else 1.0
                at += 1
    return source, sign

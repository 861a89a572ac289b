"""How whole a road network is, by mode."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from care_map.network.costs import EdgeCosts, component_lengths_m
from care_map.schema import NETWORK_REPORT

__all__ = ["network_report"]

_M_PER_KM = 1000.0


def network_report(costs_by_mode: dict[str, EdgeCosts]) -> pd.DataFrame:
    """Return length, components, islands and dead ends of the network by mode.

    Parameters
    ----------
    costs_by_mode
        The network as a profile of each mode sees it.

    Returns
    -------
    DataFrame with the columns of :data:`care_map.schema.NETWORK_REPORT`.
    """
    rows = [
        {"mode": mode, "item": item, "value": float(value), "unit": unit}
        for mode, costs in costs_by_mode.items()
        for item, value, unit in _items(costs)
    ]
    return pd.DataFrame(rows, columns=NETWORK_REPORT.names)


def _items(costs: EdgeCosts) -> Iterator[tuple[str, float, str]]:
    network, usable = costs.network, costs.usable
    length_m = network.edge_length_m
    component_m = component_lengths_m(network, usable)
    total_m = float(length_m[usable].sum())
    ends = np.concatenate([network.edge_from[usable], network.edge_to[usable]])
    degree = np.bincount(ends, minlength=network.n_nodes)
    island = usable & ~costs.large
    yield "edges", usable.sum(), "1"
    yield "length", total_m / _M_PER_KM, "km"
    if total_m > 0:
        yield "largest_component_share", component_m.max() / total_m, "share"
    yield "island_edges", island.sum(), "1"
    yield "island_length", length_m[island].sum() / _M_PER_KM, "km"
    yield "dead_ends", (degree == 1).sum(), "1"
    yield "barriers", len(network.barriers), "1"

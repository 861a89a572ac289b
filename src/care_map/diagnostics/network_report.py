"""How whole a road network is, by mode."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.errors import InputError, Problem
from care_map.network.access import tag
from care_map.network.costs import EdgeCosts, component_lengths_m
from care_map.network.road_network import RoadNetwork
from care_map.schema import NETWORK_REPORT

__all__ = ["hill_problems", "missing_classes", "network_problems", "network_report"]

_M_PER_KM = 1000.0
_ALL = 1e-9

_SIZES_M = {"demand_under_10_km": 10_000.0, "demand_under_100_km": 100_000.0}
"""Size classes of components that are no islands, up to which length (default)."""

_OFF_NETWORK = ("no_point", "no_road", "island")

_EXPECTED: Mapping[str, tuple[str, ...]] = {
    "foot": (
        *("tertiary", "unclassified", "residential", "living_street", "service"),
        *("pedestrian", "footway", "path", "steps", "track"),
    ),
    "car": (
        *("trunk", "primary", "secondary", "tertiary"),
        *("unclassified", "residential", "service", "track"),
    ),
    "cycle": ("tertiary", "unclassified", "residential", "service", "cycleway", "path", "track"),
}
"""Classes that whole road data of a district has for a mode (default)."""


def network_report(
    costs_by_mode: Mapping[str, EdgeCosts],
    *,
    demand_edges: Mapping[str, NDArray[np.int64]] | None = None,
    demand_weight: NDArray[np.float64] | None = None,
    demand_total: float | None = None,
) -> pd.DataFrame:
    """Return by mode how whole the network is, and how much of the demand is on which part.

    Components count as islands below the limit of the costs, else by length as under 10 km,
    under 100 km, and more. Lengths without a speed limit are given for cars. The shares of demand
    add up to 1.

    Parameters
    ----------
    costs_by_mode
        The network as a profile of each mode sees it.
    demand_edges
        By mode the edge of its costs' network that each demand point is snapped to, ``(n,)``,
        -1 where none is within the access limit. None leaves out the shares of demand.
    demand_weight
        ``(n,)`` elders or weights of the points; 1 each without them.
    demand_total
        All elders, those without a point included; the sum of the weights without it.

    Returns
    -------
    DataFrame with the columns of :data:`care_map.schema.NETWORK_REPORT`.
    """
    rows = [
        {"mode": mode, "item": item, "value": float(value), "unit": unit}
        for mode, costs in costs_by_mode.items()
        for item, value, unit in (
            *_items(costs),
            *_tag_items(costs, mode),
            *_demand_items(costs, (demand_edges or {}).get(mode), demand_weight, demand_total),
        )
    ]
    return pd.DataFrame(rows, columns=NETWORK_REPORT.names)


def missing_classes(costs: EdgeCosts, mode: str) -> tuple[str, ...]:
    """Return the common road classes of a mode of which the network has no usable edge.

    What is missing was not built or, more often, never mapped: a network without footways and
    steps knows no short cuts.

    Parameters
    ----------
    costs
        The network as a profile of the mode sees it.
    mode
        Foot, car or cycle.

    Returns
    -------
    tuple of str
    """
    highway = tag(costs.network.ways, "highway").to_numpy(dtype=object)
    present = set(highway[costs.network.edge_way[costs.usable]])
    return tuple(name for name in _EXPECTED.get(mode, ()) if name not in present)


def _tag_items(costs: EdgeCosts, mode: str) -> Iterator[tuple[str, float, str]]:
    network, usable = costs.network, costs.usable
    yield "missing_classes", len(missing_classes(costs, mode)), "1"
    total_m = float(network.edge_length_m[usable].sum())
    if mode != "car" or total_m <= 0:
        return
    silent = np.ones(len(network.ways), bool)
    if "maxspeed_kph" in network.ways.columns:
        silent = ~(network.ways["maxspeed_kph"].to_numpy(dtype=float) > 0)
    without = usable & silent[network.edge_way]
    yield "no_speed_limit_share", network.edge_length_m[without].sum() / total_m, "share"


def _demand_items(
    costs: EdgeCosts,
    edge: NDArray[np.int64] | None,
    weight: NDArray[np.float64] | None,
    total: float | None,
) -> Iterator[tuple[str, float, str]]:
    if edge is None:
        return
    share = np.ones(len(edge)) if weight is None else np.asarray(weight, dtype=float)
    placed = float(share.sum())
    total = placed if total is None else total
    if total <= 0:
        return
    share = share / total
    snapped = edge >= 0
    # An empty network has no edge to look at, and no point that is snapped.
    large = np.append(costs.large, False)[edge]
    component_m = np.append(component_lengths_m(costs.network, costs.usable), 0.0)[edge]
    yield "demand_no_point", (total - placed) / total, "share"
    yield "demand_no_road", share[~snapped].sum(), "share"
    yield "demand_island", share[snapped & ~large].sum(), "share"
    low_m = 0.0
    for item, high_m in (*_SIZES_M.items(), ("demand_from_100_km", np.inf)):
        inside = snapped & large & (component_m >= low_m) & (component_m < high_m)
        yield item, share[inside].sum(), "share"
        low_m = high_m


def network_problems(
    costs_by_mode: Mapping[str, EdgeCosts], report: pd.DataFrame
) -> tuple[Problem, ...]:
    """Return what the report of a network has to say about the figures that rest on it.

    Parameters
    ----------
    costs_by_mode
        As the report was made of.
    report
        Of :func:`network_report`.

    Returns
    -------
    tuple of Problem
        By mode the demand that is not on the network, and the common classes that are missing.
    """
    figures = report.set_index(["mode", "item"])["value"].to_dict()
    problems: list[Problem] = []
    for mode, costs in costs_by_mode.items():
        source = costs.network.source
        shares = {name: float(figures.get((mode, f"demand_{name}"), 0.0)) for name in _OFF_NETWORK}
        if any(shares.values()):
            values = {"mode": mode, **shares}
            problems.append(Problem("network_demand_off", "info", source, values=values))
        missing = missing_classes(costs, mode)
        if missing:
            values = {"mode": mode, "classes": ", ".join(missing)}
            problems.append(Problem("network_classes_missing", "info", source, values=values))
    return tuple(problems)


def hill_problems(network: RoadNetwork, source: str) -> tuple[Problem, ...]:
    """Return what the elevation of a network leaves open; an error if it covers no road.

    Parameters
    ----------
    network
        A network that was built with elevation.
    source
        Name of the elevation file.

    Returns
    -------
    tuple of Problem

    Raises
    ------
    InputError
        The elevation covers no road at all.
    """
    hills, total_m = network.hills, float(network.edge_length_m.sum())
    if hills is None or total_m == 0.0:
        return ()
    if hills.unknown_m >= total_m * (1.0 - _ALL):
        raise InputError([Problem("elevation_elsewhere", source=source, column="elevation.path")])
    parts = {"elevation_holes": hills.unknown_m, "elevation_clamped": hills.clamped_m}
    return tuple(
        Problem(
            code,
            severity="warning" if code == "elevation_holes" else "info",
            source=source,
            values={"km": length_m / _M_PER_KM, "share": 100.0 * length_m / total_m},
        )
        for code, length_m in parts.items()
        if length_m > 0
    )


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

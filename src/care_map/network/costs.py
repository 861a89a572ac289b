"""Profile → seconds along every edge, in both directions.

Times are cumulative at each vertex, so that a part of an edge is exact whatever lies along it.
Who may go where, and how fast, is DOMAIN §4; `docs/travel-time.md` has it in full.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from care_map.network.build import RoadNetwork
from care_map.values import KPH_PER_MPS, Profile

__all__ = ["EdgeCosts", "component_lengths_m", "cost_edges"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_NEVER_ON_FOOT = ("motorway", "motorway_link")
_ON_FOOT_IF_MEANT = ("busway",)
_FOOT_MEANT = ("yes", "designated", "permissive")
_FOOT_NO = ("no", "private")
_FOOT_YES = ("yes", "designated", "permissive", "official", "destination", "customers")
_ACCESS_NO = ("no", "private")
_CAR_NO = ("no", "private", "agricultural", "forestry", "agricultural;forestry", "emergency")
_CAR_TAGS = ("motorcar", "motor_vehicle", "vehicle", "access")
_FORWARD_ONLY = ("yes", "true", "1")
_BACKWARD_ONLY = ("-1", "reverse")
_ONEWAY_JUNCTIONS = ("roundabout", "circular")


@dataclass(frozen=True, slots=True)
class EdgeCosts:
    """A network as one profile sees it.

    Parameters
    ----------
    network
        The network.
    profile
        Whose times these are.
    forward_s, backward_s
        ``(n_vertices,)`` seconds between the start of the edge and the vertex: away from the
        start, and back to it.
    forward_ok, backward_ok
        ``(n_edges,)`` whether the edge may be used in that direction.
    large
        ``(n_edges,)`` whether the edge is part of a component of at least `min_component_m`.
    """

    network: RoadNetwork
    profile: Profile
    forward_s: Floats
    backward_s: Floats
    forward_ok: Bools
    backward_ok: Bools
    large: Bools

    @property
    def usable(self) -> Bools:
        """Whether the edge may be used in some direction, ``(n_edges,)``."""
        return self.forward_ok | self.backward_ok

    @property
    def total_forward_s(self) -> Floats:
        """Seconds from start to end of each edge, ``(n_edges,)``."""
        return self.forward_s[self.network.edge_offset[1:] - 1]

    @property
    def total_backward_s(self) -> Floats:
        """Seconds from end to start of each edge, ``(n_edges,)``."""
        return self.backward_s[self.network.edge_offset[1:] - 1]


def cost_edges(network: RoadNetwork, profile: Profile, *, min_component_m: float) -> EdgeCosts:
    """Return the seconds along each edge for a profile of mode foot or car.

    Parameters
    ----------
    network
        The network.
    profile
        Speeds and rules; its `mode` decides on access.
    min_component_m
        Length from which a connected part is no island.

    Returns
    -------
    EdgeCosts
    """
    if profile.mode == "car":
        forward, backward = _car_directions(network.ways)
        pace = _car_pace(network.ways, profile)
    else:
        forward = backward = _foot_allowed(network.ways)
        pace = _foot_pace(network.ways, profile)
    per_vertex = np.repeat(pace[network.edge_way], np.diff(network.edge_offset))
    seconds = network.vertex_m * per_vertex
    forward_ok, backward_ok = forward[network.edge_way], backward[network.edge_way]
    length_m = component_lengths_m(network, forward_ok | backward_ok)
    return EdgeCosts(
        network=network,
        profile=profile,
        forward_s=seconds,
        backward_s=seconds,
        forward_ok=forward_ok,
        backward_ok=backward_ok,
        large=length_m >= min_component_m,
    )


def component_lengths_m(network: RoadNetwork, usable: Bools) -> Floats:
    """Return for each edge the length of the component it is part of, 0 where unusable.

    Components are weakly connected: one-way streets join both ways.

    Parameters
    ----------
    network
        The network.
    usable
        ``(n_edges,)`` which edges count.

    Returns
    -------
    ``(n_edges,)`` metres.
    """
    start, end = network.edge_from[usable], network.edge_to[usable]
    graph = coo_array((np.ones(len(start)), (start, end)), shape=(network.n_nodes,) * 2)
    count, label = connected_components(graph, directed=False)
    component = label[network.edge_from]
    used_m = np.where(usable, network.edge_length_m, 0.0)
    total_m = np.bincount(component, weights=used_m, minlength=count)
    return np.where(usable, total_m[component], 0.0)


def _tag(ways: pd.DataFrame, name: str) -> "pd.Series[str]":
    if name in ways.columns:
        return ways[name].astype(str)
    return pd.Series("", index=ways.index)


def _foot_allowed(ways: pd.DataFrame) -> Bools:
    highway, foot = _tag(ways, "highway"), _tag(ways, "foot")
    allowed = foot.isin(_FOOT_YES)
    open_to_all = ~_tag(ways, "access").isin(_ACCESS_NO)
    never = highway.isin(_NEVER_ON_FOOT) | (_tag(ways, "motorroad") == "yes")
    never |= highway.isin(_ON_FOOT_IF_MEANT) & ~foot.isin(_FOOT_MEANT)
    return (~never & ~foot.isin(_FOOT_NO) & (allowed | open_to_all)).to_numpy(dtype=bool)


def _foot_pace(ways: pd.DataFrame, profile: Profile) -> Floats:
    """Return seconds per metre on level ground by way."""
    pace = np.full(len(ways), 1.0 / profile.walk_speed_mps)
    stairs = (_tag(ways, "highway") == "steps").to_numpy(dtype=bool)
    moving = stairs & ~_tag(ways, "conveying").isin(("", "no")).to_numpy(dtype=bool)
    pace[stairs] *= profile.stairs_factor
    pace[moving] = 1.0 / profile.escalator_mps
    return pace


def _car_directions(ways: pd.DataFrame) -> tuple[Bools, Bools]:
    highway, oneway = _tag(ways, "highway"), _tag(ways, "oneway")
    rule = pd.Series("", index=ways.index)
    for name in _CAR_TAGS:
        rule = rule.where(rule != "", _tag(ways, name))
    open_to_cars = _car_class(ways).ne("") & ~rule.isin(_CAR_NO)
    backward_only = oneway.isin(_BACKWARD_ONLY)
    silent = ~oneway.isin((*_FORWARD_ONLY, *_BACKWARD_ONLY, "no"))
    implied = highway.isin(_NEVER_ON_FOOT) | _tag(ways, "junction").isin(_ONEWAY_JUNCTIONS)
    forward_only = oneway.isin(_FORWARD_ONLY) | (silent & implied)
    forward = open_to_cars & ~backward_only
    backward = open_to_cars & ~forward_only
    return forward.to_numpy(dtype=bool), backward.to_numpy(dtype=bool)


_CAR_CLASSES = (
    "motorway",
    "trunk",
    "primary",
    "secondary",
    "tertiary",
    "unclassified",
    "residential",
    "living_street",
    "service",
    "road",
    "track",
)
_LINKS = ("motorway_link", "trunk_link", "primary_link", "secondary_link", "tertiary_link")


def _car_class(ways: pd.DataFrame) -> "pd.Series[str]":
    """Return the class whose speed applies, empty where no car may go."""
    highway = _tag(ways, "highway")
    base = highway.where(~highway.isin(_LINKS), highway.str.removesuffix("_link"))
    return base.where(base.isin(_CAR_CLASSES), "")


def _car_pace(ways: pd.DataFrame, profile: Profile) -> Floats:
    """Return seconds per metre by way; 1 where no car may go (never used)."""
    speed_kph = _car_class(ways).map(dict(profile.car_speed_kph)).to_numpy(dtype=float)
    if "maxspeed_kph" in ways.columns:
        limit_kph = ways["maxspeed_kph"].to_numpy(dtype=float)
        speed_kph = np.where(limit_kph > 0, np.fmin(speed_kph, limit_kph), speed_kph)
    return np.where(np.isnan(speed_kph), 1.0, KPH_PER_MPS / speed_kph)

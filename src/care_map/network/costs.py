"""Profile → seconds along every edge, in both directions.

Times are cumulative at each vertex, so that a part of an edge is exact whatever lies along it:
a slope, stairs, a lift. `docs/travel-time.md` has the rules in full.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from care_map.network.access import allowed_directions, car_class, tag
from care_map.network.cut import cut_network
from care_map.network.lifts import open_lifts
from care_map.network.road_network import RoadNetwork
from care_map.values import KPH_PER_MPS, Profile, Slope

__all__ = ["EdgeCosts", "component_lengths_m", "cost_edges", "slope_factor"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

_DIN_GRADE = (-0.25, -0.10, -0.05, 0.0, 0.05, 0.10, 0.15, 0.25)
# The end segments go on: 1.33 + 3 x 0.33 at -25 %, 2.50 + 2 x 0.67 at +25 %.
_DIN_FACTOR = (2.32, 1.33, 1.0, 1.0, 1.33, 1.83, 2.50, 3.84)
_TOBLER_RATE, _TOBLER_SHIFT = 3.5, 0.05


@dataclass(frozen=True, slots=True)
class EdgeCosts:
    """A network as one profile sees it.

    Parameters
    ----------
    network
        The network; cut where a grade or stairs begin that the profile cannot use.
    profile
        Whose times these are.
    forward_s, backward_s
        ``(n_vertices,)`` seconds between the start of the edge and the vertex: away from the
        start, and back to it.
    forward_ok, backward_ok
        ``(n_edges,)`` whether the edge may be used in that direction.
    large
        ``(n_edges,)`` whether the edge is part of a component of at least `min_component_m`.
    lift_edges
        Edges of no length from a lift to a door of it, for profiles that use lifts.
    """

    network: RoadNetwork
    profile: Profile
    forward_s: Floats
    backward_s: Floats
    forward_ok: Bools
    backward_ok: Bools
    large: Bools
    lift_edges: Ints = field(default_factory=lambda: np.empty(0, np.int64))

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

    def reversed(self) -> "EdgeCosts":
        """Return the costs with time running backwards: *to* a point becomes *from* it."""
        return replace(
            self,
            forward_s=self.backward_s,
            backward_s=self.forward_s,
            forward_ok=self.backward_ok,
            backward_ok=self.forward_ok,
        )


def cost_edges(network: RoadNetwork, profile: Profile, *, min_component_m: float) -> EdgeCosts:
    """Return the seconds along each edge for a profile that uses the network.

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
    if profile.max_grade is not None:
        network = cut_network(network, _steepness(network) > profile.max_grade)
    forward_s, backward_s = _seconds(network, profile)
    lift_edges = door_of = np.empty(0, np.int64)
    if profile.mode == "foot" and len(network.lift_nodes):
        network, lift_edges, door_of = open_lifts(network)
        ride_s = np.tile([0.0, profile.lift_s / 2], len(lift_edges))
        forward_s, backward_s = (np.append(way_s, ride_s) for way_s in (forward_s, backward_s))
    forward_ok, backward_ok = _usable(network, profile)
    # A door is there for its edge, whose direction is the edge's own affair.
    open_ok = forward_ok[door_of] | backward_ok[door_of]
    forward_ok[lift_edges] = backward_ok[lift_edges] = open_ok
    length_m = component_lengths_m(network, forward_ok | backward_ok)
    return EdgeCosts(
        network=network,
        profile=profile,
        forward_s=forward_s,
        backward_s=backward_s,
        forward_ok=forward_ok,
        backward_ok=backward_ok,
        large=length_m >= min_component_m,
        lift_edges=lift_edges,
    )


def _usable(network: RoadNetwork, profile: Profile) -> tuple[Bools, Bools]:
    """Tell which edges the profile may use, in the direction of their drawing and back."""
    forward, backward = allowed_directions(network.ways, profile.mode)
    passable = np.ones(network.n_edges, bool)
    if profile.max_grade is not None and network.n_edges:
        steepest = np.maximum.reduceat(_steepness(network), network.edge_offset[:-1])
        passable &= steepest <= profile.max_grade
    if profile.stairs_factor is None:
        stepless = (tag(network.ways, "highway") != "steps").to_numpy(dtype=bool)
        passable &= stepless[network.edge_way]
    return forward[network.edge_way] & passable, backward[network.edge_way] & passable


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


def slope_factor(grade: Floats, slope: Slope) -> Floats:
    """Return the time on a grade as a multiple of the time on level ground.

    Parameters
    ----------
    grade
        Rise over run in the direction of travel, at most 0.25 either way.
    slope
        ``"din"``: 1.33 at -10 %, 1 from -5 % to 0, 1.33 at +5 %, 1.83 at +10 %, 2.50 at +15 %,
        linear between and beyond (DOMAIN §4: uphill DIN 33466, downhill Valhalla's edit of
        Tobler). ``"tobler"``: Tobler's hiking function scaled to 1 on the level. ``"none"``: 1.

    Returns
    -------
    Factors, as many as grades.

    Examples
    --------
    >>> slope_factor(np.array([-0.1, 0.0, 0.05, 0.15]), "din").tolist()
    [1.33, 1.0, 1.33, 2.5]
    """
    if slope == "none":
        return np.ones(len(grade))
    if slope == "din":
        return np.interp(grade, _DIN_GRADE, _DIN_FACTOR)
    level = np.exp(-_TOBLER_RATE * _TOBLER_SHIFT)
    return np.asarray(level / np.exp(-_TOBLER_RATE * np.abs(grade + _TOBLER_SHIFT)))


def _seconds(network: RoadNetwork, profile: Profile) -> tuple[Floats, Floats]:
    """Return cumulative seconds at each vertex away from the start of its edge, and back."""
    pace, lift_s = _pace(network.ways, profile)
    edge = np.repeat(np.arange(network.n_edges), np.diff(network.edge_offset))
    way = network.edge_way[edge]
    piece_m = np.diff(network.vertex_m, prepend=0.0)
    piece_m[network.edge_offset[:-1]] = 0.0
    piece_s = piece_m * pace[way]
    ahead_s, back_s = piece_s, piece_s
    if profile.slope != "none" and network.vertex_grade.any():
        # Stairs, escalators and lifts have their own time, whatever the slope.
        sloped = _is_sloped(network.ways)[way]
        ahead = slope_factor(network.vertex_grade, profile.slope)
        back = slope_factor(-network.vertex_grade, profile.slope)
        ahead_s = np.where(sloped, piece_s * ahead, piece_s)
        back_s = np.where(sloped, piece_s * back, piece_s)
    rides = np.isfinite(lift_s)
    if rides.any():
        share = _share_of_way(network, piece_m, way)
        ahead_s = np.where(rides[way], share * lift_s[way], ahead_s)
        back_s = np.where(rides[way], share * lift_s[way], back_s)
    return _cumulate(ahead_s, network.edge_offset), _cumulate(back_s, network.edge_offset)


def _share_of_way(network: RoadNetwork, piece_m: Floats, way: Ints) -> Floats:
    """Return the share that each piece has in its way, by length; of no length, by number."""
    whole_m = np.bincount(way, piece_m, minlength=len(network.ways))[way]
    is_piece = np.ones(len(way))
    is_piece[network.edge_offset[:-1]] = 0.0
    number = np.bincount(way, is_piece, minlength=len(network.ways))[way]
    return np.where(whole_m > 0, piece_m / np.where(whole_m > 0, whole_m, 1.0), is_piece / number)


def _pace(ways: pd.DataFrame, profile: Profile) -> tuple[Floats, Floats]:
    """Return seconds per metre by way, and the seconds of a lift (NaN where it is none)."""
    lift_s = np.full(len(ways), np.nan)
    if profile.mode == "car":
        return _car_pace(ways, profile), lift_s
    if profile.mode == "cycle":
        return np.full(len(ways), 1.0 / profile.cycle_speed_mps), lift_s
    pace = np.full(len(ways), 1.0 / profile.walk_speed_mps)
    stairs = (tag(ways, "highway") == "steps").to_numpy(dtype=bool)
    moving = stairs & ~tag(ways, "conveying").isin(("", "no")).to_numpy(dtype=bool)
    if profile.stairs_factor is not None:
        pace[stairs] *= profile.stairs_factor
    pace[moving] = 1.0 / profile.escalator_mps
    lift_s[(tag(ways, "highway") == "elevator").to_numpy(dtype=bool)] = profile.lift_s
    return pace, lift_s


def _is_sloped(ways: pd.DataFrame) -> Bools:
    return (~tag(ways, "highway").isin(("steps", "elevator"))).to_numpy(dtype=bool)


def _car_pace(ways: pd.DataFrame, profile: Profile) -> Floats:
    """Return seconds per metre by way; 1 where no car may go (never used)."""
    speed_kph = car_class(ways).map(dict(profile.car_speed_kph)).to_numpy(dtype=float)
    if "maxspeed_kph" in ways.columns:
        limit_kph = ways["maxspeed_kph"].to_numpy(dtype=float)
        speed_kph = np.where(limit_kph > 0, np.fmin(speed_kph, limit_kph), speed_kph)
    return np.where(np.isnan(speed_kph), 1.0, KPH_PER_MPS / speed_kph)


def _steepness(network: RoadNetwork) -> Floats:
    """Return the grade of each piece, either way; a lift has none."""
    edge = np.repeat(np.arange(network.n_edges), np.diff(network.edge_offset))
    sloped = _is_sloped(network.ways)[network.edge_way[edge]]
    return np.where(sloped, np.abs(network.vertex_grade), 0.0)


@njit(cache=True, nogil=True)
def _cumulate(piece_s: Floats, offset: Ints) -> Floats:
    """Sum pieces per edge; one running sum over all would lose digits on large networks."""
    total = np.zeros(len(piece_s))
    for edge in range(len(offset) - 1):
        for vertex in range(offset[edge] + 1, offset[edge + 1]):
            total[vertex] = total[vertex - 1] + piece_s[vertex]
    return total

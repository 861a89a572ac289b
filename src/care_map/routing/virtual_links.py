"""Links that are not there: a crossing of a river, a path to a part of the network cut off.

They answer one question of a gap: would the circle be reached if this one thing were no obstacle?
A link is walked straight between two places on the network.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import KDTree

from care_map.network.costs import EdgeCosts
from care_map.network.snap import Points, Snapped
from care_map.routing.nearest import TravelModel
from care_map.values import Direction

__all__ = ["Links", "Places", "crossings", "network_places", "seconds_with_links"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_PLACE_EVERY_M = 50.0
_NEIGHBOURS_M = 50.0
_LOOK_EVERY_M = 60.0
_LOOK_AT = 64
"""Places on the network that are looked at from each look-out on a barrier."""


@dataclass(frozen=True, slots=True)
class Places:
    """Places on the network: its vertices, and points along its long pieces.

    Parameters
    ----------
    x, y
        ``(n,)`` metres.
    on
        Where they stand on the network.
    """

    x: Floats
    y: Floats
    on: Snapped

    def take(self, index: Ints) -> "Places":
        """Return the places at `index`."""
        return Places(self.x[index], self.y[index], self.on.take(index))

    def points(self) -> Points:
        """Return them as points to travel from."""
        return Points(self.x, self.y, np.zeros(len(self.x), dtype=bool))


@dataclass(frozen=True, slots=True)
class Links:
    """Straight links between two places each.

    Parameters
    ----------
    here, there
        Places of the same length.
    """

    here: Places
    there: Places

    @property
    def length_m(self) -> Floats:
        """Length of each link in metres."""
        return np.hypot(self.there.x - self.here.x, self.there.y - self.here.y)


def network_places(costs: EdgeCosts, near: Points, *, within_m: float) -> Places:
    """Return places on the usable network near some points.

    Parameters
    ----------
    costs
        The network as a profile sees it; islands are left out.
    near
        Points.
    within_m
        How far from any of them a place may be, metres.
    """
    network = costs.network
    vertex = np.arange(len(network.vertex_x) - 1)
    edge = np.repeat(np.arange(network.n_edges), np.diff(network.edge_offset))[:-1]
    last = network.edge_offset[edge + 1] - 1
    pieces = (costs.usable & costs.large)[edge] & (vertex < last)
    vertex, edge, last = vertex[pieces], edge[pieces], last[pieces]
    length_m = network.vertex_m[vertex + 1] - network.vertex_m[vertex]
    number = np.maximum(1, np.ceil(length_m / _PLACE_EVERY_M)).astype(np.int64)
    # The end of an edge belongs to its last piece: a street may end at the bank.
    many = number + (vertex + 1 == last)
    piece = np.repeat(np.arange(len(vertex)), many)
    step = np.arange(len(piece)) - np.repeat(np.cumsum(many) - many, many)
    fraction = step / number[piece]
    at = vertex[piece]
    x, y = (
        along[at] + fraction * (along[at + 1] - along[at])
        for along in (network.vertex_x, network.vertex_y)
    )
    close = _within(x, y, near, within_m)
    return Places(
        x=x[close],
        y=y[close],
        on=Snapped(
            edge=edge[piece[close]],
            vertex=at[close],
            fraction=fraction[close],
            leg_m=np.zeros(len(close)),
            status=np.zeros(len(close), np.uint8),
        ),
    )


def _within(x: Floats, y: Floats, near: Points, within_m: float) -> Ints:
    """Return which places are within a distance of some point."""
    if not len(near) or not len(x):
        return np.zeros(0, np.int64)
    # One of many neighbours will do: a place is some metres more or less from them.
    cells = np.round(np.column_stack([near.x, near.y]) / _NEIGHBOURS_M)
    _, first = np.unique(cells, axis=0, return_index=True)
    tree = KDTree(np.column_stack([near.x[first], near.y[first]]))
    asked = np.column_stack([x, y])
    away_m, _ = tree.query(asked, distance_upper_bound=within_m, workers=-1)
    return np.flatnonzero(np.isfinite(away_m))


def crossings(places: Places, barriers: Floats, *, within_m: float) -> Links:
    """Return a link across each stretch of a barrier, between the nearest places on its two sides.

    Parameters
    ----------
    places
        Places on the network on all sides.
    barriers
        ``(n, 4)`` segments of water, railways and motorways.
    within_m
        Longest half of a link, metres.

    Returns
    -------
    Links in both directions; each crosses a barrier.
    """
    looks = _look_outs(barriers, places, within_m)
    if not len(looks) or not len(places.x):
        nothing = places.take(np.zeros(0, np.int64))
        return Links(nothing, nothing)
    tree = KDTree(np.column_stack([places.x, places.y]))
    many = min(_LOOK_AT, len(places.x))
    away_m, found = tree.query(looks[:, :2], k=np.arange(1, many + 1), workers=-1)
    known = np.isfinite(away_m) & (away_m <= within_m)
    index = np.where(known, found, 0)
    ahead = looks[:, 2, None] * (places.y[index] - looks[:, 1, None]) - looks[:, 3, None] * (
        places.x[index] - looks[:, 0, None]
    )
    left, right = known & (ahead > 0), known & (ahead < 0)
    both = np.flatnonzero(left.any(axis=1) & right.any(axis=1))
    ends = [index[both, side[both].argmax(axis=1)] for side in (left, right)]
    couple = np.unique(np.column_stack(ends), axis=0)
    couple = couple[_crosses(couple, places, barriers)]
    here = np.concatenate([couple[:, 0], couple[:, 1]])
    there = np.concatenate([couple[:, 1], couple[:, 0]])
    return Links(places.take(here), places.take(there))


def seconds_with_links(
    model: TravelModel,
    origins: Snapped,
    facilities: Points,
    snapped_facilities: Snapped,
    links: Links,
    *,
    cutoff_s: float,
    direction: Direction = "to",
) -> Floats:
    """Return seconds to the nearest facility by way of one link.

    Parameters
    ----------
    model
        A network as a profile travels it.
    origins
        Where the origins stand.
    facilities, snapped_facilities
        Facilities.
    links
        Links, walked at the profile's walking speed.
    cutoff_s
        Longest time that matters.
    direction
        ``"to"`` the facilities, or ``"from"`` them.

    Returns
    -------
    ``(n_origins,)`` seconds, inf where no link leads to a facility within the time.
    """
    if not len(links.here.x) or not len(facilities):
        return np.full(len(origins.edge), np.inf)
    profile = model.profile
    if profile.overhead_s:
        # Who drives at all starts and parks once, however short the way beyond the link.
        beyond_s = model.over_network(links.there.on, snapped_facilities, direction=direction)
    else:
        beyond_s = model.nearest(
            links.there.points(),
            facilities,
            snapped_origins=links.there.on,
            snapped_facilities=snapped_facilities,
            direction=direction,
        ).seconds
    speed_mps = profile.walk_speed_mps
    rest_s = links.length_m / speed_mps + beyond_s
    use = np.flatnonzero(rest_s <= cutoff_s)
    here = links.here.take(use)
    # The search adds an overhead for its goals; the way beyond the link has it already.
    leg_m = (rest_s[use] - profile.overhead_s) * speed_mps
    on = here.on
    goals = Snapped(on.edge, on.vertex, on.fraction, leg_m, on.status)
    return model.over_network(origins, goals, direction=direction)


def _look_outs(barriers: Floats, places: Places, within_m: float) -> Floats:
    """Return x, y and direction of points along the barriers that are near places."""
    if not len(barriers) or not len(places.x):
        return np.empty((0, 4))
    tree = KDTree(np.column_stack([places.x, places.y]))
    length_m = np.hypot(barriers[:, 2] - barriers[:, 0], barriers[:, 3] - barriers[:, 1])
    number = np.maximum(1, np.ceil(length_m / _LOOK_EVERY_M)).astype(np.int64)
    which = np.repeat(np.arange(len(barriers)), number)
    step = np.arange(len(which)) - np.repeat(np.cumsum(number) - number, number)
    share = ((step + 0.5) / number[which])[:, None]
    start, way = barriers[which, :2], barriers[which, 2:] - barriers[which, :2]
    looks = np.column_stack([start + share * way, way])
    away_m, _ = tree.query(looks[:, :2], distance_upper_bound=within_m)
    return looks[np.isfinite(away_m) & (length_m[which] > 0)]


def _crosses(couple: Ints, places: Places, barriers: Floats) -> Bools:
    ends = np.stack(
        [np.column_stack([places.x[side], places.y[side]]) for side in couple.T], axis=1
    )
    crosses = np.zeros(len(couple), dtype=bool)
    if len(couple):
        walls = np.asarray(shapely.linestrings(barriers.reshape(-1, 2, 2)), dtype=object)
        hit = shapely.STRtree(walls).query(shapely.linestrings(ends), predicate="crosses")
        crosses[hit[0]] = True
    return crosses

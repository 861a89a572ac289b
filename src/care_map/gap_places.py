"""What is near a place and has a name: a settlement, or else a road."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from scipy.spatial import KDTree

from care_map.inputs.osm_names import pick_name
from care_map.inputs.tables import NamedPlace
from care_map.messages import Language
from care_map.network.road_network import RoadNetwork
from care_map.projections import transformer

__all__ = ["PLACE_WITHIN_M", "ROAD_WITHIN_M", "Surroundings"]

Floats = NDArray[np.float64]
Words = NDArray[np.object_]

PLACE_WITHIN_M = 1000.0
"""How near a settlement must be to lend its name, metres (default)."""
ROAD_WITHIN_M = 400.0
"""How near a road must be, metres (default)."""


@dataclass(frozen=True)
class Surroundings:
    """Settlements and roads of a study that have names.

    Parameters
    ----------
    network
        Its roads, None without any.
    places
        Settlements that the source of the roads names.
    crs
        Metric CRS of the study.
    language
        Whose names are preferred.
    """

    network: RoadNetwork | None
    places: Sequence[NamedPlace]
    crs: CRS
    language: Language

    def names(self, x: Floats, y: Floats, *, said: Iterable[str] | None = None) -> Words:
        """Return the name of what is nearest to each point, empty if nothing is near.

        Parameters
        ----------
        x, y
            ``(n,)`` metres, NaN where a place is unknown.
        said
            ``(n,)`` names that are told anyway, such as the unit's: what is in them is not said
            again.
        """
        found = np.full(len(x), "", dtype=object)
        here = np.flatnonzero(~np.isnan(x))
        if len(here):
            settlement = self._settlements(x[here], y[here])
            if said is not None:
                told = np.array(list(said), dtype=object)[here]
                again = [word in name for word, name in zip(settlement, told, strict=True)]
                settlement[again] = ""
            found[here] = settlement
            other = here[settlement == ""]
            found[other] = self._named_roads(x[other], y[other])
        return found

    @cached_property
    def _settled(self) -> tuple[Floats, Words]:
        names = [pick_name(place.names, self.language) for place in self.places]
        to_metres = transformer("EPSG:4326", self.crs)
        named = [number for number, name in enumerate(names) if name]
        lon, lat = ([getattr(self.places[n], axis) for n in named] for axis in ("lon", "lat"))
        where = np.column_stack(to_metres.transform(lon, lat)).reshape(-1, 2)
        return where, np.array([names[number] for number in named], dtype=object)

    def _settlements(self, x: Floats, y: Floats) -> Words:
        where, names = self._settled
        found = np.full(len(x), "", dtype=object)
        if len(names):
            away_m, nearest = KDTree(where).query(np.column_stack([x, y]))
            near = np.asarray(away_m) <= PLACE_WITHIN_M
            found[near] = names[np.asarray(nearest)[near]]
        return found

    @cached_property
    def _roads(self) -> tuple[shapely.STRtree, Words]:
        """Return the roads that have a name, and their names."""
        network = self.network
        if network is None or "name" not in network.ways.columns:
            return shapely.STRtree([]), np.empty(0, dtype=object)
        name = network.ways["name"].to_numpy(dtype=object)[network.edge_way]
        named = np.flatnonzero(name != "")
        return shapely.STRtree(network.lines()[named]), name[named]

    def _named_roads(self, x: Floats, y: Floats) -> Words:
        found = np.full(len(x), "", dtype=object)
        tree, names = self._roads
        if len(names) and len(x):
            points = shapely.points(x, y)
            pairs = tree.query_nearest(points, max_distance=ROAD_WITHIN_M, all_matches=False)
            found[pairs[0]] = names[pairs[1]]
        return found

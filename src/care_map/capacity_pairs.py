"""Pairs of elders and facilities within the catchment of a service: its circle, or by car."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.accessibility.capacity import PairBlock
from care_map.config import Study
from care_map.inputs.tables import Inputs
from care_map.network.road_network import RoadNetwork
from care_map.network.snap import STATUSES, Snapped
from care_map.routing.nearest import TravelModel, travel_model
from care_map.routing.pairs import travel_pairs
from care_map.search_points import Search, positions
from care_map.values import PROFILES, Circle, CircleRule, Direction
from care_map.vocabulary import CARE_TYPES, MEAL_TYPES, MEDICAL_TYPES

__all__ = ["CarPairs", "CirclePairs", "circles_of_service"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_S_PER_MIN = 60.0
_DEFAULT_RULE = CircleRule("standard", 15.0)
"""Catchment of a station where the study has no circle for it (default)."""
_TYPES_OF = {"meals": MEAL_TYPES, "medical": MEDICAL_TYPES}
_CHUNK = 128
"""Homes searched at a time: 60 minutes by car can reach every elder from each."""
_DRIVES = {"urban": "urban_drive", "rural": "rural_drive", "": "urban_drive"}
_OFF_ROAD = (STATUSES.index("beyond"), STATUSES.index("island"))


def circles_of_service(circles: Sequence[Circle], service: str) -> dict[str, Circle]:
    """Return the circle that a service of stations belongs to, by setting.

    Parameters
    ----------
    circles
        Of the study. Those that ask for several things at once belong to no one service.
    service
        Code: meals are of the meals circle, treatment of the medical one, all else of care.

    Returns
    -------
    dict
        Of several circles the one with the longest time counts, then the first; a study
        without a circle of the service's own type has that of care.
    """
    found: dict[str, Circle] = {}
    for types in (_TYPES_OF.get(service, CARE_TYPES), CARE_TYPES):
        for circle in circles:
            if len(circle.require) != 1 or not set(circle.require[0]) & set(types):
                continue
            for setting, rule in circle.rules.items():
                known = found.get(setting)
                if known is None or known.rules[setting].minutes < rule.minutes:
                    found[setting] = circle
        if found:
            break
    return found


@dataclass(frozen=True, slots=True)
class _Way:
    """How the elders of some settings go: profile, limit, direction."""

    rule: CircleRule
    direction: Direction
    delivers: bool = False


@dataclass(frozen=True, slots=True)
class CirclePairs:
    """Searches of one service of stations.

    Parameters
    ----------
    name
        Ids of the circles joined with ``+``.
    circles
        The ids.
    limit_minutes
        ``(n_demand,)`` limit of each row's circle, NaN where its setting leaves it open.
    """

    name: str
    circles: tuple[str, ...]
    limit_minutes: Floats
    _ways: tuple[tuple[_Way, Bools], ...]
    _search: Search
    _inputs: Inputs

    @classmethod
    def of(cls, study: Study, inputs: Inputs, search: Search, service: str) -> "CirclePairs":
        """Return the searches of a service by the circles of a study."""
        circles = circles_of_service(study.circles, service)
        setting = inputs.demand["setting"].to_numpy(dtype=object)
        if not circles:
            profile = next(iter(search.models))
            rule = CircleRule(
                "standard" if "standard" in search.models else profile, _DEFAULT_RULE.minutes
            )
            everybody = np.ones(len(setting), dtype=bool)
            limit = np.full(len(setting), rule.minutes)
            ways = ((_Way(rule, "to"), everybody),)
            return cls("", (), limit, ways, search, inputs)
        of_way: dict[_Way, Bools] = {}
        limit = np.full(len(setting), np.nan)
        for word in pd.unique(setting):
            circle = circles.get(word) or _same_for_all(circles)
            own = circle.variants[0].rule(word) if circle is not None else None
            if circle is None or own is None:
                continue
            mine = setting == word
            limit[mine] = own.minutes
            for way in _ways(circle, own, service):
                of_way[way] = of_way.get(way, np.zeros(len(setting), dtype=bool)) | mine
        ids = tuple(dict.fromkeys(circle.id for circle in circles.values()))
        return cls("+".join(ids), ids, limit, tuple(of_way.items()), search, inputs)

    def pairs(self, rows: Ints, facilities: Ints) -> PairBlock:
        """Return the pairs of demand rows and facilities, each once with its best time."""
        parts = []
        for way, mine in self._ways:
            if way.rule.profile not in self._search.models:
                continue
            asked = facilities
            if way.delivers:
                flags = self._inputs.facilities["delivers"].astype("boolean")
                asked = facilities[flags.fillna(value=False).to_numpy(dtype=bool)[facilities]]
            block = _search_pairs(
                self._search,
                self._search.models[way.rule.profile],
                rows[mine[rows]],
                asked,
                cutoff_s=way.rule.cutoff_s,
                direction=way.direction,
            )
            number = pd.Index(facilities).get_indexer(pd.Index(asked))
            parts.append(PairBlock(block.origin, number[block.facility], block.time, block.minutes))
        return _each_once(PairBlock.joined(parts))

    def undetermined(self, facilities: Ints) -> Bools:
        """Tell of which rows it is not known what they reach, if they are found to reach nothing.

        Parameters
        ----------
        facilities
            Rows of those that give the service.
        """
        lost = _without_place(self._search, self._inputs)
        if not np.isin(facilities, self._search.facility_row).any():
            return np.ones(len(lost), dtype=bool)
        lost |= np.isnan(self.limit_minutes)
        for way, mine in self._ways:
            if not way.delivers:
                lost |= mine & _off_road(self._search, way.rule.profile)
        return lost


def _same_for_all(circles: dict[str, Circle]) -> Circle | None:
    """Return the circle of a place whose setting is unknown, if it is the same in each."""
    ids = {circle.id for circle in circles.values()}
    return next(iter(circles.values())) if len(ids) == 1 and len(circles) > 1 else None


def _ways(circle: Circle, rule: CircleRule, service: str) -> Iterator[_Way]:
    yield _Way(rule, circle.direction)
    if circle.delivery is not None and service == "meals":
        delivery = CircleRule(circle.delivery.profile, circle.delivery.minutes)
        yield _Way(delivery, "from", delivers=True)


class CarPairs:
    """Searches by car, in towns and in the country by their own speeds."""

    def __init__(
        self, study: Study, inputs: Inputs, search: Search, network: RoadNetwork | None
    ) -> None:
        self._study, self._inputs, self._search = study, inputs, search
        self._network = network
        self._models: dict[str, tuple[TravelModel, Snapped, Snapped]] = {}

    @property
    def possible(self) -> bool:
        """Whether there are roads to drive on."""
        return self._network is not None

    def _model(self, name: str) -> tuple[TravelModel, Snapped, Snapped]:
        """Return the model of a profile, and the snaps of all points to its ways."""
        if name not in self._models:
            search = self._search
            model = search.models.get(name) or travel_model(
                self._network, PROFILES[name], limits=self._study.limits
            )
            same = next(
                (other for other in search.models if search.models[other].profile.mode == "car"),
                None,
            )
            known = [one for key, one in self._models.items() if key != name]
            if same is not None:
                snaps = search.snapped_origins[same], search.snapped_facilities[same]
            elif known:
                snaps = known[0][1:]
            else:
                snaps = model.snap(search.origins), model.snap(search.facilities)
            self._models[name] = (model, *snaps)
        return self._models[name]

    def _groups(self) -> Iterator[tuple[str, Bools]]:
        setting = self._inputs.demand["setting"].to_numpy(dtype=object)
        profile = np.array([_DRIVES[word] for word in setting], dtype=object)
        for name in sorted(set(profile)):
            yield name, profile == name

    def blocks(self, rows: Ints, facilities: Ints, *, cutoff_min: float) -> Iterator[PairBlock]:
        """Yield the pairs of a few facilities after the other.

        Parameters
        ----------
        rows, facilities
            Rows of the demand and of the facilities.
        cutoff_min
            Longest drive in minutes.
        """
        groups = [(self._model(name), rows[mine[rows]]) for name, mine in self._groups()]
        for first in range(0, len(facilities), _CHUNK):
            number = np.arange(first, min(first + _CHUNK, len(facilities)))
            parts = [
                _search_pairs(
                    self._search,
                    model,
                    mine,
                    facilities[number],
                    cutoff_s=cutoff_min * _S_PER_MIN,
                    snaps=(origins, goals),
                    far=True,
                )
                for (model, origins, goals), mine in groups
            ]
            whole = PairBlock.joined(parts)
            yield PairBlock(whole.origin, number[whole.facility], whole.time, whole.minutes)

    def undetermined(self, facilities: Ints) -> Bools:
        """Tell of which rows it is not known what they reach, if they are found to reach nothing.

        Parameters
        ----------
        facilities
            Rows of those that give the service.
        """
        lost = _without_place(self._search, self._inputs)
        if not np.isin(facilities, self._search.facility_row).any():
            return np.ones(len(lost), dtype=bool)
        for name, mine in self._groups():
            _, origins, _ = self._model(name)
            off = np.zeros(len(lost), dtype=bool)
            off[self._search.origin_row] = np.isin(origins.status, _OFF_ROAD)
            lost |= mine & off
        return lost


def _without_place(search: Search, inputs: Inputs) -> Bools:
    """Tell which rows have no place that is exact enough, or no road to leave it by."""
    lost = np.ones(len(inputs.demand), dtype=bool)
    lost[search.origin_row] = False
    lost |= search.too_coarse != ""
    approximate = any(model.costs is None for model in search.models.values())
    return lost if search.has_network or approximate else np.ones(len(lost), dtype=bool)


def _off_road(search: Search, profile: str) -> Bools:
    """Tell which rows have no known road near, or an island of roads only."""
    off = np.zeros(len(search.too_coarse), dtype=bool)
    if profile in search.snapped_origins:
        status = search.snapped_origins[profile].status
        off[search.origin_row] = np.isin(status, _OFF_ROAD)
    return off


def _search_pairs(
    search: Search,
    model: TravelModel,
    rows: Ints,
    facilities: Ints,
    *,
    cutoff_s: float,
    direction: Direction = "to",
    snaps: tuple[Snapped, Snapped] | None = None,
    far: bool = False,
) -> PairBlock:
    """Return pairs of demand rows with the numbers of facilities among those asked."""
    here = positions(search.origin_row, rows)
    usable = (here >= 0) & (search.too_coarse[rows] == "")
    rows, here = rows[usable], here[usable]
    there = positions(search.facility_row, facilities)
    number = np.flatnonzero(there >= 0)
    there = there[number]
    straight = model.costs is None
    if not len(rows) or not len(number) or not (search.has_network or straight):
        return PairBlock.joined([])
    name = model.profile.name
    if straight:
        origins = goals = None
    elif snaps is not None:
        origins, goals = snaps[0].take(here), snaps[1].take(there)
    else:
        origins = search.snapped_origins[name].take(here)
        goals = search.snapped_facilities[name].take(there)
    pairs = travel_pairs(
        model,
        search.origins.take(here),
        search.facilities.take(there),
        cutoff_s=cutoff_s,
        direction=direction,
        snapped_origins=origins,
        snapped_facilities=goals,
        far=far,
    )
    # A millionth of a second beyond the limit is still inside it.
    time = np.minimum(pairs.seconds / cutoff_s, 1.0)
    return PairBlock(rows[pairs.origin], number[pairs.facility], time, pairs.seconds / _S_PER_MIN)


def _each_once(block: PairBlock) -> PairBlock:
    """Return each pair once, by the way that takes the smaller share of its limit."""
    order = np.lexsort((block.time, block.origin, block.facility))
    sorted_block = block.take(order)
    same = (np.diff(sorted_block.origin, prepend=-1) == 0) & (
        np.diff(sorted_block.facility, prepend=-1) == 0
    )
    return sorted_block.take(~same)

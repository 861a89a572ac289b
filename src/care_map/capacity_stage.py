"""What the services of a study can give, to whom, and who finds no place.

Per service with its own unit: a station's service within its circle, homes within 30 and 60
minutes by car and in the whole district.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.accessibility.capacity import (
    METHODS,
    Catchment,
    PairBlock,
    UnitSums,
    beds_by_unit,
    catch,
)
from care_map.accessibility.coverage import ALL
from care_map.accessibility.need import grade_weights, needs_are_listed, who_needs
from care_map.capacity_cells import CELL_M, EXACT_PAIRS, Together, taken_together
from care_map.capacity_pairs import CarPairs, CirclePairs
from care_map.capacity_supply import BEDS, HOME_SERVICES, Offer, bed_sites, offers_of
from care_map.config import Study
from care_map.inputs.tables import Inputs
from care_map.network.road_network import RoadNetwork
from care_map.planning.places import Placed, give_places
from care_map.schema import BEDS_BY_UNIT, CAPACITY_BY_FACILITY, CAPACITY_BY_UNIT
from care_map.search_points import Search
from care_map.values import Statement

__all__ = ["CapacityTables", "ServiceResult", "capacity_tables"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_DRIVES_MIN = (30.0, 60.0)
"""Catchments of homes by car, minutes (default, DOMAIN §5)."""
_DISTRICT = "district"
_PER = 100.0
_COUNTS = ("assigned", "full", "open")


@dataclass(frozen=True, slots=True)
class ServiceResult:
    """Who finds a place in one service, for those who write gaps.

    Parameters
    ----------
    service
        Code.
    circles
        Ids of the circles that are its catchment, empty for homes.
    full
        ``(n_demand,)`` elders who reach places, all of them taken.
    nearest
        ``(n_demand,)`` row of the nearest facility that gives the service, -1 for none.
    minutes, limit_minutes
        ``(n_demand,)`` time to it and the limit of its circle.
    """

    service: str
    circles: tuple[str, ...]
    full: Ints
    nearest: Ints
    minutes: Floats
    limit_minutes: Floats


@dataclass(frozen=True, slots=True)
class CapacityTables:
    """Capacity by unit and facility, beds by unit, and what they rest on.

    Parameters
    ----------
    by_unit, by_facility, beds
        Columns of :data:`care_map.schema.CAPACITY_BY_UNIT`,
        :data:`care_map.schema.CAPACITY_BY_FACILITY` and :data:`care_map.schema.BEDS_BY_UNIT`.
    results
        Who finds no place, by service.
    statements
        Assumptions.
    """

    by_unit: pd.DataFrame
    by_facility: pd.DataFrame
    beds: pd.DataFrame
    results: tuple[ServiceResult, ...] = ()
    statements: tuple[Statement, ...] = ()

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by the names of their schema."""
        return {
            CAPACITY_BY_UNIT.name: self.by_unit,
            CAPACITY_BY_FACILITY.name: self.by_facility,
            BEDS_BY_UNIT.name: self.beds,
        }

    def summary(self) -> dict[str, object]:
        """Return the key figures: a record per service and catchment, and the beds."""
        names = ["service", "catchment", "demand", "supply", "capacity_unit", "capacity_unknown"]
        names += ["access_2sfca", "zero_access", "undetermined", *_COUNTS]
        return {
            "capacity": _records(self.by_unit, names),
            "beds": next(iter(_records(self.beds, BEDS_BY_UNIT.names[3:])), None),
        }


def capacity_tables(
    study: Study, inputs: Inputs, search: Search, network: RoadNetwork | None
) -> CapacityTables:
    """Return what the services of a study can give, and who finds no place.

    Parameters
    ----------
    study, inputs, search
        The study, its lists and their points.
    network
        Its roads, None without any.

    Returns
    -------
    CapacityTables
        Empty where the lists tell no capacity.
    """
    offers = offers_of(study, inputs)
    asked = _Asked(study, inputs, search, network)
    parts = [_service(asked, offer) for offer in offers]
    beds = bed_sites(inputs)
    sites = (
        pd.DataFrame(columns=BEDS_BY_UNIT.names)
        if beds is None
        else beds_by_unit(beds, asked.sums, asked.homes, asked.elders)
    )
    return CapacityTables(
        by_unit=_stacked([part.by_unit for part in parts], CAPACITY_BY_UNIT.names),
        by_facility=_stacked([part.by_facility for part in parts], CAPACITY_BY_FACILITY.names),
        beds=sites,
        results=tuple(part.result for part in parts if part.result is not None),
        statements=tuple(_statements(asked, offers, parts)),
    )


class _Asked:
    """A study's lists as arrays, made once for all services."""

    def __init__(
        self, study: Study, inputs: Inputs, search: Search, network: RoadNetwork | None
    ) -> None:
        self.study, self.inputs, self.search = study, inputs, search
        demand = inputs.demand
        self.elders: Floats = demand["elders"].to_numpy(dtype=float)
        self.weights = grade_weights(demand)
        self.listed = needs_are_listed(demand)
        self.sums = UnitSums.of(inputs.units, demand, name=study.name)
        self.homes = self.sums.index(demand["unit_id"].to_numpy(dtype=object))
        self.cars = CarPairs(study, inputs, search, network)


@dataclass(frozen=True, slots=True)
class _Part:
    """One service: its rows of the tables."""

    by_unit: pd.DataFrame
    by_facility: pd.DataFrame
    result: ServiceResult | None
    everybody: bool
    together: bool


@dataclass(frozen=True, slots=True)
class _Reach:
    """One catchment of a service."""

    name: str
    found: Catchment
    lost: Bools
    placed: Placed | None = field(default=None)


def _service(asked: _Asked, offer: Offer) -> _Part:
    listed = asked.listed and offer.service != BEDS
    needs, everybody = who_needs(asked.inputs.demand, offer.service, listed=listed)
    elders = np.where(needs, asked.elders, 0.0)
    result = None
    if offer.service in HOME_SERVICES:
        reaches = list(_home_reaches(asked, offer, elders, listed=listed))
    else:
        reach, result = _circle_reach(asked, offer, elders, listed=listed)
        reaches = [reach]
    return _Part(
        by_unit=_stacked(
            [_unit_rows(asked, offer, reach, elders) for reach in reaches], CAPACITY_BY_UNIT.names
        ),
        by_facility=_stacked(
            [_facility_rows(asked, offer, reach, elders) for reach in reaches],
            CAPACITY_BY_FACILITY.names,
        ),
        result=result,
        everybody=everybody,
        together=offer.service in HOME_SERVICES and _is_large(elders, offer),
    )


def _circle_reach(
    asked: _Asked, offer: Offer, elders: Floats, *, listed: bool
) -> tuple[_Reach, ServiceResult | None]:
    """Ask a service of stations within the circle that it belongs to."""
    way = CirclePairs.of(asked.study, asked.inputs, asked.search, offer.service)
    rows = np.flatnonzero(elders > 0)
    pairs = way.pairs(rows, offer.rows)
    (found,) = catch([pairs], elders=elders, weighted=elders * asked.weights, supply=offer.capacity)
    lost = ~found.reached & way.undetermined(offer.rows)
    if not listed:
        return _Reach(way.name, found, lost), None
    placed = _placed(pairs, elders, offer)
    result = ServiceResult(
        offer.service,
        way.circles,
        placed.full,
        np.append(offer.rows, -1)[found.nearest],
        _minutes_to_nearest(pairs, len(elders)),
        way.limit_minutes,
    )
    return _Reach(way.name, found, lost, placed), result


def _home_reaches(asked: _Asked, offer: Offer, elders: Floats, *, listed: bool) -> Iterator[_Reach]:
    """Ask homes within each time by car, and in the whole district."""
    weighted = elders * asked.weights
    if asked.cars.possible:
        kept: list[PairBlock] = []
        lost = asked.cars.undetermined(offer.rows)
        together = _together(asked, elders, lost, offer)
        heads = together.summed(elders)
        blocks = asked.cars.blocks(
            np.flatnonzero(heads > 0), offer.rows, cutoff_min=_DRIVES_MIN[-1]
        )
        found = catch(
            _noted(blocks, kept) if listed else blocks,
            elders=heads,
            weighted=together.summed(weighted),
            supply=offer.capacity,
            limits=[minutes / _DRIVES_MIN[-1] for minutes in _DRIVES_MIN],
        )
        placed = _placed(PairBlock.joined(kept), heads, offer) if listed else None
        for minutes, cell in zip(_DRIVES_MIN, found, strict=True):
            one, widest = together.spread(cell), minutes == _DRIVES_MIN[-1]
            yield _Reach(
                f"drive_{minutes:.0f}", one, ~one.reached & lost, placed if widest else None
            )
    yield _Reach(_DISTRICT, _whole_district(elders, weighted, offer), np.zeros(len(elders), bool))


def _together(asked: _Asked, elders: Floats, lost: Bools, offer: Offer) -> Together:
    """Take elders of a cell together where each with each home would be too many pairs."""
    if not _is_large(elders, offer):
        return Together(np.arange(len(elders), dtype=np.int64))
    search, demand = asked.search, asked.inputs.demand
    mine = np.flatnonzero((elders > 0)[search.origin_row] & ~lost[search.origin_row])
    rows = search.origin_row[mine]
    unit, setting = (demand[name].to_numpy(dtype=object)[rows] for name in ("unit_id", "setting"))
    points = search.origins
    kind = unit + "\n" + setting
    return taken_together(rows, points.x[mine], points.y[mine], kind, size=len(elders))


def _is_large(elders: Floats, offer: Offer) -> bool:
    return int(np.count_nonzero(elders > 0)) * len(offer.rows) > EXACT_PAIRS


def _noted(blocks: Iterator[PairBlock], kept: list[PairBlock]) -> Iterator[PairBlock]:
    for block in blocks:
        kept.append(block)
        yield block


def _whole_district(elders: Floats, weighted: Floats, offer: Offer) -> Catchment:
    """Return what homes are for a district whose elders all may go to any of them."""
    heads, demand = float(elders.sum()), float(weighted.sum())
    size, known = len(offer.rows), np.nan_to_num(offer.capacity)
    ratio = known / demand if demand else np.full(size, np.nan)
    access = np.where(weighted > 0, known.sum() / demand if demand else 0.0, 0.0)
    return Catchment(
        access=np.repeat(access[:, None], len(METHODS), axis=1),
        reached=np.full(len(elders), size > 0),
        heads=np.full(size, heads),
        weighted=np.full(size, demand),
        ratio=np.where(np.isnan(offer.capacity), np.nan, ratio),
        nearest=np.full(len(elders), -1, dtype=np.int64),
        time=np.full(len(elders), np.inf),
    )


def _placed(pairs: PairBlock, elders: Floats, offer: Offer) -> Placed:
    return give_places(
        pairs.origin, pairs.facility, pairs.minutes, elders.astype(np.int64), offer.capacity
    )


def _minutes_to_nearest(pairs: PairBlock, size: int) -> Floats:
    minutes = np.full(size, np.inf)
    np.minimum.at(minutes, pairs.origin, pairs.minutes)
    return np.where(np.isinf(minutes), np.nan, minutes)


def _unit_rows(asked: _Asked, offer: Offer, reach: _Reach, elders: Floats) -> pd.DataFrame:
    """Return the rows of a service and catchment, a row per unit."""

    def total(values: Floats) -> Floats:
        return asked.sums.total(asked.homes, values)

    where = asked.sums.index(asked.inputs.facilities["unit_id"].to_numpy(dtype=object)[offer.rows])
    known = np.isfinite(offer.capacity)
    told = np.where(reach.lost, 0.0, elders)
    weighted = total(told * asked.weights)
    demand = total(elders)
    none = total(np.where(reach.found.reached, 0.0, told))
    table = asked.sums.units.assign(
        service=offer.service,
        catchment=reach.name,
        elders=total(asked.elders),
        demand=demand,
        demand_weighted=weighted,
        supply=asked.sums.total(where, np.nan_to_num(offer.capacity)),
        capacity_unit=offer.unit,
        facilities=asked.sums.total(where, np.ones(len(known))),
        capacity_unknown=asked.sums.total(where, (~known).astype(float)),
        zero_access=none,
        undetermined=total(np.where(reach.lost, elders, 0.0)),
    )
    determined = total(told)
    with np.errstate(invalid="ignore", divide="ignore"):
        table["zero_share"] = np.where(determined > 0, none / determined, np.nan)
        for number, method in enumerate(METHODS):
            have = total(reach.found.access[:, number] * elders * asked.weights)
            table[f"access_{method}"] = np.where(weighted > 0, _PER * have / weighted, np.nan)
    # Supply that is only unknown is not known to be none.
    unknown = (table["facilities"] > 0) & (table["facilities"] == table["capacity_unknown"])
    table["supply"] = table["supply"].mask(unknown)
    for name in _COUNTS:
        counts = None if reach.placed is None else getattr(reach.placed, name)
        table[name] = np.nan if counts is None else total(counts.astype(float))
    return asked.sums.kept(table, "demand", "facilities")[CAPACITY_BY_UNIT.names]


def _facility_rows(asked: _Asked, offer: Offer, reach: _Reach, elders: Floats) -> pd.DataFrame:
    cards = asked.inputs.facilities.iloc[offer.rows]
    load = None if reach.placed is None else reach.placed.load.astype(float)
    assigned = np.full(len(cards), np.nan) if load is None else load
    known = np.isfinite(offer.capacity)
    going = np.where(reach.found.nearest >= 0, elders, 0.0)
    nearest = np.bincount(
        np.maximum(reach.found.nearest, 0), weights=going, minlength=len(cards)
    ).astype(float)
    if reach.name == _DISTRICT:
        nearest = np.full(len(cards), np.nan)
    table = pd.DataFrame(
        {
            "facility_id": cards["facility_id"].to_numpy(dtype=object),
            "facility_name": cards["name"].to_numpy(dtype=object),
            "roles": cards["roles"].to_numpy(dtype=object),
            "unit_id": cards["unit_id"].to_numpy(dtype=object),
            "service": offer.service,
            "catchment": reach.name,
            "capacity": offer.capacity,
            "capacity_unit": offer.own_unit,
            "demand": reach.found.heads,
            "demand_weighted": reach.found.weighted,
            "ratio": _PER * reach.found.ratio,
            "nearest": nearest,
            "overloaded": pd.array(nearest > offer.capacity, dtype="boolean"),
            "assigned": np.where(known, assigned, np.nan),
            "free": np.where(known, offer.capacity - assigned, np.nan),
        }
    )
    table["overloaded"] = table["overloaded"].mask(~known | np.isnan(nearest))
    return table[CAPACITY_BY_FACILITY.names]


def _statements(
    asked: _Asked, offers: Sequence[Offer], parts: Sequence[_Part]
) -> Iterator[Statement]:
    if not offers:
        return
    yield Statement("capacity_methods")
    yield Statement("capacity_weights")
    yield Statement("capacity_needs_listed" if asked.listed else "capacity_needs_default")
    if not asked.listed:
        yield Statement("capacity_no_residual")
    if any(part.everybody for part in parts):
        yield Statement("capacity_everybody")
    if any(offer.service in HOME_SERVICES for offer in offers):
        least, most = (int(minutes) for minutes in _DRIVES_MIN)
        yield Statement("capacity_homes", {"least": least, "most": most})
    if any(part.together for part in parts):
        yield Statement("capacity_cells", {"metres": int(CELL_M)})
    unknown = sum(int(np.isnan(offer.capacity).sum()) for offer in offers)
    if unknown:
        yield Statement("capacity_unknown", {"count": unknown})
    converted = sum(offer.other_units for offer in offers)
    if converted:
        yield Statement("capacity_other_units", {"count": converted})


def _records(table: pd.DataFrame, names: Sequence[str]) -> list[dict[str, object]]:
    """Return the rows of the whole study as JSON values."""
    whole = table.loc[table["level"] == ALL, list(names)]
    return [
        {name: _plain(value) for name, value in zip(names, row, strict=True)}
        for row in whole.itertuples(index=False)
    ]


def _plain(value: str | float) -> object:
    if isinstance(value, str):
        return value
    if np.isnan(value):
        return None
    return int(value) if float(value).is_integer() else round(float(value), 6)


def _stacked(tables: Sequence[pd.DataFrame], names: Sequence[str]) -> pd.DataFrame:
    known = [table for table in tables if len(table)]
    if not known:
        return pd.DataFrame(columns=list(names))
    return pd.concat(known, ignore_index=True)

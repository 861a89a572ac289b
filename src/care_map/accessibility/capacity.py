"""Supply within reach, per service in its own unit: numbers of pairs, facilities and units.

The same weights serve both steps (:mod:`care_map.accessibility.floating_catchment`), block by
block of facilities, so that no table of all pairs is ever needed.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pandas as pd
from numba import njit
from numpy.typing import NDArray

from care_map.accessibility.coverage import ALL, NONE, unit_levels
from care_map.decay import Decay, binary, gaussian, steps
from care_map.schema import BEDS_BY_UNIT

__all__ = [
    "METHODS",
    "Catchment",
    "PairBlock",
    "UnitIndex",
    "UnitSums",
    "beds_by_unit",
    "catch",
    "decays",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

METHODS = ("2sfca", "e2sfca", "gaussian")
_RINGS = ((1 / 3, 1.0), (2 / 3, 0.68), (1.0, 0.22))
"""Rings of E2SFCA as shares of the catchment, with the weights of Luo & Qi (2009) (default)."""


def decays(limit: float) -> tuple[Decay, ...]:
    """Return the decay of each of :data:`METHODS` with a catchment of that limit."""
    rings = [(limit * share, weight) for share, weight in _RINGS]
    return binary(limit), steps(rings), gaussian(limit)


@dataclass(frozen=True, slots=True)
class PairBlock:
    """All pairs of some facilities: nobody else reaches them.

    Parameters
    ----------
    origin, facility
        ``(n,)`` rows of the demand and of the facilities.
    time
        ``(n,)`` time as a share of the catchment's limit, which can differ by setting.
    minutes
        ``(n,)`` the same in minutes.
    """

    origin: Ints
    facility: Ints
    time: Floats
    minutes: Floats

    def take(self, which: Ints | Bools) -> "PairBlock":
        """Return some of the pairs."""
        return PairBlock(
            self.origin[which], self.facility[which], self.time[which], self.minutes[which]
        )

    @classmethod
    def joined(cls, blocks: Iterable["PairBlock"]) -> "PairBlock":
        """Return the pairs of several blocks as one."""
        known = list(blocks)
        none = np.empty(0, np.int64)
        if not known:
            return cls(none, none, np.empty(0), np.empty(0))
        return cls(
            np.concatenate([one.origin for one in known]),
            np.concatenate([one.facility for one in known]),
            np.concatenate([one.time for one in known]),
            np.concatenate([one.minutes for one in known]),
        )


@dataclass(frozen=True, slots=True)
class Catchment:
    """What demand rows and facilities have of each other within one catchment.

    Parameters
    ----------
    access
        ``(n_demand, 3)`` known supply per weighted head by :data:`METHODS`.
    reached
        ``(n_demand,)`` whether any facility that gives the service is reached.
    heads, weighted
        ``(n_facilities,)`` elders in reach who need the service, plain and weighted.
    ratio
        ``(n_facilities,)`` capacity per weighted head of the plain catchment; NaN where nobody
        reaches it or its capacity is unknown.
    nearest, time
        ``(n_demand,)`` the facility of least time, -1 for none, and that time.
    """

    access: Floats
    reached: Bools
    heads: Floats
    weighted: Floats
    ratio: Floats
    nearest: Ints
    time: Floats


def catch(
    blocks: Iterable[PairBlock],
    *,
    elders: Floats,
    weighted: Floats,
    supply: Floats,
    limits: Iterable[float] = (1.0,),
) -> list[Catchment]:
    """Return both steps of the floating catchment for blocks of facilities, one after the other.

    Parameters
    ----------
    blocks
        Pairs within the widest catchment; each facility in one block only, each pair once.
    elders, weighted
        ``(n_demand,)`` elders who need the service, plain and weighted.
    supply
        ``(n_facilities,)`` capacity, NaN where it is unknown.
    limits
        Catchments as shares of the widest one.

    Returns
    -------
    A result per limit.
    """
    wanted = [(limit, decays(limit)) for limit in limits]
    found = [_nothing(len(elders), len(supply)) for _ in wanted]
    with ThreadPoolExecutor(len(wanted)) as pool:
        for block in blocks:
            add = partial(_add, block, elders=elders, weighted=weighted, supply=supply)
            list(pool.map(add, found, [methods for _, methods in wanted]))
    return found


def _nothing(n_demand: int, n_facilities: int) -> Catchment:
    return Catchment(
        access=np.zeros((n_demand, len(METHODS))),
        reached=np.zeros(n_demand, dtype=bool),
        heads=np.zeros(n_facilities),
        weighted=np.zeros(n_facilities),
        ratio=np.full(n_facilities, np.nan),
        nearest=np.full(n_demand, -1, dtype=np.int64),
        time=np.full(n_demand, np.inf),
    )


def _add(
    block: PairBlock,
    into: Catchment,
    methods: tuple[Decay, ...],
    *,
    elders: Floats,
    weighted: Floats,
    supply: Floats,
) -> None:
    """Add what a block of facilities gives, in place."""
    known = np.nan_to_num(supply)
    for number, decay in enumerate(methods):
        weight = decay.weigh(block.time)
        heads, ratio, share = _both_steps(block.origin, block.facility, weight, weighted, known)
        into.access[:, number] += share
        if number:
            continue
        inside = weight > 0
        into.reached[block.origin[inside]] = True
        _keep_nearest(into.nearest, into.time, block.origin, block.facility, block.time, inside)
        into.weighted[:] += heads
        plain = elders[block.origin] * inside
        into.heads[:] += np.bincount(block.facility, weights=plain, minlength=len(supply))
        some = heads > 0
        into.ratio[some] = np.where(np.isnan(supply), np.nan, ratio)[some]


@njit(cache=True, nogil=True)
def _both_steps(
    origin: Ints, facility: Ints, weight: Floats, weighted: Floats, supply: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return weighted heads and supply per head of each facility, and the share of each row."""
    heads, share = np.zeros(len(supply)), np.zeros(len(weighted))
    for i in range(len(origin)):
        heads[facility[i]] += weight[i] * weighted[origin[i]]
    ratio = np.zeros(len(supply))
    for f in range(len(supply)):
        if heads[f] > 0.0:
            ratio[f] = supply[f] / heads[f]
    for i in range(len(origin)):
        share[origin[i]] += weight[i] * ratio[facility[i]]
    return heads, ratio, share


@njit(cache=True, nogil=True)
def _keep_nearest(
    nearest: Ints, least: Floats, origin: Ints, facility: Ints, time: Floats, inside: Bools
) -> None:
    """Keep the nearest facility of each row, of equal ones the first."""
    for k in range(len(origin)):
        i, f = origin[k], facility[k]
        if inside[k] and (time[k] < least[i] or (time[k] == least[i] and f < nearest[i])):
            nearest[i], least[i] = f, time[k]


@dataclass(frozen=True, slots=True)
class UnitIndex:
    """Which rows of :class:`UnitSums` each of some things counts for.

    Parameters
    ----------
    number
        ``(n,)`` number of the unit that each stands in.
    rows
        Rows of each of these units, one per level.
    """

    number: Ints
    rows: list[Ints]


@dataclass(frozen=True, slots=True)
class UnitSums:
    """Sums by unit of every level, the whole study first, elders in no unit last.

    Parameters
    ----------
    units
        ``unit_id, unit_name, level``, a row per unit.
    """

    units: pd.DataFrame
    _of: Mapping[str, Ints] = field(repr=False)

    @classmethod
    def of(cls, units: pd.DataFrame, demand: pd.DataFrame, *, name: str) -> "UnitSums":
        """Return what sums over some units.

        Parameters
        ----------
        units
            ``unit_id, name, level, parent_id``.
        demand
            Units whose elders are only part of a larger number, which its
            ``counted_unit_id`` tells, have no row.
        name
            Name of the whole study.
        """
        tables: list[pd.DataFrame] = []
        ids = list(dict.fromkeys([*units["unit_id"], *demand["unit_id"], ""]))
        rows: list[Ints] = []
        for level in unit_levels(demand, units, name=name):
            start = sum(map(len, tables))
            table = level.units if level.name == ALL else level.places
            tables.append(table.assign(level=level.name))
            rows.append(start + level.place(ids))
        return cls(
            pd.concat(tables, ignore_index=True),
            dict(zip(ids, np.column_stack(rows), strict=True)),
        )

    def index(self, unit_id: NDArray[np.object_]) -> "UnitIndex":
        """Return where things that stand in units (``(n,)`` ids) are summed, for :meth:`total`."""
        number, names = pd.factorize(unit_id)
        rows = [self._of.get(name, self._of[""]) for name in names]
        return UnitIndex(number, rows)

    def total(self, at: "UnitIndex", values: Floats) -> Floats:
        """Return ``(n_units,)`` sums of values (``(n,)``)."""
        sums = np.bincount(at.number, weights=values, minlength=len(at.rows))
        found = np.zeros(len(self.units))
        for rows, value in zip(at.rows, sums, strict=True):
            found[rows] += value
        return found

    def kept(self, table: pd.DataFrame, *columns: str) -> pd.DataFrame:
        """Return the rows of a table of all units without those of no unit that hold nothing."""
        some = (table[list(columns)].to_numpy(dtype=float) > 0).any(axis=1)
        keep = (self.units["unit_id"].to_numpy(dtype=object) != NONE) | some
        return pd.DataFrame(table[keep]).reset_index(drop=True)


def beds_by_unit(
    beds: pd.DataFrame, sums: UnitSums, homes: UnitIndex, elders: Floats
) -> pd.DataFrame:
    """Return the beds of facilities by unit and level of care.

    Parameters
    ----------
    beds
        A row per site: ``unit_id, beds, nursing_beds, open_beds, free_beds``, NaN where unknown.
    sums
        The units.
    homes, elders
        ``(n,)`` of the demand rows.

    Returns
    -------
    DataFrame with the columns of :data:`care_map.schema.BEDS_BY_UNIT`.
    """
    where = sums.index(beds["unit_id"].to_numpy(dtype=object))
    number = {name: beds[name].to_numpy(dtype=float) for name in beds if name != "unit_id"}
    has = np.isfinite(number["beds"])
    split = has & np.isfinite(number["nursing_beds"])
    told = np.isfinite(number["open_beds"]) & np.isfinite(number["free_beds"])
    nursing = np.where(split, number["nursing_beds"], 0.0)
    parts = {
        "facilities": has & (number["beds"] > 0),
        "beds": np.where(has, number["beds"], 0.0),
        "nursing_beds": nursing,
        "other_beds": np.where(split, number["beds"] - nursing, 0.0),
        "unsplit_beds": np.where(has & ~split, number["beds"], 0.0),
        "beds_unknown": ~has,
        "open_beds": np.where(told, number["open_beds"], 0.0),
        "free_beds": np.where(told, number["free_beds"], 0.0),
    }
    table = sums.units.assign(
        elders=sums.total(homes, elders),
        **{name: sums.total(where, values.astype(float)) for name, values in parts.items()},
    )
    free, of = table["free_beds"], table["open_beds"]
    some = sums.total(where, told.astype(float)) > 0
    table["occupancy"] = (1.0 - free / of).where(of > 0)
    table["beds_per_100"] = (100.0 * table["beds"] / table["elders"]).where(table["elders"] > 0)
    for name in ("open_beds", "free_beds"):
        table[name] = table[name].where(some)
    return sums.kept(table[BEDS_BY_UNIT.names], "elders", "beds", "beds_unknown")

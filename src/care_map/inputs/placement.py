"""Rows without a usable point: placed by code, by the names of town and village, or by address.

What a row says of its unit is never guessed at. A name that means several units is listed with
them, an unknown one with the spelling that is nearest; neither is placed by.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from care_map.errors import Problem
from care_map.inputs.findings import LISTED
from care_map.inputs.place_names import Meaning
from care_map.inputs.sources import ROW, SourceTable, list_rows
from care_map.inputs.texts import different_rows
from care_map.inputs.unit_index import UnitIndex
from care_map.values import Statement
from care_map.vocabulary import LOCATION_QUALITIES

__all__ = [
    "Stated",
    "at_unit_points",
    "coarser",
    "placed_problems",
    "placed_statements",
    "stated_units",
    "unit_positions",
]

Words = NDArray[np.object_]
Bools = NDArray[np.bool_]

_COLUMNS = ("town_name", "community_name")
_LEVEL_OF = {"town_name": "town", "community_name": "community"}
_SINGLE = ("record", "place")
_PROPOSED = 200
"""Unknown names that a nearest spelling is looked for (default)."""

_DOORS = r"([组組队隊社])[0-9０-９]+[^组組队隊村社]*$"
_AFTER_NUMBER = r"[0-9０-９].*$"


@dataclass(frozen=True, slots=True)
class Stated:
    """What rows say of their unit.

    Parameters
    ----------
    unit
        Id, "" where the row says none, or none that is known.
    way
        ``"code"``, ``"name"``, ``"synonym"``, ``"address"``; "" without a unit.
    faulty
        Whether a name of the row is unknown or means several units; it is listed.
    """

    unit: Words
    way: Words
    faulty: Bools


def stated_units(
    table: SourceTable, index: UnitIndex, *, given: Words, asked: Bools, listed: Bools
) -> Stated:
    """Return the unit that rows say they are in: the lowest that their code or names mean.

    Parameters
    ----------
    table
        The source.
    index
        The study's units.
    given
        Unit that each row's code names.
    asked
        Rows whose names count; of the others only the code does.
    listed
        Rows whose names are listed where they are unknown or ambiguous.

    Returns
    -------
    Stated
    """
    way = np.where(given == "", "", "code").astype(object)
    stated = Stated(given.copy(), way, np.zeros(len(given), dtype=bool))
    rows = np.flatnonzero(asked)
    if index.empty or not len(rows):
        return stated
    labels, which = different_rows([_label(table, name, rows) for name in _COLUMNS])
    meanings = [index.places.meaning(*pair) for pair in labels]
    against = rows[_state(stated, rows, which, meanings, index) & listed[rows]]
    list_rows([table], table.frame.iloc[against], "code_contradicts_name", column="unit_id")
    at_fault = np.array([bool(meaning.fault) for meaning in meanings], dtype=bool)[which]
    at_fault &= listed[rows]
    stated.faulty[rows[at_fault]] = True
    _list_faults(table, index, rows[at_fault], which[at_fault], labels, meanings)
    rows = rows[stated.unit[rows] == ""]
    if "address" in table.frame and len(rows):
        addresses, which = different_rows([_label(table, "address", rows)])
        meanings = [index.places.in_address(address) for (address,) in addresses]
        _state(stated, rows, which, meanings, index)
    return stated


def _label(table: SourceTable, column: str, rows: NDArray[np.int64]) -> Words:
    """Return names without doors, addresses up to their first number: a million are few then."""
    if column not in table.frame:
        return np.full(len(rows), "", dtype=object)
    words = table.frame[column].to_numpy(dtype=object)[rows]
    if column == "town_name":
        return words
    pattern, kept = (_AFTER_NUMBER, "") if column == "address" else (_DOORS, r"\1")
    cut = pc.replace_substring_regex(pa.array(words, pa.large_string()), pattern, kept)
    return np.asarray(cut.to_numpy(zero_copy_only=False), dtype=object)


def _state(
    stated: Stated,
    rows: NDArray[np.int64],
    which: NDArray[np.int64],
    meanings: Sequence[Meaning],
    index: UnitIndex,
) -> Bools:
    """Take what names mean where it says more than the code; tell where it contradicts it."""
    named = np.array([meaning.unit for meaning in meanings], dtype=object)[which]
    ways = np.array([meaning.way for meaning in meanings], dtype=object)[which]
    pairs, pair = different_rows([stated.unit[rows], named])
    lower = [
        bool(unit) and unit != code and code in ("", *index.chain(unit)) for code, unit in pairs
    ]
    against = [bool(code and unit) and index.ids_contradict(code, unit) for code, unit in pairs]
    chosen = np.array(lower, dtype=bool)[pair]
    stated.unit[rows[chosen]] = named[chosen]
    stated.way[rows[chosen]] = ways[chosen]
    return np.array(against, dtype=bool)[pair]


def _list_faults(
    table: SourceTable,
    index: UnitIndex,
    rows: NDArray[np.int64],
    which: NDArray[np.int64],
    labels: Sequence[tuple[str, ...]],
    meanings: Sequence[Meaning],
) -> None:
    """List each row whose names are unknown or mean several units, with what may be meant."""
    advice: dict[int, tuple[str, ...]] = {}
    numbers = table.frame[ROW].to_numpy()[rows]
    for row, at in zip(numbers[:LISTED].tolist(), which[:LISTED].tolist(), strict=True):
        meaning, (town, community) = meanings[at], labels[at]
        label = town if meaning.column == "town_name" else community
        if at not in advice:
            advice[at] = _may_be(index, meaning, town, label, propose=len(advice) < _PROPOSED)
        table.findings.add(
            meaning.fault, row=row, column=meaning.column, value=label, units=advice[at]
        )
    rest = [labels[at] for at in which[LISTED:].tolist()]
    cells = ["".join(label) for label in rest]
    table.findings.each("places_unclear", rows=numbers[LISTED:], cells=cells)


def _may_be(
    index: UnitIndex, meaning: Meaning, town: str, label: str, *, propose: bool
) -> tuple[str, ...]:
    """Return the names of the units that a label may mean."""
    units: Sequence[str] = meaning.candidates
    if meaning.fault == "place_unknown" and propose:
        near = index.places.nearest(label, _LEVEL_OF[meaning.column], town=town)
        units = (near,) if near else ()
    return tuple(map(index.full_name, units)) or ("—",)


def unit_positions(
    table: SourceTable,
    index: UnitIndex,
    *,
    missing: Bools,
    unit_id: Words,
    stated: Stated,
    used: Bools,
    otherwise: str,
) -> tuple[Words, Words, Words]:
    """Return where rows without a point are as far as their unit tells.

    Parameters
    ----------
    table
        The source; rows known by their town only, and rows that stay without a place are listed.
    index
        The study's units.
    missing
        Rows without a usable point.
    unit_id
        Unit of each row.
    stated
        What the rows say of their unit.
    used
        Rows that count.
    otherwise
        Code of the finding about rows that stay without a place.

    Returns
    -------
    Three arrays
        A point of the unit; ``"village"``, ``"town"`` or ``"none"``; and the way of
        :class:`Stated`. None and "" where a row has a point of its own.
    """
    points = np.full(len(missing), None, dtype=object)
    quality, by = (np.full(len(missing), "", dtype=object) for _ in range(2))
    if not missing.any():
        return points, quality, by
    points[missing], quality[missing] = index.points_of(unit_id[missing])
    there = missing & (quality != "none")
    by[there] = stated.way[there]
    told = table.frame[used & ~stated.faulty & (quality == "none")]
    shown = "name" if "name" in table.frame else _COLUMNS[0]
    list_rows([table], told, otherwise, shown=shown)
    town = table.frame[used & ~stated.faulty & (quality == "town")]
    list_rows([table], town, "placed_at_town", shown=shown)
    pairs, which = different_rows([by, quality])
    counts = np.bincount(which[used], minlength=len(pairs)).tolist()
    for pair, count in zip(pairs, counts, strict=True):
        if pair[0] and count:
            values = {"way": pair[0], "exactness": pair[1]}
            source = table.findings.source
            table.findings.problems.append(
                Problem("rows_placed", "info", source, values=values, count=count)
            )
    return points, quality, by


def at_unit_points(
    facilities: gpd.GeoDataFrame, index: UnitIndex, *, coarsest: str
) -> gpd.GeoDataFrame:
    """Return facilities, those that are placed by their unit with a point of it.

    Parameters
    ----------
    facilities
        With ``unit_id``, ``location_quality`` and ``placed_by``.
    index
        The study's units.
    coarsest
        A place that is coarser gets no point: it is in the ledger, and decides on no circle.

    Returns
    -------
    geopandas.GeoDataFrame
    """
    quality = facilities["location_quality"].to_numpy(dtype=object)
    placed = (facilities["placed_by"] != "").to_numpy(dtype=bool) & ~coarser(quality, coarsest)
    if not placed.any():
        return facilities
    geometry = facilities.geometry.to_numpy(dtype=object).copy()
    unit_id = facilities["unit_id"].to_numpy(dtype=object)[placed]
    geometry[placed] = index.points_of(unit_id)[0]
    return facilities.assign(geometry=gpd.GeoSeries(geometry, facilities.index, crs=facilities.crs))


def coarser(quality: Words, coarsest: str) -> Bools:
    """Tell which words of ``location_quality`` are too coarse to decide on a circle.

    Examples
    --------
    >>> coarser(np.array(["point", "village", "town"], dtype=object), "village").tolist()
    [False, False, True]
    """
    allowed = LOCATION_QUALITIES[: LOCATION_QUALITIES.index(coarsest) + 1]
    return ~np.isin(quality, [*allowed, ""])


def placed_problems(demand: pd.DataFrame, coarsest: str) -> list[Problem]:
    """State how many elders are judged at a point of their unit, and how many cannot be.

    Parameters
    ----------
    demand
        ``elders, location_quality, origin``.
    coarsest
        What is coarser decides on nothing.

    Returns
    -------
    list of Problem
    """
    return [
        Problem("elders_not_judged", values={"exactness": level}, count=count, severity="warning")
        if coarse
        else Problem(
            "elders_at_unit_point", values={"exactness": level}, count=count, severity="info"
        )
        for level, coarse, count in _by_unit_only(demand, coarsest)
    ]


def placed_statements(demand: pd.DataFrame, coarsest: str) -> tuple[Statement, ...]:
    """Return the same as assumptions, printed beside the figures."""
    return tuple(
        Statement(f"{level}_not_judged" if coarse else f"at_{level}_point", {"count": count})
        for level, coarse, count in _by_unit_only(demand, coarsest)
    )


def _by_unit_only(demand: pd.DataFrame, coarsest: str) -> list[tuple[str, bool, int]]:
    """Return village and town, whether that is too coarse, and the elders it concerns.

    Counts that are told by area or spread over it are told of elsewhere, where they are judged.
    """
    quality = demand["location_quality"].to_numpy(dtype=object)
    single = demand["origin"].isin(_SINGLE).to_numpy(dtype=bool)
    if "placed_by" in demand:
        single = single | (demand["placed_by"] != "").to_numpy(dtype=bool)
    elders = demand["elders"].to_numpy(dtype=np.int64)
    found = []
    for level in ("village", "town"):
        coarse = bool(coarser(np.array([level], dtype=object), coarsest)[0])
        count = int(elders[(quality == level) & (single | coarse)].sum())
        if count:
            found.append((level, coarse, count))
    return found

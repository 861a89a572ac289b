"""Which facilities of a study give a service, and how much of it is known."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.circle_search import facility_rows, has_role
from care_map.config import Study
from care_map.inputs.duplicates import once_per_site
from care_map.inputs.tables import Inputs
from care_map.messages import catalogue
from care_map.vocabulary import SERVICES

__all__ = ["BEDS", "HOME_SERVICES", "Offer", "bed_sites", "offers_of"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BEDS = "beds"
"""The beds of the facilities list, beside the services of :data:`care_map.vocabulary.SERVICES`."""
HOME_SERVICES = (BEDS, "respite")
"""Services that one lives in for: their catchment is never that of a station."""
_HOMES = ("care_home", "district_care_centre")
_DAY_CARE, _DAY_CARE_COLUMN = "day_care", "day_care_beds"
_BED_COLUMNS = ("beds", "nursing_beds", "open_beds", "free_beds")


@dataclass(frozen=True, slots=True)
class Offer:
    """One service and the operating facilities of the district that give it.

    Parameters
    ----------
    service
        Code of :data:`care_map.vocabulary.SERVICES`, or :data:`BEDS`.
    unit
        Unit that capacity is counted in: that of most of its rows.
    rows
        ``(n,)`` rows of the facilities.
    capacity
        ``(n,)`` in `unit`, NaN where it is blank or in another unit.
    own_unit
        ``(n,)`` unit as listed.
    other_units
        How many capacities are in another unit.
    """

    service: str
    unit: str
    rows: Ints
    capacity: Floats
    own_unit: NDArray[np.object_]
    other_units: int = 0


def offers_of(study: Study, inputs: Inputs) -> list[Offer]:
    """Return what the operating facilities of a district give, by service.

    Parameters
    ----------
    study
        In whose language units are named.
    inputs
        Its facilities and services.

    Returns
    -------
    list of Offer
        In the order of the vocabulary; a station without beds has none to give.
    """
    return list(_offers(study, inputs))


def _offers(study: Study, inputs: Inputs) -> Iterator[Offer]:
    texts = catalogue(study.language)
    own = facility_rows(inputs, stages=("operating",), own=True)
    ids = inputs.facilities["facility_id"].to_numpy(dtype=object)[own]
    services = inputs.services
    for service in SERVICES:
        table = services[(services["service"] == service) & services["facility_id"].isin(ids)]
        rows = own[pd.Index(ids).get_indexer(pd.Index(table["facility_id"]))]
        capacity = table["capacity"].to_numpy(dtype=float)
        unit = _as_text(table["capacity_unit"])
        if service == _DAY_CARE:
            rows, capacity, unit = _with_day_places(
                inputs, own, rows, capacity, unit, texts.text("capacity.places")
            )
        if len(rows):
            yield _offer(service, rows, capacity, unit)
    beds = _beds(inputs, own)
    if beds is not None and len(beds[0]):
        rows, capacity = beds
        unit = np.full(len(rows), texts.text("capacity.beds"), dtype=object)
        yield _offer(BEDS, rows, capacity, unit)


def _as_text(column: pd.Series) -> NDArray[np.object_]:
    return column.astype(object).where(column.notna(), "").to_numpy(dtype=object)


def _offer(service: str, rows: Ints, capacity: Floats, unit: NDArray[np.object_]) -> Offer:
    """Return an offer in the unit of most; what is in another unit is not known in it."""
    named = unit[(unit != "") & np.isfinite(capacity)]
    words, times = np.unique(named.astype(str), return_counts=True)
    main = str(words[times.argmax()]) if len(words) else ""
    other = (unit != "") & (unit != main) & np.isfinite(capacity)
    order = np.argsort(rows, kind="stable")
    return Offer(
        service,
        main,
        rows[order],
        np.where(other, np.nan, capacity)[order],
        np.where(unit == "", main, unit)[order],
        int(other.sum()),
    )


def _with_day_places(
    inputs: Inputs,
    own: Ints,
    rows: Ints,
    capacity: Floats,
    unit: NDArray[np.object_],
    word: str,
) -> tuple[Ints, Floats, NDArray[np.object_]]:
    """Add the day-care places of facilities whose services do not tell them."""
    if _DAY_CARE_COLUMN not in inputs.facilities:
        return rows, capacity, unit
    places = _numbers(inputs.facilities, _DAY_CARE_COLUMN)
    more = own[~np.isin(own, rows) & (np.nan_to_num(places[own]) > 0)]
    named = unit[unit != ""]
    main = str(pd.Series(named).mode().iloc[0]) if len(named) else word
    return (
        np.concatenate([rows, more]),
        np.concatenate([capacity, places[more]]),
        np.concatenate([unit, np.full(len(more), main, dtype=object)]),
    )


def _numbers(facilities: pd.DataFrame, column: str) -> Floats:
    return pd.to_numeric(facilities[column]).to_numpy(dtype=float, na_value=np.nan)


def _beds(inputs: Inputs, own: Ints) -> tuple[Ints, Floats] | None:
    """Return who has beds, or is a home of which it is not said, and how many."""
    table = inputs.facilities
    if "beds" not in table:
        return None
    beds = _numbers(table, "beds")
    if "site_id" in table:
        counted = once_per_site(table.iloc[own], "beds").to_numpy(dtype=float, na_value=np.nan)
        site = table["site_id"].to_numpy(dtype=object)
    else:
        counted, site = beds[own], table["facility_id"].to_numpy(dtype=object)
    told = set(site[own][np.isfinite(beds[own])])
    silent = has_role(inputs, _HOMES)[own] & ~np.isin(site[own].astype(str), sorted(told))
    has = np.nan_to_num(counted) > 0
    keep = has | silent
    return own[keep], np.where(has, counted, np.nan)[keep]


def bed_sites(inputs: Inputs) -> pd.DataFrame | None:
    """Return the beds of the district's operating facilities, once per site.

    Parameters
    ----------
    inputs
        Its facilities.

    Returns
    -------
    DataFrame
        ``unit_id`` and numbers of beds, NaN where unknown; None where no list tells any bed.
    """
    own = facility_rows(inputs, stages=("operating",), own=True)
    beds = _beds(inputs, own)
    if beds is None or not np.isfinite(beds[1]).any():
        return None
    rows, _ = beds
    table = inputs.facilities.iloc[rows]
    numbers = {
        name: _numbers(table, name) if name in table else np.full(len(rows), np.nan)
        for name in _BED_COLUMNS
    }
    return pd.DataFrame({"unit_id": table["unit_id"].to_numpy(dtype=object), **numbers})

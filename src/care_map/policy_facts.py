"""A study's tables → what its notice is judged by, as of one day."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from care_map.config import Study
from care_map.inputs.tables import Inputs
from care_map.inputs.unit_kinds import unit_kinds
from care_map.policy.facts import Facts
from care_map.vocabulary import STAGES

__all__ = ["PolicyDay", "policy_day", "policy_facts"]

_HAPPENED = (*(f"{stage}_date" for stage in STAGES if stage != "planned"), "adapted_date")
_DATES = {
    "facilities": (*_HAPPENED, "updated"),
    "demand": ("last_visit", "assessed_date", "adapted_date"),
    "stated": ("stated_date",),
    "received": ("received_date",),
}
"""List → columns of days on which something happened: no list is older than they are."""

_EXACT = ("point", "building", "")


@dataclass(frozen=True, slots=True)
class PolicyDay:
    """The day that a notice is judged as of.

    Parameters
    ----------
    day
        The day.
    of
        Where it comes from: the ``study``, the latest day in its ``lists``, or, where they have
        none, the day on which the ``notice`` was issued.
    """

    day: dt.date
    of: Literal["study", "lists", "notice"]


def policy_day(study: Study, inputs: Inputs) -> PolicyDay:
    """Return the day that a study's notice is judged as of.

    It is never the day on which the program runs: the same lists give the same verdicts.

    Parameters
    ----------
    study
        A study with a pack.
    inputs
        Its lists.

    Returns
    -------
    PolicyDay
    """
    if study.as_of is not None:
        return PolicyDay(study.as_of, "study")
    days = [
        day
        for name, columns in _DATES.items()
        for column in columns
        if column in (table := getattr(inputs, name))
        for day in table[column].unique()
        if day
    ]
    if days:
        return PolicyDay(dt.date.fromisoformat(max(days)), "lists")
    if study.pack is None:
        msg = "a study without a pack has no day to be judged as of"
        raise ValueError(msg)
    return PolicyDay(study.pack.pack.issued, "notice")


def policy_facts(
    study: Study, inputs: Inputs, coverage: pd.DataFrame, access: pd.DataFrame
) -> Facts:
    """Return what the clauses of a study's notice are judged by.

    Parameters
    ----------
    study
        A study with a pack.
    inputs
        Its lists, joined to units.
    coverage, access
        Tables of the run; empty where nothing was measured.

    Returns
    -------
    Facts
        As of :func:`policy_day`: what is stated or received later is not there, and what was
        adapted later is not adapted yet.
    """
    day = policy_day(study, inputs).day
    facilities = _plain(inputs.facilities)
    points = _points(inputs.facilities)
    units = _plain(inputs.units)
    return Facts(
        as_of=day,
        units=units.assign(unit_kind=_kinds(units)),
        facilities=_adapted_by(facilities, day),
        services=inputs.services,
        elders=_plain(inputs.demand),
        stated=_latest(inputs.stated, "stated_date", day, keys=["clause_id", "unit_id"]),
        received=_until(inputs.received, "received_date", day),
        coverage_by_unit=coverage,
        access=access,
        x=pd.Series(shapely.get_x(points), facilities.index),
        y=pd.Series(shapely.get_y(points), facilities.index),
        given=inputs.given,
        crosswalk=inputs.crosswalk,
    )


def _plain(table: gpd.GeoDataFrame) -> pd.DataFrame:
    return pd.DataFrame(table.drop(columns="geometry")).reset_index(drop=True)


def _kinds(units: pd.DataFrame) -> pd.Series:
    """Return the kind of each unit: as its list says, else by its name or code."""
    found = unit_kinds(units)
    if "unit_kind" not in units:
        return found
    return units["unit_kind"].where(units["unit_kind"] != "", found)


def _points(facilities: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Return the points that are the facility's own: the middle of its town says no distance."""
    points: NDArray[np.object_] = facilities.geometry.to_numpy().copy()
    if "location_quality" in facilities:
        points[~facilities["location_quality"].isin(_EXACT).to_numpy(dtype=bool)] = None
    return points


def _adapted_by(facilities: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    if not {"age_adapted", "adapted_date"} <= set(facilities.columns):
        return facilities
    later = facilities["adapted_date"] > day.isoformat()
    adapted = facilities["age_adapted"].mask(later.to_numpy(dtype=bool), other=False)
    return facilities.assign(age_adapted=adapted)


def _until(table: pd.DataFrame, column: str, day: dt.date) -> pd.DataFrame:
    """Return the rows that are not of a later day; those without one are there already."""
    return table[~(table[column] > day.isoformat())].reset_index(drop=True)


def _latest(table: pd.DataFrame, column: str, day: dt.date, *, keys: Sequence[str]) -> pd.DataFrame:
    """Return the last row of each key that is not of a later day, in the order of the list."""
    known = _until(table, column, day)
    order = known.sort_values(column, kind="stable")
    return known.loc[sorted(order.drop_duplicates(list(keys), keep="last").index)].reset_index(
        drop=True
    )

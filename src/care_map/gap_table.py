"""Where elders are not covered: the gaps of a study, with reasons, names and places."""

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from care_map.accessibility.gaps import STUDY_WIDE, GapContext, find_gaps, name_gaps
from care_map.accessibility.reasons import (
    COMBINED,
    FACTORS,
    Factor,
    explain_gaps,
    rows_by_gap,
    weighted_median,
)
from care_map.config import Study
from care_map.counterfactuals import (
    BRISK_MPS,
    Question,
    changed_searches,
    find_factors,
    seconds_to_own_site,
)
from care_map.gap_places import Surroundings
from care_map.inputs.tables import Inputs
from care_map.messages import catalogue
from care_map.projections import transformer
from care_map.schema import GAPS
from care_map.search_points import Search, coordinates
from care_map.values import Statement

__all__ = [
    "GapTables",
    "gap_context",
    "gap_statements",
    "gap_tables",
    "placed_gaps",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_EXAMINED = 200
"""Largest gaps of all circles together whose reasons are looked for."""
_SITE = "site"
_NO_FACILITY = "no_facility"
_EPSILON_S, _S_PER_MIN = 1e-6, 60.0
_REMEDIES: Mapping[str, str] = {
    "not_operating": "open_built",
    "wrong_service": "contract",
    "barrier": "new_path",
    "component": "new_path",
    "stairs": "stair_lift",
    "slope": "stair_lift",
    "speed": "outreach",
}
"""What mends a factor that suffices alone; else a station, or a stop for few."""


@dataclass(frozen=True, slots=True)
class GapTables:
    """Where elders are not covered, and why.

    Parameters
    ----------
    gaps
        Columns of :data:`care_map.schema.GAPS`, with points in the study's CRS.
    reasons
        Columns of :data:`care_map.schema.GAP_REASONS`.
    member
        Which gap each official row of the access table is part of, -1 for none.
    near
        What the gaps are named by.
    """

    gaps: gpd.GeoDataFrame
    reasons: pd.DataFrame
    member: Ints
    near: Surroundings


def gap_tables(
    study: Study,
    inputs: Inputs,
    search: Search,
    access: pd.DataFrame,
    near: Surroundings,
) -> GapTables:
    """Return the gaps of a study's circles, with the reasons and the place of each.

    Parameters
    ----------
    study, inputs, search
        The study, its lists and their points.
    access
        Table of its circles.
    near
        Its roads, and what has a name.

    Returns
    -------
    GapTables
    """
    official = access[access["official"]].reset_index(drop=True)
    row = official["row"].to_numpy(dtype=np.int64)
    gaps, member = find_gaps(official, gap_context(study, inputs, row))
    gaps = name_gaps(gaps, place=_near_gaps(gaps, near))
    elders = official["elders"].to_numpy(dtype=np.int64)
    columns = _Columns(len(official))
    examined = np.isin(member, _largest(gaps))
    changed = changed_searches(search, near.network) if examined.any() else {}
    for circle in study.circles:
        mine = np.flatnonzero(examined & (official["circle"] == circle.id).to_numpy(dtype=bool))
        if len(mine):
            asked = Question(study, inputs, search, changed, circle, circle.variants[0], row[mine])
            for factor in find_factors(asked):
                columns.put(factor.name, mine, factor.seconds, factor.cutoff_s)
            sites = seconds_to_own_site(asked, np.arange(len(mine)), member[mine].astype(object))
            columns.put(_SITE, mine, *sites)
    reasons = explain_gaps(gaps, member, elders, columns.factors())
    mends = dict.fromkeys([_SITE, *reasons.loc[reasons["suffices"], "reason"]])
    helped = {name: columns.helped(name, member, elders, len(gaps)) for name in mends}
    gaps = _with_remedies(gaps, reasons, helped, study.limits.station_elders)
    return GapTables(placed_gaps(gaps, inputs), reasons, member, near)


def _near_gaps(gaps: pd.DataFrame, near: Surroundings) -> NDArray[np.object_]:
    """Return what is near each gap; what lies in the study is of the whole unit."""
    x = gaps["x"].to_numpy(dtype=float, copy=True)
    x[gaps["reasons"].isin(STUDY_WIDE)] = np.nan
    return near.names(x, gaps["y"].to_numpy(dtype=float), said=gaps["unit_name"])


def gap_context(study: Study, inputs: Inputs, row: Ints) -> GapContext:
    """Return what gaps are described with, for some rows of the demand."""
    x, y = coordinates(inputs.demand.geometry.to_numpy()[row])
    return GapContext(
        x=x,
        y=y,
        priority=(inputs.demand["groups"].to_numpy(dtype=object) != "")[row],
        unit_name=_unit_names(study, inputs.units),
        facility_name=dict(
            zip(inputs.facilities["facility_id"], inputs.facilities["name"], strict=True)
        ),
        radius_m=study.limits.gap_radius_m,
    )


def gap_statements(study: Study) -> tuple[Statement, ...]:
    """State how reasons and remedies of gaps are found."""
    tested = {"brisk_mps": BRISK_MPS, "examined": _EXAMINED}
    few = {"elders": study.limits.station_elders}
    return Statement("gap_reasons", tested), Statement("remedy_station", few)


class _Columns:
    """Counterfactual times of the rows of access, gathered circle by circle."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._seconds: dict[str, Floats] = {}
        self._cutoff_s: dict[str, Floats] = {}

    def put(self, name: str, rows: Ints, seconds: Floats, cutoff_s: Floats) -> None:
        for kept, new in ((self._seconds, seconds), (self._cutoff_s, cutoff_s)):
            kept.setdefault(name, np.full(self._size, np.nan))[rows] = new

    def factors(self) -> list[Factor]:
        known = [name for name in FACTORS if name in self._seconds]
        return [Factor(name, self._seconds[name], self._cutoff_s[name]) for name in known]

    def helped(self, name: str, member: Ints, elders: Ints, size: int) -> tuple[Ints, Floats]:
        """Return for each gap the elders who would be inside, and their median minutes."""
        seconds = self._seconds.get(name, np.full(self._size, np.nan))
        inside = seconds <= self._cutoff_s.get(name, seconds) + _EPSILON_S
        helped, minutes = np.zeros(size, dtype=np.int64), np.full(size, np.nan)
        for gap, rows in rows_by_gap(np.where(np.isnan(seconds), -1, member)):
            helped[gap] = elders[rows][inside[rows]].sum()
            if helped[gap]:
                here = rows[inside[rows]]
                minutes[gap] = weighted_median(seconds[here], elders[here]) / _S_PER_MIN
        return helped, minutes


def _largest(gaps: pd.DataFrame) -> Ints:
    """Return the rows of the gaps whose reasons are looked for."""
    uncovered = np.flatnonzero((gaps["status"] == "uncovered").to_numpy(dtype=bool))
    elders = gaps["elders"].to_numpy(dtype=np.int64)[uncovered]
    return np.asarray(uncovered[np.argsort(-elders, kind="stable")[:_EXAMINED]], dtype=np.int64)


def _with_remedies(
    gaps: pd.DataFrame, reasons: pd.DataFrame, helped: Mapping[str, tuple[Ints, Floats]], few: int
) -> pd.DataFrame:
    """Return the gaps with the factors that suffice alone, and what would mend them.

    `helped` has by factor the elders whom it would bring inside, and their minutes; `few` elders
    are no reason for a station.
    """
    alone: dict[str, list[str]] = {gap_id: [] for gap_id in reasons["gap_id"]}
    for gap_id, reason in reasons.loc[reasons["suffices"], ["gap_id", "reason"]].to_numpy():
        alone[gap_id].append(reason)
    told, remedy = gaps["reasons"].tolist(), gaps["remedy"].tolist()
    covers, minutes = np.full(len(gaps), np.nan), np.full(len(gaps), np.nan)
    gap_id, elders = gaps["gap_id"].tolist(), gaps["elders"].tolist()
    for gap in np.flatnonzero((gaps["status"] == "uncovered").to_numpy(dtype=bool)):
        remedy[gap] = "mobile_stop" if elders[gap] < few else "new_station"
        names = alone.get(gap_id[gap])
        if names is None:
            continue
        mends = next((name for name in names if name in _REMEDIES), _SITE)
        remedy[gap] = _REMEDIES.get(mends, remedy[gap])
        own = [told[gap]] if told[gap] == _NO_FACILITY else []
        told[gap] = ";".join([*own, *names] or [COMBINED])
        covers[gap], minutes[gap] = (part[gap] for part in helped[mends])
    covered = pd.Series(covers, index=gaps.index).astype("Int64")
    return gaps.assign(reasons=told, remedy=remedy, remedy_elders=covered, remedy_minutes=minutes)


def placed_gaps(gaps: pd.DataFrame, inputs: Inputs) -> gpd.GeoDataFrame:
    """Return the gaps as points, with longitude and latitude."""
    x, y = gaps["x"].to_numpy(dtype=float), gaps["y"].to_numpy(dtype=float)
    to_degrees = transformer(inputs.crs, "EPSG:4326")
    known = ~np.isnan(x)
    lon, lat = np.full(len(x), np.nan), np.full(len(x), np.nan)
    lon[known], lat[known] = to_degrees.transform(x[known], y[known])
    points = np.full(len(x), None, dtype=object)
    points[known] = shapely.points(x[known], y[known])
    gaps = gaps.assign(lon=lon.round(6), lat=lat.round(6))[GAPS.names]
    return gpd.GeoDataFrame(gaps, geometry=points, crs=inputs.crs)


def _unit_names(study: Study, units: pd.DataFrame) -> dict[str, str]:
    """Return each unit's name, a community's with that of its town before it.

    Who is in no unit needs a name as well: there is no other for the place of such a gap.
    """
    nowhere = catalogue(study.language).text("level.none") if len(units) else study.name
    name = dict(zip(units["unit_id"], units["name"], strict=True))
    level = dict(zip(units["unit_id"], units["level"], strict=True))
    parents = {
        unit_id: name[parent]
        for unit_id, parent in zip(units["unit_id"], units["parent_id"], strict=True)
        if level.get(parent) == "town"
    }
    own_names = {
        unit_id: f"{parents[unit_id]}{own}" if unit_id in parents else own
        for unit_id, own in name.items()
    }
    return {"": nowhere, **own_names}

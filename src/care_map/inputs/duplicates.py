"""Rows that may be one thing: proposed as pairs and never merged; and sites of several types.

A facility that stands in two lists, or twice in one, is listed with the row that it resembles.
Facilities of different types at one place are one site: what the place has (beds, floor area)
is counted once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from care_map.errors import Severity
from care_map.inputs.name_likeness import alike_names, normal_facility_name
from care_map.inputs.sources import FILE, ROW, SourceTable

__all__ = [
    "NEAR_M",
    "list_repeated_rows",
    "once_per_site",
    "site_figures",
    "site_ids",
    "with_sites",
]

NEAR_M = 100.0
"""Distance up to which facilities with names alike are proposed as one (default)."""

_SAME_PLACE_M = 1.0
_NOWHERE = 999.0
"""Degrees that no place has."""

_IN_A_UNIT = ("village", "town")
_CROWD = 30
"""More facilities than this at exactly one point stand for an office, not for a site (default)."""


@dataclass(frozen=True, slots=True)
class _Rows:
    """What is compared of the facilities, a place in each array per row."""

    names: list[str]
    roles: list[frozenset[str]]
    units: list[str]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    has_point: NDArray[np.bool_]
    place: NDArray[np.int64]
    crowded: NDArray[np.bool_]

    def shares_role(self, one: int, two: int) -> bool:
        """Tell whether two may be the same thing: a type in common, or one without any."""
        first, second = self.roles[one], self.roles[two]
        return not first or not second or bool(first & second)

    def distance(self, one: int, two: int) -> float:
        return float(np.hypot(self.x[one] - self.x[two], self.y[one] - self.y[two]))


def with_sites(facilities: gpd.GeoDataFrame, tables: Sequence[SourceTable]) -> gpd.GeoDataFrame:
    """List facilities that resemble each other, and tell which stand on one site.

    Parameters
    ----------
    facilities
        Table of the facilities in metres; its index counts the rows from 0.
    tables
        Its sources; findings are added to theirs.

    Returns
    -------
    geopandas.GeoDataFrame
        A copy with ``site_id``: the id of the first facility of the site, its own where it
        stands alone.
    """
    if facilities.empty:
        return facilities.assign(site_id=pd.Series([], dtype=object))
    rows = _rows_of(facilities)
    pairs = _alike_pairs(rows)
    said = _Said(facilities, {table.settings.path.as_posix(): table for table in tables})
    for one, two, likeness in pairs:
        if rows.shares_role(one, two):
            metres = rows.distance(one, two)
            same = likeness == 1.0 and metres <= _SAME_PLACE_M
            code = "facility_twice" if same else "facility_alike"
            said.pair(code, one, two, likeness=likeness, metres=metres)
    for one, two in _same_in_unit(rows):
        said.pair("facility_twice", one, two, likeness=1.0, metres=0.0)
    site = _sites(rows, [(one, two) for one, two, likeness in pairs if likeness == 1.0])
    ids = facilities["facility_id"].to_numpy(dtype=object)
    for row in np.flatnonzero(site != np.arange(len(site))).tolist():
        said.site(row, int(site[row]), str(ids[site[row]]))
    said.crowds(rows)
    return facilities.assign(site_id=pd.Series(ids[site], facilities.index, dtype=object))


def site_ids(facilities: gpd.GeoDataFrame) -> pd.Series:
    """Return the site of each facility, as :func:`with_sites` has it; nothing is listed.

    Parameters
    ----------
    facilities
        Table of the facilities in metres; its index counts the rows from 0.

    Returns
    -------
    pandas.Series
        Id of the first facility of the site.
    """
    if facilities.empty:
        return pd.Series([], dtype=object)
    rows = _rows_of(facilities)
    same = [(one, two) for one, two, likeness in _alike_pairs(rows) if likeness == 1.0]
    ids = facilities["facility_id"].to_numpy(dtype=object)
    return pd.Series(ids[_sites(rows, same)], facilities.index, dtype=object)


def once_per_site(facilities: pd.DataFrame, column: str) -> pd.Series:
    """Return a number of each facility as it may be summed: once per site.

    Parameters
    ----------
    facilities
        With ``site_id`` and `column`.
    column
        Beds, floor area: what several rows say of one place.

    Returns
    -------
    pandas.Series
        The largest number of the site on the first row that has it, missing on the others.

    Examples
    --------
    >>> table = pd.DataFrame({"site_id": ["a", "a", "b"], "beds": [80.0, 80.0, 30.0]})
    >>> once_per_site(table, "beds").sum()
    np.float64(110.0)
    """
    numbers = pd.to_numeric(facilities[column])
    order = numbers.sort_values(ascending=False, kind="stable", na_position="last").index
    first = ~facilities.loc[order, "site_id"].duplicated()
    return numbers.where(first.reindex(facilities.index))


def site_figures(facilities: pd.DataFrame) -> dict[str, float]:
    """Return on how many sites the facilities stand, and what these have: once per site.

    Parameters
    ----------
    facilities
        With ``site_id``; nothing is known without.

    Returns
    -------
    dict
        ``sites``, and ``beds`` and ``floor_area_m2`` where the lists have them.

    Examples
    --------
    >>> site_figures(pd.DataFrame({"site_id": ["a", "a"], "beds": [80, 80]}))
    {'sites': 1, 'beds': 80.0}
    """
    if "site_id" not in facilities:
        return {}
    numbers = [name for name in ("beds", "floor_area_m2") if name in facilities]
    sums = {name: float(once_per_site(facilities, name).sum()) for name in numbers}
    return {"sites": facilities["site_id"].nunique(), **sums}


def list_repeated_rows(tables: Sequence[SourceTable], column: str) -> None:
    """List rows that say again what an earlier row of the list said.

    Parameters
    ----------
    tables
        Sources whose ids have been checked; findings are added to theirs.
    column
        Name of the id. Rows with one that equal an earlier row are listed each; where rows have
        none, like ones may be different people: they are counted.
    """
    for table in tables:
        frame = table.frame
        if column in frame and not table.counts_rows(column):
            asked = np.flatnonzero(frame[ROW].isin(_listed_twice(table)).to_numpy())
            repeated = asked[_repeats(table, asked, but=())]
            table.findings.each("row_repeated", rows=frame[ROW].to_numpy()[repeated])
            continue
        asked = _at_one_place(table.geometry)
        repeated = asked[_repeats(table, asked, but=(column,))]
        if len(repeated):
            first = int(frame[ROW].to_numpy()[repeated[0]])
            table.findings.add("rows_alike", "info", row=first, count=len(repeated))


def _listed_twice(table: SourceTable) -> set[int]:
    """Return the rows whose id stands more than once: they have been listed already."""
    file = table.settings.path.as_posix()
    return {
        row
        for problem in table.findings.problems
        if problem.code == "id_twice" and problem.source == file and problem.row is not None
        for row in (problem.rows or (problem.row,))
    }


def _repeats(table: SourceTable, rows: NDArray[np.intp], but: tuple[str, ...]) -> NDArray[np.bool_]:
    """Tell which of some rows equal an earlier one of them in every cell and in their place."""
    if not len(rows):
        return np.zeros(0, dtype=bool)
    cells = table.frame.iloc[rows].drop(columns=[ROW, FILE, *but], errors="ignore")
    shapes = shapely.to_wkb(table.geometry[rows])
    return cells.assign(_shape=shapes).duplicated().to_numpy(dtype=bool)


def _at_one_place(geometry: NDArray[np.object_]) -> NDArray[np.intp]:
    """Return the rows that share their place with another: few, where rows have a point."""
    bounds = shapely.bounds(geometry)
    corners = np.nan_to_num(bounds[:, :2], nan=_NOWHERE)
    return np.flatnonzero(pd.Series(corners @ [1, 1j]).duplicated(keep=False).to_numpy())


def _rows_of(facilities: gpd.GeoDataFrame) -> _Rows:
    points = facilities.geometry.to_numpy()
    x, y = shapely.get_x(points), shapely.get_y(points)
    has_point = np.isfinite(x)
    if "location_quality" in facilities:
        # Somewhere in a unit is no place to meet at.
        has_point &= ~facilities["location_quality"].isin(_IN_A_UNIT).to_numpy(dtype=bool)
    _, place = np.unique(np.column_stack([x, y]), axis=0, return_inverse=True)
    place = place.astype(np.int64).ravel()
    place[~has_point] = -1
    size = np.bincount(place[has_point], minlength=1)
    return _Rows(
        names=[normal_facility_name(name) for name in facilities["name"]],
        roles=[frozenset(cell.split(";")) - {""} for cell in facilities["roles"]],
        units=facilities["unit_id"].tolist(),
        x=x,
        y=y,
        has_point=has_point,
        place=place,
        crowded=has_point & (size[place] > _CROWD),
    )


def _alike_pairs(rows: _Rows) -> list[tuple[int, int, float]]:
    """Return pairs of rows near each other whose names are alike, with how alike they are."""
    free = np.flatnonzero(rows.has_point & ~rows.crowded)
    found = np.empty((0, 2), dtype=np.int64)
    if len(free):
        tree = cKDTree(np.column_stack([rows.x[free], rows.y[free]]))
        found = free[tree.query_pairs(NEAR_M, output_type="ndarray")]
    found = np.vstack([found, _same_in_crowds(rows)])
    if not len(found):
        return []
    found.sort(axis=1)
    found = found[np.lexsort((found[:, 0], found[:, 1]))]
    names, code = np.unique(np.array(rows.names, dtype=object), return_inverse=True)
    pairs, which = np.unique(np.sort(code[found], axis=1), axis=0, return_inverse=True)
    likeness = alike_names(names.tolist(), pairs)[which.ravel()]
    kept = np.flatnonzero(likeness)
    return [
        (one, two, alike)
        for (one, two), alike in zip(found[kept].tolist(), likeness[kept].tolist(), strict=True)
    ]


def _same_in_crowds(rows: _Rows) -> NDArray[np.int64]:
    """Return each row of a crowd with the first of its name there; the others are too many."""
    crowd = np.flatnonzero(rows.crowded)
    first: dict[tuple[int, str], int] = {}
    found = []
    for row in crowd.tolist():
        earlier = first.setdefault((int(rows.place[row]), rows.names[row]), row)
        if earlier != row:
            found.append((earlier, row))
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def _same_in_unit(rows: _Rows) -> Iterator[tuple[int, int]]:
    """Yield rows of one name and unit of which one has no point to compare."""
    first: dict[tuple[str, str], list[int]] = {}
    for row, (name, unit) in enumerate(zip(rows.names, rows.units, strict=True)):
        if not name or not unit:
            continue
        earlier = first.setdefault((name, unit), [])
        for one in earlier:
            if not (rows.has_point[one] and rows.has_point[row]) and rows.shares_role(one, row):
                yield one, row
                break
        earlier.append(row)


def _sites(rows: _Rows, namesakes: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
    """Return for each row the first row of its site.

    A row joins a site that has none of its types: two homes in one tower are two sites.
    """
    site = np.arange(len(rows.names))
    types = list(rows.roles)
    by_place: dict[int, list[int]] = {}
    for row in np.flatnonzero(rows.has_point & ~rows.crowded).tolist():
        there = by_place.setdefault(int(rows.place[row]), [])
        host = next((one for one in there if _joins(types[one], rows.roles[row])), None)
        if host is None:
            there.append(row)
        else:
            site[row] = host
            types[host] |= rows.roles[row]
    hosts = set(site[site != np.arange(len(site))].tolist())
    for one, two in namesakes:
        host = int(site[one])
        alone = site[two] == two and two not in hosts
        if alone and host != two and _joins(types[host], rows.roles[two]):
            site[two] = host
            types[host] |= rows.roles[two]
            hosts.add(host)
    return site


def _joins(types: frozenset[str], others: frozenset[str]) -> bool:
    return bool(types) and bool(others) and not types & others


@dataclass(frozen=True, slots=True)
class _Said:
    """Adds findings about rows of the stacked facilities to those of their sources."""

    facilities: gpd.GeoDataFrame
    tables: dict[str, SourceTable]

    def pair(self, code: str, one: int, two: int, *, likeness: float, metres: float) -> None:
        values = {**self._other(one), "similarity": likeness, "metres": metres}
        self._add(code, "warning", two, values)

    def site(self, row: int, first: int, site_id: str) -> None:
        self._add("facility_site", "info", row, {**self._other(first), "site": site_id})

    def crowds(self, rows: _Rows) -> None:
        places, first, size = np.unique(
            rows.place[rows.crowded], return_index=True, return_counts=True
        )
        at = np.flatnonzero(rows.crowded)[first]
        for row, count in zip(at.tolist(), size[: len(places)].tolist(), strict=True):
            self._add("place_crowded", "info", row, {}, count=count)

    def _add(
        self,
        code: str,
        severity: Severity,
        row: int,
        values: Mapping[str, object],
        *,
        count: int = 1,
    ) -> None:
        place = self.facilities.iloc[row]
        self.tables[place[FILE]].findings.add(
            code,
            severity,
            row=int(place[ROW]),
            column="name",
            value=str(place["name"]),
            count=count,
            **values,
        )

    def _other(self, row: int) -> dict[str, object]:
        place = self.facilities.iloc[row]
        return {
            "other_source": place[FILE],
            "other_row": int(place[ROW]),
            "other_name": place["name"],
        }

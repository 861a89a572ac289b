"""What a scenario makes of a study's lists: facilities added, moved, closed; other elders.

The tables are those that an ordinary run would read if the change stood in the study's files.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from care_map.errors import InputError, Problem
from care_map.inputs.datum import to_wgs84
from care_map.inputs.duplicates import site_ids
from care_map.inputs.links import facility_ids, linked_facilities, linked_units
from care_map.inputs.placement import at_unit_points
from care_map.inputs.points import project
from care_map.inputs.scenario_elders import changed_elders
from care_map.inputs.sources import FILE, ROW
from care_map.inputs.tables import Inputs
from care_map.inputs.unit_index import UnitIndex
from care_map.scenarios import (
    AddFacility,
    ChangeElders,
    CloseFacility,
    EnlargeFacility,
    MoveFacility,
    Scenario,
)
from care_map.schema import FACILITIES
from care_map.schema.columns import Kind
from care_map.values import Datum

__all__ = ["changed_inputs", "scenario_problems"]

_EMPTY: Mapping[Kind, object] = {
    "integer": pd.NA,
    "number": np.nan,
    "flag": pd.NA,
}
_DTYPES: Mapping[Kind, str] = {"integer": "Int64", "number": "float64", "flag": "boolean"}


def changed_inputs(inputs: Inputs, scenario: Scenario | None, *, coarsest: str) -> Inputs:
    """Return a study's lists as they are in a scenario.

    Parameters
    ----------
    inputs
        The lists as read.
    scenario
        What is otherwise; None for nothing.
    coarsest
        Coarsest ``location_quality`` that gives a facility a point.

    Returns
    -------
    Inputs
        The tables of `inputs` are not changed.

    Raises
    ------
    InputError
        The scenario names facilities, units or elders that the lists do not have; all of them
        are listed.
    """
    if scenario is None or not scenario.changes:
        return inputs
    changed, problems = _changed(inputs, scenario, coarsest)
    if problems:
        raise InputError(problems)
    return changed


def scenario_problems(inputs: Inputs, scenario: Scenario) -> list[Problem]:
    """Return what a scenario asks of lists that do not have it."""
    return _changed(inputs, scenario, "village")[1]


def _changed(inputs: Inputs, scenario: Scenario, coarsest: str) -> tuple[Inputs, list[Problem]]:
    problems: list[Problem] = []
    books = _Books(inputs, scenario.source or scenario.name, UnitIndex(inputs.units), problems)
    for key, change in scenario.keyed():
        if isinstance(change, AddFacility):
            books.add(key, change)
        elif isinstance(change, CloseFacility):
            books.close(key, change)
        elif isinstance(change, MoveFacility):
            books.move(key, change)
        elif isinstance(change, EnlargeFacility):
            books.enlarge(key, change)
        elif isinstance(change, ChangeElders):
            books.inputs, found = changed_elders(books.inputs, change, books.index)
            problems += [replace(one, source=books.source, column=key) for one in found]
    return books.closed(coarsest), problems


@dataclass(slots=True)
class _Books:
    """The lists while a scenario is written into them."""

    inputs: Inputs
    source: str
    index: UnitIndex
    problems: list[Problem]
    dirty: bool = field(default=False)

    def add(self, key: str, change: AddFacility) -> None:
        table = self.inputs.facilities
        if (table["facility_id"] == change.facility_id).any():
            self._problem("scenario_id_taken", f"{key}.facility_id", change.facility_id)
            return
        given = {**change.columns, "name": change.name, "stage": change.stage}
        given |= {"facility_id": change.facility_id, "roles": ";".join(change.roles)}
        table = _with_columns(table, given)
        row: dict[str, object] = {name: _missing(name) for name in table.columns}
        point = self._point(change.lon, change.lat, change.datum)
        row |= {**given, **self._place(key, change, point)}
        row |= {"geometry": point, FILE: self.source, ROW: len(table) + 1}
        added = _typed_row(row, table)
        whole = pd.concat([pd.DataFrame(table), added], ignore_index=True)
        self._set(gpd.GeoDataFrame(whole, geometry="geometry", crs=table.crs))
        self._services(change.facility_id, change.services)
        self._links(key, change.facility_id, change.columns)

    def close(self, key: str, change: CloseFacility) -> None:
        row = self._row(key, change.facility_id)
        if row is None:
            return
        table, services = self.inputs.facilities, self.inputs.services
        self._set(table.drop(index=table.index[row]).reset_index(drop=True))
        if "facility_id" in services:
            kept = services[services["facility_id"] != change.facility_id].reset_index(drop=True)
            self.inputs = replace(self.inputs, services=kept)

    def move(self, key: str, change: MoveFacility) -> None:
        row = self._row(key, change.facility_id)
        if row is None:
            return
        point = self._point(change.lon, change.lat, change.datum)
        table = self.inputs.facilities.copy()
        place = {**self._place(key, None, point), "geometry": point}
        for name, value in place.items():
            column = table[name].to_numpy(dtype=object).copy()
            column[row] = value
            if name == "geometry":
                table = table.set_geometry(gpd.GeoSeries(column, table.index, crs=table.crs))
            else:
                table[name] = pd.Series(column, table.index, dtype=table[name].dtype)
        self._set(table)

    def enlarge(self, key: str, change: EnlargeFacility) -> None:
        row = self._row(key, change.facility_id)
        if row is None:
            return
        table = _with_columns(self.inputs.facilities, change.columns).copy()
        for name, value in change.columns.items():
            table.loc[table.index[row], name] = value
        self._set(table)
        self._services(change.facility_id, change.services)
        self._links(key, change.facility_id, change.columns)

    def closed(self, coarsest: str) -> Inputs:
        """Return the lists when everything is written into them."""
        if not self.dirty:
            return self.inputs
        table = self.inputs.facilities
        if "site_id" in table:
            table = table.assign(site_id=site_ids(table))
        table = at_unit_points(table, self.index, coarsest=coarsest)
        has = self.inputs.has_facilities or bool(len(table))
        given = self.inputs.given | ({"facilities"} if len(table) else frozenset())
        given |= {"services"} if len(self.inputs.services) else frozenset()
        return replace(self.inputs, facilities=table, has_facilities=has, given=given)

    def _set(self, table: gpd.GeoDataFrame) -> None:
        self.inputs = replace(self.inputs, facilities=table)
        self.dirty = True

    def _row(self, key: str, facility_id: str) -> int | None:
        rows = np.flatnonzero((self.inputs.facilities["facility_id"] == facility_id).to_numpy())
        if len(rows) != 1:
            self._problem("scenario_no_facility", f"{key}.facility_id", facility_id)
            return None
        return int(rows[0])

    def _point(self, lon: float | None, lat: float | None, datum: Datum) -> shapely.Geometry | None:
        if lon is None or lat is None:
            return None
        place = to_wgs84(lon, lat, datum=datum)
        degrees = np.array([shapely.Point(float(place[0]), float(place[1]))], dtype=object)
        point: shapely.Geometry | None = project(degrees, self.inputs.crs)[0]
        return point

    def _place(
        self, key: str, change: AddFacility | None, point: shapely.Geometry | None
    ) -> dict[str, object]:
        """Return the unit of a place and how exact it is; of none, of the unit that is given."""
        found = str(self.index.lowest(np.array([point], dtype=object))[0])
        stated = "" if change is None else str(change.columns.get("unit_id", ""))
        unit = self.index.by_code(stated) if stated else ""
        if stated and not unit:
            self._problem("scenario_no_unit", f"{key}.columns.unit_id", stated)
        if point is None and not unit:
            self._problem("scenario_no_place", key, None if change is None else change.facility_id)
        own = unit or found
        quality, by = "point", ""
        if point is None and own:
            quality = str(self.index.points_of(np.array([own], dtype=object))[1][0])
            by = "code" if quality != "none" else ""
        inside = not self.index.has_polygons or found != "" or point is None
        return {"unit_id": own, "location_quality": quality, "placed_by": by, "in_area": inside}

    def _services(self, facility_id: str, capacities: Mapping[str, float]) -> None:
        if not capacities:
            return
        table = self.inputs.services
        again = (table["facility_id"] == facility_id) & table["service"].isin(list(capacities))
        units = dict(zip(table["service"], table["capacity_unit"], strict=True))
        rows = [
            {
                "facility_id": facility_id,
                "service": service,
                "capacity": float(capacity),
                "capacity_unit": units.get(service, ""),
                FILE: self.source,
                ROW: 0,
            }
            for service, capacity in capacities.items()
        ]
        whole = pd.DataFrame(rows)
        if len(table):
            whole = pd.concat([table[~again], whole[list(table.columns)]], ignore_index=True)
        self.inputs = replace(self.inputs, services=whole)
        self.dirty = True

    def _links(self, key: str, facility_id: str, columns: Mapping[str, object]) -> None:
        """Put ids in the place of names of units and of other facilities."""
        table = self.inputs.facilities
        row = table.index[table["facility_id"] == facility_id]
        ids = facility_ids(table)
        for name in ("operator_centre", "contracts"):
            if name in columns:
                table.loc[row, name] = linked_facilities(str(columns[name]), ids)
        if "serves_units" in columns and not self.index.empty:
            town = self.index.town_of(str(table.loc[row, "unit_id"].iloc[0]))
            cell, unknown = linked_units(str(columns["serves_units"]), town, self.index)
            table.loc[row, "serves_units"] = cell
            for word in unknown:
                self._problem("scenario_no_unit", f"{key}.columns.serves_units", word)

    def _problem(self, code: str, column: str, value: str | None) -> None:
        self.problems.append(Problem(code, source=self.source, column=column, value=value))


def _with_columns(table: gpd.GeoDataFrame, given: Mapping[str, object]) -> gpd.GeoDataFrame:
    """Return a table that has all columns of `given`, missing where it had none."""
    new = {name: _column(name, table.index) for name in given if name not in table}
    return table.assign(**new)


def _column(name: str, index: pd.Index) -> pd.Series:
    kind = FACILITIES.column(name).kind
    return pd.Series([_missing(name)] * len(index), index, dtype=_DTYPES.get(kind, "object"))


def _missing(name: str) -> object:
    known = {column.name: column.kind for column in FACILITIES.columns}
    return _EMPTY.get(known[name], "") if name in known else ""


def _typed_row(row: Mapping[str, object], table: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return one row in the types of a table's columns."""
    cells = {str(name): pd.Series([row[str(name)]], dtype=object) for name in table.columns}
    plain = {name: table[name].dtype for name in cells if name != "geometry"}
    return pd.DataFrame(cells).astype(plain)

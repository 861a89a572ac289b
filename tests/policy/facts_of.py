"""Facts for tests of clauses, of lists of plain dicts with friendly values.

``facts(facilities=[{"roles": "street_centre", "floor_area_m2": 1600}])``: True, False, None,
numbers, dates as text, lists as ``"a;b"`` or as lists. A list that is not passed is not given; a
column that no row names is missing.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

import pandas as pd

from care_map.policy.facts import Facts
from care_map.schema import (
    ACCESS,
    COUNTED,
    COVERAGE_BY_UNIT,
    DEMAND_COUNTS,
    FACILITY_LIST,
    RECEIVED,
    SERVICES_LIST,
    STATED,
    UNIT_LIST,
)

LEVEL_OF = {"street": "town", "town": "town", "community": "community", "village": "community"}
DTYPES = {"integer": "Int64", "number": "float64", "flag": "boolean"}
LISTS = {
    "units": (*UNIT_LIST.columns,),
    "facilities": (*FACILITY_LIST.columns,),
    "services": (*SERVICES_LIST.columns,),
    "elders": (*DEMAND_COUNTS.columns, *COUNTED),
    "stated": (*STATED.columns,),
    "received": (*RECEIVED.columns,),
    "coverage": (*COVERAGE_BY_UNIT.columns,),
    "access": (*ACCESS.columns,),
}
EXTRA = {
    "units": {"unit_kind": "text"},
    "facilities": {"in_area": "flag", "site_id": "text", "x": "number", "y": "number"},
}
ALWAYS = {
    "units": ("unit_id", "name", "level", "parent_id", "unit_kind"),
    "facilities": ("facility_id", "name", "roles", "stage", "unit_id", "in_area", "x", "y"),
    "services": ("facility_id", "service"),
    "elders": ("demand_id", "elders", "unit_id", "origin"),
    "stated": tuple(column.name for column in STATED.columns),
    "received": ("unit_id", "period", "received_date"),
    "coverage": tuple(column.name for column in COVERAGE_BY_UNIT.columns),
    "access": tuple(column.name for column in ACCESS.columns),
}
Row = Mapping[str, object]


def facts(
    *,
    as_of="2021-06-30",
    units=None,
    facilities=None,
    services=None,
    elders=None,
    stated=None,
    received=None,
    coverage=None,
    access=None,
) -> Facts:
    """Return facts of rows; see the module for what a row may hold.

    A unit's level follows its ``unit_kind``. A facility operates in the district unless it says
    otherwise and stands at ``x``, ``y`` metres if it has them. An elder is one person of a
    register. A stated figure is of the run's day and has evidence. Coverage is of the whole
    study, all settings, all elders and the profile ``standard``; its rates follow its counts.
    """
    given = {
        "units": units,
        "facilities": facilities,
        "services": services,
        "elders": elders,
        "stated": stated,
        "received": received,
    }
    tables = {name: table(name, rows or (), as_of=as_of) for name, rows in given.items()}
    places = tables["facilities"]
    facility_table = places.drop(columns=["x", "y"]) if facilities else empty_facilities()
    return Facts(
        as_of=dt.date.fromisoformat(as_of),
        units=tables["units"],
        facilities=facility_table,
        services=tables["services"],
        elders=tables["elders"],
        stated=tables["stated"],
        received=tables["received"],
        coverage_by_unit=table("coverage", coverage or (), as_of=as_of),
        access=table("access", access or (), as_of=as_of),
        x=places["x"],
        y=places["y"],
        given=frozenset(name for name, rows in given.items() if rows is not None),
    )


@cache
def empty(name: str) -> pd.DataFrame:
    """Return a list without rows."""
    return table(name, ({},), as_of="2021-06-30").iloc[:0]


@cache
def empty_facilities() -> pd.DataFrame:
    """Return the list of facilities without rows and places."""
    return empty("facilities").drop(columns=["x", "y"])


def table(name: str, rows: Iterable[Row], *, as_of: str) -> pd.DataFrame:
    """Return the rows of one list as the table that the inputs would make of them."""
    if not rows:
        return empty(name)
    kinds = {column.name: column.kind for column in LISTS[name]} | EXTRA.get(name, {})
    full = [{**_defaults(name, i, row, as_of), **row} for i, row in enumerate(rows, 1)]
    named = [*ALWAYS[name], *(key for row in full for key in row)]
    unknown = sorted(set(named) - set(kinds))
    if unknown:
        msg = f"no such columns of {name}: {unknown}"
        raise KeyError(msg)
    return pd.DataFrame(
        {key: _cells([row.get(key) for row in full], kinds[key]) for key in dict.fromkeys(named)}
    )


def _cells(values: Sequence[object], kind: str) -> pd.Series:
    if kind in DTYPES:
        return pd.Series(values, dtype=DTYPES[kind])
    return pd.Series([_text(value) for value in values], dtype=object)


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else ";".join(map(str, value))


def _defaults(name: str, i: int, row: Row, as_of: str) -> dict[str, object]:
    if name == "units":
        unit_id = row.get("unit_id", f"U{i}")
        level = LEVEL_OF.get(str(row.get("unit_kind", "")), "")
        return {"unit_id": unit_id, "name": unit_id, "level": level}
    if name == "facilities":
        facility_id = row.get("facility_id", f"F{i}")
        own = {"facility_id": facility_id, "name": facility_id}
        return {**own, "stage": "operating", "in_area": True}
    if name == "elders":
        return {"demand_id": f"E{i}", "elders": 1, "origin": "record"}
    if name == "stated":
        return {"stated_date": as_of, "evidence": "2021年6月统计台账"}
    if name == "coverage":
        return _coverage(row)
    return {}


def _coverage(row: Row) -> dict[str, object]:
    counts = [int(row.get(key, 0)) for key in ("covered", "uncovered", "undetermined")]
    covered, _, undetermined = counts
    elders = sum(counts)
    everyone = {"unit_id": "all", "level": "all", "setting": "all", "group": "all"}
    rates = {
        "rate_low": covered / elders if elders else None,
        "rate_high": (covered + undetermined) / elders if elders else None,
    }
    return {
        **everyone,
        "profile": "standard",
        "elders": elders,
        "covered": 0,
        "uncovered": 0,
        "undetermined": 0,
        **rates,
    }

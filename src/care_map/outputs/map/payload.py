"""What the page knows: an assessment as one JSON value, in the reader's language.

The page computes no figure of coverage; it shows the numbers of ``coverage_by_unit``.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from care_map.assessment import Assessment
from care_map.messages import Catalogue, catalogue
from care_map.outputs.map.cells import Cells, demand_cells
from care_map.outputs.map.coverage import (
    coverage_rates,
    default_level,
    listed,
    shown_levels,
    unit_table,
)
from care_map.outputs.map.geometry import (
    Lines,
    barrier_lines,
    encode_polygons,
    lon_lat,
    outline,
    road_lines,
    simplify_units,
)
from care_map.outputs.readings import readings
from care_map.vocabulary import CARE_TYPES, MEAL_TYPES, MEDICAL_TYPES

__all__ = ["as_json", "map_payload", "texts_of"]

FACILITY_GROUPS = (("care", CARE_TYPES), ("meal", MEAL_TYPES), ("medical", MEDICAL_TYPES))
DETAILS = (
    "address",
    "phone",
    "hours",
    "operator",
    "beds",
    "nursing_beds",
    "day_care_beds",
    "free_beds",
    "floor_area_m2",
    "rating",
    "fee",
    "updated",
)
"""Columns of a facility's card, in their order."""

SCRIPT = "map.script."
_WEIGHTS = "map.weights."
_UNSAFE = re.compile("[<>&\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def map_payload(result: Assessment) -> dict[str, object]:
    """Return everything that the page shows, as JSON values.

    Parameters
    ----------
    result
        A finished assessment; every table may be empty.

    Returns
    -------
    dict
        Coordinates are whole numbers in 1e-5 degrees; figures are those of the tables.
    """
    texts = catalogue(result.study.language)
    units = unit_table(result)
    levels = shown_levels(result.coverage_by_unit, units)
    circles = _circles(result, texts)
    groups = [str(code) for code in listed(result.coverage_by_unit, "group")]
    cells = demand_cells(result.demand, result.access, groups)
    roads = road_lines(result.roads)
    barriers = barrier_lines(result.barriers)
    facilities, unplaced = _facilities(result, texts)
    shapes = _shapes(units)
    return {
        "language": result.study.language,
        "text": texts_of(texts, weights="weights" in result.labels),
        "circles": circles,
        "groups": [{"id": code, "title": texts.label("group", code)} for code in groups],
        "levels": [{"id": code, "title": texts.label("level", code)} for code in levels],
        "level": default_level(units, levels),
        "facilityGroups": [
            {"id": code, "title": texts.text(f"map.facility_group.{code}")}
            for code in ("care", "meal", "medical", "other")
        ],
        "units": _units(units, shapes, texts),
        "outline": _outline(units, shapes),
        "rates": coverage_rates(result.coverage_by_unit, list(units["unit_id"])),
        "facilities": facilities,
        "cells": _cells(cells),
        "gaps": _gaps(result, texts),
        "roads": {name: found.lines for name, found in roads.items()},
        "barriers": {name: found.lines for name, found in barriers.items()},
        "notes": [
            texts.text(f"map.note.{note.code}", **note.values)
            for note in _notes(result, cells, unplaced, {**roads, **barriers})
        ],
    }


def as_json(payload: Mapping[str, object]) -> str:
    r"""Return `payload` as JSON that cannot end a script element or a JavaScript line.

    Examples
    --------
    >>> as_json({"name": "</script>"})
    '{"name":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    # Half a surrogate pair in a name cannot be written as UTF-8.
    text = _SURROGATE.sub("\ufffd", text)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def texts_of(texts: Catalogue, *, weights: bool = False) -> dict[str, str]:
    """Return the sentences that the page's script says, by their short keys.

    Counts that are weights and not persons have words of their own.
    """
    prefixes = (SCRIPT, _WEIGHTS) if weights else (SCRIPT,)
    return {
        key.removeprefix(prefix): text
        for prefix in prefixes
        for key, text in sorted(texts.texts.items())
        if key.startswith(prefix)
    }


def _circles(result: Assessment, texts: Catalogue) -> list[dict[str, object]]:
    known = {circle.id: circle for circle in result.study.circles}
    found: list[dict[str, object]] = []
    for reading in readings(result):
        circle = known.get(reading.circle)
        title = circle.title_in(texts.language) if circle else ""
        found.append(
            {
                "id": reading.circle,
                "title": title or texts.label("circle", reading.circle),
                "types": list(circle.types) if circle else [],
                "profiles": [
                    {"id": profile, "title": texts.label("profile", profile)}
                    for profile in reading.profiles
                ],
            }
        )
    return found


def _shapes(units: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Simplify level by level: only units of one level have common borders."""
    parts = [
        simplify_units(units.geometry[units["level"] == level]) for level in listed(units, "level")
    ]
    if not parts:
        return units.geometry
    joined = pd.concat(parts).reindex(units.index)
    return gpd.GeoSeries(joined, crs=units.crs)


def _units(
    units: gpd.GeoDataFrame, shapes: gpd.GeoSeries, texts: Catalogue
) -> list[dict[str, object]]:
    points: list[list[int] | None] = [None] * len(units)
    placed = np.flatnonzero((shapes.notna() & ~shapes.is_empty).to_numpy())
    middle = lon_lat(shapes.iloc[placed].representative_point())
    for position, point in zip(placed, middle.tolist(), strict=True):
        points[position] = point
    return [
        {
            "id": str(row.unit_id),
            "name": str(row.name),
            "level": str(row.level),
            "setting": texts.label("setting", str(row.setting)) if row.setting else "",
            "parent": str(row.parent),
            "point": point,
            "shape": shape,
        }
        for row, point, shape in zip(
            units[["unit_id", "name", "level", "setting", "parent"]].itertuples(index=False),
            points,
            encode_polygons(shapes),
            strict=True,
        )
    ]


def _outline(units: gpd.GeoDataFrame, shapes: gpd.GeoSeries) -> list[list[int]]:
    for level in ("district", "town", "community"):
        mine = shapes[(units["level"] == level) & shapes.notna()]
        if not mine.empty:
            return outline(mine)
    return []


def _facilities(result: Assessment, texts: Catalogue) -> tuple[list[dict[str, object]], int]:
    """Return the facilities with a point, and the number of those without."""
    table = result.facilities
    if table.empty:
        return [], 0
    has_point = table.geometry.notna() & ~table.geometry.is_empty
    placed = table[has_point]
    names = _unit_names(result)
    points = lon_lat(placed.geometry.representative_point()).tolist()
    found = [
        _facility(row, point, names, texts)
        for row, point in zip(placed.to_dict("records"), points, strict=True)
    ]
    return found, int((~has_point).sum())


def _facility(
    row: Mapping[str, object], point: list[int], names: Mapping[str, str], texts: Catalogue
) -> dict[str, object]:
    roles = [code for code in _text(row.get("roles")).split(";") if code]
    stage = _text(row.get("stage"))
    unit_id = _text(row.get("unit_id"))
    details = {
        column: value for column in DETAILS if (value := _detail(row.get(column))) is not None
    }
    return {
        "id": _text(row.get("facility_id")),
        "name": _text(row.get("name")),
        "group": _facility_group(roles),
        "types": roles,
        "roles": [texts.label("facility_type", code) for code in roles],
        "operating": stage == "operating",
        "stage": texts.label("stage", stage) if stage else "",
        "outside": row.get("in_area") is not None and not bool(row.get("in_area")),
        "unit": names.get(unit_id, ""),
        "point": point,
        **({"details": details} if details else {}),
    }


def _facility_group(roles: list[str]) -> str:
    for name, types in FACILITY_GROUPS:
        if any(code in types for code in roles):
            return name
    return "other"


def _gaps(result: Assessment, texts: Catalogue) -> list[dict[str, object]]:
    table = result.gaps
    if table.empty:
        return []
    ranked = table.sort_values(["circle", "profile", "rank"], kind="stable")
    return [_gap(row, texts) for row in ranked.to_dict("records")]


def _gap(row: Mapping[str, object], texts: Catalogue) -> dict[str, object]:
    lon, lat = _number(row.get("lon")), _number(row.get("lat"))
    status = _text(row.get("status"))
    remedy = _text(row.get("remedy"))
    return {
        "rank": _number(row.get("rank")),
        "name": _text(row.get("name")),
        "unit": _text(row.get("unit_name")),
        "circle": _text(row.get("circle")),
        "profile": _text(row.get("profile")),
        "undetermined": status == "undetermined",
        "elders": _number(row.get("elders")),
        "priority": _number(row.get("priority_elders")),
        "reasons": [
            texts.label("reason", code) for code in _text(row.get("reasons")).split(";") if code
        ],
        "facility": _text(row.get("facility_name")),
        "minutes": _number(row.get("minutes")),
        "remedy": texts.label("remedy", remedy) if remedy else "",
        "remedyElders": _number(row.get("remedy_elders")),
        "remedyMinutes": _number(row.get("remedy_minutes")),
        "point": None if lon is None or lat is None else [round(lon * 1e5), round(lat * 1e5)],
    }


def _cells(cells: Cells | None) -> dict[str, object] | None:
    if cells is None:
        return None
    return {"size": cells.size_m, "places": cells.places, "counts": cells.counts}


@dataclass(frozen=True, slots=True)
class _Note:
    """Something the page cannot show, with the fields of its sentence."""

    code: str
    values: Mapping[str, object]


def _notes(
    result: Assessment, cells: Cells | None, unplaced_facilities: int, lines: Mapping[str, Lines]
) -> list[_Note]:
    """Say what is missing, so that an empty place on the map is not read as a finding."""
    left_out = sum(found.left_out for found in lines.values())
    has_shapes = "geometry" in result.units and bool(result.units.geometry.notna().any())
    conditions: tuple[tuple[str, bool, Mapping[str, object]], ...] = (
        ("no_coverage", result.coverage_by_unit.empty, {}),
        ("no_shapes", not has_shapes, {}),
        ("no_facilities", result.facilities.empty, {}),
        ("facilities_unplaced", unplaced_facilities > 0, {"count": unplaced_facilities}),
        ("no_demand", cells is None, {}),
        ("elders_unplaced", cells is not None and cells.unplaced > 0, {"count": _unplaced(cells)}),
        ("no_roads", result.roads.empty, {}),
        ("no_barriers", result.barriers.empty, {}),
        ("lines_left_out", left_out > 0, {"count": left_out}),
    )
    return [_Note(code, values) for code, holds, values in conditions if holds]


def _unplaced(cells: Cells | None) -> int:
    return cells.unplaced if cells else 0


def _unit_names(result: Assessment) -> dict[str, str]:
    if result.units.empty:
        return {}
    ids, names = result.units["unit_id"].astype(str), result.units["name"].astype(str)
    return dict(zip(ids, names, strict=True))


def _missing(value: object) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or value != value  # noqa: PLR0124 - NaN of any type


def _text(value: object) -> str:
    return "" if _missing(value) else str(value)


def _number(value: object) -> float | int | None:
    """Return a finite number, whole where it is whole, else None."""
    if _missing(value):
        return None
    number = float(str(value))
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() else round(number, 4)


def _detail(value: object) -> str | float | int | None:
    if _missing(value) or value == "":
        return None
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, int | float | np.number):
        return _number(value)
    return str(value).removesuffix(" 00:00:00")

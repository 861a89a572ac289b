"""The lattice that answers a click, and the service areas, packed for the page."""

import base64

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, DTypeLike, NDArray

from care_map.assessment import Assessment
from care_map.config import Study
from care_map.lattice_grid import Grid
from care_map.lattice_times import NEAREST, CirclePlaces, Lattice, NearestFew
from care_map.messages import Catalogue
from care_map.outputs.map.geometry import encode_polygons
from care_map.outputs.map.payload_facilities import placed_rows
from care_map.outputs.map.payload_values import number
from care_map.values import Circle, Variant
from care_map.vocabulary import SETTINGS

__all__ = ["FAR", "NO_ROAD", "PER_MINUTE", "areas", "lattice"]

PER_MINUTE = 100
"""Minutes are told in hundredths, rounded up: what is told as inside is inside."""
FAR, NO_ROAD = 65_535, 65_534
_STATUSES = ("uncovered", "covered", "undetermined", "")
_SETTINGS = ("", *SETTINGS)
_SLACK = 1e-5
_AREA_TOLERANCE_M = 10.0
_AREA_VERTICES = 40_000


def lattice(result: Assessment, texts: Catalogue) -> dict[str, object] | None:
    """Return the lattice with arrays in base64, None where nothing can be measured.

    Parameters
    ----------
    result
        A finished assessment.
    texts
        The study's language.

    Returns
    -------
    dict
        Facilities by their position in the page's list; all arrays are little endian.
    """
    found = result.lattice
    if found is None:
        return None
    placed = placed_rows(result.facilities)
    # What is not told stands at the end: -1 takes it.
    position = np.full(len(result.facilities) + 1, -1, np.int64)
    position[placed] = np.arange(len(placed))
    wide = len(placed) >= NO_ROAD
    reasons = ["", *dict.fromkeys(code for one in found.circles for code in one.reason if code)]
    return {
        "cap": number(found.cap_minutes),
        "perMinute": PER_MINUTE,
        "far": FAR,
        "noRoad": NO_ROAD,
        "none": 2 ** (32 if wide else 16) - 1,
        "facilityBytes": 4 if wide else 2,
        "k": NEAREST,
        "grids": _grids(found),
        "setting": _packed([_SETTINGS.index(str(word)) for word in found.setting], "u1"),
        "settings": {word: texts.label("setting", word) for word in SETTINGS}
        | {"": texts.text("lattice.setting_unknown")},
        "reasons": [texts.label("reason", code) if code else "" for code in reasons],
        "parts": [_part(one, position, "<u4" if wide else "<u2", texts) for one in found.parts],
        "circles": {
            f"{one.circle}|{one.profile}": _circle(one, result.study, reasons, texts)
            for one in found.circles
        },
    }


def _packed(values: ArrayLike, kind: DTypeLike) -> str:
    return base64.b64encode(np.asarray(values).astype(kind).tobytes()).decode("ascii")


def _grids(found: Lattice) -> list[dict[str, object]]:
    packed, first = [], 0
    for grid in found.grids:
        packed.append({**_grid(grid), "first": first})
        first += len(grid.cells)
    return packed


def _grid(grid: Grid) -> dict[str, object]:
    return {
        "lon0": grid.lon0,
        "lat0": grid.lat0,
        "dlon": grid.dlon,
        "dlat": grid.dlat,
        "columns": grid.columns,
        "rows": grid.rows,
        "spacing": number(grid.spacing_m),
        "cells": _packed(grid.cells, "<u4"),
    }


def _part(
    part: NearestFew, position: NDArray[np.int64], kind: str, texts: Catalogue
) -> dict[str, object]:
    return {
        "title": texts.text("circles.or").join(
            texts.label("facility_type", code) for code in part.types
        ),
        "types": list(part.types),
        "delivery": part.delivery,
        # -1 is all ones: the largest number of the kind.
        "facility": _packed(position[part.facility], kind),
        "minutes": _packed(_hundredths(part), "<u2"),
    }


def _hundredths(part: NearestFew) -> NDArray[np.float64]:
    told = np.ceil(part.minutes * PER_MINUTE - _SLACK)
    told[np.isinf(told)] = FAR
    told[part.no_road] = NO_ROAD
    return np.maximum(told, 0.0)


def _circle(
    places: CirclePlaces, study: Study, reasons: list[str], texts: Catalogue
) -> dict[str, object]:
    circle = next(one for one in study.circles if one.id == places.circle)
    variant = next(one for one in circle.variants if one.profile == places.profile)
    number_of = {code: at for at, code in enumerate(reasons)}
    return {
        "parts": list(places.parts),
        "delivery": _delivery(circle, places.delivery, texts),
        "direction": places.direction,
        "rules": _rules(variant, study, texts),
        "status": _packed([_STATUSES.index(word) for word in places.status], "u1"),
        "reason": _packed([number_of[code] for code in places.reason], "u1"),
    }


def _delivery(circle: Circle, part: int | None, texts: Catalogue) -> dict[str, object] | None:
    if circle.delivery is None or part is None:
        return None
    return {
        "part": part,
        "minutes": number(circle.delivery.minutes),
        "title": texts.label("profile", circle.delivery.profile),
    }


def _rules(variant: Variant, study: Study, texts: Catalogue) -> dict[str, object]:
    rules = {setting: rule for setting in _SETTINGS if (rule := variant.rule(setting))}
    return {
        setting: {
            "minutes": number(rule.minutes),
            "title": texts.label("profile", rule.profile),
            "mode": study.profiles[rule.profile].mode,
        }
        for setting, rule in rules.items()
    }


def areas(result: Assessment, texts: Catalogue) -> dict[str, list[dict[str, object]]]:
    """Return the service areas by ``circle|profile``, simplified to what a screen shows."""
    table = result.service_areas
    if table.empty:
        return {}
    rules = {
        (circle.id, variant.profile): variant
        for circle in result.study.circles
        for variant in circle.variants
    }
    found: dict[str, list[dict[str, object]]] = {}
    shapes = encode_polygons(_simplified(table.geometry))
    rows = table[["circle", "profile", "setting", "minutes"]].itertuples(index=False)
    for (circle, profile, setting, minutes), shape in zip(rows, shapes, strict=True):
        rule = rules[circle, profile].rule(setting)
        entry = {
            "setting": setting,
            "minutes": number(minutes),
            "title": _area_title(setting, rule.profile if rule else profile, minutes, texts),
            "shape": shape,
        }
        found.setdefault(f"{circle}|{profile}", []).append(entry)
    return found


def _area_title(setting: str, profile: str, minutes: float, texts: Catalogue) -> str:
    way = texts.text(
        "lattice.area", minutes=number(minutes), profile=texts.label("profile", profile)
    )
    if not setting:
        return way
    return texts.text("lattice.area_of", setting=texts.label("setting", setting), way=way)


def _simplified(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    """Simplify polygons and leave out specks, the more the more of them there are."""
    tolerance_m = _AREA_TOLERANCE_M
    while True:
        simple = np.array([_without_specks(one, tolerance_m) for one in shapes], dtype=object)
        if shapely.get_num_coordinates(simple).sum() <= _AREA_VERTICES:
            return gpd.GeoSeries(simple, index=shapes.index, crs=shapes.crs)
        tolerance_m *= 1.5


def _without_specks(shape: shapely.Geometry, tolerance_m: float) -> shapely.MultiPolygon:
    """Return the polygons and holes that are larger than what is simplified away."""
    least_m2 = (2.0 * tolerance_m) ** 2
    parts = shapely.get_parts(shapely.simplify(shape, tolerance_m))
    kept = []
    for part in parts[shapely.area(parts) > least_m2]:
        holes = [ring for ring in part.interiors if shapely.Polygon(ring).area > least_m2]
        kept.append(shapely.Polygon(part.exterior, holes))
    return shapely.MultiPolygon(kept)

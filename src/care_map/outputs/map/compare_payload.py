"""What the comparison page knows: one JSON value, in the reader's language."""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from care_map.accessibility.coverage import ALL
from care_map.comparison.compare import Compared
from care_map.comparison.numbers import plain_number
from care_map.comparison.sides import Side
from care_map.comparison.winners import Followed
from care_map.inputs.crs import metric_crs
from care_map.messages import Catalogue
from care_map.outputs.map.geometry import (
    barrier_lines,
    encode_polygons,
    lon_lat,
    outline,
    road_lines,
    simplify_units,
)
from care_map.outputs.map.payload_values import text
from care_map.scenario_words import change_lines
from care_map.vocabulary import LEVELS

__all__ = ["LEAST_SHOWN", "compare_payload", "title_of"]

CELL_M = 500
LEAST_SHOWN = 5
"""Elders of a cell from which on it is drawn (default): no disc stands for one home."""
_SCRIPT = "compare.script."
_DEGREES = "EPSG:4326"


def compare_payload(found: Compared, texts: Catalogue) -> dict[str, object]:
    """Return everything that the comparison page shows, as JSON values.

    Parameters
    ----------
    found
        A comparison.
    texts
        Catalogue of its language.

    Returns
    -------
    dict
        Coordinates are whole numbers in 1e-5 degrees; figures are those of the tables.
    """
    after, before = found.after, found.before
    units, rows, level = _units(found, texts)
    cells, hidden = _cells(found)
    roads = after if len(after.roads) else before
    summary = {
        (one["circle"], one["profile_before"], one["profile_after"]): one
        for one in _dicts(found.summary["circles"])
    }
    return {
        "text": {
            key.removeprefix(_SCRIPT): text
            for key, text in sorted(texts.texts.items())
            if key.startswith(_SCRIPT)
        },
        "circles": [
            {
                "id": circle,
                "title": title_of(found, circle, texts),
                "readings": [
                    {
                        "title": _reading(one, two, texts),
                        **_told(summary.get((circle, one or "", two or ""), {})),
                    }
                    for one, two in pairs
                ],
            }
            for circle, pairs in found.pairs.items()
        ],
        "groups": [
            {"id": code, "title": texts.label("group", code)}
            for code in dict.fromkeys(map(str, found.compared_coverage["group"]))
        ],
        "levels": [{"id": code, "title": texts.label("level", code)} for code in level],
        "level": "town" if "town" in level else (level[:1] or [""])[0],
        "units": units,
        "figures": rows,
        "outline": _outline(after if len(after.units) else before),
        "cells": cells,
        "cellSize": CELL_M,
        "facilities": _facilities(found, texts),
        "gaps": _gaps(found),
        "roads": {name: lines.lines for name, lines in road_lines(_metric(roads.roads)).items()},
        "barriers": {
            name: lines.lines for name, lines in barrier_lines(_metric(roads.barriers)).items()
        },
        "cost": found.summary["cost_yuan"],
        "notes": list(_notes(found, hidden, texts)),
    }


def title_of(found: Compared, circle: str, texts: Catalogue) -> str:
    """Return a circle's title: that of after, of before, else the catalogue's."""
    sides = (found.after, found.before)
    own = [side.definitions.circles.get(circle, ("", ""))[0] for side in sides]
    return next(filter(None, own), "") or texts.label("circle", circle)


def _dicts(value: object) -> list[Mapping[str, object]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _reading(before: str | None, after: str | None, texts: Catalogue) -> str:
    names = [texts.label("profile", one) for one in (before, after) if one]
    return " → ".join(dict.fromkeys(names))


def _told(row: Mapping[str, object]) -> dict[str, object]:
    each = row.get("cost_per_newly_covered_yuan")
    return {"costEach": each, "closed": row.get("gaps_closed"), "opened": row.get("gaps_opened")}


def _units(
    found: Compared, texts: Catalogue
) -> tuple[list[dict[str, object]], dict[str, list[object]], list[str]]:
    """Return lots as units, their figures by ``circle|reading|group``, and the levels."""
    table = found.compared_coverage
    table = table[(table["setting"] == ALL) & table["elders_more"].notna()]
    shapes = _shapes(found)
    listed: dict[tuple[str, str, str], int] = {}
    units: list[dict[str, object]] = []
    figures: dict[str, list[object]] = {}
    reading = {
        (circle, one or "", two or ""): at
        for circle, pairs in found.pairs.items()
        for at, (one, two) in enumerate(pairs)
    }
    won = _won(found.winners)
    nobody = (0, 0) if found.followed is not None else (None, None)
    for row in table.to_dict("records"):
        key = (str(row["level"]), str(row["units_before"]), str(row["units_after"]))
        if key not in listed:
            listed[key] = len(units)
            name = str(row["unit_name"])
            shown = texts.text("compare.no_unit") if name == "none" else name
            shape = shapes.get(key[2] or key[1], ([], None))
            units.append(
                {"id": str(len(units)), "name": shown, "level": key[0], "shape": shape[0]}
                | {"point": shape[1]}
            )
        names = (str(row["circle"]), str(row["profile_before"]), str(row["profile_after"]))
        where = f"{names[0]}|{reading[names]}|{row['group']}"
        moved = won.get((*names, str(row["group"]), *key), nobody)
        figures.setdefault(where, []).append([listed[key], *_numbers(row), *moved])
    present = [level for level in LEVELS if any(unit["level"] == level for unit in units)]
    single = sum(unit["level"] == "district" for unit in units) <= 1
    return units, figures, [one for one in present if one != "district" or not single]


def _won(table: pd.DataFrame) -> dict[tuple[str, ...], tuple[int, int]]:
    keys = ["circle", "profile_before", "profile_after", "group"]
    keys += ["level", "units_before", "units_after"]
    return {
        tuple(str(row[name]) for name in keys): (
            int(row["newly_covered"]),
            int(row["newly_uncovered"]),
        )
        for row in table.to_dict("records")
    }


def _numbers(row: Mapping[object, object]) -> list[float | int | None]:
    names = ("elders", "covered", "uncovered", "rate_low", "rate_high", "median_minutes")
    return [_number(row[f"{name}_{side}"]) for name in names for side in ("before", "after")]


def _number(value: object) -> float | int | None:
    number = plain_number(value)
    if number is None:
        return None
    return int(number) if float(number).is_integer() else round(number, 6)


def _metric(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a layer in metres, where it is kept in degrees."""
    if frame.crs is None or not frame.crs.is_geographic or frame.empty:
        return frame
    west, south, east, north = frame.total_bounds
    return frame.to_crs(metric_crs((west + east) / 2, (south + north) / 2))


def _shapes(found: Compared) -> dict[str, tuple[list[object], list[int] | None]]:
    """Return polygons and a point inside by the ids of a lot."""
    side = found.after if found.after.units.geometry.notna().any() else found.before
    number = 1 if side is found.after else 0
    frame = _metric(side.units[side.units.geometry.notna()])
    parts = [
        simplify_units(frame.geometry[frame["level"] == level])
        for level in dict.fromkeys(frame["level"])
    ]
    if not parts:
        return {}
    shapes = gpd.GeoSeries(pd.concat(parts).reindex(frame.index), crs=frame.crs)
    encoded = dict(zip(frame["unit_id"].astype(str), encode_polygons(shapes), strict=True))
    kept = shapes[shapes.notna() & ~shapes.is_empty]
    ids = frame.loc[kept.index, "unit_id"].astype(str)
    points = dict(zip(ids, lon_lat(kept.representative_point()).tolist(), strict=True))
    result: dict[str, tuple[list[object], list[int] | None]] = {}
    for both in found.lots.units:
        mine = [one for one in both[number] if one in encoded]
        if mine:
            shape = [polygon for one in mine for polygon in encoded[one]]
            result[";".join(both[1] or both[0])] = (shape, points.get(mine[0]))
    return result


def _outline(side: Side) -> list[list[int]]:
    frame = _metric(side.units[side.units.geometry.notna()])
    for level in LEVELS:
        mine = frame[frame["level"] == level]
        if len(mine):
            return outline(simplify_units(mine.geometry))
    return []


def _cells(found: Compared) -> tuple[dict[str, list[list[int]]], int]:
    """Return squares with who wins and who loses in them, and how many are too few to be shown."""
    if not found.followed:
        return {}, 0
    places = _places(found)
    shown: dict[str, list[list[int]]] = {}
    hidden = 0
    for key, part in found.followed.items():
        squares, left_out = _squares(part, places)
        hidden = max(hidden, left_out)
        shown[key] = squares
    return shown, hidden


def _places(found: Compared) -> gpd.GeoSeries:
    """Return the point of each elder whose point is known, in metres."""
    frames = [
        _metric(side.demand[side.demand.geometry.notna()][["demand_id", "geometry"]])
        for side in (found.after, found.before)
        if len(side.demand)
    ]
    if not frames:
        return gpd.GeoSeries([], crs=_DEGREES)
    crs = frames[0].crs
    whole = pd.concat([frame.to_crs(crs) for frame in frames])
    whole = whole.drop_duplicates("demand_id")
    return gpd.GeoSeries(
        whole.geometry.to_numpy(), index=whole["demand_id"].astype(str).to_numpy(), crs=crs
    )


def _squares(part: Followed, places: gpd.GeoSeries) -> tuple[list[list[int]], int]:
    at = places.index.get_indexer(pd.Index(part.demand_id))
    rows = np.flatnonzero((at >= 0) & (part.gained + part.lost > 0))
    total = int((part.gained + part.lost).sum())
    if not len(rows):
        return [], total
    points = places.to_numpy()[at[rows]]
    xy = np.column_stack([shapely.get_x(points), shapely.get_y(points)])
    square = np.floor(xy / CELL_M).astype(np.int64)
    found, which = np.unique(square, axis=0, return_inverse=True)
    which = which.ravel()
    gained, lost = (
        np.bincount(which, weights=one[rows], minlength=len(found)).astype(np.int64)
        for one in (part.gained, part.lost)
    )
    many = gained + lost >= LEAST_SHOWN
    centres = gpd.GeoSeries(shapely.points((found[many] + 0.5) * CELL_M), crs=places.crs)
    shown = np.column_stack([lon_lat(centres), gained[many], lost[many]])
    cells: list[list[int]] = shown.tolist()
    return cells, total - int((gained + lost)[many].sum())


def _facilities(found: Compared, texts: Catalogue) -> list[dict[str, object]]:
    rows = []
    for row in found.compared_facilities.to_dict("records"):
        roles = [texts.label("facility_type", one) for one in text(row["roles"]).split(";")]
        rows.append(
            {
                "change": row["change"],
                "name": text(row["name"]) or text(row["facility_id"]),
                "roles": [one for one in roles if one],
                "metres": _number(row["metres"]),
                "stages": [
                    texts.label("stage", code) if (code := text(row[name])) else ""
                    for name in ("stage_before", "stage_after")
                ],
                "beds": [_number(row["beds_before"]), _number(row["beds_after"])],
                "point": _point(row),
            }
        )
    return rows


def _gaps(found: Compared) -> list[dict[str, object]]:
    return [
        {
            "change": row["change"],
            "circle": row["circle"],
            "name": str(row["name"]),
            "unit": str(row["unit_name"]),
            "elders": [_number(row["elders_before"]), _number(row["elders_after"])],
            "point": _point(row),
        }
        for row in found.compared_gaps.to_dict("records")
        if row["change"] != "same"
    ]


def _point(row: Mapping[object, object]) -> list[int] | None:
    lon, lat = _number(row["lon"]), _number(row["lat"])
    return None if lon is None or lat is None else [round(lon * 1e5), round(lat * 1e5)]


def _notes(found: Compared, hidden: int, texts: Catalogue) -> Sequence[dict[str, str]]:
    """Return what makes the runs hard to compare, the scenario's changes, and what is not shown."""
    notes = [
        {"kind": problem.severity, "text": problem.message(texts)} for problem in found.problems
    ]
    scenario = found.after.scenario
    if scenario is not None:
        notes += [
            {"kind": "change", "text": line} for line in change_lines(scenario.changes, texts)
        ]
    if hidden:
        values = {"count": hidden, "least": LEAST_SHOWN}
        notes.append({"kind": "info", "text": texts.text("compare.hidden", **values)})
    if not found.followed:
        notes.append({"kind": "info", "text": texts.text("compare.no_cells")})
    return notes

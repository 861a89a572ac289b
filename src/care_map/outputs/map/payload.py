"""What the page knows: an assessment as one JSON value, in the reader's language.

The page computes no figure of coverage; it shows the numbers of ``coverage_by_unit``.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

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
from care_map.outputs.map.geometry import Lines, barrier_lines, road_lines
from care_map.outputs.map.payload_facilities import (
    candidates,
    column_titles,
    facilities,
    placed_rows,
)
from care_map.outputs.map.payload_figures import beds, key_figures
from care_map.outputs.map.payload_gaps import gaps
from care_map.outputs.map.payload_lattice import areas, lattice
from care_map.outputs.map.payload_quarters import make_quarters
from care_map.outputs.map.payload_trial import trials
from care_map.outputs.map.payload_units import outline_of, priority, shapes_of, units
from care_map.outputs.readings import Words, readings
from care_map.vocabulary import STAGES
from care_map.what_if import MOST_CANDIDATES

__all__ = ["as_json", "map_payload", "texts_of"]

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
    table = unit_table(result)
    unit_ids = list(table["unit_id"])
    levels = shown_levels(result.coverage_by_unit, table)
    groups = [str(code) for code in listed(result.coverage_by_unit, "group")]
    cells = demand_cells(result.demand, result.access, groups)
    lines = {"roads": road_lines(result.roads), "barriers": barrier_lines(result.barriers)}
    quarters = make_quarters(result, texts)
    shapes = shapes_of(table)
    sites = candidates(result, texts)
    return {
        "language": result.study.language,
        "asOf": result.study.as_of.isoformat() if result.study.as_of else "",
        "text": texts_of(texts, weights="weights" in result.labels),
        "circles": _circles(result, texts),
        "groups": [{"id": code, "title": texts.label("group", code)} for code in groups],
        "levels": [{"id": code, "title": texts.label("level", code)} for code in levels],
        "level": default_level(table, levels),
        "facilityGroups": [
            {"id": code, "title": texts.text(f"map.facility_group.{code}")}
            for code in ("care", "meal", "medical", "other")
        ],
        "units": units(result, table, shapes, texts),
        "outline": outline_of(table, shapes),
        "rates": coverage_rates(result.coverage_by_unit, unit_ids),
        "priority": priority(result, unit_ids),
        "key": key_figures(result),
        "beds": beds(result),
        "facilities": facilities(result, Words.of(result), quarters.stages),
        "candidates": sites,
        "trial": trials(result, unit_ids, groups, [str(site["id"]) for site in sites]),
        "columns": column_titles(texts),
        "stages": [{"id": code, "title": texts.label("stage", code)} for code in STAGES],
        "quarters": quarters.shown,
        "cells": _cells(cells),
        "gaps": gaps(result, texts),
        "lattice": lattice(result, texts),
        "areas": areas(result, texts),
        "areasNote": texts.text("lattice.areas_note"),
        **{kind: {name: one.lines for name, one in found.items()} for kind, found in lines.items()},
        "notes": [
            texts.text(f"map.note.{note.code}", **note.values)
            for note in _notes(result, cells, {**lines["roads"], **lines["barriers"]})
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


def _cells(cells: Cells | None) -> dict[str, object] | None:
    if cells is None:
        return None
    return {"size": cells.size_m, "places": cells.places, "counts": cells.counts}


@dataclass(frozen=True, slots=True)
class _Note:
    """Something the page cannot show, with the fields of its sentence."""

    code: str
    values: Mapping[str, object]


def _notes(result: Assessment, cells: Cells | None, lines: Mapping[str, Lines]) -> list[_Note]:
    """Say what is missing, so that an empty place on the map is not read as a finding."""
    left_out = sum(found.left_out for found in lines.values())
    unplaced = len(result.facilities) - len(placed_rows(result.facilities))
    sites = len(result.candidates)
    has_shapes = "geometry" in result.units and bool(result.units.geometry.notna().any())
    conditions: tuple[tuple[str, bool, Mapping[str, object]], ...] = (
        ("no_coverage", result.coverage_by_unit.empty, {}),
        ("no_shapes", not has_shapes, {}),
        ("no_facilities", result.facilities.empty, {}),
        ("facilities_unplaced", unplaced > 0, {"count": unplaced}),
        ("no_demand", cells is None, {}),
        ("elders_unplaced", cells is not None and cells.unplaced > 0, {"count": _unplaced(cells)}),
        ("no_roads", result.roads.empty, {}),
        ("no_barriers", result.barriers.empty, {}),
        ("lines_left_out", left_out > 0, {"count": left_out}),
        ("trial_too_many", sites > MOST_CANDIDATES, {"count": sites, "most": MOST_CANDIDATES}),
    )
    return [_Note(code, values) for code, holds, values in conditions if holds]


def _unplaced(cells: Cells | None) -> int:
    return cells.unplaced if cells else 0

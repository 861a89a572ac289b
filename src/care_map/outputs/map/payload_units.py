"""Units as the page knows them: shape, figures of priority groups, and what the notice says."""

import geopandas as gpd
import numpy as np
import pandas as pd

from care_map.accessibility.coverage import unit_at_levels
from care_map.assessment import Assessment
from care_map.messages import Catalogue
from care_map.outputs.map.coverage import listed
from care_map.outputs.map.geometry import Line, encode_polygons, lon_lat, outline, simplify_units
from care_map.outputs.map.payload_values import (
    Row,
    is_missing,
    places_in,
    records,
    text,
)
from care_map.policy.words import head_of
from care_map.vocabulary import LEVELS, STRENGTHS

__all__ = ["outline_of", "priority", "shapes_of", "units"]

_VERDICTS = {"no": "fail", "unknown": "unknown", "yes": "pass"}
"""Answer of a row of evidence, the worst first → the verdict whose words it is told in."""
_STATUSES = ("covered", "uncovered", "undetermined")
_PRIORITY = ("elders", "uncovered", "undetermined")


def shapes_of(units: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Simplify level by level: only units of one level have common borders."""
    parts = [
        simplify_units(units.geometry[units["level"] == level]) for level in listed(units, "level")
    ]
    if not parts:
        return units.geometry
    joined = pd.concat(parts).reindex(units.index)
    return gpd.GeoSeries(joined, crs=units.crs)


def outline_of(units: gpd.GeoDataFrame, shapes: gpd.GeoSeries) -> list[Line]:
    """Return the border of the study area: of the largest level that has polygons."""
    for level in LEVELS:
        mine = shapes[(units["level"] == level) & shapes.notna()]
        if not mine.empty:
            return outline(mine)
    return []


def units(
    result: Assessment, table: gpd.GeoDataFrame, shapes: gpd.GeoSeries, texts: Catalogue
) -> list[dict[str, object]]:
    """Return the units of the page.

    Parameters
    ----------
    result
        A finished assessment.
    table
        Rows of :func:`care_map.outputs.map.coverage.unit_table`.
    shapes
        Their simplified polygons.
    texts
        The study's language.
    """
    points: list[list[int] | None] = [None] * len(table)
    placed = np.flatnonzero((shapes.notna() & ~shapes.is_empty).to_numpy())
    middle = lon_lat(shapes.iloc[placed].representative_point())
    for position, point in zip(placed, middle.tolist(), strict=True):
        points[position] = point
    said = _said(result, texts)
    return [
        {
            "id": row.unit_id,
            "name": row.name,
            "level": row.level,
            "setting": texts.label("setting", row.setting) if row.setting else "",
            "parent": row.parent,
            "parentId": row.parent_id,
            "point": point,
            "shape": shape,
            **said.get(row.unit_id, {}),
        }
        for row, point, shape in zip(
            table.astype(dict.fromkeys(_COLUMNS, str))[_COLUMNS].itertuples(index=False),
            points,
            encode_polygons(shapes),
            strict=True,
        )
    ]


_COLUMNS = ["unit_id", "name", "level", "setting", "parent", "parent_id"]


def _said(result: Assessment, texts: Catalogue) -> dict[str, dict[str, object]]:
    """Return by unit the clauses that judge the unit itself, and the worst of them."""
    evidence = result.clause_evidence
    evidence = evidence[(evidence["row_kind"] == "unit") & evidence["answer"].isin(list(_VERDICTS))]
    verdicts = {text(row["clause_id"]): row for row in records(result.clause_verdicts)}
    found: dict[str, list[dict[str, object]]] = {}
    for row in records(evidence):
        clause = _clause(verdicts[text(row["clause_id"])], row, texts)
        found.setdefault(text(row["row_id"]), []).append(clause)
    said: dict[str, dict[str, object]] = {}
    for unit, clauses in found.items():
        worst, *_ = ranked = sorted(clauses, key=_severity)
        verdict = {"answer": worst["answer"], "title": worst["answerTitle"]}
        said[unit] = {"clauses": ranked, "verdict": verdict}
    return said


def _clause(verdict: Row, row: Row, texts: Catalogue) -> dict[str, object]:
    answer, strength = text(row["answer"]), text(verdict["strength"])
    due = None if is_missing(verdict["due"]) else bool(verdict["due"])
    return {
        "id": text(verdict["clause_id"]),
        "title": text(verdict["title"]),
        "cite": text(verdict["cite"]),
        "answer": answer,
        "answerTitle": head_of(_VERDICTS[answer], strength, due=due, texts=texts),
        "strength": strength,
        "strengthTitle": texts.label("strength", strength),
        "value": text(row["value"]),
        "missing": text(row["missing"]),
    }


def _severity(clause: Row) -> tuple[int, int]:
    order = [*STRENGTHS, text(clause["strength"])]
    return list(_VERDICTS).index(text(clause["answer"])), order.index(text(clause["strength"]))


def priority(result: Assessment, unit_ids: list[str]) -> dict[str, dict[str, object]]:
    """Return the elders of any priority group, each once, by ``circle|profile``.

    Parameters
    ----------
    result
        A finished assessment.
    unit_ids
        Ids in the order of the page's units.

    Returns
    -------
    dict
        ``all``: ``elders, uncovered, undetermined``; ``units``: rows of the unit's position and
        the same figures.
    """
    demand, access = result.demand, result.access
    if "groups" not in demand:
        return {}
    grouped = demand["demand_id"][demand["groups"].fillna("").astype(str) != ""]
    columns = ["circle", "profile", "unit_id", "status", "elders"]
    mine = access[columns][places_in(access["demand_id"], grouped) >= 0]
    position = {code: at for at, code in enumerate(unit_ids)}
    above = unit_at_levels(result.units)
    found: dict[str, dict[str, object]] = {}
    for (circle, profile), rows in mine.groupby(["circle", "profile"], sort=False):
        counts = rows.pivot_table(
            index="unit_id", columns="status", values="elders", aggfunc="sum", fill_value=0
        ).reindex(columns=list(_STATUSES), fill_value=0)
        counts = counts.assign(elders=counts.sum(axis=1))[list(_PRIORITY)]
        lowest = above.reindex(counts.index).fillna("")
        summed = pd.concat([counts.groupby(lowest[level].to_numpy()).sum() for level in LEVELS])
        summed = summed[summed.index.isin(list(position))]
        found[f"{circle}|{profile}"] = {
            "all": dict(zip(_PRIORITY, map(int, counts.sum()), strict=True)),
            "units": [
                [position[str(unit)], *map(int, figures)]
                for unit, figures in zip(summed.index, summed.to_numpy(), strict=True)
            ],
        }
    return found

"""Facilities and candidate sites as the page knows them: where, which, since when, how loaded."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.assessment import Assessment
from care_map.messages import Catalogue
from care_map.outputs.map.geometry import lon_lat
from care_map.outputs.map.payload_values import Row, codes, number, plain, records, text
from care_map.outputs.readings import Words
from care_map.schema import CANDIDATES, FACILITIES
from care_map.vocabulary import CARE_TYPES, MEAL_TYPES, MEDICAL_TYPES, STAGES

__all__ = ["FACILITY_GROUPS", "candidates", "column_titles", "facilities", "placed_rows"]

FACILITY_GROUPS = (("care", CARE_TYPES), ("meal", MEAL_TYPES), ("medical", MEDICAL_TYPES))
DETAILS = (
    "address",
    "phone",
    "hours",
    "operator",
    "operator_kind",
    "ownership",
    "beds",
    "nursing_beds",
    "day_care_beds",
    "open_beds",
    "free_beds",
    "delivers",
    "own_clinic",
    "step_free",
    "staff",
    "certified_staff",
    "zones",
    "floor_area_m2",
    "land_area_m2",
    "build_mode",
    "rating",
    "fee",
    "updated",
)
"""Columns of a facility's card, in their order."""

_LABELS = ("operator_kind", "ownership")


def column_titles(texts: Catalogue) -> dict[str, str]:
    """Return the title of each column that a card shows, in the study's language."""
    titles = {name: FACILITIES.column(name).title(texts.language) for name in (*DETAILS, "accepts")}
    return titles | {"cost": CANDIDATES.column("cost_yuan").title(texts.language)}


def placed_rows(table: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """Return the rows that have a point, in the order of the page's list."""
    if table.empty:
        return np.empty(0, np.int64)
    return np.flatnonzero((table.geometry.notna() & ~table.geometry.is_empty).to_numpy())


def facilities(
    result: Assessment, words: Words, stages: Sequence[str | None]
) -> list[dict[str, object]]:
    """Return the facilities with a point.

    Parameters
    ----------
    result
        A finished assessment.
    words
        The study's language.
    stages
        For each facility its stage at each quarter, a digit each; None without dates.
    """
    table = result.facilities
    if table.empty:
        return []
    rows = placed_rows(table)
    placed = table.iloc[rows]
    points = lon_lat(placed.geometry.representative_point()).tolist()
    around = _Around.of(result, words)
    return [
        {**_facility(row, point, around), **({"stages": stages[at]} if stages[at] else {})}
        for row, point, at in zip(records(placed), points, rows.tolist(), strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Around:
    """What other tables say of facilities, by id."""

    words: Words
    units: Mapping[str, str]
    names: Mapping[str, str]
    services: Mapping[str, list[Row]]
    load: Mapping[str, list[Row]]
    capacity: Mapping[str, list[Row]]

    @classmethod
    def of(cls, result: Assessment, words: Words) -> "_Around":
        facilities = result.facilities
        return cls(
            words=words,
            units=_names(result.units, "unit_id"),
            names=_names(facilities, "facility_id"),
            services=_by_facility(result.services),
            load=_by_facility(result.facility_load),
            capacity=_by_facility(result.capacity_by_facility),
        )


def _names(table: pd.DataFrame, key: str) -> dict[str, str]:
    if table.empty:
        return {}
    return dict(zip(table[key].astype(str), table["name"].map(text), strict=True))


def _by_facility(table: pd.DataFrame) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in records(table):
        found.setdefault(text(row["facility_id"]), []).append(row)
    return found


def _facility(row: Row, point: list[int], around: _Around) -> dict[str, object]:
    texts = around.words.texts
    roles = codes(row.get("roles"))
    stage = text(row.get("stage"))
    more = dict(_more(row, around))
    return {
        "id": text(row.get("facility_id")),
        "name": text(row.get("name")),
        "group": _group(roles),
        "types": roles,
        "roles": [texts.label("facility_type", code) for code in roles],
        "operating": stage == "operating",
        "stage": texts.label("stage", stage) if stage else "",
        "stageCode": stage,
        "outside": row.get("in_area") is not None and not bool(row.get("in_area")),
        "unit": around.units.get(text(row.get("unit_id")), ""),
        "point": point,
        **{name: value for name, value in more.items() if value},
    }


def _more(row: Row, around: _Around) -> Iterator[tuple[str, object]]:
    """Yield what only some facilities have."""
    words, facility_id = around.words, text(row.get("facility_id"))
    yield "dates", {stage: day for stage in STAGES if (day := text(row.get(f"{stage}_date")))}
    yield "details", dict(_details(row, words.texts))
    yield "accepts", codes(row.get("accepts"))
    yield "serves", [around.units.get(code, code) for code in codes(row.get("serves_units"))]
    yield "contracts", [around.names.get(code, code) for code in codes(row.get("contracts"))]
    centre = text(row.get("operator_centre"))
    yield "centre", around.names.get(centre, centre)
    yield (
        "services",
        [
            {
                "title": words.texts.label("service", text(one["service"])),
                "capacity": number(one["capacity"]),
                "unit": text(one["capacity_unit"]),
            }
            for one in around.services.get(facility_id, ())
        ],
    )
    yield (
        "load",
        {
            f"{one['circle']}|{one['profile']}": number(one["elders_nearest"])
            for one in around.load.get(facility_id, ())
        },
    )
    yield "capacity", [_capacity(one, words) for one in around.capacity.get(facility_id, ())]


def _details(row: Row, texts: Catalogue) -> Iterator[tuple[str, object]]:
    for column in DETAILS:
        value = plain(row.get(column), texts)
        if value is not None and column in _LABELS:
            value = texts.label(column, str(value))
        elif value is not None and column == "zones":
            value = texts.text("map.script.list").join(codes(value))
        if value is not None:
            yield column, value


def _capacity(row: Row, words: Words) -> dict[str, object]:
    return {
        "service": words.texts.label("service", text(row["service"])),
        "catchment": text(words.cell("catchment", row["catchment"])),
        "capacity": number(row["capacity"]),
        "unit": text(row["capacity_unit"]),
        "demand": number(row["demand"]),
        "nearest": number(row["nearest"]),
        "assigned": number(row["assigned"]),
        "free": number(row["free"]),
        "overloaded": row["overloaded"] is True,
    }


def _group(roles: list[str]) -> str:
    for name, types in FACILITY_GROUPS:
        if any(code in types for code in roles):
            return name
    return "other"


def candidates(result: Assessment, texts: Catalogue) -> list[dict[str, object]]:
    """Return the candidate sites with a point."""
    table = result.candidates
    rows = placed_rows(table)
    if not len(rows):
        return []
    placed = table.iloc[rows]
    points = lon_lat(placed.geometry.representative_point()).tolist()
    units = _names(result.units, "unit_id")
    return [
        {
            "id": text(row.get("candidate_id")),
            "name": text(row.get("name")),
            "types": codes(row.get("types")),
            "roles": [texts.label("facility_type", code) for code in codes(row.get("types"))],
            "area": number(row.get("floor_area_m2")),
            "cost": number(row.get("cost_yuan")),
            "buildMode": text(row.get("build_mode")),
            "address": text(row.get("address")),
            "unit": units.get(text(row.get("unit_id")), ""),
            "point": point,
        }
        for row, point in zip(records(placed), points, strict=True)
    ]

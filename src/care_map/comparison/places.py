"""Gaps that closed and opened, facilities that came, went, moved or changed."""

from collections.abc import Iterator, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from care_map.comparison.numbers import plain_number
from care_map.comparison.sides import Side
from care_map.schema import COMPARED_FACILITIES, COMPARED_GAPS

__all__ = ["compared_facilities", "compared_gaps"]

Floats = NDArray[np.float64]

_EARTH_M = 6_371_008.8
_MOVED_M = 1.0
_DEGREES = "EPSG:4326"
_STATES = ("stage", "beds", "roles", "name")


def compared_gaps(before: Side, after: Side) -> pd.DataFrame:
    """Return what became of each gap.

    Gaps of the same circle and status are one where they lie within the gap radius of each other,
    the nearest pairs first.

    Returns
    -------
    DataFrame with the columns of :data:`care_map.schema.COMPARED_GAPS`, those that opened first.
    """
    radius_m = max(before.gap_radius_m, after.gap_radius_m)
    tables = [
        side.gaps[side.gaps["lon"].notna()].reset_index(drop=True) for side in (before, after)
    ]
    keys = [list(zip(table["circle"], table["status"], strict=True)) for table in tables]
    rows: list[dict[str, object]] = []
    for key in dict.fromkeys([*keys[1], *keys[0]]):
        parts = [
            table[[one == key for one in mine]].reset_index(drop=True)
            for table, mine in zip(tables, keys, strict=True)
        ]
        rows += _matched_gaps(*parts, radius_m=radius_m)
    table = pd.DataFrame(rows, columns=COMPARED_GAPS.names)
    order = {"opened": 0, "larger": 1, "closed": 2, "smaller": 3, "same": 4}
    table = table.assign(
        _order=table["change"].map(order),
        _size=-table[["elders_before", "elders_after"]].max(axis=1).fillna(0).astype(float),
    ).sort_values(["circle", "_order", "_size"], kind="stable")
    counts = dict.fromkeys(("elders_before", "elders_after", "elders_more"), "Int64")
    return table[COMPARED_GAPS.names].astype(counts).reset_index(drop=True)


def _metres(table: pd.DataFrame) -> Floats:
    north = np.radians(1.0) * _EARTH_M
    lon, lat = (table[name].to_numpy(dtype=float) for name in ("lon", "lat"))
    middle = np.radians(lat.mean()) if len(lat) else 0.0
    return np.column_stack([lon * north * np.cos(middle), lat * north])


def _matched_gaps(
    before: pd.DataFrame, after: pd.DataFrame, *, radius_m: float
) -> Iterator[dict[str, object]]:
    both = _metres(pd.concat([before, after]))
    here, there = both[: len(before)], both[len(before) :]
    pairs: list[tuple[float, int, int]] = []
    if len(before) and len(after):
        near = cKDTree(here).sparse_distance_matrix(cKDTree(there), radius_m, output_type="ndarray")
        pairs = sorted((float(v), int(i), int(j)) for i, j, v in near.tolist())
    partner: dict[int, int] = {}
    apart_m: dict[int, float] = {}
    for metres, one, two in pairs:
        if one not in partner and two not in apart_m:
            partner[one], apart_m[two] = two, metres
    old, new = before.to_dict("records"), after.to_dict("records")
    for at, row in enumerate(old):
        if at in partner:
            yield _gap(row, new[partner[at]], apart_m[partner[at]])
        else:
            yield _gap(row, None, np.nan)
    yield from (_gap(None, row, np.nan) for at, row in enumerate(new) if at not in apart_m)


def _gap(
    before: Mapping[Any, Any] | None, after: Mapping[Any, Any] | None, metres: float
) -> dict[str, object]:
    shown = after or before or {}
    counts = [None if one is None else int(float(str(one["elders"]))) for one in (before, after)]
    then, now = counts[0] or 0, counts[1] or 0
    if before is None or after is None:
        change = "opened" if before is None else "closed"
    else:
        change = "same" if then == now else ("larger" if now > then else "smaller")
    return {
        "change": change,
        **{name: shown.get(name, "") for name in ("circle", "name", "unit_name")},
        "elders_before": counts[0],
        "elders_after": counts[1],
        "elders_more": now - then,
        "gap_id_before": "" if before is None else before["gap_id"],
        "gap_id_after": "" if after is None else after["gap_id"],
        "metres": metres,
        "lon": shown.get("lon"),
        "lat": shown.get("lat"),
    }


def compared_facilities(before: Side, after: Side) -> pd.DataFrame:
    """Return the facilities of which anything that matters has changed.

    Returns
    -------
    DataFrame with the columns of :data:`care_map.schema.COMPARED_FACILITIES`.
    """
    lists = [_by_id(side.facilities) for side in (before, after)]
    rows = []
    for one in dict.fromkeys([*lists[1], *lists[0]]):
        pair = (lists[0].get(one), lists[1].get(one))
        change, metres = _what_changed(*pair)
        if change:
            rows.append(_facility(change, one, *pair, metres))
    order = ["new", "closed", "moved", "changed"]
    table = pd.DataFrame(rows, columns=COMPARED_FACILITIES.names)
    rank = table["change"].map({name: at for at, name in enumerate(order)})
    table = table.assign(_rank=rank).sort_values("_rank", kind="stable")
    counts = dict.fromkeys(("beds_before", "beds_after"), "Int64")
    return table[COMPARED_FACILITIES.names].astype(counts).reset_index(drop=True)


_Row = dict[str, object]


def _by_id(facilities: gpd.GeoDataFrame) -> dict[str, _Row]:
    if facilities.empty:
        return {}
    places = facilities.geometry.to_crs(_DEGREES).to_numpy()
    points = shapely.get_x(places), shapely.get_y(places)
    found: dict[str, _Row] = {}
    for row, lon, lat in zip(facilities.to_dict("records"), *points, strict=True):
        found.setdefault(
            str(row["facility_id"]),
            {
                **{name: _cell(row.get(name)) for name in _STATES},
                "lon": float(lon),
                "lat": float(lat),
            },
        )
    return found


def _cell(value: object) -> object:
    number = plain_number(value)
    return number if number is not None else (value or None if isinstance(value, str) else None)


def _what_changed(before: _Row | None, after: _Row | None) -> tuple[str, float]:
    if before is None or after is None:
        return ("new" if before is None else "closed"), np.nan
    metres = _apart_m(before, after)
    if np.isfinite(metres) and metres > _MOVED_M:
        return "moved", metres
    same = all(before[name] == after[name] for name in _STATES)
    placed = np.isfinite(float(str(before["lon"]))) == np.isfinite(float(str(after["lon"])))
    return ("" if same and placed else "changed"), np.nan


def _apart_m(before: _Row, after: _Row) -> float:
    table = pd.DataFrame([{name: one[name] for name in ("lon", "lat")} for one in (before, after)])
    here, there = _metres(table)
    return float(np.hypot(*(there - here)))


def _facility(
    change: str, facility_id: str, before: _Row | None, after: _Row | None, metres: float
) -> _Row:
    shown = after or before or {}
    pairs = {
        f"{name}_{side}": None if one is None else one[name]
        for name in ("stage", "beds")
        for side, one in (("before", before), ("after", after))
    }
    return {
        "change": change,
        "facility_id": facility_id,
        **{name: shown[name] for name in ("name", "roles", "lon", "lat")},
        **pairs,
        "metres": metres,
    }

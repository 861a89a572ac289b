"""A bounded sample of each list's points, to judge their datum by.

Drawn while a source is read: later tables have joined the stated units with those that the
points lie in, and no longer know which was which.
"""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from care_map.inputs.sources import SourceTable
from care_map.inputs.tables import PointSample
from care_map.inputs.unit_index import UnitIndex

__all__ = ["SAMPLE_PLACES", "SAMPLE_SEED", "point_samples"]

SAMPLE_PLACES = 1000
"""Most places that are drawn from one source (default)."""

SAMPLE_SEED = 20210630
"""Seed of the draw (default): the same file gives the same places."""

_PLACE_DEG = 1e-4
"""Rows within about ten metres are one place, or a block of flats would outvote a village."""

_POINT = 0
_EXACT = ("", "point", "building")


def point_samples(
    tables: Sequence[SourceTable], *, kind: str, index: UnitIndex
) -> list[PointSample]:
    """Draw places from each source that has any.

    Parameters
    ----------
    tables
        Sources as read, in the order of the study.
    kind
        ``"facilities"``, ``"demand"`` or ``"candidates"``.
    index
        The study's units, to look stated units up.

    Returns
    -------
    list of PointSample
        One per source with a point, each of at most :data:`SAMPLE_PLACES` places.
    """
    samples = []
    for table in tables:
        rows, places = _drawn(table.geometry)
        if not len(rows):
            continue
        shapes = table.geometry[rows]
        is_point = np.asarray(shapely.get_type_id(shapes) == _POINT)
        points = np.where(is_point, shapes, shapely.point_on_surface(shapes))
        samples.append(
            PointSample(
                kind=kind,
                source=table.settings.path.as_posix(),
                layer=table.settings.layer,
                datum=table.settings.datum,
                lon=np.asarray(shapely.get_x(points)),
                lat=np.asarray(shapely.get_y(points)),
                unit_id=_stated(table, rows, index),
                exact=is_point & _is_exact(table, rows),
                places=places,
            )
        )
    return samples


def _drawn(geometry: NDArray[np.object_]) -> tuple[NDArray[np.int64], int]:
    """Return rows of the sample, each another place, and how many places there are."""
    bounds = shapely.bounds(geometry)
    located = np.flatnonzero(np.isfinite(bounds).all(axis=1))
    cells = np.round((bounds[located, :2] + bounds[located, 2:]) / 2 / _PLACE_DEG).astype(np.int64)
    # One number a cell: rows as keys would be sorted far more slowly.
    keys = cells[:, 0] * np.int64(4_000_000) + cells[:, 1]
    _, first = np.unique(keys, return_index=True)
    if len(first) > SAMPLE_PLACES:
        random = np.random.default_rng(SAMPLE_SEED)
        drawn = random.choice(np.sort(first), SAMPLE_PLACES, replace=False)
    else:
        drawn = first
    return located[np.sort(drawn)], len(first)


def _is_exact(table: SourceTable, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    if "location_quality" not in table.frame:
        return np.ones(len(rows), dtype=bool)
    return table.frame["location_quality"].iloc[rows].isin(_EXACT).to_numpy(dtype=bool)


def _stated(table: SourceTable, rows: NDArray[np.int64], index: UnitIndex) -> NDArray[np.object_]:
    """Return the unit that each row says it is in, by code or else by name; "" for none."""
    stated = np.full(len(rows), "", dtype=object)
    if index.empty:
        return stated
    frame = table.frame.iloc[rows]
    if "unit_id" in frame:
        stated = frame["unit_id"].map(index.by_code).to_numpy(dtype=object)
    blank = [""] * len(frame)
    towns, communities = (
        frame[name].tolist() if name in frame else blank for name in ("town_name", "community_name")
    )
    pairs = list(zip(towns, communities, strict=True))
    unnamed = stated == ""
    asked = {pair for pair, ask in zip(pairs, unnamed, strict=True) if ask and any(pair)}
    known = {pair: index.by_name(*pair) for pair in asked}
    named = np.array([known.get(pair, "") for pair in pairs], dtype=object)
    return np.where(unnamed, named, stated)

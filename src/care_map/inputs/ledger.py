"""The rows of each source: read, used, left out and why, and how well they are placed.

Nothing may get lost between a file and a figure: the rows that a source has are the rows that
are used and the rows that are left out, each with its reason.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.config import Study, TableSource
from care_map.inputs.all_demand import demand_lists
from care_map.inputs.rasters import is_raster
from care_map.inputs.sources import FILE, ROW, SourceTable
from care_map.inputs.tables import SourceLedger
from care_map.schema import CANDIDATES, DEMAND_COUNTS, FACILITY_LIST, UNIT_LIST

__all__ = ["source_ledgers"]

_FOOTER = "footer_skipped"
_EXACT = ("point", "building")
_IN_A_UNIT = ("village", "town")
_KEY_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "units": ("unit_id", "name", "level", "parent_id", "setting", "population", "elders"),
    "facilities": (
        "facility_id",
        "name",
        "roles",
        "stage",
        "unit_id",
        "town_name",
        "community_name",
        "address",
        "phone",
        "beds",
        "floor_area_m2",
    ),
    "demand": (
        "demand_id",
        "elders",
        "age",
        "groups",
        "grade",
        "residence",
        "unit_id",
        "town_name",
        "community_name",
    ),
    "candidates": (
        "candidate_id",
        "name",
        "types",
        "floor_area_m2",
        "cost_yuan",
        "cost_wan",
        "subsidy_yuan",
        "build_mode",
        "capacity",
        "unit_id",
        "town_name",
        "community_name",
        "address",
    ),
}
"""Columns whose filling says how useful a list is, as far as the list has them."""


def source_ledgers(
    study: Study,
    read: Mapping[str, Sequence[SourceTable]],
    made: Mapping[str, gpd.GeoDataFrame],
    *,
    has_polygons: bool,
) -> tuple[SourceLedger, ...]:
    """Count the rows of each file of units, facilities, elders and candidate sites.

    Parameters
    ----------
    study
        Whose sources they are.
    read
        ``"units"``, ``"facilities"``, ``"demand"``, ``"candidates"`` → the sources that could be
        read.
    made
        The same → the table that was made of them.
    has_polygons
        Whether it can be told which unit a point is in.

    Returns
    -------
    tuple of SourceLedger
        In the order of the study; sheets and layers of one file are one source. Rasters have
        no rows.
    """
    return tuple(
        ledger
        for kind, sources in (
            ("units", study.units),
            ("facilities", study.facilities),
            ("demand", demand_lists(study)),
            ("candidates", study.candidates),
        )
        for ledger in _of_kind(kind, sources, read[kind], made[kind], has_polygons=has_polygons)
    )


def _of_kind(
    kind: str,
    sources: Sequence[TableSource],
    read: Sequence[SourceTable],
    made: gpd.GeoDataFrame,
    *,
    has_polygons: bool,
) -> Iterator[SourceLedger]:
    lists = [source.path for source in sources if not is_raster(source.path)]
    for file in dict.fromkeys(path.as_posix() for path in lists):
        tables = [table for table in read if table.settings.path.as_posix() == file]
        if not tables:
            yield SourceLedger(kind=kind, source=file, read=None)
            continue
        left_out: Counter[str] = Counter()
        for table in tables:
            left_out.update(table.findings.left_out)
        # A parent that is only named is a row of the table, but of no file.
        used = made[(made[FILE] == file) & (made[ROW] > 0)] if FILE in made else made.iloc[:0]
        missing = used.geometry.isna().to_numpy(dtype=bool)
        exact = _has_quality(used, _EXACT, blank=True) & ~missing
        placed = _has_quality(used, _IN_A_UNIT, blank=False)
        joined = kind != "units" and has_polygons
        outside = _is_outside(used).to_numpy(dtype=bool) & ~missing & joined
        yield SourceLedger(
            kind=kind,
            source=file,
            read=sum(len(table.frame) for table in tables) + left_out[_FOOTER],
            used=len(used),
            left_out=dict(left_out),
            with_point=int(exact.sum()),
            placed=int(placed.sum()),
            without_point=int((~exact & ~placed).sum()),
            in_units=int((~missing & ~outside).sum()) if joined else None,
            outside_units=int(outside.sum()) if joined else None,
            filled=_filled(tables, _KEY_COLUMNS[kind]),
            unknown_columns=_unknown(kind, tables),
        )


def _has_quality(
    frame: pd.DataFrame, qualities: Sequence[str], *, blank: bool
) -> NDArray[np.bool_]:
    """Tell which rows are placed that well; `blank` for those that do not say."""
    if "location_quality" not in frame:
        return np.full(len(frame), blank, dtype=bool)
    said = frame["location_quality"]
    return np.asarray(said.isin(qualities) | (said == "") & blank, dtype=bool)


def _is_outside(frame: pd.DataFrame) -> pd.Series:
    """Tell which points are in no unit of the study."""
    if "in_area" in frame:
        return ~frame["in_area"].astype(bool)
    return frame["unit_id"] == ""


def _filled(tables: Sequence[SourceTable], names: Sequence[str]) -> dict[str, float]:
    """Return the share of cells that are filled, of the columns that any of the sheets has."""
    rows = sum(len(table.frame) for table in tables)
    shares = {}
    for name in names:
        columns = [table.frame[name] for table in tables if name in table.frame]
        if columns and rows:
            shares[name] = sum(_filled_cells(column) for column in columns) / rows
    return shares


def _filled_cells(column: pd.Series) -> int:
    filled = column.notna()
    if column.dtype == object or isinstance(column.dtype, pd.StringDtype):
        filled &= column != ""
    return int(filled.sum())


def _unknown(kind: str, tables: Sequence[SourceTable]) -> tuple[str, ...]:
    table = {
        "units": UNIT_LIST,
        "facilities": FACILITY_LIST,
        "demand": DEMAND_COUNTS,
        "candidates": CANDIDATES,
    }[kind]
    known = {*table.names, FILE, ROW, "unit_as_listed"}
    names = (str(name) for one in tables for name in one.frame.columns if name not in known)
    return tuple(dict.fromkeys(names))

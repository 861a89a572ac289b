"""What a facility's row says of others: units that it serves, facilities that it works with."""

from collections.abc import Callable, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from care_map.inputs.codes import normal_word
from care_map.inputs.sources import SourceTable, list_rows
from care_map.inputs.texts import each_different
from care_map.inputs.unit_index import UnitIndex

__all__ = ["facility_ids", "linked_facilities", "linked_units", "with_links"]


def with_links(
    facilities: gpd.GeoDataFrame, tables: Sequence[SourceTable], *, index: UnitIndex
) -> gpd.GeoDataFrame:
    """Put ids in the place of the names that facilities give of units and of other facilities.

    A unit in ``serves_units`` that is not in the study, or whose name several units have, is
    listed and stays as it is written: that nobody serves these units cannot be told from it. So
    does a centre or a partner that is not in the lists: an agreement with a hospital elsewhere is
    one too.

    Parameters
    ----------
    facilities
        Table of the facilities.
    tables
        Its sources; findings are added to theirs.
    index
        The study's units.

    Returns
    -------
    geopandas.GeoDataFrame
        A copy.
    """
    changed: dict[str, pd.Series] = {}
    if "serves_units" in facilities and not index.empty:
        changed["serves_units"] = _served(facilities, tables, index)
    ids = facility_ids(facilities)
    for column in ("operator_centre", "contracts"):
        if column in facilities:
            words = facilities[column].to_numpy(dtype=object)
            linked = each_different(words, lambda cell: linked_facilities(cell, ids))
            changed[column] = pd.Series(linked, facilities.index, dtype=object)
    return facilities.assign(**changed) if changed else facilities


def facility_ids(facilities: pd.DataFrame) -> Callable[[str], str]:
    """Return what tells a facility's id of its id or of a name that only one has, else ""."""
    own = dict.fromkeys(facilities["facility_id"])
    names = facilities["name"].map(normal_word)
    single = ~names.duplicated(keep=False)
    of_name = dict(zip(names[single], facilities.loc[single, "facility_id"], strict=True))

    def found(word: str) -> str:
        return word if word in own else str(of_name.get(normal_word(word), ""))

    return found


def linked_facilities(cell: str, ids: Callable[[str], str]) -> str:
    """Return a cell with the ids of the facilities that its words mean; other words stay."""
    return ";".join(dict.fromkeys(ids(part) or part for part in cell.split(";"))) if cell else cell


def _served(facilities: pd.DataFrame, tables: Sequence[SourceTable], index: UnitIndex) -> pd.Series:
    own = facilities["unit_id"].map(index.town_of)
    pairs = dict.fromkeys(zip(facilities["serves_units"], own, strict=True))
    read = {pair: linked_units(*pair, index) for pair in pairs}
    rows = [read[pair] for pair in zip(facilities["serves_units"], own, strict=True)]
    lost = np.array([bool(unknown) for _, unknown in rows], dtype=bool)
    listed = facilities.assign(serves_units=[" / ".join(unknown) for _, unknown in rows])
    list_rows(tables, listed[lost], "serves_unknown", column="serves_units")
    return pd.Series([units for units, _ in rows], facilities.index, dtype=object)


def linked_units(cell: str, town: str, index: UnitIndex) -> tuple[str, list[str]]:
    """Return the units of a cell, and the words in it that mean none or several."""
    found: dict[str, None] = {}
    unknown: list[str] = []
    for word in filter(None, cell.split(";")):
        unit = index.by_code(word) or _named(word, town, index)
        found[unit or word] = None
        if not unit:
            unknown.append(word)
    return ";".join(found), unknown


def _named(word: str, town: str, index: UnitIndex) -> str:
    """Return the unit of a name: one of the facility's own town before one of another."""
    places = index.places
    host = index.names.get(town, "")
    tries = (places.meaning(host, word) if host else None, places.meaning("", word))
    for meaning in tries:
        if meaning is not None and meaning.unit and not meaning.fault:
            return meaning.unit
    meant = places.meaning(word, "")
    return "" if meant.fault else meant.unit

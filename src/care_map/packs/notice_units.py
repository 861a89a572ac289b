"""The units that a notice names, as a table: lists alone need no other to be judged by.

They have no geometry and no codes: their ids are their names, a community's after that of its town.
"""

import pandas as pd

from care_map.packs.pack_file import PackFile, PackUnit
from care_map.vocabulary import LEVEL_OF_KIND

__all__ = ["notice_units"]

_COLUMNS = ("unit_id", "name", "level", "parent_id", "setting", "unit_kind", "note")
_COUNTS = ("communities", "villages")


def notice_units(pack: PackFile) -> pd.DataFrame:
    """Return the units of a notice's time as a table of units.

    Parameters
    ----------
    pack
        The notice.

    Returns
    -------
    DataFrame
        ``unit_id, name, level, parent_id, setting, unit_kind, note`` (text) and ``communities,
        villages`` (Int64), a row per unit in the order of the pack. `setting` is "": a notice
        says streets and towns, not who of them lives in a city.

    Examples
    --------
    >>> from care_map.packs.pack_file import PackHeader
    >>> import datetime as dt
    >>> header = PackHeader(id="a", name="甲区", name_en="A", title="", document="",
    ...     issued=dt.date(2019, 12, 11), version="1")
    >>> units = (PackUnit(name="乙镇", kind="town", villages=2),
    ...     PackUnit(name="东村", kind="village", parent="乙镇"))
    >>> notice_units(PackFile(pack=header, unit=units))["unit_id"].tolist()
    ['乙镇', '乙镇/东村']
    """
    rows = [
        {
            "unit_id": _id(unit),
            "name": unit.name,
            "level": LEVEL_OF_KIND[unit.kind],
            "parent_id": unit.parent,
            "setting": "",
            "unit_kind": unit.kind,
            "note": unit.note,
            "communities": unit.communities,
            "villages": unit.villages,
        }
        for unit in pack.unit
    ]
    table = pd.DataFrame(rows, columns=[*_COLUMNS, *_COUNTS])
    kinds = {**dict.fromkeys(_COLUMNS, "object"), **dict.fromkeys(_COUNTS, "Int64")}
    return table.astype(kinds)


def _id(unit: PackUnit) -> str:
    """Return what a unit is known by; villages of two towns may have one name."""
    return f"{unit.parent}/{unit.name}" if unit.parent else unit.name

"""What a unit is: a street or a town, a community or a village, by its name, else by its code."""

import re

import pandas as pd

from care_map.inputs.place_names import normal_place
from care_map.inputs.unit_index import canonical_code

__all__ = ["unit_kinds"]

_ENDINGS = {
    "town": (
        ("street", re.compile(r"(?:街道|街道办|街办|办事处)$")),
        ("town", re.compile(r"(?:镇|乡)(?:人民政府|政府)?$")),
    ),
    "community": (
        (
            "community",
            re.compile(r"(?:社区(?:居委会?|居民委员会)?|居(?:委会?|民委员会))$"),
        ),
        ("village", re.compile(r"村(?:村?委会?|村?民委员会)?$")),
    ),
}
"""Level → kind and how the end of a name says it; 里 says neither."""

_MAYBE_COMMUNITY = "居"
"""Short for 居委会, and the end of many a place's name: believed where no code says otherwise."""

_CODE = re.compile(r"\d{12}")
_FIRST_VILLAGE = 200
"""Digits 10 to 12 of a statistical code: below it a 居委会, from it on a 村委会."""


def unit_kinds(units: pd.DataFrame) -> pd.Series:
    """Return the kind of each unit.

    A name decides; where it says nothing, digits 10 to 12 of a community's code do.

    Parameters
    ----------
    units
        ``unit_id, name, level``.

    Returns
    -------
    Series
        ``street``, ``town``, ``community``, ``village`` or "" where neither says it; index as
        `units`.

    Examples
    --------
    >>> units = pd.DataFrame({"unit_id": ["500154001", "2", "500154001201", "500154001003", "5"],
    ...     "name": ["汉丰街道", "白桥镇", "翠湖", "大进坝社区", "松山里"],
    ...     "level": ["town", "town", "community", "community", "community"]})
    >>> unit_kinds(units).tolist()
    ['street', 'town', 'village', 'community', '']
    """
    columns = (units[name] for name in ("unit_id", "name", "level"))
    kinds = [
        _kind(str(unit), str(name), str(level)) for unit, name, level in zip(*columns, strict=True)
    ]
    return pd.Series(kinds, index=units.index, dtype=object, name="unit_kind")


def _kind(unit_id: str, name: str, level: str) -> str:
    text = normal_place(name)
    for kind, ending in _ENDINGS.get(level, ()):
        if ending.search(text):
            return kind
    code = canonical_code(unit_id)
    if level == "community" and _CODE.fullmatch(code) and int(code[9:]):
        return "community" if int(code[9:]) < _FIRST_VILLAGE else "village"
    return "community" if level == "community" and text.endswith(_MAYBE_COMMUNITY) else ""

"""Urban or rural: what each rule says of a unit, which one decides, who would flip by another.

The rules in their order: the elder's own column; the unit's column; its 城乡分类 code; digits 10
to 12 of its code; the type of town; then what the unit lies in; then the study.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.errors import Problem
from care_map.inputs.findings import LISTED
from care_map.inputs.sources import SourceTable
from care_map.inputs.texts import different_rows
from care_map.inputs.unit_index import UnitIndex, canonical_code
from care_map.schema import SETTING_FLIPS
from care_map.vocabulary import LEVELS, Setting

__all__ = ["RULES", "elder_settings", "list_flips", "setting_flips", "unit_settings"]

RULES = (
    "elder_column",
    "unit_settled",
    "unit_column",
    "class_code",
    "code_digits",
    "town_type",
)
"""Rules in the order in which they are asked; ``unit_settled`` is what the others come to."""

_Flip = tuple[int, str, str, str, int]
"""Place of the unit, rule, what it says, rule that says the opposite, elders."""

_CODE_DIGITS = 12
_FIRST_VILLAGE = 200
_TOWN_SUFFIXES = {"街道": "urban", "镇": "rural", "乡": "rural", "鎮": "rural", "鄉": "rural"}
_CLASSES = {"1": "urban", "2": "rural"}


def unit_settings(
    frame: pd.DataFrame, *, setting: Setting | None, problems: list[Problem]
) -> NDArray[np.object_]:
    """Return the setting of each unit by the rules, else of what it lies in, else the study's.

    Parameters
    ----------
    frame
        Units with ``unit_id, name, level, parent_id`` and, where known, ``setting`` and
        ``urban_rural_code``.
    setting
        The study's own.
    problems
        Gets how many units have none.

    Returns
    -------
    numpy.ndarray
        Codes, "" where nothing tells.
    """
    found = np.full(len(frame), "", dtype=object)
    for rule in _said(frame).values():
        found = np.where(found == "", rule, found)
    index = UnitIndex(gpd.GeoDataFrame(frame.assign(setting=found), geometry="geometry"))
    found = index.settings_of(frame["unit_id"].to_numpy(dtype=object))
    unknown = int(((found == "") & (frame["level"] != LEVELS[0]).to_numpy()).sum())
    if setting:
        return np.where(found == "", setting, found)
    if unknown:
        problems.append(Problem("setting_unknown", severity="info", count=unknown))
    return found


def elder_settings(frame: pd.DataFrame, index: UnitIndex) -> NDArray[np.object_]:
    """Return the setting of each row of demand: its own, else that of its unit."""
    units = frame["unit_id"].to_numpy(dtype=object)
    settings = index.settings_of(units)
    if "setting" not in frame:
        return settings
    own = frame["setting"].to_numpy(dtype=object)
    return np.where(own == "", settings, own)


def _said(frame: pd.DataFrame) -> dict[str, NDArray[np.object_]]:
    """Return what each rule says of the units themselves, "" where it says nothing."""
    ids, names, levels = (frame[name].tolist() for name in ("unit_id", "name", "level"))
    blank = [""] * len(frame)
    given = frame["setting"].tolist() if "setting" in frame else blank
    classes = frame["urban_rural_code"].tolist() if "urban_rural_code" in frame else blank
    said = {
        "unit_column": given,
        "class_code": [_CLASSES.get(code[:1], "") for code in classes],
        "code_digits": [_by_code(*pair) for pair in zip(ids, levels, strict=True)],
        "town_type": [_by_town(*pair) for pair in zip(names, levels, strict=True)],
    }
    return {rule: np.array(words, dtype=object) for rule, words in said.items()}


def _by_code(code: str, level: str) -> str:
    full = canonical_code(code)
    is_code = len(full) == _CODE_DIGITS and full.isascii() and full.isdigit()
    if level != "community" or not is_code or full.endswith("000"):
        return ""
    return "urban" if int(full[9:]) < _FIRST_VILLAGE else "rural"


def _by_town(name: str, level: str) -> str:
    if level != "town":
        return ""
    suffixes = _TOWN_SUFFIXES.items()
    return next((setting for suffix, setting in suffixes if name.strip().endswith(suffix)), "")


def setting_flips(
    tables: Sequence[SourceTable],
    units: gpd.GeoDataFrame,
    demand: gpd.GeoDataFrame,
    *,
    own: bool,
) -> pd.DataFrame:
    """Return for every pair of rules that disagree on a unit how many elders would flip.

    Parameters
    ----------
    tables
        The sources of the units, for the column that `units` has settled.
    units
        The study's units.
    demand
        The study's demand, with the settings in use.
    own
        Whether any list of elders has a setting of its own.

    Returns
    -------
    pandas.DataFrame
        The columns of :data:`care_map.schema.SETTING_FLIPS`: a row per unit and pair of rules.
        ``elders`` are those who have their setting from that unit, be it from above; of the
        elders' own column only those count who say another setting than their unit.
    """
    given = _given(tables)
    frame = pd.DataFrame(units.drop(columns="geometry"))
    ids = frame["unit_id"].to_numpy(dtype=object)
    said = _said(frame.assign(setting=[given.get(unit, "") for unit in ids]))
    decides = np.any([words != "" for words in said.values()], axis=0)
    decider = _inherited(units, np.where(decides, ids, ""))
    said["town_type"] = _inherited(units, said["town_type"])
    pairs = [
        (at, one, said[one][at], other)
        for one, other in combinations(said, 2)
        for at in np.flatnonzero(
            decides & (said[one] != "") & (said[other] != "") & (said[one] != said[other])
        ).tolist()
    ]
    elders = _elders_of(ids, decider, demand) if pairs else np.zeros(0, dtype=np.int64)
    rows = [(*pair, int(elders[pair[0]])) for pair in pairs]
    if own:
        rows += _own_flips(frame, demand)
    rows.sort(key=lambda row: (row[0], RULES.index(row[1]), RULES.index(row[3])))
    at = [row[0] for row in rows]
    columns = ("unit_id", "name", "level", "setting")
    flips = {name: frame[name].to_numpy(dtype=object)[at] for name in columns}
    flips["unit_name"] = flips.pop("name")
    for place, name in enumerate(SETTING_FLIPS.names[4:], start=1):
        flips[name] = np.array([row[place] for row in rows], dtype=object)
    return pd.DataFrame(flips, columns=SETTING_FLIPS.names).astype({"elders": "int64"})


def _given(tables: Sequence[SourceTable]) -> Mapping[str, str]:
    """Return the setting that the units' own column says, by unit."""
    return {
        unit: setting
        for table in tables
        if "setting" in table.frame
        for unit, setting in zip(table.frame["unit_id"], table.frame["setting"], strict=True)
    }


def _inherited(units: gpd.GeoDataFrame, said: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return what is said of each unit, else of the nearest one above it."""
    index = UnitIndex(units.assign(setting=said))
    return index.settings_of(units["unit_id"].to_numpy(dtype=object))


def _elders_of(
    ids: NDArray[np.object_], decider: NDArray[np.object_], demand: gpd.GeoDataFrame
) -> NDArray[np.int64]:
    """Return how many elders have their setting from each unit."""
    decided = dict(zip(ids, decider, strict=True))
    place = {unit: at for at, unit in enumerate(ids)}
    which, words = pd.factorize(demand["unit_id"].to_numpy(dtype=object))
    counted = np.bincount(which, weights=demand["elders"].to_numpy(dtype=float))
    elders = np.zeros(len(ids), dtype=np.int64)
    for unit, count in zip(words, counted, strict=True):
        if decided.get(unit):
            elders[place[decided[unit]]] += round(count)
    return elders


def _own_flips(frame: pd.DataFrame, demand: gpd.GeoDataFrame) -> list[_Flip]:
    """Return the units some of whose elders say another setting than the unit's."""
    place = {unit: at for at, unit in enumerate(frame["unit_id"])}
    settled = frame["setting"].tolist()
    columns = [demand[name].to_numpy(dtype=object) for name in ("unit_id", "setting")]
    pairs, which = different_rows(columns)
    counted = np.bincount(which, weights=demand["elders"].to_numpy(dtype=float))
    return [
        (place[unit], "elder_column", own, "unit_settled", round(elders))
        for (unit, own), elders in zip(pairs, counted, strict=True)
        if own and unit in place and settled[place[unit]] not in ("", own)
    ]


def list_flips(flips: pd.DataFrame, problems: list[Problem]) -> None:
    """State each flip, and for each pair of rules how many elders it concerns.

    Parameters
    ----------
    flips
        As :func:`setting_flips` makes it.
    problems
        Gets a finding per row; past a limit the rest stands in the sum of its pair only.
    """
    for pair, part in flips.groupby(["rule", "other_rule"], sort=False):
        rules = dict(zip(("rule", "other_rule"), pair, strict=True))
        values = {**rules, "units": len(part)}
        count = int(part["elders"].sum())
        problems.append(Problem("settings_differ", "info", values=values, count=count))
        for row in part.head(LISTED).to_dict("records"):
            values = {**rules, "name": row["unit_name"], "setting": row["rule_setting"]}
            code = str(row["unit_id"])
            found = Problem("setting_differs", "info", value=code, values=values)
            problems.append(replace(found, count=int(row["elders"])))

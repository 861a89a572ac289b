"""Access of every demand point → coverage by unit, setting and group.

covered + uncovered + undetermined = elders in every row; the rate is a range.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.schema import COVERAGE_BY_UNIT, FACILITY_LOAD
from care_map.vocabulary import LEVELS

__all__ = ["ALL", "NONE", "coverage_by_unit", "facility_load", "unit_at_levels"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ALL = "all"
"""Unit id and level of the row of the whole study, setting and group of all elders."""
NONE = "none"
"""Unit id of the row of elders who are in no unit of a level."""


def unit_at_levels(units: pd.DataFrame) -> pd.DataFrame:
    """Return for each unit the unit of each level that it is or lies in.

    Parameters
    ----------
    units
        ``unit_id, level, parent_id``.

    Returns
    -------
    DataFrame indexed by unit id with a column per level, empty text where there is none.
    """
    level = dict(zip(units["unit_id"], units["level"], strict=True))
    parent = dict(zip(units["unit_id"], units["parent_id"], strict=True))
    rows: dict[str, dict[str, str]] = {}
    for unit_id in level:
        row: dict[str, str] = dict.fromkeys(LEVELS, "")
        here, steps = unit_id, 0
        # A loop of parents in a user's table must not hang.
        while here in level and steps < len(LEVELS):
            row[level[here]] = row[level[here]] or here
            here, steps = parent[here], steps + 1
        rows[unit_id] = row
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(LEVELS), dtype=object)


def coverage_by_unit(
    access: pd.DataFrame,
    demand: pd.DataFrame,
    units: pd.DataFrame,
    *,
    name: str,
    circles: Sequence[tuple[str, str]] | None = None,
) -> pd.DataFrame:
    """Sum the access table by unit, setting, circle, profile and group.

    Parameters
    ----------
    access
        Columns of :data:`care_map.schema.ACCESS`; ``profile`` is the variant's.
    demand
        ``demand_id, groups`` (groups joined with ``;``).
    units
        ``unit_id, name, level, parent_id``.
    name
        Name of the row of the whole study.
    circles
        Circle and profile of what is summed, also where it has no elder (a circle for the
        country in a district without any); those of the access table without it.

    Returns
    -------
    DataFrame with the columns of :data:`care_map.schema.COVERAGE_BY_UNIT`.
    """
    levels = _levels(units, name)
    listed = access.groupby(["circle", "profile"], sort=False)
    rows_of = {(str(circle), str(profile)): rows for (circle, profile), rows in listed}
    none = access.iloc[:0]
    parts = [
        part.assign(circle=circle, profile=profile)
        for circle, profile in (rows_of if circles is None else circles)
        for part in _sums_by_level(_members(rows_of.get((circle, profile), none), demand), levels)
    ]
    if not parts:
        return _typed(pd.DataFrame(columns=COVERAGE_BY_UNIT.names))
    return _typed(pd.concat(parts, ignore_index=True)[COVERAGE_BY_UNIT.names])


def facility_load(access: pd.DataFrame, facilities: pd.DataFrame) -> pd.DataFrame:
    """Count for each facility the elders inside a circle whose nearest it is.

    Parameters
    ----------
    access
        Columns of :data:`care_map.schema.ACCESS`.
    facilities
        ``facility_id, name, roles, unit_id``.

    Returns
    -------
    DataFrame with the columns of :data:`care_map.schema.FACILITY_LOAD`.
    """
    inside = access[(access["status"] == "covered") & (access["facility_id"] != "")]
    keys = ["facility_id", "circle", "profile"]
    load = inside.groupby(keys, sort=True)["elders"].sum().rename("elders_nearest").reset_index()
    cards = facilities[["facility_id", "name", "roles", "unit_id"]]
    cards = cards.rename(columns={"name": "facility_name"})
    return pd.DataFrame(load.merge(cards, on="facility_id", how="left"))[FACILITY_LOAD.names]


@dataclass(frozen=True, slots=True)
class _Level:
    """One level that coverage is summed to: its units, and which of them a lowest unit is in."""

    name: str
    units: pd.DataFrame
    of_unit: Mapping[str, str]


def _levels(units: pd.DataFrame, name: str) -> list[_Level]:
    ancestors = unit_at_levels(units)
    whole = pd.DataFrame({"unit_id": [ALL], "unit_name": [name]})
    levels = [_Level(ALL, whole, {})]
    for level in LEVELS:
        own = units.loc[units["level"] == level, ["unit_id", "name"]]
        if len(own):
            table = own.rename(columns={"name": "unit_name"}).reset_index(drop=True)
            levels.append(_Level(level, table, dict(ancestors[level])))
    return levels


@dataclass(frozen=True, slots=True)
class _Members:
    """Rows of one circle and profile, repeated for every group and setting they count in.

    ``part`` tells which combination of `groups` and `settings` a repetition belongs to.
    """

    groups: list[str]
    settings: list[str]
    part: Ints
    unit_id: NDArray[np.object_]
    elders: Ints
    status: NDArray[np.object_]
    minutes: Floats
    any_district: NDArray[np.bool_]


def _members(rows: pd.DataFrame, demand: pd.DataFrame) -> _Members:
    words = demand.set_index("demand_id")["groups"].reindex(rows["demand_id"])
    lists = [set(cell.split(";")) - {""} for cell in words]
    groups = [ALL, *sorted(set().union(*lists))]
    setting = rows["setting"].to_numpy(dtype=object)
    settings = [ALL, *sorted(set(setting) - {""})]
    every = np.arange(len(rows))
    row, part = [], []
    for g, group in enumerate(groups):
        mine = every if group == ALL else every[[group in one for one in lists]]
        for s, word in enumerate(settings):
            some = mine if word == ALL else mine[setting[mine] == word]
            row.append(some)
            part.append(np.full(len(some), g * len(settings) + s))
    at = np.concatenate(row)
    minutes = rows["minutes"].to_numpy(dtype=float)
    return _Members(
        groups=groups,
        settings=settings,
        part=np.concatenate(part),
        unit_id=rows["unit_id"].to_numpy(dtype=object)[at],
        elders=rows["elders"].to_numpy(dtype=np.int64)[at],
        status=rows["status"].to_numpy(dtype=object)[at],
        minutes=np.where(np.isnan(minutes), np.inf, minutes)[at],
        any_district=rows["covered_any_district"].to_numpy(dtype=bool)[at],
    )


def _sums_by_level(members: _Members, levels: list[_Level]) -> Iterator[pd.DataFrame]:
    """Yield a table per level: a row per unit, setting and group that has elders.

    Every unit has its row of all settings and all elders, even without an elder.
    """
    for level in levels:
        places = pd.concat(
            [level.units, pd.DataFrame({"unit_id": [NONE], "unit_name": [""]})], ignore_index=True
        )
        place = _place(members, level)
        size = len(places) * len(members.groups) * len(members.settings)
        sums = _sums(members, members.part * len(places) + place, size)
        part = np.repeat(np.arange(size // len(places)), len(places))
        group, setting = np.divmod(part, len(members.settings))
        table = pd.concat([places] * (size // len(places)), ignore_index=True)
        table = table.assign(
            level=level.name,
            group=np.array(members.groups, dtype=object)[group],
            setting=np.array(members.settings, dtype=object)[setting],
            **sums,
        )
        always = (part == 0) & (table["unit_id"] != NONE)
        yield table[always | (table["elders"] > 0)]


def _place(members: _Members, level: _Level) -> Ints:
    """Return the row of each member's unit of a level, the last row for those in none."""
    if level.name == ALL:
        return np.zeros(len(members.part), np.int64)
    number = {unit_id: row for row, unit_id in enumerate(level.units["unit_id"])}
    outside = len(number)
    of_unit = {unit_id: number.get(own, outside) for unit_id, own in level.of_unit.items()}
    return np.array([of_unit.get(unit_id, outside) for unit_id in members.unit_id], np.int64)


def _sums(members: _Members, code: Ints, size: int) -> dict[str, NDArray[np.generic]]:
    elders, status = members.elders, members.status

    def total(keep: NDArray[np.bool_]) -> Ints:
        return np.bincount(code[keep], weights=elders[keep], minlength=size).astype(np.int64)

    everyone = total(np.ones(len(code), bool))
    covered, undetermined = total(status == "covered"), total(status == "undetermined")
    with np.errstate(invalid="ignore", divide="ignore"):
        low = np.where(everyone > 0, covered / everyone, np.nan)
        high = np.where(everyone > 0, (covered + undetermined) / everyone, np.nan)
    known = status != "undetermined"
    median, p90 = _weighted_quantiles(
        code[known], members.minutes[known], elders[known], shares=(0.5, 0.9), size=size
    )
    return {
        "elders": everyone,
        "covered": covered,
        "uncovered": everyone - covered - undetermined,
        "undetermined": undetermined,
        "rate_low": low,
        "rate_high": high,
        "median_minutes": median,
        "p90_minutes": p90,
        "covered_any_district": total(members.any_district),
    }


def _weighted_quantiles(
    code: Ints, value: Floats, weight: Ints, *, shares: tuple[float, ...], size: int
) -> list[Floats]:
    """Return the smallest value that reaches each share of the weight, per code.

    NaN where a code has no weight, and where the value is infinite: there is no such minute.
    """
    keep = weight > 0
    code, value, weight = code[keep], value[keep], weight[keep]
    order = np.lexsort((value, code))
    code, value, weight = code[order], value[order], weight[order]
    total = np.bincount(code, weights=weight, minlength=size)
    running = np.cumsum(weight) - np.concatenate([[0.0], np.cumsum(total)])[code]
    results = []
    for share in shares:
        reached = running >= share * total[code] - 1e-9
        first = np.flatnonzero(reached & ~_same_as_before(code, reached))
        result = np.full(size, np.nan)
        result[code[first]] = value[first]
        results.append(np.where(np.isinf(result), np.nan, result))
    return results


def _same_as_before(code: Ints, reached: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell where the row before belongs to the same code and has reached the share already."""
    before = np.zeros(len(code), bool)
    before[1:] = (code[1:] == code[:-1]) & reached[:-1]
    return before


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    kinds = {"integer": "int64", "number": "float64", "text": "object"}
    return table.astype({c.name: kinds[c.kind] for c in COVERAGE_BY_UNIT.columns})

"""Access of every demand point → coverage by unit, setting and group.

covered + uncovered + undetermined = elders in every row; the rate is a range.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.schema import COVERAGE_BY_UNIT, FACILITY_LOAD
from care_map.vocabulary import LEVELS

__all__ = [
    "ALL",
    "NONE",
    "UnitLevel",
    "coverage_by_unit",
    "facility_load",
    "unit_at_levels",
    "unit_levels",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

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
    path_completeness: Mapping[str, Mapping[str, float]] | None = None,
) -> pd.DataFrame:
    """Sum the access table by unit, setting, circle, profile and group.

    Parameters
    ----------
    access
        Columns of :data:`care_map.schema.ACCESS`; ``profile`` is the variant's. A column ``row``
        tells the row of `demand`, else its id does.
    demand
        ``demand_id, groups`` (groups joined with ``;``); where it has ``counted_unit_id``, units
        inside those units have no row: their elders are counted together only.
    units
        ``unit_id, name, level, parent_id``.
    name
        Name of the row of the whole study.
    circles
        Circle and profile of what is summed, also where it has no elder (a circle for the
        country in a district without any); those of the access table without it.
    path_completeness
        By profile, the score of each unit id, :data:`ALL` for the whole study; NaN elsewhere.

    Returns
    -------
    DataFrame with the columns of :data:`care_map.schema.COVERAGE_BY_UNIT`.
    """
    levels = unit_levels(demand, units, name=name)
    rows_of = _rows_by(access, ("circle", "profile"))
    numbers = _numbers(access, demand)
    none = np.zeros(0, dtype=np.int64)
    scores = path_completeness or {}
    parts = [
        part.assign(
            circle=circle,
            profile=profile,
            path_completeness=part["unit_id"].map(dict(scores.get(profile, {}))),
        )
        for circle, profile in (rows_of if circles is None else circles)
        for part in _sums_by_level(_members(numbers, rows_of.get((circle, profile), none)), levels)
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
class UnitLevel:
    """One level that coverage is summed to: its units, and which of them a lowest unit is in."""

    name: str
    units: pd.DataFrame
    of_unit: Mapping[str, str]

    @property
    def places(self) -> pd.DataFrame:
        """``unit_id, unit_name`` of its units, and a last row for those in none of them."""
        none = pd.DataFrame({"unit_id": [NONE], "unit_name": [""]})
        return pd.concat([self.units, none], ignore_index=True)

    def place(self, unit_ids: Sequence[str]) -> Ints:
        """Return the row of `places` that each of some lowest units is in."""
        number = {unit_id: row for row, unit_id in enumerate(self.units["unit_id"])}
        outside = 0 if self.name == ALL else len(number)
        own = [number.get(self.of_unit.get(unit_id, ""), outside) for unit_id in unit_ids]
        return np.array(own, dtype=np.int64)


def _counted(demand: pd.DataFrame) -> set[str]:
    """Return the units that numbers of elders were counted for."""
    if "counted_unit_id" not in demand:
        return set()
    return set(demand["counted_unit_id"].unique()) - {""}


def unit_levels(demand: pd.DataFrame, units: pd.DataFrame, *, name: str) -> list[UnitLevel]:
    """Return the levels that figures are summed to, the whole study first.

    Parameters
    ----------
    demand
        Units that numbers of elders were counted for (``counted_unit_id``) have no parts here.
    units
        ``unit_id, name, level, parent_id``.
    name
        Name of the whole study.
    """
    counted = _counted(demand)
    ancestors = unit_at_levels(units)
    for above, level in enumerate(LEVELS[1:], start=1):
        inside = ancestors[list(LEVELS[:above])].isin(counted).any(axis=1)
        ancestors.loc[inside, level] = ""
    whole = pd.DataFrame({"unit_id": [ALL], "unit_name": [name]})
    levels = [UnitLevel(ALL, whole, {})]
    for level in LEVELS:
        rated = set(ancestors[level])
        own = units.loc[
            (units["level"] == level) & units["unit_id"].isin(rated), ["unit_id", "name"]
        ]
        if len(own):
            table = own.rename(columns={"name": "unit_name"}).reset_index(drop=True)
            levels.append(UnitLevel(level, table, dict(ancestors[level])))
    return levels


def _rows_by(table: pd.DataFrame, keys: tuple[str, str]) -> dict[tuple[str, str], Ints]:
    """Return the rows of each combination of two columns."""
    (one, ones), (two, twos) = (pd.factorize(table[key]) for key in keys)
    both, found = pd.factorize(one * len(twos) + two)
    names = [(str(ones[code // len(twos)]), str(twos[code % len(twos)])) for code in found.tolist()]
    return {name: np.flatnonzero(both == at) for at, name in enumerate(names)}


@dataclass(frozen=True, slots=True)
class _Members:
    """Rows of one circle and profile, and which of them each group and setting has.

    Parameters
    ----------
    groups, settings
        Words, the first one standing for all.
    parts
        For each group and, within it, each setting: its rows among those here.
    units
        Ids of the units that occur.
    unit
        ``(n,)`` which of `units` each row is in.
    elders, covered, undetermined, minutes, any_district
        ``(n,)`` what is summed; minutes are inf where nothing is reached, and ascend.
    """

    groups: list[str]
    settings: list[str]
    parts: list[Ints]
    units: list[str]
    unit: Ints
    elders: Ints
    covered: Bools
    undetermined: Bools
    minutes: Floats
    any_district: Bools


class _Numbers(NamedTuple):
    """The access table as numbers, made once for all circles: words are codes into a list."""

    cell: Ints
    cells: list[str]
    word: Ints
    words: NDArray[np.object_]
    unit: Ints
    units: list[str]
    elders: Ints
    covered: Bools
    undetermined: Bools
    minutes: Floats
    any_district: Bools


def _numbers(access: pd.DataFrame, demand: pd.DataFrame) -> _Numbers:
    cell, cells = pd.factorize(demand["groups"].to_numpy(dtype=object))
    row = (
        access["row"].to_numpy(dtype=np.int64)
        if "row" in access
        else pd.Index(demand["demand_id"]).get_indexer(pd.Index(access["demand_id"]))
    )
    word, words = pd.factorize(access["setting"])
    unit, units = pd.factorize(access["unit_id"])
    return _Numbers(
        # Who is not in the demand is in no group: the last cell.
        cell=np.append(cell, len(cells)).astype(np.int64)[row],
        cells=[*map(str, cells), ""],
        word=word.astype(np.int64),
        words=np.asarray(words, dtype=object),
        unit=unit.astype(np.int64),
        units=list(units),
        elders=access["elders"].to_numpy(dtype=np.int64),
        covered=(access["status"] == "covered").to_numpy(dtype=bool),
        undetermined=(access["status"] == "undetermined").to_numpy(dtype=bool),
        minutes=access["minutes"].to_numpy(dtype=float),
        any_district=access["covered_any_district"].to_numpy(dtype=bool),
    )


def _members(numbers: _Numbers, rows: Ints) -> _Members:
    # Once for all groups, settings and levels: medians need them in this order.
    rows = rows[np.argsort(numbers.minutes[rows], kind="stable")]
    words = numbers.words
    # Taken in the new order as numbers: objects lie anywhere in memory.
    cell, word, minutes = numbers.cell[rows], numbers.word[rows], numbers.minutes[rows]
    of_cell = [set(cells.split(";")) - {""} for cells in numbers.cells]
    groups = [ALL, *sorted(set().union(*of_cell))]
    settings = [ALL, *sorted(set(words) - {""})]
    every = np.arange(len(rows))
    of_group = [
        every if group == ALL else np.flatnonzero(_holds(of_cell, group)[cell]) for group in groups
    ]
    return _Members(
        groups=groups,
        settings=settings,
        parts=[
            mine if setting == ALL else mine[(words == setting)[word[mine]]]
            for mine in of_group
            for setting in settings
        ],
        units=numbers.units,
        unit=numbers.unit[rows],
        elders=numbers.elders[rows],
        covered=numbers.covered[rows],
        undetermined=numbers.undetermined[rows],
        minutes=np.where(np.isnan(minutes), np.inf, minutes),
        any_district=numbers.any_district[rows],
    )


def _holds(cells: list[set[str]], group: str) -> Bools:
    return np.array([group in cell for cell in cells], dtype=bool)


def _sums_by_level(members: _Members, levels: list[UnitLevel]) -> Iterator[pd.DataFrame]:
    """Yield a table per level: a row per unit, setting and group that has elders.

    Every unit has its row of all settings and all elders, even without an elder.
    """
    for level in levels:
        places = level.places
        place = level.place(members.units)[members.unit]
        figures = [_sums(members, rows, place[rows], len(places)) for rows in members.parts]
        sums = {name: np.concatenate([part[name] for part in figures]) for name in figures[0]}
        part = np.repeat(np.arange(len(figures)), len(places))
        group, setting = np.divmod(part, len(members.settings))
        table = pd.concat([places] * len(figures), ignore_index=True)
        table = table.assign(
            level=level.name,
            group=np.array(members.groups, dtype=object)[group],
            setting=np.array(members.settings, dtype=object)[setting],
            **sums,
        )
        always = (part == 0) & (table["unit_id"] != NONE)
        yield table[always | (table["elders"] > 0)]


def _sums(members: _Members, rows: Ints, place: Ints, size: int) -> dict[str, NDArray[np.generic]]:
    """Sum some rows by place."""
    elders = members.elders[rows]

    def total(keep: Bools) -> Ints:
        return np.bincount(place, weights=np.where(keep, elders, 0), minlength=size).astype(
            np.int64
        )

    everyone = total(np.ones(len(rows), bool))
    covered, undetermined = total(members.covered[rows]), total(members.undetermined[rows])
    with np.errstate(invalid="ignore", divide="ignore"):
        low = np.where(everyone > 0, covered / everyone, np.nan)
        high = np.where(everyone > 0, (covered + undetermined) / everyone, np.nan)
    known = ~members.undetermined[rows]
    median, p90 = _weighted_quantiles(
        place[known], members.minutes[rows][known], elders[known], shares=(0.5, 0.9), size=size
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
        "covered_any_district": total(members.any_district[rows]),
    }


def _weighted_quantiles(
    code: Ints, value: Floats, weight: Ints, *, shares: tuple[float, ...], size: int
) -> list[Floats]:
    """Return the smallest value that reaches each share of the weight, per code.

    Values must ascend, so that one stable sort of small numbers is all there is to do.
    NaN where a code has no weight, and where the value is infinite: there is no such minute.
    """
    keep = weight > 0
    code, value, weight = code[keep], value[keep], weight[keep]
    order = np.argsort(code.astype(np.min_scalar_type(size)), kind="stable")
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

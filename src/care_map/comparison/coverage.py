"""Coverage before and after by unit, circle, profile and group."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from care_map.accessibility.coverage import ALL
from care_map.comparison.lots import Lots
from care_map.comparison.sides import Side
from care_map.schema import COMPARED_COVERAGE

__all__ = ["compared_coverage", "profile_pairs"]

_KEYS = ["lot", "level", "setting", "circle", "reading", "group"]
_COUNTS = ["elders", "covered", "uncovered", "undetermined"]
_FIGURES = (*_COUNTS, "rate_low", "rate_high", "median_minutes")
Pairs = Mapping[str, Sequence[tuple[str | None, str | None]]]


def profile_pairs(before: Side, after: Side) -> Pairs:
    """Return by circle the profiles of both sides that are compared; None where one has none.

    The same profiles go together, and those that are left in their order: the official one first.
    """
    listed = [_profiles(side.coverage) for side in (before, after)]
    return {
        circle: list(_paired(listed[0].get(circle, []), listed[1].get(circle, [])))
        for circle in dict.fromkeys([*listed[1], *listed[0]])
    }


def _profiles(coverage: pd.DataFrame) -> dict[str, list[str]]:
    pairs = coverage[["circle", "profile"]].drop_duplicates()
    found: dict[str, list[str]] = {}
    for circle, profile in zip(pairs["circle"], pairs["profile"], strict=True):
        found.setdefault(str(circle), []).append(str(profile))
    return found


def _paired(before: list[str], after: list[str]) -> list[tuple[str | None, str | None]]:
    only_before = [name for name in before if name not in after]
    only_after = [name for name in after if name not in before]
    partner = dict(zip(only_after, only_before, strict=False))
    pairs: list[tuple[str | None, str | None]] = [
        (name if name in before else partner.get(name), name) for name in after
    ]
    return [*pairs, *((name, None) for name in only_before[len(only_after) :])]


def compared_coverage(before: Side, after: Side, lots: Lots, pairs: Pairs) -> pd.DataFrame:
    """Set the coverage tables of two runs side by side.

    Parameters
    ----------
    before, after
        The runs.
    lots
        Their units.
    pairs
        Profiles that are compared: :func:`profile_pairs`.

    Returns
    -------
    DataFrame with the columns of :data:`care_map.schema.COMPARED_COVERAGE`.
    """
    sides = [_summed(side, number, lots, pairs) for number, side in enumerate((before, after))]
    both = sides[0].add_suffix("_before").join(sides[1].add_suffix("_after"), how="outer")
    both = both.reset_index()
    _fill(both, pairs)
    for name in _FIGURES:
        both[f"{name}_more"] = both[f"{name}_after"] - both[f"{name}_before"]
    readings = [
        pairs[circle][int(at)] for circle, at in zip(both["circle"], both["reading"], strict=True)
    ]
    units = [lots.units[lot] for lot in both["lot"]]
    table = both.assign(
        units_before=[";".join(one) for one, _ in units],
        units_after=[";".join(two) for _, two in units],
        unit_name=_names(both, after, before, lots),
        profile_before=[one or "" for one, _ in readings],
        profile_after=[two or "" for _, two in readings],
    )
    keys = ["circle_order", "reading", "order", "group_order"]
    table = table.sort_values(keys, kind="stable")
    whole = {f"{name}_{side}": "Int64" for name in _COUNTS for side in ("before", "after", "more")}
    return table[COMPARED_COVERAGE.names].astype(whole).reset_index(drop=True)


def _summed(side: Side, number: int, lots: Lots, pairs: Pairs) -> pd.DataFrame:
    """Return the counts of a side by lot; rates of the sums, the median of a single unit."""
    table = side.coverage
    reading = {
        (circle, pair[number]): at
        for circle, listed in pairs.items()
        for at, pair in enumerate(listed)
    }
    keyed = table.assign(
        lot=lots.numbers(number, table["unit_id"]),
        reading=[reading[pair] for pair in zip(table["circle"], table["profile"], strict=True)],
    )
    groups = keyed.groupby(_KEYS, sort=False)
    sums = groups[_COUNTS].sum()
    elders = sums["elders"].to_numpy(dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        sums["rate_low"] = np.where(elders > 0, sums["covered"] / elders, np.nan)
        reached = sums["covered"] + sums["undetermined"]
        sums["rate_high"] = np.where(elders > 0, reached / elders, np.nan)
    single = groups.size() == 1
    sums["median_minutes"] = groups["median_minutes"].first().where(single)
    return sums


def _fill(both: pd.DataFrame, pairs: Pairs) -> None:
    """Put 0 for who is not there on a side that has the circle: nobody is a number."""
    for number, side in enumerate(("before", "after")):
        known = np.array(
            [
                pairs[circle][int(at)][number] is not None
                for circle, at in zip(both["circle"], both["reading"], strict=True)
            ],
            dtype=bool,
        )
        for name in _COUNTS:
            cells = both[f"{name}_{side}"]
            both[f"{name}_{side}"] = cells.where(cells.notna() | ~known, 0.0)
    order = {level: at for at, level in enumerate((ALL, "district", "town", "community"))}
    both["circle_order"] = both["circle"].map({circle: at for at, circle in enumerate(pairs)})
    both["group_order"] = pd.factorize(both["group"].where(both["group"] != ALL, ""), sort=True)[0]
    settings = {ALL: 0, "urban": 1, "rural": 2}
    both["order"] = [
        order.get(str(level), 9) * 10_000_000 + int(lot) * 10 + settings.get(str(setting), 3)
        for level, lot, setting in zip(both["level"], both["lot"], both["setting"], strict=True)
    ]


def _names(both: pd.DataFrame, after: Side, before: Side, lots: Lots) -> list[str]:
    """Return names of lots as the runs' tables have them."""
    said: dict[str, str] = {}
    for side in (before, after):
        said |= dict(zip(side.coverage["unit_id"], side.coverage["unit_name"], strict=True))
    return [said.get(lots.names[lot], lots.names[lot]) for lot in both["lot"]]

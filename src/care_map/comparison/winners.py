"""Who wins and who loses: each elder followed by id, else the difference of counts."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.accessibility.coverage import ALL, NONE, unit_at_levels
from care_map.comparison.coverage import Pairs
from care_map.comparison.lots import Lots
from care_map.comparison.sides import Side
from care_map.schema import WINNERS

__all__ = ["Followed", "follow", "winners"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_SAME_SHARE = 0.9
"""Share of the elders whose ids must be on both sides, and of these in the same unit, so that an id
is taken for the same elders (default): numbers of rows are ids too where a list has none."""
_LEVELS = ("district", "town", "community")


@dataclass(frozen=True, slots=True)
class Followed:
    """Elders of whom something has changed, of one circle and pair of profiles.

    Parameters
    ----------
    demand_id
        ``(n,)`` ids.
    gained, lost
        ``(n,)`` elders covered more, and fewer, than before.
    came, left
        ``(n,)`` elders more, and fewer.
    unit, side
        ``(n,)`` lowest unit of each, and whose unit it is: 1 that of after, 0 that of before.
    """

    demand_id: NDArray[np.object_]
    gained: Ints
    lost: Ints
    came: Ints
    left: Ints
    unit: NDArray[np.object_]
    side: Ints


def follow(before: Side, after: Side, lots: Lots, pairs: Pairs) -> dict[str, Followed] | None:
    """Return who is covered more and fewer by ``circle|reading``; None where ids do not match.

    Parameters
    ----------
    before, after
        The runs.
    lots
        Their units.
    pairs
        Profiles that are compared.
    """
    if not _same_elders(before, after, lots):
        return None
    found: dict[str, Followed] = {}
    for circle, listed in pairs.items():
        for at, (one, two) in enumerate(listed):
            if one is not None and two is not None:
                found[f"{circle}|{at}"] = _followed(
                    _rows(before, circle, one), _rows(after, circle, two)
                )
    return found


def _rows(side: Side, circle: str, profile: str) -> pd.DataFrame:
    access = side.access
    mine = access[(access["circle"] == circle) & (access["profile"] == profile)]
    elders = mine["elders"].fillna(0).to_numpy(dtype=np.int64)
    covered = np.where((mine["status"] == "covered").to_numpy(dtype=bool), elders, 0)
    columns = {"elders": elders, "covered": covered, "unit": mine["unit_id"].to_numpy(object)}
    return pd.DataFrame(columns, index=pd.Index(mine["demand_id"].astype(str), name="demand_id"))


def _same_elders(before: Side, after: Side, lots: Lots) -> bool:
    tables = []
    for side in (before, after):
        rows = side.access[["demand_id", "unit_id", "elders"]].drop_duplicates(
            ["demand_id", "unit_id"]
        )
        if rows.empty or rows["demand_id"].duplicated().any():
            return False
        tables.append(rows.set_index("demand_id"))
    both = tables[0].add_suffix("_0").join(tables[1].add_suffix("_1"), how="inner")
    if both.empty:
        return False
    here = np.array(lots.numbers(0, both["unit_id_0"])) == np.array(
        lots.numbers(1, both["unit_id_1"])
    )
    total = min(len(tables[0]), len(tables[1]))
    return len(both) >= _SAME_SHARE * total and here.mean() >= _SAME_SHARE


def _followed(before: pd.DataFrame, after: pd.DataFrame) -> Followed:
    both = before.add_suffix("_0").join(after.add_suffix("_1"), how="outer")
    numbers = {
        name: both[name].fillna(0).to_numpy(dtype=np.int64)
        for name in ("elders_0", "elders_1", "covered_0", "covered_1")
    }
    more = numbers["covered_1"] - numbers["covered_0"]
    grown = numbers["elders_1"] - numbers["elders_0"]
    changed = np.flatnonzero((more != 0) | (grown != 0))
    more, grown, both = more[changed], grown[changed], both.iloc[changed]
    there = both["unit_1"].notna().to_numpy(dtype=bool)
    return Followed(
        demand_id=both.index.to_numpy(dtype=object),
        gained=np.maximum(more, 0),
        lost=np.maximum(-more, 0),
        came=np.maximum(grown, 0),
        left=np.maximum(-grown, 0),
        unit=both["unit_1"].where(there, both["unit_0"]).to_numpy(dtype=object),
        side=there.astype(np.int64),
    )


def winners(
    before: Side,
    after: Side,
    lots: Lots,
    pairs: Pairs,
    *,
    coverage: pd.DataFrame,
    followed: Mapping[str, Followed] | None,
) -> pd.DataFrame:
    """Count who wins and who loses by town and group.

    Parameters
    ----------
    before, after
        The runs.
    lots
        Their units.
    pairs
        Profiles that are compared.
    coverage
        :data:`care_map.schema.COMPARED_COVERAGE`.
    followed
        Of :func:`follow`.

    Returns
    -------
    DataFrame with the columns of :data:`care_map.schema.WINNERS`, the whole study first.
    """
    rows = (
        _net_rows(coverage)
        if followed is None
        else _followed_rows(before, after, lots, pairs, followed)
    )
    table = pd.DataFrame(rows, columns=WINNERS.names)
    counts = ("newly_covered", "newly_uncovered", "net", "came", "left")
    return table.astype(dict.fromkeys(counts, "Int64"))


def _followed_rows(
    before: Side,
    after: Side,
    lots: Lots,
    pairs: Pairs,
    followed: Mapping[str, Followed],
) -> Iterator[dict[str, object]]:
    groups = _groups(before, after)
    above = [unit_at_levels(side.units).to_dict() for side in (before, after)]
    names = {ALL: after.study}
    for key, part in followed.items():
        circle, _, at = key.rpartition("|")
        one, two = pairs[circle][int(at)]
        reading = {"circle": circle, "profile_before": one or "", "profile_after": two or ""}
        towns = {level: _lots_at(part, above, lots, level) for level in _LEVELS}
        for group, members in groups.items():
            inside = _inside(part, members)
            sums = _sums(part, inside)
            head = {"units_before": ALL, "units_after": ALL, "unit_name": names[ALL], "level": ALL}
            yield {**head, "setting": ALL, **reading, "group": group, **sums, "basis": "elders"}
            if not any(sums.values()):
                continue
            for level, place in towns.items():
                if level == "district" and len(np.unique(place)) <= 1:
                    continue  # one district is the whole study
                for lot in np.unique(place[inside]).tolist():
                    told = {"group": group, **_sums(part, inside & (place == lot))}
                    yield {**_unit(lots, lot, level), **reading, **told, "basis": "elders"}


def _unit(lots: Lots, lot: int, level: str) -> dict[str, object]:
    before, after = ((NONE,), (NONE,)) if lot < 0 else lots.units[lot]
    return {
        "units_before": ";".join(before),
        "units_after": ";".join(after),
        "unit_name": NONE if lot < 0 else lots.names[lot],
        "level": level,
        "setting": ALL,
    }


def _lots_at(part: Followed, above: list[dict[Hashable, Any]], lots: Lots, level: str) -> Ints:
    """Return the lot of the unit of a level that each row lies in, -1 for none."""
    of: dict[tuple[int, str], int] = {}
    found = np.full(len(part.unit), -1, dtype=np.int64)
    for row, (side, unit) in enumerate(zip(part.side.tolist(), part.unit, strict=True)):
        key = (side, str(unit))
        if key not in of:
            town = above[side].get(level, {}).get(key[1], "")
            of[key] = lots.of.get((side, town), -1) if town else -1
        found[row] = of[key]
    return found


def _groups(before: Side, after: Side) -> dict[str, frozenset[str] | None]:
    """Return who is in each group; None is everybody."""
    found: dict[str, frozenset[str] | None] = {ALL: None}
    listed = pd.concat([side.coverage["group"] for side in (after, before)]).drop_duplicates()
    members: dict[str, set[str]] = {str(name): set() for name in listed if name != ALL}
    for side in (before, after):
        if "groups" not in side.demand:
            continue
        ids = side.demand["demand_id"].astype(str)
        for person, cell in zip(ids, side.demand["groups"].astype(str), strict=True):
            for group in cell.split(";") if cell else ():
                if group in members:
                    members[group].add(person)
    return found | {name: frozenset(who) for name, who in members.items() if who}


def _inside(part: Followed, members: frozenset[str] | None) -> Bools:
    if members is None:
        return np.ones(len(part.demand_id), dtype=bool)
    return np.array([one in members for one in part.demand_id], dtype=bool)


def _sums(part: Followed, inside: Bools) -> dict[str, object]:
    gained, lost = int(part.gained[inside].sum()), int(part.lost[inside].sum())
    return {
        "newly_covered": gained,
        "newly_uncovered": lost,
        "net": gained - lost,
        "came": int(part.came[inside].sum()),
        "left": int(part.left[inside].sum()),
    }


def _net_rows(coverage: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Yield differences of counts: of the whole study the sums of its towns'."""
    table = coverage[coverage["setting"] == ALL]
    table = table[table["covered_more"].notna()]
    keys = ["circle", "profile_before", "profile_after", "group"]
    for key, rows in table.groupby(keys, sort=False):
        reading = dict(zip(keys, key, strict=True))
        parts = rows[rows["level"] == "town"]
        whole = rows[rows["level"] == ALL]
        told = [_net(row) for row in (parts if len(parts) else whole).to_dict("records")]
        for row in whole.to_dict("records"):
            sums = {
                name: sum(int(str(one[name])) for one in told)
                for name in ("newly_covered", "newly_uncovered", "came", "left")
            }
            net = sums["newly_covered"] - sums["newly_uncovered"]
            yield {**_place(row), **reading, **sums, "net": net, "basis": "net"}
        for row, one in zip(parts.to_dict("records"), told, strict=False):
            yield {**_place(row), **reading, **one, "basis": "net"}


def _net(row: Mapping[Any, Any]) -> dict[str, object]:
    more, grown = int(str(row["covered_more"])), int(str(row["elders_more"]))
    return {
        "newly_covered": max(more, 0),
        "newly_uncovered": max(-more, 0),
        "net": more,
        "came": max(grown, 0),
        "left": max(-grown, 0),
    }


def _place(row: Mapping[Any, Any]) -> dict[str, object]:
    return {
        name: row[name] for name in ("units_before", "units_after", "unit_name", "level", "setting")
    }

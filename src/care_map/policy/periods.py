"""Two periods set side by side: what became of each clause and of each town's ledger.

Where units were renamed, merged or split in between, those that a crosswalk binds together are one
row: their counts are summed on both sides, nothing is divided.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from care_map.accessibility.coverage import ALL, NONE
from care_map.messages import Catalogue, catalogue
from care_map.policy.ledger_totals import unit_totals
from care_map.policy.unit_groups import Links
from care_map.policy.unit_tree import UnitTree

__all__ = ["Period", "PeriodChanges", "compare_periods", "partners"]

_KNOWN = frozenset({"pass", "fail", "indicator", "depends"})
_COUNTS = ("target", "due", "accepted", "operating", "late", "existing_before")
_CLAUSE = ("clause_id", "cite", "title", "measure")
_FIGURES = ("verdict", "words", "figure_low", "figure_high")
_SIDES = ("before", "after")
_Row = Mapping[Any, Any]
_Node = tuple[int, str]
"""Side (0 before, 1 after) and id of a unit."""


@dataclass(frozen=True, slots=True)
class Period:
    """A run's notice, as of its day.

    Parameters
    ----------
    as_of
        The day.
    units
        ``unit_id, name`` and, as far as known, ``level, parent_id``.
    verdicts, ledger
        Columns of :data:`care_map.schema.CLAUSE_VERDICTS` and :data:`care_map.schema.LEDGER`.
    """

    as_of: dt.date
    units: pd.DataFrame
    verdicts: pd.DataFrame
    ledger: pd.DataFrame


@dataclass(frozen=True, slots=True)
class PeriodChanges:
    """What changed between two periods.

    Parameters
    ----------
    verdicts
        A row per clause: ``clause_id, cite, title, measure``; ``verdict, words, figure_low,
        figure_high`` with ``_before`` and ``_after``; ``change``: ``same``, ``met`` (failed and
        passes now), ``missed`` (passed and fails now), ``learned`` (was unknown), ``lost`` (is
        unknown now), ``other``, ``new`` or ``gone`` (a clause of one of the notices only).
    ledger
        A row per lot of units, type and kind of target: ``units_before, units_after`` (ids joined
        with ``;``), ``name``, ``role``, ``total``; ``target, due, accepted, operating, late,
        existing_before`` with ``_before`` and ``_after`` (Int64, NA where unknown or on one side
        only); ``accepted_more``.
    """

    verdicts: pd.DataFrame
    ledger: pd.DataFrame


def compare_periods(
    before: Period,
    after: Period,
    *,
    links: pd.DataFrame | None = None,
    texts: Catalogue | None = None,
) -> PeriodChanges:
    """Set two periods side by side.

    Parameters
    ----------
    before, after
        The periods.
    links
        Links of a crosswalk (:data:`care_map.inputs.tables.LINK_COLUMNS`), where units have
        changed; they are followed either way.
    texts
        Language that lists the names of merged units.

    Returns
    -------
    PeriodChanges
    """
    rows = _ledger_rows(before, after, Links(links), texts or catalogue())
    ledger = pd.DataFrame(rows, columns=_ledger_columns())
    whole = {name: "Int64" for name in ledger.columns if name.startswith((*_COUNTS,))}
    return PeriodChanges(_verdicts(before.verdicts, after.verdicts), ledger.astype(whole))


def _verdicts(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    sides = [
        {row["clause_id"]: row for row in table.to_dict("records")} for table in (before, after)
    ]
    ids = list(dict.fromkeys([*sides[1], *sides[0]]))
    rows = []
    for clause in ids:
        pair = [side.get(clause) for side in sides]
        shown = pair[1] or pair[0] or {}
        row = {name: shown.get(name, "") for name in _CLAUSE}
        for side, one in zip(_SIDES, pair, strict=True):
            row |= {f"{name}_{side}": (one or {}).get(name) for name in _FIGURES}
        rows.append({**row, "change": _change(pair[0], pair[1])})
    columns = [*_CLAUSE, *(f"{name}_{side}" for side in _SIDES for name in _FIGURES), "change"]
    return pd.DataFrame(rows, columns=columns)


def _change(before: _Row | None, after: _Row | None) -> str:
    if before is None or after is None:
        return "new" if before is None else "gone"
    one, two = str(before["verdict"]), str(after["verdict"])
    if one == two:
        return "same"
    codes = {("fail", "pass"): "met", ("pass", "fail"): "missed"}
    if one == "unknown" and two in _KNOWN:
        return "learned"
    if two == "unknown" and one in _KNOWN:
        return "lost"
    return codes.get((one, two), "other")


def _ledger_columns() -> list[str]:
    counts = [f"{name}_{side}" for name in _COUNTS for side in _SIDES]
    return ["units_before", "units_after", "name", "role", "total", *counts, "accepted_more"]


def _ledger_rows(
    before: Period, after: Period, links: Links, texts: Catalogue
) -> Iterator[dict[str, object]]:
    trees = [UnitTree(period.units) for period in (before, after)]
    rows = [unit_totals(period.ledger).to_dict("records") for period in (before, after)]
    lots = _lots(rows, trees, links)
    found: dict[tuple[int, str, bool], tuple[list[_Row], list[_Row]]] = {}
    members: dict[int, tuple[dict[str, str], dict[str, str]]] = {}
    for side in (1, 0):
        for row in rows[side]:
            nodes = list(_nodes(row))
            lot = lots[side, nodes[0]]
            key = (lot, str(row["role"]), bool(row["total"]))
            found.setdefault(key, ([], []))[side].append(row)
            for node in nodes:
                name = trees[side].names.get(node, str(row["unit_name"]))
                members.setdefault(lot, ({}, {}))[side][node] = name
    for (lot, role, total), sides in found.items():
        yield {
            "units_before": ";".join(members[lot][0]),
            "units_after": ";".join(members[lot][1]),
            "name": texts.names((members[lot][1] or members[lot][0]).values()),
            "role": role,
            "total": total,
            **_counts(sides),
        }


def _counts(sides: tuple[list[_Row], list[_Row]]) -> dict[str, object]:
    sums = {
        f"{name}_{side}": _sum(rows, name)
        for side, rows in zip(_SIDES, sides, strict=True)
        for name in _COUNTS
    }
    then, now = sums["accepted_before"], sums["accepted_after"]
    more = None if then is None or now is None else now - then
    return {**sums, "accepted_more": more}


def _sum(rows: Sequence[_Row], name: str) -> int | None:
    """Return a sum, None where a part of it is unknown or there is nothing."""
    cells = [row[name] for row in rows]
    return None if not cells or any(pd.isna(cell) for cell in cells) else sum(cells)


def _nodes(row: _Row) -> Iterator[str]:
    """Yield the units of a row; one that is not found goes by its name."""
    yield from filter(None, str(row["unit_id"]).split(";"))
    if not row["unit_id"]:
        yield str(row["unit_name"])


def _lots(
    rows: Sequence[Sequence[_Row]], trees: Sequence[UnitTree], links: Links
) -> dict[_Node, int]:
    """Return the number of the lot that each unit of both ledgers belongs to."""
    bound: list[set[_Node]] = []
    for side in (0, 1):
        for row in rows[side]:
            nodes = list(_nodes(row))
            lot = {(side, node) for node in nodes}
            lot |= {(1 - side, one) for node in nodes for one in partners(node, side, trees, links)}
            for other in [one for one in bound if one & lot]:
                bound.remove(other)
                lot |= other
            bound.append(lot)
    return {node: number for number, lot in enumerate(bound) for node in lot}


def partners(node: str, side: int, trees: Sequence[UnitTree], links: Links) -> Iterable[str]:
    """Return the units of the other side that a unit is: itself, by name, or by the crosswalk."""
    if node in (ALL, NONE):
        return (node,)
    own, other = trees[side], trees[1 - side]
    name = own.names.get(node, node)
    for word in (node, name):
        meant = other.meant(word)
        if len(meant) == 1:
            return meant
    return links.present(node, other) or links.present(name, other)

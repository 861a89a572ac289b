"""A ledger's rows → one row per unit and type, and one per type for the whole district."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from care_map.accessibility.coverage import ALL

__all__ = ["Row", "district_rows", "last_rows", "ledger_totals", "typed", "unit_totals"]

_COUNTS = ("target", "due", "accepted", "operating", "in_progress", "late", "existing_before")
_KEYS = ["role", "total"]
Row = dict[str, Any]
"""A row by its columns, a missing number being NA."""


def typed(rows: Sequence[Row], names: Iterable[str]) -> pd.DataFrame:
    """Return rows as a table with the columns `names`, each of its kind."""
    whole = dict.fromkeys(("year", *_COUNTS), "Int64") | {"total": "boolean"}
    return pd.DataFrame(
        {
            name: pd.Series([row[name] for row in rows], dtype=whole.get(name, "object"))
            for name in names
        }
    )


def unit_totals(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the last row of each unit and type, its target being that of all years.

    Parameters
    ----------
    ledger
        Columns of :data:`care_map.schema.LEDGER`, as of one day.

    Returns
    -------
    DataFrame
        The same columns.
    """
    return typed(last_rows(_records(ledger)), ledger.columns)


def ledger_totals(ledger: pd.DataFrame, *, as_of: dt.date) -> pd.DataFrame:
    """Sum a ledger up for the whole district.

    Where targets for the whole district stand beside those of towns, they hold for their years,
    and the towns' for the others. What is late is the sum over towns: what one has too many does
    not help another, unless a target is the district's.

    Parameters
    ----------
    ledger
        Columns of :data:`care_map.schema.LEDGER`.
    as_of
        Its day.

    Returns
    -------
    DataFrame
        ``role, total`` and the counts ``target, due, accepted, operating, in_progress, late,
        existing_before``; NA where something that it needs is unknown.

    Examples
    --------
    >>> rows = pd.DataFrame({"unit_id": ["a", "b"], "unit_name": ["甲", "乙"],
    ...     "role": "town_centre", "total": False, "year": 2020, "due_date": "2020-12-31",
    ...     "target": [2, 1], "due": [2, 1],
    ...     "accepted": [0, 3], "operating": [0, 1], "in_progress": 0, "late": [2, 0],
    ...     "existing_before": 0})
    >>> whole = ledger_totals(rows, as_of=dt.date(2021, 1, 1))
    >>> whole[["target", "due", "accepted", "late"]].values.tolist()
    [[3, 3, 3, 2]]
    """
    return typed(district_rows(_records(ledger), as_of=as_of), [*_KEYS, *_COUNTS])


def district_rows(rows: Iterable[Row], *, as_of: dt.date) -> list[Row]:
    """Return :func:`ledger_totals` of a ledger's rows, as rows."""
    lines: dict[tuple[object, object], list[Row]] = {}
    for row in rows:
        lines.setdefault((row["role"], row["total"]), []).append(row)
    return [
        {"role": role, "total": total, **_district(lots, day=as_of.isoformat())}
        for (role, total), lots in lines.items()
    ]


def _records(ledger: pd.DataFrame) -> list[Row]:
    names = [str(name) for name in ledger.columns]
    columns = [ledger[name].tolist() for name in names]
    return [dict(zip(names, cells, strict=True)) for cells in zip(*columns, strict=True)]


def last_rows(rows: Sequence[Row]) -> list[Row]:
    """Return the latest row of each unit and type, in the order of their first ones."""
    found: dict[object, Row] = {}
    for row in rows:
        key = (row["unit_id"], row["unit_name"], row["role"], row["total"])
        before = found.get(key)
        if before is None:
            found[key] = dict(row)
            continue
        latest = row if row["due_date"] >= before["due_date"] else before
        whole = latest["target"] if row["total"] else before["target"] + row["target"]
        found[key] = {**latest, "target": whole}
    return list(found.values())


def _district(lines: Sequence[Row], *, day: str) -> Row:
    whole = [row for row in lines if row["unit_id"] == ALL]
    towns = [row for row in lines if row["unit_id"] != ALL]
    if not whole:
        return _summed(last_rows(towns))
    (figures,) = last_rows(whole)
    years = {row["year"] for row in whole}
    others = [] if figures["total"] else [row for row in towns if row["year"] not in years]
    target = figures["target"] + sum(row["target"] for row in others)
    due = figures["due"] + sum(row["target"] for row in others if row["due_date"] <= day)
    accepted = figures["accepted"]
    late = pd.NA if accepted is pd.NA else max(0, due - accepted)
    return {**{name: figures[name] for name in _COUNTS}, "target": target, "due": due, "late": late}


def _summed(towns: Sequence[Row]) -> Row:
    """Sum the towns; a unit that is not found leaves open only what is late."""
    sums: Row = {}
    for name in _COUNTS:
        known = [row[name] for row in towns if row[name] is not pd.NA]
        sums[name] = sum(known) if known else pd.NA
    if any(row["late"] is pd.NA and row["due"] > 0 for row in towns):
        sums["late"] = pd.NA
    return sums

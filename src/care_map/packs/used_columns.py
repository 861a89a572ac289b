"""Which columns of the lists a pack's clauses read: what its office has to fill in."""

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from care_map.packs.columns import LISTS
from care_map.packs.conditions import columns_read, tests_of
from care_map.packs.pack_file import PackFile
from care_map.packs.rules import CircleRate, Count, LedgerSum, Near, PerUnit, Ratio, Share, Span

__all__ = ["used_columns"]

_OF_OTHERS = {"unit": "units", "town": "units", "facility": "facilities"}
"""First part of a field's name → list that the column is of."""

_OF_STAGES = (
    "planned_date",
    "siting_date",
    "building_date",
    "finished_date",
    "accepted_date",
    "operating_date",
    "suspended_date",
)
_FACILITIES_OF: Mapping[type, tuple[str, ...]] = {
    PerUnit: ("roles", "stage", "serves_units"),
    Span: ("roles", "stage", "operator_centre"),
    Near: ("roles", "stage", "lon", "lat"),
    CircleRate: ("roles", "stage", "delivers", "lon", "lat"),
    LedgerSum: ("roles", "stage", *_OF_STAGES, "build_mode"),
}
"""What a formula reads of facilities besides what the clause names."""


def used_columns(pack: PackFile) -> dict[str, frozenset[str]]:
    """Return the columns of each list that the clauses and circles of a pack read.

    Parameters
    ----------
    pack
        The notice.

    Returns
    -------
    dict
        ``facilities``, ``units``, ``elders`` and ``services`` → names of columns; a list that no
        clause reads has none.
    """
    found: dict[str, set[str]] = {rows: set() for rows in LISTS}
    for clause in pack.clause:
        rule = clause.rule
        found["facilities"].update(_FACILITIES_OF.get(type(rule), ()))
        if isinstance(rule, CircleRate):
            found["elders"].update(("lon", "lat", *(("groups",) if rule.group else ())))
        for rows, field in _fields(rule, pack):
            first, _, rest = field.partition(".")
            found[_OF_OTHERS[first] if rest else rows].add(rest or first)
    if "services" in found["facilities"]:
        found["facilities"].discard("services")
        found["services"].update(("facility_id", "service"))
    if found["services"]:
        found["services"].update(("facility_id", "service"))
    return {rows: frozenset(names) for rows, names in found.items()}


def _fields(rule: BaseModel, pack: PackFile) -> Iterator[tuple[str, str]]:
    """Yield each column that a rule names, after its list."""
    if isinstance(rule, Share | Count):
        rows, over = rule.rows, rule.rows
        named = (rule.weight,) if isinstance(rule, Share) else (rule.sum_of, rule.distinct)
        yield from ((rows, name) for name in named if name)
    elif isinstance(rule, Ratio):
        rows, over = rule.rows, rule.over or rule.rows
        yield from ((rows, rule.numerator), (over, rule.denominator))
    else:
        rows = over = "facilities"
    for key in ("of", "meets", "over_of"):
        tests = tests_of(getattr(rule, key, None), pack.condition)
        columns = (column for test in tests for column in columns_read(test))
        yield from ((over if key == "over_of" else rows, column) for column in columns)

"""Targets of a notice and of a study → what is due in each row of the ledger, and by when."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from care_map.messages import Catalogue
from care_map.packs.pack_file import LedgerTarget
from care_map.policy.built import role_set
from care_map.policy.quarters import Quarter
from care_map.policy.unit_groups import Group, Links, UnitGroups
from care_map.policy.unit_tree import UnitTree

__all__ = ["Line", "Plan", "Target", "make_plan"]

_LAST_QUARTER = 4


@dataclass(frozen=True, slots=True)
class Target:
    """One target.

    Parameters
    ----------
    label
        Unit as the target names it, by id or by name; "" for the whole district.
    role
        Facility type; several joined with ``;`` where any of them counts.
    year
        Year.
    due_date
        Last day of the year or of its quarter.
    target
        How many.
    total
        Whether it is how many there are to be in all instead of how many are added.
    build_mode, responsible, note
        As given.
    """

    label: str
    role: str
    year: int
    due_date: dt.date
    target: int
    total: bool = False
    build_mode: str = ""
    responsible: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """What targets of several years are added up for: a unit, a type and a way of counting."""

    group: Group
    role: str
    total: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """All targets, each in the group of its unit.

    Parameters
    ----------
    targets
        In the order in which they are given.
    groups
        What the targets' units are on the day.
    tree
        Units of the day.
    links
        The crosswalk.
    """

    targets: tuple[Target, ...]
    groups: UnitGroups
    tree: UnitTree
    links: Links

    def by_line(self) -> dict[Line, tuple[Target, ...]]:
        """Return the targets of each line of the ledger, the earliest first."""
        lines: dict[Line, list[Target]] = {}
        for one in self.targets:
            line = Line(self.groups.of_label(one.label), one.role, one.total)
            lines.setdefault(line, []).append(one)
        return {
            line: tuple(sorted(many, key=lambda one: one.due_date)) for line, many in lines.items()
        }

    def roles(self) -> tuple[str, ...]:
        """Return the roles in the order in which they come."""
        return tuple(dict.fromkeys(target.role for target in self.targets))


def make_plan(
    targets: Sequence[LedgerTarget] | pd.DataFrame,
    *,
    own: pd.DataFrame | None,
    units: pd.DataFrame,
    links: pd.DataFrame | None,
    texts: Catalogue,
) -> Plan:
    """Bring the targets of a notice and of a study together.

    A study's own target takes the place of the notice's for the same unit, role and year; one for
    the whole district takes the place of those of its towns, and the other way about. The note
    says what the notice has.

    Parameters
    ----------
    targets
        Of the notice; or a table of targets.
    own
        The study's: columns of :data:`care_map.schema.TARGETS`.
    units
        Units of the day.
    links
        Links of a crosswalk.
    texts
        For notes.

    Returns
    -------
    Plan
    """
    tree, crosswalk = UnitTree(units), Links(links)
    given = list(_of_table(targets) if isinstance(targets, pd.DataFrame) else _of_pack(targets))
    mine = [] if own is None else list(_of_table(own))
    groups = UnitGroups([target.label for target in (*given, *mine)], tree, crosswalk)
    together = _own_first(given, mine, groups, texts)
    return Plan(tuple(together), groups, tree, crosswalk)


def _of_pack(targets: Iterable[LedgerTarget]) -> Iterable[Target]:
    for target in targets:
        yield Target(
            target.town,
            _role(target.role),
            target.year,
            dt.date(target.year, 12, 31),
            target.target,
            total=target.total,
            build_mode=target.build_mode,
            responsible=target.responsible,
            note=target.note,
        )


def _of_table(table: pd.DataFrame) -> Iterable[Target]:
    """Yield the rows of a table that say what, when and how many; the others are listed there."""
    for row in table.to_dict("records"):
        role, year, target = row.get("roles"), row.get("year"), row.get("target")
        if not role or pd.isna(year) or pd.isna(target) or target < 0:
            continue
        quarter = row.get("quarter")
        number = _LAST_QUARTER if quarter is None or pd.isna(quarter) else int(quarter)
        if not 1 <= number <= _LAST_QUARTER:
            continue
        yield Target(
            _text(row, "unit_id") or _text(row, "town_name"),
            _role(str(role)),
            int(year),
            Quarter(int(year), number).end,
            int(target),
            build_mode=_text(row, "build_mode"),
            responsible=_text(row, "responsible"),
            note=_text(row, "note"),
        )


def _role(cell: str) -> str:
    """Return the types of a cell in one order: they are compared as one word."""
    return ";".join(sorted(role_set(cell)))


def _text(row: Mapping[object, object], name: str) -> str:
    cell = row.get(name, "")
    return cell.strip() if isinstance(cell, str) else ""


def _own_first(
    given: Sequence[Target], own: Sequence[Target], groups: UnitGroups, texts: Catalogue
) -> list[Target]:
    """Return the targets without those of the notice that the study has its own for."""
    replaced = {id(one): _figure(one, given, groups) for one in own}
    kept = [one for one in given if not any(_stands_for(mine, one, groups) for mine in own)]
    noted = []
    for one in own:
        figure = replaced[id(one)]
        said = texts.text("ledger.note.own", target=figure) if figure is not None else ""
        noted.append(replace(one, note=texts.remarks(filter(None, (one.note, said)))))
    return [*kept, *noted]


def _stands_for(mine: Target, one: Target, groups: UnitGroups) -> bool:
    if (mine.role, mine.year, mine.total) != (one.role, one.year, one.total):
        return False
    ours, theirs = groups.of_label(mine.label), groups.of_label(one.label)
    return ours == theirs or ours.whole or theirs.whole


def _figure(mine: Target, given: Sequence[Target], groups: UnitGroups) -> int | None:
    """Return what the notice asks where the study has a target of its own, None for nothing."""
    theirs = [one.target for one in given if _stands_for(mine, one, groups)]
    return sum(theirs) if theirs else None

"""What has become of the facilities that a ledger counts, as of a day.

A facility is built on the day on which it was accepted, or opened where only that is known. One
that was there before the plan began never counts towards it. One that is said to be accepted or to
operate without any date may be of before the plan: it does not count, and is listed.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from care_map.policy.facts import Facts
from care_map.policy.unit_groups import Group, UnitGroups
from care_map.policy.unit_tree import UnitTree

__all__ = ["BUILT", "Built", "State", "built_of_role", "own_rows", "role_set"]

State = Literal["counted", "before", "undated", "in_progress", "none"]

BUILT = ("accepted", "operating", "suspended")
"""Stages of what stands, whether or not it serves."""
_IN_PROGRESS = ("siting", "building", "finished")
_DATES = ("accepted_date", "operating_date", "suspended_date")


@dataclass(frozen=True, slots=True)
class Built:
    """A facility with what the ledger asks of it.

    Parameters
    ----------
    facility_id, name
        Of the facility.
    group
        Where it counts.
    unit_id
        Unit it is in, "" where that is not known.
    stage
        On the run's day.
    accepted_date, operating_date, suspended_date
        ISO text, "" where missing.
    """

    facility_id: str
    name: str
    group: Group
    unit_id: str
    stage: str
    accepted_date: str
    operating_date: str
    suspended_date: str

    @property
    def shown(self) -> str:
        """What people call it."""
        return self.name or self.facility_id

    @property
    def first_date(self) -> str:
        """First day on which it is known to have been there, "" if none."""
        dates = (self.accepted_date, self.operating_date, self.suspended_date)
        return min((date for date in dates if date), default="")

    @property
    def built_date(self) -> str:
        """Day from which it counts as built, "" where none is given."""
        return self.accepted_date or self.operating_date

    def state(self, day: str, *, plan_from: str) -> State:
        """Return what it is on a day; its stage is that of the run's day.

        Parameters
        ----------
        day
            ISO text.
        plan_from
            First day of the plan, "" if there is none.
        """
        if self.first_date and self.first_date < plan_from:
            return "before"
        if self.built_date and self.built_date <= day:
            return "counted"
        if not self.accepted_date and self.stage in BUILT:
            return "undated"
        begun = self.stage in _IN_PROGRESS or self.stage in BUILT
        return "in_progress" if begun else "none"

    def operates(self, day: str, *, today: str) -> bool:
        """Tell whether it operates on a day, as far as that is known.

        Of the run's own day the stage says it, of earlier days the dates.
        """
        if day >= today:
            return self.stage == "operating"
        opened, closed = self.operating_date, self.suspended_date
        return bool(opened) and opened <= day and not opened <= closed <= day


def role_set(cell: object) -> frozenset[str]:
    """Return the types of a cell.

    Examples
    --------
    >>> sorted(role_set("care_home;town_centre")), role_set("")
    (['care_home', 'town_centre'], frozenset())
    """
    text = cell if isinstance(cell, str) else ""
    return frozenset(part.strip() for part in text.split(";") if part.strip())


def own_rows(facilities: pd.DataFrame) -> pd.DataFrame:
    """Return the facilities of the district itself; where nobody says otherwise, it is its own."""
    if "in_area" not in facilities:
        return facilities
    return facilities[facilities["in_area"].fillna(value=True).to_numpy(dtype=bool)]


def built_of_role(
    facts: Facts, role: str, *, groups: UnitGroups, tree: UnitTree
) -> tuple[Built, ...]:
    """Return the district's own facilities of a role, each site once.

    Rows of one site (``site_id``) that have the role are one facility: the one that is known to
    have been there first.

    Parameters
    ----------
    facts
        The lists.
    role
        Facility type, or several joined with ``;``.
    groups
        Where facilities count.
    tree
        Units of the day.
    """
    asked = role_set(role)
    sites: dict[object, Built] = {}
    rows = own_rows(facts.facilities)
    mine = [at for at, cell in enumerate(rows.get("roles", ())) if asked & role_set(cell)]
    for at, row in zip(mine, rows.iloc[mine].to_dict("records"), strict=True):
        unit = tree.by_code(_text(row, "unit_id"))
        one = Built(
            _text(row, "facility_id"),
            _text(row, "name"),
            groups.of_place(unit),
            unit,
            _text(row, "stage"),
            *(_text(row, name) for name in _DATES),
        )
        site = _text(row, "site_id") or at
        there = sites.get(site)
        sites[site] = one if there is None or _earlier(one, there) else there
    return tuple(sites.values())


def _earlier(one: Built, other: Built) -> bool:
    return (one.first_date or "9") < (other.first_date or "9")


def _text(row: Mapping[object, object], name: str) -> str:
    cell = row.get(name)
    if isinstance(cell, dt.date):
        return cell.isoformat()[:10]
    return cell if isinstance(cell, str) else ""

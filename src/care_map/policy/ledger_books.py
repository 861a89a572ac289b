"""Targets and facilities brought together, to be counted as of any day."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from care_map.accessibility.coverage import ALL, NONE
from care_map.messages import Catalogue
from care_map.policy.built import Built, State
from care_map.policy.ledger_notes import (
    facility_notes,
    group_name,
    group_notes,
    joined,
    late_note,
    total_notes,
)
from care_map.policy.ledger_totals import Row
from care_map.policy.quarters import quarter_of, quarters_between
from care_map.policy.targets import Line, Plan, Target
from care_map.policy.unit_groups import Group

__all__ = ["Books"]

_Standing = dict[State, list[Built]]


@dataclass(frozen=True, slots=True)
class Books:
    """Targets and facilities, ready to be counted as of any day up to the run's."""

    plan: Plan
    built: dict[str, tuple[Built, ...]]
    today: dt.date
    plan_from: dt.date | None
    known: bool
    texts: Catalogue
    by_group: dict[tuple[str, Group], list[Built]] = field(init=False, default_factory=dict)
    lines: dict[Line, tuple[Target, ...]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Sort the facilities by where they count."""
        for role, built in self.built.items():
            for one in built:
                self.by_group.setdefault((role, one.group), []).append(one)
        self.lines.update(self._lines())

    def quarters(self) -> list[tuple[str, str, dt.date]]:
        """Return name, last day and day of counting of each quarter up to the run's day."""
        if not self.plan.targets:
            return []
        first = self.plan_from or min(target.due_date for target in self.plan.targets)
        quarters = quarters_between(quarter_of(first), quarter_of(self.today))
        return [(str(one), one.end.isoformat(), min(one.end, self.today)) for one in quarters]

    def _state(self, one: Built, day: dt.date) -> State:
        start = self.plan_from.isoformat() if self.plan_from else ""
        return one.state(day.isoformat(), plan_from=start)

    def _standing(self, line: Line, day: dt.date) -> _Standing:
        """Return the facilities that a line is about by what they are on a day."""
        of_group = self.by_group.get((line.role, line.group), ())
        standing: _Standing = {}
        for one in self.built[line.role] if line.group.whole else of_group:
            standing.setdefault(self._state(one, day), []).append(one)
        return standing

    def _lines(self) -> dict[Line, tuple[Target, ...]]:
        """Return the lines with targets, and those of facilities that nobody asked for."""
        lines = self.plan.by_line()
        more: dict[Line, tuple[Target, ...]] = {}
        for role, total in dict.fromkeys((line.role, line.total) for line in lines):
            if any(line.group.whole for line in lines if (line.role, line.total) == (role, total)):
                continue
            for one in self.built[role]:
                line = Line(one.group, role, total)
                if line not in lines and self._state(one, self.today) not in {"none", "before"}:
                    more[line] = ()
        nowhere = {line: () for line in more if line.group.units == (NONE,)}
        return {**lines, **{line: () for line in more if line not in nowhere}, **nowhere}

    def rows(self, day: dt.date, *, district: str = "", notes: bool = True) -> list[Row]:
        """Return the ledger as of a day: :data:`care_map.schema.LEDGER`, a row each."""
        rows: list[Row] = []
        for line, targets in self.lines.items():
            dates = dict.fromkeys(one.due_date for one in targets) or [self._last_date(line.role)]
            standing = self._standing(line, day)
            counting = self._counting(line, standing, day)
            shared = {
                **self._unit(line, district),
                **self._counts(line, standing, counting, day),
            }
            for date in dates:
                due = _due([t for t in targets if t.due_date <= min(date, day)], total=line.total)
                late = max(0, due - len(counting)) if self._countable(line.group) else pd.NA
                said = self._notes(line, standing, day, date) if notes else []
                row = {
                    **shared,
                    "due": due,
                    "late": late,
                    **_dated(targets, date, said, self.texts),
                }
                rows.append(row)
        return rows

    def _last_date(self, role: str) -> dt.date:
        return max(one.due_date for one in self.plan.targets if one.role == role)

    def _unit(self, line: Line, district: str) -> dict[str, object]:
        """Return what a line is of."""
        group = line.group
        one_unit = group.units[0] if len(group.units) == 1 else ""
        kind = "district" if group.whole else self.plan.tree.kinds.get(one_unit, "")
        return {
            "unit_id": ";".join(group.units),
            "unit_name": group_name(group, self.plan, district=district, texts=self.texts),
            "unit_kind": kind,
            "role": line.role,
            "total": line.total,
        }

    def _counts(
        self, line: Line, standing: _Standing, counting: Sequence[Built], day: dt.date
    ) -> dict[str, object]:
        """Return what has been done of a line."""
        if not self._countable(line.group):
            names = ("accepted", "operating", "in_progress", "existing_before")
            return {**dict.fromkeys(names, pd.NA), "facility_ids": ""}
        today = self.today.isoformat()
        return {
            "accepted": len(counting),
            "operating": sum(one.operates(day.isoformat(), today=today) for one in counting),
            "in_progress": len(standing.get("in_progress", ())),
            "existing_before": 0 if line.total else len(standing.get("before", ())),
            "facility_ids": ";".join(one.facility_id for one in counting),
        }

    def _countable(self, group: Group) -> bool:
        return self.known and group.found

    def _counting(self, line: Line, standing: _Standing, day: dt.date) -> list[Built]:
        """Return the facilities that count as of a day."""
        counted = standing.get("counted", [])
        if not line.total:
            return counted
        # What stands today stands, whenever it was built; of earlier days nobody knows.
        undated = standing.get("undated", []) if day >= self.today else []
        return [*standing.get("before", []), *counted, *undated]

    def _notes(self, line: Line, standing: _Standing, day: dt.date, date: dt.date) -> list[str]:
        targets = self.lines[line]
        notes = group_notes(line.group, self.plan, asked=bool(targets), texts=self.texts)
        if not self.known:
            return [*notes, self.texts.text("ledger.note.not_given")]
        counted, undated = standing.get("counted", []), standing.get("undated", [])
        if line.total:
            return [*notes, *total_notes(standing.get("before", []), undated, self.texts)]
        notes += facility_notes(counted, undated, self.texts)
        if date <= day:
            notes += late_note(counted, targets, due_date=date, texts=self.texts)
        return notes

    def left_out(self, role: str) -> list[dict[str, object]]:
        """Return the facilities of a role that count towards no town's target, and why."""
        lines = [line for line in self.plan.by_line() if line.role == role]
        if all(line.total for line in lines):
            return []
        asked = {line.group for line in lines if not line.total}
        anywhere = any(group.whole for group in asked)
        rows: list[dict[str, object]] = []
        for one in self.built[role]:
            reason = self._reason(one, asked, anywhere=anywhere)
            if reason:
                rows.append(
                    {
                        "facility_id": one.facility_id,
                        "name": one.name,
                        "role": role,
                        "unit_id": one.unit_id,
                        "unit_name": self.plan.tree.full_name(one.unit_id) if one.unit_id else "",
                        "reason": reason,
                        "date": one.first_date,
                        "note": self.texts.text(f"ledger.reason.{reason}"),
                    }
                )
        return rows

    def _reason(self, one: Built, asked: set[Group], *, anywhere: bool) -> str:
        state = self._state(one, self.today)
        if state == "before":
            return "before_plan"
        if state == "undated":
            return "no_date"
        if state == "none" or anywhere or one.group in asked:
            return ""
        return "no_unit" if one.group.units in {(NONE,), (ALL,)} else "no_target"


def _due(targets: Sequence[Target], *, total: bool) -> int:
    """Return what targets ask together: their sum, or the latest of totals."""
    if total:
        latest = max((one.due_date for one in targets), default=None)
        return sum(one.target for one in targets if one.due_date == latest)
    return sum(one.target for one in targets)


def _dated(
    targets: Sequence[Target], date: dt.date, notes: Sequence[str], texts: Catalogue
) -> dict[str, object]:
    """Return what the targets of a day say."""
    here = [one for one in targets if one.due_date == date]
    return {
        "year": date.year,
        "target": sum(one.target for one in here),
        "due_date": date.isoformat(),
        "build_mode": joined((one.build_mode for one in here), texts),
        "responsible": joined((one.responsible for one in here), texts),
        "note": joined([*(one.note for one in here), *notes], texts),
    }

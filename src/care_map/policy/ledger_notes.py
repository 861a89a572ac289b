"""What the ledger has to say beside its figures."""

import datetime as dt
from collections.abc import Iterable, Sequence

from care_map.accessibility.coverage import ALL, NONE
from care_map.messages import Catalogue
from care_map.policy.built import Built
from care_map.policy.targets import Plan, Target
from care_map.policy.unit_groups import Group

__all__ = [
    "facility_notes",
    "group_name",
    "group_notes",
    "joined",
    "late_note",
    "short_list",
    "total_notes",
]

_MOST_NAMES = 5
"""Names of facilities that a cell spells out (default); the list of them has all."""


def joined(parts: Iterable[str], texts: Catalogue) -> str:
    """Return different sentences as one cell."""
    return texts.remarks(dict.fromkeys(filter(None, parts)))


def group_name(group: Group, plan: Plan, *, district: str, texts: Catalogue) -> str:
    """Return the name of a ledger row's unit."""
    if group.whole:
        return district or texts.text("ledger.district")
    if group.units == (NONE,):
        return texts.text("ledger.nowhere")
    if len(group.units) == 1:
        return plan.tree.names[group.units[0]]
    return texts.names(_label_name(label, plan) for label in group.labels)


def group_notes(group: Group, plan: Plan, *, asked: bool, texts: Catalogue) -> list[str]:
    """Say what became of the units that the targets name.

    Parameters
    ----------
    group
        The row's.
    plan
        All targets.
    asked
        Whether there is a target for the row.
    texts
        The catalogue.
    """
    if group.whole:
        return []
    if group.units == (NONE,):
        return [texts.text("ledger.note.no_unit")]
    names = texts.names(_label_name(label, plan) for label in group.labels)
    if not group.found:
        return [texts.text("ledger.note.not_found", names=names)]
    notes = [] if asked else [texts.text("ledger.note.no_target")]
    notes += _carried(group, plan, names, texts)
    for label in group.labels:
        away = plan.links.given_away(label, plan.tree) if plan.tree.meant(label) else ()
        if away:
            shown = texts.names(map(plan.tree.full_name, away))
            notes.append(texts.text("ledger.note.gave_away", names=shown))
    return notes


def _carried(group: Group, plan: Plan, names: str, texts: Catalogue) -> list[str]:
    """Say by which other units the targets know a row's."""
    tree = plan.tree
    if len(group.units) > 1:
        return [
            texts.text("ledger.note.parts", names=texts.names(map(tree.full_name, group.units)))
        ]
    unit = group.units[0]
    others = [label for label in group.labels if unit not in tree.meant(label)]
    below = [label for label in others if len(tree.meant(label)) == 1]
    former = [label for label in others if label not in below]
    notes = []
    if below:
        shown = texts.names(_label_name(label, plan) for label in below)
        notes.append(texts.text("ledger.note.below", names=shown))
    if len(former) > 1 or (former and len(group.labels) > len(others)):
        notes.append(texts.text("ledger.note.merged", names=names))
    elif former:
        notes.append(texts.text("ledger.note.carried", names=former[0]))
    return notes


def _label_name(label: str, plan: Plan) -> str:
    """Return the name of a unit as a target knows it; an id is read as its name."""
    if label in {"", ALL}:
        return label
    unit = plan.tree.by_code(label)
    return plan.tree.names[unit] if unit else label


def facility_notes(
    counted: Sequence[Built], undated: Sequence[Built], texts: Catalogue
) -> list[str]:
    """Say which facilities count by another date, and which by none.

    Parameters
    ----------
    counted
        Facilities with a date that count.
    undated
        Facilities that are built on nobody knows which day, and do not count.
    texts
        The catalogue.
    """
    notes = []
    opened = [one for one in counted if not one.accepted_date]
    if opened:
        notes.append(
            texts.text(
                "ledger.note.opened",
                count=len(opened),
                names=short_list([one.shown for one in opened], texts),
            )
        )
    if undated:
        notes.append(
            texts.text(
                "ledger.note.undated",
                count=len(undated),
                names=short_list([one.shown for one in undated], texts),
            )
        )
    return notes


def short_list(names: Sequence[str], texts: Catalogue) -> str:
    """Return the first of some names; how many there are is said beside them."""
    shown = texts.names(names[:_MOST_NAMES])
    return shown if len(names) <= _MOST_NAMES else texts.text("ledger.more", names=shown)


def late_note(
    counted: Sequence[Built], targets: Sequence[Target], *, due_date: dt.date, texts: Catalogue
) -> list[str]:
    """Say how many of those due by a day were accepted only after it."""
    wanted = sum(one.target for one in targets if one.due_date <= due_date)
    in_time = sum(one.built_date <= due_date.isoformat() for one in counted)
    late = min(wanted, len(counted)) - min(wanted, in_time)
    return [texts.text("ledger.note.after_due", count=late)] if late else []


def total_notes(before: Sequence[Built], undated: Sequence[Built], texts: Catalogue) -> list[str]:
    """Say of a target that is a total what counts besides what was built within the plan."""
    notes = []
    if before:
        notes.append(texts.text("ledger.note.before", count=len(before)))
    if undated:
        names = short_list([one.shown for one in undated], texts)
        notes.append(texts.text("ledger.note.undated_total", count=len(undated), names=names))
    return notes

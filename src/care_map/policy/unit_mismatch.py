"""Units of the day against those of a notice: which names do not fit, and what to do about it."""

from collections.abc import Sequence

import pandas as pd

from care_map.errors import Problem, Severity
from care_map.packs.notice_units import notice_units
from care_map.packs.pack_file import PackFile
from care_map.policy.unit_groups import Links
from care_map.policy.unit_tree import UnitTree, plain_name

__all__ = ["unit_mismatch"]


def unit_mismatch(
    pack: PackFile, units: pd.DataFrame, links: pd.DataFrame | None = None
) -> tuple[Problem, ...]:
    """List the units of a notice that are not among those of the day, and the other way about.

    Towns and streets are compared by name; what the crosswalk leads to is no mismatch. Units below
    towns are looked for where the units of the day have any, but a notice need not name them all.

    Parameters
    ----------
    pack
        The notice; one that names no units has none that do not fit.
    units
        Units of the day: ``unit_id, name`` and, as far as known, ``level, parent_id``.
    links
        Links of the study's crosswalk.

    Returns
    -------
    tuple of Problem
        ``notice_units_unknown``, ``units_not_in_notice`` (warnings) and ``notice_units_carried``
        (info), each with the names.
    """
    notice = UnitTree(notice_units(pack))
    tree, crosswalk = UnitTree(units), Links(links)
    if not notice.names or not tree.names:
        return ()
    carried: dict[str, tuple[str, ...]] = {}
    unknown: list[str] = []
    known: set[str] = set()
    for unit, name in notice.names.items():
        level = notice.levels[unit]
        if not tree.at_level(level):
            continue
        here = _same(unit, notice, tree)
        found = here or crosswalk.present(name, tree)
        known.update(found)
        if not found:
            unknown.append(notice.full_name(unit))
        elif not here:
            carried[name] = found
    strange = [
        tree.names[unit]
        for unit in tree.at_level("town")
        if notice.at_level("town") and unit not in known
    ]
    shown = [
        f"{name}→{tree.full_name(one)}" if at == 0 else tree.full_name(one)
        for name, found in carried.items()
        for at, one in enumerate(found)
    ]
    return tuple(
        found
        for found in (
            _problem("notice_units_unknown", "warning", unknown, len(unknown)),
            _problem("units_not_in_notice", "warning", strange, len(strange)),
            _problem("notice_units_carried", "info", shown, len(carried)),
        )
        if found.count
    )


def _problem(code: str, severity: Severity, names: Sequence[str], count: int) -> Problem:
    return Problem(code, severity, values={"names": tuple(names)}, count=count)


def _same(unit: str, notice: UnitTree, tree: UnitTree) -> tuple[str, ...]:
    """Return the units of the day that have a notice's unit's name, in a town of its town's."""
    level, town = notice.levels[unit], notice.town_of(unit)
    found = [one for one in tree.meant(notice.names[unit]) if tree.levels[one] == level]
    if level == "town":
        return tuple(found)
    above = plain_name(notice.names[town]) if town else ""
    return tuple(
        one
        for one in found
        if not above or plain_name(tree.names.get(tree.town_of(one), "")) in {above, ""}
    )

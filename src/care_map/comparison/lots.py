"""Units of two runs that are one: by id, by name, or through a crosswalk."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from care_map.accessibility.coverage import ALL, NONE
from care_map.messages import Catalogue, catalogue
from care_map.policy.periods import partners
from care_map.policy.unit_groups import Links
from care_map.policy.unit_tree import UnitTree

__all__ = ["Lots", "match_units"]

Node = tuple[int, str]
"""Side (0 before, 1 after) and id of a unit."""


@dataclass(frozen=True, slots=True)
class Lots:
    """Which units of both sides are one lot.

    Parameters
    ----------
    of
        Unit of a side → number of its lot.
    units
        By lot, ids before and ids after.
    names
        By lot, its name: that of after where there is one.
    changed
        How many lots are not the same one unit on both sides.
    """

    of: Mapping[Node, int]
    units: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    names: tuple[str, ...]

    @property
    def changed(self) -> int:
        """Lots of units that were merged, split, renamed, or are on one side only."""
        return sum(before != after for before, after in self.units)

    def numbers(self, side: int, units: Iterable[object]) -> list[int]:
        """Return the lot of each unit of a side, -1 for one that is in none."""
        return [self.of.get((side, str(unit)), -1) for unit in units]


def match_units(
    before: pd.DataFrame,
    after: pd.DataFrame,
    *,
    links: pd.DataFrame | None = None,
    texts: Catalogue | None = None,
) -> Lots:
    """Return the lots of two lists of units.

    Parameters
    ----------
    before, after
        ``unit_id, name, level, parent_id``; ``all`` and ``none`` need not be in them.
    links
        Crosswalk, followed either way.
    texts
        Language that lists the names of merged units.

    Returns
    -------
    Lots
        Every unit is in exactly one.
    """
    trees = [UnitTree(side) for side in (before, after)]
    known = Links(links)
    head: dict[Node, Node] = {}

    def top(node: Node) -> Node:
        while head.setdefault(node, node) != node:
            head[node] = node = head[head[node]]
        return node

    for side, tree in enumerate(trees):
        for unit in (ALL, NONE, *tree.names):
            mine = top((side, unit))
            other = trees[1 - side]
            same = unit in other.names or unit in (ALL, NONE)
            for one in (unit,) if same else partners(unit, side, trees, known):
                if same or other.levels.get(one) == tree.levels[unit]:
                    head[mine] = top((1 - side, one))
                    mine = top(mine)
    members: dict[Node, tuple[dict[str, None], dict[str, None]]] = {}
    for node in list(head):
        members.setdefault(top(node), ({}, {}))[node[0]][node[1]] = None
    of: dict[Node, int] = {}
    units, names = [], []
    for number, sides in enumerate(members.values()):
        of |= {(side, unit): number for side, ids in enumerate(sides) for unit in ids}
        units.append((tuple(sides[0]), tuple(sides[1])))
        shown = [trees[1].names.get(one, one) for one in sides[1]]
        shown = shown or [trees[0].names.get(one, one) for one in sides[0]]
        names.append((texts or catalogue()).names(shown))
    return Lots(of, tuple(units), tuple(names))

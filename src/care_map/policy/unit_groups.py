"""Which units of the day a target's unit is, through the crosswalk where it is one of another time.

Targets are never divided. Of towns that were merged they sum; a town that goes on under its name
keeps its own, also where it gave a part away; one that became several is counted with all of them
together. Units that targets bind together in this way are one group, a row of the ledger.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from care_map.accessibility.coverage import ALL, NONE
from care_map.policy.unit_tree import UnitTree, full_code, plain_name

__all__ = ["Group", "Links", "UnitGroups"]


@dataclass(frozen=True, slots=True)
class Links:
    """A crosswalk's links, to be followed either way.

    Parameters
    ----------
    table
        ``from_unit, to_unit, from_name, to_name`` (:class:`care_map.inputs.crosswalk.Crosswalk`);
        None without a crosswalk.
    """

    table: pd.DataFrame | None
    _forward: Mapping[str, tuple[str, ...]] = field(init=False)
    _backward: Mapping[str, tuple[str, ...]] = field(init=False)
    _named: Mapping[str, tuple[str, ...]] = field(init=False)

    def __post_init__(self) -> None:
        """Make the lookups."""
        forward: dict[str, dict[str, None]] = {}
        backward: dict[str, dict[str, None]] = {}
        named: dict[str, dict[str, None]] = {}
        for one, two, old, new in self._rows():
            forward.setdefault(one, {})[two] = None
            backward.setdefault(two, {})[one] = None
            for unit, name in ((one, old), (two, new)):
                named.setdefault(plain_name(name or unit), {})[unit] = None
        for name, found in {"_forward": forward, "_backward": backward, "_named": named}.items():
            object.__setattr__(self, name, {key: tuple(many) for key, many in found.items()})

    def _rows(self) -> Iterable[tuple[str, str, str, str]]:
        if self.table is None:
            return []
        columns = ("from_unit", "to_unit", "from_name", "to_name")
        return zip(*([str(cell) for cell in self.table[name]] for name in columns), strict=True)

    def present(self, label: str, tree: UnitTree) -> tuple[str, ...]:
        """Return the units of the day that a code or name has become, else was made of."""
        keys = self._keys(label)
        return _ends(self._forward, keys, tree) or _ends(self._backward, keys, tree)

    def given_away(self, label: str, tree: UnitTree) -> tuple[str, ...]:
        """Return the units of the day that got a part of one that goes on."""
        own = tree.meant(label)
        return tuple(
            unit for unit in _ends(self._forward, self._keys(label), tree) if unit not in own
        )

    def _keys(self, label: str) -> set[str]:
        return {full_code(label), *self._named.get(plain_name(label), ())}


def _ends(
    links: Mapping[str, tuple[str, ...]], keys: Iterable[str], tree: UnitTree
) -> tuple[str, ...]:
    """Return the units of the day that links lead to, going on from those of other times."""
    seen = set(keys)
    waiting = sorted(seen)
    found: dict[str, None] = {}
    while waiting:
        for following in links.get(waiting.pop(), ()):
            if following in seen:
                continue
            seen.add(following)
            units = tree.meant(following)
            if len(units) == 1:
                found[units[0]] = None
            else:
                waiting.append(following)
    return tuple(sorted(found))


@dataclass(frozen=True, slots=True)
class Group:
    """What a row of the ledger is of.

    Parameters
    ----------
    units
        Ids of units of the day; :data:`ALL` for the district, :data:`NONE` for what is in no
        unit, empty for a unit of the notice that is not found among those of the day.
    labels
        Units that targets name, as they name them.
    """

    units: tuple[str, ...]
    labels: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether it is the whole district."""
        return self.units == (ALL,)

    @property
    def found(self) -> bool:
        """Whether it is known which units of the day it is."""
        return bool(self.units)


class UnitGroups:
    """Groups of the units that targets name.

    Parameters
    ----------
    labels
        Ids or names, "" for the whole district.
    tree
        Units of the day.
    links
        The crosswalk.

    Examples
    --------
    >>> tree = UnitTree(pd.DataFrame({"unit_id": ["1", "2"], "name": ["甲街道", "乙镇"],
    ...     "unit_kind": ["street", "town"]}))
    >>> links = Links(pd.DataFrame({"from_unit": ["甲镇"], "to_unit": ["1"],
    ...     "from_name": ["甲镇"], "to_name": ["甲街道"]}))
    >>> groups = UnitGroups(["甲镇", "乙镇", "丙镇"], tree, links)
    >>> [groups.of_label(label).units for label in ("甲镇", "乙镇", "丙镇")]
    [('1',), ('2',), ()]
    """

    def __init__(self, labels: Iterable[str], tree: UnitTree, links: Links) -> None:
        self._tree = tree
        meant = {label: self._meant(label, links) for label in dict.fromkeys(labels)}
        self._groups = _joined(meant)
        self._of_unit = {unit: group for group in self._groups.values() for unit in group.units}

    def _meant(self, label: str, links: Links) -> tuple[str, ...]:
        if not label:
            return (ALL,)
        units = self._tree.meant(label)
        if len(units) != 1:
            units = units or links.present(label, self._tree)
            towns = {self.home(unit) for unit in units}
            # One name of several villages says nothing unless they lie in one town.
            several = bool(self._tree.meant(label)) and len(towns) > 1
            return () if several else tuple(sorted(towns - {""}))
        home = self.home(units[0])
        return (home,) if home else ()

    def home(self, unit: str) -> str:
        """Return the unit whose row a place in a unit counts in: its town where it has one."""
        tree = self._tree
        if unit not in tree.names:
            return ""
        if tree.levels[unit] == "district":
            return ALL if len(tree.at_level("district")) == 1 else ""
        return tree.town_of(unit) or unit

    def of_label(self, label: str) -> Group:
        """Return the group of a unit as a target names it."""
        return self._groups[label]

    def of_place(self, unit: str) -> Group:
        """Return the group that a facility in a unit counts in."""
        home = self.home(self._tree.by_code(unit) if unit else "")
        if not home or home == ALL:
            return Group((NONE,))
        return self._of_unit.get(home, Group((home,)))


def _joined(meant: Mapping[str, tuple[str, ...]]) -> dict[str, Group]:
    """Bind together what shares a unit, one group for each lot."""
    lots: list[tuple[set[str], list[str]]] = []
    for label, units in meant.items():
        together, names = set(units), [label]
        apart = []
        for lot in lots:
            if lot[0] & together:
                together |= lot[0]
                names = [*lot[1], *names]
            else:
                apart.append(lot)
        lots = [*apart, (together, names)]
    return {
        label: Group(tuple(sorted(units)), tuple(labels))
        for units, labels in lots
        for label in labels
    }

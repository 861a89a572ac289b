"""Which facilities a unit has and which serve it, as far as the lists say it.

A facility names the units that it serves by id or by name. A name that several units have means
the one in the facility's own town; where that does not settle it, none of them is known to be
served.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from care_map.policy.built import BUILT, own_rows, role_set
from care_map.policy.facts import Facts
from care_map.policy.unit_tree import UnitTree

__all__ = ["Offer", "Offers", "make_offers", "units_served"]

_KINDS = ("村", "社区")
"""Endings that lists leave out: 红旗 for 红旗村."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A facility that has, or may have, what is asked for.

    Parameters
    ----------
    facility_id, name
        Of the facility.
    sure
        Whether its type and its stage say so; else one of them is not given.
    operates
        Whether it is known to operate.
    """

    facility_id: str
    name: str
    sure: bool
    operates: bool

    @property
    def shown(self) -> str:
        """What people call it."""
        return self.name or self.facility_id


@dataclass(frozen=True, slots=True)
class Offers:
    """Facilities by the units of one level.

    Parameters
    ----------
    own, shared
        By unit, what is in it, and what is elsewhere and says that it serves it.
    ambiguous
        By unit, facilities with a word of theirs that may mean this unit or another.
    unplaced
        Facilities whose unit of the level is not known: by town, "" where that is unknown too.
    """

    own: Mapping[str, Sequence[Offer]] = field(default_factory=dict)
    shared: Mapping[str, Sequence[Offer]] = field(default_factory=dict)
    ambiguous: Mapping[str, Sequence[tuple[Offer, str]]] = field(default_factory=dict)
    unplaced: Mapping[str, Sequence[Offer]] = field(default_factory=dict)


def units_served(word: str, tree: UnitTree, *, level: str, town: str) -> tuple[str, ...]:
    """Return the units of a level that a word of ``serves_units`` may mean.

    Parameters
    ----------
    word
        An id, a name, a name after that of its town; 村 or 社区 at its end may be left out.
    tree
        The units.
    level
        Level of the units that are looked for.
    town
        Town of the facility, "" if unknown.

    Returns
    -------
    tuple of str
        One where the word is clear, none where no unit is called so.
    """
    words = [word], [f"{word}{kind}" for kind in _KINDS]
    for spelled in words:
        found = dict.fromkeys(
            unit for one in spelled for unit in tree.meant(one) if tree.levels[unit] == level
        )
        own = [unit for unit in found if town and tree.town_of(unit) == town]
        if found:
            return tuple(own) if len(own) == 1 else tuple(found)
    return ()


def _served_words(row: Mapping[Hashable, object]) -> tuple[str, ...]:
    """Return what a facility's cell ``serves_units`` lists."""
    return tuple(filter(None, map(str.strip, _text(row, "serves_units").split(";"))))


def make_offers(
    facts: Facts, roles: Iterable[str], tree: UnitTree, *, level: str, stage: str, shared: bool
) -> Offers:
    """Sort the district's own facilities of some types by the units of a level.

    Parameters
    ----------
    facts
        The lists.
    roles
        Types any of which will do.
    tree
        The units.
    level
        Level of the units that are asked about.
    stage
        ``accepted`` takes all that are built, ``operating`` those that serve.
    shared
        Whether ``serves_units`` counts.

    Returns
    -------
    Offers
    """
    asked = frozenset(roles)
    stages = BUILT if stage == "accepted" else ("operating",)
    own: dict[str, list[Offer]] = {}
    served: dict[str, list[Offer]] = {}
    ambiguous: dict[str, list[tuple[Offer, str]]] = {}
    unplaced: dict[str, list[Offer]] = {}
    for row in own_rows(facts.facilities).to_dict("records"):
        offer = _offer(row, asked, stages)
        if offer is None:
            continue
        unit = tree.by_code(_text(row, "unit_id"))
        town = tree.town_of(unit)
        here = next((one for one in tree.chain(unit) if tree.levels[one] == level), "")
        if here:
            own.setdefault(here, []).append(offer)
        named = False
        for word in _served_words(row) if shared else ():
            units = units_served(word, tree, level=level, town=town)
            named |= bool(units)
            if len(units) == 1 and units[0] != here:
                served.setdefault(units[0], []).append(offer)
            for one in units if len(units) > 1 else ():
                ambiguous.setdefault(one, []).append((offer, word))
        if not here and not named:
            unplaced.setdefault(town, []).append(offer)
    return Offers(own, served, ambiguous, unplaced)


def _offer(
    row: Mapping[Hashable, object], asked: frozenset[str], stages: Sequence[str]
) -> Offer | None:
    """Return what a facility offers, None where it is known to offer nothing of this."""
    roles, stage = role_set(row.get("roles")), _text(row, "stage")
    if (roles and not roles & asked) or (stage and stage not in stages):
        return None
    return Offer(
        _text(row, "facility_id"),
        _text(row, "name"),
        sure=bool(roles and stage),
        operates=bool(roles) and stage == "operating",
    )


def _text(row: Mapping[Hashable, object], name: str) -> str:
    cell = row.get(name)
    return cell.strip() if isinstance(cell, str) else ""

"""One per unit: whether each street, town, community or village has what the notice owes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from care_map.accessibility.coverage import ALL
from care_map.messages import Catalogue, catalogue
from care_map.packs.rules import PerUnit
from care_map.policy.facts import Facts
from care_map.policy.ledger_notes import short_list
from care_map.policy.offers import Offer, Offers, make_offers
from care_map.policy.unit_tree import UnitTree
from care_map.schema import UNIT_SERVICE
from care_map.vocabulary import LEVEL_OF_KIND

__all__ = ["service_bounds", "unit_service", "unlisted_kinds"]

_HALF = 2
"""Elders of a unit reach a facility where at least one of two whose answer is known is inside the
circle (default: no notice says it)."""


def unit_service(
    rule: PerUnit,
    facts: Facts,
    *,
    profile: str | None = None,
    clause_id: str = "",
    texts: Catalogue | None = None,
) -> pd.DataFrame:
    """Return for each unit of the kinds asked for whether it has a facility, and how.

    When a facility was built does not matter here: one of before the plan will do.

    Parameters
    ----------
    rule
        Kinds of units, types, stage, exempt units.
    facts
        The lists; `coverage_by_unit` tells whether a unit's elders reach a facility.
    profile
        Reading of the circle; the first of the table without it, which is the official one.
    clause_id
        Clause that the rule is of.
    texts
        For notes.

    Returns
    -------
    DataFrame
        Columns of :data:`care_map.schema.UNIT_SERVICE`, a row per unit in the order of the units.
    """
    survey = _survey(rule, facts, profile=profile, texts=texts or catalogue())
    rows = [survey.row(unit) for unit in survey.units]
    table = pd.DataFrame(rows, columns=UNIT_SERVICE.names, dtype=object)
    table = table.assign(clause_id=clause_id)
    return table.astype({"elders": "Int64", "covered": "Int64"})


def service_bounds(service: pd.DataFrame, rule: PerUnit, facts: Facts) -> tuple[int, int]:
    """Return how many units have a facility at least, and at most.

    A facility that does not say which unit it is in is in one of them, not in all.

    Parameters
    ----------
    service
        Of :func:`unit_service`.
    rule, facts
        What it was made of.

    Returns
    -------
    int, int
    """
    low = int((service["answer"] == "yes").sum())
    unknown = service.loc[service["answer"] == "unknown", "unit_id"]
    if "facilities" not in facts.given:
        return low, low + len(unknown)
    survey = _survey(rule, facts, profile=None, texts=catalogue())
    open_units = [unit for unit in unknown if survey.doubt(unit) == "unplaced"]
    high = low + len(unknown) - len(open_units)
    spread: dict[tuple[str, ...], list[str]] = {}
    for unit in open_units:
        spread.setdefault(survey.roles_of(unit), []).append(unit)
    return low, high + sum(survey.most_placed(units) for units in spread.values())


def unlisted_kinds(rule: PerUnit, facts: Facts) -> tuple[str, ...]:
    """Return the kinds of units that a rule asks for and of whose level none is listed.

    A list of towns alone says nothing of villages: that none of them lacks a point is not known.
    A list that has some unit of a level is taken as it is.

    Parameters
    ----------
    rule
        What is asked for.
    facts
        The lists.
    """
    levels = set(UnitTree(facts.units).levels.values())
    return tuple(kind for kind in rule.unit_kinds if LEVEL_OF_KIND[kind] not in levels)


@dataclass(frozen=True, slots=True)
class _Reached:
    """Elders of a unit: all, inside the circle, and those of whom it is known."""

    elders: int
    covered: int
    known: int

    @property
    def most(self) -> bool:
        return self.covered * _HALF >= self.known


@dataclass(frozen=True, slots=True)
class _Survey:
    rule: PerUnit
    given: bool
    tree: UnitTree
    units: tuple[str, ...]
    offers: Mapping[tuple[tuple[str, ...], str], Offers]
    exempt: Mapping[str, str]
    """Unit → the word that exempts it; ``?word`` where that may mean another."""
    reached: Mapping[str, _Reached]
    elders: Mapping[str, int]
    texts: Catalogue

    def roles_of(self, unit: str) -> tuple[str, ...]:
        """Return the types that will do for a unit, none where its kind does not tell."""
        return _roles_of(self.rule, self.tree.kinds[unit], self.tree.levels[unit])

    def doubt(self, unit: str) -> str:
        """Return why it is open whether a unit has a facility, "" where it is not."""
        offers = self._offers(unit)
        there = (*offers.own.get(unit, ()), *offers.shared.get(unit, ()))
        if self.given and any(one.sure for one in there):
            return ""
        doubts = {
            "not_given": not self.given,
            "kind_unknown": not self.roles_of(unit),
            "exempt_ambiguous": self.exempt.get(unit, "").startswith("?"),
            "ambiguous": bool(offers.ambiguous.get(unit)),
            "unsure": bool(there),
            "unplaced": bool(self._unplaced(unit)),
        }
        return next((doubt for doubt, holds in doubts.items() if holds), "")

    def row(self, unit: str) -> dict[str, object]:
        """Return the row of a unit."""
        offers = self._offers(unit)
        own = [one for one in offers.own.get(unit, ()) if one.sure]
        shared = [one for one in offers.shared.get(unit, ()) if one.sure]
        how, notes = self._how(unit, own, shared)
        reached = self.reached.get(unit)
        answer = "unknown" if how == "unknown" else _ANSWERS[how]
        return {
            "unit_id": unit,
            "unit_name": self.tree.full_name(unit),
            "unit_kind": self.tree.kinds[unit],
            "roles": ";".join(self.roles_of(unit)),
            "answer": answer,
            "how": how,
            "own_ids": ";".join(one.facility_id for one in own),
            "shared_ids": ";".join(one.facility_id for one in shared),
            "elders": reached.elders if reached else self.elders.get(unit, pd.NA),
            "covered": reached.covered if reached else pd.NA,
            "note": self.texts.remarks(notes),
        }

    def _how(
        self, unit: str, own: Sequence[Offer], shared: Sequence[Offer]
    ) -> tuple[str, list[str]]:
        if unit in self.exempt and not self.exempt[unit].startswith("?"):
            return "exempt", [self.texts.text("unit_service.exempt")]
        doubt = self.doubt(unit)
        if doubt:
            return "unknown", [self._doubt_note(unit, doubt)]
        if own:
            return self._how_own(unit, own)
        if shared:
            said = self.texts.text("unit_service.shared_by", names=_shown(shared, self.texts))
            return "shared", [said, *self._closed(shared)]
        reached = self.reached.get(unit)
        if reached and reached.most:
            said = self.texts.text(
                "unit_service.next_door", covered=reached.covered, known=reached.known
            )
            return "next_door", [said]
        return "none", []

    def _how_own(self, unit: str, own: Sequence[Offer]) -> tuple[str, list[str]]:
        reached, notes = self.reached.get(unit), self._several(own)
        if not reached or reached.most or not any(one.operates for one in own):
            return "own", [*notes, *self._closed(own)]
        said = self.texts.text(
            "unit_service.unreached", covered=reached.covered, known=reached.known
        )
        return "own_unreached", [*notes, said]

    def _several(self, own: Sequence[Offer]) -> list[str]:
        if len(own) == 1:
            return []
        return [self.texts.text("unit_service.several", count=len(own))]

    def _closed(self, offers: Sequence[Offer]) -> list[str]:
        operates = any(one.operates for one in offers)
        return [] if operates else [self.texts.text("unit_service.not_operating")]

    def _doubt_note(self, unit: str, doubt: str) -> str:
        offers = self._offers(unit)
        if doubt == "exempt_ambiguous":
            word = self.exempt[unit].removeprefix("?")
            return self.texts.text("unit_service.exempt_ambiguous", word=word)
        if doubt == "ambiguous":
            offer, word = offers.ambiguous[unit][0]
            return self.texts.text("unit_service.ambiguous", names=offer.shown, word=word)
        if doubt == "unsure":
            there = (*offers.own.get(unit, ()), *offers.shared.get(unit, ()))
            return self.texts.text("unit_service.unsure", names=_shown(there, self.texts))
        if doubt == "unplaced":
            there = self._unplaced(unit)
            return self.texts.text(
                "unit_service.unplaced", count=len(there), names=_shown(there, self.texts)
            )
        return self.texts.text(f"unit_service.{doubt}")

    def _offers(self, unit: str) -> Offers:
        key = (self.roles_of(unit), self.tree.levels[unit])
        return self.offers.get(key, Offers())

    def _unplaced(self, unit: str) -> tuple[Offer, ...]:
        """Return the facilities that may be in a unit, as nobody says which one they are in."""
        unplaced = self._offers(unit).unplaced
        town = self.tree.town_of(unit)
        in_town = unplaced.get(town, ()) if town else ()
        return (*in_town, *unplaced.get("", ()))

    def most_placed(self, units: Sequence[str]) -> int:
        """Return how many units, with the same types asked for, unplaced facilities may be in."""
        by_town: dict[str, int] = {}
        for unit in units:
            town = self.tree.town_of(unit)
            by_town[town] = by_town.get(town, 0) + 1
        unplaced = self._offers(units[0]).unplaced
        in_towns = sum(
            min(count, len(unplaced.get(town, ())) if town else 0)
            for town, count in by_town.items()
        )
        return min(len(units), in_towns + len(unplaced.get("", ())))


_ANSWERS: Mapping[str, str] = {
    "own": "yes",
    "own_unreached": "yes",
    "shared": "yes",
    "none": "no",
    "next_door": "no",
    "exempt": "",
}
"""How a unit is served → whether it has what it is owed; of exempt ones nobody asks."""


def _shown(offers: Sequence[Offer], texts: Catalogue) -> str:
    return short_list([one.shown for one in offers], texts)


def _survey(rule: PerUnit, facts: Facts, *, profile: str | None, texts: Catalogue) -> _Survey:
    tree = UnitTree(facts.units)
    units = tuple(unit for unit in tree.names if _asked(rule, tree.kinds[unit], tree.levels[unit]))
    given = "facilities" in facts.given
    wanted = {
        (_roles_of(rule, tree.kinds[unit], tree.levels[unit]), tree.levels[unit]) for unit in units
    }
    offers = {
        (roles, level): make_offers(
            facts, roles, tree, level=level, stage=rule.stage, shared=rule.shared
        )
        for roles, level in wanted
        if given and roles
    }
    return _Survey(
        rule,
        given,
        tree,
        units,
        offers,
        _exempt(rule, tree, units),
        _reached(rule, facts.coverage_by_unit, profile),
        _elders(facts.units),
        texts,
    )


def _asked(rule: PerUnit, kind: str, level: str) -> bool:
    """Tell whether a unit is, or may be, of the kinds that a rule speaks of."""
    if kind:
        return kind in rule.unit_kinds
    return any(LEVEL_OF_KIND[asked] == level for asked in rule.unit_kinds)


def _roles_of(rule: PerUnit, kind: str, level: str) -> tuple[str, ...]:
    if kind:
        return rule.by_kind.get(kind, rule.roles)
    # Not knowing its kind does no harm where all kinds of the level are owed the same.
    kinds = [kind for kind, its_level in LEVEL_OF_KIND.items() if its_level == level]
    roles = {rule.by_kind.get(kind, rule.roles) for kind in kinds}
    same = len(roles) == 1 and set(kinds) <= set(rule.unit_kinds)
    return roles.pop() if same else ()


def _exempt(rule: PerUnit, tree: UnitTree, units: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    asked = set(units)
    for word in rule.exempt:
        meant = [unit for unit in tree.meant(word) if unit in asked]
        sure = "" if len(meant) == 1 else "?"
        found.update(dict.fromkeys(meant, f"{sure}{word}"))
    return found


def _reached(rule: PerUnit, coverage: pd.DataFrame, profile: str | None) -> dict[str, _Reached]:
    if rule.circle is None or coverage.empty:
        return {}
    rows = coverage[coverage["circle"] == rule.circle]
    rows = rows[(rows["setting"] == ALL) & (rows["group"] == ALL)]
    if rows.empty:
        return {}
    rows = rows[rows["profile"] == (profile or rows["profile"].iloc[0])]
    found = {}
    columns = (rows[name] for name in ("unit_id", "elders", "covered", "undetermined"))
    for unit, elders, covered, undetermined in zip(*columns, strict=True):
        known = int(elders) - int(undetermined)
        if known > 0:
            found[str(unit)] = _Reached(int(elders), int(covered), known)
    return found


def _elders(units: pd.DataFrame) -> dict[str, int]:
    if "elders" not in units:
        return {}
    known = units[units["elders"].notna()]
    return {
        str(unit): int(count) for unit, count in zip(known["unit_id"], known["elders"], strict=True)
    }

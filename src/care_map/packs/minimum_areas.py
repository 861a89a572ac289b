"""Floor areas that the clauses of a notice ask of facilities of a type."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from care_map.packs.conditions import AllOf, AnyOf, Condition, Named, Test, tests_of
from care_map.packs.pack_file import PackFile
from care_map.packs.rules import Share

__all__ = ["MinimumArea", "minimum_areas"]


@dataclass(frozen=True, slots=True)
class MinimumArea:
    """What one clause asks of the floor area of one type.

    Parameters
    ----------
    least_m2
        Square metres, themselves enough.
    few_elders_m2
        What is enough in units with few elders; the same where the notice has no such exception.
    clause_id, cite
        Where the notice says so.
    strength
        How binding the words are.
    """

    least_m2: float
    few_elders_m2: float
    clause_id: str
    cite: str
    strength: str


def minimum_areas(pack: PackFile | None) -> dict[str, MinimumArea]:
    """Return the least floor area by facility type; empty without a pack.

    Parameters
    ----------
    pack
        A pack of :func:`care_map.packs.reader.read_pack`.

    Returns
    -------
    dict
        Of several clauses on a type the largest area.
    """
    found: dict[str, MinimumArea] = {}
    for clause in pack.clause if pack else ():
        rule = clause.rule
        if pack is None or not isinstance(rule, Share) or rule.rows != "facilities":
            continue
        areas = _areas(rule.meets, pack.condition)
        if areas is None:
            continue
        one = MinimumArea(*areas, clause.id, clause.cite, clause.strength)
        for role in _types(rule.of, pack.condition):
            if role not in found or found[role].least_m2 < one.least_m2:
                found[role] = one
    return found


def _types(of: Condition | None, named: Mapping[str, Condition]) -> Iterator[str]:
    """Yield the types that a rule speaks of, none where it asks for more than a type."""
    tests = list(tests_of(of, named))
    if len(tests) == 1 and tests[0].field == "roles":
        yield from tests[0].has_any


def _areas(meets: Condition, named: Mapping[str, Condition]) -> tuple[float, float] | None:
    """Return the least area, and that of units with few elders."""
    if isinstance(meets, Named):
        return _areas(named[meets.named], named)
    if isinstance(meets, Test):
        area = _area(meets)
        return None if area is None else (area, area)
    if not isinstance(meets, AnyOf):
        return None
    plain = [_area(part) for part in meets.any if isinstance(part, Test)]
    fewer = [_few(part, named) for part in meets.any if isinstance(part, AllOf)]
    least = [area for area in plain if area is not None]
    few = [area for area in fewer if area is not None]
    return (least[0], min([*few, least[0]])) if least else None


def _area(test: Test) -> float | None:
    alone = not test.plus and test.per is None
    return test.at_least if test.field == "floor_area_m2" and alone else None


def _few(part: AllOf, named: Mapping[str, Condition]) -> float | None:
    tests = list(tests_of(part, named))
    fields = {test.field for test in tests}
    if fields != {"unit.few_elders", "floor_area_m2"}:
        return None
    return next(_area(test) for test in tests if test.field == "floor_area_m2")

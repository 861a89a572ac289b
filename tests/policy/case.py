"""One case of a clause: lists in, verdict out."""

from dataclasses import dataclass

from care_map.policy.facts import Facts


@dataclass(frozen=True, slots=True)
class Case:
    """What a clause must say of some facts.

    `low` and `high` are the figure's bounds where they matter; `words_contain` must stand in the
    words of the verdict, `missing_contains` in what is missing, `note_contains` in the note (all
    Chinese).
    """

    clause_id: str
    verdict: str
    facts: Facts
    low: float | None = None
    high: float | None = None
    words_contain: str = ""
    missing_contains: str = ""
    id: str = ""
    note_contains: str = ""

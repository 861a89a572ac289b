"""Which rows of a list a rule speaks of.

Facilities: the district's own, built (accepted, operating or suspended on the day) unless a
condition asks for a stage itself. Elders: those who live here, unless a condition asks for the
residence itself. Rows of one site count once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from care_map.packs.conditions import Condition
from care_map.policy.answers import Answers, all_of, constant
from care_map.policy.built import BUILT
from care_map.policy.cells import Cells
from care_map.policy.scene import PERSON_RECORDS, Scene

__all__ = [
    "Scope",
    "built_own",
    "one_a_site",
    "person_answers",
    "scope_of",
    "weights",
]

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

_TELLS_STAGE = frozenset({"stage", "planned_date", "siting_date", "building_date", "finished_date"})
_AWAY = "away"


@dataclass(frozen=True, slots=True)
class Scope:
    """The rows that a rule speaks of.

    Parameters
    ----------
    rows
        List that they are of.
    cells
        Its columns.
    member
        ``(n,)`` whether the rule speaks of a row.
    away
        ``(n,)`` elders who would be in but live elsewhere.
    """

    rows: str
    cells: Cells
    member: Answers
    away: Bools


def scope_of(
    scene: Scene, rows: str, of: Condition | None, *, also: Sequence[Condition | None] = ()
) -> Scope:
    """Return the rows that a rule speaks of.

    Parameters
    ----------
    scene
        Lists and pack.
    rows
        List.
    of
        The rule's own condition.
    also
        Its other conditions: what these ask of stage or residence is asked nowhere else.
    """
    cells = scene.cells(rows)
    asked = set(scene.fields(of, *also))
    member = scene.answer(of, rows)
    away = np.zeros(len(cells), bool)
    of_facility = "facility." if rows == "services" else ""
    if rows == "facilities" or (of_facility and "facilities" in scene.facts.given):
        any_stage = any(f"{of_facility}{name}" in asked for name in _TELLS_STAGE)
        member = all_of([member, built_own(cells, any_stage=any_stage, of=of_facility)])
    if rows == "elders":
        if "residence" not in asked:
            elsewhere = cells.words("residence")
            is_away = np.array([word == _AWAY for word in elsewhere.spelled], bool)
            away = elsewhere.each(is_away) & ~member.no
            member = Answers(
                member.yes & ~away,
                member.no | away,
                {name: lacking & ~away for name, lacking in member.missing.items()},
            )
        member = _named_persons(member, cells)
    return Scope(rows, cells, member, away)


def _named_persons(answers: Answers, cells: Cells) -> Answers:
    """Say of numbers of elders that records of persons are missing, not their cells."""
    lacking = {name: rows & ~cells.counted for name, rows in answers.missing.items()}
    counts = answers.unknown & cells.counted
    return Answers(answers.yes, answers.no, {**lacking, PERSON_RECORDS: counts})


def person_answers(answers: Answers, scope: Scope) -> Answers:
    """Return answers about persons with what numbers of elders lack said as such."""
    return _named_persons(answers, scope.cells) if scope.rows == "elders" else answers


def built_own(cells: Cells, *, any_stage: bool = False, of: str = "") -> Answers:
    """Tell which facilities are the district's own and built on the run's day.

    Parameters
    ----------
    cells
        Facilities.
    any_stage
        Whether those that are not built are meant too.
    of
        ``facility.`` for the facilities of services.
    """
    own = constant(len(cells), yes=True)
    if cells.has(f"{of}in_area"):
        flag = cells.numbers(f"{of}in_area")
        own = Answers(flag == 1.0, flag == 0.0, {f"{of}in_area": np.isnan(flag)})
    if any_stage:
        return own
    stage, accepted = cells.words(f"{of}stage"), cells.words(f"{of}accepted_date")
    today = cells.facts.as_of.isoformat()
    later = accepted.each(np.array([day[:10] > today for day in accepted.spelled], bool))
    yes = stage.each(np.array([word in BUILT for word in stage.spelled], bool)) & ~later
    no = later | (~stage.empty & ~yes)
    return all_of([own, Answers(yes, no, {f"{of}stage": ~yes & ~no})])


def weights(scope: Scope, name: str | None) -> Floats:
    """Return what each row counts by: a column, the number of elders, or 1."""
    if name is not None:
        numbers = scope.cells.numbers(name)
        return np.where(scope.cells.asked(name), numbers, np.nan)
    if scope.rows == "elders" and scope.cells.has("elders"):
        return scope.cells.numbers("elders")
    return np.ones(len(scope.cells))


def one_a_site(
    scope: Scope, meets: Answers, *values: Floats
) -> tuple[Answers, Answers, tuple[Floats, ...]]:
    """Join the rows of one site: it counts once.

    A site is in where one of its rows is; it meets what is asked where one row says yes and none
    no; of numbers the largest counts (a part is not added to its whole).

    Parameters
    ----------
    scope
        The rows.
    meets
        ``(n,)`` what each row is.
    *values
        ``(n,)`` numbers, NaN where unknown.

    Returns
    -------
    member, meets : Answers
    values : tuple of Floats
        All of one entry a site.
    """
    member = scope.member
    site = _sites(scope)
    if site is None:
        return member, meets, values
    size = int(site.max()) + 1
    sure = _any_of(site, member.yes, size)
    may = _any_of(site, member.unknown, size) & ~sure
    # Where a row is surely in, only such rows speak for the site.
    speaks = member.yes | (member.unknown & may[site])
    yes = _any_of(site, meets.yes & speaks, size)
    no = _any_of(site, meets.no & speaks, size)
    joined = []
    for value in values:
        largest = np.full(size, -np.inf)
        np.fmax.at(largest, site[speaks], value[speaks])
        joined.append(np.where(np.isinf(largest), np.nan, largest))
    member = Answers(sure, ~sure & ~may)
    return member, Answers(yes & ~no, no & ~yes), tuple(joined)


def _any_of(site: NDArray[np.int64], rows: Bools, size: int) -> Bools:
    return np.bincount(site[rows], minlength=size) > 0


def _sites(scope: Scope) -> NDArray[np.int64] | None:
    """Return the site of each row, None where every row is one of its own."""
    if scope.rows != "facilities" or not scope.cells.has("site_id"):
        return None
    named = scope.cells.words("site_id")
    alone = named.empty
    if len(np.unique(named.codes[~alone])) == int((~alone).sum()):
        return None
    key = np.where(alone, len(named.spelled) + np.arange(len(alone)), named.codes)
    return np.unique(key, return_inverse=True)[1].astype(np.int64)

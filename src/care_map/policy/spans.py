"""中心带站: which stations a centre runs, and whether these are all of its street or town."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from care_map.packs.rules import Span
from care_map.policy.answers import Answers, all_of
from care_map.policy.cells import Cells, Words
from care_map.policy.finding import Finding
from care_map.policy.scene import Scene
from care_map.policy.scope import built_own
from care_map.policy.shares import share_finding
from care_map.policy.unit_tree import plain_name

__all__ = ["has_role", "judge_span"]

Bools = NDArray[np.bool_]
Objects = NDArray[np.object_]


def has_role(cells: Cells, roles: Sequence[str]) -> Answers:
    """Tell which facilities are of one of some types."""
    column = cells.words("roles")
    wanted = set(roles)
    yes = column.each(
        np.array([bool(wanted & set(one.split(";"))) for one in column.spelled], bool)
    )
    return Answers(yes, ~yes & ~column.empty, {"roles": ~yes & column.empty})


@dataclass(frozen=True, slots=True)
class _Stations:
    """The stations of the district, arrays of one length.

    Parameters
    ----------
    run_by
        Words of the centre that runs each, "" where unknown.
    town
        Its town or street, "" where unknown.
    """

    run_by: Objects
    town: Objects


@dataclass(frozen=True, slots=True)
class _Centre:
    """What is known of one centre.

    Parameters
    ----------
    runs
        How many stations it runs.
    own
        How many are in its street or town.
    meets
        Whether it spans them, None if unknown.
    asked
        Whether there is anything to span.
    lacks
        Columns that keep it unknown.
    """

    runs: int
    own: int
    meets: bool | None
    asked: bool = True
    lacks: tuple[str, ...] = ()


def judge_span(rule: Span, scene: Scene) -> Finding:
    """Judge which share of centres runs the stations that it should.

    Parameters
    ----------
    rule
        The formula.
    scene
        Pack and lists.
    """
    measure = scene.texts.text("policy.measure.centres")
    if scene.list_missing("facilities"):
        return Finding(
            form="share", measure=measure, known=False, missing=scene.list_missing("facilities")
        )
    cells = scene.cells("facilities")
    built, towns = built_own(cells), _texts(cells, "town.unit_id")
    run_by = _names(cells, "operator_centre")
    where = np.flatnonzero(all_of([has_role(cells, rule.stations), built]).yes)
    stations = _Stations(run_by[where], towns[where])
    member = all_of([has_role(cells, rule.centres), built])
    ids, names = _names(cells, "facility_id"), _names(cells, "name")
    found = {
        row: _spans(rule, stations, town=towns[row], names={ids[row], names[row]} - {""})
        for row in np.flatnonzero(~member.no).tolist()
    }
    member, meets = _answers(found, member)
    shown = [found[row] for row in np.flatnonzero(~member.no).tolist()]
    values = [scene.texts.text("policy.value.runs", runs=one.runs, own=one.own) for one in shown]
    return share_finding(
        scene,
        "facilities",
        member,
        meets,
        at_least=rule.at_least,
        measure=measure,
        values=values,
    )


def _texts(cells: Cells, name: str) -> Objects:
    return cells.words(name).at(np.arange(len(cells)))


def _names(cells: Cells, name: str) -> Objects:
    """Return ids or names as they are compared."""
    column = cells.words(name)
    words = tuple(map(plain_name, column.spelled))
    return Words(column.codes, words).at(np.arange(len(cells)))


def _spans(rule: Span, stations: _Stations, *, town: str, names: set[str]) -> _Centre:
    runs = np.isin(stations.run_by, list(names))
    blank = stations.run_by == ""
    own = stations.town == town if town else np.zeros(len(runs), bool)
    done = int(runs.sum())
    enough = rule.runs_at_least or rule.about
    if enough is not None and done >= enough:
        return _Centre(done, int(own.sum()), meets=True)
    may_run_enough = enough is not None and int((runs | blank).sum()) >= enough
    if rule.runs_at_least or (own & ~runs & ~blank).any():
        if may_run_enough:
            return _Centre(done, int(own.sum()), meets=None, lacks=("operator_centre",))
        return _Centre(done, int(own.sum()), meets=False)
    open_ = {
        "operator_centre": bool((own & blank).any()),
        "unit_id": not town or bool(((stations.town == "") & ~runs).any()),
    }
    lacks = tuple(name for name, is_open in open_.items() if is_open)
    asked = bool(lacks) or bool(own.any())
    return _Centre(done, int(own.sum()), meets=None if lacks else True, asked=asked, lacks=lacks)


def _answers(found: dict[int, _Centre], member: Answers) -> tuple[Answers, Answers]:
    """Return which centres are meant and which span theirs, a row of the list each."""
    yes, no = np.zeros(len(member), bool), np.zeros(len(member), bool)
    idle = np.zeros(len(member), bool)
    lacks = {name: np.zeros(len(member), bool) for name in ("operator_centre", "unit_id")}
    for row, centre in found.items():
        yes[row], no[row] = centre.meets is True, centre.meets is False
        idle[row] = not centre.asked
        for name in centre.lacks:
            lacks[name][row] = True
    meant = Answers(
        member.yes & ~idle,
        member.no | idle,
        {name: rows & ~idle for name, rows in member.missing.items()},
    )
    return meant, Answers(yes, no, lacks)

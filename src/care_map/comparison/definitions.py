"""What makes two runs hard to compare: said, and never left out of silence."""

from collections.abc import Iterator

from care_map.comparison.lots import Lots
from care_map.comparison.sides import Side
from care_map.errors import Problem

__all__ = ["definition_problems"]


def definition_problems(
    before: Side, after: Side, lots: Lots, *, followed: bool
) -> tuple[Problem, ...]:
    """Return what differs between two runs besides what happened.

    Parameters
    ----------
    before, after
        The runs.
    lots
        Their units.
    followed
        Whether elders could be followed by id.

    Returns
    -------
    tuple of Problem
        Warnings; findings of severity info where something differs as it should.
    """
    return (
        *before.problems,
        *(one for one in after.problems if one not in before.problems),
        *_studies(before, after),
        *_circles(before, after),
        *_profiles(before, after),
        *_others(before, after),
        *_units(lots),
        *([] if followed else [Problem("compare_not_followed", "warning")]),
    )


def _differs(code: str, before: object, after: object, **values: object) -> Problem:
    return Problem(code, "warning", values={"before": before, "after": after, **values})


def _studies(before: Side, after: Side) -> Iterator[Problem]:
    if before.study != after.study:
        yield _differs("compare_study", before.study, after.study)
    if before.data != after.data:
        values = {"data": before.data, "dataset": after.data}
        yield Problem("compare_data", "warning", values=values)
    if before.as_of != after.as_of:
        days = [one.as_of.isoformat() if one.as_of else "-" for one in (before, after)]
        yield Problem("compare_day", "info", values={"before": days[0], "after": days[1]})
    for side, code in ((before, "compare_scenario_before"), (after, "compare_scenario_after")):
        if side.scenario is not None:
            severity = "warning" if side is before else "info"
            name = side.scenario.name
            yield Problem(code, "warning" if severity == "warning" else "info", value=name)


def _circles(before: Side, after: Side) -> Iterator[Problem]:
    then, now = before.definitions.circles, after.definitions.circles
    for circle in dict.fromkeys([*now, *then]):
        if circle not in then or circle not in now:
            code = "compare_circle_new" if circle in now else "compare_circle_gone"
            yield Problem(code, "warning", value=circle)
        elif then[circle][1] != now[circle][1]:
            yield Problem("compare_circle", "warning", value=circle)


def _profiles(before: Side, after: Side) -> Iterator[Problem]:
    then, now = before.definitions.profiles, after.definitions.profiles
    for name in now:
        if name in then and then[name] != now[name]:
            yield Problem("compare_profile", "warning", value=name)


def _others(before: Side, after: Side) -> Iterator[Problem]:
    then, now = before.definitions, after.definitions
    if then.elder_ages is None or now.elder_ages is None:
        yield Problem("compare_age_unknown", "info")
    elif then.elder_ages != now.elder_ages:
        ages = [", ".join(map(str, one.elder_ages or ())) for one in (then, now)]
        yield _differs("compare_age", *ages)
    if then.limits != now.limits:
        yield Problem("compare_limits", "warning")
    if then.pack != now.pack:
        yield Problem("compare_pack", "warning")
    lost = [
        name
        for name in ("weights", "approximate")
        if (name in before.labels) != (name in after.labels)
    ]
    for name in lost:
        yield Problem("compare_label", "warning", values={"data": name})


def _units(lots: Lots) -> Iterator[Problem]:
    lone = sum(not one or not two for one, two in lots.units if one != ("none",))
    joined = lots.changed - lone
    if lone:
        yield Problem("compare_units_lone", "warning", count=lone)
    if joined > 0:
        yield Problem("compare_units_joined", "info", count=joined)

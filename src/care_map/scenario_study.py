"""A study with a scenario: circles and profiles change here, lists and roads when they are read."""

from dataclasses import replace

from care_map.config import Study
from care_map.errors import InputError, Problem
from care_map.scenarios import (
    ChangeCircle,
    ChangeProfile,
    MobileStops,
    Scenario,
)
from care_map.values import PROFILES, Circle, CircleRule, Profile

__all__ = ["study_in", "study_problems_of"]


def study_in(study: Study, scenario: Scenario) -> Study:
    """Return a study as it is in a scenario.

    Parameters
    ----------
    study
        A study; one that has a scenario gets the changes of both, its own first.
    scenario
        What is otherwise.

    Returns
    -------
    Study
        With the circles and profiles of the scenario; its facilities, elders and roads are
        changed when they are read.

    Raises
    ------
    InputError
        The scenario names circles or profiles that the study does not have, or cars where it
        says how somebody walks; all of them are listed.
    """
    changed, problems = _apply(study, scenario)
    if problems:
        raise InputError(problems)
    whole = scenario
    if study.scenario is not None:
        whole = replace(scenario, changes=(*study.scenario.changes, *scenario.changes))
    return changed.model_copy(update={"scenario": whole})


def study_problems_of(study: Study, scenario: Scenario) -> list[Problem]:
    """Return the circles, profiles and sources that a scenario asks for and a study lacks."""
    return _apply(study, scenario)[1]


def _apply(study: Study, scenario: Scenario) -> tuple[Study, list[Problem]]:
    problems: list[Problem] = []
    source = scenario.source or scenario.name
    for key, change in scenario.keyed():
        faults: list[tuple[str, str, str, tuple[str, ...]]] = []
        if isinstance(change, ChangeCircle):
            study = _with_circle(study, change, faults)
        elif isinstance(change, ChangeProfile):
            study = _with_profile(study, change, faults)
        elif isinstance(change, MobileStops):
            _known(study, change.circle, change.profile, faults)
        problems += [
            Problem(
                code,
                source=source,
                column=f"{key}.{field}",
                value=value,
                values={"known": ", ".join(known)} if known else {},
            )
            for code, field, value, known in faults
        ]
    if scenario.changes_roads and study.roads is None:
        problems.append(Problem("scenario_no_roads", source=source))
    return study, problems


_Faults = list[tuple[str, str, str, tuple[str, ...]]]


def _known(study: Study, circle: str, profile: str | None, faults: _Faults) -> bool:
    circles = tuple(one.id for one in study.circles)
    profiles = tuple({**PROFILES, **{one.name: one for one in study.own_profiles}})
    if circle not in circles:
        faults.append(("unknown_code", "circle", circle, circles))
    if profile is not None and profile not in profiles:
        faults.append(("unknown_code", "profile", profile, profiles))
    return not faults


def _with_circle(study: Study, change: ChangeCircle, faults: _Faults) -> Study:
    if not _known(study, change.circle, change.profile, faults):
        return study
    circles = tuple(
        _changed_circle(one, change) if one.id == change.circle else one for one in study.circles
    )
    old = next(one for one in study.circles if one.id == change.circle)
    if change.setting is not None and change.setting not in old.rules:
        faults.append(("unknown_code", "setting", change.setting, tuple(old.rules)))
        return study
    return study.model_copy(update={"circles": circles})


def _changed_circle(circle: Circle, change: ChangeCircle) -> Circle:
    rules = {
        setting: rule
        if change.setting not in (None, setting)
        else CircleRule(change.profile or rule.profile, change.minutes or rule.minutes)
        for setting, rule in circle.rules.items()
    }
    require = tuple(tuple(dict.fromkeys([*group, *change.accept])) for group in circle.require)
    # Its title says what it was: minutes that are not so any more must not stand there.
    title = circle.title or circle.id if rules != dict(circle.rules) else circle.title
    return replace(circle, rules=rules, require=require, title=title)


def _with_profile(study: Study, change: ChangeProfile, faults: _Faults) -> Study:
    known = {**PROFILES, **{one.name: one for one in study.own_profiles}}
    if change.profile not in known:
        faults.append(("unknown_code", "profile", change.profile, tuple(known)))
        return study
    profile = _changed_profile(known[change.profile], change)
    others = tuple(one for one in study.own_profiles if one.name != change.profile)
    return study.model_copy(update={"own_profiles": (*others, profile)})


def _changed_profile(profile: Profile, change: ChangeProfile) -> Profile:
    factor = change.speed_factor or 1.0
    walk_mps = change.walk_speed_mps or profile.walk_speed_mps * factor
    cars = {name: kph * factor for name, kph in profile.car_speed_kph.items()}
    return replace(
        profile,
        walk_speed_mps=walk_mps,
        car_speed_kph=cars,
        cycle_speed_mps=profile.cycle_speed_mps * factor,
        stairs_factor=change.stairs_factor or profile.stairs_factor,
        source="scenario",
    )

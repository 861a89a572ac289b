"""Scenarios from Python: a study with one, with the sites of a plan, with mobile stops."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import geopandas as gpd
import pandas as pd

from care_map.assessment import assess
from care_map.config import Study, read_study
from care_map.errors import InputError, Problem
from care_map.inputs.load import read_inputs
from care_map.inputs.scenario_lists import scenario_problems
from care_map.messages import catalogue
from care_map.mobile_service import stops_for
from care_map.scenario_file import parse_scenario
from care_map.scenario_study import study_in, study_problems_of
from care_map.scenarios import AddFacility, Cell, MobileStops, Scenario
from care_map.schema import FACILITIES

__all__ = ["SitesPlan", "with_mobile_stops", "with_scenario", "with_sites"]

_DEGREES = "EPSG:4326"
_OWN = ("facility_id", "name", "roles", "stage")
_FROM_PLACE = (
    "unit_id",
    "town_name",
    "community_name",
    "location_quality",
    "placed_by",
    "lon",
    "lat",
    "wkt",
)


class SitesPlan(Protocol):
    """A plan that has chosen sites."""

    @property
    def new_facilities(self) -> gpd.GeoDataFrame:
        """Columns of :data:`care_map.schema.FACILITIES`, points in a CRS."""


def with_scenario(study: Study | str | Path, scenario: Scenario | str | Path) -> Study:
    """Return a study in which something is otherwise.

    Parameters
    ----------
    study
        A study, or its file.
    scenario
        What is otherwise, or the TOML file that says so (``docs/scenarios.md``). A study that has
        a scenario already gets the changes of both.

    Returns
    -------
    Study
        Its assessment is an ordinary one that says on every output that it is a scenario.

    Raises
    ------
    InputError
        The file has problems, or asks for circles, profiles, facilities or units that the study
        does not have; all of them are listed.
    """
    study = study if isinstance(study, Study) else read_study(study)
    if not isinstance(scenario, Scenario):
        scenario, problems = parse_scenario(scenario)
        problems += study_problems_of(study, scenario)
        if problems:
            # One look at the lists more, so that whoever mends the file sees everything at once.
            raise InputError([*problems, *scenario_problems(read_inputs(study), scenario)])
    changed = study_in(study, scenario)
    return with_mobile_stops(changed) if _asks_for_stops(changed) else changed


def _asks_for_stops(study: Study) -> bool:
    changes = study.scenario.changes if study.scenario else ()
    return any(isinstance(change, MobileStops) for change in changes)


def with_mobile_stops(study: Study) -> Study:
    """Return a study whose scenario has the stops of mobile services in the place of their rule.

    Parameters
    ----------
    study
        A study with a scenario.

    Returns
    -------
    Study
        Each rule has become facilities of type ``mobile_stop``, chosen beside everything else
        that the scenario changes: as few as bring every village with uncovered elders to a walk.

    Raises
    ------
    InputError
        An input is wrong.
    """
    scenario = study.scenario
    if scenario is None:
        return study
    rules = [change for change in scenario.changes if isinstance(change, MobileStops)]
    others = tuple(change for change in scenario.changes if not isinstance(change, MobileStops))
    base = study.model_copy(update={"scenario": replace(scenario, changes=others)})
    for rule in rules:
        found = stops_for(assess(base), rule)
        more = replace(scenario, changes=found.changes)
        base = study_in(base, more) if found.changes else base
    return base


def with_sites(
    study: Study | str | Path,
    plan: SitesPlan | Mapping[int, SitesPlan],
    *,
    name: str | None = None,
    until: int | None = None,
) -> Study:
    """Return a study in which the sites of a plan stand.

    Parameters
    ----------
    study
        A study, or its file.
    plan
        What has ``new_facilities``: a GeoDataFrame with columns of
        :data:`care_map.schema.FACILITIES`, and ``cost_yuan`` and ``year`` where they are known;
        or one such plan by year.
    name
        Name of the scenario.
    until
        Last year of the plans that stand; all without it.

    Returns
    -------
    Study
        As :func:`with_scenario`.

    Raises
    ------
    InputError
        A site has no place, or its id is one that the study has.
    ValueError
        The sites are in no CRS.
    """
    study = study if isinstance(study, Study) else read_study(study)
    plans: list[tuple[int | None, SitesPlan]] = (
        sorted(plan.items()) if isinstance(plan, Mapping) else [(None, plan)]
    )
    added = [
        one
        for year, part in plans
        for one in _facilities(part.new_facilities, year)
        if until is None or one.year is None or one.year <= until
    ]
    without = [one.facility_id for one in added if one.lon is None]
    if without:
        raise InputError([Problem("scenario_no_place", value=one) for one in without])
    title = name or catalogue(study.language).text("scenario.sites_name")
    return with_scenario(study, Scenario(title, tuple(added)))


def _facilities(table: gpd.GeoDataFrame, year: int | None) -> Iterator[AddFacility]:
    if not len(table):
        return
    if table.crs is None:
        msg = "`new_facilities` has no CRS: give it the CRS of its points with set_crs"
        raise ValueError(msg)
    places = table.geometry.to_crs(_DEGREES)
    kinds = {column.name: column.kind for column in FACILITIES.columns}
    columns = [name for name in kinds if name in table and name not in (*_OWN, *_FROM_PLACE)]
    for row, place in zip(table.to_dict("records"), places, strict=True):
        there = place is not None and not place.is_empty
        own = row.get("year")
        yield AddFacility(
            facility_id=str(row["facility_id"]),
            name=str(row["name"]),
            roles=tuple(filter(None, str(row.get("roles", "")).split(";"))),
            lon=float(place.x) if there else None,
            lat=float(place.y) if there else None,
            stage=str(row.get("stage") or "operating"),
            columns=dict(_given(row, columns, kinds)),
            cost_yuan=_number(row.get("cost_yuan")),
            year=year if _absent(own) else int(str(own)),
        )


def _given(
    row: Mapping[object, object], columns: Iterable[str], kinds: Mapping[str, str]
) -> Iterator[tuple[str, Cell]]:
    for name in columns:
        value = row[name]
        if _absent(value) or value == "":
            continue
        kind = kinds[name]
        if kind == "integer":
            yield name, int(float(str(value)))
        elif kind == "number":
            yield name, float(str(value))
        else:
            yield name, bool(value) if kind == "flag" else str(value)


def _absent(value: object) -> bool:
    if isinstance(value, float):
        return math.isnan(value)
    return value is None or value is pd.NA or value is pd.NaT


def _number(value: object) -> float | None:
    return None if _absent(value) else float(str(value))

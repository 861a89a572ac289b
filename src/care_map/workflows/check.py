"""`care-map check`: every problem of every input, without assessing anything."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from care_map.access import access_table
from care_map.assessment import report_network
from care_map.config import Study, read_study
from care_map.datum_review import datum_problems
from care_map.diagnostics.scorecard import source_quality
from care_map.errors import InputError, Problem
from care_map.inputs.load import read_inputs
from care_map.inputs.tables import Inputs, SourceLedger
from care_map.messages import catalogue
from care_map.notice_review import notice_problems
from care_map.outputs.tables import write_issues
from care_map.search_points import make_search
from care_map.study_network import Ground, read_ground
from care_map.workflows.run import unbuilt_parts

__all__ = ["Checked", "check", "check_sources"]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found.

    Parameters
    ----------
    problems
        Every problem of the study's inputs, errors included.
    sources
        A row per file with the columns of :data:`care_map.schema.SOURCE_QUALITY`, in the
        language of the study.
    ledgers
        What it is made of.
    """

    problems: tuple[Problem, ...]
    sources: pd.DataFrame
    ledgers: tuple[SourceLedger, ...]


def check(
    study: Study | str | Path, *, issues_file: str | Path | None = None
) -> tuple[Problem, ...]:
    """Return every problem of a study's inputs, errors included.

    Without errors these are the findings of a run: what the roads and the elevation leave open,
    and who is far from any road, are looked at as well.

    Parameters
    ----------
    study
        A study, or the path of a study file or of its folder.
    issues_file
        Where to write the problems as CSV; nowhere without it.

    Returns
    -------
    tuple of Problem

    Raises
    ------
    InputError
        The study file itself is wrong.
    """
    return check_sources(study, issues_file=issues_file).problems


def check_sources(study: Study | str | Path, *, issues_file: str | Path | None = None) -> Checked:
    """Return every problem of a study's inputs, and how good each of its files is.

    Parameters
    ----------
    study, issues_file
        As :func:`check`.

    Returns
    -------
    Checked

    Raises
    ------
    InputError
        The study file itself is wrong.
    """
    if not isinstance(study, Study):
        study = read_study(study)
    problems = unbuilt_parts(study)
    ground: Ground | None = None
    try:
        ground = read_ground(study)
    except InputError as error:
        problems.extend(error.problems)
    else:
        problems.extend(ground.problems)
    inputs = read_inputs(study, extent=ground.reading.extent if ground else None)
    problems.extend(_findings(study, ground, inputs))
    problems.extend(notice_problems(study, inputs))
    texts = catalogue(study.language)
    if issues_file is not None:
        write_issues(problems, Path(issues_file), texts)
    sources = source_quality(inputs.ledgers, problems, texts)
    return Checked(tuple(problems), sources, inputs.ledgers)


def _findings(study: Study, ground: Ground | None, inputs: Inputs) -> Iterator[Problem]:
    extent = ground.reading.extent if ground else None
    datums = partial(datum_problems, study, inputs, extent=extent)
    if ground is None:
        yield from (*inputs.problems, *datums(network=None, access=None))
        return
    try:
        network, found = ground.network(inputs.crs)
    except InputError as error:
        yield from (*error.problems, *inputs.problems, *datums(network=None, access=None))
        return
    yield from (*found, *inputs.problems)
    if any(problem.severity == "error" for problem in inputs.problems):
        yield from datums(network=network, access=None)
        return
    search = make_search(study, inputs, network)
    yield from search.problems
    yield from report_network(search, inputs)[1]
    # A full search is not what a check is for; only a datum that looks wrong is worth it.
    yield from datums(
        network=network,
        access=lambda: access_table(study, inputs, search),
        clock=time.perf_counter,
    )

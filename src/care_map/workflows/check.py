"""`care-map check`: every problem of every input, without assessing anything."""

from pathlib import Path

from care_map.config import Study, read_study
from care_map.errors import InputError, Problem
from care_map.inputs.load import check_inputs
from care_map.inputs.roads import read_roads
from care_map.messages import catalogue
from care_map.outputs.tables import write_issues
from care_map.workflows.run import unbuilt_parts

__all__ = ["check"]


def check(
    study: Study | str | Path, *, issues_file: str | Path | None = None
) -> tuple[Problem, ...]:
    """Return every problem of a study's inputs, errors included.

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
    if not isinstance(study, Study):
        study = read_study(study)
    problems = unbuilt_parts(study)
    extent = None
    if study.roads is not None:
        try:
            table, found = read_roads(study.path(study.roads.path), source=study.roads)
        except InputError as error:
            problems.extend(error.problems)
        else:
            problems.extend(found)
            west, south = float(table.lon.min()), float(table.lat.min())
            extent = (west, south, float(table.lon.max()), float(table.lat.max()))
    problems.extend(check_inputs(study, extent=extent))
    if issues_file is not None:
        write_issues(problems, Path(issues_file), catalogue(study.language))
    return tuple(problems)

"""`care-map run`: the assessment and all its outputs in one folder, swapped in whole."""

import dataclasses
import datetime as dt
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from care_map.assessment import Assessment, assess
from care_map.config import Study, read_study
from care_map.errors import InputError, NotBuiltError, Problem
from care_map.messages import catalogue
from care_map.outputs.folder import swapped_folder
from care_map.outputs.layers import write_formats, write_layers
from care_map.outputs.manifest import build_manifest, changed_inputs, read_manifest, write_json
from care_map.outputs.map.page import write_map
from care_map.outputs.paper.report import report_paper
from care_map.outputs.quarterly_book import write_quarterly_book
from care_map.outputs.quarterly_document import write_quarterly_document
from care_map.outputs.report import write_report
from care_map.outputs.report_document import write_report_document
from care_map.outputs.report_page import write_report_page
from care_map.outputs.tables import write_issues, write_tables
from care_map.scenario_file import scenario_of
from care_map.scenarios import Scenario
from care_map.workflows.scenarios import with_scenario

__all__ = ["Run", "replay", "run", "unbuilt_parts", "write_outputs"]

Progress = Callable[[str], None]
_NO_WORD = re.compile(r"[^\w-]+")


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run: where it lies and what it found.

    Parameters
    ----------
    folder
        Folder of the run, swapped in whole.
    result
        What was written there.
    """

    folder: Path
    result: Assessment

    @property
    def map_file(self) -> Path:
        """The planner's map."""
        return self.folder / "internal" / "map.html"


@dataclass(slots=True)
class _Clock:
    """Seconds by stage; tells a listener when a stage begins."""

    listener: Progress
    timings_s: dict[str, float] = field(default_factory=dict)
    _stage: str = ""
    _since: float = 0.0

    def stage(self, name: str) -> None:
        now = time.perf_counter()
        if self._stage:
            self.timings_s[self._stage] = now - self._since
        self._stage, self._since = name, now
        self.listener(name)


def run(
    study: Study | str | Path,
    *,
    as_of: dt.date | None = None,
    out: str | Path | None = None,
    scenario: Scenario | str | Path | None = None,
    more_problems: tuple[Problem, ...] = (),
    progress: Progress = lambda _: None,
) -> Run:
    """Assess a study and write all outputs.

    Parameters
    ----------
    study
        A study, or the path of a study file or of its folder.
    as_of
        Day whose state is assessed, instead of the study's own.
    out
        Folder of the run, instead of the study's own.
    scenario
        What is otherwise, or the file that says so. Its run lies beside the study's own, in a
        folder that is named after both.
    more_problems
        Findings of an earlier step that belong into ``issues.csv``.
    progress
        Called with ``assess`` and ``write`` when these stages begin.

    Returns
    -------
    Run

    Raises
    ------
    InputError
        The study or an input is wrong; the last run stays as it was.
    NotBuiltError
        The study asks for an edition that this version does not have.
    OutputError
        The folder cannot be written.
    """
    if not isinstance(study, Study):
        study = read_study(study)
    if as_of is not None:
        study = study.model_copy(update={"as_of": as_of})
    _refuse_unbuilt(study)
    clock = _Clock(progress)
    clock.stage("assess")
    folder = study.path(study.output.dir)
    if scenario is not None:
        study = with_scenario(study, scenario)
        folder = folder.with_name(f"{folder.name}-{_slug(study, scenario)}")
    result = assess(study)
    if more_problems:
        # Both steps read the roads and find the same there.
        new = (problem for problem in result.problems if problem not in more_problems)
        result = dataclasses.replace(result, problems=(*more_problems, *new))
    return Run(_write(result, Path(out) if out is not None else folder, clock), result)


def replay(
    manifest: str | Path, *, out: str | Path | None = None, progress: Progress = lambda _: None
) -> Run:
    """Run again what a manifest describes, on the same bytes or not at all.

    Parameters
    ----------
    manifest
        ``manifest.json`` of an earlier run.
    out
        Folder of the run; the earlier run's own without it.
    progress
        As in :func:`run`.

    Returns
    -------
    Run

    Raises
    ------
    InputError
        The study file or an input is not what it was; each change is listed. Or the study was
        made in code and has no file.
    """
    file = Path(manifest)
    told = read_manifest(file)
    parameters, described = told.get("parameters"), told.get("study")
    if not isinstance(parameters, dict) or not isinstance(described, dict):
        raise InputError([Problem("manifest_foreign", source=str(file))])
    if "study_file" not in parameters:
        raise InputError([Problem("manifest_without_study", source=str(file))])
    study = read_study(file.resolve().parent / str(parameters["study_file"]))
    problems = changed_inputs(told, study)
    if study.file is not None and study.file.read_text(encoding="utf-8-sig") != described["text"]:
        problems.insert(0, Problem("input_changed", source=study.file.name))
    if problems:
        raise InputError(problems)
    as_of, scenario = described.get("as_of"), parameters.get("scenario")
    return run(
        study,
        scenario=scenario_of(scenario) if isinstance(scenario, dict) else None,
        as_of=dt.date.fromisoformat(str(as_of)) if as_of else None,
        out=out if out is not None else file.resolve().parent,
        progress=progress,
    )


def _slug(study: Study, scenario: Scenario | str | Path) -> str:
    """Return a word for a folder's name."""
    known = study.scenario.name if study.scenario else ""
    name = known if isinstance(scenario, Scenario) else Path(scenario).stem
    return _NO_WORD.sub("_", name).strip("_")[:40] or "scenario"


def write_outputs(result: Assessment, folder: str | Path) -> Path:
    """Write all outputs of an assessment into one folder, swapped in whole.

    Parameters
    ----------
    result
        The assessment.
    folder
        Missing, empty, or an earlier run of ours.

    Returns
    -------
    The folder.

    Raises
    ------
    NotBuiltError
        The study asks for an edition that this version does not have.
    OutputError
        The folder cannot be written, or holds something else.
    """
    _refuse_unbuilt(result.study)
    return _write(result, Path(folder), _Clock(lambda _: None))


def unbuilt_parts(study: Study) -> list[Problem]:
    """Return what a study asks for that this version does not have."""
    if "public" not in study.output.editions:
        return []
    source = study.file.name if study.file else ""
    return [Problem("public_not_built", source=source, column="output.editions")]


def _refuse_unbuilt(study: Study) -> None:
    problems = unbuilt_parts(study)
    if problems:
        raise NotBuiltError(problems)


def _write(result: Assessment, target: Path, clock: _Clock) -> Path:
    study = result.study
    texts = catalogue(study.language)
    clock.stage("write")
    with swapped_folder(target) as folder:
        internal = folder / "internal"
        (internal / "tables").mkdir(parents=True)
        write_tables(result, internal / "tables")
        write_layers(result, internal / "layers.gpkg")
        write_formats(result, internal / "layers")
        write_report(result, internal / "report.xlsx")
        paper = report_paper(result)
        write_report_document(paper, internal / "report.docx", texts)
        write_report_page(paper, internal / "report.html", texts)
        if study.pack is not None:
            write_quarterly_book(result, internal / "quarterly.xlsx")
            write_quarterly_document(result, internal / "quarterly.docx")
        write_map(result, internal / "map.html")
        write_issues(result.problems, folder / "issues.csv", texts)
        write_json(folder / "summary.json", result.summary)
        clock.stage("")
        parameters: dict[str, object] = {}
        if study.file is not None:
            parameters["study_file"] = _relative(study.file, target)
        manifest = build_manifest(study, parameters=parameters, timings_s=clock.timings_s)
        write_json(folder / "manifest.json", manifest)
    return target


def _relative(file: Path, target: Path) -> str:
    """Return the study file as seen from the run, so that a project folder can be moved."""
    try:
        return Path(os.path.relpath(file, target.resolve())).as_posix()
    except ValueError:
        # Another drive on Windows.
        return file.as_posix()

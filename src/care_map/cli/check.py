"""`care-map check`."""

from typing import Annotated

import typer

from care_map.cli.findings import counts, problem_lines, problem_objects
from care_map.cli.outcome import INPUT_WRONG
from care_map.cli.progress import spinner
from care_map.cli.quality import quality_lines
from care_map.cli.session import session_of

__all__ = ["check_command"]


def check_command(
    context: typer.Context,
    study: Annotated[str, typer.Argument(metavar="study")],
) -> None:
    """List every problem of every input."""
    session = session_of(context)

    from care_map.config import read_study
    from care_map.diagnostics.scorecard import quality_records, source_quality
    from care_map.workflows.check import check_sources

    with spinner(session, "check"):
        described = read_study(study)
        issues = described.root / "issues.csv"
        checked = check_sources(described, issues_file=issues)
    texts = session.texts_for(described.language)
    problems = checked.problems
    found = counts(problems)
    sources = quality_records(source_quality(checked.ledgers, problems, texts))
    objects = problem_objects(problems, texts)
    session.answer({"issues": str(issues), "problems": objects, "sources": sources})
    session.say(*quality_lines(sources, texts), *problem_lines(problems, texts))
    numbers = {name: found[name] for name in ("error", "warning", "info")}
    session.say(texts.text("cli.run.problems", file=str(issues), **numbers))
    if found["error"]:
        if session.quiet and not session.json:
            session.complain(*problem_lines([p for p in problems if p.severity == "error"], texts))
        raise typer.Exit(INPUT_WRONG)

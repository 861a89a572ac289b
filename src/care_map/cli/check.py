"""`care-map check`."""

from typing import Annotated

import typer

from care_map.cli.findings import counts, problem_lines, problem_objects
from care_map.cli.outcome import INPUT_WRONG
from care_map.cli.progress import spinner
from care_map.cli.session import session_of

__all__ = ["check_command"]


def check_command(
    context: typer.Context,
    study: Annotated[str, typer.Argument(metavar="study")],
) -> None:
    """List every problem of every input."""
    session = session_of(context)

    from care_map.config import read_study
    from care_map.workflows.check import check

    with spinner(session, "check"):
        described = read_study(study)
        issues = described.root / "issues.csv"
        problems = check(described, issues_file=issues)
    texts = session.texts_for(described.language)
    found = counts(problems)
    session.answer({"issues": str(issues), "problems": problem_objects(problems, texts)})
    session.say(*problem_lines(problems, texts))
    numbers = {name: found[name] for name in ("error", "warning", "info")}
    session.say(texts.text("cli.run.problems", file=str(issues), **numbers))
    if found["error"]:
        if session.quiet and not session.json:
            session.complain(*problem_lines([p for p in problems if p.severity == "error"], texts))
        raise typer.Exit(INPUT_WRONG)

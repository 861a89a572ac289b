"""`care-map run`."""

from typing import Annotated

import typer

from care_map.cli.arguments import Arguments
from care_map.cli.figures import print_run
from care_map.cli.progress import spinner
from care_map.cli.session import session_of
from care_map.errors import Problem

__all__ = ["run_command"]


def run_command(
    context: typer.Context,
    study: Annotated[str | None, typer.Argument(metavar="study")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="date")] = None,
    out: Annotated[str | None, typer.Option("--out", metavar="dir")] = None,
    manifest: Annotated[str | None, typer.Option("--from", metavar="manifest")] = None,
    scenario: Annotated[str | None, typer.Option("--scenario", metavar="file")] = None,
) -> None:
    """Assess a study and write all outputs, or run a manifest again."""
    session = session_of(context)
    arguments = Arguments()
    day = arguments.date(as_of, "--as-of")
    if manifest is not None:
        arguments.file(manifest, "--from")
        given = ((study, "STUDY"), (as_of, "--as-of"), (scenario, "--scenario"))
        for value, name in given:
            if value is not None:
                arguments.problems.append(Problem("cli_with_from", column=name, value=value))
    elif study is None:
        values = {"command": "care-map run"}
        arguments.problems.append(Problem("cli_missing_study", values=values))
    if scenario is not None:
        arguments.file(scenario, "--scenario")
    arguments.done()

    from care_map.workflows.run import replay, run

    with spinner(session) as progress:
        if manifest is not None:
            done = replay(manifest, out=out, progress=progress)
        else:
            done = run(str(study), as_of=day, out=out, scenario=scenario, progress=progress)
    print_run(session, done)

"""`care-map demo`."""

from typing import Annotated

import typer

from care_map.cli.figures import print_run
from care_map.cli.progress import spinner
from care_map.cli.session import session_of

__all__ = ["demo_command"]


def demo_command(
    context: typer.Context,
    out: Annotated[str, typer.Option("--out", metavar="dir")] = "outputs/demo-study",
) -> None:
    """Make the synthetic demonstration district and run it."""
    session = session_of(context)

    from care_map.workflows.demo import run_demo

    with spinner(session, "demo") as progress:
        done = run_demo(out, language=session.language, progress=progress)
    print_run(session, done, study_folder=out)

"""`care-map start`."""

from pathlib import Path
from typing import Annotated

import typer

from care_map.cli.arguments import Arguments
from care_map.cli.figures import print_run
from care_map.cli.progress import spinner
from care_map.cli.session import session_of

__all__ = ["start_command"]


def start_command(
    context: typer.Context,
    extract: Annotated[str, typer.Argument(metavar="extract")],
    place: Annotated[str | None, typer.Option("--place", metavar="name")] = None,
    out: Annotated[str | None, typer.Option("--out", metavar="dir")] = None,
    elders: Annotated[str | None, typer.Option("--elders", metavar="number")] = None,
    population: Annotated[str | None, typer.Option("--population", metavar="number")] = None,
    elder_share: Annotated[str | None, typer.Option("--elder-share", metavar="share")] = None,
) -> None:
    """Make a first study and map of an OSM extract alone."""
    session = session_of(context)
    arguments = Arguments()
    file = arguments.file(extract, "EXTRACT")
    elder_count = arguments.count(elders, "--elders")
    population_count = arguments.count(population, "--population")
    share = arguments.share(elder_share, "--elder-share")
    arguments.done()

    from care_map.inputs.osm_demand import ELDER_SHARE
    from care_map.workflows.run import run
    from care_map.workflows.start import start

    with spinner(session, "start") as progress:
        study, problems = start(
            file,
            place=place,
            out=Path(out) if out is not None else None,
            language=session.language,
            elders=elder_count,
            population=population_count,
            elder_share=ELDER_SHARE if share is None else share,
        )
        done = run(study, more_problems=problems, progress=progress)
    print_run(session, done, study_folder=str(study.parent))

"""`care-map new`."""

from typing import Annotated

import typer

from care_map.cli.session import session_of

__all__ = ["new_command"]


def new_command(
    context: typer.Context,
    folder: Annotated[str, typer.Argument(metavar="dir")],
    pack: Annotated[str | None, typer.Option("--pack", metavar="pack")] = None,
) -> None:
    """Make a study folder to fill in."""
    session = session_of(context)

    from care_map.workflows.new import new

    study = new(folder, pack=pack, language=session.language)
    session.answer({"study_folder": str(study.parent), "study": str(study)})
    texts = session.texts
    session.say(texts.text("cli.new.done", folder=str(study.parent)))
    session.say(*texts.text("cli.new.next", folder=str(study.parent)).splitlines())

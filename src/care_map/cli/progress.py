"""A spinner on standard error for work that takes more than two seconds."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from care_map.cli.session import Session

__all__ = ["spinner"]

_PATIENCE_S = 2.0


@contextmanager
def spinner(session: Session, stage: str = "read") -> Iterator[Callable[[str], None]]:
    """Show what is being done, on a terminal only and only if it takes a while.

    Parameters
    ----------
    session
        The call; nothing is shown with ``--quiet`` or ``--json``.
    stage
        Code of the first stage, ``cli.stage.<code>`` in the catalogue.

    Yields
    ------
    callable
        Takes the code of a stage when it begins.
    """
    if not session.watched:
        yield lambda _: None
        return
    from rich.console import Console
    from rich.status import Status
    from rich.text import Text

    def said(name: str) -> Text:
        return Text(session.texts.text(f"cli.stage.{name}"))

    status = Status(said(stage), console=Console(stderr=True))
    timer = threading.Timer(_PATIENCE_S, status.start)
    timer.daemon = True
    timer.start()
    try:
        yield lambda name: status.update(said(name)) if name else None
    finally:
        timer.cancel()
        timer.join()
        status.stop()

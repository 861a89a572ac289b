"""The program `care-map`: its commands, and the one place where errors become exit codes."""

import contextlib
import difflib
import io
import sys
from collections.abc import Sequence

import typer
import typer.core

from care_map.cli import check, demo, new, places, run, start
from care_map.cli.help import PROGRAM, command_help, program_help
from care_map.cli.outcome import Outcome
from care_map.cli.session import Session, split_options
from care_map.errors import InputError, Problem

__all__ = ["build_app", "main"]

_COMMANDS = (
    ("demo", demo.demo_command),
    ("new", new.new_command),
    ("start", start.start_command),
    ("check", check.check_command),
    ("run", run.run_command),
    ("isochrone", places.isochrone_command),
    ("route", places.route_command),
)


def build_app() -> typer.Typer:
    """Return the program with its commands; the catalogue has their help."""
    app = typer.Typer(name=PROGRAM, add_completion=False, rich_markup_mode=None)
    for name, function in _COMMANDS:
        app.command(name, add_help_option=False)(function)
    return app


def main(args: Sequence[str]) -> int:
    """Run one command.

    Parameters
    ----------
    args
        Arguments of the program, without its name.

    Returns
    -------
    int
        0 done, 2 the input is wrong, 1 a bug of ours, 130 stopped by the user.
    """
    _prepare_output()
    session, rest, problems = split_options(list(args))
    outcome = Outcome(session)
    with outcome:
        if problems:
            raise InputError(problems)
        outcome.command = " ".join([PROGRAM, *rest[:1]])
        outcome.code = _call(session, rest)
        sys.stdout.flush()
    return outcome.code


def _call(session: Session, args: list[str]) -> int:
    group = typer.main.get_group(build_app())
    if session.version:
        number = _version()
        session.answer({"version": number})
        session.say(f"{PROGRAM} {number}")
        return 0
    name = args[0] if args else None
    if name is not None and name not in group.commands:
        raise InputError([_no_command(name, tuple(group.commands))])
    if name is None or session.help:
        command = group.commands[name] if name else None
        if isinstance(command, typer.core.TyperCommand):
            lines = command_help(command, session.texts)
        else:
            lines = program_help(group, session.texts)
        text = "\n".join(lines).rstrip()
        session.answer({"help": text})
        if not session.json:
            typer.echo(text)
        return 0
    with group.make_context(PROGRAM, args, obj=session) as context:
        group.invoke(context)
    return 0


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(PROGRAM)
    except PackageNotFoundError:
        # Run from the sources, without being installed.
        return "0+source"


def _no_command(name: str, known: tuple[str, ...]) -> Problem:
    if name.startswith("-"):
        return Problem("cli_no_option", value=name, values={"command": PROGRAM})
    near = difflib.get_close_matches(name, known, n=1) or known
    return Problem("cli_no_command", value=name, values={"known": ", ".join(near)})


def _prepare_output() -> None:
    """Write UTF-8 into files and pipes, and never fail at a character that a console lacks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            with contextlib.suppress(io.UnsupportedOperation):
                if stream.isatty():
                    stream.reconfigure(errors="replace")
                else:
                    stream.reconfigure(encoding="utf-8", errors="replace")

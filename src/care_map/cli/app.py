"""The program `care-map`: its commands, and the one place where errors become exit codes."""

import contextlib
import difflib
import io
import sys
from collections.abc import Callable, Sequence

import typer
import typer.core

from care_map.cli import check, compare, demo, new, places, returns, run, site, start
from care_map.cli.help import PROGRAM, command_help, group_help, program_help
from care_map.cli.outcome import Outcome
from care_map.cli.session import Session, split_options
from care_map.errors import InputError, Problem

__all__ = ["build_app", "main"]

_COMMANDS: tuple[tuple[str, Callable[..., None]], ...] = (
    ("demo", demo.demo_command),
    ("new", new.new_command),
    ("start", start.start_command),
    ("check", check.check_command),
    ("run", run.run_command),
    ("site", site.site_command),
    ("compare", compare.compare_command),
    ("isochrone", places.isochrone_command),
    ("route", places.route_command),
)
_GROUPS = (("returns", (("new", returns.new_forms_command), ("merge", returns.merge_command))),)


def build_app() -> typer.Typer:
    """Return the program with its commands; the catalogue has their help."""
    app = typer.Typer(name=PROGRAM, add_completion=False, rich_markup_mode=None)
    for name, function in _COMMANDS:
        app.command(name, add_help_option=False)(function)
    for name, commands in _GROUPS:
        group = typer.Typer(name=name, rich_markup_mode=None)
        for part, function in commands:
            group.command(part, add_help_option=False)(function)
        app.add_typer(group, name=name, add_help_option=False)
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
        depth = 2 if rest[:1] and rest[0] in dict(_GROUPS) else 1
        outcome.command = " ".join([PROGRAM, *rest[:depth]])
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
    path, command = _named(group, args)
    if isinstance(command, typer.core.TyperGroup) or session.help:
        if isinstance(command, typer.core.TyperCommand):
            lines = command_help(command, session.texts, path=path)
        elif path and isinstance(command, typer.core.TyperGroup):
            lines = group_help(command, session.texts, name=path[0])
        else:
            names = [name for name, _ in (*_COMMANDS, *_GROUPS)]
            lines = program_help(names, session.texts)
        text = "\n".join(lines).rstrip()
        session.answer({"help": text})
        if not session.json:
            typer.echo(text)
        return 0
    with group.make_context(PROGRAM, args, obj=session) as context:
        group.invoke(context)
    return 0


def _named(group: typer.core.TyperGroup, args: list[str]) -> tuple[list[str], object]:
    """Return the command that the arguments begin with, and what it is called by."""
    path: list[str] = []
    command: object = group
    while isinstance(command, typer.core.TyperGroup) and len(args) > len(path):
        name = args[len(path)]
        if name not in command.commands:
            known = tuple(command.commands) if path else tuple(dict((*_COMMANDS, *_GROUPS)))
            raise InputError([_no_command(name, known, command=" ".join([PROGRAM, *path]))])
        command = command.commands[name]
        path.append(name)
    return path, command


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(PROGRAM)
    except PackageNotFoundError:
        # Run from the sources, without being installed.
        return "0+source"


def _no_command(name: str, known: tuple[str, ...], *, command: str) -> Problem:
    if name.startswith("-"):
        return Problem("cli_no_option", value=name, values={"command": command})
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

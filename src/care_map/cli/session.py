"""What holds for a whole call: its language, and how much it says."""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass

import typer

from care_map.cli.layout import plain
from care_map.errors import Problem
from care_map.messages import LANGUAGES, Catalogue, Language, catalogue

__all__ = ["Session", "session_of", "split_options"]

HELP_NAMES = ("--help", "-h")


@dataclass(frozen=True, slots=True)
class Session:
    """The options that every command has.

    Parameters
    ----------
    texts
        Catalogue of messages before a study is read.
    chosen
        Whether the user has named the language; a study's own does not change it then.
    quiet
        Say nothing but results that were asked for and what is wrong.
    json
        Write one JSON object on standard output and nothing else.
    help, version
        Asked for help or for the version.
    """

    texts: Catalogue
    chosen: bool = False
    quiet: bool = False
    json: bool = False
    help: bool = False
    version: bool = False

    @property
    def language(self) -> Language:
        """Language of messages before a study is read, and of what a command makes."""
        return self.texts.language

    def texts_for(self, language: Language) -> Catalogue:
        """Return the catalogue for messages about a study in `language`."""
        return self.texts if self.chosen else catalogue(language)

    def say(self, *lines: str) -> None:
        """Print lines for a reader, unless there is none."""
        if not (self.quiet or self.json):
            for line in lines:
                typer.echo(plain(line))

    def answer(self, content: Mapping[str, object]) -> None:
        """Print the object that `--json` asks for, if it does."""
        if self.json:
            typer.echo(json.dumps(content, ensure_ascii=False, allow_nan=False))

    def complain(self, *lines: str) -> None:
        """Print lines on standard error."""
        for line in lines:
            typer.echo(plain(line), err=True)

    @property
    def watched(self) -> bool:
        """Whether somebody looks at a terminal and wants to see progress."""
        return not (self.quiet or self.json) and sys.stderr.isatty()


def session_of(context: typer.Context) -> Session:
    """Return the session that a command was called in."""
    session = context.obj
    if not isinstance(session, Session):
        msg = "a command is always called in a session"
        raise TypeError(msg)
    return session


def split_options(args: list[str]) -> tuple[Session, list[str], list[Problem]]:
    """Take the options that every command has from anywhere in the arguments.

    Parameters
    ----------
    args
        Arguments of the program; those after ``--`` are left alone.

    Returns
    -------
    Session
    list of str
        The other arguments.
    list of Problem
        A language that there is not.

    Examples
    --------
    >>> session, rest, problems = split_options(["run", "--language", "en", "study"])
    >>> session.language, rest, problems
    ('en', ['run', 'study'], [])
    """
    end = args.index("--") if "--" in args else len(args)
    rest: list[str] = []
    flags: set[str] = set()
    language: str | None = None
    words = iter(args[:end])
    for word in words:
        name, equals, value = word.partition("=")
        if name == "--language":
            language = value if equals else next(words, "")
        elif word in {"--quiet", "--json", "--version"}:
            flags.add(word)
        elif word in HELP_NAMES:
            flags.add("--help")
        else:
            rest.append(word)
    chosen = next((code for code in LANGUAGES if code == language), None)
    problems = []
    if language is not None and chosen is None:
        values = {"known": ", ".join(LANGUAGES)}
        problems.append(Problem("unknown_code", column="--language", value=language, values=values))
    session = Session(
        texts=catalogue(chosen),
        chosen=chosen is not None or bool(os.environ.get("CARE_MAP_LANG")),
        quiet="--quiet" in flags,
        json="--json" in flags,
        help="--help" in flags,
        version="--version" in flags,
    )
    return session, rest + args[end:], problems

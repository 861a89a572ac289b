"""How a call ends: errors become sentences and an exit code, here and nowhere else."""

import os
import re
import sys
import traceback
from types import TracebackType
from typing import Self, cast

import typer

from care_map.cli.findings import problem_lines, problem_objects
from care_map.cli.help import PROGRAM
from care_map.cli.session import Session
from care_map.errors import CareMapError, Problem

__all__ = ["Outcome", "usage_problem"]

INPUT_WRONG, BUG, STOPPED, PIPE_CLOSED = 2, 1, 130, 141

# Newer versions of typer carry a copy of click; its errors are found through a public one.
_USAGE_ERROR = cast("type[Exception]", typer.BadParameter.__bases__[0])


class Outcome:
    """Context of a call; afterwards `code` is the exit code.

    Parameters
    ----------
    session
        Where and in which language to say what is wrong.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.command = PROGRAM
        self.code = 0

    def __enter__(self) -> Self:
        """Begin the call."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        """Say what went wrong; only a wish to leave the interpreter passes through."""
        if error is None or isinstance(error, SystemExit):
            return False
        self.code = self._ended_by(error)
        return True

    def _ended_by(self, error: BaseException) -> int:
        if isinstance(error, typer.Exit):
            return int(error.exit_code)
        if isinstance(error, KeyboardInterrupt | typer.Abort):
            self.session.complain(self.session.texts.text("cli.stopped"))
            return STOPPED
        if isinstance(error, BrokenPipeError):
            # Whoever read us has gone; the interpreter must not try again when it leaves.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return PIPE_CLOSED
        if isinstance(error, CareMapError):
            self._report(list(error.problems))
            return INPUT_WRONG
        if isinstance(error, _USAGE_ERROR):
            self._report([usage_problem(error, command=self.command)])
            return INPUT_WRONG
        return self._bug(error)

    def _report(self, problems: list[Problem]) -> None:
        session = self.session
        session.answer({"problems": problem_objects(problems, session.texts)})
        session.complain(*problem_lines(problems, session.texts))

    def _bug(self, error: BaseException) -> int:
        detail = "".join(traceback.format_exception_only(error)).strip()
        self._report([Problem("cli_bug", values={"detail": detail})])
        if os.environ.get("CARE_MAP_DEBUG") == "1":
            sys.stderr.write("".join(traceback.format_exception(error)))
        return BUG


def usage_problem(error: Exception, *, command: str) -> Problem:
    """Return what click says of the arguments, as a problem of ours.

    Parameters
    ----------
    error
        A usage error of click or of typer's copy of it, told apart by its class.
    command
        Program and command, as the user writes them.
    """
    values = {"command": command}
    kind = type(error).__name__
    if kind == "MissingParameter":
        parameter = getattr(error, "param", None)
        if getattr(parameter, "param_type_name", "") == "argument":
            code = f"cli_missing_{getattr(parameter, 'metavar', '')}"
            return Problem(code, values=values)
        shown = next(iter(getattr(parameter, "opts", [])), "")
        return Problem("cli_missing_option", column=shown, values=values)
    option = str(getattr(error, "option_name", ""))
    if kind == "NoSuchOption":
        near = sorted(getattr(error, "possibilities", None) or [])
        code = "cli_no_option_near" if near else "cli_no_option"
        return Problem(code, value=option, values={**values, "near": ", ".join(near)})
    if kind == "BadOptionUsage":
        return Problem("cli_option_value", column=option, values=values)
    # Click names the arguments in its sentence only.
    extra = re.search(r"arguments?(?:\(s\))? \((.*)\)", str(getattr(error, "message", "")))
    return Problem("cli_extra", value=extra.group(1) if extra else None, values=values)

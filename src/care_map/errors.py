"""What can go wrong, as one tree of exceptions and one record per problem.

::

    CareMapError
    ├── InputError (ValueError)       the user's files, study or options are wrong
    ├── NotBuiltError (ValueError)    asked for a part that this version does not have
    └── OutputError (OSError)         a result cannot be written

An input's problems are collected and raised together; the command line prints them and exits
with 2. Any other exception is a bug of ours.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from care_map.messages import Catalogue, catalogue

__all__ = ["CareMapError", "InputError", "NotBuiltError", "OutputError", "Problem", "Severity"]

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding about one place of one input.

    Parameters
    ----------
    code
        Name of the finding; the catalogue has ``problem.<code>.message`` and ``.advice``.
    severity
        ``"error"`` stops a run, ``"warning"`` changes its result, ``"info"`` states a choice.
    source
        File (relative to the study) or option that it is about, empty if none.
    row
        Row as the user's program shows it: the header of a table is row 1.
    column
        Column as the file spells it, or key of the study file.
    value
        The value as read.
    values
        Fields of the message's template; a tuple of names is listed as the language lists them.
    count
        How many rows, elders or features the finding stands for.
    rows, cells
        Rows that it stands for where they are too many to be findings of their own, and the
        value of each where there is one; the list of all problems spells them out.

    Examples
    --------
    >>> problem = Problem("file_missing", source="roads.osm.pbf")
    >>> problem.message(catalogue("en"))
    'the file does not exist'
    """

    code: str
    severity: Severity = "error"
    source: str = ""
    row: int | None = None
    column: str | None = None
    value: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    count: int = 1
    rows: Sequence[int] = field(default=(), compare=False, repr=False)
    cells: Sequence[str] = field(default=(), compare=False, repr=False)

    def message(self, texts: Catalogue) -> str:
        """Say what is wrong, in the catalogue's language."""
        return texts.text(f"problem.{self.code}.message", **self._fields(texts))

    def advice(self, texts: Catalogue) -> str:
        """Say what the user can do, in the catalogue's language."""
        return texts.text(f"problem.{self.code}.advice", **self._fields(texts))

    def line(self, texts: Catalogue) -> str:
        """Return the finding as one line: where, what, value, what to do."""
        where = [self.source] if self.source else []
        if self.row is not None:
            where.append(texts.text("problem.at_row", row=self.row))
        if self.column:
            where.append(texts.text("problem.at_column", column=self.column))
        place = " ".join(where)
        shown = "" if self.value is None else texts.text("problem.shown_value", value=self.value)
        head = texts.text("problem.line", message=self.message(texts), value=shown)
        advice = self.advice(texts)
        if place:
            head = texts.text("problem.placed", place=place, message=head)
        return " → ".join(part for part in (head, advice) if part)

    def _fields(self, texts: Catalogue) -> dict[str, object]:
        own = {"source": self.source, "column": self.column, "value": self.value}
        # A field named like a vocabulary holds one of its codes: people read the label.
        words = {
            name: texts.text(f"{name}.{code}") if texts.has(f"{name}.{code}") else code
            for name, code in self.values.items()
        }
        words |= {
            name: texts.names(listed)
            for name, listed in self.values.items()
            if isinstance(listed, tuple)
        }
        return {**own, "count": self.count, **words}


class CareMapError(Exception):
    """Base of all errors that care-map raises on purpose.

    Parameters
    ----------
    problems
        The findings, at least one.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        """Return the problems a line each, in the default language."""
        texts = catalogue()
        return "\n".join(problem.line(texts) for problem in self.problems)


class InputError(CareMapError, ValueError):
    """A file, a study or an option is wrong; all problems found are in `problems`."""


class NotBuiltError(CareMapError, ValueError):
    """A part was asked for that this version does not have."""


class OutputError(CareMapError, OSError):
    """A result cannot be written."""

"""Problems of one source, gathered while it is read.

A finding about rows is listed row by row, so that a user can go to each; past a limit the rest
stands as one finding with its count.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from care_map.errors import Problem, Severity

__all__ = ["LISTED", "Findings"]

LISTED = 1000
"""Rows that one finding lists singly."""

_SHOWN_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found in one source.

    Parameters
    ----------
    source
        File as the study names it.
    headers
        Our column name → header in the file, for messages.
    problems
        The list that findings go to; shared by all sources of a study.
    """

    source: str
    headers: Mapping[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def add(
        self,
        code: str,
        severity: Severity = "warning",
        *,
        row: int | None = None,
        column: str | None = None,
        value: str | None = None,
        count: int = 1,
        **values: object,
    ) -> None:
        """Add one finding; `column` is our name where the file has a header for it."""
        # Row 0 stands for the study file: a constant is no row of the table.
        problem = Problem(
            code,
            severity=severity,
            source=self.source,
            row=row or None,
            column=self.headers.get(column, column) if column else None,
            value=None if value is None else value[:_SHOWN_CHARACTERS],
            values=values,
            count=count,
        )
        self.problems.append(problem)

    def each(
        self,
        code: str,
        severity: Severity = "warning",
        *,
        rows: Iterable[int],
        column: str | None = None,
        cells: Sequence[object] | None = None,
    ) -> None:
        """Add a finding per row; `cells` are the values shown, one a row."""
        numbers = [int(row) for row in rows]
        for place, row in enumerate(numbers[:LISTED]):
            value = None if cells is None else str(cells[place])
            self.add(code, severity, row=row, column=column, value=value)
        rest = numbers[LISTED:]
        if rest:
            self.add(code, severity, row=rest[0], column=column, count=len(rest))

"""Problems of one source, gathered while it is read.

A finding about rows is listed row by row, so that a user can go to each; past a limit the rest
stands as one finding that carries their rows.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike

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
    left_out
        Rows of the source that are not used, by the code of the reason.
    """

    source: str
    headers: Mapping[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)

    def leave_out(self, code: str, rows: int) -> None:
        """Note that rows are not used; the finding of that code tells which and why."""
        if rows:
            self.left_out[code] += rows

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
        rows: ArrayLike,
        column: str | None = None,
        cells: Sequence[object] | None = None,
        **values: object,
    ) -> None:
        """Add a finding per row; `cells` are the values shown, one a row."""
        numbers = np.asarray(rows, dtype=np.int64)
        for place, row in enumerate(numbers[:LISTED].tolist()):
            value = None if cells is None else str(cells[place])
            self.add(code, severity, row=row, column=column, value=value, count=1, **values)
        rest = numbers[LISTED:].tolist()
        if not rest:
            return
        many = len(rest)
        self.add(code, severity, row=rest[0], column=column, value=None, count=many, **values)
        shown = () if cells is None else tuple(_shown(cell) for cell in cells[LISTED:])
        self.problems[-1] = replace(self.problems[-1], rows=tuple(rest), cells=shown)


def _shown(cell: object) -> str:
    return str(cell)[:_SHOWN_CHARACTERS]

"""Problems on the screen: grouped where many are alike, and as JSON."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from care_map.errors import Problem, Severity
from care_map.messages import Catalogue

__all__ = ["counts", "problem_lines", "problem_objects"]

_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
_SHOWN = 80
"""Characters of a value that are shown."""

_EACH = 3
"""Up to so many alike are shown one by one."""


def counts(problems: Iterable[Problem]) -> dict[str, int]:
    """Return how many findings there are of each severity."""
    found = Counter(problem.severity for problem in problems)
    return {severity: found[severity] for severity in _SEVERITIES}


def problem_objects(problems: Iterable[Problem], texts: Catalogue) -> list[dict[str, object]]:
    """Return problems as JSON objects with the columns of ``issues.csv``."""
    return [
        {
            "severity": problem.severity,
            "code": problem.code,
            "source": problem.source,
            "row": None if problem.row is None else int(problem.row),
            "column": problem.column,
            "value": problem.value,
            "count": int(problem.count),
            "message": problem.message(texts),
            "advice": problem.advice(texts),
        }
        for problem in problems
    ]


def problem_lines(problems: Iterable[Problem], texts: Catalogue) -> list[str]:
    """Return problems as lines, the worst first, those that are alike in one line.

    Parameters
    ----------
    problems
        Findings.
    texts
        Catalogue of the lines.

    Returns
    -------
    list of str

    Examples
    --------
    >>> from care_map.messages import catalogue
    >>> alike = [Problem("cell_number", "warning", source="a.csv", row=n) for n in range(2, 8)]
    >>> problem_lines(alike, catalogue("en"))[0].split(":")[1].strip()
    'a.csv row 2 and 5 more like it'
    """
    groups: dict[tuple[object, ...], list[Problem]] = {}
    for problem in sorted(problems, key=lambda one: _SEVERITIES.index(one.severity)):
        key = (problem.severity, problem.code, problem.source, problem.column)
        groups.setdefault(key, []).append(problem)
    lines = []
    for group in groups.values():
        head = texts.text("cli.severity", name=texts.label("report.severity", group[0].severity))
        if len(group) > _EACH:
            lines.append(head + _together(group, texts))
        else:
            lines.extend(head + _line(problem, texts) for problem in group)
    return lines


def _together(group: Sequence[Problem], texts: Catalogue) -> str:
    """Return one line for findings of one kind in one file, first row and number."""
    first = group[0]
    by_row = first.row is not None
    where = [first.source] if first.source else []
    if first.row is not None:
        where.append(texts.text("problem.at_row", row=first.row))
    if first.column:
        where.append(texts.text("problem.at_column", column=first.column))
    place = texts.text(
        "cli.rows_alike" if by_row else "cli.places_alike",
        place=" ".join(where),
        count=len(group),
        others=len(group) - 1,
    )
    alike = {problem.value for problem in group} == {first.value}
    value = first.value if alike else None
    return _line(replace(first, source=place, row=None, column=None, value=value), texts)


def _line(problem: Problem, texts: Catalogue) -> str:
    """Return the line of a finding; a list of a hundred names stands in ``issues.csv``."""
    value = problem.value
    if value is not None and len(value) > _SHOWN:
        value = value[:_SHOWN] + "…"
    return replace(problem, value=value).line(texts)

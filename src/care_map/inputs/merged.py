"""Merged cells: headers over several rows, and values that hold for several rows."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from care_map.inputs.findings import Findings
from care_map.inputs.headers import Headers
from care_map.inputs.sheets import Area, Grid
from care_map.schema import Table

__all__ = ["filled_down", "header_band"]

_COUNTED = ("integer", "number")
_PLACES = ("lon", "lat")


def header_band(
    head: Grid, top: int, merged: Sequence[Area], known: Callable[[str], bool]
) -> tuple[int, int, list[str]]:
    """Return the rows of a header that merged cells spread over, and its words.

    Parameters
    ----------
    head
        First rows of the sheet.
    top
        Row that holds most of the header.
    merged
        Merged cells of the sheet.
    known
        Tells whether a word is a header that is looked for.

    Returns
    -------
    int, int
        First and last row of the header.
    list of str
        A word for each column: the lowest that is known, else all of them from above.

    Examples
    --------
    >>> head = [["名称", "坐标", ""], ["", "经度", "纬度"]]
    >>> header_band(head, 0, [(0, 0, 1, 0), (0, 1, 0, 2)], {"名称", "经度", "纬度"}.__contains__)
    (0, 1, ['名称', '经度', '纬度'])
    """
    touching = [(a, c) for a, _, c, _ in merged if a <= top <= c < len(head)]
    first = min((a for a, _ in touching), default=top)
    last = max((c for _, c in touching), default=top)
    if first == last:
        return top, top, [cell.replace("\n", "") for cell in head[top]] if head else []
    band = [[cell.replace("\n", "") for cell in row] for row in head[first : last + 1]]
    for a, left, c, right in merged:
        if first <= a and c <= last:
            for row in band[a - first : c - first + 1]:
                row[left : right + 1] = [band[a - first][left]] * len(row[left : right + 1])
    return first, last, [_header(words, known) for words in zip(*band, strict=True)]


def _header(words: Sequence[str], known: Callable[[str], bool]) -> str:
    levels = [word for word in dict.fromkeys(words) if word]
    return next((word for word in reversed(levels) if known(word)), "".join(levels))


def filled_down(
    columns: Mapping[str, pa.Array],
    number: NDArray[np.int64],
    merged: Sequence[Area],
    *,
    found: Headers,
    table: Table,
    findings: Findings,
) -> dict[str, pa.Array]:
    """Give the rows of a merged cell its text; not a count, which is of all rows together.

    Parameters
    ----------
    columns
        Text of each column, in the order of the file.
    number
        Row numbers, the first row of the file is 1.
    merged
        Merged cells of the sheet.
    found
        Which columns are which of ours.
    table
        What it is a table of.
    findings
        Gets what was filled in, and the counts that were not.

    Returns
    -------
    dict
        The columns.
    """
    result = dict(columns)
    names = list(columns)
    ours = {at: name for name, at in found.place.items()}
    for top, left, bottom, _ in merged:
        rows = np.flatnonzero((number > top + 1) & (number <= bottom + 1))
        first = np.flatnonzero(number == top + 1)
        if not len(rows) or not len(first) or left >= len(names):
            continue
        name = ours.get(left, "")
        header = name or names[left]
        if name and name not in _PLACES and table.column(name).kind in _COUNTED:
            findings.each("merged_count", rows=number[rows], column=header)
            continue
        cells = result[names[left]].to_pylist()
        value = cells[first[0]]
        for place in rows.tolist():
            cells[place] = value
        result[names[left]] = pa.array(cells, pa.large_string())
        if value:
            row = int(number[first[0]])
            findings.add(
                "merged_filled", "info", row=row, column=header, value=value, count=len(rows)
            )
    return result

"""Plain text for terminals: safe, wrapped and in columns, Chinese characters two cells wide."""

import re
import unicodedata
from collections.abc import Sequence

__all__ = ["columns", "plain", "text_width", "wrap"]

_SPACES = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]+")
_HIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)
_WIDE = ("W", "F")
_GAP = "  "
_TOKENS = re.compile(r"\s+|[“（]*(?:[!-~]+|[^\s!-~])[，。、；：）”]*")
"""What stays on one line: a word, or a Chinese character with the marks that belong to it."""


def plain(text: str) -> str:
    """Return text in one line that steers no terminal.

    Line breaks become spaces; control characters and marks that turn the direction of writing
    are left out.

    Examples
    --------
    >>> plain("a" + chr(27) + "[31m" + chr(10) + "b")
    'a[31m b'
    """
    return _HIDDEN.sub("", _SPACES.sub(" ", text))


def text_width(text: str) -> int:
    """Return how many cells of a terminal a text takes.

    Examples
    --------
    >>> text_width("15分钟")
    6
    """
    return sum(
        0 if unicodedata.combining(one) else 1 + (unicodedata.east_asian_width(one) in _WIDE)
        for one in text
    )


def wrap(text: str, width: int) -> list[str]:
    """Break a text into lines of at most `width` cells, where that is possible.

    Examples
    --------
    >>> wrap("老年人口。", 6)
    ['老年人', '口。']
    """
    lines, line = [], ""
    for token in _TOKENS.findall(text):
        if line and text_width((line + token).rstrip()) > width:
            lines.append(line.rstrip())
            line = token.lstrip()
        else:
            line += token
    return [*lines, line.rstrip()]


def columns(rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> list[str]:
    """Return rows of cells as lines with aligned columns.

    Parameters
    ----------
    rows
        Cells, as many in each row.
    right
        Numbers of the columns that are aligned right, from 0.

    Returns
    -------
    list of str

    Examples
    --------
    >>> columns([["步行", "5"], ["car", "12"]], right=[1])
    ['步行   5', 'car   12']
    """
    widths = [max(map(text_width, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = []
        for number, (cell, width) in enumerate(zip(row, widths, strict=True)):
            space = " " * (width - text_width(cell))
            cells.append(space + cell if number in right else cell + space)
        lines.append(_GAP.join(cells).rstrip())
    return lines

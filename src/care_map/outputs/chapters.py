"""What a report consists of, before it becomes sheets or pages.

Chapters of sentences, points, pictures and grids, and of parts that are chapters themselves; a
writer prints them in this order and adds nothing but numbers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from care_map.outputs.amounts import Amount

__all__ = [
    "Cell",
    "Chapter",
    "Grid",
    "GridColumn",
    "Group",
    "Paper",
    "Picture",
    "number_columns",
]

Cell = str | int | float | Amount | None
Align = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class GridColumn:
    """A column of a grid.

    Parameters
    ----------
    title
        Header.
    width_cm
        Width on paper; the columns of a grid share the page in these proportions.
    align
        Where cells stand.
    """

    title: str
    width_cm: float = 1.0
    align: Align = "center"


@dataclass(frozen=True, slots=True)
class Group:
    """A header over several columns: the first of them (from 0), how many, the title."""

    first: int
    count: int
    title: str


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of a report.

    Parameters
    ----------
    title
        Caption; empty where the chapter's heading says it.
    columns
        Columns, each row of `rows` has a cell for each.
    rows
        Cells; None stays empty.
    groups
        Headers over several columns.
    totals
        Whether the first row sums up the others.
    notes
        Sentences under the caption.
    sheet
        Name of its sheet in a workbook.
    charted
        Whether it is a series over time, groups being what is drawn.
    """

    title: str
    columns: tuple[GridColumn, ...]
    rows: tuple[tuple[Cell, ...], ...]
    groups: tuple[Group, ...] = ()
    totals: bool = False
    notes: tuple[str, ...] = ()
    sheet: str = ""
    charted: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart or a map.

    Parameters
    ----------
    title
        Caption.
    alt
        What it shows, for who cannot see it.
    png
        The picture.
    width_cm, height_cm
        Size on paper.
    """

    title: str
    alt: str
    png: bytes
    width_cm: float
    height_cm: float


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter: sentences, points, pictures, grids, then its parts.

    Parameters
    ----------
    title
        Heading without its number.
    sentences
        Paragraphs.
    grids
        Tables.
    wide
        Whether it is printed across the page.
    points
        Short statements, set as a list.
    pictures
        Charts and maps.
    parts
        Sections of the chapter.
    """

    title: str
    sentences: tuple[str, ...] = ()
    grids: tuple[Grid, ...] = ()
    wide: bool = False
    points: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    parts: "tuple[Chapter, ...]" = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole report.

    Parameters
    ----------
    title
        Title.
    subtitle
        Lines under it: the period, the notice.
    labels
        What must stand on every page: synthetic data.
    chapters
        In their order; numbers are given by the writer.
    """

    title: str
    subtitle: tuple[str, ...]
    labels: tuple[str, ...]
    chapters: tuple[Chapter, ...]


def number_columns(titles: Iterable[str], *, width_cm: float = 1.0) -> Sequence[GridColumn]:
    """Return columns of figures of one width."""
    return [GridColumn(title, width_cm) for title in titles]

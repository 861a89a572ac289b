"""Charts of a workbook that draw what stands in its cells: who is covered, who is not."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from xlsxwriter.worksheet import Worksheet

from care_map.outputs.workbook import Book

__all__ = ["Stacks", "stacked_charts"]

_COLOURS = ("#2F4F8F", "#F0A244", "#B4B8C0")
"""Covered, uncovered, undetermined: the colours of the map's page."""

_MOST_BARS = 60
"""Rows that a chart draws (default): more cannot be told apart."""

_WIDTH, _HEAD, _PER_BAR, _PIXELS_PER_ROW = 680, 110, 24, 20
_PAGE = 980
"""Pixels of a page of A4, upright: no chart is higher."""


@dataclass(frozen=True, slots=True)
class Stacks:
    """Rows of a sheet that are drawn as bars.

    Parameters
    ----------
    sheet
        Name of the sheet.
    title, head, first, last
        Row whose first cell is the chart's title, row of the header, first and last row of the
        bars.
    names
        Last of the columns, from the first on, that name a bar.
    counts
        Column of those covered; those uncovered and undetermined follow it.
    """

    sheet: str
    title: int
    head: int
    first: int
    last: int
    names: int
    counts: int


def stacked_charts(book: Book, sheet: Worksheet, row: int, charts: Sequence[Stacks]) -> None:
    """Draw bars of equal length under each other, from `row` on; no page divides a chart."""
    sheet.set_portrait()
    sheet.set_column(0, 9, 9)  # 10 columns of 68 pixels, in every program: a chart's width
    # Not fitted to pages: its own breaks would count for nothing. LibreOffice widens columns.
    sheet.set_print_scale(65)
    used, breaks = row * _PIXELS_PER_ROW, []
    for drawn in charts:
        bars = drawn.last - drawn.first + 1
        if not 0 < bars <= _MOST_BARS:
            continue
        chart = book.workbook.add_chart({"type": "bar", "subtype": "percent_stacked"})
        for number, colour in enumerate(_COLOURS):
            column = drawn.counts + number
            chart.add_series(
                {
                    "name": [drawn.sheet, drawn.head, column],
                    "categories": [drawn.sheet, drawn.first, 0, drawn.last, drawn.names],
                    "values": [drawn.sheet, drawn.first, column, drawn.last, column],
                    "fill": {"color": colour},
                    "gap": 40,
                }
            )
        # A title that is text would be read as a formula where a circle's begins with "=".
        title = [drawn.sheet, drawn.title, 0]
        chart.set_title({"name": title, "name_font": {"size": 11}, "overlay": False})
        chart.set_legend({"position": "bottom"})
        chart.set_y_axis({"reverse": True})
        chart.set_x_axis({"num_format": "0%", "major_gridlines": {"visible": True}})
        height = min(_HEAD + _PER_BAR * bars, _PAGE)
        if used + height > _PAGE:
            used = 0
            breaks.append(row)
        chart.set_size({"width": _WIDTH, "height": height})
        sheet.insert_chart(row, 0, chart, {"object_position": 2})
        rows = ceil(height / _PIXELS_PER_ROW) + 2
        row, used = row + rows, used + rows * _PIXELS_PER_ROW
    sheet.set_h_pagebreaks(breaks)

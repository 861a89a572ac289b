"""The quarterly report as a workbook: findings on the first sheet, then a sheet per table."""

from pathlib import Path

from xlsxwriter.worksheet import Worksheet

from care_map.assessment import Assessment
from care_map.messages import Catalogue, catalogue
from care_map.outputs.chapters import Chapter, Grid, Paper
from care_map.outputs.quarterly_rows import quarterly_paper
from care_map.outputs.workbook import Book, Field, opened_book, set_columns

__all__ = ["write_quarterly_book"]

_WIDTH_PER_CM = 5.5
_SUMMARY_WIDTHS = (16.0, 60.0, 16.0, 16.0, 16.0)
_CHART = {"width": 520, "height": 260}
_CHART_ROWS = 14
_CHART_COLUMNS = 8
_CHARTS_ACROSS = 2
_DRAWN = 2
"""Of each type its first two columns are drawn: due and accepted."""

_LINES = ("#7F7F7F", "#1F5FA8")


def write_quarterly_book(result: Assessment, path: Path) -> None:
    """Write the quarterly report of a run as xlsx.

    Parameters
    ----------
    result
        The assessment of a study with a policy pack; its study's language is the report's.
    path
        File to write; the same assessment gives the same bytes.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    texts = catalogue(result.study.language)
    paper = quarterly_paper(result)
    banner = [paper.subtitle[0], *paper.labels]
    page = texts.text("report.page")
    with opened_book(path, title=paper.title, banner=banner, page=page) as book:
        # The title would run into the page number.
        book.footer = "  ".join(banner)
        _summary(book, paper, texts)
        for chapter in paper.chapters:
            for grid in chapter.grids:
                _sheet(book, chapter, grid)


def _summary(book: Book, paper: Paper, texts: Catalogue) -> None:
    """Write the chapters' sentences on one sheet."""
    sheet = book.sheet(texts.text("report.sheet.summary"))
    row = book.head(sheet, paper.title)
    set_columns(sheet, _SUMMARY_WIDTHS)
    for chapter in paper.chapters:
        if chapter.sentences:
            row = book.lines(sheet, row, chapter.title, chapter.sentences, _SUMMARY_WIDTHS)


def _sheet(book: Book, chapter: Chapter, grid: Grid) -> None:
    sheet = book.sheet(grid.sheet)
    row = book.head(sheet, grid.title or chapter.title)
    for note in grid.notes:
        book.note(sheet, row, note)
        row += 1
    if grid.groups:
        row += 1
        for group in grid.groups:
            if group.count > 1:
                book.spanning(sheet, row - 1, group.first, group.count, group.title)
            else:
                sheet.write_string(row - 1, group.first, group.title, book.header())
    widths = [column.width_cm * _WIDTH_PER_CM for column in grid.columns]
    fields = [Field(c.title, width=width) for c, width in zip(grid.columns, widths, strict=True)]
    if grid.groups or grid.totals:
        book.table(sheet, row, fields, grid.rows)
        sheet.freeze_panes(row + 1, 1)
        sheet.repeat_rows(0, row)
        set_columns(sheet, widths)
    else:
        book.grid(sheet, row, fields, grid.rows)
    heads = [column.title for column in grid.columns]
    book.heights(sheet, row, widths, [heads, *grid.rows])
    if grid.charted:
        sheet.fit_to_pages(1, 1)
        _charts(book, sheet, grid, row + 1)


def _charts(book: Book, sheet: Worksheet, grid: Grid, top: int) -> None:
    """Draw each group's first columns over the first column, under the table."""
    name, last = sheet.get_name(), top + len(grid.rows) - 1
    for number, group in enumerate(grid.groups):
        chart = book.workbook.add_chart({"type": "line"})
        for offset, colour in zip(range(_DRAWN), _LINES, strict=True):
            at = group.first + offset
            chart.add_series(
                {
                    "name": [name, top - 1, at],
                    "categories": [name, top, 0, last, 0],
                    "values": [name, top, at, last, at],
                    "line": {"color": colour, "width": 2},
                    "marker": {"type": "circle", "size": 4},
                }
            )
        chart.set_title({"name": group.title, "name_font": {"size": 11}})
        chart.set_legend({"position": "bottom"})
        chart.set_x_axis({"num_font": {"size": 8, "rotation": -45}})
        chart.set_y_axis({"min": 0, "num_format": "#,##0", "major_gridlines": {"visible": True}})
        chart.set_size(_CHART)
        down, across = divmod(number, _CHARTS_ACROSS)
        sheet.insert_chart(last + 2 + down * _CHART_ROWS, across * _CHART_COLUMNS, chart)

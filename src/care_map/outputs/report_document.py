"""The report of a run as a document of an office: docx in the layout of GB/T 9704."""

from pathlib import Path

from care_map.messages import Catalogue
from care_map.outputs.captions import Captions
from care_map.outputs.chapters import Chapter, Grid, Paper
from care_map.outputs.documents import Pages, write_pages

__all__ = ["write_report_document"]


def write_report_document(paper: Paper, path: Path, texts: Catalogue) -> None:
    """Write a report as docx.

    Parameters
    ----------
    paper
        The report.
    path
        File to write; the same report gives the same bytes.
    texts
        Language.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    pages, captions = Pages(texts, paper.labels), Captions(texts)
    pages.title(paper.title, paper.subtitle)
    for chapter in paper.chapters:
        pages.turn(wide=chapter.wide)
        pages.chapter(chapter.title)
        _fill(pages, captions, chapter)
        for part in chapter.parts:
            pages.turn(wide=part.wide)
            pages.section(part.title)
            _fill(pages, captions, part)
    write_pages(pages, path, title=paper.title)


def _fill(pages: Pages, captions: Captions, chapter: Chapter) -> None:
    for sentence in chapter.sentences:
        pages.text(sentence)
    for number, point in enumerate(chapter.points, start=1):
        pages.point(point, number)
    for picture in chapter.pictures:
        pages.picture(picture)
        pages.caption(captions.picture(picture.title), above=False)
    for grid in chapter.grids:
        _grid(pages, captions, grid)


def _grid(pages: Pages, captions: Captions, grid: Grid) -> None:
    pages.caption(captions.table(grid.title))
    for note in grid.notes:
        pages.note(note)
    pages.grid(grid)

"""The quarterly report as a document of an office: findings first, then its tables."""

from pathlib import Path

from care_map.assessment import Assessment
from care_map.messages import catalogue
from care_map.outputs.documents import Pages, write_pages
from care_map.outputs.quarterly_rows import quarterly_paper

__all__ = ["write_quarterly_document"]


def write_quarterly_document(result: Assessment, path: Path) -> None:
    """Write the quarterly report of a run as docx.

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
    paper = quarterly_paper(result)
    pages = Pages(catalogue(result.study.language), paper.labels)
    pages.title(paper.title, paper.subtitle)
    for chapter in paper.chapters:
        pages.turn(wide=chapter.wide)
        pages.chapter(chapter.title)
        for sentence in chapter.sentences:
            pages.text(sentence)
        for grid in chapter.grids:
            if len(chapter.grids) > 1:
                pages.section(grid.title)
            for note in grid.notes:
                pages.note(note)
            pages.grid(grid)
    write_pages(pages, path, title=paper.title)

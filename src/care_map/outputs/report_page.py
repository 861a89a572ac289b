"""The report of a run as one HTML file: nothing is loaded, everything is text until shown."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from jinja2 import Environment, StrictUndefined, Template

from care_map.errors import OutputError, Problem
from care_map.messages import Catalogue
from care_map.outputs.captions import Captions, chapter_heading, part_heading, shown
from care_map.outputs.chapters import Chapter, Grid, Paper, Picture
from care_map.outputs.workbook import clean

__all__ = ["POLICY", "write_report_page"]

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'"
)
"""Content security policy of the page: no script runs and nothing is fetched."""

_PIXELS_PER_CM = 96 / 2.54


@dataclass(frozen=True, slots=True)
class _Head:
    """A header cell and what it is the header of."""

    text: str
    scope: str = "col"
    across: int = 1
    down: int = 1


@dataclass(frozen=True, slots=True)
class _Cell:
    text: str
    align: str


def write_report_page(paper: Paper, path: Path, texts: Catalogue) -> None:
    """Write a report as HTML.

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
    captions = Captions(texts)
    page = _template().render(
        language="zh-CN" if texts.language == "zh" else "en",
        policy=POLICY,
        style=_read("report.css"),
        title=clean(paper.title),
        subtitle=paper.subtitle,
        labels=paper.labels,
        contents=texts.text("document.contents"),
        chapters=[
            _chapter(chapter, captions, chapter_heading(number, chapter.title, texts))
            for number, chapter in enumerate(paper.chapters, start=1)
        ],
    )
    try:
        path.write_text(page.lstrip(), encoding="utf-8", newline="\n")
    except OSError as error:
        values = {"detail": error.strerror or str(error)}
        raise OutputError([Problem("output_unwritable", source=path.name, values=values)]) from None


def _chapter(chapter: Chapter, captions: Captions, heading: str) -> dict[str, object]:
    return {
        "heading": heading,
        "sentences": [clean(sentence) for sentence in chapter.sentences],
        "points": [clean(point) for point in chapter.points],
        "pictures": [_picture(picture, captions) for picture in chapter.pictures],
        "grids": [_grid(grid, captions) for grid in chapter.grids],
        "parts": [
            _chapter(part, captions, part_heading(number, part.title, captions.texts))
            for number, part in enumerate(chapter.parts, start=1)
        ],
    }


def _picture(picture: Picture, captions: Captions) -> dict[str, object]:
    return {
        "caption": clean(captions.picture(picture.title)),
        "alt": clean(picture.alt),
        "data": base64.b64encode(picture.png).decode("ascii"),
        "width": round(picture.width_cm * _PIXELS_PER_CM),
        "height": round(picture.height_cm * _PIXELS_PER_CM),
    }


def _grid(grid: Grid, captions: Captions) -> dict[str, object]:
    return {
        "caption": clean(captions.table(grid.title)),
        "notes": [clean(note) for note in grid.notes],
        "heads": list(_heads(grid)),
        "totals": grid.totals,
        "rows": [
            [
                _Cell(_lines(shown(cell)), column.align)
                for cell, column in zip(row, grid.columns, strict=True)
            ]
            for row in grid.rows
        ],
    }


def _lines(text: str) -> str:
    return "\n".join(clean(line) for line in text.split("\n"))


def _heads(grid: Grid) -> Iterator[list[_Head]]:
    """Yield the rows of the header: groups over their columns, the other columns over both."""
    titles = [clean(column.title) for column in grid.columns]
    if not grid.groups:
        yield [_Head(title) for title in titles]
        return
    firsts = {group.first: group for group in grid.groups}
    grouped = {at for g in grid.groups for at in range(g.first, g.first + g.count)}
    upper = []
    for at, title in enumerate(titles):
        if group := firsts.get(at):
            upper.append(_Head(clean(group.title), "colgroup", across=group.count))
        elif at not in grouped:
            upper.append(_Head(title, down=2))
    yield upper
    yield [_Head(title) for at, title in enumerate(titles) if at in grouped]


@cache
def _template() -> Template:
    pages = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return pages.from_string(_read("report.html"))


def _read(name: str) -> str:
    return resources.files("care_map.outputs").joinpath(name).read_text(encoding="utf-8")

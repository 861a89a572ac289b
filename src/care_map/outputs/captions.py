"""Numbers of chapters, tables and pictures, and cells as they read: the same in every form."""

from dataclasses import dataclass

from care_map.messages import Catalogue
from care_map.outputs.chapters import Cell

__all__ = ["Captions", "chapter_heading", "part_heading", "shown"]


@dataclass(slots=True)
class Captions:
    """Captions with their numbers, counted through the whole report.

    Parameters
    ----------
    texts
        Language.
    """

    texts: Catalogue
    _tables: int = 0
    _pictures: int = 0

    def table(self, title: str) -> str:
        """Return the caption of the next table."""
        self._tables += 1
        return self.texts.text("document.table", number=self._tables, title=title)

    def picture(self, title: str) -> str:
        """Return the caption of the next picture."""
        self._pictures += 1
        return self.texts.text("document.picture_caption", number=self._pictures, title=title)


def chapter_heading(number: int, title: str, texts: Catalogue) -> str:
    """Return the heading of a chapter: 一、 to 十九、 in Chinese."""
    return texts.text("quarterly.chapter", number=_counted(number, texts), title=title)


def part_heading(number: int, title: str, texts: Catalogue) -> str:
    """Return the heading of a part of a chapter: （一） to （十九） in Chinese."""
    return texts.text("quarterly.section", number=_counted(number, texts), title=title)


def shown(cell: Cell) -> str:
    """Return a cell as it reads, nothing for an empty one.

    Examples
    --------
    >>> shown(1500), shown(None)
    ('1,500', '')
    """
    if cell is None:
        return ""
    if isinstance(cell, int) and not isinstance(cell, bool):
        return f"{cell:,}"
    return str(cell)


def _counted(number: int, texts: Catalogue) -> str:
    digits = texts.text("quarterly.digits")
    if not digits:
        return str(number)
    ten = len(digits)
    if number <= ten:
        return digits[number - 1]
    return f"{digits[ten - 1]}{digits[number - ten - 1]}" if number < 2 * ten else str(number)

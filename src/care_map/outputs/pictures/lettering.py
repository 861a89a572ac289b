"""Letters of pictures: a Chinese font that comes along, and never an empty box.

Pictures use the font of a package, not of the computer, so that they are the same everywhere.
What it lacks (Cyrillic, Hangul, Arabic) is taken from the font that comes with matplotlib, then
from a font of the computer; a sign that none of them has is shown as a question mark.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache

import pylopdf_fonts_zh_cn
from matplotlib import font_manager

from care_map.outputs.workbook import clean, display_width

__all__ = ["OWN_FAMILY", "Lettering", "lettering"]

OWN_FAMILY = "CareMap Sans"
"""Noto Sans SC, under a name that no font of the computer has."""

_WITH_MATPLOTLIB = "DejaVu Sans"
_OF_THE_COMPUTER = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "SimHei",
    "SimSun",
    "SimSun-ExtB",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "PingFang SC",
    "Noto Sans CJK KR",
    "Malgun Gothic",
    "Segoe UI",
    "Arial Unicode MS",
)
_UNKNOWN = "?"


@dataclass(frozen=True, slots=True)
class Lettering:
    """Fonts that have what is to be written.

    Parameters
    ----------
    families
        Names of fonts, the first that has a sign writes it.
    lacking
        Signs that none of them has.
    """

    families: tuple[str, ...]
    lacking: frozenset[str] = frozenset()

    def text(self, text: str, most: int = 0) -> str:
        """Return a text as it can be written: no control characters, no sign without a font.

        Parameters
        ----------
        text
            Any text.
        most
            Widest it may be in Latin letters, a Chinese one counts two; 0 for any width.
        """
        drawn = "".join(_UNKNOWN if sign in self.lacking else sign for sign in clean(text))
        if not most or display_width(drawn) <= most:
            return drawn
        # No sign is narrower than one letter.
        widths = [display_width(sign) for sign in drawn[:most]]
        room = [most - 1 - sum(widths[: at + 1]) for at in range(len(widths))]
        return f"{drawn[: sum(left >= 0 for left in room)]}…"


def lettering(texts: Iterable[str]) -> Lettering:
    """Return fonts for all that is to be written.

    Parameters
    ----------
    texts
        Names of the data; what the catalogues say is in the package's font.
    """
    _register()
    signs = {sign for text in texts for sign in clean(text)}
    families, lacking = [OWN_FAMILY, _WITH_MATPLOTLIB], signs - {"…", _UNKNOWN}
    for family in families:
        lacking = {sign for sign in lacking if ord(sign) not in _signs_of(family)}
    for family in _installed():
        left = {sign for sign in lacking if ord(sign) not in _signs_of(family)}
        if len(left) < len(lacking):
            families.append(family)
            lacking = left
    return Lettering(tuple(families), frozenset(lacking))


@cache
def _signs_of(family: str) -> frozenset[int]:
    wanted = font_manager.FontProperties(family=[family])
    path = font_manager.findfont(wanted, fallback_to_default=False)
    return frozenset(font_manager.get_font(path).get_charmap())


@cache
def _register() -> None:
    """Make the package's font known under its own name."""
    path = str(pylopdf_fonts_zh_cn.sans_path())
    entry = font_manager.ttfFontProperty(font_manager.get_font(path))
    font_manager.fontManager.ttflist.append(replace(entry, name=OWN_FAMILY))


def _installed() -> Iterator[str]:
    known = {entry.name for entry in font_manager.fontManager.ttflist}
    return (family for family in _OF_THE_COMPUTER if family in known)

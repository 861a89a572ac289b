"""A sheet for a map: its frame, scale bar, north arrow, legend and foot line."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from care_map.outputs.pictures.canvas import (
    CM_PER_INCH,
    INK,
    RED,
    SOFT,
    WIDTH_CM,
    new_figure,
)
from care_map.outputs.pictures.lettering import Lettering
from care_map.outputs.workbook import display_width

__all__ = ["HALO", "Bounds", "Key", "Sheet", "open_sheet"]

Bounds = tuple[float, float, float, float]
"""West, south, east, north in metres."""

HALO = [withStroke(linewidth=2.2, foreground="white")]
_PAPER = "#f3f2ec"
_LEAST_CM, _MOST_CM = 8.0, 16.5
_KEY_CM, _LINE_CM, _EDGE_CM = 0.46, 0.34, 0.08
_MARGIN = 0.03
_LETTERS_PER_LINE = 118
_SCALE_SHARE = 0.22
_KEYS_ACROSS = 7


@dataclass(frozen=True, slots=True)
class Key:
    """An entry of the legend."""

    sign: Artist
    text: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """An open sheet.

    Parameters
    ----------
    figure, axes
        Where to draw, in metres.
    metres_per_cm
        Scale on paper.
    """

    figure: Figure
    axes: Axes
    metres_per_cm: float


def open_sheet(
    bounds: Bounds,
    letters: Lettering,
    *,
    keys: Sequence[Sequence[Key]],
    foot: Sequence[str],
    warning: Sequence[str],
    words: tuple[str, str, str],
) -> Sheet:
    """Return a sheet with everything but the map itself.

    Parameters
    ----------
    bounds
        What must be seen.
    letters
        Fonts.
    keys
        Rows of the legend.
    foot
        Source, datum, date, approval number.
    warning
        What must not be overlooked: synthetic data.
    words
        North, metres, kilometres.
    """
    west, south, east, north = _framed(bounds)
    map_cm = WIDTH_CM * (north - south) / (east - west)
    lines = [*_wrapped(letters, warning), *_wrapped(letters, foot)]
    rows = sum(-(-len(row) // _KEYS_ACROSS) for row in keys)
    below_cm = rows * _KEY_CM + len(lines) * _LINE_CM + 0.35
    height_cm = map_cm + below_cm
    figure = new_figure(height_cm)
    axes = figure.add_axes((0.002, below_cm / height_cm, 0.996, map_cm / height_cm - 0.002))
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_facecolor(_PAPER)
    sheet = Sheet(figure, axes, (east - west) / WIDTH_CM)
    _scale_bar(sheet, words[1:])
    _north_arrow(axes, words[0])
    top = below_cm - 0.12
    for row in keys:
        for first in range(0, len(row), _KEYS_ACROSS):
            _keys(figure, letters, row[first : first + _KEYS_ACROSS], top / height_cm)
            top -= _KEY_CM
    warned = len(_wrapped(letters, warning))
    for number, line in enumerate(lines):
        top -= _LINE_CM
        colour = RED if number < warned else SOFT
        figure.text(0.006, (top + _EDGE_CM) / height_cm, line, fontsize=6.5, color=colour)
    return sheet


def _framed(bounds: Bounds) -> Bounds:
    """Return bounds with a margin, made wider or higher until they suit the page."""
    west, south, east, north = bounds
    wide, high = max(east - west, 100.0), max(north - south, 100.0)
    wide, high = wide * (1 + 2 * _MARGIN), high * (1 + 2 * _MARGIN)
    high = max(high, wide * _LEAST_CM / WIDTH_CM)
    wide = max(wide, high * WIDTH_CM / _MOST_CM)
    x, y = (west + east) / 2, (south + north) / 2
    return x - wide / 2, y - high / 2, x + wide / 2, y + high / 2


def _wrapped(letters: Lettering, parts: Sequence[str]) -> list[str]:
    """Return parts side by side, as many to a line as fit; a long one is broken."""
    lines = [""]
    for part in map(letters.text, parts):
        joined = f"{lines[-1]}　{part}" if lines[-1] else part
        if display_width(joined) <= _LETTERS_PER_LINE:
            lines[-1] = joined
            continue
        lines += [""] if lines[-1] else []
        for sign in part[:600]:
            if display_width(lines[-1] + sign) > _LETTERS_PER_LINE:
                lines.append("")
            lines[-1] += sign
    return [line for line in lines if line]


def _keys(figure: Figure, letters: Lettering, row: Sequence[Key], top: float) -> None:
    names = [letters.text(key.text, 40) for key in row]
    figure.legend(
        [key.sign for key in row],
        names,
        loc="upper left",
        bbox_to_anchor=(0.0, top + 0.004),
        ncols=len(row),
        frameon=False,
        fontsize=7,
        handlelength=1.5,
        handletextpad=0.45,
        columnspacing=1.2,
        borderpad=0.2,
    )


def _scale_bar(sheet: Sheet, units: tuple[str, ...]) -> None:
    """Draw a bar of a round length in the lower left corner."""
    axes = sheet.axes
    west, east = axes.get_xlim()
    south, _ = axes.get_ylim()
    length_m = _round_length(_SCALE_SHARE * (east - west))
    km = 1000
    text = f"{length_m / km:g} {units[1]}" if length_m >= km else f"{length_m:g} {units[0]}"
    cm = sheet.metres_per_cm
    x, y = west + 0.35 * cm, south + 0.4 * cm
    for width, colour in ((4.2, "white"), (2.0, INK)):
        axes.plot(
            [x, x + length_m],
            [y, y],
            color=colour,
            linewidth=width,
            solid_capstyle="butt",
            zorder=20,
        )
    middle = x + length_m / 2
    axes.text(
        middle,
        y + 0.12 * cm,
        text,
        ha="center",
        va="bottom",
        fontsize=7,
        path_effects=HALO,
        zorder=20,
    )


def _round_length(most_m: float) -> float:
    """Return the longest of 1, 2 and 5 times a power of ten that is not longer."""
    ten = 10.0 ** floor(log10(most_m))
    return max(step * ten for step in (1, 2, 5) if step * ten <= most_m)


def _north_arrow(axes: Axes, word: str) -> None:
    box = axes.get_window_extent()
    high = 1.0 / (float(box.height) / axes.figure.dpi * CM_PER_INCH)
    wide = 1.0 / (float(box.width) / axes.figure.dpi * CM_PER_INCH)
    x, foot, head = 1 - 0.55 * wide, 1 - 1.45 * high, 1 - 0.75 * high
    axes.annotate(
        "",
        (x, head),
        (x, foot),
        xycoords="axes fraction",
        arrowprops={"arrowstyle": "-|>,head_width=0.28,head_length=0.55", "color": INK, "lw": 1.2},
        zorder=20,
    )
    axes.text(
        x,
        head + 0.05 * high,
        word,
        transform=axes.transAxes,
        ha="center",
        va="bottom",
        fontsize=8,
        path_effects=HALO,
        zorder=20,
    )

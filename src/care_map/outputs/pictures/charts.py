"""Charts: stacked bars, bars, and lines, in the colours of the map."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from care_map.outputs.pictures.canvas import (
    CM_PER_INCH,
    COVERED,
    LINES,
    SOFT,
    UNCOVERED,
    UNDETERMINED,
    WIDE_CM,
    WIDTH_CM,
    Drawn,
    as_drawn,
    bare,
    new_figure,
    settings,
)
from care_map.outputs.pictures.lettering import Lettering

__all__ = ["Bars", "Line", "Lines", "Stack", "bar_panels", "line_panels", "stacked_bars"]

_ROW_CM, _HEAD_CM, _FOOT_CM = 0.38, 0.85, 0.95
_NAME_LETTERS = 22
_ROOM_FOR_A_SHARE = 0.09
_LINE_PANEL_CM, _LINE_ALONE_CM = 5.6, 8.2
_BARS_ACROSS = _LINES_ACROSS = 3
_STACKED = ((COVERED, None), (UNCOVERED, None), (UNDETERMINED, "////"))
"""Colours of the parts of a bar, and the hatch of what is not known."""

_THICK = 0.34


@dataclass(frozen=True, slots=True)
class Stack:
    """A bar of three parts: covered, uncovered, undetermined."""

    name: str
    parts: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Bars:
    """A panel of bars: what each is called, how long it is, and what it says at its end."""

    title: str
    names: tuple[str, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a panel."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """A panel of lines.

    Parameters
    ----------
    lines
        What is drawn.
    x_title, y_title
        What the axes are.
    title
        What stands over the panel.
    ticks
        Names of the places 0, 1, … on the x axis, where it is no scale.
    shares
        Axes that are fractions of 1: any of ``x`` and ``y``.
    diagonal
        Whether the line of evenness is drawn.
    marks
        Places on the x axis that are marked by a thin line.
    """

    lines: tuple[Line, ...]
    x_title: str
    y_title: str
    title: str = ""
    ticks: tuple[str, ...] = ()
    shares: str = ""
    diagonal: bool = False
    marks: tuple[float, ...] = ()


def stacked_bars(
    stacks: Sequence[Stack], letters: Lettering, *, legend: tuple[str, str, str], count: str
) -> Drawn:
    """Draw bars of equal length, each divided into covered, uncovered and undetermined.

    Parameters
    ----------
    stacks
        Bars from top to bottom, none of them of nothing.
    letters
        Fonts.
    legend
        What the three parts are called.
    count
        What stands over the numbers at the ends of the bars.
    """
    height_cm = _HEAD_CM + _FOOT_CM + _ROW_CM * len(stacks)
    with settings(letters):
        figure = new_figure(height_cm)
        axes = _panel(figure, height_cm)
        wholes = [sum(stack.parts) for stack in stacks]
        left = [0.0] * len(stacks)
        for part, (colour, hatch) in enumerate(_STACKED):
            shares = [s.parts[part] / whole for s, whole in zip(stacks, wholes, strict=True)]
            _boxes(axes, left, shares, colour=colour, hatch=hatch)
            left = [a + b for a, b in zip(left, shares, strict=True)]
        for place, (stack, whole) in enumerate(zip(stacks, wholes, strict=True)):
            _inside(axes, place, stack.parts[0] / whole)
            name = letters.text(stack.name, _NAME_LETTERS)
            axes.text(-0.012, place, name, va="center", ha="right", fontsize=7.5)
            axes.text(1.015, place, f"{whole:,.0f}", va="center", fontsize=7.5)
        axes.text(1.015, -0.85, letters.text(count, 14), va="center", fontsize=7, color=SOFT)
        axes.set_yticks([])
        axes.set_ylim(len(stacks) - 0.4, -0.6)
        axes.set_xlim(0, 1)
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        handles = [Patch(facecolor=face, hatch=hatch, linewidth=0) for face, hatch in _STACKED]
        figure.legend(handles, legend, loc="upper center", ncols=3, frameon=False, fontsize=8)
        return as_drawn(figure)


def _boxes(
    axes: Axes, left: Sequence[float], wide: Sequence[float], *, colour: str, hatch: str | None
) -> None:
    """Draw a box in each row: as one thing, for hundreds of patches take seconds."""
    boxes = [
        ((x, y - _THICK), (x + w, y - _THICK), (x + w, y + _THICK), (x, y + _THICK))
        for y, (x, w) in enumerate(zip(left, wide, strict=True))
        if w > 0
    ]
    axes.add_artist(PolyCollection(boxes, facecolors=colour, linewidths=0, hatch=hatch))


def _inside(axes: Axes, place: int, share: float) -> None:
    """Write a share into its part of a bar where there is room."""
    if share >= _ROOM_FOR_A_SHARE:
        axes.text(
            share - 0.01, place, f"{share:.0%}", va="center", ha="right", fontsize=7, color="white"
        )


def bar_panels(panels: Sequence[Bars], letters: Lettering) -> Drawn:
    """Draw bars on one scale, a panel for each circle, side by side across the page."""
    longest = max((value for panel in panels for value in panel.values), default=1) or 1
    rows = max(len(panel.names) for panel in panels)
    across = min(len(panels), _BARS_ACROSS)
    row_cm = rows * _ROW_CM + 1.0
    height_cm = row_cm * ceil(len(panels) / across)
    width = 1 / across
    with settings(letters):
        figure = new_figure(height_cm, WIDE_CM)
        for number, panel in enumerate(panels):
            down, right = divmod(number, across)
            foot = height_cm - (down + 1) * row_cm + 0.15
            box = (
                (right + 0.44) * width,
                (foot + (rows - len(panel.names)) * _ROW_CM) / height_cm,
                width * 0.5,
                len(panel.names) * _ROW_CM / height_cm,
            )
            _bars(figure.add_axes(box), panel, letters, longest)
            top = (foot + rows * _ROW_CM + 0.25) / height_cm
            title = letters.text(panel.title, 46)
            figure.text((right + 0.02) * width, top, title, fontsize=8.5)
        return as_drawn(figure)


def _bars(axes: Axes, panel: Bars, letters: Lettering, longest: float) -> None:
    bare(axes)
    _boxes(axes, [0.0] * len(panel.values), panel.values, colour=COVERED, hatch=None)
    for place, (name, value) in enumerate(zip(panel.names, panel.values, strict=True)):
        end = value + longest * 0.012
        axes.text(end, place, f"{value:,.0f}", va="center", fontsize=7.5)
        shown = letters.text(name, 26)
        axes.text(-longest * 0.02, place, shown, va="center", ha="right", fontsize=7.5)
    axes.set_ylim(len(panel.names) - 0.5, -0.5)
    axes.set_xlim(0, longest * 1.12)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines["bottom"].set_visible(False)


def line_panels(panels: Sequence[Lines], letters: Lettering) -> Drawn:
    """Draw lines: one panel on an upright page, several across a page."""
    across = min(len(panels), _LINES_ACROSS)
    down = ceil(len(panels) / across)
    height_cm = down * (_LINE_PANEL_CM if across > 1 else _LINE_ALONE_CM)
    with settings(letters):
        figure = new_figure(height_cm, WIDE_CM if across > 1 else WIDTH_CM)
        for number, panel in enumerate(panels):
            axes = figure.add_subplot(down, across, number + 1)
            _lines(axes, panel, letters, narrow=across > 1)
        figure.subplots_adjust(
            left=0.05 if across > 1 else 0.09,
            right=0.985,
            top=1 - 0.75 / height_cm,
            bottom=1.25 / height_cm,
            wspace=0.2,
            hspace=0.42,
        )
        return as_drawn(figure)


def _lines(axes: Axes, panel: Lines, letters: Lettering, *, narrow: bool) -> None:
    bare(axes, grid="both")
    if panel.diagonal:
        axes.plot([0, 1], [0, 1], color=SOFT, linewidth=0.7)
    for mark in panel.marks:
        axes.axvline(mark, color=SOFT, linewidth=0.8, linestyle=(0, (2, 2)))
    handles = []
    for number, line in enumerate(panel.lines):
        colour, stroke = LINES[number % len(LINES)]
        marker = "o" if panel.ticks else None
        handles += axes.plot(
            line.x,
            line.y,
            color=colour,
            linestyle=stroke,
            linewidth=1.6,
            marker=marker,
            markersize=3,
        )
    names = [letters.text(line.name, 30 if narrow else 60) for line in panel.lines]
    axes.legend(handles, names, fontsize=7, frameon=False, loc="best")
    axes.set_xlabel(letters.text(panel.x_title), fontsize=7.5)
    axes.set_ylabel(letters.text(panel.y_title), fontsize=7.5)
    axes.set_title(letters.text(panel.title, 40), fontsize=8.5)
    axes.set_ylim(bottom=0)
    if panel.ticks:
        step = ceil(len(panel.ticks) / (6 if narrow else 12))
        shown = range(0, len(panel.ticks), step)
        axes.set_xticks(shown, [letters.text(panel.ticks[at], 12) for at in shown])
    else:
        axes.set_xlim(0, max((max(line.x, default=1) for line in panel.lines), default=1))
    for axis, name in ((axes.xaxis, "x"), (axes.yaxis, "y")):
        if name in panel.shares:
            axis.set_major_formatter(PercentFormatter(1, decimals=0))
    if "y" in panel.shares:
        axes.set_ylim(0, 1)


def _panel(figure: Figure, height_cm: float) -> Axes:
    """Return axes with room for names on the left, numbers on the right and a legend above."""
    width = float(figure.get_figwidth()) * CM_PER_INCH / WIDTH_CM
    box = (
        0.24,
        _FOOT_CM * 0.6 / height_cm,
        0.66 * width,
        1 - (_HEAD_CM + _FOOT_CM * 0.6) / height_cm,
    )
    axes = figure.add_axes(box)
    bare(axes, grid="x")
    return axes

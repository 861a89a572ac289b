"""What all pictures share: colours, a figure that no screen or setting changes, bytes."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from care_map.outputs.pictures.lettering import Lettering

__all__ = [
    "CM_PER_INCH",
    "COVERED",
    "DOTS_PER_INCH",
    "INK",
    "LINES",
    "RED",
    "SOFT",
    "UNCOVERED",
    "UNDETERMINED",
    "WIDE_CM",
    "WIDTH_CM",
    "Drawn",
    "as_drawn",
    "bare",
    "new_figure",
    "settings",
]

CM_PER_INCH = 2.54
DOTS_PER_INCH = 170
WIDTH_CM, WIDE_CM = 15.6, 25.0
"""Between the margins of an office's page, upright and across."""

INK, SOFT, GRID, RED = "#1d2430", "#566072", "#e4e6ea", "#9c0006"
COVERED, UNCOVERED, UNDETERMINED = "#2f4f8f", "#f0a244", "#e9e9e6"
"""The colours of the map's page."""

LINES = (
    ("#2f4f8f", "solid"),
    ("#d9822b", "dashed"),
    ("#0b7a6f", "dashdot"),
    ("#8a3c9c", "dotted"),
    ("#5b6270", (0, (5, 1, 1, 1, 1, 1))),
)
"""Colours of lines, each with a stroke of its own: colour alone tells nothing."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A finished picture and its size on paper."""

    png: bytes
    width_cm: float
    height_cm: float


@contextmanager
def settings(letters: Lettering) -> Iterator[None]:
    """Draw with our settings, whatever a user's matplotlib is set to."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(
            {
                "font.family": list(letters.families),
                "font.size": 8,
                "axes.unicode_minus": False,
                "text.parse_math": False,  # a name with two dollar signs is no formula
                "text.color": INK,
                "axes.labelcolor": INK,
                "axes.edgecolor": SOFT,
                "axes.linewidth": 0.6,
                "xtick.color": SOFT,
                "ytick.color": SOFT,
                "hatch.linewidth": 0.6,
                "hatch.color": "#8b909a",
            }
        )
        yield


def new_figure(height_cm: float, width_cm: float = WIDTH_CM) -> Figure:
    """Return an empty figure of a size on paper."""
    inches = (width_cm / CM_PER_INCH, height_cm / CM_PER_INCH)
    figure = Figure(figsize=inches, dpi=DOTS_PER_INCH, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def as_drawn(figure: Figure) -> Drawn:
    """Return a figure as PNG: the same bytes whenever it is drawn."""
    width, height = (float(side) * CM_PER_INCH for side in figure.get_size_inches())
    raw = io.BytesIO()
    figure.savefig(raw, format="rgba", dpi=DOTS_PER_INCH)
    rows, columns = (int(side) for side in (figure.bbox.height, figure.bbox.width))
    colours = np.frombuffer(raw.getvalue(), dtype=np.uint8).reshape(rows, columns, 4)
    dots = Image.fromarray(np.ascontiguousarray(colours[:, :, :3]))
    # 256 colours are plenty for flat ones: a quarter of the bytes, half of the time.
    few = dots.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    file = io.BytesIO()
    few.save(file, format="png")
    return Drawn(file.getvalue(), width, height)


def bare(axes: Axes, *, grid: str = "") -> None:
    """Leave of a frame what is needed: a line at the foot and on the left, a pale grid."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=2, width=0.5, labelsize=7.5)
    axes.set_axisbelow(True)
    if grid:
        axes.grid(
            visible=True,
            axis="x" if grid == "x" else "y" if grid == "y" else "both",
            color=GRID,
            linewidth=0.6,
        )

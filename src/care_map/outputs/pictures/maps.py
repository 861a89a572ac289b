"""Maps of a report: units by coverage rate, and where the gaps and the facilities are."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path
from numpy.typing import NDArray

from care_map.outputs.pictures.canvas import INK, Drawn, as_drawn, settings
from care_map.outputs.pictures.lettering import Lettering
from care_map.outputs.pictures.shapes import line_path, polygon_path
from care_map.outputs.pictures.sheet import Bounds, Key, Sheet, open_sheet
from care_map.outputs.workbook import display_width

__all__ = [
    "MARKS",
    "RATE_CLASSES",
    "Ground",
    "MapWords",
    "Mark",
    "Place",
    "Region",
    "coverage_map",
    "gap_map",
]

RATE_CLASSES = (
    (0.2, "#a9612a"),
    (0.4, "#e09a4a"),
    (0.6, "#fae3bf"),
    (0.75, "#c7d5eb"),
    (0.9, "#86a2d1"),
    (float("inf"), "#3f63a8"),
)
"""Below which rate a unit has which colour: those of the map's page (script/units.js)."""

_NO_DATA = "#eceae4"
MARKS = {
    "care": ("o", "#0b7a6f", 3.6),
    "meal": ("D", "#8a3c9c", 3.2),
    "medical": ("P", "#b3123f", 4.4),
    "other": ("o", "#5b6270", 3.0),
}
"""Sign, colour and size of facilities by group: those of the map's page (script/facilities.js)."""

_GAP = "#c8351d"
_NAME_CM_PER_LETTER, _NAME_CM = 0.125, 0.3
_NUMBER_CM = 0.36
_SHIFTS_CM = (0.0, 0.32, -0.32)
_PATCH = {"boxstyle": "square,pad=0.08", "facecolor": "white", "alpha": 0.62, "linewidth": 0}


@dataclass(frozen=True, slots=True)
class Region:
    """A unit: its name, its polygon, and how many elders it has."""

    id: str
    name: str
    shape: shapely.Geometry
    elders: float


@dataclass(frozen=True, slots=True)
class Place:
    """A numbered gap."""

    number: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Mark:
    """Facilities that are drawn alike: a group, whether they operate, where they are."""

    group: str
    operating: bool
    points: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MapWords:
    """What a map says.

    Parameters
    ----------
    rates, no_data
        What the colours mean: a text for each class and one for the hatched.
    groups
        Groups of facilities.
    closed, gap, more_gaps
        Facilities that do not operate; numbered gaps; the others.
    road, water
        Lines.
    foot, warning
        What stands under the map.
    scale
        North, metres, kilometres.
    """

    rates: tuple[str, ...]
    no_data: str
    groups: Mapping[str, str]
    closed: str
    gap: str
    more_gaps: str
    road: str
    water: str
    foot: tuple[str, ...]
    warning: tuple[str, ...]
    scale: tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Ground:
    """What all maps of a study share.

    Parameters
    ----------
    regions
        Units of one level.
    bounds
        What must be seen.
    roads, water
        Lines; empty where unknown.
    words
        What the maps say.
    letters
        Fonts.
    """

    regions: tuple[Region, ...]
    bounds: Bounds
    roads: Path
    water: Path
    words: MapWords
    letters: Lettering

    @classmethod
    def of(
        cls,
        regions: Iterable[Region],
        bounds: Bounds,
        roads: NDArray[np.object_],
        water: NDArray[np.object_],
        *,
        words: MapWords,
        letters: Lettering,
    ) -> "Ground":
        """Return the ground, simplified to what a picture shows."""
        fine_m = max(bounds[2] - bounds[0], bounds[3] - bounds[1]) / 2500
        drawn = tuple(
            Region(one.id, one.name, shapely.simplify(one.shape, fine_m), one.elders)
            for one in regions
        )
        return cls(
            drawn,
            bounds,
            line_path(roads, fine_m),
            line_path(water, fine_m),
            words=words,
            letters=letters,
        )


def coverage_map(ground: Ground, rates: Mapping[str, float]) -> Drawn:
    """Draw the units, coloured by the low end of their rates.

    Parameters
    ----------
    ground
        Units and lines.
    rates
        Fractions of 1 by unit; a unit without one is hatched.
    """
    words = ground.words
    colours = [Patch(facecolor=colour, edgecolor="white") for _, colour in RATE_CLASSES]
    keys = [Key(sign, text) for sign, text in zip(colours, words.rates, strict=True)]
    keys.append(Key(Patch(facecolor=_NO_DATA, hatch="////", linewidth=0), words.no_data))
    with settings(ground.letters):
        sheet = _sheet(ground, [keys, list(_line_keys(ground))])
        for region in ground.regions:
            colour = rate_colour(rates.get(region.id))
            path = polygon_path(np.array([region.shape]))
            sheet.axes.add_artist(
                PathPatch(
                    path,
                    facecolor=colour or _NO_DATA,
                    edgecolor="white",
                    linewidth=0.7,
                    hatch=None if colour else "////",
                )
            )
        _lines(sheet, ground)
        _names(sheet, ground, [])
        return as_drawn(sheet.figure)


def gap_map(
    ground: Ground,
    marks: Sequence[Mark],
    places: Sequence[Place],
    more: NDArray[np.float64],
) -> Drawn:
    """Draw facilities and numbered gaps over the plain units.

    Parameters
    ----------
    ground
        Units and lines.
    marks
        Facilities.
    places
        Gaps with a number, the first is drawn last.
    more
        Points of the gaps without a number, shape (n, 2).
    """
    words = ground.words
    first = [Key(_sign(mark.group, operating=True), words.groups[mark.group])
             for mark in marks if mark.operating]  # fmt: skip
    shut = next((mark.group for mark in marks if not mark.operating), "")
    first += [Key(_sign(shut, operating=False), words.closed)] if shut else []
    second = [Key(_dot(_GAP, 7.0), words.gap)] if places else []
    second += [Key(_dot(_GAP, 2.6), words.more_gaps)] if len(more) else []
    with settings(ground.letters):
        sheet = _sheet(ground, [first, [*second, *_line_keys(ground)]])
        for region in ground.regions:
            path = polygon_path(np.array([region.shape]))
            sheet.axes.add_artist(
                PathPatch(path, facecolor="#fbfaf6", edgecolor="#a9a99f", linewidth=0.6)
            )
        _lines(sheet, ground)
        for mark in sorted(marks, key=lambda one: one.operating):
            sign = _sign(mark.group, operating=mark.operating)
            sign.set_data(mark.points[:, 0], mark.points[:, 1])
            sign.set_zorder(6 if mark.operating else 5)
            sheet.axes.add_line(sign)
        if len(more):
            sheet.axes.plot(*more.T, "o", color=_GAP, markersize=2.6, markeredgecolor="white",
                            markeredgewidth=0.4, zorder=7)  # fmt: skip
        _names(sheet, ground, places)
        _numbers(sheet, places)
        return as_drawn(sheet.figure)


def rate_colour(rate: float | None) -> str | None:
    """Return the colour of a rate, None for an unknown one.

    Examples
    --------
    >>> rate_colour(0.2), rate_colour(1.0)
    ('#e09a4a', '#3f63a8')
    """
    if rate is None:
        return None
    return next(colour for below, colour in RATE_CLASSES if rate < below)


def _sheet(ground: Ground, keys: Sequence[Sequence[Key]]) -> Sheet:
    words = ground.words
    return open_sheet(
        ground.bounds,
        ground.letters,
        keys=[row for row in keys if row],
        foot=words.foot,
        warning=words.warning,
        words=words.scale,
    )


def _line_keys(ground: Ground) -> Iterator[Key]:
    if ground.roads.codes is not None:
        yield Key(Line2D([], [], color="#9a948a", linewidth=1.0), ground.words.road)
    if ground.water.codes is not None:
        yield Key(Line2D([], [], color="#79add4", linewidth=1.3), ground.words.water)


def _lines(sheet: Sheet, ground: Ground) -> None:
    for path, colour, width in ((ground.water, "#79add4", 1.1), (ground.roads, "#9a948a", 0.5)):
        if path.codes is not None:
            line = PathPatch(path, fill=False, edgecolor=colour, linewidth=width, zorder=3)
            line.set_capstyle("round")
            sheet.axes.add_artist(line)


def _sign(group: str, *, operating: bool) -> Line2D:
    shape, colour, size = MARKS[group]
    return Line2D(
        [],
        [],
        linestyle="none",
        marker=shape,
        markersize=size,
        markerfacecolor=colour if operating else "white",
        markeredgecolor="white" if operating else colour,
        markeredgewidth=0.4 if operating else 0.8,
    )


def _dot(colour: str, size: float) -> Line2D:
    return Line2D([], [], linestyle="none", marker="o", markersize=size, color=colour,
                  markeredgecolor="white", markeredgewidth=0.6)  # fmt: skip


def _names(sheet: Sheet, ground: Ground, places: Sequence[Place]) -> None:
    """Write names where they run into no gap and no other name, units with most elders first."""
    cm = sheet.metres_per_cm
    taken = [_around(place.x, place.y, _NUMBER_CM * cm, _NUMBER_CM * cm) for place in places]
    for region in sorted(ground.regions, key=lambda one: -one.elders):
        name = ground.letters.text(region.name, 16)
        wide, high = display_width(name) * _NAME_CM_PER_LETTER * cm, _NAME_CM * cm
        west, _, east, _ = shapely.bounds(region.shape)
        if wide > 1.6 * (east - west):
            continue
        x, y = shapely.get_coordinates(shapely.point_on_surface(region.shape))[0]
        boxes = (_around(x, y + up * cm, wide, high) for up in _SHIFTS_CM)
        free = next((box for box in boxes if not any(_meet(box, other) for other in taken)), None)
        if free is None:
            continue
        taken.append(free)
        x, y = (free[0] + free[2]) / 2, (free[1] + free[3]) / 2
        sheet.axes.text(x, y, name, ha="center", va="center", fontsize=6.5, color=INK,
                        bbox=_PATCH, zorder=9, clip_on=True)  # fmt: skip


def _numbers(sheet: Sheet, places: Sequence[Place]) -> None:
    """Draw numbered discs, the first on top."""
    for up, place in enumerate(reversed(places)):
        disc = _dot(_GAP, 8.5)
        disc.set_data([place.x], [place.y])
        disc.set_zorder(10 + up * 0.01)
        sheet.axes.add_line(disc)
        sheet.axes.text(
            place.x,
            place.y,
            place.number,
            ha="center",
            va="center_baseline",
            fontsize=5.8,
            color="white",
            zorder=10.005 + up * 0.01,
            clip_on=True,
        )


def _around(x: float, y: float, wide: float, high: float) -> Bounds:
    return x - wide / 2, y - high / 2, x + wide / 2, y + high / 2


def _meet(a: Bounds, b: Bounds) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]

"""The maps of a report: which units, lines, facilities and gaps each of them draws."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from care_map.outputs.chapters import Picture
from care_map.outputs.findings import data_labels
from care_map.outputs.map.payload_facilities import FACILITY_GROUPS
from care_map.outputs.paper.charts import picture
from care_map.outputs.paper.gaps import TOP_GAPS
from care_map.outputs.paper.source import Source
from care_map.outputs.pictures.lettering import Lettering
from care_map.outputs.pictures.maps import (
    RATE_CLASSES,
    Ground,
    MapWords,
    Mark,
    Place,
    Region,
    coverage_map,
    gap_map,
)
from care_map.outputs.pictures.sheet import Bounds
from care_map.outputs.readings import Reading, everybody
from care_map.vocabulary import LEVELS

__all__ = ["study_maps"]

_ROADS = (
    ("motorway", "trunk"),
    ("primary",),
    ("secondary",),
    ("tertiary",),
    ("unclassified",),
)
_MOST_ROADS = 12_000
"""Pieces of road that a picture takes (default): smaller roads are left out first."""

_DATUMS = {4326: "WGS 84", 4490: "CGCS2000"}
_DISTRICT_MARGIN = 0.02


def study_maps(source: Source, letters: Lettering) -> Iterator[Picture]:
    """Yield for each circle the units by rate, and its gaps and facilities.

    Parameters
    ----------
    source
        An assessment; without any coordinates there are no maps.
    letters
        Fonts.
    """
    ground = _ground(source, letters)
    if ground is None:
        return
    table = everybody(source.result.coverage_by_unit)
    for reading in source.readings:
        circle = source.words.circle(reading.circle)
        mine = table[(table["circle"] == reading.circle) & (table["profile"] == reading.official)]
        # Of whom nothing is known, the low end is no rate.
        known = mine[mine["rate_low"].notna() & (mine["covered"] + mine["uncovered"] > 0)]
        rates = dict(
            zip(known["unit_id"].astype(str), known["rate_low"].astype(float), strict=True)
        )
        shown = {one.name: rates[one.id] for one in ground.regions if one.id in rates}
        if shown:
            alt = _rates_alt(source, shown)
            drawn = coverage_map(ground, rates)
            yield picture(source, "coverage", drawn, alt=alt, circle=circle)
        places, more = _gaps(source, reading)
        marks = _marks(source, reading)
        if places or marks:
            alt = source.texts.text("document.alt.gaps", count=len(places), more=len(more))
            drawn = gap_map(ground, marks, places, more)
            yield picture(source, "gaps", drawn, alt=alt, circle=circle)


def _rates_alt(source: Source, rates: dict[str, float]) -> str:
    low, high = min(rates, key=rates.__getitem__), max(rates, key=rates.__getitem__)
    return source.texts.text(
        "document.alt.coverage", worst=low, worst_rate=rates[low], best=high, best_rate=rates[high]
    )


def _ground(source: Source, letters: Lettering) -> Ground | None:
    regions = tuple(_regions(source))
    bounds = _bounds(source, regions)
    if bounds is None:
        return None
    barriers = source.result.barriers
    kinds = barriers["kind"].astype("string").fillna("") if "kind" in barriers else None
    water = barriers.geometry[kinds.str.contains("water")] if kinds is not None else barriers
    lines = (_clipped(_roads(source), bounds), _clipped(water.geometry.to_numpy(), bounds))
    return Ground.of(regions, bounds, *lines, words=_words(source), letters=letters)


def _regions(source: Source) -> Iterator[Region]:
    """Yield the units that are compared, or those of the first level that has polygons."""
    units = source.result.units
    if "geometry" not in units or "level" not in units:
        return
    placed = units[units.geometry.notna() & ~units.geometry.is_empty]
    levels = [source.level, *LEVELS]
    level = next((one for one in levels if (placed["level"] == one).any()), "")
    mine = placed[placed["level"] == level].drop_duplicates("unit_id")
    elders: dict[str, float] = {}
    table = source.result.coverage_by_unit
    rows = everybody(table).drop_duplicates("unit_id")
    elders = dict(zip(rows["unit_id"].astype(str), rows["elders"].astype(float), strict=True))
    for unit, name, shape in zip(mine["unit_id"], mine["name"], mine.geometry, strict=True):
        yield Region(str(unit), str(name), shape, elders.get(str(unit), 0.0))


def _bounds(source: Source, regions: tuple[Region, ...]) -> Bounds | None:
    """Return what must be seen: the units, else the gaps and facilities."""
    if regions:
        shapes = np.array([region.shape for region in regions], dtype=object)
    else:
        parts = [source.result.gaps.geometry, source.result.facilities.geometry]
        known = [part[part.notna()].to_numpy(dtype=object) for part in parts]
        shapes = np.concatenate(known)
    if len(shapes) == 0:
        return None
    west, south, east, north = (float(side) for side in shapely.total_bounds(shapes))
    return west, south, east, north


def _roads(source: Source) -> NDArray[np.object_]:
    """Return the larger roads, class by class, as long as they are not too many."""
    roads = source.result.roads
    none = np.empty(0, dtype=object)
    if roads.empty or "highway" not in roads:
        return none
    highway = roads["highway"].astype("string").fillna("").str.removesuffix("_link")
    chosen = np.zeros(len(roads), dtype=bool)
    for classes in _ROADS:
        more = chosen | highway.isin(classes).to_numpy(dtype=bool)
        if more.sum() > _MOST_ROADS:
            break
        chosen = more
    found: NDArray[np.object_] = roads.geometry.to_numpy(dtype=object)[chosen]
    return found


def _clipped(shapes: NDArray[np.object_], bounds: Bounds) -> NDArray[np.object_]:
    """Return what lies in or near the sheet, which is wider or higher than the bounds."""
    west, south, east, north = bounds
    most = max(east - west, north - south)
    sheet = shapely.box(west - most, south - most, east + most, north + most)
    found: NDArray[np.object_] = shapes[shapely.intersects(shapes, sheet)]
    return found


def _words(source: Source) -> MapWords:
    texts, study = source.texts, source.result.study
    below = [round(limit * 100) for limit, _ in RATE_CLASSES[:-1]]
    rates = [texts.text("document.map.below", high=below[0])]
    rates += [
        texts.text("document.map.between", low=low, high=high) for low, high in pairwise(below)
    ]
    rates.append(texts.text("document.map.from", low=below[-1]))
    plain = ("no_data", "closed", "gap", "more_gaps", "road", "water")
    said = {name: texts.text(f"document.map.{name}") for name in plain}
    date = study.as_of.isoformat() if study.as_of else ""
    foot = [
        *_source_lines(source),
        texts.text("document.map.datum", datum=_datum(source), crs=source.result.crs.name),
        texts.text("report.as_of", date=date) if date else texts.text("report.as_listed"),
    ]
    return MapWords(
        rates=tuple(rates),
        groups={
            group: texts.text(f"map.facility_group.{group}")
            for group in (*dict(FACILITY_GROUPS), "other")
        },
        foot=tuple(foot),
        warning=tuple(data_labels(source.result, texts)),
        scale=(
            texts.text("document.map.north"),
            texts.text("document.map.metres"),
            texts.text("document.map.kilometres"),
        ),
        **said,
    )


def _source_lines(source: Source) -> Iterator[str]:
    study = source.result.study
    for key, text in (("attribution", study.attribution), ("approval", study.approval_number)):
        name = f"report.source.{key}" if text else f"report.source.{key}_open"
        yield source.texts.text(name, **({"text": text} if text else {}))


def _datum(source: Source) -> str:
    geodetic = source.result.crs.geodetic_crs
    if geodetic is None:
        return source.result.crs.name
    return _DATUMS.get(geodetic.to_epsg() or 0, geodetic.name)


def _marks(source: Source, reading: Reading) -> list[Mark]:
    """Return the facilities that a circle asks for, by group, open ones apart."""
    facilities = source.result.facilities
    circles = {circle.id: circle for circle in source.result.study.circles}
    types = set(circles[reading.circle].types) if reading.circle in circles else None
    placed = facilities[facilities.geometry.notna() & ~facilities.geometry.is_empty]
    found: dict[tuple[str, bool], list[int]] = {}
    stages = placed["stage"] if "stage" in placed else pd.Series("", index=placed.index)
    for at, (roles, stage) in enumerate(zip(placed["roles"], stages, strict=True)):
        listed = {role for role in str(roles).split(";") if role}
        if types is None or listed & types:
            wanted = listed & types if types is not None else listed
            key = (_group(wanted), stage == "operating")
            found.setdefault(key, []).append(at)
    points = shapely.get_coordinates(placed.geometry.representative_point().to_numpy())
    order = [*dict(FACILITY_GROUPS), "other"]
    return [
        Mark(group, operating, points[rows])
        for (group, operating), rows in sorted(
            found.items(), key=lambda one: (order.index(one[0][0]), not one[0][1])
        )
    ]


def _group(roles: set[str]) -> str:
    return next((name for name, types in FACILITY_GROUPS if roles & set(types)), "other")


def _gaps(source: Source, reading: Reading) -> tuple[list[Place], NDArray[np.float64]]:
    """Return the gaps with a number, and the points of the others."""
    gaps = source.result.gaps
    mine = gaps[
        (gaps["circle"] == reading.circle)
        & (gaps["profile"] == reading.official)
        & (gaps["status"] != "undetermined")
        & gaps.geometry.notna()
    ].sort_values("rank", kind="stable")
    points = shapely.get_coordinates(mine.geometry.to_numpy())
    places = [
        Place(str(rank), float(x), float(y))
        for rank, (x, y) in zip(mine["rank"].head(TOP_GAPS), points[:TOP_GAPS], strict=True)
    ]
    return places, points[TOP_GAPS:]

"""Areas of an OSM extract: closed ways, and relations put together from their member ways.

A relation whose outer lines do not close (members beyond the extract, broken mapping) has no
area: it is never repaired by guessing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import osmium
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from care_map.inputs.osm_ways import Ways, cut, read_ways, relations_of

__all__ = ["Relation", "area_of", "closed_areas", "relation_areas", "relations_with"]

_AREA_TYPES = ("multipolygon", "boundary")
_MIN_RING = 4


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation that is meant to be an area.

    Parameters
    ----------
    id
        OSM's number.
    tags
        All tags.
    outer, inner
        Ids of member ways by role; a way without a role is an outer one.
    """

    id: int
    tags: Mapping[str, str]
    outer: tuple[int, ...]
    inner: tuple[int, ...]


def relations_with(path: Path, keys: Collection[str]) -> list[Relation]:
    """Read the multipolygon and boundary relations that have one of the keys."""
    found = []
    for relation in relations_of(path, osmium.filter.KeyFilter(*keys)):
        tags = {tag.k: tag.v for tag in relation.tags}
        if tags.get("type") in _AREA_TYPES:
            ways = [(member.ref, member.role) for member in relation.members if member.type == "w"]
            outer = tuple(ref for ref, role in ways if role in ("outer", ""))
            inner = tuple(ref for ref, role in ways if role == "inner")
            found.append(Relation(relation.id, tags, outer, inner))
    return found


def relation_areas(
    path: Path, relations: Sequence[Relation]
) -> tuple[list[BaseGeometry | None], list[float]]:
    """Put areas together.

    Parameters
    ----------
    path
        The extract that the relations are from.
    relations
        As :func:`relations_with` returns them.

    Returns
    -------
    list of shapely geometry or None
        Each relation's area in degrees, None where it does not close.
    list of float
        Share of its outer ways that the extract has from end to end.
    """
    wanted = {ref for relation in relations for ref in (*relation.outer, *relation.inner)}
    lines: dict[int, BaseGeometry] = {}
    if wanted:
        lines = _whole_lines(read_ways(path, osmium.filter.IdFilter(wanted), keys=()))
    known = [
        sum(ref in lines for ref in relation.outer) / max(1, len(relation.outer))
        for relation in relations
    ]
    return [area_of(relation, lines) for relation in relations], known


def _whole_lines(ways: Ways) -> dict[int, BaseGeometry]:
    """Return the lines of those ways that the extract has from end to end, by way id."""
    parts = cut(ways)
    whole = np.diff(parts.offsets) == np.diff(ways.offsets)[parts.way]
    index = np.repeat(np.arange(len(parts.way)), np.diff(parts.offsets))
    lines = np.asarray(shapely.linestrings(ways.lonlat[parts.vertex], indices=index))
    ids = ways.way_id[parts.way]
    return dict(zip(ids[whole].tolist(), lines[whole], strict=True))


def area_of(relation: Relation, lines: Mapping[int, BaseGeometry]) -> BaseGeometry | None:
    """Put an area together, None where an outer line is missing or does not close.

    Examples
    --------
    >>> lines = {1: shapely.LineString([(0, 0), (2, 0), (2, 2)]),
    ...          2: shapely.LineString([(2, 2), (0, 2), (0, 0)])}
    >>> area_of(Relation(9, {}, (1, 2), ()), lines).area
    4.0
    >>> area_of(Relation(9, {}, (1,), ()), lines) is None
    True
    """
    if not relation.outer or any(ref not in lines for ref in relation.outer):
        return None
    outer = _close([lines[ref] for ref in relation.outer])
    if outer is None:
        return None
    inner = _close([lines[ref] for ref in relation.inner if ref in lines])
    area = outer if inner is None else shapely.difference(outer, inner)
    return None if shapely.is_empty(area) else area


def _close(lines: list[BaseGeometry]) -> BaseGeometry | None:
    """Return what lines enclose, None if any of them is no part of a ring."""
    if not lines:
        return None
    rings, cuts, dangles, invalid = shapely.polygonize_full(lines)
    if not all(shapely.is_empty(rest) for rest in (cuts, dangles, invalid)):
        return None
    polygons = shapely.get_parts(rings)
    if not len(polygons):
        return None
    # Rings inside rings come as faces of their own; together they are what is enclosed.
    return shapely.make_valid(shapely.union_all(polygons))


def closed_areas(ways: Ways) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """Return the rows of closed ways whose vertices are all known, and their areas."""
    parts = cut(ways)
    size = np.diff(parts.offsets)
    ring = ways.closed[parts.way] & (size >= _MIN_RING)
    ring &= size == np.diff(ways.offsets)[parts.way]
    if not ring.any():
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=object)
    rows = parts.way[ring]
    kept = np.repeat(ring, size)
    index = np.repeat(np.arange(len(rows)), size[ring])
    rings = shapely.linearrings(ways.lonlat[parts.vertex[kept]], indices=index)
    return rows, np.asarray(shapely.make_valid(shapely.polygons(rings)))

"""Footprints of buildings in an OSM extract: where people and facilities must be."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import osmium
from numpy.typing import NDArray

from care_map.inputs.osm_areas import closed_areas, relation_areas, relations_with
from care_map.inputs.osm_file import reading
from care_map.inputs.osm_ways import read_ways

__all__ = ["read_footprints", "read_tagged_footprints"]


def read_footprints(path: Path) -> NDArray[np.object_]:
    """Read the areas of all buildings.

    Parameters
    ----------
    path
        ``.osm.pbf``, ``.osm``, ``.osm.gz`` or ``.osm.bz2``.

    Returns
    -------
    numpy.ndarray
        Polygons in EPSG:4326; those that do not close or are cut off are left out.

    Raises
    ------
    InputError
        The file cannot be read.
    """
    return read_tagged_footprints(path)[0]


def read_tagged_footprints(path: Path) -> tuple[NDArray[np.object_], list[Mapping[str, str]]]:
    """Read the areas of all buildings with what their tags say of them.

    Parameters
    ----------
    path
        As :func:`read_footprints`.

    Returns
    -------
    numpy.ndarray
        As :func:`read_footprints`.
    list of Mapping
        ``building`` and, where they are tagged, ``building:levels`` of each.

    Raises
    ------
    InputError
        The file cannot be read.
    """
    with reading(path):
        relations = relations_with(path, ("building",))
        areas, _ = relation_areas(path, relations)
        keys = ("building", "building:levels")
        ways = read_ways(path, osmium.filter.KeyFilter("building"), keys=keys)
    rows, closed = closed_areas(ways)
    tags = [ways.tag_sets[row] for row in ways.tag_row[rows]]
    outlines = {ref for relation in relations for ref in relation.outer}
    found = [
        (area, said)
        for way_id, said, area in zip(ways.way_id[rows], tags, closed, strict=True)
        if int(way_id) not in outlines
    ]
    found += [
        (area, relation.tags)
        for relation, area in zip(relations, areas, strict=True)
        if area is not None
    ]
    found = [
        (area, said)
        for area, said in found
        if said.get("building", "no") != "no" and not area.is_empty
    ]
    footprints = np.full(len(found), None, dtype=object)
    footprints[:] = [area for area, _ in found]
    return footprints, [said for _, said in found]

"""The drawing as an OpenStreetMap extract."""

from collections.abc import Iterable
from pathlib import Path

import osmium
from osmium.osm.mutable import Node
from osmium.osm.mutable import Way as OsmWay

from care_map.demo.drawing import Drawing
from care_map.demo.plane import to_degrees
from care_map.demo.settlements import Settlement
from care_map.demo.units import Units

__all__ = ["FIRST_NODE", "FIRST_WAY", "draw_place_names", "write_roads"]

FIRST_NODE = 1_000_001
FIRST_WAY = 100_001


def draw_place_names(drawing: Drawing, units: Units, settlements: list[Settlement]) -> None:
    """Write the names of communities and villages on the map."""
    names = units.table["name"].to_numpy()[units.first_community :]
    kinds = {"urban": "neighbourhood", "seat": "town", "village": "village"}
    for one, name in zip(settlements, names, strict=True):
        drawing.node(one.x + 5, one.y + 5, place=kinds[one.kind], name=str(name))


def write_roads(drawing: Drawing, path: Path) -> None:
    """Write nodes in the order of their ids, then ways; points no way uses are left out."""
    used = {number for way in drawing.ways for number in way.nodes} | set(drawing.node_tags)
    lon, lat = to_degrees(drawing.x, drawing.y)
    path.unlink(missing_ok=True)
    with osmium.SimpleWriter(str(path)) as writer:
        for number in sorted(used):
            writer.add_node(
                Node(
                    id=FIRST_NODE + number,
                    location=(float(lon[number]), float(lat[number])),
                    tags=_sorted(drawing.node_tags.get(number, {}).items()),
                    version=1,
                )
            )
        for number, way in enumerate(drawing.ways):
            writer.add_way(
                OsmWay(
                    id=FIRST_WAY + number,
                    nodes=[FIRST_NODE + node for node in way.nodes],
                    tags=_sorted(way.tags.items()),
                    version=1,
                )
            )


def _sorted(tags: Iterable[tuple[str, str]]) -> dict[str, str]:
    return dict(sorted(tags))

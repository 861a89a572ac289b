"""Roads from whatever the study names: an OSM extract or a road layer of the office's own."""

from pathlib import Path

from care_map.config import RoadSource
from care_map.errors import Problem
from care_map.inputs.osm_file import is_extract
from care_map.inputs.osm_roads import read_osm_roads
from care_map.inputs.road_layers import read_road_layer
from care_map.inputs.tables import RoadTable

__all__ = ["read_roads"]


def read_roads(
    path: Path, *, source: RoadSource | None = None
) -> tuple[RoadTable, tuple[Problem, ...]]:
    """Read the roads of an OSM extract or of a road layer.

    Parameters
    ----------
    path
        An extract (``.osm.pbf``, ``.osm``, ``.osm.gz``, ``.osm.bz2``) or a file that GDAL reads.
    source
        Layer, datum and columns of a road layer, where they need saying; its path is not used.

    Returns
    -------
    RoadTable
        Ways as drawn, lon/lat in WGS84; barriers are None where the source cannot tell.
    tuple of Problem
        Warnings and statements: what was cut, dropped or left out.

    Raises
    ------
    InputError
        The file cannot be read or holds no road.
    """
    if is_extract(path):
        return read_osm_roads(path)
    return read_road_layer(path, source=source or RoadSource(path=path))

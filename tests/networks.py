"""Small networks drawn in metres, for tests: the same ways for the engine and for the oracle."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Transformer

from care_map.inputs.tables import RoadTable

CRS_METRIC = CRS.from_epsg(4545)
CORNER = (550_000.0, 3_400_000.0)
"""Where (0, 0) of a drawing lies in the metric CRS."""

TEXT_TAGS = (
    "highway",
    "name",
    "oneway",
    "bridge",
    "tunnel",
    "surface",
    "foot",
    "access",
    "vehicle",
    "motor_vehicle",
    "motorcar",
    "bicycle",
    "oneway:bicycle",
    "junction",
    "conveying",
    "motorroad",
    "area",
)

_TO_DEGREES = Transformer.from_crs(CRS_METRIC, "EPSG:4326", always_xy=True)
_TO_METRIC = Transformer.from_crs("EPSG:4326", CRS_METRIC, always_xy=True)


def lonlat(x: float, y: float) -> tuple[float, float]:
    """Return where a drawing's (x, y) in metres lies on Earth."""
    lon, lat = _TO_DEGREES.transform(CORNER[0] + x, CORNER[1] + y)
    return float(lon), float(lat)


def metric(lon: Sequence[float], lat: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Return metric coordinates of degrees."""
    x, y = _TO_METRIC.transform(np.array(lon, dtype=float), np.array(lat, dtype=float))
    return np.asarray(x), np.asarray(y)


def way(
    way_id: int,
    nodes: Iterable[int],
    places: dict[int, tuple[float, float]],
    highway: str = "residential",
    **tags: str,
) -> dict[str, Any]:
    """Draw a way through nodes that lie at `places` (metres)."""
    drawn = [(node, *lonlat(*places[node])) for node in nodes]
    return {"id": way_id, "nodes": drawn, "tags": {"highway": highway, **tags}}


def points(
    places: Iterable[tuple[float, float]], setting: str = "urban"
) -> list[tuple[float, float, str]]:
    """Return points at drawn places, all of one setting."""
    return [(*lonlat(x, y), setting) for x, y in places]


def barrier(places: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Draw a line that no access leg may cross."""
    return [lonlat(x, y) for x, y in places]


def road_table(
    ways: Sequence[dict[str, Any]],
    barriers: Sequence[Sequence[tuple[float, float]]] | None = None,
    lifts: Iterable[int] = (),
) -> RoadTable:
    """Return the ways as the engine takes them."""
    rows = [_row(way) for way in ways]
    names = (name.replace(":", "_") for name in TEXT_TAGS)
    columns = ["way_id", *names, "maxspeed_kph", "layer"]
    table = pd.DataFrame(rows, columns=columns).astype({"maxspeed_kph": float, "layer": "int64"})
    counts = [len(way["nodes"]) for way in ways]
    vertices = [node for way in ways for node in way["nodes"]]
    lines = None
    if barriers is not None:
        lines = gpd.GeoDataFrame(
            {"kind": ["water"] * len(barriers)},
            geometry=[shapely.LineString(line) for line in barriers],
            crs="EPSG:4326",
        )
    return RoadTable(
        ways=table,
        offsets=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        node_id=np.array([node[0] for node in vertices], dtype=np.int64),
        lon=np.array([node[1] for node in vertices], dtype=np.float64),
        lat=np.array([node[2] for node in vertices], dtype=np.float64),
        barriers=lines,
        source="drawing",
        lifts=np.array(sorted(lifts), dtype=np.int64),
    )


def _row(way: dict[str, Any]) -> dict[str, Any]:
    tags = way["tags"]
    row: dict[str, Any] = {name.replace(":", "_"): tags.get(name, "") for name in TEXT_TAGS}
    row["way_id"] = str(way["id"])
    row["maxspeed_kph"] = float(tags["maxspeed"]) if "maxspeed" in tags else math.nan
    row["layer"] = int(tags.get("layer", 0))
    return row

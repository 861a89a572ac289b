"""What is known of roads beside their network, kept in one file with it.

A network that was kept is opened without reading its roads; what the reading found, and the lines
that no leg may cross, must be the same as if they had been read.
"""

import json
import os
import tempfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from care_map.errors import OutputError, Problem
from care_map.inputs.tables import NamedPlace, RoadTable

__all__ = ["RoadReading", "keep_reading", "kept_reading", "read_off"]

_FORMAT = 2
_DEGREES = "EPSG:4326"


@dataclass(frozen=True, slots=True)
class RoadReading:
    """What is known of roads beside their network.

    Parameters
    ----------
    extent
        West, south, east, north in degrees; None without any road.
    barriers
        ``kind`` and lines in EPSG:4326; None where the source cannot tell.
    problems
        Findings of reading.
    places
        Named settlements.
    """

    extent: tuple[float, float, float, float] | None
    barriers: gpd.GeoDataFrame | None
    problems: tuple[Problem, ...]
    places: tuple[NamedPlace, ...] = ()


def read_off(table: RoadTable, problems: tuple[Problem, ...]) -> RoadReading:
    """Return what is known of a table of roads beside the network that is made of it.

    Parameters
    ----------
    table
        The roads as read.
    problems
        What their reading found.

    Returns
    -------
    RoadReading
    """
    lon, lat = table.lon, table.lat
    extent = None
    if len(lon):
        extent = float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())
    barriers = None
    if table.barriers is not None:
        lines = table.barriers.geometry.to_numpy()
        barriers = _barriers(table.barriers["kind"].tolist(), lines)
    return RoadReading(extent, barriers, problems, table.places)


def keep_reading(reading: RoadReading, file: Path, *, key: str) -> None:
    """Write a reading; a file that stopped halfway is never seen.

    Parameters
    ----------
    reading
        What to keep.
    file
        File to write; what is there is replaced.
    key
        What the roads are: see :func:`care_map.network.store.network_key`.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    barriers = reading.barriers
    lines = b"" if barriers is None else _as_arrow(barriers)
    head = {
        "format": _FORMAT,
        "key": key,
        "extent": reading.extent,
        "problems": [asdict(problem) for problem in reading.problems],
        "places": reading.places,
        "barriers_known": barriers is not None,
        "barriers": zlib.crc32(lines),
    }
    told = json.dumps(head, ensure_ascii=False, default=_plain).encode()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
        part = Path(name)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(b"%08x %s\n%s" % (zlib.crc32(told), told, lines))
            part.replace(file)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        detail = {"detail": error.strerror or str(error)}
        problem = Problem("network_unwritable", source=str(file), values=detail)
        raise OutputError([problem]) from None


def kept_reading(file: Path, *, key: str) -> RoadReading | None:
    """Open a reading that was kept.

    Parameters
    ----------
    file
        Of :func:`keep_reading`.
    key
        What the roads are.

    Returns
    -------
    RoadReading, or None if the file is missing, damaged or of other roads.
    """
    try:
        told, _, lines = file.read_bytes().partition(b"\n")
        if int(told[:8], 16) != zlib.crc32(told[9:]):
            return None
        head = json.loads(told[9:])
        if head["format"] != _FORMAT or head["key"] != key or head["barriers"] != zlib.crc32(lines):
            return None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    barriers = _from_arrow(lines) if head["barriers_known"] else None
    extent = None if head["extent"] is None else tuple(head["extent"])
    problems = tuple(map(_problem, head["problems"]))
    return RoadReading(extent, barriers, problems, tuple(NamedPlace(*p) for p in head["places"]))


def _problem(told: Mapping[str, Any]) -> Problem:
    return Problem(**told)


def _plain(value: object) -> object:
    """Return a number of numpy's as one that JSON has."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(value)


def _barriers(kind: list[str], lines: NDArray[np.object_]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"kind": kind}, geometry=lines, crs=_DEGREES)


def _as_arrow(barriers: gpd.GeoDataFrame) -> bytes:
    lines = shapely.to_wkb(barriers.geometry.to_numpy())
    table = pa.table({"kind": barriers["kind"].tolist(), "line": pa.array(lines, pa.binary())})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _from_arrow(content: bytes) -> gpd.GeoDataFrame:
    table = pa.ipc.open_file(content).read_all()
    lines = shapely.from_wkb(table["line"].to_numpy(zero_copy_only=False))
    return _barriers(table["kind"].to_pylist(), lines)

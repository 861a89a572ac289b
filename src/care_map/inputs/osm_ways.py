"""The ways of an OSM extract as arrays: tags, node ids and positions.

libosmium writes the ways that a filter keeps in its own line format (OPL) to a temporary file,
and pyarrow reads the numbers from there: no Python object per node, a third of the time of a
loop over nodes.
"""

import ctypes
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import osmium
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv

__all__ = ["Parts", "Ways", "cut", "read_ways", "relations_of"]

MIN_VERTICES = 2
_ESCAPED = re.compile(r"%([0-9a-fA-F]+)%")
_FORMAT = "opl,locations_on_ways=true,add_metadata=false"


@dataclass(frozen=True, slots=True)
class Ways:
    """Ways as drawn, with the vertices that the extract lacks.

    Parameters
    ----------
    way_id
        ``(n,)`` int64.
    tag_sets
        The tags that were asked for, each set once: many ways have the same.
    tag_row
        ``(n,)`` int64; tags of way `i` are ``tag_sets[tag_row[i]]``.
    offsets
        ``(n + 1,)`` int64; vertices of way `i` are ``offsets[i]:offsets[i + 1]``.
    ref
        ``(n_vertices,)`` int64 node ids.
    lonlat
        ``(n_vertices, 2)`` float64 degrees, NaN where the extract lacks the node.
    n_double
        Ways that stood there more than once; the last counts.
    """

    way_id: NDArray[np.int64]
    tag_sets: list[dict[str, str]]
    tag_row: NDArray[np.int64]
    offsets: NDArray[np.int64]
    ref: NDArray[np.int64]
    lonlat: NDArray[np.float64]
    n_double: int = 0

    @property
    def closed(self) -> NDArray[np.bool_]:
        """Whether each way ends at the node where it starts."""
        some = np.diff(self.offsets) > 1
        closed = np.zeros(len(some), dtype=bool)
        first, last = self.offsets[:-1][some], self.offsets[1:][some] - 1
        closed[some] = self.ref[first] == self.ref[last]
        return closed

    def columns(self, keys: Collection[str]) -> dict[str, pd.Series]:
        """Return the values of tags by key, empty where a way has none."""
        values = {key: [""] * len(self.tag_sets) for key in keys}
        for row, tags in enumerate(self.tag_sets):
            for key, value in tags.items():
                if key in values:
                    values[key][row] = value
        return {
            key: pd.Series(texts, dtype="str").take(self.tag_row).reset_index(drop=True)
            for key, texts in values.items()
        }

    def where(self, test: Callable[[dict[str, str]], bool]) -> NDArray[np.bool_]:
        """Return for each way whether its tags pass a test."""
        passed = np.array([test(tags) for tags in self.tag_sets], dtype=bool)
        return passed[self.tag_row]

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> "Ways":
        """Return some of the ways."""
        index = np.flatnonzero(rows) if rows.dtype == bool else rows
        count = np.diff(self.offsets)[index]
        starts = np.repeat(self.offsets[:-1][index], count)
        offsets = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
        vertex = starts + np.arange(len(starts)) - np.repeat(offsets[:-1], count)
        return Ways(
            way_id=self.way_id[index],
            tag_sets=self.tag_sets,
            tag_row=self.tag_row[index],
            offsets=offsets,
            ref=self.ref[vertex],
            lonlat=self.lonlat[vertex],
        )


@dataclass(frozen=True, slots=True)
class Parts:
    """Runs of two or more known vertices of ways.

    Parameters
    ----------
    way
        ``(n_parts,)`` row of the way that each part comes from.
    offsets
        ``(n_parts + 1,)`` into `vertex`.
    vertex
        Rows of the vertices that are kept.
    n_missing, n_cut, n_dropped
        Vertices that the extract lacks, ways that have such, ways without any part.
    """

    way: NDArray[np.int64]
    offsets: NDArray[np.int64]
    vertex: NDArray[np.int64]
    n_missing: int
    n_cut: int
    n_dropped: int


def read_ways(path: Path, keep: osmium.BaseFilter, *, keys: Collection[str]) -> Ways:
    """Read the ways that a filter keeps; to be called within :func:`osm_file.reading`.

    Parameters
    ----------
    path
        An OSM extract.
    keep
        Filter of pyosmium, for example ``osmium.filter.KeyFilter("highway")``.
    keys
        Tags that are wanted.

    Returns
    -------
    Ways
    """
    with TemporaryDirectory(prefix="care-map-", ignore_cleanup_errors=True) as folder:
        lines = Path(folder) / "ways.opl"
        _write_lines(path, keep, lines)
        ways = _read_lines(lines, frozenset(keys))
    return _once(_fill(path, ways))


def _once(ways: Ways) -> Ways:
    """Leave the last way of each id: extracts that were put together hold ways twice."""
    _, from_end = np.unique(ways.way_id[::-1], return_index=True)
    n_double = len(ways.way_id) - len(from_end)
    if not n_double:
        return ways
    return replace(ways.take(np.sort(len(ways.way_id) - 1 - from_end)), n_double=n_double)


def relations_of(path: Path, keep: osmium.BaseFilter) -> Iterator[osmium.osm.Relation]:
    """Yield the relations that a filter keeps; each lives for one turn of the loop."""
    for relation in osmium.FileProcessor(str(path), osmium.osm.RELATION).with_filter(keep):
        if isinstance(relation, osmium.osm.Relation):
            yield relation


def _write_lines(path: Path, keep: osmium.BaseFilter, lines: Path) -> None:
    locations = osmium.NodeLocationsForWays(osmium.index.create_map("flex_mem"))
    locations.ignore_errors()
    kinds = osmium.osm.NODE | osmium.osm.WAY
    only_ways = osmium.filter.EntityFilter(osmium.osm.WAY)
    writer = osmium.SimpleWriter(osmium.io.File(str(lines), _FORMAT), overwrite=True)
    try:
        with osmium.io.Reader(str(path), kinds) as reader:
            osmium.apply(reader, locations, only_ways, keep, writer)
    finally:
        _close(writer)


def _close(writer: osmium.SimpleWriter) -> None:
    """Close a writer; one that fails (impossible coordinates, a full disk) is never freed.

    pyosmium closes again where it frees, and a second failure there ends the whole process.
    """
    try:
        writer.close()
    except Exception:
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(writer))
        raise


def _read_lines(lines: Path, keys: frozenset[str]) -> Ways:
    ids: list[int] = []
    rows: list[int] = []
    nodes: list[str] = []
    known: dict[str, int] = {}
    with lines.open(encoding="utf-8") as stream:
        for line in stream:
            way, tags, vertices = line.split(" ")
            ids.append(int(way[1:]))
            rows.append(known.setdefault(tags, len(known)))
            nodes.append(vertices[1:-1])
    count = [text.count(",") + 1 if text else 0 for text in nodes]
    ref, lonlat = _vertices(",".join(filter(None, nodes)))
    return Ways(
        way_id=np.array(ids, dtype=np.int64),
        tag_sets=[_tags(text[1:], keys) for text in known],
        tag_row=np.array(rows, dtype=np.int64),
        offsets=np.concatenate([[0], np.cumsum(count, dtype=np.int64)]).astype(np.int64),
        ref=ref,
        lonlat=lonlat,
    )


def _tags(text: str, keys: frozenset[str]) -> dict[str, str]:
    if not text:
        return {}
    pairs = (entry.split("=", 1) for entry in text.split(","))
    # Keys that we ask for have no character that is escaped.
    found = {key: value for key, value in pairs if key in keys}
    if "%" in text:
        return {key: _plain(value) for key, value in found.items()}
    return found


def _plain(text: str) -> str:
    """Undo OPL's escapes: the character's number in hexadecimal between percent signs."""
    if "%" not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def _vertices(text: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Parse ``n<id>x<lon>y<lat>,n…``; a node that the extract lacks has an empty lon and lat."""
    if not text:
        return np.empty(0, dtype=np.int64), np.empty((0, 2))
    table = text.replace(",", "\n").replace("n", "").replace("x", ",").replace("y", ",")
    columns = {"ref": pa.int64(), "lon": pa.float64(), "lat": pa.float64()}
    read = csv.read_csv(
        pa.BufferReader(table.encode("ascii")),
        read_options=csv.ReadOptions(column_names=list(columns)),
        convert_options=csv.ConvertOptions(column_types=columns),
    )
    ref = np.asarray(read["ref"], dtype=np.int64)
    lonlat = [np.asarray(read[name], dtype=np.float64) for name in ("lon", "lat")]
    return ref, np.column_stack(lonlat)


def _fill(path: Path, ways: Ways) -> Ways:
    """Look for lost nodes where libosmium's index cannot: ids below 0, ways before nodes."""
    lost = np.isnan(ways.lonlat[:, 0])
    sought = lost if lost.all() else lost & (ways.ref < 0)
    if not sought.any():
        return ways
    wanted = set(ways.ref[sought].tolist())
    found: dict[int, tuple[float, float]] = {}
    for node in osmium.FileProcessor(str(path), osmium.osm.NODE):
        if node.id in wanted and isinstance(node, osmium.osm.Node):
            found[node.id] = (node.lon, node.lat)
    lonlat = ways.lonlat.copy()
    nowhere = (np.nan, np.nan)
    lonlat[sought] = [found.get(ref, nowhere) for ref in ways.ref[sought].tolist()]
    return replace(ways, lonlat=lonlat)


def cut(ways: Ways) -> Parts:
    """Cut ways at vertices that the extract lacks; keep the parts of two or more vertices.

    Examples
    --------
    >>> lonlat = np.array([[0, 0], [1, 0], [np.nan, np.nan], [3, 0], [4, 0]], dtype=float)
    >>> ways = Ways(np.array([7]), [{}], np.zeros(1, int), np.array([0, 5]), np.arange(5), lonlat)
    >>> parts = cut(ways)
    >>> parts.way.tolist(), parts.offsets.tolist(), parts.vertex.tolist()
    ([0, 0], [0, 2, 4], [0, 1, 3, 4])
    """
    n_ways = len(ways.way_id)
    way = np.repeat(np.arange(n_ways), np.diff(ways.offsets))
    known = np.isfinite(ways.lonlat).all(axis=1)
    vertex = np.flatnonzero(known)
    # A part starts where the way changes, and behind an unknown vertex.
    starts = np.ones(len(vertex), dtype=bool)
    starts[1:] = (np.diff(vertex) > 1) | (np.diff(way[vertex]) != 0)
    part = np.cumsum(starts) - 1
    size = np.bincount(part)
    kept = size >= MIN_VERTICES
    owner = way[vertex[starts]][kept]
    return Parts(
        way=owner,
        offsets=np.concatenate([[0], np.cumsum(size[kept])]).astype(np.int64),
        vertex=vertex[kept[part]],
        n_missing=int((~known).sum()),
        n_cut=len(np.unique(way[~known])),
        n_dropped=n_ways - len(np.unique(owner)),
    )

"""Networks kept on disk: a folder of arrays that are mapped into memory, not read.

The folder has an array file per array, the ways as an Arrow file, and ``meta.json``, written
last, with sizes and checksums of the others.
"""

import hashlib
import json
import mmap
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from care_map.errors import InputError, OutputError, Problem
from care_map.network.road_network import Hills, RoadNetwork

__all__ = ["FORMAT", "cached_network", "network_key", "open_network", "save_network"]

FORMAT = 2
"""Version of the folder's layout and of what building makes of roads: raise it with either."""

_META, _WAYS = "meta.json", "ways.arrow"
_FLOATS = ("node_x", "node_y", "vertex_x", "vertex_y", "vertex_m", "vertex_grade", "barriers")
_BY_VERTEX = ("vertex_x", "vertex_y", "vertex_m", "vertex_grade")
_INTS = ("edge_from", "edge_to", "edge_offset", "edge_way", "lift_nodes")
_ARRAYS = (*_FLOATS, *_INTS)
_SIBLINGS: Mapping[str, tuple[str, ...]] = {
    ".shp": (".shx", ".dbf", ".prj", ".cpg"),
    ".tab": (".dat", ".map", ".id"),
    ".mif": (".mid",),
    ".gpkg": (".gpkg-wal",),
}
"""Files that belong to a file of some formats: a change of theirs is a change of the input."""


def save_network(network: RoadNetwork, folder: str | Path, *, key: str = "") -> None:
    """Write a network into a folder of its own.

    Parameters
    ----------
    network
        The network.
    folder
        Folder to make; what is there is replaced. A folder that stopped halfway is never seen.
    key
        What the network was made of: see :func:`network_key`.

    Raises
    ------
    OutputError
        The folder cannot be written, or is there and holds no network.
    """
    folder = Path(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
        try:
            _write(network, part, key)
            _put(part, folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        detail = {"detail": error.strerror or str(error)}
        problem = Problem("network_unwritable", source=str(folder), values=detail)
        raise OutputError([problem]) from None


def _write(network: RoadNetwork, folder: Path, key: str) -> None:
    for name in _ARRAYS:
        array = getattr(network, name)
        # Level ground needs no place on disk.
        kept = array if name != "vertex_grade" or array.any() else array[:0]
        np.save(_array_file(folder, name), kept, allow_pickle=False)
    table = pa.Table.from_pandas(network.ways, preserve_index=False)
    with pa.OSFile(str(folder / _WAYS), "wb") as sink, pa.ipc.new_file(sink, table.schema) as file:
        file.write_table(table)
    meta = {
        "format": FORMAT,
        "key": key,
        "crs": network.crs.to_json_dict(),
        "barriers_known": network.barriers_known,
        "hills": None if network.hills is None else asdict(network.hills),
        "source": network.source,
        "files": {file.name: _state(file) for file in _files(folder)},
    }
    (folder / _META).write_text(json.dumps(meta, ensure_ascii=False), encoding="utf-8")


def _put(part: Path, folder: Path) -> None:
    """Move a finished folder to its place; a network that is there makes way."""
    if folder.is_dir():
        ours = {_META, *(file.name for file in _files(folder))}
        if any(entry.name not in ours for entry in folder.iterdir()):
            raise OutputError([Problem("network_folder_foreign", source=str(folder))])
        old = part.with_name(f"{part.name}-old")
        folder.replace(old)
        shutil.rmtree(old, ignore_errors=True)
    part.replace(folder)


def _array_file(folder: Path, name: str) -> Path:
    return folder / f"{name}.npy"


def _files(folder: Path) -> list[Path]:
    return [*(_array_file(folder, name) for name in _ARRAYS), folder / _WAYS]


def _state(file: Path) -> list[int]:
    """Return size and checksum of a file."""
    size = file.stat().st_size
    if size == 0:
        return [0, 0]
    with (
        file.open("rb") as stream,
        mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        return [size, zlib.crc32(content)]


class _DamagedError(Exception):
    """A folder holds no network that can be used."""


def open_network(folder: str | Path) -> RoadNetwork:
    """Open a network that :func:`save_network` wrote.

    Arrays are mapped into memory: pages are read when they are used and shared between
    processes. A change of an array stays in memory and never reaches the file.

    Parameters
    ----------
    folder
        Its folder.

    Returns
    -------
    RoadNetwork

    Raises
    ------
    InputError
        The folder holds no network, one of another version, or a damaged one.
    """
    folder = Path(folder)
    try:
        return _open(folder, key=None)
    except _DamagedError as error:
        detail = {"detail": str(error)}
        raise InputError([Problem("network_damaged", source=str(folder), values=detail)]) from None


def _open(folder: Path, *, key: str | None) -> RoadNetwork:
    try:
        meta = json.loads((folder / _META).read_text(encoding="utf-8"))
        _require(isinstance(meta, dict) and meta.get("format") == FORMAT, "format")
        _require(key is None or meta.get("key") == key, "key")
        for file in _files(folder):
            _require(meta["files"][file.name] == _state(file), file.name)
        hills = meta["hills"]
        network = RoadNetwork(
            crs=CRS.from_json_dict(meta["crs"]),
            **_read_arrays(folder),
            ways=_read_ways(folder / _WAYS),
            barriers_known=bool(meta["barriers_known"]),
            hills=None if hills is None else Hills(**hills),
            source=str(meta["source"]),
        )
    except (OSError, KeyError, TypeError, ValueError, CRSError, pa.ArrowException) as error:
        raise _DamagedError(str(error)) from None
    _require(_holds_together(network), "arrays")
    return network


def _require(fits: bool, what: str) -> None:  # noqa: FBT001
    if not fits:
        raise _DamagedError(what)


def _read_arrays(folder: Path) -> dict[str, NDArray[Any]]:
    arrays = {name: _mapped(_array_file(folder, name)) for name in _ARRAYS}
    if not len(arrays["vertex_grade"]):
        arrays["vertex_grade"] = np.zeros(len(arrays["vertex_x"]))
    return arrays


def _mapped(file: Path) -> NDArray[Any]:
    """Map an array; copy on write, as compiled code is compiled for arrays that can be written."""
    return np.asarray(np.load(file, mmap_mode="c", allow_pickle=False))


def _read_ways(file: Path) -> pd.DataFrame:
    with pa.memory_map(str(file), "r") as source:
        frame: pd.DataFrame = pa.ipc.open_file(source).read_all().to_pandas()
    return frame


def _holds_together(network: RoadNetwork) -> bool:
    """Tell whether all indices are inside: compiled code does not look."""
    ends = np.stack([network.edge_from, network.edge_to])
    offset, n_edges = network.edge_offset, network.n_edges
    return bool(
        all(getattr(network, name).dtype == np.float64 for name in _FLOATS)
        and all(getattr(network, name).dtype == np.int64 for name in _INTS)
        and len(offset) == n_edges + 1
        and len(network.edge_way) == n_edges
        and offset[0] == 0
        and all(len(getattr(network, name)) == offset[-1] for name in _BY_VERTEX)
        and len(network.node_y) == network.n_nodes
        and network.barriers.shape[1:] == (4,)
        and (np.diff(offset) > 1).all()
        and ends.min(initial=0) >= 0
        and ends.max(initial=-1) < network.n_nodes
        and network.lift_nodes.min(initial=0) >= 0
        and network.lift_nodes.max(initial=-1) < network.n_nodes
        and network.edge_way.min(initial=0) >= 0
        and network.edge_way.max(initial=-1) < len(network.ways)
    )


def network_key(
    path: str | Path,
    *,
    crs: CRS | None = None,
    elevation_path: str | Path | None = None,
    parameters: Mapping[str, object] | None = None,
) -> str:
    """Return what a network is made of as one word: equal words mean equal networks.

    Parameters
    ----------
    path
        Roads: a file with those that belong to it, or a folder (a file geodatabase).
    crs
        CRS of the network; None where the roads decide.
    elevation_path
        Elevation raster, if any.
    parameters
        All else that building depends on, of kinds that JSON has.

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    InputError
        A file cannot be read.
    """
    digest = hashlib.sha256()
    head = {
        "format": FORMAT,
        "crs": None if crs is None else crs.to_json_dict(),
        "elevation": elevation_path is not None,
        "parameters": dict(parameters or {}),
    }
    digest.update(json.dumps(head, sort_keys=True, default=str).encode())
    for source in (path, elevation_path):
        for file in () if source is None else _parts(Path(source)):
            digest.update(f"\0{file.name}\0".encode())
            digest.update(_file_digest(file))
    return digest.hexdigest()


def _parts(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(file for file in path.rglob("*") if file.is_file())
        return
    yield path
    for suffix in _SIBLINGS.get(path.suffix.lower(), ()):
        for spelled in (suffix, suffix.upper()):
            if path.with_suffix(spelled).is_file():
                yield path.with_suffix(spelled)
                break


def _file_digest(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").digest()
    except FileNotFoundError:
        raise InputError([Problem("osm_missing", source=str(file))]) from None
    except OSError as error:
        detail = {"detail": error.strerror or str(error)}
        raise InputError([Problem("file_unreadable", source=str(file), values=detail)]) from None


def cached_network(
    path: str | Path,
    build: Callable[[], RoadNetwork],
    *,
    key: str,
    folder: str | Path,
    damaged: Callable[[str], None] = lambda _: None,
) -> RoadNetwork:
    """Open a network that was built before of the same, else build and keep it.

    Parameters
    ----------
    path
        The roads' file; names the network's folder.
    build
        Makes the network.
    key
        Of :func:`network_key`: another key is another network.
    folder
        Where networks are kept. One that is damaged or of another version is built again.
    damaged
        Told the name of a kept network that cannot be used.

    Returns
    -------
    RoadNetwork

    Raises
    ------
    OutputError
        The network cannot be kept.
    """
    place = Path(folder) / f"{Path(path).name}-{key[:16]}"
    try:
        return _open(place, key=key)
    except _DamagedError:
        if place.exists():
            damaged(place.name)
        network = build()
    try:
        save_network(network, place, key=key)
    except OutputError:
        # Another process may have kept the same network meanwhile.
        try:
            return _open(place, key=key)
        except _DamagedError:
            pass
        raise
    return network

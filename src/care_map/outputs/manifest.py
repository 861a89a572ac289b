"""What a run was made from: inputs with their sums, versions, parameters, seeds, timings.

Two runs of the same inputs have the same manifest but for ``timings_s``; it holds no absolute
path and no name of a machine or person.
"""

import dataclasses
import datetime as dt
import hashlib
import json
import math
import platform
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path, PurePath

import numpy as np
import pyogrio

from care_map.config import Study
from care_map.errors import InputError, Problem

__all__ = [
    "build_manifest",
    "changed_inputs",
    "is_run",
    "read_manifest",
    "write_json",
]

PROGRAM = "care-map"
FORMAT = 1
MANIFEST = "manifest.json"

_PACKAGES = (
    "care-map",
    "folium",
    "geopandas",
    "networkx",
    "numba",
    "numpy",
    "osmium",
    "pandas",
    "pyarrow",
    "pydantic",
    "pyogrio",
    "pyproj",
    "python-calamine",
    "scipy",
    "shapely",
    "xlsxwriter",
)
_CHUNK_BYTES = 1 << 20
_SHAPEFILE = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def build_manifest(
    study: Study,
    *,
    inputs: Mapping[str, Path] | None = None,
    parameters: Mapping[str, object] | None = None,
    seeds: Mapping[str, int] | None = None,
    timings_s: Mapping[str, float] | None = None,
) -> dict[str, object]:
    """Return the manifest of a run as JSON values.

    Parameters
    ----------
    study
        The study as run.
    inputs
        Key in the study file → path as written there; :meth:`Study.sources` without it.
    parameters
        What was chosen besides the study: options of the command line, say.
    seeds
        Seeds of whatever was drawn.
    timings_s
        Seconds by stage.

    Returns
    -------
    dict

    Raises
    ------
    InputError
        An input cannot be read any more.
    """
    paths = dict(study.sources()) if inputs is None else dict(inputs)
    plain = _plain(
        {
            "program": PROGRAM,
            "format": FORMAT,
            "study": {
                "name": study.name,
                "as_of": study.as_of,
                "data": study.data,
                "language": study.language,
                "text": _study_text(study),
            },
            "inputs": [
                entry for key in sorted(paths) for entry in _entries(study, key, paths[key])
            ],
            "parameters": {
                "circles": study.circles,
                "limits": study.limits,
                "pack": _pack(study),
                "profiles": list(study.profiles.values()),
                "robustness": study.robustness,
                **({"scenario": study.scenario.record()} if study.scenario else {}),
                **(parameters or {}),
            },
            "seeds": {"robustness": study.robustness.seed, **(seeds or {})},
            "versions": _versions(),
            "timings_s": {name: round(value, 3) for name, value in (timings_s or {}).items()},
        }
    )
    return dict(plain) if isinstance(plain, Mapping) else {}


def _pack(study: Study) -> dict[str, str] | None:
    """Return which notice, in which encoding, the run was judged by."""
    if study.pack is None:
        return None
    header = study.pack.pack
    return {"id": header.id, "document": header.document, "version": header.version}


def write_json(path: Path, value: object) -> None:
    """Write JSON for people and for comparing: sorted keys, UTF-8, one line a value.

    Parameters
    ----------
    path
        File to write.
    value
        JSON values, and dataclasses, mappings, sets, paths, dates and numpy numbers, which
        become such; a number that JSON cannot spell (NaN, infinity) becomes null.
    """
    text = json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, indent=2, allow_nan=False)
    # A lone surrogate in a name has no UTF-8.
    path.write_bytes(f"{text}\n".encode("utf-8", "replace"))


def read_manifest(path: str | Path) -> dict[str, object]:
    """Read the manifest of a run.

    Parameters
    ----------
    path
        ``manifest.json``, or the folder that holds it.

    Returns
    -------
    dict

    Raises
    ------
    InputError
        There is none, or it is not one of ours.
    """
    file = Path(path)
    if file.is_dir():
        file = file / MANIFEST
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
    except OSError:
        raise InputError([Problem("manifest_missing", source=str(file))]) from None
    except (ValueError, RecursionError):
        raise InputError([Problem("manifest_foreign", source=str(file))]) from None
    if not isinstance(manifest, dict) or manifest.get("program") != PROGRAM:
        raise InputError([Problem("manifest_foreign", source=str(file))])
    return manifest


def is_run(folder: Path) -> bool:
    """Tell whether `folder` holds a run of ours: its manifest says so."""
    try:
        read_manifest(folder / MANIFEST)
    except InputError:
        return False
    return True


def changed_inputs(manifest: Mapping[str, object], study: Study) -> list[Problem]:
    """Compare a study's inputs with those of a manifest, for a replay.

    Parameters
    ----------
    manifest
        As :func:`read_manifest` returns it.
    study
        The study to replay.

    Returns
    -------
    list of Problem
        A finding for each file that changed, is gone, or was not part of the run; empty if the
        replay reads the same bytes.
    """
    known = {(key, path): sha256 for key, path, sha256 in _known_inputs(manifest)}
    problems: list[Problem] = []
    seen: set[tuple[str, str]] = set()
    for key, written in study.sources():
        for file, shown in _files(study, written):
            seen.add((key, shown))
            expected = known.get((key, shown))
            if not file.is_file():
                code = "input_gone"
            elif expected is None:
                code = "input_added"
            elif _sum(file, key=key, shown=shown)[1] != expected:
                code = "input_changed"
            else:
                continue
            problems.append(Problem(code, source=shown, column=key))
    problems += [
        Problem("input_gone", source=path, column=key) for key, path in sorted(known.keys() - seen)
    ]
    return problems


def _known_inputs(manifest: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    entries = manifest.get("inputs")
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, Mapping):
            yield str(entry.get("key")), str(entry.get("path")), str(entry.get("sha256"))


def _entries(study: Study, key: str, written: Path) -> Iterator[dict[str, object]]:
    for file, shown in _files(study, written):
        size, sha256 = _sum(file, key=key, shown=shown)
        yield {"key": key, "path": shown, "bytes": size, "sha256": sha256}


def _files(study: Study, written: Path) -> Iterator[tuple[Path, str]]:
    """Yield the files of an input with the paths to show: a shapefile is several."""
    file = study.path(written)
    yield file, _shown(written)
    if file.suffix.lower() != ".shp":
        return
    for suffix in _SHAPEFILE[1:]:
        for part in (file.with_suffix(suffix), file.with_suffix(suffix.upper())):
            if part.is_file():
                yield part, _shown(written.with_name(part.name))
                break


def _shown(written: Path) -> str:
    return written.name if written.is_absolute() else written.as_posix()


def _sum(file: Path, *, key: str, shown: str) -> tuple[int, str]:
    digest = hashlib.sha256()
    size = 0
    try:
        with file.open("rb") as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                digest.update(chunk)
                size += len(chunk)
    except OSError as error:
        problem = Problem(
            "input_unreadable",
            source=shown,
            column=key,
            values={"detail": error.strerror or str(error)},
        )
        raise InputError([problem]) from error
    return size, digest.hexdigest()


def _study_text(study: Study) -> str | None:
    """Return the study file's text, None for a study made in code."""
    if study.file is None or not study.file.is_file():
        return None
    return study.file.read_text(encoding="utf-8-sig", errors="replace")


def _versions() -> dict[str, str]:
    versions = {"python": platform.python_version(), "gdal": pyogrio.__gdal_version_string__}
    for package in _PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            versions[package] = "not installed"
    return versions


def _plain(value: object) -> object:
    """Return `value` as JSON values."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {field.name: _plain(getattr(value, field.name)) for field in fields}
    if isinstance(value, set | frozenset):
        return sorted((_plain(item) for item in value), key=str)
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(item) for item in value]
    return _plain_scalar(value.item() if isinstance(value, np.generic) else value)


def _plain_scalar(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, PurePath):
        return value.as_posix()
    if isinstance(value, dt.date):
        return value.isoformat()
    return value

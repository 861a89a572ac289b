"""Opening an OSM extract: which files are extracts, and what a broken one says."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import osmium

from care_map.errors import InputError, Problem

__all__ = ["EXTRACT_SUFFIXES", "is_extract", "reading"]

EXTRACT_SUFFIXES = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2")


def is_extract(path: Path) -> bool:
    """Tell by its name whether a file is an OSM extract.

    Examples
    --------
    >>> is_extract(Path("wanzhou.osm.pbf")), is_extract(Path("roads.shp"))
    (True, False)
    """
    return path.name.lower().endswith(EXTRACT_SUFFIXES)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what pyosmium raises while a file is read into problems of that file.

    Parameters
    ----------
    path
        The extract; it must exist and hold something.

    Raises
    ------
    InputError
        The file is missing, no file, empty, cut off, damaged or holds an impossible value.
    """
    _check(path)
    try:
        yield
    except osmium.InvalidLocationError as error:
        raise InputError([_problem("osm_coordinate", path, error)]) from None
    except ValueError as error:
        # libosmium's word for a number that is none; our own errors pass.
        if isinstance(error, InputError):
            raise
        raise InputError([_problem("osm_damaged", path, error)]) from None
    except RuntimeError as error:
        # pyosmium has no class of its own for a file that cannot be read to its end.
        raise InputError([_problem("osm_damaged", path, error)]) from None


def _check(path: Path) -> None:
    if not is_extract(path):
        known = ", ".join(EXTRACT_SUFFIXES)
        problem = Problem("osm_suffix", source=path.name, values={"known": known})
        raise InputError([problem])
    if not path.is_file():
        raise InputError([Problem("osm_missing", source=str(path))])
    try:
        with path.open("rb") as stream:
            empty = not stream.read(1)
    except OSError as error:
        detail = {"detail": error.strerror or str(error)}
        raise InputError([Problem("file_unreadable", source=path.name, values=detail)]) from None
    if empty:
        raise InputError([Problem("osm_empty", source=path.name)])


def _problem(code: str, path: Path, error: Exception) -> Problem:
    return Problem(code, source=path.name, values={"detail": str(error)})

"""A user's TOML file as its tables, or what keeps it from being read."""

import re
import tomllib
from pathlib import Path
from typing import Any

from care_map.errors import InputError, Problem

__all__ = ["read_toml"]


def read_toml(file: Path, *, missing: Problem) -> dict[str, Any]:
    """Return the tables of a file.

    Parameters
    ----------
    file
        The file; a byte order mark is fine.
    missing
        What is wrong where there is none.

    Raises
    ------
    InputError
        It is missing, cannot be read, is not UTF-8, or is not TOML; the line is named.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError([missing]) from None
    except UnicodeDecodeError as error:
        problem = Problem("study_encoding", source=file.name, values={"byte": error.start})
        raise InputError([problem]) from None
    except OSError as error:
        problem = Problem("file_unreadable", source=file.name, values={"detail": error.strerror})
        raise InputError([problem]) from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # Its own words are English; the place is what helps.
        place = re.search(r"line (\d+)", str(error))
        row = int(place[1]) if place else text.count("\n") + 1
        raise InputError([Problem("study_toml", source=file.name, row=row)]) from None

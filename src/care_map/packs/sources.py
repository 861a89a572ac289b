"""The files of a pack as text and tables: built in, or a study's own; nothing in them is trusted.

A pack is ``<name>.toml``, with ``<name>_ledger.csv`` and ``<name>_units.csv`` beside it or not.
"""

import csv
import io
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from care_map.errors import InputError, Problem

__all__ = ["PackSource", "find_pack", "pack_files", "pack_names"]

_MAX_BYTES = 2_000_000
_MAX_ROWS = 20_000
_MAX_DEPTH = 24
_MAX_DOTS = 60
"""Points in a line: a key of thousands of parts keeps the reading of TOML busy for hours."""

_HIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
"""Signs that no one sees; documents cannot hold most of them."""

_LONGEST = 120
_SUFFIX = ".toml"
_KINDS = ("ledger", "units")
_LINE = re.compile(r"line (\d+)")


def pack_names() -> tuple[str, ...]:
    """Return the names of the packs that come with the package, sorted."""
    files = (file.name for file in resources.files(__package__).iterdir())
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in files if name.endswith(_SUFFIX)))


@dataclass(frozen=True, slots=True)
class PackSource:
    """Where a pack lies.

    Parameters
    ----------
    folder
        Its folder.
    stem
        Its file's name without ``.toml``.
    shown
        What stands before the names of files in messages.
    """

    folder: Traversable
    stem: str
    shown: str = ""

    @property
    def name(self) -> str:
        """Name of the TOML for messages."""
        return f"{self.shown}{self.stem}{_SUFFIX}"

    def tables(self) -> tuple[dict[str, Any], str]:
        """Return what the TOML holds, and its text; InputError if it cannot be read."""
        text = _text(self.folder / f"{self.stem}{_SUFFIX}", self.name)
        long = next((n for n, t in enumerate(text.split("\n"), 1) if t.count(".") > _MAX_DOTS), 0)
        if long:
            raise InputError([Problem("pack_deep", source=self.name, row=long)])
        try:
            tables = tomllib.loads(text)
        except RecursionError:
            raise InputError([Problem("pack_deep", source=self.name)]) from None
        except ValueError as error:  # TOMLDecodeError is one, an endless number another
            place = _LINE.search(str(error))
            row = int(place[1]) if place else text.count("\n") + 1
            raise InputError([Problem("pack_toml", source=self.name, row=row)]) from None
        texts = _texts(tables)
        if texts is None:
            raise InputError([Problem("pack_deep", source=self.name)])
        _refuse_hidden(texts, self.name)
        return tables, text

    def rows(self, kind: str) -> tuple[str, list[tuple[int, dict[str, str]]]] | None:
        """Return the name and the rows of a CSV beside the pack, None where there is none.

        Parameters
        ----------
        kind
            ``ledger`` or ``units``.

        Returns
        -------
        name, rows
            Each row after its number in the file; cells by their header.

        Raises
        ------
        InputError
            The file cannot be read.
        """
        file = self.folder / f"{self.stem}_{kind}.csv"
        if not file.is_file():
            return None
        name = f"{self.shown}{file.name}"
        text = _text(file, name)
        _refuse_hidden([text], name)
        return name, list(_csv_rows(text, name))


def find_pack(name: str | Path, folder: Path | None) -> PackSource:
    """Return where a pack lies.

    Parameters
    ----------
    name
        Name of a pack that comes with the package, or path of a ``.toml``.
    folder
        Folder that a relative path starts from, the working folder without it.

    Returns
    -------
    PackSource

    Raises
    ------
    InputError
        There is no such pack.
    """
    written = str(name)
    if written in pack_names():
        return PackSource(resources.files(__package__), written)
    path = (folder or Path()) / written
    if not written.endswith(_SUFFIX):
        values = {"known": ", ".join(pack_names())}
        raise InputError([Problem("pack_unknown", value=_short(written), values=values)])
    if not _is_file(path):
        raise InputError([Problem("pack_missing", value=_short(written))])
    shown = written[: len(written) - len(path.name)]
    return PackSource(path.parent, path.name.removesuffix(_SUFFIX), shown)


def pack_files(name: str | Path, *, folder: Path | None = None) -> tuple[Path, ...]:
    """Return the files of a pack that is given by its path, as that path begins.

    Parameters
    ----------
    name, folder
        As :func:`care_map.packs.reader.read_pack`.

    Returns
    -------
    tuple of Path
        The TOML, then the CSV files beside it; nothing of a pack that comes with the package.
    """
    if str(name) in pack_names():
        return ()
    toml = Path(name)
    beside = (toml.with_name(f"{toml.stem}_{kind}.csv") for kind in _KINDS)
    return (toml, *(path for path in beside if _is_file((folder or Path()) / path)))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name longer than any file's, links in a circle
        return False


def _text(file: Traversable, source: str) -> str:
    """Return the text of a file that is UTF-8, with or without a mark, and not too large."""
    try:
        with file.open("rb") as opened:
            content = opened.read(_MAX_BYTES + 1)
    except OSError as error:
        values = {"detail": error.strerror or ""}
        raise InputError([Problem("file_unreadable", source=source, values=values)]) from None
    if len(content) > _MAX_BYTES:
        limit = {"limit": _MAX_BYTES // 1_000_000}
        raise InputError([Problem("pack_large", source=source, values=limit)])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = {"byte": error.start}
        raise InputError([Problem("pack_encoding", source=source, values=place)]) from None


def _texts(tables: Mapping[str, Any]) -> list[str] | None:
    """Return every key and text of a file, None if it is nested too deeply."""
    texts: list[str] = []
    level: list[Any] = [tables]
    for _ in range(_MAX_DEPTH):
        inner: list[Any] = []
        for one in level:
            parts = [*one, *one.values()] if isinstance(one, dict) else one
            texts += [part for part in parts if isinstance(part, str)]
            inner += [part for part in parts if isinstance(part, dict | list)]
        level = inner
    return None if level else texts


def _refuse_hidden(texts: Iterable[str], source: str) -> None:
    for text in texts:
        found = _HIDDEN.search(text)
        if found:
            shown = f"{text[max(found.start() - 20, 0) : found.start()].strip()}…"
            values = {"code": f"U+{ord(found[0]):04X}"}
            raise InputError([Problem("pack_hidden", source=source, value=shown, values=values)])


def _csv_rows(text: str, source: str) -> Iterator[tuple[int, dict[str, str]]]:
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    heads: list[str] = []
    start = 1
    try:
        for line in lines:
            cells, row = [cell.strip() for cell in line], start
            start = lines.line_num + 1
            if not any(cells):
                continue
            if not heads:
                heads = cells
                _check_heads(heads, source, row)
                continue
            if row > _MAX_ROWS:
                values: dict[str, object] = {"limit": _MAX_ROWS}
                raise InputError([Problem("pack_rows", source=source, values=values)])
            if any(cells[len(heads) :]):
                raise InputError([Problem("pack_row_long", source=source, row=row)])
            yield row, dict(zip(heads, cells, strict=False))
    except csv.Error:
        raise InputError([Problem("pack_csv", source=source, row=lines.line_num)]) from None


def _check_heads(heads: list[str], source: str, row: int) -> None:
    twice = sorted({head for head in heads if heads.count(head) > 1})
    if twice or "" in heads:
        shown = twice[0] if twice else ""
        raise InputError([Problem("pack_head", source=source, row=row, value=_short(shown))])

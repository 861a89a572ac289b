"""In which encoding a shapefile's words are, whatever it says of itself."""

import codecs
from pathlib import Path

from care_map.inputs.findings import Findings
from care_map.inputs.sheets import encoding_of

__all__ = ["shapefile_encoding"]

_LEAST_HEADER = 32


def shapefile_encoding(path: Path, findings: Findings) -> str | None:
    """Return the encoding of a shapefile's table.

    What its .cpg states is taken where the table can be read so; UTF-8 cannot be mistaken, so it
    goes before what is stated.

    Parameters
    ----------
    path
        The .shp; its .dbf and .cpg lie beside it.
    findings
        Gets the encoding where it is not stated, or wrongly.

    Returns
    -------
    str or None
        None where there is no table, or its encoding is not known.
    """
    content = _records(path.with_suffix(".dbf"))
    stated = _stated(path.with_suffix(".cpg"))
    if content is None:
        return None
    likely = encoding_of(content)
    if content.isascii():
        likely = "utf-8"
    elif likely != "utf-8" and stated and _decodes(content, stated):
        return stated
    if stated and not content.isascii() and _name(stated) != _name(likely):
        findings.add("cpg_wrong", value=stated, encoding=likely.upper() or "?")
    elif not stated and likely not in {"utf-8", ""}:
        findings.add("encoding_not_utf8", "info", value=likely.upper())
    return likely or None


def _records(path: Path) -> bytes | None:
    """Return what stands below the header of a .dbf."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    return content[max(int.from_bytes(content[8:10], "little"), _LEAST_HEADER) :]


def _stated(path: Path) -> str:
    try:
        words = path.read_text(encoding="ascii", errors="replace").split()
    except OSError:
        return ""
    return words[0] if words else ""


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(_name(encoding))
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def _name(encoding: str) -> str:
    """Return Python's name of an encoding; ArcGIS writes numbers of code pages."""
    spelled = f"cp{encoding}" if encoding.isdigit() else encoding
    try:
        return codecs.lookup(spelled).name
    except LookupError:
        return ""

"""KML, KMZ and GML: what must not be read, and what the reader adds of its own."""

import zipfile
from pathlib import Path

import pandas as pd

from care_map.inputs.findings import Findings
from care_map.inputs.workbooks import unpacks_small

__all__ = ["without_own_columns", "xml_content"]

_PROLOGUE = 1 << 20
_OWN = frozenset(
    {
        "id",
        "description",
        "timestamp",
        "begin",
        "end",
        "altitudeMode",
        "tessellate",
        "extrude",
        "visibility",
        "drawOrder",
        "icon",
    }
)
_BLANK = frozenset({"", "-1", "0", "None", "nan", "NaT"})


def xml_content(path: Path, findings: Findings) -> bytes | Path | None:
    """Return what is to be read of a KML, KMZ or GML file.

    Parameters
    ----------
    path
        The file.
    findings
        Gets an error where it has entities of its own (a bomb, or a way into other files) or is
        no archive, and the further documents of an archive.

    Returns
    -------
    bytes or Path or None
        The document of a KMZ, else the file; None after an error.
    """
    content: bytes | Path = path
    if path.suffix.lower() == ".kmz":
        document = _document(path, findings)
        if document is None:
            return None
        content, prologue = document, document[:_PROLOGUE]
    else:
        with path.open("rb") as file:
            prologue = file.read(_PROLOGUE)
    if b"<!ENTITY" in prologue:
        findings.add("xml_entities", "error")
        return None
    return content


def _document(path: Path, findings: Findings) -> bytes | None:
    # In memory: the reader itself leaves out the fields of a document in an archive.
    if not unpacks_small(path, findings):
        return None
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.lower().endswith(".kml")]
        if not names:
            findings.add("file_damaged", "error", detail="doc.kml")
            return None
        first = "doc.kml" if "doc.kml" in names else names[0]
        for name in names:
            if name != first:
                findings.add("sheet_not_read", value=name)
        return archive.read(first)


def without_own_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a KML layer without the columns that the reader adds and nobody has filled in."""
    added = [
        name for name in frame.columns if name in _OWN and set(map(str, frame[name])) <= _BLANK
    ]
    return frame.drop(columns=added)

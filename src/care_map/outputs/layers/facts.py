"""What every set of layers says of itself: study, day, source, datum, assumptions, approval."""

from dataclasses import dataclass
from xml.etree import ElementTree as ET

from pyproj import CRS

from care_map.assessment import Assessment
from care_map.outputs.findings import data_labels, statements
from care_map.outputs.layers.qml import QGIS_VERSION, readable, xml_text
from care_map.outputs.readings import Words

__all__ = ["Facts", "crs_text", "layer_facts", "metadata_xml"]

_LANGUAGES = {"zh": "ZHO", "en": "ENG"}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is said of the layers of a run, in its language.

    Parameters
    ----------
    study
        Name of the study.
    lines
        Day, edition, labels, source, coordinates and approval number, a sentence each.
    assumptions
        What the figures rest on, a sentence each.
    attribution
        Source of the data, empty where the study names none.
    """

    study: str
    lines: tuple[str, ...]
    assumptions: tuple[str, ...]
    attribution: str


def layer_facts(result: Assessment, words: Words, crs: CRS) -> Facts:
    """Return what the layers of a run say of themselves.

    Parameters
    ----------
    result
        The assessment.
    words
        Words of its study.
    crs
        CRS of the layers.
    """
    study, texts = result.study, words.texts
    day = study.as_of.isoformat() if study.as_of else ""
    source = f"report.source.attribution{'' if study.attribution else '_open'}"
    approval = f"report.source.approval{'' if study.approval_number else '_open'}"
    lines = (
        texts.text("layer.as_of", day=day) if day else texts.text("layer.as_of_open"),
        *data_labels(result, texts),
        texts.text("layer.edition"),
        texts.text(source, **({"text": study.attribution} if study.attribution else {})),
        texts.text("layer.crs", crs=crs_text(crs)),
        texts.text(approval, **({"text": study.approval_number} if study.approval_number else {})),
    )
    return Facts(
        readable(study.name),
        tuple(readable(line) for line in lines),
        tuple(readable(line) for line in statements(result, texts)),
        readable(study.attribution),
    )


def crs_text(crs: CRS) -> str:
    """Return a CRS by its name and its code.

    Examples
    --------
    >>> crs_text(CRS.from_epsg(4490))
    'China Geodetic Coordinate System 2000 (EPSG:4490)'
    """
    code = crs.to_epsg()
    return f"{crs.name} (EPSG:{code})" if code else str(crs.name)


def metadata_xml(facts: Facts, crs: CRS, words: Words, *, name: str, title: str) -> str:
    """Return metadata as QGIS keeps it (QMD).

    Parameters
    ----------
    facts
        What the layers say of themselves.
    crs
        CRS of the layer.
    words
        Words of the study.
    name, title
        The layer, or the whole file.
    """
    root = ET.Element("qgis", {"version": QGIS_VERSION})
    said = "\n".join([facts.study, *facts.lines])
    parts = (
        ("identifier", name),
        ("parentidentifier", facts.study),
        ("language", _LANGUAGES[words.texts.language]),
        ("type", "dataset"),
        ("title", readable(title)),
        ("abstract", f"{readable(title)}\n{said}"),
        *(("history", line) for line in facts.assumptions),
        ("constraints", words.texts.text("layer.edition")),
        ("rights", facts.attribution),
        ("encoding", "UTF-8"),
    )
    for tag, text in parts:
        made = ET.SubElement(root, tag, {"type": "access"} if tag == "constraints" else {})
        made.text = text
    system = ET.SubElement(ET.SubElement(root, "crs"), "spatialrefsys")
    code = crs.to_epsg()
    for tag, text in (("wkt", crs.to_wkt()), ("authid", f"EPSG:{code}" if code else "")):
        ET.SubElement(system, tag).text = text
    ET.SubElement(root, "extent")
    return xml_text(root)

"""The study file and the note that lie beside the data."""

from care_map.messages import Catalogue

__all__ = ["readme_text", "study_text"]

_FACTS = """\
{head}
[study]
name = "{name}"
as_of = 2021-06-30                      # {as_of}
language = "{language}"
pack = "notice.toml"                    # {pack}
data = "synthetic"                      # {data}
attribution = "{attribution}"

[roads]                                 # {roads}
path = "roads.osm.pbf"

[units]                                 # {units}
path = "boundaries/units.gpkg"
datum = "wgs84"                         # {datum}

[[facilities]]                          # {facilities}
path = "facilities/facilities.xlsx"
datum = "wgs84"

[[services]]                            # {services}
path = "facilities/services.csv"

[[candidates]]                          # {candidates}
path = "candidates.csv"
datum = "wgs84"

[[demand]]                              # {demand}
path = "elders.csv"
datum = "wgs84"
elder_age = 60                          # {elder_age}

[[stated]]                              # {stated}
path = "stated.csv"

[[received]]                            # {received}
path = "received.csv"

[elevation]                             # {elevation}
path = "dem.tif"

[output]                                # {output}
dir = "outputs/demo"
editions = ["internal"]
"""
_SENTENCES = (
    "name",
    "as_of",
    "data",
    "attribution",
    "roads",
    "units",
    "datum",
    "facilities",
    "demand",
    "elder_age",
    "elevation",
    "pack",
    "services",
    "candidates",
    "stated",
    "received",
    "output",
)


def study_text(texts: Catalogue) -> str:
    """Return the study file with its comments in the catalogue's language."""
    said = {name: texts.text(f"demo.study.{name}") for name in _SENTENCES}
    head = "\n".join(f"# {line}" for line in texts.text("demo.study.head").splitlines())
    return _FACTS.format(head=head, language=texts.language, **said)


def readme_text(texts: Catalogue, *, seed: int, counts: dict[str, int]) -> str:
    """Return the note on what the folder holds and how it was made."""
    return texts.text("demo.readme", seed=str(seed), **counts)

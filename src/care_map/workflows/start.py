"""A first study from an OSM extract alone, labelled a proxy, to be replaced part by part.

The folder that is written::

    study.toml
    start_issues.csv                  what was chosen, left out or assumed
    data/boundaries/units.gpkg
    data/facilities/facilities.csv
    data/demand.csv

The extract stays where it is; the study names it as its roads, whole, so that what lies just
outside a place still counts.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio

from care_map.errors import InputError, OutputError, Problem
from care_map.inputs.osm import scan_extract
from care_map.inputs.osm_demand import ELDER_SHARE, Total, demand_from_osm
from care_map.inputs.osm_facilities import facilities_from_osm
from care_map.inputs.osm_units import units_from_osm
from care_map.messages import Catalogue, Language, catalogue
from care_map.schema import DEMAND, FACILITIES, ISSUES, Table

__all__ = ["start"]

UNITS_FILE = Path("data/boundaries/units.gpkg")
FACILITIES_FILE = Path("data/facilities/facilities.csv")
DEMAND_FILE = Path("data/demand.csv")
ISSUES_FILE = Path("start_issues.csv")
STUDY_FILE = Path("study.toml")
_MARKS_FILE = Path(".start.json")

_COORDINATE_DIGITS = 6
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_FIXED_DATE = "2000-01-01T00:00:00.000Z"


def start(
    extract: Path,
    *,
    place: str | None = None,
    out: Path | None = None,
    language: Language = "zh",
    elders: int | None = None,
    population: int | None = None,
    elder_share: float = ELDER_SHARE,
) -> tuple[Path, tuple[Problem, ...]]:
    """Make a study of an OSM extract: units, facilities, demand and roads are all read from it.

    Parameters
    ----------
    extract
        ``.osm.pbf``, ``.osm``, ``.osm.gz`` or ``.osm.bz2``.
    place
        Name of the administrative area that is the district; the whole extract without it.
    out
        Folder of the study, ``outputs/<name of the extract>[_<place>]`` without it. A study
        that an earlier call wrote there is replaced, unless one of its files was changed since.
    language
        Of the study and of the names that are preferred.
    elders
        Number of elders in the district.
    population
        Number of inhabitants of the district, instead of `elders`.
    elder_share
        Elders per inhabitant, used with `population` and with population tags.

    Returns
    -------
    pathlib.Path
        The study file.
    tuple of Problem
        Choices and gaps, also written to ``start_issues.csv``; none is an error.

    Raises
    ------
    InputError
        The extract cannot be read or holds no road, the place is unknown (those that exist are
        listed), a number does not fit, or a file of an earlier study was changed.
    OutputError
        The folder cannot be written.
    """
    total = _total(elders, population, elder_share, catalogue(language))
    read = _read(extract, place=place, language=language, total=total)
    folder = out or Path("outputs") / _slug(read.source, place)
    _refuse_changed(folder)
    with _writing(folder):
        _write(read, folder, extract=extract, language=language)
    return folder / STUDY_FILE, read.problems


@dataclass(frozen=True, slots=True)
class _District:
    """What an extract gave: tables, the basis of the demand in words, findings."""

    name: str
    source: str
    units: gpd.GeoDataFrame
    facilities: pd.DataFrame
    demand: pd.DataFrame
    basis: str
    basis_in_words: str
    problems: tuple[Problem, ...]


def _read(extract: Path, *, place: str | None, language: Language, total: Total) -> _District:
    scanned = scan_extract(extract)
    units = units_from_osm(scanned, language=language, place=place)
    facilities, facility_problems = facilities_from_osm(
        scanned, units.area, language=language, file=FACILITIES_FILE.as_posix()
    )
    demand, basis, demand_problems = demand_from_osm(scanned, units.units, total)
    elders = int(demand["elders"].sum())
    return _District(
        name=units.name,
        source=scanned.name,
        units=units.units,
        facilities=facilities,
        demand=demand,
        basis=basis,
        basis_in_words=catalogue(language).text(
            f"osm.basis_{basis}", count=elders, **_share(total)
        ),
        problems=(*scanned.problems, *units.problems, *facility_problems, *demand_problems),
    )


def _write(read: _District, folder: Path, *, extract: Path, language: Language) -> None:
    """Write the tables and the study file that reads them."""
    texts = catalogue(language)
    study = _study_text(
        name=read.name,
        language=language,
        attribution=texts.text("osm.attribution", basis=read.basis_in_words),
        roads=_path_from(folder, extract),
        comment=texts.text("osm.study_comment", extract=extract.name),
        with_facilities=len(read.facilities) > 0,
        with_demand=len(read.demand) > 0,
        weights=read.basis == "weights",
    )
    _write_units(read.units, folder / UNITS_FILE)
    _write_table(read.facilities, FACILITIES, folder / FACILITIES_FILE, texts)
    _write_table(read.demand, DEMAND, folder / DEMAND_FILE, texts)
    _write_issues(read.problems, folder / ISSUES_FILE, texts)
    (folder / STUDY_FILE).write_text(study, encoding="utf-8", newline="\n")
    _mark(folder)


def _total(
    elders: int | None, population: int | None, elder_share: float, texts: Catalogue
) -> Total:
    """Check the numbers, all at once."""
    problems: list[Problem] = []

    def refuse(option: str, value: object, rule: str) -> None:
        fields = {"rule": texts.text(rule)}
        problems.append(Problem("start_number", source=option, value=str(value), values=fields))

    for option, number in (("--elders", elders), ("--population", population)):
        if number is not None and number < 1:
            refuse(option, number, "osm.rule_positive")
    if not 0 < elder_share <= 1:
        refuse("--elder-share", elder_share, "osm.rule_share")
    if elders is not None and population is not None:
        refuse("--elders", f"{elders}, {population}", "osm.rule_one")
    if problems:
        raise InputError(problems)
    if elders is None and population is not None:
        return Total(max(1, round(population * elder_share)), elder_share, population)
    return Total(elders, elder_share)


def _share(total: Total) -> dict[str, object]:
    return {"share": f"{total.share * 100:g}", "population": total.population or 0}


def _slug(name: str, place: str | None) -> str:
    """Return a folder name that no file system minds."""
    parts = [name] if place is None else [name, place]
    return re.sub(r"[^\w-]+", "_", "_".join(parts)).strip("_")[:80] or "study"


def _path_from(folder: Path, extract: Path) -> str:
    """Return the extract's path from the folder, absolute if they share no drive."""
    try:
        return Path(os.path.relpath(extract.resolve(), folder.resolve())).as_posix()
    except ValueError:
        return extract.resolve().as_posix()


def _quoted(text: str) -> str:
    """Return text as a TOML string; JSON's escapes are TOML's, but for the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _study_text(
    *,
    name: str,
    language: Language,
    attribution: str,
    roads: str,
    comment: str,
    with_facilities: bool,
    with_demand: bool,
    weights: bool,
) -> str:
    parts = [
        *(f"# {line}" for line in comment.splitlines()),
        "[study]",
        f"name = {_quoted(name)}",
        f"language = {_quoted(language)}",
        'data = "proxy"',
        f"attribution = {_quoted(attribution)}",
        "",
        "[roads]",
        f"path = {_quoted(roads)}",
        "",
        "[units]",
        f"path = {_quoted(UNITS_FILE.as_posix())}",
    ]
    if with_facilities:
        parts += ["", "[[facilities]]", f"path = {_quoted(FACILITIES_FILE.as_posix())}"]
    if with_demand:
        parts += ["", "[[demand]]", f"path = {_quoted(DEMAND_FILE.as_posix())}"]
    if with_demand and weights:
        parts.append("weights = true")
    return "\n".join([*parts, "", "[output]", 'dir = "results"', ""])


def _refuse_changed(folder: Path) -> None:
    """Raise if the folder holds a file that we would replace and did not write as it is."""
    try:
        marks = json.loads((folder / _MARKS_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        marks = {}
    problems = [
        Problem("start_exists", source=str(folder / file))
        for file in _files(folder)
        if not isinstance(marks, dict) or marks.get(file.as_posix()) != _digest(folder / file)
    ]
    if folder.exists() and not folder.is_dir():
        problems.append(Problem("start_exists", source=str(folder)))
    if problems:
        raise InputError(problems)


def _files(folder: Path) -> list[Path]:
    written = (STUDY_FILE, UNITS_FILE, FACILITIES_FILE, DEMAND_FILE, ISSUES_FILE)
    return [file for file in written if (folder / file).exists()]


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


def _mark(folder: Path) -> None:
    """Keep the digests of what was written, to tell later what a user has changed."""
    marks = {file.as_posix(): _digest(folder / file) for file in _files(folder)}
    (folder / _MARKS_FILE).write_text(json.dumps(marks, indent=1), encoding="utf-8")


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        for file in (UNITS_FILE, FACILITIES_FILE, DEMAND_FILE):
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
        yield
    except (OSError, pyogrio.errors.DataSourceError) as error:
        detail = {"detail": str(error)}
        raise OutputError(
            [Problem("start_unwritable", source=str(folder), values=detail)]
        ) from None


def _write_units(units: gpd.GeoDataFrame, file: Path) -> None:
    """Write the units; the date inside is fixed, so that the same input gives the same file."""
    file.unlink(missing_ok=True)
    frame = units.assign(population=units["population"].round().astype("Int64"))
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _FIXED_DATE})
    try:
        pyogrio.write_dataframe(
            frame,
            file,
            driver="GPKG",
            layer="units",
            geometry_type="MultiPolygon",
            promote_to_multi=True,
            dataset_options={"VERSION": "1.2"},
        )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _write_table(frame: gpd.GeoDataFrame, table: Table, file: Path, texts: Catalogue) -> None:
    """Write points as CSV for Excel: titles and labels for people, nothing that would execute."""
    columns = frame.drop(columns="geometry").assign(
        lon=frame.geometry.x.round(_COORDINATE_DIGITS),
        lat=frame.geometry.y.round(_COORDINATE_DIGITS),
    )
    for name in columns.select_dtypes("str"):
        columns[name] = columns[name].map(_harmless)
    for name, group in (("roles", "facility_type"), ("stage", "stage")):
        if name in columns:
            columns[name] = columns[name].map(partial(texts.label, group))
    titles = {name: table.column(name).title(texts.language) for name in columns}
    columns.rename(columns=titles).to_csv(file, index=False, encoding="utf-8-sig")


def _harmless(text: str) -> str:
    """Return text that a spreadsheet takes for no formula; ``+358 9`` is dialled as 00358 9."""
    plain = re.sub(r"[\r\n\t]+", " ", text).strip()
    plain = re.sub(r"^\+(?=\d)", "00", plain)
    return f"'{plain}" if plain.startswith(_FORMULA) else plain


def _write_issues(problems: Sequence[Problem], file: Path, texts: Catalogue) -> None:
    rows = [
        {
            "severity": problem.severity,
            "code": problem.code,
            "source": problem.source,
            "row": problem.row,
            "column": problem.column,
            "value": problem.value,
            "count": problem.count,
            "message": problem.message(texts),
            "advice": problem.advice(texts),
        }
        for problem in problems
    ]
    frame = pd.DataFrame(rows, columns=ISSUES.names)
    for name in ("source", "column", "value", "message", "advice"):
        frame[name] = frame[name].map(lambda cell: _harmless(cell) if isinstance(cell, str) else "")
    titles = {column.name: column.title(texts.language) for column in ISSUES.columns}
    frame.rename(columns=titles).to_csv(file, index=False, encoding="utf-8-sig")

"""One of the two runs that are compared: an assessment, or what its folder keeps."""

import dataclasses
import datetime as dt
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from care_map.assessment import Assessment
from care_map.config import Study
from care_map.errors import InputError, Problem
from care_map.inputs.unit_figures import read_crosswalk
from care_map.messages import LANGUAGES, Language
from care_map.scenario_file import scenario_of
from care_map.scenarios import Scenario
from care_map.schema import ACCESS, CLAUSE_VERDICTS, COVERAGE_BY_UNIT, GAPS, LEDGER, Table
from care_map.values import Circle, CircleRule, Delivery, Limits, Profile

__all__ = ["Definitions", "Side", "side_of"]

_DEMAND = ("demand_id", "elders", "unit_id", "groups")
_FACILITIES = ("facility_id", "name", "roles", "stage", "beds")
_UNITS = ("unit_id", "name", "level", "parent_id")
_PROGRAM = "care-map"


@dataclass(frozen=True, slots=True)
class Definitions:
    """What the figures of a run are figures of.

    Parameters
    ----------
    circles
        Id of a circle → its title and its rules, each as one text.
    profiles
        Name of a profile → what decides its times, as one text.
    elder_ages
        Ages from which its sources count.
    limits, pack
        As texts.
    """

    circles: Mapping[str, tuple[str, str]]
    profiles: Mapping[str, str]
    elder_ages: tuple[int, ...] | None
    limits: str
    pack: str


@dataclass(frozen=True, slots=True)
class Side:
    """A run, as far as it is compared.

    Parameters
    ----------
    study, label, as_of, language, data
        Name of the study; what tells this run from the other; its day, its language and its
        label of the data.
    units, facilities, demand
        Lists with geometries where they are known; `demand` is empty where no place is.
    roads, barriers
        Lines for the base map.
    coverage, access, gaps, verdicts, ledger
        Tables of the run.
    labels
        Codes of ``data.*``.
    definitions
        What its figures are figures of.
    scenario
        Its scenario, None for the state as listed.
    gap_radius_m
        What is one gap.
    links
        Crosswalk of the study, None without one.
    problems
        What could not be read.
    """

    study: str
    label: str
    as_of: dt.date | None
    language: Language
    data: str
    units: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    demand: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    coverage: pd.DataFrame
    access: pd.DataFrame
    gaps: pd.DataFrame
    verdicts: pd.DataFrame
    ledger: pd.DataFrame
    labels: tuple[str, ...]
    definitions: Definitions
    scenario: Scenario | None
    gap_radius_m: float
    attribution: str = ""
    approval: str = ""
    links: pd.DataFrame | None = None
    problems: tuple[Problem, ...] = field(default=())


def side_of(run: Assessment | str | Path) -> Side:
    """Return a run as it is compared.

    Parameters
    ----------
    run
        An assessment, or the folder of a run.

    Raises
    ------
    InputError
        The folder is no run of ours, or its tables are gone.
    """
    return _of_result(run) if isinstance(run, Assessment) else _of_folder(Path(run))


def _of_result(result: Assessment) -> Side:
    study = result.study
    links, problems = _links(study.root, [source.path for source in study.crosswalk])
    return Side(
        study=study.name,
        label=study.scenario.name if study.scenario else _day(study.as_of),
        as_of=study.as_of,
        language=study.language,
        data=study.data,
        units=result.units,
        facilities=result.facilities,
        demand=result.demand,
        roads=result.roads,
        barriers=result.barriers,
        coverage=result.coverage_by_unit,
        access=result.access,
        gaps=pd.DataFrame(result.gaps[GAPS.names]),
        verdicts=result.clause_verdicts,
        ledger=result.ledger,
        labels=result.labels,
        definitions=_definitions_of(study),
        scenario=study.scenario,
        gap_radius_m=study.limits.gap_radius_m,
        attribution=study.attribution,
        approval=study.approval_number,
        links=links,
        problems=tuple(problems),
    )


def _day(day: dt.date | None) -> str:
    return "" if day is None else day.isoformat()


def _definitions_of(study: Study) -> Definitions:
    header = study.pack.pack if study.pack else None
    pack = {"id": header.id, "version": header.version} if header else {}
    ages = {source.elder_age for source in study.demand} or {
        source.elder_age for source in study.units
    }
    return Definitions(
        circles={
            one.id: (one.title_in(study.language), _rules(_plain_circle(one)))
            for one in study.circles
        },
        profiles={name: _pace(_plain(one)) for name, one in study.profiles.items()},
        elder_ages=tuple(sorted(ages)),
        limits=_text(_plain(study.limits)),
        pack=_text(pack),
    )


def _plain(value: Circle | CircleRule | Delivery | Limits | Profile) -> dict[str, object]:
    found = {one.name: getattr(value, one.name) for one in dataclasses.fields(value)}
    return {name: dict(v) if isinstance(v, Mapping) else v for name, v in found.items()}


def _plain_circle(circle: Circle) -> dict[str, object]:
    rules = {setting: _plain(rule) for setting, rule in circle.rules.items()}
    delivery = None if circle.delivery is None else _plain(circle.delivery)
    return {**_plain(circle), "rules": rules, "delivery": delivery}


def _rules(circle: Mapping[str, object]) -> str:
    return _text({name: circle.get(name) for name in ("require", "rules", "direction", "delivery")})


def _pace(profile: Mapping[str, object]) -> str:
    """Return what decides times: not its name, nor where its figures come from."""
    return _text({key: v for key, v in profile.items() if key not in ("name", "source", "beside")})


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=list)


def _of_folder(folder: Path) -> Side:
    manifest = _manifest(folder)
    tables = folder / "internal" / "tables"
    read = {one.name: _table(tables, one) for one in (COVERAGE_BY_UNIT, ACCESS, GAPS)}
    notice = {one.name: _table(tables, one) for one in (CLAUSE_VERDICTS, LEDGER)}
    gone = [name for name, frame in read.items() if frame is None]
    if gone:
        raise InputError(
            [Problem("compare_table_gone", source=str(tables), value=name) for name in gone]
        )
    study, parameters = _mapping(manifest.get("study")), _mapping(manifest.get("parameters"))
    layers, problems = _layers(folder / "internal" / "layers.gpkg")
    written = _written(study)
    scenario = parameters.get("scenario")
    links, lost = _links(_root(folder, parameters), _crosswalks(written))
    language = study.get("language")
    as_of = dt.date.fromisoformat(str(study["as_of"])) if study.get("as_of") else None
    made = scenario_of(scenario) if isinstance(scenario, Mapping) else None
    header = _mapping(written.get("study"))
    return Side(
        study=str(study.get("name", "")),
        label=made.name if made else _day(as_of),
        as_of=as_of,
        language=next((one for one in LANGUAGES if one == language), "zh"),
        data=str(study.get("data", "real")),
        **layers,
        coverage=_there(read["coverage_by_unit"]),
        access=_there(read["access"]),
        gaps=_there(read["gaps"]),
        verdicts=_or_empty(notice["clause_verdicts"], CLAUSE_VERDICTS),
        ledger=_or_empty(notice["ledger"], LEDGER),
        labels=tuple(_labels(study, parameters, written)),
        definitions=_definitions_in(
            parameters, written, "title_en" if language == "en" else "title"
        ),
        scenario=made,
        gap_radius_m=float(str(_mapping(parameters.get("limits")).get("gap_radius_m", 500.0))),
        attribution=str(header.get("attribution", "")),
        approval=str(header.get("approval_number", "")),
        links=links,
        problems=(*problems, *lost),
    )


def _there(frame: pd.DataFrame | None) -> pd.DataFrame:
    return pd.DataFrame() if frame is None else frame


def _or_empty(frame: pd.DataFrame | None, table: Table) -> pd.DataFrame:
    return pd.DataFrame(columns=table.names) if frame is None else frame


def _manifest(folder: Path) -> dict[str, object]:
    file = folder / "manifest.json"
    if not folder.is_dir():
        raise InputError([Problem("compare_no_folder", source=str(folder))])
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise InputError([Problem("compare_no_run", source=str(folder))]) from None
    if not isinstance(manifest, dict) or manifest.get("program") != _PROGRAM:
        raise InputError([Problem("compare_no_run", source=str(folder))])
    return manifest


def _table(folder: Path, table: Table) -> pd.DataFrame | None:
    try:
        frame = pd.read_parquet(folder / f"{table.name}.parquet")
    except (OSError, ValueError):
        return None
    return frame if set(_needed(table)) <= set(frame.columns) else None


def _needed(table: Table) -> Iterator[str]:
    """Yield columns without which nothing can be compared; an older run may lack others."""
    if table is COVERAGE_BY_UNIT:
        yield from ("unit_id", "level", "setting", "circle", "profile", "group", "elders")
        yield from ("covered", "uncovered", "undetermined", "median_minutes")
    elif table is ACCESS:
        yield from ("demand_id", "circle", "profile", "unit_id", "elders", "status")
    elif table is GAPS:
        yield from ("gap_id", "circle", "status", "elders", "lon", "lat")


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _written(study: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        return tomllib.loads(str(study.get("text") or ""))
    except tomllib.TOMLDecodeError:
        return {}


def _root(folder: Path, parameters: Mapping[str, Any]) -> Path:
    return (folder / str(parameters.get("study_file", "study.toml"))).parent


def _crosswalks(written: Mapping[str, Any]) -> list[Path]:
    listed = written.get("crosswalk")
    return [
        Path(str(one["path"]))
        for one in (listed if isinstance(listed, list) else [])
        if isinstance(one, Mapping) and "path" in one
    ]


def _links(root: Path, paths: list[Path]) -> tuple[pd.DataFrame | None, list[Problem]]:
    """Return the links of crosswalks, and those that are gone."""
    found, problems = [], []
    for path in paths:
        try:
            found.append(read_crosswalk(root / path).links)
        except InputError:
            problems.append(Problem("compare_no_crosswalk", "warning", source=path.as_posix()))
    return (pd.concat(found, ignore_index=True) if found else None), problems


def _layers(file: Path) -> tuple[dict[str, gpd.GeoDataFrame], list[Problem]]:
    """Return the lists that the run's GeoPackage keeps; empty where it does not."""
    wanted = {
        "units": _UNITS,
        "facilities": _FACILITIES,
        "demand": _DEMAND,
        "roads": ("highway",),
        "barriers": ("kind",),
    }
    found: dict[str, gpd.GeoDataFrame] = {}
    lost = []
    for name, columns in wanted.items():
        empty = gpd.GeoDataFrame({one: [] for one in columns}, geometry=[], crs="EPSG:4326")
        try:
            frame = pyogrio.read_dataframe(file, layer=name)
        except (DataSourceError, DataLayerError):
            found[name] = empty
            lost += [name] if name in ("units", "demand") else []
            continue
        missing = {one: "" for one in columns if one not in frame}
        texts = frame.assign(**missing)
        for one in columns:
            if pd.api.types.is_string_dtype(texts[one]):
                texts[one] = texts[one].astype(object).where(texts[one].notna(), "")
        found[name] = gpd.GeoDataFrame(texts, geometry="geometry", crs=frame.crs)
    problems = [
        Problem("compare_no_layer", "warning", source=file.as_posix(), value=", ".join(lost))
    ]
    return found, problems if lost else []


def _labels(
    study: Mapping[str, Any], parameters: Mapping[str, Any], written: Mapping[str, Any]
) -> Iterator[str]:
    if "scenario" in parameters:
        yield "scenario"
    if study.get("data") in ("synthetic", "proxy"):
        yield str(study["data"])
    demand = written.get("demand")
    if any(_mapping(one).get("weights") for one in (demand if isinstance(demand, list) else [])):
        yield "weights"
    profiles = parameters.get("profiles")
    if any(_mapping(one).get("mode") == "straight" for one in profiles or []):
        yield "approximate"


def _definitions_in(
    parameters: Mapping[str, Any], written: Mapping[str, Any], title: str
) -> Definitions:
    circles = [_mapping(one) for one in parameters.get("circles") or []]
    profiles = [_mapping(one) for one in parameters.get("profiles") or []]
    pack = _mapping(parameters.get("pack"))
    sources = [one for kind in ("demand", "units") for one in _sources(written, kind)]
    asked = _sources(written, "demand") or sources
    ages = tuple(sorted({int(one.get("elder_age", 60)) for one in asked})) if written else None
    return Definitions(
        circles={
            str(one.get("id")): (str(one.get(title) or one.get("title", "")), _rules(one))
            for one in circles
        },
        profiles={str(one.get("name")): _pace(one) for one in profiles},
        elder_ages=ages,
        limits=_text(parameters.get("limits")),
        pack=_text({name: pack[name] for name in ("id", "version") if name in pack}),
    )


def _sources(written: Mapping[str, Any], kind: str) -> list[Mapping[str, Any]]:
    listed = written.get(kind)
    if isinstance(listed, Mapping):
        return [listed]
    return [_mapping(one) for one in listed] if isinstance(listed, list) else []

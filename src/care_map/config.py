"""The study file: one TOML that names a study's inputs, circles and outputs.

It is validated as a whole; all problems are reported together with the key they are at. Paths
are relative to the file.
"""

import datetime as dt
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from care_map.errors import InputError, Problem
from care_map.messages import Language
from care_map.schema import DEMAND, FACILITIES, ROADS, UNITS, Table
from care_map.values import (
    DEFAULT_LIMITS,
    KPH_PER_MPS,
    PROFILES,
    Circle,
    CircleRule,
    Datum,
    Limits,
    Profile,
    Slope,
)
from care_map.vocabulary import FACILITY_TYPES, Level, Setting

__all__ = [
    "DEFAULT_CIRCLES",
    "DataLabel",
    "DemandSource",
    "FacilitySource",
    "OutputSettings",
    "RoadSource",
    "Study",
    "TableSource",
    "UnitSource",
    "read_study",
]

_EXPECTED = (
    "int_type",
    "int_from_float",
    "float_type",
    "string_type",
    "bool_type",
    "list_type",
    "dict_type",
    "model_type",
    "date_type",
    "path_type",
    "literal_error",
    "greater_than",
    "greater_than_equal",
    "less_than_equal",
    "string_too_short",
    "string_too_long",
    "string_pattern_mismatch",
    "too_short",
)
"""Findings of the validation that the catalogues have words for, ``expected.<type>``."""

DataLabel = Literal["real", "synthetic", "proxy"]
Minutes = Annotated[float, Field(gt=0, le=240)]
Metres = Annotated[float, Field(ge=0, le=100_000)]

DEFAULT_CIRCLES = (
    Circle(
        "elder_care_15",
        "",
        (
            (
                "street_centre",
                "town_centre",
                "community_station",
                "village_point",
                "village_station",
                "estate_point",
                "care_home",
                "district_care_centre",
            ),
        ),
        {"urban": CircleRule("standard", 15), "rural": CircleRule("standard", 15)},
    ),
    Circle(
        "medical",
        "",
        (
            (
                "hospital",
                "community_health_centre",
                "township_health_centre",
                "village_clinic",
                "clinic",
            ),
        ),
        {"urban": CircleRule("standard", 15), "rural": CircleRule("rural_drive", 25)},
    ),
)
"""Circles of a study that names none: elder care within 15 minutes on foot; medical care within
15 minutes on foot in town and 25 by vehicle in the country."""


class _Part(BaseModel):
    """A part of the study file; unknown keys are problems."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class TableSource(_Part):
    """A table of the study.

    Attributes
    ----------
    path
        File, relative to the study file.
    layer
        Layer or sheet; the first one without it.
    datum
        Datum of the coordinates: wgs84, cgcs2000, gcj02 or bd09. A file that carries its own
        CRS is read in it.
    columns
        Our column name → header in the file.
    values
        Our column name → one value for all rows, where the file has no such column.
    """

    path: Path = Field(strict=False)
    layer: str | None = None
    datum: Datum = "wgs84"
    columns: Mapping[str, str] = Field(default_factory=dict)
    values: Mapping[str, str | int | float | bool] = Field(default_factory=dict)


class UnitSource(TableSource):
    """Units: polygons or a list; `level` where the file has no such column."""

    level: Level | None = None


class FacilitySource(TableSource):
    """Facilities of one or several types."""


class DemandSource(TableSource):
    """Elders as records, or counts at places or in units.

    Attributes
    ----------
    elder_age
        Age from which the source counts; printed with every figure.
    weights
        Whether the counts are shares of an unknown total and not persons; said on every output.
    """

    elder_age: Annotated[int, Field(ge=50, le=100)] = 60
    weights: bool = False


class RoadSource(_Part):
    """The road network.

    Attributes
    ----------
    path
        OSM extract (.osm.pbf, .osm, .osm.gz, .osm.bz2) or a road layer.
    layer, datum, columns
        As for a table, for a road layer only.
    tolerance_m
        Ends of roads within this distance of each other are one node, for a road layer only.
    """

    path: Path = Field(strict=False)
    layer: str | None = None
    datum: Datum = "wgs84"
    columns: Mapping[str, str] = Field(default_factory=dict)
    tolerance_m: Annotated[float, Field(ge=0, le=50)] = 0.0


class _Elevation(_Part):
    path: Path = Field(strict=False)


class _Header(_Part):
    name: Annotated[str, Field(min_length=1, max_length=200)]
    as_of: dt.date | None = None
    language: Language = "zh"
    pack: str | None = None
    data: DataLabel = "real"
    setting: Setting | None = None
    attribution: str = ""
    approval_number: str = ""


class _Rule(_Part):
    profile: str
    minutes: Minutes


class _CircleTable(_Part):
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
    title: str = ""
    require: list[list[str]]
    setting: Setting | None = None
    profile: str | None = None
    minutes: Minutes | None = None
    urban: _Rule | None = None
    rural: _Rule | None = None


class _ProfileTable(_Part):
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
    base: str
    walk_speed_mps: Annotated[float, Field(gt=0, le=3)] | None = None
    stairs_factor: Annotated[float, Field(ge=1, le=100)] | None = None
    slope: Slope | None = None
    max_grade: Annotated[float, Field(gt=0, le=0.25)] | None = None
    overhead_minutes: Annotated[float, Field(ge=0, le=120)] | None = None
    detour_factor: Annotated[float, Field(ge=1, le=5)] | None = None
    cycle_speed_kph: Annotated[float, Field(gt=0, le=45)] | None = None
    car_speed_kph: Mapping[str, Annotated[float, Field(gt=0, le=130)]] | None = None

    def profile(self) -> Profile:
        """Return the base with what the table changes."""
        base = PROFILES[self.base]
        changes: dict[str, Any] = self.model_dump(exclude={"name", "base"}, exclude_none=True)
        if "overhead_minutes" in changes:
            changes["overhead_s"] = changes.pop("overhead_minutes") * 60.0
        if "cycle_speed_kph" in changes:
            changes["cycle_speed_mps"] = changes.pop("cycle_speed_kph") / KPH_PER_MPS
        if "car_speed_kph" in changes:
            changes["car_speed_kph"] = {**base.car_speed_kph, **changes["car_speed_kph"]}
        return replace(base, name=self.name, source="study file", beside=None, **changes)


class _LimitTable(_Part):
    access_urban_m: Metres = DEFAULT_LIMITS.access_urban_m
    access_rural_m: Metres = DEFAULT_LIMITS.access_rural_m
    min_component_m: Metres = DEFAULT_LIMITS.min_component_m
    gap_radius_m: Annotated[float, Field(gt=0, le=100_000)] = DEFAULT_LIMITS.gap_radius_m


class OutputSettings(_Part):
    """Where a run goes and which editions it has."""

    dir: Path = Field(default=Path("outputs"), strict=False)
    editions: list[Literal["internal", "public"]] = Field(default=["internal"], min_length=1)


class _StudyFile(_Part):
    study: _Header
    roads: RoadSource | None = None
    units: list[UnitSource] = Field(default_factory=list)
    facilities: list[FacilitySource] = Field(default_factory=list)
    demand: list[DemandSource] = Field(default_factory=list)
    elevation: _Elevation | None = None
    circle: list[_CircleTable] = Field(default_factory=list)
    profile: list[_ProfileTable] = Field(default_factory=list)
    limits: _LimitTable = Field(default_factory=_LimitTable)
    output: OutputSettings = Field(default_factory=OutputSettings)


class Study(BaseModel):
    """A validated study: what to read, what to reach, where to write.

    Attributes
    ----------
    root
        Folder that relative paths start from.
    file
        The study file, None for a study made in code.
    as_of
        Day of the assessment, None for the state as listed.
    data
        ``"synthetic"`` and ``"proxy"`` are said on every output.
    setting
        Setting of units that do not tell theirs.
    own_profiles
        Profiles that the study defines.
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    root: Path
    file: Path | None = None
    name: str
    as_of: dt.date | None = None
    language: Language = "zh"
    data: DataLabel = "real"
    setting: Setting | None = None
    attribution: str = ""
    approval_number: str = ""
    roads: RoadSource | None = None
    units: tuple[UnitSource, ...] = ()
    facilities: tuple[FacilitySource, ...] = ()
    demand: tuple[DemandSource, ...] = ()
    elevation: Path | None = None
    circles: tuple[Circle, ...] = DEFAULT_CIRCLES
    own_profiles: tuple[Profile, ...] = ()
    limits: Limits = DEFAULT_LIMITS
    output: OutputSettings = Field(default_factory=OutputSettings)

    @property
    def profiles(self) -> dict[str, Profile]:
        """The profiles that the circles are read with, by name."""
        known = {**PROFILES, **{profile.name: profile for profile in self.own_profiles}}
        variants = [variant for circle in self.circles for variant in circle.variants]
        return {r.profile: known[r.profile] for v in variants for r in v.rules.values()}

    def path(self, relative: Path) -> Path:
        """Return a path of the study file as one that can be opened."""
        return self.root / relative

    def sources(self) -> Iterator[tuple[str, Path]]:
        """Yield each input as (its key in the study file, its path as written)."""
        if self.roads:
            yield "roads.path", self.roads.path
        for kind in ("units", "facilities", "demand"):
            for number, source in enumerate(getattr(self, kind), start=1):
                yield f"{kind}[{number}].path", source.path
        if self.elevation:
            yield "elevation.path", self.elevation


def read_study(path: str | Path) -> Study:
    """Read and validate a study file.

    Parameters
    ----------
    path
        A study file, or a folder that holds ``study.toml``.

    Returns
    -------
    Study

    Raises
    ------
    InputError
        The file is missing, is no TOML, or has problems; all of them are listed.
    """
    file = Path(path)
    if file.is_dir():
        file = file / "study.toml"
    tables = _read_toml(file)
    if isinstance(tables.get("units"), dict):
        tables["units"] = [tables["units"]]
    try:
        parsed = _StudyFile.model_validate(tables)
    except ValidationError as error:
        raise InputError(_from_pydantic(error, file.name)) from None
    problems = [*_profile_problems(parsed, file.name), *_circle_problems(parsed, file.name)]
    if problems:
        # A circle with an unknown profile makes no study.
        raise InputError([*_pack_problems(parsed, file.name), *problems])
    study = Study(
        root=file.resolve().parent,
        file=file.resolve(),
        **parsed.study.model_dump(exclude={"pack"}),
        roads=parsed.roads,
        units=tuple(parsed.units),
        facilities=tuple(parsed.facilities),
        demand=tuple(parsed.demand),
        elevation=parsed.elevation.path if parsed.elevation else None,
        circles=tuple(_circle(table) for table in parsed.circle) or DEFAULT_CIRCLES,
        own_profiles=tuple(table.profile() for table in parsed.profile),
        limits=Limits(**parsed.limits.model_dump()),
        output=parsed.output,
    )
    problems = [
        *_pack_problems(parsed, file.name),
        *_source_problems(study, file.name),
    ]
    if problems:
        raise InputError(problems)
    return study


def _read_toml(file: Path) -> dict[str, object]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError([Problem("study_missing", source=str(file))]) from None
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


def _from_pydantic(error: ValidationError, source: str) -> list[Problem]:
    """Turn pydantic's findings into ours: which key, which value, what it must be."""
    codes = {"extra_forbidden": "study_unknown_key", "missing": "study_missing_key"}
    problems: list[Problem] = []
    for finding in error.errors(include_url=False):
        key = ".".join(
            f"[{part + 1}]" if isinstance(part, int) else part for part in finding["loc"]
        ).replace(".[", "[")
        code = codes.get(finding["type"], "study_value")
        value = None if code == "study_missing_key" else str(finding["input"])[:120]
        problems.append(
            Problem(code, source=source, column=key, value=value, values=_expected(finding))
        )
    return problems


def _expected(finding: ErrorDetails) -> dict[str, object]:
    """Return what a value must be: a code of ``expected``, and the bound or the choices."""
    context = finding.get("ctx", {})
    bounds = [
        context[name]
        for name in ("ge", "gt", "le", "lt", "min_length", "max_length")
        if name in context
    ]
    choices = str(context.get("expected", "")).replace(" or ", ", ")
    known = finding["type"] in _EXPECTED
    return {
        "expected": finding["type"] if known else "other",
        "bound": f"{bounds[0]:g}" if bounds else choices,
    }


def _circle(table: _CircleTable) -> Circle:
    rules: dict[str, CircleRule] = {}
    if table.profile and table.minutes:
        settings = [table.setting] if table.setting else ["urban", "rural"]
        rules = {setting: CircleRule(table.profile, table.minutes) for setting in settings}
    for setting, rule in (("urban", table.urban), ("rural", table.rural)):
        if rule:
            rules[setting] = CircleRule(rule.profile, rule.minutes)
    named = {circle.id: circle.rules for circle in DEFAULT_CIRCLES}
    # The catalogue's title says the default minutes: other rules need a title of their own.
    title = table.title or (table.id if named.get(table.id, rules) != rules else "")
    return Circle(table.id, title, tuple(tuple(group) for group in table.require), rules)


def _pack_problems(parsed: _StudyFile, source: str) -> Iterator[Problem]:
    if parsed.study.pack:
        yield Problem("pack_not_built", source=source, column="study.pack", value=parsed.study.pack)


def _profile_problems(parsed: _StudyFile, source: str) -> Iterator[Problem]:
    seen = set(PROFILES)
    for number, table in enumerate(parsed.profile, start=1):
        key = f"profile[{number}]"
        if table.name in seen:
            yield Problem("profile_twice", source=source, column=f"{key}.name", value=table.name)
        seen.add(table.name)
        if table.base not in PROFILES:
            yield _unknown(source, f"{key}.base", table.base, tuple(PROFILES))


def _circle_problems(parsed: _StudyFile, source: str) -> Iterator[Problem]:
    profiles = (*PROFILES, *(table.name for table in parsed.profile))
    seen: set[str] = set()
    for number, table in enumerate(parsed.circle, start=1):
        key = f"circle[{number}]"
        if table.id in seen:
            yield Problem("circle_twice", source=source, column=f"{key}.id", value=table.id)
        seen.add(table.id)
        if (table.profile is None) != (table.minutes is None) or not _circle(table).rules:
            yield Problem("circle_without_rule", source=source, column=key, value=table.id)
        if not table.require or not all(table.require):
            yield Problem("circle_without_types", source=source, column=f"{key}.require")
        for name in (name for group in table.require for name in group):
            if name not in FACILITY_TYPES:
                yield _unknown(source, f"{key}.require", name, FACILITY_TYPES)
        for name in dict.fromkeys(rule.profile for rule in _circle(table).rules.values()):
            if name not in profiles:
                yield _unknown(source, f"{key}.profile", name, profiles)


def _source_problems(study: Study, source: str) -> Iterator[Problem]:
    for key, path in study.sources():
        if not study.path(path).is_file():
            yield Problem("file_missing", source=source, column=key, value=str(path))
    tables = {"units": UNITS, "facilities": FACILITIES, "demand": DEMAND}
    for kind, table in tables.items():
        for number, part in enumerate(getattr(study, kind), start=1):
            for field in ("columns", "values"):
                yield from _column_problems(
                    getattr(part, field), table, source=source, key=f"{kind}[{number}].{field}"
                )
    if study.roads:
        yield from _column_problems(study.roads.columns, ROADS, source=source, key="roads.columns")


def _column_problems(
    mapping: Mapping[str, object], table: Table, *, source: str, key: str
) -> Iterator[Problem]:
    for name in mapping:
        if name not in table.names:
            yield _unknown(source, key, name, tuple(table.names))


def _unknown(source: str, key: str, value: str, known: tuple[str, ...]) -> Problem:
    return Problem(
        "unknown_code",
        source=source,
        column=key,
        value=value,
        values={"known": ", ".join(known)},
    )

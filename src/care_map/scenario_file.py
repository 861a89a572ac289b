"""A scenario as a TOML file, or as the record that a manifest keeps: every problem at once."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from care_map.errors import InputError, Problem
from care_map.expected import expected_words
from care_map.inputs.datum import outside_china
from care_map.scenarios import (
    KINDS,
    AddFacility,
    AddRoad,
    Cell,
    Change,
    ChangeCircle,
    ChangeElders,
    ChangeProfile,
    CloseRoad,
    EnlargeFacility,
    Scenario,
)
from care_map.schema import FACILITIES
from care_map.toml_file import read_toml
from care_map.values import Datum
from care_map.vocabulary import FACILITY_TYPES, PRIORITY_GROUPS, SERVICES, STAGES

__all__ = ["parse_scenario", "read_scenario", "scenario_of"]

_Lon = Annotated[float, Field(ge=-180, le=180)]
_Lat = Annotated[float, Field(ge=-90, le=90)]
_Place = Annotated[tuple[_Lon, _Lat], Field(strict=False)]
_Text = Annotated[str, Field(max_length=300)]
_Name = Annotated[str, Field(min_length=1, max_length=300)]
_Cost = Annotated[float, Field(ge=0)]
_Count = Annotated[int, Field(ge=0)]
_Year = Annotated[int, Field(ge=1949, le=2199)]
_Age = Annotated[int, Field(ge=0, le=130)]
_Speed = Annotated[float, Field(gt=0, le=3)]
_Factor = Annotated[float, Field(gt=0, le=100)]
_Minutes = Annotated[float, Field(gt=0, le=240)]
_FIXED = ("facility_id", "name", "roles", "stage", "lon", "lat", "wkt")
_DERIVED = ("town_name", "community_name", "location_quality", "placed_by")
"""Columns that a facility of a scenario has from its place."""
_DATUM_NAMES = {"gcj02": "GCJ-02", "bd09": "BD-09"}


class _Part(BaseModel):
    """A table of the file; unknown keys are problems."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Priced(_Part):
    cost_yuan: _Cost | None = None


class _Placed(_Priced):
    datum: Datum = "wgs84"


class _Add(_Placed):
    facility_id: _Name
    name: _Name
    roles: list[str] = Field(min_length=1)
    lon: _Lon | None = None
    lat: _Lat | None = None
    stage: str = "operating"
    columns: dict[str, Cell] = Field(default_factory=dict)
    services: dict[str, _Cost] = Field(default_factory=dict)
    year: _Year | None = None


class _Close(_Priced):
    facility_id: _Name


class _Move(_Placed):
    facility_id: _Name
    lon: _Lon
    lat: _Lat


class _Enlarge(_Priced):
    facility_id: _Name
    columns: dict[str, Cell] = Field(default_factory=dict)
    services: dict[str, _Cost] = Field(default_factory=dict)


class _Circle(_Part):
    circle: _Name
    setting: Literal["urban", "rural"] | None = None
    minutes: _Minutes | None = None
    profile: str | None = None
    accept: list[str] = Field(default_factory=list)


class _Profile(_Part):
    profile: _Name
    walk_speed_mps: _Speed | None = None
    speed_factor: _Factor | None = None
    stairs_factor: Annotated[float, Field(ge=1, le=100)] | None = None


class _Road(_Placed):
    line: list[_Place] = Field(min_length=2)
    highway: _Name = "residential"
    oneway: bool = False
    bridge: bool = False
    name: _Text = ""


class _CloseRoad(_Placed):
    name: _Text = ""
    lon: _Lon | None = None
    lat: _Lat | None = None


class _Lift(_Placed):
    lon: _Lon
    lat: _Lat
    form: Literal["lift", "escalator"] = "lift"


class _Elders(_Part):
    units: list[str] = Field(default_factory=list)
    factor: Annotated[float, Field(ge=0, le=100)] | None = None
    elders: _Count | None = None
    age_from: _Age | None = None
    age_to: _Age | None = None
    group: str = ""
    year: _Year | None = None


class _Stops(_Part):
    circle: _Name
    minutes: _Minutes = 15.0
    profile: str = "elder"
    counts: bool = False


class _Header(_Part):
    name: Annotated[str, Field(min_length=1, max_length=200)]
    note: Annotated[str, Field(max_length=2000)] = ""


_PARTS: Mapping[str, type[_Part]] = {
    "profile": _Profile,
    "circle": _Circle,
    "road": _Road,
    "close_road": _CloseRoad,
    "lift": _Lift,
    "add": _Add,
    "move": _Move,
    "enlarge": _Enlarge,
    "close": _Close,
    "elders": _Elders,
    "mobile_stops": _Stops,
}


def read_scenario(path: str | Path) -> Scenario:
    """Read a scenario file.

    Parameters
    ----------
    path
        A TOML file as ``docs/scenarios.md`` has it.

    Returns
    -------
    Scenario

    Raises
    ------
    InputError
        The file is missing, is no TOML, or has problems; all of them are listed. What can only
        be told beside a study (ids, circles, roads) is told where it is applied.
    """
    scenario, problems = parse_scenario(path)
    if problems:
        raise InputError(problems)
    return scenario


def parse_scenario(path: str | Path) -> tuple[Scenario, list[Problem]]:
    """Return what can be read of a scenario file, and what is wrong with it.

    Parameters
    ----------
    path
        A TOML file.

    Raises
    ------
    InputError
        It cannot be read at all.
    """
    file = Path(path)
    told = read_toml(file, missing=Problem("scenario_missing", source=str(file)))
    header = told.pop("scenario", None)
    named = [_Table("scenario", "scenario", header if header is not None else {})]
    for kind, tables in told.items():
        listed = tables if isinstance(tables, list) else [tables]
        named += [_Table(f"{kind}[{at}]", kind, one) for at, one in enumerate(listed, start=1)]
    return _scenario(named, source=file.name)


def scenario_of(record: Mapping[str, object]) -> Scenario:
    """Return the scenario of a record: :meth:`Scenario.record` back again.

    Raises
    ------
    InputError
        The record is not one of ours.
    """
    source = str(record.get("source", ""))
    header = {"name": record.get("name"), "note": record.get("note", "")}
    named = [_Table("scenario", "scenario", header)]
    changes = record.get("changes")
    for at, one in enumerate(changes if isinstance(changes, list) else [], start=1):
        table = dict(one) if isinstance(one, Mapping) else {}
        named.append(_Table(f"changes[{at}]", str(table.pop("kind", "")), table))
    scenario, problems = _scenario(named, source=source, in_order=True)
    if problems:
        raise InputError(problems)
    return scenario


class _Table:
    """A table of a file with its key and its kind."""

    def __init__(self, key: str, kind: str, content: object) -> None:
        self.key, self.kind, self.content = key, kind, content


def _scenario(
    named: list[_Table], *, source: str, in_order: bool = False
) -> tuple[Scenario, list[Problem]]:
    problems: list[Problem] = []
    header: _Header | None = None
    found: list[tuple[int, Change]] = []
    order = list(KINDS)
    for table in named:
        part = _part(table, source, problems)
        if isinstance(part, _Header):
            header = part
        elif part is not None:
            change = _change(table.kind, part)
            problems += [
                Problem(code, source=source, column=f"{table.key}{at}", value=value, values=values)
                for code, at, value, values in _faults(change)
            ]
            found.append((0 if in_order else order.index(table.kind), change))
    if not found and not problems:
        problems.append(Problem("scenario_empty", source=source))
    changes = [change for _, change in sorted(found, key=lambda pair: pair[0])]
    name, note = (header.name, header.note) if header else ("-", "")
    return Scenario(name, tuple(changes), note, source), problems


def _part(table: _Table, source: str, problems: list[Problem]) -> _Part | None:
    model = _Header if table.kind == "scenario" else _PARTS.get(table.kind)
    if model is None:
        known = ", ".join(("scenario", *_PARTS))
        values = {"known": known}
        problems.append(
            Problem(
                "unknown_code", source=source, column=table.key, value=table.kind, values=values
            )
        )
        return None
    try:
        return model.model_validate(table.content)
    except ValidationError as error:
        problems += [_problem(one, table.key, source) for one in error.errors(include_url=False)]
        return None


def _problem(finding: ErrorDetails, key: str, source: str) -> Problem:
    codes = {"extra_forbidden": "study_unknown_key", "missing": "study_missing_key"}
    inner = "".join(
        f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in finding["loc"]
    )
    code = codes.get(finding["type"], "study_value")
    value = None if code == "study_missing_key" else str(finding["input"])[:120]
    values = expected_words(finding)
    return Problem(code, source=source, column=f"{key}{inner}", value=value, values=values)


def _change(kind: str, part: _Part) -> Change:
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in part.model_dump().items()
    }
    make: Callable[..., Change] = KINDS[kind]
    return make(**given)


_Fault = tuple[str, str, str | None, dict[str, object]]


def _faults(change: Change) -> Iterator[_Fault]:
    """Yield what is wrong with a change by itself: code, key in it, value, fields."""
    yield from _datum_faults(change)
    if isinstance(change, AddFacility | EnlargeFacility):
        yield from _list_faults(change)
    if isinstance(change, AddFacility):
        yield from _unknown(".roles", change.roles, FACILITY_TYPES)
        yield from _unknown(".stage", (change.stage,), STAGES)
    if isinstance(change, AddFacility | CloseRoad) and (change.lon is None) != (change.lat is None):
        yield "scenario_half_place", "", None, {}
    if isinstance(change, CloseRoad) and not change.name and change.lon is None:
        yield "scenario_which_road", "", None, {}
    if isinstance(change, ChangeCircle):
        yield from _unknown(".accept", change.accept, FACILITY_TYPES)
        if change.minutes is None and change.profile is None and not change.accept:
            yield "scenario_nothing", "", None, {}
    if isinstance(change, ChangeProfile) and not any(
        (change.walk_speed_mps, change.speed_factor, change.stairs_factor)
    ):
        yield "scenario_nothing", "", None, {}
    if isinstance(change, ChangeElders):
        yield from _unknown(".group", (change.group,) if change.group else (), PRIORITY_GROUPS)
        if (change.factor is None) == (change.elders is None):
            yield "scenario_factor_or_elders", "", None, {}


def _datum_faults(change: Change) -> Iterator[_Fault]:
    """Find places in a Chinese datum that are not in China: they cannot be converted."""
    datum = getattr(change, "datum", "wgs84")
    if datum not in ("gcj02", "bd09"):
        return
    lon, lat = getattr(change, "lon", None), getattr(change, "lat", None)
    places = change.line if isinstance(change, AddRoad) else ((lon, lat),)
    for lon, lat in places:
        if lon is not None and lat is not None and bool(outside_china(lon, lat)):
            values: dict[str, object] = {"name": _DATUM_NAMES[datum]}
            yield "scenario_outside_china", "", f"{lon:.5f},{lat:.5f}", values


def _list_faults(change: AddFacility | EnlargeFacility) -> Iterator[_Fault]:
    own = tuple(name for name in FACILITIES.names if name not in (*_FIXED, *_DERIVED))
    may = own if isinstance(change, AddFacility) else (*own, "stage", "roles", "name")
    yield from _unknown(".columns", tuple(change.columns), may)
    yield from _unknown(".services", tuple(change.services), SERVICES)
    for name, value in change.columns.items():
        if name not in may:
            continue
        expected = _fault_of(FACILITIES.column(name).kind, value)
        if expected:
            values: dict[str, object] = {"expected": expected, "bound": ""}
            yield "study_value", f".columns.{name}", str(value)[:120], values
    if isinstance(change, EnlargeFacility):
        if not change.columns and not change.services:
            yield "scenario_nothing", "", None, {}
        yield from _unknown(".columns.stage", _words(change, "stage"), STAGES)
        yield from _unknown(".columns.roles", _words(change, "roles"), FACILITY_TYPES)


def _fault_of(kind: str, value: Cell) -> str:
    """Return what a cell of a kind must be, "" where it is that."""
    if kind == "flag":
        return "" if isinstance(value, bool) else "bool_type"
    if kind in ("integer", "number"):
        number = isinstance(value, int | float) and not isinstance(value, bool)
        right = number and float(value) >= 0 and (kind == "number" or float(value).is_integer())
        return "" if right else ("int_type" if kind == "integer" else "float_type")
    return "" if isinstance(value, str) else "string_type"


def _words(change: EnlargeFacility, column: str) -> tuple[str, ...]:
    return tuple(str(change.columns[column]).split(";")) if column in change.columns else ()


def _unknown(key: str, words: tuple[str, ...], known: tuple[str, ...]) -> Iterator[_Fault]:
    for word in words:
        if word not in known:
            yield "unknown_code", key, word, {"known": ", ".join(known)}

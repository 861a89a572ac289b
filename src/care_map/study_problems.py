"""What is wrong with a study file: every part is looked at, whatever is wrong with the others.

What cannot be read is told and left out; all the rest is looked at further, for what one part
says of another and for files that are not there.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from care_map.errors import Problem
from care_map.expected import expected_words
from care_map.schema import (
    BUILDINGS,
    CANDIDATES,
    CROSSWALK,
    DEMAND_COUNTS,
    FACILITY_LIST,
    RECEIVED,
    ROADS,
    SERVICES_LIST,
    STATED,
    TARGETS,
    UNIT_LIST,
    Table,
)
from care_map.study_file import DeliveryTable, StudyFile
from care_map.tile_sources import tile_faults
from care_map.values import PROFILES
from care_map.vocabulary import FACILITY_TYPES

__all__ = ["find_problems"]

_TABLES: Mapping[str, Table] = {
    "units": UNIT_LIST,
    "facilities": FACILITY_LIST,
    "demand": DEMAND_COUNTS,
    "targets": TARGETS,
    "services": SERVICES_LIST,
    "stated": STATED,
    "received": RECEIVED,
    "crosswalk": CROSSWALK,
    "candidates": CANDIDATES,
}
_NAMELESS = "-"


@dataclass(frozen=True, slots=True)
class _Parts:
    """What can be read of a study file.

    Parameters
    ----------
    file
        The parts that are right.
    numbers
        By kind of part, their numbers in the file as written, from 1.
    faulty
        Keys of parts that something was left out of, such as ``circle[2]``.
    profiles
        Names of all profiles, those included that the file defines wrongly.
    """

    file: StudyFile
    numbers: Mapping[str, list[int]]
    faulty: frozenset[str]
    profiles: tuple[str, ...]

    def each(self, kind: str) -> Iterator[tuple[str, Any]]:
        """Yield the parts of a kind, each after its key in the file."""
        parts = getattr(self.file, kind)
        for number, part in zip(self.numbers.get(kind, ()), parts, strict=True):
            yield f"{kind}[{number}]", part


def find_problems(
    tables: Mapping[str, Any], *, folder: Path, source: str
) -> tuple[StudyFile, list[Problem]]:
    """Validate a study file as a whole.

    Parameters
    ----------
    tables
        The file as TOML; ``units`` is a list.
    folder
        Folder that paths start from.
    source
        Name of the file, for messages.

    Returns
    -------
    StudyFile
        The parts that can be read: the whole study if there are no problems.
    list of Problem
    """
    parts, problems = _read_parts(tables, source)
    problems += [
        *_profile_problems(parts, source),
        *_circle_problems(parts, source),
        *_file_problems(parts, folder, source),
        *_mapping_problems(parts, source),
        *_spread_problems(parts, source),
        *_robustness_problems(parts, source),
        *_tile_problems(parts, source),
    ]
    return parts.file, problems


def _read_parts(tables: Mapping[str, Any], source: str) -> tuple[_Parts, list[Problem]]:
    told = deepcopy(dict(tables))
    numbers = {
        kind: list(range(1, len(parts) + 1))
        for kind, parts in told.items()
        if isinstance(parts, list)
    }
    own = [table.get("name") for table in _listed(told, "profile") if isinstance(table, dict)]
    profiles = (*PROFILES, *(name for name in own if isinstance(name, str)))
    faulty: set[str] = set()
    problems: list[Problem] = []
    while True:
        try:
            file = StudyFile.model_validate(told)
        except ValidationError as error:
            findings = error.errors(include_url=False)
            # What later rounds find is missing because an earlier one has left it out.
            problems = problems or [_problem(finding, source) for finding in findings]
            faulty |= _leave_out(told, numbers, findings)
        else:
            return _Parts(file, numbers, frozenset(faulty), profiles), problems


def _listed(tables: Mapping[str, Any], kind: str) -> list[Any]:
    parts = tables.get(kind)
    return parts if isinstance(parts, list) else []


def _leave_out(
    told: dict[str, Any], numbers: dict[str, list[int]], findings: list[ErrorDetails]
) -> set[str]:
    """Take out each key that is wrong, and each part that lacks one; return the parts' keys."""
    faulty: set[str] = set()
    gone: set[tuple[str, int]] = set()
    for finding in findings:
        kind, *rest = finding["loc"]
        kind, lacks = str(kind), finding["type"] == "missing"
        if kind == "study" and (lacks or not rest):
            header = told.get("study")
            told["study"] = {**(header if isinstance(header, dict) else {}), "name": _NAMELESS}
        elif rest and isinstance(rest[0], int):
            index, *inner = rest[0], *map(str, rest[1:])
            faulty.add(f"{kind}[{numbers[kind][index]}]")
            if not inner or (lacks and not inner[1:]):
                gone.add((kind, index))
            else:
                told[kind][index].pop(inner[0], None)
        elif not rest or lacks:
            told.pop(kind, None)
        else:
            told.get(kind, {}).pop(rest[0], None)
    for kind, index in sorted(gone, reverse=True):
        del told[kind][index], numbers[kind][index]
    return faulty


def _problem(finding: ErrorDetails, source: str) -> Problem:
    """Turn a finding of pydantic into ours: which key, which value, what it must be."""
    codes = {"extra_forbidden": "study_unknown_key", "missing": "study_missing_key"}
    key = ".".join(
        f"[{part + 1}]" if isinstance(part, int) else part for part in finding["loc"]
    ).replace(".[", "[")
    code = codes.get(finding["type"], "study_value")
    value = None if code == "study_missing_key" else str(finding["input"])[:120]
    return Problem(code, source=source, column=key, value=value, values=expected_words(finding))


def _profile_problems(parts: _Parts, source: str) -> Iterator[Problem]:
    seen = set(PROFILES)
    for key, table in parts.each("profile"):
        if table.name in seen:
            yield Problem("profile_twice", source=source, column=f"{key}.name", value=table.name)
        seen.add(table.name)
        if table.base not in PROFILES:
            yield _unknown(source, f"{key}.base", table.base, tuple(PROFILES))


def _circle_problems(parts: _Parts, source: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for key, table in parts.each("circle"):
        rules = table.circle().rules
        if table.id in seen:
            yield Problem("circle_twice", source=source, column=f"{key}.id", value=table.id)
        seen.add(table.id)
        halved = (table.profile is None) != (table.minutes is None)
        # A rule that cannot be read is told already: it is not missing as well.
        if (halved or not rules) and key not in parts.faulty:
            yield Problem("circle_without_rule", source=source, column=key, value=table.id)
        if not table.require or not all(table.require):
            yield Problem("circle_without_types", source=source, column=f"{key}.require")
        for name in (name for group in table.require for name in group):
            if name not in FACILITY_TYPES:
                yield _unknown(source, f"{key}.require", name, FACILITY_TYPES)
        named = [*([table.profile] if table.profile else []), *(r.profile for r in rules.values())]
        for name in dict.fromkeys(named):
            if name not in parts.profiles:
                yield _unknown(source, f"{key}.profile", name, parts.profiles)
        if table.delivery:
            yield from _delivery_problems(parts, f"{key}.delivery", table.delivery, source)


def _delivery_problems(
    parts: _Parts, key: str, delivery: DeliveryTable, source: str
) -> Iterator[Problem]:
    if not delivery.types:
        yield Problem("delivery_without_types", source=source, column=f"{key}.types")
    for name in delivery.types:
        if name not in FACILITY_TYPES:
            yield _unknown(source, f"{key}.types", name, FACILITY_TYPES)
    if delivery.profile not in parts.profiles:
        yield _unknown(source, f"{key}.profile", delivery.profile, parts.profiles)


def _file_problems(parts: _Parts, folder: Path, source: str) -> Iterator[Problem]:
    paths = [(key, part.path) for kind in _TABLES for key, part in parts.each(kind)]
    single = {"roads": parts.file.roads, "elevation": parts.file.elevation}
    paths += [(key, part.path) for key, part in single.items() if part]
    homes = [(key, part.buildings) for key, part in parts.each("demand")]
    paths += [(f"{key}.buildings", part.path) for key, part in homes if part]
    for key, path in paths:
        if not _is_file(folder / path):
            yield Problem("file_missing", source=source, column=f"{key}.path", value=str(path))


def _robustness_problems(parts: _Parts, source: str) -> Iterator[Problem]:
    """Find ends of a range that are the wrong way round."""
    drawn = parts.file.robustness
    for name in ("speed", "snap", "detour"):
        low, high = (float(getattr(drawn, f"{name}_{end}")) for end in ("low", "high"))
        if low > high:
            yield Problem(
                "range_reversed",
                source=source,
                column=f"robustness.{name}_low",
                value=str(low),
                values={"high": high},
            )


def _tile_problems(parts: _Parts, source: str) -> Iterator[Problem]:
    """Find tiles that cannot be loaded, or that do not lie where the data lies."""
    asked = parts.file.map
    if asked.tiles is None:
        return
    for fault in tile_faults(asked.tiles, key=asked.key, datum=asked.datum):
        values = {"datum": fault.datum.upper()}
        column = f"map.{fault.key}"
        yield Problem(fault.code, source=source, column=column, value=fault.value, values=values)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that is longer than any file's
        return False


def _mapping_problems(parts: _Parts, source: str) -> Iterator[Problem]:
    """Find names of columns that are none of ours."""
    roads = parts.file.roads
    mappings = [
        (f"{key}.{field}", getattr(part, field), table)
        for kind, table in _TABLES.items()
        for key, part in parts.each(kind)
        for field in ("columns", "values")
    ]
    mappings += [
        (f"{key}.buildings.columns", part.buildings.columns, BUILDINGS)
        for key, part in parts.each("demand")
        if part.buildings
    ]
    mappings += [("roads.columns", roads.columns, ROADS)] if roads else []
    for key, mapping, table in mappings:
        for name in mapping:
            if name not in table.names:
                yield _unknown(source, key, name, tuple(table.names))


def _spread_problems(parts: _Parts, source: str) -> Iterator[Problem]:
    """Find counts that are to be spread over something that the study does not name."""
    for key, part in parts.each("demand"):
        if key in parts.faulty:
            continue
        if part.spread == "buildings" and part.buildings is None:
            yield Problem("spread_needs_buildings", source=source, column=f"{key}.spread")
        if part.spread == "roads" and parts.file.roads is None:
            yield Problem("spread_needs_roads", source=source, column=f"{key}.spread")
        if part.buildings is not None and part.spread != "buildings":
            yield Problem("buildings_unused", source=source, column=f"{key}.buildings")


def _unknown(source: str, key: str, value: str, known: tuple[str, ...]) -> Problem:
    return Problem(
        "unknown_code",
        source=source,
        column=key,
        value=value,
        values={"known": ", ".join(known)},
    )

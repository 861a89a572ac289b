"""The study file: one TOML that names a study's inputs, circles and outputs.

It is validated as a whole; all problems are reported together with the key they are at. Paths
are relative to the file. Its tables are in :mod:`care_map.study_file`.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from care_map.circles import circles_of_pack, join_circles
from care_map.errors import InputError, Problem
from care_map.messages import Language
from care_map.packs.pack_file import PackFile
from care_map.packs.reader import pack_files, read_pack
from care_map.scenarios import Scenario
from care_map.study_file import (
    DEFAULT_CIRCLES,
    BuildingSource,
    CandidateSource,
    CrosswalkSource,
    DataLabel,
    DemandSource,
    FacilitySource,
    MapSettings,
    OutputSettings,
    ReceivedSource,
    RoadSource,
    ServiceSource,
    StatedSource,
    TableSource,
    TargetSource,
    UnitSource,
)
from care_map.study_problems import find_problems
from care_map.toml_file import read_toml
from care_map.values import (
    DEFAULT_LIMITS,
    DEFAULT_ROBUSTNESS,
    PROFILES,
    Circle,
    Limits,
    Profile,
    Robustness,
)
from care_map.vocabulary import Setting

__all__ = [
    "DEFAULT_CIRCLES",
    "BuildingSource",
    "CandidateSource",
    "CrosswalkSource",
    "DataLabel",
    "DemandSource",
    "FacilitySource",
    "MapSettings",
    "OutputSettings",
    "ReceivedSource",
    "RoadSource",
    "ServiceSource",
    "StatedSource",
    "Study",
    "TableSource",
    "TargetSource",
    "UnitSource",
    "read_study",
]


_LISTS = (
    "units",
    "facilities",
    "demand",
    "targets",
    "services",
    "stated",
    "received",
    "crosswalk",
    "candidates",
)
"""The lists that a study can have, each any number of times."""


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
    pack
        The policy pack that the study is judged by, read; its circles are among `circles`.
    pack_files
        Files of a pack of the study's own, as paths like those of its inputs; none of one that
        comes with the package.
    data
        ``"synthetic"`` and ``"proxy"`` are said on every output.
    setting
        Setting of units that do not tell theirs.
    own_profiles
        Profiles that the study defines.
    scenario
        What is otherwise than in the files, None for nothing: see :func:`care_map.with_scenario`.
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    root: Path
    file: Path | None = None
    name: str
    as_of: dt.date | None = None
    language: Language = "zh"
    pack: PackFile | None = None
    pack_files: tuple[Path, ...] = ()
    data: DataLabel = "real"
    setting: Setting | None = None
    attribution: str = ""
    approval_number: str = ""
    roads: RoadSource | None = None
    units: tuple[UnitSource, ...] = ()
    facilities: tuple[FacilitySource, ...] = ()
    demand: tuple[DemandSource, ...] = ()
    targets: tuple[TargetSource, ...] = ()
    services: tuple[ServiceSource, ...] = ()
    stated: tuple[StatedSource, ...] = ()
    received: tuple[ReceivedSource, ...] = ()
    crosswalk: tuple[CrosswalkSource, ...] = ()
    candidates: tuple[CandidateSource, ...] = ()
    elevation: Path | None = None
    circles: tuple[Circle, ...] = DEFAULT_CIRCLES
    own_profiles: tuple[Profile, ...] = ()
    limits: Limits = DEFAULT_LIMITS
    robustness: Robustness = DEFAULT_ROBUSTNESS
    map: MapSettings = Field(default_factory=MapSettings)
    scenario: Scenario | None = None
    output: OutputSettings = Field(default_factory=OutputSettings)

    @property
    def profiles(self) -> dict[str, Profile]:
        """The profiles that the circles are read with, by name."""
        known = {**PROFILES, **{profile.name: profile for profile in self.own_profiles}}
        return {name: known[name] for circle in self.circles for name in circle.profiles}

    def path(self, relative: Path) -> Path:
        """Return a path of the study file as one that can be opened."""
        return self.root / relative

    def sources(self) -> Iterator[tuple[str, Path]]:
        """Yield each input as (its key in the study file, its path as written)."""
        for file in self.pack_files:
            list_of_it = file.stem.rpartition("_")[2] if file.suffix == ".csv" else ""
            yield ".".join(filter(None, ("study.pack", list_of_it))), file
        if self.roads:
            yield "roads.path", self.roads.path
        for kind in _LISTS:
            for number, source in enumerate(getattr(self, kind), start=1):
                yield f"{kind}[{number}].path", source.path
                if isinstance(source, DemandSource) and source.buildings:
                    yield f"{kind}[{number}].buildings", source.buildings.path
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
    tables = read_toml(file, missing=Problem("study_missing", source=str(file)))
    if isinstance(tables.get("units"), dict):
        tables["units"] = [tables["units"]]
    root = file.resolve().parent
    parsed, problems = find_problems(tables, folder=root, source=file.name)
    pack, found = _pack_of(parsed.study.pack, root, file.name)
    if problems or found:
        raise InputError([*problems, *found])
    official = circles_of_pack(pack) if pack else ()
    return Study(
        root=root,
        file=file.resolve(),
        **parsed.study.model_dump(exclude={"pack"}),
        pack=pack,
        pack_files=pack_files(parsed.study.pack, folder=root) if parsed.study.pack else (),
        roads=parsed.roads,
        units=tuple(parsed.units),
        facilities=tuple(parsed.facilities),
        demand=tuple(parsed.demand),
        targets=tuple(parsed.targets),
        services=tuple(parsed.services),
        stated=tuple(parsed.stated),
        received=tuple(parsed.received),
        crosswalk=tuple(parsed.crosswalk),
        candidates=tuple(parsed.candidates),
        elevation=parsed.elevation.path if parsed.elevation else None,
        circles=join_circles(official, (table.circle() for table in parsed.circle))
        or DEFAULT_CIRCLES,
        own_profiles=tuple(table.profile() for table in parsed.profile),
        limits=Limits(**parsed.limits.model_dump()),
        robustness=Robustness(**parsed.robustness.model_dump()),
        map=parsed.map,
        output=parsed.output,
    )


def _pack_of(name: str | None, root: Path, source: str) -> tuple[PackFile | None, list[Problem]]:
    """Return the pack that a study names, and what is wrong with it or with its name."""
    if not name:
        return None, []
    try:
        return read_pack(name, folder=root), []
    except InputError as error:
        return None, [
            one if one.source else replace(one, source=source, column="study.pack")
            for one in error.problems
        ]

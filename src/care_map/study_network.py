"""A study's roads and elevation → its network, built anew or taken from where it is kept."""

import hashlib
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path

import numpy as np
from pyproj import CRS

from care_map.config import RoadSource, Study
from care_map.diagnostics.network_report import hill_problems
from care_map.errors import InputError, OutputError, Problem
from care_map.inputs.elevation import Elevation, read_elevation
from care_map.inputs.roads import read_roads
from care_map.inputs.tables import RoadTable
from care_map.network.build import build_network
from care_map.network.reading import RoadReading, keep_reading, kept_reading, read_off
from care_map.network.road_network import RoadNetwork
from care_map.network.scenario_roads import changed_roads
from care_map.network.store import cached_network, network_key

__all__ = ["Ground", "read_ground"]

_NOTHING = RoadReading(None, None, ())


@dataclass(frozen=True, slots=True)
class Ground:
    """What a study knows of the ground: its roads, and its elevation if it has one.

    Parameters
    ----------
    study
        Whose ground it is.
    reading
        What is known of the roads beside their network.
    problems
        Findings that did not stop the reading.
    table, elevation
        As read; None where the study has none, or where they are kept and were not read.
    key
        What a kept network is made of; empty where none is kept.
    """

    study: Study
    reading: RoadReading
    problems: tuple[Problem, ...]
    table: RoadTable | None = None
    elevation: Elevation | None = None
    key: str = ""

    def network(self, crs: CRS) -> tuple[RoadNetwork | None, tuple[Problem, ...]]:
        """Build the network, or open the one that is kept.

        Parameters
        ----------
        crs
            Metric CRS of the network.

        Returns
        -------
        RoadNetwork or None
            None without roads.
        tuple of Problem
            What the elevation leaves open, and what became of the cache.

        Raises
        ------
        InputError
            The elevation covers no road.
        """
        roads, elevation = self.study.roads, self.study.elevation
        if roads is None:
            return None, ()
        if self.key and roads.cache is not None:
            network, problems = self._kept(crs, roads, roads.cache)
        else:
            table, problems = self._table(crs, roads)
            network = build_network(table, crs, elevation=self._heights())
        if elevation is None:
            return network, problems
        return network, (*problems, *hill_problems(network, elevation.as_posix()))

    def road_errors(self, crs: CRS) -> tuple[Problem, ...]:
        """Return what the study's scenario asks of roads that are not there."""
        if self.study.roads is not None:
            try:
                self._table(crs, self.study.roads)
            except InputError as error:
                return error.problems
        return ()

    def _table(self, crs: CRS, roads: RoadSource) -> tuple[RoadTable, tuple[Problem, ...]]:
        """Return the roads, changed as the study's scenario has them."""
        table = self.table or _read_roads(self.study, roads)[0]
        scenario = self.study.scenario
        if scenario is None or not scenario.changes_roads:
            return table, ()
        return changed_roads(table, scenario, crs)

    def _heights(self) -> Elevation | None:
        return self.elevation or _read_elevation(self.study)

    def _build(self, crs: CRS, roads: RoadSource) -> RoadNetwork:
        table, _ = self._table(crs, roads)
        return build_network(table, crs, elevation=self._heights())

    def _kept(
        self, crs: CRS, roads: RoadSource, cache: Path
    ) -> tuple[RoadNetwork, tuple[Problem, ...]]:
        problems: list[Problem] = []
        built: list[RoadNetwork] = []

        def build() -> RoadNetwork:
            built.append(self._build(crs, roads))
            return built[0]

        try:
            network = cached_network(
                roads.path,
                build,
                key=hashlib.sha256(f"{self.key} {crs.to_json()}".encode()).hexdigest(),
                folder=self.study.path(cache),
                damaged=lambda name: problems.append(_damaged(cache, name)),
            )
        except OutputError as error:
            return built[0], (*problems, _unwritable(cache, error))
        return network, tuple(problems)


def read_ground(study: Study) -> Ground:
    """Read a study's roads and elevation, or what is kept of them.

    Parameters
    ----------
    study
        What to read.

    Returns
    -------
    Ground

    Raises
    ------
    InputError
        The roads or the elevation cannot be used; the errors of both are in it.
    """
    roads = study.roads
    if study.scenario is not None and study.scenario.changes_roads:
        # Its network is of this scenario alone: nothing of it is kept.
        return _read(study)
    if roads is None or roads.cache is None:
        return _read(study)
    try:
        key = _key(study, roads)
    except InputError:
        # Reading tells what is wrong with both files.
        return _read(study)
    file = study.path(roads.cache) / f"{roads.path.name}-{key[:16]}.reading"
    problems: list[Problem] = []
    if file.exists():
        reading = kept_reading(file, key=key)
        if reading is not None:
            return Ground(study, reading, reading.problems, key=key)
        problems.append(_damaged(roads.cache, file.name))
    ground = _read(study)
    try:
        keep_reading(ground.reading, file, key=key)
    except OutputError as error:
        problems.append(_unwritable(roads.cache, error))
        key = ""
    return replace(ground, problems=(*ground.problems, *problems), key=key)


def _read(study: Study) -> Ground:
    """Read roads and elevation; the errors of one hide nothing of the other."""
    errors: list[Problem] = []
    table: RoadTable | None = None
    elevation: Elevation | None = None
    found: tuple[Problem, ...] = ()
    if study.roads is not None:
        try:
            table, found = _read_roads(study, study.roads)
        except InputError as error:
            errors.extend(error.problems)
    try:
        elevation = _read_elevation(study)
    except InputError as error:
        errors.extend(error.problems)
    if table is not None and elevation is not None and not _covers(elevation, table):
        source = elevation.source
        errors.append(Problem("elevation_elsewhere", source=source, column="elevation.path"))
    if errors:
        raise InputError(errors)
    reading = _NOTHING if table is None else read_off(table, found)
    return Ground(study, reading, found, table, elevation)


def _read_roads(study: Study, roads: RoadSource) -> tuple[RoadTable, tuple[Problem, ...]]:
    return read_roads(study.path(roads.path), source=roads)


def _read_elevation(study: Study) -> Elevation | None:
    if study.elevation is None:
        return None
    return read_elevation(study.path(study.elevation), shown=study.elevation.as_posix())


def _covers(elevation: Elevation, table: RoadTable) -> bool:
    """Tell whether any vertex has a height: to build the network for that takes longer."""
    return not len(table.lon) or bool(np.isfinite(elevation.sample(table.lon, table.lat)).any())


def _key(study: Study, roads: RoadSource) -> str:
    """Return what the network and its findings depend on, but for the CRS, as one word."""
    try:
        version = metadata.version("care-map")
    except metadata.PackageNotFoundError:
        version = ""
    elevation = study.elevation
    parameters = {
        "version": version,
        "roads": roads.model_dump(mode="json", exclude={"path", "cache"}),
        "elevation": None if elevation is None else elevation.as_posix(),
    }
    return network_key(
        study.path(roads.path),
        elevation_path=None if elevation is None else study.path(elevation),
        parameters=parameters,
    )


def _damaged(cache: Path, name: str) -> Problem:
    return Problem("cache_damaged", "warning", cache.as_posix(), column="roads.cache", value=name)


def _unwritable(cache: Path, error: OutputError) -> Problem:
    found = error.problems[0]
    detail = {"detail": found.values.get("detail", found.source)}
    return Problem(
        "cache_unwritable", "warning", cache.as_posix(), column="roads.cache", values=detail
    )

"""The tables and keys of the study file, as pydantic reads them.

Wrong types, unknown and missing keys are found here; what one part says of another, and whether
files are there, is looked at in :mod:`care_map.study_problems`.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from care_map.circles import circle_rules, delivery_of
from care_map.messages import Language
from care_map.values import (
    DEFAULT_LIMITS,
    DEFAULT_ROBUSTNESS,
    KPH_PER_MPS,
    PROFILES,
    Circle,
    CircleRule,
    Datum,
    Direction,
    Exactness,
    Profile,
    Slope,
)
from care_map.vocabulary import Level, Setting

__all__ = [
    "DEFAULT_CIRCLES",
    "BuildingSource",
    "CandidateSource",
    "CircleTable",
    "CrosswalkSource",
    "DataLabel",
    "DeliveryTable",
    "DemandSource",
    "FacilitySource",
    "MapSettings",
    "OutputSettings",
    "ProfileTable",
    "ReceivedSource",
    "RoadSource",
    "ServiceSource",
    "StatedSource",
    "StudyFile",
    "TableSource",
    "TargetSource",
    "UnitSource",
]

DataLabel = Literal["real", "synthetic", "proxy"]
LayerFormat = Literal["geojson", "shapefile", "geoparquet"]
LayerCrs = Literal["metric", "cgcs2000", "wgs84"]
Residence = Literal["resident", "registered"]
ElderAge = Annotated[int, Field(ge=50, le=100)]
Minutes = Annotated[float, Field(gt=0, le=240)]
Metres = Annotated[float, Field(ge=0, le=100_000)]
Factor = Annotated[float, Field(ge=0.25, le=4.0)]

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
        Layer or sheet, the first one without it; ``*`` is every sheet of a workbook.
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
    """Units: polygons or a list.

    Attributes
    ----------
    level
        Level where the file has no such column.
    elder_age
        Age from which its elders count, and the share that is taken.
    """

    level: Level | None = None
    elder_age: ElderAge = 60


class FacilitySource(TableSource):
    """Facilities of one or several types."""


class BuildingSource(_Part):
    """Buildings that counts are spread over: a path alone, or a table with these keys.

    Attributes
    ----------
    path
        OSM extract, or a layer of polygons.
    layer, datum, columns
        As for a table, for a layer of polygons only.
    """

    path: Path = Field(strict=False)
    layer: str | None = None
    datum: Datum = "wgs84"
    columns: Mapping[str, str] = Field(default_factory=dict)


def _as_table(given: object) -> object:
    return {"path": given} if isinstance(given, str) else given


class DemandSource(TableSource):
    """Elders as records, counts at places or in units, or a raster of them.

    Attributes
    ----------
    elder_age
        Age from which the source counts, and the share that is taken; printed with every figure.
    weights
        Whether the counts are shares of an unknown total and not persons; said on every output.
    residence
        Whose demand this is: residents, or those registered here; everybody without it.
    spread
        Over what counts of units are spread, from their own area; not at all without it.
    buildings
        The buildings for it.
    bands
        Bands of a raster → age from which each counts.
    """

    elder_age: ElderAge = 60
    weights: bool = False
    residence: Residence | None = None
    spread: Literal["buildings", "roads"] | None = None
    buildings: Annotated[BuildingSource, BeforeValidator(_as_table)] | None = None
    bands: Mapping[str, Annotated[int, Field(ge=0, le=120)]] = Field(default_factory=dict)


class TargetSource(TableSource):
    """What a notice or a plan asks for; counted besides the targets of the study's pack."""


class ServiceSource(TableSource):
    """Services that facilities give, a row each."""


class CandidateSource(TableSource):
    """Places where facilities could be opened, such as a list of idle property."""


class StatedSource(TableSource):
    """Figures that no list can give, typed in with where they are shown."""


class ReceivedSource(TableSource):
    """Returns that towns owed for a quarter, with the day each came."""


class CrosswalkSource(TableSource):
    """What units of one time have become in another: renamed, merged or split."""


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
    cache
        Folder where the network that is built of them is kept; it is built anew without one.
    """

    path: Path = Field(strict=False)
    layer: str | None = None
    datum: Datum = "wgs84"
    columns: Mapping[str, str] = Field(default_factory=dict)
    tolerance_m: Annotated[float, Field(ge=0, le=50)] = 0.0
    cache: Path | None = Field(default=None, strict=False)


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


class DeliveryTable(_Part):
    """Who comes to the home: ``delivery`` of a ``[[circle]]``."""

    types: list[str]
    profile: str
    minutes: Minutes


class CircleTable(_Part):
    """One ``[[circle]]``."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
    title: str = ""
    require: list[list[str]]
    setting: Setting | None = None
    profile: str | None = None
    minutes: Minutes | None = None
    urban: _Rule | None = None
    rural: _Rule | None = None
    direction: Direction = "to"
    delivery: DeliveryTable | None = None

    def circle(self) -> Circle:
        """Return the circle; its rules are those that the table has in full."""
        circle = Circle(
            self.id,
            self.title,
            tuple(tuple(group) for group in self.require),
            circle_rules(self),
            direction=self.direction,
            delivery=delivery_of(self.delivery),
        )
        named = {default.id: default for default in DEFAULT_CIRCLES}.get(self.id)
        # The catalogue's title says how the default is reached: another way needs its own.
        if self.title or named is None or _way_of(named) == _way_of(circle):
            return circle
        return replace(circle, title=self.id)


def _way_of(circle: Circle) -> tuple[object, ...]:
    return dict(circle.rules), circle.direction, circle.delivery


class ProfileTable(_Part):
    """One ``[[profile]]``: what differs from its base."""

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
    station_elders: Annotated[int, Field(ge=0, le=100_000)] = DEFAULT_LIMITS.station_elders
    coarsest_location: Exactness = DEFAULT_LIMITS.coarsest_location


class _RobustnessTable(_Part):
    draws: Annotated[int, Field(ge=100, le=10_000)] = DEFAULT_ROBUSTNESS.draws
    seed: Annotated[int, Field(ge=0, lt=2**32)] = DEFAULT_ROBUSTNESS.seed
    speed_low: Factor = DEFAULT_ROBUSTNESS.speed_low
    speed_high: Factor = DEFAULT_ROBUSTNESS.speed_high
    snap_low: Factor = DEFAULT_ROBUSTNESS.snap_low
    snap_high: Factor = DEFAULT_ROBUSTNESS.snap_high
    detour_low: Factor = DEFAULT_ROBUSTNESS.detour_low
    detour_high: Factor = DEFAULT_ROBUSTNESS.detour_high


class MapSettings(_Part):
    """What the map may load from elsewhere: nothing, unless tiles are named.

    Attributes
    ----------
    tiles
        ``"tianditu"``, ``"osm"`` or an address with ``{z}``, ``{x}`` and ``{y}``.
    key
        Key of an account with Tianditu; it can be read in the map.
    datum
        Datum of the tiles of an address.
    attribution
        Whose the tiles are.
    """

    tiles: str | None = None
    key: str = ""
    datum: Datum | None = None
    attribution: str = ""


class OutputSettings(_Part):
    """Where a run goes, which editions it has, and how its layers are written.

    Attributes
    ----------
    dir
        Folder of the run.
    editions
        Editions to write.
    formats
        Formats of layers besides the GeoPackage.
    crs
        Coordinates of layers: the study's metric CRS, or degrees of CGCS2000 or WGS 84.
    """

    dir: Path = Field(default=Path("outputs"), strict=False)
    editions: list[Literal["internal", "public"]] = Field(default=["internal"], min_length=1)
    formats: list[LayerFormat] = Field(default=[])
    crs: LayerCrs = "metric"


class StudyFile(_Part):
    """The whole file; ``[units]`` is a list here, however it was written."""

    study: _Header
    roads: RoadSource | None = None
    units: list[UnitSource] = Field(default_factory=list)
    facilities: list[FacilitySource] = Field(default_factory=list)
    demand: list[DemandSource] = Field(default_factory=list)
    targets: list[TargetSource] = Field(default_factory=list)
    services: list[ServiceSource] = Field(default_factory=list)
    stated: list[StatedSource] = Field(default_factory=list)
    received: list[ReceivedSource] = Field(default_factory=list)
    crosswalk: list[CrosswalkSource] = Field(default_factory=list)
    candidates: list[CandidateSource] = Field(default_factory=list)
    elevation: _Elevation | None = None
    circle: list[CircleTable] = Field(default_factory=list)
    profile: list[ProfileTable] = Field(default_factory=list)
    limits: _LimitTable = Field(default_factory=_LimitTable)
    robustness: _RobustnessTable = Field(default_factory=_RobustnessTable)
    map: MapSettings = Field(default_factory=MapSettings)
    output: OutputSettings = Field(default_factory=OutputSettings)

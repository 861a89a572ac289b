"""What the readers of `inputs` hand on: frozen bundles of plain tables and arrays."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS

from care_map.errors import Problem
from care_map.schema import CANDIDATES, RECEIVED, SERVICES_LIST, SETTING_FLIPS, STATED, TARGETS
from care_map.values import Datum

__all__ = [
    "LINK_COLUMNS",
    "Inputs",
    "NamedPlace",
    "PointSample",
    "RoadTable",
    "SourceLedger",
    "no_candidates",
    "no_flips",
]

LINK_COLUMNS = ("from_unit", "to_unit", "from_name", "to_name", "share", "since")


class NamedPlace(NamedTuple):
    """A settlement: longitude and latitude in degrees, and its names by OSM's tag."""

    lon: float
    lat: float
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RoadTable:
    """Ways as they were drawn, before any graph is made of them.

    Parameters
    ----------
    ways
        One row per way with the columns of :data:`care_map.schema.ROADS` that the source has
        (text as in OSM's tags, ``layer`` int, ``maxspeed_kph`` float with NaN), and ``way_id``.
    offsets
        ``(n_ways + 1,)`` int64; vertices of way `i` are ``offsets[i]:offsets[i + 1]``.
    node_id
        ``(n_vertices,)`` int64; vertices are joined where their ids are equal.
    lon, lat
        ``(n_vertices,)`` float64 degrees, WGS84.
    barriers
        Lines in EPSG:4326 that an access leg may not cross, with the column ``kind`` (water,
        railway, motorway); None where the source cannot tell.
    source
        File name, for messages and reports.
    lifts
        Ids of nodes that are lifts; empty where the source cannot tell.
    places
        Named settlements; empty where the source cannot tell.
    """

    ways: pd.DataFrame
    offsets: NDArray[np.int64]
    node_id: NDArray[np.int64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    barriers: gpd.GeoDataFrame | None
    source: str
    lifts: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    places: tuple[NamedPlace, ...] = ()


@dataclass(frozen=True, slots=True)
class PointSample:
    """Some of a list's points, drawn by a fixed seed: what its datum is judged by.

    Parameters
    ----------
    kind
        ``"facilities"`` or ``"demand"``.
    source, layer
        File and layer as the study names them.
    datum
        Datum that the study declares.
    lon, lat
        ``(n,)`` float64 degrees, WGS84 if the declaration is right; one row per place.
    unit_id
        ``(n,)`` unit that the row says it is in, "" where it says none.
    exact
        ``(n,)`` whether the point is a place and not somewhere in an area.
    places
        Places that the source has, of which these are drawn.
    """

    kind: str
    source: str
    layer: str | None
    datum: Datum
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    unit_id: NDArray[np.object_]
    exact: NDArray[np.bool_]
    places: int


@dataclass(frozen=True, slots=True)
class SourceLedger:
    """What became of the rows of one file.

    Parameters
    ----------
    kind
        ``"units"``, ``"facilities"``, ``"demand"`` or ``"candidates"``.
    source
        File as the study names it; its sheets and layers are counted together.
    read
        Rows of the file with anything in them, below the header; None where it has an error
        or no rows, and nothing of it is used.
    used
        Rows that are in the study's table.
    left_out
        Code of the finding → rows that are not, for that reason. ``read`` is ``used`` and these.
    with_point, placed, without_point
        Of the rows used: with a place of their own, with one somewhere in their unit, with none.
    in_units, outside_units
        Of those with either: inside a unit of the study or not; None where that cannot be told.
    filled
        Column → share of the rows where it is filled, of columns that matter and are there.
    unknown_columns
        Columns that are none of ours.
    """

    kind: str
    source: str
    read: int | None
    used: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)
    with_point: int = 0
    placed: int = 0
    without_point: int = 0
    in_units: int | None = None
    outside_units: int | None = None
    filled: Mapping[str, float] = field(default_factory=dict)
    unknown_columns: tuple[str, ...] = ()


def _empty(names: list[str]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=object) for name in names})


def no_candidates() -> gpd.GeoDataFrame:
    """Return the table of a study without a list of candidate sites."""
    texts = {name: pd.Series(dtype=object) for name in CANDIDATES.names}
    for name in ("lon", "lat", "wkt", "cost_wan"):
        del texts[name]
    origin = {"source_file": pd.Series(dtype=object), "source_row": pd.Series(dtype="int64")}
    return gpd.GeoDataFrame(
        {**texts, **origin, "in_area": pd.Series(dtype=bool)}, geometry=gpd.GeoSeries([], crs=None)
    )


def no_flips() -> pd.DataFrame:
    """Return the table of a study whose settings depend on no rule."""
    return pd.DataFrame(columns=SETTING_FLIPS.names)


@dataclass(frozen=True, slots=True)
class Inputs:
    """All tables of a study in its metric CRS, joined to units.

    Parameters
    ----------
    crs
        Metric CRS of all geometries.
    units
        ``unit_id, name, level, parent_id, setting`` and what else the source has; polygons may
        be missing (None).
    facilities
        Columns of :data:`care_map.schema.FACILITIES` that are known, and ``in_area`` (bool:
        inside the study's units or labelled with one); points may be missing. ``roles``,
        ``serves_units`` and the other lists are text joined with ``;``.
    demand
        ``demand_id, elders, unit_id, setting, location_quality, origin, groups`` and what else
        is known; points may be missing. ``unit_id`` is the lowest unit, empty if none.
    problems
        Findings of severity warning and info; errors are raised.
    has_facilities, has_demand, has_units
        Whether the study names such a source at all.
    samples
        Points of each list, to judge its datum by.
    setting_flips
        Columns of :data:`care_map.schema.SETTING_FLIPS`: units whose setting depends on the rule.
    ledgers
        Rows of each file: read, used, left out.
    services, stated, received
        Columns of :data:`care_map.schema.SERVICES_LIST`, :data:`care_map.schema.STATED` and
        :data:`care_map.schema.RECEIVED`; ids and towns are those of the study.
    targets
        The study's own targets: columns of :data:`care_map.schema.TARGETS`.
    crosswalk
        Links between units of different times, as :class:`care_map.inputs.crosswalk.Crosswalk`.
    candidates
        Columns of :data:`care_map.schema.CANDIDATES`, costs in yuan, where each row comes from,
        and ``in_area``; point or None.
    given
        Which lists have rows: of ``units``, ``facilities``, ``elders``, ``services``,
        ``stated``, ``received``.
    """

    crs: CRS
    units: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    demand: gpd.GeoDataFrame
    problems: tuple[Problem, ...] = field(default=())
    has_units: bool = True
    has_facilities: bool = True
    has_demand: bool = True
    samples: tuple[PointSample, ...] = ()
    setting_flips: pd.DataFrame = field(default_factory=no_flips)
    ledgers: tuple[SourceLedger, ...] = ()
    services: pd.DataFrame = field(default_factory=lambda: _empty(SERVICES_LIST.names))
    stated: pd.DataFrame = field(default_factory=lambda: _empty(STATED.names))
    received: pd.DataFrame = field(default_factory=lambda: _empty(RECEIVED.names))
    targets: pd.DataFrame = field(default_factory=lambda: _empty(TARGETS.names))
    crosswalk: pd.DataFrame = field(default_factory=lambda: _empty(list(LINK_COLUMNS)))
    candidates: gpd.GeoDataFrame = field(default_factory=no_candidates)
    given: frozenset[str] = frozenset()

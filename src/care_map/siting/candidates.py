"""Which places could be chosen: from a list, from the middles of places, from the roads.

What cannot be chosen is listed with its reason; nothing is left out silently.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from care_map.inputs.candidates import too_small
from care_map.inputs.unit_index import UnitIndex
from care_map.network.road_network import RoadNetwork
from care_map.packs.minimum_areas import MinimumArea, minimum_areas
from care_map.packs.pack_file import PackFile
from care_map.siting.request import SiteRequest
from care_map.values import Circle

__all__ = [
    "CENTRES",
    "LeftOut",
    "Places",
    "from_network",
    "from_places",
    "places_of",
    "unit_for",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CENTRES = ("street_centre", "town_centre")
_MOST_NODES = 2000
"""Nodes of the roads that are looked at (default): those with most elders near them."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A place that cannot be chosen.

    Parameters
    ----------
    candidate_id
        Which one.
    reason
        The catalogue has ``siting.left_out.<reason>``.
    values
        Fields of the sentence.
    """

    candidate_id: str
    reason: str
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Places:
    """Places that can be chosen, with what each becomes.

    Parameters
    ----------
    table
        Candidates and ``role``; points in the study's CRS.
    left_out
        The others.
    """

    table: gpd.GeoDataFrame
    left_out: tuple[LeftOut, ...]


def places_of(
    candidates: gpd.GeoDataFrame,
    request: SiteRequest,
    circle: Circle,
    units: gpd.GeoDataFrame,
    *,
    pack: PackFile | None,
    standing: Mapping[str, frozenset[str]],
    taken: frozenset[str] = frozenset(),
) -> Places:
    """Return the candidates that keep the constraints of a request, and why the others do not.

    Parameters
    ----------
    candidates
        Columns of :data:`care_map.schema.CANDIDATES`.
    request, circle
        What is asked for.
    units
        The study's units.
    pack
        The notice, for least areas.
    standing
        Unit id → types that stand there already, for one per unit.
    taken
        Ids of facilities: a candidate of the same id has been built.
    """
    fits = _wanted(request, circle)
    least = minimum_areas(pack) if request.areas else {}
    few = _few(units)
    index = UnitIndex(units)
    # Only what costs something known can be weighed against a budget.
    priced = request.budget is not None or request.cheapest
    costs = _costs(candidates)
    places = candidates["capacity"].astype(float).to_numpy(dtype=float)
    kept: list[int] = []
    roles: list[str] = []
    out: list[LeftOut] = []
    for at, row in enumerate(candidates.to_dict("records")):
        role, reason, values = _role(row, fits, least, few=row["unit_id"] in few)
        unit = unit_for(role, index.chain(row["unit_id"]), index)
        never = _never(row, taken)
        if never:
            reason, values = never, {}
        elif not reason and request.build_modes and row["build_mode"] not in request.build_modes:
            reason, values = "build_mode", {"build_mode": row["build_mode"] or "—"}
        elif not reason and priced and np.isnan(costs[at]):
            reason, values = "no_cost", {}
        elif not reason and request.capacitated and np.isnan(places[at]):
            reason, values = "no_capacity", {}
        elif not reason and role in standing.get(unit, frozenset()):
            reason, values = "unit_has_one", {"unit": index.names.get(unit, unit)}
        if reason:
            out.append(LeftOut(str(row["candidate_id"]), reason, values))
        else:
            kept.append(at)
            roles.append(role)
    table = candidates.iloc[kept].assign(role=pd.Series(roles, dtype=object).to_numpy())
    return Places(table.reset_index(drop=True), tuple(out))


def _never(row: Mapping[str, object], taken: frozenset[str]) -> str:
    """Return why a place could be chosen for nothing at all, "" where it could."""
    if row["candidate_id"] in taken:
        return "exists"
    if row["geometry"] is None:
        return "no_point"
    return "" if row["in_area"] else "outside"


def unit_for(role: str, chain: Iterable[str], index: UnitIndex) -> str:
    """Return the unit that has one of a type: its town for a centre, else the lowest."""
    units = list(chain)
    if role in CENTRES:
        return next((one for one in units if index.levels[one] == "town"), "")
    return units[0] if units else ""


def _costs(candidates: gpd.GeoDataFrame) -> Floats:
    given = candidates["cost_yuan"].astype(float)
    if given.isna().all():
        given = candidates["subsidy_yuan"].astype(float)
    numbers: Floats = given.to_numpy(dtype=float)
    return numbers


def _wanted(request: SiteRequest, circle: Circle) -> tuple[str, ...]:
    """Return the types that a new site may become."""
    asked = [name for group in circle.require for name in group]
    if request.role is not None:
        asked = [request.role, *(one for one in CENTRES if request.span and one in asked)]
    return tuple(dict.fromkeys(asked))


def _role(
    row: Mapping[str, object],
    fits: tuple[str, ...],
    least: Mapping[str, MinimumArea],
    *,
    few: bool,
) -> tuple[str, str, Mapping[str, object]]:
    """Return what a place becomes, or why it can become nothing that is wanted."""
    own = [one for one in str(row["types"]).split(";") if one]
    if not own:
        return (fits[0], "", {}) if len(fits) == 1 else ("", "no_type", {})
    able = [one for one in own if one in fits]
    if not able:
        return "", "other_type", {}
    small = [too_small(row["floor_area_m2"], role, least, few=few) for role in able]
    for role, clause in zip(able, small, strict=True):
        if clause is None:
            return role, "", {}
    clause = next(one for one in small if one is not None)
    area = clause.few_elders_m2 if few else clause.least_m2
    return "", "too_small", {"area": row["floor_area_m2"], "least": area, "cite": clause.cite}


def _few(units: gpd.GeoDataFrame) -> frozenset[str]:
    if "few_elders" not in units:
        return frozenset()
    flags = units["few_elders"].astype("boolean").fillna(value=False).to_numpy(dtype=bool)
    return frozenset(units.loc[flags, "unit_id"])


def from_places(
    units: gpd.GeoDataFrame, gaps: gpd.GeoDataFrame, like: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Return the middles of gaps, and of communities, as candidates.

    Parameters
    ----------
    units
        The study's units.
    gaps
        Places of elders who are not covered by the circle: points.
    like
        Whose columns they get.
    """
    lowest = units[(units["level"] == "community") & units.geometry.notna()]
    if lowest.empty:
        lowest = units[(units["level"] == "town") & units.geometry.notna()]
    middle = shapely.point_on_surface(lowest.geometry.to_numpy())
    points = np.concatenate([gaps.geometry.to_numpy(), middle])
    numbers = range(1, len(gaps) + 1)
    ids = [f"G{number:04d}" for number in numbers] + [f"U{one}" for one in lowest["unit_id"]]
    names = [*(gaps["name"].astype(str) if "name" in gaps else ids[: len(gaps)]), *lowest["name"]]
    return _made(ids, names, points, units, like)


def from_network(
    network: RoadNetwork,
    units: gpd.GeoDataFrame,
    like: gpd.GeoDataFrame,
    *,
    x: Floats,
    y: Floats,
    elders: Floats,
    spacing_m: float,
) -> gpd.GeoDataFrame:
    """Return nodes of the roads as candidates, in each square one: that with most elders near.

    Parameters
    ----------
    network
        The roads.
    units
        The study's units.
    like
        Whose columns they get.
    x, y, elders
        Where elders live who are not covered.
    spacing_m
        Side of a square.
    """
    nodes = np.column_stack([network.node_x, network.node_y])
    near = cKDTree(nodes).query(np.column_stack([x, y]))[1] if len(x) else np.empty(0, np.int64)
    heads = np.bincount(near, weights=elders, minlength=len(network.node_x))
    node = np.flatnonzero(heads > 0)
    node = node[np.lexsort((node, -heads[node]))]
    cell = np.column_stack(
        [network.node_x[node] // spacing_m, network.node_y[node] // spacing_m]
    ).astype(np.int64)
    _, first = np.unique(cell, axis=0, return_index=True)
    node = node[np.sort(first)][:_MOST_NODES]
    points = shapely.points(network.node_x[node], network.node_y[node])
    ids = [f"N{one}" for one in node.tolist()]
    return _made(ids, ids, np.asarray(points, dtype=object), units, like)


def _made(
    ids: list[str],
    names: list[str],
    points: NDArray[np.object_],
    units: gpd.GeoDataFrame,
    like: gpd.GeoDataFrame,
) -> gpd.GeoDataFrame:
    index = UnitIndex(units)
    unit = index.lowest(points)
    numbers = {"floor_area_m2", "land_area_m2", "cost_yuan", "subsidy_yuan", "beds", "capacity"}
    columns: dict[str, object] = {
        name: np.nan if name in numbers else "" for name in like.columns if name != "geometry"
    }
    table = gpd.GeoDataFrame(columns, index=range(len(ids)), geometry=points, crs=units.crs)
    return table.assign(
        candidate_id=pd.Series(ids, dtype=object),
        name=pd.Series(names, dtype=object),
        unit_id=pd.Series(unit, dtype=object),
        location_quality="point",
        in_area=(unit != "") if index.has_polygons else True,
    )

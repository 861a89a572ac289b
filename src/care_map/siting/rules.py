"""What a notice and a ledger demand of new sites, as limits of the models."""

from collections.abc import Callable, Iterator, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from care_map.inputs.unit_index import UnitIndex
from care_map.planning.options import Span
from care_map.planning.plan import Limit
from care_map.siting.candidates import CENTRES, unit_for

__all__ = ["Near", "one_each", "quotas_of", "span_of", "standing_types"]

Near = Callable[[pd.DataFrame, pd.DataFrame], pd.DataFrame]
_BUILT = ("accepted", "operating")


def standing_types(
    facilities: gpd.GeoDataFrame, units: gpd.GeoDataFrame
) -> dict[str, frozenset[str]]:
    """Return the types that stand in each unit already, its own and those of units in it.

    Parameters
    ----------
    facilities
        Of the study; accepted and operating ones of the district count.
    units
        Its units.
    """
    index = UnitIndex(units)
    found: dict[str, set[str]] = {}
    built = facilities[facilities["stage"].isin(_BUILT) & facilities["in_area"]]
    for row in built[["unit_id", "roles"]].to_dict("records"):
        for unit in index.chain(row["unit_id"]):
            found.setdefault(unit, set()).update(str(row["roles"]).split(";"))
    return {unit: frozenset(types) for unit, types in found.items()}


def one_each(places: gpd.GeoDataFrame, units: gpd.GeoDataFrame) -> Iterator[Limit]:
    """Yield that no unit gets two new sites of a type."""
    index = UnitIndex(units)
    of: dict[tuple[str, str], list[object]] = {}
    for row in places[["candidate_id", "role", "unit_id"]].to_dict("records"):
        unit = unit_for(row["role"], index.chain(row["unit_id"]), index)
        if unit:
            of.setdefault((unit, row["role"]), []).append(row["candidate_id"])
    for (unit, role), ids in of.items():
        if len(ids) > 1:
            name = f"one_per_unit;{role};{index.full_name(unit)}"
            yield Limit(tuple(ids), most=1, name=name)


def quotas_of(
    ledger: pd.DataFrame, places: gpd.GeoDataFrame, units: gpd.GeoDataFrame
) -> Iterator[Limit]:
    """Yield what targets still lack, by unit and type, as the least to be built.

    Parameters
    ----------
    ledger
        Columns of :data:`care_map.schema.LEDGER`; the latest row of each unit and type counts.
    places
        Candidates with ``role``.
    units
        The study's units.
    """
    index = UnitIndex(units)
    chains = [set(index.chain(unit)) | {"all"} for unit in places["unit_id"]]
    roles = places["role"].to_list()
    ids = places["candidate_id"].to_list()
    rows = ledger.dropna(subset=["due", "accepted"]) if len(ledger) else ledger
    targets: dict[tuple[str, str, bool], int] = {}
    done: dict[tuple[str, str, bool], int] = {}
    for row in rows.to_dict("records"):
        key = (str(row["unit_id"]), str(row["role"]), bool(row["total"]))
        target = int(row["target"]) if not pd.isna(row["target"]) else 0
        targets[key] = max(targets.get(key, 0), target) if key[2] else targets.get(key, 0) + target
        done[key] = int(row["accepted"])
    for (unit, role, total), target in targets.items():
        lacks = target - done[unit, role, total]
        known = set(role.split(";"))
        mine = [
            one
            for one, kind, chain in zip(ids, roles, chains, strict=True)
            if kind in known and unit in chain
        ]
        if lacks > 0 and known & set(roles):
            where = "" if unit == "all" else index.full_name(unit) if unit in index.names else unit
            yield Limit(tuple(mine), least=lacks, name=f"quota;{role};{where}")


def span_of(
    places: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    units: gpd.GeoDataFrame,
    *,
    most: int,
    near: Near | None = None,
) -> tuple[Span, tuple[str, ...]]:
    """Return which new stations need a centre, and the centres that could run them.

    Parameters
    ----------
    places
        Candidates with ``role``.
    facilities
        Of the study; its operating centres run stations already.
    units
        Its units.
    most
        Stations that a centre can run.
    near
        Given stations and centres (index of ids; ``unit_id``, ``street``, ``geometry``), returns
        pairs of ``station`` and ``centre``; without it a centre runs the stations of its town.

    Returns
    -------
    Span
    tuple of str
        Ids of the standing centres among its links.
    """
    index = UnitIndex(units)
    is_centre = places["role"].isin(CENTRES)
    roles = facilities["roles"].str.split(";").map(lambda cell: bool(set(cell) & set(CENTRES)))
    hubs = facilities[roles & (facilities["stage"] == "operating") & facilities["in_area"]]
    new = places.to_crs(facilities.crs)
    stations = _with_streets(new[~is_centre], "candidate_id", index)
    centres = pd.concat(
        [
            _with_streets(new[is_centre], "candidate_id", index),
            _with_streets(hubs, "facility_id", index),
        ]
    )
    links = (near or _of_one_town)(stations, centres)
    standing = tuple(one for one in hubs["facility_id"] if one in set(links["centre"]))
    return Span(tuple(stations.index), links, most, _run_already(facilities)), standing


def _with_streets(table: gpd.GeoDataFrame, key: str, index: UnitIndex) -> pd.DataFrame:
    columns = {
        "unit_id": table["unit_id"].to_numpy(dtype=object),
        "street": np.array([index.town_of(one) for one in table["unit_id"]], dtype=object),
        "geometry": table.geometry.to_numpy(),
    }
    return pd.DataFrame(columns, index=pd.Index(table[key], dtype=object))


def _of_one_town(stations: pd.DataFrame, centres: pd.DataFrame) -> pd.DataFrame:
    of_town: dict[str, list[object]] = {}
    for centre, town in centres["street"].items():
        if town:
            of_town.setdefault(town, []).append(centre)
    rows = [
        (station, centre)
        for station, town in stations["street"].items()
        for centre in of_town.get(town, [])
    ]
    return pd.DataFrame(rows, columns=["station", "centre"], dtype=object)


def _run_already(facilities: gpd.GeoDataFrame) -> Mapping[object, int]:
    if "operator_centre" not in facilities:
        return {}
    counted = facilities.loc[facilities["operator_centre"] != "", "operator_centre"].value_counts()
    return {str(one): int(number) for one, number in counted.items()}

"""Centres with stations (中心带站): who runs which station, worked out from an assessment."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from care_map.accessibility.coverage import unit_at_levels
from care_map.assessment import Assessment
from care_map.errors import InputError, Problem
from care_map.network.snap import Points
from care_map.planning.centres import StationPlan, assign_stations
from care_map.routing.nearest import travel_model
from care_map.routing.pairs import travel_pairs
from care_map.schema import CENTRE_LOADS, CENTRE_STATIONS
from care_map.study_network import read_ground
from care_map.values import PROFILES
from care_map.vocabulary import FACILITY_TYPES

__all__ = ["CentrePlan", "centres_with_stations", "station_pairs"]

Bools = NDArray[np.bool_]

_CAR = "urban_drive"
_STATIONS = ("community_station",)
_CENTRES = ("street_centre", "town_centre")


@dataclass(frozen=True, slots=True)
class CentrePlan:
    """Which centre runs each station, and what each centre gets.

    Parameters
    ----------
    stations, centres
        Columns of :data:`care_map.schema.CENTRE_STATIONS` and
        :data:`care_map.schema.CENTRE_LOADS`.
    status, gap
        Of the solver; an assignment without a limit on loads is always ``"optimal"``.
    """

    stations: pd.DataFrame
    centres: pd.DataFrame
    status: str
    gap: float


def centres_with_stations(
    result: Assessment,
    *,
    span: int = 10,
    minutes: float = 15.0,
    profile: str = _CAR,
    max_load: float | None = None,
    load_circle: str | None = None,
    own_street_only: bool = False,
    types: tuple[Sequence[str], Sequence[str]] = (_STATIONS, _CENTRES),
) -> CentrePlan:
    """Assign the operating stations of a district to the centres that run them.

    As many stations as possible get a centre, of these as many as possible that of their own
    street or town, and then the minutes are the fewest. It is exact.

    Parameters
    ----------
    result
        An assessment.
    span
        Most stations of a centre (default: a notice has "about 10 nearby"). A centre may run all
        stations of its own street, however many there are.
    minutes, profile
        Longest way from the centre to a station, and who travels (default 15 minutes by car).
        Where a place is not known, only the own street counts.
    max_load
        Most load of a centre: elders whose nearest station within `load_circle` it is, or
        stations, without a circle.
    load_circle
        Circle whose elders are the load.
    own_street_only
        Whether a centre may run stations of its own street only.
    types
        Facility types of stations, and of centres.

    Returns
    -------
    CentrePlan

    Raises
    ------
    InputError
        A profile, circle or type is unknown, or the minutes are not positive.
    """
    _check(result, minutes, profile, load_circle, (*types[0], *types[1]))
    stations = _chosen(result, types[0], without=types[1])
    centres = _chosen(result, types[1])
    loads = _loads(result, load_circle)
    stations = stations.assign(load=[loads.get(one, 0 if loads else 1) for one in stations.index])
    pairs = station_pairs(result, stations, centres, minutes=minutes, profile=profile)
    plan = assign_stations(
        pairs,
        stations,
        centres,
        span=span,
        max_load=max_load,
        own_street_only=own_street_only,
    )
    known = pairs.set_index(["station", "centre"])["placed"]
    return CentrePlan(
        _stations(stations, centres, plan, known),
        _centres(stations, centres, plan, known, span),
        plan.status,
        plan.gap,
    )


def _check(
    result: Assessment, minutes: float, profile: str, circle: str | None, types: Sequence[str]
) -> None:
    problems = []
    profiles = tuple({**PROFILES, **{one.name: one for one in result.study.own_profiles}})
    asked = [("profile", profile, profiles)]
    asked += [("types", name, FACILITY_TYPES) for name in types]
    if circle is not None:
        asked.append(("load_circle", circle, tuple(one.id for one in result.study.circles)))
    for name, value, known in asked:
        if value not in known:
            values = {"known": ", ".join(known)}
            problems.append(Problem("unknown_code", column=name, value=value, values=values))
    if not minutes > 0:
        problems.append(Problem("minutes_invalid", column="minutes", value=f"{minutes:g}"))
    if problems:
        raise InputError(problems)


def _chosen(
    result: Assessment, types: Sequence[str], *, without: Sequence[str] = ()
) -> pd.DataFrame:
    """Return the district's operating facilities of some types by id, with their streets."""
    table = result.facilities
    roles = [set(str(cell).split(";")) for cell in table["roles"]]
    mine = [bool(one & set(types)) and not one & set(without) for one in roles]
    own = table["in_area"].to_numpy(dtype=bool) & (table["stage"] == "operating").to_numpy(bool)
    rows = table[np.array(mine, dtype=bool) & own]
    above = unit_at_levels(result.units)["town"].to_dict()
    listed = rows["operator_centre"] if "operator_centre" in rows else pd.Series("", rows.index)
    chosen = pd.DataFrame(
        {
            "name": rows["name"],
            "unit_id": rows["unit_id"],
            "street": [str(above.get(unit, "")) for unit in rows["unit_id"]],
            "listed_centre": listed,
            "geometry": rows.geometry.to_numpy(),
        }
    )
    return chosen.set_axis(pd.Index(rows["facility_id"].astype(str)))


def _loads(result: Assessment, circle: str | None) -> dict[str, int]:
    if circle is None:
        return {}
    one = next(known for known in result.study.circles if known.id == circle)
    load = result.facility_load
    mine = load[(load["circle"] == circle) & (load["profile"] == one.variants[0].profile)]
    return dict(zip(mine["facility_id"].astype(str), map(int, mine["elders_nearest"]), strict=True))


def station_pairs(
    result: Assessment,
    stations: pd.DataFrame,
    centres: pd.DataFrame,
    *,
    minutes: float,
    profile: str = _CAR,
) -> pd.DataFrame:
    """Return who is within reach of whom; where a place is not known, who is in one street.

    Parameters
    ----------
    result
        An assessment.
    stations, centres
        Index of ids; ``unit_id``, ``street``, ``geometry`` in the CRS of the assessment.
    minutes, profile
        Longest way from a centre, and who travels.

    Returns
    -------
    DataFrame of ``station``, ``centre``, ``minutes``, ``placed`` (whether both places are known).
    """
    placed = [~shapely.is_missing(one["geometry"].to_numpy()) for one in (stations, centres)]
    near = _near(result, stations[placed[0]], centres[placed[1]], minutes, profile)
    blind = [
        (station, centre)
        for station, street, here in zip(stations.index, stations["street"], placed[0], strict=True)
        for centre, other, there in zip(centres.index, centres["street"], placed[1], strict=True)
        if street and street == other and not (here and there)
    ]
    columns = ["station", "centre", "minutes", "placed"]
    by_street = pd.DataFrame([(*pair, minutes, False) for pair in blind], columns=columns)
    if by_street.empty:
        return near
    return pd.concat([near, by_street], ignore_index=True) if len(near) else by_street


def _near(
    result: Assessment,
    stations: pd.DataFrame,
    centres: pd.DataFrame,
    minutes: float,
    profile: str,
) -> pd.DataFrame:
    study = result.study
    network, _ = read_ground(study).network(result.crs)
    known = {**PROFILES, **{one.name: one for one in study.own_profiles}}
    chosen = known[profile if network is not None else "straight_line"]
    model = travel_model(network, chosen, limits=study.limits)
    rural = set(result.units.loc[result.units["setting"] == "rural", "unit_id"])
    ends = [_points(one, rural) for one in (stations, centres)]
    pairs = travel_pairs(model, *ends, cutoff_s=minutes * 60.0, direction="from")
    return pd.DataFrame(
        {
            "station": stations.index[pairs.origin],
            "centre": centres.index[pairs.facility],
            "minutes": pairs.seconds / 60.0,
            "placed": True,
        }
    )


def _points(table: pd.DataFrame, rural: set[str]) -> Points:
    places = table["geometry"].to_numpy()
    is_rural: Bools = np.array([unit in rural for unit in table["unit_id"]], dtype=bool)
    return Points(shapely.get_x(places), shapely.get_y(places), is_rural)


def _took(plan: StationPlan, known: pd.Series) -> pd.Series:
    """Return minutes where both places are known."""
    sure = [
        bool(centre) and bool(known.get((station, centre), False))
        for station, centre in plan.centre.items()
    ]
    return plan.minutes.where(np.array(sure, dtype=bool))


def _stations(
    stations: pd.DataFrame, centres: pd.DataFrame, plan: StationPlan, known: pd.Series
) -> pd.DataFrame:
    names = centres["name"].to_dict()
    streets = centres["street"].to_dict()
    own = [
        bool(centre) and streets[centre] == street and street != ""
        for centre, street in zip(plan.centre, stations["street"], strict=True)
    ]
    table = pd.DataFrame(
        {
            "facility_id": stations.index,
            "name": stations["name"].to_numpy(dtype=object),
            "unit_id": stations["unit_id"].to_numpy(dtype=object),
            "centre_id": plan.centre.to_numpy(dtype=object),
            "centre_name": [names.get(one, "") for one in plan.centre],
            "minutes": _took(plan, known).to_numpy(dtype=float),
            "own_street": own,
            "listed_centre": stations["listed_centre"].to_numpy(dtype=object),
            "load": stations["load"].to_numpy(dtype=np.int64),
            "reason": plan.reason.to_numpy(dtype=object),
        }
    )
    return table[CENTRE_STATIONS.names]


def _centres(
    stations: pd.DataFrame,
    centres: pd.DataFrame,
    plan: StationPlan,
    known: pd.Series,
    span: int,
) -> pd.DataFrame:
    took = _took(plan, known)
    rows = []
    for centre, row in zip(centres.index, centres.to_dict("records"), strict=True):
        mine = (plan.centre == centre).to_numpy(dtype=bool)
        street = row["street"]
        own = (stations["street"] == street).to_numpy(dtype=bool) & (street != "")
        longest = took[mine].max()
        rows.append(
            {
                "facility_id": centre,
                "name": row["name"],
                "unit_id": row["unit_id"],
                "stations": int(mine.sum()),
                "span": max(span, int(own.sum())),
                "of_own_street": int((mine & own).sum()),
                "street_stations": int(own.sum()),
                "load": int(stations["load"].to_numpy()[mine].sum()),
                "longest_minutes": float(longest) if pd.notna(longest) else np.nan,
            }
        )
    return pd.DataFrame(rows, columns=CENTRE_LOADS.names)

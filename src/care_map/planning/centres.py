"""中心带站: which centre runs which stations, by street, span, load and time.

As many stations as the centres can take get one, then as many as possible that of their own street,
then in the fewest minutes. With a limit on loads it is a generalised assignment, solved through
HiGHS; without one a transportation problem. Both are exact.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.planning.program import Program
from care_map.planning.transport import least_minutes

__all__ = ["StationPlan", "assign_stations"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class StationPlan:
    """Which centre runs each station.

    Parameters
    ----------
    centre
        Centre by station id, "" for none.
    minutes
        Minutes by station id, NaN for none.
    reason
        Why a station has none, by its id: ``beyond`` (no centre within reach) or ``full``.
    status
        ``optimal``, or what the solver said when its time was over.
    gap
        Relative gap between the plan and what is proved, 0 for an optimum.
    """

    centre: pd.Series
    minutes: pd.Series
    reason: pd.Series
    status: str = "optimal"
    gap: float = 0.0


def assign_stations(
    pairs: pd.DataFrame,
    stations: pd.DataFrame,
    centres: pd.DataFrame,
    *,
    span: int = 10,
    max_load: float | None = None,
    own_street_only: bool = False,
    time_limit_s: float | None = 60.0,
) -> StationPlan:
    """Assign stations to the centres that run them.

    Parameters
    ----------
    pairs
        ``station``, ``centre``, ``minutes``: who is within reach of whom, each pair once.
    stations
        Index of ids; ``street`` ("" where unknown) and, for `max_load`, ``load``.
    centres
        Index of ids; ``street``, and ``span`` where a centre has one of its own.
    span
        Most stations of a centre (default 10, as a notice has "about 10 nearby"); a centre may
        always run all stations of its own street, however many these are.
    max_load
        Most load of a centre.
    own_street_only
        Whether a centre may run stations of its own street only.
    time_limit_s
        Seconds for the solver, where loads are limited.

    Returns
    -------
    StationPlan

    Raises
    ------
    ValueError
        A number is negative, an id stands twice or is unknown, a pair stands twice.

    Examples
    --------
    >>> pairs = pd.DataFrame({"station": ["a", "b"], "centre": ["C", "C"], "minutes": [5.0, 9.0]})
    >>> streets = {"street": ["s", "s"]}
    >>> plan = assign_stations(pairs, pd.DataFrame(streets, index=["a", "b"]),
    ...     pd.DataFrame({"street": ["t"]}, index=["C"]), span=1)
    >>> plan.centre.to_dict(), plan.reason["b"]
    ({'a': 'C', 'b': ''}, 'full')
    """
    station, centre, minutes = _rows(pairs, stations, centres, span, max_load)
    street = stations["street"].to_numpy(dtype=object)
    own = street[station] == centres["street"].to_numpy(dtype=object)[centre]
    own &= street[station] != ""
    if own_street_only:
        station, centre, minutes, own = (one[own] for one in (station, centre, minutes, own))
    places = _places(stations, centres, span)
    # No saving of minutes is worth leaving the street.
    away = (len(stations) + 1) * (float(minutes.max(initial=0.0)) + 1.0)
    cost = np.where(own, minutes, minutes + away)
    status, gap = "optimal", 0.0
    if max_load is None:
        used = least_minutes(station, centre, cost, np.ones(len(stations), np.int64), places) > 0
    else:
        load = stations["load"].to_numpy(dtype=float)
        used, status, gap = _within_loads(
            station, centre, cost, places, load, max_load, time_limit_s
        )
    return _plan(stations, centres, station, centre, minutes, used, status, gap)


def _rows(
    pairs: pd.DataFrame,
    stations: pd.DataFrame,
    centres: pd.DataFrame,
    span: int,
    max_load: float | None,
) -> tuple[Ints, Ints, Floats]:
    if not stations.index.is_unique or not centres.index.is_unique:
        msg = "an id of a station or of a centre stands twice"
        raise ValueError(msg)
    if span < 0 or (max_load is not None and not max_load >= 0):
        msg = "`span` and `max_load` must not be negative"
        raise ValueError(msg)
    station = stations.index.get_indexer(pd.Index(pairs["station"]))
    centre = centres.index.get_indexer(pd.Index(pairs["centre"]))
    if (station < 0).any() or (centre < 0).any():
        msg = "a pair names a station or a centre that is not in the lists"
        raise ValueError(msg)
    if pairs.duplicated(["station", "centre"]).any():
        msg = "a pair stands twice"
        raise ValueError(msg)
    minutes = pairs["minutes"].to_numpy(dtype=float)
    if not (minutes >= 0).all():
        msg = "minutes must be numbers that are not negative"
        raise ValueError(msg)
    return station.astype(np.int64), centre.astype(np.int64), minutes


def _places(stations: pd.DataFrame, centres: pd.DataFrame, span: int) -> Ints:
    """Return how many stations each centre may run: its span, or all of its street."""
    most = np.full(len(centres), span, dtype=np.int64)
    if "span" in centres:
        given = pd.to_numeric(centres["span"]).to_numpy(dtype=float, na_value=np.nan)
        most = np.where(np.isfinite(given), given, most).astype(np.int64)
    count = stations["street"].value_counts()
    own = centres["street"].map(count).where(centres["street"] != "", 0).fillna(0)
    return np.maximum(most, own.to_numpy(dtype=np.int64))


def _within_loads(
    station: Ints,
    centre: Ints,
    cost: Floats,
    places: Ints,
    load: Floats,
    max_load: float,
    time_limit_s: float | None,
) -> tuple[NDArray[np.bool_], str, float]:
    """Return the pairs that are used where the load of a centre has a limit, by HiGHS."""
    program = Program()
    used = program.add(len(station), most=1.0, whole=True)
    n, m = int(station.max(initial=-1)) + 1, len(places)
    ones = np.ones(len(station))
    program.rows(station, used, ones, number=n, least=-np.inf, most=1.0)
    program.rows(centre, used, ones, number=m, least=-np.inf, most=places.astype(float))
    program.rows(centre, used, load[station], number=m, least=-np.inf, most=max_load)
    # A station more is worth any way.
    worth = n * (float(cost.max(initial=0.0)) + 1.0) + 1.0
    program.price(used, cost - worth)
    found = program.solve(time_limit_s=time_limit_s)
    chosen = np.rint(found.variables[used]) > 0 if len(station) else np.zeros(0, bool)
    return chosen, found.status, found.gap


def _plan(
    stations: pd.DataFrame,
    centres: pd.DataFrame,
    station: Ints,
    centre: Ints,
    minutes: Floats,
    used: NDArray[np.bool_],
    status: str,
    gap: float,
) -> StationPlan:
    names = np.full(len(stations), "", dtype=object)
    names[station[used]] = centres.index.to_numpy(dtype=object)[centre[used]]
    took = np.full(len(stations), np.nan)
    took[station[used]] = minutes[used]
    reached = np.isin(np.arange(len(stations)), station)
    reason = np.where(names != "", "", np.where(reached, "full", "beyond"))
    return StationPlan(
        centre=pd.Series(names, stations.index, name="centre", dtype=object),
        minutes=pd.Series(took, stations.index, name="minutes"),
        reason=pd.Series(reason, stations.index, name="reason", dtype=object),
        status=status,
        gap=gap,
    )

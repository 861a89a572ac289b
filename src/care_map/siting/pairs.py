"""Who could be reached from which new site: exact times by the rules of a circle."""

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.circle_search import facility_rows, has_role, reach
from care_map.config import Study
from care_map.inputs.tables import Inputs
from care_map.network.road_network import RoadNetwork
from care_map.planning.choices import Choices
from care_map.search_points import Search, make_search
from care_map.values import Circle, CircleRule, Variant

__all__ = ["Reach", "new_facilities", "one_part", "reach_of"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Words = NDArray[np.object_]

_S_PER_MIN = 60.0
_STANDING = "\0{}"
"""What already stands, as one site for each time that an elder is reached; no id of a list."""
_FROM_CANDIDATE = (
    "name",
    "unit_id",
    "address",
    "floor_area_m2",
    "land_area_m2",
    "build_mode",
    "ownership",
    "beds",
    "in_area",
    "location_quality",
)


@dataclass(frozen=True, slots=True)
class Reach:
    """Elders of a circle, and the new sites within its minutes.

    Parameters
    ----------
    access
        Rows of the access table of one reading of the circle, with ``covered`` and ``usable``
        (whether a new site could cover them).
    elder, site, minutes
        Pairs: row of `access`, row of the candidates, minutes. Only of those whom a new site
        would cover.
    times
        ``(n,)`` how many facilities reach each already; at least 1 where covered.
    far
        Pairs of everybody, as far as means and longest ways are asked for; None where not.
    """

    access: pd.DataFrame
    elder: Ints
    site: Ints
    minutes: Floats
    times: Ints
    far: tuple[Ints, Ints, Floats] | None = None

    def choices(self, ids: pd.Series, *, times: int = 1) -> Choices:
        """Return what the covering models choose from.

        Parameters
        ----------
        ids
            Candidates in their order.
        times
            By how many facilities an elder must be reached.
        """
        m = len(ids)
        already = [np.flatnonzero(self.times > number) for number in range(times)]
        # Whoever is covered enough has nothing to choose: one class for all of them.
        open_row = self.times[self.elder] < times
        demand = np.concatenate([self.elder[open_row], *already])
        site = np.concatenate(
            [self.site[open_row], *(np.full(len(a), m + k) for k, a in enumerate(already))]
        ).astype(np.int64)
        minutes = np.concatenate([self.minutes[open_row], np.zeros(sum(map(len, already)))])
        order = np.lexsort((site, demand))
        names = [*ids, *(_STANDING.format(number) for number in range(times))]
        return Choices(
            demand_id=pd.Index(self.access["demand_id"]),
            elders=self.access["elders"].to_numpy(dtype=float),
            sites=pd.Index(names, dtype=object),
            existing=np.arange(m + times) >= m,
            demand=demand[order],
            site=site[order],
            minutes=minutes[order],
        )


def one_part(circle: Circle, places: gpd.GeoDataFrame) -> bool:
    """Tell whether all new sites would give the same part of a circle.

    Where they give different parts, whom a set of sites covers is no sum of whom each covers.

    Parameters
    ----------
    circle
        What must be reached.
    places
        Candidates with ``role``.
    """
    parts = {
        frozenset(number for number, types in enumerate(circle.require) if role in types)
        for role in set(places["role"])
    }
    return len(parts) <= 1


def new_facilities(places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return candidates as operating facilities: what the study has once they are built.

    Parameters
    ----------
    places
        Candidates with ``role``.
    """
    columns = {name: places[name].to_numpy() for name in _FROM_CANDIDATE if name in places}
    table = gpd.GeoDataFrame(
        {
            "facility_id": places["candidate_id"].to_numpy(dtype=object),
            "roles": places["role"].to_numpy(dtype=object),
            "stage": "operating",
            # Nobody said that it would deliver.
            "delivers": False,
            **columns,
        },
        geometry=places.geometry.to_numpy(),
        crs=places.crs,
    )
    return table.astype({"roles": object, "stage": object})


def reach_of(
    study: Study,
    inputs: Inputs,
    network: RoadNetwork | None,
    access: pd.DataFrame,
    places: gpd.GeoDataFrame,
    *,
    way: tuple[Circle, Variant],
    times: int = 1,
    horizon: float = 0.0,
) -> Reach:
    """Search from every candidate, by the profile and minutes of each elder's setting.

    Parameters
    ----------
    study, inputs, network
        The study as it stands.
    access
        The run's access table.
    places
        Candidates with ``role``; all of one part of the circle.
    way
        The circle that is sited for, and which reading of it.
    times
        By how many facilities an elder must be reached.
    horizon
        How many times the circle's minutes are looked at for means and longest ways; 0 for none.
    """
    circle, variant = way
    built = new_facilities(places)
    joined = pd.concat([inputs.facilities, built.to_crs(inputs.crs)], ignore_index=True)
    with_new = replace(inputs, facilities=gpd.GeoDataFrame(joined, crs=inputs.crs))
    search = make_search(study, with_new, network)
    mine = access[(access["circle"] == circle.id) & (access["profile"] == variant.profile)]
    mine = mine.reset_index(drop=True)
    rows = _rows(inputs, mine)
    new = np.arange(len(inputs.facilities), len(joined))
    covered = (mine["status"] == "covered").to_numpy(dtype=bool)
    usable = np.isin(rows, search.origin_row) & (search.too_coarse[rows] == "")
    usable &= _other_parts(search, inputs, rows, circle, variant, set(places["role"]))
    standing = _times(search, inputs, rows, circle, variant, covered) if times > 1 else covered
    wanted = np.flatnonzero(usable & ((standing < times) if times > 1 else ~covered))
    elder, site, minutes = _pairs(search, inputs, rows, wanted, new, (circle, variant))
    far = None
    if horizon > 0:
        longer = _longer(variant, horizon)
        far = _pairs(search, inputs, rows, np.flatnonzero(usable), new, (circle, longer))
    return Reach(
        access=mine.assign(covered=covered, usable=usable),
        elder=elder,
        site=site,
        minutes=minutes,
        times=np.maximum(np.asarray(standing, dtype=np.int64), covered.astype(np.int64)),
        far=far,
    )


def _longer(variant: Variant, horizon: float) -> Variant:
    rules = {
        setting: CircleRule(rule.profile, rule.minutes * horizon)
        for setting, rule in variant.rules.items()
    }
    return Variant(rules, official=False)


def _rows(inputs: Inputs, access: pd.DataFrame) -> Ints:
    """Return the demand rows of an access table."""
    ids = pd.Index(inputs.demand["demand_id"])
    return np.asarray(ids.get_indexer(pd.Index(access["demand_id"])), dtype=np.int64)


def _pairs(
    search: Search,
    inputs: Inputs,
    rows: Ints,
    wanted: Ints,
    facilities: Ints,
    asked: tuple[Circle, Variant],
) -> tuple[Ints, Ints, Floats]:
    """Return position in `rows`, number of the facility, minutes."""
    circle, variant = asked
    setting = inputs.demand["setting"].to_numpy(dtype=object)[rows]
    parts: list[tuple[Ints, Ints, Floats]] = []
    words = {word: variant.rule(str(word)) for word in pd.unique(setting)}
    for rule in dict.fromkeys(one for one in words.values() if one is not None):
        of_rule = [word for word, one in words.items() if one == rule]
        which = wanted[np.isin(setting[wanted], of_rule)]
        here, there, seconds = search.pairs(
            rule.profile,
            rows=rows[which],
            facility_rows=facilities,
            cutoff_s=rule.cutoff_s,
            direction=circle.direction,
        )
        parts.append((which[here], there, seconds / _S_PER_MIN))
    if not parts:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    elder, site, minutes = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((site, elder))
    return elder[order], site[order], minutes[order]


def _other_parts(
    search: Search,
    inputs: Inputs,
    rows: Ints,
    circle: Circle,
    variant: Variant,
    roles: set[str],
) -> Bools:
    """Tell who reaches already what the new sites do not give, where a circle asks for more."""
    fine = np.ones(len(rows), dtype=bool)
    pool = facility_rows(inputs, stages=("operating",), own=True)
    for types in circle.require:
        if roles & set(types):
            continue
        part = replace(circle, require=(types,), delivery=None)
        found = reach(search, inputs, rows, circle=part, variant=variant, pool=pool)
        fine &= found.finding.status == "covered"
    return fine


def _times(
    search: Search,
    inputs: Inputs,
    rows: Ints,
    circle: Circle,
    variant: Variant,
    covered: Bools,
) -> Ints:
    """Return by how many operating facilities of the district each elder is reached."""
    pool = facility_rows(inputs, stages=("operating",), own=True)
    names = [name for group in circle.require for name in group]
    pool = pool[has_role(inputs, names)[pool]]
    elder, _, _ = _pairs(search, inputs, rows, np.flatnonzero(covered), pool, (circle, variant))
    return np.bincount(elder, minlength=len(rows)).astype(np.int64)

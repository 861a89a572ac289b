"""The elders' list: invented records with an id each and no name."""

import datetime as dt

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.demo.frontage import Frontage
from care_map.demo.gaps import homes
from care_map.demo.plane import Floats, to_degrees
from care_map.demo.settlements import Settlement
from care_map.demo.sites import SITES
from care_map.demo.units import Units
from care_map.messages import catalogue
from care_map.schema import DEMAND
from care_map.vocabulary import SERVICES

__all__ = ["make_elders"]

_SAMPLE = 0.085 * 0.225
"""About one elder in twelve is on the list; 22.5 % of people are elders."""
_WITHOUT_POINT = 0.03
_REACH_M = {"urban": 900.0, "seat": 260.0, "village": 430.0}
"""How far from the heart of a settlement its houses stand, about."""
_GRADES = ("能力完好", "轻度失能", "中度失能", "重度失能")
_CARE_GRADES = ("自理", "半护理", "全护理")
_CHANCES = {
    "living_alone": 0.10,
    "empty_nest": 0.22,
    "no_kin": 0.012,
    "dementia": 0.02,
    "bereaved": 0.008,
    "special_family": 0.012,
    "destitute_scattered": 0.018,
    "destitute_central": 0.006,
    "low_income": 0.045,
    "hardship": 0.06,
    "severe_disability": 0.02,
}
_NEEDS = (0.22, 0.07, 0.12, 0.16, 0.08, 0.06, 0.18, 0.07, 0.03, 0.09, 0.15, 0.08, 0.06, 0.07)


_DAY_CARE_FROM = 68


def make_elders(
    rng: np.random.Generator,
    units: Units,
    settlements: list[Settlement],
    frontage: Frontage,
    *,
    hamlets: Floats,
) -> pd.DataFrame:
    """Return the list with Chinese headers.

    Parameters
    ----------
    rng
        Random generator.
    units, settlements, frontage
        The district and where houses stand in it.
    hamlets
        ``(n, 2)`` homes beyond those along the roads: border hamlets.
    """
    ordinary = _ordinary(rng, units, settlements, frontage)
    planted = np.vstack([homes(place.key, rng) for place in SITES])
    points = np.vstack([ordinary, hamlets, planted])
    community = units.community_of(points[:, 0], points[:, 1])
    points, community = points[community >= 0], community[community >= 0]
    known = rng.random(len(points)) >= _WITHOUT_POINT
    known[len(points) - len(planted) :] = True
    order = np.argsort(community, kind="stable")
    points, community, known = points[order], community[order], known[order]
    lon, lat = to_degrees(points[:, 0], points[:, 1])
    urban = np.array([one.kind != "village" for one in settlements])[community]
    full = np.array([one.site == "full" for one in settlements])[community]
    table = _people(rng, urban, full)
    table["demand_id"] = [f"E{number + 1:05d}" for number in range(len(table))]
    table["unit_id"] = units.table["unit_id"].to_numpy()[units.first_community + community]
    table["lon"] = np.where(known, np.round(lon, 6), np.nan)
    table["lat"] = np.where(known, np.round(lat, 6), np.nan)
    kept = [name for name in DEMAND.names if name in table]
    return table[kept].rename(columns={name: DEMAND.column(name).zh for name in kept})


def _ordinary(
    rng: np.random.Generator,
    units: Units,
    settlements: list[Settlement],
    frontage: Frontage,
) -> Floats:
    people = units.table["population"].to_numpy()[units.first_community :]
    found = []
    for number, one in enumerate(settlements):
        near = np.flatnonzero(frontage.community == number)
        if one.site or near.size == 0:
            continue
        away = np.hypot(frontage.x[near] - one.x, frontage.y[near] - one.y)
        thick = frontage.weight[near] * (np.exp(-((away / _REACH_M[one.kind]) ** 2)) + 0.02)
        count = int(rng.poisson(people[number] * _SAMPLE))
        chosen = near[rng.choice(near.size, count, p=thick / thick.sum())]
        found.append(np.column_stack(frontage.beside(chosen, _offsets(rng, count))))
    return np.vstack(found)


def _offsets(rng: np.random.Generator, count: int) -> Floats:
    """Return distances from the road, 10 to 60 m, most of them small, on either side."""
    off = 10 + 50 * rng.beta(1.2, 3.0, count)
    return np.asarray(off * rng.choice([-1, 1], count), dtype=np.float64)


def _people(
    rng: np.random.Generator, urban: NDArray[np.bool_], full: NDArray[np.bool_]
) -> pd.DataFrame:
    n = urban.size
    age = np.minimum(60 + rng.gamma(1.45, 7.2, n).astype(np.int64), 100)
    frail = 1 / (1 + np.exp(-(age - 84) / 5.0))
    level = (rng.random(n) < 0.12 + 0.5 * frail).astype(np.int64)
    level += (level > 0) & (rng.random(n) < 0.25 + 0.3 * frail)
    level += (level > 1) & (rng.random(n) < 0.4)
    groups = {code: rng.random(n) < chance for code, chance in _CHANCES.items()}
    groups["destitute_central"] &= ~groups["destitute_scattered"]
    groups["empty_nest"] &= ~groups["living_alone"]
    groups |= {
        "aged_80": age >= 80,
        "left_behind": ~urban & (rng.random(n) < 0.18),
        "semi_disabled": level == 2,
        "disabled": level == 3,
    }
    floor = np.where(urban, rng.integers(1, 9, n), rng.integers(1, 3, n))
    lift = urban & (floor > 6) | (urban & (rng.random(n) < 0.2))
    willing = rng.random(n) < 0.7
    table = pd.DataFrame({"age": age})
    table["residence"] = rng.choice(["常住", "户籍在住", "外出"], n, p=[0.86, 0.11, 0.03])
    table["groups"] = _labels("group", groups)
    needs = {c: rng.random(n) < p for c, p in zip(SERVICES, _NEEDS, strict=False)}
    # Many more ask for day care there than the one station in reach has places.
    needs["day_care"] |= full & (age >= _DAY_CARE_FROM)
    table["needs"] = _labels("service", needs)
    table["willing"] = np.where(willing, "是", "否")
    table["signed"] = np.where(willing & (rng.random(n) < 0.75), "是", "否")
    table["floor"] = floor
    table["lift"] = np.where(lift, "是", "否")
    table["last_visit"] = _visits(rng, n)
    poor = groups["destitute_scattered"] | groups["destitute_central"]
    assessed = (level > 0) | (rng.random(n) < 0.3)
    table["grade_scheme"] = np.where(
        poor, "特困人员生活自理能力", np.where(assessed, "MZ/T 039-2013", "")
    )
    table["grade"] = [
        _CARE_GRADES[min(lvl, 2)] if p else _GRADES[lvl] if a else ""
        for lvl, p, a in zip(level, poor, assessed, strict=True)
    ]
    return table


def _labels(group: str, flags: dict[str, NDArray[np.bool_]]) -> list[str]:
    """Write what is true of each record as Chinese labels with 、 between them."""
    texts = catalogue("zh")
    labels = [texts.label(group, code) for code in flags]
    rows = np.column_stack(list(flags.values()))
    return ["、".join(label for label, on in zip(labels, row, strict=True) if on) for row in rows]


def _visits(rng: np.random.Generator, count: int) -> list[str]:
    last = dt.date(2021, 6, 29)
    days = rng.integers(0, 240, count)
    visited = rng.random(count) < 0.6
    return [
        (last - dt.timedelta(days=int(day))).isoformat() if seen else ""
        for day, seen in zip(days, visited, strict=True)
    ]

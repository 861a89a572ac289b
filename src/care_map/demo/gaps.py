"""What is wrong at the planned sites: who lives there, and the station they look to."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from care_map.demo.plane import Floats, to_degrees
from care_map.demo.quarters import BANK_LANE_M, HILL_ROAD_M, STAIRS_M
from care_map.demo.river import river_y
from care_map.demo.settlements import Settlement
from care_map.demo.sites import ISLAND, SITES, Site, site
from care_map.demo.units import Units
from care_map.messages import Catalogue

__all__ = ["CLEAR_M", "STATIONS", "GapStation", "gap_table", "homes", "station_point"]

CLEAR_M = 1320.0
"""No other care facility stands nearer to the middle of a site: 15 minutes and the homes' reach."""


@dataclass(frozen=True, slots=True)
class GapStation:
    """The only care facility near a site: its type, its stage and the places it has."""

    role: str
    stage: str
    places: int


STATIONS = {
    "far_bank": GapStation("village_point", "operating", 20),
    "hill": GapStation("village_point", "operating", 20),
    "stairs": GapStation("community_station", "operating", 30),
    "not_operating": GapStation("community_station", "accepted", 40),
    "full": GapStation("community_station", "operating", 6),
}


def station_point(key: str) -> tuple[float, float]:
    """Return where a site's station stands, metres of the plane."""
    place = site(key)
    if key == "far_bank":
        x = place.x + 90
        return x, float(river_y(x)) - BANK_LANE_M - 18
    if key == "hill":
        return place.x + 8, place.y + HILL_ROAD_M / 2 + 14
    if key == "stairs":
        return place.x + 226, place.y + STAIRS_M / 2 + 20
    return place.x + 16, place.y + 13


def homes(key: str, rng: np.random.Generator) -> Floats:
    """Return where the elders of a site live, ``(n, 2)`` metres of the plane."""
    place = site(key)
    n = place.elders
    if key == "far_bank":
        x = place.x + rng.uniform(-300, 300, n)
        return np.column_stack([x, river_y(x) + BANK_LANE_M + rng.uniform(12, 50, n)])
    if key == "hill":
        y = place.y - HILL_ROAD_M / 2 - rng.uniform(20, 48, n)
        return np.column_stack([place.x + rng.uniform(-62, 62, n), y])
    if key == "stairs":
        y = place.y - STAIRS_M / 2 - rng.uniform(20, 44, n)
        return np.column_stack([place.x + rng.uniform(-115, 110, n), y])
    if key == "no_road":
        x, y = rng.normal(0, 60, (2, n)).clip(-140, 140)
        return np.column_stack([place.x + x, place.y + y])
    if key == ISLAND:
        angle = rng.uniform(0, 2 * np.pi, n)
        return np.column_stack([place.x + 85 * np.cos(angle), place.y + 85 * np.sin(angle)])
    return _estate_homes(place, rng)


def _estate_homes(place: Site, rng: np.random.Generator) -> Floats:
    """Return homes along the streets of a quarter of five by five crossings."""
    street = rng.integers(-2, 3, place.elders) * 135.0
    along = rng.uniform(-280, 280, place.elders)
    off = street + rng.choice([-1, 1], place.elders) * rng.uniform(18, 50, place.elders)
    across = rng.random(place.elders) < 0.5
    return np.column_stack(
        [place.x + np.where(across, along, off), place.y + np.where(across, off, along)]
    )


def gap_table(
    units: Units, settlements: list[Settlement], stations: dict[str, str], texts: Catalogue
) -> pd.DataFrame:
    """Return one row per planted gap: where, how many elders, the cause.

    Parameters
    ----------
    units, settlements
        The district.
    stations
        Facility id of each site's station by the site's key.
    texts
        Catalogue for the notes.
    """
    rows: list[dict[str, object]] = []
    for place in SITES:
        if place.key == ISLAND:
            continue
        number = next(k for k, one in enumerate(settlements) if one.site == place.key)
        unit = units.table.iloc[units.first_community + number]
        lon, lat = to_degrees(*homes_middle(place))
        rows.append(
            {
                "gap_id": f"G{len(rows) + 1}",
                "place": unit["name"],
                "unit_id": unit["unit_id"],
                "lon": float(lon),
                "lat": float(lat),
                "elders": place.elders,
                "circle": "elder_care_15",
                "cause": place.key,
                "facility_id": stations.get(place.key, ""),
                "note": texts.text(f"demo.gap.{place.key}"),
            }
        )
    return pd.DataFrame(rows)


def homes_middle(place: Site) -> tuple[float, float]:
    """Return the middle of a site's homes, metres of the plane."""
    if place.key == "far_bank":
        return place.x, float(river_y(place.x)) + BANK_LANE_M + 30
    if place.key == "hill":
        return place.x, place.y - HILL_ROAD_M / 2 - 35
    if place.key == "stairs":
        return place.x, place.y - STAIRS_M / 2 - 32
    return place.x, place.y

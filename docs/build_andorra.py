"""Fill the tables of ``docs/andorra.md`` from the open data of Andorra.

``python docs/build_andorra.py`` reads the extract and the elevation in ``../shared/data/andorra``
(another folder: as the first argument) and renews the tables in place; a test makes some of the
rows again and compares them with the document.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium

from care_map.inputs.elevation import read_elevation
from care_map.inputs.osm import scan_extract
from care_map.inputs.osm_demand import Total, demand_from_osm
from care_map.inputs.osm_facilities import facilities_from_osm
from care_map.inputs.osm_units import units_from_osm
from care_map.network.build import build_network
from care_map.network.road_network import RoadNetwork
from care_map.network.snap import Points
from care_map.routing.nearest import Direction, travel_model
from care_map.values import PROFILES

__all__ = ["PAGE", "Place", "coverage", "data_table", "read_place"]

PAGE = Path(__file__).with_name("andorra.md")
DATA = Path(__file__).parents[2] / "shared" / "data" / "andorra"
_ON_FOOT = ("standard", "elder", "aged_80", "frail", "wheelchair")
_MINUTES = 15
_MEDICAL = ("hospital", "pharmacy")
_BLOCK = re.compile(r"(<!-- andorra: (\w+) -->\n).*?(<!-- andorra: end -->)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Place:
    """Andorra, level and with its hills.

    Parameters
    ----------
    level, hilly
        Its roads without and with elevation.
    homes, sites
        Where people live and what they go to.
    weight
        ``(n_homes,)`` people of each home, of 10,000 or more in all.
    kinds
        Number of facilities by type.
    date
        Of the extract.
    """

    level: RoadNetwork
    hilly: RoadNetwork
    homes: Points
    sites: Points
    weight: np.ndarray
    kinds: dict[str, int]
    date: str


def read_place(folder: Path = DATA) -> Place:
    """Read the extract as ``care-map start`` does: homes from buildings and streets, facilities."""
    file = folder / "andorra.osm.pbf"
    extract = scan_extract(file)
    units = units_from_osm(extract, language="en")
    homes, _, _ = demand_from_osm(extract, units.units, Total())
    sites, _ = facilities_from_osm(extract, units.area, language="en", file="facilities.csv")
    sites = sites[sites["roles"].isin(_MEDICAL)]
    with osmium.io.Reader(str(file)) as reader:
        date = reader.header().get("osmosis_replication_timestamp")[:10]
    elevation = read_elevation(folder / "N42E001.hgt.zip")
    return Place(
        level=build_network(extract.roads, extract.crs),
        hilly=build_network(extract.roads, extract.crs, elevation=elevation),
        homes=_points(homes, extract.crs),
        sites=_points(sites, extract.crs),
        weight=homes["elders"].to_numpy(dtype=float),
        kinds=sites["roles"].value_counts().to_dict(),
        date=date,
    )


def _points(table: gpd.GeoDataFrame, crs: object) -> Points:
    at = table.geometry.to_crs(crs)
    return Points(at.x.to_numpy(), at.y.to_numpy(), np.zeros(len(table), bool))


def coverage(place: Place, profile: str) -> str:
    """Return the row of a profile: share within the circle, and mean minutes of those in reach."""
    cells = [f"`{profile}`"]
    found = [_seconds(place, profile, *way) for way in _WAYS]
    for seconds in found:
        inside = (seconds <= _MINUTES * 60 + 1e-6) @ place.weight / place.weight.sum()
        cells.append(f"{inside:.1%}".replace("%", " %"))
    # The mean is of those whom every reading can reach: the same people in all three.
    reach = np.isfinite(found).all(axis=0)
    cells += [f"{np.average(s[reach], weights=place.weight[reach]) / 60:.1f}" for s in found]
    return _row(cells)


_WAYS: tuple[tuple[str, Direction], ...] = (("level", "to"), ("hilly", "to"), ("hilly", "from"))


def _seconds(place: Place, profile: str, ground: str, direction: Direction) -> np.ndarray:
    model = travel_model(getattr(place, ground), PROFILES[profile])
    return model.nearest(place.homes, place.sites, direction=direction).seconds


def data_table(place: Place) -> str:
    """Return what the figures are made of."""
    hills, km = place.hilly.hills, place.hilly.edge_length_m.sum() / 1000
    if hills is None:
        msg = "the place has no elevation"
        raise ValueError(msg)
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(place.kinds.items()))
    rows = [
        ("extract of", place.date),
        ("roads, km", f"{km:.0f}"),
        ("of these clamped to 25 %, km", f"{hills.clamped_m / 1000:.1f}"),
        ("of these without a height, km", f"{hills.unknown_m / 1000:.1f}"),
        ("homes (weighted points)", f"{len(place.homes):,}"),
        ("facilities", f"{len(place.sites)}: {kinds}"),
    ]
    return _page(("", ""), rows)


def _table(place: Place) -> str:
    heads = (
        "profile",
        "flat",
        "to the facility",
        "from it",
        "mean min, flat",
        "to the facility",
        "from it",
    )
    return _page(heads, ()) + "".join(coverage(place, profile) for profile in _ON_FOOT)


def _page(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = list(heads)
    return "".join(map(_row, [heads, ["---"] * len(heads), *rows]))


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell or ' ' for cell in cells)} |\n"


def _fill(text: str, place: Place) -> str:
    made = {"data": data_table(place), "coverage": _table(place)}

    def renew(found: re.Match[str]) -> str:
        return f"{found[1]}\n{made[found[2]]}\n{found[3]}"

    return _BLOCK.sub(renew, text)


def _folders() -> Iterator[Path]:
    yield from map(Path, sys.argv[1:])
    yield DATA


if __name__ == "__main__":
    PAGE.write_text(_fill(PAGE.read_text(encoding="utf-8"), read_place(next(_folders()))), "utf-8")

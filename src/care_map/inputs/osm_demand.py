"""Where elders probably live, from an OSM extract: a proxy until there is a list or a census.

Inside each unit the weight is spread

- over residential buildings, by floors × footprint, where OSM has at least one per 100 m of
  residential road;
- else along settlement roads, by length, and over the place nodes of hamlets and villages.

Weights of several units are compared by one measure: floor area if all units have buildings,
else road length. Positions are gathered in cells of 100 m (the heaviest one stands for its
cell) and the total is divided into whole elders by largest remainder, so sums are exact.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.errors import Problem, Severity
from care_map.inputs.crs import LONLAT
from care_map.inputs.osm import OsmExtract
from care_map.inputs.osm_homes import (
    Positions,
    building_positions,
    home_street_m,
    street_positions,
    sum_by_unit,
)

__all__ = [
    "CELL_M",
    "ELDER_SHARE",
    "WEIGHT_TOTAL",
    "Total",
    "demand_from_osm",
    "largest_remainder",
]

ELDER_SHARE = 0.187
"""Share of people of 60 and over, China's census of 2020 (default)."""

WEIGHT_TOTAL = 10_000
"""What weights add up to where no population is known; ten times as much, and so on, where that
would be fewer than four a cell."""

CELL_M = 100.0
DENSE_PER_100_M = 1.0

_PER_CELL = 4


@dataclass(frozen=True, slots=True)
class Total:
    """How many elders there are.

    Parameters
    ----------
    elders
        The total, None if it has to come from population tags.
    share
        Elders per inhabitant, for population tags.
    population
        Inhabitants that `elders` was taken from, None if it was not.
    """

    elders: int | None = None
    share: float = ELDER_SHARE
    population: int | None = None

    @property
    def basis(self) -> str:
        """``given``, ``population``, or nothing if there is no total yet."""
        if self.elders is None:
            return ""
        return "given" if self.population is None else "population"


def largest_remainder(weights: NDArray[np.float64], total: int) -> NDArray[np.int64]:
    """Divide a whole number by weight into whole numbers that add up to it.

    Parameters
    ----------
    weights
        ``(n,)`` not negative, not all zero.
    total
        What the parts add up to; not negative.

    Returns
    -------
    numpy.ndarray
        ``(n,)`` int64; of equal remainders the first wins.

    Examples
    --------
    >>> largest_remainder(np.array([1.0, 1.0, 1.0]), 10).tolist()
    [4, 3, 3]
    """
    exact = weights / weights.sum() * total
    parts = np.floor(exact).astype(np.int64)
    missing = total - int(parts.sum())
    order = np.argsort(parts - exact, kind="stable")
    parts[order[:missing]] += 1
    return np.asarray(parts, dtype=np.int64)


def demand_from_osm(
    extract: OsmExtract, units: gpd.GeoDataFrame, total: Total
) -> tuple[gpd.GeoDataFrame, str, tuple[Problem, ...]]:
    """Make the demand of a study.

    Parameters
    ----------
    extract
        The scanned extract.
    units
        As :func:`care_map.inputs.osm_units.units_from_osm` makes them: what is in no town
        belongs to the district.
    total
        How many elders there are, if that is known.

    Returns
    -------
    geopandas.GeoDataFrame
        ``demand_id, elders`` (int), ``unit_id, location_quality, origin``; points in EPSG:4326.
    str
        What the total is: ``given``, ``population`` (a share of the given population), ``tags``
        (of population tags) or ``weights``.
    tuple of Problem
        The choice made in each unit, and how the total came about.
    """
    buildings, streets = building_positions(extract, units), street_positions(extract, units)
    dense, problems = _choose(extract, units, buildings, streets)
    every = np.arange(len(units))
    by_building = buildings.of(every[dense])
    positions = _joined(by_building, streets.of(every[~dense]))
    from_building = np.arange(len(positions.weight)) < len(by_building.weight)
    live = np.unique(positions.unit)
    measure = buildings if dense[live].all() else streets
    unit_weight = sum_by_unit(measure.unit, measure.weight, len(units))
    cells = _cells(positions, from_building)
    elders, basis = _by_unit(units, unit_weight, live, total, n_cells=len(cells))
    frame = _points(extract, units, cells, elders)
    problems.extend(_total_problems(extract, units, live, frame, basis, total))
    return frame, basis, tuple(problems)


def _joined(*some: Positions) -> Positions:
    return Positions(
        np.concatenate([part.xy for part in some]),
        np.concatenate([part.weight for part in some]),
        np.concatenate([part.unit for part in some]),
    )


def _choose(
    extract: OsmExtract, units: gpd.GeoDataFrame, buildings: Positions, streets: Positions
) -> tuple[NDArray[np.bool_], list[Problem]]:
    """Choose buildings or roads in each unit, and say so."""
    areas = units.geometry.to_crs(extract.crs).to_numpy()
    homes = np.bincount(buildings.unit, minlength=len(units))
    spots = np.bincount(streets.unit, minlength=len(units))
    per_100_m = homes / np.maximum(home_street_m(extract, areas) / 100.0, 1.0)
    dense = per_100_m >= DENSE_PER_100_M
    problems: list[Problem] = []
    for row, name in enumerate(units["name"]):
        density, n_homes = f"{per_100_m[row]:.2f}", int(homes[row])
        if not homes[row] and not spots[row]:
            if len(units) == 1 or units["level"].iloc[row] == "town":
                problems.append(_finding("osm_demand_none", extract, "warning", name=name))
        elif dense[row]:
            problems.append(
                _finding("osm_demand_buildings", extract, count=n_homes, name=name, density=density)
            )
        else:
            problems.append(
                _finding(
                    "osm_demand_roads",
                    extract,
                    count=int(spots[row]),
                    name=name,
                    density=density,
                    buildings=n_homes,
                )
            )
    return dense, problems


def _by_unit(
    units: gpd.GeoDataFrame,
    sums: NDArray[np.float64],
    live: NDArray[np.int64],
    total: Total,
    *,
    n_cells: int,
) -> tuple[NDArray[np.int64], str]:
    """Return elders of each unit: by population tags if all live units have them."""
    elders = np.zeros(len(units), dtype=np.int64)
    if not len(live):
        return elders, total.basis or "weights"
    people = units["population"].to_numpy(dtype=np.float64)[live]
    tagged = bool((people > 0).all())
    basis = total.basis or ("tags" if tagged else "weights")
    whole = total.elders
    if basis == "tags":
        whole = round(float(people.sum()) * total.share)
    if whole is None:
        whole = WEIGHT_TOTAL
        while whole < _PER_CELL * n_cells:
            whole *= 10
    elders[live] = largest_remainder(people if tagged else sums[live], whole)
    return elders, basis


def _cells(positions: Positions, from_building: NDArray[np.bool_]) -> pd.DataFrame:
    """Gather positions in cells; the heaviest of a cell stands for it, with the cell's weight."""
    cell = np.floor(positions.xy / CELL_M).astype(np.int64)
    table = pd.DataFrame(
        {
            "unit": positions.unit,
            "column": cell[:, 0],
            "row": cell[:, 1],
            "weight": positions.weight,
            "building": from_building,
            "x": positions.xy[:, 0],
            "y": positions.xy[:, 1],
        }
    )
    keys = ["unit", "column", "row"]
    heaviest = table.sort_values([*keys, "weight", "x", "y"]).drop_duplicates(keys, keep="last")
    return heaviest.assign(weight=table.groupby(keys)["weight"].sum().to_numpy())


def _points(
    extract: OsmExtract,
    units: gpd.GeoDataFrame,
    cells: pd.DataFrame,
    elders: NDArray[np.int64],
) -> gpd.GeoDataFrame:
    """Give each cell its whole elders; cells that get none are left out."""
    gathered = cells.assign(elders=0)
    for unit in np.unique(cells["unit"]):
        part = gathered["unit"] == unit
        weights = gathered.loc[part, "weight"].to_numpy(dtype=np.float64)
        gathered.loc[part, "elders"] = largest_remainder(weights, int(elders[unit]))
    kept = gathered[gathered["elders"] > 0].reset_index(drop=True)
    building = kept["building"].to_numpy()
    points = gpd.GeoSeries(gpd.points_from_xy(kept["x"], kept["y"]), crs=extract.crs)
    return gpd.GeoDataFrame(
        {
            "demand_id": pd.Series([f"d{number:05d}" for number in range(1, len(kept) + 1)]),
            "elders": kept["elders"].astype(np.int64),
            "unit_id": units["unit_id"].to_numpy()[kept["unit"]],
            "location_quality": np.where(building, "building", "village"),
            "origin": np.where(building, "building", "place"),
        },
        geometry=points.to_crs(LONLAT),
    )


def _finding(
    code: str, extract: OsmExtract, severity: Severity = "info", *, count: int = 1, **values: object
) -> Problem:
    return Problem(code, severity=severity, source=extract.path.name, count=count, values=values)


def _total_problems(
    extract: OsmExtract,
    units: gpd.GeoDataFrame,
    live: NDArray[np.int64],
    frame: gpd.GeoDataFrame,
    basis: str,
    total: Total,
) -> list[Problem]:
    elders, points = int(frame["elders"].sum()), len(frame)
    tagged = units["population"].iloc[live] > 0
    problems: list[Problem] = []
    fields: dict[str, object] = {
        "points": points,
        "share": f"{total.share * 100:g}",
        "population": total.population,
    }
    severity: Severity = "warning" if basis == "weights" else "info"
    problems.append(
        Problem(
            f"osm_demand_{basis}",
            severity=severity,
            source=extract.path.name,
            count=elders,
            values=fields,
        )
    )
    if tagged.any() and not tagged.all():
        problems.append(_finding("osm_demand_split_mixed", extract, "warning"))
    return problems

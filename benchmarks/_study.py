"""A study made for a benchmark: towns in a grid, facilities and homes along the roads."""

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from _inputs import points_near_roads
from numpy.typing import NDArray
from pyproj import Transformer

from care_map.network.costs import EdgeCosts
from care_map.network.snap import Points

__all__ = ["CIRCLES", "ONE_CIRCLE", "write_study"]

_TOWNS_A_SIDE = 6
_TYPES = ("community_station", "care_home", "meal_point", "village_clinic", "hospital")

ONE_CIRCLE = """
[[circle]]
id = "care"
title = "15分钟养老服务圈"
require = [["community_station", "care_home", "meal_point", "village_clinic", "hospital"]]
profile = "elder"
minutes = 15
"""
"""One search: no second profile beside it."""

CIRCLES = """
[[circle]]
id = "care"
title = "15分钟养老服务圈"
require = [["community_station", "care_home"]]
profile = "standard"
minutes = 15

[[circle]]
id = "medical"
title = "医疗服务圈"
require = [["hospital", "village_clinic"]]
urban = { profile = "standard", minutes = 15 }
rural = { profile = "rural_drive", minutes = 25 }
"""
"""What a district has: two circles, two profiles on foot side by side, and one by vehicle."""


def write_study(
    folder: Path,
    costs: EdgeCosts,
    *,
    n_facilities: int,
    n_elders: int,
    roads: Path | None,
    circles: str = CIRCLES,
) -> Path:
    """Write the study and return its study file; homes are a GeoPackage, lists are CSV."""
    folder.mkdir(parents=True, exist_ok=True)
    towns = _towns(costs)
    towns.to_file(folder / "towns.gpkg", layer="towns")
    facilities = points_near_roads(costs, n_facilities, seed=7)
    lon, lat = _degrees(costs, facilities)
    ids = [f"F{i:05d}" for i in range(n_facilities)]
    pd.DataFrame(
        {
            "facility_id": ids,
            "name": [f"设施{i}" for i in ids],
            "roles": [_TYPES[i % len(_TYPES)] for i in range(n_facilities)],
            "stage": "operating",
            "beds": np.arange(n_facilities) % 120,
            "lon": lon,
            "lat": lat,
        }
    ).to_csv(folder / "facilities.csv", index=False)
    _write_elders(folder / "elders.gpkg", costs, n_elders)
    parts = ['[study]\nname = "基准"\ndata = "synthetic"\nas_of = 2021-06-30']
    if roads is not None:
        parts.append(f"[roads]\npath = '{roads.resolve().as_posix()}'")
    parts += [
        '[units]\npath = "towns.gpkg"\nlevel = "town"',
        '[[facilities]]\npath = "facilities.csv"',
        '[[demand]]\npath = "elders.gpkg"\nelder_age = 60',
        circles,
        '[output]\ndir = "run"\n',
    ]
    file = folder / "study.toml"
    file.write_text("\n".join(parts), encoding="utf-8")
    return file


def _write_elders(file: Path, costs: EdgeCosts, count: int) -> None:
    rng = np.random.default_rng(8)
    lon, lat = _degrees(costs, points_near_roads(costs, count, seed=9))
    table = {
        "demand_id": [f"E{i:07d}" for i in range(count)],
        "age": rng.integers(60, 96, count),
        "groups": rng.choice(["", "", "", "living_alone", "aged_80"], count),
    }
    points = gpd.points_from_xy(lon, lat)
    frame = gpd.GeoDataFrame(table, geometry=points, crs=4326)
    frame.to_file(file, layer="elders", use_arrow=True)


def _towns(costs: EdgeCosts) -> gpd.GeoDataFrame:
    """Cut the extent into 6 × 6 towns, every second one rural."""
    network = costs.network
    edges_x, edges_y = (_sides(values) for values in (network.node_x, network.node_y))
    cells = [
        (
            f"5001{i:02d}{j:03d}000",
            shapely.box(edges_x[i], edges_y[j], edges_x[i + 1], edges_y[j + 1]),
        )
        for i in range(_TOWNS_A_SIDE)
        for j in range(_TOWNS_A_SIDE)
    ]
    table = {
        "unit_id": [code for code, _ in cells],
        "name": [f"{code[4:9]}镇" for code, _ in cells],
        "setting": ["rural" if k % 2 else "urban" for k in range(len(cells))],
    }
    frame = gpd.GeoDataFrame(table, geometry=[cell for _, cell in cells], crs=network.crs)
    return frame.to_crs(4326)


def _sides(values: NDArray[np.float64]) -> Sequence[float]:
    sides: list[float] = np.linspace(
        values.min() - 500, values.max() + 500, _TOWNS_A_SIDE + 1
    ).tolist()
    return sides


def _degrees(costs: EdgeCosts, points: Points) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    to_degrees = Transformer.from_crs(costs.network.crs, "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform(points.x, points.y)
    return np.asarray(lon), np.asarray(lat)

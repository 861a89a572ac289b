"""A million elders' records, from a CSV with Chinese headers: read, checked, converted, joined.

Held to what no program can do without: reading the file, and asking which unit each point is in.
"""

import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from _measure import Check, Claim, arguments, side_by_side, watched, write
from numpy.typing import NDArray

from care_map.config import Study, read_study
from care_map.inputs.datum import wgs84_to_gcj02
from care_map.inputs.load import check_inputs, load_inputs

_TOWNS = (18, 19)
_SIZE_DEG = 0.05
_CORNER = (108.0, 30.0)
_VERTICES = 96
_BAD_SHARE = 0.03
_GROUPS = ("", "", "", "独居", "空巢、失能", "高龄；独居", "低保")
_BAD_CELLS = {
    "年龄": ("约70", "七十", "7o"),
    "重点人群": ("其他人群", "不详"),
    "纬度": ("", "北纬"),
}

_STUDY = """
[study]
name = "基准"
data = "synthetic"
[units]
path = "towns.gpkg"
level = "town"
[[demand]]
path = "elders.csv"
datum = "gcj02"
elder_age = 60
[[circle]]
id = "care"
title = "15分钟养老服务圈"
require = [["care_home"]]
profile = "straight_line"
minutes = 15
"""


def main() -> None:
    """Measure and write."""
    options = arguments(__doc__ or "", rounds=3)
    count = 5_000 if options.small else 1_000_000
    with tempfile.TemporaryDirectory(prefix="care-map-benchmark-") as name:
        folder = Path(name)
        n_bad = write_inputs(folder, count)
        study, file = read_study(folder / "study.toml"), folder / "elders.csv"
        towns = pyogrio.read_dataframe(folder / "towns.gpkg").geometry.to_numpy()
        listed = check(study, count)
        with watched() as memory:
            load_inputs(study)
        points = shapely.points(
            *pd.read_csv(file, usecols=["经度", "纬度"])
            .apply(pd.to_numeric, errors="coerce")
            .to_numpy()
            .T
        )
        times = side_by_side(
            {
                "ours": lambda: load_inputs(study),
                "pandas reads": lambda: pd.read_csv(file),
                "pyogrio reads": lambda: pyogrio.read_dataframe(file),
                "STRtree asked": lambda: shapely.STRtree(towns).query(
                    points, predicate="intersects"
                ),
            },
            rounds=options.rounds,
            warm=False,
        )
        size_mb = file.stat().st_size / 1e6
    join_s = times["STRtree asked"]
    claim = Claim(
        name="reading",
        title="1M elders' records: read, checked, converted and joined to units",
        inputs={"elders": count, "units": len(towns), "MB": round(size_mb, 1), "bad cells": n_bad},
        figures={
            **{f"{name}, s": value for name, value in times.items()},
            "÷ (pandas + STRtree)": times["ours"] / (times["pandas reads"] + join_s),
            "rows with a finding": listed,
            "ours, MB above what was there": memory.extra_mb,
        },
        checks=[
            Check("÷ (pyogrio + STRtree)", times["ours"] / (times["pyogrio reads"] + join_s), 3.0)
        ],
        notes=[
            (
                "Ours: encoding, headers, every cell read and the bad ones listed, ids looked for "
                "twice, GCJ-02 undone, points in metres, the unit of each, labels held against it."
            ),
            (
                "The peers only read the file, and ask a tree of the units with points that are "
                "made already; neither checks nor converts anything."
            ),
        ],
    )
    write(claim, options)


def write_inputs(folder: Path, count: int) -> int:
    """Write the study, its towns and its elders; return how many cells are bad."""
    rng = np.random.default_rng(11)
    towns = _towns(rng)
    towns.to_file(folder / "towns.gpkg", layer="towns")
    (folder / "study.toml").write_text(_STUDY, encoding="utf-8")
    table = _elders(rng, towns, count)
    n_bad = 0
    for column, words in _BAD_CELLS.items():
        rows = np.flatnonzero(rng.random(count) < _BAD_SHARE / len(_BAD_CELLS))
        cells = table[column].to_numpy(dtype=object, copy=True)
        cells[rows] = rng.choice(words, len(rows))
        table[column] = cells
        n_bad += len(rows)
    table.to_csv(folder / "elders.csv", index=False)
    return n_bad


def check(study: Study, count: int) -> int:
    """Return how many rows have a finding, once it is sure that none is lost."""
    problems = check_inputs(study)
    used = len(load_inputs(study).demand)
    unused = sum(p.count for p in problems if p.code == "younger_than_elder_age")
    if used + unused != count:
        msg = f"{count} rows in, {used} used and {unused} listed as not used"
        raise AssertionError(msg)
    return sum(p.count for p in problems if p.severity != "info" and p.row is not None)


def _towns(rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Return towns in rows, each side of them drawn with many vertices."""
    columns, rows = _TOWNS
    lines = [
        _wavy(rng, (i * _SIZE_DEG, 0.0), (i * _SIZE_DEG, rows * _SIZE_DEG), rows)
        for i in range(columns + 1)
    ]
    lines += [
        _wavy(rng, (0.0, j * _SIZE_DEG), (columns * _SIZE_DEG, j * _SIZE_DEG), columns)
        for j in range(rows + 1)
    ]
    cells = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(lines))))
    codes = [f"500101{i:03d}000" for i in range(len(cells))]
    names = [f"第{i}镇" for i in range(len(cells))]
    table = {"unit_id": codes, "name": names}
    return gpd.GeoDataFrame(table, geometry=cells, crs=4326)


def _wavy(
    rng: np.random.Generator, start: tuple[float, float], end: tuple[float, float], towns: int
) -> shapely.LineString:
    """Return a line between two points of the grid that keeps to its crossings."""
    share = np.linspace(0.0, 1.0, towns * _VERTICES + 1)[:, np.newaxis]
    line = np.add(_CORNER, start) + share * np.subtract(end, start)
    aside = rng.uniform(-0.0006, 0.0006, len(line))
    aside[::_VERTICES] = 0.0
    across = np.array([1.0, 0.0]) if start[0] == end[0] else np.array([0.0, 1.0])
    return shapely.LineString(line + aside[:, np.newaxis] * across)


def _elders(rng: np.random.Generator, towns: gpd.GeoDataFrame, count: int) -> pd.DataFrame:
    columns, rows = _TOWNS
    lon = _CORNER[0] + rng.uniform(0.0, columns * _SIZE_DEG, count)
    lat = _CORNER[1] + rng.uniform(0.0, rows * _SIZE_DEG, count)
    gcj_lon, gcj_lat = wgs84_to_gcj02(lon, lat)
    return pd.DataFrame(
        {
            "老人编号": [f"E{i:07d}" for i in range(count)],
            "年龄": rng.integers(58, 100, count),
            "重点人群": rng.choice(_GROUPS, count),
            "乡镇街道": _names_of(towns, lon, lat),
            "经度": gcj_lon.round(6),
            "纬度": gcj_lat.round(6),
        }
    )


def _names_of(
    towns: gpd.GeoDataFrame, lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> NDArray[np.object_]:
    names = np.full(len(lon), "", dtype=object)
    unit, point = shapely.STRtree(shapely.points(lon, lat)).query(
        towns.geometry.to_numpy(), predicate="intersects"
    )
    names[point] = towns["name"].to_numpy(dtype=object)[unit]
    return names


if __name__ == "__main__":
    main()

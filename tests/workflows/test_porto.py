"""A whole city start to finish: generated lists on Porto's real roads, judged by the oracle."""

import json
import math
import random

import numpy as np
import oracle
import pandas as pd
import pytest

from care_map.workflows.run import run

pytestmark = [pytest.mark.slow, pytest.mark.real_data, pytest.mark.timeout(1200)]

COLUMNS, ROWS = 5, 4
FACILITIES, ELDERS, SAMPLE = 200, 20_000, 500
TOLERANCE_S = 1e-6
STUDY = """[study]
name = "Porto"
language = "en"
data = "synthetic"
[roads]
path = {roads}
[units]
path = "units.csv"
[[facilities]]
path = "facilities.csv"
[[demand]]
path = "elders.csv"
[[circle]]
id = "care"
title = "15 minutes on foot"
require = [["community_station"]]
profile = "standard"
minutes = 15
[output]
dir = "run"
"""


@pytest.fixture(scope="module")
def extract(shared_data):
    return shared_data / "porto" / "porto_portugal.osm.pbf"


@pytest.fixture(scope="module")
def raw(extract):
    return oracle.read_osm_ways(extract)


@pytest.fixture(scope="module")
def places(raw):
    """Return facilities and elders: most of them near a street, some wherever they fall."""
    rng = random.Random(7)  # noqa: S311
    nodes = [n for w in raw.ways if "highway" in w["tags"] for n in w["nodes"] if n[1] is not None]

    def somewhere():
        _, lon, lat = rng.choice(nodes)
        spread = 3e-3 if rng.random() < 0.1 else 3e-4
        return lon + rng.gauss(0, spread), lat + rng.gauss(0, spread)

    return [somewhere() for _ in range(FACILITIES)], [somewhere() for _ in range(ELDERS)]


@pytest.fixture(scope="module")
def porto(extract, places, tmp_path_factory):
    folder = tmp_path_factory.mktemp("porto")
    facilities, elders = places
    lon, lat = np.array([*facilities, *elders]).T
    _write_units(
        folder,
        np.linspace(lon.min(), lon.max(), COLUMNS + 1),
        np.linspace(lat.min(), lat.max(), ROWS + 1),
    )
    lines = ["facility_id,name,roles,stage,lon,lat"]
    lines += [
        f"f{i},Station {i},community_station,operating,{x!r},{y!r}"
        for i, (x, y) in enumerate(facilities)
    ]
    (folder / "facilities.csv").write_text("\n".join(lines), encoding="utf-8")
    lines = ["demand_id,elders,lon,lat"]
    lines += [f"d{i},{1 + i % 3},{x!r},{y!r}" for i, (x, y) in enumerate(elders)]
    (folder / "elders.csv").write_text("\n".join(lines), encoding="utf-8")
    study = folder / "study.toml"
    study.write_text(STUDY.format(roads=json.dumps(str(extract))), encoding="utf-8")
    return run(study)


def _write_units(folder, east, north):
    lines = ["unit_id,name,level,setting,wkt"]
    margin = 1e-3  # lines of latitude are bent in metres: nobody lives beyond the outer ones
    for i in range(COLUMNS):
        for j in range(ROWS):
            a, b = east[i] - margin * (i == 0), east[i + 1] + margin * (i == COLUMNS - 1)
            c, d = north[j] - margin * (j == 0), north[j + 1] + margin * (j == ROWS - 1)
            ring = ",".join(f"{x:.9f} {y:.9f}" for x, y in [(a, c), (b, c), (b, d), (a, d), (a, c)])
            lines.append(f'u{i}{j},Field {i}{j},town,urban,"POLYGON(({ring}))"')
    (folder / "units.csv").write_text("\n".join(lines), encoding="utf-8")


def test_the_folder_is_complete_and_its_sums_hold(porto):
    internal = porto.folder / "internal"
    for name in ("map.html", "report.xlsx", "layers.gpkg"):
        assert (internal / name).stat().st_size > 100_000
    table = pd.read_parquet(internal / "tables" / "coverage_by_unit.parquet")
    total = sum(1 + i % 3 for i in range(ELDERS))
    assert set(table.loc[table["level"] == "all", "elders"]) == {total}
    sums = table[table["setting"] == "all"].groupby(["profile", "level"])["elders"].sum()
    assert set(sums) == {total}
    assert len(set(table["unit_id"]) - {"all"}) == COLUMNS * ROWS
    whole = table[(table["level"] == "all") & (table["profile"] == "standard")].iloc[0]
    assert 0.1 < whole["rate_low"] < whole["rate_high"] < 1


def test_a_sample_agrees_with_the_oracle(porto, raw, places):
    facilities, elders = places
    chosen = random.Random(3).sample(range(ELDERS), SAMPLE)  # noqa: S311
    question = [
        [(*place, "urban") for place in some] for some in ([elders[i] for i in chosen], facilities)
    ]
    answer = oracle.oracle_nearest(raw, porto.result.crs, *question, oracle.PROFILES["standard"])
    # With these seeds no station has two places of the network that are as near.
    assert not any(snap.ambiguous for snap in answer.facility_snaps)
    access = porto.result.access
    rows = access[access["profile"] == "standard"].set_index("demand_id")
    compared, wrong = 0, []
    for number, seconds, snap in zip(chosen, answer.best, answer.origin_snaps, strict=True):
        if snap.ambiguous:
            continue
        row = rows.loc[f"d{number}"]
        compared += 1
        found = row["minutes_any_district"] * 60
        found = math.inf if math.isnan(found) else found
        if not (found == seconds or abs(found - seconds) <= TOLERANCE_S):
            wrong.append((number, found, seconds))
        elif row["snap_status"] != snap.status or row["status"] != _status(seconds, snap):
            wrong.append((number, row["snap_status"], row["status"], seconds, snap))
    assert wrong == []
    assert compared > 0.95 * SAMPLE


def _status(seconds, snap):
    """Say what a time means, in the words of the definition."""
    if seconds <= 900:
        return "covered"
    return "undetermined" if snap.status in ("beyond", "island") else "uncovered"

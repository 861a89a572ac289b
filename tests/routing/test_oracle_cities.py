"""Engine against oracle on real networks and on the demonstration district."""

import random
from dataclasses import replace
from pathlib import Path

import oracle
import pytest
from conftest import missing
from duel import ask_engine, clear, differences
from pyproj import CRS

from care_map.inputs.roads import read_roads
from care_map.network.build import build_network

HELSINKI = CRS.from_epsg(32635)
PORTO = CRS.from_epsg(32629)
SYNTHETIC = CRS.from_epsg(4545)
DEMONSTRATION = Path(__file__).parents[2] / "data" / "roads.osm.pbf"


@pytest.fixture(scope="module")
def helsinki(shared_data):
    return _both(shared_data / "helsinki" / "helsinki.osm.pbf", HELSINKI)


@pytest.fixture(scope="module")
def porto(shared_data):
    return _both(shared_data / "porto" / "porto_portugal.osm.pbf", PORTO, by_car=True)


@pytest.fixture(scope="module")
def demonstration():
    if not DEMONSTRATION.is_file():
        missing("data/roads.osm.pbf")
    return _both(DEMONSTRATION, SYNTHETIC)


def _both(path, crs, *, by_car=False):
    """Read the file twice, each side by its own reader; the oracle surveys its ways once.

    On level ground no way changes another, so that who only drives needs no survey of the rest.
    """
    table, _ = read_roads(path)
    raw = oracle.read_osm_ways(path)
    roads = [way for way in raw.ways if "highway" in way["tags"]]
    used = [way for way in roads if oracle.may_drive(way["tags"])] if by_car else roads
    surveyed = oracle.survey(replace(raw, ways=used), crs)
    return raw, surveyed, build_network(table, crs), crs


def _anywhere(raw, count, seed):
    """Scatter points over the extent: one half close to roads, the rest wherever they fall."""
    rng = random.Random(seed)  # noqa: S311
    nodes = [n for w in raw.ways if "highway" in w["tags"] for n in w["nodes"] if n[1] is not None]
    west, east = min(n[1] for n in nodes), max(n[1] for n in nodes)
    south, north = min(n[2] for n in nodes), max(n[2] for n in nodes)
    found = []
    for i in range(count):
        lon, lat = rng.uniform(west, east), rng.uniform(south, north)
        if i % 2:
            _, lon, lat = rng.choice(nodes)
            lon, lat = lon + rng.gauss(0, 3e-4), lat + rng.gauss(0, 3e-4)
        found.append((lon, lat, "rural" if rng.random() < 0.3 else "urban"))
    return found


def _duel(city, profile, n_origins, n_facilities):
    raw, surveyed, network, crs = city
    traveller = oracle.Traveller(raw, crs, oracle.PROFILES[profile], surveyed=surveyed)
    origins = clear(traveller, _anywhere(raw, n_origins, 1))
    facilities = clear(traveller, _anywhere(raw, n_facilities, 2))
    answer = traveller.nearest(origins, facilities)
    engine = ask_engine(network, crs, origins, facilities, profile)
    reached = sum(time < float("inf") for time in answer.best)
    assert reached > 0.4 * n_origins
    return differences(engine, answer)


@pytest.mark.real_data
@pytest.mark.parametrize("profile", ["standard", "elder", "rural_drive"])
def test_helsinki(helsinki, profile):
    assert _duel(helsinki, profile, 300, 40) == []


@pytest.mark.parametrize("profile", ["standard", "elder", "rural_drive"])
def test_demonstration_district(demonstration, profile):
    assert _duel(demonstration, profile, 300, 40) == []


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.real_data
def test_porto_by_car(porto):
    # On foot a whole run is held against the oracle: workflows/test_porto.py.
    assert _duel(porto, "rural_drive", 300, 60) == []


@pytest.mark.real_data
def test_both_readers_find_the_same_barriers(helsinki):
    raw, _, network, _ = helsinki
    assert len(network.barriers) == sum(len(line) - 1 for line in raw.barriers)

"""Networks on disk: the same when opened again, built anew when anything is wrong."""

import json
import shutil
import time
from dataclasses import fields, replace
from typing import get_origin

import numpy as np
import pytest
from duel import ask_engine
from networks import CRS_METRIC, barrier, points, road_table, way

from care_map.errors import InputError, OutputError
from care_map.network.build import build_network
from care_map.network.road_network import Hills, RoadNetwork
from care_map.network.store import cached_network, network_key, open_network, save_network
from care_map.workflows.places import read_network

PLACES = {1: (0, 0), 2: (1000, 0), 3: (2000, 0), 4: (1000, 800), 5: (1000, 400)}
ARRAYS = [field.name for field in fields(RoadNetwork) if get_origin(field.type) is np.ndarray]


@pytest.fixture
def network():
    ways = [way(1, [1, 2, 3], PLACES), way(2, [2, 5, 4], PLACES, "tertiary", oneway="yes")]
    return build_network(road_table(ways, [barrier([(500, 50), (600, 50)])]), CRS_METRIC)


def assert_same(one, other):
    for name in ARRAYS:
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
        assert getattr(one, name).dtype == getattr(other, name).dtype
    assert one.ways.equals(other.ways)
    assert one.ways.dtypes.equals(other.ways.dtypes)
    assert one.crs == other.crs
    for name in ("hills", "source", "barriers_known"):
        assert getattr(one, name) == getattr(other, name)


def test_arrays_are_known():
    assert len(ARRAYS) == 12


def test_opened_as_saved(network, tmp_path):
    save_network(network, tmp_path / "a" / "net")
    assert_same(open_network(tmp_path / "a" / "net"), network)
    assert [entry.name for entry in (tmp_path / "a").iterdir()] == ["net"]


def test_hills_and_grades_are_kept(network, tmp_path):
    grade = np.linspace(-0.1, 0.1, len(network.vertex_x))
    hilly = replace(network, vertex_grade=grade, hills=Hills("höhe.tif", 12.5, 3.0))
    save_network(hilly, tmp_path / "net")
    assert_same(open_network(tmp_path / "net"), hilly)


def test_network_without_barriers(network, tmp_path):
    bare = replace(network, barriers=np.empty((0, 4)), barriers_known=False)
    save_network(bare, tmp_path / "net")
    assert_same(open_network(tmp_path / "net"), bare)


def test_arrays_are_mapped_and_changes_stay_in_memory(network, tmp_path):
    save_network(network, tmp_path / "net")
    opened = open_network(tmp_path / "net")
    assert isinstance(opened.vertex_x.base, np.memmap)
    opened.vertex_x[0] = 0.0
    assert_same(open_network(tmp_path / "net"), network)


def test_opened_network_gives_the_same_times(network, tmp_path):
    save_network(network, tmp_path / "net")
    origins, goals = points([(10, 5), (990, 700), (1900, 5)]), points([(1500, 10), (1000, 790)])
    for profile in ("standard", "rural_drive"):
        built = ask_engine(network, CRS_METRIC, origins, goals, profile)
        opened = ask_engine(open_network(tmp_path / "net"), CRS_METRIC, origins, goals, profile)
        assert np.isfinite(built.seconds).any()
        assert np.array_equal(built.seconds, opened.seconds)


def test_saved_again_replaces_and_leaves_nothing(network, tmp_path):
    save_network(network, tmp_path / "net")
    save_network(replace(network, source="second"), tmp_path / "net")
    assert open_network(tmp_path / "net").source == "second"
    assert len(list(tmp_path.iterdir())) == 1


def test_folder_of_others_is_not_replaced(network, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "thesis.docx").write_text("years of work")
    with pytest.raises(OutputError) as caught:
        save_network(network, folder)
    assert caught.value.problems[0].code == "network_folder_foreign"
    assert (folder / "thesis.docx").read_text() == "years of work"
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine"]


def test_file_in_the_way(network, tmp_path):
    (tmp_path / "net").write_text("a file")
    with pytest.raises(OutputError) as caught:
        save_network(network, tmp_path / "net")
    assert caught.value.problems[0].code == "network_unwritable"
    assert (tmp_path / "net").read_text() == "a file"


def _truncate(folder):
    file = folder / "vertex_x.npy"
    file.write_bytes(file.read_bytes()[:-8])


def _empty(folder):
    (folder / "edge_from.npy").write_bytes(b"")


def _flip(folder):
    file = folder / "vertex_y.npy"
    content = bytearray(file.read_bytes())
    content[-3] ^= 1
    file.write_bytes(content)


def _remove(folder):
    (folder / "ways.arrow").unlink()


def _version(folder):
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    (folder / "meta.json").write_text(json.dumps({**meta, "format": 0}))


def _nonsense(folder):
    (folder / "meta.json").write_text("[]")


def _no_json(folder):
    (folder / "meta.json").write_bytes(b"\xff\x00{")


def _gone(folder):
    shutil.rmtree(folder)


DAMAGES = [_truncate, _empty, _flip, _remove, _version, _nonsense, _no_json, _gone]


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_folder_is_an_error_to_open(network, tmp_path, damage):
    save_network(network, tmp_path / "net")
    damage(tmp_path / "net")
    with pytest.raises(InputError) as caught:
        open_network(tmp_path / "net")
    assert caught.value.problems[0].code == "network_damaged"
    assert str(tmp_path) in str(caught.value)


def test_indices_outside_are_damage_though_checksums_fit(network, tmp_path):
    save_network(replace(network, edge_to=network.edge_to + 100), tmp_path / "net")
    with pytest.raises(InputError):
        open_network(tmp_path / "net")


class Builder:
    """Builds and counts."""

    def __init__(self, network):
        self.network, self.count = network, 0

    def __call__(self):
        self.count += 1
        return self.network


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_cache_is_built_again(network, tmp_path, damage):
    build = Builder(network)
    cached_network("r.osm", build, key="k" * 64, folder=tmp_path)
    cached_network("r.osm", build, key="k" * 64, folder=tmp_path)
    assert build.count == 1
    damage(next(tmp_path.iterdir()))
    assert_same(cached_network("r.osm", build, key="k" * 64, folder=tmp_path), network)
    assert build.count == 2
    cached_network("r.osm", build, key="k" * 64, folder=tmp_path)
    assert build.count == 2


def test_key_that_only_begins_alike_is_foreign(network, tmp_path):
    build = Builder(network)
    cached_network("r.osm", build, key="k" * 64, folder=tmp_path)
    cached_network("r.osm", build, key="k" * 63 + "x", folder=tmp_path)
    assert build.count == 2


def test_failed_build_leaves_nothing(tmp_path):
    def fail():
        raise InputError([])

    with pytest.raises(InputError):
        cached_network("r.osm", fail, key="k" * 64, folder=tmp_path)
    assert not list(tmp_path.iterdir())


def test_key_depends_on_all_that_building_does(tmp_path):
    roads, dem = tmp_path / "r.osm", tmp_path / "dem.tif"
    roads.write_text("one")
    dem.write_text("high")
    keys = [
        network_key(roads),
        network_key(roads, crs=CRS_METRIC),
        network_key(roads, elevation_path=dem),
        network_key(roads, parameters={"tolerance_m": 1.0}),
        network_key(roads, parameters={"tolerance_m": 2.0}),
    ]
    dem.write_text("higher")
    keys.append(network_key(roads, elevation_path=dem))
    roads.write_text("two")
    keys.append(network_key(roads))
    assert len(set(keys)) == len(keys)
    assert network_key(roads) == keys[-1]


def test_key_of_a_shapefile_sees_its_table(tmp_path):
    for suffix in (".shp", ".dbf", ".txt"):
        (tmp_path / f"r{suffix}").write_text("a")
    before = network_key(tmp_path / "r.shp")
    (tmp_path / "r.txt").write_text("b")
    assert network_key(tmp_path / "r.shp") == before
    (tmp_path / "r.dbf").write_text("b")
    assert network_key(tmp_path / "r.shp") != before


def test_key_of_a_missing_file(tmp_path):
    with pytest.raises(InputError):
        network_key(tmp_path / "none.osm")


@pytest.mark.real_data
def test_read_network_keeps_and_sees_a_changed_file(shared_data, tmp_path):
    roads, cache = tmp_path / "r.osm.pbf", tmp_path / "cache"
    shutil.copyfile(shared_data / "helsinki" / "helsinki.osm.pbf", roads)
    built = read_network(roads, cache=cache)
    assert_same(read_network(roads, cache=cache), built)
    assert len(list(cache.iterdir())) == 1
    shutil.copyfile(shared_data / "andorra" / "andorra.osm.pbf", roads)
    assert read_network(roads, cache=cache).n_edges != built.n_edges
    assert len(list(cache.iterdir())) == 2


@pytest.mark.slow
@pytest.mark.real_data
def test_opening_porto_is_quick(shared_data, tmp_path):
    roads = shared_data / "porto" / "porto_portugal.osm.pbf"
    start = time.perf_counter()
    built = read_network(roads, cache=tmp_path)
    building_s = time.perf_counter() - start
    folder = next(tmp_path.iterdir())
    opening_s = []
    for _ in range(5):
        start = time.perf_counter()
        opened = open_network(folder)
        opening_s.append(time.perf_counter() - start)
    assert_same(opened, built)
    assert min(opening_s) <= 0.03 * building_s

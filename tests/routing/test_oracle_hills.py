"""Engine against oracle where the ground is not level: every profile, there and back."""

import random
from functools import partial
from pathlib import Path

import numpy as np
import oracle
import pytest
from conftest import missing
from duel import ask_engine, clear, differences, grid_over
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from networks import CRS_METRIC, barrier, lonlat, points, road_table
from pyproj import CRS

from care_map.inputs.elevation import read_elevation
from care_map.inputs.roads import read_roads
from care_map.network import build, cut
from care_map.network.build import build_network
from care_map.network.merge import merge_chains

DATA = Path(__file__).parents[2] / "data"
DIRECTIONS = ["to", "from"]
ONE_DIRECTION = {"elder": "to", "aged_80": "from", "frail": "to", "urban_drive": "from"}
"""Profiles that differ from another in speed only, and how real places are asked for them."""
CLASSES = [
    "residential",
    "residential",
    "primary",
    "trunk_link",
    "motorway",
    "track",
    "path",
    "footway",
    "pedestrian",
    "steps",
    "elevator",
]
TAGS = [
    {},
    {},
    {},
    {"oneway": "yes"},
    {"oneway": "yes", "oneway:bicycle": "no"},
    {"oneway:bicycle": "-1"},
    {"junction": "roundabout"},
    {"bridge": "yes"},
    {"bridge": "viaduct", "oneway": "-1"},
    {"tunnel": "yes"},
    {"access": "private", "bicycle": "yes"},
    {"bicycle": "dismount"},
    {"bicycle": "designated", "foot": "no"},
    {"motor_vehicle": "no"},
    {"maxspeed": "10"},
    {"conveying": "forward"},
]


def ground(rng, extent):
    """Draw heights over a drawing: smooth or rough, gentle or steep, whole or with holes."""
    west, south = lonlat(-600, -600)
    east, north = lonlat(extent + 600, extent + 600)
    cell = rng.choice([0.0003, 0.001])
    # The drawing's corners lie askew in degrees, so a little more on each side.
    west, north = west - 3.3 * cell, north + 3.3 * cell
    shape = int((north - south) / cell) + 8, int((east - west) / cell) + 8
    noise = np.random.default_rng(rng.randrange(1_000_000))
    if rng.random() < 0.5:
        row, column = np.indices(shape) * cell * 111_000.0
        wave = rng.choice([150.0, 900.0])
        height = wave / 15 * (np.sin(row / wave + rng.random()) + np.sin(column / wave))
    else:
        height = noise.normal(0.0, rng.choice([1.0, 5.0, 30.0]), shape)
    if rng.random() < 0.3:
        height[noise.random(shape) < rng.choice([0.02, 0.2])] = np.nan
    return grid_over(height, west, north, cell)


@st.composite
def drawings(draw):
    """Draw ways, heights and points; a seed does the rest."""
    rng = random.Random(draw(st.integers(0, 1_000_000)))  # noqa: S311
    n_nodes = draw(st.one_of(st.integers(2, 20), st.integers(21, 80)))
    n_ways = draw(st.integers(1, n_nodes))
    extent = draw(st.sampled_from([60.0, 250.0, 1200.0]))
    places = {i: (rng.uniform(0, extent), rng.uniform(0, extent)) for i in range(n_nodes)}
    ways = [_way(rng, number, places) for number in range(n_ways)]
    for way in rng.sample(ways, min(2, n_ways)):
        ways.append({**way, "id": len(ways), "nodes": way["nodes"][::-1], "tags": _tags(rng)})
    walls = []
    if draw(st.booleans()):
        ends = [(rng.uniform(0, extent), rng.uniform(0, extent)) for _ in range(2)]
        walls.append(barrier(ends))
    lifts = set(rng.sample(sorted(places), rng.choice([0, 1, 2])))
    raw = oracle.OracleNetwork(ways, walls, lifts)
    return raw, *_points(rng, places, extent), *ground(rng, extent)


def _tags(rng):
    return {"highway": rng.choice(CLASSES), **rng.choice(TAGS)}


def _way(rng, number, places):
    chain = [rng.choice(list(places))]
    for _ in range(rng.randint(1, 6)):
        x, y = places[chain[-1]]
        near = sorted(places, key=lambda n: (places[n][0] - x) ** 2 + (places[n][1] - y) ** 2)
        chain.append(rng.choice(near[:6] if rng.random() < 0.8 else near))
    vertices = [(node, *lonlat(*places[node])) for node in chain]
    return {"id": number, "nodes": vertices, "tags": _tags(rng)}


def _points(rng, places, extent):
    def somewhere():
        if rng.random() < 0.5:
            return rng.uniform(-100, extent + 100), rng.uniform(-100, extent + 100)
        x, y = places[rng.choice(list(places))]
        reach = rng.choice([0.0, 40.0])
        return x + rng.uniform(-reach, reach), y + rng.uniform(-reach, reach)

    def some(count):
        setting = partial(rng.choice, ["urban", "urban", "rural"])
        return [points([somewhere()], setting())[0] for _ in range(count)]

    return some(12), some(rng.choice([1, 3, 6]))


LENIENT = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
ON_WHEELS = ["rural_drive", "urban_drive", "cycle"]
TWO_PROFILES = st.tuples(
    st.sampled_from([name for name in oracle.PROFILES if name not in ON_WHEELS]),
    st.sampled_from(ON_WHEELS),
)
"""Who feels hills and who does not: more drawings prove more than all profiles on each."""


@LENIENT
@given(drawing=drawings(), large_m=st.sampled_from([0.0, 400.0, 2000.0]), profiles=TWO_PROFILES)
def test_engine_and_oracle_agree_on_hills(drawing, large_m, profiles):
    raw, origins, facilities, elevation, heights = drawing
    limits = {**oracle.LIMITS, "min_component_m": large_m}
    surveyed = oracle.survey(raw, CRS_METRIC, heights)
    network = build_network(
        road_table(raw.ways, raw.barriers, raw.lifts), CRS_METRIC, elevation=elevation
    )
    assert network.hills.unknown_m == pytest.approx(oracle.unknown_m(surveyed), abs=1e-6)
    assert network.hills.clamped_m == pytest.approx(oracle.clamped_m(surveyed), abs=1e-6)
    for profile in profiles:
        figures = oracle.PROFILES[profile]
        traveller = oracle.Traveller(raw, CRS_METRIC, figures, limits, surveyed=surveyed)
        starts, goals = clear(traveller, origins), clear(traveller, facilities)
        for direction in DIRECTIONS:
            answer = traveller.matrix(starts, goals, direction)
            engine = ask_engine(
                network, CRS_METRIC, starts, goals, profile, limits, direction=direction
            )
            assert differences(engine, answer) == [], (profile, direction)


# -- merging and cutting change no time -------------------------------------------------------


def _same(one, other):
    assert one.snap_status.tolist() == other.snap_status.tolist()
    assert one.seconds == pytest.approx(other.seconds, abs=1e-6)


def _hold_together(one, other, drawing, profiles):
    """Ask two networks the same of some profiles, of points that snap to one place only."""
    raw, origins, facilities, _, heights = drawing
    surveyed = oracle.survey(raw, CRS_METRIC, heights)
    for profile in profiles:
        figures = oracle.PROFILES[profile]
        traveller = oracle.Traveller(raw, CRS_METRIC, figures, surveyed=surveyed)
        starts, goals = clear(traveller, origins), clear(traveller, facilities)
        for direction in DIRECTIONS:
            first, second = (
                ask_engine(network, CRS_METRIC, starts, goals, profile, direction=direction)
                for network in (one, other)
            )
            _same(first, second)


@settings(LENIENT, max_examples=15)
@given(drawing=drawings(), profiles=TWO_PROFILES)
def test_merged_chains_take_as_long_as_their_parts(drawing, profiles):
    raw, _, _, elevation, _ = drawing
    table = road_table(raw.ways, raw.barriers, raw.lifts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "merge_chains", lambda network: network)
        apart = build_network(table, CRS_METRIC, elevation=elevation)
    merged = merge_chains(apart)
    assert merged.n_edges <= apart.n_edges
    assert merged.edge_length_m.sum() == pytest.approx(apart.edge_length_m.sum())
    _hold_together(merged, apart, drawing, profiles)


@settings(LENIENT, max_examples=15)
@given(drawing=drawings(), seed=st.integers(0, 1000), profiles=TWO_PROFILES)
def test_edges_cut_anywhere_take_as_long_as_whole(drawing, seed, profiles):
    raw, _, _, elevation, _ = drawing
    whole = build_network(
        road_table(raw.ways, raw.barriers, raw.lifts), CRS_METRIC, elevation=elevation
    )
    differs = np.random.default_rng(seed).random(len(whole.vertex_x)) < 0.5
    pieces = cut.cut_network(whole, differs)
    assert pieces.n_edges >= whole.n_edges
    assert pieces.edge_length_m.sum() == pytest.approx(whole.edge_length_m.sum())
    _hold_together(pieces, whole, drawing, profiles)


# -- real and invented places -----------------------------------------------------------------


class Place:
    """Roads read twice, each side by its own reader, level and hilly."""

    def __init__(self, roads, crs, dem=None):
        self.raw, self.crs = oracle.read_osm_ways(roads), crs
        table, _ = read_roads(roads)
        self.networks = [build_network(table, crs)]
        self.surveys = [oracle.survey(self.raw, crs)]
        if dem is not None:
            self.networks.append(build_network(table, crs, elevation=read_elevation(dem)))
            self.surveys.append(oracle.survey(self.raw, crs, oracle.Heights.read(dem)))

    def scatter(self, count, seed):
        """Scatter points close to roads, one in four anywhere near them."""
        rng = random.Random(seed)  # noqa: S311
        ways = [way for way in self.raw.ways if "highway" in way["tags"]]
        nodes = [node for way in ways for node in way["nodes"] if node[1] is not None]
        found = []
        for i in range(count):
            _, lon, lat = rng.choice(nodes)
            spread = 4e-3 if i % 4 == 0 else 3e-4
            setting = "rural" if rng.random() < 0.3 else "urban"
            found.append((lon + rng.gauss(0, spread), lat + rng.gauss(0, spread), setting))
        return found

    def disagreements(self, profile, n_origins=150, n_facilities=40):
        """Return what differs over level ground and hills, to facilities and from them."""
        # Slopes over 8 % leave a wheelchair little of a mountain valley.
        least = 0.05 if profile == "wheelchair" else 0.4
        found = []
        grounds, directions = list(zip(self.networks, self.surveys, strict=True)), DIRECTIONS
        if profile in ONE_DIRECTION:
            # Hills where there are any; the level is the same ways as of another profile.
            grounds, directions = grounds[-1:], [ONE_DIRECTION[profile]]
        for network, surveyed in grounds:
            traveller = oracle.Traveller(
                self.raw, self.crs, oracle.PROFILES[profile], surveyed=surveyed
            )
            origins = clear(traveller, self.scatter(n_origins, 1))
            facilities = clear(traveller, self.scatter(n_facilities, 2))
            for direction in directions:
                answer = traveller.nearest(origins, facilities, direction)
                assert sum(time < float("inf") for time in answer.best) > least * n_origins
                engine = ask_engine(
                    network, self.crs, origins, facilities, profile, direction=direction
                )
                found += differences(engine, answer)
        return found


@pytest.fixture(scope="module")
def andorra(shared_data):
    folder = shared_data / "andorra"
    return Place(folder / "andorra.osm.pbf", CRS.from_epsg(32631), folder / "N42E001.hgt.zip")


@pytest.fixture(scope="module")
def helsinki(shared_data):
    return Place(shared_data / "helsinki" / "helsinki.osm.pbf", CRS.from_epsg(32635))


@pytest.fixture(scope="module")
def demonstration():
    if not (DATA / "dem.tif").is_file():
        missing("data/dem.tif")
    return Place(DATA / "roads.osm.pbf", CRS.from_epsg(4545), DATA / "dem.tif")


@pytest.mark.real_data
@pytest.mark.parametrize("profile", oracle.PROFILES)
def test_andorra(andorra, profile):
    assert andorra.disagreements(profile) == []


@pytest.mark.real_data
@pytest.mark.parametrize("profile", oracle.PROFILES)
def test_helsinki_is_level_for_everyone(helsinki, profile):
    assert helsinki.disagreements(profile) == []


@pytest.mark.parametrize("profile", oracle.PROFILES)
def test_demonstration_district_has_hills(demonstration, profile):
    assert demonstration.disagreements(profile) == []


@pytest.mark.real_data
def test_both_sides_find_the_same_holes_and_cliffs_in_andorra(andorra):
    hills, surveyed = andorra.networks[1].hills, andorra.surveys[1]
    assert hills.unknown_m == pytest.approx(oracle.unknown_m(surveyed), abs=1e-3)
    assert hills.clamped_m == pytest.approx(oracle.clamped_m(surveyed), abs=1e-3)
    assert hills.unknown_m > 0

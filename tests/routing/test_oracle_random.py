"""Engine against oracle on random graphs with everything that a road network does to one."""

import random

import oracle
import pytest
from duel import ask_engine, clear, differences
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from networks import CRS_METRIC, barrier, lonlat, points, road_table

CLASSES = [
    "residential",
    "primary",
    "trunk_link",
    "motorway",
    "service",
    "track",
    "footway",
    "steps",
    "pedestrian",
    "elevator",
]
TAGS = [
    {},
    {},
    {},
    {"oneway": "yes"},
    {"oneway": "-1"},
    {"oneway": "no", "junction": "roundabout"},
    {"junction": "roundabout"},
    {"bridge": "yes", "layer": "1"},
    {"access": "private"},
    {"access": "private", "foot": "yes"},
    {"foot": "no", "motor_vehicle": "yes"},
    {"motorroad": "yes"},
    {"maxspeed": "10"},
    {"conveying": "forward"},
]


@st.composite
def drawings(draw):
    """Draw sizes; a seed does the rest, way after way, so that fewer ways are the first of them."""
    rng = random.Random(draw(st.integers(0, 1_000_000)))  # noqa: S311
    n_nodes = draw(st.one_of(st.integers(2, 30), st.integers(31, 200)))
    n_ways = draw(st.integers(1, n_nodes))
    extent = draw(st.sampled_from([150.0, 700.0, 3000.0]))
    n_twins = draw(st.integers(0, 3))
    n_walls = draw(st.integers(0, 3))
    places = {i: (rng.uniform(0, extent), rng.uniform(0, extent)) for i in range(n_nodes)}
    # A twin lies where its node does and is joined to it only by a way of no length.
    for k in range(n_twins):
        places[n_nodes + k] = places[rng.randrange(n_nodes)]
    ways = [_way(rng, number, places) for number in range(n_ways)]
    for way in rng.sample(ways, min(2, n_ways)):
        # The same again the other way round, in a class of its own: parallel edges.
        ways.append({**way, "id": len(ways), "nodes": way["nodes"][::-1], "tags": _tags(rng)})
    walls = [
        barrier(
            [(rng.uniform(0, extent), rng.uniform(0, extent)) for _ in range(rng.randint(2, 4))]
        )
        for _ in range(n_walls)
    ]
    if draw(st.booleans()):
        # A motorway is a road and a wall in one: legs end on it.
        walls.append([(lon, lat) for _, lon, lat in rng.choice(ways)["nodes"]])
    lifts = set(rng.sample(sorted(places), draw(st.integers(0, min(4, len(places))))))
    return oracle.OracleNetwork(ways, walls, lifts), _points(rng, places, extent)


def _tags(rng):
    return {"highway": rng.choice(CLASSES), **rng.choice(TAGS)}


def _way(rng, number, places):
    """Go from node to node, mostly to one of the nearest, sometimes back or on the spot."""
    chain = [rng.choice(list(places))]
    for _ in range(rng.randint(1, 6)):
        x, y = places[chain[-1]]
        near = sorted(places, key=lambda n: (places[n][0] - x) ** 2 + (places[n][1] - y) ** 2)
        chain.append(rng.choice(near[:6] if rng.random() < 0.8 else near))
    if rng.random() < 0.1:
        chain.append(chain[0])
    vertices = [(node, *lonlat(*places[node])) for node in chain]
    return {"id": number, "nodes": vertices, "tags": _tags(rng)}


def _points(rng, places, extent):
    """Some anywhere, some close to vertices, some on them."""

    def somewhere():
        kind = rng.random()
        if kind < 0.5:
            return rng.uniform(-300, extent + 300), rng.uniform(-300, extent + 300)
        x, y = places[rng.choice(list(places))]
        reach = 0.0 if kind < 0.6 else 40.0
        return x + rng.uniform(-reach, reach), y + rng.uniform(-reach, reach)

    def some(count):
        return [
            points([somewhere()], "rural" if rng.random() < 0.3 else "urban")[0]
            for _ in range(count)
        ]

    return some(12), some(rng.choice([1, 3, 6]))


@pytest.mark.parametrize("profile", ["standard", "elder", "wheelchair", "rural_drive"])
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(drawing=drawings(), large_m=st.sampled_from([0.0, 400.0, 2000.0, 8000.0]))
def test_engine_and_oracle_agree(profile, drawing, large_m):
    raw, (origins, facilities) = drawing
    limits = {**oracle.LIMITS, "min_component_m": large_m}
    traveller = oracle.Traveller(raw, CRS_METRIC, oracle.PROFILES[profile], limits)
    origins, facilities = clear(traveller, origins), clear(traveller, facilities)
    answer = traveller.matrix(origins, facilities)
    table = road_table(raw.ways, raw.barriers, raw.lifts)
    engine = ask_engine(table, CRS_METRIC, origins, facilities, profile, limits)
    assert differences(engine, answer) == []

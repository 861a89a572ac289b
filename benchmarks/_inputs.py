"""What benchmarks run on: Porto, the demonstration's roads, generated lattices, and points."""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from care_map.inputs.crs import metric_crs
from care_map.inputs.roads import read_roads
from care_map.inputs.tables import RoadTable
from care_map.network.build import build_network
from care_map.network.costs import EdgeCosts
from care_map.network.road_network import RoadNetwork
from care_map.network.snap import Points
from care_map.routing.nearest import TravelModel, travel_model
from care_map.values import PROFILES

__all__ = [
    "LATTICE_CRS",
    "extract_of",
    "facility_nodes",
    "lattice",
    "main_nodes",
    "model_of",
    "network_of",
    "points_at",
    "points_near_roads",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LATTICE_CRS = CRS.from_epsg(4545)
_CORNER = (500_000.0, 3_300_000.0)
_SPACING_M, _JITTER_M = 100.0, 30.0
_TILE = 32
_BLOCK = 24


def extract_of(options: argparse.Namespace) -> Path:
    """Return the OSM extract: Porto's, or the demonstration's where `small`."""
    if options.small:
        return Path(__file__).resolve().parents[1] / "data" / "roads.osm.pbf"
    return Path(options.data) / "porto" / "porto_portugal.osm.pbf"


def network_of(path: Path) -> RoadNetwork:
    """Return the network of an extract in the metric CRS of its centre."""
    table, _ = read_roads(path)
    lon = float(table.lon.min() + table.lon.max()) / 2.0
    lat = float(table.lat.min() + table.lat.max()) / 2.0
    return build_network(table, metric_crs(lon, lat))


def model_of(network: RoadNetwork, profile: str = "standard") -> tuple[TravelModel, EdgeCosts]:
    """Return the network as a profile travels it, and its costs."""
    model = travel_model(network, PROFILES[profile])
    if model.costs is None:
        msg = f"profile {profile!r} has no network"
        raise ValueError(msg)
    return model, model.costs


def main_nodes(costs: EdgeCosts) -> Ints:
    """Return the nodes of the large components."""
    network, large = costs.network, costs.large & costs.usable
    return np.unique(np.concatenate([network.edge_from[large], network.edge_to[large]]))


def facility_nodes(costs: EdgeCosts, count: int, *, seed: int = 1) -> Ints:
    """Return nodes on which facilities stand, drawn at random."""
    nodes = main_nodes(costs)
    return np.random.default_rng(seed).choice(nodes, min(count, len(nodes)), replace=False)


def points_at(network: RoadNetwork, nodes: Ints) -> Points:
    """Return nodes as points."""
    return Points(network.node_x[nodes], network.node_y[nodes], np.zeros(len(nodes), bool))


def points_near_roads(costs: EdgeCosts, count: int, *, seed: int = 2) -> Points:
    """Return points as homes lie: anywhere along the usable roads, some 30 m beside them."""
    rng = np.random.default_rng(seed)
    network = costs.network
    first = np.flatnonzero((costs.usable & costs.large)[_edge_of_vertex(network)])
    first = first[~np.isin(first, network.edge_offset[1:] - 1)]
    step_x = network.vertex_x[first + 1] - network.vertex_x[first]
    step_y = network.vertex_y[first + 1] - network.vertex_y[first]
    length_m = np.hypot(step_x, step_y)
    drawn = rng.choice(len(first), count, p=length_m / length_m.sum())
    along = rng.random(count)
    x = network.vertex_x[first[drawn]] + along * step_x[drawn] + rng.normal(0.0, 30.0, count)
    y = network.vertex_y[first[drawn]] + along * step_y[drawn] + rng.normal(0.0, 30.0, count)
    return Points(x, y, np.zeros(count, bool))


def lattice(n_nodes: int, *, seed: int = 3) -> RoadTable:
    """Return the streets of a generated town with about `n_nodes` junctions 100 m apart.

    Junctions are moved by up to 30 m; streets are broken off after 24 blocks, so that ways end.
    Node ids are neighbours' within tiles of 32 by 32 and at random between tiles: an OSM extract
    is like that, drawn street by street in many years.
    """
    rng = np.random.default_rng(seed)
    side = max(round(np.sqrt(n_nodes)), 2)
    jitter = rng.uniform(-_JITTER_M, _JITTER_M, (2, side, side))
    column, row = np.meshgrid(np.arange(side), np.arange(side))
    x = _CORNER[0] + (column - side / 2) * _SPACING_M + jitter[0]
    y = _CORNER[1] + (row - side / 2) * _SPACING_M + jitter[1]
    node_id = _tiled_ids(column, row, rng)
    lines = [
        part for grid in (np.arange(side * side).reshape(side, side),) for part in (grid, grid.T)
    ]
    ways = [_blocks(part) for part in lines]
    vertex = np.concatenate([part[0] for part in ways])
    size = np.concatenate([part[1] for part in ways])
    lon, lat = Transformer.from_crs(LATTICE_CRS, "EPSG:4326", always_xy=True).transform(x, y)
    return RoadTable(
        ways=pd.DataFrame({"way_id": np.arange(len(size)).astype(str), "highway": "residential"}),
        offsets=np.concatenate([[0], np.cumsum(size)]).astype(np.int64),
        node_id=node_id.ravel()[vertex],
        lon=np.asarray(lon).ravel()[vertex],
        lat=np.asarray(lat).ravel()[vertex],
        barriers=None,
        source="lattice",
    )


def _tiled_ids(column: Ints, row: Ints, rng: np.random.Generator) -> Ints:
    tiles = int(column.max()) // _TILE + 1
    order = rng.permutation(tiles * tiles)
    tile = order[(row // _TILE) * tiles + column // _TILE]
    ids: Ints = tile * _TILE * _TILE + (row % _TILE) * _TILE + column % _TILE
    return ids


def _blocks(grid: Ints) -> tuple[Ints, Ints]:
    """Cut each row into ways of 24 blocks; return their vertices and sizes."""
    pieces = [grid[:, a : a + _BLOCK + 1] for a in range(0, grid.shape[1] - 1, _BLOCK)]
    size = [np.full(len(grid), piece.shape[1]) for piece in pieces]
    return np.concatenate([piece.ravel() for piece in pieces]), np.concatenate(size)


def _edge_of_vertex(network: RoadNetwork) -> Ints:
    return np.repeat(np.arange(network.n_edges), np.diff(network.edge_offset))

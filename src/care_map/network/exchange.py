"""Networks for other programs: a networkx graph in memory, a GeoPackage on disk."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataSourceError

from care_map.errors import OutputError, Problem
from care_map.network.access import allowed_directions
from care_map.network.road_network import RoadNetwork
from care_map.values import Mode

__all__ = ["to_networkx", "write_network"]

Bools = NDArray[np.bool_]

_OSM_NAMES = {"way_id": "osmid", "oneway_bicycle": "oneway:bicycle"}


def to_networkx(network: RoadNetwork, *, mode: Mode | None = None) -> "nx.MultiDiGraph[int]":
    """Return a network as a graph in the manner of osmnx.

    Each edge stands once in the direction in which its way was drawn (``reversed`` False) and
    once against it (``reversed`` True); its tags are the way's, ``oneway`` as OSM spells it.

    Parameters
    ----------
    network
        The network.
    mode
        Leaves only the directions in which the mode may travel; both without one.

    Returns
    -------
    networkx.MultiDiGraph
        Nodes 0 to ``n_nodes - 1`` with ``x`` and ``y`` in metres, and ``highway`` where they are
        lifts; edges with ``length_m``, ``geometry``, ``osmid`` and tags; ``graph["crs"]`` as
        WKT, and ``graph["barriers"]`` where the network knows them. Grades are left out.
        :func:`care_map.inputs.graphs.roads_from_graph` makes a road table of it again.
    """
    graph: nx.MultiDiGraph[int] = nx.MultiDiGraph(crs=network.crs.to_wkt(), source=network.source)
    if network.barriers_known:
        graph.graph["barriers"] = np.array(network.barriers)
    places = zip(network.node_x.tolist(), network.node_y.tolist(), strict=True)
    graph.add_nodes_from((node, {"x": x, "y": y}) for node, (x, y) in enumerate(places))
    for lift in network.lift_nodes.tolist():
        graph.nodes[lift]["highway"] = "elevator"
    graph.add_edges_from(_graph_edges(network, *_directions(network, mode)))
    return graph


def _directions(network: RoadNetwork, mode: Mode | None) -> tuple[Bools, Bools]:
    if mode is None:
        every = np.ones(network.n_edges, bool)
        return every, every
    forward, backward = allowed_directions(network.ways, mode)
    return forward[network.edge_way], backward[network.edge_way]


def _graph_edges(
    network: RoadNetwork, forward: Bools, backward: Bools
) -> Iterator[tuple[int, int, dict[str, Any]]]:
    lines = network.lines()
    turned = shapely.reverse(lines)
    tags = _tags(network.ways)
    length_m = network.edge_length_m.tolist()
    start, end = network.edge_from.tolist(), network.edge_to.tolist()
    for edge, way in enumerate(network.edge_way.tolist()):
        known = {**tags[way], "length_m": length_m[edge]}
        if forward[edge]:
            yield start[edge], end[edge], {**known, "geometry": lines[edge], "reversed": False}
        if backward[edge]:
            yield end[edge], start[edge], {**known, "geometry": turned[edge], "reversed": True}


def _tags(ways: pd.DataFrame) -> list[dict[str, Any]]:
    """Return each way's tags; `oneway` always, since silence would mean the edge's direction."""
    rows = ways.rename(columns=_OSM_NAMES).to_dict("records")
    return [
        {"oneway": "", **{str(k): v for k, v in row.items() if v != "" and not pd.isna(v)}}
        for row in rows
    ]


def write_network(network: RoadNetwork, path: str | Path) -> Path:
    """Write a network as a GeoPackage with the layers ``edges``, ``nodes`` and ``barriers``.

    Parameters
    ----------
    network
        The network; its CRS is kept.
    path
        File to write; one that is there is replaced, as a whole or not at all.

    Returns
    -------
    Path
        The file. ``edges`` has ``edge_id, from_node, to_node, length_m`` and the ways' tags,
        ``nodes`` has ``node_id, is_lift``; ``barriers`` is there where the network has some.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    path = Path(path)
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.stem}-") as folder:
            part = Path(folder) / "network.gpkg"
            for name, layer in _layers(network):
                pyogrio.write_dataframe(layer, part, layer=name, driver="GPKG")
            part.replace(path)
    except (OSError, DataSourceError) as error:
        detail = (error.strerror if isinstance(error, OSError) else None) or str(error)
        problem = Problem("network_unwritable", source=str(path), values={"detail": detail})
        raise OutputError([problem]) from None
    return path


def _layers(network: RoadNetwork) -> Iterator[tuple[str, gpd.GeoDataFrame]]:
    edges = pd.DataFrame(
        {
            "edge_id": np.arange(network.n_edges),
            "from_node": network.edge_from,
            "to_node": network.edge_to,
            "length_m": network.edge_length_m,
        }
    )
    tags = network.ways.iloc[network.edge_way].reset_index(drop=True)
    edges = pd.concat([edges, tags], axis=1)
    yield "edges", gpd.GeoDataFrame(edges, geometry=network.lines(), crs=network.crs)
    points = shapely.points(network.node_x, network.node_y)
    node_id = np.arange(network.n_nodes)
    nodes = {"node_id": node_id, "is_lift": np.isin(node_id, network.lift_nodes)}
    yield "nodes", gpd.GeoDataFrame(nodes, geometry=points, crs=network.crs)
    if len(network.barriers):
        lines = np.asarray(shapely.linestrings(network.barriers.reshape(-1, 2, 2)), dtype=object)
        number = {"barrier_id": np.arange(len(lines))}
        yield "barriers", gpd.GeoDataFrame(number, geometry=lines, crs=network.crs)

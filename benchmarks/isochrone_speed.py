"""Polygons of 10 and 15 minutes round each of 500 facilities, beside the osmnx recipe."""

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely
from _inputs import extract_of, facility_nodes, model_of, network_of, points_at
from _measure import Check, Claim, arguments, seconds_of, side_by_side, write
from _peers import as_multigraph

from care_map.network.snap import Points
from care_map.routing.isochrones import isochrones_each
from care_map.routing.nearest import TravelModel

CUTOFFS_S = (600.0, 900.0)
CELL_M = 10.0
BUFFER_M = 25.0
ROUND_S = 20.0


def main() -> None:
    """Measure and write."""
    options = arguments(__doc__ or "")
    model, costs = model_of(network_of(extract_of(options)))
    nodes = facility_nodes(costs, 5 if options.small else 500)
    few = nodes[:: 1 if options.small else 25]
    graph = as_multigraph(costs)
    every = points_at(costs.network, nodes)
    mine = every.take(np.arange(_affordable(model, every)))

    def recipe() -> list[list[shapely.Geometry]]:
        return [_osmnx_recipe(graph, int(node)) for node in few]

    def ours() -> list[list[shapely.MultiPolygon]]:
        return polygons_each(model, mine)

    times = side_by_side({"ours": ours, "recipe": recipe}, rounds=options.rounds)
    each_ms = {"ours": times["ours"] / len(mine) * 1e3, "recipe": times["recipe"] / len(few) * 1e3}
    claim = Claim(
        name="isochrone_speed",
        title="Isochrone polygons, 500 facilities × 2 bands",
        inputs={
            "extract": extract_of(options).name,
            "facilities": len(mine),
            "facilities of the recipe": len(few),
            "bands, min": "10, 15",
            "cell, m": CELL_M,
        },
        figures={
            "ours, ms a facility": each_ms["ours"],
            "osmnx recipe, ms a facility": each_ms["recipe"],
            "ours, s for 500 facilities": each_ms["ours"] * 0.5,
        },
        checks=[Check("÷ osmnx recipe", each_ms["ours"] / each_ms["recipe"], 1 / 30)],
        notes=[
            (
                "The recipe (ego_graph, edges buffered by 25 m, their union) runs for every 25th "
                "facility, on the same merged network, with edges' geometries at hand and without "
                "its slow lookups of nodes."
            ),
        ],
    )
    write(claim, options)


def polygons_each(model: TravelModel, facilities: Points) -> list[list[shapely.MultiPolygon]]:
    """Return the polygons of each facility by itself; no lattice is kept from call to call."""
    return isochrones_each(model, facilities, CUTOFFS_S, cell_m=CELL_M)


def _affordable(model: TravelModel, facilities: Points) -> int:
    """Return how many facilities one round can take: all of them where they are quick."""
    first = facilities.take(np.arange(3))
    polygons_each(model, first)
    each_s = seconds_of(lambda: polygons_each(model, first)) / len(first)
    return int(np.clip(ROUND_S / each_s, 3, len(facilities)))


def _osmnx_recipe(graph: nx.MultiDiGraph, center: int) -> list[shapely.Geometry]:
    """Do as osmnx' example notebook on isochrones does, with its edges only."""
    polygons = []
    for cutoff_s in CUTOFFS_S:
        within = nx.ego_graph(graph, center, radius=cutoff_s, distance="seconds")
        lines = gpd.GeoSeries([line for _, _, line in within.edges(data="geometry")])
        polygons.append(lines.buffer(BUFFER_M).union_all())
    return polygons


if __name__ == "__main__":
    main()

"""One question put to the engine and to the oracle, and their answers held together."""

import math
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import oracle
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from care_map.inputs.elevation import Elevation
from care_map.inputs.tables import RoadTable
from care_map.network.build import build_network
from care_map.network.road_network import RoadNetwork
from care_map.network.snap import STATUSES, Points
from care_map.routing.nearest import Direction, NearestResult, travel_model
from care_map.values import PROFILES, Limits

TOLERANCE_S = 1e-6


@cache
def _metres(crs: CRS) -> Transformer:
    return Transformer.from_crs("EPSG:4326", crs, always_xy=True)


def engine_points(lonlats: Sequence[oracle.Point], crs: CRS) -> Points:
    """Return points as the engine takes them."""
    to_metric = _metres(crs)
    x, y = to_metric.transform(
        np.array([p[0] for p in lonlats], dtype=float),
        np.array([p[1] for p in lonlats], dtype=float),
    )
    return Points(np.asarray(x), np.asarray(y), np.array([p[2] == "rural" for p in lonlats], bool))


def ask_engine(
    roads: RoadTable | RoadNetwork,
    crs: CRS,
    origins: Sequence[oracle.Point],
    facilities: Sequence[oracle.Point],
    profile: str,
    limits: dict[str, float] = oracle.LIMITS,
    *,
    elevation: Elevation | None = None,
    direction: Direction = "to",
) -> NearestResult:
    """Return the engine's answer; `elevation` is for a table, a network has its own."""
    network = (
        build_network(roads, crs, elevation=elevation) if isinstance(roads, RoadTable) else roads
    )
    model = travel_model(network, PROFILES[profile], limits=Limits(**limits))
    return model.nearest(
        engine_points(origins, crs), engine_points(facilities, crs), direction=direction
    )


def grid_over(
    height_m: NDArray[np.float32], west: float, north: float, cell_deg: float
) -> tuple[Elevation, oracle.Heights]:
    """Return heights on a grid in degrees as the engine and as the oracle take them.

    Parameters
    ----------
    height_m
        ``(rows, columns)`` metres, NaN in holes.
    west, north
        Corner of the first cell.
    cell_deg
        Side of a cell.
    """
    to_cell = np.array(
        [[1 / cell_deg, 0.0, -west / cell_deg], [0.0, -1 / cell_deg, north / cell_deg]]
    )
    elevation = Elevation(height_m.astype(np.float32), to_cell, CRS.from_epsg(4326), "grid")

    def place(lon: float, lat: float) -> tuple[float, float]:
        return (lon - west) / cell_deg - 0.5, (north - lat) / cell_deg - 0.5

    return elevation, oracle.Heights(elevation.height_m, place)


def clear_points(
    raw: oracle.OracleNetwork,
    crs: CRS,
    points: Sequence[oracle.Point],
    profile: str,
    limits: dict[str, float] = oracle.LIMITS,
) -> list[oracle.Point]:
    """Leave out points with two equally near places on the network: either would be right."""
    return clear(oracle.Traveller(raw, crs, oracle.PROFILES[profile], limits), points)


def clear(traveller: oracle.Traveller, points: Sequence[oracle.Point]) -> list[oracle.Point]:
    """Leave out points with two equally near places on a traveller's network."""
    return [point for point in points if not traveller.snap(point).ambiguous]


def differences(engine: NearestResult, answer: oracle.OracleAnswer) -> list[dict[str, Any]]:
    """Return one record per origin on which the two disagree."""
    found = []
    for i, expected in enumerate(answer.best):
        seconds = float(engine.seconds[i])
        facility = int(engine.facility[i])
        status = STATUSES[int(engine.snap_status[i])]
        fits = seconds == expected or abs(seconds - expected) <= TOLERANCE_S
        fits = fits and status == answer.statuses[i]
        fits = fits and (facility >= 0) is math.isfinite(expected)
        if fits and facility >= 0 and answer.matrix:
            # The facility that is named must be one that takes this long.
            fits = abs(answer.matrix[i][facility] - expected) <= TOLERANCE_S
        if not fits:
            snap = answer.origin_snaps[i]
            found.append(
                {"origin": i, "engine": (seconds, status, facility), "oracle": (expected, snap)}
            )
    return found

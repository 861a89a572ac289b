"""One question put to the engine and to the oracle, and their answers held together."""

import math
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import oracle
from pyproj import CRS, Transformer

from care_map.inputs.tables import RoadTable
from care_map.network.build import RoadNetwork, build_network
from care_map.network.snap import STATUSES, Points
from care_map.routing.nearest import NearestResult, nearest_facilities
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
) -> NearestResult:
    """Return the engine's answer."""
    network = build_network(roads, crs) if isinstance(roads, RoadTable) else roads
    return nearest_facilities(
        network,
        engine_points(origins, crs),
        engine_points(facilities, crs),
        PROFILES[profile],
        limits=Limits(**limits),
    )


def clear_points(
    raw: oracle.OracleNetwork,
    crs: CRS,
    points: Sequence[oracle.Point],
    profile: str,
    limits: dict[str, float] = oracle.LIMITS,
) -> list[oracle.Point]:
    """Leave out points with two equally near places on the network: either would be right."""
    snaps = oracle.oracle_snaps(raw, crs, points, oracle.PROFILES[profile], limits)
    return [p for p, snap in zip(points, snaps, strict=True) if not snap.ambiguous]


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

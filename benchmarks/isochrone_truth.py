"""Polygons held against the exact time of 2 × 100,000 points round 50 facilities."""

from dataclasses import dataclass

import numpy as np
import shapely
from _inputs import extract_of, model_of, network_of
from _measure import Check, Claim, arguments, write

from care_map.network.costs import EdgeCosts
from care_map.network.snap import Points
from care_map.routing.isochrones import isochrones
from care_map.routing.nearest import TravelModel

CUTOFFS_S = (600.0, 900.0)
CELL_M = 10.0
LONG_M = 500.0


@dataclass(slots=True)
class _Tally:
    points: int = 0
    covered: int = 0
    wrong: int = 0
    far_wrong: int = 0
    worst_m: float = 0.0
    invalid: int = 0
    not_nested: int = 0


def main() -> None:
    """Measure and write."""
    options = arguments(__doc__ or "")
    model, costs = model_of(network_of(extract_of(options)))
    facilities, on_long = _facilities(costs, 6 if options.small else 50)
    rng = np.random.default_rng(6)
    tally = _Tally()
    for i in range(len(facilities)):
        _judge(model, facilities.take(np.array([i])), tally, 200 if options.small else 2000, rng)
    claim = Claim(
        name="isochrone_truth",
        title="Isochrone polygons: points on the right side",
        inputs={
            "extract": extract_of(options).name,
            "facilities": len(facilities),
            "on edges longer than 500 m": on_long,
            "points": tally.points,
            "cell, m": CELL_M,
        },
        figures={
            "points within the time": tally.covered,
            "points on the wrong side": tally.wrong,
            "farthest from the line on the wrong side, m": tally.worst_m,
        },
        checks=[
            Check("right side", 1.0 - tally.wrong / tally.points, 0.99, sense=">="),
            Check("wrong and farther than two cells", tally.far_wrong, 0, unit="points"),
            Check("wrong ÷ covered", tally.wrong / max(tally.covered, 1), 0.03),
            Check("polygons not valid", tally.invalid, 0),
            Check("polygons not nested", tally.not_nested, 0),
        ],
        notes=[
            (
                "Points are uniform in the disc of time × speed round each facility, and judged by "
                "the point-time function itself."
            ),
        ],
    )
    write(claim, options)


def _facilities(costs: EdgeCosts, count: int) -> tuple[Points, int]:
    """Return places on edges, half of them on edges longer than 500 m; and how many those are."""
    rng = np.random.default_rng(5)
    good = costs.usable & costs.large
    long = np.flatnonzero(good & (costs.network.edge_length_m > LONG_M))
    n_long = min(count // 2, len(long))
    some = rng.choice(np.flatnonzero(good), count - n_long, replace=False)
    edges = np.concatenate([rng.choice(long, n_long, replace=False), some])
    where = shapely.line_interpolate_point(
        costs.network.lines()[edges], rng.uniform(0.1, 0.9, count), normalized=True
    )
    return Points(shapely.get_x(where), shapely.get_y(where), np.zeros(count, bool)), n_long


def _judge(
    model: TravelModel, facility: Points, tally: _Tally, count: int, rng: np.random.Generator
) -> None:
    polygons = isochrones(model, facility, CUTOFFS_S, cell_m=CELL_M)
    tally.invalid += sum(not polygon.is_valid for polygon in polygons)
    tally.not_nested += not polygons[1].covers(polygons[0])
    for cutoff_s, polygon in zip(CUTOFFS_S, polygons, strict=True):
        away_m = cutoff_s * model.profile.walk_speed_mps * np.sqrt(rng.random(count))
        turn = rng.uniform(0.0, 2.0 * np.pi, count)
        x, y = facility.x + away_m * np.cos(turn), facility.y + away_m * np.sin(turn)
        seconds = model.nearest(Points(x, y, np.zeros(count, bool)), facility).seconds
        covered = seconds <= cutoff_s
        wrong = np.flatnonzero(covered != shapely.intersects_xy(polygon, x, y))
        line_m = shapely.distance(polygon.boundary, shapely.points(x[wrong], y[wrong]))
        tally.points += count
        tally.covered += int(covered.sum())
        tally.wrong += len(wrong)
        tally.far_wrong += int((line_m > 2.0 * CELL_M).sum())
        tally.worst_m = max(tally.worst_m, float(line_m.max(initial=0.0)))


if __name__ == "__main__":
    main()

"""What a run adds to the hand-made assessment: lattice, areas, dates, ledger, candidates, proofs.

As in :mod:`outputs.map_sample` minutes are straight distances, and figures are made up.
"""

import dataclasses

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from outputs.map_sample import LIMIT, PROFILES, TYPES, map_sample

from care_map.assessment import Assessment
from care_map.config import DEFAULT_CIRCLES
from care_map.lattice_grid import Grid
from care_map.lattice_times import NEAREST, CirclePlaces, Lattice, NearestFew
from care_map.schema import (
    BEDS_BY_UNIT,
    CANDIDATES,
    CLAUSE_EVIDENCE,
    CLAUSE_VERDICTS,
    EQUITY,
    FACILITY_LOAD,
    GAP_REASONS,
    GAP_ROBUSTNESS,
    LEDGER_SERIES,
    OVERLAP,
    ROBUSTNESS,
    SERVICE_AREAS,
)
from care_map.values import Circle, CircleRule

CAP_MINUTES = 60.0
STAGES = ("planned", "siting", "building", "finished", "accepted", "operating")


def full_sample(**options) -> Assessment:
    """Return the hand-made district with everything that the page can show."""
    sample = map_sample(**options, circles=_circles())
    dated = dataclasses.replace(sample, facilities=_dated(sample.facilities))
    return dataclasses.replace(
        dated,
        lattice=make_lattice(dated),
        service_areas=_areas(dated),
        candidates=_candidates(dated),
        ledger_series=_series(),
        gap_reasons=_reasons(dated.gaps),
        gap_robustness=_firm(dated.gaps),
        facility_load=_load(dated),
        clause_verdicts=_verdicts(),
        clause_evidence=_evidence(dated),
        **_soundness(),
    )


def _circles() -> tuple[Circle, ...]:
    """Return the default circles with the one rule that the sample's minutes keep."""
    rule = {name: CircleRule("standard", minutes) for name, minutes in LIMIT.items()}
    return tuple(
        dataclasses.replace(circle, rules={"urban": rule[circle.id], "rural": rule[circle.id]})
        for circle in DEFAULT_CIRCLES
        if circle.id in rule
    )


def open_rows(facilities: gpd.GeoDataFrame, circle: str) -> np.ndarray:
    """Return the rows of facilities that count for a circle."""
    fit = facilities["roles"].isin(TYPES[circle]) & (facilities["stage"] == "operating")
    return np.flatnonzero((fit & facilities.geometry.notna()).to_numpy())


def make_lattice(sample: Assessment) -> Lattice:
    """Return a coarse grid with cells left out, and a finer one in its middle."""
    border = sample.units[sample.units["level"] == "district"].to_crs(4326).geometry.iloc[0]
    west, south, east, north = border.bounds
    coarse = _grid((west, south, east, north), 30, 24, 600.0)
    middle = _grid(
        (west + (east - west) / 3, south + (north - south) / 3, east, north), 60, 48, 150.0
    )
    grids = tuple(_inside(grid, border) for grid in (middle, coarse))
    lon, lat = (
        np.concatenate(axis) for axis in zip(*(grid.middles() for grid in grids), strict=True)
    )
    points = gpd.GeoSeries.from_xy(lon, lat, crs=4326).to_crs(sample.crs)
    circles = list(LIMIT)
    no_road = np.arange(len(lon)) % 17 == 0
    parts = tuple(_nearest(sample.facilities, circle, points, no_road) for circle in circles)
    setting = np.where(np.arange(len(lon)) % 3 == 0, "urban", "rural").astype(object)
    places = tuple(
        _places(circle, profile, number, parts[number])
        for number, circle in enumerate(circles)
        for profile in PROFILES[circle]
    )
    unit_id = np.full(len(lon), "", dtype=object)
    return Lattice(grids, lon, lat, unit_id, setting, CAP_MINUTES, parts, places)


def _grid(box: tuple[float, ...], columns: int, rows: int, spacing_m: float) -> Grid:
    west, south, east, north = box
    cells = np.arange(columns * rows)
    sides = (east - west) / columns, (north - south) / rows
    return Grid(west, south, *sides, columns, rows, spacing_m, cells)


def _inside(grid: Grid, border: shapely.Geometry) -> Grid:
    return grid.only(shapely.contains_xy(border, *grid.middles()))


def _nearest(
    facilities: gpd.GeoDataFrame, circle: str, points: gpd.GeoSeries, no_road: np.ndarray
) -> NearestFew:
    rows = open_rows(facilities, circle)
    xy = np.column_stack([points.x, points.y])
    sites = facilities.geometry.iloc[rows]
    metres = np.hypot(
        xy[:, :1] - sites.x.to_numpy()[None, :], xy[:, 1:] - sites.y.to_numpy()[None, :]
    )
    order = np.argsort(metres, axis=1, kind="stable")[:, :NEAREST]
    minutes = np.take_along_axis(metres, order, axis=1) / 60.0
    lost = (minutes > CAP_MINUTES) | no_road[:, None]
    return NearestFew(
        types=TYPES[circle],
        delivery=False,
        minutes=np.where(lost, np.inf, minutes),
        facility=np.where(lost, -1, rows[order]),
        no_road=no_road,
    )


def _places(circle: str, profile: str, number: int, part: NearestFew) -> CirclePlaces:
    inside = part.minutes[:, 0] <= LIMIT[circle]
    status = np.where(part.no_road, "undetermined", np.where(inside, "covered", "uncovered"))
    reason = np.where(part.no_road, "no_road", np.where(inside, "", "distance"))
    return CirclePlaces(
        circle, profile, "to", (number,), None, status.astype(object), reason.astype(object)
    )


def _areas(sample: Assessment) -> gpd.GeoDataFrame:
    rows = []
    for circle, profiles in PROFILES.items():
        sites = sample.facilities.geometry.iloc[open_rows(sample.facilities, circle)]
        for profile, speed in profiles.items():
            shape = sites.buffer(speed * LIMIT[circle] / 3).union_all()
            rows.append((circle, profile, "", LIMIT[circle], shape))
    columns = [*SERVICE_AREAS.names, "geometry"]
    return gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=sample.crs)


def _dated(facilities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Date two of three: those in operation were built a quarter after the other."""
    number = np.arange(len(facilities))
    opened = pd.Timestamp("2019-02-01") + pd.to_timedelta(92 * (number % 10), unit="D")
    works = (facilities["stage"] == "operating").to_numpy() & (number % 3 > 0)
    day = pd.Series(opened.strftime("%Y-%m-%d"), index=facilities.index).where(works, "")
    built = pd.Series((opened - pd.Timedelta(days=60)).strftime("%Y-%m-%d"), index=facilities.index)
    return facilities.assign(operating_date=day, accepted_date=built.where(works, ""))


def _candidates(sample: Assessment) -> gpd.GeoDataFrame:
    towns = sample.units[sample.units["level"] == "town"].head(6)
    table = pd.DataFrame(
        {
            "candidate_id": [f"C{number}" for number in range(len(towns))],
            "name": [f"原{name}粮站" for name in towns["name"]],
            "types": "community_station;meal_point",
            "floor_area_m2": 260.0,
            "cost_yuan": 900_000.0,
            "unit_id": towns["unit_id"].to_numpy(),
            "address": "粮站路1号",
        }
    ).reindex(columns=CANDIDATES.names)
    points = shapely.transform(towns.geometry.centroid.to_numpy(), lambda xy: xy + 700.0)
    return gpd.GeoDataFrame(table, geometry=points, crs=sample.crs)


def _series() -> pd.DataFrame:
    quarters = pd.period_range("2019Q1", "2021Q2", freq="Q")
    rows = [
        {
            "quarter": str(quarter),
            "quarter_end": quarter.end_time.date().isoformat(),
            "role": role,
            "total": False,
            "due": 3 * number + 4 + at,
            "accepted": 3 * number + at,
            "operating": 2 * number + at,
            "late": number % 3,
        }
        for number, quarter in enumerate(quarters)
        for at, role in enumerate(("town_centre", "community_station"))
    ]
    return pd.DataFrame(rows).reindex(columns=LEDGER_SERIES.names)


def _reasons(gaps: pd.DataFrame) -> pd.DataFrame:
    rows = [
        {
            "gap_id": gap.gap_id,
            "circle": gap.circle,
            "reason": reason,
            "suffices": suffices,
            "elders": gap.elders,
            "elders_helped": gap.elders - 5 if suffices else 3,
            "minutes": gap.minutes,
            "minutes_without": 9.5 if suffices else gap.minutes - 1,
            "limit_minutes": LIMIT[gap.circle],
        }
        for gap in gaps.itertuples()
        for reason, suffices in (("slope", False), ("barrier", True))
    ]
    return pd.DataFrame(rows).reindex(columns=GAP_REASONS.names)


def _firm(gaps: pd.DataFrame) -> pd.DataFrame:
    table = gaps[["gap_id", "name", "unit_name", "circle", "profile", "elders"]]
    firm = table.assign(draws=100, rate_still_gap=0.93, rate_covered_mean=0.05)
    return pd.DataFrame(firm).reindex(columns=GAP_ROBUSTNESS.names)


def _load(sample: Assessment) -> pd.DataFrame:
    rows = [
        {"facility_id": facility_id, "circle": circle, "profile": profile, "elders_nearest": 7 + at}
        for circle, profiles in PROFILES.items()
        for profile in profiles
        for at, facility_id in enumerate(
            sample.facilities["facility_id"].iloc[open_rows(sample.facilities, circle)]
        )
    ]
    return pd.DataFrame(rows).reindex(columns=FACILITY_LOAD.names)


def _verdicts() -> pd.DataFrame:
    rows = [
        {
            "clause_id": "demo_01",
            "cite": "一（一）",
            "title": "每个乡镇有一个养老服务中心",
            "kind": "U",
            "strength": "must",
            "due": True,
            "verdict": "fail",
        }
    ]
    return pd.DataFrame(rows).reindex(columns=CLAUSE_VERDICTS.names)


def _evidence(sample: Assessment) -> pd.DataFrame:
    towns = sample.units[sample.units["level"] == "town"]
    answers = np.resize(np.array(["yes", "no", "unknown"], dtype=object), len(towns))
    table = pd.DataFrame(
        {
            "clause_id": "demo_01",
            "cite": "一（一）",
            "row_kind": "unit",
            "row_id": towns["unit_id"].to_numpy(),
            "name": towns["name"].to_numpy(),
            "unit_id": towns["unit_id"].to_numpy(),
            "unit_name": towns["name"].to_numpy(),
            "answer": answers,
            "value": "",
            "missing": "",
        }
    )
    return table.reindex(columns=CLAUSE_EVIDENCE.names)


def _soundness() -> dict[str, pd.DataFrame]:
    readings = [(circle, profile) for circle, one in PROFILES.items() for profile in one]
    whole = [
        {"unit_id": "all", "level": "all", "circle": circle, "profile": profile, "group": "all"}
        for circle, profile in readings
    ]
    table = pd.DataFrame(whole)
    equity = table.assign(gini=0.37, reach_nothing=12)
    firm = table.assign(
        rate_p05_low=0.41, rate_p05_high=0.43, rate_p95_low=0.55, rate_p95_high=0.57
    )
    overlap = table.assign(rate_second_low=0.31, rate_second_high=0.33)
    beds = pd.DataFrame(
        [{"unit_id": "all", "level": "all", "facilities": 9, "beds": 1559, "nursing_beds": 734}]
    ).assign(beds_per_100=29.85, free_beds=341, occupancy=0.78)
    return {
        "equity": equity.reindex(columns=EQUITY.names),
        "robustness": firm.reindex(columns=ROBUSTNESS.names),
        "overlap": overlap.reindex(columns=OVERLAP.names),
        "beds_by_unit": beds.reindex(columns=BEDS_BY_UNIT.names),
    }

"""A study's lists under the datum check, and what another datum would do to its coverage."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from care_map.access import access_table
from care_map.config import Study
from care_map.diagnostics.datum_check import DEFAULT_RULE, DatumVerdict, Outcome, datum_check
from care_map.diagnostics.datum_evidence import HYPOTHESES, EvidenceKind
from care_map.errors import InputError, Problem
from care_map.inputs.all_sheets import with_each_sheet
from care_map.inputs.load import load_inputs
from care_map.inputs.osm_buildings import read_footprints
from care_map.inputs.osm_file import is_extract
from care_map.inputs.points import Extent, project
from care_map.inputs.tables import Inputs, PointSample
from care_map.messages import catalogue
from care_map.network.road_network import RoadNetwork
from care_map.search_points import make_search
from care_map.values import Datum

__all__ = [
    "Flips",
    "datum_flips",
    "datum_problems",
    "flips_problem",
    "review_datums",
    "verdict_problems",
    "with_datum",
]

_NAMES: Mapping[Datum, str] = {
    "wgs84": "WGS84",
    "cgcs2000": "CGCS2000",
    "gcj02": "GCJ-02",
    "bd09": "BD-09",
}
_CODES: Mapping[Outcome, str] = {
    "agrees": "datum_agrees",
    "contradicts": "datum_contradicts",
    "cannot_tell": "datum_cannot_tell",
}
_KINDS: tuple[EvidenceKind, ...] = ("units", "roads", "buildings")
_AROUND_DEG = 0.05
"""Roads and buildings farther than this from all points say nothing of them."""


@dataclass(frozen=True, slots=True)
class Flips:
    """Whose coverage would be another if a source were of another datum.

    Parameters
    ----------
    elders
        Elders whose status changes in at least one circle.
    by_circle
        Circle → (elders whose status changes, newly covered, no longer covered).
    """

    elders: int
    by_circle: Mapping[str, tuple[int, int, int]]


def review_datums(
    study: Study, inputs: Inputs, network: RoadNetwork | None
) -> tuple[DatumVerdict, ...]:
    """Judge the datum of each source by units and roads, and where these cannot, by buildings.

    Parameters
    ----------
    study
        For the declared datum of its units, and for its extract.
    inputs
        As read, errors or not.
    network
        Its roads in the same CRS, None if it has none.

    Returns
    -------
    tuple of DatumVerdict
        Nothing for a proxy: its points were made of the extract itself.
    """
    if study.data == "proxy" or not inputs.samples:
        return ()
    roads = None if network is None else _road_lines(network, inputs)
    unit_datums = {source.path.as_posix(): source.datum for source in study.units}

    def judged(buildings: NDArray[np.object_] | None) -> tuple[DatumVerdict, ...]:
        return datum_check(
            inputs.samples,
            units=inputs.units,
            roads=roads,
            buildings=buildings,
            unit_datums=unit_datums,
        )

    verdicts = judged(None)
    unsettled = any(v.outcome == "cannot_tell" and v.kind != "units" for v in verdicts)
    if network is None or study.roads is None or not unsettled:
        return verdicts
    if not is_extract(study.path(study.roads.path)):
        return verdicts
    footprints = read_footprints(study.path(study.roads.path))
    near = shapely.intersects(footprints, shapely.box(*_bounds(inputs.samples)))
    return judged(project(footprints[near], inputs.crs)) if near.any() else verdicts


def with_datum(study: Study, verdict: DatumVerdict, datum: Datum) -> Study:
    """Return the study with another datum declared for the source of a verdict."""
    study = with_each_sheet(study, [])
    sources = [
        source.model_copy(update={"datum": datum})
        if (source.path.as_posix(), source.layer) == (verdict.source, verdict.layer)
        or (verdict.kind == "units" and source.path.as_posix() == verdict.source)
        else source
        for source in getattr(study, verdict.kind)
    ]
    return study.model_copy(update={verdict.kind: tuple(sources)})


def datum_flips(
    study: Study,
    inputs: Inputs,
    verdict: DatumVerdict,
    *,
    access: pd.DataFrame,
    network: RoadNetwork,
    extent: Extent | None,
) -> Flips | None:
    """Count the elders whose coverage would change, by a second full search.

    Parameters
    ----------
    study, inputs
        As declared.
    verdict
        Source and better datum.
    access
        The first search: the table of :func:`care_map.access.access_table`.
    network
        Roads.
    extent
        Of the roads, to read the inputs with.

    Returns
    -------
    Flips or None
        None where it is unknown: no better datum, or the other reading has errors.
    """
    if verdict.better is None:
        return None
    other_study = with_datum(study, verdict, verdict.better)
    try:
        other = _in_crs(load_inputs(other_study, extent=extent), inputs.crs)
    except InputError:
        return None
    found = access_table(other_study, other, make_search(other_study, other, network))
    return _flips(_statuses(access), _statuses(found), inputs.demand)


def datum_problems(
    study: Study,
    inputs: Inputs,
    *,
    network: RoadNetwork | None,
    extent: Extent | None,
    access: Callable[[], pd.DataFrame] | None,
    clock: Callable[[], float] | None = None,
) -> Iterator[Problem]:
    """Yield what the datum check finds, with the elders whose coverage is at stake.

    Parameters
    ----------
    study, inputs, network, extent
        As :func:`review_datums` and :func:`datum_flips`.
    access
        Gives the table of access as declared, asked only if a source contradicts its
        declaration; None where nothing may be searched.
    clock
        Seconds; with it the time of the searches is a finding too.

    Yields
    ------
    Problem
    """
    verdicts = review_datums(study, inputs, network)
    for verdict in verdicts:
        yield from verdict_problems(verdict)
    declared: pd.DataFrame | None = None
    for verdict in verdicts:
        # Where something could be built covers nobody yet: no search can tell the two apart.
        if verdict.outcome != "contradicts" or verdict.kind == "candidates":
            continue
        if network is None or access is None:
            yield flips_problem(study, verdict, None)
            continue
        since = clock() if clock else 0.0
        declared = access() if declared is None else declared
        flips = datum_flips(study, inputs, verdict, access=declared, network=network, extent=extent)
        yield flips_problem(study, verdict, flips)
        if clock:
            values = {"seconds": round(clock() - since, 1)}
            yield Problem("datum_searched", "info", verdict.source, values=values)


def verdict_problems(verdict: DatumVerdict) -> Iterator[Problem]:
    """Yield the finding of a verdict; none where only WGS84 is possible."""
    if verdict.outcome == "only_wgs84":
        return
    code = _CODES[verdict.outcome] if verdict.evidence else "datum_no_evidence"
    better = verdict.better
    yield Problem(
        code,
        severity="warning" if verdict.outcome == "contradicts" else "info",
        source=verdict.source,
        column="datum",
        values={
            "declared": _NAMES[verdict.declared],
            "better": "" if better is None else _NAMES[better],
            "code": better or "",
            "or_else": "".join(f" / {_NAMES[datum]}" for datum in verdict.also_possible),
            "shift": round(verdict.shift_m[better]) if better else 0,
            "near_m": round(DEFAULT_RULE.near_m),
            "places": verdict.places,
            **_shares(verdict),
        },
        count=verdict.points,
    )


def flips_problem(study: Study, verdict: DatumVerdict, flips: Flips | None) -> Problem:
    """Return the finding of the two searches."""
    better = _NAMES[verdict.better] if verdict.better else ""
    if flips is None:
        return Problem("datum_flips_unknown", "info", verdict.source, values={"better": better})
    texts = catalogue(study.language)
    title = {
        circle.id: circle.title_in(texts.language) or texts.label("circle", circle.id)
        for circle in study.circles
    }
    shown = "; ".join(
        f"{title[circle]} {changed} (+{gained} −{lost})"
        for circle, (changed, gained, lost) in flips.by_circle.items()
    )
    return Problem(
        "datum_flips",
        severity="warning" if flips.elders else "info",
        source=verdict.source,
        values={"better": better, "circles": shown},
        count=flips.elders,
    )


def _shares(verdict: DatumVerdict) -> dict[str, str]:
    """Return by kind of evidence the shares of the three readings as one text, "—" for none."""
    by_kind = {one.kind: one for one in verdict.evidence}
    return {
        kind: " / ".join(f"{by_kind[kind].share(datum):.0%}" for datum in HYPOTHESES)
        if kind in by_kind
        else "—"
        for kind in _KINDS
    }


def _bounds(samples: tuple[PointSample, ...]) -> Extent:
    lon, lat = (np.concatenate([getattr(one, name) for one in samples]) for name in ("lon", "lat"))
    west, south = float(lon.min()) - _AROUND_DEG, float(lat.min()) - _AROUND_DEG
    return west, south, float(lon.max()) + _AROUND_DEG, float(lat.max()) + _AROUND_DEG


def _road_lines(network: RoadNetwork, inputs: Inputs) -> NDArray[np.object_]:
    """Return the edges near the samples as lines in metres."""
    around = np.array([shapely.box(*_bounds(inputs.samples))], dtype=object)
    west, south, east, north = shapely.total_bounds(project(around, inputs.crs))
    x, y = network.vertex_x, network.vertex_y
    size = np.diff(network.edge_offset)
    edge = np.repeat(np.arange(network.n_edges), size)
    inside = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    kept = np.bincount(edge[inside], minlength=network.n_edges) > 0
    vertex = kept[edge]
    if not vertex.any():
        return np.empty(0, dtype=object)
    number = np.cumsum(kept) - 1
    lines = shapely.linestrings(
        np.column_stack([x[vertex], y[vertex]]), indices=number[edge[vertex]]
    )
    return np.asarray(lines, dtype=object)


def _in_crs(inputs: Inputs, crs: CRS) -> Inputs:
    """Bring tables to the CRS of the network; moved points may have chosen the next zone's."""
    if inputs.crs == crs:
        return inputs
    return dataclasses.replace(
        inputs,
        crs=crs,
        units=inputs.units.to_crs(crs),
        facilities=inputs.facilities.to_crs(crs),
        demand=inputs.demand.to_crs(crs),
    )


def _statuses(access: pd.DataFrame) -> pd.Series:
    official = access[access["official"]]
    return official.set_index(["circle", "demand_id"])["status"]


def _flips(before: pd.Series, after: pd.Series, demand: pd.DataFrame) -> Flips:
    both = pd.DataFrame({"before": before, "after": after}).fillna("")
    both = both[both["before"] != both["after"]].reset_index()
    elders = pd.Series(demand["elders"].to_numpy(), index=demand["demand_id"])
    both["elders"] = both["demand_id"].map(elders).fillna(0).astype("int64")
    by_circle: dict[str, tuple[int, int, int]] = {}
    for circle, rows in both.groupby("circle", sort=False):
        gained = rows.loc[rows["after"] == "covered", "elders"].sum()
        lost = rows.loc[rows["before"] == "covered", "elders"].sum()
        by_circle[str(circle)] = (int(rows["elders"].sum()), int(gained), int(lost))
    changed = both.drop_duplicates("demand_id")["elders"]
    return Flips(int(changed.sum()), by_circle)

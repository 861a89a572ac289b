"""Whether the declared datum of each list is the one that its coordinates are in.

The coordinates as they stand in the file are read in WGS84 (CGCS2000 is the same), GCJ-02 and
BD-09, and the readings are compared by where the points then lie: inside their stated units,
near roads, on buildings. Two readings are compared point by point: only points that fit one and
not the other count, by an exact sign test and a margin. A verdict needs both.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from scipy.special import bdtrc

from care_map.diagnostics.datum_evidence import (
    HYPOTHESES,
    Evidence,
    Positions,
    hypothesis_of,
    moved_as_if,
    near_roads,
    on_buildings,
    positions,
    within_units,
)
from care_map.inputs.datum import shift_m
from care_map.inputs.tables import PointSample
from care_map.values import Datum

__all__ = ["DEFAULT_RULE", "DatumRule", "DatumVerdict", "Outcome", "datum_check"]

Geometries = NDArray[np.object_]
Outcome = Literal["agrees", "contradicts", "cannot_tell", "only_wgs84"]


@dataclass(frozen=True, slots=True)
class DatumRule:
    """When one reading is better than another; every figure is our own choice (default).

    `docs/datum.md` has the rates of false alarms and misses that they give on real data.

    Parameters
    ----------
    near_m
        A point this near to a road is near it, metres.
    level
        Largest probability, one-sided, that as many points would favour one reading by chance.
    margin
        Least share of all points by which one reading must be ahead.
    lists
        Where neither roads nor buildings tell, so many lists must contradict the units, and
        none agree, for the units to be doubted rather than the lists.
    """

    near_m: float = 30.0
    level: float = 0.01
    margin: float = 0.05
    lists: int = 2


DEFAULT_RULE = DatumRule()


@dataclass(frozen=True, slots=True)
class DatumVerdict:
    """What the places of a source say of its declared datum.

    Parameters
    ----------
    kind, source, layer
        Facilities, demand, candidates or units; file and layer as the study names them.
    declared
        Datum that the study declares.
    outcome
        ``agrees``: better than every other reading; ``contradicts``: another one is better;
        ``cannot_tell``; ``only_wgs84``: outside China nothing else is possible.
    better
        The better datum where the outcome is ``contradicts``, else None.
    also_possible
        Readings that are better than the declared one and not worse than `better`.
    shift_m
        By other hypothesis: median distance in metres from where the declared datum puts the
        points.
    points, places
        Places judged, and places that the source has.
    evidence
        What was seen, by kind; empty where there was nothing to compare with.
    """

    kind: str
    source: str
    layer: str | None
    declared: Datum
    outcome: Outcome
    better: Datum | None
    also_possible: tuple[Datum, ...]
    shift_m: Mapping[Datum, float]
    points: int
    places: int
    evidence: tuple[Evidence, ...]


def datum_check(
    samples: Iterable[PointSample],
    *,
    units: gpd.GeoDataFrame,
    roads: Geometries | None = None,
    buildings: Geometries | None = None,
    unit_datums: Mapping[str, Datum] | None = None,
    rule: DatumRule = DEFAULT_RULE,
) -> tuple[DatumVerdict, ...]:
    """Judge the declared datum of lists, and of the units that they name.

    Parameters
    ----------
    samples
        Points of each list.
    units
        ``unit_id``, ``source_file`` and polygons, in the metric CRS of all that is compared; no
        rows where there are none.
    roads, buildings
        Lines and footprints in that CRS, WGS84 by origin; None where unknown.
    unit_datums
        Declared datum by ``source_file`` of the units; those files are judged too.
    rule
        When one reading is better than another.

    Returns
    -------
    tuple of DatumVerdict
        The lists in their order, then the files of units that any list names.
    """
    crs = CRS(units.crs)
    road_tree = None if roads is None else shapely.STRtree(roads)
    building_tree = None if buildings is None else shapely.STRtree(buildings)
    seen: list[_Seen] = []
    for sample in samples:
        places = positions(sample, crs)
        found = _look(sample, places, units, (road_tree, building_tree), rule)
        seen.append(_Seen(sample, places, found))
    lists = [_verdict_of(one, one.evidence, rule) for one in seen]
    by_file = [
        _judge_units(seen, units, file, declared, rule)
        for file, declared in (unit_datums or {}).items()
    ]
    files = [verdict for verdict in by_file if verdict is not None]
    for number, verdict in enumerate(files):
        if verdict.outcome != "contradicts":
            continue
        if _units_are_wrong(seen, rule):
            # Labels cannot speak against a list where the polygons are in the wrong place.
            apart = [_verdict_of(one, one.places_alone, rule) for one in seen]
            lists = [
                replace(alone, evidence=whole.evidence)
                for alone, whole in zip(apart, lists, strict=True)
            ]
        else:
            files[number] = replace(verdict, outcome="cannot_tell", better=None, also_possible=())
    return (*lists, *files)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A list, its coordinates in every datum, and what was found there."""

    sample: PointSample
    positions: Positions
    evidence: tuple[Evidence, ...]

    @property
    def places_alone(self) -> tuple[Evidence, ...]:
        """The evidence that does not depend on units."""
        return tuple(one for one in self.evidence if one.kind != "units")

    @property
    def labels_alone(self) -> tuple[Evidence, ...]:
        """The evidence of units."""
        return tuple(one for one in self.evidence if one.kind == "units")


def _look(
    sample: PointSample,
    places: Positions,
    units: gpd.GeoDataFrame,
    trees: tuple[shapely.STRtree | None, shapely.STRtree | None],
    rule: DatumRule,
) -> tuple[Evidence, ...]:
    exact = sample.exact[places.row]
    x = {datum: values[exact] for datum, values in places.x.items()}
    y = {datum: values[exact] for datum, values in places.y.items()}
    roads, buildings = trees
    found = (
        within_units(places.x, places.y, sample.unit_id[places.row], units),
        None if roads is None else near_roads(x, y, roads, near_m=rule.near_m),
        None if buildings is None else on_buildings(x, y, buildings),
    )
    return tuple(one for one in found if one is not None)


def _favours(one: Evidence, datum: Datum, other: Datum, rule: DatumRule) -> bool:
    """Tell whether a kind of evidence favours one reading over another."""
    wins = int((one.hits[datum] & ~one.hits[other]).sum())
    losses = int((one.hits[other] & ~one.hits[datum]).sum())
    if wins - losses < rule.margin * one.points or wins <= losses:
        return False
    return bool(bdtrc(wins - 1, wins + losses, 0.5) <= rule.level)


def _beats(evidence: Sequence[Evidence], datum: Datum, other: Datum, rule: DatumRule) -> bool:
    """Tell whether some evidence favours a reading over another and none the other way."""
    return any(_favours(one, datum, other, rule) for one in evidence) and not any(
        _favours(one, other, datum, rule) for one in evidence
    )


def _outcome(
    evidence: Sequence[Evidence], declared: Datum, rule: DatumRule
) -> tuple[Outcome, Datum | None, tuple[Datum, ...]]:
    others = [datum for datum in HYPOTHESES if datum != declared]
    better = [datum for datum in others if _beats(evidence, datum, declared, rule)]
    if better:
        best = max(better, key=lambda datum: sum(one.share(datum) for one in evidence))
        rest = [d for d in better if d != best and not _beats(evidence, best, d, rule)]
        return "contradicts", best, tuple(rest)
    if all(_beats(evidence, declared, datum, rule) for datum in others):
        return "agrees", None, ()
    return "cannot_tell", None, ()


def _verdict_of(one: _Seen, evidence: tuple[Evidence, ...], rule: DatumRule) -> DatumVerdict:
    sample, places = one.sample, one.positions
    declared = hypothesis_of(sample.datum)
    outcome, better, also = _outcome(evidence, declared, rule)
    judged = len(places.row)
    if judged * 2 < len(sample.lon):
        outcome, better, also, evidence = "only_wgs84", None, (), ()
    return DatumVerdict(
        kind=sample.kind,
        source=sample.source,
        layer=sample.layer,
        declared=sample.datum,
        outcome=outcome,
        better=better,
        also_possible=also,
        shift_m=_shifts_m(places, declared),
        points=judged,
        places=sample.places,
        evidence=evidence,
    )


def _shifts_m(places: Positions, declared: Datum) -> dict[Datum, float]:
    if not len(places.row):
        return {}
    here = places.lon[declared], places.lat[declared]
    return {
        datum: float(np.median(shift_m(*here, places.lon[datum], places.lat[datum])))
        for datum in HYPOTHESES
        if datum != declared
    }


def _judge_units(
    seen: Sequence[_Seen],
    units: gpd.GeoDataFrame,
    file: str,
    declared: Datum,
    rule: DatumRule,
) -> DatumVerdict | None:
    """Judge a file of units by the points that say they are in one of them."""
    mine = units[units["source_file"] == file] if "source_file" in units else units
    lon, lat, stated = _labelled_points(_placed(seen, rule) or seen, set(mine["unit_id"]), rule)
    if not len(lon):
        return None
    x, y = moved_as_if(lon, lat, declared=declared, crs=CRS(units.crs))
    found = within_units(x, y, stated, mine)
    if found is None:
        return None
    own = hypothesis_of(declared)
    outcome, better, also = _outcome([found], own, rule)
    shifts = {
        datum: float(np.median(np.hypot(x[datum] - x[own], y[datum] - y[own])))
        for datum in HYPOTHESES
        if datum != own
    }
    return DatumVerdict(
        kind="units",
        source=file,
        layer=None,
        declared=declared,
        outcome=outcome,
        better=better,
        also_possible=also,
        shift_m=shifts,
        points=found.points,
        places=found.points,
        evidence=(found,),
    )


def _labelled_points(
    seen: Sequence[_Seen], unit_ids: set[str], rule: DatumRule
) -> tuple[NDArray[np.float64], NDArray[np.float64], Geometries]:
    """Return points of all lists, each where roads and buildings put it, and their labels."""
    lon, lat, stated = [np.empty(0)], [np.empty(0)], [np.empty(0, dtype=object)]
    for one in seen:
        declared = hypothesis_of(one.sample.datum)
        better = _outcome(one.places_alone, declared, rule)[1] or declared
        label = one.sample.unit_id[one.positions.row]
        which = np.flatnonzero([unit in unit_ids for unit in label])
        lon.append(one.positions.lon[better][which])
        lat.append(one.positions.lat[better][which])
        stated.append(label[which])
    return np.concatenate(lon), np.concatenate(lat), np.concatenate(stated)


def _placed(seen: Sequence[_Seen], rule: DatumRule) -> list[_Seen]:
    """Return the lists with labels whose datum is known by roads or buildings alone."""
    return [
        one
        for one in seen
        if one.labels_alone
        and _outcome(one.places_alone, hypothesis_of(one.sample.datum), rule)[0]
        in ("agrees", "contradicts")
    ]


def _units_are_wrong(seen: Sequence[_Seen], rule: DatumRule) -> bool:
    """Tell whether points and units that contradict each other speak against the units.

    They do where roads or buildings place a list; else where no other datum of any list would
    explain it, or several lists contradict the units and none agrees.
    """
    if _placed(seen, rule):
        return True
    by_label = [
        _outcome(one.labels_alone, hypothesis_of(one.sample.datum), rule)[0] for one in seen
    ]
    against = by_label.count("contradicts")
    return "agrees" not in by_label and (against == 0 or against >= rule.lists)

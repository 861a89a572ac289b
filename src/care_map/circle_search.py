"""How demand rows reach one circle: by its own way, or delivered."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.accessibility.status import (
    Finding,
    Knowledge,
    better,
    doubtful,
    judge,
    merged,
    worst_of,
)
from care_map.inputs.tables import Inputs
from care_map.search_points import Search
from care_map.values import Circle, Delivery, Direction, Variant
from care_map.vocabulary import SETTINGS

__all__ = [
    "Kept",
    "Reached",
    "deliverers",
    "delivery_settings",
    "facility_rows",
    "has_role",
    "reach",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Words = NDArray[np.object_]

_Times = tuple[Floats, Ints, Words, Floats]
_MEANS = {"foot": "walk", "straight": "walk", "car": "drive", "cycle": "cycle"}
"""Mode of a profile → the word in the column `means`."""
_YES, _NO, _UNKNOWN = 1, 0, -1


@dataclass(frozen=True, slots=True)
class Reached:
    """How demand rows reach one circle; arrays of one length.

    Parameters
    ----------
    finding
        Status, reason, seconds and facility.
    means
        ``walk``, ``drive``, ``cycle`` or ``delivery``: the way that is told; "" without a
        facility.
    cutoff_s
        Limit of that way, NaN where the elder's setting leaves it open.
    snap
        Snap status by the profile of that way, in words.
    estimate_s
        Estimate from beyond the access limit by the circle's own profile, NaN elsewhere.
    """

    finding: Finding
    means: Words
    cutoff_s: Floats
    snap: Words
    estimate_s: Floats


@dataclass(frozen=True, slots=True)
class Kept:
    """Times that several circles ask for, as those within 10 and within 15 minutes do.

    Parameters
    ----------
    groups
        Groups of facility types whose times are kept.
    found
        Results by what was asked.
    """

    groups: frozenset[tuple[str, ...]]
    found: dict[tuple[object, ...], _Times]

    @classmethod
    def between(cls, circles: Iterable[Circle]) -> "Kept":
        """Return a place for the times that more than one of the circles asks for."""
        asked = Counter(types for circle in circles for types in set(circle.require))
        return cls(frozenset(types for types, times in asked.items() if times > 1), {})


def reach(
    search: Search,
    inputs: Inputs,
    rows: Ints,
    *,
    circle: Circle,
    variant: Variant,
    pool: Ints,
    estimate: bool = False,
    kept: Kept | None = None,
) -> Reached:
    """Search every part of a circle for demand rows, each by the profile of its setting.

    Parameters
    ----------
    search, inputs
        The points, and what is known of them.
    rows
        Rows of the demand.
    circle, variant
        What must be reached, by which of its readings.
    pool
        Rows of the facilities that count.
    estimate
        Whether to estimate times from points beyond the access limit.
    kept
        Times that other circles have asked for.

    Returns
    -------
    Reached
    """
    way = _own_way(inputs, rows, circle, variant)
    asked = [
        _ask(
            search,
            inputs,
            rows,
            way,
            wanted=pool[has_role(inputs, types)[pool]],
            estimate=estimate,
            kept=kept if kept and types in kept.groups else None,
        )
        for types in circle.require
    ]
    finding = worst_of([one.finding for one in asked])
    means = np.full(len(rows), "", dtype=object)
    for name in way.names:
        mode = search.models[name].profile.mode
        means[(way.profile == name) & (finding.facility >= 0)] = _MEANS[mode]
    own = Reached(
        finding=finding,
        means=means,
        cutoff_s=way.cutoff_s,
        snap=asked[-1].snap,
        estimate_s=np.fmax.reduce([one.estimate_s for one in asked]),
    )
    if circle.delivery is None:
        return own
    delivered = _delivered(search, inputs, rows, circle.delivery, variant=variant, pool=pool)
    return _either(own, delivered)


@dataclass(frozen=True, slots=True)
class _Way:
    """How demand rows travel: a profile and a limit for each, and in which direction."""

    profile: Words
    names: tuple[str, ...]
    cutoff_s: Floats
    direction: Direction


@dataclass(frozen=True, slots=True)
class _Asked:
    finding: Finding
    snap: Words
    estimate_s: Floats


def _ask(
    search: Search,
    inputs: Inputs,
    rows: Ints,
    way: _Way,
    *,
    wanted: Ints,
    listed: bool | None = None,
    estimate: bool = False,
    kept: Kept | None = None,
) -> _Asked:
    """Search the nearest of the wanted facilities and judge what is found.

    `listed` tells whether the study lists facilities of the kind, where others than the wanted
    ones tell it.
    """
    too_coarse = search.too_coarse[rows]
    seconds, facility = np.full(len(rows), np.inf), np.full(len(rows), -1, np.int64)
    snap, estimate_s = np.full(len(rows), "", dtype=object), np.full(len(rows), np.nan)
    networked = np.ones(len(rows), bool)
    for name in way.names:
        mine = np.flatnonzero(way.profile == name)
        seconds[mine], facility[mine], snap[mine], estimate_s[mine] = _seconds(
            search, name, way, rows=rows[mine], wanted=wanted, estimate=estimate, kept=kept
        )
        networked[mine] = search.has_network or search.models[name].profile.approximate
    is_listed = search.lists_are_whole or (bool(len(wanted)) if listed is None else listed)
    known = Knowledge(
        has_point=inputs.demand.geometry.notna().to_numpy()[rows] & (too_coarse != "none"),
        snap_status=snap,
        listed=len(wanted) if is_listed else None,
        located=int(np.isin(wanted, search.facility_row).sum()),
        has_network=networked,
        too_coarse=too_coarse,
    )
    return _Asked(judge(seconds, facility, cutoff_s=way.cutoff_s, known=known), snap, estimate_s)


def _seconds(
    search: Search,
    name: str,
    way: _Way,
    *,
    rows: Ints,
    wanted: Ints,
    estimate: bool,
    kept: Kept | None,
) -> _Times:
    """Search by one profile, unless another circle has asked for the same."""
    ask = partial(
        search.seconds,
        name,
        rows=rows,
        facility_rows=wanted,
        estimate=estimate,
        direction=way.direction,
    )
    if kept is None:
        return ask()
    key = (name, estimate, way.direction, rows.tobytes(), wanted.tobytes())
    if key not in kept.found:
        kept.found[key] = ask()
    return kept.found[key]


def _delivered(
    search: Search,
    inputs: Inputs,
    rows: Ints,
    delivery: Delivery,
    *,
    variant: Variant,
    pool: Ints,
) -> Reached:
    """Search who comes to the home of demand rows.

    Whether a facility delivers can be unknown: who would be covered only if it does is
    undetermined.
    """
    setting = inputs.demand["setting"].to_numpy(dtype=object)[rows]
    ruled = np.isin(setting, delivery_settings(variant))
    way = _Way(
        profile=np.where(ruled, delivery.profile, "").astype(object),
        names=(delivery.profile,),
        cutoff_s=np.where(ruled, delivery.cutoff_s, np.nan),
        direction="from",
    )
    kind = pool[has_role(inputs, delivery.types)[pool]]
    sure, possible = deliverers(inputs, kind), kind[_delivers(inputs)[kind] != _NO]
    asked = _ask(search, inputs, rows, way, wanted=sure, listed=bool(len(kind)))
    finding = asked.finding
    if len(possible) > len(sure):
        whole = _ask(search, inputs, rows, way, wanted=possible)
        maybe = doubtful(whole.finding, "delivery_unknown")
        finding = merged(finding, maybe, better(finding, maybe))
    return Reached(
        finding=finding,
        means=np.where(finding.facility >= 0, "delivery", "").astype(object),
        cutoff_s=way.cutoff_s,
        snap=asked.snap,
        estimate_s=np.full(len(rows), np.nan),
    )


def _either(own: Reached, delivered: Reached) -> Reached:
    """Join two ways of which one is enough; the circle's own is told where both are."""
    takes = better(own.finding, delivered.finding)
    return Reached(
        finding=merged(own.finding, delivered.finding, takes),
        means=np.where(takes, delivered.means, own.means),
        cutoff_s=np.where(takes, delivered.cutoff_s, own.cutoff_s),
        snap=np.where(takes, delivered.snap, own.snap),
        estimate_s=own.estimate_s,
    )


def delivery_settings(variant: Variant) -> list[str]:
    """Return the settings whose elders a delivery counts for, "" for the unknown one.

    Whoever's setting is unknown is inside only if no setting is outside the circle.
    """
    return [*variant.rules, *([""] if set(SETTINGS) <= set(variant.rules) else [])]


def deliverers(inputs: Inputs, facilities: Ints) -> Ints:
    """Return those of some facilities that deliver for sure."""
    return np.asarray(facilities[_delivers(inputs)[facilities] == _YES], dtype=np.int64)


def _delivers(inputs: Inputs) -> NDArray[np.int8]:
    """Return for each facility whether it delivers: yes, no or unknown."""
    if "delivers" not in inputs.facilities:
        return np.full(len(inputs.facilities), _UNKNOWN, np.int8)
    flags = inputs.facilities["delivers"].astype("boolean")
    yes = flags.fillna(value=False).to_numpy(dtype=bool)
    return np.select([yes, flags.notna().to_numpy()], [_YES, _NO], _UNKNOWN).astype(np.int8)


def _own_way(inputs: Inputs, rows: Ints, circle: Circle, variant: Variant) -> _Way:
    """Return the way of the circle's own rules, by the setting of each elder."""
    number, settings = pd.factorize(inputs.demand["setting"].to_numpy(dtype=object)[rows])
    rules = [variant.rule(setting) for setting in settings.tolist()]
    profile = [rule.profile if rule else "" for rule in rules]
    cutoff_s = [rule.cutoff_s if rule else np.nan for rule in rules]
    return _Way(
        profile=np.array(profile, dtype=object)[number],
        names=tuple(dict.fromkeys(rule.profile for rule in variant.rules.values())),
        cutoff_s=np.array(cutoff_s, dtype=float)[number],
        direction=circle.direction,
    )


def facility_rows(inputs: Inputs, *, stages: Iterable[str], own: bool) -> Ints:
    """Return the rows of the facilities at some stages, the district's own or all."""
    table = inputs.facilities
    counts = table["stage"].isin(list(stages))
    return np.flatnonzero(counts & table["in_area"] if own else counts)


def has_role(inputs: Inputs, types: Iterable[str]) -> Bools:
    """Tell which facilities have one of the types."""
    wanted = set(types)
    roles = inputs.facilities["roles"].to_numpy(dtype=object)
    return np.array([bool(wanted & set(cell.split(";"))) for cell in roles], dtype=bool)

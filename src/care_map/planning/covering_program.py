"""The programme of a covering model: sites, classes of elders, and everything that must hold."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from care_map.planning.by_hand import Task, at_most
from care_map.planning.choices import Choices, Merged, by_site, merged
from care_map.planning.options import Options, Span
from care_map.planning.plan import Limit
from care_map.planning.program import Program

__all__ = [
    "Asked",
    "asked_of",
    "covering_program",
    "covering_task",
    "needed_elders",
    "within_limits",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_TWO = 2
_MOST_ENTRIES = 2e6
"""Entries of rows that only bring a bound closer."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a covering model is asked besides its objective.

    Parameters
    ----------
    choices, classes
        Who can be reached from where.
    cost
        ``(m,)`` cost of each site, 0 where none is given.
    capacity
        ``(m,)`` elders whom each site can serve, inf without end; None where nobody counts.
    limits, floors
        Quotas on sites; groups by number, and the elders of each that must be covered.
    span
        Which sites need a centre, and which centres could run them.
    times
        By how many sites an elder must be reached.
    """

    choices: Choices
    classes: Merged
    cost: Floats
    capacity: Floats | None
    limits: tuple[Limit, ...]
    floors: tuple[tuple[int, float], ...]
    span: Span | None
    times: int


def asked_of(choices: Choices, options: Options) -> Asked:
    """Return the request in numbers.

    Raises
    ------
    ValueError
        A number makes no sense, or an id is unknown.
    """
    names, group = pd.Index([]), None
    if options.groups is not None:
        number, names = pd.factorize(options.groups.reindex(choices.demand_id), sort=True)
        group = number.astype(np.int64)
    capacity = None
    if options.capacity is not None:
        given = pd.Series(dict(options.capacity.items()), dtype=float).reindex(choices.sites)
        capacity = given.fillna(np.inf).to_numpy(dtype=float)
        if (capacity < 0).any() or options.times > 1:
            msg = "capacities must not be negative, and are not for elders reached several times"
            raise ValueError(msg)
    return Asked(
        choices=choices,
        classes=merged(choices, group=group),
        cost=by_site(choices, options.costs),
        capacity=capacity,
        limits=tuple(options.limits),
        floors=tuple(_floors(choices, group, names, options.floor)),
        span=options.span,
        times=options.times,
    )


def _floors(
    choices: Choices,
    group: Ints | None,
    names: pd.Index,
    floor: float | Mapping[object, float],
) -> Iterator[tuple[int, float]]:
    """Yield each group that has a floor, and the elders of it that must be covered."""
    share = dict(floor) if isinstance(floor, Mapping) else dict.fromkeys(names, floor)
    wrong = [name for name, least in share.items() if not (name in names and 0 <= least <= 1)]
    if wrong or (group is None and floor):
        msg = f"a floor needs groups, and shares from 0 to 1: {wrong[:5] or floor}"
        raise ValueError(msg)
    for number, name in enumerate(names):
        elders = float(choices.elders[group == number].sum())
        if share.get(name, 0.0) > 0:
            yield number, needed_elders(share[name], elders)


def covering_program(asked: Asked) -> tuple[Program, Ints, Ints]:
    """Return the programme with its sites (whole) and its classes (share of each covered)."""
    choices, classes = asked.choices, asked.classes
    program = Program()
    open_site = program.add(
        len(choices.sites), least=choices.existing.astype(float), most=1.0, whole=True
    )
    # Where one site suffices the share is whole of itself. More of them need it to be said.
    lacks = asked.times - _standing(asked)
    covered = program.add(len(classes.elders), most=1.0, whole=lacks > 1)
    if asked.capacity is None:
        _reached(program, asked, open_site, covered, lacks)
        _one_is_not_two(program, asked, open_site, covered, lacks)
    else:
        _served(program, asked, open_site, covered, asked.capacity)
    within_limits(program, choices, open_site, asked.limits)
    for group, needed in asked.floors:
        mine = np.flatnonzero(classes.group == group)
        program.limit(covered[mine], classes.elders[mine], least=needed)
    if asked.span is not None:
        _run_by_centres(program, choices, open_site, asked.span)
    return program, open_site, covered


def covering_task(asked: Asked, *, n_sites: int | None = None, budget: float | None = None) -> Task:
    """Return the same question as plans by hand take it.

    Parameters
    ----------
    asked
        What is asked.
    n_sites, budget
        What new sites may come to.
    """
    choices, classes = asked.choices, asked.classes
    limits = [(choices.site_rows(limit.sites), limit) for limit in asked.limits]
    new = choices.candidates
    rules = [
        (sites, np.ones(len(sites)), float(limit.most))
        for sites, limit in limits
        if limit.most is not None
    ]
    if n_sites is not None:
        rules.append((new, np.ones(len(new)), float(n_sites)))
    if budget is not None:
        rules.append((new, asked.cost[new], float(budget)))
    if asked.span is not None:
        rules += _room_of_centres(choices, asked.span)
    numbers = [group for group, _ in asked.floors]
    floors = np.zeros(max(int(classes.group.max(initial=-1)), *numbers, -1) + 2)
    for group, needed in asked.floors:
        floors[group] = needed
    return Task(
        elders=classes.elders,
        row=classes.row,
        site=classes.site,
        existing=choices.existing,
        times=asked.times,
        group=np.where(classes.group < 0, len(floors) - 1, classes.group),
        floors=floors,
        capacity=asked.capacity,
        most=at_most(rules),
        least=tuple((sites, limit.least) for sites, limit in limits if limit.least > 0),
    )


def _room_of_centres(choices: Choices, span: Span) -> Iterator[tuple[Ints, Floats, float]]:
    """Yield what must hold of stations: one of a station's centres is open; all have room.

    Where centres share some of their stations only, this is not all that must hold: the programme
    tells.
    """
    station = choices.site_rows(span.links["station"])
    centre = choices.site_rows(span.links["centre"])
    need = choices.site_rows(span.stations)
    taken = pd.Series(dict(span.taken), dtype=float).reindex(choices.sites).fillna(0.0)
    room = np.maximum(float(span.most) - taken.to_numpy(dtype=float), 0.0)
    links = coo_array((np.ones(len(station)), (station, centre)), shape=(len(room),) * 2)
    _, together = connected_components(links, directed=False)
    hubs = np.unique(centre)
    for number in np.unique(together[need]).tolist():
        mine, able = need[together[need] == number], hubs[together[hubs] == number]
        weight = np.append(np.ones(len(mine)), -room[able])
        yield np.append(mine, able), weight, 0.0
    for one in need.tolist():
        able = centre[station == one]
        yield np.append([one], able), np.append([1.0], np.full(len(able), -1.0)), 0.0


def _standing(asked: Asked) -> Ints:
    """Return how many standing sites reach each class."""
    classes = asked.classes
    there = asked.choices.existing[classes.site]
    return np.bincount(classes.row[there], minlength=len(classes.elders))


def _reached(program: Program, asked: Asked, open_site: Ints, covered: Ints, lacks: Ints) -> None:
    """Count a class where as many new sites reach it as it lacks."""
    classes, k = asked.classes, len(covered)
    new = np.flatnonzero(~asked.choices.existing[classes.site])
    program.rows(
        np.concatenate([classes.row[new], np.arange(k)]),
        np.concatenate([open_site[classes.site[new]], covered]),
        np.concatenate([np.ones(len(new)), -np.maximum(lacks, 0).astype(float)]),
        number=k,
        least=0.0,
    )


def _one_is_not_two(
    program: Program, asked: Asked, open_site: Ints, covered: Ints, lacks: Ints
) -> None:
    """Say of classes that lack two sites that without any one of them another reaches them.

    It follows from whole sites. Of parts of sites it does not, and the bound is far closer.
    """
    classes = asked.classes
    mine = np.flatnonzero(~asked.choices.existing[classes.site] & (lacks[classes.row] == _TWO))
    row, site = classes.row[mine], classes.site[mine]
    size = np.bincount(row, minlength=len(covered))
    if (size.astype(float) ** 2).sum() > _MOST_ENTRIES:
        return
    n, long = len(row), size[row]
    first = np.searchsorted(row, row)
    which = np.repeat(np.arange(n), long)
    other = first[which] + np.arange(len(which)) - np.repeat(np.cumsum(long) - long, long)
    apart = which != other
    program.rows(
        np.concatenate([which[apart], np.arange(n)]),
        np.concatenate([open_site[site[other[apart]]], covered[row]]),
        np.concatenate([np.ones(int(apart.sum())), np.full(n, -1.0)]),
        number=n,
        least=0.0,
    )


def _served(
    program: Program, asked: Asked, open_site: Ints, covered: Ints, capacity: Floats
) -> None:
    """Count as many of a class as chosen sites take in, each no more than it can."""
    classes, k, m = asked.classes, len(covered), len(open_site)
    row, site = classes.row, classes.site
    goes = program.add(len(row), most=classes.elders[row])
    program.rows(
        np.concatenate([row, np.arange(k)]),
        np.concatenate([goes, covered]),
        np.concatenate([np.ones(len(row)), -classes.elders]),
        number=k,
        least=0.0,
    )
    reach = np.bincount(site, weights=classes.elders[row], minlength=m)
    program.rows(
        np.concatenate([site, np.arange(m)]),
        np.concatenate([goes, open_site]),
        np.concatenate([np.ones(len(row)), -np.minimum(capacity, reach)]),
        number=m,
        most=0.0,
    )


def within_limits(
    program: Program, choices: Choices, open_site: Ints, limits: tuple[Limit, ...]
) -> None:
    """Keep quotas."""
    for limit in limits:
        most = np.inf if limit.most is None else float(limit.most)
        here = open_site[choices.site_rows(limit.sites)]
        program.limit(here, 1.0, least=float(limit.least), most=most)


def _run_by_centres(program: Program, choices: Choices, open_site: Ints, span: Span) -> None:
    """Let one open centre run each chosen station, none more than its span."""
    station = choices.site_rows(span.links["station"])
    centre = choices.site_rows(span.links["centre"])
    runs = program.add(len(station), most=1.0, whole=True)
    need = choices.site_rows(span.stations)
    number = np.full(len(choices.sites), -1, dtype=np.int64)
    number[need] = np.arange(len(need))
    mine = np.flatnonzero(number[station] >= 0)
    program.rows(
        np.concatenate([number[station[mine]], np.arange(len(need))]),
        np.concatenate([runs[mine], open_site[need]]),
        np.concatenate([np.ones(len(mine)), np.full(len(need), -1.0)]),
        number=len(need),
        least=0.0,
        most=0.0,
    )
    pair = np.arange(len(runs))
    program.rows(
        np.concatenate([pair, pair]),
        np.concatenate([open_site[centre], runs]),
        np.repeat([1.0, -1.0], len(runs)),
        number=len(runs),
        least=0.0,
    )
    hubs, which = np.unique(centre, return_inverse=True)
    taken = pd.Series(dict(span.taken), dtype=float).reindex(choices.sites[hubs]).fillna(0.0)
    room = np.maximum(float(span.most) - taken.to_numpy(dtype=float), 0.0)
    program.rows(which.astype(np.int64), runs, 1.0, number=len(hubs), most=room)


def needed_elders(rate: float, elders: float) -> float:
    """Return the elders that a rate asks for; whole numbers of elders make it a whole number."""
    needed = rate * elders
    whole = float(np.ceil(needed - 1e-9 * max(1.0, elders)))
    return whole if elders == np.rint(elders) else needed

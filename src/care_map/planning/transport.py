"""The transportation problem by shortest augmenting paths: exact, in whole numbers.

Elders enter one after the other. Who finds the nearest facility full moves others on along the
path that adds the fewest minutes (as Jonker & Volgenant 1987, with capacities).
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from care_map.routing.heap import pop, push

__all__ = ["least_minutes"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Indices = NDArray[np.int32]


def least_minutes(
    origin: Ints, facility: Ints, minutes: Floats, people: Ints, places: Ints
) -> Ints:
    """Return how many go along each pair: first the most, then of these the fewest minutes.

    Parameters
    ----------
    origin, facility, minutes
        ``(n,)`` row of the demand, row of the facility, cost of at least 0; each pair once.
    people
        Elders of each demand row.
    places
        Places of each facility.

    Returns
    -------
    ``(n,)`` elders.
    """
    size = len(places)
    # Each elder may stay nowhere, one facility more. That costs more than all moves that could
    # avoid it.
    nowhere = (size + 2) * (float(minutes.max(initial=0.0)) + 1.0)
    everybody = np.arange(len(people))
    whose = np.concatenate([origin, everybody])
    order = np.lexsort((np.concatenate([minutes, np.full(len(people), nowhere)]), whose))
    ways = _Ways(
        person=np.repeat(everybody, people),
        offset=np.searchsorted(whose[order], np.arange(len(people) + 1)),
        facility=np.concatenate([facility, np.full(len(people), size)])[order],
        minutes=np.concatenate([minutes, np.full(len(people), nowhere)])[order],
        places=np.append(places, people.sum() + 1),
    )
    taken = order[_place_all(ways, *_neighbours(ways))]
    return np.bincount(taken[taken < len(origin)], minlength=len(origin)).astype(np.int64)


class _Ways(NamedTuple):
    """Who can go where: pairs by demand row, and the demand row of each person."""

    person: Ints
    offset: Ints
    facility: Ints
    minutes: Floats
    places: Ints


class _Moves(NamedTuple):
    """From each full facility the cheapest move of somebody there to each other one."""

    offset: Ints
    other: Ints
    added: Floats
    who: Ints
    pair: Ints
    slot: Ints


class _State(NamedTuple):
    """The pair that each person takes; who is at each facility, as a linked list; prices."""

    taken: Ints
    following: Ints
    head: Ints
    load: Ints
    price: Floats


class _Path(NamedTuple):
    """The least addition to reach each facility, and by whose move along which pair."""

    added: Floats
    who: Ints
    pair: Ints
    done: Bools
    touched: Ints
    heap_s: Floats
    heap: Indices


@njit(cache=True)
def _neighbours(ways: _Ways) -> tuple[Ints, Ints]:
    """Return for each facility the others that somebody in its reach can go to."""
    size, n_rows = len(ways.places), len(ways.offset) - 1
    count = np.zeros(size + 1, np.int64)
    for k in range(len(ways.facility)):
        count[ways.facility[k] + 1] += 1
    start = np.cumsum(count)
    row, fill = np.empty(len(ways.facility), np.int64), start.copy()
    for i in range(n_rows):
        for k in range(ways.offset[i], ways.offset[i + 1]):
            f = ways.facility[k]
            row[fill[f]] = i
            fill[f] += 1
    offset, mark = np.zeros(size + 1, np.int64), np.full(size, -1, np.int64)
    other, used = np.empty(1024, np.int64), 0
    for f in range(size - 1):
        for at in range(start[f], start[f + 1]):
            for k in range(ways.offset[row[at]], ways.offset[row[at] + 1]):
                g = ways.facility[k]
                if g == f or mark[g] == f:
                    continue
                mark[g] = f
                if used == len(other):
                    other = np.concatenate((other, np.empty_like(other)))
                other[used] = g
                used += 1
        offset[f + 1] = used
    # Nobody has to leave who is nowhere.
    offset[size] = used
    return offset, other[:used].copy()


@njit(cache=True)
def _place_all(ways: _Ways, offset: Ints, other: Ints) -> Ints:
    """Return the pair that each person takes."""
    n, size = len(ways.person), len(ways.places)
    state = _State(
        np.full(n, -1, np.int64),
        np.full(n, -1, np.int64),
        np.full(size, -1, np.int64),
        np.zeros(size, np.int64),
        np.zeros(size),
    )
    moves = _Moves(
        offset,
        other,
        np.full(len(other), np.inf),
        np.full(len(other), -1, np.int64),
        np.full(len(other), -1, np.int64),
        np.full(size, -1, np.int64),
    )
    path = _Path(
        np.full(size, np.inf),
        np.full(size, -1, np.int64),
        np.full(size, -1, np.int64),
        np.zeros(size, np.bool_),
        np.empty(size, np.int64),
        np.empty(len(other) + size + 1),
        np.empty(len(other) + size + 1, np.int32),
    )
    for one in range(n):
        end, n_touched = _find_path(ways, state, moves, path, one)
        for t in range(n_touched):
            f = path.touched[t]
            if path.done[f]:
                state.price[f] += path.added[end] - path.added[f]
        _move_on(ways, state, moves, path, end, one)
        for t in range(n_touched):
            f = path.touched[t]
            path.added[f], path.done[f] = np.inf, False
    return state.taken


@njit(cache=True)
def _find_path(ways: _Ways, state: _State, moves: _Moves, path: _Path, one: int) -> tuple[int, int]:
    """Return the free facility that costs least to reach, and how many were looked at."""
    n_touched = n_heap = 0
    for k in range(ways.offset[ways.person[one]], ways.offset[ways.person[one] + 1]):
        f = ways.facility[k]
        if ways.places[f] > 0:
            path.touched[n_touched] = f
            n_touched += 1
            path.added[f] = ways.minutes[k] + state.price[f]
            path.who[f], path.pair[f] = one, k
            push(path.heap_s, path.heap, n_heap, path.added[f], f)
            n_heap += 1
    while True:
        here_s, here = path.heap_s[0], path.heap[0]
        n_heap -= 1
        pop(path.heap_s, path.heap, n_heap)
        if path.done[here] or here_s > path.added[here]:
            continue
        if state.load[here] < ways.places[here]:
            return here, n_touched
        path.done[here] = True
        base = path.added[here] - state.price[here]
        for at in range(moves.offset[here], moves.offset[here + 1]):
            g = moves.other[at]
            # Rounding must not make a move look cheaper than none.
            s = max(base + moves.added[at] + state.price[g], path.added[here])
            if not path.done[g] and s < path.added[g]:
                if path.added[g] == np.inf:
                    path.touched[n_touched] = g
                    n_touched += 1
                path.added[g], path.who[g], path.pair[g] = s, moves.who[at], moves.pair[at]
                push(path.heap_s, path.heap, n_heap, s, g)
                n_heap += 1


@njit(cache=True)
def _move_on(ways: _Ways, state: _State, moves: _Moves, path: _Path, end: int, one: int) -> None:
    """Move everybody on the path one facility on, and note anew who could move from there."""
    here = end
    while True:
        who = path.who[here]
        before = ways.facility[state.taken[who]] if who != one else -1
        if before >= 0:
            _leave(state, before, who)
        state.taken[who] = path.pair[here]
        state.following[who] = state.head[here]
        state.head[here] = who
        state.load[here] += 1
        if state.load[here] == ways.places[here]:
            _note_moves(ways, state, moves, here)
        if before < 0:
            return
        here = before


@njit(cache=True)
def _leave(state: _State, f: int, who: int) -> None:
    """Take somebody out of a facility."""
    state.load[f] -= 1
    if state.head[f] == who:
        state.head[f] = state.following[who]
        return
    j = state.head[f]
    while state.following[j] != who:
        j = state.following[j]
    state.following[j] = state.following[who]


@njit(cache=True)
def _note_moves(ways: _Ways, state: _State, moves: _Moves, f: int) -> None:
    """Note for a full facility the cheapest move from it to each other one."""
    for at in range(moves.offset[f], moves.offset[f + 1]):
        moves.added[at] = np.inf
        moves.slot[moves.other[at]] = at
    j = state.head[f]
    while j >= 0:
        now = ways.minutes[state.taken[j]]
        for k in range(ways.offset[ways.person[j]], ways.offset[ways.person[j] + 1]):
            g = ways.facility[k]
            added = ways.minutes[k] - now
            if g != f and ways.places[g] > 0 and added < moves.added[moves.slot[g]]:
                at = moves.slot[g]
                moves.added[at], moves.who[at], moves.pair[at] = added, j, k
        j = state.following[j]

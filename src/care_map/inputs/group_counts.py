"""Counts of priority groups beside a count of elders → rows of elders in the same groups.

How many are in two groups at once no such list says: groups are laid side by side as far as
there are elders (default), so that each group's own sum is kept and nothing more is claimed.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.inputs.sources import SourceTable, list_rows
from care_map.vocabulary import PRIORITY_GROUPS

__all__ = ["COUNT_COLUMNS", "checked_counts", "split_groups"]

Ints = NDArray[np.int64]

_PREFIX = "elders_"
COUNT_COLUMNS = tuple(f"{_PREFIX}{group}" for group in PRIORITY_GROUPS)
"""Columns that say how many of a row's elders are in each group."""


def checked_counts(table: SourceTable) -> None:
    """List the counts of groups that no group can have: negative, or more than all elders."""
    frame = table.frame
    for name in COUNT_COLUMNS:
        if name not in frame or "elders" not in frame:
            continue
        wrong = ((frame[name] < 0) | (frame[name] > frame["elders"])).fillna(value=False)
        list_rows([table], frame[wrong.to_numpy(dtype=bool)], "group_count", "error", column=name)


def split_groups(demand: pd.DataFrame) -> pd.DataFrame:
    """Make rows of elders in the same groups of rows that count groups.

    Parameters
    ----------
    demand
        With ``demand_id, elders, groups`` and any of :data:`COUNT_COLUMNS`.

    Returns
    -------
    DataFrame
        Without those columns. Rows that are divided have ids made of their own; the sums of
        ``elders`` and of every group are kept.

    Examples
    --------
    >>> demand = pd.DataFrame(
    ...     {"demand_id": ["a"], "elders": [5], "groups": [""], "elders_disabled": [2]})
    >>> split_groups(demand)[["demand_id", "elders", "groups"]].values.tolist()
    [['a-1', 2, 'disabled'], ['a-2', 3, '']]
    """
    names = [name for name in COUNT_COLUMNS if name in demand]
    if not names:
        return demand
    counts = demand[names].fillna(0).to_numpy(dtype=np.int64)
    elders = demand["elders"].to_numpy(dtype=np.int64)
    # After an error there may be more in a group than there are elders: check goes on.
    counts = np.clip(counts, 0, np.maximum(elders, 0)[:, None])
    mixed = np.flatnonzero(counts.any(axis=1))
    plain = demand.drop(columns=names)
    if not len(mixed):
        return plain
    row, code, number = _classes(elders[mixed], counts[mixed])
    made = plain.iloc[mixed[row]].reset_index(drop=True)
    place = made.groupby(row).cumcount().to_numpy() + 1
    many = (np.bincount(row) > 1)[row]
    ids = made["demand_id"].to_numpy(dtype=object)
    ids = np.where(many, ids + "-" + place.astype(str).astype(object), ids)
    groups = _with_groups(made["groups"].to_numpy(dtype=object), code, names)
    made = made.assign(
        demand_id=pd.Series(ids, made.index, dtype=object),
        groups=pd.Series(groups, made.index, dtype=object),
        elders=number,
    )
    rest = np.ones(len(plain), dtype=bool)
    rest[mixed] = False
    return pd.concat([plain[rest], made], ignore_index=True)


def _classes(elders: Ints, counts: Ints) -> tuple[Ints, Ints, Ints]:
    """Return classes of elders: their row, their groups as bits, how many they are."""
    row = np.repeat(np.arange(len(elders)), elders)
    slot = np.arange(len(row)) - np.repeat(np.cumsum(elders) - elders, elders)
    size, code = elders[row], np.zeros(len(row), dtype=np.int64)
    begin = np.zeros(len(elders), dtype=np.int64)
    for bit, count in enumerate(counts.T):
        code |= (((slot - begin[row]) % size) < count[row]).astype(np.int64) << bit
        begin = (begin + count) % np.maximum(elders, 1)
    bits = counts.shape[1]
    found, number = np.unique((row << bits) | (((1 << bits) - 1) ^ code), return_counts=True)
    return found >> bits, ((1 << bits) - 1) ^ (found & ((1 << bits) - 1)), number


def _with_groups(given: NDArray[np.object_], code: Ints, names: list[str]) -> NDArray[np.object_]:
    pairs = pd.MultiIndex.from_arrays([given, code])
    places, different = pairs.factorize()
    words = np.full(len(different), "", dtype=object)
    for at, (groups, bits) in enumerate(different):
        own = [part for part in str(groups).split(";") if part]
        counted = [
            name.removeprefix(_PREFIX) for bit, name in enumerate(names) if int(bits) >> bit & 1
        ]
        words[at] = ";".join(dict.fromkeys((*own, *counted)))
    found: NDArray[np.object_] = words[places]
    return found

"""Who could be reached from which site: pairs within a cutoff, elders with the same choices merged.

Elders who have the same sites to choose from are one row of a covering model, with their number
as its weight: the models grow with the different choices, not with the elders.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

__all__ = ["Choices", "Merged", "by_site", "choices_of", "merged", "nearest_sites", "site_names"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_EPSILON_MIN = 1e-6 / 60.0


@dataclass(frozen=True, slots=True)
class Choices:
    """Demand and sites as numbers.

    Parameters
    ----------
    demand_id
        ``(n,)`` ids.
    elders
        ``(n,)`` heads.
    sites
        ``(m,)`` ids: candidates in their order, then existing ones.
    existing
        ``(m,)`` which stand anyway.
    demand, site, minutes
        Pairs, sorted by demand and site: rows of `demand_id` and `sites`, and their minutes.
    """

    demand_id: pd.Index
    elders: Floats
    sites: pd.Index
    existing: Bools
    demand: Ints
    site: Ints
    minutes: Floats

    @property
    def candidates(self) -> Ints:
        """Rows of the sites that can be chosen."""
        return np.flatnonzero(~self.existing)

    def matrix(self) -> csr_array:
        """Return ``(n, m)`` with 1 where a site reaches a demand point."""
        ones = np.ones(len(self.demand))
        shape = (len(self.elders), len(self.sites))
        return csr_array((ones, (self.demand, self.site)), shape=shape)

    def site_rows(self, ids: Iterable[object]) -> Ints:
        """Return the rows of some sites; ValueError for an unknown one."""
        wanted = list(ids)
        rows = self.sites.get_indexer(pd.Index(wanted, dtype=object))
        if (rows < 0).any():
            unknown = [one for one, row in zip(wanted, rows, strict=True) if row < 0]
            msg = f"unknown sites: {unknown[:5]}"
            raise ValueError(msg)
        return rows.astype(np.int64)


def choices_of(
    pairs: pd.DataFrame,
    demand: pd.Series,
    *,
    cutoff_minutes: float = np.inf,
    candidates: Iterable[object] | None = None,
    existing: Iterable[object] = (),
) -> Choices:
    """Return what covering and median models choose from.

    Parameters
    ----------
    pairs
        ``demand_id``, ``facility_id``, ``minutes`` (any cost will do), each pair once.
    demand
        Elders by demand id, not negative.
    cutoff_minutes
        Longest minutes, themselves inside.
    candidates
        Sites that can be chosen; every site of the pairs that does not exist without it. One
        that no pair names reaches nobody.
    existing
        Sites that stand anyway.

    Raises
    ------
    ValueError
        A number is negative or missing, an id stands twice, or a pair names an unknown elder.
    """
    heads = demand.to_numpy(dtype=float)
    if not demand.index.is_unique or not (np.isfinite(heads) & (heads >= 0)).all():
        msg = "demand needs numbers that are not negative, each id once"
        raise ValueError(msg)
    if pairs.duplicated(["demand_id", "facility_id"]).any():
        msg = "a pair stands twice"
        raise ValueError(msg)
    standing = list(dict.fromkeys(existing))
    if candidates is None:
        candidates = sorted(set(pairs["facility_id"]) - set(standing), key=str)
    chosen_from = [one for one in dict.fromkeys(candidates) if one not in set(standing)]
    sites = pd.Index([*chosen_from, *standing], dtype=object)
    origin = demand.index.get_indexer(pd.Index(pairs["demand_id"]))
    site = sites.get_indexer(pd.Index(pairs["facility_id"], dtype=object))
    if (origin < 0).any():
        msg = "a pair names an elder who is not in the demand"
        raise ValueError(msg)
    minutes = pairs["minutes"].to_numpy(dtype=float)
    used = np.flatnonzero((site >= 0) & (minutes <= cutoff_minutes + _EPSILON_MIN))
    used = used[np.lexsort((site[used], origin[used]))]
    return Choices(
        demand_id=demand.index,
        elders=heads,
        sites=sites,
        existing=np.arange(len(sites)) >= len(chosen_from),
        demand=origin[used].astype(np.int64),
        site=site[used].astype(np.int64),
        minutes=minutes[used],
    )


@dataclass(frozen=True, slots=True)
class Merged:
    """Classes of elders with the same sites to choose from (and of the same group).

    Parameters
    ----------
    elders
        ``(k,)`` heads of each class.
    group
        ``(k,)`` number of the group, -1 without groups.
    row, site
        Pairs of class and site.
    class_of
        ``(n,)`` class of each demand row, -1 where it has no choice.
    """

    elders: Floats
    group: Ints
    row: Ints
    site: Ints
    class_of: Ints


def merged(choices: Choices, *, group: Ints | None = None) -> Merged:
    """Return the classes of elders who have a choice at all.

    Parameters
    ----------
    choices
        Demand and sites.
    group
        ``(n,)`` number of the group of each demand row; only the same group is merged.
    """
    n = len(choices.elders)
    groups = np.full(n, -1, dtype=np.int64) if group is None else group
    count = np.bincount(choices.demand, minlength=n)
    has = np.flatnonzero((count > 0) & (choices.elders > 0))
    keys = [_row_keys(choices, seed) for seed in (1, 2)]
    table = np.column_stack([keys[0][has], keys[1][has], count[has], groups[has]])
    _, first, label = np.unique(table, axis=0, return_index=True, return_inverse=True)
    class_of = np.full(n, -1, dtype=np.int64)
    class_of[has] = label
    typical = has[first]
    start = np.concatenate([[0], np.cumsum(count)])
    length = count[typical]
    offset = np.repeat(start[typical] - np.concatenate([[0], np.cumsum(length)[:-1]]), length)
    return Merged(
        elders=_sums(label, choices.elders[has], len(first)),
        group=groups[typical],
        row=np.repeat(np.arange(len(first)), length),
        site=choices.site[offset + np.arange(length.sum())],
        class_of=class_of,
    )


def _sums(label: Ints, heads: Floats, size: int) -> Floats:
    return np.bincount(label, weights=heads, minlength=size).astype(np.float64)


def _row_keys(choices: Choices, seed: int) -> Ints:
    """Return a 64-bit sum of random numbers of each row's sites: the same sites, the same sum."""
    numbers = np.random.default_rng(seed).integers(
        np.iinfo(np.int64).min, np.iinfo(np.int64).max, size=len(choices.sites), dtype=np.int64
    )
    keys = np.zeros(len(choices.elders), dtype=np.int64)
    with np.errstate(over="ignore"):
        np.add.at(keys, choices.demand, numbers[choices.site])
    return keys


def by_site(choices: Choices, numbers: Mapping[object, float] | pd.Series | None) -> Floats:
    """Return a number per site, 0 where none is given; ValueError for negative ones."""
    if numbers is None:
        return np.zeros(len(choices.sites))
    given = pd.Series(dict(numbers.items()), dtype=float)
    values = given.reindex(choices.sites).fillna(0.0).to_numpy(dtype=float)
    if (values < 0).any() or not np.isfinite(given.to_numpy(dtype=float)).all():
        msg = "costs and capacities must be numbers that are not negative"
        raise ValueError(msg)
    return values


def nearest_sites(choices: Choices, chosen: Bools, *, times: int = 1) -> tuple[Floats, Ints]:
    """Return minutes and row of each demand point's nearest chosen site.

    Parameters
    ----------
    choices
        Demand and sites.
    chosen
        ``(m,)`` which sites there are.
    times
        How many chosen sites must reach a point; where fewer do, it has none.

    Returns
    -------
    ``(n,)`` minutes, inf where none; ``(n,)`` rows of sites, -1 where none. Of equally near ones
    the first.
    """
    n = len(choices.elders)
    used = np.flatnonzero(chosen[choices.site])
    used = used[np.lexsort((choices.site[used], choices.minutes[used], choices.demand[used]))]
    origin, first, count = np.unique(choices.demand[used], return_index=True, return_counts=True)
    enough = count >= times
    minutes, site = np.full(n, np.inf), np.full(n, -1, dtype=np.int64)
    minutes[origin[enough]] = choices.minutes[used[first[enough]]]
    site[origin[enough]] = choices.site[used[first[enough]]]
    return minutes, site


def site_names(choices: Choices, row: Ints) -> pd.Series:
    """Return sites by demand id for rows of sites; None where the row is -1."""
    ids = np.array([*choices.sites, None], dtype=object)
    return pd.Series(ids[row], choices.demand_id, name="site", dtype=object)

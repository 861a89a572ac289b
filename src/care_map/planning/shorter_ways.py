"""Whom new sites bring nearer: choices of p-median and p-centre without what cannot matter.

Where a site stands, only what is nearer is a choice. Elders with the same minutes to all of their
choices are one class; those without any keep their minutes whatever is built.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.planning.choices import Choices, merged
from care_map.planning.plan import Limit
from care_map.planning.program import Program

__all__ = ["Rules", "Ways", "nearer_pairs", "rules_of", "ways_of", "with_sites"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_EPSILON = 1e-9


class Ways(NamedTuple):
    """Classes of elders, and the new sites that are nearer than what stands.

    Parameters
    ----------
    heads
        ``(k,)`` elders of each class.
    base
        ``(k,)`` minutes to what stands, inf where nothing does.
    offset, site, minutes
        Choices of class `i`: numbers of candidates ``site[offset[i]:offset[i + 1]]``, and minutes.
    """

    heads: Floats
    base: Floats
    offset: Ints
    site: Ints
    minutes: Floats

    @property
    def row(self) -> Ints:
        """Class of each pair."""
        return np.repeat(np.arange(len(self.heads)), np.diff(self.offset))


@dataclass(frozen=True, slots=True)
class Rules:
    """What a choice of new sites must keep.

    Parameters
    ----------
    number
        At most so many.
    member
        ``(q, m)`` 1 where a candidate counts in a quota.
    least, most
        ``(q,)`` sites that each quota needs and allows.
    """

    number: int
    member: Floats
    least: Floats
    most: Floats

    def keeps(self, chosen: Bools) -> bool:
        """Tell whether a choice keeps everything."""
        used = self.member @ chosen
        inside = (used >= self.least - _EPSILON) & (used <= self.most + _EPSILON)
        return bool(np.count_nonzero(chosen) <= self.number and inside.all())

    def within(self, program: Program, open_site: Ints) -> None:
        """Add the rules to a programme that has the candidates."""
        program.limit(open_site, 1.0, most=float(self.number))
        quota, site = np.nonzero(self.member)
        program.rows(
            quota,
            open_site[site],
            1.0,
            number=len(self.most),
            least=self.least,
            most=self.most,
        )


def rules_of(choices: Choices, limits: Sequence[Limit], n_sites: int) -> Rules:
    """Return the number of sites and the quotas; what stands has its part of them already."""
    new = choices.candidates
    member = np.zeros((len(limits), len(choices.sites)))
    for number, limit in enumerate(limits):
        member[number, choices.site_rows(limit.sites)] = 1.0
    taken = member @ choices.existing
    return Rules(
        number=n_sites,
        member=np.ascontiguousarray(member[:, new]),
        least=np.array([float(one.least) for one in limits]) - taken,
        most=np.array([np.inf if one.most is None else float(one.most) for one in limits]) - taken,
    )


def nearer_pairs(choices: Choices) -> tuple[Floats, Ints, Ints, Floats]:
    """Return minutes to what stands, and whom new sites bring nearer.

    Returns
    -------
    ``(n,)`` minutes of each demand point to the nearest standing site, inf if none; then demand
    point, number of the candidate and minutes of each pair that is nearer. Who has no elders has
    no pair.
    """
    base = np.full(len(choices.elders), np.inf)
    stands = choices.existing[choices.site]
    np.minimum.at(base, choices.demand[stands], choices.minutes[stands])
    number = np.cumsum(~choices.existing) - 1
    used = ~stands & (choices.elders[choices.demand] > 0)
    used &= choices.minutes < base[choices.demand]
    return base, choices.demand[used], number[choices.site[used]], choices.minutes[used]


def ways_of(choices: Choices) -> tuple[Ways, float]:
    """Return the classes, and minutes × elders of those whom no new site brings nearer.

    The latter are infinite where somebody reaches no site at all.
    """
    base, row, site, minutes = nearer_pairs(choices)
    return _classes(choices.elders, base, row, site, minutes)


def with_sites(ways: Ways, kept: Bools) -> tuple[Ways, float]:
    """Return what is left of the classes if only some candidates could be chosen.

    Parameters
    ----------
    ways
        Classes.
    kept
        ``(m,)`` which; they are numbered anew.
    """
    there = kept[ways.site]
    number = np.cumsum(kept) - 1
    row, site, minutes = ways.row[there], number[ways.site[there]], ways.minutes[there]
    return _classes(ways.heads, ways.base, row, site, minutes)


def _classes(
    heads: Floats, base: Floats, row: Ints, site: Ints, minutes: Floats
) -> tuple[Ways, float]:
    has = np.bincount(row, minlength=len(heads)) > 0
    stays = ~has & (heads > 0)
    rows = np.flatnonzero(has)
    # What stands is one choice more: site and minutes together are what elders have in common.
    demand = np.concatenate([row, rows])
    order = np.argsort(demand, kind="stable")
    sites = np.concatenate([site, np.full(len(rows), -1)])[order]
    way = np.concatenate([minutes, base[rows]])[order]
    token, first = _tokens(sites, way)
    classes = merged(
        Choices(
            demand_id=pd.RangeIndex(len(heads)),
            elders=heads,
            sites=pd.RangeIndex(len(first)),
            existing=np.zeros(len(first), dtype=bool),
            demand=demand[order],
            site=token,
            minutes=way,
        )
    )
    choice, length = sites[first][classes.site], way[first][classes.site]
    new = choice >= 0
    count = np.bincount(classes.row[new], minlength=len(classes.elders))
    ways = Ways(
        heads=classes.elders,
        base=length[~new],
        offset=np.concatenate([[0], np.cumsum(count)]).astype(np.int64),
        site=choice[new],
        minutes=length[new],
    )
    return ways, float((heads[stays] * base[stays]).sum())


def _tokens(site: Ints, minutes: Floats) -> tuple[Ints, Ints]:
    """Return a number for each different pair of site and minutes, and where each stands first."""
    order = np.lexsort((minutes, site))
    site, minutes = site[order], minutes[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (site[1:] != site[:-1]) | (minutes[1:] != minutes[:-1])
    token = np.empty(len(order), dtype=np.int64)
    token[order] = np.cumsum(new) - 1
    return token, order[new]

"""How many facilities each elder has inside the circle, and who needs a certain one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.accessibility.coverage import UnitLevel

__all__ = ["Choice", "losses", "overlap_rows"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_SECOND, _THIRD = 2, 3


@dataclass(frozen=True, slots=True)
class Choice:
    """What elders can choose from for one part of a circle.

    Parameters
    ----------
    times
        ``(n,)`` facilities inside the limit, 3 for more.
    only
        ``(n,)`` the facility of who has exactly one, else -1.
    """

    times: Ints
    only: Ints

    def lost_without(self, facility: Ints) -> Bools:
        """Tell who has none of them without a facility, ``(n,)`` one each."""
        lost = (self.times == 0) | ((self.only == facility) & (facility >= 0))
        return np.asarray(lost, dtype=bool)


def losses(
    parts: Sequence[Choice], delivered: Choice | None, covered: Bools, elders: Ints
) -> pd.Series:
    """Return for each facility the covered elders who would not be without it.

    Parameters
    ----------
    parts
        Parts of the circle, all of which must be reached.
    delivered
        Who delivers, which is enough as well.
    covered
        ``(n,)``
    elders
        ``(n,)``

    Returns
    -------
    Series of elders by facility, the greatest loss first; facilities whose loss uncovers nobody
    are left out.

    Examples
    --------
    >>> only = Choice(np.array([1, 2]), np.array([7, -1]))
    >>> losses([only], None, np.array([True, True]), np.array([3, 4])).to_dict()
    {7: 3}
    """
    every = [*parts, *([delivered] if delivered else [])]
    found: list[pd.DataFrame] = []
    for number, choice in enumerate(every):
        facility = choice.only
        lost = np.any([part.lost_without(facility) for part in parts], axis=0)
        if delivered is not None:
            lost = lost & delivered.lost_without(facility)
        # Who needs one facility for two parts is lost once.
        told = np.any([other.only == facility for other in every[:number]], axis=0) if number else 0
        keep = np.flatnonzero(lost & covered & (facility >= 0) & ~np.asarray(told, dtype=bool))
        found.append(pd.DataFrame({"facility": facility[keep], "elders": elders[keep]}))
    sums = pd.concat(found).groupby("facility")["elders"].sum()
    return sums[sums > 0].sort_values(ascending=False, kind="stable")


def overlap_rows(
    figures: pd.DataFrame, unit_ids: NDArray[np.object_], levels: Sequence[UnitLevel]
) -> pd.DataFrame:
    """Sum elders by the number of facilities that they have, for every unit.

    Parameters
    ----------
    figures
        ``elders, times, undetermined, by_delivery, outside`` of each row: `times` facilities inside
        (of a conjunction the least of its parts), the others flags.
    unit_ids
        Lowest unit of each row.
    levels
        What is summed to.

    Returns
    -------
    DataFrame with ``unit_id, unit_name, level``, the counts and the rates of
    :data:`care_map.schema.OVERLAP`.
    """
    elders = figures["elders"].to_numpy(dtype=np.int64)
    unknown = figures["undetermined"].to_numpy(dtype=bool)
    times = figures["times"].to_numpy(dtype=np.int64)
    flags = {
        "with_0": ~unknown & (times == 0),
        "with_1": ~unknown & (times == 1),
        "with_2": ~unknown & (times == _SECOND),
        "with_3_or_more": ~unknown & (times >= _THIRD),
        "undetermined": unknown,
        "by_delivery": figures["by_delivery"].to_numpy(dtype=bool),
        "only_other_district": figures["outside"].to_numpy(dtype=bool),
    }
    unit, units = pd.factorize(unit_ids)
    parts = []
    for level in levels:
        places = level.places
        place = level.place(list(units))[unit] if len(units) else np.zeros(0, np.int64)
        table = places.assign(
            level=level.name,
            elders=_sum(place, elders, len(places)),
            **{name: _sum(place, elders * flag, len(places)) for name, flag in flags.items()},
        )
        parts.append(table[(table["elders"] > 0) | (table.index < len(places) - 1)])
    table = pd.concat(parts, ignore_index=True)
    second = table["with_2"] + table["with_3_or_more"]
    everyone = table["elders"].where(table["elders"] > 0)
    return table.assign(
        rate_second_low=second / everyone,
        rate_second_high=(second + table["undetermined"]) / everyone,
    )


def _sum(place: Ints, weight: Ints, size: int) -> Ints:
    return np.bincount(place, weights=weight, minlength=size).astype(np.int64)

"""What every siting model can be asked besides its own question."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

import pandas as pd

from care_map.planning.plan import Limit

__all__ = ["Costs", "MedianOptions", "Options", "SitingOptions"]

Costs = Mapping[object, float] | pd.Series


class MedianOptions(TypedDict, total=False):
    """Keywords of every siting model; see :class:`Options`."""

    candidates: Iterable[object] | None
    existing: Iterable[object]
    limits: Sequence[Limit]
    time_limit_s: float | None
    gap: float


class SitingOptions(MedianOptions, total=False):
    """Keywords of the covering models; see :class:`Options`."""

    costs: Costs | None
    groups: pd.Series | None
    floor: float | Mapping[object, float]
    times: int


@dataclass(frozen=True, slots=True)
class Options:
    """Sites to choose from, what must hold of them, how long the solver may take.

    Parameters
    ----------
    candidates
        Sites to choose from; every site of the pairs that does not exist without it.
    existing
        Sites that stand anyway.
    costs
        Cost by candidate.
    limits
        Quotas on sites.
    groups
        Group (a town) by demand id, for `floor`.
    floor
        Share of each group, or of some, that must be covered.
    times
        By how many sites an elder must be reached to be covered (2: backup).
    time_limit_s
        Seconds for the solver; without them it proves its optimum.
    gap
        Relative gap that will do instead of a proof.
    """

    candidates: Iterable[object] | None = None
    existing: Iterable[object] = ()
    costs: Costs | None = None
    limits: Sequence[Limit] = ()
    groups: pd.Series | None = None
    floor: float | Mapping[object, float] = 0.0
    times: int = 1
    time_limit_s: float | None = None
    gap: float = 0.0

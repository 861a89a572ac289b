"""What every siting model can be asked besides its own question."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypedDict

import pandas as pd

from care_map.planning.plan import Limit

__all__ = ["Costs", "MedianOptions", "Method", "Options", "SitingOptions", "Span"]

Costs = Mapping[object, float] | pd.Series
Method = Literal["auto", "exact", "greedy"]


@dataclass(frozen=True, slots=True)
class Span:
    """Stations that a centre must run, and the centres that could.

    Parameters
    ----------
    stations
        Candidates that are opened only where an open centre runs them.
    links
        ``station``, ``centre``: which centre could run which station (of its street, or near).
    most
        Stations that a centre can run.
    taken
        Stations that a standing centre runs already, by centre.
    """

    stations: tuple[object, ...]
    links: pd.DataFrame
    most: int
    taken: Mapping[object, int] = field(default_factory=dict)


class MedianOptions(TypedDict, total=False):
    """Keywords of every siting model; see :class:`Options`."""

    candidates: Iterable[object] | None
    existing: Iterable[object]
    limits: Sequence[Limit]
    method: Method
    time_limit_s: float | None
    gap: float


class SitingOptions(MedianOptions, total=False):
    """Keywords of the covering models; see :class:`Options`."""

    costs: Costs | None
    groups: pd.Series | None
    floor: float | Mapping[object, float]
    times: int
    capacity: Costs | None
    span: Span | None


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
    capacity
        Elders whom each site can serve; a site without one has no end. Nobody counts without it.
    span
        Centres that run stations.
    method
        ``greedy`` makes a plan by hand and bounds it by a relaxation; ``exact`` asks the solver,
        and makes one by hand as well where its time was too short; ``auto`` before that rules
        out by a bound what the solver need not look at, where the model is large and plain.
    time_limit_s
        Seconds for each question to the solver; without them it proves its optimum.
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
    capacity: Costs | None = None
    span: Span | None = None
    method: Method = "auto"
    time_limit_s: float | None = None
    gap: float = 0.0

"""A plan of sites: what was chosen, what it gives, and how far that is proved."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from care_map.planning.program import SolverStatus

__all__ = ["Limit", "Plan", "PlanStatus", "Reason", "Worth"]

Model = Literal["lscp", "mclp", "p_median", "p_center"]
PlanStatus = SolverStatus | Literal["greedy"]


class Worth(NamedTuple):
    """What a plan is worth, and how far that is proved."""

    status: PlanStatus
    objective: float
    bound: float
    gap: float

    def turned(self) -> "Worth":
        """Return the worth of the opposite: what was least is most."""
        return self._replace(objective=-self.objective, bound=-self.bound)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why there is no plan, or why one falls short of what was asked.

    Parameters
    ----------
    code
        The catalogue has ``siting.reason.<code>``.
    ids
        Elders, sites or units that it speaks of.
    figures
        Figures of the sentence.
    """

    code: str
    ids: tuple[object, ...] = ()
    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limit:
    """How many of some candidates may, or must, be chosen: a quota, a unit's one, one of two.

    Parameters
    ----------
    sites
        Candidates; existing sites among them count as chosen.
    least, most
        Numbers of sites.
    name
        What people call it, for reasons.
    """

    sites: tuple[object, ...]
    least: int = 0
    most: int | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """Sites, and what the solver proved of them.

    Parameters
    ----------
    model
        ``lscp``, ``mclp``, ``p_median`` or ``p_center``.
    status
        The solver's word; ``greedy`` for a heuristic plan.
    sites
        New sites, in the order of the candidates.
    existing
        Sites that stand anyway.
    objective
        Number of new sites (lscp; their cost where costs are given), elders covered (mclp), mean
        minutes (p_median), longest minutes (p_center). NaN without a plan.
    bound
        No plan can be better than this.
    gap
        Relative distance of the two; 0 where proved optimal.
    covered
        Elders by demand id who have a site within the cutoff (within reach, for a median).
    assigned
        Site by demand id that each is nearest to (or is sent to); missing where none.
    cost
        Sum of the new sites' costs, 0 where none are given.
    reasons
        Why there is no plan, or whom none can reach.
    """

    model: Model
    status: PlanStatus
    sites: tuple[object, ...]
    existing: tuple[object, ...]
    objective: float
    bound: float
    gap: float
    covered: pd.Series
    assigned: pd.Series
    cost: float = 0.0
    reasons: tuple[Reason, ...] = ()

    @property
    def found(self) -> bool:
        """Whether there is a plan at all."""
        return bool(np.isfinite(self.objective))

    @property
    def covered_elders(self) -> float:
        """Elders within reach of the plan."""
        return float(self.covered.sum())

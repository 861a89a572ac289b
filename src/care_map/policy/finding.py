"""What a formula finds: a figure's range, what it is compared with, and on what it rests."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from care_map.policy.bounds import Bounds, Threshold
from care_map.policy.exact import exact

__all__ = ["NOTHING", "Evidence", "Finding", "threshold_of"]

Evidence = Mapping[str, NDArray[np.object_]]
"""Columns of :data:`care_map.schema.CLAUSE_EVIDENCE` but those of the clause, as text."""

NOTHING = Bounds(None, None)


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of a rule, before it is put into words.

    Parameters
    ----------
    bounds
        Range of the figure.
    threshold
        What it must reach, None where the notice says nothing.
    form
        How the figure is written: ``share`` (a fraction of 1), ``number`` or ``yes_no``.
    measure
        What it counts, in words.
    known
        Whether anything is known of what the rule speaks of.
    none
        Whether the lists have nothing that the rule speaks of.
    depends
        Whether two readings disagree.
    due
        Whether the day has come, None where the clause's own deadline tells.
    met, not_met, unknown
        How many are, are not, may be.
    needed
        How few unknown ones must turn out well.
    counter, step
        Word for one of what is counted, and of what is needed.
    missing, notes
        Words for people.
    evidence
        Rows that it rests on.
    """

    bounds: Bounds = NOTHING
    threshold: Threshold | None = None
    form: str = "number"
    measure: str = ""
    known: bool = True
    none: bool = False
    depends: bool = False
    due: bool | None = None
    met: Fraction | None = None
    not_met: Fraction | None = None
    unknown: Fraction | None = None
    needed: int | None = None
    counter: str = ""
    step: str = ""
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    evidence: Evidence | None = None


def threshold_of(
    *,
    at_least: float | None = None,
    more_than: float | None = None,
    at_most: float | None = None,
) -> Threshold | None:
    """Return what a rule asks for, None if it asks for nothing."""
    if more_than is not None:
        return Threshold(exact(more_than), ">")
    if at_least is not None:
        return Threshold(exact(at_least), "≥")
    return None if at_most is None else Threshold(exact(at_most), "≤")

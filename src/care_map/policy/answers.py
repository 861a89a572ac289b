"""Answers that are yes, no or unknown, a row each, and what they are unknown for.

Kleene's logic: an unknown part leaves the whole unknown unless the other parts decide it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["Answers", "all_of", "any_of", "constant", "joined_lacks", "negated"]

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Answers:
    """One answer a row; what is neither yes nor no is unknown.

    Parameters
    ----------
    yes, no
        ``(n,)`` rows that are, never both.
    missing
        By what is missing, ``(n,)`` the unknown rows that lack it.

    Examples
    --------
    >>> a = Answers(np.array([True, False, False]), np.array([False, True, False]))
    >>> negated(a).yes.tolist(), a.unknown.tolist()
    ([False, True, False], [False, False, True])
    """

    yes: Bools
    no: Bools
    missing: Mapping[str, Bools] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.yes)

    @property
    def unknown(self) -> Bools:
        """``(n,)`` rows that are neither yes nor no."""
        return ~(self.yes | self.no)

    def where(self, rows: Bools, why: str) -> "Answers":
        """Return the answers with those of `rows` made unknown for want of `why`."""
        return _settled(self.yes & ~rows, self.no & ~rows, [self.missing, {why: rows}])


def constant(size: int, *, yes: bool) -> Answers:
    """Return the same answer `size` times."""
    return Answers(np.full(size, yes), np.full(size, not yes))


def negated(answers: Answers) -> Answers:
    """Return the opposite; unknown stays unknown."""
    return Answers(answers.no, answers.yes, answers.missing)


def all_of(parts: Sequence[Answers]) -> Answers:
    """Return no where one part is no, yes where all are yes, else unknown."""
    yes = np.logical_and.reduce([part.yes for part in parts])
    no = np.logical_or.reduce([part.no for part in parts])
    return _settled(yes, no, [part.missing for part in parts])


def any_of(parts: Sequence[Answers]) -> Answers:
    """Return yes where one part is yes, no where all are no, else unknown."""
    return negated(all_of([negated(part) for part in parts]))


def _settled(yes: Bools, no: Bools, missing: Iterable[Mapping[str, Bools]]) -> Answers:
    """Keep of what is missing that of rows that stay unknown."""
    unknown = ~(yes | no)
    lacks = {why: rows & unknown for why, rows in joined_lacks(missing).items()}
    return Answers(yes, no, {why: rows for why, rows in lacks.items() if rows.any()})


def joined_lacks(missing: Iterable[Mapping[str, Bools]]) -> dict[str, Bools]:
    """Return by what is missing all rows that lack it.

    Parameters
    ----------
    missing
        By what is missing, ``(n,)`` some of the rows that lack it.
    """
    lacks: dict[str, Bools] = {}
    for one in missing:
        for why, rows in one.items():
            lacks[why] = lacks[why] | rows if why in lacks else rows
    return lacks

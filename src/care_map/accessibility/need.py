"""Who needs a service, and how much: what the lists say, else a table of defaults."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["FOR_WHOM", "GRADE_WEIGHTS", "grade_weights", "needs_are_listed", "who_needs"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

GRADE_WEIGHTS: Mapping[str, float] = {
    "能力完好": 1.0,
    "自理": 1.0,
    "轻度失能": 1.25,
    "半自理": 1.5,
    "半护理": 1.5,
    "半失能": 1.5,
    "中度失能": 1.5,
    "重度失能": 2.0,
    "失能": 2.0,
    "全失能": 2.0,
    "完全失能": 2.0,
    "全护理": 2.0,
}
"""How much an elder of an ability grade counts as demand (default). A grade that is none of these,
and none at all, counts 1 unless a group says otherwise."""
_GROUP_WEIGHTS: Mapping[str, float] = {"semi_disabled": 1.5, "disabled": 2.0}
_FRAIL = ("semi_disabled", "disabled", "dementia")
_ALONE = ("aged_80", "living_alone", "empty_nest", "no_kin")

FOR_WHOM: Mapping[str, tuple[tuple[str, ...], float | None]] = {
    "meals": ((*_ALONE, "semi_disabled", "disabled"), None),
    "bathing": (_FRAIL, 1.25),
    "cleaning": ((*_ALONE, *_FRAIL), None),
    "emergency": ((*_ALONE, *_FRAIL), None),
    "rescue": ((*_ALONE, *_FRAIL), None),
    "mobility": (_FRAIL, 1.25),
    "rehabilitation": (_FRAIL, 1.25),
    "day_care": (_FRAIL, 1.25),
    "respite": ((*_FRAIL, "destitute_central"), 1.5),
    "beds": ((*_FRAIL, "destitute_central"), 1.5),
    "companionship": (_ALONE, None),
    "escort": ((*_ALONE, *_FRAIL), None),
    "aids": (_FRAIL, 1.25),
}
"""Whom a service is for, where no list says who needs it (default): elders of these groups, or
from this weight of grade. A service that is not here is for every elder."""


def needs_are_listed(demand: pd.DataFrame) -> bool:
    """Tell whether the demand says of anybody what they need."""
    return "needs" in demand and bool((demand["needs"].to_numpy(dtype=object) != "").any())


def grade_weights(demand: pd.DataFrame) -> Floats:
    """Return how much each row's elders count as demand, by ability grade or else by group.

    Parameters
    ----------
    demand
        ``grade`` and ``groups`` as far as they are known.

    Returns
    -------
    ``(n,)`` weights of at least 1.
    """
    by_grade = _by_word(demand, "grade", lambda word: GRADE_WEIGHTS.get(word, np.nan))
    by_group = _by_word(demand, "groups", _weight_of_groups)
    return np.where(np.isnan(by_grade), by_group, by_grade)


def who_needs(demand: pd.DataFrame, service: str, *, listed: bool) -> tuple[Bools, bool]:
    """Tell who needs a service.

    Parameters
    ----------
    demand
        ``needs`` where `listed`; else ``grade`` and ``groups`` as far as they are known.
    service
        Code of a service, or ``beds``.
    listed
        Whether the list of needs decides.

    Returns
    -------
    ``(n,)`` whether the elders of a row do.
    Whether all elders are taken because the list tells of nobody that the service is for them.
    """
    if listed:
        return _holds(demand, "needs", {service}), False
    groups, least = FOR_WHOM.get(service, ((), None))
    mine = _holds(demand, "groups", set(groups))
    if least is not None:
        mine |= grade_weights(demand) >= least
    if mine.any():
        return mine, False
    return np.ones(len(demand), dtype=bool), bool(groups)


def _holds(demand: pd.DataFrame, column: str, wanted: set[str]) -> Bools:
    found = _by_word(demand, column, lambda cell: float(bool(wanted & set(cell.split(";")))))
    return found > 0


def _weight_of_groups(cell: str) -> float:
    return max([_GROUP_WEIGHTS.get(group, 1.0) for group in cell.split(";")])


def _by_word(demand: pd.DataFrame, column: str, value: Callable[[str], float]) -> Floats:
    """Return a value per row, worked out once for each different text."""
    if column not in demand:
        return np.full(len(demand), value(""))
    number, words = pd.factorize(demand[column].to_numpy(dtype=object))
    return np.array([value(str(word)) for word in words], dtype=float)[number]

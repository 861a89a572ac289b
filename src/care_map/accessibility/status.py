"""Seconds and what is known of a point → covered, uncovered or undetermined, with the reason."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Finding", "Knowledge", "judge", "worst_of"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Words = NDArray[np.object_]

_EPSILON_S = 1e-6


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known about the points and the facilities of one search.

    Parameters
    ----------
    has_point
        ``(n,)`` whether the elder's place is known.
    snap_status
        ``(n,)`` words of :data:`care_map.network.snap.STATUSES`.
    listed
        How many facilities of the asked types operate, None if the study lists none at all.
    located
        How many of them have a point.
    has_network
        ``(n,)`` whether there is a road network, or the profile needs none.
    too_coarse
        ``(n,)`` ``location_quality`` of the elders whose place is known too coarsely to decide,
        "" of the others; None where nothing is said of it.
    """

    has_point: Bools
    snap_status: Words
    listed: int | None
    located: int
    has_network: Bools
    too_coarse: Words | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """The result for each point, arrays of one length.

    Parameters
    ----------
    status
        Words: covered, uncovered, undetermined.
    reason
        Codes of ``reason.*``, empty where covered.
    seconds
        Time, inf where no facility can be reached.
    facility
        Row of the facility, -1 where none.
    """

    status: Words
    reason: Words
    seconds: Floats
    facility: NDArray[np.int64]


def judge(
    seconds: Floats, facility: NDArray[np.int64], *, cutoff_s: Floats, known: Knowledge
) -> Finding:
    """Decide on each point. A circle includes its limit.

    A road that the map lacks is not a missing service: points without a known road are
    undetermined, never uncovered.

    Parameters
    ----------
    seconds
        ``(n,)`` time to the nearest facility.
    facility
        ``(n,)`` its row.
    cutoff_s
        ``(n,)`` limit of the circle, NaN where the elder's setting leaves it open.
    known
        What is known about points and facilities.

    Returns
    -------
    Finding
    """
    snap = known.snap_status
    size = len(seconds)
    never, always = np.zeros(size, bool), np.ones(size, bool)
    none_listed = always if known.listed is None else never
    none_located = always if known.listed and not known.located else never
    rules: list[tuple[Bools, str, str]] = [
        (np.isnan(cutoff_s), "undetermined", "setting_unknown"),
        (none_listed, "undetermined", "no_facility_list"),
        (always if known.listed == 0 else never, "uncovered", "no_facility"),
        (none_located, "undetermined", "facilities_without_coordinates"),
        (~known.has_point, "undetermined", "no_coordinates"),
        *_coarse(known.too_coarse),
        (~known.has_network, "undetermined", "no_roads"),
        (seconds <= cutoff_s + _EPSILON_S, "covered", ""),
        (snap == "beyond", "undetermined", "no_road"),
        (snap == "island", "undetermined", "island"),
        (np.isinf(seconds), "uncovered", "unreachable"),
    ]
    conditions = [condition for condition, _, _ in rules]
    status = np.select(conditions, [status for _, status, _ in rules], "uncovered")
    reason = np.select(conditions, [reason for _, _, reason in rules], "too_far")
    return Finding(status.astype(object), reason.astype(object), seconds, facility)


def _coarse(quality: Words | None) -> list[tuple[Bools, str, str]]:
    """Return the rules of places that are known by their town, their village … only."""
    if quality is None:
        return []
    words = sorted(set(quality) - {""})
    return [(quality == word, "undetermined", f"location_{word}") for word in words]


def worst_of(findings: list[Finding]) -> Finding:
    """Join what a conjunction asks for: every part must be reached.

    Uncovered in one part is uncovered; else undetermined in one part is undetermined. Time and
    facility are those of the part that takes longest among the deciding ones.

    Parameters
    ----------
    findings
        One per part, at least one.

    Returns
    -------
    Finding
    """
    joined = findings[0]
    for other in findings[1:]:
        mine, theirs = _ranks(joined.status), _ranks(other.status)
        takes = (theirs > mine) | ((theirs == mine) & (other.seconds > joined.seconds))
        joined = Finding(
            status=np.where(takes, other.status, joined.status),
            reason=np.where(takes, other.reason, joined.reason),
            seconds=np.where(takes, other.seconds, joined.seconds),
            facility=np.where(takes, other.facility, joined.facility),
        )
    return joined


def _ranks(status: Words) -> NDArray[np.int64]:
    return np.where(status == "covered", 0, np.where(status == "undetermined", 1, 2))

"""Seconds and what is known of a point → covered, uncovered or undetermined, with the reason."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Finding", "Knowledge", "better", "doubtful", "judge", "merged", "worst_of"]

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
        joined = merged(joined, other, takes)
    return joined


def better(one: Finding, other: Finding) -> Bools:
    """Tell where another way decides: each of two ways is enough.

    Covered by one way is covered; else undetermined by one way is undetermined. Where both say
    the same, the first one is told, unless it leads to no facility at all and the other does.

    Parameters
    ----------
    one, other
        The findings of the two ways.

    Returns
    -------
    ``(n,)`` whether the other way decides.
    """
    mine, theirs = _ranks(one.status), _ranks(other.status)
    leads = (one.facility < 0) & (other.facility >= 0) & (one.status == "uncovered")
    return np.asarray((theirs < mine) | ((theirs == mine) & leads), dtype=bool)


def doubtful(finding: Finding, reason: str) -> Finding:
    """Return a finding that rests on facilities of which it is unknown whether they count.

    Who would be covered is undetermined and has no time; the facility is the one to ask.

    Parameters
    ----------
    finding
        What would hold if all of them counted.
    reason
        Code of ``reason.*``.

    Returns
    -------
    Finding
    """
    inside = finding.status == "covered"
    return Finding(
        status=np.where(inside, "undetermined", finding.status).astype(object),
        reason=np.where(inside, reason, finding.reason).astype(object),
        seconds=np.where(inside, np.inf, finding.seconds),
        facility=finding.facility,
    )


def merged(one: Finding, other: Finding, takes: Bools) -> Finding:
    """Return one finding, and another where that is taken (``(n,)``)."""
    return Finding(
        status=np.where(takes, other.status, one.status),
        reason=np.where(takes, other.reason, one.reason),
        seconds=np.where(takes, other.seconds, one.seconds),
        facility=np.where(takes, other.facility, one.facility),
    )


def _ranks(status: Words) -> NDArray[np.int64]:
    return np.where(status == "covered", 0, np.where(status == "undetermined", 1, 2))

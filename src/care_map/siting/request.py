"""What a siting analyst asks for, checked as a whole."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypedDict

import geopandas as gpd
import numpy as np

from care_map.errors import InputError, Problem
from care_map.planning.options import Method
from care_map.values import Circle
from care_map.vocabulary import FACILITY_TYPES

__all__ = ["CandidateKind", "Objective", "SiteOptions", "SiteRequest", "site_request"]

Objective = Literal["cover", "mean", "longest"]
CandidateKind = Literal["list", "places", "network"]
_OBJECTIVES: tuple[Objective, ...] = ("cover", "mean", "longest")
_METHODS: tuple[Method, ...] = ("auto", "exact", "greedy")


class SiteOptions(TypedDict, total=False):
    """Keywords of :func:`care_map.site`; see :class:`SiteRequest`."""

    add: int | Sequence[int] | None
    budget: float | Sequence[float] | None
    cover: float | None
    candidates: CandidateKind | str | Path | gpd.GeoDataFrame
    role: str | None
    objective: Objective
    cheapest: bool
    one_per_unit: bool
    quotas: bool
    areas: bool
    build_modes: Sequence[str]
    floor: float
    times: int
    capacitated: bool
    span: int
    span_minutes: float
    profile: str | None
    first_year: int | None
    spacing_m: float
    method: Method
    time_limit_s: float | None
    gap: float


@dataclass(frozen=True, slots=True)
class SiteRequest:
    """What is asked for.

    Parameters
    ----------
    add
        At most so many new sites; several numbers are those of one year after the other.
    budget
        At most so much for them in yuan; several numbers are those of years. What is left of a
        year is not carried over.
    cover
        Share of all elders that must be covered, by the fewest sites.
    candidates
        ``list``: the study's ``[[candidates]]``. ``places``: the middles of gaps and of
        communities with elders who are not covered. ``network``: nodes of the roads near them.
        Or a file with the columns of a list, or a table as :attr:`Assessment.candidates`.
    role
        Type that every new site becomes; the first fitting of its own without it.
    objective
        ``cover`` most elders; ``mean`` least minutes on average; ``longest`` least longest
        minutes. The last two with `add` only.
    cheapest
        With `cover`: least cost instead of fewest sites.
    one_per_unit
        At most one new site in a unit, none in one that has one of its type.
    quotas
        At least what the ledger's targets still lack.
    areas
        Whether places below the notice's least areas are left out.
    build_modes
        Only places that are built in one of these ways.
    floor
        Share of each town's elders that must be covered.
    times
        By how many facilities an elder must be reached (2: backup).
    capacitated
        Whether new sites cover no more elders than they could serve.
    span
        Stations that a centre can run: each new station then needs a centre in its town; 0 asks
        for none.
    span_minutes
        With `span`: the centre must reach the station in so many minutes by car, in whatever
        town; 0 keeps to towns.
    profile
        Reading of the circle; its official one without it.
    first_year
        The year that the first of several numbers is of.
    spacing_m
        Least distance of candidates that are made.
    method, time_limit_s, gap
        As :class:`care_map.planning.options.Options`.
    """

    add: tuple[int, ...] | None = None
    budget: tuple[float, ...] | None = None
    cover: float | None = None
    candidates: CandidateKind | str | Path | gpd.GeoDataFrame = "list"
    role: str | None = None
    objective: Objective = "cover"
    cheapest: bool = False
    one_per_unit: bool = False
    quotas: bool = False
    areas: bool = True
    build_modes: tuple[str, ...] = ()
    floor: float = 0.0
    times: int = 1
    capacitated: bool = False
    span: int = 0
    span_minutes: float = 0.0
    profile: str | None = None
    first_year: int | None = None
    spacing_m: float = 250.0
    method: Method = "auto"
    time_limit_s: float | None = 60.0
    gap: float = 0.0

    @property
    def years(self) -> int:
        """Number of years that are planned apart; 1 where everything is built at once."""
        return max(len(self.add or ()), len(self.budget or ()), 1)


def site_request(circle: Circle, options: SiteOptions) -> SiteRequest:
    """Return a request, or everything that is wrong with it.

    Parameters
    ----------
    circle
        The circle that is sited for.
    options
        Keywords as they were given.

    Raises
    ------
    InputError
        All that makes no sense.
    """
    given: dict[str, Any] = dict(options)
    for name in ("add", "budget"):
        value = given.get(name)
        if value is not None:
            several = value if isinstance(value, Sequence) else (value,)
            given[name] = tuple(several)
    given["build_modes"] = tuple(options.get("build_modes", ()))
    request = SiteRequest(**given)
    problems = [*_goals(request), *_idle(request), *_numbers(request), *_words(request, circle)]
    if problems:
        raise InputError(problems)
    return request


def _goals(request: SiteRequest) -> list[Problem]:
    problems = []
    limits = request.add is not None or request.budget is not None
    if limits == (request.cover is not None):
        problems.append(Problem("site_goal", column="--add --budget --cover"))
    counts = {len(one) for one in (request.add, request.budget) if one is not None}
    if len(counts) > 1 or 0 in counts:
        problems.append(Problem("site_years", column="--add --budget"))
    if request.objective != "cover" and (request.add is None or request.years > 1):
        problems.append(Problem("site_objective_needs_add", column="--objective"))
    apart = (request.times > 1, request.capacitated, request.span > 0, request.floor > 0)
    plain = request.objective == "cover" and request.years == 1
    if any(apart) and not plain:
        problems.append(Problem("site_not_together", column="--objective --add --budget"))
    if request.capacitated and request.times > 1:
        problems.append(Problem("site_not_together", column="--capacitated --times"))
    return problems


def _idle(request: SiteRequest) -> Iterator[Problem]:
    """Yield options that would change nothing: none is taken silently."""
    for option, given, other in (
        ("--cheapest", request.cheapest and request.cover is None, "--cover"),
        ("--span-minutes", request.span_minutes > 0 and request.span == 0, "--span"),
        ("--first-year", request.first_year is not None and request.years == 1, "--add 2,3"),
    ):
        if given:
            yield Problem("site_only_with", column=option, values={"other": other})
    made = isinstance(request.candidates, str) and request.candidates in {"places", "network"}
    for option, given in (
        ("--budget", request.budget is not None),
        ("--cheapest", request.cheapest),
        ("--capacitated", request.capacitated),
        ("--build-mode", bool(request.build_modes)),
    ):
        if made and given:
            yield Problem("site_made_bare", column=option)


def _numbers(request: SiteRequest) -> list[Problem]:
    problems = []
    for option, share in (("--cover", request.cover), ("--floor", request.floor)):
        if share is not None and not 0.0 <= share <= 1.0:
            problems.append(Problem("site_share", column=option, value=f"{share:g}"))
    for option, number, least in (
        *(("--add", one, 0) for one in request.add or ()),
        *(("--budget", one, 0) for one in request.budget or ()),
        ("--times", request.times, 1),
        ("--span", request.span, 0),
        ("--span-minutes", request.span_minutes, 0),
        ("--spacing", request.spacing_m, 1),
        ("--time-limit", request.time_limit_s or 0.0, 0),
        ("--gap", request.gap, 0),
    ):
        if not least <= number < np.inf:
            values = {"least": least}
            problem = Problem("site_number", column=option, value=f"{number:g}", values=values)
            problems.append(problem)
    return problems


def _words(request: SiteRequest, circle: Circle) -> list[Problem]:
    problems = []
    words: tuple[tuple[str, str | None, tuple[str, ...]], ...] = (
        ("--objective", request.objective, _OBJECTIVES),
        ("--method", request.method, _METHODS),
        ("--role", request.role, FACILITY_TYPES),
        ("--profile", request.profile, tuple(one.profile for one in circle.variants)),
    )
    for option, word, known in words:
        if word is not None and word not in known:
            values = {"known": ", ".join(known)}
            problems.append(Problem("unknown_code", column=option, value=word, values=values))
    fits = {name for group in circle.require for name in group}
    if request.role in FACILITY_TYPES and request.role not in fits:
        values = {"known": ", ".join(sorted(fits)), "circle": circle.id}
        problem = Problem("site_role_outside", column="--role", value=request.role, values=values)
        problems.append(problem)
    return problems

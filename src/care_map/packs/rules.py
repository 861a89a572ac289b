"""The formulas that a clause can be judged by; each is one kind of ``rule`` in a pack.

A share is a fraction of 1. A rule without a threshold gives a figure and no pass or fail.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from care_map.packs.conditions import Condition

__all__ = [
    "CircleRate",
    "Count",
    "LedgerSum",
    "Near",
    "PerUnit",
    "Ratio",
    "Returns",
    "Rule",
    "Share",
    "Span",
    "Stated",
]

Rows = Literal["facilities", "units", "elders", "services"]
Fraction = Annotated[float, Field(ge=0, le=1)]


class _Rule(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Share(_Rule):
    """Which share of some rows meets a condition; ``at_least = 1.0`` asks it of each of them.

    Attributes
    ----------
    rows
        The list whose rows are judged: of facilities those of the district itself.
    of
        Which rows it speaks of, all without it. A row for which that is unknown may or may not
        count.
    meets
        What they must be.
    weight
        Column that a row counts by (``beds``, ``elders``), 1 without it.
    at_least, more_than
        Threshold.
    measure
        What is counted, in words.
    """

    formula: Literal["share"]
    rows: Rows
    of: Condition | None = None
    meets: Condition
    weight: str | None = None
    at_least: Fraction | None = None
    more_than: Fraction | None = None
    measure: str = ""


class Count(_Rule):
    """How many rows meet a condition, or what a column of them sums to.

    Attributes
    ----------
    rows, of
        As for a share; every row that `of` is true for counts.
    sum_of
        Column that is summed, 1 a row without it.
    distinct
        Column whose different values are counted instead of rows.
    at_least
        Threshold.
    """

    formula: Literal["count"]
    rows: Rows
    of: Condition | None = None
    sum_of: str | None = None
    distinct: str | None = None
    at_least: float | None = None
    measure: str = ""


class Ratio(_Rule):
    """One sum over another, such as nursing beds over beds, or land over population.

    Attributes
    ----------
    numerator, denominator
        Columns of `rows`; an empty numerator lies between 0 and its denominator where
        `part_of_whole`, else it makes the ratio unknown.
    over
        List that the denominator is taken from, `rows` without it.
    over_of
        Which rows of it count.
    each
        Whether every row has its own ratio and all must meet the threshold.
    per
        What the ratio is multiplied by (100 for ``per 100 households``).
    at_least, more_than, at_most
        Threshold.
    """

    formula: Literal["ratio"]
    rows: Rows
    of: Condition | None = None
    numerator: str
    denominator: str
    over: Rows | None = None
    over_of: Condition | None = None
    part_of_whole: bool = False
    each: bool = False
    per: Annotated[float, Field(gt=0)] = 1.0
    at_least: float | None = None
    more_than: float | None = None
    at_most: float | None = None
    measure: str = ""


class PerUnit(_Rule):
    """Whether each unit of a kind has a facility, its own or one that serves it.

    Attributes
    ----------
    unit_kinds
        ``street``, ``town``, ``community``, ``village``.
    roles
        Types any of which will do.
    by_kind
        Types by kind of unit, instead of `roles`.
    stage
        ``accepted`` (and operating) counts as built, ``operating`` only what serves.
    shared
        Whether a facility of another unit counts that names this one in ``serves_units``.
    exempt
        Names of units that the notice owes none.
    expected
        Number of units by the notice; a list with another number is said.
    circle
        Circle by which "its elders cannot reach it" is told.
    at_least
        Threshold of the share of units.
    """

    formula: Literal["per_unit"]
    unit_kinds: tuple[Literal["street", "town", "community", "village"], ...] = Field(strict=False)
    roles: tuple[str, ...] = Field(default=(), strict=False)
    by_kind: dict[str, Annotated[tuple[str, ...], Field(strict=False)]] = Field(
        default_factory=dict, strict=False
    )
    stage: Literal["accepted", "operating"] = "accepted"
    shared: bool = True
    exempt: tuple[str, ...] = Field(default=(), strict=False)
    expected: Annotated[int, Field(gt=0)] | None = None
    circle: str | None = None
    at_least: Fraction | None = None


class Span(_Rule):
    """How many stations a centre runs, and which share of those of its own street or town.

    Attributes
    ----------
    centres, stations
        Types; stations name their centre in ``operator_centre``.
    about
        Number of stations that will do besides all of its street.
    runs_at_least
        Number of stations that a centre must run, instead of those of its own street.
    at_least
        Threshold of the share of centres that span theirs.
    """

    formula: Literal["span"]
    centres: tuple[str, ...] = Field(strict=False)
    stations: tuple[str, ...] = Field(strict=False)
    about: Annotated[int, Field(gt=0)] | None = None
    runs_at_least: Annotated[int, Field(gt=0)] | None = None
    at_least: Fraction | None = None


class Near(_Rule):
    """Which share of facilities stands beside one of another type, by straight distance.

    Attributes
    ----------
    of
        Which facilities must.
    to
        Types of the other.
    within_m
        Distance in metres (default: no notice gives one).
    at_least
        Threshold.
    """

    formula: Literal["near"]
    of: Condition
    to: tuple[str, ...] = Field(strict=False)
    within_m: Annotated[float, Field(gt=0, le=5000)] = 300.0
    at_least: Fraction | None = None


class CircleRate(_Rule):
    """Which share of elders is inside a circle.

    Attributes
    ----------
    circle
        Id of a circle of the pack or the study.
    setting
        ``urban`` or ``rural`` elders only.
    group
        A priority group only.
    beyond
        Whether the share outside is the figure.
    at_least
        Threshold.
    """

    formula: Literal["circle"]
    circle: str
    setting: Literal["urban", "rural"] | None = None
    group: str | None = None
    beyond: bool = False
    at_least: Fraction | None = None


class LedgerSum(_Rule):
    """Whether what is due in the ledger is accepted.

    Attributes
    ----------
    roles
        Types.
    years
        First and last year of the targets that this clause speaks of, all without it.
    towns
        Names of the towns and streets whose targets this clause speaks of, all without it.
    """

    formula: Literal["ledger"]
    roles: tuple[str, ...] = Field(strict=False)
    years: tuple[int, int] | None = Field(default=None, strict=False)
    towns: tuple[str, ...] = Field(default=(), strict=False)


class Stated(_Rule):
    """A figure, or a yes or no, that the office types in with its evidence.

    Attributes
    ----------
    answer
        ``yes_no``, ``number`` or ``share``.
    at_least, more_than, at_most
        Threshold of a number or a share.
    measure
        What is counted.
    sum_of
        Clauses whose figures are summed where none is typed in for this one.
    """

    formula: Literal["stated"]
    answer: Literal["yes_no", "number", "share"]
    at_least: float | None = None
    more_than: float | None = None
    at_most: float | None = None
    measure: str = ""
    sum_of: tuple[str, ...] = Field(default=(), strict=False)


class Returns(_Rule):
    """Which share of the quarterly returns that are due has come.

    Attributes
    ----------
    first
        First quarter, such as ``2020Q1``.
    at_least
        Threshold.
    """

    formula: Literal["returns"]
    first: Annotated[str, Field(pattern=r"^\d{4}Q[1-4]$")]
    at_least: Fraction | None = None


Rule = Annotated[
    Share | Count | Ratio | PerUnit | Span | Near | CircleRate | LedgerSum | Stated | Returns,
    Field(discriminator="formula"),
]

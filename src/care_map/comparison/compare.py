"""Two runs → their comparison: plain tables, what they say in short, and what makes them differ."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from care_map.accessibility.coverage import ALL
from care_map.assessment import Assessment
from care_map.comparison.coverage import Pairs, compared_coverage, profile_pairs
from care_map.comparison.definitions import definition_problems
from care_map.comparison.lots import Lots, match_units
from care_map.comparison.numbers import plain_number
from care_map.comparison.places import compared_facilities, compared_gaps
from care_map.comparison.sides import Side, side_of
from care_map.comparison.winners import Followed, follow, winners
from care_map.errors import Problem
from care_map.messages import catalogue
from care_map.policy.periods import Period, compare_periods
from care_map.schema import COMPARED_LEDGER, COMPARED_VERDICTS

__all__ = ["Compared", "compare_sides"]

_NO_DAY = dt.date(1, 1, 1)


@dataclass(frozen=True, slots=True)
class Compared:
    """Everything that is known of two runs side by side; writers read it and add nothing.

    Parameters
    ----------
    before, after
        The runs.
    lots, pairs
        Their units and their profiles, matched.
    compared_coverage, winners, compared_gaps, compared_facilities, compared_verdicts, \
compared_ledger
        Tables of :mod:`care_map.schema` of the same names.
    problems
        What makes the runs hard to compare.
    summary
        Key figures: JSON values only.
    followed
        Who is covered more or fewer, by ``circle|number of the reading``; None where elders
        could not be followed.
    """

    before: Side
    after: Side
    lots: Lots
    pairs: Pairs
    compared_coverage: pd.DataFrame
    winners: pd.DataFrame
    compared_gaps: pd.DataFrame
    compared_facilities: pd.DataFrame
    compared_verdicts: pd.DataFrame
    compared_ledger: pd.DataFrame
    problems: tuple[Problem, ...]
    summary: Mapping[str, object]
    followed: Mapping[str, Followed] | None = field(default=None, repr=False)


def compare_sides(
    before: Assessment | str | Path,
    after: Assessment | str | Path,
    *,
    links: pd.DataFrame | None = None,
) -> Compared:
    """Set two runs side by side.

    Parameters
    ----------
    before, after
        Assessments, or folders of runs.
    links
        Links of a crosswalk between their units, instead of those of their studies.

    Returns
    -------
    Compared

    Raises
    ------
    InputError
        A folder is no run of ours.
    """
    sides = side_of(before), side_of(after)
    known = [side.links for side in sides if side.links is not None]
    if links is None and known:
        links = pd.concat(known, ignore_index=True).drop_duplicates()
    texts = catalogue(sides[1].language)
    lots = match_units(*(_units(side) for side in sides), links=links, texts=texts)
    pairs = profile_pairs(*sides)
    coverage = compared_coverage(*sides, lots, pairs)
    followed = follow(*sides, lots, pairs)
    who = winners(*sides, lots, pairs, coverage=coverage, followed=followed)
    gaps, facilities = compared_gaps(*sides), compared_facilities(*sides)
    periods = compare_periods(_period(sides[0]), _period(sides[1]), links=links, texts=texts)
    tables = {"gaps": gaps, "facilities": facilities}
    return Compared(
        before=sides[0],
        after=sides[1],
        lots=lots,
        pairs=pairs,
        compared_coverage=coverage,
        winners=who,
        compared_gaps=gaps,
        compared_facilities=facilities,
        compared_verdicts=periods.verdicts[COMPARED_VERDICTS.names],
        compared_ledger=periods.ledger[COMPARED_LEDGER.names],
        problems=definition_problems(*sides, lots, followed=followed is not None),
        summary=_summary(*sides, coverage, who, periods.verdicts, tables),
        followed=followed,
    )


def _units(side: Side) -> pd.DataFrame:
    """Return the units that a run tells of: its list, and those that only its tables have."""
    columns = ["unit_id", "name", "level", "parent_id"]
    listed = pd.DataFrame(side.units)
    known = listed[[name for name in columns if name in listed]]
    table = side.coverage
    rows = table[~table["unit_id"].isin([ALL, "none", *known.get("unit_id", [])])]
    more = rows.drop_duplicates("unit_id")[["unit_id", "unit_name", "level"]]
    more = more.rename(columns={"unit_name": "name"})
    both = pd.concat([known, more], ignore_index=True) if len(more) else known
    return both.reindex(columns=columns).fillna("").reset_index(drop=True)


def _period(side: Side) -> Period:
    units = _units(side)
    return Period(side.as_of or _NO_DAY, units, side.verdicts, side.ledger)


def _summary(
    before: Side,
    after: Side,
    coverage: pd.DataFrame,
    who: pd.DataFrame,
    verdicts: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
) -> dict[str, object]:
    whole = coverage[(coverage["level"] == ALL) & (coverage["group"] == ALL)]
    whole = whole[whole["setting"] == ALL]
    totals = who[(who["level"] == ALL) & (who["group"] == ALL)]
    cost = _cost(before, after)
    gaps = tables["gaps"]
    circles = []
    for row in whole.to_dict("records"):
        mine = totals[
            (totals["circle"] == row["circle"])
            & (totals["profile_before"] == row["profile_before"])
            & (totals["profile_after"] == row["profile_after"])
        ]
        told = mine.to_dict("records")[0] if len(mine) else {}
        changes = gaps[gaps["circle"] == row["circle"]]["change"]
        circles.append(
            {
                **{name: row[name] for name in ("circle", "profile_before", "profile_after")},
                **{
                    f"{name}_{side}": plain_number(row[f"{name}_{side}"])
                    for name in ("elders", "covered", "uncovered", "rate_low", "rate_high")
                    for side in ("before", "after", "more")
                },
                **{
                    name: plain_number(told.get(name))
                    for name in ("newly_covered", "newly_uncovered", "net")
                },
                "gaps_closed": int((changes == "closed").sum()),
                "gaps_opened": int((changes == "opened").sum()),
                "cost_per_newly_covered_yuan": _each(cost, told.get("newly_covered")),
            }
        )
    return {
        "before": _named(before),
        "after": _named(after),
        "basis": "elders" if (who["basis"] == "elders").any() else "net",
        "cost_yuan": cost,
        "circles": circles,
        "facilities": _counted(tables["facilities"]["change"]),
        "verdicts": _counted(verdicts["change"]),
    }


def _named(side: Side) -> dict[str, object]:
    return {
        "study": side.study,
        "as_of": side.as_of.isoformat() if side.as_of else None,
        "scenario": side.scenario.name if side.scenario else None,
    }


def _cost(before: Side, after: Side) -> float | None:
    """Return what the changes cost that only the later run has."""
    if after.scenario is None:
        return None
    known = before.scenario.changes if before.scenario else ()
    new = tuple(change for change in after.scenario.changes if change not in known)
    return type(after.scenario)("", new).cost_yuan


def _each(cost: float | None, elders: object) -> float | None:
    number = plain_number(elders)
    return round(cost / number, 2) if cost is not None and number else None


def _counted(changes: pd.Series) -> dict[str, int]:
    return {str(name): int(count) for name, count in changes.value_counts(sort=False).items()}

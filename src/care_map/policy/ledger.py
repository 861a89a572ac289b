"""The ledger: targets by town, type and year against the facilities that were accepted.

As of a day a target is due if its year, or its quarter, has ended by then. What was there before
the plan began never counts towards it, unless the target is a total.
"""

import datetime as dt
from collections.abc import Sequence

import pandas as pd

from care_map.messages import Catalogue, catalogue
from care_map.packs.pack_file import LedgerTarget
from care_map.policy.built import built_of_role
from care_map.policy.facts import Facts
from care_map.policy.ledger_books import Books
from care_map.policy.ledger_totals import district_rows, last_rows, typed
from care_map.policy.targets import make_plan
from care_map.schema import LEDGER, LEDGER_LEFT_OUT, LEDGER_SERIES

__all__ = ["build_ledger", "ledger_left_out", "ledger_series", "ledger_series_by_unit"]

Targets = Sequence[LedgerTarget] | pd.DataFrame


def build_ledger(
    targets: Targets,
    facts: Facts,
    *,
    plan_from: dt.date | None,
    own: pd.DataFrame | None = None,
    links: pd.DataFrame | None = None,
    district: str = "",
    texts: Catalogue | None = None,
) -> pd.DataFrame:
    """Set targets against what is accepted, as of the run's day.

    Parameters
    ----------
    targets
        Of the notice; or a table with the columns of :data:`care_map.schema.TARGETS`.
    facts
        The lists. A facility counts for the town that its unit is or lies in.
    plan_from
        First day of the plan; None if everything counts.
    own
        The study's own targets: they take the place of the notice's for the same unit, type and
        year.
    links
        Links of a crosswalk, where units are of another time than the targets; those of `facts`
        without it.
    district
        Name of the district.
    texts
        For notes and names.

    Returns
    -------
    DataFrame
        Columns of :data:`care_map.schema.LEDGER`.
    """
    books = _open(targets, facts, plan_from=plan_from, own=own, links=links, texts=texts)
    return typed(books.rows(facts.as_of, district=district), LEDGER.names)


def ledger_series(
    targets: Targets,
    facts: Facts,
    *,
    plan_from: dt.date | None,
    own: pd.DataFrame | None = None,
    links: pd.DataFrame | None = None,
    texts: Catalogue | None = None,
) -> pd.DataFrame:
    """Return what was due, accepted, operating and late at the end of each quarter.

    The last quarter is that of the run's day, as of that day; the first is that of `plan_from`, or
    of the first due date without it. Whether a facility operated on an earlier day is told by its
    dates alone, so one without a date of opening operates on the last day at the earliest.

    Parameters
    ----------
    targets, facts, plan_from, own, links, texts
        As for :func:`build_ledger`.

    Returns
    -------
    DataFrame
        Columns of :data:`care_map.schema.LEDGER_SERIES`, a row per quarter and type, for the
        whole district.
    """
    books = _open(targets, facts, plan_from=plan_from, own=own, links=links, texts=texts)
    rows = [
        {**row, "quarter": name, "quarter_end": end}
        for name, end, day in books.quarters()
        for row in district_rows(books.rows(day, notes=False), as_of=day)
    ]
    return typed(rows, LEDGER_SERIES.names)


def ledger_series_by_unit(
    targets: Targets,
    facts: Facts,
    *,
    plan_from: dt.date | None,
    own: pd.DataFrame | None = None,
    links: pd.DataFrame | None = None,
    district: str = "",
    texts: Catalogue | None = None,
) -> pd.DataFrame:
    """Return :func:`ledger_series` of every row of the ledger.

    Parameters
    ----------
    targets, facts, plan_from, own, links, district, texts
        As for :func:`build_ledger`.

    Returns
    -------
    DataFrame
        ``unit_id, unit_name`` and the columns of :data:`care_map.schema.LEDGER_SERIES`.
    """
    books = _open(targets, facts, plan_from=plan_from, own=own, links=links, texts=texts)
    rows = [
        {**row, "quarter": name, "quarter_end": end}
        for name, end, day in books.quarters()
        for row in last_rows(books.rows(day, district=district, notes=False))
    ]
    return typed(rows, ["unit_id", "unit_name", *LEDGER_SERIES.names])


def ledger_left_out(
    targets: Targets,
    facts: Facts,
    *,
    plan_from: dt.date | None,
    own: pd.DataFrame | None = None,
    links: pd.DataFrame | None = None,
    texts: Catalogue | None = None,
) -> pd.DataFrame:
    """List the built facilities of the types asked for that count towards no town's target.

    Parameters
    ----------
    targets, facts, plan_from, own, links, texts
        As for :func:`build_ledger`.

    Returns
    -------
    DataFrame
        Columns of :data:`care_map.schema.LEDGER_LEFT_OUT`.
    """
    books = _open(targets, facts, plan_from=plan_from, own=own, links=links, texts=texts)
    rows = [row for role in books.plan.roles() for row in books.left_out(role)]
    return typed(rows, LEDGER_LEFT_OUT.names)


def _open(
    targets: Targets,
    facts: Facts,
    *,
    plan_from: dt.date | None,
    own: pd.DataFrame | None,
    links: pd.DataFrame | None,
    texts: Catalogue | None,
) -> Books:
    words = texts or catalogue()
    known_links = facts.crosswalk if links is None else links
    plan = make_plan(targets, own=own, units=facts.units, links=known_links, texts=words)
    known = "facilities" in facts.given
    built = {
        role: built_of_role(facts, role, groups=plan.groups, tree=plan.tree) if known else ()
        for role in plan.roles()
    }
    return Books(plan, built, facts.as_of, plan_from, known, words)

"""How good each source is: a row per file, and what its doubts mean for the figures."""

from collections import Counter
from collections.abc import Iterable, Mapping
from numbers import Integral

import pandas as pd

from care_map.errors import Problem
from care_map.inputs.tables import SourceLedger
from care_map.messages import Catalogue
from care_map.schema import CANDIDATES, ELDER_LIST, FACILITY_LIST, SOURCE_QUALITY, UNIT_LIST

__all__ = ["DUPLICATES", "no_source_quality", "quality_records", "source_quality"]

DUPLICATES = ("facility_twice", "facility_alike", "row_repeated", "rows_alike")
"""Findings about rows that may stand for the same thing as another."""

_DATUM: Mapping[str, str] = {
    "datum_agrees": "agrees",
    "datum_contradicts": "contradicts",
    "datum_cannot_tell": "cannot_tell",
    "datum_no_evidence": "cannot_tell",
}
_WHOLE = 1.0


def no_source_quality() -> pd.DataFrame:
    """Return the table of a study whose sources nobody has looked at."""
    return pd.DataFrame(columns=SOURCE_QUALITY.names)


def source_quality(
    ledgers: Iterable[SourceLedger], problems: Iterable[Problem], texts: Catalogue
) -> pd.DataFrame:
    """Return a row per file and what it is a list of.

    Parameters
    ----------
    ledgers
        Rows read, used and left out.
    problems
        All findings of the study.
    texts
        Catalogue of the language of the reasons and of the columns' titles.

    Returns
    -------
    pandas.DataFrame
        The columns of :data:`care_map.schema.SOURCE_QUALITY`; counts are Int64.

    Examples
    --------
    >>> from care_map.messages import catalogue
    >>> ledger = SourceLedger("demand", "a.csv", read=3, used=2, left_out={"elders_missing": 1})
    >>> table = source_quality([ledger], [], catalogue("en"))
    >>> table[["rows_read", "rows_used", "left_out"]].values.tolist()
    [[3, 2, 'no number of elders 1']]
    """
    found: dict[str, list[Problem]] = {}
    for problem in problems:
        found.setdefault(problem.source, []).append(problem)
    rows = [_row(ledger, found.get(ledger.source, []), texts) for ledger in ledgers]
    kinds = {column.name: column.kind for column in SOURCE_QUALITY.columns}
    whole = {name: "Int64" for name, kind in kinds.items() if kind == "integer"}
    return pd.DataFrame(rows, columns=SOURCE_QUALITY.names).astype(whole)


def quality_records(table: pd.DataFrame) -> list[dict[str, object]]:
    """Return the rows of :func:`source_quality` as JSON objects, None for what is not known."""
    return [
        {
            str(name): None if pd.isna(cell) else int(cell) if isinstance(cell, Integral) else cell
            for name, cell in row.items()
        }
        for row in table.to_dict("records")
    ]


def _row(ledger: SourceLedger, problems: list[Problem], texts: Catalogue) -> dict[str, object]:
    severities = Counter(problem.severity for problem in problems)
    comma = texts.text("quality.comma")
    reasons = (
        f"{texts.label('left_out', code)} {rows:,}" for code, rows in ledger.left_out.items()
    )
    return {
        "dataset": ledger.kind,
        "source": ledger.source,
        "rows_read": ledger.read,
        "rows_used": None if ledger.read is None else ledger.used,
        "rows_left_out": None if ledger.read is None else sum(ledger.left_out.values()),
        "left_out": comma.join(reasons),
        "with_point": ledger.with_point,
        "placed": ledger.placed,
        "without_point": ledger.without_point,
        "in_units": ledger.in_units,
        "outside_units": ledger.outside_units,
        "duplicates": _duplicates(problems, ledger.kind),
        "unknown_columns": comma.join(ledger.unknown_columns),
        "encoding": _encoding(ledger.source, problems),
        "datum_verdict": _datum(problems),
        "filled": _filled(ledger, texts),
        "errors": severities["error"],
        "warnings": severities["warning"],
    }


def _duplicates(problems: Iterable[Problem], kind: str) -> int:
    if kind == "units":
        return 0
    return sum(problem.count for problem in problems if problem.code in DUPLICATES)


def _encoding(source: str, problems: Iterable[Problem]) -> str:
    """Return the encoding of a text file; other files carry theirs inside."""
    if not source.lower().endswith((".csv", ".tsv", ".txt")):
        return ""
    codes = {problem.code: problem.value for problem in problems}
    if "encoding_unknown" in codes or "file_missing" in codes:
        return ""
    return codes.get("encoding_not_utf8") or "UTF-8"


def _datum(problems: Iterable[Problem]) -> str:
    """Return what the datum check says of the file, the worst of its sheets."""
    said = {_DATUM[problem.code] for problem in problems if problem.code in _DATUM}
    return next((one for one in ("contradicts", "cannot_tell", "agrees") if one in said), "")


def _filled(ledger: SourceLedger, texts: Catalogue) -> str:
    """Return the columns that are not filled throughout, with their share."""
    from_schema = {
        "units": UNIT_LIST,
        "facilities": FACILITY_LIST,
        "demand": ELDER_LIST,
        "candidates": CANDIDATES,
    }[ledger.kind]
    return texts.text("quality.comma").join(
        f"{from_schema.column(name).title(texts.language)} {share:.0%}"
        for name, share in ledger.filled.items()
        if share < _WHOLE
    )

"""What the quarterly report says first: how many clauses are met, what is late, who is silent."""

from collections.abc import Iterator, Sequence

from care_map.messages import Catalogue
from care_map.outputs.quarterly_ledger import LedgerBook, Row, Type
from care_map.outputs.quarterly_tasks import head_of_row, not_returned
from care_map.packs.pack_file import PackFile
from care_map.packs.rules import Returns
from care_map.vocabulary import STRENGTHS, VERDICTS

__all__ = ["findings_of", "verdict_findings"]

_MOST_TITLES = 10
"""Tasks and towns that a sentence names (default); the tables have all."""

_WORST_TOWNS = 3
"""Towns named with each type that is late (default)."""


def findings_of(
    pack: PackFile,
    verdicts: Sequence[Row],
    evidence: Sequence[Row],
    ledger: LedgerBook,
    *,
    texts: Catalogue,
    day: str,
    notice: str,
) -> Iterator[str]:
    """Yield the findings, a paragraph each.

    Parameters
    ----------
    pack
        The notice.
    verdicts, evidence
        Rows of the tables by column.
    ledger
        The ledger.
    texts
        Language.
    day, notice
        In words.
    """
    yield from verdict_findings(verdicts, texts, day=day, notice=notice)
    yield from _built(ledger, texts)
    yield from _returns(pack, evidence, texts)
    lacking = sum(bool(row["missing"]) for row in verdicts)
    if lacking:
        yield texts.text(
            "quarterly.finding.missing",
            count=lacking,
            chapter=texts.text("quarterly.heading.missing"),
        )
    conflicts = sum(clause.conflict is not None for clause in pack.clause)
    if conflicts:
        yield texts.text(
            "quarterly.finding.conflicts",
            count=conflicts,
            chapter=texts.text("quarterly.heading.verdicts"),
        )


def verdict_findings(
    verdicts: Sequence[Row], texts: Catalogue, *, day: str, notice: str
) -> Iterator[str]:
    """Yield how many clauses have which verdict, and which binding ones are missed.

    Parameters
    ----------
    verdicts
        Rows of the table by column.
    texts
        Language.
    day, notice
        In words.
    """
    yield texts.text(
        "quarterly.finding.verdicts",
        day=day,
        notice=notice,
        count=len(verdicts),
        parts=texts.text("report.list").join(_parts(verdicts, texts)),
    )
    missed = [
        str(row["title"])
        for row in verdicts
        if row["verdict"] == "fail" and row["strength"] == "must" and row["due"] is not False
    ]
    if missed:
        yield texts.text(
            "quarterly.finding.missed", count=len(missed), titles=_short(missed, texts)
        )


def _parts(verdicts: Sequence[Row], texts: Catalogue) -> list[str]:
    """Return how many clauses have each verdict, those that fail by their strength."""
    order = sorted(
        verdicts,
        key=lambda row: (
            VERDICTS.index(str(row["verdict"])),
            STRENGTHS.index(str(row["strength"])) if row["verdict"] == "fail" else 0,
            row["due"] is False,
        ),
    )
    counts = {texts.text("policy.verdict.pass"): 0}
    for row in order:
        name = (
            texts.text("quarterly.not_applicable")
            if row["verdict"] == "not_applicable"
            else head_of_row(row, texts)
        )
        counts[name] = counts.get(name, 0) + 1
    return [
        texts.text("quarterly.finding.part", verdict=name, count=count)
        for name, count in counts.items()
    ]


def _built(ledger: LedgerBook, texts: Catalogue) -> Iterator[str]:
    """Yield each type: due, accepted, operating, late, and the towns that are furthest behind."""
    totals = {role for role, total in ledger.types if total}
    for kind in ledger.types:
        if not kind[1] and kind[0] in totals:
            # The notice's number to stand in all decides; yearly ones are steps towards it.
            continue
        row = ledger.district[kind]
        if any(row[name] is None for name in ("due", "accepted", "operating", "late")):
            yield texts.text("quarterly.finding.unknown", type=ledger.title(kind), due=row["due"])
            continue
        counts = {name: row[name] for name in ("target", "due", "accepted", "operating", "late")}
        said = texts.text("quarterly.finding.built", type=ledger.title(kind), **counts)
        worst = _worst(ledger, kind)
        if worst and len(ledger.towns) > 1:
            towns = texts.text("report.list").join(
                texts.text("quarterly.finding.behind", town=town, late=late) for town, late in worst
            )
            said += texts.text("quarterly.finding.worst", towns=towns)
        yield said


def _worst(ledger: LedgerBook, kind: Type) -> list[tuple[str, int]]:
    late = [
        (town[1], int(str(row["late"])))
        for (town, of), row in ledger.last.items()
        if of == kind and row["late"]
    ]
    return sorted(late, key=lambda one: -one[1])[:_WORST_TOWNS]


def _returns(pack: PackFile, evidence: Sequence[Row], texts: Catalogue) -> Iterator[str]:
    asked = {clause.id for clause in pack.clause if isinstance(clause.rule, Returns)}
    if not asked:
        return
    known = [row for row in evidence if row["clause_id"] in asked]
    if not known:
        yield texts.text("quarterly.finding.returns_unknown")
        return
    late = list(dict.fromkeys(str(row["name"]) for row in not_returned(pack, evidence)))
    if late:
        names = _short(late, texts)
        yield texts.text("quarterly.finding.returns", count=len(late), towns=names)
    else:
        yield texts.text("quarterly.finding.returns_all")


def _short(names: Sequence[str], texts: Catalogue) -> str:
    shown = texts.text("report.list").join(names[:_MOST_TITLES])
    return shown if len(names) <= _MOST_TITLES else texts.text("ledger.more", names=shown)

"""Grids of clauses: the task table, verdicts, contradictions of the notice, what is missing."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from care_map.messages import Catalogue
from care_map.outputs.amounts import amount
from care_map.outputs.chapters import Cell, Grid, GridColumn
from care_map.outputs.quarterly_ledger import Row
from care_map.packs.pack_file import ClauseTable, PackFile
from care_map.packs.rules import Count, LedgerSum, Returns, Stated
from care_map.policy.bounds import Bounds
from care_map.policy.rates import bounds_text
from care_map.policy.words import head_of

__all__ = [
    "conflict_grid",
    "head_of_row",
    "missing_grid",
    "not_returned",
    "task_grid",
    "verdict_grid",
]


def head_of_row(row: Row, texts: Catalogue) -> str:
    """Return what a clause's verdict is called, with its strength."""
    due = row["due"]
    return head_of(
        str(row["verdict"]),
        str(row["strength"]),
        due=due if isinstance(due, bool) else None,
        texts=texts,
    )


def task_grid(pack: PackFile, verdicts: Sequence[Row], texts: Catalogue) -> Grid:
    """Return the task table: a row per clause, in the form in which offices report.

    Parameters
    ----------
    pack
        The notice.
    verdicts
        Rows of the verdicts by column.
    texts
        Language.
    """
    clauses = {clause.id: clause for clause in pack.clause}
    rows = [
        (
            number,
            str(row["title"]),
            _target(row, texts),
            _figure(row, texts),
            _completion(row, clauses[str(row["clause_id"])], texts),
            str(row["responsible"]),
            _remark(row, texts),
        )
        for number, row in enumerate(verdicts, start=1)
    ]
    return Grid(
        title="",
        columns=(
            GridColumn(texts.text("quarterly.column.number"), 0.9),
            GridColumn(texts.text("quarterly.column.task"), 4.4, "left"),
            GridColumn(texts.text("quarterly.column.target"), 2.3),
            GridColumn(texts.text("quarterly.column.figure"), 2.7),
            GridColumn(texts.text("quarterly.column.completion"), 1.9),
            GridColumn(texts.text("quarterly.column.responsible"), 5.4, "left"),
            GridColumn(texts.text("quarterly.column.remark"), 7.4, "left"),
        ),
        rows=tuple(rows),
        sheet=texts.text("quarterly.sheet.tasks"),
    )


def verdict_grid(verdicts: Sequence[Row], texts: Catalogue) -> Grid:
    """Return the verdict of each clause in words, with its place and what it rests on."""
    names = ("cite", "task", "strength", "deadline", "verdict", "basis")
    widths = (0.9, 2.8, 3.8, 1.6, 2.4, 6.2, 7.3)
    titles = [texts.text(f"quarterly.column.{name}") for name in ("number", *names)]
    rows: list[tuple[Cell, ...]] = [
        (
            number,
            str(row["cite"]),
            str(row["title"]),
            texts.label("strength", str(row["strength"])),
            "" if row["deadline"] is None else str(row["deadline"]),
            str(row["words"]),
            str(row["note"]),
        )
        for number, row in enumerate(verdicts, start=1)
    ]
    centred = {0, 3, 4}
    return Grid(
        title=texts.text("quarterly.grid.verdicts"),
        columns=tuple(
            GridColumn(title, width, "center" if at in centred else "left")
            for at, (title, width) in enumerate(zip(titles, widths, strict=True))
        ),
        rows=tuple(rows),
        sheet=texts.text("quarterly.sheet.verdicts"),
    )


def conflict_grid(pack: PackFile, texts: Catalogue) -> Grid:
    """Return where the notice contradicts itself, with all that it says."""
    english = texts.language == "en"
    rows = [
        (
            clause.title_en if english else clause.title,
            clause.cite,
            "\n".join(clause.conflict.readings),
            clause.conflict.judged_as or texts.text("quarterly.not_judged"),
        )
        for clause in pack.clause
        if clause.conflict is not None
    ]
    names = ("task", "cite", "readings", "judged_as")
    widths = (4.5, 3.5, 12.0, 5.0)
    return Grid(
        title=texts.text("quarterly.grid.conflicts"),
        columns=tuple(
            GridColumn(texts.text(f"quarterly.column.{name}"), width, "left")
            for name, width in zip(names, widths, strict=True)
        ),
        rows=tuple(rows),
        sheet=texts.text("quarterly.sheet.conflicts"),
    )


def missing_grid(
    pack: PackFile, verdicts: Sequence[Row], evidence: Sequence[Row], texts: Catalogue
) -> Iterator[Grid]:
    """Yield who owes which data, by responsible office, and which towns have not returned."""
    owed: dict[str, dict[str, list[str]]] = {}
    for row in verdicts:
        for part in _missing(row, texts):
            by_part = owed.setdefault(str(row["responsible"]), {})
            by_part.setdefault(part, []).append(str(row["title"]))
    rows = [
        (office, part, len(titles), texts.text("report.list").join(titles))
        for office, parts in owed.items()
        for part, titles in parts.items()
    ]
    yield Grid(
        title=texts.text("quarterly.grid.missing"),
        columns=(
            GridColumn(texts.text("quarterly.column.responsible"), 6.5, "left"),
            GridColumn(texts.text("quarterly.column.missing"), 7.0, "left"),
            GridColumn(texts.text("quarterly.column.clauses"), 1.5),
            GridColumn(texts.text("quarterly.column.tasks"), 10.0, "left"),
        ),
        rows=tuple(rows),
        sheet=texts.text("quarterly.sheet.missing"),
    )
    late = not_returned(pack, evidence)
    yield Grid(
        title=texts.text("quarterly.grid.returns"),
        columns=(
            GridColumn(texts.text("quarterly.column.town"), 6.0, "left"),
            GridColumn(texts.text("quarterly.column.returns"), 12.0, "left"),
        ),
        rows=tuple((str(row["name"]), str(row["value"])) for row in late),
        sheet=texts.text("quarterly.sheet.returns"),
    )


def not_returned(pack: PackFile, evidence: Sequence[Row]) -> list[Row]:
    """Return the evidence of towns that owe a return, none where nobody knows what came."""
    asked = {clause.id for clause in pack.clause if isinstance(clause.rule, Returns)}
    return [row for row in evidence if row["clause_id"] in asked and row["answer"] == "no"]


def _target(row: Row, texts: Catalogue) -> Cell:
    target = row["target"]
    if not isinstance(target, float):
        return "—"
    if row["form"] == "yes_no":
        return texts.text("quarterly.to_be_done")
    return amount(
        texts, target, form=str(row["form"]), unit=_unit(row, texts), sign=str(row["comparison"])
    )


def _figure(row: Row, texts: Catalogue) -> Cell:
    """Return the figure: a number, or a range where something is unknown."""
    low, high = _ends(row)
    if row["verdict"] == "not_applicable":
        return "—"
    # From none to all, or from none to who knows how many, says nothing.
    if not low and (high is None or (row["form"] == "share" and high == 1)):
        return texts.text("quarterly.unknown")
    if row["form"] == "yes_no" or low != high or low is None:
        bounds = Bounds(_exact(low), _exact(high))
        form = str(row["form"])
        return bounds_text(texts, bounds, form=form, measure=_unit(row, texts))
    beside = row["target"]
    return amount(
        texts,
        low,
        form=str(row["form"]),
        unit=_unit(row, texts),
        beside=beside if isinstance(beside, float) else None,
    )


def _completion(row: Row, clause: ClauseTable, texts: Catalogue) -> Cell:
    """Return figure over target, where the target is a number to be reached."""
    target = row["target"]
    counts = isinstance(clause.rule, Count | LedgerSum | Stated) and row["form"] == "number"
    open_ = row["verdict"] in ("source_conflict", "not_applicable")
    if (
        open_
        or not counts
        or not isinstance(target, float)
        or not target
        or row["comparison"] == "≤"
    ):
        return "—"
    low, high = _ends(row)
    if low is None and high is None:
        return texts.text("quarterly.unknown")
    if low == high and low is not None:
        return amount(texts, low / target, form="share", beside=1.0)
    shares = [None if end is None else _exact(end / target) for end in (low, high)]
    return bounds_text(texts, Bounds(*shares), form="share")


def _remark(row: Row, texts: Catalogue) -> str:
    """Return the verdict with its counts, what is missing, the evidence of a typed-in figure."""
    parts = [head_of_row(row, texts)]
    counts = {name: row[name] for name in ("met", "not_met", "unknown")}
    if row["form"] == "share" and all(isinstance(one, float) for one in counts.values()):
        shown = {
            name: str(amount(texts, float(str(one)), form="number")) for name, one in counts.items()
        }
        key = "counts" if counts["unknown"] else "counts_known"
        parts.append(texts.text(f"quarterly.{key}", **shown))
    if row["missing"]:
        what = texts.text("report.list").join(_missing(row, texts))
        parts.append(texts.text("policy.figure.missing", what=what))
    if row["kind"] == "D" and row["note"]:
        parts.append(str(row["note"]))
    return texts.text("quarterly.join").join(parts)


def _missing(row: Row, texts: Catalogue) -> list[str]:
    """Return what is missing, one by one."""
    return list(filter(None, str(row["missing"]).split(texts.remarks(["", ""]))))


def _ends(row: Row) -> tuple[float | None, float | None]:
    low, high = row["figure_low"], row["figure_high"]
    return (
        low if isinstance(low, float) else None,
        high if isinstance(high, float) else None,
    )


def _exact(end: float | None) -> Fraction | None:
    return None if end is None else Fraction(end).limit_denominator(10**9)


def _unit(row: Row, texts: Catalogue) -> str:
    """Return the word after a figure: none where the pack names none."""
    measure = str(row["measure"])
    plain = measure == texts.text(f"policy.measure.{row['form']}")
    return "" if plain or row["form"] != "number" else measure

"""What comes of the notice: its clauses judged, and the ledger of what it asks to be built."""

import datetime as dt

from care_map.outputs.chapters import Chapter, Picture
from care_map.outputs.paper.source import Source, records
from care_map.outputs.quarterly_findings import verdict_findings
from care_map.outputs.quarterly_ledger import LedgerBook
from care_map.outputs.quarterly_rows import day_text, notice_text
from care_map.outputs.quarterly_tasks import conflict_grid, verdict_grid
from care_map.schema import CLAUSE_VERDICTS

__all__ = ["ledger_chapter", "verdicts_chapter"]


def verdicts_chapter(source: Source) -> Chapter | None:
    """Return the verdict of each clause, None for a study without a notice."""
    pack, texts = source.result.study.pack, source.texts
    rows = records(source.result.clause_verdicts, CLAUSE_VERDICTS)
    if pack is None or not rows:
        return None
    said = verdict_findings(
        rows, texts, day=day_text(_day(source), texts), notice=notice_text(pack, texts)
    )
    grids = [verdict_grid(rows, texts), conflict_grid(pack, texts)]
    return Chapter(
        title=texts.text("document.heading.verdicts"),
        sentences=(*said, texts.text("document.verdicts.how")),
        grids=tuple(grid for grid in grids if grid.rows),
        wide=True,
    )


def ledger_chapter(source: Source, pictures: tuple[Picture, ...]) -> Chapter | None:
    """Return what was to be built and what stands, None without targets."""
    if source.result.ledger.empty:
        return None
    texts, day = source.texts, _day(source)
    book = LedgerBook.of(source.result, source.words, day)
    return Chapter(
        title=texts.text("document.heading.ledger"),
        sentences=(texts.text("quarterly.ledger_day", day=day_text(day, texts)),),
        pictures=pictures,
        grids=tuple(book.progress()),
        wide=True,
    )


def _day(source: Source) -> dt.date:
    return dt.date.fromisoformat(str(source.result.summary["policy_day"]))

"""The quarterly report of a notice, as chapters of rows: both writers print what stands here."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from care_map.assessment import Assessment
from care_map.messages import Catalogue
from care_map.outputs.chapters import Cell, Chapter, Grid, GridColumn, Paper
from care_map.outputs.findings import data_labels, statements
from care_map.outputs.quarterly_findings import findings_of
from care_map.outputs.quarterly_ledger import LedgerBook, Row, quarter_name
from care_map.outputs.quarterly_tasks import conflict_grid, missing_grid, task_grid, verdict_grid
from care_map.outputs.quarterly_units import unit_grids
from care_map.outputs.readings import Words
from care_map.outputs.tables import as_arrow
from care_map.packs.pack_file import PackFile
from care_map.policy.quarters import quarter_of
from care_map.schema import CLAUSE_EVIDENCE, CLAUSE_VERDICTS, SOURCE_QUALITY

__all__ = ["day_text", "notice_text", "quarterly_paper"]


def quarterly_paper(result: Assessment) -> Paper:
    """Return the quarterly report of a run.

    Parameters
    ----------
    result
        The assessment of a study with a policy pack.

    Returns
    -------
    Paper
        In the study's language; its period is the quarter of the day that clauses are judged as of.

    Raises
    ------
    ValueError
        The study has no pack.
    """
    pack = result.study.pack
    if pack is None:
        msg = "a study without a policy pack has no quarterly report"
        raise ValueError(msg)
    words = Words.of(result)
    texts = words.texts
    day = dt.date.fromisoformat(str(result.summary["policy_day"]))
    said = {"day": day_text(day, texts), "quarter": quarter_name(str(quarter_of(day)), texts)}
    name = pack.pack.name_en if texts.language == "en" else pack.pack.name
    notice = notice_text(pack, texts)
    return Paper(
        title=texts.text("quarterly.title", name=name, title=pack.pack.title),
        subtitle=(
            texts.text("quarterly.period", **said),
            notice,
        ),
        labels=tuple(data_labels(result, texts)),
        chapters=tuple(_chapters(_Sources(result, pack, words, day, said["day"], notice))),
    )


@dataclass(frozen=True, slots=True)
class _Sources:
    """What chapters are made of."""

    result: Assessment
    pack: PackFile
    words: Words
    day: dt.date
    day_text: str
    notice: str

    @property
    def texts(self) -> Catalogue:
        return self.words.texts

    @property
    def verdicts(self) -> list[Row]:
        rows: list[Row] = as_arrow(self.result.clause_verdicts, CLAUSE_VERDICTS).to_pylist()
        return rows

    @property
    def evidence(self) -> list[Row]:
        rows: list[Row] = as_arrow(self.result.clause_evidence, CLAUSE_EVIDENCE).to_pylist()
        return rows


def _chapters(told: _Sources) -> Iterator[Chapter]:
    texts, verdicts, evidence = told.texts, told.verdicts, told.evidence
    ledger = LedgerBook.of(told.result, told.words, told.day)

    def chapter(
        name: str, grids: Iterable[Grid | None], sentences: Sequence[str] = ()
    ) -> Iterator[Chapter]:
        """Yield a chapter across the page, unless it has nothing to say."""
        chosen = tuple(grid for grid in grids if grid is not None and grid.rows)
        if chosen or sentences:
            yield Chapter(
                texts.text(f"quarterly.heading.{name}"), tuple(sentences), chosen, wide=True
            )

    said = findings_of(
        told.pack, verdicts, evidence, ledger, texts=texts, day=told.day_text, notice=told.notice
    )
    yield Chapter(texts.text("quarterly.heading.findings"), tuple(said))
    yield from chapter("tasks", [task_grid(told.pack, verdicts, texts)])
    grids = [*ledger.targets(), *ledger.progress(), *ledger.modes()]
    day = texts.text("quarterly.ledger_day", day=told.day_text)
    yield from chapter("ledger", grids, [day] if grids else [])
    tables = [verdict_grid(verdicts, texts), conflict_grid(told.pack, texts)]
    yield from chapter("verdicts", tables)
    owed = missing_grid(told.pack, verdicts, evidence, texts)
    yield from chapter("missing", [*owed])
    yield from chapter("units", unit_grids(told.result, told.pack, told.words))
    yield from chapter("series", ledger.over_time())
    yield _rests_on(told)


def _rests_on(told: _Sources) -> Chapter:
    """Return what the figures rest on, and the files that were read."""
    texts, result = told.texts, told.result
    attribution = result.study.attribution
    key = "report.source.attribution" if attribution else "report.source.attribution_open"
    lines = [
        texts.text("quarterly.source.notice", notice=told.notice, version=told.pack.pack.version),
        texts.text(key, text=attribution),
        *statements(result, texts),
    ]
    columns = ("dataset", "source", "rows_read", "rows_used")
    names = [SOURCE_QUALITY.column(name).title(texts.language) for name in columns]
    widths = (2.5, 7.0, 2.5, 2.5)
    files = as_arrow(result.source_quality, SOURCE_QUALITY).to_pylist()
    rows: list[tuple[Cell, ...]] = [
        (texts.label("dataset", str(row["dataset"])), *(row[name] for name in columns[1:]))
        for row in files
    ]
    grid = Grid(
        title=texts.text("quarterly.grid.files"),
        columns=tuple(
            GridColumn(name, width, "center" if width < widths[1] else "left")
            for name, width in zip(names, widths, strict=True)
        ),
        rows=tuple(rows),
        sheet=texts.text("quarterly.sheet.sources"),
    )
    grids = (grid,) if rows else ()
    return Chapter(texts.text("quarterly.heading.sources"), tuple(lines), grids)


def notice_text(pack: PackFile, texts: Catalogue) -> str:
    """Return a notice's title, number and day."""
    head = pack.pack
    issued = day_text(head.issued, texts)
    return texts.text(
        "quarterly.notice", title=head.title, document=head.document or "—", issued=issued
    )


def day_text(day: dt.date, texts: Catalogue) -> str:
    """Return a day in words."""
    return texts.text("quarterly.day", year=str(day.year), month=day.month, day=day.day)

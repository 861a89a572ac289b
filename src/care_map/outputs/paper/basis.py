"""What the figures rest on: method, assumptions, sources, data quality, limits."""

from collections.abc import Iterator

import pandas as pd

from care_map.diagnostics.effects import effect_lines
from care_map.outputs.chapters import Cell, Chapter, Grid
from care_map.outputs.findings import statements
from care_map.outputs.paper.source import Source, Titled, make_grid, records
from care_map.outputs.tables import issues_frame
from care_map.schema import ISSUES, SOURCE_QUALITY

__all__ = ["assumptions_chapter", "limits_chapter", "method_chapter", "quality_chapter"]

_METHODS = ("minutes", "coverage", "range", "official", "own", "beside")


def method_chapter(source: Source) -> Chapter | None:
    """Return how the figures come about, of the parts that this study has."""
    result = source.result
    parts = {
        **dict.fromkeys(_METHODS, len(result.coverage_by_unit) > 0),
        "gaps": len(result.gap_reasons) > 0,
        "capacity": len(result.capacity_by_unit) > 0,
        "equity": len(result.equity) > 0,
        "robustness": len(result.robustness) > 0,
        "verdicts": len(result.clause_verdicts) > 0,
        "ledger": len(result.ledger) > 0,
    }
    points = tuple(
        source.texts.text(f"document.method.{name}") for name, known in parts.items() if known
    )
    title = source.texts.text("document.heading.method")
    return Chapter(title, points=points) if points else None


def assumptions_chapter(source: Source) -> Chapter:
    """Return assumptions with what they are taken from, and where the data come from."""
    return Chapter(
        title=source.texts.text("document.heading.assumptions"),
        sentences=(source.texts.text("document.assumptions.how"),),
        points=(*statements(source.result, source.texts), *_sources(source)),
    )


def _sources(source: Source) -> Iterator[str]:
    study = source.result.study
    given = {"attribution": study.attribution, "approval": study.approval_number}
    for key, text in given.items():
        name = f"report.source.{key}" if text else f"report.source.{key}_open"
        values = {"text": text} if text else {}
        yield source.texts.text(name, **values)


def quality_chapter(source: Source) -> Chapter | None:
    """Return how good the data are and what their faults do, None without any file."""
    grids = tuple(grid for grid in (_files(source), _kinds(source)) if grid.rows)
    effects = effect_lines(source.result.effects, source.texts)
    if not grids and not effects:
        return None
    return Chapter(
        title=source.texts.text("document.heading.quality"),
        points=tuple(effects) or (source.texts.text("quality.no_effects"),),
        grids=grids,
        wide=True,
    )


def _files(source: Source) -> Grid:
    left = {"dataset": 2.2, "source": 5.0, "left_out": 3.4, "datum_verdict": 2.4, "filled": 5.2}
    names = (
        *("dataset", "source", "rows_read", "rows_used", "left_out", "with_point", "placed"),
        *("without_point", "datum_verdict", "filled", "errors", "warnings"),
    )
    columns: list[Titled] = [
        (source.title(SOURCE_QUALITY, name), left.get(name, 1.6),
         "left" if name in left else "right")
        for name in names
    ]  # fmt: skip
    rows = [
        [_cell(source, name, row[name]) for name in names]
        for row in records(source.result.source_quality, SOURCE_QUALITY)
    ]
    return make_grid(source, "files", columns, rows)


def _cell(source: Source, name: str, value: object) -> Cell:
    if value is None or isinstance(value, int):
        return value
    return str(source.words.cell(name, value))


def _kinds(source: Source) -> Grid:
    """Return problems by kind, the first of each as an example."""
    frame = issues_frame(source.result.problems, source.texts)
    titles = {name: source.title(ISSUES, name) for name in ("severity", "source", "advice")}
    columns: list[Titled] = [
        (titles["severity"], 1.5, "left"),
        (source.word("times"), 1.4),
        (titles["source"], 4.0, "left"),
        (source.word("example"), 9.0, "left"),
        (titles["advice"], 8.0, "left"),
    ]
    rows = []
    for _, part in frame.groupby(["severity", "code"], sort=False):
        first = part.iloc[0]
        counts = pd.to_numeric(part["count"], errors="coerce").fillna(1)
        rows.append(
            (
                str(source.words.cell("severity", first["severity"])),
                int(counts.sum()),
                str(first["source"]),
                str(first["message"]),
                str(first["advice"]),
            )
        )
    return make_grid(source, "problems", columns, rows)


def limits_chapter(source: Source) -> Chapter:
    """Return what the report does not say."""
    result = source.result
    parts = {
        "lists": True,
        "model": len(result.access) > 0,
        "paths": len(result.roads) > 0,
        "barriers": len(result.roads) > 0 and len(result.barriers) == 0,
        "modes": len(result.access) > 0,
        "no_maps": not _mapped(source),
        "no_coverage": len(result.coverage_by_unit) == 0,
        "no_capacity": len(result.capacity_by_unit) == 0,
        "no_notice": len(result.clause_verdicts) == 0,
        "verdicts": len(result.clause_verdicts) > 0,
        "internal": True,
    }
    points = tuple(
        source.texts.text(f"document.limit.{name}") for name, holds in parts.items() if holds
    )
    return Chapter(source.texts.text("document.heading.limits"), points=points)


def _mapped(source: Source) -> bool:
    units = source.result.units
    return "geometry" in units and bool(units.geometry.notna().any())

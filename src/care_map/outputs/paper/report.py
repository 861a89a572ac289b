"""The whole report of a run: its chapters in the order in which a leader reads them."""

from collections.abc import Iterator
from dataclasses import dataclass

from care_map.assessment import Assessment
from care_map.outputs.chapters import Chapter, Paper, Picture
from care_map.outputs.findings import data_labels, findings
from care_map.outputs.paper.basis import (
    assumptions_chapter,
    limits_chapter,
    method_chapter,
    quality_chapter,
)
from care_map.outputs.paper.evenness import equity_chapter, robustness_chapter
from care_map.outputs.paper.figures import figures_chapter
from care_map.outputs.paper.gaps import gaps_chapter
from care_map.outputs.paper.notice import ledger_chapter, verdicts_chapter
from care_map.outputs.paper.services import services_chapter
from care_map.outputs.paper.source import Source
from care_map.outputs.paper.towns import towns_chapter
from care_map.outputs.study_findings import study_findings

__all__ = ["report_paper"]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """The pictures of a report, by the chapter that they stand in."""

    minutes: tuple[Picture, ...]
    maps: tuple[Picture, ...]
    bars: tuple[Picture, ...]
    reasons: tuple[Picture, ...]
    lorenz: tuple[Picture, ...]
    ledger: tuple[Picture, ...]


def report_paper(result: Assessment) -> Paper:
    """Return the report of a run.

    Parameters
    ----------
    result
        The assessment; every table may be empty. Its study's language is the report's.

    Returns
    -------
    Paper
        Chapters that have something to say, with their pictures drawn.
    """
    source = Source.of(result)
    texts, study = source.texts, result.study
    day = study.as_of
    subtitle = [
        texts.text("report.as_of", date=day) if day else texts.text("report.as_listed"),
        texts.text("document.edition"),
    ]
    return Paper(
        title=texts.text("report.title", name=study.name),
        subtitle=tuple(subtitle),
        labels=tuple(data_labels(result, texts)),
        chapters=tuple(_chapters(source, _draw(source))),
    )


def _chapters(source: Source, drawn: _Drawn) -> Iterator[Chapter]:
    texts = source.texts
    yield Chapter(
        texts.text("document.heading.findings"),
        (*findings(source.result), *study_findings(source.result, source.words)),
    )
    chapters = (
        figures_chapter(source, drawn.minutes),
        _maps(source, drawn),
        towns_chapter(source),
        gaps_chapter(source, drawn.reasons),
        services_chapter(source),
        equity_chapter(source, drawn.lorenz),
        robustness_chapter(source),
        verdicts_chapter(source),
        ledger_chapter(source, drawn.ledger),
        method_chapter(source),
        assumptions_chapter(source),
        quality_chapter(source),
        limits_chapter(source),
    )
    yield from (chapter for chapter in chapters if chapter is not None)


def _maps(source: Source, drawn: _Drawn) -> Chapter:
    texts = source.texts
    said = () if drawn.maps else (texts.text("document.maps.none"),)
    return Chapter(texts.text("document.heading.maps"), said, pictures=(*drawn.maps, *drawn.bars))


def _draw(source: Source) -> _Drawn:
    """Draw all pictures."""
    from care_map.outputs.paper import charts
    from care_map.outputs.paper.maps import study_maps
    from care_map.outputs.pictures.lettering import lettering

    result = source.result
    units = result.units["name"].astype(str) if "name" in result.units else ()
    named = (source.words.circle(reading.circle) for reading in source.readings)
    letters = lettering([*units, *named, result.study.attribution, result.study.approval_number])
    return _Drawn(
        minutes=tuple(charts.minutes_curves(source, letters)),
        maps=tuple(study_maps(source, letters)),
        bars=tuple(charts.coverage_bars(source, letters)),
        reasons=tuple(charts.gap_reasons(source, letters)),
        lorenz=tuple(charts.lorenz_curves(source, letters)),
        ledger=tuple(charts.ledger_progress(source, letters)),
    )

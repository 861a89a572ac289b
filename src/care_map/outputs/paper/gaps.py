"""Gaps: the largest of each circle with reasons and remedies, and what remedies would do."""

from collections.abc import Iterator, Mapping

from care_map.outputs.amounts import minutes, share
from care_map.outputs.chapters import Cell, Chapter, Grid, Picture
from care_map.outputs.findings import Row, remedies
from care_map.outputs.paper.source import Source, Titled, make_grid, records
from care_map.outputs.readings import Reading
from care_map.schema import GAP_ROBUSTNESS, GAPS

__all__ = ["TOP_GAPS", "gaps_chapter", "ranked_gaps"]

TOP_GAPS = 20
"""Gaps of a circle that are listed, and numbered on its map (default); the tables have all."""

_TOP_UNDETERMINED = 10
_GAP_COLUMNS = {
    "rank": 1.0,
    "name": 4.4,
    "elders": 1.4,
    "priority_elders": 1.6,
    "reasons": 4.2,
    "facility_name": 3.6,
    "minutes": 1.5,
    "remedy": 2.8,
    "remedy_elders": 1.7,
    "remedy_minutes": 1.6,
}
_OPEN_COLUMNS = {"rank": 1.2, "name": 7.0, "elders": 2.0, "reasons": 6.0, "remedy": 5.0}
"""Columns with their widths in cm."""


def ranked_gaps(source: Source, reading: Reading) -> list[Row]:
    """Return the gaps of a circle that are uncovered or full, in the order of their ranks."""
    gaps = source.result.gaps
    mine = gaps[
        (gaps["circle"] == reading.circle)
        & (gaps["profile"] == reading.official)
        & (gaps["status"] != "undetermined")
    ]
    return records(mine.sort_values("rank", kind="stable"), GAPS)


def gaps_chapter(source: Source, pictures: tuple[Picture, ...]) -> Chapter | None:
    """Return where people are left out, why, and what would mend it; None without any gap."""
    if source.result.gaps.empty:
        return None
    grids = [_remedies(source)]
    for reading in source.readings:
        grids += _of_circle(source, reading)
    return Chapter(
        title=source.texts.text("document.heading.gaps"),
        sentences=(source.texts.text("document.gaps.how"),),
        pictures=pictures,
        grids=tuple(grid for grid in grids if grid.rows),
        wide=True,
    )


def _remedies(source: Source) -> Grid:
    words = source.words
    columns: list[Titled] = [
        (source.title(GAPS, "circle"), 6.0, "left"),
        (source.title(GAPS, "remedy"), 6.0, "left"),
        (source.word("gaps_short"), 2.0),
        (source.title(GAPS, "elders"), 2.5),
        (source.title(GAPS, "remedy_elders"), 3.0),
    ]
    rows = [
        (
            words.circle(row["circle"]),
            str(words.cell("remedy", row["remedy"]) or source.texts.text("report.none")),
            row["gaps"],
            row["elders"],
            row["remedy_elders"],
        )
        for row in remedies(source.result).to_dict("records")
    ]
    return make_grid(source, "remedies", columns, rows)


def _of_circle(source: Source, reading: Reading) -> Iterator[Grid]:
    title = source.words.circle(reading.circle)
    rows = ranked_gaps(source, reading)
    firm = {
        row["gap_id"]: row["rate_still_gap"]
        for row in records(source.result.gap_robustness, GAP_ROBUSTNESS)
    }
    columns = _columns(source, _GAP_COLUMNS)
    columns += [(source.word("still_gap"), 1.6)] if firm else []
    lines = [
        [*_gap_cells(source, row), *([share(firm.get(row["gap_id"]))] if firm else [])]
        for row in rows[:TOP_GAPS]
    ]
    notes = _cut(source, len(lines), len(rows))
    yield make_grid(source, "gaps", columns, lines, notes=notes, circle=title)
    gaps = source.result.gaps
    open_gaps = gaps[(gaps["circle"] == reading.circle) & (gaps["status"] == "undetermined")]
    open_gaps = open_gaps[open_gaps["profile"] == reading.official]
    found = records(open_gaps.sort_values("rank", kind="stable"), GAPS)
    columns = _columns(source, _OPEN_COLUMNS)
    lines = [_open_cells(source, row) for row in found[:_TOP_UNDETERMINED]]
    notes = _cut(source, len(lines), len(found))
    yield make_grid(source, "undetermined", columns, lines, notes=notes, circle=title)


def _columns(source: Source, widths: Mapping[str, float]) -> list[Titled]:
    left = {"name", "reasons", "facility_name", "remedy"}
    return [
        (source.title(GAPS, name), width, "left" if name in left else "right")
        for name, width in widths.items()
    ]


def _gap_cells(source: Source, row: Row) -> list[Cell]:
    words, texts = source.words, source.texts
    full = row["status"] == "full"
    reasons = str(words.cell("reasons", row["reasons"]) or texts.text("report.none"))
    remedy = str(words.cell("remedy", row["remedy"]) or texts.text("report.none"))
    return [
        _count(row["rank"]),
        str(row["name"] or row["unit_name"]),
        _count(row["elders"]),
        _count(row["priority_elders"]),
        texts.text("document.gaps.full", reasons=reasons) if full else reasons,
        str(row["facility_name"] or ""),
        minutes(row["minutes"]),
        remedy,
        _count(row["remedy_elders"]),
        minutes(row["remedy_minutes"]),
    ]


def _open_cells(source: Source, row: Row) -> list[Cell]:
    words = source.words
    return [
        _count(row["rank"]),
        str(row["name"] or row["unit_name"]),
        _count(row["elders"]),
        str(words.cell("reasons", row["reasons"]) or ""),
        str(words.cell("remedy", row["remedy"]) or ""),
    ]


def _count(value: object) -> Cell:
    return int(value) if isinstance(value, int | float) else None


def _cut(source: Source, shown: int, count: int) -> list[str]:
    if shown == count:
        return []
    return [source.texts.text("report.cut", shown=shown, count=count, table=GAPS.name)]

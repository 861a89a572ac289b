"""What services can give: places for those who need them, and beds."""

from collections.abc import Iterator

from care_map.accessibility.coverage import ALL
from care_map.outputs.amounts import number, share
from care_map.outputs.chapters import Cell, Chapter, Grid
from care_map.outputs.findings import Row
from care_map.outputs.paper.source import Source, Titled, make_grid, records
from care_map.schema import BEDS_BY_UNIT, CAPACITY_BY_UNIT

__all__ = ["services_chapter"]


def services_chapter(source: Source) -> Chapter | None:
    """Return capacity and beds, None where no list tells any."""
    grids = tuple(grid for grid in (_services(source), *_short(source), _beds(source)) if grid.rows)
    if not grids:
        return None
    sentences = (source.texts.text("document.services.how"),) if len(grids) > 1 else ()
    title = source.texts.text("document.heading.services")
    return Chapter(title, sentences, grids, wide=True)


def _services(source: Source) -> Grid:
    """Return what each service can give in the whole study, by catchment."""
    words = source.words
    names = (
        *("demand", "supply", "facilities", "capacity_unknown", "access_e2sfca"),
        *("zero_access", "undetermined", "assigned", "full", "open"),
    )
    columns: list[Titled] = [
        (source.title(CAPACITY_BY_UNIT, "service"), 2.6, "left"),
        (source.title(CAPACITY_BY_UNIT, "catchment"), 4.0, "left"),
        *((source.title(CAPACITY_BY_UNIT, name), 1.7) for name in names),
    ]
    columns.insert(4, (source.title(CAPACITY_BY_UNIT, "capacity_unit"), 1.4, "left"))
    rows = []
    table = source.result.capacity_by_unit
    for row in records(table[table["level"] == ALL], CAPACITY_BY_UNIT):
        cells: list[Cell] = [str(words.cell(name, row[name])) for name in ("service", "catchment")]
        cells += [number(row[name], 1) for name in names]
        cells.insert(4, str(row["capacity_unit"] or ""))
        rows.append(cells)
    notes = [source.texts.text("document.note.capacity")] if rows else []
    return make_grid(source, "services", columns, rows, notes=notes)


def _short(source: Source) -> Iterator[Grid]:
    """Yield the units where somebody finds no place, by service."""
    words = source.words
    table = source.result.capacity_by_unit
    mine = table[(table["level"] == source.level) & (table["full"] > 0)]
    columns: list[Titled] = [
        (source.level_name, 3.5, "left"),
        (source.title(CAPACITY_BY_UNIT, "service"), 3.0, "left"),
        (source.title(CAPACITY_BY_UNIT, "catchment"), 5.5, "left"),
        *((source.title(CAPACITY_BY_UNIT, name), 2.2) for name in ("demand", "assigned", "full")),
    ]
    ranked = mine.sort_values(["full", "unit_id"], ascending=[False, True], kind="stable")
    rows = [
        (
            str(row["unit_name"]),
            *(str(words.cell(name, row[name])) for name in ("service", "catchment")),
            *(number(row[name], 0) for name in ("demand", "assigned", "full")),
        )
        for row in records(ranked, CAPACITY_BY_UNIT)
    ]
    yield make_grid(source, "short", columns, rows)


def _beds(source: Source) -> Grid:
    names = ("elders", "facilities", "beds", "nursing_beds", "unsplit_beds", "beds_unknown")
    columns: list[Titled] = [
        (source.level_name or source.word("unit"), 3.5, "left"),
        *((source.title(BEDS_BY_UNIT, name), 2.0) for name in names),
        (source.title(BEDS_BY_UNIT, "beds_per_100"), 2.0),
        (source.title(BEDS_BY_UNIT, "free_beds"), 2.0),
        (source.title(BEDS_BY_UNIT, "occupancy"), 2.0),
    ]
    table = source.result.beds_by_unit
    whole = records(table[table["level"] == ALL], BEDS_BY_UNIT)
    towns = records(table[(table["level"] == source.level) & (table["level"] != "")], BEDS_BY_UNIT)
    named = [(source.texts.text("report.whole"), row) for row in whole]
    named += [(str(row["unit_name"]), row) for row in towns]
    rows = [_beds_row(name, row, names) for name, row in named]
    return make_grid(source, "beds", columns, rows, totals=bool(whole))


def _beds_row(name: str, row: Row, names: tuple[str, ...]) -> list[Cell]:
    return [
        name,
        *(number(row[column], 0) for column in names),
        number(row["beds_per_100"], 1),
        number(row["free_beds"], 0),
        share(row["occupancy"]),
    ]

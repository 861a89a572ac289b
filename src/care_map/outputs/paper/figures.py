"""Key figures: what there is, how many are inside each circle, in town and country."""

from collections.abc import Iterator

import geopandas as gpd
import pandas as pd

from care_map.accessibility.coverage import ALL
from care_map.outputs.amounts import minutes, number, share
from care_map.outputs.chapters import Cell, Chapter, Grid, Picture
from care_map.outputs.findings import Row, whole_rows
from care_map.outputs.paper.source import Source, Titled, make_grid, records
from care_map.schema import BEDS_BY_UNIT, COVERAGE_BY_UNIT
from care_map.vocabulary import FACILITY_TYPES, LEVELS, SETTINGS, STAGES

__all__ = ["COUNTS", "figures_chapter", "rates"]

COUNTS = ("elders", "covered", "uncovered", "undetermined")
_RATES = ("rate_low", "rate_high")
_MINUTES = ("median_minutes", "p90_minutes")
_WIDE_CM, _COUNT_CM, _RATE_CM = 3.0, 1.35, 1.25


def figures_chapter(source: Source, pictures: tuple[Picture, ...]) -> Chapter:
    """Return the key figures of the whole study."""
    grids = (_inventory(source), _circles(source), _settings(source), _facilities(source))
    return Chapter(
        title=source.texts.text("document.heading.figures"),
        pictures=pictures,
        grids=tuple(grid for grid in grids if grid.rows),
    )


def rates(row: Row) -> list[Cell]:
    """Return counts and both ends of the rate of a row of the coverage table."""
    return [*(_count(row[name]) for name in COUNTS), *(share(row[name]) for name in _RATES)]


def _count(value: object) -> Cell:
    return value if isinstance(value, int) else number(value, 0)


def _inventory(source: Source) -> Grid:
    rows: list[tuple[Cell, ...]] = [
        (title, cell) for title, cell in _items(source) if cell is not None
    ]
    columns: list[Titled] = [(source.word("item"), 9.0, "left"), (source.word("value"), 4.0)]
    return make_grid(source, "inventory", columns, rows)


def _items(source: Source) -> Iterator[tuple[str, Cell]]:
    """Yield what the study has of each kind; nothing of what no list tells."""
    result, texts = source.result, source.texts
    summary = result.summary
    units = result.units["level"] if "level" in result.units else pd.Series(dtype=object)
    for level in LEVELS:
        count = int((units == level).sum())
        yield texts.label("level", level), count or None
    if len(result.demand):
        yield source.title(COVERAGE_BY_UNIT, "elders"), _count(summary.get("elders"))
    if len(result.facilities):
        own = _own(source)
        yield source.word("facilities"), len(own)
        if "stage" in own:
            yield source.word("operating"), int((own["stage"] == "operating").sum())
        yield source.word("placed"), int(own.geometry.notna().sum())
    for row in records(result.beds_by_unit[result.beds_by_unit["level"] == ALL], BEDS_BY_UNIT):
        for name in ("beds", "nursing_beds"):
            yield source.title(BEDS_BY_UNIT, name), _count(row[name])
        yield source.title(BEDS_BY_UNIT, "beds_per_100"), number(row["beds_per_100"], 1)
        yield source.title(BEDS_BY_UNIT, "occupancy"), share(row["occupancy"])


def _circles(source: Source) -> Grid:
    """Return a row per circle and profile, the official one first."""
    words = source.words
    names = (*COUNTS, *_RATES, *_MINUTES)
    columns: list[Titled] = [
        (source.title(COVERAGE_BY_UNIT, "circle"), _WIDE_CM, "left"),
        (source.title(COVERAGE_BY_UNIT, "profile"), _WIDE_CM, "left"),
        *((source.title(COVERAGE_BY_UNIT, name), _COUNT_CM) for name in names),
    ]
    rows = [
        (
            words.circle(reading.circle),
            source.texts.text(
                "report.official" if profile == reading.official else "report.beside",
                profile=words.profile(profile),
            ),
            *rates(row),
            *(minutes(row[name]) for name in _MINUTES),
        )
        for reading, profile, row in whole_rows(source.result)
    ]
    notes = [source.texts.text("document.note.minutes")] if rows else []
    return make_grid(source, "circles", columns, rows, notes=notes)


def _settings(source: Source) -> Grid:
    """Return official figures of town and country apart, where there are both."""
    words = source.words
    columns: list[Titled] = [
        (source.title(COVERAGE_BY_UNIT, "circle"), 2.6, "left"),
        (source.title(COVERAGE_BY_UNIT, "setting"), _RATE_CM),
        *((source.title(COVERAGE_BY_UNIT, name), _COUNT_CM) for name in (*COUNTS, *_RATES)),
        (source.title(COVERAGE_BY_UNIT, "median_minutes"), _COUNT_CM),
    ]
    table = source.result.coverage_by_unit
    whole = table[(table["unit_id"] == ALL) & (table["group"] == ALL)]
    whole = whole[whole["setting"].isin(SETTINGS)]
    by_key = {
        (row["circle"], row["profile"], row["setting"]): row
        for row in records(whole, COVERAGE_BY_UNIT)
        if row["elders"]
    }
    rows = [
        (
            words.circle(reading.circle),
            source.texts.label("setting", setting),
            *rates(row),
            minutes(row["median_minutes"]),
        )
        for reading in source.readings
        for setting in SETTINGS
        if (row := by_key.get((reading.circle, reading.official, setting)))
    ]
    return make_grid(source, "settings", columns, rows if len(rows) > len(source.readings) else ())


def _facilities(source: Source) -> Grid:
    """Return facilities by type and stage; one of several types counts in each."""
    own = _own(source)
    stages = own["stage"] if "stage" in own else pd.Series("", index=own.index)
    present = [stage for stage in STAGES if (stages == stage).any()]
    roles = own["roles"].astype(object).where(own["roles"].notna(), "") if "roles" in own else []
    counts: dict[str, dict[str, int]] = {}
    for listed, stage in zip(roles, stages, strict=False):
        for role in filter(None, str(listed).split(";")):
            of_role = counts.setdefault(role, {})
            of_role[str(stage)] = of_role.get(str(stage), 0) + 1
    known = [role for role in FACILITY_TYPES if role in counts]
    known += [role for role in counts if role not in FACILITY_TYPES]
    columns: list[Titled] = [
        (source.word("type"), 4.6, "left"),
        (source.word("total"), 1.5),
        *((source.texts.label("stage", stage), 1.5) for stage in present),
    ]
    rows: list[tuple[Cell, ...]] = [
        (
            source.texts.label("facility_type", role),
            sum(counts[role].values()),
            *(counts[role].get(stage, 0) for stage in present),
        )
        for role in known
    ]
    notes = [source.texts.text("document.note.types")] if rows else []
    return make_grid(source, "facilities", columns, rows, notes=notes)


def _own(source: Source) -> gpd.GeoDataFrame:
    """Return the facilities of the study's own area."""
    facilities = source.result.facilities
    if "in_area" not in facilities:
        return facilities
    outside = facilities["in_area"].astype(object).isin([False])
    return facilities[~outside]

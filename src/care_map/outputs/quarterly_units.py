"""Grids of what each unit is owed: how many have it and how, and those that have not."""

from collections.abc import Iterator

from care_map.assessment import Assessment
from care_map.outputs.chapters import Cell, Grid, GridColumn
from care_map.outputs.quarterly_ledger import Row
from care_map.outputs.readings import Words
from care_map.outputs.tables import as_arrow
from care_map.packs.pack_file import PackFile
from care_map.schema import UNIT_SERVICE

__all__ = ["unit_grids"]

_HOW = ("own", "shared", "own_unreached", "next_door", "none", "unknown", "exempt")
_WITHOUT = ("none", "next_door", "unknown", "own_unreached")


def unit_grids(result: Assessment, pack: PackFile, words: Words) -> Iterator[Grid]:
    """Yield the counts by clause and the units that are without, by town.

    Parameters
    ----------
    result
        With ``unit_service``.
    pack
        Titles of its clauses.
    words
        Language.
    """
    texts = words.texts
    english = texts.language == "en"
    titles = {one.id: one.title_en if english else one.title for one in pack.clause}
    rows: list[Row] = as_arrow(result.unit_service, UNIT_SERVICE).to_pylist()
    clauses = list(dict.fromkeys(str(row["clause_id"]) for row in rows))
    counts: dict[tuple[str, str], int] = {}
    for row in rows:
        key = (str(row["clause_id"]), str(row["how"]))
        counts[key] = counts.get(key, 0) + 1
    lines: list[tuple[Cell, ...]] = [
        (
            titles.get(clause, clause),
            sum(counts.get((clause, how), 0) for how in _HOW),
            *(counts.get((clause, how), 0) for how in _HOW),
        )
        for clause in clauses
    ]
    yield Grid(
        title=texts.text("quarterly.grid.units"),
        columns=(
            GridColumn(texts.text("quarterly.column.task"), 6.0, "left"),
            GridColumn(texts.text("quarterly.column.units"), 1.6),
            *(GridColumn(texts.label("how", how), 2.4) for how in _HOW),
        ),
        rows=tuple(lines),
        sheet=texts.text("quarterly.sheet.units"),
    )
    yield _without(rows, titles, _towns(result), words)


def _without(rows: list[Row], titles: dict[str, str], towns: dict[str, str], words: Words) -> Grid:
    texts = words.texts
    found: dict[tuple[str, str, str], list[str]] = {}
    for how in _WITHOUT:
        for row in rows:
            if row["how"] == how:
                key = (str(row["clause_id"]), how, towns.get(str(row["unit_id"]), ""))
                found.setdefault(key, []).append(str(row["unit_name"]))
    order = list(titles)
    lines: list[tuple[Cell, ...]] = [
        (
            titles.get(clause, clause),
            texts.label("how", how),
            town or "—",
            len(names),
            texts.text("report.list").join(names),
        )
        for (clause, how, town), names in sorted(
            found.items(), key=lambda one: order.index(one[0][0]) if one[0][0] in order else 0
        )
    ]
    return Grid(
        title=texts.text("quarterly.grid.without"),
        columns=(
            GridColumn(texts.text("quarterly.column.task"), 5.0, "left"),
            GridColumn(texts.text("quarterly.column.how"), 3.6, "left"),
            GridColumn(texts.text("quarterly.column.parent"), 2.8, "left"),
            GridColumn(texts.text("quarterly.column.count"), 1.2),
            GridColumn(texts.text("quarterly.column.unit_names"), 12.4, "left"),
        ),
        rows=tuple(lines),
        sheet=texts.text("quarterly.sheet.without"),
    )


def _towns(result: Assessment) -> dict[str, str]:
    """Return the name of the town or street by unit, for communities and villages."""
    units = result.units
    if not {"parent_id", "level"} <= set(units.columns):
        return {}
    ids = [str(one) for one in units["unit_id"]]
    names = dict(zip(ids, units["name"].astype(str), strict=True))
    return {
        unit: names.get(str(parent), "")
        for unit, parent, level in zip(ids, units["parent_id"], units["level"], strict=True)
        if level == "community"
    }

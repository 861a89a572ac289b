"""The charts of a report: which figures of an assessment each of them draws."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import numpy as np

from care_map.accessibility.coverage import ALL
from care_map.outputs.chapters import Picture
from care_map.outputs.paper.gaps import ranked_gaps
from care_map.outputs.paper.source import Source, records
from care_map.outputs.paper.towns import worst_first
from care_map.outputs.pictures.canvas import Drawn
from care_map.outputs.pictures.charts import (
    Bars,
    Line,
    Lines,
    Stack,
    bar_panels,
    line_panels,
    stacked_bars,
)
from care_map.outputs.pictures.lettering import Lettering
from care_map.outputs.quarterly_ledger import quarter_name
from care_map.outputs.readings import Reading
from care_map.schema import COVERAGE_BY_UNIT, EQUITY, LEDGER_SERIES, LORENZ

__all__ = ["coverage_bars", "gap_reasons", "ledger_progress", "lorenz_curves", "minutes_curves"]

_PARTS = ("covered", "uncovered", "undetermined")
_Part = TypeVar("_Part")
_MOST_BARS = 40
"""Units of a chart, the worst (default); the table has all."""

_MOST_REASONS = 8
_LEAST_AXIS, _STEP = 60.0, 0.5
"""Minutes: how far the curve is drawn at least, and how finely."""


def picture(source: Source, name: str, drawn: Drawn, *, alt: str, **values: object) -> Picture:
    """Return a picture with the caption ``document.picture.<name>``."""
    title = source.texts.text(f"document.picture.{name}", **values)
    return Picture(title, alt, drawn.png, drawn.width_cm, drawn.height_cm)


def coverage_bars(source: Source, letters: Lettering) -> Iterator[Picture]:
    """Yield for each circle how the units stand, the worst first."""
    texts = source.texts
    for reading in source.readings:
        found = worst_first(source, reading)
        if not found:
            continue
        stacks = [
            Stack(town.name, _three(_number(row[name]) for name in _PARTS))
            for town, row in found[:_MOST_BARS]
        ]
        legend = _three(source.title(COVERAGE_BY_UNIT, name) for name in _PARTS)
        count = source.title(COVERAGE_BY_UNIT, "elders")
        drawn = stacked_bars(stacks, letters, legend=legend, count=count)
        circle = source.words.circle(reading.circle)
        worst = [
            texts.text("report.finding.worst_unit", name=town.name, rate=_percent(row["rate_low"]))
            for town, row in found[:3]
        ]
        alt = texts.text("document.alt.bars", units=texts.text("report.list").join(worst))
        name = "bars" if len(found) == len(stacks) else "bars_worst"
        values: dict[str, object] = {"circle": circle, "level": source.level_name}
        values |= {"count": len(stacks)} if name == "bars_worst" else {}
        yield picture(source, name, drawn, alt=alt, **values)


def minutes_curves(source: Source, letters: Lettering) -> Iterator[Picture]:
    """Yield how many elders reach a circle's facilities within how many minutes."""
    access = source.result.access
    limits = sorted({minutes for one in source.readings for minutes in _limits(source, one)})
    far = max([_LEAST_AXIS, *(2 * minutes for minutes in limits)])
    lines = []
    rows_of = access.groupby(["circle", "profile"], sort=False).indices if len(access) else {}
    for reading in source.readings:
        rows = rows_of.get((reading.circle, reading.official))
        if rows is None:
            continue
        minutes = access["minutes"].to_numpy(dtype=float)[rows]
        elders = access["elders"].to_numpy(dtype=float)[rows]
        reached = np.isfinite(minutes) & (minutes <= far)
        whole = elders.sum()
        if not whole or not reached.any():
            continue
        step = np.ceil(minutes[reached] / _STEP).astype(np.int64)
        counts = np.bincount(step, weights=elders[reached], minlength=int(far / _STEP) + 1)
        shares = np.cumsum(counts) / whole
        places = np.arange(len(shares)) * _STEP
        name = source.words.circle(reading.circle)
        lines.append(Line(name, tuple(places.tolist()), tuple(shares.tolist())))
    if not lines:
        return
    panel = Lines(
        tuple(lines),
        source.word("minutes"),
        source.word("share_reached"),
        shares="y",
        marks=tuple(limits),
    )
    alt = source.texts.text(
        "document.alt.minutes", circles=_joined(source, [x.name for x in lines])
    )
    yield picture(source, "minutes", line_panels([panel], letters), alt=alt)


def lorenz_curves(source: Source, letters: Lettering) -> Iterator[Picture]:
    """Yield how evenly minutes are spread over the elders."""
    gini = {
        (row["circle"], row["profile"]): row["gini"]
        for row in records(source.result.equity, EQUITY)
        if row["group"] == ALL
    }
    table = source.result.lorenz
    lines = []
    for reading in source.readings:
        key = (reading.circle, reading.official)
        mine = table[(table["circle"] == key[0]) & (table["profile"] == key[1])]
        if mine.empty or gini.get(key) is None:
            continue
        name = source.texts.text(
            "document.lorenz", circle=source.words.circle(reading.circle), gini=gini[key]
        )
        places, values = (tuple(mine[column].astype(float)) for column in LORENZ.names[2:])
        lines.append(Line(name, places, values))
    if lines:
        panel = Lines(
            tuple(lines),
            source.title(LORENZ, "share_of_persons"),
            source.title(LORENZ, "share_of_values"),
            shares="xy",
            diagonal=True,
        )
        names = _joined(source, [line.name for line in lines])
        alt = source.texts.text("document.alt.lorenz", circles=names)
        yield picture(source, "lorenz", line_panels([panel], letters), alt=alt)


def gap_reasons(source: Source, letters: Lettering) -> Iterator[Picture]:
    """Yield how many elders are left out for which reason; a gap may have several."""
    panels = []
    for reading in source.readings:
        sums: dict[str, float] = {}
        for row in ranked_gaps(source, reading):
            codes = filter(None, str(row["reasons"]).split(";"))
            # Two codes may be one reason in words: it counts once.
            for reason in {str(source.words.cell("reason", code)) for code in codes}:
                sums[reason] = sums.get(reason, 0) + _number(row["elders"])
        ranked = sorted(sums.items(), key=lambda one: (-one[1], one[0]))[:_MOST_REASONS]
        if ranked:
            names = tuple(reason for reason, _ in ranked)
            values = tuple(value for _, value in ranked)
            panels.append(Bars(source.words.circle(reading.circle), names, values))
    if panels:
        said = [f"{panel.title} {panel.names[0]} {panel.values[0]:,.0f}" for panel in panels]
        alt = source.texts.text("document.alt.reasons", reasons=_joined(source, said))
        yield picture(source, "reasons", bar_panels(panels, letters), alt=alt)


def ledger_progress(source: Source, letters: Lettering) -> Iterator[Picture]:
    """Yield what was due and what was accepted at the end of each quarter, by type."""
    words, texts = source.words, source.texts
    by_type: dict[tuple[str, bool], list[Mapping[str, object]]] = {}
    for row in records(source.result.ledger_series, LEDGER_SERIES):
        by_type.setdefault((str(row["role"]), bool(row["total"])), []).append(row)
    panels = []
    for (role, total), rows in by_type.items():
        label = str(words.cell("roles", role))
        title = texts.text("quarterly.total_of", type=label) if total else label
        lines = tuple(
            Line(
                texts.text(f"quarterly.column.{name}"),
                tuple(float(at) for at in range(len(rows))),
                tuple(_number(row[name]) for row in rows),
            )
            for name in ("due", "accepted")
            if all(row[name] is not None for row in rows)
        )
        quarters = tuple(str(row["quarter"]) for row in rows)
        if lines:
            panels.append(Lines(lines, "", "", title=title, ticks=quarters))
    if panels:
        last = next(iter(by_type.values()))[-1]
        quarter = quarter_name(str(last["quarter"]), texts)
        types = _joined(source, [panel.title for panel in panels])
        alt = texts.text("document.alt.ledger", types=types, quarter=quarter)
        yield picture(source, "ledger", line_panels(panels, letters), alt=alt)


def _three(parts: Iterable[_Part]) -> tuple[_Part, _Part, _Part]:
    first, second, third = parts
    return first, second, third


def _limits(source: Source, reading: Reading) -> list[float]:
    circles = (one for one in source.result.study.circles if one.id == reading.circle)
    return [float(rule.minutes) for circle in circles for rule in circle.rules.values()]


def _joined(source: Source, names: Sequence[str]) -> str:
    return source.texts.text("report.list").join(names)


def _percent(value: object) -> str:
    return f"{_number(value):.1%}"


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0

"""How sound a run's figures are: how even, how doubled, how complete, and how firm."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.accessibility.coverage import ALL, unit_levels
from care_map.accessibility.draws import Tally, make_draws
from care_map.accessibility.equity_tables import SUFFICIENT_MIN, equity_table, lorenz_table
from care_map.accessibility.undetermined import undetermined_by_cause
from care_map.circle_trips import circle_trips
from care_map.config import Study
from care_map.draw_tables import run_draws
from care_map.gap_table import GapTables
from care_map.inputs.tables import Inputs
from care_map.network.road_network import RoadNetwork
from care_map.routing.bridges import ONE_BRIDGE_M
from care_map.schema import (
    CRITICAL,
    GAP_ROBUSTNESS,
    OVERLAP,
    ROBUSTNESS,
    SERVED_FROM_OUTSIDE,
    Table,
)
from care_map.search_points import Search
from care_map.second_chances import (
    BRIDGES_TESTED,
    CircleRows,
    bridges_of,
    critical_table,
    outside_table,
    overlap_table,
)
from care_map.values import Statement

__all__ = ["Soundness", "find_soundness", "soundness_statements"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Soundness:
    """Tables of :mod:`care_map.schema` of the same names."""

    equity: pd.DataFrame
    lorenz: pd.DataFrame
    overlap: pd.DataFrame
    critical: pd.DataFrame
    served_from_outside: pd.DataFrame
    undetermined: pd.DataFrame
    robustness: pd.DataFrame
    gap_robustness: pd.DataFrame

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by name."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    def summary(self) -> dict[str, object]:
        """Return key figures of every circle's official reading: JSON values only."""
        return {"soundness": [_key_figures(self, row) for row in _whole(self.overlap)]}


def find_soundness(
    study: Study,
    inputs: Inputs,
    search: Search,
    network: RoadNetwork | None,
    *,
    access: pd.DataFrame,
    coverage: pd.DataFrame,
    gaps: GapTables,
) -> Soundness:
    """Return how even, how doubled, how complete and how firm coverage is.

    Parameters
    ----------
    study, inputs, search, network
        The study, its lists, their points and the roads, None without any.
    access, coverage, gaps
        What was found with them.
    """
    levels = unit_levels(inputs.demand, inputs.units, name=study.name)
    official = access[access["official"]].reset_index(drop=True)
    draws, bridges = make_draws(study.robustness), bridges_of(network)
    names = dict(zip(inputs.facilities["facility_id"], inputs.facilities["name"], strict=True))
    found: dict[str, list[pd.DataFrame]] = {
        table.name: []
        for table in (OVERLAP, CRITICAL, SERVED_FROM_OUTSIDE, ROBUSTNESS, GAP_ROBUSTNESS)
    }
    for circle in study.circles if inputs.has_demand else ():
        mine = np.flatnonzero((official["circle"] == circle.id).to_numpy(dtype=bool))
        rows = official.iloc[mine].reset_index(drop=True)
        variant = circle.variants[0]
        demand_row = rows["row"].to_numpy(dtype=np.int64)
        trips = circle_trips(search, inputs, demand_row, circle, variant)
        asked = CircleRows(circle, variant.profile, rows, trips)
        choices = asked.choices()
        found["overlap"].append(overlap_table(asked, choices[0], levels))
        found["served_from_outside"].append(outside_table(asked, levels, names))
        found["critical"].append(critical_table(asked, choices, inputs, network, bridges))
        unit_ids = rows["unit_id"].to_numpy(dtype=object)
        tally = Tally(asked.elders, unit_ids, levels, gaps.member[mine])
        run_draws(asked, draws, tally, search=search, inputs=inputs, network=network)
        firm = tally.units().assign(circle=circle.id, profile=variant.profile, draws=len(draws))
        found["robustness"].append(firm)
        found["gap_robustness"].append(_of_gaps(tally, gaps, circle.id).assign(draws=len(draws)))
    groups = inputs.demand["groups"]
    limits = _limit_minutes(study, access)
    return Soundness(
        equity=equity_table(access, groups, coverage),
        lorenz=lorenz_table(access),
        overlap=_joined(found, OVERLAP, coverage),
        critical=_joined(found, CRITICAL),
        served_from_outside=_joined(found, SERVED_FROM_OUTSIDE),
        undetermined=undetermined_by_cause(access, limits, levels),
        robustness=_joined(found, ROBUSTNESS, coverage),
        gap_robustness=_joined(found, GAP_ROBUSTNESS),
    )


def soundness_statements(study: Study) -> tuple[Statement, ...]:
    """State what was drawn, closed and compared."""
    drawn = study.robustness
    values = {one.name: getattr(drawn, one.name) for one in fields(drawn)}
    critical = {"bridges": BRIDGES_TESTED, "one_bridge_m": ONE_BRIDGE_M}
    statements = [
        Statement("sufficient_time", dict(SUFFICIENT_MIN)),
        Statement("critical_tested", critical),
        Statement("draws", values),
    ]
    if any(circle.delivery for circle in study.circles):
        statements.append(Statement("overlap_walked"))
    if any(profile.mode in ("car", "cycle") for profile in study.profiles.values()):
        statements.append(Statement("draws_legs_only"))
    return tuple(statements)


def _of_gaps(tally: Tally, gaps: GapTables, circle: str) -> pd.DataFrame:
    """Return the figures of a circle's gaps of uncovered elders."""
    table = pd.DataFrame(gaps.gaps.drop(columns="geometry")).reset_index(drop=True)
    figures = tally.gaps().reindex(table.index)
    mine = (table["circle"] == circle) & (table["status"] == "uncovered")
    table = table.drop(columns="elders").join(figures)
    return table[mine.to_numpy(dtype=bool)]


def _joined(
    found: Mapping[str, Sequence[pd.DataFrame]],
    table: Table,
    coverage: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Join the circles' tables; figures of units get how well their paths are mapped."""
    parts = found[table.name]
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in table.names})
    joined = pd.concat(parts, ignore_index=True)
    if coverage is not None:
        keys = ["level", "unit_id", "circle", "profile"]
        scores = coverage[(coverage["group"] == ALL) & (coverage["setting"] == ALL)]
        scores = scores.drop_duplicates(keys)[[*keys, "path_completeness"]]
        joined = joined.merge(scores, on=keys, how="left")
    counts = [column.name for column in table.columns if column.kind == "integer"]
    return joined[table.names].astype(dict.fromkeys(counts, "int64"))


def _limit_minutes(study: Study, access: pd.DataFrame) -> pd.Series:
    """Return the limit of the circle for each row of the access table, NaN where it is open."""
    limits: dict[tuple[str, str, str], float] = {}
    for circle in study.circles:
        for variant in circle.variants:
            for setting in access["setting"].unique():
                rule = variant.rule(str(setting))
                limit = rule.minutes if rule else np.nan
                limits[circle.id, variant.profile, str(setting)] = limit
    keys = [access[name].to_numpy(dtype=object) for name in ("circle", "profile", "setting")]
    codes, cells = zip(*(pd.factorize(key) for key in keys), strict=True)
    shape = tuple(max(len(cell), 1) for cell in cells)
    number, found = pd.factorize(np.asarray(np.ravel_multi_index(codes, shape), dtype=np.int64))
    at = np.column_stack(np.unravel_index(found, shape))
    asked = [tuple(str(cell[one]) for cell, one in zip(cells, row, strict=True)) for row in at]
    minutes = np.array([limits[circle, profile, word] for circle, profile, word in asked] or [0.0])
    return pd.Series(minutes[number], dtype=float)


def _whole(table: pd.DataFrame) -> list[dict[Hashable, object]]:
    rows: list[dict[Hashable, object]] = table[table["level"] == ALL].to_dict("records")
    return rows


def _key_figures(found: Soundness, row: Mapping[Hashable, object]) -> dict[str, object]:
    def of_circle(table: pd.DataFrame) -> pd.DataFrame:
        same = (table["circle"] == row["circle"]) & (table["profile"] == row["profile"])
        return table[same]

    equity = of_circle(found.equity)
    equity = equity[equity["group"] == ALL]
    firm = of_circle(found.robustness)
    causes = of_circle(found.undetermined)
    critical = of_circle(found.critical)
    counts = ("with_0", "with_1", "with_2", "with_3_or_more", "only_other_district")
    firmness = ("firmly_covered", "depends", "firmly_uncovered", "undecided")
    return {
        "circle": row["circle"],
        "profile": row["profile"],
        **{name: int(str(row[name])) for name in counts},
        **_numbers(row, ("rate_second_low", "rate_second_high")),
        **_numbers(equity.iloc[0] if len(equity) else {}, _EVENNESS),
        **{
            str(name): int(value)
            for name, value in firm.loc[firm["level"] == ALL, list(firmness)].sum().items()
        },
        **_numbers(firm[firm["level"] == ALL].iloc[0] if len(firm) else {}, _FIRMNESS),
        "undetermined": {
            str(one["reason"]): int(one["elders"])
            for one in causes[causes["level"] == ALL].to_dict("records")
        },
        "critical": [
            {"kind": one["kind"], "id": one["id"], "elders": int(one["elders_uncovered"])}
            for one in critical[critical["elders_uncovered"] > 0].head(_TOLD).to_dict("records")
        ],
    }


_TOLD = 3
_EVENNESS = (
    "gini",
    "reach_nothing_share",
    "rate_beyond_sufficient_low",
    "rate_beyond_sufficient_high",
)
_FIRMNESS = ("rate_p05_low", "rate_p50_low", "rate_p95_low", "rate_p95_high")


def _numbers(row: object, names: Sequence[str]) -> dict[str, float | None]:
    known = dict(row) if isinstance(row, Mapping | pd.Series) else {}
    figures = {name: known.get(name) for name in names}
    return {
        name: None if value is None or pd.isna(value) else float(value)
        for name, value in figures.items()
    }

"""Access of every demand point → how evenly a circle serves: groups, towns, minutes."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.accessibility.coverage import ALL, NONE
from care_map.accessibility.equity import gini, lorenz
from care_map.schema import EQUITY, LORENZ

__all__ = ["SUFFICIENT_MIN", "equity_table", "lorenz_table", "thinned"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SUFFICIENT_MIN: Mapping[str, float] = {"urban": 15.0, "rural": 25.0}
"""Minutes that will do whatever the circle (default): those of DOMAIN §4 by setting; of elders
whose setting is unknown the urban ones."""
_EPSILON_MIN = 1e-6 / 60.0
_POINTS = 101
_SEVERAL = 2
_COMPARED = ("town", "community")


def equity_table(access: pd.DataFrame, groups: pd.Series, coverage: pd.DataFrame) -> pd.DataFrame:
    """Compare groups and units of every circle and profile.

    Parameters
    ----------
    access
        Columns of :data:`care_map.schema.ACCESS`, and ``row``: the row of the demand.
    groups
        Groups of each demand row joined with ``;``.
    coverage
        Columns of :data:`care_map.schema.COVERAGE_BY_UNIT`.

    Returns
    -------
    DataFrame with the columns of :data:`care_map.schema.EQUITY`.
    """
    settings_of_all = coverage[coverage["setting"] == ALL]
    whole = settings_of_all[settings_of_all["level"] == ALL]
    everybody = settings_of_all[settings_of_all["group"] == ALL]
    parts = dict(iter(access.groupby(["circle", "profile"], sort=False)))
    records: list[dict[str, object]] = []
    for key, figures in whole.groupby(["circle", "profile"], sort=False):
        circle, profile = key
        units = everybody[(everybody["circle"] == circle) & (everybody["profile"] == profile)]
        mine = parts.get(key, access.iloc[:0])
        cells = groups.to_numpy(dtype=object)[mine["row"].to_numpy(dtype=np.int64)]
        records.extend(_rows(mine, cells, figures, units))
    table = pd.DataFrame.from_records(records, columns=EQUITY.names)
    counts = [column.name for column in EQUITY.columns if column.kind == "integer"]
    return table.astype(dict.fromkeys(counts, "Int64"))


def lorenz_table(access: pd.DataFrame) -> pd.DataFrame:
    """Return the Lorenz curve of minutes of every circle and profile.

    Parameters
    ----------
    access
        Columns of :data:`care_map.schema.ACCESS`.

    Returns
    -------
    DataFrame with the columns of :data:`care_map.schema.LORENZ`; a circle that nobody reaches has
    no curve.
    """
    parts = []
    for (circle, profile), mine in access.groupby(["circle", "profile"], sort=False):
        curve = thinned(lorenz(_or_inf(mine), mine["elders"]))
        if len(curve) >= _SEVERAL:
            parts.append(curve.assign(circle=str(circle), profile=str(profile)))
    if not parts:
        return pd.DataFrame(columns=LORENZ.names)
    return pd.concat(parts, ignore_index=True)[LORENZ.names]


def thinned(curve: pd.DataFrame, *, points: int = _POINTS) -> pd.DataFrame:
    """Return the points of a Lorenz curve nearest to even steps of persons, both ends kept.

    Parameters
    ----------
    curve
        As :func:`care_map.accessibility.equity.lorenz` gives it.
    points
        At most so many.
    """
    if len(curve) <= points:
        return curve
    share = curve["share_of_persons"].to_numpy()
    step = np.linspace(0.0, 1.0, points)
    after = np.clip(np.searchsorted(share, step), 1, len(share) - 1)
    nearer = np.where(step - share[after - 1] < share[after] - step, after - 1, after)
    nearer[0], nearer[-1] = 0, len(share) - 1
    return curve.iloc[np.unique(nearer)].reset_index(drop=True)


def _rows(
    access: pd.DataFrame, groups: NDArray[np.object_], figures: pd.DataFrame, units: pd.DataFrame
) -> Iterator[dict[str, object]]:
    """Yield the row of all elders, then those of the groups."""
    minutes, elders = _or_inf(access), access["elders"].to_numpy(dtype=np.int64)
    setting = access["setting"].map(dict(SUFFICIENT_MIN)).fillna(SUFFICIENT_MIN["urban"])
    undetermined = (access["status"] == "undetermined").to_numpy(dtype=bool)
    beyond = ~undetermined & (minutes > setting.to_numpy(dtype=float) + _EPSILON_MIN)
    code, cells = pd.factorize(groups)
    rates = figures.set_index("group")
    for figure in figures.to_dict("records"):
        group = str(figure["group"])
        holds = np.array([group == ALL or group in str(cell).split(";") for cell in cells], bool)
        mine = holds[code] if len(cells) else np.zeros(len(code), bool)
        row: dict[str, object] = {str(name): figure.get(name) for name in EQUITY.names}
        row |= _evenness(minutes[mine], elders[mine], undetermined[mine], beyond[mine])
        row |= _beyond_circle(row)
        if group == ALL:
            row |= _spread(units)
        elif figure["elders"]:
            row["rate_difference_low"] = figure["rate_low"] - rates.loc[ALL, "rate_high"]
            row["rate_difference_high"] = figure["rate_high"] - rates.loc[ALL, "rate_low"]
        yield row


def _or_inf(access: pd.DataFrame) -> Floats:
    """Return minutes, inf of determined elders who reach nothing, NaN of the undetermined."""
    minutes = access["minutes"].to_numpy(dtype=float)
    known = (access["status"] != "undetermined").to_numpy(dtype=bool)
    return np.where(known & np.isnan(minutes), np.inf, np.where(known, minutes, np.nan))


def _evenness(
    minutes: Floats, elders: Ints, undetermined: Bools, beyond: Bools
) -> dict[str, object]:
    known = int(elders[~undetermined].sum())
    nothing = int(elders[np.isinf(minutes)].sum())
    everyone, far = int(elders.sum()), int(elders[beyond].sum())
    unknown = everyone - known
    return {
        "reach_nothing": nothing,
        "reach_nothing_share": nothing / known if known else np.nan,
        "gini": gini(minutes, elders),
        "rate_beyond_sufficient_low": far / everyone if everyone else np.nan,
        "rate_beyond_sufficient_high": (far + unknown) / everyone if everyone else np.nan,
    }


def _beyond_circle(row: Mapping[str, object]) -> dict[str, object]:
    """Return who is beyond the circle's own minutes: what its rate leaves."""
    low, high = float(str(row["rate_low"])), float(str(row["rate_high"]))
    return {"rate_beyond_circle_low": 1.0 - high, "rate_beyond_circle_high": 1.0 - low}


def _spread(units: pd.DataFrame) -> dict[str, object]:
    """Return the worst and the best unit of the largest level that has several with elders."""
    with_elders = units[(units["elders"] > 0) & (units["unit_id"] != NONE)]
    for level in _COMPARED:
        own = with_elders[with_elders["level"] == level]
        if len(own) < _SEVERAL:
            continue
        worst = own.sort_values(
            ["rate_high", "rate_low", "elders"], ascending=[True, True, False], kind="stable"
        ).iloc[0]
        best = own.sort_values(
            ["rate_low", "rate_high", "elders"], ascending=[False, False, False], kind="stable"
        ).iloc[0]
        ends = {
            f"{name}_{column}": unit[source]
            for name, unit in (("worst", worst), ("best", best))
            for column, source in (("unit_id",) * 2, ("unit", "unit_name"), ("elders",) * 2)
        }
        return {
            "compared_level": level,
            **ends,
            "rate_worst_low": worst["rate_low"],
            "rate_worst_high": worst["rate_high"],
            "rate_best_low": best["rate_low"],
            "rate_best_high": best["rate_high"],
            "rate_spread_low": max(0.0, best["rate_low"] - worst["rate_high"]),
            "rate_spread_high": own["rate_high"].max() - own["rate_low"].min(),
        }
    return {}

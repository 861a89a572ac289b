"""Access of every demand point → of whom it cannot be told whether they are covered, and why."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from care_map.accessibility.coverage import UnitLevel
from care_map.schema import UNDETERMINED

__all__ = ["undetermined_by_cause"]

_EPSILON_MIN = 1e-6 / 60.0


def undetermined_by_cause(
    access: pd.DataFrame, limit_minutes: pd.Series, levels: Sequence[UnitLevel]
) -> pd.DataFrame:
    """Count the elders of whom nothing can be said, by unit, circle and cause.

    Parameters
    ----------
    access
        Columns of :data:`care_map.schema.ACCESS`.
    limit_minutes
        Limit of the circle for each row of `access`, NaN where it is open.
    levels
        What is summed to.

    Returns
    -------
    DataFrame with the columns of :data:`care_map.schema.UNDETERMINED`.
    """
    open_rows = (access["status"] == "undetermined").to_numpy(dtype=bool)
    rows = access.loc[open_rows]
    estimate, elders = rows["estimate_minutes"].to_numpy(dtype=float), rows["elders"].to_numpy()
    inside = estimate <= limit_minutes.to_numpy(dtype=float)[open_rows] + _EPSILON_MIN
    counts = pd.DataFrame(
        {
            **{name: rows[name].to_numpy() for name in ("circle", "profile", "reason")},
            "elders": elders,
            "estimated": np.where(np.isnan(estimate), 0, elders),
            "estimate_covered": np.where(inside, elders, 0),
        }
    )
    unit, units = pd.factorize(rows["unit_id"])
    parts = []
    for level in levels:
        place = level.place(list(units))[unit] if len(units) else np.zeros(0, np.int64)
        keys = ["circle", "profile", "place", "reason"]
        sums = counts.assign(place=place).groupby(keys, sort=False).sum().reset_index()
        sums = sums[sums["elders"] > 0].sort_values(["place", "elders"], ascending=[True, False])
        names = level.places.iloc[sums["place"].to_numpy(dtype=np.int64)].reset_index(drop=True)
        parts.append(
            pd.concat([names, sums.reset_index(drop=True)], axis=1).assign(level=level.name)
        )
    table = pd.concat(parts, ignore_index=True)[UNDETERMINED.names]
    return table.astype({"elders": "int64", "estimated": "int64", "estimate_covered": "int64"})

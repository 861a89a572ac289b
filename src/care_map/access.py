"""Time and status of every demand row for every circle and variant.

Coverage and gaps read these columns; they never search themselves.
"""

from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.circle_search import Kept, facility_rows, reach
from care_map.config import Study
from care_map.inputs.tables import Inputs
from care_map.schema import ACCESS
from care_map.search_points import Search
from care_map.values import Circle, Variant

__all__ = ["access_table"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Words = NDArray[np.object_]

_S_PER_MIN = 60.0


def access_table(study: Study, inputs: Inputs, search: Search) -> pd.DataFrame:
    """Return the time and the status of every demand row for every circle and variant.

    Parameters
    ----------
    study
        Whose circles are asked.
    inputs
        Demand and facilities.
    search
        Their snapped points.

    Returns
    -------
    DataFrame with the columns of :data:`care_map.schema.ACCESS`, ``official`` and
    ``covered_any_district`` (bool), and ``row``, the row of the demand.
    """
    kept = Kept.between(study.circles)
    parts = [
        _access_part(inputs, search, circle, variant, kept)
        for circle in study.circles
        for variant in circle.variants
    ]
    columns = [*ACCESS.names, "official", "covered_any_district", "row"]
    return pd.concat(parts, ignore_index=True)[columns]


def _access_part(
    inputs: Inputs, search: Search, circle: Circle, variant: Variant, kept: Kept
) -> pd.DataFrame:
    setting = inputs.demand["setting"].to_numpy(dtype=object)
    # Who lives in a setting for which the circle has no rule is outside the circle.
    rows = np.flatnonzero(np.isin(setting, ["", *variant.rules]))
    own = facility_rows(inputs, stages=("operating",), own=True)
    everywhere = facility_rows(inputs, stages=("operating",), own=False)
    ask = partial(reach, search, inputs, rows, circle=circle, variant=variant, kept=kept)
    found = ask(pool=own, estimate=True)
    wider = found if len(own) == len(everywhere) else ask(pool=everywhere)
    status = found.finding.status
    determined = status != "undetermined"
    facility_id = inputs.facilities["facility_id"].to_numpy(dtype=object)
    table = inputs.demand.iloc[rows]
    return pd.DataFrame(
        {
            "demand_id": table["demand_id"].to_numpy(dtype=object),
            "circle": circle.id,
            "profile": variant.profile,
            "unit_id": table["unit_id"].to_numpy(dtype=object),
            "setting": setting[rows],
            "elders": table["elders"].to_numpy(dtype=np.int64),
            "minutes": np.where(determined, _as_minutes(found.finding.seconds), np.nan),
            "facility_id": _id_of(facility_id, found.finding.facility),
            "means": found.means,
            "status": status,
            "reason": found.finding.reason,
            "minutes_any_district": _as_minutes(wider.finding.seconds),
            "facility_id_any_district": _id_of(facility_id, wider.finding.facility),
            "estimate_minutes": found.estimate_s / _S_PER_MIN,
            "snap_status": found.snap,
            "official": variant.official,
            "covered_any_district": wider.finding.status == "covered",
            "row": rows,
        }
    )


def _as_minutes(seconds: Floats) -> Floats:
    return np.where(np.isinf(seconds), np.nan, seconds / _S_PER_MIN)


def _id_of(ids: Words, row: Ints) -> Words:
    return np.where(row >= 0, ids[row] if len(ids) else "", "").astype(object)

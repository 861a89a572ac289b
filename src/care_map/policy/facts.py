"""What a notice is judged by: the lists as they are on the run's day."""

import datetime as dt
from dataclasses import dataclass, field

import pandas as pd

__all__ = ["Facts"]


@dataclass(frozen=True, slots=True)
class Facts:
    """Tables that clauses are judged by; a column that no list had is missing.

    Cells: text "" where empty, lists joined with ``;``, dates ISO text, integers Int64, numbers
    float64 with NaN, flags ``boolean`` with NA.

    Parameters
    ----------
    as_of
        The day. What is dated later has not happened.
    units
        Columns of :data:`care_map.schema.UNIT_LIST` that are known, and ``unit_kind`` (street,
        town, community, village, "" of others or unknown). One row per unit.
    facilities
        Columns of :data:`care_map.schema.FACILITY_LIST` that are known; ``stage`` is that of the
        day; ``in_area`` tells the district's own.
    services
        Columns of :data:`care_map.schema.SERVICES_LIST`.
    elders
        Columns of the demand that are known; ``elders`` persons a row.
    stated, received
        Columns of :data:`care_map.schema.STATED` and :data:`care_map.schema.RECEIVED`;
        ``unit_id`` is that of the study.
    coverage_by_unit, access
        Tables of the run; empty without a network.
    x, y
        Metres of each facility, NaN without a place; index as `facilities`.
    crosswalk
        Links between units of two times (``from_unit, to_unit, from_name, to_name``); None
        without one.
    given
        Which lists the study has: ``units``, ``facilities``, ``services``, ``elders``,
        ``stated``, ``received``. What is not given is unknown, never zero.
    """

    as_of: dt.date
    units: pd.DataFrame
    facilities: pd.DataFrame
    services: pd.DataFrame
    elders: pd.DataFrame
    stated: pd.DataFrame
    received: pd.DataFrame
    coverage_by_unit: pd.DataFrame
    access: pd.DataFrame
    x: pd.Series
    y: pd.Series
    given: frozenset[str] = field(default_factory=frozenset)
    crosswalk: pd.DataFrame | None = None

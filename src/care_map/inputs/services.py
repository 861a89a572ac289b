"""Services that facilities give, each with its own capacity: checked and joined to facilities."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.inputs.links import facility_ids
from care_map.inputs.sources import FILE, ROW, SourceTable, list_rows, stacked
from care_map.schema import SERVICES_LIST

__all__ = ["make_services"]


def make_services(tables: Sequence[SourceTable], facilities: pd.DataFrame) -> pd.DataFrame:
    """Make the table of services of the study's sources.

    Parameters
    ----------
    tables
        The sources as read; findings are added to theirs.
    facilities
        The study's facilities: ``facility_id, name``.

    Returns
    -------
    pandas.DataFrame
        Columns of :data:`care_map.schema.SERVICES_LIST`; ``capacity`` is NaN where none is
        given. Rows of facilities that are not in the lists, and rows whose service is unknown,
        are listed and left out.
    """
    if not tables:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in SERVICES_LIST.names})
    frame = stacked([table.frame for table in tables])
    for name in SERVICES_LIST.names:
        if name not in frame:
            frame[name] = np.nan if name == "capacity" else ""
    negative = (frame["capacity"] < 0).to_numpy(dtype=bool)
    list_rows(tables, frame[negative], "count_negative", "error", column="capacity")
    ids = frame["facility_id"].map(facility_ids(facilities))
    blank = (frame["facility_id"] == "").to_numpy(dtype=bool)
    list_rows(tables, frame[blank], "cell_required", column="facility_id")
    unknown = (ids == "").to_numpy(dtype=bool) & ~blank
    list_rows(tables, frame[unknown], "service_facility", column="facility_id")
    # A word that is no service is listed where cells are read; an empty cell is not.
    nothing = (frame["service"] == "").to_numpy(dtype=bool) & ~_listed(tables, frame)
    list_rows(tables, frame[nothing], "cell_required", column="service")
    frame = frame.assign(facility_id=ids)
    kept = frame[(ids != "") & (frame["service"] != "")]
    twice = kept.duplicated(["facility_id", "service"], keep=False)
    list_rows(tables, kept[twice], "service_twice", column="service")
    kept = kept.drop_duplicates(["facility_id", "service"], keep="last")
    return kept[[*SERVICES_LIST.names, FILE, ROW]].reset_index(drop=True)


def _listed(tables: Sequence[SourceTable], frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which rows have a service that could not be read."""
    header = {table.settings.path.as_posix(): table.headers.get("service") for table in tables}
    said = {
        (problem.source, row)
        for table in tables
        for problem in table.findings.problems
        if problem.code == "code_unknown" and problem.column == header.get(problem.source)
        for row in (problem.row, *problem.rows)
    }
    pairs = zip(frame[FILE], frame[ROW], strict=True)
    return np.array([pair in said for pair in pairs], dtype=bool)

"""Returns that have come: which town, for which quarter, on which day."""

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
import pandas as pd

from care_map.inputs.sources import FILE, ROW, SourceTable, list_rows, stacked
from care_map.inputs.stated import labelled_units
from care_map.inputs.unit_index import UnitIndex
from care_map.schema import RECEIVED

__all__ = ["make_received", "quarter_of"]

_QUARTER = re.compile(
    r"(?P<year>\d{4})年?(?:[-/.]?[Qq]|[-/.]?第|[-/.])?(?P<quarter>[1-4一二三四])(?:季度?|度)?"
)
_HAN = {"一": "1", "二": "2", "三": "3", "四": "4"}
_SPACES = re.compile(r"\s+")


def quarter_of(text: str) -> str:
    """Return a quarter as ``2020Q4``, "" where a text is none.

    Examples
    --------
    >>> quarter_of("2020年第四季度"), quarter_of("2020-Q4"), quarter_of("2020年底")
    ('2020Q4', '2020Q4', '')
    """
    match = _QUARTER.fullmatch(_SPACES.sub("", unicodedata.normalize("NFKC", text)))
    if match is None:
        return ""
    return f"{match['year']}Q{_HAN.get(match['quarter'], match['quarter'])}"


def make_received(tables: Sequence[SourceTable], *, index: UnitIndex) -> pd.DataFrame:
    """Make the table of returns received of the study's sources.

    Parameters
    ----------
    tables
        The sources as read; findings are added to theirs.
    index
        The study's units.

    Returns
    -------
    pandas.DataFrame
        Columns of :data:`care_map.schema.RECEIVED`, ``period`` as ``2020Q4``; of several rows
        for one town and quarter the first that came. Rows without a town or a quarter that is
        known are listed and left out.
    """
    if not tables:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in RECEIVED.names})
    frames = []
    for table in tables:
        units, lost = labelled_units(table, index, "received_town")
        frames.append(table.frame.assign(unit_id=units, lost=lost))
    frame = stacked(frames)
    for name in RECEIVED.names:
        if name not in frame:
            frame[name] = ""
    periods = frame["period"].map(quarter_of)
    unread = ((periods == "") & (frame["period"] != "")).to_numpy(dtype=bool)
    list_rows(tables, frame[unread], "received_period", column="period")
    empty = (frame["period"] == "").to_numpy(dtype=bool)
    list_rows(tables, frame[empty], "cell_required", column="period")
    nobody = ((frame["unit_id"] == "") & ~frame["lost"].astype(bool)).to_numpy(dtype=bool)
    list_rows(tables, frame[nobody], "cell_required", column="town_name")
    frame = frame.assign(period=periods)
    kept = frame[(frame["unit_id"] != "") & (periods != "")]
    keys = ["unit_id", "period"]
    list_rows(tables, kept[kept.duplicated(keys, keep=False)], "received_twice", column="period")
    # A row without its day says only that it has come: one with a day says more.
    order = np.where(kept["received_date"] == "", "9999-99-99", kept["received_date"])
    kept = kept.assign(order=order).sort_values([*keys, "order"], kind="stable")
    kept = kept.drop_duplicates(keys).sort_values([FILE, ROW], kind="stable")
    return kept[[*RECEIVED.names, FILE, ROW]].reset_index(drop=True)

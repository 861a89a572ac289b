"""Cells of tables as JSON values."""

import math
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from care_map.messages import Catalogue

__all__ = ["Row", "codes", "is_missing", "number", "places_in", "plain", "records", "text"]

Row = Mapping[str, object]


def records(table: pd.DataFrame) -> list[dict[str, object]]:
    """Return the rows of a table, geometry aside."""
    names = [str(name) for name in table.columns if name != "geometry"]
    columns = [table[name].tolist() for name in names]
    return [dict(zip(names, cells, strict=True)) for cells in zip(*columns, strict=True)]


def is_missing(value: object) -> bool:
    """Tell whether a cell is empty: None, or NaN of any type."""
    return value is None or value is pd.NA or value is pd.NaT or value != value  # noqa: PLR0124 - NaN of any type


def text(value: object) -> str:
    """Return a cell as text, "" where it is empty."""
    return "" if is_missing(value) else str(value)


def places_in(texts: pd.Series, known: Iterable[str]) -> NDArray[np.int64]:
    """Return where each text stands among `known`, -1 where it does not.

    Examples
    --------
    >>> places_in(pd.Series(["b", "c", "b"]), ["a", "b"]).tolist()
    [1, -1, 1]
    """
    # Some 800,000 texts: an index of pandas takes four times as long.
    asked = pa.array(texts.astype("str"), from_pandas=True).cast(pa.string())
    found = pc.index_in(asked, value_set=pa.array(list(known), pa.string()))
    places: NDArray[np.int64] = found.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return places


def codes(value: object) -> list[str]:
    """Return the codes of a list cell.

    Examples
    --------
    >>> codes("meals;;bathing"), codes(None)
    (['meals', 'bathing'], [])
    """
    return [code for code in text(value).split(";") if code]


def number(value: object) -> float | int | None:
    """Return a finite number, whole where it is whole, else None.

    Examples
    --------
    >>> number(2.0), number(float("inf")), number("0.123456")
    (2, None, 0.1235)
    """
    if is_missing(value):
        return None
    found = value if isinstance(value, float) else float(str(value))
    if not math.isfinite(found):
        return None
    return int(found) if found.is_integer() else round(found, 4)


def plain(value: object, texts: Catalogue) -> str | float | int | None:
    """Return a cell of a card: flags in words, numbers as numbers, None where it is empty."""
    if is_missing(value) or value == "":
        return None
    if isinstance(value, bool | np.bool_):
        return texts.text("template.yes" if value else "template.no")
    if isinstance(value, int | float | np.number):
        return number(value)
    return str(value).removesuffix(" 00:00:00")

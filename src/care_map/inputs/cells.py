"""Text of cells → numbers, flags, dates, lists and codes.

Strict and simple: what cannot be read is listed with its row and is missing; nothing is
guessed from half a cell (约300 is no number).
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from care_map.inputs.codes import CODED, codebook, normal_word, without_invisible
from care_map.inputs.findings import Findings
from care_map.inputs.texts import as_objects, as_text, each_word, matches, trimmed, words_of
from care_map.schema import Column

__all__ = ["read_cells", "split_list"]

_MISSING = frozenset({"", "-", "--", "—", "——", "/", "n/a", "na", "nan", "null", "none", "#n/a"})
_NUMBER = re.compile(
    r"([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?(?:e[+-]?\d{1,3})?)\s*"
    r"(?:m2|平方米|平米|张|人|个|户|家|所|处|床|名|位|岁|层|楼|km/h|公里/小时)?",
    re.IGNORECASE,
)
_YES = frozenset({"是", "有", "yes", "true", "1", "y", "√", "✓", "✔", "t"})
_NO = frozenset({"否", "无", "没有", "no", "false", "0", "n", "×", "f"})
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]\d{1,2}:\d{2}(?::\d{2})?.*)?")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SEPARATORS = re.compile(r"[、；;,，\n]+")
_DEGREES = re.compile(
    r"(?P<before>[NSEW]|东经|西经|北纬|南纬)?\s*(?P<minus>-)?(?P<degrees>\d{1,3}(?:\.\d+)?)\s*"
    r"(?:[°度]\s*(?:(?P<minutes>\d{1,2}(?:\.\d+)?)\s*[′分]\s*"
    r"(?:(?P<seconds>\d{1,2}(?:\.\d+)?)\s*(?:″|′′|秒)\s*)?)?)?(?P<after>[NSEW])?",
    re.IGNORECASE,
)
_SIGNS = str.maketrans({"º": "°", "˚": "°", "'": "′", "’": "′", '"': "″", "”": "″"})
_SIDES = {
    "lon": {"E": 1, "东经": 1, "W": -1, "西经": -1, "": 1},
    "lat": {"N": 1, "北纬": 1, "S": -1, "南纬": -1, "": 1},
}
_SIXTY = 60.0
_PERCENT = 100.0
_FIGURE = "figure"
_CODE = re.compile(r"(\d+)\.0+")
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?e\+\d+", re.IGNORECASE)
_PLAIN_NUMBER = r"^-?[0-9]{1,15}(\.[0-9]{1,20})?$"
_PLAIN_CODE = r"^[!-*,\-/-~]*$"
"""Patterns of cells that mean what they say: all others are read with care."""

_ID_COLUMNS = frozenset(
    {"unit_id", "parent_id", "facility_id", "demand_id", "from_unit_id", "to_unit_id"}
)


def split_list(cell: str) -> list[str]:
    """Split a cell that holds several words.

    Examples
    --------
    >>> split_list("助餐、助浴；助医")
    ['助餐', '助浴', '助医']
    """
    return [part.strip() for part in _SEPARATORS.split(cell) if part.strip()]


def read_cells(cells: pd.Series, column: Column, findings: Findings) -> pd.Series:
    """Read the cells of one column.

    Parameters
    ----------
    cells
        Text; the index is the row number.
    column
        Which column it is.
    findings
        Gets the cells that cannot be read.

    Returns
    -------
    pandas.Series
        Same index. ``number``: float64 with NaN; ``integer``: Int64; ``flag``: boolean with NA;
        ``date``: ISO text; ``list`` and codes: text joined with ``;``; ``text``: stripped.
        Missing text is "".
    """
    if column.name in CODED:
        return _coded(cells, column, findings)
    if column.name in _ID_COLUMNS:
        return _ids(cells, column, findings)
    if column.kind in ("number", "integer"):
        return _numbers(cells, column, findings)
    if column.kind == "flag":
        return _each(cells, _flag, findings, code="cell_flag", column=column).astype("boolean")
    if column.kind == "date":
        dates = _each(cells, _date, findings, code="cell_date", column=column)
        return dates.where(dates.notna(), "").astype(object)
    is_list = column.kind == "list"
    return _series(
        each_word(cells, _joined_list) if is_list else as_objects(trimmed(as_text(cells))), cells
    )


def _joined_list(cell: str) -> str:
    return ";".join(split_list(cell))


def _series(values: NDArray[np.object_], cells: pd.Series) -> pd.Series:
    return pd.Series(values, index=cells.index, dtype=object)


def _each(
    cells: pd.Series,
    read: Callable[[str], object],
    findings: Findings,
    *,
    code: str,
    column: Column,
) -> pd.Series:
    """Read each different word once; None is missing, a ValueError is listed and missing."""
    places, words = words_of(as_text(cells))
    values = np.full(len(words), None, dtype=object)
    bad = np.zeros(len(words), dtype=bool)
    for at, word in enumerate(words):
        if word.strip().lower() in _MISSING:
            continue
        try:
            values[at] = read(word)
        except ValueError:
            bad[at] = True
    _list_bad(cells, bad[places], findings, code=code, column=column)
    return _series(values[places], cells)


def _list_bad(
    cells: pd.Series,
    bad: NDArray[np.bool_],
    findings: Findings,
    *,
    code: str,
    column: Column,
) -> None:
    if bad.any():
        shown: Sequence[object] = cells[bad].tolist()
        findings.each(
            code,
            "error" if code == "count_not_whole" else "warning",
            rows=cells.index[bad],
            column=column.name,
            cells=shown,
        )


def _number(word: str) -> float:
    text = word if word.isascii() else unicodedata.normalize("NFKC", word)
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        raise ValueError(word)
    number = float(match[1].replace(",", ""))
    if not np.isfinite(number):
        raise ValueError(word)
    return number


def _figure(word: str) -> float:
    """Read a number, or a share that is written with %."""
    text = unicodedata.normalize("NFKC", word).strip()
    return _number(text[:-1]) / _PERCENT if text.endswith("%") else _number(text)


def _degrees(word: str, sides: Mapping[str, int]) -> float:
    """Read 106.5, 106.5°E, 东经106.5度 or 106°33′30″E."""
    text = unicodedata.normalize("NFKC", word.translate(_SIGNS)).strip()
    match = _DEGREES.fullmatch(text)
    if match is None:
        raise ValueError(word)
    side = f"{match['before'] or ''}{match['after'] or ''}".upper()
    if side not in sides or (side and match["minus"]):
        raise ValueError(word)
    parts = [match[name] for name in ("degrees", "minutes", "seconds")]
    given = [part for part in parts if part is not None]
    if any("." in part for part in given[:-1]) or any(float(p) >= _SIXTY for p in given[1:]):
        raise ValueError(word)
    degrees = sum(float(part) / _SIXTY**at for at, part in enumerate(given))
    return -degrees if match["minus"] else sides[side] * degrees


def _numbers(cells: pd.Series, column: Column, findings: Findings) -> pd.Series:
    words = as_text(cells)
    plain = matches(words, _PLAIN_NUMBER)
    numbers = pd.Series(_plain_numbers(words, plain), index=cells.index)
    if not plain.all():
        sides = _SIDES.get(column.name)
        read = _readers(column.name)
        code = "cell_number" if sides is None else "cell_coordinate"
        others = _each(cells[~plain], read, findings, code=code, column=column)
        numbers[~plain] = others.astype("float64")
    if column.kind == "number":
        return numbers
    whole = numbers.isna() | ((numbers == np.floor(numbers)) & (numbers.abs() < 2**53))
    bad = ~whole.to_numpy(dtype=bool)
    # Half an elder is no slip of one cell: the column may be a rate.
    code = "count_not_whole" if column.name == "elders" else "cell_integer"
    _list_bad(cells, bad, findings, code=code, column=column)
    return numbers.where(whole).astype("Int64")


def _readers(name: str) -> Callable[[str], float]:
    sides = _SIDES.get(name)
    if sides is not None:
        return partial(_degrees, sides=sides)
    return _figure if name == _FIGURE else _number


def _plain_numbers(words: pa.Array, plain: NDArray[np.bool_]) -> NDArray[np.float64]:
    numbers = pc.if_else(pa.array(plain), words, None).cast(pa.float64())
    return np.array(numbers.to_numpy(zero_copy_only=False))


def _flag(word: str) -> bool:
    text = normal_word(word)
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise ValueError(word)


def _date(word: str) -> str:
    text = unicodedata.normalize("NFKC", word).replace(" 年", "年").strip()
    match = _DATE.fullmatch(text) or _COMPACT_DATE.fullmatch(text)
    if match is None:
        raise ValueError(word)
    return dt.date(int(match[1]), int(match[2]), int(match[3])).isoformat()


def _ids(cells: pd.Series, column: Column, findings: Findings) -> pd.Series:
    """Keep codes as text, without the ``.0`` that programs add."""
    words = as_text(cells)
    ids = as_objects(words)
    odd = np.flatnonzero(~matches(words, _PLAIN_CODE))
    if not len(odd):
        return _series(ids, cells)
    ids[odd] = each_word(cells.iloc[odd], _code_text)
    # A spreadsheet has rounded such a code: its last digits are lost.
    broken = odd[[bool(_SCIENTIFIC.fullmatch(cell)) for cell in ids[odd]]]
    findings.each(
        "id_scientific",
        "error",
        rows=cells.index[broken],
        column=column.name,
        cells=ids[broken].tolist(),
    )
    return _series(ids, cells)


def _code_text(cell: str) -> str:
    text = without_invisible(unicodedata.normalize("NFKC", cell)).strip()
    match = _CODE.fullmatch(text)
    return match[1] if match else text


def _coded(cells: pd.Series, column: Column, findings: Findings) -> pd.Series:
    """Read codes or their labels; unknown words are listed and left out."""
    book = codebook(CODED[column.name])
    places, words = words_of(as_text(cells))
    values: list[str] = []
    unknown: list[str] = []
    for word in words:
        whole = book.get(normal_word(word))
        parts = split_list(word) if column.kind == "list" else [word.strip()]
        parts = [part for part in parts if part.lower() not in _MISSING]
        codes = [whole] if whole else [book.get(normal_word(part), "") for part in parts]
        values.append(";".join(dict.fromkeys(code for code in codes if code)))
        unknown.append(
            " / ".join(part for part, code in zip(parts, codes, strict=False) if not code)
        )
    bad = np.array([bool(word) for word in unknown], dtype=bool)[places]
    if bad.any():
        shown = np.array(unknown, dtype=object)[places][bad].tolist()
        code = "code_ambiguous" if set(shown) == {"特困"} else "code_unknown"
        findings.each(code, rows=cells.index[bad], column=column.name, cells=shown)
    return _series(np.array(values, dtype=object)[places], cells)

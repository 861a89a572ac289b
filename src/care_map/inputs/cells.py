"""Text of cells → numbers, flags, dates, lists and codes.

Strict and simple: what cannot be read is listed with its row and is missing; nothing is
guessed from half a cell (约300 is no number).
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.inputs.codes import CODED, codebook, normal_word
from care_map.inputs.findings import Findings
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
_SEPARATORS = re.compile(r"[、；;,，]+")
_CODE = re.compile(r"(\d+)\.0+")
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?e\+\d+", re.IGNORECASE)
_ID_COLUMNS = frozenset({"unit_id", "parent_id", "facility_id", "demand_id"})


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
    read = (lambda cell: ";".join(split_list(cell))) if column.kind == "list" else str.strip
    return _mapped(cells, read)


def _factorised(cells: pd.Series) -> tuple[NDArray[np.intp], list[str]]:
    places, words = pd.factorize(cells.to_numpy(dtype=object))
    return places, [str(word) for word in words]


def _mapped(cells: pd.Series, read: Callable[[str], str]) -> pd.Series:
    places, words = _factorised(cells)
    values = np.array([read(word) for word in words], dtype=object)
    return pd.Series(values[places], index=cells.index, dtype=object)


def _each(
    cells: pd.Series,
    read: Callable[[str], object],
    findings: Findings,
    *,
    code: str,
    column: Column,
) -> pd.Series:
    """Read each different word once; None is missing, a ValueError is listed and missing."""
    places, words = _factorised(cells)
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
    return pd.Series(values[places], index=cells.index, dtype=object)


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


def _numbers(cells: pd.Series, column: Column, findings: Findings) -> pd.Series:
    numbers = _each(cells, _number, findings, code="cell_number", column=column).astype("float64")
    if column.kind == "number":
        return numbers
    whole = numbers.isna() | ((numbers == np.floor(numbers)) & (numbers.abs() < 2**53))
    bad = ~whole.to_numpy(dtype=bool)
    # Half an elder is no slip of one cell: the column may be a rate.
    code = "count_not_whole" if column.name == "elders" else "cell_integer"
    _list_bad(cells, bad, findings, code=code, column=column)
    return numbers.where(whole).astype("Int64")


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
    ids = _mapped(cells, _code_text)
    # A spreadsheet has rounded such a code: its last digits are lost.
    broken = ids.map(lambda cell: bool(_SCIENTIFIC.fullmatch(cell))).to_numpy(dtype=bool)
    if broken.any():
        findings.each(
            "id_scientific",
            "error",
            rows=ids.index[broken],
            column=column.name,
            cells=ids[broken].tolist(),
        )
    return ids


def _code_text(cell: str) -> str:
    text = unicodedata.normalize("NFKC", cell).strip()
    match = _CODE.fullmatch(text)
    return match[1] if match else text


def _coded(cells: pd.Series, column: Column, findings: Findings) -> pd.Series:
    """Read codes or their labels; unknown words are listed and left out."""
    book = codebook(CODED[column.name])
    places, words = _factorised(cells)
    values: list[str] = []
    unknown: list[str] = []
    for word in words:
        whole = book.get(normal_word(word))
        parts = split_list(word) if column.kind == "list" else [word.strip()]
        parts = [part for part in parts if part.lower() not in _MISSING]
        codes = [whole] if whole else [book.get(normal_word(part), "") for part in parts]
        values.append(";".join(dict.fromkeys(code for code in codes if code)))
        unknown.append(
            "、".join(part for part, code in zip(parts, codes, strict=False) if not code)
        )
    bad = np.array([bool(word) for word in unknown], dtype=bool)[places]
    if bad.any():
        shown = np.array(unknown, dtype=object)[places][bad].tolist()
        code = "code_ambiguous" if set(shown) == {"特困"} else "code_unknown"
        findings.each(code, rows=cells.index[bad], column=column.name, cells=shown)
    result = np.array(values, dtype=object)[places]
    return pd.Series(result, index=cells.index, dtype=object)

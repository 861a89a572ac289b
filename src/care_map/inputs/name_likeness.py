"""How alike two names of facilities are, as a person would read them."""

import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

__all__ = ["ALIKE", "alike_names", "normal_facility_name"]

ALIKE = 0.8
"""Share of signs that two names have in common from which they are proposed as one (default)."""

_SIGNS = re.compile(r"[\W_]+")
_LEGAL = re.compile(r"(?:股份|责任|責任)*有限(?:责任|責任)?公司$")
_NUMBERS = re.compile(r"[0-9一二三四五六七八九十百甲乙丙丁東东西南北上下]")
"""What tells one branch from another: names that differ in these are different names."""

_CHUNK = 200_000


def normal_facility_name(name: str) -> str:
    """Return a name without brackets, spaces, marks, the form of the company and full width.

    Examples
    --------
    >>> normal_facility_name("ＡＢ养老院（有限公司） ") == normal_facility_name("ab养老院")
    True
    >>> normal_facility_name("（）")
    ''
    """
    text = unicodedata.normalize("NFKC", name).casefold().replace("台", "臺")
    plain = _SIGNS.sub("", text)
    return _LEGAL.sub("", plain) or plain


def alike_names(names: Sequence[str], pairs: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return how alike the names of each pair are.

    Parameters
    ----------
    names
        Normal names, each different.
    pairs
        ``(n, 2)`` places in `names`.

    Returns
    -------
    numpy.ndarray
        ``(n,)`` from 0 to 1; 0 below :data:`ALIKE`, for names that differ in a number or a
        direction, and for names without a sign.

    Examples
    --------
    >>> names = ["幸福社区养老服务站", "幸福社區养老服务站", "第一养老院", "第二养老院"]
    >>> alike_names(names, np.array([[0, 1], [2, 3], [2, 2]])).round(2).tolist()
    [0.89, 0.0, 1.0]
    """
    numbers = ["".join(_NUMBERS.findall(name)) for name in names]
    same = np.array([bool(name) for name in names], dtype=bool)[pairs[:, 0]]
    likeness = np.where(same & (pairs[:, 0] == pairs[:, 1]), 1.0, 0.0)
    possible = np.flatnonzero((pairs[:, 0] != pairs[:, 1]) & (_bound(names, pairs) >= ALIKE))
    for at in possible.tolist():
        one, two = pairs[at]
        if numbers[one] == numbers[two]:
            share = SequenceMatcher(None, names[one], names[two], autojunk=False).ratio()
            likeness[at] = share if share >= ALIKE else 0.0
    return likeness


def _bound(names: Sequence[str], pairs: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return what no likeness can exceed: the signs in common, in whatever order."""
    length = np.array([len(name) for name in names], dtype=np.int64)
    signs = {sign: place for place, sign in enumerate(sorted(set().union(*names)))}
    rows = np.repeat(np.arange(len(names)), length)
    places = np.array([signs[sign] for name in names for sign in name], dtype=np.int64)
    shape = (len(names), max(len(signs), 1))
    counts = sparse.csr_array((np.ones(len(rows), np.int64), (rows, places)), shape=shape)
    bound = np.zeros(len(pairs))
    for start in range(0, len(pairs), _CHUNK):
        one, two = pairs[start : start + _CHUNK].T
        common = counts[one].minimum(counts[two]).sum(axis=1)
        bound[start : start + _CHUNK] = 2 * common / np.maximum(length[one] + length[two], 1)
    return bound
